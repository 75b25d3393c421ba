"""The known chances of the types at the start: the scenario's, a point's, and those that runs show."""

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.design.chances import chances_of_points, start_chances
from fragile_peace_lab.design.points import Plan
from tests.tools.tiny_sweeps import tiny

RUNS = 4000


def test_chances_are_the_sincerity_or_else_the_credibility():
    world = Scenario.load("reassurance_15k").override({"threat.credibility": 0.4, "guarantee.sincerity": 0.3})
    found = start_chances(world.override({"threat.sincerity": None}))
    assert found == {"kappa_start": 0.4, "tau_start": 0.3}
    assert start_chances(world.override({"threat.sincerity": 0.2}))["kappa_start"] == 0.2


def test_every_point_has_the_chances_of_its_scenario():
    structures = {"usual": {}, "surer": {"guarantee.sincerity": 0.9}}
    told = {"sure": {"threat.sincerity": 0.7}, "as_believed": {}}
    plan = Plan.load(tiny(structures=structures, levers={"told": told, "mandate.roe": ["observe", "enforce"]}))
    found = chances_of_points(plan.scenarios, plan.design.sets, plan.design.table())
    for point in range(plan.design.points):
        assert {name: values[point] for name, values in found.items()} == start_chances(plan.scenario(point))
    assert len(set(found["kappa_start"].tolist())) > 3


def test_runs_start_with_types_of_these_chances():
    """Also where Moscow chooses its threat by type. Four standard errors: a false alarm in 15,000 for each of four."""
    plain = Scenario.load("reassurance_15k").override({"threat.sincerity": None, "threat.credibility": 0.3})
    for world in (plain, plain.override({"threat.choice": "signal", "guarantee.sincerity": 0.6})):
        outcomes = simulate([world], RUNS, 3, 1)[0]
        for column, chance in start_chances(world).items():
            se = np.sqrt(chance * (1 - chance) / RUNS)
            assert abs(outcomes[column].mean() - chance) < 4 * se
