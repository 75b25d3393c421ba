"""Tables of when: cumulative incidence of what can end or mark a ceasefire, and its survival.

Time runs from the start; what happens in week t (0-based) happens at t + 1, the end of that week, and the first
accusation at its exact day, rounded up to a whole one. A first event in the week in which the ceasefire ends comes
before the end. Only the horizon censors, so a curve ends at the plain frequency (the tables of probabilities use
compensators and are sharper), and the band over members is that of the plain frequency by then. Curves are listed on a
grid of times; between its points nothing is smoothed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from fragile_peace.codes import EndCause, Rung
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates import incidence, intervals
from fragile_peace_lab.estimates.measure import ONE_DRAW, parameter_band
from fragile_peace_lab.estimates.members import share_band
from fragile_peace_lab.estimates.outcomes import TYPES
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import BANDS, frame

EVERY = 4  # weeks between the points of a grid
INDEPENDENT = 10**9  # degrees of freedom of what is not fitted
DAYS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28)
COLLAPSED = "collapse"


class Family(NamedTuple):
    """Causes that compete: for each run its time and its cause (0: the horizon came first).

    `shown` leaves out causes that are there only to compete.
    """

    name: str
    unit: str
    causes: tuple[str, ...]
    titles: tuple[str, ...]
    shown: tuple[bool, ...]
    prior_driven: bool


_END_TITLES = (
    "Russia resumes the war", "Ukraine resumes the war", "An exchange widens to the coalition",
    "An exchange widens to the United States",
)  # fmt: skip
_ENDS = tuple(cause.name.lower() for cause in EndCause)[1:]
_WARS = (Rung.WAR_RUSSIA_UKRAINE, Rung.WAR_RUSSIA_COALITION, Rung.WAR_WITH_US)
_WAR_TITLES = (
    "Russia-Ukraine war",
    "Russia-coalition war without the United States",
    "War with the United States in it",
)
FAMILIES = (
    Family("collapse", "weeks", ("collapse",), ("The ceasefire ends",), (True,), True),
    Family("end_cause", "weeks", _ENDS, _END_TITLES, (True,) * 4, True),
    Family("war", "weeks", tuple(rung.name.lower() for rung in _WARS), _WAR_TITLES, (True,) * 3, True),
    Family("nato_russia_war", "weeks", ("nato_russia_war", "other_war"), ("War between Russia and NATO countries", ""),
           (True, False), True),
    Family("first_accusation", "days", ("first_accusation", COLLAPSED), ("First accusation", ""), (True, False), False),
    Family("first_death", "weeks", ("first_death", COLLAPSED), ("First European death", ""), (True, False), False),
    Family("first_withdrawal", "weeks", ("first_withdrawal", COLLAPSED), ("First withdrawal", ""), (True, False),
           False),
)  # fmt: skip
ABOUT = ("family", "outcome", "title", "unit", "type", "prior_driven")
COLUMNS = ("time", "at_risk", "events", *BANDS, "note")


def times_and_causes(family: Family, columns: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return each run's time and cause, shape of the columns."""
    weeks, ended = columns["weeks"].astype(float), columns["end_cause"] > 0
    if family.name == "collapse":
        return weeks, ended.astype(np.int64)
    if family.name == "end_cause":
        return weeks, columns["end_cause"].astype(np.int64)
    if family.name in ("war", "nato_russia_war"):
        rung = columns["rung"].astype(np.int64)
        which = rung - int(Rung.WAR_RUSSIA_UKRAINE) + 1 if family.name == "war" else np.where(rung >= _WARS[1], 1, 2)
        return weeks, np.where(ended, which, 0)
    days = family.unit == "days"
    first = np.maximum(np.ceil(columns["first_accusation_day"]), 1.0) if days else columns[family.name] + 1.0
    came = np.isfinite(first)
    end = weeks * (7.0 if days else 1.0)
    return np.where(came, first, end), np.where(came, 1, np.where(ended, 2, 0))


def grid(horizon: float, days: bool, every: int = EVERY) -> np.ndarray:
    """Return the times that a curve is listed at: 0, every so many weeks, the horizon; in days some before that."""
    step = every * 7 if days else every
    marks = [0, *range(step, int(horizon) + 1, step), int(np.ceil(horizon))]
    return np.unique(np.array(marks + [day for day in DAYS if days and day <= horizon], float))


