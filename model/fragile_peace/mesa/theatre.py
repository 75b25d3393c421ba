"""The theatre: one run as a Mesa model, week by week.

`CeasefireModel(scenario, seed, run)` plays run `run` of `simulate([scenario], runs, seed)`: the same phase
kernels in the same order on the same rows (`runs.single.SingleRun`), so every outcome and every weekly record is the
same bit for bit. Random numbers are addressed by (seed, run, week, place, stream); Mesa's own are never used.

Order of events. `step` plays the phases of `kernels.week.PHASES`, by name: each through the agents that decide in it
(`mesa.agents`), or by the model itself where nobody does; then it counts the week and collects data.
"""

import inspect
import secrets
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

import mesa
import networkx as nx
import numpy as np
from mesa.discrete_space import Network

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.scenario import DEFAULT, Scenario
from fragile_peace.mesa.agents import EuropeanContingent, Place, Russia, Ukraine, UnitedStates
from fragile_peace.runs.imposing import Imposed
from fragile_peace.runs.single import PHASE_NAMES, SingleRun
from fragile_peace.state import WEEK

INDICES = ("s", "n", "sn")
_ROW_KM = 150.0

MODEL_REPORTERS: dict[str, Callable[["CeasefireModel"], Any]] = {
    "seed": lambda m: m.single.seed,
    "run": lambda m: m.single.run,
    "week": lambda m: int(m.week["week"]),
    "date": lambda m: m.date.isoformat(),
    "rung": lambda m: int(m.week["rung"]),
    "threat_credibility": lambda m: float(m.week["mu"]),
    "guarantee_credibility": lambda m: float(m.week["gamma"]),
    "readiness": lambda m: float(m.week["B"]),
    "troops": lambda m: float(m.week["troops"]),
    "nations": lambda m: m.total("in_n"),
    "recorded": lambda m: m.total("recorded_R_s") + m.total("recorded_U_s"),
    "missed": lambda m: m.total("missed_R_s") + m.total("missed_U_s"),
    "local_deaths": lambda m: m.total("local_deaths_s"),
    "european_deaths": lambda m: m.total("deaths_s"),
    "line_tension": lambda m: m.line_mean("x_s"),
    "line_restraint": lambda m: m.line_mean("r_s"),
}
AGENT_REPORTERS: dict[type, tuple[str, ...]] = {
    EuropeanContingent: ("name", "present", "support", "deployed", "deaths", "stay_probability"),
    Place: (
        "name", "tension", "restraint", "garrison", "signal", "action_russia", "action_ukraine", "recorded",
        "violations", "deaths",
    ),
}  # fmt: skip


class Slots(dict[str, list[Any]]):
    """Lists by field, one slot a place or contingent, made of `views` when first asked for; cleared at each phase."""

    def __init__(self, views: dict[str, np.ndarray]) -> None:
        super().__init__()
        self._views = views

    def __missing__(self, field: str) -> list[Any]:
        values: list[Any] = self._views[field].tolist()
        self[field] = values
        return values


class Collector(mesa.DataCollector):
    """Mesa's collector, with the same records; it reads AGENT_REPORTERS a column at a time, which is far quicker.

    The first name of AGENT_REPORTERS is `name`, the others are columns.
    """

    def _record_agenttype(self, model: "CeasefireModel", agent_type: type) -> Iterable[tuple[Any, ...]]:
        names = AGENT_REPORTERS.get(agent_type, ())
        if tuple(self.agenttype_reporters[agent_type]) != names:
            records: Iterable[tuple[Any, ...]] = super()._record_agenttype(model, agent_type)
            return records
        stamp = getattr(model, "time", model.steps)  # Mesa 3.5 has both
        columns = [vars(agent_type)[name].read(model) for name in names[1:]]
        return zip(repeat(stamp), model.ids[agent_type], model.names[agent_type], *columns, strict=False)


