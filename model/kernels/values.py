"""What the first moves of an incident game lead to: posteriors, later choices, expected payoffs, the logit answer.

`evaluate` works on a GAME row (`stage`) whose p_R and p_U hold both sides' first moves. With L_kappa(o) = P(o | kappa):

    q(o) = mu L_1(o) / (mu L_1(o) + (1 - mu) L_0(o))                      posterior P(committed | o)
    Washington (tau, o, f)  ~ exp(lam u),  u_honour = -cost_tau + E_q[a_D stands down - a_E escalates]
    contingent (o)          ~ exp(lam u),  over report, fire, pull back
    value_R(kappa, o), value_U(kappa, o)                                   expected payoffs of what follows o
    u_R(kappa, a) = sum_b p_U(b) [direct_R + sum_o P(o|a,b) value_R(kappa, o)],   u_U(b) likewise

Declining and sanctions pay the same at every set, so a choice of Washington is one number: with
D = log(exp(lam u_decline) + exp(lam u_sanction)), P(honour) = 1/(1 + e), e = exp(D - lam u_honour), and the rest is
split in a share that never changes. Loops run over the eight observables innermost and without branches (a choice that
does not exist has weight 0), so that the compiler handles several at once; quiet has no later choice.
"""

import numpy as np

from model.kernels.elementary import exp
from model.kernels.jit import kernel
from model.kernels.logit import log_sum_exp, logistic

N_UNKNOWNS = 11  # p_R[0, :], p_R[1, :], p_U
HUGE = 1e300


@kernel
def refusal(g):
    """Set D and the share of sanctions among refusals, which are the same at every set of Washington."""
    decline, sanction = g["lam_US"] * g["u_decline"], g["lam_US"] * g["u_sanction"]
    g["log_refuse"] = log_sum_exp(decline, sanction)
    g["sanction_share"] = logistic(sanction - decline)


@kernel
def posteriors(g):
    """Set P(o | kappa, b), P(o | kappa) and q(o); where o cannot occur q is mu."""
    mu = g["mu"]
    for kappa in range(2):
        r0, r1, r2, r3 = g["p_R"][kappa, 0], g["p_R"][kappa, 1], g["p_R"][kappa, 2], g["p_R"][kappa, 3]
        for b in range(3):
            for o in range(8):
                g["flow"][kappa, b, o] = (
                    r0 * g["chance"][0, b, o]
                    + r1 * g["chance"][1, b, o]
                    + r2 * g["chance"][2, b, o]
                    + r3 * g["chance"][3, b, o]
                )
        u0, u1, u2 = g["p_U"][0], g["p_U"][1], g["p_U"][2]
        flow = g["flow"][kappa]
        for o in range(8):
            g["like"][kappa, o] = u0 * flow[0, o] + u1 * flow[1, o] + u2 * flow[2, o]
    for o in range(8):
        committed = mu * g["like"][1, o]
        total = committed + (1.0 - mu) * g["like"][0, o]
        g["q"][o] = committed / total if total > 0.0 else mu


@kernel
def washington(g, f):
    """Set the chance that each type honours at every o where it is asked after response f, and its mean under gamma."""
    committed, bluffing = g["reply_US"][1, f, 1], g["reply_US"][0, f, 1]
    lam, D, gamma = g["lam_US"], g["log_refuse"], g["gamma"]
    reluctant, steadfast = g["u_honour"][0], g["u_honour"][1]
    for o in range(8):
        follow = g["q"][o] * committed + (1.0 - g["q"][o]) * bluffing
        g["refuse"][0, f, o] = min(HUGE, exp(D - lam * (reluctant + follow)))
        g["refuse"][1, f, o] = min(HUGE, exp(D - lam * (steadfast + follow)))
    for o in range(8):
        g["honoured"][f, o] = g["invoked"][o] * (
            gamma / (1.0 + g["refuse"][1, f, o]) + (1.0 - gamma) / (1.0 + g["refuse"][0, f, o])
        )


