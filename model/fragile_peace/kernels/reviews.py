"""The two decisions of the longer run: stay or leave, abide or resume (docs/model.md, sections 8 and 9).

Index conventions: s place, n contingent, k block of games, j lane, a, b action of Russia and Ukraine. Readable twin:
`reference.theatre`, `choose_to_stay`, `commit` and `review`.
"""

from fragile_peace.codes import NOT_DRAWN, EndCause, PlaceKind, Resumed, Rung, Stream, Unsolved, UsType, WarModule
from fragile_peace.kernels import compensators as event
from fragile_peace.kernels.casualties import weekly_deaths
from fragile_peace.kernels.chance.draws import bernoulli, uniform
from fragile_peace.kernels.chance.logit import from_log_odds, log_odds
from fragile_peace.kernels.commitment import CONVERGED, fixed_utility, solve_commitment
from fragile_peace.kernels.dynamics import stay_share, troops_in
from fragile_peace.kernels.foresight import anticipated_path
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.learning import bounded
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.reference_class import review_by_class
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
RESUMED_NOBODY = int(Resumed.NOBODY)
RESUMED_BY_RUSSIA, RESUMED_BY_UKRAINE = int(Resumed.RUSSIA), int(Resumed.UKRAINE)
RUNG_UKRAINE, RUNG_COALITION = int(Rung.WAR_RUSSIA_UKRAINE), int(Rung.WAR_RUSSIA_COALITION)
RUNG_US = int(Rung.WAR_WITH_US)
COMMITMENT_GAME, REVIEW = int(Unsolved.COMMITMENT_GAME), int(Unsolved.REVIEW)
LINE, REFERENCE_CLASS = int(PlaceKind.LINE), int(WarModule.REFERENCE_CLASS)
RELUCTANT, STEADFAST = int(UsType.RELUCTANT), int(UsType.STEADFAST)


@kernel
def solve_stay(params, state, week, games, scratch):
    """Solve the commitment game of those still in; returns its status, SCRATCH has the chances (E8.4, E8.5, E8.6)."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    work = scratch[0]
    count = p["n_contingents"]
    for n in range(count):
        work["expected"][n] = 0.0
    weekly = scratch[0]["by_place"][0]
    for k in range(games.shape[0]):
        weekly_deaths(p, games[k], LANES * k, now["mu"], weekly[LANES * k :])
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
    _, _, status = solve_commitment(params, state, scratch)
    return status


@kernel
def draw_stay(params, state, scratch, t, stream):
    """Draw who stays, contingent by contingent; those who do not are out for good (E8.9)."""
    now = state[0]
    for n in range(params[now["row"]]["n_contingents"]):
        if now["in_n"][n] == 1:
            u = uniform(now["seed"], now["run"], t, n, stream, 0)
            now["in_n"][n] = 1 - bernoulli(u, 1.0 - scratch[0]["stay"][n])


@kernel
def commit(params, state, week, games, out, scratch):
    """At mandate renewals, and in weeks with a European death, those in choose to stay or to leave (E3.11, E8.1).

    The outcomes note who left and when, and the first week of leaving (E10.9, E10.11).
    """
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
        if solve_stay(params, state, week, games, scratch) != CONVERGED:
            scratch[0]["unsolved"] = COMMITMENT_GAME
            return
        for n in range(count):
            if now["in_n"][n] == 1:
                wk["p_stay_n"][n] = scratch[0]["stay"][n]
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
def look_ahead(params, state, scratch):
    """Set the anticipated path and who would fight in SCRATCH (E9.2, E9.5).

    Returns
    -------
    n_reviews : int
        How many reviews are foreseen, today's included.
    p_E, p_reluctant, p_steadfast : float
        Probabilities that the coalition and either type of the United States would fight a war today.
    """
    now = state[0]
    p = params[now["row"]]
    work = scratch[0]
    inside = troops_in(p, state)[0]
    line_tension = 0.0
    for s in range(p["n_places"]):
        if p["kind_s"][s] == LINE:
            line_tension += now["x_s"][s]
    n_reviews = review_count(p["foresight_weeks"], p["war_weeks"])
    share = stay_share(p, state)
    same = work["path_row"] == now["row"] and work["path_share"] == share
    work["path_row"], work["path_share"] = now["row"], share
    anticipated_path(params, state, scratch, line_tension / p["n_line"], inside, share, n_reviews, same)
    void_left = 0
    if p["void_weeks"] > 0 and now["last_void"] >= 0:
        void_left = now["last_void"] + p["void_weeks"] - now["week"] + 1
    p_E, p_reluctant, p_steadfast = who_would_fight(params, state, scratch, void_left, n_reviews)
    return n_reviews, p_E, p_reluctant, p_steadfast


@kernel
def end_by_russia(params, state, week, out, p_us, p_E):
    """Draw who fights a war that Russia resumed, Washington first, and end the run (E9.16, E10.3)."""
    now = state[0]
    wk = week[0]
    t = now["week"]
    us = bernoulli(uniform(now["seed"], now["run"], t, 0, WAR_US, 0), p_us)
    coalition = bernoulli(uniform(now["seed"], now["run"], t, 0, WAR_COALITION, 0), p_E)
    wk["resumed"] = RESUMED_BY_RUSSIA
    wk["us_fights"] = us
    wk["coalition_fights"] = coalition
    wk["rung"] = RUNG_US if us == 1 else (RUNG_COALITION if coalition == 1 else RUNG_UKRAINE)
    now["alive"] = 0
    out[0]["end_cause"] = END_RUSSIA
    event.mark(state, event.COLLAPSE)
    event.mark(state, event.WAR_US if us == 1 else (event.WAR_COALITION if coalition == 1 else event.WAR_UKRAINE))


@kernel
def solve_reviews(params, state, scratch, n_reviews):
    """Solve the reviews of both types of Russia and of Ukraine on SCRATCH's path, into its `reviews` (E9.13)."""
    p = params[state[0]["row"]]
    work = scratch[0]
    russia_terms(params, state, scratch, n_reviews)
    ukraine_terms(params, state, scratch, n_reviews)
    work["lam_T"][BLUFFING] = work["lam_T"][COMMITTED] = p["lam_T"]
    work["lam_T"][UKRAINE] = p["lam_T_U"]
    if work["tangents"] != n_reviews:
        forget(work["terms"], n_reviews)
        work["tangents"] = n_reviews
    else:
        move_up(work["terms"], n_reviews)
    stopping_probabilities(work["terms"], n_reviews, work["lam_T"], p["delta_year"], p["war_weeks"], work["reviews"])


