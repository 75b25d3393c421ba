"""The commitment game as a Gambit strategic form, and its numbers at the start (docs/model.md, section 8).

Like `proof.incident_tree` a deliberate second writing: payoffs of each profile come from the text, profile by profile,
in plain Python; only the strategies of the incident games come from the kernels.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from fragile_peace.codes import Action, PlaceKind
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.proof.gambit import decimal, listed, quoted
from fragile_peace.proof.incident import PlaceState, solve_incident
from fragile_peace.proof.incident_tree import Path, fatality


def commitment_at_start(scenario: Scenario) -> dict[str, Any]:
    """Return the arguments of `commitment_nfg` at t = 0, when every nation chooses to join or to stay out.

    The incident games are solved once with the whole force in place; expected deaths span a review period.
    """
    if not scenario.contingents:
        raise InputError(f"commitment game: {scenario.name} has no contingents")
    own, mu = scenario.contingents, scenario.threat.credibility
    deaths = [
        mu * committed + (1 - mu) * bluffing for bluffing, committed in zip(*deaths_by_type(scenario), strict=True)
    ]
    return {
        "names": [n.name for n in own],
        "troops": list(scenario.troops),
        "present": [1] * len(own),
        "fixed": fixed_parts(scenario, deaths),
        "solidarity": scenario.commitment.solidarity,
        "title": f"{scenario.name}: commitment game at the start",
    }


def fixed_parts(scenario: Scenario, deaths: Sequence[float]) -> list[float]:
    """Return what joining is worth to each nation whatever the others do, given its expected deaths."""
    c = scenario.commitment
    legitimacy = c.legitimacy_un if scenario.mandate.un else c.legitimacy
    return [
        legitimacy + c.politics * (n.support - 0.5) + n.reputation - n.aversion * dead - c.upkeep
        for n, dead in zip(scenario.contingents, deaths, strict=True)
    ]


def deaths_by_type(scenario: Scenario) -> tuple[list[float], list[float]]:
    """Return the expected deaths of each nation over a review period at the start: if Russia bluffs, if it does not."""
    result = ([0.0] * len(scenario.contingents), [0.0] * len(scenario.contingents))
    law = scenario.fatality
    for s in range(len(scenario.places)):
        state = PlaceState.at_start(scenario, s)
        total = sum(state.garrison)
        if total == 0:
            continue
        table = solve_incident(scenario, s, state).table
        place = scenario.places[s]
        sites = scenario.force.sites_per_hub * (1 if place.kind == PlaceKind.HUB else place.length_km / 100)
        largest = max(1, int(1000 * total / max(1, sites)))
        expected = [0.0, 0.0]
        for a, b in itertools.product(Action, list(Action)[:3]):
            deaths = _mean_size(largest, law.strike_tail if a == Action.STRIKE else law.breach_tail)
            deaths *= float(table["p_U"][b]) * fatality(scenario, s, state, Path(a=a, b=b))
            for kappa in range(2):
                expected[kappa] += float(table["p_R"][kappa, a]) * deaths
        for kappa, weekly in enumerate(expected):
            for n, troops in enumerate(state.garrison):
                result[kappa][n] += scenario.force.review_weeks * weekly * troops / total
    return result


def _mean_size(largest: int, tail: float) -> float:
    """Mean of a power law of sizes 1..largest."""
    weights = [n**-tail for n in range(1, largest + 1)]
    return math.fsum(n * weight for n, weight in enumerate(weights, 1)) / math.fsum(weights)


def commitment_nfg(
    names: Sequence[str],
    troops: Sequence[float],
    present: Sequence[int],
    fixed: Sequence[float],
    solidarity: float,
    title: str = "commitment game",
) -> str:
    """Return the commitment game (docs/model.md, section 8) as the text of an .nfg file.

    A player for each contingent that is present, with strategies stay and leave: u_n(leave) = 0 and
    u_n(stay) = fixed_n + solidarity * (share of the others' troops that stay). Each profile's payoffs are written out
    from this line, in plain Python; `kernels.commitment` works with expectations of it.

    Parameters
    ----------
    names : the contingents
    troops : their troops in the original force, thousands
    present : 1 for those that choose, 0 for those that have left; these still count in the original force
    fixed : the part of u_n(stay) that does not depend on the others
    solidarity : value of all others staying
    """
    if not len(names) == len(troops) == len(present) == len(fixed):
        raise InputError("commitment game: names, troops, present and fixed must have the same length")
    players = [n for n in range(len(names)) if present[n]]
    if not players:
        raise InputError("commitment game: present: at least one contingent must be present")
    lines = [f"NFG 1 R {quoted(title)} {{ {listed(names[n] for n in players)} }}", "", "{ "]
    lines += ['{ "stay" "leave" }' for _ in players] + ["}", '""', ""]
    # Gambit lets the first player's strategy run fastest.
    for reversed_profile in itertools.product((True, False), repeat=len(players)):
        stays = dict(zip(players, reversed(reversed_profile), strict=True))
        lines.append(" ".join(decimal(_stay_or_leave(n, stays, troops, fixed, solidarity)) for n in players))
    return "\n".join(lines) + "\n"


def _stay_or_leave(
    n: int, stays: dict[int, bool], troops: Sequence[float], fixed: Sequence[float], solidarity: float
) -> float:
    if not stays[n]:
        return 0.0
    others = math.fsum(troops[k] for k in range(len(troops)) if k != n)
    staying = math.fsum(troops[k] for k in range(len(troops)) if k != n and stays.get(k, False))
    return fixed[n] + (solidarity * staying / others if others > 0 else 0.0)
