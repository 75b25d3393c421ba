"""The cache of machine code: what is broken is compiled again, what is another's is not read, what is full is said."""

import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
import warnings

import pytest

from fragile_peace.kernels.machine import cache
from tests.kernels.machine.test_jit import ASK, run_python, small_package

__all__ = ["small_package"]  # a fixture


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    monkeypatch.setattr(cache, "_SAID", set())


def files(folder):
    """The cache's files."""
    return sorted((folder / "cache").rglob("*.nb?"))


def asked(folder):
    """Value of the caller and whether its code was loaded, in a fresh process."""
    value, hits, _ = run_python(ASK, folder, FRAGILE_PEACE_CACHE=str(folder / "cache"))
    return value, int(hits)


EMPTY, CUT, FLIPPED, FOREIGN = (
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
    lambda data: b"#!/bin/sh\necho not a kernel\n" * 10,
)


@pytest.mark.parametrize("broken", [EMPTY, CUT, FLIPPED, FOREIGN], ids=["empty", "cut", "flipped", "foreign"])
def test_a_broken_file_is_compiled_again_and_kept_whole(broken, small_package):
    assert asked(small_package) == ("20.0", 0)
    assert asked(small_package) == ("20.0", 1)
    kept = files(small_package)
    assert len(kept) == 4
    for file in kept:
        file.write_bytes(broken(file.read_bytes()))
    assert asked(small_package) == ("20.0", 0)
    assert asked(small_package) == ("20.0", 1)


def test_every_byte_of_machine_code_counts(small_package):
    """Sixty flips anywhere in the code of the whole: none is run."""
    asked(small_package)
    (code,) = (small_package / "cache").rglob("wholes/**/*.nbc")
    whole = code.read_bytes()
    own = cache.CheckedFile(str(code.parent), "any", "stamp")
    assert own._read(str(code)) == whole[: -cache.CHECKSUM]
    for turn in range(60):
        place = turn * len(whole) // 60
        code.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << turn % 8)]) + whole[place + 1 :])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cache.CacheWarning)
            assert own._read(str(code)) is None


def test_a_file_under_another_kernels_name_is_not_loaded(small_package):
    asked(small_package)
    (code,) = (small_package / "cache").rglob("wholes/**/*.nbc")
    other = code.with_name("other.nbc")
    other.write_bytes(code.read_bytes())
    with pytest.warns(cache.CacheWarning, match="not what was written"):
        assert cache.CheckedFile(str(code.parent), "any", "stamp")._read(str(other)) is None


