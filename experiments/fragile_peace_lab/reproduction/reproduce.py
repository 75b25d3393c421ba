"""Making published results again and comparing them, item by item.

`check_results` takes a folder of results as git keeps it (no parts) and asks, in this order: are the files those that
were published; are the scenarios and the sweep still those that made them, and does the model behave as it did; do the
runs come out the same; and do the tables, figures and the report that are made from the runs. Sources edited since are
said, and are no failure: behaviour and runs decide, over the outcomes that the manifest names. Nothing in the folder is
changed.
"""

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.deciding.brief.written import PAGE as BRIEF
from fragile_peace_lab.deciding.decision import FOLDER as DECISION
from fragile_peace_lab.deciding.written import SUMMARY
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import SHIPPED, Sweep
from fragile_peace_lab.estimates.all_tables import FOLDER as ESTIMATES
from fragile_peace_lab.estimates.all_tables import SAY
from fragile_peace_lab.estimates.signposts import FOLDER as SIGNPOSTS
from fragile_peace_lab.figures.results import FOLDER as FIGURES
from fragile_peace_lab.report.page import NAME as PAGE
from fragile_peace_lab.reproduction import crate
from fragile_peace_lab.reproduction.certificate import FAIL, PASS, SKIP, Item
from fragile_peace_lab.reproduction.remake import CALIBRATION, remake_calibration, remake_sweep
from fragile_peace_lab.reproduction.sameness import difference, flat
from fragile_peace_lab.running.executors import compute
from fragile_peace_lab.running.runner import grid_of, run_sweep
from fragile_peace_lab.running.verify import verify
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.behaviour import behaviour_digest, sources
from fragile_peace_lab.store.changes import changes
from fragile_peace_lab.store.columns import rows_digest
from fragile_peace_lab.store.parts import Grid, digest, encode
from fragile_peace_lab.store.side_tables import entries as side_entries

SHARE = 0.01
STALE = crate.STALE
NOT_KEPT = (".pdf",)  # git ignores them; the SVG is the same drawing
Remake = Callable[[Path, Path], Any]


def check_results(
    folder: Path, exact: bool, quick: bool = False, remake: Remake = remake_sweep, say: Callable[[str], None] = SAY
) -> list[Item]:
    """Make the results in a folder again elsewhere and compare.

    Parameters
    ----------
    folder : of published results
    exact : byte for byte; else numbers within the tolerance of `reproduction.sameness`
    quick : run a seeded sample of 1 % again instead of everything
    remake : makes of a folder of runs what is published in the other: tables, figures, report, decision
    say : told what is being done

    Returns
    -------
    items, in order; where the experiment itself is another one, the runs are not made again
    """
    name = folder.name
    if name == CALIBRATION:
        return _calibration(folder, exact, quick, say)
    try:
        manifest = store.read_manifest(folder)
        items = [_files(folder)]
    except InputError as error:
        return [Item(name, "manifest", FAIL, str(error))]
    say(f"{name}: scenarios, sweep, kernels")
    identity = _identity(folder, manifest, exact)
    items += identity
    if any(item.verdict == FAIL for item in identity):
        return [*items, Item(name, "runs", SKIP, "not run again: what would be run is not what was published")]
    with tempfile.TemporaryDirectory() as temporary:
        again = Path(temporary) / name
        say(f"{name}: runs")
        runs = _sample(folder, manifest) if quick else _runs(folder, manifest, again, exact)
        items.append(runs)
        if quick and not _linked(folder, manifest, again):
            return [*items, Item(name, "estimates", SKIP, "not made again: that takes all runs, without --quick")]
        if not (quick and runs.verdict == FAIL):
            say(f"{name}: estimates, figures, report")
            remake(again, folder)
            items += _outputs(folder, again, exact)
    return items


def _calibration(folder: Path, exact: bool, quick: bool, say: Callable[[str], None]) -> list[Item]:
    """Check the posterior again and compare; it has no runs of its own to sample."""
    files = _files(folder)
    if quick:
        return [files, Item(folder.name, "check", SKIP, "not made again: that takes minutes, without --quick")]
    with tempfile.TemporaryDirectory() as temporary:
        say(f"{folder.name}: check of the posterior")
        remake_calibration(Path(temporary))
        return [files, *_outputs(folder, Path(temporary), exact)]


