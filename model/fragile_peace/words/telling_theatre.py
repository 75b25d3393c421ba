"""The sentences of the whole theatre: what a week or a spell was like, the calendar, beliefs, who stays, the review.

Every number is a field of WEEK or PARAMETERS, or a sum or product of them over places and weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from fragile_peace.codes import Action, PlaceKind, Response, Rung, RussianType, Signal, UsType
from fragile_peace.codes import Event as Hazard
from fragile_peace.declared.scenario import Scenario
from fragile_peace.words.telling import LABELS, Event, Played
from fragile_peace.words.wording import chance, counted, intent, listed, moved, number, percent, times, words

NOTABLE_REVIEW = 0.05
"""A review of the ceasefire is told if either side's chance of ending it reached this."""
CALM_WEEK = "A calm week: neither side breaks the ceasefire on the line or the borders."
FULLY = 1.0 - 1e-9
WINTER = (12, 1, 2)


def week_head(played: Played) -> Event:
    """The week as a whole: its rung, and how likely the gravest thing in it was at its start."""
    hazards = {h.name.lower(): float(played.week["hazard"][h]) for h in Hazard if h != Hazard.WAR_RUSSIA_UKRAINE}
    text, p = CALM_WEEK if played.calm else "", None
    named = {
        Rung.STRIKE_OR_DEATH: ("strike_or_death", "a strike on Europeans, or a European death,"),
        Rung.EXCHANGE_OF_FIRE: ("exchange_of_fire", "an exchange of fire with Europeans"),
    }.get(Rung(played.rung))
    if played.of("spiral_s").any():
        named = ("collapse", "an incident that ends in a wider war")
    if named:
        p = hazards[named[0]]
        text = f"At the start of the week the chance of {named[1]} somewhere in it was {percent(p)} ({words(p)})."
    label = _label(played)
    return played.event(
        "week", text, None, p, rung=played.rung, rung_name=Rung(played.rung).name.lower(), label=label, hazards=hazards
    )


def _label(played: Played) -> str:
    dead = int(played.of("deaths_n").sum())
    killed = f"{counted(dead, 'European')} killed, {intent(played.meant, dead)}" if dead else ""
    if played.rung == Rung.STRIKE_OR_DEATH:
        return killed or "a strike, nobody killed"
    if played.rung == Rung.EXCHANGE_OF_FIRE:
        return LABELS[played.rung] + (f", {killed}" if killed else "")
    if played.rung < Rung.STRIKE_OR_DEATH and played.of("left_n").any():
        return "the coalition shrinks"
    if played.rung < Rung.STRIKE_OR_DEATH and (played.of("response_s") == Response.PULL_BACK).any():
        return "a contingent pulls back"
    return LABELS[played.rung]


def spell(weeks: Sequence[Played]) -> Event:
    """Weeks in which nothing notable happened, summed up."""
    first, last = weeks[0], weeks[-1]
    total = {
        name: np.sum([w.of(f"{name}_s") for w in weeks], axis=0)
        for name in ("recorded_R", "recorded_U", "missed_R", "missed_U")
    }
    by_place = total["recorded_R"] + total["recorded_U"]
    recorded = int(by_place.sum())
    true = recorded + int((total["missed_R"] + total["missed_U"]).sum())
    signals = np.concatenate([w.of("signal_s") for w in weeks])
    raids = [sum(int((w.of(name) == Action.RAID).sum()) for w in weeks) for name in ("action_R_s", "action_U_s")]
    deaths = sum(int(w.of("local_deaths_s").sum()) for w in weeks)
    reports = sum(int((w.of("response_s") == Response.REPORT).sum()) for w in weeks)
    found = {s.name.lower(): int((signals == s).sum()) for s in Signal if s != Signal.QUIET}
    rung = max(w.rung for w in weeks)
    data = {
        "until_week": last.t, "until_date": last.date.isoformat(), "rung": rung,
        "rung_name": Rung(rung).name.lower(), "label": LABELS[rung], "recorded": recorded, "true": true,
        "calm_weeks": sum(w.calm for w in weeks), "raids_russia": raids[0], "raids_ukraine": raids[1],
        "local_deaths": deaths, "reports": reports, "attributed": found,
    }  # fmt: skip
    text = " ".join(_spell_text(len(weeks), data, _worst(first.scenario, by_place)))
    return first.event("spell", text, None, None, **data)


