"""What `fragile-peace brief` leaves beside a decision: brief.html and brief.pdf."""

from pathlib import Path

from fragile_peace_lab import durable
from fragile_peace_lab.deciding.brief.content import brief
from fragile_peace_lab.deciding.brief.figure import map_of_weights
from fragile_peace_lab.deciding.brief.page import html
from fragile_peace_lab.deciding.brief.pdf import need_reportlab, pdf
from fragile_peace_lab.deciding.brief.rows import Decided
from fragile_peace_lab.deciding.decision import FOLDER
from fragile_peace_lab.store.opening import beside

PAGE, PDF = "brief.html", "brief.pdf"


def write_brief(folder: str | Path) -> list[Path]:
    """Write the brief of a decided sweep, as HTML and as PDF; returns the paths.

    Nothing is read but the tables of the decision and the manifest, so that it can be made without the runs.

    Raises
    ------
    InputError : there is no decision, it is an older one, reportlab is not installed, or the disk fails
    """
    need_reportlab()
    decided = Decided.read(folder)
    page, picture = brief(decided), map_of_weights(decided)
    where = Path(folder) / FOLDER
    made = {PAGE: html(page, picture).encode(), PDF: pdf(page, picture)}
    with beside(Path(folder), FOLDER):
        for name, data in made.items():
            durable.write(where / name, data)
    return [where / name for name in made]
