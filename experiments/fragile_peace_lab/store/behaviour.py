"""The behaviour digest: what the model does, as one number.

sha256 of the outcomes of 200 reference runs: `RUNS` runs of each of ten shipped scenarios over `WEEKS` weeks with one
seed. Two versions of the code with the same behaviour digest give the same numbers, whatever their sources say.
"""

import hashlib
from functools import cache
from typing import Any

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.state import OUTCOMES

SCENARIOS = (
    "reassurance_15k", "line_30k", "un_observers", "no_force", "plan28", "plan20", "article5_firm", "america_first",
    "donbas_2019", "donbas_truce_2020",
)  # fmt: skip
RUNS, WEEKS, SEED = 20, 27, 20260101


def reference() -> dict[str, Any]:
    """Return the outcomes of the reference runs by scenario: OUTCOMES, shape (RUNS,)."""
    from fragile_peace.runs.simulation import simulate

    scenarios = [Scenario.load(name) for name in SCENARIOS]
    return dict(zip(SCENARIOS, simulate(scenarios, RUNS, SEED, WEEKS), strict=True))


@cache
def behaviour_digest() -> str:
    """Return the digest of the reference runs; computed once a process, in under a second of one core when compiled."""
    digest = hashlib.sha256(repr(OUTCOMES.descr).encode())
    for name, outcomes in reference().items():
        digest.update(name.encode() + outcomes.tobytes())
    return digest.hexdigest()


@cache
def sources() -> str:
    """Return the source digest of the kernels, computed once a process."""
    from fragile_peace.digests import source_digest

    return source_digest()


def same_sources(digest: str, who: str) -> None:
    """Raise InputError unless `digest` is that of this process's kernel sources."""
    if digest != sources():
        raise InputError(f"{who}: runs other kernel sources or library versions ({digest[:12]}, here {sources()[:12]})")
