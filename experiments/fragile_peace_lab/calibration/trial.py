"""The posterior on trial: is the inference right for records of the model's own making, whose truth is known?

Simulation-based calibration (Talts et al. 2018) of the last stage, on kept emulators. A replicate draws a truth from
the prior within the space that the waves leave, simulates one real history of every world there, adds to every output
a normal error with its observation and discrepancy deviations, and infers the truth from that record: prior times
emulated likelihood, to the power that the fit takes (`LEARNING`). Over replicates the truth's rank among draws of its
posterior is uniform if the emulators, the scatter and the normality of the likelihood are right where the posterior
lies. The waves are not simulated again: what
they rule out is ruled out for the record that was observed, and here for all.

The prior is held by a pool of points: evenly spread over the space, weighted by the population of truces' starts. The
truth is one of them, and the posterior weighs them all, so that ranks are exactly uniform for any pool if the record
comes from the likelihood. How many points a posterior rests on is its effective number, (sum w)^2 / sum w^2; few of
them dull the trial, they do not bias it. Draws are independent given the weights: nothing has to be thinned. Moving
particles for every record (`sampling.smc`) would take minutes a record where the pool takes seconds; that they sample
what they are given is tested apart, on known posteriors.

The record of a rate over many histories (`Target.history`) has no single history: it is the emulated mean with a normal
error of all its variance in the likelihood, the emulator's too. A history that did not last, or without any fatal
event, is drawn again. Everything is a function of the simulated points, the numbers asked for and the seed.
"""

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit, ndtr
from scipy.stats import kurtosis, skew

from fragile_peace.cores import cores
from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.emulators import (
    ERRORS,
    IN_FIT,
    LEARNING,
    SCATTERS,
    Stage,
    emulated_likelihood,
    need_sklearn,
)
from fragile_peace_lab.calibration.free import FREE, MEAN, SPREAD, STARTS, log_population, population, values_at
from fragile_peace_lab.calibration.ranks import Bands, allowed, inside_share
from fragile_peace_lab.calibration.runs import Point, histories, simulate_points
from fragile_peace_lab.calibration.targets import OUTPUTS
from fragile_peace_lab.calibration.waves import Simulated, Tell, space, starts
from fragile_peace_lab.design.posterior import START

SEED = 20291203
REPLICATES = 200
POOL = 1 << 15
DRAWS = 99
BLOCK = 1 << 10  # points whose likelihood a thread works out
APART = 1_000_000  # between the seeds of replicates: further than those of a replicate's worlds
TRIES = 100
HYPER = (MEAN, SPREAD, START)
NAMES = (*(free.name for free in FREE), *HYPER)


@dataclass(frozen=True)
class Trial:
    """What a trial found.

    Attributes
    ----------
    table : a row a parameter: over, p, inside, coverage50, coverage90 with errors, mean_z, sd_z, contraction
    ranks : a row a replicate: its effective number of points, and the rank of every parameter's truth
    outputs : a row a fitted output: what `expected` tells of the records beside what the likelihood expects
    draws : draws of a posterior, so that ranks are 0 ... draws
    allowed : parameters that may leave their bands; uniform ranks break that rule with the chance `false_alarm`
    pool : points that hold the prior, and their effective number under it
    """

    table: pd.DataFrame
    ranks: pd.DataFrame
    outputs: pd.DataFrame
    draws: int
    allowed: int
    false_alarm: float
    pool: tuple[int, float]

    @property
    def outside(self) -> list[str]:
        """The parameters that leave their bands."""
        names: list[str] = self.table.loc[~self.table["inside"], "parameter"].tolist()
        return names

    @property
    def passed(self) -> bool:
        """Whether no more parameters leave their bands than are allowed."""
        return len(self.outside) <= self.allowed


