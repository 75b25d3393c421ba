"""What a fresh process costs: the help, a run with warm and with cold kernels, memory.

CPU seconds of the children, with the wall seconds of the cold starts beside them.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.clock import spread
from benchmarks.page import table

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 5
COMMAND = ("-m", "fragile_peace_lab")
HELP, TOLD = (*COMMAND, "--help"), (*COMMAND, "run", "reassurance_15k")
GAMES = ("-c", "from fragile_peace import Scenario; from fragile_peace.proof.incident import solve_incident\n"
               "solve_incident(Scenario.load('reassurance_15k'), 0)")  # fmt: skip
MESA = ("-c", "from fragile_peace import CeasefireModel; CeasefireModel('reassurance_15k', weeks=1).run()")
MEMORY = """
import json, resource, sys
from fragile_peace import Scenario, simulate
scenario, runs, block, weeks = Scenario.load("reassurance_15k"), int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
first = simulate([scenario], 64, 1, weeks)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for start in range(0, runs, block):
    kept = simulate([scenario], min(block, runs - start), 1, weeks, first_run=start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"before": before / 1024, "peak": peak / 1024, "kept": kept.nbytes / 2**20}))
"""


def timed(arguments: tuple[str, ...], cache: str | None = None) -> tuple[float, float, str]:
    """Return (CPU seconds, wall seconds, output) of a fresh process of this Python in the root of the repository."""
    environment = {**os.environ} | ({"FRAGILE_PEACE_CACHE": cache} if cache else {})
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout


def starts() -> str:
    """Return the table of fresh processes."""
    rows = []
    for name, arguments, has_kernels in (
        ("`fragile-peace --help`", HELP, False),
        ("`fragile-peace run reassurance_15k`", TOLD, True),
        ("one incident game from Python", GAMES, True),
        ("the Mesa model, one week", MESA, True),
    ):
        cold = "-"
        with tempfile.TemporaryDirectory() as cache:
            if has_kernels:
                cpu, wall, _ = timed(arguments, cache)
                cold = f"{cpu:.1f} ({wall:.1f} wall)"
            warm = [timed(arguments, cache)[0] for _ in range(REPEATS)]
        rows.append([name, spread(warm), cold])
    return table(["fresh process", "warm, CPU s", "first ever, compile included, CPU s"], rows)


def memory(million: bool = False) -> str:
    """Return the table of peak memory; `million` also plays a million default runs, which takes minutes."""
    cases = [("10,000 runs of two weeks", 10_000, 10_000, 2), ("100,000 in blocks of 10,000", 100_000, 10_000, 2)]
    if million:
        cases += [
            ("1,000,000 in blocks of 10,000", 1_000_000, 10_000, 2),
            ("1,000,000 default runs in blocks of 10,000", 1_000_000, 10_000, 104),
        ]
    rows = []
    for name, *numbers in cases:
        cpu, wall, printed = timed(("-c", MEMORY, *map(str, numbers)))
        seen = json.loads(printed)
        size = [f"{seen[key]:.0f}" for key in ("before", "peak", "kept")]
        rows.append([name, *size, f"{cpu:.0f}", f"{wall:.0f}"])
    head = ["all cores", "MiB after 64 runs", "peak MiB", "of it the results of a block", "CPU s", "wall s"]
    return table(head, rows)
