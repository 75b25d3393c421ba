"""What the weekly record is foreseen by without this model: the random walk, and the model as it was before.

`MODEL_1` holds mean CRPS of the model of commit da3d7e8, which had no threat and other restraint, on the same weeks
with the same observation model and draws. In a checkout of that commit, with its own posterior and scenario:

    members = (scenarios(Posterior.load().member(index))[1] for index in range(64))
    told = [_series([world], 8, SEED + index, 54)[0].recorded for index, world in enumerate(members)]

with `scenarios` and `_series` of its calibration/runs.py and `SEED` of its calibration/check.py: 511 of 512 runs last.
Then `scores` and `judged` of `retold(np.concatenate(told), record())` here. The figures hold for the observation model
that `LAW` names.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fragile_peace_lab.calibration.scoring import scores
from fragile_peace_lab.calibration.series import Weekly
from fragile_peace_lab.calibration.walk import RUNS, Walk
from fragile_peace_lab.calibration.walk import SEED as WALK_SEED

Means = Mapping[str, tuple[float, float]]

MODEL_1: Means = {"all": (307.5, 0.4043), "fitted": (193.5, 0.3497), "held_out": (667.1, 0.5764)}
"""Mean CRPS of counts and of log(1 + count): all 54 weeks, the 41 that a fit may read, the 13 held out."""
MODEL_1_P = 0.045
"""The p-value of its held-out weeks (`scoring.pit_test`)."""
LAW = (0.7, 0.15, 150.0, 1.3, 20270902)
"""The observation model that MODEL_1 was scored under: shape of days; chance, median and spread of exercises; seed."""


def compared(shown: np.ndarray, record: Weekly, baseline: Walk) -> pd.DataFrame:
    """Return mean CRPS beside the baselines', a row a forecast: of counts and of logarithms, over each set of weeks.

    `shown` is what the record would show of simulated weeks (`retrodiction.retold`). `one step ahead` is the walk that
    has seen every week before the one it foresees: no rival, for information.
    """
    walk = baseline.trajectories(record.days, RUNS, np.random.default_rng(WALK_SEED))
    step = baseline.one_step(record, RUNS, np.random.default_rng(WALK_SEED))
    found: dict[str, Means] = {
        "model": scores(shown, record).means(),
        "model 1": MODEL_1,
        "random walk": scores(walk, record).means(),
        "random walk, one step ahead": scores(step, record).means(),
    }
    rows = [
        {"forecast": name} | {f"{scale}_{part}": pair[place] for place, scale in enumerate(("counts", "logs"))
                              for part, pair in means.items()}
        for name, means in found.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)
