"""The incident games solved: their logit agent quantal response equilibria (docs/model.md, section 4).

At every information set P(action) is proportional to exp(lambda * expected payoff given that the set is reached), with
beliefs by Bayes' rule (McKelvey & Palfrey 1998). Given both sides' first moves, the posteriors give Washington's and
the contingent's choices, these give the first moves' expected payoffs, and these new first moves
(`best_response.answer`): a fixed point in p_R[kappa, a] and p_U[b]. Russia's reply depends on nothing that is iterated
(`regime`).

`solve` works on a GAMES block, lane by lane the same whatever the neighbours do. Its residual is
max |logit(u(p)) - p| over both sides' first moves at the strategies it returns; every later choice is computed from
those same strategies, so its condition holds to rounding. Log-odds are asked to be within LOG_TOLERANCE of their
answer, too, so that a rare move of either side is as exact in proportion as a common one, and so are the posteriors
that rest on it.

Rounds take the answer of `best_response.answer` improved by one secant (Anderson 1965, depth 1) in Russia's log-odds,
and Ukraine's answer as it is. A lane that has not settled after DAMP_AFTER rounds starts again from where it began,
with damped rounds and no secants, and after FOLLOW_AFTER rounds follows the path of `homotopy`.

Readable twin: `reference.incident.IncidentGame.solve`, by plain iteration.
"""

from fragile_peace.codes import Action
from fragile_peace.kernels.incident.best_response import answer, is_solved
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.homotopy import follow
from fragile_peace.kernels.incident.later_moves import ukraine_moves
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

DAMP_AFTER = 40
DAMP_STRONG_AFTER = 250
FOLLOW_AFTER = 5000
CLOSE = 1e-6
"""After a step this short in log-odds the next round should find a solution: a round gains two digits or more."""
PROBE, STRIKE = int(Action.PROBE), int(Action.STRIKE)


@kernel
def solve(games, k):
    """Solve the open lanes of GAMES block k from the strategies they hold (E4.61, E4.62, E4.63, E4.64, E4.66).

    Returns -1, or the first lane that could not be solved. `status`, `residual` and `rounds` are set in each lane.

    Parameters
    ----------
    games, k : GAMES and block, modified in place; odds_R and odds_U hold the first guess, p_U its chances
    """
    g = games[k]
    remember_start(g)
    rounds = 0
    expected = index(0)
    left = LANES
    while rounds < FOLLOW_AFTER and left > 0:
        rounds += 1
        answer(g, expected)
        left = settle(g, rounds)
        if left > 0 and rounds < DAMP_AFTER:
            expected = accelerate(g, rounds)
        elif left > 0:
            damp(g, rounds)
            expected = index(0)
    return follow_lanes(g) if left > 0 else -1


@kernel
def remember_start(g):
    """Note where the iteration starts, to which damped rounds return (E4.63), and reset status and rounds."""
    for kappa in range(2):
        for a in range(PROBE, STRIKE + 1):
            for j in range(LANES):
                g["start_R"][kappa, a, j] = g["odds_R"][kappa, a, j]
    for b in range(3):
        for j in range(LANES):
            g["start_U"][b, j] = g["odds_U"][b, j]
    for j in range(LANES):
        g["status"][j] = 0
        g["rounds"][j] = 0


@kernel
def settle(g, rounds):
    """Close the lanes that are solved and count the round; returns how many are open (E4.66)."""
    left = 0
    for j in range(LANES):
        is_open = g["open"][j] == 1.0 and not is_solved(g, j)
        g["rounds"][j] = rounds if g["open"][j] == 1.0 else g["rounds"][j]
        g["open"][j] = 1.0 if is_open else 0.0
        left += 1 if is_open else 0
    return left


@kernel
def accelerate(g, rounds):
    """Move the open lanes to their next guess by one secant (E4.62).

    With y the answer, r = y - x the step to it, dy and dr their changes since the last round, the next guess is
    x + r - secant dy, secant = dr.r/dr.dr. Where |r| has not fallen the answer itself is taken.

    Returns 1 if all steps were so CLOSE that the next guess should be a solution, or else 0.
    """
    far = 0
    x, y, y_last, r_last = g["odds_R"], g["answer_R"], g["last_answer"], g["last_step"]
    for j in range(LANES):
        across = along = size = 0.0
        for kappa in range(2):
            for a in range(PROBE, STRIKE + 1):
                r = y[kappa, a, j] - x[kappa, a, j]
                dr = r - r_last[kappa, a, j]
                r_last[kappa, a, j] = r
                across += dr * r
                along += dr * dr
                size += r * r
        better = rounds > 1 and along > 0.0 and size < g["last_gap"][j]
        secant = across / along if better else 0.0
        g["last_gap"][j] = size
        far += 1 if g["open"][j] == 1.0 and size > CLOSE * CLOSE else 0
        for kappa in range(2):
            for a in range(PROBE, STRIKE + 1):
                step = r_last[kappa, a, j] - secant * (y[kappa, a, j] - y_last[kappa, a, j])
                y_last[kappa, a, j] = y[kappa, a, j]
                x[kappa, a, j] += g["open"][j] * step
    for b in range(3):
        for j in range(LANES):
            is_open = g["open"][j]
            g["odds_U"][b, j] = is_open * g["answer_U"][b, j] + (1.0 - is_open) * g["odds_U"][b, j]
            g["p_U"][b, j] = is_open * g["next_U"][b, j] + (1.0 - is_open) * g["p_U"][b, j]
    return 1 if far == 0 else 0


@kernel
def damp(g, rounds):
    """Move the open lanes part of the way to their answer, in round DAMP_AFTER back to where they started (E4.63)."""
    back = rounds == DAMP_AFTER
    share = 0.5 if rounds < DAMP_STRONG_AFTER else 0.2
    for j in range(LANES):
        if g["open"][j] == 1.0:
            for kappa in range(2):
                for a in range(PROBE, STRIKE + 1):
                    old = g["odds_R"][kappa, a, j]
                    new = old + share * (g["answer_R"][kappa, a, j] - old)
                    g["odds_R"][kappa, a, j] = g["start_R"][kappa, a, j] if back else new
            for b in range(PROBE, STRIKE):
                old = g["odds_U"][b, j]
                g["odds_U"][b, j] = g["start_U"][b, j] if back else old + share * (g["answer_U"][b, j] - old)
    ukraine_moves(g, g["odds_U"], g["p_U"])


@kernel
def follow_lanes(g):
    """Solve the lanes still open by path-following; returns the first that is not solved, or -1 (E4.64, E4.66)."""
    failed = -1
    for j in range(LANES):
        if g["open"][j] == 1.0:
            follow(g, j)
            solved = is_solved(g, j)
            g["status"][j] = 0 if solved else 1
            g["open"][j] = 0.0
            failed = j if failed < 0 and not solved else failed
    return failed
