"""Every declared parameter is live: a change moves an outcome at the same seed, in a world where it can.

The world is small and lively; most parameters move by half of their value in it. SPECIAL names, for the others, what
the world needs and the new value. A parameter that cannot move an outcome would be in CANNOT, with the reason.
"""

import functools

import numpy as np
import pytest

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.kernels.compensators import block_hazards
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from fragile_peace.state import OUTCOMES
from tests.tools.worlds import BASE, WEST, small

SEED = 5
RUNS, WEEKS = 24, 16
LIVELY = {
    "threat.credibility": 0.5, "mandate.roe": "enforce", "mandate.allows_force": True, "force.deploy_weeks": 4,
    "force.target_week": 3, "force.review_weeks": 5, "guarantee.trigger": "any_fatality", "tension.initial": 1,
    "truce.restraint": 0.3, "truce.residual": 0.1, "readiness.cap": 600_000, "readiness.technology": 1.2,
    "contact.dmz_km": 4, "commitment.upkeep": 3.2, "war.review_weeks": 2, "russia.strike_gain": -0.4,
    "fatality.protection": 2, "fatality.raid_russia": 0.3, "truce.recommitments_per_year": 12,
    "russia.resolve_committed": 2,
    "russia.resolve_bluffing": 1, "counts.strike": 50, "contingents.Albion.danger": 3, "lead.escalate": 2,
}  # fmt: skip
NOT_COUNTED = ("rounds", "residual", "games")
"""Outcomes that say how the solver fared, not what happened."""
UN = {"mandate.un": True}
RAIDS = {"ukraine.raid_gain": 2, "guarantee.void_weeks": 6}
MASS = {
    "fatality.strike_tail": 1.5, "fatality.breach_tail": 1.5, "force.sites_per_hub": 1, "commitment.upkeep": 1,
    "support.hit": 0.01,
}  # fmt: skip
"""Events that kill dozens, in a force that does not leave at the first of them."""
BY_CLASS = {"war.module": "reference_class"}
SEVERAL = {"commitment.solidarity": 8, "commitment.upkeep": 7}
"""A game of who joins with several solutions."""
SIGNAL = {"threat.choice": "signal", "commitment.upkeep": 3.6}
"""Moscow chooses its threat, in a world where that keeps nations out."""
SPECIAL = {
    "threat.choice": ({}, "signal"),
    "threat.benefit": (SIGNAL, 1.0),
    "threat.cost": (SIGNAL, 4.0),
    "threat.precision": (SIGNAL, 0.5),
    "guarantee.trigger": ({}, "sustained"),
    "guarantee.void_weeks": ({"ukraine.raid_gain": 2}, 6),
    "guarantee.void_share": (RAIDS, 1.0),
    "ukraine.void_cost": (RAIDS, 5.0),
    "mandate.roe": ({}, "self_defence"),
    "mandate.un": ({}, True),
    "mandate.allows_force": ({}, False),
    "russia.un_legal": (UN, 3.0),
    "monitoring.un_bonus": (UN, 0.1),
    "monitoring.joint_commission": ({}, False),
    "monitoring.commission_bonus": ({}, 0.1),
    "monitoring.leave_with_force": ({}, True),
    "monitoring.attribution": ({}, 0.5),
    "support.recovery": (MASS, 0.5),
    "fatality.breach_tail": ({"fatality.raid_russia": 0.5}, 1.5),
    "support.mass_hit": (MASS, 10.0),
    "force.sites_per_hub": ({"fatality.strike_tail": 1.5}, 1),
    "war_response.coalition_precision": ({"war_response.coalition_cost": 2.5}, 4.0),
    "commitment.legitimacy_un": (UN, 2.0),
    "commitment.selection": (SEVERAL, "least"),
    "war.module": ({}, "reference_class"),
    "war.reference": (BY_CLASS, "civil"),
    "war.presence_ratio": (BY_CLASS, 1.0),
    "war.guarantee_ratio": (BY_CLASS, 1.0),
    "force.start_week": ({}, 3),
    "force.vacant_weeks": ({}, 1),
    "force.deploy_weeks": ({}, 8),
    "force.winter_slowdown": ({"start_date": "2027-12-06"}, 1.0),
    "places.*.kind": ({}, "border"),
    "places.*.hot_spot": ({}, 0.9),
    "places.*.length_km": ({}, 120),
    "places.*.monitors": ({}, 200),
}
ITEM = {"kind": "West", "length_km": "West", "hot_spot": "North", "monitors": "East"}
CANNOT: dict[str, str] = {}


