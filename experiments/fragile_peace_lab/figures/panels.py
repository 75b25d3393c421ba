"""Small multiples: rows of panels that share a scale, one column for each value of a lever, at every size.

On paper a row has its title above it and the columns stand side by side; on a slide rows and columns change places, so
that a wide screen is filled. Heights are in millimetres and follow from what is in them. A slide's are given: where
many values of the lever stand below each other, it is drawn larger, and its type is smaller on the screen.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace.words.wording import percent
from fragile_peace_lab.estimates.basis import PRIOR_DRIVEN, Basis
from fragile_peace_lab.figures.drawing import ORANGE, Sheet, Size, wrapped

CUT_SHORT = (
    "A run ends when war comes back: strikes, deaths, exchanges of fire, invocations, withdrawals and violations are "
    "counted only up to then."
)
"""Said beside counts that the end of a run cuts short."""
Paint = Callable[[Axes, "Row", Any, Size], None]
Line = tuple[str, str, str]
"""Words, colour, weight."""
WORDS = 2.0
"""From this room on, in units of the text size, tick labels left of a panel are words, written once on a slide."""
LARGEST = 300
"""How much larger than its size a slide may be drawn, in percent."""


@dataclass(frozen=True)
class Row:
    """One row of panels.

    Attributes
    ----------
    key : the outcome
    title, short : its name on paper and on a slide
    colour : of where it happens
    prior : whether it turns on the return of war, and so on the basis
    basis : what such outcomes rest on in this sweep
    rests : what its parameter variance rests on, in a few words; "" where it cannot be told
    own_axis : whether its panels have tick labels of their own below
    under : lines of text below its panels on paper
    """

    key: str
    title: str
    short: str
    colour: str
    prior: bool = False
    basis: Basis = PRIOR_DRIVEN
    rests: str = ""
    own_axis: bool = False
    under: int = 0

    @property
    def told(self) -> str:
        """What stands under its title on paper."""
        return "; ".join(words for words in (self.basis.panel if self.prior else "", self.rests) if words)


@dataclass(frozen=True)
class Grid:
    """A figure of small multiples.

    Attributes
    ----------
    rows : from the top
    columns, headings : the values of the lever across the panels, and what they are called ("" for none)
    foot, foot_on_paper : the title of the axis along the panels, and what is added to it on paper
    paint : draws one panel, given axes, row, column and size
    standing : height of tick labels that stand upright below the last row, from size and width of a panel
    keyed : whether the key of the two bands stands above
    left : room for tick labels left of a panel, in units of the text size
    panel : height of a panel on paper, in millimetres, and on a column
    lines : least height of a panel on a slide, in lines of ticks
    below, below_height : what else is drawn under the panels on paper, and how high it is
    """

    title: str
    subtitle: str
    rows: Sequence[Row]
    columns: Sequence[Any]
    headings: Sequence[str]
    foot: str
    paint: Paint
    keyed: bool = True
    left: float = 1.35
    panel: tuple[float, float] = (23.0, 20.0)
    lines: float = 4.5
    foot_on_paper: str = ""
    standing: Callable[[Size, float], float] = lambda size, width: 0.0
    below: Callable[[Sheet, float], None] | None = None
    below_height: Callable[[Size], float] = lambda size: 0.0

    def draw(self, size: Size) -> Figure:
        """Draw it."""
        return self._slide(size) if size.height else self._page(size)

    def _page(self, size: Size) -> Figure:
        probe = Sheet(size, 100)
        pad, line, small = size.text * 0.4, probe.line_height(size.text), probe.line_height(size.small)
        left, gap = size.text * self.left, size.text * 0.42
        width = (size.width - left - size.text * 0.45 - gap * (len(self.columns) - 1)) / len(self.columns)
        panel = self.panel[0] if size.wide else self.panel[1]
        names = [wrapped(words, width, size.text, "bold") for words in self.headings]
        titles = [wrapped(row.title, size.width - 2 * pad, size.text, "bold") for row in self.rows]
        foot = wrapped(self.foot + self.foot_on_paper, size.width - pad - left, size.text)
        head = probe.heading(self.title, self.subtitle) + (probe.band_key(pad, 0) + small * 0.3 if self.keyed else 0.0)
        above = line * max(len(lines) for lines in names) + small * 0.25
        deep = [
            line * (len(lines) + bool(row.told)) + small * 0.15 for lines, row in zip(titles, self.rows, strict=True)
        ]
        last = self.rows[-1]
        upright = max(0.0, self.standing(size, width) - small)
        below = [small * (0.75 + row.under + 1.1 * (row.own_axis and row is not last)) for row in self.rows]
        body = sum(deep) + sum(below) + len(self.rows) * panel
        end = head + above + body + upright + small * 1.1 + line * len(foot) + small * 0.4
        sheet = Sheet(size, end + (self.below_height(size) if self.below else 0.0))
        y = sheet.heading(self.title, self.subtitle)
        if self.keyed:
            sheet.band_key(pad, y)
        for place, lines in enumerate(names):
            for number, words in enumerate(lines):
                sheet.text(left + place * (width + gap), head + number * line, words, fontweight="bold")
        y = head + above
        for row, lines, depth, after in zip(self.rows, titles, deep, below, strict=True):
            long_name(sheet, pad, y, row, lines)
            y += depth
            for place, value in enumerate(self.columns):
                ax = sheet.axes(left + place * (width + gap), y, width, panel)
                self.paint(ax, row, value, size)
                ax.tick_params(labelleft=place == 0, labelbottom=row is last or row.own_axis)
            y += panel + after
        y += upright + small * 1.1
        for number, words in enumerate(foot):
            sheet.text(left, y + number * line, words)
        if self.below:
            self.below(sheet, end)
        return sheet.figure

    def _slide(self, size: Size) -> Figure:
        size, frame = self._room(size)
        sheet = Sheet(size, 0)
        pad, small = size.text * 0.4, sheet.line_height(size.small)
        y = sheet.heading(self.title, self.subtitle)
        if self.keyed:
            sheet.band_key(pad, y)
        for place, lines in enumerate(frame.names):
            short_named(sheet, frame.left(place), frame.named, lines)
        for down, (value, heading) in enumerate(zip(self.columns, self.headings, strict=True)):
            top = frame.top + down * frame.step
            for number, words in enumerate(wrapped(heading, frame.margin * 1.05, size.small, "bold")):
                sheet.text(pad, top + number * small, words, fontweight="bold", fontsize=size.small)
            for place, row in enumerate(self.rows):
                ax = sheet.axes(frame.left(place), top, frame.width, frame.step - small * self._under(row))
                self.paint(ax, row, value, size)
                ax.tick_params(
                    labelbottom=row.own_axis or down == len(self.columns) - 1,
                    labelleft=not (self.left >= WORDS and place),
                )
        for number, words in enumerate(frame.foot):
            y = sheet.height - small * (0.3 + len(frame.foot) - number)
            sheet.text(frame.first, y, words, fontsize=size.small)
        return sheet.figure

    def _room(self, size: Size) -> "tuple[Size, Frame]":
        """Return the smallest slide on which every panel has its `lines`, and where things stand on it."""
        for percentage in range(100, LARGEST + 1, 5):
            factor = percentage / 100
            larger = replace(size, width=size.width * factor, height=size.height * factor)
            probe = Sheet(larger, 0)
            frame = self._frame(probe)
            if frame.step >= probe.line_height(size.small) * (self.lines + max(map(self._under, self.rows))):
                break
        return larger, frame

    def _under(self, row: Row) -> float:
        """Lines of ticks between two panels on a slide."""
        return 1.7 if row.own_axis and len(self.columns) > 1 else 0.8

    def _frame(self, probe: Sheet) -> "Frame":
        """Where things stand on a slide; its heading is written on the probe to see how high it is."""
        size = probe.size
        pad, small = size.text * 0.4, probe.line_height(size.small)
        y = probe.heading(self.title, self.subtitle)
        if self.keyed:
            y += probe.band_key(pad, y) + small * 0.4
        margin = size.text * 1.7 if any(self.headings) else 0.0
        own = size.text * (1.2 if self.left < WORDS else self.left * 0.62)
        gap = size.text * (1.25 if self.left < WORDS else 0.3)
        first = pad + margin + own
        width = (size.width - first - pad - gap * (len(self.rows) - 1)) / len(self.rows)
        names = [short_name(row, width + gap * 0.3, size.small) for row in self.rows]
        top = y + small * (0.35 + max(map(len, names)))
        foot = wrapped(self.foot, size.width - first - pad, size.small)
        end = small * (1.7 + len(foot)) + max(0.0, self.standing(size, width) - small)
        step = (probe.height - top - end) / len(self.columns)
        return Frame(names, foot, margin, first, width, gap, y, top, step)


class Frame(NamedTuple):
    """Where things stand on a slide, in millimetres.

    Attributes
    ----------
    names, foot : the lines of each row's short title, and those below all panels
    margin : room for what the values of the lever are called
    first, width, gap : where the first panel begins, how wide each is, and what is between them
    named, top : where the short titles and the panels begin
    step : from panel to panel downward
    """

    names: list[list[Line]]
    foot: list[str]
    margin: float
    first: float
    width: float
    gap: float
    named: float
    top: float
    step: float

    def left(self, place: int) -> float:
        """Where the panels of a row begin."""
        return self.first + place * (self.width + self.gap)


def long_name(sheet: Sheet, x: float, y: float, row: Row, lines: Sequence[str]) -> None:
    """Write a row's title, and under it what it rests on."""
    line = sheet.line_height(sheet.size.text)
    for number, words in enumerate(lines):
        sheet.text(x, y + number * line, words, color=row.colour, fontweight="bold")
    if row.told:
        sheet.text(x, y + len(lines) * line, row.told, color=ORANGE, fontsize=sheet.size.small)


