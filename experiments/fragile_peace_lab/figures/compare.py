"""Paired differences: every setting of the levers against one of them, run against run on the same draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace.errors import InputError
from fragile_peace.words.wording import counted
from fragile_peace_lab.design.axis import Settings, moves
from fragile_peace_lab.estimates.comparisons import difference
from fragile_peace_lab.estimates.measure import cell
from fragile_peace_lab.estimates.outcomes import Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.figures.drawing import (
    GREY,
    INK,
    Picture,
    Sheet,
    Size,
    marked,
    ranges,
    rounded,
    text_width,
    wrapped,
)
from fragile_peace_lab.figures.levers import Axis, lever_words, shown_value, value_words
from fragile_peace_lab.figures.panels import CUT_SHORT, Row, short_name, short_named
from fragile_peace_lab.figures.risk_curves import BANDS, INTERVALS, ROWS, present

MOST = 24
"""Settings in one figure; beyond it only those that differ from the baseline in one lever."""


@dataclass(frozen=True)
class Moved:
    """A lever that goes from one value to another, with what is compared in words; the rest as in `Move`."""

    title: str
    first: int
    last: int
    name: str
    along: tuple[int, ...] = ()


def moved_levers(settings: Settings, baseline: int, axis: Axis) -> list[Moved]:
    """Return the levers of the figures, each moved, the others at the baseline (`design.axis.moves`)."""
    here = settings[baseline]
    return [
        Moved(_title(one.name, one.before, one.after, here, axis), one.first, one.last, one.name, one.along)
        for one in moves(settings, baseline, axis)
    ]


def _title(name: str, first: Any, last: Any, here: Mapping[str, Any], axis: Axis) -> str:
    """What is compared: a lever, its two values, and what the others are held at."""
    ends = [value_words(name, value).lower() for value in (first, last)]
    kept = [other for other in (axis.name, axis.facet, *axis.fixed) if other and other != name]
    others = "; ".join(f"{lever_words(other)}: {value_words(other, here[other]).lower()}" for other in kept)
    words = lever_words(name)
    title = f"{words[0].upper()}{words[1:]}: from {ends[0]} to {ends[1]}" + (f" ({others})" if others else "")
    return axis.headed(title)


def setting_words(setting: Mapping[str, Any], axis: Axis) -> str:
    """Return a setting of the levers as a label: the lever across panels, then the one along them."""
    first = f"{value_words(axis.facet, setting[axis.facet])} · " if axis.facet else ""
    return first + shown_value(axis.name, setting[axis.name])


def baseline_words(setting: Mapping[str, Any], axis: Axis) -> str:
    """Return a setting of the levers in a sentence."""
    first = f"{value_words(axis.facet, setting[axis.facet]).lower()}, " if axis.facet else ""
    return f"{first}{axis.at(setting[axis.name])}"


def difference_numbers(
    runs: Runs, outcomes: Sequence[Outcome], baseline: int, axis: Axis, only: Sequence[int] = ()
) -> pd.DataFrame:
    """Return the paired differences of every setting, or `only` of some, from the baseline, in the order of the axis.

    Raises
    ------
    InputError : there is no such setting, or nothing to compare it with
    """
    if not 0 <= baseline < len(runs.settings):
        last = len(runs.settings) - 1
        raise InputError(
            f"--baseline: {baseline} is not a combination of the levers; must be a whole number from 0 to {last}"
        )
    if len(runs.settings) < 2:
        raise InputError("compare: the sweep has one setting of the levers; there is nothing to compare it with")
    table = pd.DataFrame([{**setting, "setting": place} for place, setting in enumerate(runs.settings)])
    order = [int(place) for place in axis.sorted(table.assign(_all=0), "_all")["setting"] if place != baseline]
    if only:
        order = list(only)
    if len(order) > MOST:
        near = [place for place in order if _apart(runs.settings[place], runs.settings[baseline]) == 1]
        order = near or order[:MOST]
    rows = []
    for outcome in outcomes:
        own = {place: cell(runs, outcome, place) for place in (baseline, *order)}
        for place in order:
            about = {
                "outcome": outcome.name,
                "title": outcome.title,
                "unit": outcome.unit,
                "prior_driven": outcome.prior_driven,
            }
            found = difference(outcome, own[baseline], own[place])
            names = {"setting": place, "baseline": baseline, **runs.settings[place]}
            rows.append({**about, **names, **{key: _number(found[key]) for key in BANDS}, "n_runs": found["n_runs"],
                         "n_draws": found["n_draws"],
                         "variance_factor": _number(found["variance_factor"])})  # fmt: skip
    return rounded(pd.DataFrame(rows))


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> int:
    return sum(a[name] != b[name] for name in a)


def comparison(
    runs: Runs, outcomes: Sequence[Outcome], baseline: int, axis: Axis, rows: Sequence[Row] = ROWS
) -> Picture:
    """Return the figure of paired differences from a baseline. Raises InputError."""
    numbers = difference_numbers(runs, outcomes, baseline, axis)
    rows = present(rows, numbers, axis.basis)
    name = baseline_words(runs.settings[baseline], axis)
    title = axis.headed(f"What changes against {name}")
    draws, order = int(numbers["n_draws"].iloc[0]), dict.fromkeys(int(place) for place in numbers["setting"])
    left = len(runs.settings) - 1 - len(order)
    subtitle = (
        f"{axis.of_structure}Differences by {axis.facet_words + ' and ' if axis.facet else ''}{axis.label}, run by run "
        f"on the same {draws:,} draws and the same unknowns. Right of the line: more than the baseline."
        + (f" Not drawn: {counted(left, 'further setting')}." if left else "")
    )
    labels = [setting_words(runs.settings[place], axis) for place in order]

    def draw(size: Size) -> Figure:
        return draw_differences(size, numbers, rows, labels, axis.label, title, subtitle)

    said = extremes(numbers, rows, lambda end: f"at {setting_words(runs.settings[int(end['setting'])], axis)}")
    alt = f"Points with two ranges: differences of {len(numbers) // len(rows)} settings from {name}. {said}."
    caption = (
        "Each point is a difference from the baseline. All settings are played with the same random numbers on the "
        "same "
        "samples of the unknowns, so that what they share cancels. Thin dark bar: Monte Carlo error of the "
        "difference, 95%; wide light bar: its spread over the unknowns, 90%. A bar that crosses the line leaves the "
        f"sign open. {CUT_SHORT}"
    )
    about = {"estimator": "difference of ratios of totals, paired by draw and member", "interval": INTERVALS,
             "baseline": dict(runs.settings[baseline])}  # fmt: skip
    return Picture("comparison", title, alt, caption, numbers, draw, about)


def extremes(numbers: pd.DataFrame, rows: Sequence[Row], where: Callable[[Any], str]) -> str:
    """Say of every outcome its least and its greatest difference; `where` says of a row of `numbers` where it is."""
    said = []
    for row in rows:
        part = numbers[numbers["outcome"] == row.key].dropna(subset=["estimate"])
        if len(part):
            ends = [part.loc[part["estimate"].idxmin()], part.loc[part["estimate"].idxmax()]]
            least, greatest = (f"{shift(end)} {where(end)}" for end in ends)
            said.append(f"{row.title[0].lower()}{row.title[1:]}, from {least} to {greatest}")
    return "; ".join(said)


def shift(row: Any) -> str:
    """Return a difference in words, with its Monte Carlo range."""
    points = row["unit"] in ("probability", "share")
    scale, unit = (100.0, " percentage points") if points else (1.0, "")
    known = pd.notna(row["mc_low"])
    error = f" ({scale * row['mc_low']:+.2g} to {scale * row['mc_high']:+.2g})" if known else " (error not known)"
    return f"{scale * row['estimate']:+.2g}{unit}{error}"


def draw_differences(
    size: Size, numbers: pd.DataFrame, rows: Sequence[Row], labels: Sequence[str], over: str, title: str, subtitle: str
) -> Figure:
    """Draw differences, a panel an outcome: in each a row for each label, `over` which stands what they are."""
    probe = Sheet(size, 100)
    pad, small = size.text * 0.4, probe.line_height(size.small)
    head = probe.heading(title, subtitle) + probe.band_key(pad, 0) + small * 0.3
    most = {"page": 5, "column": 2, "slide": 6}[size.name]
    across = -(-len(rows) // -(-len(rows) // most))  # lines of about one length
    down = -(-len(rows) // across)
    label = max(text_width(words, size.small) for words in (*labels, over)) + small * 0.5
    gap = size.text * 0.3
    width = (size.width - 2 * pad - label - gap * (across - 1) - small * 0.5) / across
    titles = [short_name(row, width, size.small) for row in rows]
    above = small * (0.4 + max(map(len, titles)))
    units = {row.key: wrapped(_unit(numbers, row), width, size.small) for row in rows}
    under = small * (2.4 + max(map(len, units.values())))
    pitch = small * 1.12
    if size.height:
        pitch = (size.height - head - down * (above + under - 0.2 * small)) / down / len(labels)
    tall = pitch * len(labels)
    step = above + tall + under
    sheet = Sheet(size, head + down * step)
    y = sheet.heading(title, subtitle)
    sheet.band_key(pad, y)
    for place, (row, lines) in enumerate(zip(rows, titles, strict=True)):
        x, top = pad + label + (place % across) * (width + gap), head + (place // across) * step
        short_named(sheet, x, top, lines)
        if place % across == 0:
            sheet.text(x - small * 0.2, top + above - small * 0.7, over, fontsize=size.small, ha="right", color=GREY)
        ax = sheet.axes(x, top + above, width, tall)
        part = numbers[numbers["outcome"] == row.key]
        _differences(ax, part, row, size, width)
        ax.set_yticks(range(len(labels)), labels if place % across == 0 else [""] * len(labels))
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(labels) - 0.4, -0.6)
        for number, words in enumerate(units[row.key]):
            sheet.text(x + width / 2, top + above + tall + (1.5 + number) * small, words,
                       fontsize=size.small, ha="center")  # fmt: skip
    return sheet.figure


def _unit(numbers: pd.DataFrame, row: Row) -> str:
    """What the differences of a row are counted in."""
    unit = str(numbers.loc[numbers["outcome"] == row.key, "unit"].iloc[0])
    return "percentage points" if unit in ("probability", "share") else unit


def _differences(ax: Axes, part: pd.DataFrame, row: Row, size: Size, width: float) -> None:
    if row.prior:
        marked(ax)
    scale = 100.0 if part["unit"].iloc[0] in ("probability", "share") else 1.0
    drawn = part.assign(**{key: part[key] * scale for key in BANDS}).reset_index(drop=True)
    ax.grid(visible=False, axis="y")
    ax.axvline(0.0, color=INK, linewidth=size.line / 2)
    known = drawn.dropna(subset=["estimate"])
    ranges(ax, [float(place) for place in known.index], known, row.colour, size, across=True)
    ends = known[["estimate", "mc_low", "mc_high", "param_low", "param_high"]]
    low, high = (
        min(0.0, float(np.nanmin(ends))) if len(ends) else 0.0,
        max(0.0, float(np.nanmax(ends))) if len(ends) else 0.0,
    )
    room = 0.08 * (high - low) or 1.0
    ax.set_xlim(low - room, high + room)
    for most in (4, 3, 2, 1):
        ticks = _round_ticks(low, high, most)
        labels = [f"{tick:+g}".replace("-", "−") if tick else "0" for tick in ticks]
        widest = max(text_width(label, size.small) for label in labels) + 0.15 * size.small
        if len(ticks) == 1 or widest < width * (ticks[1] - ticks[0]) / (high - low + 2 * room):
            break
    ax.set_xticks(ticks, labels)
    ax.grid(visible=True, axis="x", linewidth=size.line / 2)


def _round_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers in [low, high] with 0 among them, at most `most` beside it."""
    span = high - low
    if span <= 0:
        return [0.0]
    for power in range(-6, 7):
        for factor in (1.0, 2.0, 2.5, 5.0):
            step = factor * 10.0**power
            first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
            if last - first <= most:
                return [float(f"{step * place:.6g}") for place in range(first, last + 1)]
    return [0.0]
