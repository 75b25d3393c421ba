"""One week: the twelve phases in order (docs/model.md, section 3), each over all places.

A phase is called as `phase(params, state, week, games, out, scratch)`: PARAMETERS rows, one STATE row, one WEEK row, GAMES blocks, one OUTCOMES
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
from fragile_peace.kernels.ladder import aftermath
from fragile_peace.kernels.learning import learn
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.moves import act, guarantee, observe, reply, respond
from fragile_peace.kernels.reviews import PHASE_COMMIT, commit, draw_stay, resume, solve_stay

TYPE_RUSSIA, TYPE_US, JOIN = int(Stream.TYPE_RUSSIA), int(Stream.TYPE_US), int(Stream.JOIN)
PHASE_SOLVE = 2
BEFORE = -1  # the week of draws made before week 0


@kernel
def solve_places(params, state, week, games, out, scratch):
    """Lay out and solve the incident game of every place; returns 0, or 1 with the place noted in SCRATCH."""
    wk = week[0]
    p = params[state[0]["row"]]
    rounds, residual = 0, 0.0
    for k in range(games.shape[0]):
        set_games(params, state, week, games, k)
        failed = solve_games(games, k)
        if failed >= 0:
            scratch[0]["error_phase"] = PHASE_SOLVE
            scratch[0]["error_place"] = LANES * k + failed
            return 1
        for j in range(min(LANES, p["n_places"] - LANES * k)):
            rounds = max(rounds, games[k]["rounds"][j])
            residual = max(residual, games[k]["residual"][j])
    wk["rounds"], wk["residual"] = rounds, residual
    out[0]["games"] += p["n_places"]
    out[0]["rounds"] = max(out[0]["rounds"], wk["rounds"])
    out[0]["residual"] = max(out[0]["residual"], wk["residual"])
    return 0


@kernel
def solve(params, state, week, games, out, scratch):
    """Phase 2: the incident game of every place from last week's solution, and the chances of the week's events."""
    if solve_places(params, state, week, games, out, scratch) == 0:
        week_hazards(params, state, week, games, out, scratch)


PHASES = (deploy, solve, act, observe, respond, guarantee, reply, aftermath, learn, tension, commit, resume)
"""The order of a week. `advance` writes it out; a test holds the two and the Mesa step together."""


@kernel(inline="always")
def clear_week(week, p):
    """Reset what is set only where something happens: spirals and European deaths."""
    wk = week[0]
    for s in range(p["n_places"]):
        wk["spiral_s"][s] = 0
    for s in range(p["n_places"]):
        if wk["deaths_s"][s] > 0:
            wk["deaths_s"][s] = 0
            for n in range(p["n_contingents"]):
                wk["deaths_sn"][s, n] = 0
    for n in range(p["n_contingents"]):
        wk["deaths_n"][n] = 0


@kernel(inline="always")
def close_week(params, state, week, out, horizon):
    """Count the week in the outcomes and move the clock; ends the run at the horizon."""
    now = state[0]
    tally = out[0]
    rung = week[0]["rung"]
    tally["rung_weeks"][rung] += 1
    tally["rung"] = max(tally["rung"], rung)
    now["week"] += 1
    tally["weeks"] = now["week"]
    if now["week"] >= horizon:
        now["alive"] = 0
    if now["alive"] == 0:
        tally["kappa"] = now["kappa"]
        tally["tau"] = now["tau"]
        tally["mu"] = now["mu"]
        tally["gamma"] = now["gamma"]
        tally["B"] = now["B"]
        for event in range(now["happened"].size):
            tally["happened"][event] = now["happened"][event]


@kernel(entry=True, inline="always")
def advance(params, state, week, games, out, scratch, horizon):
    """Run one week through the twelve phases; returns 0, or the number of the phase that could not be solved."""
    clear_week(week, params[state[0]["row"]])
    deploy(params, state, week, games, out, scratch)
    solve(params, state, week, games, out, scratch)
    if scratch[0]["error_phase"] != 0:
        return scratch[0]["error_phase"]
    act(params, state, week, games, out, scratch)
    observe(params, state, week, games, out, scratch)
    respond(params, state, week, games, out, scratch)
    guarantee(params, state, week, games, out, scratch)
    reply(params, state, week, games, out, scratch)
    aftermath(params, state, week, games, out, scratch)
    learn(params, state, week, games, out, scratch)
    tension(params, state, week, games, out, scratch)
    commit(params, state, week, games, out, scratch)
    if scratch[0]["error_phase"] == 0:
        resume(params, state, week, games, out, scratch)
    if scratch[0]["error_phase"] == 0:
        close_week(params, state, week, out, horizon)
    return scratch[0]["error_phase"]


@kernel(entry=True, inline="always")
def begin(params, row, seed, run, state, week, games, out, scratch):
    """Set up a run before week 0: types, initial state, who joins; returns 0 or a failed phase.

    Rows must be as a run starts: zero, out as `state.blank_outcomes` makes it.
    """
    now = state[0]
    tally = out[0]
    p = params[row]
    now["row"] = row
    now["seed"] = seed
    now["run"] = run
    now["alive"] = 1
    now["kappa"] = bernoulli(uniform(seed, run, BEFORE, 0, TYPE_RUSSIA, 0), p["mu_true"])
    now["tau"] = bernoulli(uniform(seed, run, BEFORE, 0, TYPE_US, 0), p["gamma_true"])
    now["mu"] = p["mu0"]
    now["gamma"] = p["gamma0"]
    now["B"] = p["B0"]
    now["last_attributed"] = now["last_void"] = -1
    scratch[0]["path_row"] = -1
    scratch[0]["tangents"] = 0
    tally["kappa_start"] = now["kappa"]
    tally["tau_start"] = now["tau"]
    for s in range(p["n_places"]):
        now["x_s"][s] = 0.0 if p["kind_s"][s] == 2 else p["x0"] * p["w_s"][s]
        now["r_s"][s] = p["r0"]
    for n in range(p["n_contingents"]):
        now["support_n"][n] = p["support_n"][n]
        now["in_n"][n] = 1
    if p["n_contingents"] > 0 and join(params, state, week, games, out, scratch) != 0:
        return scratch[0]["error_phase"]
    restart_games(params, state, week, games, out, scratch)
    return 0


@kernel
def restart_games(params, state, week, games, out, scratch):
    """Set every game's rules, and the uniform profile of the actions that exist at full deployment."""
    if scratch[0]["regime_of"] != state[0]["row"] + 1:
        set_regime(params, state, games, scratch)
    for k in range(games.shape[0]):
        for j in range(LANES):
            games[k]["active_R"][3, j] = 1.0 if params[state[0]["row"]]["n_contingents"] > 0 else 0.0
        set_uniform(games[k])


