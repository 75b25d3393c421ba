"""Ctrl-C, SIGTERM and a killed scheduler: what is finished stays, nothing is half made, one line says how to go on."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running import cluster
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import folder as store
from tests.tools.tiny_sweeps import TINY, manifest, small_parts, tiny

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}


def test_the_command_says_how_to_resume_when_a_batch_system_ends_it(tmp_path):
    path = tmp_path / "long.yaml"
    path.write_text(yamltext.dump({**TINY, "weeks": 104, "runs": 5000}))
    with subprocess.Popen(
        [sys.executable, "-m", "fragile_peace_lab", "sweep", str(path), "--out", str(tmp_path / "out")],
        stderr=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT,
    ) as process:  # fmt: skip
        until = time.monotonic() + 120
        while not list((tmp_path / "out").glob("manifest.json")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, text = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "finished parts are kept; run the same command with --resume to go on" in text
    assert "Traceback" not in text


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_ends_a_local_cluster_without_a_word_from_its_workers(tmp_path):
    """A terminal sends Ctrl-C to every process of the command: here to its process group."""
    psutil = pytest.importorskip("psutil")
    pytest.importorskip("distributed")
    path = tmp_path / "long.yaml"
    path.write_text(yamltext.dump({**TINY, "weeks": 104, "runs": 5000}))
    with subprocess.Popen(
        [sys.executable, "-m", "fragile_peace_lab", "sweep", str(path), "--out", str(tmp_path / "out"),
         "--cluster=local:2"],
        stderr=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT, start_new_session=True,
    ) as process:  # fmt: skip
        family, until = psutil.Process(process.pid), time.monotonic() + 120
        while len(family.children(recursive=True)) < 5 and time.monotonic() < until:  # scheduler, nannies, workers
            time.sleep(0.05)
        children = family.children(recursive=True)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        _, text = process.communicate(timeout=60)
    assert process.returncode == 130
    assert text.splitlines() == ["interrupted: finished parts are kept; run the same command with --resume to go on"]
    assert psutil.wait_procs(children, timeout=20)[1] == []


@pytest.mark.slow
def test_ctrl_c_while_a_cluster_is_joined_leaves_nothing_half_made(monkeypatch):
    """A client cut off in its constructor would wait 40 s for itself when it is collected, and say so last of all."""
    distributed = pytest.importorskip("distributed")
    start = distributed.Client._start
    joined = []

    async def interrupted(client, **options):
        joined.append(client)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.2)
        await start(client, **options)

    monkeypatch.setattr(distributed.Client, "_start", interrupted)
    with ctrl_c_raises(), pytest.raises(KeyboardInterrupt):
        cluster.Cluster(Plan.load(tiny()), "local:1", lambda text: None)
    assert [client.status for client in joined] == ["closed"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_local_cluster_starts_ends_all_of_its_processes(monkeypatch, number):
    subprocess_cluster = pytest.importorskip("distributed.deploy.subprocess")
    psutil = pytest.importorskip("psutil")
    start, others = subprocess_cluster.SubprocessWorker.start, set(psutil.Process().children(recursive=True))
    started = []

    async def interrupted(worker):
        await start(worker)
        started.extend(set(psutil.Process().children(recursive=True)) - others)
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.2)

    monkeypatch.setattr(subprocess_cluster.SubprocessWorker, "start", interrupted)
    with ctrl_c_raises(number), pytest.raises(KeyboardInterrupt):
        cluster.Cluster(Plan.load(tiny()), "local:1", lambda text: None)
    assert len(started) >= 2  # a scheduler and a nanny
    assert psutil.wait_procs(started, timeout=20)[1] == []


@pytest.mark.slow
@pytest.mark.parametrize("whose", ["its own", "another's"])
def test_a_scheduler_that_is_killed_is_one_line_and_the_sweep_goes_on(tmp_path, monkeypatch, whose):
    pytest.importorskip("distributed")
    psutil = pytest.importorskip("psutil")
    from dask import config

    from fragile_peace_lab.running import local_cluster

    write, killed = store.Store.write, []

    def deadly(self, part, table):
        write(self, part, table)
        living = [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
        for one in [] if killed else living:
            if "distributed.Scheduler" in " ".join(one.cmdline()):
                one.kill()
                killed.append(one)

    small_parts(monkeypatch)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 5.0)  # for so long the client looks for it
    monkeypatch.setattr(store.Store, "write", deadly)
    words = r"^--cluster: the scheduler is gone; finished parts are kept: run again with --resume$"
    with ExitStack() as stack:
        address = "local:1"
        if whose != "its own":
            own = stack.enter_context(local_cluster.started(1, cluster.ROOTS))
            tls = {"ca-file": own.security.tls_ca_file}
            tls |= {f"client.{kind}": getattr(own.security, f"tls_client_{kind}") for kind in ("key", "cert")}
            stack.enter_context(config.set({f"distributed.comm.tls.{name}": value for name, value in tls.items()}))
            address = own.scheduler_address
        with pytest.raises(InputError, match=words):
            run_sweep(tiny(), tmp_path / "out", cluster=address, progress="none")
    assert killed
    monkeypatch.setattr(store.Store, "write", write)
    run_sweep(tiny(), tmp_path / "out", resume=True, progress="none")
    assert manifest(tmp_path / "out")["state"] == "complete"
    assert not [one for one in psutil.Process().children(recursive=True) if "dask" in " ".join(one.cmdline())]


def test_a_process_of_a_local_cluster_that_ended_before_it_is_closed_is_closed_all_the_same():
    """A scheduler told to stop stops: reaped by a thread of asyncio's, before its owner, who was busy, has heard."""
    pytest.importorskip("distributed")
    from fragile_peace_lab.running import local_cluster

    own = local_cluster.started(1, cluster.ROOTS)

    async def ended_and_closed(one):
        process = one.process
        process.kill()
        time.sleep(0.5)
        await one.close()
        return process.returncode is not None  # which code it was, asyncio may miss

    try:
        for one in (own.workers[0], own.scheduler):
            assert own.sync(ended_and_closed, one)
    finally:
        own.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_another_thread_takes_is_held_back_all_the_same(number):
    """A library's thread of long ago has no mask; whoever takes a signal, Python's main thread runs its handler."""
    over, passed = threading.Event(), []
    other = threading.Thread(target=over.wait)
    other.start()

    def block():
        with cluster._held():
            os.kill(os.getpid(), number)
            time.sleep(0.1)
            passed.append("the whole block")

    try:
        with ctrl_c_raises(number), pytest.raises(KeyboardInterrupt):
            block()
    finally:
        over.set()
        other.join()
    assert passed == ["the whole block"]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@contextmanager
def ctrl_c_raises(number=signal.SIGINT):
    """As in the command: xdist's workers, for one, have handlers of their own."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)
