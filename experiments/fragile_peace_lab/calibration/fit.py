"""Calibration: history matching in waves, then a sample of the posterior by rejection of real simulations.

A wave simulates a design of the space that is not ruled out yet, emulates every fitted output (`emulators`) and rules
out more (`waves`). The posterior is in proportion to the prior and L^LEARNING, L the likelihood. From the last space
candidates are drawn by sequential Monte Carlo (`sampling`) in proportion to the prior and L_e^POWER, L_e as the
emulators have it; each is simulated afresh, with other draws and more runs, and accepted with a chance in proportion to
L^LEARNING / L_e^POWER. What is accepted is a sample of the posterior, the emulators' errors undone; weights above their
`TOP` quantile are cut there. Members are in an order that says nothing: the first N are a sample for every N.

Everything is a function of `Settings` and the kernels. Simulations are kept in a work folder, a file a block, so that
an interrupted calibration goes on where it was; a folder belongs to one digest of settings, tables and kernel sources.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from fragile_peace.errors import InputError
from fragile_peace_lab import durable
from fragile_peace_lab.calibration.emulators import (
    IN_FIT,
    LEARNING,
    emulated_likelihood,
    need_sklearn,
    simulated_likelihood,
    within_two,
)
from fragile_peace_lab.calibration.free import FREE, population, values_at
from fragile_peace_lab.calibration.runs import NAMES, correlations, outputs, simulate_points
from fragile_peace_lab.calibration.sampling import smc
from fragile_peace_lab.calibration.targets import OUTPUTS
from fragile_peace_lab.calibration.waves import Simulated, Tell, Wave, next_wave, prior_within, space
from fragile_peace_lab.design.points import uniforms
from fragile_peace_lab.design.posterior import Posterior

SEED = 20260727
BLOCK = 32  # points a file of the work folder
POWER = 0.7  # of the emulated likelihood: candidates lie a little wider than the posterior
PARTICLES = 2048
TOP = 0.95


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
    candidates: int = 1024
    candidate_runs: int = 24
    members: int = 512
    seed: int = SEED

    @property
    def digest(self) -> str:
        """What the result depends on: these settings, the tables and the kernel sources."""
        from fragile_peace_lab.store.behaviour import sources

        targets = [
            (t.name, t.observed, t.observation, t.discrepancy, t.log, t.offset, t.history, t.sampled, t.use)
            for t in OUTPUTS
        ]
        tables = [asdict(self), targets, [asdict(free) for free in FREE], sources()]
        return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Report:
    """What a calibration found besides the posterior."""

    posterior: Posterior
    simulated: Simulated
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
        waves, points, shares = _matched(settings, folder, tell)
        x, share = _candidates(waves, settings.candidates, settings.seed + 100 * len(waves), tell)
        shares.append(share)
        tell(f"posterior: {len(x)} candidates; {share:.2%} of the prior space is not ruled out")
        y, _ = _simulated(x, settings.candidate_runs, settings.seed + 1000, folder / "candidates", tell)
        _tell_accuracy(waves[-1], x, y, tell)
    posterior, accepted = _accepted(settings, waves[-1], x, y, shares)
    return Report(posterior, points, tuple(shares), accepted)


def _matched(settings: Settings, folder: Path, tell: Tell) -> tuple[list[Wave], Simulated, list[float]]:
    """Return the waves, their points, and the shares of the prior that all but the last leave."""
    waves: list[Wave] = []
    shares: list[float] = []
    width, kinds = len(FREE), len(OUTPUTS)
    points = Simulated(np.empty(0, int), np.empty((0, width)), np.empty((0, kinds, 3)),
                       np.empty((0, kinds, kinds)), settings.cuts)  # fmt: skip
    for number, (wanted, cut) in enumerate(zip(settings.waves, settings.cuts, strict=True)):
        x = uniforms("sobol", wanted, width, settings.seed)
        if waves:
            x, share = space(waves, wanted, settings.seed + 100 * number, tell)
            shares.append(share)
            tell(f"wave {number}: {share:.2%} of the prior space is not ruled out")
        tell(f"wave {number + 1}: {len(x)} points")
        y, together = _simulated(x, settings.runs, settings.seed + number + 1, folder / f"wave{number + 1}", tell)
        if waves:
            _tell_accuracy(waves[-1], x, y, tell)
        points = Simulated(np.append(points.wave, np.full(len(x), number)), np.concatenate([points.x, x]),
                           np.concatenate([points.y, y]), np.concatenate([points.together, together[None]]),
                           settings.cuts)  # fmt: skip
        waves.append(next_wave(waves, points, cut))
        tell(f"wave {number + 1}: emulators of {len(IN_FIT)} outputs from {waves[-1].points} points")
    return waves, points, shares


def _candidates(waves: list[Wave], wanted: int, seed: int, tell: Tell) -> tuple[np.ndarray, float]:
    """Return points in proportion to prior x L_e^POWER, and the share of the prior space that is not ruled out."""
    start, share = space(waves, max(PARTICLES, wanted), seed, tell)
    stage, rng = waves[-1].stage, np.random.default_rng(seed)
    x = smc(start, prior_within(waves), lambda points: emulated_likelihood(stage, points), rng, POWER)
    return x[:wanted], share


class Simulations(BaseModel):
    """The form of a kept block of simulations."""

    model_config = ConfigDict(strict=True)

    asked: str
    outputs: list[list[list[float]]]
    together: list[list[float]]


def _simulated(x: np.ndarray, runs: int, seed: int, stem: Path, tell: Tell) -> tuple[np.ndarray, np.ndarray]:
    """Return the outputs at points, shape (points, outputs, 3), and how they go together, (outputs, outputs).

    From files where they are there already.
    """
    points, blocks, together = values_at(x), [], []
    for start in range(0, len(points), BLOCK):
        file = stem.with_name(f"{stem.name}-{start:05d}.json")
        block = points[start : start + BLOCK]
        asked = hashlib.sha256(json.dumps([block, runs, seed]).encode()).hexdigest()
        kept = durable.read_json(file, Simulations) if file.exists() else {}
        if kept.get("asked") != asked:
            worlds = simulate_points(block, runs, seed)
            kept = {"asked": asked, "outputs": [outputs(world).tolist() for world in worlds],
                    "together": np.mean([correlations(world) for world in worlds], axis=0).tolist()}  # fmt: skip
            durable.write_json(file, kept)
            tell(f"  {start + len(block)} of {len(points)} points")
        blocks.append(np.array(kept["outputs"]))
        together.append(np.array(kept["together"]) * len(block))
    return np.concatenate(blocks), np.round(np.sum(together, axis=0) / len(points), 6)


def _tell_accuracy(wave: Wave, x: np.ndarray, y: np.ndarray, tell: Tell) -> None:
    shares = within_two(wave.stage, x, y)
    names = ", ".join(f"{NAMES[k]} {share:.0%}" for k, share in zip(IN_FIT, shares, strict=True))
    tell(f"  new points within two deviations of the emulators (95 % is right): {names}")


def _accepted(
    settings: Settings, wave: Wave, x: np.ndarray, y: np.ndarray, shares: list[float]
) -> tuple[Posterior, float]:
    """Accept candidates in proportion to L^LEARNING / L_e^POWER; return the posterior and the share accepted."""
    worst, likelihood = simulated_likelihood(wave.stage, x, y)
    chance = LEARNING * likelihood - POWER * emulated_likelihood(wave.stage, x)
    chance = np.exp(np.minimum(chance - np.quantile(chance, TOP), 0.0))
    drawn = np.random.default_rng(settings.seed).random(len(x))
    kept = np.flatnonzero(drawn < np.round(chance, 6))
    if len(kept) < 2:
        raise InputError("calibrate: fewer than two candidates were accepted; give it more")
    accepted = len(kept) / len(x)
    kept = kept[: settings.members]
    rng = np.random.default_rng(settings.seed + 1)
    members = [member | population(member, rng) for member in values_at(x[kept])]
    fresh = within_two(wave.stage, x, y)
    about: dict[str, Any] = {
        "seed": settings.seed, "settings": asdict(settings), "space": shares, "accepted": accepted,
        "emulated": {NAMES[k]: round(float(share), 4) for k, share in zip(IN_FIT, fresh, strict=True)},
        "emulated_from": wave.points,
    }  # fmt: skip
    return Posterior.of(members, worst[kept], about), accepted
