"""What a monitor sees: the sweep's own runs, played again to the same records."""

import numpy as np
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from fragile_peace_lab.design.axis import baseline_of, scenario_of_point
from fragile_peace_lab.estimates.signposts import RECENT
from fragile_peace_lab.running.signposts import seen, watched
from fragile_peace_lab.running.weeks import weeks_table
from fragile_peace_lab.store import folder as store
from tests.tools.tiny_sweeps import finished, tiny

WEEKS, RUNS = 9, 2
STRUCTURES = {"usual": {}, "other": {"precision.russia": 2}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    sweep = tiny(base="reassurance_15k", levers={"threat.level": [0.0, 1.0]}, structures=STRUCTURES, runs=RUNS,
                 weeks=WEEKS, design={"uncertainties": {"sobol": 8}})  # fmt: skip
    return finished(tmp_path_factory.mktemp("signposts") / "tiny", sweep)


@pytest.fixture(scope="module")
def found(folder):
    return seen(store.read_manifest(folder), store.design_of(folder))


def test_every_run_that_lived_so_long_has_a_row(found):
    assert set(found["weeks"]) == {4, 8}
    assert not found.duplicated(["structure", "member", "run", "weeks"]).any()
    assert found["structure"].drop_duplicates().tolist() == list(STRUCTURES)
    assert found["member"].max() == 7
    assert len(found[found["weeks"] == 4]) > 0.8 * 2 * 8 * RUNS


@pytest.mark.parametrize("place", range(2))
def test_records_are_those_of_the_sweeps_own_runs(folder, found, place):
    manifest, points = store.read_manifest(folder), store.design_of(folder)
    scenarios, sets = store.scenarios_of(manifest), store.sets_of(manifest)
    baseline = baseline_of(next(iter(scenarios.values())), sets, points)
    member = 5
    point = member * 4 + place * 2 + baseline
    first = points["first_run"][point].as_py() if "first_run" in points.column_names else 0
    scenario = scenario_of_point(scenarios, sets, points, point)
    for run in range(RUNS):
        own = weeks_table(scenario, manifest["seed"], 1, WEEKS, first_run=first + run)["violations"].to_numpy()
        row = found[(found["structure"] == list(STRUCTURES)[place]) & (found["member"] == member)
                    & (found["run"] == run) & (found["weeks"] == 8)]  # fmt: skip
        if len(own) >= 8:
            assert row["violations"].iloc[0] == pytest.approx(np.mean(own[8 - RECENT : 8]), rel=1e-5)
        else:
            assert row.empty


def test_a_truce_whose_war_comes_back_is_not_calm(folder, found):
    manifest, points = store.read_manifest(folder), store.design_of(folder)
    scenarios, sets = store.scenarios_of(manifest), store.sets_of(manifest)
    baseline = baseline_of(next(iter(scenarios.values())), sets, points)
    for row in found[found["weeks"] == 4].itertuples():
        point = row.member * 4 + list(STRUCTURES).index(row.structure) * 2 + baseline
        first = points["first_run"][point].as_py() if "first_run" in points.column_names else 0
        world = scenario_of_point(scenarios, sets, points, point)
        ended = simulate([world], 1, manifest["seed"], WEEKS, first_run=first + row.run)[0, 0]["end_cause"]
        assert not (row.calm and ended)


@pytest.mark.parametrize(("restraint", "calm"), [(0.99, True), (0.05, False)])
def test_a_truce_that_keeps_its_restraint_is_calm(restraint, calm):
    world = Scenario.load("reassurance_15k").override({"truce.restraint": restraint})
    rows = watched(world, SingleRun(world, 3, 0, WEEKS))
    assert [row[0] for row in rows] == [4, 8]
    assert [row[2] for row in rows] == [calm, calm]


def test_it_is_the_same_again(folder, found):
    assert seen(store.read_manifest(folder), store.design_of(folder)).equals(found)