# -- the experiment --


def _files(folder: Path) -> Item:
    """Whether the files are those that the RO-Crate lists."""
    changed = crate.changed_files(folder.parent, folder.name)
    if changed is None:
        return Item(folder.name, "files", SKIP, f"{crate.NAME} does not list them: these results are not published")
    if changed:
        return Item(folder.name, "files", FAIL, f"not as published (sha256): {', '.join(changed)}")
    return Item(folder.name, "files", PASS, "as published (sha256)")


def _identity(folder: Path, manifest: dict[str, Any], exact: bool) -> list[Item]:
    """Whether scenarios, sweep, kernels, behaviour and design are still those of the manifest."""
    name = folder.name
    try:
        with tempfile.TemporaryDirectory() as temporary:
            plan = Plan.load(sweep_of(manifest, Path(temporary)))
        declared = Plan.load(name) if _is_shipped(name) else plan
        items = [_scenario(name, base, entry, plan) for base, entry in manifest["scenarios"].items()]
    except InputError as error:
        return [Item(name, "sweep", FAIL, str(error))]
    items.append(_sweep(name, manifest, declared))
    items += [_kernels(name, manifest), _behaviour(folder, manifest)]
    made = digest(encode(plan.design.table()))
    right = durable.sha256(folder / store.DESIGN) == manifest["design_sha256"]
    right = right and (made == manifest["design_sha256"] or not exact)
    words = f"{manifest['points']:,} points" if right else "design.parquet is not what the sweep gives"
    return [*items, Item(name, "design", PASS if right else FAIL, words)]


def _is_shipped(name: str) -> bool:
    return (SHIPPED / f"{name}.yaml").exists()


def sweep_of(manifest: dict[str, Any], folder: Path) -> Sweep:
    """Return the sweep of a manifest; a scenario whose file is not here is written into `folder` from the manifest."""
    data = dict(manifest["sweep"])
    named = data["base"] if isinstance(data["base"], list) else [data["base"]]
    bases = []
    for number, (base, entry) in enumerate(zip(named, manifest["scenarios"].values(), strict=True)):
        if base not in shipped() and not Path(base).exists():
            base = str(folder / f"scenario_{number}.yaml")
            Path(base).write_text(Scenario.from_dict(entry["values"]).to_yaml(), encoding="utf-8")
        bases.append(base)
    return Sweep.from_dict({**data, "base": bases})


def _scenario(name: str, base: str, entry: dict[str, Any], plan: Plan) -> Item:
    """Whether a scenario of the manifest is the one that would be run now; names the values that are not."""
    what = f"scenario {base}"
    now = plan.scenarios.get(base)
    if now is None:
        return Item(name, what, FAIL, "there is no such scenario now")
    if Scenario.from_dict(entry["values"]).digest == entry["digest"] == now.digest:
        return Item(name, what, PASS, f"digest {entry['digest'][:12]}")
    ours, theirs = dict(flat(entry["values"])), dict(flat(now.to_dict()))
    changed = [
        f"{key} ({ours.get(key, 'absent')} published, {theirs.get(key, 'absent')} now)"
        for key in {**ours, **theirs}
        if ours.get(key) != theirs.get(key)
    ]
    return Item(name, what, FAIL, f"differs: {', '.join(changed) or 'its digest'}")


def _sweep(name: str, manifest: dict[str, Any], declared: Plan) -> Item:
    """Whether the declared sweep asks what the manifest's does; more runs or samples than declared are the same one."""
    new = store.manifest_of(declared, grid_of(declared))
    kept = {key: manifest[key] for key in ("scenarios", "source_digest", "behaviour_digest", "outcomes")}
    if not _is_shipped(name):
        new["sweep"]["base"] = manifest["sweep"]["base"]
    changed = changes(manifest, new | kept)
    if changed:
        return Item(name, "sweep", FAIL, f"its file says something else: {', '.join(changed)}")
    return Item(name, "sweep", PASS, f"{manifest['rows']:,} runs, seed {manifest['seed']}")


