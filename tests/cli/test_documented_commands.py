"""Every command that a page or a `--help` shows exists, with arguments that it takes; the quick ones run."""

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


@pytest.mark.parametrize("call", [call for call in SHOWN if call.split()[1] in LOOKING or "--dry-run" in call])
def test_one_that_looks_at_the_model_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(
        "base: reassurance_15k\nlevers: {threat.level: [0, 1]}\nruns: 4\nseed: 1\n", encoding="utf-8"
    )
    arguments = words_of(call)
    if len(arguments) == 1 and arguments[0] != "scenarios":
        arguments.append("reassurance_15k")  # named in a sentence
    arguments = [*arguments, "--place", "Lyman"] if arguments[0] == "game" and "--place" not in arguments else arguments
    done = CliRunner().invoke(app, [word.replace("SCENARIO", "line_30k") for word in arguments])
    assert done.exit_code == 0, done.output
    assert done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if call.split()[1] in RUNNING and len(call.split()) > 3])
def test_one_that_plays_many_runs_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fewer = ["--runs", "64"] if "--unknowns" not in call else ["--runs", "4", "--members", "8"]
    done = CliRunner().invoke(app, [*words_of(call), *fewer])
    assert done.exit_code == 0, done.output
    assert done.stdout
