"""Which class of members turns the ranking: the best option among the members of each label's values."""

from collections.abc import Iterator
from typing import Any

from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.deciding.regret import interval
from fragile_peace_lab.deciding.weights import Weights
from fragile_peace_lab.estimates.by_label import values_of

COLUMNS = (
    "label", "value", "members", "best_of_all", "best_here", "loss_of_all", "loss_here", "gain", "gain_low",
    "gain_high", "turns",
)  # fmt: skip


def rows(problem: Problem, weights: Weights) -> Iterator[dict[str, Any]]:
    """Yield for every world and value of a label what is best in its members, at the shown weights: `by_label`.

    `gain` is the loss of the option that is best over all members less that of the one that is best here, run by run;
    the ranking `turns` where its interval leaves 0 out.
    """
    losses = problem.losses(weights.shown)
    for world, setting in enumerate(problem.worlds):
        best = int(losses[world].mean((-2, -1)).argmin())
        for label, found in problem.labels.items():
            for value in values_of(label, found):
                own = losses[world][:, found == value]
                means = own.mean((-2, -1))
                here = int(means.argmin())
                gain = interval(own[best] - own[here])
                yield {
                    **setting,
                    "label": label,
                    "value": value,
                    "members": own.shape[1],
                    "best_of_all": problem.names[best],
                    "best_here": problem.names[here],
                    "loss_of_all": means[best],
                    "loss_here": means[here],
                    "gain": means[best] - means[here],
                    "gain_low": float(gain.low),
                    "gain_high": float(gain.high),
                    "turns": here != best and float(gain.low) > 0,
                }
