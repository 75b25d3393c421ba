"""Composite levers: labels that set several parameters, crossed, zipped, played, verified, replayed and shown."""

import json

import jsonschema
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.design import composite
from fragile_peace_lab.design.axis import declared_values, scenario_of_point, settings_of
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep, json_schema
from fragile_peace_lab.estimates.all_tables import estimate_sweep
from fragile_peace_lab.estimates.tables import to_csv
from fragile_peace_lab.figures import results as figures
from fragile_peace_lab.figures.drawing import COLUMN
from fragile_peace_lab.report.page import html
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.verify import replayed, scenario_of, verify
from fragile_peace_lab.store import folder as store
from tests.tools.tiny_sweeps import STRUCTURES, tiny

PACKAGE = {
    "none": {"force.scale": 0.01},
    "tripwire": {"force.scale": 0.4, "mandate.roe": "observe"},
    "shield": {"force.scale": 1, "mandate.roe": "enforce"},
}
LEVERS = {"package": PACKAGE, "threat.level": [0.0, 1.0]}


def packages(**changes):
    return tiny(**{"base": "reassurance_15k", "levers": LEVERS, **changes})


def test_labels_cross_with_other_levers_and_are_played_as_declared():
    plan = Plan.load(packages(structures=STRUCTURES))
    design, base = plan.design, plan.scenarios["reassurance_15k"]
    table = design.table()
    assert (design.combinations, table["package"].to_pylist()[:6]) == (6, [name for name in PACKAGE for _ in (0, 1)])
    assert table.schema.field("package").metadata[b"role"] == b"lever"
    assert settings_of(table, base)[2] == {"package": "tripwire", "threat.level": 0.0}
    for point in range(design.points):
        row = table.slice(point, 1).to_pylist()[0]
        values = {name: row[name] for name in ("threat.level", "threat.credibility", "war.prize")}
        expected = base.override({**PACKAGE[row["package"]], **values, **STRUCTURES[row["structure"]]})
        assert plan.scenario(point) == expected
        assert scenario_of_point(plan.scenarios, design.sets, table, point) == expected
        assert "package" not in design.values(point)


def test_labels_stand_beside_other_levers():
    zipped = {"package": PACKAGE, "threat.level": [0.0, 0.5, 1.0]}
    plan = Plan.load(packages(levers=zipped, design={"levers": "zip", "uncertainties": {"sobol": 4}}))
    rows = plan.design.table().slice(0, 3).to_pylist()
    assert [(row["package"], row["threat.level"]) for row in rows] == list(zip(PACKAGE, (0.0, 0.5, 1.0), strict=True))


def test_a_label_that_leaves_the_scenario_as_it_is_is_the_declared_value():
    base = Plan.load(packages()).scenarios["reassurance_15k"]
    own = {"force.scale": base.get("force.scale"), "mandate.roe": base.get("mandate.roe")}
    assert declared_values(base, ["package"], {"package": {"half": {"force.scale": 0.5}, "own": own}}) == {
        "package": "own"
    }
    assert declared_values(base, ["package"], {"package": {"half": {"force.scale": 0.5}}}) == {"package": None}


def test_the_posterior_leaves_to_labels_what_they_set():
    levers = {"package": {"usual": {}, "harmless": {"russia.raid_gain": 0.5}}}
    plan = Plan.load(packages(levers=levers, uncertainties={}, design={"uncertainties": {"posterior": 2}}))
    names = plan.design.table().column_names
    assert "russia.raid_gain" not in names
    assert "ukraine.raid_gain" in names
    assert plan.scenario(1).get("russia.raid_gain") == 0.5


