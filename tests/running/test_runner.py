"""Running sweeps: the same bits however the work is spread, cut short, resumed or extended."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError, SolverError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.running import cluster, executors, runner
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.progress import Lines, choose, clock
from fragile_peace_lab.running.runner import default_folder, halfwidth, run_sweep
from fragile_peace_lab.running.verify import verify
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.columns import rows_digest
from tests.tools.tiny_sweeps import TINY, files, finished, manifest, rows, small_parts, tiny

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    small_parts(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The tiny sweep, run in one go in threads."""
    return finished(tmp_path_factory.mktemp("runner") / "whole", threads=2)


def test_a_process_killed_at_random_moments_resumes_to_the_same_bytes(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.sweep_victim", str(tmp_path), "12", "1"],
        capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == 12
    assert found["sweeps"] >= 1
    assert found["merges"] >= 1
    assert found["lost"] == found["other"] == found["failed"] == 0
    assert done.stderr == ""


SCRIPT = """
import sys
import psutil
import pytest
from fragile_peace_lab.running import cluster
from fragile_peace_lab.running import runner
from fragile_peace_lab.design.sweep import Sweep
from tests.tools.tiny_sweeps import TINY, small_parts

class Watched(cluster.Cluster):
    struck = done = False

    def submit(self, chunk):
        if self.done and not self.struck:
            workers = [
                child for child in psutil.Process().children(recursive=True)
                if child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline())
            ]
            self.struck = True
            workers[-1].kill()
            print("of", len(workers), "one is killed")
        super().submit(chunk)

    def _finished(self, future):
        super()._finished(future)
        self.done = True

small_parts(pytest.MonkeyPatch())
runner.Cluster = Watched
print(runner.run_sweep(Sweep.from_dict(TINY), sys.argv[1], cluster="local:2", progress="none"))
"""


def test_two_worker_processes_one_killed_from_a_script_without_a_main_guard_give_the_same_bytes(tmp_path, whole):
    """A local cluster; one worker is killed once a chunk is in, and its nanny starts another."""
    pytest.importorskip("distributed")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out")],
        capture_output=True, text=True, cwd=tmp_path, env=ENVIRONMENT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["of 2 one is killed", str(tmp_path / "out")]  # no worker ran the script again
    assert done.stderr == ""
    assert files(tmp_path / "out") == files(whole)


def test_shards_merged_are_the_whole(tmp_path, whole):
    shards = [run_sweep(tiny(), tmp_path / f"s{i}", shard=f"{i}/3", progress="none") for i in (1, 2, 3)]
    assert [manifest(folder)["state"] for folder in shards] == ["shard"] * 3
    held = [len(manifest(folder)["parts"]) for folder in shards]
    assert sum(held) == len(manifest(whole)["parts"])
    assert all(held)
    next((shards[0] / "parts").glob("*.parquet")).unlink()
    run_sweep(tiny(), shards[0], shard="1/3", progress="none")  # as a batch system does that starts a job again
    assert merge(list(shards[:2]), tmp_path / "some")[2] == held[2]
    assert manifest(tmp_path / "some")["state"] == "running"
    merge(list(reversed(shards)), tmp_path / "out")
    assert files(tmp_path / "out") == files(whole)
    run_sweep(tiny(), tmp_path / "some", resume=True, progress="none")  # what is missing can be computed here
    assert files(tmp_path / "some") == files(whole)
    merge([shards[2]], tmp_path / "more")
    merge(list(shards[:2]), tmp_path / "more")  # folders may come one by one
    assert files(tmp_path / "more") == files(whole)


def test_shards_that_do_not_go_together_are_refused(tmp_path):
    one = run_sweep(tiny(), tmp_path / "one", shard="1/2", progress="none")
    for name, changes, words in (
        ("seed", {"seed": 8}, "seed differ"),
        ("runs", {"runs": 30}, "runs or samples differ"),
    ):
        two = run_sweep(tiny(**changes), tmp_path / name, shard="2/2", progress="none")
        with pytest.raises(InputError, match=f"does not go with .*: {words}"):
            merge([one, two], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="holds shard 1/2, not 2/2"):
        run_sweep(tiny(), one, shard="2/2", resume=True, progress="none")
    victim = next((one / "parts").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1])
    with pytest.raises(InputError, match=f"{victim.name}: damaged"):
        merge([one], tmp_path / "out")


