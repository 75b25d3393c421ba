"""Levers as readers meet them: which runs along an axis, which across panels, and what their values are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fragile_peace.declared.scenario import CATALOGUE, LISTS
from fragile_peace.errors import InputError
from fragile_peace_lab.design.factors import SCENARIO
from fragile_peace_lab.figures.drawing import Size, text_width

WORDS: dict[str, tuple[str, str, str]] = {
    SCENARIO: ("the scenario", "scenario", "scenario"),
    "threat.level": (
        "Moscow’s “legitimate targets” threat",
        "threat level: how loudly Moscow declares the force a “legitimate target”", "threat level",
    ),
    "mandate.roe": ("rules of engagement", "rules of engagement", "rules of engagement"),
    "guarantee.level": ("the guarantee’s text", "guarantee level: how binding its text is", "guarantee level"),
    "guarantee.trigger": ("what invokes the guarantee", "what invokes the guarantee", "trigger"),
    "threat.credibility": (
        "the belief in the threat", "credibility: the belief that Russia means its threat", "belief in the threat",
    ),
}  # fmt: skip
"""In a sentence; as the title of an axis; before a value. Others are taken from the declaration."""
VALUES: dict[str, dict[str, str]] = {
    "mandate.roe": {"observe": "Observe only", "self_defence": "Self-defence", "enforce": "Enforce"},
    "guarantee.trigger": {
        "never": "Never", "any_fatality": "Any death", "attributed_fatality": "Attributed death",
        "sustained": "Sustained deaths", "attack_across_line": "Attack across the line",
    },
}  # fmt: skip


def lever_words(name: str) -> str:
    """Return a lever's name in a sentence."""
    if name in WORDS:
        return WORDS[name][0]
    parameter = _parameter(name)
    return parameter.text.split(":")[0] if parameter is not None else name


def lever_label(name: str) -> str:
    """Return a lever's name as it stands before a value, as in "threat level 0.5"."""
    return WORDS[name][2] if name in WORDS else name


def lever_title(name: str) -> str:
    """Return a lever's name as the title of an axis."""
    if name in WORDS:
        return WORDS[name][1]
    parameter = _parameter(name)
    if parameter is None:
        return name
    unit = f" ({parameter.unit})" if parameter.unit not in ("1", "", "name") else ""
    return f"{name}: {parameter.text}{unit}"


def value_words(name: str | None, value: Any) -> str:
    """Return one value of a lever as a heading."""
    if name is None:
        return ""
    if name in VALUES and value in VALUES[name]:
        return VALUES[name][value]
    if isinstance(value, str):
        return value.replace("_", " ") if name != SCENARIO else value
    parameter = _parameter(name)
    unit = (
        f" {parameter.unit}" if parameter is not None and parameter.unit in ("hours", "weeks", "km", "troops") else ""
    )
    return f"{shown_value(name, value)}{unit}"


