"""When things happen, how far they escalate, and two levers at once: cumulative incidence, ladder, heat map."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace.words.wording import counted
from fragile_peace_lab.figures.drawing import (
    BLUE,
    GREEN,
    GREY,
    INCH,
    INK,
    ORANGE,
    PURPLE,
    VERMILION,
    Picture,
    Sheet,
    Size,
    marked,
    ranges,
    rounded,
    text_width,
    wrapped,
)  # fmt: skip
from fragile_peace_lab.figures.levers import Axis, shown_value, value_words
from fragile_peace_lab.figures.panels import CUT_SHORT, Grid, Row, percent_axis, ranged, show, upper
from fragile_peace_lab.figures.risk_curves import BANDS, INTERVALS, ROWS, curve_numbers, present

WHEN = (
    Row("first_accusation", "First mutual accusation (in days)", "First accusation (days)", BLUE),
    Row("first_death", "First European death", "First European death", VERMILION),
    Row("first_withdrawal", "First withdrawal of a contingent", "First withdrawal", GREEN),
    Row("nato_russia_war", "War between Russia and NATO countries", "Russia–NATO war", INK),
    Row("collapse", "The ceasefire collapses", "The ceasefire collapses", PURPLE),
)
FIRST_DAYS = 28
MOST_CELLS = 60
RUNG_PRIOR = 5
AT_LEAST = (
    "probe or graver", "raid or graver", "strike, death or graver", "fire or war", "any war", "Russia–NATO war",
    "war with U.S.",
)  # fmt: skip
"""What a run has reached at each rung: that rung, or a graver one."""
RUNG_KEYS = [f"rung_at_least_{rung}" for rung in range(1, 8)]


def cumulative_incidence(table: pd.DataFrame, axis: Axis, base: Any, facts: dict[str, Any]) -> Picture:
    """Return the cumulative incidence of what marks or ends a ceasefire, at one value of the lever along the axis."""
    numbers = _incidence_numbers(table, axis, base)
    axis = axis.among(numbers)
    rows = [replace(row, own_axis=True, under=1) for row in present(WHEN, numbers, axis.basis)]
    tops = {row.key: upper(numbers[numbers["outcome"] == row.key], 1.3) for row in rows}
    held = axis.at(base)

    def paint(ax: Axes, row: Row, value: Any, size: Size) -> None:
        part = numbers[numbers["outcome"] == row.key]
        _steps(ax, axis.of(part, value), row, size, tops[row.key], float(part["time"].max()))

    grid = Grid(
        axis.headed("When it happens: cumulative incidence"),
        f"{axis.of_structure}At {held}. The chance that it has happened by then, with the end of the ceasefire "
        "competing.", rows, axis.facets,
        [axis.facet_title(value) for value in axis.facets], "weeks since the start (first accusation: days)",
        paint, panel=(19.0, 17.0), foot_on_paper="; small grey numbers: runs still at risk",
    )  # fmt: skip
    said = []
    case = axis.facets[len(axis.facets) // 2]
    for row in rows:
        part = axis.of(numbers[numbers["outcome"] == row.key], case)
        last = part.iloc[-1]
        said.append(f"{row.title.split(' (')[0].lower()} by {int(last['time'])} {last['unit']} in {_seen(part)}")
    where = f" under {value_words(axis.facet, case).lower()}" if axis.facet else ""
    alt = f"Step curves of cumulative incidence at {held}, with two bands. At the end{where}: {'; '.join(said)}."
    caption = (
        "Aalen–Johansen estimates: what competes with an event (the end of the ceasefire) is counted as competing, "
        "not as "
        "censoring, so that a curve reads as the plain chance of having seen it by then. Dark band: Monte Carlo "
        "error, 95% at each time; light band: parameter uncertainty. Curves are plain counts of runs, and the numbers "
        "in the panels say so; how likely something is by the end is estimated more sharply in the risk curves, within "
        f"the dark band of these. {CUT_SHORT} The way a ceasefire ends is {axis.basis.name} throughout."
    )
    about = {"estimator": "Aalen–Johansen cumulative incidence", "interval": INTERVALS, "held_at": {axis.name: base}}
    return Picture("cumulative_incidence", grid.title, alt, caption, numbers, grid.draw, about)


def _incidence_numbers(table: pd.DataFrame, axis: Axis, base: Any) -> pd.DataFrame:
    """Return the numbers of the curves in drawing order."""
    chosen = _at(axis, base).slice(table)
    chosen = chosen[chosen["outcome"].isin([row.key for row in WHEN]) & (chosen["family"] == chosen["outcome"])]
    chosen = chosen[(chosen["unit"] != "days") | (chosen["time"] <= FIRST_DAYS)]
    order = {row.key: place for place, row in enumerate(WHEN)}
    chosen = chosen.assign(_place=chosen["outcome"].map(order)).sort_values("time", kind="stable")
    chosen = axis.sorted(chosen, "_place")
    return rounded(
        chosen[["outcome", "title", "unit", "prior_driven", *axis.names, "time", "at_risk", "events", *BANDS]]
    )


def _at(axis: Axis, base: Any) -> Axis:
    """Return an axis that is also held at one value along it."""
    return replace(axis, fixed={**axis.fixed, axis.name: base})


def _seen(part: pd.DataFrame) -> str:
    """In how many runs something was seen by the end of a curve; how likely it is the risk curves estimate."""
    return f"{int(part['events'].iloc[-1]):,} of {int(part['at_risk'].max()):,} runs"


def _steps(ax: Axes, part: pd.DataFrame, row: Row, size: Size, top: float, end: float) -> None:
    if row.prior:
        marked(ax)
    known = part.dropna(subset=["estimate"])
    stop = end + max(0.5, 0.02 * end)  # beyond the last step, so that it is seen with its bands
    known = pd.concat([known, known.tail(1).assign(time=stop)])
    for low, high, alpha in (("param_low", "param_high", 0.2), ("mc_low", "mc_high", 0.5)):
        band = known.dropna(subset=[low])
        ax.fill_between(band["time"], band[low], band[high], step="post", color=row.colour, alpha=alpha, linewidth=0)
    if len(known) > 1:
        ax.step(
            known["time"], known["estimate"], where="post", color=row.colour, linewidth=size.line,
            linestyle=(0, (4, 1.5)) if row.prior else "-",
        )  # fmt: skip
    ax.set(xlabel="", ylabel="")
    ax.set_ylim(0, top)
    percent_axis(ax, top)
    ax.set_xlim(0, stop)
    ticks = {0.0: "left", float(round(end / 2)): "center", end: "right"} if end > 1 else {0.0: "left", end: "right"}
    ax.set_xticks(list(ticks), [f"{tick:g}" for tick in ticks])
    for label, side in zip(ax.get_xticklabels(), ticks.values(), strict=True):
        label.set(horizontalalignment=side)
    if len(known):
        words = _seen(known)
        if text_width(words, size.small, "bold") > 0.94 * ax.get_position().width * size.width:
            words = words.replace(" of ", " of\n")
        style: dict[str, Any] = {"fontsize": size.small, "color": row.colour, "fontweight": "bold"}
        ax.text(0.03, 0.95, words, transform=ax.transAxes, ha="left", va="top", **style)
    if size.height:
        return
    for tick, side in ticks.items():
        at = part[part["time"] <= tick]
        if len(at):
            ax.annotate(
                f"{int(at['at_risk'].iloc[-1]):,}", (tick, 0), xycoords=("data", "axes fraction"), ha=side, va="top",
                xytext=(0, -size.small * 1.75), textcoords="offset points", fontsize=size.small * 0.9, color=GREY,
            )  # fmt: skip


def ladder(table: pd.DataFrame, axis: Axis, base: Any, facts: dict[str, Any]) -> Picture:
    """Return the chance that the gravest rung reached is at least each one, on a linear and on a logarithmic scale."""
    numbers = _ladder_numbers(table, axis, base)
    axis = axis.among(numbers)
    positive = numbers.loc[numbers["estimate"] > 0, ["estimate", "mc_low"]].replace(0.0, np.nan).min().min()
    floor = 10.0 ** np.floor(np.log10(positive)) if positive == positive else 1e-3
    rows = [
        Row("linear", "Linear scale: how likely", "Linear scale", BLUE, own_axis=True),
        Row("log", "Logarithmic scale: how rare", "Logarithmic scale", PURPLE, own_axis=True),
    ]

    def paint(ax: Axes, row: Row, value: Any, size: Size) -> None:
        _rungs(ax, axis.of(numbers, value), row, size, floor)

    where = axis.at(base)
    grid = Grid(
        axis.headed("How far it escalates: the ladder"),
        f"{axis.of_structure}At {where}. The chance that a run of {counted(facts['weeks'], 'week')} reaches this rung "
        f"or a graver one. The tinted rungs are {axis.basis.many}.", rows, axis.facets,
        [axis.facet_title(value) for value in axis.facets], "chance of reaching it", paint,
        left=5.6, panel=(36.0, 34.0), lines=6.0,
    )  # fmt: skip
    upright = _upright(grid, rows, axis, paint)

    def draw(size: Size) -> Figure:
        return (grid if size.wide else upright).draw(size)

    alt = _ladder_alt(numbers, axis, where)
    about = {
        "estimator": "share of runs; compensators as control variates from the third rung on",
        "interval": INTERVALS, "held_at": {axis.name: base}, "prior_driven": RUNG_KEYS[RUNG_PRIOR - 1 :],
    }  # fmt: skip
    return Picture("ladder", grid.title, alt, _LADDER_CAPTION, numbers, draw, about)


def _ladder_numbers(table: pd.DataFrame, axis: Axis, base: Any) -> pd.DataFrame:
    """Return the numbers of the points in drawing order."""
    chosen = _at(axis, base).slice(table)
    held = replace(axis, name="outcome", values=tuple(RUNG_KEYS))
    chosen = chosen[chosen["outcome"].isin(RUNG_KEYS) & (chosen["type"] == "mixed")]
    chosen = held.sorted(chosen.assign(_all=0), "_all")
    kept = ["outcome", "title", "unit", "prior_driven", *axis.names, *BANDS, "n_runs", "n_draws", "n_members", "plain"]
    return rounded(chosen[[*kept, "variance_factor"]])


def _ladder_alt(numbers: pd.DataFrame, axis: Axis, where: str) -> str:
    case = axis.facets[len(axis.facets) // 2]
    part = axis.of(numbers, case)
    under = f" under {value_words(axis.facet, case).lower()}" if axis.facet else ""
    said = [f"{row['title'][0].lower()}{row['title'][1:]} {ranged(row)}" for _, row in part.iterrows()]
    return (
        f"Points with two ranges for seven rungs of escalation at {where}, linear and logarithmic. Chances{under}: "
        f"{'; '.join(said)}."
    )


_LADDER_CAPTION = (
    "Each point is the chance that the gravest thing to happen in a run is at least this grave. Thin dark bar: Monte "
    "Carlo error, 95%; wide light bar: parameter uncertainty. An open triangle marks a rung that no run reached; its "
    "bar ends at the exact upper bound. Both scales show the same numbers. A run that ends in war has reached every "
    "rung up to that war, whether or not fire was exchanged before: “fire or war” is more than the exchange of fire of "
    "the risk curves, which counts no war without one."
)


def _upright(grid: Grid, rows: Sequence[Row], axis: Axis, paint: Callable[[Axes, Row, Any, Size], None]) -> Grid:
    """Return the ladder for a narrow column: scales side by side, the lever's values down the page."""
    down = [Row(str(place), axis.facet_title(value), "", INK, own_axis=True) for place, value in enumerate(axis.facets)]

    def turned(ax: Axes, row: Row, value: Any, size: Size) -> None:
        paint(ax, value, axis.facets[int(row.key)], size)

    return replace(grid, rows=down, columns=rows, headings=[row.short for row in rows], paint=turned)


