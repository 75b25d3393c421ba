"""What a week leaves behind: violations, deaths, vacated posts, spirals, its rung (docs/model.md, sections 5 and 10).

Only European deaths, vacated posts, the void rule and the end of a run feed back; violations (`counts`) do not.

Index conventions: s place, n contingent. Readable twin: `aftermath` of `reference.theatre` and of `Place` in
`reference.agents`, with `Place.rung`.
"""

from fragile_peace.codes import (
    Action,
    Decision,
    EndCause,
    PlaceKind,
    Reply,
    Response,
    Rung,
    Signal,
    Spiral,
    Stream,
)
from fragile_peace.kernels import compensators as event
from fragile_peace.kernels.casualties import european_deaths
from fragile_peace.kernels.chance.draws import bernoulli, uniform
from fragile_peace.kernels.counts import draw_local_deaths, draw_violations, tally_violations
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

SPIRAL = int(Stream.SPIRAL)
LINE, BORDER, HUB = int(PlaceKind.LINE), int(PlaceKind.BORDER), int(PlaceKind.HUB)
COMPLY, RAID, STRIKE = int(Action.COMPLY), int(Action.RAID), int(Action.STRIKE)
RUSSIA, UKRAINE = int(Signal.RUSSIA), int(Signal.UKRAINE)
FIRE, PULL_BACK, HONOUR = int(Response.FIRE), int(Response.PULL_BACK), int(Decision.HONOUR)
HOLD, ESCALATE = int(Reply.HOLD), int(Reply.ESCALATE)
CONTAINED, TO_COALITION, TO_US = int(Spiral.NONE), int(Spiral.COALITION), int(Spiral.US)
RUNG_HURT, RUNG_FOUGHT = int(Rung.STRIKE_OR_DEATH), int(Rung.EXCHANGE_OF_FIRE)
RUNG_COALITION, RUNG_US = int(Rung.WAR_RUSSIA_COALITION), int(Rung.WAR_WITH_US)
END_COALITION, END_US = int(EndCause.SPIRAL_COALITION), int(EndCause.SPIRAL_US)


@kernel
def place_rung(week, s):
    """Return the rung of the ladder that a place reached this week, wars apart (E10.1)."""
    wk = week[0]
    moves = max(wk["action_R_s"][s], wk["action_U_s"][s])  # the lowest rungs have the codes of the actions
    hurt = (wk["action_R_s"][s] == STRIKE) | (wk["K_s"][s] == 1)
    fought = (wk["response_s"][s] == FIRE) | (wk["reply_s"][s] >= HOLD)
    return RUNG_FOUGHT if fought else (RUNG_HURT if hurt else moves)


@kernel
def spiral(params, state, week, s):
    """Draw how far an escalated reply spreads, as a code of `Spiral` (E10.2)."""
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    if wk["reply_s"][s] != ESCALATE:
        return CONTAINED
    honoured = wk["decision_s"][s] == HONOUR
    chance = p["spiral_us"] if honoured else p["spiral_coalition"]
    if bernoulli(uniform(now["seed"], now["run"], now["week"], s, SPIRAL, 0), chance) == 0:
        return CONTAINED
    return TO_US if honoured else TO_COALITION


@kernel
def tally_moves(params, state, week, out):
    """Add the week's moves and signals to the outcomes, and the troops that were in place (E10.6, E10.7)."""
    wk = week[0]
    tally = out[0]
    p = params[state[0]["row"]]
    places = p["n_places"]
    for a in range(4):
        tally["breaches_R"][a] += times(wk["action_R_s"], a, places)
    for b in range(3):
        tally["breaches_U"][b] += times(wk["action_U_s"], b, places)
    tally["attributed_R"] += times(wk["signal_s"], index(RUSSIA), places)
    tally["attributed_U"] += times(wk["signal_s"], index(UKRAINE), places)
    wrong = 0
    for s in range(places):
        wrong += 1 if (wk["signal_s"][s] == RUSSIA) & (wk["action_R_s"][s] == COMPLY) else 0
        wrong += 1 if (wk["signal_s"][s] == UKRAINE) & (wk["action_U_s"][s] == COMPLY) else 0
    tally["misattributed"] += wrong
    line = border = hubs = 0.0
    for s in range(places):
        troops, kind = wk["m_s"][s], p["kind_s"][s]
        line += troops if kind == LINE else 0.0
        border += troops if kind == BORDER else 0.0
        hubs += troops if kind == HUB else 0.0
    tally["troop_years"][LINE] += line * 1000.0 / 52.0
    tally["troop_years"][BORDER] += border * 1000.0 / 52.0
    tally["troop_years"][HUB] += hubs * 1000.0 / 52.0


