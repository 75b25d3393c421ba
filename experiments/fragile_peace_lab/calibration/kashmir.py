"""The two truces on the Line of Control as the record counts them, and whether it could be one more history.

The record of the truce of November 2003 is a count a calendar year, 2004 to 2013 (`targets.LOC_COUNTS`); that of its
renewal in February 2021 one count over 22 months. Both are told as shares of the level before: violations a week over
those of the second year of a line without truce in the same history, beside counts over those of 2002 and of 2020. The
fit reads them in three spans of years and as one number; here they stand year by year, as the record prints them.

A renewal has one count, so that its test is that of a single value: p is about twice the smaller tail.
"""

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from fragile_peace_lab.calibration.runs import Worlds, level_before
from fragile_peace_lab.calibration.scoring import PitTest, pit_test_of
from fragile_peace_lab.calibration.targets import LOC_2002, LOC_COUNTS, TARGETS

SEED = 20270903
BEGAN = dt.date(2003, 11, 24)
YEARS = tuple(range(2004, 2004 + len(LOC_COUNTS)))
SERIES: Mapping[str, str] = {
    "kashmir_2003": "the truce of November 2003, by year from 2004 to 2013",
    "kashmir_2021": "its renewal of February 2021, 22 months in one count",
}
"""The two series; `shares` and `recorded` have them in this order."""
COUNTED = {"kashmir_2003": YEARS, "kashmir_2021": (2021,)}
"""The year in which each of their counts begins."""


def recorded() -> dict[str, np.ndarray]:
    """Return the record's shares of the level before, by series, shape (counts,)."""
    renewed = next(target.observed for target in TARGETS if target.name == "loc_2021")
    return dict(zip(SERIES, (np.array(LOC_COUNTS) / LOC_2002, np.array([renewed])), strict=True))


def shares(worlds: Worlds) -> dict[str, np.ndarray]:
    """Return the same of every history that lasted in both lines, by series, shape (histories, counts)."""
    level = level_before(worlds)
    after, renewed = (worlds.lines[name].recorded / level for name in ("loc_2003", "loc_2021"))
    by_year = np.stack([after[:, weeks].mean(axis=1) for weeks in years(after.shape[1])], axis=1)
    found = (by_year, renewed.mean(axis=1, keepdims=True))
    return {name: part[np.isfinite(part).all(axis=1)] for name, part in zip(SERIES, found, strict=True)}


def years(weeks: int) -> list[slice]:
    """Return the weeks of each year of the record: those that begin in it, up to the last that is simulated."""
    first = [-(-(dt.date(year, 1, 1) - BEGAN).days // 7) for year in (*YEARS, YEARS[-1] + 1)]
    return [slice(start, min(end, weeks)) for start, end in pairwise(first)]


def judged(histories: Mapping[str, np.ndarray], seed: int = SEED) -> dict[str, PitTest]:
    """Return, by series, whether the record could be one more history (`shares`, of many worlds), at a fixed seed."""
    return {
        name: pit_test_of(histories[name], values, np.random.default_rng([seed, number]))
        for number, (name, values) in enumerate(recorded().items())
    }
