"""A scenario: everything a run needs but its seed and its index.

`Scenario.load` reads a shipped scenario by name or a YAML file by path. A file holds only what differs from its `base`
(a shipped scenario or a file), or from the declared defaults; name, title and description are always its own. Blocks
are laid over those of the base, lists replace them, and `set` takes dotted names. `override` takes dotted names too;
places and contingents go by their names: `threat.level`, `places.Kupiansk.monitors`, `contingents.France.troops`.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from fragile_peace.codes import PlaceKind
from fragile_peace.declared import declaration as d
from fragile_peace.declared import war as w
from fragile_peace.declared import yamltext
from fragile_peace.declared.blocks import Block
from fragile_peace.declared.catalogue import Parameter, allowed_values, catalogue, names_in
from fragile_peace.errors import InputError, nearest, one_line, shown

SHIPPED = Path(__file__).parents[1] / "scenarios"
LISTS = ("places", "contingents")
SETTINGS = ("weeks", "start_date")  # not parameters of the kernels, yet set by name
_ABOUT = ("name", "title", "description")


DEEPEST = 16  # bases below bases


def _date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


class Change(Block):
    """Parameters that change, unanticipated, from a week on."""

    week: int = Field(ge=1, le=1039, description="first week in which the new values hold")
    set: dict[str, Any] = Field(
        min_length=1,
        description="dotted names and their new values",
        json_schema_extra={"allowed": "a mapping of at least one dotted name to its new value"},
    )


class Scenario(Block):
    """One declared world. Frozen; `override` returns a new one."""

    schema_version: Annotated[int, Field(ge=1, le=1)] = Field(1, alias="schema", json_schema_extra={"allowed": "1"})
    name: str = Field(
        "unnamed",
        pattern=r"^[A-Za-z0-9_.-]{1,60}$",
        description="scenario name",
        json_schema_extra={"allowed": "1 to 60 letters, digits, _, . or -"},
    )
    title: str = Field(
        "",
        max_length=200,
        pattern=r"^\P{C}*$",
        description="one line that says what it is",
        json_schema_extra={"allowed": "one line of at most 200 characters"},
    )
    description: str = Field("", max_length=4000, description="what it stands for and where it comes from")
    start_date: Annotated[date, BeforeValidator(_date)] = Field(
        date(2027, 3, 8), ge=date(1945, 1, 1), le=date(2100, 1, 1), description="first day of week 0"
    )
    weeks: int = Field(104, ge=1, le=1040, description="horizon in weeks")
    threat: d.Threat = d.Threat()
    guarantee: d.Guarantee = d.Guarantee()
    mandate: d.Mandate = d.Mandate()
    response: d.ResponseTime = d.ResponseTime()
    force: d.Force = d.Force()
    commitment: d.Commitment = d.Commitment()
    support: d.Support = d.Support()
    monitoring: d.Monitoring = d.Monitoring()
    contact: d.Contact = d.Contact()
    russia: d.Russia = d.Russia()
    ukraine: d.Ukraine = d.Ukraine()
    lead: d.Lead = d.Lead()
    united_states: d.UnitedStates = d.UnitedStates()
    precision: d.Precision = d.Precision()
    beliefs: d.Beliefs = d.Beliefs()
    fatality: d.Fatality = d.Fatality()
    counts: d.Counts = d.Counts()
    tension: d.Tension = d.Tension()
    truce: d.Truce = d.Truce()
    readiness: w.Readiness = w.Readiness()
    reconstitution: w.Reconstitution = w.Reconstitution()
    war: w.War = w.War()
    war_ukraine: w.WarUkraine = w.WarUkraine()
    war_response: w.WarResponse = w.WarResponse()
    places: tuple[d.Place, ...] = Field(min_length=1, max_length=d.MAX_PLACES, strict=False)
    contingents: tuple[d.Contingent, ...] = Field((), max_length=d.MAX_CONTINGENTS, strict=False)
    schedule: tuple[Change, ...] = Field((), max_length=64, strict=False)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _check_places(self)
        _check_contingents(self)
        best = self.monitoring.attribution + self.monitoring.commission_bonus + self.monitoring.un_bonus
        if best > 1:
            raise ValueError(f"monitoring.attribution: with its two bonuses it is {best:g}; the sum must be at most 1")
        if self.schedule:
            _check_schedule(self)
        return self

    @classmethod
    def load(cls, name: str | Path) -> "Scenario":
        """Return a shipped scenario by name, or one from a YAML file by path. Raises InputError."""
        return cls.from_dict(_document(name, ()))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Scenario":
        """Return the scenario in nested plain data. Raises InputError with one line."""
        if not isinstance(data, Mapping):
            raise InputError(f"scenario: {shown(data)} is not allowed; must be a mapping of names to values")
        try:
            return cls.model_validate(dict(data))
        except ValidationError as error:
            raise InputError(one_line(error, data, ALLOWED, _NAMES_IN)) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the whole scenario as nested plain data; `from_dict` reads it back to an equal one."""
        return self.model_dump(mode="json", by_alias=True)

    def to_yaml(self) -> str:
        """Return the whole scenario, every value, as YAML."""
        return yamltext.dump(self.to_dict())

    def override(self, values: Mapping[str, Any]) -> "Scenario":
        """Return a copy with the dotted names set. Raises InputError on an unknown name or a bad value."""
        data = self.to_dict()
        for name, value in values.items():
            _put(data, name, value)
        return Scenario.from_dict(data)

    def get(self, name: str) -> Any:
        """Return the value at a dotted name. Raises InputError on an unknown name."""
        node, leaf = _find(self.to_dict(), name)
        return node[leaf]

    def parameter(self, name: str) -> Parameter:
        """Return the declared parameter behind a dotted name. Raises InputError where this scenario has none."""
        _find(self.to_dict(), name, ())
        return CATALOGUE[_general(name)]

    @property
    def digest(self) -> str:
        """sha256 of everything that can change a result: all but name, title and description.

        A schedule counts by the regimes that it brings about, so that 1 and 1.0 are the same new value.
        """
        data = _counted(self) | {"schedule": [[week, _counted(regime)] for week, regime in self.regimes[1:]]}
        return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def regimes(self) -> "tuple[tuple[int, Scenario], ...]":
        """(first week, scenario in force from it) for the start and for each change of the schedule."""
        if not self.schedule:
            return ((0, self),)
        data = {**self.to_dict(), "schedule": []}
        current, result = Scenario.from_dict(data), []
        result.append((0, current))
        for change in self.schedule:
            try:
                current = current.override(change.set)
            except InputError as error:
                raise InputError(f"schedule, week {change.week}: {error}") from None
            result.append((change.week, current))
        return tuple(result)

    @property
    def troops(self) -> tuple[float, ...]:
        """M_n in force, thousands: what each contingent has, times `force.scale` (E7.12)."""
        return tuple(contingent.troops * self.force.scale for contingent in self.contingents)

    @property
    def hot_spots(self) -> tuple[float, ...]:
        """w_s in force: on the line each weight over the mean of all, a km counting as much as any other.

        So cutting a line place in two leaves all weights as they were. Other places have theirs as written.
        """
        mean = _mean_hot_spot(self)
        return tuple(p.hot_spot / mean if p.kind == PlaceKind.LINE else p.hot_spot for p in self.places)

    def place_index(self, name: str) -> int:
        """Return the index of a place. Raises InputError with the nearest name."""
        names = [place.name for place in self.places]
        if name in names:
            return names.index(name)
        raise InputError(f"place: {shown(name)} is not one of {', '.join(names)}{nearest(name, names)}")


