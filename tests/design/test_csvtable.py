"""CSV files as other programs write them."""

import os
import time

import numpy as np
import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.design import csvtable
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep


def design_of(path):
    """The values of the levers in a file, by name."""
    sweep = {"base": "reassurance_15k", "design": {"levers": {"csv": str(path)}}, "runs": 2, "seed": 1, "weeks": 4}
    table = Plan.load(Sweep.from_dict({"name": "x", **sweep})).design.table()
    return {name: table[name].to_pylist() for name in table.column_names if "." in name}


@pytest.mark.parametrize("names", ["threat.level,mandate.un\n", "\ufeffthreat.level, mandate.un \r\n"])
@pytest.mark.parametrize(("yes", "no"), [("TRUE", "FALSE"), ("True", "False"), ("true", "false")])
def test_switches_as_excel_r_and_pandas_write_them(tmp_path, names, yes, no):
    (tmp_path / "own.csv").write_text(f"{names}0.2,{yes}\n.4,{no}\n1e-1,{no}\n")
    assert design_of(tmp_path / "own.csv") == {"threat.level": [0.2, 0.4, 0.1], "mandate.un": [True, False, False]}


def test_whole_numbers_that_became_real_ones(tmp_path):
    """A column of whole numbers with a gap is one of floats in pandas; here it comes from R's write.csv too."""
    frame = pd.DataFrame({"guarantee.void_weeks": [4.0, 12.0]})
    frame.to_csv(tmp_path / "own.csv", index=False)
    assert "4.0" in (tmp_path / "own.csv").read_text()
    assert design_of(tmp_path / "own.csv") == {"guarantee.void_weeks": [4, 12]}
    (tmp_path / "own.csv").write_text("guarantee.void_weeks\n4.5\n")
    with pytest.raises(InputError, match=r"row 2, guarantee\.void_weeks: 4\.5 is not allowed"):
        design_of(tmp_path / "own.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("threat.level;mandate.un\n0,2;TRUE\n", r"row 2: 2 values for 1 names, separated by ';'\? Save it with commas"),
        ("threat.level;mandate.un\n1;TRUE\n", "row 1: one column, separated by ';'"),
        ("threat.level\n\n0.2\n\n\n9\n", r"row 6, threat\.level: 9 is not allowed"),
        ('threat.level,mandate.un\n0.2,"TRUE\n"\n0.3,maybe\n', r"row 4, mandate\.un: 'maybe' is not allowed"),
        ("threat.level\tmandate.un\n1\tTRUE\n", r"row 1: one column, separated by tabs\? Save it with commas"),
        ("threat.level|mandate.un\n1|TRUE\n", r"row 1: one column, separated by '\|'\? Save it with commas"),
        ('"",threat.level\n"1",0.2\n', r"row 1: column 1 has no name; are the rows numbered .* row\.names=FALSE in R"),
        (",threat.level\n0,0.2\n", r"row 1: column 1 has no name; .* index=False in pandas$"),
        ('"threat.level"\n"1",0.2\n', r"row 2: 2 values for 1 names; are the rows numbered first\?"),
        ("threat.level,mandate.un,\n0.2,TRUE,\n", "row 1: column 3 has no name; delete the comma at the end of every"),
        ("threat.level,,mandate.un\n0.2,,TRUE\n", r"row 1: column 2 has no name$"),
        ("threat.level,mandate.un\n0.2,TRUE,\n", r"row 2: 3 values for 2 names; delete the comma at its end$"),
        ("threat.level,mandate.un\n0.2,TRUE\n,\n,\n", r"row 3: is empty; delete it, or write null for empty values$"),
        (f"guarantee.void_weeks\n{'9' * 5000}\n", r"row 2, guarantee\.void_weeks: '9{56}\.{3} is not allowed; a num"),
        (f"guarantee.void_weeks\n{'9' * 400}\n", r"row 2, guarantee\.void_weeks: 9{57}\.{3} is not allowed; must be"),
        (f"threat.level\n-{'9' * 5000}\n", r"row 2, threat\.level: '-9{55}\.{3} is not allowed; a number has"),
        ("", "must have a row of names and 1 to"),
        ("threat.level\n", "must have a row of names and 1 to"),
        ("threat.level,threat.level\n1,1\n", "threat.level"),
    ],
)
def test_what_is_wrong_is_named_with_the_row_that_an_editor_shows(tmp_path, text, words):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        design_of(tmp_path / "own.csv")


def test_what_is_no_regular_file_is_refused_at_once(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path / "pipe", tmp_path):
        with pytest.raises(InputError, match="is not a regular file"):
            design_of(path)
    (tmp_path / "own.csv").write_text("threat.level\n" + "0.5\n" * 40)
    monkeypatch.setattr(csvtable, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="larger than 100 bytes"):
        design_of(tmp_path / "own.csv")


def test_a_hundred_thousand_rows_take_seconds(tmp_path):
    """11 s when each cell went through the YAML parser; .2 s now, and 5 are allowed."""
    frame = pd.DataFrame({"threat.level": np.linspace(0, 1, 100_000), "mandate.un": np.arange(100_000) % 2 == 0})
    frame.to_csv(tmp_path / "own.csv", index=False)
    begin = time.process_time()
    table = csvtable.read(tmp_path / "own.csv")
    cells = [table.column(place, csvtable.value_of) for place in (0, 1)]
    assert time.process_time() - begin < 5
    assert cells[0] == frame["threat.level"].tolist()
    assert cells[1] == frame["mandate.un"].tolist()
