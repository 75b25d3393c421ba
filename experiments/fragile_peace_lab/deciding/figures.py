"""Two figures of a decision: which option is best for which weights, and what it may cost to choose wrongly."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fragile_peace_lab.deciding import regret
from fragile_peace_lab.deciding.decision import Decision
from fragile_peace_lab.deciding.problem import value_text
from fragile_peace_lab.deciding.told import about
from fragile_peace_lab.deciding.weights import WEIGHTS
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.figures.drawing import (
    BLUE,
    COLUMN,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAGE,
    PALE,
    PURPLE,
    SKY,
    SLIDE,
    VERMILION,
    Picture,
    Sheet,
    Size,
    rounded,
)

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, INK, SKY, GREY)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAP = "best_option"
APART = ("best", "difference", "difference_low", "difference_high")
MAPPED = (*(name for name in regret.COLUMNS if name not in APART), "rivals")
"""The columns of the map's numbers, beside those that name a world."""
COLUMNS = {"page": 3, "column": 1, "slide": 5}
ON_A_SLIDE = 5
"""Worlds whose regret a slide can hold."""
CELL, STEP = 7.0, 4.2


def pictures(decision: Decision) -> list[Picture]:
    """Return the figures of a decision."""
    return [best_map(decision), regrets(decision)]


def sizes(picture: Picture, decision: Decision) -> list[Size]:
    """Return the sizes at which a figure can be read: regret in many worlds is too much for a slide."""
    crowded = picture.name == "regret" and len(decision.problem.worlds) > ON_A_SLIDE
    return [PAGE, COLUMN] if crowded else [PAGE, COLUMN, SLIDE]


