"""One week: its phases in order (docs/model.md, section 3), each over all places.

A phase is called as `phase(params, state, week, games, out, scratch)`: PARAMETERS rows, one STATE row, one WEEK row,
GAMES blocks, one OUTCOMES row, one SCRATCH row (`state`, `incident.blocks`), all but the first modified in place. Its
name is its identity: nothing else numbers the phases. `advance` runs a week; the Mesa model runs the same tuple
`PHASES` through its agents. All places use the beliefs the week began with and their own (sigma, K).

A phase that cannot solve its game notes which in SCRATCH's `unsolved`, a code of `Unsolved`, and the run stops there.

Index conventions: s place, n contingent, k block of games, j lane. Readable twin: `reference.theatre`, `join` and
`step`.
"""

from fragile_peace.codes import Action, LeftWeek, PlaceKind, Spiral, Stream, Unsolved
from fragile_peace.kernels.chance.draws import bernoulli, uniform
from fragile_peace.kernels.commitment import CONVERGED
from fragile_peace.kernels.compensators import week_hazards
from fragile_peace.kernels.dynamics import deploy, garrisons, set_regime, tension
from fragile_peace.kernels.foresight import day_of_year
from fragile_peace.kernels.incident.blocks import LANES, set_games, set_uniform
from fragile_peace.kernels.incident.equilibrium import solve as solve_games
from fragile_peace.kernels.ladder import aftermath
from fragile_peace.kernels.learning import learn
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.moves import act, guarantee, observe, reply, respond
from fragile_peace.kernels.reviews import commit, draw_stay, resume, solve_stay
from fragile_peace.kernels.threat import row_of_threat

TYPE_RUSSIA, TYPE_US, JOIN = int(Stream.TYPE_RUSSIA), int(Stream.TYPE_US), int(Stream.JOIN)
THREAT = int(Stream.THREAT)
SOLVED, INCIDENT_GAME = int(Unsolved.NONE), int(Unsolved.INCIDENT_GAME)
COMMITMENT_GAME = int(Unsolved.COMMITMENT_GAME)
NEVER_JOINED, NEVER_LEFT = int(LeftWeek.NEVER_JOINED), int(LeftWeek.NEVER_LEFT)
NO_SPIRAL, HUB, STRIKE = int(Spiral.NONE), int(PlaceKind.HUB), int(Action.STRIKE)
BEFORE = -1  # the week of draws made before week 0


@kernel
def solve_places(params, state, week, games, out, scratch):
    """Lay out and solve the incident game of every place; returns SOLVED, or a code noted in SCRATCH (E3.2)."""
    wk = week[0]
    p = params[state[0]["row"]]
    rounds, residual = 0, 0.0
    for k in range(games.shape[0]):
        set_games(params, state, week, games, k)
        failed = solve_games(games, k)
        if failed >= 0:
            scratch[0]["unsolved"] = INCIDENT_GAME
            scratch[0]["unsolved_place"] = LANES * k + failed
            return INCIDENT_GAME
        for j in range(min(LANES, p["n_places"] - LANES * k)):
            rounds = max(rounds, games[k]["rounds"][j])
            residual = max(residual, games[k]["residual"][j])
    wk["rounds"], wk["residual"] = rounds, residual
    out[0]["games"] += p["n_places"]
    out[0]["rounds"] = max(out[0]["rounds"], wk["rounds"])
    out[0]["residual"] = max(out[0]["residual"], wk["residual"])
    return SOLVED


@kernel
def solve(params, state, week, games, out, scratch):
    """The incident game of every place is solved, and the chances of the week's events follow (E3.2, E10.14)."""
    if solve_places(params, state, week, games, out, scratch) == SOLVED:
        week_hazards(params, state, week, games, out, scratch)


PHASES = (deploy, solve, act, observe, respond, guarantee, reply, aftermath, learn, tension, commit, resume)
"""The order of a week. `advance` spells it out for the compiler; tests hold the two and the Mesa step together."""


@kernel(inline="always")
def clear_week(week, p):
    """Reset what is set only where something happens: spirals and European deaths (E3.13)."""
    wk = week[0]
    for s in range(p["n_places"]):
        wk["spiral_s"][s] = NO_SPIRAL
    for s in range(p["n_places"]):
        if wk["deaths_s"][s] > 0:
            wk["deaths_s"][s] = 0
            for n in range(p["n_contingents"]):
                wk["deaths_sn"][s, n] = 0
    for n in range(p["n_contingents"]):
        wk["deaths_n"][n] = 0
        wk["felt_n"][n] = 0.0


