"""Monte Carlo error: how far an estimate may be off because only so many runs were made.

An interval counts independent units, the *draws*, not rows. Where the members of a cell (one setting of the levers)
share their draws, the layout is crossed: run r of every member uses the same random numbers, and the totals of a draw
over members are added up first (`jackknife_ratio`, along the last axis). Where each member has draws of its own, the
layout is nested: every run is a draw, and given the members only what differs between the runs of one member is error
(`nested_ratio`, along the last two axes). Leading axes are kept.

Definitions, for a statistic with R draws: N = sum n_r, D = sum d_r, theta = N/D; a probability has d_r = rows of the
draw; a mean of one member d_r = 1. Level 1 - alpha = 0.95 unless said otherwise; z and t are its two-sided quantiles.
Never Wald for a probability. NaN means "not defined" here; `estimates.all_tables` makes it an empty cell and a note.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from fragile_peace_lab.estimates import passes

LEVEL = 0.95


class Interval(NamedTuple):
    """Lower and upper end."""

    low: np.ndarray
    high: np.ndarray


class Ratio(NamedTuple):
    """A ratio of totals, its standard error and its degrees of freedom; NaN and 0 where not defined."""

    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray


def wilson(p: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """Return Wilson's score interval of a probability; n need not be whole.

    (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) (Wilson 1927; Brown, Cai & DasGupta 2001). For whole n it is
    `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`, which takes neither arrays nor an effective n.
    """
    p, n = np.asarray(p, float), np.asarray(n, float)
    z = special.ndtri(0.5 + level / 2)
    a = z * z / n
    middle, half = (p + a / 2) / (1 + a), np.sqrt(a * p * (1 - p) + a * a / 4) / (1 + a)
    low, high = np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
    return Interval(np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high))


def exact(k: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """Return the exact interval of k out of n: beta quantiles (Clopper & Pearson 1934).

    0 of n gives [0, 1 - (alpha/2)^(1/n)]. Equal to `binomtest(k, n).proportion_ci(method="exact")`, for arrays.
    """
    k, n = np.asarray(k, float), np.asarray(n, float)
    tail = (1 - level) / 2
    inner_low = special.betaincinv(np.maximum(k, 1), n - k + 1, tail)
    inner_high = special.betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail)
    return Interval(np.where(k <= 0, 0.0, inner_low), np.where(k >= n, 1.0, inner_high))


def proportion(k: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """Return the interval of k out of n independent runs: exact where k is 0 or n, else Wilson's."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    ends = (k <= 0) | (k >= n)
    outer, inner = exact(k, n, level), wilson(k / n, n, level)
    return Interval(np.where(ends, outer.low, inner.low), np.where(ends, outer.high, inner.high))


def effective_proportion(
    p: ArrayLike, se: ArrayLike, df: ArrayLike, draws: ArrayLike, level: float = LEVEL
) -> Interval:
    """Return the interval of a share whose standard error is known: Wilson's at the effective number of runs.

    n* = p(1-p)/se² · (z/t)², t with `df` degrees of freedom (Korn & Graubard 1998, with Wilson's interval in place of
    the exact one). Where p is 0 or 1 without a standard error: exact, of 0 or all of `draws`, which holds however
    strongly runs of the same draw go together, and however members with draws of their own differ: nothing in M R runs
    of chances p_m has chance prod (1 - p_m)^R <= (1 - mean p)^(M R). se = 0 inside (0, 1), a constant: [p, p].

    Parameters
    ----------
    p, se : estimate, in [0, 1], and standard error
    df : degrees of freedom of se; at least 1
    draws : number of independent draws
    """
    p, se, df, draws = (np.asarray(x, float) for x in (p, se, df, draws))
    p, se, df, draws = np.broadcast_arrays(p, se, df, draws)
    z, t = special.ndtri(0.5 + level / 2), special.stdtrit(np.maximum(df, 1), 0.5 + level / 2)
    inside = (p > 0) & (p < 1)
    spread = se > 0
    n = np.where(inside & spread, p * (1 - p), 1.0) / np.where(spread, se, 1.0) ** 2 * (z / t) ** 2
    score = wilson(p, n, level)
    low, high = np.where(spread, score.low, p), np.where(spread, score.high, p)
    if not inside.all():
        end = exact(np.where(p >= 1, draws, 0.0), draws, level)
        low, high = np.where(inside, low, end.low), np.where(inside, high, end.high)
    defined = np.isfinite(p) & (~inside | (np.isfinite(se) & (df >= 1)))
    return Interval(np.where(defined, low, np.nan), np.where(defined, high, np.nan))


