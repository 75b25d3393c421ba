"""A sweep's tables as one DuckDB file, with a comment on every table and column. Needs the extra `duckdb`."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from fragile_peace.errors import InputError
from fragile_peace_lab import durable

if TYPE_CHECKING:
    from fragile_peace_lab.export.opened import Variable

COMMENTS = {
    "runs": "one row a run", "points": "one row a point of the design",
    "weeks": "one row a run and week of the baseline", "record": "one row a recorded run and week of every point",
}  # fmt: skip
"""What a row of a table is; estimates say it by their columns."""


def write_database(
    path: Path, frames: Mapping[str, pd.DataFrame], about: Mapping[str, Mapping[str, "Variable"]]
) -> Path:
    """Write tables into a DuckDB file, which a crash leaves as it was, or whole.

    Parameters
    ----------
    path : of the file; replaced where it is there
    frames : tables by name
    about : by table, what its columns are

    Raises
    ------
    InputError : duckdb is not installed, or the disk fails
    """
    duckdb = need_duckdb()
    try:
        with tempfile.TemporaryDirectory() as folder:  # not beside it: DuckDB takes a path for UTF-8
            file = Path(folder) / "new.duckdb"
            with duckdb.connect(str(file)) as database:
                for name, frame in frames.items():
                    _add(database, name, frame, about.get(name, {}))
            durable.write(path, file.read_bytes())
    except (OSError, duckdb.IOException) as error:
        raise InputError(f"{path}: cannot be written ({error})") from None
    return path


def need_duckdb() -> Any:
    """Return duckdb. Raises InputError where the extra `duckdb` is not installed."""
    try:
        import duckdb
    except ImportError as error:
        raise InputError(f"duckdb: needs {error.name}: pip install 'fragile-peace[duckdb]'") from error
    return duckdb


def _add(database: Any, name: str, frame: pd.DataFrame, about: Mapping[str, "Variable"]) -> None:
    mixed = [column for column in frame if frame[column].dtype == object]  # a reference is a number, a rule or a name
    plain = frame.assign(**{column: frame[column].map(str, na_action="ignore") for column in mixed})
    database.register("given", pa.Table.from_pandas(plain, preserve_index=False))
    database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    database.unregister("given")
    database.execute(f"COMMENT ON TABLE {name} IS {_quoted(COMMENTS.get(name, 'estimates: one row each'))}")
    for column, own in about.items():
        text = "; ".join(filter(None, (own.text, own.unit and f"unit: {own.unit}", _codes(own))))
        if column in frame and text:
            column = column.replace('"', '""')
            database.execute(f'COMMENT ON COLUMN {name}."{column}" IS {_quoted(text)}')


def _codes(about: "Variable") -> str:
    return "codes: " + ", ".join(f"{number} {word}" for number, word in about.codes.items()) if about.codes else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
