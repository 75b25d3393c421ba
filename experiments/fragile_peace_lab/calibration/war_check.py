"""The war block's sample held against its records: on file, and played afresh on the engine.

A class's curve is the mean over its members of P(the war comes back by t) in `no_force`; it must lie within the stated
tolerance of its record at 1, 2, 5 and 10 years. An expert's must lie between his 5 % and 95 % quantiles. The mixture
has no record of its own: its row shows the records averaged by weight, and nothing is asked of it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fragile_peace.codes import EndCause
from fragile_peace.cores import cores
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.calibration.war import ELICITED, FIRST, HASTY, HORIZONS, MOST_HASTY, NAMES
from fragile_peace_lab.calibration.war_fit import width
from fragile_peace_lab.calibration.war_path import EARLY, WEEKS, WORLD, YEAR, Paths, tension_path
from fragile_peace_lab.calibration.war_pool import Source
from fragile_peace_lab.design.labels import TACTICAL
from fragile_peace_lab.design.war_sample import FIRST_REVIEW, WarSample, within
from fragile_peace_lab.estimates.intervals import wilson

SEED = 20290316
MIXTURE = "mixture"
SHOWN = (EARLY, *(YEAR * year for year in HORIZONS))
COLUMNS = ("source", "members", "weeks", "model", "mc_low", "mc_high", "record", "low", "high", "within")
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Check:
    """What a sample says of its records.

    Attributes
    ----------
    curves : one row a source and horizon, then the mixture's: COLUMNS; mc_* is the error of the runs, NaN on file
    hasty : the share of all members that are hasty and no tactical signers
    first_review : the greatest chance at the first review among those who are no tactical signers
    """

    curves: pd.DataFrame
    hasty: float
    first_review: float

    @property
    def passed(self) -> bool:
        """Whether every curve is within its tolerance and both bars are kept, the second to three decimals."""
        curves = bool(self.curves["within"].fillna(True).all())
        return curves and self.hasty < MOST_HASTY and round(self.first_review, 3) <= FIRST


def on_file(sample: WarSample, sources: Sequence[Source]) -> Check:
    """Return the check by the chances that the file holds."""
    came_back = np.array([sample.columns[within(week)] for week in SHOWN]).T
    first = np.asarray(sample.columns[FIRST_REVIEW])
    early, later = came_back[:, 0], came_back[:, SHOWN.index(2 * YEAR)]
    return Check(_curves(sample, sources, came_back, 0), *_bars(sample, first, early, later))


def afresh(sample: WarSample, sources: Sequence[Source], runs: int = 8, tell: Tell | None = None) -> Check:
    """Return the check by runs of the engine, with draws that no fit has seen.

    The curves are shares of runs; the bars need chances, which come from reviews along a tension path of its own.
    """
    world = Scenario.load(WORLD)
    points = [sample.point(index) for index in range(len(sample))]

    def played(index: int) -> np.ndarray:  # each member with draws of its own: all together are independent
        played: np.ndarray = simulate([world.override(points[index])], runs, SEED + index, WEEKS, threads=1)[0]
        return played

    rows = []
    with ThreadPoolExecutor(cores()) as pool:
        for done, row in enumerate(pool.map(played, range(len(points))), 1):
            rows.append(row)
            if tell is not None:
                tell(done, len(points))
    found = np.array(rows)
    wars = found["end_cause"] != EndCause.HORIZON
    came_back = np.stack([(wars & (found["weeks"] <= week)).mean(1) for week in SHOWN], axis=1)
    paths = Paths(tension_path(SEED))
    chances = [paths.came_back({name: point[name] for name in NAMES}, 2 * YEAR) for point in points]
    first, early, later = (np.array([curve[week // paths.every - 1] for curve in chances])
                           for week in (paths.every, EARLY, 2 * YEAR))  # fmt: skip
    return Check(_curves(sample, sources, came_back, runs), *_bars(sample, first, early, later))


def _bars(sample: WarSample, first: np.ndarray, early: np.ndarray, later: np.ndarray) -> tuple[float, float]:
    earnest = sample.columns[TACTICAL] == "no"
    hasty = earnest & (early > HASTY * later)
    return float(hasty.mean()), float(first[earnest].max(initial=0.0))


def _curves(sample: WarSample, sources: Sequence[Source], came_back: np.ndarray, runs: int) -> pd.DataFrame:
    """Return the rows of every source and of the mixture; `runs` of each member, 0 for chances."""
    rows = []
    for source in sources:
        chosen = sample.members(source.name)
        for week, share in zip(SHOWN, came_back[chosen].mean(0), strict=True):
            year = week // YEAR
            ends = source.tolerance(year) if year in HORIZONS else None
            low, high = ends or (np.nan, np.nan)
            record = source.recorded(year) if year in HORIZONS else source.early_record
            hit = None if ends is None else bool(low <= share <= high)
            rows.append((source.name, int(chosen.sum()), week, share, *_error(share, int(chosen.sum()) * runs),
                         np.nan if record is None else record, low, high, hit))  # fmt: skip
    weights = {source.name: source.weight for source in sources}
    for week, share in zip(SHOWN, came_back.mean(0), strict=True):
        record = sum(weights[row[0]] * row[6] for row in rows if row[2] == week)
        rows.append(
            (MIXTURE, len(sample), week, share, *_error(share, len(sample) * runs), record, np.nan, np.nan, None)
        )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"within": object})


def _error(share: float, runs: int) -> tuple[float, float]:
    if not runs:
        return np.nan, np.nan
    low, high = wilson(share, runs)
    return float(low), float(high)


def narrowed(sample: WarSample) -> pd.DataFrame:
    """Return how far each unknown was narrowed: its prior, then the ratio of 90 % widths and the median.

    One column `width_` and `median_` a source and for the mixture; `width_signed` is what participation alone leaves.
    An unknown that nothing informs has a ratio of about 1.
    """
    rows = []
    for item in ELICITED:
        low, high = item.prior.support
        row: dict[str, object] = {"parameter": item.name, "curve": item.curve, "prior": item.prior.kind,
                                  "prior_low": low, "prior_high": high,
                                  "width_signed": sample.about["signed_widths"][item.name]}  # fmt: skip
        for source in (*sample.sources, MIXTURE):
            chosen = sample.members(source) if source != MIXTURE else np.ones(len(sample), bool)
            values = sample.columns[item.name][chosen]
            row |= {f"width_{source}": width(item, values), f"median_{source}": float(np.median(values))}
        rows.append(row)
    return pd.DataFrame(rows)


def check_sources(sample: WarSample, sources: Sequence[Source]) -> None:
    """Refuse a sample that other sources or weights were used for. Raises InputError."""
    made = dict(sample.about["sources"])
    asked = {source.name: round(source.weight, 9) for source in sources}
    if made != asked:
        raise InputError(f"--classes: the sample was made with {made}, the file has {asked}; fit it again with --war")
