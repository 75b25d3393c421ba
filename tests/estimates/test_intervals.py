"""Intervals against SciPy, known answers, and their coverage on toys whose truth is known.

Coverage: REPETITIONS fixed-seed repetitions; a true 95 % interval falls outside 93-97 % with a chance below 1e-6 each
(binomial, sd 0.0034). Binomial intervals are also counted out exactly, over every outcome.
"""

import numpy as np
import pytest
from scipy import stats

from fragile_peace_lab.estimates import compensators, intervals, members

REPETITIONS = 4000
LOW, HIGH = 0.93, 0.97


def covered(interval, truth):
    """The share of intervals that hold the truth."""
    return np.mean((interval.low <= truth) & (truth <= interval.high))


def coverage(rule, n, p):
    """The exact chance that the rule's interval for k of n holds p."""
    k = np.arange(n + 1)
    interval = rule(k, n)
    return float(stats.binom.pmf(k, n, p) @ ((interval.low <= p) & (p <= interval.high)))


@pytest.mark.parametrize("n", [1, 2, 7, 50, 120])
@pytest.mark.parametrize("method", ["wilson", "exact"])
def test_binomial_intervals_are_those_of_scipy(n, method):
    k = np.arange(n + 1)
    ours = intervals.wilson(k / n, n) if method == "wilson" else intervals.exact(k, n)
    theirs = [stats.binomtest(int(i), n).proportion_ci(method=method) for i in k]
    np.testing.assert_allclose(ours.low, [ci.low for ci in theirs], rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.high, [ci.high for ci in theirs], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [1, 5, 50, 3000])
def test_none_and_all_show_their_exact_ends(n):
    none, full = intervals.proportion(0, n), intervals.proportion(n, n)
    assert none.low == 0.0
    assert full.high == 1.0
    assert none.high == pytest.approx(1 - 0.025 ** (1 / n), abs=1e-14)
    assert full.low == pytest.approx(0.025 ** (1 / n), abs=1e-14)


@pytest.mark.parametrize("n", [50, 200, 1000])
@pytest.mark.parametrize("expected", [2, 3, 5, 8, 12])
def test_wilson_covers_93_to_97_where_two_events_are_expected(n, expected):
    """Coverage of an interval of a count jumps with p, here by up to 0.03; its mean over neighbouring p is judged."""
    exactly = [coverage(intervals.proportion, n, p) for p in np.linspace(expected, 1.5 * expected, 41) / n]
    assert LOW < np.mean(exactly) < HIGH
    assert 0.925 < min(exactly)
    assert max(exactly) < 0.98
    rng = np.random.default_rng(n + expected)
    p = rng.uniform(expected, 1.5 * expected, REPETITIONS) / n
    assert LOW < covered(intervals.proportion(rng.binomial(n, p), n), p) < HIGH


@pytest.mark.parametrize("n", [1, 10, 50, 400])
def test_exact_covers_at_least_95_always(n):
    assert min(coverage(intervals.exact, n, p) for p in np.linspace(0, 1, 301)) >= 0.95 - 1e-12
    rng = np.random.default_rng(n)
    p = rng.uniform(0, 0.5, REPETITIONS)
    assert covered(intervals.exact(rng.binomial(n, p), n), p) >= 0.95 - 3 * 0.0034


@pytest.mark.parametrize(
    ("draw", "runs", "truth"),
    [
        (lambda rng, size: rng.standard_normal(size), 10, 0.0),
        (lambda rng, size: rng.gamma(2.0, 1.0, size), 40, 2.0),
        (lambda rng, size: rng.poisson(3.0, size), 30, 3.0),
    ],
    ids=["normal", "skewed", "counts"],
)
def test_means_cover(draw, runs, truth):
    x = draw(np.random.default_rng(1), (REPETITIONS, runs))
    assert LOW < covered(intervals.t_interval(*intervals.jackknife_ratio(x, np.ones(x.shape))), truth) < HIGH