def whole(played: Played) -> Event:
    """A told week in numbers, all places together."""
    data = spell([played]).data
    return played.event("counts", f"In the whole week: {'; '.join(_week_text(data))}.", None, None, **data)


def _spell_text(weeks: int, data: dict[str, Any], worst: str) -> Iterator[str]:
    recorded, true = data["recorded"], data["true"]
    yield from _calm_text(weeks, data["calm_weeks"])
    if true == 0:
        yield "No violation takes place."
        return
    rate = f", {number(recorded / weeks)} a week" if weeks > 1 and recorded >= weeks else ""
    kind = "accidental violation" if data["calm_weeks"] == weeks else "violation"
    yield f"The monitors record {number(recorded)} of {counted(true, kind)}{rate}{worst}."
    found = {side: number(n) if n else "none" for side, n in data["attributed"].items()}
    if any(data["attributed"].values()):
        blamed = data["attributed"]["russia"]
        yield (
            f"They lay {counted(blamed, 'breach', 'breaches')} at Russia's door and {found['ukraine']} at Ukraine's; "
            f"{found['disputed']} {'stays' if data['attributed']['disputed'] == 1 else 'stay'} disputed."
        )
    if data["raids_russia"] or data["raids_ukraine"]:
        yield f"Russia raids {times(data['raids_russia'])}, Ukraine {times(data['raids_ukraine'])}."
    if data["local_deaths"]:
        yield f"The fighting kills {number(data['local_deaths'])}."


def _calm_text(weeks: int, calm: int) -> Iterator[str]:
    if calm == weeks:
        yield CALM_WEEK if weeks == 1 else CALM_WEEK.replace("A calm week", f"{number(weeks)} calm weeks")
    elif calm:
        yield f"{number(calm)} of the {number(weeks)} weeks {'is' if calm == 1 else 'are'} calm."


def _week_text(data: dict[str, Any]) -> Iterator[str]:
    yield f"{number(data['recorded'])} of {counted(data['true'], 'violation')} recorded"
    if data["raids_russia"] or data["raids_ukraine"]:
        yield f"Russia raids {times(data['raids_russia'])}, Ukraine {times(data['raids_ukraine'])}"
    if data["local_deaths"]:
        yield f"the fighting kills {number(data['local_deaths'])}"


def _worst(scenario: Scenario, by_place: np.ndarray) -> str:
    """Name the places that hold half of the recorded violations, if they are at most three."""
    total, names, part = by_place.sum(), [], 0
    for s in np.argsort(-by_place, kind="stable")[:3]:
        part += by_place[s]
        names.append(scenario.places[int(s)].name)
        if 2 * part >= total > 20:
            return f", half of them at {listed(names)}" if len(names) > 1 else f", most of them at {names[0]}"
    return ""


def calendar(played: Played) -> Iterator[Event]:
    """Winter, deployment, scheduled changes, whether the guarantee is void."""
    winter = played.date.month in WINTER
    was = played.before is not None and (played.date - timedelta(weeks=1)).month in WINTER
    ramp, earlier = float(played.week["ramp"]), 0.0 if played.before is None else float(played.before["ramp"])
    troops = float(played.week["troops"])
    if winter != was:
        slow = float(played.parameters["winter_slowdown"])
        text = "Winter begins." if winter else "Winter is over."
        coming = played.t >= int(played.parameters["start_week"]) and 0 < troops and ramp < FULLY
        if coming and winter and slow > 0:
            text = f"Winter begins, with {percent(ramp)} of the force in place; the rest comes more slowly."
        yield played.event("winter", text, begins=winter, deployed=ramp)
    if troops > 0:
        yield from _deployment(played, ramp, earlier, troops)
    for change in played.scenario.schedule:
        if change.week == played.t:
            new = ", ".join(f"{name} = {value}" for name, value in change.set.items())
            yield played.event("change", f"From this week: {new}.", set=dict(change.set))
    void, voided = int(played.week["void"]), 0 if played.before is None else int(played.before["void"])
    if void != voided:
        text = "Ukrainian raids that were attributed void the guarantee." if void else "The guarantee applies again."
        yield played.event("void", text, void=bool(void))


