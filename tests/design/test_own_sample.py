"""A posterior of the sweep's own: what a file gives, what goes over it, and what is refused."""

import os
from functools import partial

import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.design.labels import labels_in, role
from fragile_peace_lab.design.own_sample import given_names
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.posterior import SHIPPED, Posterior
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.design.war_sample import WarSample
from tests.tools.tiny_sweeps import TINY

ROWS = {
    "threat.credibility": [0.1, 0.2, 0.3, 0.4, 0.5],
    "truce_like": ["weak", "weak", "donbas_2020", "weak", "weak"],
}


def plan(file, folder, number=4, **changes):
    data = {**TINY, "base": "reassurance_15k", "uncertainties": {"posterior": str(file)},
            "design": {"uncertainties": {"posterior": number}}, **changes}  # fmt: skip
    return Plan.load(Sweep.from_dict(data))


@pytest.fixture
def written(tmp_path):
    def write(rows, name="own.csv"):
        frame = pd.DataFrame(rows)
        path = tmp_path / name
        frame.to_csv(path, index=False) if name.endswith(".csv") else frame.to_parquet(path)
        return path

    return write


@pytest.mark.parametrize("name", ["own.csv", "own.parquet"])
def test_a_file_gives_its_columns_and_labels(written, tmp_path, name):
    made = plan(written(ROWS, name), tmp_path)
    table = made.design.table()
    points = table.to_pandas().drop_duplicates("sample")
    assert points["threat.credibility"].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert points["truce_like"].tolist() == ["weak", "weak", "donbas_2020", "weak"]
    assert role(table, "threat.credibility") == "uncertainty"
    assert {"truce_like", "class", "tactical"} == set(labels_in(table))
    assert given_names(made.sweep.uncertainties, table) == ["threat.credibility"]
    war = WarSample.load()
    assert points["war.prize"].tolist() == war.columns["war.prize"][:4].tolist()
    assert made.scenario(0).threat.credibility == 0.1


def test_the_war_blocks_sample_is_not_mixed_with_parameters_of_its_own(written, tmp_path):
    table = plan(written({**ROWS, "war.prize": [10, 11, 12, 13, 14]}), tmp_path).design.table()
    assert table["war.prize"].to_pylist()[::4] == [10.0, 11.0, 12.0, 13.0]
    assert labels_in(table) == ["truce_like"]
    assert "war.reference" not in table.column_names


def test_a_calibrated_posterior_comes_out_as_the_shipped_one(tmp_path):
    """What `calibrate --out` writes is the shipped file's kind."""
    path = tmp_path / "mine.parquet"
    Posterior.load().write(path)
    own = plan(path, tmp_path).design.table()
    shipped = Plan.load(Sweep.from_dict({**TINY, "base": "reassurance_15k", "uncertainties": {},
                                         "design": {"uncertainties": {"posterior": 4}}})).design.table()  # fmt: skip
    assert own.column_names == shipped.column_names
    assert own.to_pandas().equals(shipped.to_pandas())
    assert SHIPPED.read_bytes() == path.read_bytes()


def test_what_the_sweep_gives_goes_over_the_file_and_the_file_over_the_scenario(written, tmp_path):
    file = written({**ROWS, "threat.level": [0.5] * 5, "truce.discipline": [1.0, 2.0, 3.0, 4.0, 5.0]})
    made = plan(
        file, tmp_path, base="donbas_2019", levers={"threat.level": [0.0, 1.0]}, set={"threat.credibility": 0.2}
    )
    points = made.design.table().to_pandas()
    assert sorted(set(points["threat.level"])) == [0.0, 1.0]
    assert "threat.credibility" not in points
    assert points.drop_duplicates("sample")["truce.discipline"].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_priors_stand_beside_it(written, tmp_path):
    own = {"posterior": str(written(ROWS)), "truce.discipline": {"uniform": [1, 3]}}
    made = plan("", tmp_path, uncertainties=own)
    assert made.sweep.priors == {"truce.discipline": {"uniform": [1, 3]}}
    points = made.design.table()
    assert given_names(own, points) == ["truce.discipline", "threat.credibility"]
    assert Sweep.from_dict(made.sweep.to_dict()) == made.sweep


@pytest.mark.parametrize(
    ("rows", "number", "words"),
    [
        (ROWS, 8, "has 5 members of 2 columns; 8 members are asked for"),
        ({"threat.credibilty": [0.1] * 4}, 4, r"did you mean threat\.credibility\?"),
        ({"truce_lik": ["weak"] * 4}, 4, "truce_lik is neither a parameter's dotted name nor a label .* truce_like?"),
        ({"threat.credibility": [0.1, 0.2, 1.3, 0.1]}, 4, "row 3, threat.credibility: 1.3 is not allowed"),
        ({"threat.credibility": [0.1, None, 0.3, 0.1]}, 4, "row 2, threat.credibility"),
        ({"threat.credibility": ["a"] * 4}, 4, "row 1, threat.credibility: 'a' is not allowed"),
    ],
)
@pytest.mark.parametrize("name", ["own.csv", "own.parquet"])
def test_a_file_that_cannot_be_taken_is_refused(written, tmp_path, rows, number, words, name):
    with pytest.raises(InputError, match=words):
        plan(written(rows, name), tmp_path, number)


@pytest.mark.parametrize("name", ["own.csv", "own.parquet"])
def test_a_pipe_is_refused_at_once(tmp_path, name):
    os.mkfifo(tmp_path / name)
    for read in (partial(plan, tmp_path / name), Posterior.load, WarSample.load):
        with pytest.raises(InputError, match="is not a regular file"):
            read(tmp_path / name)


def test_no_file_another_file_and_no_sampler_are_refused(tmp_path):
    for name in ("none.parquet", "none.csv"):
        with pytest.raises(InputError, match="none"):
            plan(tmp_path / name, tmp_path)
    (tmp_path / "bad.parquet").write_text("no")
    with pytest.raises(InputError, match="not readable as Parquet"):
        plan(tmp_path / "bad.parquet", tmp_path)
    (tmp_path / "bad.csv").write_text("threat.credibility\n0.1,0.2\n")
    with pytest.raises(InputError, match="row 2: 2 values for 1 names"):
        plan(tmp_path / "bad.csv", tmp_path)
    with pytest.raises(InputError, match=r"must be \{posterior: N\} where uncertainties.posterior names a file"):
        plan("x.csv", tmp_path, design={"uncertainties": {"sobol": 4}})
    with pytest.raises(InputError, match=r"uncertainties\.posterior: 3 is not allowed; must be a file's path"):
        plan("", tmp_path, uncertainties={"posterior": 3})
