"""The frontier and the share of members in which an option is acceptable."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fragile_peace_lab.deciding import frontier
from fragile_peace_lab.deciding.weights import NAMES, Weights
from tests.tools import decisions


def test_who_dominates_whom():
    means = np.array([[0.5, 0.1, 2], [0.4, 0.1, 2], [0.4, 0.1, 2], [0.6, 0.0, 1]])
    assert frontier.dominated(means).tolist() == [
        [False, False, False, False],
        [True, False, False, False],
        [True, False, False, False],
        [False, False, False, False],
    ]


def test_an_option_that_is_worse_in_every_run_is_surely_dominated():
    found = decisions.problem()
    values = found.values.copy()
    values[:, 0] = values[:, 1] + np.arange(1, 4)[:, None, None] * 0.01
    table = pd.DataFrame(frontier.rows(replace(found, values=values), Weights()))
    none, others = table[table["option"] == "none"], table[table["option"] != "none"]
    assert (none["dominated_by"] == "small").all()
    assert none["surely"].all()
    assert not none["on_frontier"].any()
    assert not others["surely"].any()
    assert (none["best_for"] == 0).all()


def test_means_are_those_of_the_runs_inside_their_intervals():
    found = decisions.problem()
    table = pd.DataFrame(frontier.rows(found, Weights()))
    for harm, name in enumerate(NAMES):
        assert np.allclose(table[name], found.values[:, :, harm].mean((-2, -1)).ravel())
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert np.allclose(table.groupby(["structure", "threat.level"])["best_for"].sum(), 1)


def test_acceptable_is_a_share_of_members():
    found = decisions.problem()
    flat = np.zeros_like(found.values)
    flat[:, :, 2, : decisions.MEMBERS // 4] = 30.0
    table = pd.DataFrame(frontier.acceptable_rows(replace(found, values=flat), Weights()))
    assert (table["ceasefire_ends_acceptable"] == 1).all()
    assert (table["european_deaths_acceptable"] == 0.75).all()
    assert (table["all_acceptable"] == 0.75).all()


def test_members_keep_their_own_spread_and_lose_that_of_their_runs():
    """With 20,000 members a tenth is over four standard errors of the variance; the plain one is twice the truth."""
    rng = np.random.default_rng(11)
    truth = rng.normal(0, 1, (20000, 1))
    for shared in (True, False):
        values = truth + rng.normal(0, 2, (20000, 4)) + (rng.normal(0, 2, (1, 4)) if shared else 0)
        assert frontier.noise_free(values).var(ddof=1) == pytest.approx(truth.var(ddof=1), rel=0.1)
        assert values.mean(-1).var(ddof=1) > 1.6
    assert frontier.noise_free(values[:, :1]).tolist() == values[:, 0].tolist()


def test_the_band_over_members_is_that_of_what_differs_between_them():
    members = np.linspace(0.0, 1.0, 21)
    noise = np.where(np.arange(2) == 0, 0.4, -0.4)
    quiet = frontier.over_members(np.repeat(members[:, None], 2, axis=1))
    assert (quiet.low, quiet.high) == pytest.approx((0.05, 0.95))
    same = frontier.over_members(np.broadcast_to(0.3 + noise, (21, 2)))
    assert (same.low, same.high) == pytest.approx((0.3, 0.3))
    found = pd.DataFrame(frontier.rows(decisions.problem(), Weights()))
    for name in NAMES:
        assert (found[f"{name}_param_low"] <= found[f"{name}_param_high"]).all()
        assert (found[f"{name}_param_low"] < found[f"{name}_param_high"]).any()


def test_of_one_run_a_member_there_is_no_band():
    assert np.isnan(frontier.over_members(np.ones((2, 5, 1)))).all()