def short_name(row: Row, width: float, size: float) -> list[Line]:
    """Return a row's short title, and what it rests on if it turns on the return of war: words, colour and weight."""
    lines = [(words, row.colour, "bold") for words in wrapped(row.short, width, size, "bold")]
    return lines + [(words, ORANGE, "normal") for words in (wrapped(row.basis.short, width, size) if row.prior else ())]


def short_named(sheet: Sheet, x: float, y: float, lines: Sequence[Line]) -> None:
    """Write a short title in the size of ticks."""
    size = sheet.size.small
    for number, (words, colour, weight) in enumerate(lines):
        sheet.text(x, y + number * sheet.line_height(size), words, color=colour, fontweight=weight, fontsize=size)


def show(value: float, unit: str) -> str:
    """Return a number as its figure writes it: a probability in percent, a rate in three digits."""
    if pd.isna(value):
        return "unknown"
    if unit in ("probability", "share"):
        return percent(min(max(float(value), 0.0), 1.0))
    return f"{float(f'{value:.3g}'):,g}"


def ranged(row: Any) -> str:
    """Return an estimate with both of its ranges, in words."""
    unit = str(row["unit"])
    parts = []
    if pd.notna(row["mc_low"]):
        parts.append(f"Monte Carlo {show(row['mc_low'], unit)} to {show(row['mc_high'], unit)}")
    if pd.notna(row["param_low"]):
        parts.append(f"unknowns {show(row['param_low'], unit)} to {show(row['param_high'], unit)}")
    return show(row["estimate"], unit) + (f" ({', '.join(parts)})" if parts else " (its error cannot be told)")


