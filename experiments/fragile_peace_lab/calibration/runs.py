"""From parameter values to the scored outputs: four simulated worlds a point, with the same draws at every point.

* before: `donbas_2019` over 238 weeks, of which the first 52 stand for 2019;
* truce: `donbas_truce_2020` over 75 weeks;
* weak: `donbas_2019` with a restraint of one third at the start, over 20 weeks;
* mission: `un_observers` over its own horizon.

A Donbas run that ends in a war (about one in a hundred) is left out: its series has no end to compare. Outputs come
with the variance of their Monte Carlo mean, both on the scale of the target (logarithms where it says so).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate, simulate_weekly
from fragile_peace_lab.calibration.targets import (
    DATED,
    FREE,
    HANDED_ON,
    HOLD,
    KM,
    TARGETS,
    TRUCE,
    WEAK_RESTRAINT,
    WEAK_WEEKS,
    WEEKS_AFTER,
    WEEKS_BEFORE,
    YEAR,
)

BATCH = 4  # points simulated together: bounds the memory that the weeks take
NAMES = tuple(target.name for target in TARGETS)
Point = Mapping[str, float]


@dataclass(frozen=True)
class Series:
    """The weeks of one world that matter here: arrays of shape (runs, weeks), runs that lasted."""

    recorded: np.ndarray
    events: np.ndarray
    deaths: np.ndarray


@dataclass(frozen=True)
class Worlds:
    """Everything that was simulated at one point."""

    before: Series
    truce: Series
    weak: Series
    deaths: np.ndarray  # of the mission's troops, by run
    years: np.ndarray  # thousand troop-years, by run


def scenarios(point: Point) -> tuple[Scenario, Scenario, Scenario, Scenario]:
    """Return the four worlds of a point."""
    own = {name: point[name] for name in HANDED_ON}
    event = {free.parameter: point[free.name] for free in FREE if free.scenario == TRUCE}
    line = Scenario.load("donbas_2019").override(own)
    return (
        line,
        Scenario.load(TRUCE).override(own | event),
        line.override({"truce.restraint": WEAK_RESTRAINT}),
        Scenario.load("un_observers").override(own),
    )


def simulate_points(
    points: Sequence[Point], runs: int, seed: int, tell: Callable[[int], None] | None = None
) -> list[Worlds]:
    """Return what happens at each point, `runs` runs each; `tell` hears how many are done."""
    found: list[Worlds] = []
    for start in range(0, len(points), BATCH):
        before, truce, weak, mission = zip(*(scenarios(point) for point in points[start : start + BATCH]), strict=True)
        lines = [
            _series(worlds, runs, seed, weeks)
            for worlds, weeks in ((before, WEEKS_BEFORE), (truce, WEEKS_AFTER), (weak, WEAK_WEEKS))
        ]
        outcomes = simulate(mission, runs, seed)
        deaths, years = outcomes["deaths"].sum(-1), outcomes["troop_years"].sum(-1) / 1000
        found += [Worlds(*parts) for parts in zip(*lines, deaths, years, strict=True)]
        if tell is not None:
            tell(len(found))
    return found


def _series(worlds: Sequence[Scenario], runs: int, seed: int, weeks: int) -> list[Series]:
    told = simulate_weekly(worlds, runs, seed, weeks, kept=runs)
    found = []
    for outcomes, rows in zip(told.outcomes, told.weeks, strict=True):
        rows = rows[outcomes["weeks"] == weeks]
        recorded = rows["recorded_R_s"].sum(-1) + rows["recorded_U_s"].sum(-1)
        parts = (recorded, rows["local_events_s"].sum(-1), rows["local_deaths_s"].sum(-1))
        found.append(Series(*(part.astype(float) for part in parts)))
    return found


def outputs(worlds: Worlds) -> np.ndarray:
    """Return value and Monte Carlo variance of every target, shape (targets, 2), on the targets' scales.

    Rounded to nine decimals: processors that add in another order agree on these.
    """
    found = []
    for target, (value, variance) in zip(TARGETS, _means(worlds), strict=True):
        found.append((np.log(value), variance / value**2) if target.log else (value, variance))
    return np.round(found, 9)


def realisations(worlds: Worlds) -> np.ndarray:
    """Return every target in its unit for each run, shape (targets, runs): what one history might have shown.

    Deaths in the mission are a rate over missions, so each run repeats the rate over all of them.
    """
    before, truce = worlds.before.recorded[:, :YEAR].mean(1), worlds.truce.recorded
    runs = min(len(before), len(truce), len(worlds.weak.recorded))
    year = worlds.before.recorded[:, :YEAR].sum(1)
    ratio, memory, level = _pooled(worlds)
    rows: list[Any] = [
        before / 7 / KM,
        truce[:runs, :23].mean(1) / before.mean(),
        truce[:, :18].mean(1) / 7,
        truce[:runs, 34:45].mean(1) / before.mean(),
        1000 * worlds.before.deaths[:, :YEAR].sum(1) / year,
        worlds.before.events[:, :YEAR].mean(1),
        level,
        ratio,
        memory,
        7.0 * _held(worlds),
        np.full(runs, _mission(worlds)[0]),
    ]
    return np.array([row[:runs] for row in rows])


def _means(worlds: Worlds) -> list[tuple[float, float]]:
    """Return mean and Monte Carlo variance of every target in its unit, in the order of TARGETS."""
    before, truce = worlds.before.recorded[:, :YEAR].mean(1), worlds.truce.recorded
    ratio, memory, level = _pooled(worlds)
    return [
        _mean(before / 7 / KM),
        _quotient(_mean(truce[:, :23].mean(1)), _mean(before)),
        _mean(truce[:, :18].mean(1) / 7),
        _quotient(_mean(truce[:, 34:45].mean(1)), _mean(before)),
        _ratio(1000 * worlds.before.deaths[:, :YEAR].sum(1), worlds.before.recorded[:, :YEAR].sum(1)),
        _mean(worlds.before.events[:, :YEAR].mean(1)),
        _mean(level),
        _mean(ratio),
        _mean(memory),
        _mean(np.maximum(7.0 * _held(worlds), 1.0)),
        _mission(worlds),
    ]


def _mean(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.var(ddof=1) / len(values))


def _quotient(top: tuple[float, float], bottom: tuple[float, float]) -> tuple[float, float]:
    """Return a quotient of independent means with its variance by the delta method."""
    value = top[0] / bottom[0]
    return value, value**2 * (top[1] / top[0] ** 2 + bottom[1] / bottom[0] ** 2)


def _ratio(top: np.ndarray, bottom: np.ndarray) -> tuple[float, float]:
    """Return the ratio of two totals over runs with its variance by linearisation."""
    value = float(top.sum() / bottom.sum())
    return value, float((top - value * bottom).var(ddof=1) / len(top) / bottom.mean() ** 2)


def _mission(worlds: Worlds) -> tuple[float, float]:
    """Return hostile deaths per 1,000 troop-years; half a death is added, so that none at all has a logarithm."""
    value, variance = _ratio(worlds.deaths + 0.5 / len(worlds.deaths), worlds.years)
    return value, max(variance, value / float(worlds.years.sum()))  # at least that of a Poisson count


def _held(worlds: Worlds) -> np.ndarray:
    """Return for how many weeks each weak truce held; one that outlasts the watch counts as the whole of it."""
    back = worlds.weak.recorded >= HOLD * worlds.before.recorded[:, :YEAR].mean()
    return np.where(back.any(1), back.argmax(1), WEAK_WEEKS)


def _pooled(worlds: Worlds) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, by run, variance/mean, lag-1 correlation and mean of weekly events dated to a day, 2016-21.

    Of events thinned at random with chance p, the mean is p m, the variance p^2 v + p (1 - p) m and the covariance of
    neighbouring weeks p^2 c, for mean m, variance v and covariance c of all events.
    """
    runs = min(len(worlds.before.events), len(worlds.truce.events))
    counts = np.concatenate([worlds.before.events[:runs], worlds.truce.events[:runs]], axis=1)
    mean = counts.mean(1)
    off = counts - mean[:, None]
    variance = DATED**2 * (off**2).mean(1) + DATED * (1 - DATED) * mean
    covariance = DATED**2 * (off[:, 1:] * off[:, :-1]).mean(1)
    return variance / (DATED * mean), covariance / variance, DATED * mean
