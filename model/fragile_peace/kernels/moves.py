"""Phases 3 to 7: what everybody does in a place once the week's games are solved, drawn in the order of the game.

Each phase goes over all places, with the beliefs the week began with and the place's own (signal, K).
"""

from fragile_peace.codes import Stream
from fragile_peace.kernels.chance.draws import bernoulli, categorical, uniform, uniforms
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.later_moves import decides, russia_leaves, ukraine_leaves
from fragile_peace.kernels.incident.monitoring import either_kills, observables
from fragile_peace.kernels.machine.jit import kernel

ACTION_R, ACTION_U = int(Stream.ACTION_RUSSIA), int(Stream.ACTION_UKRAINE)
FATALITY, SIGNAL, RESPONSE = int(Stream.FATALITY), int(Stream.SIGNAL), int(Stream.RESPONSE)
DECISION, REPLY = int(Stream.DECISION), int(Stream.REPLY)


@kernel
def choose(u, p, n, j):
    """Return (i, p_i) of the choice of lane j: `draws.categorical` of column j of `p`, without branches."""
    total = 0.0
    chosen = -1
    chance = 0.0
    undecided = True
    for i in range(n):
        total += p[i, j]
        takes = undecided & (p[i, j] > 0.0)
        chosen = i if takes else chosen
        chance = p[i, j] if takes else chance
        undecided = undecided & (u >= total)
    return chosen, chance


@kernel
def act(params, state, week, games, out, scratch):
    """Phase 3: both sides act in every place, Russia by its true type's strategy."""
    now = state[0]
    wk = week[0]
    u_R = scratch[0]["by_place"][0]
    u_U = scratch[0]["by_place"][1]
    n = params[now["row"]]["n_places"]
    uniforms(now["seed"], now["run"], now["week"], n, ACTION_R, 0, u_R)
    uniforms(now["seed"], now["run"], now["week"], n, ACTION_U, 0, u_U)
    for k in range(games.shape[0]):
        g = games[k]
        kappa = now["kappa"]
        for j in range(LANES):
            s = LANES * k + j
            a, p_a = choose(u_R[s], g["p_R"][kappa], 4, j)
            b, p_b = choose(u_U[s], g["p_U"], 3, j)
            wk["action_R_s"][s] = a if s < n else 0
            wk["action_U_s"][s] = b if s < n else 0
            wk["p_action_R_s"][s] = p_a if s < n else 0.0
            wk["p_action_U_s"][s] = p_b if s < n else 0.0


@kernel
def draw_signal(u, quiet, named_R, named_U, disputed):
    """Return a signal drawn by its weights, without branches."""
    left = u * (quiet + named_R + named_U + disputed)
    signal = 3 if disputed > 0.0 else (2 if named_U > 0.0 else (1 if named_R > 0.0 else 0))
    after_R = left - quiet - named_R
    after_U = after_R - named_U
    signal = 2 if (after_U < 0.0) & (named_U > 0.0) else signal
    signal = 1 if (after_R < 0.0) & (named_R > 0.0) else signal
    return 0 if left < quiet else signal


@kernel
def observe(params, state, week, games, out, scratch):
    """Phase 4: whether a European dies, and what the monitors establish."""
    now = state[0]
    wk = week[0]
    u_K = scratch[0]["by_place"][0]
    u_signal = scratch[0]["by_place"][1]
    n = params[now["row"]]["n_places"]
    uniforms(now["seed"], now["run"], now["week"], n, FATALITY, 0, u_K)
    uniforms(now["seed"], now["run"], now["week"], n, SIGNAL, 0, u_signal)
    for k in range(games.shape[0]):
        g = games[k]
        for j in range(LANES):
            s = LANES * k + j
            g["move_R"][j], g["move_U"][j] = wk["action_R_s"][s], wk["action_U_s"][s]
            g["u_K"][j], g["u_signal"][j] = u_K[s], u_signal[s]
        draw_observables(g)
        for j in range(LANES):
            s = LANES * k + j
            wk["K_s"][s] = g["K"][j] if s < n else 0
            wk["signal_s"][s] = g["signal"][j] if s < n else 0


