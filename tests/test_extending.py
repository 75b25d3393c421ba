"""docs/extending.md is executed: its patches are applied to a copy of the repository, which then keeps its promises.

The fast tests play the copy without compiling: a fresh set of kernels would take half a minute to compile, two weeks of
one run take a second. The slow one compiles them and runs, in the copy, the tests that a forgotten step would break.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
LEFT = (".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "parts", "*.egg-info", "build", "dist")
STEPS = 6
REVIEW = """
import json, sys
from fragile_peace import CeasefireModel, Scenario
unseen = {"monitoring.probe_visibility": 0.0, "monitoring.raid_visibility": 0.0, "war.review_weeks": 1}
for values in json.loads(sys.argv[1]):
    model = CeasefireModel(Scenario.load("donbas_2019").override(unseen | values), seed=1, weeks=2)
    model.run()
    print(json.dumps([float(model.week["p_resume_bluffing"]), int(model.outcomes["line_true"]), model.steps]))
"""
VOID = """
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import small
run = SingleRun(small({"guarantee.void_weeks": 1}), seed=1)
for last_void in (-1, 0, 0):
    run._state["last_void"] = last_void
    run.advance()
print(int(run.outcomes["void_weeks"]))
"""
CHECKED = (
    "tests/test_documentation.py", "tests/test_house.py", "tests/test_equations.py", "tests/test_baseline.py",
    "tests/kernels/test_signatures.py", "tests/kernels/test_relief.py", "tests/kernels/machine/test_first_compile.py",
    "tests/declared/test_every_parameter.py", "tests/mesa/test_theatre.py",
    "tests/reference/test_reference.py::test_plays_the_engines_runs_in_random_worlds",
)  # fmt: skip
NAMED = "not test_every_parameter or relief"
"""Of the parameters only the new ones are asked whether they change an outcome."""


def python(folder: Path, *arguments: str, **changes: str) -> str:
    """Run Python in a copy of the repository; return what it printed."""
    path = os.pathsep.join(str(folder / name) for name in ("model", "experiments", "."))
    env = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **changes}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=550
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def reviewed(folder: Path, *settings: dict[str, Any]) -> list[list[float]]:
    """What Russia's second review comes to in a copy, for each of several settings."""
    printed = python(folder, "-c", REVIEW, json.dumps(settings), NUMBA_DISABLE_JIT="1")
    return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with every patch of the page applied, in its order."""
    folder = tmp_path_factory.mktemp("extended") / "copy"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT))
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    mechanism, _, outcome = text.partition("\n## A new outcome of a run\n")
    steps = re.split(r"^\*\*\d\. ", mechanism, flags=re.MULTILINE)[1:]
    assert len(steps) == STEPS
    for step in (*steps, outcome):
        patches = re.findall(r"```diff\n(.*?)```", step, re.DOTALL)
        assert patches, step
        for patch in patches:
            done = applied(folder, patch)
            there = applied(folder, patch, "--reverse", "--check").returncode == 0  # by a reader who extends this clone
            assert done.returncode == 0 or there, f"docs/extending.md, {step[:40]!r}: {done.stderr}"
    return folder


def applied(folder: Path, patch: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Apply a patch to a copy, or try to."""
    command = ["git", "apply", *options, "-"]
    return subprocess.run(command, cwd=folder, input=patch, capture_output=True, text=True, check=False)


def test_relief_makes_peace_more_attractive_once_it_is_earned(extended: Path) -> None:
    without, earned, not_yet = reviewed(
        extended, {}, {"relief.gain": 0.5, "relief.after_weeks": 2}, {"relief.gain": 0.5, "relief.after_weeks": 3}
    )
    assert reviewed(ROOT, {}) == [without]
    assert not_yet == without
    assert earned[0] < without[0]
    assert earned[1:] == without[1:]


