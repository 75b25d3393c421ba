"""The week's stage games laid out: the GAMES blocks that `equilibrium.solve` solves.

A block k holds the games of LANES places side by side, the place last: place s is lane j = s % LANES of block
k = s // LANES. Loops over the lanes have no branches and run over neighbours in memory, so that LLVM vectorises them;
no lane depends on another. Other indices: kappa (2), tau (2), a (4), b (3), trace (5), o = 2*sigma + K (8), f (2),
h (2), response (3), reply (3), in the order of `codes` and `monitoring.Trace`. Indicators of places and actions are
1.0 or 0.0, to multiply by.

`regime` fills what depends on the parameters alone, this file what changes from week to week; the formulas are in
`monitoring` and `payoffs`. `table` has the games place by place, as Python reads them.

Readable twin: `reference.incident.IncidentGame`, up to "who may choose".
"""

import numpy as np

from fragile_peace.codes import Action
from fragile_peace.kernels.incident import payoffs as pay
from fragile_peace.kernels.incident.monitoring import (
    FIRST_ANSWERED,
    N_OBSERVABLES,
    N_TRACES,
    UNSEEN,
    attribution,
    coverage,
    detection,
    false_alarm,
    fatality_hazard,
    over_traces,
    patrol_density,
    season,
    traces,
    violence,
    worth_of_traces,
)
from fragile_peace.kernels.machine.elementary import expm1
from fragile_peace.kernels.machine.jit import kernel

