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
def european_deaths(params, state, week, out, s):
    """Draw the European deaths of a place where K = 1, at most all who are there, and share them out.

    `draws.split` shares out no more than SPLIT_LIMIT (half a million): more than any shipped force.
    """
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    m_s = wk["m_s"][s]
    if wk["action_R_s"][s] == 3:
        more = negative_binomial(p["d_strike"] * m_s, p["shape_d"], now["seed"], now["run"], now["week"], s, DEATHS)
    else:
        more = poisson(p["d_a"], now["seed"], now["run"], now["week"], s, DEATHS)
    deaths = max(1, min(1 + more, int(1000.0 * m_s), SPLIT_LIMIT))
    shares = wk["deaths_sn"][s]
    when = now["seed"], now["run"], now["week"]
    split(deaths, wk["garrison_sn"][s], p["n_contingents"], shares, when, s, DEATHS_SPLIT)
    wk["deaths_s"][s] = deaths
    kind = p["kind_s"][s]
    out[0]["deaths"][kind] += deaths
    out[0]["fatal_place_weeks"][kind] += 1
    for n in range(p["n_contingents"]):
        wk["deaths_n"][n] += shares[n]
        out[0]["deaths_n"][n] += shares[n]


@kernel
def place_rung(week, s):
    """Return the rung of the ladder that a place reached this week, wars apart."""
    wk = week[0]
    moves = max(wk["action_R_s"][s], wk["action_U_s"][s])
    hurt = (wk["action_R_s"][s] == 3) | (wk["K_s"][s] == 1)
    fought = (wk["response_s"][s] == 1) | (wk["reply_s"][s] >= 1)
    return 4 if fought else (3 if hurt else moves)


@kernel
def spiral(params, state, week, s):
    """Draw whether an escalated reply widens: 0 no, 1 to the coalition, 2 to the United States."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    if wk["reply_s"][s] != 2:
        return 0
    honoured = wk["decision_s"][s] == 2
    chance = p["spiral_us"] if honoured else p["spiral_coalition"]
    if bernoulli(uniform(now["seed"], now["run"], now["week"], s, SPIRAL, 0), chance) == 0:
        return 0
    return 2 if honoured else 1


@kernel
def tally_moves(params, state, week, out):
    """Add the week's moves and signals to the outcomes, and the troops that were in place."""
    wk = week[0]
    tally = out[0]
    p = params[state[0]["row"]]
    n = p["n_places"]
    for a in range(4):
        tally["breaches_R"][a] += times(wk["action_R_s"], a, n)
    for b in range(3):
        tally["breaches_U"][b] += times(wk["action_U_s"], b, n)
    tally["attributed_R"] += times(wk["signal_s"], index(1), n)
    tally["attributed_U"] += times(wk["signal_s"], index(2), n)
    wrong = 0
    for s in range(n):
        wrong += 1 if (wk["signal_s"][s] == 1) & (wk["action_R_s"][s] == 0) else 0
        wrong += 1 if (wk["signal_s"][s] == 2) & (wk["action_U_s"][s] == 0) else 0
    tally["misattributed"] += wrong
    line = border = hubs = 0.0
    for s in range(n):
        troops, kind = wk["m_s"][s], p["kind_s"][s]
        line += troops if kind == 0 else 0.0
        border += troops if kind == 1 else 0.0
        hubs += troops if kind == 2 else 0.0
    tally["troop_years"][0] += line * 1000.0 / 52.0
    tally["troop_years"][1] += border * 1000.0 / 52.0
    tally["troop_years"][2] += hubs * 1000.0 / 52.0


@kernel
def times(values, wanted, n):
    """Return how many of the first n values are the wanted one."""
    found = 0
    for s in range(n):
        found += 1 if values[s] == wanted else 0
    return found


@kernel
def eventful(week, s):
    """Return whether a place saw more this week than moves below a strike and a quiet or unanswered signal."""
    wk = week[0]
    answered = (wk["response_s"][s] >= 0) | (wk["decision_s"][s] >= 0) | (wk["reply_s"][s] >= 0)
    return answered | (wk["action_R_s"][s] == 3) | (wk["K_s"][s] == 1)


@kernel
def tally_events(params, state, week, out, s):
    """Add what happened in an eventful place to the outcomes, note the firsts and mark the events."""
    now = state[0]
    wk = week[0]
    tally = out[0]
    kind = params[now["row"]]["kind_s"][s]
    a = wk["action_R_s"][s]
    if a == 3:
        tally["strikes"][kind] += 1
        tally["first_strike"] = first(tally["first_strike"], now["week"])
    if wk["response_s"][s] >= 0:
        tally["responses"][wk["response_s"][s]] += 1
    if wk["decision_s"][s] >= 0:
        tally["invocations"] += 1
        tally["decisions"][wk["decision_s"][s]] += 1
        event.mark(state, event.INVOKED)
        tally["first_invocation"] = first(tally["first_invocation"], now["week"])
        if wk["decision_s"][s] == 2:
            event.mark(state, event.HONOURED)
            tally["first_honour"] = first(tally["first_honour"], now["week"])
    if wk["reply_s"][s] >= 0:
        tally["replies"][wk["reply_s"][s]] += 1
    if wk["K_s"][s] == 1:
        event.mark(state, event.EUROPEAN_DEATH)
        tally["first_death"] = first(tally["first_death"], now["week"])
    if a == 3 or wk["K_s"][s] == 1:
        event.mark(state, event.STRIKE_OR_DEATH)
    if place_rung(week, s) == 4:
        tally["exchanges"][kind] += 1
        event.mark(state, event.EXCHANGE)
        tally["first_exchange"] = first(tally["first_exchange"], now["week"])


@kernel("int64(int64, int64)")
def first(known, week):
    """Return the first week of something that happens this week: the known one, or this week if there is none."""
    return known if known >= 0 else week


@kernel
def aftermath(params, state, week, games, out, scratch):
    """Phase 8: counts, deaths, vacated posts, the records that later weeks read, spirals, the rung."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    draw_violations(params, state, week, games, scratch)
    draw_local_deaths(params, state, week, scratch)
    tally_violations(params, state, week, out)
    tally_moves(params, state, week, out)
    rung = widest = blamed_raids = 0
    for s in range(p["n_places"]):
        rung = max(rung, place_rung(week, s))
        blamed_raids += 1 if (p["kind_s"][s] == 0) & (wk["action_U_s"][s] == 2) & (wk["signal_s"][s] == 2) else 0
    for s in range(p["n_places"]):
        if not eventful(week, s):
            continue
        if wk["K_s"][s] == 1:
            european_deaths(params, state, week, out, s)
            if wk["signal_s"][s] == 1:
                now["last_attributed"] = now["week"]
        if wk["response_s"][s] == 2:
            now["vacant_until"][s, wk["lead_s"][s]] = now["week"] + 1 + p["vacant_weeks"]
        wk["spiral_s"][s] = spiral(params, state, week, s)
        widest = max(widest, wk["spiral_s"][s])
        tally_events(params, state, week, out, s)
    if blamed_raids > 0 and blamed_raids >= p["void_share"] * p["n_line"]:
        now["last_void"] = now["week"]
    if widest > 0:
        rung = 5 + widest
        now["alive"] = 0
        out[0]["end_cause"] = END_US if widest == 2 else END_COALITION
        event.mark(state, event.COLLAPSE)
        event.mark(state, event.WAR_US if widest == 2 else event.WAR_COALITION)
        event.mark(state, event.SPIRAL_US if widest == 2 else event.SPIRAL_COALITION)
    wk["rung"] = rung
