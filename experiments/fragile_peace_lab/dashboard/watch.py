"""The watch view: one run in hand, and what the page shows of it.

`Watched` steps the Mesa model (`mesa.theatre.CeasefireModel`) and reads everything off its agents and its collector;
the words are the chronicle's. Both are the run that `fragile-peace run` tells, bit for bit.
"""

from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np

from fragile_peace.mesa.agents import EuropeanContingent, Place
from fragile_peace.mesa.theatre import CeasefireModel
from fragile_peace.runs.restraint import expected_change
from fragile_peace.words.chronicle import Block, Chronicle, chronicle
from fragile_peace.words.telling import LABELS
from fragile_peace.words.wording import counted, day, intent, number, percent
from fragile_peace_lab.dashboard.settings import Settings

SHOWN_WEEKS = 30
ACTION_WORDS = {"comply": "complies", "probe": "probes", "raid": "raids", "strike": "strikes"}
SIGNAL_WORDS = {
    "quiet": "no breach established", "russia": "Russia held responsible", "ukraine": "Ukraine held responsible",
    "disputed": "each side accuses the other",
}  # fmt: skip
RESPONSE_WORDS = {"report": "reports", "fire": "returns fire", "pull_back": "pulls back"}
DECISION_WORDS = {"decline": "U.S. declines", "sanction": "U.S. sanctions", "honour": "U.S. honours"}
REPLY_WORDS = {"stand_down": "Russia stands down", "hold": "Russia holds", "escalate": "Russia escalates"}
MIDDLE, WORST = 0.5, 1.5
"""Tension below which a place counts as calm, and from which it counts as hot: for the drawing only."""


