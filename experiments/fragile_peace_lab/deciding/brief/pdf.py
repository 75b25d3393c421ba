"""The brief as a PDF: the page on one sheet of A4, then where every number comes from. The same bytes each time.

Type is as large as lets the page stand on its sheet: the first of `SCALES` that does.
"""

import io
from html import escape
from pathlib import Path
from typing import Any

import matplotlib

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding.brief.content import Brief, Grid
from fragile_peace_lab.deciding.brief.figure import NARROW
from fragile_peace_lab.deciding.brief.page import SOURCES, row_words
from fragile_peace_lab.deciding.brief.rows import Number, Words
from fragile_peace_lab.figures.drawing import Picture, rendered

MM = 72 / 25.4
MARGIN, WIDTH, HEIGHT = 9 * MM, 192 * MM, 279 * MM
PICTURE = 66 * MM
SCALES = tuple(1.04 - 0.04 * step for step in range(9))
LINK, SOFT, LINE, PANEL = "#00598f", "#555555", "#d0d0d0", "#f5f3ee"
FONTS = {"Brief": "DejaVuSans.ttf", "Brief-Bold": "DejaVuSans-Bold.ttf"}


def need_reportlab() -> None:
    """Raise InputError where the library that writes PDF is not installed."""
    try:
        import reportlab  # noqa: F401
    except ImportError as error:
        raise InputError("brief needs reportlab: pip install 'fragile-peace[decide]'") from error


def pdf(brief: Brief, picture: Picture) -> bytes:
    """Return the file. Raises InputError without reportlab, and where the page is too long for a sheet of A4."""
    need_reportlab()
    from reportlab.platypus import PageBreak

    _fonts()
    place = {number: index + 1 for index, number in enumerate(brief.numbers())}
    image = rendered(picture.draw(NARROW), "png", NARROW)
    for scale in SCALES:
        sheets, _ = _built(brief.title, _sheet(brief, (image, _aspect(picture)), place, scale), place)
        if sheets == 1:
            sheet = _sheet(brief, (image, _aspect(picture)), place, scale)
            return _built(brief.title, [*sheet, PageBreak(), *_sources(place)])[1]
    raise InputError(f"brief: {len(brief.worlds.rows)} rows of worlds do not stand on a page; decide with fewer levers")


def _built(title: str, story: list[Any], goals: dict[Number, int] | None = None) -> tuple[int, bytes]:
    """Return how many pages a story takes, and the file; `goals` are places that links need and a draft lacks."""
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    sink = io.BytesIO()
    document = BaseDocTemplate(
        sink, pagesize=(WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN), title=title, author="Fragile Peace", lang="en",
        invariant=1,
    )  # fmt: skip

    def anchors(canvas: Any, _: Any) -> None:
        for index in (goals or {}).values():
            canvas.bookmarkPage(f"n{index}")

    frame = Frame(MARGIN, MARGIN, WIDTH, HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate("page", [frame], onPage=anchors)])
    document.build(story)
    return int(document.page), sink.getvalue()


def _fonts() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name, file in FONTS.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, folder / file))
    pdfmetrics.registerFontFamily("Brief", normal="Brief", bold="Brief-Bold", italic="Brief", boldItalic="Brief-Bold")


def _style(points: float, **more: Any) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle("s", fontName="Brief", fontSize=points, leading=points * 1.27, **more)


