"""The threat as a signal as a Gambit tree, and the check of a solution (docs/model.md, section 13)

Nature draws Russia's type; Russia, knowing it, threatens; each nation, having heard the threat and nothing else, joins
or stays out. So Gambit's own arithmetic does what the kernels do by formula: Bayes' rule, the expected share of the
force that joins, the nations' expectations of each other. Like `proof.incident_tree` a deliberate second writing, in
plain Python; only the strategies of the incident games, at the beliefs that the threats leave, come from the kernels.
"""

import math
from collections.abc import Sequence
from enum import IntEnum
from functools import partial
from typing import NamedTuple

from fragile_peace.codes import RussianType
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.proof.gambit import Check, check_tree
from fragile_peace.proof.gambit_commitment import deaths_by_type, fixed_parts
from fragile_peace.proof.game_tree import InformationSet, Leaf, Node, Tree, chance_move, choice_move

LARGEST = 8
"""Nations, at most: each doubles the tree."""
BOUNDS = (0.001, 0.999)


class Threat(IntEnum):
    """How loudly Moscow threatens."""

    LEVEL_000 = 0
    LEVEL_025 = 1
    LEVEL_050 = 2
    LEVEL_075 = 3
    LEVEL_100 = 4

    @property
    def theta(self) -> float:
        """The level, from 0 to 1."""
        return self / 4


class Joining(IntEnum):
    """What a nation does before week 0."""

    JOIN = 0
    STAY_OUT = 1


class Heard(NamedTuple):
    """What the nations know when they choose: the threat, and which way the coalition tips where it does (0 elsewhere).

    `odds` is the chance of this way given the threat, `belief` the belief that the threat leaves.
    """

    threat: Threat
    way: int
    odds: float
    belief: float


def heard(level: Sequence[int], odds: Sequence[float], belief: Sequence[float]) -> list[Heard]:
    """Return what may be heard, from the fields of a solution (`runs.threat.Solution`)."""
    return [
        Heard(Threat(i), list(level[:n]).count(i), float(odds[n]), float(belief[n])) for n, i in enumerate(level)
    ]  # fmt: skip


def threat_tree(scenario: Scenario, all_heard: Sequence[Heard]) -> Tree:
    """Return the game of the threat as a signal as a tree.

    Parameters
    ----------
    scenario : its first regime is used; at most `LARGEST` contingents, whose names are those of the players
    all_heard : each threat with the belief that it leaves, with which the incident games are played. Where that stands
        at its bound it no longer follows Bayes' rule; nations then expect the deaths that it says. Where the coalition
        tips, a coin that all nations see says which way.
    """
    nations = [contingent.name for contingent in scenario.contingents]
    if len(nations) > LARGEST:
        raise InputError(f"the threat as a signal: {len(nations)} contingents make too large a tree; at most {LARGEST}")
    grown = _Grown(scenario, all_heard)
    mu = scenario.threat.credibility
    types = [(kappa.name.lower(), p, kappa) for kappa, p in zip(RussianType, (1 - mu, mu), strict=True)]
    root = chance_move("type", [(label, p, partial(grown.threatens, kappa)) for label, p, kappa in types])
    precisions = (scenario.threat.precision, *[scenario.precision.commitment] * len(nations))
    return Tree(f"{scenario.name}: the threat as a signal", (grown.russia, *nations), precisions, root)


