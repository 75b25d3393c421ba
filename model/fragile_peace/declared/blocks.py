"""The words a declaration is made of: a block of parameters, and the kinds of parameter it may have.

A block is a frozen pydantic model; a field made by `real`, `whole`, `switch` or `choice` is a parameter, one made by
`label` the name of something. Bounds are closed, and what lies outside them is refused, never clipped.
"""

from enum import IntEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from fragile_peace.codes import (
    PlaceKind,
    ReferenceClass,
    RulesOfEngagement,
    Selection,
    ThreatChoice,
    Trigger,
    WarModule,
    options,
)

PAYOFF = "payoff"
SHARE = "share"
WEEKS = "weeks"
ASSUMPTION = "assumption"
CALIBRATED = "calibrated"


class Block(BaseModel):
    """A group of parameters: frozen, no unknown names, no silent conversions, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True)


def _field(
    default: Any, unit: str, symbol: str, text: str, source: str, at_start: bool = False, **bounds: float
) -> Any:
    extra: dict[str, Any] = {"unit": unit, "symbol": symbol, "source": source, "at_start": at_start}
    return Field(default, description=text, json_schema_extra=extra, **bounds)  # type: ignore[call-overload]


def real(
    default: float | None,
    low: float,
    high: float,
    unit: str,
    symbol: str,
    text: str,
    source: str = ASSUMPTION,
    at_start: bool = False,
) -> Any:
    """Declare a real parameter with closed bounds. `at_start` marks one that is read only before week 0."""
    return _field(default, unit, symbol, text, source, at_start, ge=low, le=high)


def whole(default: int, low: int, high: int, unit: str, symbol: str, text: str, source: str = ASSUMPTION) -> Any:
    """Declare an integer parameter with closed bounds."""
    return _field(default, unit, symbol, text, source, ge=low, le=high)


def switch(default: bool, symbol: str, text: str, source: str = ASSUMPTION) -> Any:
    """Declare a yes/no parameter."""
    return _field(default, "yes/no", symbol, text, source)


def choice(default: IntEnum, symbol: str, text: str, source: str = ASSUMPTION, at_start: bool = False) -> Any:
    """Declare a parameter that takes one of the names of an enumeration of `fragile_peace.codes`."""
    return _field(default, "one of", symbol, text, source, at_start)


def label(text: str) -> Any:
    """Declare the name of a place or a nation: letters first, and no sign that a dotted name or a file cannot hold."""
    allowed = "a name of 1 to 60 letters, digits, spaces, dashes and . , ' ( ) &, first a letter"
    return Field(
        pattern=r"^\p{L}[\p{L}\p{M}\p{N}\p{Pd} .,'’()&]{0,59}$",
        description=text,
        json_schema_extra={"allowed": allowed},
    )


def _reader(enum: type[IntEnum]) -> PlainValidator:
    def read(value: Any) -> IntEnum:
        if isinstance(value, enum):
            return value
        if isinstance(value, str) and value in options(enum):
            return enum[value.upper()]
        raise ValueError("one of " + ", ".join(options(enum)))

    return PlainValidator(read)


def _schema(enum: type[IntEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(options(enum))})


_BY_NAME = PlainSerializer(lambda member: member.name.lower())
RoeName = Annotated[RulesOfEngagement, _reader(RulesOfEngagement), _BY_NAME, _schema(RulesOfEngagement)]
TriggerName = Annotated[Trigger, _reader(Trigger), _BY_NAME, _schema(Trigger)]
SelectionName = Annotated[Selection, _reader(Selection), _BY_NAME, _schema(Selection)]
WarModuleName = Annotated[WarModule, _reader(WarModule), _BY_NAME, _schema(WarModule)]
ReferenceClassName = Annotated[ReferenceClass, _reader(ReferenceClass), _BY_NAME, _schema(ReferenceClass)]
ThreatChoiceName = Annotated[ThreatChoice, _reader(ThreatChoice), _BY_NAME, _schema(ThreatChoice)]
PlaceKindName = Annotated[PlaceKind, _reader(PlaceKind), _BY_NAME, _schema(PlaceKind)]
