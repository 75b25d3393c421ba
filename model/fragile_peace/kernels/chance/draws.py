"""Random numbers that have an address instead of an order.

Generator: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011), a
keyed bijection of 128-bit counters. A draw is a function of where it belongs; no draw moves another, and the same run
has the same draws at every design point (common random numbers).

The published packing
    key     = (low, high) 32-bit words of the 64-bit seed
    counter = (run, t, entity, stream·2^20 + attempt), each stored in 32 bits
    t       : the week; -1 before the start, stored as 0xFFFFFFFF
    entity  : index of the place, or of the contingent, or 0 for the theatre
    stream  : `codes.Stream`, below 2^12;  attempt : the draw inside the stream, below 2^20
Faces check that run, entity and t fit 32 bits; kernels keep the low bits. What takes more than one draw takes the first
three numbers as one, `when` = (seed, run, t).

From words (w0, w1) a uniform is u = (j + 1/2)·2^-52, j = floor(w0/2^6)·2^26 + floor(w1/2^6): the middle of one of
2^52 equal cells, so 0 < u < 1, and u and 1 - u are both exact. `uniform_pair` makes its second number from (w2, w3).

Coupling: **a large u is a severe outcome.** `categorical` walks the options in the order of their codes, which is the
order of severity, and `bernoulli` happens where u > 1 - p. With the same u a distribution that is worse in the
sense of first-order dominance never gives a milder outcome.

Draws of all places at once (`uniforms`; `samplers_many` for other addresses) have the same bits as one at a time.
Their loops have no branches, so LLVM vectorises them, eight blocks at a time: 3 ns a block instead of 25.

Readable twin: `reference.agents.Actor`, whose draws have the same addresses.
"""

from fragile_peace.kernels.machine.jit import kernel

WORD = 0xFFFFFFFF
MULTIPLIER_0 = 0xD2511F53
MULTIPLIER_1 = 0xCD9E8D57
WEYL_0 = 0x9E3779B9
WEYL_1 = 0xBB67AE85
ROUNDS = 10
ATTEMPT_BITS = 20
CELL = 2.0**-52
SPLIT_LIMIT = 1 << 19
SPLIT_DONE, SPLIT_TOO_MANY, SPLIT_NO_WEIGHT = 0, 1, 2
LANES = 8
"""Loops over entities run to the next multiple of this: a scalar remainder would take as long as the loop."""

ADDRESS = "int64, int64, int64, int64, int64"


