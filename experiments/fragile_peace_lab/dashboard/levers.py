"""The levers of the risk view: which parameters have a slider, and what stands beside it, all from the declaration."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.words.wording import exact
from fragile_peace_lab.design.belief import TRUTH, in_effect, is_tied
from fragile_peace_lab.figures.levers import VALUES, WORDS

LEVERS = (
    "threat.level", "threat.credibility", "threat.sincerity", "force.scale", "mandate.roe", "guarantee.level",
    "guarantee.credibility", "guarantee.sincerity", "guarantee.trigger", "response.coalition_hours",
    "response.us_hours", "monitoring.isr", "force.deploy_weeks",
    "readiness.growth", "reconstitution.growth",
)  # fmt: skip
TITLES = {
    "threat.level": "Threat level", "threat.credibility": "What others believe of the threat",
    "threat.sincerity": "What is true of the threat", "force.scale": "Size of the force",
    "mandate.roe": "Rules of engagement", "guarantee.level": "Guarantee’s text",
    "guarantee.credibility": "What others believe of the guarantee",
    "guarantee.sincerity": "What is true of the guarantee",
    "guarantee.trigger": "What invokes it", "response.coalition_hours": "Coalition’s response",
    "response.us_hours": "American response", "monitoring.isr": "Drones and satellites",
    "force.deploy_weeks": "Weeks to deploy", "readiness.growth": "Ukraine’s regeneration",
    "reconstitution.growth": "Russia’s reconstitution",
}  # fmt: skip
_SLIDER = {
    "response.coalition_hours": (0.0, 336.0), "response.us_hours": (0.0, 336.0), "force.deploy_weeks": (0.0, 104.0),
    "force.scale": (0.05, 4.0), "readiness.growth": (0.0, 0.03), "reconstitution.growth": (0.0, 0.03),
}  # fmt: skip
"""Where a slider covers only the part of the declared range that a reader may want; the field beside it takes all."""
POINTS = 5


@dataclass(frozen=True)
class Control:
    """One control: a slider with a field, or a choice. Values are texts, as a reader writes them."""

    name: str
    title: str
    value: str
    choices: tuple[tuple[str, str], ...]
    low: float
    high: float
    step: float
    unit: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data for the page."""
        return {**vars(self), "choices": [list(pair) for pair in self.choices]}


def control(world: Scenario, name: str) -> Control:
    """Return the control of a lever at the scenario's value."""
    row = CATALOGUE[name]
    low, high = span(row)
    step = 1.0 if row.kind == "whole" else 10.0 ** np.floor(np.log10((high - low) / 50))
    return Control(
        name=name,
        title=title(world, name),
        value=exact(in_effect(world, name)),
        choices=tuple((choice, VALUES.get(name, {}).get(choice, choice.replace("_", " "))) for choice in row.choices),
        low=low,
        high=high,
        step=float(step),
        unit=row.unit if row.unit in ("hours", "weeks", "1/week", "troops", "km") else "",
        text=about(row, world),
    )


def title(world: Scenario, name: str) -> str:
    """Return what a lever is called; a belief whose truth moves with it says so."""
    return TITLES.get(name, name) + (" (the truth moves with it)" if is_tied(world, name) else "")


def about(row: Parameter, world: Scenario) -> str:
    """Return the help of a lever: what it is, what is allowed, where its value comes from."""
    source = "an assumption" if row.source == "assumption" else f"[{row.source}] in model/fragile_peace/evidence.csv"
    text = f"{row.name}: {row.text}. Allowed: {row.allowed}. Source of the declared value: {source}."
    if is_tied(world, row.name):
        text += f" The truth moves with the belief; set {TRUTH[row.name]} to hold it fixed."
    if row.name in TRUTH.values() and world.get(row.name) is None:
        text += (
            " It is not set, and equal to what is believed, until its slider is moved; an empty field ties it again."
        )
    return text


def span(row: Parameter) -> tuple[float, float]:
    """Return the ends of a slider, and of the curve along it."""
    return _SLIDER.get(row.name, (row.low, row.high))


def points(name: str, here: float) -> list[float]:
    """Return the values at which the curve along a number is computed: evenly over its span, and where it stands now.

    Whole numbers stay whole. A value outside the span widens it.
    """
    row = CATALOGUE[name]
    low, high = span(row)
    grid = np.linspace(min(low, here), max(high, here), POINTS).tolist()
    if row.kind == "whole":
        grid = [float(round(value)) for value in grid]
    return sorted({*(float(f"{value:.6g}") for value in grid), here})


def typed(name: str, value: float) -> float | int:
    """Return a number of the curve as the scenario takes it."""
    return int(value) if CATALOGUE[name].kind == "whole" else value


def axis_title(world: Scenario, name: str) -> str:
    """Return the title of the axis along a number."""
    row = CATALOGUE[name]
    if name in WORDS:
        return WORDS[name][1] + (", and the truth with it" if is_tied(world, name) else "")
    return f"{name}: {row.text}" + (f" ({row.unit})" if row.unit not in ("share", "probability", "1") else "")


def assumptions(world: Scenario) -> list[dict[str, str]]:
    """Return every parameter of a scenario with its value and its source, for the page's list of assumptions."""
    rows = []
    for name, row in CATALOGUE.items():
        if "*" not in name:
            value = world.get(name)
            rows.append(
                {"name": name, "value": "as believed" if value is None else exact(value), "unit": row.unit,
                 "text": row.text, "source": row.source}
            )  # fmt: skip
    return rows
