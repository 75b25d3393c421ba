"""The logit answer to the first moves of the incident games, and how far the moves are from their own answer."""

import numpy as np

from fragile_peace.kernels.incident.blocks import LANES, index, row_of
from fragile_peace.kernels.incident.hubs import answer_strikes
from fragile_peace.kernels.incident.later_moves import at_once, evaluate, russia_worth, ukraine_leaves
from fragile_peace.kernels.machine.elementary import odds
from fragile_peace.kernels.machine.jit import kernel

TOLERANCE = 1e-10
LOG_TOLERANCE = 1e-9
"""What a solved game is held to: in probability, and in log-odds."""
NEAR = 1e-7
"""Log-odds this close: their squares, which `measure` leaves out, are a ten-thousandth of the tolerance."""
FAR = 1e-6
"""An answer that is this far off in log-odds is not solved: a hundred times what tolerances and payoffs allow."""


@kernel
def larger(a, b):
    """Return the larger of two; a NaN in `b` is passed on, which `max` need not do."""
    return a if a >= b else b


@kernel
def answer_ukraine(g):
    """Set Ukraine's logit answer, and `residual_U` to its largest distance from p_U."""
    lam, u, p = g["lam_U"], g["u_U"], g["p_U"]
    for j in range(LANES):
        e_1 = g["active_U"][1, j] * odds(lam * (u[1, j] - u[0, j]))
        e_2 = g["active_U"][2, j] * odds(lam * (u[2, j] - u[0, j]))
        comply = 1.0 / (1.0 + e_1 + e_2)
        g["answer_U"][0, j] = comply
        g["answer_U"][1, j] = e_1 * comply
        g["answer_U"][2, j] = e_2 * comply
        g["residual_U"][j] = larger(
            larger(abs(comply - p[0, j]), abs(e_1 * comply - p[1, j])), abs(e_2 * comply - p[2, j])
        )


@kernel
def answer_russia(g):
    """Set `answer_R`, Russia's answer in log-odds to answer_U."""
    lam, effect_0, effect_1 = g["lam_R"], g["effect"][0], g["effect"][1]
    for j in range(LANES):
        u = g["answer_U"][0, j], g["answer_U"][1, j], g["answer_U"][2, j]
        others = ukraine_leaves(g, u, j)
        direct = at_once(g, effect_0, effect_1, u, others, j)
        y, z = g["answer_R"][0], g["answer_R"][1]
        set_log_odds(g, lam, russia_worth(g, index(0), direct, others, j), y, j)
        set_log_odds(g, lam, russia_worth(g, index(1), direct, others, j), z, j)


@kernel(forceinline=True)
def set_log_odds(g, lam, worth, out, j):
    """Set log-odds against comply by what the actions are worth; 0 where there is none."""
    out[1, j] = lam * g["active_R"][1, j] * (worth[1] - worth[0])
    out[2, j] = lam * g["active_R"][2, j] * (worth[2] - worth[0])
    out[3, j] = lam * g["active_R"][3, j] * (worth[3] - worth[0])


@kernel
def any_near(g):
    """Return whether Russia's next answer is near in some open lane: where it is FAR the lane is not solved."""
    x, y = g["odds_R"], g["answer_R"]
    left = 0
    for j in range(LANES):
        off = max(abs(y[0, 1, j] - x[0, 1, j]), abs(y[0, 2, j] - x[0, 2, j]), abs(y[0, 3, j] - x[0, 3, j]))
        off_1 = max(abs(y[1, 1, j] - x[1, 1, j]), abs(y[1, 2, j] - x[1, 2, j]), abs(y[1, 3, j] - x[1, 3, j]))
        is_near = max(off, off_1) <= FAR
        g["near"][j] = 1.0 if is_near else 0.0
        left += 1 if is_near and g["open"][j] == 1.0 else 0
    return left > 0


@kernel
def distance(g):
    """Set `gap_R`: in log-odds, how far Russia's answer to p_U is."""
    lam, effect_0, effect_1 = g["lam_R"], g["effect"][0], g["effect"][1]
    for j in range(LANES):
        others = row_of(g["trace_U"], j)
        direct = at_once(g, effect_0, effect_1, (g["p_U"][0, j], g["p_U"][1, j], g["p_U"][2, j]), others, j)
        y, z = g["gap_R"][0], g["gap_R"][1]
        set_log_odds(g, lam, russia_worth(g, index(0), direct, others, j), y, j)
        set_log_odds(g, lam, russia_worth(g, index(1), direct, others, j), z, j)
        for a in range(1, 4):
            y[a, j] -= g["odds_R"][0, a, j]
            z[a, j] -= g["odds_R"][1, a, j]


