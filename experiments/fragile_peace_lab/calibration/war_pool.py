"""Whose word on how often wars come back: the weights of reference classes and of experts, from one YAML file.

A *source* gives a draw its likelihood: a class by its record, an expert by his quantiles. Members are shared out to
sources by weight exactly, so that payoff ranges which nobody knows never decide how much a source counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logit

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError, nearest, shown
from fragile_peace_lab.calibration.war import FITTED, RECORD, log_likelihood
from fragile_peace_lab.calibration.war_path import EARLY, YEAR

SHIPPED = Path(__file__).with_name("classes.yaml")
YEARS = (1, 2, 5)
LEVELS = (0.05, 0.5, 0.95)
Z = 1.6448536269514722
"""The 95 % quantile of a standard normal."""
LONGEST = 30


@dataclass(frozen=True)
class Source:
    """One source of the pool.

    Attributes
    ----------
    name : the label of its members
    weight : its share of the members
    reference : the class that the module reference_class uses for them: a class's own; an expert's is the one whose law
        is nearest to his medians, by squares
    quantiles : of an expert, by year and level; empty for a class
    """

    name: str
    weight: float
    reference: str
    quantiles: Mapping[int, Mapping[float, float]] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """The years at which it judges a curve."""
        return YEARS if self.quantiles else FITTED

    def log_likelihood(self, by_year: Mapping[int, float], early: float) -> float:
        """Return the log likelihood, at most 0, of F at some of its years; `early` is asked of classes alone.

        An expert's is normal in the log-odds of F about his median, with the spread of the quantile on that side.
        """
        if not self.quantiles:
            return log_likelihood(RECORD[self.reference], by_year, early)
        total = 0.0
        for year, share in by_year.items():
            low, middle, high = (float(logit(self.quantiles[year][level])) for level in LEVELS)
            off = float(logit(min(max(share, 1e-12), 1 - 1e-12))) - middle
            total -= (off * Z / ((high if off > 0 else low) - middle)) ** 2 / 2
        return total

    def tolerance(self, year: int) -> tuple[float, float] | None:
        """Where its members' mean curve must lie; None at a year of which an expert says nothing."""
        if not self.quantiles:
            return RECORD[self.reference].tolerance(year)
        return (self.quantiles[year][LEVELS[0]], self.quantiles[year][LEVELS[-1]]) if year in YEARS else None

    def recorded(self, year: int) -> float | None:
        """The record at a year, or an expert's median."""
        if not self.quantiles:
            return RECORD[self.reference].share(year)
        return self.quantiles[year][0.5] if year in YEARS else None

    @property
    def early_record(self) -> float | None:
        """The share within 16 weeks by the law of a class; an expert says nothing of it."""
        return None if self.quantiles else RECORD[self.reference].came_back(EARLY / YEAR)


def load(path: Path | None = None) -> tuple[Source, ...]:
    """Return the sources of positive weight in a file, the shipped one if none is given. Raises InputError."""
    path = SHIPPED if path is None else path
    return from_dict(yamltext.read(path, numbered=True), str(path))


def from_dict(data: Mapping[str, Any], where: str = "classes") -> tuple[Source, ...]:
    """Return the sources in plain data, their weights summing to 1. Raises InputError with one line."""
    _names(data, ("classes", "experts"), where, needed=())
    classes, experts = data.get("classes", {}), data.get("experts", [])
    if not isinstance(classes, Mapping):
        raise InputError(f"{where}: classes: {shown(classes)} is not allowed; must be a mapping of classes to weights")
    if not isinstance(experts, list):
        raise InputError(f"{where}: experts: {shown(experts)} is not allowed; must be a list")
    _names(classes, tuple(RECORD), f"{where}: classes", needed=())
    found = [Source(name, _weight(value, f"{where}: classes.{name}"), name) for name, value in classes.items()]
    for number, expert in enumerate(experts, 1):
        one = _expert(expert, f"{where}: experts.{number}")
        if one.name in RECORD or one.name in [source.name for source in found]:
            raise InputError(f"{where}: experts.{number}.name: {shown(one.name)} is taken; every source needs its own")
        found.append(one)
    total = sum(source.weight for source in found)
    if total <= 0:
        raise InputError(f"{where}: classes: no weight is above 0; at least one source must count")
    kept = sorted((source for source in found if source.weight > 0), key=lambda source: [*RECORD, source.name].index(
        source.name))  # fmt: skip
    return tuple(Source(one.name, one.weight / total, one.reference, one.quantiles) for one in kept)


