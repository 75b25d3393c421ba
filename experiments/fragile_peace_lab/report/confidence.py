"""Confidence: how far an estimate should be trusted, by a rule that anybody can apply to the tables.

    start at medium: the model has not been tested on a mission like this one, so nothing is above medium
    one step down if the parameter band is wide, or is not known
    one step down if the Monte Carlo interval is
    one step down if the outcome turns on the return of war: no record of this war informs it (`estimates.basis`)
    at most low, and very low, where the sweep varies less than `HALF` and `TENTH` of the influential unknowns

A range is *wide* where it reaches over more than two terms of the likelihood scale, where an estimate below 10 % has a
range whose upper end is ten times its lower one or more, and, for a rate, where it reaches from less than half to more
than twice the estimate. Less is known where less is varied: before it is judged, a parameter band is widened to what it
would be if all of the variance that the influential unknowns make were there, that is by 1/sqrt(share)
(`estimates.influence`), so that leaving an unknown out does not narrow it.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from fragile_peace.words.wording import SCALE, words

CONFIDENCE = ("very low", "low", "medium")
HALF, TENTH = 0.5, 0.1
TENFOLD, SMALL = 10.0, 0.1
STEPS = (
    "Start at medium: the model has not been tested on a mission like this one, so nothing is above medium.",
    "One step down if the parameter band is wide, or cannot be told from the noise of the runs. A range is wide if it "
    "reaches over more than two terms of the likelihood scale or, for an estimate below 10%, over a factor of ten; for "
    "a rate, if it reaches from less than half to more than twice the estimate.",
    "One step down if the Monte Carlo interval is wide.",
    "One step down if the outcome turns on the return of war, which rests on wide ranges or on how often other wars "
    "came back.",
    f"At most low where the sweep varies less than {100 * HALF:.0f}% of the influential unknowns, and very low where "
    f"it varies less than {100 * TENTH:.0f}%. An unknown weighs as much as its total Sobol index for the outcome in "
    "the published sensitivity sweep, and counts in full where it comes with the calibrated members or is varied at "
    "least as widely as there, else by the share of that variance.",
    "The parameter band is judged after dividing its width by the square root of that share, so that a sweep does not "
    "look surer for varying less.",
)


def terms(low: float, high: float) -> int:
    """Return how many terms of the scale an interval of probabilities touches."""
    names = [term for _, term in SCALE]
    return abs(names.index(words(min(max(high, 0.0), 1.0))) - names.index(words(min(max(low, 0.0), 1.0)))) + 1


def wide(row: Mapping[str, Any], kind: str, share: float = 1.0) -> bool:
    """Return whether a range ("mc" or "param") is wide, or not known, once it stands for more than a share."""
    value, low, high = row["estimate"], row[f"{kind}_low"], row[f"{kind}_high"]
    if pd.isna(low) or pd.isna(high) or share <= 0 or (kind == "param" and low == high):
        return True
    low, high = (value + (end - value) / math.sqrt(share) for end in (low, high))
    if row["unit"] in ("probability", "share"):
        return terms(low, high) > 2 or (value < SMALL and high >= TENFOLD * max(low, 0.0))
    return bool(low < value / 2 or high > 2 * value)


def confidence(row: Mapping[str, Any], share: float) -> str:
    """Return how far an estimate should be trusted, by the rule of this module.

    Parameters
    ----------
    row : of estimates
    share : of the outcome's influential unknowns that the sweep varies
    """
    steps = int(wide(row, "param", share)) + int(wide(row, "mc")) + int(row["prior_driven"])
    most = 2 if share >= HALF else 1 if share >= TENTH else 0
    return CONFIDENCE[max(0, min(most, 2 - steps))]
