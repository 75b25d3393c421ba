"""Who may use the dashboard: whoever has the printed address, from a page of its own, and not too often.

The address holds a random key, as Jupyter's does. The first call with it gets a cookie; every further one, web sockets
included, needs the cookie. So no other user of this machine gets in. A foreign page in the reader's own browser would
send the cookie along; it is told by its Origin, and one that has its name resolved to this machine by the Host that it
asks for.
"""

import hmac
import ipaddress
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
KEY = "key"
BURST, A_SECOND = 400, 40
"""Requests that are answered at once, and how fast that number is made up for."""
ASK = "This page needs the whole address that `fragile-peace dashboard` printed, with its key."


@dataclass
class Guard:
    """An ASGI application that lets through to another what may pass.

    Attributes
    ----------
    app : what is guarded
    port : that it listens on; it names the cookie, which browsers share between the ports of a machine
    hosts : names under which it may be asked for, beside this machine's own and bare addresses
    key : what the address holds
    """

    app: App
    port: int
    hosts: tuple[str, ...] = ()
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _room: float = BURST
    _since: float = field(default_factory=time.monotonic)

    @property
    def cookie(self) -> str:
        """The cookie's name."""
        return f"fragile-peace-{self.port}"

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request or a web socket."""
        if scope["type"] not in ("http", "websocket"):  # the server's own start and stop
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self.refused(headers)
        if refused is not None:
            await _answer(scope, send, *refused)
            return
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if any(name == KEY and self._right(value) for name, value in query) and scope["type"] == "http":
            rest = urlencode([(name, value) for name, value in query if name != KEY])
            await _answer(scope, send, 303, "", [
                (b"location", (f"?{rest}" if rest else ".").encode()),
                (b"set-cookie", f"{self.cookie}={self.key}; Path=/; HttpOnly; SameSite=Lax".encode()),
            ])  # fmt: skip
        elif self._right(_cookie(headers.get("cookie", ""), self.cookie)):
            await self.app(scope, receive, send)
        else:
            await _answer(scope, send, 403, ASK)

    def refused(self, headers: dict[str, str]) -> tuple[int, str] | None:
        """Return status and reason where a call is refused whoever makes it."""
        host = headers.get("host", "")
        if not self._known(host):
            return 403, f"Host {host[:100]!r} is not this dashboard's; start it with --allow-host NAME."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host and _name(urlsplit(origin).netloc) not in self.hosts:
            return 403, "Only the dashboard's own page may ask."
        now = time.monotonic()
        self._room = min(BURST, self._room + A_SECOND * (now - self._since))
        self._since = now
        if self._room < 1:
            return 429, "Too many requests; wait a moment."
        self._room -= 1
        return None

    def _known(self, host: str) -> bool:
        name = _name(host)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            own = ("localhost", socket.gethostname(), socket.getfqdn())
            return name in (*self.hosts, *(known.lower() for known in own))
        return True  # a bare address cannot be made to mean another machine

    def _right(self, key: str) -> bool:
        return hmac.compare_digest(key.encode(), self.key.encode())


def _name(netloc: str) -> str:
    """The name in "name:port"; "" where there is none."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


async def _answer(
    scope: Message, send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """Answer a request in plain text; a web socket is refused."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": text[:120]})
        return
    body = text.encode()
    start = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    start += [(b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
