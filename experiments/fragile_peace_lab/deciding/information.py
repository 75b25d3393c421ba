"""What it would be worth to know an unknown before choosing: the expected value of (partial) perfect information.

    EVPI     = min_o E[L_o] - E[min_o L_o]
    EVPPI(x) = min_o E[L_o] - E_x[min_o E[L_o | x]]

in units of the loss; expectations over members. E[L_o | x] is fitted by regression over the members (Strong, Oakley &
Brennan 2014), here by Gaussian processes (`smooth`), of each harm's difference between an option and the first one.
`evppi` takes the fit at the members that it was fitted to, as these authors do; `evppi_left_out` chooses for each
member by a fit without it and counts the loss that the member had: about 0 or below where the regression found
nothing that holds. EVPI is the mean regret of the best option, and has its two bounds (`regret`).

*Types.* Russia's and Washington's true types are drawn in each run, so their worth is a sum over two cases.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fragile_peace_lab.deciding.problem import TYPES, Problem
from fragile_peace_lab.deciding.regret import regret, split_regret
from fragile_peace_lab.deciding.smooth import FEWEST, inputs, smooth
from fragile_peace_lab.deciding.weights import Weights

UNKNOWN, BLOCK, LABEL, TYPE, ALL = "unknown", "block", "label", "type", "everything"
COLUMNS = ("kind", "of", "evppi", "evppi_left_out")


def evppi(means: np.ndarray, columns: list[np.ndarray], weights: Sequence[Sequence[float]]) -> np.ndarray:
    """Return the worth of knowing some inputs, plain and left out, for each of some weights: shape (weights, 2).

    Parameters
    ----------
    means : of each harm, shape (options, harms, members)
    columns : the inputs of each member (`smooth.inputs`)
    weights : of the harms
    """
    options, harms, members = means.shape
    off = (means - means[0])[1:]
    fit = smooth(columns, off.reshape(-1, members).T)
    shape = (options - 1, harms, members)
    fitted, left_out = (values.T.reshape(shape) for values in (fit.fitted, fit.left_out))
    return np.array([_worth(off, fitted, left_out, np.asarray(weight)) for weight in weights])


def _worth(off: np.ndarray, fitted: np.ndarray, left_out: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The plain and the left-out worth for one set of weights."""
    true, fit, out = (
        np.vstack([np.zeros((1, values.shape[-1])), np.einsum("ohm,h->om", values, weight)])
        for values in (off, fitted, left_out)
    )
    chosen = np.take_along_axis(true, out.argmin(0)[None], 0)
    plain = fit.mean(-1).min() - fit.min(0).mean()
    return max(float(plain), 0.0), float(true.mean(-1).min() - chosen.mean())


def rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield for every world what each unknown, block, label and type is worth at the shown weights: `information`."""
    for world, setting in enumerate(problem.worlds):
        losses = problem.losses(weights.shown)[world]
        best = int(losses.mean((-2, -1)).argmin())
        upper, lower = regret(losses)[best].mean(), split_regret(losses)[0][best].mean()
        yield {**setting, "kind": ALL, "of": ALL, "evppi": upper, "evppi_left_out": lower}
        means = problem.values[world].mean(-1)
        for kind, name, columns in asked(problem, world):
            plain, out = evppi(means, columns, [problem.weights_of(weights.shown)])[0]
            yield {**setting, "kind": kind, "of": name, "evppi": plain, "evppi_left_out": out}
        for column, words in TYPES.items():
            worth = type_worth(losses, problem.types[column][world])
            if worth is not None:
                yield {**setting, "kind": TYPE, "of": words, "evppi": worth, "evppi_left_out": worth}


def asked(problem: Problem, world: int) -> Iterator[tuple[str, str, list[np.ndarray]]]:
    """Yield what may be known in a world: its kind, its name, and its inputs."""
    if problem.members < FEWEST:
        return
    sampled = problem.sampled(world)
    by_name = dict(zip(sampled, inputs(sampled), strict=True))
    for block, names in problem.blocks.items():
        own = [by_name[name] for name in names if name in by_name]
        if own:
            yield BLOCK, block, own
    for label, found in problem.labels.items():
        if len(set(found.tolist())) > 1:
            yield LABEL, label, inputs(pd.DataFrame({label: found}))
    for name, column in by_name.items():
        yield UNKNOWN, name, [column]


def type_worth(losses: np.ndarray, types: np.ndarray) -> float | None:
    """Return the worth of knowing a true type: min_o E[L_o] - sum_t P(t) min_o E[L_o | t]; None where there is but one.

    Parameters
    ----------
    losses, types : shape (options, members, draws); the types of an option's runs are those of every other's
    """
    known = types[0]
    if known.min() == known.max():
        return None
    cases = [(types == code).mean() * _by_type(losses, types, code).min() for code in (0, 1)]
    together = sum((types == code).mean() * _by_type(losses, types, code) for code in (0, 1))
    return max(float(np.min(together) - sum(cases)), 0.0)


def _by_type(losses: np.ndarray, types: np.ndarray, code: int) -> np.ndarray:
    """The mean loss of each option in the runs of a type."""
    own = types == code
    weighted: np.ndarray = (losses * own).sum((-2, -1)) / own.sum((-2, -1))
    return weighted


def ranked(table: pd.DataFrame, world: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a world, most worth first."""
    own = table
    for name, value in world.items():
        own = own[own[name] == value]
    return own.sort_values("evppi", ascending=False, kind="stable")
