"""The factors of a sweep: what may be varied, over which values, and what is believed about the unknown ones.

A *lever* is a list of values that somebody can choose. An *uncertainty* is a prior over values that nobody knows; it
turns a uniform number from the sampling design into a value by its quantile function, rounded to `DIGITS` significant
digits, so that two machines whose libraries differ in the last bit draw the same design. For a whole number, `uniform`
and `loguniform` give every whole number from the first to the last; the other priors are rounded to the nearest.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import SETTINGS, Scenario
from fragile_peace.errors import InputError, nearest, shown

DIGITS = 9
MAX_VALUES = 1_000_000
MAX_GIVEN = 1 << 22  # values that a sweep, or a table beside it, gives together: some ten seconds and half a gigabyte
SCENARIO = "scenario"
SPACES = ("linspace", "logspace")


@dataclass(frozen=True)
class Prior:
    """A distribution of an unknown value.

    Attributes
    ----------
    kind : one of PRIORS
    arguments : low, high (uniform, loguniform); low, mode, high (triangular); a, b, low, high (beta); mean, standard
        deviation, low, high (normal, truncated); the values (choice)
    whole : draws are whole numbers
    """

    kind: str
    arguments: tuple[Any, ...]
    whole: bool

    def quantile(self, u: np.ndarray) -> list[Any]:
        """Return the values at the probabilities u in [0, 1)."""
        if self.kind == "choice":
            last = len(self.arguments) - 1
            return [self.arguments[index] for index in np.minimum((u * (last + 1)).astype(np.int64), last)]
        low, high = self.support
        if self.whole and self.kind in ("uniform", "loguniform"):
            values = np.floor(_QUANTILES[self.kind](u, low, high + 1))
        else:
            values = _QUANTILES[self.kind](u, *self.arguments)
        if self.whole:
            return [int(value) for value in np.clip(np.rint(values), low, high)]
        return [min(max(float(f"{value:.{DIGITS}g}"), low), high) for value in values.tolist()]

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest value that can be drawn (numeric priors)."""
        if self.kind in ("beta", "normal"):
            return self.arguments[2], self.arguments[3]
        return self.arguments[0], self.arguments[-1]


def _uniform(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * u


def _loguniform(u: np.ndarray, low: float, high: float) -> np.ndarray:
    values: np.ndarray = np.exp(np.log(low) + (np.log(high) - np.log(low)) * u)
    return values


def _triangular(u: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u * (high - low) < mode - low, rising, falling)


def _beta(u: np.ndarray, a: float, b: float, low: float, high: float) -> np.ndarray:
    from scipy.special import betaincinv

    values: np.ndarray = low + (high - low) * betaincinv(a, b, u)
    return values


def _normal(u: np.ndarray, mean: float, deviation: float, low: float, high: float) -> np.ndarray:
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - mean) / deviation), ndtr((high - mean) / deviation)
    values: np.ndarray = mean + deviation * ndtri(below + (above - below) * u)
    return values


_QUANTILES: dict[str, Callable[..., np.ndarray]] = {
    "uniform": _uniform,
    "loguniform": _loguniform,
    "triangular": _triangular,
    "beta": _beta,
    "normal": _normal,
}
PRIORS = (*_QUANTILES, "choice")
_COUNTS = {"uniform": (2,), "loguniform": (2,), "triangular": (3,), "beta": (2, 4), "normal": (2, 4)}
_MEANING = {
    "uniform": "[low, high]",
    "loguniform": "[low, high]",
    "triangular": "[low, mode, high]",
    "beta": "[a, b] or [a, b, low, high]",
    "normal": "[mean, standard deviation] or [mean, standard deviation, low, high]",
}


def parameter_of(name: str, bases: Mapping[str, Scenario], where: str) -> Parameter:
    """Return the declared parameter behind a dotted name. Raises InputError where a base scenario has no such name."""
    if name in SETTINGS:
        hint = "give the sweep's own weeks instead" if name == "weeks" else "it is not a parameter"
        raise InputError(f"{where}.{name}: cannot be swept; {hint}")
    for label, base in bases.items():
        try:
            parameter = base.parameter(name)
        except InputError as error:
            raise InputError(f"{where}.{error}{f' (scenario {label})' if len(bases) > 1 else ''}") from None
    return parameter


