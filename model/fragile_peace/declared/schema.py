"""The JSON Schema of scenario files, for editors: names, bounds, units and sources, read off the declaration."""

from typing import Any

from fragile_peace.declared.scenario import Scenario

DRAFT = "https://json-schema.org/draft/2020-12/schema"
OF_FILES: dict[str, dict[str, Any]] = {
    "base": {
        "type": "string",
        "description": "a shipped scenario or a file, whose values hold where this one gives none",
    },
    "set": {"type": "object", "description": "values by dotted name, laid over all else"},
}
"""What a file may have and a scenario has not."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file: nothing is required, since a file holds what differs from its base.

    What ties values together (shares that sum to 1, names of places) is checked when the file is loaded.
    """
    schema = Scenario.model_json_schema(by_alias=True)
    for block in schema["$defs"].values():
        block["properties"] = {name: _leaf(leaf) for name, leaf in block["properties"].items()}
    properties = {name: _leaf(leaf) for name, leaf in schema["properties"].items()}
    for name, leaf in properties.items():
        if "$ref" in leaf:  # a block: its values have their own defaults
            properties[name] = {"$ref": leaf["$ref"]}
    del schema["required"]
    about = {"title": "A scenario of Fragile Peace", "description": "Every value is optional."}
    return {"$schema": DRAFT, **schema, **about, "properties": OF_FILES | properties}


def _leaf(leaf: dict[str, Any]) -> dict[str, Any]:
    """One value: a choice by name, unit and source in words, no pattern that only some readers of JSON Schema know."""
    words = leaf.get("description", "")
    if "unit" in leaf:
        words = f"{words} ({leaf['unit']}; source: {leaf['source']})"
    found = {name: value for name, value in leaf.items() if name not in OWN}
    if "enum" in found and "default" in found:
        found["default"] = found["enum"][found["default"]]
    return found | ({"description": words} if words else {})


OWN = ("title", "pattern", "unit", "source", "symbol", "at_start", "allowed", "each")
"""What pydantic and the declaration note beside a value, and no editor needs."""
