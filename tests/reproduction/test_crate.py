"""What describes the published results: a valid RO-Crate of the committed files and of nothing else."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from fragile_peace_lab.reproduction import crate, reproduce
from fragile_peace_lab.reproduction.certificate import SKIP, here
from fragile_peace_lab.store import folder as store
from tests.tools.published import ROOT, edit, failed, verdicts


def test_the_committed_one_describes_the_committed_files():
    assert not crate.changed_files(ROOT / "results")


def test_it_is_a_valid_minimal_crate(published):
    """RO-Crate 1.1: a flat graph of distinct entities, a descriptor, a root data set, every part described."""
    data = json.loads((published / "results" / crate.NAME).read_text())
    assert data["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    assert set(data["@context"][1]) == {"sha256"}, "RO-Crate's own terms have no sha256"
    entities = {entity["@id"]: entity for entity in data["@graph"]}
    assert len(entities) == len(data["@graph"])
    assert all("@type" in entity for entity in data["@graph"])
    head, root = entities[crate.NAME], entities["./"]
    assert head["@type"] == "CreativeWork"
    assert head["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert head["about"] == {"@id": "./"}
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished", "license", "hasPart"} <= set(root)
    for entity in data["@graph"]:
        for value in entity.values():
            for reference in value if isinstance(value, list) else [value]:
                if isinstance(reference, dict):
                    assert set(reference) == {"@id"}
                    assert reference["@id"] in entities or reference["@id"].startswith("https://")
    files = {name for name, entity in entities.items() if entity["@type"] == "File"}
    kept = crate.kept_files(published / "results", [published / "results" / "tiny"])
    assert files == {str(path.relative_to(published / "results")) for path in kept}
    assert {part["@id"] for part in root["hasPart"]} >= files
    assert not any("parts/" in name or name.endswith((".pdf", "provenance.json")) for name in files)


def test_the_same_files_give_the_same_bytes(home):
    before = (home / "results" / crate.NAME).read_bytes()
    assert crate.write_crate(home / "results").read_bytes() == before


def test_it_says_what_the_results_were_made_on(published):
    assert crate.published_on(published / "results") == here()


def test_folders_of_ones_own_are_not_published(check, home, folder):
    mine = shutil.copytree(folder, home / "results" / "mine")
    edit(mine / store.MANIFEST, lambda data: data.update(behaviour_digest="0" * 64))
    assert crate.published(home / "results") == [folder]
    assert crate.changed_files(home / "results") == []
    assert reproduce.out_of_date(home / "results") == []
    assert verdicts(check(mine, quick=True))["files"] == SKIP


def test_every_committed_folder_is_listed():
    git = ["git", "-C", str(ROOT), "ls-files", "results/*/*"]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    tracked = sorted({ROOT / Path(*Path(line).parts[:2]) for line in done.stdout.splitlines()})
    assert tracked == crate.published(ROOT / "results") or not tracked


def test_a_damaged_one(check, folder):
    (folder.parent / crate.NAME).write_text("{}")
    assert "damaged" in failed(check(folder))["manifest"]
