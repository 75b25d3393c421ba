"""When things happen: survival and cumulative incidence with competing risks.

Run i leaves (T_i, C_i): the time of its first event and what it was, 1..K, or C_i = 0 where the horizon came first
(right-censored). With the distinct times t_j, n_j runs at risk just before t_j (events come before censoring at a tie),
d_kj events of cause k and d_j of any:

    S(t) = prod_{t_j <= t} (1 - d_j/n_j)                    Kaplan & Meier 1958
    F_k(t) = sum_{t_j <= t} S(t_{j-1}) d_kj/n_j             Aalen & Johansen 1978;  sum_k F_k = 1 - S

1 - S for one cause alone, as if the others could not happen, would overstate it: a war ends the run. Standard errors
are the delta method's (Marubini & Valsecchi 1995) for independent runs, and a jackknife over draws where members of a
sweep share their random numbers. Where each member has draws of its own, only what differs between the runs of one
member is error: with nothing censored before the end, F is a plain share, and its error that of a stratified one
(`within`). Pointwise intervals are Wilson's at the effective number of runs F(1-F)/se²
(`intervals.effective_proportion`): while nothing is censored that is the interval of a plain probability, so a curve
ends at what the tables say, and it holds 95 % from two expected events on, where log(-log F) intervals hold 98-99 %.
Survival alone has the usual log(-log S) interval of `scipy.stats.ecdf` (exponential Greenwood).
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from fragile_peace.errors import InputError
from fragile_peace_lab.estimates.intervals import LEVEL, exact

BLOCK = 2_000_000  # numbers of a jackknife held at once


class Incidence(NamedTuple):
    """Aalen-Johansen estimates at the distinct times.

    Attributes
    ----------
    times : shape (J,)
    at_risk, censored : shape (J,)
    events, incidence, se : shape (J, K)
    survival : shape (J,)
    draws : independent units behind se: runs, or draws
    """

    times: np.ndarray
    at_risk: np.ndarray
    censored: np.ndarray
    events: np.ndarray
    incidence: np.ndarray
    se: np.ndarray
    survival: np.ndarray
    draws: int


class Survival(NamedTuple):
    """Kaplan-Meier estimates at the distinct times, shape (J,)."""

    times: np.ndarray
    at_risk: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray


def aalen_johansen(time: np.ndarray, cause: np.ndarray, causes: int, draw: np.ndarray | None = None) -> Incidence:
    """Return the cumulative incidence of each cause.

    Parameters
    ----------
    time : shape (n,), above 0
    cause : shape (n,), 0 where censored, else 1..causes
    causes : K
    draw : shape (n,); runs with the same draw are not independent. The delta method if omitted.

    Raises
    ------
    InputError : no runs, a time that is not a number, a cause out of range
    """
    time, cause = _checked(time, cause, causes)
    times, place = np.unique(time, return_inverse=True)
    units = np.zeros(len(time), np.int64) if draw is None else np.unique(draw, return_inverse=True)[1]
    count = int(units.max()) + 1
    shape = (count, len(times), causes + 1)
    cells = np.ravel_multi_index((units, place, cause), shape)
    left = np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape).astype(float)
    total = left.sum(0)
    at_risk, events = _at_risk(total), total[:, 1:]
    survival, incidence = _incidence(at_risk, events)
    if draw is None:
        se, count = _delta(at_risk, events, survival, incidence), len(time)
    else:
        se = _jackknife(left, total)
    return Incidence(times, at_risk, total[:, 0], events, incidence, se, survival, count)


def _checked(time: ArrayLike, cause: ArrayLike, causes: int) -> tuple[np.ndarray, np.ndarray]:
    time, cause = np.asarray(time, float), np.asarray(cause)
    if time.size == 0:
        raise InputError("incidence: no runs")
    if not np.all(np.isfinite(time)) or time.min() <= 0:
        raise InputError("incidence: every time must be a number above 0")
    whole = cause.astype(np.int64)
    if not np.array_equal(whole, cause) or whole.min() < 0 or whole.max() > causes:
        raise InputError(f"incidence: every cause must be a whole number from 0 to {causes}")
    return time, whole


def _at_risk(total: np.ndarray) -> np.ndarray:
    """Runs at risk just before each time; total has shape (..., J, 1 + K)."""
    gone = total.sum(-1)
    left: np.ndarray = gone[..., ::-1].cumsum(-1)[..., ::-1]
    return left


def _incidence(at_risk: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """S and F; shapes (..., J) and (..., J, K) in and out. Where nobody is left, S and F stay what they are."""
    risk = np.where(at_risk > 0, at_risk, 1.0)
    survival = np.cumprod(1.0 - events.sum(-1) / risk, axis=-1)
    before = np.concatenate([np.ones_like(survival[..., :1]), survival[..., :-1]], axis=-1)
    return survival, np.cumsum((before / risk)[..., None] * events, axis=-2)


def _delta(at_risk: np.ndarray, events: np.ndarray, survival: np.ndarray, incidence: np.ndarray) -> np.ndarray:
    """Var F(t) = sum_{t_j <= t} (F(t)-F_j)² d_j/(n_j(n_j-d_j)) + S² d_kj(n_j-d_kj)/n_j³ - 2(F(t)-F_j) S d_kj/n_j².

    S is S(t_{j-1}). The first term is 0 where everybody goes at once (F(t) = F_j from then on).
    """
    n, d = at_risk[:, None], events.sum(1)[:, None]
    before = np.concatenate([[1.0], survival[:-1]])[:, None]
    open_ = n > d
    a = np.where(open_, d / np.where(open_, n * (n - d), 1.0), 0.0)
    b = before * events / n**2
    variance = (
        incidence**2 * np.cumsum(a, 0) - 2 * incidence * np.cumsum(incidence * a, 0) + np.cumsum(incidence**2 * a, 0)
        + np.cumsum(before**2 * events * (n - events) / n**3, 0)
        - 2 * incidence * np.cumsum(b, 0) + 2 * np.cumsum(incidence * b, 0)
    )  # fmt: skip
    errors: np.ndarray = np.sqrt(np.maximum(variance, 0.0))
    return errors


def _jackknife(left: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Delete-one-draw standard errors; NaN with one draw. left: shape (draws, J, 1 + K)."""
    count = len(left)
    if count < 2:
        return np.full(total[:, 1:].shape, np.nan)
    step = max(1, BLOCK // total.size)
    first = second = np.zeros(total[:, 1:].shape)
    centre = _incidence(_at_risk(total), total[:, 1:])[1]
    for start in range(0, count, step):
        rest = total - left[start : start + step]
        off = _incidence(_at_risk(rest), rest[..., 1:])[1] - centre
        first, second = first + off.sum(0), second + (off**2).sum(0)
    variance = (count - 1) / count * (second - first**2 / count)
    return np.sqrt(np.where(variance > 1e-28, variance, 0.0))


def within(time: np.ndarray, cause: np.ndarray, counts: np.ndarray, result: Incidence) -> np.ndarray:
    """Return the standard errors of F given the members, shape (J, K), where nothing is censored before the end.

    With u_mr = 1(T <= t, C = k) - F_k(t) in runs that count and 0 in others: se² = R/(R-1) sum_mr (u_mr - mean_r u_m)²
    over N², N the runs that count.

    Parameters
    ----------
    time, cause : shape (M, R), R >= 2, as for `aalen_johansen`
    counts : shape (M, R), which runs count
    result : of the runs that count
    """
    members, runs = time.shape
    causes, times = result.events.shape[1], len(result.times)
    member = np.broadcast_to(np.arange(members)[:, None], time.shape)[counts]
    place = np.searchsorted(result.times, time[counts])
    shape = (members, times, causes + 1)
    cells = np.ravel_multi_index((member, place, cause[counts].astype(np.int64)), shape)
    events = np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape)[:, :, 1:].cumsum(1)
    number = counts.sum(1)[:, None, None]
    share = result.incidence
    squares = events * (1 - share) ** 2 + (number - events) * share**2
    variance = (squares - (events - share * number) ** 2 / runs).sum(0) * runs / (runs - 1)
    return np.asarray(np.sqrt(np.where(variance > 1e-12, variance, 0.0)) / number.sum())


