"""The cache of machine code: a convenience, whose loss costs time and never a number.

It is a folder named by a digest of all that decides the compiled code, under the first of these roots that can be
written and that nobody else may write: `$FRAGILE_PEACE_CACHE`, `$NUMBA_CACHE_DIR`, `$XDG_CACHE_HOME/fragile-peace` or
else `~/.cache/fragile-peace`, `fragile-peace-UID` in the temporary folder, and a fresh private folder there. Without
any of them nothing is kept. The newest `KEPT` folders stay.

Files are Numba's, with a checksum of their name and bytes at the end, which is checked before anything is unpickled:
an empty, cut, changed or foreign file is compiled again. What cannot be written is not kept, and said once.
"""

import hashlib
import os
import pickle
import shutil
import stat
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from numba.core import config
from numba.core.caching import FunctionCache, IndexDataCacheFile

KEPT = 12
"""How many cache folders survive a clean-up."""
IN_USE_SECONDS = 3600.0
"""A folder touched within this time belongs to a process that may still be loading from it: never removed."""
PREFIX, ABREAST = "kernels-", "abreast-"
"""Of cache folders, and in one of them of a second process's (`first_compile`)."""
CHECKSUM = 32
"""Bytes of a checksum."""
OTHERS = stat.S_IWGRP | stat.S_IWOTH
NOT_KEPT = "compiled kernels are not kept"


class CacheWarning(UserWarning):
    """Something about the cache that costs time and nothing else."""


class CheckedFile(IndexDataCacheFile):
    """A kernel's index and code files."""

    def load(self, key: Any) -> Any:
        """Return what is kept under a key; None where it is not there or not whole."""
        try:
            return super().load(key)
        except OSError:
            return None

    def save(self, key: Any, data: Any) -> None:
        """Keep something under a key, if the disk takes it."""
        try:
            super().save(key, data)
        except OSError as error:
            warn(f"{self._cache_path}: {error.strerror}; {NOT_KEPT}")

    def _load_index(self) -> dict[Any, str]:
        data = self._read(self._index_path)
        if data is None:
            return {}
        version, stamp, names = pickle.loads(data)
        return names if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, self._dump((self._version, self._source_stamp, overloads)))

    def _load_data(self, name: str) -> Any:
        data = self._read(self._data_path(name))
        return None if data is None else pickle.loads(data)

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), self._dump(data))

    def _read(self, path: str) -> bytes | None:
        """Return what was written; None where there is no file or its checksum is wrong."""
        try:
            kept = Path(path).read_bytes()
        except FileNotFoundError:
            return None
        data, checksum = kept[:-CHECKSUM], kept[-CHECKSUM:]
        if checksum != _checksum(path, data):
            warn(f"{path}: not what was written there; the kernel is compiled again")
            return None
        return data

    def _write(self, path: str, data: bytes) -> None:
        with self._open_for_write(path) as file:
            file.write(data + _checksum(path, data))


def _checksum(path: str, data: bytes) -> bytes:
    return hashlib.sha256(Path(path).name.encode() + b"\0" + data).digest()


