"""A sweep file: which scenarios, which levers and uncertainties, how they are combined, how many runs.

`Sweep.load` reads a YAML file, `Sweep.from_dict` plain data; both refuse what is wrong with one line. The file is
described in docs/sweeps.md; `json_schema` gives it to editors. What the names in it stand for is checked against the
scenarios by `design.points.Plan`.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationError, WithJsonSchema, model_validator

from fragile_peace.codes import Event, options
from fragile_peace.declared import yamltext
from fragile_peace.declared.blocks import Block
from fragile_peace.declared.catalogue import allowed_values, names_in
from fragile_peace.errors import InputError, nearest, one_line, shown
from fragile_peace_lab.design import composite
from fragile_peace_lab.design.factors import PRIORS, check_once
from fragile_peace_lab.design.structures import MOST, NAME, check_names

SHIPPED = Path(__file__).parents[1] / "sweeps"
MAX_RUNS = 10_000_000
MAX_SAMPLES = 1 << 20
OWN_RUNS = 1 << 20
"""With draws of its own, sample i plays the engine's runs from i * OWN_RUNS on: its first run."""
OWN_SAMPLES = (1 << 32) // OWN_RUNS - 1  # run indices of the engine have 32 bits
SAMPLERS = ("lhs", "sobol", "saltelli", "posterior")
DRAWS = ("own", "shared")
OUTCOMES = ("collapse", *(name for name in options(Event) if name != "collapse"))


class Until(Block):
    """A stopping rule: enough runs of every point for an outcome's 95 % interval to be this narrow."""

    outcome: str
    halfwidth: float
    max_runs: int


def _base(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{shown(value)} is not allowed; must be a scenario's name or path, or a list of them")
    for name in names:
        if list(names).count(name) > 1:
            raise ValueError(f"{name} is given twice")
    return tuple(names)


def _runs(value: Any) -> int | Until:
    if isinstance(value, Until):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_RUNS:
        return value
    if not (isinstance(value, dict) and set(value) == {"until", "max_runs"} and isinstance(value["until"], dict)):
        raise ValueError(
            f"{shown(value)} is not allowed; must be a whole number from 1 to {MAX_RUNS}, or "
            "{until: {outcome: NAME, halfwidth: H}, max_runs: N}"
        )
    rule, most = value["until"], value["max_runs"]
    if set(rule) != {"outcome", "halfwidth"}:
        raise ValueError(f"until: {shown(rule)} is not allowed; must be {{outcome: NAME, halfwidth: H}}")
    outcome, half = rule["outcome"], rule["halfwidth"]
    if outcome not in OUTCOMES:
        raise ValueError(
            f"until.outcome: {shown(outcome)} is not one of {', '.join(OUTCOMES)}{nearest(outcome, OUTCOMES)}"
        )
    if isinstance(half, bool) or not isinstance(half, int | float) or not 0 < half < 0.5:
        raise ValueError(f"until.halfwidth: {shown(half)} is not allowed; must be a number above 0 and below 0.5")
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MAX_RUNS:
        raise ValueError(f"max_runs: {shown(most)} is not allowed; must be a whole number from 1 to {MAX_RUNS}")
    return Until(outcome=outcome, halfwidth=float(half), max_runs=most)


def _levers_design(value: Any) -> Any:
    if value in ("grid", "zip"):
        return value
    if isinstance(value, dict) and list(value) == ["csv"] and isinstance(value["csv"], str) and value["csv"]:
        return value
    raise ValueError(
        f"{shown(value)} is not allowed; must be one of grid, zip, {{csv: FILE}}{nearest(value, ('grid', 'zip'))}"
    )


def _sampler(value: Any) -> Any:
    if value == "none":
        return value
    if not (isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SAMPLERS):
        key = next(iter(value), "") if isinstance(value, dict) else value
        raise ValueError(
            f"{shown(value)} is not allowed; must be one of none, {', '.join(f'{{{kind}: N}}' for kind in SAMPLERS)}"
            f"{nearest(key, SAMPLERS)}"
        )
    kind, number = next(iter(value.items()))
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_SAMPLES:
        raise ValueError(f"{kind}: {shown(number)} is not allowed; must be a whole number from 1 to {MAX_SAMPLES}")
    if kind != "lhs" and not math.log2(number).is_integer():
        raise ValueError(f"{kind}: {number} is not allowed; must be a power of two, such as {1 << number.bit_length()}")
    return value


def _draw_rule(value: Any) -> Any:
    if value in DRAWS:
        return value
    raise ValueError(f"{shown(value)} is not allowed; must be one of {', '.join(DRAWS)}{nearest(value, DRAWS)}")


_COUNT = {"type": "integer", "minimum": 1, "maximum": MAX_SAMPLES}
_SAMPLER_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"const": "none"},
        *(
            {"type": "object", "properties": {kind: _COUNT}, "required": [kind], "additionalProperties": False}
            for kind in SAMPLERS
        ),
    ]
}
_LEVERS_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"enum": ["grid", "zip"]},
        {
            "type": "object",
            "properties": {"csv": {"type": "string"}},
            "required": ["csv"],
            "additionalProperties": False,
        },
    ]
}
_RUNS_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"type": "integer", "minimum": 1, "maximum": MAX_RUNS},
        {
            "type": "object",
            "properties": {
                "until": {
                    "type": "object",
                    "properties": {
                        "outcome": {"enum": list(OUTCOMES)},
                        "halfwidth": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
                    },
                    "required": ["outcome", "halfwidth"],
                    "additionalProperties": False,
                },
                "max_runs": {"type": "integer", "minimum": 1, "maximum": MAX_RUNS},
            },
            "required": ["until", "max_runs"],
            "additionalProperties": False,
        },
    ]
}
_SPACE_SCHEMA = {
    kind: {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}}
    for kind in ("linspace", "logspace")
}
_VALUES_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"type": "array", "minItems": 1},
        {
            "type": "object",
            "properties": _SPACE_SCHEMA,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ]
}
_LEVER_SCHEMA: dict[str, Any] = {"oneOf": [*_VALUES_SCHEMA["oneOf"], composite.SCHEMA]}
_PRIOR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        kind: _VALUES_SCHEMA if kind == "choice" else {"type": "array", "items": {"type": "number"}} for kind in PRIORS
    },
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}


