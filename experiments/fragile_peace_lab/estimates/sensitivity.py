"""Which unknowns drive an outcome, in any sweep: Sobol's indices of a Saltelli design, else first-order shares.

Where samples are no Saltelli design, the share of an outcome's variance over the members that goes when one unknown
is known is read off the members themselves, by a regression on each unknown alone (`informed.shares`). Total indices
cannot be had from such samples. Where unknowns go together, as in a posterior, what one says of another is in its
share, too, and shares add up to more than one. Levers are averaged over: totals of all settings, draw by draw; where
the sweep declares structures, in the first of them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.errors import InputError
from fragile_peace_lab.design.labels import role
from fragile_peace_lab.estimates import members, sobol
from fragile_peace_lab.estimates.informed import BLOCKS, TOO_FEW, Share, shares
from fragile_peace_lab.estimates.measure import cell
from fragile_peace_lab.estimates.outcomes import BY_NAME, Outcome
from fragile_peace_lab.estimates.own import reported
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.store import folder as store

FEWEST = 2 * BLOCKS


def sensitivity(folder: str | Path, outcomes: Sequence[str] = ()) -> pd.DataFrame:
    """Return what drives some outcomes of a sweep: one row an outcome and an unknown, the strongest first.

    Parameters
    ----------
    folder : of a finished sweep
    outcomes : names of what is reported; the headlines and all own outcomes if none are given

    Returns
    -------
    outcome, title, prior_driven, uncertainty, rank, noise (share of the variance that the runs make), first, first_low,
    first_high; of a Saltelli design also total, total_low, total_high; else note

    Raises
    ------
    InputError : no such outcome, a sweep that is not complete, fewer than `FEWEST` members
    """
    where = Path(folder)
    manifest = store.read_manifest(where)
    chosen = tuple(outcomes) or (*sobol.HEADLINES, *(own.name for own in reported(manifest)))
    if "saltelli" in manifest["sweep"]["design"]["uncertainties"]:
        return sobol.indices(where, chosen)
    if manifest["state"] != store.COMPLETE:
        raise InputError(f"{where}: is not complete; run the sweep with --resume")
    known = {**BY_NAME, **{own.name: own for own in reported(manifest)}}
    asked = [sobol.named(name, known) for name in chosen]
    runs = Runs.load(where, list(dict.fromkeys(column for outcome in asked for column in outcome.needs)))
    runs = runs.within(runs.structures[0]) if runs.structures else runs
    if runs.members < FEWEST:
        raise InputError(f"{where}: has {runs.members} samples of the unknowns; sensitivity needs {FEWEST} at least")
    unknowns = unknowns_of(store.design_of(where))
    return pd.DataFrame([row for outcome in asked for row in _rows(runs, outcome, unknowns)])


def unknowns_of(points: pa.Table) -> dict[str, np.ndarray]:
    """Return the unknowns of a design whose values have an order and vary, shape (members,), in its first structure."""
    first = np.unique(points["sample"].to_numpy(), return_index=True)[1]
    found = {}
    for name in points.column_names:
        if role(points, name) == "uncertainty" and not pa.types.is_string(points.schema.field(name).type):
            values = points[name].to_numpy()[first].astype(float)
            if values.min() < values.max():
                found[name] = values
    return found


def _rows(runs: Runs, outcome: Outcome, unknowns: dict[str, np.ndarray]) -> list[dict[str, object]]:
    cells = [cell(runs, outcome, setting) for setting in range(len(runs.settings))]
    n, d = np.sum([one.each for one in cells], axis=0), np.sum([one.d for one in cells], axis=0)
    kept = d.sum(1) > 0
    about = {"outcome": outcome.name, "title": outcome.title, "prior_driven": outcome.prior_driven}
    none, noise = Share(np.nan, np.nan, np.nan), np.nan
    found = dict.fromkeys(unknowns, none)
    if kept.sum() >= FEWEST and n.shape[1] > 1:
        spread = members.spread(n[kept], d[kept], runs.own_draws)
        columns = {name: values[kept, None] for name, values in unknowns.items()}
        found |= shares(spread.values, float(spread.variance), columns)
        square = spread.values.var(ddof=1)
        noise = float(spread.noise / square) if square > 0 else np.nan
    order = sorted(unknowns, key=lambda name: -np.nan_to_num(found[name].estimate))
    rows = []
    for rank, name in enumerate(order, 1):
        share = found[name]
        first = {"first": share.estimate, "first_low": share.low, "first_high": share.high}
        note = "" if np.isfinite(share.estimate) else TOO_FEW
        rows.append({**about, "uncertainty": name, "rank": rank, "noise": noise, **first, "note": note})
    return rows
