"""A sweep's tables as files for other tools: CSV, Stata's .dta, NetCDF for xarray, one DuckDB file.

CSV and .dta come with `codebook.csv`: of each column its table, its name, its name in the files, unit, meaning and
codes; the other two say it themselves. The same sweep gives the same bytes whenever it is exported (a .dta carries one
fixed date), but for DuckDB, which numbers its files.
"""

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from fragile_peace.errors import InputError, nearest
from fragile_peace_lab import durable
from fragile_peace_lab.estimates.all_tables import SAY
from fragile_peace_lab.export.database import need_duckdb, write_database
from fragile_peace_lab.export.datasets import need_xarray, netcdf
from fragile_peace_lab.export.opened import Opened, Variable, open_results
from fragile_peace_lab.store.opening import beside

FOLDER, CODEBOOK = "export", "codebook.csv"
LONGEST_NAME, LONGEST_LABEL = 32, 80  # of Stata
STAMP = datetime(2000, 1, 1)
NONE = Variable("", "", {})
Say = Callable[[str], None]
RESERVED = frozenset(
    "NULL _all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _se _skip str strL using with "
    "aggregate array boolean break case catch class colvector complex const continue default delegate delete do "
    "else eltypedef end enum explicit export external finally for friend function global goto local inline matrix "
    "mi namespace new null numeric operator orgtypedef pointer polymorphic pragma private protected public quad "
    "real return rowvector scalar short signed static strict string struct super switch template this throw try "
    "typedef typename union unsigned vector version virtual void volatile while".split()
)
"""Names that Stata keeps to itself, and those that pandas avoids for it."""


def export(folder: str | Path, to: str, out: str | Path | None = None, say: Say = SAY) -> list[Path]:
    """Write every table of a finished sweep; return the files.

    Parameters
    ----------
    folder : of the sweep
    to : one of `FORMATS`
    out : where; `export` in the sweep's folder if omitted
    say : told which table is being written

    Raises
    ------
    InputError : no such format; no finished sweep; the disk fails, or another process writes there; an extra is not
        installed
    """
    if to not in FORMATS:
        raise InputError(f"--to: {to!r} is not one of {', '.join(FORMATS)}{nearest(to, FORMATS)}")
    opened = open_results(folder)
    where = Path(out) if out is not None else opened.folder / FOLDER
    with beside(where):
        return FORMATS[to](opened, where, say)


def _tables(kind: "Kind", opened: Opened, where: Path, say: Say) -> list[Path]:
    """Write a file a table, and the codebook."""
    written: list[Path] = []
    rows: list[dict[str, Any]] = []
    for name, frame in opened.frames().items():
        say(f"{name}: {len(frame):,} rows")
        about, names = opened.variables(name), kind.names(list(frame.columns))
        path = where / f"{name}.{kind.ending}"
        durable.write(path, kind.bytes(frame, names, about))
        written.append(path)
        rows += [_entry(name, column, names[column], about.get(column, NONE)) for column in frame.columns]
    durable.write(where / CODEBOOK, _text(pd.DataFrame(rows)))
    return [*written, where / CODEBOOK]


def _netcdf(opened: Opened, where: Path, say: Say) -> list[Path]:
    """Write a NetCDF file a Dataset."""
    need_xarray()
    written = []
    for name, dataset in opened.datasets().items():
        say(f"{name}: {', '.join(f'{size:,} {dim}' for dim, size in dataset.sizes.items())}")
        written.append(where / f"{name}.nc")
        durable.write(written[-1], netcdf(dataset))
    return written


def _duckdb(opened: Opened, where: Path, say: Say) -> list[Path]:
    """Write all tables into one DuckDB file."""
    need_duckdb()
    frames = opened.frames()
    for name, frame in frames.items():
        say(f"{name}: {len(frame):,} rows")
    about = {name: opened.variables(name) for name in frames}
    return [write_database(where / f"{opened.manifest['name']}.duckdb", frames, about)]


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


class Kind(NamedTuple):
    """A format of a file a table: its ending, how columns are called in it, and how a table becomes bytes."""

    ending: str
    names: Callable[[list[str]], dict[str, str]]
    bytes: Callable[[pd.DataFrame, Mapping[str, str], Mapping[str, Variable]], bytes]


FORMATS: dict[str, Callable[[Opened, Path, Say], list[Path]]] = {
    "csv": partial(_tables, Kind("csv", own_names, _csv)),
    "stata": partial(_tables, Kind("dta", stata_names, _stata)),
    "xarray": _netcdf,
    "duckdb": _duckdb,
}
"""By name, what writes a sweep into a folder."""
