"""Gamma and Poisson numbers at a list of addresses: the draws of `samplers`, bit for bit, many at a time.

One exception: a Poisson draw of a mean from 17.2 to 57.7 is another one in at most 3.0e-7 of cases
(`samplers.ptrs_squeezed`). All of the model that runs draws its lists here, so that no two of its faces differ by it.

A list is a DRAWS record (`state`). Draw i has the address (entity[i], stream[i]) in the run and week; the caller sets
these and, for Poisson draws, `mean`. Every draw gets a first try in loops without branches, which LLVM vectorises.
Draws that it leaves open are finished one at a time, but Poisson draws of large means are gathered and tried side by
side: one at a time they took longer than all the rest.

Readable twin: `samplers`, one draw at a time.
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
from fragile_peace.kernels.machine.elementary import exp
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index


@kernel
def uniform_of_each(when, n_draws, entity, stream, attempt, u):
    """Write `draws.uniform` at each address into `u`, of length `lanes(n_draws)` or more (E12.12)."""
    seed, run, t = when
    for i in range(lanes(n_draws)):
        w0, w1, _, _ = block(seed, run, t, entity[i], stream[i], attempt)
        u[i] = middle(w0, w1)


@kernel
def pair_of_each(when, n_draws, entity, stream, attempt, u, v):
    """Write `draws.uniform_pair` at each address into `u` and `v`, of length `lanes(n_draws)` or more (E12.12)."""
    seed, run, t = when
    for i in range(lanes(n_draws)):
        w0, w1, w2, w3 = block(seed, run, t, entity[i], stream[i], attempt)
        u[i] = middle(w0, w1)
        v[i] = middle(w2, w3)


@kernel
def gammas(listed, shape, when, n_draws):
    """Set `gamma` of the first draws of a list: `samplers.gamma` at their addresses (E12.8, E12.12).

    Parameters
    ----------
    listed : DRAWS record, modified in place
    shape : float64
        Positive, at most 1e12.
    when : tuple of three int64
        (seed, run, t), the rest of the addresses.
    n_draws : int64
        At most `state.LONGEST_LIST`.
    """
    scale, c = gamma_scales(shape)
    out, u, v, entity, stream = listed["gamma"], listed["u"], listed["v"], listed["entity"], listed["stream"]
    pair_of_each(when, n_draws, entity, stream, index(1), u, v)
    uniform_of_each(when, n_draws, entity, stream, index(2), out)
    for i in range(lanes(n_draws)):
        out[i] = gamma_try(normal_of(u[i], v[i]), out[i], scale, c)
    for i in range(n_draws):
        if out[i] == OPEN:
            out[i] = gamma_tries(scale, c, when, entity[i], stream[i], 0, 1)
    if shape < 1.0:
        uniform_of_each(when, n_draws, entity, stream, index(0), u)
        for i in range(lanes(n_draws)):
            out[i] *= gamma_boost(u[i], shape)


@kernel
def poissons(listed, when, n_draws):
    """Set `count` of the first draws of a list: `samplers.poisson` of their `mean` (E12.9, E12.10, E12.12).

    Parameters
    ----------
    listed : DRAWS record, modified in place
        `mean` from 0 to 1e9.
    when : tuple of three int64
        (seed, run, t), the rest of the addresses.
    n_draws : int64
        At most `state.LONGEST_LIST`.
    """
    u, v, count = listed["u"], listed["v"], listed["count"]
    pair_of_each(when, n_draws, listed["entity"], listed["stream"], index(0), u, v)
    for i in range(lanes(n_draws)):
        mean = listed["mean"][i]
        none = exp(-mean)
        one = none * mean  # the first steps of `inverted`: chances of 0, 1 and 2
        two = one * (mean / 2.0)
        few = 2.0 if u[i] < none + one + two else OPEN
        few = 1.0 if u[i] < none + one else few
        squeezed = ptrs_squeezed(mean, u[i], v[i])
        drawn = squeezed if mean >= SMALL_MEAN else (few if u[i] >= none else 0.0)
        v[i] = none
        count[i] = int(drawn)
    n_small, n_large = still_open(listed, n_draws)
    for at in range(n_small):
        i = listed["left_small"][at]
        mean, none = listed["mean"][i], v[i]
        one = none * mean
        two = one * (mean / 2.0)
        count[i] = inverted(2, two, none + one + two, mean, u[i])
    if n_large > 0:
        reject(listed, when, n_large)


@kernel
def still_open(listed, n_draws):
    """List the open draws, of small means in `left_small` and of others in `left`; return how many (E12.12)."""
    n_small = n_large = index(0)
    for i in range(n_draws):
        is_open, is_small = listed["count"][i] < 0, listed["mean"][i] < SMALL_MEAN
        listed["left_small"][n_small] = listed["left"][n_large] = i
        n_small += 1 if is_open & is_small else 0
        n_large += 1 if is_open & (not is_small) else 0
    return n_small, n_large


@kernel
def reject(listed, when, n_left):
    """Set `count` of the draws in `left`: exactly tested tries until none is rejected (E12.10, E12.12)."""
    left, left_mean, left_count = listed["left"], listed["left_mean"], listed["left_count"]
    u, v = listed["u"], listed["v"]
    for attempt in range(POISSON_TRIES):
        for at in range(n_left):
            i = left[at]
            listed["left_entity"][at] = listed["entity"][i]
            listed["left_stream"][at] = listed["stream"][i]
            left_mean[at] = listed["mean"][i]
        for at in range(n_left, lanes(n_left)):
            left_mean[at] = SMALL_MEAN  # for the vector's idle rest
        pair_of_each(when, n_left, listed["left_entity"], listed["left_stream"], attempt, u, v)
        for at in range(lanes(n_left)):
            left_count[at] = int(ptrs_tested(left_mean[at], u[at], v[at]))
        found = index(0)
        for at in range(n_left):
            i = left[at]
            listed["count"][i] = left_count[at]
            left[found] = i
            found += 1 if left_count[at] < 0 else 0
        n_left = found
        if n_left == 0:
            return
    for at in range(n_left):
        listed["count"][left[at]] = math.floor(listed["mean"][left[at]])
