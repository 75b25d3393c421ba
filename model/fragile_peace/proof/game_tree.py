"""Extensive games as plain trees, and what a profile of strategies comes to on one: reach, beliefs, expected payoffs.

Nothing here knows which game it is. A tree is made of `Chance`, `Choice` and `Leaf`; information sets are compared by
value, so that two nodes with equal `InformationSet`s lie in one set. `read_off` takes no shortcut: it walks every path.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Any, NamedTuple


class InformationSet(NamedTuple):
    """The move (`kind`), who makes it, what the player knows, and its options, both as codes (`codes`).

    `opportunities` are the prior weights of the options (E4.69); empty where every option has weight 1.
    """

    kind: str
    player: str
    knows: tuple[Any, ...]
    actions: tuple[Any, ...]
    opportunities: tuple[float, ...] = ()

    @property
    def known(self) -> str:
        """What the player knows, in words, such as "steadfast russia K1 report"."""
        return " ".join(word(code) for code in self.knows if code is not None)

    @property
    def label(self) -> str:
        """A name that is unique in the game, such as "decision: steadfast russia K1 report"."""
        return f"{self.kind}: {self.known}" if self.known else self.kind


class Leaf(NamedTuple):
    """The end of a path; payoffs in the order of the players."""

    label: str
    payoffs: tuple[float, ...]


class Chance(NamedTuple):
    """A chance move; the probabilities are positive and sum to exactly 1."""

    draws: str
    branches: "tuple[tuple[str, Fraction, Node], ...]"


class Choice(NamedTuple):
    """A player's move; one child for each action of the set."""

    infoset: InformationSet
    children: "tuple[Node, ...]"


Node = Leaf | Chance | Choice


@dataclass(frozen=True)
class Tree:
    """An extensive game; `precisions` holds each player's lambda, in the order of the players."""

    title: str
    players: tuple[str, ...]
    precisions: tuple[float, ...]
    root: Node

    def nodes(self) -> Iterator[Node]:
        """Every node, a parent before its children."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, Chance):
                waiting.extend(child for _, _, child in reversed(node.branches))
            elif isinstance(node, Choice):
                waiting.extend(reversed(node.children))

    def infosets(self) -> list[InformationSet]:
        """The information sets, in the order in which the tree meets them."""
        return list(dict.fromkeys(node.infoset for node in self.nodes() if isinstance(node, Choice)))


def word(code: IntEnum | int) -> str:
    """A code as a word: "pull-back", "K1"."""
    return code.name.lower().replace("_", "-") if isinstance(code, IntEnum) else f"K{code}"


def chance_move(draws: str, branches: Sequence[tuple[str, float, Callable[[], Node]]]) -> Node:
    """A chance move over the branches of positive probability; the likeliest takes up the rounding of the sum.

    Each branch is its label, its probability, and what grows the tree behind it.
    """
    live = [(label, _short(float(p)), grow) for label, p, grow in branches if p > 0]
    spare = 1 - sum(p for _, p, _ in live)
    top = max(range(len(live)), key=lambda i: live[i][1])
    exact = [(label, p + spare if i == top else p, grow()) for i, (label, p, grow) in enumerate(live)]
    return Chance(draws, tuple(exact))


def _short(p: float) -> Fraction:
    """A fraction that rounds to p, with few digits if there is one.

    Gambit 16.7 is off by 1e-17 when it makes a float of a fraction of two long integers: much, for a chance of 1e-13.
    """
    fraction = Fraction(p).limit_denominator(10**15)
    return fraction if float(fraction) == p else Fraction(p)


def choice_move(infoset: InformationSet, children: Sequence[Node]) -> Node:
    """A player's move; what follows it where there is a single option."""
    return children[0] if len(children) == 1 else Choice(infoset, tuple(children))


@dataclass(frozen=True)
class Reading:
    """One information set under a profile.

    Attributes
    ----------
    reach : probability that the set is reached
    belief : probability of each first draw of Nature given that it is; empty where it is not reached
    values : the player's expected payoff of each action given that it is; empty where it is not reached
    probabilities : what the profile plays, for each action
    logit : opportunities exp(lambda value)/sum; empty where it is not reached
    """

    infoset: InformationSet
    reach: float
    belief: dict[str, float]
    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    logit: tuple[float, ...]

    @property
    def deviation(self) -> float:
        """Largest distance of a probability from its logit; 0 where the set is not reached."""
        return max((abs(p - q) for p, q in zip(self.probabilities, self.logit, strict=False)), default=0.0)


def read_off(tree: Tree, profile: Callable[[InformationSet], Sequence[float]]) -> list[Reading]:
    """Return reach, beliefs and expected payoffs at every information set under a profile.

    `profile` gives, for an information set, one probability for each of its actions.
    """
    sets = {infoset: _Totals(infoset, tuple(profile(infoset))) for infoset in tree.infosets()}
    index = {name: i for i, name in enumerate(tree.players)}

    def walk(node: Node, reach: float, first: str) -> list[float]:
        """Expected payoffs from a node on; adds to the totals of its information sets."""
        if isinstance(node, Leaf):
            return list(node.payoffs)
        if isinstance(node, Chance):
            weights = [float(p) for _, p, _ in node.branches]
            outcomes = [walk(child, reach * float(p), first or label) for label, p, child in node.branches]
            return _mean(weights, outcomes)
        totals = sets[node.infoset]
        outcomes = [walk(child, reach * p, first) for p, child in zip(totals.probabilities, node.children, strict=True)]
        totals.add(reach, first, [outcome[index[node.infoset.player]] for outcome in outcomes])
        return _mean(totals.probabilities, outcomes)

    walk(tree.root, 1.0, "")
    return [totals.reading(tree.precisions[index[infoset.player]]) for infoset, totals in sets.items()]


class _Totals:
    """Sums over the nodes of an information set, each weighted by its reach."""

    def __init__(self, infoset: InformationSet, probabilities: tuple[float, ...]) -> None:
        self.infoset, self.probabilities = infoset, probabilities
        self.by_draw: dict[str, float] = {}
        self.values = [0.0] * len(infoset.actions)

    def add(self, reach: float, first: str, values: list[float]) -> None:
        self.by_draw[first] = self.by_draw.get(first, 0.0) + reach
        self.values = [total + reach * value for total, value in zip(self.values, values, strict=True)]

    def reading(self, lam: float) -> Reading:
        reach = math.fsum(self.by_draw.values())
        if not reach > 0:
            return Reading(self.infoset, reach, {}, (), self.probabilities, ())
        values = tuple(total / reach for total in self.values)
        belief = {draw: weight / reach for draw, weight in self.by_draw.items()}
        return Reading(
            self.infoset,
            reach,
            belief,
            values,
            self.probabilities,
            tuple(logit(values, lam, self.infoset.opportunities)),
        )


def logit(values: Sequence[float], lam: float, opportunities: Sequence[float] = ()) -> list[float]:
    """w_i exp(lam v_i) / sum_j w_j exp(lam v_j), with w the opportunities, 1 where none are given."""
    best = max(values)
    weights = [math.exp(lam * (value - best)) for value in values]
    weights = [w * weight for w, weight in zip(opportunities or [1.0] * len(weights), weights, strict=True)]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _mean(weights: Sequence[float], rows: Sequence[Sequence[float]]) -> list[float]:
    return [math.fsum(w * row[i] for w, row in zip(weights, rows, strict=True)) for i in range(len(rows[0]))]
