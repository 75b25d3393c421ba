"""`fragile-peace calibrate --war`: make the war block's sample, or check one, and print what is left of the prior."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fragile_peace_lab.cli.options import columns, show_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fragile_peace_lab.calibration.war_check import Check
    from fragile_peace_lab.calibration.war_pool import Source
    from fragile_peace_lab.design.war_sample import WarSample


def calibrate_war(check: bool, out: Path | None, classes: Path | None, as_json: bool) -> None:
    """Make or check a sample; raises typer.Exit(1) where a curve or a bar fails."""
    from fragile_peace_lab.calibration import war_check, war_fit, war_pool
    from fragile_peace_lab.design.war_sample import SHIPPED, WarSample

    sources, path = war_pool.load(classes), out or SHIPPED
    if check:
        sample = WarSample.load(path)
        war_check.check_sources(sample, sources)
        found = war_check.afresh(sample, sources)
    else:
        sample = war_fit.fit(sources, war_fit.Settings(), lambda words: typer.echo(f"  {words}", err=True)).sample
        sample.write(path)
        found = war_check.on_file(sample, sources)
    if as_json:
        typer.echo(json.dumps(_data(sample, found), indent=2))
    else:
        _print(sample, found, sources)
        how = "played afresh" if check else f"written, {len(sample)} members"
        typer.echo(f"war sample: {path} ({how}); {'all within' if found.passed else 'NOT all within'} the tolerances")
    if not found.passed:
        raise typer.Exit(1)


def _data(sample: WarSample, found: Check) -> dict[str, Any]:
    from fragile_peace_lab.calibration.war_check import narrowed

    return {
        "survival": sample.about["survival"],
        "curves": json.loads(found.curves.to_json(orient="records")),
        "parameters": json.loads(narrowed(sample).to_json(orient="records")),
        "hasty": found.hasty,
        "first_review": found.first_review,
        "passed": found.passed,
    }


def _print(sample: WarSample, found: Check, sources: Sequence[Source]) -> None:
    from fragile_peace_lab.calibration.war import FIRST, HASTY, MOST_HASTY
    from fragile_peace_lab.calibration.war_path import EARLY

    typer.echo("What survives of the elicited prior: who signs, of those what each source accepts, and both")
    survival = {source.name: sample.about["survival"][source.name] for source in sources}
    rows = [
        [name, str(row["draws"]), f"{row['participation']:.3f}", f"{row['tactical']:.3f}", f"{row['accepted']:.4f}",
         f"{row['participation'] * row['accepted']:.4f}"]
        for name, row in survival.items()
    ]  # fmt: skip
    head = ["source", "draws", "signed", "tactical", "accepted", "both"]
    show_lines(columns(head, rows, " ".join(head[1:])))
    _print_widths(sample, sources)
    typer.echo("")
    typer.echo("Chance that the war has come back without a force: ours and the record")
    head = ["source", "members", "weeks", "model", "95 % of the runs", "record", "tolerance", "within"]
    curves = [_curve(row) for row in found.curves.to_dict("records")]
    show_lines(columns(head, curves, "members weeks model record"))
    typer.echo("")
    typer.echo(
        f"more than {HASTY:.0%} of two years' wars in the first {EARLY} weeks, in earnest: {found.hasty:.3f} of all "
        f"members; below {MOST_HASTY:.3f} is asked for"
    )
    typer.echo(
        f"greatest chance at the first review, in earnest: {found.first_review:.3f}; at most {FIRST:.3f} is asked for"
    )


def _print_widths(sample: WarSample, sources: Sequence[Source]) -> None:
    """Print the ratio of 90 % widths of each unknown: after participation, for each source, and of the mixture."""
    from fragile_peace_lab.calibration.war_check import MIXTURE, narrowed

    typer.echo("")
    typer.echo("Width of each unknown over its prior's: who signs, each source, all")
    names = [*(source.name for source in sources), MIXTURE]
    rows = [
        [str(row["parameter"]), f"{row['prior_low']:g} to {row['prior_high']:g}", f"{row['width_signed']:.2f}",
         *(f"{row[f'width_{name}']:.2f}" for name in names), "yes" if row["curve"] else "no: keeps its prior"]
        for row in narrowed(sample).to_dict("records")
    ]  # fmt: skip
    head = ["parameter", "prior", "signed", *names, "informed"]
    show_lines(columns(head, rows, " ".join(["signed", *names])))


def _curve(row: dict[Any, Any]) -> list[str]:
    def text(value: Any) -> str:
        return "" if value is None or math.isnan(value) else f"{value:.3f}"

    def both(low: Any, high: Any) -> str:
        return "" if math.isnan(low) else f"{text(low)} to {text(high)}"

    hit = "" if row["within"] is None else "yes" if row["within"] else "NO"
    return [row["source"], str(row["members"]), str(row["weeks"]), text(row["model"]),
            both(row["mc_low"], row["mc_high"]), text(row["record"]), both(row["low"], row["high"]), hit]  # fmt: skip