def test_threads_cluster_and_shards_have_the_same_sorted_rows(tmp_path, whole):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
    ) as running:
        by_address = run_sweep(tiny(), tmp_path / "address", cluster=running.scheduler_address, progress="none")
    halves = [run_sweep(tiny(), tmp_path / f"h{i}", shard=f"{i}/2", threads=1, progress="none") for i in (1, 2)]
    merged = merge(list(halves), tmp_path / "merged")[0]
    single = run_sweep(tiny(), tmp_path / "single", threads=1, progress="none")
    digests = {rows_digest(rows(folder)) for folder in (whole, by_address, merged, single)}
    assert len(digests) == 1


def test_an_address_where_nothing_listens_is_refused(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with pytest.raises(InputError, match="no workers came"):
        run_sweep(tiny(), tmp_path / "out", cluster="tcp://127.0.0.1:9", progress="none")


def test_a_slurm_job_asks_for_one_thread_a_worker():
    """Only the job script is checked here: there is no Slurm on this machine."""
    jobqueue = pytest.importorskip("dask_jobqueue")
    options = cluster.slurm_options({"walltime": "02:00:00", "cores": 4})
    script = jobqueue.slurm.SLURMJob("tcp://127.0.0.1:1", name="worker", **options).job_script()
    assert "#SBATCH --cpus-per-task=4" in script
    assert f"export PYTHONPATH={os.pathsep.join(cluster.ROOTS)}" in script
    assert f"{sys.executable} -m distributed.cli.dask_worker tcp://127.0.0.1:1" in script
    assert "--nthreads 1 " in script
    assert "--nworkers 4 " in script
    assert cluster.slurm_options({})["memory"] == "2GB"


@pytest.mark.parametrize(
    "grown",
    [
        {"runs": 70},
        {"design": {"uncertainties": {"sobol": 8}}},
        {"runs": 33, "design": {"uncertainties": {"sobol": 8}}},
    ],
    ids=["more runs", "more samples", "both"],
)
def test_a_sweep_grows_and_keeps_every_row(tmp_path, grown):
    folder = run_sweep(tiny(), tmp_path / "out", progress="none")
    before, old = rows(folder), files(folder)
    run_sweep(tiny(**grown), folder, resume=True, progress="none")
    after, new = rows(folder), files(folder)
    kept = {name for name in old if name.startswith("parts/")}
    assert kept < set(new)
    assert all(new[name] == old[name] for name in kept)
    mask = np.isin(after["point"].to_numpy(), before["point"].to_numpy()) & (after["run"].to_numpy() < 20)
    assert rows_digest(after.filter(mask).combine_chunks()) == rows_digest(before)
    fresh = run_sweep(tiny(**grown), tmp_path / "fresh", progress="none")
    assert rows_digest(rows(fresh)) == rows_digest(after)
    assert manifest(folder)["rows"] == after.num_rows == manifest(fresh)["rows"]
    assert verify(folder).rows == after.num_rows


def test_growth_needs_resume_and_nothing_shrinks(tmp_path):
    folder = run_sweep(tiny(), tmp_path / "out", progress="none")
    with pytest.raises(InputError, match="add --resume"):
        run_sweep(tiny(runs=30), folder, progress="none")
    with pytest.raises(InputError, match="has 20 runs a point, more than the 10 asked for"):
        run_sweep(tiny(runs=10), folder, resume=True, progress="none")
    with pytest.raises(InputError, match="has 32 points, more than the 16 asked for"):
        run_sweep(tiny(design={"uncertainties": {"sobol": 2}}), folder, resume=True, progress="none")


def test_a_latin_hypercube_does_not_grow(tmp_path):
    folder = run_sweep(tiny(design={"uncertainties": {"lhs": 4}}), tmp_path / "out", progress="none")
    with pytest.raises(InputError, match=r"a Latin hypercube cannot be extended; .*use sobol"):
        run_sweep(tiny(design={"uncertainties": {"lhs": 8}}), folder, resume=True, progress="none")


RULE = {"until": {"outcome": "european_death", "halfwidth": 0.03}, "max_runs": 4000}


def test_a_stopping_rule_ends_after_the_first_round_that_satisfies_it(tmp_path):
    sweep = tiny(runs=RULE, base="reassurance_15k", design={"uncertainties": {"sobol": 1}})
    folder = run_sweep(sweep, tmp_path / "out", progress="none")
    table, about = rows(folder), manifest(folder)
    assert 0 < about["runs"] < 4000
    cuts = about["grid"]["runs"]
    assert cuts[-1] == about["runs"]
    for runs in cuts[1:]:
        kept = table.filter(table["run"].to_numpy() < runs)
        hits = np.bincount(kept["point"].to_numpy(), kept["happened_european_death"].to_numpy())
        widest = halfwidth(hits, np.full(len(hits), runs)).max()
        assert (widest <= 0.03) == (runs == cuts[-1])
    again = files(folder)
    run_sweep(sweep, folder, resume=True, progress="none")
    assert files(folder) == again
    narrower = {"until": {**RULE["until"], "halfwidth": 0.02}, "max_runs": 4000}
    run_sweep(tiny(runs=narrower, base="reassurance_15k", design={"uncertainties": {"sobol": 1}}), folder, resume=True,
              progress="none")  # fmt: skip
    assert manifest(folder)["runs"] > about["runs"]
    assert all(files(folder)[name] == digest for name, digest in again.items() if name.startswith("parts/"))


def test_a_stopping_rule_stops_at_its_most_runs_and_resumes_to_the_same_bytes(tmp_path, monkeypatch):
    rule = {"until": {"outcome": "collapse", "halfwidth": 0.001}, "max_runs": 150}
    sweep = tiny(runs=rule, design={"uncertainties": {"sobol": 1}})
    whole = run_sweep(sweep, tmp_path / "whole", progress="none")
    assert manifest(whole)["runs"] == 150
    _interrupted(tmp_path / "out", monkeypatch, sweep, after=5)
    run_sweep(sweep, tmp_path / "out", resume=True, progress="none")
    assert files(tmp_path / "out") == files(whole)


def _interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch, sweep, after: int) -> None:
    """Run a sweep and press Ctrl-C after so many parts."""
    write = store.Store.write
    written = []

    def counted(self, part, table):
        write(self, part, table)
        written.append(part)
        if len(written) == after:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "write", counted)
        with pytest.raises(KeyboardInterrupt):
            run_sweep(sweep, folder, progress="none", threads=2)


