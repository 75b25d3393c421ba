"""Survival and cumulative incidence: statsmodels, hand-worked numbers, coverage, limits.

Coverage as in test_intervals: 93-97 % over fixed-seed repetitions.
"""

import warnings

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from fragile_peace.errors import InputError
from fragile_peace_lab.estimates import incidence, intervals


def random_runs(seed, n, causes=3):
    """Tied weekly times, censoring at random times too."""
    rng = np.random.default_rng(seed)
    cause = rng.integers(0, causes + 1, n)
    cause[0] = causes
    return rng.integers(1, 30, n), cause


@pytest.mark.parametrize("n", [2, 25, 400])
@pytest.mark.parametrize("seed", range(5))
def test_aalen_johansen_equals_statsmodels(n, seed):
    time, cause = random_runs(seed, n)
    ours = incidence.aalen_johansen(time, cause, 3)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        theirs = CumIncidenceRight(time, cause)
    np.testing.assert_array_equal(ours.times, theirs.times)
    np.testing.assert_allclose(ours.incidence, np.array(theirs.cinc).T, rtol=0, atol=1e-10)
    se = np.array(theirs.cinc_se).T
    known = np.isfinite(se)
    np.testing.assert_allclose(ours.se[known], se[known], rtol=0, atol=1e-8)
    assert np.all(np.isfinite(ours.se))


