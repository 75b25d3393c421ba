"""`fragile-peace threat`: the table, the JSON, the Gambit file and the figure."""

import json

import pytest
from typer.testing import CliRunner

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.threat import solve_threat
from fragile_peace_lab.cli.main import app


def printed(*arguments):
    done = CliRunner().invoke(app, ["threat", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_table_shows_what_runs_play():
    text = printed("moscow_signals")
    played = solve_threat(Scenario.load("moscow_signals")).played
    rows = [line.split() for line in text.splitlines() if line.strip()[:1] in "01" and line.count(".") >= 4]
    assert [float(row[0]) for row in rows] == [0, 0.25, 0.5, 0.75, 1]
    for row, bluffing, committed, belief, share in zip(rows, *played.chances, played.belief, played.share, strict=True):
        assert [float(cell) for cell in row[1:5]] == pytest.approx([bluffing, committed, belief, share], abs=1e-6)


def test_json_and_the_tree_of_a_world_of_ones_own(tmp_path):
    path = tmp_path / "threat.efg"
    told = json.loads(printed("plan20", "--set", "threat.cost=1", "--json", "--efg", str(path)))
    assert told["scenario"] == "plan20"
    assert sum(told["solutions"][told["played"]]["bluffing"]) == pytest.approx(1)
    assert path.read_text().startswith('EFG 2 R "plan20: the threat as a signal"')


def test_the_figure_is_written(tmp_path):
    printed("moscow_signals", "--set", "weeks=2", "--figure", str(tmp_path), "--runs", "10")
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg", ".pdf", ".png", ".csv", ".json"}
