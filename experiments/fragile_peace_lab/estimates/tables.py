"""Tidy tables of estimates: their columns, their numbers, their bytes.

Numbers are rounded to `DIGITS` significant digits when a row is made, but for the values of levers, by which rows are
looked up (`design.axis.is_key`), and written with the fewest digits that read back to the same float, so a file holds
exactly what the table does, and a last bit that differs between two machines does not show. An empty cell is a value
that is not defined; the note says why. Nothing is NaN without a note.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.design.axis import is_key

DIGITS = 9
ABOUT = ("outcome", "title", "unit", "kind", "estimator", "type", "prior_driven")
BANDS = ("n_runs", "n_draws", "n_members", "estimate", "mc_low", "mc_high", "param_low", "param_high")
ESTIMATES = (*BANDS, "plain", "variance_factor", "note")
WORDS = (
    "outcome", "title", "unit", "kind", "estimator", "type", "family", "lever", "reference", "label", "value", "note",
    "group", "split", "part", "before", "after",
)  # fmt: skip
"""Columns of text."""
FROM = "from "
"""Before the name of a lever: its value in the setting that another is compared with."""


def rounded(value: Any) -> Any:
    """Return a number to `DIGITS` significant digits; None where it is not defined; anything else as it is."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.{DIGITS}g}") + 0.0 if math.isfinite(value) else None
    return value


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table with these columns in this order. Raises InputError where an empty number has no note."""
    kept = [{name: row[name] if is_key(name) else rounded(row[name]) for name in columns} for row in rows]
    for row in kept:
        if row.get("estimate", 0.0) is None and not row.get("note"):
            raise InputError(f"estimates: {row.get('outcome')} has neither a value nor a note")
    return pd.DataFrame({name: _column(name, [row[name] for row in kept]) for name in columns})


def _column(name: str, values: Sequence[Any]) -> pd.Series:
    """A column as `read` returns it: a number that is not defined is NaN, also where none of them is."""
    if name not in WORDS and not is_key(name):
        values = [math.nan if value is None else value for value in values]
    return pd.Series(values, dtype=object).infer_objects()


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV text: comma, newline, empty cells for what is not defined, the shortest exact numbers."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.itertuples(index=False, name=None):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return repr(float(value))
    return str(value)


def read(path: Path, values: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return a table that `write` has written. Raises InputError where it cannot be read.

    Parameters
    ----------
    values : by the column of a lever all that it may be, which its cells stand for
    """
    known = {name: {_cell(value): value for value in values[name]} for name in values}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        columns = dict(zip(head, zip(*rows, strict=True) if rows else [()] * len(head), strict=True))
        found = {name: _read(name, cells, known.get(name.removeprefix(FROM))) for name, cells in columns.items()}
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a table of these estimates ({error}); delete it to have it made") from None
    return pd.DataFrame(found)


def _read(name: str, cells: Sequence[str], known: Mapping[str, Any] | None) -> pd.Series:
    """A column from its cells, which stand for one of `known` where that is given. Raises ValueError or KeyError."""
    if known is not None:
        return pd.Series([known[cell] for cell in cells], dtype=object).infer_objects()
    if name in WORDS:
        return pd.Series(cells, dtype=object).infer_objects()
    if cells and set(cells) <= {"true", "false"}:
        return pd.Series([cell == "true" for cell in cells])
    if cells and all(cell.isdecimal() for cell in cells):
        return pd.Series([int(cell) for cell in cells])
    return pd.Series([float(cell or "nan") for cell in cells], dtype=float)


def write(folder: str | Path, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Write each table as NAME.csv into a folder, made if need be; returns the files. Raises InputError."""
    where = Path(folder)
    durable.folder(where)
    files = []
    for name, table in tables.items():
        files.append(where / f"{name}.csv")
        durable.write(files[-1], to_csv(table).encode())
    return files
