"""`fragile-peace calibrate` and `sensitivity`: what the records pin down, and which unknowns drive the risk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace_lab.cli.calibrate_war import calibrate_war
from fragile_peace_lab.cli.options import JsonOption, columns, plain_rows, show_lines
from fragile_peace_lab.cli.sweep import DirArgument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fragile_peace_lab.calibration.check import Check

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="The posterior's file; the shipped one if not given.")
]
OutcomesOption = Annotated[
    list[str] | None,
    typer.Option("--outcome", metavar="NAME", help="Of estimates/*.csv, or an own one; the headlines if not given."),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Simulate members of the posterior afresh and score every target; fit nothing.")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with the simulations that are there already.")]
WorkOption = Annotated[Path, typer.Option("--work", metavar="DIR", help="Where the simulations are kept.")]
FiguresOption = Annotated[
    Path | None,
    typer.Option("--figures", metavar="DIR", help="With --check or --trial: pictures and tables go here."),
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        "--precision", help="Fit no records: print payoffs, as a structure's, for this precision of both sides."
    ),
]
TrialOption = Annotated[
    bool,
    typer.Option("--trial", help="Put the inference on trial: records of the model's own making; fit nothing."),
]
ReplicatesOption = Annotated[
    int | None, typer.Option("--replicates", metavar="N", help="With --trial: how many records; 200 if not given.")
]

WarOption = Annotated[
    bool, typer.Option("--war", help="Make the war block's sample instead of the posterior, or with --check check it.")
]
ClassesOption = Annotated[
    Path | None,
    typer.Option("--classes", metavar="FILE", help="With --war: weights of reference classes and experts, in YAML."),
]


def calibrate(
    check: CheckOption = False,
    trial: TrialOption = False,
    replicates: ReplicatesOption = None,
    out: OutOption = None,
    resume: ResumeOption = False,
    work: WorkOption = Path(".calibration"),
    figures: FiguresOption = None,
    precision: PrecisionOption = None,
    war: WarOption = False,
    classes: ClassesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit the model to the record of the Donbas and write the posterior, or check one, or put the inference on trial.

    Exit code 1: too few hits, or ranks of more parameters outside their bands than chance allows.

    With --war, of the war block: draws of its prior, accepted by how often wars of a class came back.

    \b
    Example:
      fragile-peace calibrate --check
      fragile-peace calibrate --resume --out mine.parquet
      fragile-peace calibrate --trial --figures trial
      fragile-peace calibrate --precision 2
      fragile-peace calibrate --war --classes mine.yaml --out mine.parquet
      fragile-peace calibrate --war --check
    """
    from fragile_peace_lab.design.posterior import SHIPPED, Posterior

    _together({
        "--check": check, "--trial": trial, "--war": war, "--resume": resume, "--precision": precision is not None,
        "--figures": figures is not None, "--classes": classes is not None, "--replicates": replicates is not None,
        "--out": out is not None,
    })  # fmt: skip
    if war:
        calibrate_war(check, out, classes, as_json)
        return
    if trial:
        _tried(replicates, figures, as_json)
        return
    if precision is not None:
        _precision(precision, as_json)
        return
    path = out or SHIPPED
    if check:
        _checked(Posterior.load(path), figures, as_json)
        return
    from fragile_peace_lab.calibration.fit import Settings, calibrate
    from fragile_peace_lab.calibration.waves import SIMULATED

    report = calibrate(Settings(), work, resume, lambda words: typer.echo(f"  {words}", err=True))
    report.posterior.write(path)
    report.simulated.write(path.with_name(SIMULATED))
    typer.echo(f"posterior: {path} ({len(report.posterior)} members, {report.accepted:.1%} of candidates accepted)")


NEEDS = {
    "--figures": (("--check", "--trial"), ", whose pictures they are"),
    "--classes": (("--war",), "; the weights are of the war block's sample"),
    "--replicates": (("--trial",), "; it is the number of its records"),
}
"""Options that say something of a task, which must be given with one of these."""
APART = {
    "--trial": ("--check", "--war"),
    "--precision": ("--check", "--trial", "--war"),
    "--figures": ("--war",),
    "--resume": ("--check", "--trial", "--precision", "--war"),
    "--out": ("--trial", "--precision"),
}
"""Options that cannot be given together: each is a task of its own, or says something of another."""


def _together(given: Mapping[str, bool]) -> None:
    """Raise InputError where options do not go together."""
    from fragile_peace.errors import InputError

    for option, (tasks, why) in NEEDS.items():
        if given[option] and not any(given[task] for task in tasks):
            raise InputError(f"{option}: is given without {' or '.join(tasks)}{why}")
    for option, others in APART.items():
        for other in others:
            if given[option] and given[other]:
                raise InputError(f"{option}: cannot be given with {other}")


def _precision(precision: float, as_json: bool) -> None:
    from fragile_peace.declared import yamltext
    from fragile_peace_lab.calibration.precision import PRECISIONS, refit

    values: dict[str, object] = dict.fromkeys(PRECISIONS, precision)
    values |= {name: {"times": factor} for name, factor in refit(precision).items()}
    typer.echo(json.dumps(values, indent=2) if as_json else yamltext.dump(values).rstrip())


