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

from model.kernels.elementary import MOST, odds
from model.kernels.jit import kernel
from model.kernels.stage import LANES

NEAR = 1e-7
"""Log-odds this close: their squares, which `measure` leaves out, are a ten-thousandth of the tolerance."""


@kernel
def first_moves(g):
    """Set p_R from the log-odds."""
    for kappa in range(2):
        x, p = g["odds_R"][kappa], g["p_R"][kappa]
        if g["may_act"][1] == 0:  # hubs: comply or strike
            for j in range(LANES):
                e_3 = g["active_R"][3, j] * odds(x[3, j])
                comply = 1.0 / (1.0 + e_3)
                p[0, j] = comply
                p[3, j] = e_3 * comply
            continue
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
    p_0, p_1 = g["p_R"][0], g["p_R"][1]
    if g["may_act"][1] == 0:
        posteriors_of_hubs(g)
        return
    for o in range(2, 8):
        for j in range(LANES):
            like_0, like_1 = likelihood(p_0, u, c, o, j), likelihood(p_1, u, c, o, j)
            g["like"][0, o, j] = like_0
            g["like"][1, o, j] = like_1
            g["q"][o, j] = committed(mu, like_0, like_1)


@kernel
def posteriors_of_hubs(g):
    """Set the same in a block of hubs, where Ukraine complies and Russia may strike."""
    mu, c, p_0, p_1 = g["mu"], g["chance"], g["p_R"][0], g["p_R"][1]
    for o in range(2, 8):
        for j in range(LANES):
            like_0 = p_0[0, j] * c[0, 0, o, j] + p_0[3, j] * c[3, 0, o, j]
            like_1 = p_1[0, j] * c[0, 0, o, j] + p_1[3, j] * c[3, 0, o, j]
            g["like"][0, o, j] = like_0
            g["like"][1, o, j] = like_1
            g["q"][o, j] = committed(mu, like_0, like_1)


@kernel
def washington(g, o):
    """Set the odds against honouring of each type at o after either response, and the chance of it under gamma."""
    lam, D, gamma = g["lam_US"], g["log_refuse"], g["gamma"]
    reluctant, steadier = g["u_honour"][0], g["steadier"]
    for f in range(2):
        committed, bluffing = g["reply_US"][1, f, 1], g["reply_US"][0, f, 1]
        for j in range(LANES):
            follow = g["q"][o, j] * committed + (1.0 - g["q"][o, j]) * bluffing
            refuse_0 = odds(D - lam * (reluctant + follow))
            refuse_1 = min(refuse_0 * steadier, MOST)
            g["refuse"][0, f, o, j] = refuse_0
            g["refuse"][1, f, o, j] = refuse_1
            honours = gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0)
            g["honoured"][f, o, j] = g["invoked"][o, j] * honours


@kernel
def contingent_unarmed(g, o):
    """Set the contingent's choice at an o where nobody may fire or call on Washington."""
    lam = g["lam_C"]
    for j in range(LANES):
        report = g["base"][0, o, j] - g["danger"][o, j] * g["q"][o, j]
        leave = g["base"][2, o, j]
        e_2 = odds(lam * (leave - report))
        stays = g["respond"][o, j] / (1.0 + e_2)
        g["u_C"][0, o, j] = report
        g["u_C"][2, o, j] = leave
        g["response"][0, o, j] = stays
        g["response"][2, o, j] = e_2 * stays


@kernel
def contingent(g, o):
    """Set the contingent's payoffs and choice at an o where Washington is called on."""
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
def contingent_uncalled(g, o):
    """Set the same at an o where the contingent may fire and nobody calls on Washington."""
    lam, alone_1, alone_0 = g["lam_C"], g["reply_C"][1, 1, 0], g["reply_C"][0, 1, 0]
    for j in range(LANES):
        q, danger = g["q"][o, j], g["danger"][o, j]
        report = g["base"][0, o, j] - danger * q
        fire = g["base"][1, o, j] - danger * q + (q * alone_1 + (1.0 - q) * alone_0)
        leave = g["base"][2, o, j]
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
    """Set the expected payoffs of what follows a death, o = 3, 5 or 7, to Russia and Ukraine."""
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
def uncalled_values(g, o):
    """Set the same where nobody calls on Washington: of vacated posts, and of shots where there may be any."""
    prize, loss, aid_E, fire = g["prize"], g["loss"], g["aid_E"], g["may_fire"][o]
    for kappa in range(2):
        alone_R, alone_U = g["reply_R"][kappa, 1, 0], g["reply_U"][kappa, 1, 0]
        for j in range(LANES):
            fires, leaves = fire * g["response"][1, o, j], g["response"][2, o, j]
            g["value_R"][kappa, o, j] = prize * leaves + fires * alone_R
            g["value_U"][kappa, o, j] = fires * (aid_E + alone_U) - loss * leaves


@kernel
def follow_up(g):
    """Set what follows every o: Washington's and the contingent's choices, and after a death their worth."""
    for o in range(2, 8):
        if g["may_invoke"][o] == 1:
            washington(g, o)
            contingent(g, o)
            later_values(g, o)
        else:
            if g["may_fire"][o] == 1:
                contingent_uncalled(g, o)
            else:
                contingent_unarmed(g, o)
            if o % 2 == 1:
                uncalled_values(g, o)


@kernel
def over_signals(c, v, first, j):
    """Return the sum of P(o | a, b) v(o) over the signals of one K, o = first, first + 2, first + 4."""
    return c[first, j] * v[first, j] + c[first + 2, j] * v[first + 2, j] + c[first + 4, j] * v[first + 4, j]


