"""Phases 1 and 10: what moves between weeks besides beliefs (docs/model.md, section 7).

Phase 1 puts the force in place; phase 10 moves tension, restraint, readiness and domestic support.
"""

import math

from fragile_peace.codes import Stream
from fragile_peace.kernels.chance.draws import lanes
from fragile_peace.kernels.chance.samplers import poisson
from fragile_peace.kernels.foresight import day_of_year, is_winter, next_ramp, next_readiness, readiness_ceiling
from fragile_peace.kernels.incident.regime import set_rules
from fragile_peace.kernels.machine.jit import kernel

WEEKS_A_YEAR = 52.0
RECOMMITMENT = int(Stream.RECOMMITMENT)


@kernel("float64(float64, float64, float64, float64, float64)")
def next_tension(x_s, neighbours, rho, chi, impulse):
    """Return x after the week: rho [(1 - chi) x + chi (mean of the neighbours)] + impulse."""
    return rho * ((1.0 - chi) * x_s + chi * neighbours) + impulse


@kernel("float64(float64, float64, float64)")
def eroded(r_s, beta, floor):
    """Return restraint after a visible breach: r - beta max(0, r - floor)(1 - r)."""
    return r_s - beta * max(0.0, r_s - floor) * (1.0 - r_s)


@kernel("float64(float64, float64)")
def recommitted(r_s, jump):
    """Return restraint after a renewed truce: r + jump (1 - r)."""
    return r_s + jump * (1.0 - r_s)


@kernel("float64(float64, int64, float64, float64, float64, float64)")
def next_support(support, deaths, troops, hit, recovery, level):
    """Return support after the week: support - hit deaths/sqrt(M) + recovery (level - support), kept in [0, 1]."""
    value = support - hit * deaths / math.sqrt(troops) + recovery * (level - support)
    return min(1.0, max(0.0, value))


@kernel
def troops_in(p, state):
    """Return (sum of M_n over those in, sum over the original force), thousands."""
    inside = 0.0
    total = 0.0
    for n in range(p["n_contingents"]):
        total += p["M_n"][n]
        if state[0]["in_n"][n] == 1:
            inside += p["M_n"][n]
    return inside, total


@kernel
def stay_share(p, state):
    """Return the share of the original force still in; 1 in a scenario without a force."""
    inside, total = troops_in(p, state)
    return inside / total if total > 0.0 else 1.0


@kernel
def monitors_stay(p, state, s, t):
    """Return whether the civilian monitors at place s stay where they leave with the force.

    They are gone while every contingent that has a post here has left the coalition or vacated the post, and from a
    place without posts once nobody is left in the coalition.
    """
    now = state[0]
    posts = 0
    somebody = False
    manned = False
    for n in range(p["n_contingents"]):
        somebody = somebody or now["in_n"][n] == 1
        if p["share_ns"][n, s] > 0.0:
            posts += 1
            manned = manned or (now["in_n"][n] == 1 and t >= now["vacant_until"][s, n])
    return manned if posts > 0 else somebody


@kernel
def garrisons(p, state, week, ramp):
    """Fill garrisons, totals, leads and monitors of the week for a deployment of `ramp`.

    Only posts are visited: who has one where does not change during a run.
    """
    now = state[0]
    wk = week[0]
    t = now["week"]
    for s in range(p["n_places"]):
        wk["m_s"][s] = 0.0
        wk["lead_s"][s] = -1
        wk["monitors_s"][s] = p["monitors_s"][s]
    if p["leave_with_force"] == 1 and p["n_contingents"] > 0:
        for s in range(p["n_places"]):
            wk["monitors_s"][s] *= 1.0 if monitors_stay(p, state, s, t) else 0.0
    width = wk["garrison_sn"].shape[1]
    here, largest = -1, 0.0  # the last post's place, if somebody is there, and the lead's troops
    for i in range(p["n_posts"]):
        s, n = p["posts"][i] // width, p["posts"][i] % width
        troops = 0.0
        if now["in_n"][n] == 1 and t >= now["vacant_until"][s, n]:
            troops = p["M_n"][n] * p["share_ns"][n, s] * ramp
        wk["garrison_sn"][s, n] = troops
        wk["m_s"][s] += troops
        if troops > (largest if s == here else 0.0):
            here, largest = s, troops
            wk["lead_s"][s] = n
    troops = 0.0
    for s in range(p["n_places"]):
        troops += wk["m_s"][s]
    wk["troops"] = troops


@kernel
def set_regime(params, state, games, scratch):
    """Set what follows from the parameters in force alone: the rules of the games and the ceiling of readiness."""
    row = state[0]["row"]
    p = params[row]
    for k in range(games.shape[0]):
        set_rules(params, row, games, k)
    scratch[0]["ceiling"] = readiness_ceiling(p["B_ref"], p["cap"], p["eta_m"], p["technology"], p["eta_tech"])
    scratch[0]["regime_of"] = row + 1


