"""Scenario -> PARAMETERS: the flat, aligned rows that kernels read.

`DTYPE` has one 8-byte field for each declared parameter, named by its symbol, and a few fields that the kernels need
beside them. Place parameters are sub-arrays of MAX_PLACES, contingent ones of MAX_CONTINGENTS; unused slots are 0.
Troops and hot-spot weights are those in force (`Scenario.troops`, `Scenario.hot_spots`).
A scenario with a `schedule` becomes several rows, one for each regime, linked by `until_week` and `next_row`.

Index conventions: s = place, n = contingent, in the scenario's order. `share_ns[n, s]` is the share of contingent n's
troops in place s. `left_s` and `right_s` are the neighbouring line places, -1 where there is none.
"""

import itertools
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from fragile_peace.codes import PlaceKind
from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.declaration import MAX_CONTINGENTS, MAX_PLACES
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.declared.war import CLASSES
from fragile_peace.kernels.threat import OPTIONS, TYPES

FOREVER = 1 << 40
STRIKE_KM = 100.0
"""A line place this long offers one opportunity for a strike a week (E4.69)."""
_LENGTHS = {"places": MAX_PLACES, "contingents": MAX_CONTINGENTS}
_EXTRA: list[tuple[Any, ...]] = [
    ("weeks", "<i8"),
    ("start_ordinal", "<i8"),
    ("until_week", "<i8"),
    ("next_row", "<i8"),
    ("n_places", "<i8"),
    ("n_line", "<i8"),
    ("n_border", "<i8"),
    ("line_km", "<f8"),
    ("border_km", "<f8"),
    ("n_counted", "<i8"),  # places up to the last that is no hub: the others have no violations to count
    ("n_contingents", "<i8"),
    ("opportunities_s", "<f8", (MAX_PLACES,)),  # of a strike in a week
    ("left_s", "<i8", (MAX_PLACES,)),
    ("right_s", "<i8", (MAX_PLACES,)),
    ("share_ns", "<f8", (MAX_CONTINGENTS, MAX_PLACES)),
    ("n_posts", "<i8"),
    ("mu_start", "<f8"),  # belief P(committed) with which a run starts
    ("n_threats", "<i8"),  # how many threats Moscow chooses from before the start; 0 where the scenario sets the threat
    ("p_threat", "<f8", (TYPES, OPTIONS)),  # their chances, by type,
    ("threat_row", "<i8", (OPTIONS,)),  # and the row in which the runs of each start (`runs.threat`)
    ("posts", "<i8", (MAX_CONTINGENTS * MAX_PLACES,)),  # of positive share, ascending: MAX_CONTINGENTS s + n
    ("lomax_shape", "<f8"),  # of the reference class
    ("lomax_scale", "<f8"),  # years
]


def _column(parameter: Parameter) -> tuple[Any, ...]:
    code = "<f8" if parameter.kind == "real" else "<i8"
    block, _, _ = parameter.name.partition(".")
    return (parameter.symbol, code, (_LENGTHS[block],)) if block in _LENGTHS else (parameter.symbol, code)


DTYPE = np.dtype(_EXTRA + [_column(parameter) for parameter in CATALOGUE.values()])
_SINGLE = [(p.symbol, attrgetter(p.name)) for p in CATALOGUE.values() if ".*." not in p.name]
_LISTED = [(p.symbol, *p.name.split(".*.")) for p in CATALOGUE.values() if ".*." in p.name]


def rows(scenarios: Sequence[Scenario]) -> tuple[np.ndarray, np.ndarray]:
    """Lay scenarios out for the kernels.

    Returns
    -------
    parameters : PARAMETERS, shape (number of regimes of all scenarios,), C-contiguous
    first : int64, shape (len(scenarios),), the row in which each scenario starts
    """
    regimes = [scenario.regimes for scenario in scenarios]
    parameters = np.zeros(sum(len(group) for group in regimes), DTYPE)
    first = np.zeros(len(scenarios), np.int64)
    row = 0
    for index, group in enumerate(regimes):
        first[index] = row
        for number, (_, regime) in enumerate(group):
            last = number == len(group) - 1
            _fill(parameters[row], regime)
            parameters[row]["until_week"] = FOREVER if last else group[number + 1][0]
            parameters[row]["next_row"] = -1 if last else row + 1
            row += 1
    return parameters, first


def _fill(row: np.void, scenario: Scenario) -> None:
    for symbol, value in _SINGLE:
        number = value(scenario)
        row[symbol] = 0 if number is None else number
    for symbol, block, field in _LISTED:
        items = getattr(scenario, block)
        row[symbol][: len(items)] = [getattr(item, field) for item in items]
    row["M_n"][: len(scenario.contingents)] = scenario.troops
    row["w_s"][: len(scenario.places)] = scenario.hot_spots
    row["mu_true"] = _or(scenario.threat.sincerity, scenario.threat.credibility)
    row["mu_start"] = scenario.threat.credibility
    row["gamma_true"] = _or(scenario.guarantee.sincerity, scenario.guarantee.credibility)
    row["lomax_shape"], row["lomax_scale"] = CLASSES[scenario.war.reference][:2]
    row["weeks"] = scenario.weeks
    row["start_ordinal"] = scenario.start_date.toordinal()
    row["n_places"] = len(scenario.places)
    row["n_contingents"] = len(scenario.contingents)
    line = [s for s, place in enumerate(scenario.places) if place.kind == PlaceKind.LINE]
    border = [s for s, place in enumerate(scenario.places) if place.kind == PlaceKind.BORDER]
    row["n_line"] = len(line)
    row["n_border"] = len(border)
    row["line_km"] = sum(scenario.places[s].length_km for s in line)
    row["border_km"] = sum(scenario.places[s].length_km for s in border)
    row["n_counted"] = 1 + max(s for s, place in enumerate(scenario.places) if place.kind != PlaceKind.HUB)
    row["opportunities_s"] = 1.0
    row["opportunities_s"][line] = [scenario.places[s].length_km / STRIKE_KM for s in line]
    row["left_s"] = row["right_s"] = -1
    for left, right in itertools.pairwise(line):
        row["right_s"][left] = right
        row["left_s"][right] = left
    names = [place.name for place in scenario.places]
    for n, contingent in enumerate(scenario.contingents):
        for place, share in contingent.deployment.items():
            row["share_ns"][n, names.index(place)] = share
    posts = np.flatnonzero(row["share_ns"].T > 0.0)
    row["n_posts"] = len(posts)
    row["posts"][: len(posts)] = posts


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
