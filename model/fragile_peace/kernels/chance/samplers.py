"""Gamma and Poisson numbers from addressed uniforms (`draws`): the samplers of counts, one draw at a time.

Attempts that the samplers use, from the first: gamma 0..255 (0 the boost, 2i - 1 and 2i the i-th try), Poisson 0 by
inversion or 0..255 by rejection, the size of an event 0. Gamma and large Poisson draws reject, so they are not monotone
in their uniforms. `samplers_many` makes the same draws many at a time.

Readable twin: these functions are it for `samplers_many`; tests hold their draws to SciPy's distributions.
"""

import math

import numpy as np

from fragile_peace.kernels.chance.draws import ADDRESS, uniform, uniform_pair
from fragile_peace.kernels.machine.elementary import cos_turn, exp, expm1, log, stirling_error
from fragile_peace.kernels.machine.jit import kernel

GAMMA_TRIES = 127
"""Every try of the gamma sampler succeeds with probability above 0.95: 127 failures have probability below 1e-165."""
POISSON_TRIES = 256
"""Every try of the Poisson sampler succeeds with probability above 0.7: 256 failures have probability below 1e-133."""
SAMPLER_SPAN = 256
"""Attempts reserved for one gamma or one Poisson draw."""
SMALL_MEAN = 10.0
"""Below it a Poisson draw is found by inversion."""
LARGEST_COUNT = 4e18
"""Below 2^63, so that a count fits an int64."""
FIRST_SIZES = 8
"""Sizes of events whose probabilities are added term by term."""
FIRST_LOGS = tuple(float.fromhex(c) for c in (
    "0x0.0p+0", "0x1.62e42fefa39efp-1", "0x1.193ea7aad030bp+0", "0x1.62e42fefa39efp+0",
    "0x1.9c041f7ed8d33p+0", "0x1.cab0bfa2a2002p+0", "0x1.f2272ae325a57p+0", "0x1.0a2b23f3bab73p+1",
))  # fmt: skip
"""Their logarithms."""
OPEN = -1.0
"""What a first try leaves where it decides nothing."""


@kernel("float64(float64, float64)", inline="always")
def normal_of(u, v):
    """The normal draw of two uniforms (E12.7)."""
    return math.sqrt(-2.0 * log(u)) * cos_turn(v)


@kernel(f"float64({ADDRESS}, int64)")
def normal(seed, run, t, entity, stream, attempt):
    """A standard normal draw: sqrt(-2·ln u)·cos(2πv) (Box and Muller 1958), one block a draw (E12.7).

    Parameters
    ----------
    seed, run, t, entity, stream, attempt : int64
        The address; see the module.

    Returns
    -------
    float64
        Within ±8.6.
    """
    u, v = uniform_pair(seed, run, t, entity, stream, attempt)
    return normal_of(u, v)


@kernel("UniTuple(float64, 2)(float64)")
def gamma_scales(shape):
    """d and c of the gamma sampler, of shape + 1 where the shape is below 1 (E12.8)."""
    d = (shape + 1.0 if shape < 1.0 else shape) - 1.0 / 3.0
    return d, 1.0 / math.sqrt(9.0 * d)


@kernel("float64(float64, float64, float64, float64)", inline="always")
def gamma_try(x, u, d, c):
    """One try of the gamma sampler with normal x and uniform u: d·v, or `OPEN` where it is rejected (E12.8)."""
    v = 1.0 + c * x
    positive = v > 0.0
    v = v * v * v
    return d * v if positive & (log(u) < 0.5 * x * x + d * (1.0 - v + log(v))) else OPEN


@kernel("float64(float64, float64)", inline="always")
def gamma_boost(u, shape):
    """The factor u^(1/shape) that turns a draw of shape + 1 into one of a shape below 1 (E12.8)."""
    return exp(log(u) / shape)


@kernel("float64(float64, float64, UniTuple(int64, 3), int64, int64, int64, int64)")
def gamma_tries(d, c, when, entity, stream, first, tried):
    """The gamma draw of scales d and c, attempts counted from `first`, from try number `tried` on (E12.8)."""
    seed, run, t = when
    for i in range(tried, GAMMA_TRIES):
        x = normal(seed, run, t, entity, stream, first + 2 * i + 1)
        drawn = gamma_try(x, uniform(seed, run, t, entity, stream, first + 2 * i + 2), d, c)
        if drawn != OPEN:
            return drawn
    return d


