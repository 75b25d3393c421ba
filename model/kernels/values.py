"""What the first moves of the incident games lead to: posteriors, later choices, expected payoffs, the logit answer.

`evaluate` works on a GAMES block (`stage`) whose odds_R and p_U hold both sides' first moves, in every lane at once.
With L_kappa(o) = P(o | kappa):

    q(o) = mu L_1(o) / (mu L_1(o) + (1 - mu) L_0(o))                      posterior P(committed | o)
    Washington (tau, o, f)  ~ exp(lam u),  u_honour = -cost_tau + E_q[a_D stands down - a_E escalates]
    contingent (o)          ~ exp(lam u),  over report, fire, pull back
    value_R(kappa, o), value_U(kappa, o)                                   expected payoffs of what follows o
    worth_R(kappa, a, b) = direct_R + sum_o P(o|a,b) value_R(kappa, o)
    u_R(kappa, a) = sum_b p_U(b) worth_R(kappa, a, b),   u_U(b) likewise

Declining and sanctions pay the same at every set, so a choice of Washington is one number: with
D = log(exp(lam u_decline) + exp(lam u_sanction)), P(honour) = 1/(1 + e), e = exp(D - lam u_honour), and the rest is
split in a share that never changes. A choice that does not exist has weight 0. Quiet has no later choice.
"""

import numpy as np

from model.kernels.elementary import exp
from model.kernels.jit import kernel
from model.kernels.stage import LANES

HIGHEST = 690.0  # e^690 = 1e300: odds stay finite
NEAR = 1e-5  # log-odds this close: e^r - 1 = r + r^2/2 + r^3/6 to a rounding error


@kernel("float64(float64)")
def odds(z):
    """Return e^z, at most 1e300."""
    return exp(HIGHEST if z > HIGHEST else z)  # a NaN stays one


@kernel
def first_moves(g):
    """Set p_R from the log-odds."""
    for kappa in range(2):
        x, p = g["odds_R"][kappa], g["p_R"][kappa]
        for j in range(LANES):
            e_1 = g["active_R"][1, j] * odds(x[1, j])
            e_2 = g["active_R"][2, j] * odds(x[2, j])
            e_3 = g["active_R"][3, j] * odds(x[3, j])
            comply = 1.0 / (1.0 + e_1 + e_2 + e_3)
            p[0, j] = comply
            p[1, j] = e_1 * comply
            p[2, j] = e_2 * comply
            p[3, j] = e_3 * comply


@kernel
def likelihood(p, u, c, o, j):
    """Return P(o | kappa) = sum_a p(a) sum_b u(b) P(o | a, b), p and u being the first moves."""
    comply = u[0, j] * c[0, 0, o, j] + u[1, j] * c[0, 1, o, j] + u[2, j] * c[0, 2, o, j]
    probe = u[0, j] * c[1, 0, o, j] + u[1, j] * c[1, 1, o, j] + u[2, j] * c[1, 2, o, j]
    raid = u[0, j] * c[2, 0, o, j] + u[1, j] * c[2, 1, o, j] + u[2, j] * c[2, 2, o, j]
    strike = u[0, j] * c[3, 0, o, j] + u[1, j] * c[3, 1, o, j] + u[2, j] * c[3, 2, o, j]
    return (p[0, j] * comply + p[1, j] * probe) + (p[2, j] * raid + p[3, j] * strike)


@kernel
def committed(mu, like_0, like_1):
    """Return P(committed | o) from P(o | kappa); where o cannot occur it is mu."""
    total = mu * like_1 + (1.0 - mu) * like_0
    return mu * like_1 / total if total > 0.0 else mu


@kernel
def posteriors(g):
    """Set P(o | kappa) and q(o) of every o that somebody answers."""
    mu, u, c = g["mu"], g["p_U"], g["chance"]
    for o in range(2, 8):
        for j in range(LANES):
            like_0, like_1 = likelihood(g["p_R"][0], u, c, o, j), likelihood(g["p_R"][1], u, c, o, j)
            g["like"][0, o, j] = like_0
            g["like"][1, o, j] = like_1
            g["q"][o, j] = committed(mu, like_0, like_1)


