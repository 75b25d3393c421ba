"""One place's stage game laid out as a table: the GAME row that `incident.solve` solves and `model.gambit` draws.

`GAME` holds the chance moves, every payoff that does not depend on play, and the solution. Indices: kappa (2), tau (2),
a (4), b (3), o = 2*sigma + K (8), f (2), h (2), response (3), decision (3), reply (3), in the order of `model.codes`.
Only this file and `week` read PARAMETERS rows; the formulas are in `monitoring` and `payoffs`.
"""

import numpy as np

from model.kernels import payoffs as pay
from model.kernels.elementary import exp, expm1
from model.kernels.jit import kernel
from model.kernels.logit import logit_choice
from model.kernels.monitoring import attribution, coverage, detection, fatality_hazard, observables, patrol_density

GAME = np.dtype(
    [
        # who may do what
        ("active_R", "<i8", (4,)),  # 1 where Russia has the action
        ("active_U", "<i8", (3,)),
        ("respond", "<i8", (8,)),  # 1 where the contingent chooses after o
        ("fire", "<i8", (8,)),  # 1 where the rules of engagement allow fire
        ("invoked", "<i8", (8,)),  # 1 where the guarantee is invoked
        # beliefs and precisions
        ("mu", "<f8"),
        ("gamma", "<f8"),
        ("lam_R", "<f8"),
        ("lam_U", "<f8"),
        ("lam_C", "<f8"),
        ("lam_US", "<f8"),
        ("coverage", "<f8"),  # e
        # chance
        ("chance", "<f8", (4, 3, 8)),  # P(o | a, b)
        # payoffs that do not depend on later play
        ("direct_R", "<f8", (2, 4, 3)),  # [kappa, a, b]
        ("direct_U", "<f8", (4, 3)),  # [a, b]
        ("base", "<f8", (3, 8)),  # the contingent's, [response, o]
        ("danger", "<f8"),  # theta danger_n
        ("prize", "<f8"),
        ("S_R", "<f8"),
        ("H_R", "<f8"),  # H_R eps_A
        ("loss", "<f8"),
        ("aid_E", "<f8"),
        ("aid_A", "<f8"),
        ("u_S", "<f8"),
        ("u_H", "<f8"),
        ("u_decline", "<f8"),
        ("u_sanction", "<f8"),
        ("u_honour", "<f8", (2,)),  # -cost_tau
        # Russia's reply, which depends on (kappa, f, h) only, and what it is worth to each player
        ("reply", "<f8", (2, 2, 2, 3)),
        ("reply_R", "<f8", (2, 2, 2)),
        ("reply_U", "<f8", (2, 2, 2)),
        ("reply_C", "<f8", (2, 2, 2)),
        ("reply_US", "<f8", (2, 2, 2)),
        # what `values` works with, observables innermost
        ("log_refuse", "<f8"),  # log(exp(lam_US u_decline) + exp(lam_US u_sanction))
        ("sanction_share", "<f8"),  # of not honouring
        ("gain_unit", "<f8"),  # c_s exp(-dmz_km/dmz0)
        ("hazard", "<f8", (12,)),
        ("flow", "<f8", (2, 3, 8)),  # P(o | kappa, b)
        ("refuse", "<f8", (2, 2, 8)),  # odds against honouring, [tau, f, o]
        ("honoured", "<f8", (2, 8)),  # P(honour) under gamma, [f, o]
        ("choice", "<f8", (3, 8)),
        ("pay_C", "<f8", (3, 8)),
        ("new", "<f8", (12,)),
        # the solution
        ("p_R", "<f8", (2, 4)),  # [kappa, a]
        ("p_U", "<f8", (3,)),
        ("response", "<f8", (8, 3)),
        ("decision", "<f8", (2, 2, 8, 3)),  # [tau, f, o, decision]
        ("like", "<f8", (2, 8)),  # P(o | kappa)
        ("q", "<f8", (8,)),  # P(committed | o)
        ("value_R", "<f8", (2, 8)),  # Russia's expected payoff of what follows o
        ("value_U", "<f8", (2, 8)),
        ("u_R", "<f8", (2, 4)),
        ("u_U", "<f8", (3,)),
        ("u_C", "<f8", (8, 3)),
        ("rounds", "<i8"),
        ("residual", "<f8"),
        ("status", "<i8"),  # 0 solved, 1 not solved
    ],
    align=True,
)


