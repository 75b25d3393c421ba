"""Levers in figures: every setting is drawn and looked up by its exact value, however many digits it has."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.estimates.tables import frame
from fragile_peace_lab.figures import results as figures
from fragile_peace_lab.figures.compare import moved_levers
from fragile_peace_lab.figures.drawing import COLUMN, PAGE, rounded
from fragile_peace_lab.figures.levers import Axis, at_setting
from fragile_peace_lab.figures.risk_curves import ROWS
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
    assert len(headlines(results)[1]) == len(ROWS)
    assert all(len(items) == len(ROWS) for _, items in movements(results))
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


def settings_of(**levers):
    return [dict(zip(levers, row, strict=True)) for row in itertools.product(*levers.values())]


def moves(settings, base):
    layout = Axis.of_settings(settings, base)
    baseline = layout.baseline(settings, base)
    return settings[baseline], moved_levers(settings, baseline, layout)


def test_numbers_go_from_the_first_to_the_last_and_other_levers_from_the_baseline():
    settings = settings_of(**{"threat.level": (0.0, 0.5, 1.0), "mandate.roe": ("observe", "self_defence", "enforce")})
    here, found = moves(settings, {"threat.level": 0.5, "mandate.roe": "self_defence"})
    assert here == {"threat.level": 0.5, "mandate.roe": "self_defence"}
    assert [(settings[one.first], settings[one.last]) for one in found] == [
        ({**here, "threat.level": 0.0}, {**here, "threat.level": 1.0}),
        (here, {**here, "mandate.roe": "observe"}),
        (here, {**here, "mandate.roe": "enforce"}),
    ]
    assert [len(one.along) for one in found] == [3, 0, 0]
    assert "from self-defence to enforce (" in found[2].title


def test_labels_go_from_the_label_of_the_base_scenario_or_from_the_first():
    settings = settings_of(package=("none", "shield", "tripwire"))
    for own, first in (("shield", "shield"), (None, "none")):
        here, found = moves(settings, {"package": own})
        assert here == {"package": first}
        assert [settings[one.first]["package"] for one in found] == [first, first]
        assert {settings[one.last]["package"] for one in found} == {"none", "shield", "tripwire"} - {first}


def test_a_hump_is_said_and_a_baseline_that_stands_in_is_named(tmp_path):
    """At the ends of this axis most runs are of one kind; in between a made-up outcome is highest."""
    results = swept(tmp_path / "hump", levers={"threat.level": [0.1, 0.6, 0.9]}, uncertainties={}, design={}, weeks=2)
    assert results.stand_in == (
        "The sweep does not play the base scenario’s own setting (threat level 0.5); this one stands in for it."
    )
    made = {picture.name: picture for picture in figures.pictures(results)}
    assert results.stand_in in made["comparison"].caption
    assert results.stand_in in html(results, [])
    data = dict(results.runs.data)
    data["line_recorded"] = np.stack([data["line_km_weeks"][0] * rate for rate in (0.01, 0.05, 0.02)])
    (_, items), *_ = movements(replace(results, runs=replace(results.runs, data=data)))
    assert items[0].hump == (
        "highest in between, at 0.6: +4 per 100 km and week against 0.1, +3 per 100 km and week against 0.9"
    )


@pytest.mark.parametrize(
    ("truth", "title", "caption"),
    [
        ({}, "(the belief in the threat moves the truth as well)",
         "The belief in the threat is moved, and the truth with it"),
        ({"threat.sincerity": 0.2}, "(the belief in the threat: belief alone)",
         "The belief in the threat is moved as a belief alone"),
    ],
)  # fmt: skip
def test_every_title_says_whether_a_belief_moves_alone(truth, title, caption, tmp_path):
    changes = {"levers": {"threat.credibility": [0.1, 0.5]}, "uncertainties": {}, "design": {}, "runs": 4, "weeks": 2}
    results = swept(tmp_path / "belief", **changes, set=truth)
    made = {picture.name: picture for picture in figures.pictures(results)}
    for name in ("risk_curves", "cumulative_incidence", "ladder", "comparison"):
        assert made[name].title.endswith(title), name
        assert title in " ".join(text.get_text() for text in made[name].draw(PAGE).texts).replace("\n", " "), name
        assert caption in made[name].caption
    page = html(results, [])
    assert caption in page
    assert all(moved.endswith(title) for moved, _ in movements(results))
    mixes = "only the left panel is of belief alone" in made["risk_curves"].caption
    assert mixes == (not truth)
