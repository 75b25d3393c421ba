"""The rules of the incident games: what of a GAMES block (`blocks`) depends on the parameters in force alone.

Readable twin: `reference.incident.IncidentGame`, "payoffs" and "who may choose".
"""

import numpy as np

from fragile_peace.codes import Action, PlaceKind, Reply, RussianType, Signal, UsType
from fragile_peace.kernels.chance.logit import log_sum_exp, logistic, logit_choice
from fragile_peace.kernels.incident import payoffs as pay
from fragile_peace.kernels.incident.blocks import LANES, NOBODY_YET
from fragile_peace.kernels.incident.monitoring import FIRST_ANSWERED, N_OBSERVABLES, N_TRACES, UNSEEN
from fragile_peace.kernels.machine.elementary import exp, log
from fragile_peace.kernels.machine.jit import kernel

LINE, HUB = int(PlaceKind.LINE), int(PlaceKind.HUB)
COMPLY, PROBE, RAID = int(Action.COMPLY), int(Action.PROBE), int(Action.RAID)
COMMITTED = int(RussianType.COMMITTED)
RELUCTANT, STEADFAST = int(UsType.RELUCTANT), int(UsType.STEADFAST)
RUSSIA = int(Signal.RUSSIA)
STAND_DOWN, HOLD, ESCALATE = int(Reply.STAND_DOWN), int(Reply.HOLD), int(Reply.ESCALATE)
N_REPLIES = len(Reply)


@kernel
def set_rules(params, i, games, k):
    """Fill what of GAMES block k depends on the parameters alone (E3.19).

    Once for each row of `params`: at the start, and when the schedule changes the parameters.
    """
    p = params[i]
    g = games[k]
    _set_kinds(p, g, LANES * k)
    _set_unseen(g)
    _set_stakes(p, g)
    refusal(g)
    _set_replies(p, g)


@kernel
def _set_kinds(p, g, s0):
    """Fill what depends on the kind of place, s0 being the block's first (E4.1, E4.17, E4.29, E4.69).

    The contact factor, opportunities for a strike, misattribution, and which first moves exist.
    """
    for j in range(LANES):
        kind = p["kind_s"][s0 + j]
        g["troops"][j] = NOBODY_YET
        g["hub"][j] = 1.0 if kind == HUB else 0.0
        g["line"][j] = 1.0 if kind == LINE else 0.0
        g["log_weight"][j] = log(p["opportunities_s"][s0 + j])
        c_s = 0.0 if kind == HUB else (1.0 if kind == LINE else p["c_border"])
        g["gain_unit"][j] = c_s * exp(-p["dmz_km"] / p["dmz0"])
        g["eps_m"][j] = 0.0 if kind == HUB else p["eps_m"]
        g["active_R"][COMPLY, j] = g["active_U"][COMPLY, j] = 1.0
        g["active_R"][PROBE, j] = g["active_R"][RAID, j] = 1.0 - g["hub"][j]
        g["active_U"][PROBE, j] = g["active_U"][RAID, j] = 1.0 - g["hub"][j]
    g["may_act"][COMPLY] = 1
    g["may_act"][PROBE] = g["may_act"][RAID] = 0
    for j in range(min(LANES, p["n_places"] - s0)):
        if g["hub"][j] == 0.0:
            g["may_act"][PROBE] = g["may_act"][RAID] = 1


