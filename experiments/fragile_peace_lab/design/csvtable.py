"""CSV files as spreadsheets, R and pandas write them: a row of names, then rows of values, separated by commas.

A row is counted as an editor counts its lines. TRUE and FALSE are switches, 4.0 is a whole number where one is wanted;
what is neither is read as on a command line.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fragile_peace.declared import regular, yamltext
from fragile_peace.declared.catalogue import Parameter
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.factors import MAX_GIVEN, distinct

MAX_BYTES = 1 << 26
MAX_ROWS = 1_000_000
SWITCHES = {"true": True, "false": False}
MOST_DIGITS = 400
WHOLE = re.compile(r"[-+]?(0|[1-9]\d*)")
NUMBERED = "; are the rows numbered first? Write the file with row.names=FALSE in R, index=False in pandas"
SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}
REAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True)
class CsvTable:
    """The cells of a file.

    Attributes
    ----------
    path : the file
    names : of its columns
    lines : of each row, the line on which it ends in the file, from 1
    rows : the cells of each row, without blanks around them
    """

    path: Path
    names: list[str]
    lines: list[int]
    rows: list[list[str]]

    def column(self, index: int, convert: Callable[[str, str], Any]) -> list[Any]:
        """Return a column, each cell converted by `convert(cell, where)`."""
        name = self.names[index]
        cells = zip(self.lines, self.rows, strict=True)
        return [convert(row[index], f"{self.path}, row {line}, {name}") for line, row in cells]


def most_rows(columns: int) -> int:
    """Return how many rows a table of so many columns may have: MAX_ROWS, and MAX_GIVEN values."""
    return min(MAX_ROWS, MAX_GIVEN // max(1, columns))


def read(path: Path) -> CsvTable:
    """Read a file of names and at least one row of values. Raises InputError that names the file and the row."""
    reader = csv.reader(io.StringIO(regular.text(path, MAX_BYTES), newline=""))
    names: list[str] = []
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        for row in reader:
            if not row:
                continue
            if not names:
                names = [name.strip() for name in row]
                most = most_rows(len(names))
                continue
            if len(row) != len(names):
                hint = _separator(names) or _one_more(row, names)
                raise InputError(f"{path}, row {reader.line_num}: {len(row)} values for {len(names)} names{hint}")
            if len(row) > 1 and not any(cell.strip() for cell in row):
                raise InputError(f"{path}, row {reader.line_num}: is empty; delete it, or write null for empty values")
            if len(rows) == most:
                raise InputError(f"{path}: more than {most} rows of {len(names)} values; no more are read")
            lines.append(reader.line_num)
            rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        raise InputError(f"{path}: not readable as CSV ({error})") from None
    if not rows:
        raise InputError(f"{path}: must have a row of names and 1 to {MAX_ROWS} rows of values")
    if _separator(names):
        raise InputError(f"{path}, row 1: one column{_separator(names)}")
    _check_named(path, names)
    distinct(names, str(path))
    return CsvTable(path, names, lines, rows)


def _separator(names: list[str]) -> str:
    found = next((word for sign, word in SEPARATORS.items() if len(names) == 1 and sign in names[0]), None)
    return f", separated by {found}? Save it with commas" if found else ""


def _one_more(row: list[str], names: list[str]) -> str:
    if len(row) != len(names) + 1:
        return ""
    return NUMBERED if row[-1].strip() else "; delete the comma at its end"


def _check_named(path: Path, names: list[str]) -> None:
    """Refuse a column without a name: the row numbers of R and pandas, or what a comma at the end makes."""
    if "" not in names:
        return
    place = names.index("") + 1
    last = "; delete the comma at the end of every row" if place == len(names) else ""
    hint = NUMBERED if place == 1 else last
    raise InputError(f"{path}, row 1: column {place} has no name{hint}")


def value_of(cell: str, where: str) -> Any:
    """Return what a cell holds: a switch, a number, a word. Raises InputError for a number of endless digits."""
    if WHOLE.fullmatch(cell):
        if len(cell) > MOST_DIGITS:
            raise InputError(f"{where}: {shown(cell)} is not allowed; a number has at most {MOST_DIGITS} digits")
        return int(cell)
    if REAL.fullmatch(cell):
        return float(cell)
    switch = SWITCHES.get(cell.lower())
    return yamltext.scalar(cell, where) if switch is None else switch


def as_whole(value: Any, parameter: Parameter) -> Any:
    """Return 4 for 4.0 where a parameter is a whole number, as pandas writes a column with a gap; else the value."""
    return int(value) if parameter.kind == "whole" and isinstance(value, float) and value.is_integer() else value
