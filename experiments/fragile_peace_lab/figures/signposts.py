"""Signposts, drawn: the chance that a truce is in its calm basin by what was recorded, and how often the rule errs."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.signposts import RECENT
from fragile_peace_lab.figures.drawing import BLUE, GREY, INK, VERMILION, Picture, Sheet, Size, rounded
from fragile_peace_lab.figures.panels import percent_axis

ERRORS = (("false_alarm", "false alarms, of truces that are calm", BLUE, -0.16),
          ("miss", "misses, of truces that are not", VERMILION, 0.16))  # fmt: skip
HIGH, ROW = 30.0, 5.0
"""Millimetres on paper: of a panel of chances, and of a structure's row of errors."""
ACROSS = {"page": 4, "column": 2, "slide": 4}


def signs(tables: dict[str, pd.DataFrame]) -> Picture:
    """Return the figure of the tables of `estimates.signposts`."""
    rules, right = tables["rules"], tables["calibration"]
    first = right[right[STRUCTURE] == right[STRUCTURE].iloc[0]] if STRUCTURE in right else right
    parts = {"chance": tables["chances"], "calibration": first, "rule": rules}
    numbers = rounded(pd.concat([table.assign(what=name) for name, table in parts.items()], ignore_index=True))
    title = "What do recorded violations tell of the truce?"
    where = f" in the structure {rules[STRUCTURE].iloc[0]}" if STRUCTURE in rules else ""
    words = (
        "Above: the chance that it is in its calm basin, by violations recorded on the line per 100 km and week over "
        f"the last {RECENT} weeks{where}. Line: learnt from half of the members; points: what was so in the other "
        "half, with 95% intervals over members; dashed: alarm beyond it. Below: how often that alarm errs there."
    )
    said = [
        f"after {row.weeks} weeks alarm above {row.threshold:.2g}, false alarms {row.false_alarm:.0%}, "
        f"misses {row.miss:.0%}"
        for row in rules.drop_duplicates("weeks").itertuples()
    ]
    alt = f"Falling curves of the chance of calm against recorded violations. {'; '.join(said)}."
    caption = (
        "Calm: in force at the horizon, with more than half of its restraint left in most places of the line. The "
        "chance is fitted by isotonic regression, the alarm by the least sum of both error rates, in the first "
        "structure; the same alarm is judged in every structure. It is about members of a sample, not about the world."
    )

    def draw(size: Size) -> Figure:
        return _draw(size, numbers, title, words)

    about = {"estimator": "isotonic regression; held-out members", "interval": "jackknife over members, 95 %"}
    return Picture("signposts", title, alt, caption, numbers, draw, about)


def _draw(size: Size, numbers: pd.DataFrame, title: str, words: str) -> Figure:
    weeks = sorted(numbers["weeks"].unique().tolist())
    rules = numbers[numbers["what"] == "rule"]
    names = list(dict.fromkeys(rules[STRUCTURE])) if STRUCTURE in numbers else [""]
    across = min(ACROSS[size.name], len(weeks))
    down, unit = -(-len(weeks) // across), Sheet(size, 100).line_height(size.small)
    top, scale = Sheet(size, 100).heading(title, words), size.text / 7.5
    low, gap = ROW * scale * len(names), 1.5 * unit
    between, under = (5.4 if size.name == "column" else 4.4) * unit, 2.2 * unit
    rest = top + down * (gap + low + between + under) + 1.0 * unit
    high = (size.height - rest) / down if size.height else HIGH
    sheet = Sheet(size, rest + down * high)
    sheet.heading(title, words)
    left = 9 * scale + (max(len(name) for name in names) * size.small * 0.19 if names != [""] else 0.0)
    width = (sheet.width - left - 2) / across
    for place, week in enumerate(weeks):
        row, column = divmod(place, across)
        x, y = left + column * width, top + row * (gap + high + between + low + under)
        sheet.text(x, y, f"after {week} weeks", fontsize=size.small, fontweight="bold")
        ax = sheet.axes(x, y + gap, width - 3 * scale, high)
        own = numbers[numbers["weeks"] == week]
        _chances(ax, own, float(numbers["violations"].max()), size)
        if column == 0:
            sheet.text(
                left, y + gap + high + 1.5 * unit, "violations per 100 km and week", fontsize=size.small, color=GREY
            )
        below = sheet.axes(x, y + gap + high + between, width - 3 * scale, low)
        _errors(below, rules[rules["weeks"] == week], names, size)
        if column:
            ax.set_yticklabels([])
            below.set_yticklabels([])
        if column == 0:
            _key(sheet, left, y + gap + high + 2.9 * unit)
    return sheet.figure


def _scale(most: float) -> Callable[[np.ndarray], np.ndarray]:
    """Where a record stands along the axis: none at 0, then by its logarithm."""
    return lambda values: np.log10(1 + 10 * np.asarray(values, float)) / np.log10(1 + 10 * most)


def _chances(ax: Axes, own: pd.DataFrame, most: float, size: Size) -> None:
    at = _scale(most)
    line, points = own[own["what"] == "chance"], own[own["what"] == "calibration"]
    ax.plot(at(line["violations"]), line["chance"], color=INK, linewidth=size.line)
    ax.vlines(at(points["violations"]), points["calm_low"], points["calm_high"], color=BLUE, linewidth=size.line)
    ax.plot(at(points["violations"]), points["calm"], "o", color=BLUE, markersize=size.line * 3, markeredgewidth=0)
    threshold = float(own.loc[own["what"] == "rule", "threshold"].iloc[0])
    ax.axvline(float(at(np.array(threshold))), color=VERMILION, linewidth=size.line * 0.8, linestyle=(0, (3, 1.5)))
    ax.text(
        float(at(np.array(threshold))) + 0.02,
        0.97,
        f"alarm above {threshold:.2g}",
        fontsize=size.small,
        color=VERMILION,
        va="top",
    )
    ticks = [value for value in (0, 1, 10, 100) if value <= most]
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.02), xlabel="", ylabel="")
    ax.set_xticks(at(np.array(ticks)), [f"{tick:,}" for tick in ticks])
    percent_axis(ax, 1.0)


def _errors(ax: Axes, rules: pd.DataFrame, names: list[str], size: Size) -> None:
    for key, _, colour, off in ERRORS:
        at = np.arange(len(rules)) + off
        ax.hlines(at, rules[f"{key}_low"], rules[f"{key}_high"], color=colour, linewidth=size.line)
        ax.plot(rules[key], at, "o", color=colour, markersize=size.line * 2.6, markeredgewidth=0)
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5), xlabel="", ylabel="")
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    for label, side in zip(ax.get_xticklabels(), ("left", "center", "right"), strict=True):
        label.set(horizontalalignment=side)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x", linewidth=size.line / 2)


def _key(sheet: Sheet, x: float, y: float) -> None:
    for _, words, colour, _ in ERRORS:
        sheet.text(x, y, f"● {words}", fontsize=sheet.size.small, color=colour, fontweight="bold")
        y += sheet.line_height(sheet.size.small) if sheet.size.name == "column" else 0.0
        x += 0.0 if sheet.size.name == "column" else sheet.width * 0.36
