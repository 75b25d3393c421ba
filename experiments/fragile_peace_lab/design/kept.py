"""A sample kept as a Parquet file beside the model: read with one line of error, written to the same bytes.

What it is about is JSON in the file's metadata.
"""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fragile_peace.errors import InputError
from fragile_peace_lab import durable, parquet

_META = b"fragile-peace"


@contextmanager
def reading(path: Path, missing: str, what: str) -> Iterator[tuple[pa.Table, dict[str, Any]]]:
    """Give the table of a file and what it is about. Raises InputError, also where the block finds it is another file.

    Parameters
    ----------
    path : the file
    missing : said where there is none
    what : it should be; said where it is not
    """
    try:
        table = parquet.read(path)
        yield table, durable.parsed((table.schema.metadata or {})[_META])
    except FileNotFoundError:
        raise InputError(f"{path}: {missing}") from None
    except (OSError, KeyError, TypeError, ValueError) as error:  # pyarrow's errors are ValueErrors
        why = " ".join(str(error).split())[:80]
        raise InputError(f"{path}: not {what} ({why})") from None


def write(path: Path, table: pa.Table, about: Mapping[str, Any], level: int = 3) -> None:
    """Write a table and what it is about; the same give the same bytes. Raises InputError."""
    sink = io.BytesIO()
    meta = {_META: json.dumps(about, sort_keys=True).encode()}
    pq.write_table(table.replace_schema_metadata(meta), sink, compression="zstd", compression_level=level)
    durable.folder(path.resolve().parent)
    durable.write(path, sink.getvalue())
