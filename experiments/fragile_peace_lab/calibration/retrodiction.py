"""The truce of 2020 told backwards: what the calibrated model would have foreseen, week by week, beside the record.

Every week is drawn as the record would show it (`observing`): where only some of its days are known, the fan is that
of so many days, not of seven. The random walk (`walk`) answers the same question without a model.
"""

import datetime as dt

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fragile_peace_lab.calibration.observing import observed, observed_days
from fragile_peace_lab.calibration.scoring import PitTest, inside, pit_test
from fragile_peace_lab.calibration.series import START, Weekly
from fragile_peace_lab.calibration.walk import RUNS, Walk
from fragile_peace_lab.calibration.walk import SEED as WALK_SEED
from fragile_peace_lab.figures.drawing import BLUE, GREY, INK, ORANGE, Picture, Sheet, Size, rounded, text_width

SEED = 20270902
QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
TICKS = (0, 3, 10, 30, 100, 300, 1000, 3000, 10000)


def retold(recorded: np.ndarray, record: Weekly, seed: int = SEED) -> np.ndarray:
    """Return what the record would show of simulated weeks, (runs, weeks), with the published draws."""
    weeks = len(record.week)
    return observed(recorded[:, :weeks], record.days, np.random.default_rng(seed), record.printed)


def judged(shown: np.ndarray, record: Weekly, seed: int = SEED) -> PitTest:
    """Return the test of the held-out weeks (`retold`), with the published draws."""
    return pit_test(shown, record, np.random.default_rng(seed + 1))


def numbers(shown: np.ndarray, record: Weekly, baseline: Walk) -> pd.DataFrame:
    """Return what is drawn, a row a week: the record, the quantiles of the model and the walk's 90 % interval."""
    table = pd.DataFrame({
        "week": record.week,
        "from": [(START + dt.timedelta(weeks=int(week))).isoformat() for week in record.week],
        "days_known": record.days,
        "violations": np.where(record.observed, record.violations, np.nan),
        "exercise_subtracted": record.printed,
        "held_out": record.held_out,
    })  # fmt: skip
    for name, share in QUANTILES.items():
        table[name] = np.quantile(shown, share, axis=0)
    walk = baseline.trajectories(record.days, RUNS, np.random.default_rng(WALK_SEED))
    table["walk_p05"], table["walk_p95"] = np.quantile(walk, (0.05, 0.95), axis=0)
    return rounded(table)


def retrodicted(recorded: np.ndarray, shown: np.ndarray, record: Weekly, baseline: Walk, seed: int = SEED) -> Picture:
    """Return the picture of simulated weekly violations, (runs, weeks) from 27 July 2020, beside the record.

    `shown` is what the record would show of `recorded` (`retold`).
    """
    table = numbers(shown, record, baseline)
    values = np.where(record.observed, record.violations, np.nan)
    half, most = (inside(shown, values, share) for share in (0.5, 0.9))
    daily = observed_days(recorded[:, : len(record.week)], np.random.default_rng(seed + 2), record.printed)
    days = inside(daily, record.daily, 0.9)
    known = int((~np.isnan(record.daily)).sum())
    title = f"The truce of 2020, retold: {most:.0%} of {int(record.observed.sum())} weeks inside the 90% interval"
    ends = [(table.loc[table["week"] < 18, name].median(), table.loc[table["week"] >= 34, name].median())
            for name in ("violations", "median")]  # fmt: skip
    alt = (
        f"Weekly ceasefire violations from 27 July 2020 on a logarithmic axis: the model's median with its 50 and 90 % "
        f"intervals, and the record as dots. {half:.0%} of the weeks lie in the 50 % interval, {most:.0%} in the 90 % "
        f"interval. From the first four months to the last five, the record rises from about {ends[0][0]:.0f} to "
        f"{ends[0][1]:.0f} a week, the model's median from {ends[1][0]:.0f} to {ends[1][1]:.0f}."
    )
    caption = (
        "Blue: weekly violations as the record would show them, median, 50 % and 90 % of simulated histories. Dots: "
        "the record of the OSCE mission, printed exercises subtracted (orange); hollow dots were held out of every "
        "fit. A week of which not all days are known is drawn with the known days alone, record and fan, so that the "
        "fan dips there. Dotted: the 90 % interval of a random walk with negative-binomial weeks, from week 0 without "
        f"later data. Of {known} days known one by one, {days:.0%} lie inside the 90 % interval of a simulated day."
    )
    about = {"interval": "50 % and 90 % over posterior members and runs", "weeks_inside_50": half,
             "weeks_inside_90": most, "days_inside_90": days, "days_known": known,
             "observed": "smm_daily.csv"}  # fmt: skip
    return Picture("retrodiction", title, alt, caption, table, lambda size: _draw(size, table, title), about)