def shown_value(name: str, value: Any) -> str:
    """Return one value of a lever as a tick label."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "as believed" if name.endswith("sincerity") else "default"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, str):
        return VALUES.get(name, {}).get(value, value)
    return f"{float(value):,.4g}"


def _parameter(name: str) -> Any:
    steps = name.split(".")
    general = f"{steps[0]}.*.{steps[-1]}" if steps[0] in LISTS and len(steps) >= 3 else name
    return CATALOGUE.get(general)


@dataclass(frozen=True)
class Axis:
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
    def of_settings(cls, settings: Sequence[Mapping[str, Any]], base: Mapping[str, Any]) -> "Axis":
        """Choose: along goes the threat level, or the number with most values; across what has most values of the rest.

        Parameters
        ----------
        settings : the values of every lever, one a combination
        base : the base scenario's value of each lever: where others are held, if they take it
        """
        if not settings:
            raise InputError("results: no settings of the levers")
        names = [name for name in settings[0] if len({_key(s[name]) for s in settings}) > 1]
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
                held[name] = base.get(name) if base.get(name) in values else values[len(values) // 2]
        together = tuple(name for name in names if name not in free and _bound(settings, name, along))
        facets = tuple(_distinct(settings, facet)) if facet else (None,)
        return cls(along, tuple(_distinct(settings, along)), facet, facets, together, held)

    @property
    def names(self) -> list[str]:
        """The levers that a figure's numbers carry."""
        return [self.name, *([self.facet] if self.facet else []), *self.together, *self.fixed]

    @property
    def words(self) -> str:
        """The lever along the axis, in a sentence."""
        return lever_words(self.name)

    @property
    def label(self) -> str:
        """The lever along the axis, before a value."""
        return lever_label(self.name)

    def at(self, value: Any) -> str:
        """One value along the axis: "threat level 0.5"."""
        words = shown_value(self.name, value)
        return f"{self.label} {words.lower() if self.name in VALUES else words}"

    @property
    def facet_words(self) -> str:
        """The lever across panels, after "by"."""
        return lever_label(self.facet) if self.facet else ""

    @property
    def title(self) -> str:
        """The title of the axis."""
        more = f"; moving with it: {', '.join(map(lever_label, self.together))}" if self.together else ""
        held = ", ".join(f"{lever_label(name)} {shown_value(name, value)}" for name, value in self.fixed.items())
        return lever_title(self.name) + more + (f"; held at {held}" if held else "")

    def facet_title(self, value: Any) -> str:
        """The heading of the panels of one value."""
        return value_words(self.facet, value)

    def slice(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows at the held values."""
        for name, value in self.fixed.items():
            table = table[[_key(cell) == _key(value) for cell in table[name]]]
        return table

    def of(self, table: pd.DataFrame, value: Any) -> pd.DataFrame:
        """Return the rows of one column of panels, in the order of the axis."""
        if self.facet is None:
            return table
        return table[[_key(cell) == _key(value) for cell in table[self.facet]]]

    def turned(self) -> "Axis":
        """Return the axis with what is along it and what is across it exchanged."""
        name = self.facet or self.name
        return replace(self, name=name, values=self.facets, facet=self.name, facets=self.values, together=())

    def along(self, table: pd.DataFrame, value: Any) -> pd.DataFrame:
        """Return the rows at one value along the axis."""
        return table[[_key(cell) == _key(value) for cell in table[self.name]]]

    def among(self, table: pd.DataFrame) -> "Axis":
        """Return the axis with those columns of panels alone that a table has rows of: a list need not be a grid."""
        return replace(self, facets=tuple(value for value in self.facets if len(self.of(table, value))))

    def sorted(self, table: pd.DataFrame, *first: str) -> pd.DataFrame:
        """Return rows by `first`, then across panels, then along the axis."""
        along = {_key(value): place for place, value in enumerate(self.values)}
        across = {_key(value): place for place, value in enumerate(self.facets)}
        order = {"_along": [along.get(_key(v), 0) for v in table[self.name]] if self.name in table else 0}
        order["_across"] = [across.get(_key(v), 0) for v in table[self.facet]] if self.facet else 0
        by = [*first, "_across", "_along"]
        return table.assign(**order).sort_values(by, kind="stable").drop(columns=["_along", "_across", *first])

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)

    def standing(self, size: Size, width: float) -> float:
        """How high the labels of names are that must stand upright, in a panel so wide; 0 where they fit. In mm."""
        widths = [text_width(shown_value(self.name, value), size.small) for value in self.values]
        fits = max(widths) + 0.35 * size.small <= width / len(widths)
        return 0.0 if self.numeric or fits else max(widths) + 0.2 * size.small

    def ticks(self, ax: Axes, size: Size) -> None:
        """Set the ticks of the axis: every value; where labels would touch, fewer numbers, and names upright."""
        numeric = self.numeric
        where = (
            [float(value) for value in self.values] if numeric else [float(place) for place in range(len(self.values))]
        )
        labels = [shown_value(self.name, value) for value in self.values]
        low, high = min(where), max(where)
        margin = 0.04 * (high - low) if high > low else 0.5
        if not numeric:
            margin = max(margin, 0.5)
        ax.set_xlim(low - margin, high + margin)
        width = ax.get_position().width * size.width
        if not numeric:
            ax.set_xticks(where, labels, rotation=90 if self.standing(size, width) else 0)
            return
        room = width / max(1, len(where))
        widest = max(text_width(label, size.small) for label in labels) + 0.35 * size.small
        every = next(
            (step for step in range(1, len(where)) if step * room >= widest and (len(where) - 1) % step == 0), 0
        )
        every = every or max(1, len(where) - 1)
        ax.set_xticks(where, [label if place % every == 0 else "" for place, label in enumerate(labels)])


def _key(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_ | str):
        return value
    return float(value) if isinstance(value, int | float | np.number) else value


def _distinct(settings: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    """The values of a lever: numbers in size, other things in the order given."""
    values = list({_key(setting[name]): setting[name] for setting in settings}.values())
    return sorted(values) if _numeric(settings, name) else values


def _count(settings: Sequence[Mapping[str, Any]], name: str) -> int:
    return len({_key(setting[name]) for setting in settings})


def _numeric(settings: Sequence[Mapping[str, Any]], name: str) -> bool:
    return all(isinstance(s[name], int | float) and not isinstance(s[name], bool) for s in settings)


def _bound(settings: Sequence[Mapping[str, Any]], name: str, other: str) -> bool:
    """Whether two levers always move together."""
    pairs = {(_key(s[name]), _key(s[other])) for s in settings}
    return len(pairs) == _count(settings, name) == _count(settings, other)
