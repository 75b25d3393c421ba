"""When the war comes back without a force, along the path that both sides foresee: `no_force`, module dynamic_logit.

Without a force nothing moves the reviews of section 9 but both sides' strength, which follows a fixed path, and
tension, which hardly moves them: the beliefs in Washington stand still, and that in Moscow enters no payoff. So the
hazards of a point are those of its reviews along the mean path of tension, solved by the engine's own kernels, and

    F(t) = 1 - sum over kappa of P(kappa) prod over reviews j up to t of (1 - P_R(kappa, j))(1 - P_U(j)).

What the mean tension leaves out is shown by `war_check`, which plays members on the engine. Index: i decider (Russia
bluffing, Russia committed, Ukraine), j review.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.kernels.dynamics import stay_share
from fragile_peace.kernels.foresight import balance, next_strength, regeneration
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.resumption import COMMITTED, CONVERGED, N_DECIDERS, P_RESUME, STATUS, UKRAINE
from fragile_peace.kernels.reviews import look_ahead, solve_reviews
from fragile_peace.kernels.week import begin
from fragile_peace.runs.simulation import MOMENTS, simulate_weekly
from fragile_peace.runs.threat import laid_out
from fragile_peace.state import SCRATCH, STATE, WEEK, blank_outcomes

WORLD = "no_force"
YEAR = 52
WEEKS = 10 * YEAR
EARLY = 16
RUNS = 32  # of the world in which nobody resumes, for the mean tension
PEACE = {"war.prize": 0, "war.cost": 50, "war_ukraine.prize": 0, "war_ukraine.cost": 50}
"""With these hardly a run ends, so that all of them are there in every week."""


@kernel
def review_hazards(
    params: np.ndarray, state: np.ndarray, scratch: np.ndarray, tension: np.ndarray, hazards: np.ndarray
) -> int:
    """Set P(resume) of every decider at each review along the path (E9.13); returns how many were not solved.

    Parameters
    ----------
    params, state, scratch : the rows, as `week.begin` leaves them; modified in place
    tension : float64, by week, the mean over the line places
    hazards : float64, shape (reviews, deciders); modified in place: as many reviews as it has
    """
    now = state[0]
    p = params[now["row"]]
    pace = regeneration(p["g_B"], p["funding"], p["rho_E"], stay_share(p, state))
    failed = 0
    for j in range(hazards.shape[0]):
        for _ in range(p["war_weeks"]):
            now["U"] = next_strength(now["U"], pace, scratch[0]["ceiling"])
            now["V"] = next_strength(now["V"], p["g_R"], p["V_max"])
        now["B"] = balance(now["U"], now["V"])
        now["week"] = p["war_weeks"] * (j + 1) - 1
        for s in range(p["n_places"]):
            now["x_s"][s] = tension[now["week"]]
        n_reviews, _, _, _ = look_ahead(params, state, scratch)
        solve_reviews(params, state, scratch, n_reviews)
        for i in range(N_DECIDERS):
            hazards[j, i] = scratch[0]["reviews"][P_RESUME, i]
            if scratch[0]["reviews"][STATUS, i] != CONVERGED:
                failed += 1
    return failed


@cache
def tension_path(seed: int) -> np.ndarray:
    """Return the mean tension of the line by week, over runs in which hardly anybody resumes, to nine decimals."""
    world = Scenario.load(WORLD).override(PEACE)
    moments = simulate_weekly([world], RUNS, seed, WEEKS).moments[0]
    tension: np.ndarray = np.round(moments[:, MOMENTS.index("line_tension")] / moments[:, MOMENTS.index("alive")], 9)
    return tension


class Paths:
    """The reviews of `no_force` at one point after another.

    Attributes
    ----------
    committed : the prior over types, P(Russia is committed)
    every : weeks between reviews
    """

    def __init__(self, tension: np.ndarray) -> None:
        self.tension = tension
        self.parameters, _ = laid_out(Scenario.load(WORLD))
        self.parameters = self.parameters[:1]
        self.committed = float(self.parameters["mu_true"][0])
        self.every = int(self.parameters["war_weeks"][0])
        self._state, self._scratch = np.zeros(1, STATE), np.zeros(1, SCRATCH)
        games = blocks_of(int(self.parameters["n_places"][0]))
        begin(self.parameters, 0, 0, 0, self._state, np.zeros(1, WEEK), games, blank_outcomes(), self._scratch)
        self._start = self._state.copy()

    def came_back(self, point: Mapping[str, float], weeks: int) -> np.ndarray:
        """Return F at each review up to a week, at the values of a point and the scenario's others.

        Raises RuntimeError where a review was not solved.
        """
        row = self.parameters[0]
        before = {name: row[CATALOGUE[name].symbol].item() for name in point}
        self._set(point)
        hazards = np.zeros((weeks // self.every, N_DECIDERS))
        self._state[:] = self._start
        self._scratch["tangents"], self._scratch["path_row"] = 0, -1
        failed = review_hazards(self.parameters, self._state, self._scratch, self.tension, hazards)
        self._set(before)
        if failed:
            raise RuntimeError(f"{failed} reviews of {WORLD} not solved at {dict(point)}")
        stays = np.cumprod((1 - hazards[:, :UKRAINE]) * (1 - hazards[:, UKRAINE:]), axis=0)
        return 1 - (1 - self.committed) * stays[:, 1 - COMMITTED] - self.committed * stays[:, COMMITTED]

    def at(self, curve: np.ndarray, week: int) -> float:
        """Return F by a week from F at each review."""
        return float(curve[week // self.every - 1])

    def _set(self, point: Mapping[str, float]) -> None:
        for name, value in point.items():
            self.parameters[0][CATALOGUE[name].symbol] = value
