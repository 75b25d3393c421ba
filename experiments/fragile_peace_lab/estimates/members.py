"""Parameter uncertainty: how an estimate spreads over the sampled values of what nobody knows.

A *member* m is one sample of the uncertainties; v_m is the value it would show, estimated from its R runs. The plain
spread of these estimates is too wide: it contains the noise of the runs.

    z_mr = v_m + e_mr,   S² = sum_m (v_m - mean)²/(M - 1),   variance between members = S² - noise
    own draws       noise = mean_m of the variance of e_mr over r, over R                            (M (R-1) df)
    shared draws    noise = sum_mr (e_mr - mean_m e_mr)²/((M-1)(R-1)) / R

e_mr is the run's deviation from its member's value (for a ratio its influence, n_mr - v_m d_mr over the mean d_mr).
Where run r of every member uses the same random numbers the layout is members x draws, crossed, and the noise is the
interaction mean square over R: what a draw does to all members alike does not spread them. But it may do more to some
members than to others, as where a low draw lets happen whatever is likely enough: then it stretches or shrinks all the
differences at once, and S² is as uncertain as so few draws make it, however many members there are
(`variance_interval`). With draws of their own, members do not share any of that.
This band says what the unknowns do; Monte Carlo error is `estimates.intervals`. The two are never added.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from fragile_peace_lab.estimates import passes
from fragile_peace_lab.estimates.compensators import effective
from fragile_peace_lab.estimates.intervals import LEVEL, Interval

BAND = (0.05, 0.95)
FEWEST_ROBUST = 6
FEWEST_APART = 4


class Spread(NamedTuple):
    """The spread over members.

    Attributes
    ----------
    values : shape (..., M), member-level estimates
    variance : between members, corrected for run noise; below 0 where the noise exceeds the spread
    noise : variance of v_m that comes from having R runs
    off : shape (..., M, R), the runs' deviations that the noise is made of
    own : whether each member has draws of its own
    """

    values: np.ndarray
    variance: np.ndarray
    noise: np.ndarray
    off: np.ndarray
    own: bool


def spread(n: np.ndarray, d: np.ndarray, own: bool = False) -> Spread:
    """Return the spread over members of the ratio of totals sum_r n_mr / sum_r d_mr, corrected for run noise.

    Parameters
    ----------
    n, d : float64, shape (..., M, R), M >= 2, R >= 2; every member needs a positive total of d
    own : each member has draws of its own
    """
    n, d = np.asarray(n, float), np.asarray(d, float)
    members, draws = n.shape[-2:]
    total = d.sum(-1)
    values = n.sum(-1) / total
    off = (n - values[..., None] * d) / (total / draws)[..., None]
    off = off if own else off - off.mean(-2, keepdims=True)
    df = (members if own else members - 1) * (draws - 1)
    noise = (off**2).sum((-2, -1)) / df / draws
    return Spread(values, values.var(-1, ddof=1) - noise, noise, off, own)


def variance_interval(result: Spread, level: float = LEVEL) -> Interval:
    """Return the interval of the variance between members: MOVER on S² and the noise (Zou & Donner 2008).

    L = S² - noise - sqrt((S² - l₁)² + (u₂ - noise)²), U with the other ends. The members need not be normal: log S² has
    the standard error of Bonett (2006) from the kurtosis of the values, with t at half the degrees of freedom that a
    variance of that kurtosis has, since the kurtosis is estimated too; chi-square below six members. The noise has
    chi-square limits where members have draws of their own. Where they share them, draws move S² and the noise beyond
    that (`_common`); where too few draws set members apart to tell (fewer than `FEWEST_APART` in effective terms), NaN.
    The lower end is cut at 0.
    """
    values, noise = result.values, result.noise
    square = values.var(-1, ddof=1)
    members, draws = result.off.shape[-2:]
    shaky, two = np.zeros(square.shape), _chi_square(noise, members * (draws - 1), level)
    if not result.own:
        shaky, two = _common(result, square, level)
    one = _bonett(values, shaky, level) if members >= FEWEST_ROBUST else _chi_square(square, members - 1, level)
    low = square - noise - np.hypot(square - one.low, two.high - noise)
    high = square - noise + np.hypot(one.high - square, noise - two.low)
    return Interval(np.maximum(low, 0.0), np.maximum(high, 0.0))


def _common(result: Spread, square: np.ndarray, level: float) -> tuple[np.ndarray, Interval]:
    """Return what shared draws add to the half-width of log S², and the interval of the noise; NaN with too few draws.

    Both from leaving a draw out. Of the jackknife variance of S² goes what independent noise would show as well, which
    the values' own spread contains: (4 S² noise - 2 noise²)/(M - 1).
    """
    off, noise = result.off, result.noise
    members, draws = off.shape[-2:]
    apart = result.values - result.values.mean(-1, keepdims=True)
    each = (off**2).sum(-2)
    moved = (each / (draws - 1) - 2.0 * (apart[..., None] * off).sum(-2)) / (draws - 1) / (members - 1)
    left = (each.sum(-1, keepdims=True) - draws / (draws - 1) * each) / (
        (members - 1) * max(draws - 2, 1) * (draws - 1)
    )
    t = stats.t.ppf(0.5 + level / 2, draws - 1)
    told = effective(np.sqrt(each)) >= FEWEST_APART
    both = _left_out(moved) - np.maximum(4.0 * square * noise - 2.0 * noise**2, 0.0) / (members - 1)
    shaky = t * np.sqrt(np.maximum(both, 0.0)) / np.where(square > 0, square, 1.0)
    half = t * np.sqrt(_left_out(left))
    half = np.where(told, half, np.nan)
    return np.where(told, shaky, np.nan), Interval(noise - half, noise + half)


def _left_out(values: np.ndarray) -> np.ndarray:
    """The jackknife variance of a statistic from its values without each draw, along the last axis."""
    draws = values.shape[-1]
    return np.asarray((draws - 1) / draws * ((values - values.mean(-1, keepdims=True)) ** 2).sum(-1))


def _chi_square(square: np.ndarray, df: float, level: float) -> Interval:
    low, high = stats.chi2.ppf([0.5 - level / 2, 0.5 + level / 2], df)
    return Interval(square * df / high, square * df / low)


def _bonett(values: np.ndarray, shaky: np.ndarray, level: float) -> Interval:
    """exp(log(c s²) ± sqrt((t c e)² + shaky²)), e² = (g - (M-3)/M)/(M-1), c = M/(M - z), t with 1/e² df.

    g is the kurtosis about a trimmed mean; a variance has 2/e² degrees of freedom.
    """
    members = values.shape[-1]
    z = stats.norm.ppf(0.5 + level / 2)
    c = members / (members - z)
    middle = stats.trim_mean(values, 1 / (2 * np.sqrt(members - 4)), axis=-1)[..., None]
    square = values.var(-1, ddof=1)
    flat = square <= 0
    fourth = members * ((values - middle) ** 4).sum(-1)
    kurtosis = np.where(flat, 3.0, fourth / np.where(flat, 1.0, square * (members - 1)) ** 2)
    e = np.sqrt(np.maximum(kurtosis - (members - 3) / members, 1e-12) / (members - 1))
    t = stats.t.ppf(0.5 + level / 2, np.maximum(1 / e**2, 1.0))
    half = np.hypot(t * c * e, shaky)
    return Interval(c * square * np.exp(-half), c * square * np.exp(half))


def shrunken(values: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return member values pulled towards their mean until their variance is the corrected one.

    v̄ + sqrt(max(0, variance)/S²)·(v_m - v̄): constrained empirical Bayes (Louis 1984; Ghosh 1992), whose histogram,
    unlike that of posterior means, has the spread that the members' true values have.
    """
    mean = values.mean(-1, keepdims=True)
    square = values.var(-1, ddof=1)
    kept = np.sqrt(np.clip(variance / np.where(square > 0, square, 1.0), 0.0, 1.0))
    shrunk: np.ndarray = mean + kept[..., None] * (values - mean)
    return shrunk


