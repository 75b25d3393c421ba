"""The sentences of one place and week: moves, deaths, what the monitors find, response, guarantee, reply.

Every number is a field of WEEK or PARAMETERS. The words are `SENTENCES`, which the browser edition takes as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from fragile_peace.codes import Action, Decision, PlaceKind, Reply, Response, Signal
from fragile_peace.words.telling import Event, Played
from fragile_peace.words.wording import chance, day, listed, number, percent

SENTENCES: dict[str, Any] = {
    "short": "Russia {russia} ({p_russia}), Ukraine {ukraine} ({p_ukraine}); {found}.",
    "short_reported": "Russia {russia} ({p_russia}), Ukraine {ukraine} ({p_ukraine}); {found}; {lead} reports ({p}).",
    "does": ("complies", "probes", "raids", "strikes"),
    "found": ("nothing is established", "held against Russia", "held against Ukraine", "disputed"),
    "russia": ("Russia keeps to the ceasefire", "Russia probes", "Russia raids", "Russia strikes {target}"),
    "target": ("the Europeans' post", "the base"),
    "ukraine": ("Ukraine keeps to the ceasefire", "Ukraine probes", "Ukraine raids"),
    "both_keep": "So does Ukraine",
    "move": "{move} ({chance}).",
    "die": ("{dead} European dies ({by}), {how}.", "{dead} Europeans die ({by}), {how}."),
    "none_killed": "Nobody is killed.",
    "meant": "in the strike: meant",
    "caught": ("caught in {breaches}: collateral", "caught between {breaches}: collateral"),
    "breach": (("", "a Russian probe", "a Russian raid"), ("", "a Ukrainian probe", "a Ukrainian raid")),
    "quiet": ("No breach is established.", "No breach is established: it goes unseen."),
    "disputed": (
        "Who is to blame cannot be established; Moscow and Kyiv accuse each other.",
        "Who is to blame cannot be established; Moscow and Kyiv accuse each other, though neither broke the ceasefire: "
        "a false alarm that nobody settles.",
    ),
    "blamed": "The monitors hold {side} responsible.",
    "blamed_wrongly": "The monitors hold {side} responsible, wrongly: {side} kept to it.",
    "blamed_alone": "The monitors hold {side} responsible; that {other} broke it too is not named.",
    "response": ("reports it and stays", "returns fire", "pulls back"),
    "responds": "The contingent in the lead, {lead}, {response} ({chance}).",
    "empty_until": "Its posts there stay empty until {day}.",
    "back": "It is back next week.",
    "decision": ("declines to act", "answers with sanctions", "honours it with force"),
    "invoked": "The guarantee is invoked: Washington {decision} ({chance}).",
    "reply": ("stands down", "holds its ground", "escalates"),
    "replies": "Met with force, Russia {reply} ({chance}).",
    "spreads": (
        "The fighting does not spread further",
        "The fighting spreads into a war between {parties}",
    ),
    "parties": ("Russia and the coalition", "Russia and the United States"),
}  # fmt: skip
"""What can be said of a place and week: tuples by code, or by no and yes; what is in braces is filled in."""


def at_place(played: Played, s: int) -> Iterator[Event]:
    """What happened in one place, move by move."""
    yield from _moves(played, s)
    yield from _fatality(played, s)
    yield _signal(played, s)
    yield from _response(played, s)
    yield from _guarantee(played, s)
    yield from _reply(played, s)


def in_short(played: Played, s: int) -> Event:
    """One place where nothing notable happened, in one sentence."""
    w = played.week
    a, b = Action(int(w["action_R_s"][s])), Action(int(w["action_U_s"][s]))
    p_a, p_b = float(w["p_action_R_s"][s]), float(w["p_action_U_s"][s])
    signal = Signal(int(w["signal_s"][s]))
    say = {
        "russia": SENTENCES["does"][a], "p_russia": percent(p_a), "ukraine": SENTENCES["does"][b],
        "p_ukraine": percent(p_b), "found": SENTENCES["found"][signal],
    }  # fmt: skip
    data: dict[str, Any] = {
        "russia": a.name.lower(), "p_russia": p_a, "ukraine": b.name.lower(), "p_ukraine": p_b,
        "signal": signal.name.lower(),
    }  # fmt: skip
    if w["response_s"][s] >= 0:
        data |= {"response": Response(int(w["response_s"][s])).name.lower(), "p_response": float(w["p_response_s"][s])}
        data["lead"] = _lead(played, s)
        say |= {"lead": data["lead"], "p": percent(data["p_response"])}
    text = SENTENCES["short_reported" if "lead" in say else "short"].format(**say)
    return played.event("place", text, s, None, **data)


def _moves(played: Played, s: int) -> Iterator[Event]:
    w, spot = played.week, played.scenario.places[s]
    a, b = Action(int(w["action_R_s"][s])), Action(int(w["action_U_s"][s]))
    p_a, p_b = float(w["p_action_R_s"][s]), float(w["p_action_U_s"][s])
    hub = spot.kind == PlaceKind.HUB
    russia = SENTENCES["russia"][a].format(target=SENTENCES["target"][hub])
    data = {"action": a.name.lower(), "garrison": 1000 * float(w["m_s"][s]), "lead": _lead(played, s)}
    yield played.event("russia", SENTENCES["move"].format(move=russia, chance=chance(p_a)), s, p_a, **data)
    if not hub:
        ukraine = SENTENCES["both_keep"] if a == b == Action.COMPLY else SENTENCES["ukraine"][b]
        text = SENTENCES["move"].format(move=ukraine, chance=chance(p_b))
        yield played.event("ukraine", text, s, p_b, action=b.name.lower())


def _lead(played: Played, s: int) -> str | None:
    lead = int(played.week["lead_s"][s])
    return played.scenario.contingents[lead].name if lead >= 0 else None


def _fatality(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    meant = w["action_R_s"][s] == Action.STRIKE
    if w["K_s"][s] == 1:
        each = w["deaths_sn"][s][: len(played.scenario.contingents)]
        dead = {c.name: int(n) for c, n in zip(played.scenario.contingents, each, strict=True) if n}
        total = int(w["deaths_s"][s])
        by = listed([f"{name} {number(n)}" for name, n in dead.items()])
        how = SENTENCES["meant"] if meant else _caught(w["action_R_s"][s], w["action_U_s"][s])
        text = SENTENCES["die"][total != 1].format(dead=number(total), by=by, how=how)
        yield played.event("deaths", text, s, None, deaths=total, by_nation=dead, meant=bool(meant))
    elif meant:
        yield played.event("deaths", SENTENCES["none_killed"], s, None, deaths=0, by_nation={}, meant=True)


def _caught(a: int, b: int) -> str:
    """Say in whose breach somebody who was not aimed at was caught."""
    breaches = [words[code] for words, code in zip(SENTENCES["breach"], (a, b), strict=True) if code]
    return str(SENTENCES["caught"][len(breaches) > 1].format(breaches=listed(breaches)))


def _signal(played: Played, s: int) -> Event:
    w = played.week
    signal, K = Signal(int(w["signal_s"][s])), int(w["K_s"][s])
    russia, ukraine = bool(w["action_R_s"][s]), bool(w["action_U_s"][s])
    innocent = {Signal.RUSSIA: not russia, Signal.UKRAINE: not ukraine}.get(signal, False)
    if signal == Signal.QUIET:
        text = SENTENCES["quiet"][russia or ukraine]
    elif signal == Signal.DISPUTED:
        innocent = not (russia or ukraine)
        text = SENTENCES["disputed"][innocent]
    else:
        side, other = ("Russia", "Ukraine") if signal == Signal.RUSSIA else ("Ukraine", "Russia")
        kind = "blamed_wrongly" if innocent else "blamed_alone" if russia and ukraine else "blamed"
        text = SENTENCES[kind].format(side=side, other=other)
    return played.event("monitors", text, s, None, signal=signal.name.lower(), fatality=bool(K), wrong=bool(innocent))


def _response(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    if w["response_s"][s] < 0:
        return
    response, p = Response(int(w["response_s"][s])), float(w["p_response_s"][s])
    lead, data = _lead(played, s), {}
    said = SENTENCES["response"][response]
    after = ""
    if response == Response.PULL_BACK:
        back = played.t + 1 + int(played.parameters["vacant_weeks"])
        data = {"vacant_until_week": back}
        when = played.scenario.start_date + timedelta(weeks=back)
        after = " " + SENTENCES["empty_until" if back > played.t + 1 else "back"].format(day=day(when))
    text = SENTENCES["responds"].format(lead=lead, response=said, chance=chance(p)) + after
    yield played.event("response", text, s, p, response=response.name.lower(), lead=lead, **data)


def _guarantee(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    if w["decision_s"][s] < 0:
        return
    decision, p = Decision(int(w["decision_s"][s])), float(w["p_decision_s"][s])
    text = SENTENCES["invoked"].format(decision=SENTENCES["decision"][decision], chance=chance(p))
    yield played.event("guarantee", text, s, p, decision=decision.name.lower())


def _reply(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    if w["reply_s"][s] < 0:
        return
    reply, p = Reply(int(w["reply_s"][s])), float(w["p_reply_s"][s])
    text = SENTENCES["replies"].format(reply=SENTENCES["reply"][reply], chance=chance(p))
    yield played.event("reply", text, s, p, reply=reply.name.lower())
    if reply == Reply.ESCALATE:
        honoured = w["decision_s"][s] == Decision.HONOUR
        p = float(played.parameters["spiral_us" if honoured else "spiral_coalition"])
        widened = int(w["spiral_s"][s]) > 0
        move = SENTENCES["spreads"][widened].format(parties=SENTENCES["parties"][bool(honoured)])
        p = p if widened else 1.0 - p
        text = SENTENCES["move"].format(move=move, chance=chance(p))
        yield played.event("spiral", text, s, p, widened=widened, with_us=bool(honoured))
