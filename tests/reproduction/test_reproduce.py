"""Published results made again: what passes, and that every kind of tampering fails and is named."""

import csv
import hashlib
import json
import shutil

import pytest
from typer.testing import CliRunner

from fragile_peace import digests
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.deciding.brief.written import write_brief
from fragile_peace_lab.deciding.written import write_decision
from fragile_peace_lab.reproduction import certificate, crate, reproduce
from fragile_peace_lab.reproduction.certificate import FAIL, PASS, SKIP, Certificate, Item, here
from fragile_peace_lab.reproduction.remake import remake_sweep, write_signposts
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import behaviour
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.side_tables import SIDE_TABLES
from tests.tools.published import ROOT, edit, failed, remade, verdicts
from tests.tools.tiny_sweeps import tiny


def without_runs(folder):
    shutil.rmtree(folder / store.PARTS)
    for name in SIDE_TABLES:
        (folder / name).unlink(missing_ok=True)


class TestWhatPasses:
    def test_everything_without_the_parts(self, check, folder):
        """As on a fresh clone: git keeps no parts."""
        without_runs(folder)
        items = check(folder, remake=remade)
        assert failed(items) == {}
        assert SKIP not in verdicts(items).values()
        named = set(verdicts(items))
        assert {"files", "scenario world", "sweep", "kernels", "behaviour", "design", "runs", "report.html"} <= named
        assert {f"estimates/{path.stem}" for path in (folder / "estimates").glob("*.csv")} <= named
        assert {f"figures/{path.stem}" for path in (folder / "figures").glob("*.csv")} <= named

    def test_nothing_in_the_folder_is_touched(self, check, folder):
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        check(folder, quick=True)
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before

    def test_a_sample_where_the_parts_are_here(self, check, folder):
        items = check(folder, quick=True)
        assert failed(items) == {}
        assert "estimates/probabilities" in verdicts(items)

    def test_a_sample_where_they_are_not_runs_whole_parts_and_says_what_it_left_out(self, check, folder):
        without_runs(folder)
        items = check(folder, quick=True)
        assert failed(items) == {}
        assert verdicts(items)["runs"] == PASS
        assert verdicts(items)["estimates"] == SKIP

    def test_a_changed_docstring(self, check, folder, tmp_path, monkeypatch):
        text = edited_kernels(tmp_path, '"""', '"""Otherwise worded. ')
        monkeypatch.setattr(behaviour, "sources", lambda: digests.source_digest(text))
        monkeypatch.setattr(reproduce, "sources", behaviour.sources)
        items = check(folder, quick=True)
        assert failed(items) == {}
        assert verdicts(items)["kernels"] == PASS

    def test_edited_sources_are_said_and_what_the_model_does_is_judged(self, check, folder, tmp_path, monkeypatch):
        text = edited_kernels(tmp_path, "return ", "return 0.0 + ")
        for module in (behaviour, reproduce):
            monkeypatch.setattr(module, "sources", lambda: digests.source_digest(text))
        for items in (check(folder), check(folder, quick=True)):
            assert failed(items) == {}
            said = next(item for item in items if item.what == "kernels")
            assert said.verdict == SKIP
            assert digests.source_digest(text)[:12] in said.detail
            assert store.read_manifest(folder)["source_digest"][:12] in said.detail
            assert verdicts(items)["behaviour"] == verdicts(items)["runs"] == PASS

    def test_a_renamed_source_file_changes_nothing_that_is_published(self, folder, tmp_path):
        package = edited_kernels(tmp_path, "", "")
        (package / "kernels" / "counts.py").rename(package / "kernels" / "tallies.py")
        kept = [path for name in ("estimates", "figures") for path in sorted((folder / name).iterdir())]
        before = {path: path.read_bytes() for path in [*kept, folder / "report.html"]}
        edit(folder / store.MANIFEST, lambda data: data.update(source_digest=digests.source_digest(package)))
        assert store.read_manifest(folder)["source_digest"] != digests.source_digest()
        remade(folder)
        assert {path: path.read_bytes() for path in before} == before

    def test_a_scenario_whose_file_is_gone_is_taken_from_the_manifest(self, folder, monkeypatch):
        manifest = store.read_manifest(folder)
        manifest["sweep"]["base"] = "gone.yaml"
        sweep = reproduce.sweep_of(manifest, folder)
        assert Scenario.load(sweep.base[0]).digest == manifest["scenarios"]["world"]["digest"]


