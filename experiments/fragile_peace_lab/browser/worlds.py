"""Scenarios as the page carries them: rows that Python lays out, and which words a lever or an unknown sets in them.

Every field of PARAMETERS has eight bytes, a *word*. What a lever does to the rows is not written a second time: it is
found by laying the scenario out at several values and comparing words. A word either takes the lever's value or is a
number of the scenario times it; where it is neither, the page is not made. What the unknowns do is carried as the words
themselves, for each member of the sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.codes import ThreatChoice
from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.rows import DTYPE
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.errors import InputError
from fragile_peace.runs.threat import laid_out, solve_threat
from fragile_peace_lab.design.belief import TRUTH

WORD = 8
SOLVED = (
    "Moscow chooses its threat here, in a game before week 0 that the Python model solves and this page does not. The "
    "levers that leave that game’s solution as it is can be moved; the others, and the samples of the unknowns, cannot "
    "be had here. The command “fragile-peace threat moscow_signals --set NAME=VALUE” solves it anew."
)
"""What the page says of a scenario that is solved before week 0."""


@dataclass(frozen=True)
class Rule:
    """What a lever does to the words of a scenario's rows, which are counted from the first row's first.

    Attributes
    ----------
    whole : whether its value is a whole number, or a code; else a real number
    takes : words that take the value
    scales : words that are a number times the value, each with that number
    """

    whole: bool
    takes: tuple[int, ...]
    scales: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Varied:
    """Words that differ between cases.

    Attributes
    ----------
    where : int32, shape (k,): the words, from the first row's first on
    values : int64, shape (cases, k): what they are in each case
    """

    where: np.ndarray
    values: np.ndarray


def words_of(world: Scenario) -> np.ndarray:
    """Return a scenario's rows as words, int64, shape (rows * words a row,)."""
    parameters, _ = laid_out(world)
    return np.ascontiguousarray(parameters).view(np.int64)


def can_move(world: Scenario) -> bool:
    """Whether the page can lay the scenario out at any values: no game is solved before week 0."""
    return world.threat.choice == ThreatChoice.SET


def rules(world: Scenario, names: Sequence[str]) -> dict[str, Rule]:
    """Return what levers do to a scenario's rows, by name.

    Where a game is solved before week 0, those that move its solution, or do nothing, are left out. Raises InputError.
    """
    found = {name: rule(world, name) for name in names if can_move(world) or _leaves_alone(world, name)}
    return {name: each for name, each in found.items() if each.takes or each.scales}


def _leaves_alone(world: Scenario, name: str) -> bool:
    """Whether a lever changes no bit of the solution of the game before week 0, wherever it is tried."""
    worlds = (world.override({name: value}) for value in _trials(CATALOGUE[name]))
    return all(_start(other) == _start(world) for other in worlds)


def _start(world: Scenario) -> tuple[Any, ...]:
    """Return what runs take of the solution of the game before week 0."""
    played = solve_threat(world).played
    return played.level, played.odds.tobytes(), played.belief.tobytes(), played.chances.tobytes()


def rule(world: Scenario, name: str) -> Rule:
    """Return what a lever does to a scenario's rows, found by trying. Raises InputError where that is not plain.

    Parameters
    ----------
    world : the scenario
    name : of a parameter that is no place's and no contingent's; a belief moves alone, and its truth is a lever too
    """
    row = CATALOGUE[name]
    world = world.override({truth: 0.5 for belief, truth in TRUTH.items() if belief == name})
    whole = row.kind != "real"
    trials = [words_of(world.override({name: value})) for value in _trials(row)]
    numbers = [_number(row, value) for value in _trials(row)]
    moved = np.flatnonzero((np.array(trials) != trials[0]).any(axis=0))
    takes, scales = [], []
    for word in moved.tolist():
        now = [int(trial[word]) for trial in trials]
        if now == [_bits(number, whole) for number in numbers]:
            takes.append(word)
            continue
        reals = [float(trial[word : word + 1].view(np.float64)[0]) for trial in trials]
        factor = reals[numbers.index(1.0)] if 1.0 in numbers and not whole else np.nan
        if reals != [factor * number for number in numbers]:
            raise InputError(f"browser-edition: {name} sets {_field(word)} in a way that the page does not know")
        scales.append((word, factor))
    return Rule(whole, tuple(takes), tuple(scales))


def _trials(row: Parameter) -> list[Any]:
    """Return values to try a lever at: as many as tell what it does, 1 among them where it is allowed."""
    if row.kind == "choice":
        return list(row.choices)
    if row.kind == "switch":
        return [False, True]
    found = [row.low, row.high, *((1.0,) if row.low < 1.0 < row.high else ()), row.low + (row.high - row.low) / 7.0]
    return [int(value) for value in found] if row.kind == "whole" else [float(value) for value in found]


def _field(word: int) -> str:
    """Return the field of PARAMETERS that a word is of."""
    place = word * WORD % DTYPE.itemsize
    starts = [(name, DTYPE.fields[name][1]) for name in DTYPE.names or ()]  # type: ignore[index]
    return [name for name, start in starts if start <= place][-1]


def _number(row: Parameter, value: Any) -> float:
    return float(row.choices.index(value) + row.low) if row.kind == "choice" else float(value)


def _bits(number: float, whole: bool) -> int:
    return int(number) if whole else int(np.float64(number).view(np.int64))


def varied(base: np.ndarray, cases: Sequence[np.ndarray]) -> Varied:
    """Return the words in which any of some cases differs from the base. Raises InputError for rows of other number."""
    if any(case.shape != base.shape for case in cases):
        raise InputError("browser-edition: a sample of the unknowns changes how many rows a scenario has")
    every = np.array(cases)
    where = np.flatnonzero((every != base).any(axis=0))
    return Varied(where.astype(np.int32), np.ascontiguousarray(every[:, where]))


def members(world: Scenario, samples: Sequence[Mapping[str, Any]], levers: Sequence[str]) -> Varied | None:
    """Return what samples of the unknowns set in a scenario; None where the page cannot lay it out at other values.

    Parameters
    ----------
    world : the scenario
    samples : by dotted name; those of places and contingents that the scenario does not have are left out
    levers : names that a reader sets, which are not varied; nor are their truths
    """
    if not can_move(world):
        return None
    held = {*levers, *(truth for belief, truth in TRUTH.items() if belief in levers)}
    names = [name for name in samples[0] if name not in held and _has(world, name)]
    cases = [words_of(world.override({name: sample[name] for name in names})) for sample in samples]
    return varied(words_of(world), cases)


def _has(world: Scenario, name: str) -> bool:
    try:
        world.get(name)
    except InputError:
        return False
    return True
