"""The first compilation on two cores: what the second process makes is used, and without it all is the same."""

import fcntl
import inspect
import time

import pytest

from fragile_peace.kernels import engine, week
from fragile_peace.kernels.machine import first_compile
from tests.kernels.machine.test_jit import bare_package, run_python

PHASE = "@kernel\ndef {name}(params, state, week, games, out, scratch):\n    state[0] = 3.0 * state[0] + {term}\n\n"
WEEK = """from fragile_peace.kernels.machine.jit import kernel

@kernel
def restart_games(params, state, week, games):
    state[0] = 1.0

@kernel
def begin(params, row, seed, run, state, week, games, out, scratch):
    restart_games(params, state, week, games)

"""
ADVANCE = "@kernel\ndef advance(params, state, week, games, out, scratch, horizon):\n"
ENGINE = """from fragile_peace.kernels.machine.first_compile import Halves
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.week import PHASES, advance, begin, restart_games, solve

@kernel
def simulate_block(params, state, week, games, out, scratch):
    advance(params, state, week, games, out, scratch, 1)

there = tuple(phase for phase in PHASES if phase is not solve)
HALVES = Halves((begin, advance, simulate_block), (solve, restart_games), there, "fragile_peace.kernels.engine:HALVES")
"""
PLAY = """
import sys, time
from pathlib import Path
import numpy as np
from fragile_peace.kernels.machine import first_compile, jit
from fragile_peace.kernels import engine, week

def play():
    rows = [np.zeros(1) for _ in first_compile.ROWS]
    params, *others = rows
    first_compile.os.sched_getaffinity = lambda process: {0, 1}
    first_compile.listen(engine.HALVES)
    week.begin(params, 0, 1, 2, *others)
    week.advance(*rows, 104)
    hits = [sum(phase.part.stats.cache_hits.values()) for phase in (*engine.HALVES.here, *engine.HALVES.there)]
    print(others[0][0].hex(), sum(hits), len(list(jit.cache_folder().glob("abreast-*"))))
"""
WAIT = """
@first_compile.contextlib.contextmanager
def patient(folder, halves, types, start=first_compile.second_process):
    with start(folder, halves, types):
        until = time.monotonic() + 60.0
        last = f"week.{halves.there[-1].__name__}-*.nbc"
        while not list(Path(folder).rglob(last)) and time.monotonic() < until:
            time.sleep(0.02)
        yield

first_compile.second_process = patient
"""
ORPHAN = """
import os
HELD = "import fcntl, time; lock = open('held', 'w'); fcntl.flock(lock, fcntl.LOCK_EX); open('ready', 'w'); "
HOME = "from fragile_peace.kernels.machine import first_compile as f; "
SLEEP = "f.compile_part = lambda *_: time.sleep(60); f.main()"
first_compile.COMMAND = ("-c", HELD + HOME + SLEEP)
with first_compile.second_process("cache", engine.HALVES, ()):
    while not Path("ready").exists():
        time.sleep(0.02)
    os._exit(0)
"""


@pytest.fixture
def small_week(tmp_path):
    """A package `fragile_peace` with our decorator, our two-core compilation and phases of one line."""
    kernels = bare_package(tmp_path, "kernels/machine/first_compile.py")
    names = [phase.__name__ for phase in week.PHASES]
    phases = "".join(PHASE.format(name=name, term=float(i)) for i, name in enumerate(names))
    calls = "".join(f"    {name}(params, state, week, games, out, scratch)\n" for name in names)
    order = f"\nPHASES = ({', '.join(names)})\n"
    (kernels / "week.py").write_text(WEEK + phases + ADVANCE + calls + order)
    (kernels / "engine.py").write_text(ENGINE)
    return tmp_path


def expected() -> str:
    """What the phases of one line come to."""
    x = 1.0
    for i in range(len(week.PHASES)):
        x = 3.0 * x + i
    return x.hex()


def test_the_second_process_makes_its_half(small_week):
    printed = run_python(PLAY + WAIT + "play()", small_week, FRAGILE_PEACE_CACHE=str(small_week / "cache"))
    assert printed == [expected(), str(len(engine.HALVES.there)), "0"]


@pytest.mark.parametrize(
    "broken",
    [
        "first_compile.COMMAND = ('-c', 'import os; os.kill(os.getpid(), 9)')",
        "first_compile.COMMAND = ('-c', 'import sys; sys.stdin.buffer.read(1); sys.exit(3)')",
        "sys.executable = '/nonexistent/python'",
        "first_compile.tempfile.tempdir = '/'; first_compile.tempfile._get_candidate_names = lambda: iter(['a/b/c'])",
    ],
    ids=["killed", "fails", "no interpreter", "no folder"],
)
def test_without_the_second_process_all_is_the_same(broken, small_week):
    printed = run_python(f"{PLAY}\n{broken}\nplay()", small_week, FRAGILE_PEACE_CACHE=str(small_week / "cache"))
    assert printed == [expected(), "0", "0"]


def test_a_warm_start_has_no_second_process(small_week):
    settings = {"FRAGILE_PEACE_CACHE": str(small_week / "cache")}
    run_python(PLAY + "play()", small_week, **settings)
    refuse = "\ndef refuse(*_): raise AssertionError\nfirst_compile.second_process = refuse\nplay()"
    assert run_python(PLAY + refuse, small_week, **settings)[0] == expected()


def test_the_second_process_ends_with_the_first(small_week):
    run_python(PLAY + ORPHAN, small_week)
    with (small_week / "held").open("w") as lock:
        for _ in range(500):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                time.sleep(0.02)
    pytest.fail("it still runs")


def test_both_halves_are_all_phases():
    names = sorted(phase.__name__ for phase in (*engine.HALVES.here, *engine.HALVES.there))
    assert names == sorted(phase.__name__ for phase in (*week.PHASES, week.restart_games))
    for kernel in (*engine.HALVES.here, *engine.HALVES.there):
        taken = tuple(inspect.signature(kernel).parameters)
        assert taken == first_compile.ROWS[: len(taken)], kernel
    for entry in engine.HALVES.entries:
        assert entry.is_entry
        assert set(first_compile.ROWS) <= set(inspect.signature(entry).parameters)
