"""Which unknowns drive an outcome: Sobol's first-order and total indices of a Saltelli sweep.

For an outcome f of independent unknowns, S_i = V(E(f | x_i)) / V(f) is the share of its variance that goes when x_i is
known, and T_i = E(V(f | all but x_i)) / V(f) what stays when all others are (Sobol 1993; estimators of Saltelli et al.
2010 and Jansen 1999). With A, B and AB_i the blocks of the design (`design.points`), y their outcomes,

    S_i = mean(y_B (y_ABi - y_A)) / V,    T_i = mean((y_A - y_ABi)^2) / (2 V).

Intervals are 95 % percentile bootstraps over the blocks. An outcome is the mean over the runs of a point; where a
compensator has the mean of an event, it is used, since it is far less noisy. What noise is left counts as interaction:
it raises every T_i alike, and `noise` says by how much.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fragile_peace.errors import InputError, nearest, shown
from fragile_peace_lab.estimates.outcomes import BY_NAME, Outcome
from fragile_peace_lab.estimates.own import reported
from fragile_peace_lab.store import folder as store

HEADLINES = ("collapse", "nato_russia_war", "exchange_of_fire", "european_death", "violations_true_line")
RESAMPLES, SEED = 1000, 20260101


def sobol(y: np.ndarray, width: int, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, np.ndarray]:
    """Return first-order and total indices with their 95 % intervals.

    Parameters
    ----------
    y : outcomes of a Saltelli design, blocks of width + 2: A, AB_1 ... AB_width, B
    width : unknowns

    Returns
    -------
    first, first_low, first_high, total, total_low, total_high : shape (width,); all zero where nothing varies

    Raises
    ------
    InputError : y is not whole blocks
    """
    if len(y) % (width + 2) or len(y) < 2 * (width + 2):
        raise InputError(f"sensitivity: {len(y)} points are not at least two whole blocks of {width + 2}")
    blocks = y.reshape(-1, width + 2)
    first, total = _indices(blocks)
    draws = np.random.default_rng(seed).integers(0, len(blocks), (resamples, len(blocks)))
    again = [_indices(blocks[rows]) for rows in draws]
    found = {"first": first, "total": total}
    for name, values in (("first", [a for a, _ in again]), ("total", [b for _, b in again])):
        found[f"{name}_low"], found[f"{name}_high"] = np.quantile(values, (0.025, 0.975), axis=0)
    return found


def _indices(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, mixed, b = blocks[:, 0], blocks[:, 1:-1], blocks[:, -1]
    both = np.concatenate([a, b])
    variance = both.var()
    if variance <= 0:
        return np.zeros(mixed.shape[1]), np.zeros(mixed.shape[1])
    centred = b - both.mean()  # lowers the variance of the estimator, not its mean
    first = (centred[:, None] * (mixed - a[:, None])).mean(0) / variance
    total = ((a[:, None] - mixed) ** 2).mean(0) / (2 * variance)
    return first, total


def indices(folder: str | Path, outcomes: tuple[str, ...] = HEADLINES) -> pd.DataFrame:
    """Return the indices of a Saltelli sweep: one row an outcome and an unknown, by outcome, then by total index.

    Levers are averaged over. Raises InputError where the sweep is none of `{saltelli: N}` or is not complete.
    """
    where = Path(folder)
    manifest = store.read_manifest(where)
    if "saltelli" not in manifest["sweep"]["design"]["uncertainties"]:
        raise InputError(f"{where}: is no Saltelli design; set design.uncertainties: {{saltelli: N}} in the sweep")
    if manifest["state"] != store.COMPLETE:
        raise InputError(f"{where}: is not complete; run the sweep with --resume")
    names = list(manifest["sweep"]["uncertainties"])
    points = store.design_of(where).to_pandas()
    rows = []
    known = {**BY_NAME, **{own.name: own for own in reported(manifest)}}
    for outcome in [named(name, known) for name in outcomes]:
        name = outcome.name
        values, noise = _by_sample(where, outcome, points)
        found = sobol(values, len(names))
        order = np.argsort(-found["total"], kind="stable")
        variance = values.var()
        share = float(noise / variance) if variance > 0 else 0.0
        for rank, i in enumerate(order, 1):
            about = {"outcome": name, "title": outcome.title, "prior_driven": outcome.prior_driven}
            rows.append(about | {"uncertainty": names[i], "rank": rank, "noise": share}
                        | {key: float(value[i]) for key, value in found.items()})  # fmt: skip
    return pd.DataFrame(rows)


def named(name: str, known: Mapping[str, Outcome]) -> Outcome:
    """Return an outcome by its name. Raises InputError."""
    if name not in known:
        raise InputError(f"outcome: {shown(name)} is not one of what is reported{nearest(name, known)}")
    return known[name]


def _by_sample(folder: Path, outcome: Outcome, points: pd.DataFrame) -> tuple[np.ndarray, float]:
    """Return the outcome of every sample, averaged over levers, and the Monte Carlo variance of these values."""
    if outcome.controls and outcome.additive:
        tops = [f"compensator_{event}" for event in outcome.controls]
    else:
        tops = list(outcome.columns)
    runs = store.read(folder, ["point", *tops, *outcome.minus, *outcome.over]).to_pandas()
    runs = runs.merge(points[["point", "sample"]], on="point", validate="many_to_one")
    top, bottom = _parts(outcome, runs, tops)
    frame = pd.DataFrame({"sample": runs["sample"], "top": top, "bottom": bottom})
    sums = frame.groupby("sample", sort=True)[["top", "bottom"]].sum()
    if (sums["bottom"] <= 0).any():
        raise InputError(f"{outcome.name}: cannot be ranked: in some sample no run has it")
    value = sums["top"] / sums["bottom"]
    frame["off"] = frame["top"] - frame["bottom"] * frame["sample"].map(value)
    counts = frame.groupby("sample", sort=True)["off"].agg(["var", "size"])
    noise = counts["var"] * counts["size"] / sums["bottom"] ** 2
    return outcome.scale * value.to_numpy(), float(outcome.scale**2 * noise.mean()) if len(noise) else 0.0


def _parts(outcome: Outcome, runs: pd.DataFrame, tops: list[str]) -> tuple[pd.Series, pd.Series]:
    """Return each run's numerator and denominator, as `measure.measure` has them without its control variates."""
    total = runs[tops].astype(float).sum(axis=1, skipna=False)
    if outcome.minus:
        total = total - runs[list(outcome.minus)].astype(float).sum(axis=1)
    ones = pd.Series(1.0, index=runs.index)
    if outcome.known:
        return total.notna().astype(float), ones
    if outcome.at_least is not None:
        return (total >= outcome.at_least).astype(float), ones
    over = runs[list(outcome.over)].sum(axis=1).astype(float) if outcome.over else total.notna().astype(float)
    return total.fillna(0.0), over
