"""Whose commit a sweep names: that of our own checkout, and of no other repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKED = "from fragile_peace_lab.store.provenance import surroundings; print(surroundings()['commit'])"


def git(folder, *arguments):
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(folder), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def committed(folder):
    """Make a folder a repository of all that is in it; its commit."""
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "all")
    return git(folder, "rev-parse", "HEAD")


def packages(model, experiments):
    """Put the two packages into folders, as they are here."""
    for package, where in (("model/fragile_peace", model), ("experiments/fragile_peace_lab", experiments)):
        for path in (ROOT / package).rglob("*.py"):
            copy = where / path.relative_to(ROOT / package).parent / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)


def checkout(folder):
    packages(folder / "model" / "fragile_peace", folder / "experiments" / "fragile_peace_lab")
    return folder


def named(*places, **environment):
    """The commit that the packages in these places name."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    known |= {"PYTHONPATH": os.pathsep.join(map(str, places)), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run([sys.executable, "-P", "-c", ASKED], capture_output=True, text=True, check=True, env=known)
    return done.stdout.strip()


def test_our_own_checkout_is_named_however_one_comes_to_it(tmp_path):
    """By a link, as a worktree of it, and where git's environment names another, as in a hook."""
    own = checkout(tmp_path / "own")
    commit, thesis = committed(own), committed(tmp_path / "thesis")
    (tmp_path / "link").symlink_to(own)
    git(own, "worktree", "add", "-q", str(tmp_path / "second"))
    for place in (own, tmp_path / "link", tmp_path / "second"):
        assert named(place / "model", place / "experiments") == commit
    assert named(own / "model", own / "experiments", GIT_DIR=str(tmp_path / "thesis" / ".git")) == commit != thesis


@pytest.mark.parametrize("folder", ["vendor", "experiments", ".venv/lib/site-packages"])
def test_a_repository_that_we_are_installed_into_is_not_named(folder, tmp_path):
    """Not where it tracks us either."""
    where = tmp_path / "thesis" / folder
    packages(where / "fragile_peace", where / "fragile_peace_lab")
    committed(tmp_path / "thesis")
    assert named(where) == "None"


@pytest.mark.parametrize("spoilt", ["empty .git", "no .git", "not tracked"])
def test_a_repository_around_our_checkout_is_not_named(spoilt, tmp_path):
    own = checkout(tmp_path / "thesis" / "own")
    committed(tmp_path / "thesis")
    if spoilt == "empty .git":
        (own / ".git").mkdir()
    if spoilt == "not tracked":
        git(own, "init", "-q")
        git(own, "commit", "-q", "--allow-empty", "-m", "nothing")
    assert named(own / "model", own / "experiments") == "None"


def test_one_package_of_ours_and_one_from_elsewhere_are_no_commit(tmp_path):
    own, other = checkout(tmp_path / "own"), checkout(tmp_path / "other")
    committed(own)
    assert named(other / "model", own / "experiments") == "None"
