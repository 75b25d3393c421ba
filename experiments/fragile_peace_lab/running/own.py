"""Runs whose weeks own outcomes are asked about (`design.own`): some at a time, so that memory stays small."""

import threading
from collections.abc import Sequence

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate_weekly
from fragile_peace.state import WEEK
from fragile_peace_lab.design.own import Own

AT_ONCE = 1 << 26
"""Bytes of WEEK rows that one thread holds: a week takes 15 kB."""
Row = list[int | float | None]


def asked(
    own: Sequence[Own],
    scenario: Scenario,
    point: int,
    numbers: range,
    seed: int,
    weeks: int | None,
    first_run: int,
    cancel: threading.Event | None = None,
) -> tuple[np.ndarray, list[Row]]:
    """Return the outcomes of some runs of a point, shape (runs,), and a row of own outcomes of each.

    Parameters
    ----------
    own : what is asked
    scenario, point : of the runs
    numbers : of the runs in their point
    seed, weeks : of the sweep
    first_run : the engine's run that is the point's run 0
    cancel : set it to stop

    Raises
    ------
    InputError : an own outcome fails, or returns what it does not declare
    SolverError : a game could not be solved
    """
    horizon = scenario.weeks if weeks is None else weeks
    step = max(1, AT_ONCE // (horizon * WEEK.itemsize))
    outcomes, rows = [], []
    for start in range(0, len(numbers), step):
        some = numbers[start : start + step]
        played = simulate_weekly(
            [scenario], len(some), seed, horizon, kept=len(some), first_run=first_run + some[0], threads=1,
            cancel=cancel,
        )  # fmt: skip
        outcomes.append(played.outcomes[0])
        played.weeks.flags.writeable = False
        for run, kept, number in zip(played.weeks[0], played.outcomes[0]["weeks"].tolist(), some, strict=True):
            lived, place = run[:kept], f"point {point}, run {number}"
            rows.append([value for one in own for value in one.of(lived, scenario, place)])
    return np.concatenate(outcomes), rows
