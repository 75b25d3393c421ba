"""A sweep file: which scenarios, which levers and uncertainties, how they are combined, how many runs.

`Sweep.load` reads a YAML file, `Sweep.from_dict` plain data; both refuse what is wrong with one line. The file is
described in docs/sweeps.md; `json_schema` gives it to editors. What the names in it stand for is checked against the
scenarios by `design.points.Plan`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationError, WithJsonSchema, model_validator

from fragile_peace.declared import yamltext
from fragile_peace.declared.blocks import Block
from fragile_peace.declared.catalogue import allowed_values, names_in
from fragile_peace.errors import InputError, nearest, one_line, shown
from fragile_peace_lab.design import composite
from fragile_peace_lab.design.copula import pairs_of
from fragile_peace_lab.design.factors import check_once
from fragile_peace_lab.design.fields import (
    CORRELATIONS_SCHEMA,
    DRAWS,
    LEVER_SCHEMA,
    LEVERS_SCHEMA,
    OUTCOMES_SCHEMA,
    RECORD_SCHEMA,
    RUNS_SCHEMA,
    SAMPLER_SCHEMA,
    SAMPLERS,
    STRUCTURES_SCHEMA,
    UNCERTAINTIES_SCHEMA,
    Until,
    mapping_of,
    read_base,
    read_draws,
    read_levers,
    read_outcomes,
    read_record,
    read_runs,
    read_sampler,
)
from fragile_peace_lab.design.structures import check_names

POSTERIOR = "posterior"
"""The name under `uncertainties` that is no parameter's: of a file."""
SHIPPED = Path(__file__).parents[1] / "sweeps"
OWN_RUNS = 1 << 20
"""With draws of its own, sample i plays the engine's runs from i * OWN_RUNS on: its first run."""
OWN_SAMPLES = (1 << 32) // OWN_RUNS - 1  # run indices of the engine have 32 bits


class DesignRule(Block):
    """How levers are combined, and how uncertainties are sampled; every combination meets every sample."""

    levers: Annotated[Any, PlainValidator(read_levers), WithJsonSchema(LEVERS_SCHEMA)] = Field(
        "grid", description="grid (every combination), zip (side by side) or {csv: FILE} (one row a combination)"
    )
    uncertainties: Annotated[Any, PlainValidator(read_sampler), WithJsonSchema(SAMPLER_SCHEMA)] = Field(
        "none",
        description="none, {lhs: N} (Latin hypercube), {sobol: N} (scrambled Sobol), {saltelli: N}, or {posterior: N} "
        "(members of the calibrated posterior and the war block's sample, beside a Sobol sample of the priors)",
    )

    draws: Annotated[Any, PlainValidator(read_draws), WithJsonSchema({"enum": list(DRAWS)})] = Field(
        "own",
        description="own (each sample plays runs of its own) or shared (run r of every sample uses the same random "
        "numbers); shared if empty with saltelli, which allows nothing else",
    )

    @model_validator(mode="before")
    @classmethod
    def _draws(cls, data: Any) -> Any:
        """Saltelli's indices compare samples that differ in one unknown: these share their draws."""
        kind = data.get("uncertainties") if isinstance(data, dict) else None
        return {"draws": "shared", **data} if isinstance(kind, dict) and "saltelli" in kind else data

    @property
    def apart(self) -> int:
        """How far the first runs of two samples are apart: 0 where they share their draws."""
        return OWN_RUNS if self.draws == "own" else 0

    @property
    def samples(self) -> int:
        """The N of the sampler; 1 without uncertainties."""
        return 1 if self.uncertainties == "none" else int(next(iter(self.uncertainties.values())))

    @property
    def sampler(self) -> str:
        """The name of the sampler."""
        return "none" if self.uncertainties == "none" else str(next(iter(self.uncertainties)))


