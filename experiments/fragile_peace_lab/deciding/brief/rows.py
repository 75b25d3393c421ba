"""A decision read back from its folder, and numbers that know which of its rows they come from.

A number of the brief is never typed: it is what `HOW` makes of one column of the rows of one file in which other
columns have given values. So it can be looked up, and taken again from the files by anybody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from fragile_peace.words.wording import percent
from fragile_peace_lab.deciding.brief.agreeing import ABOUT
from fragile_peace_lab.deciding.brief.reading import decision_in
from fragile_peace_lab.deciding.decision import FOLDER
from fragile_peace_lab.deciding.problem import value_text
from fragile_peace_lab.deciding.weights import Pair
from fragile_peace_lab.store import folder as store

HOW: dict[str, Callable[[pd.Series], float]] = {
    "the value": lambda found: float(found.iloc[0]),
    "how many rows": len,
    "how many different": lambda found: int(found.nunique()),
    "the least": lambda found: float(found.min()),
    "the greatest": lambda found: float(found.max()),
    "the total": lambda found: float(found.sum()),
    "the median": lambda found: float(found.median()),
}
FORMATS: dict[str, Callable[[float], str]] = {
    "plain": lambda value: f"{value:,.12g}",
    "percent": percent,
    "points": lambda value: f"{100 * value:.1f}".replace("-", "−"),
    "deaths": lambda value: f"{value:.1f}",
}
"""How a number is written; `points` are hundredths of the loss."""


class Number(NamedTuple):
    """One number of the brief.

    Attributes
    ----------
    text : as it is written
    value : in full
    file, rows, where, column : where it comes from: a CSV file, the numbers of its lines (the heading is line 1), the
        values of other columns that choose them; or a JSON file without rows, and a JSON pointer
    how : what is made of the column, one of `HOW`
    form : how it is written, one of `FORMATS`
    """

    text: str
    value: float
    file: str
    rows: tuple[int, ...]
    where: tuple[tuple[str, str], ...]
    column: str
    how: str
    form: str


Words = tuple[str | Number, ...]


def said(text: str, *parts: "str | Number | Words") -> Words:
    """Return words with parts in place of each `{}`, as `str.format` puts them."""
    pieces = text.split("{}")
    if len(pieces) != len(parts) + 1:
        raise ValueError(f"{text!r} has {len(pieces) - 1} places for {len(parts)} parts")
    found: list[str | Number] = [pieces[0]]
    for part, piece in zip(parts, pieces[1:], strict=True):
        found += [part] if isinstance(part, str | Number) else part
        found.append(piece)
    return tuple(piece for piece in found if piece != "")


def joined(parts: "list[Words]", between: str) -> Words:
    """Return several words as one."""
    found: list[str | Number] = []
    for index, part in enumerate(parts):
        found += ([between] if index else []) + list(part)
    return tuple(found)


@dataclass(frozen=True)
class Decided:
    """What `decide` left in a sweep's folder.

    Attributes
    ----------
    manifest : of the sweep
    about : how the decision was made: members, draws, the shown weights, what is acceptable
    tables : by name, as the files hold them
    """

    manifest: dict[str, Any]
    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]

    @classmethod
    def read(cls, folder: str | Path) -> "Decided":
        """Read a decided sweep; neither its runs nor its design are needed. Raises InputError."""
        manifest = store.read_manifest(Path(folder))
        return cls(manifest, *decision_in(Path(folder), manifest))

    @property
    def keys(self) -> list[str]:
        """The columns that name a world."""
        columns = self.tables["frontier"].columns
        return list(columns[: columns.get_loc("option")])

    @property
    def worlds(self) -> list[dict[str, Any]]:
        """Each with the values that name it, in the order of the sweep."""
        return [dict(zip(self.keys, row, strict=True)) for row in self._distinct(self.keys)]

    @property
    def options(self) -> list[str]:
        """The names of the options, in the order of the sweep."""
        return [row[0] for row in self._distinct(["option"])]

    def _distinct(self, columns: list[str]) -> list[tuple[Any, ...]]:
        found = self.tables["frontier"][columns].drop_duplicates()
        return list(found.itertuples(index=False, name=None)) if columns else [()]

    @property
    def shown(self) -> dict[str, Any]:
        """The weights that are shown where one pair must be, as tables have them."""
        return Pair(**self.about["shown"]).columns

    def rows(self, table: str, where: Mapping[str, Any]) -> pd.DataFrame:
        """Return the rows of a table in which columns have these values."""
        found = self.tables[table]
        for name, value in where.items():
            found = found[found[name] == value]
        return found

    def number(
        self, table: str, where: Mapping[str, Any], column: str, form: str = "plain", how: str = "the value"
    ) -> Number:
        """Return a number with where it comes from."""
        found = self.rows(table, where)
        if how == "the value" and len(found) != 1:
            raise ValueError(f"{table}: {len(found)} rows have {dict(where)}; one is needed")
        value = HOW[how](found[column])
        chosen = tuple((name, value_text(given)) for name, given in where.items())
        lines = tuple(int(row) + 2 for row in found.index)
        return Number(FORMATS[form](value), value, f"{FOLDER}/{table}.csv", lines, chosen, column, how, form)

    def told(self, pointer: str, form: str = "plain") -> Number:
        """Return a number of the file that says how the decision was made."""
        return _of_json(self.about, ABOUT, pointer, form, "the value")

    def planned(self, pointer: str, form: str = "plain", how: str = "the value") -> Number:
        """Return a number of the manifest."""
        return _of_json(self.manifest, store.MANIFEST, pointer, form, how)


def _of_json(data: Any, file: str, pointer: str, form: str, how: str) -> Number:
    values = pd.Series([float(value) for value in pointed(data, pointer)])
    value = HOW[how](values)
    return Number(FORMATS[form](value), value, file, (), (), pointer, how, form)


def pointed(data: Any, pointer: str) -> list[Any]:
    """Return the values at a JSON pointer (RFC 6901), in whose steps `*` stands for any letters."""
    found = [data]
    for step in pointer.split("/")[1:]:
        inner = (one.items() if isinstance(one, dict) else enumerate(one) for one in found)
        found = [value for items in inner for name, value in items if fnmatchcase(str(name), step)]
    return found
