"""Troops and hot-spot weights in force: declared numbers become those of the model in one place, for every reader."""

import math

import pytest
from hypothesis import given, settings

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.proof.gambit_commitment import commitment_at_start
from fragile_peace.proof.incident import PlaceState
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from tests.tools.strategies import scenarios
from tests.tools.worlds import BASE, EVENTFUL, NORTH, REAR, RESCALED, WEST, small

DOUBLE = {"force.scale": 2}
TWICE = {"contingents.Albion.troops": 6, "contingents.Borduria.troops": 4, "contingents.Caledonia.troops": 2}


def cut(scenario: Scenario, place: int, share: float) -> Scenario:
    """The scenario with a place in two: the first `share` of its length, and the rest."""
    data = scenario.to_dict()
    whole = data["places"][place]
    first = whole | {"name": "First", "length_km": share * whole["length_km"]}
    rest = whole | {"length_km": whole["length_km"] - first["length_km"]}
    data["places"][place : place + 1] = [first, rest]
    return Scenario.from_dict(data)


# -- the size of the force --


def test_at_scale_one_troops_are_as_declared():
    world = small()
    assert world.troops == tuple(contingent.troops for contingent in world.contingents)


def test_the_rows_hold_the_troops_in_force():
    parameters, _ = rows([small({"force.scale": 0.7})])
    assert parameters["M_n"][0][:4].tolist() == [3 * 0.7, 2 * 0.7, 1 * 0.7, 0]


def test_a_force_twice_as_large_is_one_of_contingents_twice_as_large():
    one, other = (simulate([small(EVENTFUL, change)], 8, seed=3)[0] for change in (DOUBLE, TWICE))
    assert one.tobytes() == other.tobytes()


def test_the_proof_takes_the_troops_in_force():
    one, other = small(EVENTFUL, DOUBLE), small(EVENTFUL, TWICE)
    assert commitment_at_start(one) == commitment_at_start(other)
    for place in range(len(one.places)):
        assert PlaceState.at_start(one, place) == PlaceState.at_start(other, place)


def test_the_force_may_grow_and_shrink_during_a_run():
    run = SingleRun(RESCALED, seed=3)
    troops = []
    while run.alive:
        run.advance()
        troops.append(float(run.week["troops"]))
    assert troops == pytest.approx([6.0] * 3 + [18.0] * 3 + [3.0] * 3)


# -- a force in the rear --


def test_a_force_may_sit_in_hubs_alone():
    assert REAR.troops == small().troops
    run = SingleRun(REAR, seed=3)
    run.advance()
    assert run.week["m_s"][:4].tolist() == [0, 0, 0, pytest.approx(sum(REAR.troops))]
    assert run.week["lead_s"][:3].tolist() == [-1] * 3
    assert run.week["monitors_s"][WEST] == 120


def test_nobody_strikes_or_answers_where_no_troops_are():
    outcomes = simulate([REAR], 40, seed=3)[0]
    for field in ("strikes", "deaths"):
        assert outcomes[field][:, PlaceKind.LINE].sum() == 0
        assert outcomes[field][:, PlaceKind.HUB].sum() > 0
    assert outcomes["breaches_R"][:, 1:].sum() > 0


# -- hot spots --


def line_mean(scenario: Scenario) -> float:
    """The mean weight in force of a km of line."""
    pairs = zip(scenario.places, scenario.hot_spots, strict=True)
    line = [(place.length_km, weight) for place, weight in pairs if place.kind == PlaceKind.LINE]
    return math.fsum(km * weight for km, weight in line) / math.fsum(km for km, _ in line)


@pytest.mark.parametrize("name", shipped())
def test_a_mean_km_of_a_shipped_line_has_weight_one(name):
    assert line_mean(Scenario.load(name)) == pytest.approx(1, abs=1e-15)


@settings(deadline=None)
@given(scenarios(wide=True))
def test_a_mean_km_of_any_line_has_weight_one(scenario):
    assert line_mean(scenario) == pytest.approx(1, abs=1e-12)


def test_weights_of_mean_one_are_in_force_as_written():
    donbas = Scenario.load("donbas_2019")
    assert donbas.hot_spots == tuple(place.hot_spot for place in donbas.places)


def test_only_ratios_count_on_the_line():
    world = small({"places.West.hot_spot": 7, "places.East.hot_spot": 3})
    assert world.hot_spots == pytest.approx(small().hot_spots, abs=1e-15)


def test_borders_and_hubs_keep_their_weights():
    world = small({"places.West.hot_spot": 9, "places.Base.hot_spot": 4})
    assert (world.hot_spots[NORTH], world.hot_spots[BASE]) == (0.3, 4)


def test_a_sector_cut_in_two_has_the_weights_of_the_whole():
    whole, parts = small(), cut(small(), WEST, 0.23)
    assert parts.hot_spots[:2] == pytest.approx([whole.hot_spots[WEST]] * 2, abs=1e-15)
    assert parts.hot_spots[2:] == pytest.approx(whole.hot_spots[1:], abs=1e-15)


def test_the_rows_and_the_proof_take_the_weights_in_force():
    world = small({"places.West.hot_spot": 3, "tension.initial": 2})
    parameters, _ = rows([world])
    assert parameters["w_s"][0][:4].tolist() == list(world.hot_spots)
    assert PlaceState.at_start(world, WEST).tension == 2 * world.hot_spots[WEST] == SingleRun(world).state["x_s"][WEST]


def test_a_change_of_one_weight_is_a_change_of_the_others_from_its_week_on():
    plan = [{"week": 4, "set": {"places.West.hot_spot": 0}}]
    parameters, _ = rows([Scenario.from_dict({**small().to_dict(), "schedule": plan})])
    before, after = parameters["w_s"]
    assert before[:4].tolist() == list(small().hot_spots)
    assert after[:4].tolist() == pytest.approx([0, 160 / 60, 0.3, 1])
