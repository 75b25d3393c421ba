"""Which beliefs a sweep moves, and whether the truth moves with them."""

import pytest

from fragile_peace_lab.design.belief import Belief, beliefs_moved
from fragile_peace_lab.design.points import Plan
from tests.tools.tiny_sweeps import tiny

BELIEF, TRUE = "threat.credibility", "threat.sincerity"
FIXED = {"set": {TRUE: 0.2}}
CASES = {
    "sampled, the truth empty": ({}, [(BELIEF, False, True)]),
    "sampled, the truth set": (FIXED, [(BELIEF, False, False)]),
    "a lever, the truth empty": ({"levers": {BELIEF: [0.1, 0.5]}, "uncertainties": {}, "design": {}},
                                 [(BELIEF, True, True)]),
    "a lever, the truth set": ({**FIXED, "levers": {BELIEF: [0.1, 0.5]}, "uncertainties": {}, "design": {}},
                               [(BELIEF, True, False)]),
    "the truth a lever": ({"levers": {TRUE: [0.1, 0.5]}}, [(BELIEF, False, False)]),
    "the truth a lever that may be empty": ({"levers": {TRUE: [None, 0.5]}}, [(BELIEF, False, True)]),
    "the truth set by every structure": ({"structures": {"a": {TRUE: 0.1}, "b": {TRUE: 0.5}}},
                                         [(BELIEF, False, False)]),
    "the truth set by one structure": ({"structures": {"a": {}, "b": {TRUE: 0.5}}}, [(BELIEF, False, True)]),
    "both set by labels": ({"levers": {"word": {"a": {BELIEF: 0.1, TRUE: 0.1}, "b": {BELIEF: 0.5, TRUE: 0.1}}},
                            "uncertainties": {}, "design": {}}, [(BELIEF, True, False)]),
    "the belief alone set by labels": ({"levers": {"word": {"a": {BELIEF: 0.1}, "b": {}}}, "uncertainties": {},
                                        "design": {}}, [(BELIEF, True, True)]),
    "no belief": ({"uncertainties": {}, "design": {}}, []),
    "the guarantee": ({"uncertainties": {"guarantee.credibility": {"uniform": [0.1, 0.5]}}},
                      [("guarantee.credibility", False, True)]),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "found"), CASES.values(), ids=CASES)
def test_a_belief_is_tied_where_its_truth_is_left_empty(changes, found):
    plan = Plan.load(tiny(**changes))
    moved = beliefs_moved(plan.design.table(), plan.scenarios.values(), plan.design.sets)
    assert moved == tuple(Belief(*each) for each in found)
