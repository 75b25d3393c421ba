"""The war block's sample as the uncertainties of a sweep: which rows it takes, what it refuses, and its labels."""

import numpy as np
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.design import labels, war_sample
from fragile_peace_lab.design.axis import scenario_of_point
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.design.sweep import SHIPPED as SWEEPS
from fragile_peace_lab.design.war_sample import ABOUT, CLASS, CURVE, FREE, WarSample
from tests.tools.tiny_sweeps import tiny

BELIEF = {"threat.credibility": {"uniform": [0.05, 0.6]}}


@pytest.fixture(scope="module")
def sample():
    return WarSample.load()


def plan(number, **changes):
    design = {"uncertainties": {"posterior": number}}
    return Plan.load(tiny(**{"uncertainties": BELIEF, "design": design, **changes}))


def test_member_i_takes_row_i_and_its_class(sample):
    made = plan(8)
    columns = {column.name: column.values for column in made.design.uncertainties}
    for name in sample.named(CURVE, FREE, CLASS):
        assert columns[name] == list(sample.columns[name][:8])
    for member in range(8):
        world = made.scenario(member * made.design.combinations)
        assert world == world.override(sample.point(member))
        assert world.war.reference.name.lower() == sample.columns["class"][member]


def test_labels_stand_in_the_design_and_no_run_reads_them(sample):
    made = plan(4, structures={"usual": {}, "class_alone": {"war.module": "reference_class"}})
    table = made.design.table()
    assert labels.labels_in(table) == ["class", labels.LIKE, "tactical"]
    assert table["class"].to_pylist() == [value for value in sample.columns["class"][:4] for _ in range(16)]
    sets = {STRUCTURE: made.sweep.to_dict()["structures"]}
    for point in range(made.design.points):
        assert not set(labels.BY_NAME) & set(made.design.values(point))
        assert scenario_of_point(made.scenarios, sets, table, point) == made.scenario(point)
    assert [field.name for field in table.schema if field.name in sample.named(ABOUT)] == []


def test_a_prior_of_its_own_for_what_members_were_accepted_by_is_refused():
    with pytest.raises(
        InputError, match=r"uncertainties\.war\.prize: cannot be given beside design\.uncertainties\.post"
    ):
        plan(4, uncertainties={"war.prize": {"uniform": [9, 15]}})


def test_other_priors_levers_fixed_values_and_structures_go_over_the_sample(sample):
    own = {"war_response.spiral_us": {"uniform": [0.1, 0.2]}}
    made = plan(4, uncertainties=own, set={"war.cost": 6}, levers={"reconstitution.growth": [0, 0.01]})
    names = [column.name for column in (*made.design.levers, *made.design.uncertainties)]
    assert names.count("war_response.spiral_us") == names.count("reconstitution.growth") == 1
    assert "war.cost" not in names
    assert all(0.1 <= made.scenario(point).war_response.spiral_us <= 0.2 for point in range(made.design.points))
    structures = {"usual": {}, "cheap": {"war.cost": 4.5}, "dear": {"war.cost": {"times": 1.1}}}
    made = plan(2, structures=structures, base="reassurance_15k", levers={})
    costs = [made.scenario(point).war.cost for point in range(3)]
    assert costs == [sample.columns["war.cost"][0], 4.5, sample.columns["war.cost"][0] * 1.1]


def test_what_a_base_scenario_fixes_is_not_taken(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("schema: 1\nbase: reassurance_15k\nwar: {prize: 10}\n")
    names = [column.name for column in plan(4, base=[str(own)]).design.uncertainties]
    assert "war.prize" not in names
    assert "war.cost" in names


def test_more_members_than_there_are_is_refused(sample, tmp_path, monkeypatch):
    few = WarSample({name: values[:6] for name, values in sample.columns.items()}, sample.roles, sample.texts,
                    sample.about)  # fmt: skip
    few.write(tmp_path / "war.parquet")
    monkeypatch.setattr(war_sample, "SHIPPED", tmp_path / "war.parquet")
    with pytest.raises(InputError, match="8 members; the war sample has 4 at most"):
        plan(8)


def test_what_is_no_war_sample_is_refused_in_one_line(tmp_path):
    bad = tmp_path / "bad.parquet"
    bad.write_text("not parquet")
    with pytest.raises(InputError, match="not a war sample of fragile-peace"):
        WarSample.load(bad)
    with pytest.raises(InputError, match="not a war sample of fragile-peace"):
        WarSample.load(war_sample.SHIPPED.with_name("posterior.parquet"))


@pytest.mark.parametrize("name", sorted(path.stem for path in SWEEPS.glob("*.yaml")))
def test_every_shipped_sweep_that_takes_the_posterior_takes_the_war_sample_whole(sample, name):
    made = Plan.load(name)
    names = {column.name for column in made.design.uncertainties}
    if made.sweep.design.sampler == "posterior":
        assert set(sample.named(CURVE, FREE, CLASS)) <= names
        assert {column.name for column in made.design.labels} == set(labels.BY_NAME)
    else:
        assert made.design.labels == ()


def test_every_label_of_the_sample_is_declared(sample):
    assert {*sample.named(labels.LABEL), labels.LIKE} == set(labels.BY_NAME)
    for name in sample.named(labels.LABEL):
        assert set(np.unique(sample.columns[name])) <= set(labels.BY_NAME[name].words)


def test_no_shipped_scenario_sets_what_the_sample_gives(sample):
    """So the sample holds in all of them, up to the module's own question."""
    base = Scenario.load("no_force")
    for name in sample.named(CURVE):
        assert base.get(name) == Scenario.load("reassurance_15k").get(name)
