"""Made louder and heard louder: the runs that are counted, the sentence, and the drawing."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace import simulate
from fragile_peace.codes import Event
from fragile_peace.runs.threat import solve_threat
from fragile_peace_lab.figures.drawing import SIZES
from fragile_peace_lab.figures.louder import difference, louder
from fragile_peace_lab.running.louder import HEARD_RUNS, made_and_heard
from tests.tools.pictures import faults
from tests.tools.threat_worlds import TELLING

RUNS, WEEKS, SEED = 40, 4, 3


@pytest.fixture(scope="module")
def table():
    return made_and_heard(TELLING, SEED, RUNS, WEEKS)


def estimate(table, curve, level, outcome):
    (row,) = table[(table["curve"] == curve) & (table["level"] == level) & (table["outcome"] == outcome)].to_dict(
        "records"
    )
    return row


def test_the_runs_are_those_of_a_set_threat_and_of_one_that_was_chosen(table):
    made = simulate([TELLING.override({"threat.choice": "set", "threat.level": 0.75})], RUNS, SEED, WEEKS)[0]
    heard = simulate([TELLING], HEARD_RUNS * RUNS, SEED, WEEKS)[0]
    heard = heard[heard["threat"] == 0.75]
    belief = solve_threat(TELLING).played.belief[3]
    for curve, outcomes, expected in (("made", made, 0.5), ("heard", heard, belief)):
        found = {name: estimate(table, curve, 0.75, name) for name in ("strike_or_death", "committed", "joining")}
        assert {row["runs"] for row in found.values()} == {len(outcomes)}
        assert found["strike_or_death"]["estimate"] == outcomes["happened"][:, Event.STRIKE_OR_DEATH].mean()
        assert found["committed"]["estimate"] == pytest.approx(expected)
        joined = (outcomes["left_week_n"][:, :3] != -2) @ np.array([3.0, 2.0, 1.0]) / 6
        assert found["joining"]["estimate"] == pytest.approx(joined.mean())
        for row in found.values():
            assert 0 <= row["mc_low"] <= row["estimate"] <= row["mc_high"] <= 1
    assert table[table["curve"] == "heard"].groupby("level")["runs"].first().sum() == HEARD_RUNS * RUNS


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_no_text_is_cut_or_runs_into_another(table, size):
    picture = louder(TELLING, SEED, table)
    assert not faults(picture.draw(size))
    assert "Russia means the threat, when Moscow is heard louder" in picture.alt


def test_a_threat_that_nobody_made_leaves_a_gap(table):
    rare = table.copy()
    rare.loc[(rare["curve"] == "heard") & (rare["level"] > 0.5), ["estimate", "mc_low", "mc_high"]] = np.nan
    assert difference(rare).startswith("At a threat of 0.5 ")
    assert not faults(louder(TELLING, SEED, rare).draw(SIZES["page"]))
    never = rare.assign(estimate=np.where(rare["curve"] == "heard", np.nan, rare["estimate"]))
    assert difference(never) == "Moscow made no threat often enough to tell."


@pytest.mark.parametrize(("heard", "said"), [(0.5, "no effect of the threat"), (0.11, "within Monte Carlo error")])
def test_the_sentence_says_whether_the_curves_differ(heard, said):
    numbers = (
        ("made", "strike_or_death", 0.1), ("made", "committed", 0.2),
        ("heard", "strike_or_death", heard), ("heard", "committed", 0.4),
    )  # fmt: skip
    names = ("curve", "outcome", "estimate", "mc_low", "mc_high")
    rows = [dict(zip(names, (*row, row[2] - 0.05, row[2] + 0.05), strict=True)) | {"level": 1.0} for row in numbers]
    text = difference(pd.DataFrame(rows))
    assert said in text
    assert "40% of those who choose it mean it, against 20% of all" in text
