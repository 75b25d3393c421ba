"""The payoff terms of the incident game against plain arithmetic, and the rules."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragile_peace.codes import RulesOfEngagement, Signal, Trigger
from fragile_peace.kernels.incident import payoffs

PAY = st.floats(0, 10)
SHARE = st.floats(0, 1)
FLAG = st.sampled_from([0, 1])
SIGNALS = [(K, sigma) for K in (0, 1) for sigma in Signal if not (K == 1 and sigma == Signal.QUIET)]


def test_bite_of_the_reported_plan():
    assert payoffs.bite(24.0, 96.0) == pytest.approx(math.exp(-0.25), rel=1e-15)
    assert payoffs.bite(72.0, 96.0) == pytest.approx(math.exp(-0.75), rel=1e-15)
    assert payoffs.bite(0.0, 96.0) == 1


@given(PAY, SHARE, SHARE, PAY, PAY, st.floats(0.1, 1.9), st.floats(0, 100), st.floats(0.1, 1000))
def test_breach_gain(g, c, r, eta, x, ease, dmz, dmz0):
    expected = g * c * (1 - r) * (1 + eta * x) * ease * math.exp(-dmz / dmz0)
    unit = c * math.exp(-dmz / dmz0)
    assert g * payoffs.breach_gain(unit, r, eta, x, ease) == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_strike_effect():
    assert payoffs.strike_effect(1, 3.05, 0.3, 0.5, 0.5) == pytest.approx(3.05 * 1.15)
    assert payoffs.strike_effect(0, 3.05, 0.3, 0.5, 0.5) == -0.5


def test_replies():
    assert payoffs.stand_down(0.6, 1.0, 0.5) == pytest.approx(-0.9)
    assert [payoffs.hold(0.8, 0.5, f, 1.6, 0.25, h) for f, h in itertools.product((0, 1), repeat=2)] == pytest.approx(
        [0, -0.4, -0.4, -0.8]
    )
    assert payoffs.escalate(1.4, 2.0, 1.0, 0) == pytest.approx(-0.6)
    assert payoffs.escalate(1.4, 2.0, 1.0, 1) == pytest.approx(-1.6)


@given(PAY, PAY, st.floats(0, 1), st.floats(0.01, 1))
def test_standing_down_is_dearer_under_a_louder_threat(face, psi, theta, louder):
    assert payoffs.stand_down(face, psi, min(1.0, theta + louder)) <= payoffs.stand_down(face, psi, theta)


def test_washington():
    assert payoffs.decline(2.5, 0.7) == pytest.approx(-1.75)
    assert payoffs.sanction(0.4, 0.35, 2.5, 0.7) == pytest.approx(-0.4 - 0.35 * 1.75)


@pytest.mark.parametrize(("K", "attributed", "cost"), [(0, 0, 0.05), (0, 1, 0.5), (1, 0, 1.5), (1, 1, 1.5)])
def test_reporting(K, attributed, cost):
    assert payoffs.report(K, attributed == 1, 0.05, 0.5, 1.5) == -cost


@given(SHARE, SHARE, FLAG, PAY, PAY, PAY)
def test_a_hold_hurts_half_as_much_where_nobody_fired(stands, holds, f, u_D, u_O, u_E):
    expected = stands * u_D - holds * u_O * (1 if f else 0.5) - 0.125 * u_E
    assert payoffs.after_reply(stands, holds, 0.125, f, u_D, u_O, u_E) == pytest.approx(expected, abs=1e-12)


ALLOWED = {  # (roe, K, sigma) for which fire is allowed, from the text
    (RulesOfEngagement.SELF_DEFENCE, 1, Signal.RUSSIA), (RulesOfEngagement.SELF_DEFENCE, 1, Signal.DISPUTED),
    (RulesOfEngagement.ENFORCE, 1, Signal.RUSSIA), (RulesOfEngagement.ENFORCE, 1, Signal.DISPUTED),
    (RulesOfEngagement.ENFORCE, 0, Signal.RUSSIA),
}  # fmt: skip


class TestRules:
    @pytest.mark.parametrize("roe", RulesOfEngagement)
    @pytest.mark.parametrize(("K", "sigma"), SIGNALS)
    def test_fire(self, roe, K, sigma):
        assert bool(payoffs.fire_allowed(int(roe), K, int(sigma))) == ((roe, K, sigma) in ALLOWED)

    @pytest.mark.parametrize(("sustained", "is_line"), list(itertools.product((False, True), repeat=2)))
    @pytest.mark.parametrize(("K", "sigma"), SIGNALS)
    def test_trigger(self, K, sigma, sustained, is_line):
        blamed = K == 1 and sigma == Signal.RUSSIA
        expected = [False, K == 1, blamed, blamed and sustained, blamed and sustained and is_line]
        found = [payoffs.triggered(int(trigger), K, int(sigma), sustained, is_line) for trigger in Trigger]
        assert [bool(x) for x in found] == expected
