"""Belief and truth: which beliefs a sweep moves, and whether the truth moves with them.

What others believe of a threat or a guarantee (its credibility) and what is true of it (its sincerity) are two levers.
Where a scenario leaves the sincerity empty, it is equal to the credibility: the belief is then *tied* to the truth, and
a sweep that moves the one moves the other. Such a sweep is played as it is asked for, and says so in every title.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace_lab.design.axis import Sets
from fragile_peace_lab.design.labels import role
from fragile_peace_lab.design.structures import STRUCTURE

TRUTH = {"threat.credibility": "threat.sincerity", "guarantee.credibility": "guarantee.sincerity"}
"""By belief, the truth behind it."""


class Belief(NamedTuple):
    """A belief that a sweep moves.

    Attributes
    ----------
    name : its parameter
    lever : whether somebody chooses it; else it is sampled
    tied : whether, anywhere in the sweep, the truth moves with it
    """

    name: str
    lever: bool
    tied: bool


def beliefs_moved(points: pa.Table, scenarios: Iterable[Scenario], sets: Sets) -> tuple[Belief, ...]:
    """Return the beliefs that a sweep moves.

    Parameters
    ----------
    points : its design (`points.Design.table`)
    scenarios : what it is based on
    sets : what its structures, and the labels of its composite levers, set
    """
    bases = list(scenarios)
    labelled = {name for lever, spec in sets.items() if lever != STRUCTURE for own in spec.values() for name in own}
    moved = []
    for name, truth in TRUTH.items():
        sampled = name in points.column_names
        if sampled or name in labelled:
            lever = not sampled or role(points, name) == "lever"
            moved.append(Belief(name, lever, _ever_empty(truth, points, bases, sets)))
    return tuple(moved)


def _ever_empty(truth: str, points: pa.Table, bases: Iterable[Scenario], sets: Sets) -> bool:
    """Whether a truth is left empty at some point of a sweep."""
    if truth in points.column_names:
        return bool(points[truth].null_count)
    own = [[values.get(truth) for values in spec.values()] for spec in sets.values() if spec]
    always = any(None not in values for values in own)
    return not always and any(base.get(truth) is None for base in bases)


def is_tied(scenario: Scenario, name: str) -> bool:
    """Whether a parameter is a belief whose truth moves with it in this scenario."""
    return name in TRUTH and scenario.get(TRUTH[name]) is None


def in_effect(scenario: Scenario, name: str) -> Any:
    """Return the value that a parameter has in effect: an empty truth is the belief."""
    belief = next((belief for belief, truth in TRUTH.items() if truth == name), None)
    value = scenario.get(name)
    return scenario.get(belief) if value is None and belief is not None else value
