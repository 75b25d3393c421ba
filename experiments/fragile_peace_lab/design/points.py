"""From a sweep to its points: a table that is a function of the sweep file and its seed alone.

Every combination of levers meets every sample of the uncertainties, so that levers are compared on the same unknowns.
Points are numbered with the sample slowest: point = sample * combinations + combination; where the sweep declares
structures (`structures`), point = (sample * structures + structure) * combinations + combination. More samples append
points and renumber none. A scrambled Sobol sequence of 2N samples begins with the N samples of the same seed; so does a
Saltelli design, whose samples come in blocks of d + 2 for d uncertainties: A, AB_1 ... AB_d, B, where AB_i is A with
column i taken from B (the order that SALib's `sobol.analyze` reads with `calc_second_order=False`). A Latin hypercube
cannot be extended. `posterior: N` takes the first N members of the calibrated posterior (`posterior`), or of the
sweep's own (`own_sample`), and of the war block's sample (`war_sample`), whose labels it keeps, and pairs them, one by
one, with a Sobol sample of the priors. Priors may go together (`copula`).
"""

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design import composite, labels, war_sample
from fragile_peace_lab.design.composite import Composites
from fragile_peace_lab.design.copula import correlated
from fragile_peace_lab.design.factors import MAX_GIVEN, SCENARIO, Prior, checked, count, parameter_of, prior_of
from fragile_peace_lab.design.levers import Column, combined, listed, sizes
from fragile_peace_lab.design.own import Own, own_outcomes
from fragile_peace_lab.design.own_sample import own_members
from fragile_peace_lab.design.structures import FIELD, STRUCTURE, Structures, Times, check_distinct, looked_up, over
from fragile_peace_lab.design.sweep import Sweep, find

FIRST_RUN = pa.field("first_run", pa.int64(), False, {"unit": "", "text": "the engine's run that is the point's run 0"})
MAX_POINTS = 1_000_000
MAX_NUMBERS = 1 << 24  # of the sampled unknowns together, or of the levers: 134 MB, and as objects ten times that
MAX_COUPLED = 20_000  # a scenario is built for each, in about a millisecond
COUPLED = ("monitoring.attribution", "monitoring.commission_bonus", "monitoring.un_bonus")
"""Parameters that a scenario checks together; so are the kind, length and hot-spot weight of its places."""


Priors = dict[str, tuple[Parameter, Prior]]


@dataclass(frozen=True)
class Design:
    """The points of a sweep.

    `structures` is empty where it declares none, `labels` where no sample gives any, `composites` where no lever has
    labels. `apart` is how far apart the first runs of two samples are (`sweep.DesignRule`).
    """

    levers: tuple[Column, ...]
    uncertainties: tuple[Column, ...]
    combinations: int
    samples: int
    structures: Structures
    labels: tuple[Column, ...] = ()
    apart: int = 0
    composites: Composites = field(default_factory=dict)

    @property
    def sets(self) -> dict[str, Any]:
        """What the structures, and the labels of every composite lever, set (`axis.scenario_at`)."""
        return {STRUCTURE: self.structures, **self.composites}

    @property
    def points(self) -> int:
        """How many points there are."""
        return self.combinations * self.samples * max(1, len(self.structures))

    def first_run(self, point: int) -> int:
        """Return the engine's run that is run 0 of a point: of its sample, the same for every lever and structure."""
        return point // (self.combinations * max(1, len(self.structures))) * self.apart

    def values(self, point: int) -> dict[str, Any]:
        """Return every value that a point is played with: of its factors, over which its structure's values go."""
        block, combination = divmod(point, self.combinations)
        sample, structure = divmod(block, max(1, len(self.structures)))
        chosen = {column.name: column.values[combination] for column in self.levers}
        values = composite.expanded(chosen, self.composites)
        values |= {column.name: column.values[sample] for column in self.uncertainties}
        return over(values, [*self.structures.values()][structure]) if self.structures else values

    def table(self) -> pa.Table:
        """Return one row a point: its numbers, first run, structure if there are any, factors, labels.

        An unknown that a structure sets has the structure's value there.
        """
        points = np.arange(self.points, dtype=np.int32)
        block, combination = np.divmod(points, np.int32(self.combinations))
        sample, structure = np.divmod(block, np.int32(max(1, len(self.structures))))
        fields = [*(pa.field(name, pa.int32(), False) for name in ("point", "sample", "combination")), FIRST_RUN]
        arrays = [pa.array(index) for index in (points, sample, combination, sample.astype(np.int64) * self.apart)]
        if self.structures:
            fields.append(FIELD)
            arrays.append(pa.array(list(self.structures)).take(pa.array(structure)))
        for columns, index in ((self.levers, combination), (self.uncertainties, sample), (self.labels, sample)):
            for column in columns:
                kind = column.field.type
                values = pa.array(column.values, kind).take(pa.array(index))
                for place, own in enumerate(self.structures.values()):
                    if column.name in own:
                        played = own[column.name]
                        new = (
                            pc.multiply(values, played.factor) if isinstance(played, Times) else pa.scalar(played, kind)
                        )
                        values = pc.if_else(pa.array(structure == place), new, values)
                fields.append(column.field)
                arrays.append(values)
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


