"""Who acts and where: Mesa agents as faces on the arrays of one run (docs/model.md, section 2).

An agent has no number and no formula of its own. Its attributes read the rows of `runs.single` at the moment they are
asked for, and name codes in lower case ("raid", "pull_back"). What a week brings (actions, signals, deaths) is that of
the last week played, and None, 0 or empty before the first; beliefs, tension, restraint, support and readiness are
those of now. Troops are in thousands.

Phases. The kernel of a phase moves all places at once, and a phase is played once a week. Each class of agents lists in
`phases` those in which it decides and has a method named after each. The first agent of a phase to be called plays it
through `model.play`; the others, who decide at the same time, find it played. What nobody decides is the theatre's.

Index conventions: s place, n contingent, in the scenario's order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from mesa import Agent
from mesa.discrete_space import Cell, FixedAgent

from fragile_peace.codes import Action, Decision, PlaceKind, Reply, Response, RussianType, Signal, UsType, options
from fragile_peace.declared.declaration import MAX_PLACES

if TYPE_CHECKING:
    from fragile_peace.mesa.theatre import CeasefireModel

ACTIONS, RESPONSES, SIGNALS = options(Action), options(Response), options(Signal)
DECISIONS, REPLIES = options(Decision), options(Reply)
RECORDED = ("recorded_R_s", "recorded_U_s")
NOTHING, NOBODY = (0,) * MAX_PLACES, (None,) * MAX_PLACES
"""Slots before the first week."""
RUSSIAN_TYPES, US_TYPES, KINDS = options(RussianType), options(UsType), options(PlaceKind)


class _Counters(WeakKeyDictionary[Any, Any]):
    """Counters of agents' numbers by model, which go with their model."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, itertools.count(1))


if hasattr(Agent, "_ids"):  # Mesa before 3.4 keeps every model there for good
    Agent._ids = _Counters()


class Column:
    """An attribute of all agents of a class: read as one list, a slot for each; on an agent, its slot."""

    def __init__(self, read: Callable[[CeasefireModel], Sequence[Any]], doc: str) -> None:
        self.read = read
        self.__doc__ = doc

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        return self if agent is None else self.read(agent.model)[agent.index]


def _now(field: str, doc: str) -> Column:
    """A STATE field."""
    return Column(lambda model: model.slots[field], doc)


def _week(field: str, doc: str) -> Column:
    """A WEEK field; 0 before the first week."""
    return Column(lambda model: model.slots[field] if model.steps else NOTHING, doc)


def _sum(fields: Sequence[str], doc: str) -> Column:
    """A sum of WEEK fields; 0 before the first week."""

    def read(model: CeasefireModel) -> Sequence[Any]:
        total: Any = sum(model.views[field] for field in fields)
        return total.tolist() if model.steps else NOTHING

    return Column(read, doc)


def _named(field: str, enum: type[IntEnum], doc: str) -> Column:
    """A WEEK field of codes, by name; None where nothing was drawn."""
    names = (*options(enum), None)  # -1 is the last

    def read(model: CeasefireModel) -> Sequence[Any]:
        return [names[code] for code in model.slots[field]] if model.steps else NOBODY

    return Column(read, doc)


def _nation(model: CeasefireModel) -> Sequence[Any]:
    """Return by place the name of the lead."""
    names = (*model.contingents, None)
    return [names[lead] for lead in model.slots["lead_s"]] if model.steps else NOBODY


def _present(model: CeasefireModel) -> Sequence[Any]:
    return [inside == 1 for inside in model.slots["in_n"]]


def _deployed(model: CeasefireModel) -> Sequence[Any]:
    return model.views["garrison_sn"].sum(axis=0).tolist() if model.steps else NOTHING


def _stay(model: CeasefireModel) -> Sequence[Any]:
    return [p if p >= 0.0 else None for p in model.slots["p_stay_n"]] if model.steps else NOBODY


