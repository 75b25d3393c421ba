"""The results view: a sweep's folder, the pictures in it, and the commands that make them again.

Pictures that `curves` or `report` have left in figures/ are shown as they are; of a folder that has only its parts the
main ones are drawn in memory, and nothing is written.
"""

import json
import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib as mpl

from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError
from fragile_peace_lab.design.sweep import SHIPPED, Sweep
from fragile_peace_lab.estimates.all_tables import estimate_table
from fragile_peace_lab.estimates.outcomes import LADDER, OUTCOMES
from fragile_peace_lab.figures.compare import comparison
from fragile_peace_lab.figures.drawing import COLUMN, PAGE, STYLE, Picture, Size, described, rendered
from fragile_peace_lab.figures.results import FOLDER, about, checked, compared_outcomes, results_of
from fragile_peace_lab.figures.risk_curves import risk_curves
from fragile_peace_lab.figures.risks import heat_map, ladder
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.behaviour import sources

HOME = Path("results")
_roots: tuple[Path, ...] = (HOME,)
ORDER = ("risk_curves", "heat_map", "ladder", "comparison")
TITLES = {
    "risk_curves": "Curves", "heat_map": "Heat map", "ladder": "Ladder", "comparison": "Comparison",
    "cumulative_incidence": "When", "weekly_fan": "Week by week", "single_run": "One run", "structures": "Structures",
    "ends": "By class",
}  # fmt: skip
_DRAWING = threading.Lock()  # matplotlib's settings are the whole process's


@dataclass(frozen=True)
class Shown:
    """One picture as the page shows it, drawn when asked.

    Attributes
    ----------
    tab : its name on the page
    page, column : make the SVG for a wide page and for a telephone
    files : by ending, what makes each file's bytes
    """

    name: str
    tab: str
    title: str
    alt: str
    caption: str
    page: Callable[[], bytes]
    column: Callable[[], bytes]
    files: dict[str, Callable[[], bytes]]


@dataclass(frozen=True)
class Opened:
    """A folder as the page shows it.

    Attributes
    ----------
    folder : where it is
    title : of the sweep
    facts : name and words
    stale : why the numbers may differ from what the code here gives; empty if they do not
    sweep : the text of the sweep file
    commands : what makes the results again, one a line
    pictures : in the order of the tabs
    """

    folder: Path
    title: str
    facts: tuple[tuple[str, str], ...]
    stale: str
    sweep: str
    commands: tuple[str, ...]
    pictures: tuple[Shown, ...]


def allow(roots: Sequence[Path]) -> None:
    """Say which folders may be opened: these and what lies in them, results/ if none. Raises InputError."""
    global _roots
    for root in roots:
        if not root.is_dir():
            raise InputError(f"dashboard: {root} is not a folder")
    _roots = tuple(roots) or (HOME,)


def listed() -> dict[str, Path]:
    """Return the folders of results that may be opened, by name."""
    found = {}
    for root in _roots:
        for path in (root / store.MANIFEST, *sorted(root.glob(f"*/{store.MANIFEST}"))):
            if path.is_file() and _inside(path):
                found[path.absolute().parent.name] = path.parent
    return found


def path_of(text: str) -> Path:
    """Return the folder that a reader means: by name, or by a path inside what may be opened. Raises InputError."""
    if not text.strip():
        raise InputError("folder: an empty value is not allowed; must be a name under results/, or a path")
    known = listed()
    path = known.get(text) or Path(text).expanduser()
    try:
        inside = _inside(path)
        there = inside and path.is_dir()
    except (OSError, ValueError, RuntimeError):
        inside = there = False
    if not there:
        names = f"; there are {', '.join(known)}" if known else ""
        where = ", ".join(map(str, _roots))
        raise InputError(
            f"folder: {text[:200]} is not a folder in {where}{names}; name others when you start the dashboard"
        )
    return path


def _inside(path: Path) -> bool:
    """Whether a path, links followed, lies in a folder that may be opened."""
    true = path.resolve()
    return any(true.is_relative_to(root.resolve()) for root in _roots)


