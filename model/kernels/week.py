"""One week: the twelve phases in order (docs/model.md, section 3), each over all places.

A phase is called as `phase(P, X, W, G, O, S)`: PARAMETERS rows, one STATE row, one WEEK row, GAMES blocks, one OUTCOMES
row, one SCRATCH row (`model.state`, `stage`), all modified in place. `advance` runs a week; the Mesa model
runs the same tuple `PHASES` through its agents. All places use the beliefs the week began with and their own
(sigma, K).
"""

from model.codes import Stream
from model.kernels.aftermath import aftermath
from model.kernels.compensators import week_hazards
from model.kernels.decisions import PHASE_COMMIT, commit, draw_stay, resume, solve_stay
from model.kernels.draws import bernoulli, categorical, uniform, uniforms
from model.kernels.dynamics import deploy, garrisons, set_regime, tension
from model.kernels.incident import solve as solve_games
from model.kernels.jit import kernel
from model.kernels.learning import learn
from model.kernels.monitoring import either_kills, observables, season
from model.kernels.paths import day_of_year
from model.kernels.stage import LANES, set_games, set_uniform
from model.kernels.values import decides, russia_leaves, ukraine_leaves

TYPE_RUSSIA, TYPE_US, JOIN = int(Stream.TYPE_RUSSIA), int(Stream.TYPE_US), int(Stream.JOIN)
ACTION_R, ACTION_U = int(Stream.ACTION_RUSSIA), int(Stream.ACTION_UKRAINE)
FATALITY, SIGNAL, RESPONSE = int(Stream.FATALITY), int(Stream.SIGNAL), int(Stream.RESPONSE)
DECISION, REPLY = int(Stream.DECISION), int(Stream.REPLY)
PHASE_SOLVE = 2
BEFORE = -1  # the week of draws made before week 0


@kernel
def solve_places(P, X, W, G, O, S):
    """Lay out and solve the incident game of every place; returns 0, or 1 with the place noted in SCRATCH."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    visibility = season(p["visibility_amp"], float(w["day"]))
    ease = season(p["ease_amp"], float(w["day"]))
    rounds, residual = 0, 0.0
    for k in range(G.shape[0]):
        set_games(
            P, x["row"], G, k, 0, p["n_places"], x["mu"], x["gamma"], x["x_s"], x["r_s"], w["m_s"], w["lead_s"],
            w["monitors_s"], visibility, ease, w["void"], w["sustained"],
        )  # fmt: skip
        failed = solve_games(G, k)
        if failed >= 0:
            S[0]["error_phase"] = PHASE_SOLVE
            S[0]["error_place"] = LANES * k + failed
            return 1
        for j in range(min(LANES, p["n_places"] - LANES * k)):
            rounds = max(rounds, G[k]["rounds"][j])
            residual = max(residual, G[k]["residual"][j])
    w["rounds"], w["residual"] = rounds, residual
    O[0]["games"] += p["n_places"]
    O[0]["rounds"] = max(O[0]["rounds"], w["rounds"])
    O[0]["residual"] = max(O[0]["residual"], w["residual"])
    return 0


@kernel
def solve(P, X, W, G, O, S):
    """Phase 2: the incident game of every place from last week's solution, and the chances of the week's events."""
    if solve_places(P, X, W, G, O, S) == 0:
        week_hazards(P, X, W, G, O, S)


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


PHASES = (deploy, solve, act, observe, respond, guarantee, reply, aftermath, learn, tension, commit, resume)
"""The order of a week. `advance` writes it out; a test holds the two and the Mesa step together."""


@kernel(inline="always")
def clear_week(W, p):
    """Reset what is set only where something happens: spirals and European deaths."""
    w = W[0]
    for s in range(p["n_places"]):
        w["spiral_s"][s] = 0
    for s in range(p["n_places"]):
        if w["deaths_s"][s] > 0:
            w["deaths_s"][s] = 0
            for n in range(p["n_contingents"]):
                w["deaths_sn"][s, n] = 0
    for n in range(p["n_contingents"]):
        w["deaths_n"][n] = 0


@kernel(inline="always")
def close_week(P, X, W, O, horizon):
    """Count the week in the outcomes and move the clock; ends the run at the horizon."""
    x = X[0]
    o = O[0]
    rung = W[0]["rung"]
    o["rung_weeks"][rung] += 1
    o["rung"] = max(o["rung"], rung)
    x["week"] += 1
    o["weeks"] = x["week"]
    if x["week"] >= horizon:
        x["alive"] = 0
    if x["alive"] == 0:
        o["kappa"] = x["kappa"]
        o["tau"] = x["tau"]
        o["mu"] = x["mu"]
        o["gamma"] = x["gamma"]
        o["B"] = x["B"]
        for event in range(x["happened"].size):
            o["happened"][event] = x["happened"][event]


@kernel(entry=True, inline="always")
def advance(P, X, W, G, O, S, horizon):
    """Run one week through the twelve phases; returns 0, or the number of the phase that could not be solved."""
    clear_week(W, P[X[0]["row"]])
    deploy(P, X, W, G, O, S)
    solve(P, X, W, G, O, S)
    if S[0]["error_phase"] != 0:
        return S[0]["error_phase"]
    act(P, X, W, G, O, S)
    observe(P, X, W, G, O, S)
    respond(P, X, W, G, O, S)
    guarantee(P, X, W, G, O, S)
    reply(P, X, W, G, O, S)
    aftermath(P, X, W, G, O, S)
    learn(P, X, W, G, O, S)
    tension(P, X, W, G, O, S)
    commit(P, X, W, G, O, S)
    if S[0]["error_phase"] == 0:
        resume(P, X, W, G, O, S)
    if S[0]["error_phase"] == 0:
        close_week(P, X, W, O, horizon)
    return S[0]["error_phase"]


@kernel(entry=True, inline="always")
def begin(P, row, seed, run, X, W, G, O, S):
    """Set up a run before week 0: types, initial state, who joins. Rows must be zero; returns 0 or a failed phase."""
    x = X[0]
    o = O[0]
    p = P[row]
    x["row"] = row
    x["seed"] = seed
    x["run"] = run
    x["alive"] = 1
    x["kappa"] = bernoulli(uniform(seed, run, BEFORE, 0, TYPE_RUSSIA, 0), p["mu_true"])
    x["tau"] = bernoulli(uniform(seed, run, BEFORE, 0, TYPE_US, 0), p["gamma_true"])
    x["mu"] = p["mu0"]
    x["gamma"] = p["gamma0"]
    x["B"] = p["B0"]
    x["last_attributed"] = x["last_void"] = -1
    S[0]["path_row"] = -1
    S[0]["tangents"] = 0
    o["kappa_start"] = x["kappa"]
    o["tau_start"] = x["tau"]
    o["first_accusation_day"] = o["share_deployed"] = -1.0
    o["first_strike"] = o["first_death"] = o["first_invocation"] = o["first_honour"] = -1
    o["first_exchange"] = o["first_withdrawal"] = -1
    for s in range(p["n_places"]):
        x["x_s"][s] = 0.0 if p["kind_s"][s] == 2 else p["x0"] * p["w_s"][s]
        x["r_s"][s] = p["r0"]
    for n in range(p["n_contingents"]):
        x["support_n"][n] = p["support_n"][n]
        x["in_n"][n] = 1
    if p["n_contingents"] > 0 and join(P, X, W, G, O, S) != 0:
        return S[0]["error_phase"]
    restart_games(P, X, W, G, O, S)
    return 0


@kernel
def restart_games(P, X, W, G, O, S):
    """Set every game's rules, and the uniform profile of the actions that exist at full deployment."""
    if S[0]["regime_of"] != X[0]["row"] + 1:
        set_regime(P, X, G, S)
    for k in range(G.shape[0]):
        for j in range(LANES):
            G[k]["active_R"][3, j] = 1.0 if P[X[0]["row"]]["n_contingents"] > 0 else 0.0
        set_uniform(G[k])


