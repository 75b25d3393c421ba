"""Whose word counts: weights of classes and experts from YAML, what is refused, and an expert's likelihood."""

import numpy as np
import pytest
from scipy.special import logit

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration import war_check, war_fit, war_pool

QUANTILES = {
    "1": {"0.05": 0.01, "0.5": 0.05, "0.95": 0.2},
    "2": {"0.05": 0.02, "0.5": 0.1, "0.95": 0.3},
    "5": {"0.05": 0.05, "0.5": 0.2, "0.95": 0.5},
}
EXPERT = {"name": "ana", "weight": 0.5, "quantiles": QUANTILES}


def test_the_shipped_weights_are_the_stated_ones():
    assert [(one.name, one.weight, one.reference) for one in war_pool.load()] == [
        ("interstate", 0.4, "interstate"), ("imposed_line", 0.4, "imposed_line"), ("civil", 0.2, "civil"),
    ]  # fmt: skip


def test_weights_normalise_over_classes_and_experts(tmp_path):
    """Numbers stand as names in the file, as one would write them."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "classes: {civil: 1, interstate: 2, imposed_line: 0}\n"
        "experts:\n  - name: ana\n    weight: 1\n    quantiles:\n"
        "      1: {0.05: 0.01, .5: 0.05, 0.95: 0.2}\n      2: {0.05: 0.02, 0.5: 0.1, 0.95: 0.3}\n"
        "      5: {0.05: 0.05, 0.50: 0.2, 0.95: 0.5}\n"
    )
    found = war_pool.load(path)
    assert [(one.name, one.weight) for one in found] == [("interstate", 0.5), ("civil", 0.25), ("ana", 0.25)]
    assert found[2].quantiles[2][0.5] == 0.1
    assert found[2].reference == "interstate"  # .03, .06, .13 by its law; an imposed line .15, .22, .34


def test_an_experts_likelihood_has_his_median_at_its_top_and_his_quantiles_alike():
    expert = war_pool.from_dict({"experts": [EXPERT]})[0]
    medians = {1: 0.05, 2: 0.1, 5: 0.2}
    assert expert.log_likelihood(medians, 0.9) == 0
    for level, end in (("0.05", 0.02), ("0.95", 0.3)):
        assert QUANTILES["2"][level] == end
        assert expert.log_likelihood({**medians, 2: end}, 0) == pytest.approx(-(1.6448536**2) / 2, rel=1e-6)
    middle = 1 / (1 + np.exp(-(logit(0.1) + logit(0.3)) / 2))
    assert expert.log_likelihood({**medians, 2: middle}, 0) == pytest.approx(-(1.6448536**2) / 8, rel=1e-6)


def test_an_experts_members_carry_his_name_and_lie_where_he_says():
    found = war_fit.fit(war_pool.from_dict({"experts": [EXPERT]}), war_fit.Settings(members=40))
    sample = found.sample
    assert set(sample.columns["class"]) == {"ana"}
    assert set(sample.columns["war.reference"]) == {"interstate"}
    check = war_check.on_file(sample, war_pool.from_dict({"experts": [EXPERT]}))
    rows = check.curves[check.curves["source"] == "ana"].set_index("weeks")
    assert rows.loc[[52, 104, 260], "within"].all()
    assert rows.loc[520, "within"] is None  # of ten years he says nothing


def changed(**changes):
    return {"experts": [{**EXPERT, **changes}]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"class": {}}, "classes: class: no such name; must be one of classes, experts; did you mean classes?"),
        ({"classes": {"interstat": 1}},
         "classes: interstat: no such name; must be one of interstate, imposed_line, civil; did you mean interstate?"),
        ({"classes": {"civil": -1}}, "classes.civil: -1 is not allowed; must be a number from 0 to 1e6"),
        ({"classes": {"civil": "much"}}, "classes.civil: 'much' is not allowed"),
        ({"classes": {"civil": float("nan")}}, "classes.civil: nan is not allowed"),
        ({"classes": {"civil": True}}, "classes.civil: true is not allowed"),
        ({"classes": {"civil": 0}}, "no weight is above 0"),
        ({"classes": [1]}, r"classes: \[1\] is not allowed; must be a mapping"),
        ({"experts": {}}, "experts: {} is not allowed; must be a list"),
        ({"experts": [3]}, "experts.1: 3 is not allowed; must be a mapping with name, weight and quantiles"),
        ({"experts": [{"name": "a", "weight": 1}]}, "experts.1.quantiles: is missing"),
        (changed(wieght=1), "experts.1: wieght: no such name; must be one of .*did you mean weight?"),
        (changed(name=""), "experts.1.name: '' is not allowed"),
        (changed(name="civil"), "experts.1.name: 'civil' is taken"),
        ({"experts": [EXPERT, EXPERT]}, "experts.2.name: 'ana' is taken"),
        (changed(quantiles={**QUANTILES, "3": {}}), "experts.1.quantiles.3: no such name; .* the names 1, 2, 5"),
        (changed(quantiles={**QUANTILES, "x": {}}), "experts.1.quantiles.x: no such name"),
        (changed(quantiles={"1": QUANTILES["1"]}), "experts.1.quantiles.2: is missing"),
        (changed(quantiles={**QUANTILES, "1": {"0.05": 0.1, "0.5": 0.05, "0.95": 0.2}}), "quantiles.1: .* must rise"),
        (changed(quantiles={**QUANTILES, "1": {"0.05": 0.1, "0.5": 0.2}}), "quantiles.1.0.95: is missing"),
        (changed(quantiles={**QUANTILES, "1": {**QUANTILES["1"], "0.95": 1}}),
         "quantiles.1.0.95: 1 is not allowed; must be a number from 0.001 to 0.999"),
        (changed(quantiles={**QUANTILES, "5": QUANTILES["1"]}), "must not fall with the years"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_one_line(data, words):
    with pytest.raises(InputError, match=words):
        war_pool.from_dict(data)
