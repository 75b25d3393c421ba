"""What the first moves of the incident games lead to: posteriors, later choices, expected payoffs.

`evaluate` works on a GAMES block (`blocks`) whose odds_R and p_U hold both sides' first moves, in every lane at once.
With t_R(kappa), t_U each side's chances of the five traces (`monitoring.Trace`) and L_kappa(o) = P(o | kappa):

    t_R(kappa) = sum_a p_R(kappa, a) P(trace | a),   t_U likewise
    L_kappa(o) = sum over both sides' traces of P(o | traces)             `monitoring.observables`
    q(o) = mu L_1(o) / (mu L_1(o) + (1 - mu) L_0(o))                      posterior P(committed | o)
    Washington (tau, o, f)  ~ exp(lam u),  u_honour = -cost_tau + E_q[a_D stands down - a_E escalates]
    contingent (o)          ~ exp(lam u),  over report, fire, pull back
    value_R(kappa, o), value_U(kappa, o)                                   expected payoffs of what follows o
    u_R(kappa, a) = sum_b p_U(b) direct_R(kappa, a, b) + sum_trace P(trace | a) (worth of the trace to kappa)
    u_U(b) likewise                                                       `monitoring.worth_of_traces`

Declining and sanctions pay the same at every information set, so a choice of Washington is one number: P(honour) =
1/(1 + refuse), refuse = exp(log_refuse - lam u_honour), log_refuse = log(exp(lam u_decline) + exp(lam u_sanction)), and
the rest is split in a share that never changes. A choice that does not exist has weight 0. Quiet has no later choice.
Three and more options are weighed against the first, whose weight is 1. Where the best is more than HUGE above it, all
others are lowered until the best is at HUGE, so that no difference of payoffs is too large; the first one's chance is
then e^-HUGE = 1e-260 although it is rarer still.

Readable twin: `reference.incident.IncidentGame`, from "later moves" on.
"""

from fragile_peace.codes import Action, Decision, Response, RussianType, UsType
from fragile_peace.kernels.incident.blocks import LANES, row_of
from fragile_peace.kernels.incident.monitoring import (
    FIRST_ANSWERED,
    KILLED,
    KILLED_NAMED,
    N_OBSERVABLES,
    NAMED,
    SEEN,
    UNSEEN,
    Observable,
    either_kills,
    observables,
    over_traces,
    worth_of_traces,
)
from fragile_peace.kernels.machine.elementary import odds
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

COMPLY, PROBE, RAID, STRIKE = (int(action) for action in Action)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
RELUCTANT, STEADFAST = int(UsType.RELUCTANT), int(UsType.STEADFAST)
REPORT, FIRE, PULL_BACK = (int(response) for response in Response)
SANCTION, HONOUR = int(Decision.SANCTION), int(Decision.HONOUR)
QUIET, RUSSIA, RUSSIA_K, UKRAINE, UKRAINE_K, DISPUTED, DISPUTED_K = (int(o) for o in Observable)
HUGE = 600.0
"""Log-odds above which the other options' are lowered too: `odds` ends at 691."""


@kernel
def first_moves(g):
    """Set p_R from the log-odds, and the chances of the traces of both sides' first moves (E4.26, E4.61)."""
    russia_moves(g, index(BLUFFING))
    russia_moves(g, index(COMMITTED))
    t_U = g["trace_U"]
    for j in range(LANES):
        moves = g["p_U"][COMPLY, j], g["p_U"][PROBE, j], g["p_U"][RAID, j]
        t_U[0, j], t_U[1, j], t_U[2, j], t_U[3, j], t_U[4, j] = ukraine_leaves(g, moves, j)


@kernel(forceinline=True)
def russia_moves(g, kappa):
    """Set the first moves of one type of Russia from its log-odds, and the chances of their traces (E4.26, E4.61)."""
    x, p_R, t_R = g["odds_R"][kappa], g["p_R"][kappa], g["trace_R"][kappa]
    for j in range(LANES):
        over = max(0.0, max(x[PROBE, j], max(x[RAID, j], x[STRIKE, j])) - HUGE)
        e_1 = g["active_R"][PROBE, j] * odds(x[PROBE, j] - over)
        e_2 = g["active_R"][RAID, j] * odds(x[RAID, j] - over)
        e_3 = g["active_R"][STRIKE, j] * odds(x[STRIKE, j] - over)
        comply = 1.0 / ((1.0 + e_1) + (e_2 + e_3))
        probe, raid, strike = e_1 * comply, e_2 * comply, e_3 * comply
        p_R[COMPLY, j] = comply
        p_R[PROBE, j] = probe
        p_R[RAID, j] = raid
        p_R[STRIKE, j] = strike
        t_R[0, j], t_R[1, j], t_R[2, j], t_R[3, j], t_R[4, j] = russia_leaves(g, (comply, probe, raid, strike), j)


