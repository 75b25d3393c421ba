"""The notebooks: each runs in a fresh kernel without an error or a warning, and is what its text says."""

import json
from pathlib import Path

import nbformat
import pytest

from fragile_peace.declared import yamltext
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.reproduction import notebook_runs
from fragile_peace_lab.reproduction.certificate import FAIL, PASS
from fragile_peace_lab.reproduction.notebook import key_numbers, quick
from fragile_peace_lab.reproduction.notebook_runs import (
    QUICK,
    NotebookError,
    check_notebook,
    executed,
    key_numbers_of,
    text_of,
    unlike_its_text,
    write_notebook,
)

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGES = sorted(NOTEBOOKS.glob("[0-9]*.py"))
NAMES = [path.stem for path in PAGES]
ISSUE = ["01_quickstart", "02_the_game", "03_risk_curves", "04_what_drives_risk", "05_validation",
         "06_your_own_question"]  # fmt: skip
GOOD = """\
# %% [markdown]
# # A page

# %%
import os

from IPython.display import display

answer = 7 if os.environ["FRAGILE_PEACE_QUICK"] == "1" else 42
display({"application/vnd.fragile-peace.key-numbers+json": {"answer": answer, "share": 0.125}}, raw=True)
"""


@pytest.fixture(params=NAMES)
def page(request):
    return NOTEBOOKS / f"{request.param}.ipynb"


@pytest.fixture
def made(tmp_path):
    """Writes a notebook's text; returns its path."""

    def make(text):
        (tmp_path / "page.py").write_text(text)
        return tmp_path / "page.ipynb"

    return make


def test_all_are_there():
    assert NAMES == ISSUE


class TestCommitted:
    def test_runs_in_a_fresh_kernel(self, page):
        """With quick settings; errors, warnings and anything on stderr raise."""
        assert key_numbers_of(executed(page, quick=True))

    def test_is_what_its_text_says_and_has_outputs(self, page):
        assert unlike_its_text(page) is None
        book = nbformat.read(page, as_version=4)
        nbformat.validate(book)
        assert key_numbers_of(book)
        counts = [cell.execution_count for cell in book.cells if cell.cell_type == "code"]
        assert counts == list(range(1, len(counts) + 1))

    def test_is_at_most_one_megabyte(self, page):
        assert page.stat().st_size <= 1_000_000

    def test_holds_no_time_no_path_and_no_error(self, page):
        book = nbformat.read(page, as_version=4)
        for cell in book.cells:
            assert cell.metadata == {}
            for output in cell.get("outputs", ()):
                assert output.output_type in ("stream", "display_data", "execute_result")
                text = json.dumps(output)
                assert output.get("name") != "stderr"
                assert "/tmp/" not in text
                assert str(NOTEBOOKS.parent) not in text
                assert " at 0x" not in text

    def test_says_what_it_asks_and_what_it_does_not_mean(self, page):
        text = page.with_suffix(".py").read_text()
        assert "**Question.**" in text
        assert "not mean" in text

    def test_defines_nothing_to_reuse(self, page):
        lines = page.with_suffix(".py").read_text().splitlines()
        assert not [line for line in lines if line.startswith(("def ", "class "))]


def test_the_readme_and_the_last_notebook_agree_on_the_commands():
    """From a fresh clone to a changed scenario's own risk curve: at most ten commands, and a sweep that is valid."""
    readme = (NOTEBOOKS.parent / "README.md").read_text()
    block = next(part for part in readme.split("```") if "cat > mine.yaml" in part).strip()
    page = (NOTEBOOKS / "06_your_own_question.py").read_text()
    assert "\n".join(f"# {line}" for line in block.splitlines()) in page
    before, text = block.split("cat > mine.yaml <<'END'\n")
    text, after = text.split("END\n")
    assert len(before.splitlines()) + 1 + len(after.splitlines()) <= 10
    plan = Plan.load(Sweep.from_dict(yamltext.parse(text, "README.md")))
    assert plan.design.points == 3 * 16


class TestRunning:
    def test_the_same_bytes_again(self, made):
        path = made(GOOD)
        assert write_notebook(path) is True
        first = path.read_bytes()
        assert write_notebook(path) is False
        assert path.read_bytes() == first
        book = nbformat.read(path, as_version=4)
        assert key_numbers_of(book) == {"answer": 42, "share": 0.125}
        assert [cell.id for cell in book.cells] == ["cell-00", "cell-01"]
        assert check_notebook(path, exact=True).verdict == PASS

    def test_quick_settings(self, made):
        assert key_numbers_of(executed(made(GOOD), quick=True))["answer"] == 7

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("1 / 0", "ZeroDivisionError"),
            ("import warnings; warnings.warn('old', DeprecationWarning)", "DeprecationWarning: old"),
            ("import numpy as np; np.float64(1) / np.float64(0)", "RuntimeWarning: divide by zero"),
            ("import sys; print('careful', file=sys.stderr)", "printed on stderr: careful"),
        ],
    )
    def test_an_error_or_a_warning_in_the_kernel_fails(self, made, line, words):
        with pytest.raises(NotebookError, match=words):
            executed(made(f"# %%\n{line}\n"))

    def test_another_key_number_fails_and_is_named(self, made):
        path = made(GOOD)
        write_notebook(path)
        path.write_text(path.read_text().replace('"answer": 42', '"answer": 43'))
        item = check_notebook(path, exact=True)
        assert item.verdict == FAIL
        assert item.detail == "answer is 43, 42 when made again"

    def test_a_text_that_went_on_without_its_outputs_fails(self, made):
        path = made(GOOD)
        write_notebook(path)
        made(GOOD.replace("A page", "Another page"))
        item = check_notebook(path, exact=True)
        assert item.verdict == FAIL
        assert "make notebooks" in item.detail

    def test_no_key_numbers_is_no_pass(self, made):
        path = made("# %%\n1 + 1\n")
        write_notebook(path)
        assert check_notebook(path, exact=True).verdict == FAIL

    def test_a_missing_text(self, tmp_path):
        with pytest.raises(notebook_runs.InputError, match="No such file"):
            executed(tmp_path / "none.ipynb")


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("0", False), ("", False)])
def test_the_variable_that_asks_for_quick_settings(monkeypatch, value, wanted):
    monkeypatch.setenv(QUICK, value)
    assert quick() is wanted


@pytest.mark.parametrize("value", [[1], None, {}, 1 + 2j])
def test_a_key_number_is_a_number_text_yes_or_no(value):
    with pytest.raises(TypeError, match="key number bad"):
        key_numbers(bad=value)


def test_text_is_what_nbformat_reads_back(made):
    book = executed(made(GOOD))
    assert nbformat.reads(text_of(book), as_version=4).cells[1].outputs[0].data
