"""One outcome in one cell: its estimate, its Monte Carlo error, its parameter band. The two bands are never merged.

A cell is one setting of the levers: members x draws. With n_mr and d_mr an outcome's numerator and denominator:

    estimate    sum n / sum d, over all members and draws; with control variates where they are supported
                (`compensators`)
    Monte Carlo the jackknife of that ratio over independent draws: t interval; for probabilities and shares Wilson's at
                the effective number of runs, exact where nothing or everything was counted (`intervals`)
    parameters  5-95 % quantiles of the shrunken member values, each with its share of d (`members`)
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fragile_peace_lab.estimates import compensators, intervals, members
from fragile_peace_lab.estimates.intervals import Interval, Ratio
from fragile_peace_lab.estimates.outcomes import MEAN, PROBABILITY, RATE, SHARE, TYPES, Outcome
from fragile_peace_lab.estimates.runs import Runs

ONE_DRAW = "one draw: Monte Carlo error cannot be told"
NO_INTERVAL = Interval(np.array(np.nan), np.array(np.nan))


class Measured(NamedTuple):
    """An outcome's numbers in a cell.

    Attributes
    ----------
    n, d : shape (M, R), numerator (with control variates where there are any) and denominator
    counted : shape (M, R), the plain numerator
    each : shape (M, R), the numerator for the values of members: `n` where all runs that may count have one weight,
        else `counted`, since control variates are of runs and a member's own denominator may be next to nothing
    control : the control variates, if there are any to try
    own : whether each member has draws of its own
    """

    n: np.ndarray
    d: np.ndarray
    counted: np.ndarray
    each: np.ndarray
    control: compensators.Controlled | None
    own: bool = False

    @property
    def weight(self) -> np.ndarray:
        """The weights of the jackknife, shape (R,) or (M, R)."""
        return np.ones(self.n.shape[1]) if self.control is None else self.control.weight

    @property
    def ratio(self) -> Ratio:
        """The pooled ratio with its standard error over independent draws."""
        if self.control is not None:
            return self.control.ratio
        return compensators.ratio_of(self.n, self.d, self.weight, self.own)

    @property
    def draws(self) -> int:
        """How many independent draws count."""
        return int(((self.d if self.own else self.d.sum(0)) > 0).sum())


def cell(
    runs: Runs, outcome: Outcome, setting: int, kind: str = "mixed", members: np.ndarray | None = None
) -> Measured:
    """Return an outcome's numbers in a cell of a sweep.

    Parameters
    ----------
    kind : of `outcomes.TYPES`: which runs count, by the true types at the start
    members : which count, shape (members,); all if omitted
    """
    which = slice(None) if members is None else members
    columns = {name: runs.column(name)[setting][which] for name in outcome.needs}
    gaps = {name: runs.column(name)[setting][which] - by[setting][which, None] for name, by in runs.chances.items()}
    chosen = TYPES[kind]
    if chosen is None:
        return measure(outcome, columns, None, gaps, runs.own_draws)
    eligible = runs.column(chosen[0])[setting][which] == chosen[1]
    others = {name: gap for name, gap in gaps.items() if name != chosen[0]}
    return measure(outcome, columns, eligible, others, runs.own_draws)


def measure(
    outcome: Outcome,
    columns: Mapping[str, np.ndarray],
    eligible: np.ndarray | None = None,
    types: Mapping[str, np.ndarray] | None = None,
    own_draws: bool = False,
) -> Measured:
    """Return an outcome's numerators and denominators.

    Parameters
    ----------
    columns : by name, shape (M, R)
    eligible : shape (M, R), which runs count; all if omitted
    types : gaps of the types at the start that are known to have mean 0 among the runs that count, shape (M, R)
    own_draws : each member has draws of its own
    """
    total = _total(columns, outcome.columns)
    if outcome.minus:
        total -= _total(columns, outcome.minus)
    counts = np.ones(total.shape) if eligible is None else eligible.astype(float)

    def among(x: np.ndarray) -> np.ndarray:
        return x if eligible is None else x * counts

    if outcome.known:
        n, d = np.isfinite(total).astype(float), counts
    elif outcome.at_least is not None:
        n, d = (total >= outcome.at_least).astype(float), counts
    else:
        missing = np.isnan(total)
        n = np.where(missing, 0.0, total) * outcome.scale
        d = among(_total(columns, outcome.over) if outcome.over else (~missing).astype(float))
    counted = among(n) if outcome.kind != PROBABILITY else n * (d > 0)
    own = own_draws and len(counted) > 1
    events = [among(columns[f"compensator_{e}"] - columns[f"happened_{e}"]) for e in outcome.controls]
    known = [among(gap) for gap in (types or {}).values()]
    if not events and not known:
        return Measured(counted, d, counted, counted, None, own)
    bounded = outcome.kind in (PROBABILITY, SHARE)
    control = compensators.controlled(counted, d, events, known, additive=outcome.additive, bounded=bounded, own=own)
    each = control.values if np.array_equal(d, counts) else counted
    return Measured(control.values, d, counted, each, control, own)


def _total(columns: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Return the sum of some columns, a block of its own."""
    total = columns[names[0]].astype(float)
    for name in names[1:]:
        total += columns[name]
    return total


