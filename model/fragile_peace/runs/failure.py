"""What is said of a run whose game could not be solved."""

import numpy as np

from fragile_peace.codes import Unsolved
from fragile_peace.declared.scenario import Scenario

GAME_NAMES = {
    Unsolved.INCIDENT_GAME: "incident game",
    Unsolved.COMMITMENT_GAME: "commitment game",
    Unsolved.REVIEW: "review of the ceasefire",
}


def failure(scenario: Scenario, point: int, run: int, state: np.ndarray, scratch: np.ndarray) -> str:
    """Return the line that says which game of which point, run, week and place could not be solved."""
    unsolved = Unsolved(int(scratch[0]["unsolved"]))
    place = ""
    if unsolved == Unsolved.INCIDENT_GAME:
        place = f" at {scenario.places[int(scratch[0]['unsolved_place'])].name}"
    return (
        f"{GAME_NAMES[unsolved]}{place} not solved to 1e-10: scenario {scenario.name} (point {point}), run {run}, "
        f"week {int(state[0]['week'])}"
    )
