"""Equilibria a second: the same random incident games solved by Gambit, by SciPy and by the kernels, and how far apart.

    python -m benchmarks.equilibria               50 games of each size (ten minutes, nearly all of them Gambit's)
    python -m benchmarks.equilibria --games 12    fewer
    python -m benchmarks.equilibria --write       and put the tables into docs/equilibria.md

All get one game and are asked for one equilibrium: the logit equilibrium on the branch that begins with uniform play.
Gambit knows one precision for all players and no opportunities, so it and SciPy get the tree in the units of
`one_precision`: payoffs times their player's precision, and ln w added after a move of w opportunities, which is the
same game at precision 1.

gambit    `pygambit.qre.logit_solve_lambda`, which follows the branch as `pygambit.nash.logit_solve` does and stops at
          the precision that is asked for; in the fastest setting that was found (`ACCELERATION`)
scipy     `scipy.optimize.root` on all action values at once, from uniform play: what one would write without a solver
          of games, the tree as arrays
face      `fragile_peace.proof.incident.solve_incident`, checks and layout included
kernels   what the face calls, without Python; one game in a pack that could hold eight

Games are random ones with a force, in two sizes: up to `LARGEST` information sets, and more, which Gambit is not asked
for (one of them takes it minutes). Seconds are CPU seconds of this process; reading the tree is nobody's, laying a game
out is the kernels'. Needs pygambit.
"""

import argparse
import functools
import itertools
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy.optimize import root

from benchmarks import page
from benchmarks.clock import spread
from fragile_peace.kernels.incident.blocks import LANES, blocks_of, set_games, set_uniform
from fragile_peace.kernels.incident.equilibrium import solve
from fragile_peace.kernels.incident.regime import set_rules
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.proof.gambit import REACHED, MissingGambit, efg, kernel_strategy, read_efg
from fragile_peace.proof.game_tree import Chance, Choice, InformationSet, Leaf, Node, Tree, read_off
from fragile_peace.proof.incident_tree import incident_tree
from tests.tools.random_games import PLACES, Draw, draw, parameters_of

GAMES, SEED, KIND = 50, 20260101, "plausible"
LARGEST = 30
"""Information sets of a game that Gambit is asked for."""
ACCELERATION = 2.0
"""How fast Gambit may lengthen its steps; its default is 1.1, with which it takes about three times as long."""
AGREE = 1e-8
PAGE = page.PAGE.with_name("equilibria.md")
BEGIN = "<!-- What follows is written by `python -m benchmarks.equilibria --write`. -->\n"
END = "<!-- Here ends what it writes. -->\n"
Strategy = dict[InformationSet, list[float]]
Method = Callable[[Tree], Callable[[], Strategy]]


# -- the game --


def one_precision(tree: Tree) -> Tree:
    """Return the same game in units in which every player has precision 1 and no move has opportunities."""
    index = {name: i for i, name in enumerate(tree.players)}

    def walk(node: Node, bonus: tuple[float, ...]) -> Node:
        if isinstance(node, Leaf):
            terms = zip(tree.precisions, node.payoffs, bonus, strict=True)
            return Leaf(node.label, tuple(lam * u + extra for lam, u, extra in terms))
        if isinstance(node, Chance):
            return Chance(node.draws, tuple((label, p, walk(child, bonus)) for label, p, child in node.branches))
        weights = node.infoset.opportunities or (1.0,) * len(node.children)
        own = index[node.infoset.player]
        children = (
            walk(child, (*bonus[:own], bonus[own] + math.log(w), *bonus[own + 1 :]))
            for w, child in zip(weights, node.children, strict=True)
        )
        return Choice(node.infoset._replace(opportunities=()), tuple(children))

    return replace(tree, precisions=(1.0,) * len(tree.players), root=walk(tree.root, (0.0,) * len(tree.players)))


# -- Gambit --


def by_gambit(tree: Tree) -> Callable[[], Strategy]:
    """Return a call that solves a tree by Gambit."""
    from pygambit import qre

    game = read_efg(efg(tree))
    sets = {infoset.label: infoset for infoset in tree.infosets()}
    order = [(sets[s.label], len(s.actions)) for player in game.players for s in player.infosets]

    def solve() -> Strategy:
        found = qre.logit_solve_lambda(game, lam=[1.0], max_accel=ACCELERATION)[0]
        flat = iter([found[i] for i in range(len(found))])
        return {infoset: [next(flat) for _ in range(count)] for infoset, count in order}

    return solve


# -- SciPy --