def shipped() -> list[str]:
    """Return the names of the scenarios that come with the model, the default first."""
    names = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
    return sorted(names, key=lambda name: (name != DEFAULT, name))


DEFAULT = "reassurance_15k"


def _document(name: str | Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """Return the nested data of a scenario with its bases merged in."""
    path = _file(name)
    if path in seen:
        raise InputError(f"base: {' -> '.join(step.name for step in [*seen, path])} goes in a circle")
    if len(seen) > DEEPEST:
        raise InputError(f"base: {path} is more than {DEEPEST} bases deep")
    own = yamltext.read(path)
    base, values = own.pop("base", None), own.pop("set", {})
    if base is not None and not (isinstance(base, str) and base):
        raise InputError(f"{path}: base: {shown(base)} is not allowed; must be a scenario's name or path")
    if not isinstance(values, dict):
        raise InputError(f"{path}: set: {shown(values)} is not allowed; must be a mapping of dotted names to values")
    own.setdefault("name", re.sub(r"[^A-Za-z0-9_.-]", "_", path.stem)[:60])
    below = _document(_relative(base, path), (*seen, path)) if base else {}
    data: dict[str, Any] = _merge({key: value for key, value in below.items() if key not in _ABOUT}, own)
    if not values:
        return data
    full = Scenario.from_dict(data).to_dict()
    for dotted, value in values.items():
        _put(full, dotted, value)
    return full


def _file(name: str | Path) -> Path:
    """Return the file of a shipped scenario or of a path. Raises InputError."""
    known = shipped()
    if str(name) in known:
        return SHIPPED / f"{name}.yaml"
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and os.path.exists(path):
        return path.resolve()
    raise InputError(
        f"scenario: {shown(str(name))} is neither a shipped scenario ({', '.join(known)}) nor a YAML file"
        f"{nearest(str(name), known)}"
    )


def _relative(base: str, path: Path) -> str | Path:
    beside = path.parent / base
    return base if base in shipped() or not os.path.exists(beside) else beside


def _counted(scenario: Scenario) -> dict[str, Any]:
    return {key: value for key, value in scenario.to_dict().items() if key not in _ABOUT}


def _merge(base: Any, own: Any) -> Any:
    """Lay one mapping over another; lists and values are replaced whole."""
    if not (isinstance(base, dict) and isinstance(own, dict)):
        return own
    return base | {key: _merge(base.get(key), value) for key, value in own.items()}


def _find(data: dict[str, Any], name: str, settings: Sequence[str] = SETTINGS) -> tuple[dict[str, Any], str]:
    """Return the mapping and the key that a dotted name stands for."""
    steps = str(name).split(".")
    if steps[0] in LISTS and len(steps) >= 3:
        item = next((entry for entry in data[steps[0]] if entry["name"] == ".".join(steps[1:-1])), None)
        if item is not None and _general(name) in CATALOGUE:
            return item, steps[-1]
    elif name in settings:
        return data, name
    elif name in CATALOGUE:
        return data[steps[0]], steps[1]
    _refuse(data, name, steps, settings)


def _refuse(data: dict[str, Any], name: str, steps: list[str], settings: Sequence[str]) -> NoReturn:
    """Say why a scenario has no such name, and which of its names is the nearest."""
    known = [*_names(data), *settings]
    if steps[0] in LISTS and len(steps) >= 3:
        item, items = ".".join(steps[1:-1]), [entry["name"] for entry in data[steps[0]]]
        known = [other for other in known if other.startswith(f"{steps[0]}.")]
        if item not in items:
            alike = [other for other in known if other.endswith(f".{steps[-1]}")] or known
            raise InputError(f"{name}: no such name; {steps[0]} has {', '.join(items) or 'none'}{nearest(name, alike)}")
        known = [other for other in known if other.startswith(f"{steps[0]}.{item}.")]
    if _general(name) in ALLOWED:
        raise InputError(f"{name}: cannot be set by a dotted name; write it in a scenario file")
    group = f"{steps[0]}.*" if steps[0] in LISTS and len(steps) == 2 else name
    if name and group in _NAMES_IN:
        raise InputError(f"{name}: is a group, not a value; it has {', '.join(_NAMES_IN[group])}")
    raise InputError(f"{name}: no such name{nearest(name, known)}")


def _names(data: dict[str, Any]) -> Iterator[str]:
    """Yield the dotted name of every parameter that a scenario has: of each of its places and contingents."""
    for name in CATALOGUE:
        block, listed, leaf = name.partition(".*.")
        yield from (f"{block}.{item['name']}.{leaf}" for item in data[block]) if listed else (name,)


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    node, leaf = _find(data, name)
    # A design hands over NumPy's scalars; pydantic's strict mode knows Python's only.
    node[leaf] = value.item() if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0 else value


def _check_places(scenario: Scenario) -> None:
    names = [place.name for place in scenario.places]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"places: {name} is given twice")
    if all(place.kind != PlaceKind.LINE for place in scenario.places):
        raise ValueError("places: at least one place of kind line is needed")
    for place in scenario.places:
        low, high = {PlaceKind.LINE: (5, 150), PlaceKind.BORDER: (1, 2000), PlaceKind.HUB: (0, 0)}[place.kind]
        if not low <= place.length_km <= high:
            kind = place.kind.name.lower()
            raise ValueError(
                f"places.{place.name}.length_km: {place.length_km:g} is not allowed; "
                f"must be {low} to {high} km for a {kind} place"
            )
    if _mean_hot_spot(scenario) == 0:
        raise ValueError("places: a hot_spot of 0 at every line place is not allowed; at least one must be above 0")


