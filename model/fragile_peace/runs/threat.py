"""Moscow's threat as a signal: the game before week 0 solved, and the rows that its runs start from.

`kernels.threat` has the formulas and says why every solution is one number C that answers itself. Here all of them are
looked for: the answer less C is taken on a grid over [-max D, -min D], fine where some belief still moves, and each
change of sign is closed in on. A change of sign at which the coalition's joining jumps is no solution.

Which one is played (E13.7). From C_0, the answer to the threats of a Moscow that nobody reads anything into
(mu = mu_0 after every threat), the first solution on the side on which the answer to C_0 lies: where the game arrives
if Moscow and its readers go on answering each other in small steps.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from fragile_peace.codes import ThreatChoice
from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import SolverError
from fragile_peace.kernels import threat
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.threat import LEVELS, TYPES
from fragile_peace.kernels.week import begin
from fragile_peace.runs.failure import failure
from fragile_peace.state import SCRATCH, STATE, WEEK, blank_outcomes

TOLERANCE = 1e-10
"""Promised bound on the residual of a solution."""
STEPS = 32
"""Steps of the grid over all C, and over the C at which one level's belief moves."""
FREE = 6.95
"""Log-odds beyond which a belief stands at its bound (.001, .999)."""
HALVINGS = 3
"""Every so many steps a bracket is halved, whatever the secant says."""
MOST = 400
_KEPT = 64


@dataclass(frozen=True)
class Solution:
    """One solution of the game.

    Attributes
    ----------
    C : ln Z_0 - ln Z_1
    chances, payoff : P(theta | kappa) and u_kappa(theta), shape (TYPES, levels)
    belief : mu(theta), the belief that Russia is committed once it has threatened so, shape (levels,)
    joining : each contingent's chance of joining after each threat, shape (levels, contingents)
    share : F(theta), the expected share of the force that joins, shape (levels,)
    residual : largest distance of a chance from the answer to all of them
    """

    C: float
    chances: np.ndarray
    payoff: np.ndarray
    belief: np.ndarray
    joining: np.ndarray
    share: np.ndarray
    residual: float


@dataclass(frozen=True)
class ThreatGame:
    """The game solved.

    Attributes
    ----------
    levels : theta, from quiet to loud
    stand_down, difference : S_kappa(theta), shape (TYPES, levels), and D(theta), shape (levels,)
    solutions : all that were found, by C
    played : the one that runs play
    """

    levels: tuple[float, ...]
    stand_down: np.ndarray
    difference: np.ndarray
    solutions: tuple[Solution, ...]
    played: Solution


def laid_out(scenario: Scenario) -> tuple[np.ndarray, int]:
    """Return the PARAMETERS rows of a scenario and the row in which its runs start.

    Where Moscow chooses the threat these are a group of rows for each level, alike but for `theta` and `mu_start`; the
    first holds the chances (E13.8). Raises SolverError where the game has no solution.
    """
    if scenario.threat.choice == ThreatChoice.SET:
        parameters, first = rows([scenario])
        return parameters, int(first[0])
    played = solve_threat(scenario).played
    parameters, first = rows([scenario.override({"threat.level": level}) for level in LEVELS])
    parameters["mu_start"][first] = played.belief
    parameters["p_threat"][first] = played.chances
    parameters["threat_row"][first] = first
    parameters["n_threats"][first] = len(LEVELS)
    return parameters, int(first[0])


def solve_threat(scenario: Scenario) -> ThreatGame:
    """Solve the game of the threat as a signal (docs/model.md, section 13); kept for the process.

    Parameters
    ----------
    scenario : its first regime is used, whatever its `threat.choice`

    Raises
    ------
    SolverError : an incident or a joining game could not be solved, or no solution was found
    """
    key = scenario.digest
    if key not in _SOLVED:
        _SOLVED[key] = _Search(scenario).solved()
        if len(_SOLVED) > _KEPT:
            _SOLVED.popitem(last=False)
    return _SOLVED[key]


_SOLVED: OrderedDict[str, ThreatGame] = OrderedDict()


