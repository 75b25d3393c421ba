"""What a sweep says, in words: how likely, how sure, and what a lever moves.

Likelihood and confidence are two things and are said apart. *Likelihood* words are those of `words.wording.SCALE`, for
the estimate. *Confidence* says how far the estimate should be trusted, by a rule that anybody can apply to the tables:

    start at medium: the model has not been tested on a mission like this one, so nothing is above medium
    one step down if the parameter band reaches over more than two terms of the scale, or is not known
    one step down if the Monte Carlo interval does
    one step down if the outcome is prior-driven: no record informs it

For rates, "more than two terms" is "from less than half to more than twice the estimate".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fragile_peace.words.wording import SCALE, words
from fragile_peace_lab.figures.compare import difference_numbers
from fragile_peace_lab.figures.levers import lever_words, value_words
from fragile_peace_lab.figures.panels import Row, show
from fragile_peace_lab.figures.results import Results, compared_outcomes
from fragile_peace_lab.figures.risk_curves import ROWS, curve_numbers, present

NO_SPREAD = "no spread beyond the noise of the runs"
CONFIDENCE = ("very low", "low", "medium")
STEPS = (
    "Start at medium: the model has not been tested on a mission like this one, so nothing is above medium.",
    "One step down if the parameter band reaches over more than two terms of the likelihood scale, or cannot be told "
    "from the noise of the runs.",
    "One step down if the Monte Carlo interval does.",
    "One step down if the outcome is prior-driven, that is, rests on no record.",
    "For a rate, read “reaches from less than half to more than twice the estimate” for “more than two terms”.",
)


@dataclass(frozen=True)
class Finding:
    """One headline.

    Attributes
    ----------
    what : the outcome
    word : its term on the likelihood scale; "" for a rate
    value, mc, unknowns : the estimate and its two ranges, as text
    confidence : one of CONFIDENCE
    prior : whether it is prior-driven
    """

    what: str
    word: str
    value: str
    mc: str
    unknowns: str
    confidence: str
    prior: bool


@dataclass(frozen=True)
class Movement:
    """What one lever does to one outcome: the difference, its two ranges, and what can be said of its sign."""

    what: str
    value: str
    mc: str
    unknowns: str
    verdict: str
    prior: bool


def terms(low: float, high: float) -> int:
    """Return how many terms of the scale an interval of probabilities touches."""
    names = [term for _, term in SCALE]
    return abs(names.index(words(min(max(high, 0.0), 1.0))) - names.index(words(min(max(low, 0.0), 1.0)))) + 1


def wide(row: Mapping[str, Any], kind: str) -> bool:
    """Return whether a range ("mc" or "param") is wide, or not known."""
    low, high = row[f"{kind}_low"], row[f"{kind}_high"]
    if pd.isna(low) or pd.isna(high) or (kind == "param" and low == high):
        return True
    if row["unit"] in ("probability", "share"):
        return terms(low, high) > 2
    return bool(low < row["estimate"] / 2 or high > 2 * row["estimate"])


def confidence(row: Mapping[str, Any]) -> str:
    """Return how far an estimate should be trusted, by the rule of this module."""
    steps = int(wide(row, "param")) + int(wide(row, "mc")) + int(row["prior_driven"])
    return CONFIDENCE[max(0, 2 - steps)]


def finding(row: Mapping[str, Any], what: str) -> Finding:
    """Return the headline of one row of estimates."""
    unit = str(row["unit"])
    value = float(row["estimate"])
    likely, text = "", f"{show(value, unit)} {unit}"
    if unit in ("probability", "share"):
        likely, text = words(min(max(value, 0.0), 1.0)), show(value, unit)
        if value in (0.0, 1.0):
            likely = "seen in every run" if value else "not seen in any run"
    return Finding(
        what, likely, text, _range(row, "mc", unit), _range(row, "param", unit),
        confidence(row), bool(row["prior_driven"]),
    )  # fmt: skip


def _range(row: Mapping[str, Any], kind: str, unit: str) -> str:
    if pd.isna(row[f"{kind}_low"]):
        return "not known"
    if kind == "param" and row["param_low"] == row["param_high"]:
        return NO_SPREAD
    return f"{show(row[f'{kind}_low'], unit)} to {show(row[f'{kind}_high'], unit)}"


def headlines(results: Results) -> tuple[str, list[Finding]]:
    """Return the setting that the headlines speak of, in words, and one headline an outcome."""
    axis = results.axis
    numbers = curve_numbers(results.curves, [row.key for row in ROWS], axis)
    setting = results.runs.settings[results.baseline]
    found = []
    for row in present(ROWS, numbers):
        part = numbers[numbers["outcome"] == row.key]
        here = axis.of(part, setting[axis.facet]) if axis.facet else part
        here = axis.along(here, setting[axis.name]) if axis.name in here else here
        known = here.dropna(subset=["estimate"])
        if len(known):
            found.append(finding(known.iloc[0].to_dict(), row.title))
    return place_words(results, setting), found


def place_words(results: Results, setting: Mapping[str, Any]) -> str:
    """Return a setting of the levers in words."""
    axis = results.axis
    if not setting:
        return "the base scenario"
    named = [axis.name, *([axis.facet] if axis.facet else []), *axis.fixed]
    return "; ".join(f"{lever_words(name)}: {value_words(name, setting[name]).lower()}" for name in named)


def movements(results: Results) -> list[tuple[str, list[Movement]]]:
    """Return what each lever moves: (what is compared, one movement an outcome), paired run by run."""
    axis, settings = results.axis, results.runs.settings
    here = settings[results.baseline]
    found = []
    for name, values in ((axis.name, axis.values), (axis.facet, axis.facets)):
        if name is None or len(values) < 2:
            continue
        first, last = _setting(results, here, name, values[0]), _setting(results, here, name, values[-1])
        if first is None or last is None:
            continue
        numbers = difference_numbers(results.runs, compared_outcomes(), first, axis, only=(last,))
        ends = [value_words(name, value).lower() for value in (values[0], values[-1])]
        words_, others = lever_words(name), _others(results, here, name)
        title = f"{words_[0].upper()}{words_[1:]}: from {ends[0]} to {ends[1]}" + (f" ({others})" if others else "")
        rows = present(ROWS, numbers)
        found.append(
            (title, [_movement(numbers[numbers["outcome"] == row.key].iloc[0].to_dict(), row) for row in rows])
        )
    return found


def _others(results: Results, here: Mapping[str, Any], name: str) -> str:
    axis = results.axis
    kept = [other for other in (axis.name, axis.facet, *axis.fixed) if other and other != name]
    return "; ".join(f"{lever_words(other)}: {value_words(other, here[other]).lower()}" for other in kept)


def _setting(results: Results, here: Mapping[str, Any], name: str, value: Any) -> int | None:
    """The setting that differs from `here` in one lever and what moves with it."""
    free = {name, *(results.axis.together if name == results.axis.name else ())}
    for place, setting in enumerate(results.runs.settings):
        if setting[name] == value and all(setting[other] == here[other] for other in setting if other not in free):
            return place
    return None


def _movement(row: Mapping[str, Any], outcome: Row) -> Movement:
    points = row["unit"] in ("probability", "share")
    scale, unit = (100.0, "percentage points") if points else (1.0, str(row["unit"]))

    def span(kind: str) -> str:
        low, high = row[f"{kind}_low"], row[f"{kind}_high"]
        if kind == "param" and low == high:
            return NO_SPREAD
        return "not known" if pd.isna(low) else f"{_signed(scale * low)} to {_signed(scale * high)}"

    if pd.isna(row["estimate"]):
        return Movement(outcome.title, "not known", "not known", "not known", "no run to compare", outcome.prior)
    return Movement(
        outcome.title,
        f"{_signed(scale * row['estimate'])} {unit}",
        span("mc"),
        span("param"),
        verdict(row),
        outcome.prior,
    )


def _signed(value: float) -> str:
    text = f"{value:+.2g}" if abs(value) < 100 else f"{value:+.0f}"
    return "0" if float(text) == 0.0 else text.replace("-", "−")


def verdict(row: Mapping[str, Any]) -> str:
    """Say what the two ranges of a difference leave open."""
    if pd.isna(row["mc_low"]):
        return "the error of the runs is not known: no direction can be told"
    if row["mc_low"] <= 0.0 <= row["mc_high"]:
        return "the runs made do not settle the direction"
    way = "more" if row["estimate"] > 0 else "less"
    if pd.isna(row["param_low"]):
        return f"{way}, at the declared values; nothing is known of the spread over unknowns"
    if row["param_low"] == row["param_high"]:
        return f"{way}; {NO_SPREAD}"
    if row["param_low"] < 0.0 < row["param_high"]:
        return f"{way} on average; the unknowns can turn it round"
    return f"{way}, throughout the sampled unknowns"
