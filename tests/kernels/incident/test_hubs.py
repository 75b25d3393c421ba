"""A block of hubs: solved by itself, it must be what the general equations say of a hub among other places."""

import numpy as np
import pytest

from fragile_peace.codes import PlaceKind
from fragile_peace.kernels.incident.best_response import answer, answer_russia, answer_ukraine
from fragile_peace.kernels.incident.later_moves import evaluate
from fragile_peace.kernels.incident.table import packed, unpacked
from tests.tools.random_games import draw, solve_many

SET = ("p_R", "like", "q", "response", "refuse", "value_R", "value_U")
DRAWN = ("chance", "decision", "u_R", "u_C", "fire")


@pytest.fixture(scope="module")
def solved():
    """300 hubs solved beside a sector and a border, by the general equations."""
    rng = np.random.default_rng(20261127)
    draws = [draw(rng, i) for i in range(1200) if i // 15 % 3 == PlaceKind.HUB]
    games = solve_many(draws)
    return games[games["status"] == 0][:300]


def among_hubs(game):
    """Return a block of nothing but this hub, of which no answer is known yet."""
    block = packed(game)
    block["may_act"][:, 1:3] = 0
    for name in SET:
        block[name] = 0.0
    block["open"] = 1.0
    return block


def test_what_follows_the_first_moves_is_the_same(solved):
    assert len(solved) == 300
    for game in solved:
        block = among_hubs(game)
        answer(block[0], 0)
        again = unpacked(block, 1)[0]
        for name in (*SET, *DRAWN):
            assert again[name] == pytest.approx(game[name], rel=1e-12, abs=1e-13), name


def test_the_answer_and_the_residual_are_the_same(solved):
    """Away from the solution, too: at the log-odds of the solution and 0.3 beside them."""
    for game in solved:
        block, general = among_hubs(game), packed(game)
        general["open"] = 1.0
        for blocks in (block, general):
            blocks["odds_R"][0, :, 3] += 0.3 * game["active_R"][3]
        answer(block[0], 0)
        evaluate(general[0])
        answer_ukraine(general[0])
        answer_russia(general[0])
        assert block["answer_R"][0, :, 3] == pytest.approx(general["answer_R"][0, :, 3], rel=1e-11, abs=1e-11)
        far = np.abs(general["answer_R"] - general["odds_R"])[0, :, 3].max(axis=0)
        assert block["gap"][0] == pytest.approx(far, rel=1e-9, abs=1e-11)
        assert (block["residual"][0] == block["gap"][0]).all()  # so far off that it is not measured closer


def test_the_residual_near_a_solution_is_the_same(solved):
    """At 5e-8 beside the solution, where the residual is the distance in probability."""
    measured = 0
    for game in solved[solved["active_R"][:, 3] == 1]:
        block, general = among_hubs(game), packed(game)
        for blocks in (block, general):
            blocks["open"] = 1.0
            blocks["odds_R"][0, :, 3] += 5e-8
            answer(blocks[0], 0)
        if general["residual"].max() > 1e-10:
            measured += 1
            assert block["residual"][0] == pytest.approx(general["residual"][0], rel=1e-5, abs=1e-16)
            assert block["residual"].max() < block["gap"].max()
    assert measured > 50


def test_a_solved_hub_is_solved(solved):
    for game in solved:
        block = among_hubs(game)
        answer(block[0], 0)
        assert block["residual"].max() <= 1e-10
        assert block["gap"].max() <= 1e-9
