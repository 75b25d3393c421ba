"""A new outcome takes one line that declares it and one that fills it, and leaves every published result current."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DECLARED = '    Outcome("mu_peak", REAL, (), "probability", "highest belief that Russia is committed"),\n'
FILLED = '    tally["mu_peak"] = max(tally["mu_peak"], now["mu"])\n'


def run(what: str, sources: Path, home: Path) -> None:
    """Run a step of `tests.tools.older_results` with some sources, without compiling."""
    places = [sources / "model", sources / "experiments", ROOT, *filter(None, sys.path)]
    changes = {
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join(map(str, places)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "tests.tools.older_results", what, str(home)]
    done = subprocess.run(command, cwd=home, env={**os.environ, **changes}, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def insert(path: Path, after: str, line: str) -> None:
    """Add a line after another one, which must be there once."""
    text = path.read_text()
    assert text.count(after) == 1, after
    path.write_text(text.replace(after, after + line))


@pytest.mark.slow
def test_two_lines_add_an_outcome_and_leave_results_current(tmp_path):
    """Schema, digest, baseline, reproduction, resuming and merging, judged by a copy that has one outcome more."""
    extended, home = tmp_path / "extended", tmp_path / "home"
    home.mkdir()
    run("make", ROOT, home)
    for name in ("model", "experiments"):
        shutil.copytree(ROOT / name, extended / name, ignore=shutil.ignore_patterns("__pycache__"))
    package = extended / "model" / "fragile_peace"
    mu = '    Outcome("mu", REAL, (), "probability", "final belief that Russia is committed"),\n'
    insert(package / "outcomes.py", mu, DECLARED)
    insert(package / "kernels" / "week.py", '    tally["weeks"] = now["week"]\n', FILLED)
    run("check", extended, home)
