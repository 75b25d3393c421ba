"""A Dask scheduler and its workers as processes of this machine, for one sweep.

Unlike those of LocalCluster they do not import the caller's script again. They listen on loopback, where every user of
the machine can call: a certificate of this run's own, known to its processes alone (by their environment), keeps others
out.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil
from dask import config
from distributed.deploy.spec import SpecCluster
from distributed.deploy.subprocess import Subprocess, SubprocessScheduler, SubprocessWorker
from distributed.security import Security

TLS = "tls://"
IDLE = "2 minutes"  # after which a scheduler whose owner was killed ends by itself
OWN_GROUP = "import os; os.setpgrp()"  # before a nanny starts its worker: out of reach of the terminal's Ctrl-C
LISTENS = {"host": "127.0.0.1", "protocol": TLS, "dashboard": False}


class Mortal(Subprocess):
    """A process that may end before it is closed: told to stop, it stops, and Dask looks for its children."""

    @property
    def gone(self) -> bool:
        """Whether it runs no more."""
        return self.process is None or self.process.returncode is not None

    async def close(self) -> None:
        """Close it, or see that it is over."""
        try:
            await super().close()
        except psutil.NoSuchProcess:
            assert self.process is not None
            await self.process.wait()
            await super().close()


class Scheduler(Mortal, SubprocessScheduler):
    """A scheduler."""


class Worker(Mortal, SubprocessWorker):
    """A nanny and its worker."""


class LocalCluster(SpecCluster):
    """A scheduler and workers that end together, even where it was killed: nobody then waits for its word."""

    async def _close(self) -> None:
        if self.scheduler is not None and self.scheduler.gone:
            await self.scheduler.close()
            self.scheduler_comm = None
        await super()._close()  # type: ignore[no-untyped-call]


def started(workers: int, roots: Sequence[str]) -> LocalCluster:
    """Return a running cluster.

    Parameters
    ----------
    workers : how many, each of one thread
    roots : the folders of this project's packages, which come first on a worker's path, installed or not
    """
    ours = Security.temporary()
    paths = [*roots, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONSAFEPATH": "1",  # a random.py of the user's is not Python's
        "PYTHONWARNINGS": "ignore",
        "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error",
        "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True",
        "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": ours.tls_ca_file,
        **{
            f"DASK_DISTRIBUTED__COMM__TLS__{role.upper()}__{kind.upper()}": getattr(ours, f"tls_{role}_{kind}")
            for role in ("client", "scheduler", "worker") for kind in ("key", "cert")
        },
    }  # fmt: skip
    nanny = {**LISTENS, "nthreads": 1, "memory_limit": 0, "silence_logs": 50, "preload_nanny": [OWN_GROUP]}
    worker = {"cls": Worker, "options": {"worker_kwargs": nanny}}
    scheduler = {"cls": Scheduler, "options": {"scheduler_kwargs": {**LISTENS, "port": 0, "idle_timeout": IDLE}}}
    settings = {"distributed.worker.daemon": False, "distributed.logging": {"distributed": "error"}}
    with _environment(environment), config.set(settings):
        return LocalCluster(  # type: ignore[no-untyped-call]
            workers=dict.fromkeys(range(workers), worker), worker=worker, scheduler=scheduler, security=ours,
            silence_logs=50,
        )  # fmt: skip


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """These variables, for the processes that are started meanwhile."""
    old = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in old.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
