"""Every choice of the incident game against SciPy's softmax, over payoff differences as large as the bounds allow.

At a precision of 10, gains of 10 that tension multiplies by 101, and a discipline of 20, log-odds reach 1e4.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from fragile_peace.codes import Decision, RussianType, UsType
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.incident import later_moves
from fragile_peace.kernels.incident.monitoring import Observable
from fragile_peace.kernels.incident.regime import refusal
from fragile_peace.kernels.incident.table import packed
from fragile_peace.proof.incident import solve_incident

NAMED_K = int(Observable.RUSSIA_K)
LEAST = 1e-300
"""Below it a chance is not told from 0."""
LOG_ODDS = st.one_of(st.floats(-1e4, 1e4), st.floats(-30, 30), st.sampled_from([690.0, 700.0, -690.0, 0.0]))
THREE, FOUR = (st.lists(LOG_ODDS, min_size=n, max_size=n) for n in (3, 4))
BLOCK = packed(solve_incident(Scenario.load("reassurance_15k").override({"mandate.roe": "enforce"}), 0).table)


def agree(chances, log_weights):
    """Chances are the softmax of their log-weights, rare ones in proportion."""
    assert chances == pytest.approx(softmax(log_weights), rel=1e-11, abs=1e-13)
    rare = log_softmax(log_weights)
    told = rare > np.log(LEAST) / 2
    assert np.log(np.maximum(chances, LEAST))[told] == pytest.approx(rare[told], rel=1e-11, abs=1e-11)


@given(THREE)
def test_russia(x):
    block = BLOCK.copy()
    block["odds_R"][0, :, 1:, :] = np.array(x)[:, None]
    later_moves.first_moves(block[0])
    for kappa in RussianType:
        agree(block["p_R"][0, kappa, :, 3], np.array([0.0, *x]))


@given(st.lists(LOG_ODDS, min_size=2, max_size=2))
def test_ukraine(x):
    block = BLOCK.copy()
    block["odds_U"][0, 1:, :] = np.array(x)[:, None]
    later_moves.ukraine_moves(block[0], block[0]["odds_U"], block[0]["p_U"])
    agree(block["p_U"][0, :, 3], np.array([0.0, *x]))


@given(THREE)
def test_contingent(u):
    block = BLOCK.copy()
    block["u_C"][0, :, NAMED_K, :] = np.array(u)[:, None]
    block["lam_C"] = 10.0
    later_moves.contingent(block[0], NAMED_K)
    agree(block["response"][0, :, NAMED_K, 3], 10.0 * np.array(u))


@given(FOUR)
def test_washington(u):
    """Declining, sanctions, and honouring by either type; what Russia then does is worth nothing to it."""
    decline, sanction, reluctant, steadfast = u
    block = BLOCK.copy()
    block["lam_US"], block["reply_US"] = 10.0, 0.0
    block["u_decline"], block["u_sanction"], block["u_honour"] = decline, sanction, [reluctant, steadfast]
    refusal(block[0])
    later_moves.washington(block[0], NAMED_K)
    for tau, honour in ((UsType.RELUCTANT, reluctant), (UsType.STEADFAST, steadfast)):
        for f in (0, 1):
            chances = np.array([later_moves.decides(block[0], tau, f, choice, NAMED_K, 3) for choice in Decision])
            by_code = {Decision.DECLINE: decline, Decision.SANCTION: sanction, Decision.HONOUR: honour}
            assert chances == pytest.approx(softmax([10.0 * by_code[choice] for choice in Decision]), abs=1e-11)
