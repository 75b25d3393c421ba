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
    pace = foresight.regeneration(0.006, 1.0, 0.5, 0.8)
    assert foresight.next_strength(0.4, pace, 0.7) == pytest.approx(0.4 + 0.006 * 0.9 * 0.4 * (3.0 / 7.0))


@RELAXED
@given(SHARE, st.floats(0.0, 5.0), st.floats(0.05, 1.0))
def test_strength_moves_toward_its_ceiling_and_not_past_it(strength, pace, ceiling):
    after = foresight.next_strength(strength, pace, ceiling)
    assert min(strength, ceiling) <= after <= max(strength, ceiling)


@RELAXED
@given(SHARE, SHARE)
def test_ukraine_regenerates_faster_the_more_of_the_force_stays(one, other):
    low, high = sorted((one, other))
    assert foresight.regeneration(0.006, 1.0, 0.5, low) <= foresight.regeneration(0.006, 1.0, 0.5, high)


def test_a_force_that_regeneration_does_not_rest_on_makes_no_difference():
    assert foresight.regeneration(0.006, 1.0, 0.0, 0.0) == foresight.regeneration(0.006, 1.0, 0.0, 1.0) == 0.006


def test_no_ceiling_leaves_nothing():
    assert foresight.next_strength(0.4, 0.006, 0.0) == 0.0


def test_the_balance_follows_both_sides():
    """Equal growth with equal room to grow leaves it as it is."""
    U, V = 0.4, 0.6
    for _ in range(500):
        U, V = foresight.next_strength(U, 0.01, 0.7), foresight.next_strength(V, 0.01, 1.05)
    assert foresight.balance(U, V) == pytest.approx(0.4, rel=1e-12)
    assert U == pytest.approx(0.7, rel=1e-2)


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


PATHS = ("U_path", "V_path", "B_path", "F_path", "x_path")


def anticipate(n=4, review_weeks=4, earlier=None, **changes):
    """The path from week 6 of a winter, halfway through deployment; `changes` are of the state."""
    parameters = {
        "start_ordinal": WINTER_START, "g_B": 0.006, "funding": 1.0, "rho_E": 0.5, "start_week": 5, "deploy_weeks": 26,
        "winter_slowdown": 0.5, "xbar_inf": 0.6, "rho": 0.9135, "war_weeks": review_weeks, "foresight_weeks": 260,
        "g_R": 0.004, "V_max": 1.0,
    }  # fmt: skip
    state = {"week": 6, "U": 0.41, "V": 0.59, "ramp": 0.02} | changes
    rows = kernel_rows(parameters, state | {"B": state["U"] / (state["U"] + state["V"])})
    work = rows[2][0]
    work["ceiling"] = 0.7
    for name in PATHS:
        work[name] = np.nan
    if earlier is not None:
        for name, path in zip(PATHS, earlier, strict=True):
            work[name][:n] = path
    foresight.anticipated_path(*rows, 1.1, 12.0, 0.8, n, earlier is not None)
    assert all(np.isnan(work[name][n:]).all() for name in PATHS)
    return [work[name][:n] for name in PATHS]


def test_path_begins_today():
    _, _, B, F, x = anticipate()
    assert (B[0], F[0], x[0]) == (0.41, 12.0 * 0.02, 1.1)


def test_path_takes_the_weekly_steps_with_the_winter_of_each_week():
    _, _, B, F, x = anticipate(n=3)
    U, V, ramp = 0.41, 0.59, 0.02
    for ahead in range(1, 9):
        day = datetime.date(2026, 1, 5) + datetime.timedelta(weeks=6 + ahead)
        ramp += (0.5 if day.month in (12, 1, 2) else 1.0) / 26.0  # week 7 begins on 23 February, week 8 on 2 March
        U += 0.006 * 0.9 * U * (1.0 - U / 0.7)
        V += 0.004 * V * (1.0 - V)
        if ahead % 4 == 0:
            j = ahead // 4
            np.testing.assert_allclose((B[j], F[j]), (U / (U + V), 12.0 * ramp), rtol=1e-13)
            assert x[j] == pytest.approx(0.6 + 0.5 * 0.9135**ahead, rel=1e-13)


def test_path_that_came_true_moves_up_and_one_that_did_not_is_made_anew():
    earlier = anticipate(n=9)
    U_1, V_1 = earlier[0][1], earlier[1][1]
    for U, V in ((U_1, V_1), (np.nextafter(U_1, 1.0), V_1), (U_1, np.nextafter(V_1, 1.0))):
        later = anticipate(n=9, week=10, U=U, V=V)
        again = anticipate(n=9, earlier=earlier, week=10, U=U, V=V)
        assert all(one.tobytes() == other.tobytes() for one, other in zip(later, again, strict=True))
    assert anticipate(n=9, week=10, U=U_1, V=V_1)[2][:8].tobytes() == earlier[2][1:].tobytes()


def test_a_foresight_shorter_than_a_review_sees_the_world_stand_still():
    for path in anticipate(n=2, review_weeks=261):
        assert path[0] == path[1]


def test_path_does_not_depend_on_the_cadence_of_reviews():
    weekly, monthly = anticipate(n=53, review_weeks=1), anticipate(n=14, review_weeks=4)
    for one, other in zip(weekly, monthly, strict=True):
        assert np.array_equal(one[::4], other)
