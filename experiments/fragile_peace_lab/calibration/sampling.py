"""A sample of the emulated posterior: sequential Monte Carlo from prior to posterior (Del Moral, Doucet & Jasra 2006).

Particles start evenly over the space that is not ruled out. The likelihood is turned up in steps, each as large as
keeps `KEEP` of the effective sample; at each the particles are drawn again by their weights and moved by random walks
of Metropolis and Hastings, with proposals as wide as the particles lie (2.38^2/d of their covariance). Places in the
unit cube are rounded to `DIGITS` digits, so that libraries whose last bits differ walk the same way.
"""

from collections.abc import Callable

import numpy as np

DIGITS = 6
KEEP = 0.5
MOVES = 12  # random-walk steps a particle and temperature
LAST = 24  # and at the last one
Density = Callable[[np.ndarray], np.ndarray]


def smc(
    start: np.ndarray, prior: Density, likelihood: Density, rng: np.random.Generator, power: float = 1.0
) -> np.ndarray:
    """Return as many points as `start` has, a sample in proportion to prior x likelihood^power.

    Parameters
    ----------
    start : points of the unit cube, shape (points, parameters), spread in proportion to nothing but the space
    prior : log-density of points relative to that, -inf outside the space
    likelihood : log-likelihood of points
    power : below 1 the sample is wider than the posterior
    """
    x = np.round(start, DIGITS)
    before, value = prior(x), likelihood(x)
    heat = 0.0
    first = True
    while heat < power:
        step = _step(value, before if first else np.zeros(len(x)), power - heat)
        weights = np.exp(_scaled(step * value + (before if first else 0.0)))
        heat, first = heat + step, False
        x, before, value = _drawn(weights, rng, x, before, value)
        for _ in range(LAST if heat >= power else MOVES):
            x, before, value = _moved(x, before, value, heat, prior, likelihood, rng)
    return x


def _scaled(logs: np.ndarray) -> np.ndarray:
    shifted: np.ndarray = logs - logs.max()
    return shifted


def _step(value: np.ndarray, fixed: np.ndarray, most: float) -> float:
    """Return the largest step, to a thousandth of its range, that keeps KEEP of the effective sample."""

    def kept(step: float) -> float:
        weights = np.exp(_scaled(step * value + fixed))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(weights))

    if kept(most) >= KEEP:
        return most
    goal = min(KEEP, 0.9 * kept(0.0))
    low, high = 0.0, most
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) >= goal else (low, middle)
    return min(most, max(float(f"{low:.3g}"), 1e-6))


def _drawn(weights: np.ndarray, rng: np.random.Generator, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return arrays drawn again by weight: systematic resampling, then in an order that says nothing."""
    places = (np.arange(len(weights)) + rng.random()) / len(weights)
    chosen = np.searchsorted(np.cumsum(weights) / weights.sum(), places).clip(max=len(weights) - 1)
    chosen = rng.permutation(chosen)
    return [array[chosen] for array in arrays]


def _moved(
    x: np.ndarray, before: np.ndarray, value: np.ndarray, heat: float, prior: Density, likelihood: Density,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    width = x.shape[1]
    lower = np.linalg.cholesky(np.cov(x.T) * 2.38**2 / width + 1e-9 * np.eye(width))
    scale = np.where(rng.random(len(x)) < 0.2, 1.0, 0.4)[:, None]  # few of the full size are taken, and go far
    to = np.round(x + scale * (rng.normal(size=x.shape) @ lower.T), DIGITS)
    luck = np.log(rng.random(len(x)))
    allowed = np.flatnonzero(((to >= 0) & (to < 1)).all(axis=1))
    new_before, new_value = np.full(len(x), -np.inf), np.full(len(x), -np.inf)
    new_before[allowed] = prior(to[allowed])
    allowed = allowed[np.isfinite(new_before[allowed])]
    new_value[allowed] = likelihood(to[allowed])
    with np.errstate(invalid="ignore"):
        taken = luck < new_before - before + heat * (new_value - value)
    return (
        np.where(taken[:, None], to, x), np.where(taken, new_before, before), np.where(taken, new_value, value)
    )  # fmt: skip
