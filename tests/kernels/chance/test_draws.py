"""The addressed draws: known answers, distributions, independence, coupling.

False alarms: the distribution tests compare fixed draws with a p-value of 1e-4, so a right sampler with another seed
would fail one of these (about 60) tests with probability below 0.6 %. With the seeds fixed they always give the same
answer.
"""

import itertools
import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fragile_peace.codes import Stream
from fragile_peace.kernels.chance import draws, samplers, samplers_many
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.state import DRAWS, LONGEST_LIST

ALARM = 1e-4
FEWER = 200 if numba.config.DISABLE_JIT else 1
"""Plain Python is slow: it draws samples this many times smaller, which the same tests accept."""
SEED = 20260101
HIGHEST, LOWEST = 1.0 - 2.0**-53, 2.0**-53
words = st.integers(0, 2**32 - 1)


@kernel
def many_uniforms(seed, n, out):
    """First and second uniforms of n runs, the first of the next week and of the next attempt."""
    for run in range(n):
        out[0, run], out[1, run] = draws.uniform_pair(seed, run, 5, 3, 7, 0)
        out[2, run] = draws.uniform(seed, run, 6, 3, 7, 0)
        out[3, run] = draws.uniform(seed, run, 5, 3, 7, 1)
        out[4, run] = draws.uniform(seed, run, 5, 4, 7, 0)
        out[5, run] = draws.uniform(seed, run, 5, 3, 8, 0)
        out[6, run] = draws.uniform(seed + 1, run, 5, 3, 7, 0)
        out[7, run] = samplers.normal(seed, run, 5, 3, 9, 0)


@kernel
def many_gammas(shape, seed, out):
    """One gamma draw a run."""
    for run in range(out.size):
        out[run] = samplers.gamma(shape, seed, run, 0, 0, 15)


@kernel
def many_counts(mean, seed, out):
    """One Poisson draw a run."""
    for run in range(out.size):
        out[run] = samplers.poisson(mean, seed, run, 0, 0, 17)


@kernel
def many_sizes(most, tail, seed, out):
    """One size of an event a run."""
    for run in range(out.size):
        out[run] = samplers.event_size(most, tail, seed, run, 0, 0, 13)


