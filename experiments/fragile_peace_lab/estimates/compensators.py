"""Control variates: what is known of a run beyond its outcome, used to say the outcome's mean more precisely.

Two kinds of *gaps* have a known mean of 0 in every run. The compensator A of an event I sums its conditional
probabilities over the run, and E[A - I] = 0 exactly (Doob; docs/model.md, section 10). The types at the start are drawn
with known chances (`design.chances`): each less its chance. With u = n - theta d the outcome's pull on the ratio
theta = N/D, and g the gaps, N + b sum g takes the place of N: unbiased for a fixed b, least variance at the b that
least squares of -u on g gives (Lavenberg & Welch 1981; one degree of freedom a gap). The fit is over draws: totals over
the members that share them, or single runs, about their member's mean, where each member has its own.

A fit is *supported* where the effective number of draws behind u and behind each gap, (sum x²)²/sum x⁴ (for a rare
event, about how many draws have it), is at least `FEWEST` for every coefficient, and a probability comes out inside
(0, 1). All gaps are tried first, then those of the events alone. Where neither is supported, an event that is the sum
of its controls takes b = 1, the mean compensator, and all else is counted plainly.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fragile_peace_lab.estimates import passes
from fragile_peace_lab.estimates.intervals import Ratio, jackknife_ratio, nested_ratio

FEWEST = 10


class Controlled(NamedTuple):
    """What stands in for n.

    Attributes
    ----------
    values : shape (M, R): n + sum_c b_c g_c
    b : shape (gaps used,)
    fitted : whether b was fitted
    weight : by how much more leaving a draw out moves the estimate, because b moves too; 1 where b is fixed. Shape
        (R,), or (M, R) where members have draws of their own
    ratio : of the totals of `values` and d, with its standard error over independent draws
    factor : variance of the plain ratio over that of the controlled one; NaN where either is not known or is 0
    """

    values: np.ndarray
    b: np.ndarray
    fitted: bool
    weight: np.ndarray
    ratio: Ratio
    factor: float


def controlled(
    n: np.ndarray,
    d: np.ndarray,
    events: Sequence[np.ndarray],
    types: Sequence[np.ndarray] = (),
    *,
    additive: bool = False,
    bounded: bool = True,
    own: bool = False,
) -> Controlled:
    """Return n + b g with b fitted over draws where that is supported.

    Parameters
    ----------
    n, d : shape (M, R), numerator and denominator
    events : gaps A - I of events, each of shape (M, R), 0 in runs that do not count
    types : gaps of the types at the start, likewise
    additive : the outcome is the sum of the controls' events
    bounded : the ratio is a probability
    own : each member has draws of its own
    """
    unweighted = np.ones(n.shape if own else n.shape[1])
    plain = ratio_of(n, d, None, own)
    tried = [passes.stacked(n, *events, *types)] if types else []
    tried += [passes.stacked(n, *events)] if events else []
    for stack in tried:
        fit = _fit(stack, d, own)
        if fit is None:
            continue
        b, weight = fit
        values = n + np.einsum("a,amr->mr", b, stack[1:])
        if not bounded or 0 < values.sum() < d.sum():
            return _controlled(values, b, True, weight, d, plain, own)
    if additive and events:
        values = n + sum(events)
        if 0 < values.sum() < d.sum():
            return _controlled(values, np.ones(len(events)), False, unweighted, d, plain, own)
    return Controlled(n, np.zeros(0), False, unweighted, plain, np.nan)


def ratio_of(n: np.ndarray, d: np.ndarray, weight: np.ndarray | None, own: bool) -> Ratio:
    """Return the ratio of totals of an (M, R) block with its standard error over independent draws."""
    return nested_ratio(n, d, weight) if own else jackknife_ratio(n.sum(0), d.sum(0), weight)


def _controlled(
    values: np.ndarray, b: np.ndarray, fitted: bool, weight: np.ndarray, d: np.ndarray, plain: Ratio, own: bool
) -> Controlled:
    ratio = ratio_of(values, d, weight, own)
    factor = float((plain.se / ratio.se) ** 2) if plain.se > 0 and ratio.se > 0 else np.nan
    return Controlled(values, b, fitted, weight, ratio, factor)


def _fit(stack: np.ndarray, d: np.ndarray, own: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Return b by least squares, and the weights of the jackknife of the fitted estimate; None where not supported.

    The stack holds n and the gaps, shape (1 + gaps, M, R).

    With g_r the draw's gaps less what their mean gives it, S = sum g g', h_r = s_r + g_r' S^-1 g_r its leverage (s_r
    its share of D, or of its member), leaving draw r out moves the estimate by
    (1 - (sum gaps)' S^-1 g_r)(1 - s_r)/(1 - h_r) times what it does at a fixed b: the leave-one-out formula of least
    squares (MacKinnon & White 1985), exact for shared draws where all d_r are equal.
    """
    if not own:
        stack, d = np.ascontiguousarray(stack.sum(1, keepdims=True)), d.sum(0, keepdims=True)
    total, d = d.sum(), np.ascontiguousarray(d, float)
    if not total > 0:
        return None
    sums = stack.sum((1, 2))
    apart = passes.centred(stack, d, sums / total)
    products, fourth = passes.moments(apart)
    if effective_number(products.diagonal(), fourth[0]).min() < FEWEST * (len(stack) - 1):
        return None
    inverse = _pseudo_inverse(products[1:, 1:])
    b = -inverse @ products[1:, 0]
    share = np.full(d.shape[1], 1.0 / d.shape[1]) if own else d[0] / total
    weight = passes.leave_one_out(apart[1:], np.ascontiguousarray(inverse), sums[1:] @ inverse, share)
    return b, weight if own else weight[0]


def _pseudo_inverse(square: np.ndarray) -> np.ndarray:
    """Return `numpy.linalg.pinv` of a symmetric matrix, which takes five times as long for so few rows."""
    values, vectors = np.linalg.eigh(square)
    kept = np.abs(values) > 1e-15 * np.abs(values).max()
    return np.asarray((vectors[:, kept] / values[kept]) @ vectors[:, kept].T)


def effective(x: np.ndarray) -> np.ndarray:
    """Return the effective number behind a sum of squares, (sum x²)²/sum x⁴ along the last axis; 0 for zeros alone."""
    square = np.square(x)
    return effective_number(square.sum(-1), np.square(square).sum(-1))


def effective_number(square: np.ndarray, fourth: np.ndarray) -> np.ndarray:
    """Return (sum x²)²/sum x⁴ from its two sums; 0 for zeros alone."""
    return np.where(fourth > 0, square**2 / np.where(fourth > 0, fourth, 1.0), 0.0)
