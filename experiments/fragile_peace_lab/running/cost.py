"""What a sweep will cost, before it is run: time measured on a few runs, memory and disk worked out from them."""

import time
from dataclasses import dataclass, replace

import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.state import OUTCOMES
from fragile_peace_lab.design.beside import FAN_RUNS
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.estimates.own import check_names
from fragile_peace_lab.running.executors import compute
from fragile_peace_lab.running.own import AT_ONCE
from fragile_peace_lab.running.record import check_size
from fragile_peace_lab.running.runner import CHUNK_SECONDS, grid_of
from fragile_peace_lab.running.side_tables import beside_of
from fragile_peace_lab.store.folder import manifest_of, width
from fragile_peace_lab.store.parts import Part, encode
from fragile_peace_lab.store.side_tables import WEEKS, wanted

BASE_BYTES = 450e6  # a process with the compiled kernels and Arrow loaded
TRIAL_SECONDS = 1.5
OVERHEAD = 1.05  # storing, and the last chunks


@dataclass(frozen=True)
class Cost:
    """What `fragile-peace sweep --dry-run` prints.

    Attributes
    ----------
    points, runs, rows, parts : of the sweep; with a stopping rule, the most it may take
    structures : in each of which all is played; 0 where none are declared
    beside : runs whose side tables are kept for figures
    seconds : on so many workers
    memory, disk : bytes
    run_seconds : of one core for one run, measured
    own_seconds : of those, in own outcomes and in keeping weeks for them; None without any
    """

    points: int
    combinations: int
    samples: int
    structures: int
    runs: int
    rows: int
    parts: int
    beside: int
    workers: int
    seconds: float
    memory: float
    disk: float
    run_seconds: float
    own_seconds: float | None


def cost(plan: Plan, workers: int) -> Cost:
    """Estimate the cost of a sweep on so many workers by running a few of its runs."""
    check_names(outcome for one in plan.own for outcome in one.table)
    check_size(plan)
    grid, design = grid_of(plan), plan.design
    # The first call loads the compiled kernels; it is not part of the measure.
    _trial(plan, [plan.scenario(0)], Part(0, 1, 0, 1))
    tables: list[pa.Table] = []
    spent, rows, runs = 0.0, 0, min(8, plan.sweep.most_runs)
    while spent < TRIAL_SECONDS and runs <= 1024:
        for point in _spread(design.points):
            seconds, table = _trial(plan, [plan.scenario(point)], Part(point, point + 1, 0, runs))
            spent, rows, tables = spent + seconds, rows + runs, [*tables, table]
            if spent > TRIAL_SECONDS:
                break
        runs *= 2
    run_seconds = spent / rows
    size = (len(encode(pa.concat_tables(tables))) - len(encode(tables[0].slice(0, 1)))) / rows
    total, beside = design.points * plan.sweep.most_runs, _beside(plan)
    chunk = min(CHUNK_SECONDS / run_seconds, grid.parts()[0].rows)
    return Cost(
        points=design.points,
        combinations=design.combinations,
        samples=design.samples,
        structures=len(design.structures),
        runs=plan.sweep.most_runs,
        rows=total,
        parts=(len(grid.points) - 1) * (len(grid.runs) - 1),
        beside=beside,
        workers=workers,
        seconds=OVERHEAD * (total + beside) * run_seconds / workers,
        memory=BASE_BYTES + workers * (2 * chunk * OUTCOMES.itemsize + (AT_ONCE if plan.own else 0)),
        disk=(total + beside) * size,
        run_seconds=run_seconds,
        own_seconds=_own_seconds(plan) if plan.own else None,
    )


def _own_seconds(plan: Plan) -> float:
    """What own outcomes add to a run: the same runs with them, and without."""
    chunk = Part(0, 1, 0, min(64, plan.sweep.most_runs))
    asked, plain = (
        min(_trial(one, [plan.scenario(0)], chunk)[0] for _ in range(3)) for one in (plan, replace(plan, own=()))
    )
    return max(0.0, asked - plain) / chunk.rows


def _beside(plan: Plan) -> int:
    """The runs of the side tables."""
    manifest = manifest_of(plan, grid_of(plan))
    names, record = wanted(manifest), plan.sweep.record
    kept = plan.design.points * min(record["runs"], plan.sweep.most_runs) if record else 0
    return kept + (FAN_RUNS + beside_of(manifest, plan.design.table()).belief_rows if WEEKS in names else 0)


def _spread(points: int) -> list[int]:
    """A few points over the whole design."""
    return sorted({round(share * (points - 1) / 15) for share in range(16)})


def _trial(plan: Plan, scenarios: list[Scenario], chunk: Part) -> tuple[float, pa.Table]:
    """Return the seconds of a chunk and its rows."""
    begin = time.perf_counter()
    firsts = [plan.design.first_run(point) for point in range(chunk.p0, chunk.p1)]
    table = compute(scenarios, firsts, chunk, plan.sweep.seed, plan.sweep.weeks, width(plan), None, plan.own)
    return time.perf_counter() - begin, table
