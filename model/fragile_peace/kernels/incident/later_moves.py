"""What the first moves of the incident games lead to: posteriors, later choices, expected payoffs.

`evaluate` works on a GAMES block (`blocks`) whose odds_R and p_U hold both sides' first moves, in every lane at once.
With t_R(kappa), t_U the chances of what either side's week leaves (`monitoring.Trace`) and L_kappa(o) = P(o | kappa):

    t_R(kappa) = sum_a p_R(kappa, a) P(trace | a),   t_U likewise
    L_kappa(o) = sum over both sides' traces of P(o | traces)             `monitoring.observables`
    q(o) = mu L_1(o) / (mu L_1(o) + (1 - mu) L_0(o))                      posterior P(committed | o)
    Washington (tau, o, f)  ~ exp(lam u),  u_honour = -cost_tau + E_q[a_D stands down - a_E escalates]
    contingent (o)          ~ exp(lam u),  over report, fire, pull back
    value_R(kappa, o), value_U(kappa, o)                                   expected payoffs of what follows o
    u_R(kappa, a) = sum_b p_U(b) direct_R(kappa, a, b) + sum_trace P(trace | a) (worth of the trace to kappa)
    u_U(b) likewise                                                       `monitoring.worth_of_traces`

Declining and sanctions pay the same at every set, so a choice of Washington is one number: with
D = log(exp(lam u_decline) + exp(lam u_sanction)), P(honour) = 1/(1 + e), e = exp(D - lam u_honour), and the rest is
split in a share that never changes. A choice that does not exist has weight 0. Quiet has no later choice.
"""

from fragile_peace.kernels.incident.blocks import LANES, index, row_of
from fragile_peace.kernels.incident.monitoring import either_kills, observables, over_traces, worth_of_traces
from fragile_peace.kernels.machine.elementary import MOST, odds
from fragile_peace.kernels.machine.jit import kernel


@kernel
def first_moves(g):
    """Set p_R from the log-odds, and what either side's first moves leave to be seen."""
    russia_moves(g, index(0))
    russia_moves(g, index(1))
    for j in range(LANES):
        p = g["p_U"][0, j], g["p_U"][1, j], g["p_U"][2, j]
        t = ukraine_leaves(g, p, j)
        g["trace_U"][0, j], g["trace_U"][1, j], g["trace_U"][2, j], g["trace_U"][3, j], g["trace_U"][4, j] = t


@kernel(forceinline=True)
def russia_moves(g, kappa):
    """Set the first moves of one type of Russia from its log-odds, and what they leave."""
    x, p, t = g["odds_R"][kappa], g["p_R"][kappa], g["trace_R"][kappa]
    for j in range(LANES):
        e_1 = g["active_R"][1, j] * odds(x[1, j])
        e_2 = g["active_R"][2, j] * odds(x[2, j])
        e_3 = g["active_R"][3, j] * odds(x[3, j])
        comply = 1.0 / (1.0 + e_1 + e_2 + e_3)
        p_1, p_2, p_3 = e_1 * comply, e_2 * comply, e_3 * comply
        p[0, j] = comply
        p[1, j] = p_1
        p[2, j] = p_2
        p[3, j] = p_3
        t[0, j], t[1, j], t[2, j], t[3, j], t[4, j] = russia_leaves(g, (comply, p_1, p_2, p_3), j)


@kernel(forceinline=True)
def russia_leaves(g, p, j):
    """Return the chances of the traces of Russia's week under first moves p. Complying is never seen."""
    probe, raid, strike = g["leaves_R"][1], g["leaves_R"][2], g["leaves_R"][3]
    return (
        p[1] * probe[0, j] + (p[2] * raid[0, j] + p[3] * strike[0, j]),
        p[1] * probe[1, j] + (p[2] * raid[1, j] + p[3] * strike[1, j]),
        p[0] + (p[1] * probe[2, j] + (p[2] * raid[2, j] + p[3] * strike[2, j])),
        p[1] * probe[3, j] + (p[2] * raid[3, j] + p[3] * strike[3, j]),
        p[1] * probe[4, j] + (p[2] * raid[4, j] + p[3] * strike[4, j]),
    )


