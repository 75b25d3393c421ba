"""The page's own elements: small Vue templates beside this file, native inputs and buttons, no logic of their own."""

import base64
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import ipyvuetify
import solara


@solara.component_vue("field.vue")
def Field(
    name: str, label: str, value: str, choices: list[Any], slider: bool, live: bool, low: float, high: float,
    step: float, unit: str, text: str, placeholder: str, error: str, event_change: Callable[[str], None],
) -> None:  # fmt: skip
    """A labelled field: a choice, a text, or a slider with a text; `change` is called with what was typed."""


@solara.component_vue("buttons.vue")
def Buttons(label: str, buttons: list[Any], event_press: Callable[[str], None]) -> None:
    """A row of buttons: id, label, and optionally title, disabled, pressed, kind; `press` is called with the id."""


@solara.component_vue("ticker.vue")
def Ticker(running: bool, token: int, pace: int, event_beat: Callable[[int], None]) -> None:
    """While running, calls `beat` once, `pace` milliseconds after each change of the token."""


@solara.component_vue("address.vue")
def Address(query: str) -> None:
    """Keeps the page's address at these settings; copies it; turns the theme."""


@solara.component_vue("strip.vue")
def Strip(places: list[Any], picked: str, week: int, event_pick: Callable[[str], None]) -> None:
    """The line of contact, the other borders and the rear bases."""


@solara.component_vue("told.vue")
def Told(entries: list[Any], event_pick: Callable[[dict[str, Any]], None]) -> None:
    """The chronicle; `pick` is called with place and week."""


@solara.component_vue("cards.vue")
def Cards(cards: list[Any], runs: int, stale: bool, event_pick: Callable[[str], None]) -> None:
    """Outcomes with their numbers; `pick` is called with an outcome's name."""


@solara.component_vue("saved.vue")
def Saved(label: str, files: list[Any], parcel: dict[str, Any] | None, event_fetch: Callable[[str], None]) -> None:
    """Download buttons; `fetch` is called with an id, the file comes back as `parcel`."""


def tag(name: str, *children: Any, classes: str = "", **attributes: Any) -> Any:
    """Return an HTML element; texts are escaped by the browser side."""
    return _element(name).element(tag=name, class_=classes, children=list(children), attributes=attributes)


@cache
def _element(name: str) -> type[ipyvuetify.Html]:
    """One widget class a tag: a page drawn anew never turns a paragraph into a table, which Vue leaves half done."""
    return type(f"Html_{name}", (ipyvuetify.Html,), {})


def raw(html: str, classes: str = "") -> Any:
    """Return an element that holds HTML made by this package."""
    return solara.HTML(tag="div", unsafe_innerHTML=html, classes=classes.split())


@solara.component
def Downloads(label: str, files: list[tuple[str, str, str, Callable[[], bytes]]]) -> None:
    """Download buttons for files: label, file name, type, and what makes the bytes when asked."""
    parcel, set_parcel = solara.use_state(cast(Any, None))
    turn = solara.use_ref(0)

    def fetch(wanted: str) -> None:
        _, name, kind, make = files[int(wanted)]
        turn.current += 1
        data = base64.b64encode(make()).decode("ascii")
        set_parcel({"id": wanted, "name": name, "type": kind, "base64": data, "turn": turn.current})

    Saved(
        label=label,
        files=[{"id": str(place), "label": words} for place, (words, *_) in enumerate(files)],
        parcel=parcel,
        event_fetch=fetch,
    )
