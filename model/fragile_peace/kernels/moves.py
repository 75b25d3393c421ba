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
def act(P, X, W, G, O, S):
    """Phase 3: both sides act in every place, Russia by its true type's strategy."""
    x = X[0]
    w = W[0]
    u_R = S[0]["by_place"][0]
    u_U = S[0]["by_place"][1]
    n = P[x["row"]]["n_places"]
    uniforms(x["seed"], x["run"], x["week"], n, ACTION_R, 0, u_R)
    uniforms(x["seed"], x["run"], x["week"], n, ACTION_U, 0, u_U)
    for k in range(G.shape[0]):
        g = G[k]
        kappa = x["kappa"]
        for j in range(LANES):
            s = LANES * k + j
            a, p_a = choose(u_R[s], g["p_R"][kappa], 4, j)
            b, p_b = choose(u_U[s], g["p_U"], 3, j)
            w["action_R_s"][s] = a if s < n else 0
            w["action_U_s"][s] = b if s < n else 0
            w["p_action_R_s"][s] = p_a if s < n else 0.0
            w["p_action_U_s"][s] = p_b if s < n else 0.0


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
def observe(P, X, W, G, O, S):
    """Phase 4: whether a European dies, and what the monitors establish."""
    x = X[0]
    w = W[0]
    u_K = S[0]["by_place"][0]
    u_signal = S[0]["by_place"][1]
    n = P[x["row"]]["n_places"]
    uniforms(x["seed"], x["run"], x["week"], n, FATALITY, 0, u_K)
    uniforms(x["seed"], x["run"], x["week"], n, SIGNAL, 0, u_signal)
    for k in range(G.shape[0]):
        g = G[k]
        for j in range(LANES):
            s = LANES * k + j
            g["move_R"][j], g["move_U"][j] = w["action_R_s"][s], w["action_U_s"][s]
            g["u_K"][j], g["u_signal"][j] = u_K[s], u_signal[s]
        draw_observables(g)
        for j in range(LANES):
            s = LANES * k + j
            w["K_s"][s] = g["K"][j] if s < n else 0
            w["signal_s"][s] = g["signal"][j] if s < n else 0


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
def respond(P, X, W, G, O, S):
    """Phase 5: the lead reports, fires or pulls back."""
    x = X[0]
    w = W[0]
    u = S[0]["by_place"][0]
    n = P[x["row"]]["n_places"]
    if w["troops"] > 0.0:
        uniforms(x["seed"], x["run"], x["week"], n, RESPONSE, 0, u)
    for s in range(n):
        o = 2 * w["signal_s"][s] + w["K_s"][s]
        w["response_s"][s] = -1
        w["p_response_s"][s] = 0.0
        if o > 1 and G[s // LANES]["active_R"][3, s % LANES] == 1.0:
            chances = G[s // LANES]["response"][:, o, s % LANES]
            response = categorical(u[s], chances, 3)
            w["response_s"][s] = response
            w["p_response_s"][s] = chances[response]


@kernel
def guarantee(P, X, W, G, O, S):
    """Phase 6: where the guarantee is invoked, Washington declines, sanctions or honours, by its true type."""
    x = X[0]
    w = W[0]
    for s in range(P[x["row"]]["n_places"]):
        o = 2 * w["signal_s"][s] + w["K_s"][s]
        w["decision_s"][s] = -1
        w["p_decision_s"][s] = 0.0
        if G[s // LANES]["invoked"][o, s % LANES] == 1.0:
            f = 1 if w["response_s"][s] == 1 else 0
            chances = S[0]["work"][0]
            for choice in range(3):
                chances[choice] = decides(G[s // LANES], x["tau"], f, choice, o, s % LANES)
            decision = categorical(uniform(x["seed"], x["run"], x["week"], s, DECISION, 0), chances, 3)
            w["decision_s"][s] = decision
            w["p_decision_s"][s] = chances[decision]


@kernel
def reply(P, X, W, G, O, S):
    """Phase 7: where Russia was met with force, it stands down, holds or escalates, by its true type."""
    x = X[0]
    w = W[0]
    for s in range(P[x["row"]]["n_places"]):
        f = 1 if w["response_s"][s] == 1 else 0
        h = 1 if w["decision_s"][s] == 2 else 0
        w["reply_s"][s] = -1
        w["p_reply_s"][s] = 0.0
        if f == 1 or h == 1:
            chances = G[s // LANES]["reply"][x["kappa"], f, h]
            drawn = categorical(uniform(x["seed"], x["run"], x["week"], s, REPLY, 0), chances, 3)
            w["reply_s"][s] = drawn
            w["p_reply_s"][s] = chances[drawn]
