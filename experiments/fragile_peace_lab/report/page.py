"""The report of a sweep: one HTML page that stands alone, with its findings, figures, tables, assumptions and limits.

Nothing in it depends on when or where it was made: the same results under the same lock give the same bytes. It loads
nothing from the network; its one script shows the setting that a reader chooses (`report.choosing`).
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from fragile_peace.declared.evidence import records
from fragile_peace.declared.scenario import CATALOGUE, LISTS
from fragile_peace.words.wording import SCALE, SCALE_SOURCE, counted
from fragile_peace_lab import durable
from fragile_peace_lab.design.axis import key
from fragile_peace_lab.design.composite import composites_in, set_by
from fragile_peace_lab.design.own_sample import given_names
from fragile_peace_lab.design.sweep import POSTERIOR, SHIPPED
from fragile_peace_lab.design.war_sample import WarSample
from fragile_peace_lab.estimates.all_tables import FOLDER as ESTIMATES
from fragile_peace_lab.estimates.all_tables import SAY
from fragile_peace_lab.estimates.outcomes import TYPES
from fragile_peace_lab.figures.drawing import COLUMN, PAGE, Picture, Size, described, rendered
from fragile_peace_lab.figures.levers import at_setting, shown_value, value_words
from fragile_peace_lab.figures.own import rows_of
from fragile_peace_lab.figures.panels import CUT_SHORT, show
from fragile_peace_lab.figures.results import FOLDER, Results, about, checked, steps, write_curves
from fragile_peace_lab.figures.risk_curves import curve_numbers
from fragile_peace_lab.report.choosing import choosing
from fragile_peace_lab.report.confidence import STEPS
from fragile_peace_lab.report.findings import ROBUST, headlines, movements, summary
from fragile_peace_lab.report.informed import informed
from fragile_peace_lab.report.labels import by_label
from fragile_peace_lab.report.structures import announcement, declared, given, side_by_side
from fragile_peace_lab.report.tables import IN_A_CELL, Table, cell
from fragile_peace_lab.report.uptodate import NOTHING, VERSIONS, record, up_to_date
from fragile_peace_lab.report.why import reasons
from fragile_peace_lab.store.folder import design_of
from fragile_peace_lab.store.opening import beside

NAME = "report.html"
TEMPLATES = Path(__file__).with_name("templates")
SHOWN = tuple(replace(size, kinds=("svg",)) for size in (PAGE, COLUMN))
"""The figures' files that the page holds."""
PRIOR_BLOCKS = ("war", "war_ukraine", "war_response")
TYPE_WORDS = {
    "mixed": "All runs",
    "russia_bluffing": "Russia was bluffing at the start",
    "russia_committed": "Russia was committed at the start",
    "us_reluctant": "Washington was reluctant at the start",
    "us_steadfast": "Washington was steadfast at the start",
}
assert set(TYPE_WORDS) == set(TYPES)
LIMITS = (
    "It is an exploratory model, not a forecast. A probability here is a statement about the model and the numbers put "
    "into it, not about the world.",
    "It takes no side. Parties are described by what they can gain, lose and know; no motive is judged.",
    "No ceasefire like this one has been observed. The monitoring and the pattern of violations are set against what "
    "was "
    "seen in Donbas up to 2021; how a European force under threat fares is not.",
    "Whether the war comes back rests on no record of this war: on wide ranges, sampled, and at best on how often wars "
    "of other classes came back. Every outcome that turns on it is marked.",
    "The threat and the guarantee are set, not chosen: nobody in the model decides to speak more loudly, and no "
    "inference "
    "is drawn from it.",
    "Players look one week ahead in incidents and have fixed payoffs. They do not bargain, form new coalitions or "
    "change "
    "doctrine.",
    "The bands show the runs made and the unknowns sampled. They do not show what the model leaves out.",
)


