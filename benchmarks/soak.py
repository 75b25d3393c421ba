"""A long run over random worlds, the compensators of 10^5 runs, and a hundred killed sweeps: `make soak` runs all.

Worlds: half draw parameters anywhere within their declared bounds (uniform, uniform in the logarithm of the size, or a
bound itself), half within 30 % of their defaults. After every week every field is checked: no NaN, no negative count,
no probability outside [0, 1], every field of STATE within `state.RANGES`, every game solved to its tolerance.
The first thing found ends the soak with the world's number, which brings it back.

    python -m benchmarks.soak [--weeks 1000000] [--runs 100000] [--kills 100] [--seed 1] [--world N]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from fragile_peace.codes import EndCause, Event
from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.errors import SolverError
from fragile_peace.kernels.incident.best_response import TOLERANCE
from fragile_peace.kernels.incident.table import GAME
from fragile_peace.outcomes import ABSENT, NEVER, TABLE, Outcome
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from fragile_peace.state import OUTCOMES, RANGES, STATE, WEEK

ROOT = Path(__file__).absolute().parents[1]
SINGLE = [p for p in CATALOGUE.values() if ".*." not in p.name]
BONUSES = ("monitoring.attribution", "monitoring.commission_bonus", "monitoring.un_bonus")
PER_WORLD = 40
"""Weeks played in a world before the next is drawn, over runs of at most LONGEST."""
LONGEST = 20
MAY_BE_MINUS_ONE = {
    "lead_s", "response_s", "decision_s", "reply_s", "p_stay_n", "p_resume_bluffing", "p_resume_committed",
    "p_resume_ukraine", "p_E", "p_A", "us_fights", "coalition_fights",
}  # fmt: skip
PROBABILITIES = {
    "mu_start", "gamma_start", "mu", "gamma", "ramp", "B", "void", "sustained", "p_action_R_s", "p_action_U_s",
    "p_response_s", "p_decision_s", "p_reply_s", "r_s", "in_n", "support_n", "p_stay_n", "left_n", "p_resume_bluffing",
    "p_resume_committed", "p_resume_ukraine", "p_E", "p_A", "hazard", "K_s",
}  # fmt: skip
GAME_PROBABILITIES = ("p_R", "p_U", "response", "decision", "reply", "q", "like", "chance")
SLACK = 1e-12
"""A sum of rounded probabilities may pass 1 by this much."""


# -- random worlds --


def value(rng: np.random.Generator, p: Parameter, wide: bool) -> Any:
    """A valid value of one parameter, as a user would write it."""
    if p.kind == "choice":
        return str(rng.choice(p.choices))
    if p.kind == "switch":
        return bool(rng.random() < 0.5)
    low, high = p.low, p.high
    if p.default is None:
        return None if rng.random() < 0.5 else float(rng.uniform(low, high))
    if not wide:
        reach = 0.3 * abs(p.default) or 0.05 * (high - low)
        low, high = max(low, p.default - reach), min(high, p.default + reach)
        number = rng.uniform(low, high)
    else:
        number = _anywhere(rng, low, high)
    return int(np.clip(round(number), np.ceil(low), np.floor(high))) if p.kind == "whole" else float(number)


def _anywhere(rng: np.random.Generator, low: float, high: float) -> float:
    shape = rng.random()
    if shape < 0.1:
        return low if rng.random() < 0.5 else high
    if shape < 0.4:
        return rng.uniform(low, high)
    size = high * np.exp(rng.uniform(np.log(1e-4), 0))
    return float(np.clip(size if low >= 0 or rng.random() < 0.5 else -size, low, high))


def world(seed: int, index: int) -> Scenario:
    """The random scenario of this number; even ones are wide, odd ones narrow.

    Each parameter has draws of its own, so that one more in the declaration leaves the others as they were.
    """
    rng = np.random.default_rng([seed, index])
    wide = index % 2 == 0
    places = _places(rng, wide)
    data: dict[str, Any] = {
        "name": f"world-{index}",
        "weeks": LONGEST,
        "start_date": f"{rng.integers(1995, 2095)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
        "places": places,
        "contingents": _contingents(rng, places, wide),
    }
    own = {p.name: np.random.default_rng([seed, index, *p.name.encode()]) for p in SINGLE}
    for p in SINGLE:
        if not wide or own[p.name].random() < own[p.name].choice([0.1, 0.5, 1.0]):
            block, _, leaf = p.name.partition(".")
            data.setdefault(block, {})[leaf] = value(own[p.name], p, wide)
    _fit_attribution(data)
    if data.get("force", {}).get("start_week", 0) > LONGEST and rng.random() < 0.8:
        data["force"]["start_week"] = int(rng.integers(0, LONGEST))
    if rng.random() < 0.5:  # no review within the run, so that the incidents have their weeks
        data.setdefault("war", {})["review_weeks"] = 52
    later = [p for p in SINGLE if not p.at_start and p.name not in BONUSES and p.default is not None]
    change = min(later, key=lambda p: own[p.name].random())
    new = value(own[change.name], change, wide)
    data["schedule"] = [{"week": int(rng.integers(1, LONGEST)), "set": {change.name: new}}]
    return Scenario.from_dict(data)


def _fit_attribution(data: dict[str, Any]) -> None:
    """Attribution and its two bonuses must not exceed 1 together."""
    block = data.setdefault("monitoring", {})
    values = [block.get(name.partition(".")[2], CATALOGUE[name].default) for name in BONUSES]
    if sum(values) > 1:
        for name, number in zip(BONUSES, values, strict=True):
            block[name.partition(".")[2]] = number / sum(values) * (1 - 1e-12)


def _places(rng: np.random.Generator, wide: bool) -> list[dict[str, Any]]:
    kinds = ["line"] * int(rng.integers(1, 4)) + list(rng.choice(["border", "hub"], rng.integers(0, 3)))
    rng.shuffle(kinds)
    spots = iter(rng.uniform(0.1, 3, kinds.count("line")))
    most = 5000 if wide else 500
    return [
        {
            "name": f"Place {index}",
            "kind": str(kind),
            "length_km": {"line": rng.uniform(5, 150), "border": rng.uniform(1, 2000), "hub": 0.0}[kind],
            "hot_spot": float(next(spots)) if kind == "line" else float(rng.uniform(0, 20 if wide else 1)),
            "monitors": float(rng.uniform(0, most)) if rng.random() < 0.5 else 0.0,
        }
        for index, kind in enumerate(kinds)
    ]


def _contingents(rng: np.random.Generator, places: list[dict[str, Any]], wide: bool) -> list[dict[str, Any]]:
    number = int(rng.integers(0, 4))
    if number == 0:
        return []
    weights = rng.integers(0, 5, (number, len(places))).astype(float)
    weights[:, 0] = np.maximum(weights[:, 0], 1.0)
    fields = ("troops", "aversion", "reputation", "danger", "support")
    return [
        {
            "name": f"Nation {chr(65 + n)}",
            "deployment": {places[s]["name"]: row[s] / row.sum() for s in np.flatnonzero(row)},
            **{field: value(rng, CATALOGUE[f"contingents.*.{field}"], wide) for field in fields},
        }
        for n, row in enumerate(weights)
    ]


# -- what must hold after every week --


class Ranges:
    """The closed ranges of a row's fields, laid out flat: every field has 8 bytes, integers and floats are split."""

    def __init__(self, dtype: np.dtype, ranges: dict[str, tuple[float, float]]) -> None:
        self.dtype, self.ranges = dtype, ranges
        size = dtype.itemsize // 8
        low, high, real = np.full(size, -np.inf), np.full(size, np.inf), np.zeros(size, bool)
        for name, bounds in ranges.items():
            start, count = dtype.fields[name][1] // 8, int(np.prod(dtype[name].shape, dtype=int))
            low[start : start + count], high[start : start + count] = bounds
            real[start : start + count] = dtype[name].base == np.float64
        self.real, self.whole = np.flatnonzero(real), np.flatnonzero(~real)
        self.bounds = [(low[part], np.minimum(high[part], 1e300)) for part in (self.real, self.whole)]

    def faults(self, what: str, rows: np.ndarray) -> list[str]:
        """The fields out of range in any row, NaN and infinity included."""
        flat = np.ascontiguousarray(rows).view(np.int64).reshape(len(rows), -1)
        parts = (flat.view(np.float64)[:, self.real], flat[:, self.whole])
        if all(((part >= low) & (part <= high)).all() for part, (low, high) in zip(parts, self.bounds, strict=True)):
            return []
        found = []
        for name, (low, high) in self.ranges.items():
            values = rows[name]
            if not ((values >= low) & (values <= min(high, 1e300))).all():
                found.append(f"{what}: {name} = {values.ravel()[:8]} is not in [{low:g}, {high:g}]")
        return found


