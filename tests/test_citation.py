"""What an archive or Binder reads at the root: CITATION.cff and environment.yml say what the package says."""

import os
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml

from fragile_peace import __version__

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text())


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_citation_is_complete(citation):
    """The fields that CFF 1.2.0 requires, and those that an archive asks for."""
    wanted = {
        "cff-version",
        "message",
        "title",
        "authors",
        "abstract",
        "version",
        "date-released",
        "license",
        "keywords",
    }
    assert wanted <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert date.fromisoformat(citation["date-released"])
    for entry in [citation, *citation["references"]]:
        assert entry["title"]
        assert all("name" in author or {"family-names", "given-names"} <= set(author) for author in entry["authors"])
    for entry in citation["references"]:
        assert {"type", "title"} <= set(entry)


def test_it_names_the_packages_version_and_licence(citation, project):
    assert citation["version"] == project["version"] == __version__
    assert citation["license"] == project["license"]


def test_conda_and_binder_get_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *others, from_pip = environment["dependencies"]
    assert others == ["python=3.11", "pip"]
    assert from_pip == {"pip": ["-r requirements.lock"]}
    after = ROOT / "postBuild"
    assert os.access(after, os.X_OK)
    assert "pip install --no-deps -e ." in after.read_text()
