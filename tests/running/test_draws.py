"""Draws of each sample's own, or shared: which of the engine's runs a row is, and that every reader knows it."""

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import OWN_RUNS, OWN_SAMPLES
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import replayed, row_of, scenario_of, verify
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.columns import flatten
from tests.tools.tiny_sweeps import files, finished, small_parts, tiny

SHARED = {"uncertainties": {"sobol": 4}, "draws": "shared"}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("own") / "own")


def test_a_row_is_the_run_of_its_point_and_sample(own):
    design = store.design_of(own).to_pandas()
    assert np.array_equal(design["first_run"], design["sample"] * OWN_RUNS)
    rows = store.read(own)
    for point in (0, 9, 31):
        scenario = scenario_of(own, point)
        found = simulate([scenario], 20, 7, 2, first_run=int(design["first_run"][point]))
        expected = flatten(found, [point], 0, [len(scenario.contingents)], store.contingents(store.read_manifest(own)))
        kept = rows.filter(np.equal(rows["point"].to_numpy(), point))
        assert kept.equals(expected.select(kept.column_names))
        at = 3
        assert row_of(own, point, at) == kept.slice(at, 1).to_pylist()[0]
        assert replayed(own, point, at)[1]["run"] == design["first_run"][point] + at
    verify(own, 0.2)


def test_members_have_independent_draws_and_settings_share_them(own, tmp_path):
    runs = Runs.load(own, ["kappa_start"])
    types = runs.column("kappa_start")
    assert runs.own_draws
    assert not np.array_equal(types[0, 0], types[0, 1])
    assert np.array_equal(types[0], types[1])
    shared = Runs.load(run_sweep(tiny(design=SHARED), tmp_path / "shared", progress="none"), ["kappa_start"])
    assert not shared.own_draws
    assert np.array_equal(shared.column("kappa_start")[0, 0], types[0, 0])  # sample 0 plays the same runs in both


def test_sweeps_that_grow_or_are_cut_otherwise_have_the_same_rows(own, tmp_path, monkeypatch):
    small_parts(monkeypatch)
    half = tiny(design={"uncertainties": {"sobol": 2}}, runs=12)
    run_sweep(half, tmp_path / "grown", progress="none")
    grown = run_sweep(tiny(), tmp_path / "grown", progress="none", resume=True, threads=1)
    order = [("point", "ascending"), ("run", "ascending")]
    assert store.read(grown).sort_by(order).equals(store.read(own).sort_by(order))
    shards = [run_sweep(tiny(), tmp_path / f"{i}", progress="none", shard=f"{i}/2", threads=2) for i in (1, 2)]
    assert files(merge(shards, tmp_path / "merged")[0]) == files(own)


def test_a_folder_does_not_change_its_draws(own):
    with pytest.raises(InputError, match=r"was made with something else: design\.draws changed"):
        run_sweep(tiny(design=SHARED), own, progress="none", resume=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"design": {**SHARED, "draws": "owns"}},
            r"design\.draws: 'owns' is not allowed; must be one of own, shared; did you mean own",
        ),
        ({"runs": OWN_RUNS + 1}, r"design\.draws: own allows 1048576 runs at most, not 1048577; draws: shared allows"),
        (
            {"design": {"uncertainties": {"lhs": OWN_SAMPLES + 1}}},
            r"design\.draws: own allows 4095 samples at most, not 4096; draws: shared allows more",
        ),
        (
            {"design": {"uncertainties": {"saltelli": 4}, "draws": "own"}},
            r"design\.draws: own is not allowed with saltelli, .* must be shared",
        ),
    ],
)
def test_what_own_draws_do_not_allow_is_refused_in_one_line(changes, words):
    with pytest.raises(InputError, match=words) as caught:
        tiny(**changes)
    assert "\n" not in str(caught.value)


def test_saltelli_samples_share_their_draws_and_others_do_not():
    assert tiny().design.draws == "own"
    saltelli = tiny(design={"uncertainties": {"saltelli": 4}})
    assert saltelli.design.draws == saltelli.to_dict()["design"]["draws"] == "shared"
    plan = Plan.load(saltelli)
    assert {plan.design.first_run(point) for point in range(plan.design.points)} == {0}
    last = Plan.load(tiny(runs=OWN_RUNS))
    assert last.design.first_run(last.design.points - 1) == 3 * OWN_RUNS
