"""Checking a folder without trusting it: runs computed again alone, compared bit for bit with their rows.

`scenario_of` gives back the scenario of a point from the folder alone; with the manifest's seed and a run's index that
is all that a run depends on. The outcomes compared are those that the manifest names. Kernels whose sources were edited
since are refused only where they behave otherwise: then every row would differ, for a reason that is known.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.axis import scenario_of_point
from fragile_peace_lab.design.beside import FAN_RUNS
from fragile_peace_lab.design.fields import MAX_RUNS
from fragile_peace_lab.design.own import KEY, Own, own_outcomes
from fragile_peace_lab.design.sweep import OWN_RUNS
from fragile_peace_lab.running.executors import compute
from fragile_peace_lab.running.record import record_table
from fragile_peace_lab.running.side_tables import belief_table, beside_of
from fragile_peace_lab.running.weeks import weeks_table
from fragile_peace_lab.store import folder as stored
from fragile_peace_lab.store.behaviour import same_model
from fragile_peace_lab.store.columns import rows_digest
from fragile_peace_lab.store.parts import Grid, Part
from fragile_peace_lab.store.side_tables import RECORD, WEEKS, wanted
from fragile_peace_lab.store.side_tables import entries as side_entries

SURE = 0.99


@dataclass(frozen=True)
class Verified:
    """What `verify` did: rows of the parts, those computed again, parts and side tables looked at, the sample's seed.

    `catches` is the least share of rows which, if they were others, the sample would have hit with `SURE`; 0 where
    every row was computed.
    """

    rows: int
    checked: int
    parts: int
    side_tables: int
    seed: int
    catches: float


def scenario_of(folder: str | Path, point: int) -> Scenario:
    """Return the scenario of a design point, rebuilt from the folder alone. Raises InputError."""
    where = Path(folder)
    return _scenario(stored.read_manifest(where), stored.design_of(where), point)


def _scenario(manifest: dict[str, Any], design: pa.Table, point: int) -> Scenario:
    if not 0 <= point < design.num_rows:
        raise InputError(
            f"point: {shown(point)} is not allowed; must be a whole number from 0 to {design.num_rows - 1}"
        )
    return scenario_of_point(stored.scenarios_of(manifest), stored.sets_of(manifest), design, point)


def replayed(folder: str | Path, point: int, run: int) -> tuple[Scenario, dict[str, Any]]:
    """Return the scenario of a point, and the seed, the engine's run and the weeks to play it. Raises InputError."""
    manifest, design = stored.read_manifest(Path(folder)), stored.design_of(folder)
    scenario = _scenario(manifest, design, point)
    most = OWN_RUNS if pc.max(design["first_run"]).as_py() else MAX_RUNS
    if isinstance(run, bool) or not isinstance(run, int) or not 0 <= run < most:
        raise InputError(f"run: {shown(run)} is not allowed; must be a whole number from 0 to {most - 1}")
    weeks = manifest["sweep"]["weeks"]
    index = _first_run(design, point) + run
    return scenario, {"seed": manifest["seed"], "run": index, "weeks": scenario.weeks if weeks is None else weeks}


def _first_run(design: pa.Table, point: int) -> int:
    """The engine's run that is run 0 of a point."""
    return int(design["first_run"][point].as_py())


def row_of(folder: str | Path, point: int, run: int) -> dict[str, Any] | None:
    """Return the stored row of a run by column name; None where the sweep does not hold it. Raises InputError."""
    where = Path(folder)
    for part in Grid.from_dict(stored.read_manifest(where)["grid"]).parts():
        if part.p0 <= point < part.p1 and part.r0 <= run < part.r1:
            path = where / stored.PARTS / part.name
            if path.exists():
                table = stored.read_table(path)
                return dict(table.slice(_index(part, point, run), 1).to_pylist()[0])
    return None


def _index(part: Part, point: int, run: int) -> int:
    return (point - part.p0) * (part.r1 - part.r0) + run - part.r0


def verify(folder: str | Path, share: float = 0.01, seed: int | None = None) -> Verified:
    """Check every file's sha256 and shape, then compute a sample of its rows again and compare bit for bit.

    Parameters
    ----------
    folder : of a sweep
    share : of the rows of each part, at least one a part
    seed : of the sample; if not given a fresh one, so that nobody who writes a folder can know which rows are spared

    Raises
    ------
    InputError : the kernels behave otherwise, a file is damaged, or a row differs; the line names it
    """
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise InputError(f"share: {shown(share)} is not allowed; must be a number above 0 and at most 1")
    where = Path(folder)
    manifest, design = stored.read_manifest(where), stored.design_of(where)
    same_model(manifest, f"{where}: the kernels that made it: this process")
    seed = secrets.randbits(63) if seed is None else seed
    own = asked_again(manifest, where)
    generator = np.random.default_rng(seed)
    columns = stored.contingents(manifest)
    parts = {part.name: part for part in Grid.from_dict(manifest["grid"]).parts()}
    entries = stored.entries_of(where, manifest)
    checked = 0
    for entry in entries:
        part, path = parts[entry["file"]], where / stored.PARTS / entry["file"]
        if path.exists():
            stored.named(path, entry["sha256"])
        table = stored.read_table(path)
        _check_keys(path, part, table)
        number = max(1, round(share * part.rows))
        rows = np.sort(generator.choice(part.rows, number, replace=False))
        _compare(path, part, table, rows, manifest, design, columns, own)
        checked += number
    if manifest["state"] == stored.COMPLETE:
        _check_beside(where, manifest, design, generator)
    rows = sum(entry["rows"] for entry in entries)
    return Verified(rows, checked, len(entries), len(side_entries(manifest)), seed, least_caught(checked, rows))


