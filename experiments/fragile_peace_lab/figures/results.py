"""The figures of a sweep: which there are, what they are drawn from, and where they are written.

`results_of` reads a sweep's folder and estimates it; `pictures` makes the figures from it; `write_figures` writes them
into figures/ of the folder, each as SVG, PDF and PNG with the CSV of its numbers and a JSON sidecar.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.words.wording import counted, percent
from fragile_peace_lab import durable
from fragile_peace_lab.design.axis import declared_values, key, scenario_at
from fragile_peace_lab.design.belief import beliefs_moved
from fragile_peace_lab.design.beside import CREDIBILITY
from fragile_peace_lab.design.factors import SCENARIO
from fragile_peace_lab.design.labels import CLASS
from fragile_peace_lab.design.own_sample import given_names
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates import tables
from fragile_peace_lab.estimates.all_tables import FOLDER as ESTIMATES
from fragile_peace_lab.estimates.all_tables import SAY, estimate_sweep, estimate_table
from fragile_peace_lab.estimates.basis import basis_of
from fragile_peace_lab.estimates.belief import belief_numbers
from fragile_peace_lab.estimates.comparisons import PAIRS, pair_table
from fragile_peace_lab.estimates.ends import NAME as ENDS
from fragile_peace_lab.estimates.informed import COLUMNS, NO_RECORD, informed_table
from fragile_peace_lab.estimates.informed import NAME as INFORMED
from fragile_peace_lab.estimates.outcomes import BY_NAME, FREQUENCIES, PROBABILITIES, Outcome, needed
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.timing import FAMILIES, incidence_table
from fragile_peace_lab.figures.compare import baseline_words, comparison, moved_levers
from fragile_peace_lab.figures.drawing import COLUMN, PAGE, SLIDE, Picture, Size, rounded, write
from fragile_peace_lab.figures.ends import when_it_ends
from fragile_peace_lab.figures.levers import Axis, lever_label, shown_value
from fragile_peace_lab.figures.own import own_curves
from fragile_peace_lab.figures.risk_curves import ABOUT, BANDS, COUNTS, ROWS, risk_curves
from fragile_peace_lab.figures.risks import WHEN, cumulative_incidence, heat_map, ladder
from fragile_peace_lab.figures.structures import in_each_structure
from fragile_peace_lab.figures.weeks import fan_chart, telling, timeline
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.side_tables import BELIEF, WEEKS, wanted

FOLDER = "figures"


@dataclass(frozen=True)
class Results:
    """A sweep, read and estimated.

    Attributes
    ----------
    folder, manifest : where it is, and what it says of itself
    runs : by setting, member and draw: what figures show; in the reference structure where the sweep declares any
    structures : the runs of every structure by its name, the reference first; empty where the sweep declares none
    axis : which lever runs along the figures and which across them
    baseline : the setting that figures hold and compare with: the base scenario's own values where they are swept
    base : the scenario at that setting, with the unknowns as declared
    declared : the base scenario's own value of every lever; None where no label of a composite lever is as it is
    tables : estimates by name, in every structure
    curves : the estimates of the default figure
    """

    folder: Path
    manifest: dict[str, Any]
    runs: Runs
    structures: dict[str, Runs]
    axis: Axis
    baseline: int
    base: Scenario
    declared: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    curves: pd.DataFrame

    @property
    def weeks(self) -> int:
        """The horizon."""
        weeks = self.manifest["sweep"]["weeks"]
        return int(self.base.weeks if weeks is None else weeks)

    @property
    def facts(self) -> dict[str, Any]:
        """What every figure says of its runs."""
        return {
            "weeks": self.weeks,
            "runs": len(self.runs.settings) * self.runs.members * self.runs.draws,
            "draws": self.runs.draws,
            "members": self.runs.members,
        }

    def table(self, name: str) -> pd.DataFrame:
        """Return the estimates of a table in the structure that is shown."""
        found = self.tables[name]
        return found if not self.structures else found[found[STRUCTURE] == self.axis.structure].drop(columns=STRUCTURE)

    @cached_property
    def points(self) -> pa.Table:
        """The design, in the structure that is shown."""
        every = store.design_of(self.folder)
        return every.filter(pc.equal(every[STRUCTURE], self.axis.structure)) if self.structures else every

    @cached_property
    def informed(self) -> pd.DataFrame:
        """What the parameter variance of the default figure's outcomes rests on, at the baseline.

        Empty for a Saltelli design, whose samples are not independent, and without members.
        """
        if "saltelli" in self.manifest["sweep"]["design"]["uncertainties"]:
            return pd.DataFrame(columns=[*COLUMNS])
        priors = given_names(self.manifest["sweep"]["uncertainties"], self.points)
        return informed_table(self.runs, self.baseline, self.points, priors, compared_outcomes(self.runs.own))

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The default figure's outcomes compared between any two settings, within every structure (`pair_table`)."""
        if PAIRS in self.tables:
            return self.tables[PAIRS]
        runs, outcomes = self.structures or {"": self.runs}, compared_outcomes(self.runs.own)
        parts = [pair_table(one, outcomes, self.baseline) for one in runs.values()]
        parts = [part.assign(**{STRUCTURE: name}) if name else part for name, part in zip(runs, parts, strict=True)]
        return pd.concat(parts, ignore_index=True)

    @property
    def elsewhere(self) -> dict[str, pd.DataFrame]:
        """The estimates in the structures that are not shown, by name, of the mixed types."""
        if not self.tables:
            return {}
        every = pd.concat([self.tables[group] for group in (FREQUENCIES, PROBABILITIES)])
        others = [name for name in self.structures if name != self.axis.structure]
        return {name: every[(every[STRUCTURE] == name) & (every["type"] == "mixed")] for name in others}

    @property
    def rests(self) -> dict[str, str]:
        """By outcome how much of its parameter variance no record of this war informs, where that can be told."""
        known = self.informed[self.informed["group"] == NO_RECORD].dropna(subset=["estimate"])
        return {str(row["outcome"]): percent(row["estimate"]) for row in known.to_dict("records")}

    @property
    def stand_in(self) -> str:
        """Say in what the baseline is not the base scenario's own setting; "" where it is."""
        setting = self.runs.settings[self.baseline]
        apart = [name for name, value in setting.items() if key(value) != key(self.declared[name])]
        own = [
            f"{lever_label(name)} {shown_value(name, self.declared[name])}"
            if self.declared[name] is not None
            else f"no value of {lever_label(name)}"
            for name in apart
        ]
        if not own:
            return ""
        return f"The sweep does not play the base scenario’s own setting ({', '.join(own)}); this one stands in for it."

    def named(self, picture: Picture) -> Picture:
        """Return a figure whose words say what moves beliefs, and which structure it shows, where there are any."""
        if self.axis.of_belief:
            picture = replace(picture, caption=f"{picture.caption} {self.axis.of_belief}")
        if not self.structures:
            return picture
        others = [name for name in self.structures if name != self.axis.structure]
        words = f"All of it is in the structure {self.axis.structure}"
        words += (
            f"; the sweep was played in {counted(len(others), 'other')} too ({', '.join(others)})." if others else "."
        )
        return replace(picture, alt=f"{picture.alt} {words}", caption=f"{picture.caption} {words}")

    def belief(self) -> pd.DataFrame | None:
        """Return belief against fact at the baseline setting; None where the sweep keeps no side tables."""
        if BELIEF not in wanted(self.manifest):
            return None
        return rounded(belief_numbers(self.folder)[[*ABOUT, "case", CREDIBILITY, *BANDS, *COUNTS]])


