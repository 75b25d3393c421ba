"""The settings that a sweep is shown at, and what it keeps beside its runs for that."""

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.design.axis import Layout, declared_values, key, settings_of
from fragile_peace_lab.design.beside import BELIEFS, Beside
from fragile_peace_lab.design.points import Plan
from tests.tools.tiny_sweeps import STRUCTURES, tiny


def kept(plan: Plan, runs: int = 100) -> Beside:
    return Beside.of(plan.scenarios, plan.design.sets, plan.design.table(), runs, plan.sweep.weeks)


def test_the_default_sweep_is_shown_at_its_middle():
    plan = Plan.load("legitimate_targets")
    base = plan.scenarios["reassurance_15k"]
    settings = settings_of(plan.design.table(), base)
    assert len(settings) == 15
    values = declared_values(base, ["threat.level", "mandate.roe"], plan.design.sets)
    layout = Layout.of_settings(settings, values)
    assert (layout.name, layout.facet, layout.fixed) == ("threat.level", "mandate.roe", {})
    assert settings[layout.baseline(settings, values)] == {"threat.level": 0.5, "mandate.roe": "self_defence"}


@pytest.mark.parametrize("name", ["legitimate_targets", "guarantee", "force", "response", "sensitivity"])
def test_members_are_points_of_the_sweep_at_the_setting_of_its_weeks(name):
    """The world with the unknowns as declared differs from a member in unknowns alone."""
    plan = Plan.load(name)
    beside, size = kept(plan), plan.design.combinations
    assert len(beside.members) == min(8, plan.design.samples)
    assert beside.draws == 32
    assert beside.belief_rows == len(beside.members) * 8 * 32
    levers = [column.name for column in plan.design.levers if column.name != "scenario"]
    shown = [beside.world.get(lever) for lever in levers]
    place = next(n for n in range(size) if [plan.scenario(n).get(lever) for lever in levers] == shown)
    for member, scenario in enumerate(beside.members):
        assert scenario == plan.scenario(member * size + place)


def test_a_sweep_without_levers_or_unknowns_has_one_of_each():
    plan = Plan.load(tiny(base="no_force", levers={}, uncertainties={}, design={}, weeks=None))
    beside = kept(plan, runs=5)
    assert settings_of(plan.design.table(), plan.scenarios["no_force"]) == [{"scenario": "no_force"}]
    assert beside.world == plan.scenarios["no_force"] == beside.members[0]
    assert (len(beside.members), beside.draws, beside.weeks) == (1, 5, plan.scenarios["no_force"].weeks)


def test_what_is_kept_beside_a_sweep_is_played_in_its_first_structure():
    plan, base = Plan.load(tiny(structures=dict(reversed(STRUCTURES.items())))), Plan.load(tiny())
    beside, plain = kept(plan), kept(base)
    own = STRUCTURES["least_sure"]
    assert settings_of(plan.design.table(), base.scenarios["reassurance_15k"]) == settings_of(
        base.design.table(), base.scenarios["reassurance_15k"]
    )
    assert beside.world == plain.world.override(own) != plain.world
    assert beside.members == tuple(scenario.override(own) for scenario in plain.members)


def test_the_truth_stays_or_goes_with_the_belief():
    plan = Plan.load(tiny(set={"threat.sincerity": 0.3}))
    cases = kept(plan).cases(1)
    assert [case.get("threat.credibility") for case in cases] == [*BELIEFS, *BELIEFS]
    assert [case.get("threat.sincerity") for case in cases] == [0.3] * 4 + [None] * 4
    believed = Plan.load(tiny(set={}))  # the truth is what is believed, until a sweep fixes it
    member = kept(believed).members[1]
    assert member.get("threat.sincerity") is None
    assert kept(believed).cases(1)[0].get("threat.sincerity") == member.get("threat.credibility")


def test_no_settings_are_refused():
    with pytest.raises(InputError, match="no settings of the levers"):
        Layout.of_settings([], {})


def test_cells_of_a_lever_are_alike_if_they_hold_the_same():
    assert key(1) == key(1.0) == key(np.float64(1.0))
    assert key(None) is key(float("nan")) is None
    assert key(True) is True
    assert key("observe") == "observe"