@dataclass(frozen=True)
class Arrays:
    """A tree as arrays: a row a leaf, a column a move on the way to it; `own` is the index of what is played there.

    Attributes
    ----------
    chance : probability of Nature's moves on the way, shape (leaves,)
    own : index of the action, one past the last where there are fewer moves; shape (leaves, moves)
    payoff : of whose move it is, shape (leaves, moves)
    first : index of the first action of each information set
    """

    chance: np.ndarray
    own: np.ndarray
    payoff: np.ndarray
    first: np.ndarray

    def play(self, x: np.ndarray) -> np.ndarray:
        """Return the probabilities of logits, shape (actions,)."""
        best = np.maximum.reduceat(x, self.first)
        count = np.diff([*self.first, len(x)])
        weight = np.exp(x - np.repeat(best, count))
        return weight / np.repeat(np.add.reduceat(weight, self.first), count)

    def values(self, p: np.ndarray) -> np.ndarray:
        """Return the expected payoff of each action given that it can be chosen; 0 where that has no chance."""
        each = np.append(p, 1.0)[self.own]
        size, moves = len(p) + 1, self.own.shape[1]
        total, reach = np.zeros(size), np.zeros(size)
        for k in range(moves):
            others = self.chance * np.prod(np.delete(each, k, axis=1), axis=1)
            total += np.bincount(self.own[:, k], others * self.payoff[:, k], size)
            reach += np.bincount(self.own[:, k], others, size)
        return np.divide(total, reach, out=np.zeros(size), where=reach > 0)[:-1]


def arrays(tree: Tree) -> Arrays:
    """Lay a tree out as arrays."""
    starts: dict[InformationSet, int] = {}
    size = 0
    for infoset in tree.infosets():
        starts[infoset], size = size, size + len(infoset.actions)
    index = {name: i for i, name in enumerate(tree.players)}
    rows: list[tuple[float, list[int], list[float]]] = []

    def walk(node: Node, chance: float, own: list[int], who: list[int]) -> None:
        if isinstance(node, Leaf):
            rows.append((chance, own, [node.payoffs[i] for i in who]))
        elif isinstance(node, Chance):
            for _, p, child in node.branches:
                walk(child, chance * float(p), own, who)
        else:
            for k, child in enumerate(node.children):
                walk(child, chance, [*own, starts[node.infoset] + k], [*who, index[node.infoset.player]])

    walk(tree.root, 1.0, [], [])
    moves = max(len(own) for _, own, _ in rows)
    return Arrays(
        np.array([chance for chance, _, _ in rows]),
        np.array([own + [size] * (moves - len(own)) for _, own, _ in rows]),
        np.array([paid + [0.0] * (moves - len(paid)) for _, _, paid in rows]),
        np.array(list(starts.values())),
    )


def by_scipy(tree: Tree) -> Callable[[], Strategy]:
    """Return a call that solves a tree by `scipy.optimize.root`; the call raises ArithmeticError if that fails."""
    laid = arrays(tree)
    infosets = tree.infosets()
    size = int(laid.first[-1]) + len(infosets[-1].actions)

    def solve() -> Strategy:
        found = root(lambda x: x - laid.values(laid.play(x)), np.zeros(size), tol=1e-12)
        p = laid.play(found.x)
        if np.abs(p - laid.play(laid.values(p))).max() > AGREE:
            raise ArithmeticError(found.message)
        return {s: p[at : at + len(s.actions)].tolist() for s, at in zip(infosets, laid.first, strict=True)}

    return solve


# -- all three --


@dataclass
class Record:
    """What games came to: seconds by solver, largest differences from the kernels, and what was not solved."""

    seconds: dict[str, list[float]]
    apart: dict[str, float]
    unsolved: int = 0
    sets: int = 0
    nodes: int = 0


