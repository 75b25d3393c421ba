"""The face of the engine: many runs of many scenarios, in threads, with the same bits however they are spread.

Work is cut into blocks of up to `BLOCK` runs of one scenario, aligned to the run index; a block is one call of a kernel
that releases the interpreter's lock. A run depends only on (scenario, seed, run), so blocks, threads and order do not
matter; few runs are cut into smaller blocks, so that every thread has its share. Weekly moments are summed within a
block in run order and over blocks in block order: where they are wanted, blocks are always the same.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.cores import cores
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError, shown
from fragile_peace.kernels.engine import CANCELLED, FAILED, HALVES, N_MOMENTS, simulate_block
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.machine import first_compile
from fragile_peace.runs.failure import failure
from fragile_peace.runs.imposing import Imposed, Path
from fragile_peace.runs.threat import laid_out
from fragile_peace.state import OUTCOMES, SCRATCH, STATE, WEEK, blank_outcomes

BLOCK = 64
SHARES = 4  # blocks of each thread, at least, but where they would have fewer runs than `FEWEST`
FEWEST = 4
QUEUED = 4  # blocks waiting for each thread: enough to keep it busy, few enough to stop soon
MOMENTS = (
    "alive", "recorded", "recorded_squared", "true", "true_squared", "deaths", "mu", "gamma", "B", "troops",
    "line_tension", "line_restraint",
)  # fmt: skip
"""Weekly sums over the runs still alive at the start of the week; `alive` counts them."""
Progress = Callable[[int, int], None]
_BLANK = (np.zeros(1, STATE), np.zeros(1, WEEK), blank_outcomes())
assert len(MOMENTS) == N_MOMENTS
first_compile.listen(HALVES)


@dataclass(frozen=True)
class Weekly:
    """Runs with their weeks.

    Attributes
    ----------
    outcomes : OUTCOMES, shape (points, runs)
    weeks : WEEK, shape (points, kept, horizon): the first `kept` runs; rows after a run's end are zero
    moments : float64, shape (points, horizon, len(MOMENTS)): sums over all runs
    """

    outcomes: np.ndarray
    weeks: np.ndarray
    moments: np.ndarray


class Cancelled(Exception):
    """The caller asked to stop; nothing partial is returned."""


@dataclass
class _Task:
    """One block: up to `BLOCK` runs of one point, from run `first` on, the arrays that they fill, and their paths."""

    point: int
    parameters: np.ndarray
    row: int
    first: int
    outcomes: np.ndarray
    weekly: np.ndarray
    moments: np.ndarray
    states: np.ndarray
    paths: np.ndarray
    lengths: np.ndarray


def simulate(
    scenarios: Sequence[Scenario],
    runs: int,
    seed: int,
    weeks: int | None = None,
    *,
    first_run: int = 0,
    impose: Imposed | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Return the outcomes of runs `first_run` to `first_run + runs - 1` of each scenario.

    Parameters
    ----------
    scenarios : one a point
    runs : runs of each, at least 1
    seed : 0 to 2**63 - 1
    weeks : horizon, 1 to 1040; each scenario's own if omitted
    first_run : index of the first run
    impose : what each run starts its weeks with, from the run of its index on a path (`runs.imposing`)
    threads : worker threads; the number of cores if omitted
    progress : called with (runs done, runs in all) from the calling thread
    cancel : set it from any thread to stop; Cancelled is raised

    Returns
    -------
    OUTCOMES, shape (points, runs): `outcomes.TABLE` gives the fields.

    Raises
    ------
    InputError : an argument is out of range
    SolverError : a game could not be solved; names point, run, week and place
    """
    batch = _Batch(scenarios, runs, seed, weeks, first_run, impose=impose)
    return batch.run(threads, progress, cancel).outcomes


