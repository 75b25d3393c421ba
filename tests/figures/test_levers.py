"""Levers in figures: every setting is drawn and looked up by its exact value, however many digits it has."""

import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.estimates.tables import frame
from fragile_peace_lab.figures import results as figures
from fragile_peace_lab.figures.drawing import COLUMN, rounded
from fragile_peace_lab.figures.levers import Axis, at_setting
from fragile_peace_lab.report.findings import headlines, movements
from fragile_peace_lab.report.page import html
from tests.figures.test_results import swept

DIGITS = {
    "thirds along and across": {"threat.level": {"linspace": [0, 1, 4]}, "guarantee.level": {"linspace": [0, 1, 4]}},
    "seven digits across, fifteen along": {
        "threat.level": [0.0, 0.333333333333333, 1.0], "guarantee.level": [0.3333333, 0.6666667],
    },
    "a logarithmic scale along": {"war.prize": {"logspace": [3, 30, 4]}, "guarantee.level": [0.1234567, 0.7654321]},
    "a logarithmic scale across": {"threat.level": [0.0, 0.5, 1.0], "war.prize": {"logspace": [3, 30, 4]}},
}  # fmt: skip
"""What stands for the kind: rounding to six digits (figures) or to nine (tables) would lose one of these values."""


@pytest.mark.parametrize("levers", DIGITS.values(), ids=DIGITS)
def test_every_value_of_a_lever_is_drawn_and_found(levers, tmp_path):
    results = swept(tmp_path / "digits", levers=levers, uncertainties={}, design={}, runs=2, weeks=2)
    axis = results.axis
    wanted = {(value, other) for value in axis.values for other in axis.facets}
    assert len(wanted) == len(results.runs.settings)
    made = {picture.name: picture for picture in figures.pictures(results)}
    for name in ("risk_curves", "heat_map"):
        numbers = made[name].numbers.dropna(subset=[axis.name])
        pairs = numbers[[axis.name, axis.facet]].itertuples(index=False, name=None)
        assert set(pairs) == wanted, name
    for name in ("ladder", "cumulative_incidence"):
        assert set(made[name].numbers[axis.facet]) == set(axis.facets), name
    others = {
        tuple(setting.values()) for place, setting in enumerate(results.runs.settings) if place != results.baseline
    }
    numbers = made["comparison"].numbers[list(results.runs.levers)]
    assert set(numbers.itertuples(index=False, name=None)) == others
    for picture in made.values():
        picture.draw(COLUMN)
    assert len(headlines(results)[1]) == 5
    assert all(len(items) == 5 for _, items in movements(results))
    assert "not run" not in html(results, [])


def test_tables_round_numbers_and_never_keys():
    value = 1 / 3
    table = frame([{"threat.level": value, "estimate": value}], ("threat.level", "estimate"))
    assert table.iloc[0].to_dict() == {"threat.level": value, "estimate": 0.333333333}
    assert rounded(table).iloc[0].to_dict() == {"threat.level": value, "estimate": 0.333333}
    assert len(at_setting(rounded(table), {"threat.level": value})) == 1


def test_a_setting_that_is_not_drawn_is_an_error():
    axis = Axis("threat.level", (0.0, 0.333333), facet="mandate.roe", facets=("observe",))
    table = pd.DataFrame({"threat.level": [0.0, 1 / 3], "mandate.roe": "observe", "_all": 0})
    with pytest.raises(InputError, match=r"threat.level 0\.333.* is a setting that is not drawn"):
        axis.sorted(table, "_all")