@kernel(forceinline=True)
def ukraine_leaves(g, p, j):
    """Return the chances of the traces of Ukraine's week under first moves p."""
    probe, raid = g["leaves_U"][1], g["leaves_U"][2]
    return (
        p[1] * probe[0, j] + p[2] * raid[0, j],
        p[1] * probe[1, j] + p[2] * raid[1, j],
        p[0] + (p[1] * probe[2, j] + p[2] * raid[2, j]),
        p[1] * probe[3, j] + p[2] * raid[3, j],
        p[1] * probe[4, j] + p[2] * raid[4, j],
    )


@kernel
def committed(mu, like_0, like_1):
    """Return P(committed | o) from P(o | kappa); where o cannot occur it is mu."""
    total = mu * like_1 + (1.0 - mu) * like_0
    return mu * like_1 / total if total > 0.0 else mu


@kernel
def posteriors(g):
    """Set P(o | kappa) of every o, and q(o) of every o that somebody answers."""
    mu = g["mu"]
    for kappa in range(2):
        like = g["like"][kappa]
        for j in range(LANES):
            like[0, j], like[2, j], like[3, j], like[4, j], like[5, j], like[6, j], like[7, j] = observables(
                row_of(g["trace_R"][kappa], j), row_of(g["trace_U"], j), g["phi"][j], g["unsettled"][j], g["eps_m"][j]
            )
    for o in range(2, 8):
        for j in range(LANES):
            g["q"][o, j] = committed(mu, g["like"][0, o, j], g["like"][1, o, j])


@kernel
def mean(chance, low, high):
    """Return what is `high` with a chance and else `low`, on average."""
    return low + chance * (high - low)


@kernel
def washington(g, o):
    """Set the odds against honouring of each type at o after either response, and the chance of it under gamma."""
    lam, D, gamma = g["lam_US"], g["log_refuse"], g["gamma"]
    reluctant, steadier = g["u_honour"][0], g["steadier"]
    for f in range(2):
        bluffing, committed = g["reply_US"][0, f, 1], g["reply_US"][1, f, 1]
        for j in range(LANES):
            follow = mean(g["q"][o, j], bluffing, committed)
            refuse_0 = odds(D - lam * (reluctant + follow))
            refuse_1 = min(refuse_0 * steadier, MOST)
            g["refuse"][0, f, o, j] = refuse_0
            g["refuse"][1, f, o, j] = refuse_1
            honours = gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0)
            g["honoured"][f, o, j] = g["invoked"][o, j] * honours


@kernel
def decides(g, tau, f, choice, o, j):
    """Return the chance that Washington declines (choice 0), sanctions (1) or honours (2) at a set that exists."""
    honours = 1.0 / (1.0 + g["refuse"][tau, f, o, j])
    if choice == 2:
        return honours
    share = g["sanction_share"] if choice == 1 else 1.0 - g["sanction_share"]
    return share * (honours * g["refuse"][tau, f, o, j])


@kernel
def alone(g, o):
    """Set the contingent's payoffs at an o where nobody calls on Washington."""
    shoot, cost_1, cost_0 = g["shoot"], g["reply_C"][1, 1, 0], g["reply_C"][0, 1, 0]
    for j in range(LANES):
        q, danger = g["q"][o, j], g["danger"][o, j] * g["q"][o, j]
        g["u_C"][0, o, j] = g["report"][o, j] - danger
        g["u_C"][1, o, j] = shoot - danger + mean(q, cost_0, cost_1)
        g["u_C"][2, o, j] = g["leave"][o, j]


