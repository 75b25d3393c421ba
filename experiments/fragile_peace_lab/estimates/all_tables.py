"""The estimates of a sweep: every outcome at every setting of the levers, as tidy tables.

`estimate_sweep` reads a sweep's folder (or its tables) and returns one table for each question; `write_estimates` puts
them into FOLDER/estimates/TABLE.csv. Every row says what was estimated, how and from how many runs, and shows two bands
that are never merged: `mc_*`, the 95 % interval for having made finitely many runs, and `param_*`, the 5-95 % band over
what nobody knows. Where the sweep declares structures, a row is of one of them; none pools them. Methods:
`estimates.intervals`, `members`, `compensators`, `incidence` and `robustness`.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from fragile_peace.errors import InputError, nearest
from fragile_peace_lab.estimates import by_label, ends, tables
from fragile_peace_lab.estimates.comparisons import comparison_table, replication_table, spread_table
from fragile_peace_lab.estimates.measure import cell, estimated
from fragile_peace_lab.estimates.outcomes import GROUPS, TYPES, Outcome, needed
from fragile_peace_lab.estimates.robustness import robustness_table
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import ABOUT, ESTIMATES, frame
from fragile_peace_lab.estimates.timing import incidence_table, survival_table

FOLDER = "estimates"
SAY: Callable[[str], None] = lambda words: None  # noqa: E731


def estimate_sweep(source: str | Path | Runs, say: Callable[[str], None] = SAY) -> dict[str, pd.DataFrame]:
    """Return all estimates of a sweep.

    Parameters
    ----------
    source : the folder of a sweep, or its runs (`Runs.from_tables(design, rows)`)
    say : told which table is being made

    Returns
    -------
    frequencies, probabilities, ladder, conditional, means : one row an outcome, type and setting of the levers
    incidence, survival : one row a time as well
    comparisons : paired differences from each lever's first value
    replication : runs needed for a wanted half-width
    spread : standard deviation over members, corrected for run noise
    by_label : where members have labels, outcomes apart by each of their values
    ends : where members have labels, when and how the ceasefire ends, by month and label
    robustness : where the sweep declares structures, in how many of them the sign of each comparison holds

    Raises
    ------
    InputError : no runs, missing or repeated runs, a column that is not there
    """
    runs = source if isinstance(source, Runs) else Runs.load(source, needed())
    makers: dict[str, Callable[[Runs], pd.DataFrame]] = {group: partial(_group, group) for group in GROUPS}
    makers |= {
        "incidence": incidence_table,
        "survival": survival_table,
        "comparisons": comparison_table,
        "replication": replication_table,
        "spread": spread_table,
    }
    makers |= {by_label.NAME: by_label.label_table, ends.NAME: ends.ends_table} if runs.labels else {}
    makers |= {"robustness": robustness_table} if runs.structures else {}
    found = {}
    for number, (name, make) in enumerate(makers.items(), 1):
        say(f"estimates {number} of {len(makers)}: {name}")
        found[name] = make(runs)
    return found


def _group(group: str, runs: Runs) -> pd.DataFrame:
    return estimate_table(runs, tuple(outcome for outcome in runs.outcomes if outcome.group == group))


def estimate_table(
    runs: Runs, outcomes: tuple[Outcome, ...] | None = None, types: tuple[str, ...] = tuple(TYPES)
) -> pd.DataFrame:
    """Return estimates of outcomes, by default of all: by setting of the levers, and by true type at the start."""
    for kind in types:
        if kind not in TYPES:
            raise InputError(f"type: {kind!r} is not one of {', '.join(TYPES)}{nearest(kind, TYPES)}")
    rows = []
    for outcome in runs.outcomes if outcomes is None else outcomes:
        for index, setting in enumerate(runs.settings):
            for kind in types:
                numbers = estimated(outcome, cell(runs, outcome, index, kind))
                rows.append({**_about(outcome), "type": kind, **setting, **numbers})
    return frame(rows, (*ABOUT, *runs.keys, *ESTIMATES))


def _about(o: Outcome) -> dict[str, object]:
    return {"outcome": o.name, "title": o.title, "unit": o.unit, "kind": o.kind, "prior_driven": o.prior_driven}


def write_estimates(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Estimate a sweep and write its tables into `estimates/` of its folder; returns them. Raises InputError."""
    found = estimate_sweep(folder)
    tables.write(Path(folder) / FOLDER, found)
    return found
