"""The wheel, away from the clone: it runs in a folder whose files have the names of our folders."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fragile_peace.declared import yamltext
from tests.tools.tiny_sweeps import TINY

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "raise SystemExit('a stranger was imported')\n"
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
BARE = 54_321
"""A user without an entry in the list of users; nobody's files are theirs."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of the clone."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("model", "experiments"):  # a copy: setuptools leaves its own build/ behind, old modules and all
        shutil.copytree(
            ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, folder / "source"], check=True, timeout=300)
    [built] = folder.glob("fragile_peace-*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel) -> Path:
    """A folder with the wheel's packages and nothing else of the clone."""
    folder = wheel.parent / "site"
    subprocess.run([*PIP, "install", "--no-deps", "--target", folder, wheel], check=True, timeout=300)
    return folder


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


@pytest.fixture
def full_home() -> Iterator[Path]:
    """A home on a disk without a free byte; where nothing may be mounted, one that nobody may write."""
    with tempfile.TemporaryDirectory(prefix="home-") as home:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", home], check=False).returncode == 0
        if mounted:
            os.chown(home, BARE, BARE)
            with suppress(OSError), open(Path(home) / "full", "wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        else:
            os.chmod(home, 0o555)
        try:
            yield Path(home)
        finally:
            if mounted:
                subprocess.run(["umount", home], check=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here (util-linux)")
def test_a_user_without_home_name_or_a_free_byte(wheel, full_home):
    """Installs the wheel into a folder; from a checkout of somebody else runs a sweep and its report, in LC_ALL=C.

    They may read what root may, since the interpreter may lie in root's home; what they write obeys permissions.
    """
    reading = "-all,+dac_read_search"
    bare = ["setpriv", "--reuid", str(BARE), "--regid", str(BARE), "--clear-groups"]
    bare += [f"--{kind}={reading}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]

    def run(*words: str | Path, **more: str) -> str:
        given = {"LC_ALL": "C", "PATH": os.environ["PATH"], "TMPDIR": str(desk), "PYTHONPATH": str(desk / "site")}
        done = subprocess.run(
            [*bare, *words], cwd=ROOT, env={**given, **more}, capture_output=True, text=True, timeout=500, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    with tempfile.TemporaryDirectory(prefix="desk-") as place:  # pytest's own folders are for one user
        desk = Path(place)
        os.chown(desk, BARE, BARE)
        (desk / "mine.yaml").write_text(yamltext.dump(TINY))
        run(*PIP, "install", "--no-deps", "--no-index", "--target", desk / "site", wheel, HOME=str(full_home))
        ours, out = desk / "site/bin/fragile-peace", desk / "out"
        where = run(sys.executable, "-c", "import os, fragile_peace; print(os.getuid(), fragile_peace.__file__)")
        assert where.split() == [str(BARE), str(desk / "site/fragile_peace/__init__.py")]
        run(ours, "sweep", desk / "mine.yaml", "--out", out)
        run(ours, "verify", out, HOME=str(full_home))
        run(ours, "report", out, HOME=str(full_home))
        assert (out / "report.html").stat().st_uid == BARE
        assert (out / "report.html").stat().st_size > 10_000
