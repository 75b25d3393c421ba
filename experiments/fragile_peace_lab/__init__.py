"""Fragile Peace: designing, running, keeping, estimating and showing many runs.

    Sweep                read from a file or a dictionary: base, levers, uncertainties, design, runs
    run_sweep            run one into a folder, or what is missing of it
    read_manifest        what a folder says of itself
    design_of            its points, one row each, with units and roles
    Runs, needed         its runs as arrays; the columns that all outcomes need
    OUTCOMES             what is reported, by name
    estimate_table       outcomes estimated at every setting of the levers, with both bands
    comparison_table     paired differences between settings
    wilson               the interval of a share
    played, timeline     the first runs of a scenario week by week; one of them as a picture
    open_results         a finished sweep as pandas frames, with what every column is
    runs_frame           what `fragile_peace.simulate` returns, as a frame with the columns of a sweep
    write_report         estimates, figures and the page of a folder
    Posterior            the calibrated sample that comes with the model

Beside them `fragile_peace_lab.calibration` (the record, and what was fitted to it) and `fragile_peace_lab.reproduction`
(what notebooks share). All names are loaded when first used.
"""

from typing import TYPE_CHECKING

from fragile_peace.faces import lazy

if TYPE_CHECKING:
    from fragile_peace_lab.design.posterior import Posterior
    from fragile_peace_lab.design.sweep import Sweep
    from fragile_peace_lab.estimates.all_tables import estimate_table
    from fragile_peace_lab.estimates.comparisons import comparison_table
    from fragile_peace_lab.estimates.intervals import wilson
    from fragile_peace_lab.estimates.outcomes import BY_NAME as OUTCOMES
    from fragile_peace_lab.estimates.outcomes import needed
    from fragile_peace_lab.estimates.runs import Runs
    from fragile_peace_lab.export.opened import open_results, runs_frame
    from fragile_peace_lab.figures.weeks import timeline
    from fragile_peace_lab.report.page import write_report
    from fragile_peace_lab.running.runner import run_sweep
    from fragile_peace_lab.running.weeks import played
    from fragile_peace_lab.store.folder import design_of, read_manifest

__all__ = [
    "OUTCOMES", "Posterior", "Runs", "Sweep", "comparison_table", "design_of", "estimate_table", "needed",
    "open_results", "played", "read_manifest", "run_sweep", "runs_frame", "timeline", "wilson", "write_report",
]  # fmt: skip
__getattr__ = lazy(
    "fragile_peace_lab",
    {
        "OUTCOMES": "estimates.outcomes:BY_NAME",
        "Posterior": "design.posterior:Posterior",
        "Runs": "estimates.runs:Runs",
        "Sweep": "design.sweep:Sweep",
        "comparison_table": "estimates.comparisons:comparison_table",
        "design_of": "store.folder:design_of",
        "estimate_table": "estimates.all_tables:estimate_table",
        "needed": "estimates.outcomes:needed",
        "open_results": "export.opened:open_results",
        "played": "running.weeks:played",
        "read_manifest": "store.folder:read_manifest",
        "run_sweep": "running.runner:run_sweep",
        "runs_frame": "export.opened:runs_frame",
        "timeline": "figures.weeks:timeline",
        "wilson": "estimates.intervals:wilson",
        "write_report": "report.page:write_report",
    },
)
