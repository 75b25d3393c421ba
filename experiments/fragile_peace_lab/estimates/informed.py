"""What an outcome's parameter variance rests on: records, likeness to other wars, or ranges that no record informs.

The unknowns of a sweep fall into three groups that are drawn independently of one another:

    record   calibrated members: what the records of violations and truces leave open
    classes  the war block's sample: ranges that agree with how often other wars came back
    prior    priors that the sweep gives itself, informed by no record

For member values v_m (`members`) the share of a group G is its first-order index, Var(E(v | G)) / Var(v). E(v | G) is
taken to be a sum of a straight line and a parabola in the normal score of each unknown of G (the straight line alone
where members are too few for both), fitted by least squares; of the S² of the values it explains

    S² R²_adj,   R²_adj = 1 - (1 - R²)(M - 1)/(M - 1 - terms)

which is free of bias where E(v | G) is such a sum, and low where it is not: what unknowns do together, within a group
or across, is in no share. Var(v) is S² less the noise of the runs, so that few runs do not hide what is there.
Intervals are 95 % t intervals of the delete-a-block jackknife over `BLOCKS` blocks of members.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from fragile_peace_lab.design.labels import role
from fragile_peace_lab.design.war_sample import WarSample
from fragile_peace_lab.estimates import members
from fragile_peace_lab.estimates.intervals import LEVEL
from fragile_peace_lab.estimates.measure import cell
from fragile_peace_lab.estimates.outcomes import Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import frame

NAME = "informed"
RECORD, CLASSES, PRIOR, NO_RECORD = "record", "classes", "prior", "no_record"
GROUPS = (RECORD, CLASSES, PRIOR)
BLOCKS = 16
SPARE = 2.0
"""Members for each fitted term, at least."""
TOO_FEW = "too few members, or no spread beyond the noise of the runs"
COLUMNS = ("outcome", "title", "group", "n_unknowns", "n_members", "estimate", "low", "high", "note")


class Share(NamedTuple):
    """A share of the variance between members, with its interval; all NaN where members are too few."""

    estimate: float
    low: float
    high: float


def groups_of(points: pa.Table, priors: Collection[str]) -> dict[str, np.ndarray]:
    """Return the unknowns of each group of a design in one structure, shape (members, unknowns).

    Columns that do not vary, and names and switches, are left out; `priors` are those that the sweep gives itself.
    """
    sample = points["sample"].to_numpy()
    first = np.unique(sample, return_index=True)[1]
    war = WarSample.load().roles
    found: dict[str, list[np.ndarray]] = {group: [] for group in GROUPS}
    for field in points.schema:
        if role(points, field.name) == "uncertainty" and pa.types.is_floating(field.type):
            values = points[field.name].to_numpy()[first]
            if values.min() < values.max():
                found[PRIOR if field.name in priors else CLASSES if field.name in war else RECORD].append(values)
    return {group: np.array(columns).T.reshape(len(first), len(columns)) for group, columns in found.items()}


def shares(values: np.ndarray, variance: float, groups: Mapping[str, np.ndarray]) -> dict[str, Share]:
    """Return the first-order share of each group, and of those without a record of this war together (NO_RECORD).

    Parameters
    ----------
    values : of each member, shape (M,)
    variance : between members, corrected for the noise of the runs, in units of `values` squared
    groups : unknowns by group, shape (M, unknowns)
    """
    size, noise = len(values), values.var(ddof=1) - variance
    bases = {group: _basis(unknowns) for group, unknowns in groups.items()}
    if any(size < SPARE * basis.shape[1] + 2 for basis in bases.values()) or size < 2 * BLOCKS or variance <= 0:
        return {name: Share(np.nan, np.nan, np.nan) for name in (*groups, NO_RECORD)}
    everyone = np.arange(size)
    whole = _explained(values, noise, bases, everyone)
    blocks = [_explained(values, noise, bases, everyone[everyone % BLOCKS != block]) for block in range(BLOCKS)]
    found = {}
    for name, estimate in whole.items():
        left = np.array([block[name] for block in blocks])
        se = np.sqrt((BLOCKS - 1) / BLOCKS * ((left - left.mean()) ** 2).sum())
        reach = stats.t.isf((1 - LEVEL) / 2, BLOCKS - 1) * se
        found[name] = Share(*(float(np.clip(end, 0.0, 1.0)) for end in (estimate, estimate - reach, estimate + reach)))
    return found


def _basis(unknowns: np.ndarray) -> np.ndarray:
    """The fitted terms: normal scores, and their squares where there are members enough."""
    size, width = unknowns.shape
    scores = stats.norm.ppf((stats.rankdata(unknowns, axis=0) - 0.5) / size) if width else unknowns
    return scores if size < SPARE * 2 * width + 2 else np.hstack([scores, scores**2])


def _explained(values: np.ndarray, noise: float, bases: Mapping[str, np.ndarray], kept: np.ndarray) -> dict[str, float]:
    """The shares of some members."""
    own = values[kept] - values[kept].mean()
    square = own.var(ddof=1)
    found = {group: square * _adjusted(own, basis[kept]) / (square - noise) for group, basis in bases.items()}
    return found | {NO_RECORD: sum(found.get(group, 0.0) for group in (CLASSES, PRIOR))}


def _adjusted(own: np.ndarray, basis: np.ndarray) -> float:
    """The adjusted R² of centred values on some terms."""
    size, width = basis.shape
    if not width:
        return 0.0
    centred = basis - basis.mean(0)
    left = own - centred @ np.linalg.lstsq(centred, own, rcond=None)[0]
    return float(1.0 - (left @ left) / (own @ own) * (size - 1) / (size - 1 - width))


def informed_table(
    runs: Runs, setting: int, points: pa.Table, priors: Collection[str], outcomes: Collection[Outcome]
) -> pd.DataFrame:
    """Return the shares of some outcomes at a setting of the levers: one row an outcome and a group.

    Parameters
    ----------
    runs : of one structure
    setting : which of its settings
    points : its design, in that structure
    priors : unknowns for which the sweep gives priors of its own
    """
    groups = groups_of(points, priors)
    rows = []
    for outcome in outcomes:
        found = cell(runs, outcome, setting)
        kept = found.d.sum(1) > 0
        enough = kept.sum() >= 2 and found.d.shape[1] >= 2
        spread = members.spread(found.each[kept], found.d[kept], found.own) if enough else None
        own = {group: unknowns[kept] for group, unknowns in groups.items()}
        values, variance = (spread.values, float(spread.variance)) if spread is not None else (np.zeros(0), 0.0)
        for name, share in shares(values, variance, own).items() if spread is not None else ():
            rows.append({
                "outcome": outcome.name, "title": outcome.title, "group": name,
                "n_unknowns": sum(groups[g].shape[1] for g in ((CLASSES, PRIOR) if name == NO_RECORD else (name,))),
                "n_members": int(kept.sum()), **share._asdict(),
                "note": "" if np.isfinite(share.estimate) else TOO_FEW,
            })  # fmt: skip
    return frame(rows, COLUMNS)
