"""What the record would show of a simulated week: the days that are known, and exercises whose number is not printed.

A model gives the violations recorded in a whole week. The record differs in two ways.

* Days. Of n violations in a week, those of k known days are Binomial(n, B) with B ~ Beta(a k, a (7 - k)): the days'
  shares are Dirichlet(a, ..., a). `DAY_SHAPE` a is the greatest likelihood of the daily counts of the fitted weeks,
  given their sums (`day_shape`); a day's share then scatters by 100 % about a seventh.
* Exercises. A printed number is subtracted from the record; where none is printed, a week has with `EXERCISE_CHANCE`
  one exercise that counts in, on one day, so it is seen with chance k / 7. Its size is lognormal. In a week with a
  printed number nothing is added.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import dirichlet_multinomial

from fragile_peace_lab.calibration.series import Row, Weekly

DAYS = 7
DAY_SHAPE = 0.7
"""0.71 (0.58 to 0.85) in the 41 weeks that a fit may read."""
EXERCISE_CHANCE = 0.15
"""A week in ten has an exercise mentioned without its number (5 of the 50 without a printed one); assumption: half as
many again go unmentioned."""
EXERCISE_MEDIAN, EXERCISE_SPREAD = 150.0, 1.3
"""Geometric mean, and standard deviation of the logarithm, of the ten exercises of the record (`exercise_sizes`)."""
SHARE_SAID = {"some": 0.5, "most": 0.75}
"""What part of a day's count an exercise made of which only that is said; assumption."""


def observed(
    recorded: np.ndarray, days: np.ndarray, rng: np.random.Generator, printed: np.ndarray | None = None
) -> np.ndarray:
    """Return what the record would show of simulated weeks; NaN in a week of which no day is known.

    Parameters
    ----------
    recorded : (runs, weeks) violations recorded in whole weeks
    days : (weeks,) known days of each, 0 to 7
    rng : where draws come from
    printed : (weeks,) whether an exercise is printed and subtracted; nowhere where it is left out
    """
    weeks = np.broadcast_to(days, recorded.shape)
    some = np.clip(weeks, 1, DAYS - 1)
    share = np.where(weeks < DAYS, rng.beta(DAY_SHAPE * some, DAY_SHAPE * (DAYS - some)), 1.0)
    shown = rng.binomial(np.rint(recorded).astype(np.int64), share).astype(float)
    seen = rng.random(recorded.shape) < weeks / DAYS
    shown += np.where(seen, exercises(recorded.shape, rng, printed), 0.0)
    return np.where(weeks > 0, shown, np.nan)


def observed_days(recorded: np.ndarray, rng: np.random.Generator, printed: np.ndarray | None = None) -> np.ndarray:
    """Return simulated weeks day by day as the record would show them, shape (runs, weeks, 7); see `observed`."""
    shares = rng.gamma(DAY_SHAPE, size=(*recorded.shape, DAYS))
    shares /= shares.sum(-1, keepdims=True)
    shown = rng.multinomial(np.rint(recorded).astype(np.int64), shares).astype(float)
    which = rng.integers(DAYS, size=(*recorded.shape, 1))
    extra = exercises(recorded.shape, rng, printed)[..., None]
    return shown + np.where(np.arange(DAYS) == which, extra, 0.0)


def exercises(shape: tuple[int, ...], rng: np.random.Generator, printed: np.ndarray | None = None) -> np.ndarray:
    """Return the violations of exercises without a printed number, by run and week; most weeks have none."""
    size = np.rint(rng.lognormal(np.log(EXERCISE_MEDIAN), EXERCISE_SPREAD, shape))
    held = rng.random(shape) < EXERCISE_CHANCE
    return np.where(held if printed is None else held & ~printed, size, 0.0)


def exercise_sizes(table: tuple[Row, ...]) -> np.ndarray:
    """Return the sizes of the exercises in the record: as printed, else the part said of the day's count."""
    found = [row.exercise or SHARE_SAID[row.said] * row.violations for row in table if row.exercise or row.said]
    return np.array(found, float)


def day_shape(record: Weekly, weeks: np.ndarray) -> float:
    """Return the a of greatest likelihood of the daily counts in some weeks, given the sums of the days known.

    The counts of some of a week's days, given their sum, are Dirichlet-multinomial with the same a as those of all.
    """
    known = [row[~np.isnan(row)].astype(int) for row in record.daily[weeks]]
    known = [row for row in known if len(row) > 1 and row.sum() > 0]

    def less(log_a: float) -> float:
        a = np.exp(log_a)
        return -sum(float(dirichlet_multinomial.logpmf(row, np.full(len(row), a), row.sum())) for row in known)

    return float(np.exp(minimize_scalar(less, bounds=(-4.0, 4.0), method="bounded").x))
