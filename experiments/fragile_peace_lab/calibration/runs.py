"""From parameter values to outputs: the simulated worlds of a point, with the same draws at every point.

* before: `donbas_2019` over 238 weeks, of which the first 52 stand for 2019;
* truce: `donbas_truce_2020` over 75 weeks, as the record would show it (`observing`);
* weak: `donbas_2019` with a restraint of one third at the start, over 20 weeks;
* mission: `un_observers` over its own horizon, a fourth of the runs each from four starts of its truce;
* loc_before, loc_2003, loc_2021: `kashmir_loc` without a truce, after November 2003 and after February 2021.

Worlds are independent histories: each has draws of its own. A run of a line that ends in a war (about one in a hundred)
has no end to compare: its series is NaN. Outputs are on the scale of their targets (logarithms where these say so).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate_weekly
from fragile_peace_lab.calibration.blocks import of_weeks
from fragile_peace_lab.calibration.free import FREE, HANDED_ON, LOC, LOC_2003, LOC_2021, TRUCE
from fragile_peace_lab.calibration.mission import Mission, simulate_missions
from fragile_peace_lab.calibration.observing import observed
from fragile_peace_lab.calibration.series import record
from fragile_peace_lab.calibration.targets import (
    DATED,
    EPISODE,
    HOLD,
    KM,
    LOC_KM,
    LOC_WEEKS,
    MISSION_STARTS,
    OUTPUTS,
    RENEWED_WEEKS,
    WEAK_WEEKS,
    WEEKS_AFTER,
    WEEKS_BEFORE,
    YEAR,
)
from fragile_peace_lab.design.posterior import START, WEAK

BATCH = 4  # points simulated together: bounds the memory that the weeks take
NAMES = tuple(target.name for target in OUTPUTS)
LINES = {"before": WEEKS_BEFORE, "truce": WEEKS_AFTER, "weak": WEAK_WEEKS,
         "loc_before": 2 * YEAR, "loc_2003": LOC_WEEKS, "loc_2021": RENEWED_WEEKS}  # fmt: skip
SAME = 1e-9  # standard deviation below which histories are the same, but for rounding
APART = 7919  # between the seeds of two worlds
Point = Mapping[str, float]


@dataclass(frozen=True)
class Series:
    """The weeks of one world that matter here: arrays of shape (runs, weeks), NaN for runs that did not last."""

    recorded: np.ndarray
    events: np.ndarray
    deaths: np.ndarray


@dataclass(frozen=True)
class Worlds:
    """Everything that was simulated at one point; `shown` is what the record of the truce would show, by week."""

    lines: Mapping[str, Series]
    shown: np.ndarray
    mission: Mission


def scenarios(point: Point) -> dict[str, Scenario]:
    """Return the worlds of a point but the mission's, by name."""
    own = {name: point[name] for name in HANDED_ON}
    line = Scenario.load("donbas_2019").override(own)
    truce = {free.parameter: point[free.name] for free in FREE if free.event == TRUCE}
    gain = point[f"{LOC}:russia.raid_gain"]
    gains = {"russia.raid_gain": gain, "ukraine.raid_gain": gain * own["ukraine.raid_gain"] / own["russia.raid_gain"]}
    loc = Scenario.load(LOC).override(own | gains)
    return {
        "before": line,
        "truce": Scenario.load(TRUCE).override(own | truce),
        "weak": line.override({START: WEAK}),
        "loc_before": loc.override({START: 0.0}),
        "loc_2003": loc.override({START: point[f"{LOC_2003}:{START}"]}),
        "loc_2021": loc.override({START: point[f"{LOC_2021}:{START}"]}),
    }


def missions(point: Point) -> list[Scenario]:
    """Return the mission's scenario from every start of its truce."""
    base = Scenario.load("un_observers").override({name: point[name] for name in HANDED_ON})
    return [base.override({START: start}) for start in MISSION_STARTS]


