"""The baseline that the model has to beat: a random walk of the log level, and negative-binomial weeks.

z_0 = start + sigma e_0, z_t = z_(t-1) + sigma e_t with e standard normal; a week of which k days are known shows
y_t ~ NB(mean (k / 7) exp z_t, size r), of variance mean + mean^2 / r. The walk knows nothing of ceasefires, and its
unprinted exercises are part of its scatter. (start, sigma, r) are of greatest likelihood on the weeks that a fit may
read: the forward algorithm on a grid of z, exact up to its step, and Nelder-Mead from a fixed point.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.stats import nbinom, norm

from fragile_peace_lab.calibration.observing import DAYS
from fragile_peace_lab.calibration.series import Weekly

GRID = np.arange(-3.0, 13.0, 0.05)
"""Log levels: from a twentieth of a violation a week to 440,000."""
SEED = 20270827
RUNS = 2000
TOP = 25.0  # of a simulated log level: far beyond any record, and short of what a Poisson draw overflows at


@dataclass(frozen=True)
class Walk:
    """A fitted walk.

    Attributes
    ----------
    start : log level before week 0
    sigma : weekly standard deviation of the log level
    size : of the negative binomial; the greater, the less scatter
    """

    start: float
    sigma: float
    size: float

    def trajectories(self, days: np.ndarray, runs: int, rng: np.random.Generator) -> np.ndarray:
        """Return whole histories from week 0 that see no later record, shape (runs, weeks): what it would show."""
        steps = rng.normal(0.0, self.sigma, (runs, len(days)))
        return self._weeks(self.start + steps.cumsum(1), days, rng)

    def one_step(self, record: Weekly, runs: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of each week, shape (runs, weeks), from a walk that has seen every week before it.

        Another question than the model answers, and much easier; for information.
        """
        before, _ = self._filter(record, record.observed)
        cells = [rng.choice(GRID, runs, p=row) for row in before]
        return self._weeks(np.stack(cells, axis=1), record.days, rng)

    def likelihood(self, record: Weekly, read: np.ndarray) -> float:
        """Return the log-likelihood of the weeks that are read."""
        return self._filter(record, read)[1]

    def _weeks(self, level: np.ndarray, days: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        mean = days / DAYS * np.exp(np.minimum(level, TOP))
        shown = rng.poisson(rng.gamma(self.size, mean / self.size)).astype(float)
        return np.where(days > 0, shown, np.nan)

    def _filter(self, record: Weekly, read: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the distribution of each week's level before it is read, (weeks, grid), and the log-likelihood."""
        move = norm.pdf(GRID[:, None], GRID[None, :], self.sigma)
        move /= move.sum(0)
        belief = norm.pdf(GRID, self.start, self.sigma)
        belief /= belief.sum()
        mean = record.days[:, None] / DAYS * np.exp(GRID)
        chance = nbinom.pmf(record.violations[:, None], self.size, self.size / (self.size + mean))
        before, total = [], 0.0
        for week in range(len(record.week)):
            belief = move @ belief if week else belief
            before.append(belief)
            if read[week]:
                joint = belief * chance[week]
                if not joint.sum() > 0:
                    return np.array(before), -np.inf
                total += np.log(joint.sum())
                belief = joint / joint.sum()
        return np.array(before), float(total)


def fit(record: Weekly, read: np.ndarray | None = None) -> Walk:
    """Return the walk of greatest likelihood on the weeks that a fit may read, or on others."""
    weeks = record.fitted if read is None else read
    step = float(GRID[1] - GRID[0])

    def less(x: np.ndarray) -> float:
        sigma, size = np.exp(x[1:])
        return -Walk(float(x[0]), float(max(sigma, step)), float(size)).likelihood(record, weeks)

    first = record.violations[weeks][:4].mean() + 1
    found = minimize(less, [np.log(first), np.log(0.4), np.log(3.0)], method="Nelder-Mead",
                     options={"xatol": 1e-4, "fatol": 1e-5})  # fmt: skip
    sigma, size = np.exp(found.x[1:])
    return Walk(float(found.x[0]), float(max(sigma, step)), float(size))
