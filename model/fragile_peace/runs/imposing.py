"""What a run started its weeks with, kept, and imposed on another run: for asking by which way a setting works.

A `Path` keeps the STATE of some runs at the start of each week (`runs.simulation.recorded`). `Imposed` names fields of
it; a run of another setting, with the same seed and index and so with the same draws, then starts each week with these
fields as they were on the path (docs/model.md, E3.22), and everything else is its own. Where the path's run ended
before, the fields start from its last week and move by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, nearest, shown
from fragile_peace.state import STATE

OWN = ("row", "week", "seed", "run", "alive", "happened")
"""Fields that say which run this is and how far it has come: they cannot be imposed."""
FIELDS = tuple(name for name in STATE.names or () if name not in OWN)
MEDIATORS = {
    "presence": ("ramp", "in_n", "vacant_until"),
    "beliefs": ("mu", "gamma"),
    "tension": ("x_s", "r_s"),
}
"""What a setting may work through, in the order in which `why` asks: who is in and where posts stand; what is believed
of Moscow and Washington; tension and restraint."""


@dataclass(frozen=True, eq=False)
class Path:
    """What some runs of a scenario started their weeks with.

    Attributes
    ----------
    scenario, seed, first_run : whose runs they are, and the index of the first
    states : STATE, shape (runs, horizon), at the start of each week
    weeks : how many of these a run played, shape (runs,)
    """

    scenario: Scenario
    seed: int
    first_run: int
    states: np.ndarray
    weeks: np.ndarray


class Imposed:
    """Some fields of a path, to be imposed on the runs of the same indices and seed.

    Attributes
    ----------
    path : the path
    fields : the names of the fields
    chosen : where in the row of STATE, counted in words of 8 bytes, they stand, shape (k,)
    """

    def __init__(self, path: Path, fields: Sequence[str]) -> None:
        """Choose fields of a path. Raises InputError for a name that is none of FIELDS."""
        for name in fields:
            if name not in FIELDS:
                allowed = f"must be among {', '.join(FIELDS)}{nearest(str(name), FIELDS)}"
                raise InputError(f"fields: {shown(name)} is not allowed; {allowed}")
        self.path, self.fields = path, tuple(fields)
        where = np.arange(STATE.itemsize // 8, dtype=np.int64).view(STATE)[0]
        self.chosen = np.concatenate([np.zeros(0, np.int64), *(_words(where[name]) for name in fields)])
        self._words = path.states.view(np.int64).reshape(*path.states.shape, -1)

    def check(self, scenario: Scenario, seed: int, first_run: int, runs: int) -> None:
        """Raise InputError unless the path has these runs of a scenario with the same places and contingents."""
        path = self.path
        for what, mine, theirs in (
            ("places", scenario.places, path.scenario.places),
            ("contingents", scenario.contingents, path.scenario.contingents),
        ):
            if [item.name for item in mine] != [item.name for item in theirs]:
                raise InputError(f"impose: the {what} of {scenario.name} are not those of {path.scenario.name}")
        if seed != path.seed:
            raise InputError(f"impose: seed {shown(seed)} is not allowed; must be {path.seed}, that of the path")
        last = path.first_run + len(path.states) - 1
        if first_run < path.first_run or first_run + runs - 1 > last:
            asked = f"runs {first_run} to {first_run + runs - 1} are not allowed"
            raise InputError(f"impose: {asked}; the path has runs {path.first_run} to {last}")

    def words(self, run: int) -> np.ndarray:
        """Return the imposed words of a run, by its index, shape (weeks that the path's run played, k)."""
        number = run - self.path.first_run
        return self._words[number, : self.path.weeks[number]][:, self.chosen]


def _words(field: np.ndarray) -> np.ndarray:
    """Return the places of a field's words, out of a row that holds them as its bits, shape (size,)."""
    return np.atleast_1d(np.ascontiguousarray(field)).reshape(-1).view(np.int64)
