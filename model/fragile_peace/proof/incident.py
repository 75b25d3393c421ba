"""The face of the incident game: one place, one state, its equilibrium.

`solve_incident(scenario, place, state)` lays the stage game out, solves it and returns every strategy, payoff and
posterior by name. The engine and the Mesa model call the same two kernels, `blocks.set_games` and `equilibrium.solve`.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import softmax

from fragile_peace.codes import Action, PlaceKind
from fragile_peace.declared.rows import STRIKE_KM, rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError, shown
from fragile_peace.kernels.foresight import day_of_year
from fragile_peace.kernels.incident.best_response import TOLERANCE
from fragile_peace.kernels.incident.blocks import LANES, blocks_of, set_games, set_uniform
from fragile_peace.kernels.incident.equilibrium import FOLLOW_AFTER, solve
from fragile_peace.kernels.incident.regime import set_rules
from fragile_peace.kernels.incident.table import unpacked
from fragile_peace.state import STATE, WEEK


@dataclass(frozen=True)
class PlaceState:
    """What the players of one place and week know, beside the scenario.

    Attributes
    ----------
    mu, gamma : P(Russia committed), P(Washington steadfast), in (0, 1)
    tension : x_s >= 0
    restraint : r_s in [0, 1]
    garrison : troops in the place by contingent, thousands, in the scenario's order
    monitors : civilian monitors present, persons
    day : day of the year, 1 to 366
    void : the guarantee is void this week
    sustained : a European died by an attributed breach somewhere in the last four weeks
    """

    mu: float
    gamma: float
    tension: float
    restraint: float
    garrison: tuple[float, ...]
    monitors: float
    day: int
    void: bool = False
    sustained: bool = False

    @classmethod
    def at_start(cls, scenario: Scenario, place: int, ramp: float = 1.0) -> Self:
        """Return the state of a place in week 0 with a share `ramp` of the force in place."""
        spot = scenario.places[place]
        weight = 0.0 if spot.kind == PlaceKind.HUB else scenario.hot_spots[place]
        shares = [c.deployment.get(spot.name, 0.0) for c in scenario.contingents]
        return cls(
            mu=scenario.threat.credibility,
            gamma=scenario.guarantee.credibility,
            tension=scenario.tension.initial * weight,
            restraint=scenario.truce.restraint,
            garrison=tuple(M * share * ramp for M, share in zip(scenario.troops, shares, strict=True)),
            monitors=spot.monitors,
            day=day_of_year(scenario.start_date.toordinal()),
        )

    @property
    def total(self) -> float:
        """m_s, thousands, summed in the scenario's order as the kernels do."""
        total = 0.0
        for troops in self.garrison:
            total += troops
        return total

    @property
    def lead(self) -> int:
        """The contingent with the largest garrison (ties: the lower index); 0 where there is none."""
        return int(np.argmax(self.garrison)) if self.garrison else 0

    def check(self, scenario: Scenario) -> None:
        """Raise InputError for a value outside its range or a garrison of the wrong length."""
        for name, low, high in (("mu", 0, 1), ("gamma", 0, 1), ("restraint", 0, 1), ("tension", 0, np.inf)):
            value = getattr(self, name)
            if not low <= value <= high or value == np.inf:
                raise InputError(f"state.{name}: {value!r} is not allowed; must be a number from {low} to {high:g}")
        if len(self.garrison) != len(scenario.contingents):
            raise InputError(
                f"state.garrison: {shown(self.garrison)} is not allowed; "
                f"must hold {len(scenario.contingents)} numbers, one for each contingent"
            )
        if any(not 0 <= troops < np.inf for troops in self.garrison) or not 0 <= self.monitors < np.inf:
            raise InputError("state.garrison, state.monitors: must not be negative")
        if not 1 <= self.day <= 366:
            raise InputError(f"state.day: {self.day!r} is not allowed; must be a whole number from 1 to 366")

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return a STATE and a WEEK row in which every place is like this one, under the first parameters."""
        now, week = np.zeros(1, STATE), np.zeros(1, WEEK)
        now["mu"], now["gamma"], now["x_s"], now["r_s"] = self.mu, self.gamma, self.tension, self.restraint
        week["m_s"], week["lead_s"], week["monitors_s"] = self.total, self.lead, self.monitors
        week["day"], week["void"], week["sustained"] = self.day, self.void, self.sustained
        return now, week

    def but(self, **changes: object) -> Self:
        """Return a copy with some values changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class IncidentEquilibrium:
    """A solved stage game: `table` is the GAME row (see `kernels.incident.blocks.GAME` for its fields)."""

    scenario: Scenario
    place: int
    state: PlaceState
    table: np.void

    @property
    def rounds(self) -> int:
        """Rounds of the fixed point."""
        return int(self.table["rounds"])

    @property
    def residual(self) -> float:
        """Largest distance of a first-move probability from the logit of its payoffs, by SciPy, not by the solver."""
        place, precision = self.scenario.places[self.place], self.scenario.precision
        opportunities = np.ones(len(Action))
        if place.kind == PlaceKind.LINE:
            opportunities[Action.STRIKE] = place.length_km / STRIKE_KM
        with np.errstate(divide="ignore"):  # an action that does not exist: -inf
            russia, ukraine = np.log(self.table["active_R"]), np.log(self.table["active_U"])
        u_R, u_U = (np.where(np.isfinite(u), u, 0.0) for u in (self.table["u_R"], self.table["u_U"]))
        russia = softmax(russia + np.log(opportunities) + precision.russia * u_R, axis=1)
        ukraine = softmax(ukraine + precision.ukraine * u_U)
        return float(max(np.abs(russia - self.table["p_R"]).max(), np.abs(ukraine - self.table["p_U"]).max()))

    @property
    def converged(self) -> bool:
        """Whether the residual is within the tolerance; always true for a result of `solve_incident`."""
        return self.residual <= TOLERANCE


def solve_incident(scenario: Scenario, place: int, state: PlaceState | None = None) -> IncidentEquilibrium:
    """Solve the incident game of one place from the uniform profile.

    Parameters
    ----------
    scenario : its first regime is used
    place : index of the place
    state : what the players know; the start of week 0 with the force in place if omitted

    Raises
    ------
    InputError : a value of the state is out of range
    SolverError : the game could not be solved to a residual of 1e-10
    """
    if not 0 <= place < len(scenario.places):
        raise InputError(f"place: {place} is not allowed; must be a whole number from 0 to {len(scenario.places) - 1}")
    state = PlaceState.at_start(scenario, place) if state is None else state
    state.check(scenario)
    parameters, _ = rows([scenario])
    k = place // LANES
    blocks = blocks_of(len(scenario.places))
    set_rules(parameters, 0, blocks, k)
    set_uniform(blocks[k])
    set_games(parameters, *state.rows(), blocks, k)
    close_others(blocks, place)
    failed = solve(blocks, k) >= 0
    game = unpacked(blocks, len(scenario.places))[place]
    if failed:
        raise SolverError(
            f"incident game at {scenario.places[place].name} not solved: residual "
            f"{game['residual']:.3g} after {game['rounds']} rounds (plain limit {FOLLOW_AFTER})"
        )
    return IncidentEquilibrium(scenario, place, state, game)


def close_others(blocks: np.ndarray, place: int) -> None:
    """Leave the game of one place alone open to be solved. `blocks` is modified in place."""
    blocks["open"] = 0.0
    blocks["open"][place // LANES, place % LANES] = 1.0
