"""What is weighed: pairs, files, and one line for whatever is wrong in them."""

import math

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding.weights import HARMS, OwnHarm, Pair, Weights


def test_every_pair_is_tried_and_the_shown_one_is_among_them():
    weights = Weights(war=(0.0, 2.0), deaths=(0.5,), shown=Pair(1.0, 0.5))
    assert weights.pairs == (Pair(0.0, 0.5), Pair(1.0, 0.5), Pair(2.0, 0.5))
    assert Weights().shown in Weights().pairs


def test_ten_deaths_weigh_what_is_said():
    assert dict(zip((harm.name for harm in HARMS), Pair(5, 0.1).loss, strict=True)) == {
        "ceasefire_ends": 1.0, "nato_russia_war": 5, "european_deaths": pytest.approx(0.01),
    }  # fmt: skip


def test_a_file_replaces_what_it_names(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("war: [0, 3]\nshown: {war: 3}\nacceptable: {european_deaths: 5}\n")
    found = Weights.read(path)
    assert found.war == (0.0, 3.0)
    assert found.deaths == Weights().deaths
    assert found.shown == Pair(3.0, 0.1)
    assert found.acceptable == (0.25, 0.02, 5.0)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"wars": [1]}, "weights: wars: no such name; must be one of war, .*; did you mean war"),
        ({"war": 3}, "weights: war: 3 is not allowed; must be a list of numbers"),
        ({"war": []}, "must be a list of numbers"),
        ({"deaths": [-1]}, "weights: deaths: -1 is not allowed; must be a number from 0"),
        ({"deaths": [True]}, "weights: deaths: true is not allowed"),
        ({"war": [10**400]}, "weights: war: 1.* is not allowed; must be a number from 0"),
        ({"shown": {"wars": 1}}, "weights: shown: wars: no such name"),
        ({"shown": 5}, "weights: shown: 5 is not allowed; must be a mapping of war, deaths"),
        ({"acceptable": {"deaths": 5}}, "acceptable: deaths: no such name.*did you mean european_deaths"),
        ({"acceptable": {"ceasefire_ends": float("nan")}}, "ceasefire_ends: nan is not allowed"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(data, says):
    with pytest.raises(InputError, match=says):
        Weights.of(data)


def test_own_outcomes_have_a_weight_and_a_limit_or_none():
    found = Weights.of({"own": {"hot_weeks": {"weight": 0.1, "acceptable": 3}, "other": {"weight": 2}}})
    assert found.own == (OwnHarm("hot_weeks", 0.1, 3.0), OwnHarm("other", 2.0, math.inf))
    assert found.limits == (*Weights().acceptable, 3.0, math.inf)
    for given, words in (({"a": {}}, "a.weight: is missing"), ({"a": 3}, "a: 3 is not allowed"), (3, "own: 3 is not")):
        with pytest.raises(InputError, match=words):
            Weights.of({"own": given})
