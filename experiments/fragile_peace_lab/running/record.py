"""The weeks of a sweep's first runs, field by field: record.parquet, which `record` in a sweep file asks for.

One row a point, run and week played, with the fields of `state.WEEK` that are asked for, as they stand there: an
indexed field is one column for each place, contingent or both (`deaths_s_0`, `left_n_2`, `garrison_sn_0_2`), an event's
by its name (`hazard_collapse`). Places and contingents that no scenario of the sweep has are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from fragile_peace.codes import Event, options
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError
from fragile_peace.runs.simulation import simulate_weekly
from fragile_peace.state import WEEK
from fragile_peace_lab.design.axis import scenario_of_point
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running.own import AT_ONCE
from fragile_peace_lab.store import folder as stored
from fragile_peace_lab.store.side_tables import RECORD_KEYS

MOST_ROWS = 20_000_000


def columns_of(field: str, places: int, contingents: int) -> list[tuple[str, tuple[int, ...]]]:
    """Return the columns of a field of WEEK: their names, and where in the field each stands."""
    shape = WEEK[field].shape
    if field == "hazard":
        return [(f"hazard_{name}", (number,)) for number, name in enumerate(options(Event))]
    letters = re.search(r"_(sn|s|n)$", field)
    sizes = tuple({"s": places, "n": contingents}[letter] for letter in letters[1]) if letters else shape
    return [("_".join([field, *map(str, place)]), place) for place in np.ndindex(*sizes)]


def check_size(plan: Plan) -> None:
    """Raise InputError where a sweep would record more rows than a table that is made at once should have."""
    record = plan.sweep.record
    if record is not None:
        weeks = plan.sweep.weeks or max(scenario.weeks for scenario in plan.scenarios.values())
        rows = plan.design.points * min(record["runs"], plan.sweep.most_runs) * weeks
        if rows > MOST_ROWS:
            raise InputError(f"record.runs: makes up to {rows:,} rows; at most {MOST_ROWS:,} are allowed")


def record_table(
    manifest: Mapping[str, Any], points: pa.Table, rows: Sequence[int], threads: int | None = None
) -> pa.Table:
    """Return the record of some points: rows of its design. Raises SolverError as a sweep does."""
    asked, scenarios = manifest["sweep"]["record"], stored.scenarios_of(dict(manifest))
    sets = stored.sets_of(dict(manifest))
    worlds = scenarios.values()
    places, members = (max(len(getattr(w, name)) for w in worlds) for name in ("places", "contingents"))
    columns = [(field, *column) for field in asked["fields"] for column in columns_of(field, places, members)]
    kinds = {field: pa.float64() if WEEK[field].base.kind == "f" else pa.int64() for field in asked["fields"]}
    fields = [*RECORD_KEYS, *(pa.field(name, kinds[field], False, {"unit": "", "text": f"WEEK {field}"})
                              for field, name, _ in columns)]  # fmt: skip
    tables = [pa.schema(fields).empty_table()]
    for point in rows:
        world = scenario_of_point(scenarios, sets, points, point)
        first, runs = int(points["first_run"][point].as_py()), min(asked["runs"], manifest["runs"])
        for run, weeks in _played(world, manifest, first, runs, point, threads):
            keys = (np.full(len(weeks), point), np.full(len(weeks), run), 1 + np.arange(len(weeks)))
            values = (weeks[field][(slice(None), *place)] for field, _, place in columns)
            arrays = [pa.array(np.ascontiguousarray(value), field.type)
                      for value, field in zip((*keys, *values), fields, strict=True)]  # fmt: skip
            tables.append(pa.Table.from_arrays(arrays, schema=pa.schema(fields)))
    return pa.concat_tables(tables).combine_chunks()


def _played(
    world: Scenario, manifest: Mapping[str, Any], first: int, runs: int, point: int, threads: int | None
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number of each run and the weeks that it lived."""
    horizon = world.weeks if manifest["sweep"]["weeks"] is None else manifest["sweep"]["weeks"]
    step = max(1, AT_ONCE // (horizon * WEEK.itemsize))
    for start in range(0, runs, step):
        some = min(step, runs - start)
        try:
            found = simulate_weekly(
                [world], some, manifest["seed"], horizon, kept=some, first_run=first + start, threads=threads
            )  # fmt: skip
        except SolverError as error:
            raise SolverError(re.sub(r"\(point \d+\)", f"(point {point}, record)", str(error))) from None
        for number, (weeks, lived) in enumerate(zip(found.weeks[0], found.outcomes[0]["weeks"], strict=True)):
            yield start + number, weeks[:lived]
