"""Signposts: how likely a truce is to be in its calm basin, given the violations that monitors have recorded so far.

A truce is *calm* that is still in force at the horizon and whose line keeps most of its restraint until then
(`running.signposts` plays it and says it exactly); one that erodes, or in which the war comes back, is not. The
*record* after k weeks is the mean of recorded violations on the line, per 100 km and week, over the last `RECENT` of
them. From the first half of the members, in the reference structure, come

* the *chance* of calm given the record: isotonic regression (`scipy.optimize.isotonic_regression`), the best fit that
  falls with the record and supposes nothing else;
* the *rule*: alarm where the record is above a threshold, the one with the least sum of both error rates.

Both are judged on the other half, in every structure: *false alarms* among truces that are calm, *misses* among those
that are not, and how often a truce is calm with and without an alarm. The Brier score of the chance stands beside that
of the base rate alone. Intervals are jackknife, 95 %, over members: they hold for further members of the same sample,
and contain the chance of the runs. Halves of a Sobol sample are balanced (`deciding.discovery`).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from fragile_peace.errors import InputError
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.intervals import effective_proportion, jackknife_ratio
from fragile_peace_lab.estimates.tables import frame

FOLDER = "signposts"
WEEKS = (4, 8, 12, 26)
RECENT = 4
FEWEST = 8
"""Members without which there are no halves."""
BINS = 5
COLUMNS = (STRUCTURE, "member", "run", "weeks", "violations", "calm")
ENDS = ("", "_low", "_high")
SHARES = ("calm", "false_alarm", "miss", "calm_if_quiet", "calm_if_alarm")
RULES = (
    "weeks", "threshold", *(f"{name}{end}" for name in SHARES for end in ENDS), "brier", "brier_of_base_rate",
    "n_members", "n_runs",
)  # fmt: skip
CHANCES = ("weeks", "violations", "chance")
CALIBRATION = ("weeks", "bin", "violations", "chance", "calm", "calm_low", "calm_high", "n_runs")


class Rule(NamedTuple):
    """What is learnt from members: the record at which the chance falls, the chance up to there, and the threshold.

    Attributes
    ----------
    violations : the record, rising, shape (n,)
    chance : of calm, falling, shape (n,)
    threshold : alarm above it
    """

    violations: np.ndarray
    chance: np.ndarray
    threshold: float

    def of(self, violations: np.ndarray) -> np.ndarray:
        """Return the chance of calm given records; between two that were seen it is interpolated."""
        return np.asarray(np.interp(violations, self.violations, self.chance))


def learnt(violations: np.ndarray, calm: np.ndarray) -> Rule:
    """Return the rule that records and basins teach.

    Parameters
    ----------
    violations, calm : of runs, shape (n,)
    """
    values, place = np.unique(violations, return_inverse=True)
    count = np.bincount(place).astype(float)
    share = np.bincount(place, calm.astype(float)) / count
    chance = optimize.isotonic_regression(share, weights=count, increasing=False).x
    calm_below, rough_below = np.cumsum(share * count), np.cumsum((1 - share) * count)
    both = (calm_below[-1] - calm_below) / max(calm_below[-1], 1.0) + rough_below / max(rough_below[-1], 1.0)
    return Rule(values, chance, float(values[int(both.argmin())]))


def signposts(seen: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables `rules`, `chances` and `calibration` of what was seen. Raises InputError for too few members.

    Parameters
    ----------
    seen : a row a structure, member, run and number of weeks, `COLUMNS`
    """
    members = int(seen["member"].max()) + 1
    if members < FEWEST:
        raise InputError(f"signposts: the sweep has {members} members; at least {FEWEST} are needed for two halves")
    keys = [STRUCTURE] if STRUCTURE in seen else []
    first = seen[seen[STRUCTURE] == seen[STRUCTURE].iloc[0]] if keys else seen
    rules = {
        weeks: learnt(*own[own["member"] < members // 2][["violations", "calm"]].to_numpy(float).T)
        for weeks, own in first.groupby("weeks")
    }
    held = seen[seen["member"] >= members // 2]
    judged = [row for weeks, rule in rules.items() for row in _judged(held[held["weeks"] == weeks], rule, weeks, keys)]
    known = [row for weeks, rule in rules.items() for row in _chances(rule, weeks)]
    right = [
        row for weeks, rule in rules.items() for row in _calibrated(held[held["weeks"] == weeks], rule, weeks, keys)
    ]
    return {
        "rules": frame(judged, (*keys, *RULES)),
        "chances": frame(known, CHANCES),
        "calibration": frame(right, (*keys, *CALIBRATION)),
    }


def _parts(held: pd.DataFrame, keys: list[str]) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """The runs of each structure."""
    if not keys:
        yield {}, held
        return
    for name in dict.fromkeys(held[STRUCTURE]):
        yield {STRUCTURE: name}, held[held[STRUCTURE] == name]


def _judged(held: pd.DataFrame, rule: Rule, weeks: Any, keys: list[str]) -> Iterator[dict[str, Any]]:
    """The errors of a rule among members that it has not seen."""
    for about, own in _parts(held, keys):
        calm, alarm = own["calm"].to_numpy(bool), own["violations"].to_numpy() > rule.threshold
        cases = (
            (calm, np.ones(len(own), bool)), (alarm & calm, calm), (~alarm & ~calm, ~calm), (calm & ~alarm, ~alarm),
            (calm & alarm, alarm),
        )  # fmt: skip
        found: dict[str, Any] = {}
        for name, (n, d) in zip(SHARES, cases, strict=True):
            found |= dict(zip((f"{name}{end}" for end in ENDS), _share(own["member"], n, d), strict=True))
        chance, base = rule.of(own["violations"].to_numpy()), float(calm.mean())
        yield {
            **about, "weeks": int(weeks), "threshold": rule.threshold, **found,
            "brier": float(((chance - calm) ** 2).mean()), "brier_of_base_rate": base * (1 - base),
            "n_members": own["member"].nunique(), "n_runs": len(own),
        }  # fmt: skip


def _share(member: pd.Series, n: np.ndarray, d: np.ndarray) -> tuple[float, float, float]:
    """A share with its interval over members; NaN where nothing is to be shared."""
    place = member.to_numpy() - int(member.min())
    top, under = (np.bincount(place, part.astype(float)) for part in (n, d))
    ratio = jackknife_ratio(top, under)
    if not under.sum() or ratio.df < 1:
        return float(ratio.estimate), np.nan, np.nan
    ends = effective_proportion(ratio.estimate, ratio.se, ratio.df, (under > 0).sum())
    return float(ratio.estimate), float(ends.low), float(ends.high)


def _chances(rule: Rule, weeks: Any) -> Iterator[dict[str, Any]]:
    """The chance of calm by record: the two ends of every stretch on which it is the same."""
    turn = np.flatnonzero(np.diff(rule.chance))
    for place in sorted({0, *turn.tolist(), *(turn + 1).tolist(), len(rule.chance) - 1}):
        yield {"weeks": int(weeks), "violations": rule.violations[place], "chance": rule.chance[place]}


def _calibrated(held: pd.DataFrame, rule: Rule, weeks: Any, keys: list[str]) -> Iterator[dict[str, Any]]:
    """What was promised and what was so, in fifths of the records."""
    for about, own in _parts(held, keys):
        fifths = np.array_split(np.argsort(own["violations"].to_numpy(), kind="stable"), BINS)
        for number, places in enumerate((part for part in fifths if len(part)), 1):
            part = own.iloc[places]
            calm = part["calm"].to_numpy(bool)
            share = _share(part["member"], calm, np.ones(len(part), bool))
            yield {
                **about, "weeks": int(weeks), "bin": number, "violations": float(part["violations"].median()),
                "chance": float(rule.of(part["violations"].to_numpy()).mean()),
                **dict(zip(("calm", "calm_low", "calm_high"), share, strict=True)), "n_runs": len(part),
            }  # fmt: skip
