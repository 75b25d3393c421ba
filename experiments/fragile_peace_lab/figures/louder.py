"""The figure "Made louder and heard louder": what a threat does, and what it tells."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fragile_peace.declared.scenario import Scenario
from fragile_peace.words.wording import percent
from fragile_peace_lab.figures.drawing import BLUE, INCH, VERMILION, Picture, Sheet, Size, bands, rounded
from fragile_peace_lab.figures.panels import percent_axis

TITLE = "Made louder and heard louder"
CURVES = (
    ("made", BLUE, "-", "if Moscow is made louder"),
    ("heard", VERMILION, (0, (4, 1.5)), "when Moscow is heard louder"),
)
PANELS = (
    ("committed", "Russia means the threat"),
    ("joining", "Share of the force that joins"),
    ("strike_or_death", "A strike or a European death"),
)
LEVEL = "how loudly Moscow declares the force a “legitimate target”"
CAPTION = (
    "Blue, solid: the threat is set to a level, and beliefs stay what they were. Vermilion, dashed: Moscow, knowing "
    "whether it means it, chooses the threat, and everybody infers; the runs in which it chose that level. The first "
    "curve is what a louder threat does, the second what hearing one lets expect. Bands: 95% Monte Carlo intervals; "
    "that Russia means it is computed, not estimated."
)


def louder(scenario: Scenario, seed: int, table: pd.DataFrame) -> Picture:
    """Return the figure of a threat that is made louder and of one that is heard louder.

    Parameters
    ----------
    scenario, seed : what was played
    table : what `running.louder.made_and_heard` returns
    """
    numbers = rounded(table)
    runs = {curve: int(table[table["curve"] == curve].groupby("level")["runs"].first().sum()) for curve, *_ in CURVES}
    subtitle = (
        f"{scenario.name}; unknowns at their declared values; {runs['made']:,} runs of set threats, {runs['heard']:,} "
        f"in which Moscow chooses. {difference(numbers)}"
    )

    def draw(size: Size) -> Figure:
        return _panels(size, numbers, subtitle)

    return Picture("made_and_heard", TITLE, _alt(numbers), CAPTION, numbers, draw, {
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "seed": seed,
        "runs": runs,
        "interval": {"monte_carlo": "95%: Wilson's or exact of a probability, Student's t of a mean"},
    })  # fmt: skip


def _at(numbers: pd.DataFrame, curve: str, outcome: str) -> pd.DataFrame:
    """The rows of one curve, in order of the level, where there is an estimate."""
    part = numbers[(numbers["curve"] == curve) & (numbers["outcome"] == outcome)]
    return part.dropna(subset=["estimate"]).sort_values("level")


def difference(numbers: pd.DataFrame) -> str:
    """Say in one sentence what the difference of the curves means, at the loudest threat that was heard."""
    heard, risk = (_at(numbers, "heard", outcome) for outcome in ("committed", "strike_or_death"))
    if heard.empty:
        return "Moscow made no threat often enough to tell."
    level = float(heard["level"].iloc[-1])
    last, set_risk = risk.iloc[-1], _at(numbers, "made", "strike_or_death").set_index("level").loc[level]
    apart = set_risk["mc_high"] < last["mc_low"] or last["mc_high"] < set_risk["mc_low"]
    what = "no effect of the threat, but what it tells" if apart else "within Monte Carlo error, so little does it tell"
    prior = _at(numbers, "made", "committed").set_index("level")["estimate"][level]
    return (
        f"At a threat of {level:g} a strike or a death has a chance of {percent(float(set_risk['estimate']))} if it is "
        f"made and of {percent(float(last['estimate']))} when it is heard: what lies between is {what} of who speaks, "
        f"since {percent(float(heard['estimate'].iloc[-1]))} of those who choose it mean it, against "
        f"{percent(float(prior))} of all."
    )


def _panels(size: Size, numbers: pd.DataFrame, subtitle: str) -> Figure:
    """Draw a panel for each outcome, beside each other or below."""
    columns = len(PANELS) if size.wide else 1
    line = size.text * 1.3 * INCH / 72
    pad, high = size.text * 0.4, size.text * 6.0
    down = Sheet(size, 400).heading(TITLE, subtitle)
    sheet = Sheet(size, down + line * 2.6 + (len(PANELS) // columns) * (high + line * 2.6) + line * 1.6)
    top = sheet.heading(TITLE, subtitle)
    for number, (_, colour, _, words) in enumerate(CURVES):
        sheet.text(pad, top + number * line, words, color=colour, fontweight="bold")
    top += line * 2.6
    left, gap = size.text * 1.35, size.text * 1.3
    width = (size.width - left - size.text * 0.45 - gap * (columns - 1)) / columns
    if size.height:
        high = size.height - top - line * 4.2
    for number, (outcome, words) in enumerate(PANELS):
        across, below = number % columns, number // columns
        where = left + across * (width + gap), top + below * (high + line * 2.6)
        sheet.text(*where, words)
        _curves(sheet.axes(where[0], where[1] + line * 1.2, width, high), numbers, outcome, size)
    sheet.text(left, sheet.height - line * 1.4, LEVEL)
    return sheet.figure


def _curves(ax: Axes, numbers: pd.DataFrame, outcome: str, size: Size) -> None:
    """Draw both curves of an outcome."""
    for curve, colour, style, _ in CURVES:
        part = _at(numbers, curve, outcome).assign(param_low=float("nan"), param_high=float("nan"))
        bands(ax, part, "level", colour, size, linestyle=style)
    top = min(1.04, 1.25 * max(0.04, float(numbers[numbers["outcome"] == outcome]["mc_high"].max())))
    ax.set_ylim(0, top)
    percent_axis(ax, top)
    ax.set_xlim(-0.04, 1.04)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])


def _alt(numbers: pd.DataFrame) -> str:
    """Say what both curves of each panel do."""
    said = []
    for outcome, words in PANELS:
        for curve, _, _, name in CURVES:
            part = _at(numbers, curve, outcome)
            if len(part):
                ends = [percent(float(part["estimate"].iloc[end])) for end in (0, -1)]
                said.append(f"{words}, {name}: from {ends[0]} to {ends[1]}.")
    return f"Three small charts from a threat of 0 to one of 1, each with two curves. {' '.join(said)}"
