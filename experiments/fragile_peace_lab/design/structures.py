"""Structures: what nobody can estimate, as named sets of values in each of which a whole sweep is played.

A structure is neither a lever nor an uncertainty: nobody chooses it, and no record or prior says how likely it is.
Every sample and every combination of levers is played in every structure, on the same draws, and nothing is averaged
over structures. The first one declared is the *reference*: what figures show.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.factors import checked, parameter_of

STRUCTURE = "structure"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,29}$"
"""A structure's name stands in a column of tables and before a row of figures."""
MOST = 32
Structures = Mapping[str, Mapping[str, Any]]
"""The values of each structure, by its name; empty where a sweep declares none."""
FIELD = pa.field(STRUCTURE, pa.string(), False, {"role": STRUCTURE, "text": "what nobody can estimate, as declared"})


def check_names(structures: Structures, where: str) -> None:
    """Refuse names that cannot stand in a table, and more structures than can be read side by side."""
    if len(structures) > MOST:
        raise InputError(f"{where}: structures: {len(structures)} are given; at most {MOST} are allowed")
    for name in structures:
        if not re.fullmatch(NAME, name):
            raise InputError(
                f"{where}: structures: {shown(name)} is not allowed; must be 1 to 30 letters, digits, _, . or -, first "
                "a letter or digit"
            )


def looked_up(structures: Structures, scenarios: Mapping[str, Scenario]) -> dict[str, dict[str, Any]]:
    """Return the structures with their values as scenarios store them. Raises InputError for a name or value."""
    found: dict[str, dict[str, Any]] = {}
    for label, values in structures.items():
        where = f"structures.{label}"
        found[label] = {
            name: checked(value, parameter_of(name, scenarios, where), f"{where}.{name}")
            for name, value in values.items()
        }
    return found


def check_distinct(structures: Structures, scenarios: Mapping[str, Scenario], sampled: Collection[str]) -> None:
    """Refuse two structures that play the same.

    They change the same values of every base scenario, and set the same ones of those that are sampled.
    """
    seen: dict[tuple[Any, ...], str] = {}
    for label, values in structures.items():
        changes = tuple(
            frozenset((name, value) for name, value in values.items() if name in sampled or base.get(name) != value)
            for base in scenarios.values()
        )
        if changes in seen:
            raise InputError(f"structures.{label}: plays the same as {seen[changes]}; every structure must differ")
        seen[changes] = label


def names_in(points: pa.Table) -> list[str]:
    """Return the structures of a design (`Design.table`) in their order; none where it declares none."""
    return list(pc.unique(points[STRUCTURE]).to_pylist()) if STRUCTURE in points.column_names else []
