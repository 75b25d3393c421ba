"""The last resort of the incident game: the path of solutions from uniform first moves (docs/model.md, section 4).

Used only where thousands of damped rounds did not settle, at high precisions. See `follow`. The log-odds of one lane's
first moves are numbered by `slots`: 4 kappa + a for Russia, 8 + b for Ukraine, those that exist and are not comply.
Nothing in `reference` does the same; solutions are checked against Gambit's (`proof.gambit`).
"""

import numpy as np

from fragile_peace.codes import Action
from fragile_peace.kernels.incident.best_response import answer
from fragile_peace.kernels.incident.later_moves import evaluate, russia_payoffs, ukraine_moves
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

COMPLY, STRIKE = int(Action.COMPLY), int(Action.STRIKE)
OF_UKRAINE = 8
"""Slots below are Russia's."""
N_SLOTS = 11
TRIAL, VALUE, STEP, JACOBIAN = range(4)
"""Rows of `space`: `gap` beside x and at x, a step, and from there the Jacobian."""
FIRST_STEP = 0.1
LEAST_STEP = 1e-9
LEASH = 0.3  # of the step
SHARPEST_TURN = 1.5  # 1 / cosine of the angle between two steps
PATH_STEPS = 5000
CORRECTIONS = 8
ON_PATH = 1e-12  # of the largest log-odds


