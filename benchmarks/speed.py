"""The engine beside its rivals: the Mesa model, the plain Mesa model, the engine on all cores.

A default run is a run of `reassurance_15k`: at most 104 weeks of 17 places, shorter where the ceasefire ends. Times
are also given for 104 whole weeks, since how long runs last belongs to the model and not to the engine.
"""

import os
import statistics
import time

import mesa

from benchmarks.clock import in_turns, ratio, spread
from benchmarks.page import table
from benchmarks.plain.theatre import PlainModel
from model import CeasefireModel, Scenario, simulate

SEED = 20260101
RUNS, MESA_RUNS, PLAIN_RUNS = 192, 6, 2
REPEATS, MESA_REPEATS, PLAIN_REPEATS = 9, 5, 3
WEEKS = 104


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    share = RUNS * count
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
    """Return the table of the same runs in the engine, in the Mesa model and in the plain Mesa model."""

    def mesa_model(runs: int) -> None:
        for run in range(runs):
            CeasefireModel(scenario, seed=SEED, run=run).run()

    def plain() -> None:
        values = {"scenario": [scenario], "seed": SEED, "run": range(PLAIN_RUNS)}
        mesa.batch_run(PlainModel, values, display_progress=False)

    of_mesa = in_turns(
        {
            "engine": lambda: simulate([scenario], MESA_RUNS, SEED, threads=1),
            "mesa": lambda: mesa_model(MESA_RUNS),
        },
        MESA_REPEATS,
    )
    of_plain = in_turns(
        {"engine": lambda: simulate([scenario], PLAIN_RUNS, SEED, threads=1), "plain": plain}, PLAIN_REPEATS
    )
    games = int(simulate([scenario], PLAIN_RUNS, SEED, threads=1)["games"].sum())

    def row(name: str, seconds: dict[str, list[float]], rival: str, runs: int) -> list[str]:
        times = [1e3 * s / runs for s in seconds[rival]]
        return [name, spread(times, 1), spread(ratio(seconds[rival], seconds["engine"]), 1)]

    rows = [
        ["the engine", spread([1e3 * s / MESA_RUNS for s in of_mesa["engine"]]), "1"],
        row("Mesa model (`CeasefireModel`), the same kernels", of_mesa, "mesa", MESA_RUNS),
        row("plain Mesa model (`benchmarks/plain`), `mesa.batch_run`", of_plain, "plain", PLAIN_RUNS),
    ]
    game = statistics.median(of_plain["plain"]) / games * 1e3
    about = f"CPU time, one core; the plain model takes {game:.2f} ms a game and solves them to the same tolerance.\n"
    return table(["the same runs in", "ms a run", "times the engine's"], rows) + "\n" + about