def checked(folder: str | Path) -> tuple[Path, dict[str, Any]]:
    """Return a sweep's folder and manifest. Raises InputError: no sweep, not finished, a file missing or damaged."""
    where = Path(folder)
    manifest = store.read_manifest(where)
    if manifest["state"] == store.RUNNING:
        raise InputError(f"{where}: the sweep is not finished; run it again with --resume")
    if manifest["state"] == store.SHARD:
        raise InputError(
            f"{where}: holds shard {manifest['shard']} of a sweep; put the shards together with merge first"
        )
    known = store.files(where, manifest)
    for file in dict.fromkeys([*known, *(where / name for name in wanted(manifest))]):
        if not file.exists() or file not in known:
            raise InputError(f"{where}: {file.name} is missing; run the sweep with --resume to compute it again")
        if durable.sha256(file) != known[file]:
            raise InputError(
                f"{file}: damaged: its bytes are not those that were written (sha256). Delete it and run the sweep "
                "with --resume to compute it again"
            )
    return where, manifest


def results_of(
    folder: str | Path, estimated: bool = True, say: Callable[[str], None] = SAY, structure: str | None = None
) -> Results:
    """Read and estimate a sweep. Raises InputError: no sweep, not finished, a file is missing or damaged.

    Where the sweep declares structures, figures show `structure`; the first one if none is named.
    """
    where, manifest = checked(folder)
    say(f"reading {manifest['rows']:,} runs")
    every = Runs.load(where, needed())
    scenarios = store.scenarios_of(manifest)
    base = next(iter(scenarios.values()))
    if not every.levers:
        named = tuple({**setting, SCENARIO: base.name} for setting in every.settings)
        every = replace(every, levers=(SCENARIO,), settings=named)
    structures = {name: every.within(name) for name in every.structures}
    shown = structure or next(iter(structures), "")
    runs = every.within(shown) if shown else every
    sets = store.sets_of(manifest)
    values = declared_values(base, runs.levers, sets)
    axis = replace(
        Axis.of_settings(runs.settings, values), structure=shown, basis=basis_of(runs.labels),
        classes=tuple(sorted(set(runs.labels.get(CLASS, ())))),
        beliefs=beliefs_moved(store.design_of(where), scenarios.values(), sets),
    )  # fmt: skip
    baseline = axis.baseline(runs.settings, values)
    place = runs.settings[baseline] | ({STRUCTURE: shown} if shown else {})
    world = scenario_at(scenarios, sets, place)
    curves = estimate_table(runs, compared_outcomes(runs.own), ("mixed",))
    found = estimate_sweep(every, say) if estimated else {}
    return Results(where, manifest, runs, structures, axis, baseline, world, values, found, curves)


