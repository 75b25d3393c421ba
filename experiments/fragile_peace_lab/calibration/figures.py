"""Two pictures of a calibration: what the posterior predicts beside what was recorded, and what the records pin."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace_lab.calibration.check import Check
from fragile_peace_lab.calibration.targets import TARGETS
from fragile_peace_lab.figures.drawing import BLUE, GREY, INK, VERMILION, Picture, Sheet, Size, rounded, wrapped

ROW = 10.0
RECORDED = ((0, 18, 20 / 623), (18, 22.6, 84 / 623), (22.6, 28.3, 84 / 623), (34, 45, 269 / 623))
"""Weeks after 27 July 2020 and the share of the 623 a day before [smm_rebound_curve]; sources give no other periods."""
_BY_NAME = {target.name: target for target in TARGETS}


def predictive(found: Check) -> Picture:
    """Return the picture of every target: observed, tolerance, prediction; and of the truce of 2020 week by week."""
    numbers = rounded(found.table)
    hits = ", ".join(f"{_BY_NAME[row.target].title}: {'hit' if row.hit else 'miss'}" for row in numbers.itertuples())
    title = f"What the calibrated model predicts: {len(found.hits)} of 9 scored outputs hit"
    alt = (
        f"Rows of bars, one a target, in units of its tolerance. {hits}. Below, recorded violations after the truce of "
        "July 2020, week by week, with the recorded shares as short lines."
    )
    caption = (
        "Each bar is what one history might have shown over members of the posterior and runs: its 90 % interval, "
        "the dot its median. The grey band is the tolerance: two standard deviations of observation error and stated "
        "model discrepancy together. A median inside it is a hit (blue), outside a miss (vermilion). Below: weekly "
        "violations of the truce as a share of those before it; black lines are the recorded shares of their periods."
    )
    return Picture(
        "posterior_predictive", title, alt, caption, numbers,
        lambda size: _predictive(size, numbers, found.curve, title),
        {
            "interval": "90 % over posterior members and runs",
            "observed": "evidence.csv through TARGETS",
        },
    )  # fmt: skip


def _predictive(size: Size, numbers: pd.DataFrame, curve: pd.DataFrame, title: str) -> Figure:
    label = size.width * 0.37
    probe = Sheet(size, 100)
    top = probe.heading(title, "Model: median and 90% interval. Grey: tolerance. * held out of the fit.")
    high = size.height or top + ROW * len(numbers) + 68
    sheet = Sheet(size, high)
    top = sheet.heading(title, "Model: median and 90% interval. Grey: tolerance. * held out of the fit.")
    step = (high - top - 68) / len(numbers) if size.height else ROW
    ax = sheet.axes(label, top, size.width - label - 6, step * len(numbers))
    ax.axvspan(-1, 1, color="#e4e4e4", linewidth=0)
    ax.axvline(0, color=INK, linewidth=size.line / 2)
    for place, row in enumerate(numbers.itertuples()):
        colour = BLUE if row.hit else VERMILION
        low, mid, up = (np.clip(_scaled(row.target, value), -3.4, 3.4) for value in (row.p05, row.median, row.p95))
        ax.hlines(place, low, up, color=colour, alpha=0.45, linewidth=size.line * 3)
        ax.plot(mid, place, "o", color=colour, markersize=size.line * 3.5, markeredgewidth=0)
        y = top + (place + 0.5) * step
        words = _BY_NAME[row.target].title + (" *" if row.held_out else "")
        gap = sheet.line_height(size.small)
        lines = wrapped(words, label - 6, size.small)
        sheet.text(2.5, y - gap * (len(lines) + 1) / 2, "\n".join(lines), fontsize=size.small, linespacing=1.25)
        sheet.text(2.5, y + gap * (len(lines) - 1) / 2, f"recorded {row.observed:.3g}, model {row.median:.3g} "
                   f"({row.p05:.2g} to {row.p95:.2g})", fontsize=size.small * 0.9, color=GREY)  # fmt: skip
    ax.set(xlim=(-3.5, 3.5), ylim=(len(numbers) - 0.5, -0.5), yticks=[], xticks=[-3, -2, -1, 0, 1, 2, 3])
    ax.set_xticklabels(["", "", "lower end", "recorded", "upper end", "", ""])
    _truce(sheet.axes(18, high - 50, size.width - 24, 38), curve, size)
    sheet.text(18, high - 57, "The truce of July 2020: recorded violations, share of those before",
               fontsize=size.small, fontweight="bold")  # fmt: skip
    return sheet.figure


def _scaled(name: str, value: float) -> float:
    """Return a value's distance from the observation, in tolerances."""
    target = _BY_NAME[name]
    place = np.log(max(value, 1e-9)) if target.log else value
    return float((place - target.place) / (2 * target.deviation))


def _truce(ax: Axes, curve: pd.DataFrame, size: Size) -> None:
    ax.fill_between(curve["week"], curve["p05"], curve["p95"], color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(curve["week"], curve["median"], color=BLUE, linewidth=size.line)
    for first, last, share in RECORDED:
        ax.hlines(share, first, last, color=INK, linewidth=size.line * 1.6)
    ax.set(xlim=(0, 75), ylim=(0, None))
    ax.set_xlabel("weeks after 27 July 2020 (black: as recorded)", fontsize=size.small)


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
        sheet.text(2.5, y - half, row.parameter.replace("donbas_truce_2020:", "2020: "), fontsize=size.small)
        sheet.text(size.width - 11, y - half, f"{row.width:.2f}", fontsize=size.small)
    ax.set(xlim=(-0.02, 1.02), ylim=(len(numbers) - 0.5, -0.5), yticks=[], xticks=[0, 0.5, 1])
    ax.set_xticklabels(["low end of prior", "middle", "high end"])
    ax.grid(visible=False)
    return sheet.figure
