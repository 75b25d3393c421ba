"""Figures of weeks: the fan of many runs of one point, and the timeline of a single run.

Both are drawn from weeks as `running.weeks.played` returns them and a sweep keeps them: one row a run and week.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from fragile_peace.codes import EndCause, Rung
from fragile_peace.declared.scenario import Scenario
from fragile_peace.words.wording import percent
from fragile_peace_lab.figures.drawing import (
    BLUE,
    GREEN,
    GREY,
    INCH,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILION,
    Picture,
    Sheet,
    Size,
    rounded,
    text_width,
)  # fmt: skip

RUNGS = ("probe", "raid", "strike, death", "exchange of fire", "war", "Russia–NATO war", "war with U.S.")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
RUNG_NAMES = {
    Rung.CALM: "calm",
    Rung.PROBE: "probe",
    Rung.RAID: "raid",
    Rung.STRIKE_OR_DEATH: "strike or European death",
    Rung.EXCHANGE_OF_FIRE: "exchange of fire",
    Rung.WAR_RUSSIA_UKRAINE: "war: Russia–Ukraine",
    Rung.WAR_RUSSIA_COALITION: "war: Russia–coalition",
    Rung.WAR_WITH_US: "war with the United States",
}
ENDINGS = {
    EndCause.HORIZON: "the ceasefire held to the end",
    EndCause.RESUMED_RUSSIA: "Russia went back to war",
    EndCause.RESUMED_UKRAINE: "Ukraine went back to war",
    EndCause.SPIRAL_COALITION: "an exchange of fire became a war with the coalition",
    EndCause.SPIRAL_US: "an exchange of fire became a war with the United States",
}
SERIES = (
    ("violations", "Recorded violations on the line, per 100 km and week", BLUE),
    ("mu", "Belief that Russia means its threat", VERMILION),
    ("gamma", "Belief that Washington would honour its guarantee", GREEN),
)


def fan_numbers(weeks: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Return for each week and series quantiles over the runs at peace at its start, with the median's interval."""
    rows = []
    for series, _, _ in SERIES:
        table = np.full((weeks["run"].nunique(), horizon), np.nan)
        table[weeks["run"], weeks["week"] - 1] = weeks[series]
        for week in range(horizon):
            values = np.sort(table[~np.isnan(table[:, week]), week])
            if not len(values):
                break
            low, high = _median_interval(values)
            quantiles = dict(
                zip((f"q{int(100 * q):02d}" for q in QUANTILES), np.quantile(values, QUANTILES), strict=True)
            )
            row = {"series": series, "week": week + 1, "runs": len(values), **quantiles}
            rows.append({**row, "median_low": low, "median_high": high})
    return rounded(pd.DataFrame(rows))


def _median_interval(ordered: np.ndarray) -> tuple[float, float]:
    """Return the distribution-free 95 % interval of the median: order statistics (Thompson 1936)."""
    n = len(ordered)
    k = int(stats.binom.ppf(0.025, n, 0.5))
    return float(ordered[max(k - 1, 0)]), float(ordered[min(n - k, n - 1)])


def fan_chart(scenario: Scenario, seed: int, weeks: pd.DataFrame, horizon: int, where: str) -> Picture:
    """Return the fan of weekly violations and beliefs over many runs of one scenario.

    Parameters
    ----------
    scenario, seed : what was played
    weeks : its runs from the first on (`running.weeks.played`)
    horizon : the weeks that a run lasts at most
    where : the setting of the levers, in words
    """
    runs, numbers = weeks["run"].nunique(), fan_numbers(weeks, horizon)
    title = "Week by week: violations and beliefs over many runs"
    subtitle = (
        f"{scenario.name}, {where}; unknowns at their declared values; {runs} runs. Light: 9 of 10 runs; middle: half "
        "of the runs; line: the median; dark: its 95% Monte Carlo interval. Only runs still at peace are counted."
    )

    def draw(size: Size) -> Figure:
        return _fan_panels(size, numbers, title, subtitle, runs, horizon)

    return Picture("weekly_fan", title, _fan_alt(numbers, scenario, runs, horizon), _FAN_CAPTION, numbers, draw, {
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "seed": seed,
        "runs": runs,
        "estimator": "quantiles over the runs still at peace at the start of the week (linear interpolation)",
        "interval": {"monte_carlo": "95% order-statistic interval of the median", "spread": "5-95% and 25-75% of runs"},
    })  # fmt: skip


