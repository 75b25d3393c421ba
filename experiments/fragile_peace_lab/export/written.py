"""A sweep's tables as files for other tools: CSV, or Stata's .dta with variable and value labels.

Beside them `codebook.csv`: of each column its table, its name, its name in the files, unit, meaning and codes. The same
sweep gives the same bytes whenever it is exported: a .dta carries one fixed date.
"""

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from fragile_peace.errors import InputError, nearest
from fragile_peace_lab import durable
from fragile_peace_lab.estimates.all_tables import SAY
from fragile_peace_lab.export.opened import Variable, open_results

FOLDER, CODEBOOK = "export", "codebook.csv"
LONGEST_NAME, LONGEST_LABEL = 32, 80  # of Stata
STAMP = datetime(2000, 1, 1)
NONE = Variable("", "", {})
RESERVED = frozenset(
    "NULL _all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _se _skip str strL using with "
    "aggregate array boolean break case catch class colvector complex const continue default delegate delete do "
    "else eltypedef end enum explicit export external finally for friend function global goto local inline matrix "
    "mi namespace new null numeric operator orgtypedef pointer polymorphic pragma private protected public quad "
    "real return rowvector scalar short signed static strict string struct super switch template this throw try "
    "typedef typename union unsigned vector version virtual void volatile while".split()
)
"""Names that Stata keeps to itself, and those that pandas avoids for it."""


def export(folder: str | Path, to: str, out: str | Path | None = None, say: Callable[[str], None] = SAY) -> list[Path]:
    """Write every table of a finished sweep, and the codebook; return the files.

    Parameters
    ----------
    folder : of the sweep
    to : one of `FORMATS`
    out : where; `export` in the sweep's folder if omitted
    say : told which table is being written

    Raises
    ------
    InputError : no such format; no finished sweep; the disk fails
    """
    if to not in FORMATS:
        raise InputError(f"--to: {to!r} is not one of {', '.join(FORMATS)}{nearest(to, FORMATS)}")
    opened = open_results(folder)
    where = Path(out) if out is not None else opened.folder / FOLDER
    durable.folder(where)
    written: list[Path] = []
    rows: list[dict[str, Any]] = []
    for name, frame in opened.frames().items():
        say(f"{name}: {len(frame):,} rows")
        about, names = opened.variables(name), FORMATS[to][1](list(frame.columns))
        path = where / f"{name}.{FORMATS[to][0]}"
        durable.write(path, FORMATS[to][2](frame, names, about))
        written.append(path)
        rows += [_entry(name, column, names[column], about.get(column, NONE)) for column in frame.columns]
    durable.write(where / CODEBOOK, _text(pd.DataFrame(rows)))
    return [*written, where / CODEBOOK]


def _entry(table: str, column: str, name: str, about: Variable) -> dict[str, Any]:
    codes = ", ".join(f"{number} {word}" for number, word in about.codes.items())
    return {"table": table, "column": column, "name": name, "unit": about.unit, "text": about.text, "codes": codes}


def _text(frame: pd.DataFrame) -> bytes:
    data: bytes = frame.to_csv(index=False, lineterminator="\n").encode()
    return data


def _csv(frame: pd.DataFrame, names: Mapping[str, str], about: Mapping[str, Variable]) -> bytes:
    return _text(frame)


def _stata(frame: pd.DataFrame, names: Mapping[str, str], about: Mapping[str, Variable]) -> bytes:
    """Return the bytes of a .dta file, format 118 (Stata 14 and later)."""
    labels = {names[column]: _label(about[column]) for column in frame.columns if column in about}
    codes = {names[column]: own.codes for column, own in about.items() if own.codes and column in frame}
    sink = io.BytesIO()
    frame.apply(_plain).rename(columns=names).to_stata(
        sink, write_index=False, version=118, variable_labels=labels, value_labels=codes, time_stamp=STAMP
    )  # fmt: skip
    return sink.getvalue()


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as Stata can hold it: texts without gaps, flags and numbers."""
    if pd.api.types.is_numeric_dtype(column) or isinstance(column.dtype, pd.BooleanDtype):
        return column.astype("Int8") if pd.api.types.is_bool_dtype(column) else column
    return column.map(lambda value: "" if pd.isna(value) else str(value)).astype(object)


def _label(about: Variable) -> str:
    """What Stata shows beside a variable; the codebook has it whole."""
    text = f"{about.text} ({about.unit})" if about.unit else about.text
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def own_names(columns: list[str]) -> dict[str, str]:
    """Return columns as they are."""
    return {column: column for column in columns}


def stata_names(columns: list[str]) -> dict[str, str]:
    """Return for each column a name that Stata allows: letters, digits and _, at most 32, none reserved, each once."""
    found: dict[str, str] = {}
    for column in columns:
        plain = re.sub(r"\W", "_", column, flags=re.ASCII)
        plain = f"_{plain}" if plain[:1].isdigit() or plain in RESERVED or re.fullmatch(r"str\d+", plain) else plain
        name, number = plain[:LONGEST_NAME], 1
        while name in found.values():
            number += 1
            name = f"{plain[: LONGEST_NAME - len(str(number)) - 1]}_{number}"
        found[column] = name
    return found


Names = Callable[[list[str]], dict[str, str]]
Bytes = Callable[[pd.DataFrame, Mapping[str, str], Mapping[str, Variable]], bytes]
FORMATS: dict[str, tuple[str, Names, Bytes]] = {"csv": ("csv", own_names, _csv), "stata": ("dta", stata_names, _stata)}
"""By name, the ending of its files, how columns are called there, and how a table becomes bytes."""