@kernel
def backed(g, o):
    """Set the same at an o where Washington is called on."""
    share, u_S, u_H, shoot = g["sanction_share"], g["u_S"], g["u_H"], g["shoot"]
    cold_1, cold_0 = g["reply_C"][1, 0, 1], g["reply_C"][0, 0, 1]
    met_1, met_0 = g["reply_C"][1, 1, 1], g["reply_C"][0, 1, 1]
    alone_1, alone_0 = g["reply_C"][1, 1, 0], g["reply_C"][0, 1, 0]
    for j in range(LANES):
        q, danger, called = g["q"][o, j], g["danger"][o, j] * g["q"][o, j], g["invoked"][o, j]
        h_0, h_1 = g["honoured"][0, o, j], g["honoured"][1, o, j]
        cold = u_S * share * (called - h_0) + h_0 * (u_H + mean(q, cold_0, cold_1))
        hot = u_S * share * (called - h_1) + h_1 * (u_H + mean(q, met_0, met_1))
        hot += (1.0 - h_1) * mean(q, alone_0, alone_1)
        g["u_C"][0, o, j] = g["report"][o, j] - danger + cold
        g["u_C"][1, o, j] = shoot - danger + hot
        g["u_C"][2, o, j] = g["leave"][o, j] + cold


@kernel
def contingent(g, o):
    """Set the contingent's choice at o from its payoffs."""
    lam = g["lam_C"]
    if g["may_fire"][o] == 0:
        for j in range(LANES):
            e_2 = odds(lam * (g["u_C"][2, o, j] - g["u_C"][0, o, j]))
            there = g["respond"][o, j] / (1.0 + e_2)
            g["response"][0, o, j] = there
            g["response"][1, o, j] = 0.0
            g["response"][2, o, j] = e_2 * there
        return
    for j in range(LANES):
        e_1 = odds(lam * (g["u_C"][1, o, j] - g["u_C"][0, o, j]))
        e_2 = odds(lam * (g["u_C"][2, o, j] - g["u_C"][0, o, j]))
        there = g["respond"][o, j] / (1.0 + e_1 + e_2)
        g["response"][0, o, j] = there
        g["response"][1, o, j] = e_1 * there
        g["response"][2, o, j] = e_2 * there


@kernel
def later_values(g, o):
    """Set the expected payoffs of what follows o, where Washington is called on, to Russia and Ukraine."""
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
    """Set the same where nobody calls on Washington: what shots and vacated posts are worth."""
    prize, loss, aid_E = g["prize"], g["loss"], g["aid_E"]
    for kappa in range(2):
        alone_R, alone_U = g["reply_R"][kappa, 1, 0], g["reply_U"][kappa, 1, 0]
        for j in range(LANES):
            fires, leaves = g["response"][1, o, j], g["response"][2, o, j]
            g["value_R"][kappa, o, j] = prize * leaves + fires * alone_R
            g["value_U"][kappa, o, j] = fires * (aid_E + alone_U) - loss * leaves


@kernel
def unarmed(g, o):
    """Set the contingent's choice, and what it is worth to others, where nobody may fire or calls on Washington."""
    lam, prize, loss = g["lam_C"], g["prize"], g["loss"]
    for j in range(LANES):
        report = g["report"][o, j] - g["danger"][o, j] * g["q"][o, j]
        e_2 = odds(lam * (g["leave"][o, j] - report))
        there = g["respond"][o, j] / (1.0 + e_2)
        leaves = e_2 * there
        g["response"][0, o, j] = there
        g["response"][1, o, j] = 0.0
        g["response"][2, o, j] = leaves
        g["value_R"][0, o, j] = g["value_R"][1, o, j] = prize * leaves
        g["value_U"][0, o, j] = g["value_U"][1, o, j] = -loss * leaves


@kernel
def answers_to(g, o):
    """Set what follows o: Washington's and the contingent's choices, and their worth."""
    if g["may_invoke"][o] == 1:
        washington(g, o)
        backed(g, o)
        contingent(g, o)
        later_values(g, o)
    elif g["may_fire"][o] == 1:
        alone(g, o)
        contingent(g, o)
        uncalled_values(g, o)
    else:
        unarmed(g, o)


@kernel
def follow_up(g):
    """Set what follows every o."""
    for o in range(2, 8):
        answers_to(g, o)


@kernel(forceinline=True)
def trace_worths_U(g, kappa, j):
    """Return what Ukraine's own traces are worth to it, over what a Russia of this type leaves."""
    v = g["value_U"][kappa]
    follows = (v[4, j], v[5, j], v[2, j], v[3, j], v[6, j], v[7, j])
    return worth_of_traces(row_of(g["trace_R"][kappa], j), follows, g["phi"][j], g["unsettled"][j], g["eps_m"][j])