@kernel(f"float64(float64, {ADDRESS}, int64)")
def _gamma_from(shape, seed, run, t, entity, stream, first):
    """`gamma` with its attempts counted from `first` (E12.8)."""
    d, c = gamma_scales(shape)
    value = gamma_tries(d, c, (seed, run, t), entity, stream, first, 0)
    if shape < 1.0:
        value *= gamma_boost(uniform(seed, run, t, entity, stream, first), shape)
    return value


@kernel(f"float64(float64, {ADDRESS})")
def gamma(shape, seed, run, t, entity, stream):
    """A Gamma(shape, scale 1) draw (mean = shape), by Marsaglia and Tsang (ACM TOMS 26, 2000) (E12.8).

    Normal x, v = (1 + x/sqrt(9d))³, d = shape - 1/3; accept d·v where ln u < x²/2 + d - d·v + d·ln v. For shape < 1 a
    draw of shape + 1 times u^(1/shape).

    Parameters
    ----------
    shape : float64
        Positive. At most 1e12. 0 or less gives 0.
    seed, run, t, entity, stream : int64
        The address; attempts 0..255 belong to this draw.

    Returns
    -------
    float64
        The draw; after `GAMMA_TRIES` failures (probability below 1e-165) the mode-like value d.
    """
    return _gamma_from(shape, seed, run, t, entity, stream, 0) if shape > 0.0 else 0.0


@kernel("int64(int64, float64, float64, float64, float64)")
def inverted(count, chance, total, mean, u):
    """The least count whose cumulative probability exceeds u (E12.9).

    Searches from `count` on, which has probability `chance` and cumulative probability `total`; stops where what is
    left is below the grid of u.
    """
    while u >= total and (chance > 1e-18 or count < mean):
        count += 1
        chance *= mean / count
        total += chance
    return count


@kernel("int64(float64, float64)")
def _poisson_by_inversion(mean, u):
    """The Poisson draw of a small mean (E12.9)."""
    none = exp(-mean)
    return inverted(0, none, none, mean, u)


@kernel("UniTuple(float64, 2)(float64)")
def _ptrs_scales(mean):
    """b and a of algorithm PTRS (E12.10)."""
    b = 0.931 + 2.53 * math.sqrt(mean)
    return b, -0.059 + 0.02483 * b


@kernel("float64(float64, float64, float64)", forceinline=True)
def ptrs_squeezed(mean, u, v):
    """The count that PTRS's squeeze accepts at once, six times in seven; `OPEN` where it decides nothing (E12.10).

    The exact test accepts whatever the squeeze does, but for a sliver that Hörmann's constants leave: means from 17.2
    to 57.7, u from 0.07 to 0.0707, v within 0.004 of the squeeze's edge. A mean near 27 has the largest, 3.0e-7 of all
    tries. Lists (`samplers_many`) ask the squeeze first, single draws never: in a list a draw's distribution is off by
    at most that, in total variation, which takes some 1e13 draws to see.
    """
    b, a = _ptrs_scales(mean)
    u -= 0.5
    us = 0.5 - abs(u)
    x = (2.0 * a / us + b) * u + mean + 0.43
    accepted = (us >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2.0)) & (x >= 0.0) & (x <= LARGEST_COUNT)
    return np.floor(x) if accepted else OPEN


@kernel("float64(float64, float64, float64)", forceinline=True)
def ptrs_tested(mean, u, v):
    """The count k of one try of PTRS by its exact test, or `OPEN` where it is rejected (E12.10).

    Accepts where ln w <= k·ln(mean) - mean - ln k!, ln k! by Stirling's formula, in which k·ln(mean/k) and k - mean
    cancel before they are rounded, and (ln k)/2 on the left.
    """
    b, a = _ptrs_scales(mean)
    u -= 0.5
    us = 0.5 - abs(u)
    x = (2.0 * a / us + b) * u + mean + 0.43
    possible = (x >= 0.0) & (x <= LARGEST_COUNT) & ((us >= 0.013) | (v <= us))
    count = np.floor(x) if possible else 0.0
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    w = v * inverse_alpha / (a / (us * us) + b)
    base = max(count, 1.0)
    exact = count * log(mean * (1.0 / base)) + (count - mean) - stirling_error(count)
    accepted = 0.5 * log(w * w * base) <= exact
    return count if possible & accepted else OPEN


@kernel(f"int64(float64, {ADDRESS}, int64)")
def _poisson_by_rejection(mean, seed, run, t, entity, stream, first):
    """Algorithm PTRS of Hörmann by its exact test alone (E12.10); what the squeeze would add says `ptrs_squeezed`."""
    for i in range(POISSON_TRIES):
        u, v = uniform_pair(seed, run, t, entity, stream, first + i)
        drawn = ptrs_tested(mean, u, v)
        if drawn != OPEN:
            return int(drawn)
    return math.floor(mean)


