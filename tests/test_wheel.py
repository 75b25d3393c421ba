"""The wheel, away from the clone: it runs in a folder whose files have the names of our folders."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from fragile_peace.declared import yamltext
from tests.tools.tiny_sweeps import TINY

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "raise SystemExit('a stranger was imported')\n"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder with the wheel's packages and nothing else of the clone."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("model", "experiments"):  # a copy: setuptools leaves its own build/ behind, old modules and all
        shutil.copytree(
            ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, folder / "source"], check=True, timeout=300)
    [wheel] = folder.glob("fragile_peace-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "site", wheel], check=True, timeout=300)
    return folder / "site"


@pytest.fixture
def desk(tmp_path) -> Path:
    """A research folder with a model.py and an experiments package of its own, both of which refuse to be imported."""
    for name in ("model.py", "experiments/__init__.py", "tests/__init__.py", "benchmarks.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HOSTILE)
    (tmp_path / "mine.yaml").write_text(yamltext.dump(TINY))
    return tmp_path


def environment(site: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(site)}


@pytest.mark.parametrize(
    "how", [["bin/fragile-peace"], [sys.executable, "-m", "fragile_peace_lab"]], ids=["command", "-m"]
)
def test_a_sweep_and_its_report_in_a_folder_with_a_model_py(site, desk, how):
    command = [str(site / how[0]), *how[1:]] if how[0].startswith("bin/") else how

    def run(*words: str) -> str:
        done = subprocess.run([*command, *words], cwd=desk, env=environment(site), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert "Week" in run("run", "reassurance_15k", "--weeks", "4")
    run("sweep", "mine.yaml")
    run("report", "results/tiny")
    assert json.loads((desk / "results/tiny/manifest.json").read_text())["state"] == "complete"
    assert (desk / "results/tiny/report.html").stat().st_size > 10_000


def test_what_is_imported_is_the_wheel(site, desk):
    code = "import fragile_peace, fragile_peace_lab; print(fragile_peace.__file__, fragile_peace_lab.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk, env=environment(site), capture_output=True, text=True, check=True
    )
    assert all(Path(path).is_relative_to(site) for path in done.stdout.split())


def test_the_dashboard_answers(site, desk):
    command = [str(site / "bin/fragile-peace"), "dashboard", "--port", "0"]
    with subprocess.Popen(
        command, cwd=desk, env=environment(site) | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        try:
            address = next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
            until, answer = time.monotonic() + 60, 0
            reader = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())  # the key gets a cookie
            while answer != 200 and time.monotonic() < until:
                try:
                    with reader.open(address, timeout=10) as page:
                        answer = page.status
                except OSError:
                    time.sleep(0.5)
            assert answer == 200
        finally:
            process.terminate()
            process.wait(timeout=30)