@kernel
def review_russia(params, state, week, out, scratch):
    """Hold Russia's review; returns 1, or 0 if the game could not be solved (E6.6, E9.13, E9.19, E10.15)."""
    now = state[0]
    wk = week[0]
    n_reviews, p_E, p_reluctant, p_steadfast = look_ahead(params, state, scratch)
    if params[now["row"]]["war_module"] == REFERENCE_CLASS:
        review_by_class(params, state, scratch)
    else:
        solve_reviews(params, state, scratch, n_reviews)
    found = scratch[0]["reviews"]
    if found[STATUS, BLUFFING] != CONVERGED or found[STATUS, COMMITTED] != CONVERGED:
        scratch[0]["unsolved"] = REVIEW
        return 0
    bluff = found[P_RESUME, BLUFFING]
    committed = found[P_RESUME, COMMITTED]
    wk["p_resume_bluffing"] = bluff
    wk["p_resume_committed"] = committed
    wk["p_E"] = p_E
    wk["p_A"][RELUCTANT] = p_reluctant
    wk["p_A"][STEADFAST] = p_steadfast
    chance = committed if now["kappa"] == COMMITTED else bluff
    p_us = p_steadfast if now["tau"] == STEADFAST else p_reluctant
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
    """Hold Ukraine's review, which `review_russia` has solved (E9.17, E10.3, E10.15)."""
    now = state[0]
    wk = week[0]
    if scratch[0]["reviews"][STATUS, UKRAINE] != CONVERGED:
        scratch[0]["unsolved"] = REVIEW
        return
    chance = scratch[0]["reviews"][P_RESUME, UKRAINE]
    wk["p_resume_ukraine"] = chance
    event.compensate(state, out, event.COLLAPSE, chance)
    event.compensate(state, out, event.WAR_UKRAINE, chance)
    if bernoulli(uniform(now["seed"], now["run"], now["week"], 0, RESUME_UKRAINE, 0), chance) == 1:
        wk["resumed"] = RESUMED_BY_UKRAINE
        wk["rung"] = RUNG_UKRAINE
        now["alive"] = 0
        out[0]["end_cause"] = END_UKRAINE
        event.mark(state, event.COLLAPSE)
        event.mark(state, event.WAR_UKRAINE)


@kernel
def resume(params, state, week, games, out, scratch):
    """Russia reviews the ceasefire when a review is due, then Ukraine if Russia abided (E3.12, E9.1).

    The last to move beliefs, this phase also notes them in the week's record.
    """
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    wk["p_resume_bluffing"] = wk["p_resume_committed"] = wk["p_resume_ukraine"] = -1.0
    wk["p_E"] = wk["p_A"][RELUCTANT] = wk["p_A"][STEADFAST] = -1.0
    wk["resumed"] = RESUMED_NOBODY
    wk["us_fights"] = wk["coalition_fights"] = NOT_DRAWN
    if now["alive"] == 1 and (now["week"] + 1) % p["war_weeks"] == 0:
        solved = review_russia(params, state, week, out, scratch)
        if now["alive"] == 1 and solved == 1:
            review_ukraine(state, week, out, scratch)
    wk["mu"] = now["mu"]
    wk["gamma"] = now["gamma"]