@dataclass(frozen=True)
class Plan:
    """A sweep with everything in it looked up and checked: its scenarios by name, its points, its own outcomes."""

    sweep: Sweep
    scenarios: dict[str, Scenario]
    design: Design
    own: tuple[Own, ...] = ()

    @classmethod
    def load(cls, source: "str | Path | Sweep", runs: int | None = None) -> "Plan":
        """Return the plan of a sweep file, a shipped sweep's name or a Sweep. Raises InputError.

        Paths in a file are relative to it; paths in a Sweep object to the working folder.
        """
        sweep = source if isinstance(source, Sweep) else Sweep.load(source)
        folder = Path() if isinstance(source, Sweep) else find(source).parent
        if runs is not None:
            sweep = sweep.with_runs(runs)
        scenarios = _scenarios(sweep, folder)
        design = build(sweep, scenarios, folder)
        plan = cls(sweep, scenarios, design, own_outcomes(sweep.outcomes, folder))
        _check_coupled(plan)
        return plan

    def scenario(self, point: int) -> Scenario:
        """Return the scenario of a point."""
        values = self.design.values(point)
        name = values.pop(SCENARIO, None)
        base = self.scenarios[name] if name is not None else next(iter(self.scenarios.values()))
        return base.override(values) if values else base


def _scenarios(sweep: Sweep, folder: Path) -> dict[str, Scenario]:
    """Return the base scenarios by name, with the sweep's fixed values in them."""
    scenarios: dict[str, Scenario] = {}
    for base in sweep.base:
        scenario = _base(base, folder)
        if scenario.name in scenarios:
            raise InputError(f"base: two scenarios are called {scenario.name}; their names must differ")
        try:
            scenarios[scenario.name] = scenario.override(sweep.set) if sweep.set else scenario
        except InputError as error:
            raise InputError(f"set.{error}") from None
    return scenarios


def _base(name: str, folder: Path) -> Scenario:
    """Return a base scenario: shipped, or a file, which lies beside the sweep's or is named by a path."""
    try:
        beside = Path(name).suffix in (".yaml", ".yml") and (folder / name).is_file()
    except OSError as error:
        raise InputError(f"base: {shown(name)} is not allowed ({error.strerror})") from None
    try:
        return Scenario.load(folder / name if beside else name)
    except InputError as error:
        if beside and name not in str(error):
            raise InputError(f"base {name}: {error}") from None  # the file that it stands in
        raise


