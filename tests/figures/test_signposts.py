"""The figure of signposts: curves, points, the alarm and its errors, at every size, to the same bytes."""

import pytest

from fragile_peace_lab.estimates.signposts import signposts
from fragile_peace_lab.figures.drawing import SIZES, rendered
from fragile_peace_lab.figures.signposts import signs
from tests.estimates.test_signposts import seen


@pytest.fixture(scope="module")
def picture():
    return signs(signposts(seen(0.2, ("usual", "other"))))


def test_it_has_the_numbers_of_all_three_tables(picture):
    assert set(picture.numbers["what"]) == {"chance", "calibration", "rule"}
    assert "after 4 weeks alarm above" in picture.alt


def test_every_number_of_weeks_has_a_curve_and_its_errors(picture):
    axes = picture.draw(SIZES["page"]).axes
    assert len(axes) == 2 * 2
    assert any("alarm above" in text.get_text() for text in axes[0].texts)
    assert [label.get_text() for label in axes[1].get_yticklabels()] == ["usual", "other"]


def test_without_structures_there_is_one_row():
    table = seen(0.2).drop(columns="structure")
    figure = signs(signposts(table)).draw(SIZES["column"])
    assert len(figure.axes) == 2 * 2


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_drawn_to_the_same_bytes_again(picture, size):
    kind = SIZES[size].kinds[0]
    first, again = (rendered(picture.draw(SIZES[size]), kind, SIZES[size]) for _ in range(2))
    assert first == again
