"""What another user of the machine can do: scripts of the standard library alone, run under his number.

He has no name, no group and no file of ours; he can read and write what everybody can.
"""

import os
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

NUMBER = 54_320
PYTHON = "/usr/bin/python3"
"""Of the system: our own may lie in a folder that he cannot enter."""


@lru_cache
def cannot() -> str:
    """Why nobody can be played here; "" where it is possible."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root can become another user"
    return "" if Path(PYTHON).exists() and run("print(1)", cwd="/") == "1\n" else f"another user cannot run {PYTHON}"


def run(script: str, *arguments: str, cwd: str | Path = "/", given: str = "") -> str:
    """Run a script as him; what it prints. An error in it is an error here."""
    done = subprocess.run(
        [PYTHON, "-I", "-c", script, *arguments], cwd=cwd, user=NUMBER, group=NUMBER, extra_groups=[], env={}, umask=0,
        input=given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


needed = pytest.mark.skipif(bool(cannot()), reason=cannot())
