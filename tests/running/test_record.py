"""The record of a sweep's first runs: the numbers of their weeks, with the guarantees of the parts."""

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace.runs.simulation import simulate_weekly
from fragile_peace_lab import open_results
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.running import record
from fragile_peace_lab.running.cost import cost
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import verify
from fragile_peace_lab.store.folder import read_table
from tests.tools.tiny_sweeps import files, finished, forge, manifest, small_parts, tiny

ASKED = {"fields": ["mu", "deaths_s", "left_n", "hazard", "p_A", "garrison_sn"], "runs": 3}


def recorded(**changes) -> Sweep:
    return tiny(record={**ASKED, **changes})


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    small_parts(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("record") / "whole", recorded())


def test_it_holds_the_weeks_of_the_first_runs_of_every_point(whole):
    plan, table = Plan.load(recorded()), read_table(whole / "record.parquet").to_pandas()
    assert set(table["point"]) == set(range(plan.design.points))
    for point in (0, 13):
        world, first = plan.scenario(point), plan.design.first_run(point)
        weeks = simulate_weekly([world], 3, 7, 2, kept=3, first_run=first).weeks[0]
        own = table[table["point"] == point]
        assert own["run"].tolist() == [0, 0, 1, 1, 2, 2]
        assert own["week"].tolist() == [1, 2] * 3
        assert np.array_equal(own["mu"], weeks["mu"].reshape(-1))
        assert np.array_equal(own["garrison_sn_3_1"], weeks["garrison_sn"][..., 3, 1].reshape(-1))
        assert np.array_equal(own["hazard_collapse"], weeks["hazard"].reshape(6, -1)[:, _event("collapse")])
        assert np.array_equal(own["p_A_1"], weeks["p_A"][..., 1].reshape(-1))
    places = max(len(world.places) for world in plan.scenarios.values())
    assert f"deaths_s_{places - 1}" in table
    assert f"deaths_s_{places}" not in table


def _event(name):
    from fragile_peace.codes import Event

    return Event[name.upper()]


def test_nothing_else_of_the_folder_is_another(whole, tmp_path):
    plain = files(finished(tmp_path / "plain", tiny()))
    own = files(whole)
    assert set(own) - set(plain) == {"record.parquet"}
    assert {name for name in plain if plain[name] != own[name]} == {"manifest.json"}
    assert "record" not in manifest(tmp_path / "plain")["sweep"]
    assert verify(whole).side_tables == 3


def test_threads_shards_and_a_lost_file_give_the_same_bytes(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(record, "AT_ONCE", 1 << 16)
    shards = [run_sweep(recorded(), tmp_path / f"s{i}", shard=f"{i}/2", progress="none") for i in (1, 2)]
    out = merge(list(shards), tmp_path / "out")[0]
    assert files(out) == files(whole)
    (out / "record.parquet").unlink()
    run_sweep(recorded(), out, resume=True, threads=1, progress="none")
    assert files(out) == files(whole)


def test_it_grows_with_the_sweep_and_another_record_is_refused(tmp_path):
    def sweep(kept, runs):
        return tiny(record={**ASKED, "runs": kept}, runs=runs, base="no_force", levers={}, uncertainties={}, design={})

    few = run_sweep(sweep(30, 20), tmp_path / "few", progress="none")
    assert read_table(few / "record.parquet").num_rows == 20 * 2
    run_sweep(sweep(30, 40), few, resume=True, progress="none")
    assert read_table(few / "record.parquet").num_rows == 30 * 2
    with pytest.raises(InputError, match="record changed since"):
        run_sweep(sweep(4, 40), few, resume=True, progress="none")


def test_a_changed_number_is_told_by_verify(tmp_path):
    import pyarrow as pa

    from fragile_peace_lab.store.parts import write_part

    out = run_sweep(recorded(), tmp_path / "out", progress="none")
    path = out / "record.parquet"
    table = read_table(path)
    wrong = table.set_column(3, table.schema.field(3), pa.array(np.zeros(table.num_rows)))
    entry = write_part(path, wrong)
    data = manifest(out)
    data["side_tables"] = [entry if old["file"] == entry["file"] else old for old in data["side_tables"]]
    forge(out, data)
    with pytest.raises(InputError, match=r"record\.parquet: point \d+ differs when it is computed again"):
        verify(out)


def test_a_saltelli_sweep_records_too_and_a_dry_run_counts_it(tmp_path, monkeypatch):
    monkeypatch.setattr("fragile_peace_lab.running.cost.TRIAL_SECONDS", 0.01)
    sweep = tiny(record=ASKED, base="no_force", levers={}, runs=2, design={"uncertainties": {"saltelli": 2}})
    out = run_sweep(sweep, tmp_path / "out", progress="none")
    assert [entry["file"] for entry in manifest(out)["side_tables"]] == ["record.parquet"]
    assert cost(Plan.load(sweep), 1).beside == 8 * 2
    assert cost(Plan.load(recorded()), 1).beside == cost(Plan.load(tiny()), 1).beside + 32 * 3


def test_it_opens_as_a_frame(whole):
    opened = open_results(whole)
    assert "mu" in opened.record
    assert opened.variables("record")["week"].unit == "weeks"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3, r"record: 3 is not allowed; must be \{fields"),
        ({"fields": ["mu"]}, "must be"),
        ({"fields": [], "runs": 1}, "fields: an empty value is not allowed"),
        ({"fields": ["deaths"], "runs": 1}, "fields: 'deaths' is not allowed; .*; did you mean deaths_s"),
        ({"fields": ["mu", "mu"], "runs": 1}, "each once"),
        ({"fields": ["mu"], "runs": 0}, "runs: 0 is not allowed; must be a whole number from 1"),
    ],
)
def test_what_is_no_record_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        tiny(record=given)


def test_too_much_is_refused_before_anything_runs(tmp_path):
    sweep = tiny(record={"fields": ["mu"], "runs": 1_000_000}, runs=1_000_000)
    with pytest.raises(InputError, match=r"record\.runs: makes up to 64,000,000 rows; at most 20,000,000 are allowed"):
        run_sweep(sweep, tmp_path / "out")
