"""Belief against fact: what the belief in the threat does by itself, and what it does when the truth goes with it.

The runs are those that a sweep keeps for it (`design.beside` says which; `store.side_tables.BELIEF`).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fragile_peace_lab.design.beside import BELIEFS, CASES, CREDIBILITY
from fragile_peace_lab.estimates.all_tables import estimate_table
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.estimates.runs import FIRST, Runs
from fragile_peace_lab.store.folder import side_table
from fragile_peace_lab.store.side_tables import BELIEF, BELIEF_KEYS

OUTCOME = BY_NAME["strike_or_death"]
NEEDS = list(dict.fromkeys(OUTCOME.needs))


def belief_numbers(folder: Path) -> pd.DataFrame:
    """Return a sweep's chance of a strike or a European death over what is believed: `case` is fixed or tied.

    Raises InputError where the side table is missing or damaged.
    """
    rows = side_table(folder, BELIEF, [*(field.name for field in BELIEF_KEYS), *NEEDS]).to_pandas()
    setting = rows["case"].to_numpy() * len(BELIEFS) + np.searchsorted(BELIEFS, rows["belief"])
    rows["point"] = rows["member"] * len(CASES) * len(BELIEFS) + setting
    rows["combination"] = setting
    points = rows.drop_duplicates("point")
    design = pd.DataFrame({
        "point": points["point"],
        "sample": points["member"],
        "combination": points["combination"],
        FIRST: points["member"] * rows["draw"].nunique(),
        "case": [CASES[case] for case in points["case"]],
        CREDIBILITY: points["belief"],
    })  # fmt: skip
    runs = rows.rename(columns={"draw": "run"})[["point", "run", *NEEDS]]
    return estimate_table(Runs.from_tables(design, runs), (OUTCOME,), ("mixed",))
