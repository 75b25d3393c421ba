"""The week's violations, and the deaths by them that are not European (docs/model.md, section 5).

Counts are outputs: nothing here feeds back. What is recorded and what is missed are two Poissons that share one gamma
intensity. All places are drawn together; a hub has none.
"""

from fragile_peace.codes import Stream
from fragile_peace.kernels.chance.draws import lanes, uniform
from fragile_peace.kernels.chance.samplers import poisson
from fragile_peace.kernels.chance.samplers_many import gammas, poissons
from fragile_peace.kernels.incident.blocks import LANES, index
from fragile_peace.kernels.incident.monitoring import season
from fragile_peace.kernels.machine.jit import kernel

INTENSITY = (int(Stream.INTENSITY_RUSSIA), int(Stream.INTENSITY_UKRAINE))
RECORDED = (int(Stream.RECORDED_RUSSIA), int(Stream.RECORDED_UKRAINE))
MISSED = (int(Stream.MISSED_RUSSIA), int(Stream.MISSED_UKRAINE))
LOCAL_EVENTS, LOCAL_DEATHS, DAY = int(Stream.LOCAL_EVENTS), int(Stream.LOCAL_DEATHS), int(Stream.DAY)


@kernel
def violation_mean(N_class, l_s, w_s, r_s, x_s, fighting):
    """Return the mean of a side's single violations: N (l/100) w (1 - r)(1 + x) times the season."""
    return N_class * (l_s / 100.0) * w_s * (1.0 - r_s) * (1.0 + x_s) * fighting


