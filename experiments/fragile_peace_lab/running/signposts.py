"""What a monitor sees and what comes of it: recorded violations of a sweep's own runs, and whether the truce holds.

The first runs of every member at the baseline setting (`design.axis`), in every structure, are played again week by
week, as the same runs. After each of `estimates.signposts.WEEKS` weeks that a run lives through, a row says how many
violations were recorded on the line, per 100 km and week, over the last `RECENT` of them, and whether the truce turns
out to be in its calm basin: at the horizon it is in force, and in most places of the line restraint is above
`runs.restraint.ENOUGH`. Nobody in the model sees restraint. A run whose ceasefire has ended by then has no row.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.restraint import ENOUGH
from fragile_peace.runs.single import SingleRun
from fragile_peace_lab.design.axis import baseline_of, scenario_of_point, settings_of
from fragile_peace_lab.design.structures import STRUCTURE, names_in
from fragile_peace_lab.estimates.runs import FIRST
from fragile_peace_lab.estimates.signposts import COLUMNS, RECENT, WEEKS
from fragile_peace_lab.running.weeks import violations
from fragile_peace_lab.store import folder as store

RUNS = 8
"""Of each member in each structure, at most."""


def seen(manifest: dict[str, Any], points: pa.Table) -> pd.DataFrame:
    """Return what is seen and what is so, a row a structure, member, run and number of weeks: `COLUMNS`.

    Parameters
    ----------
    manifest, points : of a sweep: its manifest and its design
    """
    scenarios, sets = store.scenarios_of(manifest), store.sets_of(manifest)
    base = next(iter(scenarios.values()))
    names = names_in(points) or [""]
    settings, baseline = len(settings_of(points, base)), baseline_of(base, sets, points)
    each = settings * len(names)
    firsts = points[FIRST].to_numpy() if FIRST in points.column_names else np.zeros(points.num_rows, np.int64)
    rows: list[tuple[Any, ...]] = []
    for place, name in enumerate(names):
        for member in range(points.num_rows // each):
            point = member * each + place * settings + baseline
            scenario = scenario_of_point(scenarios, sets, points, point)
            for run in range(min(RUNS, manifest["runs"])):
                single = SingleRun(scenario, manifest["seed"], int(firsts[point]) + run, manifest["sweep"]["weeks"])
                rows += [(name, member, run, *row) for row in watched(scenario, single)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table if names_in(points) else table.drop(columns=STRUCTURE)


def watched(scenario: Scenario, single: SingleRun) -> list[tuple[int, float, bool]]:
    """Play a run to its end; returns for each of `WEEKS` that it lived through: weeks, violations, calm in the end."""
    line = np.array([place.kind == PlaceKind.LINE for place in scenario.places])
    recorded: list[float] = []
    while single.alive:
        recorded.append(float(violations(scenario, np.asarray(single.advance()))))
    keeps = single.of_games("restraint")[line] > ENOUGH
    calm = not single.outcomes["end_cause"] and 2 * int(keeps.sum()) > len(keeps)
    lived = [weeks for weeks in WEEKS if weeks < single.horizon and weeks <= len(recorded)]
    return [(weeks, float(np.mean(recorded[max(0, weeks - RECENT) : weeks])), bool(calm)) for weeks in lived]
