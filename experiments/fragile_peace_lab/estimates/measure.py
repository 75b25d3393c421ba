"""One outcome in one cell: its estimate, its Monte Carlo error, its parameter band. The two bands are never merged.

A cell is one setting of the levers: members x draws. With n_mr and d_mr an outcome's numerator and denominator:

    estimate    sum n / sum d, over all members and draws; a probability with `compensators`: of I + b(A - I)
    Monte Carlo the delete-one-draw jackknife of that ratio: t interval; for probabilities and shares Wilson's at the
                effective number of runs, exact where nothing or everything happened (`intervals`)
    parameters  5-95 % quantiles of the shrunken member values (`members`)
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from fragile_peace_lab.estimates import compensators, intervals, members
from fragile_peace_lab.estimates.intervals import Interval, Ratio
from fragile_peace_lab.estimates.outcomes import MEAN, PROBABILITY, RATE, SHARE, Outcome

ONE_DRAW = "one draw: Monte Carlo error cannot be told"
NO_INTERVAL = Interval(np.array(np.nan), np.array(np.nan))


class Measured(NamedTuple):
    """An outcome's numbers in a cell.

    Attributes
    ----------
    n, d : shape (M, R), numerator (compensators used where there are any) and denominator
    counted : shape (M, R), the plain numerator
    control : the fitted control variates, if any
    """

    n: np.ndarray
    d: np.ndarray
    counted: np.ndarray
    control: compensators.Controlled | None

    @property
    def weight(self) -> np.ndarray:
        """The weights of the jackknife, shape (R,)."""
        return np.ones(self.n.shape[1]) if self.control is None else self.control.weight


def measure(outcome: Outcome, columns: Mapping[str, np.ndarray], eligible: np.ndarray | None = None) -> Measured:
    """Return an outcome's numerators and denominators.

    Parameters
    ----------
    columns : by name, shape (M, R)
    eligible : shape (M, R), which runs count; all if omitted
    """
    total = sum(columns[name].astype(float) for name in outcome.columns)
    total = np.asarray(total - sum(columns[name].astype(float) for name in outcome.minus))
    counts = np.ones(total.shape) if eligible is None else eligible.astype(float)
    if outcome.known:
        n, d = np.isfinite(total), counts
    elif outcome.at_least is not None:
        n, d = total >= outcome.at_least, counts
    else:
        missing = np.isnan(total)
        over = np.asarray(sum(columns[name].astype(float) for name in outcome.over)) if outcome.over else ~missing
        n, d = np.where(missing, 0.0, total) * outcome.scale, over * counts
    counted = n * counts if outcome.kind != PROBABILITY else n * (d > 0)
    if not outcome.controls:
        return Measured(counted, d, counted, None)
    gap = np.stack([columns[f"compensator_{e}"] - columns[f"happened_{e}"].astype(float) for e in outcome.controls])
    control = compensators.controlled(counted, d, gap, outcome.additive)
    return Measured(control.values, d, counted, control)


def estimated(outcome: Outcome, measured: Measured) -> dict[str, Any]:
    """Return the numbers of a row: n_runs to note, with the estimator's name."""
    n, d = measured.n, measured.d
    runs, draws = int((d > 0).sum()), int((d.sum(0) > 0).sum())
    row: dict[str, Any] = {"n_runs": runs, "n_draws": draws, "n_members": int((d.sum(1) > 0).sum())}
    empty = dict.fromkeys(("estimate", "mc_low", "mc_high", "param_low", "param_high", "plain", "variance_factor"))
    if runs == 0:
        none = "no run to condition on" if d.size else "no runs"
        return {**row, **empty, "estimator": "none", "note": none}
    ratio = intervals.jackknife_ratio(n.sum(0), d.sum(0), measured.weight)
    estimator, ends, notes = _monte_carlo(outcome, measured, ratio, draws)
    band, more = parameter_band(n, d)
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
    """Cut at 0, below which nothing here lies, and probabilities, shares and their means at 1."""
    return float(np.clip(value, 0.0, 1.0 if outcome.unit in (PROBABILITY, SHARE) else np.inf))


def _monte_carlo(outcome: Outcome, measured: Measured, ratio: Ratio, draws: int) -> tuple[str, Interval, list[str]]:
    """Return the estimator's name, the interval and what to note."""
    if outcome.kind in (RATE, MEAN):
        return _amount(outcome, measured, ratio)
    control, d = measured.control, measured.d
    notes = []
    if outcome.kind == PROBABILITY:
        k, rows = int(measured.counted.sum()), int(d.sum())
        notes.append(f"{k} of {rows}")
        used = control is not None and not np.array_equal(measured.n, measured.counted)
        if not used and len(d) == 1:
            name = "exact" if k in (0, rows) else "Wilson"
            return name, intervals.proportion(k, rows), notes
    else:
        used = False
    p = float(np.clip(ratio.estimate, 0.0, 1.0))
    name = "jackknife, Wilson at the effective number"
    if used and control is not None:
        name = f"{'control variate' if control.fitted else 'compensator'}, Wilson at the effective number"
    df = int(ratio.df) - (len(control.b) if control is not None and control.fitted else 0)
    ends = intervals.effective_proportion(p, ratio.se, df, draws)
    if p in (0.0, 1.0):
        name = "exact"
        if len(d) > 1:
            notes.append(f"interval from {draws} independent draws")
    elif not np.isfinite(ends.low):
        notes.append(ONE_DRAW)
    elif ends.low == ends.high:
        notes.append("the same in every run")
    return name, ends, notes


def _amount(outcome: Outcome, measured: Measured, ratio: Ratio) -> tuple[str, Interval, list[str]]:
    """A rate or a mean."""
    name = "ratio of totals, jackknife" if outcome.kind == RATE else "mean, t"
    n, d = measured.n, measured.d
    if not n.any():
        exposure = d.sum() / (d.sum(1) > 0).sum()
        high = intervals.no_count(exposure) * outcome.scale
        note = "none seen; the upper end is the Poisson limit of one member's runs"
        return f"{name}; exact Poisson", Interval(np.array(0.0), np.array(high)), [note]
    if ratio.df < 1:
        return name, NO_INTERVAL, [ONE_DRAW]
    notes = ["the same in every run"] if ratio.se == 0 else []
    return name, intervals.t_interval(ratio.estimate, ratio.se, ratio.df), notes


def parameter_band(n: np.ndarray, d: np.ndarray) -> tuple[tuple[float, float], list[str]]:
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
    result = members.spread(n[kept], d[kept])
    if result.values.max() > result.values.min() and result.variance <= 0:
        notes.append("no spread over members beyond run noise")
    low, high = np.quantile(members.shrunken(result), members.BAND)
    return (float(low), float(high)), notes
