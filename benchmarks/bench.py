"""`make bench`: what a run costs, as medians with their spread, all in one process tree so that they compare.

    python benchmarks/bench.py            engine, Mesa model, start-up
    python benchmarks/bench.py --memory   also the peak memory of 10^4 and 10^6 runs of two weeks (minutes)

These figures depend on the machine and on what else it does: quote medians and ratios from one run.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

SEED = 20260101
RUNS = 40
REPEATS = 7

MEMORY = """
import resource, sys
from model import Scenario, simulate
runs = int(sys.argv[1])
scenario = Scenario.load("reassurance_15k")
simulate([scenario], 64, 1, 2)
result = simulate([scenario], runs, 1, 2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - result.nbytes)
"""
START = """
from model import Scenario, simulate
simulate([Scenario.load("reassurance_15k")], 1, 1, 2)
"""
GAMES = """
from model import Scenario
from model.games import solve_incident
solve_incident(Scenario.load("reassurance_15k"), 0)
"""


def spread(values: list[float], unit: str, digits: int = 2) -> str:
    """Return "median (least to greatest) unit"."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f}) {unit}"


def timed(work: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return the seconds of each of `repeats` calls, after one that is not counted."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def engine() -> None:
    """Time the engine on one thread and on all, and the games it solves."""
    from model import Scenario, simulate

    scenario = Scenario.load("reassurance_15k")
    outcomes = simulate([scenario], RUNS, SEED, threads=1)
    games = int(outcomes["games"].sum())
    one = timed(lambda: simulate([scenario], RUNS, SEED, threads=1))
    cores = os.cpu_count() or 1
    per_core = 64 * cores
    everyone = timed(lambda: simulate([scenario], per_core, SEED, threads=cores))
    weeks = float(outcomes["weeks"].mean())
    print(f"engine, one core     {spread([1e3 * s / RUNS for s in one], 'ms a run')}; a run lasts {weeks:.1f} weeks")
    full = [1e3 * s / RUNS * 104 / weeks for s in one]
    print(f"  of 104 weeks       {spread(full, 'ms a run')}")
    print(f"  incident games     {spread([games / s / 1e3 for s in one], 'thousand a second', 0)}")
    print(f"engine, {cores} threads    {spread([1e3 * s / per_core for s in everyone], 'ms a run')}")


def mesa() -> None:
    """Time the Mesa model on the runs the engine was timed on."""
    try:
        from model import CeasefireModel, Scenario, simulate
    except ImportError as error:
        print(f"Mesa model           not measured: {error}")
        return
    scenario = Scenario.load("reassurance_15k")
    runs = 6
    engine_ms = [1e3 * s / runs for s in timed(lambda: simulate([scenario], runs, SEED, threads=1), 5)]

    def play() -> None:
        for run in range(runs):
            CeasefireModel(scenario, seed=SEED, run=run).run()

    mesa_ms = [1e3 * s / runs for s in timed(play, 5)]
    print(f"Mesa model           {spread(mesa_ms, 'ms a run')}")
    extra = statistics.median(mesa_ms) - statistics.median(engine_ms)
    print(f"  over the engine    {extra:.2f} ms a run")


def start_up() -> None:
    """Time fresh processes: with an empty cache of compiled kernels, then with a warm one."""
    for name, code in (("games", GAMES), ("engine", START)):
        with tempfile.TemporaryDirectory() as cache:
            env = {**os.environ, "FRAGILE_PEACE_CACHE": cache}
            seconds = []
            for _ in range(4):
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", code], env=env, check=True)
                seconds.append(time.perf_counter() - start)
        print(f"{name + ', cold start':20} {seconds[0]:.1f} s; warm {spread(seconds[1:], 's')}")


def memory() -> None:
    """Peak memory, the returned array apart, of 10^4 and 10^6 runs of two weeks."""
    peaks = []
    for runs in (10_000, 1_000_000):
        done = subprocess.run([sys.executable, "-c", MEMORY, str(runs)], check=True, capture_output=True, text=True)
        peaks.append(float(done.stdout))
        print(f"{runs:>9,} runs       {peaks[-1] / 2**20:.0f} MiB beside the result")
    print(f"  ratio              {peaks[1] / peaks[0]:.2f}")


def main() -> None:
    """Run the benchmarks asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", action="store_true", help="also measure peak memory")
    arguments = parser.parse_args()
    engine()
    mesa()
    start_up()
    if arguments.memory:
        memory()


if __name__ == "__main__":
    main()
