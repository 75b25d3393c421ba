"""Pictures as HTML: lines with interval bands, steps, bars. Nothing here knows what it draws.

A chart is a stretched SVG for the shapes, and ordinary text for everything that is read, so that type keeps its size
on a telephone and takes the page's colours, light and dark. Colours are classes (`fp-c0` to `fp-c3`), each line has a
dash or a mark of its own too, and every chart says in words what it shows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

DASHES = ("", "9 5", "2 4", "12 4 2 4")


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes
    ----------
    name : for the key
    x, y : its points; NaN in y is a gap
    low, high : ends of the intervals, or empty
    colour : 0 to 3
    dots : whether each point has a mark and, where there are intervals, a bar instead of a band
    step : whether it moves in steps
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    colour: int = 0
    dots: bool = False
    step: bool = False


@dataclass(frozen=True)
class Axis:
    """One axis: its ends, its ticks with their words, and what it measures."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str = ""

    def at(self, value: float) -> float:
        """Where a value lies, 0 to 1000, cut at the ends."""
        width = self.high - self.low
        return 1000.0 * min(1.0, max(0.0, (value - self.low) / width)) if width > 0 else 500.0


def nice_axis(top: float, share: bool, title: str = "") -> Axis:
    """Return an axis from 0 that holds `top` and has round ticks; a share never goes beyond 1."""
    top = top if math.isfinite(top) and top > 0 else (0.01 if share else 1.0)
    steps = [m * 10.0**e for e in range(-9, 12) for m in (1, 2, 2.5, 5)]
    step = next(value for value in steps if top / value <= 5)
    high = min(1.0, step * math.ceil(top / step - 1e-9)) if share else step * math.ceil(top / step - 1e-9)
    ticks = [step * k for k in range(round(high / step) + 1) if step * k <= high + 1e-12]
    return Axis(0.0, high, [(tick, _words(tick, step, share)) for tick in ticks], title)


def _words(tick: float, step: float, share: bool) -> str:
    scaled, unit = (100 * tick, 100 * step) if share else (tick, step)
    decimals = max(0, -math.floor(math.log10(unit) + 1e-9)) + (0 if math.isclose(unit, _lead(unit)) else 1)
    return ("0" if tick == 0 else f"{scaled:,.{decimals}f}") + ("%" if share and tick else "")


def _lead(value: float) -> float:
    """The value cut to its first digit."""
    scale = 10.0 ** math.floor(math.log10(value) + 1e-9)
    return math.floor(value / scale + 1e-9) * scale


def chart(lines: Sequence[Line], x: Axis, y: Axis, says: str, here: float | None = None, key: bool = True) -> str:
    """Return a chart as HTML; `here` draws an upright mark, `says` is read out in its place."""
    shapes = [f'<line class="fp-grid" x1="0" x2="1000" y1="{1000 - y.at(t):.1f}" y2="{1000 - y.at(t):.1f}"/>'
              for t, _ in y.ticks]  # fmt: skip
    if here is not None:
        shapes.append(f'<line class="fp-here" x1="{x.at(here):.1f}" x2="{x.at(here):.1f}" y1="0" y2="1000"/>')
    for line in lines:
        shapes += _shapes(line, x, y)
    ticks = "".join(
        f'<span class="fp-xt" style="left:{x.at(value) / 10:.2f}%">{escape(words)}</span>' for value, words in x.ticks
    ) + "".join(
        f'<span class="fp-yt" style="bottom:{y.at(value) / 10:.2f}%">{escape(words)}</span>' for value, words in y.ticks
    )
    names = "".join(
        f'<span class="fp-key"><svg viewBox="0 0 24 10" width="24" height="10" aria-hidden="true">'
        f'<path class="fp-line fp-c{line.colour}" d="M0 5H24" stroke-dasharray="{DASHES[line.colour]}"/></svg>'
        f"{escape(line.name)}</span>"
        for line in lines
    )
    return (
        f'<figure class="fp-chart" role="img" aria-label="{escape(says, quote=True)}">'
        + (f'<div class="fp-keys">{names}</div>' if key else "")
        + (f'<div class="fp-ytitle">{escape(y.title)}</div>' if y.title else "")
        + '<div class="fp-plot"><svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">'
        + "".join(shapes)
        + f"</svg>{ticks}</div>"
        + (f'<figcaption class="fp-xtitle">{escape(x.title)}</figcaption>' if x.title else "")
        + "</figure>"
    )


