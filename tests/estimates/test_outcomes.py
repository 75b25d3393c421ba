"""The list of what is reported: danger by troop-years, presence, and how the parts of each combine."""

import numpy as np
import pytest

from fragile_peace_lab.estimates.measure import estimated, measure
from fragile_peace_lab.estimates.outcomes import BY_NAME, OUTCOMES, WHERE, needed
from fragile_peace_lab.store.columns import schema

RUNS = {
    "deaths_line": [[3, 0, 1, 0]], "deaths_border": [[0, 0, 0, 0]], "deaths_hub": [[0, 4, 0, 0]],
    "deliberate_deaths_line": [[1, 0, 0, 0]], "deliberate_deaths_border": [[0, 0, 0, 0]],
    "deliberate_deaths_hub": [[0, 4, 0, 0]],
    "strikes_line": [[1, 0, 0, 0]], "strikes_border": [[0, 0, 0, 1]], "strikes_hub": [[0, 2, 0, 0]],
    "troop_years_line": [[1000, 0, 500, 500]], "troop_years_border": [[0, 0, 0, 0]],
    "troop_years_hub": [[500, 500, 500, 500]],
    "planned_troop_years": [[1500, 2500, 1000, 1000]], "nations_week_52": [[5, 2, 3, np.nan]],
}  # fmt: skip
COLUMNS = {name: np.array(values, float) for name, values in RUNS.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strike_rate", 1), ("strike_rate_hub", 1), ("strike_rate_line", 0.5),
        ("european_deaths", 2), ("deliberate_deaths", 1.25), ("collateral_deaths", 0.75),
        ("deliberate_deaths_hub", 2), ("deliberate_deaths_line", 0.5), ("collateral_deaths_line", 1.5),
        ("collateral_deaths_hub", 0), ("presence_share", 4000 / 6000), ("presence_year", 0.5),
    ],
)  # fmt: skip
def test_danger_is_by_troop_years_and_an_ended_ceasefire_has_nobody_in(name, value):
    outcome = BY_NAME[name]
    assert estimated(outcome, measure(outcome, COLUMNS))["estimate"] == pytest.approx(value)


def test_meant_and_collateral_deaths_are_all_deaths_everywhere():
    for where in ("", *(f"_{kind}" for kind in WHERE)):
        all_, meant, rest = (
            BY_NAME[f"{name}{where}"] for name in ("european_deaths", "deliberate_deaths", "collateral_deaths")
        )
        n = [measure(outcome, COLUMNS).n for outcome in (all_, meant, rest)]
        assert n[0].tolist() == (n[1] + n[2]).tolist()


def test_every_column_that_is_read_is_in_a_part():
    assert set(needed()) <= set(schema(3).names)


def test_danger_and_presence_lead():
    leading = {outcome.name for outcome in OUTCOMES if outcome.headline}
    assert {"strike_rate", "deliberate_deaths", "collateral_deaths", "presence_year", "presence_share"} <= leading
