"""Agents are faces on the arrays of a run: what they say is what the rows hold, by name."""

import ast
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import fragile_peace
from fragile_peace import CeasefireModel, Scenario
from fragile_peace.codes import Action, Decision, PlaceKind, Reply, Response, Signal, options
from fragile_peace.kernels.week import PHASES
from fragile_peace.mesa.agents import Column, EuropeanContingent, Place, Russia, Ukraine, UnitedStates
from fragile_peace.mesa.theatre import PHASE_NAMES, Slots

DECIDES = {
    Russia: ("act", "reply", "resume"),
    Ukraine: ("act", "resume"),
    UnitedStates: ("guarantee",),
    EuropeanContingent: ("deploy", "respond", "commit"),
}
"""docs/model.md, section 3."""


HOT = {
    "russia.strike_gain": 2.0, "mandate.roe": "enforce", "guarantee.trigger": "any_fatality", "force.deploy_weeks": 0,
    "guarantee.credibility": 0.9, "war_response.spiral_us": 0.0, "war_response.spiral_coalition": 0.0,
    "commitment.legitimacy": 10.0,
}  # fmt: skip
"""Strikes, deaths, fire, invocations and replies in most weeks."""


def busy(theatre: CeasefireModel) -> bool:
    w, count = theatre.week, len(theatre.places)
    return all((w[f][:count] >= 0).any() for f in ("response_s", "decision_s", "reply_s")) and w["deaths_s"].sum() > 0


@pytest.fixture(scope="module")
def theatre() -> CeasefireModel:
    world = Scenario.load("line_30k").override(HOT)
    for run in range(40):
        theatre = CeasefireModel(world, seed=3, run=run)
        while theatre.running:
            theatre.step()
            if theatre.running and busy(theatre):
                return theatre
    raise AssertionError("no week with a death, a decision and a reply")


def test_each_class_decides_in_the_phases_of_the_specification():
    assert {kind: kind.phases for kind in DECIDES} == DECIDES


@pytest.mark.parametrize("kind", DECIDES, ids=lambda kind: kind.__name__)
def test_each_phase_of_a_class_is_a_phase_and_a_method(kind):
    assert set(kind.phases) <= set(PHASE_NAMES)
    assert all(callable(vars(kind)[name]) for name in kind.phases)
    assert not {name for name in PHASE_NAMES if name in vars(kind)} - set(kind.phases)


@pytest.mark.parametrize("kind", DECIDES, ids=lambda kind: kind.__name__)
def test_each_method_of_a_phase_plays_that_phase(kind):
    for name in kind.phases:
        played: list[str] = []
        getattr(kind, name)(SimpleNamespace(model=SimpleNamespace(play=played.append)))
        assert played == [name]


def test_phase_names_come_from_the_one_tuple():
    assert tuple(phase.__name__ for phase in PHASES) == PHASE_NAMES


def test_one_agent_a_nation_and_a_place(theatre):
    world = theatre.world
    assert list(theatre.contingents) == [c.name for c in world.contingents]
    assert list(theatre.places) == [p.name for p in world.places]
    assert len(theatre.agents) == 3 + len(world.contingents) + len(world.places)


def test_beliefs_types_and_readiness_are_those_of_the_state(theatre):
    x = theatre.single.state
    assert theatre.russia.credibility == x["mu"]
    assert theatre.united_states.credibility == x["gamma"]
    assert theatre.ukraine.readiness == x["B"]
    assert theatre.russia.kind == ("bluffing", "committed")[x["kappa"]]
    assert theatre.united_states.kind == ("reluctant", "steadfast")[x["tau"]]


def test_postures_are_the_equilibrium_of_the_week(theatre):
    w = theatre.week
    for s, place in enumerate(theatre.places):
        g = theatre.single.games[s]
        russia, ukraine = theatre.russia.posture[place], theatre.ukraine.posture[place]
        assert list(russia.values()) == [
            p for p, there in zip(g["p_R"][w["kappa"]], g["active_R"], strict=True) if there
        ]
        assert list(ukraine.values()) == [p for p, there in zip(g["p_U"], g["active_U"], strict=True) if there]
        assert russia[theatre.russia.actions[place]] == w["p_action_R_s"][s]
        assert ukraine[theatre.ukraine.actions[place]] == w["p_action_U_s"][s]
        assert sum(russia.values()) == pytest.approx(1, abs=1e-12)


