"""The rules of the incident games: what of a GAMES block (`blocks`) depends on the parameters in force alone."""

import numpy as np

from fragile_peace.kernels.chance.logit import log_sum_exp, logistic, logit_choice
from fragile_peace.kernels.incident import payoffs as pay
from fragile_peace.kernels.incident.blocks import LANES, NOBODY_YET, UNSEEN
from fragile_peace.kernels.incident.monitoring import N_TRACES
from fragile_peace.kernels.machine.elementary import exp, odds
from fragile_peace.kernels.machine.jit import kernel


@kernel
def set_rules(params, i, games, k):
    """Fill what of GAMES block k depends on the parameters alone: once a run, and again when the parameters change."""
    p = params[i]
    g = games[k]
    _set_kinds(p, g, LANES * k)
    _set_unseen(g)
    _set_stakes(p, g)
    refusal(g)
    _set_replies(p, g)


@kernel
def _set_kinds(p, g, s0):
    """Fill what depends on the kind of place, s0 being the block's first: weights, and which moves there are."""
    for j in range(LANES):
        kind = p["kind_s"][s0 + j]
        g["troops"][j] = NOBODY_YET
        g["hub"][j] = 1.0 if kind == 2 else 0.0
        g["line"][j] = 1.0 if kind == 0 else 0.0
        c_s = 0.0 if kind == 2 else (1.0 if kind == 0 else p["c_border"])
        g["gain_unit"][j] = c_s * exp(-p["dmz_km"] / p["dmz0"])
        g["eps_m"][j] = 0.0 if kind == 2 else p["eps_m"]
        g["active_R"][0, j] = g["active_U"][0, j] = 1.0
        g["active_R"][1, j] = g["active_R"][2, j] = g["active_U"][1, j] = g["active_U"][2, j] = 1.0 - g["hub"][j]
    g["may_act"][0] = 1
    g["may_act"][1] = g["may_act"][2] = 0
    for j in range(min(LANES, p["n_places"] - s0)):
        if g["hub"][j] == 0.0:
            g["may_act"][1] = g["may_act"][2] = 1


@kernel
def _set_stakes(p, g):
    """Fill precisions and payoffs, and what the rules of engagement allow."""
    for o in range(8):
        report = pay.report(o % 2, o // 2 == 1, p["passive_0"], p["passive"], p["passive_K"])
        g["may_fire"][o] = 1 if o >= 2 and pay.fire_allowed(p["roe"], o % 2, o // 2) else 0
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
    g["u_honour"][0] = -p["cost_reluctant"]
    g["u_honour"][1] = -p["cost_steadfast"]


@kernel
def _set_unseen(g):
    """Set what never changes: complying is never seen and kills nobody; so it is with Ukraine's weeks in hubs."""
    for j in range(LANES):
        g["leaves_R"][0, UNSEEN, j] = g["leaves_U"][0, UNSEEN, j] = 1.0
        for trace in range(N_TRACES):
            g["trace_U"][trace, j] = g["leaves_U"][0, trace, j]
        for o in range(8):
            g["like"][0, o, j] = g["like"][1, o, j] = 0.0


@kernel
def refusal(g):
    """Set what is the same at every set of Washington: D, the share of sanctions, how far its types lie apart."""
    decline, sanction = g["lam_US"] * g["u_decline"], g["lam_US"] * g["u_sanction"]
    g["log_refuse"] = log_sum_exp(decline, sanction)
    g["sanction_share"] = logistic(sanction - decline)
    g["steadier"] = odds(g["lam_US"] * (g["u_honour"][0] - g["u_honour"][1]))


@kernel
def _set_replies(p, g):
    """Fill Russia's reply after (kappa, f, h) and its expected worth to each player."""
    eps_E = pay.bite(p["coalition_hours"], p["tau_h"])
    eps_A = pay.bite(p["us_hours"], p["tau_h"])
    u = np.empty(3)
    for kappa in range(2):
        z = p["z_committed"] if kappa == 1 else p["z_bluffing"]
        for f in range(2):
            for h in range(2):
                u[0] = pay.stand_down(p["face"], p["psi"], p["theta"])
                u[1] = pay.hold(p["o_E"], eps_E, f, p["o_A"], eps_A, h)
                u[2] = pay.escalate(z, p["e_E"], p["e_A"], h)
                reply = g["reply"][kappa, f, h]
                logit_choice(u, p["lam_russia"], 3, reply)
                g["reply_R"][kappa, f, h] = reply[0] * u[0] + reply[1] * u[1] + reply[2] * u[2]
                g["reply_U"][kappa, f, h] = -p["harm_esc"] * reply[2]
                g["reply_C"][kappa, f, h] = pay.after_reply(
                    reply[0], reply[1], reply[2], f, p["u_D"], p["u_O"], p["u_E"]
                )
                g["reply_US"][kappa, f, h] = p["a_D"] * reply[0] - p["a_E"] * reply[2]
