"""Gamma and Poisson numbers at a list of addresses: the draws of `samplers`, bit for bit, many at a time.

A list is a DRAWS record (`state`). Draw i belongs at (entity[i], stream[i]) of the run and week; who calls sets
these and, for Poisson draws, `mean`. Every draw gets a first try in loops without branches, which the compiler
vectorises. What it leaves open is closed one at a time, but for Poisson draws of large means: these are gathered and
tried side by side, for alone they took longer than all the rest.
"""

import math

from fragile_peace.kernels.chance.draws import block, lanes, middle
from fragile_peace.kernels.chance.samplers import (
    OPEN,
    POISSON_TRIES,
    SMALL_MEAN,
    gamma_boost,
    gamma_scales,
    gamma_tries,
    gamma_try,
    inverted,
    normal_of,
    ptrs_squeezed,
    ptrs_tested,
)
from fragile_peace.kernels.incident.blocks import index
from fragile_peace.kernels.machine.elementary import exp
from fragile_peace.kernels.machine.jit import kernel


@kernel
def uniform_of_each(seed, run, week, n, entity, stream, attempt, u):
    """Write `draws.uniform` at each of n addresses into `u`, whose shape is (`lanes(n)`,) or longer."""
    for i in range(lanes(n)):
        w0, w1, _, _ = block(seed, run, week, entity[i], stream[i], attempt)
        u[i] = middle(w0, w1)


@kernel
def pair_of_each(seed, run, week, n, entity, stream, attempt, u, v):
    """Write `draws.uniform_pair` at each of n addresses into `u` and `v`, of shape (`lanes(n)`,) or longer."""
    for i in range(lanes(n)):
        w0, w1, w2, w3 = block(seed, run, week, entity[i], stream[i], attempt)
        u[i] = middle(w0, w1)
        v[i] = middle(w2, w3)


@kernel
def gammas(d, shape, seed, run, week, n):
    """Set `gamma` of the first n draws: `samplers.gamma` at their addresses.

    Parameters
    ----------
    d : DRAWS record, modified in place
    shape : float64
        Positive, at most 1e12.
    seed, run, week : int64
        The rest of the addresses.
    n : int64
        At most `state.LONGEST_LIST`.
    """
    scale, c = gamma_scales(shape)
    out, u, v = d["gamma"], d["u"], d["v"]
    pair_of_each(seed, run, week, n, d["entity"], d["stream"], index(1), u, v)
    uniform_of_each(seed, run, week, n, d["entity"], d["stream"], index(2), out)
    for i in range(lanes(n)):
        out[i] = gamma_try(normal_of(u[i], v[i]), out[i], scale, c)
    for i in range(n):
        if out[i] == OPEN:
            out[i] = gamma_tries(scale, c, seed, run, week, d["entity"][i], d["stream"][i], 0, 1)
    if shape < 1.0:
        uniform_of_each(seed, run, week, n, d["entity"], d["stream"], index(0), u)
        for i in range(lanes(n)):
            out[i] *= gamma_boost(u[i], shape)


@kernel
def poissons(d, seed, run, week, n):
    """Set `count` of the first n draws: `samplers.poisson` of their `mean` at their addresses.

    Parameters
    ----------
    d : DRAWS record, modified in place
        `mean` from 0 to 1e9.
    seed, run, week : int64
        The rest of the addresses.
    n : int64
        At most `state.LONGEST_LIST`.
    """
    u, v, count = d["u"], d["v"], d["count"]
    pair_of_each(seed, run, week, n, d["entity"], d["stream"], index(0), u, v)
    for i in range(lanes(n)):
        mean = d["mean"][i]
        none = exp(-mean)
        one = none * mean  # the first steps of `inverted`: chances of 0, 1 and 2
        two = one * (mean / 2.0)
        few = 2.0 if u[i] < none + one + two else OPEN
        few = 1.0 if u[i] < none + one else few
        squeezed = ptrs_squeezed(mean, u[i], v[i])
        drawn = squeezed if mean >= SMALL_MEAN else (few if u[i] >= none else 0.0)
        v[i] = none
        count[i] = int(drawn)
    small, large = still_open(d, n)
    for k in range(small):
        i = d["left_small"][k]
        mean, none = d["mean"][i], v[i]
        one = none * mean
        two = one * (mean / 2.0)
        count[i] = inverted(2, two, none + one + two, mean, u[i])
    if large > 0:
        reject(d, seed, run, week, large)


@kernel
def still_open(d, n):
    """Write into `left_small` and `left` which of n draws are open, of small means and of others; return how many."""
    small = large = index(0)
    for i in range(n):
        is_open, is_small = d["count"][i] < 0, d["mean"][i] < SMALL_MEAN
        d["left_small"][small] = d["left"][large] = i
        small += 1 if is_open & is_small else 0
        large += 1 if is_open & (not is_small) else 0
    return small, large


@kernel
def reject(d, seed, run, week, n):
    """Set `count` of the n draws in `left`, of large means: tries, exactly tested, until none is rejected."""
    left, left_count = d["left"], d["left_count"]
    for attempt in range(POISSON_TRIES):
        for k in range(n):
            i = left[k]
            d["left_entity"][k] = d["entity"][i]
            d["left_stream"][k] = d["stream"][i]
            d["left_mean"][k] = d["mean"][i]
        for k in range(n, lanes(n)):
            d["left_mean"][k] = SMALL_MEAN  # for the vector's idle rest
        pair_of_each(seed, run, week, n, d["left_entity"], d["left_stream"], attempt, d["u"], d["v"])
        for k in range(lanes(n)):
            left_count[k] = int(ptrs_tested(d["left_mean"][k], d["u"][k], d["v"][k]))
        found = index(0)
        for k in range(n):
            i = left[k]
            d["count"][i] = left_count[k]
            left[found] = i
            found += 1 if left_count[k] < 0 else 0
        n = found
        if n == 0:
            return
    for k in range(n):
        d["count"][left[k]] = math.floor(d["mean"][left[k]])