@kernel
def deploy(params, state, week, games, out, scratch):
    """Phase 1: take the parameters in force, move the ramp, put garrisons and monitors in place."""
    now = state[0]
    wk = week[0]
    while now["week"] >= params[now["row"]]["until_week"]:
        now["row"] = params[now["row"]]["next_row"]
        set_regime(params, state, games, scratch)
    p = params[now["row"]]
    t = now["week"]
    ordinal = p["start_ordinal"] + 7 * t
    wk["week"] = t
    wk["day"] = day_of_year(ordinal)
    now["ramp"] = next_ramp(now["ramp"], t, p["start_week"], p["deploy_weeks"], is_winter(ordinal), p["winter_slowdown"])
    wk["ramp"] = now["ramp"]
    wk["kappa"] = now["kappa"]
    wk["tau"] = now["tau"]
    wk["mu_start"] = now["mu"]
    wk["gamma_start"] = now["gamma"]
    last = now["last_void"]
    wk["void"] = 1 if p["void_weeks"] > 0 and last >= 0 and t - last <= p["void_weeks"] else 0
    last = now["last_attributed"]
    wk["sustained"] = 1 if last >= 0 and t - last <= 4 else 0
    garrisons(p, state, week, now["ramp"])
    if t == p["target_week"]:
        total = troops_in(p, state)[1]
        out[0]["share_deployed"] = wk["troops"] / total if total > 0.0 else 0.0


@kernel
def set_impulses(p, week, outcomes):
    """Set what the week adds to the tension of every place."""
    wk = week[0]
    probe, raid, strike = p["imp_probe"], p["imp_raid"], p["imp_strike"]
    probe_U, raid_U = p["imp_probe_U"], p["imp_raid_U"]
    death, dispute, held, escalated = p["imp_K"], p["imp_D"], p["imp_H"], p["imp_E"]
    for s in range(lanes(p["n_places"])):
        a, b = wk["action_R_s"][s], wk["action_U_s"][s]
        by_russia = 0.0 if a == 0 else (probe if a == 1 else (raid if a == 2 else strike))
        by_ukraine = 0.0 if b == 0 else (probe_U if b == 1 else raid_U)
        total = (by_russia + by_ukraine) * p["w_s"][s]
        total += death if wk["K_s"][s] == 1 else 0.0
        total += dispute if wk["signal_s"][s] == 3 else 0.0
        total += held if wk["reply_s"][s] == 1 else (escalated if wk["reply_s"][s] == 2 else 0.0)
        outcomes[s] = total


@kernel
def neighbour_mean(p, x_old, s):
    """Return the mean tension of the adjacent line places; the place's own where it has none."""
    left, right = p["left_s"][s], p["right_s"][s]
    one = left if left >= 0 else right
    other = right if right >= 0 else left
    return 0.5 * (x_old[one if one >= 0 else s] + x_old[other if other >= 0 else s])


@kernel
def tension(params, state, week, games, out, scratch):
    """Phase 10: tension and restraint in every place, readiness, domestic support."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    x_old = scratch[0]["x_old"]
    for s in range(p["n_places"]):
        x_old[s] = now["x_s"][s]
    renewed = poisson(p["recommit_rate"] / WEEKS_A_YEAR, now["seed"], now["run"], now["week"], 0, RECOMMITMENT)
    wk["recommitments"] = renewed
    out[0]["recommitments"] += renewed
    impulses = scratch[0]["by_place"][0]
    set_impulses(p, week, impulses)
    rho, chi = p["rho"], p["chi"]
    for s in range(p["n_places"]):
        moved = next_tension(x_old[s], neighbour_mean(p, x_old, s), rho, chi, impulses[s])
        now["x_s"][s] = wk["x_s"][s] = moved if p["kind_s"][s] != 2 else x_old[s]
    beta, floor = p["beta"], p["r_floor"]
    for s in range(lanes(p["n_places"])):
        r = eroded(now["r_s"][s], beta, floor)
        now["r_s"][s] = r if wk["signal_s"][s] != 0 else now["r_s"][s]
    for s in range(p["n_places"]):
        for _ in range(renewed):
            now["r_s"][s] = recommitted(now["r_s"][s], p["recommit_jump"])
        wk["r_s"][s] = now["r_s"][s]
    now["B"] = next_readiness(now["B"], p["g_B"], p["funding"], p["rho_E"], stay_share(p, state), scratch[0]["ceiling"])
    wk["B"] = now["B"]
    for n in range(p["n_contingents"]):
        now["support_n"][n] = next_support(
            now["support_n"][n], wk["deaths_n"][n], p["M_n"][n], p["hit"], p["recovery"], p["support_n"][n]
        )
        wk["support_n"][n] = now["support_n"][n]
