"""What moves from week to week besides beliefs (docs/model.md, section 7).

`deploy` opens a week by putting the force in place; `tension`, once the week has been learnt from, moves tension,
restraint, both sides' strength and domestic support.

Index conventions: s place, n contingent, k block of games. Readable twin: `reference.theatre`, `deploy` and `move_on`,
with `Place.deploy`, `Place.impulse`, `Place.calm` and `Contingent.opinion` of `reference.agents`.
"""

import math

from fragile_peace.codes import Action, PlaceKind, Reply, Signal, Stream
from fragile_peace.kernels.chance.draws import lanes
from fragile_peace.kernels.chance.samplers import poisson
from fragile_peace.kernels.foresight import (
    balance,
    day_of_year,
    is_winter,
    next_ramp,
    next_strength,
    readiness_ceiling,
    regeneration,
)
from fragile_peace.kernels.incident.regime import set_rules
from fragile_peace.kernels.machine.elementary import exp
from fragile_peace.kernels.machine.jit import kernel

WEEKS_A_YEAR = 52.0
MOST_RESTRAINT = 0.995  # that quiet weeks restore
LAST_OF_YEAR = 51  # the 52nd week
SUSTAINED_WEEKS = 4  # how far back an attributed European death still counts as sustained attacks
NOBODY = -1
RECOMMITMENT = int(Stream.RECOMMITMENT)
HUB = int(PlaceKind.HUB)
COMPLY, PROBE, RAID, STRIKE = (int(action) for action in Action)
QUIET, DISPUTED = int(Signal.QUIET), int(Signal.DISPUTED)
HOLD, ESCALATE = int(Reply.HOLD), int(Reply.ESCALATE)


@kernel("float64(float64, float64, float64, float64, float64)")
def next_tension(x_s, neighbours, rho, chi, impulse):
    """Return x after the week: rho [(1 - chi) x + chi (mean of the neighbours)] + impulse (E7.1)."""
    return rho * ((1.0 - chi) * x_s + chi * neighbours) + impulse


@kernel("float64(float64, float64, float64)")
def erosion(r_s, beta, floor):
    """Return the restraint that a week takes that was not quiet: beta max(0, r - floor)(1 - r) (E7.4)."""
    return beta * max(0.0, r_s - floor) * (1.0 - r_s)


@kernel("float64(float64, float64)")
def reciprocity(r_s, left):
    """Return the restraint that a quiet week adds, without a ceiling (E7.18): r (1 - r)(1 - left)/(r + (1 - r) left).

    `left` = exp(-a) is what the odds against restraint keep: logit r rises by a.
    """
    return r_s * (1.0 - r_s) * (1.0 - left) / (r_s + (1.0 - r_s) * left)


@kernel("float64(float64, float64)")
def reciprocated(r_s, left):
    """Return restraint after a quiet week (E7.18): at most MOST_RESTRAINT, never less than before."""
    return max(r_s, min(r_s + reciprocity(r_s, left) if r_s > 0.0 else 0.0, MOST_RESTRAINT))


@kernel("float64(float64, float64)")
def recommitted(r_s, jump):
    """Return restraint after a renewed truce: r + jump (1 - r) (E7.5)."""
    return r_s + jump * (1.0 - r_s)


@kernel("float64(float64, float64, float64, float64, float64, float64)")
def next_support(support, felt, troops, hit, recovery, level):
    """Return domestic support after the week, in [0, 1] (E7.7); `felt`: the week's deaths as they are felt (E7.17).

    support - hit felt/sqrt(M) + recovery (level - support)
    """
    value = support - hit * felt / math.sqrt(troops) + recovery * (level - support)
    return min(1.0, max(0.0, value))


@kernel
def troops_in(p, state):
    """Return the troops of the contingents still in and of the original force, thousands (E7.10)."""
    inside = 0.0
    total = 0.0
    for n in range(p["n_contingents"]):
        total += p["M_n"][n]
        if state[0]["in_n"][n] == 1:
            inside += p["M_n"][n]
    return inside, total


@kernel
def stay_share(p, state):
    """Return the share of the original force still in; 1 in a scenario without a force (E7.10)."""
    inside, total = troops_in(p, state)
    return inside / total if total > 0.0 else 1.0


@kernel
def monitors_stay(p, state, s, t):
    """Return whether the civilian monitors of place s are still there, if they leave with the force (E7.14).

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
    """Set the week's garrisons, their totals, leads and monitors, a share `ramp` of the force in place (E7.12, E7.14).

    Only posts are visited: who has one where does not change during a run.
    """
    now = state[0]
    wk = week[0]
    t = now["week"]
    for s in range(p["n_places"]):
        wk["m_s"][s] = 0.0
        wk["lead_s"][s] = NOBODY
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
    """Set what depends on the parameters in force alone: rules of the games, Ukraine's ceiling (E3.19, E7.9)."""
    row = state[0]["row"]
    p = params[row]
    for k in range(games.shape[0]):
        set_rules(params, row, games, k)
    scratch[0]["ceiling"] = readiness_ceiling(p["B_ref"], p["cap"], p["eta_m"], p["technology"], p["eta_tech"])
    scratch[0]["regime_of"] = row + 1


