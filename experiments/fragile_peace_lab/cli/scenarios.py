"""`fragile-peace scenarios` and `fragile-peace show`: what there is to run, and every number in it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fragile_peace.words.wording import plain
from fragile_peace_lab.cli.options import (
    JsonOption,
    ScenarioArgument,
    SetOption,
    columns,
    read_scenario,
    show_lines,
)

if TYPE_CHECKING:
    from fragile_peace.declared.catalogue import Parameter
    from fragile_peace.declared.scenario import Scenario

YamlOption = Annotated[bool, typer.Option("--yaml", help="Print a complete scenario file, to be edited and run.")]
SchemaOption = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of scenario files and stop.")]


def scenarios(as_json: JsonOption = False, schema: SchemaOption = False) -> None:
    """List the scenarios that come with the model.

    \b
    Example:
      fragile-peace scenarios
      fragile-peace scenarios --json
      fragile-peace scenarios --schema > scenario.schema.json
    """
    from fragile_peace.declared.scenario import Scenario, shipped

    if schema:
        from fragile_peace.declared.schema import json_schema

        typer.echo(json.dumps(json_schema(), indent=2))
        return
    rows = [_summary(Scenario.load(name)) for name in shipped()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    keys = ["name", "troops", "monitors", "line_km", "places", "roe", "trigger", "guarantee", "credibility", "title"]
    cells = [[_cell(row[key]) for key in keys] for row in rows]
    show_lines(columns(keys, cells, right="troops monitors line_km places guarantee credibility"))


def show(
    scenario: ScenarioArgument, set_: SetOption = None, as_json: JsonOption = False, yaml: YamlOption = False
) -> None:
    """Print every value of one scenario and its source.

    \b
    Example:
      fragile-peace show reassurance_15k
      fragile-peace show plan28 --set threat.level=0.8 --set "places.Sumy border.monitors=50"
      fragile-peace show plan28 --yaml > mine.yaml
    """
    from fragile_peace.errors import InputError

    if as_json and yaml:
        raise InputError("--json and --yaml: only one of them is allowed")
    world = read_scenario(scenario, set_)
    if yaml:
        typer.echo(world.to_yaml(), nl=False)
    elif as_json:
        typer.echo(json.dumps(_document(world), indent=2))
    else:
        show_lines(list(_page(world)))


def _summary(scenario: Scenario) -> dict[str, Any]:
    """One row of `scenarios`; troops are soldiers, not thousands."""
    from fragile_peace.codes import PlaceKind

    line = [place for place in scenario.places if place.kind == PlaceKind.LINE]
    return {
        "name": scenario.name,
        "title": scenario.title,
        "weeks": scenario.weeks,
        "start_date": scenario.start_date.isoformat(),
        "places": len(scenario.places),
        "line_km": sum(place.length_km for place in line),
        "troops": round(1000 * sum(scenario.troops)),
        "contingents": len(scenario.contingents),
        "monitors": sum(place.monitors for place in scenario.places),
        "roe": scenario.mandate.roe.name.lower(),
        "trigger": scenario.guarantee.trigger.name.lower(),
        "guarantee": scenario.guarantee.level,
        "credibility": scenario.guarantee.credibility,
        "digest": scenario.digest,
    }


def _cell(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, int | float) and value >= 1000 else plain(value)


def _values(scenario: Scenario) -> Iterator[tuple[Parameter, Any, bool]]:
    """Yield (parameter, value, differs from the declared default) for all but places and contingents."""
    from fragile_peace.declared.scenario import CATALOGUE

    data = scenario.to_dict()
    for name, parameter in CATALOGUE.items():
        block, _, leaf = name.partition(".")
        if not leaf.startswith("*."):
            value = data[block][leaf]
            default = parameter.default
            if parameter.kind == "choice" and default is not None:
                yield parameter, value, value != parameter.choices[int(default)]
            else:
                yield parameter, value, value != default


def _document(scenario: Scenario) -> dict[str, Any]:
    """The scenario for a program to read."""
    data = scenario.to_dict()
    about = {key: data[key] for key in ("name", "title", "description", "start_date", "weeks")}
    parameters = [
        {
            "name": parameter.name,
            "symbol": parameter.symbol,
            "value": value,
            "changed": changed,
            "unit": parameter.unit,
            "allowed": parameter.allowed,
            "source": parameter.source,
            "text": parameter.text,
        }
        for parameter, value, changed in _values(scenario)
    ]
    lists = {key: data[key] for key in ("places", "contingents", "schedule")}
    return {**about, "digest": scenario.digest, "parameters": parameters, **lists}


def _page(scenario: Scenario) -> Iterator[str]:
    """The scenario for a person to read."""
    yield f"{scenario.name}: {scenario.title}" if scenario.title else scenario.name
    yield from textwrap.wrap(scenario.description, 100)
    yield ""
    yield f"{scenario.weeks} weeks from {scenario.start_date.isoformat()}; digest {scenario.digest[:12]}"
    yield "* differs from the declared default"
    rows: list[list[str]] = []
    for parameter, value, changed in _values(scenario):
        written = plain(value) if value is not None else "as believed"
        rows.append(
            ["*" if changed else " ", parameter.name, parameter.symbol, written, parameter.unit, _bounds(parameter)]
            + [parameter.source, _meaning(parameter)]
        )
    head, *lines = columns(["", "name", "symbol", "value", "unit", "allowed", "source", "what it is"], rows, "value")
    yield from ["", head]
    for before, row, line in zip(["", *(row[1] for row in rows)], rows, lines, strict=False):
        if before.partition(".")[0] != row[1].partition(".")[0]:
            yield ""
        yield line
    yield from _items(scenario, "places")
    yield from _items(scenario, "contingents")
    for change in scenario.schedule:
        yield ""
        yield f"from week {change.week}: " + ", ".join(f"{name} = {plain(new)}" for name, new in change.set.items())


def _bounds(parameter: Parameter) -> str:
    if parameter.kind == "choice":
        return f"{len(parameter.choices)} names"  # a list of them would push every other column off the screen
    return "true, false" if parameter.kind == "switch" else f"{plain(parameter.low)} to {plain(parameter.high)}"


def _meaning(parameter: Parameter) -> str:
    return parameter.text + (f": {', '.join(parameter.choices)}" if parameter.choices else "")


def _items(scenario: Scenario, which: str) -> Iterator[str]:
    """The places or the contingents: what their columns are, then one line for each."""
    from fragile_peace.declared.scenario import CATALOGUE

    own = [parameter for name, parameter in CATALOGUE.items() if name.startswith(f"{which}.*.")]
    leaves = [parameter.name.rpartition(".")[2] for parameter in own]
    described = [[p.name, p.symbol, p.unit, _bounds(p), p.source, _meaning(p)] for p in own]
    yield from ["", *columns(["name", "symbol", "unit", "allowed", "source", "what it is"], described)]
    items = scenario.to_dict()[which]
    if not items:
        yield from ["", f"{which}: none"]
        return
    rows = [
        [item["name"], *(plain(item[leaf]) for leaf in leaves), _shares(item.get("deployment", {}))] for item in items
    ]
    last = "deployment" if which == "contingents" else ""
    yield from ["", *columns([which, *leaves, last], rows, " ".join(leaves).replace("kind", ""))]


def _shares(deployment: dict[str, float]) -> str:
    return ", ".join(f"{place} {plain(share)}" for place, share in deployment.items())
