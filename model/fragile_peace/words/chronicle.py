"""One run told in words: who did what, where and when, how likely it was, and what everyone came to believe.

`chronicle(scenario, seed, run)` plays the run week by week (`runs.single.SingleRun`) and returns its events. The text
(`lines`) and the plain data (`to_dict`) are two views of the same tuple of events. Weeks in which nobody is killed,
struck, fired at or leaves are summed up as spells; with `every_week` each week and each place that stirred is told.

Chances are those with which the model drew what happened: the equilibrium strategies of the players' true types, which
the players themselves do not know of each other.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.outcomes import ABSENT, FLAG, NEVER, TABLE, Outcome
from fragile_peace.runs.ordinary import Ordinary
from fragile_peace.runs.restraint import Basin, basin, expected_change
from fragile_peace.runs.single import SingleRun
from fragile_peace.words import telling, telling_ends, telling_place, telling_theatre, telling_truce
from fragile_peace.words.telling import Event, Played
from fragile_peace.words.wording import SCALE, day, short_day, span

SCHEMA = 1
WIDTH = 80
LONGEST_SPELL = 16
"""Weeks; a longer spell is told in equal parts, so that its drift can be read, unless it is calm all the way."""
LONG_CALM = 4
"""Weeks; so many calm ones in a row make a spell of their own."""
REPLAY = "Replay:"
CAVEAT = "One possible future of an exploratory model, not a forecast."
_HEADS = ("start", "spell", "week", "end")
_UNDATED = ("beliefs", "restraint", "reviews")


@dataclass(frozen=True)
class Block:
    """A heading and its paragraphs, each a label (a date, a place, or nothing) and a text, not yet wrapped.

    `rung` is the highest of the block's weeks, -1 where it has none.
    """

    heading: str
    rung: int
    paragraphs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chronicle:
    """A run and its events.

    Attributes
    ----------
    scenario, seed, run, weeks : what was run; `weeks` is the horizon
    every_week : whether each week is told
    events : in the order in which they happened
    outcomes : the OUTCOMES row with names for codes and None for "never"
    command : what replays the run
    chosen : why this run, if it was chosen as an ordinary one
    """

    scenario: Scenario
    seed: int
    run: int
    weeks: int
    every_week: bool
    events: tuple[Event, ...]
    outcomes: dict[str, Any]
    command: str
    chosen: Ordinary | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data that JSON can hold."""
        return {
            "schema": SCHEMA,
            "note": CAVEAT,
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "digest": self.scenario.digest,
            "seed": self.seed,
            "run": self.run,
            "chosen": telling_ends.chosen_data(self.chosen) if self.chosen else None,
            "weeks": self.weeks,
            "start_date": self.scenario.start_date.isoformat(),
            "every_week": self.every_week,
            "command": self.command,
            "scale": [{"from": low, "term": term} for low, term in SCALE],
            "events": [event.to_dict() for event in self.events],
            "outcomes": self.outcomes,
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the text block by block."""
        groups: list[list[Event]] = []
        for event in self.events:
            if event.kind in _HEADS:
                groups.append([])
            groups[-1].append(event)
        for head, *rest in groups:
            rule = (("", telling_ends.rule(self.chosen, self.seed)),) if self.chosen and head.kind == "start" else ()
            paragraphs = (*_paragraphs(head, rest), *rule)
            yield Block(_heading(head, self.scenario), head.data.get("rung", -1), paragraphs)
        about = f"Scenario {self.scenario.name} (digest {self.scenario.digest[:12]}), seed {self.seed}, run {self.run}."
        about += f" {telling_ends.why(self.chosen)}" if self.chosen else ""
        yield Block("", -1, (("", f"{CAVEAT} {about}"), (REPLAY, self.command)))

    def lines(self, width: int = WIDTH) -> list[str]:
        """Return the text, wrapped to a width."""
        lines: list[str] = []
        for block in self.blocks():
            lines += textwrap.wrap(block.heading, width)
            lines += wrapped(block, width)
            lines.append("")
        return lines[:-1]


def wrapped(block: Block, width: int) -> list[str]:
    """Return a block's paragraphs as lines of at most `width` columns, indented under its heading."""
    indent = "  " if block.heading else ""
    lines: list[str] = []
    for label, text in block.paragraphs:
        first = f"{indent}{label}  " if label else indent
        if label == REPLAY:  # a command is copied, so it is never broken
            lines.append(f"{label} {text}")
            continue
        hang = " " * len(first) if label and not label.endswith(":") else indent + "  " * bool(label)
        lines += textwrap.wrap(text, width, initial_indent=first, subsequent_indent=hang, break_on_hyphens=False)
    return lines


def chronicle(
    scenario: Scenario,
    seed: int = 0,
    run: int = 0,
    weeks: int | None = None,
    *,
    every_week: bool = False,
    command: str | None = None,
    chosen: Ordinary | None = None,
) -> Chronicle:
    """Play one run and tell it.

    Parameters
    ----------
    scenario, seed, run : what to run; run `run` of `simulate([scenario], ..., seed)` is the same run, bit for bit
    weeks : horizon, 1 to 1040; the scenario's own if omitted
    every_week : tell each week and each place that stirred, instead of the notable ones and spells between them
    command : the command line that replays the run; made from the scenario's name if omitted
    chosen : what `runs.ordinary` says of the run, if it chose it; it is told

    Raises
    ------
    InputError : seed, run or weeks out of range
    SolverError : a game could not be solved
    """
    single = SingleRun(scenario, seed, run, weeks)
    played = _play(single)
    events = [telling_ends.start(single, played[0]), *_told(played, every_week), telling_ends.end(single, played[-1])]
    outcomes = _named(scenario, single.outcomes)
    return Chronicle(
        scenario, single.seed, single.run, single.horizon, every_week, tuple(events), outcomes,
        command or _command(scenario, single, every_week), chosen,
    )  # fmt: skip


def _play(single: SingleRun) -> list[Played]:
    rows: list[tuple[np.void, np.void, np.ndarray, np.ndarray]] = []
    while single.alive:
        row = single.advance().copy()
        parameters = single.parameters[int(single.state["row"])]
        rows.append((row, parameters, single.of_games("restraint"), expected_change(single)))
    day_one = float(single.outcomes["first_accusation_day"])
    turns = _turns(single.scenario, [row[2:] for row in rows])
    played = []
    for t, (row, parameters, restraint, change) in enumerate(rows):
        after = rows[t + 1][0] if t + 1 < len(rows) else single.outcomes
        first = day_one if 7 * t <= day_one < 7 * (t + 1) else None
        before = rows[t - 1][0] if t else None
        types = int(after["kappa"]), int(after["tau"])
        played.append(Played(single.scenario, row, before, parameters, *types, first, restraint, change, turns[t]))
    return played


def _turns(scenario: Scenario, weeks: list[tuple[np.ndarray, np.ndarray]]) -> list[Basin | None]:
    """Return by week the basin that the truce on the line comes into: calm or eroding, other than the last such."""
    line = [place.kind == PlaceKind.LINE for place in scenario.places]
    basins = [basin(change[line], restraint[line]) for restraint, change in weeks]
    turns: list[Basin | None] = []
    last = basins[0]
    for now in basins:
        turns.append(now if now not in (last, Basin.NEITHER) else None)
        last = turns[-1] or last
    return turns


def _told(played: list[Played], every_week: bool) -> Iterator[Event]:
    if every_week:
        for week in played:
            yield from _week(week, telling.stirred_places(week), 0.0)
        return
    quiet: list[Played] = []
    for week in played:
        if telling.notable(week):
            yield from _spells(quiet)
            quiet = []
            yield from _week(week, telling.told_places(week), telling_theatre.NOTABLE_REVIEW)
        else:
            quiet.append(week)
    yield from _spells(quiet)


def _spells(weeks: list[Played]) -> Iterator[Event]:
    for spell in _cut(weeks):
        yield telling_theatre.spell(spell)
        for week in spell:
            yield from telling_theatre.calendar(week)
            yield from telling_theatre.accusation(week)
            yield from telling_theatre.types(week)
            yield from telling_theatre.truce(week)
            yield from telling_truce.turned(week)
            yield from telling_theatre.commitment(week)
        yield from telling_theatre.reviews(spell)
        yield telling_truce.restraint(spell[-1])
        yield telling_theatre.beliefs(spell[0], spell[-1])


def _cut(weeks: list[Played]) -> Iterator[list[Played]]:
    """Cut weeks into spells: LONG_CALM or more calm weeks in a row are one alone, others none longer than LONGEST."""
    stretches: list[list[Played]] = [[]]
    for calm, group in groupby(weeks, lambda week: week.calm):
        stretch = list(group)
        if calm and len(stretch) >= LONG_CALM:
            stretches += [stretch, []]
        else:
            stretches[-1] += stretch
    for number, stretch in enumerate(stretches):
        parts = 1 if number % 2 else -(-len(stretch) // LONGEST_SPELL)
        for part in range(parts):
            yield stretch[part * len(stretch) // parts : (part + 1) * len(stretch) // parts]


def _week(week: Played, places: list[int], least: float) -> Iterator[Event]:
    yield telling_theatre.week_head(week)
    yield from telling_theatre.calendar(week)
    told = telling.told_places(week)
    for s in places:
        if s in told:
            yield from telling_place.at_place(week, s)
        else:
            yield telling_place.in_short(week, s)
    yield telling_theatre.whole(week)
    yield from telling_theatre.accusation(week)
    yield telling_truce.restraint(week)
    yield from telling_truce.turned(week)
    yield telling_theatre.beliefs(week, week)
    yield from telling_theatre.types(week)
    yield from telling_theatre.truce(week)
    yield from telling_theatre.commitment(week)
    yield from telling_theatre.review(week, least)


def _heading(head: Event, scenario: Scenario) -> str:
    if head.kind == "start":
        return scenario.title or scenario.name
    if head.kind == "end":
        return "The end"
    label = head.data["label"]
    if head.kind == "week":
        return f"Week {head.week} · {day(head.date)} · {label}"
    until = date.fromisoformat(head.data["until_date"]) + timedelta(days=6)
    weeks = (
        f"Week {head.week}" if head.data["until_week"] == head.week else f"Weeks {head.week}–{head.data['until_week']}"
    )
    return f"{weeks} · {span(head.date, until)} · {label}"


def _paragraphs(head: Event, rest: list[Event]) -> Iterator[tuple[str, str]]:
    """The text of a block: its head, then one paragraph a place, then what concerns everybody."""
    if head.text:
        yield "", head.text
    place: str | None = None
    parts: list[str] = []
    for event in rest:
        if parts and event.place != place:
            yield f"{place}:", " ".join(parts)
            parts = []
        place = event.place
        if place is not None:
            parts.append(event.text)
        else:
            yield (
                _date_label(event) if head.kind == "spell" and event.kind not in _UNDATED else "",
                event.text,
            )
    if parts:
        yield f"{place}:", " ".join(parts)


def _date_label(event: Event) -> str:
    return short_day(event.date + timedelta(days=int(event.data.get("day", 7 * event.week)) - 7 * event.week))


def _command(scenario: Scenario, single: SingleRun, every_week: bool) -> str:
    """The command that replays the run; for a scenario that is not shipped, of a file by its name."""
    known = scenario.name in shipped() and Scenario.load(scenario.name).digest == scenario.digest
    words = ["fragile-peace", "run", scenario.name if known else f"{scenario.name}.yaml"]
    words += ["--seed", str(single.seed), "--run", str(single.run)]
    words += ["--weeks", str(single.horizon)] if single.horizon != scenario.weeks else []
    return shlex.join(words + (["--all"] if every_week else []))


def _named(scenario: Scenario, row: np.void) -> dict[str, Any]:
    """Return an OUTCOMES row with names for codes, nations for indices, and None for "never"."""
    nations = [c.name for c in scenario.contingents]
    return {outcome.name: _plain(outcome, row[outcome.name], nations) for outcome in TABLE}


def _plain(outcome: Outcome, value: Any, nations: list[str]) -> Any:
    """Return one outcome as plain data: by code, by nation of those that joined, or alone."""
    if outcome.of_contingents:
        pairs = zip(nations, value.tolist(), strict=False)
        return {nation: _single(outcome, item) for nation, item in pairs if not (outcome.never and item == ABSENT)}
    if outcome.members:
        items = [_single(outcome, item) for item in value.tolist()]
        return dict(zip((member.name.lower() for member in outcome.members), items, strict=True))
    return _single(outcome, value.item())


def _single(outcome: Outcome, value: Any) -> Any:
    if outcome.never and value == NEVER:
        return None
    if outcome.code is not None:
        return outcome.code(value).name.lower()
    return bool(value) if outcome.kind is FLAG else value