def write_report(folder: str | Path, say: Callable[[str], None] = SAY, sizes: Sequence[Size] = SHOWN) -> Path:
    """Estimate a sweep, write its tables and the figures of the page, and put them into report.html; returns the page.

    What is up to date is left as it is.

    Parameters
    ----------
    folder : of a sweep
    say : told what is being made
    sizes : of the figures' files; those that the page shows unless others are wanted too

    Raises
    ------
    InputError : no sweep, not finished, a file is missing or damaged
    """
    where, _ = checked(folder)
    page, wanted = where / NAME, steps(sizes)
    done = up_to_date(where, [*wanted, NAME])
    if len(done) > len(wanted):
        say(NOTHING)
        return page
    with beside(where, ESTIMATES, FOLDER):
        shown = write_curves(folder, say, sizes, done)
        say("report")
        durable.write(page, html(shown.results, shown.made).encode())
        record(where, {**shown.steps, NAME: [page]})
    return page


def html(results: Results, made: Sequence[Picture]) -> str:
    """Return the page."""
    where, found = headlines(results)
    sweep = results.manifest["sweep"]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(
        title=sweep["title"] or results.manifest["name"],
        description=sweep["description"],
        ran=_ran(results),
        horizon=counted(results.weeks, "week"),
        where=where,
        stand_in=results.stand_in,
        cut_short=CUT_SHORT,
        of_belief=results.axis.of_belief,
        findings=[asdict(item) for item in found],
        moves=[(title, summary(items), [asdict(item) for item in items]) for title, items in movements(results)],
        why=reasons(results),
        choosing=choosing(results),
        folder=f"results/{results.manifest['name']}",
        scale=[(f"{100 * low:g}% and above" if low else "below 1%", term) for low, term in SCALE],
        scale_source=SCALE_SOURCE,
        steps=STEPS,
        figures=[_figure(picture, results) for picture in made],
        announcement=announcement(results),
        robust=ROBUST,
        basis=results.axis.basis,
        tables=_tables(results),
        structures=declared(results, _sampled(results)),
        set_values=_set_values(sweep["set"]),
        levers=_levers(results),
        unknowns=_unknowns(results),
        priors=_priors(results),
        evidence=_evidence(results),
        limits=LIMITS,
        manifest=results.manifest,
        digests=_digests(results),
        command=_command(results),
        versions=[(name, version(name)) for name in VERSIONS],
    )


def _tables(results: Results) -> list[Table]:
    """The tables of estimates, those that set things side by side first."""
    apart = [*side_by_side(results), *by_label(results)]
    return [*apart, *_numbers(results), *informed(results), _by_type(results), _replication(results)]


def _ran(results: Results) -> str:
    """How much was run."""
    facts = results.facts
    parts = [
        f"{counted(facts['runs'], 'run')} of {counted(facts['weeks'], 'week')}",
        f"{counted(len(results.runs.settings), 'setting')} of the levers",
    ]
    if facts["members"] > 1:
        parts.append(f"{facts['members']} samples of what nobody knows")
    parts.append(f"{counted(facts['draws'], 'run')} of each")
    if results.structures:
        parts.append(f"in each of {counted(len(results.structures), 'structure')}")
    return ", ".join(parts)


def _figure(picture: Picture, results: Results) -> dict[str, Any]:
    """A figure's words and its two pictures, as data."""
    about_it = described(picture, about(results))
    interval = about_it.get("interval") or {}
    return {
        "name": picture.name,
        "title": picture.title,
        "alt": picture.alt,
        "caption": picture.caption,
        "wide": _svg(results, picture.name, picture, PAGE),
        "narrow": _svg(results, f"{picture.name}_column", picture, COLUMN),
        "estimator": about_it.get("estimator", ""),
        "interval": [f"{name.replace('_', ' ')}: {text}" for name, text in interval.items()],
        "files": f"{FOLDER}/{picture.name}.csv and .json",
    }


def _svg(results: Results, stem: str, picture: Picture, size: Size) -> str:
    """A picture as a data address: from its file where it was just written, else drawn."""
    path = results.folder / FOLDER / f"{stem}.svg"
    data = path.read_bytes() if path.exists() else rendered(picture.draw(size), "svg", size)
    return "data:image/svg+xml;base64," + base64.b64encode(data).decode()


