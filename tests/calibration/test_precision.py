"""Payoffs for another precision of choice: the same first moves, and what the shipped structures say."""

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.precision import moves, refit
from fragile_peace_lab.design.sweep import Sweep


@pytest.mark.parametrize("precision", [2, 5])
def test_both_sides_move_as_at_the_declared_precision(precision):
    """In square roots of probabilities; without new payoffs they are .07 to .09 off in root mean square."""
    target = moves(None, {})
    off = moves(precision, refit(precision)) - target
    assert np.sqrt(np.mean(off**2)) < 0.002
    assert np.abs(off).max() < 0.02
    alone = moves(precision, {}) - target
    assert np.sqrt(np.mean(alone**2)) > 0.05


@pytest.mark.parametrize("precision", [0, 0.4, 11, float("nan")])
def test_a_precision_outside_its_range_is_refused(precision):
    with pytest.raises(InputError, match="--precision"):
        refit(precision)


@pytest.mark.parametrize(("structure", "precision"), [("noisier", 2), ("sharper", 5)])
def test_the_shipped_structures_are_what_the_command_prints(structure, precision):
    values = Sweep.load("structures").structures[structure]
    assert values.pop("precision.russia") == values.pop("precision.ukraine") == precision
    assert values == {name: {"times": factor} for name, factor in refit(precision).items()}
