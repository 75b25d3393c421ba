"""The one table of a run's outcomes: name, kind, index, unit and text of each, and the value that a run starts with.

`TABLE` is what the OUTCOMES row (`state`), the row a run starts from, the columns of a sweep's parts and a told run's
outcomes are made of. A new outcome is one line of it and one line in a kernel that fills it: anywhere in the table,
since published results name the outcomes that they hold. The order is that of the fields and of the columns.

kind    what it holds            in a row      in a column
COUNT   a whole number           8-byte int    int32; a larger one is refused, never wrapped
LONG    one that may pass 2**31  8-byte int    int64
CODE    a member of `codes`      8-byte int    int8, the members' names in the column's metadata
FLAG    0 or 1                   8-byte int    bool
REAL    a number                 8-byte float  float64

An outcome is one number; or, with `by`, one for each member of an enumeration or for each contingent. Where it may
happen `never`, it starts at NEVER and its column is null. One for each contingent starts at 0, where slots without a
contingent stay: `kernels.week.join` writes NEVER for those that join, and ABSENT for those that do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto

import numpy as np

from fragile_peace.codes import (
    Action,
    Decision,
    EndCause,
    Event,
    LeftWeek,
    PlaceKind,
    Reply,
    Response,
    Rung,
    RussianType,
    UsType,
)

NEVER, ABSENT = int(LeftWeek.NEVER_LEFT), int(LeftWeek.NEVER_JOINED)
CONTINGENTS = "contingents"
RUSSIAN, UKRAINIAN = tuple(Action), tuple(Action)[:3]  # Ukraine never strikes


class Kind(StrEnum):
    """What an outcome holds, as the module's docstring says."""

    COUNT = auto()
    LONG = auto()
    CODE = auto()
    FLAG = auto()
    REAL = auto()


COUNT, LONG, CODE, FLAG, REAL = Kind


@dataclass(frozen=True)
class Outcome:
    """One outcome of a run.

    Attributes
    ----------
    name : its field in OUTCOMES; its columns are named after it
    kind : what it holds
    by : the codes that it is indexed by, or CONTINGENTS; nothing for a single number
    unit, text : for readers of the columns; the text of an indexed outcome is that of each of its columns
    code : of a CODE, its enumeration
    never : whether it may be NEVER
    """

    name: str
    kind: Kind
    by: Sequence[IntEnum] | type[IntEnum] | str
    unit: str
    text: str
    code: type[IntEnum] | None = None
    never: bool = False

    @property
    def of_contingents(self) -> bool:
        """Whether there is one for each contingent."""
        return self.by == CONTINGENTS

    @property
    def members(self) -> tuple[IntEnum, ...]:
        """The codes that it is indexed by."""
        return tuple(member for member in self.by if isinstance(member, IntEnum))

    @property
    def labels(self) -> tuple[str, ...]:
        """What its columns are called beside its name: the codes in lower case; rungs are known by their numbers."""
        return tuple(str(int(m)) if isinstance(m, Rung) else m.name.lower() for m in self.members)

    @property
    def start(self) -> int:
        """What a run starts with."""
        return NEVER if self.never and not self.of_contingents else 0

    def field(self, contingents: int) -> tuple[str, str, tuple[int, ...]]:
        """Return name, number type and shape of its field in a row with slots for so many contingents."""
        size = contingents if self.of_contingents else len(self.members)
        return self.name, "<f8" if self.kind is REAL else "<i8", (size,) if size else ()


