"""What the page knows: read off the declarations, and kept once."""

import json

import numpy as np
import pytest

from fragile_peace.declared.scenario import CATALOGUE, DEFAULT, Scenario, shipped
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.browser.contents import Contents, contents
from fragile_peace_lab.browser.published import published
from fragile_peace_lab.browser.worlds import words_of
from fragile_peace_lab.dashboard.levers import LEVERS
from fragile_peace_lab.dashboard.settings import OUTCOMES as SHOWN
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.store.columns import flatten


@pytest.fixture(scope="module")
def made():
    return contents(published())


def test_all_scenarios_levers_and_outcomes(made):
    text = json.loads(json.dumps(made.text, allow_nan=False))
    assert [each["name"] for each in text["scenarios"]] == shipped()
    assert [each["name"] for each in text["levers"]] == list(LEVERS)
    assert [each["name"] for each in text["outcomes"]] == list(SHOWN)
    for each in text["levers"]:
        row = CATALOGUE[each["name"]]
        assert (each["least"], each["most"], each["allowed"]) == (row.low, row.high, row.allowed)
        assert row.text in each["text"]


def test_rows_lie_where_the_text_says(made):
    for each in made.text["scenarios"]:
        words = words_of(Scenario.load(each["name"]))
        there = np.frombuffer(bytes(made.block[each["at"] : each["at"] + words.nbytes]), np.int64)
        assert np.array_equal(there, words)


def test_the_parts_of_an_outcome_are_the_columns_of_a_sweep(made):
    world = Scenario.load(DEFAULT)
    rows = simulate([world], 20, 3)
    table = flatten(rows, [0], 0, [len(world.contingents)], len(world.contingents))
    raw = rows[0].tobytes()
    for each in made.text["outcomes"]:
        outcome = BY_NAME[each["name"]]
        names = (*outcome.columns, *outcome.minus, *outcome.over)
        for name, column in zip(names, (*each["columns"], *each["minus"], *each["over"]), strict=True):
            words = np.frombuffer(raw, np.int64 if column["whole"] else np.float64)
            values = words.reshape(20, -1)[:, column["at"] // 8].tolist()
            expected = [column["never"] if value is None else value for value in table.column(name).to_pylist()]
            assert values == expected, name


def test_the_same_bytes_are_kept_once():
    made = Contents()
    first = made.add(b"abc")
    assert made.add(np.arange(3)) == 8
    assert made.add(b"abc") == first == 0
    assert len(made.block) == 32