def _numbers(results: Results) -> list[Table]:
    """The numbers of the default figure, one table an outcome."""
    axis = results.axis
    each = rows_of(results.runs)
    numbers = curve_numbers(results.curves, [row.key for row in each], axis)
    found = []
    for row in each:
        part = numbers[numbers["outcome"] == row.key]
        if part.empty:
            continue
        head = [
            f"{axis.label[0].upper()}{axis.label[1:]}",
            *(axis.facet_title(value) or "Estimate" for value in axis.facets),
        ]
        rows = []
        for value in axis.values:
            found_here = [axis.along(axis.of(part, facet), value) for facet in axis.facets]
            cells = [cell(one.iloc[0]) if len(one) else "not run" for one in found_here]
            rows.append([shown_value(axis.name, value), *cells])
        prior = f" {results.axis.basis.name.capitalize()}." if part["prior_driven"].any() else f" {CUT_SHORT}"
        found.append(Table(f"{row.title}.{prior} {IN_A_CELL}", head, rows))
    return found


def _by_type(results: Results) -> Table:
    """Chances by the true types at the start, at the baseline setting."""
    rows_of = at_setting(results.table("probabilities"), results.runs.settings[results.baseline])
    wanted = ("strike_or_death", "exchange_of_fire", "invoked", "collapse", "nato_russia_war")
    titles = rows_of.drop_duplicates("outcome").set_index("outcome")["title"]
    rows = []
    for kind, words in TYPE_WORDS.items():
        part = rows_of[rows_of["type"] == kind].set_index("outcome")
        runs = int(part["n_runs"].iloc[0]) if len(part) else 0
        rows.append([words, f"{runs:,}", *(cell(part.loc[name]) for name in wanted)])
    caption = (
        "By the true types at the start of a run, so that what is believed and what is so are not confounded. Types "
        "can be "
        f"drawn anew in the course of a run. {CUT_SHORT} {IN_A_CELL}"
    )
    return Table(caption, ["True type", "Runs", *(str(titles[name]) for name in wanted)], rows)


def _replication(results: Results) -> Table:
    """How many runs a wanted precision would take, at the baseline setting."""
    rows = []
    here = at_setting(results.table("replication"), results.runs.settings[results.baseline])
    for _, row in here.iterrows():
        unit = str(row["unit"])
        wanted = show(row["wanted"], unit) if pd.notna(row["wanted"]) else "not known"
        half = show(row["halfwidth"], unit) if pd.notna(row["halfwidth"]) else "not known"
        needed = f"{int(row['runs_needed']):,}" if pd.notna(row["runs_needed"]) else str(row["note"])
        rows.append([str(row["title"]), unit, show(row["estimate"], unit), f"± {half}", f"± {wanted}", needed])
    head = ["Outcome", "Unit", "Estimate", "Half-width now (95%)", "Wanted", "Runs a point for it"]
    return Table(
        "How many runs a narrower Monte Carlo interval would take; the unknowns would stay as unknown.", head, rows
    )


def _general(name: str) -> Any:
    steps = name.split(".")
    return CATALOGUE.get(f"{steps[0]}.*.{steps[-1]}" if steps[0] in LISTS and len(steps) >= 3 else name)


def _text(name: str) -> tuple[str, str, str]:
    """Meaning, unit and source of a parameter."""
    parameter = _general(name)
    return ("", "", "") if parameter is None else (parameter.text, parameter.unit, parameter.source)


def _set_values(values: dict[str, Any]) -> Table:
    rows = [[name, shown_value(name, value), *_text(name)] for name, value in values.items()]
    return Table("Values that hold throughout the sweep", ["Name", "Value", "What it is", "Unit", "Source"], rows)