class _Grown:
    """What the leaves of the tree need."""

    def __init__(self, scenario: Scenario, all_heard: Sequence[Heard]) -> None:
        self.scenario, self.all_heard = scenario, all_heard
        self.russia = "Russia"
        while self.russia in [contingent.name for contingent in scenario.contingents]:
            self.russia += " (Moscow)"
        self.fixed: dict[tuple[Heard, RussianType], list[float]] = {}
        for each in all_heard:
            mu = each.belief
            there = scenario.override({"threat.level": each.threat.theta, "threat.credibility": mu})
            by_type = deaths_by_type(there)
            if mu in BOUNDS:
                expected = [mu * c + (1 - mu) * b for b, c in zip(*by_type, strict=True)]
                by_type = (expected, expected)
            for kappa in RussianType:
                self.fixed[each, kappa] = fixed_parts(there, by_type[kappa])

    def threatens(self, kappa: RussianType) -> Node:
        """Russia's move."""
        infoset = InformationSet("threat", self.russia, (kappa,), tuple(Threat))
        return choice_move(infoset, [self.tips(kappa, threat) for threat in Threat])

    def tips(self, kappa: RussianType, threat: Threat) -> Node:
        """Which way the coalition tips, where it does; then the nations' moves."""
        ways = [each for each in self.all_heard if each.threat == threat]
        if len(ways) == 1:
            return self.join(kappa, ways[0], ())
        return chance_move("coalition", [(f"way {w.way}", w.odds, partial(self.join, kappa, w, ())) for w in ways])

    def join(self, kappa: RussianType, each: Heard, joined: tuple[Joining, ...]) -> Node:
        """The moves of the nations that have not chosen; none knows what another does."""
        contingents = self.scenario.contingents
        if len(joined) == len(contingents):
            name = " ".join(["+" if move == Joining.JOIN else "-" for move in joined])
            label = f"{kappa.name} {each.threat.name} way {each.way} {name}".rstrip()
            return Leaf(label, self.payoffs(kappa, each, joined))
        name = contingents[len(joined)].name
        infoset = InformationSet(f"{name} joining way {each.way}", name, (each.threat,), tuple(Joining))
        return choice_move(infoset, [self.join(kappa, each, (*joined, move)) for move in Joining])

    def payoffs(self, kappa: RussianType, each: Heard, joined: tuple[Joining, ...]) -> tuple[float, ...]:
        """Russia's payoff (E13.2), then that of each nation (E8.2, E8.3)."""
        world, troops = self.scenario, self.scenario.troops
        there = [M if move == Joining.JOIN else 0.0 for M, move in zip(troops, joined, strict=True)]
        share = math.fsum(there) / math.fsum(troops) if troops else 0.0
        t, theta, tied = world.threat, each.threat.theta, world.russia.face * world.russia.face_threat
        russia = t.benefit * (1 - share) - t.cost * theta**2 - tied * theta * stands_down(world, kappa, theta)
        values = []
        for n, move in enumerate(joined):
            others = math.fsum(troops) - troops[n]
            company = (math.fsum(there) - there[n]) / others if others > 0 else 0.0
            value = self.fixed[each, kappa][n] + world.commitment.solidarity * company
            values.append(value if move == Joining.JOIN else 0.0)
        return (russia, *values)


def stands_down(scenario: Scenario, kappa: RussianType, theta: float) -> float:
    """P(Russia stands down) if the coalition fires and Washington honours with chance gamma_0 (E13.1)."""
    r, hours, lam = scenario.russia, scenario.response, scenario.precision.russia
    slow_E, slow_A = (math.exp(-x / hours.decay_hours) for x in (hours.coalition_hours, hours.us_hours))
    z = r.resolve_committed if kappa == RussianType.COMMITTED else r.resolve_bluffing
    down = -r.face * (1 + r.face_threat * theta)
    result = 0.0
    for h, p in enumerate((1 - scenario.guarantee.credibility, scenario.guarantee.credibility)):
        hold = -(r.coalition_opposition * slow_E + r.us_opposition * slow_A * h)
        escalate = z - r.coalition_deterrent - r.us_deterrent * h
        best = max(down, hold, escalate)
        odds = [math.exp(lam * (value - best)) for value in (down, hold, escalate)]
        result += p * odds[0] / math.fsum(odds)
    return result


def check_threat(
    scenario: Scenario,
    all_heard: Sequence[Heard],
    chances: Sequence[Sequence[float]],
    joining: Sequence[Sequence[float]],
) -> Check:
    """Compare a solution of the game with Gambit's expected payoffs, as `gambit.check_tree` does.

    Parameters
    ----------
    scenario, all_heard : as for `threat_tree`
    chances : P(theta | kappa), shape (types, levels)
    joining : each contingent's chance of joining after all that may be heard, shape (len(all_heard), contingents)

    Raises
    ------
    MissingGambit : pygambit is not installed
    """
    tree = threat_tree(scenario, all_heard)
    played: dict[InformationSet, list[float]] = {}
    for infoset in tree.infosets():
        if infoset.kind == "threat":
            played[infoset] = [float(p) for p in chances[infoset.knows[0]]]
    for each, stay in zip(all_heard, joining, strict=True):
        for contingent, p in zip(scenario.contingents, map(float, stay), strict=True):
            name = contingent.name
            infoset = InformationSet(f"{name} joining way {each.way}", name, (each.threat,), tuple(Joining))
            played[infoset] = [p, 1 - p]
    return check_tree(tree, played)
