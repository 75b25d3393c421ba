"""What the calibration may move: parameters with their priors, and how truces differ by their start.

Those of one `event` are properties of it alone and are not handed on to sweeps: the restraint with which the truces of
2020 (Donbas), of 2003 and of 2021 (Line of Control) began, and the gains of a breach on the Line of Control.

The starts of truces come from one population, logit r0 ~ N(m, s^2), with m ~ N(2, 1.5^2) and s ~ |N(0, 1.5^2)|. The
weak truces of 2015-18 are its fourth truce, of a known start; they are one, since their record is one mean. The design
draws each start evenly over its range of log-odds; `log_population` is what the population makes of a set of starts,
with m and s integrated out, and `population` draws m and s given the starts, and the start of a further truce, which
is the `truce.restraint` of a member.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from fragile_peace_lab.design.factors import DIGITS, Prior
from fragile_peace_lab.design.posterior import START, WEAK

TRUCE, LOC_2003, LOC_2021, LOC = "donbas_truce_2020", "kashmir_2003", "kashmir_2021", "kashmir_loc"
MEAN, SPREAD = "population:mean", "population:spread"
MEAN_PRIOR, SPREAD_PRIOR = (2.0, 1.5), 1.5
_M, _S = np.meshgrid(np.linspace(-4, 8, 61), np.linspace(0.05, 6, 60), indexing="ij")


@dataclass(frozen=True)
class Free:
    """One parameter that the calibration moves."""

    parameter: str
    kind: str
    low: float
    high: float
    why: str
    event: str = ""

    @property
    def name(self) -> str:
        """The column of the posterior: `event:parameter` for a property of one event."""
        return f"{self.event}:{self.parameter}" if self.event else self.parameter

    def quantile(self, u: np.ndarray) -> list[float]:
        """Return the values at the probabilities u in [0, 1); `logituniform` is uniform in log-odds."""
        if self.kind != "logituniform":
            return Prior(self.kind, (self.low, self.high), False).quantile(u)
        return [float(f"{value:.{DIGITS}g}") for value in self.at(u).tolist()]

    def at(self, u: np.ndarray) -> np.ndarray:
        """Return the values of a `logituniform` prior, unrounded."""
        values: np.ndarray = expit(logit(self.low) + (logit(self.high) - logit(self.low)) * u)
        return values

    def place(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie in the prior, 0 at its lower and 1 at its upper end."""
        scale = {"loguniform": np.log, "logituniform": logit}.get(self.kind, np.asarray)
        low, high, at = scale(self.low), scale(self.high), scale(values)
        shares: np.ndarray = (at - low) / (high - low)
        return shares


FREE: tuple[Free, ...] = (
    Free("russia.raid_gain", "uniform", 0.5, 1.2, "a factor of about a third either side of the value tuned by hand"),
    Free("ukraine.raid_gain", "uniform", 0.3, 0.85, "the same; no record says whose a violation was"),
    Free("contact.tension_gain", "uniform", 0.4, 0.9, "the same"),
    Free("tension.persistence", "uniform", 0.86, 0.95, "tension halves in five to fourteen weeks"),
    Free("counts.raid", "loguniform", 300, 1100, "a factor of two either side"),
    Free("counts.dispersion", "uniform", 0.4, 2.5, "from wild to moderate weeks"),
    Free("counts.deaths_per_1000", "uniform", 0.45, 1.0, "recorded rates of 0.78 to 1.45, times the share seen"),
    Free("truce.discipline", "uniform", 0.5, 4.0, "wide: with less no truce holds, with more none erodes"),
    Free("truce.erosion", "uniform", 0.2, 1.0, "up to where a restraint without floor would turn negative"),
    Free("truce.reciprocity", "loguniform", 0.003, 0.1, "a quiet year raises the odds of restraint by 1.2 to 180"),
    Free("truce.residual", "uniform", 0.0, 0.1, "what is kept without a truce: little"),
    Free("truce.recommitments_per_year", "uniform", 1.0, 6.0, "twelve in three years were announced; smaller ones too"),
    Free("truce.recommitment_jump", "uniform", 0.0, 0.5, "of the lost discipline"),
    Free("fatality.raid_russia", "loguniform", 0.002, 1.0, "nothing but the deaths of missions informs it: wide"),
    Free("russia.strike_value", "uniform", 2.6, 3.5, "the range of the shipped sweeps"),
    Free(START, "logituniform", 0.5, 0.97, "how well the truce of 2020 was kept at first", TRUCE),
    Free(START, "logituniform", 0.8, 0.999, "the truce of November 2003, likewise", LOC_2003),
    Free(START, "logituniform", 0.8, 0.999, "its renewal of February 2021, likewise", LOC_2021),
    Free("russia.raid_gain", "uniform", 0.02, 0.9, "gains there, both sides' in the proportion of the Donbas", LOC),
)  # fmt: skip
HANDED_ON: tuple[str, ...] = tuple(free.name for free in FREE if not free.event)
"""The parameters that sweeps take from the posterior, beside the start of a truce."""
STARTS: tuple[str, ...] = tuple(free.name for free in FREE if free.parameter == START)


def values_at(x: np.ndarray) -> list[dict[str, float]]:
    """Return the parameter values at points of the unit cube, shape (points, parameters)."""
    columns = [free.quantile(x[:, index]) for index, free in enumerate(FREE)]
    return [dict(zip((free.name for free in FREE), row, strict=True)) for row in zip(*columns, strict=True)]


def _log_hyper(starts: np.ndarray) -> np.ndarray:
    """Return log p(m, s) + log p(starts | m, s) on the grid, up to a constant: shape (truces' sets, m, s)."""
    odds = logit(np.concatenate([starts, np.full((len(starts), 1), WEAK)], axis=1))[..., None, None]
    each = -0.5 * ((odds - _M) / _S) ** 2 - np.log(_S)
    prior = -0.5 * ((_M - MEAN_PRIOR[0]) / MEAN_PRIOR[1]) ** 2 - 0.5 * (_S / SPREAD_PRIOR) ** 2
    total: np.ndarray = each.sum(axis=1) + prior
    return total


def log_population(starts: np.ndarray) -> np.ndarray:
    """Return the log-density of sets of starts in log-odds, m and s integrated out, up to a constant.

    `starts` has shape (sets, truces), in the order of STARTS. Rounded to six decimals.
    """
    found = []
    for part in np.array_split(starts, max(1, len(starts) // 256)):
        grid = _log_hyper(part).reshape(len(part), -1)
        top = grid.max(axis=1)
        found.append(top + np.log(np.exp(grid - top[:, None]).sum(axis=1)))
    return np.round(np.concatenate(found), 6)


def population(member: Mapping[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Return m and s of the population given a member's starts, and a further truce's start: three columns."""
    grid = _log_hyper(np.array([[member[name] for name in STARTS]])).ravel()
    weight = np.cumsum(np.exp(grid - grid.max()))
    cell = int(np.searchsorted(weight, rng.random() * weight[-1]))
    jitter, normal = rng.random(2) - 0.5, rng.normal()
    mean = _M.ravel()[cell] + jitter[0] * (_M[1, 0] - _M[0, 0])
    spread = max(0.01, _S.ravel()[cell] + jitter[1] * (_S[0, 1] - _S[0, 0]))
    start = expit(min(mean + spread * normal, math.log(1e6)))
    return {MEAN: round(mean, 6), SPREAD: round(spread, 6), START: float(f"{start:.{DIGITS}g}")}