@kernel
def set_uniform(g):
    """Set both sides' strategies to uniform over their actions: where a run starts. `g` is modified in place."""
    n = 0
    for a in range(4):
        n += g["active_R"][a]
    for kappa in range(2):
        for a in range(4):
            g["p_R"][kappa, a] = g["active_R"][a] / n
    n = 0
    for b in range(3):
        n += g["active_U"][b]
    for b in range(3):
        g["p_U"][b] = g["active_U"][b] / n


@kernel
def set_rules(P, i, s, G, k):
    """Fill what of GAME row k depends on the parameters alone: once a run, and again when the parameters change."""
    p = P[i]
    g = G[k]
    hub = p["kind_s"][s] == 2
    g["active_R"][0] = g["active_U"][0] = 1
    g["active_R"][1] = g["active_R"][2] = g["active_U"][1] = g["active_U"][2] = 0 if hub else 1
    g["lam_R"] = p["lam_russia"]
    g["lam_U"] = p["lam_ukraine"]
    g["lam_C"] = p["lam_lead"]
    g["lam_US"] = p["lam_us"]
    c_s = 0.0 if hub else (1.0 if p["kind_s"][s] == 0 else p["c_border"])
    g["gain_unit"] = c_s * exp(-p["dmz_km"] / p["dmz0"])
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
    for o in range(8):
        K = o % 2
        g["base"][0, o] = pay.report(K, o // 2 == 1, p["passive_0"], p["passive"], p["passive_K"])
        g["base"][1, o] = -p["fire_cost"]
    _set_replies(p, g)


@kernel
def set_game(P, i, s, mu, gamma, x_s, r_s, m_s, lead, monitors, visibility, ease, void, sustained, G, k):
    """Lay out the week's stage game of place s in GAME row k, whose rules are set.

    Strategies (the warm start) are left as they are.

    Parameters
    ----------
    P, i : PARAMETERS and the row in force
    s : place
    mu, gamma : public beliefs P(committed), P(steadfast)
    x_s, r_s : tension and restraint of the place
    m_s, lead : troops in the place (thousands) and the contingent that leads (ignored if m_s = 0)
    monitors : civilian monitors present (persons)
    visibility, ease : seasonal factors of what monitors see and of the gain of a breach
    void : 1 if the guarantee is void this week
    sustained : 1 if a European died by an attributed breach anywhere in the last four weeks
    G, k : GAME array and row, modified in place
    """
    p = P[i]
    g = G[k]
    hub = p["kind_s"][s] == 2
    forced = 1 if m_s > 0.0 else 0
    g["active_R"][3] = forced
    g["mu"] = mu
    g["gamma"] = gamma
    _set_chance(p, g, s, hub, m_s, monitors, visibility)
    _set_direct(p, g, x_s, r_s, ease)
    _set_contingent(p, g, s, lead, forced, void, sustained)


@kernel
def _set_chance(p, g, s, hub, m_s, monitors, visibility):
    """Fill P(o | a, b)."""
    d_s = patrol_density(monitors, p["alpha"], m_s, p["l_s"][s])
    e = coverage(p["isr"], d_s, p["d0"])
    g["coverage"] = e
    Q = attribution(p["q0"] + p["q_un"] * p["un"] + p["q_commission"] * p["commission"], d_s, p["d_q"])
    phi = p["phi0"] * exp(-d_s / p["d0"])
    unsettled = exp(-d_s / p["d_c"])
    eps_m = p["eps_m"]
    D_1 = detection(p["nu_probe"], e, visibility)
    D_2 = detection(p["nu_raid"], e, visibility)
    D_3 = detection(p["nu_strike"], e, visibility)
    if hub:
        Q, phi, unsettled, eps_m, D_3 = p["hub_attribution"], 0.0, 1.0, 0.0, 1.0
    _set_hazards(p, g, m_s)
    for a in range(4):
        D_R = 0.0 if a == 0 else (D_1 if a == 1 else (D_2 if a == 2 else D_3))
        for b in range(3):
            D_U = 0.0 if b == 0 else (D_1 if b == 1 else D_2)
            observables(D_R, D_U, Q, phi, unsettled, eps_m, g["hazard"][3 * a + b], g["chance"][a, b])


@kernel
def _set_hazards(p, g, m_s):
    """Fill P(K = 1 | a, b), flat over (a, b); 0 without troops."""
    for a in range(4):
        k_a = p["k_probe"] if a == 1 else (p["k_raid"] if a == 2 else 0.0)
        k_aimed = p["k_strike"] if a == 3 and m_s > 0.0 else 0.0
        for b in range(3):
            k_b = 0.0 if b == 0 else (p["k_probe_U"] if b == 1 else p["k_raid_U"])
            g["hazard"][3 * a + b] = fatality_hazard(p["protection"], m_s, k_a, k_b, k_aimed)
    for j in range(12):
        g["hazard"][j] = -expm1(-g["hazard"][j])


@kernel
def _set_direct(p, g, x_s, r_s, ease):
    """Fill Russia's and Ukraine's expected payoffs of (a, b) before anyone responds."""
    legal = 1.0 + p["un_legal"] * p["un"]
    unit = pay.breach_gain(g["gain_unit"], r_s, p["eta_x"], x_s, ease)
    void_cost = p["void_cost"] * p["G"] if p["void_weeks"] > 0 else 0.0
    for a in range(4):
        gain = p["g_strike"] if a == 3 else (0.0 if a == 0 else unit * (p["g_probe"] if a == 1 else p["g_raid"]))
        cost = p["cost_strike"] if a == 3 else (0.0 if a == 0 else (p["cost_probe"] if a == 1 else p["cost_raid"]))
        for b in range(3):
            gain_U = 0.0 if b == 0 else unit * (p["g_probe_U"] if b == 1 else p["g_raid_U"])
            cost_U = 0.0 if b == 0 else (p["cost_probe_U"] if b == 1 else p["cost_raid_U"])
            c = g["chance"][a, b]
            named_R = c[2] + c[3]
            named_U = c[4] + c[5]
            disputed = p["xi"] * (c[6] + c[7])
            g["direct_U"][a, b] = gain_U - cost_U * (named_U + disputed) - void_cost * named_U
            for kappa in range(2):
                value = gain - cost * legal * (named_R + disputed)
                if a == 3:
                    effect = pay.strike_effect(kappa, p["V_s"], p["alpha_theta"], p["theta"], p["C_b"])
                    value += effect * (c[3] + c[5] + c[7])
                g["direct_R"][kappa, a, b] = value


@kernel
def _set_contingent(p, g, s, lead, forced, void, sustained):
    """Fill who chooses after o, with what rules, and what the lead's nation has at stake."""
    is_line = p["kind_s"][s] == 0
    for o in range(8):
        sigma = o // 2
        K = o % 2
        g["respond"][o] = 1 if forced == 1 and o >= 2 else 0
        g["fire"][o] = 1 if g["respond"][o] == 1 and pay.fire_allowed(p["roe"], K, sigma) else 0
        called = pay.triggered(p["trigger"], K, sigma, sustained == 1, is_line)
        g["invoked"][o] = 1 if g["respond"][o] == 1 and void == 0 and called else 0
        g["base"][2, o] = -p["reputation_n"][lead]
    g["danger"] = p["theta"] * p["danger_n"][lead]


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
