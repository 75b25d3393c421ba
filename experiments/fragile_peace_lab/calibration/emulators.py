"""Emulators of the fitted outputs, the implausibility that rules points out, and the likelihood of a record.

The mean of an output, as a function of the free parameters in the unit cube, is a quadratic without interactions plus
a Gaussian process with one length scale a parameter (scikit-learn), trained on simulated means of known Monte Carlo
variance. The variance of single histories about that mean is the exponential of a quadratic, fitted as gamma variables
(a generalised linear model: least squares on logarithms would be biased low); how the outputs of one history go
together, R, is the same everywhere: the mean over simulated points. A record z is one history, so its likelihood is
the synthetic one (Wood 2010): normal, on the scales of the targets, with mean m(x) and variance

    S(x) = D(x) R D(x) + diag(V_error + V_emulator(x) + V_ensemble),

D the deviations of histories (0 for rates over many), V_error that of observation and discrepancy beside them
(`Target.error`) and V_ensemble the Monte Carlo variance of a simulated mean. The
implausibility of a point for one target is |z - m(x)| over the square root of S's diagonal (Vernon, Goldstein & Bower
2010); a point is ruled out where it exceeds the cut of a wave for any fitted target. Hyperparameters are rounded to
`DIGITS` digits and likelihoods and implausibilities to three decimals, so that libraries whose last bits differ rule
out the same points.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.cores import cores
from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.targets import FITTED, OUTPUTS

DIGITS = 3
MAX_ROUNDS = 40  # of the search for hyperparameters
IN_FIT = np.array([index for index, target in enumerate(OUTPUTS) if target.use == FITTED])
"""Where the fitted outputs stand among all."""
PLACES = np.array([OUTPUTS[index].place for index in IN_FIT])
ERRORS = np.array([OUTPUTS[index].error ** 2 for index in IN_FIT])
SCATTERS = np.array([OUTPUTS[index].history for index in IN_FIT])
LEAST = 10.0  # so many times smaller than the error beside it, the variance of histories no longer counts
RIDGE = 1e-3  # on the coefficients of that variance
LEARNING = 0.8
"""The power of the likelihood in the posterior: with 1 its intervals were too narrow on records of the model's own
making (`trial`), whose histories are not quite normal (a calibrated learning rate: Syring & Martin 2019)."""
CHUNK = 1 << 12
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
        mean: np.ndarray = _basis(x) @ self.coefficients + self.spread * self.model.predict(x)
        return mean

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
    best: np.ndarray = minimize(
        objective, kernel.theta, method="L-BFGS-B", jac=True, bounds=kernel.bounds, options=options
    ).x
    return best


def _basis(x: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(x), 1)), x - 0.5, (x - 0.5) ** 2], axis=1)


@dataclass(frozen=True)
class Stage:
    """Everything that is emulated, of the fitted outputs in the order of IN_FIT.

    Attributes
    ----------
    emulators : of the means
    scatter : coefficients of the quadratics of the logarithm of histories' variance, shape (outputs, coefficients)
    greatest : of the simulated variances of histories, by output: none is taken for more
    ensemble : Monte Carlo variance of a simulated mean, by output
    together : how the outputs of a history go together, shape (outputs, outputs)
    """

    emulators: Sequence[Emulator]
    scatter: np.ndarray
    greatest: np.ndarray
    ensemble: np.ndarray
    together: np.ndarray

    def deviations(self, x: np.ndarray) -> np.ndarray:
        """Return the standard deviations of single histories, shape (points, outputs)."""
        variance = np.exp(np.minimum(_basis(x) @ self.scatter.T, np.log(self.greatest)))
        return np.where(SCATTERS, np.sqrt(variance), 0.0)

    def covariance(self, x: np.ndarray, further: np.ndarray) -> np.ndarray:
        """Return S, shape (points, outputs, outputs); `further` variance, shape (points, outputs), is added."""
        spread = self.deviations(x)
        s: np.ndarray = spread[:, :, None] * self.together * spread[:, None, :]
        s[:, np.arange(len(ERRORS)), np.arange(len(ERRORS))] += ERRORS + further
        return s

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return emulated means and their variance, V_emulator + V_ensemble, each of shape (points, outputs)."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            parts = [emulator.predict(x) for emulator in self.emulators]
        means, variances = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
        return means, variances + self.ensemble


def fit_all(x: np.ndarray, simulated: np.ndarray, together: np.ndarray) -> Stage:
    """Return what is emulated.

    Parameters
    ----------
    x : points of the unit cube, shape (points, parameters)
    simulated : mean, its Monte Carlo variance and the variance of histories, shape (points, outputs, 3)
    together : correlations of the outputs of a history, shape (outputs, outputs); all outputs, as in `simulated`
    """
    y = simulated[:, IN_FIT]
    with ThreadPoolExecutor(cores()) as pool:
        emulators = list(pool.map(lambda k: fit(x, y[:, k, 0], y[:, k, 1]), range(len(IN_FIT))))
    spread = np.maximum(y[:, :, 2], ERRORS / LEAST)
    scatter = np.stack([_scatter(x, spread[:, k]) for k in range(len(IN_FIT))])
    within = together[np.ix_(IN_FIT, IN_FIT)]
    np.fill_diagonal(within := within.copy(), 1.0)
    return Stage(emulators, scatter, spread.max(axis=0), np.median(y[:, :, 1], axis=0), np.round(within, DIGITS))


def _scatter(x: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the quadratic of the logarithm of a variance, by the likelihood of gamma variables with that mean."""
    from sklearn.linear_model import GammaRegressor
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        found = GammaRegressor(alpha=RIDGE, max_iter=2000, tol=1e-7).fit(_basis(x)[:, 1:], variance)
    return np.round(np.append(found.intercept_, found.coef_), DIGITS)


