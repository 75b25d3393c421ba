"""Runs that have been computed, kept for the whole process: a run depends on (scenario, seed, run, horizon) alone, so
two sessions that ask for the same runs may share them without ever seeing each other.

`Bank.runs` returns the first runs of a scenario and computes only those that are missing, from run 0 on, so that every
scenario is played with the same draws. The oldest scenarios are dropped when the bank is full.
"""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace.state import OUTCOMES

MOST_BYTES = 200_000_000
Key = tuple[str, int, int]


@dataclass
class Bank:
    """OUTCOMES of runs 0, 1, ... by (digest of the scenario, seed, horizon).

    Attributes
    ----------
    most_bytes : that are kept
    pace : by horizon, the seconds that a run took when runs were last played
    """

    most_bytes: int = MOST_BYTES
    pace: dict[int, float] = field(default_factory=dict)
    _kept: "OrderedDict[Key, np.ndarray]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def have(self, world: Scenario, seed: int, weeks: int) -> np.ndarray:
        """Return the runs that are there, shape (runs,); read-only."""
        with self._lock:
            key = (world.digest, seed, weeks)
            if key not in self._kept:
                return np.zeros(0, OUTCOMES)
            self._kept.move_to_end(key)
            return self._kept[key]

    def runs(self, world: Scenario, seed: int, weeks: int, count: int, cancel: threading.Event) -> np.ndarray:
        """Return runs 0 to `count` - 1, shape (count,), computing those that are missing.

        Raises
        ------
        Cancelled : `cancel` was set; nothing partial is kept
        SolverError : a game could not be solved
        """
        there = self.have(world, seed, weeks)
        if len(there) < count:
            begun = time.perf_counter()
            new = simulate([world], count - len(there), seed, weeks, first_run=len(there), cancel=cancel)[0]
            self.pace[weeks] = (time.perf_counter() - begun) / len(new)
            there = np.concatenate([there, new])
            there.flags.writeable = False
            self._keep((world.digest, seed, weeks), there)
        return there[:count]

    def seconds(self, runs: int, weeks: int) -> float:
        """Return how long so many runs will take at the last pace; infinite where none were played yet."""
        return runs * self.pace.get(weeks, math.inf) if runs else 0.0

    def _keep(self, key: Key, rows: np.ndarray) -> None:
        with self._lock:
            if len(self._kept.get(key, ())) < len(rows):
                self._kept[key] = rows
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(block.nbytes for block in self._kept.values()) > self.most_bytes:
                self._kept.popitem(last=False)


BANK = Bank()
