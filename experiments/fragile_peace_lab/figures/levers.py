"""Levers as readers meet them: which runs along an axis, which across panels, and what their values are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fragile_peace.declared.scenario import CATALOGUE, LISTS
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.axis import Layout, is_ordered, key
from fragile_peace_lab.design.belief import TRUTH, Belief
from fragile_peace_lab.design.factors import SCENARIO
from fragile_peace_lab.estimates.basis import PRIOR_DRIVEN, Basis
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
    "threat.sincerity": (
        "the truth of the threat", "sincerity: the true chance that Russia means its threat", "truth of the threat",
    ),
    "guarantee.credibility": (
        "the belief in the guarantee", "credibility: the belief that Washington would honour its guarantee",
        "belief in the guarantee",
    ),
    "guarantee.sincerity": (
        "the truth of the guarantee", "sincerity: the true chance that Washington would honour its guarantee",
        "truth of the guarantee",
    ),
    "force.scale": ("the size of the force", "force scale: multiplies the troops of every contingent", "force scale"),
    "force.deploy_weeks": (
        "the time to deploy", "time to deploy in full outside winter (weeks)", "weeks to deploy",
    ),
    "response.coalition_hours": (
        "the coalition’s response time", "the coalition’s response time (hours)", "hours to the coalition’s response",
    ),
    "response.us_hours": (
        "the United States’ response time", "the United States’ response time (hours)",
        "hours to the United States’ response",
    ),
    "precision.russia": ("the precision of Russia’s choices", "precision of Russia’s choices", "Russia’s precision"),
    "precision.ukraine": (
        "the precision of Ukraine’s choices", "precision of Ukraine’s choices", "Ukraine’s precision",
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


def at_setting(table: pd.DataFrame, setting: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a table of estimates at these values of levers."""
    for name, value in setting.items():
        table = table[[key(cell) == key(value) for cell in table[name]]]
    return table


def _parameter(name: str) -> Any:
    steps = name.split(".")
    general = f"{steps[0]}.*.{steps[-1]}" if steps[0] in LISTS and len(steps) >= 3 else name
    return CATALOGUE.get(general)


@dataclass(frozen=True)
class Axis(Layout):
    """A layout of figures, with what its levers and their values are called and where they are drawn.

    `structure` is the one that figures show; "" where the sweep declares none. `basis` is what outcomes that turn on
    the return of war rest on, and `classes` the reference classes among the members. `beliefs` are those that the sweep
    moves.
    """

    structure: str = ""
    basis: Basis = PRIOR_DRIVEN
    classes: tuple[str, ...] = ()
    beliefs: tuple[Belief, ...] = ()

    def headed(self, title: str) -> str:
        """A figure's title, with what the sweep does to beliefs: moves the truth with them, or chooses them alone."""
        tied = [lever_words(belief.name) for belief in self.beliefs if belief.tied]
        alone = [lever_words(belief.name) for belief in self.beliefs if belief.lever and not belief.tied]
        said = [f"{' and '.join(tied)} {'moves' if len(tied) == 1 else 'move'} the truth as well"] if tied else []
        said += [f"{' and '.join(alone)}: belief alone"] if alone else []
        return title + (f" ({'; '.join(said)})" if said else "")

    @property
    def of_belief(self) -> str:
        """What the sweep does to every belief that it moves, in a sentence each; "" where it moves none."""
        return " ".join(
            f"{words[0].upper()}{words[1:]} is moved, and the truth with it, since the sweep leaves "
            f"{TRUTH[belief.name]} empty: what the belief does and what the fact does are not told apart."
            if belief.tied
            else f"{words[0].upper()}{words[1:]} is moved as a belief alone: what is true does not follow it."
            for belief in self.beliefs
            for words in [lever_words(belief.name)]
        )

    @property
    def of_structure(self) -> str:
        """The structure at the head of a subtitle; "" without one."""
        return f"Structure {self.structure}: " if self.structure else ""

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
        return at_setting(table, self.fixed)

    def of(self, table: pd.DataFrame, value: Any) -> pd.DataFrame:
        """Return the rows of one column of panels, in the order of the axis."""
        if self.facet is None:
            return table
        return at_setting(table, {self.facet: value})

    def turned(self) -> "Axis":
        """Return the axis with what is along it and what is across it exchanged."""
        name = self.facet or self.name
        return replace(self, name=name, values=self.facets, facet=self.name, facets=self.values, together=())

    def along(self, table: pd.DataFrame, value: Any) -> pd.DataFrame:
        """Return the rows at one value along the axis."""
        return at_setting(table, {self.name: value})

    def among(self, table: pd.DataFrame) -> "Axis":
        """Return the axis with those columns of panels alone that a table has rows of: a list need not be a grid."""
        return replace(self, facets=tuple(value for value in self.facets if len(self.of(table, value))))

    def sorted(self, table: pd.DataFrame, *first: str) -> pd.DataFrame:
        """Return rows by `first`, then across panels, then along the axis."""
        order = {"_along": self._places(table, self.name, self.values) if self.name in table else 0}
        order["_across"] = self._places(table, self.facet, self.facets) if self.facet else 0
        by = [*first, "_across", "_along"]
        return table.assign(**order).sort_values(by, kind="stable").drop(columns=["_along", "_across", *first])

    @staticmethod
    def _places(table: pd.DataFrame, name: str, values: Sequence[Any]) -> list[int]:
        """Where each row stands among the values that are drawn. Raises InputError for a row of another value."""
        places = {key(value): place for place, value in enumerate(values)}
        lost = next((cell for cell in table[name] if key(cell) not in places), None)
        if lost is not None:
            raise InputError(f"figures: {name} {shown(lost)} is a setting that is not drawn; drawn are {list(values)}")
        return [places[key(cell)] for cell in table[name]]

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return is_ordered(self.values)

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