def kaplan_meier(time: np.ndarray, event: np.ndarray, level: float = LEVEL) -> Survival:
    """Return survival with `scipy.stats.ecdf` on CensoredData: exponential Greenwood intervals, exact at 0 and 1.

    Parameters
    ----------
    time : shape (n,), above 0
    event : shape (n,), whether it happened then (else right-censored)
    """
    time, event = _checked(time, event, 1)
    happened = event.astype(bool)
    function = stats.ecdf(stats.CensoredData.right_censored(time, ~happened)).sf
    with warnings.catch_warnings():  # scipy warns of the ends, which are replaced below
        warnings.simplefilter("ignore", RuntimeWarning)
        ends = function.confidence_interval(level, method="log-log")
    times, survival = function.quantiles, function.probabilities
    at_risk = len(time) - np.searchsorted(np.sort(time), times, side="left")
    edge = exact(np.where(survival > 0, len(time), 0), len(time), level)
    inside = (survival > 0) & (survival < 1)
    low = np.where(inside, ends.low.probabilities, edge.low)
    high = np.where(inside, ends.high.probabilities, edge.high)
    return Survival(times, at_risk.astype(float), survival, low, high)


def at(result_times: np.ndarray, values: np.ndarray, grid: np.ndarray, before: float) -> np.ndarray:
    """Return a step function at the times of a grid; `before` is its value before the first time."""
    index = np.searchsorted(result_times, grid, side="right")
    head = np.full((1, *values.shape[1:]), before)
    return np.concatenate([head, values])[index]


def at_risk_at(time: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return how many runs are still at risk at each time of a grid: those with T_i >= t."""
    ordered = np.sort(np.asarray(time, float))
    return len(ordered) - np.searchsorted(ordered, grid, side="left")
