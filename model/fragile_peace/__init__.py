"""Fragile Peace: an agent-based, game-theoretic model of a policed ceasefire.

    Scenario          what a user writes: load, override, to_yaml
    shipped           the names of the scenarios that come with the model
    simulate          many runs of many scenarios by the compiled engine: their outcomes
    simulate_weekly   the same, with weekly sums and the weeks of the first runs
    CeasefireModel    the Mesa model: the same runs, agent by agent and week by week
    ordinary_run      the most ordinary of the first runs of a seed
    chronicle         one run told in words
    solve_incident    the incident game of one place, solved
    incident_tree     the same game as a tree

Beside them `fragile_peace.codes` (what the numbers in results mean), `fragile_peace.errors` (InputError, SolverError)
and `fragile_peace.proof` (Gambit). All names are loaded when first used, so that `import fragile_peace` is quick.
"""

from typing import TYPE_CHECKING

from fragile_peace.faces import lazy

if TYPE_CHECKING:
    from fragile_peace.declared.scenario import Scenario, shipped
    from fragile_peace.mesa.theatre import CeasefireModel
    from fragile_peace.proof.incident import solve_incident
    from fragile_peace.proof.incident_tree import incident_tree
    from fragile_peace.runs.ordinary import ordinary_run
    from fragile_peace.runs.simulation import simulate, simulate_weekly
    from fragile_peace.words.chronicle import chronicle

__version__ = "0.1.0"
__all__ = [
    "CeasefireModel", "Scenario", "__version__", "chronicle", "incident_tree", "ordinary_run", "shipped",
    "simulate", "simulate_weekly", "solve_incident",
]  # fmt: skip
__getattr__ = lazy(
    "fragile_peace",
    {
        "CeasefireModel": "mesa.theatre:CeasefireModel",
        "Scenario": "declared.scenario:Scenario",
        "chronicle": "words.chronicle:chronicle",
        "incident_tree": "proof.incident_tree:incident_tree",
        "ordinary_run": "runs.ordinary:ordinary_run",
        "shipped": "declared.scenario:shipped",
        "simulate": "runs.simulation:simulate",
        "simulate_weekly": "runs.simulation:simulate_weekly",
        "solve_incident": "proof.incident:solve_incident",
    },
)
