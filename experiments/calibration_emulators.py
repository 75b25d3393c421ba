"""Emulators of the scored outputs, and the implausibility that history matching rules points out by.

An output, as a function of the free parameters in the unit cube, is a quadratic without interactions plus a Gaussian
process with one length scale a parameter (scikit-learn), trained on simulated means of known Monte Carlo variance.
The implausibility of a point for a target z is (Vernon, Goldstein & Bower 2010)

    I(x) = |z - E f(x)| / sqrt(V_observation + V_discrepancy + V_emulator(x) + V_ensemble),

where V_ensemble is the Monte Carlo variance of a simulated mean. A point is ruled out where I exceeds the cut of a wave
for any fitted target. Hyperparameters are rounded to `DIGITS` digits and the implausibility to three decimals, so that
libraries whose last bits differ rule out the same points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.calibration_targets import FITTED, TARGETS
from model.errors import InputError

DIGITS = 3
CHUNK = 4096
MAX_ROUNDS = 40  # of the search for hyperparameters
LENGTHS = (0.2, 30.0)
NOISES = (1e-6, 1.0)


@dataclass(frozen=True)
class Emulator:
    """One fitted output; `model` is scikit-learn's regressor of the standardised residuals of the quadratic."""

    coefficients: np.ndarray
    spread: float
    model: Any

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance at points of the unit cube, each of shape (points,)."""
        means, variances = [], []
        for start in range(0, len(x), CHUNK):
            part = x[start : start + CHUNK]
            mean, deviation = self.model.predict(part, return_std=True)
            means.append(_basis(part) @ self.coefficients + self.spread * mean)
            variances.append((self.spread * deviation) ** 2)
        return np.concatenate(means), np.concatenate(variances)


def need_sklearn() -> None:
    """Raise InputError, with what to install, where scikit-learn is missing."""
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise InputError(
            "calibrate: needs scikit-learn, which is not installed; pip install 'fragile-peace[calibrate]'"
        ) from None


def fit(x: np.ndarray, y: np.ndarray, variance: np.ndarray) -> Emulator:
    """Return the emulator of an output.

    Parameters
    ----------
    x : points of the unit cube, shape (points, parameters)
    y : simulated means, shape (points,)
    variance : their Monte Carlo variances, shape (points,)
    """
    from sklearn.gaussian_process import GaussianProcessRegressor

    basis = _basis(x)
    coefficients = np.linalg.lstsq(basis, y, rcond=None)[0]
    rest = y - basis @ coefficients
    spread = float(rest.std()) or 1.0
    noise = np.maximum(variance / spread**2, 1e-6)

    def regressor(kernel: Any, optimizer: Any) -> Any:
        model = GaussianProcessRegressor(kernel, alpha=noise, optimizer=optimizer)
        return model.fit(x, rest / spread)

    searched = regressor(_kernel(x.shape[1]), _search).kernel_
    rounded = searched.clone_with_theta(np.round(searched.theta, DIGITS))
    return Emulator(coefficients, spread, regressor(rounded, None))


def _kernel(width: int) -> Any:
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    smooth = ConstantKernel(0.5, (1e-3, 10.0)) * RBF(np.full(width, 2.0), LENGTHS)
    return smooth + WhiteKernel(0.1, NOISES)


def _search(objective: Any, start: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, float]:
    """Search the hyperparameters for at most MAX_ROUNDS rounds; the emulator needs them roughly, not exactly."""
    from scipy.optimize import minimize

    found = minimize(
        objective, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": MAX_ROUNDS, "ftol": 1e-4}
    )
    return found.x, float(found.fun)


def _basis(x: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(x), 1)), x - 0.5, (x - 0.5) ** 2], axis=1)


def fit_all(x: np.ndarray, simulated: np.ndarray) -> list[Emulator]:
    """Return one emulator a target, in the order of TARGETS; `simulated` has shape (points, targets, 2)."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        return [fit(x, simulated[:, k, 0], simulated[:, k, 1]) for k in range(len(TARGETS))]


def implausibility(emulators: Sequence[Emulator], ensemble: np.ndarray, x: np.ndarray, cut: float) -> np.ndarray:
    """Return the greatest implausibility over the fitted targets; points beyond the cut are not followed further.

    Parameters
    ----------
    emulators : of every target
    ensemble : Monte Carlo variance of a simulated mean, by target
    x : points of the unit cube
    cut : a point above it is ruled out, and its value is only a lower bound
    """
    from threadpoolctl import threadpool_limits

    worst = np.zeros(len(x))
    with threadpool_limits(1):
        for k, target in enumerate(TARGETS):
            if target not in FITTED:
                continue
            alive = np.flatnonzero(worst <= cut)
            if not len(alive):
                break
            mean, variance = emulators[k].predict(x[alive])
            measured = np.abs(mean - target.place) / np.sqrt(target.deviation**2 + variance + ensemble[k])
            worst[alive] = np.maximum(worst[alive], np.round(measured, 3))
    return worst


def emulated_likelihood(emulators: Sequence[Emulator], ensemble: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the log-likelihood over the fitted targets as the emulators have it, their own variance included."""
    from threadpoolctl import threadpool_limits

    found = np.zeros(len(x))
    with threadpool_limits(1):
        for k, target in enumerate(TARGETS):
            if target in FITTED:
                mean, variance = emulators[k].predict(x)
                spread = target.deviation**2 + variance + ensemble[k]
                found -= 0.5 * ((mean - target.place) ** 2 / spread + np.log(spread))
    return np.round(found, 3)


def within_two(emulators: Sequence[Emulator], x: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Return, by target, the share of new points whose simulated value is within two deviations of the emulated one."""
    shares = []
    for k, emulator in enumerate(emulators):
        mean, variance = emulator.predict(x)
        shares.append(np.mean((simulated[:, k, 0] - mean) ** 2 <= 4 * (variance + simulated[:, k, 1])))
    return np.array(shares)


def simulated_distance(simulated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, of simulated points, the greatest implausibility and the log-likelihood over the fitted targets.

    `simulated` has shape (points, targets, 2). Errors are normal on the scale of a target; their variance is that of
    observation, discrepancy and Monte Carlo.
    """
    worst, likelihood = np.zeros(len(simulated)), np.zeros(len(simulated))
    for k, target in enumerate(TARGETS):
        if target in FITTED:
            spread = target.deviation**2 + simulated[:, k, 1]
            square = (simulated[:, k, 0] - target.place) ** 2 / spread
            worst = np.maximum(worst, np.sqrt(square))
            likelihood -= 0.5 * (square + np.log(spread))
    return worst, likelihood
