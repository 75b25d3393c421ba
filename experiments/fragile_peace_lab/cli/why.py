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
    plain_rows,
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
    list[str] | None,
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
    change: ChangeOption = None,
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

    Given the folder of a sweep in place of a scenario, it splits what each of the sweep's levers does, and keeps the
    table beside the sweep's estimates for the report.

    \b
    Example:
      fragile-peace why reassurance_15k --set threat.level=0 --change threat.level=1
      fragile-peace why reassurance_15k --change mandate.roe=enforce --outcome exchange_of_fire --runs 1000
      fragile-peace why reassurance_15k --set threat.level=0 --change threat.level=1 --unknowns legitimate_targets
      fragile-peace why results/legitimate_targets
    """
    from fragile_peace.errors import InputError
    from fragile_peace_lab.running import why as playing
    from fragile_peace_lab.store.folder import MANIFEST

    if Path(scenario, MANIFEST).is_file():
        apart = change or set_ or outcome or unknowns or seed or weeks
        table = _of_sweep(Path(scenario), apart, members, runs, threads, csv)
        show_lines([table.to_json(orient="records", indent=2)] if as_json else _swept(table))
        return
    if not change:
        raise InputError("--change: nothing is changed; give it as NAME=VALUE, or give the folder of a sweep")
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


def _of_sweep(folder: Path, apart: Any, members: int, runs: int, threads: int | None, csv: Path | None) -> pd.DataFrame:
    """Split what the levers of a sweep do; the sweep says what is set, changed and unknown. Raises InputError."""
    from fragile_peace.errors import InputError
    from fragile_peace_lab.running.why_swept import why_swept

    if apart:
        raise InputError(
            "--change, --set, --outcome, --unknowns, --seed, --weeks: the folder of a sweep says all of that itself"
        )
    table = why_swept(folder, members, runs, threads, lambda words: typer.echo(f"  {words}", err=True))
    if csv is not None:
        _write(csv, table)
    return table


def _swept(table: pd.DataFrame) -> list[str]:
    """The same for a person to read."""
    from fragile_peace_lab.estimates.why import sentence

    lines = []
    for (lever, before, after), change in table.groupby(["lever", "before", "after"], sort=False):
        lines += ["", f"{lever}: from {before} to {after}"]
        for _, part in change.groupby("outcome", sort=False):
            lines.append(f"  {part['title'].iloc[0]}: {sentence(part, bool(part['fewer'].iloc[0]))}")
    return lines[1:]


def _write(path: Path, table: pd.DataFrame) -> None:
    from fragile_peace_lab import durable

    durable.write(path, table.to_csv(index=False).encode())


def _plain(found: Why) -> dict[str, Any]:
    """The same for a program."""
    return {"fewer": found.fewer, "rows": plain_rows(found.table)}


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