def build(sweep: Sweep, scenarios: dict[str, Scenario], folder: Path = Path()) -> Design:
    """Return the points of a sweep; paths in it are relative to `folder`. Raises InputError.

    Counts are checked before anything large is built.
    """
    rule, composites = sweep.design, composite.looked_up(sweep.composites, scenarios)
    _check_given(sweep)
    priors: Priors = {}
    for name, spec in sweep.priors.items():
        parameter = parameter_of(name, scenarios, "uncertainties")
        priors[name] = (parameter, prior_of(spec, parameter, f"uncertainties.{name}"))
    rows = listed(sweep, priors, scenarios, folder) if isinstance(rule.levers, dict) else []
    counts = [len(rows[0].values)] if rows else sizes(sweep, scenarios, composites)
    combinations = math.prod(counts)
    samples = rule.samples * (len(priors) + 2 if rule.sampler == "saltelli" else 1)
    _check_counts(sweep, counts, samples)
    levers = rows or combined(sweep, scenarios, composites)
    given = {*sweep.set, *priors, *(column.name for column in levers), *composite.set_by(composites)}
    drawn, kept = _sampled(sweep, priors, given, scenarios, folder)
    structures = looked_up(sweep.structures, scenarios, {column.name: column.values for column in drawn})
    check_distinct(structures, scenarios, {column.name for column in drawn})
    return Design(tuple(levers), tuple(drawn), combinations, samples, structures, kept, rule.apart, composites)


def _check_given(sweep: Sweep) -> None:
    """Refuse more values of levers and choices than are built, before any is."""
    levers = sum(count(spec) for spec in sweep.levers.values())
    choices = sum(count(spec.get("choice")) for spec in sweep.priors.values() if isinstance(spec, dict))
    if levers + choices > MAX_GIVEN:
        raise InputError(
            f"design: levers have {levers} values and the choices of uncertainties {choices}; at most {MAX_GIVEN} "
            "together are allowed"
        )


def _check_counts(sweep: Sweep, counts: Sequence[int], samples: int) -> None:
    """Refuse more points, or more numbers of a kind, than are built; `counts` are of what is crossed."""
    combinations, levers, priors = math.prod(counts), len(sweep.levers), len(sweep.priors)
    number = combinations * samples * max(1, len(sweep.structures))
    if number > MAX_POINTS:
        crossed = " x ".join(map(str, counts)) or "1"
        of = f"levers {crossed if len(crossed) <= 120 else crossed[:117] + '...'}, samples {samples}" + (
            f", structures {len(sweep.structures)}" if sweep.structures else ""
        )
        raise InputError(f"design: {shown(number)} points ({of}); at most {MAX_POINTS} are allowed")
    if samples * priors > MAX_NUMBERS:
        raise InputError(
            f"design: {samples} samples of {priors} uncertainties are {samples * priors} numbers; at most "
            f"{MAX_NUMBERS} are drawn"
        )
    if combinations * levers > MAX_NUMBERS:
        raise InputError(
            f"design: {combinations} combinations of {levers} levers are {combinations * levers} values; at most "
            f"{MAX_NUMBERS} are allowed"
        )


def _sampled(
    sweep: Sweep, priors: Priors, given: Collection[str], scenarios: dict[str, Scenario], folder: Path
) -> tuple[list[Column], tuple[Column, ...]]:
    """Return what is sampled, and the labels of its members."""
    rule = sweep.design
    u = uniforms(rule.sampler, rule.samples, len(priors), sweep.seed)
    u = correlated(u, {name: prior for name, (_, prior) in priors.items()}, sweep.correlations)
    drawn = [
        Column(name, "uncertainty", parameter, prior.quantile(u[:, index]))
        for index, (name, (parameter, prior)) in enumerate(priors.items())
    ]
    if rule.sampler != "posterior":
        return drawn, ()
    if sweep.posterior is None:
        members = _members(rule.samples, given, scenarios)
    else:
        members = own_members(folder / sweep.posterior, rule.samples, given, scenarios)
    kept: tuple[Column, ...] = ()
    drawn += [column for column in members if column.role != labels.LABEL]
    if sweep.posterior is None or war_sample.goes_with(column.name for column in members):
        war, labelled = war_sample.taken(rule.samples, given, priors, scenarios)
        drawn += [Column(name, "uncertainty", parameter, values) for name, parameter, values in war]
        kept = tuple(Column(name, labels.LABEL, None, values) for name, values in labelled.items())
    return drawn, (*kept, *(column for column in members if column.role == labels.LABEL))


