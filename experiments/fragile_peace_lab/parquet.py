"""Parquet files are opened here and read by Arrow, which takes a path for UTF-8, whatever the place has."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fragile_peace.declared import regular


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Return the rows of one Parquet file; only some columns if given.

    Raises
    ------
    OSError, ValueError : there is none, or it is damaged; Arrow's own errors are among them
    """
    regular.check(path)
    with path.open("rb") as file:
        return pq.read_table(file, columns=columns, partitioning=None)


def shape(path: Path) -> tuple[int, int]:
    """Return how many rows and columns a file says it has, before they are read. Raises as `read` does."""
    regular.check(path)
    with path.open("rb") as file:
        about = pq.read_metadata(file)
        return about.num_rows, about.num_columns
