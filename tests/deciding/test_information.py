"""The worth of knowing more, against closed forms and brute force."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import qmc

from fragile_peace_lab.deciding import information
from fragile_peace_lab.deciding.smooth import inputs
from fragile_peace_lab.deciding.weights import Weights
from tests.tools import decisions

N = 512


def unit_loss(mean: float, sd: float) -> float:
    """E[max(0, -Z)] - max(0, -mean) for Z normal: what knowing Z is worth where the other option loses 0."""
    return sd * stats.norm.pdf(mean / sd) - abs(mean) * stats.norm.sf(abs(mean) / sd)


@pytest.fixture(scope="module")
def normal():
    return stats.norm.ppf(qmc.Sobol(6, seed=0).random(N))


@pytest.mark.parametrize(("mean", "slope"), [(0.3, 1.0), (0.0, 0.6), (-0.2, 0.8)])
def test_one_unknown_is_worth_what_the_closed_form_says(normal, mean, slope):
    """Normal-normal: L_1 - L_0 = mean + slope x + the rest (Raiffa & Schlaifer 1961)."""
    loss = mean + normal[:, :3] @ [slope, 0.8, 0.5]
    means = np.zeros((2, 3, N))
    means[1, 0] = loss
    found = information.evppi(means, inputs(pd.DataFrame(normal[:, :1])), [(1.0, 5.0, 0.01)])[0]
    assert found == pytest.approx(unit_loss(mean, slope), rel=0.1)


def test_a_block_is_worth_what_its_unknowns_are_together(normal):
    means = np.zeros((2, 3, N))
    means[1, 1] = 0.1 + normal[:, :4] @ [0.5, 0.4, 0.3, 1.0]
    plain, left_out = information.evppi(means, inputs(pd.DataFrame(normal[:, :3])), [(1.0, 2.0, 0.0)])[0]
    assert plain == pytest.approx(2 * unit_loss(0.1, np.sqrt(0.5)), rel=0.1)
    assert 0.7 * plain < left_out < plain


def test_an_unknown_that_moves_nothing_is_worth_nothing(normal):
    means = np.zeros((2, 3, N))
    means[1, 0] = 0.1 + normal[:, 0]
    plain, left_out = information.evppi(means, inputs(pd.DataFrame(normal[:, 5:])), [(1.0, 0.0, 0.0)])[0]
    assert plain == pytest.approx(0, abs=0.02)
    assert left_out == pytest.approx(0, abs=0.02)


def test_three_options_and_a_curve_agree_with_nested_monte_carlo():
    """Brute force: at each of 400 values of x the mean loss of every option over 2,000 values of the rest."""
    rng = np.random.default_rng(2)

    def losses(x, z):
        return np.stack([0 * x * z, np.sin(4 * x) - 0.2 + z, x - 0.5 + 0.5 * z * x])

    x, z = (np.arange(400) + 0.5) / 400, rng.normal(0, 0.5, 2000)
    inner = losses(x[:, None], z[None]).mean(-1)
    nested = inner.mean(-1).min() - inner.min(0).mean()
    members = qmc.Sobol(2, seed=1).random(N)
    means = np.zeros((3, 3, N))
    means[:, 0] = losses(members[:, 0], stats.norm.ppf(members[:, 1], 0, 0.5))
    found = information.evppi(means, inputs(pd.DataFrame(members[:, :1])), [(1.0, 0.0, 0.0)])[0]
    assert found == pytest.approx(nested, rel=0.1)


def test_knowing_a_type_is_a_sum_over_two_cases():
    types = np.array([[[0, 1, 1, 1]]] * 2)
    losses = np.array([[[0.0, 1, 1, 1]], [[1.0, 0.8, 0.8, 0.8]]])
    assert information.type_worth(losses, types) == pytest.approx(0.75 - 0.75 * 0.8)
    assert information.type_worth(losses, 0 * types) is None


def test_a_row_for_everything_each_block_label_unknown_and_type():
    found = pd.DataFrame(information.rows(decisions.problem(), Weights()))
    world = found[(found["structure"] == "usual") & (found["threat.level"] == 0)]
    assert world["kind"].tolist() == ["everything", *["block"] * 3, "label", *["unknown"] * 3, "type", "type"]
    assert (world["evppi"] >= 0).all()
    assert information.ranked(found, {"structure": "usual", "threat.level": 0.0})["evppi"].is_monotonic_decreasing


def test_few_members_are_not_regressed_on():
    found = pd.DataFrame(information.rows(decisions.problem(members=4), Weights()))
    assert set(found["kind"]) == {"everything", "type"}
