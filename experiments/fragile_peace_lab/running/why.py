"""By which way a setting works: its runs played again with mediators held as in the baseline's (`estimates.why`).

Of each member the baseline is played first and what its weeks start with is kept; then the changed setting with every
set of mediators held there, on the same draws. A threat that alone is changed is also made louder place by place.
Run r of member m has the index m·2^20 + r: no two members share a draw.
"""

from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace.codes import ThreatChoice
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, nearest, shown
from fragile_peace.runs.imposing import MEDIATORS, Imposed
from fragile_peace.runs.simulation import check_whole, recorded, simulate
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import OWN_RUNS
from fragile_peace_lab.estimates.measure import measure
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.estimates.why import (
    BASELINE,
    BY_PLACE,
    DANGER,
    FACE,
    PLACES,
    STRIKE_VALUE,
    by_place,
    mediated,
    subsets,
    why_table,
)
from fragile_peace_lab.running.runner import worker_threads
from fragile_peace_lab.store.columns import flatten

MOST_MEMBERS = 4096
OUTCOMES = (
    "strike_or_death", "european_death", "exchange_of_fire", "strike_rate", "deliberate_deaths", "collateral_deaths",
    "collapse",
)  # fmt: skip
"""What is split unless other outcomes are asked for."""


@dataclass(frozen=True, eq=False)
class Why:
    """A difference split.

    Attributes
    ----------
    table : one row an outcome, split and part: `estimates.why.COLUMNS`
    fewer : whether there are fewer troop-years after the change
    """

    table: pd.DataFrame
    fewer: bool


def why(
    baseline: Sequence[Scenario],
    changed: Sequence[Scenario],
    draws: int,
    seed: int,
    weeks: int | None = None,
    *,
    outcomes: Sequence[str] = OUTCOMES,
    threads: int | None = None,
) -> Why:
    """Split the differences that a change makes.

    Parameters
    ----------
    baseline, changed : both settings, one scenario a member
    draws : runs of each member in each world, at least 2
    seed : of the draws
    weeks : horizon; each scenario's own if omitted
    outcomes : names of `estimates.outcomes`
    threads : members played at once; the number of cores if omitted

    Raises
    ------
    InputError : an argument is out of range, or nothing is changed
    SolverError : a game could not be solved
    """
    check_whole("draws", draws, 2, OWN_RUNS)
    check_whole("members", len(baseline), 1, MOST_MEMBERS)
    for name in outcomes:
        if name not in BY_NAME:
            raise InputError(f"outcome: {shown(name)} is not allowed; must be an outcome{nearest(name, BY_NAME)}")
    pairs = list(zip(baseline, changed, strict=True))
    if all(one.digest == other.digest for one, other in pairs):
        raise InputError("change: nothing is changed; both settings are the same")

    def play(member: int) -> dict[Hashable, np.ndarray]:
        return _member(*pairs[member], draws, seed, weeks, member * OWN_RUNS)

    with ThreadPoolExecutor(worker_threads(threads)) as pool:
        played = list(pool.map(play, range(len(pairs))))
    parts = mediated(tuple(MEDIATORS))
    parts |= by_place() if all((BY_PLACE, frozenset()) in worlds for worlds in played) else {}
    used: list[Hashable] = list(dict.fromkeys(world for weights in parts.values() for world in weights))
    rows = {world: np.stack([worlds[world] for worlds in played]) for world in used}
    columns = {world: _columns(found, baseline, outcomes) for world, found in rows.items()}
    tables = []
    for name in outcomes:
        plain = replace(BY_NAME[name], controls=())  # parts of counted runs
        tables.append(why_table(plain, {world: measure(plain, found) for world, found in columns.items()}, parts))
    before, after = rows[BASELINE]["troop_years"].sum(), rows[frozenset()]["troop_years"].sum()
    return Why(pd.concat(tables, ignore_index=True), bool(after < before))


def _member(
    baseline: Scenario, changed: Scenario, draws: int, seed: int, weeks: int | None, first: int
) -> dict[Hashable, np.ndarray]:
    """Return the outcomes of a member's runs by world, shape (draws,) each."""
    before, path = recorded(baseline, draws, seed, weeks, first_run=first, threads=1)
    worlds: dict[Hashable, np.ndarray] = {BASELINE: before}
    for held in subsets(MEDIATORS):
        fields = [field for name in MEDIATORS if name in held for field in MEDIATORS[name]]
        impose = Imposed(path, fields) if held else None
        worlds[held] = simulate([changed], draws, seed, weeks, first_run=first, impose=impose, threads=1)[0]
    louder = places(baseline, changed)
    names, scenarios = list(louder), list(louder.values())
    if scenarios:
        outcomes = simulate(scenarios, draws, seed, weeks, first_run=first, threads=1)
        worlds |= {(BY_PLACE, name): found for name, found in zip(names, outcomes, strict=True)}
    return worlds


def places(baseline: Scenario, changed: Scenario) -> dict[frozenset[str], Scenario]:
    """Return the changed setting with the threat changed in some of its places only.

    Nothing where more than the threat is changed, where Moscow chooses it, and where a schedule changes parameters.
    The threat enters by three products of its level and a coefficient, so a coefficient times the ratio of two levels
    gives a place the other level.
    """
    before, after = baseline.threat.level, changed.threat.level
    same = baseline.override({"threat.level": after}).digest == changed.digest
    if before == after or not same or baseline.threat.choice != ThreatChoice.SET or baseline.schedule:
        return {}
    loudest = max(before, after)
    world = changed.override({"threat.level": loudest})
    own: dict[str, dict[str, float]] = {
        STRIKE_VALUE: {"russia.strike_threat": world.russia.strike_threat},
        FACE: {"russia.face_threat": world.russia.face_threat},
        DANGER: {f"contingents.{nation.name}.danger": nation.danger for nation in world.contingents},
    }
    found = {}
    for chosen in subsets(PLACES):
        values = {
            name: value * ((after if place in chosen else before) / loudest)
            for place in PLACES
            for name, value in own[place].items()
        }
        found[chosen] = world.override(values)
    return found


def _columns(found: np.ndarray, scenarios: Sequence[Scenario], outcomes: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the columns that outcomes read, shape (members, draws); NaN where a part has null."""
    nations = [len(scenario.contingents) for scenario in scenarios]
    table = flatten(found, range(len(found)), 0, nations, max(nations))
    needed = dict.fromkeys(name for outcome in outcomes for name in BY_NAME[outcome].needs)
    return {name: table.column(name).to_numpy().astype(float).reshape(found.shape) for name in needed}


def members(scenario: Scenario, sweep: str, number: int, settings: Mapping[str, Any]) -> list[Scenario]:
    """Return a scenario with the first samples of a sweep's unknowns, and what it fixes, laid under some settings.

    Raises InputError where the sweep has fewer samples, or one that the scenario does not have.
    """
    plan = Plan.load(sweep)
    check_whole("members", number, 1, min(plan.design.samples, MOST_MEMBERS))
    unknowns = plan.design.uncertainties
    return [
        scenario.override({**plan.sweep.set, **{c.name: c.values[place] for c in unknowns}, **settings})
        for place in range(number)
    ]
