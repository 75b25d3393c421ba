"""The most ordinary of the first runs of a seed: what somebody who names no run is shown.

The rule. Of the first `AMONG` runs, those that end as most of them do are kept; of two endings that are equally
common, the first of `codes.EndCause`. Of these, the run whose violations on the line of contact, recorded or missed,
are nearest to their median is taken; of two that are equally near, the first.

The runs are played a week at a time (`runs.single`), by the kernels that tell a run anyway: many runs at once would
link another entry point, which costs a first start some seconds and saves later ones less than a tenth of one.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from fragile_peace.codes import EndCause
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.single import SingleRun

AMONG = 8


@dataclass(frozen=True)
class Ordinary:
    """A run and why it is ordinary.

    Attributes
    ----------
    run : its index
    among : how many runs it was chosen from: 0 to `among` - 1
    end_cause : how it ends
    alike : how many of them end so
    violations : on the line, recorded or missed
    median : of the same over the runs that end so
    """

    run: int
    among: int
    end_cause: EndCause
    alike: int
    violations: int
    median: float


def ordinary_run(scenario: Scenario, seed: int = 0, weeks: int | None = None, among: int = AMONG) -> Ordinary:
    """Return the most ordinary of the first runs of a seed.

    Parameters
    ----------
    scenario, seed, weeks : what to run; `weeks` is the horizon, the scenario's own if omitted
    among : how many runs to choose from

    Raises
    ------
    InputError : seed or weeks out of range
    SolverError : a game could not be solved
    """
    return most_ordinary([_end(scenario, seed, run, weeks) for run in range(among)])


def most_ordinary(ends: list[tuple[EndCause, int]]) -> Ordinary:
    """Return the most ordinary run by the rule, given how each ends and its violations on the line."""
    counts = Counter(cause for cause, _ in ends)
    usual = min(counts, key=lambda cause: (-counts[cause], cause))
    alike = {run: violations for run, (cause, violations) in enumerate(ends) if cause == usual}
    middle = float(np.median(list(alike.values())))
    run = min(alike, key=lambda run: (abs(alike[run] - middle), run))
    return Ordinary(run, len(ends), usual, len(alike), alike[run], middle)


def _end(scenario: Scenario, seed: int, run: int, weeks: int | None) -> tuple[EndCause, int]:
    single = SingleRun(scenario, seed, run, weeks)
    while single.alive:
        single.advance()
    return EndCause(int(single.outcomes["end_cause"])), int(single.outcomes["line_true"])
