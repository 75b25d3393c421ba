"""`fragile-peace threat`: how loudly Moscow threatens when it chooses to, and what that tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace_lab.cli.options import JsonOption, ScenarioArgument, SetOption, columns, read_scenario, show_lines
from fragile_peace_lab.cli.run import SeedOption

if TYPE_CHECKING:
    from fragile_peace.runs.threat import Solution

FigureOption = Annotated[
    Path | None,
    typer.Option("--figure", metavar="DIR", help="Play it, and draw “made louder and heard louder” into a folder."),
]
RunsOption = Annotated[
    int, typer.Option("--runs", metavar="N", help="Runs of each threat that is set; five times as many are chosen.")
]
EfgOption = Annotated[Path | None, typer.Option("--efg", metavar="FILE", help="Write the game as a Gambit tree.")]


def threat(
    scenario: ScenarioArgument,
    set_: SetOption = None,
    figure: FigureOption = None,
    runs: RunsOption = 1000,
    seed: SeedOption = 0,
    efg: EfgOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the game in which Moscow, knowing whether it means it, chooses its threat before week 0.

    It is solved for any scenario; runs play it where `threat.choice` is `signal`.

    \b
    Example:
      fragile-peace threat moscow_signals
      fragile-peace threat reassurance_15k --set commitment.upkeep=3.5 --efg threat.efg
      fragile-peace threat moscow_signals --figure mine --runs 4000
    """
    from fragile_peace.runs.threat import solve_threat

    world = read_scenario(scenario, set_)
    game = solve_threat(world)
    if efg is not None:
        _export(efg, world, game.played)
    if figure is not None:
        _draw(figure, world, seed, runs)
    told = {
        "scenario": world.name,
        "digest": world.digest,
        "levels": list(game.levels),
        "difference": game.difference.tolist(),
        "stand_down": game.stand_down.tolist(),
        "played": game.solutions.index(game.played),
        "solutions": [_plain(solution) for solution in game.solutions],
    }
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        show_lines(_page(told, world.threat.credibility))


def _export(path: Path, world: Any, played: Solution) -> None:
    from fragile_peace.proof.gambit import efg
    from fragile_peace.proof.gambit_threat import heard, threat_tree
    from fragile_peace_lab import durable

    all_heard = heard(played.level, played.odds.tolist(), played.belief.tolist())
    durable.write(path, efg(threat_tree(world, all_heard)).encode())


def _draw(folder: Path, world: Any, seed: int, runs: int) -> None:
    from fragile_peace_lab.figures.drawing import SIZES, write
    from fragile_peace_lab.figures.louder import louder
    from fragile_peace_lab.running.louder import made_and_heard

    write(louder(world, seed, made_and_heard(world, seed, runs)), folder, list(SIZES.values()), {})


def _plain(solution: Solution) -> dict[str, Any]:
    """A solution as plain data."""
    bluffing, committed = solution.chances.tolist()
    return {
        "bluffing": bluffing, "committed": committed, "share": solution.share.tolist(),
        "residual": solution.residual, "threat": list(solution.level), "odds": solution.odds.tolist(),
        "belief": solution.belief.tolist(), "joining": solution.joining.tolist(),
    }  # fmt: skip


def _page(told: dict[str, Any], prior: float) -> list[str]:
    """The same for a person to read."""
    lines = [f"{told['scenario']}: Moscow, knowing whether it means it, chooses its threat before week 0"]
    for number, solution in enumerate(told["solutions"]):
        name = "the one that runs play" if number == told["played"] else "another solution"
        lines += ["", f"{name} (residual {solution['residual']:.1e})"]
        rows = []
        for i, odds, belief in zip(solution["threat"], solution["odds"], solution["belief"], strict=True):
            bluffing, committed = solution["bluffing"][i], solution["committed"][i]
            cells = [f"{told['levels'][i]:g}", f"{bluffing:.6f}", f"{committed:.6f}", f"{belief:.6f}"]
            rows.append([*cells, f"{solution['share'][i]:.6f}", "" if odds == 1 else f"tips: {odds:.6f}"])
        head = ["threat", "bluffing", "committed", "belief", "joins", ""]
        lines += columns(head, rows, right="threat bluffing committed belief joins")
    return [
        *lines,
        "",
        "bluffing, committed: the chance that a Russia of this type threatens so",
        f"belief: that Russia is committed, once it has threatened so; {prior:g} before",
        "joins: the expected share of the force that joins after such a threat",
    ]
