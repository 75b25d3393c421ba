"""Strangers get nothing: another page in the reader's own browser, and another user of her machine."""

import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.tools.chromium import needs_chromium

WAIT = 30_000  # milliseconds

pytestmark = pytest.mark.slow

FOREIGN = """<script>
const said = [];
const ask = (name, work) => work.then(value => said.push(name + " " + value), () => said.push(name + " refused"));
Promise.all([
  ask("read", fetch("URL/?view=results", {credentials: "include"}).then(answer => answer.text())),
  ask("blind", fetch("URL/_solara/api/close/x", {method: "POST", mode: "no-cors", credentials: "include"})
      .then(answer => answer.type)),
  ask("socket", new Promise((yes, no) => {
    const socket = new WebSocket("URL/jupyter/api/kernels/x/channels?session_id=y".replace("http", "ws"));
    socket.onopen = () => yes("open"); socket.onerror = no; })),
]).then(() => document.title = said.sort().join("; "));
</script>"""


@needs_chromium
def test_a_foreign_page_in_the_readers_browser_gets_nothing(browser, address, tmp_path):
    """The reader has the cookie, and visits another page on the same machine, where cookies are shared by all ports."""
    url, key = address
    (tmp_path / "index.html").write_text(FOREIGN.replace("URL", url))
    with foreign_server(tmp_path) as elsewhere:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{url}/?{key}")
        page.wait_for_selector(".fp-view", timeout=WAIT)
        page.goto(elsewhere)
        page.wait_for_function("document.title.includes('socket')", timeout=WAIT)
        assert page.title().split("; ") == ["blind opaque", "read refused", "socket refused"]
        seconds = []
        for _ in range(3):
            begin = time.monotonic()
            assert context.request.get(f"{url}/_solara/cdn/evil@1.0.0/x.js").status == 404
            seconds.append(time.monotonic() - begin)
        assert min(seconds) < 1, "nor is it asked for outside"
        context.close()


@contextmanager
def foreign_server(folder):
    """Serve a folder on another port."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}/"
        httpd.shutdown()


def test_another_user_of_the_machine_gets_nothing(address):
    """Without the key: the page, its files, and what the reader's session would be told by."""
    url, _ = address
    for path in ("/", "/?key=guess", "/_solara/cdn/vue/vue.js", "/static/main.js", "/readyz", "/resourcez"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url + path, timeout=20)
        assert refused.value.code in (403, 404), path
        refused.value.close()