def estimated(outcome: Outcome, measured: Measured) -> dict[str, Any]:
    """Return the numbers of a row: n_runs to note, with the estimator's name."""
    d = measured.d
    runs = int((d > 0).sum())
    row: dict[str, Any] = {"n_runs": runs, "n_draws": measured.draws, "n_members": int((d.sum(1) > 0).sum())}
    empty = dict.fromkeys(("estimate", "mc_low", "mc_high", "param_low", "param_high", "plain", "variance_factor"))
    if runs == 0:
        none = "no run to condition on" if d.size else "no runs"
        return {**row, **empty, "estimator": "none", "note": none}
    ratio = measured.ratio
    estimator, ends, notes = _monte_carlo(outcome, measured, ratio)
    band, more = parameter_band(measured.each, d, measured.own)
    low, high = (_inside(outcome, end) for end in band)
    control = measured.control
    return {
        **row,
        "estimator": estimator,
        "estimate": _inside(outcome, float(ratio.estimate)),
        "mc_low": _inside(outcome, float(ends.low)),
        "mc_high": _inside(outcome, float(ends.high)),
        "param_low": low,
        "param_high": high,
        "plain": float(measured.counted.sum() / d.sum()),
        "variance_factor": None if control is None else control.factor,
        "note": "; ".join(notes + more),
    }


def _inside(outcome: Outcome, value: float) -> float:
    """Cut at 0 what cannot lie below it, and probabilities, shares and their means at 1."""
    low, high = -math.inf if outcome.signed else 0.0, 1.0 if outcome.unit in (PROBABILITY, SHARE) else math.inf
    return min(max(value, low), high)


def _monte_carlo(outcome: Outcome, measured: Measured, ratio: Ratio) -> tuple[str, Interval, list[str]]:
    """Return the estimator's name, the interval and what to note."""
    control, d = measured.control, measured.d
    used, fitted = (False, False) if control is None else (len(control.b) > 0, control.fitted)
    name = "control variate" if fitted else "compensator"
    df = int(ratio.df) - (len(control.b) if control is not None and fitted else 0)
    if outcome.kind in (RATE, MEAN):
        return _amount(outcome, measured, ratio._replace(df=np.asarray(df)), f"{name}, " if used else "")
    notes = []
    if outcome.kind == PROBABILITY:
        k, rows = int(measured.counted.sum()), int(d.sum())
        notes.append(f"{k} of {rows}")
        if not used and len(d) == 1:
            return "exact" if k in (0, rows) else "Wilson", intervals.proportion(k, rows), notes
    p = float(np.clip(ratio.estimate, 0.0, 1.0))
    ends = intervals.effective_proportion(p, ratio.se, df, measured.draws)
    name = f"{name if used else 'jackknife'}, Wilson at the effective number"
    if p in (0.0, 1.0):
        name = "exact"
        if len(d) > 1:
            notes.append(f"interval from {measured.draws} independent draws")
    elif not np.isfinite(ends.low):
        notes.append(ONE_DRAW)
    elif ends.low == ends.high:
        notes.append("the same in every run")
    return name, ends, notes


def _amount(outcome: Outcome, measured: Measured, ratio: Ratio, how: str) -> tuple[str, Interval, list[str]]:
    """A rate or a mean."""
    name = how + ("ratio of totals, jackknife" if outcome.kind == RATE else "mean, t")
    n, d = measured.n, measured.d
    if not n.any() and not outcome.signed:
        exposure, whose = d.sum(), "of all runs"
        if not measured.own:
            exposure, whose = exposure / (d.sum(1) > 0).sum(), "of one member's runs"
        high = intervals.no_count(exposure) * outcome.scale
        note = f"none seen; the upper end is the Poisson limit {whose}"
        return f"{name}; exact Poisson", Interval(np.array(0.0), np.array(high)), [note]
    if ratio.df < 1:
        return name, NO_INTERVAL, [ONE_DRAW]
    notes = ["the same in every run"] if ratio.se == 0 else []
    return name, intervals.t_interval(ratio.estimate, ratio.se, ratio.df), notes


def parameter_band(n: np.ndarray, d: np.ndarray, own: bool) -> tuple[tuple[float, float], list[str]]:
    """Return the ends of the parameter band, NaN where there is none, and what to note."""
    kept = d.sum(1) > 0
    nothing = (np.nan, np.nan)
    if len(d) == 1:
        return nothing, ["one member: no parameter band"]
    if d.shape[1] == 1:
        return nothing, ["one run a point: no parameter band apart from run noise"]
    if kept.sum() < 2:
        return nothing, ["one member has such runs: no parameter band"]
    notes = [] if kept.all() else [f"{int((~kept).sum())} members have no such run"]
    if not kept.all():
        n, d = n[kept], d[kept]
    result = members.weighted(n, d, own)
    if result.in_noise:
        notes.append("no spread over members beyond run noise")
    low, high = result.band
    return (float(low), float(high)), notes
