"""What a trial of the posterior leaves: its tables, and the picture of every parameter's ranks inside their band."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from fragile_peace_lab import durable
from fragile_peace_lab.calibration.free import LOC, LOC_2003, LOC_2021, MEAN, SPREAD, TRUCE
from fragile_peace_lab.calibration.ranks import Bands
from fragile_peace_lab.calibration.trial import NAMES, Trial
from fragile_peace_lab.design.posterior import START
from fragile_peace_lab.figures.drawing import BLUE, GREY, INK, PAGE, VERMILION, Picture, Sheet, Size, rounded, write

PANEL = 21.0  # millimetres, height of a panel's axes
RANKS, OUTPUTS = "trial_ranks", "trial_outputs"
_LABELS = {
    f"{TRUCE}:{START}": "2020: truce.restraint",
    f"{LOC_2003}:{START}": "2003: truce.restraint",
    f"{LOC_2021}:{START}": "2021: truce.restraint",
    f"{LOC}:russia.raid_gain": "LoC: russia.raid_gain",
    MEAN: "truces: mean start",
    SPREAD: "truces: spread of starts",
    START: "a further truce's start",
    "truce.recommitments_per_year": "recommitments_per_year",
    "truce.recommitment_jump": "recommitment_jump",
}


def write_trial(found: Trial, figures: Path) -> list[Path]:
    """Write the picture of a trial and its tables, of parameters (trial.csv), ranks and outputs; returns the paths."""
    written = write(ranked(found), figures, [PAGE], {})
    for name, table in ((RANKS, found.ranks), (OUTPUTS, found.outputs)):
        written.append(figures / f"{name}.csv")
        durable.write(written[-1], rounded(table).to_csv(index=False, lineterminator="\n").encode())
    return written


def ranked(found: Trial) -> Picture:
    """Return the picture: for every parameter the ECDF of its truths' ranks less the uniform one, inside its band."""
    table = rounded(found.table)
    number, kinds = len(found.ranks), len(table)
    title = f"The posterior on trial: {kinds - len(found.outside)} of {kinds} quantities inside their bands"
    words = ", ".join(found.outside) if found.outside else "none"
    support = found.ranks["effective"].quantile([0.05, 0.5]).tolist()
    alt = (
        f"{kinds} small panels, one a quantity: a step curve of ECDF differences inside a grey band around zero. "
        f"Outside their bands: {words}. Coverage of 50 % intervals is between {table['coverage50'].min():.0%} and "
        f"{table['coverage50'].max():.0%}, of 90 % intervals between {table['coverage90'].min():.0%} and "
        f"{table['coverage90'].max():.0%}."
    )
    caption = (
        f"Simulation-based calibration: {number} truths were drawn from the prior within the space that the waves "
        "leave, one real history of each was given the errors of the records, and the truth inferred from it by the "
        f"emulated likelihood. Drawn is the ECDF of the truths' ranks among {found.draws} draws of their posteriors, "
        "less the uniform one. Grey: the simultaneous 95 % band of uniform ranks; a curve outside it is vermilion and "
        "dashed. A curve that rises and then falls around the middle (a peak left, a trough right) says that the "
        "posterior is too narrow, one wholly above zero that it lies too high. The numbers are the coverage of the "
        f"50 % and 90 % central intervals. By chance alone more than {found.allowed} of the {kinds} leave their bands "
        f"in {found.false_alarm:.1%} of trials."
    )
    about = {
        "interval": "simultaneous 95 % band of each quantity",
        "ranks": f"{RANKS}.csv", "replicates": number, "draws": found.draws, "allowed_outside": found.allowed,
        "false_alarm": found.false_alarm, "passed": found.passed, "pool": found.pool[0],
        "pool_effective": float(f"{found.pool[1]:.6g}"),
        "effective_of_posterior": {"p05": float(f"{support[0]:.4g}"), "median": float(f"{support[1]:.4g}")},
    }  # fmt: skip
    return Picture("trial", title, alt, caption, table, lambda size: _draw(size, found, title), about)


