"""The incident game solved: its logit agent quantal response equilibrium (docs/model.md, section 4).

At every information set P(action) is proportional to exp(lambda * expected payoff given that the set is reached), with
beliefs by Bayes' rule (McKelvey & Palfrey 1998). Given both sides' first moves, the posteriors give Washington's and
the contingent's choices, these give the first moves' expected payoffs, and these new first moves (`values.answer`): a
fixed point in p_R[kappa, a] and p_U[b]. Russia's reply depends on nothing that is iterated (`stage`).

`solve` works on a GAME row. Its residual is max |logit(u(p)) - p| over both sides' first moves at the strategies it
returns; every later choice is computed from those same strategies, so its condition holds to rounding.
"""

from model.kernels.continuation import follow
from model.kernels.jit import kernel
from model.kernels.values import N_UNKNOWNS, answer, get_unknown, refusal, set_unknown, write_choices

TOLERANCE = 1e-10
DAMP_HALF_AFTER = 60
DAMP_STRONG_AFTER = 250
FOLLOW_AFTER = 5000


@kernel
def solve(G, k):
    """Solve GAME row k in place from the strategies it holds; returns status 0, or 1 if it could not be solved.

    Parameters
    ----------
    G, k : GAME array and row, modified in place; p_R and p_U hold the first guess
    """
    g = G[k]
    refusal(g)
    damp = 1.0
    rounds = 0
    distance = 1.0
    while rounds < FOLLOW_AFTER:
        rounds += 1
        distance = answer(g)
        if distance <= TOLERANCE:
            break
        if rounds == DAMP_HALF_AFTER:
            damp = 0.5
        elif rounds == DAMP_STRONG_AFTER:
            damp = 0.2
        for j in range(N_UNKNOWNS):
            old = get_unknown(g, j)
            set_unknown(g, j, old + damp * (g["new"][j] - old))
    if not distance <= TOLERANCE:
        rounds, distance = follow(g, rounds)
    write_choices(g)
    g["rounds"] = rounds
    g["residual"] = distance
    g["status"] = 0 if distance <= TOLERANCE else 1
    return g["status"]
