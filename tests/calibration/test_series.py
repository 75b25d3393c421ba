"""The weekly record, what it shows of a simulated week, scores, the test of held-out weeks and the random walk."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import cramervonmises, energy_distance, kstest, norm

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration import baselines, observing, series
from fragile_peace_lab.calibration.observing import day_shape, exercise_sizes, observed, observed_days
from fragile_peace_lab.calibration.retrodiction import SEED, numbers, retold, retrodicted
from fragile_peace_lab.calibration.scoring import crps, distance, inside, pit_test, pits, scores
from fragile_peace_lab.calibration.series import Row, record, rows, weekly
from fragile_peace_lab.calibration.walk import Walk, fit
from fragile_peace_lab.figures.drawing import COLUMN, PAGE


def generator(seed=1):
    return np.random.default_rng(seed)


# -- the record --


def test_sums_of_reports_are_the_printed_totals_wherever_no_day_is_missing():
    """Twenty-three intervals between printed totals, and fortnights, that reports cover without a gap."""
    reports = series.known_reports(rows())
    covered = {day for row in reports for day in row.days}
    whole = 0
    for first, last, count in series.intervals(rows()):
        days = set(range(first, last + 1))
        inner = [row for row in reports if days.issuperset(row.days)]
        if days <= covered:
            assert sum(row.violations for row in inner) == count, (first, last)
            whole += 1
    assert whole == 23


def test_the_known_days_and_what_the_totals_leave_for_the_others_are_the_last_total():
    totals = [row for row in rows() if row.known_from in series.TOTALS and row.first == 0]
    last = max(totals, key=lambda row: row.last)
    assert (last.violations, last.last) == (48_749, 377)
    exercises = sum(row.exercise for row in rows() if row.known_from not in series.TOTALS)
    assert exercises == 60 + 1528 + 867 + 46
    known = record().violations.sum() + exercises
    unknown = 378 - record().days.sum()
    assert (known, unknown) == (43_794, 32)
    assert 100 < (last.violations - known) / unknown < 200  # a day: as the known ones, 127


def test_the_first_four_months_have_twenty_one_a_day():
    """[smm_first_months]: to 26 November, days that a report prints."""
    reports = [row for row in series.known_reports(rows()) if row.last <= 122]
    assert len({day for row in reports for day in row.days}) == 105
    assert sum(row.violations for row in reports) / 105 == pytest.approx(20.7, abs=0.05)


@pytest.mark.parametrize(
    ("week", "days", "violations"),
    [(0, 7, 243), (1, 7, 13), (4, 7, 73), (14, 4, 113), (37, 7, 872), (47, 5, 2660), (53, 7, 953)],
)
def test_weeks_of_the_record(week, days, violations):
    """Week 0 has a day that two totals leave; 4 and 37 lose 60 and 1,528 of exercises."""
    assert (record().days[week], record().violations[week]) == (days, violations)


def test_every_week_is_observed_and_thirteen_are_held_out():
    found = record()
    assert found.observed.all()
    assert found.days.min() == 4
    assert found.held_out.sum() == 13
    assert found.fitted.sum() == 41
    assert not set(series.HELD_OUT) & {*range(23), *range(34, 45)}  # which the summary targets read
    assert np.flatnonzero(found.printed).tolist() == [4, 37, 46, 52]


def day(number, count, region=None, known_from="own", exercise=0, last=None):
    regions = series.REGIONS if region is None else (region,)
    end = number if last is None else last
    return [Row(number, end, name, count, exercise, "", known_from) for name in regions]


def total(last, count):
    return [Row(0, last, "both", count, 0, "", "total")]


def test_a_gap_stays_a_gap():
    table = [*day(0, 5), *day(2, 1), *day(3, 9, "donetsk"), *day(15, 2)]
    found = weekly(table, 3, (2,))
    assert found.days.tolist() == [2, 0, 1]
    assert found.violations.tolist() == [12, 0, 4]
    assert found.observed.tolist() == [True, False, True]
    assert found.fitted.tolist() == [True, False, False]
    assert np.isnan(found.daily[0, [1, 3]]).all()
    assert found.daily[0, 0] == 10


def test_totals_leave_the_days_between_them_where_these_lie_in_one_week():
    table = [*day(0, 5, exercise=3), *day(3, 1), *total(3, 20), *total(7, 40), *day(4, 2, last=5), *day(8, 1)]
    found = weekly(table, 2, ())
    assert series.deduced(table) == [((1, 2), 20 - 10 - 2)]  # days 6 and 7 lie in two weeks
    assert found.days.tolist() == [6, 1]
    assert found.violations.tolist() == [4 + 2 + 8 + 4, 2]
    assert np.isnan(found.daily[0, 1:3]).all()
    assert found.printed.tolist() == [True, False]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([*day(0, 1), *day(0, 2, "donetsk")], "counted twice"),
        (day(6, 3, last=7), "end of a week"),
        ([*day(0, 1, "donetsk", last=1), *day(0, 1, "luhansk")], "only a part"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(table, words):
    with pytest.raises(InputError, match=words):
        weekly(table, 2, ())


# -- what the record shows of a simulated week --


def test_the_constants_of_the_observation_model_are_those_of_the_record():
    sizes = np.log(exercise_sizes(rows()))
    assert len(sizes) == 10
    assert np.exp(sizes.mean()) == pytest.approx(observing.EXERCISE_MEDIAN, rel=0.01)
    assert sizes.std(ddof=1) == pytest.approx(observing.EXERCISE_SPREAD, abs=0.01)
    assert day_shape(record(), record().fitted) == pytest.approx(observing.DAY_SHAPE, abs=0.02)
    unprinted = record().said & ~record().printed
    assert unprinted.sum() == 5


def test_a_known_week_without_exercise_is_shown_as_it_is(monkeypatch):
    monkeypatch.setattr(observing, "EXERCISE_CHANCE", 0.0)
    weeks = generator().integers(0, 3000, (50, 4)).astype(float)
    shown = observed(weeks, np.array([7, 7, 0, 3]), generator())
    assert np.array_equal(shown[:, :2], weeks[:, :2])
    assert np.isnan(shown[:, 2]).all()
    assert (shown[:, 3] <= weeks[:, 3]).all()


def test_mean_and_variance_of_what_is_shown(monkeypatch):
    """Of n in a week k days show mean n k/7, variance n p q (1 + (n - 1) / (7 a + 1)); 6 deviations of the estimate."""
    monkeypatch.setattr(observing, "EXERCISE_CHANCE", 0.0)
    runs, n, k, a = 200_000, 400, 3, observing.DAY_SHAPE
    p = k / 7
    variance = n * p * (1 - p) * (1 + (n - 1) / (7 * a + 1))
    shown = observed(np.full((runs, 1), float(n)), np.array([k]), generator())
    assert abs(shown.mean() - n * p) < 6 * np.sqrt(variance / runs)
    assert shown.var() == pytest.approx(variance, rel=0.02)
    by_day = observed_days(np.full((runs, 1), float(n)), generator())
    assert (by_day.sum(-1) == n).all()
    some = by_day[:, 0, :k].sum(-1)
    assert some.var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("days", [2, 7])
def test_exercises_add_what_their_law_says_and_nothing_where_printed(days):
    """Seen with chance p k/7; the share of weeks with one lies within 5 deviations."""
    runs = 100_000
    shown = observed(np.zeros((runs, 2)), np.array([days, days]), generator(), np.array([False, True]))
    chance = observing.EXERCISE_CHANCE * days / 7
    assert abs((shown[:, 0] > 0).mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / runs)
    assert np.median(shown[shown > 0]) == pytest.approx(observing.EXERCISE_MEDIAN, rel=0.05)
    assert (shown[:, 1] == 0).all()
    by_day = observed_days(np.zeros((runs, 2)), generator(), np.array([False, True]))
    assert ((by_day > 0).sum(-1) <= 1).all()
    assert (by_day[:, 0, 6] > 0).mean() == pytest.approx(observing.EXERCISE_CHANCE / 7, rel=0.1)
    assert (by_day[:, 1] == 0).all()


def test_the_shape_of_days_is_found_again():
    found = record()
    weeks = observed_days(np.full((400, 1), 300.0), generator(), np.array([True]))
    simulated = replace(found, daily=np.where(generator().random((400, 7)) < 0.3, np.nan, weeks[:, 0]))
    assert day_shape(simulated, np.arange(400)) == pytest.approx(observing.DAY_SHAPE, rel=0.1)


# -- scores --


def test_crps_of_a_normal_ensemble_is_the_closed_form():
    """Gneiting & Raftery 2007, eq. 21 with a normal law: y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi)."""
    values = np.array([-1.0, 0.0, 0.5, 3.0])
    right = values * (2 * norm.cdf(values) - 1) + 2 * norm.pdf(values) - 1 / np.sqrt(np.pi)
    ensemble = np.broadcast_to(norm.ppf((np.arange(20_000) + 0.5) / 20_000)[:, None], (20_000, 4))
    assert crps(ensemble, values) == pytest.approx(right, abs=1e-3)


def test_crps_is_fair_to_small_ensembles_and_else_half_the_squared_energy_distance():
    draws = generator().normal(size=(40_000, 3))
    values = np.array([[0.3], [0.3], [0.3]])[:, 0]
    small = np.mean([crps(draws[start : start + 4, :1], values[:1])[0] for start in range(0, 40_000, 4)])
    assert small == pytest.approx(crps(draws[:, :1], values[:1])[0], abs=0.01)  # 0.14 more with pairs of one
    few = draws[:9]
    pairs = np.abs(few[:, None] - few[None]).mean((0, 1)) / 2
    fair = crps(few, values)
    unfair = [energy_distance(few[:, i], [values[i]]) ** 2 / 2 for i in range(3)]
    assert fair + pairs / 8 == pytest.approx(unfair, abs=1e-12)


def test_scores_are_given_on_both_scales_over_each_set_of_weeks():
    found = record()
    sure = np.tile(found.violations.astype(float), (5, 1))
    assert all(pair == pytest.approx((0, 0)) for pair in scores(sure, found).means().values())
    off = scores(sure + 1, found)
    assert off.means()["held_out"][0] == 1
    logs = np.log((found.violations + 2) / (found.violations + 1))
    assert off.means()["fitted"][1] == pytest.approx(logs[found.fitted].mean())


def test_pit_of_counts_is_uniform_where_the_record_is_one_more_history():
    """Small counts, many ties; Kolmogorov-Smirnov at 0.001."""
    pool = generator().poisson(1.2, (4000, 1)).astype(float)
    assert kstest(pits(pool, generator(2))[:, 0], "uniform").pvalue > 0.001
    few = np.array([pits(generator(seed).poisson(1.2, (6, 1)), generator(seed + 9000))[0, 0] for seed in range(3000)])
    assert kstest(few, "uniform").pvalue > 0.001


def test_the_distance_is_that_of_scipy():
    values = generator().random((3, 13))
    assert distance(values) == pytest.approx([cramervonmises(row, "uniform").statistic for row in values])


def dependent(seed, runs, weeks=54, level=0.0):
    """Histories whose weeks depend: counts about a level that wanders, as the model's do."""
    rng = generator(seed)
    return rng.poisson(np.exp(4 + level + rng.normal(0, 0.3, (runs, weeks)).cumsum(1))).astype(float)


