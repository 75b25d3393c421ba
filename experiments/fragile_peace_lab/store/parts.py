"""How a sweep's rows are cut into parts, and a part into chunks.

The *grid* is two lists of cuts, of the points and of the runs; a *part* is one cell of it, [p0, p1) x [r0, r1): one
file, rows in (point, run) order. Cuts depend on the design alone. A sweep that grows keeps its cuts and adds more, so
that its parts stay what they are. A *chunk* is a slice of a part that is computed at once; its cuts show nowhere.
A part is written whole or not at all (`write_part`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fragile_peace.errors import InputError, shown
from fragile_peace_lab import durable
from fragile_peace_lab.store.columns import rows_digest

ALIGN = 64  # runs in a block of the engine
MAX_RUN_STEP = 256
MAX_ROWS = 16_384  # of a part: memory stays flat
MIN_ROWS = 256
RUN_WEEKS = 1 << 18  # in a part: half a minute of one core at 12 ms for a run of 104 weeks


@dataclass(frozen=True)
class Part:
    """A rectangle of rows, also used for chunks."""

    p0: int
    p1: int
    r0: int
    r1: int

    @property
    def name(self) -> str:
        """The file's name."""
        return f"p{self.p0:06d}-{self.p1 - 1:06d}_r{self.r0:06d}-{self.r1 - 1:06d}.parquet"

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return (self.p1 - self.p0) * (self.r1 - self.r0)


@dataclass(frozen=True)
class Grid:
    """The cuts of a sweep; `point_step` and `run_step` say where further ones go."""

    points: tuple[int, ...]
    runs: tuple[int, ...]
    point_step: int
    run_step: int

    @classmethod
    def new(cls, points: int, runs: int, weeks: int) -> "Grid":
        """Return the grid of a fresh sweep of so many points, runs (at most) and weeks."""
        target = min(MAX_ROWS, max(MIN_ROWS, RUN_WEEKS // weeks))
        run_step = min(MAX_RUN_STEP, target, -(-runs // ALIGN) * ALIGN)
        point_step = max(1, target // min(run_step, runs))
        if point_step >= points:
            run_step = max(run_step, target // points // ALIGN * ALIGN)
        empty = cls((0,), (0,), point_step, run_step)
        return empty.grown(points, runs)

    def grown(self, points: int, runs: int) -> "Grid":
        """Return the grid with cuts up to so many points and runs."""
        return Grid(
            _extended(self.points, points, self.point_step),
            _extended(self.runs, runs, self.run_step),
            self.point_step,
            self.run_step,
        )

    def parts(self) -> list[Part]:
        """All parts, in the order in which they are computed: all points of the first runs, then of the next."""
        return [part for round_ in range(len(self.runs) - 1) for part in self.round(round_)]

    def round(self, number: int) -> list[Part]:
        """The parts that hold one slice of runs of every point."""
        r0, r1 = self.runs[number], self.runs[number + 1]
        return [Part(p0, p1, r0, r1) for p0, p1 in zip(self.points, self.points[1:], strict=False)]

    def to_dict(self) -> dict[str, Any]:
        """The grid as the manifest holds it."""
        steps = {"point_step": self.point_step, "run_step": self.run_step}
        return {"points": list(self.points), "runs": list(self.runs), **steps}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Grid":
        """The grid that a manifest holds."""
        return cls(tuple(data["points"]), tuple(data["runs"]), int(data["point_step"]), int(data["run_step"]))


def _extended(cuts: tuple[int, ...], end: int, step: int) -> tuple[int, ...]:
    last = cuts[-1]
    if end <= last:
        return cuts
    return (*cuts, *range((last // step + 1) * step, end, step), end)


def chunks(part: Part, rows: int) -> Iterator[Part]:
    """Yield slices of a part of about `rows` rows, in row order: whole points, or runs of one point."""
    runs = part.r1 - part.r0
    if rows >= runs:
        step = max(1, rows // runs)
        for p0 in range(part.p0, part.p1, step):
            yield Part(p0, min(p0 + step, part.p1), part.r0, part.r1)
        return
    step = max(ALIGN, rows // ALIGN * ALIGN)
    for point in range(part.p0, part.p1):
        for r0 in range(part.r0, part.r1, step):
            yield Part(point, point + 1, r0, min(r0 + step, part.r1))


def shard_of(text: str) -> tuple[int, int]:
    """Return (i, n) of "i/n". Raises InputError."""
    left, slash, right = text.partition("/")
    whole = bool(slash) and all(re.fullmatch("[0-9]{1,6}", part) for part in (left, right))
    if not (whole and 1 <= int(left) <= int(right) <= 100_000):
        raise InputError(f"--shard: {shown(text)} is not allowed; must be i/n with i from 1 to n, such as 2/8")
    return int(left), int(right)


def share(parts: list[Part], shard: tuple[int, int] | None) -> list[Part]:
    """The parts that a shard owns: every n-th; all of them without a shard."""
    return parts if shard is None else parts[shard[0] - 1 :: shard[1]]


def encode(table: pa.Table) -> bytes:
    """Return a table as the bytes of a Parquet file, the same for the same rows."""
    sink = pa.BufferOutputStream()
    # Without dictionaries a part is smaller, and quicker to write and to read: most columns are small whole numbers.
    pq.write_table(
        table, sink, compression="zstd", compression_level=3, use_dictionary=False,
        row_group_size=max(1, table.num_rows),
    )  # fmt: skip
    data: bytes = sink.getvalue().to_pybytes()
    return data


def digest(data: bytes) -> str:
    """sha256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def write_part(path: Path, table: pa.Table, expected: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write a part, or a table kept beside the parts; return what the manifest says of it.

    Parameters
    ----------
    path : its file
    table : its rows
    expected : what the manifest says already, of a file that is computed again

    Raises
    ------
    InputError : the bytes are not those expected, or the disk fails
    """
    data = encode(table)
    entry = {
        "file": path.name,
        "rows": table.num_rows,
        "sha256": digest(data),
        "rows_sha256": rows_digest(table),
    }
    if expected is not None and expected != entry:
        same = expected["rows_sha256"] == entry["rows_sha256"]
        cause = "the rows are equal, the file is not: another version of pyarrow" if same else "the rows differ"
        raise InputError(f"{path}: computed again and not what the manifest says ({cause})")
    durable.write(path, data)
    return entry
