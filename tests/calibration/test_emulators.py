"""Emulators, implausibility and the likelihood of one history, against known functions and SciPy."""

import math

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.emulators import (
    ERRORS,
    PLACES,
    SCATTERS,
    emulated_likelihood,
    fit,
    implausibility,
    log_normal,
    need_sklearn,
)
from fragile_peace_lab.calibration.free import FREE
from fragile_peace_lab.design.points import uniforms
from tests.tools.histories import stage

pytest.importorskip("sklearn")


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