def edited_kernels(tmp_path, old, new):
    """A copy of the package with one line of a kernel changed; returns its folder."""
    package = tmp_path / "fragile_peace"
    shutil.copytree(ROOT / "model" / "fragile_peace", package, ignore=shutil.ignore_patterns("__pycache__"))
    path = package / "kernels" / "incident" / "payoffs.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return package


def test_a_sweep_whose_options_are_weighed_is_published_as_that(tmp_path):
    pytest.importorskip("ema_workbench", reason="extra decide")
    levers = {"mandate.roe": ["observe", "enforce"], "threat.level": [0.0, 1.0]}
    sweep = tiny(base="reassurance_15k", levers=levers, design={"uncertainties": {"sobol": 16}}, runs=4, weeks=8)
    folder = run_sweep(sweep, tmp_path / "results" / "tiny", threads=2, progress="none")
    write_decision(folder)
    write_brief(folder)
    write_signposts(folder)
    items = reproduce.check_results(folder, exact=True)
    assert failed(items) == {}
    found = verdicts(items)
    made = ("losses", "regret", "best_option", "summary.txt", "brief.html")
    assert {found[f"decide/{name}"] for name in made} == {PASS}
    assert {found[f"signposts/{name}"] for name in ("rules", "chances", "calibration", "signposts")} == {PASS}
    assert not (folder / "report.html").exists()
    path = folder / "decide" / "losses.csv"
    path.write_text(path.read_text().replace("observe", "enforce", 1))
    assert "decide/losses" in failed(reproduce.check_results(folder, exact=True, quick=True))


def test_a_saltelli_sweep_is_published_as_its_indices(tmp_path):
    sweep = tiny(base="no_force", levers={}, design={"uncertainties": {"saltelli": 4}}, runs=2)
    folder = run_sweep(sweep, tmp_path / "results" / "tiny", threads=2, progress="none")
    remake_sweep(folder, folder)
    items = reproduce.check_results(folder, exact=True)
    assert failed(items) == {}
    assert verdicts(items)["figures/sensitivity"] == PASS
    assert not (folder / "report.html").exists()
    path = folder / "figures" / "sensitivity.csv"
    path.write_text(path.read_text().replace("collapse", "calm"))
    assert "outcome is calm" in failed(reproduce.check_results(folder, exact=True, quick=True))["figures/sensitivity"]


