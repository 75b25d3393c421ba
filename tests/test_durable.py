"""What is read back from JSON has its declared form, or one line says what has not: whatever the file, no traceback."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.browser import check
from fragile_peace_lab.browser.edition import packed
from fragile_peace_lab.calibration.fit import Simulations
from fragile_peace_lab.deciding.brief.agreeing import ABOUT
from fragile_peace_lab.deciding.brief.content import brief
from fragile_peace_lab.deciding.brief.rows import Decided
from fragile_peace_lab.report import uptodate
from fragile_peace_lab.reproduction import crate, sameness
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.manifest import Manifest, entry_of
from fragile_peace_lab.store.provenance import Session
from tests.tools.briefs import decided_folder

WRONG: tuple[Any, ...] = (None, True, 7, -1.5, "x", [], {}, [7], {"x": 7}, [[]], [{}])


def changed(data: Any) -> Iterator[Any]:
    """A document with one value replaced by each wrong one, and with one value left out."""
    yield from WRONG
    items = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    for key, value in items[:12]:
        rest = [pair for pair in items if pair[0] != key]
        yield dict(rest) if isinstance(data, dict) else [other for _, other in rest]
        for other in changed(value):
            pairs = [(name, other if name == key else kept) for name, kept in items]
            yield dict(pairs) if isinstance(data, dict) else [kept for _, kept in pairs]


def survives(path: Path, whole: Any, use) -> int:
    """Write every changed document in turn and use it; return how many were refused, each in one line that names it."""
    refused = []
    for data in changed(whole):
        path.write_text(json.dumps(data))
        try:
            use()
        except InputError as refusal:
            refused.append(str(refusal))
    assert all((path.name in said or "older" in said) and "\n" not in said for said in refused)
    path.write_text(json.dumps(whole))
    use()
    return len(refused)


def test_provenance(tmp_path):
    path = tmp_path / "provenance.json"
    assert survives(path, {"schema": 1, "sessions": []}, lambda: Session("threads").end(tmp_path, 1)) > 20
    assert json.loads(path.read_text())["sessions"][-1]["rows"] == 1


def test_what_was_made_is_made_again(tmp_path, monkeypatch):
    """.made.json is a convenience: damaged, it says nothing."""
    monkeypatch.setattr(uptodate, "made_from", lambda folder: "now")
    (tmp_path / "a.csv").write_text("a")
    (tmp_path / "x").mkdir()
    whole = {"estimates": {"made_from": "now", "files": {"a.csv": durable.sha256(tmp_path / "a.csv")}}}
    assert not survives(tmp_path / uptodate.NAME, whole, lambda: uptodate.up_to_date(tmp_path, ["estimates"]))
    assert uptodate.up_to_date(tmp_path, ["estimates"]) == ["estimates"]
    (tmp_path / uptodate.NAME).write_text(json.dumps({"estimates": {"made_from": "now", "files": {"x": "0"}}}))
    assert uptodate.up_to_date(tmp_path, ["estimates"]) == []


def test_crate(tmp_path):
    file = {"@id": "tiny/report.html", "@type": "File", "sha256": "0" * 64}
    on = {"@id": "#python", "@type": "SoftwareApplication", "softwareVersion": "3"}

    def use() -> None:
        crate.published_on(tmp_path)
        crate.changed_files(tmp_path)
        crate.changed_files(tmp_path, "tiny")

    whole = {"@graph": [{"@id": "tiny/", "@type": "Dataset"}, file, on]}
    assert survives(tmp_path / crate.NAME, whole, use) > 50


def test_decision(tmp_path):
    """A brief is written from it, or it is refused."""
    folder = decided_folder(tmp_path)
    whole = json.loads((folder / ABOUT).read_text())
    assert survives(folder / ABOUT, whole, lambda: Decided.read(folder)) > 50
    (folder / ABOUT).write_text(json.dumps(whole))
    brief(Decided.read(folder))


def test_manifest_and_simulations(tmp_path):
    about = store.read_manifest(decided_folder(tmp_path))
    small = {**about, "scenarios": {"one": {"digest": "0", "values": {}}}, "sweep": {"seed": 0}}
    path = tmp_path / store.MANIFEST
    changes = list(changed(small))
    assert len(changes) > 200
    for data in changes:
        path.write_text(json.dumps(data))
        with pytest.raises(InputError, match=r"manifest\.json: "):
            store.read_manifest(tmp_path)
    path, whole = tmp_path / "wave-00000.json", {"asked": "a", "outputs": [[[0.5]]], "together": [[1.0]]}
    assert survives(path, whole, lambda: durable.read_json(path, Simulations)) > 20


UNWRITABLE = ["NaN", "-Infinity", "1e999", r'"\ud800"', r'{"\udc00": 1}', "[[-1e999]]"]
"""Values that JSON readers take and that no JSON can be written with."""


@pytest.mark.parametrize("value", UNWRITABLE)
def test_a_value_that_could_not_be_written_again(tmp_path, value):
    """In a manifest it made a traceback of the digest, in provenance.json of the end of a sweep."""
    path, provenance = tmp_path / "manifest.json", tmp_path / "provenance.json"
    path.write_text(f'{{"title": {value}}}')
    provenance.write_text(f'{{"schema": 1, "sessions": [{{"a": {value}}}]}}')
    for use in (lambda: durable.read_json(path), lambda: Session("threads").end(tmp_path, 1)):
        with pytest.raises(InputError, match=r"\.json: damaged: holds a number that is not finite, or half"):
            use()
    assert entry_of(f'{{"file": {value}, "line_sha256": "0"}}') is None


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\udcff", "7", "[]", '{"schema": NaN}'])
def test_what_is_no_json_object(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"manifest\.json: damaged: ") as refusal:
        durable.read_json(path, Manifest)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("about", ["", "7", "{}", '{"published": 7}', '{"published": {"digest": null}}'])
def test_a_page_that_carries_something_else_has_no_digest(about):
    there = packed(about.encode())
    for text in (there, there[:20], there[:-8], "?"):
        assert check.carried(f'id="contents">{text}<') in ("", "None")


@pytest.mark.parametrize(("suffix", "words"), [(".json", "not readable as JSON"), (".csv", "its columns differ")])
def test_published_files_that_cannot_be_read_differ(tmp_path, suffix, words):
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    paths[0].write_bytes(b"\xff\x00{")
    paths[1].write_bytes(b'{"a": 1}')
    assert words in str(sameness.difference(*paths, exact=True))
