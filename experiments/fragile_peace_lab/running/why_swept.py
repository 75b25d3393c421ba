"""By which way the levers of a sweep work: some of its members played again between the ends of each lever (`why`).

The table lies beside the sweep's estimates, where the report finds it: a report plays no run.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from fragile_peace.errors import InputError
from fragile_peace.runs.simulation import check_whole
from fragile_peace_lab.design.axis import Layout, declared_values, moves, scenario_of_point, settings_of
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates import tables
from fragile_peace_lab.estimates.all_tables import FOLDER, SAY
from fragile_peace_lab.estimates.why import NAME, SWEPT
from fragile_peace_lab.running.why import MOST_MEMBERS, why
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.opening import beside

MEMBERS, RUNS = 16, 128
"""Played unless others are asked for: of a sweep's samples the first ones, and runs of each in each world."""


def why_swept(
    folder: str | Path,
    members: int = MEMBERS,
    draws: int = RUNS,
    threads: int | None = None,
    say: Callable[[str], None] = SAY,
) -> pd.DataFrame:
    """Split what every lever of a sweep does, in the reference structure, and write the table; returns it.

    Parameters
    ----------
    folder : of a sweep
    members : how many of its samples, the first ones
    draws : runs of each member in each world, at least 2
    threads : members played at once; the number of cores if omitted
    say : told which lever is being split

    Returns
    -------
    pandas.DataFrame
        `estimates.why.SWEPT`, one row a lever's move, outcome, split and part

    Raises
    ------
    InputError : no sweep, an argument out of range, or no lever that moves
    SolverError : a game could not be solved
    """
    where = Path(folder)
    manifest, design = store.read_manifest(where), store.design_of(where)
    scenarios, sets = store.scenarios_of(manifest), store.sets_of(manifest)
    base = next(iter(scenarios.values()))
    settings = settings_of(design, base)
    values = declared_values(base, tuple(settings[0]), sets)
    layout = Layout.of_settings(settings, values)
    check_whole("members", members, 1, min(MOST_MEMBERS, int(design["sample"].to_numpy().max()) + 1))
    moved = moves(settings, layout.baseline(settings, values), layout)
    if not moved:
        raise InputError(f"{where}: the sweep has one setting of its levers; there is no difference to split")
    rows = design.select(["combination", "sample"]).to_pandas()
    if STRUCTURE in design.column_names:
        rows = rows[design[STRUCTURE].to_pandas() == design[STRUCTURE][0].as_py()]
    point = {(row.combination, row.sample): int(row.Index) for row in rows.itertuples()}
    found = []
    for one in moved:
        say(f"why: {one.name} from {one.before} to {one.after}")
        before, after = (
            [scenario_of_point(scenarios, sets, design, point[place, member]) for member in range(members)]
            for place in (one.first, one.last)
        )
        split = why(before, after, draws, int(manifest["seed"]), manifest["sweep"]["weeks"], threads=threads)
        about = {"lever": one.name, "before": str(one.before), "after": str(one.after), "fewer": split.fewer}
        found += [{**about, **row, "note": _note(row["estimate"])} for row in split.table.to_dict("records")]
    table = tables.frame(found, SWEPT)
    with beside(where, FOLDER):
        tables.write(where / FOLDER, {NAME: table})
    return table


def _note(estimate: float) -> str:
    return "" if estimate == estimate else "no run to condition on"
