"""`fragile-peace game`: the table, the files, and what is refused."""

import json
import math
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from fragile_peace.declared.scenario import Scenario
from fragile_peace.proof.incident import solve_incident
from fragile_peace_lab.cli.main import app


def invoke(*arguments):
    return CliRunner().invoke(app, ["game", *arguments], prog_name="fragile-peace")


def printed(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def document(*arguments):
    return json.loads(printed(*arguments, "--json"))


def refused(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


class TestTable:
    def test_every_row_can_be_checked_by_hand(self):
        """Each probability is w exp(precision * payoff) over the sum, from the printed digits alone."""
        report = document("reassurance_15k", "--place", "Kupiansk")
        kinds = {move["move"] for move in report["information_sets"]}
        assert kinds == {"russia", "ukraine", "response", "decision", "reply"}
        for move in report["information_sets"]:
            lam = report["precision"][move["player"]]
            weights = [row["opportunities"] * math.exp(lam * row["payoff"]) for row in move["actions"]]
            for row, weight in zip(move["actions"], weights, strict=True):
                assert row["probability"] == pytest.approx(weight / sum(weights), abs=1e-9)
        strikes = [row for move in report["information_sets"] for row in move["actions"] if row["action"] == "strike"]
        world = Scenario.load("reassurance_15k")
        kupiansk = world.places[world.place_index("Kupiansk")]
        assert {row["opportunities"] for row in strikes} == {kupiansk.length_km / 100}
        assert report["residual"] <= 1e-10
        assert report["deviation"] <= 1e-9
        assert 1 <= report["rounds"] <= 60

    def test_the_text_holds_the_same_numbers(self):
        report = document("reassurance_15k", "--place", "Kupiansk")
        text = printed("reassurance_15k", "--place", "Kupiansk")
        assert text.startswith("reassurance_15k, Kupiansk (line)")
        for move in report["information_sets"]:
            for row in move["actions"]:
                pattern = rf"{row['action']} +{row['payoff']:.6f} +{re.escape(format(row['probability'], '.6g'))}"
                assert re.search(pattern, text)

    def test_posteriors_are_bayes_rule(self):
        report = document("reassurance_15k", "--place", "Kyiv", "--mu", "0.5")
        strikes = {
            move["knows"]: move["actions"][1]["probability"]
            for move in report["information_sets"]
            if move["move"] == "russia"
        }
        expected = strikes["committed"] / (strikes["committed"] + strikes["bluffing"])
        for move in report["information_sets"]:
            if move["move"] in ("response", "decision"):
                assert move["committed"] == pytest.approx(expected, rel=1e-9)

    def test_the_solver_says_the_same(self):
        world = Scenario.load("line_30k").override({"threat.level": 1})
        table = solve_incident(world, world.place_index("Pokrovsk")).table
        report = document("line_30k", "--place", "Pokrovsk", "--set", "threat.level=1")
        (committed,) = (move for move in report["information_sets"] if move["knows"] == "committed")
        assert [row["probability"] for row in committed["actions"]] == table["p_R"][1].tolist()

    def test_the_state_follows_the_options(self):
        report = document(
            "reassurance_15k", "--place", "Lyman", "--mu", "0.7", "--gamma", "0.1", "--tension", "2",
            "--restraint", "0.3", "--ramp", "0.5", "--void", "--sustained",
        )  # fmt: skip
        state = report["state"]
        assert (state["mu"], state["gamma"], state["tension"], state["restraint"]) == (0.7, 0.1, 2.0, 0.3)
        assert state["garrison"] == {"United Kingdom": pytest.approx(0.0625)}
        assert state["void"] is state["sustained"] is True
        assert not any(move["move"] == "decision" for move in report["information_sets"])

    @pytest.mark.parametrize("ramp", ["0", "1"])
    def test_without_troops_nobody_responds(self, ramp):
        name = "no_force" if ramp == "1" else "reassurance_15k"
        report = document(name, "--place", "Lyman", "--ramp", ramp)
        assert {move["move"] for move in report["information_sets"]} == {"russia", "ukraine"}
        assert report["state"]["lead"] is None

    def test_a_place_without_a_choice(self):
        assert "nobody has a choice" in printed("no_force", "--place", "Kyiv")


class TestFiles:
    def test_efg(self, tmp_path):
        file = tmp_path / "kyiv.efg"
        printed("reassurance_15k", "--place", "Kyiv", "--efg", str(file))
        text = file.read_text(encoding="utf-8")
        assert text.startswith('EFG 2 R "reassurance_15k, Kyiv: incident game" { "Russia" "Ukraine" "United Kingdom"')
        assert text.count("\nt ") > 50

    def test_nfg(self, tmp_path):
        file = tmp_path / "join.nfg"
        printed("reassurance_15k", "--place", "Kyiv", "--nfg", str(file))
        lines = file.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith('NFG 1 R "reassurance_15k: commitment game at the start"')
        profiles = [line for line in lines if re.fullmatch(r"[-0-9.e ]+", line)]
        assert len(profiles) == 2**5
        assert {len(line.split()) for line in profiles} == {5}


class TestRefusals:
    def test_the_nearest_place_is_named(self):
        line = refused("reassurance_15k", "--place", "Kupinsk")
        assert line.startswith("error: place: 'Kupinsk' is not one of Vovchansk")
        assert line.endswith("did you mean Kupiansk?\n")

    @pytest.mark.parametrize(
        ("option", "value", "words"),
        [
            ("--mu", "2", "mu: 2.0 is not allowed; must be a number from 0 to 1"),
            ("--gamma", "nan", "gamma: nan is not allowed"),
            ("--tension", "-1", "tension: -1.0 is not allowed"),
            ("--restraint", "1.5", "restraint: 1.5 is not allowed"),
            ("--ramp", "1.5", "--ramp: 1.5 is not allowed; must be a number from 0 to 1"),
            ("--ramp", "nan", "--ramp: nan is not allowed"),
            ("--mu", "high", "--mu"),
            ("--set", "threat.level=2", "threat.level"),
            ("--efg", "/no/such/folder/x.efg", "cannot be written"),
        ],
    )
    def test_values(self, option, value, words):
        assert words in refused("reassurance_15k", "--place", "Lyman", option, value)

    def test_a_commitment_game_needs_contingents(self):
        assert "no contingents" in refused("no_force", "--place", "Lyman", "--nfg", "x.nfg")

    def test_the_place_is_required(self):
        assert "--place" in refused("reassurance_15k")


def test_neither_mesa_nor_pygambit_is_imported():
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom fragile_peace_lab.cli.main import app\n"
        "result = CliRunner().invoke(app, ['game', 'reassurance_15k', '--place', 'Kyiv'])\n"
        "assert result.exit_code == 0, result.output\n"
        "print([name for name in ('mesa', 'pygambit', 'pandas') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout == "[]\n", result.stderr
