"""The dashboard behind a reverse proxy that puts a path before it, as JupyterHub does, in a real headless Chromium."""

import http.client

import pytest

from tests.tools.chromium import needs_chromium, started
from tests.tools.served import dashboard, proxy

PREFIX = "/user/ann/proxy/8765"
NAME = "hub.localhost"
"""A name that every browser takes for this machine."""
WAIT = 60_000
SOCKET = "/jupyter/api/kernels/x/channels?session_id=y"
SHAKE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The proxy's port, "key=…", and the dashboard's own port."""
    home = tmp_path_factory.mktemp("home")
    with dashboard(home, "--root-path", PREFIX, "--allow-host", NAME) as (url, key):
        own = int(url.rpartition(":")[2])
        assert f"Behind the proxy: its address, {PREFIX}/?{key}" in (home / "server.log").read_text()
        with proxy(PREFIX, own) as port:
            yield port, key, own


def answer(port, path, host=NAME, **headers):
    """The status and the headers of an answer of the proxy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}", **headers})
        found = connection.getresponse()
        return found.status, dict(found.getheaders())
    finally:
        connection.close()


@needs_chromium
def test_the_page_is_drawn_and_its_sliders_work_over_the_proxied_web_socket(behind):
    port, key, _ = behind
    faults = []
    with started() as chromium:
        page = chromium.new_page()
        page.set_default_timeout(WAIT)
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        page.on("request", lambda asked: faults.append(asked.url) if not own(asked.url, port) else None)
        page.goto(f"http://{NAME}:{port}{PREFIX}/?{key}&view=risk&weeks=4&runs=16")
        page.wait_for_selector("[data-state=done][data-runs='80']")
        assert page.url.startswith(f"http://{NAME}:{port}{PREFIX}/?view=risk")
        before = page.locator(".fp-cardlet").first.get_attribute("data-estimate")
        assert before is not None
        slider = page.locator("[data-field='threat.level'] .fp-range")
        slider.focus()
        for _ in range(7):
            page.keyboard.press("ArrowRight")
        page.wait_for_selector("[data-state=done][data-for*='threat.level%3D0.57']")
        assert page.locator("[data-field='threat.level'] .fp-text").input_value() == "0.57"
        page.reload()  # the address has the settings, the cookie the key
        page.wait_for_selector("[data-state=done][data-for*='threat.level%3D0.57']")
    assert faults == []


def own(url, port):
    """Whether an address is the page's, below the proxy's path."""
    return url.startswith((f"http://{NAME}:{port}{PREFIX}/", f"ws://{NAME}:{port}{PREFIX}/", "data:", "blob:"))


def test_key_host_and_origin_are_asked_for_behind_it_too(behind):
    port, key, own_port = behind
    status, headers = answer(port, f"{PREFIX}/?{key}&view=risk")
    assert (status, headers["location"]) == (303, "?view=risk")
    cookie = {"Cookie": headers["set-cookie"].split(";")[0]}
    assert cookie["Cookie"].startswith(f"fragile-peace-{own_port}=")
    assert answer(port, f"{PREFIX}/", **cookie)[0] == 200
    assert answer(port, f"{PREFIX}/")[0] == 403
    assert answer(port, f"{PREFIX}/?key=guess")[0] == 403
    assert answer(port, f"{PREFIX}/", host="evil.localhost", **cookie)[0] == 403
    assert answer(port, f"{PREFIX}{SOCKET}", **SHAKE)[0] == 403
    assert answer(port, f"{PREFIX}{SOCKET}", **SHAKE, **cookie, Origin="http://evil.localhost")[0] == 403
    assert answer(port, f"{PREFIX}{SOCKET}", **SHAKE, **cookie, Origin=f"http://{NAME}:{port}")[0] == 101
    assert answer(port, "/", **cookie)[0] == 404  # nothing is served outside the path
