"""The calendar, readiness and the ramp: one week's step, and the path players anticipate."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fragile_peace.kernels import foresight
from tests.tools.worlds import kernel_rows

RELAXED = settings(deadline=None)
"""Loading a kernel may take its time."""
SHARE = st.floats(0.0, 1.0)
WINTER_START = datetime.date(2026, 1, 5).toordinal()


def test_calendar_agrees_with_datetime_on_every_day_of_four_hundred_years():
    first = datetime.date(1800, 1, 1).toordinal()
    for ordinal in range(first, first + 146_097):
        date = datetime.date.fromordinal(ordinal)
        assert foresight.is_winter(ordinal) == (date.month in (12, 1, 2))
        assert foresight.day_of_year(ordinal) == ordinal - datetime.date(date.year, 1, 1).toordinal() + 1


@pytest.mark.parametrize(
    ("date", "day", "winter"),
    [
        ((1, 1, 1), 1, True),
        ((1900, 2, 28), 59, True),
        ((1900, 3, 1), 60, False),
        ((2000, 2, 29), 60, True),
        ((2000, 12, 31), 366, True),
        ((2023, 11, 30), 334, False),
        ((2023, 12, 1), 335, True),
        ((9999, 12, 31), 365, True),
    ],
)
def test_calendar_on_known_days(date, day, winter):
    ordinal = datetime.date(*date).toordinal()
    assert foresight.day_of_year(ordinal) == day
    assert foresight.is_winter(ordinal) is winter


def test_ceiling_is_the_reference_at_the_reference_cap():
    assert foresight.readiness_ceiling(0.7, 800_000.0, 0.5, 1.0, 0.3) == pytest.approx(0.7, rel=1e-15)


def test_ceiling_follows_the_formula():
    expected = 0.7 * 0.75**0.5 * 1.1**0.3
    assert foresight.readiness_ceiling(0.7, 600_000.0, 0.5, 1.1, 0.3) == pytest.approx(expected, rel=1e-14)


def test_technology_makes_good_a_smaller_army():
    """docs/model.md, section 7: with equal elasticities a cap of 600,000 needs technology 4/3."""
    assert foresight.readiness_ceiling(0.7, 600_000.0, 0.5, 4.0 / 3.0, 0.5) == pytest.approx(0.7, rel=1e-14)


def test_ceiling_at_the_edges():
    assert foresight.readiness_ceiling(0.9, 800_000.0, 1.0, 3.0, 1.0) == 1.0
    assert foresight.readiness_ceiling(0.7, 0.0, 0.5, 1.0, 0.5) == 0.0
    assert foresight.readiness_ceiling(0.7, 0.0, 0.0, 0.0, 0.0) == 0.7


def test_readiness_step_by_hand():
    """0.4 + 0.006 * (1 - 0.5 + 0.5 * 0.8) * 0.4 * (1 - 0.4/0.7)."""
    assert foresight.next_readiness(0.4, 0.006, 1.0, 0.5, 0.8, 0.7) == pytest.approx(
        0.4 + 0.006 * 0.9 * 0.4 * (3.0 / 7.0)
    )


@RELAXED
@given(SHARE, st.floats(0.0, 0.1), st.floats(0.0, 2.0), SHARE, SHARE, st.floats(0.05, 1.0))
def test_readiness_stays_a_share_and_moves_toward_its_ceiling(B, growth, funding, rho_E, stay_share, B_max):
    after = foresight.next_readiness(B, growth, funding, rho_E, stay_share, B_max)
    assert 0.0 <= after <= 1.0
    assert (after - B) * (B_max - B) >= 0.0


@RELAXED
@given(SHARE, SHARE, st.floats(0.05, 0.5))
def test_readiness_grows_faster_the_more_of_the_force_stays(one, other, B):
    low, high = sorted((one, other))
    assert foresight.next_readiness(B, 0.006, 1.0, 0.5, low, 0.7) <= foresight.next_readiness(
        B, 0.006, 1.0, 0.5, high, 0.7
    )


def test_a_force_that_regeneration_does_not_rest_on_makes_no_difference():
    assert foresight.next_readiness(0.4, 0.006, 1.0, 0.0, 0.0, 0.7) == foresight.next_readiness(
        0.4, 0.006, 1.0, 0.0, 1.0, 0.7
    )


def test_no_ceiling_leaves_nothing():
    assert foresight.next_readiness(0.4, 0.006, 1.0, 0.5, 1.0, 0.0) == 0.0


def ramps(weeks, start_week=0, deploy_weeks=26.0, winter=False, slowdown=0.5):
    """The ramp in weeks 0, 1, ..., weeks - 1."""
    ramp, seen = 0.0, []
    for t in range(weeks):
        ramp = foresight.next_ramp(ramp, t, start_week, deploy_weeks, winter, slowdown)
        seen.append(ramp)
    return seen


@pytest.mark.parametrize("deploy_weeks", [1, 7, 26, 52, 103])
def test_deployment_takes_its_weeks_and_ends_exactly_at_one(deploy_weeks):
    seen = ramps(deploy_weeks + 5, start_week=3, deploy_weeks=float(deploy_weeks))
    assert seen[2] == 0.0
    assert seen[3] == pytest.approx(1.0 / deploy_weeks)
    assert seen[deploy_weeks + 1] < 1.0
    assert seen[deploy_weeks + 2] == 1.0


def test_winter_halves_the_pace():
    assert ramps(52, winter=True)[50:] == [pytest.approx(51 / 52), 1.0]
    assert ramps(300, winter=True, slowdown=1.0)[-1] == 0.0


def test_deployment_in_no_time():
    assert ramps(3, start_week=1, deploy_weeks=0.0) == [0.0, 1.0, 1.0]


def anticipate(n=4, review_weeks=4, earlier=None, **changes):
    """The path from week 6 of a winter, halfway through deployment; `changes` are of the state."""
    parameters = {
        "start_ordinal": WINTER_START, "g_B": 0.006, "funding": 1.0, "rho_E": 0.5, "start_week": 5, "deploy_weeks": 26,
        "winter_slowdown": 0.5, "xbar_inf": 0.6, "rho": 0.9135, "war_weeks": review_weeks,
    }  # fmt: skip
    rows = kernel_rows(parameters, {"week": 6, "B": 0.41, "ramp": 0.02} | changes)
    work = rows[2][0]
    work["ceiling"] = 0.7
    for name in ("B_path", "F_path", "x_path"):
        work[name] = np.nan
    if earlier is not None:
        work["B_path"][:n] = earlier
    foresight.anticipated_path(*rows, 1.1, 12.0, 0.8, n, earlier is not None)
    assert all(np.isnan(work[name][n:]).all() for name in ("B_path", "F_path", "x_path"))
    return work["B_path"][:n], work["F_path"][:n], work["x_path"][:n]


def test_path_begins_today():
    B, F, x = anticipate()
    assert (B[0], F[0], x[0]) == (0.41, 12.0 * 0.02, 1.1)


def test_path_takes_the_weekly_steps_with_the_winter_of_each_week():
    B, F, x = anticipate(n=3)
    readiness, ramp = 0.41, 0.02
    for ahead in range(1, 9):
        day = datetime.date(2026, 1, 5) + datetime.timedelta(weeks=6 + ahead)
        ramp += (0.5 if day.month in (12, 1, 2) else 1.0) / 26.0  # week 7 begins on 23 February, week 8 on 2 March
        readiness += 0.006 * 0.9 * readiness * (1.0 - readiness / 0.7)
        if ahead % 4 == 0:
            j = ahead // 4
            np.testing.assert_allclose((B[j], F[j]), (readiness, 12.0 * ramp), rtol=1e-13)
            assert x[j] == pytest.approx(0.6 + 0.5 * 0.9135**ahead, rel=1e-13)


def test_path_that_came_true_moves_up_and_one_that_did_not_is_made_anew():
    earlier = anticipate(n=9)[0]
    for B in (earlier[1], np.nextafter(earlier[1], 1.0)):
        later, again = anticipate(n=9, week=10, B=B)[0], anticipate(n=9, earlier=earlier, week=10, B=B)[0]
        assert again.tobytes() == later.tobytes()
    assert anticipate(n=9, week=10, B=earlier[1])[0][:8].tobytes() == earlier[1:].tobytes()


def test_path_does_not_depend_on_the_cadence_of_reviews():
    weekly, monthly = anticipate(n=53, review_weeks=1), anticipate(n=14, review_weeks=4)
    for one, other in zip(weekly, monthly, strict=True):
        assert np.array_equal(one[::4], other)
