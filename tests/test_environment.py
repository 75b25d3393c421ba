"""`.ci/venv` installs into its folder whatever a place says of pip, from where the place says, or makes no stamp."""

import hashlib
import inspect
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pip
import pytest

ROOT = Path(__file__).resolve().parents[1]
VERSION = ".".join(map(str, sys.version_info[:2]))
INSTALLED = f"env/lib/python{VERSION}/site-packages"
PROJECT = '[project]\nname = "fragile-peace"\nversion = "1.0"\n[build-system]\nrequires = []\n' \
    'build-backend = "backend"\nbackend-path = ["."]\n'  # fmt: skip
FILE = """
[global]
user = true
no-index = true
find-links = packages
require-virtualenv = true
python = /other/python
quiet = 1
[install]
dry-run = true
target = elsewhere
no-deps = true
root = elsewhere
constraint = nowhere.txt
"""
VARIABLES = {"PIP_DRY_RUN": "1", "PIP_PREFIX": "elsewhere", "PIP_USER": "1", "PIP_REPORT": "report.json"}


def wheel(folder: str, name: str, module: str) -> str:
    """Make a package of one empty module; return its file's name."""
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}-1.0-py3-none-any.whl", "w") as file:
        file.writestr(f"{module}.py", "")
        file.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")
    return f"{name}-1.0-py3-none-any.whl"


BACKEND = f"""
import zipfile
{inspect.getsource(wheel)}
def build_editable(folder, settings=None, metadata=None):
    return wheel(folder, "fragile_peace", "fragile_peace_lab")
"""


def lock(packages: Path, name: str) -> str:
    """A lock of one package, which is made."""
    data = (packages / wheel(str(packages), name, name)).read_bytes()
    return f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small project with locks, and a place whose pip installs nothing, or elsewhere."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "packages").mkdir()
    (folder / "requirements.lock").write_text(lock(folder / "packages", "fragile_peace_one"))
    (folder / "requirements-build.lock").write_text(lock(folder / "packages", "fragile_peace_two"))
    (folder / "backend.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "pip.conf").write_text(FILE)
    venv.create(folder / "env", symlinks=True)  # pip need not be unpacked for it
    (folder / INSTALLED / "pip").symlink_to(Path(pip.__file__).parent)
    return folder


def made(project: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Call the script as in that place, without uv."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    path = os.pathsep.join(part for part in plain["PATH"].split(os.pathsep) if not (Path(part) / "uv").exists())
    place = {"PYTHON": sys.executable, "PATH": path, "PIP_CONFIG_FILE": str(project / "pip.conf")}
    command = [ROOT / ".ci/venv", "env", "requirements.lock", VERSION]
    return subprocess.run(
        command, cwd=project, env=plain | place | changes, capture_output=True, text=True, check=False
    )


def test_what_a_place_says_of_pip_installs_nowhere_else(project):
    done = made(project, **VARIABLES, PYTHONPATH=str(project / "packages/fragile_peace_one-1.0-py3-none-any.whl"))
    assert done.returncode == 0, done.stderr
    assert (project / "env/.installed-requirements.lock").exists()
    assert not (project / "elsewhere").exists()
    asked = [project / "env/bin/python", "-I", "-c", "import fragile_peace_one, fragile_peace_two, fragile_peace_lab"]
    subprocess.run(asked, cwd=project, check=True)


def test_what_was_not_installed_gets_no_stamp(project):
    """Whatever kept it away: here, a pip that does nothing."""
    stamp = project / "env/.installed-requirements.lock"
    stamp.unlink()
    (project / INSTALLED / "fragile_peace_one-1.0.dist-info/METADATA").unlink()
    (project / INSTALLED / "pip").unlink()
    (project / INSTALLED / "pip.py").write_text("")
    done = made(project)
    assert (done.returncode, done.stderr.startswith("error: ")) == (1, True), done.stderr
    assert "has no fragile_peace_one" in done.stderr
    assert not stamp.exists()