def _sheet(brief: Brief, image: tuple[bytes, float], place: dict[Number, int], scale: float) -> list[Any]:
    """All of the page, from its title down, with type of a scale; the figure with its height over its width."""
    from reportlab.platypus import Image, Paragraph

    body, soft = _style(7.2 * scale, spaceAfter=2), _style(6.3 * scale, textColor=SOFT, spaceBefore=2, spaceAfter=1)
    note = _style(7.2 * scale, backColor=PANEL, borderPadding=3, spaceBefore=5, spaceAfter=5)
    head = _style(8.2 * scale, spaceBefore=4, spaceAfter=2)
    drawn = Image(io.BytesIO(image[0]), width=PICTURE, height=PICTURE * image[1])
    left = WIDTH - PICTURE - 4 * MM
    worlds = [Paragraph(_markup(brief.worlds.caption, place), soft), _table(brief.worlds, place, left, scale)]
    story = [
        Paragraph(f"<b>{escape(brief.title)}</b>", _style(11.5 * scale, spaceAfter=2)),
        Paragraph(_markup(brief.lead, place), note),
        Paragraph("<b>Which does best, under which assumption</b>", head),
        Paragraph(_markup(brief.which, place), body),
        *_points(brief.best, place, scale),
        Paragraph(_markup(brief.options.caption, place), soft),
        _table(brief.options, place, WIDTH, scale, first=0.3, last=0.11),
        _beside(worlds, [drawn], left),
    ]
    for section in brief.sections:
        story.append(Paragraph(f"<b>{escape(section.title)}</b>", head))
        story += _points(section.points, place, scale)
    return story


def _points(points: tuple[Words, ...], place: dict[Number, int], scale: float) -> list[Any]:
    from reportlab.platypus import Paragraph

    bullet = _style(7.2 * scale, leftIndent=7, bulletIndent=0, bulletFontSize=5, bulletOffsetY=-1)
    return [Paragraph(_markup(point, place), bullet, bulletText="•") for point in points]


def _aspect(picture: Picture) -> float:
    width, height = picture.draw(NARROW).get_size_inches()
    return float(height / width)


def _markup(words: Words, place: dict[Number, int]) -> str:
    """Words in reportlab's markup: numbers are links to their rows."""
    return "".join(
        escape(part).replace("\n", "<br/>")
        if isinstance(part, str)
        else f'<a href="#n{place[part]}" color="{LINK}">{escape(part.text)}</a>'
        for part in words
    )


def _ruled(rows: list[list[Any]], widths: list[float], **more: Any) -> Any:
    from reportlab.platypus import Table

    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 0.6), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
    ]  # fmt: skip
    return Table(rows, colWidths=widths, style=style, hAlign="LEFT", **more)


def _table(
    grid: Grid, place: dict[Number, int], width: float, scale: float, first: float = 0.28, last: float = 0.0
) -> Any:
    """A table whose first and last columns take these shares of its width; the others share the rest."""
    from reportlab.platypus import Paragraph

    small = _style(6.3 * scale)
    rows = [[Paragraph(f"<b>{escape(cell)}</b>", small) for cell in grid.head]]
    rows += [[Paragraph(_markup(cell, place), small) for cell in row] for row in grid.rows]
    others = len(grid.head) - 1 - (last > 0)
    shares = [first, *[(1 - first - last) / others] * others, *[last] * (last > 0)]
    return _ruled(rows, [width * share for share in shares])


def _beside(left: list[Any], right: list[Any], width: float) -> Any:
    from reportlab.platypus import Table

    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in
             ("LEFT", "RIGHT", "TOP", "BOTTOM"))]  # fmt: skip
    return Table([[left, right]], colWidths=[width + 4 * MM, PICTURE], style=style, hAlign="LEFT")


def _sources(place: dict[Number, int]) -> list[Any]:
    """Where every number comes from, a row a number; the numbers on the page lead here."""
    from reportlab.platypus import Paragraph

    small = _style(5.4)
    heads = ("No.", "Above", "File", "Rows", "Column", "What of it", "In full")
    rows = [[Paragraph(f"<b>{head}</b>", small) for head in heads]]
    for number, index in place.items():
        cells = (number.text, number.file, row_words(number), number.column, number.how, f"{number.value:.12g}")
        first = Paragraph(f'<a name="n{index}"/>{index}', small)
        rows.append([first, *(Paragraph(escape(cell), small) for cell in cells)])
    shares = (0.05, 0.08, 0.16, 0.34, 0.19, 0.09, 0.09)
    title = Paragraph("<b>Where every number comes from</b>", _style(8.2, spaceAfter=2))
    words = Paragraph(SOURCES, _style(6.1, textColor=SOFT, spaceAfter=2))
    return [title, words, _ruled(rows, [WIDTH * share for share in shares], repeatRows=1)]
