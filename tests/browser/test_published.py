"""A published sweep put together from what its settings and its samples move."""

import numpy as np

from fragile_peace_lab.browser.published import CHECKED, published
from fragile_peace_lab.browser.worlds import words_of


def test_points_are_those_of_the_design():
    sweep = published()
    points = sweep.plan.design.points
    assert points == len(sweep.settings.values) * len(sweep.samples.values)
    for point in (0, 17, points // 2 + 1, points - 1):
        assert np.array_equal(sweep.words(point), words_of(sweep.plan.scenario(point)))


def test_checked_runs_are_of_many_points():
    sweep = published()
    pairs = sweep.checked()
    assert len(pairs) == CHECKED == len({point for point, _ in pairs})
    assert all(0 <= point < sweep.plan.design.points and 0 <= run < sweep.plan.sweep.runs for point, run in pairs)
    assert len({point % sweep.plan.design.combinations for point, _ in pairs}) == sweep.plan.design.combinations