class CeasefireModel(mesa.Model):
    """A policed ceasefire, one run of it.

    Attributes
    ----------
    world : the Scenario (Mesa 3.5 keeps the name `scenario` for something of its own)
    single : the run in hand; read its rows, and change them only through the phases
    names, ids : of the contingents and of the places, by class
    russia, ukraine, united_states : agents
    contingents, places : agents by name, in the scenario's order
    space : Network of one cell a place, numbered in the scenario's order; line places are linked to their neighbours,
        borders and hubs to nothing; the nodes of `space.G` have a `name`, a `kind` and a schematic `pos` in km
    views : arrays by field, one slot a place, a contingent or both: STATE's (now), else WEEK's (the last week played)
    slots : the same as lists
    week : the WEEK row: the last week played
    datacollector : one row a week, from the end of week 0 on; places and contingents by `agenttype_reporters`
    running : False after a war (rungs 5 to 7), at the horizon, and after a failure
    """

    def __init__(
        self,
        scenario: Scenario | str | Path = DEFAULT,
        seed: int | None = None,
        run: int = 0,
        weeks: int | None = None,
        keep_weeks: bool = False,
        impose: Imposed | None = None,
    ) -> None:
        """Set up a run before week 0.

        Parameters
        ----------
        scenario : a Scenario, a shipped scenario's name, or a YAML file
        seed, run : what `simulate` calls seed and index of the run; without a seed, as in any Mesa model, a fresh one,
            which the model reporter `seed` tells
        weeks : horizon; the scenario's own if omitted
        keep_weeks : keep each week's WEEK row in `weeks`
        impose : what the run starts its weeks with, from a path (`runs.imposing`)

        Raises
        ------
        InputError : an argument is out of range
        SolverError : a game could not be solved; from `step` too
        """
        world = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
        single = SingleRun(world, secrets.randbits(63) if seed is None else seed, run, weeks, impose)
        super().__init__(rng=[single.seed, single.run])
        self.world = world
        self.single: SingleRun = single
        self.week: np.void = single.week  # a view of the one row
        self.views = _views(single.week, world) | _views(single.state, world)
        self.slots = Slots(self.views)
        self.russia, self.ukraine, self.united_states = Russia(self), Ukraine(self), UnitedStates(self)
        contingents = [EuropeanContingent(self, n) for n in range(len(world.contingents))]
        self.contingents = {agent.name: agent for agent in contingents}
        self.space = _space(self)
        places = [Place(self, s, self.space[s]) for s in range(len(world.places))]
        self.places = {agent.name: agent for agent in places}
        both: dict[type, list[Any]] = {EuropeanContingent: contingents, Place: places}
        self.names = {kind: [agent.name for agent in group] for kind, group in both.items()}
        self.ids = {kind: [agent.unique_id for agent in group] for kind, group in both.items()}
        self.datacollector = Collector(
            model_reporters=MODEL_REPORTERS,
            agenttype_reporters={kind: {name: name for name in names} for kind, names in AGENT_REPORTERS.items()},
        )
        actors: list[Any] = [self.russia, self.ukraine, self.united_states, *contingents]
        self._actors = {name: [agent for agent in actors if name in agent.phases] for name in PHASE_NAMES}
        self._line = [s for s, place in enumerate(world.places) if place.kind == PlaceKind.LINE]
        self._played: list[str] | None = None  # phases of the week in hand; None outside a week
        self._kept = np.zeros(single.horizon, WEEK) if keep_weeks else None

    @property
    def scenario(self) -> Any:
        """Not ours: Mesa 3.5 and its visualisation expect one of Mesa's own scenarios here, or none."""
        raise AttributeError("the scenario of a CeasefireModel is called `world`")

    @scenario.setter
    def scenario(self, value: Any) -> None:
        """Let go of the empty scenario that Mesa 3.5 makes for each model."""

    def step(self) -> None:
        """Play one week. After the end this does nothing and counts no step, as viewers step in batches."""
        if not self.single.alive:
            self.steps -= 1  # Mesa counts before it calls
            return
        self.running = False  # stays so if a phase fails
        self.single.open_week()
        self.slots.clear()
        self._played = []
        for name in PHASE_NAMES:
            for agent in self._actors[name]:
                getattr(agent, name)()
            self.play(name)
        self.single.close_week()
        self._played = None
        if self._kept is not None:
            self._kept[self.steps - 1] = self.single.week
        self.running = self.single.alive
        self.datacollector.collect(self)

    def play(self, name: str) -> None:
        """Play a phase of the week in hand, for all places; nothing happens if it has been played.

        Raises
        ------
        RuntimeError : no week is in hand, or an earlier phase has not been played
        SolverError : a game could not be solved
        """
        if self._played is None:
            raise RuntimeError(f"{name}: phases are played within a step")
        if name in self._played:
            return
        turn = PHASE_NAMES[len(self._played)]
        if name != turn:
            raise RuntimeError(f"{name}: it is the turn of {turn}")
        self.slots.clear()
        self.single.phase(name)
        self._played.append(name)

    def run(self) -> np.void:
        """Play to the end and return the outcomes."""
        self.run_model()
        return self.outcomes

    def run_model(self) -> None:
        """Play to the end."""
        while self.running:
            self.step()

    @property
    def outcomes(self) -> np.void:
        """A copy of the OUTCOMES row; complete once `running` is false."""
        return self.single.outcomes.copy()

    @property
    def weeks(self) -> np.ndarray:
        """WEEK, shape (weeks played,). Needs `keep_weeks=True`."""
        if self._kept is None:
            raise RuntimeError("the weeks were not kept: make the model with keep_weeks=True")
        return self._kept[: self.single.state["week"]]

    @property
    def date(self) -> date:
        """The first day of the last week played; before the first, of week 0."""
        return self.world.start_date + timedelta(weeks=int(self.week["week"]))

    @property
    def parameters(self) -> np.void:
        """The PARAMETERS row in force."""
        row: np.void = self.single.parameters[self.single.state["row"]]
        return row

    @property
    def played_with(self) -> np.void:
        """The row that holds the types of the last week played: WEEK's; STATE's before the first."""
        return self.single.week if self.steps else self.single.state

    def total(self, field: str) -> int:
        """Sum of a whole-numbered field over all places or contingents."""
        return sum(self.slots[field])

    def line_mean(self, field: str) -> float:
        """Unweighted mean of a field over the line places, summed in their order as the kernels do."""
        values = self.slots[field]
        total = 0.0
        for s in self._line:
            total += values[s]
        return total / len(self._line)


