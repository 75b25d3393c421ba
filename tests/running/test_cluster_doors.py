"""Who may take part in a sweep on a cluster: the workers that run this very code, and nobody who is not let in."""

import asyncio
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import fragile_peace
import fragile_peace_lab
from fragile_peace.errors import InputError
from fragile_peace_lab.running import cluster
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import behaviour
from tests.tools import other_user
from tests.tools.tiny_sweeps import small_parts, tiny

distributed = pytest.importorskip("distributed")
local_cluster = pytest.importorskip("fragile_peace_lab.running.local_cluster")


@pytest.mark.parametrize("edited", ["fragile_peace_lab/running/executors.py", "fragile_peace/runs/simulation.py"])
def test_a_worker_of_another_checkout_is_refused(tmp_path, monkeypatch, edited):
    """Another computing of the rows, outside the kernels, whose digest it does not change."""
    from distributed.deploy.subprocess import SubprocessCluster

    small_parts(monkeypatch)
    for package in (fragile_peace, fragile_peace_lab):
        source = Path(package.__path__[0])
        shutil.copytree(source, tmp_path / "checkout" / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "checkout" / edited
    file.write_text(file.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "checkout"))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    with (
        SubprocessCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50,
            worker_kwargs={"dashboard": False, "memory_limit": 0},
        ) as running,
        pytest.raises(InputError, match=r"a worker: runs other code or library versions \(\w{12}, here \w{12}\)"),
    ):  # fmt: skip
        run_sweep(tiny(), tmp_path / "out", cluster=running.scheduler_address, progress="none")


@pytest.mark.parametrize("name", ["runs/simulation.py", "declared/scenario.py", "declared/declaration.py"])
def test_the_digest_of_the_code_covers_more_than_kernels(tmp_path, monkeypatch, name):
    here = behaviour.code()
    shutil.copytree(fragile_peace.__path__[0], tmp_path / "fragile_peace", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fragile_peace, "__path__", [str(tmp_path / "fragile_peace")])
    assert behaviour.code.__wrapped__() == here
    file = tmp_path / "fragile_peace" / name
    file.write_text(file.read_text(encoding="utf-8") + "#", encoding="utf-8")
    assert behaviour.code.__wrapped__() != here


def test_the_digest_of_the_code_covers_the_libraries(monkeypatch):
    here = behaviour.code()
    monkeypatch.setattr(behaviour, "version", lambda name: "0" if name == "llvmlite" else "1")
    assert behaviour.code.__wrapped__() != here


def test_nobody_else_on_the_machine_reaches_a_local_cluster():
    """Another user can open the ports, and has no certificate of this run: plain text, then one of his own."""
    from distributed.core import connect
    from distributed.security import Security

    own = local_cluster.started(1, cluster.ROOTS)
    try:
        with distributed.Client(own, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=cluster.WAIT_SECONDS)
            [(worker, told)] = client.scheduler_info()["workers"].items()
        his = Security.temporary().get_connection_args("client")

        async def called(address: str, options: dict) -> None:
            comm = await connect(address, timeout=5, **options)
            await comm.write({"op": "identity"})
            await comm.read()

        with ThreadPoolExecutor(1) as another:  # a loop may be running in this thread: Playwright's, of an earlier test
            for address in (own.scheduler_address, worker, told["nanny"]):
                assert address.startswith("tls://127.0.0.1:")
                for attempt in ((address.replace("tls", "tcp"), {}), (address, his)):
                    with pytest.raises(OSError):  # CommClosedError
                        another.submit(lambda attempt=attempt: asyncio.run(called(*attempt))).result()
    finally:
        own.close()
    assert not any("DASK_DISTRIBUTED__COMM" in name for name in os.environ)


def test_files_of_the_users_folder_are_not_taken_for_pythons_own(tmp_path, monkeypatch):
    for name in ("random", "json", "dask", "fragile_peace"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    with local_cluster.started(1, cluster.ROOTS) as own, distributed.Client(own, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=cluster.WAIT_SECONDS)
        assert "PYTHONSAFEPATH" not in os.environ


CALLS = """
import json, socket, ssl, sys
asked = json.loads(sys.stdin.read())
def answer(port, certificate):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.settimeout(30)
        if certificate != "plain":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if certificate:
                context.load_cert_chain(certificate)
            line = context.wrap_socket(line)
            line.settimeout(30)
        else:
            line.sendall(bytes(64))
        return line.recv(64).hex()
found = {}
for port in asked["ports"]:
    for certificate in asked["certificates"]:
        try:
            found[f"{port} {certificate}"] = answer(port, certificate)
        except OSError as refused:
            found[f"{port} {certificate}"] = ""
print(json.dumps(found))
"""
"""Who is let in is greeted by Dask with what it can unpack; who is not hears nothing."""
SEARCHES = """
import os
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ"):
        try:
            with open(f"/proc/{process}/{name}", errors="replace") as file:
                if "PRIVATE" + " KEY" in file.read():  # not in our own words
                    print(process, name)
        except OSError:
            pass
"""


@other_user.needed
def test_another_user_is_not_let_in_and_finds_no_key():
    """By plain text, without a certificate, with one of his own; who has the run's own is let in."""
    own = local_cluster.started(1, cluster.ROOTS)
    try:
        with distributed.Client(own, set_as_default=False) as client, tempfile.TemporaryDirectory() as desk:
            client.wait_for_workers(1, timeout=cluster.WAIT_SECONDS)
            [(worker, told)] = client.scheduler_info()["workers"].items()
            addresses = (own.scheduler_address, worker, told["nanny"])
            ports = [int(address.rpartition(":")[2]) for address in addresses]
            Path(desk).chmod(0o777)
            from distributed.security import Security

            files = {}
            for name, security in (("his", Security.temporary()), ("ours", own.security)):
                files[name] = Path(desk) / f"{name}.pem"
                files[name].write_text(security.tls_client_key + security.tls_client_cert)
            asked = {"ports": ports, "certificates": ["plain", "", *map(str, files.values())]}
            found = json.loads(other_user.run(CALLS, given=json.dumps(asked)))
            greeted = {call for call, answer in found.items() if answer}
            assert greeted == {f"{port} {files['ours']}" for port in ports}
            files["ours"].unlink()
            assert other_user.run(SEARCHES) == ""
    finally:
        own.close()