def checked(value: Any, parameter: Parameter, where: str) -> Any:
    """Return a value as the scenario stores it. Raises InputError unless it is of the right kind and in bounds."""
    kind = parameter.kind
    if value is None and parameter.default is None:
        return None
    right = isinstance(value, {"switch": bool, "choice": str, "whole": int}.get(kind, int | float))
    if right and kind in ("real", "whole"):
        right = not isinstance(value, bool) and parameter.low <= value <= parameter.high  # also false for NaN
    elif right and kind == "choice":
        right = value in parameter.choices
    if right:
        return float(value) if kind == "real" else value
    hint = nearest(value, parameter.choices) if kind == "choice" and isinstance(value, str) else ""
    raise InputError(f"{where}: {shown(value)} is not allowed; must be {parameter.allowed}{hint}")


def lever_values(spec: Any, parameter: Parameter, where: str) -> list[Any]:
    """Return the values of a lever: a list, {linspace: [first, last, n]} or {logspace: [first, last, n]}."""
    if isinstance(spec, dict):
        if len(spec) != 1 or next(iter(spec)) not in SPACES:
            key = next(iter(spec), "")
            raise InputError(
                f"{where}: {shown(spec)} is not allowed; must be a list of values, or one of linspace, logspace with "
                f"[first, last, number]{nearest(key, SPACES)}"
            )
        kind, arguments = next(iter(spec.items()))
        values: list[Any] = _space(kind, arguments, parameter, f"{where}.{kind}")
    elif isinstance(spec, list) and spec:
        values = spec
    else:
        raise InputError(f"{where}: {shown(spec)} is not allowed; must be a list of at least one value")
    if len(values) > MAX_VALUES:
        raise InputError(f"{where}: {len(values)} values; at most {MAX_VALUES} are allowed")
    return distinct([checked(value, parameter, where) for value in values], where)


def count(spec: Any) -> int:
    """Return how many values a lever's or a choice's declaration has; 0 where `lever_values` refuses it unbuilt."""
    if isinstance(spec, dict) and len(spec) == 1:
        kind, arguments = next(iter(spec.items()))
        number = arguments[-1] if kind in SPACES and isinstance(arguments, list) and arguments else 0
        return number if isinstance(number, int) and 2 <= number <= MAX_VALUES else 0
    return len(spec) if isinstance(spec, list) else 0


def _space(kind: str, arguments: Any, parameter: Parameter, where: str) -> list[Any]:
    """Return evenly spaced values, on a linear or a logarithmic scale; both ends are included."""
    if parameter.kind not in ("real", "whole"):
        raise InputError(f"{where}: {parameter.name} has no numbers to space; list its values: {parameter.allowed}")
    first, last, number = numbers(arguments, (3,), where, "[first, last, number of values]")
    if not (isinstance(number, int) and 2 <= number <= MAX_VALUES):
        raise InputError(f"{where}: {shown(number)} values; must be a whole number from 2 to {MAX_VALUES}")
    if first == last:
        raise InputError(f"{where}: first and last value are both {first:g}; they must differ")
    for end in (first, last):
        checked(int(end) if parameter.kind == "whole" and float(end).is_integer() else end, parameter, where)
    if kind == "linspace":
        spaced = np.linspace(first, last, number)
    else:
        if min(first, last) <= 0:
            raise InputError(f"{where}: {min(first, last):g} is not allowed; a logarithmic scale needs values above 0")
        spaced = np.geomspace(first, last, number)
    values = [min(max(float(f"{x:.{DIGITS}g}"), min(first, last)), max(first, last)) for x in spaced.tolist()]
    return [int(x) if x.is_integer() else x for x in values] if parameter.kind == "whole" else values


def numbers(arguments: Any, counts: Sequence[int], where: str, meaning: str) -> list[Any]:
    """Return a list of finite numbers of one of the lengths. Raises InputError."""
    good = isinstance(arguments, list) and len(arguments) in counts
    if not good or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in arguments):
        raise InputError(f"{where}: {shown(arguments)} is not allowed; must be {meaning}")
    for number in arguments:
        if not -1e300 < number < 1e300:  # also false for NaN
            raise InputError(f"{where}: {shown(number)} is not allowed; must be a finite number")
    given: list[Any] = arguments
    return given


