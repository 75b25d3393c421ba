"""The faces of the packages: what they promise is there, is explained, and is all that notebooks and the README use."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FACES = (
    "fragile_peace", "fragile_peace.proof", "fragile_peace_lab", "fragile_peace_lab.calibration",
    "fragile_peace_lab.reproduction",
)  # fmt: skip
PLAIN = ("fragile_peace.codes", "fragile_peace.errors")
"""Modules that are public as they stand: what the numbers in results mean, and what may be raised."""
READERS = sorted((ROOT / "notebooks").glob("[0-9]*.py"))


def imported(text: str) -> set[tuple[str, str]]:
    """(module, name) of every import from the project in a text of Python."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fragile_peace"):
            found |= {(node.module, alias.name) for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names if alias.name.startswith("fragile_peace")}
    return found


@pytest.mark.parametrize("name", FACES)
def test_a_face_has_what_it_lists_and_says_what_it_is(name):
    face = import_module(name)
    for public in face.__all__:
        assert getattr(face, public) is not None
        assert public == "__version__" or re.search(rf"\b{public}\b", face.__doc__), public
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'no_such_name'"):
        _ = face.no_such_name


@pytest.mark.parametrize("name", FACES)
def test_type_checkers_see_the_same_names(name):
    tree = ast.parse(Path(import_module(name).__file__).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {alias.asname or alias.name for node in guarded.body for alias in node.names}
    assert typed == set(import_module(name).__all__) - {"__version__"}
    for node in guarded.body:
        for alias in node.names:
            own = getattr(import_module(node.module), alias.name)
            assert getattr(import_module(name), alias.asname or alias.name) is own


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.stem)
def test_notebooks_use_faces_alone(path):
    used = imported(path.read_text(encoding="utf-8"))
    assert used, "a notebook that uses nothing of the project"
    for module, name in used:
        assert module in PLAIN or (module in FACES and name in import_module(module).__all__), (module, name)


def test_the_readme_uses_faces_alone():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    used = set().union(*(imported(block) for block in blocks))
    assert {name for _, name in used} >= {"CeasefireModel", "Scenario", "simulate"}
    for module, name in used:
        assert module in FACES, module
        assert name in import_module(module).__all__, (module, name)
