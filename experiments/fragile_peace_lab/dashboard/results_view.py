"""The results view on the page."""

import base64
import threading
from html import escape

import solara

from fragile_peace_lab.dashboard.background import Report, use_background
from fragile_peace_lab.dashboard.folder import Opened, Shown, listed, opened
from fragile_peace_lab.dashboard.panel import Change, text_field
from fragile_peace_lab.dashboard.settings import Settings
from fragile_peace_lab.dashboard.widgets import Buttons, Downloads, raw, tag

KINDS = {
    "svg": ("Figure, SVG", "image/svg+xml"), "png": ("Figure, PNG", "image/png"),
    "pdf": ("Figure, PDF", "application/pdf"),
    "csv": ("Data, CSV", "text/csv"), "json": ("About, JSON", "application/json"),
}  # fmt: skip


@solara.component
def ResultsView(settings: Settings, faults: dict[str, str], change: Change) -> None:
    """Any folder of results: pictures, data, commands."""
    names = listed()
    folder = settings.folder

    def work(report: Report, cancel: threading.Event) -> None:
        report(opened(folder, report))

    status = use_background(work if folder else None, folder)
    with solara.Column():  # also around a single card: one that comes or goes must not take the field away
        with tag("section", classes="fp-card", **{"aria-label": "Open results"}):
            tag("h2", "Open results")
            if names:
                Buttons(
                    label="Results",
                    buttons=[{"id": name, "label": name, "pressed": name == folder} for name in names],
                    event_press=lambda name: change("folder", name),
                )
            else:
                tag(
                    "p",
                    "results/ holds nothing yet: `fragile-peace sweep legitimate_targets` fills it.",
                    classes="fp-empty",
                )
            text_field("folder", "Or a folder", folder, faults, change,
                       "A name, or a path inside the folders that the dashboard was started with (results/ if none).",
                       "results/legitimate_targets")  # fmt: skip
            if status.error:
                tag("p", status.error, classes="fp-error", role="alert")
            elif status.busy and not isinstance(status.value, Opened):
                tag("p", f"{status.value or 'opening'} …", classes="fp-empty fp-loading")
        if isinstance(status.value, Opened) and status.key == folder and not status.error:
            Result(status.value).key(f"result-{folder}")


@solara.component
def Result(result: Opened) -> None:
    """What is in a folder."""
    tab, set_tab = solara.use_state("")
    chosen = next((shown for shown in result.pictures if shown.name == tab), result.pictures[0])

    def draw(report: Report, cancel: threading.Event) -> None:
        report((chosen.page(), chosen.column()))

    drawn = use_background(draw, chosen.name)
    with tag("section", classes="fp-card", **{"aria-label": "Results"}):
        tag("h2", result.title)
        if result.stale:
            tag("p", result.stale, classes="fp-warning", role="status")
        facts = [tag("div", tag("dt", name), tag("dd", words)) for name, words in result.facts]
        tag("dl", *facts, classes="fp-facts")
        Buttons(
            label="Pictures",
            buttons=[{"id": shown.name, "label": shown.tab, "pressed": shown is chosen} for shown in result.pictures],
            event_press=set_tab,
        )
        if drawn.value is not None and drawn.key == chosen.name:
            raw(_image(chosen, *drawn.value))
        else:
            tag("p", "drawing …", classes="fp-empty fp-loading")
        tag("p", chosen.caption, classes="fp-hint")
        tag("p", "An exploratory model, not a forecast. ", tag("a", "Assumptions", href="#assumptions"),
            classes="fp-hint")  # fmt: skip
        Downloads(
            label="Download",
            files=[(KINDS[kind][0], f"{chosen.name}.{kind}", KINDS[kind][1], make)
                   for kind, make in chosen.files.items()],
        ).key(f"files-{chosen.name}")  # fmt: skip
    with tag("section", classes="fp-card", **{"aria-label": "The same results again"}):
        tag("h2", "The same results again")
        for command in result.commands:
            tag("p", tag("code", command), classes="fp-command")
        tag("details", tag("summary", "The sweep file"), tag("pre", result.sweep, classes="fp-pre"))
        name = f"{result.folder.name}.yaml"
        Downloads(label="Files", files=[("Sweep file", name, "application/yaml", result.sweep.encode)])


def _image(shown: Shown, wide: bytes, narrow: bytes) -> str:
    """The picture as HTML: its narrow form on a telephone."""
    page, column = (f"data:image/svg+xml;base64,{base64.b64encode(data).decode('ascii')}" for data in (wide, narrow))
    return (
        f'<picture class="fp-figure" data-figure="{escape(shown.name, quote=True)}">'
        f'<source media="(max-width: 640px)" srcset="{column}">'
        f'<img src="{page}" alt="{escape(shown.alt, quote=True)}"></picture>'
    )
