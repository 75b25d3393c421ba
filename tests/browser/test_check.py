"""A published page held against the model."""

import json

import pytest

from fragile_peace_lab.browser import check
from fragile_peace_lab.browser.edition import packed
from fragile_peace_lab.browser.published import published
from fragile_peace_lab.reproduction.certificate import FAIL, PASS, SKIP


def written(tmp_path, digest):
    page = tmp_path / "browser.html"
    about = json.dumps({"published": {"digest": digest}}).encode()
    page.write_text(f'<script type="text/plain" id="contents">{packed(about)}</script>')
    return page


def verdicts(items):
    return [item.verdict for item in items]


def test_the_runs_of_the_check_and_the_bytes(tmp_path, monkeypatch):
    page = written(tmp_path, published().digest())
    monkeypatch.setattr(check, "find_spec", lambda name: name)
    monkeypatch.setattr(check, "edition", page.read_text)
    assert verdicts(check.check_page(page, True, False, print)) == [PASS, PASS]
    monkeypatch.setattr(check, "edition", lambda: "another")
    assert verdicts(check.check_page(page, True, False, print)) == [PASS, FAIL]
    assert verdicts(check.check_page(page, False, False, print)) == [PASS, SKIP]
    assert verdicts(check.check_page(page, True, True, print)) == [PASS, SKIP]
    monkeypatch.setattr(check, "find_spec", lambda name: None)
    assert verdicts(check.check_page(page, True, False, print)) == [PASS, SKIP]


def test_a_page_of_other_runs_fails(tmp_path):
    assert verdicts(check.check_page(written(tmp_path, "0" * 64), True, True, print)) == [FAIL, SKIP]
    assert check.carried("no page") == ""


@pytest.mark.parametrize("place", ["first", "in the contents", "last"])
def test_a_page_that_is_no_text_fails_in_one_line(place, tmp_path):
    page = written(tmp_path, published().digest())
    data = page.read_bytes()
    at = {"first": 0, "in the contents": data.index(b">") + 1, "last": len(data)}[place]
    page.write_bytes(data[:at] + b"\xff" + data[at:])
    for quick in (True, False):
        (item,) = check.check_page(page, True, quick, print)
        assert (item.verdict, item.detail) == (FAIL, f"damaged: not UTF-8 text (byte {at})")


def test_bytes_are_compared_not_lines(tmp_path, monkeypatch):
    page = written(tmp_path, published().digest())
    whole = page.read_text() + "\n"
    page.write_bytes(whole.encode().replace(b"\n", b"\r\n"))
    monkeypatch.setattr(check, "find_spec", lambda name: name)
    monkeypatch.setattr(check, "edition", lambda: whole)
    assert verdicts(check.check_page(page, True, False, print)) == [PASS, FAIL]


@pytest.mark.parametrize("contents", [b"[" * 100_000, b"{", b"[1]", b'{"published": 1}', b"\xff"])
def test_contents_that_cannot_be_read_are_of_no_runs(contents):
    assert check.carried(f'id="contents">{packed(contents)}<') == ""
