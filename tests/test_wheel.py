"""The wheel, away from the clone: it runs in a folder whose files have the names of our folders."""

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
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
def release(tmp_path_factory) -> Path:
    """What `.ci/release` makes: the wheel alone in a fresh environment, used once in an empty folder.

    The packages that it needs are shown to it from the environment that runs the tests.
    """
    folder = tmp_path_factory.mktemp("wheel")
    needed = {"NEEDED": sysconfig.get_path("purelib"), "PYTHON": sys.executable}
    done = subprocess.run(
        [ROOT / ".ci/release", folder],
        env=environment() | needed,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for name in ("etc", "share"):  # the dashboard's scripts and styles
        (folder / "venv" / name).symlink_to(Path(sys.prefix) / name)
    return folder


@pytest.fixture(scope="module")
def python(release) -> Path:
    """The interpreter of that environment."""
    return release / "venv/bin/python"


@pytest.fixture(scope="module")
def wheel(release) -> Path:
    """The wheel that it built."""
    [built] = release.glob("dist/fragile_peace-*.whl")
    return built


@pytest.fixture
def desk(tmp_path) -> Path:
    """A research folder with a model.py and an experiments package of its own, both of which refuse to be imported."""
    for name in ("model.py", "experiments/__init__.py", "tests/__init__.py", "benchmarks.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HOSTILE)
    (tmp_path / "mine.yaml").write_text(yamltext.dump(TINY))
    return tmp_path


def environment() -> dict[str, str]:
    """This process's, without what it adds to Python's path."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def commands(python: Path) -> dict[str, list[str]]:
    """The two ways to call the program."""
    return {"command": [str(python.parent / "fragile-peace")], "-m": [str(python), "-m", "fragile_peace_lab"]}


def called(command: list[str], folder: Path, *words: str) -> str:
    """Run a command to its good end; return what it printed."""
    done = subprocess.run(
        [*command, *words], cwd=folder, env=environment(), capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.mark.parametrize("how", ["command", "-m"])
def test_a_sweep_and_its_report_in_a_folder_with_a_model_py(python, desk, how):
    command = commands(python)[how]
    assert "Week" in called(command, desk, "run", "reassurance_15k", "--weeks", "4")
    called(command, desk, "sweep", "mine.yaml")
    called(command, desk, "report", "results/tiny")
    assert json.loads((desk / "results/tiny/manifest.json").read_text())["state"] == "complete"
    assert (desk / "results/tiny/report.html").stat().st_size > 10_000


def test_what_is_imported_is_the_wheel(python, desk):
    code = "import sys, fragile_peace as a, fragile_peace_lab as b; print(a.__file__, b.__file__, *sys.path)"
    printed = called([str(python), "-c"], desk, code).split()
    assert all(Path(path).is_relative_to(python.parents[1]) for path in printed[:2])
    assert not any(Path(path).is_relative_to(ROOT / name) for path in printed for name in ("model", "experiments"))
    for name in ("fragile_peace", "fragile_peace_lab"):
        assert next(python.parents[1].glob(f"lib/python*/site-packages/{name}/py.typed")).exists()


def test_a_release_leaves_a_wheel_its_checksum_and_a_report_that_was_verified(release):
    [wheel] = release.glob("dist/*.whl")
    sums = (release / "dist/SHA256SUMS").read_text().split()
    assert sums == [hashlib.sha256(wheel.read_bytes()).hexdigest(), f"./{wheel.name}"]
    assert json.loads((release / "use/results/first/manifest.json").read_text())["state"] == "complete"


def test_the_dashboard_answers(python, desk):
    command = [*commands(python)["command"], "dashboard", "--port", "0"]
    with subprocess.Popen(
        command, cwd=desk, env=environment() | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE,
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


OUTCOME = """
from fragile_peace.outcomes import COUNT, Outcome

def breaches(weeks):
    return {"loud_weeks": (weeks["signal_s"] != 0).any(axis=1).sum()}

breaches.outcomes = (Outcome("loud_weeks", COUNT, (), "weeks", "weeks with a breach attributed or disputed"),)
"""
SWEEP = """
base: reassurance_15k
levers: {threat.level: [0.0, 1.0], force.scale: [0.5, 1.0]}
uncertainties: {posterior: members.csv}
design: {uncertainties: {posterior: 32}}
outcomes: own:breaches
runs: 260
seed: 1
weeks: 2
name: mine
"""
MEMBERS = "truce.discipline,truce.reciprocity\n" + "".join(f"{1 + 0.1 * i},{0.01 + 0.001 * i}\n" for i in range(32))
WEIGHTS = "own: {loud_weeks: {weight: 0.01, acceptable: 1}}\n"


@pytest.mark.timeout(1200)
def test_a_ten_line_sweep_of_ones_own_survives_a_kill_and_is_reported_explained_and_decided(python, tmp_path):
    """Its outcome and its posterior are files beside it. Parts are as large as anybody's: there are several to lose."""
    assert len(SWEEP.strip().splitlines()) <= 10
    for name, text in (("own.py", OUTCOME), ("mine.yaml", SWEEP), ("members.csv", MEMBERS), ("weights.yaml", WEIGHTS)):
        (tmp_path / name).write_text(text)
    command, folder = commands(python)["command"], tmp_path / "results/mine"
    slowly = [*command, "sweep", "mine.yaml", "--threads", "1"]  # so that several parts are still to come
    with subprocess.Popen(slowly, cwd=tmp_path, env=environment()) as process:
        until = time.monotonic() + 400
        while not list(folder.glob("parts/p*.parquet")):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL

    def finished() -> tuple[str, int]:
        about = json.loads((folder / "manifest.json").read_text())
        return about["state"], len(list(folder.glob("parts/p*.parquet")))

    begun = {file: file.read_bytes() for file in folder.glob("parts/p*.parquet")}
    assert finished()[0] == "running"
    called(command, tmp_path, "sweep", "mine.yaml", "--resume")
    state, parts = finished()
    assert state == "complete"
    assert len(begun) < parts
    assert all(file.read_bytes() == data for file, data in begun.items())
    called(command, tmp_path, "sweep", "mine.yaml", "--resume", "--runs", "264")
    assert finished()[0] == "complete"
    assert finished()[1] > parts
    called(command, tmp_path, "verify", "results/mine")
    called(command, tmp_path, "report", "results/mine")
    assert "Weeks with a breach attributed or disputed" in (folder / "report.html").read_text()
    called(command, tmp_path, "sensitivity", "results/mine", "--outcome", "loud_weeks")
    assert "loud_weeks" in (folder / "figures/sensitivity.csv").read_text()
    if importlib.util.find_spec("ema_workbench"):
        assert "0.01 x loud_weeks" in called(command, tmp_path, "decide", "results/mine", "--weights", "weights.yaml")
