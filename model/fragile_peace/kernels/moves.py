"""What everybody does in a place once the week's games are solved, drawn in the order of the game.

Each phase goes over all places, with the beliefs the week began with and the place's own (signal, K).

Index conventions: s place, k block of games, j lane, a, b action of Russia and Ukraine, o = 2 sigma + K, f 1 if the
contingent fired, h 1 if Washington honoured. Readable twin: `reference.agents`, the methods of `Place` of these names.
"""

from fragile_peace.codes import NOT_DRAWN, Action, Decision, Response, Signal, Stream
from fragile_peace.kernels.chance.draws import bernoulli, categorical, uniform, uniforms
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.later_moves import decides, russia_leaves, ukraine_leaves
from fragile_peace.kernels.incident.monitoring import either_kills, observables
from fragile_peace.kernels.machine.jit import kernel

ACTION_R, ACTION_U = int(Stream.ACTION_RUSSIA), int(Stream.ACTION_UKRAINE)
FATALITY, SIGNAL, RESPONSE = int(Stream.FATALITY), int(Stream.SIGNAL), int(Stream.RESPONSE)
DECISION, REPLY = int(Stream.DECISION), int(Stream.REPLY)
COMPLY, PROBE, RAID, STRIKE = (int(action) for action in Action)
QUIET, RUSSIA, UKRAINE, DISPUTED = (int(signal) for signal in Signal)
FIRE, HONOUR = int(Response.FIRE), int(Decision.HONOUR)


@kernel
def choose(u, chances, options, j):
    """Return lane j's choice and its chance: `draws.categorical` of column j of `chances`, without branches (E12.5)."""
    total = 0.0
    chosen = NOT_DRAWN
    chance = 0.0
    undecided = True
    for i in range(options):
        total += chances[i, j]
        takes = undecided & (chances[i, j] > 0.0)
        chosen = i if takes else chosen
        chance = chances[i, j] if takes else chance
        undecided = undecided & (u >= total)
    return chosen, chance


@kernel
def act(params, state, week, games, out, scratch):
    """Both sides act in every place, Russia by its true type's strategy (E3.3)."""
    now = state[0]
    wk = week[0]
    u_R = scratch[0]["by_place"][0]
    u_U = scratch[0]["by_place"][1]
    places = params[now["row"]]["n_places"]
    uniforms(now["seed"], now["run"], now["week"], places, ACTION_R, 0, u_R)
    uniforms(now["seed"], now["run"], now["week"], places, ACTION_U, 0, u_U)
    for k in range(games.shape[0]):
        g = games[k]
        kappa = now["kappa"]
        for j in range(LANES):
            s = LANES * k + j
            a, p_a = choose(u_R[s], g["p_R"][kappa], 4, j)
            b, p_b = choose(u_U[s], g["p_U"], 3, j)
            wk["action_R_s"][s] = a if s < places else 0
            wk["action_U_s"][s] = b if s < places else 0
            wk["p_action_R_s"][s] = p_a if s < places else 0.0
            wk["p_action_U_s"][s] = p_b if s < places else 0.0


@kernel
def draw_signal(u, quiet, named_R, named_U, disputed):
    """Return a signal drawn by its weights, without branches (E3.4, E12.5)."""
    left = u * (quiet + named_R + named_U + disputed)
    signal = DISPUTED if disputed > 0.0 else (UKRAINE if named_U > 0.0 else (RUSSIA if named_R > 0.0 else QUIET))
    after_R = left - quiet - named_R
    after_U = after_R - named_U
    signal = UKRAINE if (after_U < 0.0) & (named_U > 0.0) else signal
    signal = RUSSIA if (after_R < 0.0) & (named_R > 0.0) else signal
    return QUIET if left < quiet else signal


@kernel
def observe(params, state, week, games, out, scratch):
    """Europeans may die, and the monitors establish what they saw in every place (E3.4)."""
    now = state[0]
    wk = week[0]
    u_K = scratch[0]["by_place"][0]
    u_signal = scratch[0]["by_place"][1]
    places = params[now["row"]]["n_places"]
    uniforms(now["seed"], now["run"], now["week"], places, FATALITY, 0, u_K)
    uniforms(now["seed"], now["run"], now["week"], places, SIGNAL, 0, u_signal)
    for k in range(games.shape[0]):
        g = games[k]
        for j in range(LANES):
            s = LANES * k + j
            g["move_R"][j], g["move_U"][j] = wk["action_R_s"][s], wk["action_U_s"][s]
            g["u_K"][j], g["u_signal"][j] = u_K[s], u_signal[s]
        draw_observables(g)
        for j in range(LANES):
            s = LANES * k + j
            wk["K_s"][s] = g["K"][j] if s < places else 0
            wk["signal_s"][s] = g["signal"][j] if s < places else 0


