"""The summary: what it must say, from tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace_lab.deciding import decision, discovery
from fragile_peace_lab.deciding.told import CANNOT, about, told, world_name
from fragile_peace_lab.deciding.weights import Weights
from tests.tools import decisions


@pytest.fixture(scope="module")
def answers():
    """All tables, with a box by hand in place of PRIM's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discovery, "FEWEST", 1)
        patch.setattr(discovery, "find", lambda frame, failing: discovery.Box({"truce.restraint": (-np.inf, 0.5)}))
        return decision.answered(decisions.problem(), Weights())


def test_it_names_the_best_option_of_every_world_and_its_loss(answers):
    text = "\n".join(told(answers))
    for world in answers.problem.worlds:
        rows = answers.of("losses", world, shown=True).sort_values("loss")
        [line] = [line for line in text.splitlines() if line.startswith(f"    {world_name(world)} ")][:1]
        assert line.split()[3:5] == [rows["option"].iloc[0], f"{rows['loss'].iloc[0]:.3f}"]


def test_it_says_what_it_cannot_say_and_that_it_is_no_forecast(answers):
    lines = told(answers)
    assert [line.strip() for line in lines[-len(CANNOT) :]] == list(CANNOT)
    assert "not a forecast" in lines[-1]


def test_weights_are_named_where_one_pair_is_shown(answers):
    assert any("WAR 5, DEATHS 0.1" in line for line in told(answers))


def test_a_box_that_does_not_hold_is_said_not_to(answers):
    boxes = answers.tables["boxes"]
    found = boxes[boxes["box"] != ""]
    assert len(found)
    lines = told(answers)
    for target, rows in boxes.groupby("target", sort=False):
        held, all_ = int(rows["holds"].sum()), len(rows)
        assert any(f"in {held} of {all_} worlds: truce.restraint at most 0.5" in line for line in lines) == (
            held > 0
        ), target
        assert any(f"in {all_ - held} of {all_} worlds no box" in line for line in lines) == (held < all_), target


def test_every_option_that_is_not_told_apart_is_named(answers):
    lines = told(answers)
    for world in answers.problem.worlds:
        rows = answers.of("losses", world, shown=True)
        rivals = rows[~rows["best"] & (rows["difference_low"] <= 0)]["option"]
        own = next(line for line in lines if line.startswith(f"    {world_name(world)} "))
        assert all(name in own for name in rivals)


def test_what_figures_say_of_their_numbers(answers):
    said = about(answers)
    assert said["members"] == decisions.MEMBERS
    assert said["shown"] == {"war": 5.0, "deaths": 0.1}
    assert isinstance(answers.tables["boxes"], pd.DataFrame)
