"""`fragile-peace decide` and `brief`: which option of a sweep does best, under which assumptions, and what turns it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace_lab.cli.options import JsonOption, plain_rows
from fragile_peace_lab.cli.sweep import DirArgument

if TYPE_CHECKING:
    from fragile_peace_lab.deciding.decision import Decision

LeversOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="NAME",
        help="A lever that makes options; may be given many times. All but threat.* and russia.* if not given.",
    ),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="YAML with war, deaths, shown, acceptable."),
]


def decide(
    folder: DirArgument, lever: LeversOption = None, weights: WeightsOption = None, as_json: JsonOption = False
) -> None:
    """Weigh the options of a sweep: losses, regret, the frontier, and the worth of knowing more.

    Writes tables, figures and summary.txt into DIR/decide. Needs the extra `decide`.

    \b
    Example:
      fragile-peace sweep packages && fragile-peace decide results/packages
      fragile-peace decide results/legitimate_targets --lever mandate.roe
      fragile-peace decide results/packages --weights weights.yaml
    """
    from fragile_peace_lab.deciding.decision import FOLDER
    from fragile_peace_lab.deciding.told import about, told
    from fragile_peace_lab.deciding.weights import Weights
    from fragile_peace_lab.deciding.written import write_decision

    found = write_decision(folder, Weights.read(weights) if weights else None, lever, _say)
    if as_json:
        typer.echo(json.dumps({"about": about(found), "tables": _plain(found)}, indent=1))
        return
    for line in told(found):
        typer.echo(line)
    typer.echo(f"\ndecide: {folder / FOLDER}")


def brief(folder: DirArgument) -> None:
    """Say on one page what a decision found, for a reader who has not seen the model.

    Writes brief.html and brief.pdf into DIR/decide, from the tables there: `fragile-peace decide DIR` comes first.
    Every number links to its row. Needs the extra `decide`, and no runs.

    \b
    Example:
      fragile-peace brief results/packages
    """
    from fragile_peace_lab.deciding.brief.written import write_brief

    for path in write_brief(folder):
        typer.echo(f"brief: {path}")


def _say(words: str) -> None:
    typer.echo(f"  {words}", err=True)


def _plain(found: Decision) -> dict[str, Any]:
    """The tables as plain data."""
    return {name: plain_rows(table) for name, table in found.tables.items()}
