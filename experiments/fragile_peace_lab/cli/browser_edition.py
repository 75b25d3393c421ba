"""`fragile-peace browser-edition`: the model as one page that runs in any browser, without an installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fragile_peace_lab.browser import PAGE
from fragile_peace_lab.cli.options import JsonOption


def browser_edition(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to write the page.", show_default=True)
    ] = Path("results") / PAGE,
    as_json: JsonOption = False,
) -> None:
    """Build the page that runs the engine in a browser: one HTML file that needs no network.

    Needs the extra `browser`. It takes a minute or two: the kernels are compiled anew, for no processor in particular.

    \b
    Example:
      fragile-peace browser-edition
      fragile-peace browser-edition --out site/index.html
    """
    from fragile_peace_lab.browser.edition import write

    digest = write(out, lambda words: typer.echo(f"  {words}", err=True))
    size = out.stat().st_size
    if as_json:
        typer.echo(json.dumps({"page": str(out), "bytes": size, "sha256": digest}))
        return
    typer.echo(f"page: {out} ({size:,} bytes)")
    typer.echo(f"sha256: {digest}")
