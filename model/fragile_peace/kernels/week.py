"""One week: the twelve phases in order (docs/model.md, section 3), each over all places.

A phase is called as `phase(P, X, W, G, O, S)`: PARAMETERS rows, one STATE row, one WEEK row, GAMES blocks, one OUTCOMES
row, one SCRATCH row (`state`, `incident.blocks`), all modified in place. `advance` runs a week; the Mesa model
runs the same tuple `PHASES` through its agents. All places use the beliefs the week began with and their own
(sigma, K).
"""

from fragile_peace.codes import Stream
from fragile_peace.kernels.chance.draws import bernoulli, uniform
from fragile_peace.kernels.compensators import week_hazards
from fragile_peace.kernels.dynamics import deploy, garrisons, set_regime, tension
from fragile_peace.kernels.foresight import day_of_year
from fragile_peace.kernels.incident.blocks import LANES, set_games, set_uniform
from fragile_peace.kernels.incident.equilibrium import solve as solve_games
from fragile_peace.kernels.incident.monitoring import season
from fragile_peace.kernels.ladder import aftermath
from fragile_peace.kernels.learning import learn
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.moves import act, guarantee, observe, reply, respond
from fragile_peace.kernels.reviews import PHASE_COMMIT, commit, draw_stay, resume, solve_stay

TYPE_RUSSIA, TYPE_US, JOIN = int(Stream.TYPE_RUSSIA), int(Stream.TYPE_US), int(Stream.JOIN)
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
    """Set up a run before week 0: types, initial state, who joins; returns 0 or a failed phase.

    Rows must be as a run starts: zero, O as `state.blank_outcomes` makes it.
    """
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
