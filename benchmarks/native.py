"""The engine's hot loop beside its translation into C++ (`benchmarks/native/`): the practical limit.

The states of real runs are recorded week by week. Both then lay out and solve the same games from them, week after week
from the last week's solution, and time themselves in turns on one core. The solutions must agree within 1e-12.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.clock import ratio, spread
from benchmarks.page import table
from fragile_peace import Scenario, simulate
from fragile_peace.declared.declaration import MAX_PLACES
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.incident.monitoring import season
from fragile_peace.kernels.incident.table import unpacked
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.week import restart_games, solve_places
from fragile_peace.runs.single import PHASE_NAMES, SingleRun
from fragile_peace.state import OUTCOMES, SCRATCH, STATE, WEEK

SOURCE = Path(__file__).resolve().parent / "native"
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffp-contract=off", "-Wno-psabi")
SEED = 20260101
RUNS = 12
REPEATS = 9
AGREEMENT = 1e-12
STARTS, MU, GAMMA, VISIBILITY, EASE, VOID, SUSTAINED, DAY, PLACES = range(9)
"""Columns of a recorded week; then MAX_PLACES columns for each field of places, in the order of `native/world.hpp`."""
OF_STATE, OF_WEEK = ("x_s", "r_s"), ("m_s", "lead_s", "monitors_s")


@kernel
def replay(P, weeks, X, W, G, O, S):  # noqa: E741 - the rows of every phase
    """Lay out and solve the games of recorded weeks, as phase 2 of a week does; returns 0 unless one was not solved."""
    x = X[0]
    w = W[0]
    for t in range(weeks.shape[0]):
        row = weeks[t]
        x["mu"] = row[MU]
        x["gamma"] = row[GAMMA]
        w["void"] = int(row[VOID])
        w["sustained"] = int(row[SUSTAINED])
        w["day"] = int(row[DAY])
        for s in range(P[0]["n_places"]):
            x["x_s"][s] = row[PLACES + s]
            x["r_s"][s] = row[PLACES + MAX_PLACES + s]
            w["m_s"][s] = row[PLACES + 2 * MAX_PLACES + s]
            w["lead_s"][s] = int(row[PLACES + 3 * MAX_PLACES + s])
            w["monitors_s"][s] = row[PLACES + 4 * MAX_PLACES + s]
        if row[STARTS] == 1.0:
            restart_games(P, X, W, G, O, S)
        if solve_places(P, X, W, G, O, S) != 0:
            return 1
    return 0


def recorded(scenario: Scenario, runs: int, seed: int = SEED) -> np.ndarray:
    """Return what the games of every week of so many runs are laid out from, shape (weeks, columns)."""
    weeks = []
    for run in range(runs):
        single = SingleRun(scenario, seed, run)
        while single.alive:
            single.open_week()
            for name in PHASE_NAMES:
                single.phase(name)
                if name == "deploy":
                    weeks.append(_row(single))
            single.close_week()
    return np.array(weeks)


def _row(single: SingleRun) -> np.ndarray:
    p, x, w = single.parameters[0], single.state, single.week
    row = np.zeros(PLACES + (len(OF_STATE) + len(OF_WEEK)) * MAX_PLACES)
    row[STARTS], row[MU], row[GAMMA] = x["week"] == 0, x["mu"], x["gamma"]
    row[VISIBILITY], row[EASE] = (season(p[name], float(w["day"])) for name in ("visibility_amp", "ease_amp"))
    row[VOID], row[SUSTAINED], row[DAY] = w["void"], w["sustained"], w["day"]
    row[PLACES:] = np.concatenate([*(x[name] for name in OF_STATE), *(w[name] for name in OF_WEEK)])
    return row


class Engine:
    """The engine's side: work rows, and the games left by the last week replayed."""

    def __init__(self, scenario: Scenario) -> None:
        self.parameters = SingleRun(scenario).parameters
        self.places = len(scenario.places)
        self.games = blocks_of(self.places)
        self.rows = [np.zeros(1, dtype) for dtype in (STATE, WEEK, OUTCOMES, SCRATCH)]

    def play(self, weeks: np.ndarray) -> None:
        """Replay weeks."""
        state, week, outcomes, scratch = self.rows
        if replay(self.parameters, weeks, state, week, self.games, outcomes, scratch) != 0:
            raise RuntimeError("a recorded game was not solved")

    def solutions(self, weeks: np.ndarray) -> np.ndarray:
        """Return the solutions of all weeks and places, one row each, as `native/hot_loop.cpp` writes them."""
        rows = []
        for t in range(len(weeks)):
            self.play(weeks[t : t + 1])
            for g in unpacked(self.games, self.places):
                later = (g["response"][2:].T, g["decision"][:, :, 2:])
                rows.append(np.concatenate([np.ravel(part) for part in (g["p_R"], g["p_U"], g["q"], *later)]))
        return np.array(rows)


