"""The folder of a sweep: readable by anyone, whole or refused, never mixed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fragile_peace import digests
from fragile_peace.codes import EndCause, Event
from fragile_peace.errors import InputError
from fragile_peace.outcomes import NAMES
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab import durable
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import replayed, row_of, scenario_of, verify
from fragile_peace_lab.store import behaviour, opening, parts
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.columns import columns_of, flatten, rows_digest
from tests.tools.tiny_sweeps import files, finished, forge, manifest, rows, small_parts, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished sweep, not to be changed."""
    return finished(tmp_path_factory.mktemp("store") / "out")


@pytest.fixture
def copy(folder, tmp_path, monkeypatch):
    """A copy of it that may be spoilt."""
    small_parts(monkeypatch)
    subprocess.run(["cp", "-r", str(folder), str(tmp_path / "copy")], check=True)
    return tmp_path / "copy"


def again(folder: Path, **options):
    return run_sweep(tiny(**options.pop("changes", {})), folder, progress="none", **options)


def test_the_folder_reads_without_this_project(folder):
    assert {path.suffix for path in (folder / "parts").iterdir()} == {".parquet"}
    runs = pd.read_parquet(folder / "parts", dtype_backend="pyarrow")
    design = pd.read_parquet(folder / "design.parquet")
    about = json.loads((folder / "manifest.json").read_text())
    assert len(runs) == about["rows"] == 640
    assert len(design) == about["points"] == 32
    joined = runs.merge(design, on="point")
    assert set(joined["mandate.roe"]) == {"observe", "enforce"}
    assert runs["happened_collapse"].mean() == np.mean([row["end_cause"] > 0 for row in rows(folder).to_pylist()])
    part = pq.ParquetFile(folder / "parts" / about["parts"][0]["file"])
    assert part.metadata.num_row_groups == 1
    assert part.schema_arrow.pandas_metadata is None
    assert part.metadata.row_group(0).column(0).compression == "ZSTD"
    assert part.schema_arrow.field("end_cause").metadata[b"codes"].startswith(b"0 horizon, 1 resumed_russia")
    assert len(EndCause) == 5
    assert sum(name.startswith("happened_") for name in runs.columns) == len(Event)


def test_the_manifest_is_deterministic_and_says_what_it_holds(folder, tmp_path, monkeypatch):
    small_parts(monkeypatch)
    other = again(tmp_path / "other", threads=1)
    assert files(other) == files(folder)
    about = manifest(folder)
    assert about["schema"] == 1
    assert about["state"] == "complete"
    assert about["source_digest"] == digests.source_digest()
    assert about["behaviour_digest"] == behaviour.behaviour_digest()
    assert about["outcomes"] == list(NAMES)
    assert about["sweep"] == tiny().to_dict()
    assert set(about["scenarios"]) == {"reassurance_15k", "no_force"}
    assert about["design_sha256"] == durable.sha256(folder / "design.parquet")
    assert [entry["sha256"] for entry in about["parts"]] == [
        durable.sha256(folder / "parts" / entry["file"]) for entry in about["parts"]
    ]
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["sessions"][0]["rows"] == 640
    assert {"platform", "versions", "commit", "dirty", "seconds"} <= set(provenance["sessions"][0])


def test_a_finished_sweep_is_left_alone_and_the_engine_is_not_even_loaded(copy, monkeypatch, capsys):
    monkeypatch.setattr(opening, "behaviour_digest", lambda names: pytest.fail("the reference runs were made"))
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*.*") if path.name != store.LOCK}
    again(copy)
    run_sweep(tiny(), copy, resume=True, progress="lines")
    assert capsys.readouterr().err == f"{copy}: nothing is left to do; every part is there, whole\n"
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_fresh_clone_computes_the_parts_again_and_compares(copy):
    whole = files(copy)
    for path in (copy / "parts").glob("*.parquet"):
        path.unlink()
    with pytest.raises(InputError, match="add --resume"):
        again(copy)
    stamp = (copy / "manifest.json").stat().st_mtime_ns
    again(copy, resume=True)
    assert files(copy) == whole
    assert (copy / "manifest.json").stat().st_mtime_ns == stamp
    about = manifest(copy)
    about["parts"][2]["sha256"] = "0" * 64
    forge(copy, about)
    (copy / "parts" / about["parts"][2]["file"]).unlink()
    with pytest.raises(InputError, match=r"not what the manifest says \(the rows are equal, the file is not"):
        again(copy, resume=True)