def incidence_table(
    runs: Runs, every: int = EVERY, families: Sequence[Family] = FAMILIES, settings: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return the cumulative incidence of families in cells, a row for each cause and time of the grid.

    Parameters
    ----------
    every : weeks between the times; with 1 a curve in weeks is exact
    settings : which cells; all if omitted. Their curves run to the same time, the latest of any of a structure
    """
    chosen = range(len(runs.settings)) if settings is None else settings
    rows: list[dict[str, Any]] = []
    times = {
        (family.name, index): times_and_causes(family, {name: runs.column(name)[index] for name in needs()})
        for index in chosen for family in families
    }  # fmt: skip
    ends: dict[tuple[Any, str], float] = {}
    for (name, index), (time, _) in times.items():
        of = runs.settings[index].get(STRUCTURE), name
        ends[of] = max(ends.get(of, 0.0), float(time.max()))
    for index in chosen:
        for family in families:
            points = grid(ends[runs.settings[index].get(STRUCTURE), family.name], family.unit == "days", every)
            found = curves(family, *times[family.name, index], points, runs.own_draws)
            rows += [{**runs.settings[index], **row} for row in found]
    return frame(rows, (*ABOUT, *runs.keys, *COLUMNS))


def needs() -> tuple[str, ...]:
    """Return the columns of runs that `times_and_causes` reads."""
    return ("weeks", "end_cause", "rung", *(family.name for family in FAMILIES[5:]), "first_accusation_day")


def _estimated(
    time: np.ndarray, cause: np.ndarray, causes: int, counts: np.ndarray, own: bool
) -> tuple[incidence.Incidence, float]:
    """Return the incidence in the runs that count, and the degrees of freedom of its standard errors.

    Independent runs have no fitted variance to pay for. Members with draws of their own and different horizons are
    taken for independent runs, which is on the safe side.
    """
    flat, kinds = time[counts], cause[counts]
    if len(time) > 1 and not own:
        draw = np.broadcast_to(np.arange(time.shape[1]), time.shape)[counts]
        result = incidence.aalen_johansen(flat, kinds, causes, draw)
        return result, result.draws - 1
    result = incidence.aalen_johansen(flat, kinds, causes)
    if len(time) > 1 and time.shape[1] > 1 and not np.any(flat[kinds == 0] < flat.max()):
        result = result._replace(se=incidence.within(time, cause, counts, result))
    return result, INDEPENDENT


def curves(family: Family, time: np.ndarray, cause: np.ndarray, points: np.ndarray, own: bool) -> list[dict[str, Any]]:
    """Return the rows of one family in one cell at some times.

    Parameters
    ----------
    time, cause : as `times_and_causes` gives them, shape (M, R)
    points : the times
    own : whether members have draws of their own
    """
    result, df = _estimated(time, cause, len(family.causes), np.ones(time.shape, bool), own)
    value = incidence.at(result.times, result.incidence, points, 0.0)
    se = incidence.at(result.times, result.se, points, 0.0)
    events = incidence.at(result.times, result.events.cumsum(0), points, 0.0)
    ends = intervals.effective_proportion(value, se, df, result.draws)
    ends = intervals.Interval(*(np.where(points[:, None] > 0, end, 0.0) for end in ends))  # nothing is before the start
    bands, note = _bands(time, cause, points, len(family.causes), own)
    shared = {"family": family.name, "unit": family.unit, "type": "mixed", "prior_driven": family.prior_driven}
    notes = [note] * bool(note) + [ONE_DRAW] * (df < 1)
    draws = time.size if own else time.shape[1]
    shared |= {"n_runs": time.size, "n_draws": draws, "n_members": len(time), "note": "; ".join(notes)}
    at_risk = incidence.at_risk_at(time.reshape(-1), points)
    return [
        {
            **shared, "outcome": name, "title": family.titles[k], "time": int(points[j]), "at_risk": int(at_risk[j]),
            "events": int(events[j, k]), "estimate": value[j, k], "mc_low": ends.low[j, k], "mc_high": ends.high[j, k],
            "param_low": bands[j, k, 0], "param_high": bands[j, k, 1],
        }
        for k, name in enumerate(family.causes) if family.shown[k] for j in range(len(points))
    ]  # fmt: skip


def _bands(time: np.ndarray, cause: np.ndarray, points: np.ndarray, causes: int, own: bool) -> tuple[np.ndarray, str]:
    """Return the parameter band of each cause at each time, shape (J, K, 2), and a note."""
    found = np.full((len(points), causes, 2), np.nan)
    censored = time[cause == 0]
    if censored.size and censored.min() < time.max():
        return found, "horizons differ: no parameter band"
    note = ""
    for k in range(causes):
        found[:, k], note = _band(time, cause == k + 1, np.ones(time.shape, bool), points, own)
    return found, note


def _band(
    time: np.ndarray, event: np.ndarray, counts: np.ndarray, points: np.ndarray, own: bool
) -> tuple[np.ndarray, str]:
    """Return the parameter band of an event's share by each time, shape (J, 2), and why there is none, if so."""
    runs, kept = time.shape[1], counts.any(1)
    if own and runs > 1 and kept.sum() > 1:
        by = np.stack([(event & counts & (time <= point))[kept].sum(1) for point in points])
        return np.stack(share_band(by, counts[kept].sum(1), runs), axis=-1), ""
    bands = [
        parameter_band((event & counts & (time <= point)).astype(float), counts.astype(float), own) for point in points
    ]
    note = next((text for _, notes in bands for text in notes if "no parameter band" in text), "")
    return np.array([ends for ends, _ in bands]), note


def survival_table(runs: Runs) -> pd.DataFrame:
    """Return the survival of the ceasefire (Kaplan-Meier) in every cell, mixed and by true type at the start."""
    rows: list[dict[str, Any]] = []
    for index, setting in enumerate(runs.settings):
        time, cause = times_and_causes(FAMILIES[0], {name: runs.column(name)[index] for name in needs()})
        for kind, which in TYPES.items():
            chosen = np.ones(time.shape, bool) if which is None else runs.column(which[0])[index] == which[1]
            rows += [{**setting, **row, "type": kind} for row in _survival(time, cause, chosen, runs.own_draws)]
    return frame(rows, (*ABOUT, *runs.keys, *COLUMNS))


def _survival(time: np.ndarray, cause: np.ndarray, chosen: np.ndarray, own: bool) -> list[dict[str, Any]]:
    """The rows of one survival curve."""
    points = grid(time.max(), False)
    draws = int(chosen.sum() if own else chosen.any(0).sum())
    shared: dict[str, Any] = {
        "family": "survival", "outcome": "survival", "title": "The ceasefire holds", "unit": "weeks",
        "prior_driven": True, "n_runs": int(chosen.sum()), "n_draws": draws,
        "n_members": int(chosen.any(1).sum()), "note": "",
    }  # fmt: skip
    flat, kinds = time[chosen], cause[chosen]
    if not flat.size:
        empty = dict.fromkeys(("estimate", "mc_low", "mc_high", "param_low", "param_high"))
        return [{**shared, **empty, "time": int(t), "at_risk": 0, "events": 0, "note": "no such run"} for t in points]
    curve = incidence.kaplan_meier(flat, kinds > 0)
    value, low, high = (incidence.at(curve.times, x, points, 1.0) for x in (curve.survival, curve.low, curve.high))
    if len(time) > 1:
        both, df = _estimated(time, cause, 1, chosen, own)
        se = incidence.at(both.times, both.se[:, 0], points, 0.0)
        low, high = intervals.effective_proportion(value, se, df, both.draws)
    else:
        low = np.where(points < curve.times[0], intervals.exact(flat.size, flat.size).low, low)
    low = np.where(points > 0, low, 1.0)  # every ceasefire holds at its start
    gone = [int(((flat <= t) & (kinds > 0)).sum()) for t in points]
    at_risk = incidence.at_risk_at(flat, points)
    gone_by, note = _band(time, cause > 0, chosen, points, own)
    bands = 1.0 - gone_by[:, ::-1]
    return [
        {
            **shared, "time": int(t), "at_risk": int(at_risk[j]), "events": gone[j], "estimate": value[j],
            "mc_low": low[j], "mc_high": high[j], "param_low": bands[j, 0], "param_high": bands[j, 1], "note": note,
        }
        for j, t in enumerate(points)
    ]  # fmt: skip
