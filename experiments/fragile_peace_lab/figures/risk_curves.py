"""Risk curves: how frequencies and escalation risks move with a lever, one column of panels for each value of another.

The default figure has the threat level along the axis and the rules of engagement side by side. Every panel holds one
curve with its two bands, so that neither hides another; panels of a row share their scale. What rests on the war block,
which no record of this war informs, is tinted, dashed and says its basis (`estimates.basis`). The last panel parts
belief from fact.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from fragile_peace.words.wording import counted, percent
from fragile_peace_lab.design.axis import key
from fragile_peace_lab.design.beside import CREDIBILITY
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.basis import Basis, recorded_words
from fragile_peace_lab.figures.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    VERMILION,
    Picture,
    Sheet,
    Size,
    bands,
    marked,
    rounded,
    text_width,
)  # fmt: skip
from fragile_peace_lab.figures.levers import Axis, shown_value, value_words
from fragile_peace_lab.figures.panels import CUT_SHORT, Grid, Row, percent_axis, ranged, scale, show, upper

INTERVALS = {
    "monte_carlo": "95%, dark narrow band: how far the number of runs may lead astray",
    "parameters": "5% to 95% of the sampled unknowns, light wide band, corrected for the noise of the runs",
}
ABOUT = ("outcome", "title", "unit", "prior_driven")
BANDS = ("estimate", "mc_low", "mc_high", "param_low", "param_high")
COUNTS = ("n_runs", "n_draws", "n_members", "plain", "variance_factor")
ROWS = (
    Row("violations_recorded_line", "On the line: recorded violations, per 100 km and week",
        "On the line: violations recorded per 100 km and week", BLUE),
    Row("strike_rate", "Danger: strikes on Europeans, per 1,000 soldiers there for a year",
        "Danger: strikes per 1,000 troop-years", VERMILION),
    Row("strike_or_death_line", "On the line: a strike on Europeans, or a European death",
        "On the line: strike on Europeans, or a death", BLUE),
    Row("strike_or_death_hub", "In the hubs: a strike on Europeans, or a European death",
        "In the hubs: strike on Europeans, or a death", VERMILION),
    Row("exchange_of_fire", "Anywhere: an exchange of fire between Russians and Europeans",
        "Anywhere: an exchange of fire", GREEN),
    Row("collapse", "The ceasefire collapses", "The ceasefire collapses", PURPLE),
)  # fmt: skip
MARKS = (("^", "△"), ("s", "□"), ("D", "◇"), ("v", "▽"), ("o", "○"), (">", "▷"))
"""Of the other structures, as matplotlib draws and as text says them."""
BELIEF = "Belief or fact? A strike on Europeans, or a European death, anywhere"
BELIEF_AXIS = "belief: the chance that Russia means its threat"
CASES: tuple[tuple[str, str, Any, str], ...] = (
    ("fixed", INK, "-", "The truth stays fixed"),
    ("tied", ORANGE, (0, (4, 1.5)), "The truth follows the belief"),
)


def curve_numbers(table: pd.DataFrame, keys: Sequence[str], axis: Axis) -> pd.DataFrame:
    """Return the numbers of the panels in drawing order, of the mixed types, at the held values of other levers."""
    chosen = axis.slice(table)
    chosen = chosen[chosen["type"] == "mixed"] if "type" in chosen else chosen
    order = {outcome: place for place, outcome in enumerate(keys)}
    chosen = chosen[chosen["outcome"].isin(order)]
    chosen = axis.sorted(chosen.assign(_place=chosen["outcome"].map(order)), "_place")
    return rounded(chosen[[*ABOUT, *axis.names, *BANDS, *(name for name in COUNTS if name in chosen)]])


def present(rows: Sequence[Row], numbers: pd.DataFrame, basis: Basis) -> list[Row]:
    """Return the rows that have numbers, with the basis of those that turn on the return of war."""
    kept = []
    for row in rows:
        part = numbers[numbers["outcome"] == row.key]
        if len(part):
            kept.append(replace(row, prior=bool(part["prior_driven"].iloc[0]), basis=basis))
    return kept


def risk_curves(
    table: pd.DataFrame,
    axis: Axis,
    facts: dict[str, Any],
    tie: pd.DataFrame | None = None,
    rests: Mapping[str, str] | None = None,
    rows: Sequence[Row] = ROWS,
    what: str = "the risks",
    structures: Mapping[str, pd.DataFrame] | None = None,
) -> Picture:
    """Return the default figure.

    Parameters
    ----------
    table : estimates, one row an outcome and a setting of the levers
    axis : which lever runs along the panels and which across them
    facts : weeks, runs, draws, members, for the text
    tie : belief against fact, the last panel (`estimates.belief`)
    rests : by outcome the share of its parameter variance that no record of this war informs (`estimates.informed`)
    rows, what : the outcomes that are drawn, and what they are called together
    structures : by name of the other structures their estimates, drawn as one mark each beside the curve
    """
    numbers = curve_numbers(table, [row.key for row in rows], axis)
    axis = axis.among(numbers)
    said = {key: f"{share} of its spread without a record" for key, share in (rests or {}).items()}
    rows = [replace(row, rests=said.get(row.key, "")) for row in present(rows, numbers, axis.basis)]
    marks = {name: curve_numbers(other, [row.key for row in rows], axis) for name, other in (structures or {}).items()}
    drawn = (numbers, *map(_bare, marks.values()))
    ends = {row.key: _ends([part[part["outcome"] == row.key] for part in drawn]) for row in rows}
    across = f", by {axis.facet_words}" if axis.facet else ""

    def paint(ax: Axes, row: Row, value: Any, size: Size) -> None:
        _panel(ax, axis.of(numbers[numbers["outcome"] == row.key], value), row, axis, size, ends[row.key])
        for number, part in enumerate(marks.values()):
            _marks(ax, axis.of(part[part["outcome"] == row.key], value), axis, size, number, len(marks))

    title = f"{what[0].upper()}{what[1:]} at {axis.at(axis.values[0])}{across}"
    if len(axis.values) > 1:
        moving = (
            f"How {what} move with {axis.words}" if axis.numeric else f"{what[0].upper()}{what[1:]} by {axis.label}"
        )
        title = moving + (across if axis.numeric else across.replace(", by", " and"))
    grid = Grid(
        axis.headed(title), axis.of_structure + _subtitle(facts) + marks_words(marks), rows, axis.facets,
        [axis.facet_title(value) for value in axis.facets], axis.title, paint,
        below=None if tie is None else lambda sheet, y: belief_panel(sheet, tie, y),
        below_height=lambda size: 44.0 if size.wide else 48.0, standing=axis.standing,
    )  # fmt: skip
    alt = _alt(numbers, rows, axis) + ("" if tie is None else " " + belief_alt(tie))
    both = numbers if tie is None else pd.concat([numbers, tie], ignore_index=True)
    if marks:
        named = [part.assign(**{STRUCTURE: name}) for name, part in {axis.structure: both, **marks}.items()]
        both = pd.concat(named, ignore_index=True)
    return Picture("risk_curves", grid.title, alt, _caption(numbers, tie, axis, facts, rests), both, grid.draw, {
        "estimator": "ratio of totals over runs; probabilities with compensators as control variates where they help",
        "interval": INTERVALS,
        "prior_driven": [row.key for row in rows if row.prior],
    })  # fmt: skip


def _bare(part: pd.DataFrame) -> pd.DataFrame:
    """Estimates as marks, without their ranges."""
    return part.assign(mc_high=part["estimate"], param_high=part["estimate"])


def marks_words(structures: Collection[str]) -> str:
    """Say which mark stands for which structure; "" without any."""
    named = [f"{MARKS[place % len(MARKS)][1]} {name}" for place, name in enumerate(structures)]
    return f" Marks, the estimates in other structures: {', '.join(named)}." if named else ""


def _marks(ax: Axes, part: pd.DataFrame, axis: Axis, size: Size, number: int, many: int) -> None:
    """Draw what a structure shows in a panel, a mark a setting; on paper those of several stand beside one another."""
    aside = 0 if size.height else number - many // 2 + (number >= many // 2)
    moved = ScaledTranslation(aside * size.line * 3.2 / 72, 0, ax.figure.dpi_scale_trans)
    known = part.dropna(subset=["estimate"])
    places = {key(value): place for place, value in enumerate(axis.values)}
    at = [float(value) if axis.numeric else places[key(value)] for value in known[axis.name]]
    ax.plot(
        at, known["estimate"], MARKS[number % len(MARKS)][0], markersize=size.line * 2.4, markerfacecolor="none",
        markeredgecolor=INK, markeredgewidth=size.line / 2.5, zorder=4, transform=ax.transData + moved, clip_on=False,
    )  # fmt: skip


def _subtitle(facts: dict[str, Any]) -> str:
    """How much was run, and which band there cannot be."""
    each = f"{counted(facts['draws'], 'run')} at each point"
    if facts["members"] > 1:
        each = f"{each} for each of {facts['members']} samples of the unknowns"
    text = f"Probabilities are for {counted(facts['weeks'], 'week')}. {counted(facts['runs'], 'run')} in all, {each}. "
    if facts["draws"] == 1:
        text += "With one run at a point its Monte Carlo error cannot be told. "
    if facts["members"] == 1 or facts["draws"] == 1:
        text += "There is no parameter band. "
    return text + "An exploratory model, not a forecast."


def _caption(
    numbers: pd.DataFrame, tie: pd.DataFrame | None, axis: Axis, facts: dict[str, Any], rests: Mapping[str, str] | None
) -> str:
    text = (
        "The dark band is Monte Carlo error: how far the finite number of runs may lead astray (95%). The light "
        "band is parameter uncertainty: the middle 90% over sampled values of what nobody knows. They answer "
        "different questions and are never merged. The figures in a panel are the estimates at its ends."
    )
    if (numbers["param_low"] == numbers["param_high"]).any():
        text += (
            " Where the light band pinches to the line, the unknowns spread no more than the runs do by chance: more "
            "runs would be needed to tell it."
        )
    if rests:
        text += (
            " Under a title stands how much of the variance over the unknowns comes from those that no record of this "
            "war informs, at the baseline setting."
        )
    if numbers["prior_driven"].any():
        text += f" Tinted panels with a dashed line are {axis.basis.many}."
        text += f" {records}" if (records := recorded_words(facts["weeks"], axis.classes)) else ""
    if (numbers["outcome"] == ROWS[0].key).any():
        text += (
            " Rates count only weeks at peace: where the ceasefire ends early they are made of its early, calmer "
            "weeks, "
            "which is what stretches their light band downwards."
        )
    text += f" {CUT_SHORT}"
    if tie is not None:
        text += _tie_words(axis)
    return text


def _tie_words(axis: Axis) -> str:
    """How the belief panel is read, in a sweep that holds the truth and in one that moves it with the belief."""
    text = " In the last row the belief that Russia means its threat moves along the axis, while the truth stays as "
    if any(belief.tied for belief in axis.beliefs if belief.name == CREDIBILITY):
        return text + (
            "each member has it (left) or moves with the belief (right). In the other rows it moves with the belief "
            "too: only the left panel is of belief alone."
        )
    return text + (
        "in the other rows (left) or moves with the belief (right): only the right panel mixes belief with fact."
    )


def _ends(parts: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """The scale on which all of them have room."""
    lows, tops = zip(*map(scale, parts), strict=True)
    return min(lows), max(tops)


def _panel(ax: Axes, part: pd.DataFrame, row: Row, axis: Axis, size: Size, ends: tuple[float, float]) -> None:
    """Draw one curve, its scale and the values at its ends."""
    unit = str(part["unit"].iloc[0]) if len(part) else "probability"
    if row.prior:
        marked(ax)
    bands(ax, part, axis.name, row.colour, size, linestyle=(0, (4, 1.5)) if row.prior else "-")
    ax.set_ylim(*ends)
    axis.ticks(ax, size)
    if unit in ("probability", "share"):
        percent_axis(ax, ends[1])
    known = part.dropna(subset=["estimate"])
    if known.empty:
        ax.text(
            0.5, 0.5, "no such run", transform=ax.transAxes, ha="center", va="center", fontsize=size.small, color=GREY
        )
        return
    if len(known) > 1 and not axis.numeric:
        return  # names have no order: there is no way from the first to the last
    shown = [show(known["estimate"].iloc[place], unit) for place in (0, -1)]
    words = shown[0] if len(known) == 1 else f"{shown[0]} → {shown[1]}"
    if text_width(words, size.small, "bold") > 0.94 * ax.get_position().width * size.width:
        words = " →\n".join(shown)
    style: dict[str, Any] = {"fontsize": size.small, "color": row.colour, "fontweight": "bold"}
    ax.text(0.97, 0.965, words, transform=ax.transAxes, ha="right", va="top", **style)


def belief_panel(sheet: Sheet, tie: pd.DataFrame, top: float) -> None:
    """Draw belief against fact: over what is believed, with the truth fixed and with the truth following."""
    size = sheet.size
    pad, line, small = size.text * 0.4, sheet.line_height(size.text), sheet.line_height(size.small)
    y = top + line * 0.5
    y += sheet.paragraph(pad, y, BELIEF, size.width - 2 * pad, fontweight="bold") + small * 0.2
    left, gap = size.text * 1.35, size.text * 0.42
    width = (size.width - left - size.text * 0.45 - gap) / 2
    bottom = sheet.height - line * 1.5 - small * 1.6
    highest, ticks = upper(tie), sorted(set(tie[CREDIBILITY]))
    for place, (case, colour, style, words) in enumerate(CASES):
        x = left + place * (width + gap)
        sheet.text(x, y, words, color=colour)
        ax = sheet.axes(x, y + line, width, bottom - y - line)
        part = tie[tie["case"] == case]
        bands(ax, part, CREDIBILITY, colour, size, linestyle=style)
        ax.set_ylim(0, highest)
        percent_axis(ax, highest)
        ax.set_xlim(0, max(0.05, 1.04 * ticks[-1]))
        ax.set_xticks(ticks, [f"{100 * value:.0f}%" for value in ticks])
        ax.tick_params(labelleft=place == 0)
        if len(part):
            ends = [percent(float(part["estimate"].iloc[end])) for end in (0, -1)]
            text: dict[str, Any] = {"fontsize": size.small, "color": colour, "fontweight": "bold"}
            ax.text(0.97, 0.965, " → ".join(ends), transform=ax.transAxes, ha="right", va="top", **text)
    sheet.text(left, bottom + small * 1.6, BELIEF_AXIS)


def belief_alt(tie: pd.DataFrame) -> str:
    """Return in words what the belief panel shows."""
    said = []
    for case, name in (("fixed", "With the truth fixed"), ("tied", "With the truth following the belief")):
        part = tie[tie["case"] == case]
        if len(part):
            first, last = part.iloc[0], part.iloc[-1]
            said.append(
                f"{name}, the chance of a strike or a European death anywhere goes from {ranged(first)} at a belief of "
                f"{percent(first[CREDIBILITY])} to {ranged(last)} at {percent(last[CREDIBILITY])}."
            )
    return " ".join(said)


def _alt(numbers: pd.DataFrame, rows: Sequence[Row], axis: Axis) -> str:
    """Say what is drawn, and for the middle column of panels what it shows; the table holds the rest."""
    ends = [shown_value(axis.name, axis.values[place]) for place in (0, -1)]
    span = f"from {axis.label} {ends[0]} to {ends[1]}" if len(axis.values) > 1 else f"at {axis.label} {ends[0]}"
    case = axis.facets[len(axis.facets) // 2]
    where = f" Under {value_words(axis.facet, case).lower()}:" if axis.facet else ""
    said = []
    for row in rows:
        cell = axis.of(numbers[numbers["outcome"] == row.key], case).dropna(subset=["estimate"])
        moved = "no such run" if cell.empty else ranged(cell.iloc[0])
        if len(cell) > 1:
            moved = f"from {moved} to {ranged(cell.iloc[-1])}"
        said.append(f"{row.title[0].lower()}{row.title[1:]}{f' ({row.basis.name})' if row.prior else ''}, {moved}")
    head = f"{len(rows)} rows of {len(axis.facets)} small charts {span}, each with a curve and two bands."
    return f"{head}{where} {'; '.join(said)}. All numbers are in the table."
