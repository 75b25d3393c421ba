"""A difference split into parts: weights that add up, Shapley's values, intervals that cover, and words."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace_lab.estimates import why
from fragile_peace_lab.estimates.measure import Measured
from fragile_peace_lab.estimates.outcomes import BY_NAME

NAMES = ("presence", "beliefs", "tension")
RATE = BY_NAME["strike_rate"]


def measured(n, d):
    n, d = np.array(n, float), np.array(d, float)
    return Measured(n, d, n, n, None)


def random_worlds(generator, members=4, draws=6):
    worlds = [why.BASELINE, *why.subsets(NAMES)]
    shape = members, draws
    return {world: measured(generator.poisson(3, shape), generator.uniform(1, 2, shape)) for world in worlds}


def test_parts_of_a_ratio_add_up_to_the_total():
    table = why.why_table(RATE, random_worlds(np.random.default_rng(1)), why.mediated(NAMES)).set_index("split")
    levels = table.loc["levels"].set_index("part")["estimate"]
    assert levels["total"] == pytest.approx(levels["after"] - levels["before"], abs=1e-12)
    for split in (why.ORDER, why.SHAPLEY):
        parts = table.loc[split]
        assert list(parts["part"]) == [*NAMES, why.DIRECT]
        assert parts["estimate"].sum() == pytest.approx(levels["total"], abs=1e-12)


def test_shapleys_values_of_a_known_game():
    """The glove game (Shapley & Shubik 1969): one left and two right gloves, a pair is worth 1: 2/3, 1/6, 1/6."""
    worth = {chosen: float("left" in chosen and len(chosen) > 1) for chosen in why.subsets(("left", "one", "two"))}
    values = {
        name: sum(weight * worth[chosen] for chosen, weight in weights.items())
        for name, weights in why.shapley(("left", "one", "two")).items()
    }
    assert values == pytest.approx({"left": 2 / 3, "one": 1 / 6, "two": 1 / 6})


def test_the_first_in_order_is_what_holding_it_takes_away():
    worlds = {world: measured([[4.0, 4.0]], [[1.0, 1.0]]) for world in (why.BASELINE, *why.subsets(NAMES))}
    worlds[frozenset()] = measured([[7.0, 7.0]], [[1.0, 1.0]])
    table = why.why_table(RATE, worlds, why.mediated(NAMES))
    order = table[table["split"] == why.ORDER].set_index("part")["estimate"]
    assert order.to_dict() == {"presence": 3.0, "beliefs": 0.0, "tension": 0.0, "direct": 0.0}
    shapley = table[table["split"] == why.SHAPLEY].set_index("part")["estimate"]
    assert shapley.to_dict() == pytest.approx({"presence": 1.0, "beliefs": 1.0, "tension": 1.0, "direct": 0.0})


def test_intervals_cover_given_the_members():
    """2,000 replications of members far apart: .95 is missed by less than 4 standard errors, .0195."""
    generator = np.random.default_rng(5)
    mean, parts = np.array([[1.0], [4.0], [9.0]]), {("levels", "total"): {"a": 1.0, "b": -1.0}}
    truth, hits = (mean + 1).mean() - mean.mean(), 0
    for _ in range(2000):
        shared = generator.poisson(mean, (3, 12))
        worlds = {"a": measured(shared + generator.poisson(1, (3, 12)), np.ones((3, 12)))}
        worlds["b"] = measured(shared, np.ones((3, 12)))
        row = why.why_table(RATE, worlds, parts).iloc[0]
        hits += row["mc_low"] <= truth <= row["mc_high"]
    assert abs(hits / 2000 - 0.95) < 0.0195


def test_a_probability_has_the_limits_of_one_and_is_never_exact():
    """12 of 24 independent runs: Wilson's .314 to .686, with t for z a little wider; 0 of 24: 1 - .025^(1/24)."""
    half = np.tile([0.0, 1.0], (2, 6))
    worlds = {"a": measured(half, np.ones((2, 12))), "b": measured(np.zeros((2, 12)), np.ones((2, 12)))}
    parts = {
        ("levels", "a"): {"a": 1.0},
        ("levels", "b"): {"b": 1.0},
        ("in order", "b"): {"b": 1.0, why.BASELINE: -1.0},
    }
    table = why.why_table(BY_NAME["collapse"], worlds | {why.BASELINE: worlds["b"]}, parts)
    low, high = table["mc_low"], table["mc_high"]
    assert (low[0], high[0]) == (pytest.approx(0.314, abs=0.02), pytest.approx(0.686, abs=0.02))
    assert low[0] < 0.314
    assert (low[1], high[1]) == (0.0, pytest.approx(1 - 0.025 ** (1 / 24)))
    assert (low[2], high[2]) == (-high[1], high[1])


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (-0.18, 0.02, "−.18 ± .02"), (0.0512, 0.0101, "+.051 ± .010"), (0.0, 0.0, "0"),
        (0.0, 0.003, "0 ± .0030"), (12.3, 3.2, "+12 ± 3"),
        (2.8e-17, 0.022, "+.000 ± .022"), (-1.26, 0.4, "−1.3 ± .4"), (0.5, np.nan, "+.50"),
    ],
)  # fmt: skip
def test_a_difference_is_told_with_its_sign(value, half, text):
    assert why.signed(value, value - half, value + half) == text


def test_the_sentence_puts_the_largest_part_first_and_separates_danger_exposure_and_choice():
    rows = [("presence", -0.18, 0.01), ("beliefs", 0.0, 0.0), ("tension", 0.001, 0.002), ("direct", 0.05, 0.01)]
    table = pd.DataFrame(
        [
            {"outcome": "strike_or_death", "split": why.ORDER, "part": part, "estimate": value,
             "mc_low": value - half, "mc_high": value + half}
            for part, value, half in rows
        ]
    )  # fmt: skip
    assert why.sentence(table, fewer=True) == (
        "nations stay out or pull back: −.18 ± .01; danger where they stay: +.050 ± .010; "
        "tension and restraint on the line: +.0010 ± .0020; what is believed of Moscow and Washington: 0"
    )
    assert "more troops are there" in why.sentence(table, fewer=False)
    assert "the change itself" in why.sentence(table.assign(outcome="collapse"), fewer=True)
