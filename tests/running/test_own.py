"""Own outcomes in a sweep: the same bits however the work is spread, and nothing mixed, hidden or lost."""

import numpy as np
import pytest
from typer.testing import CliRunner

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.running import own as running_own
from fragile_peace_lab.running.cost import cost
from fragile_peace_lab.running.executors import decoded, remote
from fragile_peace_lab.running.merge import merge
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import verify
from fragile_peace_lab.running.weeks import weeks_table
from fragile_peace_lab.store import behaviour
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.parts import Part
from tests.tools.own_outcomes import MODULE, NAMES, own_sweep
from tests.tools.tiny_sweeps import files, finished, manifest, rows, small_parts, tiny


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    small_parts(monkeypatch)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a sweep file with own outcomes, and its results in `out`."""
    folder = tmp_path_factory.mktemp("own")
    finished(folder / "out", own_sweep(folder), threads=2)
    return folder


def test_the_models_columns_are_those_of_the_sweep_without_own_outcomes(made, tmp_path):
    plain = finished(tmp_path / "plain", tiny(base="reassurance_15k"))
    with_own = rows(made / "out")
    assert tuple(with_own.column_names[-len(NAMES) :]) == NAMES
    assert with_own.drop_columns(list(NAMES)).equals(rows(plain))
    assert set(manifest(made / "out")) - set(manifest(plain)) == {"own_outcomes"}
    assert set(manifest(made / "out")["sweep"]) - set(manifest(plain)["sweep"]) == {"outcomes"}
    for name in ("belief.parquet", "weeks.parquet"):
        assert (plain / name).read_bytes() == (made / "out" / name).read_bytes()


def test_the_numbers_are_those_of_the_weeks(made):
    """Counted again from the table of weeks, which another module lays out."""
    plan, table = Plan.load(made / "tiny.yaml"), rows(made / "out").to_pandas()
    for point in (0, 5):
        weeks = weeks_table(
            plan.scenario(point), 7, 20, 2, first_run=plan.design.first_run(point)
        ).to_pandas()  # fmt: skip
        by_run = weeks.assign(raid=weeks["rung"] >= 2).groupby("run")
        own = table[table["point"] == point].sort_values("run")
        assert own["hot_weeks"].tolist() == by_run["raid"].sum().tolist()
        assert own["hot"].tolist() == by_run["raid"].any().tolist()
        assert own["first_hot"].isna().tolist() == (~by_run["raid"].any()).tolist()
        assert np.allclose(own["mean_change"], by_run["troops"].mean() - 5.0, rtol=1e-12)
    assert store.read(made / "out", ["first_hot"]).schema.field("first_hot").metadata[b"unit"] == b"weeks"


def test_threads_memory_and_shards_show_nowhere(made, tmp_path, monkeypatch):
    monkeypatch.setattr(running_own, "AT_ONCE", 1 << 17)  # four runs at a time
    assert files(run_sweep(made / "tiny.yaml", tmp_path / "one", threads=1, progress="none")) == files(made / "out")
    halves = [run_sweep(made / "tiny.yaml", tmp_path / f"s{i}", shard=f"{i}/2", progress="none") for i in (1, 2)]
    assert files(merge(list(halves), tmp_path / "both")[0]) == files(made / "out")


def test_a_worker_elsewhere_needs_no_module_of_its_own(made, tmp_path, monkeypatch):
    plan = Plan.load(made / "tiny.yaml")
    monkeypatch.chdir(tmp_path)
    bases = {name: scenario.to_dict() for name, scenario in plan.scenarios.items()}
    points = [(next(iter(bases)), plan.design.values(0))]
    sources = [one.source for one in plan.own]
    firsts, chunk = [plan.design.first_run(0)], Part(0, 1, 0, 20)
    table = decoded(remote(bases, points, firsts, chunk, 7, 2, store.width(plan), behaviour.code(), sources)[0])
    there = rows(made / "out").slice(0, 20)
    assert table.select(there.column_names).equals(there)


def test_it_resumes_grows_and_verifies(made, tmp_path, monkeypatch):
    file = own_sweep(tmp_path)
    out = run_sweep(file, tmp_path / "out", progress="none")
    part = sorted((out / store.PARTS).glob("*.parquet"))[1]
    part.unlink()
    run_sweep(file, out, resume=True, progress="none")
    assert files(out) == files(made / "out")
    run_sweep(file, out, runs=30, resume=True, progress="none")
    monkeypatch.chdir(tmp_path)
    assert verify(out, share=0.1).rows == 8 * 30 * 2
    table = rows(out).to_pandas()
    assert table[table["run"] < 20]["hot_weeks"].tolist() == rows(made / "out")["hot_weeks"].to_pylist()


def test_a_changed_source_is_refused_on_resume_and_told_by_verify(tmp_path, monkeypatch):
    file = own_sweep(tmp_path)
    out = run_sweep(file, tmp_path / "out", progress="none")
    before = files(out)
    (tmp_path / "mine.py").write_text(MODULE + "\n# a comment\n")
    with pytest.raises(InputError, match="the source of mine:hot changed since"):
        run_sweep(file, out, resume=True, progress="none")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"mine\.py is not the source that mine:hot was made with"):
        verify(out)
    own_sweep(tmp_path, outcomes=None)
    with pytest.raises(InputError, match="outcomes changed since"):
        run_sweep(file, out, resume=True, progress="none")
    own_sweep(tmp_path)
    (tmp_path / "mine.py").unlink()
    with pytest.raises(InputError, match=r"there is no mine\.py"):
        verify(out)
    assert files(out) == before


def test_what_fails_names_function_point_and_run_and_leaves_no_row(tmp_path):
    late = 'if scenario.threat.level == 1.0 and weeks["rung"].max() >= 2:\n        raise ValueError("no")\n    raids ='
    text = MODULE.replace("def hot(weeks)", "def hot(weeks, scenario)").replace("raids =", late, 1)
    with pytest.raises(InputError, match=r"outcomes: mine:hot, point \d+, run \d+: fails with ValueError: no"):
        run_sweep(own_sweep(tmp_path, text), tmp_path / "out", progress="none")
    assert manifest(tmp_path / "out")["state"] == "running"
    done = CliRunner().invoke(app, ["sweep", str(tmp_path / "tiny.yaml"), "--out", str(tmp_path / "again")])
    assert done.exit_code == 2
    assert "error: outcomes: mine:hot, point" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "name", ["weeks", "happened_collapse", "collapse", "violations_true_line", "run", "deaths_n_0"]
)
def test_a_name_that_the_model_has_is_refused(tmp_path, name):
    file = own_sweep(tmp_path, MODULE.replace("hot_weeks", name))
    with pytest.raises(InputError, match=f"{name} is the name of an outcome of the model"):
        run_sweep(file, tmp_path / "out", progress="none")
    assert not (tmp_path / "out").exists()


def test_a_dry_run_says_what_own_outcomes_cost(tmp_path, monkeypatch):
    monkeypatch.setattr("fragile_peace_lab.running.cost.TRIAL_SECONDS", 0.01)
    slow = MODULE.replace('    raids = weeks["rung"]', '    import time; time.sleep(0.002)\n    raids = weeks["rung"]')
    plan = Plan.load(own_sweep(tmp_path, slow))
    assert cost(plan, 1).own_seconds > 0.001
    assert cost(Plan.load(tiny()), 1).own_seconds is None
    done = CliRunner().invoke(app, ["sweep", str(tmp_path / "tiny.yaml"), "--dry-run"])
    assert "ms of these in own outcomes" in done.stdout
    assert not (tmp_path / "out").exists()


def test_a_run_that_ends_early_has_the_weeks_it_lived():
    world = Scenario.load("reassurance_15k").override({"war.prize": 50.0, "war.cost": 0.0})
    seen = []

    class Spy:
        def of(self, weeks, scenario, place):
            seen.append((len(weeks), place))
            assert not weeks.flags.writeable
            return []

    outcomes, _ = running_own.asked([Spy()], world, 3, range(5, 15), 1, 20, 100)
    assert outcomes["weeks"].min() < 20 == outcomes["weeks"].max() or outcomes["weeks"].max() < 20
    assert [weeks for weeks, _ in seen] == outcomes["weeks"].tolist()
    assert seen[0][1] == "point 3, run 5"
