"""What would take hours or gigabytes is refused at once, with its number."""

import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.errors import InputError
from fragile_peace_lab.design import csvtable
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep

REAL = [p for p in CATALOGUE.values() if p.kind == "real" and "*" not in p.name and p.name != "threat.level"]
UNKNOWNS = {p.name: {"uniform": [p.low, p.high]} for p in REAL[:100]}
SPACED = {p.name: {"linspace": [p.low, p.high, 1_000_000]} for p in REAL[:100]}
CHOICES = {name: {"choice": spec} for name, spec in SPACED.items()}
MANY = {p.name: {"linspace": [p.low, p.high, 8000]} for p in REAL[:100]}
WIDE = {"threat.level": {"linspace": [0, 1, 1_000_000]}, **{p.name: [p.low] for p in REAL[:17]}}
LONG = {"places.Sumy border.length_km": [100 + number / 1e5 for number in range(100_000)]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": [f"n{number}" for number in range(130_000)]}, "'n0' is neither a shipped scenario"),
        ({"base": ["no_force"] * 130_000}, "no_force is given twice"),
        ({"levers": LONG, "design": {"levers": "zip"}}, r"100000 combinations of values .* at most 20000 are checked"),
        (
            {"uncertainties": UNKNOWNS, "design": {"uncertainties": {"sobol": 1 << 19}, "draws": "shared"}},
            "524288 samples of 100 uncertainties are 52428800 numbers; at most 16777216 are drawn",
        ),
        ({"levers": SPACED}, "levers have 100000000 values and the choices of uncertainties 0; at most 4194304"),
        ({"levers": SPACED, "design": {"levers": "zip"}}, "levers have 100000000 values"),
        (
            {"uncertainties": CHOICES, "design": {"uncertainties": {"sobol": 2}}},
            "levers have 1 values and the choices of uncertainties 100000000; at most 4194304",
        ),
        ({"levers": dict([*SPACED.items()][:4])}, "design: 10{24} points .*; at most 1000000 are allowed"),
        ({"levers": MANY}, r"design: 2\d{56}\.\.\. points \(levers 8000 x .*\.\.\., samples 1\); at most 1000000"),
        ({"levers": WIDE}, "1000000 combinations of 18 levers are 18000000 values; at most 16777216 are allowed"),
    ],
    ids=[
        "names",
        "the same name",
        "values that go together",
        "numbers",
        "a spaced grid",
        "a spaced zip",
        "choices",
        "points",
        "points of many digits",
        "levers of one value",
    ],
)
def test_what_is_too_much_is_refused_at_once(changes, words):
    sweep = {"name": "x", "base": "reassurance_15k", "levers": {"threat.level": [0.2]}, "runs": 2, "seed": 1} | changes
    begin = time.process_time()
    with pytest.raises(InputError, match=words):
        Plan.load(Sweep.from_dict(sweep))
    assert time.process_time() - begin < 5


def given(path, **changes):
    """Plan a sweep that takes its levers or its posterior from a file; the line that refuses it, and the seconds."""
    begin = time.process_time()
    with pytest.raises(InputError) as refusal:
        Plan.load(Sweep.from_dict({"name": "x", "base": "reassurance_15k", "runs": 2, "seed": 1} | changes))
    return str(refusal.value), time.process_time() - begin


def test_a_table_of_too_many_values_is_refused_before_it_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(csvtable, "MAX_GIVEN", 400)
    path = tmp_path / "own.csv"
    path.write_text("threat.level,war.prize,lead.cost,russia.face\n" + "0.5,1,1,1\n" * 101)
    for changes in (
        {"design": {"levers": {"csv": str(path)}}},
        {"uncertainties": {"posterior": str(path)}, "design": {"uncertainties": {"posterior": 4}}},
    ):
        assert "own.csv: more than 100 rows of 4 values; no more are read" in given(path, **changes)[0]


def test_a_posterior_of_too_many_rows_is_refused_before_it_is_read(tmp_path):
    """Thirty million equal rows take a small file, and took a minute and 3.4 GB."""
    path = tmp_path / "own.parquet"
    rows = pa.DictionaryArray.from_arrays(np.zeros(30_000_000, np.int8), pa.array([0.5]))
    pq.write_table(pa.table({"threat.credibility": rows}), path)
    assert path.stat().st_size < 1 << 20
    own = {"uncertainties": {"posterior": str(path)}, "design": {"uncertainties": {"posterior": 4}}}
    line, seconds = given(path, **own)
    assert "own.parquet: has 30000000 rows of 1 values; at most 1000000 rows are read" in line
    assert seconds < 2