def test_ctrl_c_keeps_the_finished_parts(tmp_path, whole, monkeypatch):
    threads = threading.active_count()
    _interrupted(tmp_path / "out", monkeypatch, tiny(), after=3)
    assert threading.active_count() == threads
    assert len(list((tmp_path / "out" / "parts").glob("*.parquet"))) == 3
    assert store.read(tmp_path / "out").num_rows == 3 * manifest(whole)["parts"][0]["rows"]  # readers see what is done
    with pytest.raises(InputError, match=r"\(3 parts done\); add --resume"):
        run_sweep(tiny(), tmp_path / "out", progress="none")
    run_sweep(tiny(), tmp_path / "out", resume=True, progress="none")
    assert files(tmp_path / "out") == files(whole)


@pytest.mark.parametrize("work", ["threads", "cluster"])
def test_who_is_told_to_end_finishes_the_parts_in_hand(tmp_path, whole, monkeypatch, work):
    if work == "cluster":
        pytest.importorskip("distributed")
    ending, submitted = threading.Event(), []
    executor = cluster.Cluster if work == "cluster" else executors.Threads
    submit = executor.submit

    def told(self, chunk):
        submitted.append(chunk)
        submit(self, chunk)
        ending.set()

    monkeypatch.setattr(executor, "submit", told)
    monkeypatch.setattr(runner, "CHUNK_SECONDS", 0.01)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(
            tiny(), tmp_path / "out", ending=ending, threads=2, progress="none",
            cluster="local:2" if work == "cluster" else None,
        )  # fmt: skip
    assert len(submitted) > 1
    assert store.read(tmp_path / "out").num_rows == sum(chunk.rows for chunk in submitted)  # one part
    monkeypatch.undo()
    small_parts(monkeypatch)
    run_sweep(tiny(), tmp_path / "out", resume=True, progress="none")
    assert files(tmp_path / "out") == files(whole)


