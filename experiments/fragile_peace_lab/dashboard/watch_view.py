"""The watch view on the page."""

from collections.abc import Callable
from typing import Any, cast

import solara

from fragile_peace.errors import InputError, SolverError
from fragile_peace.words.telling import LABELS
from fragile_peace.words.wording import percent
from fragile_peace_lab.dashboard import charts
from fragile_peace_lab.dashboard.game import game_behind, game_html
from fragile_peace_lab.dashboard.settings import Settings
from fragile_peace_lab.dashboard.watch import Watched
from fragile_peace_lab.dashboard.widgets import Buttons, Strip, Ticker, Told, raw, tag

PACE = 650
"""Milliseconds a week takes while playing."""


@solara.component
def WatchView(settings: Settings) -> None:
    """One run, week by week; other settings, or a reset, begin it anew."""
    reset, set_reset = solara.use_state(0)
    key = (settings.scenario, settings.values, settings.seed, settings.run, settings.weeks, reset)

    def begin() -> Watched | str:
        try:
            return Watched(settings)
        except (InputError, SolverError) as failure:
            return str(failure)

    watched = solara.use_memo(begin, [key])
    if isinstance(watched, str):
        tag("p", watched, classes="fp-error", role="alert")
    else:
        Run(watched, lambda: set_reset(reset + 1)).key(f"run-{key}")


@solara.component
def Run(watched: Watched, restart: Callable[[], None]) -> None:
    """A run in hand."""
    shown, set_shown = solara.use_state(watched.week)
    playing, set_playing = solara.use_state(False)
    game, set_game = solara.use_state(cast(Any, None))
    error, set_error = solara.use_state("")
    solara.use_effect(lambda: watched.close, [])

    def step(weeks: int = 1) -> None:
        try:
            for _ in range(weeks):
                watched.step()
        except SolverError as failure:
            set_error(str(failure))
        if not watched.running:
            set_playing(False)
        set_shown(watched.week)

    def press(button: str) -> None:
        if button == "play":
            set_playing(not playing and watched.running)
        elif button == "reset":
            restart()
        else:
            step({"step": 1, "quarter": 13}.get(button, watched.model.single.horizon))

    def look(place: str, week: int) -> None:
        try:
            set_game((place, week, game_behind(watched.settings, place, week)))
            set_error("")
        except (InputError, SolverError) as failure:
            set_error(str(failure))

    with tag("section", classes="fp-card fp-run", **{"aria-label": "The run"}):
        _head(watched, playing, press)
        Ticker(running=playing, token=shown, pace=PACE, event_beat=lambda _: step())
        if error:
            tag("p", error, classes="fp-error", role="alert")
        _places(watched, game[0] if game else "", look)
    if game:
        _game(watched.settings, game, lambda: set_game(None))
    _told(watched, look)


def _head(watched: Watched, playing: bool, press: Callable[[str], None]) -> None:
    over = not watched.running
    with tag("div", classes="fp-head"):
        tag("h2", watched.headline, **{"data-week": str(watched.week), "aria-live": "polite"})
        Buttons(
            label="Play the run",
            buttons=[
                {"id": "step", "label": "Step", "title": "Play one week", "disabled": over, "kind": "fp-main"},
                {"id": "play", "label": "Pause" if playing else "Play", "disabled": over, "pressed": playing},
                {"id": "quarter", "label": "+13 weeks", "disabled": over},
                {"id": "end", "label": "To the end", "disabled": over},
                {"id": "reset", "label": "Reset", "title": "Begin the same run again"},
            ],
            event_press=press,
        )


def _places(watched: Watched, picked: str, look: Callable[[str, int], None]) -> None:
    Strip(
        places=watched.places(),
        picked=picked,
        week=watched.week,
        event_pick=lambda place: look(place, max(0, watched.week)),
    )


def _told(watched: Watched, look: Callable[[str, int], None]) -> None:
    with tag("div", classes="fp-two"):
        with tag("div", classes="fp-column"):
            _beliefs(watched)
            _force(watched)
        _chronicle(watched, look)


def _chronicle(watched: Watched, look: Callable[[str, int], None]) -> None:
    with tag("section", classes="fp-card", **{"aria-label": "Chronicle"}):
        tag("h2", "Chronicle")
        Told(entries=watched.entries(), event_pick=lambda at: look(at["place"], int(at["week"])))
        tag("p", "Tell it again:", tag("code", watched.settings.run_command), classes="fp-command")


def _beliefs(watched: Watched) -> None:
    """Beliefs and ladder over time."""
    weeks = watched.model.single.horizon
    mu, gamma = watched.beliefs
    x, y = charts.week_axis(weeks), charts.nice_axis(1.0, share=True)
    played = [float(week + 1) for week in range(watched.week + 1)]
    lines = [
        charts.Line("Russia means its threat", played, watched.series("threat_credibility"), colour=1),
        charts.Line("Washington would honour", played, watched.series("guarantee_credibility"), colour=0),
    ]
    said = (
        f"What is believed, week by week. Now: Russia committed {percent(mu)}, Washington steadfast {percent(gamma)}."
    )
    with tag("section", classes="fp-card", **{"aria-label": "Beliefs and ladder"}):
        tag(
            "h2", f"What is believed: {percent(mu)} that Russia means it, {percent(gamma)} that Washington would",
            **{"data-mu": repr(mu), "data-gamma": repr(gamma)},
        )  # fmt: skip
        raw(charts.chart(lines, x, y, said))
        rungs = [int(rung) for rung in watched.series("rung")]
        worst = max(rungs, default=0)
        tag("h2", f"The ladder: {LABELS[worst]} at worst so far", **{"data-rungs": " ".join(map(str, rungs))})
        raw(charts.ladder(rungs, weeks, LABELS))
        tag("p", " · ".join(f"{rung} {words}" for rung, words in enumerate(LABELS)), classes="fp-hint")


def _force(watched: Watched) -> None:
    """Who is in the coalition."""
    rows = [
        ((each["name"], each["status"], f"{each['deployed']} of {each['troops']}", each["support_words"],
          str(each["deaths"])), {"present": str(each["present"]).lower()})
        for each in watched.contingents()
    ]  # fmt: skip
    with tag("section", classes="fp-card", **{"aria-label": "The force"}):
        tag("h2", "The force")
        if rows:
            raw(charts.table(("contingent", "", "in place", "support", "deaths"), rows, "fp-force"))
        else:
            tag("p", "No European force is foreseen in this scenario.", classes="fp-empty")


def _game(settings: Settings, game: tuple[str, int, dict[str, Any]], close: Callable[[], None]) -> None:
    place, week, document = game
    with tag("section", classes="fp-card fp-behind", **{"aria-label": "The game behind it", "data-game": place}):
        with tag("div", classes="fp-head"):
            tag("h2", f"The game behind it: {place}, week {week}")
            Buttons(label="Game", buttons=[{"id": "close", "label": "Close"}], event_press=lambda _: close())
        raw(game_html(document))
        tag("p", "Print it:", tag("code", settings.game_command(place, week)), classes="fp-command")