def test_a_hub_offers_comply_and_strike_only(theatre):
    hub = next(place.name for place in theatre.places.values() if place.kind == "hub" and place.garrison > 0)
    assert list(theatre.russia.posture[hub]) == ["comply", "strike"]
    assert list(theatre.ukraine.posture[hub]) == ["comply"]


def test_what_was_drawn_is_named(theatre):
    w = theatre.week
    for s, (name, place) in enumerate(theatre.places.items()):
        assert theatre.russia.actions[name] == place.action_russia == options(Action)[w["action_R_s"][s]]
        assert theatre.ukraine.actions[name] == place.action_ukraine == options(Action)[w["action_U_s"][s]]
        assert place.signal == options(Signal)[w["signal_s"][s]]
        for value, field, enum in (
            (place.response, "response_s", Response),
            (place.decision, "decision_s", Decision),
            (place.reply, "reply_s", Reply),
        ):
            code = w[field][s]
            assert value == (options(enum)[code] if code >= 0 else None)
        assert theatre.russia.replies.get(name) == place.reply
        assert theatre.united_states.decisions.get(name) == place.decision
        if place.lead is not None and place.response is not None:
            assert theatre.contingents[place.lead].responses[name] == place.response
    assert theatre.russia.replies
    assert theatre.united_states.decisions


def test_numbers_of_a_place_are_those_of_the_rows(theatre):
    w, x = theatre.week, theatre.single.state
    for s, place in enumerate(theatre.places.values()):
        recorded = w["recorded_R_s"][s] + w["recorded_U_s"][s]
        assert (place.tension, place.restraint) == (x["x_s"][s], x["r_s"][s])
        assert (place.garrison, place.monitors) == (w["m_s"][s], w["monitors_s"][s])
        assert (place.recorded, place.deaths) == (recorded, w["deaths_s"][s])
        assert place.violations == recorded + w["missed_R_s"][s] + w["missed_U_s"][s]
        assert place.local_deaths == w["local_deaths_s"][s]


def test_a_contingent_tells_its_part(theatre):
    w, x, p = theatre.week, theatre.single.state, theatre.parameters
    decided = 0
    for n, (nation, agent) in enumerate(theatre.contingents.items()):
        assert agent.nation == nation
        assert agent.present == bool(x["in_n"][n])
        assert agent.troops == p["M_n"][n]
        assert agent.support == x["support_n"][n]
        assert agent.deaths == w["deaths_n"][n]
        assert agent.deaths_so_far == theatre.outcomes["deaths_n"][n]
        assert agent.posts == {
            q: w["garrison_sn"][s, n] for s, q in enumerate(theatre.places) if w["garrison_sn"][s, n]
        }
        assert agent.deployed == pytest.approx(sum(agent.posts.values()), rel=1e-14)
        assert agent.leads == tuple(q for s, q in enumerate(theatre.places) if w["lead_s"][s] == n)
        assert agent.stay_probability == (w["p_stay_n"][n] if w["p_stay_n"][n] >= 0 else None)
        decided += agent.stay_probability is not None
    assert decided > 0  # a European died this week, so those in chose


def test_reviews_have_chances_only_in_review_weeks():
    theatre = CeasefireModel("reassurance_15k", seed=0, run=1)
    for week in range(8):
        theatre.step()
        russia, ukraine = theatre.russia.resume_probability, theatre.ukraine.resume_probability
        if (week + 1) % 4:
            assert (russia, ukraine) == (None, None)
        else:
            assert russia == theatre.week[f"p_resume_{theatre.russia.kind}"]
            assert ukraine == theatre.week["p_resume_ukraine"]
            assert 0 < russia < 1


