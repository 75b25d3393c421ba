"""The columns of a sweep's Parquet parts: one row a run, one column an outcome, names that read without this project.

`fragile_peace.outcomes` says what they are. An indexed outcome becomes one column for each index, named by the codes
(`deaths_line`, `decisions_honour`, `happened_collapse`), or by number for contingents (`deaths_n_0` is the first
contingent of the scenario). "Never" is null. A contingent that a point's scenario does not have has `joined_n_i` false
and nulls elsewhere.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from fragile_peace.errors import InputError, nearest
from fragile_peace.outcomes import BY_NAME, CODE, COUNT, FLAG, JOINED, LONG, NAMES, NEVER, REAL, TABLE, Outcome

LEFT_WEEK = "left_week_n"
_TYPES = {COUNT: pa.int32(), LONG: pa.int64(), CODE: pa.int8(), FLAG: pa.bool_(), REAL: pa.float64()}
POINT = pa.field("point", pa.int32(), False, {"unit": "", "text": "row of design.parquet"})
RUN = pa.field(
    "run",
    pa.int32(),
    False,
    {"unit": "", "text": "number of the run in its point: the engine's run is the point's first_run + run"},
)


def column_names(name: str, contingents: int) -> list[str]:
    """Return the columns of one outcome, in order.

    Parameters
    ----------
    name : of the outcome
    contingents : of the schema

    Raises
    ------
    InputError : there is no such outcome
    """
    if name not in BY_NAME:
        raise InputError(f"outcomes: {name} is not an outcome of this model{nearest(name, NAMES)}")
    return [field.name for field in _fields(BY_NAME[name], contingents)]


def columns_of(names: Iterable[str], contingents: int) -> list[str]:
    """Return the columns of a part that holds these outcomes. Raises InputError for one that there is not."""
    return [POINT.name, RUN.name, *(column for name in names for column in column_names(name, contingents))]


@cache
def schema(contingents: int) -> pa.Schema:
    """Return the schema of all outcomes; `contingents` is the largest number in any scenario of the sweep."""
    return pa.schema([POINT, RUN, *(field for outcome in TABLE for field in _fields(outcome, contingents))])


def _fields(outcome: Outcome, contingents: int) -> list[pa.Field]:
    """The columns of one outcome: name, type, whether null, and what a reader of the file is told."""
    low = outcome.name.lower()
    about = {"unit": outcome.unit, "text": outcome.text}
    if outcome.code is not None:
        about["codes"] = ", ".join(f"{int(member)} {member.name.lower()}" for member in outcome.code)
    labels: Iterable[object] = range(contingents) if outcome.of_contingents else outcome.labels
    names = [f"{low}_{label}" for label in labels] if outcome.by else [low]
    nullable = outcome.never or (outcome.of_contingents and outcome is not JOINED)
    found = [pa.field(name, _TYPES[outcome.kind], nullable, about) for name in names]
    return [*_fields(JOINED, contingents), *found] if outcome.name == LEFT_WEEK else found


def flatten(
    outcomes: np.ndarray, points: Sequence[int], first_run: int, members: Sequence[int], width: int
) -> pa.Table:
    """Lay outcomes out as rows in (point, run) order.

    Parameters
    ----------
    outcomes : OUTCOMES, shape (points, runs)
    points : ids of the points
    first_run : index of the first run
    members : contingents of each point's scenario
    width : contingents of the schema
    """
    runs = outcomes.shape[1]
    flat = outcomes.reshape(-1)
    absent = np.arange(width) >= np.repeat(np.asarray(members, np.int64), runs)[:, None]
    arrays = [
        pa.array(np.repeat(np.asarray(points, np.int32), runs)),
        pa.array(np.tile(np.arange(first_run, first_run + runs, dtype=np.int32), len(points))),
    ]
    for outcome in TABLE:
        values = flat[outcome.name]
        if outcome.of_contingents:
            arrays += _of_contingents(outcome, values[:, :width], absent)
            continue
        for part in values.T if outcome.by else [values]:
            arrays.append(_array(part, _TYPES[outcome.kind], part == NEVER if outcome.never else None))
    return pa.Table.from_arrays(arrays, schema=schema(width))


def beside(table: pa.Table, own: Sequence[Outcome], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return a table with a column more for each own outcome (`design.own`), of rows in the table's order."""
    for outcome, values in zip(own, zip(*rows, strict=True), strict=True):
        (field,) = _fields(outcome, 0)
        table = table.append_column(field, pa.array(values, field.type))
    return table


def _of_contingents(outcome: Outcome, values: np.ndarray, absent: np.ndarray) -> list[pa.Array]:
    """The columns of an outcome of contingents, shape (rows, width); null where `absent`, and where it was never."""
    mask = absent | (values <= NEVER) if outcome.never else absent
    found = [_array(values[:, n], _TYPES[outcome.kind], mask[:, n]) for n in range(values.shape[1])]
    if outcome.name != LEFT_WEEK:
        return found
    joined = (values >= NEVER) & ~absent
    return [*(pa.array(joined[:, n]) for n in range(values.shape[1])), *found]


def _array(values: np.ndarray, kind: pa.DataType, mask: np.ndarray | None) -> pa.Array:
    """Convert one column; a value that does not fit its type is refused, never wrapped."""
    plain = np.ascontiguousarray(values)
    if pa.types.is_boolean(kind):
        plain = plain != 0
    elif pa.types.is_integer(kind) and kind != pa.int64():
        narrow = plain.astype(kind.to_pandas_dtype())
        if not np.array_equal(narrow, plain):
            raise InputError(f"outcomes: {plain.max()} does not fit a column of type {kind}")
        plain = narrow
    if mask is not None:
        plain = np.where(mask, plain.dtype.type(0), plain)
    return pa.array(plain, kind, mask=mask)


def rows_digest(table: pa.Table) -> str:
    """sha256 of the rows themselves: names, types, values and nulls, whatever file format or compression holds them."""
    digest = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        digest.update(f"{name} {array.type} {len(array)} ".encode())
        if array.null_count:
            digest.update(np.packbits(array.is_null().to_numpy(zero_copy_only=False)).tobytes())
            array = array.fill_null(0)
        digest.update(np.ascontiguousarray(array.to_numpy(zero_copy_only=False)).data)
    return digest.hexdigest()