def band(values: np.ndarray, variance: np.ndarray) -> Interval:
    """Return the band of member values: the 5 % and 95 % quantiles of the shrunken ones (linear interpolation)."""
    ordered = np.sort(shrunken(values, variance), axis=-1)
    last = ordered.shape[-1] - 1
    ends = []
    for quantile in BAND:  # np.quantile takes twenty times as long for so few values
        below = min(int(quantile * last), last - 1)
        part = quantile * last - below
        ends.append((1 - part) * ordered[..., below] + part * ordered[..., below + 1])
    return Interval(*ends)


class Weighted(NamedTuple):
    """Member values of a ratio whose denominators differ, each with its weight.

    Attributes
    ----------
    values : shape (M,), shrunken
    weight : shape (M,), summing to 1
    variance : between members, corrected for run noise
    in_noise : whether they differ, and no more than the runs would make them
    """

    values: np.ndarray
    weight: np.ndarray
    variance: float
    in_noise: bool

    @property
    def band(self) -> Interval:
        """The weighted 5 % and 95 % quantiles of the values (linear interpolation)."""
        order = np.argsort(self.values, kind="stable")
        weight = self.weight[order]
        steps = (weight[1:] + weight[:-1]) / 2
        places = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        return Interval(*np.interp(BAND, places, self.values[order]))


