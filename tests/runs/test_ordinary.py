"""The run that somebody who names none is shown ends as most do, and is the same however it is found."""

from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragile_peace import simulate
from fragile_peace.codes import EndCause
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.runs.ordinary import AMONG, most_ordinary, ordinary_run
from tests.tools.worlds import EVENTFUL, SMALL, WARLIKE, small

HORIZON, RUSSIA, UKRAINE = EndCause.HORIZON, EndCause.RESUMED_RUSSIA, EndCause.RESUMED_UKRAINE


@given(st.lists(st.tuples(st.sampled_from(EndCause), st.integers(0, 50)), min_size=1, max_size=20))
def test_it_ends_as_most_do_and_is_nearest_to_their_median(ends):
    chosen = most_ordinary(ends)
    causes = [cause for cause, _ in ends]
    assert ends[chosen.run] == (chosen.end_cause, chosen.violations)
    assert chosen.alike == causes.count(chosen.end_cause) == max(map(causes.count, causes))
    alike = [violations for cause, violations in ends if cause == chosen.end_cause]
    assert chosen.median == median(alike)
    assert abs(chosen.violations - chosen.median) == min(abs(v - chosen.median) for v in alike)


@pytest.mark.parametrize(
    ("ends", "run"),
    [
        ([(RUSSIA, 1), (HORIZON, 9), (HORIZON, 5), (HORIZON, 6)], 3),
        ([(UKRAINE, 1), (RUSSIA, 1)], 1),  # equally common: the first of EndCause
        ([(HORIZON, 4), (HORIZON, 8)], 0),  # equally near: the first
        ([(HORIZON, 8), (RUSSIA, 0), (HORIZON, 8), (HORIZON, 2)], 0),
    ],
    ids=["most common ending, then median", "tie of endings", "tie of distance", "the same twice"],
)
def test_known_choices(ends, run):
    assert most_ordinary(ends).run == run


@pytest.mark.parametrize(
    "world", [SMALL, small(EVENTFUL), small(WARLIKE, {"weeks": 60})], ids=["small", "eventful", "warlike"]
)
def test_it_is_the_run_of_the_engine_on_any_number_of_threads(world):
    chosen = ordinary_run(world, 5)
    assert chosen == ordinary_run(world, 5)
    for threads in (1, 2, 3):
        rows = simulate([world], AMONG, 5, threads=threads)[0]
        assert chosen == most_ordinary([(EndCause(int(row["end_cause"])), int(row["line_true"])) for row in rows])
    assert np.bincount(rows["end_cause"])[chosen.end_cause] == chosen.alike


def test_seed_and_horizon_count():
    world = Scenario.load("no_force")
    assert ordinary_run(world, 0, 4).violations != ordinary_run(world, 1, 4).violations
    assert ordinary_run(world, 0, 1).end_cause == HORIZON
    with pytest.raises(InputError, match="seed"):
        ordinary_run(world, -1)
