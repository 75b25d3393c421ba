"""Rewrite tests/baseline.json: only by `make baseline`, in a commit that says the numbers change."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from fragile_peace.outcomes import NAMES
from fragile_peace_lab.store.behaviour import RUNS, SEED, WEEKS, behaviour_digest, reference

BASELINE = Path(__file__).parents[1] / "baseline.json"
SHOWN = ("recorded_R", "recorded_U", "strikes", "deaths", "invocations", "end_cause", "mu", "gamma", "B")


def baseline(names: Iterable[str] = NAMES) -> dict[str, Any]:
    """The behaviour digest of these outcomes, and per scenario the sums of a few, which say what moved when it does."""
    names = list(names)
    sums = {name: {field: float(np.sum(outcomes[field])) for field in SHOWN} for name, outcomes in reference().items()}
    about = {"runs": RUNS, "weeks": WEEKS, "seed": SEED}
    head = {"schema": 1, "behaviour_digest": behaviour_digest(names), "outcomes": names}
    return {**head, "reference": about, "sums": sums}


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(baseline(), indent=1) + "\n")
    print(BASELINE)
