"""The command line: what it prints, and what it refuses and how."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fragile_peace.declared import yamltext
from fragile_peace.declared.scenario import CATALOGUE, Scenario, shipped
from fragile_peace.words.wording import plain
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.cli.options import columns

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("scenarios", "show")


def invoke(*arguments: str):
    return CliRunner().invoke(app, list(arguments), prog_name="fragile-peace")


def printed(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def real(*arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-W", "error", "-m", "fragile_peace_lab", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **options)


class TestHelp:
    def test_without_a_command_help_is_printed(self):
        assert printed() == printed("--help")

    def test_lists_every_command(self):
        text = printed("--help")
        assert text.startswith("Usage: fragile-peace ")
        for command in COMMANDS:
            assert f"\n  {command}" in text

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_an_example_that_works(self, command):
        text = printed(command, "--help")
        example = text.partition("Example:\n")[2].partition("\n")[0].split()
        assert example[:2] == ["fragile-peace", command]
        assert printed(*example[1:])

    def test_version(self):
        assert printed("--version").startswith("fragile-peace ")


class TestScenarios:
    def test_the_table_has_a_line_for_each(self):
        head, *lines = printed("scenarios").splitlines()
        assert head.split() == "name troops monitors line_km places roe trigger guarantee credibility title".split()
        assert [line.split()[0] for line in lines] == shipped()
        assert lines[0].split()[1:7] == ["15,000", "0", "1,200", "17", "self_defence", "attributed_fatality"]
        assert lines[0].endswith(Scenario.load("reassurance_15k").title)

    def test_json(self):
        rows = {row["name"]: row for row in json.loads(printed("scenarios", "--json"))}
        assert list(rows) == shipped()
        assert rows["un_observers"]["troops"] == 10_000
        assert rows["un_observers"]["monitors"] == 5000
        assert rows["no_force"]["trigger"] == "never"
        assert rows["plan28"]["digest"] == Scenario.load("plan28").digest


class TestShow:
    def test_has_a_line_for_every_parameter_with_its_source(self):
        text = printed("show", "reassurance_15k")
        lines = {line[3:].split(" ")[0]: line for line in text.splitlines()}
        for name, parameter in CATALOGUE.items():
            if ".*." not in name:
                assert lines[name].split()[:2] == [name, parameter.symbol]
                assert parameter.source in lines[name]
                assert parameter.text in lines[name]
            else:
                assert any(line.split()[:2] == [name, parameter.symbol] for line in text.splitlines())
        for place in Scenario.load("reassurance_15k").places:
            assert f"\n{place.name} " in text

    def test_marks_what_differs_from_the_declared_default(self):
        def marked(*arguments: str) -> list[str]:
            return [line.split()[1] for line in printed("show", *arguments).splitlines() if line.startswith("*  ")]

        assert marked("reassurance_15k") == []
        assert marked("plan28") == ["guarantee.trigger", "guarantee.void_weeks", "readiness.cap"]
        assert marked("reassurance_15k", "--set", "threat.sincerity=0.5") == ["threat.sincerity"]

    def test_set(self):
        arguments = (
            "--set",
            "threat.level=8e-1",
            "--set",
            "places.Sumy border.monitors=50",
            "--set",
            "mandate.un=true",
        )
        data = json.loads(printed("show", "plan20", "--json", *arguments))
        values = {row["name"]: (row["value"], row["changed"]) for row in data["parameters"]}
        assert values["threat.level"] == (0.8, True)
        assert values["mandate.un"] == (True, True)
        assert values["mandate.roe"] == ("self_defence", False)
        assert data["places"][12]["monitors"] == 50
        assert data["digest"] != Scenario.load("plan20").digest

    def test_json_has_every_parameter(self):
        data = json.loads(printed("show", "donbas_2019", "--json"))
        assert [row["name"] for row in data["parameters"]] == [name for name in CATALOGUE if ".*." not in name]
        assert {"symbol", "value", "changed", "unit", "allowed", "source", "text"} <= set(data["parameters"][0])
        assert (data["weeks"], data["start_date"], data["contingents"]) == (52, "2019-01-07", [])

    def test_yaml_is_a_scenario_file(self, tmp_path):
        text = printed("show", "un_observers", "--yaml", "--set", "weeks=9")
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        assert Scenario.load(path) == Scenario.load("un_observers").override({"weeks": 9})

    def test_a_schedule_is_shown(self, tmp_path):
        path = tmp_path / "later.yaml"
        path.write_text("base: plan20\nschedule: [{week: 30, set: {monitoring.isr: 0.1}}]\n", encoding="utf-8")
        assert printed("show", str(path)).endswith("\nfrom week 30: monitoring.isr = 0.1\n")

    def test_a_scenario_without_a_force(self):
        assert printed("show", "no_force").endswith("\ncontingents: none\n")


REFUSED = [
    # arguments, the start of the line, its end
    (["show", "plan82"], "scenario: 'plan82' is neither ", "; did you mean plan28?"),
    (["show", "nothing.yaml"], "scenario: 'nothing.yaml' is neither ", "nor a YAML file"),
    (["show"], "Missing argument 'SCENARIO'.", ""),
    (["show", "plan28", "plan20"], "Got unexpected extra argument", "(plan20)"),
    (["show", "plan28", "--set"], "Option '--set' requires an argument.", ""),
    (["show", "plan28", "--set", "threat.level"], "--set: 'threat.level' is not allowed", "as in threat.level=0.8"),
    (["show", "plan28", "--set", "=1"], "--set: '=1' is not allowed", "as in threat.level=0.8"),
    (["show", "plan28", "--set", "threat.level=2"], "threat.level: 2 is not allowed; must be a number from 0 to 1", ""),
    (["show", "plan28", "--set", "threat.level="], "threat.level: an empty value is not allowed", "from 0 to 1"),
    (["show", "plan28", "--set", "threat.levle=1"], "threat.levle: no such name; did you mean threat.level?", ""),
    (["show", "plan28", "--set", "threat.level=[1"], "threat.level, line 1: ", "but got '<stream end>'"),
    (["show", "plan28", "--set", "threat.level=!!int 1"], "threat.level, line 1: tags are not allowed", ""),
    (["show", "plan28", "--json", "--yaml"], "--json and --yaml: only one of them is allowed", ""),
    (["show", "plan28", "--jso"], "No such option: --jso", ""),
    (["sho", "plan28"], "No such command 'sho'.", "Did you mean 'show'?"),
]


@pytest.mark.parametrize(("arguments", "start", "end"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_bad_input_is_one_line_and_exit_code_2(arguments, start, end):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"error: {start}")
    assert result.stderr.endswith(f"{end}\n")
    assert result.stderr.count("\n") == 1


class TestProcess:
    def test_bad_input(self):
        done = real("show", "plan28", "--set", "mandate.roe=shoot")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(
            "error: mandate.roe: 'shoot' is not allowed; must be one of observe, self_defence"
        )
        assert done.stderr.count("\n") == 1

    def test_output(self):
        done = real("show", "plan28", "--yaml")
        assert (done.returncode, done.stderr) == (0, "")
        assert Scenario.from_dict(yamltext.parse(done.stdout, "output")) == Scenario.load("plan28")

    def test_a_reader_that_stops_early_is_no_error(self):
        command = f"{sys.executable} -W error -m fragile_peace_lab show line_30k | head -n 1"
        done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("line_30k: ")


@pytest.mark.parametrize(("name", "value"), [
    ("NUMBA_NUM_THREADS", "0"), ("NUMBA_NUM_THREADS", "-1"), ("NUMBA_NUM_THREADS", "many"),
    ("NUMBA_FUNCTION_CACHE_SIZE", "-1"), ("NUMBA_COLOR_SCHEME", "red"), ("NUMBA_CPU_FEATURES", "avx"),
])  # fmt: skip
def test_a_variable_that_numba_cannot_start_with_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    result = invoke("run", "reassurance_15k", "--weeks", "1")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith(f"error: {name}: {value!r} is not allowed; Numba cannot start with it.")


@pytest.mark.parametrize(("name", "value"), [
    ("NUMBA_NUM_THREADS", "08"), ("NUMBA_NUM_THREADS", ""), ("NUMBA_COLOR_SCHEME", "dark_bg"),
    ("NUMBA_CPU_FEATURES", "+avx,-avx2"), ("NUMBA_CPU_FEATURES", ""),
])  # fmt: skip
def test_one_that_it_can_start_with_is_let_be(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert printed("scenarios")


def test_columns_align_and_leave_no_trailing_space():
    assert columns(["a", "b"], [["x", "1"], ["long", "10"]], right="b") == ["a      b", "x      1", "long  10"]
    assert columns(["a", "b"], [["x", ""]]) == ["a  b", "x"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (800000.0, "800000"), (0.9135, "0.9135"), (True, "true"), (3, "3"), (None, ""), (1e-9, "1e-09")],
)
def test_plain(value, text):
    assert plain(value) == text
