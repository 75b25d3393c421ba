"""Pictures of a calibration: what is predicted beside the records, one law for four truces, what the records pin."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace_lab.calibration.blocks import DAYS
from fragile_peace_lab.calibration.check import Check
from fragile_peace_lab.calibration.series import record
from fragile_peace_lab.calibration.targets import (
    FITTED,
    HELD_OUT,
    LOC_2002,
    LOC_COUNTS,
    SCORES,
    TARGETS,
    WEAK_WEEKS,
)
from fragile_peace_lab.figures.drawing import BLUE, GREY, INK, VERMILION, Picture, Sheet, Size, rounded, wrapped

ROW = 8.6
_BY_NAME = {target.name: target for target in TARGETS}


def predictive(found: Check) -> Picture:
    """Return the picture of every target: observed, tolerance, prediction."""
    numbers = rounded(found.table)
    hits = ", ".join(f"{_BY_NAME[row.target].title}: {'hit' if row.hit else 'miss'}" for row in numbers.itertuples())
    title = f"What the calibrated model predicts: {len(found.hits)} of {len(SCORES)} scored outputs hit"
    series = "hit" if found.series_hit else "missed"
    alt = f"Rows of bars, one a target, in units of its tolerance. {hits}. The weekly series is {series}."
    caption = (
        "Each bar is what one history might have shown over members of the posterior and runs: its 90 % interval, "
        "the dot its median. The grey band is the tolerance: two standard deviations of observation error and stated "
        "model discrepancy together. A median inside it is a hit (blue), outside a miss (vermilion). Targets of the "
        "truce of 2020 are read by the fit week by week, not as these summaries. Not drawn: the weekly series itself, "
        f"scored by the continuous ranked probability of its weeks and {series}."
    )
    return Picture(
        "posterior_predictive", title, alt, caption, numbers,
        lambda size: _predictive(size, numbers, title),
        {
            "interval": "90 % over posterior members and runs",
            "observed": "evidence.csv through TARGETS",
        },
    )  # fmt: skip


def _predictive(size: Size, numbers: pd.DataFrame, title: str) -> Figure:
    label = size.width * 0.37
    words = (
        "Model: median and 90% interval. Grey: tolerance. * held out of the fit; + read by weeks, not as this summary."
    )
    probe = Sheet(size, 100)
    high = size.height or probe.heading(title, words) + ROW * len(numbers) + 12
    sheet = Sheet(size, high)
    top = sheet.heading(title, words)
    step = (high - top - 12) / len(numbers)
    ax = sheet.axes(label, top, size.width - label - 6, step * len(numbers))
    ax.axvspan(-1, 1, color="#e4e4e4", linewidth=0)
    ax.axvline(0, color=INK, linewidth=size.line / 2)
    for place, row in enumerate(numbers.itertuples()):
        colour = BLUE if row.hit else VERMILION
        low, mid, up = (np.clip(_scaled(row.target, value), -3.4, 3.4) for value in (row.p05, row.median, row.p95))
        ax.hlines(place, low, up, color=colour, alpha=0.45, linewidth=size.line * 3)
        ax.plot(mid, place, "o", color=colour, markersize=size.line * 3.5, markeredgewidth=0)
        y = top + (place + 0.5) * step
        words = _BY_NAME[row.target].title + ("" if row.use == FITTED else " *" if row.use == HELD_OUT else " +")
        gap = sheet.line_height(size.small)
        lines = wrapped(words, label - 6, size.small)
        sheet.text(2.5, y - gap * (len(lines) + 1) / 2, "\n".join(lines), fontsize=size.small, linespacing=1.25)
        sheet.text(2.5, y + gap * (len(lines) - 1) / 2, f"recorded {row.observed:.3g}, model {row.median:.3g} "
                   f"({row.p05:.2g} to {row.p95:.2g})", fontsize=size.small * 0.9, color=GREY)  # fmt: skip
    ax.set(xlim=(-3.5, 3.5), ylim=(len(numbers) - 0.5, -0.5), yticks=[], xticks=[-3, -2, -1, 0, 1, 2, 3])
    ax.set_xticklabels(["", "", "lower end", "recorded", "upper end", "", ""])
    return sheet.figure


def _scaled(name: str, value: float) -> float:
    """Return a value's distance from the observation, in tolerances."""
    target = _BY_NAME[name]
    place = np.log(max(value + target.offset, 1e-9)) if target.log else value
    return float((place - target.place) / (2 * target.deviation))