@kernel(inline="always")
def join(params, state, week, games, out, scratch):
    """The commitment game before the start: who joins. Those who stay out count as having left."""
    now = state[0]
    tally = out[0]
    work = scratch[0]
    if work["join_of"] != now["row"] + 1 and solve_join(params, state, week, games, out, scratch) != 0:
        return work["error_phase"]
    n_contingents = params[now["row"]]["n_contingents"]
    for n in range(n_contingents):
        work["p"][n] = work["p_join"][n]
    tally["games"] = params[now["row"]]["n_places"]
    tally["rounds"] = work["join_rounds"]
    tally["residual"] = work["join_residual"]
    draw_stay(params, state, scratch, BEFORE, JOIN)
    for n in range(n_contingents):
        tally["joined"] += now["in_n"][n]
        tally["left_week_n"][n] = -1 if now["in_n"][n] == 1 else -2
    return 0


@kernel(inline="always")
def solve_join(params, state, week, games, out, scratch):
    """Solve that game at full deployment, the same in every run, and note it in SCRATCH; returns 0 or a phase."""
    now = state[0]
    work = scratch[0]
    p = params[now["row"]]
    week[0]["day"] = day_of_year(p["start_ordinal"])
    week[0]["void"] = week[0]["sustained"] = 0
    restart_games(params, state, week, games, out, scratch)
    garrisons(p, state, week, 1.0)
    if solve_places(params, state, week, games, out, scratch) != 0:
        return work["error_phase"]
    if solve_stay(params, state, week, games, scratch) != 0:
        work["error_phase"] = PHASE_COMMIT
        return PHASE_COMMIT
    for n in range(p["n_contingents"]):
        work["p_join"][n] = work["p"][n]
    work["join_rounds"] = week[0]["rounds"]
    work["join_residual"] = week[0]["residual"]
    work["join_of"] = now["row"] + 1
    return 0