def pictures(results: Results) -> list[Picture]:
    """Return the figures of a sweep; those that its design has no room for are left out."""
    axis, facts, base = results.axis, results.facts, results.runs.settings[results.baseline]
    value = base[axis.name]
    rests = {row.key: results.rests[row.key] for row in ROWS if row.key in results.rests}
    found = [risk_curves(results.curves, axis, facts, results.belief(), rests, structures=results.elsewhere)]
    found += own_curves(results.curves, axis, facts, results.runs, results.rests)
    when = tuple(family for family in FAMILIES if family.name in {row.key for row in WHEN})
    weekly = incidence_table(results.runs, 1, when, _beside(results, value))
    found.append(cumulative_incidence(weekly, axis, value, facts))
    found.append(ladder(results.table("ladder"), axis, value, facts))
    mapped = heat_map(results.curves, axis, facts)
    found += [mapped] if mapped is not None else []
    if len(results.runs.settings) > 1:
        found.append(_against(results, results.baseline))
    if WEEKS in wanted(results.manifest):
        found += _of_weeks(results, axis.of_structure + baseline_words(base, axis))
    return [results.named(picture) for picture in found] + _of_ends(results, axis.at(value)) + _of_structures(results)


def _of_ends(results: Results, where: str) -> list[Picture]:
    """When the ceasefire ends at the baseline setting, by class and structure, if the horizon has a month to show."""
    if ENDS not in results.tables or results.tables[ENDS]["estimate"].isna().all():
        return []
    setting = results.runs.settings[results.baseline]
    return [when_it_ends(results.tables[ENDS], setting, results.base.force, f"At {where}")]


def _against(results: Results, baseline: int) -> Picture:
    """The paired differences from a setting, with what it is to the base scenario. Raises InputError."""
    made = comparison(results.runs, compared_outcomes(), baseline, results.axis)
    if baseline == results.baseline:
        note = results.stand_in or "The baseline is the base scenario’s own setting."
    else:
        note = "The baseline is not the base scenario’s setting: it was asked for."
    return replace(made, caption=f"{made.caption} {note}")


def _of_structures(results: Results) -> list[Picture]:
    """What the lever along the figures moves in each structure, where there are any and it moves."""
    moved = moved_levers(results.runs.settings, results.baseline, results.axis)
    if not (results.structures and moved):
        return []
    return [in_each_structure(results.structures, compared_outcomes(), moved[0], results.axis)]


def _of_weeks(results: Results, where: str) -> list[Picture]:
    """The figures of the runs that the sweep keeps week by week."""
    weeks, seed = store.side_table(results.folder, WEEKS).to_pandas(), int(results.manifest["seed"])
    run, why = telling(weeks)
    told = weeks[weeks["run"] == run]
    return [
        fan_chart(results.base, seed, weeks, results.weeks, where),
        timeline(results.base, seed, told, results.weeks, where, why),
    ]


def _beside(results: Results, value: Any) -> list[int]:
    """The settings of a figure that holds the lever along the axis at one value, and others where they are held."""
    held = {**results.axis.fixed, results.axis.name: value}
    settings = enumerate(results.runs.settings)
    return [place for place, setting in settings if all(setting[name] == held[name] for name in held)]


