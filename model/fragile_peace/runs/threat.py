"""Moscow's threat as a signal: the game before week 0 solved, and the rows that its runs start from.

`kernels.threat` has the formulas and says why every solution is one number C that answers itself. Here all of them are
looked for: the answer less C is taken on a grid over [-max D, -min D], fine where some belief still moves, and each
change of sign is closed in on. Where the coalition's joining jumps there (its greatest solution vanishes at that
belief), the threat leaves just the belief at which the coalition tips, and it forms with the chance for which C answers
itself: jumps made good like this, the answer is continuous, and there is always a solution.

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
from fragile_peace.kernels.chance.logit import log_odds
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


@dataclass(frozen=True, eq=False)
class Solution:
    """One solution of the game.

    Attributes
    ----------
    C : ln Z_0 - ln Z_1
    chances, payoff : P(theta | kappa) and u_kappa(theta), shape (TYPES, levels)
    share : F(theta), the expected share of the force that joins, shape (levels,)
    residual : largest distance of a chance from the answer to all of them
    level : of what runs start from, the index of the threat: each once, but twice the one at which the coalition tips
    odds : the chance of each of these, given its threat: 1, but the chances that the coalition forms and does not
    belief : mu(theta), with which each of them starts; the two of a tipping coalition are neighbouring numbers
    joining : each contingent's chance of joining in each of them, shape (len(level), contingents)
    """

    C: float
    chances: np.ndarray
    payoff: np.ndarray
    share: np.ndarray
    residual: float
    level: tuple[int, ...]
    odds: np.ndarray
    belief: np.ndarray
    joining: np.ndarray

    @property
    def tips(self) -> bool:
        """Whether the coalition tips after one of the threats."""
        return len(self.level) > len(LEVELS)


@dataclass(frozen=True, eq=False)
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

    Where Moscow chooses the threat these are a group of rows for each threat, alike but for `theta` and `mu_start`; the
    first holds the chances (E13.9). Raises SolverError where a game could not be solved.
    """
    if scenario.threat.choice == ThreatChoice.SET:
        parameters, first = rows([scenario])
        return parameters, int(first[0])
    played = solve_threat(scenario).played
    options = list(played.level)
    parameters, first = rows([scenario.override({"threat.level": LEVELS[i]}) for i in options])
    parameters["mu_start"][first] = played.belief
    start = parameters[0]
    start["n_threats"] = len(options)
    start["p_threat"][:, : len(options)] = played.chances[:, options] * played.odds
    start["threat_row"][: len(options)] = first
    return parameters, 0


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

    def joinings(self, belief: np.ndarray) -> np.ndarray:
        """Return each contingent's chance of joining after each threat, given the beliefs that they leave."""
        joining = [self.joining(level, float(mu)) for level, mu in zip(LEVELS, belief, strict=True)]
        return np.array(joining)[:, : len(self.scenario.contingents)]

    def shares(self, belief: np.ndarray) -> np.ndarray:
        """Return F after each threat (E13.5)."""
        return np.array([threat.share_joining(self.row[0], joining) for joining in self.joinings(belief)])

    def answer(self, share: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the C that Moscow answers with if so much of the force joins, its payoffs and its chances."""
        payoff, chances = np.zeros((TYPES, len(LEVELS))), np.zeros((TYPES, len(LEVELS)))
        C = threat.set_choices(self.row[0], share, self.stand_down, payoff, chances)
        return float(C), payoff, chances

    def beliefs(self, C: float) -> np.ndarray:
        """Return mu(theta) at a C."""
        mu = np.zeros(len(LEVELS))
        threat.set_beliefs(self.row[0], self.difference, C, mu)
        return mu

    def gap(self, C: float) -> float:
        """Return how far the answer to a C lies above it."""
        return self.answer(self.shares(self.beliefs(C)))[0] - C

    def solution(self, low: float, high: float) -> Solution:
        """Return what is played where the gap changes sign, between two C as close as numbers allow."""
        C = min(low, high, key=lambda C: abs(self.gap(C)))
        belief = self.beliefs(C)
        share = self.shares(belief)
        answer, payoff, chances = self.answer(share)
        residual = float(threat.largest_change(chances, self.answer(self.shares(self.beliefs(answer)))[2]))
        if residual > TOLERANCE:
            return self.tipping(low, high)
        every = tuple(range(len(LEVELS)))
        return Solution(
            C, chances, payoff, share, residual, every, np.ones(len(every)), belief, self.joinings(belief)
        )  # fmt: skip

    def tipping(self, low: float, high: float) -> Solution:
        """Return what is played where joining jumps between two C: the coalition forms with a chance (E13.8)."""
        before, after = self.beliefs(low), self.beliefs(high)
        shares = self.shares(before), self.shares(after)
        jump = int(np.abs(shares[0] - shares[1]).argmax())
        share, least, most = shares[0].copy(), 0.0, 1.0
        falling = self.answer(shares[0])[0] > low
        for _ in range(MOST):
            forms = (least + most) / 2.0
            if not least < forms < most:
                break
            share[jump] = threat.tipping_share(forms, shares[0][jump], shares[1][jump])
            if (self.answer(share)[0] > low) == falling:
                most = forms
            else:
                least = forms
        answer, payoff, chances = self.answer(share)
        again = self.shares(self.beliefs(answer))
        again[jump] = share[jump]
        residual = float(threat.largest_change(chances, self.answer(again)[2]))
        level = sorted([*range(len(LEVELS)), jump])
        odds = np.ones(len(level))
        odds[jump : jump + 2] = forms, 1.0 - forms
        belief, joining = before[level], self.joinings(before)[level]
        belief[jump + 1], joining[jump + 1] = after[jump], self.joinings(after)[jump]
        return Solution(low, chances, payoff, share, residual, tuple(level), odds, belief, joining)

    def solved(self) -> ThreatGame:
        """Return all solutions, and the one that is played (E13.7)."""
        unread = self.answer(self.shares(np.full(len(LEVELS), self.scenario.threat.credibility)))[0]
        grid = self.grid(unread)
        gaps = [self.gap(C) for C in grid]
        crossings = [k for k in range(len(grid) - 1) if (gaps[k] > 0.0) != (gaps[k + 1] > 0.0)]
        found = [self.solution(*self.closed_in(*grid[k : k + 2], *gaps[k : k + 2])) for k in crossings]
        solutions = tuple(solution for solution in found if solution.residual <= TOLERANCE)
        upward = gaps[grid.index(unread)] > 0.0
        ahead = [solution for solution in solutions if (solution.C > unread) == upward] or solutions
        if not ahead:
            raise SolverError(f"the threat as a signal not solved to 1e-10: scenario {self.scenario.name}")
        played = min(ahead, key=lambda solution: abs(solution.C - unread))
        return ThreatGame(LEVELS, self.stand_down, self.difference, solutions, played)

    def grid(self, also: float) -> list[float]:
        """Return the C to look at, in order: all over the range, close together where a belief is free to move."""
        low, high = -float(self.difference.max()), -float(self.difference.min())
        prior = float(log_odds(self.scenario.threat.credibility))
        steps = [k / STEPS for k in range(STEPS + 1)]
        grid = {low + (high - low) * step for step in steps} | {also}
        for each in self.difference.tolist():
            grid |= {min(high, max(low, FREE * (2.0 * step - 1.0) - prior - each)) for step in steps}
        rounding = 1e-9 * (1.0 + high - low)  # the ends are answers where one level is chosen for sure
        return sorted(grid | {low - rounding, high + rounding})

    def closed_in(self, low: float, high: float, gap_low: float, gap_high: float) -> tuple[float, float]:
        """Return the C between which the gap changes sign, by secants and halvings, as close as numbers allow."""
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
                return middle, middle
            if (gap > 0.0) == falling:
                low, gap_low = middle, gap
            else:
                high, gap_high = middle, gap
        return low, high
