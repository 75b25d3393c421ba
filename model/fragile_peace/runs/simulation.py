"""The face of the engine: many runs of many scenarios, in threads, with the same bits however they are spread.

Work is cut into blocks of up to `BLOCK` runs of one scenario, aligned to the run index; a block is one call of a kernel
that releases the interpreter's lock. A run depends only on (scenario, seed, run), so blocks, threads and order do not
matter; weekly moments are summed within a block in run order and over blocks in block order.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError, shown
from fragile_peace.kernels.engine import CANCELLED, FAILED, HALVES, N_MOMENTS, simulate_block
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.machine import first_compile
from fragile_peace.state import OUTCOMES, SCRATCH, STATE, WEEK

BLOCK = 64
MOMENTS = (
    "alive", "recorded", "recorded_squared", "true", "true_squared", "deaths", "mu", "gamma", "B", "troops",
    "line_tension", "line_restraint",
)  # fmt: skip
"""Weekly sums over the runs still alive at the start of the week; `alive` counts them."""
PHASE_NAMES = {2: "incident game", 11: "commitment game", 12: "review of the ceasefire"}
_BLANK = (np.zeros(1, STATE), np.zeros(1, WEEK), np.zeros(1, OUTCOMES))
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
    point: int
    parameters: np.ndarray
    row: int
    first: int
    count: int
    weekly: np.ndarray
    moments: np.ndarray


def simulate(
    scenarios: Sequence[Scenario],
    runs: int,
    seed: int,
    weeks: int | None = None,
    *,
    first_run: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
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
    threads : worker threads; the number of cores if omitted
    progress : called with (runs done, runs in all) from the calling thread
    cancel : set it from any thread to stop; Cancelled is raised

    Returns
    -------
    OUTCOMES, shape (points, runs): `state.OUTCOMES` gives the fields.

    Raises
    ------
    InputError : an argument is out of range
    SolverError : a game could not be solved; names point, run, week and place
    """
    return _run(scenarios, runs, seed, weeks, first_run, 0, False, threads, progress, cancel).outcomes