def percent_axis(ax: Axes, top: float) -> None:
    """Give a probability axis from 0 to `top` ticks in percent."""
    small = (factor * 10.0**power for power in range(-8, -1) for factor in (1, 2, 5))
    step = next((value for value in (*small, 0.1, 0.2, 0.25, 0.5) if top / value <= 4.5), 0.5)
    ticks = [step * place for place in range(int(min(top, 1.0) / step + 1e-9) + 1)]
    power = math.floor(math.log10(100 * step) + 1e-9)
    if power < -3:  # written out, it would not fit beside the axis
        words = [f"{100 * tick / 10.0**power:.0f}e{power}%" for tick in ticks]
    else:
        words = [f"{100 * tick:.6g}%" for tick in ticks]
    ax.set_yticks(ticks, ["0", *words[1:]])


def upper(part: pd.DataFrame, room: float = 1.28) -> float:
    """Return the upper end of a row's scale: its widest band, with room for a line of text."""
    ends = part[["estimate", "mc_high", "param_high"]].apply(pd.to_numeric).max().max()
    highest = 0.0 if pd.isna(ends) else float(ends)
    return room * highest if highest > 0 else 1.0


def scale(part: pd.DataFrame, room: float = 1.28) -> tuple[float, float]:
    """Return both ends of a row's scale: from 0, or from below its widest band where that is negative."""
    lowest = part[["estimate", "mc_low", "param_low"]].apply(pd.to_numeric).min().min()
    if pd.isna(lowest) or lowest >= 0:
        return 0.0, upper(part, room)
    highest = max(0.0, float(part[["estimate", "mc_high", "param_high"]].apply(pd.to_numeric).max().max()))
    spare = (room - 1) * (highest - float(lowest))
    return float(lowest) - spare, highest + spare