def chosen(count: int, small: bool) -> list[tuple[Draw, Tree]]:
    """Return the first so many random games with a force of a size, with their trees in units of precision 1."""
    rng, found = np.random.default_rng(SEED), []
    for index in itertools.count():
        game = draw(rng, index, KIND)
        tree = incident_tree(game.scenario(), game.place, game.state)
        if game.state.total > 0 and (len(tree.infosets()) <= LARGEST) == small:
            found.append((game, one_precision(tree)))
        if len(found) == count:
            return found
    raise AssertionError("there is no last number")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds of a call, and what it returned."""
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def compare(games: list[tuple[Draw, Tree]], methods: Mapping[str, Method], say: Callable[[str], None]) -> Record:
    """Solve each game by the kernels and by each method, and compare; what compiles or imports is called before."""
    record = Record({name: [] for name in (*methods, "face", "kernels")}, dict.fromkeys(methods, 0.0))
    games[0][0].solve()
    record.seconds["kernels"] = kernel_seconds([game for game, _ in games])
    for number, (game, tree) in enumerate(games):
        took, solved = timed(game.solve)
        record.seconds["face"].append(took)
        table = {s: kernel_strategy(solved, s) for s in tree.infosets()}
        ours = {s: [p[action] for action in s.actions] for s, p in table.items()}
        reached = [reading.infoset for reading in read_off(tree, ours.__getitem__) if reading.reach > REACHED]
        record.sets, record.nodes = record.sets + len(ours), record.nodes + sum(1 for _ in tree.nodes())
        for name, method in methods.items():
            call = method(tree)
            try:
                took, theirs = timed(call)
            except ArithmeticError:
                record.unsolved += 1
                continue
            record.seconds[name].append(took)
            gap = max(np.abs(np.subtract(theirs[s], ours[s])).max() for s in reached)
            record.apart[name] = max(record.apart[name], float(gap))
        say(f"game {number + 1} of {len(games)}: {len(ours)} information sets")
    return record


def kernel_seconds(games: list[Draw], repeats: int = 500) -> list[float]:
    """Return the CPU seconds that the kernels take for each game: laid out and solved in a compiled loop."""
    parameters, blocks = parameters_of(games), blocks_of(len(PLACES))
    seconds = []
    for i, game in enumerate(games):
        now, week = game.state.rows()
        now["row"] = i
        alone = np.eye(LANES)[game.place]
        lay_out_and_solve(parameters, i, now, week, alone, blocks, 1)
        again = functools.partial(lay_out_and_solve, parameters, i, now, week, alone, blocks, repeats)
        seconds.append(timed(again)[0] / repeats)
    return seconds


@kernel
def lay_out_and_solve(params, i, state, week, alone, blocks, repeats):
    """Solve one game again and again, from its parameters and from uniform play; `alone` is 1 for its lane."""
    for _ in range(repeats):
        set_rules(params, i, blocks, 0)
        set_uniform(blocks[0])
        set_games(params, state, week, blocks, 0)
        for lane in range(LANES):
            blocks[0]["open"][lane] = alone[lane]
        solve(blocks, 0)


# -- as a page --

NAMES = {
    "gambit": "Gambit: `logit_solve_lambda`",
    "scipy": "SciPy: `scipy.optimize.root`",
    "face": "ours, from Python: `solve_incident`",
    "kernels": "ours, compiled: one game in a pack of eight",
}


def table(record: Record) -> str:
    """Return what was found as Markdown."""
    count = len(record.seconds["face"])
    rows = []
    for name, seconds in record.seconds.items():
        apart = f"{record.apart[name]:.0e}" if name in record.apart else "-"
        milliseconds = [1000 * value for value in seconds]
        rows.append(
            [NAMES[name], f"{len(seconds)} of {count}", spread(milliseconds, 2 if max(milliseconds) > 1 else 4),
             f"{float(f'{len(seconds) / sum(seconds):.2g}'):,g}", apart]
        )  # fmt: skip
    head = ["solver", "solved", "CPU ms a game: median (least to greatest)", "games a second", "largest difference"]
    size = f"{record.nodes / count:,.0f} nodes and {record.sets / count:.0f} information sets"
    return f"{page.table(head, rows)}\n{count} games; on average {size}.\n"


def main() -> int:
    """Compare, print, and write where asked; return 1 where a solver is farther from ours than `AGREE`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=GAMES, metavar="N", help=f"of each size; {GAMES} if not given")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/equilibria.md")
    arguments = parser.parse_args()
    if arguments.games < 1:
        parser.error(f"--games: {arguments.games} is not allowed; must be a whole number from 1")
    heading, say = page.heading(), lambda words: print(words, file=sys.stderr, flush=True)
    try:
        small = compare(chosen(arguments.games, True), {"gambit": by_gambit, "scipy": by_scipy}, say)
    except MissingGambit as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    large = compare(chosen(arguments.games, False), {"scipy": by_scipy}, say)
    text = (
        f"{heading}\nGames of kind `{KIND}`, seed {SEED}. Gambit {version('pygambit')}, SciPy {version('scipy')}.\n\n"
        f"### Up to {LARGEST} information sets\n\n{table(small)}\n"
        f"### More than {LARGEST} information sets\n\n{table(large)}"
    )
    print(text)
    if arguments.write:
        page.replace(PAGE, BEGIN, END, text)
    return int(max(*small.apart.values(), *large.apart.values()) > AGREE)


if __name__ == "__main__":
    sys.exit(main())
