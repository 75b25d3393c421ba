"""What a sweep costs beside its runs: memory, storing, reading. Prints one line a promise, with what was measured.

    python benchmarks/bench_sweep.py [--runs 1000000] [--keep FOLDER]

Runs are of two weeks. Times of the sweep and of the bare engine are CPU seconds of the process, so that another busy
process does not blur them. The promises (issue 4): peak memory of 10^6 runs at most 1.2 times that of 10^4; storing at
most 5 % of the run time; 10^6 rows open in pandas in 4 s whole and in 0.5 s for five columns.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

POINTS = 100
FIVE = ["point", "run", "happened_collapse", "deaths_hub", "weeks"]


def sweep_of(rows: int) -> dict[str, object]:
    """A sweep of so many runs of two weeks at a hundred points."""
    return {
        "name": "bench",
        "base": "reassurance_15k",
        "levers": {"threat.level": {"linspace": [0, 1, 10]}, "guarantee.level": {"linspace": [0, 1, 10]}},
        "runs": rows // POINTS,
        "seed": 1,
        "weeks": 2,
    }


def child(rows: int, folder: Path) -> None:
    """Run a sweep in this process; print its CPU and wall seconds and the peak memory."""
    from experiments.behaviour import behaviour_digest
    from experiments.runner import run_sweep
    from experiments.sweep import Sweep

    behaviour_digest()  # the kernels are loaded before the clock starts
    wall, cpu = time.perf_counter(), time.process_time()
    run_sweep(Sweep.from_dict(sweep_of(rows)), folder, progress="none")
    print(json.dumps({
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))  # fmt: skip


def bare(rows: int) -> None:
    """Run the same runs in the engine alone; print its CPU seconds."""
    from experiments.behaviour import behaviour_digest
    from experiments.design import Plan
    from experiments.sweep import Sweep
    from model.simulation import simulate

    behaviour_digest()
    plan = Plan.load(Sweep.from_dict(sweep_of(rows)))
    scenarios = [plan.scenario(point) for point in range(POINTS)]
    cpu = time.process_time()
    for first in range(0, rows // POINTS, 64):
        simulate(scenarios, min(64, rows // POINTS - first), 1, 2, first_run=first, threads=2)
    print(json.dumps({"cpu": time.process_time() - cpu}))


def load(folder: Path) -> None:
    """Open the rows in pandas, whole and by five columns; print the seconds."""
    import pandas as pd

    parts = str(folder / "parts")
    pd.read_parquet(parts, columns=["run"])  # imports, and the disk cache: a second look is what people do all day
    begin = time.perf_counter()
    five = pd.read_parquet(parts, columns=FIVE)
    middle = time.perf_counter()
    whole = pd.read_parquet(parts)
    end = time.perf_counter()
    size = sum(file.stat().st_size for file in (folder / "parts").glob("*.parquet"))
    print(json.dumps({"five": middle - begin, "whole": end - middle, "rows": len(whole), "width": whole.shape[1],
                      "size": size, "same": len(five) == len(whole)}))  # fmt: skip


def called(*arguments: str) -> dict[str, float]:
    """Run this script in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout))


def line(name: str, value: str, limit: str, good: bool) -> None:
    """Print one promise."""
    print(f"{'ok ' if good else 'NOT'}  {name:44s} {value:>28s}   at most {limit}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--child", nargs=2)
    parser.add_argument("--bare", type=int)
    parser.add_argument("--load", type=Path)
    options = parser.parse_args()
    if options.child:
        child(int(options.child[0]), Path(options.child[1]))
    elif options.bare:
        bare(options.bare)
    elif options.load:
        load(options.load)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            folder = options.keep or Path(scratch)
            small = called("--child", "10000", str(folder / "small"))
            middle = called("--child", "100000", str(folder / "middle"))
            engine = called("--bare", "100000")["cpu"]
            share = middle["cpu"] / engine - 1
            line("CPU beside the engine's, 10^5 runs", f"{share:.1%} of {engine:.1f} s", "5 %", share <= 0.05)
            large = called("--child", str(options.runs), str(folder / "large"))
            ratio = large["peak"] / small["peak"]
            line(
                f"peak memory, {options.runs:,} runs to 10,000",
                f"{ratio:.2f} ({large['peak'] / 1e6:.0f} MB)",
                "1.2",
                ratio <= 1.2,
            )
            print(f"     ({options.runs:,} runs: {large['wall']:.0f} s, CPU {large['cpu']:.0f} s)")
            seen = called("--load", str(folder / "large"))
            line(f"pandas, {seen['rows']:,} x {seen['width']}", f"{seen['whole']:.2f} s", "4 s", seen["whole"] <= 4)
            line("pandas, five columns", f"{seen['five']:.2f} s", "0.5 s", seen["five"] <= 0.5)
            print(f"     ({seen['size'] / 1e6:.0f} MB on disk, {seen['size'] / seen['rows']:.0f} bytes a run)")


if __name__ == "__main__":
    main()