def test_jackknife_of_a_mean_is_the_t_interval_and_of_a_ratio_leaves_one_out():
    rng = np.random.default_rng(2)
    n, d = rng.poisson(5.0, 12).astype(float), rng.gamma(3.0, 1.0, 12)
    mean = intervals.jackknife_ratio(n, np.ones(12))
    assert mean.se == pytest.approx(stats.sem(n), rel=1e-12)
    ends = intervals.t_interval(*mean)
    assert (ends.low, ends.high) == pytest.approx(stats.t.interval(0.95, 11, n.mean(), stats.sem(n)), rel=1e-12)
    left = np.array([np.delete(n, r).sum() / np.delete(d, r).sum() for r in range(12)])
    ratio = intervals.jackknife_ratio(n, d)
    assert ratio.estimate == pytest.approx(n.sum() / d.sum(), rel=1e-14)
    assert ratio.se == pytest.approx(np.sqrt(11 / 12 * ((left - left.mean()) ** 2).sum()), rel=1e-12)


def test_ratio_of_totals_covers_where_runs_differ_in_exposure():
    rng = np.random.default_rng(3)
    d = rng.gamma(4.0, 1.0, (REPETITIONS, 40))
    n = rng.poisson(0.7 * d * rng.gamma(3.0, 1 / 3, d.shape))
    assert LOW < covered(intervals.t_interval(*intervals.jackknife_ratio(n, d)), 0.7) < HIGH


def test_degenerate_ratios_have_no_made_up_error():
    constant = intervals.jackknife_ratio(np.full(5, 0.1), np.full(5, 1.0))
    assert constant.se == 0.0
    one = intervals.jackknife_ratio(np.array([2.0, 0.0]), np.array([4.0, 0.0]))
    assert one.estimate == 0.5
    assert one.df == 0
    assert np.isnan(one.se)
    assert np.isnan(intervals.jackknife_ratio(np.zeros(3), np.zeros(3)).estimate)
    assert np.isnan(intervals.effective_proportion(0.5, np.nan, 0, 1).low)
    same = intervals.effective_proportion(0.25, 0.0, 9, 10)
    assert (same.low, same.high) == (0.25, 0.25)


@pytest.mark.parametrize(("p", "alike"), [(0.05, 0.3), (0.2, 0.5), (0.5, 0.9), (0.05, 0.0)])
def test_probabilities_cover_where_members_share_their_draws(p, alike):
    rng = np.random.default_rng(4)
    common, own = rng.standard_normal((REPETITIONS, 1, 60)), rng.standard_normal((REPETITIONS, 8, 60))
    happened = np.sqrt(alike) * common + np.sqrt(1 - alike) * own < stats.norm.ppf(p)
    ratio = intervals.jackknife_ratio(happened.sum(1), np.full((REPETITIONS, 60), 8.0))
    assert LOW < covered(intervals.effective_proportion(*ratio, 60), p) < HIGH
    if alike >= 0.3:  # what counting rows instead of draws would give
        assert covered(intervals.wilson(happened.mean((1, 2)), 480), p) < 0.9


def nested(rng, effects, noise, runs, common):
    """Members x draws: the member's effect, noise of its own, and what a draw does to all members alike."""
    own = noise * rng.standard_normal((*effects.shape, runs))
    return effects[..., None] + own + common * rng.standard_normal((len(effects), 1, runs))


SHAPES = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "uniform": lambda rng, size: rng.uniform(-(3**0.5), 3**0.5, size),
    "skewed": lambda rng, size: rng.gamma(4.0, 0.5, size) - 2.0,  # skewness 1, kurtosis 4.5
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("noise", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("own", [True, False], ids=["own draws", "shared draws"])
def test_variance_between_members_covers_and_is_unbiased(shape, noise, own):
    """True variance from 16 times the noise to a quarter of it. With shared draws and little variance up to 99 %."""
    rng = np.random.default_rng(11)
    z = nested(rng, SHAPES[shape](rng, (REPETITIONS, 48)), noise, 16, common=0.0 if own else 1.0)
    result = members.spread(z, np.ones(z.shape), own)
    assert result.variance.mean() == pytest.approx(1.0, abs=4 * result.variance.std() / REPETITIONS**0.5)
    assert result.noise.mean() == pytest.approx(noise**2 / 16, rel=0.02)
    assert LOW < covered(members.variance_interval(result), 1.0) < (HIGH if own or noise == 1.0 else 0.995)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["stretched", "thresholds"])
