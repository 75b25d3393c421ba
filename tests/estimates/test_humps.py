"""Humps: told where they are, with the right sizes, and not told where there is none."""

import numpy as np

from fragile_peace_lab.estimates.humps import Hump, humps
from fragile_peace_lab.estimates.measure import measure
from fragile_peace_lab.estimates.outcomes import BY_NAME

LEFT = BY_NAME["left"]  # a mean without control variates


def cells(means, rng, members=4, draws=50, noise=0.1):
    """Settings with these means, on common draws and with noise of their own."""
    common = rng.normal(size=(members, draws))
    values = [mean + common + noise * rng.normal(size=common.shape) for mean in means]
    return [measure(LEFT, dict.fromkeys(LEFT.needs, value)) for value in values]


def test_a_hump_has_its_place_and_its_distance_from_both_ends():
    found = humps(LEFT, cells([2.0, 3.0, 2.5, 1.0], np.random.default_rng(1), noise=0.0))
    assert [(hump.way, hump.place) for hump in found] == [(1, 1)]
    np.testing.assert_allclose(found[0][2:], (1.0, 2.0))
    trough = humps(LEFT, cells([2.0, 1.0, 2.5], np.random.default_rng(1), noise=0.0))
    assert [type(trough[0]), trough[0].way, trough[0].place] == [Hump, -1, 1]
    np.testing.assert_allclose(trough[0][2:], (-1.0, -1.5))


def test_no_hump_at_an_end_beyond_two_settings_or_without_a_run():
    rng = np.random.default_rng(2)
    assert humps(LEFT, cells([1.0, 2.0, 3.0], rng, noise=0.0)) == []
    assert humps(LEFT, cells([1.0, 3.0], rng)) == []
    assert humps(LEFT, []) == []
    assert humps(LEFT, cells([1.0, 3.0, 2.0], rng, members=1, draws=1)) == []


def test_noise_is_called_a_hump_in_at_most_five_percent_of_flat_curves():
    """600 flat curves of six settings. At the promised 5 % more than 47 would be seen once in 1,000 tries."""
    rng = np.random.default_rng(3)
    called = sum(bool(humps(LEFT, cells([0.0] * 6, rng, members=1, draws=20, noise=1.0))) for _ in range(600))
    assert called <= 47
