"""The games of a block of hubs, where Russia complies or strikes and Ukraine has one move.

Only a strike leaves a trace there, and there are no false alarms, no liaison and no misattribution. So whatever is
observed but quiet, (R, 0), (R, 1), (disputed, 0) or (disputed, 1), gives the same posterior, and the payoff of a strike
is a sum over its traces:

    q(o) = mu p_1 / (mu p_1 + (1 - mu) p_0),   p_kappa the chance that this type strikes
    u_R(kappa, strike) = direct_R(strike) + effect_kappa P(somebody dies) + sum_trace P(trace | strike) v_R(kappa, o)

These are the conditions of `later_moves` and `best_response` without the terms that are 0 or 1 there, in a fifth of the
time; a test compares the two.

Readable twin: `reference.incident.IncidentGame`, which treats a hub like any place.
"""

from fragile_peace.codes import Action, RussianType
from fragile_peace.kernels.incident.blocks import LANES, index
from fragile_peace.kernels.incident.later_moves import answers_to, committed
from fragile_peace.kernels.incident.monitoring import KILLED, KILLED_NAMED, NAMED, SEEN, UNSEEN, Observable
from fragile_peace.kernels.machine.elementary import odds
from fragile_peace.kernels.machine.jit import kernel

COMPLY, STRIKE = int(Action.COMPLY), int(Action.STRIKE)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
QUIET, RUSSIA, RUSSIA_K = int(Observable.QUIET), int(Observable.RUSSIA), int(Observable.RUSSIA_K)
DISPUTED, DISPUTED_K = int(Observable.DISPUTED), int(Observable.DISPUTED_K)


@kernel
def answer_strikes(g):
    """Set all that follows from the first moves in a block of hubs, and `answer_R` and `gap_R` of strikes (E4.60)."""
    strikes(g)
    answers_to(g, index(RUSSIA_K))
    answers_to(g, index(DISPUTED_K))
    answers_to(g, index(RUSSIA))
    answers_to(g, index(DISPUTED))
    strike_odds(g)


@kernel
def strikes(g):
    """Set p_R from the log-odds, P(o | kappa) and q(o) (E4.60)."""
    mu, left = g["mu"], g["leaves_R"][STRIKE]
    x_0, x_1, there = g["odds_R"][BLUFFING], g["odds_R"][COMMITTED], g["active_R"][STRIKE]
    p_0, p_1, like_0, like_1 = g["p_R"][BLUFFING], g["p_R"][COMMITTED], g["like"][BLUFFING], g["like"][COMMITTED]
    for j in range(LANES):
        e_0, e_1 = there[j] * odds(x_0[STRIKE, j]), there[j] * odds(x_1[STRIKE, j])
        comply_0, comply_1 = 1.0 / (1.0 + e_0), 1.0 / (1.0 + e_1)
        strike_0, strike_1 = e_0 * comply_0, e_1 * comply_1
        p_0[COMPLY, j], p_0[STRIKE, j], p_1[COMPLY, j], p_1[STRIKE, j] = comply_0, strike_0, comply_1, strike_1
        like_0[QUIET, j] = comply_0 + strike_0 * left[UNSEEN, j]
        like_1[QUIET, j] = comply_1 + strike_1 * left[UNSEEN, j]
        like_0[RUSSIA, j], like_1[RUSSIA, j] = strike_0 * left[NAMED, j], strike_1 * left[NAMED, j]
        like_0[RUSSIA_K, j], like_1[RUSSIA_K, j] = strike_0 * left[KILLED_NAMED, j], strike_1 * left[KILLED_NAMED, j]
        like_0[DISPUTED, j], like_1[DISPUTED, j] = strike_0 * left[SEEN, j], strike_1 * left[SEEN, j]
        like_0[DISPUTED_K, j], like_1[DISPUTED_K, j] = strike_0 * left[KILLED, j], strike_1 * left[KILLED, j]
        q = committed(mu, strike_0, strike_1)
        g["q"][RUSSIA, j] = g["q"][RUSSIA_K, j] = g["q"][DISPUTED, j] = g["q"][DISPUTED_K, j] = q


@kernel
def strike_odds(g):
    """Set both types' answers in log-odds, and how far they are from `odds_R` (E4.60, E4.61)."""
    lam, effect_0, effect_1 = g["lam_R"], g["effect"][BLUFFING], g["effect"][COMMITTED]
    x, y, r, d, left = g["odds_R"], g["answer_R"], g["gap_R"], g["direct_R"], g["leaves_R"][STRIKE]
    for j in range(LANES):
        there, dead = g["active_R"][STRIKE, j], g["dies_R"][STRIKE, j]
        at_once = d[STRIKE, COMPLY, j] - d[COMPLY, COMPLY, j]
        y_0 = lam * there * (at_once + effect_0 * dead + over_strike(left, g["value_R"][BLUFFING], j))
        y_1 = lam * there * (at_once + effect_1 * dead + over_strike(left, g["value_R"][COMMITTED], j))
        y[BLUFFING, STRIKE, j], y[COMMITTED, STRIKE, j] = y_0, y_1
        r[BLUFFING, STRIKE, j], r[COMMITTED, STRIKE, j] = y_0 - x[BLUFFING, STRIKE, j], y_1 - x[COMMITTED, STRIKE, j]


@kernel(forceinline=True)
def over_strike(left, value, j):
    """Return sum_trace P(trace | strike) value(o) in lane j, `value` being an array (8, LANES) (E4.60)."""
    alive = left[NAMED, j] * value[RUSSIA, j] + left[SEEN, j] * value[DISPUTED, j]
    return alive + (left[KILLED_NAMED, j] * value[RUSSIA_K, j] + left[KILLED, j] * value[DISPUTED_K, j])