class Sweep(Block):
    """One declared sweep. Frozen."""

    schema_version: Annotated[Literal[1], Field(alias="schema", json_schema_extra={"allowed": "1"})] = 1
    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$",
        description="names the folder of the results",
        json_schema_extra={"allowed": "1 to 60 letters, digits, _, . or -, first a letter or digit"},
    )
    title: str = Field("", max_length=200, description="one line that says what it is")
    description: str = Field("", max_length=8000, description="what it asks, and why these ranges")
    base: Annotated[
        Any,
        PlainValidator(read_base),
        WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
    ] = Field(description="a scenario's name or path; a list of them makes the scenario a lever")
    set: Annotated[dict[str, Any], mapping_of({})] = Field({}, description="values that hold throughout the sweep")
    levers: Annotated[dict[str, Any], mapping_of(LEVER_SCHEMA)] = Field(
        {},
        description="what somebody chooses: values, {linspace: [a, b, n]} or {logspace: [a, b, n]} by dotted name; by "
        "a plain word, labels and what each of them sets",
    )
    uncertainties: Annotated[dict[str, Any], WithJsonSchema(UNCERTAINTIES_SCHEMA)] = Field(
        {},
        description="what nobody knows: a prior by dotted name; under the name posterior, the file of an own sample",
    )
    correlations: Annotated[Any, PlainValidator(pairs_of), WithJsonSchema(CORRELATIONS_SCHEMA)] = Field(
        (), description="priors that go together: [name, name, correlation of their normal scores]"
    )
    structures: Annotated[dict[str, dict[str, Any]], WithJsonSchema(STRUCTURES_SCHEMA)] = Field(
        {}, description="what nobody can estimate: by name, values that the whole sweep is played with, the first first"
    )
    design: DesignRule = DesignRule()
    runs: Annotated[Any, PlainValidator(read_runs), WithJsonSchema(RUNS_SCHEMA)] = Field(
        description="runs of every point, or a stopping rule"
    )
    outcomes: Annotated[Any, PlainValidator(read_outcomes), WithJsonSchema(OUTCOMES_SCHEMA)] = Field(
        (), description="own outcomes: module:function of a run's weeks, or a list of them (design/own.py)"
    )
    record: Annotated[Any, PlainValidator(read_record), WithJsonSchema(RECORD_SCHEMA)] = Field(
        None, description="weekly fields that are kept of the first runs of every point, in record.parquet"
    )
    seed: int = Field(ge=0, le=(1 << 63) - 1, description="seed of the runs and of the sampling design")
    weeks: int | None = Field(
        None,
        ge=1,
        le=1040,
        description="horizon; the scenario's own if empty",
        json_schema_extra={"allowed": "a whole number from 1 to 1040"},
    )

    @classmethod
    def load(cls, path: str | Path) -> "Sweep":
        """Return the sweep in a YAML file, or a shipped one by name. Raises InputError."""
        file = find(path)
        data = yamltext.read(file)
        data.setdefault("name", file.stem)
        return cls.from_dict(data, str(path))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "sweep") -> "Sweep":
        """Return the sweep in plain data; `where` names it in errors. Raises InputError with one line."""
        if not isinstance(data, Mapping):
            raise InputError(f"{where}: {shown(data)} is not allowed; must be a mapping of names to values")
        try:
            sweep = cls.model_validate(dict(data))
        except ValidationError as error:
            raise InputError(f"{where}: {one_line(error, data, ALLOWED, _NAMES_IN)}") from None
        _check_whole(sweep, where)
        return sweep

    def to_dict(self) -> dict[str, Any]:
        """Return the sweep as plain data; `from_dict` reads it back to an equal one."""
        data = self.model_dump(mode="json", by_alias=True)
        data["base"] = self.base[0] if len(self.base) == 1 else list(self.base)
        data |= {"outcomes": list(self.outcomes), "correlations": [list(pair) for pair in self.correlations]}
        for name in ("structures", "outcomes", "correlations", "record"):
            if not data[name]:
                del data[name]
        if isinstance(self.runs, Until):
            rule = {"outcome": self.runs.outcome, "halfwidth": self.runs.halfwidth}
            data["runs"] = {"until": rule, "max_runs": self.runs.max_runs}
        return data

    def with_runs(self, runs: int) -> "Sweep":
        """Return a copy with another number of runs a point, which replaces a stopping rule. Raises InputError."""
        return Sweep.from_dict({**self.to_dict(), "runs": runs}, "--runs")

    @property
    def composites(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The levers with labels, as declared (`composite`)."""
        return composite.composites_in(self.levers)

    @property
    def priors(self) -> dict[str, Any]:
        """The priors, by dotted name."""
        return {name: spec for name, spec in self.uncertainties.items() if name != POSTERIOR}

    @property
    def posterior(self) -> str | None:
        """The file of a posterior of the sweep's own; None where it takes the shipped one, or none."""
        file = self.uncertainties.get(POSTERIOR)
        return None if file is None else str(file)

    @property
    def most_runs(self) -> int:
        """Runs of a point: the number, or the most that the stopping rule allows."""
        return self.runs.max_runs if isinstance(self.runs, Until) else int(self.runs)


def find(path: str | Path) -> Path:
    """Return the file of a sweep: a path, or the name of a shipped sweep. Raises InputError."""
    names = sorted(file.stem for file in SHIPPED.glob("*.yaml"))
    if str(path) in names:
        return SHIPPED / f"{path}.yaml"
    file = Path(path)
    try:
        if file.suffix in (".yaml", ".yml") and file.is_file():
            return file
    except (OSError, ValueError):
        pass
    raise InputError(
        f"sweep: {shown(str(path))} is neither a YAML file nor a shipped sweep ({', '.join(names)})"
        f"{nearest(str(path), names)}"
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of sweep files, for editors."""
    schema = Sweep.model_json_schema(by_alias=True)
    schema["required"] = [name for name in schema["required"] if name != "name"]  # the file's own name stands in
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A sweep of Fragile Peace"}


def _check_whole(sweep: Sweep, where: str) -> None:
    """Refuse fields that contradict each other."""
    check_names(sweep.structures, where)
    _check_given_once(sweep, where)
    if sweep.uncertainties and sweep.design.uncertainties == "none":
        raise InputError(
            f"{where}: design.uncertainties: is missing; must be one of "
            f"{', '.join(f'{{{kind}: N}}' for kind in SAMPLERS)}"
        )
    if not sweep.uncertainties and sweep.design.sampler not in ("none", "posterior"):
        raise InputError(f"{where}: uncertainties: none are given for design.uncertainties to sample")
    if sweep.structures and sweep.design.sampler == "saltelli":
        raise InputError(
            f"{where}: structures: cannot be given with saltelli, whose indices are of one structure; give the values "
            "of one under set"
        )
    _check_draws(sweep, where)
    _check_posterior(sweep, where)
    if sweep.correlations and sweep.design.sampler == "saltelli":
        raise InputError(f"{where}: correlations: not with saltelli, whose indices are of independent unknowns")
    if isinstance(sweep.design.levers, dict) and sweep.levers:
        raise InputError(f"{where}: levers: must be absent where design.levers takes them from a CSV file")


def _check_draws(sweep: Sweep, where: str) -> None:
    """Refuse draws of their own where the sampler compares samples, or where there are not that many run indices."""
    rule = sweep.design
    if rule.draws == "shared":
        return
    if rule.sampler == "saltelli":
        raise InputError(
            f"{where}: design.draws: own is not allowed with saltelli, whose indices compare samples that differ in "
            "one unknown alone; must be shared"
        )
    for name, number, most in (("runs", sweep.most_runs, OWN_RUNS), ("samples", rule.samples, OWN_SAMPLES)):
        if number > most:
            raise InputError(
                f"{where}: design.draws: own allows {most} {name} at most, not {number}; draws: shared allows more"
            )


def _check_posterior(sweep: Sweep, where: str) -> None:
    """Refuse a file of a posterior that no sampler takes, or that is no path."""
    file = sweep.uncertainties.get(POSTERIOR)
    if POSTERIOR in sweep.uncertainties and not (isinstance(file, str) and file):
        raise InputError(f"{where}: uncertainties.posterior: {shown(file)} is not allowed; must be a file's path")
    if file is not None and sweep.design.sampler != POSTERIOR:
        raise InputError(
            f"{where}: design.uncertainties: must be {{posterior: N}} where uncertainties.posterior names a file"
        )


def _check_given_once(sweep: Sweep, where: str) -> None:
    """Refuse a name that is given in two places; the labels of a lever, and structures, may share names."""
    found = sweep.composites
    plain = {name: spec for name, spec in sweep.levers.items() if name not in found}
    groups: dict[str, dict[str, Any]] = {"set": {"set": sweep.set}, "levers": {"levers": plain}}
    composite.check_names(found, where)
    groups |= {
        f"levers.{lever}": {f"levers.{lever}.{label}": values for label, values in spec.items()}
        for lever, spec in found.items()
    }
    groups["uncertainties"] = {"uncertainties": sweep.priors}
    groups["structures"] = {f"structures.{name}": values for name, values in sweep.structures.items()}
    check_once(groups, where)


ALLOWED = allowed_values(Sweep)
_NAMES_IN = names_in(Sweep)
