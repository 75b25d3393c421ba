"""The house is kept (CONTRIBUTING.md): sizes, rooms that say what they are for, and answers that lead to the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fragile_peace_lab.reproduction.docs_source import ANSWER, PACKAGES, ROOT, line_of

TABLES = {"model/fragile_peace/declared/declaration.py"}
"""Files that are a table: one row a thing, as long as there are things."""
FILE, BODY = 400, 40
SOURCES = {file.relative_to(ROOT).as_posix(): file for package in PACKAGES for file in sorted(package.rglob("*.py"))}
QUESTIONS = {
    "the chance that a patrol attributes a raid": "attribution",
    "what a U.S. refusal does to beliefs": "american_evidence",
    "where a sweep's part is written": "write_part",
    "the risk-curve figure": "risk_curves",
    "the Gambit export": "efg",
}


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every function of a module with the lines of its body, its docstring apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            yield node.name, node.end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_has_at_most_400_lines_and_a_function_body_at_most_40(name: str) -> None:
    text = SOURCES[name].read_text(encoding="utf-8")
    long = [f"{function}: {lines} lines" for function, lines in functions(ast.parse(text)) if lines > BODY]
    assert not long
    assert name in TABLES or len(text.splitlines()) <= FILE


def test_the_tables_are_files() -> None:
    assert set(SOURCES) >= TABLES


@pytest.mark.parametrize("question", QUESTIONS)
def test_where_is_leads_to_the_line_on_which_the_definition_starts(question: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    answer = ANSWER.search(text, text.index(f"| {question} |"))
    assert answer is not None
    assert answer["name"] == QUESTIONS[question]
    path, line, leaf = answer["path"], int(answer["line"]), answer["name"].split(".")[-1]
    stands = f"{path} defines {answer['name']} on line {line_of(path, answer['name'])}, CONTRIBUTING.md says {line}"
    found = (ROOT / path).read_text(encoding="utf-8").splitlines()[line - 1]
    assert re.match(rf"\s*(def|class) {leaf}\b", found), stands


def test_architecture_names_every_file_once_and_none_that_is_gone() -> None:
    """Read without the generator: folders in bold, a row a file; patterns stand for files of a kind."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named: list[Path] = []
    for package in PACKAGES:
        for folder, rows in re.findall(
            rf"^\*\*`({package.name}/[\w/]*)`\*\*[^\n]*\n((?:\n|\|.*\n)*)", text, re.MULTILINE
        ):
            for pattern in re.findall(r"^\| `([^`]+)` \|", rows, re.MULTILINE):
                files = sorted((package.parent / folder).glob(pattern))
                assert files, f"docs/architecture.md names {folder}{pattern}, which is gone"
                named += files
    there = {
        file
        for package in PACKAGES
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    missed = {file for file in there if file.name != "__init__.py"} - set(named)
    assert not missed, f"docs/architecture.md misses {sorted(map(str, missed))}"
    assert len(named) == len(set(named))