@kernel
def _set_stakes(p, g):
    """Fill precisions, payoffs and what the rules of engagement allow (E4.5, E4.30, E4.32, E4.34, E4.35, E4.40, E4.41,
    E4.43, E4.44, E4.45, E4.46, E4.47, E4.48).
    """
    for o in range(N_OBSERVABLES):
        sigma, K = o // 2, o % 2
        report = pay.report(K, sigma == RUSSIA, p["passive_0"], p["passive"], p["passive_K"])
        g["may_fire"][o] = 1 if o >= FIRST_ANSWERED and pay.fire_allowed(p["roe"], K, sigma) else 0
        for j in range(LANES):
            g["report"][o, j] = report
    for kappa in range(2):
        g["effect"][kappa] = pay.strike_effect(kappa, p["V_s"], p["alpha_theta"], p["theta"], p["C_b"])
    g["shoot"] = -p["fire_cost"]
    g["lam_R"] = p["lam_russia"]
    g["lam_U"] = p["lam_ukraine"]
    g["lam_C"] = p["lam_lead"]
    g["lam_US"] = p["lam_us"]
    g["prize"] = p["prize"]
    g["S_R"] = p["S_R"]
    g["H_R"] = p["H_R"] * pay.bite(p["us_hours"], p["tau_h"])
    g["loss"] = p["loss"]
    g["aid_E"] = p["aid_E"]
    g["aid_A"] = p["aid_A"]
    g["u_S"] = p["u_S"]
    g["u_H"] = p["u_H"]
    g["u_decline"] = pay.decline(p["rep"], p["G"])
    g["u_sanction"] = pay.sanction(p["econ"], p["varsigma"], p["rep"], p["G"])
    g["u_honour"][RELUCTANT] = -p["cost_reluctant"]
    g["u_honour"][STEADFAST] = -p["cost_steadfast"]


@kernel
def _set_unseen(g):
    """Set what never changes: complying is unseen for certain (E4.20), and so are Ukraine's weeks in hubs."""
    for j in range(LANES):
        g["leaves_R"][COMPLY, UNSEEN, j] = g["leaves_U"][COMPLY, UNSEEN, j] = 1.0
        for trace in range(N_TRACES):
            g["trace_U"][trace, j] = g["leaves_U"][COMPLY, trace, j]
        for o in range(N_OBSERVABLES):
            g["like"][0, o, j] = g["like"][1, o, j] = 0.0


@kernel
def refusal(g):
    """Set what is the same at every information set of Washington (E4.52, E4.53).

    log(exp(lam u_decline) + exp(lam u_sanction)) and the share of sanctions.
    """
    decline, sanction = g["lam_US"] * g["u_decline"], g["lam_US"] * g["u_sanction"]
    g["log_refuse"] = log_sum_exp(decline, sanction)
    g["sanction_share"] = logistic(sanction - decline)


@kernel
def _set_replies(p, g):
    """Fill Russia's reply after (kappa, f, h) and its expected payoff to each player (E4.4, E4.36, E4.37, E4.38,
    E4.42, E4.45, E4.48, E4.50).
    """
    eps_E = pay.bite(p["coalition_hours"], p["tau_h"])
    eps_A = pay.bite(p["us_hours"], p["tau_h"])
    u = np.empty(N_REPLIES)
    for kappa in range(2):
        z = p["z_committed"] if kappa == COMMITTED else p["z_bluffing"]
        for f in range(2):
            for h in range(2):
                u[STAND_DOWN] = pay.stand_down(p["face"], p["psi"], p["theta"])
                u[HOLD] = pay.hold(p["o_E"], eps_E, f, p["o_A"], eps_A, h)
                u[ESCALATE] = pay.escalate(z, p["e_E"], p["e_A"], h)
                reply = g["reply"][kappa, f, h]
                logit_choice(u, p["lam_russia"], N_REPLIES, reply)
                g["reply_R"][kappa, f, h] = (
                    reply[STAND_DOWN] * u[STAND_DOWN] + reply[HOLD] * u[HOLD] + reply[ESCALATE] * u[ESCALATE]
                )
                g["reply_U"][kappa, f, h] = -p["harm_esc"] * reply[ESCALATE]
                g["reply_C"][kappa, f, h] = pay.after_reply(
                    reply[STAND_DOWN], reply[HOLD], reply[ESCALATE], f, p["u_D"], p["u_O"], p["u_E"]
                )
                g["reply_US"][kappa, f, h] = p["a_D"] * reply[STAND_DOWN] - p["a_E"] * reply[ESCALATE]