def implausibility(stage: Stage, x: np.ndarray, cut: float) -> np.ndarray:
    """Return the greatest implausibility over the fitted targets; points beyond the cut are not followed further.

    Parameters
    ----------
    x : points of the unit cube
    cut : a point above it is ruled out, and its value is only a lower bound
    """
    from threadpoolctl import threadpool_limits

    worst = np.zeros(len(x))
    known = stage.deviations(x) ** 2 + ERRORS + stage.ensemble
    with threadpool_limits(1):
        for k, emulator in enumerate(stage.emulators):
            alive = np.flatnonzero(worst <= cut)
            if len(alive):  # ruled out whatever the variance: most points, and the mean is cheap
                least = np.abs(emulator.mean(x[alive]) - PLACES[k]) / np.sqrt(known[alive, k] + emulator.most)
                worst[alive] = np.maximum(worst[alive], np.where(least > cut, np.round(least, 3), 0))
                alive = alive[least <= cut]
            if len(alive):
                mean, variance = emulator.predict(x[alive])
                measured = np.abs(mean - PLACES[k]) / np.sqrt(known[alive, k] + variance)
                worst[alive] = np.maximum(worst[alive], np.round(measured, 3))
    return worst


def log_normal(off: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return normal log-densities, up to a constant, of deviations with covariances s, shape (points, o, o).

    Deviations have shape (points, o), or (points, o, records) for many at each point; densities (points[, records]).
    """
    lower = np.linalg.cholesky(s)
    scaled = np.linalg.solve(lower, off if off.ndim == 3 else off[..., None])
    found: np.ndarray = -0.5 * (np.moveaxis(scaled, 1, 2) ** 2).sum(-1)
    found -= np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(-1)[:, None]
    return found if off.ndim == 3 else found[:, 0]


def emulated_likelihood(stage: Stage, x: np.ndarray, places: np.ndarray = PLACES) -> np.ndarray:
    """Return the log-likelihood of a record as the emulators have it, shape (points,); of many, (points, records).

    `places` is the record's place for every fitted output, shape (outputs,), or (outputs, records).
    """
    found = [np.empty((0, *places.shape[1:]))]
    chunk = CHUNK if places.ndim == 1 else CHUNK // 8
    for start in range(0, len(x), chunk):
        part = x[start : start + chunk]
        mean, variance = stage.predict(part)
        off = places - (mean if places.ndim == 1 else mean[..., None])
        found.append(log_normal(off, stage.covariance(part, variance)))
    return np.round(np.concatenate(found), 3)


def simulated_likelihood(stage: Stage, x: np.ndarray, simulated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, of simulated points, the greatest implausibility and the log-likelihood over the fitted targets.

    `simulated` has shape (points, outputs, 3); how histories scatter is as emulated, since few runs say it poorly.
    """
    mean, variance = simulated[:, IN_FIT, 0], simulated[:, IN_FIT, 1]
    s = stage.covariance(x, variance)
    off = PLACES - mean
    worst = np.abs(off) / np.sqrt(np.diagonal(s, axis1=1, axis2=2))
    return worst.max(axis=1), log_normal(off, s)


def within_two(stage: Stage, x: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Return, by fitted output, the share of new points whose simulated mean is within two deviations of the emulated.

    Points of a wave share their draws, so what chance gets wrong is wrong alike at all of them: the ensemble's variance
    counts on both sides, and shares far from 95 % by that alone are no surprise.
    """
    mean, variance = stage.predict(x)
    y = simulated[:, IN_FIT]
    covered: np.ndarray = np.mean((y[:, :, 0] - mean) ** 2 <= 4 * (variance + y[:, :, 1]), axis=0)
    return covered
