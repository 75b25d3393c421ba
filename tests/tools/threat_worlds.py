"""Worlds in which Moscow chooses its threat."""

import itertools
from collections.abc import Iterator

import numpy as np

from fragile_peace.declared.scenario import Scenario
from tests.tools.worlds import EVENTFUL, small

SIGNAL = {"threat.choice": "signal"}
TELLING = small(EVENTFUL, SIGNAL, {"threat.cost": 0.1, "russia.face_threat": 2, "commitment.upkeep": 3})
"""Types differ, and the coalition minds: loud threats come from a committed Russia and keep nations out."""
SEVERAL = Scenario.from_dict(
    small(
        SIGNAL, dict.fromkeys((f"contingents.{n}.aversion" for n in ("Albion", "Borduria", "Caledonia")), 3.0),
        {"threat.precision": 9, "threat.benefit": 5, "threat.credibility": 0.4, "threat.cost": 0.6,
         "russia.face": 2, "russia.face_threat": 1.5, "russia.coalition_opposition": 6,
         "russia.resolve_committed": 3, "russia.resolve_bluffing": -2, "russia.strike_value": 6,
         "commitment.solidarity": 4, "commitment.upkeep": 4.5, "precision.commitment": 8},
    ).to_dict()
)  # fmt: skip


def threat_worlds(count: int, seed: int) -> Iterator[Scenario]:
    """Random ones, in which anything that it depends on lies anywhere in its bounds."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield small(
            SIGNAL,
            {
                "threat.credibility": rng.uniform(0.01, 0.95), "threat.benefit": rng.uniform(0, 20),
                "threat.cost": rng.uniform(0, 20) * rng.integers(2), "threat.precision": rng.uniform(0, 10),
                "russia.face": rng.uniform(0, 10) ** rng.integers(2), "russia.face_threat": rng.uniform(0, 10),
                "russia.resolve_committed": rng.uniform(-3, 6), "russia.resolve_bluffing": rng.uniform(-3, 3),
                "russia.coalition_opposition": rng.uniform(0, 10), "precision.russia": rng.uniform(0, 10),
                "precision.commitment": rng.uniform(0, 10), "commitment.solidarity": rng.uniform(0, 5),
                "commitment.upkeep": rng.uniform(1, 7), "russia.strike_value": rng.uniform(0, 10),
                "truce.restraint": rng.uniform(0, 1), "contingents.Albion.aversion": rng.uniform(0, 5),
            },
        )  # fmt: skip


def tipping() -> Scenario:
    """One of them in which no belief is right after a threat but that at which the coalition tips."""
    return next(itertools.islice(threat_worlds(114, 20260101), 113, None))
