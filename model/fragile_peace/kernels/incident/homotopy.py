"""The last resort of the incident game: the path of solutions from uniform first moves (docs/model.md, section 4).

Used only where thousands of damped rounds did not settle, at high precisions. See `follow`.
"""

import numpy as np

from fragile_peace.kernels.chance.logit import logit_choice
from fragile_peace.kernels.incident.best_response import answer
from fragile_peace.kernels.incident.blocks import index
from fragile_peace.kernels.incident.later_moves import evaluate, russia_payoffs
from fragile_peace.kernels.machine.jit import kernel

N_UNKNOWNS = 11  # Russia's moves by type, then Ukraine's: [4 kappa + a], [8 + b]
FIRST_STEP = 0.1
LEAST_STEP = 1e-9
LEASH = 0.3  # of the step
SHARPEST_TURN = 1.5  # 1 / cosine of the angle between two steps
PATH_STEPS = 5000
CORRECTIONS = 8
ON_PATH = 1e-12  # of the largest log-odds


@kernel
def set_from_log_odds(g, j, slots, x, work):
    """Set both sides' first moves in lane j from the log-odds x against comply; actions that do not exist get 0."""
    logs, p = work[0], work[1]
    for b in range(3):
        logs[b] = 0.0 if b == 0 else -np.inf
    for i in range(slots.shape[0]):
        slot = slots[i]
        if slot < 8:
            g["odds_R"][slot // 4, slot % 4, j] = x[i]
        else:
            logs[slot - 8] = x[i]
    logit_choice(logs, 1.0, 3, p)
    for b in range(3):
        g["p_U"][b, j] = p[b]


@kernel
def gap(g, j, slots, x, work, out):
    """Write H_i = x_i - t lambda (u_i - u_comply) into `out` and return its largest size; t is the last entry of x."""
    n = slots.shape[0]
    set_from_log_odds(g, j, slots, x, work)
    evaluate(g)
    russia_payoffs(g)
    largest = 0.0
    for i in range(n):
        slot = slots[i]
        if slot < 8:
            pull = g["lam_R"] * (g["u_R"][slot // 4, slot % 4, j] - g["u_R"][slot // 4, 0, j])
        else:
            pull = g["lam_U"] * (g["u_U"][slot - 8, j] - g["u_U"][0, j])
        out[i] = x[i] - x[n] * pull
        if largest == largest and not abs(out[i]) <= largest:  # a NaN gets in and stays
            largest = abs(out[i])
    return largest if np.isfinite(largest) else np.inf


@kernel
def bordered(g, j, slots, x, value, row, work, A):
    """Fill A (n + 1, n + 1): the difference Jacobian of `gap` at x, where it is `value`, and below it `row`."""
    n = slots.shape[0]
    for c in range(n + 1):
        kept = x[c]
        h = 1e-6 * (1.0 + abs(kept))
        x[c] = kept + h
        gap(g, j, slots, x, work, work[2])
        x[c] = kept
        for r in range(n):
            A[r, c] = (work[2, r] - value[r]) / h
        A[n, c] = row[c]


@kernel
def combine(out, alpha, x, beta, y):
    """Write alpha x + beta y into `out`, which may be one of them."""
    for i in range(out.shape[0]):
        out[i] = alpha * x[i] + beta * y[i]


@kernel
def size_of(step):
    """Return the Euclidean length of a step."""
    total = 0.0
    for i in range(step.shape[0]):
        total += step[i] * step[i]
    return np.sqrt(total)


@kernel
def correct(g, j, slots, x, row, leash, work, A, step):
    """Newton steps that bring x onto H = 0 across the direction `row`, moving it by no more than `leash` in all.

    A longer move would be onto another stretch of the path. x is modified in place; returns success.
    """
    n = slots.shape[0]
    moved = 0.0
    value = work[3]
    size = gap(g, j, slots, x, work, value)
    for _ in range(CORRECTIONS):
        scale = 1.0
        for i in range(n):
            scale = max(scale, abs(x[i]))
        if size <= ON_PATH * scale:
            return True
        bordered(g, j, slots, x, value, row, work, A)
        for i in range(n):
            step[i] = -value[i]
        step[n] = 0.0
        eliminate(A, step, n + 1)
        for i in range(n + 1):
            x[i] += step[i]
        moved += size_of(step)
        size = gap(g, j, slots, x, work, value)
        if not (size < np.inf and moved <= leash):
            return False
    return False


@kernel
def tangent(g, j, slots, x, ahead, work, A, step):
    """Write the direction of the path at x into `step`, its part along `ahead` being 1; returns its length."""
    n = slots.shape[0]
    gap(g, j, slots, x, work, work[3])
    bordered(g, j, slots, x, work[3], ahead, work, A)
    for i in range(n + 1):
        step[i] = 1.0 if i == n else 0.0
    eliminate(A, step, n + 1)
    return size_of(step)


@kernel
def follow(g, j):
    """Follow the solutions of H(x, t) = x - t lambda (u - u_comply) = 0 in lane j from t = 0, where x = 0, to t = 1.

    x holds the log-odds of both sides' first moves against comply: in them the posteriors are smooth even where a
    strike has a chance of 1e-12, which no step in probabilities can resolve. Later choices keep their precisions. u is
    bounded, so the path from (0, 0) stays bounded and reaches t = 1 for almost every game (Chow, Mallet-Paret and
    Yorke 1978); it may turn back on its way, so it is followed by arc length (Allgower and Georg 1990, chapter 6).

    The lane's strategies, rounds and residual are modified in place; other lanes are computed again as they are.
    """
    n = 0
    slots = np.empty(N_UNKNOWNS, np.int64)
    for slot in range(N_UNKNOWNS):
        active = g["active_R"][slot % 4, j] if slot < 8 else g["active_U"][slot - 8, j]
        if active == 1.0 and slot % 4 != 0:
            slots[n] = slot
            n += 1
    slots = slots[:n]
    x, y, ahead, upright = np.zeros(n + 1), np.empty(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    work, A, step = np.empty((4, N_UNKNOWNS)), np.empty((n + 1, n + 1)), np.empty(n + 1)
    upright[n] = 1.0
    ahead[n] = 1.0
    norm = tangent(g, j, slots, x, ahead, work, A, step)
    combine(ahead, 0.0, x, 1.0 / norm, step)
    length = FIRST_STEP
    for _ in range(PATH_STEPS):
        g["rounds"][j] += 1
        last = x[n] + length * ahead[n] >= 1.0
        combine(y, 1.0, x, (1.0 - x[n]) / ahead[n] if last else length, ahead)
        moved = correct(g, j, slots, y, upright if last else ahead, LEASH * length, work, A, step)
        if moved and last:
            break
        if moved:
            norm = tangent(g, j, slots, y, ahead, work, A, step)
            moved = norm <= SHARPEST_TURN
            if moved:
                combine(x, 1.0, y, 0.0, y)
                combine(ahead, 0.0, x, 1.0 / norm, step)
        length *= 1.5 if moved else 0.5
        if not length > LEAST_STEP:
            break
    answer(g, index(0))


@kernel
def eliminate(A, x, n):
    """Solve A y = x by elimination with row pivoting; y replaces x and A is destroyed."""
    for c in range(n):
        pivot = c
        for r in range(c + 1, n):
            if abs(A[r, c]) > abs(A[pivot, c]):
                pivot = r
        if pivot != c:
            for j in range(n):
                A[c, j], A[pivot, j] = A[pivot, j], A[c, j]
            x[c], x[pivot] = x[pivot], x[c]
        if A[c, c] == 0.0:
            A[c, c] = 1e-300
        for r in range(c + 1, n):
            factor = A[r, c] / A[c, c]
            for j in range(c, n):
                A[r, j] -= factor * A[c, j]
            x[r] -= factor * x[c]
    for c in range(n - 1, -1, -1):
        for j in range(c + 1, n):
            x[c] -= A[c, j] * x[j]
        x[c] /= A[c, c]