def test_philox_gives_the_published_answers():
    """Random123, tests/kat_vectors, philox4x32 with 10 rounds."""
    ones = 0xFFFFFFFF
    known = {
        (0, 0, 0, 0, 0, 0): (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
        (ones, ones, ones, ones, ones, ones): (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0): (
            0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1,
        ),
    }  # fmt: skip
    for counter_and_key, answer in known.items():
        assert draws.philox(*counter_and_key) == answer
        assert getattr(draws.philox, "py_func", draws.philox)(*counter_and_key) == answer


@given(
    st.integers(-(2**63), 2**63 - 1),
    words,
    st.integers(-1, 10**4),
    st.integers(0, 32),
    st.integers(0, 2**12 - 1),
    st.integers(0, 2**20 - 1),
)
def test_the_packing_is_the_published_one(seed, run, week, entity, stream, attempt):
    counter = (run, week & 0xFFFFFFFF, entity, stream * 2**20 + attempt)
    key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
    assert draws.block(seed, run, week, entity, stream, attempt) == draws.philox(*counter, *key)


def test_the_first_draws_stay_as_published():
    """Regression: these numbers are in every published result."""
    address = (SEED, 3, -1, 2, int(Stream.TYPE_RUSSIA))
    assert draws.uniform(*address, 0) == float.fromhex("0x1.db02bedd6c968p-4")
    assert samplers.gamma(0.76, *address) == float.fromhex("0x1.3b24d54ce6c61p-6")
    assert [samplers.poisson(mean, *address) for mean in (0.5, 9.0, 40.0, 1e4, 1e6)] == [0, 6, 31, 9861, 998612]
    assert [samplers.event_size(500, tail, *address) for tail in (1.5, 2.4, 2.95)] == [1, 1, 1]


def test_uniforms_are_open_exact_and_paired():
    assert draws.middle(0, 0) == LOWEST
    assert draws.middle(0xFFFFFFFF, 0xFFFFFFFF) == HIGHEST
    for run in range(200):
        u, v = draws.uniform_pair(SEED, run, 0, 0, 0, 0)
        w = draws.block(SEED, run, 0, 0, 0, 0)
        assert u == draws.uniform(SEED, run, 0, 0, 0, 0) == ((w[0] // 64) * 2**26 + w[1] // 64 + 0.5) / 2**52
        assert v == ((w[2] // 64) * 2**26 + w[3] // 64 + 0.5) / 2**52
        assert 1.0 - (1.0 - u) == u


def test_uniforms_are_uniform_and_neighbours_are_unrelated():
    n = 200_000 // FEWER
    out = np.empty((8, n))
    many_uniforms(SEED, n, out)
    for row in out[:7]:
        assert stats.kstest(row, "uniform").pvalue > ALARM
        low_bits = np.bincount((row * 2.0**52).astype(np.int64) & 15, minlength=16)
        assert stats.chisquare(low_bits).pvalue > ALARM
    assert stats.kstest(out[7], "norm").pvalue > ALARM
    streams = np.vstack([out, np.roll(out[0], 1)])
    correlation = np.corrcoef(streams)[np.triu_indices(len(streams), 1)]
    # 36 correlations, each normal with deviation 1/sqrt(n): beyond 4.8 of them with probability 6e-5 in all.
    assert np.abs(correlation).max() < 4.8 / math.sqrt(n)


def test_every_address_has_a_block_of_its_own():
    axes = [(0, 1, 2**32 - 1), (-1, 0, 1, 103), (0, 1, 31), (0, 1, 33, 4095), (0, 1, 255, 256, 2**20 - 1)]
    addresses = list(itertools.product(*axes))
    blocks = {draws.block(SEED, *address) for address in addresses}
    assert len(blocks) == len(addresses)
    assert draws.block(SEED, 0, 0, 0, 0, 0) != draws.block(SEED + 2**32, 0, 0, 0, 0, 0)


def test_samplers_stay_inside_their_attempts():
    assert 2 * samplers.GAMMA_TRIES < samplers.SAMPLER_SPAN
    assert samplers.POISSON_TRIES <= samplers.SAMPLER_SPAN
    for run in range(300):
        address = (SEED, run, 4, 2, 13)
        assert samplers.poisson(30.0, *address) == samplers._poisson_from(30.0, *address, 0)
        assert samplers.gamma(0.5, *address) == samplers._gamma_from(0.5, *address, 0)


@pytest.mark.parametrize("shape", [0.05, 0.3, 0.76, 1.0, 1.5, 5.0, 300.0, 1e6])
def test_gamma_has_its_distribution(shape):
    out = np.empty(100_000 // FEWER)
    many_gammas(shape, SEED, out)
    assert (out >= 0.0).all()
    assert stats.kstest(out, stats.gamma(shape).cdf).pvalue > ALARM
    assert abs(out.mean() - shape) < 4.5 * math.sqrt(shape / out.size)


def fits(sample, law):
    """Chi-square p-value of counts against a law, in bins of about equal probability (at least 5 draws each)."""
    edges = np.unique(law.ppf(np.linspace(0.0, 1.0, 41)[1:-1]).astype(np.int64))
    tails = np.concatenate([law.cdf(edges), [1.0]])
    expected = np.diff(np.concatenate([[0.0], tails])) * sample.size
    observed = np.bincount(np.searchsorted(edges, sample), minlength=edges.size + 1)
    full = expected >= 5.0
    if not full.all():
        observed = np.append(observed[full], observed[~full].sum())
        expected = np.append(expected[full], expected[~full].sum())
    return stats.chisquare(observed, expected * (observed.sum() / expected.sum())).pvalue


@pytest.mark.parametrize("mean", [0.01, 0.33, 3.0, 9.999, 10.0, 11.3, 29.0, 100.0, 1e3, 1e4, 1e5, 1e6])
def test_poisson_has_its_distribution(mean):
    out = np.empty(200_000 // FEWER, np.int64)
    many_counts(mean, SEED, out)
    law = stats.poisson(mean)
    assert fits(out, law) > ALARM
    assert abs(out.mean() - mean) < 4.5 * math.sqrt(mean / out.size)
    # The extremes: a sampler that is wrong in its tails only would show here (each side below ALARM).
    assert law.sf(out.max() - 1) * out.size > ALARM
    assert law.cdf(out.min()) * out.size > ALARM


@pytest.mark.parametrize("mean", [10.0, 12.0, 40.0, 1e3])
def test_poisson_has_thin_tails_of_the_right_weight(mean):
    """Draws beyond the 0.1 % and 99.9 % quantiles, counted: 4.2 deviations on each side."""
    n = 400_000 // FEWER
    out = np.empty(n, np.int64)
    many_counts(mean, SEED + 1, out)
    law = stats.poisson(mean)
    low, high = law.ppf(0.001), law.isf(0.001)
    for seen, p in ((out <= low).sum(), law.cdf(low)), ((out > high).sum(), law.sf(high)):
        assert abs(seen - n * p) < 4.2 * math.sqrt(n * p)


@pytest.mark.parametrize(("most", "tail"), [(1, 2.4), (5, 2.95), (9, 1.5), (300, 2.4), (5000, 2.95), (500_000, 1.5)])
def test_sizes_of_events_have_their_distribution(most, tail):
    """SciPy's zipfian law is the same one."""
    out = np.empty(200_000 // FEWER, np.int64)
    many_sizes(most, tail, SEED, out)
    assert out.min() >= 1
    assert out.max() <= most
    assert most == 1 or fits(out, stats.zipfian(tail, most)) > ALARM


@pytest.mark.parametrize("tail", [0.5, 1.0, 1.4, 1.95, 2.0, 2.4, 2.95, 6.0])
@pytest.mark.parametrize("most", [1, 7, 8, 9, 30, 12_345])
def test_sums_of_powers_and_means_of_sizes(most, tail):
    exact = math.fsum(n**-tail for n in range(1, most + 1))
    total, weighted = samplers.power_sums(most, tail)
    assert total == pytest.approx(exact, rel=1e-11)
    exact_mean = math.fsum(n ** (1 - tail) for n in range(1, most + 1))
    assert weighted == pytest.approx(exact_mean, rel=1e-11)
    assert samplers.mean_size(most, tail) == pytest.approx(exact_mean / exact, rel=1e-11)


def test_counts_at_the_edges():
    address = (SEED, 0, 0, 0, 17)
    for mean in (0.0, -1.0, -math.inf, math.nan):
        assert samplers.poisson(mean, *address) == 0
    assert samplers.gamma(0.0, *address) == samplers.gamma(-1.0, *address) == 0.0
    assert samplers.poisson(5e-324, *address) == 0
    assert samplers.gamma(1e-3, *address) >= 0.0
    assert abs(samplers.poisson(1e9, *address) - 1e9) < 6 * math.sqrt(1e9)


def test_small_poisson_counts_invert_the_distribution_and_rise_with_the_mean():
    rng = np.random.default_rng(3)
    for u in [LOWEST, *rng.random(300), HIGHEST]:
        means = np.sort(rng.uniform(0.0, 10.0, 4))
        counts = [samplers._poisson_by_inversion(mean, u) for mean in means]
        assert counts == sorted(counts)
        # The quantile that SciPy gives; in the last cell of u the rounding of the sum decides where the walk stops.
        slack = 6 if u == HIGHEST else 0
        assert all(abs(k - stats.poisson(mean).ppf(u)) <= slack for k, mean in zip(counts, means, strict=True))


@pytest.mark.parametrize("places", [1, 8, 17, 32])
def test_uniforms_of_all_places_are_those_of_each_place(places):
    out = np.zeros(32)
    for run in range(20):
        address = (SEED, run, run % 7 - 1)
        draws.uniforms(*address, places, 17, 3, out)
        assert out[:places].tolist() == [draws.uniform(*address, s, 17, 3) for s in range(places)]


@pytest.mark.parametrize("n", [0, 1, 8, 17, 128])
def test_draws_of_a_list_are_those_of_each_address(n):
    """Bit for bit, on both sides of every threshold: shapes about 1, means about 10, tries that are rejected."""
    rng = np.random.default_rng(n)
    listed = np.zeros(1, DRAWS)[0]
    assert LONGEST_LIST == listed["mean"].size == 128
    for run in range(200 // FEWER):
        when = (SEED, run, run % 7 - 1)
        listed["entity"], listed["stream"] = rng.integers(0, 32, 128), rng.integers(0, 29, 128)
        where = [(int(s), int(stream)) for s, stream in zip(listed["entity"][:n], listed["stream"][:n], strict=True)]
        samplers_many.pair_of_each(when, n, listed["entity"], listed["stream"], 3, listed["u"], listed["v"])
        pairs = zip(listed["u"][:n].tolist(), listed["v"][:n].tolist(), strict=True)
        assert list(pairs) == [draws.uniform_pair(*when, *at, 3) for at in where]
        samplers_many.uniform_of_each(when, n, listed["entity"], listed["stream"], 3, listed["v"])
        assert listed["v"][:n].tolist() == listed["u"][:n].tolist()
        shape = (0.05, 0.76, 1.0, 3.7, 100.0)[run % 5]
        samplers_many.gammas(listed, shape, when, n)
        assert listed["gamma"][:n].tolist() == [samplers.gamma(shape, *when, *at) for at in where]
        means = 10 ** rng.uniform(-3, 5 if run % 2 else 1.5, 128)
        negative = 0.0 if numba.config.DISABLE_JIT else -1.0  # plain Python has no root of it
        means[:4] = 0.0, math.nan, samplers.SMALL_MEAN, negative
        listed["mean"] = means
        samplers_many.poissons(listed, when, n)
        assert listed["count"][:n].tolist() == [samplers.poisson(means[i], *when, *at) for i, at in enumerate(where)]


@kernel
def squeezed_and_tested(mean, u, v, out):
    """The count by the squeeze and by the exact test of each try."""
    for i in range(mean.size):
        out[0, i] = samplers.ptrs_squeezed(mean[i], u[i], v[i])
        out[1, i] = samplers.ptrs_tested(mean[i], u[i], v[i])


SLIVER = {"mean": (17.2, 57.7), "u": (0.07, 0.0707), "v": 0.004}
"""Where the squeeze accepts what the exact test does not: means, u, and how far v is below the squeeze's edge."""


def edge_of(mean):
    """The largest v that the squeeze accepts."""
    return 0.9277 - 3.6224 / (0.931 + 2.53 * np.sqrt(mean) - 2.0)


def test_the_exact_test_accepts_what_the_squeeze_accepts_but_for_a_sliver():
    """A million tries of means from 10 to 1e9, some on the squeeze's edge, of any seed: lists ask it first."""
    rng = np.random.default_rng()
    n = 1_000_000 // FEWER
    mean, out = 10 ** rng.uniform(1, np.where(rng.random(n) < 0.5, 2, 9)), np.empty((2, n))
    u, v = rng.random(n), np.where(rng.random(n) < 0.3, edge_of(mean), rng.random(n))
    squeezed_and_tested(mean, u, v, out)
    accepted = out[0] != samplers.OPEN
    assert 0.5 < accepted.mean() < (out[1] != samplers.OPEN).mean() < 1.0
    (low, high), (first, last) = SLIVER["mean"], SLIVER["u"]
    near = (mean > low) & (mean < high) & (u >= first) & (u < last) & (v > edge_of(mean) - SLIVER["v"])
    assert np.array_equal(out[0, accepted & ~near], out[1, accepted & ~near])


def test_the_ends_of_the_sliver():
    """The higher v, the sooner the exact test rejects: v on the squeeze's edge shows every mean that has a sliver."""
    low, high = SLIVER["mean"]
    mean = np.arange(10.0, 300.0, 0.002 * FEWER)
    found, beyond = np.zeros(mean.size, dtype=bool), np.empty((2, mean.size))
    for u in SLIVER["u"][0] + np.geomspace(1e-9, 1e-3, 400 // math.isqrt(FEWER)):
        squeezed_and_tested(mean, np.full(mean.size, u), edge_of(mean), beyond)
        found |= (beyond[0] != samplers.OPEN) & (beyond[1] == samplers.OPEN)
    assert low < mean[found].min()
    assert mean[found].max() < high
    if FEWER == 1:
        assert mean[found].min() == pytest.approx(17.254, abs=1e-3)
        assert mean[found].max() == pytest.approx(57.648, abs=1e-3)


@pytest.mark.parametrize(("mean", "share"), [(17.2, 0.0), (27.22, 3.005e-7), (57.7, 0.0)])
def test_the_size_of_the_sliver(mean, share):
    """By the midpoints of a grid over it; the largest is near a mean of 27 (a scan of 10 to 300 in steps of 0.01)."""
    n = 600 // math.isqrt(FEWER)
    first, last = SLIVER["u"]
    middle = (np.arange(n) + 0.5) / n
    u, below = (grid.ravel() for grid in np.meshgrid(first + (last - first) * middle, SLIVER["v"] * middle))
    out = np.empty((2, n * n))
    squeezed_and_tested(np.full(n * n, mean), u, edge_of(mean) - below, out)
    assert (out[0] != samplers.OPEN).all()
    only = (out[1] == samplers.OPEN).mean() * (last - first) * SLIVER["v"]
    assert only == pytest.approx(share, rel=0.01 if FEWER == 1 else 0.2)


@pytest.mark.parametrize("u", [LOWEST, 0.3, 0.5, HIGHEST])
def test_probabilities_zero_and_one(u):
    assert draws.bernoulli(u, 0.0) == 0
    assert draws.bernoulli(u, 1.0) == 1
    assert draws.categorical(u, np.array([0.0, 1.0, 0.0]), 3) == 1
    assert draws.categorical(u, np.array([0.0, 0.5, 0.5 - 1e-16, 0.0]), 4) in (1, 2), "rounding never reaches a zero"
    assert draws.categorical(u, np.array([1.0]), 1) == 0
    assert draws.categorical(u, np.zeros(3), 3) == -1


def test_categorical_follows_the_probabilities():
    p = np.array([0.1, 0.0, 0.6, 0.3])
    u = np.empty((8, 50_000 // FEWER))
    many_uniforms(SEED + 2, u.shape[1], u)
    drawn = np.bincount([draws.categorical(x, p, 4) for x in u[0]], minlength=4)
    assert drawn[1] == 0
    assert stats.chisquare(drawn[[0, 2, 3]], p[[0, 2, 3]] * u.shape[1]).pvalue > ALARM
    assert [draws.categorical(x, p, 4) for x in (0.0999, 0.1, 0.6999, 0.7)] == [0, 2, 2, 3]


@given(st.lists(st.integers(0, 64), min_size=2, max_size=5).filter(any), st.data())
def test_worse_distributions_never_draw_milder_outcomes(weights, data):
    """Moving weight to a more severe option, at the same u, never gives a milder one (weights in 64ths: exact sums)."""
    mild = np.array(weights, float)
    i = data.draw(st.integers(0, len(weights) - 2))
    j = data.draw(st.integers(i + 1, len(weights) - 1))
    moved = data.draw(st.integers(0, weights[i]))
    severe = mild.copy()
    severe[i] -= moved
    severe[j] += moved
    u = data.draw(st.floats(LOWEST, HIGHEST)) * mild.sum()
    assert draws.categorical(u, severe, mild.size) >= draws.categorical(u, mild, mild.size)


@given(st.integers(0, 2**52 - 1), st.floats(0, 1), st.floats(0, 1))
def test_bernoulli_rises_with_u_and_p_and_agrees_with_categorical(cell, p, q):
    u = (cell + 0.5) * 2.0**-52
    assert draws.bernoulli(u, min(p, q)) <= draws.bernoulli(u, max(p, q))
    assert draws.bernoulli(u, p) <= draws.bernoulli(max(u, 1.0 - u), p)
    grid = round(p * 64) / 64
    assert draws.bernoulli(u, grid) == draws.categorical(u, np.array([1.0 - grid, grid]), 2)


def test_split_shares_out_everything():
    weights = np.array([2.0, 0.0, 1.0, 5.0])
    out = np.empty(4, np.int64)
    assert draws.split(40_000, weights, 4, out, (SEED, 1, 2), 3, 14) == draws.SPLIT_DONE
    assert out.sum() == 40_000
    assert out[1] == 0
    assert stats.chisquare(out[[0, 2, 3]], 40_000 * weights[[0, 2, 3]] / 8).pvalue > ALARM


def test_one_more_unit_moves_no_other():
    weights = np.array([2.0, 1.0, 5.0])
    before, after = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for total in range(60):
        draws.split(total, weights, 3, before, (SEED, 1, 2), 3, 14)
        draws.split(total + 1, weights, 3, after, (SEED, 1, 2), 3, 14)
        assert sorted(after - before) == [0, 0, 1]


@pytest.mark.parametrize(
    ("total", "weights", "status"),
    [
        (-1, [1.0, 1.0], draws.SPLIT_TOO_MANY), (draws.SPLIT_LIMIT + 1, [1.0, 1.0], draws.SPLIT_TOO_MANY),
        (3, [0.0, 0.0], draws.SPLIT_NO_WEIGHT), (0, [0.0, 0.0], draws.SPLIT_DONE),
    ],
)  # fmt: skip
def test_split_refuses_what_it_cannot_do(total, weights, status):
    out = np.array([7, 7])
    assert draws.split(total, np.array(weights), 2, out, (SEED, 0, 0), 0, 14) == status
    assert out.tolist() == [0, 0]


def test_streams_fit_their_bits():
    assert max(Stream) < 2**12
