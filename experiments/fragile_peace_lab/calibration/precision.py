"""Payoffs fitted again for another precision of choice: the same line, played more or less noisily.

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
    "russia.strike_value", "ukraine.probe_gain", "ukraine.raid_gain", "ukraine.probe_cost", "ukraine.raid_cost",
    "truce.discipline",
)  # fmt: skip
WORLDS = ("donbas_2019", "reassurance_15k")
RESTRAINTS = (0.0, 0.3, 0.6, 0.8, 0.95)
TENSIONS = (0.0, 1.0)
DIGITS = 4


def refit(precision: float) -> dict[str, float]:
    """Return the payoffs for this precision of Russia and Ukraine, by dotted name, and both precisions.

    Raises InputError if the precision is not from .5 to 10.
    """
    if not 0.5 <= precision <= CATALOGUE[PRECISIONS[0]].high:
        raise InputError(f"--precision: {precision:g} is not allowed; must be a number from 0.5 to 10")
    now = Scenario.load(WORLDS[0])
    declared = {name: float(now.get(name)) for name in PAYOFFS}
    target = moves({})
    scale = now.precision.russia / precision
    both = dict.fromkeys(PRECISIONS, float(precision))

    def distance(factors: np.ndarray) -> np.ndarray:
        return moves(both | _scaled(declared, factors)) - target

    start = np.clip(np.full(len(PAYOFFS), scale), *_limits(declared))
    found = least_squares(distance, start, bounds=_limits(declared), x_scale=scale, xtol=1e-10, ftol=1e-12)
    rounded = {name: float(f"{value:.{DIGITS}g}") for name, value in _scaled(declared, found.x).items()}
    return both | rounded


def moves(changes: Mapping[str, Any]) -> np.ndarray:
    """Return the square roots of both sides' first moves in every state, with these parameters changed."""
    found = []
    for scenario, place, state in _states(changes):
        game = solve_incident(scenario, place, state)
        found += [np.ravel(game.table["p_R"]), np.ravel(game.table["p_U"])]
    return np.sqrt(np.concatenate(found))


def _states(changes: Mapping[str, Any]) -> Iterator[tuple[Scenario, int, PlaceState]]:
    for name in WORLDS:
        scenario = Scenario.load(name).override(changes)
        start = PlaceState.at_start(scenario, 0)
        for restraint in RESTRAINTS:
            for tension in TENSIONS:
                yield scenario, 0, replace(start, restraint=restraint, tension=tension)
    hub = len(scenario.places) - 1
    yield scenario, hub, PlaceState.at_start(scenario, hub)


def _scaled(declared: Mapping[str, float], factors: np.ndarray) -> dict[str, float]:
    return {name: value * float(factor) for (name, value), factor in zip(declared.items(), factors, strict=True)}


def _limits(declared: Mapping[str, float]) -> tuple[list[float], list[float]]:
    """The factors within which every payoff stays in its declared bounds."""
    ends = [(CATALOGUE[name].low / value, CATALOGUE[name].high / value) for name, value in declared.items()]
    return [max(0.02, min(pair)) for pair in ends], [max(pair) for pair in ends]