@kernel
def washington(g, o):
    """Set the odds against honouring of each type at o after either response, and the chance of it under gamma."""
    lam, D, gamma = g["lam_US"], g["log_refuse"], g["gamma"]
    reluctant, steadfast = g["u_honour"][0], g["u_honour"][1]
    for f in range(2):
        committed, bluffing = g["reply_US"][1, f, 1], g["reply_US"][0, f, 1]
        for j in range(LANES):
            follow = g["q"][o, j] * committed + (1.0 - g["q"][o, j]) * bluffing
            refuse_0 = odds(D - lam * (reluctant + follow))
            refuse_1 = odds(D - lam * (steadfast + follow))
            g["refuse"][0, f, o, j] = refuse_0
            g["refuse"][1, f, o, j] = refuse_1
            honours = gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0)
            g["honoured"][f, o, j] = g["invoked"][o, j] * honours


@kernel
def contingent_unarmed(g, o):
    """Set the contingent's choice at an o where nobody may fire or call on Washington, and what it is worth."""
    lam, prize, loss = g["lam_C"], g["prize"], g["loss"]
    for j in range(LANES):
        report = g["base"][0, o, j] - g["danger"][o, j] * g["q"][o, j]
        leave = g["base"][2, o, j]
        e_2 = odds(lam * (leave - report))
        stays = g["respond"][o, j] / (1.0 + e_2)
        leaves = e_2 * stays
        g["u_C"][0, o, j] = report
        g["u_C"][2, o, j] = leave
        g["response"][0, o, j] = stays
        g["response"][2, o, j] = leaves
        g["value_R"][0, o, j] = g["value_R"][1, o, j] = prize * leaves
        g["value_U"][0, o, j] = g["value_U"][1, o, j] = -loss * leaves


@kernel
def contingent(g, o):
    """Set the contingent's payoffs and choice at an o where it may fire or Washington is called on."""
    share, u_S, u_H, lam = g["sanction_share"], g["u_S"], g["u_H"], g["lam_C"]
    cold_1, cold_0 = g["reply_C"][1, 0, 1], g["reply_C"][0, 0, 1]
    met_1, met_0 = g["reply_C"][1, 1, 1], g["reply_C"][0, 1, 1]
    alone_1, alone_0 = g["reply_C"][1, 1, 0], g["reply_C"][0, 1, 0]
    for j in range(LANES):
        q, danger, called = g["q"][o, j], g["danger"][o, j], g["invoked"][o, j]
        h_0, h_1 = g["honoured"][0, o, j], g["honoured"][1, o, j]
        cold = u_S * share * (called - h_0) + h_0 * (u_H + q * cold_1 + (1.0 - q) * cold_0)
        hot = u_S * share * (called - h_1) + h_1 * (u_H + q * met_1 + (1.0 - q) * met_0)
        hot += (1.0 - h_1) * (q * alone_1 + (1.0 - q) * alone_0)
        report = g["base"][0, o, j] - danger * q + cold
        fire = g["base"][1, o, j] - danger * q + hot
        leave = g["base"][2, o, j] + cold
        may_fire = g["fire"][o, j]
        e_1 = may_fire * odds(lam * (fire - report))
        e_2 = odds(lam * (leave - report))
        there = g["respond"][o, j] / (1.0 + e_1 + e_2)
        g["u_C"][0, o, j] = report
        g["u_C"][1, o, j] = fire if may_fire > 0.0 else -np.inf
        g["u_C"][2, o, j] = leave
        g["response"][0, o, j] = there
        g["response"][1, o, j] = e_1 * there
        g["response"][2, o, j] = e_2 * there


@kernel
def later_values(g, o):
    """Set the expected payoffs of what follows o to Russia and Ukraine; 0 where nobody chooses."""
    share, S_R, H_R, prize = g["sanction_share"], g["S_R"], g["H_R"], g["prize"]
    aid_E, aid_A, loss = g["aid_E"], g["aid_A"], g["loss"]
    for kappa in range(2):
        cold_R, met_R, alone_R = g["reply_R"][kappa, 0, 1], g["reply_R"][kappa, 1, 1], g["reply_R"][kappa, 1, 0]
        cold_U, met_U, alone_U = g["reply_U"][kappa, 0, 1], g["reply_U"][kappa, 1, 1], g["reply_U"][kappa, 1, 0]
        for j in range(LANES):
            h_0, h_1, called = g["honoured"][0, o, j], g["honoured"][1, o, j], g["invoked"][o, j]
            s_0, s_1 = share * (called - h_0), share * (called - h_1)
            fires, leaves = g["response"][1, o, j], g["response"][2, o, j]
            waits = g["response"][0, o, j] + leaves
            quiet_R = h_0 * (cold_R - H_R) - S_R * s_0
            fired_R = h_1 * (met_R - H_R) - S_R * s_1 + (1.0 - h_1) * alone_R
            g["value_R"][kappa, o, j] = prize * leaves + waits * quiet_R + fires * fired_R
            quiet_U = h_0 * (aid_A + cold_U)
            fired_U = aid_E + h_1 * (aid_A + met_U) + (1.0 - h_1) * alone_U
            g["value_U"][kappa, o, j] = waits * quiet_U + fires * fired_U - loss * leaves


