"""The game behind a place and a week: options, payoffs, probabilities and posteriors, as `fragile-peace game` says."""

from html import escape
from typing import Any

from fragile_peace.words.game import game_document, game_in_week
from fragile_peace.words.wording import percent
from fragile_peace_lab.dashboard.settings import Settings

MOVES = {
    "russia": "Russia’s first move", "ukraine": "Ukraine’s first move", "response": "The lead contingent responds",
    "decision": "Washington decides", "reply": "Russia’s reply to force",
}  # fmt: skip
HINTS = {
    "russia": "before it knows what Ukraine does; it knows its own type",
    "ukraine": "at the same time, without knowing Russia’s type",
    "response": "it sees what the monitors established, and whether a European died (K1) or not (K0)",
    "decision": "where the guarantee is invoked; it knows its own type",
    "reply": "where it was fired on, or the guarantee was honoured",
}  # fmt: skip
OPEN = ("russia", "ukraine")


def game_behind(settings: Settings, place: str, week: int) -> dict[str, Any]:
    """Return the solved game of a place in a week of the watched run (`words.game.game_document`).

    Raises InputError and SolverError.
    """
    world = settings.world
    if settings.weeks is not None:
        world = world.override({"weeks": settings.weeks})
    return game_document(game_in_week(world, world.place_index(place), week, settings.seed, settings.watched))


def game_html(document: dict[str, Any]) -> str:
    """Return the game as HTML: what the players know, then every information set, move by move."""
    sets = document["information_sets"]
    if not sets:
        return '<p class="fp-empty">Nobody has a choice in this place this week.</p>'
    parts = [_state(document)]
    for move, title in MOVES.items():
        own = [each for each in sets if each["move"] == move]
        if own:
            count = f" · {len(own)} information sets" if len(own) > 1 else ""
            parts.append(
                f"<details{' open' if move in OPEN else ''}><summary>{title}{count}</summary>"
                f'<p class="fp-hint">{HINTS[move]}</p>{"".join(map(_set, own))}</details>'
            )
    parts.append(
        '<p class="fp-hint">Each chance is the logit of the payoffs beside it: exp(precision × payoff), divided by its '
        "sum over the options; a strike on the line weighs its length/100 km. "
        f"Solved to {document['residual']:.0e} in {document['rounds']} rounds; largest "
        f"distance from that logit on the tree {document['deviation']:.0e}.</p>"
    )
    return "".join(parts)


def _state(document: dict[str, Any]) -> str:
    state = document["state"]
    rows = [
        ("Believed: Russia is committed", percent(state["mu"])),
        ("Believed: Washington is steadfast", percent(state["gamma"])),
        ("Tension", f"{state['tension']:.2f}"),
        ("Restraint", f"{state['restraint']:.2f}"),
        ("Soldiers", ", ".join(f"{name} {1000 * troops:,.0f}" for name, troops in state["garrison"].items()) or "none"),
        ("Lead", state["lead"] or "nobody"),
        ("Rules of engagement", document["rules"]["roe"].replace("_", " ")),
        ("The guarantee is invoked by", document["rules"]["trigger"].replace("_", " ")),
    ]
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return f'<dl class="fp-facts">{cells}</dl>'


def _set(each: dict[str, Any]) -> str:
    knows = f"knows: {each['knows'].replace('-', ' ')}" if each["knows"] else "knows nothing of the types"
    posterior = "" if each["committed"] is None else f" · believes committed: {percent(each['committed'])}"
    reach = 1.0 if each["reach"] > 1.0 - 1e-9 else each["reach"]  # a sum over paths
    head = f"{knows} · reached with {percent(reach)}{posterior}"
    rows = "".join(
        f'<tr><th scope="row">{escape(row["action"].replace("-", " "))}</th>'
        f'<td class="fp-num">{"" if row["payoff"] is None else format(row["payoff"], ".3f")}</td>'
        f'<td class="fp-num" data-p="{row["probability"]!r}">{percent(row["probability"])}</td>'
        f'<td class="fp-barcell"><span class="fp-p" style="width:{100 * row["probability"]:.1f}%"></span></td></tr>'
        for row in each["actions"]
    )
    return (
        f'<table class="fp-game"><caption>{escape(head)}</caption><thead><tr><th>option</th><th>payoff</th>'
        f"<th>chance</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
    )