class Native:
    """The C++ side: the program, compiled in a folder, and the files it reads."""

    def __init__(self, folder: Path, parameters: np.void, weeks: np.ndarray) -> None:
        self.program, self.solved = folder / "hot_loop", folder / "solutions"
        compiler = shutil.which("g++")
        if compiler is None:
            raise FileNotFoundError("no g++ on this machine")
        subprocess.run([compiler, *FLAGS, "hot_loop.cpp", "-o", str(self.program)], cwd=SOURCE, check=True)
        lines = [
            f"{name} " + " ".join(map(repr, np.ravel(parameters[name]).tolist())) for name in parameters.dtype.names
        ]
        (folder / "parameters").write_text("\n".join(lines))
        (folder / "weeks").write_bytes(weeks.tobytes())
        self.arguments = [str(folder / "parameters"), str(folder / "weeks"), str(self.solved)]

    def play(self, repeats: int) -> list[float]:
        """Return the CPU seconds of each of so many repeats."""
        command = [str(self.program), *self.arguments, str(repeats)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [float(line) for line in done.stdout.split()]

    def solutions(self, rows: int) -> np.ndarray:
        """Return what the last call solved."""
        return np.fromfile(self.solved).reshape(rows, -1)


def largest_difference(scenario: Scenario, runs: int) -> float:
    """Return the largest difference between the two sides' solutions. Raises FileNotFoundError without g++."""
    weeks, engine = recorded(scenario, runs), Engine(scenario)
    with tempfile.TemporaryDirectory() as folder:
        native = Native(Path(folder), engine.parameters[0], weeks)
        native.play(0)
        ours = engine.solutions(weeks)
        return float(np.abs(ours - native.solutions(len(ours))).max())


def hot_loop(scenario: Scenario) -> str:
    """Return the table of both sides on the same weeks, or why there is none."""
    weeks, engine = recorded(scenario, RUNS), Engine(scenario)
    games = len(weeks) * engine.places
    ours, theirs, whole = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        try:
            native = Native(Path(folder), engine.parameters[0], weeks)
        except FileNotFoundError as error:
            return f"Not measured: {error}.\n"
        native.play(1)
        solved = engine.solutions(weeks)
        apart = np.abs(solved - native.solutions(len(solved))).max()
        for _ in range(REPEATS + 1):  # the first is not counted
            ours.append(_seconds(lambda: engine.play(weeks)))
            theirs.append(min(native.play(2)))
            whole.append(_seconds(lambda: simulate([scenario], RUNS, SEED, threads=1)))
    rows = [
        [name, spread([1e9 * s / games for s in times[1:]], 0), spread([games / s / 1e6 for s in times[1:]])]
        for name, times in (("engine, hot loop", ours), ("C++, hot loop", theirs), ("engine, whole run", whole))
    ]
    about = (
        f"{games:,} games of {RUNS} runs, {REPEATS} repeats in turns. The engine's hot loop has "
        f"{spread(ratio(theirs[1:], ours[1:]))} of the speed of the C++ program and takes "
        f"{spread([100 * share for share in ratio(ours[1:], whole[1:])], 0)} % of a run. Largest difference of any "
        f"probability: {apart:.1e} (allowed: {AGREEMENT:.0e}).\n"
    )
    return table(["lay out and solve the games", "ns a game", "million games a second and core"], rows) + "\n" + about


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds of a call; of the whole process, since the engine's thread is another."""
    start = time.process_time()
    work()
    return time.process_time() - start
