"""docs/extending.md is executed: its patches are applied to a copy of the model, which then runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Without compiling: a fresh set of kernels would take half a minute to compile, two weeks of one run take a second.
PLAY = """
import json, sys
from fragile_peace import CeasefireModel, Scenario
unseen = {"monitoring.probe_visibility": 0.0, "monitoring.raid_visibility": 0.0, "war.review_weeks": 1}
for values in json.loads(sys.argv[1]):
    model = CeasefireModel(Scenario.load("donbas_2019").override(unseen | values), seed=1, weeks=2)
    model.run()
    print(json.dumps([float(model.week["p_resume_bluffing"]), int(model.outcomes["line_true"]), model.steps]))
"""


def play(folder: Path, *settings: dict) -> list[list]:
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(folder / "model"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", PLAY, json.dumps(settings)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the model with every patch of the page applied."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "model", folder / "model", ignore=shutil.ignore_patterns("__pycache__"))
    patches = re.findall(r"```diff\n(.*?)```", (ROOT / "docs/extending.md").read_text(), re.S)
    assert len(patches) == 6
    for number, patch in enumerate(patches):
        name = folder / f"{number}.patch"
        name.write_text(patch)
        done = subprocess.run(["git", "apply", name], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"patch {number + 1} of docs/extending.md: {done.stderr}"
    return folder


def test_relief_makes_peace_more_attractive_once_it_is_earned(extended: Path) -> None:
    without, earned, not_yet = play(
        extended,
        {"relief.gain": 0.0},
        {"relief.gain": 0.5, "relief.after_weeks": 2},
        {"relief.gain": 0.5, "relief.after_weeks": 3},
    )
    assert play(ROOT, {}) == [without]
    assert not_yet == without
    assert earned[0] < without[0]
    assert earned[1:] == without[1:]
