"""The week's stage games laid out: the GAMES blocks that `incident.solve` solves.

A block holds the games of LANES places side by side, the place last: place s is lane s % LANES of block s // LANES.
Every loop over the lanes runs without branches over neighbours in memory, so that the compiler handles all lanes at
once; what one place does never depends on its neighbours. Other indices: kappa (2), tau (2), a (4), b (3),
o = 2*sigma + K (8), f (2), h (2), response (3), decision (3), reply (3), in the order of `model.codes`. A set of
places or actions is 1.0 where it holds and 0.0 where not, to multiply by.

`GAME` is one place's game alone, as Python reads it (`unpacked`). Only this file and `week` read PARAMETERS
rows; the formulas are in `monitoring` and `payoffs`.
"""

import numpy as np

from model.kernels import payoffs as pay
from model.kernels.elementary import exp, expm1, odds
from model.kernels.jit import kernel
from model.kernels.logit import log_sum_exp, logistic, logit_choice
from model.kernels.monitoring import (
    attribution,
    coverage,
    detection,
    either_kills,
    fatality_hazard,
    observables,
    patrol_density,
)

LANES = 8
NOBODY_YET = -1.0
"""Thousands of troops in a block whose rules are new: what depends on who is there is still to be laid out."""
OF_A_PLACE: list[tuple[str, str, tuple[int, ...]]] = [
    # chance
    ("chance", "<f8", (4, 3, 8)),  # P(o | a, b)
    # payoffs that do not depend on later play
    ("direct_R", "<f8", (2, 4, 3)),  # [kappa, a, b]
    ("direct_U", "<f8", (4, 3)),  # [a, b]
    ("base", "<f8", (3, 8)),  # the contingent's, [response, o]
    ("danger", "<f8", (8,)),  # theta danger_n, the same after every o
    # who may do what
    ("active_R", "<f8", (4,)),  # 1 where Russia has the action
    ("active_U", "<f8", (3,)),
    ("respond", "<f8", (8,)),  # 1 where the contingent chooses after o
    ("fire", "<f8", (8,)),  # 1 where the rules of engagement allow fire
    ("invoked", "<f8", (8,)),  # 1 where the guarantee is invoked
    # the first moves: what is iterated, and the answer to it
    ("odds_R", "<f8", (2, 4)),  # log-odds of Russia's actions against comply, [kappa, a]: the warm start
    ("p_R", "<f8", (2, 4)),  # [kappa, a]
    ("p_U", "<f8", (3,)),
    ("answer_R", "<f8", (2, 4)),  # log-odds
    ("answer_U", "<f8", (3,)),
    ("gap_R", "<f8", (2, 4)),
    ("last_answer", "<f8", (2, 4)),
    ("last_step", "<f8", (2, 4)),
    ("start_R", "<f8", (2, 4)),  # where the week's iteration started
    ("start_U", "<f8", (3,)),
    # what follows them
    ("like", "<f8", (2, 8)),  # P(o | kappa)
    ("q", "<f8", (8,)),  # P(committed | o)
    ("refuse", "<f8", (2, 2, 8)),  # odds against honouring, [tau, f, o]
    ("honoured", "<f8", (2, 8)),  # P(honour) under gamma, [f, o]
    ("u_C", "<f8", (3, 8)),  # [response, o]
    ("response", "<f8", (3, 8)),  # [response, o]
    ("value_R", "<f8", (2, 8)),  # Russia's expected payoff of what follows a death (odd o)
    ("value_U", "<f8", (2, 8)),
    ("p_a", "<f8", ()),  # P(a) under mu, of one a at a time
    ("mean_U", "<f8", (8,)),  # of value_U over kappa, weighted by P(kappa, a)
    ("worth_R", "<f8", (2, 4, 3)),  # Russia's expected payoff of (a, b)
    ("u_R", "<f8", (2, 4)),
    ("u_U", "<f8", (3,)),
    ("decision", "<f8", (2, 2, 3, 8)),  # [tau, f, decision, o]
    # the solver
    ("open", "<f8", ()),  # 1 while a place is to be solved
    ("gap", "<f8", ()),  # largest distance of the log-odds from their answer
    ("last_gap", "<f8", ()),
    ("theta", "<f8", ()),  # of the secant
    ("residual", "<f8", ()),
    ("rounds", "<i8", ()),
    ("status", "<i8", ()),  # 0 solved, 1 not solved
    # the week's chances given the true types: rows of `compensators`
    ("event", "<f8", (7,)),
    # the place
    ("coverage", "<f8", ()),  # e
    ("hub", "<f8", ()),
    ("line", "<f8", ()),
    ("gain_unit", "<f8", ()),  # c_s exp(-dmz_km/dmz0)
    ("gain", "<f8", ()),  # of a breach of unit size this week
    ("tension", "<f8", ()),
    ("restraint", "<f8", ()),
    ("troops", "<f8", ()),  # thousands
    ("monitors", "<f8", ()),  # persons
    ("density", "<f8", ()),  # d, patrols per km
    ("dies_R", "<f8", (4,)),  # P(somebody dies by what Russia does)
    ("dies_U", "<f8", (3,)),
    ("sees_R", "<f8", (4,)),  # D_a
    ("Q", "<f8", ()),  # attribution given detection
    ("phi", "<f8", ()),  # false alarms
    ("unsettled", "<f8", ()),  # share of disputes that liaison does not settle
]
OF_ALL: list[tuple[str, str, tuple[int, ...]]] = [
    ("may_fire", "<i8", (8,)),  # 1 where the rules of engagement allow fire in some place
    ("may_invoke", "<i8", (8,)),
    ("may_act", "<i8", (4,)),  # 1 where Russia has the action in some place
    ("mu", "<f8", ()),
    ("gamma", "<f8", ()),
    ("lam_R", "<f8", ()),
    ("lam_U", "<f8", ()),
    ("lam_C", "<f8", ()),
    ("lam_US", "<f8", ()),
    ("prize", "<f8", ()),
    ("S_R", "<f8", ()),
    ("H_R", "<f8", ()),  # H_R eps_A
    ("loss", "<f8", ()),
    ("aid_E", "<f8", ()),
    ("aid_A", "<f8", ()),
    ("u_S", "<f8", ()),
    ("u_H", "<f8", ()),
    ("u_decline", "<f8", ()),
    ("u_sanction", "<f8", ()),
    ("u_honour", "<f8", (2,)),  # -cost_tau
    ("log_refuse", "<f8", ()),  # log(exp(lam_US u_decline) + exp(lam_US u_sanction))
    ("steadier", "<f8", ()),  # odds against honouring, steadfast over reluctant
    ("sanction_share", "<f8", ()),  # of not honouring
    # Russia's reply, which depends on (kappa, f, h) only, and what it is worth to each player
    ("reply", "<f8", (2, 2, 2, 3)),
    ("reply_R", "<f8", (2, 2, 2)),
    ("reply_U", "<f8", (2, 2, 2)),
    ("reply_C", "<f8", (2, 2, 2)),
    ("reply_US", "<f8", (2, 2, 2)),
]
TURNED = {"u_C": (8, 3), "response": (8, 3), "decision": (2, 2, 8, 3)}
"""What a GAME row holds with o before the choice; in a block, o lies next to the place for the sake of its loops."""
GAME = np.dtype([(name, code, TURNED.get(name, shape)) for name, code, shape in OF_A_PLACE + OF_ALL])
_FIELDS = [(name, code, (*shape, LANES)) for name, code, shape in OF_A_PLACE] + OF_ALL
_SLACK = -np.dtype(_FIELDS).itemsize % 64
GAMES = np.dtype([*_FIELDS, ("slack", "u1", (_SLACK,))] if _SLACK else _FIELDS)


