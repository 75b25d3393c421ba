"""The parts of the documentation that are read off the source: the phases, the files, where a definition stands.

Nothing here is typed by hand: what a phase, a folder or a file is for is the first sentence of its own docstring.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import fragile_peace
from fragile_peace.kernels.week import PHASES

ROOT = Path(fragile_peace.__file__).resolve().parents[2]
PACKAGES = ROOT / "model" / "fragile_peace", ROOT / "experiments" / "fragile_peace_lab"
KERNELS = PACKAGES[0] / "kernels"
GROUND = ("machine", "chance")
"""Rooms of the kernels that every phase stands on: its row in the table does not name them."""
DATA = {
    "evidence.csv": "the record of each figure that a default, a scenario, a sweep or a target cites",
    "posterior.parquet": "the calibrated posterior",
    "smm_daily.csv": "the violations that the OSCE mission printed for the truce of July 2020, by day and region",
    "simulated.parquet": "the simulated points that the posterior comes from, for its trial",
    "war.parquet": "the war block's sample: draws that agree with how often wars came back, labelled by class",
    "classes.yaml": "the weights of reference classes, and of experts if there are any",
    "influence.csv": "total Sobol indices of the published sensitivity sweep, by outcome and unknown",
    "py.typed": "says that the package carries types",
    "scenarios/*.yaml": "the shipped scenarios",
    "sweeps/*.yaml": "the shipped sweeps",
    "templates/*.j2": "the page of a report",
    "templates/choosing.js": "its script, which shows the setting that a reader chooses",
    "*.vue": "small templates of the page's elements",
    "runtime.c": "what the engine's WebAssembly expects of its surroundings: memory, 128-bit products, an exact `fma`",
    "templates/page.html": "the page's frame and its words on what the model is not",
    "templates/style.css": "what the page adds to the dashboard's style",
    "templates/*[!g].js": "the page's program, a part a topic; `edition.PROGRAM` is their order",
    "*.css": "how the page looks",
}
"""Files that have no docstring, by pattern: what they hold."""
ANSWER = re.compile(r"`(?P<name>[\w.]+)` in `(?P<path>[\w/.]+):(?P<line>\d+)`")
"""How a page says where a definition stands."""


def table(heads: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table: heads as one text with ` | ` between them, and the cells of each row."""
    columns = heads.count(" | ") + 1
    return "\n".join([f"| {heads} |", "|---" * columns + "|", *("| " + " | ".join(cells) + " |" for cells in rows)])


def summary(docstring: str | None) -> tuple[str, list[str]]:
    """Return the first sentence of a docstring without its references, and the equations that it cites.

    Raises ValueError where there is none.
    """
    first = " ".join((docstring or "").strip().split("\n\n")[0].split())
    if not first:
        raise ValueError("no docstring")
    cited = re.findall(r"E\d+\.\d+(?:[–-]E\d+\.\d+)?", first)
    text = re.sub(r"\s*\([^()]*(?:\bE\d+\.\d+|docs/model\.md)[^()]*\)", "", first)
    return re.split(r"(?<=[.!?]) (?=[A-Z`])", text)[0].rstrip("."), cited


# -- the phases --


def phase_table() -> str:
    """Return the phases of a week as a table: number, name, what each does, its files, its equations."""
    rows = []
    for number, phase in enumerate(PHASES, 1):
        path = KERNELS.parent.joinpath(*phase.__module__.split(".")[1:]).with_suffix(".py")
        text, cited = summary(phase.__doc__)
        files = ", ".join(f"`{file.relative_to(KERNELS).as_posix()}`" for file in _files(path, phase.__name__))
        rows.append((str(number), f"`{phase.__name__}`", text, files, ", ".join(cited) or "—"))
    return table("phase | name | what it does | files | equations", rows)


def _files(path: Path, name: str) -> list[Path]:
    """Return the files of the kernels that one of them calls, its own first, in the order in which they are met."""
    found, open_ = [(path, name)], [(path, name)]
    while open_:
        here, name = open_.pop(0)
        functions, imported = _module(here)
        for used in _names(functions[name]) if name in functions else ():
            target = imported.get(used) or (here, used)
            if target not in found:
                found.append(target)
                open_.append(target)
    files = dict.fromkeys(file for file, name in found if name in _module(file)[0])
    return [file for file in files if file.relative_to(KERNELS).parts[0] not in GROUND]


def _names(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield node.id


@cache
def _module(path: Path) -> tuple[dict[str, ast.AST], dict[str, tuple[Path, str]]]:
    """Return the functions of a kernel's file, and where the names that it imports from other kernels are defined."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions: dict[str, ast.AST] = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported: dict[str, tuple[Path, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fragile_peace.kernels"):
            source = KERNELS.parent.joinpath(*(node.module or "").split(".")[1:])
            for alias in node.names:
                if (module := source / f"{alias.name}.py").is_file():
                    imported |= {f"{alias.asname or alias.name}.{name}": (module, name) for name in _module(module)[0]}
                else:
                    imported[alias.asname or alias.name] = source.with_suffix(".py"), alias.name
    return functions, imported


# -- the tree --


def tree() -> str:
    """Return both packages as tables, a folder each, from the highest layer down: every file and what it is for."""
    return "\n\n".join(part for package in PACKAGES for part in _package(package))


def _package(package: Path) -> Iterator[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c.get("containers") == [package.name])
    yield f"### `{package.relative_to(ROOT).as_posix()}/`"
    names = [name.strip() for layer in layers for name in layer.split(":")]
    yield "From the highest layer down: " + " → ".join(f"`{layer.replace(' : ', '`, `')}`" for layer in layers) + "."
    yield _folder(package, package)
    for name in names:
        if (package / name).is_dir():
            for folder in (package / name, *sorted(p.parent for p in (package / name).rglob("*/__init__.py"))):
                yield _folder(folder, package)


def _folder(folder: Path, package: Path) -> str:
    """Return the table of the files of one folder, with the first sentence of the folder's own docstring above it."""
    rows = [(f"`{file.name}`", _purpose(file)) for file in sorted(folder.glob("*.py")) if file.name != "__init__.py"]
    for pattern, text in DATA.items():
        count = len(list(folder.glob(pattern)))
        if count:
            rows.append((f"`{pattern}`", text))
    title = f"**`{folder.relative_to(package.parent).as_posix()}/`**: {_purpose(folder / '__init__.py')}"
    return title + "\n\n" + table("file | what it is for", rows)


def _purpose(file: Path) -> str:
    try:
        text, _ = summary(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))))
    except ValueError as error:
        raise ValueError(f"{file.relative_to(ROOT)}: {error}") from error
    return text.replace("|", "/")


# -- where a definition stands --


def line_of(path: str, name: str) -> int:
    """Return the line on which a definition of a file starts: `name`, or `Class.name` for a method.

    Raises ValueError where the file has no such definition.
    """
    body, node = ast.parse((ROOT / path).read_text(encoding="utf-8")).body, None
    for part in name.split("."):
        node = next((node for node in body if getattr(node, "name", None) == part), None)
        body = getattr(node, "body", [])
    if node is None:
        raise ValueError(f"{path} defines no {name}")
    return node.lineno


def answered(text: str) -> str:
    """Return a page with the line of every "`name` in `path:line`" as it is now."""
    return ANSWER.sub(lambda m: f"`{m['name']}` in `{m['path']}:{line_of(m['path'], m['name'])}`", text)
