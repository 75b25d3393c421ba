"""Payoffs fitted again for another precision of choice: the same line, by people who choose more or less noisily.

Precision and payoffs cannot be told apart (docs/calibration.md), so a precision is an assumption, and another one is
another *structure* (docs/sweeps.md), with payoffs of its own. `refit` looks for the calibrated payoffs, and the gains
beside them, with which both sides' first moves are as close as can be to those at the declared precision: over states
of a line without a force, from none to nearly full restraint, and of a line and a hub with one. Closeness is in square
roots of probabilities (Hellinger), so that rare moves count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.errors import InputError
from fragile_peace.proof.incident import PlaceState, solve_incident

PRECISIONS = ("precision.russia", "precision.ukraine")
PAYOFFS = (
    "russia.probe_gain", "russia.raid_gain", "russia.probe_cost", "russia.raid_cost", "russia.strike_gain",
    "russia.strike_cost", "russia.strike_value", "ukraine.probe_gain", "ukraine.raid_gain", "ukraine.probe_cost",
    "ukraine.raid_cost", "truce.discipline",
)  # fmt: skip
WORLDS = ("donbas_2019", "reassurance_15k")
RESTRAINTS = (0.0, 0.3, 0.6, 0.8, 0.95)
TENSIONS = (0.0, 1.0)
SPAN = 4.0
"""A factor lies within so many times the one by which all payoffs would keep all choices as they are, 3/precision."""
DIGITS = 4


def refit(precision: float) -> dict[str, float]:
    """Return by how much each payoff is multiplied at this precision of Russia and Ukraine, by dotted name.

    Raises InputError if the precision is not from .5 to 10.
    """
    if not 0.5 <= precision <= CATALOGUE[PRECISIONS[0]].high:
        raise InputError(f"--precision: {precision:g} is not allowed; must be a number from 0.5 to 10")
    target = moves(None, {})
    scale = float(Scenario.load(WORLDS[0]).get(PRECISIONS[0])) / precision

    def distance(factors: np.ndarray) -> np.ndarray:
        off: np.ndarray = moves(precision, dict(zip(PAYOFFS, factors.tolist(), strict=True))) - target
        return off

    start = np.full(len(PAYOFFS), scale)
    found = least_squares(distance, start, bounds=(scale / SPAN, scale * SPAN), x_scale=scale, xtol=1e-10, ftol=1e-12)
    return {name: float(f"{factor:.{DIGITS}g}") for name, factor in zip(PAYOFFS, found.x, strict=True)}


def moves(precision: float | None, factors: Mapping[str, float]) -> np.ndarray:
    """Return the square roots of both sides' first moves in every state, with payoffs multiplied.

    At the declared precision if None is given.
    """
    now = Scenario.load(WORLDS[0])
    changes = {name: factor * now.get(name) for name, factor in factors.items()}
    changes |= {} if precision is None else dict.fromkeys(PRECISIONS, float(precision))
    found = []
    for scenario, place, state in _states(changes):
        game = solve_incident(scenario, place, state)
        found += [np.ravel(game.table["p_R"]), np.ravel(game.table["p_U"])]
    roots: np.ndarray = np.sqrt(np.concatenate(found))
    return roots


def _states(changes: Mapping[str, Any]) -> Iterator[tuple[Scenario, int, PlaceState]]:
    for name in WORLDS:
        scenario = Scenario.load(name).override(changes)
        start = PlaceState.at_start(scenario, 0)
        for restraint in RESTRAINTS:
            for tension in TENSIONS:
                yield scenario, 0, replace(start, restraint=restraint, tension=tension)
    hub = len(scenario.places) - 1
    yield scenario, hub, PlaceState.at_start(scenario, hub)