@kernel("float64(int64, int64)")
def certain(move, action):
    """Return 1 for the move taken and 0 for another: its chance once it is known."""
    return 1.0 if move == action else 0.0


@kernel
def draw_observables(g):
    """Draw K and the signal of every lane from what the moves taken leave."""
    for j in range(LANES):
        a, b = g["move_R"][j], g["move_U"][j]
        R = russia_leaves(g, (certain(a, 0), certain(a, 1), certain(a, 2), certain(a, 3)), j)
        U = ukraine_leaves(g, (certain(b, 0), certain(b, 1), certain(b, 2)), j)
        quiet, alive_R, dead_R, alive_U, dead_U, disputed, dead = observables(
            R, U, g["phi"][j], g["unsettled"][j], g["eps_m"][j]
        )
        K = bernoulli(g["u_K"][j], either_kills(R[3] + R[4], U[3] + U[4]))
        unharmed = draw_signal(g["u_signal"][j], quiet, alive_R, alive_U, disputed)
        harmed = draw_signal(g["u_signal"][j], 0.0, dead_R, dead_U, dead)
        g["K"][j] = K
        g["signal"][j] = harmed if K == 1 else unharmed


@kernel
def respond(params, state, week, games, out, scratch):
    """Phase 5: the lead reports, fires or pulls back."""
    now = state[0]
    wk = week[0]
    u = scratch[0]["by_place"][0]
    n = params[now["row"]]["n_places"]
    if wk["troops"] > 0.0:
        uniforms(now["seed"], now["run"], now["week"], n, RESPONSE, 0, u)
    for s in range(n):
        o = 2 * wk["signal_s"][s] + wk["K_s"][s]
        wk["response_s"][s] = -1
        wk["p_response_s"][s] = 0.0
        if o > 1 and games[s // LANES]["active_R"][3, s % LANES] == 1.0:
            chances = games[s // LANES]["response"][:, o, s % LANES]
            response = categorical(u[s], chances, 3)
            wk["response_s"][s] = response
            wk["p_response_s"][s] = chances[response]


@kernel
def guarantee(params, state, week, games, out, scratch):
    """Phase 6: where the guarantee is invoked, Washington declines, sanctions or honours, by its true type."""
    now = state[0]
    wk = week[0]
    for s in range(params[now["row"]]["n_places"]):
        o = 2 * wk["signal_s"][s] + wk["K_s"][s]
        wk["decision_s"][s] = -1
        wk["p_decision_s"][s] = 0.0
        if games[s // LANES]["invoked"][o, s % LANES] == 1.0:
            f = 1 if wk["response_s"][s] == 1 else 0
            chances = scratch[0]["work"][0]
            for choice in range(3):
                chances[choice] = decides(games[s // LANES], now["tau"], f, choice, o, s % LANES)
            decision = categorical(uniform(now["seed"], now["run"], now["week"], s, DECISION, 0), chances, 3)
            wk["decision_s"][s] = decision
            wk["p_decision_s"][s] = chances[decision]


@kernel
def reply(params, state, week, games, out, scratch):
    """Phase 7: where Russia was met with force, it stands down, holds or escalates, by its true type."""
    now = state[0]
    wk = week[0]
    for s in range(params[now["row"]]["n_places"]):
        f = 1 if wk["response_s"][s] == 1 else 0
        h = 1 if wk["decision_s"][s] == 2 else 0
        wk["reply_s"][s] = -1
        wk["p_reply_s"][s] = 0.0
        if f == 1 or h == 1:
            chances = games[s // LANES]["reply"][now["kappa"], f, h]
            drawn = categorical(uniform(now["seed"], now["run"], now["week"], s, REPLY, 0), chances, 3)
            wk["reply_s"][s] = drawn
            wk["p_reply_s"][s] = chances[drawn]
