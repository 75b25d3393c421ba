"""When the ceasefire ends, by month and label: plain shares while nothing is censored, nothing beyond the horizon."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace_lab.estimates.ends import ALL, MONTHS, ends_table, week_of
from fragile_peace_lab.estimates.runs import Runs

HORIZON = 60
MEMBERS, DRAWS = 6, 40


@pytest.fixture(scope="module")
def runs():
    """Two structures whose ends come at known weeks: members of the civil class end by week 10 in half of the draws."""
    members = np.repeat(np.arange(MEMBERS), DRAWS).reshape(1, MEMBERS, DRAWS)
    draw = np.tile(np.arange(DRAWS), (1, MEMBERS, 1))
    early = (members % 2 == 0) & (draw % 2 == 0)
    weeks = np.where(early, 1 + draw // 4, HORIZON)
    cause = np.where(early, 1 + draw // 2 % 2, 0)
    both = {"weeks": np.concatenate([weeks, np.full_like(weeks, HORIZON)])}
    both["end_cause"] = np.concatenate([cause, np.zeros_like(cause)])
    both["rung"] = np.where(both["end_cause"] > 0, 5, 0)
    never = np.full(weeks.shape, np.nan)
    for name in ("first_accusation_day", "first_death", "first_withdrawal"):
        both[name] = np.concatenate([never, never])
    labels = {"class": np.where(np.arange(MEMBERS) % 2 == 0, "civil", "interstate")}
    settings = ({"structure": "usual"}, {"structure": "other"})
    return Runs((), ("usual", "other"), settings, MEMBERS, DRAWS, both, labels, own_draws=True)


@pytest.fixture(scope="module")
def table(runs):
    return ends_table(runs)


def one(table, **where):
    found = table
    for name, value in where.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


def test_months_are_weeks():
    assert [week_of(month) for month in MONTHS] == [4, 17, 52, 104, 260]


def test_while_nothing_is_censored_it_is_the_plain_share(table):
    where = {"structure": "usual", "outcome": "collapse"}
    row = one(table, **where, label="class", value="civil", month=1)
    assert row["estimate"] == pytest.approx(8 / 40)  # draws 0, 2, ..., 14 of every such member end by week 4
    assert one(table, **where, label="class", value="civil", month=4)["estimate"] == pytest.approx(0.5)
    assert one(table, **where, label="class", value="interstate", month=12)["estimate"] == 0
    assert one(table, **where, label=ALL, value=ALL, month=12)["estimate"] == pytest.approx(0.25)
    assert row["mc_low"] <= row["estimate"] <= row["mc_high"]
    assert row["n_members"] == 3


def test_the_ways_of_ending_add_up(table):
    known = table[table["estimate"].notna()]
    keys = ["structure", "label", "value", "month"]
    whole = known[known["outcome"] == "collapse"].set_index(keys)["estimate"]
    parts = known[known["family"] == "end_cause"].groupby(keys)["estimate"].sum()
    pd.testing.assert_series_equal(whole.sort_index(), parts.sort_index(), check_names=False)


def test_structures_are_apart(table):
    assert table.loc[(table["structure"] == "other") & table["estimate"].notna(), "estimate"].eq(0).all()


def test_what_lies_beyond_the_horizon_is_empty_and_says_so(table):
    later = table[table["month"] >= 24]
    assert later["estimate"].isna().all()
    assert later["note"].eq("beyond the horizon of 60 weeks").all()
    assert table[table["month"] < 24]["estimate"].notna().all()
