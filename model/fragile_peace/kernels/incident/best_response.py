"""The logit answer to the first moves of the incident games, and how far the moves are from their own answer.

Readable twin: `reference.incident.IncidentGame.answer`.
"""

import numpy as np

from fragile_peace.codes import Action, RussianType
from fragile_peace.kernels.incident.blocks import LANES, row_of
from fragile_peace.kernels.incident.hubs import answer_strikes
from fragile_peace.kernels.incident.later_moves import at_once, evaluate, russia_worth, ukraine_leaves, ukraine_moves
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

COMPLY, PROBE, RAID, STRIKE = (int(action) for action in Action)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
TOLERANCE = 1e-10
LOG_TOLERANCE = 1e-9
"""Largest errors of a solved game: in probability, and in log-odds."""
NEAR = 1e-7
"""Below this gap in log-odds the squares that `measure` neglects are a ten-thousandth of the tolerance."""
FAR = 1e-6
"""Moves whose answer is farther off in log-odds cannot be solved: a hundred times what the tolerances allow."""


@kernel
def larger(a, b):
    """Return the larger of two (E4.65); a NaN in `b` is passed on, which `max` need not do."""
    return a if a >= b else b


@kernel
def answer_ukraine(g):
    """Set Ukraine's logit answer in log-odds, its chances, and `gap_U`: how far it is from the moves (E4.61, E4.65)."""
    lam, u, x, y = g["lam_U"], g["u_U"], g["odds_U"], g["answer_U"]
    for b in range(PROBE, RAID + 1):
        for j in range(LANES):
            y[b, j] = lam * g["active_U"][b, j] * (u[b, j] - u[COMPLY, j])
            g["gap_U"][b, j] = y[b, j] - x[b, j]
    ukraine_moves(g, y, g["next_U"])


@kernel
def answer_russia(g):
    """Set `answer_R`, Russia's logit answer to next_U, in log-odds (E4.61)."""
    lam, effect_0, effect_1 = g["lam_R"], g["effect"][BLUFFING], g["effect"][COMMITTED]
    for j in range(LANES):
        moves = g["next_U"][COMPLY, j], g["next_U"][PROBE, j], g["next_U"][RAID, j]
        others = ukraine_leaves(g, moves, j)
        direct = at_once(g, effect_0, effect_1, moves, others, j)
        y_0, y_1 = g["answer_R"][BLUFFING], g["answer_R"][COMMITTED]
        set_log_odds(g, lam, russia_worth(g, index(BLUFFING), direct, others, j), y_0, j)
        set_log_odds(g, lam, russia_worth(g, index(COMMITTED), direct, others, j), y_1, j)


@kernel(forceinline=True)
def set_log_odds(g, lam, worth, y, j):
    """Set log-odds y against comply, (4, LANES), from the actions' payoffs; 0 for those not there (E4.61, E4.69)."""
    y[PROBE, j] = lam * g["active_R"][PROBE, j] * (worth[PROBE] - worth[COMPLY])
    y[RAID, j] = lam * g["active_R"][RAID, j] * (worth[RAID] - worth[COMPLY])
    y[STRIKE, j] = g["active_R"][STRIKE, j] * (lam * (worth[STRIKE] - worth[COMPLY]) + g["log_weight"][j])


@kernel
def any_near(g):
    """Return whether Russia's next answer is near in some open lane (E4.65): a lane where it is FAR is not solved."""
    x, y = g["odds_R"], g["answer_R"]
    x_0, x_1, y_0, y_1 = x[BLUFFING], x[COMMITTED], y[BLUFFING], y[COMMITTED]
    left = 0
    for j in range(LANES):
        off_1, off_2 = abs(y_0[PROBE, j] - x_0[PROBE, j]), abs(y_0[RAID, j] - x_0[RAID, j])
        bluffing = max(off_1, off_2, abs(y_0[STRIKE, j] - x_0[STRIKE, j]))
        off_1, off_2 = abs(y_1[PROBE, j] - x_1[PROBE, j]), abs(y_1[RAID, j] - x_1[RAID, j])
        committed = max(off_1, off_2, abs(y_1[STRIKE, j] - x_1[STRIKE, j]))
        is_near = max(bluffing, committed) <= FAR
        g["near"][j] = 1.0 if is_near else 0.0
        left += 1 if is_near and g["open"][j] == 1.0 else 0
    return left > 0


@kernel
def distance(g):
    """Set `gap_R`: how far Russia's answer to p_U is from its moves, in log-odds (E4.65)."""
    lam, effect_0, effect_1 = g["lam_R"], g["effect"][BLUFFING], g["effect"][COMMITTED]
    for j in range(LANES):
        others = row_of(g["trace_U"], j)
        moves = g["p_U"][COMPLY, j], g["p_U"][PROBE, j], g["p_U"][RAID, j]
        direct = at_once(g, effect_0, effect_1, moves, others, j)
        r_0, r_1 = g["gap_R"][BLUFFING], g["gap_R"][COMMITTED]
        set_log_odds(g, lam, russia_worth(g, index(BLUFFING), direct, others, j), r_0, j)
        set_log_odds(g, lam, russia_worth(g, index(COMMITTED), direct, others, j), r_1, j)
        for a in range(PROBE, STRIKE + 1):
            r_0[a, j] -= g["odds_R"][BLUFFING, a, j]
            r_1[a, j] -= g["odds_R"][COMMITTED, a, j]


