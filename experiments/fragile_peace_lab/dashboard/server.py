"""Serving the page: on this machine alone unless told otherwise, without any call to the outside."""

import os
import socket
import warnings
from collections.abc import Callable

from fragile_peace.errors import InputError

OPEN = "Warning: whoever can reach this address can use it, and can open sweep folders of this machine by path."
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve until interrupted. `say` is told the address once the page can be opened. Raises InputError."""
    listening = bound(host, port)
    os.environ["SOLARA_APP"] = "fragile_peace_lab.dashboard.page"
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.variant = (
        settings.ThemeVariant.light
    )  # address.vue follows the reader's system; "auto" draws nothing
    settings.theme.show_banner = False
    settings.kernel.cull_timeout = "30m"  # how long a session waits for a reader who has gone
    settings.assets.fontawesome_enabled = False
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")  # plain http, on this machine
    say("loading the model ...")
    warm()
    import uvicorn
    from solara.server.starlette import app

    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, ws_max_size=1 << 24))
    shown = f"[{host}]" if ":" in host else host
    say(f"Fragile Peace dashboard: http://{shown}:{listening.getsockname()[1]}")
    say("Only this machine can reach it." if host in LOOPBACK else OPEN)
    say("Ctrl-C stops it.")
    server.run(sockets=[listening])


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
