"""The engine beside its rivals: the Mesa model, the plain Mesa model, the engine on all cores.

A default run is a run of `reassurance_15k`: at most 104 weeks of 17 places, shorter where the ceasefire ends. Times
are also given for 104 whole weeks, since how long runs last belongs to the model and not to the engine.
"""

import statistics
import time

import mesa

from benchmarks.clock import in_turns, ratio, spread
from benchmarks.page import table
from fragile_peace import CeasefireModel, Scenario, simulate
from fragile_peace.cores import cores
from fragile_peace.reference.theatre import PlainModel

SEED = 20260101
RUNS, MESA_RUNS, PLAIN_RUNS = 192, 6, 2
REPEATS, MESA_REPEATS, PLAIN_REPEATS = 9, 5, 3
WEEKS = 104


def engine(scenario: Scenario) -> str:
    """Return the table of the engine alone, on one core and on all."""
    outcomes = simulate([scenario], RUNS, SEED, threads=1)
    games, weeks = int(outcomes["games"].sum()), int(outcomes["weeks"].sum())
    seconds = in_turns({"one": lambda: simulate([scenario], RUNS, SEED, threads=1)}, REPEATS)["one"]
    rows = [
        ["ms a run and core", spread([1e3 * s / RUNS for s in seconds])],
        [f"ms per {WEEKS} weeks and core", spread([1e3 * s / weeks * WEEKS for s in seconds])],
        ["incident games a second and core, millions", spread([games / s / 1e6 for s in seconds])],
        ["runs a second and core", spread([RUNS / s for s in seconds], 0)],
    ]
    count = cores()
    share = 8 * RUNS * count  # a second or more, or the start of the threads and one other process decide
    wall = in_turns(
        {
            "one": lambda: simulate([scenario], share, SEED, threads=1),
            "all": lambda: simulate([scenario], share, SEED, threads=count),
        },
        REPEATS,
        time.perf_counter,
    )
    best = min(wall["all"])
    rows += [
        [f"runs a second on {count} cores (wall)", spread([share / s for s in wall["all"]], 0)],
        [f"{count} cores against one (wall, in turns)", spread(ratio(wall["one"], wall["all"]))],
        ["the same, least times of both", f"{min(wall['one']) / best:.2f}"],
        [f"minutes for a million runs on {count} cores, at the least time", f"{1e6 * best / share / 60:.1f}"],
    ]
    about = f"{RUNS} runs, {weeks / RUNS:.1f} weeks and {games / RUNS:,.0f} incident games a run, {REPEATS} repeats."
    return table(["engine", "median (least to greatest)"], rows) + "\n" + about + "\n"


def rivals(scenario: Scenario) -> str:
    """Return the table of the engine, the Mesa model and the plain Mesa model, for the same number of weeks.

    The engine plays a whole block of runs, the others the first few of them: what a call costs beside its runs, such as
    reading the scenario, is then no part of the comparison.
    """

    def mesa_model() -> None:
        for run in range(MESA_RUNS):
            CeasefireModel(scenario, seed=SEED, run=run).run()

    def plain() -> None:
        values = {"scenario": [scenario], "key": SEED, "run": range(PLAIN_RUNS)}
        mesa.batch_run(PlainModel, values, display_progress=False)

    outcomes = simulate([scenario], RUNS, SEED, threads=1)[0]
    seconds: dict[str, dict[str, list[float]]] = {}
    for name, runs, repeats, play in (
        ("mesa", MESA_RUNS, MESA_REPEATS, mesa_model),
        ("plain", PLAIN_RUNS, PLAIN_REPEATS, plain),
    ):
        turns = in_turns({"engine": lambda: simulate([scenario], RUNS, SEED, threads=1), name: play}, repeats)
        weeks = {"engine": int(outcomes["weeks"].sum()), name: int(outcomes["weeks"][:runs].sum())}
        seconds[name] = {who: [s / weeks[who] * WEEKS for s in times] for who, times in turns.items()}

    def row(title: str, rival: str) -> list[str]:
        times = seconds[rival]
        return [title, spread([1e3 * s for s in times[rival]], 1), spread(ratio(times[rival], times["engine"]), 1)]

    rows = [
        ["the engine", spread([1e3 * s for s in seconds["plain"]["engine"]]), "1"],
        row("Mesa model (`CeasefireModel`), the same kernels", "mesa"),
        row("plain Mesa model (`fragile_peace.reference`), `mesa.batch_run`", "plain"),
    ]
    game = statistics.median(seconds["plain"]["plain"]) / WEEKS / len(scenario.places) * 1e3
    about = f"CPU time, one core; the plain model takes {game:.2f} ms a game and solves them to the same tolerance.\n"
    return table([f"{WEEKS} weeks in", "ms", "times the engine's"], rows) + "\n" + about