def test_who_is_told_to_end_with_the_last_part_is_done(tmp_path, whole, monkeypatch):
    ending, write = threading.Event(), store.Store.write

    def told(self, part, table):
        write(self, part, table)
        if len(list((tmp_path / "out" / "parts").glob("p*.parquet"))) == len(manifest(whole)["parts"]):
            ending.set()

    monkeypatch.setattr(store.Store, "write", told)
    run_sweep(tiny(), tmp_path / "out", ending=ending, threads=2, progress="none")
    assert ending.is_set()
    assert files(tmp_path / "out") == files(whole)


def test_a_run_that_cannot_be_solved_stops_the_sweep_and_is_named(tmp_path, monkeypatch):
    from fragile_peace.runs import simulation

    def fails(scenarios, *arguments, **options):
        raise SolverError("incident game at Lyman not solved: scenario x (point 0), run 3, week 1")

    monkeypatch.setattr(simulation, "simulate", fails)
    with pytest.raises(SolverError, match=r"\(point \d+\), run 3"):
        run_sweep(tiny(), tmp_path / "out", progress="none", threads=1)
    assert executors.SolverError is SolverError


def test_progress_shows_a_line_a_tenth_and_the_headline(tmp_path, capsys):
    run_sweep(tiny(runs=64), tmp_path / "out", threads=1, progress="lines")
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 10
    assert lines[-1].startswith("100 %  2,048 of 2,048 runs, 0 s left, collapsed ")
    assert isinstance(choose(None), Lines)
    with pytest.raises(InputError, match="progress: 'loud' is not one of bar, notebook, lines, none"):
        choose("loud")
    assert [clock(seconds) for seconds in (0.4, 80, 600, 9000)] == ["0 s", "80 s", "10 min", "2.5 h"]


def test_bars_work_without_a_terminal(tmp_path):
    for name in ("bar", "notebook"):
        run_sweep(tiny(runs=2), tmp_path / name, progress=name)


def test_the_commands_work_together(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yamltext.dump({key: value for key, value in TINY.items() if key != "name"}))
    out, call = str(tmp_path / "out"), CliRunner().invoke
    dry = call(app, ["sweep", str(path), "--dry-run", "--json"])
    about = {"points": 32, "runs": 20, "rows": 640, "parts": 6, "beside": 4 * 8 * 20 + 200}
    assert about.items() <= json.loads(dry.stdout).items()
    assert "640 (20 a point), and 840 beside them for figures" in call(app, ["sweep", str(path), "--dry-run"]).stdout
    assert not Path(out).exists()
    done = call(app, ["sweep", str(path), "--out", out, "--json"])
    assert json.loads(done.stdout)["rows"] == 640
    assert "6 parts and 2 side tables whole" in call(app, ["verify", out]).stdout
    told = call(app, ["replay", out, "--point", "3", "--run", "7"])
    assert told.exit_code == 0, told.output
    assert f"fragile-peace replay {out} --point 3 --run 7" in told.stdout
    for i in (1, 2):
        assert call(app, ["sweep", str(path), "--shard", f"{i}/2", "--out", str(tmp_path / f"s{i}")]).exit_code == 0
    merged = call(app, ["merge", str(tmp_path / "s1"), str(tmp_path / "s2"), "--out", str(tmp_path / "m")])
    assert "complete" in merged.stdout
    assert files(tmp_path / "m") == files(Path(out))
    assert call(app, ["verify", str(tmp_path)]).exit_code == 2


def test_folders_have_names(tmp_path, monkeypatch):
    assert default_folder("x", None) == Path("results/x")
    assert default_folder("x", (2, 8)) == Path("results/x.shards/2-of-8")
    monkeypatch.chdir(tmp_path)
    assert run_sweep(tiny(runs=2), progress="none") == Path("results/tiny")
