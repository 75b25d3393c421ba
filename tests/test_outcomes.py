"""The table of outcomes: complete, readable without the libraries, and where every run's row starts from."""

import os
import subprocess
import sys

import numpy as np
import pytest

from fragile_peace import CeasefireModel, outcomes
from fragile_peace.declared.scenario import Scenario
from fragile_peace.outcomes import BY_NAME, CODE, JOINED, NAMES, NEVER, REAL, TABLE
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from fragile_peace.state import OUTCOMES, blank_outcomes

MAY_BE_NEVER = [o.name for o in TABLE if o.never and not o.of_contingents]


@pytest.mark.parametrize("outcome", [*TABLE, JOINED], ids=lambda outcome: outcome.name)
def test_every_outcome_has_a_unit_and_a_text(outcome):
    assert outcome.unit.strip()
    assert outcome.text.strip()
    assert not outcome.text.endswith(".")
    assert (outcome.code is not None) == (outcome.kind is CODE)
    assert ("null: " in outcome.text) == outcome.never, "a reader of the column must know what null means"
    assert len(set(outcome.labels)) == len(outcome.labels)


def test_the_row_is_what_the_table_says():
    assert OUTCOMES.names == NAMES
    for name, outcome in BY_NAME.items():
        assert OUTCOMES[name].base == (np.float64 if outcome.kind is REAL else np.int64)
        size = 16 if outcome.of_contingents else len(outcome.members)
        assert OUTCOMES[name].shape == ((size,) if size else ())
    assert outcomes.dtype(3)["deaths_n"].shape == (3,)


def test_a_run_starts_from_never_where_that_may_be_and_else_from_zero():
    row = blank_outcomes()[0]
    assert {name for name in NAMES if (row[name] == NEVER).any()} == set(MAY_BE_NEVER)
    assert all((row[name] == 0).all() for name in NAMES if name not in MAY_BE_NEVER)


@pytest.mark.parametrize("name", ["no_force", "reassurance_15k"])
def test_every_way_to_play_a_run_starts_from_that_row(name):
    """One by one, through Mesa and in a block of runs, in which the second must not start where the first ended."""
    scenario = Scenario.load(name)
    begun = SingleRun(scenario, seed=3).outcomes
    assert all(begun[field] == NEVER for field in MAY_BE_NEVER)
    assert all(CeasefireModel(scenario, seed=3).outcomes[field] == NEVER for field in MAY_BE_NEVER)
    played = simulate([scenario], 40, 3, 30)[0]
    for field in MAY_BE_NEVER:
        assert not ((played[field] < 0) & (played[field] != NEVER)).any(), field
        # Something is disputed in every run of a month; of all else there are runs that never see it.
        assert (played[field] == NEVER).any() == (field != "first_accusation_day"), field


def test_the_table_is_read_without_the_libraries():
    code = "import sys; import fragile_peace.outcomes; print([m for m in sys.argv[1:] if m in sys.modules])"
    command = [sys.executable, "-c", code, "numba", "pandas", "pyarrow", "pydantic", "mesa"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