def test_variance_covers_where_a_draw_does_more_to_some_members_than_to_others(shape, kind):
    """Shared draws that stretch all differences, or let happen what is likely enough. 92.5-98.5 %."""
    rng = np.random.default_rng(12)
    effects = SHAPES[shape](rng, (1500, 64))
    if kind == "stretched":
        z = effects[..., None] * (1.0 + 2.0 * rng.standard_normal((1500, 1, 32))) + rng.standard_normal((1500, 64, 32))
        truth = 1.0
    else:
        chances = np.clip(0.3 + 0.1 * effects, 0.0, 1.0)
        z = (rng.random((1500, 1, 64)) < chances[..., None]).astype(float)
        truth = np.clip(0.3 + 0.1 * SHAPES[shape](rng, 1_000_000), 0.0, 1.0).var()
    ends = members.variance_interval(members.spread(z, np.ones(z.shape)))
    told = np.isfinite(ends.low)
    assert told.mean() > 0.95
    assert 0.925 < ((ends.low <= truth) & (truth <= ends.high))[told].mean() < 0.985


def test_no_interval_where_too_few_shared_draws_set_members_apart():
    z = np.zeros((10, 40))
    z[:4, 0] = 1.0
    assert np.isnan(members.variance_interval(members.spread(z, np.ones(z.shape))).high)


def test_without_common_draws_the_noise_is_the_mean_within_member_variance():
    rng = np.random.default_rng(6)
    z = nested(rng, rng.standard_normal((200, 10)), 2.0, 8, common=0.0)
    result = members.spread(z, np.ones(z.shape))
    assert result.noise.mean() == pytest.approx((z.var(-1, ddof=1) / 8).mean(), rel=0.02)


def test_shrunken_members_have_the_corrected_variance_and_no_noise_leaves_them_alone():
    rng = np.random.default_rng(7)
    z = nested(rng, rng.standard_normal((1, 40)), 2.0, 12, common=1.0)[0]
    result = members.spread(z, np.ones(z.shape))
    assert members.shrunken(result.values, result.variance).var(ddof=1) == pytest.approx(result.variance, rel=1e-12)
    exact = members.spread(np.repeat(np.arange(5.0)[:, None], 3, axis=1), np.ones((5, 3)))
    np.testing.assert_allclose(members.shrunken(exact.values, exact.variance), np.arange(5.0), atol=1e-12)
    band = members.band(np.arange(21.0), np.array(np.arange(21.0).var(ddof=1)))
    assert (band.low, band.high) == (1.0, 19.0)
    values = rng.standard_normal((3, 17))
    band = members.band(values, values.var(-1, ddof=1))
    np.testing.assert_allclose([band.low, band.high], np.quantile(values, members.BAND, axis=-1), rtol=1e-12)
    assert np.ptp(members.shrunken(values[0], np.array(-0.1))) == 0.0


def test_the_band_of_shares_is_that_of_their_runs():
    rng = np.random.default_rng(8)
    counts = rng.random((9, 30)) < 0.6
    event = counts & (rng.random((9, 30)) < rng.random((9, 1)))
    slow = members.spread(event.astype(float), counts.astype(float), own=True)
    quick = members.share_band(event.sum(1), counts.sum(1), 30)
    np.testing.assert_allclose(quick, members.band(slow.values, slow.variance), rtol=1e-12)


def hazards(rng, chances, weeks, runs, number=1):
    """Runs with a weekly hazard each: the event and its compensator, shape (members, runs); draws are shared."""
    h = rng.choice(list(chances), p=list(chances.values()), size=(1, runs))
    when = np.ceil(np.log1p(-rng.random((1, runs))) / np.log1p(-h))
    pair = (when <= weeks).astype(float), h * np.minimum(when, weeks)
    return [np.repeat(x, number, axis=0) for x in pair]


