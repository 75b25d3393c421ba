"""Options and worlds are read off any sweep's levers, and every option must be in every world."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding.decision import answered
from fragile_peace_lab.deciding.problem import POSTERIOR, PRIORS, WAR, Problem, name_of, value_text
from fragile_peace_lab.deciding.told import told
from fragile_peace_lab.deciding.weights import OwnHarm, Pair, Weights
from fragile_peace_lab.estimates.outcomes import MEAN, MEANS, Outcome
from fragile_peace_lab.estimates.runs import Runs
from tests.tools import decisions

POINTS = decisions.design()
RUNS = Runs.from_tables(POINTS, decisions.rows(POINTS))


def test_a_policy_makers_levers_are_options_and_the_others_make_worlds():
    found = Problem.of(RUNS, POINTS)
    assert found.names == ["none", "small", "large"]
    assert found.others == ("threat.level",)
    assert found.worlds == tuple(
        {"structure": structure, "threat.level": level} for structure in ("usual", "other") for level in (0.0, 1.0)
    )
    assert found.values.shape == (4, 3, 3, decisions.MEMBERS, decisions.DRAWS)


def test_the_levers_that_make_options_may_be_named():
    found = Problem.of(RUNS, POINTS, levers=["threat.level"])
    assert found.names == ["0", "1"]
    assert [world["package"] for world in found.worlds] == ["none", "small", "large"] * 2
    both = Problem.of(RUNS, POINTS, levers=["threat.level", "package"])
    assert both.names[1] == "package none, threat.level 1"
    assert both.worlds == ({"structure": "usual"}, {"structure": "other"})


def test_a_value_is_that_of_its_runs():
    frame = decisions.rows(POINTS).merge(POINTS.to_pandas(), on="point")
    own = frame[(frame["structure"] == "other") & (frame["threat.level"] == 1) & (frame["package"] == "large")]
    own = own[(own["sample"] == 3) & (own["run"] == 4)].iloc[0]
    values = Problem.of(RUNS, POINTS).values[3, 2, :, 3, 4]
    assert values[0] == own["happened_collapse"]
    assert values[1] == own["compensator_war_russia_coalition"] + own["compensator_war_with_us"]
    assert values[2] == own["deaths_line"] + own["deaths_border"] + own["deaths_hub"]


def test_an_unknown_lies_in_the_block_of_what_gave_it():
    blocks = Problem.of(RUNS, POINTS, decisions.PRIORS).blocks
    assert blocks == {PRIORS: ["threat.credibility"], POSTERIOR: ["truce.restraint"], WAR: ["war.reference"]}


def test_what_does_not_vary_is_no_unknown():
    frame = POINTS.to_pandas()
    at = POINTS.column_names.index("truce.restraint")
    flat = POINTS.set_column(at, POINTS.schema.field(at), [frame["truce.restraint"] * 0.0])
    assert "truce.restraint" not in Problem.of(RUNS, flat).sampled(0)


@pytest.mark.parametrize(
    ("levers", "says"),
    [(["packages"], "--lever: packages is no lever of the sweep; .*did you mean package"), (["x"], "must be one of")],
)
def test_a_lever_that_is_none_is_named(levers, says):
    with pytest.raises(InputError, match=says):
        Problem.of(RUNS, POINTS, levers=levers)


def test_a_sweep_without_a_policy_lever_asks_for_one():
    points = decisions.design()
    points = points.rename_columns(["russia.face" if name == "package" else name for name in points.column_names])
    with pytest.raises(InputError, match=r"moves only russia.face, threat.level; name the levers"):
        Problem.of(Runs.from_tables(points, decisions.rows(POINTS)), points)


def test_an_option_that_was_not_played_in_a_world_is_named():
    points = POINTS.to_pandas()
    keep = ~((points["package"] == "large") & (points["threat.level"] == 1))
    kept = POINTS.filter(keep.to_numpy())
    rows = decisions.rows(POINTS)
    rows = rows[rows["point"].isin(points["point"][keep])]
    with pytest.raises(InputError, match=r"large was not played in structure usual, threat.level 1"):
        Problem.of(Runs.from_tables(kept, rows), kept)


def test_names():
    assert name_of({"package": "none"}) == "none"
    assert name_of({"force.scale": 0.5, "mandate.allows_force": True}) == "force.scale 0.5, mandate.allows_force yes"
    plain = {1.0: "1", 0.1: "0.1", 1e-9: "1e-09", 12345.678901: "12345.678901", 7: "7"}
    assert {value: value_text(value) for value in plain} == plain


@pytest.mark.parametrize("near", [1 / 3, 0.3333333333333, 1e-300, 0.1 + 0.2, np.float64(2 / 3), 1e22])
def test_other_values_have_other_names(near):
    values = [near, math.nextafter(near, 0), math.nextafter(near, math.inf), round(float(near), 12)]
    assert len({value_text(value) for value in values}) == len(set(values))
    assert all(float(value_text(value)) == value for value in values)


OWN = Outcome("hot_weeks", "Hot weeks", "weeks", MEAN, MEANS, ("hot_weeks",))


def with_own(values) -> Runs:
    table = decisions.rows(POINTS)
    runs = Runs.from_tables(POINTS, table.assign(hot_weeks=values(len(table))))
    return replace(runs, own=(OWN,))


def test_an_own_outcome_is_weighed_beside_the_declared_loss():
    runs, pair = with_own(lambda size: np.arange(size) % 7), Pair(5.0, 0.1)
    plain = Problem.of(runs, POINTS, decisions.PRIORS)
    own = Problem.of(runs, POINTS, decisions.PRIORS, own=[OwnHarm("hot_weeks", 0.25, 3.0)])
    assert [harm.name for harm in own.harms] == [*(harm.name for harm in plain.harms), "hot_weeks"]
    assert own.weights_of(pair) == (*pair.loss, 0.25)
    assert np.allclose(own.losses(pair), plain.losses(pair) + 0.25 * own.values[:, :, 3])
    weights = Weights(own=(OwnHarm("hot_weeks", 0.25, 3.0),))
    found = answered(own, weights)
    assert {"hot_weeks", "hot_weeks_low"} <= set(found.tables["frontier"])
    assert "hot_weeks_acceptable" in found.tables["acceptable"]
    assert any("0.25 x hot_weeks" in line for line in told(found))


def test_an_own_outcome_that_is_not_there_or_may_be_never_is_refused():
    runs = with_own(lambda size: np.where(np.arange(size) % 2, 1.0, np.nan))
    with pytest.raises(InputError, match=r"own.hot_week: is no own outcome .* did you mean hot_weeks"):
        Problem.of(runs, POINTS, own=[OwnHarm("hot_week", 1.0, 1.0)])
    with pytest.raises(InputError, match="cannot be weighed, since in some runs it is never"):
        Problem.of(runs, POINTS, own=[OwnHarm("hot_weeks", 1.0, 1.0)])
