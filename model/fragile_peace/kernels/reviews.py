"""Joining before the start, and phases 11 and 12: stay or leave, abide or resume (docs/model.md, sections 8 and 9)."""

from fragile_peace.codes import EndCause, Stream
from fragile_peace.kernels import compensators as event
from fragile_peace.kernels.chance.draws import bernoulli, uniform
from fragile_peace.kernels.chance.logit import from_log_odds, log_odds
from fragile_peace.kernels.commitment import fixed_utility, solve_commitment
from fragile_peace.kernels.dynamics import stay_share, troops_in
from fragile_peace.kernels.foresight import anticipated_path
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.monitoring import either_kills
from fragile_peace.kernels.learning import bounded
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.resumption import (
    BLUFFING,
    COMMITTED,
    LOG_SURVIVAL,
    P_RESUME,
    STATUS,
    UKRAINE,
    forget,
    move_up,
    review_count,
    russia_terms,
    stopping_probabilities,
    ukraine_terms,
    who_would_fight,
)

RESUME_RUSSIA, RESUME_UKRAINE = int(Stream.RESUME_RUSSIA), int(Stream.RESUME_UKRAINE)
WAR_US, WAR_COALITION, STAY = int(Stream.WAR_US), int(Stream.WAR_COALITION), int(Stream.STAY)
END_RUSSIA, END_UKRAINE = int(EndCause.RESUMED_RUSSIA), int(EndCause.RESUMED_UKRAINE)
PHASE_COMMIT, PHASE_RESUME = 11, 12


@kernel
def weekly_deaths(p, g, mu, out):
    """Set the European deaths expected in a week in every lane of a GAMES block, at its equilibrium under belief mu."""
    d_strike, d_a = p["d_strike"], p["d_a"]
    for j in range(LANES):
        total = 0.0
        for a in range(4):
            each = 1.0 + (d_strike * g["troops"][j] if a == 3 else d_a)
            p_a = mu * g["p_R"][1, a, j] + (1.0 - mu) * g["p_R"][0, a, j]
            for b in range(3):
                total += p_a * g["p_U"][b, j] * either_kills(g["dies_R"][a, j], g["dies_U"][b, j]) * each
        out[j] = total


@kernel
def solve_stay(params, state, week, games, scratch):
    """Solve the commitment game of those still in; the chances of staying are left in SCRATCH. Returns the status."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    work = scratch[0]
    count = p["n_contingents"]
    for n in range(count):
        work["expected"][n] = 0.0
    weekly = scratch[0]["by_place"][0]
    for k in range(games.shape[0]):
        weekly_deaths(p, games[k], now["mu"], weekly[LANES * k :])
    for s in range(p["n_places"]):
        m_s = wk["m_s"][s]
        if m_s > 0.0:
            deaths = weekly[s] * p["commit_weeks"]
            for n in range(count):
                work["expected"][n] += deaths * wk["garrison_sn"][s, n] / m_s
    legitimacy = p["legitimacy_un"] if p["un"] == 1 else p["legitimacy"]
    for n in range(count):
        work["fixed"][n] = fixed_utility(
            legitimacy, p["politics"], now["support_n"][n], p["reputation_n"][n], p["aversion_n"][n],
            work["expected"][n], p["upkeep"],
        )  # fmt: skip
    _, _, status = solve_commitment(
        p["M_n"], now["in_n"], work["fixed"], p["solidarity"], p["lam_commit"], count, work["p"][:count],
        work["work"],
    )  # fmt: skip
    return status


@kernel
def draw_stay(params, state, scratch, t, stream):
    """Draw who stays, contingent by contingent; those who do not are out for good."""
    now = state[0]
    for n in range(params[now["row"]]["n_contingents"]):
        if now["in_n"][n] == 1:
            u = uniform(now["seed"], now["run"], t, n, stream, 0)
            now["in_n"][n] = 1 - bernoulli(u, 1.0 - scratch[0]["p"][n])


@kernel
def commit(params, state, week, games, out, scratch):
    """Phase 11: at mandate renewals, and in weeks with a European death, those in choose to stay or to leave."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    count = p["n_contingents"]
    inside = deaths = 0
    for n in range(count):
        wk["p_stay_n"][n] = -1.0
        wk["left_n"][n] = 0
        inside += now["in_n"][n]
        deaths += wk["deaths_n"][n]
    due = (now["week"] + 1) % p["commit_weeks"] == 0 or deaths > 0
    if now["alive"] == 1 and inside > 0 and due:
        if solve_stay(params, state, week, games, scratch) != 0:
            scratch[0]["error_phase"] = PHASE_COMMIT
            return
        for n in range(count):
            if now["in_n"][n] == 1:
                wk["p_stay_n"][n] = scratch[0]["p"][n]
                wk["left_n"][n] = 1
        draw_stay(params, state, scratch, now["week"], STAY)
        for n in range(count):
            wk["left_n"][n] *= 1 - now["in_n"][n]
            if wk["left_n"][n] == 1:
                out[0]["left"] += 1
                out[0]["left_week_n"][n] = now["week"]
                if out[0]["first_withdrawal"] < 0:
                    out[0]["first_withdrawal"] = now["week"]
    for n in range(count):
        wk["in_n"][n] = now["in_n"][n]