def _mapping_of(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"type": "object", "additionalProperties": schema})


_STRUCTURES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "maxProperties": MOST,
    "propertyNames": {"pattern": NAME},
    "additionalProperties": {"type": "object"},
}


class DesignRule(Block):
    """How levers are combined, and how uncertainties are sampled; every combination meets every sample."""

    levers: Annotated[Any, PlainValidator(_levers_design), WithJsonSchema(_LEVERS_SCHEMA)] = Field(
        "grid", description="grid (every combination), zip (side by side) or {csv: FILE} (one row a combination)"
    )
    uncertainties: Annotated[Any, PlainValidator(_sampler), WithJsonSchema(_SAMPLER_SCHEMA)] = Field(
        "none",
        description="none, {lhs: N} (Latin hypercube), {sobol: N} (scrambled Sobol), {saltelli: N}, or {posterior: N} "
        "(members of the calibrated posterior and the war block's sample, beside a Sobol sample of the priors)",
    )

    draws: Annotated[Any, PlainValidator(_draw_rule), WithJsonSchema({"enum": list(DRAWS)})] = Field(
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
        PlainValidator(_base),
        WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
    ] = Field(description="a scenario's name or path; a list of them makes the scenario a lever")
    set: Annotated[dict[str, Any], _mapping_of({})] = Field({}, description="values that hold throughout the sweep")
    levers: Annotated[dict[str, Any], _mapping_of(_LEVER_SCHEMA)] = Field(
        {},
        description="what somebody chooses: values, {linspace: [a, b, n]} or {logspace: [a, b, n]} by dotted name; by "
        "a plain word, labels and what each of them sets",
    )
    uncertainties: Annotated[dict[str, Any], _mapping_of(_PRIOR_SCHEMA)] = Field(
        {}, description="what nobody knows: a prior by dotted name"
    )
    structures: Annotated[dict[str, dict[str, Any]], WithJsonSchema(_STRUCTURES_SCHEMA)] = Field(
        {}, description="what nobody can estimate: by name, values that the whole sweep is played with, the first first"
    )
    design: DesignRule = DesignRule()
    runs: Annotated[Any, PlainValidator(_runs), WithJsonSchema(_RUNS_SCHEMA)] = Field(
        description="runs of every point, or a stopping rule"
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
        if not self.structures:
            del data["structures"]
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
    groups["uncertainties"] = {"uncertainties": sweep.uncertainties}
    groups["structures"] = {f"structures.{name}": values for name, values in sweep.structures.items()}
    check_once(groups, where)


ALLOWED = allowed_values(Sweep)
_NAMES_IN = names_in(Sweep)
