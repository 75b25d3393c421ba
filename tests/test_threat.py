"""Where a louder threat enters, and how much each way matters (docs/model.md, section 11, "What a louder threat does").

A factorial: the threat raises the value of a strike (alpha_theta), the cost of standing down (psi) and the danger that
contingents fear (danger_n); each is switched on and off, and the effect of a threat of 1 instead of 0 is shared out by
Shapley's rule. A change of the number of strikes is split into danger, per troop-year, and exposure, troop-years.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from fragile_peace.codes import Event
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.estimates.why import DANGER, PLACES, STRIKE_VALUE, shapley
from fragile_peace_lab.running.why import places
from tests.test_patterns import FOUND, SEED, z_of

PAGE = Path(__file__).parents[1] / "docs" / "model.md"
RUNS = 8000
NONE, ALL = frozenset(), frozenset(PLACES)


@pytest.fixture(scope="module")
def loud():
    """Outcomes by the set of places in which a threat of 1 enters, and of a threat of 0: None."""
    quiet = Scenario.load("reassurance_15k").override({"threat.level": 0})
    worlds = places(quiet, quiet.override({"threat.level": 1}))
    outcomes = simulate([*worlds.values(), quiet], RUNS, SEED)
    return dict(zip([*worlds, None], outcomes, strict=True))


def hazard(outcomes):
    return outcomes["compensator"][:, Event.STRIKE_OR_DEATH]


def shares(loud):
    """Shapley shares by run of the effect on P(strike or death), by place."""
    return {
        place: sum(weight * hazard(loud[chosen]) for chosen, weight in weights.items())
        for place, weights in shapley(PLACES).items()
    }


def test_the_shares_add_up_and_in_none_of_its_places_a_threat_is_words(loud):
    assert (hazard(loud[NONE]) == hazard(loud[None])).all()
    total = hazard(loud[ALL]) - hazard(loud[None])
    assert sum(shares(loud).values()) == pytest.approx(total, abs=1e-12)


def test_a_louder_threat_raises_the_risk_by_the_value_of_a_strike(loud):
    found = shares(loud)
    assert z_of(found[STRIKE_VALUE]) > FOUND
    assert found[STRIKE_VALUE].mean() > abs(found[DANGER].mean())


def test_the_page_says_how_much_is_danger_and_how_much_exposure(loud):
    """The figures of the text, as computed here, to the digits that stand there."""
    quiet, noisy = loud[None], loud[ALL]
    rate = [1000 * o["strikes"].sum() / o["troop_years"].sum() for o in (quiet, noisy)]
    years = [o["troop_years"].sum() / RUNS for o in (quiet, noisy)]
    strikes = [o["strikes"].sum() / RUNS for o in (quiet, noisy)]
    by_danger = (rate[1] - rate[0]) * (years[0] + years[1]) / 2000
    by_exposure = (years[1] - years[0]) * (rate[0] + rate[1]) / 2000
    assert by_danger + by_exposure == pytest.approx(strikes[1] - strikes[0])
    found = shares(loud)
    total = (hazard(noisy) - hazard(quiet)).mean()
    numbers = [hazard(quiet).mean(), hazard(noisy).mean(), total, *(found[place].mean() for place in PLACES)]
    told = [f"{number:.3f}" for number in numbers] + [f"{number:.2f}" for number in (*strikes, by_danger, by_exposure)]
    print(told)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    part = text[text.index("**What a louder threat does.**") :]
    said = re.findall(r"(?<![E\d.])[−-]?\d+\.\d+", part[: part.index("Shapley")])
    assert [number.replace("−", "-") for number in said] == told
    assert np.isfinite(numbers).all()
