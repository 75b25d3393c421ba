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
from fragile_peace_lab.calibration.emulators import fit, implausibility, need_sklearn
from fragile_peace_lab.calibration.fit import Settings, calibrate, values_at
from fragile_peace_lab.calibration.runs import NAMES, Series, Worlds, outputs, realisations, scenarios
from fragile_peace_lab.calibration.targets import (
    DATED,
    FITTED,
    FREE,
    HANDED_ON,
    INPUTS,
    KM,
    SCORES,
    TARGETS,
    WEAK_RESTRAINT,
)
from fragile_peace_lab.design.points import uniforms

pytest.importorskip("sklearn")
EVIDENCE = Path(fragile_peace.__path__[0]) / "evidence.csv"


# -- the tables --


def keys():
    with EVIDENCE.open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file)}


def test_nine_outputs_are_scored_and_one_is_held_out():
    assert len(SCORES) == 9
    assert {target.score for target in TARGETS if target.held_out} == {"weak_truce_days"}
    assert [target.name for target in FITTED] == [name for name in NAMES if name != "weak_truce_days"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_target_has_sources_a_conversion_and_parameters_it_informs(target):
    assert set(target.sources) <= keys()
    assert target.sources
    assert len(target.conversion) > 20
    assert target.observation > 0 < target.discrepancy
    assert set(target.informs) <= {free.name for free in FREE}
    low, high = target.tolerance
    assert low < target.observed < high


def test_every_free_parameter_is_informed_by_a_fitted_target_and_its_prior_holds_the_default():
    informed = {name for target in FITTED for name in target.informs}
    for free in FREE:
        parameter = CATALOGUE[free.parameter]
        assert free.name in informed
        assert parameter.low <= free.low < free.high <= parameter.high
        base = Scenario.load(free.scenario or "reassurance_15k")
        assert free.low <= base.get(free.parameter) <= free.high
    assert not any(name.startswith(("war", "war_ukraine", "war_response", "precision")) for name in informed)


def test_inputs_have_sources():
    assert all(set(entry.sources) <= keys() for entry in INPUTS)


# -- the outputs, against known answers --


def worlds(before=100.0, truce=5.0, events=3.0, runs=6):
    """Constant weeks, but for what the arguments replace."""

    def series(weeks, recorded, happened):
        full = np.full((runs, weeks), 1.0)
        return Series(full * recorded, full * happened, full * happened * 2)

    weak = series(20, 0.2 * before, 1)
    weak.recorded[:, 3:] = 0.6 * before
    return Worlds(series(238, before, events), series(75, truce, events), weak, np.full(runs, 2.0), np.full(runs, 4.0))


def test_outputs_of_constant_weeks():
    """Every output worked out by hand; half a death is added to the mission's twelve over 24 thousand years."""
    found = dict(zip(NAMES, outputs(worlds())[:, 0], strict=True))
    for name, value in {
        "violations_2019": 100 / 7 / KM, "drop_2020": 0.05, "truce_level_2020": 5 / 7, "erosion_2021": 0.05,
        "deaths_per_1000": 60, "fatal_events_2019": 3, "pooled_events": 3 * DATED, "weak_truce_days": 21,
        "hostile_deaths": 12.5 / 24,
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(math.log(value), abs=1e-9), name
    assert found["pooled_ratio"] == pytest.approx(1 - DATED)  # only the thinning varies
    assert found["pooled_memory"] == 0


def test_thinning_by_formula_is_thinning_by_chance():
    """Ratio and correlation of thinned counts equal those of counts really thinned (20,000 weeks in 64 draws)."""
    rng = np.random.default_rng(1)
    rate = np.exp(rng.normal(size=(64, 313)) * 0.5)
    rate[:, 1:] *= rate[:, :-1] ** 0.5
    counts = rng.poisson(3 * rate).astype(float)
    base = worlds(runs=64)
    base.before.events[:], base.truce.events[:] = counts[:, :238], counts[:, 238:]
    found = dict(zip(NAMES, outputs(base), strict=True))
    really = rng.binomial(counts.astype(int), DATED)
    off = really - really.mean(1, keepdims=True)
    ratio = (off**2).mean(1) / really.mean(1)
    memory = (off[:, 1:] * off[:, :-1]).mean(1) / (off**2).mean(1)
    for name, values in (("pooled_ratio", ratio), ("pooled_memory", memory)):
        assert abs(found[name][0] - values.mean()) < 4 * values.std() / 8


def test_realisations_scatter_around_the_outputs():
    base = worlds(runs=40)
    base.before.recorded[:] *= np.random.default_rng(2).gamma(9, 1 / 9, base.before.recorded.shape)
    values = realisations(base)
    for target, (value, variance), shown in zip(TARGETS, outputs(base), values, strict=True):
        expected = math.exp(value) if target.log else value
        error = math.sqrt(variance) * (expected if target.log else 1)
        assert abs(shown.mean() - expected) <= 5 * error + 1e-6, target.name


def test_only_the_start_of_a_truce_sets_the_weak_one_apart():
    """The same parameters everywhere; a weak truce differs in restraint alone."""
    point = values_at(uniforms("sobol", 2, len(FREE), 3))[1]
    before, truce, weak, mission = scenarios(point)
    for world in (before, truce, weak, mission):
        assert {name: world.get(name) for name in HANDED_ON} == {name: point[name] for name in HANDED_ON}
    assert weak == before.override({"truce.restraint": WEAK_RESTRAINT})
    assert truce.truce.restraint == point["donbas_truce_2020:truce.restraint"]


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


def test_implausibility_is_measured_in_stated_deviations():
    """A certain emulator: the distance over observation error and discrepancy; a held-out target is ignored."""

    class Certain:
        def __init__(self, value):
            self.value = value

        most = 0.0

        def mean(self, x):
            return np.full(len(x), self.value)

        def predict(self, x):
            return self.mean(x), np.zeros(len(x))

    at = [Certain(target.place + 9 * target.held_out) for target in TARGETS]
    x = np.zeros((3, len(FREE)))
    none = np.zeros(len(TARGETS))
    assert (implausibility(at, none, x, 3.0) == 0).all()
    at[0] = Certain(TARGETS[0].place + 2 * TARGETS[0].deviation)
    assert implausibility(at, none, x, 3.0) == pytest.approx(2.0)
    ensemble = none.copy()
    ensemble[0] = 3 * TARGETS[0].deviation ** 2
    assert implausibility(at, ensemble, x, 3.0) == pytest.approx(1.0)


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(InputError, match=r"pip install 'fragile-peace\[calibrate\]'"):
        need_sklearn()


# -- the method, on a model whose posterior is known --

TINY = Settings(waves=(64, 64), cuts=(3.5, 3.0), runs=2, candidates=320, candidate_runs=2, members=512, seed=5)
SLOPE = 10.0


def truth(point):
    """The first three fitted targets follow one parameter each, linearly; the others are met everywhere.

    With slope s on the unit interval and deviation d, the posterior of a parameter is normal around its middle with
    standard deviation d / s of the interval, far inside the prior.
    """
    found = np.array([[target.place, 1e-8] for target in TARGETS])
    for k in range(3):
        free = FREE[k]
        found[k, 0] += SLOPE * TARGETS[k].deviation * ((point[free.name] - free.low) / (free.high - free.low) - 0.5)
    return found


@pytest.fixture
def known(monkeypatch):
    asked = []

    def simulate(points, runs, seed, tell=None):
        asked.extend(points)
        return list(points)

    monkeypatch.setattr(calibration, "POOL", 1 << 12)
    monkeypatch.setattr(calibration, "simulate_points", simulate)
    monkeypatch.setattr(calibration, "outputs", truth)
    return asked


def test_the_posterior_of_a_known_model_is_found(known, tmp_path):
    """Means within 4 standard errors of the middle, spreads within 25 % of d / s; what is not informed stays flat."""
    report = calibrate(TINY, tmp_path, False, lambda words: None)
    members = len(report.posterior)
    assert members > 100
    assert report.space[1] <= report.space[0] < 0.7  # seven tenths of the first parameter's range, at cut 3.5
    for k, free in enumerate(FREE):
        u = (report.posterior.columns[free.name] - free.low) / (free.high - free.low)
        if k < 3:
            assert abs(u.mean() - 0.5) < 4 / SLOPE / math.sqrt(members)
            assert u.std() == pytest.approx(1 / SLOPE, rel=0.25)
        elif free.kind == "uniform":
            assert u.std() == pytest.approx(1 / math.sqrt(12), rel=0.2)


def test_the_same_bits_again_and_after_an_interruption(known, tmp_path, monkeypatch):
    """A calibration broken off in its second wave goes on with what is there, to the same bytes."""
    whole = tmp_path / "whole.parquet"
    calibrate(TINY, tmp_path / "a", False, lambda words: None).posterior.write(whole)
    first = len(known)

    def stop(words):
        if words == "  32 of 64 points" and len(known) > first + 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(TINY, tmp_path / "b", False, stop)
    before = len(known)
    resumed = tmp_path / "resumed.parquet"
    calibrate(TINY, tmp_path / "b", True, lambda words: None).posterior.write(resumed)
    assert len(known) - before == first - 96
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
    """An emulator half a deviation off draws candidates around the wrong place; what is accepted is around the right
    one: its mean within 0.15 deviations (standard error 0.03; the cut weights take the rest), not half of one."""

    class Off:
        def __init__(self, k):
            self.k = k

        def predict(self, x):
            mean = np.full(len(x), TARGETS[self.k].place)
            if self.k == 0:
                mean += TARGETS[0].deviation * (SLOPE * (x[:, 0] - 0.5) - 0.5)
            return mean, np.zeros(len(x))

    x = uniforms("sobol", 4096, len(FREE), 1)
    x[:, 0] = np.clip(0.5 + np.random.default_rng(3).normal(0.5, 1, 4096) / SLOPE, 0, 1)
    y = np.array([truth(point) for point in values_at(x)])
    y[:, 1:3, 0] = [target.place for target in TARGETS[1:3]]
    wave = calibration.Wave([Off(k) for k in range(len(TARGETS))], np.zeros(len(TARGETS)), 3.0)
    settings = Settings(members=4096)
    report = calibration._accepted(settings, wave, np.inf, x, y, (1.0,))
    free = FREE[0]
    z = SLOPE * ((report.posterior.columns[free.name] - free.low) / (free.high - free.low) - 0.5)
    assert abs(z.mean()) < 0.15
    assert 0.2 < report.accepted < 0.8
