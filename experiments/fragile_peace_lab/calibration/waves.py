"""History matching in waves: what each rules out, and samples of the space that is left.

A wave is emulated from the simulated points that no wave before has ruled out. `Simulated` holds all of them, so that
the waves, and with them the posterior of any other record, can be made again without simulating (`trial`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

import fragile_peace
from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.emulators import CHUNK, Stage, fit_all, implausibility
from fragile_peace_lab.calibration.free import FREE, STARTS, log_population
from fragile_peace_lab.calibration.targets import OUTPUTS
from fragile_peace_lab.design import kept
from fragile_peace_lab.design.points import uniforms

POOL = 1 << 15  # points looked at together when a space is sampled
LEAST_SHARE = 2e-5  # of the prior space: below it the space is called empty
SIMULATED = "simulated.parquet"  # beside the posterior
SHIPPED = Path(fragile_peace.__file__).with_name(SIMULATED)
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Simulated:
    """Simulated points of all waves.

    Attributes
    ----------
    wave : number of the wave of each, from 0
    x : points of the unit cube, shape (points, parameters)
    y : mean, its Monte Carlo variance and the variance of histories, shape (points, outputs, 3)
    together : correlations of the outputs of a history, by wave, shape (waves, outputs, outputs)
    cuts : implausibility beyond which a wave rules a point out
    """

    wave: np.ndarray
    x: np.ndarray
    y: np.ndarray
    together: np.ndarray
    cuts: tuple[float, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> "Simulated":
        """Read the points, the shipped ones if no path is given. Raises InputError where there are none."""
        missing = "no simulated points there; `fragile-peace calibrate` makes them"
        with kept.reading(path or SHIPPED, missing, "simulated points of this calibration") as (table, about):
            x = np.stack([table[free.name].to_numpy() for free in FREE], axis=1)
            y = np.stack([table[name].to_numpy() for name in _columns()], axis=1).reshape(len(x), len(OUTPUTS), 3)
            return cls(table["wave"].to_numpy(), x, y, np.array(about["together"]), tuple(about["cuts"]))

    def write(self, path: Path) -> None:
        """Write the file; the same points give the same bytes."""
        values = self.y.reshape(len(self.x), -1)
        arrays = {"wave": pa.array(self.wave.astype(np.int32))}
        arrays |= {free.name: pa.array(self.x[:, k]) for k, free in enumerate(FREE)}
        arrays |= {name: pa.array(values[:, k]) for k, name in enumerate(_columns())}
        kept.write(path, pa.table(arrays), {"together": self.together.tolist(), "cuts": self.cuts}, level=9)

    def waves(self) -> "list[Wave]":
        """Return the waves, emulated again."""
        found: list[Wave] = []
        for number, cut in enumerate(self.cuts):
            found.append(next_wave(found, self.upto(number), cut))
        return found

    def upto(self, number: int) -> "Simulated":
        """Return the points of the waves up to this one."""
        own = self.wave <= number
        return Simulated(self.wave[own], self.x[own], self.y[own], self.together[: number + 1], self.cuts)


def _columns() -> list[str]:
    return [f"{target.name}:{part}" for target in OUTPUTS for part in ("mean", "error", "scatter")]


@dataclass(frozen=True)
class Wave:
    """What a wave leaves: its emulators, its cut, and how many points they come from."""

    stage: Stage
    cut: float
    points: int


def next_wave(waves: Sequence[Wave], points: Simulated, cut: float) -> Wave:
    """Return the wave that is emulated from the points that no wave before has ruled out."""
    left = inside(waves, points.x)
    return Wave(fit_all(points.x[left], points.y[left], points.together[-1]), cut, len(left))


def inside(waves: Sequence[Wave], x: np.ndarray) -> np.ndarray:
    """Return the indices of the points that no wave has ruled out."""
    left = [np.empty(0, np.int64)]
    for start in range(0, len(x), CHUNK):
        alive = np.arange(start, min(len(x), start + CHUNK))
        for wave in reversed(waves):  # the last rules out most
            alive = alive[implausibility(wave.stage, x[alive], wave.cut) <= wave.cut]
        left.append(alive)
    return np.concatenate(left)


def starts(x: np.ndarray) -> np.ndarray:
    """Return the truces' starts at points of the unit cube, shape (points, truces), in the order of STARTS."""
    return np.stack([free.at(x[:, k]) for k, free in enumerate(FREE) if free.name in STARTS], axis=1)


def space(waves: Sequence[Wave], wanted: int, seed: int, tell: Tell) -> tuple[np.ndarray, float]:
    """Return points spread evenly over the space not ruled out, and its share of the prior. Raises InputError."""
    found: list[np.ndarray] = []
    looked = left = 0
    while sum(map(len, found)) < wanted:
        pool = uniforms("sobol", POOL, len(FREE), seed + looked // POOL)
        looked += POOL
        pool = pool[inside(waves, pool)]
        left += len(pool)
        if left < LEAST_SHARE * looked:
            raise InputError(f"calibrate: wave {len(waves)} rules out everything; the targets contradict the priors")
        found.append(pool)
        tell(f"  {looked:,} points looked at, {sum(map(len, found))} of {wanted} found")
    return np.concatenate(found)[:wanted], left / looked


def prior_within(waves: Sequence[Wave]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the log-density, relative to even, of points: the population of truces, -inf where a wave rules out."""

    def density(x: np.ndarray) -> np.ndarray:
        found = np.full(len(x), -np.inf)
        left = inside(waves, x)
        found[left] = log_population(starts(x[left])) if len(left) else 0.0
        return found

    return density
