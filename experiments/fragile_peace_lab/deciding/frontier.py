"""What each option does to each harm: its means, the frontier, and in how many members it stays acceptable.

An option is *on the frontier* of a world where no other has at most its value of every harm and less of one. That is
read off the means; `surely` says whether the run-by-run intervals of all differences leave 0 out, so that the option
that dominates does so beyond Monte Carlo error. `..._param_low` and `..._param_high` are the band of a harm over
members (90 %), apart from the noise of the runs (`estimates.members`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.deciding.regret import interval
from fragile_peace_lab.deciding.weights import Weights
from fragile_peace_lab.estimates.intervals import Interval
from fragile_peace_lab.estimates.members import band, shrunken, spread

ENDS = ("", "_low", "_high", "_param_low", "_param_high")


def frontier_columns(harms: Sequence[str]) -> tuple[str, ...]:
    """The columns of the table `frontier`, by the names of the harms."""
    ends = (f"{harm}{end}" for harm in harms for end in ENDS)
    return ("option", *ends, "on_frontier", "dominated_by", "surely", "best_for")


def acceptable_columns(harms: Sequence[str]) -> tuple[str, ...]:
    """The columns of the table `acceptable`, by the names of the harms."""
    return ("option", *(f"{harm}_acceptable" for harm in harms), "all_acceptable")


def dominated(means: np.ndarray) -> np.ndarray:
    """Return which option dominates which, shape (options, options): entry [i, j], i dominates j.

    Parameters
    ----------
    means : shape (options, harms)
    """
    off = means[:, None] - means[None]
    beaten: np.ndarray = (off <= 0).all(-1) & (off < 0).any(-1)
    return beaten


def rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield a row for every world and option: the table `frontier`."""
    least = np.stack([problem.losses(pair).mean((-2, -1)).argmin(-1) for pair in weights.pairs])
    for world, setting in enumerate(problem.worlds):
        values = problem.values[world]  # options, harms, members, draws
        means, ends, (low, high) = values.mean((-2, -1)), interval(values), over_members(values)
        by = dominated(means)
        for option, name in enumerate(problem.names):
            found: dict[str, Any] = {}
            for harm, key in enumerate(h.name for h in problem.harms):
                own = (part[option, harm] for part in (means, ends.low, ends.high, low, high))
                found |= dict(zip((f"{key}{end}" for end in ENDS), own, strict=True))
            others = np.flatnonzero(by[:, option])
            strongest = int(others[means[others, 0].argmin()]) if len(others) else None
            yield {
                **setting,
                "option": name,
                **found,
                "on_frontier": strongest is None,
                "dominated_by": "" if strongest is None else problem.names[strongest],
                "surely": strongest is not None and bool((interval(values[strongest] - values[option]).high < 0).all()),
                "best_for": (least[:, world] == option).mean(),
            }


def over_members(values: np.ndarray) -> Interval:
    """Return the band of each harm over members, without the noise of the runs; NaN where that cannot be told apart.

    Parameters
    ----------
    values : shape (..., members, draws)
    """
    if min(values.shape[-2:]) < 2:
        nothing = np.full(values.shape[:-2], np.nan)
        return Interval(nothing, nothing)
    found = spread(values, np.ones_like(values))
    return band(found.values, found.variance)


def noise_free(values: np.ndarray) -> np.ndarray:
    """Return members' means, drawn towards the mean over members until only their own spread is left.

    `estimates.members` says how; the noise there holds whether or not members share their draws.

    Parameters
    ----------
    values : shape (..., members, draws)
    """
    if min(values.shape[-2:]) < 2:
        means: np.ndarray = values.mean(-1)
        return means
    found = spread(values, np.ones_like(values))
    return shrunken(found.values, found.variance)


def acceptable_rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield for every world and option the share of members in which each harm stays acceptable: `acceptable`."""
    for world, setting in enumerate(problem.worlds):
        values = problem.values[world]
        names = [harm.name for harm in problem.harms]
        fine = noise_free(values) <= np.array(weights.limits)[:, None]
        for option, name in enumerate(problem.names):
            shares = {f"{key}_acceptable": fine[option, harm].mean() for harm, key in enumerate(names)}
            yield {**setting, "option": name, **shares, "all_acceptable": fine[option].all(0).mean()}