def _kernels(name: str, manifest: dict[str, Any]) -> Item:
    """Whether the kernel sources are those that made the results. If not, that is no fault: what they do is judged."""
    digest, published = sources(), manifest["source_digest"]
    if digest == published:
        return Item(name, "kernels", PASS, f"source digest {digest[:12]}")
    words = f"sources or library versions have changed since (digest {digest[:12]}, published {published[:12]})"
    return Item(name, "kernels", SKIP, f"{words}: judged by behaviour and by the runs")


def _behaviour(folder: Path, manifest: dict[str, Any]) -> Item:
    """Whether the published outcomes of the reference runs come out as they did."""
    digest = behaviour_digest(manifest["outcomes"])
    if manifest["behaviour_digest"] == digest:
        return Item(folder.name, "behaviour", PASS, f"digest of 240 reference runs {digest[:12]}")
    reason = stale(folder.parent).get(folder.name)
    words = f"{STALE}: {reason}" if reason else "the model computes other numbers than those that were published"
    return Item(folder.name, "behaviour", FAIL, words)


def stale(results: Path) -> dict[str, str]:
    """Return the results that STALE.md names ("- name: reason"), and why. Raises InputError for another bullet."""
    path = results / STALE
    named: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        if line.startswith("- "):
            match = re.fullmatch(r"- (\S+): (\S.*)", line)
            if match is None:
                raise InputError(f"{path}: {line!r} is not allowed; must be '- NAME: why its numbers are old'")
            named[match[1]] = match[2]
    return named


def out_of_date(results: Path) -> list[str]:
    """Return what is wrong with the age of published results: old and not named in STALE.md, or named and not old."""
    named, found = stale(results), []
    for folder in (folder for folder in crate.published(results) if (folder / store.MANIFEST).exists()):
        manifest = store.read_manifest(folder)
        old = manifest["behaviour_digest"] != behaviour_digest(manifest["outcomes"])
        if old and folder.name not in named:
            found.append(f"{folder.name}: made by a model that behaves otherwise; run it again or name it in {STALE}")
        if not old and folder.name in named:
            found.append(f"{folder.name}: {STALE} names it, but it is up to date")
        named.pop(folder.name, None)
    return found + [f"{name}: {STALE} names it, but there are no such results" for name in named]


# -- the runs --


def _runs(folder: Path, manifest: dict[str, Any], again: Path, exact: bool) -> Item:
    """Run the whole sweep into another folder, cut as the published one was; compare every part and side table."""
    sweep = sweep_of(manifest, again.parent)
    plan = Plan.load(sweep)
    durable.folder(again)
    kept = {key: manifest[key] for key in ("behaviour_digest", "outcomes")}
    kept["design_sha256"] = digest(encode(plan.design.table()))
    store.Store(again, store.manifest_of(plan, Grid.from_dict(manifest["grid"])) | kept, {}).save(store.RUNNING)
    run_sweep(sweep, again, resume=True)
    made = {entry["file"]: entry for entry in store.read_manifest(again)["parts"]}
    wrong = [e["file"] for e in manifest["parts"] if made.get(e["file"], {}).get("rows_sha256") != e["rows_sha256"]]
    if wrong:
        words = f"{len(wrong)} of {len(made)} parts come out otherwise, first {wrong[0]}"
        return Item(folder.name, "runs", FAIL if exact else SKIP, words)
    beside = {entry["file"]: entry["rows_sha256"] for entry in side_entries(store.read_manifest(again))}
    other = [e["file"] for e in side_entries(manifest) if beside.get(e["file"]) != e["rows_sha256"]]
    if other:
        return Item(
            folder.name, "runs", FAIL if exact else SKIP, f"side tables that come out otherwise: {', '.join(other)}"
        )
    files = sum(made[e["file"]]["sha256"] == e["sha256"] for e in manifest["parts"])
    words = f"all {manifest['rows']:,} again, {len(made)} parts equal"
    words += "" if files == len(made) else f" in their rows, {files} in their files' bytes (another pyarrow)"
    return Item(folder.name, "runs", PASS, words)