@kernel(inline="always")
def close_week(params, state, week, out, horizon):
    """Count the week in the outcomes and move the clock; ends the run at the horizon (E3.14, E10.4)."""
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
    """Run one week through its phases; returns SOLVED, or the code of the game that could not be solved (E3.13)."""
    clear_week(week, params[state[0]["row"]])
    deploy(params, state, week, games, out, scratch)
    solve(params, state, week, games, out, scratch)
    if scratch[0]["unsolved"] != SOLVED:
        return scratch[0]["unsolved"]
    act(params, state, week, games, out, scratch)
    observe(params, state, week, games, out, scratch)
    respond(params, state, week, games, out, scratch)
    guarantee(params, state, week, games, out, scratch)
    reply(params, state, week, games, out, scratch)
    aftermath(params, state, week, games, out, scratch)
    learn(params, state, week, games, out, scratch)
    tension(params, state, week, games, out, scratch)
    commit(params, state, week, games, out, scratch)
    if scratch[0]["unsolved"] == SOLVED:
        resume(params, state, week, games, out, scratch)
    if scratch[0]["unsolved"] == SOLVED:
        close_week(params, state, week, out, horizon)
    return scratch[0]["unsolved"]


@kernel(entry=True, inline="always")
def begin(params, row, seed, run, state, week, games, out, scratch):
    """Set up a run before week 0: types, what Moscow threatens, initial state, who joins (E3.15, E3.16, E13.9).

    Rows must be as a run starts: zero, `out` as `state.blank_outcomes` makes it. Returns SOLVED, or the code of the
    game that could not be solved.
    """
    now = state[0]
    tally = out[0]
    now["seed"] = seed
    now["run"] = run
    now["alive"] = 1
    now["kappa"] = bernoulli(uniform(seed, run, BEFORE, 0, TYPE_RUSSIA, 0), params[row]["mu_true"])
    now["row"] = row_of_threat(params, row, now["kappa"], uniform(seed, run, BEFORE, 0, THREAT, 0))
    p = params[now["row"]]
    now["tau"] = bernoulli(uniform(seed, run, BEFORE, 0, TYPE_US, 0), p["gamma_true"])
    now["mu"] = p["mu_start"]
    now["gamma"] = p["gamma0"]
    now["U"] = now["B"] = p["B0"]
    now["V"] = 1.0 - p["B0"]
    now["last_attributed"] = now["last_void"] = -1
    scratch[0]["path_row"] = -1
    scratch[0]["tangents"] = 0
    tally["kappa_start"] = now["kappa"]
    tally["tau_start"] = now["tau"]
    tally["threat"] = p["theta"]
    for s in range(p["n_places"]):
        now["x_s"][s] = 0.0 if p["kind_s"][s] == HUB else p["x0"] * p["w_s"][s]
        now["r_s"][s] = p["r0"]
    for n in range(p["n_contingents"]):
        now["support_n"][n] = p["support_n"][n]
        now["in_n"][n] = 1
    if p["n_contingents"] > 0 and join(params, state, week, games, out, scratch) != SOLVED:
        return scratch[0]["unsolved"]
    restart_games(params, state, week, games, out, scratch)
    return SOLVED


@kernel
def restart_games(params, state, week, games, out, scratch):
    """Set every game's rules, and uniform play over the actions that exist at full deployment (E3.18, E3.19)."""
    if scratch[0]["regime_of"] != state[0]["row"] + 1:
        set_regime(params, state, games, scratch)
    for k in range(games.shape[0]):
        for j in range(LANES):
            games[k]["active_R"][STRIKE, j] = 1.0 if params[state[0]["row"]]["n_contingents"] > 0 else 0.0
        set_uniform(games[k])


@kernel(inline="always")
def join(params, state, week, games, out, scratch):
    """Draw who joins, by the commitment game before the start; those who stay out count as having left (E3.17)."""
    now = state[0]
    tally = out[0]
    work = scratch[0]
    if work["join_of"] != now["row"] + 1 and solve_join(params, state, week, games, out, scratch) != SOLVED:
        return work["unsolved"]
    n_contingents = params[now["row"]]["n_contingents"]
    for n in range(n_contingents):
        work["stay"][n] = work["p_join"][n]
    tally["games"] = params[now["row"]]["n_places"]
    tally["rounds"] = work["join_rounds"]
    tally["residual"] = work["join_residual"]
    draw_stay(params, state, scratch, BEFORE, JOIN)
    for n in range(n_contingents):
        tally["joined"] += now["in_n"][n]
        tally["left_week_n"][n] = NEVER_LEFT if now["in_n"][n] == 1 else NEVER_JOINED
    return SOLVED


@kernel(inline="always")
def solve_join(params, state, week, games, out, scratch):
    """Solve the game of who joins at full deployment and keep its chances in SCRATCH: all runs play the same (E3.17).

    Returns SOLVED, or the code of the game that could not be solved.
    """
    now = state[0]
    work = scratch[0]
    p = params[now["row"]]
    week[0]["day"] = day_of_year(p["start_ordinal"])
    week[0]["void"] = week[0]["sustained"] = 0
    restart_games(params, state, week, games, out, scratch)
    garrisons(p, state, week, 1.0)
    if solve_places(params, state, week, games, out, scratch) != SOLVED:
        return work["unsolved"]
    if solve_stay(params, state, week, games, scratch) != CONVERGED:
        work["unsolved"] = COMMITMENT_GAME
        return COMMITMENT_GAME
    for n in range(p["n_contingents"]):
        work["p_join"][n] = work["stay"][n]
    work["join_rounds"] = week[0]["rounds"]
    work["join_residual"] = week[0]["residual"]
    work["join_of"] = now["row"] + 1
    return SOLVED
