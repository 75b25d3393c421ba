"""Rare events from their compensators: a control variate with a known mean.

The compensator A of an event I sums its conditional probabilities over the run, and E[A - I] = 0 exactly (Doob;
docs/model.md, section 10). Every event is estimated by the mean of I + b(A - I): unbiased for a fixed b, least
variance at b = Cov(I, I - A)/Var(A - I), fitted by least squares over draws (Lavenberg & Welch 1981; one degree of
freedom a control). A union of events takes one control each. With fewer than `FEWEST` events a fitted b means little:
then b = 1, the mean compensator, where the event is the sum of its controls, and b = 0, the plain frequency, where it
is not.
"""

from typing import NamedTuple

import numpy as np

from fragile_peace_lab.estimates.intervals import jackknife_ratio

FEWEST = 10


class Controlled(NamedTuple):
    """What stands in for I.

    Attributes
    ----------
    values : shape (M, R): I + sum_c b_c (A_c - I_c)
    b : shape (controls,)
    fitted : whether b was fitted
    weight : shape (R,): by how much more leaving a draw out moves the estimate, because b moves too; 1 where b is fixed
    factor : variance of the plain frequency over that of the controlled one; NaN where either is not known or is 0
    """

    values: np.ndarray
    b: np.ndarray
    fitted: bool
    weight: np.ndarray
    factor: float


def controlled(happened: np.ndarray, eligible: np.ndarray, gap: np.ndarray, additive: bool) -> Controlled:
    """Return I + b(A - I) with b fitted over draws.

    Parameters
    ----------
    happened : shape (M, R), I: 0 or 1
    eligible : shape (M, R), 1 for runs that count (all, or those of one type)
    gap : shape (C, M, R), A - I of each control
    additive : I is the sum of the controls' events
    """
    happened, eligible, gap = happened * eligible, np.asarray(eligible, float), gap * eligible
    rows = eligible.sum(0)
    draws = int((rows > 0).sum())
    events = float(happened.sum())
    fitted = min(events, float(eligible.sum()) - events) >= FEWEST and draws >= FEWEST + len(gap)
    if fitted:
        b, weight = _fit(happened.sum(0), rows, gap.sum(1))
    else:
        b, weight = np.full(len(gap), 1.0 if additive else 0.0), np.ones(len(rows))
    values = happened + sum(one * own for one, own in zip(b, gap, strict=True))
    plain = jackknife_ratio(happened.sum(0), rows).se
    se = jackknife_ratio(values.sum(0), rows, weight).se
    factor = float((plain / se) ** 2) if plain > 0 and se > 0 else np.nan
    return Controlled(values, b, fitted, weight, factor)


def _fit(totals: np.ndarray, rows: np.ndarray, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return b by least squares, and the weights of the jackknife of the fitted estimate.

    With g_r the draw's gaps less what their mean gives it, S = sum g g', h_r = d_r/D + g_r' S^-1 g_r its leverage,
    leaving draw r out moves the estimate by (1 - (sum gaps)' S^-1 g_r)(1 - d_r/D)/(1 - h_r) times what it does at a
    fixed b: the leave-one-out formula of least squares (MacKinnon & White 1985), exact where all d_r are equal.
    """
    share = rows / rows.sum()
    centred = gaps - gaps.sum(1, keepdims=True) * share
    inverse = np.linalg.pinv(centred @ centred.T, hermitian=True)
    b = -inverse @ (centred @ (totals - totals.sum() * share))
    leverage = share + np.einsum("cr,cd,dr->r", centred, inverse, centred)
    shift = 1.0 - gaps.sum(1) @ inverse @ centred
    return b, shift * (1.0 - share) / np.maximum(1.0 - leverage, 1e-3)
