"""The dashboard's door: who has no key, asks from a foreign page or under a foreign name, or too often, is refused."""

import asyncio

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.dashboard import guard, server
from fragile_peace_lab.dashboard.guard import BURST, Guard

HOST = "127.0.0.1:8765"


async def behind(scope, receive, send):
    """What is guarded: says yes."""
    await send({"type": "yes"})


@pytest.fixture
def door():
    """A guard with a known key."""
    return Guard(behind, 8765, ("hub.example.org",), key="right")


def asked(door, kind="http", query="", path="/", **headers):
    """Return the first message of the answer."""
    given = {"host": HOST, **headers}
    scope = {
        "type": kind, "path": path, "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }  # fmt: skip
    said = []

    async def send(message):
        said.append(message)

    asyncio.run(door(scope, None, send))
    return said[0]


COOKIE = {"cookie": "other=1; fragile-peace-8765=right"}


def test_the_address_with_the_key_gets_a_cookie_and_goes_on_without_the_key(door):
    answer = asked(door, query="view=risk&key=right&set=threat.level%3D1")
    headers = dict(answer["headers"])
    assert answer["status"] == 303
    assert headers[b"location"] == b"?view=risk&set=threat.level%3D1"
    assert headers[b"set-cookie"] == b"fragile-peace-8765=right; Path=/; HttpOnly; SameSite=Lax"
    assert asked(door, **COOKIE) == {"type": "yes"}
    assert asked(door, "websocket", **COOKIE, origin=f"http://{HOST}") == {"type": "yes"}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"query": "key=wrong"},
        {"query": "key="},
        {"cookie": "fragile-peace-8765=wrong"},
        {"cookie": "fragile-peace-8766=right"},
        {"cookie": "fragile-peace-8765="},
        {"cookie": "\x00;;=,\xff"},
        {**COOKIE, "origin": "http://127.0.0.1:9999"},
        {**COOKIE, "origin": "http://evil.example"},
        {**COOKIE, "origin": "null"},
        {**COOKIE, "origin": f"http://{HOST}.evil.example"},
        {**COOKIE, "host": "evil.example:8765"},
        {**COOKIE, "host": ""},
        {**COOKIE, "host": "["},
    ],
)
def test_everybody_else_is_refused(door, kind, options):
    answer = asked(door, kind, **options)
    assert answer["type"] in ("http.response.start", "websocket.close")
    assert answer.get("status", 403) == 403
    assert answer.get("code", 1008) == 1008


def test_a_web_socket_cannot_bring_the_key_in_its_address(door):
    assert asked(door, "websocket", query="key=right")["type"] == "websocket.close"


@pytest.mark.parametrize("host", ["localhost:8765", "[::1]:8765", "192.0.2.7:8765", "hub.example.org", HOST])
def test_under_its_own_names_and_those_it_was_given_it_answers(door, host):
    assert asked(door, **COOKIE, host=host) == {"type": "yes"}


def test_a_proxy_with_a_name_of_its_own_may_ask(door):
    assert asked(door, "websocket", **COOKIE, origin="https://hub.example.org") == {"type": "yes"}


def test_a_flood_is_held_back_and_let_through_again(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(guard.time, "monotonic", lambda: now[0])
    door = Guard(behind, 8765, key="right", _since=now[0])
    assert all(asked(door, **COOKIE) == {"type": "yes"} for _ in range(BURST))
    assert asked(door, **COOKIE)["status"] == 429
    now[0] += 1.0
    assert asked(door, **COOKIE) == {"type": "yes"}


def test_every_start_has_a_key_of_its_own():
    keys = {Guard(behind, 1).key for _ in range(100)}
    assert len(keys) == 100
    assert min(map(len, keys)) >= 32


@pytest.mark.parametrize(
    ("root", "hosts", "words"),
    [
        ("user", [], "--root-path: 'user' is not allowed; must be a path such as"),
        ("/a//b", [], "--root-path"),
        ("/a?b", [], "--root-path"),
        ("", ["http://hub"], "--allow-host: .* must be a name such as"),
    ],
)
def test_what_is_no_path_or_name_is_refused(root, hosts, words):
    server.check_proxy("/user/ann/proxy/8765/", ["hub.example.org"])
    with pytest.raises(InputError, match=words):
        server.check_proxy(root, hosts)
