"""The weekly series in blocks of four weeks, as the fit reads it: the mean week of the days known, nothing held out."""

import numpy as np

from fragile_peace_lab.calibration.series import Weekly, record

SPAN = 4  # weeks: shorter ones scatter more, longer ones hide the course
DAYS = 7


def of_record() -> list[tuple[int, int, float]]:
    """Return first week, last week and mean violations a week of every block of the record."""
    known = record()
    levels = of_weeks(known.violations[None].astype(float))[0]
    return [(int(weeks[0]), int(weeks[-1]), float(level)) for weeks, level in zip(_weeks(known), levels, strict=True)]


def of_weeks(counts: np.ndarray) -> np.ndarray:
    """Return the blocks' mean violations a week, shape (runs, blocks), of counts of the days known, (runs, weeks)."""
    known = record()
    return np.stack([DAYS * counts[:, weeks].sum(axis=1) / known.days[weeks].sum() for weeks in _weeks(known)], axis=1)


def _weeks(known: Weekly) -> list[np.ndarray]:
    fitted = np.flatnonzero(known.fitted)
    return [fitted[fitted // SPAN == block] for block in np.unique(fitted // SPAN)]
