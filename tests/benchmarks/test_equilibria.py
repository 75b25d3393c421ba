"""Gambit, SciPy and the kernels get the same game, and their equilibria are the same."""

import numpy as np
import pytest

from benchmarks import equilibria
from fragile_peace.proof.gambit import kernel_strategy
from fragile_peace.proof.game_tree import read_off
from fragile_peace.proof.incident_tree import incident_tree
from tests.tools.random_games import draw

RNG = np.random.default_rng(equilibria.SEED)
ALL = [draw(RNG, index, equilibria.KIND) for index in range(35)]
SOME = {"line, no force": ALL[0], "line": ALL[1], "border": ALL[17], "hub": ALL[31]}


@pytest.fixture(scope="module", params=SOME)
def solved(request):
    """A game in units of precision 1, and the kernels' strategies."""
    found = SOME[request.param].solve()
    tree = equilibria.one_precision(incident_tree(found.scenario, found.place, found.state))
    table = {s: kernel_strategy(found, s) for s in tree.infosets()}
    return tree, {s: [p[action] for action in s.actions] for s, p in table.items()}


def test_in_units_of_precision_one_it_is_the_same_game(solved):
    """The kernels' strategies are the logit of their payoffs there, without precisions or opportunities."""
    tree, ours = solved
    assert set(tree.precisions) == {1.0}
    assert not any(s.opportunities for s in ours)
    assert max(reading.deviation for reading in read_off(tree, ours.__getitem__)) < 1e-9


def test_scipys_equilibrium_is_the_kernels(solved):
    tree, ours = solved
    theirs = equilibria.by_scipy(tree)()
    reached = [reading.infoset for reading in read_off(tree, ours.__getitem__) if reading.reach > 1e-12]
    assert reached
    assert max(np.abs(np.subtract(theirs[s], ours[s])).max() for s in reached) < equilibria.AGREE


def test_what_scipy_cannot_solve_is_said(solved, monkeypatch):
    monkeypatch.setattr(equilibria, "AGREE", -1.0)
    with pytest.raises(ArithmeticError):
        equilibria.by_scipy(solved[0])()


def test_the_compiled_loop_is_timed():
    seconds = equilibria.kernel_seconds(list(SOME.values()), repeats=3)
    assert len(seconds) == 4
    assert all(0 <= value < 1 for value in seconds)


def test_games_are_chosen_by_size():
    small, large = (equilibria.chosen(4, small) for small in (True, False))
    assert [len(tree.infosets()) <= equilibria.LARGEST for _, tree in (*small, *large)] == [True] * 4 + [False] * 4
    assert all(game.state.total > 0 for game, _ in (*small, *large))


@pytest.mark.gambit
def test_the_table_says_time_and_difference():
    pytest.importorskip("pygambit")
    games = [pair for pair in equilibria.chosen(4, True) if len(pair[1].infosets()) < 12]
    assert len(games) == 2
    methods = {"gambit": equilibria.by_gambit, "scipy": equilibria.by_scipy}
    record = equilibria.compare(games, methods, lambda words: None)
    assert 0 < max(record.apart.values()) < equilibria.AGREE
    assert record.unsolved == 0
    text = equilibria.table(record)
    assert text.count("| 2 of 2 |") == len(equilibria.NAMES)
    assert all(name in text for name in equilibria.NAMES.values())
