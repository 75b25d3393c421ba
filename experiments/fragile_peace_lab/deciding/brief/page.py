"""The brief as a page of HTML that stands alone: no network, no script, and every number a link to its row below."""

import base64
from pathlib import Path
from typing import Any

import jinja2

from fragile_peace_lab.deciding.brief.content import Brief, Grid
from fragile_peace_lab.deciding.brief.figure import NARROW
from fragile_peace_lab.deciding.brief.rows import Number, Words
from fragile_peace_lab.figures.drawing import Picture, rendered

TEMPLATE = "brief.html.j2"
SOURCES = (
    "Files lie in the folder of the sweep; line 1 of a table is its heading. Values are in full; losses and "
    "differences of losses are a hundredth of the points above."
)


def html(brief: Brief, picture: Picture) -> str:
    """Return the page."""
    numbers = brief.numbers()
    place = {number: index + 1 for index, number in enumerate(numbers)}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    svg = rendered(picture.draw(NARROW), "svg", NARROW)
    return environment.get_template(TEMPLATE).render(
        brief=brief,
        spans=lambda words: _spans(words, place),
        grids=[_cells(grid, place) for grid in (brief.options, brief.worlds)],
        picture=picture,
        sources=SOURCES,
        image="data:image/svg+xml;base64," + base64.b64encode(svg).decode(),
        rows=[(place[number], number, row_words(number)) for number in numbers],
    )


def _spans(words: Words, place: dict[Number, int]) -> list[tuple[str, int]]:
    """Words as pieces, each with the number of its link, 0 for none."""
    return [(part, 0) if isinstance(part, str) else (part.text, place[part]) for part in words]


def _cells(grid: Grid, place: dict[Number, int]) -> dict[str, Any]:
    rows = [[_spans(cell, place) for cell in row] for row in grid.rows]
    return {"caption": _spans(grid.caption, place), "head": grid.head, "rows": rows}


def row_words(number: Number) -> str:
    """Say which rows of a file a number comes from."""
    chosen = ", ".join(f"{name} = {value}" for name, value in number.where)
    if number.file.endswith(".json"):
        return ""
    lines = f"line {number.rows[0]}" if len(number.rows) == 1 else f"{len(number.rows):,} lines"
    return f"{lines}: {chosen or 'all'}"
