"""Whether a published file and the one made again say the same, and where they first differ.

On the platform that the results were published from, files are compared byte for byte. Elsewhere numbers may differ by
`TOLERANCE` of their size (other processors and libraries round sums differently; the tables hold 9 digits, the figures'
data 6), text may not, and pictures are judged by the data behind them alone.
"""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TOLERANCE = 1e-5
"""Relative, for numbers on another platform; a number of 6 digits may differ in the last one."""
TINY = 1e-12


def difference(published: Path, again: Path, exact: bool) -> str | None:
    """Return where two files first differ, in words; None where they are the same.

    Parameters
    ----------
    published, again : the two files, of one kind
    exact : byte for byte; else numbers within `TOLERANCE`, and pictures and pages not at all
    """
    for path, words in ((published, "is not among the published files"), (again, "is not made any more")):
        if not path.exists():
            return f"{published.name} {words}"
    left, right = published.read_bytes(), again.read_bytes()
    if left == right:
        return None
    if published.suffix == ".csv":
        found = _csv_difference(left.decode(errors="replace"), right.decode(errors="replace"), exact)
    elif published.suffix == ".json":
        try:
            found = value_difference(json.loads(left), json.loads(right), exact)
        except ValueError:
            found = "not readable as JSON"
    else:
        return f"{published.name}: its bytes differ" if exact else None
    if found is None and exact:
        found = "its bytes differ, its values do not"
    return None if found is None else f"{published.name}: {found}"


def _csv_difference(left: str, right: str, exact: bool) -> str | None:
    """Return the first cell that differs."""
    ours, theirs = (list(csv.reader(io.StringIO(text, newline=""))) for text in (left, right))
    if not ours or not theirs or ours[0] != theirs[0]:
        return "its columns differ"
    if len(ours) != len(theirs):
        return f"{len(ours) - 1} rows, {len(theirs) - 1} when made again"
    for line, (row, other) in enumerate(zip(ours, theirs, strict=True), 1):
        if len(row) != len(other):
            return f"line {line}: {len(row)} cells, {len(other)} when made again"
        for name, cell, made in zip(ours[0], row, other, strict=True):
            if not same(_number(cell), _number(made), exact):
                return f"line {line} ({row[0]}): {name} is {cell or 'empty'}, {made or 'empty'} when made again"
    return None


def value_difference(left: Any, right: Any, exact: bool) -> str | None:
    """Return the first difference of two pieces of plain data, by dotted name."""
    ours, theirs = dict(flat(left)), dict(flat(right))
    for name in {**ours, **theirs}:
        if name not in ours or name not in theirs:
            return f"{name} is {'not published' if name not in ours else 'not made any more'}"
        if not same(ours[name], theirs[name], exact):
            return f"{name} is {ours[name]}, {theirs[name]} when made again"
    return None


def flat(data: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of plain data with their dotted names; an empty list or mapping is a leaf."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(data, Mapping):
        inner = list(data.items())
    elif isinstance(data, list | tuple):
        inner = list(enumerate(data))
    if not inner:
        yield name, data
    for key, value in inner:
        yield from flat(value, f"{name}.{key}" if name else str(key))


def same(left: Any, right: Any, exact: bool) -> bool:
    """Whether two values are the same; numbers within `TOLERANCE` unless exact."""
    if left == right and type(left) is type(right):
        return True
    if exact or isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TINY)
    return False


def _number(cell: str) -> float | str:
    """A cell as a number where it is one; its text is kept where reading would lose a digit."""
    try:
        value = float(cell)
    except ValueError:
        return cell
    return value if math.isfinite(value) else cell