def distinct(values: list[Any], where: str) -> list[Any]:
    """Return the values. Raises InputError where one is given twice."""
    seen = set()
    for value in values:
        if value in seen:
            raise InputError(f"{where}: {shown(value)} is given twice")
        seen.add(value)
    return values


def prior_of(spec: Any, parameter: Parameter, where: str) -> Prior:
    """Return the prior of an uncertainty, its support inside the parameter's bounds. Raises InputError."""
    if not isinstance(spec, dict) or len(spec) != 1 or next(iter(spec)) not in PRIORS:
        key = next(iter(spec), "") if isinstance(spec, dict) else ""
        raise InputError(
            f"{where}: {shown(spec)} is not allowed; must be one of {', '.join(PRIORS)}{nearest(key, PRIORS)}"
        )
    kind, arguments = next(iter(spec.items()))
    where = f"{where}.{kind}"
    whole = parameter.kind == "whole"
    if kind == "choice":
        return Prior(kind, tuple(lever_values(arguments, parameter, where)), whole)
    if parameter.kind not in ("real", "whole"):
        raise InputError(f"{where}: {parameter.name} is not a number; use choice with {parameter.allowed}")
    given = numbers(arguments, _COUNTS[kind], where, _MEANING[kind])
    shape, ends = _shape_and_ends(kind, given, parameter)
    _check_prior(kind, shape, ends, parameter, where)
    low, high = (float(end) for end in ends)
    if kind == "triangular":
        return Prior(kind, (low, float(shape[0]), high), whole)
    return Prior(kind, (*(float(x) for x in shape), low, high), whole)


def _shape_and_ends(kind: str, given: list[Any], parameter: Parameter) -> tuple[list[Any], list[Any]]:
    if kind == "triangular":
        return [given[1]], [given[0], given[2]]
    if kind == "beta":
        return given[:2], given[2:] or [0.0, 1.0]
    if kind == "normal":
        return given[:2], given[2:] or [parameter.low, parameter.high]
    return [], given


def _check_prior(kind: str, shape: list[Any], ends: list[Any], parameter: Parameter, where: str) -> None:
    low, high = ends
    if kind == "beta" and min(shape) <= 0:
        raise InputError(f"{where}: {min(shape):g} is not allowed; a and b must be above 0")
    if not low < high:
        raise InputError(f"{where}: from {low:g} to {high:g} is empty; the lower end must be below the upper one")
    for end in ends:
        if not parameter.low <= end <= parameter.high or (parameter.kind == "whole" and not float(end).is_integer()):
            hint = "; [a, b, low, high] says over which range" if kind == "beta" else ""
            raise InputError(f"{where}: {shown(end)} is not allowed; must be {parameter.allowed}{hint}")
    if kind == "loguniform" and low <= 0:
        raise InputError(f"{where}: {low:g} is not allowed; a logarithmic scale needs values above 0")
    if kind == "triangular" and not low <= shape[0] <= high:
        raise InputError(f"{where}: the mode {shape[0]:g} is not between {low:g} and {high:g}")
    if kind == "normal":
        if shape[1] <= 0:
            raise InputError(f"{where}: {shape[1]:g} is not allowed; the standard deviation must be above 0")
        if not low <= shape[0] <= high:
            raise InputError(f"{where}: the mean {shape[0]:g} is not between {low:g} and {high:g}")


def check_once(groups: Mapping[str, Mapping[str, Collection[str]]], where: str) -> None:
    """Raise InputError for a name that is given in two places, or that names the scenario.

    Parameters
    ----------
    groups : by owner, whose parts may share names, the names in each of its parts
    where : the file, for the message
    """
    seen: dict[str, str] = {}
    for owner, parts in groups.items():
        for group, names in parts.items():
            for name in names:
                if name in seen:
                    raise InputError(f"{where}: {group}.{name}: is given under {seen[name]} already")
                if name == SCENARIO:
                    raise InputError(f"{where}: {group}.{name}: give the scenarios as a list under base")
        seen |= {name: owner for names in parts.values() for name in names}
