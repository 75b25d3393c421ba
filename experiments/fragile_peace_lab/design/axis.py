"""Which settings of its levers a sweep is shown at: what runs along its figures, what across them, what is held.

A *setting* is a combination of lever values, in one structure (`design.structures`) or another. One of them is the
*baseline*: the one that comparisons start from, and whose belief panel and weeks are kept (`design.beside`). All of it
follows from the settings and the base scenario.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.design import composite
from fragile_peace_lab.design.composite import Composites
from fragile_peace_lab.design.factors import SCENARIO
from fragile_peace_lab.design.labels import labels_in
from fragile_peace_lab.design.structures import STRUCTURE, TIMES

Settings = Sequence[Mapping[str, Any]]
Sets: TypeAlias = Composites
"""By the column that names it, by name, what it sets: structures, under `structure`, and the labels of levers."""
INDEX = ("point", "sample", "combination", "first_run")


def settings_of(points: pa.Table, base: Scenario) -> list[dict[str, Any]]:
    """Return the settings of a design (`Design.table`) in order; without levers, the base scenario alone.

    They are the same in every structure.
    """
    levers = [column.name for column in points.schema if (column.metadata or {}).get(b"role") == b"lever"]
    if not levers:
        return [{SCENARIO: base.name}]
    combinations = int(points["combination"].to_numpy().max()) + 1
    rows: list[dict[str, Any]] = points.slice(0, combinations).select(levers).to_pylist()
    return rows


def declared_values(base: Scenario, levers: Sequence[str], sets: Sets) -> dict[str, Any]:
    """Return the base scenario's own value of each lever; None where no label of a composite one leaves it as it is."""

    def own(name: str) -> Any:
        if name in sets:
            return composite.label_of(base, sets[name])
        return base.name if name == SCENARIO else base.get(name)

    return {name: own(name) for name in levers}


def scenario_at(scenarios: Mapping[str, Scenario], sets: Sets, values: Mapping[str, Any]) -> Scenario:
    """Return the scenario that factors make: the one they name, or the first, with their values in it.

    In place of the label of a composite lever go the values that it sets; over all of them go those of the structure
    that they name, if they do, as the sweep declares them.
    """
    chosen = {name: value for name, value in values.items() if name not in (SCENARIO, STRUCTURE)}
    changed = composite.expanded(chosen, sets)
    base = scenarios[values.get(SCENARIO) or next(iter(scenarios))]
    for name, value in (sets[STRUCTURE][values[STRUCTURE]] if STRUCTURE in values else {}).items():
        if not isinstance(value, Mapping):
            changed[name] = value
        elif name not in changed:  # what a sample has of it is multiplied in the design already
            changed[name] = base.get(name) * value[TIMES]
    return base.override(changed) if changed else base


def scenario_of_point(scenarios: Mapping[str, Scenario], sets: Sets, points: pa.Table, point: int) -> Scenario:
    """Return the scenario of a row of the design."""
    apart = {*INDEX, *labels_in(points)}
    values = {name: value for name, value in points.slice(point, 1).to_pylist()[0].items() if name not in apart}
    return scenario_at(scenarios, sets, values)


@dataclass(frozen=True)
class Layout:
    """Which lever runs along the panels (`name`), which across them (`facet`), and at which values others are held.

    Attributes
    ----------
    together : levers that move with `name` (a zip design)
    fixed : further levers and the value each is held at
    """

    name: str
    values: tuple[Any, ...]
    facet: str | None = None
    facets: tuple[Any, ...] = (None,)
    together: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_settings(cls, settings: Settings, base: Mapping[str, Any]) -> Self:
        """Choose: along goes the threat level, or the number with most values; across what has most values of the rest.

        Parameters
        ----------
        settings : the values of every lever, one a combination
        base : the base scenario's value of each lever: where others are held, if they take it
        """
        if not settings:
            raise InputError("results: no settings of the levers")
        names = [name for name in settings[0] if len({key(s[name]) for s in settings}) > 1]
        free = [
            name
            for place, name in enumerate(names)
            if not any(_bound(settings, name, other) for other in names[:place])
        ]
        if not free:
            name = next(iter(settings[0]), SCENARIO)
            return cls(name, (settings[0].get(name),))
        along = max(free, key=lambda name: (name == "threat.level", _numeric(settings, name), _count(settings, name)))
        rest = [name for name in free if name != along]
        facet = max(
            rest, key=lambda name: (name == "mandate.roe", name == SCENARIO, _count(settings, name)), default=None
        )
        held = {}
        for name in rest:
            if name != facet:
                values = _distinct(settings, name)
                held[name] = base.get(name) if base.get(name) in values else _middle(values)
        together = tuple(name for name in names if name not in free and _bound(settings, name, along))
        facets = tuple(_distinct(settings, facet)) if facet else (None,)
        return cls(along, tuple(_distinct(settings, along)), facet, facets, together, held)

    def baseline(self, settings: Settings, base: Mapping[str, Any]) -> int:
        """Return which setting is closest to the base scenario's own: most levers at its values, middle of the axis."""
        middle = _middle(self.values)

        def score(place: int) -> tuple[int, int, int]:
            setting = settings[place]
            held = sum(setting[name] == value for name, value in self.fixed.items())
            return held, sum(setting[name] == base[name] for name in setting), int(setting[self.name] == middle)

        return max(range(len(settings)), key=lambda place: (*score(place), -place))