def _tried(replicates: int | None, figures: Path | None, as_json: bool) -> None:
    from fragile_peace_lab.calibration.trial import REPLICATES, SEED, trial
    from fragile_peace_lab.calibration.trial_figures import write_trial
    from fragile_peace_lab.calibration.waves import Simulated

    number = REPLICATES if replicates is None else replicates
    found = trial(Simulated.load(), number, SEED, lambda words: typer.echo(f"  {words}", err=True))
    if as_json:
        typer.echo(found.table.to_json(orient="records", indent=2))
    else:
        head = ["parameter", "over", "inside", "coverage50", "coverage90", "mean_z", "sd_z", "contraction"]
        show_lines(columns(head, [_cells(row, head) for row in found.table.to_dict("records")], " ".join(head[1:])))
        left = f"{len(found.outside)} of {len(found.table)} leave their bands; at most {found.allowed} may"
        typer.echo(f"{left} (chance alone breaks that in {found.false_alarm:.1%} of trials)")
    if figures is not None:
        write_trial(found, figures)
        typer.echo(f"figures: {figures}", err=True)
    if not found.passed:
        raise typer.Exit(1)


def _checked(posterior: object, figures: Path | None, as_json: bool) -> None:
    from fragile_peace_lab.calibration.check import ENOUGH, LEVEL, check
    from fragile_peace_lab.calibration.kashmir import SERIES
    from fragile_peace_lab.calibration.targets import SCORES
    from fragile_peace_lab.design.posterior import Posterior

    assert isinstance(posterior, Posterior)
    found = check(posterior)
    if as_json:
        typer.echo(found.table.to_json(orient="records", indent=2))
    else:
        show_lines(_rows(found))
        typer.echo("\nweekly series, mean CRPS (counts; logarithms):")
        show_lines(columns([name.replace("_", " ") for name in found.scores], _scores(found), "counts_all"))
        typer.echo(f"held-out weeks: p = {found.test.p:.2f}; rejected below {LEVEL}")
        for series, test in found.kashmir.items():
            pit = " ".join(f"{value:.2f}" for value in test.pit)
            typer.echo(f"Line of Control, {SERIES[series]} (fitted): p = {test.p:.2f}; PIT {pit}")
        misses = [score for score in SCORES if score not in found.hits]
        typer.echo(f"{len(found.hits)} of {len(SCORES)} scored outputs hit; at least {ENOUGH} are asked for")
        if misses:
            typer.echo(f"missed: {', '.join(misses)} (docs/calibration.md says why)")
    if figures is not None:
        from fragile_peace_lab.reproduction.remake import write_check

        write_check(posterior, found, figures)
        typer.echo(f"figures: {figures}", err=True)
    if not found.passed:
        raise typer.Exit(1)


def _rows(found: Check) -> list[str]:
    from fragile_peace_lab.calibration.targets import FITTED

    def text(value: float) -> str:
        return f"{value:.3g}"

    rows = [
        [
            row["target"] + ("" if row["use"] == FITTED else f" ({row['use']})"), row["unit"], text(row["observed"]),
            f"{text(row['low'])} to {text(row['high'])}", text(row["median"]),
            f"{text(row['p05'])} to {text(row['p95'])}", "hit" if row["hit"] else "miss",
        ]
        for row in found.table.to_dict("records")
    ]  # fmt: skip
    head = ["target", "unit", "observed", "tolerance", "model", "90 % interval", "result"]
    return columns(head, rows, "observed model")


def _scores(found: Check) -> list[list[str]]:
    return [
        [value if isinstance(value, str) else f"{value:.3f}" for value in row] for row in found.scores.values.tolist()
    ]


def sensitivity(folder: DirArgument, outcome: OutcomesOption = None, as_json: JsonOption = False) -> None:
    """Estimate which unknowns of a sweep drive its outcomes, in a table and a ranked picture.

    Of a Saltelli sweep: Sobol's first-order and total indices. Of any other: first-order shares, by regression over at
    least 32 samples.

    \b
    Example:
      fragile-peace sweep sensitivity
      fragile-peace sensitivity results/sensitivity
      fragile-peace sensitivity results/mine --outcome collapse --outcome struck_weeks
    """
    from fragile_peace_lab.reproduction.remake import write_sensitivity

    table, written = write_sensitivity(folder, outcome or ())
    if as_json:
        typer.echo(json.dumps(plain_rows(table), indent=2))
        return
    head = [name for name in INDICES if name in table]
    show_lines(columns(head, [_cells(row, head) for row in table.to_dict("records")], " ".join(head[2:])))
    typer.echo(f"figure: {written[0]}")


INDICES = ("outcome", "uncertainty", "first", "first_low", "first_high", "total", "total_low", "total_high")


def _cells(row: dict[str, Any], head: list[str]) -> list[str]:
    return [f"{row[name]:.3f}" if isinstance(row[name], float) else str(row[name]) for name in head]
