"""One incident game as a document: the state, every information set and the solver's record, for pages and programs.

Payoffs, reaches and beliefs are read off the tree of `proof.incident_tree`, path by path, not taken from the solver;
`deviation` is how far the solver's probabilities are from the logit of those payoffs: opportunities exp(precision
payoff), over its sum.
"""

import math
from typing import Any

from fragile_peace.codes import Decision, Response
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.proof.gambit import kernel_strategy
from fragile_peace.proof.game_tree import InformationSet, Reading, read_off, word
from fragile_peace.proof.incident import IncidentEquilibrium, PlaceState
from fragile_peace.proof.incident_tree import incident_tree
from fragile_peace.runs.single import SingleRun


def game_in_week(world: Scenario, place: int, week: int, seed: int, run: int, ramp: float = 1.0) -> IncidentEquilibrium:
    """Play a run to the start of a week; return the game of the place as the run solved it, in the regime in force."""
    if ramp != 1.0:
        raise InputError("--ramp: cannot be given with --week, which has its own deployment")
    if not 0 <= week < world.weeks:
        raise InputError(f"--week: {week} is not allowed; must be a whole number from 0 to {world.weeks - 1}")
    single = SingleRun(world, seed, run)
    for past in range(week):
        single.advance()
        if not single.alive:
            raise InputError(f"--week: {week} is not allowed; this run ends with week {past}")
    single.open_week()
    single.phase("deploy")
    single.phase("solve")
    w, x = single.week, single.state
    state = PlaceState(
        mu=float(x["mu"]),
        gamma=float(x["gamma"]),
        tension=float(x["x_s"][place]),
        restraint=float(x["r_s"][place]),
        garrison=tuple(w["garrison_sn"][place][: len(world.contingents)].tolist()),
        monitors=float(w["monitors_s"][place]),
        day=int(w["day"]),
        void=bool(w["void"]),
        sustained=bool(w["sustained"]),
    )
    regime = [scenario for first, scenario in world.regimes if first <= week][-1]
    theta = float(single.parameters[int(x["row"])]["theta"])
    if regime.threat.level != theta:  # which Moscow chose
        regime = regime.override({"threat.level": theta})
    return IncidentEquilibrium(regime, place, state, single.games[place].copy())


def game_document(equilibrium: IncidentEquilibrium) -> dict[str, Any]:
    """The state, every information set and the solver's record, for a program to read."""

    def profile(infoset: InformationSet) -> list[float]:
        p = kernel_strategy(equilibrium, infoset)
        return [p[action] for action in infoset.actions]

    world, state = equilibrium.scenario, equilibrium.state
    spot = world.places[equilibrium.place]
    tree = incident_tree(world, equilibrium.place, state)
    readings = read_off(tree, profile)
    order = ("russia", "ukraine", "response", "decision")
    first = [reading for reading in readings if reading.infoset.kind in order]
    first.sort(key=lambda reading: (order.index(reading.infoset.kind), reading.infoset.knows))
    moves = [_move(reading, reading.infoset.known) for reading in first]
    return {
        "scenario": world.name,
        "digest": world.digest,
        "place": spot.name,
        "kind": spot.kind.name.lower(),
        "state": _state(world, state),
        "rules": {"roe": world.mandate.roe.name.lower(), "trigger": world.guarantee.trigger.name.lower()},
        "precision": dict(zip(tree.players, tree.precisions, strict=True)),
        "information_sets": moves + _replies([reading for reading in readings if reading.infoset.kind == "reply"]),
        "rounds": equilibrium.rounds,
        "residual": equilibrium.residual,
        "deviation": max((reading.deviation for reading in readings), default=0.0),
    }


def _state(world: Scenario, state: PlaceState) -> dict[str, Any]:
    troops = {c.name: m for c, m in zip(world.contingents, state.garrison, strict=True) if m > 0}
    return {
        "mu": state.mu,
        "gamma": state.gamma,
        "tension": state.tension,
        "restraint": state.restraint,
        "garrison": troops,
        "lead": world.contingents[state.lead].name if troops else None,
        "monitors": state.monitors,
        "day": state.day,
        "void": state.void,
        "sustained": state.sustained,
    }


def _move(reading: Reading, known: str) -> dict[str, Any]:
    """One information set; the posterior is left out where the player knows Russia's type."""
    committed = reading.belief.get("committed", 0.0) if reading.belief else None
    values = reading.values or (None,) * len(reading.probabilities)
    weights = reading.infoset.opportunities or (1.0,) * len(reading.infoset.actions)
    rows = zip(reading.infoset.actions, values, reading.probabilities, weights, strict=True)
    return {
        "player": reading.infoset.player,
        "move": reading.infoset.kind,
        "knows": known,
        "reach": reading.reach,
        "committed": None if reading.infoset.player == "Russia" else committed,
        "actions": [{"action": word(a), "payoff": u, "probability": p, "opportunities": w} for a, u, p, w in rows],
    }


def _replies(readings: list[Reading]) -> list[dict[str, Any]]:
    """Russia's replies, those with one answer together: it depends on the type, on fire and on the guarantee only."""
    groups: dict[tuple[Any, ...], list[Reading]] = {}
    for reading in readings:
        kappa, _, _, _, response, decision = reading.infoset.knows
        groups.setdefault((kappa, response == Response.FIRE, decision == Decision.HONOUR), []).append(reading)
    moves = []
    for (kappa, fired, honoured), group in sorted(groups.items(), key=lambda item: item[0]):
        words = [word(kappa), *(["fired on"] if fired else []), *(["guarantee honoured"] if honoured else [])]
        move = _move(group[0], ", ".join(words))
        reach = math.fsum(reading.reach for reading in group)
        reached = [reading for reading in group if reading.values]
        for i, row in enumerate(move["actions"]):
            total = math.fsum(reading.reach * reading.values[i] for reading in reached)
            row["payoff"] = total / reach if reached else None
        moves.append(move | {"reach": reach})
    return moves