class Watched:
    """One run, stepped week by week."""

    def __init__(self, settings: Settings) -> None:
        """Set up a run before week 0. Raises InputError and SolverError."""
        world, options = settings.world, (settings.seed, settings.watched, settings.weeks)
        self.settings = settings
        told: dict[str, Any] = {"command": settings.run_command, "chosen": settings.chosen}
        self.full = chronicle(world, *options, every_week=True, **told)
        self.short = chronicle(world, *options, **told)
        self.model = CeasefireModel(world, *options)
        self._full, self._short = _by_head(self.full), _by_head(self.short)

    @property
    def week(self) -> int:
        """The last week played; -1 before the first."""
        week: int = self.model.steps - 1
        return week

    @property
    def running(self) -> bool:
        """Whether there is a next week."""
        return bool(self.model.running)

    def step(self) -> None:
        """Play one week; nothing happens after the end. Raises SolverError."""
        self.model.step()

    def close(self) -> None:
        """Let the model go: Mesa 3.3 keeps a counter of agents, and with it the model, for every model ever made."""
        vars(mesa.Agent).get("_ids", {}).pop(self.model, None)

    @property
    def headline(self) -> str:
        """Where the run stands, in a sentence."""
        model = self.model
        if self.week < 0:
            return f"Before week 0, {day(model.date)}. The horizon is {counted(model.single.horizon, 'week')}."
        rung = int(model.week["rung"])
        where = f"Week {self.week} of {model.single.horizon}, {day(model.date)}: {LABELS[rung]}."
        return where if self.running else f"{where} The run has ended."

    def places(self) -> list[dict[str, Any]]:
        """What the strip shows of each place, in the scenario's order."""
        played = self.week >= 0
        change = expected_change(self.model.single) if played else np.zeros(len(self.model.places))
        return [self._place(place, float(change[place.index])) for place in self.model.places.values()]

    def _place(self, place: Place, change: float) -> dict[str, Any]:
        russia, ukraine = place.action_russia or "comply", place.action_ukraine or "comply"
        tension, troops = float(place.tension), 1000.0 * float(place.garrison)
        restraint = float(place.restraint)
        incident = russia != "comply" or ukraine != "comply"
        notes = _notes(place)
        said = [
            f"{place.name}, {place.kind}" + (f", {place.length_km:g} km" if place.length_km else ""),
            f"tension {tension:.2f}" if place.kind != "hub" else "",
            f"restraint {restraint:.2f}{_heading(change)}" if place.kind != "hub" else "",
            f"{number(troops)} soldiers" + (f", led by {place.lead}" if place.lead and troops else ""),
            f"Russia {ACTION_WORDS[russia]}, Ukraine {ACTION_WORDS[ukraine]}" if self.week >= 0 else "",
            SIGNAL_WORDS[place.signal] if place.signal else "",
            f"lead {RESPONSE_WORDS[place.response]}" if place.response else "",
            *notes,
        ]
        return {
            "name": place.name,
            "kind": place.kind,
            "km": place.length_km,
            "tension": tension,
            "heat": 0 if place.kind == "hub" else sum(tension >= edge for edge in (0.25, MIDDLE, 1.0, WORST)),
            "restraint": restraint,
            "troops": number(troops),
            "lead": place.lead or "",
            "russia": russia,
            "ukraine": ukraine,
            "signal": place.signal or "",
            "response": place.response or "",
            "incident": incident,
            "notes": notes,
            "said": "; ".join(words for words in said if words),
        }

    def contingents(self) -> list[dict[str, Any]]:
        """What the page shows of each contingent, in the scenario's order."""
        return [self._contingent(agent) for agent in self.model.contingents.values()]

    def _contingent(self, agent: EuropeanContingent) -> dict[str, Any]:
        left = int(self.model.single.outcomes["left_week_n"][agent.index])
        status = "in" if agent.present else (f"left in week {left}" if left >= 0 else "stayed out")
        return {
            "name": agent.name,
            "present": bool(agent.present),
            "status": status,
            "troops": number(1000.0 * agent.troops),
            "deployed": number(1000.0 * float(agent.deployed)),
            "support": float(agent.support),
            "support_words": percent(float(agent.support)),
            "deaths": int(agent.deaths_so_far),
        }

    def series(self, name: str) -> list[float]:
        """A weekly record of the run so far, one number a week, as Mesa's collector keeps it."""
        return list(self.model.datacollector.model_vars[name])

    @property
    def beliefs(self) -> tuple[float, float]:
        """P(Russia committed) and P(Washington steadfast), now."""
        return self.model.russia.credibility, self.model.united_states.credibility

    def entries(self) -> list[dict[str, Any]]:
        """The chronicle so far, newest first: this week in full, before it the weeks that stand out, then the start."""
        return list(self._entries())

    def _entries(self) -> Iterator[dict[str, Any]]:
        if self.week >= 0 and not self.running:
            yield self._entry("end", self._full["end", -1], None)
        if self.week >= 0:
            yield self._entry("now", self._full["week", self.week], self.week)
        weeks = [week for kind, week in self._short if kind == "week" and week < self.week]
        for week in sorted(weeks, reverse=True)[:SHOWN_WEEKS]:
            yield self._entry("past", self._short["week", week], week)
        yield self._entry("start", self._full["start", -1], None)

    def _entry(self, kind: str, block: Block, week: int | None) -> dict[str, Any]:
        places = self.model.places
        paragraphs = [
            {
                "label": label.rstrip(":"),
                "place": label.rstrip(":") if label.rstrip(":") in places else "",
                "text": text,
            }
            for label, text in block.paragraphs
        ]
        heading = block.heading if kind != "start" else "The start"
        return {
            "key": f"{kind}-{week}", "kind": kind, "week": week, "heading": heading, "rung": block.rung,
            "paragraphs": paragraphs,
        }  # fmt: skip


def _notes(place: Place) -> list[str]:
    """What stands out at a place this week."""
    notes = (
        f"{counted(int(place.deaths), 'European')} killed, {_intent(place)}" if place.deaths else "",
        RESPONSE_WORDS.get(place.response or "", "") if place.response not in (None, "report") else "",
        DECISION_WORDS.get(place.decision or "", ""),
        REPLY_WORDS.get(place.reply or "", ""),
    )
    return [words for words in notes if words]


def _intent(place: Place) -> str:
    """Say whether a place's European deaths of the week were meant or collateral."""
    return intent(int(place.deaths) if place.action_russia == "strike" else 0, int(place.deaths))


def _heading(change: float) -> str:
    """Say which way restraint was expected to go as the week began."""
    return ", expected to rise" if change > 0.0 else ", expected to erode" if change < 0.0 else ""


def _by_head(told: Chronicle) -> dict[tuple[str, int], Block]:
    """Return the blocks of a chronicle by kind and week (-1 for start and end)."""
    heads = [event for event in told.events if event.kind in ("start", "spell", "week", "end")]
    return {
        (head.kind, head.week if head.kind in ("week", "spell") else -1): block
        for head, block in zip(heads, told.blocks(), strict=False)
    }
