"""The panel of settings beside the views: scenario, levers, seed and run, each with its own error line.

On a telephone it stands above the views, with the first levers alone until the others are asked for.
"""

from collections.abc import Callable, Sequence

import solara

from fragile_peace.declared.scenario import shipped
from fragile_peace.errors import SolverError
from fragile_peace.words.wording import exact
from fragile_peace_lab.dashboard import levers
from fragile_peace_lab.dashboard.settings import Settings
from fragile_peace_lab.dashboard.widgets import Buttons, Field, tag

Change = Callable[[str, str], None]
FIRST = 3
"""Levers that a telephone shows at once: the threat, what is believed of it, what is true."""
SEED = "With the run number it decides every draw; the same seed gives the same numbers everywhere."

RUN = (
    "One possible future out of four billion for each seed. Empty is the most ordinary of the first 8: one that ends "
    "as most of them do, its violations on the line nearest to the median of those."
)


def text_field(
    name: str, label: str, value: str, faults: dict[str, str], change: Change,
    text: str = "", placeholder: str = "", choices: Sequence[tuple[str, str]] = (),
) -> None:  # fmt: skip
    """Put a field without a slider on the page."""
    Field(
        name=name, label=label, value=value, choices=[list(pair) for pair in choices], slider=False, live=False,
        low=0, high=1, step=1, unit="", text=text, placeholder=placeholder, error=faults.get(name, ""),
        event_change=lambda typed: change(name, typed),
    )  # fmt: skip


def lever_field(control: levers.Control, faults: dict[str, str], change: Change, live: bool) -> None:
    """Put a lever on the page; `live` ones report while the handle moves."""
    Field(
        name=control.name, label=control.title, value=control.value, choices=control.to_dict()["choices"], slider=True,
        live=live, low=control.low, high=control.high, step=control.step, unit=control.unit, text=control.text,
        placeholder="", error=faults.get(control.name, ""), event_change=lambda typed: change(control.name, typed),
    )  # fmt: skip


def _run(settings: Settings) -> str:
    try:
        return str(settings.watched)
    except SolverError:  # which the view tells
        return ""


@solara.component
def Panel(settings: Settings, faults: dict[str, str], change: Change) -> None:
    """Everything that can be set about the scenario and the draws."""
    every, set_every = solara.use_state(False)
    with tag("aside", classes="fp-panel" if every else "fp-panel fp-few", **{"aria-label": "Settings"}):
        _scenario(settings, faults, change)
        with tag("section", classes="fp-card fp-levers"):
            tag("h2", "Levers")
            _levers(settings, faults, change, levers.LEVERS[:FIRST])
            with tag("div", classes="fp-later"):
                _levers(settings, faults, change, levers.LEVERS[FIRST:])
                _others(settings, faults, change)
            label = "Fewer settings" if every else "More levers, seed, runs"
            with tag("div", classes="fp-ask"):
                Buttons(
                    label="Settings",
                    buttons=[{"id": "every", "label": label, "pressed": every}],
                    event_press=lambda _: set_every(not every),
                )
        _draws(settings, faults, change)


def _scenario(settings: Settings, faults: dict[str, str], change: Change) -> None:
    world = settings.world
    names = [*shipped(), *([settings.scenario] if settings.scenario not in shipped() else [])]
    with tag("section", classes="fp-card"):
        tag("h2", "Scenario")
        text_field(
            "scenario", "Scenario", settings.scenario, faults, change, world.description,
            choices=[(name, name.replace("_", " ")) for name in names],
        )  # fmt: skip
        tag("p", world.title, classes="fp-hint")


def _levers(settings: Settings, faults: dict[str, str], change: Change, names: Sequence[str]) -> None:
    world = settings.world
    for name in names:
        lever_field(levers.control(world, name), faults, change, live=settings.view == "risk")


def _others(settings: Settings, faults: dict[str, str], change: Change) -> None:
    others = [f"{name}={exact(value)}" for name, value in settings.values if name not in levers.LEVERS]
    text_field(
        "others", "Anything else", "; ".join(others), faults, change,
        "Any other parameter by its name, separated by semicolons; `fragile-peace show` lists all of them.",
        "russia.face=1; truce.residual=0.2",
    )  # fmt: skip


def _draws(settings: Settings, faults: dict[str, str], change: Change) -> None:
    with tag("section", classes="fp-card fp-draws fp-later"):
        tag("h2", "Draws")
        fields = [("seed", "Seed", str(settings.seed), SEED)]
        if settings.view == "watch":
            fields.append(("run", "Run", _run(settings), RUN))
        fields.append(("weeks", "Weeks", str(settings.horizon), "The horizon; empty is the scenario’s own."))
        if settings.view == "risk":
            fields.append(("runs", "Runs of each point", str(settings.runs), "More narrow the intervals."))
        for name, label, value, text in fields:
            text_field(name, label, value, faults, change, text)
