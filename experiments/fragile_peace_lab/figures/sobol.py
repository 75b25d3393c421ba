"""The ranked picture of a sensitivity analysis: for each headline outcome the unknowns that drive it most."""

import pandas as pd
from matplotlib.figure import Figure

from fragile_peace_lab.figures.drawing import BLUE, GREY, INK, Picture, Sheet, Size, marked, rounded, wrapped

MOST = 6
STEP, GAP = 4.4, 15.0


def ranked(table: pd.DataFrame) -> Picture:
    """Return the picture of the table of `sensitivity.indices`."""
    numbers = rounded(table)
    shown = numbers[numbers["rank"] <= MOST]
    first = shown[shown["rank"] == 1]
    title = "Which unknowns drive the risk"
    if "total" not in numbers:
        return _of_shares(numbers, shown, title)
    said = [f"{row.title}: {row.uncertainty} ({row.total:.2f})" for row in first.itertuples()]
    alt = f"Ranked bars of Sobol indices, a panel an outcome. Greatest total index: {'; '.join(said)}."
    caption = (
        "Share of an outcome's variance over the unknowns. Dark: first-order index, what would go if this one were "
        "known; light: total index, with every interaction; whiskers are 95 % bootstrap intervals, cut at 1.05. A "
        "tinted panel rests on the war block, which no record informs: there the picture says which assumption "
        "matters, not which fact."
    )
    return Picture("sensitivity", title, alt, caption, numbers, lambda size: _draw(size, shown, title))


def _of_shares(numbers: pd.DataFrame, shown: pd.DataFrame, title: str) -> Picture:
    """The picture of a sweep that is no Saltelli design: first-order shares alone."""
    said = [f"{row.title}: {row.uncertainty} ({row.first:.2f})" for row in shown[shown["rank"] == 1].itertuples()]
    alt = f"Ranked bars of first-order shares, a panel an outcome. Greatest share: {'; '.join(said)}."
    caption = (
        "Share of an outcome's variance over the samples that would go if this unknown were known, by regression on it "
        "alone, corrected for the noise of the runs; whiskers are 95 % intervals. What unknowns do together is in no "
        "share; unknowns that go together share theirs. A tinted panel rests on the war block, which no record informs."
    )
    return Picture("sensitivity", title, alt, caption, numbers, lambda size: _draw(size, shown, title, SHARES))


INDICES = "Sobol indices, 95% intervals. Dark: alone. Light: with interactions. Tinted: rests on no record."
SHARES = "First-order shares of the variance, 95% intervals. Tinted: rests on no record."


def _draw(size: Size, shown: pd.DataFrame, title: str, words: str = INDICES) -> Figure:
    names = list(dict.fromkeys(shown["outcome"]))
    label = size.width * 0.3
    probe = Sheet(size, 100)
    rows = len(shown)
    high = size.height or probe.heading(title, words) + STEP * rows + GAP * len(names)
    sheet = Sheet(size, high)
    top = sheet.heading(title, words)
    step = (high - top - GAP * len(names)) / rows
    for name in names:
        part = shown[shown["outcome"] == name].reset_index(drop=True)
        heading = wrapped(str(part["title"][0]), size.width - 8, size.text, "bold")[0]
        sheet.text(2.5, top + 1, heading, fontsize=size.text, fontweight="bold")
        top += 6
        ax = sheet.axes(label, top, size.width - label - 6, step * len(part))
        if part["prior_driven"][0]:
            marked(ax)
        for place, row in enumerate(part.itertuples()):
            if words == INDICES:
                ax.barh(place, row.total, height=0.66, color=BLUE, alpha=0.25, linewidth=0)
            ax.barh(place, max(row.first, 0), height=0.3, color=BLUE, linewidth=0)
            if words == INDICES:
                ax.hlines(place, row.total_low, row.total_high, color=INK, linewidth=size.line / 2)
            ax.hlines(place + 0.12, max(row.first_low, 0), max(row.first_high, 0), color=GREY, linewidth=size.line / 2)
            half = sheet.line_height(size.small) / 2
            sheet.text(2.5, top + (place + 0.5) * step - half, row.uncertainty, fontsize=size.small)
        ax.set(xlim=(0, 1.05), ylim=(len(part) - 0.5, -0.5), yticks=[])
        ax.grid(visible=False, axis="y")
        top += step * len(part) + GAP - 6
    return sheet.figure
