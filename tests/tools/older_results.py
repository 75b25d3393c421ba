"""Results made before an outcome was added, and what a version that has it makes of them; run in a copy of the sources.

    python -m tests.tools.older_results make FOLDER    with the sources as they are
    python -m tests.tools.older_results check FOLDER   with an outcome `mu_peak` more

Kernels are not compiled for it (NUMBA_DISABLE_JIT=1), so the reference runs are fewer than those of a real digest.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest

from fragile_peace.errors import InputError
from fragile_peace.outcomes import NAMES
from fragile_peace_lab.reproduction import crate, reproduce
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import verify
from fragile_peace_lab.store import behaviour
from fragile_peace_lab.store import folder as store

behaviour.SCENARIOS, behaviour.RUNS, behaviour.WEEKS = (
    ("no_force", "donbas_2019"),
    1,
    1,
)  # before the baseline reads them

from tests.tools.tiny_sweeps import files, rows, tiny  # noqa: E402
from tests.tools.write_baseline import baseline  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SWEEP = {"base": "no_force", "levers": {"threat.level": [0.0, 1.0]}, "uncertainties": {}, "design": {}, "weeks": 2}
NEW = "mu_peak"


def sweep(runs: int):
    """Two points, two weeks."""
    return tiny(**SWEEP, runs=runs)


def make(home: Path) -> None:
    """A published sweep of its own, its two shards, and a baseline."""
    run_sweep(sweep(2), home / "results" / "tiny", progress="none", threads=1)
    for shard in ("1/2", "2/2"):
        run_sweep(sweep(2), home / f"shard{shard[0]}", progress="none", threads=1, shard=shard)
    shutil.copy(ROOT / "CITATION.cff", home)
    crate.write_crate(home / "results")
    (home / "baseline.json").write_text(json.dumps(baseline()))


def check(home: Path) -> None:
    """What was made is still current, and is made again with the same columns to the same bytes."""
    folder = home / "results" / "tiny"
    manifest, before = store.read_manifest(folder), files(folder)
    old = manifest["outcomes"]
    assert [name for name in NAMES if name != NEW] == old
    assert NEW in NAMES
    assert NAMES[-1] != NEW, "an outcome may be added anywhere"
    assert manifest["source_digest"] != behaviour.sources()
    assert manifest["behaviour_digest"] == behaviour.behaviour_digest(old) != behaviour.behaviour_digest()
    kept = json.loads((home / "baseline.json").read_text())
    assert baseline(kept["outcomes"]) == kept
    assert reproduce.out_of_date(home / "results") == []

    found = {
        item.what: (item.verdict, item.detail)
        for item in reproduce.check_results(folder, True, remake=lambda again, published: None)
    }
    assert {what for what, (verdict, _) in found.items() if verdict != "PASS"} == {"kernels"}, found
    assert found["kernels"][0] == "SKIP"
    assert found["runs"][1].endswith("parts equal"), found  # in their files' bytes too
    assert verify(folder, share=1).checked == manifest["rows"]
    shutil.rmtree(folder / store.PARTS)
    sampled = {item.what: item.verdict for item in reproduce.check_results(folder, True, quick=True)}
    assert sampled["runs"] == "PASS"
    run_sweep(sweep(2), folder, progress="none", threads=1, resume=True)
    assert files(folder) == before
    merge([home / "shard1", home / "shard2"], home / "merged")
    assert files(home / "merged") == before
    with pytest.raises(InputError, match="the kernel sources"):
        run_sweep(sweep(3), folder, progress="none", threads=1, resume=True)

    new = rows(run_sweep(sweep(2), home / "new", progress="none", threads=1))
    assert new.select(rows(folder).column_names).equals(rows(folder))
    assert set(new.column_names) - set(rows(folder).column_names) == {NEW}
    assert new.schema.field(NEW).metadata == {
        b"unit": b"probability",
        b"text": b"highest belief that Russia is committed",
    }
    assert all(row[NEW] >= row["mu"] > 0 for row in new.to_pylist())


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2]))
