"""The tables that a sweep keeps beside its parts: what is in them, and that they are as safe as parts are."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from fragile_peace_lab.running import merge as merging
from fragile_peace_lab.running import side_tables, weeks
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import scenario_of, verify
from fragile_peace_lab.running.weeks import played, weeks_table
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store import parts
from fragile_peace_lab.store.columns import rows_digest
from tests.tools.tiny_sweeps import files, finished, forge, manifest, small_parts, tiny

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
NAMES = ["belief.parquet", "weeks.parquet"]


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    small_parts(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tiny sweep, run in one go in threads; not to be changed."""
    return finished(tmp_path_factory.mktemp("beside") / "whole", threads=2)


@pytest.fixture
def copy(whole, tmp_path):
    """A copy of it that may be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def beside(folder):
    """The digests of the side tables."""
    return {name: sha256 for name, sha256 in files(folder).items() if name in NAMES}


def again(folder, **changes):
    return run_sweep(tiny(**changes), folder, resume=True, progress="none")


# what is in them


def one_by_one(scenario: Scenario, seed: int, run: int, horizon: int) -> pd.DataFrame:
    """The weeks of a run, played one at a time."""
    single = SingleRun(scenario, seed, run, horizon)
    line = [n for n, place in enumerate(scenario.places) if place.kind == PlaceKind.LINE]
    km = sum(scenario.places[n].length_km for n in line)
    rows = []
    while single.alive:
        week = single.advance()
        recorded = sum(int(week["recorded_R_s"][n]) + int(week["recorded_U_s"][n]) for n in line)
        decisions = [int(week["decision_s"][n]) for n in range(len(scenario.places))]
        rows.append({
            "run": run, "week": len(rows) + 1, "violations": 100.0 * recorded / km if km else 0.0,
            "mu": float(week["mu"]), "gamma": float(week["gamma"]), "troops": float(week["troops"]),
            "rung": int(week["rung"]), "deaths": int(week["deaths_s"].sum()), "left": int(week["left_n"].sum()),
            "invoked": sum(decision >= 0 for decision in decisions),
            "honoured": sum(decision == 2 for decision in decisions), "resumed": int(week["resumed"]),
        })  # fmt: skip
    return pd.DataFrame(rows).assign(end_cause=int(single.outcomes["end_cause"]))


@pytest.mark.parametrize(("name", "horizon", "runs"), [("reassurance_15k", 30, 70), ("no_force", 60, 40)])
def test_weeks_are_those_of_single_runs_bit_for_bit(name, horizon, runs, monkeypatch):
    """However many runs are laid out at once; runs that end early have no rows after their end."""
    world = Scenario.load(name)
    alone = pd.concat([one_by_one(world, 5, run, horizon) for run in range(runs)], ignore_index=True)
    together = played(world, 5, runs, horizon)
    assert list(together) == list(alone)
    for column in together:
        np.testing.assert_array_equal(together[column].to_numpy(), alone[column].to_numpy(), strict=False)
    assert (together.groupby("run").size() < horizon).any()
    monkeypatch.setattr(weeks, "AT_ONCE", 7 * horizon * weeks.WEEK.itemsize)
    assert weeks_table(world, 5, runs, horizon, threads=1).equals(weeks_table(world, 5, runs, horizon, threads=2))
    pd.testing.assert_frame_equal(played(world, 5, runs, horizon), together)


def test_a_wrong_argument_is_named():
    world = Scenario.load("no_force")
    for arguments, words in (((0, 5), "runs: 0 is not allowed"), ((5, 0), "weeks: 0 is not allowed")):
        with pytest.raises(InputError, match=words):
            played(world, 1, *arguments)


def test_belief_rows_are_runs_of_members_with_the_belief_set(whole):
    """Eight cases of each member at the baseline setting: threat and rules as in the base scenario."""
    rows = store.read_table(whole / "belief.parquet").to_pandas()
    assert len(rows) == 4 * 2 * 4 * 20
    design = store.design_of(whole).to_pandas()
    base = Scenario.load("reassurance_15k")
    levers = {"scenario": "reassurance_15k", "mandate.roe": base.get("mandate.roe")}
    assert levers["mandate.roe"] not in ("observe", "enforce")  # so that the first of the two is as close as the second
    here = design[(design["scenario"] == "reassurance_15k") & (design["mandate.roe"] == "observe")]
    here = here[here["threat.level"] == 1.0].set_index("sample")["point"]  # the middle of two values is the second
    for member, part in rows.groupby("member"):
        world = scenario_of(whole, int(here[member]))
        truth = world.get("threat.credibility")
        for (case, belief), cell in part.groupby(["case", "belief"]):
            sincerity = truth if case == 0 else None
            scenario = world.override({"threat.credibility": belief, "threat.sincerity": sincerity})
            alone = simulate([scenario], 20, 7, 2, first_run=20 * int(member))[0]
            np.testing.assert_array_equal(cell["draw"], np.arange(20))
            np.testing.assert_array_equal(cell["mu"], alone["mu"])
            np.testing.assert_array_equal(cell["line_true"], alone["line_true"])


def test_the_manifest_names_them_with_rows_and_digests(whole):
    listed = manifest(whole)["side_tables"]
    assert [entry["file"] for entry in listed] == NAMES
    for entry in listed:
        table = store.read_table(whole / entry["file"])
        assert entry["rows"] == table.num_rows
        assert entry["sha256"] == files(whole)[entry["file"]]
        assert entry["rows_sha256"] == rows_digest(table)
        assert all(field.metadata[b"text"] for field in table.schema)


def test_a_game_that_cannot_be_solved_is_named(copy, monkeypatch):
    def fails(*arguments, **options):
        raise SolverError("incident game at Lyman not solved: scenario x (point 3), run 3, week 1")

    (copy / "belief.parquet").unlink()
    monkeypatch.setattr(side_tables, "simulate", fails)
    with pytest.raises(SolverError, match=r"scenario x \(belief against fact, member 0\), run 3"):
        again(copy)


# as safe as parts are


def test_one_thread_and_two_give_the_same_bytes(tmp_path, whole):
    single = run_sweep(tiny(), tmp_path / "single", threads=1, progress="none")
    assert files(single) == files(whole)


def test_a_shard_has_none_and_a_merge_makes_them_once_it_is_complete(tmp_path, whole):
    halves = [run_sweep(tiny(), tmp_path / f"{i}", shard=f"{i}/2", progress="none") for i in (1, 2)]
    for half in halves:
        assert not list(half.glob("weeks.parquet"))
        assert "side_tables" not in manifest(half)
    merge([halves[0]], tmp_path / "out")
    assert beside(tmp_path / "out") == {}
    merge([halves[1]], tmp_path / "out")
    assert files(tmp_path / "out") == files(whole)


def test_a_merge_where_other_numbers_would_be_computed_keeps_the_parts_and_says_so(tmp_path, whole, monkeypatch):
    halves = [run_sweep(tiny(), tmp_path / f"{i}", shard=f"{i}/2", progress="none") for i in (1, 2)]
    with monkeypatch.context() as patch:
        patch.setattr(merging, "behaviour_digest", lambda outcomes: "0" * 64)
        with pytest.raises(InputError, match=r"cannot be made here: this process computes other numbers"):
            merge(list(halves), tmp_path / "out")
    assert manifest(tmp_path / "out")["state"] == "running"
    assert beside(tmp_path / "out") == {}
    again(tmp_path / "out")
    assert files(tmp_path / "out") == files(whole)


KILLED = """
import os, signal, sys
import pytest
from fragile_peace_lab.running import side_tables
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab import durable
from fragile_peace_lab.store.folder import Store
from tests.tools.tiny_sweeps import small_parts, tiny

