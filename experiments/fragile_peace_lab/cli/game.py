"""`fragile-peace game`: the equilibrium of one place as a table that can be checked by hand, and its export to Gambit.

What is printed is the document of `words.game`: payoffs, reaches and beliefs read off the game's tree, not taken from
the solver; at the bottom stands how far the solver's probabilities are from the logit of those payoffs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fragile_peace.words.wording import plain
from fragile_peace_lab.cli.options import (
    JsonOption,
    ScenarioArgument,
    SetOption,
    columns,
    read_scenario,
    show_lines,
)
from fragile_peace_lab.cli.run import RunOption, SeedOption

PlaceOption = Annotated[str, typer.Option("--place", metavar="PLACE", help="The place, by its name.")]
MuOption = Annotated[float | None, typer.Option("--mu", help="Belief that Russia is committed.")]
GammaOption = Annotated[float | None, typer.Option("--gamma", help="Belief that Washington is steadfast.")]
TensionOption = Annotated[float | None, typer.Option("--tension", help="Local tension.")]
RestraintOption = Annotated[float | None, typer.Option("--restraint", help="Local restraint, 0 to 1.")]
RampOption = Annotated[float, typer.Option("--ramp", help="Share of the force that is in place, 0 to 1.")]
WeekOption = Annotated[
    int | None, typer.Option("--week", metavar="W", help="The game as it stands in week W of a run (--seed, --run).")
]
VoidOption = Annotated[bool, typer.Option("--void", help="The guarantee is void this week.")]
SustainedOption = Annotated[bool, typer.Option("--sustained", help="A European died by an attributed breach lately.")]
EfgOption = Annotated[Path | None, typer.Option("--efg", metavar="FILE", help="Write the game as a Gambit tree.")]
NfgOption = Annotated[
    Path | None, typer.Option("--nfg", metavar="FILE", help="Write the commitment game at the start as a Gambit table.")
]


def game(
    scenario: ScenarioArgument,
    place: PlaceOption,
    set_: SetOption = None,
    mu: MuOption = None,
    gamma: GammaOption = None,
    tension: TensionOption = None,
    restraint: RestraintOption = None,
    ramp: RampOption = 1.0,
    void: VoidOption = False,
    sustained: SustainedOption = False,
    week: WeekOption = None,
    seed: SeedOption = 0,
    run: RunOption = None,
    efg: EfgOption = None,
    nfg: NfgOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the equilibrium of the incident game of one place.

    The state is that of week 0 with the whole force in place, unless an option says otherwise; with --week it is what a
    run has made of it by then.

    \b
    Example:
      fragile-peace game reassurance_15k --place Kupiansk
      fragile-peace game plan28 --place Kyiv --set threat.level=1 --mu 0.5 --efg kyiv.efg
      fragile-peace game line_30k --place Lyman --week 40 --seed 7 --run 12
    """
    from fragile_peace.proof.incident import PlaceState, solve_incident
    from fragile_peace.runs.ordinary import ordinary_run
    from fragile_peace.words.game import game_document, game_in_week

    world = read_scenario(scenario, set_)
    index = world.place_index(place)
    given = {"mu": mu, "gamma": gamma, "tension": tension, "restraint": restraint, "void": void, "sustained": sustained}
    given = {name: value for name, value in given.items() if value is not None and value is not False}
    if week is None:
        state = PlaceState.at_start(world, index, _share("--ramp", ramp)).but(**given)
        equilibrium = solve_incident(world, index, state)
    else:
        run = ordinary_run(world, seed).run if run is None else run
        equilibrium = game_in_week(world, index, week, seed, run, ramp)
        world, state = equilibrium.scenario, equilibrium.state.but(**given)
        if given:
            equilibrium = solve_incident(world, index, state)
    report = game_document(equilibrium)
    if week is not None:
        report = {"seed": seed, "run": run, "week": week, **report}
    if efg is not None:
        from fragile_peace.proof.gambit import incident_efg

        _write("--efg", efg, incident_efg(world, index, state))
    if nfg is not None:
        from fragile_peace.proof.gambit_commitment import commitment_at_start, commitment_nfg

        _write("--nfg", nfg, commitment_nfg(**commitment_at_start(world)))
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        show_lines(_page(report))


def _share(option: str, value: float) -> float:
    from fragile_peace.errors import InputError

    if not 0 <= value <= 1:
        raise InputError(f"{option}: {value!r} is not allowed; must be a number from 0 to 1")
    return value


def _write(option: str, path: Path, text: str) -> None:
    from fragile_peace.errors import InputError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{option}: {path} cannot be written: {error.strerror}") from None


def _page(report: dict[str, Any]) -> list[str]:
    """The same for a person to read."""
    state = report["state"]
    garrison = ", ".join(f"{name} {plain(troops)}" for name, troops in state["garrison"].items())
    force = f"garrison (thousands): {garrison}; lead {state['lead']}" if garrison else "no troops"
    numbers = ("mu", "gamma", "tension", "restraint", "monitors", "day", "void", "sustained")
    lines = [
        f"{report['scenario']}, {report['place']} ({report['kind']}): logit agent quantal response equilibrium",
        *([f"week {report['week']} of run {report['run']}, seed {report['seed']}"] if "week" in report else []),
        "state: " + ", ".join(f"{name} {plain(state[name])}" for name in numbers),
        force,
        "rules: " + ", ".join(f"{name} {value}" for name, value in report["rules"].items()),
        "precision: " + ", ".join(f"{player} {plain(lam)}" for player, lam in report["precision"].items()),
        "",
    ]
    head = ["player", "knows", "reach", "P(committed)", "action", "payoff", "probability"]
    rows: list[list[str]] = []
    for move in report["information_sets"]:
        first = [move["player"], move["knows"], f"{move['reach']:.6g}", _number(move["committed"])]
        for row in move["actions"]:
            rows.append([*first, row["action"], _number(row["payoff"]), f"{row['probability']:.6g}"])
            first = [""] * 4
    if rows:
        lines += columns(head, rows, "reach P(committed) payoff probability")
    else:
        lines.append("nobody has a choice in this place")
    return [
        *lines,
        "",
        "payoff: expected, given that the set is reached; at Russia's replies, the mean over all ways to get there",
        f"solver: residual {report['residual']:.1e} after {report['rounds']} rounds; largest distance of a probability "
        f"from w exp(precision * payoff)/sum on the tree {report['deviation']:.1e}",
        "w: the opportunities of a week, length/100 km for a strike on the line, else 1",
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
