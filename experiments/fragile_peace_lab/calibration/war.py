"""The war block's sample in tables: what is elicited, which records inform it, and how far the model may be off.

Nothing observed says what a return to war is worth to anybody. Three things are known all the same: both sides signed,
wars of three classes came back so often (`declared.war.CLASSES`), and not all at once. `war_fit` keeps of the elicited
ranges what agrees with that; `war_check` plays what was kept and holds it against the same records.

Records are of wars that were not policed, so they are held against the world without a force, `no_force`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import xlog1py, xlogy
from scipy.stats import beta

from fragile_peace.codes import ReferenceClass, options
from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.declared.war import CLASSES, Lomax
from fragile_peace_lab.calibration.war_path import EARLY, YEAR
from fragile_peace_lab.design.factors import Prior, prior_of

FIRST = 0.05
"""Who signs does not mean to resume at the first review: the bound of its chance, for all but tactical signers."""
TACTICAL = (2.0, 6.0)
"""A member's q, its chance to be a tactical signer, is a draw of Beta(2, 6): a quarter on average; assumption."""
HASTY, MOST_HASTY = 0.5, 0.15
"""A member is hasty if more than half of its wars of two years come in the first 16 weeks; so few may be, beside
tactical signers."""
HORIZONS = (1, 2, 5, 10)
FITTED = (2, 5)
"""Years at which a class's curve is shown, and at which members are accepted by it."""


@dataclass(frozen=True)
class Elicited:
    """One unknown of the war block.

    Attributes
    ----------
    name : the declared parameter
    spec : its prior, as a sweep's file writes one
    source : where the range comes from, a key of evidence.csv or "assumption"
    why : the range in words
    curve : whether it moves when the war comes back in `no_force`, so that records inform it
    """

    name: str
    spec: Mapping[str, list[float]]
    source: str
    why: str
    curve: bool = False

    @property
    def prior(self) -> Prior:
        """The prior, checked against the declaration."""
        return prior_of(dict(self.spec), CATALOGUE[self.name], self.name)


def _uniform(name: str, low: float, high: float, source: str, why: str, curve: bool = False) -> Elicited:
    return Elicited(name, {"uniform": [low, high]}, source, why, curve)


def _log(name: str, low: float, high: float, source: str, why: str) -> Elicited:
    return Elicited(name, {"loguniform": [low, high]}, source, why)


ELICITED = (
    _uniform("war.discount", 0.75, 0.92, "assumption", "from a leader who counts on 4 years to one who counts on 12",
             True),
    _uniform("war.prize", 9, 15, "assumption", "value of winning: a quarter around the default of 12", True),
    _uniform("war.cost", 4.5, 7.5, "assumption", "cost of war: a quarter around the default of 6", True),
    _uniform("war.committed_bonus", 0, 1.5, "assumption", "a committed Russia's further value of war", True),
    _uniform("war.dividend", 0.005, 0.025, "assumption", "what peace is worth a week: sanctions relief", True),
    _uniform("readiness.growth", 0.003, 0.009, "assumption", "Ukraine's regeneration: a half around the default", True),
    _uniform("reconstitution.growth", 0, 0.012, "assumption", "Russia's: from none to twice Ukraine's default", True),
    _uniform("war_response.us_reputation", 2, 4, "assumption", "Washington's reputation at stake", True),
    _log("war_response.force_scale", 5, 45, "reiterpoast", "thousand troops of a tripwire: a token is said not to deter"
         ", the threshold is unknown"),
    _uniform("war_response.coalition_cost", 1, 2.2, "assumption", "the coalition's cost of war"),
    _uniform("war_response.spiral_us", 0.2, 0.8, "assumption", "an escalated reply widens if Washington honoured"),
    _uniform("war_response.spiral_coalition", 0.02, 0.3, "assumption", "the same if it did not"),
    _log("war.presence_ratio", 0.15, 1, "fortna_pk_inter", "of the hazard a force leaves .15 after wars between states,"
         " .4 after civil wars; 1: a target protects nobody (module reference_class)"),
    _log("war.guarantee_ratio", 0.2, 1, "assumption", "what a guarantor sure to fight leaves of it (same module)"),
)  # fmt: skip
"""The elicited prior. All three classes come out of these ranges, which are those that the sweeps had before there was
a sample; none was widened. The precisions of choice stay fixed: payoffs and precision cannot be told apart."""
NAMES = tuple(item.name for item in ELICITED)


@dataclass(frozen=True)
class Record:
    """What a class says of when its wars came back.

    Attributes
    ----------
    law : the class's law and its recorded shares by year
    n : how many wars the shares weigh as much as
    why : where n comes from
    """

    law: Lomax
    n: int
    why: str

    def share(self, year: int) -> float:
        """The share of wars that came back within so many years: the record or, where it is silent, the law."""
        return self.law.shares.get(year, self.came_back(year))

    def came_back(self, years: float) -> float:
        """F of the law (E9.18)."""
        return self.law.came_back(years)

    @property
    def early(self) -> float:
        """Of the wars of the first two years, the law's share in the first 16 weeks."""
        return self.came_back(EARLY / YEAR) / self.came_back(2)

    def tolerance(self, year: int) -> tuple[float, float]:
        """Where the class's mean curve must lie: Jeffreys' 95 % interval of the record, wider by the discrepancy."""
        wars = self.n * self.share(year)
        low, high = beta.ppf([0.025, 0.975], wars + 0.5, self.n - wars + 0.5)
        return max(0.0, low - DISCREPANCY[year]), min(1.0, high + DISCREPANCY[year])


RECORDS = {
    ReferenceClass.INTERSTATE: Record(CLASSES[ReferenceClass.INTERSTATE], 38, "as many wars are in the record"),
    ReferenceClass.IMPOSED_LINE: Record(CLASSES[ReferenceClass.IMPOSED_LINE], 224, "as many dyads are in the record"),
    ReferenceClass.CIVIL: Record(
        CLASSES[ReferenceClass.CIVIL], 20, "assumption: the record says how many failed, not when"
    ),
}
RECORD = dict(zip(options(ReferenceClass), RECORDS.values(), strict=True))
"""The records by the names that users write."""
N_EARLY = 8
"""The law's share of early wars weighs as much as eight wars: yearly records are silent on weeks; assumption."""
DISCREPANCY = {1: 0.02, 2: 0.02, 5: 0.02, 10: 0.05}
"""How far a curve may be off for the model's own reasons: a review only every four weeks, and beyond the five fitted
years two sides that have both reached their ceilings; assumption."""


def log_beta(share: float, observed: float, n: float) -> float:
    """Return log Beta(share; 1 + n o, 1 + n (1 - o)) less its greatest value, at share = o: 0 at the record.

    The likelihood of a record of o n wars among n, where wars come back with the chance `share`.
    """
    found = n * (xlogy(observed, share) + xlog1py(1 - observed, -share))
    best = n * (xlogy(observed, observed) + xlog1py(1 - observed, -observed))
    return float(found - best)


def log_likelihood(record: Record, by_year: Mapping[int, float], early: float) -> float:
    """Return the log likelihood of F at some years and of the share of early wars; 0 where all is as recorded."""
    terms = [log_beta(share, record.share(year), record.n) for year, share in by_year.items()]
    return float(np.sum([*terms, log_beta(early, record.early, N_EARLY)]))
