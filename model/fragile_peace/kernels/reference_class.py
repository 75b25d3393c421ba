"""Will the war come back? How often wars of its class did (docs/model.md, section 9): no strategy in it.

The years until wars of a class came back follow a Lomax law, F(t) = 1 - (1 + t/s)^-k, whose hazard k/(s + t) falls with
time (Lomax 1954). Between two reviews, from a to b years, it adds up to k ln((s + b)/(s + a)). A force in place and a
guarantor who would fight multiply it:

    P(resume) = 1 - exp(-k ln((s + b)/(s + a)) HR_presence^cover HR_guarantee^P_A)

The record does not say who began; here it is Russia, whatever its type, so that a review tells nothing of the type.
Readable twin: `reference.war`, `class_chance`.
"""

from fragile_peace.codes import RussianType
from fragile_peace.kernels.foresight import power
from fragile_peace.kernels.machine.elementary import expm1, log1p
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.resumption import CONVERGED, LOG_SURVIVAL, P_RESUME, STATUS, UKRAINE, WEEKS_A_YEAR, cover

BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)


@kernel("float64(float64, float64, float64, float64)")
def class_hazard(start, end, shape, scale):
    """Return the hazard of a class between two times, added up: shape ln((scale + end)/(scale + start)) (E9.18).

    `start` and `end` in years since the ceasefire, `scale` > 0 years, `shape` > 0.
    """
    return shape * log1p((end - start) / (scale + start))


@kernel
def review_by_class(params, state, scratch):
    """Set what a review finds, in SCRATCH's `reviews`, from the reference class alone (E9.18, E9.19)."""
    now = state[0]
    p = params[now["row"]]
    found = scratch[0]["reviews"]
    end = (now["week"] + 1) / WEEKS_A_YEAR
    start = (now["week"] + 1 - p["war_weeks"]) / WEEKS_A_YEAR
    presence = power(p["hr_presence"], cover(scratch[0]["F_path"][0], p["F0"]))
    guarantee = power(p["hr_guarantee"], scratch[0]["P_A"][0])
    hazard = class_hazard(start, end, p["lomax_shape"], p["lomax_scale"]) * (presence * guarantee)
    for kappa in (BLUFFING, COMMITTED):
        found[P_RESUME, kappa] = -expm1(-hazard)
        found[LOG_SURVIVAL, kappa] = -hazard
        found[STATUS, kappa] = CONVERGED
    found[P_RESUME, UKRAINE] = found[LOG_SURVIVAL, UKRAINE] = 0.0
    found[STATUS, UKRAINE] = CONVERGED
