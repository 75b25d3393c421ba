"""A headless Firefox driven over WebDriver BiDi (W3C), which it speaks without a driver beside it."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
EVENTS = ["log.entryAdded", "network.beforeRequestSent"]
OWN = ("file:", "blob:", "data:", "about:")
QUIET = """user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
"""
"""Preferences: it asks nobody of its own accord, and whatever asks meets a closed port."""


class Firefox:
    """One tab.

    Attributes
    ----------
    faults : what went wrong on its pages, and addresses that they asked for beyond themselves
    """

    def __init__(self, socket: Any, wait: float) -> None:
        self.faults: list[str] = []
        self._socket = socket
        self._wait = wait
        self._asked = 0
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=EVENTS)
        self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url: str) -> None:
        """Load a page."""
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def value(self, expression: str) -> Any:
        """Return what an expression, or a promise of it, is on the page: as JSON can hold it."""
        text = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        done = self._ask("script.evaluate", target={"context": self._tab}, expression=text, awaitPromise=True)
        assert done["type"] == "success", done
        return json.loads(done["result"]["value"])

    def until(self, expression: str) -> Any:
        """Wait for an expression that holds, and return it."""
        end = time.monotonic() + self._wait
        while not (found := self.value(expression)):
            assert time.monotonic() < end, f"not within {self._wait:.0f} s: {expression}; {self.faults}"
            time.sleep(0.1)
        return found

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv(self._wait))
            if said.get("id") == self._asked:
                assert said["type"] == "success", said
                return said["result"]
            self._note(said.get("method"), said.get("params", {}))

    def _note(self, event: str | None, about: dict[str, Any]) -> None:
        if event == "log.entryAdded" and about["level"] in ("error", "warn"):
            self.faults.append(about["text"])
        if event == "network.beforeRequestSent" and not about["request"]["url"].startswith(OWN):
            self.faults.append(about["request"]["url"])


@contextmanager
def running(command: str, profile: Path, wait: float) -> Iterator[Firefox]:
    """Start a Firefox of its own profile and stop it again; `wait` is how many seconds it may take over anything."""
    from websockets.sync.client import connect

    (profile / "user.js").write_text(QUIET)
    words = [command, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    log = profile / "said.txt"
    with log.open("w") as sink:
        process = subprocess.Popen([*words, "about:blank"], stdout=sink, stderr=subprocess.STDOUT)
    try:
        with connect(f"{_address(process, log, wait)}/session", max_size=None, proxy=None) as socket:
            yield Firefox(socket, wait)
    finally:
        process.terminate()
        process.wait(wait)


def _address(process: subprocess.Popen, log: Path, wait: float) -> str:
    """Wait until it listens and return where."""
    end = time.monotonic() + wait
    while (found := LISTENING.search(log.read_text())) is None:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    return found[1]