@pytest.mark.parametrize(
    ("chances", "weeks", "runs", "number", "gain"),
    [
        ({0.0005: 0.5, 0.002: 0.5}, 26, 100, 1, 40.0),  # rare: b = 1, the mean compensator
        ({0.01: 0.8, 0.05: 0.2}, 52, 100, 1, 2.0),  # common
        ({0.001: 0.8, 0.01: 0.2}, 26, 60, 4, 5.0),  # members that share draws
    ],
    ids=["rare", "common", "shared"],
)
def test_compensators_are_unbiased_cover_and_reduce_variance(chances, weeks, runs, number, gain):
    """92.5-97.5 %: with b fitted from 60 to 100 draws the interval is approximate."""
    rng = np.random.default_rng(9)
    truth = sum(weight * (1 - (1 - h) ** weeks) for h, weight in chances.items())
    plain, sharp, hits = [], [], 0
    for _ in range(2000):
        happened, compensator = hazards(rng, chances, weeks, runs, number)
        ones = np.ones(happened.shape)
        control = compensators.controlled(happened, ones, [compensator - happened], additive=True)
        ratio = intervals.jackknife_ratio(control.values.sum(0), ones.sum(0), control.weight)
        ends = intervals.effective_proportion(np.clip(ratio.estimate, 0, 1), ratio.se, ratio.df - control.fitted, runs)
        hits += ends.low <= truth <= ends.high
        plain.append(happened.mean())
        sharp.append(ratio.estimate)
    assert np.mean(sharp) == pytest.approx(truth, abs=max(4 * np.std(sharp) / 2000**0.5, 0.005 * truth))
    assert np.var(plain) / np.var(sharp) > gain
    assert 0.925 < hits / 2000 < 0.975


def test_a_fixed_coefficient_is_used_below_ten_events():
    happened, compensator = np.zeros((2, 50)), np.full((2, 50), 0.01)
    rare = compensators.controlled(happened, np.ones((2, 50)), [compensator - happened], additive=True)
    assert not rare.fitted
    assert rare.values.mean() == pytest.approx(0.01)
    union = compensators.controlled(happened, np.ones((2, 50)), [compensator - happened], additive=False)
    assert union.values.mean() == 0.0


def test_jackknife_of_the_fitted_control_leaves_one_out():
    rng = np.random.default_rng(10)
    happened, compensator = hazards(rng, {0.01: 0.8, 0.05: 0.2}, 52, 40)
    gap = compensator - happened

    def fit(keep):
        ones = np.ones((1, len(keep)))
        return compensators.controlled(happened[:, keep], ones, [gap[:, keep]], additive=True).values.mean()

    everyone = np.arange(40)
    left = np.array([fit(np.delete(everyone, r)) for r in everyone])
    control = compensators.controlled(happened, np.ones((1, 40)), [gap], additive=True)
    se = intervals.jackknife_ratio(control.values.sum(0), np.ones(40), control.weight).se
    assert control.fitted
    assert se == pytest.approx(np.sqrt(39 / 40 * ((left - left.mean()) ** 2).sum()), rel=1e-9)


@pytest.mark.parametrize(("p", "runs"), [(0.03, 25), (0.15, 12), (0.5, 12)])
def test_probabilities_cover_where_members_have_draws_of_their_own(p, runs):
    """Members differ: their chances are beta with this mean. The error is of the runs alone, given the members."""
    rng = np.random.default_rng(13)
    chances = rng.beta(2.0, 2.0 / p - 2.0, 40)
    happened = (rng.random((REPETITIONS, 40, runs)) < chances[:, None]).astype(float)
    ratio = intervals.nested_ratio(happened, np.ones(happened.shape))
    assert LOW < covered(intervals.effective_proportion(*ratio, 40 * runs), chances.mean()) < HIGH
    assert ratio.se.mean() == pytest.approx(ratio.estimate.std(), rel=0.05)