@kernel
def first_move_values(g):
    """Set worth_R and u_U. Payoffs of actions that do not exist are meaningless here.

    Without a death (even o) all that can follow is a vacated post, worth the same to both types, or a shot.
    """
    mu, prize, loss = g["mu"], g["prize"], g["loss"]
    mean, v = g["mean_U"], g["value_U"]
    for b in range(3):
        for j in range(LANES):
            g["u_U"][b, j] = 0.0
    for a in range(4):
        if g["may_act"][a] == 0:
            continue
        for j in range(LANES):
            p_1, p_0 = mu * g["p_R"][1, a, j], (1.0 - mu) * g["p_R"][0, a, j]
            g["p_a"][j] = p_1 + p_0
            mean[3, j] = p_1 * v[1, 3, j] + p_0 * v[0, 3, j]
            mean[5, j] = p_1 * v[1, 5, j] + p_0 * v[0, 5, j]
            mean[7, j] = p_1 * v[1, 7, j] + p_0 * v[0, 7, j]
        if g["may_act"][1] == 0:
            for j in range(LANES):
                add_pair(g, prize, loss, a, 0, j)
            continue
        for b in range(3):
            for j in range(LANES):
                add_pair(g, prize, loss, a, b, j)
    if g["may_fire"][2] == 1:
        add_shots(g)


@kernel
def add_pair(g, prize, loss, a, b, j):
    """Set Russia's worth of a pair of first moves, and add its part to u_U."""
    c = g["chance"][a, b]
    vacated = over_signals(c, g["response"][2], 2, j)
    pull = g["direct_U"][a, b, j] - loss * vacated
    g["u_U"][b, j] += g["p_a"][j] * pull + over_signals(c, g["mean_U"], 3, j)
    won = prize * vacated
    g["worth_R"][0, a, b, j] = (g["direct_R"][0, a, b, j] + won) + over_signals(c, g["value_R"][0], 3, j)
    g["worth_R"][1, a, b, j] = (g["direct_R"][1, a, b, j] + won) + over_signals(c, g["value_R"][1], 3, j)


@kernel
def add_shots(g):
    """Add to worth_R and u_U what shots after an attributed breach without a death (o = 2) are worth."""
    mu, aid_E = g["mu"], g["aid_E"]
    for kappa in range(2):
        alone_R, alone_U = g["reply_R"][kappa, 1, 0], g["reply_U"][kappa, 1, 0]
        weight = mu if kappa == 1 else 1.0 - mu
        for a in range(4):
            for b in range(3):
                for j in range(LANES):
                    shots = g["chance"][a, b, 2, j] * g["response"][1, 2, j]
                    g["worth_R"][kappa, a, b, j] += shots * alone_R
                    g["u_U"][b, j] += weight * g["p_R"][kappa, a, j] * shots * (aid_E + alone_U)


@kernel
def russia_payoffs(g):
    """Set u_R from worth_R: the payoffs that Russia expects against p_U."""
    u = g["p_U"]
    for kappa in range(2):
        for a in range(4):
            w = g["worth_R"][kappa, a]
            for j in range(LANES):
                g["u_R"][kappa, a, j] = u[0, j] * w[0, j] + u[1, j] * w[1, j] + u[2, j] * w[2, j]


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
    if g["may_act"][1] == 0:
        for j in range(LANES):
            g["answer_U"][0, j] = 1.0
            g["residual"][j] = 0.0
        return
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
    lam, u, u_last = g["lam_R"], g["answer_U"], g["p_U"]
    for kappa in range(2):
        worth = g["worth_R"][kappa]
        for a in range(1, 4):
            for j in range(LANES):
                more_0, more_1 = worth[a, 0, j] - worth[0, 0, j], worth[a, 1, j] - worth[0, 1, j]
                more_2 = worth[a, 2, j] - worth[0, 2, j]
                more = u[0, j] * more_0 + u[1, j] * more_1 + u[2, j] * more_2
                more_last = u_last[0, j] * more_0 + u_last[1, j] * more_1 + u_last[2, j] * more_2
                there = g["active_R"][a, j]
                g["answer_R"][kappa, a, j] = there * (lam * more)
                g["gap_R"][kappa, a, j] = there * (lam * more_last - g["odds_R"][kappa, a, j])


@kernel
def measure(g):
    """Set `gap` to the largest |gap_R|, and raise `residual` to the largest distance of p_R from its logit answer.

    An answer off by r in log-odds is off by p_i |r_i - sum p_k r_k| in probability, to first order. Where some r is
    beyond NEAR the residual is that r: an upper bound, far above any tolerance.
    """
    for j in range(LANES):
        gap = residual = total = 0.0
        for kappa in range(2):
            r, p = g["gap_R"][kappa], g["p_R"][kappa]
            mean = p[1, j] * r[1, j] + p[2, j] * r[2, j] + p[3, j] * r[3, j]
            gap = larger(gap, larger(larger(abs(r[1, j]), abs(r[2, j])), abs(r[3, j])))
            off = larger(p[0, j] * abs(mean), p[1, j] * abs(r[1, j] - mean))
            off = larger(off, larger(p[2, j] * abs(r[2, j] - mean), p[3, j] * abs(r[3, j] - mean)))
            residual = larger(residual, off)
            total += mean
        residual = larger(residual if gap <= NEAR else gap, g["residual"][j])
        sane = residual < np.inf and gap < np.inf and total == total  # no number is no answer
        g["gap"][j] = gap
        g["residual"][j] = residual if sane else np.inf


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
    russia_payoffs(g)
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
