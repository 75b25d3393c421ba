"""The threat as a signal: known answers, and what it tells in every equilibrium (docs/model.md, section 13)."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.kernels import threat
from fragile_peace.kernels.threat import BLUFFING, COMMITTED, LEVELS, TYPES
from fragile_peace.reference.threat import stands_down
from tests.tools.worlds import EVENTFUL, kernel_rows, small

FREE = (
    "threat.credibility", "threat.benefit", "threat.cost", "threat.precision", "guarantee.credibility",
    "precision.russia", "russia.face", "russia.face_threat", "russia.resolve_bluffing", "russia.resolve_committed",
    "russia.coalition_opposition", "russia.us_opposition", "russia.coalition_deterrent", "russia.us_deterrent",
    "response.coalition_hours", "response.us_hours", "response.decay_hours",
)  # fmt: skip
"""All that the signal depends on beside who joins."""
NUMBERS = st.fixed_dictionaries(
    {CATALOGUE[name].symbol: st.floats(CATALOGUE[name].low, CATALOGUE[name].high) for name in FREE}
)
SHARES = st.lists(st.floats(0, 1), min_size=len(LEVELS), max_size=len(LEVELS)).map(np.array)
ENOUGH = 1e-9
"""A margin that rounding does not hide."""


def equilibrium(values, share):
    """C, D(theta) and P(theta | kappa) where the coalition joins so: in equilibrium F is some numbers, whichever."""
    p = kernel_rows(values, {})[0][0]
    stand_down, difference = np.zeros((TYPES, len(LEVELS))), np.zeros(len(LEVELS))
    threat.set_stand_down(p, stand_down)
    threat.set_difference(p, stand_down, difference)
    payoff, chances = np.zeros((TYPES, len(LEVELS))), np.zeros((TYPES, len(LEVELS)))
    return threat.set_choices(p, share, stand_down, payoff, chances), difference, chances


@settings(max_examples=300, deadline=None)
@given(NUMBERS, SHARES)
def test_the_telling_threat_is_bad_news_and_quiet_good_news(values, share):
    """Pattern 19: mu(quiet) <= mu_0 <= mu(the most telling threat), strictly wherever the types differ at all."""
    assume(values["z_committed"] >= values["z_bluffing"])
    C, D, chances = equilibrium(values, share)
    most = int(D.argmax())
    assert D[0] == 0.0
    assert D.min() >= -1e-12 * (1 + D.max())
    # log-odds of mu(theta) less those of mu_0 are D + C
    assert C <= 1e-12 * (1 + D[most])
    assert D[most] + C >= -1e-12 * (1 + D[most])
    if chances[BLUFFING, most] * math.expm1(min(D[most], 1.0)) > ENOUGH:
        assert C < 0.0
    if chances[BLUFFING] @ -np.expm1(D - D[most]) > ENOUGH:
        assert D[most] + C > 0.0


@settings(max_examples=200, deadline=None)
@given(NUMBERS, SHARES)
def test_where_the_bluffer_is_the_more_resolved_it_is_the_other_way_round(values, share):
    assume(values["z_committed"] < values["z_bluffing"])
    C, D, _ = equilibrium(values, share)
    assert D.max() <= 1e-12 * (1 - D.min())
    assert D.min() + C <= 1e-12 * (1 - D.min())
    assert C >= -1e-12 * (1 - D.min())


@settings(max_examples=200, deadline=None)
@given(NUMBERS, SHARES)
def test_what_a_threat_tells_is_ordered_as_what_it_costs_the_bluffer_more(values, share):
    """Bayes' rule on the chances gives the log-odds D + C, and at most lambda face psi is told."""
    C, D, chances = equilibrium(values, share)
    assert np.abs(D).max() <= values["lam_theta"] * values["face"] * values["psi"] * (1 + 1e-12)
    seen = (chances > 1e-290).all(axis=0)
    told = np.log(chances[COMMITTED, seen] / chances[BLUFFING, seen])
    np.testing.assert_allclose(told, D[seen] + C, rtol=1e-9, atol=1e-9)


@settings(max_examples=200, deadline=None)
@given(NUMBERS, SHARES)
def test_louder_tells_more_while_standing_down_is_not_too_dear(values, share):
    """lambda_R face psi <= 1: D grows with the threat, so that the loudest is the most telling."""
    assume(values["z_committed"] >= values["z_bluffing"])
    values["psi"] = min(values["psi"], 1 / max(values["lam_russia"] * values["face"], 1e-300))
    _, D, _ = equilibrium(values, share)
    assert (np.diff(D) >= -1e-12 * (1 + D.max())).all()


@settings(max_examples=50, deadline=None)
@given(NUMBERS, SHARES)
def test_a_sunk_cost_alone_tells_nothing(values, share):
    """It is the same for both types: with psi = 0 they threaten alike, whatever c is, to the bit."""
    C, D, chances = equilibrium(values | {"psi": 0.0}, share)
    assert C == 0.0
    assert not D.any()
    assert (chances[BLUFFING] == chances[COMMITTED]).all()


def test_where_hands_are_tied_too_tight_the_loudest_threat_is_good_news():
    """Nobody stands down from it any more, so that it costs the bluffer no more than the committed."""
    p = rows([small(EVENTFUL, {"russia.face_threat": 3})])[0][0]
    values = {CATALOGUE[name].symbol: float(p[CATALOGUE[name].symbol]) for name in FREE}
    C, D, _ = equilibrium(values | {"c_theta": 0.1}, np.full(len(LEVELS), 0.9))
    assert D.argmax() == 1
    assert D[-1] + C < 0.0 < D[1] + C


@pytest.mark.parametrize("share", [np.zeros(5), np.linspace(1, 0, 5)], ids=["alike", "frightened"])
def test_without_precision_every_threat_is_as_likely_and_tells_nothing(share):
    world = small({"threat.precision": 0})
    C, D, chances = equilibrium({CATALOGUE[n].symbol: float(world.get(n)) for n in FREE}, share)
    assert C == pytest.approx(0, abs=1e-15)
    assert not D.any()
    assert chances == pytest.approx(np.full((TYPES, len(LEVELS)), 0.2), abs=1e-15)


def test_chances_of_standing_down_are_those_of_the_twin():
    for changes in ({}, EVENTFUL, {"russia.face": 3, "guarantee.credibility": 0.9, "precision.russia": 10}):
        world = small(changes)
        found = np.zeros((TYPES, len(LEVELS)))
        threat.set_stand_down(rows([world])[0][0], found)
        expected = [[stands_down(world, kappa, theta) for theta in LEVELS] for kappa in range(TYPES)]
        assert found == pytest.approx(np.array(expected), rel=1e-12)
        assert (np.diff(found, axis=1) < 0).all()  # louder: dearer, so rarer


def test_a_payoff_term_by_term():
    assert threat.threat_payoff(0.5, 0.8, 0.3, 4.0, 0.6, 0.7) == pytest.approx(4 * 0.2 - 0.6 * 0.25 - 0.7 * 0.5 * 0.3)


def test_the_share_that_joins_is_weighted_by_troops():
    p = kernel_rows({"n_contingents": 2, "M_n": [3.0, 1.0]}, {})[0][0]
    assert threat.share_joining(p, np.array([1.0, 0.2])) == pytest.approx(0.8)
    assert threat.share_joining(kernel_rows({"n_contingents": 0}, {})[0][0], np.zeros(2)) == 0.0


def test_a_run_of_a_set_threat_stays_in_its_row():
    parameters = rows([small(), small()])[0]
    assert threat.row_of_threat(parameters, 1, COMMITTED, 0.99) == 1
