"""`fragile-peace signposts`: what recorded violations tell of whether a truce is in its calm basin."""

from __future__ import annotations

import json

import typer

from fragile_peace_lab.cli.options import JsonOption, columns, plain_rows, show_lines
from fragile_peace_lab.cli.sweep import DirArgument

HEAD = ("structure", "weeks", "threshold", "calm", "false_alarm", "miss", "calm_if_quiet", "calm_if_alarm", "brier",
        "brier_of_base_rate")  # fmt: skip


def signposts(folder: DirArgument, as_json: JsonOption = False) -> None:
    """Say from the first weeks of recorded violations how likely a truce is to be calm, and how often that errs.

    Plays the sweep's own first runs at its baseline setting again, week by week, in every structure: a rule is learnt
    from half of the members and judged on the other half. Writes tables and a figure into DIR/signposts.

    \b
    Example:
      fragile-peace sweep structures && fragile-peace signposts results/structures
    """
    from fragile_peace_lab.reproduction.remake import write_signposts

    found = write_signposts(folder)
    rows = found["rules"].to_dict("records")
    if as_json:
        typer.echo(json.dumps({name: plain_rows(table) for name, table in found.items()}, indent=2))
        return
    head = [name for name in HEAD if name in found["rules"]]
    cells = [[f"{row[name]:.3f}" if isinstance(row[name], float) else str(row[name]) for name in head] for row in rows]
    show_lines(columns(head, cells, " ".join(head[1:])))
    typer.echo(f"signposts: {folder / 'signposts'}")
