"""The logit rule: values, simplex, extremes, shifts and masks."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragile_peace.kernels.chance.logit import (
    from_log_odds,
    log_logistic,
    log_odds,
    log_sum_exp,
    logistic,
    logit_choice,
)

mpmath.mp.prec = 140
INF, NAN = math.inf, math.nan
payoffs = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8)
precisions = st.floats(0.0, 10.0)


def choose(u, lam):
    """The probabilities and the log-normaliser of a list of payoffs."""
    out = np.full(len(u), NAN)
    return out, logit_choice(np.array(u, dtype=float), float(lam), len(u), out)


def test_logistic_against_mpmath():
    for z in np.random.default_rng(1).uniform(-745, 745, 2000):
        true = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        assert abs(logistic(z) - true) <= 4e-16 * true + 5e-324


@pytest.mark.parametrize(
    ("z", "p"), [(0.0, 0.5), (800.0, 1.0), (-800.0, 0.0), (INF, 1.0), (-INF, 0.0), (-745.0, 5e-324)]
)
def test_logistic_at_the_edges(z, p):
    assert logistic(z) == from_log_odds(z) == p


def test_log_logistic_against_mpmath():
    for z in np.random.default_rng(2).uniform(-800, 800, 2000):
        true = -mpmath.log1p(mpmath.exp(-mpmath.mpf(z)))
        assert abs(log_logistic(z) - true) <= 4e-16 * abs(true) + 5e-324
    assert log_logistic(-1e300) == -1e300
    assert log_logistic(INF) == 0.0
    assert log_logistic(-INF) == -INF


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        (0.0, 0.0, math.log(2.0)), (-INF, -INF, -INF), (-INF, 3.0, 3.0), (3.0, -INF, 3.0), (INF, 1.0, INF),
        (INF, INF, INF),
        (INF, -INF, INF), (1e308, -1e308, 1e308), (-1000.0, -1000.0, -1000.0 + math.log(2.0)),
        (math.log(0.3), math.log(0.7), 0.0),
    ],
)  # fmt: skip
def test_log_sum_exp(a, b, total):
    assert log_sum_exp(a, b) == pytest.approx(total, abs=1e-15)
    assert log_sum_exp(b, a) == log_sum_exp(a, b)


def test_log_odds_inverts():
    for p in np.random.default_rng(3).uniform(0.0, 1.0, 500):
        true = mpmath.log(mpmath.mpf(p) / (1 - mpmath.mpf(p)))
        assert abs(log_odds(p) - true) <= 4e-16 * max(1.0, abs(true))
        assert from_log_odds(log_odds(p)) == pytest.approx(p, rel=1e-15 * (4 + abs(log_odds(p))))
    assert (log_odds(0.0), log_odds(1.0), log_odds(0.5)) == (-INF, INF, 0.0)
    assert math.isnan(log_odds(1.5))


def test_choice_against_mpmath():
    rng = np.random.default_rng(4)
    for _ in range(300):
        u, lam = rng.normal(0, 3, rng.integers(1, 7)), rng.uniform(0, 10)
        weights = [mpmath.exp(mpmath.mpf(lam) * mpmath.mpf(v)) for v in u]
        out, log_total = choose(u, lam)
        # The exponent λ(u - max u) is rounded before it is used, so the error grows with it.
        for value, weight, v in zip(out, weights, u, strict=True):
            assert value == pytest.approx(float(weight / sum(weights)), rel=3e-16 * (6 + lam * abs(v - u.max())))
        assert log_total == pytest.approx(float(mpmath.log(sum(weights))), rel=1e-14, abs=1e-14)


def test_precision_zero_is_uniform():
    out, log_total = choose([5.0, -INF, 1e6, -3.0], 0.0)
    assert out.tolist() == [1 / 3, 0.0, 1 / 3, 1 / 3]
    assert log_total == pytest.approx(math.log(3.0))


@pytest.mark.parametrize("gap", [701.0, 745.0, 746.0, 1e4, 1e6, 1e300])
def test_huge_payoff_differences_are_safe(gap):
    for u in ([0.0, gap], [-gap, 0.0], [gap, 0.0, -gap]):
        for lam in (1.0, 10.0):
            out, log_total = choose(u, lam)
            assert out[int(np.argmax(u))] == 1.0
            assert out.sum() == 1.0
            assert np.isfinite(out).all()
            assert log_total == lam * max(u)


def test_two_options_are_the_logistic_of_the_difference():
    for gap in np.random.default_rng(5).uniform(-700, 700, 300):
        assert choose([gap, 0.0], 1.0)[0][0] == pytest.approx(logistic(gap), rel=5e-16)


@given(payoffs, precisions)
def test_simplex(u, lam):
    out, _ = choose(u, lam)
    assert out.min() >= 0.0
    assert abs(out.sum() - 1.0) <= 1e-15 * len(u)
    assert (np.diff(out[np.argsort(u)]) >= 0.0).all(), "a higher payoff is never chosen less"


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8), st.integers(-(10**6), 10**6), precisions)
def test_a_constant_changes_nothing(u, shift, lam):
    """Whole payoffs, so that the shift itself is exact: then the probabilities are equal to the bit."""
    assert choose(u, lam)[0].tolist() == choose([v + shift for v in u], lam)[0].tolist()


@given(payoffs, precisions, st.integers(0, 8))
def test_a_missing_option_leaves_the_others_as_they_are(u, lam, at):
    at = min(at, len(u))
    with_gap, log_gap = choose([*u[:at], -INF, *u[at:]], lam)
    without, log_without = choose(u, lam)
    assert with_gap[at] == 0.0
    assert np.delete(with_gap, at).tolist() == without.tolist()
    assert log_gap == log_without


def test_no_option_at_all():
    out, log_total = choose([-INF, -INF], 3.0)
    assert out.tolist() == [0.0, 0.0]
    assert log_total == -INF


def test_entries_beyond_n_are_left_alone():
    out = np.array([9.0, 9.0, 9.0])
    logit_choice(np.array([0.0, 0.0, 700.0]), 1.0, 2, out)
    assert out.tolist() == [0.5, 0.5, 9.0]
