"""The manifest of a folder, read back with suspicion: its form, its sums, and its own digest.

`manifest_sha256` is the digest of the rest of the manifest: a bit that flipped, or an editor's change, is noticed by
whatever reads the folder. It is no signature: who rewrites a manifest can write its digest too, and then computing rows
again (`verify`) tells (docs/security.md).
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.store.parts import Grid

OWN, LINE = "manifest_sha256", "line_sha256"
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Entry(_Record):
    """What a manifest or a journal says of a part or a side table."""

    file: Annotated[str, Field(pattern=r"^[\w-]+\.parquet$")]
    rows: Count
    sha256: Digest
    rows_sha256: Digest


class Cuts(_Record):
    """The grid (`store.parts.Grid`)."""

    points: Annotated[list[Count], Field(min_length=1)]
    runs: Annotated[list[Count], Field(min_length=1)]
    point_step: Annotated[int, Field(ge=1)]
    run_step: Annotated[int, Field(ge=1)]


class World(_Record):
    """A scenario of a sweep."""

    digest: str
    values: dict[str, Any]


class Manifest(BaseModel):
    """The form of a manifest; what a sweep of another kind adds is left to those who read it."""

    model_config = ConfigDict(strict=True)

    schema_: Annotated[int, Field(alias="schema")]
    name: str
    state: Literal["running", "complete", "shard"]
    shard: str | None
    points: Count
    runs: Count
    rows: Count
    seed: Count
    source_digest: Digest
    behaviour_digest: Digest
    outcomes: list[str]
    sweep: dict[str, Any]
    scenarios: Annotated[dict[str, World], Field(min_length=1)]
    grid: Cuts
    design_sha256: Digest
    parts: list[Entry]
    side_tables: list[Entry] = []
    manifest_sha256: Digest


def own_digest(manifest: Mapping[str, Any]) -> str:
    """Return the digest of a manifest without its own."""
    return _digest({key: value for key, value in manifest.items() if key != OWN})


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, allow_nan=False).encode()).hexdigest()


def read(path: Path) -> dict[str, Any]:
    """Return a manifest. Raises InputError that names what is wrong with it."""
    manifest = durable.read_json(path, Manifest)
    for name, right in _sums(manifest):
        if not right:
            raise InputError(f"{path}: damaged: its {name} do not agree with one another")
    if manifest[OWN] != own_digest(manifest):
        raise InputError(
            f"{path}: was changed after it was written ({OWN} does not fit); restore it, or run the sweep anew"
        )
    _check_declared(path, manifest)
    return manifest


def _check_declared(path: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a sweep, or a scenario, that could not have been run."""
    if Sweep.from_dict(manifest["sweep"], f"{path}: damaged: sweep").to_dict() != manifest["sweep"]:
        raise InputError(f"{path}: damaged: its sweep is not written as a sweep is")
    for name, world in manifest["scenarios"].items():
        try:
            Scenario.from_dict(world["values"])
        except InputError as error:
            raise InputError(f"{path}: damaged: scenarios.{name}: {error}") from None


def line_of(entry: Mapping[str, Any]) -> str:
    """Return the line of a journal for a part or a side table, with its own digest."""
    return json.dumps({**entry, LINE: _digest(entry)})


def entry_of(line: str) -> dict[str, Any] | None:
    """Return what a line of a journal says; None where it was cut short or changed."""
    try:
        entry = durable.parsed(line.encode())
        own = entry.pop(LINE)
        return entry if own == _digest(Entry.model_validate(entry).model_dump()) else None
    except (ValueError, KeyError, AttributeError, TypeError):  # pydantic's is a ValueError
        return None


def _sums(manifest: dict[str, Any]) -> list[tuple[str, bool]]:
    """What must agree within a manifest, and whether it does."""
    grid, parts = manifest["grid"], [entry["file"] for entry in manifest["parts"]]
    ascending = all(cuts[0] == 0 and cuts == sorted(set(cuts)) for cuts in (grid["points"], grid["runs"]))
    if not ascending:
        return [("cuts of the grid", False)]
    planned = {part.name: part.rows for part in Grid.from_dict(grid).parts()}
    rows = all(planned.get(entry["file"]) == entry["rows"] for entry in manifest["parts"])
    return [
        ("seeds", manifest["seed"] == manifest["sweep"].get("seed")),
        ("points", manifest["points"] == grid["points"][-1]),
        ("runs", manifest["runs"] == grid["runs"][-1]),
        ("rows", manifest["rows"] == manifest["points"] * manifest["runs"]),
        ("parts", rows and len(set(parts)) == len(parts)),
        ("state and parts", manifest["state"] != "complete" or len(parts) == len(planned)),
    ]
