"""Runs that lead through the kernels' Python, for coverage with the JIT off, and for parity with the compiled code.

    NUMBA_DISABLE_JIT=1 python -m tests.tools.plain_runs [NAME...]

Prints one JSON object: of each case the sha256 of what it came to. Compiled or not, it is the same to the bit.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator

import numpy as np

from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels import threat
from fragile_peace.kernels.chance import draws, logit, samplers
from fragile_peace.kernels.incident import best_response, equilibrium
from fragile_peace.kernels.incident.blocks import set_uniform
from fragile_peace.kernels.incident.table import packed, unpacked
from fragile_peace.runs.imposing import FIELDS, Imposed
from fragile_peace.runs.simulation import recorded, simulate, simulate_weekly
from tests.tools.random_games import draw, solve_many
from tests.tools.threat_worlds import SIGNAL
from tests.tools.worlds import EVENTFUL, REAR, RESCALED, WARLIKE, WATCHED, small

SEED = 20260101
VIOLENT = small(EVENTFUL, {"threat.sincerity": 1, "russia.strike_value": 6})
WARS = small(EVENTFUL, WARLIKE)
RESUMED = WARS.override({"war.prize": 50, "war_ukraine.prize": 0})
LEAVING = WATCHED.override({"monitoring.leave_with_force": True, "force.review_weeks": 1, "beliefs.redraw": 0.3})
RAMP = small(EVENTFUL, {"force.deploy_weeks": 4, "commitment.upkeep": 0})
BY_CLASS = small(WARLIKE, {"war.module": "reference_class", "war.reference": "civil"})
LEAST = small({"commitment.selection": "least", "commitment.solidarity": 8, "commitment.upkeep": 7})
OBSERVED = small(EVENTFUL, {"mandate.roe": "observe", "truce.residual": 1})
PLAYED: dict[str, tuple[Scenario, int, int]] = {
    "violent": (VIOLENT, 2, 4), "wars": (WARS, 2, 4), "resumed": (RESUMED, 1, 4), "by_class": (BY_CLASS, 2, 4),
    "least": (LEAST, 1, 1), "rear": (REAR, 1, 2), "leaving": (LEAVING, 1, 3), "ramp": (RAMP, 1, 5),
    "rescaled": (RESCALED, 1, 8), "observed": (OBSERVED, 1, 2),
}  # fmt: skip
"""By name: the world, how many runs, how many weeks."""


def digest(*arrays: np.ndarray) -> str:
    """Of the bytes of arrays."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def weekly() -> str:
    """What is kept week by week."""
    kept = simulate_weekly([VIOLENT], 1, SEED, 3, kept=1, threads=1)
    return digest(kept.outcomes, kept.weeks)


def imposed() -> str:
    """A louder world on another's path."""
    loud = VIOLENT.override({"threat.level": 1.0})
    path = recorded(VIOLENT, 1, SEED, 2)[1]
    return digest(simulate([loud], 1, SEED, 3, threads=1, impose=Imposed(path, FIELDS)))


def games() -> str:
    """Games of every kind of place; one by the path from uniform play; a hub among hubs."""
    rng = np.random.default_rng(7)
    solved_games = solve_many([draw(rng, index) for index in (1, 16, 31, 14, 44)])
    solved = [unpacked(packed(row), 1) for row in solved_games]
    for row in solved_games[:1]:
        blocks = packed(row)
        set_uniform(blocks[0])
        blocks["open"] = 1.0
        equilibrium.remember_start(blocks[0])
        for rounds in (equilibrium.DAMP_AFTER, equilibrium.DAMP_AFTER + 1):
            equilibrium.damp(blocks[0], rounds)
        blocks["open"][0, 1:] = 0.0
        equilibrium.follow_lanes(blocks[0])
        solved.append(unpacked(blocks, 4))
    for row in solved_games[solved_games["active_R"][:, 1] == 0][:1]:
        blocks = packed(row)
        blocks["may_act"][:, 1:3], blocks["open"] = 0, 1.0
        best_response.answer(blocks[0], 0)
        solved.append(unpacked(blocks, 1))
    return digest(solved_games, *solved)


def chances() -> str:
    """Draws of every distribution, and choices."""
    drawn = [samplers.gamma(shape, 1, run, 0, 0, 9) for shape in (0.3, 1.0, 7.0) for run in range(20)]
    drawn += [samplers.poisson(mean, 1, run, 0, 0, 9) for mean in (0.0, 0.5, 9.0, 40.0, 900.0) for run in range(20)]
    drawn += [samplers.event_size(most, 1.5, 1, run, 0, 0, 9) for most in (1, 2, 300, 5000) for run in range(20)]
    drawn += [logit.log_sum_exp(a, b) for a in (-np.inf, 0.0, 700.0) for b in (-np.inf, 1.0)]
    drawn += [logit.from_log_odds(logit.log_odds(p)) for p in (1e-9, 0.5, 1 - 1e-9)]
    for weights in ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1.0, -1.0, 1.0]):
        out = np.zeros(3, np.int64)
        drawn += [draws.split(12, np.array(weights), 3, out, (1, 2, 3), 0, 9), *out]
    chosen = np.zeros(3)
    for u in ([0.0, 1.0, 2.0], [-np.inf] * 3):
        logit.logit_choice(np.array(u), 3.0, 3, chosen)
        drawn += [*chosen, draws.categorical(0.4, chosen, 3), draws.categorical(1 - 1e-16, chosen, 3)]
    return digest(np.array(drawn, float))


def threats() -> str:
    """The game of the threat for given chances of joining: what is said by whom, and what it tells."""
    found = []
    for changes in (EVENTFUL, {"threat.precision": 0}, {"russia.face": 3, "precision.russia": 10}):
        p = rows([small(SIGNAL, changes)])[0][0]
        stand_down, payoff, said = (np.zeros((threat.TYPES, len(threat.LEVELS))) for _ in range(3))
        difference = np.zeros(len(threat.LEVELS))
        threat.set_stand_down(p, stand_down)
        threat.set_difference(p, stand_down, difference)
        C = threat.set_choices(p, np.linspace(1, 0, len(threat.LEVELS)), stand_down, payoff, said)
        found += [stand_down, payoff, said, difference, np.array([C])]
    return digest(*found)


OTHERS: dict[str, Callable[[], str]] = {
    "weekly": weekly, "imposed": imposed, "games": games, "chances": chances, "threats": threats,
}  # fmt: skip
NAMES = (*PLAYED, *OTHERS)


def played(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What each case comes to."""
    for name in names:
        if name in PLAYED:
            world, runs, weeks = PLAYED[name]
            yield name, digest(simulate([world], runs, SEED, weeks, threads=1))
        else:
            yield name, OTHERS[name]()


if __name__ == "__main__":
    print(json.dumps(dict(played(tuple(sys.argv[1:]) or NAMES)), indent=1))
