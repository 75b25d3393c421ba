"""The figures: a mark for every number, readable names, and the same bytes again."""

from dataclasses import replace

import pytest

from fragile_peace_lab.deciding import decision
from fragile_peace_lab.deciding.figures import pictures, short, short_world, sizes
from fragile_peace_lab.deciding.weights import Weights
from fragile_peace_lab.figures.drawing import COLUMN, SIZES, rendered
from tests.tools import decisions

LONG = (
    {"war": [0, 0.33333333, 3.3333333]},
    {"shown": {"war": 1.234567, "deaths": 0.1}},
    {"shown": {"war": 0.3333333333333, "deaths": 0.1234567890123456}},
    {"deaths": [1e-13, 0.1, 0.1000000000000001]},
)
"""Weights of more digits than any table has."""


def figures(weights, problem):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision, "TABLES", {"losses": decision.TABLES["losses"]})
        return {picture.name: picture for picture in pictures(decision.answered(problem, weights))}


@pytest.fixture(scope="module")
def drawn():
    """The figures of the small problem."""
    return figures(Weights(), decisions.problem())


def test_the_map_has_a_cell_for_every_world_and_pair_of_weights(drawn):
    numbers = drawn["best_option"].numbers
    assert len(numbers) == 4 * len(Weights().pairs)
    assert set(numbers["option"]) <= set(decisions.OPTIONS)
    assert numbers["rivals"].between(0, len(decisions.OPTIONS) - 1).all()


def test_the_regret_figure_has_a_bar_for_every_option(drawn):
    numbers = drawn["regret"].numbers
    assert len(numbers) == 4 * len(decisions.OPTIONS)
    assert numbers.groupby(["structure", "threat.level"])["best"].sum().eq(1).all()


@pytest.mark.parametrize("name", ["best_option", "regret"])
@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_drawn_to_the_same_bytes_again(drawn, name, size):
    kind = SIZES[size].kinds[0]
    first, again = (rendered(drawn[name].draw(SIZES[size]), kind, SIZES[size]) for _ in range(2))
    assert first == again
    assert drawn[name].alt
    assert drawn[name].caption


@pytest.mark.parametrize("weights", LONG, ids=str)
def test_weights_and_levers_of_many_digits_have_their_cells(weights):
    asked = Weights.of(weights)
    found = figures(asked, decisions.problem(levels=(1 / 3, 0.3333333333333334)))
    assert len(found["best_option"].numbers) == 4 * len(asked.pairs)
    assert len(found["regret"].numbers) == 4 * len(decisions.OPTIONS)
    for picture in found.values():
        assert rendered(picture.draw(COLUMN), "svg", COLUMN)


def test_regret_in_many_worlds_has_no_slide(drawn):
    few = decisions.problem()
    many = decision.Decision(replace(few, worlds=few.worlds * 2), Weights(), {})
    assert "slide" in [size.name for size in sizes(drawn["regret"], decision.Decision(few, Weights(), {}))]
    assert "slide" not in [size.name for size in sizes(drawn["regret"], many)]
    assert "slide" in [size.name for size in sizes(drawn["best_option"], many)]


def test_names_are_short_enough_for_their_place():
    assert short("reassurance") == "reassurance"
    assert short("a" * 40) == "a" * 23 + "…"
    assert short_world({"structure": "usual", "threat.level": 1.0}) == "usual, level 1"
