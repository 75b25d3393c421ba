"""What a decision leaves in a sweep's folder: tables, figures and the summary, in `decide`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fragile_peace_lab import durable
from fragile_peace_lab.deciding.decision import FOLDER, Decision, decide, write_tables
from fragile_peace_lab.deciding.figures import pictures, sizes
from fragile_peace_lab.deciding.told import told
from fragile_peace_lab.deciding.weights import Weights
from fragile_peace_lab.estimates.all_tables import SAY
from fragile_peace_lab.figures.drawing import write
from fragile_peace_lab.store.opening import beside

SUMMARY = "summary.txt"


def write_decision(
    folder: Path, weights: Weights | None = None, levers: Sequence[str] | None = None, say: Callable[[str], None] = SAY
) -> Decision:
    """Weigh the options of the sweep in a folder and write what comes of it; returns it.

    Parameters
    ----------
    weights, levers : as `decision.decide` takes them
    say : told what is being done

    Raises
    ------
    InputError : as `decision.decide` does, or the disk fails
    """
    found = decide(folder, weights, levers, say)
    with beside(folder, FOLDER):
        write_tables(found, folder)
        durable.write(folder / FOLDER / SUMMARY, ("\n".join(told(found)) + "\n").encode())
        for picture in pictures(found):
            say(picture.title)
            write(picture, folder / FOLDER, sizes(picture, found), {})
    return found