def _members(number: int, taken: Collection[str], scenarios: dict[str, Scenario]) -> list[Column]:
    """Return the calibrated parameters of the first members, but those that the sweep or a base scenario sets itself.

    With the start of a truce comes the label of what it is like. Raises InputError where there are fewer members.
    """
    from fragile_peace_lab.design.posterior import START, Posterior

    posterior = Posterior.load()
    if number > len(posterior):
        most = 1 << (len(posterior).bit_length() - 1)
        raise InputError(f"design.uncertainties.posterior: {number} members; the posterior has {most} at most")
    columns = []
    for name in posterior.handed_on:
        parameter = parameter_of(name, scenarios, "posterior")
        if name in taken or any(base.get(name) != parameter.default for base in scenarios.values()):
            continue
        values = [checked(float(value), parameter, f"posterior.{name}") for value in posterior.columns[name][:number]]
        columns.append(Column(name, "uncertainty", parameter, values))
        if name == START:
            columns.append(Column(labels.LIKE, labels.LABEL, None, posterior.like()[:number]))
    return columns


def uniforms(sampler: str, number: int, width: int, seed: int) -> np.ndarray:
    """Return the uniform numbers of a sampling design, shape (samples, width); a function of its arguments alone."""
    if sampler == "none":
        return np.zeros((1, 0))
    if width == 0:
        return np.zeros((number, 0))
    from scipy.stats import qmc

    generator = np.random.default_rng(seed)
    if sampler == "lhs":
        spread: np.ndarray = qmc.LatinHypercube(width, rng=generator).random(number)
        return spread
    if sampler in ("sobol", "posterior"):
        drawn: np.ndarray = qmc.Sobol(width, scramble=True, rng=generator).random(number)
        return drawn
    both = qmc.Sobol(2 * width, scramble=True, rng=generator).random(number)
    a, b = both[:, :width], both[:, width:]
    blocks = np.repeat(a[:, None, :], width + 2, axis=1)  # A, AB_1 ... AB_d, B
    for index in range(width):
        blocks[:, index + 1, index] = b[:, index]
    blocks[:, width + 1, :] = b
    return blocks.reshape(-1, width)


def _check_coupled(plan: Plan) -> None:
    """Build a scenario for every combination of values that it checks together; bounds alone are checked already."""

    composites = plan.design.composites
    together = {lever for name, lever in composite.set_by(composites).items() if _goes_together(name)}

    def coupled(columns: Sequence[Column]) -> list[dict[str, Any]]:
        kept = [c for c in columns if c.name == SCENARIO or c.name in together or _goes_together(c.name)]
        rows = dict.fromkeys(zip(*(c.values for c in kept), strict=True)) if kept else {(): None}
        return [dict(zip([c.name for c in kept], row, strict=True)) for row in rows]

    structures: list[Any] = [*plan.design.structures.items()] or [("", {})]
    levers, unknowns = coupled(plan.design.levers), coupled(plan.design.uncertainties)
    number = len(levers) * len(unknowns) * len(structures)
    if number > MAX_COUPLED:
        raise InputError(
            f"design: {number} combinations of values that are only allowed together (levers {len(levers)}, samples "
            f"{len(unknowns)}, structures {len(structures)}); at most {MAX_COUPLED} are checked"
        )
    for left, right, (label, own) in itertools.product(levers, unknowns, structures):
        values = over(composite.expanded(left, composites) | right, own)
        bases = [plan.scenarios[values.pop(SCENARIO)]] if SCENARIO in values else list(plan.scenarios.values())
        for base in bases:
            try:
                base.override(values)
            except InputError as error:
                with_ = ", ".join(f"{name} = {shown(value)}" for name, value in values.items())
                with_ += f", structure {label}" if label else ""
                raise InputError(f"design: {error} (at {with_})") from None


def _goes_together(name: str) -> bool:
    return name in COUPLED or (
        name.startswith("places.") and name.rpartition(".")[2] in ("kind", "length_km", "hot_spot")
    )