@kernel(inline="always")
def join(P, X, W, G, O, S):
    """The commitment game before the start: who joins. Those who stay out count as having left."""
    x = X[0]
    o = O[0]
    k = S[0]
    if k["join_of"] != x["row"] + 1 and solve_join(P, X, W, G, O, S) != 0:
        return k["error_phase"]
    n_contingents = P[x["row"]]["n_contingents"]
    for n in range(n_contingents):
        k["p"][n] = k["p_join"][n]
    o["games"] = P[x["row"]]["n_places"]
    o["rounds"] = k["join_rounds"]
    o["residual"] = k["join_residual"]
    draw_stay(P, X, S, BEFORE, JOIN)
    for n in range(n_contingents):
        o["joined"] += x["in_n"][n]
        o["left_week_n"][n] = -1 if x["in_n"][n] == 1 else -2
    return 0


@kernel(inline="always")
def solve_join(P, X, W, G, O, S):
    """Solve that game at full deployment, the same in every run, and note it in SCRATCH; returns 0 or a phase."""
    x = X[0]
    k = S[0]
    p = P[x["row"]]
    W[0]["day"] = day_of_year(p["start_ordinal"])
    W[0]["void"] = W[0]["sustained"] = 0
    restart_games(P, X, W, G, O, S)
    garrisons(p, X, W, 1.0)
    if solve_places(P, X, W, G, O, S) != 0:
        return k["error_phase"]
    if solve_stay(P, X, W, G, S) != 0:
        k["error_phase"] = PHASE_COMMIT
        return PHASE_COMMIT
    for n in range(p["n_contingents"]):
        k["p_join"][n] = k["p"][n]
    k["join_rounds"] = W[0]["rounds"]
    k["join_residual"] = W[0]["residual"]
    k["join_of"] = x["row"] + 1
    return 0
