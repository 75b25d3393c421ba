"""Deaths of a mission's troops: what the fatal events of simulated runs let expect, and how much of it in large ones.

Of a run its fatal events are taken as they came, whose they were and how many troops stood there; how many each kills
is taken as the mean of the law of sizes (E5.7, E5.9) instead of one draw, which adds nothing but noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fragile_peace.codes import Action
from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.casualties import largest_event
from fragile_peace.kernels.chance.samplers import power_sums
from fragile_peace.runs.simulation import simulate_weekly

LARGE = 5
"""Deaths from which an event is large [un_event_size_all]."""


@dataclass(frozen=True)
class Mission:
    """Expected deaths, expected deaths in large events, and thousand troop-years: arrays of one entry a run."""

    deaths: np.ndarray
    large: np.ndarray
    years: np.ndarray

    @property
    def rate(self) -> float:
        """Deaths per 1,000 troop-years; half a death is added, so that none at all has a logarithm."""
        return (float(self.deaths.sum()) + 0.5) / float(self.years.sum())

    @property
    def share(self) -> float:
        """The share of deaths in large events, 0 where nobody died."""
        return float(self.large.sum()) / max(float(self.deaths.sum()), 1e-9)

    def variances(self) -> tuple[float, float]:
        """Return the Monte Carlo variances of the rate's logarithm, at least a Poisson count's, and of the share."""
        deaths, runs = self.deaths + 0.5 / len(self.deaths), len(self.deaths)
        off = (deaths - self.rate * self.years).var(ddof=1) / runs / deaths.mean() ** 2
        shared = (self.large - self.share * self.deaths).var(ddof=1) / runs / deaths.mean() ** 2
        return max(float(off), 1 / float(deaths.sum())), float(shared)


def simulate_missions(worlds: Sequence[Sequence[Scenario]], runs: int, seed: int) -> list[Mission]:
    """Return each mission, given by one or more scenarios, `runs` runs of each scenario."""
    flat = [scenario for world in worlds for scenario in world]
    told = simulate_weekly(flat, runs, seed, kept=runs)
    parts = [
        (*_events(scenario, weeks), outcomes["troop_years"].sum(-1) / 1000)
        for scenario, weeks, outcomes in zip(flat, told.weeks, told.outcomes, strict=True)
    ]
    found, first = [], 0
    for world in worlds:
        own = zip(*parts[first : first + len(world)], strict=True)
        found.append(Mission(*(np.concatenate(part) for part in own)))
        first += len(world)
    return found


def _events(scenario: Scenario, weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return expected deaths of each run and those in large events, of weeks of shape (runs, weeks)."""
    row = rows([scenario])[0][0]
    deaths, large = np.zeros(len(weeks)), np.zeros(len(weeks))
    for run, week, s in np.argwhere(weeks["K_s"] > 0):
        event = weeks[run, week]
        tail = row["strike_tail"] if event["action_R_s"][s] == Action.STRIKE else row["breach_tail"]
        each = sizes(int(largest_event(row, s, float(event["m_s"][s]))), float(tail))
        deaths[run] += each[0]
        large[run] += each[1]
    return deaths, large


@lru_cache(maxsize=4096)
def sizes(most: int, tail: float) -> tuple[float, float]:
    """Return the mean of an event's deaths, and the part of it in large events (E5.7)."""
    total, weighted = power_sums(most, tail)
    small = power_sums(min(most, LARGE - 1), tail)[1]
    return weighted / total, (weighted - small) / total
