"""The dashboard's results view without a browser: what a folder shows, and what is said of one that cannot be shown."""

import json
import shutil
from pathlib import Path

import pytest

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError
from fragile_peace_lab.dashboard.folder import allow, listed, opened, path_of, sweep_of
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import folder as store
from tests.tools.tiny_sweeps import STRUCTURES, forge, manifest, tiny

QUIET = lambda words: None  # noqa: E731


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder of results with one sweep in it."""
    home = tmp_path_factory.mktemp("results")
    run_sweep(tiny(), home / "tiny")
    return home


@pytest.fixture(autouse=True)
def _allowed(results, tmp_path):
    """What lies in either may be opened."""
    allow([results, tmp_path])
    yield
    allow([])


@pytest.fixture
def shown(results):
    """The sweep, opened."""
    return opened("tiny", QUIET)


def test_the_main_pictures_are_drawn_from_the_parts(shown):
    assert [picture.name for picture in shown.pictures] == ["risk_curves", "heat_map", "ladder", "comparison"]
    for picture in shown.pictures:
        assert picture.alt
        assert picture.caption
        assert picture.files["csv"]().count(b"\n") > 1
        assert json.loads(picture.files["json"]())["note"] == "An exploratory model, not a forecast."
    files = {kind: make() for kind, make in shown.pictures[2].files.items()}
    assert files["svg"].startswith(b"<?xml")
    assert files["svg"] == shown.pictures[2].page() != shown.pictures[2].column()
    assert files["png"].startswith(b"\x89PNG")
    assert files["pdf"].startswith(b"%PDF")
    assert dict(shown.facts)["Runs"] == "640 (20 a point)"
    assert shown.stale == ""


def test_of_a_sweep_in_several_structures_the_first_is_shown_and_named(results, shown, tmp_path):
    home = tmp_path / "results"
    run_sweep(tiny(structures=STRUCTURES), home / "four")
    four = opened(str(home / "four"), QUIET)
    assert dict(four.facts)["Structures, the first one shown"] == "usual, precision_2, precision_5, least_sure"
    assert not any("Structures" in name for name, _ in shown.facts)
    for picture, plain in zip(four.pictures, shown.pictures, strict=True):
        assert picture.caption.count("All of it is in the structure usual") == 1
        assert picture.files["csv"]() == plain.files["csv"]()
        assert list(json.loads(picture.files["json"]())["structures"]) == list(STRUCTURES)
    assert Sweep.from_dict(yamltext.parse(four.sweep, "sweep")) == tiny(structures=STRUCTURES)


def test_the_commands_make_it_again(shown, results, tmp_path):
    assert shown.commands[0].split() == ["fragile-peace", "sweep", "tiny.yaml", "--out", str(results / "tiny")]
    again = Sweep.from_dict(yamltext.parse(shown.sweep, "sweep"))
    run_sweep(again, tmp_path / "again")
    hashes = [
        [part["sha256"] for part in store.read_manifest(at)["parts"]] for at in (results / "tiny", tmp_path / "again")
    ]
    assert hashes[0] == hashes[1]


def test_pictures_that_are_there_are_shown_as_they_are(results, tmp_path):
    shutil.copytree(results / "tiny", tmp_path / "tiny", ignore=shutil.ignore_patterns("parts"))
    figures = tmp_path / "tiny" / "figures"
    figures.mkdir()
    for name in ("timeline", "ladder"):
        (figures / f"{name}.svg").write_bytes(b"<svg>" + name.encode() + b"</svg>")
        (figures / f"{name}.csv").write_text("a\n1\n")
        (figures / f"{name}.json").write_text(json.dumps({"title": name, "alt": "alt", "caption": "caption"}))
    (figures / "broken.json").write_text("{")
    shown = opened(str(tmp_path / "tiny"), QUIET)
    assert [picture.name for picture in shown.pictures] == ["ladder", "timeline"]
    assert shown.pictures[0].page() == shown.pictures[0].column() == b"<svg>ladder</svg>"
    assert shown.pictures[0].files["csv"]() == b"a\n1\n"
    assert set(shown.pictures[0].files) == {"svg", "csv", "json"}


def test_results_of_other_code_say_so(results, tmp_path):
    shutil.copytree(results / "tiny", tmp_path / "tiny")
    forge(tmp_path / "tiny", manifest(tmp_path / "tiny") | {"source_digest": "0" * 64})
    assert "another version" in opened(str(tmp_path / "tiny"), QUIET).stale


def test_a_shipped_sweep_goes_by_its_name(tmp_path):
    sweep = Sweep.load("force")
    text, command = sweep_of({"name": "force", "sweep": sweep.to_dict()}, Path("results/force"))
    assert command == "fragile-peace sweep force"
    assert Sweep.from_dict(yamltext.parse(text, "sweep")).to_dict() == sweep.to_dict()
    other = {**sweep.to_dict(), "seed": 1}
    assert sweep_of({"name": "force", "sweep": other}, Path("results/force"))[1] == "fragile-peace sweep force.yaml"


def test_what_cannot_be_shown_is_said_in_one_line(results, tmp_path):
    assert list(listed()) == ["tiny"]
    (tmp_path / "empty").mkdir()
    running = tmp_path / "running"
    shutil.copytree(results / "tiny", running)
    forge(running, manifest(running) | {"state": "running"})
    gone = tmp_path / "gone"
    shutil.copytree(results / "tiny", gone)
    next((gone / store.PARTS).glob("*.parquet")).unlink()
    broken = tmp_path / "broken"
    shutil.copytree(results / "tiny", broken)
    (broken / store.MANIFEST).write_text("{")
    for text, words in (
        ("", "an empty value is not allowed"),
        ("tinny", "is not a folder in .*; there are .*tiny.*; name others when you start"),
        ("x" * 5000, "is not a folder in"),
        (str(tmp_path / "empty"), "has no manifest.json"),
        (str(running), "is not finished"),
        (str(gone), "is missing"),
        (str(broken), "manifest.json"),
    ):
        with pytest.raises(InputError, match=words) as refused:
            opened(text, QUIET)
        assert "\n" not in str(refused.value)
    assert path_of("tiny") == results / "tiny"


def test_nothing_outside_the_folders_it_was_started_with_is_opened(results, tmp_path):
    """Neither by path, nor through a link in them or in their figures."""
    (tmp_path / "mine").mkdir()
    allow([tmp_path / "mine"])
    (tmp_path / "mine" / "linked").symlink_to(results / "tiny")
    for text in (str(results / "tiny"), str(tmp_path / "mine" / ".." / "mine" / "linked"), "linked", "/etc", "~", "\0"):
        with pytest.raises(InputError, match="is not a folder in"):
            opened(text, QUIET)
    assert list(listed()) == []
    sweep = tmp_path / "mine" / "tiny"
    shutil.copytree(results / "tiny", sweep, ignore=shutil.ignore_patterns("parts"))
    secret = tmp_path / "secret.csv"
    secret.write_text("secret\n")
    figures = sweep / "figures"
    figures.mkdir()
    for name in ("ladder", "timeline"):
        (figures / f"{name}.svg").write_bytes(b"<svg></svg>")
        (figures / f"{name}.json").write_text(json.dumps({"title": name, "alt": "alt", "caption": "caption"}))
    for ending in ("csv", "png", "pdf"):
        (figures / f"ladder.{ending}").symlink_to(secret)
    (figures / "ladder_column.svg").symlink_to(secret)
    (figures / "timeline.svg").unlink()
    (figures / "timeline.svg").symlink_to(secret)
    (shown,) = opened("tiny", QUIET).pictures
    assert set(shown.files) == {"svg", "json"}
    assert shown.column() == b"<svg></svg>"
