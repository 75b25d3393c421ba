"""Notebooks executed in a fresh kernel, written without what changes from run to run, and compared by key numbers.

`notebooks/NAME.py` (text, jupytext's py:percent) is what people edit; `NAME.ipynb` is it with its outputs. A kernel
runs with warnings as errors. An output on stderr counts as a warning that got away.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.reproduction.certificate import FAIL, PASS, SKIP, Item
from fragile_peace_lab.reproduction.sameness import value_difference

QUICK = "FRAGILE_PEACE_QUICK"
KEY_NUMBERS = "application/vnd.fragile-peace.key-numbers+json"
"""The kind of output that holds a notebook's key numbers, beside the table that readers see."""
TIMEOUT = 600  # seconds a cell
WARNINGS = ",".join(
    (
        "error",
        "ignore::PendingDeprecationWarning:ipykernel.kernelbase",
        "ignore:There is no current event loop:DeprecationWarning",
    )
)
"""Errors, but for what the kernel says about itself: when it is shut down, and when it starts under Python 3.12."""
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class NotebookError(InputError):
    """A cell failed, or a warning was printed; the message names the notebook, the cell and the error."""


def _packages() -> tuple[Any, Any, Any]:
    try:
        import jupytext
        import nbclient
        import nbformat
    except ImportError as error:
        raise InputError(f"notebooks: {error.name} is not installed; make setup-dev installs it") from None
    return jupytext, nbclient, nbformat


def source_of(path: Path) -> Any:
    """Return the notebook that NAME.py describes: no outputs, cells numbered, the same bytes every time."""
    jupytext, _, _ = _packages()
    text = path.with_suffix(".py")
    try:
        book = jupytext.read(text)
    except OSError as error:
        raise InputError(f"{text}: {error.strerror or error}") from None
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number:02d}"
        cell["metadata"] = {}
    book.metadata = {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": dict(KERNEL),
        "language_info": {"name": "python"},
    }
    book.nbformat, book.nbformat_minor = 4, 5
    return book


def executed(path: Path, quick: bool = False) -> Any:
    """Run a notebook from its text in a fresh kernel and return it with outputs. Raises NotebookError."""
    _, nbclient, _ = _packages()
    book = source_of(path)
    client = nbclient.NotebookClient(
        book, timeout=TIMEOUT, kernel_name=KERNEL["name"], record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # of the kernel itself: it remarks on its own transport
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )  # fmt: skip
    environment = {**os.environ, QUICK: "1" if quick else "0", "PYTHONWARNINGS": WARNINGS, "COLUMNS": "100"}
    try:
        client.execute(env=environment)
    except nbclient.exceptions.CellExecutionError as error:
        raise NotebookError(f"{path.name}: {error.ename}: {error.evalue}\n{error.traceback}") from None
    for cell, output in _outputs(book):
        if output["output_type"] == "stream" and output["name"] == "stderr":
            raise NotebookError(f"{path.name}, {cell['id']}: printed on stderr: {output['text'].strip()}")
    book.metadata = source_of(path).metadata  # the kernel adds its patch version
    for cell in book.cells:
        cell["metadata"] = {}
    return book


def _outputs(book: Any) -> Iterator[tuple[Any, Any]]:
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            yield cell, output


def text_of(book: Any) -> str:
    """Return a notebook as the text of its file."""
    _, _, nbformat = _packages()
    nbformat.validate(book)
    return str(nbformat.writes(book)) + "\n"


def write_notebook(path: Path) -> bool:
    """Execute a notebook in full and write NAME.ipynb; returns whether it changed. Raises NotebookError."""
    text = text_of(executed(path))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    durable.write(path, text.encode())
    return True


def key_numbers_of(book: Any) -> dict[str, Any]:
    """Return the key numbers in a notebook's outputs."""
    found: dict[str, Any] = {}
    for _, output in _outputs(book):
        found |= output.get("data", {}).get(KEY_NUMBERS, {})
    return found


def unlike_its_text(path: Path) -> str | None:
    """Return how NAME.ipynb differs from NAME.py in what is not output; None where it does not."""
    _, _, nbformat = _packages()
    book, text = nbformat.read(path, as_version=4), source_of(path)
    if len(book.cells) != len(text.cells):
        return f"{len(book.cells)} cells, {len(text.cells)} in {path.with_suffix('.py').name}"
    for cell, other in zip(book.cells, text.cells, strict=True):
        if any(cell[key] != other[key] for key in ("id", "cell_type", "source")):
            return f"{cell['id']} is not that of {path.with_suffix('.py').name}; make notebooks brings them together"
    return None


def check_notebook(path: Path, exact: bool) -> Item:
    """Execute a notebook in full and compare its key numbers with the published ones."""
    where = f"notebooks/{path.stem}"
    try:
        _, _, nbformat = _packages()
    except InputError as error:
        return Item(where, "key numbers", SKIP, str(error))
    published = key_numbers_of(nbformat.read(path, as_version=4))
    unlike = unlike_its_text(path)
    if unlike is not None or not published:
        return Item(where, "key numbers", FAIL, unlike or "none are published")
    try:
        again = key_numbers_of(executed(path))
    except NotebookError as error:
        return Item(where, "key numbers", FAIL, str(error).splitlines()[0])
    found = value_difference(published, again, exact)
    return Item(where, "key numbers", FAIL if found else PASS, found or f"{len(published)} equal")
