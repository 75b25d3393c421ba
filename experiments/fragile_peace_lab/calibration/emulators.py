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

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.targets import FITTED, TARGETS

DIGITS = 3
MAX_ROUNDS = 40  # of the search for hyperparameters
LENGTHS = (0.2, 30.0)
NOISES = (1e-6, 1.0)


@dataclass(frozen=True)
class Emulator:
    """One fitted output.

    Attributes
    ----------
    coefficients, spread : the quadratic, and the deviation of its residuals
    model : scikit-learn's regressor of the residuals over the spread
    inflation : of the variance, n / (n - p), for the p coefficients that n points had to give
    """

    coefficients: np.ndarray
    spread: float
    model: Any
    inflation: float

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Return the mean at points of the unit cube, shape (points,)."""
        return _basis(x) @ self.coefficients + self.spread * self.model.predict(x)

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance at points of the unit cube, each of shape (points,)."""
        mean, deviation = self.model.predict(x, return_std=True)
        return (
            _basis(x) @ self.coefficients + self.spread * mean,
            self.inflation * (self.spread * deviation) ** 2,
        )

    @property
    def most(self) -> float:
        """The variance far from every training point: no point has more."""
        return float(self.inflation * self.spread**2 * self.model.kernel_.diag(np.zeros((1, 1)))[0])


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
    from threadpoolctl import threadpool_limits

    basis = _basis(x)
    coefficients = np.linalg.lstsq(basis, y, rcond=None)[0]
    rest = y - basis @ coefficients
    spread = float(rest.std()) or 1.0
    noise = np.maximum(variance / spread**2, 1e-6)
    kernel = _kernel(x.shape[1])
    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        model = GaussianProcessRegressor(kernel, alpha=noise, optimizer=None).fit(x, rest / spread)
        rounded = kernel.clone_with_theta(np.round(_searched(model), DIGITS))
        model = GaussianProcessRegressor(rounded, alpha=noise, optimizer=None).fit(x, rest / spread)
    return Emulator(coefficients, spread, model, len(x) / max(1, len(x) - basis.shape[1]))


def _kernel(width: int) -> Any:
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    smooth = ConstantKernel(0.5, (1e-3, 10.0)) * RBF(np.full(width, 2.0), LENGTHS)
    return smooth + WhiteKernel(0.1, NOISES)


def _searched(model: Any) -> np.ndarray:
    """Return the likeliest hyperparameters (logarithms), searched for MAX_ROUNDS rounds: a rough answer is enough.

    A length scale at its upper bound says that a parameter does not matter.
    """
    from scipy.optimize import minimize

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = model.log_marginal_likelihood(theta, eval_gradient=True, clone_kernel=False)
        return -value, -gradient

    kernel = model.kernel_
    options = {"maxiter": MAX_ROUNDS, "ftol": 1e-4}
    return minimize(objective, kernel.theta, method="L-BFGS-B", jac=True, bounds=kernel.bounds, options=options).x


def _basis(x: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(x), 1)), x - 0.5, (x - 0.5) ** 2], axis=1)


def fit_all(x: np.ndarray, simulated: np.ndarray) -> list[Emulator]:
    """Return one emulator a target, in the order of TARGETS; `simulated` has shape (points, targets, 2)."""
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
            known = target.deviation**2 + ensemble[k]
            alive = np.flatnonzero(worst <= cut)
            if len(alive):  # ruled out whatever the variance: most points, and the mean is cheap
                least = np.abs(emulators[k].mean(x[alive]) - target.place) / np.sqrt(known + emulators[k].most)
                worst[alive] = np.maximum(worst[alive], np.where(least > cut, np.round(least, 3), 0))
                alive = alive[least <= cut]
            if len(alive):
                mean, variance = emulators[k].predict(x[alive])
                measured = np.abs(mean - target.place) / np.sqrt(known + variance)
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


def within_two(emulators: Sequence[Emulator], ensemble: np.ndarray, x: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Return, by target, the share of new points whose simulated value is within two deviations of the emulated one.

    Points of a wave share their draws, so what chance gets wrong is wrong alike at all of them: the ensemble's variance
    counts on both sides, and shares far from 95 % by that alone are no surprise.
    """
    shares = []
    for k, emulator in enumerate(emulators):
        mean, variance = emulator.predict(x)
        shares.append(np.mean((simulated[:, k, 0] - mean) ** 2 <= 4 * (variance + ensemble[k] + simulated[:, k, 1])))
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