def _names(data: Mapping[str, Any], allowed: tuple[str, ...], where: str, needed: tuple[str, ...]) -> None:
    for name in data:
        if name not in allowed:
            raise InputError(f"{where}: {name}: no such name; must be one of {', '.join(allowed)}"
                             f"{nearest(name, allowed)}")  # fmt: skip
    for name in needed:
        if name not in data:
            raise InputError(f"{where}.{name}: is missing")


def _number(value: Any, where: str, rule: str, low: float, high: float) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not good:  # NaN too
        raise InputError(f"{where}: {shown(value)} is not allowed; must be {rule}")
    return float(value)


def _weight(value: Any, where: str) -> float:
    return _number(value, where, "a number from 0 to 1e6", 0, 1e6)


def _expert(data: Any, where: str) -> Source:
    if not isinstance(data, Mapping):
        raise InputError(f"{where}: {shown(data)} is not allowed; must be a mapping with name, weight and quantiles")
    _names(data, ("name", "weight", "quantiles"), where, needed=("name", "weight", "quantiles"))
    name = data["name"]
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST or not name.isprintable():
        raise InputError(f"{where}.name: {shown(name)} is not allowed; must be text of 1 to {LONGEST} letters")
    quantiles = _quantiles(data["quantiles"], f"{where}.quantiles")
    return Source(name, _weight(data["weight"], f"{where}.weight"), _nearest_class(quantiles), quantiles)


def _quantiles(data: Any, where: str) -> dict[int, dict[float, float]]:
    found: dict[int, dict[float, float]] = {}
    rows = _keyed(data, YEARS, where)
    for year, row in rows.items():
        levels = _keyed(row, LEVELS, f"{where}.{year:g}")
        found[int(year)] = {
            level: _number(value, f"{where}.{year:g}.{level:g}", "a number from 0.001 to 0.999", 0.001, 0.999)
            for level, value in levels.items()
        }
        if not found[int(year)][0.05] < found[int(year)][0.5] < found[int(year)][0.95]:
            raise InputError(f"{where}.{year:g}: {shown(list(found[int(year)].values()))} is not allowed; must rise")
    for level in LEVELS:
        ladder = [found[year][level] for year in YEARS]
        if sorted(ladder) != ladder:
            raise InputError(f"{where}: {shown(ladder)} at {level:g} is not allowed; must not fall with the years")
    return found


def _keyed(data: Any, keys: tuple[float, ...], where: str) -> dict[float, Any]:
    """Return a mapping whose names are just these numbers, in their order. Raises InputError."""
    rule = f"must be a mapping with the names {', '.join(f'{key:g}' for key in keys)}"
    if not isinstance(data, Mapping):
        raise InputError(f"{where}: {shown(data)} is not allowed; {rule}")
    found: dict[float, Any] = {}
    for name, value in data.items():
        try:
            found[float(name)] = value
        except ValueError:
            raise InputError(f"{where}.{name}: no such name; {rule}") from None
    for key in found:
        if key not in keys:
            raise InputError(f"{where}.{key:g}: no such name; {rule}")
    for key in keys:
        if key not in found:
            raise InputError(f"{where}.{key:g}: is missing; {rule}")
    return {key: found[key] for key in keys}


def _nearest_class(quantiles: Mapping[int, Mapping[float, float]]) -> str:
    off = [sum((quantiles[year][0.5] - record.came_back(year)) ** 2 for year in YEARS) for record in RECORD.values()]
    return tuple(RECORD)[int(np.argmin(off))]