def _mean_hot_spot(scenario: Scenario) -> float:
    """Return the mean weight of a km of line, as written."""
    line = [place for place in scenario.places if place.kind == PlaceKind.LINE]
    return math.fsum(p.length_km * p.hot_spot for p in line) / math.fsum(p.length_km for p in line)


def _check_contingents(scenario: Scenario) -> None:
    places = [place.name for place in scenario.places]
    names = [contingent.name for contingent in scenario.contingents]
    for contingent in scenario.contingents:
        if names.count(contingent.name) > 1:
            raise ValueError(f"contingents: {contingent.name} is given twice")
        where = f"contingents.{contingent.name}.deployment"
        for there, share in contingent.deployment.items():
            if there not in places:
                raise ValueError(f"{where}: {there} is not a place{nearest(there, places)}")
            if not 0 <= share <= 1:
                raise ValueError(f"{where}.{there}: {share:g} is not allowed; must be a share from 0 to 1")
        total = sum(contingent.deployment.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"{where}: the shares sum to {total:.12g}; they must sum to 1")


def _check_schedule(scenario: Scenario) -> None:
    weeks = [change.week for change in scenario.schedule]
    if weeks != sorted(set(weeks)):
        raise ValueError(f"schedule: weeks must increase, not {shown(weeks)}")
    for change in scenario.schedule:
        for name, value in change.set.items():
            if not isinstance(value, str | int | float | None):
                raise ValueError(f"schedule: {name}: {shown(value)} is not allowed; must be a single value")
    _ = scenario.regimes  # refuses a bad name or value now, not in the week in which it would take effect
    for change in scenario.schedule:
        for name in change.set:
            parameter = CATALOGUE.get(_general(name))
            if parameter is None:
                raise ValueError(f"schedule: {name} cannot change during a run")
            if parameter.at_start:
                raise ValueError(f"schedule: {name} is read only before week 0 and cannot change during a run")


def _general(name: str) -> str:
    steps = name.split(".")
    return f"{steps[0]}.*.{steps[-1]}" if steps[0] in LISTS and len(steps) >= 3 else name


CATALOGUE = catalogue(Scenario)
ALLOWED = allowed_values(Scenario)
_NAMES_IN = names_in(Scenario)
