"""When the ceasefire ends, by class: a column of panels a structure, a row of panels a label, months along the axis."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace_lab.design.axis import key
from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.ends import ALL
from fragile_peace_lab.figures.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PALE,
    VERMILION,
    Picture,
    Sheet,
    Size,
    ranges,
    rounded,
    text_width,
)
from fragile_peace_lab.figures.panels import percent_axis

COLOURS = (INK, BLUE, VERMILION, GREEN)
NUMBERS = ("label", "value", "month", "time", "at_risk", "events", "n_members", "estimate", "mc_low", "mc_high",
           "param_low", "param_high", "note")  # fmt: skip
HIGH, STEP = 24.0, 0.2
"""Millimetres of a panel on paper, and how far apart classes stand, in steps of the axis."""
ACROSS = {"page": 5, "column": 2, "slide": 5}
Group = tuple[str, str, str]
"""A label, one of its values, and its colour."""


def when_it_ends(table: pd.DataFrame, setting: Mapping[str, Any], force: Any, where: str) -> Picture:
    """Return the figure of when the ceasefire ends.

    Parameters
    ----------
    table : `estimates.ends`
    setting : the levers' values at which it is shown, without a structure
    force : of the scenario there: when it deploys
    where : the setting in words
    """
    own = table[table["outcome"] == "collapse"]
    for name, value in setting.items():
        own = own[[key(cell) == key(value) for cell in own[name]]]
    numbers = rounded(own[[*([STRUCTURE] if STRUCTURE in own else []), *NUMBERS]])
    first, last = force.start_week * 12 / 52, (force.start_week + force.deploy_weeks) * 12 / 52
    beyond = sorted(set(numbers.loc[numbers["estimate"].isna(), "month"]))
    title = "When does the ceasefire end, and in which class of members?"
    words = (
        f"{where}. The chance that it has ended by then, its four ways of ending competing. Dark bar: Monte Carlo "
        "error, 95%; light bar: over the members, 90%. Shaded: while the force is planned to deploy."
    )
    if beyond:
        words += f" The horizon ends before month {' and '.join(map(str, beyond))}: nothing is shown there."
    alt = f"Points with two ranges by month, in every structure, apart by class. {_said(numbers)}"
    caption = (
        "Aalen–Johansen estimates; classes are of members, not of runs. How likely the war is to come back rests on "
        "how often wars of other classes came back, and the classes say how far the answer hangs on which it is."
    )

    def draw(size: Size) -> Figure:
        return _draw(size, numbers, (first, last), title, words)

    about = {"estimator": "Aalen–Johansen cumulative incidence", "deploys_months": [first, last]}
    return Picture("ends", title, alt, caption, numbers, draw, about)


def value_words(label: str, value: str) -> str:
    """What the members of a value are called."""
    return "all members" if label == ALL else BY_NAME[label].words.get(value, value)


def _said(numbers: pd.DataFrame) -> str:
    """By the last month that is shown, in the first structure, in words."""
    known = numbers.dropna(subset=["estimate"])
    last = known[known["month"] == known["month"].max()].drop_duplicates(["label", "value"])
    said = [f"{value_words(row.label, row.value)} {row.estimate:.0%}" for row in last.itertuples()]
    return f"By month {last['month'].iloc[0]}: {'; '.join(said)}."


def _draw(size: Size, numbers: pd.DataFrame, window: tuple[float, float], title: str, words: str) -> Figure:
    structures = list(dict.fromkeys(numbers[STRUCTURE])) if STRUCTURE in numbers else [""]
    blocks = [_groups(numbers, label) for label in dict.fromkeys(numbers["label"]) if label != ALL]
    across = min(ACROSS[size.name], len(structures))
    down = -(-len(structures) // across)
    unit, top = Sheet(size, 100).line_height(size.small), Sheet(size, 100).heading(title, words)
    keys = [_lines(groups, size) for groups in blocks]
    gap, under = 1.4 * unit, 1.3 * unit  # a panel's heading, and its ticks
    rest = sum(len(lines) for lines in keys) * unit + len(blocks) * down * (gap + under) + 2 * unit
    high = (size.height - top - rest) / (len(blocks) * down) if size.height else HIGH
    sheet = Sheet(size, top + rest + len(blocks) * down * high)
    y = sheet.heading(title, words)
    left = text_width("100%", size.small) + 3
    width = (sheet.width - left - 2) / across
    most = float(numbers[["mc_high", "param_high"]].max().max()) * 1.05 or 1.0
    for groups, lines in zip(blocks, keys, strict=True):
        for line in lines:
            _legend(sheet, line, y)
            y += unit
        for place, structure in enumerate(structures):
            column = place % across
            y += (gap + high + under) if place and not column else 0.0
            own = numbers[numbers[STRUCTURE] == structure] if structure else numbers
            ax = sheet.axes(left + column * width, y + gap, width - 3, high)
            sheet.text(left + column * width, y + 0.3 * unit, structure, fontsize=size.small, fontweight="bold")
            _panel(ax, own, groups, window, most, size)
            if column:
                ax.set_yticklabels([])
        y += gap + high + under
    sheet.text(left, y + 0.5 * unit, "months since the start", fontsize=size.small, color=GREY)
    return sheet.figure


def _groups(numbers: pd.DataFrame, label: str) -> list[Group]:
    """All members and those of each value of a label, each with its colour."""
    names = [(ALL, ALL), *((label, value) for value in dict.fromkeys(numbers.loc[numbers["label"] == label, "value"]))]
    return [(*name, COLOURS[place % len(COLOURS)]) for place, name in enumerate(names)]


def _lines(groups: list[Group], size: Size) -> list[list[Group]]:
    """The legend of a label in lines that fit."""
    lines: list[list[Group]] = [[]]
    used = 0.0
    for group in groups:
        wide = text_width(f"● {value_words(*group[:2])}", size.small, "bold") + 3
        if used + wide > size.width - 4 and lines[-1]:
            lines.append([])
            used = 0.0
        lines[-1].append(group)
        used += wide
    return lines


def _legend(sheet: Sheet, line: list[Group], y: float) -> None:
    x = 3.0
    for label, value, colour in line:
        words = f"● {value_words(label, value)}"
        sheet.text(x, y, words, fontsize=sheet.size.small, color=colour, fontweight="bold")
        x += text_width(words, sheet.size.small, "bold") + 3


def _panel(
    ax: Axes, own: pd.DataFrame, groups: list[Group], window: tuple[float, float], most: float, size: Size
) -> None:
    months = sorted(own.loc[own["estimate"].notna(), "month"].unique().tolist())
    first, last = (float(np.interp(month, [0, *months], range(-1, len(months)))) for month in window)
    if last > first:
        ax.axvspan(max(first, -0.5), last, color=PALE, alpha=0.45, linewidth=0, zorder=0)
    for index, (label, value, colour) in enumerate(groups):
        part = own[(own["label"] == label) & (own["value"] == value)].dropna(subset=["estimate"])
        off = STEP * (index - (len(groups) - 1) / 2)
        ranges(ax, [months.index(month) + off for month in part["month"]], part, colour, size)
    ax.set(xlim=(-0.5, len(months) - 0.5), ylim=(0, most), xlabel="", ylabel="")
    ax.set_xticks(range(len(months)), [str(month) for month in months])
    percent_axis(ax, most)
