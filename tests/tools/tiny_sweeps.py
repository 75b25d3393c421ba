"""Sweeps small enough for tests: two weeks, a few points, parts of some hundred rows."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.running import runner
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store import parts
from fragile_peace_lab.store.manifest import OWN, own_digest

TINY: dict[str, Any] = {
    "name": "tiny",
    "base": ["reassurance_15k", "no_force"],
    "levers": {"threat.level": [0.0, 1.0], "mandate.roe": ["observe", "enforce"]},
    "uncertainties": {"threat.credibility": {"uniform": [0.05, 0.6]}, "war.prize": {"normal": [12, 3]}},
    "design": {"uncertainties": {"sobol": 4}},
    "runs": 20,
    "seed": 7,
    "weeks": 2,
}

STRUCTURES: dict[str, Any] = {
    "usual": {},
    "precision_2": {"precision.russia": 2, "precision.ukraine": 2},
    "precision_5": {"precision.russia": 5, "precision.ukraine": 5},
    "least_sure": {"precision.contingent": 1, "precision.united_states": 0.5},
}
"""Four structures for a tiny sweep."""


def tiny(**changes: Any) -> Sweep:
    """The tiny sweep with some fields replaced."""
    return Sweep.from_dict({**TINY, **changes})


def small_parts(monkeypatch: pytest.MonkeyPatch, rows: int = 128) -> None:
    """Cut parts of about so many rows, and chunks of a few milliseconds."""
    monkeypatch.setattr(parts, "MAX_ROWS", rows)
    monkeypatch.setattr(parts, "MIN_ROWS", rows)
    monkeypatch.setattr(runner, "CHUNK_SECONDS", 0.02)


def finished(folder: Path, sweep: Sweep | None = None, **options: Any) -> Path:
    """The tiny sweep, or another, in small parts, run to its end; for fixtures that outlive a test's monkeypatch."""
    with pytest.MonkeyPatch.context() as patch:
        small_parts(patch)
        return runner.run_sweep(sweep or tiny(), folder, progress="none", **options)


def files(folder: Path) -> dict[str, str]:
    """sha256 of every file that must not depend on how a sweep was run."""
    kept = [folder / store.MANIFEST, *sorted(folder.glob("*.parquet")), *sorted((folder / store.PARTS).glob("*"))]
    kept.append(folder / store.JOURNAL)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept if path.exists()
    }


def rows(folder: Path) -> pa.Table:
    """All rows, sorted."""
    return store.read(folder).sort_by([("point", "ascending"), ("run", "ascending")]).combine_chunks()


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest as plain data."""
    return dict(json.loads((folder / store.MANIFEST).read_text()))


def forge(folder: Path, about: dict[str, Any]) -> None:
    """Write another manifest, with the digest that fits it."""
    (folder / store.MANIFEST).write_text(json.dumps({**about, OWN: own_digest(about)}))