def target(name):
    """The dotted name that a user sets: the parameter itself, or that of one place or nation."""
    block, _, leaf = name.partition(".*.")
    return name if not leaf else f"{block}.{ITEM[leaf] if block == 'places' else 'Albion'}.{leaf}"


def moved(name, world):
    """Another value of a parameter, within its bounds: half as much again, or less where that is out of bounds."""
    p = CATALOGUE[name]
    now = world.get(target(name))
    if now is None:
        return 0.9
    value = 1.5 * now if now else p.low + 0.2 * (p.high - p.low)
    if not p.low <= value <= p.high:
        value = 0.5 * now
    return round(value) if p.kind == "whole" else value


@functools.cache
def played(changes, runs=RUNS):
    """Outcomes of the lively world with these changes, a tuple of (name, value)."""
    return simulate([small(LIVELY, dict(changes))], runs, seed=SEED, weeks=WEEKS)[0]


def differing(one, other):
    """The names of the outcomes that differ in any run."""
    return {name for name in OUTCOMES.names if name not in NOT_COUNTED and (one[name] != other[name]).any()}


def test_the_tables_name_parameters():
    assert set(SPECIAL) | set(CANNOT) <= set(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_change_of_any_parameter_moves_an_outcome(name):
    before, value = SPECIAL.get(name, ({}, None))
    world = small(LIVELY, before)
    value = moved(name, world) if value is None else value
    assert value != world.get(target(name))
    base = played(tuple(before.items()))
    changed = played((*before.items(), (target(name), value)))
    assert bool(differing(base, changed)) != (name in CANNOT)


# -- the levers of the default sweep, in line places and in hubs --

LEVERS = {
    "threat.level": (0, 1),
    "mandate.roe": ("self_defence", "enforce"),
    "threat.credibility": (0.2, 0.6),
    "guarantee.credibility": (0.1, 0.8),
    "guarantee.level": (0.2, 1),
    "response.coalition_hours": (0, 300),
    "response.us_hours": (0, 300),
}
MANNED = {
    "fatality.protection": 4, "force.deploy_weeks": 0, "lead.fire_cost": 0, "contingents.Albion.danger": 0.5,
    "commitment.upkeep": 0, "force.vacant_weeks": 0,
    "russia.strike_value": 3.6, "russia.strike_gain": 0,
}  # fmt: skip
BY_KIND = ("strikes", "deaths", "fatal_place_weeks", "exchanges")


def first_week(lever, value, place):
    """The chances of a week's events in one place in week 0, for a committed Russia and a steadfast Washington."""
    run = SingleRun(small(LIVELY, {"force.deploy_weeks": 0, lever: value}), seed=SEED)
    run.open_week()
    run.phase("deploy")
    run.phase("solve")
    block = run._games[place // LANES]
    block_hazards(run.parameters[0], block, 1, 1)
    return block["event"][:, place % LANES].copy()


@pytest.mark.parametrize("place", [WEST, BASE], ids=["line", "hub"])
@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_moves_the_game_of_line_places_and_hubs(lever, place):
    """By at least a thousandth of some event's weekly chance, in the same state."""
    low, high = (first_week(lever, value, place) for value in LEVERS[lever])
    assert (np.abs(high - low) > 0.001 * np.maximum(high, low)).any()


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_moves_what_happens_in_line_places_and_in_hubs(lever):
    low, high = (played((*MANNED.items(), (lever, value)), 250) for value in LEVERS[lever])
    for kind in (PlaceKind.LINE, PlaceKind.HUB):
        assert any((low[name][:, kind] != high[name][:, kind]).any() for name in BY_KIND)