def _fan_panels(size: Size, numbers: pd.DataFrame, title: str, subtitle: str, runs: int, horizon: int) -> Figure:
    """Draw a panel for each series, and one for the share of runs at peace."""
    pad, gap = size.text * 0.4, size.text * 0.7
    rows, columns = (2, 2) if size.height else (len(SERIES) + 1, 1)
    head = Sheet(size, 100).heading(title, subtitle)
    panel = (size.height - head - 2.4 * size.text * INCH / 72) / 2 - gap if size.height else 27.0
    sheet = Sheet(size, head + rows * (panel + gap) + 2 * size.text * INCH / 72)
    sheet.heading(title, subtitle)
    left, right = size.text * 1.5, size.text * 0.9
    width = (sheet.width - columns * (left + right)) / columns
    for index, (series, words, colour) in enumerate((*SERIES, ("peace", "Share of runs still at peace", GREY))):
        across, down = index % columns, index // columns
        x, y = left + across * (width + left + right), head + down * (panel + gap)
        ink = colour if series != "peace" else INK
        sheet.text(x - left + pad, y, words, fontsize=size.text, color=ink, fontweight="bold")
        ax = sheet.axes(x, y + size.text * 0.62, width, panel - size.text * 0.45)
        _fan(ax, numbers, series, colour, size, runs)
        ax.set_xlim(1, max(horizon, 2))
        if down == rows - 1:
            ax.set_xlabel("week of the ceasefire", fontsize=size.text)
        else:
            ax.tick_params(labelbottom=False)
    return sheet.figure


_FAN_CAPTION = (
    "What a ceasefire can look like from week to week in the model. The bands are the spread of single runs, which is "
    "neither of the two bands of the risk curves: it would not shrink with more runs or more knowledge. Runs that have "
    "ended in war no longer count, so the later weeks describe the ceasefires that survived."
)


def _fan(ax: Axes, numbers: pd.DataFrame, series: str, colour: str, size: Size, runs: int) -> None:
    if series == "peace":
        rows = numbers[numbers["series"] == SERIES[0][0]]
        share = rows["runs"] / runs
        z = stats.norm.ppf(0.975)
        middle = (share + z * z / (2 * runs)) / (1 + z * z / runs)
        half = z / (1 + z * z / runs) * np.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs))
        ax.fill_between(
            rows["week"], middle - half, np.minimum(middle + half, 1), color=GREY, alpha=0.55, linewidth=0, step="post"
        )
        ax.step(rows["week"], share, where="post", color=INK, linewidth=size.line)
        ax.set_ylim(0, 1.02)
        _percent(ax)
        return
    rows = numbers[numbers["series"] == series]
    for low, high, alpha in (("q05", "q95", 0.16), ("q25", "q75", 0.25), ("median_low", "median_high", 0.55)):
        ax.fill_between(rows["week"], rows[low], rows[high], color=colour, alpha=alpha, linewidth=0)
    if len(rows) > 1:
        ax.plot(rows["week"], rows["q50"], color=colour, linewidth=size.line)
    else:
        ax.plot(rows["week"], rows["q50"], "o", color=colour, markersize=size.line * 3)
    ax.set(xlabel="", ylabel="")
    if series == "violations":
        ax.set_ylim(0, max(1.0, 1.05 * float(rows["q95"].max())))
    else:
        ax.set_ylim(0, 1.02)
        _percent(ax)


def _percent(ax: Axes) -> None:
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "25%", "50%", "75%", "100%"])


def _fan_alt(numbers: pd.DataFrame, scenario: Scenario, runs: int, horizon: int) -> str:
    parts = [f"Fan chart of {runs} runs of {scenario.name} over {horizon} weeks."]
    for series, words, _ in SERIES:
        rows = numbers[numbers["series"] == series]
        first, last = rows.iloc[0], rows.iloc[-1]
        show = percent if series != "violations" else (lambda value: f"{value:.3g}")
        parts.append(
            f"{words}: median {show(first['q50'])} in week 1 and {show(last['q50'])} in week {int(last['week'])}, "
            f"where nine "
            f"runs in ten lie between {show(last['q05'])} and {show(last['q95'])}."
        )
    left = int(numbers[numbers["series"] == "violations"]["runs"].iloc[-1])
    parts.append(f"{left} of {runs} runs were still at peace in the last week shown.")
    return " ".join(parts)


