"""The folder that a sweep leaves, and the rules that keep it whole (docs/sweeps.md describes it for readers).

    manifest.json    deterministic: the sweep, its scenarios, digests, seed, grid, and the sha256 of every part
    provenance.json  when, where and with what it was made
    design.parquet   one row a point
    parts/*.parquet  one row a run; nothing else lies there, so that any tool can read the folder as one table
    *.parquet        the side tables of a finished sweep (`store.side_tables`), for its figures
    .lock, .journal.jsonl  who writes, and the files since the last manifest

A part or a side table counts once its line is in the journal; until then it is computed again. A folder takes only
parts of one identity: sweep, scenarios, kernel sources, behaviour. It may grow, in runs and in samples, and never
mixes.

The manifest names the outcomes that its parts hold, and its behaviour digest is over those: parts computed again have
the same columns, whatever outcomes the model has had added since. Where the kernel sources were edited since (a file
renamed, an outcome added) and the model behaves alike, a complete folder stays as it is, and parts missing from it may
be computed again: each must have the sha256 that the manifest has for it. Nothing is added under other sources: an
unfinished sweep is not gone on with, and a folder does not grow.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.outcomes import NAMES
from fragile_peace_lab import durable, parquet
from fragile_peace_lab.design.composite import composites_in
from fragile_peace_lab.design.own import KEY as OWN
from fragile_peace_lab.design.own import tables_of
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.store import manifest as manifests
from fragile_peace_lab.store.behaviour import sources
from fragile_peace_lab.store.columns import columns_of, schema
from fragile_peace_lab.store.parts import Grid, Part, write_part
from fragile_peace_lab.store.side_tables import KEY, SIDE_TABLES
from fragile_peace_lab.store.side_tables import entries as side_entries

SCHEMA = 1
MANIFEST, DESIGN, PARTS, PROVENANCE = "manifest.json", "design.parquet", "parts", "provenance.json"
JOURNAL, LOCK = ".journal.jsonl", ".lock"
RUNNING, COMPLETE, SHARD = "running", "complete", "shard"


def width(plan: Plan) -> int:
    """The largest number of contingents of the sweep's scenarios: how many columns they get."""
    return max(len(scenario.contingents) for scenario in plan.scenarios.values())


def contingents(manifest: dict[str, Any]) -> int:
    """The same, read off a manifest."""
    return max(len(entry["values"]["contingents"]) for entry in manifest["scenarios"].values())


def model_columns(manifest: dict[str, Any]) -> list[str]:
    """The columns of a sweep's parts that the model fills. Raises InputError for outcomes that there are not now."""
    return columns_of(manifest["outcomes"], contingents(manifest))


def part_columns(manifest: dict[str, Any]) -> list[str]:
    """All columns of a sweep's parts, own outcomes last. Raises InputError as `model_columns`."""
    return [*model_columns(manifest), *(outcome.name for outcome in tables_of(manifest))]


