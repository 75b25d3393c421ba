"""A call killed before any of its file operations is done by the next one, to the same bytes; full disks are told."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store.opening import beside
from tests.tools.tiny_sweeps import files, small_parts, tiny

ROOT = Path(__file__).resolve().parents[2]


NTH = {"merge": 1, "report": 20}
"""Of each call's operations every so manieth is tried here. All of a report were, once."""


@pytest.mark.slow
@pytest.mark.parametrize("call", NTH)
def test_a_call_killed_before_any_of_its_file_operations(call, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.crash_points", str(tmp_path), call, str(NTH[call])],
        capture_output=True, text=True, cwd=ROOT, timeout=500, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["operations"] >= 30
    assert found["tried"] >= found["operations"] / NTH[call]
    assert found["failed"] == found["other"] == []


@pytest.mark.parametrize("below", [".", "estimates", "figures"])
def test_what_a_killed_report_left_half_written_is_gone_and_nobody_else_writes(below, tmp_path):
    """A half-written table would be read as one, once the rest is up to date."""
    left = tmp_path / below / f"{durable.TEMPORARY}1-probabilities.csv"
    left.parent.mkdir(exist_ok=True)
    left.write_text("outcome,ti")
    with beside(tmp_path, "estimates", "figures", "not made yet"):
        assert not left.exists()
        with pytest.raises(InputError, match="is being written by process"), beside(tmp_path):
            pass
    with beside(tmp_path):
        pass


def test_a_merge_that_is_done_does_nothing_and_a_full_disk_is_one_line(tmp_path, monkeypatch):
    small_parts(monkeypatch)
    sweep = tiny(levers={"threat.level": [0.0, 1.0]}, runs=4)
    halves = [run_sweep(sweep, tmp_path / f"{i}", shard=f"{i}/2", progress="none", threads=1) for i in (1, 2)]

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable.os, "fsync", full)
        with pytest.raises(InputError, match="no space left on the disk"):
            merge(list(halves), tmp_path / "out")
    merge(list(halves), tmp_path / "out")
    before, times = files(tmp_path / "out"), (tmp_path / "out" / "manifest.json").stat().st_mtime_ns
    assert merge(list(halves), tmp_path / "out")[2] == 0
    assert files(tmp_path / "out") == before
    assert (tmp_path / "out" / "manifest.json").stat().st_mtime_ns == times
