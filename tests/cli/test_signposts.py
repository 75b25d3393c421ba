"""`fragile-peace signposts` on a sweep of a few seconds."""

import json

import pytest
from typer.testing import CliRunner

from fragile_peace_lab.cli.main import app
from tests.tools.tiny_sweeps import finished, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    sweep = tiny(base="reassurance_15k", levers={"threat.level": [0.0, 1.0]}, runs=2, weeks=6,
                 design={"uncertainties": {"sobol": 8}})  # fmt: skip
    return finished(tmp_path_factory.mktemp("signposts") / "tiny", sweep)


def test_it_prints_the_rule_and_writes_tables_and_a_figure(folder):
    found = CliRunner().invoke(app, ["signposts", str(folder)])
    assert found.exit_code == 0, found.output
    assert "false_alarm" in found.stdout
    names = {path.name for path in (folder / "signposts").iterdir()}
    assert {"rules.csv", "chances.csv", "calibration.csv", "signposts.csv", "signposts.svg", "signposts.json"} <= names


def test_json_has_every_table_and_every_call_the_same_bytes(folder):
    before = {path.name: path.read_bytes() for path in (folder / "signposts").iterdir()}
    told = CliRunner().invoke(app, ["signposts", str(folder), "--json"]).stdout
    found = json.loads(told, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert set(found) == {"rules", "chances", "calibration"}
    assert {path.name: path.read_bytes() for path in (folder / "signposts").iterdir()} == before


def test_what_is_wrong_is_one_line(tmp_path):
    found = CliRunner().invoke(app, ["signposts", str(tmp_path)])
    assert found.exit_code == 2
    assert found.output.strip().count("\n") == 0