def telling(weeks: pd.DataFrame) -> tuple[int, str]:
    """Return which run to show, by a rule that leaves no choice, and the rule in words."""
    count, struck = weeks["run"].nunique(), weeks.loc[weeks["rung"] >= Rung.STRIKE_OR_DEATH, "run"]
    if len(struck):
        return int(struck.min()), f"the first of {count} in which Europeans are struck or killed"
    return 0, f"the first of {count}; Europeans are struck or killed in none"


def timeline(
    scenario: Scenario, seed: int, weeks: pd.DataFrame, horizon: int, where: str = "",
    why: str = "not chosen for what happens in it",
) -> Picture:  # fmt: skip
    """Return the timeline of one run.

    Parameters
    ----------
    scenario, seed : what was played
    weeks : the rows of the run (`running.weeks.played`)
    horizon : the weeks that a run lasts at most
    where, why : the setting of the levers and why it is this run, in words
    """
    run, cause = int(weeks["run"].iloc[0]), EndCause(weeks["end_cause"].iloc[0])
    numbers = rounded(weeks.drop(columns=["run", "end_cause"]).reset_index(drop=True))
    title = "One run out of many, week by week"
    ended = ENDINGS[cause] + ("" if cause is EndCause.HORIZON else f" in week {len(numbers)}")
    subtitle = (
        f"{f'{scenario.name}, {where}' if where else scenario.name}; unknowns at their declared values; seed {seed}, "
        f"run {run}: {why}. {ended[0].upper()}{ended[1:]}."
    )
    marks = _marks(numbers)

    def draw(size: Size) -> Figure:
        return _timeline(size, numbers, title, subtitle, marks, horizon)

    alt = (
        f"Timeline of run {run} of {scenario.name} (seed {seed}): {ended}. Recorded violations averaged "
        f"{numbers['violations'].mean():.3g} per 100 km and week; belief that Russia means its threat went from "
        f"{percent(numbers['mu'].iloc[0])} to {percent(numbers['mu'].iloc[-1])}, belief in Washington's guarantee from "
        f"{percent(numbers['gamma'].iloc[0])} to {percent(numbers['gamma'].iloc[-1])}. "
        + (f"Marked: {'; '.join(f'week {week}, {words}' for week, words in marks)}." if marks else "No grave incident.")
    )
    caption = (
        "One run, shown so that a reader can see what the numbers of the other figures are counted from. It is run "
        f"{run}: {why}. It is no more typical than any other. The command fragile-peace run tells a run in words."
    )
    about = {
        "scenario": scenario.name, "scenario_digest": scenario.digest, "seed": seed, "run": run, "runs": 1,
        "estimator": "none: a single run", "interval": None,
    }  # fmt: skip
    return Picture("single_run", title, alt, caption, numbers, draw, about)


HEADS = (
    "Highest rung of the ladder",
    "Recorded violations on the line, per 100 km",
    "Beliefs:",
    "Troops in place, thousands",
)


def _stacked(size: Size, title: str, subtitle: str) -> tuple[Sheet, list[Axes]]:
    """Return a sheet with a panel under each of `HEADS`."""
    probe = Sheet(size, 100)
    line, small = probe.line_height(size.text), probe.line_height(size.small)
    head, pad = probe.heading(title, subtitle), size.text * 0.4
    left = pad + size.small * 0.4 + max(text_width(name, size.small) for name in LADDER)
    heights = [34.0, 20.0, 20.0, 14.0]
    around = 4 * (line + small * 0.9) + line * 1.2 + small * 0.9
    if size.height:
        free = size.height - head - around
        heights = [free * share for share in (0.5, 0.19, 0.17, 0.14)]
    sheet = Sheet(size, head + sum(heights) + around)
    top = sheet.heading(title, subtitle)
    axes = []
    for height, words in zip(heights, HEADS, strict=True):
        sheet.text(pad, top, words, fontweight="bold")
        if words == HEADS[2]:
            x = pad + text_width(f"{words} ", size.text, "bold")
            for name, _, colour, _ in BELIEFS:
                sheet.text(x, top, name, fontweight="bold", color=colour)
                x += text_width(f"{name}  ", size.text, "bold")
        axes.append(sheet.axes(left, top + line, sheet.width - left - pad, height))
        top += line + height + small * 0.9
    return sheet, axes