def trial(simulated: Simulated, replicates: int, seed: int, tell: Tell, points: int = POOL) -> Trial:
    """Put the inference on trial.

    Parameters
    ----------
    simulated : points of all waves; their emulators are made again
    replicates : truths, at least 20
    seed : of pool, truths, histories and draws
    tell : hears how far it is
    points : of the pool
    """
    if replicates < 20:
        raise InputError(f"--trial: {replicates} is too few replicates to see anything; at least 20")
    need_sklearn()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in one order, whatever the number of cores
        waves = simulated.waves()
        stage = waves[-1].stage
        tell(f"emulators of {len(waves)} waves made again")
        x, share = space(waves, points, seed, tell)
        tell(f"pool: {len(x)} points of the {share:.2%} of the prior space that is not ruled out")
        prior = log_population(starts(x))
        truths = np.random.default_rng(seed).choice(len(x), replicates, p=weights(prior))
        found = records(stage, x[truths], seed, tell)
        likelihood = likelihoods(stage, x, found, tell)
        return judged(x, prior, truths, likelihood, seed, expected(stage, x[truths], found))


def weights(logs: np.ndarray) -> np.ndarray:
    """Return weights that sum to 1, of their logarithms up to a constant."""
    found = np.exp(logs - logs.max())
    weights: np.ndarray = found / found.sum()
    return weights


def effective(share: np.ndarray) -> float:
    """Return the effective number of points with these weights, which sum to 1."""
    return float(1 / (share**2).sum())


def records(stage: Stage, x: np.ndarray, seed: int, tell: Tell) -> np.ndarray:
    """Return a record of each truth, shape (outputs, truths): one real history with its errors, on targets' scales."""
    told: list[np.ndarray] = []
    with ThreadPoolExecutor(cores()) as pool:
        seeds = [seed + APART * (1 + number) for number in range(len(x))]
        for number, history in enumerate(pool.map(one_history, values_at(x), seeds), 1):
            told.append(history)
            if number % 20 == 0 or number == len(x):
                tell(f"  {number} of {len(x)} records simulated")
    mean, variance = stage.predict(x)
    places = np.where(SCATTERS, np.array(told), mean)
    wide = np.sqrt(ERRORS + np.where(SCATTERS, 0.0, variance))
    drawn: np.ndarray = (places + wide * np.random.default_rng([seed, 1]).normal(size=places.shape)).T
    return drawn


def one_history(point: Point, seed: int) -> np.ndarray:
    """Return the fitted outputs of one history, the first that lasted: seeds go up by one."""
    for attempt in range(TRIES):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a mean over no run
            found: np.ndarray = histories(simulate_points([point], 1, seed + attempt)[0])[IN_FIT, 0]
        if np.isfinite(found).all():
            return found
    raise InputError(f"calibrate --trial: none of {TRIES} histories lasted at a point within the space")


def likelihoods(stage: Stage, x: np.ndarray, places: np.ndarray, tell: Tell) -> np.ndarray:
    """Return the emulated log-likelihood of records (outputs, records) at every point: shape (points, records).

    The caller holds linear algebra to one thread.
    """
    parts = [x[first : first + BLOCK] for first in range(0, len(x), BLOCK)]
    done = []
    with ThreadPoolExecutor(cores()) as pool:
        for part in pool.map(lambda part: LEARNING * emulated_likelihood(stage, part, places), parts):
            done.append(part)
            if len(done) % 16 == 0:
                tell(f"  likelihood of {sum(map(len, done)):,} of {len(x):,} points")
    return np.concatenate(done)


def expected(stage: Stage, x: np.ndarray, places: np.ndarray) -> pd.DataFrame:
    """Return how each output of the records (outputs, truths) lies in what the likelihood expects at the truths.

    Standardised they have mean 0, deviation 1, skewness 0 and excess kurtosis 0 where the likelihood is right; `over`
    and `inside` are of their probabilities, as ranks, in the band.
    """
    mean, variance = stage.predict(x)
    s = stage.covariance(x, variance)
    off = (places.T - mean) / np.sqrt(np.diagonal(s, axis1=1, axis2=2))
    bands = Bands.of(len(x), DRAWS)
    found = np.minimum((ndtr(off) * (DRAWS + 1)).astype(np.int64), DRAWS).T
    table = pd.DataFrame({"output": [OUTPUTS[index].name for index in IN_FIT], "over": bands.over(found)})
    table["inside"] = ~bands.outside(found)
    table["mean_z"], table["sd_z"] = off.mean(axis=0), off.std(axis=0, ddof=1)
    table["skewness"], table["kurtosis"] = skew(off), kurtosis(off)
    return table


