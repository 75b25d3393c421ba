"""The command `fragile-peace`: the list of its commands, and what happens when something is wrong.

Commands live in one module a topic (`scenarios`, ...) and import what they compute with inside their functions, so
that `--help` answers at once. A command raises InputError for whatever the user got wrong; here it becomes one line on
stderr.

Exit codes: 0 done; 1 a game could not be solved, or the output was cut off; 2 bad input; 130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from fragile_peace_lab.cli import (
    browser_edition,
    calibrate,
    dashboard,
    decide,
    export,
    game,
    report,
    reproduce,
    run,
    scenarios,
    signposts,
    sweep,
    threat,
    why,
)

NUMBA = {
    "NUMBA_NUM_THREADS": "0*[1-9][0-9]*",
    "NUMBA_FUNCTION_CACHE_SIZE": "[0-9]+",
    "NUMBA_COLOR_SCHEME": "no_color|dark_bg|light_bg|blue_bg|jupyter_nb",
    "NUMBA_CPU_FEATURES": r"[+-].*",
}
"""What Numba can start with, of its variables that it does not check itself."""
UsageError: Any = typer.BadParameter.__base__  # click's own, wherever this version of typer keeps it


class _Group(TyperGroup):
    """Reports every error as one line on stderr, without a traceback and without a box."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _say
                code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except UsageError as error:
            _stop(error.format_message(), 2)
        except typer.Abort as error:
            if isinstance(error.__cause__, EOFError):  # a file that ends too soon is not Ctrl-C
                raise error.__cause__ from None
            _stop("interrupted", 130)
        except Exception as error:
            from fragile_peace.errors import InputError, SolverError

            if isinstance(error, InputError):
                _stop(str(error), 2)
            if isinstance(error, SolverError):
                _stop(str(error), 1)
            raise
        sys.exit(code if isinstance(code, int) else 0)


def _say(message: Warning | str, *_: Any, **__: Any) -> None:
    """Print a warning as one line."""
    typer.echo(f"warning: {' '.join(str(message).split())}", err=True)


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(code)


app = typer.Typer(
    cls=_Group,
    help="Fragile Peace: a model of a policed ceasefire in Ukraine.",
    epilog="Start with: fragile-peace scenarios",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"fragile-peace {version('fragile-peace')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    for name, allowed in NUMBA.items():
        value = os.environ.get(name, "").strip()
        if value and re.fullmatch(allowed, value) is None:
            _stop(f"{name}: {value!r} is not allowed; Numba cannot start with it. Unset this variable", 2)


app.command()(scenarios.scenarios)
app.command()(scenarios.show)
app.command()(game.game)
app.command()(threat.threat)
app.command()(run.run)
app.command()(sweep.sweep)
app.command()(sweep.merge)
app.command()(sweep.verify)
app.command()(sweep.replay)
app.command()(calibrate.calibrate)
app.command()(calibrate.sensitivity)
app.command()(report.curves)
app.command()(report.compare)
app.command()(report.report)
app.command()(why.why)
app.command()(decide.decide)
app.command()(decide.brief)
app.command()(signposts.signposts)
app.command()(export.export)
app.command()(reproduce.reproduce)
app.command()(reproduce.notebooks)
app.command()(reproduce.crate)
app.command()(dashboard.dashboard)
app.command()(browser_edition.browser_edition)
