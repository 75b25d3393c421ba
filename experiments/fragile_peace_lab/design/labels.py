"""Labels of members: what kind of world a member stands for, by which estimates are shown apart.

A label is a column of a shipped sample (`war_sample`, `posterior`) that no run reads. A sweep that takes the sample
keeps it in design.parquet, with the role "label", and `estimates.by_label` breaks outcomes down by it. A further label
is a further row of `LABELS`, and a column of that name among what the sample gives to `points`.
"""

from typing import NamedTuple

import pyarrow as pa

LABEL = "label"


class Label(NamedTuple):
    """One label.

    Attributes
    ----------
    name : its column
    title : what it says of a member
    words : how each value is written in a report; a value without an entry stands as it is
    """

    name: str
    title: str
    words: dict[str, str]


CLASS = "class"
TACTICAL = "tactical"
LIKE = "truce_like"
WEAK_TRUCE, DONBAS_2020, KASHMIR_2021 = "weak", "donbas_2020", "kashmir_2021"
"""The kinds of truce that LIKE tells apart."""
LABELS = (
    Label(
        CLASS,
        "whose record the war's return is likened to",
        {"interstate": "wars between states", "imposed_line": "an imposed line", "civil": "civil wars"},
    ),
    Label(
        LIKE,
        "the truce of the record that its truce starts most like",
        {WEAK_TRUCE: "weak, as in 2015-18", DONBAS_2020: "like Donbas 2020", KASHMIR_2021: "like Kashmir 2021"},
    ),
    Label(TACTICAL, "whether a side may have signed to gain time", {"no": "in earnest", "yes": "perhaps tactical"}),
)
BY_NAME = {label.name: label for label in LABELS}


def field(name: str) -> pa.Field:
    """The column of a label in design.parquet."""
    return pa.field(name, pa.string(), False, {"role": LABEL, "text": BY_NAME[name].title})


def labels_in(points: pa.Table) -> list[str]:
    """Return the labels that a design (`points.Design.table`) has."""
    return [name for name in BY_NAME if name in points.column_names and role(points, name) == LABEL]


def role(points: pa.Table, name: str) -> str:
    """Return what a column of a design is: lever, uncertainty, label or structure."""
    role: str = (points.schema.field(name).metadata or {}).get(b"role", b"").decode()
    return role
