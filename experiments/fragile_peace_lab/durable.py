"""Files that survive a crash: written under another name, flushed to disk, renamed; and one writer a folder.

A reader sees a file whole or not at all. Every failure of the disk becomes one line that names the file.
"""

import errno
import hashlib
import json
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from fragile_peace.declared import regular
from fragile_peace.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: no lock
    fcntl = None  # type: ignore[assignment]

TEMPORARY = ".tmp-"
MAX_BYTES = 1 << 30
"""Of a file that is read whole."""
LACKING = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EPERM)
"""What a disk says to a call that it does not have."""


def complaint(path: Path, error: OSError) -> InputError:
    """Return the line for a failed write or read."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InputError(
            f"{path}: no space left on the disk; nothing of it was kept. Free some and run again with --resume"
        )
    return InputError(f"{path}: {error.strerror or error}")


def folder(path: Path) -> Path:
    """Make a folder and those above it. Raises InputError where it cannot be made or written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be made or written ({error.strerror or error})") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise InputError(f"{path}: cannot be written (no permission, or mounted read-only)")
    return path


def write(path: Path, data: bytes) -> None:
    """Put bytes into a file so that a crash leaves the old file or the new one. Raises InputError."""
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise complaint(path, error) from None


def read(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises InputError."""
    try:
        return regular.read(path, MAX_BYTES)
    except OSError as error:
        raise complaint(path, error) from None


def append(path: Path, line: str) -> None:
    """Add a line to a file and flush it to disk. Raises InputError."""
    try:
        with open(path, "ab") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise complaint(path, error) from None


def _sync_folder(path: Path) -> None:
    """Flush a folder's list of files, where the disk has that: some network disks refuse it."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in LACKING:
                raise
        finally:
            os.close(handle)


def sha256(path: Path) -> str:
    """Return the digest of a regular file's bytes. Raises InputError."""
    try:
        regular.check(path)
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise complaint(path, error) from None


def write_json(path: Path, data: Any) -> None:
    """Write plain data as JSON, always the same bytes for the same data."""
    write(path, (json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode())


def parsed(text: bytes) -> Any:
    """Return the data in a JSON text. Raises ValueError where it is none, or holds what could not be written again."""
    try:
        data = json.loads(text.decode())
    except (ValueError, RecursionError):
        raise ValueError("not readable as JSON") from None
    try:
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise ValueError("holds a number that is not finite, or half a character (a lone surrogate)") from None
    return data


def read_json(path: Path, form: type[BaseModel] | None = None) -> dict[str, Any]:
    """Read a JSON object, of a declared form if one is given. Raises InputError."""
    text = read(path)
    try:
        data = parsed(text)
    except ValueError as error:
        raise InputError(f"{path}: damaged: {error}") from None
    if not isinstance(data, dict):
        raise InputError(f"{path}: damaged: not a JSON object")
    if form is not None:
        formed(path, data, form)
    return data


def formed(path: Path, data: Any, form: type[BaseModel]) -> None:
    """Raise InputError unless what was read has the form; it names the first value that has not."""
    try:
        form.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = f"{where} is missing" if first["type"] == "missing" else f"{where}: {first['msg'].lower()}"
        raise InputError(f"{path}: damaged: {said}") from None


def sweep_up(path: Path) -> None:
    """Remove what a killed writer left behind. Call it with the lock held."""
    for file in path.glob(f"{TEMPORARY}[0-9]*-*"):
        file.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file of a folder. Raises InputError while another process holds it; a kill frees it.

    The file is made for whom the folder is made for (umask). On a disk without locks a warning says so.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise complaint(path, error) from None
    try:
        if fcntl is not None:
            _lock(handle, path, what)
        try:
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()} on {socket.gethostname()}".encode())
        except OSError as error:
            raise complaint(path, error) from None
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path, what: str) -> None:
    """Lock an open file, where the disk has locks. Raises InputError where another process holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 200).decode(errors="replace").strip() or "another process"
        raise InputError(f"{what}: is being written by {holder}; wait for it or choose another --out") from None
    except OSError as error:  # only the one above says that somebody holds it
        why = "has no locks" if error.errno in LACKING else f"cannot lock ({error.strerror or error})"
        warnings.warn(f"{path}: this disk {why}; see that nobody else writes there", stacklevel=4)