@kernel
def times(codes_s, code, places):
    """Return in how many of the first `places` places this code stands (E10.6)."""
    found = 0
    for s in range(places):
        found += 1 if codes_s[s] == code else 0
    return found


@kernel
def eventful(week, s):
    """Return whether a place saw a strike, a European death, a response, a decision or a reply this week (E10.8)."""
    wk = week[0]
    answered = (wk["response_s"][s] >= 0) | (wk["decision_s"][s] >= 0) | (wk["reply_s"][s] >= 0)
    return answered | (wk["action_R_s"][s] == STRIKE) | (wk["K_s"][s] == 1)


@kernel
def tally_events(params, state, week, out, s):
    """Add what happened in an eventful place to the outcomes: totals, first weeks, events (E10.8, E10.9, E10.12)."""
    now = state[0]
    wk = week[0]
    tally = out[0]
    kind = params[now["row"]]["kind_s"][s]
    struck = wk["action_R_s"][s] == STRIKE
    if struck:
        tally["strikes"][kind] += 1
        tally["first_strike"] = first(tally["first_strike"], now["week"])
    if wk["response_s"][s] >= 0:
        tally["responses"][wk["response_s"][s]] += 1
    if wk["decision_s"][s] >= 0:
        tally["invocations"] += 1
        tally["decisions"][wk["decision_s"][s]] += 1
        event.mark(state, event.INVOKED)
        tally["first_invocation"] = first(tally["first_invocation"], now["week"])
        if wk["decision_s"][s] == HONOUR:
            event.mark(state, event.HONOURED)
            tally["first_honour"] = first(tally["first_honour"], now["week"])
    if wk["reply_s"][s] >= 0:
        tally["replies"][wk["reply_s"][s]] += 1
    if wk["K_s"][s] == 1:
        event.mark(state, event.EUROPEAN_DEATH)
        tally["first_death"] = first(tally["first_death"], now["week"])
    if struck or wk["K_s"][s] == 1:
        event.mark(state, event.STRIKE_OR_DEATH)
    if place_rung(week, s) == RUNG_FOUGHT:
        tally["exchanges"][kind] += 1
        event.mark(state, event.EXCHANGE)
        tally["first_exchange"] = first(tally["first_exchange"], now["week"])


@kernel("int64(int64, int64)")
def first(known, week):
    """Return the first week of what happens this week: the one known, or this week if there is none yet (E10.9)."""
    return known if known >= 0 else week


@kernel
def aftermath(params, state, week, games, out, scratch):
    """The week's violations and deaths are counted, posts vacated, spirals drawn and the rung set (E3.8).

    Later weeks read what is recorded here: attributed European deaths (E4.7), raids that void the guarantee (E4.8) and
    vacated posts (E7.13). A spiral ends the run at the rung it reaches (E10.3).
    """
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    draw_violations(params, state, week, games, scratch)
    draw_local_deaths(params, state, week, scratch)
    tally_violations(params, state, week, out)
    tally_moves(params, state, week, out)
    rung = blamed_raids = 0
    widest = CONTAINED
    for s in range(p["n_places"]):
        rung = max(rung, place_rung(week, s))
        blamed = (wk["action_U_s"][s] == RAID) & (wk["signal_s"][s] == UKRAINE)
        blamed_raids += 1 if (p["kind_s"][s] == LINE) & blamed else 0
    for s in range(p["n_places"]):
        if not eventful(week, s):
            continue
        if wk["K_s"][s] == 1:
            european_deaths(params, state, week, out, s)
            if wk["signal_s"][s] == RUSSIA:
                now["last_attributed"] = now["week"]
        if wk["response_s"][s] == PULL_BACK:
            now["vacant_until"][s, wk["lead_s"][s]] = now["week"] + 1 + p["vacant_weeks"]
        wk["spiral_s"][s] = spiral(params, state, week, s)
        widest = max(widest, wk["spiral_s"][s])
        tally_events(params, state, week, out, s)
    if blamed_raids > 0 and blamed_raids >= p["void_share"] * p["n_line"]:
        now["last_void"] = now["week"]
    if widest != CONTAINED:
        rung = RUNG_US if widest == TO_US else RUNG_COALITION
        now["alive"] = 0
        out[0]["end_cause"] = END_US if widest == TO_US else END_COALITION
        event.mark(state, event.COLLAPSE)
        event.mark(state, event.WAR_US if widest == TO_US else event.WAR_COALITION)
        event.mark(state, event.SPIRAL_US if widest == TO_US else event.SPIRAL_COALITION)
    wk["rung"] = rung
