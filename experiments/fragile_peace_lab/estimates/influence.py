"""How much of what moves an outcome a sweep varies: its share of the influential unknowns.

influence.csv holds, for each outcome of the published sensitivity sweep, the total Sobol index T_i of every unknown and
the standard deviation s_i with which that sweep varies it. Of a sweep,

    share = sum_i w_i T_i / sum_i T_i

w_i = 0 where it does not vary unknown i; 1 where it takes i from a shipped sample (the posterior, the war block), which
varies it over what the records leave open; min(1, its variance / s_i²) where it gives a prior of its own. Unknowns
that the sensitivity sweep does not vary count for nothing on either side. An outcome that it did not analyse takes the
indices of the one that stands nearest (`STANDS_FOR`).

`python -m fragile_peace_lab.estimates.influence results/sensitivity` writes influence.csv again.
"""

import sys
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from fragile_peace_lab import durable
from fragile_peace_lab.design.labels import role
from fragile_peace_lab.estimates.tables import rounded, to_csv
from fragile_peace_lab.store.folder import design_of

FILE = Path(__file__).with_name("influence.csv")
COLUMNS = ("outcome", "uncertainty", "total", "sd")
STANDS_FOR = {
    "violations_recorded_line": "violations_true_line",
    "strike_or_death_line": "european_death",
    "strike_or_death_hub": "european_death",
    "strike_rate": "european_death",
}
"""By outcome of the default figure, the analysed one whose unknowns are taken to be its own."""


@lru_cache(maxsize=1)
def influence() -> pd.DataFrame:
    """Return the shipped table."""
    return pd.read_csv(FILE)


def varied(outcome: str, points: pa.Table, priors: Collection[str], table: pd.DataFrame | None = None) -> float:
    """Return the share of an outcome's influential unknowns that a sweep varies, from 0 to 1.

    Parameters
    ----------
    outcome : its name
    points : the design of the sweep (`points.Design.table`), in one structure
    priors : unknowns for which the sweep gives priors of its own
    table : as `influence` returns it, which is used if it is left out
    """
    known = influence() if table is None else table
    own = known[known["outcome"] == STANDS_FOR.get(outcome, outcome)]
    total = float(own["total"].sum())
    if total <= 0:
        return 0.0
    weights = [_weight(name, sd, points, priors) for name, sd in zip(own["uncertainty"], own["sd"], strict=True)]
    return float(np.dot(weights, own["total"])) / total


def _weight(name: str, sd: float, points: pa.Table, priors: Collection[str]) -> float:
    if name not in points.column_names or role(points, name) != "uncertainty":
        return 0.0
    values = points[name].to_numpy().astype(float)
    if values.min() == values.max():
        return 0.0
    return min(1.0, float(values.var()) / sd**2) if name in priors else 1.0


def table_of(folder: Path) -> pd.DataFrame:
    """Return the table that a folder of the sensitivity sweep gives."""
    indices = pd.read_csv(folder / "figures" / "sensitivity.csv")
    points = design_of(folder)
    spread = {name: rounded(float(points[name].to_numpy().astype(float).std())) for name in set(indices["uncertainty"])}
    return indices.assign(sd=indices["uncertainty"].map(spread))[list(COLUMNS)]


if __name__ == "__main__":
    durable.write(FILE, to_csv(table_of(Path(sys.argv[1]))).encode())