@pytest.mark.parametrize("n", [1, 2, 25, 400])
@pytest.mark.parametrize("seed", range(5))
def test_kaplan_meier_equals_statsmodels_and_aalen_johansen(n, seed):
    time, cause = random_runs(seed, n)
    ours = incidence.kaplan_meier(time, cause > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SurvfuncRight(time, cause > 0)
    at = incidence.at(ours.times, ours.survival, theirs.surv_times, 1.0)
    np.testing.assert_allclose(at, theirs.surv_prob, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(ours.at_risk[np.searchsorted(ours.times, theirs.surv_times)], theirs.n_risk)
    both = incidence.aalen_johansen(time, cause, 3)
    np.testing.assert_allclose(both.incidence.sum(1), 1 - ours.survival, rtol=0, atol=1e-12)
    np.testing.assert_allclose(both.survival, ours.survival, rtol=0, atol=1e-12)


def test_by_hand():
    """Five runs: a war at 1, another at 2, one censored at 2, a different end at 3, one at the horizon 4."""
    result = incidence.aalen_johansen(np.array([1, 2, 2, 3, 4]), np.array([1, 1, 0, 2, 0]), 2)
    np.testing.assert_array_equal(result.at_risk, [5, 4, 2, 1])
    np.testing.assert_allclose(result.survival, [0.8, 0.6, 0.3, 0.3], atol=1e-15)
    np.testing.assert_allclose(result.incidence, [[0.2, 0], [0.4, 0], [0.4, 0.3], [0.4, 0.3]], atol=1e-15)
    np.testing.assert_array_equal(result.censored, [0, 1, 0, 1])
    grid = np.array([0.0, 1.5, 2.0, 9.0])
    np.testing.assert_allclose(incidence.at(result.times, result.incidence[:, 0], grid, 0.0), [0, 0.2, 0.4, 0.4])
    np.testing.assert_array_equal(incidence.at_risk_at([1, 2, 2, 3, 4], np.array([0, 1, 2, 2.5, 5])), [5, 5, 4, 2, 0])


def test_without_censoring_the_incidence_is_the_frequency_and_its_error_the_binomial_one():
    time, cause = random_runs(11, 300)
    time[cause == 0] = 30  # the horizon
    result = incidence.aalen_johansen(time, cause, 3)
    for k in range(3):
        share = np.array([np.mean((time <= t) & (cause == k + 1)) for t in result.times])
        np.testing.assert_allclose(result.incidence[:, k], share, atol=1e-12)
        np.testing.assert_allclose(result.se[:, k], np.sqrt(share * (1 - share) / 300), atol=1e-12)


def test_the_jackknife_over_draws_leaves_draws_out_and_agrees_for_single_runs(monkeypatch):
    time, cause = random_runs(12, 60)
    draw = np.arange(60) % 12
    result = incidence.aalen_johansen(time, cause, 3, draw)
    left = []
    for r in range(12):
        part = incidence.aalen_johansen(time[draw != r], cause[draw != r], 3)
        left.append(incidence.at(part.times, part.incidence, result.times, 0.0))
    left = np.array(left)
    expected = np.sqrt(11 / 12 * ((left - left.mean(0)) ** 2).sum(0))
    np.testing.assert_allclose(result.se, expected, atol=1e-12)
    monkeypatch.setattr(incidence, "BLOCK", 1)
    np.testing.assert_allclose(incidence.aalen_johansen(time, cause, 3, draw).se, expected, atol=1e-12)
    time, cause = random_runs(13, 2000)
    alone = incidence.aalen_johansen(time, cause, 3, np.arange(2000))
    np.testing.assert_allclose(alone.se, incidence.aalen_johansen(time, cause, 3).se, rtol=0.02, atol=1e-5)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [(0.002, 0.004, False), (0.004, 0.004, True)],
    ids=["independent", "shared draws"],
)
def test_cumulative_incidence_covers(first, second, shared):
    """Two weekly hazards, censoring at random times; with shared draws each draw is seen by two members alike.

    From six expected events on: below, coverage jumps with the count, as that of any binomial interval does.
    """
    rng = np.random.default_rng(14)
    n, grid = 80 if shared else 200, np.array([20.0, 30.0, 52.0, 104.0])
    truth = first / (first + second) * (1 - (1 - first - second) ** grid)
    hits = np.zeros(4)
    for _ in range(2000):
        time = rng.geometric(first + second, n)
        cause = 1 + (rng.random(n) > first / (first + second))
        stop = np.minimum(rng.integers(1, 208, n), 104)
        cause, time = np.where(time <= stop, cause, 0), np.minimum(time, stop)
        draw = None
        if shared:
            time, cause, draw = np.repeat(time, 2), np.repeat(cause, 2), np.repeat(np.arange(n), 2)
        result = incidence.aalen_johansen(time, cause, 2, draw)
        value, se = (incidence.at(result.times, x[:, 0], grid, 0.0) for x in (result.incidence, result.se))
        ends = intervals.effective_proportion(value, se, n - 1, n)
        hits += (ends.low <= truth) & (truth <= ends.high)
    assert np.all(hits / 2000 > 0.93)
    assert np.all(hits / 2000 < 0.97)


def test_survival_intervals_cover():
    rng = np.random.default_rng(15)
    grid, hits = np.array([26.0, 52.0, 104.0]), np.zeros(3)
    for _ in range(2000):
        time = rng.geometric(0.005, 150)
        curve = incidence.kaplan_meier(np.minimum(time, 104), time <= 104)
        low, high = (incidence.at(curve.times, x, grid, 1.0) for x in (curve.low, curve.high))
        hits += (low <= 0.995**grid) & (0.995**grid <= high)
    assert np.all(np.abs(hits / 2000 - 0.95) < 0.02)


def test_all_censored_none_censored_one_run():
    held = incidence.kaplan_meier(np.full(50, 104), np.zeros(50, bool))
    assert held.survival.tolist() == [1.0]
    assert held.low[0] == pytest.approx(0.025 ** (1 / 50))
    assert held.high[0] == 1.0
    none = incidence.aalen_johansen(np.full(50, 104), np.zeros(50), 2)
    assert not none.incidence.any()
    assert not none.se.any()
    fell = incidence.kaplan_meier(np.ones(50), np.ones(50, bool))
    assert fell.survival.tolist() == [0.0]
    assert fell.high[0] == pytest.approx(1 - 0.025 ** (1 / 50))
    one = incidence.aalen_johansen(np.array([3]), np.array([1]), 1)
    assert one.incidence.tolist() == [[1.0]]
    assert np.isnan(incidence.aalen_johansen(np.array([3]), np.array([1]), 1, np.array([0])).se).all()


def test_the_order_of_runs_does_not_matter():
    time, cause = random_runs(16, 90)
    draw, order = np.arange(90) % 9, np.random.default_rng(0).permutation(90)
    here = incidence.aalen_johansen(time, cause, 3, draw)
    there = incidence.aalen_johansen(time[order], cause[order], 3, draw[order])
    for a, b in zip(here, there, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("time", "cause", "message"),
    [
        ([], [], "no runs"),
        ([0.0], [1], "above 0"),
        ([np.nan], [1], "above 0"),
        ([1.0], [3], "whole number from 0 to 2"),
        ([1.0], [0.5], "whole number from 0 to 2"),
    ],
)
def test_bad_input_is_refused(time, cause, message):
    with pytest.raises(InputError, match=message):
        incidence.aalen_johansen(np.array(time), np.array(cause), 2)
