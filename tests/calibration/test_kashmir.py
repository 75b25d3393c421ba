"""The Line of Control by what its record counts: years, shares of the level before, and the test of both truces."""

import datetime as dt

import numpy as np
import pytest

from fragile_peace_lab.calibration.kashmir import BEGAN, COUNTED, SERIES, YEARS, judged, recorded, shares, years
from fragile_peace_lab.calibration.targets import LOC_2002, LOC_COUNTS, LOC_WEEKS, TARGETS
from tests.tools.histories import worlds

RUNS = 6


def test_the_weeks_of_the_years_are_those_of_the_targets():
    """2004-06, 2007-10 and 2011-13 are weeks 6-161, 162-370 and 371-519, the last that are simulated."""
    found = years(LOC_WEEKS)
    assert (found[0].start, found[3].start, found[7].start, found[-1].stop) == (6, 162, 371, LOC_WEEKS)
    for year, weeks, after in zip(YEARS, found[:-1], found[1:], strict=False):
        assert weeks.stop == after.start
        assert 51 <= weeks.stop - weeks.start <= 53
        assert (BEGAN + dt.timedelta(weeks=weeks.start)).year == year
        assert (BEGAN + dt.timedelta(weeks=weeks.start - 1)).year == year - 1


def test_the_record_by_year_is_that_of_the_targets():
    by_name = {target.name: target.observed for target in TARGETS}
    found = recorded()
    assert found["kashmir_2003"][:3] == pytest.approx(by_name["loc_calm"])
    assert found["kashmir_2003"][3:7].mean() == pytest.approx(by_name["loc_eroding"])
    assert found["kashmir_2003"][7:].mean() == pytest.approx(by_name["loc_eroded"])
    assert found["kashmir_2003"] * LOC_2002 == pytest.approx(LOC_COUNTS)
    assert found["kashmir_2021"] == by_name["loc_2021"]
    assert {name: len(values) for name, values in found.items()} == {name: len(COUNTED[name]) for name in SERIES}


def test_shares_of_constant_weeks_and_a_run_that_did_not_last():
    """Against 50 a week before: none for three years, 1 in the next four, 5 in the last; half a one after 2021."""
    world = worlds(runs=RUNS)
    found = shares(world)
    assert found["kashmir_2003"] == pytest.approx(np.tile([0] * 3 + [0.02] * 4 + [0.1] * 3, (RUNS, 1)))
    assert found["kashmir_2021"] == pytest.approx(np.full((RUNS, 1), 0.01))
    world.lines["loc_2003"].recorded[1] = np.nan
    found = shares(world)
    assert (len(found["kashmir_2003"]), len(found["kashmir_2021"])) == (RUNS - 1, RUNS)
    world.lines["loc_before"].recorded[0] = np.nan
    found = shares(world)
    assert (len(found["kashmir_2003"]), len(found["kashmir_2021"])) == (RUNS - 2, RUNS - 1)


def test_a_record_like_the_histories_is_not_rejected_and_one_beyond_all_is():
    """400 histories around the record, and 400 far above it: the smallest p there is, by chance of ties but for one."""
    rng = np.random.default_rng(7)
    record = recorded()
    like = {name: values * rng.gamma(2, 0.5, (400, len(values))) for name, values in record.items()}
    above = {name: 1 + part for name, part in like.items()}
    for name, test in judged(like).items():
        assert test.pit.shape == record[name].shape
        assert test.p > 0.05
    for test in judged(above).values():
        assert (test.pit < 1 / 200).all()
        assert test.p < 0.02
    again = judged(like)
    assert all((again[name].pit == test.pit).all() for name, test in judged(like).items())
