"""The equations of docs/model.md and the code cite each other: numbers are complete, known, and all implemented."""

import ast
import itertools
import re
from collections import Counter

from tests.tools.kernel_source import KERNELS, MODEL, REFERENCE, kernel_functions

PAGE = MODEL.parents[1] / "docs" / "model.md"
NUMBER = re.compile(r"\bE(\d+)\.(\d+)\b")
CITED = re.compile(r"\((E\d+\.\d+(?:, E\d+\.\d+)*)\)")
DEFINED = re.compile(r"^\* \*\*(E\d+\.\d+)\*\*", re.MULTILINE)
WITHOUT = "machine/"
"""The compiler's side of the kernels implements no equation, but for the elementary functions."""
ELEMENTARY = "machine/elementary.py"


def defined() -> list[str]:
    """The numbers of the page, in its order."""
    return DEFINED.findall(PAGE.read_text(encoding="utf-8"))


def citations(text: str) -> list[str]:
    """The numbers in brackets in a text."""
    return [number for group in CITED.findall(" ".join(text.split())) for number in group.split(", ")]


def first_paragraph(function: ast.FunctionDef) -> str:
    return (ast.get_docstring(function) or "").partition("\n\n")[0]


def test_every_number_is_defined_once_and_in_order():
    numbers = defined()
    twice = [number for number, times in Counter(numbers).items() if times > 1]
    assert not twice, f"{PAGE.name} defines more than once " + ", ".join(twice)
    parts = [tuple(map(int, number[1:].split("."))) for number in numbers]
    for section, group in itertools.groupby(parts, key=lambda part: part[0]):
        found = [equation for _, equation in group]
        assert found == list(range(1, len(found) + 1)), f"section {section} of {PAGE.name}"


def test_every_kernel_cites_an_equation():
    bare = [
        f"{file}:{function.lineno} {function.name}"
        for file, function in kernel_functions()
        if (file == ELEMENTARY or not file.startswith(WITHOUT)) and not citations(first_paragraph(function))
    ]
    assert not bare, "end the first paragraph of the docstring with the equation, (E4.12) say:\n" + "\n".join(bare)


def test_every_citation_resolves():
    known, unknown = set(defined()), []
    paths = [*KERNELS.rglob("*.py"), *REFERENCE.rglob("*.py"), *PAGE.parent.glob("*.md")]
    for path in sorted(paths):
        text = re.sub(r"```diff.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)  # brings its own
        for number, line in enumerate(text.splitlines(), 1):
            unknown += [f"{path.name}:{number} {cited[0]}" for cited in NUMBER.finditer(line) if cited[0] not in known]
    assert not unknown, f"no such equation in {PAGE.name}:\n" + "\n".join(unknown)


def test_every_equation_is_cited_by_a_kernel():
    """Anywhere in its docstring: a phase may name the equations of its steps one by one."""
    docstrings = [ast.get_docstring(function) or "" for _, function in kernel_functions()]
    cited = {number for docstring in docstrings for number in citations(docstring)}
    unused = [number for number in defined() if number not in cited]
    assert not unused, "no kernel cites " + ", ".join(unused)