@kernel
def look_ahead(params, state, week, scratch):
    """Fill the anticipated path and who would fight; returns (reviews, p_E, p_A reluctant, p_A steadfast)."""
    now = state[0]
    p = params[now["row"]]
    work = scratch[0]
    inside = troops_in(p, state)[0]
    line_tension = 0.0
    for s in range(p["n_places"]):
        if p["kind_s"][s] == 0:
            line_tension += now["x_s"][s]
    count = review_count(p["foresight_weeks"], p["war_weeks"])
    share = stay_share(p, state)
    same = work["path_row"] == now["row"] and work["path_share"] == share
    work["path_row"], work["path_share"] = now["row"], share
    anticipated_path(
        now["week"], p["start_ordinal"], now["B"], now["ramp"], line_tension / p["n_line"], inside, share,
        p["g_B"], p["funding"], p["rho_E"], work["ceiling"], p["start_week"], p["deploy_weeks"],
        p["winter_slowdown"], p["xbar_inf"], p["rho"], p["war_weeks"], count, same, work["B_path"],
        work["F_path"], work["x_path"],
    )  # fmt: skip
    void_left = 0
    if p["void_weeks"] > 0 and now["last_void"] >= 0:
        void_left = now["last_void"] + p["void_weeks"] - now["week"] + 1
    p_E, p_reluctant, p_steadfast = who_would_fight(
        work["F_path"], count, now["gamma"], p["G"], p["roe"], p["mandate_force"], void_left, p["war_weeks"],
        p["F0"], p["lam_E"], p["u_roe"], p["u_M"], p["cost_war_E"], p["lam_US"], p["rep_w"], p["t0"],
        p["cost_w_reluctant"], p["cost_w_steadfast"], work["p_E"], work["P_A"],
    )  # fmt: skip
    return count, p_E, p_reluctant, p_steadfast


@kernel
def end_by_russia(params, state, week, out, p_us, p_E):
    """Draw who fights a war that Russia resumed, Washington first, and end the run."""
    now = state[0]
    wk = week[0]
    t = now["week"]
    us = bernoulli(uniform(now["seed"], now["run"], t, 0, WAR_US, 0), p_us)
    coalition = bernoulli(uniform(now["seed"], now["run"], t, 0, WAR_COALITION, 0), p_E)
    wk["resumed"] = 1
    wk["us_fights"] = us
    wk["coalition_fights"] = coalition
    wk["rung"] = 7 if us == 1 else (6 if coalition == 1 else 5)
    now["alive"] = 0
    out[0]["end_cause"] = END_RUSSIA
    event.mark(state, event.COLLAPSE)
    event.mark(state, event.WAR_US if us == 1 else (event.WAR_COALITION if coalition == 1 else event.WAR_UKRAINE))


@kernel
def solve_reviews(params, state, scratch, count):
    """Solve the reviews of both types of Russia and of Ukraine on the path in SCRATCH, into its `reviews`."""
    p = params[state[0]["row"]]
    work = scratch[0]
    russia_terms(
        work["B_path"], work["F_path"], work["x_path"], work["p_E"], work["P_A"], count, p["war_weeks"], p["s_pi"], p["b_half"],
        p["alpha_F"], p["prize_w"], p["zeta"], p["cost_w"], p["c_E"], p["c_A"], p["dividend"], p["grievance"],
        work["wins"], work["terms"],
    )  # fmt: skip
    ukraine_terms(
        work["B_path"], work["x_path"], work["P_A"], count, p["war_weeks"], p["s_pi"], p["b_half_U"], p["prize_U"],
        p["cost_U"], p["guarantee_U"], p["G"], p["peace_U"], p["revanche"], work["wins"], work["terms"],
    )  # fmt: skip
    work["lam_T"][BLUFFING] = work["lam_T"][COMMITTED] = p["lam_T"]
    work["lam_T"][UKRAINE] = p["lam_T_U"]
    if work["tangents"] != count:
        forget(work["terms"], count)
        work["tangents"] = count
    else:
        move_up(work["terms"], count)
    stopping_probabilities(work["terms"], count, work["lam_T"], p["delta_year"], p["war_weeks"], work["reviews"])


@kernel
def review_russia(params, state, week, out, scratch):
    """Russia's review: returns 1, or 0 if the game could not be solved."""
    now = state[0]
    wk = week[0]
    count, p_E, p_reluctant, p_steadfast = look_ahead(params, state, week, scratch)
    solve_reviews(params, state, scratch, count)
    found = scratch[0]["reviews"]
    if found[STATUS, BLUFFING] != 0 or found[STATUS, COMMITTED] != 0:
        scratch[0]["error_phase"] = PHASE_RESUME
        return 0
    bluff = found[P_RESUME, BLUFFING]
    committed = found[P_RESUME, COMMITTED]
    wk["p_resume_bluffing"] = bluff
    wk["p_resume_committed"] = committed
    wk["p_E"] = p_E
    wk["p_A"][0] = p_reluctant
    wk["p_A"][1] = p_steadfast
    chance = committed if now["kappa"] == 1 else bluff
    p_us = p_steadfast if now["tau"] == 1 else p_reluctant
    event.compensate(state, out, event.COLLAPSE, chance)
    event.compensate(state, out, event.WAR_US, chance * p_us)
    event.compensate(state, out, event.WAR_COALITION, chance * (1.0 - p_us) * p_E)
    event.compensate(state, out, event.WAR_UKRAINE, chance * (1.0 - p_us) * (1.0 - p_E))
    if bernoulli(uniform(now["seed"], now["run"], now["week"], 0, RESUME_RUSSIA, 0), chance) == 1:
        end_by_russia(params, state, week, out, p_us, p_E)
    else:
        stays_0 = found[LOG_SURVIVAL, BLUFFING]
        stays_1 = found[LOG_SURVIVAL, COMMITTED]
        now["mu"] = bounded(from_log_odds(log_odds(now["mu"]) + stays_1 - stays_0))
    return 1


@kernel
def review_ukraine(state, week, out, scratch):
    """Ukraine's review, which `review_russia` has solved."""
    now = state[0]
    wk = week[0]
    if scratch[0]["reviews"][STATUS, UKRAINE] != 0:
        scratch[0]["error_phase"] = PHASE_RESUME
        return
    chance = scratch[0]["reviews"][P_RESUME, UKRAINE]
    wk["p_resume_ukraine"] = chance
    event.compensate(state, out, event.COLLAPSE, chance)
    event.compensate(state, out, event.WAR_UKRAINE, chance)
    if bernoulli(uniform(now["seed"], now["run"], now["week"], 0, RESUME_UKRAINE, 0), chance) == 1:
        wk["resumed"] = 2
        wk["rung"] = 5
        now["alive"] = 0
        out[0]["end_cause"] = END_UKRAINE
        event.mark(state, event.COLLAPSE)
        event.mark(state, event.WAR_UKRAINE)


@kernel
def resume(params, state, week, games, out, scratch):
    """Phase 12: Russia's review of the ceasefire, then Ukraine's if Russia abided; closes the week's record."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    wk["p_resume_bluffing"] = wk["p_resume_committed"] = wk["p_resume_ukraine"] = -1.0
    wk["p_E"] = wk["p_A"][0] = wk["p_A"][1] = -1.0
    wk["resumed"] = 0
    wk["us_fights"] = wk["coalition_fights"] = -1
    if now["alive"] == 1 and (now["week"] + 1) % p["war_weeks"] == 0:
        solved = review_russia(params, state, week, out, scratch)
        if now["alive"] == 1 and solved == 1:
            review_ukraine(state, week, out, scratch)
    wk["mu"] = now["mu"]
    wk["gamma"] = now["gamma"]
