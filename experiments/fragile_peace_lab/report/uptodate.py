"""Whether what a sweep's folder shows is still what the sweep says, so that nothing is made twice.

.made.json in the folder (git ignores it: it is about this copy of the folder) holds for each step, such as `estimates`
or `report`, the digest of what it was made from and the sha256 of every file that it wrote. A step is made from the
manifest (which holds the sha256 of every part), what `why` has kept beside the estimates, the sources of this project
and the versions of the libraries that estimate and draw. It is up to date where that digest is today's and every file
is there with its bytes; deleting .made.json, or any file that it names, has it made again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel

import fragile_peace
import fragile_peace_lab
from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.estimates.all_tables import FOLDER as ESTIMATES
from fragile_peace_lab.estimates.why import NAME as WHY
from fragile_peace_lab.store import folder as store

NAME = ".made.json"
NOTHING = "nothing to do: everything is up to date"
VERSIONS = ("fragile-peace", "numpy", "numba", "scipy", "pandas", "matplotlib", "seaborn", "pyarrow")
PACKAGES = tuple(Path(package.__path__[0]).resolve() for package in (fragile_peace, fragile_peace_lab))
SOURCES = ("**/*.py", "**/*.csv", "report/templates/*")


class Step(BaseModel):
    """What is noted of a step."""

    model_config = ConfigDict(strict=True)

    made_from: str
    files: dict[str, str]


class Made(RootModel[dict[str, Step]]):
    """The form of .made.json."""


def made_from(folder: Path) -> str:
    """Return the digest of what estimates, figures and report of a folder are made from. Raises InputError."""
    digest = hashlib.sha256(durable.sha256(folder / store.MANIFEST).encode())
    split = folder / ESTIMATES / f"{WHY}.csv"
    digest.update(durable.sha256(split).encode() if split.exists() else b"")
    for package in PACKAGES:
        for path in sorted(path for pattern in SOURCES for path in package.glob(pattern)):
            digest.update(f"{path.relative_to(package.parent).as_posix()} {durable.sha256(path)}\n".encode())
    for name in VERSIONS:
        digest.update(f"{name} {version(name)}\n".encode())
    return digest.hexdigest()


def up_to_date(folder: Path, steps: Iterable[str]) -> list[str]:
    """Return which of these steps are done, with their files as they left them."""
    known = _known(folder)
    there = [step for step in steps if step in known]
    today = made_from(folder) if there else ""
    return [step for step in there if known[step]["made_from"] == today and _whole(folder, known[step])]


def record(folder: Path, steps: Mapping[str, Sequence[Path]]) -> None:
    """Note what each step has written. Raises InputError where the disk fails."""
    today, known = made_from(folder), _known(folder)
    for step, files in steps.items():
        sums = {path.relative_to(folder).as_posix(): durable.sha256(path) for path in files}
        known[step] = {"made_from": today, "files": sums}
    durable.write_json(folder / NAME, known)


def files_of(folder: Path, steps: Iterable[str]) -> list[str]:
    """Return the files that steps have written, in order."""
    known = _known(folder)
    return list(dict.fromkeys(str(folder / name) for step in steps for name in known[step]["files"]))


def _known(folder: Path) -> dict[str, Any]:
    """What was noted; nothing where the file is missing or damaged."""
    try:
        return durable.read_json(folder / NAME, Made)
    except InputError:
        return {}


def _whole(folder: Path, step: Mapping[str, Any]) -> bool:
    files = {folder / name: sha for name, sha in step["files"].items()}
    return all(path.is_file() and durable.sha256(path) == sha for path, sha in files.items())
