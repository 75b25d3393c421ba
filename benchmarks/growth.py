"""How the engine's time grows with places, weeks, contingents, points and runs.

Runs of a world in which nobody goes back to war, so that all last to the horizon: time per run is then a function of
its size alone.
"""

import statistics
from collections.abc import Callable

from benchmarks.clock import in_turns
from benchmarks.page import table
from fragile_peace import Scenario, simulate
from fragile_peace.codes import PlaceKind

SEED = 1
REPEATS = 5
RUNS = 32
PEACE = {"war.prize": 0, "war_ukraine.prize": 0, "war_response.spiral_us": 0, "war_response.spiral_coalition": 0}


def world(line: int = 12, contingents: int = 5) -> Scenario:
    """The default scenario without war, with so many line places and as many equal contingents."""
    data = Scenario.load("reassurance_15k").override(PEACE).to_dict()
    places = [place for place in data["places"] if place["kind"] != PlaceKind.LINE.name.lower()]
    sectors = [{"name": f"Sector {s}", "kind": "line", "length_km": 100.0, "hot_spot": 1.0} for s in range(line)]
    shares = {place["name"]: 0.1 / line for place in sectors} | {places[0]["name"]: 0.1, places[-1]["name"]: 0.8}
    nation = data["contingents"][0]
    force = [
        nation | {"name": f"Nation {n}", "troops": 15.0 / contingents, "deployment": shares} for n in range(contingents)
    ]
    return Scenario.from_dict(data | {"places": [*sectors, *places], "contingents": force})


def growth(name: str, cases: dict[str, Callable[[], object]], runs: dict[str, int], weeks: dict[str, int]) -> str:
    """Return the table of one axis: ms a run, and microseconds a week."""
    seconds = in_turns(cases, REPEATS)
    rows = []
    for case, values in seconds.items():
        each = statistics.median(values) / runs[case]
        rows.append([case, f"{1e3 * each:.2f}", f"{1e6 * each / weeks[case]:.1f}"])
    return table([name, "ms a run", "µs a week"], rows)


def tables() -> str:
    """Return the tables of all axes."""
    parts = []
    of_places = {str(line + 5): world(line) for line in (1, 3, 7, 12, 19, 27)}
    parts.append(_scenarios("places", of_places))
    of_contingents = {str(count): world(contingents=count) for count in (1, 2, 5, 10, 16)}
    parts.append(_scenarios("contingents", of_contingents))
    base = world()
    horizons = {str(weeks): weeks for weeks in (13, 26, 52, 104, 208)}
    by_weeks = {case: _simulate([base], RUNS, weeks) for case, weeks in horizons.items()}
    parts.append(growth("weeks", by_weeks, dict.fromkeys(horizons, RUNS), horizons))
    points = {str(count): [base.override({"threat.level": k / 100}) for k in range(count)] for count in (1, 4, 16, 64)}
    of_points = {case: _simulate(scenarios, 4, 104) for case, scenarios in points.items()}
    runs_of_points = {case: 4 * len(scenarios) for case, scenarios in points.items()}
    parts.append(growth("points, of 4 runs each", of_points, runs_of_points, dict.fromkeys(points, 104)))
    counts = {str(count): count for count in (1, 4, 16, 64, 256)}
    by_runs = {case: _simulate([base], count, 104) for case, count in counts.items()}
    parts.append(growth("runs of one point", by_runs, counts, dict.fromkeys(counts, 104)))
    return "\n".join(parts)


def _simulate(scenarios: list[Scenario], runs: int, weeks: int) -> Callable[[], object]:
    return lambda: simulate(scenarios, runs, SEED, weeks, threads=1)


def _scenarios(name: str, worlds: dict[str, Scenario]) -> str:
    cases = {case: _simulate([scenario], RUNS, 104) for case, scenario in worlds.items()}
    return growth(name, cases, dict.fromkeys(worlds, RUNS), dict.fromkeys(worlds, 104))
