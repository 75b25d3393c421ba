"""A sweep's folder as pandas frames and xarray Datasets, with what every column is: `open_results`.

Whole numbers with gaps and flags keep pandas' nullable types; "never" is missing. A frame's columns have the names of
the Parquet files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.estimates.all_tables import estimate_sweep
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.export import datasets
from fragile_peace_lab.figures.results import checked
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.columns import flatten
from fragile_peace_lab.store.side_tables import RECORD, WEEKS

if TYPE_CHECKING:
    import xarray

_NULLABLE = {
    pa.int8(): pd.Int8Dtype(), pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip


ESTIMATES = {
    "outcome": "name of the outcome", "title": "the outcome in words", "unit": "unit of its numbers",
    "kind": "probability, share, rate or mean", "estimator": "how it was estimated",
    "type": "which runs count, by the true types at the start", "prior_driven": "turns on the return of war",
    "label": "label of members", "value": "value of the label", "lever": "lever that is moved",
    "reference": "its value that is compared with", "n_runs": "runs that count", "n_draws": "independent draws",
    "n_members": "members", "estimate": "estimate", "mc_low": "Monte Carlo error, 95 %: lower end",
    "mc_high": "Monte Carlo error, 95 %: upper end", "param_low": "parameter uncertainty, 5 to 95 %: lower end",
    "param_high": "parameter uncertainty, 5 to 95 %: upper end", "plain": "the same by counting runs alone",
    "variance_factor": "how many times more runs counting alone would need", "note": "what else is to be known",
    "family": "what may happen first", "time": "time from the start", "at_risk": "runs at risk",
    "events": "events so far",
    "halfwidth": "half-width of the Monte Carlo interval now", "wanted": "half-width that is wanted",
    "runs_needed": "runs of every point for it", "sd_members": "standard deviation over members",
    "sd_low": "its 95 % interval: lower end", "sd_high": "its 95 % interval: upper end",
    "sd_noise": "standard deviation that the runs alone make", "n_structures": "structures",
    "more": "structures in which the sign is more", "less": "structures in which the sign is less",
    "agreement": "smallest share of members with the sign", "robust": "the same sign in every structure",
}  # fmt: skip
"""What the columns of estimates are; levers are described with the points."""


BESIDE = {"runs": None, "points": store.DESIGN, "weeks": WEEKS, "record": RECORD}
"""The files of tables that are kept; runs are in parts."""


class Variable(NamedTuple):
    """What a column is: its unit, its meaning, and the names of its codes by number (empty where it has none)."""

    unit: str
    text: str
    codes: dict[int, str]


@dataclass(frozen=True)
class Opened:
    """A finished sweep: its folder and manifest; its tables are read when they are first asked for."""

    folder: Path
    manifest: dict[str, Any]

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: point, run, every outcome."""
        return frame_of(store.read(self.folder))

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row a point: its numbers, structure, levers, unknowns, labels."""
        return frame_of(store.design_of(self.folder))

    @cached_property
    def weeks(self) -> pd.DataFrame | None:
        """One row a run and week of the baseline setting; None where the sweep keeps none."""
        path = self.folder / WEEKS
        return frame_of(store.read_table(path)) if path.exists() else None

    @cached_property
    def estimates(self) -> dict[str, pd.DataFrame]:
        """The tables of estimates by name, both bands apart; made anew."""
        return estimate_sweep(self.folder)

    @cached_property
    def record(self) -> pd.DataFrame | None:
        """One row a recorded run and week of every point; None where the sweep records none."""
        path = self.folder / RECORD
        return frame_of(store.read_table(path)) if path.exists() else None

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every table by its name."""
        weeks = {} if self.weeks is None else {"weeks": self.weeks}
        weeks |= {} if self.record is None else {"record": self.record}
        estimates = {f"estimates_{name}": table for name, table in self.estimates.items()}
        return {"runs": self.runs, "points": self.points, **weeks, **estimates}

    @cached_property
    def dataset(self) -> "xarray.Dataset":
        """The runs over structure, levers, member and run (`datasets.run_dataset`). Raises InputError: no xarray."""
        about = self.variables("points") | self.variables("runs")
        return datasets.run_dataset(store.design_of(self.folder), store.read(self.folder), about)

    def datasets(self) -> "dict[str, xarray.Dataset]":
        """Return runs, estimates, and weeks where there are any, as Datasets by name. Raises InputError: no xarray."""
        found = {"runs": self.dataset}
        settings = Runs.from_tables(store.design_of(self.folder), store.read(self.folder, ["point", "run"]))
        found["estimates"] = datasets.estimate_dataset(self.estimates, settings)
        weekly = {"weeks": self.weeks, "record": self.record}
        kept = {name: table for name, table in weekly.items() if table is not None}
        return found | {name: datasets.week_dataset(table, self.variables(name)) for name, table in kept.items()}

    def variables(self, table: str) -> dict[str, Variable]:
        """Return what the columns of a table (`frames`) are, as far as the files say it."""
        if table in BESIDE:
            return {field.name: _variable(field) for field in self._schema(table)}
        known = {**self.variables("points"), **{name: Variable("", text, {}) for name, text in ESTIMATES.items()}}
        return known if table.startswith("estimates") else {}

    def _schema(self, table: str) -> pa.Schema:
        first = store.entries_of(self.folder, self.manifest)[0]["file"]
        return store.read_table(self.folder / (BESIDE[table] or f"{store.PARTS}/{first}")).schema


def open_results(folder: str | Path) -> Opened:
    """Open the folder of a finished sweep. Raises InputError: no sweep, not finished, a file is missing or damaged."""
    return Opened(*checked(folder))


def runs_frame(outcomes: np.ndarray, scenarios: Sequence[Scenario], first_run: int = 0) -> pd.DataFrame:
    """Return what `fragile_peace.simulate` returns as a frame with the columns of a sweep's parts.

    Parameters
    ----------
    outcomes : OUTCOMES, shape (points, runs)
    scenarios : one a point
    first_run : index of the first run

    Raises
    ------
    InputError : not one scenario a point
    """
    if len(scenarios) != len(outcomes):
        raise InputError(f"scenarios: {len(scenarios)} are given for {len(outcomes)} points; must be one a point")
    members = [len(scenario.contingents) for scenario in scenarios]
    return frame_of(flatten(outcomes, range(len(outcomes)), first_run, members, max(members)))


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return a table of the store as a frame; only columns that may have gaps have nullable types."""
    whole = {name for name in table.column_names if not table.schema.field(name).nullable}
    parts = (table.select([n for n in table.column_names if n in whole]),
             table.select([n for n in table.column_names if n not in whole]))  # fmt: skip
    frames = (parts[0].to_pandas(), parts[1].to_pandas(types_mapper=_NULLABLE.get))
    return pd.concat(frames, axis=1)[table.column_names]


def _variable(field: pa.Field) -> Variable:
    about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    pairs = [pair.split(" ", 1) for pair in about.get("codes", "").split(", ") if pair]
    return Variable(about.get("unit", ""), about.get("text", ""), {int(number): name for number, name in pairs})
