"""A Slurm of one node on this machine's loopback, from Debian's packages: no systemd, no cgroups, no accounting.

`running` starts munged, slurmctld and slurmd by hand with everything they write in one folder, and stops them again.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

COMMANDS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "scancel", "sinfo")
CONFIGURATION = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={ctld_port}
SlurmdPort={slurmd_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str:
    """Why Slurm cannot be started here; empty if it can."""
    absent = [command for command in COMMANDS if shutil.which(command, path=_path()) is None]
    if absent:
        return f"no Slurm on this machine ({', '.join(absent)} not found); .ci/slurm installs Debian's"
    return "" if os.geteuid() == 0 else "slurmd needs root"


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])  # where Debian keeps the daemons


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Start Slurm in an empty folder; yield the environment in which its commands find it."""
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir()
    host = socket.gethostname().partition(".")[0]
    file = folder / "slurm.conf"
    file.write_text(CONFIGURATION.format(host=host, folder=folder, ctld_port=_free_port(), slurmd_port=_free_port()))
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    environment = {**os.environ, "PATH": _path(), "SLURM_CONF": str(file)}
    files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    munge = [f"--{option}={folder}/munge/{name}" for option, name in files.items()]
    with ExitStack() as stack:
        for command in (
            ["munged", "--foreground", "--force", *munge],
            ["slurmctld", "-D", "-f", str(file)],
            ["slurmd", "-D", "-f", str(file), "-N", host],
        ):
            stack.enter_context(_daemon(command, folder / f"{command[0]}.out", environment))
            if command[0] == "munged":
                _wait(lambda: (folder / "munge" / "socket").exists(), "munged makes no socket", folder)
        _wait(lambda: asked(environment, "sinfo", "-h", "-o", "%T") == "idle", "the node does not come up", folder)
        try:
            yield environment
        finally:
            asked(environment, "scancel", "--user=root")
            _wait(lambda: asked(environment, "squeue", "-h") == "", "a job does not end", folder)


@contextmanager
def _daemon(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=environment) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def asked(environment: dict[str, str], *command: str) -> str:
    """What a Slurm command prints; its complaint if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    return (done.stdout if done.returncode == 0 else done.stderr or "failed").strip()


def _wait(true, what: str, folder: Path, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            logs = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in sorted(folder.glob("*.out")))
            raise RuntimeError(f"Slurm: {what} in {seconds:.0f} s\n{logs}")
        time.sleep(0.2)
