"""The figure of the brief: for every pair of weights, in which share of the worlds each option is best."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fragile_peace_lab.deciding.brief.rows import Decided
from fragile_peace_lab.deciding.figures import COLOURS, LETTERS, MAP, few_digits, short
from fragile_peace_lab.deciding.weights import WEIGHTS
from fragile_peace_lab.figures.drawing import Picture, Sheet, Size

NARROW = Size("brief", 89, 7, 6, 1.0, 300, ("svg", "png"))
CELL, LEFT, LEGEND = 7.5, 14.0, 3


def map_of_weights(decided: Decided) -> Picture:
    """Return the figure: a cell a pair of weights, cut by the share of worlds in which each option is best."""
    table = decided.tables[MAP]
    weights = [*reversed(WEIGHTS)]
    shares = table.groupby(weights)["option"].value_counts(normalize=True).rename("share").reset_index()
    order = {name: index for index, name in enumerate(decided.options)}
    numbers = few_digits(
        shares.sort_values([*weights, "option"], key=lambda own: own.map(order) if own.name == "option" else own)
    )
    names = [name for name in decided.options if name in set(numbers["option"])]
    title = "Which option is best, by what is weighed?"
    words = "A cell is cut by the share of the worlds in which an option loses least."
    first = [row.option for row in numbers.sort_values("share", ascending=False).drop_duplicates(weights).itertuples()]
    counts = pd.Series(first).value_counts()
    alt = "A grid of weights. In most worlds best, by number of cells: " + ", ".join(
        f"{name} {count}" for name, count in counts.items()
    ) + "."  # fmt: skip

    def draw(size: Size) -> Figure:
        return _draw(size, numbers, names, decided.options, title, words)

    return Picture("brief", title, alt, words, numbers, draw)


def _draw(size: Size, numbers: pd.DataFrame, names: list[str], options: list[str], title: str, words: str) -> Figure:
    wars, deaths = (sorted(numbers[name].unique().tolist()) for name in WEIGHTS)
    probe = Sheet(size, 100)
    unit = probe.line_height(size.small)
    top = probe.heading(title, words) + (-(-len(names) // LEGEND)) * unit + 1.5
    sheet = Sheet(size, top + CELL * len(deaths) + 9)
    _legend(sheet, names, options, sheet.heading(title, words))
    ax = sheet.axes(LEFT, top, sheet.width - LEFT - 2, CELL * len(deaths))
    for (death, war), own in numbers.groupby([*reversed(WEIGHTS)], sort=False):
        _cell(ax, wars.index(war) - 0.5, deaths.index(death) - 0.5, own.to_dict("records"), names, options, size)
    ax.set(xlim=(-0.5, len(wars) - 0.5), ylim=(-0.5, len(deaths) - 0.5))
    ax.set_xticks(range(len(wars)), [f"{value:g}" for value in wars])
    ax.set_yticks(range(len(deaths)), [f"{value:g}" for value in deaths])
    ax.set_xlabel("weight of a war between Russia and NATO countries", fontsize=size.small)
    ax.set_ylabel("weight of ten\nEuropean deaths", fontsize=size.small)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return sheet.figure


def _cell(
    ax: Axes, x: float, y: float, rows: list[dict[str, Any]], names: list[str], options: list[str], size: Size
) -> None:
    left = x + 0.03
    for row in rows:
        option, width = options.index(row["option"]), 0.94 * row["share"]
        colour = COLOURS[option % len(COLOURS)]
        ax.add_patch(Rectangle((left, y + 0.05), width, 0.9, facecolor=colour, edgecolor="white", linewidth=0.4))
        if width > 0.14:
            letter = LETTERS[names.index(row["option"]) % len(LETTERS)]
            ax.text(left + width / 2, y + 0.5, letter, ha="center", va="center", fontsize=size.small, color="white")
        left += width


def _legend(sheet: Sheet, names: list[str], options: list[str], top: float) -> None:
    size, unit = sheet.size, sheet.line_height(sheet.size.small)
    for index, name in enumerate(names):
        row, column = divmod(index, LEGEND)
        x, y, option = 3 + column * (sheet.width - 6) / LEGEND, top + row * unit, options.index(name)
        box = (
            (x / sheet.width, 1 - (y + unit * 0.75) / sheet.height),
            unit * 0.7 / sheet.width,
            unit * 0.7 / sheet.height,
        )
        colour = COLOURS[option % len(COLOURS)]
        sheet.figure.add_artist(Rectangle(*box, transform=sheet.figure.transFigure, facecolor=colour, linewidth=0))
        sheet.text(x + unit, y, f"{LETTERS[index % len(LETTERS)]}  {short(name)}", fontsize=size.small)
