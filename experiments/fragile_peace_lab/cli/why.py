"""`fragile-peace why`: by which way a setting works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace.words.wording import counted
from fragile_peace_lab.cli.options import (
    JsonOption,
    ScenarioArgument,
    SetOption,
    columns,
    read_scenario,
    read_settings,
    show_lines,
)
from fragile_peace_lab.cli.run import SeedOption, WeeksOption
from fragile_peace_lab.cli.sweep import ThreadsOption

if TYPE_CHECKING:
    import pandas as pd

    from fragile_peace_lab.running.why import Why

ChangeOption = Annotated[
    list[str],
    typer.Option("--change", metavar="NAME=VALUE", help="What changes; may be given many times.", show_default=False),
]
OutcomeOption = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", help="What is split; may be given many times.", show_default=False),
]
RunsOption = Annotated[int, typer.Option("--runs", metavar="N", help="Runs of each member in each world.")]
UnknownsOption = Annotated[
    str | None,
    typer.Option("--unknowns", metavar="SWEEP", help="Let the unknowns of a sweep vary: members are its samples."),
]
MembersOption = Annotated[int, typer.Option("--members", metavar="N", help="How many samples; only with --unknowns.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the table as CSV.")]


def why(
    scenario: ScenarioArgument,
    change: ChangeOption,
    set_: SetOption = None,
    outcome: OutcomeOption = None,
    unknowns: UnknownsOption = None,
    members: MembersOption = 16,
    runs: RunsOption = 128,
    seed: SeedOption = 0,
    weeks: WeeksOption = None,
    threads: ThreadsOption = None,
    csv: CsvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split what a change does: by who is there, what is believed, tension, and the rest.

    The changed setting is played again with who is there, what is believed and tension held as they were, week by week,
    in the run of the same draws without the change. The parts add up to the difference. A louder threat is also split
    by the places where it enters.

    \b
    Example:
      fragile-peace why reassurance_15k --set threat.level=0 --change threat.level=1
      fragile-peace why reassurance_15k --change mandate.roe=enforce --outcome exchange_of_fire --runs 1000
      fragile-peace why reassurance_15k --set threat.level=0 --change threat.level=1 --unknowns legitimate_targets
    """
    from fragile_peace_lab.running import why as playing

    fixed, new = read_settings(set_), read_settings(change, "--change")
    world = read_scenario(scenario)
    if unknowns is None:
        before = [world.override(fixed) if fixed else world]
    else:
        before = playing.members(world, unknowns, members, fixed)
    after = [one.override(new) for one in before]
    found = playing.why(before, after, runs, seed, weeks, outcomes=outcome or playing.OUTCOMES, threads=threads)
    if csv is not None:
        _write(csv, found.table)
    if as_json:
        typer.echo(json.dumps(_plain(found), indent=2, allow_nan=False))
    else:
        show_lines(_page(found))


def _write(path: Path, table: pd.DataFrame) -> None:
    from fragile_peace_lab import durable

    durable.write(path, table.to_csv(index=False).encode())


def _plain(found: Why) -> dict[str, Any]:
    """The same for a program: what cannot be told is null."""
    rows = found.table.astype(object).where(found.table.notna(), None)
    return {"fewer": found.fewer, "rows": rows.to_dict("records")}


def _page(found: Why) -> list[str]:
    """The same for a person to read."""
    from fragile_peace_lab.estimates.why import BY_PLACE, LEVELS, SHAPLEY, number, phrase, sentence

    lines: list[str] = []
    for name, table in found.table.groupby("outcome", sort=False):
        head = table.iloc[0]
        lines += ["", f"{head['title']} ({head['unit']})", f"  {sentence(table, found.fewer)}"]
        if (table["split"] == BY_PLACE).any():
            lines.append(f"  {sentence(table, found.fewer, BY_PLACE)}")
        rows = []
        for row in table.to_dict("records"):
            shown = row["part"] if row["split"] == LEVELS else phrase(row["part"], str(name), found.fewer)
            ends = f"{number(row['mc_low'])} to {number(row['mc_high'])}"
            rows.append([row["split"], shown, number(row["estimate"]), ends])
        lines += [f"  {line}" for line in columns(["split", "part", "estimate", "95% Monte Carlo"], rows, "estimate")]
    first = found.table.iloc[0]
    return [
        *lines[1:],
        "",
        f"{counted(int(first['n_members']), 'member')}, {counted(int(first['n_draws']), 'run')} of each in every world",
        "95% Monte Carlo: how far the number of runs may lead astray",
        "in order: what holding presence takes away, then beliefs, then tension; what is left is direct",
        f"{SHAPLEY}: the same averaged over the orders of the three; places: of a louder threat, likewise",
    ]
