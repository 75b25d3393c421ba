"""Nothing is made twice: what a second call leaves alone, and what makes it work again."""

import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.figures.drawing import PAGE
from fragile_peace_lab.figures.results import read_tables, write_curves
from fragile_peace_lab.report import uptodate
from fragile_peace_lab.report.page import write_report
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import folder as store
from tests.tools.tiny_sweeps import forge, tiny

ROUGH = replace(PAGE, kinds=("svg",))
SWEEP = {
    "base": "reassurance_15k", "levers": {"threat.level": [0.0, 1.0]}, "design": {"uncertainties": {"lhs": 2}},
    "runs": 2, "weeks": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return run_sweep(tiny(**SWEEP), tmp_path_factory.mktemp("sweep") / "small", threads=1, progress="none")


@pytest.fixture
def folder(swept, tmp_path):
    """A sweep with one step done that wrote one file."""
    where = tmp_path / "copy"
    shutil.copytree(swept, where)
    (where / "estimates").mkdir()
    (where / "estimates" / "one.csv").write_text("a\n1\n")
    uptodate.record(where, {"estimates": [where / "estimates" / "one.csv"]})
    return where


def test_a_step_that_is_done_is_up_to_date(folder):
    assert uptodate.up_to_date(folder, ["estimates"]) == ["estimates"]
    assert uptodate.up_to_date(folder, ["estimates", "report"]) == ["estimates"]
    assert uptodate.files_of(folder, ["estimates"]) == [str(folder / "estimates" / "one.csv")]
    uptodate.record(folder, {"report": []})
    assert uptodate.up_to_date(folder, ["estimates", "report"]) == ["estimates", "report"]


def test_what_makes_it_work_again(folder, monkeypatch):
    made = folder / "estimates" / "one.csv"
    for change in ("a\n2\n", None):
        made.write_text(change) if change else made.unlink()
        assert not uptodate.up_to_date(folder, ["estimates"])
        made.write_text("a\n1\n")
        assert uptodate.up_to_date(folder, ["estimates"]) == ["estimates"]
    for text in ("{", "[]", "{}", '{"estimates": {}}'):
        before = (folder / uptodate.NAME).read_text()
        (folder / uptodate.NAME).write_text(text)
        assert not uptodate.up_to_date(folder, ["estimates"])
        (folder / uptodate.NAME).write_text(before)
    with monkeypatch.context() as patched:
        patched.setattr(uptodate, "version", lambda name: "another")
        assert not uptodate.up_to_date(folder, ["estimates"])
    manifest = store.read_manifest(folder)
    forge(folder, manifest | {"name": "another"})
    assert not uptodate.up_to_date(folder, ["estimates"])


def test_the_digest_covers_what_is_estimated_played_and_drawn(tmp_path, folder, monkeypatch):
    paths = {
        path.relative_to(package.parent).as_posix()
        for package in uptodate.PACKAGES
        for pattern in uptodate.SOURCES
        for path in package.glob(pattern)
    }
    names = ("fragile_peace/kernels/week.py", "fragile_peace/evidence.csv", "fragile_peace_lab/estimates/incidence.py",
             "fragile_peace_lab/report/templates/report.html.j2")  # fmt: skip
    assert set(names) <= paths
    for package in uptodate.PACKAGES:
        shutil.copytree(package, tmp_path / "root" / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(uptodate, "PACKAGES", tuple(tmp_path / "root" / path.name for path in uptodate.PACKAGES))
    for name in names:
        before = uptodate.made_from(folder)
        with (tmp_path / "root" / name).open("ab") as file:
            file.write(b" ")
        assert uptodate.made_from(folder) != before


def test_a_command_does_nothing_twice(swept):
    """The first call names what it makes; the second writes not one file."""

    def called(*words):
        done = CliRunner().invoke(app, [*words, str(swept)])
        assert done.exit_code == 0, done.stderr
        return done.stderr

    def times():
        return {path: path.stat().st_mtime_ns for path in swept.rglob("*") if path.is_file()}

    first = called("curves", "--size", "slide")
    for words in ("reading 8 runs", "estimates 6 of 10: incidence", "figure 1 of 6: risk_curves", "6: weekly_fan"):
        assert words in first
    before = times()
    assert called("curves", "--size", "slide").strip() == uptodate.NOTHING
    assert times() == before


def test_a_report_reads_the_tables_and_draws_only_what_curves_have_left(swept, tmp_path):
    """The page after `curves` is that of a folder without any, to the byte; only the other size is drawn."""
    apart, beside = (shutil.copytree(swept, tmp_path / name, ignore=shutil.ignore_patterns(".made.json", "figures"))
                     for name in ("apart", "beside"))  # fmt: skip
    told: list[str] = []
    write_report(apart, told.append, [ROUGH])
    assert any("estimates 1 of" in words for words in told)
    write_curves(apart, sizes=[ROUGH])
    curves = write_curves(beside, sizes=[ROUGH])
    uptodate.record(beside, curves.steps)
    told.clear()
    write_report(beside, told.append, [ROUGH])
    assert not any(words.startswith(("estimates", "figure")) for words in told), told
    assert (beside / "report.html").read_bytes() == (apart / "report.html").read_bytes()
    read = read_tables(curves.results)
    assert set(read) - {"informed", "pairs"} == set(curves.results.tables)
    for name, table in curves.results.tables.items():
        both = [each.astype(object).where(each.notna(), None) for each in (read[name], table)]
        assert both[0].to_dict("records") == both[1].to_dict("records"), name
    (beside / "estimates" / "spread.csv").write_text("outcome,threat.level\nx,7\n")
    with pytest.raises(InputError, match=r"spread.csv: not a table of these estimates"):
        read_tables(curves.results)


def test_a_damaged_part_is_named(swept, tmp_path):
    from fragile_peace_lab.figures.results import checked

    where = tmp_path / "copy"
    shutil.copytree(swept, where)
    part = next((where / "parts").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match=rf"{part.name}: damaged: its bytes are not those"):
        checked(where)
