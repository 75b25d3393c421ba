"""What `decide` left in a sweep's folder, read back with suspicion: each file has its form, and all agree."""

import csv
import io
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from fragile_peace.errors import InputError, shown
from fragile_peace_lab import durable
from fragile_peace_lab.deciding.brief.agreeing import ABOUT, check_about, check_tables
from fragile_peace_lab.deciding.decision import FOLDER, TABLES
from fragile_peace_lab.deciding.figures import MAP, MAPPED
from fragile_peace_lab.design.axis import is_key

FLAGS = ("best", "least_worst", "on_frontier", "surely", "turns", "holds")
"""Columns of yes and no."""
WORDS = (
    "option", "dominated_by", "kind", "of", "belief", "label", "value", "best_of_all", "best_here", "target", "box",
)  # fmt: skip
"""Columns of text, beside the keys without a dot: structures, scenarios and labels of levers."""
BLANK = ("_low", "_high", "_left_out", "_found", "settled", "coverage", "density")
"""How a column of numbers ends that need not be known."""
Weight = Annotated[float, Field(ge=0, le=1e6)]
Count = Annotated[int, Field(ge=1, le=2**53)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True)


class Shown(_Form):
    """The pair of weights that is shown."""

    war: Weight
    deaths: Weight


class About(_Form):
    """The form of the file that says how a decision was made (`told.about`)."""

    members: Count
    draws: Count
    options: Annotated[list[Annotated[dict[str, str | bool | int | float], Field(min_length=1)]], Field(min_length=1)]
    harms: dict[str, str]
    shown: Shown
    acceptable: dict[str, Annotated[float, Field(ge=0)]]


def decision_in(folder: Path, manifest: dict[str, Any]) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return how the decision in a sweep's folder was made, and its tables by name.

    Raises
    ------
    InputError : there is none, or a file is damaged, older or of another decision; it names the file and the remedy
    """
    again = f"`fragile-peace decide {folder}` makes it"
    files = [f"{FOLDER}/{name}.csv" for name in (*TABLES, MAP)]
    missing = [name for name in (*files, ABOUT) if not (folder / name).exists()]
    if missing:
        raise InputError(f"{folder}: no decision there ({missing[0]}); {again}")
    try:
        about = durable.read_json(folder / ABOUT, About)
        check_about(folder / ABOUT, about, manifest)
        keys = _keys(folder / FOLDER / "frontier.csv")
        headings = {name: table.heading(keys, list(about["harms"])) for name, table in TABLES.items()}
        headings[MAP] = (*keys, *MAPPED)
        tables = {name: _table(folder / FOLDER / f"{name}.csv", own, keys) for name, own in headings.items()}
        check_tables(folder, about, tables, keys, manifest)
    except InputError as error:
        raise InputError(f"{error}; {again} again") from None
    return about, tables


def _cells(path: Path) -> list[list[str]]:
    """Return the lines of a table, the heading first, all of one length. Raises InputError."""
    data = durable.read(path)
    try:
        lines = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{path}: damaged: not readable as CSV") from None
    if not lines:
        raise InputError(f"{path}: damaged: empty")
    if not data.endswith(b"\n") or any(len(line) != len(lines[0]) for line in lines):
        raise InputError(f"{path}: damaged: cut short, or not all lines have as many cells as the heading")
    return lines


def _keys(path: Path) -> tuple[str, ...]:
    """Return what names a world: the columns of the table `frontier` before the option. Raises InputError."""
    head = _cells(path)[0]
    if "option" not in head:
        raise InputError(f"{path}: damaged, older or another table: of its columns 'option' is missing")
    return tuple(head[: head.index("option")])


def _table(path: Path, heading: Sequence[str], keys: Sequence[str]) -> pd.DataFrame:
    """Return a table with its columns as what they are. Raises InputError."""
    head, *lines = _cells(path)
    if head != list(heading):
        other = [*(name for name in heading if name not in head), *(name for name in head if name not in heading)]
        said = f"{shown(other[0])} is missing or too many" if other else "their order is another"
        raise InputError(f"{path}: damaged, older or another table: of its columns {said}")
    columns: dict[str, pd.Series] = {}
    for name, cells in zip(head, zip(*lines, strict=True) if lines else itertools.repeat(()), strict=False):
        try:
            columns[name] = _column(name, cells, name in keys)
        except ValueError as error:
            raise InputError(f"{path}: damaged: {name}: {error}") from None
    return pd.DataFrame(columns)


def _column(name: str, cells: Sequence[str], key: bool) -> pd.Series:
    """Return a column from its cells. Raises ValueError."""
    if name in WORDS or (key and not is_key(name)):
        return pd.Series(cells, dtype=str)
    if key:
        return pd.Series([_lever(cell) for cell in cells], dtype=object).infer_objects()
    if name in FLAGS:
        return pd.Series([_flag(cell) for cell in cells], dtype=bool)
    return pd.Series([_number(cell, name.endswith(BLANK)) for cell in cells], dtype=float)


def _lever(cell: str) -> Any:
    """The value of a lever: yes or no, a number, or a word."""
    if cell.lower() in ("true", "false"):
        return _flag(cell)
    if cell.lstrip("-").isdecimal():
        return int(cell)
    try:
        return float(cell)
    except ValueError:
        return cell


def _flag(cell: str) -> bool:
    if cell.lower() not in ("true", "false"):
        raise ValueError(f"{shown(cell)} is neither true nor false")
    return cell.lower() == "true"


def _number(cell: str, blank: bool) -> float:
    if blank and not cell:
        return math.nan
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(f"{shown(cell)} is no finite number")
    return value