@kernel
def measure(g):
    """Set `gap` to the largest distance of log-odds from their answer, `residual` to that of probabilities (E4.65).

    An answer off by r in log-odds is off by p_a |r_a - sum p_i r_i| in probability, to first order. Where some r is
    beyond NEAR the residual is that r: an upper bound, far above any tolerance. Closed lanes keep theirs.
    """
    for j in range(LANES):
        r, p_U = g["gap_U"], g["p_U"]
        mean = p_U[PROBE, j] * r[PROBE, j] + p_U[RAID, j] * r[RAID, j]
        gap, total = larger(abs(r[PROBE, j]), abs(r[RAID, j])), mean
        residual = larger(p_U[COMPLY, j] * abs(mean), p_U[PROBE, j] * abs(r[PROBE, j] - mean))
        residual = larger(residual, p_U[RAID, j] * abs(r[RAID, j] - mean))
        for kappa in range(2):
            r, p_R = g["gap_R"][kappa], g["p_R"][kappa]
            mean = p_R[PROBE, j] * r[PROBE, j] + p_R[RAID, j] * r[RAID, j] + p_R[STRIKE, j] * r[STRIKE, j]
            gap = larger(gap, larger(larger(abs(r[PROBE, j]), abs(r[RAID, j])), abs(r[STRIKE, j])))
            off = larger(p_R[COMPLY, j] * abs(mean), p_R[PROBE, j] * abs(r[PROBE, j] - mean))
            strike = p_R[STRIKE, j] * abs(r[STRIKE, j] - mean)
            off = larger(off, larger(p_R[RAID, j] * abs(r[RAID, j] - mean), strike))
            residual = larger(residual, off)
            total += mean
        note(g, j, gap, residual if gap <= NEAR else gap, total == total and g["near"][j] == 1.0)


@kernel
def measure_strikes(g):
    """Set `gap` and `residual` in a block of hubs, where the only move is a strike (E4.60, E4.65)."""
    r, p_0, p_1 = g["gap_R"], g["p_R"][BLUFFING], g["p_R"][COMMITTED]
    for j in range(LANES):
        r_0, r_1 = r[BLUFFING, STRIKE, j], r[COMMITTED, STRIKE, j]
        gap = larger(abs(r_0), abs(r_1))
        off = larger(p_0[COMPLY, j] * p_0[STRIKE, j] * abs(r_0), p_1[COMPLY, j] * p_1[STRIKE, j] * abs(r_1))
        note(g, j, gap, off if gap <= NEAR else gap, r_0 == r_0)


@kernel(forceinline=True)
def note(g, j, gap, residual, sane):
    """Set `gap` and `residual` of lane j if it is open: infinity where one is NaN or `sane` is false (E4.65)."""
    sane = residual < np.inf and gap < np.inf and sane
    closed = g["open"][j] == 0.0
    g["gap"][j] = g["gap"][j] if closed else (gap if sane else np.inf)
    g["residual"][j] = g["residual"][j] if closed else (residual if sane else np.inf)


@kernel
def put_off(g):
    """Set `gap` and `residual` of the open lanes to infinity: none is near its answer (E4.65)."""
    for j in range(LANES):
        closed = g["open"][j] == 0.0
        g["gap"][j] = g["gap"][j] if closed else np.inf
        g["residual"][j] = g["residual"][j] if closed else np.inf


@kernel
def is_solved(g, j):
    """Return whether the moves of lane j are within the tolerances of their answer (E4.66)."""
    return (g["residual"][j] <= TOLERANCE) & (g["gap"][j] <= LOG_TOLERANCE)


@kernel
def all_solved(g):
    """Return whether every open lane is solved (E4.66)."""
    left = 0
    for j in range(LANES):
        left += 1 if g["open"][j] == 1.0 and not is_solved(g, j) else 0
    return left == 0


@kernel
def answer(g, expected):
    """Set both sides' logit answers to the first moves in `g`, and how far the moves are from them (E4.61, E4.65).

    Russia answers Ukraine's answer, not its last moves (Gauss-Seidel instead of Jacobi). The residual is that of the
    moves in `g`: max |logit(u(p)) - p|; infinity where there is a NaN, and where Russia's next answer is FAR, when it
    need not be computed. Lanes that are not open keep theirs.

    Parameters
    ----------
    g : GAMES block, modified in place
    expected : 1 where the moves should be solved. They are then measured first, and if they are solved Russia's next
        answer is skipped, which saves time and changes nothing: `answer_R` stays the last round's.
    """
    if g["may_act"][PROBE] == 0:
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
