"""A posterior of the sweep's own: a file with a row a member, whose dotted columns are parameters.

`uncertainties: {posterior: FILE}` names it: what `fragile-peace calibrate --out` writes, or any Parquet or CSV file. A
column named as a label (`labels`) is one; `member`, `implausibility` and `event:parameter` are passed over. Values that
the sweep gives itself go over the file's, and the file's over a base scenario's. The war block's sample is taken beside
it unless the file has one of its parameters: their values agree only together.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, nearest
from fragile_peace_lab import parquet
from fragile_peace_lab.design import csvtable, labels
from fragile_peace_lab.design.factors import checked, parameter_of
from fragile_peace_lab.design.levers import Column
from fragile_peace_lab.design.posterior import MEMBER, START, WORST, Posterior
from fragile_peace_lab.design.sweep import POSTERIOR

WHERE = "uncertainties.posterior"
GIVEN = b"given"
"""In the metadata of a column of design.parquet: the sweep itself gave the sample that it comes from."""


def own_members(path: Path, number: int, given: Collection[str], scenarios: Mapping[str, Scenario]) -> list[Column]:
    """Return the first members of a file: its parameters but those in `given`, and its labels. Raises InputError."""
    table = _read(path)
    names = [name for name in table if name not in (MEMBER, WORST) and ":" not in name]
    size = len(next(iter(table.values()), []))
    if not names or size < number:
        raise InputError(f"{WHERE}: {path}: has {size} members of {len(names)} columns; {number} members are asked for")
    columns = []
    for name in names:
        where = f"{WHERE}: {path}"
        if name in labels.BY_NAME:
            columns.append(Column(name, labels.LABEL, None, [str(value) for value in table[name][:number]]))
        elif "." not in name:
            raise InputError(
                f"{where}: {name} is neither a parameter's dotted name nor a label ({', '.join(labels.BY_NAME)})"
                f"{nearest(name, labels.BY_NAME)}"
            )
        elif name not in given:
            parameter = parameter_of(name, dict(scenarios), where)
            values = [
                checked(csvtable.as_whole(value, parameter), parameter, f"{where}, row {row}, {name}")
                for row, value in enumerate(table[name], 1)
            ]
            columns.append(Column(name, "uncertainty", parameter, values[:number], given=True))
    if labels.LIKE not in names and START in names and START not in given:
        columns += _like(table, number)
    return columns


def _like(table: Mapping[str, list[Any]], number: int) -> list[Column]:
    """Which truce each member's own starts most like, where the file has the starts that this is judged by."""
    numbers = {name: np.array(values) for name, values in table.items() if ":" in name or name == START}
    try:
        like = Posterior(numbers, np.zeros(len(table[START])), {}).like()
    except KeyError:
        return []
    return [Column(labels.LIKE, labels.LABEL, None, like[:number])]


def _read(path: Path) -> dict[str, list[Any]]:
    """Return the columns of a Parquet or CSV file. Raises InputError."""
    if path.suffix == ".csv":
        return _from_csv(path)
    try:
        rows, columns = parquet.shape(path)
        most = csvtable.most_rows(columns)
        if rows <= most:
            return {str(name): values for name, values in parquet.read(path).to_pydict().items()}
    except FileNotFoundError:
        raise InputError(f"{WHERE}: {path}: there is no such file") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{WHERE}: {path}: not readable as Parquet ({error}); a CSV file must end in .csv") from None
    raise InputError(f"{WHERE}: {path}: has {rows} rows of {columns} values; at most {most} rows are read")


def _from_csv(path: Path) -> dict[str, list[Any]]:
    table = csvtable.read(path)
    return {
        name: table.column(place, (lambda cell, where: cell) if name in labels.BY_NAME else csvtable.value_of)
        for place, name in enumerate(table.names)
    }


def given_names(uncertainties: Mapping[str, Any], points: pa.Table) -> list[str]:
    """Return the unknowns that a sweep gives itself: those with priors, and those of its own posterior."""
    own = [field.name for field in points.schema if GIVEN in (field.metadata or {})]
    return [*(name for name in uncertainties if name != POSTERIOR), *own]