def _shapes(line: Line, x: Axis, y: Axis) -> list[str]:
    """The band or bars of a line, the line itself, and its marks."""
    colour = f"fp-c{line.colour}"
    known = [i for i, value in enumerate(line.y) if not math.isnan(value)]
    shapes = []
    if line.low and not line.dots and len(known) > 1:
        over = [f"{x.at(line.x[i]):.1f} {1000 - y.at(line.high[i]):.1f}" for i in known]
        under = [f"{x.at(line.x[i]):.1f} {1000 - y.at(line.low[i]):.1f}" for i in reversed(known)]
        shapes.append(f'<path class="fp-band {colour}" d="M{"L".join(over + under)}Z"/>')
    elif line.low:
        shapes += [
            f'<path class="fp-bar {colour}" d="M{x.at(line.x[i]):.1f} {1000 - y.at(line.low[i]):.1f}'
            f'V{1000 - y.at(line.high[i]):.1f}"/>'
            for i in known
        ]
    if len(known) > 1:
        shapes.append(
            f'<path class="fp-line {colour}" stroke-dasharray="{DASHES[line.colour]}" d="{_path(line, known, x, y)}"/>'
        )
    if line.dots or len(known) == 1:
        shapes += [
            f'<path class="fp-dot {colour}" d="M{x.at(line.x[i]):.1f} {1000 - y.at(line.y[i]):.1f}h0"/>' for i in known
        ]
    return shapes


def _path(line: Line, known: Sequence[int], x: Axis, y: Axis) -> str:
    steps, last = [], None
    for i in known:
        across, down = f"{x.at(line.x[i]):.1f}", f"{1000 - y.at(line.y[i]):.1f}"
        joined = last == i - 1
        steps.append(f"{'H' + across + 'V' + down if line.step else 'L' + across + ' ' + down}" if joined
                     else f"M{across} {down}")  # fmt: skip
        last = i
    return "".join(steps)


def ladder(rungs: Sequence[int], weeks: int, names: Sequence[str]) -> str:
    """Return the ladder over time: one bar a week, as high as the week's rung; wars are hatched as well as coloured."""
    top = len(names) - 1
    x = week_axis(weeks)
    width = 1000.0 / weeks
    bars = [
        f'<rect class="fp-rung fp-r{rung}" x="{week * width:.2f}" width="{max(width - 0.8, width * 0.7):.2f}" '
        f'y="{1000 - 1000 * rung / top:.1f}" height="{1000 * rung / top:.1f}"><title>Week {week}: '
        f"{escape(names[rung])}</title></rect>"
        for week, rung in enumerate(rungs)
    ]
    ticks = "".join(f'<span class="fp-xt" style="left:{x.at(v) / 10:.2f}%">{w}</span>' for v, w in x.ticks) + "".join(
        f'<span class="fp-yt" style="bottom:{100 * rung / top:.2f}%">{rung}</span>' for rung in range(top + 1)
    )
    grid = "".join(
        f'<line class="fp-grid" x1="0" x2="1000" y1="{1000 - 1000 * r / top:.1f}" y2="{1000 - 1000 * r / top:.1f}"/>'
        for r in range(top + 1)
    )
    worst = max(rungs, default=0)
    said = f"Escalation ladder, week by week. Highest rung so far: {worst}, {names[worst]}."
    return (
        f'<figure class="fp-chart" role="img" aria-label="{escape(said, quote=True)}"><div class="fp-plot">'
        f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{grid}{"".join(bars)}</svg>'
        f'{ticks}</div><figcaption class="fp-xtitle">week</figcaption></figure>'
    )


def table(head: Sequence[str], rows: Sequence[tuple[Sequence[str], Mapping[str, str]]], classes: str = "") -> str:
    """Return a table as HTML; a row is its cells, the first its heading, and its data attributes by name."""
    lines = []
    for (first, *cells), data in rows:
        about = "".join(f' data-{name}="{escape(value, quote=True)}"' for name, value in data.items())
        rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        lines.append(f'<tr{about}><th scope="row">{escape(first)}</th>{rest}</tr>')
    top = "".join(f'<th scope="col">{escape(words)}</th>' for words in head)
    return f'<table class="fp-table {classes}"><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def week_axis(weeks: int) -> Axis:
    """Return an axis of weeks."""
    step = next(value for value in (1, 2, 4, 13, 26, 52, 104, 208) if weeks / value <= 6 or value == 208)
    return Axis(0.0, float(weeks), [(float(week), str(week)) for week in range(0, weeks + 1, step)], "week")