@kernel
def contingent(g):
    """Set the contingent's payoffs and choice at every o where it chooses."""
    share, u_S, u_H, danger, lam = g["sanction_share"], g["u_S"], g["u_H"], g["danger"], g["lam_C"]
    cold_1, cold_0 = g["reply_C"][1, 0, 1], g["reply_C"][0, 0, 1]
    met_1, met_0 = g["reply_C"][1, 1, 1], g["reply_C"][0, 1, 1]
    alone_1, alone_0 = g["reply_C"][1, 1, 0], g["reply_C"][0, 1, 0]
    for o in range(8):
        q = g["q"][o]
        h_0, h_1 = g["honoured"][0, o], g["honoured"][1, o]
        cold = u_S * share * (g["invoked"][o] - h_0) + h_0 * (u_H + q * cold_1 + (1.0 - q) * cold_0)
        hot = u_S * share * (g["invoked"][o] - h_1) + h_1 * (u_H + q * met_1 + (1.0 - q) * met_0)
        hot += (1.0 - h_1) * (q * alone_1 + (1.0 - q) * alone_0)
        report = g["base"][0, o] - danger * q + cold
        leave = g["base"][2, o] + cold
        fire = g["base"][1, o] - danger * q + hot if g["fire"][o] == 1 else report
        g["pay_C"][0, o] = report
        g["pay_C"][1, o] = fire
        g["pay_C"][2, o] = leave
    for o in range(8):
        best = max(g["pay_C"][0, o], max(g["pay_C"][1, o], g["pay_C"][2, o]))
        e_0 = exp(lam * (g["pay_C"][0, o] - best))
        e_1 = g["fire"][o] * exp(lam * (g["pay_C"][1, o] - best))
        e_2 = exp(lam * (g["pay_C"][2, o] - best))
        there = g["respond"][o] / (e_0 + e_1 + e_2)
        g["choice"][0, o] = e_0 * there
        g["choice"][1, o] = e_1 * there
        g["choice"][2, o] = e_2 * there


@kernel
def later_values(g):
    """Set the expected payoffs of what follows each o to Russia and Ukraine; 0 where nobody chooses."""
    share, S_R, H_R, prize = g["sanction_share"], g["S_R"], g["H_R"], g["prize"]
    aid_E, aid_A, loss = g["aid_E"], g["aid_A"], g["loss"]
    for kappa in range(2):
        cold_R, met_R, alone_R = g["reply_R"][kappa, 0, 1], g["reply_R"][kappa, 1, 1], g["reply_R"][kappa, 1, 0]
        cold_U, met_U, alone_U = g["reply_U"][kappa, 0, 1], g["reply_U"][kappa, 1, 1], g["reply_U"][kappa, 1, 0]
        for o in range(8):
            h_0, h_1 = g["honoured"][0, o], g["honoured"][1, o]
            s_0, s_1 = share * (g["invoked"][o] - h_0), share * (g["invoked"][o] - h_1)
            fires, leaves = g["choice"][1, o], g["choice"][2, o]
            waits = g["choice"][0, o] + leaves
            quiet_R = h_0 * (cold_R - H_R) - S_R * s_0
            fired_R = h_1 * (met_R - H_R) - S_R * s_1 + (1.0 - h_1) * alone_R
            g["value_R"][kappa, o] = prize * leaves + waits * quiet_R + fires * fired_R
            quiet_U = h_0 * (aid_A + cold_U)
            fired_U = aid_E + h_1 * (aid_A + met_U) + (1.0 - h_1) * alone_U
            g["value_U"][kappa, o] = waits * quiet_U + fires * fired_U - loss * leaves


@kernel
def first_move_values(g):
    """Set Russia's u_R[kappa, a] and Ukraine's u_U[b] given what follows; -inf where an action does not exist."""
    u0, u1, u2 = g["p_U"][0], g["p_U"][1], g["p_U"][2]
    for a in range(4):
        value_0 = u0 * g["direct_R"][0, a, 0] + u1 * g["direct_R"][0, a, 1] + u2 * g["direct_R"][0, a, 2]
        value_1 = u0 * g["direct_R"][1, a, 0] + u1 * g["direct_R"][1, a, 1] + u2 * g["direct_R"][1, a, 2]
        for o in range(2, 8):
            weight = u0 * g["chance"][a, 0, o] + u1 * g["chance"][a, 1, o] + u2 * g["chance"][a, 2, o]
            value_0 += weight * g["value_R"][0, o]
            value_1 += weight * g["value_R"][1, o]
        there = g["active_R"][a] == 1
        g["u_R"][0, a] = value_0 if there else -np.inf
        g["u_R"][1, a] = value_1 if there else -np.inf
    mu = g["mu"]
    for b in range(3):
        value = 0.0
        for kappa in range(2):
            later = 0.0
            for a in range(4):
                later += g["p_R"][kappa, a] * g["direct_U"][a, b]
            for o in range(2, 8):
                later += g["flow"][kappa, b, o] * g["value_U"][kappa, o]
            value += (mu if kappa == 1 else 1.0 - mu) * later
        g["u_U"][b] = value if g["active_U"][b] == 1 else -np.inf