TABLE: tuple[Outcome, ...] = (
    Outcome("kappa", CODE, (), "code", "Russia's true type at the end", RussianType),
    Outcome("tau", CODE, (), "code", "Washington's true type at the end", UsType),
    Outcome("kappa_start", CODE, (), "code", "Russia's true type at the start", RussianType),
    Outcome("tau_start", CODE, (), "code", "Washington's true type at the start", UsType),
    Outcome("threat", REAL, (), "share", "how loudly Moscow declared the force a legitimate target at the start"),
    Outcome("weeks", COUNT, (), "weeks", "weeks played"),
    Outcome("end_cause", CODE, (), "code", "why the run ended", EndCause),
    Outcome("rung", CODE, (), "code", "highest rung of the escalation ladder", Rung),
    Outcome("rung_weeks", COUNT, Rung, "weeks", "weeks whose highest rung it was"),
    Outcome("mu", REAL, (), "probability", "final belief that Russia is committed"),
    Outcome("gamma", REAL, (), "probability", "final belief that Washington is steadfast"),
    Outcome("B", REAL, (), "share", "Ukraine's readiness at the end"),
    # single violations by the action of the week
    Outcome("recorded_R", LONG, RUSSIAN, "violations", "Russian, recorded, in weeks of this action (comply: accidents)"),
    Outcome("recorded_U", LONG, UKRAINIAN, "violations", "Ukrainian, recorded, in weeks of this action (comply: accidents)"),
    Outcome("true_R", LONG, RUSSIAN, "violations", "Russian, recorded and missed, in weeks of this action"),
    Outcome("true_U", LONG, UKRAINIAN, "violations", "Ukrainian, recorded and missed, in weeks of this action"),
    Outcome("line_recorded", LONG, (), "violations", "recorded on the line of contact, both sides"),
    Outcome("line_true", LONG, (), "violations", "recorded and missed on the line of contact, both sides"),
    Outcome("line_place_weeks", COUNT, (), "place-weeks", "at risk on the line"),
    Outcome("place_weeks", COUNT, (), "place-weeks", "at risk on the line and the borders"),
    Outcome("line_km_weeks", REAL, (), "km weeks", "at risk on the line"),
    Outcome("km_weeks", REAL, (), "km weeks", "at risk on the line and the borders"),
    Outcome("breaches_R", COUNT, RUSSIAN, "place-weeks", "in which Russia took this action"),
    Outcome("breaches_U", COUNT, UKRAINIAN, "place-weeks", "in which Ukraine took this action"),
    Outcome("attributed_R", COUNT, (), "place-weeks", "attributed to Russia"),
    Outcome("attributed_U", COUNT, (), "place-weeks", "attributed to Ukraine"),
    Outcome("misattributed", COUNT, (), "place-weeks", "attributed to a side that complied"),
    Outcome("disputed", COUNT, (), "place-weeks", "disputed"),
    Outcome("dmz_intrusions", COUNT, (), "place-weeks", "probes into the demilitarised zone"),
    Outcome("local_events", LONG, (), "events", "fatal to Russians or Ukrainians"),
    Outcome("local_deaths", LONG, (), "deaths", "Russian and Ukrainian"),
    Outcome("strikes", COUNT, PlaceKind, "strikes", "aimed at the force"),
    Outcome("deaths", LONG, PlaceKind, "deaths", "European"),
    Outcome("strike_deaths", LONG, (), "deaths", "European, in strikes: meant; the others are collateral"),
    Outcome("deliberate_deaths", LONG, PlaceKind, "deaths", "European, in strikes, by kind of place"),
    Outcome("deaths_n", LONG, CONTINGENTS, "deaths", "European, of this contingent"),
    Outcome("fatal_place_weeks", COUNT, PlaceKind, "place-weeks", "with a European death"),
    Outcome("troop_years", REAL, PlaceKind, "troop years", "of the force, in place"),
    Outcome("planned_troop_years", REAL, (), "troop years", "of the force, had everybody joined and stayed at every post"),
    Outcome("responses", COUNT, Response, "place-weeks", "in which the lead contingent responded so"),
    Outcome("invocations", COUNT, (), "place-weeks", "in which the guarantee was invoked"),
    Outcome("decisions", COUNT, Decision, "place-weeks", "in which Washington decided so"),
    Outcome("replies", COUNT, Reply, "place-weeks", "in which Russia replied so to force"),
    Outcome("exchanges", COUNT, PlaceKind, "place-weeks", "with an exchange of fire"),
    Outcome("recommitments", COUNT, (), "count", "renewed truces"),
    Outcome("first_accusation_day", REAL, (), "days", "first disputed signal; null: never", never=True),
    Outcome("first_strike", COUNT, (), "weeks", "first strike on the force; null: never", never=True),
    Outcome("first_death", COUNT, (), "weeks", "first European death; null: never", never=True),
    Outcome("first_invocation", COUNT, (), "weeks", "first invocation; null: never", never=True),
    Outcome("first_honour", COUNT, (), "weeks", "first honoured invocation; null: never", never=True),
    Outcome("first_exchange", COUNT, (), "weeks", "first exchange of fire; null: never", never=True),
    Outcome("first_withdrawal", COUNT, (), "weeks", "first exit of a contingent; null: never", never=True),
    Outcome("joined", COUNT, (), "contingents", "that joined"),
    Outcome("left", COUNT, (), "contingents", "that left"),
    Outcome("left_week_n", COUNT, CONTINGENTS, "weeks", "in which this contingent left; null: never, or it never joined", never=True),
    Outcome("share_deployed", REAL, (), "share", "of the force in place at force.target_week; null: the run ended before", never=True),
    Outcome("nations_week_52", COUNT, (), "contingents", "in at the start of the 52nd week; null: the run ended before", never=True),
    Outcome("happened", FLAG, Event, "flag", "the event happened"),
    Outcome("compensator", REAL, Event, "1", "sum of the event's conditional probabilities: same mean as the flag, less variance"),
    Outcome("rounds", COUNT, (), "rounds", "most rounds that the solution of a game took"),
    Outcome("residual", REAL, (), "probability", "largest residual of a solved game"),
    Outcome("games", COUNT, (), "games", "solved"),
)  # fmt: skip
"""All outcomes, one a line."""
BY_NAME = {outcome.name: outcome for outcome in TABLE}
NAMES = tuple(BY_NAME)
JOINED = Outcome("joined_n", FLAG, CONTINGENTS, "flag", "this contingent joined")
"""What stands before `left_week_n` in a part, read off it: it is ABSENT for those that never joined."""
assert len(BY_NAME) == len(TABLE)


def dtype(contingents: int) -> np.dtype:
    """Return the type of a row of outcomes.

    Parameters
    ----------
    contingents
        Slots for contingents.
    """
    return np.dtype([outcome.field(contingents) for outcome in TABLE])


def blank(contingents: int) -> np.ndarray:
    """Return the row that a run starts from, shape (1,): NEVER where an outcome may be, else 0.

    Parameters
    ----------
    contingents
        Slots for contingents.
    """
    row = np.zeros(1, dtype(contingents))
    for outcome in TABLE:
        row[outcome.name] = outcome.start
    return row
