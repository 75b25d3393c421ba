"""A small decided folder, as `decide` leaves it, for the tests of the brief."""

import json
from pathlib import Path

import pandas as pd
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace_lab.deciding import decision, discovery
from fragile_peace_lab.deciding.decision import Decision
from fragile_peace_lab.deciding.figures import best_map
from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.deciding.told import about
from fragile_peace_lab.deciding.weights import Weights
from fragile_peace_lab.design.sweep import Sweep
from tests.tools import decisions
from tests.tools.tiny_sweeps import forge

ANOTHER = (0.25, 0.9, 0.9, 0.75, 0.85, True, "truce.restraint at most 0.3")
NONE = (0.5, 0.2, 0.2, 0.1, 0.1, False, "")


def boxes(problem: Problem) -> pd.DataFrame:
    """What PRIM would say, which needs the extra: a box in the first world, none in the others."""
    option = problem.names[1]
    rows = [
        (*world.values(), target, option, *(ANOTHER if (place, target) == (0, "another") else NONE))
        for place, world in enumerate(problem.worlds)
        for target in discovery.TARGETS
    ]
    return pd.DataFrame(rows, columns=[*problem.keys, *discovery.COLUMNS])


def decided_folder(folder: Path, problem: Problem | None = None, weights: Weights | None = None) -> Path:
    """Write a manifest and a decision of the small problem, or of another; returns the folder."""
    problem = problem or decisions.problem()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision, "TABLES", {name: t for name, t in decision.TABLES.items() if name != "boxes"})
        found = decision.answered(problem, weights or Weights())
    complete = Decision(found.problem, found.weights, {**found.tables, "boxes": boxes(problem)})
    decision.write_tables(complete, folder)
    picture = best_map(complete)
    where = folder / decision.FOLDER
    picture.numbers.to_csv(where / "best_option.csv", index=False, lineterminator="\n")
    (where / "regret.json").write_text(json.dumps(about(complete)))
    scenario = Scenario.load("reassurance_15k")
    every = [*problem.options, *problem.worlds]
    played = {
        name: list(dict.fromkeys(own[name] for own in every if name in own))
        for name in ("package", "threat.level", "structure")
    }
    packages = (
        {},
        {"force.scale": 0.4, "places.Sumy border.monitors": 40, "places.Pokrovsk.monitors": 60},
        {"force.scale": 2, "mandate.allows_force": True, "mandate.roe": "enforce"},
    )
    levers = {"package": dict(zip(played["package"], packages, strict=True)), "threat.level": played["threat.level"]}
    others = ({}, {"precision.russia": 2, "russia.face": {"times": 1.5}, "war.prize": 3})
    structures = dict(zip(played["structure"], others, strict=True))
    declared = {"title": "Three packages", "levers": levers, "structures": structures, "weeks": 52, "seed": 0}
    sweep = Sweep.from_dict({**declared, "name": "small", "base": scenario.name, "runs": 1}).to_dict()
    manifest = {
        "schema": 1, "name": "small", "state": "complete", "shard": None, "sweep": sweep, "outcomes": [], "parts": [],
        "scenarios": {"reassurance_15k": {"digest": scenario.digest, "values": scenario.to_dict()}},
        "grid": {"points": [0], "runs": [0], "point_step": 1, "run_step": 1},
        **dict.fromkeys(("points", "runs", "rows", "seed"), 0),
        **dict.fromkeys(("source_digest", "behaviour_digest", "design_sha256"), "0" * 64),
    }  # fmt: skip
    forge(folder, manifest)
    return folder