WRONG = [
    ("an unknown parameter", {"shield": {"mandate.rao": "enforce"}, "none": {}},
     "levers.package.shield.mandate.rao: no such name; did you mean mandate.roe?"),
    ("a wrong value", {"shield": {"mandate.roe": "enforced"}, "none": {}},
     "levers.package.shield.mandate.roe: 'enforced' is not allowed"),
    ("a value that is not a mapping", {"shield": 3, "none": {}},
     "levers.package.shield: 3 is not allowed; must be a mapping of names to values"),
    ("one label", {"shield": {"force.scale": 2}}, "levers.package: 1 labels are given; must be from 2 to 32"),
    ("no label", {}, "levers.package: 0 labels are given; must be from 2 to 32"),
    ("two that play the same", {"usual": {}, "own": {"force.scale": 1}},
     "levers.package.own: plays the same as usual; every label must differ"),
    ("an unreadable label", {"a label": {"force.scale": 2}, "none": {}},
     "levers.package: 'a label' is not allowed; must be 1 to 30 letters"),
    ("the scenario", {"a": {"scenario": "no_force"}, "b": {}}, "give the scenarios as a list under base"),
    ("a parameter of another lever", {"a": {"threat.level": 0.5}, "b": {}},
     "levers.package.a.threat.level: is given under levers already"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_lever_is_refused_in_one_line(spec, words):
    with pytest.raises(InputError) as error:
        Plan.load(packages(levers={"package": spec, "threat.level": [0.0, 1.0]}))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"set": {"force.scale": 2}}, "levers.package.none.force.scale: is given under set already"),
        ({"uncertainties": {"force.scale": {"uniform": [1, 2]}}},
         "uncertainties.force.scale: is given under levers.package already"),
        ({"structures": {"a": {}, "b": {"mandate.roe": "observe"}}},
         "structures.b.mandate.roe: is given under levers.package already"),
        ({"levers": {**LEVERS, "other": {"a": {"force.scale": 3}, "b": {}}}},
         "levers.other.a.force.scale: is given under levers.package already"),
        ({"levers": {"out come": PACKAGE}}, "levers.out come: a lever with labels is called by 1 to 30 letters"),
        ({"levers": {"outcome": PACKAGE}}, "levers.outcome: the name is taken by a column of results"),
        ({"levers": {"class": PACKAGE}}, "levers.class: the name is taken by a column of results"),
        ({"levers": {"scenario": PACKAGE}}, "give the scenarios as a list under base"),
        ({"levers": {"force.scale": PACKAGE}}, "levers.force.scale: {'none': "),
        ({"levers": {"package": [1, 2]}}, "levers.package: no such name"),
    ],
)  # fmt: skip
def test_a_parameter_has_one_place_and_a_lever_a_name_of_its_own(changes, words):
    with pytest.raises(InputError) as error:
        Plan.load(packages(**changes))
    assert words in str(error.value)


def test_the_schema_and_the_plain_data_take_labels():
    sweep = packages()
    assert Sweep.from_dict(sweep.to_dict()) == sweep
    assert list(json.loads(json.dumps(sweep.to_dict()))["levers"]["package"]) == list(PACKAGE)
    check = jsonschema.Draft202012Validator(json_schema())
    assert check.is_valid(sweep.to_dict())
    for bad in ({"package": {"a": {}}}, {"package": {"a b": {}, "c": {}}}, {"package": {"a": 1, "b": {}}}):
        assert not check.is_valid({**sweep.to_dict(), "levers": bad})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("packages") / "packages"
    run_sweep(packages(structures=dict(list(STRUCTURES.items())[:2]), runs=6), where, threads=2, progress="none")
    return where


def test_a_row_is_computed_again_from_the_folder_alone(folder):
    plan = Plan.load(packages(structures=dict(list(STRUCTURES.items())[:2]), runs=6))
    assert verify(folder).checked > 0
    assert all(scenario_of(folder, point) == plan.scenario(point) for point in range(plan.design.points))
    assert replayed(folder, 4, 3)[0] == plan.scenario(4)


def test_tables_figures_and_report_show_labels(folder):
    results = figures.results_of(folder)
    assert (results.axis.name, results.axis.facet, results.axis.facets) == ("threat.level", "package", tuple(PACKAGE))
    made = {picture.name: picture for picture in figures.pictures(results)}
    for picture in made.values():
        picture.draw(COLUMN)
    assert set(made["risk_curves"].numbers["package"].dropna()) == set(PACKAGE)
    page = html(results, [])
    assert '<th scope="row">package: tripwire</th><td>force.scale 0.4, mandate.roe Observe only</td>' in page
    assert '<th scope="row">package: none</th><td>force.scale 0.01</td>' in page
    for name, table in results.tables.items():
        if "package" in table:
            assert ",shield," in to_csv(table), name


def test_no_column_of_a_table_can_be_a_lever_with_labels(folder):
    design = store.design_of(folder).column_names
    columns = {name for table in estimate_sweep(folder).values() for name in table.columns} | set(design)
    assert {name for name in columns if "." not in name} - {"package", "structure"} <= composite.TAKEN
