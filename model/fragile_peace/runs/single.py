"""One run, week by week, from Python: the arrays of `state` and the phase kernels of `week`.

`SingleRun` is what the Mesa model, the chronicle and `fragile-peace game --week` share. Played to its end it leaves the
same OUTCOMES row, bit for bit, as run `run` of `model.simulate`.
"""

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError, nearest, shown
from fragile_peace.kernels.imposition import impose as impose_words
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.incident.table import unpacked
from fragile_peace.kernels.week import PHASES, advance, begin, clear_week, close_week
from fragile_peace.runs.failure import failure
from fragile_peace.runs.imposing import Imposed
from fragile_peace.runs.simulation import check_whole
from fragile_peace.runs.threat import laid_out
from fragile_peace.state import SCRATCH, STATE, WEEK, blank_outcomes

PHASE_NAMES = tuple(phase.__name__ for phase in PHASES)
"""The phases of a week in their order."""


class SingleRun:
    """One run in hand.

    Attributes
    ----------
    scenario, seed, run, horizon : what it is
    parameters : PARAMETERS rows
    state, week, games, outcomes : the rows of the run; read them, and change them only through the phases
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int = 0,
        run: int = 0,
        weeks: int | None = None,
        impose: Imposed | None = None,
    ) -> None:
        horizon = scenario.weeks if weeks is None else weeks
        check_whole("seed", seed, 0, (1 << 63) - 1)
        check_whole("run", run, 0, (1 << 32) - 1)
        check_whole("weeks", horizon, 1, 1040)
        self.scenario = scenario
        self.seed = int(seed)
        self.run = int(run)
        self.horizon = int(horizon)
        self.parameters, first = laid_out(scenario)
        self._state = np.zeros(1, STATE)
        self._week = np.zeros(1, WEEK)
        self._games = blocks_of(len(scenario.places))
        self._outcomes = blank_outcomes()
        self._scratch = np.zeros(1, SCRATCH)
        self._imposed = None
        if impose is not None:
            impose.check(scenario, self.seed, self.run, 1)
            self._imposed = self._state.view(np.int64), impose.chosen, np.ascontiguousarray(impose.words(self.run))
        self._check(begin(self.parameters, first, self.seed, self.run, *self._rows()))

    @property
    def state(self) -> np.void:
        """The STATE row."""
        row: np.void = self._state[0]
        return row

    @property
    def week(self) -> np.void:
        """The WEEK row: the last week played."""
        row: np.void = self._week[0]
        return row

    @property
    def games(self) -> np.ndarray:
        """The games of the last week played: GAME rows, shape (places,), a copy."""
        return unpacked(self._games, len(self.scenario.places))

    def of_games(self, field: str) -> np.ndarray:
        """A field of the games of the last week played, shape (places, ...), a copy: quicker than `games`.

        Only of those fields that the solver keeps for each place: `kernels.incident.blocks.OF_A_PLACE`.
        """
        values = np.moveaxis(self._games[field], -1, 1)
        return values.reshape(-1, *values.shape[2:])[: len(self.scenario.places)].copy()

    @property
    def outcomes(self) -> np.void:
        """The OUTCOMES row; complete once `alive` is false."""
        row: np.void = self._outcomes[0]
        return row

    @property
    def alive(self) -> bool:
        """False after a war (rungs 5 to 7) and at the horizon."""
        return bool(self._state["alive"][0])

    def advance(self) -> np.void:
        """Play one week in one kernel call and return its WEEK row (overwritten by the next week)."""
        self._must_be_alive()
        self._impose()
        self._check(advance(self.parameters, *self._rows(), self.horizon))
        return self.week

    def open_week(self) -> None:
        """Start a week that is then played phase by phase with `phase`."""
        self._must_be_alive()
        self._impose()
        clear_week(self._week, self.parameters[int(self._state["row"][0])])

    def phase(self, name: str) -> None:
        """Play one phase of the week in hand, for all places.

        Parameters
        ----------
        name : one of `PHASE_NAMES`

        Raises
        ------
        InputError : there is no such phase
        SolverError : its game could not be solved
        """
        if name not in PHASE_NAMES:
            allowed = f"must be one of {', '.join(PHASE_NAMES)}{nearest(name, PHASE_NAMES)}"
            raise InputError(f"phase: {shown(name)} is not allowed; {allowed}")
        PHASES[PHASE_NAMES.index(name)](self.parameters, *self._rows())
        self._check(int(self._scratch["unsolved"][0]))

    def close_week(self) -> None:
        """End the week: count it and move the clock."""
        close_week(self.parameters, self._state, self._week, self._outcomes, self.horizon)

    def _rows(self) -> tuple[np.ndarray, ...]:
        return self._state, self._week, self._games, self._outcomes, self._scratch

    def _impose(self) -> None:
        if self._imposed is not None:
            impose_words(*self._imposed, int(self.state["week"]))

    def _must_be_alive(self) -> None:
        if not self.alive:
            raise InputError(f"the run ended in week {int(self.state['week'])}; there is no next week")

    def _check(self, failed: int) -> None:
        if failed:
            raise SolverError(failure(self.scenario, 0, self.run, self._state, self._scratch))
