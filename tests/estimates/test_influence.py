"""The share of the influential unknowns that a sweep varies: known answers, and the shipped table as published."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.estimates.influence import FILE, influence, table_of, varied
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.estimates.tables import to_csv
from fragile_peace_lab.figures.risk_curves import ROWS

RESULTS = Path(__file__).parents[2] / "results" / "sensitivity"
TABLE = pd.DataFrame(
    {"outcome": "collapse", "uncertainty": ["war.prize", "war.cost", "war.discount"], "total": [0.5, 0.3, 0.2],
     "sd": [2.0, 1.0, 0.1]}
)  # fmt: skip


def design(**columns):
    """A design of two samples: two values of each unknown, a standard deviation of half their distance."""
    fields = [pa.field(name, pa.float64(), metadata={"role": "uncertainty"}) for name in columns]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


@pytest.mark.parametrize(
    ("columns", "priors", "share"),
    [
        ({"war.prize": [10.0, 14.0]}, ["war.prize"], 0.5),  # as widely as in the table
        ({"war.prize": [11.0, 13.0]}, ["war.prize"], 0.125),  # a quarter of the variance
        ({"war.prize": [0.0, 40.0]}, ["war.prize"], 0.5),  # wider counts no more than once
        ({"war.prize": [11.9, 12.1]}, [], 0.5),  # of a shipped sample: as wide as the records leave open
        ({"war.prize": [12.0, 12.0]}, [], 0.0),  # not varied in this structure
        ({"war.prize": [10.0, 14.0], "war.cost": [5.0, 7.0], "war.discount": [0.7, 0.9]}, ["war.cost"], 1.0),
        ({"support.hit": [0.1, 0.2]}, [], 0.0),  # not among the unknowns of the table
        ({}, [], 0.0),
    ],
)
def test_a_share_is_what_its_definition_says(columns, priors, share):
    assert varied("collapse", design(**columns), priors, TABLE) == pytest.approx(share, abs=1e-12)


def test_the_sensitivity_sweep_varies_all_and_a_sweep_without_unknowns_nothing():
    plan = Plan.load("sensitivity")
    points, priors = plan.design.table(), plan.sweep.uncertainties
    for row in ROWS:
        assert varied(row.key, points, priors) == pytest.approx(1.0, abs=0.01)
        assert varied(row.key, points.select(["point"]), {}) == 0.0


def test_the_shipped_table_is_that_of_the_published_sweep():
    assert FILE.read_text() == to_csv(table_of(RESULTS))
    assert set(influence()["outcome"]) <= set(BY_NAME)
