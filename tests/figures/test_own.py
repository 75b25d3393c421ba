"""Own outcomes drawn: a row each, a scale that holds negative numbers, and a page that names them."""

import pandas as pd
import pytest

from fragile_peace_lab.figures import own
from fragile_peace_lab.figures.drawing import COLUMN
from fragile_peace_lab.figures.own import own_curves, own_rows, rows_of
from fragile_peace_lab.figures.panels import scale
from fragile_peace_lab.figures.results import pictures, results_of
from fragile_peace_lab.figures.risk_curves import ROWS
from fragile_peace_lab.report.findings import headlines, movements
from tests.tools.own_outcomes import NAMES, own_sweep
from tests.tools.tiny_sweeps import finished


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    where = tmp_path_factory.mktemp("own")
    file = own_sweep(where, levers={"threat.level": [0.0, 1.0]}, runs=8)
    return results_of(finished(where / "out", file))


def test_there_is_a_row_for_each_and_the_default_figure_stays(results):
    names = [picture.name for picture in pictures(results)]
    assert names[:2] == ["risk_curves", "own_outcomes"]
    made = {picture.name: picture for picture in pictures(results)[:2]}
    assert not set(NAMES) & set(made["risk_curves"].numbers["outcome"])
    assert set(made["own_outcomes"].numbers["outcome"]) == set(NAMES)
    assert made["own_outcomes"].title.startswith("How own outcomes move with")
    assert [row.key for row in rows_of(results.runs)] == [*(row.key for row in ROWS), *NAMES]


def test_a_panel_shows_numbers_below_0(results):
    table = results.curves.copy()
    shifted = table["outcome"] == "mean_change"
    for name in ("estimate", "mc_low", "mc_high", "param_low", "param_high"):
        table.loc[shifted, name] -= 20.0
    (made,) = own_curves(table, results.axis, results.facts, results.runs, {})
    panels = made.draw(COLUMN).axes
    lows = [ax.get_ylim()[0] for ax in panels]
    assert min(lows) < -10.0
    assert sum(low < 0 for low in lows) == 1


def test_scales():
    ends = {"estimate": [1.0], "mc_low": [0.5], "mc_high": [1.5], "param_low": [None], "param_high": [2.0]}
    assert scale(pd.DataFrame(ends)) == (0.0, pytest.approx(2.56))
    low, high = scale(pd.DataFrame({**ends, "mc_low": [-2.0]}))
    assert low < -2.0
    assert high > 2.0
    low, high = scale(pd.DataFrame({name: [-1.0] for name in ends}))
    assert low < -1.0
    assert high > 0.0


def test_many_are_drawn_in_several_figures(results, monkeypatch):
    monkeypatch.setattr(own, "MOST", 3)
    made = own.own_curves(results.curves, results.axis, results.facts, results.runs, {})
    assert [picture.name for picture in made] == ["own_outcomes", "own_outcomes_2"]


def test_findings_tell_of_them(results):
    titles = {row.title for row in own_rows(results.runs)}
    found = headlines(results)[1]
    assert titles == {one.what for one in found if one.varied == "not known of an own outcome"}
    assert {one.confidence for one in found if one.what in titles} == {"very low"}
    assert titles <= {moved.what for _, items in movements(results) for moved in items}
