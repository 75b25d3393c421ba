"""The threat as a signal against Gambit, which does Bayes' rule and the expectations of who joins by itself."""

import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.proof import gambit_threat
from fragile_peace.proof.gambit_threat import check_threat, heard, threat_tree
from fragile_peace.runs.threat import solve_threat
from tests.tools.threat_worlds import SEVERAL, TELLING, threat_worlds, tipping
from tests.tools.verify_games import LIMIT
from tests.tools.worlds import SMALL

pytestmark = pytest.mark.gambit
pytest.importorskip("pygambit")


def said(solution, belief=None):
    """What nations may hear in a solution, or in one with other beliefs."""
    return heard(solution.level, solution.odds, solution.belief if belief is None else belief)


def deviations(world):
    """How far each solution is from Gambit's conditions."""
    return [
        check_threat(world, said(solution), solution.chances, solution.joining).deviation
        for solution in solve_threat(world).solutions
    ]


@pytest.mark.parametrize("name", ["moscow_signals", "no_force", "plan28", "un_observers"])
def test_shipped_scenarios(name):
    assert max(deviations(Scenario.load(name).override({"threat.choice": "signal"}))) <= LIMIT


@pytest.mark.parametrize("world", [TELLING, SEVERAL, tipping()], ids=["telling", "several", "tipping"])
def test_every_solution_is_one_to_gambit(world):
    assert max(deviations(world)) <= LIMIT


def test_random_worlds():
    assert max(max(deviations(world)) for world in threat_worlds(12, 3)) <= LIMIT


def test_a_wrong_chance_a_wrong_belief_and_a_wrong_nation_are_seen():
    played = solve_threat(TELLING).played
    chances, joining, belief = played.chances.copy(), played.joining.copy(), played.belief.copy()
    chances[1, :2] += (0.01, -0.01)
    assert check_threat(TELLING, said(played), chances, joining).deviation > 1e-3
    belief[4] += 0.01
    assert check_threat(TELLING, said(played, belief), played.chances, joining).deviation > 1e-6
    joining[2, 0] -= 1e-6
    assert check_threat(TELLING, said(played), played.chances, joining).deviation > 1e-7


def test_the_tree():
    tree = threat_tree(SMALL, heard(range(5), [1.0] * 5, [0.2] * 5))
    assert tree.players == ("Russia", "Albion", "Borduria", "Caledonia")
    assert len(tree.infosets()) == 2 + 5 * 3
    assert sum(1 for _ in tree.nodes()) == 1 + 2 + 10 * (2**4 - 1)


def test_too_many_nations_are_refused(monkeypatch):
    monkeypatch.setattr(gambit_threat, "LARGEST", 2)
    with pytest.raises(InputError, match="3 contingents make too large a tree; at most 2"):
        threat_tree(SMALL, heard(range(5), [1.0] * 5, [0.2] * 5))
