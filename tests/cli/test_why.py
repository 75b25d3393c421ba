"""`fragile-peace why`: the page, JSON, CSV, and what it refuses."""

import io
import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from fragile_peace_lab.cli.main import app
from fragile_peace_lab.estimates.why import BY_PLACE, COLUMNS, sentence

SHORT = ("reassurance_15k", "--set", "threat.level=0", "--change", "threat.level=1", "--weeks", "6", "--runs", "8")


def invoked(*arguments):
    return CliRunner().invoke(app, ["why", *arguments])


def test_the_page_says_in_words_what_the_table_holds(tmp_path):
    path = tmp_path / "why.csv"
    done = invoked(*SHORT, "--outcome", "strike_rate", "--outcome", "collapse", "--csv", str(path))
    assert done.exit_code == 0, done.output
    table = pd.read_csv(io.BytesIO(path.read_bytes()))
    assert tuple(table.columns) == COLUMNS
    assert list(table["outcome"].unique()) == ["strike_rate", "collapse"]
    assert set(table["split"]) == {"levels", "in order", "Shapley", BY_PLACE}
    assert "Strikes on Europeans (per 1,000 troop-years)" in done.stdout
    assert any(sentence(table[table["outcome"] == "collapse"], fewer) in done.stdout for fewer in (True, False))
    assert "1 member, 8 runs of each in every world" in done.stdout


def test_json_over_the_unknowns_of_a_sweep():
    done = invoked(*SHORT, "--outcome", "strikes", "--unknowns", "legitimate_targets", "--members", "2", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert set(told) == {"fewer", "rows"}
    assert {row["n_members"] for row in told["rows"]} == {2}
    assert {row["part"] for row in told["rows"] if row["split"] == "in order"} == {
        "presence", "beliefs", "tension", "direct"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("reassurance_15k", "--change", "threat.level"),
            "--change: 'threat.level' is not allowed; must be",
        ),
        (("reassurance_15k", "--change", "threat.levle=1"), "threat.levle"),
        ((*SHORT, "--outcome", "colapse"), "did you mean collapse?"),
        ((*SHORT, "--unknowns", "legitimate_targets", "--members", "1000"), "members: 1000 is not allowed"),
        (("reassurance_15k",), "--change"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, message):
    done = invoked(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output
