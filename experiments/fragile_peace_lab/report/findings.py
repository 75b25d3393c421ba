"""What a sweep says, in words: how likely, how sure, and what a lever moves.

Likelihood and confidence are two things and are said apart. *Likelihood* words are those of `words.wording.SCALE`, for
the estimate. *Confidence* says how far it should be trusted (`report.confidence`).

Where a sweep is played in several structures, a finding also says in how many of them its sign holds (`ROBUST`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from fragile_peace.words.wording import counted, words
from fragile_peace_lab.design.own_sample import given_names
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.humps import humps
from fragile_peace_lab.estimates.influence import varied
from fragile_peace_lab.estimates.measure import cell
from fragile_peace_lab.estimates.outcomes import GROUPS
from fragile_peace_lab.estimates.robustness import AGREE, Robustness, Sign, robustness
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.figures.compare import Moved, difference_numbers, moved_levers
from fragile_peace_lab.figures.levers import at_setting, lever_words, value_words
from fragile_peace_lab.figures.own import rows_of
from fragile_peace_lab.figures.panels import Row, show
from fragile_peace_lab.figures.results import Results, compared_outcomes
from fragile_peace_lab.figures.risk_curves import curve_numbers, present
from fragile_peace_lab.report.confidence import confidence
from fragile_peace_lab.report.tables import signed

UNKNOWN = "not known of an own outcome"
WAYS = {1: "More", -1: "Less", 0: "Not settled by the runs made"}
DIVIDED = "The average one way, most samples of the unknowns the other"
NO_SPREAD = "no spread beyond the noise of the runs"
ROBUST = (
    f"A sign holds in a structure where the Monte Carlo interval of the difference leaves zero out and at least "
    f"{100 * AGREE:.0f}% of the members have it. A finding is called robust only where the same sign holds in every "
    "structure. Structures are counted, never averaged."
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
    rests : how much of its spread over the unknowns no record of this war informs, as text; "" where it is not known
    varied : the share of the influential unknowns that the sweep varies, as text
    structures : the estimate in each structure, as text; "" where the sweep declares none
    prior : whether it turns on the return of war
    """

    what: str
    word: str
    value: str
    mc: str
    unknowns: str
    confidence: str
    rests: str
    varied: str
    structures: str
    prior: bool


@dataclass(frozen=True)
class Movement:
    """What one lever does to one outcome.

    Attributes
    ----------
    what, short : the outcome, at length and in few words
    value, mc, unknowns : the difference and its two ranges, as text
    way : 1 or -1, the sign that the runs made settle, in the structure that is shown; 0 where they do not
    members : the share of the members that have the sign, as text; "" where they cannot be told apart
    divided : whether most members have the other sign, few of them so much of this one that the mean has it
    verdict : what can be said of its sign, in the structure that is shown
    structures : in how many structures its sign holds; "" where the sweep declares none
    apart : the difference in each structure with the share of its members that have its sign, as text
    prior : whether it turns on the return of war
    hump : where the outcome is highest or lowest between the ends; "" where it is at an end or cannot be told
    """

    what: str
    short: str
    value: str
    mc: str
    unknowns: str
    way: int
    members: str
    divided: bool
    verdict: str
    structures: str
    apart: str
    prior: bool
    hump: str = ""


def finding(
    row: Mapping[str, Any], what: str, share: float, structures: Mapping[str, Any] | None = None, rests: str = ""
) -> Finding:
    """Return the headline of one row of estimates, with the rows of the same in every structure if there are any.

    `share` is that of the outcome's influential unknowns that the sweep varies (`estimates.influence`).
    """
    unit = str(row["unit"])
    value = float(row["estimate"])
    likely, text = "", f"{show(value, unit)} {unit}"
    if unit in ("probability", "share"):
        likely, text = words(min(max(value, 0.0), 1.0)), show(value, unit)
        if value in (0.0, 1.0):
            likely = "seen in every run" if value else "not seen in any run"
    return Finding(
        what, likely, text, _range(row, "mc", unit), _range(row, "param", unit),
        confidence(row, share), rests, f"{100 * share:.0f}%", _each(structures or {}), bool(row["prior_driven"]),
    )  # fmt: skip


def _each(structures: Mapping[str, Any]) -> str:
    said = {
        name: "no such run" if pd.isna(row["estimate"]) else show(row["estimate"], str(row["unit"]))
        for name, row in structures.items()
    }
    return ", ".join(f"{name} {value}" for name, value in said.items())


