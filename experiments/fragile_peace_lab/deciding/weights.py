"""What a decision maker weighs: the declared loss, its weights, and what counts as acceptable.

The loss of a run is

    1[the ceasefire ends] + war · 1[Russia and NATO countries are at war] + deaths · European deaths / 10

Nobody can estimate the two weights: they are swept, and every answer says for which of them it holds. One pair of them
is *shown*: the tables that would be too long for all pairs, and the words, take it, and say so.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError, nearest, shown

PER_DEATHS = 10
"""The weight of deaths is that of so many."""


class Harm(NamedTuple):
    """One of the outcomes that the loss is made of: its name, its title, and the columns of a run that sum to it."""

    name: str
    title: str
    columns: tuple[str, ...]


HARMS = (
    Harm("ceasefire_ends", "the ceasefire ends", ("happened_collapse",)),
    # The sum of conditional probabilities has the mean of the flag, and far less variance where the event is rare.
    Harm(
        "nato_russia_war",
        "war between Russia and NATO countries",
        ("compensator_war_russia_coalition", "compensator_war_with_us"),
    ),
    Harm("european_deaths", "European deaths", ("deaths_line", "deaths_border", "deaths_hub")),
)
NAMES = tuple(harm.name for harm in HARMS)
NUMBER = "a number from 0 to 1e6"


class Pair(NamedTuple):
    """One pair of weights: of a war between Russia and NATO countries, and of ten European deaths."""

    war: float
    deaths: float

    @property
    def columns(self) -> dict[str, float]:
        """The pair as columns of a table."""
        return dict(zip(WEIGHTS, self, strict=True))

    @property
    def loss(self) -> tuple[float, float, float]:
        """The weight of each of `HARMS`."""
        return (1.0, self.war, self.deaths / PER_DEATHS)


SHOWN = Pair(5.0, 0.1)
WEIGHTS = tuple(f"{name}_weight" for name in Pair._fields)
"""The columns of a pair of weights: rows are looked up by them, so that they are never rounded."""


class OwnHarm(NamedTuple):
    """An own outcome in the loss: its name, the weight of one of its unit, and the most that is acceptable."""

    name: str
    weight: float
    acceptable: float


@dataclass(frozen=True)
class Weights:
    """The weights that are tried.

    Attributes
    ----------
    war, deaths : the values of either weight; every pair is tried
    shown : the pair that is shown where one must be
    acceptable : for each of `HARMS`, the most that counts as acceptable in a member
    own : own outcomes that the loss has besides, each with one weight
    """

    war: tuple[float, ...] = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)
    deaths: tuple[float, ...] = (0.0, 0.1, 0.3, 1.0)
    shown: Pair = SHOWN
    acceptable: tuple[float, ...] = (0.25, 0.02, 10.0)
    own: tuple[OwnHarm, ...] = ()

    @property
    def limits(self) -> tuple[float, ...]:
        """The most that counts as acceptable of every harm, own ones last."""
        return (*self.acceptable, *(harm.acceptable for harm in self.own))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair, the weight of war slowest; the shown one among them."""
        wars, deaths = (sorted({*values, own}) for values, own in zip((self.war, self.deaths), self.shown, strict=True))
        return tuple(Pair(war, death) for war in wars for death in deaths)

    @classmethod
    def read(cls, path: Path) -> "Weights":
        """Read a YAML file with any of `war`, `deaths`, `shown`, `acceptable` and `own`. Raises InputError."""
        return cls.of(yamltext.read(path), str(path))

    @classmethod
    def of(cls, data: Mapping[str, Any], where: str = "weights") -> "Weights":
        """Return the weights that plain data give; what they leave out is as declared. Raises InputError."""
        _known(data, ("war", "deaths", "shown", "acceptable", "own"), where)
        default = cls()
        shown_ = _mapping(data, "shown", Pair._fields, where)
        bounds = _mapping(data, "acceptable", NAMES, where)
        return cls(
            _values(data, "war", default.war, where),
            _values(data, "deaths", default.deaths, where),
            default.shown._replace(**shown_),
            tuple(bounds.get(name, own) for name, own in zip(NAMES, default.acceptable, strict=True)),
            _own(data.get("own", {}), f"{where}: own"),
        )


def _own(found: Any, where: str) -> tuple[OwnHarm, ...]:
    if not isinstance(found, Mapping):
        raise InputError(f"{where}: {shown(found)} is not allowed; must be a mapping of own outcomes")
    harms = []
    for name in found:
        given = _mapping(found, name, ("weight", "acceptable"), where)
        if "weight" not in given:
            raise InputError(f"{where}: {name}.weight: is missing; must be {NUMBER}")
        harms.append(OwnHarm(str(name), given["weight"], given.get("acceptable", math.inf)))
    return tuple(harms)


def _known(data: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    for name in data:
        if name not in names:
            raise InputError(f"{where}: {name}: no such name; must be one of {', '.join(names)}{nearest(name, names)}")


def _mapping(data: Mapping[str, Any], name: str, names: tuple[str, ...], where: str) -> dict[str, float]:
    found = data.get(name, {})
    if not isinstance(found, Mapping):
        raise InputError(f"{where}: {name}: {shown(found)} is not allowed; must be a mapping of {', '.join(names)}")
    _known(found, names, f"{where}: {name}")
    return {key: _number(value, f"{where}: {name}.{key}") for key, value in found.items()}


def _values(data: Mapping[str, Any], name: str, default: tuple[float, ...], where: str) -> tuple[float, ...]:
    found = data.get(name, default)
    if not isinstance(found, list | tuple) or not found:
        raise InputError(f"{where}: {name}: {shown(found)} is not allowed; must be a list of numbers from 0 to 1e6")
    return tuple(_number(value, f"{where}: {name}") for value in found)


def _number(value: Any, where: str) -> float:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if not fine or not 0 <= value <= 1e6:  # which NaN is not either
        raise InputError(f"{where}: {shown(value)} is not allowed; must be {NUMBER}")
    return float(value)
