"""`fragile-peace run`: what it prints, what it refuses and how, and what it needs."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.ordinary import ordinary_run
from fragile_peace.runs.single import SingleRun
from fragile_peace.words.chronicle import CAVEAT, chronicle
from fragile_peace_lab.cli import run as cli_run
from fragile_peace_lab.cli.main import app
from tests.tools.worlds import EVENTFUL, small

ROOT = Path(__file__).resolve().parents[2]
SHORT = ("run", "reassurance_15k", "--weeks", "8")


def invoke(*arguments: str):
    return CliRunner().invoke(app, list(arguments), prog_name="fragile-peace")


def printed(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


class TestText:
    def test_it_is_the_chronicle(self):
        record = chronicle(Scenario.load("reassurance_15k"), 7, 6, 8)
        assert printed(*SHORT, "--seed", "7", "--run", "6").splitlines() == record.lines()

    def test_plain_and_within_80_columns(self):
        text = printed(*SHORT, "--seed", "7", "--run", "6")
        assert "\x1b" not in text
        assert all(len(line) <= 80 for line in text.splitlines() if not line.startswith("Replay: "))
        assert CAVEAT in " ".join(text.split())

    def test_all_tells_every_week(self):
        heads = [line for line in printed(*SHORT, "--all").splitlines() if line.startswith("Week ")]
        assert [head.split(" · ")[0] for head in heads] == [f"Week {t}" for t in range(8)]

    @pytest.mark.parametrize(
        "extra", [(), ("--set", "threat.level=0.8", "--set", "places.Sumy border.monitors=5"), ("--all",)]
    )
    def test_the_command_replays_the_run(self, extra):
        text = printed(*SHORT, *extra, "--seed", "3", "--run", "2")
        command = text.splitlines()[-1].removeprefix("Replay: ")
        assert shlex.split(command)[0] == "fragile-peace"
        assert printed(*shlex.split(command)[1:]) == text

    def test_a_scenario_file(self, tmp_path):
        world = small(EVENTFUL)
        path = tmp_path / "a world.yaml"
        path.write_text(world.to_yaml())
        text = printed("run", str(path), "--seed", "5", "--weeks", "9")
        assert world.digest[:12] in text
        again = printed(*shlex.split(text.splitlines()[-1].removeprefix("Replay: "))[1:])
        assert again.splitlines()[-1] == text.splitlines()[-1]

    @pytest.mark.parametrize("extra", [(), ("--seed", "3"), ("--set", "threat.level=0.9")], ids=" ".join)
    def test_without_a_run_it_is_the_most_ordinary_one_and_says_so(self, extra):
        text = " ".join(printed(*SHORT, *extra).split())
        world = Scenario.load("reassurance_15k").override({"threat.level": 0.9} if "--set" in extra else {})
        seed = 3 if "3" in extra else 0
        chosen = ordinary_run(world, seed, 8)
        assert f"This is run {chosen.run} of seed {seed}, the most ordinary of the first 8: it ends as most" in text
        assert f"{chosen.alike} of them end so, with a median of {chosen.median:,.0f} violations on the line" in text
        document = json.loads(printed(*SHORT, *extra, "--json"))
        assert (document["run"], document["chosen"]["alike"]) == (chosen.run, chosen.alike)
        assert document["outcomes"]["end_cause"] == document["chosen"]["end_cause"]
        assert document["outcomes"]["line_true"] == document["chosen"]["violations"]
        named = printed(*SHORT, *extra, "--run", str(chosen.run))
        assert "most ordinary" not in named
        assert named.splitlines()[-1] in text

    def test_a_terminal_sees_the_same_words(self, capsys, monkeypatch):
        pytest.importorskip("rich")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "80")
        record = chronicle(small(EVENTFUL), 5, 0)
        cli_run._coloured(record)
        assert capsys.readouterr().out.split() == " ".join(record.lines()).split()


class TestJson:
    def test_the_same_numbers(self):
        document = json.loads(printed(*SHORT, "--seed", "7", "--run", "6", "--json"), parse_constant=pytest.fail)
        record = chronicle(Scenario.load("reassurance_15k"), 7, 6, 8)
        assert document == record.to_dict() | {"command": document["command"]}
        assert document["note"] == CAVEAT
        assert (document["schema"], document["seed"], document["run"], document["weeks"]) == (1, 7, 6, 8)

    def test_every_week(self):
        some, all_ = (json.loads(printed(*SHORT, "--json", *extra)) for extra in ((), ("--all",)))
        assert len(all_["events"]) > len(some["events"])
        assert all_["outcomes"] == some["outcomes"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("run", "reasurance_15k"), "did you mean reassurance_15k?"),
            (("run", "missing.yaml"), "missing.yaml"),
            (("run", "no_force", "--set", "threat.levl=1"), "threat.levl: no such name; did you mean threat.level?"),
            (("run", "no_force", "--set", "threat.level=2"), "must be a number from 0 to 1"),
            (("run", "no_force", "--set", "threat.level"), "must be NAME=VALUE"),
            (("run", "no_force", "--seed", "-1"), "seed: -1 is not allowed"),
            (("run", "no_force", "--seed", "x"), "--seed"),
            (("run", "no_force", "--run", "4294967296"), "run: 4294967296 is not allowed"),
            (("run", "no_force", "--weeks", "0"), "weeks: 0 is not allowed"),
            (("run", "no_force", "--weeks", "1041"), "whole number from 1 to 1040"),
            (("run",), "SCENARIO"),
        ],
    )
    def test_one_line_and_exit_code_2(self, arguments, said):
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith("error: ")
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


def test_help_has_an_example_that_works():
    text = printed("run", "--help")
    example = text.partition("Example:\n")[2].partition("\n")[0].split()
    assert example[:2] == ["fragile-peace", "run"]
    assert printed(*example[1:])


def test_no_heavy_package_is_needed():
    code = (
        "import sys; from fragile_peace_lab.cli.main import app\n"
        "try: app(['run', 'no_force', '--weeks', '2'])\n"
        "except SystemExit: pass\n"
        "heavy = {'mesa', 'pandas', 'matplotlib', 'networkx', 'pyarrow', 'rich'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(Scenario.load("no_force").title)


class TestGameOfAWeek:
    """`fragile-peace game --week`: the game that the run itself plays in that week."""

    GAME = ("game", "line_30k", "--place", "Lyman")

    @pytest.mark.parametrize("week", [0, 9])
    def test_it_is_the_game_of_the_run(self, week):
        document = json.loads(printed(*self.GAME, "--week", str(week), "--seed", "7", "--run", "12", "--json"))
        scenario = Scenario.load("line_30k")
        single = SingleRun(scenario, 7, 12)
        for _ in range(week + 1):
            row = single.advance()
        s = scenario.place_index("Lyman")
        assert (document["seed"], document["run"], document["week"]) == (7, 12, week)
        assert (document["state"]["mu"], document["state"]["gamma"]) == (row["mu_start"], row["gamma_start"])
        russia = "committed" if row["kappa"] else "bluffing"
        played = {"Russia": (row["action_R_s"][s], row["p_action_R_s"][s])}
        played["Ukraine"] = (row["action_U_s"][s], row["p_action_U_s"][s])
        for player, (action, p) in played.items():
            sets = [i for i in document["information_sets"] if i["player"] == player and len(i["actions"]) >= 3]
            first = next(i for i in sets if player == "Ukraine" or russia in i["knows"])
            assert first["actions"][action]["probability"] == p
        assert document["deviation"] < 1e-8

    def test_it_has_the_threat_that_moscow_chose(self):
        command = ("game", "moscow_signals", "--place", "Lyman", "--week", "0", "--seed", "7", "--json", "--run")
        for run in range(4):
            assert json.loads(printed(*command, str(run)))["deviation"] < 1e-8
        assert len({SingleRun(Scenario.load("moscow_signals"), 7, run).outcomes["threat"] for run in range(4)}) > 1

    def test_a_belief_can_be_set_on_top(self):
        document = json.loads(printed(*self.GAME, "--week", "9", "--mu", "0.9", "--json"))
        assert document["state"]["mu"] == 0.9
        assert document["state"]["restraint"] != Scenario.load("line_30k").truce.restraint

    def test_the_regime_in_force(self, tmp_path):
        path = tmp_path / "later.yaml"
        path.write_text("base: line_30k\nschedule: [{week: 3, set: {mandate.roe: enforce}}]\n")
        rules = [
            json.loads(printed("game", str(path), "--place", "Lyman", "--week", week, "--json"))["rules"]["roe"]
            for week in ("2", "3")
        ]
        assert rules == ["self_defence", "enforce"]

    @pytest.mark.parametrize(
        ("extra", "said"),
        [
            (("--week", "104"), "whole number from 0 to 103"),
            (("--week", "-1"), "whole number from 0 to 103"),
            (("--week", "100", "--seed", "7", "--run", "12"), "this run ends with week 99"),
            (("--week", "3", "--ramp", "0.5"), "--ramp"),
            (("--week", "3", "--seed", "-1"), "seed: -1"),
        ],
    )
    def test_refusals(self, extra, said):
        result = invoke(*self.GAME, *extra)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert said in result.stderr
