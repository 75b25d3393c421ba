"""Whether the files of a decision agree with the sweep and with one another: each has the rows that others ask for."""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fragile_peace.errors import InputError, shown
from fragile_peace_lab.deciding import discovery, information
from fragile_peace_lab.deciding.decision import FOLDER
from fragile_peace_lab.deciding.figures import MAP
from fragile_peace_lab.deciding.problem import TYPES, name_of
from fragile_peace_lab.deciding.weights import NAMES, WEIGHTS, Pair
from fragile_peace_lab.design.composite import composites_in
from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.store.folder import structures_of

ABOUT = f"{FOLDER}/regret.json"
WORLD, CLASS = "world", "class"
EACH: dict[str, tuple[str, ...]] = {
    "losses": (WORLD, *WEIGHTS, "option"),
    "worst": (*WEIGHTS, "option"),
    "frontier": (WORLD, "option"),
    "acceptable": (WORLD, "option"),
    "by_label": (WORLD, CLASS),
    "boxes": (WORLD, "target"),
    MAP: (WORLD, *WEIGHTS),
}
"""Of what a table has one row each, in every combination."""
ONE = {"losses": "best", "worst": "least_worst"}
"""Where one of the options has a yes."""
ASKED = {information.LABEL: ("by_label", "label"), information.TYPE: ("thresholds", "belief")}
"""The table and its column in which whatever of a kind it was worth something to know must be."""
Domains = Mapping[str, Sequence[tuple[Any, ...]]]


def check_about(path: Path, about: Mapping[str, Any], manifest: dict[str, Any]) -> None:
    """Raise InputError where what was said of a decision does not agree with itself or with the sweep."""
    if tuple(about["harms"])[: len(NAMES)] != NAMES:
        raise InputError(f"{path}: damaged: harms must start with {', '.join(NAMES)}")
    if list(about["acceptable"]) != list(about["harms"]):
        raise InputError(f"{path}: damaged: acceptable must be given of {', '.join(about['harms'])}")
    labelled = composites_in(manifest["sweep"]["levers"])
    for option in about["options"]:
        if list(option) != list(about["options"][0]):
            raise InputError(f"{path}: damaged: options: {shown(option)} has other levers than the first")
        for lever, value in option.items():
            if lever in labelled and value not in labelled[lever]:
                raise InputError(f"{path}: of another sweep: options: {lever} has no label {shown(value)}")


def check_tables(
    folder: Path,
    about: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    keys: Sequence[str],
    manifest: dict[str, Any],
) -> None:
    """Raise InputError where a table has not the rows that the others ask for, or names what there is not.

    Parameters
    ----------
    folder : of the sweep
    about, tables : of the decision, each of its form
    keys : the columns that name a world
    manifest : of the sweep
    """
    for name in ("frontier", "losses"):  # which say what worlds and weights there are
        if tables[name].empty:
            raise InputError(f"{folder / FOLDER / name}.csv: damaged, or of another decision: no row")
    options = [name_of(option) for option in about["options"]]
    domains = {
        WORLD: _distinct(tables["frontier"], keys),
        CLASS: _distinct(tables["by_label"], ("label", "value")),
        **{name: _distinct(tables["losses"], (name,)) for name in WEIGHTS},
        "option": [(name,) for name in options],
        "target": [(name,) for name in discovery.TARGETS],
    }
    if set(tables["frontier"]["option"]) != set(options):
        raise InputError(f"{folder / ABOUT}: damaged, or of another decision: other options than frontier.csv has")
    pair = Pair(**about["shown"])
    if any((value,) not in domains[name] for name, value in pair.columns.items()):
        raise InputError(f"{folder / ABOUT}: damaged: shown: losses.csv has no weights {pair.war:g}, {pair.deaths:g}")
    known: dict[str, Sequence[str]] = {
        **dict.fromkeys(("option", "best_of_all", "best_here"), options),
        "belief": list(TYPES.values()), "label": list(BY_NAME), "target": discovery.TARGETS,
        STRUCTURE: list(structures_of(manifest)),
    }  # fmt: skip
    for name, table in tables.items():
        _check_words(folder / FOLDER / f"{name}.csv", table, known)
    columns = {WORLD: keys, CLASS: ("label", "value")}
    for name, parts in EACH.items():
        table, path = tables[name], folder / FOLDER / f"{name}.csv"
        _check_rows(path, table, parts, columns, domains)
        if name in ONE:
            _check_rows(path, table[table[ONE[name]]], parts[:-1], columns, domains)
    _check_worth(folder / FOLDER, tables, columns, domains)


def _check_words(path: Path, table: pd.DataFrame, known: Mapping[str, Sequence[str]]) -> None:
    """Raise InputError where a table names an option, a class or the like that there is not."""
    for name, words in known.items():
        strange = next((word for word in table.get(name, ()) if word not in words), None)
        if strange is not None:
            raise InputError(f"{path}: damaged: {name}: {shown(strange)} is none of {', '.join(words)}")


def _check_worth(
    where: Path, tables: Mapping[str, pd.DataFrame], columns: Mapping[str, Sequence[str]], domains: Domains
) -> None:
    """Raise InputError unless everything is worth something in every world, and classes and types have their rows."""
    worth = tables["information"]
    _check_rows(where / "information.csv", worth[worth["kind"] == information.ALL], (WORLD,), columns, domains)
    for kind, (name, column) in ASKED.items():
        for asked in worth.loc[worth["kind"] == kind, "of"]:
            if asked not in set(tables[name][column]):
                raise InputError(f"{where / name}.csv: damaged, or of another decision: no row of {asked}")


def _check_rows(
    path: Path, table: pd.DataFrame, parts: Sequence[str], columns: Mapping[str, Sequence[str]], domains: Domains
) -> None:
    """Raise InputError unless there is one row for each combination of what the parts may be."""
    wanted = {sum(cells, ()) for cells in itertools.product(*(domains[part] for part in parts))}
    found = _tuples(table, [name for part in parts for name in columns.get(part, (part,))])
    if len(found) != len(wanted) or set(found) != wanted:
        raise InputError(
            f"{path}: damaged, or of another decision: must have one row for each {', '.join(parts)}, "
            f"{len(wanted)} in all; {len(found)} are there"
        )


def _distinct(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(dict.fromkeys(_tuples(table, names)))


def _tuples(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """The cells of some columns, a tuple a row."""
    return list(table[list(names)].itertuples(index=False, name=None)) if names else [()] * len(table)
