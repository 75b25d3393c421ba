"""`fragile-peace curves`, `compare` and `report`: what a sweep shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace_lab.cli.options import JsonOption, columns, show_lines
from fragile_peace_lab.cli.sweep import DirArgument

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SizeOption = Annotated[
    list[str] | None,
    typer.Option("--size", metavar="SIZE", help="page, column or slide; may be given many times. All if not given."),
]


def curves(folder: DirArgument, size: SizeOption = None, as_json: JsonOption = False) -> None:
    """Estimate a sweep and draw its figures, each with the CSV of its numbers.

    \b
    Example:
      fragile-peace curves results/legitimate_targets
      fragile-peace curves results/legitimate_targets --size slide
    """
    from fragile_peace.errors import InputError, nearest
    from fragile_peace_lab.estimates.all_tables import FOLDER as ESTIMATES
    from fragile_peace_lab.figures.drawing import SIZES
    from fragile_peace_lab.figures.results import FOLDER, checked, steps, write_curves
    from fragile_peace_lab.report.uptodate import NOTHING, files_of, record, up_to_date
    from fragile_peace_lab.store.opening import beside

    for name in size or ():
        if name not in SIZES:
            raise InputError(f"--size: {name!r} is not one of {', '.join(SIZES)}{nearest(name, SIZES)}")
    where, _ = checked(folder)
    sizes = [SIZES[name] for name in dict.fromkeys(size or SIZES)]
    say = _teller()
    wanted = steps(sizes)
    done = up_to_date(where, wanted)
    if done == wanted:
        say(NOTHING)
    else:
        with beside(where, ESTIMATES, FOLDER):
            record(where, write_curves(folder, say, sizes, done).steps)
    if as_json:
        typer.echo(json.dumps(files_of(where, wanted), indent=2))
        return
    typer.echo(f"estimates: {where / 'estimates'}")
    typer.echo(f"figures: {where / FOLDER}")


def compare(
    folder: DirArgument,
    baseline: Annotated[
        int | None,
        typer.Option("--baseline", metavar="P", help="The point to compare with; the base scenario's if not given."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare every setting of the levers with one of them, run against run, in a table and a figure.

    Where the sweep declares structures, all is in the one of that point; in the first without a point.

    \b
    Example:
      fragile-peace compare results/legitimate_targets
      fragile-peace compare results/legitimate_targets --baseline 0
    """
    from fragile_peace_lab.figures.drawing import PAGE, SIZES
    from fragile_peace_lab.figures.results import FOLDER, compared, results_of, step, write_figures
    from fragile_peace_lab.store.opening import beside

    structure, place = (None, None) if baseline is None else _placed(folder, baseline)
    results = results_of(folder, estimated=False, structure=structure)
    made = compared(results, results.baseline if place is None else place)
    with beside(results.folder, FOLDER):
        written = write_figures(results, [made], list(SIZES.values()), _teller())
    if as_json:
        typer.echo(made.numbers.to_json(orient="records", indent=2))
        return
    show_lines(_rows(made.numbers, results.runs.levers))
    typer.echo(f"{made.title}.{f' {results.stand_in}' if place is None and results.stand_in else ''}")
    typer.echo(f"figure: {written[step(PAGE, PAGE.kinds[0])][0]}")


def _placed(folder: Path, point: int) -> tuple[str | None, int]:
    """Return the structure of a point, if there are any, and its combination of the levers. Raises InputError."""
    from fragile_peace.errors import InputError
    from fragile_peace_lab.design.structures import STRUCTURE
    from fragile_peace_lab.store.folder import design_of, read_manifest

    last = read_manifest(folder)["points"] - 1
    if not 0 <= point <= last:
        raise InputError(f"--baseline: {point} is not a point of the sweep; must be a whole number from 0 to {last}")
    row = design_of(folder).slice(point, 1).to_pylist()[0]
    return row.get(STRUCTURE), row["combination"]


def report(folder: DirArgument, as_json: JsonOption = False) -> None:
    """Estimate a sweep, draw its figures and write report.html, one page that needs no network.

    It draws what the page shows; `curves` draws every size and kind.

    \b
    Example:
      fragile-peace report results/legitimate_targets
    """
    from fragile_peace_lab.report.page import write_report

    page = write_report(folder, _teller())
    typer.echo(json.dumps({"report": str(page)}) if as_json else f"report: {page}")


def _teller() -> Callable[[str], None]:
    """Return what tells on stderr which step is under way, when a person is there to read it or a log keeps it."""
    return lambda words: typer.echo(f"  {words}", err=True)


def _rows(numbers: pd.DataFrame, levers: tuple[str, ...]) -> list[str]:
    """The differences as aligned lines."""
    from fragile_peace_lab.figures.levers import shown_value

    def text(value: Any) -> str:
        return "" if value != value else f"{value:+.3g}"

    head = ["outcome", *levers, "difference", "mc_low", "mc_high", "param_low", "param_high"]
    bands = ("estimate", "mc_low", "mc_high", "param_low", "param_high")
    rows = [
        [str(row["outcome"]), *(shown_value(name, row[name]) for name in levers), *(text(row[band]) for band in bands)]
        for row in numbers.to_dict("records")
    ]
    return columns(head, rows, "difference mc_low mc_high param_low param_high")
