"""Boxes: their scores, and that PRIM finds one that is there and none that is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fragile_peace_lab.deciding import discovery
from fragile_peace_lab.deciding.discovery import Box
from fragile_peace_lab.deciding.weights import Weights
from tests.tools import decisions

FRAME = pd.DataFrame(np.random.default_rng(9).random((256, 6)), columns=list("abcdef")).assign(
    name=np.random.default_rng(10).choice(["x", "y", "z"], 256)
)


def test_coverage_and_density_of_a_box():
    inside, failing = np.array([1, 1, 1, 0, 0], bool), np.array([1, 1, 0, 1, 0], bool)
    assert discovery.score(inside, failing) == pytest.approx((2 / 3, 2 / 3))
    assert np.isnan(discovery.score(~inside & False, failing)[1])


def test_a_box_says_what_is_inside():
    box = Box({"a": (0.25, np.inf), "b": (-np.inf, 0.5), "c": (0.1, 0.9), "name": frozenset("xy")})
    assert box.words() == "a at least 0.25; b at most 0.5; c from 0.1 to 0.9; name x or y"
    inside = (FRAME["a"] >= 0.25) & (FRAME["b"] <= 0.5) & FRAME["c"].between(0.1, 0.9) & (FRAME["name"] != "z")
    assert (box.inside(FRAME) == inside).all()


def test_prim_finds_a_box_that_holds_for_other_members():
    pytest.importorskip("threadpoolctl")
    pytest.importorskip("ema_workbench.analysis.prim", exc_type=ImportError)
    failing = ((FRAME["a"] > 0.5) & (FRAME["name"] != "z")).to_numpy()
    box = discovery.find(FRAME[:128], failing[:128])
    assert set(box.limits) <= {"a", "name"} | set(FRAME)
    coverage, density = discovery.score(box.inside(FRAME[128:]), failing[128:])
    assert coverage >= discovery.COVERAGE
    assert density >= discovery.DENSITY


def test_the_unknowns_that_go_with_failure_are_kept_in_their_order(monkeypatch):
    monkeypatch.setattr(discovery, "SCREENED", 2)
    assert discovery.screened(FRAME, ((FRAME["c"] < 0.4) & (FRAME["name"] != "y")).to_numpy()) == ["c", "name"]
    assert len(discovery.screened(FRAME, np.zeros(len(FRAME), bool))) == 2


def test_too_few_failures_are_no_target():
    found = decisions.problem()
    flat = replace(found, values=np.zeros_like(found.values))
    table = pd.DataFrame(discovery.rows(flat, Weights()))
    assert (table["box"] == "").all()
    assert not table["holds"].any()
    assert table["target"].tolist() == [*discovery.TARGETS] * len(found.worlds)


def test_what_fails_in_a_world():
    found = decisions.problem()
    values = np.zeros_like(found.values)
    values[0, 1:, 0] = 0.1
    values[0, 0, 0, :4] = 0.2  # none is best on average, small by .1 in four members
    values[0, 0, 2, 4:6] = 11.0
    best, targets = discovery.failures(replace(found, values=values), Weights(), 0)
    assert best == 0
    assert np.flatnonzero(targets["another"]).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(targets["unacceptable"]).tolist() == [4, 5]
