"""When, where and with what a folder was made: provenance.json, beside the manifest and outside it.

The manifest is the same wherever a sweep is run; this file is not, and git ignores it.
"""

import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

import fragile_peace
from fragile_peace_lab import durable

LIBRARIES = ("fragile-peace", "numpy", "numba", "llvmlite", "scipy", "pyarrow", "pydantic", "distributed")
SCHEMA = 1
HERE = Path(__file__).resolve()
CHECKOUT = HERE.parents[3]
"""The root of our own repository, where this file lies in one."""
OWN = {
    "experiments/fragile_peace_lab/store/provenance.py": HERE,
    "model/fragile_peace/__init__.py": Path(fragile_peace.__file__).resolve(),
}
"""Where our repository has the two packages, and where they are."""


class Provenance(BaseModel):
    """The form of provenance.json."""

    model_config = ConfigDict(strict=True)

    schema_: Annotated[int, Field(alias="schema")]
    sessions: list[dict[str, Any]]


class Session:
    """One call that computed something."""

    def __init__(self, executor: str) -> None:
        self.executor = executor
        self.started = datetime.now(UTC)
        self._clock, self._cpu = time.perf_counter(), time.process_time()

    def end(self, folder: Path, rows: int) -> None:
        """Add this session to the folder's provenance. Raises InputError where what is there cannot be read."""
        path = folder / "provenance.json"
        data: dict[str, Any] = {"schema": SCHEMA, "sessions": []}
        if path.exists():
            data = durable.read_json(path, Provenance)
        data["sessions"].append(
            {
                "started": self.started.isoformat(timespec="seconds"),
                "seconds": round(time.perf_counter() - self._clock, 3),
                "cpu_seconds": round(time.process_time() - self._cpu, 3),
                "rows": rows,
                "executor": self.executor,
                **surroundings(),
            }
        )
        durable.write_json(path, data)


def surroundings() -> dict[str, Any]:
    """Return the machine, the versions and the state of the checkout; its commit is None where it is not our own."""
    ours = _is_ours()
    return {
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "versions": {name: _version(name) for name in LIBRARIES},
        "commit": _git("rev-parse", "HEAD") if ours else None,
        "dirty": bool(ours and _git("status", "--porcelain")),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_ours() -> bool:
    """Whether both packages are where our repository has them, and git tracks them in one whose root that is.

    A repository around it is somebody else's: installed into a folder of a thesis, we are not the thesis.
    """
    if any(CHECKOUT / name != path for name, path in OWN.items()):
        return False
    return _git("rev-parse", "--show-cdup") == "" and _git("ls-files", "--error-unmatch", *OWN) is not None


def _git(*arguments: str) -> str | None:
    """Return what git prints in CHECKOUT; None where there is no repository, no git or no commit.

    The repository that git's own environment names, as in a hook, is not asked.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(CHECKOUT), *arguments],
            capture_output=True, text=True, timeout=20, check=False, env=environment,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