def test_ratios_and_paired_differences_cover_where_members_have_draws_of_their_own():
    rng = np.random.default_rng(14)
    level = rng.gamma(4.0, 0.25, 30)[:, None]
    d = rng.gamma(4.0, 0.25, (REPETITIONS, 30, 8))
    n = rng.poisson(0.7 * d * level)
    assert LOW < covered(intervals.t_interval(*intervals.nested_ratio(n, d)), 0.7 * level.mean()) < HIGH
    one = rng.random((REPETITIONS, 30, 8))
    off = (one < 0.3 + 0.1 * level).astype(float) - (one < 0.2)
    ratio = intervals.nested_ratio(off, np.ones(off.shape))
    assert LOW < covered(intervals.t_interval(*ratio), (0.1 + 0.1 * level).mean()) < HIGH


def test_the_exact_limits_hold_where_members_with_draws_of_their_own_differ():
    """Nothing in M R runs is likeliest where all members are alike."""
    rng = np.random.default_rng(15)
    chances = rng.beta(0.3, 20.0, (REPETITIONS, 20))
    counts = rng.binomial(10, chances).sum(1)
    assert covered(intervals.exact(counts, 200), chances.mean(1)) >= 0.95
    nothing, upper = np.prod((1 - chances) ** 10, axis=1), intervals.exact(0, 200).high
    assert np.all((chances.mean(1) <= upper) | (nothing <= 0.025))


def test_the_ratio_of_one_member_is_the_same_in_both_layouts():
    rng = np.random.default_rng(15)
    n, d = rng.poisson(5.0, (1, 30)).astype(float), rng.gamma(3.0, 1.0, (1, 30))
    own, shared = intervals.nested_ratio(n, d), intervals.jackknife_ratio(n[0], d[0])
    assert own.estimate == pytest.approx(shared.estimate, rel=1e-14)
    assert own.se == pytest.approx(shared.se, rel=1e-2)
    assert own.df == shared.df
    assert np.isnan(intervals.nested_ratio(np.ones((4, 1)), np.ones((4, 1))).se)


@pytest.mark.parametrize("own", [True, False], ids=["own draws", "shared draws"])
def test_types_of_known_chances_reduce_variance_and_cover(own):
    """Two types that matter, of chances .2 and .35: least squares takes what they explain."""
    rng = np.random.default_rng(16)
    number, runs = 8, 200
    plain, sharp, hits = [], [], 0
    for _ in range(1500):
        size = (number if own else 1, runs)
        gaps = [np.broadcast_to((rng.random(size) < chance) - chance, (number, runs)) for chance in (0.2, 0.35)]
        chances = 0.3 + 0.5 * gaps[0] - 0.3 * gaps[1]
        happened = (np.broadcast_to(rng.random(size), (number, runs)) < chances).astype(float)
        ones = np.ones(happened.shape)
        control = compensators.controlled(happened, ones, [], gaps, own=own)
        ratio = compensators.ratio_of(control.values, ones, control.weight, own)
        draws = happened.size if own else runs
        ends = intervals.effective_proportion(ratio.estimate, ratio.se, ratio.df - 2 * control.fitted, draws)
        hits += ends.low <= 0.3 <= ends.high
        plain.append(happened.mean())
        sharp.append(ratio.estimate)
    assert np.mean(sharp) == pytest.approx(0.3, abs=4 * np.std(sharp) / 1500**0.5)
    assert np.var(plain) / np.var(sharp) > 1.2
    assert LOW < hits / 1500 < HIGH


