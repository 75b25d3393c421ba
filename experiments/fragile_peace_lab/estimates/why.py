"""By which way a setting works: the difference of an outcome between two settings, split into parts that add up to it.

Y(S) is an outcome in the changed setting where the mediators S start every week as in the baseline's run of the same
draws (`runs.imposing`), Y its value in the baseline. Held are presence P, beliefs B and tension T:

    in order   presence Y() - Y(P), beliefs Y(P) - Y(PB), tension Y(PB) - Y(PBT), direct Y(PBT) - Y
    Shapley    the same differences of each mediator, averaged over the six orders; direct as above
    places     of a louder threat: its value of a strike, its face, the danger that contingents fear (docs/model.md,
               E4.30, E4.36, E4.44), each made louder or not, averaged over the six orders

Every part is a sum of Y's with fixed weights, so parts add up to the total exactly, for ratios of totals too. Runs of a
member have draws of their own; given the members, the variance of a part is that within them:

    v_mr = sum of weight (n_mr - theta d_mr)/mean d,   se² = sum_m [R/(R - 1)] sum_r (v_mr - v_m)² / (M R)²

with a t interval of M(R - 1) degrees of freedom. The level of a probability has Wilson's interval at the effective
number of runs; where no run differs, a part of it has the exact limits ± (1 - (alpha/2)^(1/MR)), since it is at most
the share of runs that differ. It is Monte Carlo error alone: members are not a sample here.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace_lab.estimates.intervals import Interval, effective_proportion, exact, t_interval
from fragile_peace_lab.estimates.measure import Measured
from fragile_peace_lab.estimates.outcomes import PROBABILITY, Outcome

BASELINE = "baseline"
PRESENCE, BELIEFS, TENSION, DIRECT = "presence", "beliefs", "tension", "direct"
STRIKE_VALUE, FACE, DANGER = "strike value", "face", "danger"
PLACES = (STRIKE_VALUE, FACE, DANGER)
LEVELS, ORDER, SHAPLEY, BY_PLACE = "levels", "in order", "Shapley", "places"
COLUMNS = ("outcome", "title", "unit", "split", "part", "estimate", "mc_low", "mc_high", "n_members", "n_draws")
NAME = "why"
SWEPT = ("lever", "before", "after", "fewer", *COLUMNS, "note")
"""The table of a sweep's levers, beside its estimates: the change, and whether it leaves fewer troop-years."""
Weights = dict[Hashable, float]


def subsets(names: Iterable[str]) -> list[frozenset[str]]:
    """Return all subsets, small ones first."""
    listed = tuple(names)
    return [frozenset(chosen) for size in range(len(listed) + 1) for chosen in combinations(listed, size)]


def shapley(names: Sequence[str]) -> dict[str, Weights]:
    """Return each name's gain as weights of what subsets of the names are worth, averaged over all orders."""
    most, found = math.factorial(len(names)), {}
    for name in names:
        weights: Weights = {}
        for others in subsets(other for other in names if other != name):
            orders = math.factorial(len(others)) * math.factorial(len(names) - 1 - len(others))
            weights[others | {name}], weights[others] = orders / most, -orders / most
        found[name] = weights
    return found


def mediated(mediators: Sequence[str]) -> dict[tuple[str, str], Weights]:
    """Return the parts as weights of worlds, by split and part; a world is the set of mediators that are held."""
    every, free = frozenset(mediators), frozenset[str]()
    direct: Weights = {every: 1.0, BASELINE: -1.0}
    found: dict[tuple[str, str], Weights] = {
        (LEVELS, "before"): {BASELINE: 1.0},
        (LEVELS, "after"): {free: 1.0},
        (LEVELS, "total"): {free: 1.0, BASELINE: -1.0},
    }
    for number, name in enumerate(mediators):
        held = frozenset(mediators[:number])
        found[ORDER, name] = {held: 1.0, held | {name}: -1.0}
    found[ORDER, DIRECT] = direct
    for name, weights in shapley(mediators).items():
        found[SHAPLEY, name] = {held: -weight for held, weight in weights.items()}  # worth is what holding takes away
    found[SHAPLEY, DIRECT] = direct
    return found


def by_place() -> dict[tuple[str, str], Weights]:
    """Return the parts of a louder threat by place; a world is ("places", the set of places that are louder)."""
    return {
        (BY_PLACE, name): {(BY_PLACE, louder): weight for louder, weight in weights.items()}
        for name, weights in shapley(PLACES).items()
    }