@kernel(f"int64(float64, {ADDRESS}, int64)")
def _poisson_from(mean, seed, run, t, entity, stream, first):
    """`poisson` with its attempts counted from `first` (E12.9, E12.10)."""
    if not mean > 0.0:
        return 0
    if mean < SMALL_MEAN:
        return _poisson_by_inversion(mean, uniform(seed, run, t, entity, stream, first))
    return _poisson_by_rejection(mean, seed, run, t, entity, stream, first)


@kernel(f"int64(float64, {ADDRESS})")
def poisson(mean, seed, run, t, entity, stream):
    """A Poisson draw (E12.9, E12.10).

    Below a mean of `SMALL_MEAN` by inversion (non-decreasing in the mean for the same address), from there by algorithm
    PTRS (Hörmann, Insurance: Mathematics and Economics 12, 1993, 39-45), exact up to the rounding of the acceptance
    test: an absolute error of about 1e-15·mean in a logarithm.

    Parameters
    ----------
    mean : float64
        At most 1e9. 0, a negative number and NaN give 0.
    seed, run, t, entity, stream : int64
        The address; attempts 0..255 belong to this draw.

    Returns
    -------
    int64
        The count; after `POISSON_TRIES` failures (probability below 1e-133) the mean rounded down.
    """
    return _poisson_from(mean, seed, run, t, entity, stream, 0)


@kernel("UniTuple(float64, 2)(int64, float64)")
def power_sums(most, tail):
    """Σ n^-tail and Σ n·n^-tail for n = 1..most: what E5.7 is normalised by, and its mean times that (E12.11).

    Term by term up to 8, then by Euler and Maclaurin's formula, whose next term is below 1e-11.

    Parameters
    ----------
    most : int64
        At least 1.
    tail : float64
        From 1 to 6.

    Returns
    -------
    sum, weighted : float64
    """
    total = weighted = power = 0.0
    for n in range(1, min(most, FIRST_SIZES) + 1):
        power = exp(-tail * FIRST_LOGS[n - 1])
        total += power
        weighted += n * power
    if most <= FIRST_SIZES:
        return total, weighted
    far = log(most / FIRST_SIZES)
    high = exp(-tail * log(float(most)))
    return (
        total + _remaining(most, tail, power, high, far),
        weighted + _remaining(most, tail - 1.0, FIRST_SIZES * power, most * high, far),
    )


@kernel("float64(int64, float64, float64, float64, float64)")
def _remaining(most, tail, low, high, far):
    """Σ n^-tail for n from FIRST_SIZES + 1 to most; `low` and `high` are the terms at both ends (E12.11).

    `far` = ln(most/FIRST_SIZES).
    """
    z = (1.0 - tail) * far
    between = FIRST_SIZES * low * far * (expm1(z) / z if z != 0.0 else 1.0)
    return between + 0.5 * (high - low) + (_beyond(FIRST_SIZES, low, tail) - _beyond(most, high, tail))


@kernel("float64(int64, float64, float64)")
def _beyond(n, power, tail):
    """The terms of Euler and Maclaurin's formula for n^-tail, beyond its halves, up to the one of B8 (E12.11)."""
    w = 1.0 / n
    w2 = w * w
    rising_3 = tail * (tail + 1.0) * (tail + 2.0)
    rising_5 = rising_3 * (tail + 3.0) * (tail + 4.0)
    rising_7 = rising_5 * (tail + 5.0) * (tail + 6.0)
    inner = rising_5 / 30240.0 - w2 * rising_7 / 1209600.0
    return power * w * (tail / 12.0 - w2 * (rising_3 / 720.0 - w2 * inner))


@kernel("float64(int64, float64)")
def mean_size(most, tail):
    """The mean of `event_size` (E5.7, E12.11)."""
    total, weighted = power_sums(most, tail)
    return weighted / total


@kernel(f"int64(int64, float64, {ADDRESS})")
def event_size(most, tail, seed, run, t, entity, stream):
    """How many an event kills: n with probability proportional to n^-tail, n = 1..most, by inversion (E5.7, E12.11).

    Non-decreasing in the uniform of the address.

    Parameters
    ----------
    most : int64
        Size of the largest event, at least 1.
    tail : float64
        Exponent, from 1 to 6.
    seed, run, t, entity, stream : int64
        The address; attempt 0 belongs to this draw.

    Returns
    -------
    int64
        The size.
    """
    left = uniform(seed, run, t, entity, stream, 0) * power_sums(most, tail)[0]
    n = 1
    share = 1.0
    while left > share and n < most:
        left -= share
        n += 1
        share = exp(-tail * log(float(n)))
    return n