@kernel
def set_means(params, state, week, scratch):
    """Set `intensity` to the mean violations of both sides in every place, accidents apart."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    fighting = season(p["season_amp"], float(wk["day"]))
    probe, raid, strike = p["N_probe"], p["N_raid"], p["N_strike"]
    for side in range(2):
        action = wk["action_R_s"] if side == 0 else wk["action_U_s"]
        for s in range(lanes(p["n_counted"])):
            a = action[s]
            N_class = 0.0 if a == 0 else (probe if a == 1 else (raid if a == 2 else strike))
            mean = violation_mean(N_class, p["l_s"][s], p["w_s"][s], now["r_s"][s], now["x_s"][s], fighting)
            scratch[0]["intensity"][side, s] = mean if p["kind_s"][s] != 2 else 0.0


@kernel
def draw_intensities(params, state, scratch):
    """Multiply every mean that is not 0 by its gamma number of mean 1."""
    now = state[0]
    p = params[now["row"]]
    d = scratch[0]["draws"]
    intensity = scratch[0]["intensity"]
    shape = p["shape_v"]
    n = index(0)
    for side in range(2):
        for s in range(p["n_counted"]):
            d["entity"][n] = s
            d["stream"][n] = INTENSITY[side]
            n += 1 if intensity[side, s] > 0.0 else 0
    gammas(d, shape, (now["seed"], now["run"], now["week"]), n)
    for i in range(lanes(n)):
        d["gamma"][i] /= shape
    for i in range(n):
        side = 0 if d["stream"][i] == INTENSITY[0] else 1
        intensity[side, d["entity"][i]] *= d["gamma"][i]


@kernel
def draw_violations(params, state, week, games, scratch):
    """Draw the violations of both sides, accidents included, recorded and missed."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    d = scratch[0]["draws"]
    set_means(params, state, week, scratch)
    draw_intensities(params, state, scratch)
    n = p["n_counted"]
    coverage = scratch[0]["by_place"][0]
    for k in range(lanes(n) // LANES):
        for j in range(LANES):
            coverage[LANES * k + j] = games[k]["coverage"][j]
    list_violations(p, scratch, n, index(0))
    list_violations(p, scratch, n, index(1))
    poissons(d, (now["seed"], now["run"], now["week"]), 4 * n)
    for s in range(n):
        wk["recorded_R_s"][s] = d["count"][s]
        wk["missed_R_s"][s] = d["count"][n + s]
        wk["recorded_U_s"][s] = d["count"][2 * n + s]
        wk["missed_U_s"][s] = d["count"][3 * n + s]


@kernel
def list_violations(p, scratch, n, side):
    """List the draws of a side's violations in the n places, the recorded ones and then those missed.

    The list has no gaps: what follows the n places in the last vector is written over by the next draws.
    """
    d = scratch[0]["draws"]
    coverage, mean = scratch[0]["by_place"][0], scratch[0]["intensity"][side]
    seen = 2 * n * side
    unseen = seen + n
    recorded, missed, N_accident = RECORDED[side], MISSED[side], p["N_accident"]
    for s in range(lanes(n)):
        mean[s] += N_accident * (p["l_s"][s] / 100.0) if p["kind_s"][s] != 2 else 0.0
    for s in range(lanes(n)):
        d["entity"][seen + s] = s
        d["stream"][seen + s] = recorded
        d["mean"][seen + s] = coverage[s] * mean[s]
    for s in range(lanes(n)):
        d["entity"][unseen + s] = s
        d["stream"][unseen + s] = missed
        d["mean"][unseen + s] = (1.0 - coverage[s]) * mean[s]


@kernel
def draw_local_deaths(params, state, week, scratch):
    """Draw the events by which the week's violations kill others than Europeans, and how many die."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    d = scratch[0]["draws"]
    width = lanes(p["n_counted"])
    rate = p["deaths_rate"] / 1000.0 / (1.0 + p["extra_deaths"])
    for s in range(width):
        true = wk["recorded_R_s"][s] + wk["recorded_U_s"][s] + wk["missed_R_s"][s] + wk["missed_U_s"][s]
        d["entity"][s] = s
        d["stream"][s] = LOCAL_EVENTS
        d["mean"][s] = rate * true
    poissons(d, (now["seed"], now["run"], now["week"]), width)
    for s in range(width):
        events = d["count"][s]
        wk["local_events_s"][s] = events
        more = poisson(p["extra_deaths"] * events, now["seed"], now["run"], now["week"], s, LOCAL_DEATHS) if events > 0 else 0
        wk["local_deaths_s"][s] = events + more


@kernel
def tally_violations(params, state, week, out):
    """Add the week's violations and local deaths to the outcomes, by what the side did in the place."""
    now = state[0]
    wk = week[0]
    tally = out[0]
    p = params[now["row"]]
    for a in range(4):
        recorded, true = by_action(wk["action_R_s"], a, wk["recorded_R_s"], wk["missed_R_s"], p["n_counted"])
        tally["recorded_R"][a] += recorded
        tally["true_R"][a] += true
    for b in range(3):
        recorded, true = by_action(wk["action_U_s"], b, wk["recorded_U_s"], wk["missed_U_s"], p["n_counted"])
        tally["recorded_U"][b] += recorded
        tally["true_U"][b] += true
    line = line_true = events = deaths = disputes = intrusions = 0
    for s in range(p["n_counted"]):
        on_line = 1 if p["kind_s"][s] == 0 else 0
        recorded = wk["recorded_R_s"][s] + wk["recorded_U_s"][s]
        line += on_line * recorded
        line_true += on_line * (recorded + wk["missed_R_s"][s] + wk["missed_U_s"][s])
        events += wk["local_events_s"][s]
        deaths += wk["local_deaths_s"][s]
        disputes += 1 if wk["signal_s"][s] == 3 and p["kind_s"][s] != 2 else 0
        intrusions += (1 if wk["action_R_s"][s] == 1 else 0) + (1 if wk["action_U_s"][s] == 1 else 0)
    tally["line_recorded"] += line
    tally["line_true"] += line_true
    tally["local_events"] += events
    tally["local_deaths"] += deaths
    tally["disputed"] += disputes
    tally["dmz_intrusions"] += intrusions if p["dmz_km"] > 0.0 else 0
    tally["line_place_weeks"] += p["n_line"]
    tally["place_weeks"] += p["n_line"] + p["n_border"]
    tally["line_km_weeks"] += p["line_km"]
    tally["km_weeks"] += p["line_km"] + p["border_km"]
    if disputes > 0 and tally["first_accusation_day"] < 0.0:
        tally["first_accusation_day"] = accusation_day(p, state, week)


@kernel
def by_action(action, i, recorded, missed, n):
    """Return (recorded, recorded and missed) violations of a side in the places where it took action i."""
    seen = true = 0
    for s in range(n):
        taken = 1 if action[s] == i else 0
        seen += taken * recorded[s]
        true += taken * (recorded[s] + missed[s])
    return seen, true


@kernel
def accusation_day(p, state, week):
    """Return the day of the week's first dispute, days from the start."""
    now = state[0]
    earliest = 1.0
    for s in range(p["n_counted"]):
        if week[0]["signal_s"][s] == 3 and p["kind_s"][s] != 2:
            earliest = min(earliest, uniform(now["seed"], now["run"], now["week"], s, DAY, 0))
    return 7.0 * (now["week"] + earliest)
