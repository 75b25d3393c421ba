"""Sweeps played in several structures: the same bits however the work is spread, and each as if it were alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import Tally, run_sweep
from fragile_peace_lab.running.verify import replayed, row_of, scenario_of, verify
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.columns import rows_digest
from tests.running.test_runner import ENVIRONMENT, ROOT, SCRIPT
from tests.tools.tiny_sweeps import STRUCTURES, TINY, files, finished, forge, manifest, rows, small_parts, tiny

LEVERS = {"threat.level": [0.0, 1.0]}
FOUR = tiny(structures=STRUCTURES, levers=LEVERS)
"""Four samples, four structures, four combinations: points 0 to 63."""


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    small_parts(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sweep in four structures, run in one go in threads."""
    return finished(tmp_path_factory.mktemp("structures") / "whole", FOUR, threads=2)


def values(folder, points):
    """The digest of the rows of some points, apart from the points' numbers."""
    table = rows(folder)
    return rows_digest(table.filter(np.isin(table["point"].to_numpy(), points)).drop_columns("point").combine_chunks())


def test_one_structure_has_the_rows_and_side_tables_of_a_sweep_of_it_alone(tmp_path, whole):
    digests = set()
    for place, (name, own) in enumerate(STRUCTURES.items()):
        alone = run_sweep(tiny(set=own, levers=LEVERS), tmp_path / name, progress="none")
        points = [sample * 16 + place * 4 + combination for sample in range(4) for combination in range(4)]
        digests.add(values(whole, points))
        assert values(whole, points) == values(alone, range(16))
        for side in ("belief.parquet", "weeks.parquet"):
            same = (whole / side).read_bytes() == (alone / side).read_bytes()
            assert same == (name == "usual")  # the first structure is what is kept beside
    assert len(digests) == 4