def jackknife_ratio(n: np.ndarray, d: np.ndarray, weight: np.ndarray | None = None) -> Ratio:
    """Return a ratio of totals N/D with its delete-one-draw jackknife standard error.

    se² = (R-1)/R sum_r (delta_r - mean delta)², delta_r = theta_(r) - theta = -(n_r - theta d_r)/(D - d_r), theta_(r)
    the ratio without draw r (Tukey 1958; Efron & Stein 1981); for d_r = 1 it is exactly s/sqrt(R). R counts draws with
    d_r > 0; df = R - 1.

    Parameters
    ----------
    n, d : float64, shape (..., R): numerators and denominators (>= 0) of each draw
    weight : shape (..., R), multiplies delta_r: what leaving draw r out moves beyond it (`compensators.controlled`)
    """
    n, d = np.asarray(n, float), np.asarray(d, float)
    total = d.sum(-1)
    count = (d > 0).sum(-1)
    theta = np.where(total > 0, n.sum(-1) / np.where(total > 0, total, 1.0), np.nan)
    expected = np.where(total > 0, theta, 0.0)[..., None] * d
    off, rest = expected - n, total[..., None] - d
    off = np.where(np.abs(off) <= 1e-14 * np.maximum(np.abs(n), np.abs(expected)), 0.0, off)  # a constant has se 0
    fine = (d > 0) & (rest > 0)
    delta = np.where(fine, off / np.where(fine, rest, 1.0), 0.0) * (1.0 if weight is None else weight)
    several = np.maximum(count, 1)
    squares = np.where(fine, (delta - (delta.sum(-1) / several)[..., None]) ** 2, 0.0).sum(-1)
    se = np.sqrt(np.where(count > 1, (count - 1) / several * squares, np.nan))
    return Ratio(theta, se, np.maximum(count - 1, 0))


def nested_ratio(n: np.ndarray, d: np.ndarray, weight: np.ndarray | None = None) -> Ratio:
    """Return a ratio of totals N/D with its standard error given the members, each of which has draws of its own.

    The jackknife that leaves out one run within its member, the others of that member counting for it (Jones 1974):
    with u_mr = n_mr - theta d_mr and c = R/(R-1),

        delta_mr = c (u_mr - mean_r u_m) / (D - c (d_mr - mean_r d_m)),    se² = (R-1)/R sum_mr delta_mr²

    For one member it is `jackknife_ratio`. df = the number of runs with d > 0, less one in R.

    Parameters
    ----------
    n, d, weight : as in `jackknife_ratio`, shape (..., M, R)
    """
    n, d = np.asarray(n, float), np.asarray(d, float)
    lead, stack = n.shape[:-2], (-1, *n.shape[-2:])
    given = np.zeros((0, 0, 0))
    if weight is not None:
        given = np.array(np.broadcast_to(weight, n.shape), float, order="C").reshape(stack)
    found = passes.nested(*(np.ascontiguousarray(x).reshape(stack) for x in (n, d)), given)
    theta, se, df = (row.reshape(lead) for row in found)
    return Ratio(theta, se, df.astype(np.int64))


def t_interval(estimate: ArrayLike, se: ArrayLike, df: ArrayLike, level: float = LEVEL) -> Interval:
    """Return estimate ± t se (Student 1908); NaN where df < 1."""
    free = np.asarray(df, float)
    half = np.where(free >= 1, special.stdtrit(np.maximum(free, 1), 0.5 + level / 2) * np.asarray(se, float), np.nan)
    return Interval(estimate - half, estimate + half)


def no_count(exposure: float, level: float = LEVEL) -> float:
    """Return the upper end for a rate of which nothing was seen: -log(alpha/2)/exposure, the exact Poisson limit."""
    return float(-np.log((1 - level) / 2) / exposure)


def runs_needed(
    estimate: float, se: float, draws: int, halfwidth: float, proportion: bool, level: float = LEVEL
) -> int:
    """Return how many draws would give an interval of this half-width, were the spread what it is now.

    draws·(z·se/halfwidth)². A probability seen as 0 or 1 (se 0): the smallest n whose exact interval is
    2·halfwidth wide, log(alpha/2)/log(1 - 2·halfwidth).
    """
    if proportion and estimate in (0.0, 1.0) and se == 0:
        return 1 if halfwidth >= 0.5 else int(np.ceil(np.log((1 - level) / 2) / np.log1p(-2 * halfwidth)))
    z = special.ndtri(0.5 + level / 2)
    return max(1, int(np.ceil(draws * (z * se / halfwidth) ** 2)))