def baseline_of(base: Scenario, sets: Sets, points: pa.Table) -> int:
    """Return which setting of a design is its baseline (`Layout.baseline`)."""
    settings = settings_of(points, base)
    values = declared_values(base, list(settings[0]), sets)
    return Layout.of_settings(settings, values).baseline(settings, values)


class Move(NamedTuple):
    """A lever that goes from one value to another.

    Attributes
    ----------
    name : the lever
    before, after : its values
    first, last : the two settings
    along : where its values have an order, the settings of all of them in that order; else empty
    """

    name: str
    before: Any
    after: Any
    first: int
    last: int
    along: tuple[int, ...] = ()


def moves(settings: Settings, baseline: int, layout: Layout) -> list[Move]:
    """Return the levers of a layout, each moved, the others at the baseline.

    One whose values are numbers goes from the first to the last. Others have no order: each of their values is set
    against the baseline's.
    """
    here = settings[baseline]
    found = []
    for name, values in ((layout.name, layout.values), (layout.facet, layout.facets)):
        if name is None or len(values) < 2:
            continue
        free = set(layout.together if name == layout.name else ())
        places = {key(value): _moved_to(settings, {**here, name: value}, free) for value in values}
        ordered = is_ordered(values)
        first = values[0] if ordered else here[name]
        for value in values[-1:] if ordered else [value for value in values if key(value) != key(first)]:
            ends = places[key(first)], places[key(value)]
            if ends[0] is not None and ends[1] is not None:
                along = tuple(place for place in places.values() if place is not None) if ordered else ()
                found.append(Move(name, first, value, ends[0], ends[1], along))
    return found


def _moved_to(settings: Settings, wanted: Mapping[str, Any], free: Collection[str]) -> int | None:
    """The first setting that is as wanted but in the levers that are free."""
    for place, setting in enumerate(settings):
        if all(setting[name] == wanted[name] for name in setting if name not in free):
            return place
    return None


def key(value: Any) -> Any:
    """Return what two cells of a lever have in common if they hold the same value; None for a missing one."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_ | str):
        return value
    return float(value) if isinstance(value, int | float | np.number) else value


def is_ordered(values: Sequence[Any]) -> bool:
    """Whether the values of a lever have an order: numbers have; rules, switches, scenarios and labels have none."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def is_key(column: str) -> bool:
    """Whether a column of estimates holds the values of a lever: rows are looked up by them, so they are never rounded.

    Levers have dotted names, and no other column has.
    """
    return "." in column


def _distinct(settings: Settings, name: str) -> list[Any]:
    """The values of a lever: numbers in size, other things in the order given."""
    values = list({key(setting[name]): setting[name] for setting in settings}.values())
    return sorted(values) if _numeric(settings, name) else values


def _middle(values: Sequence[Any]) -> Any:
    """What stands in for a value that is not among these: the middle one, or the first where they have no order."""
    return values[len(values) // 2] if is_ordered(values) else values[0]


def _count(settings: Settings, name: str) -> int:
    return len({key(setting[name]) for setting in settings})


def _numeric(settings: Settings, name: str) -> bool:
    return is_ordered([setting[name] for setting in settings])


def _bound(settings: Settings, name: str, other: str) -> bool:
    """Whether two levers always move together."""
    pairs = {(key(s[name]), key(s[other])) for s in settings}
    return len(pairs) == _count(settings, name) == _count(settings, other)
