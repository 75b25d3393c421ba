"""`fragile-peace browser-edition`."""

import json

from typer.testing import CliRunner

from fragile_peace_lab.browser import edition
from fragile_peace_lab.cli.main import app


def test_it_writes_the_page_and_says_where(monkeypatch, tmp_path):
    monkeypatch.setattr(edition, "edition", lambda say: say("working") or "<!doctype html>")
    out = tmp_path / "site" / "index.html"
    done = CliRunner().invoke(app, ["browser-edition", "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert out.read_text() == "<!doctype html>"
    said = json.loads(done.stdout)
    assert said["bytes"] == 15
    assert len(said["sha256"]) == 64
    assert "working" in done.stderr
