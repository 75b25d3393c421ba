"""All of a decision at once: from a sweep's folder to tables, figures and words in its folder `decide`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.deciding import belief, by_label, discovery, frontier, information, regret
from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.deciding.weights import WEIGHTS, Weights
from fragile_peace_lab.design.axis import is_key
from fragile_peace_lab.estimates.all_tables import SAY
from fragile_peace_lab.estimates.tables import to_csv
from fragile_peace_lab.store import folder as store

FOLDER = "decide"
DIGITS = 12
Rows = Callable[[Problem, Weights], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Table:
    """One table: what makes its rows, its columns beside those that name a world, and what it says."""

    rows: Rows
    columns: tuple[str, ...] | Callable[[Sequence[str]], tuple[str, ...]]
    says: str
    by_world: bool = True

    def heading(self, keys: Sequence[str], harms: Sequence[str]) -> tuple[str, ...]:
        """Return all of its columns, by what names a world and by the names of the harms."""
        own = self.columns(harms) if callable(self.columns) else self.columns
        return (*keys, *own) if self.by_world else own


TABLES: dict[str, Table] = {
    "losses": Table(regret.rows, regret.COLUMNS, "loss and regret of every option"),
    "worst": Table(regret.worst_rows, regret.WORST, "worst regret over worlds and structures", by_world=False),
    "frontier": Table(frontier.rows, frontier.frontier_columns, "every harm of every option, and the frontier"),
    "acceptable": Table(frontier.acceptable_rows, frontier.acceptable_columns, "in how many members it is acceptable"),
    "information": Table(information.rows, information.COLUMNS, "what it is worth to know an unknown"),
    "thresholds": Table(belief.rows, belief.COLUMNS, "how likely a true type must be to prefer another option"),
    "by_label": Table(by_label.rows, by_label.COLUMNS, "the best option among each class of members"),
    "boxes": Table(discovery.rows, discovery.COLUMNS, "where the best option fails"),
}


@dataclass(frozen=True)
class Decision:
    """A problem with its answers.

    Attributes
    ----------
    problem, weights : what was asked
    tables : the answers, by the names of `TABLES`
    """

    problem: Problem
    weights: Weights
    tables: dict[str, pd.DataFrame]

    def of(self, table: str, world: Mapping[str, Any], shown: bool = False) -> pd.DataFrame:
        """Return the rows of a table in a world; only those of the shown weights where asked."""
        rows = self.tables[table]
        wanted = {**world, **(self.weights.shown.columns if shown else {})}
        for name, value in wanted.items():
            rows = rows[rows[name] == value]
        return rows.reset_index(drop=True)


def decide(
    folder: str | Path,
    weights: Weights | None = None,
    levers: Sequence[str] | None = None,
    say: Callable[[str], None] = SAY,
) -> Decision:
    """Read a finished sweep and answer. Raises InputError.

    Parameters
    ----------
    weights : of the loss; the declared ones if None
    levers : those that make options; by default all that the coalition or Washington sets
    say : is told which table is under way
    """
    store.read_manifest(Path(folder))  # a wrong folder is said at once: the library for boxes takes seconds to import
    discovery.need_prim()
    from threadpoolctl import threadpool_limits

    weights = weights or Weights()
    problem = Problem.read(folder, levers, weights.own)
    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        return answered(problem, weights, say)


def answered(problem: Problem, weights: Weights, say: Callable[[str], None] = SAY) -> Decision:
    """Return the answers to a problem. Raises InputError where what names a world is called as a column of a table."""
    harms = [harm.name for harm in problem.harms]
    headings = {name: table.heading(problem.keys, harms) for name, table in TABLES.items()}
    for name, heading in headings.items():
        for key in problem.keys:
            if heading.count(key) > 1:
                raise InputError(f"decide: {key} is a column of {name}.csv; make that lever an option: --lever {key}")
    tables = {}
    for name, table in TABLES.items():
        say(table.says)
        tables[name] = _frame(table.rows(problem, weights), headings[name])
    return Decision(problem, weights, tables)


def _frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table whose numbers have `DIGITS` significant digits, and none beyond so many decimals.

    Weights and values of levers, by which rows are looked up, keep all they have. A last bit of a
    machine does not show, not even in a small difference of losses, which are of the order of one.
    """
    frame = pd.DataFrame(list(rows), columns=list(columns))
    for name in frame:
        if pd.api.types.is_float_dtype(frame[name]) and name not in WEIGHTS and not is_key(name):
            frame[name] = [round(float(f"{value:.{DIGITS}g}"), DIGITS) for value in frame[name].tolist()]
    return frame


def write_tables(decision: Decision, folder: str | Path) -> list[Path]:
    """Write the tables as CSV into a sweep's folder; returns the paths."""
    where = Path(folder) / FOLDER
    durable.folder(where)
    written = []
    for name, table in decision.tables.items():
        path = where / f"{name}.csv"
        durable.write(path, to_csv(table).encode())
        written.append(path)
    return written