folder, moment = sys.argv[1:]
small_parts(pytest.MonkeyPatch())
write, append, save = Store.write_beside, durable.append, Store.save
die = lambda: os.kill(os.getpid(), signal.SIGKILL)

def write_beside(self, name, table):
    if moment == f"before {name}":
        die()
    write(self, name, table)
    if moment == f"after {name}":
        die()

def appended(path, line):
    if moment == "unrecorded" and "belief.parquet" in line:
        die()
    append(path, line)

def saved(self, state):
    if moment == "unsaved" and state == "complete":
        die()
    save(self, state)
    if moment == "saved" and state == "complete":
        die()

Store.write_beside, durable.append, Store.save = write_beside, appended, saved
run_sweep(tiny(), folder, resume=True, progress="none", threads=2)
"""
MOMENTS = ("before belief.parquet", "unrecorded", "after belief.parquet", "after weeks.parquet", "unsaved", "saved")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_between_the_parts_and_the_last_manifest_costs_nothing(tmp_path, whole, moment):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "out"), moment],
        capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(list((tmp_path / "out" / "parts").glob("*.parquet"))) == len(manifest(whole)["parts"])
    assert files(tmp_path / "out") != files(whole) or moment == "saved"
    again(tmp_path / "out")
    assert files(tmp_path / "out") == files(whole)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_one_is_computed_again_and_a_damaged_one_is_named(copy, whole, name):
    (copy / name).unlink()
    with pytest.raises(InputError, match="add --resume"):
        run_sweep(tiny(), copy, progress="none")
    with pytest.raises(InputError, match=f"{name}: is missing; run the sweep with --resume"):
        verify(copy)
    again(copy)
    assert files(copy) == files(whole)
    (copy / name).write_bytes(b"no Parquet")
    for attempt in (again, verify):
        with pytest.raises(InputError, match=f"{name}: damaged: its bytes are not those"):
            attempt(copy)
    (copy / name).unlink()
    again(copy)
    assert files(copy) == files(whole)


def test_one_that_comes_out_otherwise_is_refused(copy):
    about = manifest(copy)
    about["side_tables"][1]["rows_sha256"] = "0" * 64
    forge(copy, about)
    (copy / "weeks.parquet").unlink()
    with pytest.raises(InputError, match=r"weeks\.parquet: computed again and not what the manifest says"):
        again(copy)


def test_a_sweep_from_before_they_were_kept_gets_them(copy, whole):
    about = manifest(copy)
    del about["side_tables"]
    forge(copy, about)
    again(copy)
    assert files(copy) == files(whole)


def test_a_sweep_grown_in_steps_ends_with_the_same_bytes(tmp_path, monkeypatch):
    """And makes again only what has grown: more than 32 draws or 8 members are not kept, and weeks never change."""
    eight, sixteen = ({"design": {"uncertainties": {"sobol": n}}} for n in (8, 16))
    at_once = run_sweep(tiny(runs=70, **sixteen), tmp_path / "at-once", progress="none")
    made = []

    def counted(self, name, table):
        made.append(name)
        write(self, name, table)

    write = store.Store.write_beside
    monkeypatch.setattr(store.Store, "write_beside", counted)
    folder = run_sweep(tiny(), tmp_path / "out", progress="none")
    assert made == NAMES
    again(folder, runs=30)
    assert made[2:] == ["belief.parquet"]
    again(folder, runs=30, **eight)
    assert made[3:] == ["belief.parquet"]
    again(folder, runs=40, **eight)
    assert made[4:] == ["belief.parquet"]
    again(folder, runs=70, **sixteen)
    assert made[5:] == []
    assert beside(folder) == beside(at_once)
    assert manifest(folder)["side_tables"] == manifest(at_once)["side_tables"]


def test_growth_that_is_killed_when_the_larger_table_is_written_goes_on(copy, tmp_path, monkeypatch):
    """The old line of the manifest does not match the new file then, and no line of the journal does."""
    at_once = run_sweep(tiny(runs=30), tmp_path / "at-once", progress="none")
    append = store.durable.append

    def stopped(path, line):
        if "belief.parquet" in line:
            raise KeyboardInterrupt
        append(path, line)

    with monkeypatch.context() as patch:
        patch.setattr(store.durable, "append", stopped)
        with pytest.raises(KeyboardInterrupt):
            again(copy, runs=30)
    again(copy, runs=30)
    assert beside(copy) == beside(at_once)


def test_a_saltelli_sweep_keeps_none(tmp_path):
    sweep = tiny(base="no_force", levers={}, design={"uncertainties": {"saltelli": 2}}, runs=2)
    folder = run_sweep(sweep, tmp_path / "out", progress="none")
    assert beside(folder) == {}
    assert "side_tables" not in manifest(folder)
    assert verify(folder).side_tables == 0


@pytest.mark.parametrize(("name", "column"), [("belief.parquet", "mu"), ("weeks.parquet", "gamma")])
def test_verify_finds_numbers_that_are_not_what_the_model_says(copy, name, column):
    """A forged table with a manifest that fits it."""
    assert verify(copy).side_tables == 2
    table = store.read_table(copy / name)
    place = table.schema.get_field_index(column)
    values = np.nextafter(table[column].to_numpy(), 1)  # the smallest change there is, in every row
    forged = table.set_column(place, table.schema.field(place), [values])
    (copy / name).write_bytes(parts.encode(forged))
    about = manifest(copy)
    entry = next(entry for entry in about["side_tables"] if entry["file"] == name)
    entry |= {"sha256": files(copy)[name], "rows_sha256": rows_digest(forged)}
    forge(copy, about)
    with pytest.raises(InputError, match=rf"{name}: (member|run) \d+ differs when it is computed again"):
        verify(copy)