def _range(row: Mapping[str, Any], kind: str, unit: str) -> str:
    if pd.isna(row[f"{kind}_low"]):
        return "not known"
    if kind == "param" and row["param_low"] == row["param_high"]:
        return NO_SPREAD
    return f"{show(row[f'{kind}_low'], unit)} to {show(row[f'{kind}_high'], unit)}"


def headlines(results: Results) -> tuple[str, list[Finding]]:
    """Return the setting that the headlines speak of, in words, and one headline an outcome."""
    axis = results.axis
    rows, priors = rows_of(results.runs), given_names(results.manifest["sweep"]["uncertainties"], results.points)
    numbers = curve_numbers(results.curves, [row.key for row in rows], axis)
    setting = results.runs.settings[results.baseline]
    found, by_structure, rests = [], levels(results), results.rests
    own = {outcome.name for outcome in results.runs.own}
    for row in present(rows, numbers, results.axis.basis):
        part = numbers[numbers["outcome"] == row.key]
        here = axis.of(part, setting[axis.facet]) if axis.facet else part
        here = axis.along(here, setting[axis.name]) if axis.name in here else here
        known = here.dropna(subset=["estimate"])
        if len(known):
            share = varied(row.key, results.points, priors)
            one = finding(
                known.iloc[0].to_dict(), row.title, share, by_structure.get(row.title), rests.get(row.key, "")
            )
            found.append(replace(one, varied=UNKNOWN) if row.key in own else one)
    return place_words(results, setting), found


def levels(results: Results) -> dict[str, dict[str, Any]]:
    """Return the estimates of the headlines at their setting: by title, then by structure; nothing without any."""
    found: dict[str, dict[str, Any]] = {}
    if not results.structures:
        return found
    table = pd.concat([results.tables[group] for group in GROUPS])
    table = table[table["type"] == "mixed"]
    table = at_setting(table, results.runs.settings[results.baseline])
    for row in rows_of(results.runs):
        part = table[table["outcome"] == row.key].set_index(STRUCTURE)
        if len(part):
            found[row.title] = {name: part.loc[name].to_dict() for name in results.structures}
    return found


def place_words(results: Results, setting: Mapping[str, Any]) -> str:
    """Return a setting of the levers in words."""
    axis = results.axis
    if not setting:
        return "the base scenario"
    named = [axis.name, *([axis.facet] if axis.facet else []), *axis.fixed]
    return "; ".join(f"{lever_words(name)}: {value_words(name, setting[name]).lower()}" for name in named)


def movements(results: Results) -> list[tuple[str, list[Movement]]]:
    """Return what each lever moves: (what is compared, one movement an outcome), paired run by run."""
    moved = moved_levers(results.runs.settings, results.baseline, results.axis)
    return [(one.title, movements_in(results, results.runs, one)) for one in moved]


def movements_in(results: Results, runs: Runs, moved: Moved) -> list[Movement]:
    """Return what a lever moves among some runs, those of any one structure: one movement an outcome.

    Those of the structure that is shown say what all of them say.
    """
    numbers = difference_numbers(runs, compared_outcomes(runs.own), moved.first, results.axis, only=(moved.last,))
    every = results.structures if runs is results.runs else {}
    found = []
    for row in present(rows_of(runs), numbers, results.axis.basis):
        outcome = runs.outcome(row.key)
        fared = robustness(every or {"": runs}, outcome, moved.first, moved.last)
        sign = next(iter(fared.signs.values()))
        one = _movement(numbers[numbers["outcome"] == row.key].iloc[0].to_dict(), row, sign)
        if every:
            one = replace(one, structures=in_structures(fared), apart=each_structure(fared, outcome.unit))
        found.append(replace(one, hump=hump_words(runs, row.key, moved)))
    return found


def summary(items: Sequence[Movement]) -> list[tuple[str, str]]:
    """Say of a lever in a line each what it raises and lowers, where the mean misleads, and what is not settled."""
    heads: dict[str, list[str]] = {}
    for item in items:
        head = DIVIDED if item.divided else WAYS[item.way]
        heads.setdefault(head, []).append(f"{item.short}{_in_brackets(item) if item.way else ''}")
    return [(head, "; ".join(heads[head])) for head in (WAYS[1], WAYS[-1], DIVIDED, WAYS[0]) if head in heads]


def _in_brackets(item: Movement) -> str:
    """A difference with who agrees, in members and in structures."""
    kind = item.structures.partition(":")[0].lower()
    return f" ({', '.join(words for words in (item.value, item.members, kind) if words)})"


