"""Runs and estimates as Datasets: the numbers of the frames, over structures, levers, members and draws."""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.export import datasets
from fragile_peace_lab.export.opened import open_results
from fragile_peace_lab.export.written import export
from tests.tools.own_outcomes import own_sweep
from tests.tools.tiny_sweeps import STRUCTURES, finished

xarray = pytest.importorskip("xarray", reason="the extra xarray is not installed")
pytest.importorskip("h5py", reason="the extra xarray is not installed")
SOME = ("end_cause", "first_hot", "line_true", "mu", "happened_collapse", "hot")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A sweep of structures and two crossed levers, with an own outcome that has gaps."""
    where = tmp_path_factory.mktemp("datasets")
    structures = {name: STRUCTURES[name] for name in ("usual", "precision_2")}
    return open_results(finished(where / "out", own_sweep(where, structures=structures, runs=4)))


def test_every_run_lies_at_its_structure_levers_member_and_number(opened):
    data = opened.dataset
    assert dict(data.sizes) == {"structure": 2, "threat.level": 2, "mandate.roe": 2, "member": 4, "run": 4}
    rows = opened.runs.merge(opened.points, on="point")
    for row in rows.sample(40, random_state=1).to_dict("records"):
        at = {name: row[name] for name in ("structure", "threat.level", "mandate.roe", "run")}
        cell = data.sel(at | {"member": row["sample"]})
        for name in SOME:
            own, there = row[name], cell[name].item()
            assert np.isnan(there) if pd.isna(own) else there == own, (name, at)
        assert cell["war.prize"].item() == row["war.prize"]
    assert data["happened_collapse"].dtype == bool


def test_variables_say_what_they_are(opened):
    about = opened.dataset["end_cause"].attrs
    assert about["flag_meanings"].split()[about["flag_values"].tolist().index(0)] == "horizon"
    assert opened.dataset["hot_weeks"].attrs["units"] == "weeks"


def test_estimates_lie_at_their_outcome_type_and_setting(opened):
    data = opened.datasets()["estimates"]
    table = opened.estimates["probabilities"]
    for row in table.sample(20, random_state=1).to_dict("records"):
        cell = data.sel({name: row[name] for name in ("outcome", "type", "structure", "threat.level", "mandate.roe")})
        for name in datasets.NUMBERS:
            assert np.isnan(cell[name].item()) if pd.isna(row[name]) else cell[name].item() == row[name], name
        assert cell["title"].item() == row["title"]


def test_weeks_lie_at_their_run_and_week(opened):
    weeks = opened.datasets()["weeks"]
    row = opened.weeks.iloc[-1]
    assert weeks["violations"].sel(run=row["run"], week=row["week"]).item() == row["violations"]


def test_levers_that_move_together_share_a_dimension():
    points = pa.table(
        {"point": [0, 1], "sample": [0, 0], "combination": [0, 1], "first_run": [0, 0], "a": [1, 2], "b": [5, 7]}
    )
    points = points.cast(
        pa.schema([f.with_metadata({"role": "lever"}) if f.name in "ab" else f for f in points.schema])
    )
    rows = pa.table({"point": [1, 0], "run": [0, 0], "weeks": [10, 20]})
    data = datasets.run_dataset(points, rows, {})
    assert data["weeks"].dims == ("combination", "member", "run")
    assert data["weeks"].sel(combination=1).item() == 10
    assert data["b"].values.tolist() == [5, 7]


def test_a_lever_that_is_called_as_an_outcome_stands_beside_it():
    points = pa.table({"point": [0, 1], "sample": [0, 0], "combination": [0, 1], "first_run": [0, 0], "weeks": [4, 8]})
    points = points.cast(
        pa.schema([f.with_metadata({"role": "lever"}) if f.name == "weeks" else f for f in points.schema])
    )
    data = datasets.run_dataset(points, pa.table({"point": [0, 1], "run": [0, 0], "weeks": [4, 7]}), {})
    assert data["weeks"].sel({"lever.weeks": 8}).item() == 7


def test_files_read_back_are_the_datasets_and_the_same_bytes_again(opened, tmp_path):
    files = export(opened.folder, "xarray", tmp_path / "a")
    again = export(opened.folder, "xarray", tmp_path / "b")
    assert [file.name for file in files] == ["runs.nc", "estimates.nc", "weeks.nc"]
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in again]
    with xarray.open_dataset(files[0], engine="h5netcdf") as back:
        xarray.testing.assert_equal(back.load(), opened.dataset)
        assert back["end_cause"].attrs["flag_meanings"] == opened.dataset["end_cause"].attrs["flag_meanings"]


@pytest.mark.parametrize("absent", ["xarray", "h5py"])
def test_what_is_not_installed_is_named_with_its_extra(opened, tmp_path, monkeypatch, absent):
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(InputError, match=rf"{absent}: pip install 'fragile-peace\[xarray\]'"):
        export(opened.folder, "xarray", tmp_path)
