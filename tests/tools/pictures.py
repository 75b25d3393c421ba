"""What is wrong with a drawn figure: text that leaves it, and text that runs into other text."""

import itertools

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from fragile_peace_lab.figures.drawing import STYLE

SLACK = 2.0  # pixels at 200 dpi: what two lines of text may share


def texts(figure: Figure) -> list[Text]:
    """Every visible text of a figure that says something."""
    found = list(figure.texts)
    for ax in figure.axes:
        found += [*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label]
        for axis, shown in ((ax.xaxis, "labelbottom"), (ax.yaxis, "labelleft")):
            if axis.get_tick_params().get(shown, True):
                low, high = sorted(axis.get_view_interval())
                ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
                found += [label for place, label in ticks if low - 1e-9 <= place <= high + 1e-9]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def faults(figure: Figure) -> list[str]:
    """Name every text that is cut off by the figure's edge, and every two that overlap."""
    with mpl.rc_context(STYLE):
        figure.set_dpi(200)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        boxes = [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts(figure)]
    page = figure.bbox
    found = [
        f"cut off: {words!r}"
        for words, box in boxes
        if box.x0 < page.x0 - SLACK or box.x1 > page.x1 + SLACK or box.y0 < page.y0 - SLACK or box.y1 > page.y1 + SLACK
    ]
    for (one, a), (two, b) in itertools.combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > SLACK and down > SLACK + 0.15 * min(a.height, b.height):
            found.append(f"overlap: {one!r} and {two!r}")
    return found