def _week_range(name: str) -> tuple[float, float]:
    return -1.0 if name in MAY_BE_MINUS_ONE else 0.0, 1.0 + SLACK if name in PROBABILITIES else np.inf


def _outcome_range(outcome: Outcome) -> tuple[float, float]:
    never = ABSENT if outcome.of_contingents else NEVER
    return float(never if outcome.never else 0), np.inf


OF_STATE = Ranges(STATE, RANGES)
OF_WEEK = Ranges(WEEK, {name: _week_range(name) for name in WEEK.names})
OF_OUTCOMES = Ranges(OUTCOMES, {outcome.name: _outcome_range(outcome) for outcome in TABLE})
OF_GAMES = Ranges(GAME, dict.fromkeys(GAME_PROBABILITIES, (0.0, 1.0 + SLACK)) | {"residual": (0.0, TOLERANCE)})


def faults(run: SingleRun) -> list[str]:
    """What is wrong with the week just played; empty if nothing is."""
    found = OF_STATE.faults("state", np.array([run.state])) + OF_WEEK.faults("week", np.array([run.week]))
    found += OF_OUTCOMES.faults("outcomes", np.array([run.outcomes])) + OF_GAMES.faults("games", run.games)
    w = run.week
    deaths = int(w["deaths_s"].sum()), int(w["deaths_sn"].sum()), int(w["deaths_n"].sum())
    if len(set(deaths)) != 1:
        found.append(f"deaths by place, by place and nation, by nation: {deaths}")
    return found