def least_caught(checked: int, rows: int) -> float:
    """Return the least share of wrong rows that a sample hits with the chance `SURE`: 1 - (1 - SURE)^(1 / checked).

    Rows drawn from each part in proportion hit a given share of wrong ones at least as surely as rows drawn from all.
    """
    return 0.0 if checked >= rows else float(-np.expm1(np.log1p(-SURE) / checked))


def asked_again(manifest: dict[str, Any], where: Path) -> tuple[Own, ...]:
    """Return a sweep's own outcomes, whose modules are here or on sys.path. Raises InputError for another source."""
    own = own_outcomes(manifest["sweep"].get("outcomes", ()), Path())
    for one, entry in zip(own, manifest.get(KEY, ()), strict=True):
        if one.entry != entry:
            raise InputError(
                f"{where}: {one.source.file} is not the source that {entry['function']} was made with (sha256 "
                f"{one.source.digest[:12]}, in the manifest {entry['source_digest'][:12]})"
            )
    return own


def _check_beside(where: Path, manifest: dict[str, Any], design: pa.Table, generator: np.random.Generator) -> None:
    """Check the side tables' sha256, and compute a member of one and a run of the other again."""
    entries = {entry["file"]: entry for entry in side_entries(manifest)}
    if set(entries) != set(wanted(manifest)):
        raise InputError(f"{where}: its manifest names no {' or '.join(set(wanted(manifest)) - set(entries))}")
    for name, entry in entries.items():
        path = where / name
        if path.exists():
            stored.named(path, entry["sha256"])
        table, beside = stored.read_table(path), beside_of(manifest, design)
        if name == RECORD:
            column, number = "point", int(generator.integers(design.num_rows))
            again = record_table(manifest, design, [number])
        elif name == WEEKS:
            column, number = "run", int(generator.integers(FAN_RUNS))
            again = weeks_table(beside.world, manifest["seed"], 1, beside.weeks, first_run=number)
        else:
            column, number = "member", int(generator.integers(len(beside.members)))
            again = belief_table(beside, manifest, number)
        kept = table.filter(pc.equal(table[column], number))
        if table.num_rows != entry["rows"] or rows_digest(kept) != rows_digest(again.combine_chunks()):
            raise InputError(f"{path}: {column} {number} differs when it is computed again")


def _check_keys(path: Path, part: Part, table: pa.Table) -> None:
    runs = part.r1 - part.r0
    points = np.repeat(np.arange(part.p0, part.p1), runs)
    indices = np.tile(np.arange(part.r0, part.r1), part.p1 - part.p0)
    right = table.num_rows == part.rows and np.array_equal(table["point"].to_numpy(), points)
    if not right or not np.array_equal(table["run"].to_numpy(), indices):
        raise InputError(f"{path}: its rows are not those that its name says")


def _compare(
    path: Path, part: Part, table: pa.Table, rows: np.ndarray, manifest: dict[str, Any], design: pa.Table, columns: int,
    own: tuple[Own, ...],
) -> None:  # fmt: skip
    """Compute rows of a part again, each alone, and compare all their columns."""
    runs = part.r1 - part.r0
    sweep = manifest["sweep"]
    scenarios: dict[int, Scenario] = {}
    for row in rows.tolist():
        point, run = part.p0 + row // runs, part.r0 + row % runs
        if point not in scenarios:
            scenarios = {point: _scenario(manifest, design, point)}
        alone = Part(point, point + 1, run, run + 1)
        again = compute(
            [scenarios[point]], [_first_run(design, point)], alone, sweep["seed"], sweep["weeks"], columns, None, own
        )
        kept = table.slice(row, 1)
        for name in stored.part_columns(manifest):
            if name not in table.column_names or not _same(kept[name], again[name]):
                raise InputError(f"{path}: point {point}, run {run}: {name} differs when it is computed again")


def _same(left: pa.ChunkedArray, right: pa.ChunkedArray) -> bool:
    """Whether two one-row columns hold the same bits (0.0 and -0.0 differ)."""
    a, b = left[0], right[0]
    if a.is_valid != b.is_valid or left.type != right.type:
        return False
    if not a.is_valid:
        return True
    if pa.types.is_floating(left.type):
        return bool(np.float64(a.as_py()).tobytes() == np.float64(b.as_py()).tobytes())
    return bool(pc.equal(a, b).as_py())