def _read(path: Path) -> bytes:
    """Return a file's bytes. Raises InputError where what was opened lies elsewhere.

    Somebody may have swapped it for a link since its folder was looked at: what is open is judged, not its name.
    """
    try:
        with path.open("rb") as file:
            handle = Path(f"/proc/self/fd/{file.fileno()}")
            if not _inside(handle if handle.exists() else path):
                raise InputError(f"{path}: leads out of the folders that may be opened")
            return file.read()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def opened(text: str, say: Callable[[str], object]) -> Opened:
    """Open a folder. Raises InputError: not there, not a sweep's, not finished, damaged, nothing to show.

    `say` is told what is being done.
    """
    folder = path_of(text)
    manifest = store.read_manifest(folder)
    say("reading")
    pictures = tuple(_kept(folder)) or tuple(_drawn(folder, say))
    if not pictures:
        raise InputError(f"{folder}: has no runs to draw")
    sweep, command = sweep_of(manifest, folder)
    runs = manifest["rows"]
    stale = ""
    if manifest["source_digest"] != sources():
        stale = "These results were made by another version of the model, or of Numba or NumPy, than runs here."
    structures = manifest["sweep"].get("structures", {})
    facts = (
        ("Points", f"{manifest['points']:,}"),
        ("Runs", f"{runs:,} ({manifest['runs']:,} a point)"),
        ("Weeks", str(manifest["sweep"]["weeks"] or "the scenario’s own")),
        ("Seed", str(manifest["seed"])),
        ("Levers", ", ".join(manifest["sweep"]["levers"]) or "none"),
        ("Unknowns sampled", str(len(manifest["sweep"]["uncertainties"]))),
        *([("Structures, the first one shown", ", ".join(structures))] if structures else []),
        ("Behaviour digest", manifest["behaviour_digest"][:12]),
    )
    commands = (command, shlex.join(["fragile-peace", "curves", str(folder)]))
    title = manifest["sweep"].get("title") or manifest["name"]
    return Opened(folder, title, facts, stale, sweep, commands, pictures)


def sweep_of(manifest: dict[str, Any], folder: Path) -> tuple[str, str]:
    """Return the sweep file and the command that runs it: by name where it is a shipped one, unchanged."""
    name = manifest["name"]
    text = yamltext.dump({key: value for key, value in manifest["sweep"].items() if value is not None})
    shipped = SHIPPED / f"{name}.yaml"
    same = shipped.exists() and Sweep.load(name).to_dict() == manifest["sweep"]
    words = ["fragile-peace", "sweep", name if same else f"{name}.yaml"]
    return text, shlex.join(words + ([] if folder == HOME / name else ["--out", str(folder)]))


def _kept(folder: Path) -> list[Shown]:
    """The pictures in figures/, those that are whole; a link that leads elsewhere is not followed."""
    found = []
    for sidecar in sorted((folder / FOLDER).glob("*.json")):
        stem, name = sidecar.with_suffix(""), sidecar.stem
        if not _inside(sidecar) or not _inside(stem.with_suffix(".svg")):
            continue
        try:
            said = json.loads(_read(sidecar))
            page = stem.with_suffix(".svg")
            page.stat()
            title, alt, caption = (str(said[key]) for key in ("title", "alt", "caption"))
        except (InputError, OSError, ValueError, KeyError, TypeError):
            continue
        narrow = stem.with_name(f"{name}_column.svg")
        files: dict[str, Callable[[], bytes]] = {
            kind: partial(_read, path)
            for kind in ("svg", "png", "pdf", "csv", "json")
            if (path := stem.with_suffix(f".{kind}")).is_file() and _inside(path)
        }
        column = narrow if narrow.is_file() and _inside(narrow) else page
        tab = TITLES.get(name, name.replace("_", " "))
        found.append(Shown(name, tab, title, alt, caption, partial(_read, page), partial(_read, column), files))
    return sorted(found, key=lambda shown: (ORDER.index(shown.name) if shown.name in ORDER else len(ORDER), shown.name))


def _drawn(folder: Path, say: Callable[[str], object]) -> list[Shown]:
    """The main pictures, drawn from the parts."""
    checked(folder)
    say("estimating")
    results = results_of(folder, estimated=False)
    rungs = estimate_table(results.runs, tuple(outcome for outcome in OUTCOMES if outcome.group == LADDER), ("mixed",))
    value = results.runs.settings[results.baseline][results.axis.name]
    made = [
        risk_curves(results.curves, results.axis, results.facts, results.belief()),
        heat_map(results.curves, results.axis, results.facts),
        ladder(rungs, results.axis, value, results.facts),
        comparison(results.runs, compared_outcomes(), results.baseline, results.axis)
        if len(results.runs.settings) > 1
        else None,
    ]
    return [_shown(results.named(picture), about(results)) for picture in made if picture is not None]


def _shown(picture: Picture, said: dict[str, Any]) -> Shown:
    name = "comparison" if picture.name.startswith("comparison") else picture.name
    page, column = (cache(partial(_image, picture, "svg", size)) for size in (PAGE, COLUMN))
    files: dict[str, Callable[[], bytes]] = {
        "svg": page,
        "png": partial(_image, picture, "png", PAGE),
        "pdf": partial(_image, picture, "pdf", PAGE),
        "csv": lambda: picture.numbers.to_csv(index=False, lineterminator="\n").encode(),
        "json": lambda: (json.dumps(described(picture, said), indent=2, ensure_ascii=False) + "\n").encode(),
    }
    return Shown(name, TITLES.get(name, name), picture.title, picture.alt, picture.caption, page, column, files)


def _image(picture: Picture, kind: str, size: Size) -> bytes:
    with _DRAWING, mpl.rc_context(STYLE):
        return rendered(picture.draw(size), kind, size)