def compared_outcomes(own: Sequence[Outcome] = ()) -> tuple[Outcome, ...]:
    """Return the outcomes of the default figure, which comparisons are made of, and own ones."""
    return (*(BY_NAME[row.key] for row in ROWS), *own)


def about(results: Results) -> dict[str, Any]:
    """Return what every sidecar says: which sweep, what the code does, how many runs, what was assumed."""
    manifest, sweep = results.manifest, results.manifest["sweep"]
    return {
        "sweep": manifest["name"],
        "scenarios": {name: entry["digest"] for name, entry in manifest["scenarios"].items()},
        "behaviour_digest": manifest["behaviour_digest"],
        "seed": manifest["seed"],
        "weeks": results.weeks,
        "points": manifest["points"] // max(1, len(results.structures)),
        "runs": results.facts["runs"],
        "draws": results.runs.draws,
        "members": results.runs.members,
        "assumptions": {"set": sweep["set"], "uncertainties": sweep["uncertainties"]},
        **({"structure": results.axis.structure, "structures": sweep["structures"]} if results.structures else {}),
    }


def write_figures(
    results: Results, made: Sequence[Picture], sizes: Sequence[Size] = (PAGE, COLUMN, SLIDE),
    say: Callable[[str], None] = SAY,
) -> dict[str, list[Path]]:  # fmt: skip
    """Write figures into figures/ of the sweep's folder; returns the files of each step (`steps`)."""
    written: dict[str, list[Path]] = {step(size, kind): [] for size in sizes for kind in size.kinds}
    for number, picture in enumerate(made if written else (), 1):
        say(f"figure {number} of {len(made)}: {picture.name}")
        for size in sizes:
            files = write(picture, results.folder / FOLDER, [size], about(results))
            for kind in size.kinds:
                drawn = {f".{other}" for other in size.kinds if other != kind}
                written[step(size, kind)] += [path for path in files if path.suffix not in drawn]
    return written


@dataclass(frozen=True)
class Shown:
    """What was written of a sweep.

    Attributes
    ----------
    results, made : the sweep, and its figures
    steps : the files of each step that was taken (`report.uptodate`)
    """

    results: Results
    made: list[Picture]
    steps: dict[str, list[Path]]


def step(size: Size, kind: str) -> str:
    """Return what it is called to draw the figures of a size as files of a kind."""
    return f"figures: {size.name} as {kind}"


def steps(sizes: Sequence[Size]) -> list[str]:
    """Return what the steps are called: the estimates, and the figures of each size and kind of file."""
    return [ESTIMATES, *(step(size, kind) for size in sizes for kind in size.kinds)]


def write_curves(
    folder: str | Path, say: Callable[[str], None] = SAY, sizes: Sequence[Size] = (PAGE, COLUMN, SLIDE),
    done: Collection[str] = (),
) -> Shown:  # fmt: skip
    """Estimate a sweep, write its tables and draw its figures. Raises InputError as `results_of`.

    Parameters
    ----------
    done : steps whose files are up to date: such tables are read, such files left as they are
    """
    results = results_of(folder, estimated=ESTIMATES not in done, say=say)
    found = {}
    if ESTIMATES in done:
        results = replace(results, tables=read_tables(results))
    else:
        informed = {} if results.informed.empty else {INFORMED: results.informed}
        every = {**results.tables, **informed, PAIRS: results.pairs}
        found = {ESTIMATES: tables.write(results.folder / ESTIMATES, every)}
    left = [replace(size, kinds=tuple(kind for kind in size.kinds if step(size, kind) not in done)) for size in sizes]
    made = pictures(results)
    return Shown(results, made, found | write_figures(results, made, [size for size in left if size.kinds], say))


def read_tables(results: Results) -> dict[str, pd.DataFrame]:
    """Return the estimates that were written of a sweep, with the values of its levers. Raises InputError."""
    every = [{STRUCTURE: name, **setting} for name in results.structures or ("",) for setting in results.runs.settings]
    values = {name: [setting[name] for setting in every] for name in every[0]}
    return {path.stem: tables.read(path, values) for path in sorted((results.folder / ESTIMATES).glob("*.csv"))}


def compared(results: Results, baseline: int) -> Picture:
    """Return the figure of paired differences from a setting of the levers. Raises InputError."""
    made = results.named(_against(results, baseline))
    name = f"comparison_from_{baseline}"
    other = results.axis.structure != next(iter(results.structures), "")
    return replace(made, name=f"{name}_{results.axis.structure}" if other else name)