@kernel
def evaluate(g):
    """Set everything that follows from the first moves in `g`: posteriors, later choices, u_R and u_U."""
    posteriors(g)
    washington(g, 0)
    washington(g, 1)
    contingent(g)
    later_values(g)
    first_move_values(g)


@kernel
def answer(g):
    """Set `new` to the logit answer to the first moves in `g` and return its largest distance from them (inf: NaN)."""
    evaluate(g)
    lam_R, lam_U = g["lam_R"], g["lam_U"]
    best_0 = max(max(g["u_R"][0, 0], g["u_R"][0, 1]), max(g["u_R"][0, 2], g["u_R"][0, 3]))
    best_1 = max(max(g["u_R"][1, 0], g["u_R"][1, 1]), max(g["u_R"][1, 2], g["u_R"][1, 3]))
    best_U = max(g["u_U"][0], max(g["u_U"][1], g["u_U"][2]))
    for a in range(4):
        there = g["active_R"][a] == 1
        g["new"][a] = lam_R * (g["u_R"][0, a] - best_0) if there else -np.inf
        g["new"][4 + a] = lam_R * (g["u_R"][1, a] - best_1) if there else -np.inf
    for b in range(3):
        g["new"][8 + b] = lam_U * (g["u_U"][b] - best_U) if g["active_U"][b] == 1 else -np.inf
    for j in range(12):
        g["new"][j] = exp(g["new"][j])
    sum_0 = (g["new"][0] + g["new"][1]) + (g["new"][2] + g["new"][3])
    sum_1 = (g["new"][4] + g["new"][5]) + (g["new"][6] + g["new"][7])
    sum_U = g["new"][8] + g["new"][9] + g["new"][10]
    distance = 0.0
    sane = True
    for j in range(N_UNKNOWNS):
        total = sum_0 if j < 4 else (sum_1 if j < 8 else sum_U)
        value = g["new"][j] / total
        error = abs(value - get_unknown(g, j))
        g["new"][j] = value
        sane = sane and error < np.inf
        distance = max(distance, error)
    return distance if sane else np.inf


@kernel
def get_unknown(g, j):
    """Return unknown j of the fixed point."""
    return g["p_R"][j // 4, j % 4] if j < 8 else g["p_U"][j - 8]


@kernel
def set_unknown(g, j, value):
    """Set unknown j of the fixed point in place."""
    if j < 8:
        g["p_R"][j // 4, j % 4] = value
    else:
        g["p_U"][j - 8] = value


@kernel
def write_choices(g):
    """Write out the later choices as others read them, [o, response] and [tau, f, o, decision]."""
    share = g["sanction_share"]
    for o in range(2, 8):
        for response in range(3):
            g["response"][o, response] = g["choice"][response, o]
            g["u_C"][o, response] = g["pay_C"][response, o]
        if g["fire"][o] == 0:
            g["u_C"][o, 1] = -np.inf
    for tau in range(2):
        for f in range(2):
            for o in range(2, 8):
                refuse = g["refuse"][tau, f, o]
                asked = g["invoked"][o] == 1 and (f == 0 or g["fire"][o] == 1)
                rest = refuse / (1.0 + refuse) if asked else 0.0
                g["decision"][tau, f, o, 0] = (1.0 - share) * rest
                g["decision"][tau, f, o, 1] = share * rest
                g["decision"][tau, f, o, 2] = 1.0 / (1.0 + refuse) if asked else 0.0