class _Search:
    """The game in hand: its parameters, work rows, and the joining games solved so far."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.row = rows([scenario])[0][:1].copy()
        self.games = blocks_of(len(scenario.places))
        self.joined: dict[tuple[float, float], np.ndarray] = {}
        self.stand_down, self.difference = np.zeros((TYPES, len(LEVELS))), np.zeros(len(LEVELS))
        threat.set_stand_down(self.row[0], self.stand_down)
        threat.set_difference(self.row[0], self.stand_down, self.difference)

    def joining(self, level: float, belief: float) -> np.ndarray:
        """Return each contingent's chance of joining at a threat and a belief: the game that any run plays (E3.17)."""
        if (level, belief) not in self.joined:
            state, week, out, scratch = np.zeros(1, STATE), np.zeros(1, WEEK), blank_outcomes(), np.zeros(1, SCRATCH)
            self.row["theta"], self.row["mu_start"] = level, belief
            if begin(self.row, 0, 0, 0, state, week, self.games, out, scratch):
                raise SolverError(failure(self.scenario, 0, 0, state, scratch))
            self.joined[level, belief] = scratch[0]["p_join"].copy()
        return self.joined[level, belief]

    def at(self, belief: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Return the C that Moscow answers these beliefs with, and F, its payoffs and its chances."""
        joining = [self.joining(level, float(mu)) for level, mu in zip(LEVELS, belief, strict=True)]
        share = np.array([threat.share_joining(self.row[0], chances) for chances in joining])
        payoff, chances = np.zeros((TYPES, len(LEVELS))), np.zeros((TYPES, len(LEVELS)))
        C = threat.set_choices(self.row[0], share, self.stand_down, payoff, chances)
        return float(C), share, payoff, chances

    def beliefs(self, C: float) -> np.ndarray:
        """Return mu(theta) at a C."""
        mu = np.zeros(len(LEVELS))
        threat.set_beliefs(self.row[0], self.difference, C, mu)
        return mu

    def gap(self, C: float) -> float:
        """Return how far the answer to a C lies above it."""
        return self.at(self.beliefs(C))[0] - C

    def solution(self, C: float) -> Solution:
        """Return what is played at a C, and how far that is from its own answer."""
        belief = self.beliefs(C)
        answer, share, payoff, chances = self.at(belief)
        joining = np.array([self.joining(level, float(mu)) for level, mu in zip(LEVELS, belief, strict=True)])
        residual = float(threat.largest_change(chances, self.at(self.beliefs(answer))[3]))
        return Solution(C, chances, payoff, belief, joining[:, : len(self.scenario.contingents)], share, residual)

    def solved(self) -> ThreatGame:
        """Return all solutions, and the one that is played (E13.7)."""
        unread = self.at(np.full(len(LEVELS), self.scenario.threat.credibility))[0]
        grid = self.grid(unread)
        gaps = [self.gap(C) for C in grid]
        crossings = [k for k in range(len(grid) - 1) if (gaps[k] > 0.0) != (gaps[k + 1] > 0.0)]
        found = [self.solution(self.closed_in(*grid[k : k + 2], *gaps[k : k + 2])) for k in crossings]
        solutions = tuple(solution for solution in found if solution.residual <= TOLERANCE)
        if not solutions:
            raise SolverError(f"the threat as a signal: no solution found: scenario {self.scenario.name}")
        upward = gaps[grid.index(unread)] > 0.0
        ahead = [solution for solution in solutions if (solution.C > unread) == upward] or solutions
        played = min(ahead, key=lambda solution: abs(solution.C - unread))
        return ThreatGame(LEVELS, self.stand_down, self.difference, solutions, played)

    def grid(self, also: float) -> list[float]:
        """Return the C to look at, in order: all over the range, close together where a belief is free to move."""
        low, high = -float(self.difference.max()), -float(self.difference.min())
        prior = float(threat.log_odds(self.scenario.threat.credibility))
        steps = [k / STEPS for k in range(STEPS + 1)]
        grid = {low + (high - low) * step for step in steps} | {also}
        for each in self.difference.tolist():
            grid |= {min(high, max(low, FREE * (2.0 * step - 1.0) - prior - each)) for step in steps}
        rounding = 1e-9 * (1.0 + high - low)  # the ends are answers where one level is chosen for sure
        return sorted(grid | {low - rounding, high + rounding})

    def closed_in(self, low: float, high: float, gap_low: float, gap_high: float) -> float:
        """Return the C at which the gap changes sign, by secants and halvings, as closely as numbers allow."""
        falling = gap_low > 0.0
        for step in range(MOST):
            middle = low + (high - low) / 2.0
            if step % HALVINGS:
                secant = low - gap_low * (high - low) / (gap_high - gap_low)
                middle = secant if low < secant < high else middle
            if not low < middle < high:
                break
            gap = self.gap(middle)
            if gap == 0.0:
                return middle
            if (gap > 0.0) == falling:
                low, gap_low = middle, gap
            else:
                high, gap_high = middle, gap
        return low if abs(gap_low) < abs(gap_high) else high
