"""A process whose children are killed in the middle of a sweep, over and over: used by test_runner.py and `make soak`.

    python tests/sweep_victim.py FOLDER KILLS SEED

Each child goes on with the sweep in FOLDER and gets SIGKILL at a random moment. A sweep that a child finishes is
checked against one that nobody disturbed, and a new one is begun. Prints one JSON object: kills, sweeps, findings.
"""

import json
import os
import shutil
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from tiny_sweeps import files, small_parts, tiny

from experiments import behaviour
from experiments.runner import run_sweep
from model.errors import InputError

SWEEP = tiny(runs=30)


def child(folder: Path) -> None:
    """Go on with the sweep and leave without ceremony, as a killed process would."""
    code = 1
    try:
        run_sweep(SWEEP, folder, resume=True, progress="none", threads=2)
        code = 0
    except InputError as error:
        print(error, file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def forked() -> int:
    """Fork. Python 3.12 warns that threads are about; the sweep's own have ended, and the child only runs a sweep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def main(folder: Path, kills: int, seed: int) -> None:
    """Kill so many children; print what came of it."""
    small_parts(pytest.MonkeyPatch())
    generator = np.random.default_rng(seed)
    behaviour.behaviour_digest()  # loads the kernels once, before the children are forked
    run_sweep(SWEEP, folder / "first", progress="none", threads=2)  # imports what is left
    begin = time.perf_counter()
    whole = files(run_sweep(SWEEP, folder / "whole", progress="none", threads=2))
    span = time.perf_counter() - begin
    killed = sweeps = lost = other = 0
    target, before = folder / "out", dict[str, str]()
    while killed < kills or target.exists():
        process = forked()
        if process == 0:
            child(target)
        ended = 0
        if killed < kills:
            time.sleep(float(generator.uniform(0.0, 0.6 * span)))
            ended, _ = os.waitpid(process, os.WNOHANG)
            if ended == 0:
                os.kill(process, signal.SIGKILL)
                killed += 1
        if ended == 0:
            os.waitpid(process, 0)
        now = {name: digest for name, digest in files(target).items() if name.endswith(".parquet") and "/." not in name}
        lost += sum(now.get(name) != digest for name, digest in before.items())
        other += sum(whole.get(name) != digest for name, digest in now.items())
        before = now
        if len(now) == len(whole) - 1 and files(target) == whole:
            sweeps += 1
            shutil.rmtree(target)
            before = {}
    print(json.dumps({"kills": killed, "sweeps": sweeps, "lost": lost, "other": other}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
