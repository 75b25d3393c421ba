"""Phase 8: what the week leaves: violations, deaths, vacated posts, spirals, rung (docs/model.md, sections 5 and 10).

Counts are outputs: nothing here but deaths, vacated posts, the void rule and the end of a run feeds back.
"""

from model.codes import EndCause, Stream
from model.kernels import compensators as event
from model.kernels.draws import SPLIT_LIMIT, bernoulli, split, uniform
from model.kernels.jit import kernel
from model.kernels.monitoring import season
from model.kernels.samplers import gammas, negative_binomial, poisson, poissons
from model.kernels.stage import LANES

INTENSITY = (int(Stream.INTENSITY_RUSSIA), int(Stream.INTENSITY_UKRAINE))
RECORDED = (int(Stream.RECORDED_RUSSIA), int(Stream.RECORDED_UKRAINE))
MISSED = (int(Stream.MISSED_RUSSIA), int(Stream.MISSED_UKRAINE))
LOCAL_EVENTS, LOCAL_DEATHS = int(Stream.LOCAL_EVENTS), int(Stream.LOCAL_DEATHS)
DEATHS, DEATHS_SPLIT = int(Stream.DEATHS), int(Stream.DEATHS_SPLIT)
U, V, FIRST, FACTOR, MEAN, SEEN = range(6)  # rows of SCRATCH's `draws`
SPIRAL, DAY = int(Stream.SPIRAL), int(Stream.DAY)
END_COALITION, END_US = int(EndCause.SPIRAL_COALITION), int(EndCause.SPIRAL_US)


@kernel
def violation_mean(N_class, l_s, w_s, r_s, x_s, fighting):
    """Return the mean of a side's single violations: N (l/100) w (1 - r)(1 + x) times the season."""
    return N_class * (l_s / 100.0) * w_s * (1.0 - r_s) * (1.0 + x_s) * fighting


@kernel
def intensities(P, X, W, S, side, fighting):
    """Set the mean violations of one side in every place, accidents included, in row MEAN of SCRATCH's `draws`."""
    x = X[0]
    w = W[0]
    k = S[0]["draws"]
    p = P[x["row"]]
    n = p["n_counted"]
    factor = k[FACTOR]
    means = k[MEAN]
    gammas(p["shape_v"], x["seed"], x["run"], x["week"], n, INTENSITY[side], factor, k[U], k[V])
    for s in range(n):
        means[s] = 0.0
        if p["kind_s"][s] != 2:
            a = w["action_R_s"][s] if side == 0 else w["action_U_s"][s]
            N_class = 0.0 if a == 0 else (p["N_probe"] if a == 1 else (p["N_raid"] if a == 2 else p["N_strike"]))
            l_s = p["l_s"][s]
            mean = violation_mean(N_class, l_s, p["w_s"][s], x["r_s"][s], x["x_s"][s], fighting)
            if mean > 0.0:
                mean *= factor[s] / p["shape_v"]
            means[s] = mean + p["N_accident"] * (l_s / 100.0)


