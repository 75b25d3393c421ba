"""Prior-driven outcomes beside base rates: nothing was fitted to these, and the comparison is loose by nature.

A base rate is a share over past cases of another kind (civil wars, alliances in war, forces hit by a bomb). It says
whether an outcome of the model is of the order that history would suggest, no more.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fragile_peace.codes import Event
from fragile_peace.cores import cores
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.design.posterior import Posterior
from fragile_peace_lab.design.war_sample import WarSample
from fragile_peace_lab.estimates.intervals import wilson

SEED = 20280101
COLUMNS = ("title", "scenario", "model", "low", "high", "runs", "record", "record_low", "record_high", "key", "of")


@dataclass(frozen=True)
class BaseRate:
    """One comparison: runs counted by `event` among those with `given`; the record and what it is a share of."""

    title: str
    scenario: str
    event: Callable[[np.ndarray], np.ndarray]
    given: Callable[[np.ndarray], np.ndarray]
    record: tuple[float, float, float]
    key: str
    of: str


def _happened(event: Event) -> Callable[[np.ndarray], np.ndarray]:
    return lambda outcomes: outcomes["happened"][..., event] > 0


def _every(outcomes: np.ndarray) -> np.ndarray:
    return np.ones(outcomes.shape, bool)


def _mass(outcomes: np.ndarray) -> np.ndarray:
    many: np.ndarray = outcomes["deaths"].sum(-1) >= 10
    return many


def _left(outcomes: np.ndarray) -> np.ndarray:
    return outcomes["left"] > 0


FAILED = (0.80, 0.75, 0.84)
BASE_RATES = (
    BaseRate("The ceasefire ends within two years, with the force", "reassurance_15k", _happened(Event.COLLAPSE),
             _every, FAILED, "cf_fail80", "ceasefires in civil wars that failed at some time"),
    BaseRate("The ceasefire ends within two years, no force", "no_force", _happened(Event.COLLAPSE), _every, FAILED,
             "cf_fail80", "the same"),
    BaseRate("The guarantee is honoured, given that it was invoked", "reassurance_15k", _happened(Event.HONOURED),
             _happened(Event.INVOKED), (0.50, 0.22, 0.66), "bf2018_all", "alliance commitments honoured in war; 22 % "
             "after 1945"),
    BaseRate("A contingent leaves, given ten or more European deaths", "reassurance_15k", _left, _mass,
             (0.75, 0.30, 0.95), "withdraw_share", "forces that left after a mass-casualty attack; four cases"),
)  # fmt: skip


def base_rates(posterior: Posterior, members: int = 64, runs: int = 16) -> pd.DataFrame:
    """Return every base rate beside the model's share, over members of both samples and runs of their own: COLUMNS."""
    names = list(dict.fromkeys(rate.scenario for rate in BASE_RATES))
    bases = [Scenario.load(name) for name in names]
    war = WarSample.load()

    def simulated(index: int) -> np.ndarray:
        own = {name: value for name, value in posterior.member(index).items() if name in posterior.handed_on}
        own |= war.point(index)
        return simulate([base.override(own) for base in bases], runs, SEED + index, threads=1)

    with ThreadPoolExecutor(cores()) as pool:
        found = np.concatenate(list(pool.map(simulated, range(min(members, len(posterior))))), axis=1)
    rows = []
    for rate in BASE_RATES:
        outcomes = found[names.index(rate.scenario)]
        given = rate.given(outcomes)
        number = int(given.sum())
        share = float((rate.event(outcomes) & given).sum() / number) if number else float("nan")
        ends = wilson(share, number) if number else (0.0, 1.0)
        rows.append((rate.title, rate.scenario, share, float(ends[0]), float(ends[1]), number, *rate.record, rate.key,
                     rate.of))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
