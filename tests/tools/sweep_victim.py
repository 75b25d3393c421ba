"""A process whose children are killed in the middle of a sweep, over and over: used by test_runner.py and `make soak`.

    python -m tests.tools.sweep_victim FOLDER KILLS SEED [structures]

Each child goes on with a sweep in FOLDER and gets SIGKILL at a random moment. A sweep that is finished in the end is
checked against one that nobody disturbed, and the next is begun: by turns in one folder, and in two shards that are
then merged; with `structures`, a sweep that is played in several. Prints one JSON object: kills, sweeps and merges that
ended well, files that were lost or are others.
"""

import itertools
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

from fragile_peace.errors import InputError
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.durable import TEMPORARY
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import behaviour
from tests.tools.tiny_sweeps import STRUCTURES, files, small_parts, tiny

SWEEPS = {"plain": tiny(runs=30), "structures": tiny(structures=STRUCTURES, levers={"threat.level": [0.0, 1.0]})}


def child(sweep: Sweep, folder: Path, shard: str | None) -> None:
    """Go on with the sweep and leave without ceremony, as a killed process would."""
    code = 1
    try:
        run_sweep(sweep, folder, resume=True, progress="none", threads=2, shard=shard)
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


class Killer:
    """Disturbs sweeps until so many children are killed, and counts what came of it."""

    def __init__(self, sweep: Sweep, kills: int, seed: int, whole: dict[str, str], span: float) -> None:
        self.sweep, self.kills, self.whole, self.span = sweep, kills, whole, span
        self.generator = np.random.default_rng(seed)
        self.found = {"kills": 0, "sweeps": 0, "merges": 0, "lost": 0, "other": 0, "failed": 0}

    def disturbed(self, target: Path, shard: str | None = None) -> Path:
        """Run a sweep, or a shard of it, in children that are killed, until one of them finishes it."""
        before: dict[str, str] = {}
        while True:
            process = forked()
            if process == 0:
                child(self.sweep, target, shard)
            if self.found["kills"] < self.kills:
                time.sleep(float(self.generator.uniform(0.0, 0.6 * self.span)))
                os.kill(process, signal.SIGKILL)
            _, status = os.waitpid(process, 0)
            killed = os.WIFSIGNALED(status)  # not if it was done before
            self.found["kills"] += killed
            now = {
                name: sha for name, sha in files(target).items() if name.endswith(".parquet") and TEMPORARY not in name
            }
            self.found["lost"] += sum(now.get(name) != sha for name, sha in before.items())
            self.found["other"] += sum(self.whole.get(name) != sha for name, sha in now.items())
            before = now
            if not killed:
                self.found["failed"] += status != 0
                return target

    def check(self, folder: Path, what: str) -> None:
        """Compare a finished sweep with the undisturbed one."""
        now = files(folder)
        for name in sorted(name for name in now | self.whole if now.get(name) != self.whole.get(name)):
            print(f"{folder}: {name} differs", file=sys.stderr)
        self.found[what if now == self.whole else "other"] += 1


def main(folder: Path, kills: int, seed: int, sweep: Sweep) -> None:
    """Kill so many children; print what came of it."""
    small_parts(pytest.MonkeyPatch())
    behaviour.behaviour_digest()  # loads the kernels once, before the children are forked
    run_sweep(sweep, folder / "first", progress="none", threads=2)  # imports what is left
    begin = time.perf_counter()
    whole = files(run_sweep(sweep, folder / "whole", progress="none", threads=2))
    killer = Killer(sweep, kills, seed, whole, time.perf_counter() - begin)
    for number in itertools.count():
        target = folder / f"out-{number}"
        killer.check(killer.disturbed(target), "sweeps")
        halves = [killer.disturbed(folder / f"out-{number}-{i}", f"{i}/2") for i in (1, 2)]
        killer.check(merge(list(halves), folder / f"merged-{number}")[0], "merges")
        for made in (target, *halves, folder / f"merged-{number}"):
            shutil.rmtree(made)
        if killer.found["kills"] == kills:
            break
    print(json.dumps(killer.found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), SWEEPS[(*sys.argv[4:], "plain")[0]])
