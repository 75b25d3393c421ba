"""What the numbers depend on, as digests. Nothing here imports Numba, so a digest costs milliseconds.

source digest : SHA-256 of the *meaning* of the kernel sources: every file of `kernels/`, and `codes.py`,
    `outcomes.py`, `state.py`, `declared/rows.py` and `runs/threat.py` beside it, without comments, docstrings and
    layout, with the Numba and NumPy versions. A sweep is resumed only under the digest that it was started with.
text digest : SHA-256 of the same files byte for byte: what compiled code is filed under (`kernels.machine.jit`).

A file is known by its path inside the package, so two checkouts of the same text agree.
"""

import ast
import hashlib
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
BESIDE = ("codes.py", "outcomes.py", "state.py", "declared/rows.py", "runs/threat.py")
LIBRARIES = ("numba", "numpy")


def kernel_sources(package: Path = PACKAGE) -> list[Path]:
    """The files whose text decides what a kernel computes, in a fixed order.

    Parameters
    ----------
    package
        The folder of the package.

    Returns
    -------
    list of Path
        Every module of `kernels/`, then those of `BESIDE` that exist.
    """
    kernels = sorted((package / "kernels").rglob("*.py"), key=lambda path: path.relative_to(package).as_posix())
    return kernels + [package / name for name in BESIDE if (package / name).is_file()]


def meaning(text: str) -> str:
    """A module's text without comments, docstrings and layout.

    Parameters
    ----------
    text
        Python source.

    Returns
    -------
    str
        The source as Python itself writes the parsed tree back.
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A string alone on its line has no effect anywhere: docstrings of constants go too.
            kept = [line for line in node.body if not _is_bare_string(line)]
            node.body = kept or [ast.Pass()]
    return ast.unparse(tree)


def source_digest(package: Path = PACKAGE) -> str:
    """Digest of what the kernels mean: equal digests, equal numbers.

    Parameters
    ----------
    package
        The folder of the package.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in kernel_sources(package):
        _add(digest, path.relative_to(package).as_posix(), meaning(path.read_text(encoding="utf-8")))
    for library in LIBRARIES:
        _add(digest, library, version(library))
    return digest.hexdigest()


def text_digest(extra: dict[str, str], package: Path = PACKAGE) -> str:
    """Digest of the kernel sources byte for byte, and of anything else that compiled code depends on.

    Parameters
    ----------
    extra
        Names and values of what else decides the compiled code: versions, the processor, the compiler's settings.
    package
        The folder of the package.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in kernel_sources(package):
        _add(digest, path.relative_to(package).as_posix(), path.read_text(encoding="utf-8"))
    for name in sorted(extra):
        _add(digest, name, extra[name])
    return digest.hexdigest()


def _is_bare_string(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _add(digest: "hashlib._Hash", name: str, text: str) -> None:
    """Add one named text; lengths go first, so that no two lists of texts give the same bytes."""
    for part in (name.encode(), text.encode()):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
