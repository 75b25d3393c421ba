"""Moscow made louder, and Moscow heard louder: the same outcomes by the level of the threat, as a setting and as news.

Made: the threat is set, and everybody believes what they believed before. Heard: Moscow, knowing its type, chooses the
threat (docs/model.md, section 13); of its runs those are taken in which it chose so, with the belief that this leaves.
"""

import numpy as np
import pandas as pd

from fragile_peace.codes import Event
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.threat import LEVELS
from fragile_peace.outcomes import ABSENT
from fragile_peace.runs.simulation import check_whole, simulate
from fragile_peace.runs.threat import solve_threat
from fragile_peace_lab.estimates.intervals import proportion, t_interval

MADE, HEARD = "made", "heard"
JOINING, STRIKE_OR_DEATH, COMMITTED = "joining", "strike_or_death", "committed"
HEARD_RUNS = 5
"""Runs in which Moscow chooses, for each run of a set threat: some threats are rare."""


def made_and_heard(scenario: Scenario, seed: int, runs: int, weeks: int | None = None) -> pd.DataFrame:
    """Play a scenario with each threat set, and with Moscow choosing.

    Parameters
    ----------
    scenario, seed : what is played, whatever its `threat.choice` and `threat.level`
    runs : of each set threat, at least 2; HEARD_RUNS times as many in which Moscow chooses
    weeks : horizon; the scenario's own if omitted

    Returns
    -------
    curve (made, heard), level, outcome (joining: share of the force; strike_or_death, committed: probabilities), runs,
    estimate, mc_low, mc_high : one row a curve, level and outcome, with the 95 % Monte Carlo interval; NaN where no
    run, or one, tells. That Russia is committed is no estimate: it follows from its chances by Bayes' rule.

    Raises
    ------
    InputError : an argument is out of range
    SolverError : a game could not be solved
    """
    check_whole("runs", runs, 2, 1 << 28)
    settings = [scenario.override({"threat.choice": "set", "threat.level": level}) for level in LEVELS]
    made = simulate(settings, runs, seed, weeks)
    heard = simulate([scenario.override({"threat.choice": "signal"})], HEARD_RUNS * runs, seed, weeks)[0]
    truth = scenario.threat.credibility if scenario.threat.sincerity is None else scenario.threat.sincerity
    bluffing, committed = solve_threat(scenario).played.chances
    meant = truth * committed / (truth * committed + (1 - truth) * bluffing)
    rows = []
    for number, level in enumerate(LEVELS):
        chosen = heard[heard["threat"] == level]
        for curve, outcomes, chance in ((MADE, made[number], truth), (HEARD, chosen, float(meant[number]))):
            rows += [{"curve": curve, "level": level, **row} for row in _measured(scenario, outcomes, chance)]
    return pd.DataFrame(rows)


def _measured(scenario: Scenario, outcomes: np.ndarray, committed: float) -> list[dict[str, object]]:
    """Return the three outcomes of some runs, each with its interval."""
    count, nothing = len(outcomes), (np.nan, np.nan, np.nan)
    troops = np.array(scenario.troops)
    joined = outcomes["left_week_n"][:, : len(troops)] != ABSENT
    share = joined @ troops / troops.sum() if len(troops) else np.zeros(count)
    happened = outcomes["happened"][:, Event.STRIKE_OR_DEATH] == 1
    rows = {JOINING: nothing, STRIKE_OR_DEATH: nothing, COMMITTED: nothing}
    if count >= 2:
        low, high = t_interval(share.mean(), share.std(ddof=1) / np.sqrt(count), count - 1)
        rows[JOINING] = (share.mean(), max(0.0, float(low)), min(1.0, float(high)))
        low, high = proportion(happened.sum(), count)
        rows[STRIKE_OR_DEATH] = (happened.mean(), float(low), float(high))
        rows[COMMITTED] = (committed, committed, committed)
    names = ("estimate", "mc_low", "mc_high")
    return [{"outcome": name, "runs": count, **dict(zip(names, row, strict=True))} for name, row in rows.items()]
