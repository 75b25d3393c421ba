"""The arrays of a run: STATE (what a week inherits), WEEK (what happened in it), OUTCOMES (what a run leaves), SCRATCH.

Each is a 1-D structured array of one row for the run in hand, made by `np.zeros`, OUTCOMES by `blank_outcomes`
(`outcomes` is the table of its fields). A phase is called as `phase(params, state, week, games, out, scratch)`: the
PARAMETERS rows, the STATE row, the WEEK row, the GAMES blocks, the OUTCOMES row, the SCRATCH row. Every field has 8
bytes. Unused slots are 0; "never" and "nobody" are -1; there is no NaN.

Index conventions: s place (32), n contingent (16), [s, n] place then contingent. Times are in weeks from the start
unless a field says days. RANGES gives the closed range of every field of STATE that a test holds it to.
"""

from typing import Any

import numpy as np

from fragile_peace.codes import Event
from fragile_peace.declared.declaration import MAX_CONTINGENTS, MAX_PLACES
from fragile_peace.outcomes import blank, dtype

S, N, E = (MAX_PLACES,), (MAX_CONTINGENTS,), (len(Event),)
SN = (MAX_PLACES, MAX_CONTINGENTS)
MAX_REVIEWS = 1042

_STATE: list[tuple[Any, ...]] = [
    ("row", "<i8", (), 0, 1 << 40, "PARAMETERS row in force"),
    ("week", "<i8", (), 0, 1040, "t"),
    ("seed", "<i8", (), 0, (1 << 63) - 1, "seed of the sweep"),
    ("run", "<i8", (), 0, (1 << 32) - 1, "index of the run"),
    ("alive", "<i8", (), 0, 1, "1 until a war or the horizon"),
    ("kappa", "<i8", (), 0, 1, "Russia's true type"),
    ("tau", "<i8", (), 0, 1, "Washington's true type"),
    ("mu", "<f8", (), 0.001, 0.999, "belief P(committed)"),
    ("gamma", "<f8", (), 0.001, 0.999, "belief P(steadfast)"),
    ("ramp", "<f8", (), 0, 1, "share of the force in place"),
    ("U", "<f8", (), 0, 1, "Ukraine's strength"),
    ("V", "<f8", (), 0, 10, "Russia's strength"),
    ("B", "<f8", (), 0, 1, "readiness: Ukraine's share of the balance"),
    ("last_attributed", "<i8", (), -1, 1040, "last week with an attributed European death"),
    ("last_void", "<i8", (), -1, 1040, "last week whose Ukrainian raids void the guarantee"),
    ("in_n", "<i8", N, 0, 1, "contingent is in"),
    ("support_n", "<f8", N, 0, 1, "domestic support"),
    ("x_s", "<f8", S, 0, np.inf, "tension"),
    ("r_s", "<f8", S, 0, 1, "restraint"),
    ("vacant_until", "<i8", SN, 0, 1600, "first week in which the post is manned again"),
    ("happened", "<i8", E, 0, 1, "event has happened"),
]
STATE = np.dtype([field[:3] for field in _STATE])
RANGES = {field[0]: (field[3], field[4]) for field in _STATE}

WEEK = np.dtype(
    [
        ("week", "<i8"),
        ("mu_start", "<f8"),  # beliefs the week was played with
        ("gamma_start", "<f8"),
        ("mu", "<f8"),  # beliefs after the week
        ("gamma", "<f8"),
        ("kappa", "<i8"),  # types the week was played with
        ("tau", "<i8"),
        ("day", "<i8"),  # day of the year
        ("ramp", "<f8"),
        ("B", "<f8"),
        ("void", "<i8"),
        ("sustained", "<i8"),
        ("recommitments", "<i8"),
        ("rung", "<i8"),
        ("troops", "<f8"),  # in place, thousands
        # places
        ("garrison_sn", "<f8", SN),  # thousands
        ("m_s", "<f8", S),
        ("lead_s", "<i8", S),
        ("monitors_s", "<f8", S),
        ("action_R_s", "<i8", S),
        ("action_U_s", "<i8", S),
        ("K_s", "<i8", S),
        ("signal_s", "<i8", S),
        ("response_s", "<i8", S),
        ("decision_s", "<i8", S),
        ("reply_s", "<i8", S),
        ("spiral_s", "<i8", S),  # `codes.Spiral`
        ("p_action_R_s", "<f8", S),  # equilibrium chance of what was drawn, for the true type
        ("p_action_U_s", "<f8", S),
        ("p_response_s", "<f8", S),
        ("p_decision_s", "<f8", S),
        ("p_reply_s", "<f8", S),
        ("recorded_R_s", "<i8", S),  # single violations
        ("recorded_U_s", "<i8", S),
        ("missed_R_s", "<i8", S),
        ("missed_U_s", "<i8", S),
        ("local_events_s", "<i8", S),
        ("local_deaths_s", "<i8", S),
        ("deaths_s", "<i8", S),  # European
        ("deaths_sn", "<i8", SN),
        ("x_s", "<f8", S),  # after the week
        ("r_s", "<f8", S),
        # contingents
        ("in_n", "<i8", N),  # after the week
        ("support_n", "<f8", N),
        ("p_stay_n", "<f8", N),  # -1 where nothing was decided
        ("left_n", "<i8", N),
        ("deaths_n", "<i8", N),
        ("felt_n", "<f8", N),  # the same as domestic support feels them
        # the review of the ceasefire; -1 where none was held
        ("p_resume_bluffing", "<f8"),
        ("p_resume_committed", "<f8"),
        ("p_resume_ukraine", "<f8"),
        ("p_E", "<f8"),
        ("p_A", "<f8", (2,)),
        ("resumed", "<i8"),  # `codes.Resumed`
        ("us_fights", "<i8"),
        ("coalition_fights", "<i8"),
        # the solver
        ("rounds", "<i8"),
        ("residual", "<f8"),
        ("hazard", "<f8", E),  # conditional probability of each event from `act` to `aftermath`
    ]
)

