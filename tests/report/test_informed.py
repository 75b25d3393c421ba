"""What parameter variance rests on, said beside the outcome: in the panel, in the finding, in a table, in a file."""

import pandas as pd
import pytest

from fragile_peace_lab.estimates.informed import GROUPS, NO_RECORD
from fragile_peace_lab.figures.drawing import COLUMN, PAGE
from fragile_peace_lab.figures.results import pictures, results_of
from fragile_peace_lab.report.findings import headlines
from fragile_peace_lab.report.informed import HEADS, informed
from fragile_peace_lab.report.page import html
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.pictures import faults
from tests.tools.tiny_sweeps import tiny

SWEEP = {
    "base": "reassurance_15k", "set": {"threat.sincerity": 0.2}, "levers": {"threat.level": [0.0, 1.0]},
    "uncertainties": {"threat.credibility": {"uniform": [0.05, 0.6]}, "russia.face": {"uniform": [0.3, 1.2]}},
    "design": {"uncertainties": {"posterior": 64}}, "runs": 8, "weeks": 8,
}  # fmt: skip
RATE = "violations_recorded_line"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "members"
    return results_of(run_sweep(tiny(**SWEEP), folder, threads=2, progress="none"))


def test_every_outcome_says_what_its_spread_rests_on(results):
    table = results.informed
    assert set(table["group"]) == {*GROUPS, NO_RECORD} == set(HEADS)
    shares = table[table["outcome"] == RATE].set_index("group")["estimate"]
    assert shares["record"] > shares[NO_RECORD]  # how truces are broken is what the records are of
    curves = pictures(results)[0]
    for size in (PAGE, COLUMN):
        figure = curves.draw(size)
        words = [text.get_text() for text in figure.texts]
        assert sum("of its spread without a record" in text for text in words) == len(results.rests) > 0
        assert faults(figure) == []
    found = {item.what: item for item in headlines(results)[1]}
    first = next(item for what, item in found.items() if what.startswith("On the line: recorded"))
    assert first.rests == results.rests[RATE]
    page = html(results, [])
    assert f"{first.rests} comes from those without a record of this war" in page
    assert all(title in page for title in HEADS.values())


def test_a_sweep_without_members_to_ask_says_nothing(results, tmp_path):
    few = tiny(**{**SWEEP, "design": {"uncertainties": {"posterior": 2}}, "runs": 2, "weeks": 2})
    small = results_of(run_sweep(few, tmp_path / "few", threads=2, progress="none"))
    assert small.rests == {}
    assert all(cell == "not known" for row in informed(small)[0].rows for cell in row[1:])
    alone = tiny(**{**SWEEP, "uncertainties": {}, "design": {}, "runs": 2, "weeks": 2})
    assert informed(results_of(run_sweep(alone, tmp_path / "alone", threads=2, progress="none"))) == []
    assert isinstance(results.informed, pd.DataFrame)
