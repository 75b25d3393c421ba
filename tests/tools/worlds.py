"""A small world for tests of the simulation: two line places, a border, a hub, three contingents, all in place.

Every kind of place and every phase is in it at a quarter of the cost of a shipped scenario. `small` sets dotted names
on it. EVENTFUL makes strikes, fire, invocations and spirals common within weeks; WARLIKE makes wars common.
"""

import numpy as np

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.declaration import Contingent, Force, Place
from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.single import PHASE_NAMES, SingleRun
from fragile_peace.state import SCRATCH, STATE

WEST, EAST, NORTH, BASE = range(4)
SMALL = Scenario(
    name="small",
    weeks=26,
    force=Force(deploy_weeks=0),
    places=(
        Place(name="West", kind=PlaceKind.LINE, length_km=100, hot_spot=1.4),
        Place(name="East", kind=PlaceKind.LINE, length_km=60, hot_spot=0.6, monitors=30),
        Place(name="North", kind=PlaceKind.BORDER, length_km=400, hot_spot=0.3),
        Place(name="Base", kind=PlaceKind.HUB, length_km=0),
    ),
    contingents=(
        Contingent(name="Albion", troops=3, deployment={"West": 0.2, "North": 0.1, "Base": 0.7}),
        Contingent(name="Borduria", troops=2, deployment={"East": 0.2, "North": 0.1, "Base": 0.7}),
        Contingent(name="Caledonia", troops=1, deployment={"West": 0.2, "East": 0.2, "Base": 0.6}, support=0.5),
    ),
)
EVENTFUL = {
    "threat.credibility": 0.5, "guarantee.credibility": 0.6, "guarantee.level": 1, "mandate.roe": "enforce",
    "truce.restraint": 0.2, "truce.residual": 0.1, "russia.strike_value": 3.6, "russia.strike_gain": -0.9,
    "russia.resolve_committed": 2.8, "russia.resolve_bluffing": 1.6, "russia.honour_cost": 2,
    "united_states.sanction_cost": 1.5, "united_states.escalation_loss": 2, "commitment.upkeep": 0.8,
    "war.prize": 0, "war_ukraine.prize": 0, "war_response.spiral_us": 0.4, "war_response.spiral_coalition": 0.6,
    "lead.escalate": 1.5, "lead.fire_cost": 0.2,
}  # fmt: skip
WARLIKE = {
    "threat.credibility": 0.4, "guarantee.credibility": 0.5, "mandate.allows_force": True, "war.prize": 13.2,
    "war_response.coalition_cost": 0.6, "war_response.us_cost_steadfast": 1.2, "war_ukraine.prize": 11,
    "war_ukraine.cost": 3.5, "war.review_weeks": 2, "beliefs.redraw": 0.05,
}  # fmt: skip


def small(*changes: dict) -> Scenario:
    """Return the small world with dotted names set; later dictionaries win."""
    return SMALL.override({name: value for change in changes for name, value in change.items()})


IN_BASE = [contingent.model_dump() | {"deployment": {"Base": 1.0}} for contingent in SMALL.contingents]
WATCHED = small(EVENTFUL, {"places.West.monitors": 120, "places.East.monitors": 80})
REAR = Scenario.from_dict(WATCHED.to_dict() | {"name": "rear", "contingents": IN_BASE})
"""The whole force in the hub; civilian monitors alone watch the line."""
SIZES = [{"week": week, "set": {"force.scale": scale}} for week, scale in ((3, 3), (6, 0.5))]
HELD = small({"weeks": 9, "war.prize": 0, "war_ukraine.prize": 0, "commitment.upkeep": 0})
RESCALED = Scenario.from_dict(HELD.to_dict() | {"name": "rescaled", "schedule": SIZES})
"""A force that grows threefold in week 3 and is half of what it was from week 6 on."""


def kernel_rows(parameters, state):
    """PARAMETERS, STATE and SCRATCH rows of no scenario, 0 but for these fields: for kernels called on their own.

    A list fills the first slots of its field.
    """
    made = np.zeros(1, rows([SMALL])[0].dtype), np.zeros(1, STATE), np.zeros(1, SCRATCH)
    for row, fields in zip(made, (parameters, state), strict=False):
        for name, value in fields.items():
            slots = row[name][0]
            row[name][0] = np.pad(value, (0, len(slots) - len(value))) if np.ndim(slots) else value
    return made


def opened(scenario=SMALL, through="deploy", **state):
    """A run whose week 0 has been played up to and including a phase, from a state with these fields set."""
    run = SingleRun(scenario, seed=9)
    for name, value in state.items():
        run._state[name][0] = value
    run.open_week()
    play(run, through=through)
    return run


def play(run, after=None, through=PHASE_NAMES[-1]):
    """Play the phases of the week in hand that come after one, or all, up to and including another, or the last."""
    first = 0 if after is None else PHASE_NAMES.index(after) + 1
    for name in PHASE_NAMES[first : PHASE_NAMES.index(through) + 1]:
        run.phase(name)


def quiet_week(run, **week):
    """Rewrite what the week's moves left: everybody complied, nothing happened, but for these WEEK fields."""
    w = run.week
    for name in ("action_R_s", "action_U_s", "K_s", "signal_s", "spiral_s", "deaths_s"):
        w[name][:] = 0
    for name in ("response_s", "decision_s", "reply_s"):
        w[name][:] = -1
    w["deaths_sn"][:] = w["deaths_n"][:] = w["felt_n"][:] = 0
    for name, values in week.items():
        for index, value in values.items():
            w[name][index] = value
