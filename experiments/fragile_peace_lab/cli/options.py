"""What the commands share: the SCENARIO argument, --set, --json, and plain tables.

Nothing heavy is imported here: `fragile-peace --help` must answer at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from fragile_peace.declared.scenario import Scenario

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A shipped scenario's name or a YAML file.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a value by its dotted name; may be given many times."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def read_settings(settings: Sequence[str] | None, option: str = "--set") -> dict[str, Any]:
    """Return the values that an option gives as NAME=VALUE, by dotted name. Raises InputError."""
    from fragile_peace.declared import yamltext
    from fragile_peace.errors import InputError, shown

    values: dict[str, Any] = {}
    for setting in settings or ():
        dotted, equals, text = setting.partition("=")
        if not (dotted and equals):
            raise InputError(f"{option}: {shown(setting)} is not allowed; must be NAME=VALUE, as in threat.level=0.8")
        values[dotted.strip()] = yamltext.scalar(text, dotted)
    return values


def read_scenario(name: str, settings: Sequence[str] | None = None) -> Scenario:
    """Return a scenario with the values of --set laid over it. Raises InputError."""
    from fragile_peace.declared.scenario import Scenario

    values = read_settings(settings)
    scenario = Scenario.load(name)
    return scenario.override(values) if values else scenario


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> list[str]:
    """Return aligned lines: a heading, then one line a row.

    Parameters
    ----------
    head : the headings
    rows : the cells
    right : the headings of the columns that are set flush right, separated by spaces
    """
    flush = [name in right.split() for name in head]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(cell.rjust(n) if r else cell.ljust(n) for cell, n, r in zip(row, widths, flush, strict=True)).rstrip()
        for row in (head, *rows)
    ]


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table for a program: what cannot be told is null, which JSON has, and no NaN."""
    rows: list[dict[str, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
    return rows


def show_lines(lines: Sequence[str]) -> None:
    """Print lines; in a terminal each is cut to its width."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in lines:
        typer.echo(line if not width or len(line) <= width else line[: width - 3] + "...")