def simulate_points(
    points: Sequence[Point], runs: int, seed: int, tell: Callable[[int], None] | None = None
) -> list[Worlds]:
    """Return what happens at each point, `runs` runs of each world; `tell` hears how many points are done."""
    found: list[Worlds] = []
    for start in range(0, len(points), BATCH):
        batch = points[start : start + BATCH]
        worlds = [scenarios(point) for point in batch]
        lines = {
            name: _lines([world[name] for world in worlds], runs, seed + APART * number, weeks)
            for number, (name, weeks) in enumerate(LINES.items())
        }
        each = -(-runs // len(MISSION_STARTS))
        for name in ("loc_2003", "loc_2021"):
            lines[name] = [_episodes(line, seed) for line in lines[name]]
        mission = simulate_missions([missions(point) for point in batch], each, seed + APART * len(LINES))
        for index in range(len(batch)):
            own = {name: series[index] for name, series in lines.items()}
            found.append(Worlds(own, _shown(own["truce"], seed), mission[index]))
        if tell is not None:
            tell(len(found))
    return found


def _lines(worlds: Sequence[Scenario], runs: int, seed: int, weeks: int) -> list[Series]:
    told = simulate_weekly(worlds, runs, seed, weeks, kept=runs)
    found = []
    for outcomes, rows in zip(told.outcomes, told.weeks, strict=True):
        lasted = (outcomes["weeks"] == weeks)[:, None]
        recorded = rows["recorded_R_s"].sum(-1) + rows["recorded_U_s"].sum(-1)
        parts = (recorded, rows["local_events_s"].sum(-1), rows["local_deaths_s"].sum(-1))
        found.append(Series(*(np.where(lasted, part, np.nan) for part in parts)))
    return found


def _episodes(line: Series, seed: int) -> Series:
    """Return a line whose record counts episodes: so few in a calm year that none may be; in violations again."""
    counts = np.nan_to_num(line.recorded).astype(np.int64)
    counted = np.random.default_rng(seed).binomial(counts, 1 / EPISODE) * EPISODE
    return replace(line, recorded=np.where(np.isnan(line.recorded), np.nan, counted))


def _shown(truce: Series, seed: int) -> np.ndarray:
    """Return what the record would show of the weeks that it has: counts of the days known, shape (runs, weeks)."""
    known = record()
    recorded = truce.recorded[:, : len(known.days)]
    shown = observed(np.nan_to_num(recorded), known.days, np.random.default_rng(seed), known.printed)
    return np.where(np.isnan(recorded), np.nan, shown)


def level_before(worlds: Worlds) -> np.ndarray:
    """Return the violations a week on the Line of Control in its second year without a truce, shape (runs, 1)."""
    scale: np.ndarray = np.maximum(worlds.lines["loc_before"].recorded[:, YEAR:].mean(1, keepdims=True), 1.0)
    return scale


def histories(worlds: Worlds) -> np.ndarray:
    """Return every output of each run on its target's scale, shape (outputs, runs): NaN where a run did not last.

    Rates over many histories (`Target.history`) are the same in each run.
    """
    before, truce = worlds.lines["before"], worlds.lines["truce"]
    year = before.recorded[:, :YEAR]
    level, runs = year.mean(1), len(year)
    ratio, memory, events = _pooled(before, truce)
    loc = level_before(worlds)
    after, renewed = worlds.lines["loc_2003"].recorded / loc, worlds.lines["loc_2021"].recorded / loc
    rows = [
        year.mean(1) / 7 / KM,
        truce.recorded[:, :23].mean(1) / level,
        truce.recorded[:, :18].mean(1) / 7,
        truce.recorded[:, 34:45].mean(1) / level,
        1000 * before.deaths[:, :YEAR].sum(1) / year.sum(1),
        before.events[:, :YEAR].mean(1),
        events,
        ratio,
        memory,
        7.0 * _held(worlds.lines["weak"], level),
        np.full(runs, worlds.mission.rate),
        np.full(runs, worlds.mission.share),
        worlds.lines["loc_before"].recorded[:, YEAR:].mean(1) / 7 / LOC_KM,
        after[:, 6:162].mean(1),
        after[:, 162:371].mean(1),
        after[:, 371:].mean(1),
        renewed.mean(1),
        *of_weeks(worlds.shown).T,
    ]
    scaled = [np.log(row + target.offset) if target.log else row for target, row in zip(OUTPUTS, rows, strict=True)]
    return np.array(scaled)


def outputs(worlds: Worlds) -> np.ndarray:
    """Return of every output the mean, its Monte Carlo variance and the variance of histories: shape (outputs, 3).

    Rounded to nine decimals: processors that add in another order agree on these.
    """
    found = histories(worlds)
    number = np.maximum(2, np.isfinite(found).sum(1))
    spread = np.nanvar(found, axis=1, ddof=1)
    table = np.stack([np.nanmean(found, axis=1), spread / number, spread], axis=1)
    rates = [index for index, target in enumerate(OUTPUTS) if not target.history]
    table[rates, 1], table[rates, 2] = worlds.mission.variances(), 0.0
    return np.round(table, 9)


def correlations(worlds: Worlds) -> np.ndarray:
    """Return how the outputs of a history go together, shape (outputs, outputs): 0 for rates over many histories."""
    found = histories(worlds)
    lasted = found[:, np.isfinite(found).all(axis=0)]
    off = lasted - lasted.mean(axis=1, keepdims=True)
    spread = np.sqrt((off**2).mean(axis=1))
    scaled = off / np.where(spread > SAME, spread, np.inf)[:, None]
    products: np.ndarray = np.round(scaled @ scaled.T / lasted.shape[1], 9)
    return products


def _held(weak: Series, level: np.ndarray) -> np.ndarray:
    """Return for how many weeks each weak truce held; one that outlasts the watch counts as the whole of it."""
    back = weak.recorded >= HOLD * level[:, None]
    held = np.where(back.any(1), back.argmax(1), WEAK_WEEKS)
    return np.where(np.isnan(weak.recorded[:, 0]), np.nan, held)


def _pooled(before: Series, truce: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, by run, variance/mean, lag-1 correlation and mean of weekly events dated to a day, 2016-21.

    Of events thinned at random with chance p, the mean is p m, the variance p^2 v + p (1 - p) m and the covariance of
    neighbouring weeks p^2 c, for mean m, variance v and covariance c of all events.
    """
    counts = np.concatenate([before.events, truce.events], axis=1)
    mean = counts.mean(1)
    off = counts - mean[:, None]
    variance = DATED**2 * (off**2).mean(1) + DATED * (1 - DATED) * mean
    covariance = DATED**2 * (off[:, 1:] * off[:, :-1]).mean(1)
    with np.errstate(invalid="ignore"):  # a run without any event has no ratio
        return variance / (DATED * mean), covariance / variance, DATED * mean