@kernel
def set_from_log_odds(g, j, slots, x):
    """Set both sides' first moves in lane j from the log-odds x against comply (E4.64)."""
    for i in range(slots.shape[0]):
        slot = slots[i]
        if slot < OF_UKRAINE:
            g["odds_R"][slot // 4, slot % 4, j] = x[i]
        else:
            g["odds_U"][slot - OF_UKRAINE, j] = x[i]
    ukraine_moves(g, g["odds_U"], g["p_U"])


@kernel
def weight(g, j, slot):
    """Return the log-odds of uniform play with an action's opportunities as weights (E4.69)."""
    return g["log_weight"][j] if slot < OF_UKRAINE and slot % 4 == STRIKE else 0.0


@kernel
def gap(g, j, slots, x, value):
    """Write H_i = x_i - w_i - t lambda (u_i - u_comply) into `value` and return its largest size (E4.64).

    t is the last entry of x, w_i the `weight`.
    """
    unknowns = slots.shape[0]
    set_from_log_odds(g, j, slots, x)
    evaluate(g)
    russia_payoffs(g)
    largest = 0.0
    for i in range(unknowns):
        slot = slots[i]
        if slot < OF_UKRAINE:
            pull = g["lam_R"] * (g["u_R"][slot // 4, slot % 4, j] - g["u_R"][slot // 4, COMPLY, j])
        else:
            pull = g["lam_U"] * (g["u_U"][slot - OF_UKRAINE, j] - g["u_U"][COMPLY, j])
        value[i] = (x[i] - weight(g, j, slot)) - x[unknowns] * pull
        if largest == largest and not abs(value[i]) <= largest:  # a NaN gets in and stays
            largest = abs(value[i])
    return largest if np.isfinite(largest) else np.inf


@kernel
def bordered(g, j, slots, x, row, space):
    """Fill the Jacobian of `gap` at x, by differences from its value there, and below it `row` (E4.64)."""
    unknowns = slots.shape[0]
    trial, value, A = space[TRIAL], space[VALUE], space[JACOBIAN:]
    for c in range(unknowns + 1):
        kept = x[c]
        nudge = 1e-6 * (1.0 + abs(kept))
        x[c] = kept + nudge
        gap(g, j, slots, x, trial)
        x[c] = kept
        for r in range(unknowns):
            A[r, c] = (trial[r] - value[r]) / nudge
        A[unknowns, c] = row[c]


@kernel
def combine(total, alpha, x, beta, y):
    """Write alpha x + beta y into `total`, which may be one of them (E4.64)."""
    for i in range(total.shape[0]):
        total[i] = alpha * x[i] + beta * y[i]


@kernel
def size_of(step):
    """Return the Euclidean length of a step (E4.64)."""
    total = 0.0
    for i in range(step.shape[0]):
        total += step[i] * step[i]
    return np.sqrt(total)


@kernel
def correct(g, j, slots, x, row, leash, space):
    """Newton steps that bring x onto H = 0 across the direction `row`, moving it at most `leash` in all (E4.64).

    A longer move would lead to another stretch of the path. x is modified in place; returns success.
    """
    unknowns = slots.shape[0]
    value, step = space[VALUE], space[STEP, : unknowns + 1]
    moved = 0.0
    size = gap(g, j, slots, x, value)
    for _ in range(CORRECTIONS):
        scale = 1.0
        for i in range(unknowns):
            scale = max(scale, abs(x[i]))
        if size <= ON_PATH * scale:
            return True
        bordered(g, j, slots, x, row, space)
        for i in range(unknowns):
            step[i] = -value[i]
        step[unknowns] = 0.0
        eliminate(space[JACOBIAN:], step, unknowns + 1)
        for i in range(unknowns + 1):
            x[i] += step[i]
        moved += size_of(step)
        size = gap(g, j, slots, x, value)
        if not (size < np.inf and moved <= leash):
            return False
    return False


@kernel
def tangent(g, j, slots, x, ahead, space):
    """Write the path's direction at x, with part 1 along `ahead`, into row STEP; returns its length (E4.64)."""
    unknowns = slots.shape[0]
    step = space[STEP, : unknowns + 1]
    gap(g, j, slots, x, space[VALUE])
    bordered(g, j, slots, x, ahead, space)
    for i in range(unknowns + 1):
        step[i] = 1.0 if i == unknowns else 0.0
    eliminate(space[JACOBIAN:], step, unknowns + 1)
    return size_of(step)


@kernel
def follow(g, j):
    """Follow the solutions of H(x, t) = x - w - t lambda (u - u_comply) = 0 in lane j from t = 0, x = w, to 1 (E4.64).

    x holds the log-odds of both sides' first moves against comply: in them the posteriors are smooth even where a
    strike has a chance of 1e-12, which no step in probabilities can resolve. Later choices keep their precisions. u is
    bounded, so the path from (w, 0) stays bounded and reaches t = 1 for almost every game (Chow, Mallet-Paret and
    Yorke 1978); it may turn back on its way, so it is followed by arc length (Allgower and Georg 1990, chapter 6).

    The lane's strategies, rounds and residual are modified in place; other lanes are computed again as they are.
    """
    unknowns = 0
    slots = np.empty(N_SLOTS, np.int64)
    for slot in range(N_SLOTS):
        active = g["active_R"][slot % 4, j] if slot < OF_UKRAINE else g["active_U"][slot - OF_UKRAINE, j]
        if active == 1.0 and slot % 4 != COMPLY:
            slots[unknowns] = slot
            unknowns += 1
    slots = slots[:unknowns]
    x, y = np.zeros(unknowns + 1), np.empty(unknowns + 1)
    for i in range(unknowns):
        x[i] = weight(g, j, slots[i])
    ahead, upright = np.zeros(unknowns + 1), np.zeros(unknowns + 1)
    space = np.empty((JACOBIAN + N_SLOTS + 1, N_SLOTS + 1))
    step = space[STEP, : unknowns + 1]
    upright[unknowns] = 1.0
    ahead[unknowns] = 1.0
    norm = tangent(g, j, slots, x, ahead, space)
    combine(ahead, 0.0, x, 1.0 / norm, step)
    length = FIRST_STEP
    for _ in range(PATH_STEPS):
        g["rounds"][j] += 1
        last = x[unknowns] + length * ahead[unknowns] >= 1.0
        combine(y, 1.0, x, (1.0 - x[unknowns]) / ahead[unknowns] if last else length, ahead)
        moved = correct(g, j, slots, y, upright if last else ahead, LEASH * length, space)
        if moved and last:
            break
        if moved:
            norm = tangent(g, j, slots, y, ahead, space)
            moved = norm <= SHARPEST_TURN
            if moved:
                combine(x, 1.0, y, 0.0, y)
                combine(ahead, 0.0, x, 1.0 / norm, step)
        length *= 1.5 if moved else 0.5
        if not length > LEAST_STEP:
            break
    answer(g, index(0))


@kernel
def eliminate(A, x, size):
    """Solve A y = x, of so many equations, by elimination with row pivoting; y replaces x, A is destroyed (E4.64)."""
    for c in range(size):
        pivot = c
        for r in range(c + 1, size):
            if abs(A[r, c]) > abs(A[pivot, c]):
                pivot = r
        if pivot != c:
            for i in range(size):
                A[c, i], A[pivot, i] = A[pivot, i], A[c, i]
            x[c], x[pivot] = x[pivot], x[c]
        if A[c, c] == 0.0:
            A[c, c] = 1e-300
        for r in range(c + 1, size):
            factor = A[r, c] / A[c, c]
            for i in range(c, size):
                A[r, i] -= factor * A[c, i]
            x[r] -= factor * x[c]
    for c in range(size - 1, -1, -1):
        for i in range(c + 1, size):
            x[c] -= A[c, i] * x[i]
        x[c] /= A[c, c]
