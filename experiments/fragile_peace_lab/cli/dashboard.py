"""`fragile-peace dashboard`: the model on a page in the browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 is this machine alone.")
]
PortOption = Annotated[int, typer.Option("--port", metavar="N", help="Port; 0 takes any free one.")]


RootPathOption = Annotated[
    str, typer.Option("--root-path", metavar="PATH", help="What a reverse proxy puts before the page's paths.")
]
AllowHostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host", metavar="NAME", help="A name the page may be asked for under; may be given many times."
    ),
]


def dashboard(
    results: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR", help="Folders of results that may be opened; results if none is given."),
    ] = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8765,
    root_path: RootPathOption = "",
    allow_host: AllowHostOption = None,
) -> None:
    """Open a page on which to watch a run, move the levers and look at results. Works with the network off.

    The printed address holds a random key: whoever has it can use the page, nobody else.

    \b
    Example:
      fragile-peace dashboard
      fragile-peace dashboard results ~/thesis/sweeps --port 0
      fragile-peace dashboard --root-path /user/ann/proxy/8765 --allow-host hub.example.org
    """
    from fragile_peace.errors import InputError

    missing = [name for name in ("solara", "ipyvuetify", "uvicorn") if find_spec(name) is None]
    if missing:
        raise InputError(
            f"dashboard: {', '.join(missing)} is not installed; pip install 'fragile-peace[viz]' brings it"
        )
    from fragile_peace_lab.dashboard.server import serve

    serve(host, port, lambda words: typer.echo(words), root_path, allow_host or (), results or ())
