"""Own outcomes among what is reported: known means and shares, negative numbers kept, names that clash refused."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace.outcomes import COUNT, FLAG, REAL, Outcome
from fragile_peace_lab.estimates.all_tables import estimate_sweep
from fragile_peace_lab.estimates.measure import cell, estimated
from fragile_peace_lab.estimates.own import check_names, reported
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.store import folder as store
from tests.tools.own_outcomes import NAMES, own_sweep
from tests.tools.tiny_sweeps import STRUCTURES, finished


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("own")
    two = dict(list(STRUCTURES.items())[:2])
    changes = {"levers": {"threat.level": [0.0, 1.0]}, "uncertainties": None, "design": None, "structures": two}
    return finished(where / "out", own_sweep(where, **changes))


@pytest.fixture(scope="module")
def tables(folder):
    return estimate_sweep(folder)


def test_a_flag_is_a_probability_and_a_number_its_mean_where_it_is_known(folder, tables):
    runs = store.read(folder, ["point", *NAMES]).to_pandas().astype(float)
    both = pd.concat([tables["probabilities"], tables["means"]])
    for name in NAMES:
        rows = both[(both["outcome"] == name) & (both["type"] == "mixed")].reset_index(drop=True)
        assert rows["prior_driven"].all()
        assert rows["plain"].tolist() == pytest.approx(runs.groupby("point")[name].mean().tolist(), rel=1e-8)
    flags = tables["probabilities"][tables["probabilities"]["outcome"] == "hot"]
    assert set(flags["unit"]) == {"probability"}
    assert both.set_index("outcome").loc["hot_weeks", "title"].iloc[0] == "With a raid or worse"


def test_they_are_compared_and_counted_over_structures(tables):
    for table in ("comparisons", "replication", "spread", "robustness"):
        assert set(NAMES) <= set(tables[table]["outcome"]), table


def runs_of(values, kind=REAL, unit="thousand") -> tuple[Runs, object]:
    """One setting and member, a run a value."""
    points = pd.DataFrame({"point": [0], "sample": [0], "combination": [0], "x.x": [0.0]})
    rows = pd.DataFrame({"point": 0, "run": np.arange(len(values)), "y": values})
    declared = {"name": "y", "kind": kind.value, "unit": unit, "text": "y", "never": False}
    (outcome,) = reported({"own_outcomes": [{"function": "a:b", "outcomes": [declared]}]})
    return Runs.from_tables(points, rows), outcome


def test_what_may_be_negative_is_not_cut_at_0():
    row = estimated(*reversed(_measured([-3.0, -2.0, -1.0, -2.0])))
    assert row["estimate"] == -2.0
    assert row["mc_low"] < -2.0 < row["mc_high"] < 0.0
    assert estimated(*reversed(_measured([0.0] * 4)))["mc_high"] == 0.0
    assert estimated(*reversed(_measured([0] * 4, COUNT)))["mc_high"] > 0.0  # the Poisson limit of a count
    assert estimated(*reversed(_measured([0.9, 1.0, 1.0, 1.0], unit="share")))["mc_high"] == 1.0


def _measured(values, *kind, **unit):
    runs, outcome = runs_of(values, *kind, **unit)
    return cell(runs, outcome, 0), outcome


def test_names_of_the_model_are_refused():
    check_names([Outcome("mine", FLAG, (), "flag", "text")])
    for name in ("collapse", "happened_collapse", "point", "weeks", "joined_n_15"):
        with pytest.raises(InputError, match=f"{name} is the name of an outcome of the model"):
            check_names([Outcome(name, COUNT, (), "weeks", "text")])


def test_an_outcome_is_found_by_its_name(folder):
    runs = Runs.load(folder, ["mu"])
    assert runs.outcome("hot_weeks") in runs.headlines
    assert runs.outcome("collapse").name == "collapse"
    with pytest.raises(InputError, match="hot_week is not one of what is reported; did you mean hot_weeks"):
        runs.outcome("hot_week")
