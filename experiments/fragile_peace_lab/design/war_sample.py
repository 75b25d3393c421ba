"""The war block's sample as a file: one row a member, as `calibration.war_fit` draws it and sweeps take it.

Members are in an order that says nothing: the first N are a sample for every N, and hold the classes in their shares as
nearly as N allows. Columns, each with a role in its metadata:

    curve    an unknown that moves when the war comes back without a force; members were accepted by it
    free     an unknown that does not, and keeps its prior
    class    war.reference, the member's own class for the module reference_class
    label    see `labels`: the class, or the expert, by whose word the member was accepted; whether it is tactical
    about    q, the member's chance to be a tactical signer; first_review and within_W_weeks, the chance that the war
             comes back in `no_force` at the first review and within W weeks

The unknowns are right only together: a member's curve is that of its class with all values of role curve.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import fragile_peace
from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.design import kept
from fragile_peace_lab.design.factors import checked, parameter_of
from fragile_peace_lab.design.labels import CLASS, LABEL, TACTICAL

SHIPPED = Path(fragile_peace.__file__).with_name("war.parquet")
SCHEMA = 1
MEMBER, REFERENCE, Q, FIRST_REVIEW = "member", "war.reference", "q", "first_review"
CURVE, FREE, ABOUT = "curve", "free", "about"
LISTED_WEEKS = (16, 52, 104, 260, 520)
Given = tuple[str, Parameter, list[Any]]
"""A parameter that a sweep takes: name, declaration, a value for each member."""


def within(week: int) -> str:
    """The column with F by a week."""
    return f"within_{week}_weeks"


@dataclass(frozen=True)
class WarSample:
    """A sample of the war block.

    Attributes
    ----------
    columns : every column but the member's number, in the order of the file
    roles : what each is
    texts : what each means
    about : how it was made: the seed, the sources with their weights, what survived of their draws
    """

    columns: Mapping[str, np.ndarray]
    roles: Mapping[str, str]
    texts: Mapping[str, str]
    about: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path | None = None) -> "WarSample":
        """Read a sample, the shipped one if no path is given. Raises InputError where there is none."""
        missing = "no war sample there; `fragile-peace calibrate --war` makes it"
        with kept.reading(path or SHIPPED, missing, "a war sample of fragile-peace") as (table, about):
            fields = [item for item in table.schema if item.name != MEMBER]
            columns = {item.name: table[item.name].to_numpy() for item in fields}
            roles, texts = ({item.name: item.metadata[key].decode() for item in fields} for key in (b"role", b"text"))
            for name in (REFERENCE, CLASS, TACTICAL, Q, FIRST_REVIEW, *map(within, LISTED_WEEKS)):
                columns[name]
            return cls(columns, roles, texts, about)

    def write(self, path: Path) -> None:
        """Write the file; the same members give the same bytes. Raises InputError."""
        fields = [pa.field(MEMBER, pa.int32(), False)]
        arrays = [pa.array(np.arange(len(self), dtype=np.int32))]
        for name, values in self.columns.items():
            kind = pa.string() if values.dtype.kind in "OU" else pa.float64()
            fields.append(pa.field(name, kind, False, {"role": self.roles[name], "text": self.texts[name]}))
            arrays.append(pa.array(values, kind))
        table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        kept.write(path, table, {"schema": SCHEMA, **self.about})

    def __len__(self) -> int:
        return len(self.columns[CLASS])

    def named(self, *roles: str) -> list[str]:
        """The columns of some roles."""
        return [name for name, role in self.roles.items() if role in roles]

    def point(self, index: int) -> dict[str, Any]:
        """Return a member's values of every parameter that sweeps take."""
        found = {name: float(self.columns[name][index]) for name in self.named(CURVE, FREE)}
        return found | {REFERENCE: str(self.columns[REFERENCE][index])}

    def members(self, label: str) -> np.ndarray:
        """Return which members were accepted by the word of a class or an expert."""
        members: np.ndarray = self.columns[CLASS] == label
        return members

    @property
    def sources(self) -> list[str]:
        """The classes and experts, in the order in which their tables name them."""
        return [name for name, _ in self.about["sources"]]


def _default(parameter: Parameter) -> Any:
    """The declared default as scenarios give it."""
    choice = parameter.kind == "choice" and parameter.default is not None
    return parameter.choices[int(parameter.default or 0)] if choice else parameter.default


def goes_with(names: Iterable[str]) -> bool:
    """Whether the sample can stand beside one that has these columns: none of them is a parameter or a label of its."""
    return not set(names) & set(WarSample.load().named(CURVE, FREE, CLASS, LABEL))


def taken(
    number: int, given: Collection[str], priors: Collection[str], scenarios: Mapping[str, Scenario]
) -> tuple[list[Given], dict[str, list[str]]]:
    """Return what a sweep takes of the first members: parameters, and labels by name.

    Not taken is what the sweep gives itself (`given`) or a base scenario has away from its default. A prior of the
    sweep's own (`priors`) for a parameter by which members were accepted would undo the acceptance, and is refused.

    Raises
    ------
    InputError : the sample has fewer members; such a prior
    """
    sample = WarSample.load()
    if number > len(sample):
        most = 1 << (len(sample).bit_length() - 1)
        raise InputError(f"design.uncertainties.posterior: {number} members; the war sample has {most} at most")
    clash = next((name for name in sample.named(CURVE) if name in priors), None)
    if clash is not None:
        raise InputError(
            f"uncertainties.{clash}: cannot be given beside design.uncertainties.posterior, whose war sample has it; "
            "its members agree with their reference class by all their values together. Leave it out, or hold it under "
            "set"
        )
    found: list[Given] = []
    for name in sample.named(CURVE, FREE, CLASS):
        parameter = parameter_of(name, scenarios, "war sample")
        if name in given or any(base.get(name) != _default(parameter) for base in scenarios.values()):
            continue
        values = [checked(value, parameter, f"war sample.{name}") for value in sample.columns[name][:number].tolist()]
        found.append((name, parameter, values))
    labels = {name: [str(value) for value in sample.columns[name][:number]] for name in sample.named(LABEL)}
    return found, labels
