"""`fragile-peace dashboard`: the model on a page in the browser."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 is this machine alone.")
]
PortOption = Annotated[int, typer.Option("--port", metavar="N", help="Port; 0 takes any free one.")]


def dashboard(host: HostOption = "127.0.0.1", port: PortOption = 8765) -> None:
    """Open a page on which to watch a run, move the levers and look at results. Works with the network off.

    \b
    Example:
      fragile-peace dashboard
      fragile-peace dashboard --port 0
    """
    from fragile_peace.errors import InputError

    missing = [name for name in ("solara", "ipyvuetify", "uvicorn") if find_spec(name) is None]
    if missing:
        raise InputError(
            f"dashboard: {', '.join(missing)} is not installed; pip install 'fragile-peace[viz]' brings it"
        )
    from fragile_peace_lab.dashboard.server import serve

    serve(host, port, lambda words: typer.echo(words))
