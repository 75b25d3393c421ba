"""Calibration: the whole method on a model whose posterior is known."""

import math

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration import fit as calibration
from fragile_peace_lab.calibration import waves
from fragile_peace_lab.calibration.emulators import ERRORS, IN_FIT, LEARNING, PLACES
from fragile_peace_lab.calibration.fit import Settings, calibrate
from fragile_peace_lab.calibration.free import FREE, STARTS, values_at
from fragile_peace_lab.calibration.targets import OUTPUTS
from fragile_peace_lab.design.points import uniforms
from tests.tools.histories import Certain, stage

pytest.importorskip("sklearn")

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