RENEWED = ((0, 4.3, 0.0), (4.3, 8.7, 1 / 428), (8.7, 13.0, 3 / 428), (13.0, 17.4, 2 / 428), (17.4, 96, 3 / 18 / 428))
"""Weeks from March 2021, and violations a month as a share of the 428 of 2020 [loc_2021_truce, loc_2017_20]."""
FLOOR = 3e-4
PANELS = (
    "A weak truce, 2015–18",
    "Donbas, July 2020",
    "Line of Control, February 2021",
    "Line of Control, November 2003",
)


def one_law(found: Check) -> Picture:
    """Return the picture of four truces under one law of restraint, each from its own start."""
    table = rounded(_courses(found))
    title = "One law of restraint, four truces: what is left of the old violations"
    alt = (
        "Four panels over the weeks of a truce, on a logarithmic axis of the share of the violations before it: the "
        "model's median with its 50 and 90 % intervals, and the record. A weak truce is back within weeks, that of "
        "2020 erodes within a year, that of 2021 holds through its two years, that of 2003 erodes over ten."
    )
    caption = (
        "Share of the violations before the truce, by week (four weeks together on the Line of Control): median, 50 % "
        "and 90 % of simulated histories over members of the posterior. Black: the record; shares below 1 in 3,300 are "
        "drawn at the foot. The law of restraint is the same in all panels of a member; truces differ by the restraint "
        "at their start, and the two lines by the gain of a breach. A weak truce's record is its length: 14 days."
    )
    return Picture("one_law", title, alt, caption, table, lambda size: _one_law(size, table, title),
                   {"interval": "50 % and 90 % over posterior members and runs"})  # fmt: skip


