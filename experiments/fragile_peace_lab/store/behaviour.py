"""The behaviour digest: what the model does, as one number.

sha256 of named outcomes of 240 reference runs: `RUNS` runs of each shipped scenario over `WEEKS` weeks with one
seed. Two versions of the code with the same behaviour digest give the same numbers in those outcomes, whatever their
sources say and whatever other outcomes they have: a manifest names the outcomes that its sweep holds, and is compared
by the digest of those.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import fragile_peace
import fragile_peace_lab
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.outcomes import NAMES

SCENARIOS = (
    "reassurance_15k", "line_30k", "un_observers", "no_force", "plan28", "plan20", "article5_firm", "america_first",
    "donbas_2019", "donbas_truce_2020", "moscow_signals", "kashmir_loc",
)  # fmt: skip
RUNS, WEEKS, SEED = 20, 27, 20260101
DECIDING = ("numba", "llvmlite", "numpy", "pyarrow", "pydantic", "PyYAML")
"""The libraries between a scenario's text and the bytes of a row."""


def reference() -> dict[str, Any]:
    """Return the outcomes of the reference runs by scenario: `state.OUTCOMES`, shape (RUNS,)."""
    from fragile_peace.runs.simulation import simulate

    scenarios = [Scenario.load(name) for name in SCENARIOS]
    return dict(zip(SCENARIOS, simulate(scenarios, RUNS, SEED, WEEKS), strict=True))


def behaviour_digest(names: Iterable[str] = NAMES) -> str:
    """Return the digest of some outcomes of the reference runs, kept for the process.

    It takes under a second of one core when the kernels are compiled.

    Parameters
    ----------
    names : of the outcomes, in order; one that the model does not have makes the digest another, and is no error
    """
    return _of_today(tuple(names))


@cache
def _of_today(names: tuple[str, ...]) -> str:
    return digest_of(reference(), names)


def digest_of(runs: Mapping[str, np.ndarray], names: Iterable[str]) -> str:
    """Return the digest of some outcomes of runs: of each in turn its name, its type and shape, and its bytes.

    Parameters
    ----------
    runs : rows of outcomes by scenario, shape (runs,)
    names : of the outcomes, in order
    """
    digest = hashlib.sha256()
    for name in names:
        for scenario, rows in runs.items():
            there = name in (rows.dtype.names or ())
            kind = f"{rows.dtype[name].base.str}{rows.dtype[name].shape}" if there else "gone"
            digest.update(f"{name} {kind} {scenario} {len(rows)}\n".encode())
            digest.update(rows[name].tobytes() if there else b"")
    return digest.hexdigest()


@cache
def sources() -> str:
    """Return the source digest of the kernels, computed once a process."""
    from fragile_peace.digests import source_digest

    return source_digest()


@cache
def code() -> str:
    """Return the digest of everything that decides the bytes of a part, computed once a process.

    Every module of both packages, byte for byte, with the versions of Python and of the libraries that compute, lay out
    and write the rows. Stricter than the source digest: a worker elsewhere must run this very code.
    """
    digest = hashlib.sha256(f"{sys.implementation.name} {sys.version_info[:2]} {sys.byteorder}\n".encode())
    for name in DECIDING:
        digest.update(f"{name} {version(name)}\n".encode())
    for package in (fragile_peace, fragile_peace_lab):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
            data = path.read_bytes()
            digest.update(f"{root.name}/{path.relative_to(root).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def same_code(digest: str, who: str) -> None:
    """Raise InputError unless `digest` is that of this process's code (`code`)."""
    if digest != code():
        raise InputError(f"{who}: runs other code or library versions ({digest[:12]}, here {code()[:12]})")


def same_sources(digest: str, who: str) -> None:
    """Raise InputError unless `digest` is that of this process's kernel sources."""
    if digest != sources():
        raise InputError(f"{who}: runs other kernel sources or library versions ({digest[:12]}, here {sources()[:12]})")


def same_model(manifest: Mapping[str, Any], who: str) -> None:
    """Raise InputError unless this process has the kernel sources of a manifest, or others that behave alike."""
    if manifest["source_digest"] != sources() and manifest["behaviour_digest"] != behaviour_digest(
        manifest["outcomes"]
    ):
        same_sources(manifest["source_digest"], who)
