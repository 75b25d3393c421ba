"""One clear line for every bad input: the field, the value, what is allowed, and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

LONGEST = 600


class InputError(ValueError):
    """Something a user wrote is wrong. The message is one printable line and says what would be right."""

    def __init__(self, message: str) -> None:
        line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
        super().__init__(line if len(line) <= LONGEST else line[: LONGEST - 3] + "...")


class SolverError(ArithmeticError):
    """A game could not be solved to its tolerance: never an answer, always this error."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean X?" for the closest of `names`, or an empty string where none is close."""
    close = difflib.get_close_matches(str(name)[:100], list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def shown(value: Any) -> str:
    """Return a value as the user wrote it, cut to a length that fits an error line."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    if type(value) is date:
        return value.isoformat()
    try:
        text = " ".join(repr(value).split())
    except (ValueError, RecursionError):  # an integer too long to print; a list too deep
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


_PLAIN = {
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "invalid_key": "names must be text",
}


def one_line(
    error: ValidationError, data: Any, allowed: Mapping[str, str], names_in: Mapping[str, Sequence[str]]
) -> str:
    """Turn pydantic's report into one line.

    Parameters
    ----------
    error : the report
    data : what was validated; items of its lists are called by their names
    allowed : for each dotted name, what it may be ("a number from 0 to 1"); `*` stands for any item of a list and any
        key of a mapping of values
    names_in : for each dotted block name ("" for the top), the names valid in it

    Returns
    -------
    The first fault, and how many more there are.
    """
    faults = error.errors(include_url=False, include_context=True)
    line, more = _line(faults[0], data, allowed, names_in), len(faults) - 1
    return line if more == 0 else f"{line} (and {more} more fault{'s' if more > 1 else ''})"


def _line(fault: ErrorDetails, data: Any, allowed: Mapping[str, str], names_in: Mapping[str, Sequence[str]]) -> str:
    where, kind = _where(fault["loc"], data), fault["type"]
    general = ".".join("*" if isinstance(step, int) else str(step) for step in fault["loc"])
    parent, _, leaf = general.rpartition(".")
    if kind == "extra_forbidden":
        return f"{where}: no such name{nearest(leaf, names_in.get(parent, []))}"
    if kind == "missing":
        return f"{where}: is missing"
    rule = allowed.get(general) or allowed.get(f"{parent}.*")
    if kind == "value_error" and rule is None:
        text = str(fault["ctx"]["error"])
        return f"{where}: {text}" if where else text
    wanted = f"must be {rule}" if rule else _PLAIN.get(kind, fault["msg"])
    line = f"{where}: {shown(fault['input'])} is not allowed; {wanted}"
    if isinstance(fault["input"], str) and rule is not None and rule.startswith("one of "):
        line += nearest(fault["input"], rule.removeprefix("one of ").split(", "))
    return line


def _where(steps: Sequence[int | str], data: Any) -> str:
    """Return the dotted place of a fault; an item of a list goes by its name where it has one."""
    words = []
    for step in steps:
        try:
            data = data[step]
        except (LookupError, TypeError):
            data = None
        name = data.get("name") if isinstance(step, int) and isinstance(data, Mapping) else None
        words.append(name if isinstance(name, str) and name else str(step))
    return ".".join(words)