def test_the_test_of_held_out_weeks_keeps_its_level_and_finds_what_is_off():
    """300 true records at 10 %: false alarms within 4.5 deviations of 30; an ensemble four deviations off is
    found nearly always, and 13 independent uniform values would raise three times the alarms."""
    found = record()
    alarms = naive = power = 0
    ensemble = dependent(0, 600)
    for seed in range(1, 301):
        told = replace(found, violations=dependent(seed, 1)[0])
        test = pit_test(ensemble, told, generator(seed))
        alarms += test.p <= 0.1
        naive += cramervonmises(test.pit, "uniform").pvalue <= 0.1
    for seed in range(20):
        far = replace(found, violations=dependent(seed, 1, level=8.0)[0])
        power += pit_test(ensemble, far, generator(seed)).p <= 0.1
    assert abs(alarms - 30) < 4.5 * np.sqrt(27)
    assert naive > 90
    assert power >= 18


def test_the_share_inside_counts_known_weeks_alone():
    shown = np.tile(np.arange(101.0)[:, None], (1, 4))
    shown[:, 3] = np.nan
    assert inside(shown, np.array([50.0, 80.0, 97.0, np.nan]), 0.5) == pytest.approx(1 / 3)
    assert inside(shown, np.array([5.0, 95.0, 97.0, np.nan]), 0.9) == pytest.approx(2 / 3)