def few_digits(numbers: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of a figure with few digits, but for the weights, by which its cells are looked up."""
    return rounded(numbers).assign(**{name: numbers[name].to_numpy() for name in WEIGHTS})


def short(name: str) -> str:
    """A tick label of at most some letters."""
    return name if len(name) <= 24 else f"{name[:23]}…"


def best_map(decision: Decision) -> Picture:
    """Return the figure of the best option over both weights, a panel a world."""
    problem = decision.problem
    table = decision.tables["losses"]
    numbers = table[table["best"]].drop(columns=[*APART])
    rivals = [_rivals(table, row, problem.keys) for _, row in numbers.iterrows()]
    numbers = few_digits(numbers.assign(rivals=rivals))
    title = "Which option is best, for which weights?"
    words = (
        "Across: weight of a war between Russia and NATO countries. Up: weight of ten European deaths. One ended "
        "ceasefire weighs 1. A faint cell: another option is not told apart from it by these runs (95%)."
    )
    sure = numbers[numbers["rivals"] == 0]
    counts = numbers["option"].value_counts()
    alt = (
        f"Grids of colours, one for each of {len(problem.worlds)} worlds. Best option by number of cells: "
        f"{', '.join(f'{name} {n}' for name, n in counts.items())}; {len(sure)} of {len(numbers)} cells told apart."
    )
    names = [name for name in problem.names if name in set(counts.index)]

    def draw(size: Size) -> Figure:
        return _draw_maps(size, decision, numbers, names, title, words)

    return Picture(MAP, title, alt, words, numbers, draw, about(decision))


def _rivals(table: pd.DataFrame, row: pd.Series, keys: tuple[str, ...]) -> int:
    """How many options are not told apart from the best one."""
    own = table
    for name in (*keys, *WEIGHTS):
        own = own[own[name] == row[name]]
    return int((~own["best"] & ~(own["difference_low"] > 0)).sum())


def _panels(
    size: Size, worlds: int, top: float, high: float, left: float, gap: float
) -> Callable[[int], tuple[float, float, float, float]]:
    """Return where the panel of a world stands: left, top, width, height in millimetres."""
    across = min(COLUMNS[size.name], worlds)
    width = (size.width - 3 - across * left) / across

    def place(index: int) -> tuple[float, float, float, float]:
        row, column = divmod(index, across)
        return left + column * (width + left), top + row * (high + gap) + gap * 0.45, width - 3, high

    return place


def _height(size: Size, worlds: int, top: float, high: float, gap: float) -> tuple[float, float]:
    """The height of a page and of its panels; a slide's is given."""
    rows = -(-worlds // min(COLUMNS[size.name], worlds))
    if size.height:
        return size.height, (size.height - top - 3) / rows - gap
    return top + rows * (high + gap) + 3, high


def _draw_maps(
    size: Size, decision: Decision, numbers: pd.DataFrame, names: list[str], title: str, words: str
) -> Figure:
    problem, weights = decision.problem, decision.weights
    wars, deaths = (sorted({pair[i] for pair in weights.pairs}) for i in (0, 1))
    scale, gap = size.text / 7.5, 13 * size.text / 7.5
    probe = Sheet(size, 100)
    key = (len(names) // (3 if size.name == "column" else 5) + 1) * probe.line_height(size.small) + 1
    top = probe.heading(title, words) + key
    height, high = _height(size, len(problem.worlds), top, CELL * scale * len(deaths), gap)
    sheet = Sheet(size, height)
    _key(sheet, names, problem.names, sheet.heading(title, words))
    place = _panels(size, len(problem.worlds), top, high, 9 * scale, gap)
    for index, world in enumerate(problem.worlds):
        left, above, width, high = place(index)
        sheet.text(left, above - 4.5 * scale, short_world(world), fontsize=size.small, fontweight="bold")
        ax = sheet.axes(left, above, width, high)
        own = numbers
        for name, value in world.items():
            own = own[own[name] == value]
        for row in own.to_dict("records"):
            _cell(ax, row, problem.names, (wars, deaths), size)
        ax.set(xlim=(-0.5, len(wars) - 0.5), ylim=(-0.5, len(deaths) - 0.5))
        ax.set_xticks(range(len(wars)), [f"{value:g}" for value in wars])
        ax.set_yticks(range(len(deaths)), [f"{value:g}" for value in deaths])
        ax.grid(visible=False)
    return sheet.figure


def short_world(world: Mapping[str, Any]) -> str:
    """A panel's heading: the values that name a world."""
    said = {name: value_text(value) for name, value in world.items()}
    return ", ".join(text if name == STRUCTURE else f"{name.split('.')[-1]} {text}" for name, text in said.items())


def _cell(
    ax: Axes, row: Mapping[str, Any], names: list[str], weights: tuple[list[float], list[float]], size: Size
) -> None:
    x, y = (values.index(row[name]) for values, name in zip(weights, WEIGHTS, strict=True))
    option = names.index(row["option"])
    colour = to_rgb(COLOURS[option % len(COLOURS)])
    faint = [1 - 0.3 * (1 - part) for part in colour]
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=faint if row["rivals"] else colour, edgecolor="white"))
    ink = INK if row["rivals"] else "white"
    ax.text(x, y, LETTERS[option % len(LETTERS)], ha="center", va="center", fontsize=size.small, color=ink)


def _key(sheet: Sheet, names: list[str], options: list[str], top: float) -> None:
    """Name the letters and colours, in columns."""
    size = sheet.size
    across = 3 if size.name == "column" else 5
    unit = sheet.line_height(size.small)
    for index, name in enumerate(names):
        row, column = divmod(index, across)
        x, y = 3 + column * (sheet.width - 6) / across, top + row * unit
        option = options.index(name)
        swatch = Rectangle(
            (x / sheet.width, 1 - (y + unit * 0.75) / sheet.height),
            unit * 0.7 / sheet.width,
            unit * 0.7 / sheet.height,
            transform=sheet.figure.transFigure,
            facecolor=COLOURS[option % len(COLOURS)],
            linewidth=0,
        )
        sheet.figure.add_artist(swatch)
        sheet.text(x + unit, y, f"{LETTERS[option % len(LETTERS)]}  {short(name)}", fontsize=size.small)


def regrets(decision: Decision) -> Picture:
    """Return the figure of regret at the shown weights, a panel a world."""
    problem, shown = decision.problem, decision.weights.shown
    own = decision.of("losses", {}, shown=True)
    numbers = rounded(own[[*problem.keys, "option", "loss", "best", "regret_low", "regret_high", "regret_95"]])
    title = "What may it cost to choose wrongly?"
    words = (
        f"Regret of each option at the weights {shown.war:g} (war between Russia and NATO countries) and "
        f"{shown.deaths:g} (ten European deaths). Bar: mean over the members, between its two bounds. Tick: at most "
        "this in 95% of the members. Filled: least loss on average."
    )
    best = numbers[numbers["best"]]
    said = [f"{short_world({k: row[k] for k in problem.keys})}: {row['option']}" for _, row in best.iterrows()]
    alt = f"Bars of regret, a panel a world. Least loss on average: {'; '.join(said)}."

    def draw(size: Size) -> Figure:
        return _draw_regrets(size, decision, numbers, title, words)

    return Picture("regret", title, alt, words, numbers, draw, about(decision))


def _draw_regrets(size: Size, decision: Decision, numbers: pd.DataFrame, title: str, words: str) -> Figure:
    problem = decision.problem
    scale, gap = size.text / 7.5, 13 * size.text / 7.5
    top = Sheet(size, 100).heading(title, words)
    height, high = _height(size, len(problem.worlds), top, STEP * scale * len(problem.options), gap)
    sheet = Sheet(size, height)
    sheet.heading(title, words)
    place = _panels(size, len(problem.worlds), top, high, 22 * scale, gap)
    most = float(numbers["regret_95"].max()) or 1.0
    for index, world in enumerate(problem.worlds):
        left, above, width, high = place(index)
        sheet.text(left - 19 * scale, above - 4.5 * scale, short_world(world), fontsize=size.small, fontweight="bold")
        ax = sheet.axes(left, above, width, high)
        own = numbers
        for name, value in world.items():
            own = own[own[name] == value]
        for at, row in enumerate(own.to_dict("records")):
            low = max(row["regret_low"], 0.0) if row["regret_low"] == row["regret_low"] else 0.0
            ax.hlines(at, low, row["regret_high"], color=BLUE, linewidth=size.line * 3)
            ax.hlines(at, 0, row["regret_95"], color=PALE, linewidth=size.line / 2, zorder=1)
            ax.plot(row["regret_95"], at, "|", color=GREY, markersize=size.line * 4)
            face = BLUE if row["best"] else "white"
            ax.plot(row["regret_high"], at, "o", markersize=size.line * 3, markeredgecolor=BLUE, markerfacecolor=face)
        ax.set(xlim=(-0.02 * most, 1.05 * most), ylim=(len(own) - 0.5, -0.5))
        ax.set_yticks(range(len(own)), [short(name) for name in own["option"]])
        ax.grid(visible=False, axis="y")
        ax.grid(axis="x", linewidth=size.line / 2)
    return sheet.figure