def test_the_new_outcome_is_counted(extended: Path) -> None:
    assert python(extended, "-c", VOID, NUMBA_DISABLE_JIT="1") == "1\n"


@pytest.mark.slow
def test_the_extension_leaves_the_suite_green_once_the_tables_are_written(extended: Path) -> None:
    """All but the results that the page says are to be made again; the whole suite was run so by hand."""
    python(extended, "-m", "fragile_peace_lab.reproduction.docs_tables")
    python(extended, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *CHECKED, "-k", NAMED)


def block(text: str, kind: str, number: int) -> str:
    """The fenced blocks of a kind in a text, by number."""
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)[number]


def ours(folder: Path, line: str) -> str:
    """Run a command of ours in a folder; return what it printed."""
    path = os.pathsep.join([str(ROOT / "model"), str(ROOT / "experiments")])
    done = subprocess.run(
        [sys.executable, "-m", "fragile_peace_lab", *line.split()],
        cwd=folder, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{line}: {done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_an_own_outcome_and_an_own_posterior_work_in_an_empty_folder_as_the_page_says(tmp_path: Path) -> None:
    """Word by word, but for fewer runs, weeks and levels."""
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8").partition("\n## A scenario of your own\n")[0]
    (tmp_path / "mine.py").write_text(block(text, "python", 0))
    python(ROOT, "-c", f"import os; os.chdir({str(tmp_path)!r})\n{block(text, 'python', 1)}")
    sweep = block(text, "yaml", 0)
    for long, short in (("runs: 20", "runs: 2"), ("weeks: 52", "weeks: 8"), ("[0.0, 0.5, 1.0]", "[0.0, 1.0]")):
        assert long in sweep
        sweep = sweep.replace(long, short)
    (tmp_path / "mine.yaml").write_text(sweep)
    (tmp_path / "weights.yaml").write_text(block(text, "yaml", 1))
    commands = re.findall(r"^fragile-peace (.*)$", text, re.MULTILINE)
    assert len(commands) == 6
    assert "own outcomes" in ours(tmp_path, commands[0])
    for line in commands[1:]:
        ours(tmp_path, line)
    if importlib.util.find_spec("ema_workbench"):
        assert "0.01 x struck_weeks" in ours(tmp_path, "decide results/mine --weights weights.yaml")
    report = (tmp_path / "results/mine/report.html").read_text(encoding="utf-8")
    assert "Weeks with a strike on the force" in report
    assert (tmp_path / "results/mine/figures/own_outcomes.svg").exists()
    assert "struck_weeks" in (tmp_path / "results/mine/figures/sensitivity.csv").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_an_own_scenario_and_an_own_structure_work_in_an_empty_folder_as_the_page_says(tmp_path: Path) -> None:
    """Word by word, but for fewer runs and weeks."""
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    text = page.partition("\n## A scenario of your own\n")[2].partition("\n## A new mechanism\n")[0]
    scenario, sweep = (block(text, "yaml", number) for number in range(2))
    (tmp_path / "watched.yaml").write_text(scenario)
    for long, short in (("runs: 20", "runs: 2"), ("weeks: 52", "weeks: 8")):
        assert long in sweep
        sweep = sweep.replace(long, short)
    (tmp_path / "mine.yaml").write_text(sweep)
    show, run, *rest = re.findall(r"^fragile-peace (.*)$", text, re.MULTILINE)
    assert re.search(r"force\.scale +scale +0\.4 ", ours(tmp_path, show))
    assert "Six thousand who may only watch" in ours(tmp_path, run)
    for line in rest:
        ours(tmp_path, line)
    assert [line.split()[0] for line in rest] == ["sweep", "report"]
    table = pd.read_csv(tmp_path / "results/mine/estimates/probabilities.csv")
    assert list(table["structure"].unique()) == ["foresight", "class_alone", "steadier"]
    assert "steadier" in (tmp_path / "results/mine/report.html").read_text(encoding="utf-8")
