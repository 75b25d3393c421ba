"""A thousandth of `make soak`, and the proof that its checks see what they look for."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from fragile_peace.runs.single import SingleRun

PATH = Path(__file__).parents[2] / "benchmarks" / "soak.py"


@pytest.fixture(scope="module")
def soaking():
    """benchmarks/soak.py as a module."""
    spec = importlib.util.spec_from_file_location("soak", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_thousand_weeks_in_random_worlds_leave_nothing_out_of_range(soaking):
    wrong, seen = soaking.soak(1000, seed=7)
    assert wrong == []
    assert seen["worlds"] >= 20


FAULTS = {
    "NaN": ("_week", "mu", np.nan),
    "infinity": ("_week", "troops", np.inf),
    "a probability above 1": ("_week", "p_response_s", 1.001),
    "a negative count": ("_week", "recorded_R_s", -1),
    "restraint below 0": ("_state", "r_s", -0.001),
    "a belief outside its bounds": ("_state", "gamma", 0.9995),
    "a negative outcome": ("_outcomes", "left", -1),
    "deaths that do not add up": ("_week", "deaths_s", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_soak_sees_a_fault(soaking, fault):
    run = SingleRun(soaking.world(7, 1), seed=7)
    run.advance()
    assert soaking.faults(run) == []
    where, field, value = FAULTS[fault]
    array = getattr(run, where)
    array[field][(0,) * array[field].ndim] = value
    assert len(soaking.faults(run)) == 1


def test_the_soak_sees_a_fault_in_a_game(soaking):
    run = SingleRun(soaking.world(7, 1), seed=7)
    run.advance()
    run._games["residual"][0, 0] = 1e-9
    assert "residual" in soaking.faults(run)[0]


def test_worlds_are_reproducible_and_differ(soaking):
    assert soaking.world(7, 2).digest == soaking.world(7, 2).digest
    assert len({soaking.world(7, index).digest for index in range(12)}) == 12