def _deployment(played: Played, ramp: float, earlier: float, troops: float) -> Iterator[Event]:
    soldiers = number(1000 * troops)
    if earlier < FULLY <= ramp:
        text = f"The force is in place: {soldiers} troops."
    elif earlier < 0.5 <= ramp:
        text = f"Half of the force is in place: {soldiers} troops."
    elif earlier == 0.0 < ramp:
        text = f"The first {soldiers} troops take up their posts."
    else:
        return
    yield played.event("deployment", text, deployed=ramp, troops=1000 * troops)


def beliefs(first: Played, last: Played) -> Event:
    """Public beliefs before the first and after the last of some weeks."""
    mu, mu_after = float(first.week["mu_start"]), float(last.week["mu"])
    gamma, gamma_after = float(first.week["gamma_start"]), float(last.week["gamma"])
    russia, us = moved(mu, mu_after), moved(gamma, gamma_after)
    text = f"Belief that Russia is committed: {russia}; that Washington is steadfast: {us}."
    data = {"committed": [mu, mu_after], "steadfast": [gamma, gamma_after]}
    return last.event("beliefs", text, None, None, **data)


def types(played: Played) -> Iterator[Event]:
    """True types that were drawn anew and came out different."""
    russia, us = RussianType(played.kappa), UsType(played.tau)
    if played.kappa != played.week["kappa"]:
        text = f"Unseen by the others, Moscow changes: it is now {russia.name.lower()}."
        yield played.event("type", text, None, None, russia=russia.name.lower())
    if played.tau != played.week["tau"]:
        text = f"Unseen by the others, Washington changes: it is now {us.name.lower()}."
        yield played.event("type", text, None, None, us=us.name.lower())


def truce(played: Played) -> Iterator[Event]:
    """Recommitments: harvest, school and holiday truces."""
    n = int(played.week["recommitments"])
    if n:
        text = f"The parties renew the truce{'' if n == 1 else f' {times(n)}'}."
        yield played.event("truce", text, None, None, recommitments=n)


def accusation(played: Played) -> Iterator[Event]:
    """The first mutual accusation of the run."""
    if played.accusation is not None:
        kinds = [place.kind for place in played.scenario.places]
        here = [
            s for s, sigma in enumerate(played.of("signal_s")) if sigma == Signal.DISPUTED and kinds[s] != PlaceKind.HUB
        ]
        where = listed([played.scenario.places[s].name for s in here])
        text = f"Day {int(played.accusation) + 1}: Moscow and Kyiv accuse each other for the first time"
        text += f", over {where}." if len(here) == 1 else f" (disputed in this week: {where})."
        places = [played.scenario.places[s].name for s in here]
        yield played.event("accusation", text, None, None, day=played.accusation, places=places)


def commitment(played: Played) -> Iterator[Event]:
    """Domestic support after deaths; who stays and who leaves, with their chances of staying."""
    names = [c.name for c in played.scenario.contingents]
    dead = played.of("deaths_n")
    if dead.any():
        level = [c.support for c in played.scenario.contingents]
        start = level if played.before is None else played.before["support_n"]
        home = {n: [float(start[i]), float(played.week["support_n"][i])] for i, n in enumerate(names) if dead[i]}
        text = f"Support at home: {listed([f'{n} {moved(*pair)}' for n, pair in home.items()])}."
        yield played.event("support", text, None, None, support=home)
    asked = {n: float(p) for n, p in zip(names, played.of("p_stay_n"), strict=True) if p >= 0}
    if not asked:
        return
    left = played.nations(played.of("left_n"))
    cause = "After the deaths the coalition is put to the question" if dead.any() else "The mandate is up for renewal"
    if not left:
        low = min(asked.values())
        who = f"all {len(asked)} contingents stay" if len(asked) > 1 else f"{next(iter(asked))} stays"
        each = "the least willing" if len(asked) > 1 else "its chance of that"
        text = f"{cause}; {who} ({each}: {percent(low)})."
    else:
        gone = listed([f"{n} (its chance of staying was {percent(asked[n])})" for n in left])
        rest = [f"{n} ({percent(p)})" for n, p in asked.items() if n not in left]
        text = f"{cause}. Leaving for good: {gone}. " + (f"Staying: {listed(rest)}." if rest else "Nobody is left.")
    yield played.event("commitment", text, None, None, stay=asked, left=left)


