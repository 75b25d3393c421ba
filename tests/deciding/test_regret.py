"""Regret equals a plain script's; its two bounds hold the truth; intervals are those of paired draws."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fragile_peace_lab.deciding import regret
from fragile_peace_lab.deciding.weights import Weights
from tests.tools import decisions


def script(weights):
    """The same numbers by loops over the tables of a sweep."""
    points = decisions.design()
    runs = decisions.rows(points).merge(points.to_pandas(), on="point")
    found = {}
    for war, deaths in weights.pairs:
        people = runs["deaths_line"] + runs["deaths_border"] + runs["deaths_hub"]
        wars = runs["compensator_war_russia_coalition"] + runs["compensator_war_with_us"]
        runs["loss"] = runs["happened_collapse"] + war * wars + deaths * people / 10
        for (structure, level), world in runs.groupby(["structure", "threat.level"]):
            member = {}
            for (option, sample), own in world.groupby(["package", "sample"]):
                member[option, sample] = own["loss"].mean()
            for option in decisions.OPTIONS:
                regrets = []
                for sample in range(decisions.MEMBERS):
                    least = min(member[other, sample] for other in decisions.OPTIONS)
                    regrets.append(member[option, sample] - least)
                loss = np.mean([member[option, sample] for sample in range(decisions.MEMBERS)])
                found[structure, level, war, deaths, option] = (
                    loss,
                    np.mean(regrets),
                    np.quantile(regrets, 0.95),
                    max(regrets),
                )
    return found


def test_losses_and_regret_equal_a_plain_script():
    weights = Weights()
    table = pd.DataFrame(regret.rows(decisions.problem(), weights))
    expected = script(weights)
    assert len(table) == len(expected)
    for row in table.to_dict("records"):
        key = row["structure"], row["threat.level"], row["war_weight"], row["deaths_weight"], row["option"]
        got = row["loss"], row["regret_high"], row["regret_95"], row["regret_most"]
        assert got == pytest.approx(expected[key], abs=1e-9)


def test_the_worst_regret_is_the_greatest_over_worlds():
    weights = Weights()
    expected = script(weights)
    for row in regret.worst_rows(decisions.problem(), weights):
        own = [v for k, v in expected.items() if k[2:] == (row["war_weight"], row["deaths_weight"], row["option"])]
        assert row["worst_mean_regret"] == pytest.approx(max(v[1] for v in own), abs=1e-9)
        assert row["worst_regret_95"] == pytest.approx(max(v[2] for v in own), abs=1e-9)
        assert row["worst_regret"] == pytest.approx(max(v[3] for v in own), abs=1e-9)


def test_the_two_bounds_hold_the_regret_that_no_noise_would_show():
    """Means over 200 sets of runs: their standard errors are far below the gaps, so that no luck is needed."""
    rng = np.random.default_rng(3)
    truth = rng.normal(0, 0.1, (4, 64))
    exact = (truth - truth.min(0)).mean(-1)
    low, high = [], []
    for _ in range(200):
        losses = truth[..., None] + rng.normal(0, 0.4, (4, 64, 8))
        high.append(regret.regret(losses).mean(-1))
        low.append(regret.split_regret(losses)[0].mean(-1))
    assert (np.mean(low, 0) < exact - 0.01).all()
    assert (np.mean(high, 0) > exact + 0.01).all()


def test_without_noise_both_bounds_are_the_regret():
    truth = np.random.default_rng(4).random((3, 5))
    losses = np.repeat(truth[..., None], 6, -1)
    low, settled = regret.split_regret(losses)
    assert np.allclose(low, truth - truth.min(0))
    assert np.allclose(regret.regret(losses), truth - truth.min(0))
    assert settled.all()


def test_one_draw_has_no_lower_bound():
    low, settled = regret.split_regret(np.zeros((3, 5, 1)))
    assert np.isnan(low).all()
    assert np.isnan(settled).all()
    assert settled.shape == (5,)


def test_the_interval_is_students_over_draws():
    runs = np.random.default_rng(5).random((6, 9))
    mean = runs.mean(0)
    low, high = stats.t.interval(0.95, 8, mean.mean(), mean.std(ddof=1) / 3)
    found = regret.interval(runs)
    assert (found.low, found.high) == pytest.approx((low, high))


@pytest.mark.parametrize("shared", [True, False])
def test_the_interval_covers_what_more_draws_would_show(shared):
    """1,000 sets: 95 % to within three standard errors of a share (false alarm 0.3 %); draws shared or not."""
    rng = np.random.default_rng(6)
    member = rng.normal(0, 1, (12, 1))
    hits = 0
    for _ in range(1000):
        found = regret.interval(member + rng.normal(0, 1, (1 if shared else 12, 10)))
        hits += found.low <= member.mean() <= found.high
    assert abs(hits / 1000 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 1000)
