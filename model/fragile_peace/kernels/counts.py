"""The week's violations, and the deaths by them that are not European (docs/model.md, section 5).

Counts are outputs: nothing here feeds back. Recorded and missed violations are two Poisson draws with one gamma-
distributed intensity in common. All places are drawn together; a hub has no violations.

Index conventions: s place, i position in a list of draws. Readable twin: `reference.agents`, `Place.count`.
"""

from fragile_peace.codes import Action, PlaceKind, Signal, Stream
from fragile_peace.kernels.chance.draws import lanes, uniform
from fragile_peace.kernels.chance.samplers import poisson
from fragile_peace.kernels.chance.samplers_many import gammas, poissons
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.monitoring import season, violence
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

INTENSITY = (int(Stream.INTENSITY_RUSSIA), int(Stream.INTENSITY_UKRAINE))
RECORDED = (int(Stream.RECORDED_RUSSIA), int(Stream.RECORDED_UKRAINE))
MISSED = (int(Stream.MISSED_RUSSIA), int(Stream.MISSED_UKRAINE))
LOCAL_EVENTS, LOCAL_DEATHS, DAY = int(Stream.LOCAL_EVENTS), int(Stream.LOCAL_DEATHS), int(Stream.DAY)
LINE, HUB = int(PlaceKind.LINE), int(PlaceKind.HUB)
COMPLY, PROBE, RAID = int(Action.COMPLY), int(Action.PROBE), int(Action.RAID)
DISPUTED = int(Signal.DISPUTED)


@kernel
def violation_mean(N_class, l_s, v_s, fighting):
    """Return the mean of a side's single violations: N (l/100) v times the season (E5.1)."""
    return N_class * (l_s / 100.0) * v_s * fighting


@kernel
def set_means(params, state, week, scratch):
    """Set `intensity` to the mean violations of both sides in every place, without accidents (E5.1)."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    fighting = season(p["season_amp"], float(wk["day"]))
    probe, raid, strike = p["N_probe"], p["N_raid"], p["N_strike"]
    for side in range(2):
        action = wk["action_R_s"] if side == 0 else wk["action_U_s"]
        for s in range(lanes(p["n_counted"])):
            a = action[s]
            N_class = 0.0 if a == COMPLY else (probe if a == PROBE else (raid if a == RAID else strike))
            v_s = violence(p["w_s"][s], now["r_s"][s], now["x_s"][s])
            mean = violation_mean(N_class, p["l_s"][s], v_s, fighting)
            scratch[0]["intensity"][side, s] = mean if p["kind_s"][s] != HUB else 0.0


@kernel
def draw_intensities(params, state, scratch):
    """Multiply every positive mean by a gamma draw of mean 1, one for each side and place (E5.2)."""
    now = state[0]
    p = params[now["row"]]
    d = scratch[0]["draws"]
    intensity = scratch[0]["intensity"]
    shape = p["shape_v"]
    count = index(0)
    for side in range(2):
        for s in range(p["n_counted"]):
            d["entity"][count] = s
            d["stream"][count] = INTENSITY[side]
            count += 1 if intensity[side, s] > 0.0 else 0
    gammas(d, shape, (now["seed"], now["run"], now["week"]), count)
    for i in range(lanes(count)):
        d["gamma"][i] /= shape
    for i in range(count):
        side = 0 if d["stream"][i] == INTENSITY[0] else 1
        intensity[side, d["entity"][i]] *= d["gamma"][i]


@kernel
def draw_violations(params, state, week, games, scratch):
    """Draw the violations of both sides, accidents included, recorded and missed (E5.4)."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    d = scratch[0]["draws"]
    set_means(params, state, week, scratch)
    draw_intensities(params, state, scratch)
    places = p["n_counted"]
    coverage = scratch[0]["by_place"][0]
    for k in range(lanes(places) // LANES):
        for j in range(LANES):
            coverage[LANES * k + j] = games[k]["coverage"][j]
    list_violations(p, scratch, places, index(0))
    list_violations(p, scratch, places, index(1))
    poissons(d, (now["seed"], now["run"], now["week"]), 4 * places)
    for s in range(places):
        wk["recorded_R_s"][s] = d["count"][s]
        wk["missed_R_s"][s] = d["count"][places + s]
        wk["recorded_U_s"][s] = d["count"][2 * places + s]
        wk["missed_U_s"][s] = d["count"][3 * places + s]


@kernel
def list_violations(p, scratch, places, side):
    """List a side's draws in the first `places` places, the recorded violations and then the missed ones (E5.3, E5.4).

    The list has no gaps: the loops fill whole vectors, and the next draws overwrite what lies past the last place.
    """
    d = scratch[0]["draws"]
    coverage, mean = scratch[0]["by_place"][0], scratch[0]["intensity"][side]
    seen = 2 * places * side
    unseen = seen + places
    recorded, missed, N_accident = RECORDED[side], MISSED[side], p["N_accident"]
    for s in range(lanes(places)):
        mean[s] += N_accident * (p["l_s"][s] / 100.0) if p["kind_s"][s] != HUB else 0.0
    for s in range(lanes(places)):
        d["entity"][seen + s] = s
        d["stream"][seen + s] = recorded
        d["mean"][seen + s] = coverage[s] * mean[s]
    for s in range(lanes(places)):
        d["entity"][unseen + s] = s
        d["stream"][unseen + s] = missed
        d["mean"][unseen + s] = (1.0 - coverage[s]) * mean[s]


@kernel
def draw_local_deaths(params, state, week, scratch):
    """Draw the week's fatal violations by place, Europeans apart, and how many people they kill (E5.5, E5.6)."""
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
        more = 0
        if events > 0:
            more = poisson(p["extra_deaths"] * events, now["seed"], now["run"], now["week"], s, LOCAL_DEATHS)
        wk["local_deaths_s"][s] = events + more


@kernel
def tally_violations(params, state, week, out):
    """Add the week's violations, by what the side did in the place, and local deaths to the outcomes (E10.5)."""
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
        on_line = 1 if p["kind_s"][s] == LINE else 0
        recorded = wk["recorded_R_s"][s] + wk["recorded_U_s"][s]
        line += on_line * recorded
        line_true += on_line * (recorded + wk["missed_R_s"][s] + wk["missed_U_s"][s])
        events += wk["local_events_s"][s]
        deaths += wk["local_deaths_s"][s]
        disputes += 1 if wk["signal_s"][s] == DISPUTED and p["kind_s"][s] != HUB else 0
        intrusions += (1 if wk["action_R_s"][s] == PROBE else 0) + (1 if wk["action_U_s"][s] == PROBE else 0)
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
def by_action(action_s, action, recorded, missed, places):
    """Return a side's recorded and its true violations in the places where it took this action (E10.5)."""
    seen = true = 0
    for s in range(places):
        taken = 1 if action_s[s] == action else 0
        seen += taken * recorded[s]
        true += taken * (recorded[s] + missed[s])
    return seen, true


@kernel
def accusation_day(p, state, week):
    """Return the day of the week's first dispute, in days from the start (E10.10)."""
    now = state[0]
    earliest = 1.0
    for s in range(p["n_counted"]):
        if week[0]["signal_s"][s] == DISPUTED and p["kind_s"][s] != HUB:
            earliest = min(earliest, uniform(now["seed"], now["run"], now["week"], s, DAY, 0))
    return 7.0 * (now["week"] + earliest)
