"""Running a sweep: what is still to do, chunk by chunk, into the store.

A sweep goes through its grid slice of runs by slice of runs (a *round*); a fixed number of runs is all rounds, a
stopping rule ends after the first complete round that satisfies it. Chunks of the parts that are missing go to an
executor; a part is written when its last chunk is in. The side tables come last (`running.side_tables`). Nothing of how
the work was spread shows in the files.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fragile_peace.cores import cores
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.fields import Until
from fragile_peace_lab.design.points import Design, Plan
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.estimates.own import check_names
from fragile_peace_lab.running.cluster import Cluster, parsed
from fragile_peace_lab.running.executors import Executor, Threads
from fragile_peace_lab.running.progress import Progress, choose
from fragile_peace_lab.running.record import check_size
from fragile_peace_lab.running.side_tables import keep, lacking
from fragile_peace_lab.store import folder as stored
from fragile_peace_lab.store import opening
from fragile_peace_lab.store.folder import Store
from fragile_peace_lab.store.parts import Grid, Part, chunks, shard_of, share
from fragile_peace_lab.store.provenance import Session

CHUNK_SECONDS = 3.0
FIRST_GUESS = 2e-4  # seconds a run-week, before anything is measured
MAX_PARTS = 100_000


def run_sweep(
    source: str | Path | Sweep,
    out: str | Path | None = None,
    *,
    runs: int | None = None,
    threads: int | None = None,
    resume: bool = False,
    shard: str | None = None,
    cluster: str | None = None,
    progress: str | None = None,
    ending: threading.Event | None = None,
) -> Path:
    """Run a sweep into a folder, or what is missing of it; return the folder.

    Parameters
    ----------
    source : a sweep file, a shipped sweep's name, or a Sweep
    out : the folder; results/NAME if omitted (for a shard, results/NAME.shards/I-of-N)
    runs : runs of every point, in place of the sweep's own
    threads : worker threads; the number of cores if omitted
    resume : go on with what the folder holds, or let it grow; a shard does in any case, since a batch system that
        starts a job again gives the very same command
    shard : "i/n": only every n-th part, to be put together by `running.merge.merge`
    cluster : "local:N", a Dask scheduler's address, or "slurm"
    progress : "bar", "notebook", "lines" or "none"; what suits the place if omitted
    ending : set it to finish the parts in hand and begin no other

    Raises
    ------
    InputError : the sweep, the folder or an argument is wrong; one line says what
    KeyboardInterrupt : after Ctrl-C, or where `ending` left something to do; finished parts are kept
    """
    own = None if shard is None else shard_of(shard)
    count = worker_threads(threads)
    shows = choose(progress)
    if cluster is not None:
        parsed(cluster)
    plan = Plan.load(source, runs)
    check_names(outcome for one in plan.own for outcome in one.table)
    check_size(plan)
    if own is not None and isinstance(plan.sweep.runs, Until):
        raise InputError("--shard: a stopping rule needs the whole sweep; give a number with --runs")
    folder = Path(out) if out is not None else default_folder(plan.sweep.name, own)
    manifest, design = stored.manifest_of(plan, grid_of(plan), own), plan.design.table()
    if opening.finished(folder, manifest, design):
        shows.say(f"{folder}: nothing is left to do; every part is there, whole")
        return folder
    with opening.opened(folder, manifest, design, resume or own is not None) as store:
        run = _Run(plan, store, own, count, shows, ending or threading.Event())
        if not run.finished():
            _compute(
                run,
                Session(cluster or f"{count} threads"),
                lambda: Cluster(plan, cluster, shows.say) if cluster else Threads(plan, count),
            )
    return folder


def _compute(run: "_Run", session: Session, start: Callable[[], Executor]) -> None:
    """Compute what is missing with an executor of its own, and note what was done however it ended."""
    executor = start()
    try:
        try:
            run.go(executor)
        finally:
            executor.close()
            run.progress.stop()
    except BaseException:
        with suppress(InputError):  # the disk may be full: what went wrong first is what is said
            session.end(run.store.folder, run.computed)
        raise
    session.end(run.store.folder, run.computed)


def default_folder(name: str, shard: tuple[int, int] | None) -> Path:
    """Return where a sweep goes if nobody says."""
    if shard is None:
        return Path("results") / name
    return Path("results") / f"{name}.shards" / f"{shard[0]}-of-{shard[1]}"


def grid_of(plan: Plan) -> Grid:
    """Return the grid of a fresh sweep. Raises InputError where it has too many parts."""
    weeks = plan.sweep.weeks or max(scenario.weeks for scenario in plan.scenarios.values())
    grid = Grid.new(plan.design.points, plan.sweep.most_runs, weeks)
    parts = (len(grid.points) - 1) * (len(grid.runs) - 1)
    if parts > MAX_PARTS:
        rows = plan.design.points * plan.sweep.most_runs
        raise InputError(f"runs: {rows} in all make {parts} parts; at most {MAX_PARTS} are allowed")
    return grid


def worker_threads(threads: int | None) -> int:
    """Return how many threads to use: what is asked for, or the number of cores. Raises InputError."""
    if threads is None:
        return cores()
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= 1024:
        raise InputError(f"threads: {shown(threads)} is not allowed; must be a whole number from 1 to 1024")
    return threads


class _Run:
    """One pass over a store's grid."""

    def __init__(
        self, plan: Plan, store: Store, shard: tuple[int, int] | None, threads: int, progress: Progress,
        ending: threading.Event,
    ) -> None:  # fmt: skip
        self.plan = plan
        self.store = store
        self.shard = shard
        self.threads = threads
        self.progress = progress
        self.ending = ending
        self.grid = store.grid
        self.computed = 0  # rows
        self.rate = FIRST_GUESS * (plan.sweep.weeks or max(s.weeks for s in plan.scenarios.values()))
        self.tally = Tally(plan.design, plan.sweep.runs)
        self._mine = {part.name for part in share(self.grid.parts(), shard)}

    def finished(self) -> bool:
        """Whether the folder holds everything already."""
        done = self.store.manifest["state"] in (stored.COMPLETE, stored.SHARD)
        there = done and all(self.store.has(part) for part in self.grid.parts() if part.name in self._mine)
        return there and not lacking(self.store)

    def go(self, executor: Executor) -> None:
        """Compute what is missing, round by round, then the side tables, and close the store."""
        rows = sum(part.rows for part in self.grid.parts() if part.name in self._mine)
        self.done = sum(part.rows for part in self.grid.parts() if self.store.has(part))
        self.progress.start(rows, self.done)
        reached = len(self.grid.runs) - 1
        for number in range(reached):
            parts = [part for part in self.grid.round(number) if part.name in self._mine]
            for part in parts:
                if self.store.has(part):
                    self.tally.add_file(self.store.path(part))
            self._round([part for part in parts if not self.store.has(part)], executor)
            if not all(self.store.has(part) for part in parts):
                raise KeyboardInterrupt
            if self.tally.satisfied():
                reached = number + 1
                break
        grid = Grid(self.grid.points, self.grid.runs[: reached + 1], self.grid.point_step, self.grid.run_step)
        self.store.end_with(grid)
        keep(self.store, self.threads)
        self.store.save(stored.COMPLETE if self.shard is None else stored.SHARD)

    def _round(self, parts: list[Part], executor: Executor) -> None:
        """Compute parts and write each when its last chunk is in: all of them, or those in hand when it is to end."""
        waiting: dict[Part, dict[Part, pa.Table | None]] = {}
        pieces = self._chunks(parts, waiting)
        owner: dict[Part, Part] = {}
        while True:
            while len(owner) < executor.workers + 2:
                item = next(pieces, None)
                if item is None:
                    break
                owner[item[1]] = item[0]
                executor.submit(item[1])
            if not owner:
                return
            self._collect(executor, owner, waiting)

    def _chunks(self, parts: list[Part], waiting: dict[Part, dict[Part, Any]]) -> Iterator[tuple[Part, Part]]:
        """Cut each part into chunks of some seconds at the speed measured so far, when its turn comes."""
        for part in parts:
            if self.ending.is_set():
                return
            pieces = list(chunks(part, max(1, int(CHUNK_SECONDS / self.rate))))
            waiting[part] = dict.fromkeys(pieces)
            yield from ((part, piece) for piece in pieces)

    def _collect(
        self, executor: Executor, owner: dict[Part, Part], waiting: dict[Part, dict[Part, pa.Table | None]]
    ) -> None:
        """Take one finished chunk off the queue, or look after the executor if none comes."""
        try:
            done = executor.results.get(timeout=1.0)
        except queue.Empty:
            executor.check()
            return
        if done.error is not None or done.table is None:
            raise done.error or RuntimeError("a chunk came back empty")
        part = owner.pop(done.chunk)
        waiting[part][done.chunk] = done.table
        measured = done.seconds / done.chunk.rows
        self.rate = (self.rate + measured) / 2 if self.computed else measured
        self.computed += done.chunk.rows
        self.done += done.chunk.rows
        self.tally.add(done.table)
        self.progress.update(self.done, self.tally.headline())
        tables = list(waiting[part].values())
        if all(table is not None for table in tables):
            del waiting[part]
            self.store.write(part, pa.concat_tables(tables).combine_chunks())


