"""Signposts on records whose answer is known: what is learnt, and how it is judged on members that taught nothing."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.estimates.signposts import SHARES, learnt, signposts

MEMBERS, RUNS = 40, 10


def seen(noise=0.0, structures=("usual",), seed=1):
    """Members whose truce is calm, every second one, and records below 1 where it is, above 2 where it is not."""
    rng, rows = np.random.default_rng(seed), []
    for structure in structures:
        for member in range(MEMBERS):
            for run in range(RUNS):
                calm = member % 2 == 0
                for weeks in (4, 12):
                    loud = calm == (rng.random() < noise)
                    rows.append((structure, member, run, weeks, 2.0 + rng.random() if loud else rng.random(), calm))
    return pd.DataFrame(rows, columns=["structure", "member", "run", "weeks", "violations", "calm"])


def test_the_chance_falls_and_the_threshold_has_the_least_errors():
    rng = np.random.default_rng(3)
    record = rng.exponential(2.0, 400)
    calm = rng.random(400) < np.exp(-record)
    rule = learnt(record, calm)
    assert (np.diff(rule.chance) <= 1e-12).all()
    assert rule.of(np.array([0.0, 50.0])) == pytest.approx([rule.chance[0], rule.chance[-1]])

    def errors(threshold):
        alarm = record > threshold
        return alarm[calm].mean() + (~alarm)[~calm].mean()

    assert errors(rule.threshold) == pytest.approx(min(errors(value) for value in record))


def test_where_records_tell_all_nothing_errs():
    rules = signposts(seen())["rules"]
    assert rules["weeks"].tolist() == [4, 12]
    assert (rules[["false_alarm", "miss", "calm_if_alarm"]] == 0).all(axis=None)
    assert (rules["brier"] < 1e-4).all()  # a record between two that were seen has a chance between theirs
    assert rules["calm_if_quiet"].tolist() == [1, 1]
    assert rules["threshold"].between(0.9, 1).all()
    assert rules["brier_of_base_rate"].tolist() == [0.25, 0.25]
    assert (rules["n_members"] == MEMBERS // 2).all()


def test_errors_are_those_of_the_other_half():
    rules = signposts(seen(0.2))["rules"]
    for name in ("false_alarm", "miss"):
        assert rules[name].between(0.1, 0.3).all()  # a fifth of 200 runs: beyond 3 standard errors .08
        assert ((rules[f"{name}_low"] < rules[name]) & (rules[name] < rules[f"{name}_high"])).all()
    table = seen()
    upside_down = table.assign(violations=np.where(table["member"] < MEMBERS // 2, table["violations"],
                                                   3 - table["violations"]))  # fmt: skip
    turned = signposts(upside_down)["rules"]
    assert (turned[["false_alarm", "miss"]] > 0.9).all(axis=None)


def test_one_rule_is_judged_in_every_structure():
    table = seen(structures=("usual", "other"))
    found = signposts(table)
    assert found["rules"]["structure"].tolist() == ["usual", "other"] * 2
    assert found["rules"].groupby("weeks")["threshold"].nunique().eq(1).all()
    plain = signposts(table[table["structure"] == "usual"].drop(columns="structure"))
    assert "structure" not in plain["rules"]
    assert plain["rules"].shape[0] == 2


def test_a_chance_that_is_right_is_calibrated():
    table = seen(0.2)
    right = signposts(table)["calibration"]
    assert right.groupby("weeks")["n_runs"].sum().eq(MEMBERS // 2 * RUNS).all()
    assert (abs(right["chance"] - right["calm"]) < 0.2).all()
    assert ((right["calm_low"] <= right["calm"]) & (right["calm"] <= right["calm_high"])).all()


def test_a_share_of_nothing_has_a_note_or_is_empty():
    table = seen()
    table.loc[table["member"] >= MEMBERS // 2, "calm"] = True
    rules = signposts(table)["rules"]
    assert rules["miss"].isna().all()
    assert set(SHARES) <= set(rules.columns)


def test_too_few_members_are_refused():
    table = seen()
    with pytest.raises(InputError, match="the sweep has 6 members; at least 8 are needed"):
        signposts(table[table["member"] < 6])
