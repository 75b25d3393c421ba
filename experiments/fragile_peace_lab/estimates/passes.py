"""The passes over a block of runs that estimators repeat for every row of every table, compiled.

A block has shape (M, R), members x draws: float64, contiguous. Several of them that belong together are a stack, shape
(K, M, R). What the sums are for is said where they are used: `intervals.nested_ratio`, `compensators`, `members`.
"""

import numpy as np

from fragile_peace.kernels.machine.jit import kernel


def stacked(*blocks: np.ndarray) -> np.ndarray:
    """Return blocks as a stack that the passes take."""
    return np.ascontiguousarray(np.stack(blocks), dtype=np.float64)


@kernel("float64(float64[::1])")
def total(row: np.ndarray) -> float:
    """Return the sum of a row, in four sums side by side, which a processor adds up in a quarter of the time."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = len(row) // 4 * 4
    for r in range(0, whole, 4):
        one += row[r]
        two += row[r + 1]
        three += row[r + 2]
        four += row[r + 3]
    for r in range(whole, len(row)):
        one += row[r]
    return (one + two) + (three + four)


@kernel("float64[:,::1](float64[:,:,::1], float64[:,:,::1], float64[:,:,::1])")
def nested(n: np.ndarray, d: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return three rows over blocks: theta = N/D, its standard error, degrees of freedom (`intervals.nested_ratio`).

    With c = R/(R - 1) and u = n - theta d the standard error is the root of c times the sum of squares of

        weight (u_mr - mean_r u_m) / (D - c (d_mr - mean_r d_m))

    where a divisor that is not above 0 counts as 1, and an empty `weight` as ones.
    """
    blocks, members, runs = n.shape
    c = runs / max(runs - 1, 1)
    out, row = np.full((3, blocks), np.nan), np.empty(runs)
    for k in range(blocks):
        counted, whole, count, squares = 0.0, 0.0, 0, 0.0
        for m in range(members):
            counted += total(n[k, m])
            whole += total(d[k, m])
            for r in range(runs):
                count += d[k, m, r] > 0.0
        theta = counted / whole if whole > 0.0 else 0.0
        for m in range(members):
            for r in range(runs):
                row[r] = n[k, m, r] - theta * d[k, m, r]
            pull, number = total(row) / runs, total(d[k, m]) / runs
            for r in range(runs):
                rest = whole - c * (d[k, m, r] - number)
                row[r] = (row[r] - pull) / (rest if rest > 0.0 else 1.0)
            if weight.size:
                for r in range(runs):
                    row[r] *= weight[k, m, r]
            for r in range(runs):
                row[r] *= row[r]
            squares += total(row)
        out[2, k] = count * (runs - 1) // runs
        if whole > 0.0:
            out[0, k] = theta
        if out[2, k] > 0:
            se = np.sqrt(c * squares)
            constant = whole > 0.0 and se * np.sqrt(max(count, 1)) <= 1e-14 * abs(theta)
            out[1, k] = 0.0 if constant else se
    return out


@kernel("float64[:,:,::1](float64[:,:,::1], float64[:,::1], float64[::1])")
def centred(stack: np.ndarray, d: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return x - slope d of every block, each about the mean of its member."""
    out = np.empty_like(stack)
    blocks, members, runs = stack.shape
    for k in range(blocks):
        for m in range(members):
            for r in range(runs):
                out[k, m, r] = stack[k, m, r] - slopes[k] * d[m, r]
            mean = total(out[k, m]) / runs
            for r in range(runs):
                out[k, m, r] -= mean
    return out


@kernel("UniTuple(float64[:,::1], 2)(float64[:,:,::1])")
def moments(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of x_j x_k, shape (K, K), and in the first row of the other table those of x_k⁴."""
    blocks, members, runs = stack.shape
    products, fourth = np.zeros((blocks, blocks)), np.zeros((1, blocks))
    row = np.empty(runs)
    for k in range(blocks):
        for j in range(k + 1):
            row[:] = 0.0
            for m in range(members):
                for r in range(runs):
                    row[r] += stack[j, m, r] * stack[k, m, r]
            products[j, k] = total(row)
            products[k, j] = products[j, k]
        row[:] = 0.0
        for m in range(members):
            for r in range(runs):
                square = stack[k, m, r] * stack[k, m, r]
                row[r] += square * square
        fourth[0, k] = total(row)
    return products, fourth


@kernel("float64[:,::1](float64[:,:,::1], float64[:,::1], float64[::1], float64[::1])")
def leave_one_out(stack: np.ndarray, inverse: np.ndarray, shifts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return (1 - shifts' x)(1 - share)/(1 - share - x' inverse x) of every run, its divisor at least 1e-3."""
    blocks, members, runs = stack.shape
    out, rest = np.empty((members, runs)), np.empty(runs)
    for m in range(members):
        for r in range(runs):
            out[m, r] = 1.0
            rest[r] = 1.0 - share[r]
        for k in range(blocks):
            for r in range(runs):
                out[m, r] -= shifts[k] * stack[k, m, r]
            for j in range(blocks):
                for r in range(runs):
                    rest[r] -= inverse[j, k] * stack[j, m, r] * stack[k, m, r]
        for r in range(runs):
            out[m, r] *= (1.0 - share[r]) / max(rest[r], 1e-3)
    return out


@kernel("float64[:,::1](float64[:,::1], float64[:,::1])")
def by_member(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Return three rows over members: sum n, sum d, and sum_r (n - v d)² over the square of the mean d, v the ratio.

    Every member needs a positive sum of d.
    """
    members, runs = n.shape
    out, row = np.empty((3, members)), np.empty(runs)
    for m in range(members):
        out[0, m], out[1, m] = total(n[m]), total(d[m])
        value, mean = out[0, m] / out[1, m], out[1, m] / runs
        for r in range(runs):
            off = (n[m, r] - value * d[m, r]) / mean
            row[r] = off * off
        out[2, m] = total(row)
    return out
