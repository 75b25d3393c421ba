"""The levers of a sweep as columns: a grid, lists side by side, or the rows of a CSV file."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, shown
from fragile_peace_lab.design import csvtable, labels
from fragile_peace_lab.design.composite import Composites
from fragile_peace_lab.design.factors import SCENARIO, checked, count, lever_values, parameter_of
from fragile_peace_lab.design.sweep import Sweep

_TYPES = {"real": pa.float64(), "whole": pa.int64(), "switch": pa.bool_()}


@dataclass(frozen=True)
class Column:
    """One factor: its values by combination (a lever) or by sample (an uncertainty, or a label that no run reads)."""

    name: str
    role: str
    parameter: Parameter | None
    values: list[Any]
    given: bool = False  # of a posterior of the sweep's own

    @property
    def field(self) -> pa.Field:
        """The column of design.parquet; its metadata say what it is."""
        if self.role == labels.LABEL:
            return labels.field(self.name)
        about = {"role": self.role}
        if self.parameter is not None:
            about |= {"unit": self.parameter.unit, "text": self.parameter.text}
        about |= {"given": "own"} if self.given else {}
        kind = self.parameter.kind if self.parameter is not None else "choice"
        nullable = self.parameter is not None and self.parameter.default is None
        return pa.field(self.name, _TYPES.get(kind, pa.string()), nullable, about)


def listed(sweep: Sweep, priors: Collection[str], scenarios: dict[str, Scenario], folder: Path) -> list[Column]:
    """Return the levers of a CSV file. Raises InputError where the sweep gives one of them elsewhere too."""
    levers = _from_csv(folder / sweep.design.levers["csv"], scenarios)
    given = dict.fromkeys(priors, "uncertainties") | dict.fromkeys(sweep.set, "set")
    given |= {name: f"structures.{label}" for label, values in sweep.structures.items() for name in values}
    clash = next((column.name for column in levers if column.name in given), None)
    if clash is not None:
        raise InputError(f"design.levers.csv: {clash} is given under {given[clash]} already")
    return levers


def sizes(sweep: Sweep, scenarios: Collection[str], composites: Composites) -> list[int]:
    """Return how many values all that is crossed has: scenarios if there are several, levers or the rows of a zip.

    None of them is built; 1 stands for what `combined` refuses.
    """
    own = [len(composites.get(name, ())) or count(spec) or 1 for name, spec in sweep.levers.items()]
    rows = [max(own, default=1)] if sweep.design.levers == "zip" else own
    return [len(scenarios), *rows] if len(scenarios) > 1 else rows


def combined(sweep: Sweep, scenarios: dict[str, Scenario], composites: Composites) -> list[Column]:
    """Return the levers of a grid or a zip, each combination once. Raises InputError."""
    levers = [Column(SCENARIO, "lever", None, list(scenarios))] if len(scenarios) > 1 else []
    zipped = []
    for name, spec in sweep.levers.items():
        if name in composites:
            zipped.append(Column(name, "lever", None, list(composites[name])))
            continue
        parameter = parameter_of(name, scenarios, "levers")
        if sweep.design.levers == "zip" and isinstance(spec, list) and spec:
            values = [checked(value, parameter, f"levers.{name}") for value in spec]  # repeats make sense side by side
        else:
            values = lever_values(spec, parameter, f"levers.{name}")
        zipped.append(Column(name, "lever", parameter, values))
    if sweep.design.levers == "grid":
        return crossed(levers + zipped)
    if not zipped:
        raise InputError("design.levers: zip needs at least one lever")
    lengths = {column.name: len(column.values) for column in zipped}
    if len(set(lengths.values())) > 1:
        raise InputError(f"design.levers: zip needs lists of one length, not {shown(lengths)}")
    _distinct_rows(zipped, "levers")
    if levers:  # every scenario meets every row
        repeated = [name for name in scenarios for _ in zipped[0].values]
        levers = [Column(SCENARIO, "lever", None, repeated)]
        zipped = [Column(c.name, c.role, c.parameter, c.values * len(scenarios)) for c in zipped]
    return levers + zipped


def crossed(levers: Sequence[Column]) -> list[Column]:
    """Return the columns of the full grid; the last lever varies fastest."""
    rows = list(itertools.product(*(column.values for column in levers)))
    return [Column(c.name, c.role, c.parameter, [row[i] for row in rows]) for i, c in enumerate(levers)]


def _from_csv(path: Path, scenarios: dict[str, Scenario]) -> list[Column]:
    """Return the levers that a CSV file lists: dotted names in the first row, one combination in each further row."""
    table = csvtable.read(path)
    if (SCENARIO in table.names) != (len(scenarios) > 1):
        raise InputError(f"{path}: a column {SCENARIO} is needed if, and only if, base is a list of scenarios")
    columns = []
    for index, name in enumerate(table.names):
        if name == SCENARIO:
            cells = table.column(index, lambda cell, where: cell)
            bad = next((cell for cell in cells if cell not in scenarios), None)
            if bad is not None:
                raise InputError(f"{path}: {shown(bad)} is not one of {', '.join(scenarios)}")
            columns.append(Column(name, "lever", None, cells))
            continue
        parameter = parameter_of(name, scenarios, str(path))
        columns.append(Column(name, "lever", parameter, table.column(index, partial(_cell, parameter))))
    _distinct_rows(columns, str(path))
    return columns


def _cell(parameter: Parameter, cell: str, where: str) -> Any:
    return checked(csvtable.as_whole(csvtable.value_of(cell, where), parameter), parameter, where)


def _distinct_rows(columns: Sequence[Column], where: str) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(zip(*(column.values for column in columns), strict=True), 1):
        if row in seen:
            raise InputError(f"{where}: combination {number} repeats combination {seen[row]}")
        seen[row] = number
