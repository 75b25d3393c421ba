"""Malformed sweep files: one clear line each, exit code 2, nothing written; and the files that are right."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from fragile_peace.declared import yamltext
from fragile_peace.errors import LONGEST, InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design.factors import PRIORS
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import SHIPPED, Sweep, json_schema
from tests.tools.tiny_sweeps import STRUCTURES, TINY, tiny

ROOT = Path(__file__).resolve().parents[2]

GRID = {"linspace": [0, 1, 1000]}
NAN, INFINITE = float("nan"), float("inf")
UNREADABLE: list[tuple[str, bytes, str]] = [
    ("empty file", b"", "must be a mapping"),
    ("a list", b"- 1\n- 2\n", "must be a mapping"),
    ("not YAML", b"base: [1, 2\nruns: 3", "line 2"),
    ("tab", b"base:\n\t- x\n", "line 2"),
    ("tag", b"base: !!python/object/apply:os.system ['true']\n", "tags are not allowed"),
    ("anchor", b"base: &a x\nname: *a\n", "anchors are not allowed"),
    ("bomb", b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "anchors are not allowed"),
    ("deep", b"levers: " + b"[" * 5000 + b"]" * 5000, "not readable as YAML"),
    ("latin-1", "title: caf\u00e9\n".encode("latin-1"), "not UTF-8 text (byte 10)"),
    ("UTF-16", "runs: 3\n".encode("utf-16"), "not UTF-8 text"),
    ("NUL", b"name: a\x00b\n", "not readable as YAML"),
    ("two documents", b"runs: 1\n---\nruns: 2\n", "single document"),
    ("twice the same name", b"runs: 1\nruns: 2\n", "runs is given twice"),
    ("too large", b"# " + b"x" * (1 << 20), "larger than"),
]
LEVER = "threat.level"
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("unknown field", {"rnus": 3}, "rnus: no such name; did you mean runs?"),
    ("schema", {"schema": 2}, "schema: 2 is not allowed; must be 1"),
    ("name", {"name": "../out"}, "name: '../out' is not allowed"),
    ("no base", {"base": None}, "base: an empty value is not allowed"),
    ("empty base", {"base": []}, "base: [] is not allowed"),
    ("base twice", {"base": ["plan28", "plan28"]}, "plan28 is given twice"),
    ("unknown base", {"base": "plan82"}, "did you mean plan28?"),
    ("base name twice", {"base": ["plan28", "copy/plan28.yaml"]}, "two scenarios are called plan28"),
    ("malformed scenario", {"base": "bad_scenario.yaml"},
     "base bad_scenario.yaml: threat.level: 7 is not allowed; must be a number from 0 to 1"),
    ("no runs", {"runs": None}, "runs: an empty value is not allowed; must be a whole number from 1 to"),
    ("zero runs", {"runs": 0}, "runs: 0 is not allowed"),
    ("runs of text", {"runs": "50"}, "runs: '50' is not allowed"),
    ("runs true", {"runs": True}, "runs: true is not allowed"),
    ("more runs than a folder holds",
     {"runs": 10_000_000, "weeks": 1040, "design": {"uncertainties": {"sobol": 4}, "draws": "shared"}},
     "parts; at most 100000 are allowed"),
    ("no seed", {"seed": None}, "seed: an empty value is not allowed; must be a whole number"),
    ("negative seed", {"seed": -1}, "seed: -1 is not allowed"),
    ("real seed", {"seed": 1.5}, "seed: 1.5 is not allowed"),
    ("weeks", {"weeks": 0}, "weeks: 0 is not allowed; must be a whole number from 1 to 1040"),
    ("levers a list", {"levers": ["threat.level"]}, "levers: ['threat.level'] is not allowed"),
    ("unknown lever", {"levers": {"threat.levle": [0]}},
     "levers.threat.levle: no such name; did you mean threat.level?"),
    ("lever is a group", {"levers": {"threat": [0]}}, "levers.threat: is a group, not a value"),
    ("lever weeks", {"levers": {"weeks": [10]}}, "levers.weeks: cannot be swept; give the sweep's own weeks"),
    ("lever start date", {"levers": {"start_date": ["2027-03-08"]}}, "levers.start_date: cannot be swept"),
    ("lever scenario", {"levers": {"scenario": ["plan28"]}}, "give the scenarios as a list under base"),
    ("lever of another scenario", {"levers": {"places.Mars.monitors": [1]}}, "no such name; places has Vovchansk"),
    ("empty grid", {"levers": {LEVER: []}}, "levers.threat.level: [] is not allowed; must be a list of at least one"),
    ("lever is one value", {"levers": {LEVER: 0.5}}, "levers.threat.level: 0.5 is not allowed; must be a list"),
    ("value out of bounds", {"levers": {LEVER: [0, 1.5]}},
     "levers.threat.level: 1.5 is not allowed; must be a number from 0"),
    ("value of text", {"levers": {LEVER: ["high"]}}, "levers.threat.level: 'high' is not allowed"),
    ("value true", {"levers": {LEVER: [True]}}, "levers.threat.level: true is not allowed"),
    ("value NaN", {"levers": {LEVER: [NAN]}}, "levers.threat.level: nan is not allowed"),
    ("value empty", {"levers": {LEVER: [None]}}, "levers.threat.level: an empty value is not allowed"),
    ("value twice", {"levers": {LEVER: [0, 0.0]}}, "levers.threat.level: 0.0 is given twice"),
    ("wrong name of a choice", {"levers": {"mandate.roe": ["enforced"]}}, "did you mean enforce?"),
    ("real for a whole number", {"levers": {"force.target_week": [1.5]}}, "must be a whole number from 0 to 1040"),
    ("space misspelt", {"levers": {LEVER: {"linspce": [0, 1, 3]}}}, "did you mean linspace?"),
    ("space of two", {"levers": {LEVER: {"linspace": [0, 1]}}}, "must be [first, last, number of values]"),
    ("space NaN", {"levers": {LEVER: {"linspace": [0, NAN, 3]}}}, "nan is not allowed; must be a finite number"),
    ("space of nothing", {"levers": {LEVER: {"linspace": [0, 1, 0]}}}, "0 values; must be a whole number from 2"),
    ("space of 10^12", {"levers": {LEVER: {"linspace": [0, 1, 10**12]}}}, "1000000000000 values"),
    ("space beyond bounds", {"levers": {LEVER: {"linspace": [0, 2, 3]}}},
     "2 is not allowed; must be a number from 0 to 1"),
    ("log of zero", {"levers": {LEVER: {"logspace": [0, 1, 3]}}}, "needs values above 0"),
    ("space of a choice", {"levers": {"mandate.roe": {"linspace": [0, 2, 3]}}}, "has no numbers to space"),
    ("10^12 points", {"levers": dict.fromkeys((LEVER, "guarantee.level", "monitoring.isr", "contact.border"), GRID)},
     "design: 8000000000000 points (levers 2 x 1000 x 1000 x 1000 x 1000, samples 4); at most 1000000 are allowed"),
    ("lever and uncertainty", {"levers": {"war.prize": [12]}},
     "uncertainties.war.prize: is given under levers already"),
    ("fixed and lever", {"set": {LEVER: 0.3}}, "levers.threat.level: is given under set already"),
    ("fixed beyond bounds", {"set": {"truce.restraint": 2}}, "set.truce.restraint: 2 is not allowed"),
    ("a setting is no lever", {"levers": {"week": [4, 8]}}, "levers.week: no such name"),
    ("a place's lever misspelt", {"levers": {"place.Lyman.monitors": [1]}}, "did you mean places.Lyman.monitors?"),
    ("a pattern set", {"set": {"places.*.monitors": 1}}, ".monitors?"),
    ("unknown prior", {"uncertainties": {"war.prize": {"unifrom": [1, 2]}}}, "did you mean uniform?"),
    ("unknown uncertainty", {"uncertainties": {"war.price": {"uniform": [1, 2]}}}, "did you mean war.prize?"),
    ("two priors", {"uncertainties": {"war.prize": {"uniform": [1, 2], "beta": [1, 2]}}}, "must be one of uniform"),
    ("empty prior", {"uncertainties": {"war.prize": {"uniform": [2, 2]}}}, "from 2 to 2 is empty"),
    ("prior upside down", {"uncertainties": {"war.prize": {"uniform": [3, 2]}}}, "from 3 to 2 is empty"),
    ("NaN bound", {"uncertainties": {"war.prize": {"uniform": [NAN, 2]}}},
     "nan is not allowed; must be a finite number"),
    ("infinite bound", {"uncertainties": {"war.prize": {"uniform": [0, INFINITE]}}}, "inf is not allowed"),
    ("prior beyond bounds", {"uncertainties": {"war.prize": {"uniform": [1, 99]}}},
     "99 is not allowed; must be a number from 0"),
    ("loguniform from 0", {"uncertainties": {"war.prize": {"loguniform": [0, 9]}}}, "needs values above 0"),
    ("mode outside", {"uncertainties": {"war.prize": {"triangular": [1, 9, 5]}}}, "the mode 9 is not between 1 and 5"),
    ("beta of 0", {"uncertainties": {LEVER: {"beta": [0, 1]}}, "levers": {}}, "a and b must be above 0"),
    ("normal without spread", {"uncertainties": {"war.prize": {"normal": [9, 0]}}},
     "standard deviation must be above 0"),
    ("mean outside", {"uncertainties": {"war.prize": {"normal": [99, 1]}}}, "the mean 99 is not between 0 and 50"),
    ("number for a switch", {"uncertainties": {"mandate.un": {"uniform": [0, 1]}}},
     "is not a number; use choice with true or"),
    ("empty choice", {"uncertainties": {"mandate.un": {"choice": []}}}, "must be a list of at least one value"),
    ("half a whole number", {"uncertainties": {"force.target_week": {"uniform": [0.5, 9]}}},
     "0.5 is not allowed; must be a whole"),
    ("coupled values", {"uncertainties": {"monitoring.attribution": {"uniform": [0.5, 0.9]}}},
     "the sum must be at most 1"),
    ("short sector", {"levers": {"places.Kherson.length_km": [4]}}, "must be 5 to 150 km for a line place"),
    ("design unknown", {"design": {"lever": "grid"}}, "design.lever: no such name; did you mean levers?"),
    ("combination unknown", {"design": {"levers": "gird", "uncertainties": {"lhs": 2}}}, "did you mean grid?"),
    ("sampler unknown", {"design": {"uncertainties": {"sobl": 4}}}, "did you mean sobol?"),
    ("no sampler", {"design": {}}, "design.uncertainties: is missing"),
    ("sampler without unknowns", {"uncertainties": {}}, "none are given for design.uncertainties to sample"),
    ("not a power of two", {"design": {"uncertainties": {"sobol": 12}}},
     "12 is not allowed; must be a power of two, such as 16"),
    ("zip of two lengths", {"design": {"levers": "zip", "uncertainties": {"lhs": 2}}, "levers": {LEVER: [0, 1, 0.5],
     "mandate.un": [True]}}, "zip needs lists of one length"),
    ("zip repeats", {"design": {"levers": "zip", "uncertainties": {"lhs": 2}}, "levers": {LEVER: [0, 0]}},
     "repeats combination 1"),
    ("no such CSV", {"design": {"levers": {"csv": "none.csv"}, "uncertainties": {"lhs": 2}}, "levers": {}},
     "No such file"),
    ("CSV and levers", {"design": {"levers": {"csv": "none.csv"}, "uncertainties": {"lhs": 2}}},
     "levers: must be absent"),
    ("CSV ragged", {"design": {"levers": {"csv": "ragged.csv"}, "uncertainties": {"lhs": 2}}, "levers": {},
     "base": "plan28"},
     "row 3: 1 values for 2 names"),
    ("CSV out of bounds", {"design": {"levers": {"csv": "high.csv"}, "uncertainties": {"lhs": 2}}, "levers": {},
     "base": "plan28"},
     "row 2, threat.level: 9 is not allowed"),
    ("CSV with a cell without end",
     {"design": {"levers": {"csv": "long.csv"}, "uncertainties": {"lhs": 2}}, "levers": {}, "base": "plan28"},
     "long.csv: not readable as CSV (field larger than field limit"),
    ("beta below 0", {"uncertainties": {"threat.credibility": {"beta": [-1, 2]}}},
     "beta: -1 is not allowed; a and b must be above 0"),
    ("beta beyond the bounds", {"uncertainties": {"threat.credibility": {"beta": [2, 5]}}},
     "0.0 is not allowed; must be a number from 0.001 to 0.999; [a, b, low, high] says over which range"),
    ("grid of 10^12 values", {"levers": {LEVER: {"linspace": [0, 1, 10**12]}}}, "1000000000000 values; must be a"),
    ("base with an endless name", {"base": "x" * 9000 + ".yaml"}, "is not allowed (File name too long)"),
    ("two samplers", {"design": {"uncertainties": {"sobol": 4, "lhs": 4}}}, "must be one of none, {lhs: N}"),
    ("stopping rule unknown", {"runs": {"until": {"outcome": "colapse", "halfwidth": 0.1}, "max_runs": 9}},
     "did you mean collapse?"),
    ("stopping rule without end", {"runs": {"until": {"outcome": "collapse", "halfwidth": 0.1}}}, "max_runs: N}"),
    ("structures a list", {"structures": ["usual"]}, "structures: ['usual'] is not allowed; must be a mapping"),
    ("structure of nothing", {"structures": {"usual": None}},
     "structures.usual: an empty value is not allowed; must be a mapping of names to values"),
    ("name of a structure", {"structures": {"../usual": {}}},
     "structures: '../usual' is not allowed; must be 1 to 30 letters, digits, _, . or -"),
    ("33 structures", {"structures": {f"s{n}": {"war.prize": n} for n in range(33)}}, "33 are given; at most 32"),
    ("structure of an unknown parameter", {"structures": {"two": {"precision.rusia": 2}}},
     "structures.two.precision.rusia: no such name; did you mean precision.russia?"),
    ("structure of a scenario", {"structures": {"two": {"scenario": "plan28"}}}, "as a list under base"),
    ("structure beyond bounds", {"structures": {"two": {"precision.russia": 11}}},
     "structures.two.precision.russia: 11 is not allowed; must be a number from 0 to 10"),
    ("structure of a choice", {"structures": {"two": {"guarantee.trigger": "nevr"}}}, "did you mean never?"),
    ("structure with a list", {"structures": {"two": {"precision.russia": [2, 3]}}}, "[2, 3] is not allowed"),
    ("structure and lever", {"structures": {"two": {LEVER: 1}}},
     "structures.two.threat.level: is given under levers already"),
    ("structure and uncertainty", {"structures": {"two": {"war.prize": 1}}}, "is given under uncertainties already"),
    ("structure and fixed", {"set": {"precision.russia": 2}, "structures": {"two": {"precision.russia": 2}}},
     "structures.two.precision.russia: is given under set already"),
    ("structure and CSV", {"structures": {"two": {LEVER: 1}}, "levers": {}, "base": "plan28",
     "design": {"levers": {"csv": "right.csv"}, "uncertainties": {"lhs": 2}}},
     "design.levers.csv: threat.level is given under structures.two already"),
    ("structure with a bad factor", {"structures": {"two": {"precision.russia": {"times": 0}}}},
     "structures.two.precision.russia: {'times': 0} is not allowed; must be a number from 0 to 10, or {times: a"),
    ("structure with another key", {"structures": {"two": {"precision.russia": {"tmes": 2}}}}, "or {times: a number"),
    ("factor of a choice", {"structures": {"two": {"guarantee.trigger": {"times": 2}}}}, "must be one of never"),
    ("factor beyond bounds", {"structures": {"two": {"precision.russia": {"times": 4}}}},
     "structures.two.precision.russia: 4 times 3: 12.0 is not allowed; must be a number from 0 to 10"),
    ("structures that are the same", {"structures": {"one": {"precision.russia": 2}, "two": {"precision.russia": 2.0}}},
     "structures.two: plays the same as one; every structure must differ"),
    ("structure that changes nothing", {"structures": {"one": {}, "two": {"precision.russia": 3}}},
     "structures.two: plays the same as one"),
    ("coupled values of a structure", {"structures": {"two": {"monitoring.commission_bonus": 0.9}}},
     "the sum must be at most 1 (at monitoring.commission_bonus = 0.9, structure two)"),
    ("structures and saltelli", {"structures": {"one": {}}, "design": {"uncertainties": {"saltelli": 4}}},
     "structures: cannot be given with saltelli"),
    ("too many points of structures", {"structures": {"one": {}, "two": {"precision.russia": 2}},
     "levers": dict.fromkeys((LEVER, "guarantee.level"), GRID)},
     "16000000 points (levers 2 x 1000 x 1000, samples 4, structures 2)"),
    ("stopping rule of width 0", {"runs": {"until": {"outcome": "collapse", "halfwidth": 0}, "max_runs": 9}},
     "halfwidth: 0 is not allowed"),
]  # fmt: skip


def refused(folder: Path, *arguments: str) -> str:
    """Run the command; return its one line, after the checks that every refusal passes."""
    result = CliRunner().invoke(app, ["sweep", *arguments, "--out", str(folder / "out")])
    assert result.exit_code == 2, result.output
    assert not (folder / "out").exists()
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert len(lines[0]) <= LONGEST + len("error: ")
    assert "Traceback" not in lines[0]
    assert "pydantic" not in lines[0]
    return lines[0]


def test_there_are_at_least_forty_malformed_files():
    assert len(UNREADABLE) + len(WRONG) >= 40


@pytest.mark.parametrize(("data", "words"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_an_unreadable_file_is_refused_in_one_line(tmp_path, data, words):
    path = tmp_path / "wrong.yaml"
    path.write_bytes(data)
    line = refused(tmp_path, str(path))
    assert words in line
    assert "wrong.yaml" in line


@pytest.mark.parametrize(("changes", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_sweep_is_refused_in_one_line(tmp_path, changes, words):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "plan28.yaml").write_text("base: plan28\n")
    (tmp_path / "bad_scenario.yaml").write_text("base: plan28\nthreat: {level: 7}\n")
    (tmp_path / "ragged.csv").write_text("threat.level,mandate.un\n0,true\n1\n")
    (tmp_path / "right.csv").write_text("threat.level\n1\n")
    (tmp_path / "high.csv").write_text("threat.level\n9\n")
    (tmp_path / "long.csv").write_text('threat.level\n"' + "x" * 200_000)
    path = tmp_path / "wrong.yaml"
    path.write_text(yamltext.dump({**TINY, **changes}))
    assert words in refused(tmp_path, str(path))


def test_what_is_not_there_is_named(tmp_path):
    assert "did you mean guarantee?" in refused(tmp_path, "guarante")
    assert "is neither a YAML file nor a shipped sweep" in refused(tmp_path, str(tmp_path / "none.yaml"))
    assert "is neither a YAML file nor a shipped sweep" in refused(tmp_path, str(tmp_path))
    assert "FILE is missing" in refused(tmp_path)


OPTIONS = "--runs=0 --threads=0 --shard=0/2 --shard=3/2 --shard=a --cluster=local:0 --cluster=lan --cluster=slurm:x --cluster=tcp://"


@pytest.mark.parametrize("option", OPTIONS.split())
def test_a_wrong_option_is_refused_in_one_line(tmp_path, option):
    path = tmp_path / "right.yaml"
    path.write_text(yamltext.dump(TINY))
    assert option.partition("=")[0].strip("-") in refused(tmp_path, str(path), option)


def test_a_sweep_reads_back_what_it_writes():
    for changes in ({"runs": {"until": {"outcome": "collapse", "halfwidth": 0.01}, "max_runs": 1000}},
                    {"structures": STRUCTURES}):  # fmt: skip
        sweep = tiny(**changes)
        again = Sweep.from_dict(json.loads(json.dumps(sweep.to_dict())))
        assert again == sweep
        assert list(again.structures) == list(sweep.structures)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_sweeps_are_right_and_sized_for_five_minutes(path):
    plan = Plan.load(path)
    assert plan.sweep.name == path.stem
    assert plan.design.points * plan.sweep.most_runs * 0.00135 / 2 <= 300  # 1.0 to 1.3 ms a run, docs/performance.md
    for scenario in plan.scenarios.values():
        assert scenario.threat.sincerity is not None
        assert scenario.guarantee.sincerity is not None
    assert {"threat.credibility", "guarantee.credibility"} <= set(plan.sweep.uncertainties)


def test_the_default_sweep_has_the_size_that_was_asked_for():
    """Its precision is: paired effects to .4 points (`estimates/comparisons.csv`)."""
    plan = Plan.load("legitimate_targets")
    assert (plan.design.combinations, plan.design.samples, plan.sweep.runs) == (15, 128, 224)
    table = pd.read_csv(ROOT / "results" / "legitimate_targets" / "estimates" / "comparisons.csv")
    table = table[table["unit"].isin(["probability", "share"])]
    assert ((table["mc_high"] - table["mc_low"]) / 2).max() <= 0.004


def test_json_schema_names_every_field_and_prior():
    schema = json_schema()
    further = {"schema", "title", "description", "set", "structures", "base", "outcomes", "correlations", "record"}
    assert set(schema["properties"]) == set(TINY) | further
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"base", "runs", "seed"}
    assert set(schema["properties"]["uncertainties"]["additionalProperties"]["properties"]) == set(PRIORS)
    assert TypeAdapter(dict[str, Any]).validate_json(CliRunner().invoke(app, ["sweep", "--schema"]).stdout) == schema


def test_nan_never_reaches_a_scenario():
    for spec in ({"uniform": [0, math.nan]}, {"choice": [math.nan]}, {"normal": [math.nan, 1]}):
        with pytest.raises(InputError, match="nan"):
            Plan.load(tiny(uncertainties={"war.prize": spec}))
