"""What `fragile-peace reproduce` found: items, each passed or failed, and the certificate that holds them all."""

import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fragile_peace_lab import durable
from fragile_peace_lab.reproduction.sameness import TOLERANCE
from fragile_peace_lab.store.provenance import surroundings

SCHEMA = 1
NAME = "certificate.json"
PASS, FAIL, SKIP, PARTLY = "PASS", "FAIL", "SKIP", "PARTLY"
NOT_IN_SAMPLE = (
    "not checked by --quick: 99 % of the runs, the estimates, figures and reports made of them, the notebooks"
)
LIBRARIES = ("numba", "llvmlite", "numpy", "scipy", "pandas", "pyarrow", "matplotlib")
"""Those whose version may change a digit or a picture."""


@dataclass(frozen=True)
class Item:
    """One thing that was checked.

    Attributes
    ----------
    where : the folder of results or the notebook
    what : the scenario, table, figure or step
    verdict : PASS, FAIL, or SKIP for what could not be checked here
    detail : what was compared, or what differs
    """

    where: str
    what: str
    verdict: str
    detail: str


def here() -> dict[str, str]:
    """Return what decides the last bit of a number here: system, processor family, Python and libraries."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "python": ".".join(map(str, sys.version_info[:2])),
        **{name: _version(name) for name in LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@dataclass
class Certificate:
    """The outcome of one call of `reproduce`.

    Attributes
    ----------
    quick : whether a sample was run again instead of everything
    published_on : what the results were published from (see `here`); None where that is not recorded
    items : everything that was checked, in order
    files : sha256 of every file that was compared with, by its path
    """

    quick: bool
    published_on: dict[str, str] | None
    items: list[Item] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether this is the platform of the published results, so that every bit must agree."""
        return self.published_on in (None, here())

    @property
    def verdict(self) -> str:
        """FAIL if any item failed or none was checked, PARTLY if nothing failed in a sample."""
        checked = [item.verdict for item in self.items if item.verdict != SKIP]
        if not checked or FAIL in checked:
            return FAIL
        return PARTLY if self.quick else PASS

    @property
    def comparison(self) -> str:
        """How numbers were compared, in words."""
        if self.published_on is None:
            return "bit for bit with what lies here, which nobody has published: no crate lists it"
        if self.exact:
            return "bit for bit: same platform and libraries as the published results"
        other = self.published_on or {}
        named = ", ".join(f"{k} {v} (published with {other.get(k)})" for k, v in here().items() if other.get(k) != v)
        return f"numbers within a relative {TOLERANCE:g}, pictures by their data alone: {named}"

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as plain data."""
        from fragile_peace_lab.store.behaviour import behaviour_digest, sources

        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "quick": self.quick,
            "comparison": self.comparison,
            "platform": here(),
            "published_on": self.published_on,
            "code": {
                "version": _version("fragile-peace"),
                "source_digest": sources(),
                "behaviour_digest": behaviour_digest() if self.ran else None,
            },
            "surroundings": surroundings(),
            "items": [asdict(item) for item in self.items],
            "files": dict(sorted(self.files.items())),
        }

    @property
    def ran(self) -> bool:
        """Whether the model was run: where the behaviour of any sweep was judged."""
        return any(item.what == "behaviour" and item.verdict != SKIP for item in self.items)

    def write(self, path: Path) -> None:
        """Write the certificate as JSON. Raises InputError."""
        durable.folder(path.parent)
        durable.write_json(path, self.to_dict())

    def rows(self) -> Sequence[Sequence[str]]:
        """The items as cells of a table."""
        return [(item.verdict, item.where, item.what, item.detail) for item in self.items]

    def summary(self) -> str:
        """The verdict, the counts and how numbers were compared; of a sample, what was left out."""
        counts = {name: sum(item.verdict == name for item in self.items) for name in (PASS, FAIL, SKIP)}
        words = [f"{counts[PASS]} passed", f"{counts[FAIL]} failed"]
        words += [f"{counts[SKIP]} not checked here"] if counts[SKIP] else []
        sample = f"\n{NOT_IN_SAMPLE}" if self.quick else ""
        return f"{self.verdict}: {', '.join(words)}; {self.comparison}{sample}"