@kernel("float64(int64, int64)")
def certain(move, action):
    """Return the chance of an action once the move is known: 1 if it was taken, else 0 (E4.26)."""
    return 1.0 if move == action else 0.0


@kernel
def draw_observables(g):
    """Draw K and the signal of every lane from the traces that the moves taken leave (E4.19, E4.25)."""
    for j in range(LANES):
        a, b = g["move_R"][j], g["move_U"][j]
        R = russia_leaves(g, (certain(a, COMPLY), certain(a, PROBE), certain(a, RAID), certain(a, STRIKE)), j)
        U = ukraine_leaves(g, (certain(b, COMPLY), certain(b, PROBE), certain(b, RAID)), j)
        quiet, alive_R, dead_R, alive_U, dead_U, disputed, dead = observables(R, U, g["phi"][j], g["eps_m"][j])
        K = bernoulli(g["u_K"][j], either_kills(R[3] + R[4], U[3] + U[4]))
        unharmed = draw_signal(g["u_signal"][j], quiet, alive_R, alive_U, disputed)
        harmed = draw_signal(g["u_signal"][j], 0.0, dead_R, dead_U, dead)
        g["K"][j] = K
        g["signal"][j] = harmed if K == 1 else unharmed


@kernel
def respond(params, state, week, games, out, scratch):
    """The contingent that leads a place reports, fires or pulls back, where it has a choice (E3.5, E4.2)."""
    now = state[0]
    wk = week[0]
    u = scratch[0]["by_place"][0]
    places = params[now["row"]]["n_places"]
    if wk["troops"] > 0.0:
        uniforms(now["seed"], now["run"], now["week"], places, RESPONSE, 0, u)
    for s in range(places):
        o = 2 * wk["signal_s"][s] + wk["K_s"][s]
        wk["response_s"][s] = NOT_DRAWN
        wk["p_response_s"][s] = 0.0
        if wk["signal_s"][s] != QUIET and games[s // LANES]["active_R"][STRIKE, s % LANES] == 1.0:
            chances = games[s // LANES]["response"][:, o, s % LANES]
            response = categorical(u[s], chances, 3)
            wk["response_s"][s] = response
            wk["p_response_s"][s] = chances[response]


@kernel
def guarantee(params, state, week, games, out, scratch):
    """Washington declines, sanctions or honours where the guarantee is invoked, by its true type (E3.6, E4.3)."""
    now = state[0]
    wk = week[0]
    for s in range(params[now["row"]]["n_places"]):
        o = 2 * wk["signal_s"][s] + wk["K_s"][s]
        wk["decision_s"][s] = NOT_DRAWN
        wk["p_decision_s"][s] = 0.0
        if games[s // LANES]["invoked"][o, s % LANES] == 1.0:
            f = 1 if wk["response_s"][s] == FIRE else 0
            chances = scratch[0]["work"][0]
            for choice in range(3):
                chances[choice] = decides(games[s // LANES], now["tau"], f, choice, o, s % LANES)
            decision = categorical(uniform(now["seed"], now["run"], now["week"], s, DECISION, 0), chances, 3)
            wk["decision_s"][s] = decision
            wk["p_decision_s"][s] = chances[decision]


@kernel
def reply(params, state, week, games, out, scratch):
    """Russia stands down, holds or escalates where it was met with force, by its true type (E3.7, E4.4)."""
    now = state[0]
    wk = week[0]
    for s in range(params[now["row"]]["n_places"]):
        f = 1 if wk["response_s"][s] == FIRE else 0
        h = 1 if wk["decision_s"][s] == HONOUR else 0
        wk["reply_s"][s] = NOT_DRAWN
        wk["p_reply_s"][s] = 0.0
        if f == 1 or h == 1:
            chances = games[s // LANES]["reply"][now["kappa"], f, h]
            drawn = categorical(uniform(now["seed"], now["run"], now["week"], s, REPLY, 0), chances, 3)
            wk["reply_s"][s] = drawn
            wk["p_reply_s"][s] = chances[drawn]
