"""How likely must it be, before another option is preferred? The best option for every chance of a true type.

Russia's and Washington's true types are drawn in each run. With L_ot the mean loss of option o in the runs of type t,
an adviser who gives type 1 the chance p expects

    L_o(p) = (1 - p) L_o0 + p L_o1

of it: straight lines, whose lowest one changes at a few *thresholds*. This moves what the adviser believes of the
truth; what the players of the model believe stays as the sweep has it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from fragile_peace_lab.deciding.problem import TYPES, Problem
from fragile_peace_lab.deciding.weights import WEIGHTS, Weights
from fragile_peace_lab.estimates.intervals import LEVEL

COLUMNS = (*WEIGHTS, "belief", "from", "to", "option", "from_low", "from_high", "played")


class Segment(NamedTuple):
    """From which chance to which an option is the best, and the Monte Carlo interval of the first (NaN at 0)."""

    start: float
    end: float
    option: int
    low: float
    high: float


def by_type(losses: np.ndarray, types: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean loss of each option by type, and the same without each draw in turn.

    Parameters
    ----------
    losses, types : shape (options, members, draws)

    Returns
    -------
    Shapes (options, 2) and (options, 2, draws); NaN where a type was not drawn.
    """
    own = np.stack([types == 0, types == 1], axis=1)
    n, d = (losses[:, None] * own).sum(-2), own.sum(-2).astype(float)
    total, count = n.sum(-1), d.sum(-1)

    def mean(above: np.ndarray, below: np.ndarray) -> np.ndarray:
        return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)

    return mean(total, count), mean(total[..., None] - n, count[..., None] - d)


def lowest(lines: np.ndarray) -> list[tuple[float, float, int]]:
    """Return from which chance to which each option is the lowest: start, end, option.

    Parameters
    ----------
    lines : shape (options, 2), the loss at chance 0 and at chance 1
    """
    crossings = {0.0, 1.0}
    for a in range(len(lines)):
        for b in range(a):
            at = _crossing(lines[a], lines[b])
            if 0 < at < 1:
                crossings.add(float(at))
    ends = sorted(crossings)
    found: list[tuple[float, float, int]] = []
    for start, end in pairwise(ends):
        middle = (start + end) / 2
        option = int(((1 - middle) * lines[:, 0] + middle * lines[:, 1]).argmin())
        if found and found[-1][2] == option:
            found[-1] = (found[-1][0], end, option)
        else:
            found.append((start, end, option))
    return found


def _crossing(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The chance at which two lines cross, along any further axes; NaN where they run side by side."""
    off = one - other
    turn = off[0] - off[1]
    return np.where(turn != 0, off[0] / np.where(turn != 0, turn, 1.0), np.nan)


def segments(losses: np.ndarray, types: np.ndarray) -> list[Segment]:
    """Return the best option for every chance of type 1; nothing where a type was not drawn."""
    lines, without = by_type(losses, types)
    if np.isnan(lines).any():
        return []
    found, before = [], -1
    for start, end, option in lowest(lines):
        low = high = np.nan
        if before >= 0:
            half = _half(_crossing(without[before], without[option]))
            low, high = max(start - half, 0.0), min(start + half, 1.0)
        found.append(Segment(start, end, option, low, high))
        before = option
    return found


def _half(left: np.ndarray) -> float:
    """The jackknife's half-width, from the estimate without each draw; NaN where one of them is not defined."""
    draws = len(left)
    if draws < 2:
        return float("nan")
    se = np.sqrt((draws - 1) / draws * ((left - left.mean()) ** 2).sum())
    return float(stats.t.ppf(0.5 + LEVEL / 2, draws - 1) * se)


def rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield for every world, pair of weights and type the segments: the table `thresholds`."""
    for pair in weights.pairs:
        losses = problem.losses(pair)
        for world, setting in enumerate(problem.worlds):
            for column, words in TYPES.items():
                types = problem.types[column][world]
                for segment in segments(losses[world], types):
                    yield {
                        **setting,
                        **pair.columns,
                        "belief": words,
                        "from": segment.start,
                        "to": segment.end,
                        "option": problem.names[segment.option],
                        "from_low": segment.low,
                        "from_high": segment.high,
                        "played": types.mean(),
                    }
