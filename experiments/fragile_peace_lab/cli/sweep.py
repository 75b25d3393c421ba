"""`fragile-peace sweep`, `merge`, `verify` and `replay`: many runs, kept, checked, and any of them told again."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace_lab.cli.options import JsonOption

if TYPE_CHECKING:
    from fragile_peace_lab.running.cost import Cost

DirArgument = Annotated[Path, typer.Argument(metavar="DIR", help="A sweep's folder.", show_default=False)]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The folder; results/NAME if not given.")]
RunsOption = Annotated[
    int | None, typer.Option("--runs", metavar="N", help="Runs of every point, in place of the file's.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", metavar="N", help="Threads; as many as cores if not given.")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with what the folder holds, or let it grow.")]
ShardOption = Annotated[
    str | None, typer.Option("--shard", metavar="I/N", help="Only every N-th part, the I-th of each N; see merge.")
]
ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", metavar="WHERE", help="local:N, a Dask scheduler's address, slurm or slurm:N."),
]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Print points, runs, parts, time, memory and disk; run nothing.")
]
SchemaOption = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of sweep files and stop.")]
ShareOption = Annotated[float, typer.Option("--share", metavar="S", help="Share of each part's rows to compute again.")]
SeedOption = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, help="Seed of the sample of rows; a fresh one if not given.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Compute every row again.")]


def sweep(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A sweep file, or the name of a shipped sweep.", show_default=False),
    ] = None,
    out: OutOption = None,
    runs: RunsOption = None,
    threads: ThreadsOption = None,
    resume: ResumeOption = False,
    shard: ShardOption = None,
    cluster: ClusterOption = None,
    dry_run: DryOption = False,
    as_json: JsonOption = False,
    schema: SchemaOption = False,
) -> None:
    """Run a sweep, or what is missing of it. Ctrl-C keeps the finished parts; --resume goes on.

    \b
    Example:
      fragile-peace sweep legitimate_targets --dry-run
      fragile-peace sweep experiments/fragile_peace_lab/sweeps/legitimate_targets.yaml --resume
      fragile-peace sweep mine.yaml --runs 200 --out results/mine --cluster local:8
      fragile-peace sweep mine.yaml --shard 3/8 && fragile-peace merge results/mine.shards/*-of-8 --out results/mine
    """
    from fragile_peace.errors import InputError

    if schema:
        from fragile_peace_lab.design.sweep import json_schema

        typer.echo(json.dumps(json_schema(), indent=2))
        return
    if file is None:
        raise InputError("sweep: FILE is missing; give a sweep file or the name of a shipped sweep")
    if dry_run:
        _dry_run(file, runs, threads, as_json)
        return
    _run(file, as_json, out=out, runs=runs, threads=threads, resume=resume, shard=shard, cluster=cluster)


def _run(file: str, as_json: bool, **options: Any) -> None:
    """Run a sweep and say what the folder holds."""
    from fragile_peace_lab.running.runner import run_sweep
    from fragile_peace_lab.store.folder import read_manifest

    try:
        folder = run_sweep(file, ending=_on_notice(), **options)
    except KeyboardInterrupt:
        typer.echo("interrupted: finished parts are kept; run the same command with --resume to go on", err=True)
        raise typer.Exit(130) from None
    manifest = read_manifest(folder)
    if as_json:
        kept = {key: manifest[key] for key in ("name", "state", "points", "runs", "rows", "behaviour_digest")}
        typer.echo(json.dumps({"folder": str(folder), **kept, "parts": len(manifest["parts"])}, indent=2))
        return
    rows = sum(entry["rows"] for entry in manifest["parts"])
    typer.echo(
        f"{folder}: {manifest['state']}, {manifest['points']:,} points, {rows:,} runs, {len(manifest['parts'])} parts"
    )


def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="The shards' folders.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder of the whole.", show_default=False)],
) -> None:
    """Put the folders of a sweep's shards together.

    \b
    Example:
      fragile-peace merge results/mine.shards/*-of-8 --out results/mine
    """
    from fragile_peace_lab.running.merge import merge as put_together

    folder, parts, missing = put_together(list(folders), out)
    end = (
        "complete" if not missing else f"{missing} parts are missing; sweep FILE --out {folder} --resume computes them"
    )
    typer.echo(f"{folder}: {parts} parts, {end}")


def verify(
    folder: DirArgument,
    share: ShareOption = 0.01,
    every: AllOption = False,
    seed: SeedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a sweep's files, and compute a sample of its runs again: they must be equal bit for bit.

    The sample is another each time; the line says how many wrong runs it would have noticed.

    \b
    Example:
      fragile-peace verify results/legitimate_targets
      fragile-peace verify results/legitimate_targets --share 0.1 --seed 7
      fragile-peace verify results/legitimate_targets --all
    """
    from dataclasses import asdict

    from fragile_peace_lab.running.verify import SURE
    from fragile_peace_lab.running.verify import verify as check

    found = check(folder, 1 if every else share, seed)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    files = f"{found.parts} parts and {found.side_tables} side tables whole"
    typer.echo(f"{folder}: {files}, {found.checked:,} of {found.rows:,} runs computed again, all equal")
    if found.catches:
        typer.echo(
            f"seed {found.seed}: had {100 * found.catches:.2g} % of the runs or more been others, a sample like this "
            f"one would have hit one of them with a chance of {100 * SURE:.0f} %; --all computes every run"
        )


def replay(
    folder: DirArgument,
    point: Annotated[int, typer.Option("--point", metavar="P", help="Row of design.parquet.", show_default=False)],
    run: Annotated[int, typer.Option("--run", metavar="R", help="Index of the run.", show_default=False)],
    every_week: Annotated[bool, typer.Option("--all", help="Tell every week and every place that stirred.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell one run of a sweep in words, from the sweep's folder alone.

    \b
    Example:
      fragile-peace replay results/legitimate_targets --point 12 --run 7
    """
    import shlex

    from fragile_peace.words.chronicle import chronicle
    from fragile_peace_lab.running.verify import replayed

    scenario, how = replayed(folder, point, run)
    words = ["fragile-peace", "replay", str(folder), "--point", str(point), "--run", str(run)]
    told = chronicle(scenario, **how, every_week=every_week, command=shlex.join(words + ["--all"] * every_week))
    if as_json:
        typer.echo(json.dumps(told.to_dict(), indent=2, allow_nan=False))
    else:
        typer.echo("\n".join(told.lines()))


def _on_notice() -> threading.Event:
    """Return what a batch system's SIGTERM sets; a second one counts as Ctrl-C."""
    ending = threading.Event()

    def told(number: int, frame: Any) -> None:
        if ending.is_set():
            raise KeyboardInterrupt
        ending.set()

    signal.signal(signal.SIGTERM, told)
    return ending


def _dry_run(file: str, runs: int | None, threads: int | None, as_json: bool) -> None:
    from dataclasses import asdict

    from fragile_peace_lab.design.points import Plan
    from fragile_peace_lab.running.cost import cost
    from fragile_peace_lab.running.runner import worker_threads

    count = worker_threads(threads)
    plan = Plan.load(file, runs)
    estimate = cost(plan, count)
    if as_json:
        typer.echo(json.dumps({"name": plan.sweep.name, **asdict(estimate)}, indent=2))
        return
    for line in _cost_lines(plan.sweep.name, estimate):
        typer.echo(line)


def _cost_lines(name: str, cost: Cost) -> list[str]:
    from fragile_peace_lab.running.progress import clock

    each = f"{cost.combinations:,} combinations of levers x {cost.samples:,} samples"
    each += f" x {cost.structures} structures" if cost.structures else ""
    beside = f", and {cost.beside:,} beside them for figures" if cost.beside else ""
    return [
        name,
        f"  points  {cost.points:,} ({each})",
        f"  runs    {cost.rows:,} ({cost.runs:,} a point){beside}",
        f"  parts   {cost.parts:,}",
        f"  time    about {clock(cost.seconds)} on {cost.workers} threads ({1000 * cost.run_seconds:.2g} ms a run now)",
        *(
            [f"  own     {1000 * cost.own_seconds:.2g} ms of these in own outcomes"]
            if cost.own_seconds is not None
            else []
        ),
        f"  memory  about {cost.memory / 1e6:,.0f} MB",
        f"  disk    about {_size(cost.disk)}",
    ]


def _size(bytes_: float) -> str:
    return f"{bytes_ / 1e9:.1f} GB" if bytes_ > 1e9 else f"{max(0.1, bytes_ / 1e6):.1f} MB"
