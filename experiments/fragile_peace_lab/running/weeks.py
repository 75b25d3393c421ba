"""Runs of one scenario kept week by week: what a fan of many runs and the timeline of a single one are drawn from."""

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.codes import Decision, PlaceKind
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import Weekly, check_whole, simulate_weekly
from fragile_peace.state import WEEK
from fragile_peace_lab.store.side_tables import WEEKS_SCHEMA

AT_ONCE = 1 << 26  # bytes of WEEK rows: a week takes 15 kB, and 200 runs of 20 years would take 3 GB


def played(scenario: Scenario, seed: int, runs: int, weeks: int | None = None) -> pd.DataFrame:
    """Return the weeks of the first runs of a scenario, one row a run and week, as in a sweep's weeks.parquet.

    Parameters
    ----------
    scenario, seed : what is played
    runs : how many, at least 1
    weeks : horizon; the scenario's own if omitted

    Returns
    -------
    run, week (from 1), violations (recorded on the line, per 100 km), mu, gamma, troops (thousands), rung, deaths,
    left, invoked, honoured, resumed, end_cause : a run has rows up to its end; what they are, and the codes, is in
    `store.side_tables.WEEKS_SCHEMA`

    Raises
    ------
    InputError : an argument is out of range
    SolverError : a game could not be solved; names run, week and place
    """
    return weeks_table(scenario, seed, runs, weeks).to_pandas()


def weeks_table(
    scenario: Scenario,
    seed: int,
    runs: int,
    weeks: int | None = None,
    *,
    first_run: int = 0,
    threads: int | None = None,
) -> pa.Table:
    """Return what `played` does as it is stored, from any run on; some runs at a time, so that memory stays small."""
    check_whole("runs", runs, 1, 1 << 31)
    horizon = scenario.weeks if weeks is None else weeks
    check_whole("weeks", horizon, 1, 1040)
    step = max(1, AT_ONCE // (horizon * WEEK.itemsize))
    tables = []
    for first in range(first_run, first_run + runs, step):
        number = min(step, first_run + runs - first)
        found = simulate_weekly([scenario], number, seed, horizon, kept=number, first_run=first, threads=threads)
        tables.append(_rows(scenario, found, first))
    return pa.concat_tables(tables).combine_chunks()


def violations(scenario: Scenario, rows: np.ndarray) -> np.ndarray:
    """Return the violations on the line that monitors record, per 100 km, of WEEK rows of any shape."""
    count = len(scenario.places)
    line = np.array([place.kind == PlaceKind.LINE for place in scenario.places])
    km = sum(place.length_km for place, on in zip(scenario.places, line, strict=True) if on)
    recorded = sum(rows[name][..., :count][..., line].sum(axis=-1) for name in ("recorded_R_s", "recorded_U_s"))
    return np.asarray(100.0 * recorded / km if km else np.zeros(rows.shape))


def _rows(scenario: Scenario, found: Weekly, first: int) -> pa.Table:
    """Lay the weeks of some runs out as rows, without those after a run's end."""
    outcomes = found.outcomes[0]
    lived = np.arange(found.weeks.shape[2]) < outcomes["weeks"][:, None]
    run, week = np.nonzero(lived)
    rows = found.weeks[0][lived]
    decisions = rows["decision_s"][:, : len(scenario.places)]
    columns = {
        "run": first + run,
        "week": 1 + week,
        "violations": violations(scenario, rows),
        "mu": rows["mu"],
        "gamma": rows["gamma"],
        "troops": rows["troops"],
        "rung": rows["rung"],
        "deaths": rows["deaths_s"].sum(axis=1),
        "left": rows["left_n"].sum(axis=1),
        "invoked": (decisions >= 0).sum(axis=1),
        "honoured": (decisions == Decision.HONOUR).sum(axis=1),
        "resumed": rows["resumed"],
        "end_cause": outcomes["end_cause"][run],
    }
    arrays = [pa.array(np.ascontiguousarray(columns[field.name]), field.type) for field in WEEKS_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=WEEKS_SCHEMA)
