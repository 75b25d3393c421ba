"""Games in Gambit's formats, and the check of a solved game against Gambit's own arithmetic.

`incident_efg` writes the incident game of a place as an extensive form (`proof.gambit_commitment` the commitment game
as a strategic form): plain text, so that exporting needs no pygambit. Numbers are written so that they are read back as
the same float64: chances as exact fractions, payoffs as the shortest decimal that identifies them.

`check_incident` loads the kernels' strategies into a behaviour profile of the tree in `proof.incident_tree` and
compares each P(action) with the logit of Gambit's own expected payoff of the action, at every information set that is
reached. Only this needs pygambit (a development dependency: Python 3.11).
"""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fragile_peace.codes import Decision, Response
from fragile_peace.declared.scenario import Scenario
from fragile_peace.proof.game_tree import Chance, InformationSet, Leaf, Tree, logit, word
from fragile_peace.proof.incident import IncidentEquilibrium, PlaceState
from fragile_peace.proof.incident_tree import incident_tree

REACHED = 1e-12
"""An information set is compared where the profile reaches it with more than this probability."""


class MissingGambit(ImportError):
    """pygambit is not installed."""


# -- writing --


def incident_efg(scenario: Scenario, place: int, state: PlaceState) -> str:
    """Return the incident game of a place as the text of an .efg file."""
    return efg(incident_tree(scenario, place, state))


def efg(tree: Tree) -> str:
    """Return an extensive game in Gambit's .efg format; every information set and outcome has a label of its own."""
    lines = [f"EFG 2 R {quoted(tree.title)} {{ {listed(tree.players)} }}", '""']
    numbers: dict[InformationSet, int] = {}
    chances = outcomes = 0
    for node in tree.nodes():
        if isinstance(node, Leaf):
            outcomes += 1
            payoffs = ", ".join(decimal(x) for x in node.payoffs)
            lines.append(f't "" {outcomes} {quoted(node.label)} {{ {payoffs} }}')
        elif isinstance(node, Chance):
            chances += 1
            branches = " ".join(f"{quoted(label)} {p}" for label, p, _ in node.branches)
            lines.append(f'c "" {chances} {quoted(f"{node.draws} {chances}")} {{ {branches} }} 0')
        else:
            infoset = node.infoset
            player = tree.players.index(infoset.player) + 1
            number = numbers.setdefault(infoset, 1 + sum(known.player == infoset.player for known in numbers))
            actions = listed(word(action) for action in infoset.actions)
            lines.append(f'p "" {player} {number} {quoted(infoset.label)} {{ {actions} }} 0')
    return "\n".join(lines) + "\n"


def decimal(x: float) -> str:
    """The shortest decimal that is read back as the same float64."""
    return repr(float(x))


def quoted(text: str) -> str:
    """A label as Gambit's files hold it."""
    return '"' + text.replace('"', '\\"') + '"'


def listed(names: Iterable[str]) -> str:
    """Labels in a row."""
    return " ".join(quoted(name) for name in names)


# -- checking --


class Comparison(NamedTuple):
    """One information set: how far its strategy is from the logit of Gambit's expected payoffs."""

    infoset: InformationSet
    reach: float
    deviation: float


@dataclass(frozen=True)
class Check:
    """A solved game compared with Gambit, set by set."""

    comparisons: tuple[Comparison, ...]
    unreached: int
    nodes: int

    @property
    def worst(self) -> Comparison:
        """The information set with the largest deviation."""
        return max(self.comparisons, key=lambda c: c.deviation)

    @property
    def deviation(self) -> float:
        """The largest deviation; 0 for a game without choices."""
        return self.worst.deviation if self.comparisons else 0.0

    def by_kind(self) -> dict[str, float]:
        """The largest deviation at each kind of move."""
        result: dict[str, float] = {}
        for c in self.comparisons:
            result[c.infoset.kind] = max(result.get(c.infoset.kind, 0.0), c.deviation)
        return result


def check_incident(equilibrium: IncidentEquilibrium) -> Check:
    """Compare a solved incident game with Gambit, as `check_tree` does."""
    tree = incident_tree(equilibrium.scenario, equilibrium.place, equilibrium.state)
    return check_tree(tree, {infoset: kernel_strategy(equilibrium, infoset) for infoset in tree.infosets()})


def check_tree(tree: Tree, played: Mapping[InformationSet, Sequence[float]]) -> Check:
    """Compare what is played in a game with Gambit.

    At each information set reached with more than `REACHED`, the deviation is the largest distance of a P(action) that
    is played from w exp(lambda u)/sum, where u is Gambit's expected payoff of the action given that the set is
    reached and w the action's opportunities.
    It counts, too, by how much the probabilities of the set miss a sum of 1, and what they give to actions that do not
    exist.

    Parameters
    ----------
    tree : the game
    played : at each information set, one probability for each code of the move

    Raises
    ------
    MissingGambit : pygambit is not installed
    """
    game = read_efg(efg(tree))
    profile = game.mixed_behavior_profile()
    sets = {infoset.label: infoset for infoset in game.infosets}
    for infoset, p in played.items():
        profile[sets[infoset.label]] = [p[action] for action in infoset.actions]
    precision = dict(zip(tree.players, tree.precisions, strict=True))
    comparisons, unreached = [], 0
    for infoset, p in played.items():
        reach = profile.infoset_prob(sets[infoset.label])
        if not reach > REACHED:
            unreached += 1
            continue
        values = [profile.action_value(action) for action in sets[infoset.label].actions]
        response = logit(values, precision[infoset.player], infoset.opportunities)
        miss = [abs(p[action] - q) for action, q in zip(infoset.actions, response, strict=True)]
        miss += [abs(math.fsum(p) - 1), *(q for action, q in enumerate(p) if action not in infoset.actions)]
        comparisons.append(Comparison(infoset, reach, math.inf if any(map(math.isnan, miss)) else max(miss)))
    return Check(tuple(comparisons), unreached, sum(1 for _ in tree.nodes()))


def kernel_strategy(equilibrium: IncidentEquilibrium, infoset: InformationSet) -> list[float]:
    """Return the kernels' probabilities at an information set, one for each code of the move (0 where absent)."""
    table, knows = equilibrium.table, infoset.knows
    if infoset.kind == "russia":
        row = table["p_R"][knows[0]]
    elif infoset.kind == "ukraine":
        row = table["p_U"]
    elif infoset.kind == "response":
        sigma, K = knows
        row = table["response"][2 * sigma + K]
    elif infoset.kind == "decision":
        tau, sigma, K, response = knows
        row = table["decision"][tau, int(response == Response.FIRE), 2 * sigma + K]
    else:
        kappa, _, _, _, response, decision = knows
        row = table["reply"][kappa, int(response == Response.FIRE), int(decision == Decision.HONOUR)]
    return [float(p) for p in row]


def read_efg(text: str) -> Any:
    """Return Gambit's own reading of an .efg text. Raises MissingGambit."""
    return _gambit().read_efg(io.StringIO(text))


def read_nfg(text: str) -> Any:
    """Return Gambit's own reading of an .nfg text. Raises MissingGambit."""
    return _gambit().read_nfg(io.StringIO(text))


def _gambit() -> Any:
    try:
        import pygambit
    except ImportError:
        raise MissingGambit("pygambit is not installed; it is a development dependency: make setup-dev") from None
    return pygambit


__all__ = [
    "Check", "Comparison", "MissingGambit", "check_incident", "check_tree", "decimal", "efg", "incident_efg",
    "kernel_strategy", "listed", "quoted", "read_efg", "read_nfg",
]  # fmt: skip
