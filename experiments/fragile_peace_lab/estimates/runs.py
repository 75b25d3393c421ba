"""The runs of a sweep as estimators want them: one block, settings of the levers x members x draws, for each column.

A *setting* is a combination of lever values, in a structure where the sweep declares any (`design.structures`); a
*member* is a sample of the uncertainties; a *draw* is the number of a run in its point. Run r of a member uses the same
random numbers in every setting; members have draws of their own where the design's first runs say so, and otherwise
share them. The block is the same whatever the order of the rows. Structures are settings and never pooled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.errors import InputError, nearest
from fragile_peace_lab.design.chances import chances_of_points
from fragile_peace_lab.design.labels import labels_in, role
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.outcomes import OUTCOMES, Outcome
from fragile_peace_lab.estimates.own import reported
from fragile_peace_lab.store import folder as store

Frame: TypeAlias = pa.Table | pd.DataFrame
INDEX, FIRST = ("point", "sample", "combination"), "first_run"


@dataclass(frozen=True)
class Runs:
    """Runs by setting, member and draw.

    Attributes
    ----------
    levers : their dotted names
    structures : their names, the reference first; empty where none are declared
    settings : one a structure and combination: the structure, and the value of every lever
    members, draws : how many
    data : by column, shape (settings, members, draws); "never" and "unknown" are NaN
    labels : of each member, by name, shape (members,); empty where no sample gives any (`design.labels`)
    own_draws : whether each member has draws of its own
    own : own outcomes among the columns, as they are reported
    chances : by column of a type at the start, its chance to be 1 (`design.chances`), shape (settings, members); empty
        where they are not known
    """

    levers: tuple[str, ...]
    structures: tuple[str, ...]
    settings: tuple[dict[str, Any], ...]
    members: int
    draws: int
    data: dict[str, np.ndarray]
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    own_draws: bool = False
    chances: dict[str, np.ndarray] = field(default_factory=dict)
    own: tuple[Outcome, ...] = ()

    @classmethod
    def load(cls, folder: str | Path, columns: list[str]) -> "Runs":
        """Return some columns of the sweep in a folder, its own outcomes, and types at the start. Raises InputError."""
        manifest, design = store.read_manifest(Path(folder)), store.design_of(folder)
        chances = chances_of_points(store.scenarios_of(manifest), store.sets_of(manifest), design)
        own = reported(manifest)
        names = list(dict.fromkeys(["point", "run", *columns, *chances, *(outcome.name for outcome in own)]))
        return replace(cls.from_tables(design, store.read(folder, names), str(folder), chances), own=own)

    @classmethod
    def from_tables(
        cls,
        design: "Frame",
        rows: "Frame",
        where: str = "results",
        chances: Mapping[str, np.ndarray] | None = None,
    ) -> "Runs":
        """Return the runs of a design table and a table of runs, in any order. Raises InputError.

        A lever is a column of the design marked so in its metadata or, without metadata, one that the combination
        alone decides. Members of a design without first runs share their draws. `chances` is by row of the design.
        """
        points, table = _table(design), _table(rows)
        if table.num_rows == 0:
            raise InputError(f"{where}: no runs")
        for name in INDEX:
            if name not in points.column_names:
                raise InputError(f"{where}: the design has no column {name}")
        sample, combination = (_values(points, name).astype(np.int64) for name in ("sample", "combination"))
        structures, structure = _structures(points)
        place = structure * (int(combination.max()) + 1) + combination
        members, settings = int(sample.max()) + 1, int(place.max()) + 1
        slot = np.full(int(_values(points, "point").max()) + 1, -1)
        slot[_values(points, "point").astype(np.int64)] = place * members + sample
        index, draws = _index(table, slot, settings * members, where)
        levers = _levers(points, combination)
        first = np.unique(place, return_index=True)[1]
        keys = [*([STRUCTURE] if structures else []), *levers]
        values = {name: points.column(name).to_pylist() for name in keys}
        chosen = tuple({name: values[name][row] for name in keys} for row in first.tolist())
        data = {}
        for name in table.column_names:
            if name not in ("point", "run"):
                column = _values(table, name)
                block = np.empty(len(column), column.dtype)
                block[index] = column
                data[name] = block.reshape(settings, members, draws)
        one = np.unique(sample, return_index=True)[1]
        labels = {name: points.column(name).to_numpy().astype(str)[one] for name in labels_in(points)}
        own = FIRST in points.column_names and len(np.unique(_values(points, FIRST))) > 1
        known = {}
        for name, chance in (chances or {}).items():
            known[name] = np.empty((settings, members))
            known[name][place, sample] = chance
        return cls(tuple(levers), structures, chosen, members, draws, data, labels, own, known)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All that is reported of these runs, own outcomes last."""
        return (*OUTCOMES, *self.own)

    def outcome(self, name: str) -> Outcome:
        """Return what is reported under a name. Raises InputError."""
        known = {outcome.name: outcome for outcome in self.outcomes}
        if name not in known:
            raise InputError(f"outcome: {name} is not one of what is reported{nearest(name, known)}")
        return known[name]

    @property
    def headlines(self) -> tuple[Outcome, ...]:
        """What is compared and told first."""
        return tuple(outcome for outcome in self.outcomes if outcome.headline)

    @property
    def keys(self) -> tuple[str, ...]:
        """What names a setting: the structure, where there are any, and the levers."""
        return (STRUCTURE, *self.levers) if self.structures else self.levers

    def within(self, structure: str) -> "Runs":
        """Return the runs of one structure, as if there were no other. Raises InputError."""
        if structure not in self.structures:
            raise InputError(
                f"structure: {structure} is not one of {', '.join(self.structures) or 'none'}"
                f"{nearest(structure, self.structures)}"
            )
        places = [place for place, setting in enumerate(self.settings) if setting[STRUCTURE] == structure]
        settings = tuple({name: self.settings[place][name] for name in self.levers} for place in places)
        data = {name: block[places[0] : places[-1] + 1] for name, block in self.data.items()}
        chances = {name: block[places[0] : places[-1] + 1] for name, block in self.chances.items()}
        return replace(self, structures=(), settings=settings, data=data, chances=chances)

    def column(self, name: str) -> np.ndarray:
        """Return a column, shape (settings, members, draws). Raises InputError."""
        if name not in self.data:
            raise InputError(f"results: no column {name}{nearest(name, self.data)}")
        return self.data[name]


