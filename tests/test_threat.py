"""Where a louder threat enters, and how much each way matters (docs/model.md, section 11, "What a louder threat does").

A factorial: the threat raises the value of a strike (alpha_theta), the cost of standing down (psi) and the danger that
contingents fear (danger_n); each is switched on and off, and the effect of a threat of 1 instead of 0 is shared out by
Shapley's rule. A change of the number of strikes is split into danger, per troop-year, and exposure, troop-years.
"""

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest

from fragile_peace.codes import Event
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from tests.test_patterns import FOUND, SEED, z_of

PAGE = Path(__file__).parents[1] / "docs" / "model.md"
RUNS = 8000
WAYS = ("strike value", "face", "danger")


@pytest.fixture(scope="module")
def loud():
    """Outcomes by the ways in which a threat of 1 enters, and of a threat of 0: by a tuple of WAYS, and None."""
    world = Scenario.load("reassurance_15k").override({"threat.level": 1})
    off = {
        "strike value": {"russia.strike_threat": 0},
        "face": {"russia.face_threat": 0},
        "danger": {f"contingents.{contingent.name}.danger": 0 for contingent in world.contingents},
    }
    sets = [ways for size in range(4) for ways in itertools.combinations(WAYS, size)]
    worlds = [world.override({k: v for way in WAYS if way not in ways for k, v in off[way].items()}) for ways in sets]
    outcomes = simulate([*worlds, world.override({"threat.level": 0})], RUNS, SEED)
    return dict(zip([*sets, None], outcomes, strict=True))


def hazard(outcomes):
    return outcomes["compensator"][:, Event.STRIKE_OR_DEATH]


def shares(loud):
    """Shapley shares by run of the effect on P(strike or death), by way."""
    effect = {ways: hazard(outcomes) - hazard(loud[None]) for ways, outcomes in loud.items() if ways is not None}
    found = {}
    for way in WAYS:
        others = [ways for ways in effect if way not in ways]
        weights = [math.factorial(len(ways)) * math.factorial(2 - len(ways)) / 6 for ways in others]
        gains = [effect[tuple(w for w in WAYS if w in ways or w == way)] - effect[ways] for ways in others]
        found[way] = sum(weight * gain for weight, gain in zip(weights, gains, strict=True))
    return found


def test_the_shares_add_up_and_without_any_way_a_threat_is_words(loud):
    assert (hazard(loud[()]) == hazard(loud[None])).all()
    total = hazard(loud[WAYS]) - hazard(loud[None])
    assert sum(shares(loud).values()) == pytest.approx(total, abs=1e-12)


def test_a_louder_threat_raises_the_risk_by_the_value_of_a_strike(loud):
    found = shares(loud)
    assert z_of(found["strike value"]) > FOUND
    assert found["strike value"].mean() > abs(found["danger"].mean())


def test_the_page_says_how_much_is_danger_and_how_much_exposure(loud):
    """The figures of the text, as computed here, to the digits that stand there."""
    quiet, noisy = loud[None], loud[WAYS]
    rate = [1000 * o["strikes"].sum() / o["troop_years"].sum() for o in (quiet, noisy)]
    years = [o["troop_years"].sum() / RUNS for o in (quiet, noisy)]
    strikes = [o["strikes"].sum() / RUNS for o in (quiet, noisy)]
    by_danger = (rate[1] - rate[0]) * (years[0] + years[1]) / 2000
    by_exposure = (years[1] - years[0]) * (rate[0] + rate[1]) / 2000
    assert by_danger + by_exposure == pytest.approx(strikes[1] - strikes[0])
    found = shares(loud)
    total = (hazard(noisy) - hazard(quiet)).mean()
    numbers = [hazard(quiet).mean(), hazard(noisy).mean(), total, *(found[way].mean() for way in WAYS)]
    told = [f"{number:.3f}" for number in numbers] + [f"{number:.2f}" for number in (*strikes, by_danger, by_exposure)]
    print(told)
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    part = text[text.index("**What a louder threat does.**") :]
    said = re.findall(r"(?<![E\d.])[−-]?\d+\.\d+", part[: part.index("Shapley")])
    assert [number.replace("−", "-") for number in said] == told
    assert np.isfinite(numbers).all()
