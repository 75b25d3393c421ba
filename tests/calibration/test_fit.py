"""Calibration: its tables, the outputs against known answers, emulators, and the whole method on a known posterior."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

import fragile_peace
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.calibration import fit as calibration
from fragile_peace_lab.calibration import waves
from fragile_peace_lab.calibration.blocks import of_record, of_weeks
from fragile_peace_lab.calibration.emulators import (
    ERRORS,
    IN_FIT,
    LEARNING,
    PLACES,
    SCATTERS,
    Stage,
    emulated_likelihood,
    fit,
    implausibility,
    log_normal,
    need_sklearn,
)
from fragile_peace_lab.calibration.fit import Settings, calibrate
from fragile_peace_lab.calibration.free import FREE, HANDED_ON, LOC, STARTS, values_at
from fragile_peace_lab.calibration.mission import Mission, sizes
from fragile_peace_lab.calibration.runs import (
    LINES,
    NAMES,
    Series,
    Worlds,
    correlations,
    histories,
    missions,
    outputs,
    scenarios,
)
from fragile_peace_lab.calibration.series import HELD_OUT as HELD_OUT_WEEKS
from fragile_peace_lab.calibration.series import record
from fragile_peace_lab.calibration.targets import (
    BLOCKS,
    DATED,
    FITTED,
    HELD_OUT,
    INPUTS,
    KM,
    MISSION_STARTS,
    OUTPUTS,
    SAME_RECORD,
    SCORES,
    TARGETS,
)
from fragile_peace_lab.design.points import uniforms
from fragile_peace_lab.design.posterior import START, WEAK

pytest.importorskip("sklearn")
EVIDENCE = Path(fragile_peace.__path__[0]) / "evidence.csv"


# -- the tables --


def keys():
    with EVIDENCE.open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file)}


def test_thirteen_outputs_are_scored_and_what_is_held_out_was_named():
    assert len(SCORES) == 13
    assert {target.name for target in TARGETS if target.use == HELD_OUT} == {"weak_truce_days", "large_events"}
    assert len(HELD_OUT_WEEKS) == 13
    summaries = {target.name for target in TARGETS if target.use == SAME_RECORD}
    assert summaries == {"drop_2020", "truce_level_2020", "erosion_2021"}
    assert [OUTPUTS[k].name for k in IN_FIT] == [target.name for target in OUTPUTS if target.use == FITTED]


def test_the_fit_reads_the_weeks_that_are_not_held_out_and_no_other():
    """Every other week may hold anything; each fitted one is part of one block."""
    known = record()
    counts = known.violations[None].astype(float)
    changed = counts.copy()
    changed[0, list(HELD_OUT_WEEKS)] = 1e9
    assert (of_weeks(changed) == of_weeks(counts)).all()
    moved = [
        week for week in known.week if (of_weeks(counts + 1.0 * (known.week == week)) != of_weeks(counts)).sum() == 1
    ]
    assert moved == list(np.flatnonzero(known.fitted))
    assert [level for _, _, level in of_record()] == pytest.approx(of_weeks(counts)[0])
    assert [target.observed for target in BLOCKS] == [level for _, _, level in of_record()]


@pytest.mark.parametrize("target", OUTPUTS, ids=lambda target: target.name)
def test_a_target_has_sources_a_conversion_and_parameters_it_informs(target):
    assert set(target.sources) <= keys()
    assert target.sources
    assert len(target.conversion) > 20
    assert target.observation > 0 < target.discrepancy
    assert set(target.informs) <= {free.name for free in FREE}
    low, high = target.tolerance
    assert low < target.observed < high
    assert target.unit_value(target.place) == pytest.approx(target.observed, abs=1e-12)


def test_every_free_parameter_is_informed_by_a_fitted_target_and_its_prior_holds_the_default():
    informed = {name for target in OUTPUTS if target.use == FITTED for name in target.informs}
    for free in FREE:
        parameter = CATALOGUE[free.parameter]
        assert free.name in informed
        assert parameter.low <= free.low < free.high <= parameter.high
        base = Scenario.load("reassurance_15k" if not free.event else LOC if "kashmir" in free.event else free.event)
        assert free.low <= base.get(free.parameter) <= free.high
    assert not any(name.startswith(("war", "war_ukraine", "war_response", "precision")) for name in informed)


@pytest.mark.parametrize("free", FREE, ids=lambda free: free.name)
def test_a_prior_and_its_scale_are_inverse(free):
    u = np.linspace(0.01, 0.99, 23)
    assert free.place(np.array(free.quantile(u))) == pytest.approx(u, abs=1e-6)


def test_an_error_that_is_the_scatter_of_one_history_is_not_counted_twice():
    """Five errors are those of counting one history; of them the fit takes the simulated scatter instead."""
    sampled = {target.name for target in OUTPUTS if target.sampled}
    assert sampled == {"deaths_per_1000", "fatal_events_2019", "pooled_events", "pooled_ratio", "pooled_memory"}
    for target in OUTPUTS:
        assert target.error == (target.discrepancy if target.sampled else target.deviation)


def test_inputs_have_sources():
    assert all(set(entry.sources) <= keys() for entry in INPUTS)


# -- the outputs, against known answers --


RUNS = 6


def series(weeks, recorded, happened=1.0, runs=RUNS):
    full = np.full((runs, weeks), 1.0)
    return Series(full * recorded, full * happened, full * happened * 2)


def worlds(before=100.0, truce=5.0, events=3.0, runs=RUNS):
    """Constant weeks, but for what the arguments replace."""
    lines = {"before": series(238, before, events, runs), "truce": series(75, truce, events, runs),
             "weak": series(20, 0.2 * before, runs=runs), "loc_before": series(104, 50, runs=runs),
             "loc_2003": series(520, 0, runs=runs), "loc_2021": series(96, 0.5, runs=runs)}  # fmt: skip
    lines["weak"].recorded[:, 3:] = 0.6 * before
    lines["loc_2003"].recorded[:, 162:371] = 1.0
    lines["loc_2003"].recorded[:, 371:] = 5.0
    mission = Mission(np.full(runs, 2.0), np.full(runs, 0.5), np.full(runs, 4.0))
    return Worlds(lines, np.tile(record().days.astype(float), (runs, 1)), mission)


def test_outputs_of_constant_weeks():
    """Every output worked out by hand; half a death is added to the mission's twelve over 24 thousand years."""
    found = {
        target.name: target.unit_value(value) for target, value in zip(OUTPUTS, outputs(worlds())[:, 0], strict=True)
    }
    for name, value in {
        "violations_2019": 100 / 7 / KM, "drop_2020": 0.05, "truce_level_2020": 5 / 7, "erosion_2021": 0.05,
        "deaths_per_1000": 60, "fatal_events_2019": 3, "pooled_events": 3 * DATED, "weak_truce_days": 21,
        "hostile_deaths": 12.5 / 24, "large_events": 0.25, "loc_level": 50 / 7 / 961, "loc_calm": 0,
        "loc_eroding": 0.02, "loc_eroded": 0.1, "loc_2021": 0.01,
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(value, abs=1e-7), name
    assert found["pooled_ratio"] == pytest.approx(1 - DATED)  # only the thinning varies
    assert found["pooled_memory"] == 0
    for target in BLOCKS:  # a violation on every known day
        assert found[target.name] == pytest.approx(7)


def test_a_run_that_did_not_last_is_left_out():
    base = worlds()
    rng = np.random.default_rng(4)
    base.lines["before"].recorded[:] *= rng.gamma(9, 1 / 9, base.lines["before"].recorded.shape)
    less = worlds(runs=RUNS - 1)
    less.lines["before"].recorded[:] = base.lines["before"].recorded[:-1]
    for part in (base.lines["before"].recorded, base.lines["before"].events, base.lines["before"].deaths):
        part[-1] = np.nan
    assert outputs(base)[0] == pytest.approx(outputs(less)[0])
    assert np.isnan(histories(base)[0, -1])
    assert np.isfinite(correlations(base)).all()


def test_thinning_by_formula_is_thinning_by_chance():
    """Ratio and correlation of thinned counts equal those of counts really thinned (20,000 weeks in 64 draws)."""
    rng = np.random.default_rng(1)
    rate = np.exp(rng.normal(size=(64, 313)) * 0.5)
    rate[:, 1:] *= rate[:, :-1] ** 0.5
    counts = rng.poisson(3 * rate).astype(float)
    base = worlds(runs=64)
    base.lines["before"].events[:], base.lines["truce"].events[:] = counts[:, :238], counts[:, 238:]
    found = dict(zip(NAMES, outputs(base), strict=True))
    really = rng.binomial(counts.astype(int), DATED)
    off = really - really.mean(1, keepdims=True)
    ratio = (off**2).mean(1) / really.mean(1)
    memory = (off[:, 1:] * off[:, :-1]).mean(1) / (off**2).mean(1)
    for name, values in (("pooled_ratio", ratio), ("pooled_memory", memory)):
        assert abs(found[name][0] - values.mean()) < 4 * values.std() / 8


def test_variances_of_histories_and_of_their_mean():
    """240 histories whose year scatters by 20 %: the variance of its logarithm, and that of a mean of 240."""
    base = worlds(runs=240)
    scale = np.exp(0.2 * np.random.default_rng(2).normal(size=(240, 1)))
    base.lines["before"].recorded[:, :52] *= scale
    _, error, spread = outputs(base)[0]
    assert spread == pytest.approx(0.04, rel=0.4)  # 4 standard errors
    assert error == pytest.approx(spread / 240, abs=2e-9)
    together = correlations(base)
    assert together[0, 0] == pytest.approx(1)
    assert (together[NAMES.index("hostile_deaths")] == 0).all()  # a rate over many histories


def test_sizes_of_events_by_hand():
    """n = 1..6 in proportion to 1/n^2: a mean of H(6)/H2(6), of it n = 5 and 6."""
    total = sum(1 / n**2 for n in range(1, 7))
    mean, large = sizes(6, 2.0)
    assert mean == pytest.approx(sum(1 / n for n in range(1, 7)) / total)
    assert large == pytest.approx((1 / 5 + 1 / 6) / total)
    assert sizes(4, 2.0)[1] == pytest.approx(0, abs=1e-15)


def test_only_the_start_of_a_truce_and_the_gains_of_a_line_set_worlds_apart():
    """The same parameters everywhere: one law of restraint."""
    point = values_at(uniforms("sobol", 2, len(FREE), 3))[1]
    found = scenarios(point)
    assert set(found) == set(LINES)
    ratio = point["ukraine.raid_gain"] / point["russia.raid_gain"]
    for name, world in found.items():
        own = {key: world.get(key) for key in HANDED_ON}
        if name.startswith("loc"):
            gain = point[f"{LOC}:russia.raid_gain"]
            assert own.pop("russia.raid_gain") == gain
            assert own.pop("ukraine.raid_gain") == pytest.approx(gain * ratio)
        assert own == {key: point[key] for key in own}
    assert found["weak"] == found["before"].override({START: WEAK})
    assert found["truce"].truce.restraint == point[f"donbas_truce_2020:{START}"]
    assert found["loc_2021"] == found["loc_2003"].override({START: point[f"kashmir_2021:{START}"]})
    assert [world.truce.restraint for world in missions(point)] == list(MISSION_STARTS)


# -- emulators --


def smooth(x):
    return 1 + 2 * x[:, 0] - x[:, 1] ** 2 + np.sin(4 * x[:, 2]) * x[:, 3]


def test_an_emulator_predicts_a_known_function_within_its_own_error():
    x, new = (uniforms("sobol", n, 14, seed) for n, seed in ((256, 1), (512, 2)))
    noise = 0.02
    y = smooth(x) + np.random.default_rng(0).normal(size=256) * noise
    mean, variance = fit(x, y, np.full(256, noise**2)).predict(new)
    error = mean - smooth(new)
    assert error.std() < 0.15 * smooth(new).std()
    assert 0.85 < np.mean(error**2 <= 4 * variance) <= 1


class Certain:
    """An emulator that knows: everywhere the same value."""

    most = 0.0

    def __init__(self, value):
        self.value = value

    def mean(self, x):
        return np.full(len(x), self.value)

    def predict(self, x):
        return self.mean(x), np.zeros(len(x))


def stage(values, scatter=0.0, ensemble=None, together=None):
    """A stage of certain emulators; histories have the same standard deviation everywhere."""
    number, width = len(IN_FIT), 1 + 2 * len(FREE)
    coefficients = np.zeros((number, width))
    coefficients[:, 0] = 2 * np.log(max(scatter, 1e-9))
    ensemble = np.zeros(number) if ensemble is None else ensemble
    together = np.eye(number) if together is None else together
    return Stage([Certain(value) for value in values], coefficients, np.full(number, 99.0), ensemble, together)


def test_implausibility_is_measured_in_stated_deviations():
    """A certain emulator: the distance over observation error and discrepancy; scatter and Monte Carlo widen it."""
    x = np.zeros((3, len(FREE)))
    assert (implausibility(stage(PLACES), x, 3.0) == 0).all()
    off = PLACES.copy()
    off[0] += 2 * math.sqrt(ERRORS[0])
    assert implausibility(stage(off), x, 3.0) == pytest.approx(2.0)
    ensemble = np.zeros(len(PLACES))
    ensemble[0] = 3 * ERRORS[0]
    assert implausibility(stage(off, ensemble=ensemble), x, 3.0) == pytest.approx(1.0)
    assert implausibility(stage(off, scatter=math.sqrt(3 * ERRORS[0])), x, 3.0) == pytest.approx(1.0)
    rate = int(np.flatnonzero(~SCATTERS)[0])  # a rate over many histories does not scatter
    off = PLACES.copy()
    off[rate] += math.sqrt(ERRORS[rate])
    assert implausibility(stage(off, scatter=9.0), x, 3.0) == pytest.approx(1.0)


def test_the_likelihood_of_a_history_counts_what_goes_together_once():
    """Two outputs that always move together say as much as one: against SciPy's normal distribution."""
    from scipy.stats import multivariate_normal

    together = np.eye(len(PLACES))
    together[0, 1] = together[1, 0] = 0.9
    found = stage(PLACES + 0.3, scatter=0.5, together=together)
    x = np.full((2, len(FREE)), 0.5)
    covariance = 0.25 * together * np.outer(SCATTERS, SCATTERS) + np.diag(ERRORS)
    expected = multivariate_normal(PLACES + 0.3, covariance).logpdf(PLACES) + 0.5 * len(PLACES) * math.log(2 * math.pi)
    assert emulated_likelihood(found, x) == pytest.approx(expected, abs=1e-3)
    assert log_normal(np.zeros((1, 2)), np.array([[[4.0, 0], [0, 1]]])) == pytest.approx(-math.log(2))


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(InputError, match=r"pip install 'fragile-peace\[calibrate\]'"):
        need_sklearn()


# -- the method, on a model whose posterior is known --

TINY = Settings(waves=(128, 64), cuts=(3.5, 3.0), runs=2, candidates=320, candidate_runs=2, members=512, seed=5)
SLOPE = 10.0
WIDE = 1 / math.sqrt(LEARNING)


def truth(point):
    """The first three fitted outputs follow one parameter each, linearly; the others are met everywhere.

    With slope s on the unit interval and deviation d, the posterior of a parameter is normal around its middle with
    standard deviation d / s, over the root of the learning rate, of the interval, far inside the prior. Histories do
    not scatter.
    """
    found = np.array([[target.place, 1e-8, 1e-6] for target in OUTPUTS])
    for k, at in enumerate(IN_FIT[:3]):
        place = float(FREE[k].place(np.array(point[FREE[k].name])))
        found[at, 0] += SLOPE * OUTPUTS[at].error * (place - 0.5)
    return found


@pytest.fixture
def known(monkeypatch):
    asked = []

    def simulate(points, runs, seed, tell=None):
        asked.extend(points)
        return list(points)

    monkeypatch.setattr(waves, "POOL", 1 << 12)
    monkeypatch.setattr(calibration, "PARTICLES", 512)
    monkeypatch.setattr(calibration, "simulate_points", simulate)
    monkeypatch.setattr(calibration, "outputs", truth)
    monkeypatch.setattr(calibration, "correlations", lambda worlds: np.eye(len(OUTPUTS)))
    return asked


def places(posterior, free):
    return free.place(posterior.columns[free.name])


def test_the_posterior_of_a_known_model_is_found(known, tmp_path):
    """Means within 4 standard errors of the middle, spreads within 25 %; what is not informed stays flat."""
    report = calibrate(TINY, tmp_path, False, lambda words: None)
    members = len(report.posterior)
    assert members > 100
    assert report.space[1] <= report.space[0] < 0.7  # seven tenths of the first parameter's range, at cut 3.5
    for k, free in enumerate(FREE):
        u = places(report.posterior, free)
        if k < 3:
            assert abs(u.mean() - 0.5) < 4 * WIDE / SLOPE / math.sqrt(members)
            assert u.std() == pytest.approx(WIDE / SLOPE, rel=0.25)
        elif free.name not in STARTS:
            assert u.std() == pytest.approx(1 / math.sqrt(12), rel=0.2)
    again = waves.Simulated(
        report.simulated.wave, report.simulated.x, report.simulated.y, report.simulated.together, TINY.cuts
    )
    report.simulated.write(tmp_path / "simulated.parquet")
    read = waves.Simulated.load(tmp_path / "simulated.parquet")
    assert all((getattr(read, name) == getattr(again, name)).all() for name in ("wave", "x", "y", "together"))
    assert [wave.points for wave in read.waves()][-1] == report.posterior.about["emulated_from"]


def test_the_same_bits_again_and_after_an_interruption(known, tmp_path, monkeypatch):
    """A calibration broken off in its second wave goes on with what is there, to the same bytes."""
    whole = tmp_path / "whole.parquet"
    calibrate(TINY, tmp_path / "a", False, lambda words: None).posterior.write(whole)
    first = len(known)

    def stop(words):
        if words == "  32 of 64 points" and len(known) > first + 128:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(TINY, tmp_path / "b", False, stop)
    before = len(known)
    resumed = tmp_path / "resumed.parquet"
    calibrate(TINY, tmp_path / "b", True, lambda words: None).posterior.write(resumed)
    assert len(known) - before == first - 160
    assert resumed.read_bytes() == whole.read_bytes()


def test_targets_that_contradict_the_priors_are_an_error(known, tmp_path, monkeypatch):
    def impossible(point):
        found = truth(point)
        found[0, 0] += 99
        return found

    monkeypatch.setattr(calibration, "outputs", impossible)
    with pytest.raises(InputError, match="wave 1 rules out everything"):
        calibrate(TINY, tmp_path, False, lambda words: None)


def test_acceptance_undoes_what_the_emulators_got_wrong():
    """An emulator half a deviation off draws candidates around the wrong place, a little wider; what is accepted is
    around the right one: its mean within 0.15 deviations (standard error 0.03; cut weights take the rest)."""

    class Off(Certain):
        def mean(self, x):
            return self.value + math.sqrt(ERRORS[0]) * (SLOPE * (x[:, 0] - 0.5) - 0.5)

    x = uniforms("sobol", 4096, len(FREE), 1)
    normal = np.random.default_rng(3).normal(0.5, 1 / math.sqrt(calibration.POWER), 4096)
    x[:, 0] = np.clip(0.5 + normal / SLOPE, 0, 1 - 1e-9)
    y = np.array([truth(point) for point in values_at(x)])
    y[:, IN_FIT[1:3], 0] = PLACES[1:3]
    off = stage(PLACES)
    off.emulators[0] = Off(PLACES[0])
    posterior, accepted = calibration._accepted(Settings(members=4096), waves.Wave(off, 3.0, 1), x, y, [1.0])
    z = SLOPE * (places(posterior, FREE[0]) - 0.5)
    assert abs(z.mean()) < 0.15
    assert z.std() == pytest.approx(WIDE, abs=0.1)
    assert 0.2 < accepted < 0.8
