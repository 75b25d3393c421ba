"""The report of why a lever does what it does: its effect parted by who is there, beliefs, tension and danger.

`fragile-peace why DIR` plays it and keeps it beside the estimates; a report reads what it finds there.
"""

from dataclasses import dataclass

from fragile_peace.words.wording import counted
from fragile_peace_lab.estimates import tables
from fragile_peace_lab.estimates.all_tables import FOLDER
from fragile_peace_lab.estimates.why import BY_PLACE, LEVELS, NAME, sentence, signed
from fragile_peace_lab.figures.levers import lever_words, value_words
from fragile_peace_lab.figures.results import Results


@dataclass(frozen=True)
class Reason:
    """What one change does, parted.

    Attributes
    ----------
    title : the change, in words
    of : from how many members and runs
    parts : of each outcome its name, its difference, and its parts in words, those of the threat by place last
    """

    title: str
    of: str
    parts: list[tuple[str, str, str]]


def reasons(results: Results) -> list[Reason]:
    """Return the split of every change that was played for it; nothing where none was. Raises InputError."""
    path = results.folder / FOLDER / f"{NAME}.csv"
    if not path.exists():
        return []
    found = []
    for (lever, before, after), table in tables.read(path, {}).groupby(["lever", "before", "after"], sort=False):
        parts = []
        for _, part in table.groupby("outcome", sort=False):
            known = part.dropna(subset=["estimate"])
            if len(known) < len(part):
                continue
            whole = known[(known["split"] == LEVELS) & (known["part"] == "total")].iloc[0]
            fewer = bool(part["fewer"].iloc[0])
            words = sentence(part, fewer)
            if (part["split"] == BY_PLACE).any():
                words += f". By where the threat enters: {sentence(part, fewer, BY_PLACE)}"
            parts.append(
                (f"{whole['title']} ({whole['unit']})", signed(*whole[["estimate", "mc_low", "mc_high"]]), words)
            )
        first = table.iloc[0]
        ends = [value_words(lever, _value(value)).lower() for value in (before, after)]
        words = lever_words(lever)
        found.append(Reason(
            f"{words[0].upper()}{words[1:]}: from {ends[0]} to {ends[1]}",
            f"{counted(int(first['n_members']), 'member')}, {counted(int(first['n_draws']), 'run')} of each", parts,
        ))  # fmt: skip
    return found


def _value(text: str) -> float | str:
    """A lever's value from its cell."""
    try:
        return float(text)
    except ValueError:
        return text
