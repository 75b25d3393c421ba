"""When the ceasefire ends, by month, for all members and for those of each label: cumulative incidence at set times.

The four ways of ending compete (Aalen-Johansen), and so does war between Russia and NATO countries with other wars;
`estimates.timing` says what the times are and how intervals are made. Members of a label are estimated as a whole sweep
is, in every structure and at every setting of the levers. A month is a twelfth of 52 weeks, to the nearest week. What
lies beyond the horizon is not extrapolated: such a row has no estimate, and its note says so.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.by_label import values_of
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import BANDS, frame
from fragile_peace_lab.estimates.timing import FAMILIES, Family, curves, needs, times_and_causes

NAME = "ends"
MONTHS = (1, 4, 12, 24, 60)
SHOWN = tuple(family for family in FAMILIES if family.name in ("collapse", "end_cause", "nato_russia_war"))
ALL = "all"
"""The label, and its value, of all members together."""
ABOUT = ("family", "outcome", "title", "prior_driven", "label", "value")
COLUMNS = ("month", "time", "at_risk", "events", *BANDS, "note")
_EMPTY = ("at_risk", "events", "estimate", "mc_low", "mc_high", "param_low", "param_high")


def week_of(month: int) -> int:
    """Return the week nearest to the end of a month from the start."""
    return round(month * 52 / 12)


def ends_table(runs: Runs) -> pd.DataFrame:
    """Return how likely each way of ending is to have come by each of `MONTHS`, by label, structure and setting."""
    rows: list[dict[str, Any]] = []
    horizons: dict[Any, float] = {}
    for index, setting in enumerate(runs.settings):
        name = setting.get(STRUCTURE)
        horizons[name] = max(horizons.get(name, 0.0), float(runs.column("weeks")[index].max()))
    for family in SHOWN:
        for index, setting in enumerate(runs.settings):
            columns = {name: runs.column(name)[index] for name in needs()}
            time, cause = times_and_causes(family, columns)
            for label, value, which in groups(runs):
                found = _by_months(family, time[which], cause[which], horizons[setting.get(STRUCTURE)], runs.own_draws)
                rows += [{**setting, "label": label, "value": value, **row} for row in found]
    return frame(rows, (*ABOUT, *runs.keys, *COLUMNS))


def groups(runs: Runs) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield all members, and those of every value of every label: label, value, which (members,)."""
    yield ALL, ALL, np.ones(runs.members, bool)
    for label, found in runs.labels.items():
        for value in values_of(label, found):
            yield label, value, found == value


def _by_months(
    family: Family, time: np.ndarray, cause: np.ndarray, horizon: float, own: bool
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a family in one cell and class; those beyond the horizon are empty."""
    weeks = {month: week_of(month) for month in MONTHS}
    within = np.array([float(week) for week in weeks.values() if week <= horizon])
    found = curves(family, time, cause, within, own) if len(within) else []
    for row in found:
        yield {**row, "month": next(month for month, week in weeks.items() if week == row["time"])}
    later = [month for month, week in weeks.items() if week > horizon]
    for name, title, shown in zip(family.causes, family.titles, family.shown, strict=True):
        for month in later if shown else ():
            yield {
                "family": family.name, "outcome": name, "title": title, "prior_driven": family.prior_driven,
                "month": month, "time": weeks[month], "n_runs": time.size,
                "n_draws": time.size if own else time.shape[1], "n_members": len(time), **dict.fromkeys(_EMPTY),
                "note": f"beyond the horizon of {horizon:g} weeks",
            }  # fmt: skip
