"""Priors that go together: known correlations, unchanged margins, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from fragile_peace.errors import InputError
from fragile_peace_lab.design.copula import correlated
from fragile_peace_lab.design.factors import Prior
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.points import uniforms as drawn
from fragile_peace_lab.design.sweep import Sweep
from tests.tools.tiny_sweeps import TINY, tiny

PRIORS = {name: Prior("uniform", (0.0, 1.0), False) for name in ("a.x", "b.x", "c.x")}
CHOICE = {**PRIORS, "c.x": Prior("choice", (1, 2), False)}


def scores(r: float) -> np.ndarray:
    return correlated(drawn("sobol", 4096, 3, 1), PRIORS, [("a.x", "b.x", r)])


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.0, 0.6, 0.99])
def test_the_normal_scores_have_the_correlation_that_was_asked_for(r):
    """With Spearman's rank correlation of a Gaussian copula, 6/π asin(r/2) (Pearson 1907), beside it."""
    u = scores(r)
    z = stats.norm.ppf(u)
    assert np.corrcoef(z.T)[0, 1] == pytest.approx(r, abs=0.01)
    assert stats.spearmanr(u[:, 0], u[:, 1]).statistic == pytest.approx(6 / np.pi * np.arcsin(r / 2), abs=0.01)
    assert np.abs(np.corrcoef(z.T)[2, :2]).max() < 0.02


def test_every_prior_keeps_its_distribution():
    u = scores(0.8)
    for column in u.T:
        assert stats.kstest(column, "uniform").statistic < 0.01
    assert (u >= 0).all()
    assert (u < 1).all()


def test_row_by_row_so_that_a_design_grows():
    small, large = (correlated(drawn("sobol", n, 3, 1), PRIORS, [("a.x", "c.x", 0.5)]) for n in (16, 32))
    assert np.array_equal(small, large[:16])


def test_a_sweep_takes_it_and_without_it_stays_as_it_was():
    pairs = [["threat.credibility", "war.prize", 0.9]]
    plain, joint = (Plan.load(tiny(**more)).design.table().to_pandas() for more in ({}, {"correlations": pairs}))
    assert joint["threat.credibility"].tolist() == plain["threat.credibility"].tolist()  # the first of them
    assert joint["war.prize"].tolist() != plain["war.prize"].tolist()
    assert Sweep.from_dict(tiny(correlations=pairs).to_dict()) == tiny(correlations=pairs)
    assert tiny(correlations=pairs).to_dict()["correlations"] == pairs


@pytest.mark.parametrize(
    ("priors", "pairs", "words"),
    [
        (PRIORS, [("a.x", "b.y", 0.5)], "b.y has no prior under uncertainties; did you mean b.x?"),
        (CHOICE, [("a.x", "c.x", 0.5)], "c.x is a choice"),
        (PRIORS, [("a.x", "a.x", 0.5)], "a.x and a.x are given twice, or are one"),
        (PRIORS, [("a.x", "b.x", 0.5), ("b.x", "a.x", 0.5)], "are given twice"),
        (PRIORS, [("a.x", "b.x", 0.9), ("b.x", "c.x", 0.9), ("a.x", "c.x", -0.9)], "no unknowns can have all of these"),
    ],
)
def test_what_cannot_be_is_refused(priors, pairs, words):
    with pytest.raises(InputError, match=words):
        correlated(np.full((4, 3), 0.5), priors, pairs)


@pytest.mark.parametrize(
    "given", [3, [["a", "b"]], [["a", "b", 1]], [["a", "b", "x"]], [["a", 2, 0.5]], [["a", "b", True]]]
)
def test_what_is_no_list_of_correlations_is_refused(given):
    with pytest.raises(InputError, match=r"correlations: .* is not allowed; must be"):
        tiny(correlations=given)


def test_saltelli_takes_independent_unknowns_only():
    with pytest.raises(InputError, match="correlations: not with saltelli"):
        Sweep.from_dict({**TINY, "design": {"uncertainties": {"saltelli": 4}},
                         "correlations": [["threat.credibility", "war.prize", 0.5]]})  # fmt: skip