@kernel(forceinline=True)
def trace_worths_R(g, kappa, others, j):
    """Return what Russia's own traces are worth to this type, over what Ukraine leaves."""
    v = g["value_R"][kappa]
    follows = (v[2, j], v[3, j], v[4, j], v[5, j], v[6, j], v[7, j])
    return worth_of_traces(others, follows, g["phi"][j], g["unsettled"][j], g["eps_m"][j])


@kernel
def ukraine_payoffs(g):
    """Set u_U: the payoffs that Ukraine expects against p_R. Payoffs of missing actions are meaningless here."""
    mu, direct = g["mu"], g["direct_U"]
    for j in range(LANES):
        w_0, w_1 = trace_worths_U(g, index(0), j), trace_worths_U(g, index(1), j)
        worths = (
            mean(mu, w_0[0], w_1[0]), mean(mu, w_0[1], w_1[1]), mean(mu, w_0[2], w_1[2]), mean(mu, w_0[3], w_1[3]),
            mean(mu, w_0[4], w_1[4]),
        )  # fmt: skip
        p, q = g["p_R"][0], g["p_R"][1]
        p_0, p_1 = mean(mu, p[0, j], q[0, j]), mean(mu, p[1, j], q[1, j])
        p_2, p_3 = mean(mu, p[2, j], q[2, j]), mean(mu, p[3, j], q[3, j])
        for b in range(3):
            at_once = p_0 * direct[0, b, j] + p_1 * direct[1, b, j] + (p_2 * direct[2, b, j] + p_3 * direct[3, b, j])
            g["u_U"][b, j] = at_once + (worths[2] if b == 0 else over_traces(g["leaves_U"][b], worths, j))


@kernel(forceinline=True)
def at_once(g, effect_0, effect_1, u, others, j):
    """Return Russia's payoffs before anyone responds, against Ukraine's first moves u, which leave `others`.

    Of complying, a probe, a raid, and of a strike by either type.
    """
    d = g["direct_R"]
    dead = either_kills(g["dies_R"][3, j], others[3] + others[4])
    strike = u[0] * d[3, 0, j] + u[1] * d[3, 1, j] + u[2] * d[3, 2, j]
    return (
        u[0] * d[0, 0, j] + u[1] * d[0, 1, j] + u[2] * d[0, 2, j],
        u[0] * d[1, 0, j] + u[1] * d[1, 1, j] + u[2] * d[1, 2, j],
        u[0] * d[2, 0, j] + u[1] * d[2, 1, j] + u[2] * d[2, 2, j],
        (strike + effect_0 * dead, strike + effect_1 * dead),
    )


@kernel(forceinline=True)
def russia_worth(g, kappa, direct, others, j):
    """Return what this type of Russia expects of its four actions, `direct` being what they are worth `at_once`."""
    worths, left = trace_worths_R(g, kappa, others, j), g["leaves_R"]
    return (
        direct[0] + worths[2],
        direct[1] + over_traces(left[1], worths, j),
        direct[2] + over_traces(left[2], worths, j),
        direct[3][kappa] + over_traces(left[3], worths, j),
    )


@kernel
def russia_payoffs(g):
    """Set u_R: the payoffs that Russia expects against p_U. Payoffs of missing actions are meaningless here."""
    effect_0, effect_1 = g["effect"][0], g["effect"][1]
    for j in range(LANES):
        others = row_of(g["trace_U"], j)
        direct = at_once(g, effect_0, effect_1, (g["p_U"][0, j], g["p_U"][1, j], g["p_U"][2, j]), others, j)
        u, v = g["u_R"][0], g["u_R"][1]
        u[0, j], u[1, j], u[2, j], u[3, j] = russia_worth(g, index(0), direct, others, j)
        v[0, j], v[1, j], v[2, j], v[3, j] = russia_worth(g, index(1), direct, others, j)


@kernel
def evaluate(g):
    """Set everything that follows from the first moves in `g`: posteriors, later choices, u_U."""
    first_moves(g)
    posteriors(g)
    follow_up(g)
    ukraine_payoffs(g)