def _timeline(
    size: Size, numbers: pd.DataFrame, title: str, subtitle: str, marks: Sequence[tuple[int, str]], horizon: int
) -> Figure:
    """Draw the ladder, violations, beliefs and troops below each other, and grey out what comes after the end."""
    sheet, axes = _stacked(size, title, subtitle)
    _ladder(axes[0], numbers, size, marks, horizon)
    axes[1].bar(numbers["week"], numbers["violations"], width=0.85, color=BLUE, linewidth=0)
    axes[1].set_ylim(0, max(1.0, 1.1 * float(numbers["violations"].max())))
    _belief_lines(axes[2], numbers, size)
    axes[3].step(numbers["week"], numbers["troops"], where="mid", color=PURPLE, linewidth=size.line)
    axes[3].set_ylim(0, max(1.0, 1.15 * float(numbers["troops"].max())))
    for ax in axes:
        ax.set_xlim(0, horizon + 1)
        ax.locator_params(axis="y", nbins=3) if ax in (axes[1], axes[3]) else None
        if len(numbers) < horizon or int(numbers["rung"].iloc[-1]) >= Rung.WAR_RUSSIA_UKRAINE:
            ax.axvspan(len(numbers) + 0.5, horizon + 1, color=PALE, alpha=0.6, linewidth=0)
            ax.axvline(len(numbers) + 0.5, color=INK, linewidth=size.line)
        ax.tick_params(labelbottom=ax is axes[-1])
    axes[-1].set_xlabel("week of the ceasefire", fontsize=size.text)
    return sheet.figure


def _marks(numbers: pd.DataFrame) -> list[tuple[int, str]]:
    """Return the firsts of a run: (week, words), in order."""
    firsts = (
        ("deaths", "first European death"),
        ("invoked", "guarantee first invoked"),
        ("honoured", "first honoured"),
        ("left", "first withdrawal"),
    )
    found = [
        (int(numbers.loc[numbers[name] > 0, "week"].iloc[0]), words)
        for name, words in firsts
        if (numbers[name] > 0).any()
    ]
    fires = numbers[numbers["rung"] == Rung.EXCHANGE_OF_FIRE]
    if len(fires):
        found.append((int(fires["week"].iloc[0]), "first exchange of fire"))
    merged: dict[int, list[str]] = {}
    for week, words in sorted(found):
        merged.setdefault(week, []).append(words)
    return [(week, ", ".join(words)) for week, words in merged.items()]


LADDER = ("calm", *RUNGS)
BELIEFS: tuple[tuple[str, str, str, Any], ...] = (
    ("threat meant (solid),", "mu", VERMILION, "-"),
    ("U.S. helps (dashed)", "gamma", GREEN, (0, (5, 1.5))),
)
_RUNG_COLOURS = ("#c9ced6", SKY, BLUE, ORANGE, VERMILION, INK, INK, INK)


def _ladder(ax: Axes, numbers: pd.DataFrame, size: Size, marks: Sequence[tuple[int, str]], horizon: int) -> None:
    """Draw each week as a bar as high as its gravest rung, and name the firsts."""
    colours = [_RUNG_COLOURS[int(rung)] for rung in numbers["rung"]]
    ax.bar(numbers["week"], numbers["rung"] + 0.12, width=0.85, color=colours, linewidth=0)
    ax.set_yticks(range(8), LADDER)
    ax.set_ylim(0, 7.6 + 1.1 * len(marks))
    floor = 7.9
    ax.spines["left"].set_bounds(0, 7.4)
    across = ax.get_position().width * size.width
    for number, (week, words) in enumerate(marks):
        height = floor + 1.1 * (len(marks) - 1 - number)
        rung = float(numbers.loc[numbers["week"] == week, "rung"].iloc[0])
        ax.plot([week, week], [rung + 0.2, height], color=GREY, linewidth=size.line / 3)
        text = f"{words} (week {week})"
        wide, before = text_width(text, size.small) + 2, across * week / (horizon + 1)
        left = wide < across - before or wide > before  # after the line, or before it, or else from the axis on
        ax.annotate(
            text, (week if wide < max(before, across - before) else 0, height), xytext=(2 if left else -2, 0),
            textcoords="offset points", ha="left" if left else "right", va="center", fontsize=size.small,
        )  # fmt: skip


def _belief_lines(ax: Axes, numbers: pd.DataFrame, size: Size) -> None:
    ax.set_ylim(0, 1.05)
    ax.set_yticks([0, 0.5, 1.0], ["0", "50%", "100%"])
    for _, name, colour, style in BELIEFS:
        if len(numbers) > 1:
            ax.plot(numbers["week"], numbers[name], color=colour, linewidth=size.line, linestyle=style)
        else:
            ax.plot(numbers["week"], numbers[name], "o", color=colour, markersize=size.line * 3)
    ax.set(xlabel="", ylabel="")