def simulate_weekly(
    scenarios: Sequence[Scenario],
    runs: int,
    seed: int,
    weeks: int | None = None,
    *,
    kept: int = 0,
    first_run: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: threading.Event | None = None,
) -> Weekly:
    """Like `simulate`, with the weeks of the first `kept` runs and the weekly sums over all runs.

    All scenarios are played to the same horizon: `weeks`, or the longest of theirs.
    """
    _check_scenarios(scenarios)
    check_whole("runs", runs, 1, 1 << 31)
    check_whole("kept", kept, 0, runs)
    horizon = weeks if weeks is not None else max((s.weeks for s in scenarios), default=1)
    return _run(scenarios, runs, seed, horizon, first_run, kept, True, threads, progress, cancel)


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """Raise InputError unless a value is a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise InputError(f"{name}: {shown(value)} is not allowed; must be a whole number from {low} to {high}")


def _check_scenarios(scenarios: Any) -> None:
    if isinstance(scenarios, str | Scenario) or not all(isinstance(item, Scenario) for item in scenarios):
        raise InputError(f"scenarios: {shown(scenarios)} is not allowed; must be a list of Scenario.load(...)")
    if not scenarios:
        raise InputError("scenarios: none given; at least one is needed")


def _run(
    scenarios: Sequence[Scenario],
    runs: int,
    seed: int,
    weeks: int | None,
    first_run: int,
    kept: int,
    detailed: bool,
    threads: int | None,
    progress: Callable[[int, int], None] | None,
    cancel: threading.Event | None,
) -> Weekly:
    _check_scenarios(scenarios)
    check_whole("runs", runs, 1, 1 << 31)
    check_whole("seed", seed, 0, (1 << 63) - 1)
    check_whole("first_run", first_run, 0, (1 << 32) - 1 - runs)
    if weeks is not None:
        check_whole("weeks", weeks, 1, 1040)
    count = _threads(threads)
    horizons = [weeks if weeks is not None else scenario.weeks for scenario in scenarios]
    result = Weekly(
        np.zeros((len(scenarios), runs), OUTCOMES),
        np.zeros((len(scenarios), kept, horizons[0] if detailed else 0), WEEK),
        np.zeros((len(scenarios), horizons[0] if detailed else 0, N_MOMENTS)),
    )
    stop = np.zeros(1, np.int64)
    done = 0
    sums: list[_Task] = []

    def work(task: _Task) -> tuple[_Task, int, int, np.ndarray, np.ndarray]:
        return _simulate(task, horizons[task.point], seed, first_run, stop, result.outcomes)

    tasks = _tasks(scenarios, runs, first_run, kept, detailed, result, horizons)
    with ThreadPoolExecutor(count) as pool:
        pending: set[Future] = set()
        try:
            for task in tasks:
                if cancel is not None and cancel.is_set():
                    raise Cancelled
                pending.add(pool.submit(work, task))
                if detailed:
                    sums.append(task)
                while len(pending) >= 4 * count:
                    done, pending = _collect(pending, done, scenarios, first_run, cancel)
                    if progress is not None:
                        progress(done, runs * len(scenarios))
            while pending:
                done, pending = _collect(pending, done, scenarios, first_run, cancel)
                if progress is not None:
                    progress(done, runs * len(scenarios))
        except BaseException:
            stop[0] = 1
            raise
    for task in sums:
        result.moments[task.point] += task.moments
    return result


def _threads(threads: int | None) -> int:
    if threads is None:
        return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    check_whole("threads", threads, 1, 1024)
    return threads


def _tasks(scenarios, runs, first_run, kept, detailed, result, horizons):
    """Yield the blocks of every point in order, laying a scenario out once."""
    for point, scenario in enumerate(scenarios):
        parameters, first_row = rows([scenario])
        start = first_run
        end = first_run + runs
        while start < end:
            stop = min(end, (start // BLOCK + 1) * BLOCK)
            offset = start - first_run
            weekly = result.weeks[point, offset : max(offset, min(kept, stop - first_run))]
            moments = np.zeros((horizons[point] if detailed else 0, N_MOMENTS))
            yield _Task(point, parameters, int(first_row[0]), start, stop - start, weekly, moments)
            start = stop


def _simulate(task, horizon, seed, first_run, stop, outcomes):
    """Run one block; returns the task, the engine's status, the run it stopped at, and the work rows for messages."""
    X, S = np.zeros(1, STATE), np.zeros(1, SCRATCH)
    offset = task.first - first_run
    out = outcomes[task.point, offset : offset + task.count]
    games = blocks_of(int(task.parameters[task.row]["n_places"]))
    status, index = simulate_block(
        task.parameters, task.row, horizon, seed, task.first, task.count, out, task.weekly, len(task.weekly),
        task.moments, stop, X, np.zeros(1, WEEK), games, np.zeros(1, OUTCOMES), S, _BLANK,
    )  # fmt: skip
    return task, status, task.first + index, X, S


def _collect(pending, done, scenarios, first_run, cancel):
    """Wait for blocks; returns the runs done and the blocks still pending. Raises for a failed or cancelled block."""
    finished, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
    if cancel is not None and cancel.is_set():
        raise Cancelled
    for future in finished:
        task, status, run, X, S = future.result()
        if status == CANCELLED:
            raise Cancelled
        if status == FAILED:
            raise SolverError(failure(scenarios[task.point], task.point, run, X, S))
        done += task.count
    return done, pending


def failure(scenario: Scenario, point: int, run: int, X: np.ndarray, S: np.ndarray) -> str:
    """Return the line that says which game of which point, run, week and place could not be solved."""
    phase = int(S[0]["error_phase"])
    place = f" at {scenario.places[int(S[0]['error_place'])].name}" if phase == 2 else ""
    return (
        f"{PHASE_NAMES[phase]}{place} not solved to 1e-10: scenario {scenario.name} (point {point}), run {run}, "
        f"week {int(X[0]['week'])}"
    )
