"""The codes that name every discrete thing in the model.

Kernels store them as 64-bit integers; faces and files show their lower-case names. The order inside an enumeration
is the order of severity, which categorical draws rely on (see `kernels.chance.draws.categorical`).
"""

from enum import IntEnum


class PlaceKind(IntEnum):
    """What a place is: a sector of the line of contact, of another border, or a rear base."""

    LINE = 0
    BORDER = 1
    HUB = 2


class RussianType(IntEnum):
    """kappa: would Russia carry out the threat against the force?"""

    BLUFFING = 0
    COMMITTED = 1


class UsType(IntEnum):
    """tau: would the United States honour the guarantee?"""

    RELUCTANT = 0
    STEADFAST = 1


class Action(IntEnum):
    """What a side does in a place in a week. Ukraine never strikes; in a hub Russia complies or strikes."""

    COMPLY = 0
    PROBE = 1
    RAID = 2
    STRIKE = 3


class Signal(IntEnum):
    """What the monitors establish: nothing, a Russian breach, a Ukrainian one, or a disputed one."""

    QUIET = 0
    RUSSIA = 1
    UKRAINE = 2
    DISPUTED = 3


class Response(IntEnum):
    """What the lead contingent does."""

    REPORT = 0
    FIRE = 1
    PULL_BACK = 2


class Decision(IntEnum):
    """What Washington does once the guarantee is invoked."""

    DECLINE = 0
    SANCTION = 1
    HONOUR = 2


class Reply(IntEnum):
    """What Russia does once it has been met with force."""

    STAND_DOWN = 0
    HOLD = 1
    ESCALATE = 2


class Spiral(IntEnum):
    """How far the fighting spread from a place where Russia escalated."""

    NONE = 0
    COALITION = 1
    US = 2


class RulesOfEngagement(IntEnum):
    """Whether the force may fire: never, when its own die, or on any attributed Russian breach."""

    OBSERVE = 0
    SELF_DEFENCE = 1
    ENFORCE = 2


class Trigger(IntEnum):
    """What invokes the guarantee."""

    NEVER = 0
    ANY_FATALITY = 1
    ATTRIBUTED_FATALITY = 2
    SUSTAINED = 3
    ATTACK_ACROSS_LINE = 4


class Selection(IntEnum):
    """Which solution of the commitment game is played where there are several: all expect all, or nobody, to stay."""

    GREATEST = 0
    LEAST = 1


class WarModule(IntEnum):
    """What decides whether the war comes back: foresight and payoffs, or only how often wars of its class did."""

    DYNAMIC_LOGIT = 0
    REFERENCE_CLASS = 1


class ReferenceClass(IntEnum):
    """The ceasefires that one is likened to: of wars between states, along an imposed line, of civil wars."""

    INTERSTATE = 0
    IMPOSED_LINE = 1
    CIVIL = 2


class ThreatChoice(IntEnum):
    """Where the threat comes from: the scenario sets it, or Moscow, knowing its type, chooses it before week 0."""

    SET = 0
    SIGNAL = 1


class Rung(IntEnum):
    """The escalation ladder; 5 to 7 end the run."""

    CALM = 0
    PROBE = 1
    RAID = 2
    STRIKE_OR_DEATH = 3
    EXCHANGE_OF_FIRE = 4
    WAR_RUSSIA_UKRAINE = 5
    WAR_RUSSIA_COALITION = 6
    WAR_WITH_US = 7


class Resumed(IntEnum):
    """Which side ended the ceasefire at a week's review."""

    NOBODY = 0
    RUSSIA = 1
    UKRAINE = 2


class EndCause(IntEnum):
    """Why a run ended."""

    HORIZON = 0
    RESUMED_RUSSIA = 1
    RESUMED_UKRAINE = 2
    SPIRAL_COALITION = 3
    SPIRAL_US = 4


class Unsolved(IntEnum):
    """Which game stopped a run because it could not be solved."""

    NONE = 0
    INCIDENT_GAME = 1
    COMMITMENT_GAME = 2
    REVIEW = 3


class LeftWeek(IntEnum):
    """What stands for the week in which a contingent left, where there is no such week."""

    NEVER_JOINED = -2
    NEVER_LEFT = -1


class Event(IntEnum):
    """The events whose probability a run also reports as a compensator (docs/model.md, section 10)."""

    STRIKE_OR_DEATH = 0
    EUROPEAN_DEATH = 1
    EXCHANGE_OF_FIRE = 2
    INVOKED = 3
    HONOURED = 4
    WAR_RUSSIA_UKRAINE = 5
    WAR_RUSSIA_COALITION = 6
    WAR_WITH_US = 7
    SPIRAL_COALITION = 8
    SPIRAL_US = 9
    COLLAPSE = 10


class Stream(IntEnum):
    """One stream of random numbers for each decision or sampler (docs/model.md, section 12). Values are part of the
    published packing: append, never renumber."""

    TYPE_RUSSIA = 0
    TYPE_US = 1
    REDRAW_RUSSIA = 2
    REDRAW_US = 3
    JOIN = 4
    ACTION_RUSSIA = 5
    ACTION_UKRAINE = 6
    FATALITY = 7
    SIGNAL = 8
    RESPONSE = 9
    DECISION = 10
    REPLY = 11
    SPIRAL = 12
    DEATHS = 13
    DEATHS_SPLIT = 14
    INTENSITY_RUSSIA = 15
    INTENSITY_UKRAINE = 16
    RECORDED_RUSSIA = 17
    RECORDED_UKRAINE = 18
    MISSED_RUSSIA = 19
    MISSED_UKRAINE = 20
    LOCAL_EVENTS = 21
    LOCAL_DEATHS = 22
    DAY = 23
    RECOMMITMENT = 24
    STAY = 25
    RESUME_RUSSIA = 26
    WAR_US = 27
    WAR_COALITION = 28
    RESUME_UKRAINE = 29
    THREAT = 30


NOT_DRAWN = -1
"""In place of a code: the player had no choice to make, and nothing was drawn."""


def options(enum: type[IntEnum]) -> tuple[str, ...]:
    """The lower-case names of an enumeration, in order: what users write and read."""
    return tuple(member.name.lower() for member in enum)
