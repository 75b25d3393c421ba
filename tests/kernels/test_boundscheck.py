"""Kernels and a short engine run of every shipped scenario with array bounds checked: `make boundscheck`.

Without NUMBA_BOUNDSCHECK=1 a write out of bounds corrupts the heap silently. The last three test the guard itself.
"""

import os

import numpy as np
import pytest

from fragile_peace.codes import Event
from fragile_peace.declared.declaration import MAX_CONTINGENTS, MAX_PLACES
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.runs.simulation import simulate, simulate_weekly
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import EVENTFUL, WARLIKE, small

pytestmark = pytest.mark.boundscheck


@kernel
def beyond(values, index):
    """Read one element."""
    return values[index]


def test_bounds_are_checked():
    """Fails where the marker runs without the setting: then nothing here would prove anything."""
    assert os.environ.get("NUMBA_BOUNDSCHECK") == "1", "run `make boundscheck`: NUMBA_BOUNDSCHECK is not 1"
    with pytest.raises(IndexError):
        beyond(np.zeros(3), 3)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_stays_in_bounds(name):
    outcomes = simulate([Scenario.load(name)], 3, seed=1, weeks=30, threads=1)
    assert (outcomes["weeks"] > 0).all()


@pytest.mark.parametrize("changes", [EVENTFUL, WARLIKE], ids=["eventful", "warlike"])
def test_every_event_stays_in_bounds(changes):
    """Spirals, invocations, withdrawals and wars are all reached, with the weeks kept."""
    result = simulate_weekly([small(changes)], 64, seed=2, kept=64, threads=1)
    assert result.outcomes["happened"][0].sum(0)[Event.COLLAPSE] > 0


def test_the_largest_world_stays_in_bounds():
    """As many places and contingents as there are slots."""
    base = small(EVENTFUL).to_dict()
    line = {**base["places"][0], "hot_spot": 1.0}
    base["places"] = [{**line, "name": f"Sector {k}"} for k in range(MAX_PLACES - 1)] + [base["places"][3]]
    everywhere = {place["name"]: 1 / MAX_PLACES for place in base["places"]}
    base["contingents"] = [
        {**base["contingents"][0], "name": f"Nation {chr(65 + k)}", "deployment": everywhere}
        for k in range(MAX_CONTINGENTS)
    ]
    outcomes = simulate([Scenario.from_dict(base)], 2, seed=3, weeks=12, threads=1)
    assert (outcomes["joined"] == MAX_CONTINGENTS).all()


@pytest.mark.parametrize("weeks", [(1, 1040), (52, 1), (1, 1)])
def test_the_longest_and_shortest_foresight_stay_in_bounds(weeks):
    review, foresight = weeks
    scenario = small({"war.review_weeks": review, "war.foresight_weeks": foresight, "war.prize": 0})
    run = SingleRun(scenario, seed=4, weeks=60)
    while run.alive:
        run.advance()


def test_a_schedule_with_many_regimes_stays_in_bounds():
    data = small({"war.prize": 0, "war_ukraine.prize": 0}).to_dict()
    data["schedule"] = [{"week": week, "set": {"threat.level": 0.01 * week}} for week in range(1, 26)]
    run = SingleRun(Scenario.from_dict(data), seed=5)
    while run.alive:
        run.advance()
    assert run.state["row"] == 25
