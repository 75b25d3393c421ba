"""Posterior predictive check: members of the posterior simulated afresh and held against every target.

Each member gets draws of its own. What one history might have shown, over members and runs, gives the median and the
90 % interval of a target. A target is hit where the median lies within its tolerance; a score, where all its targets
are hit.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fragile_peace_lab.calibration.runs import Worlds, outputs, realisations, simulate_points
from fragile_peace_lab.calibration.targets import FREE, SCORES, TARGETS, YEAR
from fragile_peace_lab.design.posterior import Posterior

SEED = 20270308
ENOUGH = 7
COLUMNS = ("target", "score", "unit", "observed", "low", "high", "median", "p05", "p95", "hit", "inside", "held_out")


@dataclass(frozen=True)
class Check:
    """What a posterior predicts.

    Attributes
    ----------
    table : one row a target: COLUMNS; low and high bound the tolerance, p05 and p95 the model's 90 % interval
    curve : recorded violations by week of the truce of 2020 as a share of those before: week, median, p05, p95
    """

    table: pd.DataFrame
    curve: pd.DataFrame

    @property
    def hits(self) -> list[str]:
        """The scored outputs all of whose targets are hit."""
        return [score for score in SCORES if self.table.loc[self.table["score"] == score, "hit"].all()]

    @property
    def passed(self) -> bool:
        """Whether enough scored outputs are hit."""
        return len(self.hits) >= ENOUGH


def check(posterior: Posterior, members: int = 64, runs: int = 8, tell: Callable[[int], None] | None = None) -> Check:
    """Simulate the first members of a posterior, or as many as it has, with draws that no fit has seen."""
    done = 0
    worlds: list[Worlds] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def simulated(index: int) -> Worlds:
            return simulate_points([posterior.member(index)], runs, SEED + index)[0]

        for world in pool.map(simulated, range(min(members, len(posterior)))):
            worlds.append(world)
            done += 1
            if tell is not None:
                tell(done)
    shown = np.concatenate([realisations(world) for world in worlds], axis=1)
    rows = []
    for target, values in zip(TARGETS, shown, strict=True):
        low, high = target.tolerance
        p05, median, p95 = (float(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
        hit, inside = low <= median <= high, p05 <= target.observed <= p95
        rows.append((target.name, target.score, target.unit, target.observed, low, high, median, p05, p95, hit, inside,
                     target.held_out))  # fmt: skip
    share = np.concatenate([world.truce.recorded / world.before.recorded[:, :YEAR].mean() for world in worlds], axis=0)
    bands = np.quantile(share, (0.05, 0.5, 0.95), axis=0)
    curve = pd.DataFrame({"week": np.arange(share.shape[1]), "p05": bands[0], "median": bands[1], "p95": bands[2],
                          "mean": share.mean(0)})  # fmt: skip
    return Check(pd.DataFrame(rows, columns=list(COLUMNS)), curve)


def single(point: dict[str, float], runs: int = 64) -> np.ndarray:
    """Return every target's expected value in its unit at one point, such as the declared defaults."""
    found = outputs(simulate_points([point], runs, SEED)[0])[:, 0]
    return np.array([np.exp(v) if target.log else v for target, v in zip(TARGETS, found, strict=True)])


def identified(posterior: Posterior) -> pd.DataFrame:
    """Return how far each parameter was narrowed: prior range, posterior quantiles, and the ratio of 90 % widths.

    Widths and positions are on the scale of the prior (logarithms for a loguniform one), so that an uninformed
    parameter has a ratio of 1; `low`, `mid`, `high` are its 5, 50 and 95 % points as shares of the prior range.
    """
    rows = []
    for free in FREE:
        ends = np.array([free.low, free.high])
        values = posterior.columns[free.name]
        if free.kind == "loguniform":
            ends, values = np.log(ends), np.log(values)
        low, mid, high = np.quantile((values - ends[0]) / (ends[1] - ends[0]), (0.05, 0.5, 0.95))
        real = np.quantile(posterior.columns[free.name], (0.05, 0.5, 0.95))
        informed = [target.name for target in TARGETS if free.name in target.informs and not target.held_out]
        rows.append((free.name, free.low, free.high, *real, low, mid, high, (high - low) / 0.9,
                     posterior.member(posterior.representative)[free.name], " ".join(informed)))  # fmt: skip
    names = ["parameter", "prior_low", "prior_high", "p05", "median", "p95", "low", "mid", "high", "width",
             "representative", "informed_by"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)
