"""The JSON Schema of scenario files: every shipped file fits, and what the model refuses by its bounds does not."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fragile_peace.declared import yamltext
from fragile_peace.declared.scenario import CATALOGUE, SHIPPED
from fragile_peace.declared.schema import json_schema
from fragile_peace_lab.cli.main import app

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (the extra decide brings it)")
FILES = [*sorted(SHIPPED.glob("*.yaml")), Path(__file__).parents[2] / "docs" / "cyprus_1974.yaml"]


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(CliRunner().invoke(app, ["scenarios", "--schema"]).stdout)
    assert schema == json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_file_fits(validator, file):
    assert [error.message for error in validator.iter_errors(plain(yamltext.read(file)))] == []


@pytest.mark.parametrize("name", [name for name in CATALOGUE if "*" not in name])
def test_a_value_fits_by_its_bounds(validator, name):
    parameter, (block, leaf) = CATALOGUE[name], name.split(".")
    if parameter.kind == "choice":
        good, bad = list(parameter.choices), ["nothing", 1]
    elif parameter.kind == "switch":
        good, bad = [True, False], ["yes"]
    else:
        good = [int(end) if parameter.kind == "whole" else end for end in (parameter.low, parameter.high)]
        bad = [parameter.low - 1e-6, parameter.high + 1e-6, "much"]
    assert all(validator.is_valid({block: {leaf: value}}) for value in good)
    assert not any(validator.is_valid({block: {leaf: value}}) for value in bad)
    shown = validator.schema["$defs"][validator.schema["properties"][block]["$ref"].split("/")[-1]]["properties"][leaf]
    assert parameter.text in shown["description"]
    assert f"source: {parameter.source}" in shown["description"]
    assert validator.is_valid({block: {leaf: shown["default"]}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"treat": {}},
        {"threat": {"levle": 0}},
        {"places": []},
        {"places": [{"name": "A", "lenght_km": 10}]},
        {"weeks": 0},
    ],
)
def test_what_is_not_declared_does_not_fit(validator, wrong):
    assert not validator.is_valid(wrong)


def plain(data):
    """As JSON has it: dates as text."""
    return json.loads(json.dumps(data, default=str))
