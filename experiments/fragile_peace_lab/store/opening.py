"""Opening a folder for a sweep: fresh, to go on with, or to grow; refused where that would mix (`store.folder`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.store import folder as stored
from fragile_peace_lab.store import manifest as manifests
from fragile_peace_lab.store.behaviour import behaviour_digest
from fragile_peace_lab.store.changes import changes
from fragile_peace_lab.store.parts import Grid, digest, encode
from fragile_peace_lab.store.side_tables import KEY, wanted
from fragile_peace_lab.store.side_tables import entries as side_entries


def finished(folder: Path, manifest: dict[str, Any], design: pa.Table) -> bool:
    """Whether a folder holds this very sweep, complete, every file whole: then there is nothing to compute or to write.

    What the model does on this machine (the behaviour digest) does not matter here, so that the answer comes quickly.
    """
    if not (folder / stored.MANIFEST).exists() or (folder / stored.JOURNAL).exists():
        return False
    old = stored.read_manifest(folder)
    alike = {**manifest, "behaviour_digest": old["behaviour_digest"], "outcomes": old["outcomes"]}
    if (
        old["state"] not in (stored.COMPLETE, stored.SHARD)
        or old["shard"] != manifest["shard"]
        or old["sweep"] != manifest["sweep"]
    ):
        return False
    if changes(old, alike) or old["design_sha256"] != digest(encode(design)):
        return False
    known = stored.files(folder, old)
    there = {*(folder / stored.PARTS).glob("*.parquet"), *(folder / name for name in wanted(old))}
    if there != set(known):
        return False
    known[folder / stored.DESIGN] = old["design_sha256"]
    return all(path.exists() and durable.sha256(path) == sha256 for path, sha256 in known.items())


@contextmanager
def opened(folder: Path, manifest: dict[str, Any], design: pa.Table, resume: bool) -> Iterator[stored.Store]:
    """Open a folder for a sweep: fresh, to go on with, or to grow. Raises InputError; then nothing was changed."""
    _existing(folder, _here(folder, manifest), resume)
    durable.folder(folder / stored.PARTS)
    with durable.locked(folder / stored.LOCK, str(folder)):
        manifest = _here(folder, manifest)
        old = _existing(folder, manifest, resume)  # again: another process may just have finished
        manifest = _merged(old, manifest)
        data = encode(design)
        _keep_design(folder, data, design, old)
        manifest["design_sha256"] = digest(data)
        store = begun(folder, manifest, old)
        if old is None or _essence(old) != _essence(manifest):
            store.save(stored.RUNNING)
        elif (folder / stored.JOURNAL).exists():
            store.save(manifest["state"])  # its last line may be cut short: what is added now must not continue it
        yield store


@contextmanager
def beside(folder: Path, *below: str) -> Iterator[None]:
    """Hold a folder for what is made from a finished sweep's runs; what a killed call left half-written is removed.

    Parameters
    ----------
    below : the folders in it that are written into

    Raises
    ------
    InputError : another process holds it, or it cannot be written
    """
    durable.folder(folder)
    with durable.locked(folder / stored.LOCK, str(folder)):
        for name in (".", *below):
            durable.sweep_up(folder / name)
        yield


def begun(folder: Path, manifest: dict[str, Any], old: dict[str, Any] | None) -> stored.Store:
    """Return a folder's store, its files known from the old manifest and the journal, and checked. The lock is held.

    Raises InputError that names the first damaged file.
    """
    durable.sweep_up(folder)
    durable.sweep_up(folder / stored.PARTS)
    known = [*old["parts"], *side_entries(old)] if old is not None else []
    store = stored.Store(folder, manifest, {entry["file"]: entry for entry in known} | stored.journal_of(folder))
    store.check_parts()
    return store


def _here(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest of what would be computed here for a folder: over its outcomes, with their behaviour digest.

    For a complete folder that behaves alike it has the folder's source digest: nothing can be added to that.
    """
    if not (folder / stored.MANIFEST).exists():
        return {**manifest, "behaviour_digest": behaviour_digest(manifest["outcomes"])}
    old = stored.read_manifest(folder)
    here = {**manifest, "outcomes": old["outcomes"], "behaviour_digest": behaviour_digest(old["outcomes"])}
    complete = old["state"] in (stored.COMPLETE, stored.SHARD) and old["sweep"] == manifest["sweep"]
    if complete and here["behaviour_digest"] == old["behaviour_digest"]:
        here["source_digest"] = old["source_digest"]
    return here


def _existing(folder: Path, manifest: dict[str, Any], resume: bool) -> dict[str, Any] | None:
    """Return the manifest in a folder, None if the folder is free. Raises InputError where they do not go together."""
    path = folder / stored.MANIFEST
    if not path.exists():
        if next((folder / stored.PARTS).glob("*.parquet"), None) is not None:
            raise InputError(f"{folder}: has parts but no {stored.MANIFEST}; move it away or choose another --out")
        return None
    old = stored.read_manifest(folder)
    changed = changes(old, manifest)
    if changed:
        raise InputError(
            f"{folder}: was made with something else: {', '.join(changed)} changed since. Nothing is mixed: choose "
            "another --out, or move the folder away"
        )
    if old["shard"] != manifest["shard"]:
        raise InputError(f"{folder}: holds shard {old['shard'] or '1/1'}, not {manifest['shard'] or '1/1'}")
    for key, name in (("points", "points"), ("runs", "runs a point")):
        if manifest[key] < old[key]:
            raise InputError(
                f"{folder}: has {old[key]} {name}, more than the {manifest[key]} asked for; nothing is dropped"
            )
    whole = all(path.exists() for path in stored.files(folder, old))
    if not resume and (old["state"] == stored.RUNNING or old["sweep"] != manifest["sweep"] or not whole):
        done = sum(
            (folder / stored.PARTS / entry["file"]).exists()
            for entry in [*old["parts"], *stored.journal_of(folder).values()]
        )
        raise InputError(f"{folder}: holds this sweep already ({done} parts done); add --resume to go on with it")
    return old


def _merged(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest to go on with: the old grid, grown to what is asked for now."""
    if old is None:
        return new
    if old["sweep"] == new["sweep"] and old["state"] in (stored.COMPLETE, stored.SHARD):
        return old
    grid = Grid.from_dict(old["grid"]).grown(new["points"], new["runs"])
    return {**new, "grid": grid.to_dict(), "state": old["state"]}


def _essence(manifest: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in manifest.items() if key not in ("parts", KEY, manifests.OWN)}


def _keep_design(folder: Path, data: bytes, design: pa.Table, old: dict[str, Any] | None) -> None:
    """Write design.parquet, or check that the one that is there begins the new one."""
    path = folder / stored.DESIGN
    if old is not None and path.exists():
        kept = stored.read_table(path)
        if not kept.equals(design.slice(0, kept.num_rows)):
            raise InputError(
                f"{path}: its points are not those of this sweep; the values of a lever or a prior changed"
            )
        if kept.num_rows == design.num_rows and durable.sha256(path) == digest(data):
            return
    durable.write(path, data)
