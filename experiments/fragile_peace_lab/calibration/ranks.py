"""Are ranks uniform? The ECDF of ranks inside a simultaneous band, for one quantity and for a family of them.

Where a truth and D draws come from one distribution, the truth's rank among them is uniform on 0 ... D. Of N ranks the
number below i, i = 1 ... D, is Binomial(N, i / (D + 1)). The band holds, at every i, the counts whose two-sided
binomial tail exceeds g, and g is such that N uniform ranks leave the band anywhere in at most `ALPHA` of simulations
(Saeilynoja, Buerkner & Vehtari 2022). The ranks of several quantities go together; how many of them leave their bands
by chance is simulated with normal scores that have the correlations of the ranks found.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import binom

ALPHA = 0.05
ALONE, FAMILIES = 10_000, 2_000  # simulations of one quantity, of a family
SEED = 20220331


@dataclass(frozen=True)
class Bands:
    """The simultaneous band of N ranks among D draws.

    Attributes
    ----------
    replicates, draws : N and D
    tails : two-sided binomial tail of a count below i, shape (D, N + 1)
    null : least tails of uniform ranks, sorted
    """

    replicates: int
    draws: int
    tails: np.ndarray
    null: np.ndarray

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, replicates: int, draws: int) -> "Bands":
        """Return the band, simulated with its own seed."""
        counts = np.arange(replicates + 1)
        share = np.arange(1, draws + 1)[:, None] / (draws + 1)
        tails = 2 * np.minimum(binom.cdf(counts, replicates, share), binom.sf(counts - 1, replicates, share))
        ranks = np.random.default_rng(SEED).integers(0, draws + 1, (ALONE, replicates))
        bare = cls(replicates, draws, tails, np.empty(0))
        return cls(replicates, draws, tails, np.sort(bare.least(ranks)))

    @property
    def level(self) -> float:
        """g, the pointwise level: the greatest least tail whose p-value is at most ALPHA."""
        first = self.null[int(ALPHA * (len(self.null) + 1)) - 1]
        place = int(np.searchsorted(self.null, first))
        return float(self.null[place - 1]) if place else 0.0

    @property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest count inside the band, each of shape (D,)."""
        inside = self.tails > self.level
        return inside.argmax(axis=1), self.replicates - inside[:, ::-1].argmax(axis=1)

    def below(self, ranks: np.ndarray) -> np.ndarray:
        """Return how many ranks are below i = 1 ... D: of ranks (quantities, N) shape (quantities, D)."""
        width = self.draws + 1
        flat = (ranks + width * np.arange(len(ranks))[:, None]).ravel()
        each = np.bincount(flat, minlength=width * len(ranks)).reshape(len(ranks), width)
        return each.cumsum(axis=1)[:, :-1]

    def least(self, ranks: np.ndarray) -> np.ndarray:
        """Return the least tail of each quantity's ranks, (quantities, N): small where they are not uniform."""
        smallest: np.ndarray = self.tails[np.arange(self.draws), self.below(ranks)].min(axis=1)
        return smallest

    def p_values(self, ranks: np.ndarray) -> np.ndarray:
        """Return, by quantity, in which share of simulations uniform ranks are as far from uniform."""
        return (1 + np.searchsorted(self.null, self.least(ranks), side="right")) / (1 + len(self.null))

    def outside(self, ranks: np.ndarray) -> np.ndarray:
        """Return, by quantity, whether its ranks leave the band."""
        return self.least(ranks) <= self.level

    def over(self, ranks: np.ndarray) -> np.ndarray:
        """Return the greatest deviation from uniform in units of the band's edge on that side: above 1 is outside."""
        expected = self.replicates * np.arange(1, self.draws + 1) / (self.draws + 1)
        low, high = self.edges
        off = self.below(ranks) - expected
        furthest: np.ndarray = np.where(off < 0, off / (low - expected), off / (high - expected)).max(axis=1)
        return furthest


def allowed(bands: Bands, ranks: np.ndarray) -> tuple[int, float]:
    """Return how many quantities may leave their bands, and how often uniform ranks break that rule: at most ALPHA.

    `ranks` has shape (quantities, N); their correlations, as normal scores, are those of the simulated families.
    """
    rng = np.random.default_rng(SEED + 1)
    scores = ndtri((ranks + rng.random(ranks.shape)) / (bands.draws + 1))
    lower = np.linalg.cholesky(np.atleast_2d(np.corrcoef(scores)) + 1e-9 * np.eye(len(ranks)))
    left = np.zeros(FAMILIES, np.int64)
    for family in range(FAMILIES):
        uniform = ndtr(lower @ rng.normal(size=ranks.shape))
        simulated = np.minimum((uniform * (bands.draws + 1)).astype(np.int64), bands.draws)
        left[family] = bands.outside(simulated).sum()
    more = np.array([(left > number).mean() for number in range(len(ranks) + 1)])
    number = int(np.argmax(more <= ALPHA))
    return number, float(more[number])


def inside_share(ranks: np.ndarray, draws: int, share: float) -> np.ndarray:
    """Return, by quantity, how often the truth is in the central interval that holds a share of the draws.

    A truth is inside where its rank is among the central (D + 1) x share ranks: with 99 draws 50 % are the ranks 25 to
    74, 90 % the ranks 5 to 94.
    """
    off = (draws + 1) * (1 - share) / 2
    shares: np.ndarray = ((ranks >= round(off)) & (ranks < draws + 1 - round(off))).mean(axis=1)
    return shares