def _draw(size: Size, table: pd.DataFrame, title: str) -> Figure:
    words = ("Recorded violations a week of the known days, log(1 + x). Blue: median, 50% and 90% of simulated "
             "histories; dotted: 90% of a random walk.")  # fmt: skip
    margin = size.text * 1.9
    probe = Sheet(size, 100)
    high = size.height or probe.heading(title, words) + size.width * (0.46 if size.wide else 0.75) + 14
    sheet = Sheet(size, high)
    top = sheet.heading(title, words)
    key = _key(sheet, margin, top)
    ax = sheet.axes(margin, top + key, size.width - margin - 4, high - top - key - size.text * 1.4)
    week = table["week"]
    for low, up, alpha in (("p05", "p95", 0.16), ("p25", "p75", 0.26)):
        ax.fill_between(week, np.log1p(table[low]), np.log1p(table[up]), color=BLUE, alpha=alpha, linewidth=0)
    ax.plot(week, np.log1p(table["median"]), color=BLUE, linewidth=size.line * 1.2)
    for edge in ("walk_p05", "walk_p95"):
        ax.plot(week, np.log1p(table[edge]), color=GREY, linewidth=size.line * 0.7, linestyle=(0, (1, 1.6)))
    _record(ax, table, size)
    ends = np.log1p([0, max(table["p95"].max(), table["violations"].max()) * 2])
    months = pd.date_range("2020-08-01", "2021-08-01", freq="MS" if size.wide else "2MS")
    ax.set(xlim=(-0.8, len(table) - 0.2), ylim=(-0.15, ends[1]),
           xticks=[(month.date() - START).days / 7 - 0.5 for month in months],
           yticks=[np.log1p(value) for value in TICKS if np.log1p(value) < ends[1]])  # fmt: skip
    ax.set_yticklabels([f"{value:,}" for value in TICKS if np.log1p(value) < ends[1]])
    ax.set_xticklabels([f"{month:%b}" + (f"\n{month:%Y}" if month.month in (8, 1) else "") for month in months])
    return sheet.figure


def _record(ax: Axes, table: pd.DataFrame, size: Size) -> None:
    """Draw the record: hollow where held out, orange where an exercise is subtracted."""
    for row in table.dropna(subset=["violations"]).itertuples():
        colour = ORANGE if row.exercise_subtracted else INK
        ax.plot(row.week, np.log1p(row.violations), "D" if row.exercise_subtracted else "o", color=colour,
                markersize=size.line * (3.4 if row.exercise_subtracted else 3.0), markeredgewidth=size.line * 0.75,
                markerfacecolor="white" if row.held_out else colour, zorder=4)  # fmt: skip


def _key(sheet: Sheet, x: float, y: float) -> float:
    """Draw what the marks mean; returns the millimetres it takes down the page."""
    size = sheet.size
    entries = (("o", INK, INK, "week that a fit may read"), ("o", INK, "white", "held out"),
               ("D", ORANGE, ORANGE, "printed exercise subtracted"))  # fmt: skip
    gap = sheet.line_height(size.small)
    for mark, edge, face, words in entries:
        dot = Line2D([x / sheet.width], [1 - (y + gap * 0.42) / sheet.height], marker=mark, color=edge, linestyle="",
                     markersize=size.line * 3, markerfacecolor=face, markeredgewidth=size.line * 0.75,
                     transform=sheet.figure.transFigure)  # fmt: skip
        sheet.figure.add_artist(dot)
        sheet.text(x + gap * 0.5, y + gap * 0.05, words, fontsize=size.small)
        x += gap * 1.5 + text_width(words, size.small)
    return gap * 1.5
