"""How each kind of published results is made: what `reproduce` does elsewhere to compare, the commands do in place.

A sweep leaves tables, figures and a report, or the weighing of its options and perhaps the brief of it, or both; a
Saltelli sweep its sensitivity indices and their picture; the calibration the pictures and the numbers of its check.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from fragile_peace_lab.deciding.brief.written import PAGE as BRIEF
from fragile_peace_lab.deciding.brief.written import write_brief
from fragile_peace_lab.deciding.decision import FOLDER as DECISION
from fragile_peace_lab.estimates.all_tables import FOLDER as ESTIMATES
from fragile_peace_lab.estimates.signposts import FOLDER as SIGNPOSTS
from fragile_peace_lab.estimates.why import NAME as WHY
from fragile_peace_lab.figures.drawing import PAGE, SIZES, rounded, write
from fragile_peace_lab.figures.results import FOLDER
from fragile_peace_lab.report.page import NAME as PAGE_NAME
from fragile_peace_lab.report.page import write_report
from fragile_peace_lab.running.why_swept import MEMBERS, RUNS, why_swept
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.opening import beside

if TYPE_CHECKING:
    from fragile_peace_lab.calibration.check import Check
    from fragile_peace_lab.design.posterior import Posterior

CALIBRATION = "calibration"


def remake_sweep(folder: Path, published: Path) -> None:
    """Make of the runs in a folder what is published of the same sweep in another. Raises InputError."""
    if "saltelli" in store.read_manifest(folder)["sweep"]["design"]["uncertainties"]:
        write_sensitivity(folder)
        return
    decided = (published / DECISION).is_dir()
    if decided:
        from fragile_peace_lab.deciding.written import write_decision

        write_decision(folder)
    if (published / DECISION / BRIEF).exists():
        write_brief(folder)
    if (published / SIGNPOSTS).is_dir():
        write_signposts(folder)
    if (published / ESTIMATES / f"{WHY}.csv").exists():
        why_swept(folder, MEMBERS, RUNS)
    if (published / PAGE_NAME).exists() or not decided:
        write_report(folder, sizes=tuple(SIZES.values()))


def write_signposts(folder: Path) -> dict[str, pd.DataFrame]:
    """Play what monitors see in a sweep's own runs, judge what it tells, and write tables and a picture; the tables.

    Neither parts nor side tables are needed. Raises InputError: no sweep, or too few members.
    """
    from fragile_peace_lab.estimates import tables
    from fragile_peace_lab.estimates.signposts import signposts
    from fragile_peace_lab.figures.signposts import signs
    from fragile_peace_lab.running.signposts import seen

    manifest = store.read_manifest(folder)
    found = signposts(seen(manifest, store.design_of(folder)))
    about = {"sweep": manifest["name"], "seed": manifest["seed"]}
    with beside(folder, SIGNPOSTS):
        tables.write(folder / SIGNPOSTS, found)
        write(signs(found), folder / SIGNPOSTS, list(SIZES.values()), about)
    return found


def write_sensitivity(folder: Path, outcomes: Sequence[str] = ()) -> tuple[pd.DataFrame, list[Path]]:
    """Write what drives outcomes of a sweep, and its picture, into the folder; returns the table and the files."""
    from fragile_peace_lab.estimates.sensitivity import sensitivity
    from fragile_peace_lab.figures.sobol import ranked

    table = sensitivity(folder, outcomes)
    with beside(folder, FOLDER):
        return table, write(ranked(table), folder / FOLDER, [PAGE], {"sweep": folder.name})


def remake_calibration(folder: Path) -> None:
    """Check the shipped posterior afresh, put it on trial, and write what is published of both. Raises InputError."""
    from fragile_peace_lab.calibration.check import check
    from fragile_peace_lab.calibration.trial import REPLICATES, SEED, trial
    from fragile_peace_lab.calibration.trial_figures import write_trial
    from fragile_peace_lab.calibration.waves import Simulated
    from fragile_peace_lab.design.posterior import Posterior

    posterior = Posterior.load()
    write_check(posterior, check(posterior), folder / FOLDER)
    write_trial(trial(Simulated.load(), REPLICATES, SEED, lambda words: None), folder / FOLDER)


def write_check(posterior: "Posterior", found: "Check", figures: Path) -> None:
    """Write the pictures of a check, scores and PIT of the series, outcomes beside their base rates, and signs."""
    from fragile_peace_lab.calibration.check import identified, pit_table, walk
    from fragile_peace_lab.calibration.figures import narrowed, one_law, predictive
    from fragile_peace_lab.calibration.rates import base_rates
    from fragile_peace_lab.calibration.retrodiction import retrodicted
    from fragile_peace_lab.calibration.series import record
    from fragile_peace_lab.calibration.signs import signs

    retold = retrodicted(found.recorded["truce"], found.shown, record(), walk())
    for picture in (predictive(found), narrowed(identified(posterior)), one_law(found), retold):
        write(picture, figures, [PAGE], {"posterior": dict(posterior.about)})
    tables = {"base_rates": base_rates(posterior), "signs": signs(posterior), "series_scores": found.scores,
              "pit": pit_table(found)}  # fmt: skip
    for name, table in tables.items():
        rounded(table).to_csv(figures / f"{name}.csv", index=False, lineterminator="\n")