@kernel
def ukraine_moves(g, x, p):
    """Set Ukraine's first moves p from their log-odds x, both (3, LANES) (E4.61)."""
    for j in range(LANES):
        over = max(0.0, max(x[PROBE, j], x[RAID, j]) - HUGE)
        e_1 = g["active_U"][PROBE, j] * odds(x[PROBE, j] - over)
        e_2 = g["active_U"][RAID, j] * odds(x[RAID, j] - over)
        comply = 1.0 / (1.0 + (e_1 + e_2))
        p[COMPLY, j] = comply
        p[PROBE, j] = e_1 * comply
        p[RAID, j] = e_2 * comply


@kernel(forceinline=True)
def russia_leaves(g, moves, j):
    """Return the chances of the traces of Russia's week under first moves (E4.26). Complying is never seen."""
    probe, raid, strike = g["leaves_R"][PROBE], g["leaves_R"][RAID], g["leaves_R"][STRIKE]
    p_0, p_1, p_2, p_3 = moves
    return (
        p_1 * probe[NAMED, j] + (p_2 * raid[NAMED, j] + p_3 * strike[NAMED, j]),
        p_1 * probe[SEEN, j] + (p_2 * raid[SEEN, j] + p_3 * strike[SEEN, j]),
        p_0 + (p_1 * probe[UNSEEN, j] + (p_2 * raid[UNSEEN, j] + p_3 * strike[UNSEEN, j])),
        p_1 * probe[KILLED_NAMED, j] + (p_2 * raid[KILLED_NAMED, j] + p_3 * strike[KILLED_NAMED, j]),
        p_1 * probe[KILLED, j] + (p_2 * raid[KILLED, j] + p_3 * strike[KILLED, j]),
    )


@kernel(forceinline=True)
def ukraine_leaves(g, moves, j):
    """Return the chances of the traces of Ukraine's week under first moves (E4.26)."""
    probe, raid = g["leaves_U"][PROBE], g["leaves_U"][RAID]
    p_0, p_1, p_2 = moves
    return (
        p_1 * probe[NAMED, j] + p_2 * raid[NAMED, j],
        p_1 * probe[SEEN, j] + p_2 * raid[SEEN, j],
        p_0 + (p_1 * probe[UNSEEN, j] + p_2 * raid[UNSEEN, j]),
        p_1 * probe[KILLED_NAMED, j] + p_2 * raid[KILLED_NAMED, j],
        p_1 * probe[KILLED, j] + p_2 * raid[KILLED, j],
    )


@kernel
def committed(mu, like_0, like_1):
    """Return P(committed | o) from P(o | kappa); where o cannot occur it is mu (E4.51)."""
    total = mu * like_1 + (1.0 - mu) * like_0
    return mu * like_1 / total if total > 0.0 else mu


@kernel
def posteriors(g):
    """Set P(o | kappa) of every o, and q(o) of every o that the contingent answers (E4.27, E4.51)."""
    mu = g["mu"]
    for kappa in range(2):
        like = g["like"][kappa]
        for j in range(LANES):
            (
                like[QUIET, j], like[RUSSIA, j], like[RUSSIA_K, j], like[UKRAINE, j], like[UKRAINE_K, j],
                like[DISPUTED, j], like[DISPUTED_K, j],
            ) = observables(
                row_of(g["trace_R"][kappa], j), row_of(g["trace_U"], j), g["phi"][j], g["eps_m"][j]
            )  # fmt: skip
    for o in range(FIRST_ANSWERED, N_OBSERVABLES):
        for j in range(LANES):
            g["q"][o, j] = committed(mu, g["like"][BLUFFING, o, j], g["like"][COMMITTED, o, j])


@kernel
def mean(chance, low, high):
    """Interpolate: low + chance (high - low) (E4.52, E4.54, E4.59)."""
    return low + chance * (high - low)


