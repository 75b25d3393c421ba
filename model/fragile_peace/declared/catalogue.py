"""The list of all parameters, read off the declaration: one `Parameter` a row, in declaration order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fragile_peace.codes import options


@dataclass(frozen=True)
class Parameter:
    """One declared parameter.

    Attributes
    ----------
    name : dotted name; `places.*.` and `contingents.*.` stand for each place and each contingent
    symbol : the field of the PARAMETERS row
    kind : "real", "whole", "switch" or "choice"
    low, high : closed bounds; 0 and 1 for a switch, first and last code for a choice
    choices : the names of a choice, in order of their codes
    default : the declared default, as the kernels store it; None where another parameter supplies it
    at_start : read only before week 0
    """

    name: str
    symbol: str
    kind: str
    unit: str
    low: float
    high: float
    choices: tuple[str, ...]
    default: float | None
    source: str
    text: str
    at_start: bool

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "switch":
            return "true or false"
        noun = "a whole number" if self.kind == "whole" else "a number"
        return f"{noun} from {self.low:g} to {self.high:g}"


def _parameter(name: str, annotation: Any, field: Any) -> Parameter | None:
    extra = field.json_schema_extra
    if not isinstance(extra, dict) or "symbol" not in extra:
        return None
    types = [t for t in (get_args(annotation) or (annotation,)) if isinstance(t, type)]
    enum = next((t for t in types if issubclass(t, IntEnum)), None)
    bounds = {type(m).__name__: m for m in field.metadata}
    low, high = (bounds["Ge"].ge, bounds["Le"].le) if "Ge" in bounds else (0, 1)
    kind = "real"
    if enum is not None:
        kind, low, high = "choice", min(enum), max(enum)
    elif bool in types:
        kind = "switch"
    elif int in types:
        kind = "whole"
    default = None if field.default is None else float(field.default)
    return Parameter(
        name=name,
        symbol=str(extra["symbol"]),
        kind=kind,
        unit=str(extra["unit"]),
        low=float(low),
        high=float(high),
        choices=options(enum) if enum is not None else (),
        default=default,
        source=str(extra["source"]),
        text=str(field.description),
        at_start=bool(extra["at_start"]),
    )


def block_of(annotation: Any) -> type[BaseModel] | None:
    """Return the block class behind a field of Scenario, or None; a tuple of blocks counts as its element."""
    inner = (get_args(annotation) or (annotation,))[0]
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def catalogue(scenario: type[BaseModel]) -> Mapping[str, Parameter]:
    """Return every parameter of the scenario class by dotted name, in declaration order."""
    rows: dict[str, Parameter] = {}
    for name, field in _fields(scenario):
        row = _parameter(name, field.rebuild_annotation(), field)
        if row is not None:
            rows[row.name] = row
    return rows


def allowed_values(scenario: type[BaseModel]) -> dict[str, str]:
    """Return, for every dotted name of the scenario class, what its value may be, in words."""
    words: dict[str, str] = {}
    for name, field in _fields(scenario):
        rule, extra = _rule(field), field.json_schema_extra
        if rule is not None:
            words[name] = rule
        if isinstance(extra, dict) and "each" in extra:
            words[f"{name}.*"] = str(extra["each"])
    return words | {name: parameter.allowed for name, parameter in catalogue(scenario).items()}


def names_in(scenario: type[BaseModel]) -> dict[str, list[str]]:
    """Return, for every dotted block name ("" for the top), the names that are valid in it."""
    names: dict[str, list[str]] = {}
    for name, _ in _fields(scenario):
        parent, _, leaf = name.rpartition(".")
        names.setdefault(parent, []).append(leaf)
    return names


def _fields(scenario: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield every field, of the scenario and of its blocks, by the dotted name that users write."""
    for key, field in scenario.model_fields.items():
        yield field.alias or key, field
        block = block_of(field.annotation)
        if block is not None:
            prefix = f"{key}.*." if get_args(field.annotation) else f"{key}."
            yield from ((prefix + name, inner) for name, inner in block.model_fields.items())


_BOUNDS = ("ge", "le", "min_length", "max_length")


def _rule(field: FieldInfo) -> str | None:
    """Return what a field that is not a parameter may be, read off its type and bounds; None where it is a block."""
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "allowed" in extra:
        return str(extra["allowed"])
    bounds = {key: getattr(item, key) for item in field.metadata for key in _BOUNDS if hasattr(item, key)}
    if field.annotation is int:
        return f"a whole number from {bounds['ge']} to {bounds['le']}"
    if field.annotation is date:
        return f"a date from {bounds['ge']} to {bounds['le']}, such as 2027-03-08"
    if field.annotation is str:
        return f"text of {bounds.get('min_length', 0)} to {bounds['max_length']} characters"
    if "max_length" in bounds:
        return f"a list of {bounds.get('min_length', 0)} to {bounds['max_length']} items"
    return None
