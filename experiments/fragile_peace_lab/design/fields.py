"""The fields of a sweep file one by one: what each may be, how it is read, and its JSON Schema for editors."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import WithJsonSchema

from fragile_peace.codes import Event, options
from fragile_peace.declared.blocks import Block
from fragile_peace.errors import nearest, shown
from fragile_peace.state import WEEK
from fragile_peace_lab.design import composite
from fragile_peace_lab.design.factors import PRIORS
from fragile_peace_lab.design.structures import MOST, NAME

MAX_RUNS = 10_000_000
MAX_SAMPLES = 1 << 20
REFERENCE = re.compile(r"(?!.*\.py:)[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
"""A function of a module: `package.module:function`."""
SAMPLERS = ("lhs", "sobol", "saltelli", "posterior")
DRAWS = ("own", "shared")
OUTCOMES = ("collapse", *(name for name in options(Event) if name != "collapse"))


class Until(Block):
    """A stopping rule: enough runs of every point for an outcome's 95 % interval to be this narrow."""

    outcome: str
    halfwidth: float
    max_runs: int


def read_base(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{shown(value)} is not allowed; must be a scenario's name or path, or a list of them")
    return _once(names)


def _once(names: Sequence[str]) -> tuple[str, ...]:
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is given twice")
    return tuple(names)


def read_runs(value: Any) -> int | Until:
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


def read_outcomes(value: Any) -> tuple[str, ...]:
    """Return the own outcomes that a sweep names: one, or a list of them."""
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list | tuple) or not all(
        isinstance(one, str) and REFERENCE.fullmatch(one) for one in named
    ):
        raise ValueError(f"{shown(value)} is not allowed; must be module:function, or a list of them")
    return _once(named)


def read_record(value: Any) -> dict[str, Any] | None:
    """Return which weekly fields a sweep keeps, and of how many runs of each point."""
    if value is None:
        return None
    if not (isinstance(value, dict) and set(value) == {"fields", "runs"} and isinstance(value["fields"], list)):
        raise ValueError(f"{shown(value)} is not allowed; must be {{fields: [NAME, ...], runs: N}}")
    names = [name for name in WEEK.names or () if name != "week"]
    for name in value["fields"] or [None]:
        if name not in names or value["fields"].count(name) > 1:
            hint = nearest(str(name), names)
            raise ValueError(f"fields: {shown(name)} is not allowed; must be fields of state.WEEK, each once{hint}")
    runs = value["runs"]
    if isinstance(runs, bool) or not isinstance(runs, int) or not 1 <= runs <= MAX_RUNS:
        raise ValueError(f"runs: {shown(runs)} is not allowed; must be a whole number from 1 to {MAX_RUNS}")
    return {"fields": list(value["fields"]), "runs": runs}


def read_levers(value: Any) -> Any:
    if value in ("grid", "zip"):
        return value
    if isinstance(value, dict) and list(value) == ["csv"] and isinstance(value["csv"], str) and value["csv"]:
        return value
    raise ValueError(
        f"{shown(value)} is not allowed; must be one of grid, zip, {{csv: FILE}}{nearest(value, ('grid', 'zip'))}"
    )


def read_sampler(value: Any) -> Any:
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


def read_draws(value: Any) -> Any:
    if value in DRAWS:
        return value
    raise ValueError(f"{shown(value)} is not allowed; must be one of {', '.join(DRAWS)}{nearest(value, DRAWS)}")


_COUNT = {"type": "integer", "minimum": 1, "maximum": MAX_SAMPLES}
SAMPLER_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"const": "none"},
        *(
            {"type": "object", "properties": {kind: _COUNT}, "required": [kind], "additionalProperties": False}
            for kind in SAMPLERS
        ),
    ]
}
LEVERS_SCHEMA: dict[str, Any] = {
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
RUNS_SCHEMA: dict[str, Any] = {
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
LEVER_SCHEMA: dict[str, Any] = {"oneOf": [*_VALUES_SCHEMA["oneOf"], composite.SCHEMA]}
PRIOR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        kind: _VALUES_SCHEMA if kind == "choice" else {"type": "array", "items": {"type": "number"}} for kind in PRIORS
    },
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}


UNCERTAINTIES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"posterior": {"type": "string"}},
    "additionalProperties": PRIOR_SCHEMA,
}
RECORD_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "fields": {"type": "array", "items": {"enum": [name for name in WEEK.names or () if name != "week"]}},
        "runs": {"type": "integer", "minimum": 1, "maximum": MAX_RUNS},
    },
    "required": ["fields", "runs"],
    "additionalProperties": False,
}
CORRELATIONS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "string"}, {"type": "number"}],
        "minItems": 3,
        "maxItems": 3,
    },
}
OUTCOMES_SCHEMA: dict[str, Any] = {
    "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}]
}


def mapping_of(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"type": "object", "additionalProperties": schema})


STRUCTURES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "maxProperties": MOST,
    "propertyNames": {"pattern": NAME},
    "additionalProperties": {"type": "object"},
}
