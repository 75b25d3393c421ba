"""Every command that a page or a `--help` shows exists, with arguments that it takes, and runs; or where CI runs it."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fragile_peace_lab.browser import edition
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design import sweep
from tests.tools.engine_modules import kept
from tests.tools.served import dashboard

ROOT = Path(__file__).resolve().parents[2]
GROUP = typer.main.get_command(app)
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "results" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
STANDS_FOR = {"legitimate_targets": "mine", "sensitivity": "another"}
"""Small sweeps of one's own for published ones that take minutes."""
BOOKS = ("02_the_game.py", "02_the_game.ipynb")
"""The notebook that is made again here."""
PLACES = {"P": "0", "R": "0", "N": "1", "$SLURM_ARRAY_TASK_ID/20": "3/20"}
"""What stands for a number in the pages."""
SWEEPS = {file.stem for file in sweep.SHIPPED.glob("*.yaml")}
LOOKING = ("--help", "run", "show", "scenarios", "game")
"""What needs no sweep and takes a second or two."""
RUNNING = ("threat", "why")
"""Those that play thousands of runs: as slow tests, on fewer runs."""
PUBLISHING = ("reproduce", "notebooks", "crate", "browser-edition")
"""Those about what is published: as slow tests, on less of it."""


def in_page(text: str) -> set[str]:
    """Commands in quotes or blocks of code, without what a block says beside them."""
    blocks = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE) + re.findall(
        r"^ {4}fragile-peace.*", text, re.MULTILINE
    )
    shown = [line for block in blocks for line in block.splitlines()]
    quoted = re.findall(r"`((?:\.venv/bin/)?fragile-peace [^`\n]+)`", text)
    return {found for line in [*shown, *quoted] for found in commands(line)}


def commands(line: str) -> list[str]:
    """The calls of ours in a line: between quotes, && and redirections; an ellipsis leaves some of a call out."""
    line = re.split(r" {2,}|\s# ", line.strip().removeprefix("$ ").removeprefix(".venv/bin/"))[0]
    line = re.sub(r".*--wrap '(.*)'", r"\1", line)
    calls = [re.split(r"[>|]", part)[0].strip() for part in line.split("&&")]
    return [call for call in calls if re.match(r"fragile-peace [a-z-]", call) and "…" not in call]


def in_help() -> set[str]:
    """The examples of the commands' help."""
    texts = [command.help or "" for command in GROUP.commands.values()]
    return {found for text in texts for line in text.splitlines() for found in commands(line)}


LOOKS, PLAYS, FOLDER, SHIPS = "looks at the model", "plays many runs", "needs a sweep", "a shipped sweep, on few runs"
PUBLISHED, SERVES, JOINS = "needs what is published", "serves a page", "runs in processes of its own"
NAMED = "named in a sentence; the lines that give its arguments are run"
ELSEWHERE = {
    r"calibrate.*": "up to hours: tests/calibration/test_commands.py, each way of it on fewer simulations",
    r"sweep experiments.*": "minutes: CI's stage risk-curves",
    r"reproduce 03_risk_curves": "that notebook reads what is published: CI's stage notebooks, with all others",
    rf"(?!{'|'.join(PUBLISHING)})\w+": NAMED,
}
"""Why a command is only parsed here."""
SHIPPED = re.compile(r"DIR|results/(?!mine)\w+")
"""Folders of sweeps that take minutes: a small one of one's own stands in for them."""
MINE = """
base: reassurance_15k
levers: {threat.level: [0.0, 1.0], mandate.roe: [observe, enforce]}
uncertainties:
  threat.credibility: {uniform: [0.05, 0.6]}
  guarantee.credibility: {uniform: [0.1, 0.7]}
design: {uncertainties: {sobol: 32}}
outcomes: mine:struck
runs: 8
seed: 1
weeks: 26
"""


def kind(call: str) -> str:
    """How a command is tried: one of the ways of this file, or the reason why it is not."""
    name, *arguments = call.split()[1:]
    if name in LOOKING or "--dry-run" in call or "--schema" in call:
        return LOOKS
    if name in RUNNING and arguments and not arguments[0].startswith(("DIR", "results/")):
        return PLAYS
    if name == "dashboard":
        return SERVES
    if "--cluster" in call:
        return JOINS
    if name == "sweep" and arguments and arguments[0] in SWEEPS:
        return SHIPS
    given = " ".join([name, *arguments])
    otherwise = PUBLISHED if name in PUBLISHING else FOLDER
    return next((why for pattern, why in ELSEWHERE.items() if re.fullmatch(pattern, given)), otherwise)


SHOWN = sorted({found for page in PAGES for found in in_page(page.read_text(encoding="utf-8"))} | in_help())

