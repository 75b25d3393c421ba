"""How many runs are cut into blocks: every thread has its share, and it shows in no number."""

import numpy as np
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs import simulation
from fragile_peace.runs.simulation import BLOCK, simulate, simulate_weekly

WORLD = Scenario.load("donbas_2019")


@pytest.mark.parametrize(("runs", "threads", "block"), [(16, 2, 4), (200, 2, 25), (10_000, 2, BLOCK), (3, 8, 4)])
def test_few_runs_are_cut_into_as_many_blocks_as_keep_every_thread_busy(runs, threads, block):
    batch = simulation._Batch([WORLD], runs, 0, 1)
    assert batch.block(threads) == block
    sizes = [len(task.outcomes) for task in batch.tasks(block)]
    assert sum(sizes) == runs
    assert max(sizes) <= block


def test_weekly_sums_follow_the_same_blocks_on_any_number_of_threads():
    batch = simulation._Batch([WORLD], 10, 0, 1, detailed=True)
    assert {batch.block(threads) for threads in (1, 2, 64)} == {BLOCK}
    moments = [simulate_weekly([WORLD], 130, 5, 2, threads=threads).moments.tobytes() for threads in (1, 3)]
    assert moments[0] == moments[1]


def test_blocks_show_in_no_number():
    whole = simulate([WORLD], 70, 5, 3, threads=1)
    assert whole.tobytes() == simulate([WORLD], 70, 5, 3, threads=16).tobytes()
    parts = [simulate([WORLD], 7, 5, 3, first_run=first, threads=2) for first in range(0, 70, 7)]
    assert whole.tobytes() == np.concatenate(parts, axis=1).tobytes()