def recorded(
    scenario: Scenario,
    runs: int,
    seed: int,
    weeks: int | None = None,
    *,
    first_run: int = 0,
    threads: int | None = None,
) -> tuple[np.ndarray, Path]:
    """Return the outcomes of some runs, shape (runs,), and what they started their weeks with: 5 kB a run and week.

    Arguments and errors are those of `simulate`.
    """
    batch = _Batch([scenario], runs, seed, weeks, first_run, recording=True)
    outcomes = batch.run(threads, None, None).outcomes[0]
    return outcomes, Path(scenario, seed, first_run, batch.states, outcomes["weeks"].copy())


def simulate_weekly(
    scenarios: Sequence[Scenario],
    runs: int,
    seed: int,
    weeks: int | None = None,
    *,
    kept: int = 0,
    first_run: int = 0,
    impose: Imposed | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Weekly:
    """Like `simulate`, with the weeks of the first `kept` runs and the weekly sums over all runs.

    All scenarios are played to the same horizon: `weeks`, or the longest of theirs.
    """
    _check_scenarios(scenarios)
    check_whole("runs", runs, 1, 1 << 31)
    check_whole("kept", kept, 0, runs)
    horizon = weeks if weeks is not None else max((s.weeks for s in scenarios), default=1)
    batch = _Batch(scenarios, runs, seed, horizon, first_run, kept=kept, detailed=True, impose=impose)
    return batch.run(threads, progress, cancel)


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """Raise InputError unless a value is a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InputError(f"{name}: {shown(value)} is not allowed; must be a whole number from {low} to {high}")


def _check_scenarios(scenarios: Any) -> None:
    if isinstance(scenarios, str | Scenario) or not all(isinstance(item, Scenario) for item in scenarios):
        raise InputError(f"scenarios: {shown(scenarios)} is not allowed; must be a list of Scenario.load(...)")
    if not scenarios:
        raise InputError("scenarios: none given; at least one is needed")


class _Batch:
    """The runs of one call: what is asked for, what they leave, and the flag that stops them.

    Attributes
    ----------
    result : what the runs leave, filled block by block; `moments` only once all are done
    stop : int64 (1,), polled by the kernels: not 0 ends a block before its next run
    done : how many runs are done
    states : STATE, shape (runs, horizon), at the start of each week; shape (0, horizon) unless the runs are recorded
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        runs: int,
        seed: int,
        weeks: int | None,
        first_run: int = 0,
        kept: int = 0,
        detailed: bool = False,
        recording: bool = False,
        impose: Imposed | None = None,
    ) -> None:
        _check_scenarios(scenarios)
        check_whole("runs", runs, 1, 1 << 31)
        check_whole("seed", seed, 0, (1 << 63) - 1)
        check_whole("first_run", first_run, 0, (1 << 32) - 1 - runs)
        if weeks is not None:
            check_whole("weeks", weeks, 1, 1040)
        if impose is not None:
            for scenario in scenarios:
                impose.check(scenario, seed, first_run, runs)
        self.scenarios, self.runs, self.seed, self.first_run = scenarios, runs, seed, first_run
        self.detailed, self.kept, self.impose = detailed, kept, impose
        self.horizons = [weeks if weeks is not None else scenario.weeks for scenario in scenarios]
        recorded = self.horizons[0] if detailed else 0  # all horizons are equal then
        self.result = Weekly(
            np.zeros((len(scenarios), runs), OUTCOMES),
            np.zeros((len(scenarios), kept, recorded), WEEK),
            np.zeros((len(scenarios), recorded, N_MOMENTS)),
        )
        self.states = np.zeros((runs if recording else 0, self.horizons[0]), STATE)
        self.stop = np.zeros(1, np.int64)
        self.done = 0

    def run(self, threads: int | None, progress: Progress | None, cancel: threading.Event | None) -> Weekly:
        """Play all blocks in threads and return what they leave."""
        count = _threads(threads)
        played: list[_Task] = []
        with ThreadPoolExecutor(count) as pool:
            pending: set[Future[Any]] = set()
            try:
                for task in self.tasks(self.block(count)):
                    _refuse_cancelled(cancel)
                    pending.add(pool.submit(self.play, task))
                    if self.detailed:
                        played.append(task)
                    pending = self.collect(pending, QUEUED * count - 1, progress, cancel)
                self.collect(pending, 0, progress, cancel)
            except BaseException:
                self.stop[0] = 1
                raise
        for task in played:  # sums depend on their order: that of the blocks, not that in which they were done
            self.result.moments[task.point] += task.moments
        return self.result

    def block(self, threads: int) -> int:
        """Return how many runs a block has, at most."""
        if self.detailed:
            return BLOCK
        return min(BLOCK, max(FEWEST, -(-self.runs * len(self.scenarios) // (SHARES * threads))))

    def tasks(self, block: int) -> Iterator[_Task]:
        """Yield the blocks of every point in order, laying a scenario out once."""
        for point, scenario in enumerate(self.scenarios):
            parameters, first_row = laid_out(scenario)
            start, end = self.first_run, self.first_run + self.runs
            while start < end:
                stop = min(end, (start // block + 1) * block)
                offset, after = start - self.first_run, stop - self.first_run
                yield _Task(
                    point,
                    parameters,
                    first_row,
                    start,
                    self.result.outcomes[point, offset:after],
                    self.result.weeks[point, offset : max(offset, min(self.kept, after))],
                    np.zeros((self.horizons[point] if self.detailed else 0, N_MOMENTS)),
                    self.states[offset:after],
                    *self.paths(start, stop),
                )
                start = stop

    def paths(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the imposed words of some runs, shape (runs or 0, weeks, k), and the length of each one's path."""
        if self.impose is None:
            return np.zeros((0, 0, 0), np.int64), np.zeros(0, np.int64)
        found = [self.impose.words(run) for run in range(start, stop)]
        lengths = np.array([len(path) for path in found])
        paths = np.zeros((len(found), lengths.max(), len(self.impose.chosen)), np.int64)
        for number, path in enumerate(found):
            paths[number, : len(path)] = path
        return paths, lengths

    def play(self, task: _Task) -> tuple[_Task, int, int, np.ndarray, np.ndarray]:
        """Run one block; returns it, the engine's status, the run it stopped at, and the work rows for messages."""
        state, scratch = np.zeros(1, STATE), np.zeros(1, SCRATCH)
        games = blocks_of(int(task.parameters[task.row]["n_places"]))
        chosen = self.impose.chosen if self.impose is not None else np.zeros(0, np.int64)
        status, index = simulate_block(
            task.parameters, task.row, self.horizons[task.point], (self.seed, task.first),
            (task.outcomes, task.weekly, task.moments, task.states), self.stop, _BLANK,
            (state.view(np.int64), chosen, task.paths, task.lengths),
            state, np.zeros(1, WEEK), games, np.zeros(1, OUTCOMES), scratch,
        )  # fmt: skip
        return task, status, task.first + index, state, scratch

    def collect(
        self, pending: set[Future[Any]], most: int, progress: Progress | None, cancel: threading.Event | None
    ) -> set[Future[Any]]:
        """Wait until at most `most` blocks are pending and return these. Raises for a failed or cancelled block."""
        while len(pending) > most:
            finished, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            _refuse_cancelled(cancel)
            for future in finished:
                task, status, run, state, scratch = future.result()
                if status == CANCELLED:
                    raise Cancelled
                if status == FAILED:
                    raise SolverError(failure(self.scenarios[task.point], task.point, run, state, scratch))
                self.done += len(task.outcomes)
            if progress is not None:
                progress(self.done, self.runs * len(self.scenarios))
        return pending


def _refuse_cancelled(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled


def _threads(threads: int | None) -> int:
    if threads is None:
        return cores()
    check_whole("threads", threads, 1, 1024)
    return threads
