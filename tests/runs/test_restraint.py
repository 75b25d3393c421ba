"""Which way restraint is expected to go: the kernels' own steps, weighted by the games' own chances."""

import numpy as np
import pytest

from fragile_peace.codes import PlaceKind, Signal
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.dynamics import MOST_RESTRAINT, erosion, reciprocated
from fragile_peace.runs.restraint import Basin, basin, expected_change
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import EVENTFUL, SMALL, small

LIVELY = small({"truce.discipline": 2, "truce.restraint": 0.7, "truce.reciprocity": 0.1, "truce.residual": 0.05})


def weeks(world, seed, run):
    """Yield a run after each of its weeks, with restraint and belief before it."""
    single = SingleRun(world, seed, run)
    while single.alive:
        before, mu = single.state["r_s"][: len(world.places)].copy(), float(single.state["mu"])
        single.advance()
        yield single, before, mu


@pytest.mark.parametrize("world", [SMALL, small(EVENTFUL), LIVELY], ids=["small", "eventful", "lively"])
def test_it_is_the_mean_of_what_the_kernels_do(world):
    for single, before, mu in weeks(world, 3, 0):
        p, change = single.parameters[int(single.state["row"])], expected_change(single)
        games = single.games
        assert np.array_equal(single.of_games("restraint"), before)
        assert np.array_equal(single.of_games("like"), games["like"])
        for s, place in enumerate(world.places):
            quiet = mu * games["like"][s, 1, 0] + (1 - mu) * games["like"][s, 0, 0]
            up = reciprocated(before[s], np.exp(-p["reciprocity"])) - before[s]
            down = -erosion(before[s], p["beta"], p["r_floor"])
            wanted = 0.0 if place.kind == PlaceKind.HUB else quiet * up + (1 - quiet) * down
            if before[s] + up < MOST_RESTRAINT:  # the ceiling is left out
                assert change[s] == pytest.approx(wanted, abs=1e-15)
            else:
                assert change[s] >= wanted - 1e-15


def test_a_quiet_chance_comes_about_as_often_as_it_says():
    """400 runs of week 0; the count of quiet weeks strays by 4.5 deviations with a chance of 1 in 100,000 or so."""
    world, count, total, variance = small({"truce.restraint": 0.7}), 0, 0.0, 0.0
    for run in range(400):
        single = SingleRun(world, 8, run)
        single.advance()
        quiet = single.of_games("like")[:2, int(single.week["kappa"]), 0]
        count += int((single.week["signal_s"][:2] == Signal.QUIET).sum())
        total += quiet.sum()
        variance += (quiet * (1 - quiet)).sum()
    assert abs(count - total) < 4.5 * np.sqrt(variance)


def test_high_restraint_rises_low_erodes_and_none_does_neither():
    world = Scenario.load("donbas_truce_2020").override({"truce.discipline": 3, "truce.residual": 0})
    signs = []
    for level in (0.0, 0.3, 0.99):
        single = SingleRun(world.override({"truce.restraint": level}), 1, 0)
        single.advance()
        line = [place.kind == PlaceKind.LINE for place in world.places]
        change, restraint = expected_change(single)[line], single.of_games("restraint")[line]
        signs.append((np.sign(change).mean(), basin(change, restraint)))
    assert signs == [(0.0, Basin.NEITHER), (-1.0, Basin.ERODING), (1.0, Basin.CALM)]


@pytest.mark.parametrize(
    ("change", "restraint", "wanted"),
    [
        ((1, 1, -1), (0.9, 0.9, 0.9), Basin.CALM),
        ((1, 1, -1), (0.9, 0.2, 0.9), Basin.NEITHER),  # a rise from little is no calm
        ((1, -1, -1), (0.9, 0.9, 0.9), Basin.ERODING),
        ((1, -1), (0.9, 0.9), Basin.NEITHER),  # no majority
        ((0, 0), (0.0, 0.0), Basin.NEITHER),
    ],
)
def test_a_basin_takes_a_majority(change, restraint, wanted):
    assert basin(np.array(change, float), np.array(restraint)) == wanted