def weighted(n: np.ndarray, d: np.ndarray, own: bool) -> Weighted:
    """Return the shrunken member values of a ratio, each with its share of all denominators.

    So that a member with next to no troop-years, whose own rate says next to nothing, neither widens the band nor moves
    it off the pooled ratio theta = sum n / sum d, nor counts as one that agrees:

        s_m² = c/d_m, the noise of v_m, c = sum d_m² s²_m / sum d_m of the members' own s²_m (`spread`)
        variance = (sum w_m (v_m - theta)² - sum w_m (1 - w_m) s_m²) / (1 - sum w_m²)
        theta + sqrt(variance/(variance + s_m²))·(v_m - theta)

    (the moment estimator of random-effects meta-analysis with fixed weights: DerSimonian & Kacker 2007; shrunken as in
    `shrunken`). With equal denominators it is `shrunken` of `spread`.

    Parameters
    ----------
    n, d : float64, shape (M, R), M >= 2, R >= 2; every member needs a positive total of d
    own : each member has draws of its own
    """
    members, draws = n.shape
    values, total, squares = _by_member(n, d, own)
    weight = total / total.sum()
    theta = n.sum() / total.sum()
    noise = squares / (draws - 1) / draws * (1.0 if own else members / (members - 1))
    noise = (total**2 * noise).sum() / total.sum() / total
    apart = values - theta
    variance = float(((weight * apart**2).sum() - (weight * (1 - weight) * noise).sum()) / (1 - (weight**2).sum()))
    whole = max(variance, 0.0)
    kept = np.sqrt(np.divide(whole, whole + noise, out=np.zeros(members), where=whole + noise > 0))
    in_noise = variance <= 0 and bool(np.ptp(values) > 0)
    return Weighted(theta + kept * apart, weight, variance, in_noise)


def _by_member(n: np.ndarray, d: np.ndarray, own: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every member's value, its sum of d, and the sum of squares that its noise is made of; shape (M,) each."""
    if not own:
        result = spread(n, d, own)
        return result.values, d.sum(-1), (result.off**2).sum(-1)
    top, total, squares = passes.by_member(np.ascontiguousarray(n, float), np.ascontiguousarray(d, float))
    return top / total, total, squares


def share_band(events: np.ndarray, number: np.ndarray, runs: int) -> Interval:
    """Return the band of shares e_m/k_m of members with draws of their own: `band` of their `spread`, quicker.

    Parameters
    ----------
    events : shape (..., M), of each member's runs that count
    number : shape (M,), k_m, above 0
    runs : R, at least 2
    """
    values = events / number
    noise = (runs * values * (1 - values) / number).mean(-1) / (runs - 1)
    return band(values, values.var(-1, ddof=1) - noise)