class CheckedCache(FunctionCache):
    """Numba's cache of a function, of checked files."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = CheckedFile(self._cache_path, self._impl.filename_base, stamp)


def attach(dispatcher: Any, folder: Path | None) -> None:
    """Have Numba keep a dispatcher's code in a folder; nothing is kept without one.

    Parameters
    ----------
    dispatcher
        Of a function that is not compiled yet.
    folder
        Below this process's cache folder.
    """
    if folder is None:
        return
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)  # read once, by the next line
    try:
        dispatcher._cache = CheckedCache(dispatcher.py_func)
    except (OSError, RuntimeError):  # no place can be written
        warn(f"{folder}: cannot be written; {NOT_KEPT}")
    finally:
        config.CACHE_DIR = before


def open_folder(name: str) -> Path | None:
    """Make, mark as used and return this process's cache folder; clean up behind it.

    Parameters
    ----------
    name
        What tells it from other folders.

    Returns
    -------
    Path or None
        None where no place can be used.
    """
    for root in roots():
        folder = root / (PREFIX + name)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.utime(folder)
        except OSError:
            continue
        if private(folder, own=True):
            prune(root, folder)
            return folder
    warn(f"no folder for them can be written; {NOT_KEPT}")
    return None


def roots() -> Iterator[Path]:
    """Yield the roots of the module's list that can be used, made if need be; one that cannot be made is passed over.

    One that other users may write is passed over with a warning: they could put code there.
    """
    for name, own in _candidates():
        root = Path(name).absolute()
        if not _writable(root):
            continue
        if private(root, own):
            yield root
        else:
            warn(f"{root}: other users may write there; compiled kernels are kept elsewhere")
    try:
        yield Path(tempfile.mkdtemp(prefix="fragile-peace-"))
    except OSError:
        return


def _candidates() -> Iterator[tuple[str, bool]]:
    """Yield the roots by name, and whether they are ours: nobody else has business in them."""
    for variable in ("FRAGILE_PEACE_CACHE", "NUMBA_CACHE_DIR"):
        if os.environ.get(variable):
            yield os.path.expanduser(os.environ[variable]), False
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not home.startswith("~"):  # nobody knows where it is
        yield os.path.join(home, "fragile-peace"), True
    try:
        user = os.getuid() if hasattr(os, "getuid") else "user"
        yield os.path.join(tempfile.gettempdir(), f"fragile-peace-{user}"), True
    except OSError:  # no temporary folder
        return


def private(path: Path, own: bool) -> bool:
    """Return whether nobody else may put files into a folder; one that is `own` is closed to others if need be.

    Parameters
    ----------
    path
        An existing folder. A link is not private. In a shared one with the sticky bit, such as /tmp, nobody can replace
        our folders.
    own
        Whether it is ours to close.
    """
    if not hasattr(os, "getuid"):
        return True
    try:
        found = path.lstat() if own else path.stat()
        shared = bool(found.st_mode & OTHERS)
        if stat.S_ISLNK(found.st_mode):
            return False
        if found.st_uid != os.getuid():
            return not own and found.st_uid == 0 and (not shared or bool(found.st_mode & stat.S_ISVTX))
        if shared and own:
            path.chmod(0o700)
            return True
        return not shared or bool(found.st_mode & stat.S_ISVTX)
    except OSError:
        return False


def prune(root: Path, keep: Path) -> list[Path]:
    """Remove the cache folders beyond the newest `KEPT`, except those touched lately.

    A folder is renamed before it is emptied, so that no other process finds half of it.

    Parameters
    ----------
    root
        The folder that holds the cache folders.
    keep
        This process's own folder, always kept.

    Returns
    -------
    list of Path
        What was removed.
    """
    for grave in root.glob("removed-*"):  # left by a process that died over it
        shutil.rmtree(grave, ignore_errors=True)
    for litter in keep.glob(ABREAST + "*"):  # likewise
        if _age(litter) > IN_USE_SECONDS:
            shutil.rmtree(litter, ignore_errors=True)
    removed = []
    folders = [(_age(path), path) for path in root.glob(PREFIX + "*") if path != keep]
    for age, path in sorted(folders)[KEPT - 1 :]:
        if age < IN_USE_SECONDS:
            continue
        grave = path.with_name(f"removed-{os.getpid()}-{path.name}")
        try:
            path.rename(grave)
        except OSError:
            continue  # another process was quicker
        shutil.rmtree(grave, ignore_errors=True)
        removed.append(path)
    return removed


_SAID: set[str] = set()


def warn(text: str) -> None:
    """Say something once for each process: a disk that is full for one kernel is full for the next hundred."""
    kind = text.rpartition(";")[2]
    if kind not in _SAID:
        _SAID.add(kind)
        warnings.warn(f"kernel cache: {text}", CacheWarning, stacklevel=2)


def _writable(root: Path) -> bool:
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"\0")
            file.flush()
        return True
    except OSError:
        return False


def _age(path: Path) -> float:
    """Seconds since a folder was last used; infinite where it has gone meanwhile."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")