OUTCOMES = dtype(MAX_CONTINGENTS)
"""What `outcomes.TABLE` says, with the slots of a run."""

LONGEST_LIST = 4 * MAX_PLACES
"""Draws made at once: what both sides do that is recorded and missed, in every place."""
_L = (LONGEST_LIST,)
DRAWS = np.dtype(
    [
        ("entity", "<i8", _L),  # the address of each draw
        ("stream", "<i8", _L),
        ("mean", "<f8", _L),
        ("gamma", "<f8", _L),  # what was drawn
        ("count", "<i8", _L),
        ("u", "<f8", _L),
        ("v", "<f8", _L),
        ("left_small", "<i8", _L),  # where in the list the draws still open are, of small means and of others
        ("left", "<i8", _L),
        ("left_entity", "<i8", _L),  # what the latter need
        ("left_stream", "<i8", _L),
        ("left_mean", "<f8", _L),
        ("left_count", "<i8", _L),
    ]
)
"""A list of draws, for `kernels.chance.samplers_many`."""

SCRATCH = np.dtype(
    [
        ("by_place", "<f8", (2, MAX_PLACES)),  # what a phase needs of all places; nothing in it outlives the phase
        ("draws", DRAWS),
        ("intensity", "<f8", (2, MAX_PLACES)),  # mean violations of a side, [side, s]
        ("x_old", "<f8", S),
        ("fixed", "<f8", N),
        ("stay", "<f8", N),  # the chance that a contingent joins or stays
        ("expected", "<f8", N),
        ("work", "<f8", (7, MAX_CONTINGENTS)),  # `commitment.WORK_ROWS`; its first row elsewhere too
        ("regime_of", "<i8"),  # PARAMETERS row, counted from 1, whose rules the games have and whose ceiling; 0 none
        ("ceiling", "<f8"),  # of Ukraine's strength
        ("join_of", "<i8"),  # and for which the game of who joins is solved: its chances, most rounds, largest residual
        ("p_join", "<f8", N),
        ("join_rounds", "<i8"),
        ("join_residual", "<f8"),
        ("path_row", "<i8"),  # PARAMETERS row and share of the force that the paths were last filled with; -1 never
        ("path_share", "<f8"),
        ("U_path", "<f8", (MAX_REVIEWS,)),
        ("V_path", "<f8", (MAX_REVIEWS,)),
        ("B_path", "<f8", (MAX_REVIEWS,)),
        ("F_path", "<f8", (MAX_REVIEWS,)),
        ("x_path", "<f8", (MAX_REVIEWS,)),
        ("p_E", "<f8", (MAX_REVIEWS,)),
        ("P_A", "<f8", (MAX_REVIEWS,)),
        ("wins", "<f8", (MAX_REVIEWS,)),
        ("terms", "<f8", (3, 7, MAX_REVIEWS)),  # of the reviews: decider, row, review (`resumption`)
        ("tangents", "<i8"),  # for how many reviews the tangents in it are this run's; 0 none yet
        ("lam_T", "<f8", (3,)),
        ("reviews", "<f8", (8, 3)),  # what was found
        ("unsolved", "<i8"),  # `codes.Unsolved`: the game that stopped the run
        ("unsolved_place", "<i8"),  # its place, if it is an incident game
    ]
)


def blank_outcomes() -> np.ndarray:
    """Return the OUTCOMES row that a run starts from, shape (1,)."""
    return blank(MAX_CONTINGENTS)
