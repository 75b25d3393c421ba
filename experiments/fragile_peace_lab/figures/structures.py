"""What nobody can estimate, drawn: what a lever moves in each structure of a sweep, a row a structure, none pooled."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.outcomes import Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.figures.compare import Moved, difference_numbers, draw_differences, extremes
from fragile_peace_lab.figures.drawing import Picture, Size
from fragile_peace_lab.figures.levers import Axis
from fragile_peace_lab.figures.panels import CUT_SHORT, Row
from fragile_peace_lab.figures.risk_curves import INTERVALS, ROWS, present


def in_each_structure(
    structures: Mapping[str, Runs], outcomes: Sequence[Outcome], moved: Moved, axis: Axis, rows: Sequence[Row] = ROWS
) -> Picture:
    """Return the figure of what a lever moves in each structure.

    Parameters
    ----------
    structures : the runs of each, by name
    moved : the lever, and the two settings between which it moves
    axis : of the figures
    """
    each = [
        difference_numbers(runs, outcomes, moved.first, axis, only=(moved.last,)).assign(**{STRUCTURE: name})
        for name, runs in structures.items()
    ]
    numbers = pd.concat(each, ignore_index=True)
    rows, names = present(rows, numbers, axis.basis), list(structures)
    title = axis.headed("The same in every structure?")
    subtitle = (
        f"{moved.title}. Differences in each structure, run by run on the same {int(numbers['n_draws'].iloc[0]):,} "
        "draws and the same unknowns. Right of the line: more at the second value."
    )

    def draw(size: Size) -> Figure:
        return draw_differences(size, numbers, rows, names, "structure", title, subtitle)

    said = extremes(numbers, rows, lambda end: f"in {end[STRUCTURE]}")
    alt = f"Points with two ranges: {moved.title}, in {len(names)} structures. {said}."
    caption = (
        "Structures differ in what nobody can estimate; they are set side by side and never averaged. Thin dark bar: "
        "Monte Carlo error of the difference, 95%; wide light bar: its spread over the unknowns, 90%. A bar that "
        f"crosses the line leaves the sign open in that structure. {CUT_SHORT}"
    )
    about = {"estimator": "difference of ratios of totals, paired by draw and member", "interval": INTERVALS}
    return Picture("structures", title, alt, caption, numbers, draw, about)