@pytest.mark.parametrize("runs", [12, 40, 128])
@pytest.mark.parametrize("p", [0.1, 0.45, 0.9])
def test_small_strata_cover_and_no_estimate_is_called_certain(runs, p):
    """A few runs of one type, with three gaps to fit, as a rung of the ladder has: counts where a fit means little.

    Coverage of a count jumps with p, so that its mean over neighbouring p is judged.
    """
    rng = np.random.default_rng(17 + runs)
    hits, used = 0, 0
    for _ in range(1500):
        near = p + rng.uniform(-0.05, 0.05)
        width = min(near, 1 - near, 0.25)
        guide = near + width * rng.uniform(-1.0, 1.0, (1, runs))
        happened = (rng.random((1, runs)) < guide).astype(float)
        gaps = [guide - happened, *rng.standard_normal((2, 1, runs)) * rng.gamma(0.3, 1.0, (2, 1, runs))]
        control = compensators.controlled(happened, np.ones((1, runs)), gaps)
        if len(control.b):
            ratio = compensators.ratio_of(control.values, np.ones((1, runs)), control.weight, False)
            ends = intervals.effective_proportion(ratio.estimate, ratio.se, ratio.df - 3, runs)
            assert 0 < ratio.estimate < 1
        else:
            ends = intervals.proportion(happened.sum(), runs)
        assert ends.low < ends.high
        hits += ends.low <= near <= ends.high
        used += control.fitted
    assert used == 0 or runs > 12
    assert 0.925 < hits / 1500 < 0.985


def test_runs_needed():
    assert intervals.runs_needed(0.5, 0.5 / 100**0.5, 100, 0.01, True) == 9604
    n = intervals.runs_needed(0.0, 0.0, 50, 0.01, True)
    assert intervals.exact(0, n).high <= 0.02 < intervals.exact(0, n - 1).high
    assert intervals.runs_needed(7.0, 0.0, 50, 0.01, False) == 1


def test_a_rate_of_which_nothing_was_seen_has_the_poisson_limit():
    assert intervals.no_count(10.0) == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 10.0, rel=1e-12)


def test_with_equal_denominators_the_weighted_band_is_the_plain_one():
    rng = np.random.default_rng(5)
    for own in (True, False):
        n = rng.normal(rng.normal(size=(40, 1)), 2.0, size=(40, 12))
        d = np.full(n.shape, 3.0)
        found, plain = members.weighted(n, d, own), members.spread(n, d, own)
        assert found.variance == pytest.approx(float(plain.variance), rel=1e-9)
        np.testing.assert_allclose(found.values, members.shrunken(plain.values, plain.variance), rtol=1e-9)
        np.testing.assert_allclose(found.band, members.band(plain.values, plain.variance), rtol=1e-9)


def test_the_band_of_a_rate_holds_the_estimate_and_the_members_true_rates():
    """Exposures over four orders of magnitude: members without any to speak of say nothing, and move nothing."""
    rng = np.random.default_rng(6)
    inside, ends = 0, []
    for _ in range(100):
        exposure = 10.0 ** rng.uniform(-2.0, 2.0, size=(128, 1)) * np.ones((128, 64))
        rate = rng.gamma(4.0, 0.05, size=(128, 1))
        n = rng.poisson(rate * exposure).astype(float)
        low, high = members.weighted(n, exposure, True).band
        inside += low <= n.sum() / exposure.sum() <= high
        ends.append((low, high))
    assert inside == 100
    true = stats.gamma.ppf(members.BAND, 4.0, scale=0.05)
    np.testing.assert_allclose(np.mean(ends, 0), true, rtol=0.15)


def test_members_of_one_rate_have_a_band_about_it():
    """With no spread at all the band is next to nothing wide, and lies at the pooled rate: 128 members, 64 runs."""
    rng = np.random.default_rng(7)
    exposure = 10.0 ** rng.uniform(-2.0, 2.0, size=(128, 1)) * np.ones((128, 64))
    widths = []
    for _ in range(100):
        n = rng.poisson(0.2 * exposure).astype(float)
        found = members.weighted(n, exposure, True)
        low, high = found.band
        pooled = n.sum() / exposure.sum()
        assert low <= pooled + 1e-12
        assert pooled <= high + 1e-12
        assert found.variance > 0 or low == pytest.approx(pooled) == pytest.approx(high)
        widths.append(high - low)
    assert np.median(widths) < 0.02
