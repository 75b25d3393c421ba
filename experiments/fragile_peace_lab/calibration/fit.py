"""Calibration: history matching in waves, then a sample of the posterior by rejection of real simulations.

A wave simulates a design of the space that is not ruled out yet, emulates every output (`emulators`) and
rules out more. The last space is then sampled twice over. Points of it become candidates with a chance in proportion
to L_e, their likelihood as the emulators have it, cut where it is within a factor exp(FLAT) of the greatest seen, so
that finding them does not take forever; each candidate is simulated afresh, with other draws and more runs, and
accepted with a chance in proportion to L / L_e, L its likelihood under the stated errors. What is accepted is a sample
in proportion to L, the cut and the emulators' errors undone; only weights above their `TOP` quantile are cut there. In
the order of the design it is the posterior: its first N members are a sample of it for every N.

Everything is a function of `Settings` and the kernels. Simulations are kept in a work folder, a file a block, so that
an interrupted calibration goes on where it was; a folder belongs to one digest of settings, tables and kernel sources.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.calibration.emulators import (
    Emulator,
    emulated_likelihood,
    fit_all,
    implausibility,
    need_sklearn,
    simulated_distance,
    within_two,
)
from fragile_peace_lab.calibration.runs import outputs, simulate_points
from fragile_peace_lab.calibration.targets import FREE, TARGETS
from fragile_peace_lab.design.points import uniforms
from fragile_peace_lab.design.posterior import Posterior

SEED = 20260727
BLOCK = 32  # points a file of the work folder
POOL = 1 << 17  # points looked at together when a space is sampled
CHUNK = 1 << 12  # of them emulated at once: bounds memory
LEAST_SHARE = 2e-5  # of the prior space: below it the space is called empty
FLAT = 2.0  # below the greatest log-likelihood seen: from there up every candidate is taken
TOP = 0.95
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How large a calibration is.

    Attributes
    ----------
    waves : simulated points of each wave
    cuts : implausibility beyond which a wave rules a point out
    runs : runs a point in a wave
    candidates, candidate_runs : points simulated for the posterior, and runs of each
    members : most members of the posterior
    seed : of designs and runs
    """

    waves: tuple[int, ...] = (512, 256, 256)
    cuts: tuple[float, ...] = (3.5, 3.0, 3.0)
    runs: int = 16
    candidates: int = 1536
    candidate_runs: int = 24
    members: int = 512
    seed: int = SEED

    @property
    def digest(self) -> str:
        """What the result depends on: these settings, the tables and the kernel sources."""
        from fragile_peace_lab.store.behaviour import sources

        targets = [(t.name, t.observed, t.observation, t.discrepancy, t.log, t.held_out) for t in TARGETS]
        tables = [asdict(self), targets, [(f.name, f.kind, f.low, f.high) for f in FREE], sources()]
        return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Wave:
    """What a wave leaves: its emulators and the ensemble variance of a simulated mean."""

    emulators: list[Emulator]
    ensemble: np.ndarray
    cut: float


@dataclass(frozen=True)
class Report:
    """What a calibration found besides the posterior."""

    posterior: Posterior
    space: tuple[float, ...]  # share of the prior not ruled out after each wave
    accepted: float  # share of the candidates


def calibrate(settings: Settings, work: Path, resume: bool, tell: Tell) -> Report:
    """Calibrate, keeping simulations under `work`. Raises InputError where nothing fits or scikit-learn is missing.

    With `resume` the simulations of the same settings, tables and kernels that are there are used, else done again.
    """
    need_sklearn()
    folder = durable.folder(work / settings.digest[:16])
    with durable.locked(folder / ".lock", str(folder)):
        durable.sweep_up(folder)
        for file in [] if resume else folder.glob("*.json"):
            file.unlink()
        waves: list[Wave] = []
        shares: list[float] = []
        x = uniforms("sobol", settings.waves[0], len(FREE), settings.seed)
        kept_x, kept_y = np.empty((0, len(FREE))), np.empty((0, len(TARGETS), 2))
        for number, cut in enumerate(settings.cuts, 1):
            tell(f"wave {number}: {len(x)} points")
            y = _simulated(x, settings.runs, settings.seed + number, folder / f"wave{number}", tell)
            if waves:
                _tell_accuracy(waves[-1], x, y, tell)
            kept_x, kept_y = _still_in(waves, np.concatenate([kept_x, x]), np.concatenate([kept_y, y]))
            tell(f"wave {number}: emulators of {len(TARGETS)} outputs from {len(kept_x)} points")
            waves.append(Wave(fit_all(kept_x, kept_y), np.median(kept_y[:, :, 1], axis=0), cut))
            last = number == len(settings.cuts)
            wanted = settings.candidates if last else settings.waves[number]
            x, share, cut_at = _space(waves, wanted, settings.seed + 100 * number, last, tell)
            shares.append(share)
            tell(f"wave {number}: {share:.2%} of the prior space is not ruled out")
        tell(f"posterior: {len(x)} candidates")
        y = _simulated(x, settings.candidate_runs, settings.seed + 1000, folder / "candidates", tell)
        _tell_accuracy(waves[-1], x, y, tell)
    return _accepted(settings, waves[-1], cut_at, x, y, tuple(shares))


