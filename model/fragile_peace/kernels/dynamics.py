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
def troops_in(p, X):
    """Return (sum of M_n over those in, sum over the original force), thousands."""
    inside = 0.0
    total = 0.0
    for n in range(p["n_contingents"]):
        total += p["M_n"][n]
        if X[0]["in_n"][n] == 1:
            inside += p["M_n"][n]
    return inside, total


@kernel
def stay_share(p, X):
    """Return the share of the original force still in; 1 in a scenario without a force."""
    inside, total = troops_in(p, X)
    return inside / total if total > 0.0 else 1.0


@kernel
def monitors_stay(p, X, s, t):
    """Return whether the civilian monitors at place s stay where they leave with the force.

    They are gone while every contingent that has a post here has left the coalition or vacated the post, and from a
    place without posts once nobody is left in the coalition.
    """
    x = X[0]
    posts = 0
    somebody = False
    manned = False
    for n in range(p["n_contingents"]):
        somebody = somebody or x["in_n"][n] == 1
        if p["share_ns"][n, s] > 0.0:
            posts += 1
            manned = manned or (x["in_n"][n] == 1 and t >= x["vacant_until"][s, n])
    return manned if posts > 0 else somebody


@kernel
def garrisons(p, X, W, ramp):
    """Fill garrisons, totals, leads and monitors of the week for a deployment of `ramp`.

    Only posts are visited: who has one where does not change during a run.
    """
    x = X[0]
    w = W[0]
    t = x["week"]
    for s in range(p["n_places"]):
        w["m_s"][s] = 0.0
        w["lead_s"][s] = -1
        w["monitors_s"][s] = p["monitors_s"][s]
    if p["leave_with_force"] == 1 and p["n_contingents"] > 0:
        for s in range(p["n_places"]):
            w["monitors_s"][s] *= 1.0 if monitors_stay(p, X, s, t) else 0.0
    width = w["garrison_sn"].shape[1]
    here, largest = -1, 0.0  # the last post's place, if somebody is there, and the lead's troops
    for i in range(p["n_posts"]):
        s, n = p["posts"][i] // width, p["posts"][i] % width
        troops = 0.0
        if x["in_n"][n] == 1 and t >= x["vacant_until"][s, n]:
            troops = p["M_n"][n] * p["share_ns"][n, s] * ramp
        w["garrison_sn"][s, n] = troops
        w["m_s"][s] += troops
        if troops > (largest if s == here else 0.0):
            here, largest = s, troops
            w["lead_s"][s] = n
    troops = 0.0
    for s in range(p["n_places"]):
        troops += w["m_s"][s]
    w["troops"] = troops


@kernel
def set_regime(P, X, G, S):
    """Set what follows from the parameters in force alone: the rules of the games and the ceiling of readiness."""
    row = X[0]["row"]
    p = P[row]
    for k in range(G.shape[0]):
        set_rules(P, row, G, k)
    S[0]["ceiling"] = readiness_ceiling(p["B_ref"], p["cap"], p["eta_m"], p["technology"], p["eta_tech"])
    S[0]["regime_of"] = row + 1


@kernel
def deploy(P, X, W, G, O, S):
    """Phase 1: take the parameters in force, move the ramp, put garrisons and monitors in place."""
    x = X[0]
    w = W[0]
    while x["week"] >= P[x["row"]]["until_week"]:
        x["row"] = P[x["row"]]["next_row"]
        set_regime(P, X, G, S)
    p = P[x["row"]]
    t = x["week"]
    ordinal = p["start_ordinal"] + 7 * t
    w["week"] = t
    w["day"] = day_of_year(ordinal)
    x["ramp"] = next_ramp(x["ramp"], t, p["start_week"], p["deploy_weeks"], is_winter(ordinal), p["winter_slowdown"])
    w["ramp"] = x["ramp"]
    w["kappa"] = x["kappa"]
    w["tau"] = x["tau"]
    w["mu_start"] = x["mu"]
    w["gamma_start"] = x["gamma"]
    last = x["last_void"]
    w["void"] = 1 if p["void_weeks"] > 0 and last >= 0 and t - last <= p["void_weeks"] else 0
    last = x["last_attributed"]
    w["sustained"] = 1 if last >= 0 and t - last <= 4 else 0
    garrisons(p, X, W, x["ramp"])
    if t == p["target_week"]:
        total = troops_in(p, X)[1]
        O[0]["share_deployed"] = w["troops"] / total if total > 0.0 else 0.0


@kernel
def set_impulses(p, W, out):
    """Set what the week adds to the tension of every place."""
    w = W[0]
    probe, raid, strike = p["imp_probe"], p["imp_raid"], p["imp_strike"]
    probe_U, raid_U = p["imp_probe_U"], p["imp_raid_U"]
    death, dispute, held, escalated = p["imp_K"], p["imp_D"], p["imp_H"], p["imp_E"]
    for s in range(lanes(p["n_places"])):
        a, b = w["action_R_s"][s], w["action_U_s"][s]
        by_russia = 0.0 if a == 0 else (probe if a == 1 else (raid if a == 2 else strike))
        by_ukraine = 0.0 if b == 0 else (probe_U if b == 1 else raid_U)
        total = (by_russia + by_ukraine) * p["w_s"][s]
        total += death if w["K_s"][s] == 1 else 0.0
        total += dispute if w["signal_s"][s] == 3 else 0.0
        total += held if w["reply_s"][s] == 1 else (escalated if w["reply_s"][s] == 2 else 0.0)
        out[s] = total


@kernel
def neighbour_mean(p, x_old, s):
    """Return the mean tension of the adjacent line places; the place's own where it has none."""
    left, right = p["left_s"][s], p["right_s"][s]
    one = left if left >= 0 else right
    other = right if right >= 0 else left
    return 0.5 * (x_old[one if one >= 0 else s] + x_old[other if other >= 0 else s])


@kernel
def tension(P, X, W, G, O, S):
    """Phase 10: tension and restraint in every place, readiness, domestic support."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    x_old = S[0]["x_old"]
    for s in range(p["n_places"]):
        x_old[s] = x["x_s"][s]
    renewed = poisson(p["recommit_rate"] / WEEKS_A_YEAR, x["seed"], x["run"], x["week"], 0, RECOMMITMENT)
    w["recommitments"] = renewed
    O[0]["recommitments"] += renewed
    impulses = S[0]["by_place"][0]
    set_impulses(p, W, impulses)
    rho, chi = p["rho"], p["chi"]
    for s in range(p["n_places"]):
        moved = next_tension(x_old[s], neighbour_mean(p, x_old, s), rho, chi, impulses[s])
        x["x_s"][s] = w["x_s"][s] = moved if p["kind_s"][s] != 2 else x_old[s]
    beta, floor = p["beta"], p["r_floor"]
    for s in range(lanes(p["n_places"])):
        r = eroded(x["r_s"][s], beta, floor)
        x["r_s"][s] = r if w["signal_s"][s] != 0 else x["r_s"][s]
    for s in range(p["n_places"]):
        for _ in range(renewed):
            x["r_s"][s] = recommitted(x["r_s"][s], p["recommit_jump"])
        w["r_s"][s] = x["r_s"][s]
    x["B"] = next_readiness(x["B"], p["g_B"], p["funding"], p["rho_E"], stay_share(p, X), S[0]["ceiling"])
    w["B"] = x["B"]
    for n in range(p["n_contingents"]):
        x["support_n"][n] = next_support(
            x["support_n"][n], w["deaths_n"][n], p["M_n"][n], p["hit"], p["recovery"], p["support_n"][n]
        )
        w["support_n"][n] = x["support_n"][n]
