"""Own outcomes: a user's function of a run's weeks, and the table of what it returns.

A sweep file names it as `module:function`. The function takes a run's weeks (`state.WEEK`, one row a week played, which
it may not change) and, if it has a second parameter, the run's scenario. It returns a mapping of names to numbers or,
as compiled functions do, a tuple of them in the order of its table. The table is its attribute `outcomes`: of each
number an `outcomes.Outcome`, whose kind is COUNT, LONG, FLAG or REAL, and which is indexed by nothing.

    def line(weeks): return {"hot_weeks": (weeks["rung"] >= 3).sum()}
    line.outcomes = (Outcome("hot_weeks", COUNT, (), "weeks", "with a strike or worse"),)

The module is one file, beside the sweep's or on sys.path, and may import what is installed. It is read once: the bytes
that are digested are those that run, on every machine.
"""

import hashlib
import importlib.util
import inspect
import math
import re
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, nearest, shown
from fragile_peace.outcomes import COUNT, FLAG, LONG, NEVER, REAL, Kind, Outcome

KEY = "own_outcomes"
"""Where a manifest says what own outcomes its sweep has; absent where it has none."""
KINDS = (COUNT, LONG, FLAG, REAL)
BOUNDED = ("probability", "share")
"""Units of what lies between 0 and 1."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
MOST = {COUNT: (1 << 31) - 1, LONG: (1 << 63) - 1, FLAG: 1}


class Source(NamedTuple):
    """An own outcome as it travels: `module:function`, the module's file and its bytes."""

    reference: str
    file: str
    data: bytes

    @property
    def digest(self) -> str:
        """sha256 of the module."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Own:
    """An own outcome, ready to be asked: its source, its function, the table of what that returns."""

    source: Source
    function: Callable[..., Any]
    table: tuple[Outcome, ...]
    takes_scenario: bool

    @property
    def entry(self) -> dict[str, Any]:
        """What the manifest says of it."""
        rows = [{key: value for key, value in asdict(outcome).items() if key in _KEPT} for outcome in self.table]
        return {"function": self.source.reference, "source_digest": self.source.digest, "outcomes": rows}

    def of(self, weeks: np.ndarray, scenario: Scenario, place: str) -> list[int | float | None]:
        """Return a run's numbers in the table's order; None is never.

        Parameters
        ----------
        weeks : WEEK, shape (weeks played,), read-only
        scenario : that the run was played in
        place : which run it is, for errors

        Raises
        ------
        InputError : the function fails, or returns something that its table does not say; names function and run
        """
        where = f"outcomes: {self.source.reference}, {place}"
        try:
            found = self.function(weeks, scenario) if self.takes_scenario else self.function(weeks)
        except Exception as error:
            raise InputError(f"{where}: fails with {type(error).__name__}: {error}") from error
        return [
            _checked(outcome, value, where) for outcome, value in zip(self.table, self._row(found, where), strict=True)
        ]

    def _row(self, found: Any, where: str) -> Sequence[Any]:
        """Return what the function gave as a row. Raises InputError."""
        names = [outcome.name for outcome in self.table]
        if isinstance(found, Mapping):
            for name in names:
                if name not in found:
                    raise InputError(f"{where}: returns no {name}, which its table has")
            for name in found:
                if name not in names:
                    raise InputError(
                        f"{where}: returns {shown(name)}, which its table does not have{nearest(name, names)}"
                    )
            return [found[name] for name in names]
        if isinstance(found, tuple) and len(found) == len(names):
            return found
        raise InputError(
            f"{where}: returns {shown(found)}; must be a mapping of {', '.join(names)}, or a tuple of {len(names)}"
        )


_KEPT = ("name", "kind", "unit", "text", "never")


def _checked(outcome: Outcome, value: Any, where: str) -> int | float | None:
    """Return a number as it is stored. Raises InputError unless it is what the table says."""
    if value is None or (isinstance(value, int | float | np.number) and value == NEVER and outcome.never):
        if outcome.never:
            return None
        raise InputError(f"{where}: {outcome.name} is empty; only an outcome declared with never=True may be")
    if outcome.kind is REAL:
        right = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        right = right and math.isfinite(value) and (outcome.unit not in BOUNDED or 0 <= value <= 1)
        if right:
            return float(value)
        allowed = "a number from 0 to 1" if outcome.unit in BOUNDED else "a finite number"
    else:
        kinds = (bool, np.bool_, int, np.integer) if outcome.kind is FLAG else (int, np.integer)
        right = isinstance(value, kinds) and (outcome.kind is FLAG or not isinstance(value, bool))
        if right and 0 <= value <= MOST[outcome.kind]:
            return bool(value) if outcome.kind is FLAG else int(value)
        allowed = "true or false" if outcome.kind is FLAG else f"a whole number from 0 to {MOST[outcome.kind]}"
    raise InputError(f"{where}: {outcome.name} is {shown(value)}, {type(value).__name__}; must be {allowed}")


def own_outcomes(references: Sequence[str], folder: Path) -> tuple[Own, ...]:
    """Return own outcomes by their names in a sweep file. Raises InputError: no such module or function, a bad table.

    Parameters
    ----------
    references : `module:function`
    folder : where modules are looked for first; then on sys.path
    """
    every = tuple(loaded(_source(reference, folder)) for reference in references)
    seen: dict[str, str] = {}
    for own in every:
        for outcome in own.table:
            if outcome.name in seen:
                raise InputError(
                    f"outcomes: {outcome.name} is given by {seen[outcome.name]} and {own.source.reference}"
                )
            seen[outcome.name] = own.source.reference
    return every


def _source(reference: str, folder: Path) -> Source:
    """Read the module of an own outcome. Raises InputError."""
    module = reference.partition(":")[0]
    beside = folder.joinpath(*module.split("."))
    files = [beside.with_name(f"{beside.name}.py"), beside / "__init__.py"]
    path = next((file for file in files if file.is_file()), None) or _on_path(module)
    if path is None:
        raise InputError(f"outcomes: {reference}: there is no {module.replace('.', '/')}.py in {folder} or on sys.path")
    try:
        return Source(reference, str(path), path.read_bytes())
    except OSError as error:
        raise InputError(f"outcomes: {reference}: {path}: {error.strerror or error}") from None


def _on_path(module: str) -> Path | None:
    """Return the source file of an installed module; None where there is none."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return None
    file = None if spec is None else spec.origin
    return Path(file) if file is not None and file.endswith(".py") else None


