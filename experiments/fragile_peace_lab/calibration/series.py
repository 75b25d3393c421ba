"""The record that a simulated history is held against: violations by week of the truce of 27 July 2020.

`smm_daily.csv` holds the counts that the OSCE mission printed, one a row: first and last day (each from 19:30 of the
day before), region, violations, how many of them a printed exercise was, whether one was mentioned without a number
(`some`, `most`), and how the count is known:

* own: the report of these days prints it;
* next: a later report prints it as its previous 24 hours or previous reporting period;
* difference: a week-end's count less its last day's, which the next report prints;
* total: both regions since 27 July, or of a fortnight; `parts`: the sum of the printed kinds of violation, where the
  outlet rounded the total.

Weeks of seven days are counted from 27 July 2020 (week 0). A week's count is that of its known days, both regions
together, and goes with their number; nothing is filled in. A day known for one region alone is not known. Totals add
the days between two of them that no report covers, where all these lie in one week: their sum is then known, though
not each of them. No row spans the end of a week. Printed numbers of exercises are subtracted.
"""

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import numpy as np

from fragile_peace.errors import InputError

START = dt.date(2020, 7, 27)
WEEKS = 54
"""To 8 August 2021, the last printed total."""
HELD_OUT = (30, 31, 32, 33, 45, 46, 47, 48, 49, 50, 51, 52, 53)
"""Thirteen weeks that no fit may read, named before any: no summary target reads them (those read weeks 0-22 and
34-44), four stand where the truce erodes and nine are the last, and each has at least four known days."""
REGIONS = ("donetsk", "luhansk")
TOTALS = ("total", "parts")


@dataclass(frozen=True)
class Row:
    """One printed count; days are numbered from 27 July 2020, both ends included."""

    first: int
    last: int
    region: str
    violations: int
    exercise: int
    said: str
    known_from: str

    @property
    def days(self) -> range:
        """The days that it counts."""
        return range(self.first, self.last + 1)

    @property
    def net(self) -> int:
        """What is left without the printed exercise."""
        return self.violations - self.exercise


@dataclass(frozen=True)
class Weekly:
    """The weekly record; arrays of one entry a week.

    Attributes
    ----------
    week : number of the week, from 0
    days : how many of its days are known, 0 to 7
    violations : count of these days, less printed exercises; both regions
    printed : whether the number of an exercise was printed and subtracted
    said : whether an exercise was mentioned without its number
    held_out : whether no fit may read it
    daily : shape (weeks, 7), the days known one by one, less printed exercises; NaN elsewhere
    """

    week: np.ndarray
    days: np.ndarray
    violations: np.ndarray
    printed: np.ndarray
    said: np.ndarray
    held_out: np.ndarray
    daily: np.ndarray

    @property
    def observed(self) -> np.ndarray:
        """The weeks of which any day is known."""
        return self.days > 0

    @property
    def fitted(self) -> np.ndarray:
        """The observed weeks that a fit may read."""
        used: np.ndarray = self.observed & ~self.held_out
        return used


def rows() -> tuple[Row, ...]:
    """Return the table of printed counts."""
    text = files("fragile_peace").joinpath("smm_daily.csv").read_text(encoding="utf-8")
    return tuple(
        Row(_day(line["start"]), _day(line["end"]), line["region"], int(line["violations"]),
            int(line["exercise"] or 0), line["exercise_said"], line["known_from"])
        for line in csv.DictReader(text.splitlines())
    )  # fmt: skip


@lru_cache(maxsize=1)
def record() -> Weekly:
    """Return the weekly record of the shipped table."""
    return weekly(rows())


def weekly(table: Iterable[Row], weeks: int = WEEKS, held_out: tuple[int, ...] = HELD_OUT) -> Weekly:
    """Return the weekly record of a table. Raises InputError where rows cover a day twice or span a week's end."""
    table = tuple(table)
    reports = known_reports(table)
    days, net = np.zeros(weeks, int), np.zeros(weeks, int)
    printed, said = np.zeros(weeks, bool), np.zeros(weeks, bool)
    by_day: dict[int, list[int]] = {}
    for row in reports:
        own = row.first // 7
        if row.last // 7 != own:
            raise InputError(f"smm_daily: the row of days {row.first}-{row.last} spans the end of a week")
        net[own] += row.net
        printed[own] |= row.exercise > 0
        said[own] |= bool(row.said)
        if row.first == row.last:
            by_day.setdefault(row.first, []).append(row.net)
    for day in _covered(reports):
        days[day // 7] += 1
    for unknown, count in deduced(table):
        days[unknown[0] // 7] += len(unknown)
        net[unknown[0] // 7] += count
    daily = np.full(weeks * 7, np.nan)
    for day, counts in by_day.items():
        if len(counts) == len(REGIONS):
            daily[day] = sum(counts)
    week = np.arange(weeks)
    return Weekly(week, days, net, printed, said, np.isin(week, held_out), daily.reshape(weeks, 7))


def known_reports(table: Iterable[Row]) -> list[Row]:
    """Return the rows of days that are known for both regions. Raises InputError where a day is counted twice."""
    own = [row for row in table if row.known_from not in TOTALS]
    covered = []
    for region in REGIONS:
        days = [day for row in own if row.region == region for day in row.days]
        if len(days) > len(set(days)):
            raise InputError(f"smm_daily: a day of {region} is counted twice")
        covered.append(set(days))
    both = covered[0] & covered[1]
    kept = [row for row in own if both.issuperset(row.days)]
    if any(not both.isdisjoint(row.days) for row in own if row not in kept):
        raise InputError("smm_daily: a row covers days of which the other region's report covers only a part")
    return kept


def intervals(table: Iterable[Row]) -> list[tuple[int, int, int]]:
    """Return first day, last day and count of what the printed totals say: between neighbours, and by themselves."""
    totals = [row for row in table if row.known_from in TOTALS]
    since = sorted((row for row in totals if row.first == 0), key=lambda row: row.last)
    found = [(0, since[0].last, since[0].violations)] if since else []
    found += [(a.last + 1, b.last, b.violations - a.violations) for a, b in pairwise(since)]
    return found + [(row.first, row.last, row.violations) for row in totals if row.first > 0]


def deduced(table: Iterable[Row]) -> list[tuple[tuple[int, ...], int]]:
    """Return sets of days that no report covers, all in one week, with the count that the totals leave for them."""
    table = tuple(table)
    reports = known_reports(table)
    known = [(set(row.days), row.violations) for row in reports]
    found: list[tuple[tuple[int, ...], int]] = []
    for first, last, count in intervals(table):
        span = set(range(first, last + 1))
        if any(not span.issuperset(days) and not span.isdisjoint(days) for days, _ in known):
            continue
        inside = [(days, violations) for days, violations in known if days <= span]
        unknown = tuple(sorted(span.difference(*(days for days, _ in inside))))
        if unknown and unknown[0] // 7 == unknown[-1] // 7:
            found.append((unknown, count - sum(violations for _, violations in inside)))
            known.append((set(unknown), found[-1][1]))
    return found


def _covered(reports: Iterable[Row]) -> set[int]:
    return {day for row in reports for day in row.days}


def _day(text: str) -> int:
    return (dt.date.fromisoformat(text) - START).days