@kernel
def follow_up(g):
    """Set what follows every o: Washington's and the contingent's choices and their worth to Russia and Ukraine."""
    for o in range(2, 8):
        if g["may_invoke"][o] == 1:
            washington(g, o)
        else:
            for j in range(LANES):
                g["honoured"][0, o, j] = g["honoured"][1, o, j] = 0.0
        if g["may_invoke"][o] == 1 or g["may_fire"][o] == 1:
            contingent(g, o)
            later_values(g, o)
        else:
            contingent_unarmed(g, o)


@kernel
def with_later(direct, c, v, j):
    """Return the worth of a pair of first moves: its direct payoff and sum_o P(o | a, b) value(o)."""
    return (
        (direct + c[2, j] * v[2, j] + c[3, j] * v[3, j])
        + (c[4, j] * v[4, j] + c[5, j] * v[5, j])
        + (c[6, j] * v[6, j] + c[7, j] * v[7, j])
    )


@kernel
def first_move_values(g):
    """Set worth_R, u_R and u_U. Payoffs of actions that do not exist are meaningless here."""
    mu, u, mean = g["mu"], g["p_U"], g["mean_U"]
    for b in range(3):
        for j in range(LANES):
            g["u_U"][b, j] = 0.0
    for a in range(4):
        c_0, c_1, c_2 = g["chance"][a, 0], g["chance"][a, 1], g["chance"][a, 2]
        for o in range(2, 8):
            for j in range(LANES):
                p_1, p_0 = mu * g["p_R"][1, a, j], (1.0 - mu) * g["p_R"][0, a, j]
                mean[o, j] = p_1 * g["value_U"][1, o, j] + p_0 * g["value_U"][0, o, j]
        for j in range(LANES):
            p_a = mu * g["p_R"][1, a, j] + (1.0 - mu) * g["p_R"][0, a, j]
            g["u_U"][0, j] += with_later(p_a * g["direct_U"][a, 0, j], c_0, mean, j)
            g["u_U"][1, j] += with_later(p_a * g["direct_U"][a, 1, j], c_1, mean, j)
            g["u_U"][2, j] += with_later(p_a * g["direct_U"][a, 2, j], c_2, mean, j)
        for kappa in range(2):
            direct, worth, v = g["direct_R"][kappa, a], g["worth_R"][kappa, a], g["value_R"][kappa]
            for j in range(LANES):
                w_0 = with_later(direct[0, j], c_0, v, j)
                w_1 = with_later(direct[1, j], c_1, v, j)
                w_2 = with_later(direct[2, j], c_2, v, j)
                worth[0, j] = w_0
                worth[1, j] = w_1
                worth[2, j] = w_2
                g["u_R"][kappa, a, j] = u[0, j] * w_0 + u[1, j] * w_1 + u[2, j] * w_2


@kernel
def evaluate(g):
    """Set everything that follows from the first moves in `g`: posteriors, later choices, u_R and u_U."""
    first_moves(g)
    posteriors(g)
    follow_up(g)
    first_move_values(g)


@kernel
def larger(a, b):
    """Return the larger of two; a NaN in `b` is passed on, which `max` need not do."""
    return a if a >= b else b


@kernel
def answer_ukraine(g):
    """Set Ukraine's logit answer, and `residual` to its largest distance from p_U."""
    lam, u, p = g["lam_U"], g["u_U"], g["p_U"]
    for j in range(LANES):
        e_1 = g["active_U"][1, j] * odds(lam * (u[1, j] - u[0, j]))
        e_2 = g["active_U"][2, j] * odds(lam * (u[2, j] - u[0, j]))
        comply = 1.0 / (1.0 + e_1 + e_2)
        g["answer_U"][0, j] = comply
        g["answer_U"][1, j] = e_1 * comply
        g["answer_U"][2, j] = e_2 * comply
        g["residual"][j] = larger(
            larger(abs(comply - p[0, j]), abs(e_1 * comply - p[1, j])), abs(e_2 * comply - p[2, j])
        )