@kernel
def tally_presence(p, state, week, out):
    """Add the week's planned troops; in their weeks, the share deployed and how many nations are in (E10.6, E10.11)."""
    t, tally = state[0]["week"], out[0]
    total = troops_in(p, state)[1]
    tally["planned_troop_years"] += total * week[0]["ramp"] * 1000.0 / WEEKS_A_YEAR
    if t == p["target_week"]:
        tally["share_deployed"] = week[0]["troops"] / total if total > 0.0 else 0.0
    if t == LAST_OF_YEAR:
        tally["nations_week_52"] = 0
        for n in range(p["n_contingents"]):
            tally["nations_week_52"] += state[0]["in_n"][n]


@kernel
def deploy(params, state, week, games, out, scratch):
    """The week's parameters take force, and the troops and monitors that have arrived take their posts (E3.1).

    In this order: the schedule (E3.19), the calendar (E7.15), the ramp (E7.11), whether the guarantee is void (E4.8)
    and attacks are sustained (E4.7), garrisons (E7.12), and what is counted of who is there (E10.6, E10.11).
    """
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
    winter, slowdown = is_winter(ordinal), p["winter_slowdown"]
    now["ramp"] = next_ramp(now["ramp"], t, p["start_week"], p["deploy_weeks"], winter, slowdown)
    wk["ramp"] = now["ramp"]
    wk["kappa"] = now["kappa"]
    wk["tau"] = now["tau"]
    wk["mu_start"] = now["mu"]
    wk["gamma_start"] = now["gamma"]
    last = now["last_void"]
    wk["void"] = 1 if p["void_weeks"] > 0 and last >= 0 and t - last <= p["void_weeks"] else 0
    last = now["last_attributed"]
    wk["sustained"] = 1 if last >= 0 and t - last <= SUSTAINED_WEEKS else 0
    garrisons(p, state, week, now["ramp"])
    tally_presence(p, state, week, out)


@kernel
def set_impulses(p, week, impulses):
    """Set what the week adds to the tension of every place (E7.3); `impulses` is modified in place."""
    wk = week[0]
    probe, raid, strike = p["imp_probe"], p["imp_raid"], p["imp_strike"]
    probe_U, raid_U = p["imp_probe_U"], p["imp_raid_U"]
    death, dispute, held, escalated = p["imp_K"], p["imp_D"], p["imp_H"], p["imp_E"]
    for s in range(lanes(p["n_places"])):
        a, b = wk["action_R_s"][s], wk["action_U_s"][s]
        by_russia = probe if a == PROBE else (raid if a == RAID else 0.0)
        by_ukraine = 0.0 if b == COMPLY else (probe_U if b == PROBE else raid_U)
        event = (strike if a == STRIKE else 0.0) * p["w_s"][s]
        event += death if wk["K_s"][s] == 1 else 0.0
        event += held if wk["reply_s"][s] == HOLD else (escalated if wk["reply_s"][s] == ESCALATE else 0.0)
        dispute_here = dispute if wk["signal_s"][s] == DISPUTED else 0.0
        impulses[s] = (by_russia + by_ukraine) * p["w_s"][s] + (dispute_here + event / p["opportunities_s"][s])


@kernel
def neighbour_mean(p, x_old, s):
    """Return the mean tension of the adjacent line places; the place's own where it has none (E7.2)."""
    left, right = p["left_s"][s], p["right_s"][s]
    one = left if left >= 0 else right
    other = right if right >= 0 else left
    return 0.5 * (x_old[one if one >= 0 else s] + x_old[other if other >= 0 else s])


@kernel
def tension(params, state, week, games, out, scratch):
    """Tension and restraint move in every place, and so do both sides' strength and domestic support (E3.10).

    The week's renewed truces (E7.6) are drawn first: they restore restraint after the week has moved it.
    """
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
        now["x_s"][s] = wk["x_s"][s] = moved if p["kind_s"][s] != HUB else x_old[s]
    beta, floor, left = p["beta"], p["r_floor"], exp(-p["reciprocity"])
    for s in range(lanes(p["n_places"])):
        r = now["r_s"][s]
        meant = (wk["action_R_s"][s] == STRIKE) & (wk["action_U_s"][s] == COMPLY)
        shaken = r if meant else r - erosion(r, beta, floor)
        moved = shaken if wk["signal_s"][s] != QUIET else reciprocated(r, left)
        now["r_s"][s] = moved if p["kind_s"][s] != HUB else r
    for s in range(p["n_places"]):
        for _ in range(renewed if p["kind_s"][s] != HUB else 0):
            now["r_s"][s] = recommitted(now["r_s"][s], p["recommit_jump"])
        wk["r_s"][s] = now["r_s"][s]
    pace = regeneration(p["g_B"], p["funding"], p["rho_E"], stay_share(p, state))
    now["U"] = next_strength(now["U"], pace, scratch[0]["ceiling"])
    now["V"] = next_strength(now["V"], p["g_R"], p["V_max"])
    now["B"] = wk["B"] = balance(now["U"], now["V"])
    for n in range(p["n_contingents"]):
        now["support_n"][n] = next_support(
            now["support_n"][n], wk["felt_n"][n], p["M_n"][n], p["hit"], p["recovery"], p["support_n"][n]
        )
        wk["support_n"][n] = now["support_n"][n]
