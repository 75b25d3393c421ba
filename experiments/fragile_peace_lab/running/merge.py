"""Putting the folders of a sweep's shards together into one, as if one machine had run it."""

from pathlib import Path
from typing import Any

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.running.side_tables import keep, lacking
from fragile_peace_lab.store import folder as stored
from fragile_peace_lab.store.behaviour import behaviour_digest
from fragile_peace_lab.store.changes import changes
from fragile_peace_lab.store.folder import Store
from fragile_peace_lab.store.opening import begun
from fragile_peace_lab.store.parts import Grid, digest


def merge(folders: list[str | Path], out: str | Path) -> tuple[Path, int, int]:
    """Copy the parts of all folders into `out`, each checked against its sha256, and write one manifest.

    Where that completes the sweep, its side tables are made here (`running.side_tables`). A merge that was killed goes
    on where it was; one that is done does nothing.

    Returns
    -------
    The folder, its parts, and how many of the sweep's parts are still missing; `--resume` computes those.

    Raises
    ------
    InputError : a folder holds something else than the first one, or a part that is damaged; or the sweep is complete
        but for its side tables, and this machine does not compute what the shards' machines did
    """
    if not folders:
        raise InputError("merge: no folders given")
    sources = [Path(folder) for folder in folders]
    target = Path(out)
    manifests = [stored.read_manifest(source) for source in sources]
    first = manifests[0]
    for source, manifest in zip(sources, manifests, strict=True):
        _check_alike(source, manifest, sources[0], first)
    if any(source.resolve() == target.resolve() for source in sources):
        raise InputError(f"--out: {target} is one of the folders to merge; choose another")
    old = stored.read_manifest(target) if (target / stored.MANIFEST).exists() else None
    if old is not None:
        _check_alike(target, old, sources[0], first)
    durable.folder(target / stored.PARTS)
    with durable.locked(target / stored.LOCK, str(target)):
        store = begun(target, {**first, "shard": None, "parts": []}, old)
        durable.write(target / stored.DESIGN, durable.read(sources[0] / stored.DESIGN))
        state = stored.RUNNING if old is None else old["state"]
        store.save(state)  # before the first part: a folder of parts without a manifest is nobody's
        for source, manifest in zip(sources, manifests, strict=True):
            for entry in stored.entries_of(source, manifest):
                _take(store, source, entry)
        missing = [part for part in Grid.from_dict(first["grid"]).parts() if not store.has(part)]
        store.save(state)
        if not missing:
            _complete(store)
    return target, len(store.present), len(missing)


def _complete(store: Store) -> None:
    """Make the side tables, which no shard has, if this process computes what those of the shards did."""
    manifest, where = store.manifest, f"{store.folder}: the parts are together, but belief.parquet and weeks.parquet"
    if lacking(store) and manifest["behaviour_digest"] != behaviour_digest(manifest["outcomes"]):
        raise InputError(
            f"{where} cannot be made here: this process computes other numbers than the shards hold; "
            "sweep FILE --out DIR --resume makes them where the shards were run"
        )
    keep(store)
    store.save(stored.COMPLETE)


def _check_alike(folder: Path, manifest: dict[str, Any], reference: Path, first: dict[str, Any]) -> None:
    changed = changes(manifest, first)
    for key in ("grid", "design_sha256"):
        if manifest[key] != first[key] and not changed:
            changed.append({"grid": "runs or samples", "design_sha256": "the points"}[key])
    if changed:
        raise InputError(f"{folder}: does not go with {reference}: {', '.join(changed)} differ")
    stored.named(folder / stored.DESIGN, manifest["design_sha256"])


def _take(store: Store, source: Path, entry: dict[str, Any]) -> None:
    """Copy one part, unless an equal one is there."""
    known = store.entries.get(entry["file"])
    path = source / stored.PARTS / entry["file"]
    if known is not None and known != entry:
        raise InputError(f"{path}: differs from the same part of another folder")
    if entry["file"] in store.present:
        return
    data = durable.read(path)
    if digest(data) != entry["sha256"]:
        raise InputError(f"{path}: damaged: its bytes are not those that were written (sha256)")
    store.take(entry, data)
