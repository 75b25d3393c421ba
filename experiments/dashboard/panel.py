"""The panel of settings beside the views: scenario, levers, seed and run, each with its own error line."""

from collections.abc import Callable, Sequence

import solara

from experiments.cli_options import plain
from experiments.dashboard import levers
from experiments.dashboard.settings import Settings
from experiments.dashboard.widgets import Field, tag
from model.scenario import shipped

Change = Callable[[str, str], None]


def text_field(
    settings: Settings, name: str, label: str, value: str, faults: dict[str, str], change: Change,
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


@solara.component
def Panel(settings: Settings, faults: dict[str, str], change: Change) -> None:
    """Everything that can be set about the scenario and the draws."""
    world = settings.world
    names = [*shipped(), *([settings.scenario] if settings.scenario not in shipped() else [])]
    with tag("aside", classes="fp-panel", **{"aria-label": "Settings"}):
        with tag("section", classes="fp-card"):
            tag("h2", "Scenario")
            text_field(
                settings, "scenario", "Scenario", settings.scenario, faults, change, world.description,
                choices=[(name, name.replace("_", " ")) for name in names],
            )  # fmt: skip
            tag("p", world.title, classes="fp-hint")
        with tag("section", classes="fp-card fp-levers"):
            tag("h2", "Levers")
            for name in levers.LEVERS:
                lever_field(levers.control(world, name), faults, change, live=settings.view == "risk")
            others = "; ".join(f"{name}={plain(value)}" for name, value in settings.values if name not in levers.LEVERS)
            text_field(
                settings, "others", "Anything else", others, faults, change,
                "Any other parameter by its name, separated by semicolons; `fragile-peace show` lists all of them.",
                "russia.face=1; truce.residual=0.2",
            )  # fmt: skip
        with tag("section", classes="fp-card fp-draws"):
            tag("h2", "Draws")
            text_field(
                settings,
                "seed",
                "Seed",
                str(settings.seed),
                faults,
                change,
                "With the run number it decides every draw; the same seed gives the same numbers everywhere.",
            )
            if settings.view == "watch":
                text_field(
                    settings,
                    "run",
                    "Run",
                    str(settings.run),
                    faults,
                    change,
                    "One possible future out of four billion for each seed.",
                )
            text_field(
                settings,
                "weeks",
                "Weeks",
                str(settings.horizon),
                faults,
                change,
                "The horizon; empty is the scenario’s own.",
            )
            if settings.view == "risk":
                text_field(settings, "runs", "Runs of each point", str(settings.runs), faults, change,
                           "More runs narrow the intervals; they take time.")  # fmt: skip