def test_killed_at_random_moments_alone_and_in_shards_it_resumes_to_the_same_bytes(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.sweep_victim", str(tmp_path), "8", "2", "structures"],
        capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == 8
    assert found["sweeps"] >= 1
    assert found["merges"] >= 1
    assert found["lost"] == found["other"] == found["failed"] == 0


def test_a_worker_process_killed_gives_the_same_bytes(tmp_path, whole):
    pytest.importorskip("distributed")
    script = tmp_path / "script.py"
    own = {**TINY, "structures": STRUCTURES, "levers": LEVERS}
    script.write_text(SCRIPT.replace("from_dict(TINY)", f"from_dict({own!r})"))
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out")],
        capture_output=True, text=True, cwd=tmp_path, env=ENVIRONMENT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["of 2 one is killed", str(tmp_path / "out")]
    assert files(tmp_path / "out") == files(whole)


def test_two_shards_merged_are_the_whole(tmp_path, whole):
    halves = [run_sweep(FOUR, tmp_path / f"h{i}", shard=f"{i}/2", threads=1, progress="none") for i in (1, 2)]
    assert files(merge(list(halves), tmp_path / "merged")[0]) == files(whole)


def test_it_grows_by_members_and_by_runs_to_the_rows_of_a_single_run(tmp_path):
    few = {"structures": STRUCTURES, "levers": LEVERS, "runs": 16}
    folder = run_sweep(tiny(**few, design={"uncertainties": {"sobol": 2}}), tmp_path / "out", progress="none")
    old = files(folder)
    run_sweep(tiny(**few), folder, resume=True, progress="none")
    assert files(folder) == files(run_sweep(tiny(**few), tmp_path / "straight", progress="none"))  # the cuts agree
    run_sweep(FOUR, folder, resume=True, progress="none")
    assert all(files(folder)[name] == sha256 for name, sha256 in old.items() if name.startswith("parts/"))
    fresh = run_sweep(FOUR, tmp_path / "fresh", progress="none")
    assert rows_digest(rows(folder)) == rows_digest(rows(fresh))
    for name in ("design.parquet", "belief.parquet", "weeks.parquet"):
        assert files(folder)[name] == files(fresh)[name]
    assert verify(folder).rows == rows(fresh).num_rows


def test_any_point_is_rebuilt_from_the_folder_alone(whole):
    plan = Plan.load(FOUR)
    for point in (0, 6, 27, 63):
        assert scenario_of(whole, point) == plan.scenario(point)
    scenario, how = replayed(whole, 6, 3)
    assert (scenario.precision.russia, how["run"]) == (2.0, 3)
    row = row_of(whole, 6, 3)
    assert row is not None
    assert (row["point"], row["run"]) == (6, 3)
    told = CliRunner().invoke(app, ["replay", str(whole), "--point", "6", "--run", "3"])
    assert told.exit_code == 0, told.output
    assert verify(whole, share=0.2, seed=3).checked >= 0.2 * 64 * 20


def test_verify_finds_a_row_of_another_structure(tmp_path, whole):
    """A folder whose manifest names other values for a structure is not what the model says."""
    copy = Path(shutil.copytree(whole, tmp_path / "copy"))
    about = manifest(copy)
    about["sweep"]["structures"]["precision_5"]["precision.russia"] = 7
    forge(copy, about)
    with pytest.raises(InputError, match=r"point \d+, run \d+: \w+ differs when it is computed again"):
        verify(copy, share=0.5)


@pytest.mark.parametrize(
    ("structures", "words"),
    [
        ({}, "structures.usual, structures.precision_2, structures.precision_5, structures.least_sure changed"),
        (STRUCTURES | {"precision_2": {"precision.russia": 2}}, "structures.precision_2 changed since"),
        (dict(reversed(STRUCTURES.items())), "the order of structures changed since"),
        (STRUCTURES | {"more": {"precision.russia": 9}}, "structures.more changed since"),
    ],
    ids=["none", "a value", "the order", "one more"],
)
def test_a_folder_with_other_structures_is_refused(whole, structures, words):
    with pytest.raises(InputError, match=words):
        run_sweep(tiny(structures=structures, levers=LEVERS), whole, resume=True, progress="none")


def test_a_folder_without_structures_does_not_get_any(tmp_path):
    plain = run_sweep(tiny(levers=LEVERS, runs=4), tmp_path / "plain", progress="none")
    assert "structures" not in manifest(plain)["sweep"]
    assert "structure" not in store.design_of(plain).column_names
    with pytest.raises(InputError, match=r"structures\.usual, .* changed since"):
        run_sweep(tiny(structures=STRUCTURES, levers=LEVERS, runs=4), plain, resume=True, progress="none")


def test_the_dry_run_counts_structures(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yamltext.dump({**TINY, "structures": STRUCTURES, "levers": LEVERS}))
    said = CliRunner().invoke(app, ["sweep", str(path), "--dry-run"]).stdout
    assert "64 (4 combinations of levers x 4 samples x 4 structures)" in said
    about = json.loads(CliRunner().invoke(app, ["sweep", str(path), "--dry-run", "--json"]).stdout)
    assert {"points": 64, "structures": 4, "rows": 1280}.items() <= about.items()


def test_the_headline_while_it_runs_is_of_the_first_structure_alone(whole):
    table, design = rows(whole), Plan.load(FOUR).design
    tally, alone = Tally(design, 20), Tally(Plan.load(tiny(levers=LEVERS)).design, 20)
    tally.add(table)
    first = np.flatnonzero(np.arange(64) // 4 % 4 == 0)
    kept = table.filter(np.isin(table["point"].to_numpy(), first))
    alone.add(kept.set_column(0, "point", [np.searchsorted(first, kept["point"].to_numpy()).astype(np.int32)]))
    assert tally.headline() == alone.headline().replace("collapsed ", "collapsed in usual ")
    assert Tally(design, 20).headline() == ""


def test_a_stopping_rule_asks_every_point_of_every_structure(tmp_path):
    rule = {"until": {"outcome": "collapse", "halfwidth": 0.05}, "max_runs": 600}
    own = {"levers": {}, "base": "reassurance_15k", "uncertainties": {}, "design": {}}
    folder = run_sweep(tiny(runs=rule, structures=STRUCTURES, **own), tmp_path / "out", progress="none")
    needed = [
        manifest(run_sweep(tiny(runs=rule, set=values_, **own), tmp_path / name, progress="none"))["runs"]
        for name, values_ in STRUCTURES.items()
    ]
    assert manifest(folder)["runs"] >= max(needed)
