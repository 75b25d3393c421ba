"""The rule of confidence, and that it does not rise where less is varied."""

import math

import numpy as np
import pytest

from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.estimates.influence import varied
from fragile_peace_lab.report.confidence import CONFIDENCE, confidence, terms
from tests.tools.tiny_sweeps import tiny

ROW = {
    "unit": "probability", "estimate": 0.2, "mc_low": 0.15, "mc_high": 0.25, "param_low": 0.12, "param_high": 0.3,
    "prior_driven": False,
}  # fmt: skip


def test_the_rule_of_confidence():
    assert confidence(ROW, 1.0) == "medium"
    assert confidence({**ROW, "prior_driven": True}, 1.0) == "low"
    assert confidence({**ROW, "param_low": np.nan, "param_high": np.nan}, 1.0) == "low"
    assert confidence({**ROW, "mc_low": 0.0, "mc_high": 0.7}, 1.0) == "low"
    assert confidence({**ROW, "param_low": 0.0, "param_high": 0.7, "prior_driven": True}, 1.0) == "very low"
    assert terms(0.0, 1.0) == 7
    assert terms(0.2, 0.3) == 1
    assert terms(0.05, 0.5) == 3
    rate = {**ROW, "unit": "per 100 km and week", "estimate": 100.0, "mc_low": 90.0, "mc_high": 110.0}
    assert confidence({**rate, "param_low": 60.0, "param_high": 150.0}, 1.0) == "medium"
    assert confidence({**rate, "param_low": 20.0, "param_high": 150.0}, 1.0) == "low"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.02, 0.09, "medium"), (0.005, 0.05, "low"), (0.0, 0.08, "low"), (0.009, 0.089, "medium")],
)
def test_a_tenfold_band_below_ten_percent_is_low(low, high, word):
    row = {**ROW, "estimate": 0.04, "mc_low": 0.035, "mc_high": 0.045, "param_low": low, "param_high": high}
    assert confidence(row, 1.0) == word
    swapped = {**row, "mc_low": low, "mc_high": high, "param_low": 0.035, "param_high": 0.045}
    assert confidence(swapped, 1.0) == word


def test_confidence_is_capped_by_what_is_varied():
    sharp = {**ROW, "param_low": 0.199, "param_high": 0.201}
    assert [confidence(sharp, share) for share in (1.0, 0.5, 0.49, 0.1, 0.09, 0.0)] == [
        "medium", "medium", "low", "low", "very low", "very low",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_leaving_an_unknown_out_never_raises_confidence(seed):
    """An outcome that is a sum over unknowns: with a share s of its variance left, its band is sqrt(s) as wide."""
    rng = np.random.default_rng(seed)
    value, half = rng.uniform(0.01, 0.9), rng.uniform(0.0, 0.5)
    shares = np.sort(rng.uniform(0.0, 1.0, 40))[::-1]

    def rank(share):
        reach = half * math.sqrt(share)
        row = {**ROW, "estimate": value, "mc_low": value * 0.98, "mc_high": value * 1.02}
        return CONFIDENCE.index(confidence({**row, "param_low": value - reach, "param_high": value + reach}, share))

    ranks = [rank(share) for share in shares]
    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("name", ["war.prize", "threat.credibility", "war.dividend"])
def test_one_unknown_moved_by_five_percent_does_not_give_medium(name):
    """Whatever its band and however many its runs, for every outcome that has indices."""
    plan = Plan.load(tiny())
    middle = plan.scenarios["reassurance_15k"].get(name)
    prior = {name: {"uniform": [0.975 * middle, 1.025 * middle]}}
    points = Plan.load(tiny(uncertainties=prior)).design.table()
    sharp = {**ROW, "mc_low": 0.1999, "mc_high": 0.2001, "param_low": 0.199, "param_high": 0.201}
    for outcome in ("collapse", "exchange_of_fire", "strike_or_death_hub", "violations_recorded_line"):
        share = varied(outcome, points, prior)
        assert 0.0 <= share < 0.1
        assert confidence(sharp, share) == "very low"
