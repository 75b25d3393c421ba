"""`fragile-peace game`: the equilibrium of one place as a table that can be checked by hand, and its export to Gambit.

The payoffs, reaches and beliefs that are printed are read off the tree of `proof.incident_tree`, path by path, not
taken from the solver: at the bottom stands how far the solver's probabilities are from the logit of those payoffs.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace_lab.cli.options import (
    JsonOption,
    ScenarioArgument,
    SetOption,
    columns,
    plain,
    read_scenario,
    show_lines,
)
from fragile_peace_lab.cli.run import RunOption, SeedOption

if TYPE_CHECKING:
    from fragile_peace.declared.scenario import Scenario
    from fragile_peace.proof.game_tree import Reading
    from fragile_peace.proof.incident import IncidentEquilibrium, PlaceState

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
    run: RunOption = 0,
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

    world = read_scenario(scenario, set_)
    index = world.place_index(place)
    given = {"mu": mu, "gamma": gamma, "tension": tension, "restraint": restraint, "void": void, "sustained": sustained}
    given = {name: value for name, value in given.items() if value is not None and value is not False}
    if week is None:
        state = PlaceState.at_start(world, index, _share("--ramp", ramp)).but(**given)
        equilibrium = solve_incident(world, index, state)
    else:
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
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        show_lines(_page(report))


def game_in_week(world: Scenario, place: int, week: int, seed: int, run: int, ramp: float = 1.0) -> IncidentEquilibrium:
    """Play a run to the start of a week; return the game of the place as the run solved it, in the regime in force."""
    from fragile_peace.errors import InputError
    from fragile_peace.proof.incident import IncidentEquilibrium, PlaceState
    from fragile_peace.runs.single import SingleRun

    if ramp != 1.0:
        raise InputError("--ramp: cannot be given with --week, which has its own deployment")
    if not 0 <= week < world.weeks:
        raise InputError(f"--week: {week} is not allowed; must be a whole number from 0 to {world.weeks - 1}")
    single = SingleRun(world, seed, run)
    for past in range(week):
        single.advance()
        if not single.alive:
            raise InputError(f"--week: {week} is not allowed; this run ends with week {past}")
    single.open_week()
    single.phase("deploy")
    single.phase("solve")
    w, x = single.week, single.state
    state = PlaceState(
        mu=float(x["mu"]),
        gamma=float(x["gamma"]),
        tension=float(x["x_s"][place]),
        restraint=float(x["r_s"][place]),
        garrison=tuple(w["garrison_sn"][place][: len(world.contingents)].tolist()),
        monitors=float(w["monitors_s"][place]),
        day=int(w["day"]),
        void=bool(w["void"]),
        sustained=bool(w["sustained"]),
    )
    regime = [scenario for first, scenario in world.regimes if first <= week][-1]
    return IncidentEquilibrium(regime, place, state, single.games[place].copy())


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


def game_document(equilibrium: IncidentEquilibrium) -> dict[str, Any]:
    """The state, every information set and the solver's record, for a program to read."""
    from fragile_peace.proof.gambit import kernel_strategy
    from fragile_peace.proof.game_tree import InformationSet, read_off
    from fragile_peace.proof.incident_tree import incident_tree

    def profile(infoset: InformationSet) -> list[float]:
        p = kernel_strategy(equilibrium, infoset)
        return [p[action] for action in infoset.actions]

    world, state = equilibrium.scenario, equilibrium.state
    spot = world.places[equilibrium.place]
    tree = incident_tree(world, equilibrium.place, state)
    readings = read_off(tree, profile)
    order = ("russia", "ukraine", "response", "decision")
    first = [reading for reading in readings if reading.infoset.kind in order]
    first.sort(key=lambda reading: (order.index(reading.infoset.kind), reading.infoset.knows))
    moves = [_move(reading, reading.infoset.known) for reading in first]
    return {
        "scenario": world.name,
        "digest": world.digest,
        "place": spot.name,
        "kind": spot.kind.name.lower(),
        "state": _state(world, state),
        "rules": {"roe": world.mandate.roe.name.lower(), "trigger": world.guarantee.trigger.name.lower()},
        "precision": dict(zip(tree.players, tree.precisions, strict=True)),
        "information_sets": moves + _replies([reading for reading in readings if reading.infoset.kind == "reply"]),
        "rounds": equilibrium.rounds,
        "residual": equilibrium.residual,
        "deviation": max((reading.deviation for reading in readings), default=0.0),
    }


def _state(world: Scenario, state: PlaceState) -> dict[str, Any]:
    troops = {c.name: m for c, m in zip(world.contingents, state.garrison, strict=True) if m > 0}
    return {
        "mu": state.mu,
        "gamma": state.gamma,
        "tension": state.tension,
        "restraint": state.restraint,
        "garrison": troops,
        "lead": world.contingents[state.lead].name if troops else None,
        "monitors": state.monitors,
        "day": state.day,
        "void": state.void,
        "sustained": state.sustained,
    }


def _move(reading: Reading, known: str) -> dict[str, Any]:
    """One information set; the posterior is left out where the player knows Russia's type."""
    from fragile_peace.proof.game_tree import word

    committed = reading.belief.get("committed", 0.0) if reading.belief else None
    values = reading.values or (None,) * len(reading.probabilities)
    rows = zip(reading.infoset.actions, values, reading.probabilities, strict=True)
    return {
        "player": reading.infoset.player,
        "move": reading.infoset.kind,
        "knows": known,
        "reach": reading.reach,
        "committed": None if reading.infoset.player == "Russia" else committed,
        "actions": [{"action": word(a), "payoff": value, "probability": p} for a, value, p in rows],
    }


def _replies(readings: list[Reading]) -> list[dict[str, Any]]:
    """Russia's replies, those with one answer together: it depends on the type, on fire and on the guarantee only."""
    from fragile_peace.codes import Decision, Response
    from fragile_peace.proof.game_tree import word

    groups: dict[tuple, list[Reading]] = {}
    for reading in readings:
        kappa, _, _, _, response, decision = reading.infoset.knows
        groups.setdefault((kappa, response == Response.FIRE, decision == Decision.HONOUR), []).append(reading)
    moves = []
    for (kappa, fired, honoured), group in sorted(groups.items(), key=lambda item: item[0]):
        words = [word(kappa), *(["fired on"] if fired else []), *(["guarantee honoured"] if honoured else [])]
        move = _move(group[0], ", ".join(words))
        reach = math.fsum(reading.reach for reading in group)
        reached = [reading for reading in group if reading.values]
        for i, row in enumerate(move["actions"]):
            total = math.fsum(reading.reach * reading.values[i] for reading in reached)
            row["payoff"] = total / reach if reached else None
        moves.append(move | {"reach": reach})
    return moves


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
        f"from exp(precision * payoff)/sum on the tree {report['deviation']:.1e}",
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
