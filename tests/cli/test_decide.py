"""`fragile-peace decide` on a sweep of a few seconds."""

import json

import pytest
from typer.testing import CliRunner

from fragile_peace_lab.cli.main import app
from tests.tools.tiny_sweeps import finished, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny sweep of two rules of engagement under two threats."""
    pytest.importorskip("ema_workbench.analysis.prim", exc_type=ImportError)
    sweep = tiny(base="reassurance_15k", design={"uncertainties": {"sobol": 16}}, weeks=8)
    return finished(tmp_path_factory.mktemp("decide") / "tiny", sweep)


def run(*words):
    return CliRunner().invoke(app, ["decide", *map(str, words)])


def test_it_prints_the_summary_and_writes_tables_and_figures(folder):
    found = run(folder)
    assert found.exit_code == 0, found.output
    assert "2 options: observe; enforce" in found.stdout
    names = {path.name for path in (folder / "decide").iterdir()}
    assert {"losses.csv", "information.csv", "boxes.csv", "summary.txt", "best_option.svg", "regret.png"} <= names
    assert (folder / "decide" / "summary.txt").read_text() in found.stdout


def test_json_has_every_table_and_its_keys_in_full(folder, tmp_path):
    weights = tmp_path / "w.yaml"
    weights.write_text("shown: {war: 0.12345678901234568, deaths: 0.3333333333333}\n")
    found = json.loads(run(folder, "--json", "--weights", weights).stdout)
    assert 0.12345678901234568 in {row["war_weight"] for row in found["tables"]["losses"]}
    assert found["about"]["members"] == 16
    assert {row["option"] for row in found["tables"]["losses"]} == {"observe", "enforce"}


def test_what_is_wrong_is_one_line(folder, tmp_path):
    weights = tmp_path / "w.yaml"
    weights.write_text("wars: [1]\n")
    for words, says in (
        ((folder, "--lever", "mandate.rules"), "did you mean mandate.roe"),
        ((folder, "--weights", weights), "wars: no such name"),
        ((tmp_path / "nothing",), "nothing"),
    ):
        found = run(*words)
        assert found.exit_code == 2
        assert says in found.output
        assert found.output.strip().count("\n") == 0
