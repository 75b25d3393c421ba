"""Belief against fact: what the belief in the threat does by itself, and what it does when the truth goes with it.

A sweep holds the true chance that Russia is committed (`threat.sincerity`) fixed while the belief in it
(`threat.credibility`) is sampled, so that the two are not confounded. Here the belief is set to a few values, once with
the truth where the sweep holds it and once with the truth equal to the belief, on the sweep's own members. The points
of a member share its draws; members have draws of their own.
"""

from typing import Any

import pandas as pd
import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.estimates.all_tables import estimate_table
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.store.columns import flatten

OUTCOME = "strike_or_death"
BELIEFS = (0.05, 0.2, 0.4, 0.6)
MEMBERS, DRAWS = 8, 32
CREDIBILITY, SINCERITY = "threat.credibility", "threat.sincerity"


def belief_numbers(
    scenarios: list[Scenario],
    seed: int,
    weeks: int,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Return the chance of a strike or a European death over what is believed: `case` is fixed or tied.

    Parameters
    ----------
    scenarios : one a member, at the setting of the levers that the panel holds
    seed, weeks : the sweep's
    draws : runs of each; every member has draws of its own, which its points share
    """
    width = max(1, max(len(scenario.contingents) for scenario in scenarios))
    cases = [(case, belief) for case in ("fixed", "tied") for belief in BELIEFS]
    design: list[dict[str, Any]] = []
    tables = []
    for sample, scenario in enumerate(scenarios):
        truth = scenario.get(SINCERITY)
        truth = scenario.get(CREDIBILITY) if truth is None else truth
        points = [
            scenario.override({CREDIBILITY: belief, SINCERITY: truth if case == "fixed" else None})
            for case, belief in cases
        ]
        outcomes = simulate(points, draws, seed, weeks, first_run=sample * draws)
        ids = range(len(design), len(design) + len(cases))
        tables.append(flatten(outcomes, ids, 0, [len(scenario.contingents)] * len(cases), width))
        for combination, (case, belief) in enumerate(cases):
            index = {"point": len(design), "sample": sample, "combination": combination}
            design.append({**index, "case": case, CREDIBILITY: belief})
    rows = pa.concat_tables(tables)
    runs = Runs.from_tables(pd.DataFrame(design), rows)
    return estimate_table(runs, (BY_NAME[OUTCOME],), ("mixed",))
