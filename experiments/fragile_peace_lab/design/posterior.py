"""The posterior as a file: one row a member, one column a parameter, and which member stands for all.

Members are in an order that says nothing: the first N are a sample for every N. A column named `event:parameter` is a
property of one event, `population:...` one of the population of truces; neither is handed on to sweeps. Column
`truce.restraint` is how a further truce of that population starts. The file's metadata hold the seed, the settings and
the *representative* member: the one nearest to the posterior mean, in posterior standard deviations.

The declared defaults are those of the *default* member: the nearest to the mean with which, in place of the defaults
and with everything else as it is, every test of the qualitative patterns holds (test_patterns.py and test_truces.py).
How the truce of 2020 starts is a property of that event and no default: for every member asked, its start is the one,
to about a hundredth, whose mean history comes closest to the record (docs/calibration.md, *Defaults*).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import logit

import fragile_peace
from fragile_peace_lab.design import kept, labels

SHIPPED = Path(fragile_peace.__file__).with_name("posterior.parquet")
SCHEMA = 1
MEMBER, WORST = "member", "implausibility"
START = "truce.restraint"
WEAK = 1 / 3
"""A truce without more: the first week falls by about two thirds, as in August 2017 and 2018 [smm_school2017,
smm_school2018]; with a half, which orders to hold fire make nine tenths, it would not."""
DEFAULT_MEMBER = 16
"""The member of the shipped posterior whose values, to DIGITS significant digits, are the declared defaults."""
DIGITS = 4
NEARER: Mapping[int, tuple[int, float]] = {
    99: (6, 0.71), 73: (10, 0.66), 120: (6, 0.6), 125: (17, 0.74), 61: (6, 0.61), 43: (6, 0.66), 3: (10, 0.71),
    130: (17, 0.71),
}  # fmt: skip
"""Every member nearer to the mean, nearest first: the number of a pattern whose test fails with it, and the start of
the truce of 2020 with which it was asked."""
DRAWN = (START, "population:mean", "population:spread")
"""Columns that were drawn given a member's other values: they say nothing of where it lies."""


@dataclass(frozen=True)
class Posterior:
    """A sample of the posterior.

    Attributes
    ----------
    columns : the values of every parameter, by name
    worst : the greatest implausibility of each member over the fitted targets
    about : how it was made
    """

    columns: Mapping[str, np.ndarray]
    worst: np.ndarray
    about: Mapping[str, Any]

    @classmethod
    def of(cls, members: Sequence[Mapping[str, float]], worst: np.ndarray, about: Mapping[str, Any]) -> "Posterior":
        """Return the posterior with these members and name the representative one."""
        columns = {name: np.array([member[name] for member in members]) for name in members[0]}
        return cls(columns, np.round(worst, 6), {**about, "representative": int(np.argmin(_distances(columns)))})

    @classmethod
    def load(cls, path: Path | None = None) -> "Posterior":
        """Read a posterior, the shipped one if no path is given. Raises InputError where there is none."""
        missing = "no posterior there; `fragile-peace calibrate` makes it"
        with kept.reading(path or SHIPPED, missing, "a posterior of fragile-peace") as (table, about):
            names = [name for name in table.column_names if name not in (MEMBER, WORST)]
            columns = {name: table[name].to_numpy() for name in names}
            return cls(columns, table[WORST].to_numpy(), about)

    def write(self, path: Path) -> None:
        """Write the file; the same members give the same bytes. Raises InputError."""
        fields = [pa.field(MEMBER, pa.int32(), False), *(pa.field(name, pa.float64(), False) for name in self.columns)]
        fields.append(pa.field(WORST, pa.float64(), False))
        arrays = [np.arange(len(self), dtype=np.int32), *self.columns.values(), self.worst]
        table = pa.Table.from_arrays([pa.array(array) for array in arrays], schema=pa.schema(fields))
        kept.write(path, table, {"schema": SCHEMA, **self.about})

    def __len__(self) -> int:
        return len(self.worst)

    @property
    def representative(self) -> int:
        """The index of the representative member."""
        return int(self.about["representative"])

    @property
    def by_distance(self) -> list[int]:
        """The members, nearest to the mean first."""
        return [int(index) for index in np.argsort(_distances(self.columns), kind="stable")]

    @property
    def handed_on(self) -> list[str]:
        """The parameters that sweeps take: all but the properties of one event."""
        return [name for name in self.columns if ":" not in name]

    def defaults(self, index: int = DEFAULT_MEMBER) -> dict[str, float]:
        """Return what a member hands on, to DIGITS significant digits: at the default member, the declared defaults.

        Not the start of a truce, which is drawn: its default is that of the truce of 2020.
        """
        member = self.member(index)
        return {name: float(f"{member[name]:.{DIGITS}g}") for name in self.handed_on if name != START}

    def like(self) -> list[str]:
        """Return which truce of the record each member's own starts most like, in log-odds (`labels.LIKE`)."""
        starts = {
            labels.WEAK_TRUCE: np.full(len(self), WEAK),
            labels.DONBAS_2020: self.columns[f"donbas_truce_2020:{START}"],
            labels.KASHMIR_2021: self.columns[f"kashmir_2021:{START}"],
        }
        off = [np.abs(logit(values) - logit(self.columns[START])) for values in starts.values()]
        return [list(starts)[nearest] for nearest in np.argmin(off, axis=0)]

    def member(self, index: int) -> dict[str, float]:
        """Return the values of a member."""
        return {name: float(values[index]) for name, values in self.columns.items()}


def _distances(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the squared distance of each member from the mean, in posterior standard deviations."""
    values = np.array([column for name, column in columns.items() if name not in DRAWN])
    spread = values.std(axis=1, keepdims=True)
    off = (values - values.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    distance: np.ndarray = np.round((off**2).sum(axis=0), 6)
    return distance