def review(played: Played, least: float) -> Iterator[Event]:
    """The review of the ceasefire, if a chance of ending it reached `least` or it ended; then who fights."""
    w = played.week
    bluffing, committed = float(w["p_resume_bluffing"]), float(w["p_resume_committed"])
    if bluffing < 0 or (w["resumed"] == 0 and max(bluffing, committed, float(w["p_resume_ukraine"])) < least):
        return
    own, other = (committed, bluffing) if played.kappa else (bluffing, committed)
    resumed = int(w["resumed"]) == 1
    p = own if resumed else 1.0 - own
    does = "and goes back to war" if resumed else "and keeps it"
    kind, unlike = ("committed", "bluffing") if played.kappa else ("bluffing", "committed")
    same = percent(other if resumed else 1.0 - other)
    were = f"were it {unlike}: {same}" if other != own else "whatever its type"
    text = f"Moscow, which is {kind}, reviews the ceasefire {does} ({chance(p)}; {were})."
    data = {"bluffing": bluffing, "committed": committed, "russia": kind, "resumed": resumed}
    yield played.event("review", text, None, p, **data)
    if resumed:
        yield from _who_fights(played)
    ukraine = float(w["p_resume_ukraine"])
    if ukraine >= least or w["resumed"] == 2:
        ended = int(w["resumed"]) == 2
        p = ukraine if ended else 1.0 - ukraine
        text = f"Kyiv {'ends the ceasefire' if ended else 'too keeps it'} ({chance(p)})."
        yield played.event("review_ukraine", text, None, p, chance=ukraine, resumed=ended)


def reviews(weeks: Sequence[Played]) -> Iterator[Event]:
    """The reviews of a spell, all of which kept the ceasefire, in one event."""
    held = [w for w in weeks if w.week["p_resume_bluffing"] >= 0]
    if not held:
        return
    name = ("p_resume_bluffing", "p_resume_committed")
    chances = [float(w.week[name[w.kappa]]) for w in held]
    kyiv = max(float(w.week["p_resume_ukraine"]) for w in held)
    often = "once" if len(held) == 1 else f"{number(len(held))} times"
    low, high = percent(min(chances)), percent(max(chances))
    each = low if len(held) == 1 else (f"{low} each" if low == high else f"{low} to {high} each")
    kept = 1.0
    for p in chances:
        kept *= 1.0 - p
    text = f"Moscow reviews the ceasefire {often} and keeps it; its chance of going back to war was {each}"
    text += f", {percent(1.0 - kept)} together." if len(held) > 1 else "."
    text += f" Kyiv's was at most {percent(kyiv)}." if kyiv >= NOTABLE_REVIEW else ""
    data = [
        {
            "week": w.t, "bluffing": float(w.week["p_resume_bluffing"]),
            "committed": float(w.week["p_resume_committed"]), "ukraine": float(w.week["p_resume_ukraine"]),
            "russia": RussianType(w.kappa).name.lower(),
        }
        for w in held
    ]  # fmt: skip
    yield weeks[-1].event("reviews", text, None, kept, reviews=data)


def _who_fights(played: Played) -> Iterator[Event]:
    w = played.week
    us, p_us = bool(w["us_fights"] == 1), float(w["p_A"][played.tau])
    p = p_us if us else 1.0 - p_us
    text = f"Washington {'enters the war' if us else 'stays out of it'} ({chance(p)})."
    if p_us == 0.0:  # only a void guarantee makes it so
        text = "Washington stays out of it: the guarantee is void."
    yield played.event("war_us", text, None, p, fights=us, chance=p_us)
    if played.of("in_n").any():
        fights, p_E = bool(w["coalition_fights"] == 1), float(w["p_E"])
        p = p_E if fights else 1.0 - p_E
        text = f"The coalition {'fights' if fights else 'does not fight'} ({chance(p)})."
        yield played.event("war_coalition", text, None, p, fights=fights, chance=p_E)