@kernel
def washington(g, o):
    """Set each type's odds against honouring after o and f, and what others expect of it (E4.52, E4.53)."""
    lam, log_refuse, gamma = g["lam_US"], g["log_refuse"], g["gamma"]
    reluctant, steadfast = g["u_honour"][RELUCTANT], g["u_honour"][STEADFAST]
    for f in range(2):
        bluffing, committed = g["reply_US"][BLUFFING, f, 1], g["reply_US"][COMMITTED, f, 1]
        for j in range(LANES):
            follow = mean(g["q"][o, j], bluffing, committed)
            refuse_0 = odds(log_refuse - lam * (reluctant + follow))
            refuse_1 = odds(log_refuse - lam * (steadfast + follow))
            g["refuse"][RELUCTANT, f, o, j] = refuse_0
            g["refuse"][STEADFAST, f, o, j] = refuse_1
            honours = gamma / (1.0 + refuse_1) + (1.0 - gamma) / (1.0 + refuse_0)
            g["honoured"][f, o, j] = g["invoked"][o, j] * honours


@kernel
def decides(g, tau, f, choice, o, j):
    """Return the chance of a choice of Washington's type tau, where the information set exists (E4.3, E4.52)."""
    honours = 1.0 / (1.0 + g["refuse"][tau, f, o, j])
    if choice == HONOUR:
        return honours
    share = g["sanction_share"] if choice == SANCTION else 1.0 - g["sanction_share"]
    return share * (honours * g["refuse"][tau, f, o, j])


@kernel
def alone(g, o):
    """Set the contingent's payoffs after an o that does not invoke the guarantee (E4.54)."""
    shoot, cost_1, cost_0 = g["shoot"], g["reply_C"][COMMITTED, 1, 0], g["reply_C"][BLUFFING, 1, 0]
    for j in range(LANES):
        q, danger = g["q"][o, j], g["danger"][o, j] * g["q"][o, j]
        g["u_C"][REPORT, o, j] = g["report"][o, j] - danger
        g["u_C"][FIRE, o, j] = shoot - danger + mean(q, cost_0, cost_1)
        g["u_C"][PULL_BACK, o, j] = g["leave"][o, j]


@kernel
def backed(g, o):
    """Set the contingent's payoffs after an o that invokes the guarantee in some place (E4.54)."""
    share, u_S, u_H, shoot = g["sanction_share"], g["u_S"], g["u_H"], g["shoot"]
    cold_1, cold_0 = g["reply_C"][COMMITTED, 0, 1], g["reply_C"][BLUFFING, 0, 1]
    met_1, met_0 = g["reply_C"][COMMITTED, 1, 1], g["reply_C"][BLUFFING, 1, 1]
    alone_1, alone_0 = g["reply_C"][COMMITTED, 1, 0], g["reply_C"][BLUFFING, 1, 0]
    for j in range(LANES):
        q, danger, called = g["q"][o, j], g["danger"][o, j] * g["q"][o, j], g["invoked"][o, j]
        h_0, h_1 = g["honoured"][0, o, j], g["honoured"][1, o, j]
        cold = u_S * share * (called - h_0) + h_0 * (u_H + mean(q, cold_0, cold_1))
        hot = u_S * share * (called - h_1) + h_1 * (u_H + mean(q, met_0, met_1))
        hot += (1.0 - h_1) * mean(q, alone_0, alone_1)
        g["u_C"][REPORT, o, j] = g["report"][o, j] - danger + cold
        g["u_C"][FIRE, o, j] = shoot - danger + hot
        g["u_C"][PULL_BACK, o, j] = g["leave"][o, j] + cold


@kernel
def contingent(g, o):
    """Set the contingent's choice after o from its payoffs (E4.2, E4.49, E4.54)."""
    lam = g["lam_C"]
    if g["may_fire"][o] == 0:
        for j in range(LANES):
            e_2 = odds(lam * (g["u_C"][PULL_BACK, o, j] - g["u_C"][REPORT, o, j]))
            there = g["respond"][o, j] / (1.0 + e_2)
            g["response"][REPORT, o, j] = there
            g["response"][FIRE, o, j] = 0.0
            g["response"][PULL_BACK, o, j] = e_2 * there
        return
    for j in range(LANES):
        x_1 = lam * (g["u_C"][FIRE, o, j] - g["u_C"][REPORT, o, j])
        x_2 = lam * (g["u_C"][PULL_BACK, o, j] - g["u_C"][REPORT, o, j])
        over = max(0.0, max(x_1, x_2) - HUGE)
        e_1, e_2 = odds(x_1 - over), odds(x_2 - over)
        there = g["respond"][o, j] / (1.0 + (e_1 + e_2))
        g["response"][REPORT, o, j] = there
        g["response"][FIRE, o, j] = e_1 * there
        g["response"][PULL_BACK, o, j] = e_2 * there