def _drawn(model: CeasefireModel, field: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return by place what was drawn in the last week, where something was."""
    codes = model.slots[field] if model.steps else ()
    return {place: names[code] for place, code in zip(model.places, codes, strict=False) if code >= 0}


def _chances(model: CeasefireModel, strategies: Any, active: str) -> dict[str, dict[str, float]]:
    """Return by place the chance of each action that exists there."""
    offered = model.single.games[active].tolist()
    return {
        place: {name: p for name, p, there in zip(ACTIONS, row, offers, strict=False) if there}
        for place, row, offers in zip(model.places, strategies.tolist(), offered, strict=True)
    }


def _review(model: CeasefireModel, field: str) -> float | None:
    """Return a chance of the last week's review, None where none was held."""
    value = float(model.single.week[field])
    return value if model.steps and value >= 0.0 else None


class Russia(Agent):
    """Russia: probes, raids and strikes, answers force, and reviews the ceasefire."""

    phases: ClassVar[tuple[str, ...]] = ("act", "reply", "resume")
    name = "Russia"
    model: CeasefireModel

    @property
    def kind(self) -> str:
        """The true type, which the other players do not know: "bluffing" or "committed"."""
        return RUSSIAN_TYPES[int(self.model.single.state["kappa"])]

    @property
    def credibility(self) -> float:
        """mu: the public belief that Russia is committed."""
        return float(self.model.single.state["mu"])

    @property
    def posture(self) -> dict[str, dict[str, float]]:
        """By place, the chance of each action in this week's equilibrium, for the type the week was played with."""
        return self.posture_of(RUSSIAN_TYPES[int(self.model.played_with["kappa"])])

    def posture_of(self, kind: str) -> dict[str, dict[str, float]]:
        """By place, the chance of each action in this week's equilibrium for one of the two types."""
        strategies = self.model.single.games["p_R"][:, RUSSIAN_TYPES.index(kind)]
        return _chances(self.model, strategies, "active_R")

    @property
    def actions(self) -> dict[str, str]:
        """By place, what it did in the last week."""
        return _drawn(self.model, "action_R_s", ACTIONS)

    @property
    def replies(self) -> dict[str, str]:
        """By place, how it answered force in the last week; only places where it met force."""
        return _drawn(self.model, "reply_s", REPLIES)

    @property
    def resume_probability(self) -> float | None:
        """The chance with which it resumed the war in the last week's review; None if it held none."""
        kind = RUSSIAN_TYPES[int(self.model.single.state["kappa"])]
        return _review(self.model, f"p_resume_{kind}")

    def act(self) -> None:
        """Comply, probe, raid or strike in every place."""
        self.model.play("act")

    def reply(self) -> None:
        """Stand down, hold or escalate where it was met with force."""
        self.model.play("reply")

    def resume(self) -> None:
        """Abide or resume, if a review is due."""
        self.model.play("resume")


class Ukraine(Agent):
    """Ukraine: probes and raids, regenerates its army, and reviews the ceasefire after Russia."""

    phases: ClassVar[tuple[str, ...]] = ("act", "resume")
    name = "Ukraine"
    model: CeasefireModel

    @property
    def readiness(self) -> float:
        """B: Ukraine's share of the military balance."""
        return float(self.model.single.state["B"])

    @property
    def posture(self) -> dict[str, dict[str, float]]:
        """By place, the chance of each action in this week's equilibrium."""
        return _chances(self.model, self.model.single.games["p_U"], "active_U")

    @property
    def actions(self) -> dict[str, str]:
        """By place, what it did in the last week."""
        return _drawn(self.model, "action_U_s", ACTIONS)

    @property
    def resume_probability(self) -> float | None:
        """The chance with which it resumed the war in the last week's review; None if it held none."""
        return _review(self.model, "p_resume_ukraine")

    def act(self) -> None:
        """Comply, probe or raid in every place, at the same time as Russia."""
        self.model.play("act")

    def resume(self) -> None:
        """Abide or resume, if a review is due and Russia abided."""
        self.model.play("resume")


class UnitedStates(Agent):
    """The United States: declines, sanctions or honours where the guarantee is invoked."""

    phases: ClassVar[tuple[str, ...]] = ("guarantee",)
    name = "United States"
    model: CeasefireModel

    @property
    def kind(self) -> str:
        """The true type, which the other players do not know: "reluctant" or "steadfast"."""
        return US_TYPES[int(self.model.single.state["tau"])]

    @property
    def credibility(self) -> float:
        """gamma: the public belief that Washington is steadfast."""
        return float(self.model.single.state["gamma"])

    @property
    def decisions(self) -> dict[str, str]:
        """By place, what it decided in the last week; only places where the guarantee was invoked."""
        return _drawn(self.model, "decision_s", DECISIONS)

    def guarantee(self) -> None:
        """Decline, sanction or honour where the guarantee is invoked."""
        self.model.play("guarantee")


class EuropeanContingent(Agent):
    """One nation's contingent: mans its posts, responds where it leads, stays or leaves."""

    phases: ClassVar[tuple[str, ...]] = ("deploy", "respond", "commit")
    model: CeasefireModel

    def __init__(self, model: CeasefireModel, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.nation = self.name = model.world.contingents[index].name

    present = Column(_present, "Whether it is in the coalition.")
    support = _now("support_n", "Domestic support, 0 to 1.")
    deployed = Column(_deployed, "Its troops in place in the last week.")
    deaths = _week("deaths_n", "Its deaths in the last week, persons.")
    stay_probability = Column(_stay, "The chance with which it stayed in the last week; None if nothing was decided.")

    @property
    def troops(self) -> float:
        """M_n: its size in full."""
        share: float = self.model.parameters["M_n"].item(self.index)
        return share

    @property
    def posts(self) -> dict[str, float]:
        """By place, its troops there in the last week."""
        rows = self.model.slots["garrison_sn"] if self.model.steps else ()
        troops = {place: row[self.index] for place, row in zip(self.model.places, rows, strict=False)}
        return {place: there for place, there in troops.items() if there > 0.0}

    @property
    def leads(self) -> tuple[str, ...]:
        """The places where it led in the last week."""
        return tuple(place.name for place in self.model.places.values() if place.lead == self.name)

    @property
    def responses(self) -> dict[str, str]:
        """By place that it led, how it responded in the last week."""
        drawn = _drawn(self.model, "response_s", RESPONSES)
        return {place: drawn[place] for place in self.leads if place in drawn}

    @property
    def deaths_so_far(self) -> int:
        """Its deaths in the run."""
        deaths: int = self.model.single.outcomes["deaths_n"].item(self.index)
        return deaths

    def deploy(self) -> None:
        """Move into place, with the rest of the force."""
        self.model.play("deploy")

    def respond(self) -> None:
        """Report, fire or pull back in the places that it leads."""
        self.model.play("respond")

    def commit(self) -> None:
        """Stay or leave, at a mandate renewal and after a European death."""
        self.model.play("commit")


class Place(FixedAgent):
    """One place of the theatre, fixed to its cell; `decision`, `response` and the like are what was drawn there."""

    model: CeasefireModel

    def __init__(self, model: CeasefireModel, index: int, cell: Cell) -> None:
        super().__init__(model)
        self.index = index
        self.cell = cell
        declared = model.world.places[index]
        self.name = declared.name
        self.kind = KINDS[declared.kind]
        self.length_km = declared.length_km

    tension = _now("x_s", "x_s: local memory of incidents.")
    restraint = _now("r_s", "r_s: what is left of the truce's discipline, 0 to 1.")
    garrison = _week("m_s", "m_s: European troops in place.")
    monitors = _week("monitors_s", "Civilian monitors present, persons.")
    action_russia = _named("action_R_s", Action, "What Russia did.")
    action_ukraine = _named("action_U_s", Action, "What Ukraine did.")
    signal = _named("signal_s", Signal, "What the monitors established.")
    response = _named("response_s", Response, "What the lead did; None where it had nothing to respond to.")
    decision = _named("decision_s", Decision, "What Washington decided; None where it was not called.")
    reply = _named("reply_s", Reply, "How Russia answered force; None where it met none.")
    deaths = _week("deaths_s", "European deaths, persons.")
    lead = Column(_nation, "The nation that decided for the place; None without troops.")
    recorded = _sum(RECORDED, "Single violations of both sides that the monitors recorded.")
    violations = _sum((*RECORDED, "missed_R_s", "missed_U_s"), "Single violations, recorded or missed.")
    local_deaths = _week("local_deaths_s", "Deaths by violations, Europeans apart, persons.")

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The adjacent line places, from which tension spreads."""
        return tuple(agent.name for cell in self.cell.connections.values() for agent in cell.agents)
