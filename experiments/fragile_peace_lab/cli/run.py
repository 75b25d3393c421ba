"""`fragile-peace run`: one run of a scenario, told in words."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fragile_peace.words.wording import run_command
from fragile_peace_lab.cli.options import JsonOption, ScenarioArgument, SetOption, read_scenario

if TYPE_CHECKING:
    from fragile_peace.words.chronicle import Chronicle

WIDEST = 100
STYLES = {3: "bold yellow", 4: "bold dark_orange", 5: "bold red", 6: "bold red", 7: "bold red"}
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="Seed; with the run it decides every draw.")]
RunOption = Annotated[
    int | None,
    typer.Option(
        "--run",
        metavar="N",
        help="Index of the run within the seed. Without it the most ordinary of the first 8 is told: one that ends "
        "as most of them do, its violations on the line nearest to the median of those.",
        show_default=False,
    ),
]
WeeksOption = Annotated[
    int | None, typer.Option("--weeks", metavar="N", help="Horizon in weeks; the scenario's own if not given.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Tell every week and every place that stirred.")]


def run(
    scenario: ScenarioArgument,
    set_: SetOption = None,
    seed: SeedOption = 0,
    run: RunOption = None,
    weeks: WeeksOption = None,
    every_week: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Tell one run of a scenario: who did what, where and when, and how likely it was.

    \b
    Example:
      fragile-peace run reassurance_15k
      fragile-peace run reassurance_15k --seed 7 --run 12
      fragile-peace run line_30k --set threat.level=0.8 --weeks 52 --all
      fragile-peace run plan28 --json > run.json
    """
    from fragile_peace.runs.ordinary import ordinary_run
    from fragile_peace.words.chronicle import chronicle

    world = read_scenario(scenario, set_)
    chosen = None
    if run is None:
        chosen = ordinary_run(world, seed, weeks)
        run = chosen.run
    command = run_command(scenario, set_ or (), seed, run, weeks, every_week)
    told = chronicle(world, seed, run, weeks, every_week=every_week, command=command, chosen=chosen)
    if as_json:
        typer.echo(json.dumps(told.to_dict(), indent=2, allow_nan=False))
    elif sys.stdout.isatty():
        _coloured(told)
    else:
        typer.echo("\n".join(told.lines()))


def _coloured(told: Chronicle) -> None:
    """Print to a terminal: headings stand out, the graver the week the more."""
    from rich.console import Console
    from rich.text import Text

    from fragile_peace.words.chronicle import wrapped

    width = min(shutil.get_terminal_size().columns, WIDEST)
    console = Console(width=width, highlight=False)
    for number, block in enumerate(told.blocks()):
        if number:
            console.print()
        if block.heading:
            console.print(Text(block.heading, style=STYLES.get(block.rung, "bold")))
        for line in wrapped(block, width):
            console.print(Text(line), soft_wrap=True)