def _sample(folder: Path, manifest: dict[str, Any]) -> Item:
    """Run 1 % again: of the rows of each part where the parts are here, else of the parts, whole."""
    if _all_there(folder, manifest):
        try:
            found = verify(folder, SHARE)
        except InputError as error:
            return Item(folder.name, "runs", FAIL, str(error))
        return Item(folder.name, "runs", PASS, f"{found.checked:,} of {found.rows:,} again, each equal to its row")
    entries = manifest["parts"]
    generator = np.random.default_rng()  # nobody who writes a folder knows which parts are spared
    chosen = sorted(generator.choice(len(entries), max(1, round(SHARE * len(entries))), replace=False).tolist())
    with tempfile.TemporaryDirectory() as temporary:
        plan = Plan.load(sweep_of(manifest, Path(temporary)))
    parts = {part.name: part for part in Grid.from_dict(manifest["grid"]).parts()}
    rows = 0
    for entry in (entries[index] for index in chosen):
        part = parts[entry["file"]]
        scenarios = [plan.scenario(point) for point in range(part.p0, part.p1)]
        firsts = [plan.design.first_run(point) for point in range(part.p0, part.p1)]
        table = compute(
            scenarios, firsts, part, manifest["seed"], manifest["sweep"]["weeks"], store.width(plan), None, plan.own
        )
        rows += part.rows
        if rows_digest(table.select(store.part_columns(manifest))) != entry["rows_sha256"]:
            return Item(folder.name, "runs", FAIL, f"part {part.name} comes out otherwise")
    words = f"{rows:,} of {manifest['rows']:,} again ({len(chosen)} of {len(entries)} parts), equal"
    return Item(folder.name, "runs", PASS, words)


def _all_there(folder: Path, manifest: dict[str, Any]) -> bool:
    return all(path.exists() for path in store.files(folder, manifest))


def _linked(folder: Path, manifest: dict[str, Any], again: Path) -> bool:
    """Lay the published runs into another folder, if all are here, for tables and figures to be made from."""
    if not _all_there(folder, manifest):
        return False
    again.mkdir(parents=True)
    for name in (store.MANIFEST, store.DESIGN, *(entry["file"] for entry in side_entries(manifest))):
        shutil.copy2(folder / name, again / name)
    (again / store.PARTS).symlink_to((folder / store.PARTS).resolve(), target_is_directory=True)
    return True


# -- what is made from them --


def _outputs(folder: Path, again: Path, exact: bool) -> list[Item]:
    """Compare tables, figures and the report with those made again, one item each."""
    items = []
    for name in _stems(folder, again, ESTIMATES):
        items.append(_compared(folder, again, f"{ESTIMATES}/{name}", [f"{name}.csv"], exact))
    for kind in (FIGURES, DECISION, SIGNPOSTS):
        stems = _stems(folder, again, kind)
        for name in stems:
            files = [file for file in _names(folder, again, kind) if _owner(file, stems) == name]
            items.append(_compared(folder, again, f"{kind}/{name}", files, exact))
    for name in (PAGE, f"{DECISION}/{SUMMARY}", f"{DECISION}/{BRIEF}"):
        if (folder / name).exists() or (again / name).exists():
            items.append(_compared(folder, again, name, [Path(name).name], exact))
    return items


def _names(folder: Path, again: Path, kind: str) -> list[str]:
    files = {path.name for where in (folder, again) for path in (where / kind).glob("*")}
    return sorted(name for name in files if not name.startswith(".") and Path(name).suffix not in NOT_KEPT)


def _stems(folder: Path, again: Path, kind: str) -> list[str]:
    """The tables or figures of either folder: each has a CSV."""
    return [Path(name).stem for name in _names(folder, again, kind) if name.endswith(".csv")]


def _owner(file: str, figures: list[str]) -> str:
    """The figure that a file belongs to: the longest name that it begins with."""
    return max((name for name in figures if file.startswith(name)), key=len, default="")


def _compared(folder: Path, again: Path, what: str, files: list[str], exact: bool) -> Item:
    """Compare the files of one table or figure; data first, so that a difference is named by its number."""
    where = Path(what).parent
    order = sorted(files, key=lambda file: (Path(file).suffix not in (".csv", ".json"), file))
    for file in order:
        found = difference(folder / where / file, again / where / file, exact)
        if found is not None:
            return Item(folder.name, what, FAIL, found)
    return Item(folder.name, what, PASS, ", ".join(dict.fromkeys(Path(file).suffix[1:] for file in order)))