# -- the random walk --


def test_the_filter_agrees_with_the_mean_over_simulated_walks():
    """Likelihood of three weeks by brute force: 5 deviations of its Monte Carlo mean."""
    from scipy.stats import nbinom

    walk = Walk(3.0, 0.5, 2.0)
    told = replace(record(), week=np.arange(3), days=np.array([7, 3, 7]), violations=np.array([25, 4, 60]))
    read = np.array([True, False, True])
    level = walk.start + generator().normal(0, walk.sigma, (400_000, 3)).cumsum(1)
    chance = nbinom.pmf([25, 60], 2.0, 2.0 / (2.0 + np.exp(level[:, [0, 2]]))).prod(1)
    error = chance.std() / chance.mean() / np.sqrt(len(chance))
    assert walk.likelihood(told, read) == pytest.approx(np.log(chance.mean()), abs=5 * error)
    assert walk.likelihood(told, np.ones(3, bool)) < walk.likelihood(told, read)


def test_known_parameters_are_found_again():
    """400 weeks of one history: sigma within 25 % and size within 30 %, three deviations or so."""
    true = Walk(5.0, 0.15, 4.0)
    days = np.tile([7, 5, 7, 4], 100)
    shown = true.trajectories(days, 1, generator(8))[0].astype(int)
    told = replace(record(), week=np.arange(400), days=days, violations=shown)
    found = fit(told, np.ones(400, bool))
    assert found.sigma == pytest.approx(true.sigma, rel=0.25)
    assert found.size == pytest.approx(true.size, rel=0.3)
    assert found.likelihood(told, np.ones(400, bool)) >= true.likelihood(told, np.ones(400, bool))


