"""What a lever does to the rows is found, not written: and it is what Python lays out."""

import numpy as np
import pytest

from fragile_peace.declared.rows import DTYPE
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.errors import InputError
from fragile_peace.runs.threat import solve_threat
from fragile_peace_lab.browser import worlds
from fragile_peace_lab.browser.worlds import can_move, members, rule, rules, varied, words_of
from fragile_peace_lab.dashboard.levers import LEVERS

WORLD = Scenario.load("reassurance_15k")


def word(field: str) -> int:
    return DTYPE.fields[field][1] // 8


def test_a_number_a_choice_and_a_scale():
    assert rule(WORLD, "threat.level").takes == (word("theta"),)
    assert rule(WORLD, "mandate.roe").whole
    scale = rule(WORLD, "force.scale")
    assert scale.takes == (word("scale"),)
    assert scale.scales == tuple((word("M_n") + n, c.troops) for n, c in enumerate(WORLD.contingents))


def test_a_belief_moves_alone_and_its_truth_is_a_lever_too():
    assert rule(WORLD, "threat.credibility").takes == (word("mu_start"), word("mu0"))
    assert rule(WORLD, "threat.sincerity").takes == (word("mu_true"),)


@pytest.mark.parametrize("name", [name for name in shipped() if can_move(Scenario.load(name))])
def test_every_lever_of_every_scenario_has_a_rule(name):
    world = Scenario.load(name)
    for lever in LEVERS:
        found = rule(world, lever)
        assert found.takes or found.scales


def test_a_schedule_keeps_the_rows_that_it_sets():
    change = {"week": 10, "set": {"threat.level": 0.9}}
    world = Scenario.from_dict({**WORLD.to_dict(), "schedule": [change]})
    assert rule(world, "threat.level").takes == (word("theta"),)
    per_row = DTYPE.itemsize // 8
    assert rule(world, "monitoring.isr").takes == (word("isr"), word("isr") + per_row)


def test_a_word_that_moves_in_an_unknown_way_is_refused(monkeypatch):
    right = worlds.words_of

    def squared(world):
        words = right(world).copy()
        words[word("theta")] = int(np.float64(world.threat.level**2).view(np.int64))
        return words

    monkeypatch.setattr(worlds, "words_of", squared)
    with pytest.raises(InputError, match=r"threat\.level sets theta in a way that the page does not know"):
        rule(WORLD, "threat.level")


def test_where_moscow_chooses_only_levers_that_leave_its_game_alone_can_be_moved():
    world = Scenario.load("moscow_signals")
    found = rules(world, LEVERS)
    assert set(found) == {
        "threat.sincerity", "guarantee.sincerity", "force.deploy_weeks", "readiness.growth", "reconstitution.growth",
    }  # fmt: skip
    played = solve_threat(world).played
    for name, value in (("readiness.growth", 0.0123), ("force.deploy_weeks", 77), ("guarantee.sincerity", 0.9)):
        other = solve_threat(world.override({name: value})).played
        assert other.chances.tobytes() == played.chances.tobytes(), name
        assert other.belief.tobytes() == played.belief.tobytes(), name


def test_members_leave_the_levers_alone():
    names = ("threat.level", "russia.strike_value", "contingents.Nowhere.danger")
    samples = [dict.fromkeys(names, 1.1), dict.fromkeys(names, 1.9)]
    found = members(WORLD, samples, LEVERS)
    assert found.where.tolist() == [word("V_s")]
    assert found.values.view(np.float64)[:, 0].tolist() == [1.1, 1.9]
    assert members(Scenario.load("moscow_signals"), samples, LEVERS) is None


def test_cases_of_another_shape_are_refused():
    with pytest.raises(InputError, match="changes how many rows"):
        varied(words_of(WORLD), [np.zeros(3, np.int64)])