class TestTampering:
    """One change each; the item that it concerns fails and says what it is."""

    def test_one_estimate(self, check, folder):
        path = folder / "estimates" / "probabilities.csv"
        with path.open(newline="") as file:
            rows = list(csv.reader(file))
        rows[1][rows[0].index("plain")] = "0.123"
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        found = failed(check(folder, quick=True))
        assert set(found) == {"files", "estimates/probabilities"}
        assert "estimates/probabilities.csv" in found["files"]
        assert f"line 2 ({rows[1][0]}): plain is 0.123" in found["estimates/probabilities"]
        assert "0.123" in found["estimates/probabilities"]

    def test_one_figures_data(self, check, folder):
        path = folder / "figures" / "risk_curves.csv"
        lines = path.read_text().split("\n")
        lines[1] = lines[1].replace(lines[1].rsplit(",", 1)[1], "77777")
        path.write_text("\n".join(lines))
        found = failed(check(folder, quick=True))
        assert set(found) == {"files", "figures/risk_curves"}
        assert "77777" in found["figures/risk_curves"]

    def test_a_picture_without_its_data(self, check, folder):
        path = folder / "figures" / "ladder.svg"
        path.write_text(path.read_text().replace("#0072b2", "#0072b3").replace("#00805e", "#00805f"))
        assert set(failed(check(folder, quick=True))) == {"files", "figures/ladder"}

    def test_the_report(self, check, folder):
        path = folder / "report.html"
        path.write_text(path.read_text().replace("not a forecast", "a forecast", 1))
        assert set(failed(check(folder, quick=True))) == {"files", "report.html"}

    def test_one_scenario_value_in_the_manifest(self, check, folder):
        def change(data):
            data["scenarios"]["world"]["values"]["ukraine"]["pull_back_loss"] += 0.125

        edit(folder / store.MANIFEST, change)
        found = failed(check(folder, quick=True))
        assert set(found) == {"files", "scenario world"}
        assert "ukraine.pull_back_loss" in found["scenario world"]

    def test_one_scenario_value_where_the_scenario_is_kept(self, check, folder, published):
        path = published / "world.yaml"
        text = path.read_text()
        try:
            path.write_text(text.replace("0.25", "0.75"))
            items = check(folder)
        finally:
            path.write_text(text)
        assert set(failed(items)) == {"scenario world"}
        assert "threat.level (0.25 published, 0.75 now)" in failed(items)["scenario world"]
        assert verdicts(items)["runs"] == SKIP

    def test_one_kernel_line(self, check, folder, tmp_path, monkeypatch):
        text = edited_kernels(tmp_path, "return ", "return 0.5 + ")
        for module in (behaviour, reproduce):
            monkeypatch.setattr(module, "sources", lambda: digests.source_digest(text))
            monkeypatch.setattr(module, "behaviour_digest", lambda names: "1" * 64)  # of a model that was so edited
        items = check(folder)
        assert set(failed(items)) == {"behaviour"}
        assert verdicts(items)["kernels"] == verdicts(items)["runs"] == SKIP

    def test_another_behaviour(self, check, folder):
        edit(folder / store.MANIFEST, lambda data: data.update(behaviour_digest="0" * 64))
        assert set(failed(check(folder))) == {"files", "behaviour"}

    def test_a_row_digest(self, check, folder):
        edit(folder / store.MANIFEST, lambda data: data["parts"][0].update(rows_sha256="0" * 64))
        found = failed(check(folder))
        assert "parts come out otherwise" in found["runs"]
        shutil.rmtree(folder / store.PARTS)
        assert "comes out otherwise" in failed(check(folder, quick=True))["runs"]

    def test_a_digest_of_a_side_table(self, check, folder):
        edit(folder / store.MANIFEST, lambda data: data["side_tables"][1].update(rows_sha256="0" * 64))
        assert failed(check(folder))["runs"] == "side tables that come out otherwise: weeks.parquet"

    def test_a_seed_that_others_stand_in_for(self, check, folder):
        edit(folder / store.MANIFEST, lambda data: data.update(seed=8) or data["sweep"].update(seed=8))
        assert set(failed(check(folder))) == {"files", "design"}

    def test_a_file_too_many_and_one_too_few(self, check, folder):
        (folder / "figures" / "heat_map.json").unlink(missing_ok=True)
        (folder / "figures" / "ladder.json").unlink()
        (folder / "estimates" / "invented.csv").write_text("outcome,estimate\n")
        found = failed(check(folder, quick=True))
        assert "ladder.json is not among the published files" in found["figures/ladder"]
        assert "invented.csv is not made any more" in found["estimates/invented"]

    def test_a_damaged_manifest(self, check, folder):
        (folder / store.MANIFEST).write_text("{")
        assert set(failed(check(folder))) == {"manifest"}


class TestElsewhere:
    """On another platform numbers may differ in their last digits; words, and more than that, may not."""

    def test_the_kernels_digest_counts_libraries_so_behaviour_decides(self, check, folder, monkeypatch):
        monkeypatch.setattr(reproduce, "sources", lambda: "1" * 64)
        items = check(folder, exact=False, quick=True)
        assert verdicts(items)["kernels"] == SKIP
        assert verdicts(items)["behaviour"] == PASS

    def test_which_comparison_it_was_is_said(self):
        assert Certificate(False, here()).comparison.startswith("bit for bit")
        other = Certificate(False, {**here(), "numpy": "1.0"})
        assert not other.exact
        assert "numpy" in other.comparison
        assert "published with 1.0" in other.comparison


class TestStale:
    def test_committed_results_are_of_this_model_or_named(self):
        assert reproduce.out_of_date(ROOT / "results") == []

    def test_committed_results_name_the_sources_in_manifests_only(self):
        """Else a renamed file would make them all another file."""
        results = ROOT / "results"
        digests_of = [store.read_manifest(path.parent)["source_digest"] for path in results.glob("*/manifest.json")]
        for path in crate.kept_files(results, crate.published(results)):
            text = path.read_bytes().decode(errors="replace")
            assert path.name == store.MANIFEST or not any(digest in text for digest in digests_of), path

    def test_old_results_are_found(self, check, folder):
        results = folder.parent
        assert reproduce.out_of_date(results) == []
        edit(folder / store.MANIFEST, lambda data: data.update(behaviour_digest="0" * 64))
        assert "tiny: made by a model that behaves otherwise" in reproduce.out_of_date(results)[0]
        (results / reproduce.STALE).write_text("# Old\n\n- tiny: the new war block changes them\n- none: no such\n")
        assert reproduce.out_of_date(results) == ["none: STALE.md names it, but there are no such results"]
        assert "the new war block" in failed(check(folder))["behaviour"]

    def test_up_to_date_results_are_not_named(self, folder):
        (folder.parent / reproduce.STALE).write_text("- tiny: by mistake\n")
        assert "it is up to date" in reproduce.out_of_date(folder.parent)[0]

    def test_a_bullet_without_a_reason(self, folder):
        (folder.parent / reproduce.STALE).write_text("- tiny\n")
        with pytest.raises(InputError, match="must be '- NAME: why"):
            reproduce.stale(folder.parent)


