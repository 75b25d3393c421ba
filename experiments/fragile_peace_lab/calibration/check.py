"""Posterior predictive check: members of the posterior simulated afresh and held against every record.

Each member gets draws of its own. What one history might have shown, over members and runs, gives the median and the
90 % interval of a target. A target is hit where the median lies within its tolerance; a score, where all its targets
are hit. The weekly series is hit where its mean CRPS (`scoring`) over all weeks, of counts, is at least `BETTER` below
that of a random walk with negative-binomial weeks and below that of the model as it was before (`baselines`). CRPS of
logarithms is reported beside it. Every series has its probability integral transform: the weeks held out, which must
not be rejected, and the two of the Line of Control (`kashmir`), which the fit has read and which are only reported.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from fragile_peace.cores import cores
from fragile_peace_lab.calibration import kashmir
from fragile_peace_lab.calibration.baselines import compared
from fragile_peace_lab.calibration.free import FREE
from fragile_peace_lab.calibration.retrodiction import judged, retold
from fragile_peace_lab.calibration.runs import Worlds, histories, outputs, simulate_points
from fragile_peace_lab.calibration.scoring import PitTest
from fragile_peace_lab.calibration.series import record
from fragile_peace_lab.calibration.targets import FITTED, HELD_OUT, OUTPUTS, SCORES, SERIES, TARGETS, YEAR
from fragile_peace_lab.calibration.walk import Walk
from fragile_peace_lab.calibration.walk import fit as fit_walk
from fragile_peace_lab.design.posterior import Posterior

SEED = 20270308
ENOUGH = 11
BETTER = 0.25
LEVEL = 0.01  # of the test of the held-out weeks
EDGE = 0.05
COLUMNS = ("target", "score", "unit", "observed", "low", "high", "median", "p05", "p95", "hit", "inside", "use")


@dataclass(frozen=True)
class Check:
    """What a posterior predicts.

    Attributes
    ----------
    table : one row a target: COLUMNS; low and high bound the tolerance, p05 and p95 the model's 90 % interval
    recorded : violations by week of every line (`runs.LINES`), shape (runs, weeks), of the runs that lasted
    level, loc_level : violations a week before the truces, by line
    scores : mean CRPS of the weekly series, a row a forecast: the model, model 1, the random walk
    shown : what the record would show of the truce of 2020, shape (runs, weeks) (`retrodiction.retold`)
    test : of the weeks held out
    kashmir : of the two truces on the Line of Control, by series
    """

    table: pd.DataFrame
    recorded: Mapping[str, np.ndarray]
    level: float
    loc_level: float
    scores: pd.DataFrame
    shown: np.ndarray
    test: PitTest
    kashmir: Mapping[str, PitTest]

    @property
    def series_hit(self) -> bool:
        """Whether the weekly series is foreseen better than by the baselines."""
        mean = self.scores.set_index("forecast")["counts_all"]
        return bool(mean["model"] <= (1 - BETTER) * mean["random walk"] and mean["model"] < mean["model 1"])

    @property
    def hits(self) -> list[str]:
        """The scored outputs all of whose targets are hit."""
        rows = self.table.groupby("score")["hit"].all()
        return [score for score in SCORES if (self.series_hit if score == SERIES else rows[score])]

    @property
    def passed(self) -> bool:
        """Whether enough scored outputs are hit and the held-out weeks are not rejected."""
        return len(self.hits) >= ENOUGH and self.test.p >= LEVEL


def check(posterior: Posterior, members: int = 64, runs: int = 8, tell: Callable[[int], None] | None = None) -> Check:
    """Simulate the first members of a posterior, or as many as it has, with draws that no fit has seen."""
    done = 0
    worlds: list[Worlds] = []
    with ThreadPoolExecutor(cores()) as pool:

        def simulated(index: int) -> Worlds:
            return simulate_points([posterior.member(index)], runs, SEED + index)[0]

        for world in pool.map(simulated, range(min(members, len(posterior)))):
            worlds.append(world)
            done += 1
            if tell is not None:
                tell(done)
    recorded = {name: _lasted([world.lines[name].recorded for world in worlds]) for name in worlds[0].lines}
    shown = retold(recorded["truce"], record())
    loc = [kashmir.shares(world) for world in worlds]
    return Check(
        _table(np.concatenate([histories(world)[: len(TARGETS)] for world in worlds], axis=1)),
        recorded,
        float(recorded["before"][:, :YEAR].mean()),
        float(recorded["loc_before"][:, YEAR:].mean()),
        compared(shown, record(), walk()),
        shown,
        judged(shown, record()),
        kashmir.judged({name: np.concatenate([part[name] for part in loc]) for name in kashmir.SERIES}),
    )


@lru_cache(maxsize=1)
def walk() -> Walk:
    """Return the random walk that fits the weekly record."""
    return fit_walk(record())


def _lasted(parts: list[np.ndarray]) -> np.ndarray:
    whole = np.concatenate(parts)
    kept: np.ndarray = whole[np.isfinite(whole[:, 0])]
    return kept


def _table(shown: np.ndarray) -> pd.DataFrame:
    rows = []
    for target, values in zip(TARGETS, shown, strict=True):
        low, high = target.tolerance
        p05, median, p95 = (target.unit_value(float(value)) for value in np.nanquantile(values, (0.05, 0.5, 0.95)))
        hit, inside = low <= median <= high, p05 - 1e-12 <= target.observed <= p95
        rows.append((target.name, target.score, target.unit, target.observed, low, high, median, p05, p95, hit, inside,
                     target.use))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def single(point: dict[str, float], runs: int = 64) -> np.ndarray:
    """Return every target's typical value in its unit at one point, such as the declared defaults."""
    found = outputs(simulate_points([point], runs, SEED)[0])[:, 0]
    return np.array([target.unit_value(value) for target, value in zip(TARGETS, found[: len(TARGETS)], strict=True)])


