"""A sweep as pandas frames: the names and values of its files, whole numbers kept beside gaps."""

import pandas as pd
import pytest

from fragile_peace import Scenario, simulate
from fragile_peace.errors import InputError
from fragile_peace_lab import open_results, runs_frame
from fragile_peace_lab.store import folder as store
from tests.tools.own_outcomes import NAMES, own_sweep
from tests.tools.tiny_sweeps import finished, manifest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("opened")
    return finished(where / "out", own_sweep(where))


def test_the_frames_have_the_names_and_values_of_the_files(folder):
    opened = open_results(folder)
    table = store.read(folder)
    assert list(opened.runs) == table.column_names
    assert len(opened.runs) == manifest(folder)["rows"]
    for name in ("run", "first_strike", "first_hot", "hot", "mu", "happened_collapse", "joined_n_0", "deaths_n_0"):
        assert [None if pd.isna(value) else value for value in opened.runs[name]] == table[name].to_pylist(), name
    assert opened.points["threat.level"].tolist() == store.design_of(folder)["threat.level"].to_pylist()
    assert set(opened.weeks["run"]) == set(range(200))
    assert "hot_weeks" in set(opened.estimates["means"]["outcome"])
    assert {"runs", "points", "weeks", "estimates_means"} <= set(opened.frames())


def test_whole_numbers_with_gaps_and_flags_keep_their_types(folder):
    kinds = open_results(folder).runs.dtypes.astype(str)
    assert kinds[["run", "first_strike", "hot_weeks", "first_hot", "happened_collapse", "mean_change"]].tolist() == [
        "int32", "Int32", "int32", "Int32", "bool", "float64",
    ]  # fmt: skip


def test_every_column_of_runs_points_and_weeks_is_explained(folder):
    opened = open_results(folder)
    for table, columns in opened.frames().items():
        about = opened.variables(table)
        assert table == "points" or all(about[name].text for name in columns), table
    runs = opened.variables("runs")
    assert runs["end_cause"].codes[0] == "horizon"
    assert runs["hot_weeks"].unit == "weeks"
    assert set(NAMES) <= set(runs)
    assert opened.variables("points")["threat.level"].text


def test_what_simulate_returns_has_the_columns_of_a_sweep():
    worlds = [Scenario.load("reassurance_15k"), Scenario.load("no_force")]
    outcomes = simulate(worlds, 3, seed=1, weeks=2, first_run=5)
    frame = runs_frame(outcomes, worlds, first_run=5)
    assert frame["point"].tolist() == [0, 0, 0, 1, 1, 1]
    assert frame["run"].tolist() == [5, 6, 7] * 2
    assert frame["line_true"].tolist() == outcomes["line_true"].reshape(-1).tolist()
    with pytest.raises(InputError, match="1 are given for 2 points"):
        runs_frame(outcomes, worlds[:1])


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"has no manifest\.json"):
        open_results(tmp_path)