def _courses(found: Check) -> pd.DataFrame:
    """Return quantiles of the share of the old level by week of each truce, in the order of PANELS."""
    known = record()
    worlds = (("weak", found.level, 1), ("truce", found.level, 1), ("loc_2021", found.loc_level, 4),
              ("loc_2003", found.loc_level, 4))  # fmt: skip
    tables = []
    for panel, (name, level, span) in zip(PANELS, worlds, strict=True):
        weeks = found.recorded[name]
        weeks = weeks[:, : WEAK_WEEKS if name == "weak" else len(known.days) if name == "truce" else None]
        whole = weeks.shape[1] // span * span
        shares = weeks[:, :whole].reshape(len(weeks), -1, span).mean(2) / level
        bands = np.quantile(shares, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        table = pd.DataFrame(bands.T, columns=["p05", "p25", "median", "p75", "p95"])
        table.insert(0, "week", np.arange(len(table)) * span + span / 2)
        table.insert(0, "truce", panel)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _one_law(size: Size, table: pd.DataFrame, title: str) -> Figure:
    words = (
        "Share of the violations before the truce. Blue: median, 50% and 90% of simulated histories. Black: the record."
    )
    columns = 2 if size.wide else 1
    tall = size.width * (0.24 if size.wide else 0.42)
    rows = -(-len(PANELS) // columns)
    probe = Sheet(size, 100)
    high = size.height or probe.heading(title, words) + rows * (tall + 16) + 2
    sheet = Sheet(size, high)
    top = sheet.heading(title, words)
    tall = (high - top - 2) / rows - 16
    wide = size.width / columns
    for place, panel in enumerate(PANELS):
        x, y = place % columns * wide, top + place // columns * (tall + 16)
        sheet.text(x + 13, y + 0.5, panel, fontsize=size.small, fontweight="bold")
        _panel(sheet.axes(x + 13, y + 5, wide - 17, tall), table[table["truce"] == panel], panel, size)
    return sheet.figure


def _panel(ax: Axes, table: pd.DataFrame, panel: str, size: Size) -> None:
    week = table["week"]
    for low, up, alpha in (("p05", "p95", 0.16), ("p25", "p75", 0.26)):
        ax.fill_between(week, table[low].clip(FLOOR), table[up].clip(FLOOR), color=BLUE, alpha=alpha, linewidth=0)
    ax.plot(week, table["median"].clip(FLOOR), color=BLUE, linewidth=size.line * 1.2)
    long = panel == PANELS[3]
    if panel == PANELS[0]:
        ax.axvline(2, color=INK, linewidth=size.line)
    elif panel == PANELS[1]:
        known = record()
        shares = known.violations / known.days * DAYS / (623 * DAYS)
        ax.plot(known.week + 0.5, np.clip(shares, FLOOR, None), ".", color=INK, markersize=size.line * 3)
    else:
        years = [(6 + 52.18 * k, 58.18 + 52.18 * k, share / LOC_2002) for k, share in enumerate(LOC_COUNTS)]
        for first, last, share in years if long else RENEWED:
            ax.hlines(max(share, FLOOR), first, last, color=INK, linewidth=size.line * 1.6)
    ax.set(yscale="log", ylim=(FLOOR * 0.8, 3), xlim=(0, week.max() + week.min()), yticks=[0.001, 0.01, 0.1, 1])
    ax.set_yticklabels(["0.1%", "1%", "10%", "100%"])
    ticks = (
        np.arange(0, 521, 104)
        if long
        else np.arange(0, week.max(), 4 if panel == PANELS[0] else 13 if panel == PANELS[1] else 26)
    )
    ax.set_xticks(ticks)
    ax.set_xticklabels([f"{tick / 52:.0f}" if long else f"{tick:.0f}" for tick in ticks])
    ax.set_xlabel("years" if long else "weeks", fontsize=size.small)


def narrowed(table: pd.DataFrame) -> Picture:
    """Return the picture of identifiability: each parameter's posterior inside its prior range."""
    numbers = rounded(table.sort_values("width", kind="stable"))
    title = "What the records pin down"
    sharp = [row.parameter for row in numbers.itertuples() if row.width < 0.7]
    alt = f"Bars inside the prior range of {len(numbers)} parameters. Narrowed by more than 30 %: {', '.join(sharp)}."
    caption = (
        "Pale: the prior range. Dark: the posterior's 90 % interval, the dot its median; the number is its width over "
        "the prior's (1: the targets say nothing about this parameter alone). Parameters that are not listed keep "
        "their priors: nothing informs them."
    )
    return Picture("identifiability", title, alt, caption, numbers, lambda size: _narrowed(size, numbers, title))


def _narrowed(size: Size, numbers: pd.DataFrame, title: str) -> Figure:
    label, words = (
        size.width * 0.3,
        "Posterior (dark) inside the prior range (pale); the number is the ratio of widths",
    )
    probe = Sheet(size, 100)
    high = size.height or probe.heading(title, words) + 5.6 * len(numbers) + 12
    sheet = Sheet(size, high)
    top = sheet.heading(title, words)
    step = (high - top - 12) / len(numbers)
    ax = sheet.axes(label, top, size.width - label - 14, step * len(numbers))
    for place, row in enumerate(numbers.itertuples()):
        ax.hlines(place, 0, 1, color="#dcdcdc", linewidth=size.line * 4)
        ax.hlines(place, row.low, row.high, color=BLUE, linewidth=size.line * 2.2)
        ax.plot(
            row.mid, place, "o", color=BLUE, markersize=size.line * 3.5, markeredgewidth=0.5, markeredgecolor="white"
        )
        y = top + (place + 0.5) * step
        half = sheet.line_height(size.small) * 0.38
        sheet.text(2.5, y - half, _short(row.parameter), fontsize=size.small)
        sheet.text(size.width - 11, y - half, f"{row.width:.2f}", fontsize=size.small)
    ax.set(xlim=(-0.02, 1.02), ylim=(len(numbers) - 0.5, -0.5), yticks=[], xticks=[0, 0.5, 1])
    ax.set_xticklabels(["low end of prior", "middle", "high end"])
    ax.grid(visible=False)
    return sheet.figure


def _short(name: str) -> str:
    """Return a parameter's name with its event in words that fit."""
    event, _, parameter = name.rpartition(":")
    words = {"donbas_truce_2020": "2020", "kashmir_2003": "2003", "kashmir_2021": "2021", "kashmir_loc": "Kashmir"}
    return f"{words[event]}: {parameter}" if event else parameter
