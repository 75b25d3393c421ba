"""Files for other tools: read back they are the sweep's own numbers, labels and codes."""

import json

import numpy as np
import pandas as pd
import pytest
from pandas.io.stata import StataReader
from typer.testing import CliRunner

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.export.opened import open_results
from fragile_peace_lab.export.written import CODEBOOK, FORMATS, export, stata_names
from fragile_peace_lab.store.folder import LOCK
from tests.tools.own_outcomes import own_sweep
from tests.tools.tiny_sweeps import finished


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("written")
    return finished(where / "out", own_sweep(where, levers={"threat.level": [0.0, 1.0]}))


@pytest.fixture(scope="module")
def stata(folder, tmp_path_factory):
    where = tmp_path_factory.mktemp("stata")
    export(folder, "stata", where)
    return where


def test_a_dta_read_back_has_every_number(folder, stata):
    frames = open_results(folder).frames()
    for name, frame in frames.items():
        back = pd.read_stata(stata / f"{name}.dta", convert_categoricals=False)
        names = stata_names(list(frame))
        assert list(back) == list(names.values())
        assert len(back) == len(frame)
        for column in frame:
            own, there = frame[column], back[names[column]]
            if pd.api.types.is_numeric_dtype(own) or pd.api.types.is_bool_dtype(own):
                left, right = own.astype("Float64").to_numpy(float, na_value=np.nan), there.to_numpy(float)
                assert np.array_equal(left, right, equal_nan=True), (name, column)
            else:
                assert there.tolist() == ["" if pd.isna(value) else str(value) for value in own], (name, column)


def test_a_dta_says_what_its_columns_are(stata):
    with StataReader(stata / "runs.dta") as file:
        labels, codes = file.variable_labels(), file.value_labels()
    assert labels["hot_weeks"] == "with a raid or worse (weeks)"
    assert codes["end_cause"][0] == "horizon"
    assert all(len(label) <= 80 for label in labels.values())
    with StataReader(stata / "estimates_means.dta") as file:
        assert file.variable_labels()["mc_low"] == "Monte Carlo error, 95 %: lower end"
        assert file.variable_labels()["threat_level"]


def test_csv_holds_the_same_and_the_codebook_explains_it(folder, tmp_path):
    files = export(folder, "csv", tmp_path / "csv")
    runs = pd.read_csv(tmp_path / "csv" / "runs.csv")
    own = open_results(folder).runs
    assert runs["mu"].tolist() == own["mu"].tolist()
    assert runs["first_hot"].isna().tolist() == own["first_hot"].isna().tolist()
    book = pd.read_csv(tmp_path / "csv" / CODEBOOK, keep_default_na=False).set_index(["table", "column"])
    assert book.loc[("runs", "end_cause"), "codes"].startswith("0 horizon, ")
    assert {file.stem for file in files if file.name != CODEBOOK} == {table for table, _ in book.index}
    assert book.loc[("points", "threat.level"), "name"] == "threat.level"


def test_the_same_sweep_gives_the_same_bytes(folder, stata, tmp_path):
    export(folder, "stata", tmp_path)
    assert all(file.read_bytes() == (tmp_path / file.name).read_bytes() for file in stata.iterdir())


def test_stata_names_are_allowed_and_different():
    long = "x." + "a" * 40
    found = stata_names(["threat.level", "threat_level", long, f"{long}b", "2x", "ä.b", "class", "str20"])
    assert found["threat.level"] == "threat_level"
    assert found["threat_level"] == "threat_level_2"
    assert found["2x"] == "_2x"
    assert (found["class"], found["str20"]) == ("_class", "_str20")
    assert len(set(found.values())) == 8
    assert all(len(name) <= 32 and name.replace("_", "a").isalnum() and name.isascii() for name in found.values())


@pytest.mark.parametrize("to", FORMATS)
def test_what_a_killed_export_left_is_gone_and_two_do_not_write_at_once(folder, tmp_path, to):
    pytest.importorskip({"xarray": "xarray", "duckdb": "duckdb"}.get(to, "pandas"), reason="an extra is not installed")
    for name in ("1-runs.csv", "mine"):
        (tmp_path / f"{durable.TEMPORARY}{name}").write_text("point,ru")
    with durable.locked(tmp_path / LOCK, "there"), pytest.raises(InputError, match="is being written by process"):
        export(folder, to, tmp_path)
    written = export(folder, to, tmp_path)
    assert set(tmp_path.iterdir()) == {*written, tmp_path / LOCK, tmp_path / f"{durable.TEMPORARY}mine"}


def test_the_command_writes_into_the_sweeps_folder(folder):
    done = CliRunner().invoke(app, ["export", str(folder), "--json"])
    assert done.exit_code == 0
    assert str(folder / "export" / "runs.csv") in json.loads(done.stdout)
    with pytest.raises(InputError, match="--to: 'statta' is not one of csv, stata, xarray, duckdb; did you mean stata"):
        export(folder, "statta")