def test_a_full_disk_costs_the_cache_alone(small_package):
    """A limit on the size of files stands for the disk: the first byte of a kernel's code does not fit."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (64, {resource.RLIM_INFINITY}))\n"
    ignore = f"import signal; signal.signal({int(signal.SIGXFSZ)}, signal.SIG_IGN)\n"
    done = subprocess.run(
        [sys.executable, "-c", ignore + limit + ASK], capture_output=True, text=True, check=False, cwd=small_package,
        env={**os.environ, "PYTHONPATH": str(small_package), "FRAGILE_PEACE_CACHE": str(small_package / "cache")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["20.0", "0"]
    assert done.stderr.count("compiled kernels are not kept") == 1
    assert not list((small_package / "cache").rglob("*.tmp.*"))


def test_without_any_folder_all_is_compiled_and_nothing_kept(small_package):
    blocked = small_package / "file"
    blocked.touch()
    code = (
        "import tempfile\n"
        "def nowhere(*_, **__): raise FileNotFoundError(2, 'No usable temporary directory')\n"
        "tempfile.gettempdir = tempfile.mkdtemp = nowhere\n"
    )
    asks = ASK.replace("jit.cache_folder().name", "jit.cache_folder()")
    places = dict.fromkeys(("FRAGILE_PEACE_CACHE", "XDG_CACHE_HOME", "HOME"), str(blocked / "below"))
    assert run_python(code + asks, small_package, **places) == ["20.0", "0", "None"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root to be somebody else")
def test_nobody_without_a_home_or_a_name_has_a_folder_too(small_package):
    """A container with an arbitrary user: no HOME, no entry in passwd."""
    code = (
        "from fragile_peace.kernels.machine import cache\nimport os\nos.setgid(54999); os.setuid(54999)\n"
        "root = next(cache.roots()); print(root.name, root.stat().st_uid, oct(root.stat().st_mode))"
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as temporary:
        os.chmod(temporary, 0o1777)
        places = dict.fromkeys(("FRAGILE_PEACE_CACHE", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"), "")
        code = f"import os; del os.environ['HOME']\n{code}"
        printed = run_python(code, small_package, TMPDIR=temporary, **places)
    assert printed == ["fragile-peace-54999", "54999", "0o40700"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root to make another's folder")
def test_another_users_folder_is_never_read(tmp_path, monkeypatch):
    """The name in the temporary folder can be foreseen: whoever makes it first must not have us run his code."""
    nowhere(tmp_path, monkeypatch)
    theirs = tmp_path / "temporary" / f"fragile-peace-{os.getuid()}"
    theirs.mkdir()
    theirs.chmod(0o777)
    os.chown(theirs, 54999, 54999)
    with pytest.warns(cache.CacheWarning, match="other users may write"):
        root = next(cache.roots())
    assert root.parent == tmp_path / "temporary"
    assert root != theirs
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_a_link_in_the_temporary_folder_is_not_followed(tmp_path, monkeypatch):
    nowhere(tmp_path, monkeypatch)
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "temporary" / f"fragile-peace-{os.getuid()}"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.warns(cache.CacheWarning, match="other users may write"):
        assert next(cache.roots()) != link


def test_a_root_that_others_may_write_is_passed_over_and_our_own_is_closed(tmp_path, monkeypatch):
    nowhere(tmp_path, monkeypatch)
    shared, own = tmp_path / "shared", tmp_path / "cache" / "fragile-peace"
    for folder in (shared, own):
        folder.mkdir(parents=True)
        folder.chmod(0o775)  # as under umask 002
    monkeypatch.setenv("FRAGILE_PEACE_CACHE", str(shared))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.warns(cache.CacheWarning, match="other users may write"):
        assert next(cache.roots()) == own
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    shared.chmod(0o1777)  # sticky, as /tmp: nobody can replace a folder of ours in it
    assert next(cache.roots()) == shared


def nowhere(folder, monkeypatch):
    """Leave the temporary folder as the only place."""
    (folder / "file").touch()
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    for name in ("FRAGILE_PEACE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder / "file" / "below"))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(folder / "temporary"))
    (folder / "temporary").mkdir(exist_ok=True)
    monkeypatch.setattr(cache.tempfile, "tempdir", str(folder / "temporary"))


def test_what_a_dead_second_process_left_is_removed(tmp_path):
    keep = tmp_path / f"{cache.PREFIX}own"
    for name, age in (("old", 7200.0), ("new", 60.0)):
        (keep / f"{cache.ABREAST}{name}").mkdir(parents=True)
        os.utime(keep / f"{cache.ABREAST}{name}", (time.time() - age,) * 2)
    cache.prune(tmp_path, keep)
    assert [path.name for path in keep.iterdir()] == [f"{cache.ABREAST}new"]


@pytest.mark.parametrize("wanted", ["FRAGILE_PEACE_CACHE", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"])
def test_the_cache_lies_where_the_environment_says(wanted, tmp_path, monkeypatch):
    for name in ("FRAGILE_PEACE_CACHE", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(wanted, str(tmp_path / "here"))
    below = "fragile-peace" if wanted == "XDG_CACHE_HOME" else ""
    assert next(cache.roots()) == tmp_path / "here" / below


def test_a_root_that_cannot_be_written_falls_back(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FRAGILE_PEACE_CACHE", str(tmp_path / "file" / "below"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    assert next(cache.roots()).parent == tmp_path / "temporary"


def test_prune_keeps_the_newest_and_those_in_use(tmp_path):
    now = time.time()
    for i in range(cache.KEPT + 5):
        folder = tmp_path / f"{cache.PREFIX}{i:03d}"
        folder.mkdir()
        (folder / "code.nbc").touch()
        age = 60.0 if i < 2 else 7200.0 + i
        os.utime(folder, (now - age, now - age))
    own = tmp_path / f"{cache.PREFIX}016"
    (tmp_path / "something else").mkdir()
    removed = {path.name for path in cache.prune(tmp_path, own)}
    assert removed == {f"{cache.PREFIX}{i:03d}" for i in (11, 12, 13, 14, 15)}
    assert own.exists()
    assert (tmp_path / "something else").exists()
    assert len(list(tmp_path.glob(cache.PREFIX + "*"))) == cache.KEPT


def test_prune_never_removes_what_was_touched_lately(tmp_path):
    for i in range(cache.KEPT + 5):
        (tmp_path / f"{cache.PREFIX}{i:03d}").mkdir()
    assert cache.prune(tmp_path, tmp_path / f"{cache.PREFIX}000") == []
