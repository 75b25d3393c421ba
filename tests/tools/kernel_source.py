"""The kernels as source text: every function under the decorator `kernel`, by syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

MODEL = Path(__file__).resolve().parents[2] / "model" / "fragile_peace"
KERNELS, REFERENCE = MODEL / "kernels", MODEL / "reference"


def kernel_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the file, relative to the folder of kernels, and the definition of each kernel."""
    for path in sorted(KERNELS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(map(_is_kernel, node.decorator_list)):
                yield path.relative_to(KERNELS).as_posix(), node


def _is_kernel(decorator: ast.expr) -> bool:
    """Whether a decorator is `kernel` or `kernel(...)`."""
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(name, ast.Name) and name.id == "kernel"