def identified(posterior: Posterior) -> pd.DataFrame:
    """Return how far each parameter was narrowed: prior range, posterior quantiles, and the ratio of 90 % widths.

    Widths and positions are on the scale of the prior (logarithms for a loguniform one, log-odds for the start of a
    truce), so that an uninformed parameter has a ratio of 1; `low`, `mid`, `high` are its 5, 50 and 95 % points as
    shares of the prior range; `low_edge` and `high_edge` the shares of members within EDGE of its ends.
    """
    rows = []
    for free in FREE:
        values = posterior.columns[free.name]
        place = free.place(values)
        low, mid, high = np.quantile(place, (0.05, 0.5, 0.95))
        real = np.quantile(values, (0.05, 0.5, 0.95))
        informed = [output.name for output in OUTPUTS if free.name in output.informs and output.use == FITTED]
        rows.append((free.name, free.low, free.high, *real, low, mid, high, (high - low) / 0.9,
                     *edges(place),
                     posterior.member(posterior.representative)[free.name], " ".join(informed)))  # fmt: skip
    names = ["parameter", "prior_low", "prior_high", "p05", "median", "p95", "low", "mid", "high", "width",
             "low_edge", "high_edge", "representative", "informed_by"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def edges(place: np.ndarray) -> tuple[float, float]:
    """Return the shares of places in a prior (`Free.place`) that are within EDGE of its lower and its upper end."""
    return float((place < EDGE).mean()), float((place > 1 - EDGE).mean())


def pit_table(found: Check) -> pd.DataFrame:
    """Return the probability integral transform of every series: a row a count, with the p-value of its series."""
    known = record()
    weeks = known.week[known.held_out & known.observed]
    parts = [("truce_2020_held_out", "week", weeks, found.test)]
    parts += [(name, "year", kashmir.COUNTED[name], test) for name, test in found.kashmir.items()]
    rows = [
        (name, unit, int(at), float(value), test.p)
        for name, unit, times, test in parts
        for at, value in zip(times, test.pit, strict=True)
    ]
    return pd.DataFrame(rows, columns=["series", "unit", "at", "pit", "p"])


def held_out(found: Check) -> list[str]:
    """Return the targets that no fit has read."""
    return list(found.table.loc[found.table["use"] == HELD_OUT, "target"])
