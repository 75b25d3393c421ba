"""Chunks on a Dask cluster: `local:N`, the address of a running scheduler, or Slurm through dask-jobqueue.

Workers compute and send rows back; only this process writes, so workers need no shared disk. A worker that dies loses
the chunks it held, and others compute them: to the same bits. Workers must run this very code, which is
checked with every chunk.

`slurm` or `slurm:N` asks for N jobs (default 1). Queue, account, walltime, cores and memory of a job come from Dask's
own configuration (`jobqueue.slurm` in ~/.config/dask/jobqueue.yaml); each core is a worker of one thread.
"""

import os
import queue
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fragile_peace
import fragile_peace_lab
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design.factors import SCENARIO
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running.executors import Done, decoded, remote
from fragile_peace_lab.store.behaviour import code, same_code
from fragile_peace_lab.store.folder import width
from fragile_peace_lab.store.parts import Part

RETRIES = 5
WAIT_SECONDS = 120.0  # for the first worker of a local cluster, and for a lost one to come back
CONNECT_SECONDS = 20.0
GONE = "--cluster: the scheduler is gone; finished parts are kept: run again with --resume"
HELD = (signal.SIGINT, signal.SIGTERM)
ROOTS = sorted({str(Path(package.__path__[0]).absolute().parent) for package in (fragile_peace, fragile_peace_lab)})


class Cluster:
    """An executor on a Dask cluster."""

    def __init__(self, plan: Plan, address: str, say: Callable[[str], None]) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise InputError("--cluster: needs Dask: pip install 'fragile-peace[cluster]'") from None
        self.plan = plan
        self.results: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._columns = width(plan)
        self._cluster = None
        try:
            with _held():  # half made, neither a cluster nor a client can be closed
                self._cluster, number, patience = _cluster(address)
                self._client = Client(
                    self._cluster if self._cluster is not None else address,
                    timeout=CONNECT_SECONDS, set_as_default=False,
                )  # fmt: skip
            if patience is None:
                say("waiting for the first job to start; Ctrl-C takes the jobs back")
            self._client.wait_for_workers(number, timeout=patience)
        except InputError:  # nothing was started
            raise
        except Exception as error:
            with suppress(Exception):  # what went wrong first is what is said
                self._shut()
            raise InputError(f"--cluster {address}: no workers came ({type(error).__name__}: {error})") from None
        except BaseException:  # Ctrl-C in the queue
            with suppress(Exception):
                self._shut()
            raise
        self._bases = {name: scenario.to_dict() for name, scenario in plan.scenarios.items()}
        self._pending: dict[Any, Part] = {}
        self._alone_since: float | None = None

    @property
    def workers(self) -> int:
        """Workers that are there now, but at least one. Raises InputError where the scheduler is gone."""
        return max(1, self._there())

    def submit(self, chunk: Part) -> None:
        """Send a chunk to the cluster."""
        only = next(iter(self.plan.scenarios))
        points = []
        for point in range(chunk.p0, chunk.p1):
            values = self.plan.design.values(point)
            points.append((values.pop(SCENARIO, only), values))
        firsts = [self.plan.design.first_run(point) for point in range(chunk.p0, chunk.p1)]
        sweep = self.plan.sweep
        # With every chunk, not scattered once: data that only one worker holds go when its job ends.
        bases = {name: self._bases[name] for name, _ in points}
        try:
            future = self._client.submit(
                remote, bases, points, firsts, chunk, sweep.seed, sweep.weeks, self._columns, code(),
                [own.source for own in self.plan.own], pure=False, retries=RETRIES,
                key=f"fragile-peace-{chunk.name}-{time.time_ns()}",
            )  # fmt: skip
        except Exception as error:
            raise _explained(error) from None
        self._pending[future.key] = chunk
        future.add_done_callback(self._finished)

    def _finished(self, future: Any) -> None:
        chunk = self._pending.pop(future.key, None)
        if chunk is None:
            return
        try:
            data, seconds, digest = future.result()
            same_code(digest, "a worker")
            self.results.put(Done(chunk, decoded(data), seconds))
        except BaseException as error:
            self.results.put(Done(chunk, None, 0.0, _explained(error)))

    def check(self) -> None:
        """Raise InputError where all workers have been gone for a while."""
        if self._there():
            self._alone_since = None
            return
        self._alone_since = self._alone_since or time.monotonic()
        if time.monotonic() - self._alone_since > WAIT_SECONDS:
            raise InputError("--cluster: no worker is left; finished parts are kept: run again with --resume")

    def _there(self) -> int:
        if self._client.status == "running":
            told = self._client.scheduler_info(n_workers=-1)
            if "workers" in told:
                return len(told["workers"])
        raise InputError(GONE)

    def close(self) -> None:
        """Drop what is under way; a cluster started here is stopped."""
        self._pending.clear()
        self._shut()

    def _shut(self) -> None:
        client = getattr(self, "_client", None)
        try:
            if client is not None:
                client.close()
        finally:  # its jobs go back to the queue's owner whatever the client says
            if self._cluster is not None:
                self._cluster.close()