@kernel
def measure(g):
    """Set `gap` to the largest |gap_R|, and `residual` to the largest distance of the moves from their logit answer.

    An answer off by r in log-odds is off by p_i |r_i - sum p_k r_k| in probability, to first order. Where some r is
    beyond NEAR the residual is that r: an upper bound, far above any tolerance. Closed lanes keep what they have.
    """
    for j in range(LANES):
        gap = residual = total = 0.0
        for kappa in range(2):
            r, p = g["gap_R"][kappa], g["p_R"][kappa]
            mean = p[1, j] * r[1, j] + p[2, j] * r[2, j] + p[3, j] * r[3, j]
            gap = larger(gap, larger(larger(abs(r[1, j]), abs(r[2, j])), abs(r[3, j])))
            off = larger(p[0, j] * abs(mean), p[1, j] * abs(r[1, j] - mean))
            off = larger(off, larger(p[2, j] * abs(r[2, j] - mean), p[3, j] * abs(r[3, j] - mean)))
            residual = larger(residual, off)
            total += mean
        residual = larger(residual if gap <= NEAR else gap, g["residual_U"][j])
        note(g, j, gap, residual, total == total and g["near"][j] == 1.0)


@kernel
def measure_strikes(g):
    """Set the same in a block of hubs."""
    r, p = g["gap_R"], g["p_R"]
    for j in range(LANES):
        r_0, r_1 = r[0, 3, j], r[1, 3, j]
        gap = larger(abs(r_0), abs(r_1))
        off = larger(p[0, 0, j] * p[0, 3, j] * abs(r_0), p[1, 0, j] * p[1, 3, j] * abs(r_1))
        note(g, j, gap, off if gap <= NEAR else gap, r_0 == r_0)


@kernel(forceinline=True)
def note(g, j, gap, residual, sane):
    """Set what was measured of lane j if it is open: infinity where it is not sane or no number."""
    sane = residual < np.inf and gap < np.inf and sane
    closed = g["open"][j] == 0.0
    g["gap"][j] = g["gap"][j] if closed else (gap if sane else np.inf)
    g["residual"][j] = g["residual"][j] if closed else (residual if sane else np.inf)


@kernel
def put_off(g):
    """Set `gap` and `residual` of the open lanes, none of which is near its answer, to infinity."""
    for j in range(LANES):
        closed = g["open"][j] == 0.0
        g["gap"][j] = g["gap"][j] if closed else np.inf
        g["residual"][j] = g["residual"][j] if closed else np.inf


@kernel
def is_solved(g, j):
    """Return whether the moves of lane j are within the tolerances of their answer."""
    return (g["residual"][j] <= TOLERANCE) & (g["gap"][j] <= LOG_TOLERANCE)


@kernel
def all_solved(g):
    """Return whether the moves of every open lane are."""
    left = 0
    for j in range(LANES):
        left += 1 if g["open"][j] == 1.0 and not is_solved(g, j) else 0
    return left == 0


@kernel
def answer(g, expected):
    """Set both sides' answers to the first moves in `g`, and how far these are from their logit answer.

    Russia answers Ukraine's answer, not its last moves: half of what either side's moves do to the other is then in one
    round. The residual is that of the moves in `g`: max |logit(u(p)) - p|; inf where there is a NaN, and where the next
    answer is so far off that the moves cannot be one: then it is not computed. Lanes that are not open keep theirs.

    Parameters
    ----------
    g : GAMES block, modified in place
    expected : 1 where the moves should be solved. They are then measured first, and if they are solved Russia's next
        answer is left out, `answer_R` being the last round's: a matter of time only, since no solved lane is FAR.
    """
    if g["may_act"][1] == 0:
        answer_strikes(g)
        measure_strikes(g)
        return
    evaluate(g)
    answer_ukraine(g)
    if expected == 1:
        for j in range(LANES):
            g["near"][j] = 1.0
        distance(g)
        measure(g)
        if not all_solved(g):
            answer_russia(g)
        return
    answer_russia(g)
    if any_near(g):
        distance(g)
        measure(g)
    else:
        put_off(g)
