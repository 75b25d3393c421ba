"""Whether restraint is expected to rise or to erode: which basin of the truce a place is in.

A quiet week adds to restraint r what `dynamics.reciprocity` says, any other takes off what `dynamics.erosion` says
(docs/model.md, section 7). What is expected of the week is

    P reciprocity(r) - (1 - P) erosion(r),

where P is the chance that the week is quiet, as the equilibrium gives it to whoever knows no more than the public
belief mu: P = mu P(quiet | committed) + (1 - mu) P(quiet | bluffing). Its sign says which way restraint goes, and since
a breach pays less where restraint is high, P rises with r: above some r it rises, below it erodes. The ceiling that
quiet weeks cannot lift r above is left out, so that a truce at the ceiling counts as rising as long as it would; weeks
of a strike alone, which move nothing, count as not quiet, so that the loss is too large by less than P(strike).

A line is in the *calm* basin if restraint is expected to rise, from above one half, in most of its places; in the
*eroding* basin if it is expected to erode in most; else in neither, as where no truce was made or little is left of it.
"""

import math
from enum import IntEnum

import numpy as np

from fragile_peace.codes import PlaceKind, RussianType, Signal
from fragile_peace.kernels import dynamics
from fragile_peace.runs.single import SingleRun

QUIET = 2 * Signal.QUIET  # the observable: this signal, and no European killed
ENOUGH = 0.5
"""Restraint above which a rise counts as calm: below the basin's edge it may rise too, towards what erosion leaves."""


class Basin(IntEnum):
    """Where the truce on the line is heading."""

    NEITHER = 0
    CALM = 1
    ERODING = 2


def expected_change(single: SingleRun) -> np.ndarray:
    """Return what the last week played was expected to add to restraint when it began, shape (places,); hubs: 0."""
    p = single.parameters[int(single.state["row"])]
    like, mu = single.of_games("like")[:, :, QUIET], float(single.week["mu_start"])
    quiet = mu * like[:, RussianType.COMMITTED] + (1.0 - mu) * like[:, RussianType.BLUFFING]
    r, left = single.of_games("restraint"), math.exp(-float(p["reciprocity"]))
    # In plain Python: linking compiled kernels for these few numbers would cost each start more.
    gain = np.array([dynamics.reciprocity.py_func(each, left) for each in r])
    loss = np.array([dynamics.erosion.py_func(each, p["beta"], p["r_floor"]) for each in r])
    hub = np.array([place.kind == PlaceKind.HUB for place in single.scenario.places])
    return np.where(hub, 0.0, quiet * gain - (1.0 - quiet) * loss)


def basin(change: np.ndarray, restraint: np.ndarray) -> Basin:
    """Return the basin of a line, given the expected change of restraint in its places, and restraint before it."""
    if 2 * int(((change > 0.0) & (restraint > ENOUGH)).sum()) > len(change):
        return Basin.CALM
    return Basin.ERODING if 2 * int((change < 0.0).sum()) > len(change) else Basin.NEITHER
