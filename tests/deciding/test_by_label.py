"""Which class of members turns the ranking."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fragile_peace_lab.deciding import by_label
from fragile_peace_lab.deciding.weights import Weights
from tests.tools import decisions


def test_a_class_in_which_another_option_is_better_turns_it():
    found = decisions.problem()
    civil = found.labels["class"] == "civil"
    values = np.zeros_like(found.values) + np.random.default_rng(1).normal(0, 1e-3, found.values.shape[-1])
    values[:, 0, 0, civil], values[:, 1, 0, ~civil] = 0.2, 0.9
    values[:, 2, 0] = 1.0
    table = pd.DataFrame(by_label.rows(replace(found, values=values), Weights()))
    assert set(table["value"]) == {"civil", "interstate"}
    turned = table[table["turns"]]
    assert set(turned["best_here"]) | set(turned["best_of_all"]) == {"none", "small"}
    assert (table["gain"] >= 0).all()
    assert table.groupby(["structure", "threat.level"])["members"].sum().eq(decisions.MEMBERS).all()


def test_without_labels_there_is_no_row():
    assert list(by_label.rows(replace(decisions.problem(), labels={}), Weights())) == []
