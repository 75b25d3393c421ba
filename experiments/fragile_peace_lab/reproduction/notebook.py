"""What the notebooks share: quick settings, pictures of stable bytes, and the numbers that a reviewer compares.

`FRAGILE_PEACE_QUICK=1` makes every notebook run with few runs, to see that it works; its numbers then mean nothing.
"""

import io
import os
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.display import HTML, Image, Markdown, display
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from fragile_peace_lab import durable
from fragile_peace_lab.estimates.tables import rounded
from fragile_peace_lab.figures.drawing import PAGE, STYLE, Picture, rendered
from fragile_peace_lab.reproduction.notebook_runs import KEY_NUMBERS, QUICK

DPI = 110


def quick() -> bool:
    """Whether quick settings are asked for."""
    return os.environ.get(QUICK, "0") not in ("", "0")


def choose(full: Any, few: Any) -> Any:
    """Return the first, or the second where quick settings are asked for."""
    return few if quick() else full


def show(drawn: Picture | Figure, alt: str = "") -> None:
    """Display a figure as PNG, the same bytes for the same numbers; `alt` says what a reader who cannot see it misses.

    A `Picture` brings its own words; its caption is displayed under it.
    """
    if isinstance(drawn, Picture):
        with mpl.rc_context(STYLE):
            figure = drawn.draw(PAGE)
            data = rendered(figure, "png", PAGE)
        display(Image(data=data, alt=drawn.alt, width=860), Markdown(f"*{drawn.caption}*"))
        return
    sink = io.BytesIO()
    with mpl.rc_context(STYLE):
        drawn.savefig(sink, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": None})
    plt.close(drawn)
    display(Image(data=sink.getvalue(), alt=alt))


def published(folder: Path, name: str) -> None:
    """Display a published figure of a sweep, from its file, with its caption."""
    from fragile_peace_lab.figures.results import FOLDER

    about = durable.read_json(folder / FOLDER / f"{name}.json")
    data = (folder / FOLDER / f"{name}.png").read_bytes()
    display(Image(data=data, alt=about["alt"], width=860), Markdown(f"*{about['caption']}*"))


def table(rows: pd.DataFrame, **formats: str) -> None:
    """Display a table without its index; `formats` gives, by column, how its numbers are written, such as "{:.1%}".

    Underscores in a name of `formats` stand for spaces in the column's. What is not defined is left empty.
    """
    forms = {name if name in rows else name.replace("_", " "): form for name, form in formats.items()}
    numeric = {name: pd.api.types.is_numeric_dtype(rows[name]) for name in rows}

    def cell(kind: str, name: str, text: str) -> str:
        side = "right" if numeric[name] else "left"
        return f'<{kind} style="text-align: {side}">{escape(text)}</{kind}>'

    def line(values: tuple[Any, ...]) -> str:
        texts = ["" if pd.isna(v) else forms.get(n, "{}").format(v) for n, v in zip(rows, values, strict=True)]
        return "".join(cell("td", name, text) for name, text in zip(rows, texts, strict=True))

    head = "".join(cell("th", name, name) for name in rows)
    body = "".join(f"<tr>{line(values)}</tr>\n" for values in rows.itertuples(index=False, name=None))
    display(HTML(f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>"))


def key_numbers(**numbers: Any) -> None:
    """Display the numbers that `fragile-peace reproduce` compares, as a table and for the program to read.

    Parameters
    ----------
    numbers : by name; a number, text, yes or no. Floats are kept to 9 significant digits.
    """
    kept = {name: rounded(value) for name, value in numbers.items()}
    for name, value in kept.items():
        if not isinstance(value, bool | int | float | str) or isinstance(value, np.generic):
            raise TypeError(f"key number {name}: {value!r} is not a number, text, yes or no")
    rows = "".join(
        f"<tr><td>{name.replace('_', ' ')}</td><td>{_shown(value)}</td></tr>" for name, value in kept.items()
    )
    display(HTML(f"<table><caption>Key numbers</caption>{rows}</table>"))
    display({KEY_NUMBERS: kept, "text/plain": "(the same for fragile-peace reproduce)"}, raw=True)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
