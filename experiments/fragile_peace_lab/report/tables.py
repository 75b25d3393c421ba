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