def test_the_list_of_results_names_every_figure_and_folder():
    text = (ROOT / "results" / "README.md").read_text()
    for folder in crate.published(ROOT / "results"):
        for path in (folder / "figures").glob("*.csv"):
            assert f"{folder.name}/" in text
            assert path.stem in text


class TestCommand:
    def invoke(self, home, *arguments):
        places = ("--results", str(home / "results"), "--notebooks-dir", str(home / "notebooks"))
        return CliRunner().invoke(app, ["reproduce", *arguments, *places], prog_name="fragile-peace")

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch):
        items = [Item("tiny", "files", PASS, "as published"), Item("tiny", "behaviour", PASS, "same")]
        self.items = items
        monkeypatch.setattr(reproduce, "check_results", lambda *a, **k: list(self.items))

    def test_pass_prints_a_table_and_writes_a_certificate(self, home):
        result = self.invoke(home, "tiny")
        assert result.exit_code == 0, result.output
        assert "PASS     tiny" in result.stdout
        assert "PASS: 2 passed, 0 failed; bit for bit" in result.stdout
        data = json.loads((home / "results" / certificate.NAME).read_text())
        assert data["verdict"] == PASS
        assert data["platform"] == data["published_on"] == here()
        assert data["code"]["behaviour_digest"] == behaviour.behaviour_digest()
        assert [item["what"] for item in data["items"]] == ["files", "behaviour"]

    def test_fail_exits_with_1(self, home):
        self.items[0] = Item("tiny", "files", FAIL, "not as published")
        result = self.invoke(home)
        assert result.exit_code == 1
        assert json.loads((home / "results" / certificate.NAME).read_text())["verdict"] == FAIL

    def test_a_sample_is_no_pass_and_says_what_it_left_out(self, home):
        result = self.invoke(home, "tiny", "--quick")
        assert result.exit_code == 3
        assert "PARTLY: 2 passed, 0 failed" in result.stdout
        assert "not checked by --quick: 99 % of the runs, the estimates" in result.stdout
        assert json.loads((home / "results" / certificate.NAME).read_text())["verdict"] == "PARTLY"
        self.items[0] = Item("tiny", "files", FAIL, "not as published")
        assert self.invoke(home, "tiny", "--quick").exit_code == 1

    def test_the_certificate_holds_the_digest_of_every_file_it_speaks_of(self, home):
        self.invoke(home, "tiny")
        files = json.loads((home / "results" / certificate.NAME).read_text())["files"]
        kept = [path for path in (home / "results" / "tiny").rglob("*") if path.suffix in (".csv", ".svg", ".html")]
        assert {path.as_posix() for path in kept} < set(files)
        report = home / "results" / "tiny" / "report.html"
        assert files[report.as_posix()] == hashlib.sha256(report.read_bytes()).hexdigest()

    def test_where_nothing_is_published_nothing_is_checked_or_made(self, home):
        shutil.rmtree(home / "results")
        result = self.invoke(home)
        assert result.exit_code == 2
        assert "nothing is published" in result.stderr
        assert not (home / "results").exists()

    def test_results_that_nobody_published_are_not_called_so(self, home):
        (home / "results" / crate.NAME).unlink()
        result = self.invoke(home, "tiny")
        assert "PASS: 2 passed" in result.stdout
        assert "which nobody has published" in result.stdout
        assert "as the published results" not in result.stdout

    @pytest.mark.parametrize("names", [["tny"], ["--notebooks", "tiny"]])
    def test_bad_names(self, home, names):
        result = self.invoke(home, *names)
        assert result.exit_code == 2
        assert result.stderr.startswith("error: ")
        assert not (home / "results" / certificate.NAME).exists()

    def test_crate(self, home):
        result = CliRunner().invoke(app, ["crate", "--results", str(home / "results")])
        assert result.stdout.endswith(": tiny\n")
        before = (home / "results" / crate.NAME).read_bytes()
        result = CliRunner().invoke(app, ["crate", "tny", "--results", str(home / "results")])
        assert result.exit_code == 2
        assert (home / "results" / crate.NAME).read_bytes() == before
        result = CliRunner().invoke(app, ["crate", "--results", str(home / "none")])
        assert result.exit_code == 2