def each_structure(found: Robustness, unit: str) -> str:
    """Return the difference in each structure, with the share of the members there that have its sign."""
    said = []
    for name, sign in found.signs.items():
        share = f" ({_share(sign)})" if sign.agreement is not None and sign.way else ""
        said.append(f"{name} {'no such run' if math.isnan(sign.estimate) else _points(sign.estimate, unit)}{share}")
    return ", ".join(said)


def _share(sign: Sign) -> str:
    """The share of members that agree, rounded down: no 100% that is not all."""
    share = math.floor(100 * sign.agreement) if sign.agreement is not None else 0
    return "so in all members" if share == 100 else f"so in {share}% of the members"


def hump_words(runs: Runs, outcome: str, moved: Moved) -> str:
    """Say where an outcome is highest or lowest between the ends of an ordered lever; "" where no hump can be told."""
    o = runs.outcome(outcome)
    cells = [cell(runs, o, place) for place in moved.along]
    ends = [value_words(moved.name, runs.settings[place][moved.name]).lower() for place in moved.along]
    said = []
    for hump in humps(o, cells):
        far = [_points(value, o.unit) for value in (hump.from_first, hump.from_last)]
        said.append(
            f"{'highest' if hump.way > 0 else 'lowest'} in between, at {ends[hump.place]}: {far[0]} against {ends[0]}, "
            f"{far[1]} against {ends[-1]}"
        )
    return "; ".join(said)


def _points(value: float, unit: str) -> str:
    """A difference with its sign and unit."""
    points = unit in ("probability", "share")
    return f"{signed(100.0 * value if points else value)} {'percentage points' if points else unit}"


def in_structures(found: Robustness) -> str:
    """Say in how many structures the sign of a difference holds, and whether the finding is robust."""
    number = len(found.signs)
    more, less = found.holding(1), found.holding(-1)
    way, holding = ("more", more) if len(more) >= len(less) else ("less", less)
    if not holding:
        return f"Not robust: no sign holds in any of {counted(number, 'structure')}"
    if len(holding) < number:
        against = less if way == "more" else more
        other = f"; the other sign in {', '.join(against)}" if against else ""
        return f"Not robust: {way} in {len(holding)} of {counted(number, 'structure')} ({', '.join(holding)}){other}"
    same = f"{way} in {number} of {counted(number, 'structure')}"
    if found.agreement is None:
        return f"Not known to be robust: {same}, but members or runs are too few to ask the members"
    share = math.floor(100 * found.agreement)
    return f"Robust: {same}, by {'all' if share == 100 else f'at least {share}% of the'} members in each"


def _movement(row: Mapping[str, Any], outcome: Row, sign: Sign) -> Movement:
    unit = str(row["unit"])
    scale = 100.0 if unit in ("probability", "share") else 1.0

    def span(kind: str) -> str:
        low, high = row[f"{kind}_low"], row[f"{kind}_high"]
        if pd.isna(low):
            return "not known"
        if kind == "param" and low == high:
            return NO_SPREAD
        return f"{signed(scale * low)} to {signed(scale * high)}"

    if pd.isna(row["estimate"]):
        unknown = ("not known",) * 3
        return Movement(
            outcome.title, outcome.short, *unknown, 0, "", False, "no run to compare", "", "", outcome.prior
        )
    return Movement(
        outcome.title, outcome.short, _points(row["estimate"], unit), span("mc"), span("param"), sign.way,
        _share(sign) if sign.way and sign.agreement is not None else "", _divided(sign), verdict(row, _divided(sign)),
        "", "", outcome.prior,
    )  # fmt: skip


def _divided(sign: Sign) -> bool:
    return bool(sign.way) and sign.agreement is not None and sign.agreement < 0.5


def verdict(row: Mapping[str, Any], divided: bool = False) -> str:
    """Say what the two ranges of a difference leave open; `divided` where most members have the other sign."""
    if pd.isna(row["mc_low"]):
        return "the error of the runs is not known: no direction can be told"
    if row["mc_low"] <= 0.0 <= row["mc_high"]:
        return "the runs made do not settle the direction"
    way = "more" if row["estimate"] > 0 else "less"
    if pd.isna(row["param_low"]):
        return f"{way}, at the declared values; nothing is known of the spread over unknowns"
    if row["param_low"] == row["param_high"]:
        return f"{way}; {NO_SPREAD}"
    if divided:
        return f"{way} on average, but the other way in most samples of the unknowns"
    if row["param_low"] < 0.0 < row["param_high"]:
        return f"{way} on average; the unknowns can turn it round"
    return f"{way}, throughout the sampled unknowns"