@pytest.mark.parametrize("harm", ["truncated", "corrupted", "empty"])
def test_a_damaged_part_is_named_and_nothing_is_touched(copy, harm):
    victim = sorted((copy / "parts").glob("*.parquet"))[1]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 0xFF
    victim.write_bytes({"truncated": data[: len(data) // 2], "corrupted": data, "empty": b""}[harm])
    spoilt = files(copy)
    for act in (lambda: again(copy, resume=True), lambda: verify(copy)):
        with pytest.raises(InputError, match=rf"{victim.name}: damaged"):
            act()
    assert files(copy) == spoilt
    victim.unlink()
    again(copy, resume=True)
    assert verify(copy).parts == len(manifest(copy)["parts"])


def test_an_unreadable_part_is_named_by_readers(copy):
    victim = sorted((copy / "parts").glob("*.parquet"))[0]
    victim.write_bytes(b"PAR1 no")
    with pytest.raises(InputError, match=rf"{victim.name}: damaged: not readable as Parquet"):
        store.read(copy)
    victim.unlink()
    with pytest.raises(InputError, match=rf"{victim.name}: is missing"):
        store.read(copy)


CHANGED = [
    ({"seed": 8}, "seed"),
    ({"weeks": 3}, "weeks"),
    ({"levers": {"threat.level": [0.0, 0.9], "mandate.roe": ["observe", "enforce"]}}, "levers.threat.level"),
    ({"levers": {"mandate.roe": ["observe", "enforce"], "threat.level": [0.0, 1.0]}}, "the order of levers"),
    ({"set": {"truce.restraint": 0.9}}, "set.truce.restraint, scenario reassurance_15k, scenario no_force"),
    ({"uncertainties": {"threat.credibility": {"uniform": [0.05, 0.7]}, "war.prize": {"normal": [12, 3]}}},
     "uncertainties.threat.credibility"),
    ({"design": {"uncertainties": {"lhs": 4}}}, "design.uncertainties"),
    ({"base": ["reassurance_15k", "plan28"]}, "base, scenario no_force, scenario plan28"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "named"), CHANGED, ids=[named for _, named in CHANGED])
def test_another_sweep_is_refused_and_what_changed_is_named(copy, changes, named):
    whole = files(copy)
    for resume in (False, True):
        with pytest.raises(InputError, match="Nothing is mixed") as error:
            again(copy, changes=changes, resume=resume)
        assert f"was made with something else: {named} changed since" in str(error.value)
    assert files(copy) == whole


def test_a_title_may_change(copy):
    again(copy, changes={"title": "Better said"}, resume=True)
    assert manifest(copy)["sweep"]["title"] == "Better said"


@pytest.fixture
def edited(copy, monkeypatch):
    """The folder, to a process whose kernel sources are others."""
    for module in (behaviour, store):
        monkeypatch.setattr(module, "sources", lambda: "0" * 64)
    return copy


OTHER = "the kernel sources or the versions of Numba and NumPy changed since"


def test_other_kernel_sources_add_nothing(edited):
    whole = files(edited)
    with pytest.raises(InputError, match=OTHER):
        again(edited, changes={"runs": 30}, resume=True)
    assert files(edited) == whole
    about = manifest(edited)
    (edited / "parts" / about["parts"].pop()["file"]).unlink()
    forge(edited, {**about, "state": store.RUNNING})
    with pytest.raises(InputError, match=OTHER):
        again(edited, resume=True)


def test_other_kernel_sources_that_behave_alike_leave_a_complete_folder_as_it_is(edited):
    whole = files(edited)
    again(edited)
    next((edited / "parts").glob("*.parquet")).unlink()
    again(edited, resume=True)
    assert files(edited) == whole
    assert verify(edited).parts == len(manifest(edited)["parts"])


def test_kernels_that_behave_otherwise_are_refused(edited, monkeypatch):
    whole = files(edited)
    for module in (behaviour, opening):
        monkeypatch.setattr(module, "behaviour_digest", lambda names: "1" * 64)
    with pytest.raises(InputError, match=OTHER):
        again(edited, resume=True)
    with pytest.raises(InputError, match="other kernel sources"):
        verify(edited)
    assert files(edited) == whole


def test_a_folder_holds_the_outcomes_that_its_manifest_names(copy, tmp_path):
    """As one made before the others were added: parts, growth, rows and the check of them are without those."""
    older = ["weeks", "left_week_n", "happened", "games"]
    about = manifest(copy)
    (tmp_path / "older").mkdir()
    start = {
        "outcomes": older,
        "behaviour_digest": behaviour.behaviour_digest(older),
        "parts": [],
        "side_tables": [],
        "state": store.RUNNING,
    }
    forge(tmp_path / "older", {**about, **start})
    assert store.read(tmp_path / "older").column_names == columns_of(older, 0)
    again(tmp_path / "older", resume=True)
    assert rows(tmp_path / "older").equals(rows(copy).select(columns_of(older, 5)))
    again(tmp_path / "older", changes={"runs": 30}, resume=True)
    assert manifest(tmp_path / "older")["outcomes"] == older
    assert rows(tmp_path / "older").shape == (960, len(columns_of(older, 5)))
    assert verify(tmp_path / "older", share=0.05).checked >= 48
    with pytest.raises(InputError, match=r"the outcomes of a run.* differ"):
        merge([copy, tmp_path / "older"], tmp_path / "merged")


def test_a_folder_of_an_outcome_that_is_gone_is_refused(copy):
    about = manifest(copy)
    forge(copy, {**about, "outcomes": [*about["outcomes"], "rivers"]})
    with pytest.raises(InputError, match="the behaviour of the model"):
        again(copy, resume=True, changes={"runs": 30})
    with pytest.raises(InputError, match="rivers is not an outcome of this model"):
        verify(copy)


def test_a_machine_that_computes_other_bits_is_refused(copy, monkeypatch):
    next((copy / "parts").glob("*.parquet")).unlink()  # where nothing is missing, nothing would be computed here
    monkeypatch.setattr(opening, "behaviour_digest", lambda names: "0" * 64)
    with pytest.raises(InputError, match="the same sources give other numbers on this machine"):
        again(copy, resume=True)


def test_a_changed_scenario_file_is_refused(tmp_path):
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("base: no_force\n")
    changes = {"base": str(scenario), "runs": 2}
    again(tmp_path / "out", changes=changes)
    scenario.write_text("base: no_force\nthreat: {level: 0.4}\n")
    with pytest.raises(InputError, match="scenario mine changed since"):
        again(tmp_path / "out", changes=changes, resume=True)


def test_a_changed_design_is_refused(copy):
    table = store.design_of(copy)
    changed = table.set_column(3, table.schema.field(3), table[3].take(pa.array(np.arange(31, -1, -1))))
    pq.write_table(changed, copy / "design.parquet")
    with pytest.raises(InputError, match="its points are not those of this sweep"):
        again(copy, resume=True)
    with pytest.raises(InputError, match=r"design\.parquet: damaged"):
        verify(copy)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}'])
def test_a_damaged_manifest_is_named(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"manifest\.json: damaged"):
        again(copy, resume=True)


def test_parts_without_a_manifest_and_foreign_parts_are_refused(copy):
    (copy / "manifest.json").rename(copy / "kept.json")
    with pytest.raises(InputError, match=r"has parts but no manifest\.json"):
        again(copy, resume=True)
    (copy / "kept.json").rename(copy / "manifest.json")
    first = sorted((copy / "parts").glob("*.parquet"))[0]
    (copy / "parts" / "p000900-000901_r000000-000019.parquet").write_bytes(first.read_bytes())
    with pytest.raises(InputError, match=r"p000900-000901_r000000-000019\.parquet: does not belong to this sweep"):
        again(copy, resume=True)


HOLDER = "import sys, time; from pathlib import Path; from fragile_peace_lab import durable\n" \
    "with durable.locked(Path(sys.argv[1]), 'x'):\n    print('held', flush=True); time.sleep(60)\n"  # fmt: skip


def test_one_writer_at_a_time_and_a_kill_frees_the_lock(copy):
    victim = sorted((copy / "parts").glob("*.parquet"))[0]
    victim.unlink()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    lock = str(copy / store.LOCK)
    with subprocess.Popen([sys.executable, "-c", HOLDER, lock], stdout=subprocess.PIPE, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match=rf"is being written by process {other.pid} on .*; wait for it"):
            again(copy, resume=True)
        other.kill()
    again(copy, resume=True)
    assert victim.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file/out/parts: cannot be made or written \(Not a directory\)"):
        again(tmp_path / "file" / "out")
    with pytest.raises(InputError, match="cannot be made or written"):
        again(Path("/proc/fragile-peace"))


def test_a_full_disk_keeps_what_was_finished(tmp_path, monkeypatch):
    small_parts(monkeypatch)
    written = []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) == 12:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable.os, "fsync", full)
        with pytest.raises(
            InputError, match=r"no space left on the disk; nothing of it was kept\. Free some and run again"
        ):
            again(tmp_path / "out")
    assert not list((tmp_path / "out").rglob(".tmp-*"))
    assert 0 < len(list((tmp_path / "out" / "parts").glob("*.parquet"))) < 8
    again(tmp_path / "out", resume=True)
    again(tmp_path / "whole")
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_verify_finds_a_row_that_is_not_what_the_model_says(copy):
    assert verify(copy, share=0.2).checked >= 100
    about = manifest(copy)
    entry = about["parts"][0]
    path = copy / "parts" / entry["file"]
    table = pq.read_table(path)
    column = table.schema.get_field_index("mu")
    values = table["mu"].to_numpy().copy()
    values[7] = np.nextafter(values[7], 1)  # the smallest change there is
    forged = table.set_column(column, table.schema.field(column), pa.array(values))
    path.write_bytes(parts.encode(forged))
    entry["sha256"], entry["rows_sha256"] = durable.sha256(path), rows_digest(forged)
    forge(copy, about)
    with pytest.raises(InputError, match="point 0, run 7: mu differs when it is computed again"):
        verify(copy, share=1)


