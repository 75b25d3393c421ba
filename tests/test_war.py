"""When the war comes back: by the balance, by tension, by a class alone (docs/model.md, sections 7, 9 and 11).

The first tests go along a calm line, with the coalition complete, review by review, in the readable twin, which
`tests/reference` holds to the kernels. Statistics of runs are asked with a false alarm once in 10,000.
"""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares
from scipy.stats import binomtest, lomax

from fragile_peace.codes import EndCause, ReferenceClass
from fragile_peace.declared.scenario import Scenario
from fragile_peace.declared.war import CLASSES
from fragile_peace.kernels.reference_class import class_hazard
from fragile_peace.reference.war import Review, next_strength
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import small

WORLD = Scenario.load("reassurance_15k")
TEXT = (Path(__file__).parents[1] / "docs" / "model.md").read_text("utf-8")
FALSE_ALARM = 1e-4
HORIZONS = (16, 104, 260)


def review_in(world, week, tension=None):
    """A review with the whole force in place and both sides as strong as they are by then."""
    strength = world.readiness.initial, 1 - world.readiness.initial
    for _ in range(week + 1):
        strength = next_strength(world, strength, 1.0)
    tension = world.war.tension_baseline if tension is None else tension
    return Review(world, week, strength, 1.0, tension, sum(world.troops), 1.0, world.guarantee.credibility, 0)


def hazards(growth, world=WORLD, weeks=312):
    """P(a bluffing Russia resumes) at each review, if Russia's strength grows by so much a week."""
    world = world.override({"reconstitution.growth": growth})
    every = world.war.review_weeks
    return np.array([review_in(world, week).russia(0) for week in range(every - 1, weeks, every)])


@pytest.fixture(scope="module")
def by_growth():
    return {growth: hazards(growth) for growth in (0.0, 0.003, 0.006, 0.009, 0.012, 0.02)}


def test_the_hazards_peak_moves_from_early_to_late_as_russia_outgrows_ukraine(by_growth):
    peaks = [int(hazard.argmax()) for hazard in by_growth.values()]
    assert peaks[:3] == [0, 0, 0]  # Ukraine grows at .006 a week: the window closes
    assert all(peak > 20 for peak in peaks[3:])
    late = [hazard[-1] / hazard[0] for hazard in by_growth.values()]
    assert all(one < other for one, other in itertools.pairwise(late))


def test_when_it_ends_is_as_the_docs_say(by_growth):
    """The table of section 11: P(ended by 16, 104 and 260 weeks) for a rising, a level and a falling balance."""
    rows = re.findall(r"^\| g_R = ([.\d]+) \|.*\| ([.\d]+) \| ([.\d]+) \| ([.\d]+) \|$", TEXT, re.MULTILINE)
    assert [float(row[0]) for row in rows] == [0, 0.006, 0.012]
    for growth, *shares in rows:
        survival = np.cumprod(1 - by_growth[float(growth)])
        found = [1 - survival[week // WORLD.war.review_weeks - 1] for week in HORIZONS]
        assert [float(share) for share in shares] == pytest.approx(found, abs=5e-4)


def test_an_eroded_year_makes_war_likelier_than_a_calm_one_by_tension_alone():
    """Pattern 18: the tension that a year of either kind leaves, in an otherwise equal review."""
    quiet = WORLD.override({"war.prize": 0, "war_ukraine.prize": 0})
    chance = {}
    for restraint in (0.995, 0.2):
        tensions = []
        for run in range(12):
            single = SingleRun(quiet.override({"truce.restraint": restraint}), 18, run, weeks=52)
            while single.alive:
                single.advance()
            tensions.append(single.state["x_s"][: int(single.parameters["n_line"][0])].mean())
        chance[restraint] = np.mean([review_in(WORLD, 51, tension).russia(0) for tension in tensions])
    assert chance[0.2] > 1.02 * chance[0.995]


@pytest.mark.parametrize("reference", list(ReferenceClass))
def test_a_class_is_as_close_to_its_record_as_least_squares(reference):
    law = CLASSES[reference]
    years, shares = np.array(list(law.shares)), np.array(list(law.shares.values()))
    off = lambda z: lomax.cdf(years, np.exp(z[0]), scale=np.exp(z[1])) - shares  # noqa: E731
    best = least_squares(off, np.log([law.shape, law.scale])).fun
    stated = off(np.log([law.shape, law.scale]))
    assert np.sqrt(np.mean(stated**2)) <= np.sqrt(np.mean(best**2)) + 0.005


@settings(deadline=None, max_examples=300)
@given(st.floats(0, 20), st.floats(0, 20), st.floats(0.01, 10), st.floats(0.01, 100))
def test_the_hazard_of_a_class_equals_scipys(one, other, shape, scale):
    start, end = sorted((one, other))
    expected = lomax.logsf(start, shape, scale=scale) - lomax.logsf(end, shape, scale=scale)
    assert class_hazard(start, end, shape, scale) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("reference", ["interstate", "imposed_line", "civil"])
def test_the_module_reproduces_its_class_where_hazard_ratios_are_one(reference):
    """Also with the reviews of another cadence, since hazards add up."""
    law = CLASSES[ReferenceClass[reference.upper()]]
    world = small({
        "war.module": "reference_class", "war.reference": reference, "war.presence_ratio": 1,
        "war.guarantee_ratio": 1, "war_response.spiral_us": 0, "war_response.spiral_coalition": 0,
        "war.review_weeks": 2,
    })  # fmt: skip
    found = simulate([world], 4_000, 33, weeks=260)
    weeks, cause = found["weeks"][0], found["end_cause"][0]
    assert set(cause) == {EndCause.HORIZON, EndCause.RESUMED_RUSSIA}
    for horizon in HORIZONS:
        ended = int(((weeks <= horizon) & (cause == EndCause.RESUMED_RUSSIA)).sum())
        expected = lomax.cdf(horizon / 52, law.shape, scale=law.scale)
        assert binomtest(ended, weeks.size, expected).pvalue > FALSE_ALARM / 9


def test_hazard_ratios_multiply_the_hazard():
    """Full cover and a guarantor sure to fight, each alone and both; nothing depends on the type."""
    changes = {"war.module": "reference_class", "war_response.force_scale": 0.01, "war_response.us_reputation": 20}
    changes |= {"guarantee.level": 1, "war_response.us_precision": 10}
    chance = {}
    for presence, guarantee in itertools.product((1, 0.25), (1, 0.5)):
        ratios = {"war.presence_ratio": presence, "war.guarantee_ratio": guarantee}
        review = review_in(WORLD.override(changes | ratios), 3)
        assert review.russia(0) == review.russia(1)
        assert review.ukraine() == 0
        chance[presence, guarantee] = -np.log1p(-review.russia(0))
    for (presence, guarantee), hazard in chance.items():
        assert hazard == pytest.approx(chance[1, 1] * presence * guarantee, rel=1e-9)