def blocks_of(n_places: int) -> np.ndarray:
    """Return zeroed GAMES blocks for so many places, on cache lines: shape (ceil(n_places / LANES),)."""
    count = -(-n_places // LANES)
    memory = np.zeros(count * GAMES.itemsize + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + count * GAMES.itemsize].view(GAMES)


def unpacked(blocks: np.ndarray, n_places: int) -> np.ndarray:
    """Return the games of GAMES blocks place by place: GAME rows, shape (n_places,), a copy."""
    games = np.zeros(len(blocks) * LANES, GAME)
    for name, _, shape in OF_A_PLACE:
        values = np.moveaxis(blocks[name], -1, 1).reshape(len(games), *shape)
        games[name] = np.swapaxes(values, -1, -2) if name in TURNED else values
    for name, _, _ in OF_ALL:
        games[name] = np.repeat(blocks[name], LANES, axis=0)
    return games[:n_places]


def packed(game: np.void) -> np.ndarray:
    """Return one GAMES block that holds a GAME row in every lane."""
    blocks = blocks_of(1)
    for name, _, _ in OF_A_PLACE:
        value = np.swapaxes(game[name], -1, -2) if name in TURNED else game[name]
        blocks[name][0] = value[..., np.newaxis]
    for name, _, _ in OF_ALL:
        blocks[name][0] = game[name]
    return blocks


@kernel
def set_uniform(g):
    """Set both sides' strategies to uniform over their actions: where a run starts. `g` is modified in place."""
    for kappa in range(2):
        for a in range(4):
            for j in range(LANES):
                n = g["active_R"][0, j] + g["active_R"][1, j] + g["active_R"][2, j] + g["active_R"][3, j]
                g["odds_R"][kappa, a, j] = 0.0
                g["p_R"][kappa, a, j] = g["active_R"][a, j] / n
    for j in range(LANES):
        n = g["active_U"][0, j] + g["active_U"][1, j] + g["active_U"][2, j]
        for b in range(3):
            g["p_U"][b, j] = g["active_U"][b, j] / n


@kernel
def set_rules(P, i, G, k):
    """Fill what of GAMES block k depends on the parameters alone: once a run, and again when the parameters change."""
    p = P[i]
    g = G[k]
    for j in range(LANES):
        kind = p["kind_s"][LANES * k + j]
        g["troops"][j] = NOBODY_YET
        g["hub"][j] = 1.0 if kind == 2 else 0.0
        g["line"][j] = 1.0 if kind == 0 else 0.0
        c_s = 0.0 if kind == 2 else (1.0 if kind == 0 else p["c_border"])
        g["gain_unit"][j] = c_s * exp(-p["dmz_km"] / p["dmz0"])
        g["active_R"][0, j] = g["active_U"][0, j] = 1.0
        g["active_R"][1, j] = g["active_R"][2, j] = g["active_U"][1, j] = g["active_U"][2, j] = 1.0 - g["hub"][j]
    g["may_act"][0] = 1
    g["may_act"][1] = g["may_act"][2] = 0
    for j in range(min(LANES, p["n_places"] - LANES * k)):
        if g["hub"][j] == 0.0:
            g["may_act"][1] = g["may_act"][2] = 1
    for o in range(8):
        report = pay.report(o % 2, o // 2 == 1, p["passive_0"], p["passive"], p["passive_K"])
        g["may_fire"][o] = 1 if o >= 2 and pay.fire_allowed(p["roe"], o % 2, o // 2) else 0
        for j in range(LANES):
            g["base"][0, o, j] = report
            g["base"][1, o, j] = -p["fire_cost"]
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
    refusal(g)
    _set_replies(p, g)


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


@kernel
def set_games(
    P, i, G, k, first, end, mu, gamma, x_s, r_s, m_s, lead_s, monitors_s, visibility, ease, void, sustained
):  # fmt: skip
    """Lay out the week's stage games in GAMES block k, whose rules are set.

    Strategies (the warm start) are left as they are.

    Parameters
    ----------
    P, i : PARAMETERS and the row in force
    G, k : GAMES and the block, modified in place
    first, end : the places to be solved are first to end - 1
    mu, gamma : public beliefs P(committed), P(steadfast)
    x_s, r_s : tension and restraint of every place
    m_s, lead_s : troops in every place (thousands) and the contingent that leads (ignored if m_s = 0)
    monitors_s : civilian monitors present (persons)
    visibility, ease : seasonal factors of what monitors see and of the gain of a breach
    void : 1 if the guarantee is void this week
    sustained : 1 if a European died by an attributed breach anywhere in the last four weeks
    """
    p = P[i]
    g = G[k]
    g["mu"] = mu
    g["gamma"] = gamma
    g["may_act"][3] = 0
    for j in range(LANES):
        s = LANES * k + j
        g["open"][j] = 1.0 if first <= s < end else 0.0
        g["may_act"][3] |= 1 if m_s[s] > 0.0 else 0
        g["active_R"][3, j] = 1.0 if m_s[s] > 0.0 else 0.0
        g["danger"][0, j] = p["theta"] * p["danger_n"][lead_s[s]]
        g["base"][2, 0, j] = -p["reputation_n"][lead_s[s]]
    for o in range(1, 8):
        for j in range(LANES):
            g["danger"][o, j] = g["danger"][0, j]
            g["base"][2, o, j] = g["base"][2, 0, j]
    _set_chance(p, g, LANES * k, m_s, monitors_s, visibility)
    _set_direct(p, g, LANES * k, x_s, r_s, ease)
    _set_answers(p, g, void, sustained)


@kernel
def _set_chance(p, g, s0, m_s, monitors_s, visibility):
    """Fill P(o | a, b); s0 is the block's first place. In a hub a strike is seen, and nothing else happens."""
    _set_presence(p, g, s0, m_s, monitors_s)
    _set_sight(p, g, visibility)
    eps_m = p["eps_m"]
    for a in range(4):
        for b in range(3):
            chance = g["chance"][a, b]
            for j in range(LANES):
                p_K = either_kills(g["dies_R"][a, j], g["dies_U"][b, j])
                quiet, named_R, killed_R, named_U, killed_U, disputed, killed = observables(
                    g["sees_R"][a, j], g["sees_R"][b, j],
                    g["Q"][j], g["phi"][j], g["unsettled"][j], eps_m * (1.0 - g["hub"][j]), p_K,
                )  # fmt: skip
                chance[0, j] = quiet
                chance[2, j] = named_R
                chance[3, j] = killed_R
                chance[4, j] = named_U
                chance[5, j] = killed_U
                chance[6, j] = disputed
                chance[7, j] = killed


@kernel
def _set_sight(p, g, visibility):
    """Fill the chance that each action is seen this week."""
    # What a loop over the lanes reads of the parameters is read before it: they might lie where it writes.
    nu_1, nu_2, nu_3 = p["nu_probe"], p["nu_raid"], p["nu_strike"]
    for j in range(LANES):
        e = g["coverage"][j]
        g["sees_R"][0, j] = 0.0
        g["sees_R"][1, j] = detection(nu_1, e, visibility)
        g["sees_R"][2, j] = detection(nu_2, e, visibility)
        strike = detection(nu_3, e, visibility)
        g["sees_R"][3, j] = 1.0 if g["hub"][j] == 1.0 else strike


@kernel
def _set_presence(p, g, s0, m_s, monitors_s):
    """Fill what depends on who is there: attribution, false alarms, liaison, deaths. Nothing to do if nobody moved."""
    moved = 0
    for j in range(LANES):
        moved += 1 if g["troops"][j] != m_s[s0 + j] or g["monitors"][j] != monitors_s[s0 + j] else 0
    if moved == 0:
        return
    alpha, isr, d0, d_q, d_c, phi0 = p["alpha"], p["isr"], p["d0"], p["d_q"], p["d_c"], p["phi0"]
    hub_attribution, protection, k_strike = p["hub_attribution"], p["protection"], p["k_strike"]
    k_1, k_2, k_1_U, k_2_U = p["k_probe"], p["k_raid"], p["k_probe_U"], p["k_raid_U"]
    q0 = p["q0"] + p["q_un"] * p["un"] + p["q_commission"] * p["commission"]
    for j in range(LANES):
        g["troops"][j] = m_s[s0 + j]
        g["monitors"][j] = monitors_s[s0 + j]
        g["density"][j] = patrol_density(monitors_s[s0 + j], alpha, m_s[s0 + j], p["l_s"][s0 + j])
    for j in range(LANES):
        hub, d_s, m = g["hub"][j] == 1.0, g["density"][j], g["troops"][j]
        g["coverage"][j] = coverage(isr, d_s, d0)
        Q, phi, unsettled = attribution(q0, d_s, d_q), phi0 * exp(-d_s / d0), exp(-d_s / d_c)
        g["Q"][j] = hub_attribution if hub else Q
        g["phi"][j] = 0.0 if hub else phi
        g["unsettled"][j] = 1.0 if hub else unsettled
        aimed = k_strike * g["active_R"][3, j]
        g["dies_R"][0, j] = g["dies_U"][0, j] = 0.0
        g["dies_R"][1, j] = -expm1(-fatality_hazard(protection, m, k_1, 0.0))
        g["dies_R"][2, j] = -expm1(-fatality_hazard(protection, m, k_2, 0.0))
        g["dies_R"][3, j] = -expm1(-fatality_hazard(protection, m, 0.0, aimed))
        g["dies_U"][1, j] = -expm1(-fatality_hazard(protection, m, k_1_U, 0.0))
        g["dies_U"][2, j] = -expm1(-fatality_hazard(protection, m, k_2_U, 0.0))


@kernel
def _set_direct(p, g, s0, x_s, r_s, ease):
    """Fill Russia's and Ukraine's expected payoffs of (a, b) before anyone responds; s0 is the block's first place."""
    legal = 1.0 + p["un_legal"] * p["un"]
    void_cost = p["void_cost"] * p["G"] if p["void_weeks"] > 0 else 0.0
    xi, eta_x = p["xi"], p["eta_x"]
    bluff = pay.strike_effect(0, p["V_s"], p["alpha_theta"], p["theta"], p["C_b"])
    carried_out = pay.strike_effect(1, p["V_s"], p["alpha_theta"], p["theta"], p["C_b"])
    for j in range(LANES):
        g["tension"][j] = x_s[s0 + j]
        g["restraint"][j] = r_s[s0 + j]
    for j in range(LANES):
        g["gain"][j] = pay.breach_gain(g["gain_unit"][j], g["restraint"][j], eta_x, g["tension"][j], ease)
    for a in range(4):
        if g["may_act"][a] == 0:
            continue
        g_a = 0.0 if a == 0 or a == 3 else (p["g_probe"] if a == 1 else p["g_raid"])
        aimed = p["g_strike"] if a == 3 else 0.0
        cost = 0.0 if a == 0 else (p["cost_probe"] if a == 1 else (p["cost_raid"] if a == 2 else p["cost_strike"]))
        cost *= legal
        effect_0 = bluff if a == 3 else 0.0
        effect_1 = carried_out if a == 3 else 0.0
        for b in range(3 if g["may_act"][1] == 1 else 1):
            g_b = 0.0 if b == 0 else (p["g_probe_U"] if b == 1 else p["g_raid_U"])
            cost_U = 0.0 if b == 0 else (p["cost_probe_U"] if b == 1 else p["cost_raid_U"])
            chance = g["chance"][a, b]
            for j in range(LANES):
                unit = g["gain"][j]
                dead = chance[3, j] + chance[5, j] + chance[7, j]
                named_R = chance[2, j] + chance[3, j]
                named_U = chance[4, j] + chance[5, j]
                disputed = xi * (chance[6, j] + chance[7, j])
                value = aimed + g_a * unit - cost * (named_R + disputed)
                g["direct_R"][0, a, b, j] = value + effect_0 * dead
                g["direct_R"][1, a, b, j] = value + effect_1 * dead
                g["direct_U"][a, b, j] = g_b * unit - cost_U * (named_U + disputed) - void_cost * named_U


@kernel
def _set_answers(p, g, void, sustained):
    """Fill where the contingent chooses after o, with what rules, and where the guarantee is invoked."""
    for o in range(2, 8):
        in_line = void == 0 and pay.triggered(p["trigger"], o % 2, o // 2, sustained == 1, True)
        elsewhere = void == 0 and pay.triggered(p["trigger"], o % 2, o // 2, sustained == 1, False)
        clear_choices(g, o)
        g["may_invoke"][o] = 1 if in_line or elsewhere else 0
        may_fire = 1.0 if g["may_fire"][o] == 1 else 0.0
        line, beyond = 1.0 if in_line else 0.0, 1.0 if elsewhere else 0.0
        for j in range(LANES):
            forced = g["active_R"][3, j]
            g["respond"][o, j] = forced
            g["fire"][o, j] = forced * may_fire
            g["invoked"][o, j] = forced * (g["line"][j] * line + (1.0 - g["line"][j]) * beyond)


@kernel
def clear_choices(g, o):
    """Set to nothing what last week's rules may have left after o and this week's may not fill."""
    for j in range(LANES):
        g["u_C"][1, o, j] = -np.inf
        g["response"][1, o, j] = 0.0
    if g["may_invoke"][o] == 1:
        for tau in range(2):
            for f in range(2):
                for decision in range(3):
                    for j in range(LANES):
                        g["decision"][tau, f, decision, o, j] = 0.0
