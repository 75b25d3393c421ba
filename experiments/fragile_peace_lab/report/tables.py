"""Tables of the report as text: what a table is, and how an estimate stands in a cell of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fragile_peace_lab.figures.panels import show

IN_A_CELL = "Estimate [Monte Carlo error, 95%] (parameter uncertainty, 90%)."


@dataclass(frozen=True)
class Table:
    """A table of the page: caption, head and rows of text; the first cell of a row is its heading."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def cell(row: Any) -> str:
    """Return an estimate with both ranges."""
    unit = str(row["unit"])
    if pd.isna(row["estimate"]):
        return "no such run"
    mc = "not known" if pd.isna(row["mc_low"]) else f"{show(row['mc_low'], unit)} – {show(row['mc_high'], unit)}"
    text = f"{show(row['estimate'], unit)}\n[{mc}]"
    if pd.notna(row["param_low"]):
        band = f"{show(row['param_low'], unit)} – {show(row['param_high'], unit)}"
        text += f"\n({'in noise' if row['param_low'] == row['param_high'] else band})"
    return text


def difference_cell(row: Any) -> str:
    """Return a paired difference with both ranges, signed; probabilities and shares in percentage points."""
    points = str(row["unit"]) in ("probability", "share")
    scale, unit = (100.0, " points") if points else (1.0, "")
    if pd.isna(row["estimate"]):
        return "no run to compare"

    def span(kind: str) -> str:
        low, high = row[f"{kind}_low"], row[f"{kind}_high"]
        if pd.isna(low):
            return "not known"
        if kind == "param" and low == high:
            return "in noise"
        return f"{signed(scale * low)} to {signed(scale * high)}"

    return f"{signed(scale * row['estimate'])}{unit}\n[{span('mc')}]\n({span('param')})"


def signed(value: float) -> str:
    """Return a difference with its sign, in two digits."""
    text = f"{value:+.2g}" if abs(value) < 100 else f"{value:+.0f}"
    return "0" if float(text) == 0.0 else text.replace("-", "−")
