"""Humps: an outcome that is highest, or lowest, inside the range of an ordered lever and not at one of its ends.

The extreme setting is compared with each end, run against run (`comparisons.difference`). It counts where both
differences leave zero out on the same side. Since the extreme was picked among k inner settings, the 95 % t intervals
are widened to 1 - 0.05/k (Bonferroni): with no hump at all, one is announced with a chance of 5 % at most.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scipy import stats

from fragile_peace_lab.estimates.comparisons import difference
from fragile_peace_lab.estimates.intervals import LEVEL
from fragile_peace_lab.estimates.measure import Measured
from fragile_peace_lab.estimates.outcomes import Outcome


class Hump(NamedTuple):
    """An extreme between the ends.

    Attributes
    ----------
    way : 1 where the outcome is highest there, -1 where it is lowest
    place : which setting, in the order of the lever
    from_first, from_last : how far the outcome is there from what it is at the ends, signed
    """

    way: int
    place: int
    from_first: float
    from_last: float


def humps(outcome: Outcome, measured: Sequence[Measured]) -> list[Hump]:
    """Return the humps of an outcome over the settings of an ordered lever, in its order; none under three settings."""
    inner = len(measured) - 2
    if inner < 1 or not all(cell.d.sum() > 0 for cell in measured):
        return []
    values = [float(cell.n.sum() / cell.d.sum()) for cell in measured]
    found = []
    for way in (1, -1):
        place = max(range(len(values)), key=lambda each: way * values[each])
        if 0 < place <= inner:
            ends = [difference(outcome, measured[end], measured[place]) for end in (0, -1)]
            if all(_beyond(row, way, inner) for row in ends):
                found.append(Hump(way, place, *(float(row["estimate"]) for row in ends)))
    return found


def _beyond(row: Mapping[str, Any], way: int, inner: int) -> bool:
    """Whether a difference leaves zero out on one side, its interval widened for the choice among inner settings."""
    df, tail = max(1, row["n_draws"] - 1), (1 - LEVEL) / 2
    wider = float(stats.t.isf(tail / inner, df) / stats.t.isf(tail, df))
    end = row["mc_low"] if way > 0 else row["mc_high"]
    return bool(way * (row["estimate"] + wider * (end - row["estimate"])) > 0)