def judged(
    x: np.ndarray, prior: np.ndarray, truths: np.ndarray, likelihood: np.ndarray, seed: int, outputs: pd.DataFrame
) -> Trial:
    """Return the trial of a pool of points with their log-prior, the truths among them and the records' likelihood.

    Parameters
    ----------
    x : points of the unit cube, shape (points, parameters)
    prior : their log-density, relative to how they are spread, up to a constant
    truths : index of each replicate's truth, shape (replicates,)
    likelihood : of the replicates' records, shape (points, replicates)
    outputs : what `expected` says
    """
    chances = weights(prior)
    rng = np.random.default_rng([seed, 2])
    spread = _values(x[rng.choice(len(x), 2000, p=chances)], rng).var(axis=0, ddof=1)
    spread[: len(FREE)] = _moments(x, chances)[1]
    number, kinds = len(truths), len(NAMES)
    ranks, z, shrunk = np.zeros((kinds, number), np.int64), np.zeros((kinds, number)), np.zeros((kinds, number))
    support = np.zeros(number)
    for replicate, truth in enumerate(truths):
        own = np.random.default_rng([seed, 3, replicate])
        share = weights(prior + likelihood[:, replicate])
        support[replicate] = effective(share)
        true = _values(x[[truth]], own)[0]
        drawn = _values(x[own.choice(len(x), DRAWS, p=share)], own)
        ranks[:, replicate] = rank(true, drawn, own)
        mean, variance = drawn.mean(axis=0), drawn.var(axis=0, ddof=1)
        mean[: len(FREE)], variance[: len(FREE)] = _moments(x, share)
        z[:, replicate] = (mean - true) / np.sqrt(np.maximum(variance, 1e-12))
        shrunk[:, replicate] = 1 - variance / spread
    told = _told(ranks, z, shrunk)
    rows = {"replicate": np.arange(number), "effective": support} | dict(zip(NAMES, ranks, strict=True))
    most, alarm = allowed(Bands.of(number, DRAWS), ranks)
    return Trial(told, pd.DataFrame(rows), outputs, DRAWS, most, alarm, (len(x), effective(chances)))


def rank(true: np.ndarray, drawn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return how many draws (draws, parameters) are below the truth (parameters,); ties fall at random."""
    same = (drawn == true).sum(axis=0)
    ranks: np.ndarray = (drawn < true).sum(axis=0) + rng.integers(0, same + 1)
    return ranks


def _values(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return places of the free parameters, and the population's mean, spread and a further start in log-odds."""
    members = [dict(zip(STARTS, row, strict=True)) for row in starts(x).tolist()]
    hyper = [[found[name] for name in HYPER] for found in (population(member, rng) for member in members)]
    further = np.array(hyper)
    further[:, -1] = logit(further[:, -1])
    return np.concatenate([x, further], axis=1)


def _moments(x: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weighted mean and variance of points, each of shape (parameters,)."""
    mean = share @ x
    return mean, share @ (x - mean) ** 2


def _told(ranks: np.ndarray, z: np.ndarray, shrunk: np.ndarray) -> pd.DataFrame:
    """Return the table of parameters, of arrays (parameters, replicates)."""
    number = ranks.shape[1]
    bands = Bands.of(number, DRAWS)
    table = pd.DataFrame({"parameter": NAMES, "over": bands.over(ranks), "p": bands.p_values(ranks)})
    table["inside"] = ~bands.outside(ranks)
    for share in (50, 90):
        table[f"coverage{share}"] = inside_share(ranks, DRAWS, share / 100)
        table[f"coverage{share}_error"] = np.sqrt(share / 100 * (1 - share / 100) / number)
    table["mean_z"], table["sd_z"] = z.mean(axis=1), z.std(axis=1, ddof=1)
    table["contraction"] = shrunk.mean(axis=1)
    return table