def values_at(x: np.ndarray) -> list[dict[str, float]]:
    """Return the parameter values at points of the unit cube."""
    columns = [free.prior.quantile(x[:, index]) for index, free in enumerate(FREE)]
    names = [free.name for free in FREE]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _simulated(x: np.ndarray, runs: int, seed: int, stem: Path, tell: Tell) -> np.ndarray:
    """Return the outputs at points, shape (points, targets, 2), from files where they are there already."""
    points, blocks = values_at(x), []
    for start in range(0, len(points), BLOCK):
        file = stem.with_name(f"{stem.name}-{start:05d}.json")
        block = points[start : start + BLOCK]
        asked = hashlib.sha256(json.dumps([block, runs, seed]).encode()).hexdigest()
        kept = durable.read_json(file) if file.exists() else {}
        if kept.get("asked") != asked:
            found = [outputs(worlds).tolist() for worlds in simulate_points(block, runs, seed)]
            kept = {"asked": asked, "outputs": found}
            durable.write_json(file, kept)
            tell(f"  {start + len(block)} of {len(points)} points")
        blocks.append(np.array(kept["outputs"]))
    return np.concatenate(blocks)


def _still_in(waves: list[Wave], x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the simulated points that no wave has ruled out: the next emulators need no others."""
    inside = _inside(waves, x)
    return x[inside], y[inside]


def _inside(waves: list[Wave], x: np.ndarray) -> np.ndarray:
    kept = []
    for start in range(0, len(x), CHUNK):
        alive = np.arange(start, min(len(x), start + CHUNK))
        for wave in reversed(waves):  # the last rules out most
            alive = alive[implausibility(wave.emulators, wave.ensemble, x[alive], wave.cut) <= wave.cut]
        kept.append(alive)
    return np.concatenate(kept)


def _space(waves: list[Wave], wanted: int, seed: int, weighed: bool, tell: Tell) -> tuple[np.ndarray, float, float]:
    """Return points of the space that is not ruled out, its share of the prior, where L_e is cut. Raises InputError.

    They are spread evenly or, `weighed`, in proportion to the emulated likelihood, its logarithm cut.
    """
    found: list[np.ndarray] = []
    looked = inside = 0
    cut_at = np.inf
    while sum(map(len, found)) < wanted:
        pool = uniforms("sobol", POOL, len(FREE), seed + looked // POOL)
        looked += POOL
        pool = pool[_inside(waves, pool)]
        inside += len(pool)
        if inside < LEAST_SHARE * looked:
            raise InputError(f"calibrate: wave {len(waves)} rules out everything; the targets contradict the priors")
        if weighed:
            likelihood = emulated_likelihood(waves[-1].emulators, waves[-1].ensemble, pool)
            cut_at = float(likelihood.max()) - FLAT if np.isinf(cut_at) else cut_at
            drawn = np.random.default_rng(seed + looked).random(len(pool))
            pool = pool[drawn < np.exp(likelihood - cut_at)]
        found.append(pool)
        tell(f"  {looked:,} points looked at, {sum(map(len, found))} of {wanted} found")
    return np.concatenate(found)[:wanted], inside / looked, cut_at


def _tell_accuracy(wave: Wave, x: np.ndarray, y: np.ndarray, tell: Tell) -> None:
    shares = within_two(wave.emulators, wave.ensemble, x, y)
    names = ", ".join(f"{target.name} {share:.0%}" for target, share in zip(TARGETS, shares, strict=True))
    tell(f"  new points within two deviations of the emulators (95 % is right): {names}")


def _accepted(
    settings: Settings, wave: Wave, cut_at: float, x: np.ndarray, y: np.ndarray, shares: tuple[float, ...]
) -> Report:
    """Accept candidates in proportion to L / L_e, L_e cut as it was, and make the posterior of them."""
    worst, likelihood = simulated_distance(y)
    weight = np.exp(likelihood - np.minimum(emulated_likelihood(wave.emulators, wave.ensemble, x), cut_at))
    chance = weight / np.quantile(weight, TOP)
    drawn = np.random.default_rng(settings.seed).random(len(x))
    kept = np.flatnonzero(drawn < np.round(chance, 6))
    if len(kept) < 2:
        raise InputError("calibrate: fewer than two candidates were accepted; give it more")
    share = len(kept) / len(x)
    kept = kept[: settings.members]
    about: dict[str, Any] = {"seed": settings.seed, "settings": asdict(settings), "space": list(shares)}
    return Report(Posterior.of(values_at(x[kept]), worst[kept], about), shares, share)