def _draw(size: Size, found: Trial, title: str) -> Figure:
    words = (
        "ECDF of the truths' ranks, less uniform. Grey: simultaneous 95% band. Numbers: coverage of the 50% and 90% "
        "intervals."
    )
    across = 5 if size.wide else 2
    down = -(-len(NAMES) // across)
    left, gap, foot = size.text * 1.15, size.text * 0.35, size.text * 0.75
    name = Sheet(size, 100).line_height(size.small) * 2.6
    probe = Sheet(size, 100)
    key = probe.line_height(size.small) * 1.7
    high = size.height or probe.heading(title, words) + key + down * (PANEL + name) + foot
    sheet = Sheet(size, high)
    top = sheet.heading(title, words)
    _key(sheet, left, top)
    top += key
    wide, tall = (size.width - left - 2) / across - gap, (high - top - foot) / down - name
    bands = Bands.of(len(found.ranks), found.draws)
    curves, edges = _curves(bands, found)
    most = 1.08 * max(np.abs(edges).max(), np.abs(curves).max())
    for place, row in enumerate(found.table.to_dict("records")):
        column, line = place % across, place // across
        x, y = left + column * (wide + gap), top + line * (tall + name)
        _heading(sheet, x, y, row)
        ax = sheet.axes(x, y + name * 0.8, wide, tall)
        _panel(ax, curves[place], edges, size, bool(row["inside"]))
        last = place + across >= len(NAMES)
        ax.set(ylim=(-most, most), xlim=(0, 1), xticks=[0, 0.5, 1], yticks=[-0.1, 0, 0.1])
        ax.set_xticklabels(["0", "rank", "1"] if last else [])
        labels = ax.get_xticklabels()
        if labels:
            labels[0].set_horizontalalignment("left")
            labels[-1].set_horizontalalignment("right")
        ax.set_yticklabels(["−0.1", "", "0.1"] if column == 0 else [])
        ax.spines["bottom"].set_visible(last)
        ax.tick_params(bottom=last)
    return sheet.figure


def _curves(bands: Bands, found: Trial) -> tuple[np.ndarray, np.ndarray]:
    """Return ECDFs less the uniform one, (quantities, draws), and the band's lower and upper edge, (2, draws)."""
    expected = np.arange(1, found.draws + 1) / (found.draws + 1)
    ranks = found.ranks[list(NAMES)].to_numpy().T
    edges = np.stack(bands.edges) / bands.replicates - expected
    return bands.below(ranks) / bands.replicates - expected, edges


def _heading(sheet: Sheet, x: float, y: float, row: Mapping[Any, Any]) -> None:
    """Write a panel's name and, below it, its coverage."""
    small, name = sheet.size.small, row["parameter"]
    sheet.text(x, y, _LABELS.get(name, name), fontsize=small, fontweight="normal" if row["inside"] else "bold")
    told = f"50%: {row['coverage50']:.0%}   90%: {row['coverage90']:.0%}"
    sheet.text(x, y + sheet.line_height(small) * 0.92, told, fontsize=small * 0.9, color=GREY)


def _panel(ax: Axes, curve: np.ndarray, edges: np.ndarray, size: Size, inside: bool) -> None:
    place = np.arange(1, len(curve) + 1) / (len(curve) + 1)
    ax.fill_between(place, edges[0], edges[1], color="#dedede", linewidth=0, step="mid")
    ax.axhline(0, color=GREY, linewidth=size.line / 2)
    ax.step(place, curve, where="mid", color=BLUE if inside else VERMILION, linewidth=size.line,
            linestyle="-" if inside else (0, (2.2, 0.8)))  # fmt: skip
    ax.grid(visible=False)


def _key(sheet: Sheet, x: float, y: float) -> None:
    """Draw what the marks mean, in a line."""
    size, gap = sheet.size, sheet.line_height(sheet.size.small)
    step = (size.width - 2 * x) / 3
    for number, (colour, words) in enumerate(((BLUE, "inside"), (VERMILION, "leaves its band"), (None, "95% band"))):
        at, middle = x + number * min(step, 11 * gap), 1 - (y + 0.5 * gap) / sheet.height
        ends = [at / sheet.width, (at + 2 * gap) / sheet.width]
        if colour is None:
            box = ((ends[0], middle - 0.35 * gap / sheet.height), ends[1] - ends[0], 0.7 * gap / sheet.height)
            patch = Rectangle(*box, transform=sheet.figure.transFigure, facecolor="#dedede", linewidth=0)
            sheet.figure.add_artist(patch)
        else:
            mark = Line2D(ends, [middle, middle], color=colour, linewidth=size.line, transform=sheet.figure.transFigure,
                          linestyle="-" if colour == BLUE else (0, (2.2, 0.8)))  # fmt: skip
            sheet.figure.add_artist(mark)
        sheet.text(at + 2.4 * gap, y + 0.05 * gap, words, fontsize=size.small, color=INK)
