"""One DuckDB file: every table of the sweep, and a comment on every column that is explained."""

import sys

import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.export.database import write_database
from fragile_peace_lab.export.opened import Variable, open_results
from fragile_peace_lab.export.written import export
from tests.tools.own_outcomes import own_sweep
from tests.tools.tiny_sweeps import finished

duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    where = tmp_path_factory.mktemp("database")
    folder = finished(where / "out", own_sweep(where, levers={"threat.level": [0.0, 1.0]}, runs=4))
    export(folder, "duckdb", where)
    return open_results(folder), where / "tiny.duckdb"


def test_every_table_is_there_with_its_numbers_and_gaps(exported):
    opened, file = exported
    with duckdb.connect(str(file), read_only=True) as database:
        for name, frame in opened.frames().items():
            back = database.execute(f"SELECT * FROM {name}").df()
            assert list(back) == list(frame)
            for column in frame:
                text = frame[column].dtype == object
                left = [None if pd.isna(value) else str(value) if text else value for value in frame[column]]
                assert [None if pd.isna(value) else value for value in back[column]] == left, (name, column)


def test_columns_are_explained(exported):
    _, file = exported
    asked = "SELECT comment FROM duckdb_columns() WHERE table_name = 'runs' AND column_name = ?"
    with duckdb.connect(str(file), read_only=True) as database:
        assert (
            database.execute(asked, ["end_cause"]).fetchone()[0].startswith("why the run ended; unit: code; codes: 0")
        )
        assert database.execute(asked, ["hot_weeks"]).fetchone() == ("with a raid or worse; unit: weeks",)
        tables = database.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'runs'").fetchone()
    assert tables == ("one row a run",)


def test_a_second_export_replaces_the_first_and_quotes_are_kept(tmp_path):
    about = {"t": {'odd "name"': Variable("", "Russia's own", {})}}
    for number in (1, 2):
        write_database(tmp_path / "x.duckdb", {"t": pd.DataFrame({'odd "name"': [number]})}, about)
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as database:
        assert database.execute("SELECT * FROM t").fetchall() == [(2,)]
        assert database.execute("SELECT comment FROM duckdb_columns() WHERE table_name = 't'").fetchone() == (
            "Russia's own",
        )
    assert [file.name for file in tmp_path.iterdir()] == ["x.duckdb"]


def test_without_duckdb_the_extra_is_named(exported, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"duckdb: needs duckdb: pip install 'fragile-peace\[duckdb\]'"):
        export(exported[0].folder, "duckdb", tmp_path)
