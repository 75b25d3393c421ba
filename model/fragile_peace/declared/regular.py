"""Reading files that people hand over: regular files alone, and no more of them than is allowed.

Whoever opens a pipe that nobody writes to waits for ever, and a device such as /dev/zero never ends.
"""

import stat
from pathlib import Path

from fragile_peace.errors import InputError

BLOCK = 1 << 20


def check(path: Path) -> int:
    """Return how many bytes a regular file says it has; links are followed. Raises OSError where it is no such file."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError("is not a regular file")
    return found.st_size


def read(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file. Raises OSError, also for more than `most` bytes."""
    data, larger = bytearray(), check(path) > most
    with path.open("rb") as file:  # a file of /proc says that it has none
        while not larger and (block := file.read(BLOCK)):
            data += block
            larger = len(data) > most
    if larger:
        raise OSError(f"larger than {most} bytes")
    return bytes(data)


def text(path: Path, most: int) -> str:
    """Return the UTF-8 text of a regular file of at most `most` bytes, without a byte-order mark. Raises InputError."""
    try:
        return read(path, most).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from None
