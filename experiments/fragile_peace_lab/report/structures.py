"""The report of a sweep that is played in several structures: the structures side by side, one column each."""

from collections.abc import Collection
from typing import Any

from fragile_peace.words.wording import counted
from fragile_peace_lab.design.structures import TIMES
from fragile_peace_lab.figures.compare import moved_levers
from fragile_peace_lab.figures.levers import shown_value
from fragile_peace_lab.figures.panels import CUT_SHORT
from fragile_peace_lab.figures.results import Results
from fragile_peace_lab.report.findings import levels, movements_in, place_words
from fragile_peace_lab.report.tables import IN_A_CELL, Table, cell
from fragile_peace_lab.store.folder import structures_of


def announcement(results: Results) -> str:
    """Say in which structure figures and tables are; "" where the sweep declares none."""
    if not results.structures:
        return ""
    return (
        f"Played in {counted(len(results.structures), 'structure')}, which differ in what nobody can estimate: "
        f"{', '.join(results.structures)}. They are never averaged. Numbers and figures are those of the structure "
        f"{results.axis.structure} unless another is named; the findings say in how many structures their sign holds."
    )


def side_by_side(results: Results) -> list[Table]:
    """Return the headlines and what each lever moves, one column a structure; nothing where there are none."""
    if not results.structures:
        return []
    names = list(results.structures)
    rows = [[title, *(cell(found[name]) for name in names)] for title, found in levels(results).items()]
    where = place_words(results, results.runs.settings[results.baseline])
    tables = [Table(f"By structure, with {where}. {CUT_SHORT} {IN_A_CELL}", ["Outcome", *names], rows)]
    for moved in moved_levers(results.runs.settings, results.baseline, results.axis):
        columns = {name: movements_in(results, runs, moved) for name, runs in results.structures.items()}
        cells: dict[str, dict[str, str]] = {}
        for name, items in columns.items():
            for item in items:
                cells.setdefault(item.what, {})[name] = f"{item.value}\n[{item.mc}]\n({item.unknowns})"
        rows = [[what, *(found.get(name, "no such run") for name in names)] for what, found in cells.items()]
        tables.append(Table(f"By structure. {moved.title}. {CUT_SHORT} {IN_A_CELL}", ["Difference", *names], rows))
    return tables


def declared(results: Results, sampled: Collection[str]) -> Table:
    """Return what each structure sets; marks what it sets in place of the `sampled` values of an unknown."""
    rows = [
        [name, given(values, sampled) or "none: as the scenario and the samples have them"]
        for name, values in structures_of(results.manifest).items()
    ]
    return Table("Structures: what nobody can estimate", ["Name", "Values over those of the scenario"], rows)


def given(values: dict[str, Any], sampled: Collection[str] = ()) -> str:
    """Say what a structure, or a label of a lever, sets; "" where it sets nothing."""
    return ", ".join(
        f"{name} × {value[TIMES]:g}"
        if isinstance(value, dict)
        else f"{name} {shown_value(name, value)}{' (in place of its samples)' if name in sampled else ''}"
        for name, value in values.items()
    )
