"""A published page held against the model."""

import json

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
