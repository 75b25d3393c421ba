"""What a chronicle is made of: events, and weeks as they were played.

`telling_place`, `telling_theatre`, `telling_truce` and `telling_ends` hold the sentences. Each of their functions
reads a `Played` week and returns the events of one topic; `words.chronicle` puts them in the order of the phases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from fragile_peace.codes import Action, Response, Rung
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.restraint import Basin

LABELS = (
    "calm", "probes", "probes and raids", "Europeans struck or killed", "exchange of fire",
    "war between Russia and Ukraine", "war between Russia and the coalition", "war with the United States in it",
)  # fmt: skip
"""What the rungs of the ladder are called in headings."""


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    week : 0, 1, ...
    date : first day of the week
    place : name of the place; None where it concerns the whole theatre
    kind : what sort of event; `fragile-peace run --json` shows them
    text : one or more sentences
    probability : chance of what happened, as the model drew it; None where nothing was drawn or several things were
    data : the numbers and codes behind the text, by name; plain Python values
    """

    week: int
    date: date
    place: str | None
    kind: str
    text: str
    probability: float | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain data."""
        return {
            "week": self.week,
            "date": self.date.isoformat(),
            "place": self.place,
            "kind": self.kind,
            "text": self.text,
            "probability": self.probability,
            "data": self.data,
        }


@dataclass(frozen=True)
class Played:
    """A week as it was played.

    Attributes
    ----------
    scenario : the scenario of the run
    week : the WEEK row
    before : the WEEK row of the week before; None in week 0
    parameters : the PARAMETERS row in force
    kappa, tau : true types after the week, which its review sees
    accusation : first day on which the parties accused each other if it lies in this week, else None
    restraint, change : restraint before the week and what was expected to be added to it, by place
    turned : the basin that the truce on the line came into with this week; None where it came into no other
    """

    scenario: Scenario
    week: np.void
    before: np.void | None
    parameters: np.void
    kappa: int
    tau: int
    accusation: float | None
    restraint: np.ndarray
    change: np.ndarray
    turned: Basin | None

    @property
    def t(self) -> int:
        return int(self.week["week"])

    @property
    def date(self) -> date:
        return self.scenario.start_date + timedelta(weeks=self.t)

    @property
    def rung(self) -> int:
        return int(self.week["rung"])

    @property
    def calm(self) -> bool:
        """Whether nobody broke the ceasefire anywhere."""
        return self.rung == Rung.CALM

    @property
    def meant(self) -> int:
        """European deaths in strikes; the others are collateral."""
        return int(self.of("deaths_s")[self.of("action_R_s") == Action.STRIKE].sum())

    def of(self, name: str) -> np.ndarray:
        """Return a field of WEEK by place or by contingent, without the unused slots."""
        count = len(self.scenario.contingents) if name.endswith("_n") else len(self.scenario.places)
        values: np.ndarray = self.week[name][:count]
        return values

    def nations(self, flags: Sequence[int] | np.ndarray) -> list[str]:
        """Return the names of the contingents whose flag is set."""
        return [c.name for c, flag in zip(self.scenario.contingents, flags, strict=True) if flag]

    def event(
        self, kind: str, text: str, place: int | None = None, probability: float | None = None, **data: Any
    ) -> Event:
        """Return an event of this week."""
        where = None if place is None else self.scenario.places[place].name
        return Event(self.t, self.date, where, kind, text, probability, data)


def told_places(played: Played) -> list[int]:
    """Return the places that a notable week tells one by one: blood, strikes, fire, pull-backs, invocations."""
    w = played.week
    return [
        s
        for s in range(len(played.scenario.places))
        if w["action_R_s"][s] == Action.STRIKE
        or w["K_s"][s] == 1
        or w["response_s"][s] in (Response.FIRE, Response.PULL_BACK)
        or w["decision_s"][s] >= 0
    ]


def notable(played: Played) -> bool:
    """Whether the week is told by itself: rung 3 or more, a pull-back, an invocation, a withdrawal, a war."""
    return played.rung >= Rung.STRIKE_OR_DEATH or bool(told_places(played)) or bool(played.of("left_n").any())


def stirred_places(played: Played) -> list[int]:
    """Return the places where either side moved, or the monitors established anything."""
    moved_ = played.of("action_R_s") + played.of("action_U_s") + played.of("signal_s")
    return [s for s, some in enumerate(moved_) if some]
