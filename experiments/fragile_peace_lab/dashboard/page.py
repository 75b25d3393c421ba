"""The page: header, settings, one of the three views, assumptions. Every session has its own state."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import solara

from fragile_peace.errors import InputError
from fragile_peace_lab.dashboard import TITLE, charts, levers
from fragile_peace_lab.dashboard.panel import Change, Panel
from fragile_peace_lab.dashboard.results_view import ResultsView
from fragile_peace_lab.dashboard.risk_view import RiskView
from fragile_peace_lab.dashboard.settings import Settings, changed, from_query, laid_over
from fragile_peace_lab.dashboard.watch_view import WatchView
from fragile_peace_lab.dashboard.widgets import Address, Buttons, raw, tag
from fragile_peace_lab.figures.drawing import BLUE, GREEN, ORANGE, VERMILION

STYLE = f":root{{--blue:{BLUE};--vermilion:{VERMILION};--green:{GREEN};--orange:{ORANGE}}}" + Path(__file__).with_name(
    "style.css"
).read_text(encoding="utf-8")
VERSION = version("fragile-peace")
MOTTO = "An exploratory model of a policed ceasefire, not a forecast. It takes no side."
TABS = (("watch", "Watch"), ("risk", "Risk"), ("results", "Results"))


@solara.component
def Layout(children: list[Any]) -> None:
    """No frame around the page."""
    solara.Div(children=children)


@solara.component
def Page() -> None:
    """The whole page."""
    router = solara.use_router()
    first, refused = solara.use_memo(lambda: from_query(router.search), [])
    state = solara.use_reactive(first)
    nothing: dict[str, str] = {}
    faults = solara.use_reactive(nothing)
    settings: Settings = state.value

    def change(name: str, text: str) -> None:
        try:
            now = state.peek()
            new = laid_over(now, str(text), levers.LEVERS) if name == "others" else changed(now, name, str(text))
            _ = new.world  # a scenario's file may have gone since
        except InputError as error:
            faults.set({**faults.peek(), name: str(error)})
            return
        kept = {} if name == "scenario" else {key: line for key, line in faults.peek().items() if key != name}
        if kept != faults.peek():
            faults.set(kept)
        state.set(new)

    solara.Title(TITLE)
    solara.Style(STYLE)
    with tag("div", classes="fp-page", **{"data-view": settings.view}):
        _header(settings, change)
        for line in refused:
            tag("p", line, classes="fp-warning", role="alert")
        if settings.view == "results":
            with tag("main", classes="fp-view fp-alone"):
                ResultsView(settings, faults.value, change)
        else:
            with tag("div", classes="fp-body"):
                Panel(settings, faults.value, change)
                with tag("main", classes="fp-view"):
                    if settings.view == "watch":
                        WatchView(settings)
                    else:
                        RiskView(settings, faults.value, change)
        Assumptions(settings)


def _header(settings: Settings, change: Change) -> None:
    with tag("header", classes="fp-top"):
        tag("h1", TITLE)
        tag("p", MOTTO, classes="fp-hint")
        Buttons(
            label="Views",
            buttons=[{"id": name, "label": words, "pressed": settings.view == name} for name, words in TABS],
            event_press=lambda view: change("view", view),
        )
        Address(query=settings.query)


@solara.component
def Assumptions(settings: Settings) -> None:
    """Every parameter with its value and its source, and what the model does not claim."""
    shown, set_shown = solara.use_state(False)
    with tag("footer", id="assumptions", classes="fp-card fp-foot"):
        tag("h2", "Assumptions and limits")
        tag("p", "One run is one possible future of an exploratory model. Its payoffs, beliefs and chances are "
            "assumptions unless they name a source; no record informs what it says about the return of war "
            "(“prior-driven”). The intervals here say only how many runs were made. Sources in [brackets] are rows of "
            "model/fragile_peace/evidence.csv; "
            "`fragile-peace show` prints the same list.", classes="fp-hint")  # fmt: skip
        Buttons(
            label="Assumptions",
            buttons=[{"id": "all", "label": "Hide the list" if shown else "List every parameter", "pressed": shown}],
            event_press=lambda _: set_shown(not shown),
        )
        if shown:
            rows: list[tuple[list[str], dict[str, str]]] = [
                ([row[key] for key in ("name", "value", "unit", "text", "source")], {})
                for row in levers.assumptions(settings.world)
            ]
            raw(charts.table(("name", "value", "unit", "what it is", "source"), rows), "fp-scroll")
        tag(
            "p",
            f"{TITLE} {VERSION} · MIT licence · runs on this machine alone",
            classes="fp-hint",
        )
