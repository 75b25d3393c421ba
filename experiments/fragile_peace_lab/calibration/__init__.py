"""What the records of real ceasefires say of the parameters.

    TARGETS, SCORES, INPUTS   what was declared before anything was fitted: records, scores, inputs taken as given
    check_posterior           the shipped posterior held against every target
    identified                how far each parameter was narrowed
    predictive, narrowed      the pictures of both
    one_law                   four truces under one law of restraint
    retrodicted               the truce of July 2020, week by week, without later data

`fragile_peace_lab.Posterior` is the sample itself; `fragile-peace calibrate` fits it.
"""

from typing import TYPE_CHECKING

from fragile_peace.faces import lazy

if TYPE_CHECKING:
    from fragile_peace_lab.calibration.check import check as check_posterior
    from fragile_peace_lab.calibration.check import identified
    from fragile_peace_lab.calibration.figures import narrowed, one_law, predictive
    from fragile_peace_lab.calibration.retrodiction import retrodicted
    from fragile_peace_lab.calibration.targets import INPUTS, SCORES, TARGETS

__all__ = [
    "INPUTS",
    "SCORES",
    "TARGETS",
    "check_posterior",
    "identified",
    "narrowed",
    "one_law",
    "predictive",
    "retrodicted",
]
__getattr__ = lazy(
    "fragile_peace_lab.calibration",
    {
        "INPUTS": "targets:INPUTS",
        "SCORES": "targets:SCORES",
        "TARGETS": "targets:TARGETS",
        "check_posterior": "check:check",
        "identified": "check:identified",
        "narrowed": "figures:narrowed",
        "one_law": "figures:one_law",
        "predictive": "figures:predictive",
        "retrodicted": "retrodiction:retrodicted",
    },
)
