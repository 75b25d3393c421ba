"""A small decision problem with known numbers: a design and its runs, as a sweep's folder would hold them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace_lab.deciding.problem import Problem
from fragile_peace_lab.estimates.runs import Runs

OPTIONS, LEVELS, STRUCTURES = ("none", "small", "large"), (0.0, 1.0), ("usual", "other")
MEMBERS, DRAWS = 16, 10
PRIORS = ("threat.credibility",)


def design(
    members: int = MEMBERS,
    seed: int = 1,
    options: Sequence[str] = OPTIONS,
    levels: Sequence[float] = LEVELS,
    structures: Sequence[str] = STRUCTURES,
) -> pa.Table:
    """A design of three packages and two threat levels in two structures, with three unknowns and a label."""
    rng = np.random.default_rng(seed)
    unknowns = pd.DataFrame(
        {
            "threat.credibility": rng.random(members),
            "truce.restraint": rng.random(members),
            "war.reference": rng.choice(["civil", "interstate"], members),
            "class": rng.choice(["civil", "interstate"], members),
        }
    )
    rows = []
    for sample in range(members):
        for structure in structures:
            for combination, (package, level) in enumerate((p, t) for p in options for t in levels):
                rows.append(
                    {"point": len(rows), "sample": sample, "combination": combination, "structure": structure,
                     "package": package, "threat.level": level, **unknowns.iloc[sample].to_dict()}
                )  # fmt: skip
    table = pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)
    roles = {"structure": "structure", "package": "lever", "threat.level": "lever", "class": "label"}
    roles |= dict.fromkeys(("threat.credibility", "truce.restraint", "war.reference"), "uncertainty")
    fields = [item.with_metadata({"role": roles[item.name]}) if item.name in roles else item for item in table.schema]
    return table.cast(pa.schema(fields))


def rows(points: pa.Table, draws: int = DRAWS, seed: int = 2) -> pd.DataFrame:
    """Runs of a design: the larger force ends fewer ceasefires, and loses more people, most where restraint is low."""
    rng = np.random.default_rng(seed)
    frame = points.to_pandas()
    size = pd.factorize(frame["package"])[0]
    found = []
    for run in range(draws):
        noise = rng.random(len(frame))
        committed = rng.random() < 0.4
        found.append(
            pd.DataFrame(
                {
                    "point": frame["point"],
                    "run": run,
                    "happened_collapse": noise < 0.6 - 0.2 * size + 0.2 * frame["threat.level"],
                    "compensator_war_russia_coalition": 0.02 * size * frame["threat.credibility"] * (1 + committed),
                    "compensator_war_with_us": 0.01 * size * noise,
                    "deaths_line": rng.poisson(2 * size * (1.5 - frame["truce.restraint"])),
                    "deaths_border": rng.poisson(0.2 * size),
                    "deaths_hub": rng.poisson(0.1 * size),
                    "kappa_start": np.full(len(frame), int(committed)),
                    "tau_start": np.full(len(frame), run % 2),
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def problem(
    members: int = MEMBERS, draws: int = DRAWS, levers: Sequence[str] | None = None, **factors: Sequence[Any]
) -> Problem:
    """The problem of that design, or of one with other factors."""
    points = design(members, **factors)
    return Problem.of(Runs.from_tables(points, rows(points, draws)), points, PRIORS, levers)