LANES = 8
COMPLY, PROBE, RAID, STRIKE = (int(action) for action in Action)
NOBODY_YET = -1.0
"""Troops in a block whose rules are new: no garrison equals it, so what depends on who is there is laid out."""
OF_A_PLACE: list[tuple[str, str, tuple[int, ...]]] = [
    # chances of the traces that an action leaves
    ("leaves_R", "<f8", (4, N_TRACES)),  # P(trace | a)
    ("leaves_U", "<f8", (3, N_TRACES)),
    # payoffs that do not depend on later play
    ("direct_R", "<f8", (4, 3)),  # [a, b], without `effect`
    ("direct_U", "<f8", (4, 3)),  # [a, b]
    ("danger", "<f8", (8,)),  # theta danger_n, the same after every o
    ("report", "<f8", (8,)),  # the contingent's payoff of only reporting o
    ("leave", "<f8", (8,)),  # of pulling back, the same after every o
    # who may do what
    ("active_R", "<f8", (4,)),  # 1 where Russia has the action; where it may strike there is a contingent
    ("active_U", "<f8", (3,)),
    ("respond", "<f8", (8,)),  # 1 where the contingent chooses after o
    ("invoked", "<f8", (8,)),  # 1 where the guarantee is invoked
    # the first moves: what is iterated, and the answer to it
    ("odds_R", "<f8", (2, 4)),  # log-odds of Russia's actions against comply, [kappa, a]: the warm start
    ("p_R", "<f8", (2, 4)),  # [kappa, a]
    ("odds_U", "<f8", (3,)),  # likewise Ukraine's
    ("p_U", "<f8", (3,)),
    ("answer_R", "<f8", (2, 4)),  # log-odds; of a solved game, in the last round that needed it
    ("answer_U", "<f8", (3,)),  # log-odds
    ("next_U", "<f8", (3,)),  # the chances of that answer
    ("gap_R", "<f8", (2, 4)),
    ("gap_U", "<f8", (3,)),
    ("last_answer", "<f8", (2, 4)),
    ("last_step", "<f8", (2, 4)),
    ("start_R", "<f8", (2, 4)),  # where the week's iteration started
    ("start_U", "<f8", (3,)),  # log-odds
    # traces of the first moves, posteriors, later choices, values
    ("trace_R", "<f8", (2, N_TRACES)),  # P(trace | kappa)
    ("trace_U", "<f8", (N_TRACES,)),  # under p_U
    ("like", "<f8", (2, 8)),  # P(o | kappa)
    ("q", "<f8", (8,)),  # P(committed | o)
    ("refuse", "<f8", (2, 2, 8)),  # odds against honouring, [tau, f, o]
    ("honoured", "<f8", (2, 8)),  # P(honour) under gamma, [f, o]
    ("u_C", "<f8", (3, 8)),  # the contingent's, [response, o]
    ("response", "<f8", (3, 8)),  # [response, o]
    ("value_R", "<f8", (2, 8)),  # Russia's expected payoff of what follows o
    ("value_U", "<f8", (2, 8)),
    ("u_R", "<f8", (2, 4)),
    ("u_U", "<f8", (3,)),
    # the solver
    ("open", "<f8", ()),  # 1 while a place is to be solved
    ("gap", "<f8", ()),  # largest distance of the log-odds from their answer
    ("last_gap", "<f8", ()),
    ("near", "<f8", ()),  # 1 where Russia's next answer is not FAR, or was not asked for
    ("residual", "<f8", ()),  # of both sides' moves
    ("rounds", "<i8", ()),
    ("status", "<i8", ()),  # 0 solved, 1 not solved
    # the week's chances given the true types: rows of `compensators`
    ("event", "<f8", (7,)),
    # what is drawn
    ("move_R", "<i8", ()),
    ("move_U", "<i8", ()),
    ("u_K", "<f8", ()),
    ("u_signal", "<f8", ()),
    ("K", "<i8", ()),
    ("signal", "<i8", ()),
    # the place
    ("coverage", "<f8", ()),  # e
    ("hub", "<f8", ()),
    ("line", "<f8", ()),
    ("log_weight", "<f8", ()),  # log of a strike's opportunities in a week
    ("gain_unit", "<f8", ()),  # c_s exp(-dmz_km/dmz0)
    ("gain", "<f8", ()),  # of a breach of unit size this week
    ("disobeys", "<f8", (3,)),  # what an action costs a side that has ordered restraint
    ("tension", "<f8", ()),
    ("restraint", "<f8", ()),
    ("lead", "<i8", ()),  # the contingent that leads; -1 nobody
    ("troops", "<f8", ()),  # thousands
    ("monitors", "<f8", ()),  # persons
    ("density", "<f8", ()),  # d, patrols per km
    ("dies_R", "<f8", (4,)),  # P(Russia's action kills a European)
    ("dies_U", "<f8", (3,)),
    ("sees", "<f8", (4,)),  # D of an action, by either side
    ("Q", "<f8", ()),  # attribution given detection
    ("phi", "<f8", ()),  # false alarms that liaison does not settle
    ("eps_m", "<f8", ()),  # share of attributed signals that name the wrong side
]
OF_ALL: list[tuple[str, str, tuple[int, ...]]] = [
    ("may_fire", "<i8", (8,)),  # 1 where the rules of engagement allow fire
    ("may_invoke", "<i8", (8,)),  # 1 where the guarantee is invoked in some place
    ("may_act", "<i8", (4,)),  # 1 where Russia has the action in some place
    ("mu", "<f8", ()),
    ("gamma", "<f8", ()),
    ("lam_R", "<f8", ()),
    ("lam_U", "<f8", ()),
    ("lam_C", "<f8", ()),
    ("lam_US", "<f8", ()),
    ("effect", "<f8", (2,)),  # Russia's of a strike that kills, [kappa]
    ("shoot", "<f8", ()),  # the contingent's payoff of firing
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
    ("sanction_share", "<f8", ()),  # of not honouring
    # Russia's reply, which depends on (kappa, f, h) only, and what it is worth to each player
    ("reply", "<f8", (2, 2, 2, 3)),
    ("reply_R", "<f8", (2, 2, 2)),
    ("reply_U", "<f8", (2, 2, 2)),
    ("reply_C", "<f8", (2, 2, 2)),
    ("reply_US", "<f8", (2, 2, 2)),
]
_FIELDS = [(name, code, (*shape, LANES)) for name, code, shape in OF_A_PLACE] + OF_ALL
_SLACK = -np.dtype(_FIELDS).itemsize % 64
GAMES = np.dtype([*_FIELDS, ("slack", "u1", (_SLACK,))] if _SLACK else _FIELDS)


