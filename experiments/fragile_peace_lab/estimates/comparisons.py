"""What a lever changes, run against run; and how many runs a wanted precision takes.

Settings of the levers are played with the same random numbers and on the same members, whether or not members share
their draws, so that a difference is taken draw by draw: its standard error is that of the draws' influences on
theta_b - theta_a, and

    variance factor = (se_a² + se_b²)/se_difference²

says how many times more runs two independent samples would need. The parameter band is that of members' differences.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates import intervals, members
from fragile_peace_lab.estimates.compensators import ratio_of
from fragile_peace_lab.estimates.measure import ONE_DRAW, Measured, cell, parameter_band
from fragile_peace_lab.estimates.outcomes import PROBABILITY, SHARE, Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import BANDS, FROM, frame

HALFWIDTH = 0.01  # wanted for a probability or a share
RELATIVE = 0.05  # wanted for a rate or a mean, of its value
ABOUT = ("outcome", "title", "unit", "kind", "prior_driven")
PAIRS = "pairs"
MOST_PAIRED = 24
"""Settings of which any two are compared; of more, each with one."""
COMPARISON = (*ABOUT, "lever", "reference")
REPLICATION = ("n_runs", "n_draws", "n_members", "estimate", "halfwidth", "wanted", "runs_needed", "note")
SPREAD = ("n_members", "sd_members", "sd_low", "sd_high", "sd_noise", "note")


def pairs(runs: Runs) -> Iterator[tuple[str, int, int]]:
    """Yield (lever, reference setting, setting): the others alike, the lever at its first value and at another.

    Where no two settings of a structure differ in one lever alone (a list of combinations), each is compared with the
    first; the lever is then called "all". Every structure is compared with the reference one as if it were a lever.
    """
    found = [pair for lever in runs.levers for pair in _apart(runs, lever)]
    each = len(runs.settings) // max(1, len(runs.structures))
    firsts = range(0, len(runs.settings), each)
    yield from found or [("all", first, first + place) for first in firsts for place in range(1, each)]
    if runs.structures:
        yield from _apart(runs, STRUCTURE)


def _apart(runs: Runs, name: str) -> Iterator[tuple[str, int, int]]:
    """Yield (name, reference setting, setting) where they differ in this alone."""
    place = {tuple(setting.values()): index for index, setting in enumerate(runs.settings)}
    first = runs.settings[0][name]
    for index, setting in enumerate(runs.settings):
        reference = place.get(tuple((setting | {name: first}).values()))
        if setting[name] != first and reference is not None:
            yield name, reference, index


def comparison_table(runs: Runs) -> pd.DataFrame:
    """Return the paired differences of the headline outcomes from each lever's first value."""
    rows = []
    chosen = runs.headlines
    measured = {(o.name, i): cell(runs, o, i) for o in chosen for i in range(len(runs.settings))}
    for lever, a, b in pairs(runs):
        reference = runs.settings[a][lever] if lever != "all" else "the first setting"
        for o in chosen:
            row = difference(o, measured[o.name, a], measured[o.name, b])
            rows.append({**_about(o), "lever": lever, "reference": str(reference), **runs.settings[b], **row})
    return frame(rows, (*COMPARISON, *runs.keys, *BANDS, "plain", "variance_factor", "note"))


def pair_table(runs: Runs, outcomes: Sequence[Outcome], baseline: int) -> pd.DataFrame:
    """Return the paired differences between any two settings; `FROM` and a lever is its value in the first of them.

    Parameters
    ----------
    runs : without structures, or of one
    baseline : what each setting is compared with where there are more than `MOST_PAIRED`
    """
    places = range(len(runs.settings))
    chosen = list(combinations(places, 2)) if len(places) <= MOST_PAIRED else [(baseline, b) for b in places]
    rows = []
    for o in outcomes:
        own = [cell(runs, o, place) for place in places]
        for a, b in chosen:
            before = {f"{FROM}{name}": value for name, value in runs.settings[a].items()}
            if a != b:
                rows.append({**_about(o), **before, **runs.settings[b], **difference(o, own[a], own[b])})
    return frame(rows, (*ABOUT, *(f"{FROM}{name}" for name in runs.levers), *runs.levers, *BANDS, "note"))


def _about(o: Outcome) -> dict[str, Any]:
    return {"outcome": o.name, "title": o.title, "unit": o.unit, "kind": o.kind, "prior_driven": o.prior_driven}


def difference(outcome: Outcome, a: Measured, b: Measured) -> dict[str, Any]:
    """Return the numbers of a row: b less a, draw by draw.

    t interval over independent draws. Where no draw differs, a probability's difference has the exact limits
    ± (1 - (alpha/2)^(1/draws)), since it is at most the share of draws that differ.
    """
    draws = a.n.size if a.own else a.n.shape[1]
    row: dict[str, Any] = {"n_runs": a.n.size, "n_draws": draws, "n_members": len(a.n)}
    ratios = [a.ratio, b.ratio]
    if not all(m.d.sum() > 0 for m in (a, b)):
        empty = dict.fromkeys(("estimate", "mc_low", "mc_high", "param_low", "param_high", "plain", "variance_factor"))
        return {**row, **empty, "note": "no run to condition on"}
    off = influence(b) - influence(a)
    change = float(ratios[1].estimate - ratios[0].estimate)
    paired = ratio_of(off, np.ones(off.shape), np.ones(off.shape if a.own else off.shape[1]), a.own)
    ends, notes = intervals.t_interval(change, paired.se, paired.df), []
    if paired.df < 1:
        notes.append(ONE_DRAW)
    elif not off.any():
        notes.append("no run differs")
        if outcome.kind == PROBABILITY:
            most = intervals.exact(0, draws).high
            ends = intervals.Interval(-most, most)
    kept = (a.d.sum(1) > 0) & (b.d.sum(1) > 0)
    band, more = _member_band(a, b, kept)
    apart = ratios[0].se ** 2 + ratios[1].se ** 2
    plain = b.counted.sum() / b.d.sum() - a.counted.sum() / a.d.sum()
    row |= {"estimate": change, "mc_low": ends.low, "mc_high": ends.high, "param_low": band[0], "param_high": band[1]}
    factor = apart / paired.se**2 if paired.se > 0 else None
    return row | {"plain": plain, "variance_factor": factor, "note": "; ".join(notes + more)}