@pytest.fixture(scope="module")
def walk():
    return fit(record())


def test_the_walk_of_the_record_reads_no_held_out_week(walk):
    other = replace(record(), violations=np.where(record().held_out, 5, record().violations))
    assert fit(other) == walk
    assert (walk.start, walk.sigma, walk.size) == pytest.approx((5.06, 0.204, 3.63), rel=0.01)


def test_one_step_ahead_sees_the_week_before_and_a_trajectory_does_not(walk):
    means = [
        scores(walk.trajectories(record().days, 500, generator()), record()).means()["all"][1],
        scores(walk.one_step(record(), 500, generator()), record()).means()["all"][1],
    ]
    assert means[0] > 2 * means[1]


def test_trajectories_have_the_mean_of_the_days_known():
    shown = Walk(6.0, 0.01, 50.0).trajectories(np.array([7, 3, 0]), 20_000, generator())
    assert shown[:, :2].mean(0) == pytest.approx(np.exp(6) * np.array([1, 3 / 7]), rel=0.01)
    assert np.isnan(shown[:, 2]).all()


# -- the earlier model, the table and the picture --


def test_the_figures_of_model_1_are_of_this_observation_model_and_add_up():
    law = (observing.DAY_SHAPE, observing.EXERCISE_CHANCE, observing.EXERCISE_MEDIAN, observing.EXERCISE_SPREAD, SEED)
    assert law == baselines.LAW
    means = np.array([baselines.MODEL_1[name] for name in ("all", "fitted", "held_out")])
    assert means[0] == pytest.approx((41 * means[1] + 13 * means[2]) / 54, rel=1e-3)


def test_the_table_of_forecasts(walk):
    found = baselines.compared(retold(dependent(1, 60), record()), record(), walk).set_index("forecast")
    assert found.loc["model 1", "logs_held_out"] == 0.5764
    assert found.loc["random walk", "logs_all"] == pytest.approx(1.0, abs=0.05)
    assert found.notna().all(axis=None)


@pytest.mark.parametrize("size", [PAGE, COLUMN])
def test_the_picture_says_how_many_weeks_lie_inside(walk, size):
    off = generator().normal(0, 1.2, 54) + generator(2).normal(0, 0.7, (40, 54))
    recorded = record().violations * np.exp(off)
    shown = retold(recorded, record())
    picture = retrodicted(recorded, shown, record(), walk)
    table = numbers(shown, record(), walk)
    share = ((table["p05"] <= table["violations"]) & (table["violations"] <= table["p95"])).mean()
    assert 0.5 < share < 0.9
    assert f"{share:.0%} of 54 weeks" in picture.title
    assert picture.about["weeks_inside_90"] == pytest.approx(share)
    assert table["held_out"].sum() == 13
    figure = picture.draw(size)
    assert figure.axes[0].get_xlim()[1] > 53
