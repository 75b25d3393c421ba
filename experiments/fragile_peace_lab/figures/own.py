"""Own outcomes drawn as the default figure is: a row of panels each, in the order in which the sweep declares them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.figures.drawing import GREEN, Picture
from fragile_peace_lab.figures.levers import Axis
from fragile_peace_lab.figures.panels import Row
from fragile_peace_lab.figures.risk_curves import ROWS, risk_curves

MOST = 6
"""Rows of one figure; further ones are drawn in another."""


def own_rows(runs: Runs) -> tuple[Row, ...]:
    """Return the rows of own outcomes; none where the sweep has none."""
    rows = []
    for o in runs.own:
        unit = "" if o.unit in ("probability", "share") else f", {o.unit}"
        rows.append(Row(o.name, f"{o.title}{unit}", f"{o.title}{unit}", GREEN))
    return tuple(rows)


def rows_of(runs: Runs) -> tuple[Row, ...]:
    """Return the rows that findings speak of: those of the default figure, then own outcomes."""
    return (*ROWS, *own_rows(runs))


def own_curves(
    table: pd.DataFrame, axis: Axis, facts: dict[str, Any], runs: Runs, rests: Mapping[str, str]
) -> list[Picture]:
    """Return the figures of own outcomes, at most `MOST` in each. Parameters are those of `risk_curves`."""
    rows, found = own_rows(runs), []
    for start in range(0, len(rows), MOST):
        some = rows[start : start + MOST]
        own = {key: share for key, share in rests.items() if key in {row.key for row in some}}
        made = risk_curves(table, axis, facts, rests=own, rows=some, what="own outcomes")
        found.append(replace(made, name=f"own_outcomes_{start // MOST + 1}" if start else "own_outcomes"))
    return found
