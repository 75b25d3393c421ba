"""The qualitative patterns over the posterior: for what share of its members each sign comes out.

A pattern is a contrast: a quantity of the runs of one world less that of another, under the same draws. Members differ
in the calibrated parameters; everything else is as declared. The sign of a member is that of its mean over runs, so a
pattern that holds everywhere can still miss in some members by chance.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace.codes import Event, PlaceKind, Response
from fragile_peace.cores import cores
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.calibration.free import HANDED_ON
from fragile_peace_lab.design.posterior import Posterior
from fragile_peace_lab.estimates.intervals import wilson

SEED = 20290101
COLUMNS = ("pattern", "sign", "share", "low", "high", "members", "runs")
Quantity = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sign:
    """One contrast: `quantity` is higher in the world `more` than in `less`; both are laid over `scenario`."""

    pattern: int
    title: str
    scenario: str
    less: Mapping[str, Any]
    more: Mapping[str, Any]
    quantity: Quantity
    weeks: int = 26


def _resumed(outcomes: np.ndarray) -> np.ndarray:
    hazard = outcomes["compensator"]
    other: np.ndarray = hazard[..., Event.COLLAPSE] - hazard[..., Event.SPIRAL_US] - hazard[..., Event.SPIRAL_COALITION]
    return other


def _struck(outcomes: np.ndarray) -> np.ndarray:
    return outcomes["compensator"][..., Event.STRIKE_OR_DEATH]


def _a_week(field: str) -> Quantity:
    return lambda outcomes: outcomes[field] / outcomes["weeks"]


def _pulled_back(outcomes: np.ndarray) -> np.ndarray:
    share: np.ndarray = outcomes["responses"][..., Response.PULL_BACK] / np.maximum(outcomes["responses"].sum(-1), 1)
    return share


def _accused(outcomes: np.ndarray) -> np.ndarray:
    return np.where(outcomes["first_accusation_day"] < 0, 7.0 * 26, outcomes["first_accusation_day"])


def _watched(density: float) -> dict[str, float]:
    places = [place for place in Scenario.load("no_force").places if place.kind != PlaceKind.HUB]
    return {f"places.{place.name}.monitors": density * place.length_km for place in places}


COMMITTED = {"threat.sincerity": 1.0}
SIGNS = (
    Sign(1, "dense monitors delay the first accusation", "no_force", {}, _watched(3.5), _accused),
    Sign(2, "dense monitors lower violations", "no_force", _watched(4.0), {}, _a_week("line_true")),
    Sign(3, "the force, by balance and tripwire, lowers resumption", "reassurance_15k", {},
         {"war.force_weight": 0.0, "war_response.force_scale": 1000.0}, _resumed),
    Sign(4, "a louder threat brings more pull-backs", "reassurance_15k", {"threat.level": 0.0}, {"threat.level": 1.0},
         _pulled_back),
    Sign(4, "a louder threat makes a committed Russia strike more", "reassurance_15k", COMMITTED | {"threat.level":
         0.0}, COMMITTED | {"threat.level": 1.0}, lambda outcomes: outcomes["strikes"].sum(-1) / outcomes["weeks"]),
    Sign(5, "a less believed guarantee brings more strikes", "reassurance_15k", COMMITTED | {"guarantee.credibility":
         0.8}, COMMITTED | {"guarantee.credibility": 0.1}, _struck, 8),
    Sign(5, "a less believed guarantee brings more resumption", "reassurance_15k", {"guarantee.credibility": 0.8},
         {"guarantee.credibility": 0.1}, _resumed),
    Sign(6, "enforcing lowers violations", "reassurance_15k", {"mandate.roe": "enforce"}, {"mandate.roe":
         "self_defence"}, _a_week("line_true")),
    Sign(6, "enforcing brings more exchanges of fire", "reassurance_15k", {"mandate.roe": "self_defence"},
         {"mandate.roe": "enforce"}, lambda outcomes: outcomes["exchanges"].sum(-1) / outcomes["weeks"]),
    Sign(7, "faster regeneration lowers resumption in the long run", "no_force", {"readiness.growth": 0.02},
         {"readiness.growth": 0.003}, _resumed, 156),
    Sign(8, "deadlier strikes empty the coalition", "reassurance_15k", COMMITTED, COMMITTED |
         {"fatality.strike_tail": 1.5}, lambda outcomes: outcomes["left"], 20),
    Sign(10, "a truce erodes by what is seen", "donbas_truce_2020", {"truce.erosion": 0.0}, {},
         _a_week("line_recorded"), 45),
)  # fmt: skip


def signs(posterior: Posterior, members: int = 64, runs: int = 64) -> pd.DataFrame:
    """Return, by contrast, the share of members in which its sign comes out, with Wilson's 95 % interval: COLUMNS."""
    number = min(members, len(posterior))

    def of_member(index: int) -> list[bool]:
        member = posterior.member(index)
        return [_holds(sign, member, runs, SEED + index) for sign in SIGNS]

    with ThreadPoolExecutor(cores()) as pool:
        held = np.array(list(pool.map(of_member, range(number))))
    rows = []
    for sign, share in zip(SIGNS, held.mean(0), strict=True):
        low, high = wilson(share, number)
        rows.append((sign.pattern, sign.title, float(share), float(low), float(high), number, runs))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _holds(sign: Sign, member: Mapping[str, float], runs: int, seed: int) -> bool:
    """Whether a sign comes out at a member: its own values, and those of the event where the scenario is it."""
    prefix = f"{sign.scenario}:"
    own = {name: value for name, value in member.items() if name in HANDED_ON}
    own |= {name.removeprefix(prefix): value for name, value in member.items() if name.startswith(prefix)}
    base = Scenario.load(sign.scenario).override(own | {"force.deploy_weeks": 0})
    worlds = [base.override(dict(world)) if world else base for world in (sign.less, sign.more)]
    less, more = (sign.quantity(outcomes) for outcomes in simulate(worlds, runs, seed, sign.weeks, threads=1))
    return bool(np.mean(np.asarray(more, float) - less) > 0)
