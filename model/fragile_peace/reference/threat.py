"""What Moscow threatens before week 0, and what everybody makes of it (docs/model.md, section 13).

By plain iteration on the ten chances, from a Moscow that threatens at random: payoffs from the beliefs that the chances
leave, chances from the payoffs. Where the game has several solutions this may be another one than the kernels play.
"""

import math
from collections.abc import Callable

from fragile_peace.codes import Reply
from fragile_peace.declared.scenario import Scenario
from fragile_peace.reference.incident import COMMITTED, TYPES, logit

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
LOWEST, HIGHEST = 0.001, 0.999
CLOSE, MOST_ROUNDS = 1e-14, 500

Chances = dict[int, dict[float, float]]


def stands_down(world: Scenario, kappa: int, theta: float) -> float:
    """Return the chance that it stands down if the coalition fires, whether Washington honours or not (E13.1)."""
    r, speed = world.russia, world.response
    coalition, us = (math.exp(-hours / speed.decay_hours) for hours in (speed.coalition_hours, speed.us_hours))
    resolve = r.resolve_committed if kappa == COMMITTED else r.resolve_bluffing
    replies = [
        logit(world.precision.russia, {
            Reply.STAND_DOWN: -r.face * (1 + r.face_threat * theta),
            Reply.HOLD: -r.coalition_opposition * coalition - r.us_opposition * us * honoured,
            Reply.ESCALATE: resolve - r.coalition_deterrent - r.us_deterrent * honoured,
        })
        for honoured in (0, 1)
    ]  # fmt: skip
    gamma = world.guarantee.credibility
    return (1 - gamma) * replies[0][Reply.STAND_DOWN] + gamma * replies[1][Reply.STAND_DOWN]


def heard(world: Scenario, chances: Chances) -> dict[float, float]:
    """Return the belief that each threat leaves (E13.4)."""
    prior, beliefs = world.threat.credibility, {}
    for theta in LEVELS:
        bluffing, committed = ((1 - prior) * chances[0][theta], prior * chances[1][theta])
        beliefs[theta] = min(HIGHEST, max(LOWEST, committed / (bluffing + committed)))
    return beliefs


def answer(world: Scenario, chances: Chances, share_joining: Callable[[float, float], float]) -> Chances:
    """Return Moscow's logit answer to what its threats come to when it plays so (E13.2, E13.3, E13.5)."""
    t, tied, beliefs = world.threat, world.russia.face * world.russia.face_threat, heard(world, chances)
    alone = {theta: 1 - share_joining(theta, beliefs[theta]) for theta in LEVELS}
    payoffs = [
        {
            theta: t.benefit * alone[theta] - t.cost * theta**2 - tied * theta * stands_down(world, kappa, theta)
            for theta in LEVELS
        }
        for kappa in TYPES
    ]
    return {kappa: logit(t.precision, payoffs[kappa]) for kappa in TYPES}


def solve(world: Scenario, share_joining: Callable[[float, float], float]) -> tuple[Chances, dict[float, float]]:
    """Return each type's chances of each threat, and the belief that each leaves (E13.7).

    A round that comes no nearer halves the steps from then on. `share_joining(theta, mu)` is F.
    """
    chances = {kappa: dict.fromkeys(LEVELS, 1 / len(LEVELS)) for kappa in TYPES}
    step, last = 1.0, math.inf
    for _ in range(MOST_ROUNDS):
        new = answer(world, chances, share_joining)
        gap = max(abs(new[kappa][theta] - chances[kappa][theta]) for kappa in TYPES for theta in LEVELS)
        if gap <= CLOSE:
            return new, heard(world, new)
        step = step if gap < last else step / 2
        last = gap
        for kappa in TYPES:
            for theta in LEVELS:
                chances[kappa][theta] += step * (new[kappa][theta] - chances[kappa][theta])
    raise RuntimeError("the threat as a signal: not solved")
