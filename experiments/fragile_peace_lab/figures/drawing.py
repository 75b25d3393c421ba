"""The house style of the figures, and what they are built from: sizes, bands, labels, and files of stable bytes.

A figure is drawn at three sizes: `page` (183 mm, two columns of a journal), `column` (89 mm, one column, also what a
telephone shows) and `slide` (16:9). Lengths are in millimetres, type in points. Two bands are never merged: the dark
narrow one is Monte Carlo error (how many runs), the light wide one parameter uncertainty (how little is known).

Files are the same bytes for the same numbers under the same lock: Agg, DejaVu Sans (which matplotlib brings along), a
fixed salt for SVG ids, no dates and no versions in the metadata.
"""

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import Rectangle

from fragile_peace_lab import durable
from fragile_peace_lab.design.axis import is_key

DIGITS = 6
INCH = 25.4
INK, GREY, PALE = "#1a1a1a", "#595959", "#d9d9d9"
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#C44E00", "#00805E", "#A3487E", "#9A6A00", "#2F7FB0"
"""Okabe & Ito's colours, some darkened until text in them has a contrast of 4.5 on white."""
OTHERS = ("backend", "backend_fallback", "interactive", "toolbar", "date.epoch")
"""Settings of matplotlib that are of the place and not of a figure."""
STYLE: dict[Any, Any] = {name: value for name, value in mpl.rcParamsDefault.items() if name not in OTHERS} | {
    "svg.hashsalt": "fragile-peace",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "text.hinting": "none",  # widths that do not depend on the resolution
    "path.simplify": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.use_locale": False,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": "#ebebeb",
    "timezone": "UTC",
}
"""All of matplotlib's settings, so that a reader's own change nothing: its defaults, and ours."""
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None, "ModDate": None},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class Size:
    """One size of a figure: its width, the type of text and of ticks, the width of lines,
    the resolution of a PNG, the kinds of files."""

    name: str
    width: float
    text: float
    small: float
    line: float
    dpi: int
    kinds: tuple[str, ...]
    height: float = 0.0  # 0: as high as it needs

    @property
    def wide(self) -> bool:
        """Whether panels may stand side by side."""
        return self.name != "column"


PAGE = Size("page", 183, 7.5, 6.5, 1.2, 200, ("svg", "pdf", "png"))
COLUMN = Size("column", 89, 7, 6, 1.0, 300, ("svg", "pdf"))
SLIDE = Size("slide", 338.667, 15, 12.5, 2.2, 144, ("png", "pdf"), 190.5)
SIZES = {size.name: size for size in (PAGE, COLUMN, SLIDE)}


