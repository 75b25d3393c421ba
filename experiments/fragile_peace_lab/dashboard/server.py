"""Serving the page: on this machine alone unless told otherwise, without any call to the outside."""

import os
import re
import socket
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from fragile_peace.errors import InputError, shown
from fragile_peace_lab.dashboard import TITLE, folder
from fragile_peace_lab.dashboard.guard import KEY, Guard

OPEN = "Warning: other machines can reach it; whoever has the address, which travels unencrypted, can use it."
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: str,
    port: int,
    say: Callable[[str], None],
    root_path: str = "",
    hosts: Sequence[str] = (),
    results: Sequence[Path] = (),
) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    host, port : where to listen; port 0 takes a free one
    say : told the address once the page can be opened
    root_path : what a reverse proxy puts before the page's own paths, such as /user/ann/proxy/8765
    hosts : names under which the proxy, or this machine, may be asked for
    results : folders of results, or of one sweep, that may be opened; results/ if none is named

    Raises
    ------
    InputError : it cannot listen there, or a path or name is none
    """
    check_proxy(root_path, hosts)
    folder.allow(results)
    listening = bound(host, port)
    os.environ["SOLARA_APP"] = "fragile_peace_lab.dashboard.page"
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.variant = (
        settings.ThemeVariant.light
    )  # address.vue follows the reader's system; "auto" draws nothing
    settings.theme.show_banner = False
    settings.theme.title = TITLE
    settings.kernel.cull_timeout = "30m"  # how long a session waits for a reader who has gone
    settings.assets.fontawesome_enabled = False
    if root_path:
        settings.main.root_path = root_path.rstrip("/")
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")  # plain http, on this machine
    say("loading the model ...")
    warm()
    import uvicorn
    from solara.server import cdn_helper
    from solara.server.starlette import app

    cdn_helper.fetch_from_cdn = never  # what is not installed is not there: nobody makes this machine call another

    number = listening.getsockname()[1]
    guard = Guard(app, number, tuple(name.lower() for name in hosts))
    server = uvicorn.Server(uvicorn.Config(guard, log_level="error", access_log=False, ws_max_size=1 << 24))
    name = f"[{host}]" if ":" in host else host
    say(f"{TITLE} dashboard: http://{name}:{number}/?{KEY}={guard.key}")
    if root_path:
        say(f"Behind the proxy: its address, {root_path.rstrip('/')}/?{KEY}={guard.key}")
    say("Only this machine can reach it." if host in LOOPBACK else OPEN)
    say("Ctrl-C stops it.")
    server.run(sockets=[listening])


def never(url: str) -> bytes:
    """Fetch nothing from outside. Raises InputError."""
    raise InputError(f"{url}: is not fetched")


def check_proxy(root_path: str, hosts: Sequence[str]) -> None:
    """Raise InputError for what is no path or no name."""
    if root_path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/?", root_path):
        raise InputError(f"--root-path: {shown(root_path)} is not allowed; must be a path such as /user/ann/proxy/8765")
    for name in hosts:
        if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name):
            raise InputError(f"--allow-host: {shown(name)} is not allowed; must be a name such as hub.example.org")


def bound(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises InputError."""
    if not 0 <= port <= 65535:
        raise InputError(f"--port: {port} is not allowed; must be a whole number from 0 to 65535 (0: any free one)")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        raise InputError(f"--host: {host[:100]!r} is not an address of this machine") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise InputError(
            f"--port: {host}:{port} cannot be used ({error.strerror}); choose another, or 0 for any free one"
        ) from None
    return listening


def warm() -> None:
    """Load the model and its compiled kernels, so that the first picture comes at once."""
    from fragile_peace.runs.simulation import simulate
    from fragile_peace_lab.dashboard.settings import Settings
    from fragile_peace_lab.dashboard.watch import Watched

    watched = Watched(Settings(weeks=2))
    watched.step()
    watched.close()
    simulate([watched.settings.world], 2, 0, 2)