@kernel
def draw_counts(P, X, W, G, S):
    """Draw the violations of both sides and the local fatal events of all places; none in a hub.

    What is recorded and what is missed are two Poissons that share one gamma intensity.
    """
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    n = p["n_counted"]
    seed, run, week = x["seed"], x["run"], x["week"]
    k = S[0]["draws"]
    means, seen, u, v, first = k[MEAN], k[SEEN], k[U], k[V], k[FIRST]
    fighting = season(p["season_amp"], float(w["day"]))
    for side in range(2):
        intensities(P, X, W, S, side, fighting)
        for s in range(n):
            e = G[s // LANES]["coverage"][s % LANES]
            seen[s] = e * means[s]
            means[s] = (1.0 - e) * means[s]
        recorded = w["recorded_R_s"] if side == 0 else w["recorded_U_s"]
        missed = w["missed_R_s"] if side == 0 else w["missed_U_s"]
        poissons(seen, seed, run, week, n, RECORDED[side], recorded, u, v, first)
        poissons(means, seed, run, week, n, MISSED[side], missed, u, v, first)
    rate = p["deaths_rate"] / 1000.0 / (1.0 + p["extra_deaths"])
    for s in range(n):
        true = w["recorded_R_s"][s] + w["recorded_U_s"][s] + w["missed_R_s"][s] + w["missed_U_s"][s]
        means[s] = rate * true
    poissons(means, seed, run, week, n, LOCAL_EVENTS, w["local_events_s"], u, v, first)


@kernel
def count_place(P, X, W, O, s):
    """Count the violations, local fatal events and deaths of a line or border place."""
    x = X[0]
    w = W[0]
    o = O[0]
    p = P[x["row"]]
    a = w["action_R_s"][s]
    b = w["action_U_s"][s]
    recorded_R = w["recorded_R_s"][s]
    recorded_U = w["recorded_U_s"][s]
    recorded = recorded_R + recorded_U
    true = recorded + w["missed_R_s"][s] + w["missed_U_s"][s]
    o["recorded_R"][a] += recorded_R
    o["recorded_U"][b] += recorded_U
    o["true_R"][a] += recorded_R + w["missed_R_s"][s]
    o["true_U"][b] += recorded_U + w["missed_U_s"][s]
    o["place_weeks"] += 1
    o["km_weeks"] += p["l_s"][s]
    if p["kind_s"][s] == 0:
        o["line_recorded"] += recorded
        o["line_true"] += true
        o["line_place_weeks"] += 1
        o["line_km_weeks"] += p["l_s"][s]
    if p["dmz_km"] > 0.0:
        o["dmz_intrusions"] += (1 if a == 1 else 0) + (1 if b == 1 else 0)
    events = w["local_events_s"][s]
    deaths = events + poisson(p["extra_deaths"] * events, x["seed"], x["run"], x["week"], s, LOCAL_DEATHS)
    w["local_deaths_s"][s] = deaths
    o["local_events"] += events
    o["local_deaths"] += deaths
    if w["signal_s"][s] == 3:
        o["disputed"] += 1
        first = o["first_accusation_day"]
        if first < 0.0 or first >= 7.0 * x["week"]:
            day = 7.0 * (x["week"] + uniform(x["seed"], x["run"], x["week"], s, DAY, 0))
            o["first_accusation_day"] = day if first < 0.0 else min(day, first)


@kernel
def european_deaths(P, X, W, O, s):
    """Draw the European deaths of a place where K = 1, at most all who are there, and share them out.

    `draws.split` shares out no more than SPLIT_LIMIT (half a million): more than any shipped force.
    """
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    m_s = w["m_s"][s]
    if w["action_R_s"][s] == 3:
        more = negative_binomial(p["d_strike"] * m_s, p["shape_d"], x["seed"], x["run"], x["week"], s, DEATHS)
    else:
        more = poisson(p["d_a"], x["seed"], x["run"], x["week"], s, DEATHS)
    deaths = max(1, min(1 + more, int(1000.0 * m_s), SPLIT_LIMIT))
    shares = w["deaths_sn"][s]
    split(deaths, w["garrison_sn"][s], p["n_contingents"], shares, x["seed"], x["run"], x["week"], s, DEATHS_SPLIT)
    w["deaths_s"][s] = deaths
    kind = p["kind_s"][s]
    O[0]["deaths"][kind] += deaths
    O[0]["fatal_place_weeks"][kind] += 1
    for n in range(p["n_contingents"]):
        w["deaths_n"][n] += shares[n]
        O[0]["deaths_n"][n] += shares[n]


@kernel
def place_rung(W, s):
    """Return the rung of the ladder that a place reached this week, wars apart."""
    w = W[0]
    if w["response_s"][s] == 1 or w["reply_s"][s] >= 1:
        return 4
    if w["action_R_s"][s] == 3 or w["K_s"][s] == 1:
        return 3
    return max(w["action_R_s"][s], w["action_U_s"][s])


@kernel
def spiral(P, X, W, s):
    """Draw whether an escalated reply widens: 0 no, 1 to the coalition, 2 to the United States."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    if w["reply_s"][s] != 2:
        return 0
    honoured = w["decision_s"][s] == 2
    chance = p["spiral_us"] if honoured else p["spiral_coalition"]
    if bernoulli(uniform(x["seed"], x["run"], x["week"], s, SPIRAL, 0), chance) == 0:
        return 0
    return 2 if honoured else 1


@kernel
def tally_place(P, X, W, O, s):
    """Add one place's week to the outcomes and note the firsts."""
    x = X[0]
    w = W[0]
    o = O[0]
    p = P[x["row"]]
    a = w["action_R_s"][s]
    b = w["action_U_s"][s]
    sigma = w["signal_s"][s]
    kind = p["kind_s"][s]
    o["breaches_R"][a] += 1
    o["breaches_U"][b] += 1
    o["attributed_R"] += 1 if sigma == 1 else 0
    o["attributed_U"] += 1 if sigma == 2 else 0
    o["misattributed"] += 1 if (sigma == 1 and a == 0) or (sigma == 2 and b == 0) else 0
    o["troop_years"][kind] += w["m_s"][s] * 1000.0 / 52.0
    if a == 3:
        o["strikes"][kind] += 1
        o["first_strike"] = first(o["first_strike"], x["week"])
    if w["response_s"][s] >= 0:
        o["responses"][w["response_s"][s]] += 1
    if w["decision_s"][s] >= 0:
        o["invocations"] += 1
        o["decisions"][w["decision_s"][s]] += 1
        event.mark(X, event.INVOKED)
        o["first_invocation"] = first(o["first_invocation"], x["week"])
        if w["decision_s"][s] == 2:
            event.mark(X, event.HONOURED)
            o["first_honour"] = first(o["first_honour"], x["week"])
    if w["reply_s"][s] >= 0:
        o["replies"][w["reply_s"][s]] += 1
    if w["K_s"][s] == 1:
        event.mark(X, event.EUROPEAN_DEATH)
        o["first_death"] = first(o["first_death"], x["week"])
    if a == 3 or w["K_s"][s] == 1:
        event.mark(X, event.STRIKE_OR_DEATH)
    if place_rung(W, s) == 4:
        o["exchanges"][kind] += 1
        event.mark(X, event.EXCHANGE)
        o["first_exchange"] = first(o["first_exchange"], x["week"])


@kernel("int64(int64, int64)")
def first(known, week):
    """Return the first week of something that happens this week: the known one, or this week if there is none."""
    return known if known >= 0 else week


@kernel
def aftermath(P, X, W, G, O, S):
    """Phase 8: counts, deaths, vacated posts, the records that later weeks read, spirals, the rung."""
    x = X[0]
    w = W[0]
    p = P[x["row"]]
    rung = 0
    widest = 0
    blamed_raids = 0
    draw_counts(P, X, W, G, S)
    for s in range(p["n_places"]):
        if p["kind_s"][s] != 2:
            count_place(P, X, W, O, s)
        if w["K_s"][s] == 1:
            european_deaths(P, X, W, O, s)
            if w["signal_s"][s] == 1:
                x["last_attributed"] = x["week"]
        if p["kind_s"][s] == 0 and w["action_U_s"][s] == 2 and w["signal_s"][s] == 2:
            blamed_raids += 1
        if w["response_s"][s] == 2:
            x["vacant_until"][s, w["lead_s"][s]] = x["week"] + 1 + p["vacant_weeks"]
        w["spiral_s"][s] = spiral(P, X, W, s)
        widest = max(widest, w["spiral_s"][s])
        rung = max(rung, place_rung(W, s))
        tally_place(P, X, W, O, s)
    if blamed_raids > 0 and blamed_raids >= p["void_share"] * p["n_line"]:
        x["last_void"] = x["week"]
    if widest > 0:
        rung = 5 + widest
        x["alive"] = 0
        O[0]["end_cause"] = END_US if widest == 2 else END_COALITION
        event.mark(X, event.COLLAPSE)
        event.mark(X, event.WAR_US if widest == 2 else event.WAR_COALITION)
        event.mark(X, event.SPIRAL_US if widest == 2 else event.SPIRAL_COALITION)
    w["rung"] = rung