class Tally:
    """Running counts: the headline for the progress bar, and what a stopping rule asks of every point.

    The headline is of the reference structure alone, where there are any.
    """

    def __init__(self, design: Design, runs: int | Until) -> None:
        self.rule = runs if isinstance(runs, Until) else None
        self.event = f"happened_{self.rule.outcome if self.rule else 'collapse'}"
        self.n = np.zeros(design.points, np.int64)
        self.hits = np.zeros(design.points, np.int64)
        self.place = f" in {next(iter(design.structures))}" if design.structures else ""
        self.shown = np.arange(design.points) // design.combinations % max(1, len(design.structures)) == 0
        self.draws = np.zeros((2, 0), np.int64)  # runs of each number, and those that collapsed

    def add(self, table: pa.Table) -> None:
        """Count the rows of a chunk."""
        point, run = table["point"].to_numpy(), table["run"].to_numpy()
        self.n += np.bincount(point, minlength=len(self.n))
        self.hits += np.bincount(point[table[self.event].to_numpy()], minlength=len(self.n))
        shown = self.shown[point]
        new = np.bincount(run[shown], minlength=self.draws.shape[1])
        collapsed = np.bincount(run[shown & table["happened_collapse"].to_numpy()], minlength=len(new))
        self.draws = np.stack([new, collapsed]) + np.pad(self.draws, ((0, 0), (0, len(new) - self.draws.shape[1])))

    def add_file(self, path: Path) -> None:
        """Count the rows of a part that is there already."""
        self.add(stored.read_table(path, list(dict.fromkeys(["point", "run", self.event, "happened_collapse"]))))

    def headline(self) -> str:
        """The share of runs that collapsed so far, with its 95 % interval over run numbers.

        Runs with different numbers are independent, whether or not those of one number share their draws.
        """
        from fragile_peace_lab.estimates.intervals import effective_proportion, jackknife_ratio

        if not self.draws[0].any():
            return ""
        share = jackknife_ratio(self.draws[1], self.draws[0])
        ends = effective_proportion(share.estimate, share.se, share.df, (self.draws[0] > 0).sum())
        within = f" ({100 * ends.low:.1f} to {100 * ends.high:.1f})" if np.isfinite(ends.low) else ""
        return f"collapsed{self.place} {100 * share.estimate:.1f} %{within}"

    def satisfied(self) -> bool:
        """Whether the stopping rule holds at every point; never without one."""
        return self.rule is not None and bool(halfwidth(self.hits, self.n).max() <= self.rule.halfwidth)


def halfwidth(hits: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Half-width of Wilson's 95 % interval of a share; 0.5 before the first run."""
    from fragile_peace_lab.estimates.intervals import wilson

    ends = wilson(hits / np.maximum(n, 1), np.maximum(n, 1))
    return np.where(n > 0, (ends.high - ends.low) / 2, 0.5)
