"""The sentences of one place and week: moves, deaths, what the monitors find, response, guarantee, reply.

Every number is a field of WEEK or PARAMETERS.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from fragile_peace.codes import Action, Decision, PlaceKind, Reply, Response, Signal
from fragile_peace.words.telling import Event, Played
from fragile_peace.words.wording import chance, day, listed, number, percent


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
    does = ("complies", "probes", "raids", "strikes")
    found = ("nothing is established", "held against Russia", "held against Ukraine", "disputed")[signal]
    text = f"Russia {does[a]} ({percent(p_a)}), Ukraine {does[b]} ({percent(p_b)}); {found}"
    data: dict[str, Any] = {
        "russia": a.name.lower(), "p_russia": p_a, "ukraine": b.name.lower(), "p_ukraine": p_b,
        "signal": signal.name.lower(),
    }  # fmt: skip
    if w["response_s"][s] >= 0:
        data |= {"response": Response(int(w["response_s"][s])).name.lower(), "p_response": float(w["p_response_s"][s])}
        data["lead"] = _lead(played, s)
        text += f"; {data['lead']} reports ({percent(data['p_response'])})"
    return played.event("place", f"{text}.", s, None, **data)


def _moves(played: Played, s: int) -> Iterator[Event]:
    w, spot = played.week, played.scenario.places[s]
    a, b = Action(int(w["action_R_s"][s])), Action(int(w["action_U_s"][s]))
    p_a, p_b = float(w["p_action_R_s"][s]), float(w["p_action_U_s"][s])
    target = "the base" if spot.kind == PlaceKind.HUB else "the Europeans' post"
    russia = ("Russia keeps to the ceasefire", "Russia probes", "Russia raids", f"Russia strikes {target}")[a]
    data = {"action": a.name.lower(), "garrison": 1000 * float(w["m_s"][s]), "lead": _lead(played, s)}
    yield played.event("russia", f"{russia} ({chance(p_a)}).", s, p_a, **data)
    if spot.kind != PlaceKind.HUB:
        ukraine = ("Ukraine keeps to it", "Ukraine probes", "Ukraine raids")[b]
        if b == Action.COMPLY and a != Action.COMPLY:
            ukraine = "Ukraine keeps to the ceasefire"
        elif b == Action.COMPLY:
            ukraine = "So does Ukraine"
        yield played.event("ukraine", f"{ukraine} ({chance(p_b)}).", s, p_b, action=b.name.lower())


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
        how = "in the strike: meant" if meant else f"{_caught(w['action_R_s'][s], w['action_U_s'][s])}: collateral"
        text = f"{number(total)} European{' dies' if total == 1 else 's die'} ({by}), {how}."
        yield played.event("deaths", text, s, None, deaths=total, by_nation=dead, meant=bool(meant))
    elif meant:
        yield played.event("deaths", "Nobody is killed.", s, None, deaths=0, by_nation={}, meant=True)


def _caught(a: int, b: int) -> str:
    """Say in whose breach somebody who was not aimed at was caught."""
    breach = {Action.PROBE: "probe", Action.RAID: "raid"}
    sides = [f"a {side} {breach[Action(code)]}" for side, code in (("Russian", a), ("Ukrainian", b)) if code]
    return f"caught {'between' if len(sides) > 1 else 'in'} {listed(sides)}"


def _signal(played: Played, s: int) -> Event:
    w = played.week
    signal, K = Signal(int(w["signal_s"][s])), int(w["K_s"][s])
    russia, ukraine = bool(w["action_R_s"][s]), bool(w["action_U_s"][s])
    innocent = {Signal.RUSSIA: not russia, Signal.UKRAINE: not ukraine}.get(signal, False)
    if signal == Signal.QUIET:
        text = "No breach is established" + (": it goes unseen." if russia or ukraine else ".")
    elif signal == Signal.DISPUTED:
        innocent = not (russia or ukraine)
        text = "Who is to blame cannot be established; Moscow and Kyiv accuse each other"
        text += ", though neither broke the ceasefire: a false alarm that nobody settles." if innocent else "."
    else:
        side, other = ("Russia", "Ukraine") if signal == Signal.RUSSIA else ("Ukraine", "Russia")
        text = f"The monitors hold {side} responsible"
        if innocent:
            text += f", wrongly: {side} kept to it."
        else:
            text += f"; that {other} broke it too is not named." if russia and ukraine else "."
    return played.event("monitors", text, s, None, signal=signal.name.lower(), fatality=bool(K), wrong=bool(innocent))


def _response(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    if w["response_s"][s] < 0:
        return
    response, p = Response(int(w["response_s"][s])), float(w["p_response_s"][s])
    lead, data = _lead(played, s), {}
    text = ("reports it and stays", "returns fire", "pulls back")[response]
    after = ""
    if response == Response.PULL_BACK:
        back = played.t + 1 + int(played.parameters["vacant_weeks"])
        data = {"vacant_until_week": back}
        when = played.scenario.start_date + timedelta(weeks=back)
        after = f" Its posts there stay empty until {day(when)}." if back > played.t + 1 else " It is back next week."
    text = f"The contingent in the lead, {lead}, {text} ({chance(p)}).{after}"
    yield played.event("response", text, s, p, response=response.name.lower(), lead=lead, **data)


def _guarantee(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    if w["decision_s"][s] < 0:
        return
    decision, p = Decision(int(w["decision_s"][s])), float(w["p_decision_s"][s])
    text = ("declines to act", "answers with sanctions", "honours it with force")[decision]
    text = f"The guarantee is invoked: Washington {text} ({chance(p)})."
    yield played.event("guarantee", text, s, p, decision=decision.name.lower())


def _reply(played: Played, s: int) -> Iterator[Event]:
    w = played.week
    if w["reply_s"][s] < 0:
        return
    reply, p = Reply(int(w["reply_s"][s])), float(w["p_reply_s"][s])
    text = ("stands down", "holds its ground", "escalates")[reply]
    yield played.event("reply", f"Met with force, Russia {text} ({chance(p)}).", s, p, reply=reply.name.lower())
    if reply == Reply.ESCALATE:
        honoured = w["decision_s"][s] == Decision.HONOUR
        p = float(played.parameters["spiral_us" if honoured else "spiral_coalition"])
        widened = int(w["spiral_s"][s]) > 0
        who = "Russia and the United States" if honoured else "Russia and the coalition"
        text = f"The fighting spreads into a war between {who}" if widened else "The fighting does not spread further"
        p = p if widened else 1.0 - p
        yield played.event("spiral", f"{text} ({chance(p)}).", s, p, widened=widened, with_us=bool(honoured))