def blocks_of(n_places: int) -> np.ndarray:
    """Return zeroed GAMES blocks for so many places, on cache lines: shape (ceil(n_places / LANES),)."""
    count = -(-n_places // LANES)
    memory = np.zeros(count * GAMES.itemsize + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + count * GAMES.itemsize].view(GAMES)


@kernel
def set_uniform(g):
    """Set both sides' strategies to uniform over the actions that exist: where a run starts (E3.18).

    `g` is modified in place.
    """
    for kappa in range(2):
        for a in range(4):
            for j in range(LANES):
                there = g["active_R"][COMPLY, j] + g["active_R"][PROBE, j]
                there = there + g["active_R"][RAID, j] + g["active_R"][STRIKE, j]
                g["odds_R"][kappa, a, j] = g["answer_R"][kappa, a, j] = 0.0
                g["p_R"][kappa, a, j] = g["active_R"][a, j] / there
    for j in range(LANES):
        there = g["active_U"][COMPLY, j] + g["active_U"][PROBE, j] + g["active_U"][RAID, j]
        for b in range(3):
            g["odds_U"][b, j] = g["answer_U"][b, j] = 0.0
            g["p_U"][b, j] = g["next_U"][b, j] = g["active_U"][b, j] / there


@kernel
def set_games(params, state, week, games, k):
    """Lay out the week's stage games in GAMES block k, whose rules are set; all places are open (E3.21, E4.1).

    Strategies (the warm start) are left as they are.

    Parameters
    ----------
    params : PARAMETERS rows; the one in force is used
    state : STATE row: beliefs, tension, restraint
    week : WEEK row: day of the year, troops, leads and monitors of every place, void, sustained
    games, k : GAMES and the block, modified in place
    """
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    g = games[k]
    s0 = LANES * k
    day = float(wk["day"])
    g["mu"] = now["mu"]
    g["gamma"] = now["gamma"]
    g["may_act"][STRIKE] = 0
    for j in range(LANES):
        g["open"][j] = 1.0 if s0 + j < p["n_places"] else 0.0
        g["may_act"][STRIKE] |= 1 if wk["m_s"][s0 + j] > 0.0 else 0
        g["active_R"][STRIKE, j] = 1.0 if wk["m_s"][s0 + j] > 0.0 else 0.0
    if _moved(wk, g, s0):
        _set_lead(p, g)
        _set_presence(p, g, s0)
        _set_strike_deaths(p, g)
    for j in range(LANES):
        g["tension"][j] = now["x_s"][s0 + j]
        g["restraint"][j] = now["r_s"][s0 + j]
    _set_deaths(p, g, s0)
    _set_traces(p, g, season(p["visibility_amp"], day))
    _set_direct(p, g, season(p["ease_amp"], day))
    _set_invoked(p, wk, g)


@kernel
def _set_traces(p, g, visibility):
    """Fill the chances of the traces that each action leaves this week (E4.13, E4.17, E4.20).

    In a hub a strike is seen for certain, and there is no other action.
    """
    # Hoist parameters into locals: LLVM cannot rule out that they alias what the loop writes.
    nu_1, nu_2, nu_3 = p["nu_probe"], p["nu_raid"], p["nu_strike"]
    for j in range(LANES):
        e = g["coverage"][j]
        g["sees"][PROBE, j] = detection(nu_1, e, visibility)
        g["sees"][RAID, j] = detection(nu_2, e, visibility)
        strike = detection(nu_3, e, visibility)
        g["sees"][STRIKE, j] = 1.0 if g["hub"][j] == 1.0 else strike
    for j in range(LANES):
        sees, Q = g["sees"], g["Q"][j]
        _set_row(g["leaves_R"][PROBE], traces(sees[PROBE, j], Q, g["dies_R"][PROBE, j]), j)
        _set_row(g["leaves_R"][RAID], traces(sees[RAID, j], Q, g["dies_R"][RAID, j]), j)
        _set_row(g["leaves_R"][STRIKE], traces(sees[STRIKE, j], Q, g["dies_R"][STRIKE, j]), j)
        _set_row(g["leaves_U"][PROBE], traces(sees[PROBE, j], Q, g["dies_U"][PROBE, j]), j)
        _set_row(g["leaves_U"][RAID], traces(sees[RAID, j], Q, g["dies_U"][RAID, j]), j)


@kernel
def _set_row(rows, chances, j):
    """Set lane j of an array (5, LANES) to the chances of five traces (E3.21, E4.20)."""
    rows[0, j], rows[1, j], rows[2, j], rows[3, j], rows[4, j] = chances


@kernel
def row_of(rows, j):
    """Return the chances of five traces in lane j of an array (5, LANES) (E3.21, E4.20)."""
    return rows[0, j], rows[1, j], rows[2, j], rows[3, j], rows[4, j]


@kernel
def _moved(wk, g, s0):
    """Note who is in every place, s0 being the block's first, and return whether anybody came or left (E3.21)."""
    moved = 0
    for j in range(LANES):
        m, monitors, lead = wk["m_s"][s0 + j], wk["monitors_s"][s0 + j], wk["lead_s"][s0 + j]
        moved += 1 if (g["troops"][j] != m) | (g["monitors"][j] != monitors) | (g["lead"][j] != lead) else 0
        g["troops"][j] = m
        g["monitors"][j] = monitors
        g["lead"][j] = lead
    return moved > 0


@kernel
def _set_lead(p, g):
    """Fill the stakes of the contingent that leads, and where it responds (E4.2, E4.44)."""
    for j in range(LANES):
        g["danger"][0, j] = p["theta"] * p["danger_n"][g["lead"][j]]
        g["leave"][0, j] = -p["reputation_n"][g["lead"][j]]
    # One copy for every o: loops over the lanes at one o vectorise only if all arrays in them are indexed by o.
    for o in range(FIRST_ANSWERED, N_OBSERVABLES):
        for j in range(LANES):
            g["danger"][o, j] = g["danger"][0, j]
            g["leave"][o, j] = g["leave"][0, j]
            g["respond"][o, j] = g["active_R"][STRIKE, j]


@kernel
def _set_presence(p, g, s0):
    """Fill what depends on how many are there: coverage, attribution, false alarms (E4.11, E4.12, E4.14, E4.15, E4.16,
    E4.17).
    """
    alpha, isr, d0, d_q, d_c, phi0 = p["alpha"], p["isr"], p["d0"], p["d_q"], p["d_c"], p["phi0"]
    hub_attribution = p["hub_attribution"]
    q0 = p["q0"] + p["q_un"] * p["un"] + p["q_commission"] * p["commission"]
    for j in range(LANES):
        g["density"][j] = patrol_density(g["monitors"][j], alpha, g["troops"][j], p["l_s"][s0 + j])
    for j in range(LANES):
        hub, d_s = g["hub"][j] == 1.0, g["density"][j]
        g["coverage"][j] = coverage(isr, d_s, d0)
        Q, phi = attribution(q0, d_s, d_q), false_alarm(phi0, d_s, d0, d_c)
        g["Q"][j] = hub_attribution if hub else Q
        g["phi"][j] = 0.0 if hub else phi


@kernel
def _set_strike_deaths(p, g):
    """Fill the chance that a strike kills a European, which no violence around it changes (E4.18)."""
    protection, k_strike = p["protection"], p["k_strike"]
    for j in range(LANES):
        aimed = k_strike * g["active_R"][STRIKE, j]
        g["dies_R"][STRIKE, j] = -expm1(-fatality_hazard(protection, g["troops"][j], 0.0, 0.0, aimed))


@kernel
def _set_deaths(p, g, s0):
    """Fill the chances that a breach kills a European: they follow the violence of the place (E4.18, E4.67).

    s0 is the block's first place.
    """
    protection = p["protection"]
    k_1, k_2, k_1_U, k_2_U = p["k_probe"], p["k_raid"], p["k_probe_U"], p["k_raid_U"]
    for j in range(LANES):
        m, v = g["troops"][j], violence(p["w_s"][s0 + j], g["restraint"][j], g["tension"][j])
        g["dies_R"][PROBE, j] = -expm1(-fatality_hazard(protection, m, k_1, v, 0.0))
        g["dies_R"][RAID, j] = -expm1(-fatality_hazard(protection, m, k_2, v, 0.0))
        g["dies_U"][PROBE, j] = -expm1(-fatality_hazard(protection, m, k_1_U, v, 0.0))
        g["dies_U"][RAID, j] = -expm1(-fatality_hazard(protection, m, k_2_U, v, 0.0))


@kernel
def _set_direct(p, g, ease):
    """Fill both sides' expected payoffs of (a, b) before anyone responds (E4.29, E4.31, E4.39, E4.57, E4.68).

    What an action costs depends on the signal, so its expected cost is a sum over its traces. Complying costs Russia
    nothing: direct_R(comply, b) stays 0.
    """
    legal = 1.0 + p["un_legal"] * p["un"]
    void_cost = p["void_cost"] * p["G"] if p["void_weeks"] > 0 else 0.0
    xi, eta_x, discipline = p["xi"], p["eta_x"], p["discipline"]
    gain_1, gain_2, gain_3 = p["g_probe"], p["g_raid"], p["g_strike"]
    cost_1, cost_2, cost_3 = legal * p["cost_probe"], legal * p["cost_raid"], legal * p["cost_strike"]
    gain_1_U, gain_2_U, cost_1_U, cost_2_U = p["g_probe_U"], p["g_raid_U"], p["cost_probe_U"], p["cost_raid_U"]
    for j in range(LANES):
        r_s = g["restraint"][j]
        g["gain"][j] = pay.breach_gain(g["gain_unit"][j], r_s, eta_x, g["tension"][j], ease)
        g["disobeys"][PROBE, j] = pay.disobedience(PROBE, discipline, r_s)
        g["disobeys"][RAID, j] = pay.disobedience(RAID, discipline, r_s)
    for b in range(3 if g["may_act"][PROBE] == 1 else 1):
        g_b = 0.0 if b == COMPLY else (gain_1_U if b == PROBE else gain_2_U)
        cost = 0.0 if b == COMPLY else (cost_1_U if b == PROBE else cost_2_U)
        for j in range(LANES):
            unit, left_U = g["gain"][j], row_of(g["leaves_U"][b], j)
            phi, eps_m = g["phi"][j], g["eps_m"][j]
            seen_R = worth_of_traces(left_U, (1.0, 1.0, 0.0, 0.0, xi, xi), phi, eps_m)
            named, disputed = cost + void_cost, xi * cost
            paid_U = worth_of_traces(left_U, (0.0, 0.0, named, named, disputed, disputed), phi, eps_m)
            probe, raid, strike = g["leaves_R"][PROBE], g["leaves_R"][RAID], g["leaves_R"][STRIKE]
            direct_R, direct_U = g["direct_R"], g["direct_U"]
            direct_R[PROBE, b, j] = (gain_1 * unit - g["disobeys"][PROBE, j]) - cost_1 * over_traces(probe, seen_R, j)
            direct_R[RAID, b, j] = (gain_2 * unit - g["disobeys"][RAID, j]) - cost_2 * over_traces(raid, seen_R, j)
            direct_R[STRIKE, b, j] = gain_3 - cost_3 * over_traces(strike, seen_R, j)
            own = g_b * unit - g["disobeys"][b, j]
            direct_U[COMPLY, b, j] = own - paid_U[UNSEEN]
            direct_U[PROBE, b, j] = own - over_traces(probe, paid_U, j)
            direct_U[RAID, b, j] = own - over_traces(raid, paid_U, j)
            direct_U[STRIKE, b, j] = own - over_traces(strike, paid_U, j)


@kernel
def _set_invoked(p, wk, g):
    """Fill where the guarantee is invoked (E4.9)."""
    valid, sustained = wk["void"] == 0, wk["sustained"] == 1
    for o in range(FIRST_ANSWERED, N_OBSERVABLES):
        sigma, K = o // 2, o % 2
        in_line = valid and pay.triggered(p["trigger"], K, sigma, sustained, True)
        elsewhere = valid and pay.triggered(p["trigger"], K, sigma, sustained, False)
        g["may_invoke"][o] = 1 if in_line or elsewhere else 0
        line, beyond = 1.0 if in_line else 0.0, 1.0 if elsewhere else 0.0
        for j in range(LANES):
            g["invoked"][o, j] = g["active_R"][STRIKE, j] * (g["line"][j] * line + (1.0 - g["line"][j]) * beyond)