@kernel
def later_values(g, o):
    """Set Russia's and Ukraine's continuation values after o when the guarantee is invoked in some place (E4.32, E4.34,
    E4.35, E4.40, E4.41, E4.55, E4.56).
    """
    share, S_R, H_R, prize = g["sanction_share"], g["S_R"], g["H_R"], g["prize"]
    aid_E, aid_A, loss = g["aid_E"], g["aid_A"], g["loss"]
    for kappa in range(2):
        cold_R, met_R, alone_R = g["reply_R"][kappa, 0, 1], g["reply_R"][kappa, 1, 1], g["reply_R"][kappa, 1, 0]
        cold_U, met_U, alone_U = g["reply_U"][kappa, 0, 1], g["reply_U"][kappa, 1, 1], g["reply_U"][kappa, 1, 0]
        for j in range(LANES):
            h_0, h_1, called = g["honoured"][0, o, j], g["honoured"][1, o, j], g["invoked"][o, j]
            s_0, s_1 = share * (called - h_0), share * (called - h_1)
            fires, leaves = g["response"][FIRE, o, j], g["response"][PULL_BACK, o, j]
            waits = g["response"][REPORT, o, j] + leaves
            quiet_R = h_0 * (cold_R - H_R) - S_R * s_0
            fired_R = h_1 * (met_R - H_R) - S_R * s_1 + (1.0 - h_1) * alone_R
            g["value_R"][kappa, o, j] = prize * leaves + waits * quiet_R + fires * fired_R
            quiet_U = h_0 * (aid_A + cold_U)
            fired_U = aid_E + h_1 * (aid_A + met_U) + (1.0 - h_1) * alone_U
            g["value_U"][kappa, o, j] = waits * quiet_U + fires * fired_U - loss * leaves


@kernel
def uncalled_values(g, o):
    """Set the continuation values when the guarantee is not invoked (E4.32, E4.40, E4.41, E4.55, E4.56)."""
    prize, loss, aid_E = g["prize"], g["loss"], g["aid_E"]
    for kappa in range(2):
        alone_R, alone_U = g["reply_R"][kappa, 1, 0], g["reply_U"][kappa, 1, 0]
        for j in range(LANES):
            fires, leaves = g["response"][FIRE, o, j], g["response"][PULL_BACK, o, j]
            g["value_R"][kappa, o, j] = prize * leaves + fires * alone_R
            g["value_U"][kappa, o, j] = fires * (aid_E + alone_U) - loss * leaves


@kernel
def unarmed(g, o):
    """Set the contingent's choice and the continuation values when it may not fire and the guarantee is not invoked
    (E4.54, E4.55, E4.56).
    """
    lam, prize, loss = g["lam_C"], g["prize"], g["loss"]
    for j in range(LANES):
        report = g["report"][o, j] - g["danger"][o, j] * g["q"][o, j]
        e_2 = odds(lam * (g["leave"][o, j] - report))
        there = g["respond"][o, j] / (1.0 + e_2)
        leaves = e_2 * there
        g["response"][REPORT, o, j] = there
        g["response"][FIRE, o, j] = 0.0
        g["response"][PULL_BACK, o, j] = leaves
        g["value_R"][BLUFFING, o, j] = g["value_R"][COMMITTED, o, j] = prize * leaves
        g["value_U"][BLUFFING, o, j] = g["value_U"][COMMITTED, o, j] = -loss * leaves


@kernel
def answers_to(g, o):
    """Set what follows o: Washington's and the contingent's choices, and the continuation values (E4.2, E4.3)."""
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
    """Set what follows every o that the contingent answers (E4.2)."""
    for o in range(FIRST_ANSWERED, N_OBSERVABLES):
        answers_to(g, o)


@kernel(forceinline=True)
def trace_worths_U(g, kappa, j):
    """Return what each of Ukraine's traces is worth to it against a Russia of this type (E4.28, E4.59)."""
    v = g["value_U"][kappa]
    follows = (v[UKRAINE, j], v[UKRAINE_K, j], v[RUSSIA, j], v[RUSSIA_K, j], v[DISPUTED, j], v[DISPUTED_K, j])
    return worth_of_traces(row_of(g["trace_R"][kappa], j), follows, g["phi"][j], g["eps_m"][j])


@kernel(forceinline=True)
def trace_worths_R(g, kappa, others, j):
    """Return what each of Russia's traces is worth to this type, given Ukraine's chances of traces (E4.28, E4.58)."""
    v = g["value_R"][kappa]
    follows = (v[RUSSIA, j], v[RUSSIA_K, j], v[UKRAINE, j], v[UKRAINE_K, j], v[DISPUTED, j], v[DISPUTED_K, j])
    return worth_of_traces(others, follows, g["phi"][j], g["eps_m"][j])