def _table(table: Frame) -> pa.Table:
    return table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)


def _values(table: pa.Table, name: str) -> np.ndarray:
    """A column as an array; nulls are NaN, flags 0 and 1."""
    values = table.column(name).to_numpy()
    numbers: np.ndarray = values.astype(np.int8) if values.dtype == bool else values
    return numbers


def _index(table: pa.Table, slot: np.ndarray, slots: int, where: str) -> tuple[np.ndarray, int]:
    """Return where in the block each row belongs, and the number of draws; InputError unless each is there once."""
    point, run = (_values(table, name).astype(np.int64) for name in ("point", "run"))
    if point.min() < 0 or point.max() >= len(slot) or np.any(slot[point] < 0):
        raise InputError(f"{where}: runs of a point that the design does not have")
    ids, rank = np.unique(run, return_inverse=True)
    index = slot[point] * len(ids) + rank
    count = np.bincount(index, minlength=slots * len(ids))

    def named(place: int) -> str:
        return f"run {ids[place % len(ids)]} of point {np.flatnonzero(slot == place // len(ids))[0]}"

    if count.max() > 1:
        raise InputError(f"{where}: {named(int(count.argmax()))} is there {count.max()} times")
    if count.min() == 0:
        missing = f"{int((count == 0).sum())} runs are missing, such as {named(int(count.argmin()))}"
        raise InputError(f"{where}: {missing}; run the sweep again with --resume")
    return index, len(ids)


def _structures(points: pa.Table) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the structures in the order of their points, and which of them each row of the design is in."""
    if STRUCTURE not in points.column_names:
        return (), np.zeros(points.num_rows, np.int64)
    labels, index = np.unique(points[STRUCTURE].to_numpy().astype(str), return_inverse=True)
    at = np.full(len(labels), np.iinfo(np.int64).max)
    np.minimum.at(at, index, _values(points, "point").astype(np.int64))
    order = np.argsort(at)
    return tuple(str(labels[place]) for place in order), np.argsort(order)[index]


def _levers(points: pa.Table, combination: np.ndarray) -> list[str]:
    roles = {name: role(points, name) for name in points.column_names}
    if any(roles.values()):
        return [name for name, kind in roles.items() if kind == "lever"]
    first = np.unique(combination, return_index=True)[1][combination]
    names = [name for name in points.column_names if name not in (*INDEX, FIRST, STRUCTURE)]
    found = []
    for name in names:
        values = points.column(name).to_pylist()
        if all(values[i] == values[j] for i, j in enumerate(first.tolist())):
            found.append(name)
    return found
