"""What outcomes that turn on the return of war rest on: wide priors alone, or likeness to other wars.

`Outcome.prior_driven` marks these outcomes. In a sweep whose members come from the war block's sample, which has the
label of a reference class, they are *informed by reference classes*; in any other they are *prior-driven*.
"""

from collections.abc import Collection
from typing import NamedTuple

from fragile_peace.codes import ReferenceClass, options
from fragile_peace.declared.war import CLASSES
from fragile_peace.words.wording import percent
from fragile_peace_lab.design.labels import BY_NAME, CLASS

YEAR = 52


class Basis(NamedTuple):
    """How a figure or a page says it.

    Attributes
    ----------
    name : in a sentence
    panel, short : under a panel's title, on paper and on a slide
    many : of several
    meaning : what the name marks
    """

    name: str
    panel: str
    short: str
    many: str
    meaning: str


PRIOR_DRIVEN = Basis(
    "prior-driven",
    "prior-driven: no record informs it",
    "prior-driven",
    "prior-driven: no record informs them",
    "what rests on no record at all",
)
BY_CLASSES = Basis(
    "informed by reference classes",
    "informed by reference classes",
    "by reference classes",
    "informed by reference classes",
    "what rests on no record of this war, but on how often wars of other classes came back",
)


def basis_of(labels: Collection[str]) -> Basis:
    """Return the basis of a sweep whose members have these labels."""
    return BY_CLASSES if CLASS in labels else PRIOR_DRIVEN


def recorded(weeks: int) -> dict[str, float]:
    """Return by class how many wars had come back within so many weeks, by the law of its record."""
    laws = zip(options(ReferenceClass), CLASSES.values(), strict=True)
    return {name: law.came_back(weeks / YEAR) for name, law in laws}


def recorded_words(weeks: int, values: Collection[str]) -> str:
    """Say the records of the classes among some labels' values; "" where there are none."""
    words = BY_NAME[CLASS].words
    said = [f"{words[name]} {percent(share)}" for name, share in recorded(weeks).items() if name in values]
    return f"Their own records, without a force, by week {weeks}: {', '.join(said)}." if said else ""