def soak(weeks: int, seed: int, first: int = 0, worlds: int | None = None) -> tuple[list[str], Counter]:
    """Play at least `weeks` weeks, or `worlds` worlds; returns what went wrong first, and how runs ended."""
    seen: Counter = Counter()
    index = first
    while seen["weeks"] < weeks and (worlds is None or index < first + worlds):
        scenario = world(seed, index)
        played = number = 0
        while played < PER_WORLD:
            try:
                run = SingleRun(scenario, seed=seed, run=number)
                while run.alive and played < PER_WORLD:
                    run.advance()
                    played += 1
                    wrong = faults(run)
                    if wrong:
                        return [f"world {index}, run {number}, week {run.week['week']}: {line}" for line in wrong], seen
            except SolverError as error:
                return [f"world {index}: {error}"], seen
            seen["runs"] += 1
            seen["most rounds"] = max(seen["most rounds"], int(run.outcomes["rounds"]))
            if not run.alive:
                seen[EndCause(int(run.outcomes["end_cause"])).name.lower()] += 1
            number += 1
        seen["weeks"] += played
        index += 1
    seen["worlds"] = index - first
    return [], seen


# -- compensators --


def compensators(scenario: Scenario, runs: int, seed: int) -> list[tuple[str, float, float, float, float]]:
    """(event, frequency, mean compensator, z, fitted variance ratio) for every event that can happen."""
    outcomes = simulate([scenario], runs, seed=seed)[0]
    table = []
    for event in Event:
        happened = outcomes["happened"][:, event].astype(float)
        hazard = outcomes["compensator"][:, event]
        if hazard.mean() == 0.0 and not happened.any():
            continue
        gap = hazard - happened
        spread = gap.var(ddof=1) if happened.sum() >= 20 else hazard.mean()
        z = -gap.mean() / np.sqrt(spread / runs)
        ratio = 1 / (1 - np.corrcoef(happened, gap)[0, 1] ** 2) if 0 < happened.mean() < 1 else np.nan
        table.append((event.name.lower(), happened.mean(), hazard.mean(), z, ratio))
    return table


# -- sweeps that are killed --


def killed_sweeps(kills: int, seed: int) -> bool:
    """Kill sweeps and shards at random moments (tests/tools/sweep_victim.py); whether all ended well."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
        done = subprocess.run(
            [sys.executable, "-m", "tests.tools.sweep_victim", scratch, str(kills), str(seed)],
            stdout=subprocess.PIPE, text=True, env=environment, check=False,
        )  # fmt: skip
    print(f"killed sweeps: {done.stdout.strip() or 'no result'}")
    found = json.loads(done.stdout or "{}")
    return done.returncode == 0 and [found.get(name) for name in ("lost", "other", "failed")] == [0, 0, 0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int, help="play one world only")
    options = parser.parse_args()
    start = time.perf_counter()
    if options.world is not None:
        wrong, seen = soak(1 << 60, options.seed, options.world, 1)
    else:
        wrong, seen = soak(options.weeks, options.seed)
    print(f"soak: {dict(seen)}, {time.perf_counter() - start:.0f} s")
    for line in wrong:
        print(line)
    worst = 0.0
    if not wrong and options.world is None and options.runs > 0:
        from tests.tools.worlds import EVENTFUL, WARLIKE, small

        for name, scenario in (("eventful", small(EVENTFUL)), ("warlike", small(WARLIKE))):
            start = time.perf_counter()
            for event, frequency, hazard, z, ratio in compensators(scenario, options.runs // 2, options.seed):
                print(f"{name:9} {event:21} {frequency:.5f} {hazard:.5f}  z {z:5.2f}  variance ratio {ratio:7.1f}")
                worst = max(worst, abs(z))
            print(f"{name}: {options.runs // 2} runs, {time.perf_counter() - start:.0f} s")
    good = not wrong and worst < 4
    if good and options.world is None and options.kills > 0:
        good = killed_sweeps(options.kills, options.seed)
    print("soak passed" if good else "SOAK FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
