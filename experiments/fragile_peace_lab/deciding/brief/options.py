"""What an option is and where it is best, in a few words."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from fragile_peace.words.wording import listed
from fragile_peace_lab.deciding.brief.rows import Decided, Words, joined, said
from fragile_peace_lab.deciding.figures import MAP
from fragile_peace_lab.deciding.problem import name_of, value_text
from fragile_peace_lab.deciding.weights import WEIGHTS
from fragile_peace_lab.design.composite import composites_in
from fragile_peace_lab.design.structures import STRUCTURE, TIMES
from fragile_peace_lab.figures.levers import lever_label, lever_words, value_words
from fragile_peace_lab.store.folder import structures_of

AS_IS = "as the scenario"
FEW = 2
"""How many settings of a structure are told."""
OFTEN, MOSTLY, LEANS = 0.03, 0.6, 0.75
"""An option is told of that is best in this share of all cases; of its own cases, a value that so many have, and the
side of the middle of the weights on which so many lie."""


def called(decided: Decided, option: str) -> str:
    """Return what an option is called in a sentence: a value of a lever that has no labels says whose value it is."""
    levers = list(decided.about["options"][0])
    labelled = composites_in(decided.manifest["sweep"]["levers"])
    return option if len(levers) > 1 or levers[0] in labelled else f"{lever_label(levers[0])} {option}"


def what_it_is(decided: Decided, option: str) -> Words:
    """Return what the labels of an option set; nothing where its name says it all."""
    values = next(own for own in decided.about["options"] if name_of(own) == option)
    labelled = composites_in(decided.manifest["sweep"]["levers"])
    parts = []
    for lever, label in values.items():
        if lever in labelled:
            parts += _settings(decided, f"/sweep/levers/{lever}/{label}", labelled[lever][label]) or [said(AS_IS)]
    return joined(parts, ", ")


def _settings(decided: Decided, where: str, given: dict[str, Any]) -> list[Words]:
    """What a label sets, the number of something in many places added up."""
    found = []
    for name in dict.fromkeys(_general(name) for name in given):
        kind = name.rsplit(".", 1)[1] if "*" in name else ""
        value = given.get(name)
        if kind:
            found.append(said(f"{{}} {kind}", decided.planned(f"{where}/{name}", how="the total")))
        elif isinstance(value, dict):
            found.append(said(f"{_label(name)} times {{}}", decided.planned(f"{where}/{name}/{TIMES}")))
        elif isinstance(value, bool):
            found.append(said(f"{lever_words(name)}: {value_text(value)}"))
        elif isinstance(value, int | float):
            found.append(said(f"{_label(name)} {{}}", decided.planned(f"{where}/{name}")))
        else:
            found.append(said(f"{lever_words(name)}: {value_words(name, value).lower()}"))
    return found


def _general(name: str) -> str:
    """A parameter of any place, or of any contingent."""
    steps = name.split(".")
    return f"{steps[0]}.*.{steps[-1]}" if len(steps) > 2 else name


def _label(name: str) -> str:
    label = lever_label(name)
    return label if label != name else name.replace("_", " ").replace(".", " ")


def size_of_force(decided: Decided) -> Words:
    """Return how many soldiers a force of scale 1 has, in the first scenario."""
    total = decided.planned(f"{first_scenario(decided)}/contingents/*/troops", how="the total")
    return said(
        "Force scale {} is {} thousand soldiers", decided.planned(f"{first_scenario(decided)}/force/scale"), total
    )


def first_scenario(decided: Decided) -> str:
    """Return the pointer to the values of the first scenario of the manifest."""
    return f"/scenarios/{next(iter(decided.manifest['scenarios'])).replace('/', '*')}/values"


def world_words(world: Mapping[str, Any]) -> str:
    """What a world is called on the page."""
    return ", ".join(
        structure_words(value) if name == STRUCTURE else f"{lever_label(name)} {value_text(value)}"
        for name, value in world.items()
    )


def structure_words(name: str) -> str:
    """What a structure is called on the page."""
    return name.replace("_", " ")


def in_structure(decided: Decided, name: str) -> Words:
    """Return what a structure sets; only the first where it sets many."""
    given = structures_of(decided.manifest)[name]
    parts = _settings(decided, f"/sweep/structures/{name}", {key: given[key] for key in list(given)[:FEW]})
    more = [said("and payoffs to match")] if len(given) > FEW else []
    return joined([*parts, *more], ", ") if parts else said("as declared")


def mostly_best(decided: Decided) -> str:
    """Return the option that is best in most worlds at the shown weights."""
    return str(decided.rows(MAP, decided.shown)["option"].value_counts().index[0])


def where_best(decided: Decided) -> Iterator[Words]:
    """Yield for which weights, and in which worlds, each option is best that is so in more than a few cases.

    Last, those that never are.
    """
    every = decided.tables[MAP]
    for option, count in every["option"].value_counts().items():
        own = every[every["option"] == option]
        where = _mostly(own, every) + [
            f"with {lever_label(name)} {value_text(value)}" for name in decided.keys if name != STRUCTURE
            for value, share in own[name].value_counts(normalize=True).items() if share > MOSTLY
        ]  # fmt: skip
        if count >= len(every) * OFTEN:
            cases = decided.number(MAP, {"option": option}, "option", how="how many rows")
            yield said(
                f"“{called(decided, option)}” is best in {{}}{', mostly where ' * bool(where)}{', '.join(where)}", cases
            )
    never = [f"“{called(decided, option)}”" for option in decided.options if option not in set(every["option"])]
    if never:
        yield said(f"{listed(never)} {'is' if len(never) == 1 else 'are'} best in none")


def _mostly(own: pd.DataFrame, every: pd.DataFrame) -> list[str]:
    """Whether nearly all cases in which an option is best lie on one side of the middle of the weights tried."""
    found: dict[str, list[str]] = {}
    for column, words in zip(WEIGHTS, ("a war", "deaths"), strict=True):
        middle = every[column].drop_duplicates().median()
        for how, share in (("much", (own[column] > middle).mean()), ("little", (own[column] < middle).mean())):
            if share >= LEANS:
                found.setdefault(how, []).append(words)
    return [
        f"{' and '.join(names)} {'weighs' if names == ['a war'] else 'weigh'} {how}" for how, names in found.items()
    ]
