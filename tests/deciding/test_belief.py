"""Thresholds in a belief: known crossings, and intervals that hold them."""

from itertools import pairwise

import numpy as np
import pytest

from fragile_peace_lab.deciding import belief
from fragile_peace_lab.deciding.weights import Weights
from tests.tools import decisions


def test_the_lowest_line_changes_where_lines_cross():
    lines = np.array([[0.0, 1.0], [0.2, 0.2], [1.0, 0.0], [0.9, 0.9]])
    found = belief.lowest(lines)
    assert [option for *_, option in found] == [0, 1, 2]
    assert [start for start, *_ in found] == pytest.approx([0, 0.2, 0.8])
    assert [end for _, end, _ in found] == pytest.approx([0.2, 0.8, 1])


def test_lines_side_by_side_never_cross():
    assert belief.lowest(np.array([[0.1, 0.5], [0.2, 0.6]])) == [(0.0, 1.0, 0)]


def test_the_mean_of_a_type_and_without_each_draw():
    losses = np.arange(8.0).reshape(1, 2, 4)
    types = np.array([[[0, 1, 1, 0]] * 2])
    lines, without = belief.by_type(losses, types)
    assert lines.tolist() == [[(0 + 3 + 4 + 7) / 4, (1 + 2 + 5 + 6) / 4]]
    assert without[0, 1].tolist() == [3.5, 4.0, 3.0, 3.5]
    assert np.isnan(belief.by_type(losses, 0 * types)[0][0, 1])


def test_the_interval_of_a_threshold_covers_it():
    """500 sets of 40 draws; true threshold 0.4. 95 % to within four standard errors of a share."""
    rng = np.random.default_rng(7)
    hits = tried = 0
    for _ in range(500):
        types = np.repeat((rng.random(40) < 0.5).astype(int)[None, None], 3, 1).repeat(2, 0)
        noise = rng.normal(0, 0.3, (2, 3, 40))
        truth = np.where(types == 1, np.array([1.0, 0.4])[:, None, None], np.array([0.0, 0.4])[:, None, None])
        found = belief.segments(truth + noise, types)
        if len(found) == 2:
            tried += 1
            hits += found[1].low <= 0.4 <= found[1].high
    assert tried > 490
    assert abs(hits / tried - 0.95) < 4 * np.sqrt(0.95 * 0.05 / tried)


def test_a_type_that_was_not_drawn_has_no_threshold():
    losses = np.random.default_rng(0).random((2, 3, 6))
    assert belief.segments(losses, np.zeros((2, 3, 6), int)) == []


def test_rows_cover_every_chance_once():
    for _, group in _grouped(belief.rows(decisions.problem(), Weights())):
        assert group[0]["from"] == 0
        assert group[-1]["to"] == 1
        assert all(a["to"] == b["from"] and a["option"] != b["option"] for a, b in pairwise(group))


def _grouped(rows):
    found = {}
    for row in rows:
        key = tuple(row[name] for name in ("structure", "threat.level", "war_weight", "deaths_weight", "belief"))
        found.setdefault(key, []).append(row)
    return found.items()