def _explained(error: BaseException) -> BaseException:
    if type(error).__name__ in ("FutureCancelledError", "ClosedClientError", "CommClosedError"):
        return InputError(GONE)
    if type(error).__name__ == "KilledWorker":
        return InputError(
            "--cluster: workers died over and over on one chunk (out of memory?); finished parts are kept: run again "
            "with --resume"
        )
    return error


def parsed(address: str) -> tuple[str, int]:
    """Return "local", "slurm" or "address", and the number of workers or jobs. Raises InputError."""
    kind, _, rest = address.partition(":")
    if kind in ("tcp", "tls", "ws", "wss", "ucx"):
        if not re.fullmatch(r"//[^/\s]+:\d{1,5}", rest):
            raise InputError(
                f"--cluster: {shown(address)} is not allowed; an address has a host and a port, as in tcp://host:8786"
            )
        return "address", 1
    number = rest or ("1" if kind == "slurm" else "")
    if kind not in ("local", "slurm"):
        raise InputError(
            f"--cluster: {shown(address)} is not allowed; must be local:N, an address such as tcp://host:8786, or slurm"
        )
    if not (number.isdecimal() and 1 <= int(number) <= 10_000):
        raise InputError(
            f"--cluster: {shown(address)} is not allowed; the number must be from 1 to 10000, as in local:4"
        )
    return kind, int(number)


def _cluster(address: str) -> tuple[Any, int, float | None]:
    """Return the cluster to start (None: it runs already), the workers to wait for, and how long."""
    kind, number = parsed(address)
    if kind == "local":
        from fragile_peace_lab.running.local_cluster import started

        return started(number, ROOTS), number, WAIT_SECONDS
    return (_slurm(number), 1, None) if kind == "slurm" else (None, 1, WAIT_SECONDS)


@contextmanager
def _held() -> Iterator[None]:
    """Ctrl-C and SIGTERM reach this process when the block is over; what is started in it never hears Ctrl-C.

    A mask alone holds nothing back: a thread that was there before (a library's, say) takes the signal, and Python runs
    the handler in the main thread all the same. So the handlers wait too. The mask is what is inherited: a terminal
    sends Ctrl-C to all processes; this one takes it, and ends the others in good order. (Python's multiprocessing lets
    it through again to the processes that a nanny starts; therefore `local_cluster.OWN_GROUP`.)
    """
    came: list[int] = []
    handlers: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # elsewhere no handler runs, and none can be set
        handlers = {one: signal.signal(one, lambda number, _: came.append(number)) for one in HELD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for one, handler in handlers.items():
            signal.signal(one, handler)
        for number in sorted(set(came)):
            signal.raise_signal(number)


def _slurm(jobs: int) -> Any:
    before = signal.getsignal(signal.SIGINT)
    try:
        from dask import config
        from dask_jobqueue import SLURMCluster
    except ImportError:
        raise InputError("--cluster slurm: needs dask-jobqueue: pip install 'fragile-peace[cluster]'") from None
    finally:
        signal.signal(signal.SIGINT, before)  # dask-jobqueue, when imported, makes Ctrl-C a silent exit with code 0
    cluster = SLURMCluster(**slurm_options(config.get("jobqueue.slurm", {})))
    cluster.scale(jobs=jobs)
    return cluster


def slurm_options(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a job asks for where Dask's configuration says nothing: one core, 2 GB; one thread a worker."""
    cores = given.get("cores") or 1
    exports = [f"export PYTHONPATH={os.pathsep.join(ROOTS)}${{PYTHONPATH:+:$PYTHONPATH}}"]
    return {
        "cores": cores,
        "processes": cores,
        "memory": given.get("memory") or f"{2 * cores}GB",
        "python": given.get("python") or sys.executable,
        "job_script_prologue": [*(given.get("job-script-prologue") or []), *exports],
    }
