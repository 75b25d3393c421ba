"""The games of a block of hubs, where Russia complies or strikes and Ukraine has one move.

Only a strike leaves anything to be seen there; no alarm is false, no dispute is settled, nobody is taken for another
(`blocks`). So all that can be observed, o = 2, 3, 6 and 7, tells the same of Russia's type, and a strike is worth what
its traces lead to:

    q(o) = mu p_1 / (mu p_1 + (1 - mu) p_0),   p_kappa the chance that this type strikes
    u_R(kappa, strike) = direct_R(strike) + effect_kappa P(somebody dies) + sum_trace P(trace | strike) v_R(kappa, o)

These are the conditions of `later_moves` and `best_response` less what is 0 or 1 in them, which takes four fifths of
the time; a test holds the two together.
"""

from fragile_peace.kernels.incident.blocks import LANES, index
from fragile_peace.kernels.incident.later_moves import answers_to, committed
from fragile_peace.kernels.incident.monitoring import Trace
from fragile_peace.kernels.machine.elementary import odds
from fragile_peace.kernels.machine.jit import kernel

NAMED, SEEN, UNSEEN = int(Trace.NAMED), int(Trace.SEEN), int(Trace.UNSEEN)
KILLED_NAMED, KILLED = int(Trace.KILLED_NAMED), int(Trace.KILLED)


@kernel
def answer_strikes(g):
    """Set all that follows from the first moves in a block of hubs, and `answer_R` and `gap_R` of strikes."""
    strikes(g)
    answers_to(g, index(3))
    answers_to(g, index(7))
    answers_to(g, index(2))
    answers_to(g, index(6))
    strike_odds(g)


@kernel
def strikes(g):
    """Set p_R from the log-odds, P(o | kappa) and q(o)."""
    mu, left = g["mu"], g["leaves_R"][3]
    x, p, like_0, like_1 = g["odds_R"], g["p_R"], g["like"][0], g["like"][1]
    for j in range(LANES):
        e_0, e_1 = g["active_R"][3, j] * odds(x[0, 3, j]), g["active_R"][3, j] * odds(x[1, 3, j])
        comply_0, comply_1 = 1.0 / (1.0 + e_0), 1.0 / (1.0 + e_1)
        p_0, p_1 = e_0 * comply_0, e_1 * comply_1
        p[0, 0, j], p[0, 3, j], p[1, 0, j], p[1, 3, j] = comply_0, p_0, comply_1, p_1
        like_0[0, j], like_1[0, j] = comply_0 + p_0 * left[UNSEEN, j], comply_1 + p_1 * left[UNSEEN, j]
        like_0[2, j], like_1[2, j] = p_0 * left[NAMED, j], p_1 * left[NAMED, j]
        like_0[3, j], like_1[3, j] = p_0 * left[KILLED_NAMED, j], p_1 * left[KILLED_NAMED, j]
        like_0[6, j], like_1[6, j] = p_0 * left[SEEN, j], p_1 * left[SEEN, j]
        like_0[7, j], like_1[7, j] = p_0 * left[KILLED, j], p_1 * left[KILLED, j]
        g["q"][2, j] = g["q"][3, j] = g["q"][6, j] = g["q"][7, j] = committed(mu, p_0, p_1)


@kernel
def strike_odds(g):
    """Set both types' answers in log-odds, and how far they are from `odds_R`."""
    lam, effect_0, effect_1 = g["lam_R"], g["effect"][0], g["effect"][1]
    x, y, r, d, left = g["odds_R"], g["answer_R"], g["gap_R"], g["direct_R"], g["leaves_R"][3]
    for j in range(LANES):
        at_once, dead = d[3, 0, j] - d[0, 0, j], g["dies_R"][3, j]
        y_0 = lam * g["active_R"][3, j] * (at_once + effect_0 * dead + over_strike(left, g["value_R"][0], j))
        y_1 = lam * g["active_R"][3, j] * (at_once + effect_1 * dead + over_strike(left, g["value_R"][1], j))
        y[0, 3, j], y[1, 3, j] = y_0, y_1
        r[0, 3, j], r[1, 3, j] = y_0 - x[0, 3, j], y_1 - x[1, 3, j]


@kernel(forceinline=True)
def over_strike(left, v, j):
    """Return the sum over the traces of a strike of their chance times what follows, (8, LANES)."""
    alive = left[NAMED, j] * v[2, j] + left[SEEN, j] * v[6, j]
    return alive + (left[KILLED_NAMED, j] * v[3, j] + left[KILLED, j] * v[7, j])
