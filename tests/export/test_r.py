"""docs/r.md in R: a curve drawn again, its numbers counted again, and what haven reads of files for Stata."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from fragile_peace_lab.export.opened import open_results
from fragile_peace_lab.export.written import export, stata_names
from tests.tools.tiny_sweeps import finished, tiny

ROOT = Path(__file__).resolve().parents[2]
SCRIPT, PAGE = ROOT / "docs/r/exchange_of_fire.R", ROOT / "docs/r.md"
WHAT_HAVEN_READS = """
options(warn = 2)
for (file in commandArgs(trailingOnly = TRUE)) {
  table <- haven::read_dta(file)
  for (name in names(table)) {
    column <- table[[name]]
    said <- attr(column, "label", exact = TRUE)
    codes <- attr(column, "labels", exact = TRUE)
    sum <- if (is.numeric(column)) sum(as.numeric(column), na.rm = TRUE) else sum(nchar(column))
    cat(basename(file), name, nrow(table), sum(is.na(column)), sprintf("%.17g", sum), length(codes),
        if (is.null(said)) "" else said, sep = "\\t")
    cat("\\n")
  }
}
"""
"""Of every column of every file: rows, gaps, sum (or letters), number of codes, label."""


def missing() -> str:
    """Why R cannot be used here; empty where it can."""
    if shutil.which("Rscript") is None:
        return "no Rscript on this machine (Debian: r-base-core)"
    asked = subprocess.run(["Rscript", "-e", "library(haven)"], capture_output=True, check=False, timeout=60)
    return "" if asked.returncode == 0 else "R has no haven here (Debian: r-cran-haven)"


NO_R = missing()
needs_r = pytest.mark.skipif(bool(NO_R), reason=NO_R or "R is here")


def rscript(*arguments: object) -> str:
    done = subprocess.run(
        ["Rscript", "--vanilla", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A sweep of three rules of engagement, and its tables as CSV and for Stata."""
    where = tmp_path_factory.mktemp("r")
    levers = {"threat.level": [0.0, 1.0], "mandate.roe": ["observe", "self_defence", "enforce"]}
    folder = finished(where / "out", tiny(base="reassurance_15k", levers=levers, weeks=20))
    for form in ("csv", "stata"):
        export(folder, form, where / form)
    return folder, where / "csv", where / "stata"


@needs_r
def test_the_script_redraws_the_curve_and_counts_the_same_numbers(exported, tmp_path):
    folder, csv, stata = exported
    told = rscript(SCRIPT, csv, stata, tmp_path / "curve.png")
    table = open_results(folder).estimates["probabilities"]
    table = table[(table["outcome"] == "exchange_of_fire") & (table["type"] == "mixed")]
    assert 0 < table["plain"].max() < 1
    rows = [line.split()[:3] for line in told.splitlines() if re.match(r" *(observe|self_defence|enforce) ", line)]
    wanted = zip(table["mandate.roe"], table["threat.level"], table["estimate"], strict=True)
    for (rule, level, estimate), (own_rule, own_level, own) in zip(rows, wanted, strict=True):
        assert (rule, float(level)) == (own_rule, own_level)
        assert float(estimate) == pytest.approx(own, rel=6e-3)  # R prints three digits
    assert f"6 settings counted from {len(open_results(folder).runs):,} runs" in told
    assert "horizon" in told
    picture = imread(tmp_path / "curve.png")
    assert picture.shape[:2] == (840, 1800)
    assert np.ptp(picture[..., 0]) > 0.9


@needs_r
def test_the_script_stops_where_the_runs_do_not_give_the_tables_numbers(exported, tmp_path):
    _, csv, stata = exported
    wrong = tmp_path / "csv"
    shutil.copytree(csv, wrong)
    table = pd.read_csv(wrong / "estimates_probabilities.csv")
    table["plain"] += 1e-6
    table.to_csv(wrong / "estimates_probabilities.csv", index=False)
    with pytest.raises(AssertionError, match="largest < 1e-08"):
        rscript(SCRIPT, wrong, stata, tmp_path / "curve.png")


@needs_r
def test_haven_reads_every_number_gap_label_and_code(exported, tmp_path):
    folder, _, stata = exported
    (tmp_path / "read.R").write_text(WHAT_HAVEN_READS)
    opened = open_results(folder)
    files = sorted(stata.glob("*.dta"))
    lines = [line.split("\t") for line in rscript(tmp_path / "read.R", *files).splitlines()]
    found = {(file.removesuffix(".dta"), name): rest for file, name, *rest in lines}
    expected = 0
    for table, frame in opened.frames().items():
        about = opened.variables(table)
        for column, name in stata_names(list(frame)).items():
            rows, gaps, total, codes, said = found[table, name]
            own, expected = frame[column], expected + 1
            assert int(rows) == len(frame)
            if pd.api.types.is_numeric_dtype(own) or pd.api.types.is_bool_dtype(own):
                assert int(gaps) == own.isna().sum(), (table, column)
                assert float(total) == pytest.approx(own.astype("Float64").sum(), rel=1e-12, abs=1e-12), (table, column)
            else:
                assert float(total) == own.map(lambda text: "" if pd.isna(text) else str(text)).str.len().sum()
            assert int(codes) == (len(about[column].codes) if column in about else 0), (table, column)
            assert bool(said) == (column in about and bool(about[column].text)), (table, column)
    assert len(found) == expected > 200


def test_every_line_of_r_on_the_page_stands_in_the_script():
    script = SCRIPT.read_text(encoding="utf-8")
    blocks = re.findall(r"^```r\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        assert block in script