def _levers(results: Results) -> Table:
    rows = []
    labelled = composites_in(results.manifest["sweep"]["levers"])
    for name in results.runs.levers:
        if name in labelled:
            rows += [
                [f"{name}: {label}", given(values), "what this label sets", "", ""]
                for label, values in labelled[name].items()
            ]
            continue
        values = {key(setting[name]): value_words(name, setting[name]) for setting in results.runs.settings}
        rows.append([name, ", ".join(values.values()), *_text(name)])
    return Table(
        "Levers: what somebody chooses", ["Name", "Values", "What it is", "Unit", "Source of the default"], rows
    )


def _sampled(results: Results) -> list[str]:
    """Return every unknown that the design samples: by a prior, or by members of the calibrated posterior."""
    fields = design_of(results.folder).schema
    return [field.name for field in fields if (field.metadata or {}).get(b"role") == b"uncertainty"]


def _unknowns(results: Results) -> Table:
    priors = results.manifest["sweep"]["uncertainties"]
    rows, own = [], given_names(priors, results.points)
    for name in _sampled(results):
        kind, arguments = next(iter(priors[name].items())) if name in priors else (_sample(name, own, priors), ())
        given = ", ".join(f"{x:g}" if isinstance(x, int | float) else str(x) for x in arguments)
        rows.append([name, f"{kind} {given}".strip(), *_text(name)])
    head = ["Name", "Prior", "What it is", "Unit", "Source of the default"]
    return Table(
        "Unknowns: what nobody knows, sampled; the ranges are assumptions unless the sweep file says otherwise",
        head,
        rows,
    )


def _sample(name: str, own: Sequence[str], priors: dict[str, Any]) -> str:
    """The sample that an unknown comes from: of the sweep's own, or a shipped one."""
    if name in own:
        return f"the sweep’s own sample, {priors[POSTERIOR]}"
    return "the war block's sample" if name in WarSample.load().roles else "posterior of the calibration"


def _priors(results: Results) -> list[Table]:
    """Every parameter of the blocks that no record of this war informs, with its value."""
    sampled = _sampled(results)
    found = []
    for block in PRIOR_BLOCKS:
        rows = []
        for name, parameter in CATALOGUE.items():
            if name.partition(".")[0] == block:
                value = "sampled" if name in sampled else shown_value(name, results.base.get(name))
                rows.append([name, value, parameter.text, parameter.unit, parameter.source])
        found.append(Table(f"War block: {block}", ["Name", "Value", "What it is", "Unit", "Source"], rows))
    return found


def _evidence(results: Results) -> Table:
    """The records behind the sources that the tables above name."""
    sweep = results.manifest["sweep"]
    names = [*sweep["set"], *results.runs.levers, *_sampled(results)]
    names += set_by(composites_in(sweep["levers"]))
    names += [name for name in CATALOGUE if name.partition(".")[0] in PRIOR_BLOCKS]
    keys = sorted({_text(name)[2] for name in names} & set(records()))
    rows = [
        [
            key,
            records()[key]["quantity"],
            records()[key]["estimate"],
            records()[key]["unit"],
            records()[key]["source"],
        ]
        for key in keys
    ]
    return Table(
        "Records behind these sources", ["Source", "Quantity", "Estimate", "Unit", "Where it was published"], rows
    )


def _digests(results: Results) -> list[tuple[str, str]]:
    manifest = results.manifest
    named = [(f"scenario {name}", entry["digest"]) for name, entry in manifest["scenarios"].items()]
    return [*named, ("behaviour of the model", manifest["behaviour_digest"])]


def _command(results: Results) -> list[str]:
    name, runs = results.manifest["name"], results.manifest["sweep"]["runs"]
    shipped = (SHIPPED / f"{name}.yaml").exists()
    more = f" --runs {runs}" if isinstance(runs, int) else ""
    return [
        f"fragile-peace sweep {name if shipped else f'{name}.yaml'}{more} --out results/{name} --resume",
        f"fragile-peace report results/{name}",
        f"fragile-peace verify results/{name}",
    ]
