"""Disks that are really full or read-only: one clear line, nothing lost, and on it goes once there is room.

A small file system in memory is mounted for each test, which takes root; elsewhere the tests are skipped and say so.
"""

import errno
import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store import opening
from fragile_peace_lab.store.manifest import line_of
from tests.tools.tiny_sweeps import files, finished, forge, small_parts, tiny

MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    small_parts(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tiny sweep on a disk with room."""
    return finished(tmp_path_factory.mktemp("disk") / "whole")


@pytest.fixture
def disk(tmp_path):
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTE}", "tmpfs", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, free: int) -> Path:
    """Leave so many bytes free; the file that takes up the rest."""
    about = os.statvfs(disk)
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, about.f_bavail * about.f_frsize - free)
    return ballast


@pytest.mark.parametrize("kilobytes", [0, 4, 8, 16, 32, 60, 120])
def test_a_full_disk_is_named_and_nothing_is_lost(disk, whole, kilobytes):
    """From no room for the lock to room for some of the parts."""
    ballast = fill(disk, kilobytes << 10)
    with pytest.raises(InputError, match=r"no space left on the disk; nothing of it was kept\. Free some") as error:
        run_sweep(tiny(), disk / "out", progress="none")
    assert str(disk / "out") in str(error.value)
    assert not list(disk.rglob(f"{durable.TEMPORARY}*"))
    kept = {name: sha for name, sha in files(disk / "out").items() if name.endswith(".parquet")}
    expected = files(whole)
    assert all(expected[name] == sha for name, sha in kept.items())
    if kilobytes == 120:
        assert len(kept) >= 2  # the design and a part at least
    ballast.unlink()
    run_sweep(tiny(), disk / "out", resume=True, progress="none")
    assert files(disk / "out") == expected


def test_a_full_disk_ends_the_command_with_one_line(disk, tmp_path):
    fill(disk, 0)
    result = CliRunner().invoke(app, ["sweep", "response", "--runs", "1", "--out", str(disk / "out")])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"error: {disk / 'out'}")
    assert "Traceback" not in result.stderr


def test_a_merge_onto_a_full_disk_goes_on_once_there_is_room(disk, tmp_path, whole):
    shards = [run_sweep(tiny(), tmp_path / f"{i}", shard=f"{i}/2", progress="none") for i in (1, 2)]
    ballast = fill(disk, 60 << 10)
    with pytest.raises(InputError, match="no space left on the disk"):
        merge(list(shards), disk / "out")
    ballast.unlink()
    merge(list(shards), disk / "out")
    assert files(disk / "out") == files(whole)


def test_a_read_only_disk_is_named(disk):
    """Permission bits do not bind root; a read-only file system does."""
    folder = run_sweep(tiny(), disk / "out", progress="none")
    next((folder / "parts").glob("*.parquet")).unlink()
    before = files(folder)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        with pytest.raises(InputError, match=r"out/parts: cannot be written \(no permission, or mounted read-only\)"):
            run_sweep(tiny(), folder, resume=True, progress="none")
        with pytest.raises(InputError, match=r"new/parts: cannot be made or written \(Read-only file system\)"):
            run_sweep(tiny(), disk / "new", progress="none")
        assert files(folder) == before
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def test_a_line_of_the_journal_that_was_cut_short_costs_no_later_one(tmp_path, whole):
    """A disk that fills up, or a kill, may leave half a line; the next ones must not be glued to it."""
    folder = tmp_path / "out"
    run_sweep(tiny(), folder, progress="none")
    about = json.loads((folder / store.MANIFEST).read_text())
    lines = [line_of(entry) for entry in about["parts"]]
    forge(folder, about | {"state": store.RUNNING, "parts": []})
    (folder / store.JOURNAL).write_text(lines[0] + "\n" + lines[1][:30])
    with opening.opened(folder, about, store.design_of(folder), True) as opened:
        assert len(opened.present) == 1
    assert len(json.loads((folder / store.MANIFEST).read_text())["parts"]) == 1
    assert not (folder / store.JOURNAL).exists()
    run_sweep(tiny(), folder, resume=True, progress="none")
    assert files(folder) == files(whole)


def test_a_kill_between_the_last_manifest_and_the_end_of_the_journal_is_tidied_up(tmp_path, whole):
    folder = run_sweep(tiny(), tmp_path / "out", progress="none")
    entry = json.loads((folder / store.MANIFEST).read_text())["parts"][-1]
    (folder / store.JOURNAL).write_text(line_of(entry) + "\n")
    run_sweep(tiny(), folder, resume=True, progress="none")
    assert files(folder) == files(whole)


def held(folder):
    """A folder's lock."""
    return durable.locked(folder / ".lock", "here")


@pytest.mark.parametrize("number", [
    *durable.LACKING, errno.EIO, errno.EACCES, errno.ENOTTY, errno.EPROTO, errno.ENOTCONN, errno.ESTALE,
])  # fmt: skip
def test_a_lock_that_is_refused_is_held_by_nobody(tmp_path, monkeypatch, number):
    """Whatever the disk says to it, but that it would have to wait."""

    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(durable.fcntl, "flock", refused)
    said = "has no locks" if number in durable.LACKING else re.escape(f"cannot lock ({os.strerror(number)})")
    with pytest.warns(UserWarning, match=f"this disk {said}; see that nobody else"), held(tmp_path):
        pass
    assert (tmp_path / ".lock").read_text().startswith(f"process {os.getpid()} on ")


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_is_said_and_no_obstacle(tmp_path, whole, monkeypatch, number):
    """As Lustre mounted without them, and some network disks; folders cannot be flushed there either."""

    def none(*_):
        raise OSError(number, "not here")

    monkeypatch.setattr(durable.fcntl, "flock", none)
    flush = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: none() if stat.S_ISDIR(os.fstat(handle).st_mode) else flush(handle))
    with pytest.warns(UserWarning, match="this disk has no locks"):
        run_sweep(tiny(), tmp_path / "out", progress="none")
    assert files(tmp_path / "out") == files(whole)


def test_what_another_process_holds_is_still_refused(tmp_path):
    with held(tmp_path), pytest.raises(InputError, match="here: is being written by process"), held(tmp_path):
        pass


def test_a_group_may_go_on_with_what_one_of_it_began(tmp_path):
    """Under umask 002, as in a folder that people share."""
    before = os.umask(0o002)
    try:
        run_sweep(tiny(), tmp_path / "out", progress="none")
    finally:
        os.umask(before)
    for path in (tmp_path / "out").rglob("*"):
        assert path.stat().st_mode & stat.S_IWGRP, path
