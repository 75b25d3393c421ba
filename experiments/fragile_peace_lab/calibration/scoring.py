"""How well an ensemble of histories foresaw the weekly record: CRPS, PIT and a test of the held-out weeks.

* The continuous ranked probability score of a forecast X at y is E|X - y| - E|X - X'| / 2 (Gneiting & Raftery 2007,
  eq. 21); less is better, and for a certain forecast it is the absolute error. The mean over pairs is taken without
  the m pairs of a member with itself (the fair score of Ferro 2014), so that no size of ensemble is favoured. It is
  given of counts n and of log(1 + n) (Bosse et al. 2023): the first weighs wild weeks, the second errors in ratio.
* The probability integral transform of a count is drawn evenly from its step of the forecast's distribution (Czado,
  Gneiting & Held 2009). Among m histories it is (below + V (1 + equal)) / (m + 1), V uniform: uniform itself where
  the record is one more history, whatever m.
* Weeks of one history depend on each other, so a uniform law of independent PIT values is no yardstick. The
  Cramer-von Mises distance of the record's values from uniform is held against those of the histories themselves, each
  ranked among the others and the record. Its rank gives a p-value that is exact where the record is one more history.

An ensemble has shape (runs, weeks) and is what the record would show (`observing.observed`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from fragile_peace_lab.calibration.series import Weekly


@dataclass(frozen=True)
class Scores:
    """CRPS by week, on both scales; NaN where the week is not observed.

    Attributes
    ----------
    counts : of violations
    logs : of log(1 + violations)
    record : what was scored
    """

    counts: np.ndarray
    logs: np.ndarray
    record: Weekly

    def means(self) -> dict[str, tuple[float, float]]:
        """Return the means on both scales over all observed weeks, those that a fit may read and those held out."""
        parts = {"all": self.record.observed, "fitted": self.record.fitted, "held_out": self.record.held_out}
        return {
            name: (float(np.nanmean(self.counts[weeks])), float(np.nanmean(self.logs[weeks])))
            for name, weeks in parts.items()
        }


@dataclass(frozen=True)
class PitTest:
    """The test of some weeks.

    Attributes
    ----------
    pit : of the record, one a week
    statistic : its Cramer-von Mises distance from uniform
    p : share of histories, the record among them, at least as far
    """

    pit: np.ndarray
    statistic: float
    p: float


def crps(ensemble: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the fair CRPS by column: ensemble (runs, weeks), values (weeks,); NaN where a value is NaN."""
    runs = len(ensemble)
    ordered = np.sort(ensemble, axis=0)
    weight = 2 * np.arange(1, runs + 1) - runs - 1  # of the pairs in which a member is the greater, less the others
    spread = np.tensordot(weight, ordered, 1) / (runs * (runs - 1))
    scores: np.ndarray = np.abs(ensemble - values).mean(0) - spread
    return scores


def scores(shown: np.ndarray, record: Weekly) -> Scores:
    """Return the CRPS of an ensemble of what the record would show."""
    values = np.where(record.observed, record.violations.astype(float), np.nan)
    return Scores(crps(shown, values), crps(np.log1p(shown), np.log1p(values)), record)


def pits(pool: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the randomised PIT of every history of a pool (runs, weeks) among all the others, by week."""
    low, high = rankdata(pool, "min", axis=0), rankdata(pool, "max", axis=0)
    places: np.ndarray = (low - 1 + rng.random(pool.shape) * (high - low + 1)) / len(pool)
    return places


def distance(pit: np.ndarray) -> np.ndarray:
    """Return the Cramer-von Mises distance from uniform along the last axis."""
    number = pit.shape[-1]
    middle = (2 * np.arange(1, number + 1) - 1) / (2 * number)
    statistic: np.ndarray = ((np.sort(pit, axis=-1) - middle) ** 2).sum(-1) + 1 / (12 * number)
    return statistic


def pit_test(shown: np.ndarray, record: Weekly, rng: np.random.Generator, weeks: np.ndarray | None = None) -> PitTest:
    """Return whether the record of some weeks (the held-out ones) could be one more history of the ensemble.

    Runs of one posterior member are alike, so that the p-value of m runs is worth that of fewer independent ones.
    """
    chosen = record.held_out & record.observed if weeks is None else weeks
    return pit_test_of(shown[:, chosen], record.violations[chosen], rng)


def pit_test_of(histories: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> PitTest:
    """Return whether values (times,) could be one more of some histories (histories, times)."""
    found = pits(np.concatenate([values[None], histories]), rng)
    far = distance(found)
    return PitTest(found[0], float(far[0]), float((far >= far[0]).mean()))


def inside(shown: np.ndarray, values: np.ndarray, share: float) -> float:
    """Return which share of the known values (NaN: unknown) lies in the central interval of an ensemble."""
    known = ~np.isnan(values)
    low, high = np.quantile(shown[:, known], ((1 - share) / 2, (1 + share) / 2), axis=0)
    return float(((low <= values[known]) & (values[known] <= high)).mean())
