"""The dashboard attacked by another user of the machine, played under a number of his own."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.dashboard.folder import allow, opened
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.other_user import needed, run
from tests.tools.served import dashboard
from tests.tools.tiny_sweeps import tiny

pytestmark = [pytest.mark.slow, needed]

ASKS = """
import json, socket, sys, urllib.error, urllib.request
url = sys.argv[1]
found = {}
for path in ("/", "/?key=guess", "/?view=results&folder=tiny", "/static/main.js", "/static/public/report.html",
             "/_solara/cdn/vue/vue.js", "/readyz", "/resourcez", "/jupyter/api/kernels", "/../../etc/passwd"):
    try:
        with urllib.request.urlopen(url + path, timeout=20) as answer:
            found[path] = answer.status
    except urllib.error.HTTPError as refused:
        found[path] = refused.code
host = url.partition("//")[2]
with socket.create_connection(host.split(":"), timeout=20) as line:
    line.sendall((f"GET /jupyter/api/kernels/x/channels?session_id=y HTTP/1.1\\r\\nHost: {host}\\r\\n"
                  f"Origin: {url}\\r\\n"
                  "Connection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n").encode())
    found["socket"] = int(line.recv(100).split()[1])
print(json.dumps(found))
"""
"""Everything that a page asks for, and the web socket by which it is told."""
LISTS = """
import os
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ"):
        try:
            with open(f"/proc/{process}/{name}", "rb") as file:
                print(file.read())
        except OSError:
            pass
"""
"""What processes were called with, as far as he may know."""
LINKS = """
import os, sys
figures, secret = sys.argv[1:]
for name in ("heat_map.csv", "heat_map.png", "heat_map.pdf", "heat_map_column.svg", "ladder.svg"):
    os.symlink(secret, os.path.join(figures, name))
"""
SWAPS = """
import os, sys
figures, secret = sys.argv[1:]
os.rename(figures, figures + "-before")
os.mkdir(figures)
for name in os.listdir(figures + "-before"):
    os.symlink(secret, os.path.join(figures, name))
"""


def test_without_the_key_he_gets_nothing_and_the_key_is_nowhere(tmp_path):
    with dashboard(tmp_path) as (url, key):
        found = json.loads(run(ASKS, url))
        assert set(found.values()) <= {403, 404}, found
        assert found["/"] == found["socket"] == 403
        told = run(LISTS)
        assert "fragile_peace_lab" in told or "hidepid" in Path("/proc/mounts").read_text()
        assert key.removeprefix("key=") not in told


@pytest.fixture
def shared():
    """A folder of results in which he keeps one, too, and a file that is not his."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders he cannot enter
        group = Path(name)
        group.chmod(0o777)
        run_sweep(tiny(runs=4), group / "theirs", progress="none", threads=1)
        shutil.rmtree(group / "theirs" / "parts")
        figures = group / "theirs" / "figures"
        figures.mkdir()
        for name in ("heat_map", "ladder", "fan"):
            (figures / f"{name}.json").write_text(json.dumps({"title": name, "alt": "alt", "caption": "caption"}))
        for name in ("heat_map", "fan"):
            (figures / f"{name}.svg").write_text("<svg></svg>")
        (figures / "fan.csv").write_text("1\n")
        for path in (group / "theirs", figures):
            path.chmod(0o777)
        secret = group / "secret"
        secret.write_text("secret\n")
        secret.chmod(0o600)
        allow([group / "theirs"])
        yield figures, secret
        allow([])


def test_links_that_he_puts_into_figures_show_its_owner_nothing_else(shared):
    figures, secret = shared
    run(LINKS, str(figures), str(secret))
    shown = {picture.name: picture for picture in opened(str(figures.parent), lambda words: None).pictures}
    assert set(shown) == {"heat_map", "fan"}
    assert set(shown["heat_map"].files) == {"svg", "json"}
    assert shown["heat_map"].column() == b"<svg></svg>"


def test_nor_do_links_that_he_puts_there_once_the_folder_is_open(shared):
    figures, secret = shared
    fan = next(one for one in opened(str(figures.parent), lambda words: None).pictures if one.name == "fan")
    assert fan.files["csv"]() == b"1\n"
    run(SWAPS, str(figures), str(secret))
    for read in (fan.page, fan.column, *fan.files.values()):
        with pytest.raises(InputError, match="leads out of the folders that may be opened"):
            read()
