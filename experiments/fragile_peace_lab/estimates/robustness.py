"""How far a finding depends on what nobody can estimate: in how many structures its sign holds.

In one structure the sign of a paired difference *holds* where its Monte Carlo interval leaves zero out and at least
`AGREE` of the members have that sign (their shrunken values by weight, as in the parameter band: `estimates.members`).
A finding is *robust* where the same sign holds in every structure. Structures are counted, never averaged.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace_lab.estimates import members
from fragile_peace_lab.estimates.comparisons import difference, member_differences, pairs
from fragile_peace_lab.estimates.measure import Measured, cell
from fragile_peace_lab.estimates.outcomes import Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.tables import frame

AGREE = 0.9
COLUMNS = ("n_structures", "more", "less", "agreement", "robust", "note")
_ABOUT = ("outcome", "title", "unit", "kind", "prior_driven", "lever", "reference")


@dataclass(frozen=True)
class Sign:
    """The sign of a difference in one structure.

    Attributes
    ----------
    way : 1 or -1; 0 where the runs do not settle it
    agreement : share of the members that have the sign of the difference; None where no members can be told apart
    estimate : the difference; NaN where no run is there to compare
    """

    way: int
    agreement: float | None
    estimate: float = math.nan

    @property
    def holds(self) -> int:
        """The sign where it holds, else 0; without members to ask, where the runs settle it."""
        return self.way if self.agreement is None or self.agreement >= AGREE else 0


@dataclass(frozen=True)
class Robustness:
    """A finding over all structures: its sign in each, by name."""

    signs: Mapping[str, Sign]

    def holding(self, way: int) -> list[str]:
        """Return the structures in which a sign holds."""
        return [name for name, sign in self.signs.items() if sign.holds == way]

    @property
    def agreement(self) -> float | None:
        """The smallest share of members that agree in any structure; None where it is not known in one."""
        shares = [sign.agreement for sign in self.signs.values()]
        known = [share for share in shares if share is not None]
        return min(known) if len(known) == len(shares) else None

    @property
    def robust(self) -> bool:
        """Whether the same sign holds in every structure, as far as members were asked in each."""
        same = max(len(self.holding(1)), len(self.holding(-1))) == len(self.signs)
        return same and self.agreement is not None


def sign_of(outcome: Outcome, a: Measured, b: Measured) -> Sign:
    """Return the sign of b less a in one structure."""
    row = difference(outcome, a, b)
    low, high = row["mc_low"], row["mc_high"]
    settled = low is not None and np.isfinite(low) and not low <= 0.0 <= high
    way = int(np.sign(row["estimate"])) if settled else 0
    estimate = math.nan if row["estimate"] is None else float(row["estimate"])
    return Sign(way, _agreement(a, b, way), estimate)


def _agreement(a: Measured, b: Measured, way: int) -> float | None:
    """The weight of the members on the side of zero that the difference is on; of the larger side where that is open.

    None where members are not told apart from the noise of the runs: they would all seem to agree.
    """
    kept = (a.d.sum(1) > 0) & (b.d.sum(1) > 0)
    if kept.sum() < 2 or a.n.shape[1] < 2:
        return None
    found = members.weighted(*member_differences(a, b, kept), a.own)
    if found.in_noise:
        return None
    sides = (found.values > 0, found.values < 0)
    more, less = (round(float(found.weight[side].sum()), 12) for side in sides)  # 18 of 20 are .9
    return {1: more, -1: less, 0: max(more, less)}[way]


def robustness(runs: Mapping[str, Runs], outcome: Outcome, a: int, b: int) -> Robustness:
    """Return how the difference of two settings fares in every structure.

    Parameters
    ----------
    runs : of each structure, by name (`Runs.within`)
    a, b : the settings
    """
    signs = {}
    for name, own in runs.items():
        signs[name] = sign_of(outcome, cell(own, outcome, a), cell(own, outcome, b))
    return Robustness(signs)


def robustness_table(runs: Runs) -> pd.DataFrame:
    """Return for every comparison of levers in how many structures each sign of a headline outcome holds."""
    within = {name: runs.within(name) for name in runs.structures}
    reference = within[runs.structures[0]]
    rows: list[dict[str, Any]] = []
    for lever, a, b in pairs(reference):
        first = reference.settings[a][lever] if lever != "all" else "the first setting"
        for o in runs.headlines:
            found = robustness(within, o, a, b)
            about: dict[str, Any] = {"outcome": o.name, "title": o.title, "unit": o.unit, "kind": o.kind}
            about |= {"prior_driven": o.prior_driven, "lever": lever, "reference": str(first)}
            rows.append(about | reference.settings[b] | _row(found))
    return frame(rows, (*_ABOUT, *runs.levers, *COLUMNS))


def _row(found: Robustness) -> dict[str, Any]:
    note = "" if found.agreement is not None else "agreement not known in every structure: members or runs are too few"
    more, less = len(found.holding(1)), len(found.holding(-1))
    counts = {"n_structures": len(found.signs), "more": more, "less": less}
    return counts | {"agreement": found.agreement, "robust": found.robust, "note": note}
