"""Outcomes apart by the labels of members: one row an outcome, a label's value and a setting of the levers.

Shown apart are headline outcomes and those that turn on the return of war. The members of a value are estimated as a
whole sweep is (`measure`); a value that few members have has wide intervals, and says how many it has.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.estimates.measure import cell, estimated
from fragile_peace_lab.estimates.outcomes import OUTCOMES, Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import ESTIMATES, frame

NAME = "by_label"
APART = tuple(outcome for outcome in OUTCOMES if outcome.headline or outcome.prior_driven)
_ABOUT = ("outcome", "title", "unit", "kind", "estimator", "prior_driven", "label", "value")


def values_of(label: str, found: np.ndarray) -> list[str]:
    """Return the values of a label among some members: in the declared order, then others by name."""
    there = sorted(set(found.tolist()))
    declared = [value for value in BY_NAME[label].words if value in there]
    return declared + [value for value in there if value not in declared]


def label_table(runs: Runs, outcomes: Sequence[Outcome] | None = None) -> pd.DataFrame:
    """Return the estimates of outcomes, by default those shown apart, by every value of every label of the members."""
    rows = []
    for outcome in (*APART, *runs.own) if outcomes is None else outcomes:
        about = {"outcome": outcome.name, "title": outcome.title, "unit": outcome.unit, "kind": outcome.kind,
                 "prior_driven": outcome.prior_driven}  # fmt: skip
        for index, setting in enumerate(runs.settings):
            for label, found in runs.labels.items():
                for value in values_of(label, found):
                    numbers = estimated(outcome, cell(runs, outcome, index, members=found == value))
                    rows.append({**about, "label": label, "value": value, **setting, **numbers})
    return frame(rows, (*_ABOUT, *runs.keys, *ESTIMATES))