def manifest_of(plan: Plan, grid: Grid, shard: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return the manifest of a sweep that has no parts yet; `opened` fills in the behaviour digest."""
    points, runs = grid.points[-1], grid.runs[-1]
    return {
        "schema": SCHEMA,
        "name": plan.sweep.name,
        "state": RUNNING,
        "shard": None if shard is None else f"{shard[0]}/{shard[1]}",
        "points": points,
        "runs": runs,
        "rows": points * runs,
        "seed": plan.sweep.seed,
        "source_digest": sources(),
        "behaviour_digest": "",
        "outcomes": list(NAMES),
        "sweep": plan.sweep.to_dict(),
        "scenarios": {name: {"digest": s.digest, "values": s.to_dict()} for name, s in plan.scenarios.items()},
        "grid": grid.to_dict(),
        "design_sha256": "",
        "parts": [],
        **({OWN: [one.entry for one in plan.own]} if plan.own else {}),
    }


class Store:
    """One sweep's folder, open for writing under its lock."""

    def __init__(self, folder: Path, manifest: dict[str, Any], entries: dict[str, dict[str, Any]]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.entries = entries  # what each part and side table must be: of the manifest and the journal
        self.present: set[str] = set()  # those of them that are in the folder, whole

    @property
    def grid(self) -> Grid:
        """The grid of the manifest."""
        return Grid.from_dict(self.manifest["grid"])

    def path(self, part: Part) -> Path:
        """The file of a part."""
        return self.folder / PARTS / part.name

    def has(self, part: Part) -> bool:
        """Whether a part is there, as the manifest or the journal says it must be."""
        return part.name in self.present

    def check_parts(self) -> None:
        """Compare every file in the folder with its sha256. Raises InputError that names the first bad one."""
        known = {part.name for part in self.grid.parts()}
        for file in sorted((self.folder / PARTS).glob("*.parquet")):
            if file.name not in known:
                raise InputError(f"{file}: does not belong to this sweep; move it out of the folder")
            entry = self.entries.get(file.name)
            if entry is None:
                continue  # renamed, but not in the journal: it will be computed again
            whole(file, entry)
            self.present.add(file.name)

    def write(self, part: Part, table: pa.Table) -> None:
        """Put a part into the folder, with the manifest's outcomes. Raises InputError where it expects other bytes."""
        self._put(self.path(part), table.select(part_columns(self.manifest)))
        self.present.add(part.name)

    def lacks(self, name: str, rows: int | None = None) -> bool:
        """Whether a side table is to be made: it is not there, or one of so many `rows` is wanted and another is there.

        Raises InputError where it is damaged.
        """
        entry, file = self.entries.get(name), self.folder / name
        if entry is not None and rows is not None and entry["rows"] != rows:
            del self.entries[name]  # of the sweep before it grew
            entry = None
        if entry is None or not file.exists():
            return True
        whole(file, entry)
        return False

    def write_beside(self, name: str, table: pa.Table) -> None:
        """Put a side table into the folder. Raises InputError where the manifest expects other bytes."""
        self._put(self.folder / name, table)

    def _put(self, path: Path, table: pa.Table) -> None:
        self._note(write_part(path, table, self.entries.get(path.name)))

    def take(self, entry: dict[str, Any], data: bytes) -> None:
        """Put a part of another folder into this one: what that one's manifest says of it, and its bytes."""
        durable.write(self.folder / PARTS / entry["file"], data)
        self._note(entry)
        self.present.add(entry["file"])

    def _note(self, entry: dict[str, Any]) -> None:
        if entry["file"] not in self.entries:
            durable.append(self.folder / JOURNAL, manifests.line_of(entry))
        self.entries[entry["file"]] = entry

    def save(self, state: str) -> None:
        """Write the manifest with all files known so far; unchanged content leaves the file untouched."""
        self.manifest["state"] = state
        self.manifest.pop(manifests.OWN, None)  # the last key, whatever was added
        names = [part.name for part in self.grid.parts()]
        self.manifest["parts"] = [self.entries[name] for name in names if name in self.entries]
        beside = [self.entries[name] for name in SIDE_TABLES if name in self.entries]
        self.manifest |= {KEY: beside} if beside else {}
        self.manifest[manifests.OWN] = manifests.own_digest(self.manifest)
        path = self.folder / MANIFEST
        if not path.exists() or durable.read_json(path) != self.manifest:
            durable.write_json(path, self.manifest)
        (self.folder / JOURNAL).unlink(missing_ok=True)

    def end_with(self, grid: Grid) -> None:
        """Take the grid that the sweep ended with into the manifest."""
        self.manifest |= {
            "grid": grid.to_dict(),
            "runs": grid.runs[-1],
            "rows": grid.points[-1] * grid.runs[-1],
        }


def whole(file: Path, entry: dict[str, Any]) -> None:
    """Raise InputError unless a part or a side table is what the manifest or the journal says of it."""
    if durable.sha256(file) != entry["sha256"]:
        raise InputError(
            f"{file}: damaged: its bytes are not those that were written (sha256). Delete it and run again "
            "with --resume: it will be computed again"
        )


def named(path: Path, sha256: str) -> None:
    """Raise InputError unless a file's bytes are those that a manifest names; it says nothing of how to mend that."""
    if durable.sha256(path) != sha256:
        raise InputError(f"{path}: damaged: its bytes are not those that the manifest names (sha256)")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder. Raises InputError."""
    path = folder / MANIFEST
    if not path.exists():
        raise InputError(f"{folder}: has no {MANIFEST}; it is not the result of a sweep")
    return manifests.read(path)


def files(folder: Path, manifest: dict[str, Any]) -> dict[Path, str]:
    """Return the sha256 of every part and side table that a manifest names."""
    parts = {folder / PARTS / entry["file"]: entry["sha256"] for entry in manifest["parts"]}
    return parts | {folder / entry["file"]: entry["sha256"] for entry in side_entries(manifest)}


def scenarios_of(manifest: dict[str, Any]) -> dict[str, Scenario]:
    """Return the scenarios of a sweep by name, the base scenario first."""
    return {name: Scenario.from_dict(entry["values"]) for name, entry in manifest["scenarios"].items()}


def structures_of(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values of each structure of a sweep, the reference first; nothing where it declares none."""
    return dict(manifest["sweep"].get("structures", {}))


def sets_of(manifest: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what a sweep's structures, and the labels of its composite levers, set (`design.axis.scenario_at`)."""
    return {STRUCTURE: structures_of(manifest), **composites_in(manifest["sweep"]["levers"])}


def journal_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the parts of the journal by file name; a line that a kill cut short ends it.

    Raises InputError where it cannot be read.
    """
    path, entries = folder / JOURNAL, dict[str, dict[str, Any]]()
    lines = durable.read(path).decode(errors="replace").split("\n") if path.exists() else [""]
    for line in lines[:-1]:
        entry = manifests.entry_of(line)
        if entry is None:
            break
        entries[entry["file"]] = entry
    return entries


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Return the rows of one Parquet file. Raises InputError where it is damaged or missing."""
    try:
        return parquet.read(path, columns)
    except FileNotFoundError:
        raise InputError(f"{path}: is missing; run the sweep with --resume to compute it again") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path}: damaged: not readable as Parquet ({error})") from None


def entries_of(folder: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts that a folder holds, in grid order; of an unfinished sweep, those that are done."""
    entries = {entry["file"]: entry for entry in manifest["parts"]} | journal_of(folder)
    return [entries[part.name] for part in Grid.from_dict(manifest["grid"]).parts() if part.name in entries]


def read(folder: str | Path, columns: list[str] | None = None) -> pa.Table:
    """Return all runs of a sweep, part by part; only some columns if given. Raises InputError."""
    where = Path(folder)
    manifest = read_manifest(where)
    entries = entries_of(where, manifest)
    tables = []
    for entry in entries:
        path = where / PARTS / entry["file"]
        table = read_table(path, columns)
        whole(path, entry)
        tables.append(table)
    if not tables:
        return schema(0).empty_table().select(columns_of(manifest["outcomes"], 0) if columns is None else columns)
    return pa.concat_tables(tables)


def design_of(folder: str | Path) -> pa.Table:
    """Return the points of a sweep: point, sample, combination, and every factor. Raises InputError."""
    path = Path(folder) / DESIGN
    table, expected = read_table(path), read_manifest(Path(folder))["design_sha256"]
    named(path, expected)
    return table


def side_table(folder: Path, name: str, columns: list[str] | None = None) -> pa.Table:
    """Return a side table. Raises InputError where it is missing or not what the manifest names."""
    path = folder / name
    table = read_table(path, columns)
    for entry in side_entries(read_manifest(folder)):
        if entry["file"] == name:
            whole(path, entry)
    return table