@kernel
def ukraine_payoffs(g):
    """Set u_U, Ukraine's expected payoffs against p_R (E4.59). Those of actions that do not exist mean nothing."""
    mu, direct = g["mu"], g["direct_U"]
    for j in range(LANES):
        w_0, w_1 = trace_worths_U(g, index(BLUFFING), j), trace_worths_U(g, index(COMMITTED), j)
        worths = (
            mean(mu, w_0[0], w_1[0]), mean(mu, w_0[1], w_1[1]), mean(mu, w_0[2], w_1[2]), mean(mu, w_0[3], w_1[3]),
            mean(mu, w_0[4], w_1[4]),
        )  # fmt: skip
        bluff, commit = g["p_R"][BLUFFING], g["p_R"][COMMITTED]
        p_0, p_1 = mean(mu, bluff[COMPLY, j], commit[COMPLY, j]), mean(mu, bluff[PROBE, j], commit[PROBE, j])
        p_2, p_3 = mean(mu, bluff[RAID, j], commit[RAID, j]), mean(mu, bluff[STRIKE, j], commit[STRIKE, j])
        for b in range(3):
            at_once = p_0 * direct[COMPLY, b, j] + p_1 * direct[PROBE, b, j]
            at_once = at_once + (p_2 * direct[RAID, b, j] + p_3 * direct[STRIKE, b, j])
            g["u_U"][b, j] = at_once + (worths[UNSEEN] if b == COMPLY else over_traces(g["leaves_U"][b], worths, j))


@kernel(forceinline=True)
def at_once(g, effect_0, effect_1, moves, others, j):
    """Return Russia's payoffs before anyone responds (E4.30, E4.57, E4.58).

    Of complying, a probe, a raid, and of a strike by either type, against Ukraine's first moves, whose traces have the
    chances `others`.
    """
    d = g["direct_R"]
    p_0, p_1, p_2 = moves
    dead = either_kills(g["dies_R"][STRIKE, j], others[KILLED_NAMED] + others[KILLED])
    strike = p_0 * d[STRIKE, COMPLY, j] + p_1 * d[STRIKE, PROBE, j] + p_2 * d[STRIKE, RAID, j]
    return (
        p_0 * d[COMPLY, COMPLY, j] + p_1 * d[COMPLY, PROBE, j] + p_2 * d[COMPLY, RAID, j],
        p_0 * d[PROBE, COMPLY, j] + p_1 * d[PROBE, PROBE, j] + p_2 * d[PROBE, RAID, j],
        p_0 * d[RAID, COMPLY, j] + p_1 * d[RAID, PROBE, j] + p_2 * d[RAID, RAID, j],
        (strike + effect_0 * dead, strike + effect_1 * dead),
    )


@kernel(forceinline=True)
def russia_worth(g, kappa, direct, others, j):
    """Return this type of Russia's expected payoffs of its four actions (E4.58); `direct` is what `at_once` returns."""
    worths, left = trace_worths_R(g, kappa, others, j), g["leaves_R"]
    return (
        direct[COMPLY] + worths[UNSEEN],
        direct[PROBE] + over_traces(left[PROBE], worths, j),
        direct[RAID] + over_traces(left[RAID], worths, j),
        direct[STRIKE][kappa] + over_traces(left[STRIKE], worths, j),
    )


@kernel
def russia_payoffs(g):
    """Set u_R, Russia's expected payoffs against p_U (E4.58). Those of actions that do not exist mean nothing."""
    effect_0, effect_1 = g["effect"][BLUFFING], g["effect"][COMMITTED]
    for j in range(LANES):
        others = row_of(g["trace_U"], j)
        moves = g["p_U"][COMPLY, j], g["p_U"][PROBE, j], g["p_U"][RAID, j]
        direct = at_once(g, effect_0, effect_1, moves, others, j)
        u_0, u_1 = g["u_R"][BLUFFING], g["u_R"][COMMITTED]
        u_0[0, j], u_0[1, j], u_0[2, j], u_0[3, j] = russia_worth(g, index(BLUFFING), direct, others, j)
        u_1[0, j], u_1[1, j], u_1[2, j], u_1[3, j] = russia_worth(g, index(COMMITTED), direct, others, j)


@kernel
def evaluate(g):
    """Set all that follows from the first moves in `g`: posteriors, later choices, u_U (E4.27, E4.51, E4.59)."""
    first_moves(g)
    posteriors(g)
    follow_up(g)
    ukraine_payoffs(g)
