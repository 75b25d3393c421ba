"""Scenario discovery: a box of unknowns in which the best option fails, and how well it holds for other members.

The box is found by PRIM (Friedman & Fisher 1999; Bryant & Lempert 2010), as `ema_workbench` has it, on the first half
of the members, and judged on the second: a Sobol sample's halves are both balanced, its even and odd members are not.

    coverage   of the members in which it fails, the share inside the box
    density    of the members inside the box, the share in which it fails

*Fails*: `another`, where another option's loss in the member is lower by more than `MATERIAL`; `unacceptable`, where
some harm of the best option is more than acceptable. PRIM is given the `SCREENED` unknowns that go most with failure in
the first half. Of its boxes that restrict one to `MOST` of them, the one is taken that is furthest above `COVERAGE` and
`DENSITY`, or least below them, in the first half. It *holds* where both are reached in the second half.
"""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.deciding.weights import Weights

COVERAGE, DENSITY = 0.7, 0.8
MATERIAL = 0.05
"""As much as five points of the chance that the ceasefire ends."""
MOST = 4
SCREENED = 12
FEWEST = 5
"""In each half at least so many members fail, and at least so many do not, or no box is looked for."""
COLUMNS = (
    "target", "option", "failing", "coverage_found", "density_found", "coverage", "density", "holds", "box",
)  # fmt: skip
TARGETS = ("another", "unacceptable")


class Box(NamedTuple):
    """A box: for each restricted unknown the lowest and highest value, or the names inside."""

    limits: dict[str, tuple[float, float] | frozenset[str]]

    def inside(self, frame: pd.DataFrame) -> np.ndarray:
        """Return which rows lie in it."""
        found = np.ones(len(frame), bool)
        for name, limit in self.limits.items():
            column = frame[name]
            found &= column.isin(limit) if isinstance(limit, frozenset) else column.between(*limit)
        return np.asarray(found)

    def words(self) -> str:
        """Return it in words."""
        parts = []
        for name, limit in self.limits.items():
            parts.append(f"{name} {_words(limit)}")
        return "; ".join(parts)


def _words(limit: tuple[float, float] | frozenset[str]) -> str:
    if isinstance(limit, frozenset):
        return " or ".join(sorted(limit))
    low, high = limit
    if np.isinf(low):
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if np.isinf(high) else f"from {low:.3g} to {high:.3g}"


def need_prim() -> None:
    """Raise InputError where the extra `decide` is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what else could be installed, said at import
            import ema_workbench.analysis.prim  # noqa: F401
            import threadpoolctl  # noqa: F401
    except ImportError as error:
        raise InputError(f"decide needs {error.name}: pip install 'fragile-peace[decide]'") from error


def score(inside: np.ndarray, failing: np.ndarray) -> tuple[float, ...]:
    """Return coverage and density; NaN of nothing."""
    hit = float((inside & failing).sum())
    return tuple(hit / part.sum() if part.any() else np.nan for part in (failing, inside))


def screened(frame: pd.DataFrame, failing: np.ndarray) -> list[str]:
    """Return the unknowns that go most with failure: by rank correlation, for names by the correlation ratio."""
    fails = failing - failing.mean()
    strength = {}
    for name in frame:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            rank = stats.rankdata(column) - (len(column) + 1) / 2
            strength[str(name)] = abs(rank @ fails) / np.sqrt((rank @ rank) * (fails @ fails) or 1.0)
        else:
            means = pd.Series(fails).groupby(column.to_numpy()).transform("mean").to_numpy()
            strength[str(name)] = np.sqrt((means @ means) / ((fails @ fails) or 1.0))
    kept = sorted(strength, key=lambda name: -strength[name])[:SCREENED]
    return [str(name) for name in frame if name in kept]


def find(frame: pd.DataFrame, failing: np.ndarray) -> Box:
    """Return PRIM's box for the members of a frame."""
    frame = frame[screened(frame, failing)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own use of pandas
        from ema_workbench.analysis.prim import Prim

        plain = frame.astype({name: object for name in frame if not pd.api.types.is_numeric_dtype(frame[name])})
        found = Prim(plain.reset_index(drop=True), failing, threshold=DENSITY).find_box()
    path = found.peeling_trajectory
    path = path[path["res_dim"].between(1, MOST)]
    if path.empty:
        return Box({})
    slack = np.minimum(path["coverage"] - COVERAGE, path["density"] - DENSITY)
    row = path.index[int(np.argmax(slack))]
    whole, limits = found.box_lims[0], found.box_lims[int(row)]
    kept: dict[str, tuple[float, float] | frozenset[str]] = {}
    for name in frame:
        low, high = limits[name]
        if isinstance(low, set):
            if low != whole[name][0]:
                kept[str(name)] = frozenset(map(str, low))
        elif (low, high) != tuple(whole[name]):
            kept[str(name)] = (
                -np.inf if low == whole[name][0] else float(low),
                np.inf if high == whole[name][1] else float(high),
            )
    return Box(kept)


def failures(problem: Problem, weights: Weights, world: int) -> tuple[int, dict[str, np.ndarray]]:
    """Return the best option of a world at the shown weights, and for each target in which members it fails."""
    member = problem.losses(weights.shown)[world].mean(-1)
    best = int(member.mean(-1).argmin())
    harms = problem.values[world, best].mean(-1)
    worse = (harms > np.array(weights.limits)[:, None]).any(0)
    return best, {"another": member[best] - member.min(0) > MATERIAL, "unacceptable": worse}


def rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield for every world and target the box and its scores: the table `boxes`."""
    half = problem.members // 2
    for world, setting in enumerate(problem.worlds):
        frame = problem.sampled(world)
        best, targets = failures(problem, weights, world)
        for target, failing in targets.items():
            row = {**setting, "target": target, "option": problem.names[best], "failing": failing.mean()}
            counts = [part.sum() for part in (failing[:half], ~failing[:half], failing[half:], ~failing[half:])]
            if min(counts) < FEWEST or not len(frame.columns):
                nothing = dict.fromkeys(("coverage_found", "density_found", "coverage", "density"), np.nan)
                yield {**row, **nothing, "holds": False, "box": ""}
                continue
            box = find(frame[:half], failing[:half])  # of no limits, where nothing can be cut off
            inside = box.inside(frame)
            own, other = score(inside[:half], failing[:half]), score(inside[half:], failing[half:])
            yield {
                **row,
                **dict(zip(("coverage_found", "density_found", "coverage", "density"), (*own, *other), strict=True)),
                "holds": bool(box.limits and other[0] >= COVERAGE and other[1] >= DENSITY),
                "box": box.words(),
            }
