"""Losses and regret of every option, in every world, for every pair of weights.

L_om is the loss of option o in member m, the mean over its R runs; the regret of o in m is L_om - min_p L_pm.

*Noise.* The least of several noisy means is too small, so that this regret is too large on average: it is an upper
bound. Where the draws are split in halves, the best option is chosen in one half and the regret taken in the other, the
option chosen is not always the best, so that this regret is too small on average: a lower bound. Both are given; they
close as runs are added. `settled` is the share of members in which both halves choose the same option.

*Intervals* are Monte Carlo error alone, 95 %: over members the losses of a draw are added up first, and Student's t
counts draws. That holds whether members share their draws or have their own. Differences are taken run by run.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.deciding.weights import WEIGHTS, Weights
from fragile_peace_lab.estimates.intervals import Interval, jackknife_ratio, t_interval

TAIL = 0.95
COLUMNS = (
    *WEIGHTS, "option", "loss", "mc_low", "mc_high", "best", "difference", "difference_low",
    "difference_high", "best_in", "settled", "regret_low", "regret_high", "regret_95", "regret_most",
)  # fmt: skip
WORST = (*WEIGHTS, "option", "worst_mean_regret", "worst_regret_95", "worst_regret", "least_worst")


def interval(runs: np.ndarray) -> Interval:
    """Return the interval of the mean over members and draws, which are the last two axes."""
    mean = runs.mean(-2)
    fit = jackknife_ratio(mean, np.ones_like(mean))
    return t_interval(fit.estimate, fit.se, fit.df)


def regret(losses: np.ndarray) -> np.ndarray:
    """Return the regret of each option in each member, shape (..., options, members); an upper bound on average.

    Parameters
    ----------
    losses : shape (..., options, members, draws)
    """
    means = losses.mean(-1)
    regret: np.ndarray = means - means.min(-2, keepdims=True)
    return regret


def split_regret(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a lower bound, on average, of the same, and in which members both halves choose the same option.

    NaN with fewer than two draws.
    """
    if losses.shape[-1] < 2:
        return np.full(losses.shape[:-1], np.nan), np.full((*losses.shape[:-3], losses.shape[-2]), np.nan)
    halves = losses[..., ::2].mean(-1), losses[..., 1::2].mean(-1)
    chosen = [half.argmin(-2, keepdims=True) for half in halves]
    own = [half - np.take_along_axis(half, other, -2) for half, other in zip(halves, chosen[::-1], strict=True)]
    return (own[0] + own[1]) / 2, (chosen[0] == chosen[1]).squeeze(-2)


def rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield a row for every world, pair of weights and option: the table `losses`."""
    for pair in weights.pairs:
        losses = problem.losses(pair)
        for world, setting in enumerate(problem.worlds):
            for option, found in enumerate(_options(losses[world])):
                yield {**setting, **pair.columns, "option": problem.names[option], **found}


def _options(losses: np.ndarray) -> Iterator[dict[str, Any]]:
    """The numbers of each option in one world, losses of shape (options, members, draws)."""
    means = losses.mean((-2, -1))
    best = int(means.argmin())
    own, off = interval(losses), interval(losses - losses[best])
    upper = regret(losses)
    lower, settled = split_regret(losses)
    least = losses.mean(-1).argmin(0)
    for option, loss in enumerate(means):
        yield {
            "loss": loss,
            "mc_low": own.low[option],
            "mc_high": own.high[option],
            "best": option == best,
            "difference": loss - means[best],
            "difference_low": off.low[option],
            "difference_high": off.high[option],
            "best_in": (least == option).mean(),
            "settled": settled.mean(),
            "regret_low": lower[option].mean(),
            "regret_high": upper[option].mean(),
            "regret_95": np.quantile(upper[option], TAIL),
            "regret_most": upper[option].max(),
        }


def worst_rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield for every pair of weights and option the worst regret over worlds and structures: the table `worst`."""
    for pair in weights.pairs:
        upper = regret(problem.losses(pair))  # worlds, options, members
        mean = upper.mean(-1).max(0)
        for option, name in enumerate(problem.names):
            yield {
                **pair.columns,
                "option": name,
                "worst_mean_regret": mean[option],
                "worst_regret_95": np.quantile(upper[:, option], TAIL, axis=-1).max(),
                "worst_regret": upper[:, option].max(),
                "least_worst": option == int(mean.argmin()),
            }
