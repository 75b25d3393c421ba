"""Results of a tiny sweep, published once for all tests here; every test gets a copy."""

import shutil
from pathlib import Path

import pytest

from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.reproduction import crate, reproduce
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.published import ROOT, remade
from tests.tools.tiny_sweeps import TINY


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """Results of a tiny sweep over a scenario file of its own, with a crate."""
    home = tmp_path_factory.mktemp("home")
    (home / "world.yaml").write_text("name: world\ntitle: A world\nbase: reassurance_15k\nthreat:\n  level: 0.25\n")
    sweep = Sweep.from_dict(
        {**TINY, "base": str(home / "world.yaml"), "levers": {"mandate.roe": ["observe", "enforce"]}, "weeks": 4}
    )
    folder = run_sweep(sweep, home / "results" / "tiny", threads=2, progress="none")
    remade(folder)
    shutil.copy(ROOT / "CITATION.cff", home)
    crate.write_crate(home / "results")
    return home


@pytest.fixture
def home(published, tmp_path):
    """A copy to tamper with; the scenario file is the one that the manifest names."""
    return Path(shutil.copytree(published, tmp_path / "home"))


@pytest.fixture
def folder(home):
    """The results in it."""
    return home / "results" / "tiny"


@pytest.fixture
def check(published):
    """Checks a folder; what is made from its runs is taken from the untouched results, which saves the drawing."""

    def copied(again, folder):
        for name in ("estimates", "figures"):
            shutil.copytree(published / "results" / "tiny" / name, again / name)
        shutil.copy(published / "results" / "tiny" / "report.html", again)

    def checked(folder, exact=True, **options):
        return reproduce.check_results(folder, exact, **{"remake": copied, **options})

    return checked
