"""Sweeps through a real Slurm: dask-jobqueue's jobs, and a plain job array with its merge."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from fragile_peace.declared import yamltext
from fragile_peace_lab.running.runner import run_sweep
from tests.tools import slurm
from tests.tools.tiny_sweeps import TINY, files
from tests.tools.waiting import until

ROOT = Path(__file__).resolve().parents[2]
COMMAND = f"{sys.executable} -m fragile_peace_lab"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(slurm.missing()), reason=slurm.missing() or "Slurm is here")]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A running Slurm, and Dask's configuration as docs/sweeps.md gives it: the environment of a user's shell."""
    if find_spec("dask_jobqueue") is None:  # not imported here: importing it takes Ctrl-C from this process
        pytest.skip("no dask-jobqueue")
    folder = tmp_path_factory.mktemp("slurm")
    (folder / "dask").mkdir()
    (folder / "dask" / "jobqueue.yaml").write_text(
        yamltext.dump({"jobqueue": {"slurm": {"queue": "all", "walltime": "00:10:00", "cores": 1, "memory": "2GB",
                                              "log-directory": str(folder / "logs")}}})
    )  # fmt: skip
    with slurm.running(folder) as environment:
        yield environment | {
            "DASK_CONFIG": str(folder / "dask"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        }


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """The file of a small sweep, and the folder that it leaves on this machine."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "tiny.yaml").write_text(yamltext.dump(TINY))
    return folder / "tiny.yaml", run_sweep(folder / "tiny.yaml", folder / "whole", progress="none")


def jobs(environment: dict[str, str], name: str) -> list[str]:
    """The states of the jobs of this name, old and new."""
    lines = slurm.asked(environment, "scontrol", "-o", "show", "jobs").splitlines()
    told = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]
    return [job["JobState"] for job in told if job.get("JobName") == name]


def test_two_jobs_through_dask_jobqueue_leave_the_same_bytes(cluster, sweep, tmp_path):
    file, whole = sweep
    done = subprocess.run(
        [*COMMAND.split(), "sweep", str(file), "--out", str(tmp_path / "out"), "--cluster", "slurm:2"],
        capture_output=True, text=True, cwd=ROOT, env=cluster, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "complete" in done.stdout
    assert len(jobs(cluster, "dask-worker")) == 2
    assert files(tmp_path / "out") == files(whole)
    assert json.loads((tmp_path / "out" / "provenance.json").read_text())["sessions"][0]["executor"] == "slurm:2"


def command(file: Path, out: Path) -> list[str]:
    """The sweep in two jobs."""
    return [*COMMAND.split(), "sweep", str(file), "--out", str(out), "--cluster", "slurm:2"]


def test_ctrl_c_in_the_queue_takes_the_jobs_back_and_says_how_to_go_on(cluster, sweep, tmp_path):
    slurm.asked(cluster, "sbatch", "--cpus-per-task=4", "--output=/dev/null", "--wrap", "sleep 600")
    try:
        with subprocess.Popen(
            command(sweep[0], tmp_path / "out"), stderr=subprocess.PIPE, text=True, cwd=ROOT, env=cluster
        ) as process:
            until(lambda: jobs(cluster, "dask-worker").count("PENDING") == 2, 120, 0.2)
            process.send_signal(signal.SIGINT)
            _, text = process.communicate(timeout=60)
        assert process.returncode == 130, text
        assert text.splitlines()[-1].startswith("interrupted: finished parts are kept; run the same command with")
        assert "Traceback" not in text
        until(lambda: "PENDING" not in jobs(cluster, "dask-worker"), 120, 0.2)
        assert "PENDING" not in jobs(cluster, "dask-worker")
    finally:
        slurm.asked(cluster, "scancel", "--name=wrap")


def test_a_job_that_is_cancelled_takes_nothing_with_it(cluster, tmp_path):
    """The first worker's: what only it held would be gone with it."""
    file = tmp_path / "longer.yaml"
    file.write_text(yamltext.dump({**TINY, "name": "longer", "runs": 500}))
    with subprocess.Popen(
        command(file, tmp_path / "out"), stderr=subprocess.PIPE, text=True, cwd=ROOT, env=cluster
    ) as process:
        until(lambda: jobs(cluster, "dask-worker").count("RUNNING") == 2, 120, 0.2)
        time.sleep(1)
        first = slurm.asked(cluster, "squeue", "-h", "--name=dask-worker", "--sort=i", "-o", "%i").split()[0]
        slurm.asked(cluster, "scancel", first)
        _, text = process.communicate(timeout=300)
    assert process.returncode == 0, text
    assert files(tmp_path / "out") == files(run_sweep(file, tmp_path / "whole", progress="none"))


ARRAY = """#!/bin/bash
#SBATCH --job-name=shard
#SBATCH --array=1-3
#SBATCH --output={out}/shard-%a.log
cd {root} && {command} sweep {file} --shard $SLURM_ARRAY_TASK_ID/3 --out {out}/shards/$SLURM_ARRAY_TASK_ID-of-3
"""
MERGE = """#!/bin/bash
#SBATCH --job-name=merge
#SBATCH --output={out}/merge.log
cd {root} && {command} merge {out}/shards/*-of-3 --out {out}/merged
"""


def test_a_job_array_of_shards_and_a_merge_that_waits_for_it_leave_the_same_bytes(cluster, sweep, tmp_path):
    file, whole = sweep
    for name, text in (("array.sh", ARRAY), ("merge.sh", MERGE)):
        (tmp_path / name).write_text(text.format(out=tmp_path, root=ROOT, command=COMMAND, file=file))
    array = slurm.asked(cluster, "sbatch", "--parsable", str(tmp_path / "array.sh"))
    assert array.isdecimal(), array
    done = subprocess.run(
        ["sbatch", "--wait", f"--dependency=afterok:{array}", str(tmp_path / "merge.sh")],
        capture_output=True, text=True, env=cluster, timeout=300, check=False,
    )  # fmt: skip
    logs = {log.name: log.read_text() for log in tmp_path.glob("*.log")}
    assert done.returncode == 0, logs
    assert "complete" in logs["merge.log"]
    assert jobs(cluster, "shard") == ["COMPLETED"] * 3
    assert files(tmp_path / "merged") == files(whole)
