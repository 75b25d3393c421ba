"""Rewrite tests/baseline.json: only by `make baseline`, in a commit that says the numbers change."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from fragile_peace_lab.store.behaviour import RUNS, SEED, WEEKS, behaviour_digest, reference

BASELINE = Path(__file__).parents[1] / "baseline.json"
SHOWN = ("recorded_R", "recorded_U", "strikes", "deaths", "invocations", "end_cause", "mu", "gamma", "B")


def baseline() -> dict[str, Any]:
    """The behaviour digest, and per scenario the sums of a few outcomes, which say what moved when the digest does."""
    sums = {name: {field: float(np.sum(outcomes[field])) for field in SHOWN} for name, outcomes in reference().items()}
    about = {"runs": RUNS, "weeks": WEEKS, "seed": SEED}
    return {"schema": 1, "behaviour_digest": behaviour_digest(), "reference": about, "sums": sums}


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(baseline(), indent=1) + "\n")
    print(BASELINE)
