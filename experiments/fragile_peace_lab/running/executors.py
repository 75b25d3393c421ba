"""Where chunks are computed: threads of this process, or the workers of a Dask cluster.

An executor takes a chunk and puts what came of it on a queue: the rows, the seconds they took, and who computed them;
or the error. Which executor computes a chunk, and when, shows nowhere in the rows. The unit of work is the same on all:
`compute`, one chunk in one thread.
"""

import queue
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import SolverError
from fragile_peace_lab.design.own import Own, Source, loaded
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running.own import Row, asked
from fragile_peace_lab.store.columns import beside, flatten
from fragile_peace_lab.store.folder import width
from fragile_peace_lab.store.parts import Part


@dataclass(frozen=True)
class Done:
    """What came of a chunk: a table, or an error."""

    chunk: Part
    table: pa.Table | None
    seconds: float
    error: BaseException | None = None


class Executor(Protocol):
    """Something that computes chunks."""

    results: "queue.SimpleQueue[Done]"

    @property
    def workers(self) -> int:
        """How many chunks can be computed at once."""

    def submit(self, chunk: Part) -> None:
        """Start on a chunk as soon as a worker is free."""

    def check(self) -> None:
        """Raise InputError where nothing can come any more."""

    def close(self) -> None:
        """Stop what is under way and free what is held."""


def compute(
    scenarios: Sequence[Scenario],
    first_runs: Sequence[int],
    chunk: Part,
    seed: int,
    weeks: int | None,
    columns: int,
    cancel: threading.Event | None,
    own: Sequence[Own] = (),
) -> pa.Table:
    """Return the rows of a chunk, computed in this thread's charge.

    Parameters
    ----------
    scenarios : of the chunk's points, in order
    first_runs : the engine's run that is run 0 of each
    chunk : which rows
    seed, weeks : of the sweep
    columns : contingents of the schema
    cancel : set it to stop
    own : own outcomes, which get columns of theirs
    """
    from fragile_peace.runs.simulation import simulate

    found: list[np.ndarray] = []
    rows: list[Row] = []
    start, number = 0, chunk.r1 - chunk.r0
    alike = [(first, 1) for first in first_runs] if own else [(first, len(list(g))) for first, g in groupby(first_runs)]
    for first, size in alike:
        some, here = scenarios[start : start + size], chunk.p0 + start
        try:
            if own:
                outcomes, more = asked(own, some[0], here, range(chunk.r0, chunk.r1), seed, weeks, first, cancel)
                found.append(outcomes[None])
                rows += more
            else:
                found.append(simulate(some, number, seed, weeks, first_run=first + chunk.r0, threads=1, cancel=cancel))
        except SolverError as error:
            raise SolverError(re.sub(r"\(point (\d+)\)", partial(_point, here), str(error))) from None
        start += size
    members = [len(scenario.contingents) for scenario in scenarios]
    table = flatten(np.concatenate(found), range(chunk.p0, chunk.p1), chunk.r0, members, columns)
    return beside(table, [outcome for one in own for outcome in one.table], rows) if own else table


def _point(first: int, match: re.Match[str]) -> str:
    return f"(point {first + int(match[1])})"


class Threads:
    """The engine's threads in this process, each with a chunk of its own."""

    def __init__(self, plan: Plan, threads: int) -> None:
        self.plan = plan
        self.workers = threads
        self.results: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._columns = width(plan)
        self._cancel = threading.Event()
        self._pool = ThreadPoolExecutor(threads, "sweep")

    def submit(self, chunk: Part) -> None:
        """Start on a chunk as soon as a thread is free."""
        self._pool.submit(self._work, chunk)

    def _work(self, chunk: Part) -> None:
        begin = time.perf_counter()
        try:
            points = range(chunk.p0, chunk.p1)
            scenarios = [self.plan.scenario(point) for point in points]
            firsts = [self.plan.design.first_run(point) for point in points]
            sweep = self.plan.sweep
            table = compute(
                scenarios, firsts, chunk, sweep.seed, sweep.weeks, self._columns, self._cancel, self.plan.own
            )
            self.results.put(Done(chunk, table, time.perf_counter() - begin))
        except BaseException as error:
            self.results.put(Done(chunk, None, time.perf_counter() - begin, error))

    def check(self) -> None:
        """Threads do not get lost."""

    def close(self) -> None:
        """Stop the runs under way; a block of 64 runs is finished first."""
        self._cancel.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


def remote(
    bases: dict[str, dict[str, Any]], points: Sequence[tuple[str, dict[str, Any]]], first_runs: Sequence[int],
    chunk: Part, seed: int, weeks: int | None, columns: int, digest: str, sources: Sequence[Source] = (),
) -> tuple[bytes, float, str]:  # fmt: skip
    """Compute a chunk on a Dask worker: the rows as Arrow IPC bytes, the seconds, the digest of the worker's code.

    No rows where that is not the `digest` of the code that asks.
    """
    from fragile_peace_lab.store.behaviour import code

    begin = time.perf_counter()
    if code() != digest:
        return b"", 0.0, code()
    worlds = {name: Scenario.from_dict(values) for name, values in bases.items()}
    scenarios = [worlds[name].override(values) if values else worlds[name] for name, values in points]
    own = [loaded(source) for source in sources]
    table = compute(scenarios, first_runs, chunk, seed, weeks, columns, None, own)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes(), time.perf_counter() - begin, code()


def decoded(data: bytes) -> pa.Table:
    """Return the table in Arrow IPC bytes."""
    with pa.ipc.open_stream(data) as stream:
        return stream.read_all()
