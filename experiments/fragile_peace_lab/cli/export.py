"""`fragile-peace export`: a sweep's tables for other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fragile_peace_lab.cli.options import JsonOption
from fragile_peace_lab.cli.sweep import DirArgument

ToOption = Annotated[str, typer.Option("--to", metavar="FORMAT", help="csv, stata, xarray (NetCDF) or duckdb.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", help="Where the files go; DIR/export if not given.")
]


def export(folder: DirArgument, to: ToOption = "csv", out: OutOption = None, as_json: JsonOption = False) -> None:
    """Write a sweep's runs, points, weeks and estimates for other tools, with units, meanings and codes.

    \b
    Example:
      fragile-peace export results/legitimate_targets
      fragile-peace export results/mine --to stata --out mine_stata
      fragile-peace export results/mine --to duckdb
    """
    from fragile_peace_lab.export.written import export as write

    files = write(folder, to, out, lambda words: typer.echo(f"  {words}", err=True))
    if as_json:
        typer.echo(json.dumps([str(file) for file in files], indent=2))
        return
    typer.echo(f"export: {len(files)} files in {files[0].parent}")
