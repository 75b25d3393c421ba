"""Every command that a page or a `--help` shows exists, with arguments that it takes, and runs; or why not here."""

import contextlib
import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fragile_peace_lab.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
GROUP = typer.main.get_command(app)
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "results" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
PLACES = {"P": "0", "R": "0", "N": "1", "$SLURM_ARRAY_TASK_ID/20": "3/20"}
"""What stands for a number in the pages."""
LOOKING = ("run", "show", "scenarios", "game")
"""Commands that need no sweep and take a second or two."""
RUNNING = ("threat", "why")
"""Those that play thousands of runs: as slow tests, on fewer runs."""


def in_page(text: str) -> set[str]:
    """Commands in quotes or blocks of code, without what a block says beside them."""
    blocks = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE) + re.findall(
        r"^ {4}fragile-peace.*", text, re.MULTILINE
    )
    shown = [line for block in blocks for line in block.splitlines()]
    quoted = [words for words in re.findall(r"`([^`\n]+)`", text) if words.startswith("fragile-peace ")]
    return {found for line in [*shown, *quoted] for found in commands(line)}


def commands(line: str) -> list[str]:
    """The calls of ours in a line: between quotes, && and redirections; an ellipsis leaves some of a call out."""
    line = re.split(r" {2,}|\s# ", line.strip().removeprefix("$ "))[0]
    line = re.sub(r".*--wrap '(.*)'", r"\1", line)
    calls = [re.split(r"[>|]", part)[0].strip() for part in line.split("&&")]
    return [call for call in calls if re.match(r"fragile-peace [a-z-]", call) and "…" not in call]


def in_help() -> set[str]:
    """The examples of the commands' help."""
    texts = [command.help or "" for command in GROUP.commands.values()]
    return {found for text in texts for line in text.splitlines() for found in commands(line)}


LOOKS, PLAYS, FOLDER = "looks at the model", "plays many runs", "needs a sweep"
NOT_HERE = {
    r"\w+|--help|sweep --schema": "named in a sentence, or quick and tried in tests/cli",
    r"dashboard.*": "serves until it is stopped: tests/dashboard",
    r"calibrate.*": "up to hours: tests/calibration, on fewer simulations",
    r"browser-edition.*": "minutes, and the extra `browser`: tests/browser",
    r"(reproduce|notebooks|crate).*": "minutes of published results: tests/reproduction, and stages of CI",
    r"sweep .*(--cluster|--shard).*|merge .*": "many machines: tests/running",
    r"sweep (legitimate_targets|experiments.*)": "minutes: CI's stage risk-curves",
    r"sweep (packages|sensitivity|structures)": "minutes: their dry runs, in tests/design",
    r"decide .*--weights.*|sensitivity .*struck_weeks|export .*--out.*": "needs files: tests/deciding, tests/export",
    r"(report|curves|decide|brief|sensitivity|signposts) .*": "half a minute each: tests of report, cli and deciding",
    r"why .*": "plays for minutes: tests/running/test_why_swept.py",
}
"""Why a command is only parsed here, and where it is run."""
SHIPPED = re.compile(r"DIR|results/(legitimate_targets|structures|sensitivity|packages)")
"""Folders of sweeps that take minutes: a small one of one's own stands in for them."""
MINE = """
base: reassurance_15k
levers: {threat.level: [0.0, 0.5, 1.0], mandate.roe: [observe, enforce]}
uncertainties:
  threat.credibility: {uniform: [0.05, 0.6]}
  guarantee.credibility: {uniform: [0.1, 0.7]}
design: {uncertainties: {sobol: 16}}
runs: 8
seed: 1
weeks: 26
"""


def kind(call: str) -> str:
    """How a command is tried: one of the three ways of this file, or the reason why it is not."""
    name, *arguments = call.split()[1:]
    if name in LOOKING or "--dry-run" in call:
        return LOOKS
    if name in RUNNING and arguments and not arguments[0].startswith(("DIR", "results/")):
        return PLAYS
    given = " ".join([name, *arguments])
    return next((why for pattern, why in NOT_HERE.items() if re.fullmatch(pattern, given)), FOLDER)


SHOWN = sorted({found for page in PAGES for found in in_page(page.read_text(encoding="utf-8"))} | in_help())


def words_of(call: str) -> list[str]:
    return [PLACES.get(word, word) for word in shlex.split(call)[1:]]


def test_there_are_many():
    assert len(SHOWN) > 90
    assert {call.split()[1] for call in SHOWN} - {"--help"} == set(GROUP.commands)


@pytest.mark.parametrize("call", SHOWN)
def test_it_exists_and_takes_these_arguments(call):
    name, *arguments = words_of(call)
    if name == "--help":
        return
    assert name in GROUP.commands, call
    if arguments:  # else named in a sentence
        GROUP.commands[name].make_context(name, arguments)  # refuses an option that --help does not know


@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == LOOKS])
def test_one_that_looks_at_the_model_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(
        "base: reassurance_15k\nlevers: {threat.level: [0, 1]}\nruns: 4\nseed: 1\n", encoding="utf-8"
    )
    (tmp_path / "watched.yaml").write_text("base: reassurance_15k\nforce: {scale: 0.4}\n", encoding="utf-8")
    arguments = words_of(call)
    if len(arguments) == 1 and arguments[0] != "scenarios":
        arguments.append("reassurance_15k")  # named in a sentence
    arguments = [*arguments, "--place", "Lyman"] if arguments[0] == "game" and "--place" not in arguments else arguments
    succeeds([word.replace("SCENARIO", "line_30k") for word in arguments])


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == PLAYS])
def test_one_that_plays_many_runs_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fewer = ["--runs", "64"] if "--unknowns" not in call else ["--runs", "4", "--members", "8"]
    succeeds([*words_of(call), *fewer])


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder in which a small sweep of one's own was made."""
    folder = tmp_path_factory.mktemp("desk")
    with contextlib.chdir(folder):
        Path("mine.yaml").write_text(MINE, encoding="utf-8")
        succeeds(["sweep", "mine.yaml"])
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("call", [one for one in SHOWN if kind(one) == FOLDER])
def test_one_that_needs_a_sweep_runs(call, desk, monkeypatch):
    """As it stands, but for whose folder."""
    monkeypatch.chdir(desk)
    succeeds([SHIPPED.sub("results/mine", word).replace("NAME", "mine.yaml") for word in words_of(call)])


def succeeds(arguments):
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout
