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
def solve_stay(P, X, W, G, S):
    """Solve the commitment game of those still in; the chances of staying are left in SCRATCH. Returns the status."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    scratch = S[0]
    count = p["n_contingents"]
    for n in range(count):
        scratch["expected"][n] = 0.0
    weekly = S[0]["by_place"][0]
    for k in range(G.shape[0]):
        weekly_deaths(p, G[k], x["mu"], weekly[LANES * k :])
    for s in range(p["n_places"]):
        m_s = w["m_s"][s]
        if m_s > 0.0:
            deaths = weekly[s] * p["commit_weeks"]
            for n in range(count):
                scratch["expected"][n] += deaths * w["garrison_sn"][s, n] / m_s
    legitimacy = p["legitimacy_un"] if p["un"] == 1 else p["legitimacy"]
    for n in range(count):
        scratch["fixed"][n] = fixed_utility(
            legitimacy, p["politics"], x["support_n"][n], p["reputation_n"][n], p["aversion_n"][n],
            scratch["expected"][n], p["upkeep"],
        )  # fmt: skip
    _, _, status = solve_commitment(
        p["M_n"], x["in_n"], scratch["fixed"], p["solidarity"], p["lam_commit"], count, scratch["p"][:count],
        scratch["work"],
    )  # fmt: skip
    return status


@kernel
def draw_stay(P, X, S, week, stream):
    """Draw who stays, contingent by contingent; those who do not are out for good."""
    x = X[0]
    for n in range(P[x["row"]]["n_contingents"]):
        if x["in_n"][n] == 1:
            u = uniform(x["seed"], x["run"], week, n, stream, 0)
            x["in_n"][n] = 1 - bernoulli(u, 1.0 - S[0]["p"][n])


@kernel
def commit(P, X, W, G, O, S):
    """Phase 11: at mandate renewals, and in weeks with a European death, those in choose to stay or to leave."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    count = p["n_contingents"]
    inside = deaths = 0
    for n in range(count):
        w["p_stay_n"][n] = -1.0
        w["left_n"][n] = 0
        inside += x["in_n"][n]
        deaths += w["deaths_n"][n]
    due = (x["week"] + 1) % p["commit_weeks"] == 0 or deaths > 0
    if x["alive"] == 1 and inside > 0 and due:
        if solve_stay(P, X, W, G, S) != 0:
            S[0]["error_phase"] = PHASE_COMMIT
            return
        for n in range(count):
            if x["in_n"][n] == 1:
                w["p_stay_n"][n] = S[0]["p"][n]
                w["left_n"][n] = 1
        draw_stay(P, X, S, x["week"], STAY)
        for n in range(count):
            w["left_n"][n] *= 1 - x["in_n"][n]
            if w["left_n"][n] == 1:
                O[0]["left"] += 1
                O[0]["left_week_n"][n] = x["week"]
                if O[0]["first_withdrawal"] < 0:
                    O[0]["first_withdrawal"] = x["week"]
    for n in range(count):
        w["in_n"][n] = x["in_n"][n]


@kernel
def look_ahead(P, X, W, S):
    """Fill the anticipated path and who would fight; returns (reviews, p_E, p_A reluctant, p_A steadfast)."""
    x = X[0]
    p = P[x["row"]]
    scratch = S[0]
    inside = troops_in(p, X)[0]
    line_tension = 0.0
    for s in range(p["n_places"]):
        if p["kind_s"][s] == 0:
            line_tension += x["x_s"][s]
    count = review_count(p["foresight_weeks"], p["war_weeks"])
    share = stay_share(p, X)
    same = scratch["path_row"] == x["row"] and scratch["path_share"] == share
    scratch["path_row"], scratch["path_share"] = x["row"], share
    anticipated_path(
        x["week"], p["start_ordinal"], x["B"], x["ramp"], line_tension / p["n_line"], inside, share,
        p["g_B"], p["funding"], p["rho_E"], scratch["ceiling"], p["start_week"], p["deploy_weeks"],
        p["winter_slowdown"], p["xbar_inf"], p["rho"], p["war_weeks"], count, same, scratch["B_path"],
        scratch["F_path"], scratch["x_path"],
    )  # fmt: skip
    void_left = 0
    if p["void_weeks"] > 0 and x["last_void"] >= 0:
        void_left = x["last_void"] + p["void_weeks"] - x["week"] + 1
    p_E, p_reluctant, p_steadfast = who_would_fight(
        scratch["F_path"], count, x["gamma"], p["G"], p["roe"], p["mandate_force"], void_left, p["war_weeks"],
        p["F0"], p["lam_E"], p["u_roe"], p["u_M"], p["cost_war_E"], p["lam_US"], p["rep_w"], p["t0"],
        p["cost_w_reluctant"], p["cost_w_steadfast"], scratch["p_E"], scratch["P_A"],
    )  # fmt: skip
    return count, p_E, p_reluctant, p_steadfast


@kernel
def end_by_russia(P, X, W, O, p_us, p_E):
    """Draw who fights a war that Russia resumed, Washington first, and end the run."""
    x = X[0]
    w = W[0]
    t = x["week"]
    us = bernoulli(uniform(x["seed"], x["run"], t, 0, WAR_US, 0), p_us)
    coalition = bernoulli(uniform(x["seed"], x["run"], t, 0, WAR_COALITION, 0), p_E)
    w["resumed"] = 1
    w["us_fights"] = us
    w["coalition_fights"] = coalition
    w["rung"] = 7 if us == 1 else (6 if coalition == 1 else 5)
    x["alive"] = 0
    O[0]["end_cause"] = END_RUSSIA
    event.mark(X, event.COLLAPSE)
    event.mark(X, event.WAR_US if us == 1 else (event.WAR_COALITION if coalition == 1 else event.WAR_UKRAINE))


@kernel
def solve_reviews(P, X, S, count):
    """Solve the reviews of both types of Russia and of Ukraine on the path in SCRATCH, into its `reviews`."""
    p = P[X[0]["row"]]
    k = S[0]
    russia_terms(
        k["B_path"], k["F_path"], k["x_path"], k["p_E"], k["P_A"], count, p["war_weeks"], p["s_pi"], p["b_half"],
        p["alpha_F"], p["prize_w"], p["zeta"], p["cost_w"], p["c_E"], p["c_A"], p["dividend"], p["grievance"],
        k["wins"], k["terms"],
    )  # fmt: skip
    ukraine_terms(
        k["B_path"], k["x_path"], k["P_A"], count, p["war_weeks"], p["s_pi"], p["b_half_U"], p["prize_U"],
        p["cost_U"], p["guarantee_U"], p["G"], p["peace_U"], p["revanche"], k["wins"], k["terms"],
    )  # fmt: skip
    k["lam_T"][BLUFFING] = k["lam_T"][COMMITTED] = p["lam_T"]
    k["lam_T"][UKRAINE] = p["lam_T_U"]
    if k["tangents"] != count:
        forget(k["terms"], count)
        k["tangents"] = count
    else:
        move_up(k["terms"], count)
    stopping_probabilities(k["terms"], count, k["lam_T"], p["delta_year"], p["war_weeks"], k["reviews"])


@kernel
def review_russia(P, X, W, O, S):
    """Russia's review: returns 1, or 0 if the game could not be solved."""
    x = X[0]
    w = W[0]
    count, p_E, p_reluctant, p_steadfast = look_ahead(P, X, W, S)
    solve_reviews(P, X, S, count)
    found = S[0]["reviews"]
    if found[STATUS, BLUFFING] != 0 or found[STATUS, COMMITTED] != 0:
        S[0]["error_phase"] = PHASE_RESUME
        return 0
    bluff = found[P_RESUME, BLUFFING]
    committed = found[P_RESUME, COMMITTED]
    w["p_resume_bluffing"] = bluff
    w["p_resume_committed"] = committed
    w["p_E"] = p_E
    w["p_A"][0] = p_reluctant
    w["p_A"][1] = p_steadfast
    chance = committed if x["kappa"] == 1 else bluff
    p_us = p_steadfast if x["tau"] == 1 else p_reluctant
    event.compensate(X, O, event.COLLAPSE, chance)
    event.compensate(X, O, event.WAR_US, chance * p_us)
    event.compensate(X, O, event.WAR_COALITION, chance * (1.0 - p_us) * p_E)
    event.compensate(X, O, event.WAR_UKRAINE, chance * (1.0 - p_us) * (1.0 - p_E))
    if bernoulli(uniform(x["seed"], x["run"], x["week"], 0, RESUME_RUSSIA, 0), chance) == 1:
        end_by_russia(P, X, W, O, p_us, p_E)
    else:
        stays_0 = found[LOG_SURVIVAL, BLUFFING]
        stays_1 = found[LOG_SURVIVAL, COMMITTED]
        x["mu"] = bounded(from_log_odds(log_odds(x["mu"]) + stays_1 - stays_0))
    return 1


@kernel
def review_ukraine(X, W, O, S):
    """Ukraine's review, which `review_russia` has solved."""
    x = X[0]
    w = W[0]
    if S[0]["reviews"][STATUS, UKRAINE] != 0:
        S[0]["error_phase"] = PHASE_RESUME
        return
    chance = S[0]["reviews"][P_RESUME, UKRAINE]
    w["p_resume_ukraine"] = chance
    event.compensate(X, O, event.COLLAPSE, chance)
    event.compensate(X, O, event.WAR_UKRAINE, chance)
    if bernoulli(uniform(x["seed"], x["run"], x["week"], 0, RESUME_UKRAINE, 0), chance) == 1:
        w["resumed"] = 2
        w["rung"] = 5
        x["alive"] = 0
        O[0]["end_cause"] = END_UKRAINE
        event.mark(X, event.COLLAPSE)
        event.mark(X, event.WAR_UKRAINE)


@kernel
def resume(P, X, W, G, O, S):
    """Phase 12: Russia's review of the ceasefire, then Ukraine's if Russia abided; closes the week's record."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    w["p_resume_bluffing"] = w["p_resume_committed"] = w["p_resume_ukraine"] = -1.0
    w["p_E"] = w["p_A"][0] = w["p_A"][1] = -1.0
    w["resumed"] = 0
    w["us_fights"] = w["coalition_fights"] = -1
    if x["alive"] == 1 and (x["week"] + 1) % p["war_weeks"] == 0:
        solved = review_russia(P, X, W, O, S)
        if x["alive"] == 1 and solved == 1:
            review_ukraine(X, W, O, S)
    w["mu"] = x["mu"]
    w["gamma"] = x["gamma"]
