"""Phase 8: what the week leaves: violations, deaths, vacated posts, spirals, rung (docs/model.md, sections 5 and 10).

Only European deaths, vacated posts, the void rule and the end of a run feed back; violations (`counts`) do not.
"""

from fragile_peace.codes import EndCause, Stream
from fragile_peace.kernels import compensators as event
from fragile_peace.kernels.chance.draws import SPLIT_LIMIT, bernoulli, split, uniform
from fragile_peace.kernels.chance.samplers import negative_binomial, poisson
from fragile_peace.kernels.counts import draw_local_deaths, draw_violations, tally_violations
from fragile_peace.kernels.incident.blocks import index
from fragile_peace.kernels.machine.jit import kernel

DEATHS, DEATHS_SPLIT = int(Stream.DEATHS), int(Stream.DEATHS_SPLIT)
SPIRAL = int(Stream.SPIRAL)
END_COALITION, END_US = int(EndCause.SPIRAL_COALITION), int(EndCause.SPIRAL_US)


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
    moves = max(w["action_R_s"][s], w["action_U_s"][s])
    hurt = (w["action_R_s"][s] == 3) | (w["K_s"][s] == 1)
    fought = (w["response_s"][s] == 1) | (w["reply_s"][s] >= 1)
    return 4 if fought else (3 if hurt else moves)


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
def tally_moves(P, X, W, O):
    """Add the week's moves and signals to the outcomes, and the troops that were in place."""
    w = W[0]
    o = O[0]
    p = P[X[0]["row"]]
    n = p["n_places"]
    for a in range(4):
        o["breaches_R"][a] += times(w["action_R_s"], a, n)
    for b in range(3):
        o["breaches_U"][b] += times(w["action_U_s"], b, n)
    o["attributed_R"] += times(w["signal_s"], index(1), n)
    o["attributed_U"] += times(w["signal_s"], index(2), n)
    wrong = 0
    for s in range(n):
        wrong += 1 if (w["signal_s"][s] == 1) & (w["action_R_s"][s] == 0) else 0
        wrong += 1 if (w["signal_s"][s] == 2) & (w["action_U_s"][s] == 0) else 0
    o["misattributed"] += wrong
    line = border = hubs = 0.0
    for s in range(n):
        troops, kind = w["m_s"][s], p["kind_s"][s]
        line += troops if kind == 0 else 0.0
        border += troops if kind == 1 else 0.0
        hubs += troops if kind == 2 else 0.0
    o["troop_years"][0] += line * 1000.0 / 52.0
    o["troop_years"][1] += border * 1000.0 / 52.0
    o["troop_years"][2] += hubs * 1000.0 / 52.0


@kernel
def times(values, wanted, n):
    """Return how many of the first n values are the wanted one."""
    found = 0
    for s in range(n):
        found += 1 if values[s] == wanted else 0
    return found


@kernel
def eventful(W, s):
    """Return whether a place saw more this week than moves below a strike and a quiet or unanswered signal."""
    w = W[0]
    answered = (w["response_s"][s] >= 0) | (w["decision_s"][s] >= 0) | (w["reply_s"][s] >= 0)
    return answered | (w["action_R_s"][s] == 3) | (w["K_s"][s] == 1)


@kernel
def tally_events(P, X, W, O, s):
    """Add what happened in an eventful place to the outcomes, note the firsts and mark the events."""
    x = X[0]
    w = W[0]
    o = O[0]
    kind = P[x["row"]]["kind_s"][s]
    a = w["action_R_s"][s]
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
    draw_violations(P, X, W, G, S)
    draw_local_deaths(P, X, W, S)
    tally_violations(P, X, W, O)
    tally_moves(P, X, W, O)
    rung = widest = blamed_raids = 0
    for s in range(p["n_places"]):
        rung = max(rung, place_rung(W, s))
        blamed_raids += 1 if (p["kind_s"][s] == 0) & (w["action_U_s"][s] == 2) & (w["signal_s"][s] == 2) else 0
    for s in range(p["n_places"]):
        if not eventful(W, s):
            continue
        if w["K_s"][s] == 1:
            european_deaths(P, X, W, O, s)
            if w["signal_s"][s] == 1:
                x["last_attributed"] = x["week"]
        if w["response_s"][s] == 2:
            x["vacant_until"][s, w["lead_s"][s]] = x["week"] + 1 + p["vacant_weeks"]
        w["spiral_s"][s] = spiral(P, X, W, s)
        widest = max(widest, w["spiral_s"][s])
        tally_events(P, X, W, O, s)
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