@dataclass(frozen=True)
class Picture:
    """A figure before it is drawn.

    Attributes
    ----------
    name : of its files
    title : one line
    alt : what a reader who cannot see it should know
    caption : what it shows and how to read it
    numbers : the plotted numbers, one row a mark, as `rounded` has them
    draw : draws it at a size
    about : what the sidecar says beyond that: estimator, interval, assumptions
    """

    name: str
    title: str
    alt: str
    caption: str
    numbers: pd.DataFrame
    draw: Callable[[Size], Figure]
    about: dict[str, Any] = field(default_factory=dict)


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its floats at DIGITS significant digits, but for the values of levers, which are keys.

    What is written is what is drawn.
    """
    out = frame.reset_index(drop=True).copy()
    for name in out.columns:
        if out[name].dtype == object and out[name].isna().all():
            out[name] = out[name].astype(float)  # not one of them is known
        if pd.api.types.is_float_dtype(out[name]) and not is_key(name):
            out[name] = [value if math.isnan(value) else float(f"{value:.{DIGITS}g}") for value in out[name].tolist()]
    return out


class Sheet:
    """A page laid out in millimetres from its upper left corner."""

    def __init__(self, size: Size, height: float) -> None:
        self.size = size
        self.width, self.height = size.width, size.height or height
        with mpl.rc_context(STYLE):
            self.figure = Figure(figsize=(self.width / INCH, self.height / INCH))

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes with this rectangle."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        with mpl.rc_context(STYLE):
            ax = self.figure.add_axes(box)
        small = self.size.small
        ax.tick_params(labelsize=small, length=small / 3, width=self.size.line / 2, pad=small / 4)
        for spine in ax.spines.values():
            spine.set_linewidth(self.size.line / 2)
        ax.grid(axis="y", linewidth=self.size.line / 2)
        return ax

    def text(self, x: float, y: float, words: str, **style: Any) -> Any:
        """Write at x, y millimetres from the upper left corner."""
        style = {"fontsize": self.size.text, "va": "top", "ha": "left", **style}
        return self.figure.text(x / self.width, 1 - y / self.height, words, **style)

    def line_height(self, points: float) -> float:
        """Millimetres from line to line of text of so many points."""
        return points * 1.3 * INCH / 72

    def paragraph(self, x: float, y: float, words: str, width: float, **style: Any) -> float:
        """Write text wrapped to a width; returns the millimetres it takes down the page."""
        points = style.get("fontsize", self.size.text)
        weight = style.get("fontweight", "normal")
        lines = wrapped(words, width, points, weight)
        for number, line in enumerate(lines):
            self.text(x, y + number * self.line_height(points), line, **style)
        return len(lines) * self.line_height(points)

    def heading(self, title: str, subtitle: str = "") -> float:
        """Write title and subtitle; returns how far down they reach, with the gap below."""
        margin, width = self.size.text * 0.4, self.width - self.size.text * 0.8
        down = margin + self.paragraph(margin, margin, title, width, fontsize=self.size.text * 1.2, fontweight="bold")
        if subtitle:
            down += self.paragraph(margin, down, subtitle, width, fontsize=self.size.small, color=GREY)
        return down + self.size.text * 0.25

    def band_key(self, x: float, y: float) -> float:
        """Draw what the two bands mean; returns the millimetres it takes down the page."""
        unit = self.size.small * INCH / 72
        entries = (
            (0.85, "dark: Monte Carlo error, 95%"),
            (0.22, "light: parameter uncertainty, 90%"),
        )
        for alpha, words in entries:
            swatch = Rectangle(
                (x / self.width, 1 - (y + unit) / self.height), 2.2 * unit / self.width, unit / self.height,
                transform=self.figure.transFigure, facecolor=GREY, alpha=alpha, edgecolor=GREY, linewidth=0.3,
            )  # fmt: skip
            self.figure.add_artist(swatch)
            self.text(x + 2.8 * unit, y - 0.12 * unit, words, fontsize=self.size.small)
            x += 2.8 * unit + text_width(words, self.size.small) + 2 * unit
            if x > self.width * 0.75:
                x, y = 2 * unit, y + 1.5 * unit
        return 1.7 * unit


def text_width(words: str, points: float, weight: str = "normal") -> float:
    """Return how wide a line of text is, in millimetres."""
    return sum(_advance(letter, weight) for letter in words) * points / 72 * INCH


@lru_cache(maxsize=4096)
def _advance(letter: str, weight: str) -> float:
    """The width of a letter, in units of the type's size."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(100, 72)
    return float(font.load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100


def wrapped(words: str, width: float, points: float, weight: str = "normal") -> list[str]:
    """Break text into lines no wider than so many millimetres."""
    width *= 0.965  # hinting widens text at low resolution
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, points, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def bands(ax: Axes, frame: pd.DataFrame, x: str, colour: str, size: Size, **style: Any) -> None:
    """Draw one curve with its two bands; a single point, or names instead of numbers, become points with bars.

    Parameters
    ----------
    frame : rows in order of x, with estimate, mc_low, mc_high, param_low, param_high (NaN: no such band)
    x : the column along the axis; positions 0, 1, ... if it holds no numbers
    """
    frame = frame.dropna(subset=["estimate"])
    if frame.empty:
        return
    numeric = pd.api.types.is_numeric_dtype(frame[x]) and not pd.api.types.is_bool_dtype(frame[x])
    if numeric and len(frame) > 1:
        if frame["param_low"].notna().all():
            ax.fill_between(frame[x], frame["param_low"], frame["param_high"], color=colour, alpha=0.2, linewidth=0)
            for edge in ("param_low", "param_high"):
                ax.plot(frame[x], frame[edge], color=colour, alpha=0.45, linewidth=size.line / 3, zorder=1.5)
        ax.fill_between(frame[x], frame["mc_low"], frame["mc_high"], color=colour, alpha=0.55, linewidth=0)
        ax.plot(
            frame[x], frame["estimate"], color=colour, linewidth=size.line, marker=style.get("marker", "o"),
            markersize=size.line * 2.6, markeredgewidth=0, linestyle=style.get("linestyle", "-"),
        )  # fmt: skip
    else:
        where = list(frame[x]) if numeric else list(range(len(frame)))
        ranges(ax, where, frame, colour, size, marker=style.get("marker", "o"))
    ax.set(xlabel="", ylabel="")


def ranges(
    ax: Axes,
    where: Sequence[float],
    frame: pd.DataFrame,
    colour: str,
    size: Size,
    marker: str = "o",
    across: bool = False,
) -> None:
    """Draw estimates as points with a light wide bar and a dark narrow one; `across` lays them along x."""
    draw = ax.hlines if across else ax.vlines
    known = frame["param_low"].notna().to_numpy()
    at = pd.Series(list(where), dtype=float)
    if known.any():
        draw(
            at[known],
            frame["param_low"][known],
            frame["param_high"][known],
            color=colour,
            alpha=0.25,
            linewidth=size.line * 4.5,
        )
    draw(at, frame["mc_low"], frame["mc_high"], color=colour, alpha=0.95, linewidth=size.line * 1.3)
    x, y = (frame["estimate"], at) if across else (at, frame["estimate"])
    ax.plot(
        x, y, marker, color=colour, markersize=size.line * 3, markeredgewidth=0.4, markeredgecolor="white", zorder=3
    )


def marked(ax: Axes) -> None:
    """Tint a panel whose numbers rest on no record."""
    ax.set_facecolor("#f6f3ec")


def write(picture: Picture, folder: Path, sizes: Sequence[Size], about: Mapping[str, Any]) -> list[Path]:
    """Write a figure's files at every size, the CSV of its numbers and its JSON sidecar; returns the paths.

    The page size carries the figure's own name, others add theirs. Raises InputError where the disk fails.
    """
    durable.folder(folder)
    written = []
    for size in sizes:
        stem = picture.name if size.name == PAGE.name else f"{picture.name}_{size.name}"
        with mpl.rc_context(STYLE):
            figure = picture.draw(size)
            for kind in size.kinds:
                path = folder / f"{stem}.{kind}"
                durable.write(path, rendered(figure, kind, size))
                written.append(path)
    numbers = folder / f"{picture.name}.csv"
    durable.write(numbers, picture.numbers.to_csv(index=False, lineterminator="\n").encode())
    sidecar = folder / f"{picture.name}.json"
    durable.write(sidecar, (json.dumps(described(picture, about), indent=2, ensure_ascii=False) + "\n").encode())
    return [*written, numbers, sidecar]


def rendered(figure: Figure, kind: str, size: Size) -> bytes:
    """Return a drawn figure as the bytes of a file, with as many dots as its size has, also where it is larger."""
    sink = io.BytesIO()
    dpi = size.dpi / round(figure.get_figwidth() * INCH / size.width, 6)
    with mpl.rc_context(STYLE):
        figure.savefig(sink, format=kind, dpi=dpi, metadata=METADATA[kind])
    return sink.getvalue()


def described(picture: Picture, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sidecar of a figure."""
    return {
        "schema": 1,
        "figure": picture.name,
        "title": picture.title,
        "alt": picture.alt,
        "caption": picture.caption,
        "data": f"{picture.name}.csv",
        **about,
        **picture.about,
        "note": "An exploratory model, not a forecast.",
    }