def _rungs(ax: Axes, part: pd.DataFrame, row: Row, size: Size, floor: float) -> None:
    rungs = [int(name.rpartition("_")[2]) for name in part["outcome"]]
    log = row.key == "log"
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x", linewidth=size.line / 2)
    ax.axhspan(RUNG_PRIOR - 0.5, 7.5, color="#f6f3ec", linewidth=0, zorder=0)
    if log:
        ax.set_xscale("log")
        ends = part[["mc_low", "param_low", "estimate", "mc_high", "param_high"]].clip(lower=floor)
        drawn = part.assign(**ends)
    else:
        drawn = part
    some = (part["estimate"] > 0).to_numpy()
    at = np.array(rungs, float)
    if some.any():
        ranges(ax, at[some], drawn[some], row.colour, size, across=True)
    if (~some).any():
        none = drawn[~some]
        ax.hlines(at[~some], floor if log else 0.0, none["mc_high"], color=row.colour, linewidth=size.line * 1.3)
        ax.plot(none["mc_high"], at[~some], "<", color=row.colour, markerfacecolor="white", markersize=size.line * 3)
    ax.set_ylim(0.5, 7.5)
    ax.set_yticks(range(1, 8), AT_LEAST)
    if log:
        ax.set_xlim(floor, 1.3)
        marks = [10.0**power for power in range(int(np.log10(floor)), 1)]
        every = -(-len(marks) // (4 if size.wide else 2))
        marks = marks[::-1][::every][::-1]
        ax.set_xticks(marks, [f"{100 * mark:g}%" for mark in marks])
        ax.minorticks_off()
    else:
        ax.set_xlim(0, 1.03)
        ax.set_xticks([0, 0.5, 1.0], ["0", "50%", "100%"])
    first = "left" if not log or marks[0] == floor else "center"
    for label, side in ((ax.get_xticklabels()[0], first), (ax.get_xticklabels()[-1], "right")):
        label.set(horizontalalignment=side)


def heat_map(table: pd.DataFrame, axis: Axis, facts: dict[str, Any], rows: Sequence[Row] = ROWS) -> Picture | None:
    """Return a map of each outcome over two levers, both ranges written into each cell; None without a grid of two."""
    if axis.facet is None or len(axis.values) < 2 or len(axis.values) * len(axis.facets) > MOST_CELLS:
        return None
    numbers = curve_numbers(table, [row.key for row in rows], axis)
    rows = present(rows, numbers, axis.basis)
    if len(numbers) < len(rows) * len(axis.values) * len(axis.facets):
        return None
    title = axis.headed(f"Two levers at once: {axis.words} and {axis.facet_words}")
    subtitle = (
        f"{axis.of_structure}In each cell the estimate for {counted(facts['weeks'], 'week')}; below it [Monte Carlo "
        "error, 95%] and (parameter uncertainty, 90%). Darker is more; each map has its own scale."
    )

    def draw(size: Size) -> Figure:
        return _maps(size, numbers, rows, axis, title, subtitle)

    said = []
    for row in rows:
        part = numbers[numbers["outcome"] == row.key].dropna(subset=["estimate"])
        if len(part):
            ends = [part.loc[part["estimate"].idxmin()], part.loc[part["estimate"].idxmax()]]
            names = [f"{value_words(axis.facet, e[axis.facet]).lower()}, {axis.at(e[axis.name])}" for e in ends]
            said.append(
                f"{row.title[0].lower()}{row.title[1:]}: lowest {ranged(ends[0])} at {names[0]}, highest "
                f"{ranged(ends[1])} at {names[1]}"
            )
    alt = f"{len(rows)} heat maps of {axis.label} by {axis.facet_words}. {'; '.join(said)}."
    caption = (
        "The numbers of the risk curves as maps, for readers who look for the combination of two levers. “In noise”: "
        f"the sampled unknowns spread no more than the finite number of runs would by itself. {CUT_SHORT}"
    )
    about = {"estimator": "as in risk_curves", "interval": INTERVALS}
    return Picture("heat_map", title, alt, caption, numbers, draw, about)


def _maps(size: Size, numbers: pd.DataFrame, rows: Sequence[Row], axis: Axis, title: str, subtitle: str) -> Figure:
    probe = Sheet(size, 100)
    pad, line, small = size.text * 0.4, probe.line_height(size.text), probe.line_height(size.small)
    head = probe.heading(title, subtitle)
    across = {"page": 2, "column": 1, "slide": 3}[size.name]
    down = -(-len(rows) // across)
    if axis.standing(size, _room(size, axis, across)[1]):
        axis = axis.turned()  # names are easier to read beside a map than upright below it
    (left, width), gap = _room(size, axis, across), size.text * 0.6
    titles = [wrapped(row.title if across < 3 else row.short, width, size.small, "bold") for row in rows]
    above = small * (0.3 + max(len(lines) + row.prior for lines, row in zip(titles, rows, strict=True)))
    foot = line * (0.6 + len(wrapped(axis.title, size.width - left - 2 * pad, size.text)))
    tall = (3.9 * small) * len(axis.facets)
    upright = max(0.0, axis.standing(size, width) - small)
    if size.height:
        tall = (size.height - head - foot) / down - above - small * 2.2 - upright
    step = above + tall + small * 2.2 + upright
    sheet = Sheet(size, head + down * step + foot)
    sheet.heading(title, subtitle)
    cells = {row.key: _cells(numbers[numbers["outcome"] == row.key], axis) for row in rows}
    widest = max(text_width(words, 1.0, weight) for found in cells.values() for *_, words, weight in found)
    points = min(size.small, 0.88 * width / len(axis.values) / widest, tall / len(axis.facets) / INCH * 72 / 4.2)
    for place, (row, lines) in enumerate(zip(rows, titles, strict=True)):
        x, y = pad + left + (place % across) * (width + gap), head + (place // across) * step
        sheet.paragraph(x, y, row.title if across < 3 else row.short, width, color=row.colour, fontweight="bold",
                        fontsize=size.small)  # fmt: skip
        if row.prior:
            sheet.text(x, y + len(lines) * small, row.basis.panel, color=ORANGE, fontsize=size.small)
        ax = sheet.axes(x, y + above, width, tall)
        _map(ax, numbers[numbers["outcome"] == row.key], row, axis, size)
        for column, line_, words, weight in cells[row.key]:
            ax.text(column, line_, words, ha="center", va="center", fontsize=points, fontweight=weight, color=INK)
        if place % across:
            ax.set_yticks([])
    sheet.paragraph(pad + left, sheet.height - foot, axis.title, size.width - left - 2 * pad)
    return sheet.figure


def _room(size: Size, axis: Axis, across: int) -> tuple[float, float]:
    """How much is left of a map for the names beside it, and how wide each of so many maps is."""
    left = size.small * 1.3 * INCH / 72 + max(
        text_width(value_words(axis.facet, value), size.small) for value in axis.facets
    )
    return left, (size.width - left - size.text * (0.8 + 0.6 * (across - 1))) / across


def _cells(part: pd.DataFrame, axis: Axis) -> list[tuple[float, float, str, str]]:
    """The text of a map's cells: where its middle is, in cells from the upper left corner, words, weight."""
    unit = str(part["unit"].iloc[0])
    found = []
    for down, facet in enumerate(axis.facets):
        for across, (_, cell) in enumerate(axis.of(part, facet).iterrows()):
            x, y = across + 0.5, down + 0.5
            found.append((x, y - 0.28, show(cell["estimate"], unit), "bold"))
            if pd.notna(cell["estimate"]):
                found.append((x, y + 0.04, f"[{_pair(cell['mc_low'], cell['mc_high'], unit)}]", "normal"))
            if pd.notna(cell["param_low"]):
                found.append((x, y + 0.33, f"({_band(cell, unit)})", "normal"))
    return found


def _map(ax: Axes, part: pd.DataFrame, row: Row, axis: Axis, size: Size) -> None:
    import seaborn as sns  # half a second, for maps alone

    values = np.array([axis.of(part, facet)["estimate"].to_numpy(float) for facet in axis.facets])
    palette = sns.light_palette(row.colour, as_cmap=True)
    top = np.nanmax(values) if np.isfinite(values).any() else 1.0
    sns.heatmap(
        values, ax=ax, cmap=palette, vmin=0.0, vmax=1.45 * top if top > 0 else 1.0, cbar=False,
        linewidths=size.line / 2, xticklabels=False, yticklabels=False, linecolor="white",
    )  # fmt: skip
    ax.set_xticks([place + 0.5 for place in range(len(axis.values))], [shown_value(axis.name, v) for v in axis.values])
    ax.set_yticks([place + 0.5 for place in range(len(axis.facets))], [value_words(axis.facet, v) for v in axis.facets])
    ax.tick_params(axis="both", length=0, labelrotation=0)
    ax.tick_params(axis="x", labelrotation=90 if axis.standing(size, ax.get_position().width * size.width) else 0)
    ax.set(xlabel="", ylabel="")


def _band(cell: Any, unit: str) -> str:
    """The parameter band; where the members do not spread beyond what runs do by chance there is none to tell."""
    low, high = cell["param_low"], cell["param_high"]
    return "in noise" if low == high else _pair(low, high, unit)


def _pair(low: float, high: float, unit: str) -> str:
    if pd.isna(low):
        return "not known"
    if unit in ("probability", "share"):
        digits = 1 if high < 0.0995 else 0
        return f"{100 * low:.{digits}f}–{100 * high:.{digits}f}"
    digits = 0 if high >= 9.95 else 1 if high >= 0.995 else 3
    return f"{low:,.{digits}f}–{high:,.{digits}f}"