@lru_cache(maxsize=64)
def loaded(source: Source) -> Own:
    """Run a module and return its own outcome. Raises InputError."""
    where, name = f"outcomes: {source.reference}", source.reference.partition(":")[2]
    members = _run(source, where)
    function = members.get(name)
    if not callable(function):
        there = [key for key, value in members.items() if inspect.isroutine(value) or hasattr(value, "outcomes")]
        raise InputError(f"{where}: {source.file} has no function {name}{nearest(name, there)}")
    table = getattr(function, "outcomes", None)
    if not isinstance(table, tuple | list) or not table or not all(isinstance(row, Outcome) for row in table):
        raise InputError(f"{where}: must carry the table of what it returns: {name}.outcomes = (Outcome(...), ...)")
    for outcome in table:
        _check(outcome, where)
    return Own(source, function, tuple(table), len(_parameters(function, where)) == 2)


def _run(source: Source, where: str) -> dict[str, Any]:
    """Run a module under a name of its own and return its names."""
    module = types.ModuleType(f"fragile_peace_own_{source.digest[:16]}")
    module.__file__ = source.file
    sys.modules[module.__name__] = module  # where its classes and compiled functions look for it
    try:
        exec(compile(source.data, source.file, "exec"), module.__dict__)
    except Exception as error:
        raise InputError(f"{where}: {source.file} cannot be run: {type(error).__name__}: {error}") from error
    return module.__dict__


def _parameters(function: Callable[..., Any], where: str) -> list[str]:
    names = list(inspect.signature(getattr(function, "py_func", function)).parameters)
    if len(names) not in (1, 2):
        raise InputError(f"{where}: takes {', '.join(names) or 'nothing'}; must take weeks, or weeks and scenario")
    return names


def _check(outcome: Outcome, where: str) -> None:
    """Refuse a row of a table that no column can hold."""
    if not (isinstance(outcome.name, str) and NAME.fullmatch(outcome.name)):
        raise InputError(
            f"{where}: {shown(outcome.name)} is not allowed as a name; must be up to 50 small letters, digits and _, "
            "first a letter"
        )
    if outcome.kind not in KINDS or outcome.by:
        raise InputError(
            f"{where}: {outcome.name}: must be one number (by is ()) of the kind {', '.join(map(str.upper, KINDS))}"
        )
    for key in ("unit", "text"):
        if not (isinstance(getattr(outcome, key), str) and getattr(outcome, key)):
            raise InputError(f"{where}: {outcome.name}: its {key} is missing; say it in words")


def tables_of(manifest: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Return the own outcomes of a manifest, in the order of their columns."""
    entries = manifest.get(KEY, ())
    return tuple(
        Outcome(row["name"], Kind(row["kind"]), (), row["unit"], row["text"], never=row["never"])
        for entry in entries
        for row in entry["outcomes"]
    )
