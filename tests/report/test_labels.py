"""Estimates and the report apart by labels: the same numbers as of those members alone, and what they rest on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fragile_peace_lab.design.labels import BY_NAME
from fragile_peace_lab.estimates.all_tables import estimate_table
from fragile_peace_lab.estimates.basis import BY_CLASSES, PRIOR_DRIVEN, basis_of, recorded, recorded_words
from fragile_peace_lab.estimates.by_label import APART, label_table, values_of
from fragile_peace_lab.estimates.outcomes import OUTCOMES
from fragile_peace_lab.figures.results import pictures, results_of
from fragile_peace_lab.report.labels import by_label
from fragile_peace_lab.report.page import html
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.tiny_sweeps import tiny

SWEEP = {
    "base": "reassurance_15k", "weeks": 13, "runs": 3, "levers": {"threat.level": [0.5, 1.0]},
    "structures": {"usual": {}, "class_alone": {"war.module": "reference_class"}},
    "uncertainties": {"threat.credibility": {"uniform": [0.05, 0.6]}}, "design": {"uncertainties": {"posterior": 16}},
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return results_of(run_sweep(tiny(**SWEEP), tmp_path_factory.mktemp("sweep") / "s", progress="none"))


def test_a_row_is_what_these_members_alone_would_show(results):
    runs = results.runs
    table = label_table(runs)
    assert set(table["outcome"]) == {outcome.name for outcome in APART}
    assert {outcome.name for outcome in OUTCOMES if outcome.prior_driven} <= set(table["outcome"])
    for label, found in runs.labels.items():
        for value in values_of(label, found):
            own = replace(runs, members=int((found == value).sum()), labels={},
                          data={name: block[:, found == value] for name, block in runs.data.items()},
                          chances={name: block[:, found == value] for name, block in runs.chances.items()})  # fmt: skip
            alone = estimate_table(own, APART, ("mixed",)).drop(columns="type")
            part = table[(table["label"] == label) & (table["value"] == value)].drop(columns=["label", "value"])
            pd.testing.assert_frame_equal(part.reset_index(drop=True), alone, check_dtype=False)


def test_members_of_all_values_are_all_members(results):
    table = results.tables["by_label"]
    part = table[(table["outcome"] == "collapse") & (table["structure"] == "usual") & (table["threat.level"] == 0.5)]
    for label in BY_NAME:
        assert part[part["label"] == label]["n_members"].sum() == 16


def test_values_stand_in_their_declared_order_then_by_name():
    assert values_of("class", np.array(["zoe", "civil", "ana", "interstate"])) == ["interstate", "civil", "ana", "zoe"]


def test_the_report_sets_classes_side_by_side_with_their_records(results):
    tables = by_label(results)
    assert len(tables) == 2 * len(BY_NAME)  # each in the reference structure, and the end in every structure
    first = tables[0]
    assert list(first.head) == ["Outcome", "All members", "wars between states", "an imposed line", "civil wars"]
    assert first.rows[-1][2:] == ["0.72%", "5.0%", "26%"]  # Lomax, 13 weeks
    assert [row[0] for row in tables[1].rows] == ["usual", "class_alone"]


def test_what_turns_on_war_says_that_classes_inform_it(results):
    made = pictures(results)
    page = html(results, made)
    assert "informed by reference classes" in page
    assert "prior-driven" not in page.lower()
    curves = next(picture for picture in made if picture.name == "risk_curves")
    assert "Their own records, without a force, by week 13: wars between states 0.72%" in curves.caption


def test_the_basis_follows_the_labels():
    assert basis_of({"class": None, "tactical": None}) is BY_CLASSES
    assert basis_of(()) is PRIOR_DRIVEN
    assert recorded(104)["interstate"] == pytest.approx(1 - (1 + 2 / 76) ** -2.2, rel=1e-12)
    assert recorded_words(104, ["ana"]) == ""