def test_any_of_a_hundred_random_rows_equals_its_run_alone(folder):
    generator = np.random.default_rng(3)
    stored = rows(folder).to_pylist()
    for index in generator.choice(640, 100, replace=False):
        point, run = divmod(int(index), 20)
        scenario, how = replayed(folder, point, run)
        assert scenario == scenario_of(folder, point) == Plan.load(tiny()).scenario(point)
        alone = simulate([scenario], 1, how["seed"], how["weeks"], first_run=how["run"])
        table = flatten(alone, [point], run, [len(scenario.contingents)], 5)
        assert table.to_pylist()[0] == stored[index]
    assert row_of(folder, point, run) == stored[index]


def test_points_and_runs_that_are_not_there_are_refused(folder):
    with pytest.raises(InputError, match="point: 32 is not allowed; must be a whole number from 0 to 31"):
        scenario_of(folder, 32)
    with pytest.raises(InputError, match="run: -1 is not allowed"):
        replayed(folder, 0, -1)
    assert row_of(folder, 0, 20) is None


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (store.MANIFEST, store.read_manifest),
        (store.JOURNAL, store.journal_of),
        ("part.parquet", lambda folder: store.read_table(folder / "part.parquet")),
        ("part.parquet", lambda folder: durable.sha256(folder / "part.parquet")),
        ("part.parquet", lambda folder: durable.read(folder / "part.parquet")),
    ],
    ids=["manifest", "journal", "part", "digest", "bytes"],
)
def test_a_pipe_in_a_folder_is_refused_at_once(tmp_path, name, read):
    """Whoever opened it waited for ever."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="is not a regular file"):
        read(tmp_path)
