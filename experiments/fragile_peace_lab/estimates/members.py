"""Parameter uncertainty: how an estimate spreads over the sampled values of what nobody knows.

A *member* m is one sample of the uncertainties; v_m is the value it would show, estimated from its R runs. The plain
spread of these estimates is too wide: it contains the noise of the runs. Members share their draws (run r of one member
uses the random numbers of run r of every other), so that the layout is members x draws, crossed:

    z_mr = v_m + e_mr,   S² = sum_m (v_m - mean)²/(M - 1),   noise = sum_mr (e_mr - mean_m e_mr)²/((M-1)(R-1)) / R
    variance between members = S² - noise

e_mr is the run's deviation from its member's value (for a ratio its influence, n_mr - v_m d_mr over the mean d_mr).
The noise is the interaction mean square over R: what draws have in common moves all members alike and does not spread
them. Without common draws its expectation is the mean within-member variance over R, the usual nested estimator.
This band says what the unknowns do; Monte Carlo error is `estimates.intervals`. The two are never added.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from fragile_peace_lab.estimates.intervals import LEVEL, Interval

BAND = (0.05, 0.95)
FEWEST_ROBUST = 6


class Spread(NamedTuple):
    """The spread over members.

    Attributes
    ----------
    values : shape (..., M), member-level estimates
    variance : between members, corrected for run noise; below 0 where the noise exceeds the spread
    noise : variance of v_m that comes from having R runs
    df : degrees of freedom of the noise
    """

    values: np.ndarray
    variance: np.ndarray
    noise: np.ndarray
    df: int


def spread(n: np.ndarray, d: np.ndarray) -> Spread:
    """Return the spread over members of the ratio of totals sum_r n_mr / sum_r d_mr, corrected for run noise.

    Parameters
    ----------
    n, d : float64, shape (..., M, R), M >= 2, R >= 2; every member needs a positive total of d
    """
    n, d = np.asarray(n, float), np.asarray(d, float)
    members, draws = n.shape[-2:]
    total = d.sum(-1)
    values = n.sum(-1) / total
    off = (n - values[..., None] * d) / (total / draws)[..., None]
    off = off - off.mean(-2, keepdims=True)
    df = (members - 1) * (draws - 1)
    noise = (off**2).sum((-2, -1)) / df / draws
    return Spread(values, values.var(-1, ddof=1) - noise, noise, df)


def variance_interval(result: Spread, level: float = LEVEL) -> Interval:
    """Return the interval of the variance between members: MOVER on the two mean squares.

    L = S² - noise - sqrt((S² - l₁)² + (u₂ - noise)²), U with the other ends (Zou & Donner 2008), where [l₁, u₁] is the
    interval of S² and [l₂, u₂] of the noise (chi-square). For [l₁, u₁] the members need not be normal: Bonett's (2006)
    interval with the kurtosis estimated; chi-square below six members. The lower end is cut at 0.
    """
    values, noise, df = result.values, result.noise, result.df
    square = values.var(-1, ddof=1)
    members = values.shape[-1]
    one = _bonett(values, level) if members >= FEWEST_ROBUST else _chi_square(square, members - 1, level)
    two = _chi_square(noise, df, level)
    low = square - noise - np.hypot(square - one.low, two.high - noise)
    high = square - noise + np.hypot(one.high - square, noise - two.low)
    return Interval(np.maximum(low, 0.0), np.maximum(high, 0.0))


def _chi_square(square: np.ndarray, df: float, level: float) -> Interval:
    low, high = stats.chi2.ppf([0.5 - level / 2, 0.5 + level / 2], df)
    return Interval(square * df / high, square * df / low)


def _bonett(values: np.ndarray, level: float) -> Interval:
    """exp(log(c s²) ± z c sqrt((g - (M-3)/M)/(M-1))), c = M/(M - z); g the kurtosis about a trimmed mean."""
    members = values.shape[-1]
    z = stats.norm.ppf(0.5 + level / 2)
    c = members / (members - z)
    middle = stats.trim_mean(values, 1 / (2 * np.sqrt(members - 4)), axis=-1)[..., None]
    square = values.var(-1, ddof=1)
    flat = square <= 0
    fourth = members * ((values - middle) ** 4).sum(-1)
    kurtosis = np.where(flat, 3.0, fourth / np.where(flat, 1.0, square * (members - 1)) ** 2)
    se = c * np.sqrt(np.maximum(kurtosis - (members - 3) / members, 0.0) / (members - 1))
    return Interval(c * square * np.exp(-z * se), c * square * np.exp(z * se))


def shrunken(result: Spread) -> np.ndarray:
    """Return member values pulled towards their mean until their variance is the corrected one.

    v̄ + sqrt(max(0, variance)/S²)·(v_m - v̄): constrained empirical Bayes (Louis 1984; Ghosh 1992), whose histogram,
    unlike that of posterior means, has the spread that the members' true values have.
    """
    values = result.values
    mean = values.mean(-1, keepdims=True)
    square = values.var(-1, ddof=1)
    kept = np.sqrt(np.clip(result.variance / np.where(square > 0, square, 1.0), 0.0, 1.0))
    return mean + kept[..., None] * (values - mean)


def band(n: np.ndarray, d: np.ndarray, quantiles: tuple[float, float] = BAND) -> Interval:
    """Return the band of member values: the 5 % and 95 % quantiles of the shrunken ones (linear interpolation)."""
    low, high = np.quantile(shrunken(spread(n, d)), quantiles, axis=-1)
    return Interval(low, high)