def why_table(
    outcome: Outcome, worlds: Mapping[Hashable, Measured], parts: Mapping[tuple[str, str], Weights]
) -> pd.DataFrame:
    """Return one row a part of an outcome: COLUMNS.

    Parameters
    ----------
    outcome : what is split
    worlds : its numbers in every world, runs of the same place sharing their draws
    parts : weights of worlds, by split and part
    """
    pulls = {world: _pull(measured) for world, measured in worlds.items()}
    about = {"outcome": outcome.name, "title": outcome.title, "unit": outcome.unit}
    rows = []
    for (split, part), weights in parts.items():
        estimate = sum(weight * pulls[world][0] for world, weight in weights.items())
        pull = sum(weight * pulls[world][1] for world, weight in weights.items())
        members, draws = np.shape(pull)
        ends = _ends(outcome, len(weights) == 1, estimate, np.asarray(pull))
        numbers = {"estimate": estimate, "mc_low": float(ends.low), "mc_high": float(ends.high)}
        rows.append({**about, "split": split, "part": part, **numbers, "n_members": members, "n_draws": draws})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _pull(measured: Measured) -> tuple[float, np.ndarray]:
    """Return the ratio of totals and each run's pull on it, shape (M, R)."""
    n, d = measured.counted, measured.d
    if not d.any():
        return math.nan, np.full(n.shape, np.nan)
    ratio = n.sum() / d.sum()
    return float(ratio), (n - ratio * d) / d.mean()


def _ends(outcome: Outcome, level: bool, estimate: float, pull: np.ndarray) -> Interval:
    """Return the interval of a level or a part, as the module says."""
    members, draws = pull.shape
    se, df, runs = _within(pull), members * (draws - 1), members * draws
    if outcome.kind == PROBABILITY and level:
        return effective_proportion(estimate, se, df, runs)
    if outcome.kind == PROBABILITY and not pull.any():
        most = exact(0, runs).high
        return Interval(-most, most)
    return t_interval(estimate, se, df)


def _within(pull: np.ndarray) -> float:
    """Return the standard error of a mean of runs whose members are given; NaN with one run a member."""
    members, draws = pull.shape
    return math.sqrt(pull.var(axis=1, ddof=1).mean() / (members * draws)) if draws > 1 else math.nan


FOR_EUROPEANS = ("strike", "death", "exchange")
"""Outcomes with one of these in their names happen to Europeans, who must be there for it."""


def phrase(part: str, outcome: str, fewer: bool) -> str:
    """Return a part in words; `fewer`: there are fewer troops after the change."""
    hurt = any(word in outcome for word in FOR_EUROPEANS)
    return {
        PRESENCE: "nations stay out or pull back" if fewer else "more troops are there",
        BELIEFS: "what is believed of Moscow and Washington",
        TENSION: "tension and restraint on the line",
        DIRECT: "danger where they stay" if hurt else "the change itself",
        STRIKE_VALUE: "a strike is worth more to Moscow",
        FACE: "backing down costs Moscow more",
        DANGER: "contingents fear more for their soldiers",
    }[part]


def signed(value: float, low: float, high: float) -> str:
    """Return a difference with its sign and the half-width of its interval, two digits of the larger: "−.18 ± .02"."""
    half = (high - low) / 2
    size = max(abs(value), half if math.isfinite(half) else 0.0)
    if size == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(size)))
    text = (f"{value:+.{digits}f}" if value else "0").replace("-", "−").replace("+0.", "+.").replace("−0.", "−.")
    return f"{text} ± {half:.{digits}f}".replace("± 0.", "± .") if math.isfinite(half) else text


def sentence(table: pd.DataFrame, fewer: bool, split: str = ORDER) -> str:
    """Return an outcome's split in words, largest part first: "nations stay out or pull back: −.18 ± .02; …"."""
    rows = table[table["split"] == split]
    rows = rows.reindex(rows["estimate"].abs().sort_values(ascending=False, kind="stable").index)
    told = [
        f"{phrase(row['part'], row['outcome'], fewer)}: {signed(row['estimate'], row['mc_low'], row['mc_high'])}"
        for row in rows.to_dict("records")
    ]
    return "; ".join(told)


def number(value: Any) -> str:
    """Return a level or a difference for a table: four significant digits."""
    return f"{value:.4g}".replace("-", "−")