@kernel("UniTuple(int64, 4)(int64, int64, int64, int64, int64, int64)", forceinline=True)
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: ten rounds of multiplication and exclusive or (E12.1).

    (c0, c1, c2, c3) <- (hi(M1·c2) ^ c1 ^ k0, lo(M1·c2), hi(M0·c0) ^ c3 ^ k1, lo(M0·c0)), k0 += W0, k1 += W1.

    Parameters
    ----------
    c0, c1, c2, c3 : int64
        Counter words, 0 to 2^32 - 1.
    k0, k1 : int64
        Key words, 0 to 2^32 - 1.

    Returns
    -------
    tuple of four int64
        Output words, 0 to 2^32 - 1; checked against the known answers of Random123.
    """
    for _ in range(ROUNDS):
        # The product may pass 2^63: its bits are right all the same, and the masks drop the sign.
        p0 = MULTIPLIER_0 * c0
        p1 = MULTIPLIER_1 * c2
        c0, c1, c2, c3 = ((p1 >> 32) & WORD) ^ c1 ^ k0, p1 & WORD, ((p0 >> 32) & WORD) ^ c3 ^ k1, p0 & WORD
        k0 = (k0 + WEYL_0) & WORD
        k1 = (k1 + WEYL_1) & WORD
    return c0, c1, c2, c3


@kernel(f"UniTuple(int64, 4)({ADDRESS}, int64)", forceinline=True)
def block(seed, run, t, entity, stream, attempt):
    """The 128 random bits at one address, under the packing of the module (E12.2).

    Parameters
    ----------
    seed, run, t, entity, stream, attempt : int64
        The address; see the module.

    Returns
    -------
    tuple of four int64
        32-bit words.
    """
    last = (int(stream) << ATTEMPT_BITS) + int(attempt)
    key = int(seed)
    return philox(int(run) & WORD, int(t) & WORD, int(entity) & WORD, last & WORD, key & WORD, (key >> 32) & WORD)


@kernel("float64(int64, int64)")
def middle(high, low):
    """The uniform of two words: the middle of its cell, exactly (E12.3)."""
    return (((high >> 6) << 26) + (low >> 6) + 0.5) * CELL


@kernel(f"float64({ADDRESS}, int64)")
def uniform(seed, run, t, entity, stream, attempt):
    """A number uniform in (0, 1), from the first two words of its block (E12.3).

    Parameters
    ----------
    seed, run, t, entity, stream, attempt : int64
        The address; see the module.

    Returns
    -------
    float64
        (j + 1/2)·2^-52; never 0, never 1.
    """
    w0, w1, _, _ = block(seed, run, t, entity, stream, attempt)
    return middle(w0, w1)


@kernel(f"UniTuple(float64, 2)({ADDRESS}, int64)")
def uniform_pair(seed, run, t, entity, stream, attempt):
    """Two independent uniforms from one block; the first is `uniform` at the same address (E12.3).

    Parameters
    ----------
    seed, run, t, entity, stream, attempt : int64
        The address; see the module.

    Returns
    -------
    tuple of two float64
        Each in (0, 1).
    """
    w0, w1, w2, w3 = block(seed, run, t, entity, stream, attempt)
    return middle(w0, w1), middle(w2, w3)


@kernel("int64(int64)")
def lanes(count):
    """Return the least multiple of `LANES` that is at least `count` (E12.12)."""
    return (count + LANES - 1) // LANES * LANES


@kernel(f"void({ADDRESS}, int64, float64[::1])")
def uniforms(seed, run, t, n_entities, stream, attempt, out):
    """Write `uniform` at the address of each of the first entities into `out` (E12.12).

    The length of `out` is `lanes(n_entities)` or more.
    """
    for entity in range(lanes(n_entities)):
        w0, w1, _, _ = block(seed, run, t, entity, stream, attempt)
        out[entity] = middle(w0, w1)


@kernel("int64(float64, float64)")
def bernoulli(u, chance):
    """1 with probability p: where u > 1 - p, so that a large u is the severe outcome (E12.4).

    Parameters
    ----------
    u : float64
        Uniform in (0, 1) from this module.
    chance : float64
        The probability p. 0 never happens, 1 always does.

    Returns
    -------
    int64
        0 or 1; non-decreasing in u and in p.
    """
    return 1 if 1.0 - u < chance else 0


@kernel("int64(float64, float64[:], int64)")
def categorical(u, chances, n_options):
    """An index drawn with given probabilities: the least i with u < p_0 + ... + p_i (E12.5).

    Parameters
    ----------
    u : float64
        Uniform in (0, 1).
    chances : float64 array
        Probabilities of the options in order of severity, summing to 1 within rounding.
    n_options : int64
        Number of options, at most the length of `chances`.

    Returns
    -------
    int64
        Never an option of probability 0. Where rounding leaves the sum below u: the last option of positive
        probability. -1 where there is none.
    """
    total = 0.0
    last = -1
    for i in range(n_options):
        if chances[i] > 0.0:
            last = i
            total += chances[i]
            if u < total:
                return last
    return last


@kernel
def split(total, weights, n_options, out, when, entity, stream):
    """A multinomial split of a small total: each unit goes to option i with probability w_i / Σ w (E12.6).

    Parameters
    ----------
    total : int64
        Units to share out, 0 to `SPLIT_LIMIT` (2^19); made for deaths, one draw a unit.
    weights : float64 array
        Non-negative weights of the options; they need not sum to 1.
    n_options : int64
        Number of options, at most the length of `weights` and of `out`.
    out : int64 array
        Modified in place: units of each option, summing to `total`; all 0 unless the split was done.
    when : tuple of three int64
        (seed, run, t), the first part of the address.
    entity, stream : int64
        The rest; unit i uses attempt i, so a larger total only adds units.

    Returns
    -------
    int64
        `SPLIT_DONE`, `SPLIT_TOO_MANY` (total negative or beyond the limit) or `SPLIT_NO_WEIGHT` (no positive weight).
    """
    seed, run, t = when
    mass = 0.0
    for i in range(n_options):
        out[i] = 0
        mass += weights[i]
    if total < 0 or total > SPLIT_LIMIT:
        return SPLIT_TOO_MANY
    if not mass > 0.0:
        return SPLIT_DONE if total == 0 else SPLIT_NO_WEIGHT
    for unit in range(total):
        u = uniform(seed, run, t, entity, stream, unit)
        out[categorical(u * mass, weights, n_options)] += 1
    return SPLIT_DONE
