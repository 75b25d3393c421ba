"""The sentences with which a chronicle starts and ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np

from fragile_peace.codes import Decision, EndCause, Rung, RussianType, ThreatChoice, UsType
from fragile_peace.kernels.threat import LEVELS
from fragile_peace.outcomes import ABSENT
from fragile_peace.runs.ordinary import Ordinary
from fragile_peace.runs.single import SingleRun
from fragile_peace.words import telling, telling_truce
from fragile_peace.words.telling import Event, Played
from fragile_peace.words.wording import counted, day, intent, listed, moved, number, percent, plain, times

ENDINGS = {
    EndCause.HORIZON: "the ceasefire still holds on {until}, when the horizon is reached",
    EndCause.RESUMED_RUSSIA: "Russia ends the ceasefire",
    EndCause.RESUMED_UKRAINE: "Ukraine ends the ceasefire",
    EndCause.SPIRAL_COALITION: "an incident grows into a war between Russia and the coalition",
    EndCause.SPIRAL_US: "an incident grows into a war with the United States in it",
}


LOUDNESS = (
    "keeps silent about the force", "hints that the force would be a target", "calls the force a legitimate target",
    "loudly calls the force a legitimate target", "calls the force a legitimate target as loudly as it can",
)  # fmt: skip
"""What Moscow does before week 0, by the level that it chooses."""


def start(single: SingleRun, first: Played) -> Event:
    """Who is in and what is believed before week 0, and where the truce is heading."""
    scenario, w = single.scenario, first.week
    joined = [int(week) != ABSENT for week in single.outcomes["left_week_n"][: len(scenario.contingents)]]
    russia, us = RussianType(int(w["kappa"])), UsType(int(w["tau"]))
    ins = [c.name for c, flag in zip(scenario.contingents, joined, strict=True) if flag]
    outs = [c.name for c, flag in zip(scenario.contingents, joined, strict=True) if not flag]
    troops = sum(M for M, flag in zip(scenario.troops, joined, strict=True) if flag)
    if not scenario.contingents:
        force = "No European force is foreseen."
    elif ins:
        force = f"{listed(ins)} {'join' if len(ins) > 1 else 'joins'} the force, {number(1000 * troops)} troops in all."
        force += f" {listed(outs)} {'stay' if len(outs) > 1 else 'stays'} out." if outs else ""
    else:
        force = f"The force does not form: {listed(outs)} stay out."
    text = (
        f"On {day(scenario.start_date)} a ceasefire takes hold; the horizon is {counted(single.horizon, 'week')}. "
        f"{_heard(single, first)}{force} Unseen by the others, Russia is {russia.name.lower()} (believed committed: "
        f"{percent(float(w['mu_start']))}) and Washington is {us.name.lower()} (believed steadfast: "
        f"{percent(float(w['gamma_start']))}). {telling_truce.at_start(first)}"
    )
    data = {
        "russia": russia.name.lower(), "us": us.name.lower(), "joined": ins, "stayed_out": outs,
        "committed": float(w["mu_start"]), "steadfast": float(w["gamma_start"]), **telling_truce.standing(first),
        **_threat(single),
    }  # fmt: skip
    return Event(0, scenario.start_date, None, "start", text, None, data)


def _threat(single: SingleRun) -> dict[str, Any]:
    """How loudly Moscow chose to threaten, and how likely that was of either type; nothing if the threat was set."""
    if single.scenario.threat.choice == ThreatChoice.SET:
        return {}
    level = float(single.outcomes["threat"])
    start = single.parameters[0]
    so = single.parameters["theta"][start["threat_row"][: start["n_threats"]]] == level
    bluffing, committed = (float(p[: start["n_threats"]][so].sum()) for p in start["p_threat"])
    return {"threat": {"level": level, "p_bluffing": bluffing, "p_committed": committed}}


def _heard(single: SingleRun, first: Played) -> str:
    """What Moscow chose to threaten, how likely that was of either type, and what it made everybody believe."""
    for threat in _threat(single).values():
        level, prior = threat["level"], single.scenario.threat.credibility
        belief = moved(prior, float(first.week["mu_start"]))
        return (
            f"Before that, Moscow {LOUDNESS[LEVELS.index(level)]} ({plain(level)} of 1), as it would with a chance of "
            f"{percent(threat['p_bluffing'])} if it bluffs and of {percent(threat['p_committed'])} if it means it; "
            f"belief that it means it: {belief}. "
        )
    return ""


def end(single: SingleRun, last: Played) -> Event:
    """How the run ended and what it left."""
    o, scenario = single.outcomes, single.scenario
    cause = EndCause(int(o["end_cause"]))
    until = scenario.start_date + timedelta(weeks=int(o["weeks"]))
    why = ENDINGS[cause].format(until=day(until))
    dead = {c.name: int(n) for c, n in zip(scenario.contingents, o["deaths_n"], strict=False) if n}
    record, true = int(o["recorded_R"].sum() + o["recorded_U"].sum()), int(o["true_R"].sum() + o["true_U"].sum())
    parts = [
        f"After {counted(int(o['weeks']), 'week')}, {why}.",
        f"The monitors recorded {number(record)} of {counted(true, 'violation')}; "
        f"the fighting killed {number(int(o['local_deaths']))}.",
        telling_truce.at_end(last),
        *(_force_at_end(o, last, dead) if scenario.contingents else ()),
        f"Russia was {RussianType(int(o['kappa'])).name.lower()} at the end (believed committed: "
        f"{percent(float(o['mu']))}), Washington {UsType(int(o['tau'])).name.lower()} (believed steadfast: "
        f"{percent(float(o['gamma']))}).",
    ]
    data = {
        "end_cause": cause.name.lower(), "weeks": int(o["weeks"]), "until_date": until.isoformat(),
        "rung": int(o["rung"]), "rung_name": Rung(int(o["rung"])).name.lower(), "deaths": sum(dead.values()),
        "strike_deaths": int(o["strike_deaths"]), "by_nation": dead,
        "label": telling.LABELS[last.rung if cause != EndCause.HORIZON else int(o["rung"])],
        **telling_truce.standing(last),
    }  # fmt: skip
    return Event(last.t, last.date, None, "end", " ".join(parts), None, data)


def _force_at_end(o: np.void, last: Played, dead: dict[str, int]) -> Iterator[str]:
    """What became of the force: its dead, the guarantee, who is still there."""
    deaths, strikes = sum(dead.values()), int(o["strikes"].sum())
    by = f" ({listed([f'{n} {number(k)}' for n, k in dead.items()])})" if dead else ""
    killed = f"{counted(deaths, 'European')} {'was' if deaths == 1 else 'were'}" if deaths else "No European was"
    struck = f"struck the force {times(strikes)}" if strikes else "never struck the force"
    how = f", {intent(int(o['strike_deaths']), deaths)}" if deaths else ""
    yield f"{killed} killed{by}{how}; Russia {struck}."
    invoked, honoured = int(o["invocations"]), int(o["decisions"][Decision.HONOUR])
    yield (
        f"The guarantee was invoked {times(invoked)} and honoured {times(honoured)}."
        if invoked
        else "The guarantee was never invoked."
    )
    stay = last.nations(last.of("in_n"))
    nations = zip(last.scenario.contingents, o["left_week_n"], strict=False)
    gone = {c.name: int(t) for c, t in nations if t >= 0}
    left = f"; left: {listed([f'{n} (week {t})' for n, t in gone.items()])}" if gone else ""
    yield f"Still in the coalition: {listed(stay) if stay else 'nobody'}{left}."


def rule(chosen: Ordinary, seed: int) -> str:
    """Say by which rule a run was chosen, without how it ends."""
    return (
        f"This is run {chosen.run} of seed {seed}, the most ordinary of the first {chosen.among}: it ends as most of "
        "them do, and of those that end so its violations on the line are nearest to the median."
    )


def why(chosen: Ordinary) -> str:
    """Say how ordinary a run is that was chosen by the rule."""
    return (
        f"It is the most ordinary of the first {chosen.among}: {chosen.alike} of them end so, with a median of "
        f"{number(chosen.median)} violations on the line, recorded or missed; it has {number(chosen.violations)}."
    )


def chosen_data(chosen: Ordinary) -> dict[str, Any]:
    """Return the same as plain data."""
    return asdict(chosen) | {"end_cause": chosen.end_cause.name.lower()}
