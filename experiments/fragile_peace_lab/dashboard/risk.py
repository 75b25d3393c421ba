"""The risk view: what is computed in which order, and what the runs that are in say.

Estimates are those of a sweep with one member (`estimates.measure`), so that they equal, bit for bit, what
`fragile-peace sweep` and `curves` give for `sweep_text`. Differences from a pinned scenario are taken run against run
(`estimates.comparisons`).
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from fragile_peace.declared import yamltext
from fragile_peace.declared.scenario import Scenario
from fragile_peace_lab.dashboard import levers
from fragile_peace_lab.dashboard.bank import Bank
from fragile_peace_lab.dashboard.settings import OUTCOMES, Settings
from fragile_peace_lab.design.belief import in_effect, is_tied
from fragile_peace_lab.design.chances import start_chances
from fragile_peace_lab.estimates.comparisons import difference
from fragile_peace_lab.estimates.measure import Measured, estimated, measure
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.estimates.tables import rounded
from fragile_peace_lab.store.columns import flatten

ROUNDS = (16, 50, 100, 200, 400, 1000, 2000, 5000, 10_000, 20_000)
"""Runs of a point after each round: the first picture comes early, later ones sharpen it."""
AHEAD = 200
"""Runs that the sliders’ own point gets before the others get any."""
QUICK = 0.25
"""Seconds; a round that would take less is left to the next one, as drawing it would cost as much."""


class Estimates(dict[str, dict[str, Any]]):
    """Rows of estimates by outcome, each made when first asked for."""

    def __init__(self, rows: np.ndarray, world: Scenario) -> None:
        super().__init__()
        self._columns = columns_of(rows, len(world.contingents))
        self._types = _types(self._columns, world)

    def __missing__(self, name: str) -> dict[str, Any]:
        self[name] = _row(estimated(BY_NAME[name], _measured(self._columns, self._types, name)))
        return self[name]


@dataclass(frozen=True)
class Point:
    """One scenario of the picture and the runs that are in.

    Attributes
    ----------
    x : where it stands on the axis
    here : whether it is the scenario of the sliders itself
    rows : OUTCOMES, shape (runs,)
    """

    x: float
    world: Scenario
    here: bool
    rows: np.ndarray

    @property
    def runs(self) -> int:
        """How many runs are in."""
        return len(self.rows)

    @cached_property
    def estimates(self) -> "Estimates":
        """By outcome what a row of `curves` says: estimate, mc_low, mc_high, n_runs, note, ...; needs a run."""
        return Estimates(self.rows, self.world)


@dataclass(frozen=True)
class Risks:
    """What is known of a curve: its points in the order of the axis, and the settings that they belong to."""

    settings: Settings
    points: tuple[Point, ...]
    done: bool = False

    @property
    def here(self) -> Point:
        """The point of the sliders."""
        return next(point for point in self.points if point.here)

    @property
    def progress(self) -> float:
        """Share of the wanted runs that are in."""
        return sum(point.runs for point in self.points) / (len(self.points) * self.settings.runs)


def start(settings: Settings, bank: Bank) -> Risks:
    """Return the points of a curve with the runs that the bank has already. Raises InputError."""
    here = float(in_effect(settings.world, settings.along))
    found = []
    for x in levers.points(settings.along, here):
        world = settings.world.override({settings.along: levers.typed(settings.along, x)})
        there = bank.have(world, settings.seed, settings.horizon)[: settings.runs]
        found.append(Point(x, world, x == here, there))
    risks = Risks(settings, tuple(found))
    return replace(risks, done=risks.progress == 1.0)


def at_once(settings: Settings, bank: Bank) -> Risks | None:
    """Return `start` with the first runs of the sliders' point, played here and now; None where that takes long.

    Raises InputError and SolverError.
    """
    risks = start(settings, bank)
    missing = min(AHEAD, settings.runs) - risks.here.runs
    if missing <= 0:
        return risks
    if bank.seconds(missing, settings.horizon) >= QUICK:
        return None
    return next(computed(risks, bank, threading.Event()))


def computed(risks: Risks, bank: Bank, cancel: threading.Event) -> Iterator[Risks]:
    """Yield the picture again and again as runs come in: the sliders' point first, then every point, round by round.

    Nothing where all runs are in already.

    Raises Cancelled and SolverError.
    """
    settings = risks.settings
    rounds = [*(n for n in ROUNDS if n < settings.runs), settings.runs]
    ahead = [n for n in rounds if n <= AHEAD] or rounds[:1]
    steps = [(n, True, n == ahead[-1]) for n in ahead] + [(n, False, n == rounds[-1]) for n in rounds]
    for count, here_only, wanted in steps:
        waiting = [place for place, p in enumerate(risks.points) if p.runs < count and (p.here or not here_only)]
        new = sum(count - risks.points[place].runs for place in waiting)
        if not wanted and bank.seconds(new, settings.horizon) < QUICK:
            continue
        for place in waiting:
            point = risks.points[place]
            rows = bank.runs(point.world, settings.seed, settings.horizon, count, cancel)
            points = (*risks.points[:place], replace(point, rows=rows), *risks.points[place + 1 :])
            risks = replace(risks, points=points)
            risks = replace(risks, done=risks.progress == 1.0)
            yield risks


def columns_of(rows: np.ndarray, contingents: int) -> dict[str, np.ndarray]:
    """Return a sweep's columns of some runs, each of shape (1 member, runs)."""
    table = flatten(rows[None], [0], 0, [contingents], contingents)
    found = {}
    for name in table.column_names:
        values = table.column(name).to_numpy()
        found[name] = (values.astype(np.int8) if values.dtype == bool else values)[None]
    return found


def _types(columns: dict[str, np.ndarray], world: Scenario) -> dict[str, np.ndarray]:
    """Return the true types at the start less their chances, by column."""
    return {column: columns[column] - chance for column, chance in start_chances(world).items()}


def _measured(columns: dict[str, np.ndarray], types: dict[str, np.ndarray], name: str) -> Measured:
    outcome = BY_NAME[name]
    return measure(outcome, {need: columns[need] for need in outcome.needs}, types=types)


def _row(numbers: dict[str, Any]) -> dict[str, Any]:
    """Numbers as the tables of `curves` hold them: to `tables.DIGITS` digits, None where not defined."""
    return {key: rounded(value) for key, value in numbers.items()}


def differences(pinned: Point, here: Point) -> dict[str, dict[str, Any]]:
    """Return by outcome the paired difference, here less pinned, over the runs that both have; {} without such runs."""
    runs = min(pinned.runs, here.runs)
    if not runs:
        return {}
    pair = []
    for point in (pinned, here):
        columns = columns_of(point.rows[:runs], len(point.world.contingents))
        pair.append((columns, _types(columns, point.world)))
    return {name: _row(difference(BY_NAME[name], *(_measured(*side, name) for side in pair))) for name in OUTCOMES}


def sweep_text(risks: Risks) -> str:
    """Return the sweep file whose results the picture shows."""
    settings = risks.settings
    tied = ", and the truth with it" if is_tied(settings.world, settings.along) else ""
    sweep = {
        "schema": 1,
        "name": "dashboard",
        "title": f"{settings.scenario} along {settings.along}{tied}, as shown by the dashboard",
        "base": settings.scenario,
        "weeks": settings.horizon,
        "seed": settings.seed,
        "runs": settings.runs,
        "set": {name: value for name, value in settings.values if name != settings.along},
        "levers": {settings.along: [levers.typed(settings.along, point.x) for point in risks.points]},
        "design": {"levers": "grid"},
    }
    return yamltext.dump({key: value for key, value in sweep.items() if value != {}})
