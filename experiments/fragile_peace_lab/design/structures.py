"""Structures: what nobody can estimate, as named sets of values in each of which a whole sweep is played.

A structure is neither a lever nor an uncertainty: nobody chooses it, and no record or prior says how likely it is.
Every sample and every combination of levers is played in every structure, on the same draws, and nothing is averaged
over structures. The first one declared is the *reference*: what figures show.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.factors import checked, parameter_of

STRUCTURE = "structure"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,29}$"
"""A structure's name stands in a column of tables and before a row of figures."""
MOST = 32
Structures = Mapping[str, Mapping[str, Any]]
"""The values of each structure, by its name; empty where a sweep declares none."""
TIMES = "times"


@dataclass(frozen=True)
class Times:
    """A structure's value that multiplies what every sample has of a parameter: {times: factor}."""

    factor: float


FIELD = pa.field(STRUCTURE, pa.string(), False, {"role": STRUCTURE, "text": "what nobody can estimate, as declared"})


def check_names(structures: Structures, where: str) -> None:
    """Refuse names that cannot stand in a table, and more structures than can be read side by side."""
    if len(structures) > MOST:
        raise InputError(f"{where}: structures: {len(structures)} are given; at most {MOST} are allowed")
    for name in structures:
        check_label(name, f"{where}: structures")


def check_label(name: str, where: str) -> None:
    """Refuse a name that cannot stand in a table."""
    if not (isinstance(name, str) and re.fullmatch(NAME, name)):
        raise InputError(
            f"{where}: {shown(name)} is not allowed; must be 1 to 30 letters, digits, _, . or -, first a "
            "letter or digit"
        )


def looked_up(
    structures: Structures, scenarios: Mapping[str, Scenario], sampled: Mapping[str, Sequence[Any]]
) -> dict[str, dict[str, Any]]:
    """Return the structures with their values as scenarios store them. Raises InputError for a name or value.

    Parameters
    ----------
    structures : as the sweep declares them
    scenarios : its base scenarios, by name
    sampled : the values of each uncertainty, by name: what {times: factor} multiplies, or else the scenarios' own value
    """
    found: dict[str, dict[str, Any]] = {}
    for label, values in structures.items():
        found[label] = {}
        for name, value in values.items():
            where = f"structures.{label}"
            parameter, where = parameter_of(name, scenarios, where), f"{where}.{name}"
            if not isinstance(value, Mapping):
                found[label][name] = checked(value, parameter, where)
                continue
            factor = _factor(value, parameter, where)
            had = sampled[name] if name in sampled else [base.get(name) for base in scenarios.values()]
            for end in (min(had), max(had)):
                checked(end * factor, parameter, f"{where}: {factor:g} times {end:g}")
            if name not in sampled and min(had) != max(had):
                raise InputError(f"{where}: the base scenarios differ in it, so that it has no one value to multiply")
            found[label][name] = Times(factor) if name in sampled else had[0] * factor
    return found


def _factor(value: Mapping[str, Any], parameter: Parameter, where: str) -> float:
    """Return the factor of {times: factor}. Raises InputError."""
    factor = value.get(TIMES)
    number = isinstance(factor, int | float) and not isinstance(factor, bool) and 0 < factor < 1e6
    if parameter.kind != "real" or set(value) != {TIMES} or not number:
        more = f", or {{{TIMES}: a number above 0}}" if parameter.kind == "real" else ""
        raise InputError(f"{where}: {shown(dict(value))} is not allowed; must be {parameter.allowed}{more}")
    return float(factor)  # type: ignore[arg-type]


def over(values: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a sample with those of a structure (`looked_up`) over them."""
    changed = {
        name: values[name] * value.factor if isinstance(value, Times) else value
        for name, value in own.items()
        if name in values or not isinstance(value, Times)
    }
    return {**values, **changed}


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
