"""The known chances of the types that a run starts with: that Russia is committed, and that Washington is steadfast.

A run draws both before week 0, each from its block's `sincerity` or, without one, its `credibility` (docs/model.md,
E3.15), whatever Moscow threatens. So the share of each type among some runs may be set against what it should be:
`estimates.compensators` takes the difference as a control variate.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace_lab.design.axis import INDEX, Sets, scenario_at
from fragile_peace_lab.design.labels import labels_in

BLOCKS = {"kappa_start": "threat", "tau_start": "guarantee"}
"""Of each column of a part that holds a type, the block that has its chance to be 1."""


def start_chances(scenario: Scenario) -> dict[str, float]:
    """Return the chance that each type is 1 at the start, by column."""
    found = {}
    for column, block in BLOCKS.items():
        truth = scenario.get(f"{block}.sincerity")
        found[column] = float(scenario.get(f"{block}.credibility") if truth is None else truth)
    return found


def chances_of_points(scenarios: Mapping[str, Scenario], sets: Sets, points: pa.Table) -> dict[str, np.ndarray]:
    """Return the chances at every row of a design, by column, shape (points,).

    They depend on the two blocks and on what names no single parameter: the scenario, the structure, a lever with
    labels.
    """
    own = {f"{block}.{name}" for block in BLOCKS.values() for name in ("sincerity", "credibility")}
    apart = {*INDEX, *labels_in(points)}
    kept = [name for name in points.column_names if name in own or ("." not in name and name not in apart)]
    rows = [tuple(row.values()) for row in points.select(kept).to_pylist()] or [()] * points.num_rows
    known = {
        row: start_chances(scenario_at(scenarios, sets, dict(zip(kept, row, strict=True))))
        for row in dict.fromkeys(rows)
    }
    return {column: np.array([known[row][column] for row in rows]) for column in BLOCKS}
