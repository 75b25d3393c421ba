"""Hypothesis strategies for valid scenarios, for every test that wants "any world at all".

`scenarios(wide=True)` draws parameters anywhere within their bounds; `scenarios(wide=False)` keeps the numbers within
30 % of their defaults, as in a calibrated world. Both draw the number, kind and size of places and contingents, and
sometimes a schedule. A parameter that Hypothesis leaves out keeps its default, so a failing example shrinks to the few
values that matter.
"""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import CATALOGUE, Scenario

NEAR = 0.3
"""How far from its default a number may be in a narrow draw, as a share of it."""
SINGLE = {name: p for name, p in CATALOGUE.items() if ".*." not in name}
LATER = {name: p for name, p in SINGLE.items() if not p.at_start and not name.startswith("monitoring.")}
BONUSES = ("attribution", "commission_bonus", "un_bonus")


def value(parameter: Parameter, wide: bool = True) -> st.SearchStrategy[Any]:
    """A valid value of one parameter, as a user would write it."""
    if parameter.kind == "choice":
        return st.sampled_from(parameter.choices)
    if parameter.kind == "switch":
        return st.booleans()
    low, high = parameter.low, parameter.high
    if parameter.default is None:
        return st.none() | _real(low, high)
    if not wide:
        reach = NEAR * abs(parameter.default) or NEAR * (high - low) / 6
        low, high = max(low, parameter.default - reach), min(high, parameter.default + reach)
    if parameter.kind == "whole":
        return st.integers(int(-(-low // 1)), int(high // 1))
    return _real(low, high)


def overrides(wide: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Some parameters that are not a place's or a contingent's, by dotted name, with valid values."""
    optional = {name: value(parameter, wide) for name, parameter in SINGLE.items()}
    return st.fixed_dictionaries({}, optional=optional).map(_attribution_in_bounds)


@st.composite
def scenarios(draw: st.DrawFn, wide: bool = True) -> Scenario:
    """A valid scenario."""
    places = draw(_places(wide))
    data: dict[str, Any] = {
        "weeks": draw(st.integers(1, 1040 if wide else 60)),
        "start_date": draw(st.dates(date(1945, 1, 1), date(2100, 1, 1))).isoformat(),
        "places": places,
        "contingents": draw(_contingents(places, wide)),
    }
    for name, number in draw(overrides(wide)).items():
        block, _, leaf = name.partition(".")
        data.setdefault(block, {})[leaf] = number
    weeks = draw(st.lists(st.integers(1, 1039 if wide else 59), max_size=2, unique=True).map(sorted))
    change = st.sampled_from(sorted(LATER)).flatmap(
        lambda name: st.fixed_dictionaries({name: value(LATER[name], wide)})
    )
    data["schedule"] = [{"week": week, "set": draw(change)} for week in weeks]
    return Scenario.from_dict(data)


def _real(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


def _attribution_in_bounds(values: dict[str, Any]) -> dict[str, Any]:
    """Attribution and its two bonuses must not exceed 1 together: shrink the bonuses where they would."""
    names = [f"monitoring.{leaf}" for leaf in BONUSES]
    base, *bonuses = (values.get(name, CATALOGUE[name].default) for name in names)
    if base + sum(bonuses) <= 1:
        return values
    room = max(0.0, 1 - base) * 0.499
    return values | {names[1]: min(bonuses[0], room), names[2]: min(bonuses[1], room)}


@st.composite
def _places(draw: st.DrawFn, wide: bool) -> list[dict[str, Any]]:
    line = ["line"] * draw(st.integers(1, 6))
    kinds = draw(st.permutations(line + draw(st.lists(st.sampled_from(["border", "hub"]), max_size=4))))
    weights = [draw(_real(0.1, 3)) for _ in line]
    spots = iter([*weights[:-1], 0.0] if len(line) > 1 and draw(st.booleans()) else weights)
    lengths = {"line": _real(5, 150), "border": _real(1, 2000) if wide else _real(300, 1200), "hub": st.just(0.0)}
    return [
        {
            "name": f"Place {index}",
            "kind": kind,
            "length_km": draw(lengths[kind]),
            "hot_spot": next(spots) if kind == "line" else draw(_real(0, 20 if wide else 1)),
            "monitors": draw(_real(0, 5000 if wide else 500)),
        }
        for index, kind in enumerate(kinds)
    ]


@st.composite
def _contingents(draw: st.DrawFn, places: list[dict[str, Any]], wide: bool) -> list[dict[str, Any]]:
    number = draw(st.integers(0, 4))
    fields = ("troops", "aversion", "reputation", "danger", "support")
    parts: list[dict[str, int]] = [{} for _ in range(number)]
    for place in places if number else []:
        for which in draw(st.lists(st.integers(0, number - 1), max_size=2, unique=True)):
            parts[which][place["name"]] = draw(st.integers(1, 9))
    result = []
    for index, part in enumerate(parts):
        part = part or {places[0]["name"]: 1}
        whole = sum(part.values())
        numbers = {field: draw(value(CATALOGUE[f"contingents.*.{field}"], wide)) for field in fields}
        shares = {place: weight / whole for place, weight in part.items()}
        result.append({"name": f"Nation {chr(65 + index)}", "deployment": shares, **numbers})
    return result