def _views(row: np.void, world: Scenario) -> dict[str, np.ndarray]:
    """Return the fields of a row with a slot for each place (_s), contingent (_n) or both, unused slots left out."""
    used = {"s": slice(len(world.places)), "n": slice(len(world.contingents))}
    names: Any = row.dtype.names
    suffixes = {name: name.rpartition("_")[2] for name in names}
    return {name: row[name][tuple(used[c] for c in suffixes[name])] for name in names if suffixes[name] in INDICES}


def _space(model: CeasefireModel) -> Network:
    """Return the network of places, linked as tension spreads."""
    graph = nx.Graph()
    reached = dict.fromkeys(PlaceKind, 0.0)
    for s, place in enumerate(model.world.places):
        width = place.length_km or _ROW_KM
        position = (reached[place.kind] + width / 2.0, -_ROW_KM * place.kind)
        reached[place.kind] += width
        graph.add_node(s, name=place.name, kind=place.kind.name.lower(), pos=position)
    right = model.single.parameters["right_s"][0]
    graph.add_edges_from((s, int(right[s])) for s in graph if right[s] >= 0)
    # Mesa 3.5 lays a network out, with NumPy's global generator, unless it is told where the nodes are.
    where = {"layout": nx.get_node_attributes(graph, "pos")}
    known = where if "layout" in inspect.signature(Network).parameters else {}
    return Network(graph, capacity=1, random=model.random, **known)