def test_before_the_first_week_nothing_has_happened():
    theatre = CeasefireModel(seed=0)
    world = theatre.world
    assert theatre.russia.actions == theatre.russia.replies == theatre.ukraine.actions == {}
    assert theatre.united_states.decisions == {}
    assert theatre.russia.resume_probability is None
    assert theatre.russia.credibility == world.threat.credibility
    assert theatre.ukraine.readiness == world.readiness.initial
    assert theatre.russia.posture["Kyiv"] == {"comply": 0.5, "strike": 0.5}
    for agent in theatre.contingents.values():
        assert (agent.deployed, agent.deaths, agent.posts, agent.leads) == (0, 0, {}, ())
        assert agent.stay_probability is None
        assert agent.support == world.contingents[agent.index].support
    for place in theatre.places.values():
        assert (place.garrison, place.deaths, place.recorded, place.violations) == (0, 0, 0, 0)
        assert {place.lead, place.signal, place.response, place.action_russia, place.decision} == {None}
        assert place.restraint == world.truce.restraint


def test_a_posture_follows_the_type_that_the_week_was_played_with():
    """After the redraw at the end of a week, Russia's kind may be another."""
    theatre = CeasefireModel(Scenario.load("reassurance_15k").override({"beliefs.redraw": 0.5}), seed=1)
    changed = 0
    while theatre.running:
        theatre.step()
        played = ("bluffing", "committed")[theatre.week["kappa"]]
        changed += played != theatre.russia.kind
        assert theatre.russia.posture == theatre.russia.posture_of(played)
    assert changed > 0
    with pytest.raises(ValueError, match="not in"):
        theatre.russia.posture_of("undecided")


@pytest.mark.parametrize("name", ["reassurance_15k", "donbas_2019"])
def test_places_are_linked_as_tension_spreads(name):
    theatre = CeasefireModel(name, seed=0)
    line = [place.name for place in theatre.places.values() if place.kind == "line"]
    expected: dict = dict.fromkeys(theatre.places, ())
    for left, right in pairwise(line):
        expected[left] += (right,)
        expected[right] = (left, *expected[right])
    assert {place.name: tuple(sorted(place.neighbours)) for place in theatre.places.values()} == {
        name: tuple(sorted(near)) for name, near in expected.items()
    }


def test_the_space_is_numbered_and_drawn_in_the_scenarios_order():
    theatre = CeasefireModel(seed=0)
    graph = theatre.space.G
    assert [graph.nodes[s]["name"] for s in graph] == list(theatre.places)
    assert [theatre.space[s].agents[0] for s in graph] == list(theatre.places.values())
    line = [graph.nodes[s]["pos"] for s in graph if graph.nodes[s]["kind"] == "line"]
    assert line == sorted(line)
    assert {y for _, y in line} == {0.0}
    assert sum(place.kind == PlaceKind.LINE for place in theatre.world.places) == len(line)


def test_agents_do_not_write():
    """Reading every attribute of every agent changes no row."""
    theatre = CeasefireModel(seed=0, run=1)
    theatre.step()
    rows = [theatre.single.state, theatre.single.week, theatre.single.outcomes, theatre.single.parameters]
    before = [row.tobytes() for row in (*rows, theatre.single.games)]
    for agent in theatre.agents:
        for name in dir(agent):
            if not name.startswith("_") and name != "scenario":  # Mesa 3.5's
                getattr(agent, name)
    assert [row.tobytes() for row in (*rows, theatre.single.games)] == before


def test_only_the_agents_and_the_theatre_import_mesa():
    folder = Path(fragile_peace.__file__).parent
    importers = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "mesa" for name in names):
                importers.add(path.name)
    assert importers == {"agents.py", "theatre.py"}


def test_columns_are_documented():
    for kind in (EuropeanContingent, Place):
        for column in (value for value in vars(kind).values() if isinstance(value, Column)):
            assert column.__doc__


def test_slots_are_lists_of_the_views():
    slots = Slots({"x_s": np.array([1.0, 2.0])})
    assert slots["x_s"] == [1.0, 2.0]
    slots.clear()
    assert slots == {}
