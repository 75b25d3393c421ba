"""What a sweep costs beside its runs: memory, storing, reading. Prints one line a promise, with what was measured.

    python benchmarks/bench_sweep.py [--runs 1000000] [--keep FOLDER]

The promises (issue 4): what is not the engine takes at most 5 % of the run time; peak memory of 10^6 runs is at most
1.2 times that of 10^4; 10^6 rows open in pandas in 4 s whole, in 0.5 s for five columns. The first is measured on the
default sweep's scenario over 104 weeks, 50 runs a point: CPU seconds of the process outside the kernel, over those
inside it, in one pass, so that another busy process blurs it little. The others take runs of two weeks.
"""

import argparse
import json
import os
import resource
import statistics
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
    from fragile_peace_lab.design.sweep import Sweep
    from fragile_peace_lab.running.runner import run_sweep
    from fragile_peace_lab.store.behaviour import behaviour_digest

    behaviour_digest()  # the kernels are loaded before the clock starts
    wall, cpu = time.perf_counter(), time.process_time()
    run_sweep(Sweep.from_dict(sweep_of(rows)), folder, progress="none")
    print(json.dumps({
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))  # fmt: skip


def overhead() -> None:
    """Run part of the default sweep; print CPU seconds inside the engine's kernel, and those of all the rest."""
    from fragile_peace.runs import simulation
    from fragile_peace_lab.design.sweep import Sweep
    from fragile_peace_lab.running.runner import run_sweep
    from fragile_peace_lab.store.behaviour import behaviour_digest

    behaviour_digest()
    inside: list[float] = []
    kernel = simulation.simulate_block

    def timed(*arguments: object) -> object:
        begin = time.thread_time()
        try:
            return kernel(*arguments)
        finally:
            inside.append(time.thread_time() - begin)

    simulation.simulate_block = timed
    found = []
    for samples in (1, 1, 8):  # the first bears the imports; what a sweep costs once is the same in the others
        sweep = Sweep.load("legitimate_targets").to_dict() | {"design": {"uncertainties": {"sobol": samples}}}
        inside.clear()
        cpu = time.process_time()
        with tempfile.TemporaryDirectory() as scratch:
            run_sweep(Sweep.from_dict(sweep), scratch, progress="none")
        found.append((time.process_time() - cpu - sum(inside), sum(inside), 15 * samples * sweep["runs"]))
    _, (once, _, few), (rest, engine, rows) = found
    print(json.dumps({"rest": rest, "engine": engine, "rows": rows, "each": (rest - once) / (rows - few)}))


def load(folder: Path) -> None:
    """Open the rows in pandas, whole and by five columns; print the seconds."""
    import pandas as pd

    parts = str(folder / "parts")
    pd.read_parquet(parts, columns=["run"])  # imports, and the disk cache: a second look is what people do all day
    fives, wholes = [], []
    for _ in range(5):
        begin = time.perf_counter()
        five = pd.read_parquet(parts, columns=FIVE)
        middle = time.perf_counter()
        whole = pd.read_parquet(parts)
        fives.append(middle - begin)
        wholes.append(time.perf_counter() - middle)
    size = sum(file.stat().st_size for file in (folder / "parts").glob("*.parquet"))
    print(json.dumps({
        "five": statistics.median(fives), "whole": statistics.median(wholes), "slowest": max(wholes),
        "rows": len(whole), "width": whole.shape[1], "size": size, "same": len(five) == len(whole),
    }))  # fmt: skip


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
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--load", type=Path)
    options = parser.parse_args()
    if options.child:
        child(int(options.child[0]), Path(options.child[1]))
    elif options.overhead:
        overhead()
    elif options.load:
        load(options.load)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            folder = options.keep or Path(scratch)
            beside = called("--overhead")
            share = beside["rest"] / beside["engine"]
            line(f"CPU beside the engine's, {beside['rows']:,} runs", f"{share:.1%} of {beside['engine']:.1f} s", "5 %",
                 share <= 0.05)  # fmt: skip
            run, each = beside["engine"] / beside["rows"], beside["each"]
            print(
                f"     ({1e3 * run:.2f} ms a run; {1e6 * each:.0f} us of it are not the engine's: {each / run:.1%}, "
                f"and {each / 1e-3:.1%} were a run 1 ms; {beside['rest'] - each * beside['rows']:.2f} s once)"
            )
            small = called("--child", "10000", str(folder / "small"))
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
            value = f"{seen['whole']:.2f} s (slowest {seen['slowest']:.2f})"
            line(f"pandas, {seen['rows']:,} x {seen['width']}", value, "4 s", seen["whole"] <= 4)
            line("pandas, five columns", f"{seen['five']:.2f} s", "0.5 s", seen["five"] <= 0.5)
            print(f"     ({seen['size'] / 1e6:.0f} MB on disk, {seen['size'] / seen['rows']:.0f} bytes a run)")


if __name__ == "__main__":
    main()