def influence(measured: Measured) -> np.ndarray:
    """Return each run's pull on the pooled ratio, shape (M, R): (n - theta d) over the mean of d, times its weight."""
    n, d = measured.n, measured.d
    influence: np.ndarray = (n - n.sum() / d.sum() * d) / d.mean() * measured.weight
    return influence


def _member_band(a: Measured, b: Measured, kept: np.ndarray) -> tuple[tuple[float, float], list[str]]:
    """The parameter band of member differences."""
    if not kept.any():
        return (np.nan, np.nan), ["no member has both: no parameter band"]
    return parameter_band(*member_differences(a, b, kept), a.own)


def member_differences(a: Measured, b: Measured, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numerators and denominators of each kept member's difference, b less a: v_m + e_mr, a mean over draws.

    A member weighs as much as its denominators tell of both: their harmonic mean.
    """
    own = [member_values(m, kept) for m in (a, b)]
    weight = 1.0 / sum(1.0 / m.d[kept].mean(1, keepdims=True) for m in (a, b))
    return weight * (own[1] - own[0]), weight * np.ones(own[0].shape)


def member_values(measured: Measured, kept: np.ndarray) -> np.ndarray:
    """Return pseudo-values of each kept member's own ratio, shape (members, R); their mean over draws is the ratio."""
    n, d = measured.each[kept], measured.d[kept]
    value = n.sum(1, keepdims=True) / d.sum(1, keepdims=True)
    influence: np.ndarray = value + (n - value * d) / d.mean(1, keepdims=True)
    return influence


def replication_table(runs: Runs, halfwidth: float = HALFWIDTH, relative: float = RELATIVE) -> pd.DataFrame:
    """Return how many runs of every point would make the Monte Carlo interval of each headline outcome narrow enough.

    Wanted: a half-width of `halfwidth` for probabilities and shares, of `relative` times the value for rates and means.
    """
    rows = []
    for outcome in runs.headlines:
        for index, setting in enumerate(runs.settings):
            row = _replication(outcome, cell(runs, outcome, index), halfwidth, relative)
            rows.append({**_about(outcome), **setting, **row})
    return frame(rows, (*ABOUT, *runs.keys, *REPLICATION))


def _replication(outcome: Outcome, measured: Measured, halfwidth: float, relative: float) -> dict[str, Any]:
    ratio, each = measured.ratio, len(measured.n) if measured.own else 1
    draws = measured.n.shape[1] * each
    bounded = outcome.kind in (PROBABILITY, SHARE)
    estimate = float(np.clip(ratio.estimate, 0, 1)) if bounded else float(ratio.estimate)
    wanted = halfwidth if bounded else relative * estimate
    row: dict[str, Any] = {"n_runs": measured.n.size, "n_draws": draws, "n_members": len(measured.n)}
    row |= {"estimate": estimate, "halfwidth": None, "wanted": wanted, "runs_needed": None, "note": ""}
    if ratio.df < 1:
        return {**row, "note": "one draw: its spread cannot be told"}
    if not wanted > 0:
        return {**row, "note": "none seen: no relative precision"}
    needed = -(-intervals.runs_needed(estimate, float(ratio.se), draws, wanted, bounded) // each)
    ends = intervals.t_interval(estimate, ratio.se, ratio.df)
    return {**row, "halfwidth": (ends.high - ends.low) / 2, "runs_needed": needed}


def spread_table(runs: Runs) -> pd.DataFrame:
    """Return each headline outcome's standard deviation over members, corrected for run noise, with its interval."""
    rows = []
    for outcome in runs.headlines:
        for index, setting in enumerate(runs.settings):
            rows.append({**_about(outcome), **setting, **_spread(cell(runs, outcome, index))})
    return frame(rows, (*ABOUT, *runs.keys, *SPREAD))


def _spread(measured: Measured) -> dict[str, Any]:
    kept = measured.d.sum(1) > 0
    row: dict[str, Any] = dict.fromkeys(SPREAD) | {"n_members": int(kept.sum()), "note": ""}
    if kept.sum() < 2 or measured.d.shape[1] < 2:
        return {**row, "note": "needs two members and two runs a point"}
    result = members.spread(measured.each[kept], measured.d[kept], measured.own)
    ends = members.variance_interval(result)
    variances = (np.maximum(result.variance, 0.0), ends.low, ends.high, result.noise)
    note = "" if np.isfinite(ends.low) else "too few draws set members apart: no interval"
    return row | {name: float(np.sqrt(x)) for name, x in zip(SPREAD[1:5], variances, strict=True)} | {"note": note}