@kernel
def answer_russia(g):
    """Set in log-odds how far Russia's answer to p_U is, `gap_R`, and its answer to answer_U, `answer_R`."""
    lam, u = g["lam_R"], g["answer_U"]
    for kappa in range(2):
        worth, u_R = g["worth_R"][kappa], g["u_R"][kappa]
        for a in range(1, 4):
            for j in range(LANES):
                more_0, more_1 = worth[a, 0, j] - worth[0, 0, j], worth[a, 1, j] - worth[0, 1, j]
                more_2 = worth[a, 2, j] - worth[0, 2, j]
                more = u[0, j] * more_0 + u[1, j] * more_1 + u[2, j] * more_2
                there = g["active_R"][a, j]
                g["answer_R"][kappa, a, j] = there * (lam * more)
                g["gap_R"][kappa, a, j] = there * (lam * (u_R[a, j] - u_R[0, j]) - g["odds_R"][kappa, a, j])


@kernel
def small_expm1(r):
    """Return e^r - 1 = r + r^2/2 + r^3/6, for |r| <= NEAR."""
    return r + r * r * (0.5 + r * (1.0 / 6.0))


@kernel
def measure(g):
    """Set `gap` to the largest |gap_R|, and raise `residual` to the largest distance of p_R from its logit answer.

    An answer off by r in log-odds is off by p_i |e_i - e|/(1 + e) in probability, with e_i = e^(r_i) - 1 and
    e = sum p_i e_i. Where some r is beyond NEAR the residual is that r: an upper bound, far above any tolerance.
    """
    for j in range(LANES):
        g["gap"][j] = 0.0
    for kappa in range(2):
        r, p = g["gap_R"][kappa], g["p_R"][kappa]
        for j in range(LANES):
            gap = larger(larger(abs(r[1, j]), abs(r[2, j])), abs(r[3, j]))
            e_1, e_2, e_3 = small_expm1(r[1, j]), small_expm1(r[2, j]), small_expm1(r[3, j])
            e = p[1, j] * e_1 + p[2, j] * e_2 + p[3, j] * e_3
            off = larger(larger(p[0, j] * abs(e), p[1, j] * abs(e_1 - e)), p[2, j] * abs(e_2 - e))
            off = larger(off, p[3, j] * abs(e_3 - e)) / (1.0 + e)
            g["residual"][j] = larger(g["residual"][j], off if gap <= NEAR else gap)
            g["gap"][j] = larger(g["gap"][j], gap)
    for j in range(LANES):  # no number is no answer
        sane = g["residual"][j] < np.inf and g["gap"][j] < np.inf
        g["residual"][j] = g["residual"][j] if sane else np.inf


@kernel
def answer(g):
    """Set both sides' answers to the first moves in `g`, and how far these are from their logit answer.

    Russia answers Ukraine's answer, not its last moves: half of what either side's moves do to the other is then in one
    round. The residual is that of the moves in `g`: max |logit(u(p)) - p|, inf where there is a NaN.
    """
    evaluate(g)
    answer_ukraine(g)
    answer_russia(g)
    measure(g)


@kernel
def write_choices(g):
    """Write out what only readers want: the chances of quiet, no payoff of a missing action, Washington's decisions."""
    for j in range(LANES):
        like_0 = likelihood(g["p_R"][0], g["p_U"], g["chance"], 0, j)
        like_1 = likelihood(g["p_R"][1], g["p_U"], g["chance"], 0, j)
        g["like"][0, 0, j] = like_0
        g["like"][1, 0, j] = like_1
        g["q"][0, j] = committed(g["mu"], like_0, like_1)
        g["q"][1, j] = g["mu"]
    for j in range(LANES):
        for a in range(4):
            for kappa in range(2):
                g["u_R"][kappa, a, j] = g["u_R"][kappa, a, j] if g["active_R"][a, j] == 1.0 else -np.inf
        for b in range(3):
            g["u_U"][b, j] = g["u_U"][b, j] if g["active_U"][b, j] == 1.0 else -np.inf
    for o in range(2, 8):
        if g["may_invoke"][o] == 1:
            decisions(g, o)


@kernel
def decisions(g, o):
    """Write out Washington's choice at every set that follows o; 0 where it is not asked."""
    share = g["sanction_share"]
    for tau in range(2):
        for f in range(2):
            for j in range(LANES):
                asked = g["invoked"][o, j] * (1.0 if f == 0 else g["fire"][o, j])
                honours = asked / (1.0 + g["refuse"][tau, f, o, j])
                rest = honours * g["refuse"][tau, f, o, j]
                g["decision"][tau, f, 0, o, j] = (1.0 - share) * rest
                g["decision"][tau, f, 1, o, j] = share * rest
                g["decision"][tau, f, 2, o, j] = honours