MADE = sorted(
    {
        found
        for page in PAGES
        for found in re.findall(r"\bmake ([a-z-]+)(?=`|$| {2}| [A-Z]+=)", page.read_text(encoding="utf-8"))
    }
)


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
    if len(arguments) == 1 and arguments[0] not in ("scenarios", "--help"):
        arguments.append("reassurance_15k")  # named in a sentence
    arguments = [*arguments, "--place", "Lyman"] if arguments[0] == "game" and "--place" not in arguments else arguments
    arguments = [f"{ROOT}/{word}" if word.startswith("docs/") else word for word in arguments]
    succeeds([word.replace("SCENARIO", "line_30k") for word in arguments])


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == PLAYS])
def test_one_that_plays_many_runs_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fewer = ["--runs", "64"] if "--unknowns" not in call else ["--runs", "4", "--members", "8"]
    succeeds([*words_of(call), *fewer])


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    """A folder with a small sweep of one's own, its own outcome and its decision, of which `brief` tells; to copy."""
    folder = tmp_path_factory.mktemp("decided")
    with contextlib.chdir(folder):
        Path("mine.yaml").write_text(MINE, encoding="utf-8")
        Path("mine.py").write_text(block("extending.md", "python", "def struck"), encoding="utf-8")
        succeeds(["sweep", "mine.yaml"])
        succeeds(["decide", "results/mine"])
    return folder


@pytest.fixture(scope="module")
def desk(decided, tmp_path_factory):
    """Where commands work on that sweep, one after the other, as the pages show them."""
    folder = shutil.copytree(decided, tmp_path_factory.mktemp("desk"), dirs_exist_ok=True)
    (folder / "weights.yaml").write_text(block("deciding.md", "yaml", "acceptable:"), encoding="utf-8")
    return folder


def block(page, language, word):
    """The first block of a page that holds a word."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return next(found for found in blocks if word in found)


ON_DESK = {SHIPPED.sub("results/mine", call).replace("NAME", "mine.yaml") for call in SHOWN if kind(call) == FOLDER}


@pytest.mark.slow
@pytest.mark.parametrize("call", sorted(ON_DESK))
def test_one_that_needs_a_sweep_runs(call, desk, monkeypatch):
    """As it stands, but for whose folder."""
    monkeypatch.chdir(desk)
    arguments = words_of(call)
    if arguments[0] == "merge":
        for shard in range(1, 9):
            succeeds(["sweep", "mine.yaml", "--shard", f"{shard}/8", "--resume"])
        *_, pattern, _, merged = arguments
        arguments = ["merge", *map(str, sorted(Path().glob(pattern))), "--out", f"{merged}_merged"]
    succeeds(arguments)


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == SHIPS])
def test_a_shipped_sweep_runs(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    succeeds([*words_of(call), "--runs", "1"])


@pytest.fixture(scope="module")
def press(decided, tmp_path_factory):
    """A folder as the project's, with two published folders of results and a notebook."""
    folder = shutil.copytree(decided, tmp_path_factory.mktemp("press"), dirs_exist_ok=True)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=lambda _, names: set(names) - set(BOOKS))
    shutil.copy(ROOT / "CITATION.cff", folder)
    with contextlib.chdir(folder):
        shutil.copytree("results/mine", "results/another")
        succeeds(["crate", *STANDS_FOR.values()])
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == PUBLISHED])
def test_one_of_what_is_published_runs(call, press, monkeypatch):
    pytest.importorskip("ziglang", reason="the extra browser is not installed")
    monkeypatch.setattr(edition, "modules", kept)
    monkeypatch.chdir(press)
    succeeds([STANDS_FOR.get(word, word) for word in words_of(call)], 3 if "--quick" in call else 0)


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == SERVES])
def test_a_dashboard_serves_its_page(call, desk):
    (desk / "thesis" / "sweeps").mkdir(parents=True, exist_ok=True)
    reader = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with dashboard(desk, *(word.replace("~", str(desk)) for word in words_of(call)[1:])) as (url, key):
        with reader.open(f"{url}/?{key}") as page:
            assert "solara-main" in page.read().decode()


@pytest.mark.slow
@pytest.mark.parametrize("call", [call for call in SHOWN if kind(call) == JOINS])
def test_one_of_a_cluster_runs(call, tmp_path):
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    (tmp_path / "mine.yaml").write_text(re.sub("outcomes.*\n", "", MINE), encoding="utf-8")
    command = [sys.executable, "-m", "fragile_peace_lab", *words_of(call)]
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", MADE)
def test_a_target_of_make_exists(target):
    """CI makes most of them; here make says what it would do."""
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def succeeds(arguments, code=0):
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.output
    assert done.stdout
