"""Making the tables that a sweep keeps beside its parts (`design.beside`, `store.side_tables`), after its parts.

They are made of the whole sweep, in this process, and come out the same bytes on any number of threads, whoever
computed the parts, and whether the sweep was run at once, in shards or grew. A table is made again where it is missing
or where the sweep has grown in what the table is made of.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fragile_peace.errors import SolverError
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.design.beside import BELIEFS, CASES, FAN_RUNS, Beside
from fragile_peace_lab.running.record import record_table
from fragile_peace_lab.running.weeks import weeks_table
from fragile_peace_lab.store import folder as stored
from fragile_peace_lab.store.columns import flatten
from fragile_peace_lab.store.folder import Store
from fragile_peace_lab.store.side_tables import BELIEF, BELIEF_KEYS, RECORD, WEEKS, wanted


def beside_of(manifest: dict[str, Any], points: pa.Table) -> Beside:
    """Return what is played beside the sweep of a manifest and its design."""
    worlds = stored.scenarios_of(manifest), stored.sets_of(manifest)
    return Beside.of(*worlds, points, manifest["runs"], manifest["sweep"]["weeks"])


def lacking(store: Store) -> list[str]:
    """Return which side tables a sweep whose runs are all there still lacks. Raises InputError for a damaged one."""
    if not wanted(store.manifest):
        return []
    names = wanted(store.manifest)
    rows: dict[str, int | None] = {WEEKS: None}
    if BELIEF in names:
        rows[BELIEF] = beside_of(store.manifest, stored.design_of(store.folder)).belief_rows
    if RECORD in names:
        rows[RECORD] = _recorded_weeks(store)
    return [name for name in wanted(store.manifest) if store.lacks(name, rows[name])]


def _recorded_weeks(store: Store) -> int:
    """How many weeks the recorded runs lived, as the parts say."""
    runs = stored.read(store.folder, ["run", "weeks"])
    kept = pc.less(runs["run"], store.manifest["sweep"]["record"]["runs"])
    return int(pc.sum(runs["weeks"].filter(kept)).as_py() or 0)


def keep(store: Store, threads: int | None = None) -> None:
    """Make the side tables that a sweep lacks. Raises InputError where the disk fails, SolverError as a sweep does."""
    names = lacking(store)
    if not names:
        return
    points = stored.design_of(store.folder)
    for name in names:
        if name == RECORD:
            store.write_beside(name, record_table(store.manifest, points, range(points.num_rows), threads))
            continue
        beside = beside_of(store.manifest, points)
        if name == WEEKS:
            table = weeks_table(beside.world, store.manifest["seed"], FAN_RUNS, beside.weeks, threads=threads)
        else:
            members = range(len(beside.members))
            table = pa.concat_tables([belief_table(beside, store.manifest, member, threads) for member in members])
        store.write_beside(name, table.combine_chunks())


def belief_table(beside: Beside, manifest: dict[str, Any], member: int, threads: int | None = None) -> pa.Table:
    """Return a member's rows of belief.parquet, with the outcomes that the manifest names."""
    cases, draws = beside.cases(member), beside.draws
    try:
        outcomes = simulate(cases, draws, manifest["seed"], beside.weeks, first_run=member * draws, threads=threads)
    except SolverError as error:
        text = re.sub(r"\(point \d+\)", f"(belief against fact, member {member})", str(error))
        raise SolverError(text) from None
    each = np.arange(len(cases)).repeat(draws)
    keys = (each // len(BELIEFS), np.tile(BELIEFS, len(CASES)).repeat(draws), np.full(len(each), member),
            np.tile(np.arange(draws), len(cases)))  # fmt: skip
    members = [len(scenario.contingents) for scenario in cases]
    rows = flatten(outcomes, range(len(cases)), 0, members, stored.contingents(manifest))
    rows = rows.select(stored.model_columns(manifest))
    arrays = [pa.array(values, field.type) for values, field in zip(keys, BELIEF_KEYS, strict=True)]
    return pa.Table.from_arrays([*arrays, *rows.columns[2:]], schema=pa.schema([*BELIEF_KEYS, *list(rows.schema)[2:]]))
