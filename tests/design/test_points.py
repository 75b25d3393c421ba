"""Designs: deterministic, extendable, paired, and true to their priors."""

import json

import numpy as np
import pyarrow.compute as pc
import pytest
from scipy import stats

from fragile_peace.errors import InputError
from fragile_peace_lab.design.factors import DIGITS, Prior
from fragile_peace_lab.design.points import MAX_POINTS, Plan, uniforms
from fragile_peace_lab.store.parts import digest
from tests.tools.tiny_sweeps import STRUCTURES, tiny

DESIGN = "546a8f126e28ec14c413ab75eb24ad8aa848dac77d7a05bd832be3547aa1561f"
SWEEP = "9852b85d5f45fd05f8c285345c3dcad83ea8fd19164ddadf3ddf7e98ecbaf581"


def table(**changes):
    return Plan.load(tiny(**changes)).design.table()


def test_a_design_is_a_function_of_the_sweep_and_its_seed():
    assert table().equals(table())
    assert not table().equals(table(seed=8))


def test_every_combination_meets_every_sample_with_samples_slowest():
    rows = table().to_pylist()
    assert [row["point"] for row in rows] == list(range(32))
    assert [row["sample"] for row in rows] == [i for i in range(4) for _ in range(8)]
    assert [row["combination"] for row in rows] == list(range(8)) * 4
    levers = [tuple(row[name] for name in ("scenario", "threat.level", "mandate.roe")) for row in rows]
    assert len(set(levers[:8])) == 8
    assert levers == levers[:8] * 4  # the same combinations with every sample
    unknowns = [(row["threat.credibility"], row["war.prize"]) for row in rows]
    assert all(len(set(unknowns[i : i + 8])) == 1 for i in range(0, 32, 8))  # paired


def test_every_structure_meets_every_sample_and_combination_with_the_same_values():
    plain, rows = table(), table(structures=STRUCTURES)
    assert rows.column_names == ["point", "sample", "combination", "first_run", "structure", *plain.column_names[4:]]
    assert rows.num_rows == 4 * plain.num_rows
    assert rows["point"].to_pylist() == list(range(128))
    assert rows["structure"].to_pylist() == [name for name in STRUCTURES for _ in range(8)] * 4
    for name in STRUCTURES:
        own = rows.filter(pc.equal(rows["structure"], name)).drop_columns(["point", "structure"])
        assert own.combine_chunks().equals(plain.drop_columns("point"))
    doubled = table(structures=STRUCTURES, design={"uncertainties": {"sobol": 8}})
    assert doubled.slice(0, 128).equals(rows)


def test_a_point_is_played_with_the_values_of_its_structure():
    plan, plain = Plan.load(tiny(structures=STRUCTURES)), Plan.load(tiny())
    for point in (0, 13, 45, 127):
        sample, structure, combination = point // 32, point // 8 % 4, point % 8
        alone = plain.scenario(sample * 8 + combination)
        assert plan.scenario(point) == alone.override(list(STRUCTURES.values())[structure])


def test_a_design_without_structures_is_what_it_was_before_there_were_any():
    """sha256 of the points and of the manifest's sweep, written down before; since then there is a rule of draws."""
    assert digest(json.dumps(table().drop_columns("first_run").to_pylist()).encode()) == DESIGN
    assert "structures" not in tiny().to_dict()
    assert tiny(structures={}) == tiny()
    sweep = tiny().to_dict()
    assert sweep["design"].pop("draws") == "own"
    assert digest(json.dumps(sweep).encode()) == SWEEP


@pytest.mark.parametrize("sampler", ["sobol", "saltelli"])
def test_doubling_the_samples_keeps_every_earlier_point(sampler):
    half, whole = (table(design={"uncertainties": {sampler: n}}) for n in (8, 16))
    assert whole.num_rows == 2 * half.num_rows
    assert whole.slice(0, half.num_rows).equals(half)


def test_a_latin_hypercube_has_one_point_in_each_stratum_and_does_not_extend():
    u = uniforms("lhs", 20, 3, 1)
    assert np.array_equal(np.sort(np.floor(u * 20).astype(int), axis=0), np.tile(np.arange(20)[:, None], 3))
    assert not np.array_equal(uniforms("lhs", 40, 3, 1)[:20], u)


def test_sobol_points_are_balanced():
    u = uniforms("sobol", 64, 5, 3)
    assert np.array_equal(np.sort(np.floor(u * 64).astype(int), axis=0), np.tile(np.arange(64)[:, None], 5))


def test_saltelli_blocks_are_a_ab_b():
    u = uniforms("saltelli", 4, 3, 5).reshape(4, 5, 3)
    a, b = u[:, 0], u[:, 4]
    for i in range(3):
        expected = a.copy()
        expected[:, i] = b[:, i]
        assert np.array_equal(u[:, i + 1], expected)


def test_saltelli_design_feeds_salib():
    sobol = pytest.importorskip("SALib.analyze.sobol")
    u = uniforms("saltelli", 512, 2, 5)
    y = 3 * u[:, 0] + u[:, 1]
    problem = {"num_vars": 2, "names": ["x", "y"], "bounds": [[0, 1]] * 2}
    found = sobol.analyze(problem, y, calc_second_order=False, seed=1)
    assert found["S1"] == pytest.approx([0.9, 0.1], abs=0.02)


DISTRIBUTIONS = [
    (Prior("uniform", (2.0, 5.0), False), stats.uniform(2, 3)),
    (Prior("loguniform", (0.1, 10.0), False), stats.loguniform(0.1, 10)),
    (Prior("triangular", (1.0, 2.0, 5.0), False), stats.triang(0.25, 1, 4)),
    (Prior("beta", (2.0, 5.0, 1.0, 3.0), False), stats.beta(2, 5, 1, 2)),
    (Prior("normal", (1.0, 2.0, 0.0, 4.0), False), stats.truncnorm(-0.5, 1.5, 1, 2)),
]


@pytest.mark.parametrize(("prior", "reference"), DISTRIBUTIONS, ids=[prior.kind for prior, _ in DISTRIBUTIONS])
def test_quantiles_are_scipys_to_the_digits_kept(prior, reference):
    u = np.linspace(0.001, 0.999, 200)
    assert np.allclose(prior.quantile(u), reference.ppf(u), rtol=6 * 10.0**-DIGITS, atol=1e-12)
    low, high = prior.support
    ends = prior.quantile(np.array([0.0, 1 - 2**-53]))
    assert all(low <= value <= high for value in ends)


def test_whole_numbers_and_choices_have_equal_shares():
    u = (np.arange(1200) + 0.5) / 1200
    assert np.bincount(Prior("uniform", (0, 5), True).quantile(u)).tolist() == [200] * 6
    names = Prior("choice", ("a", "b", "c"), False).quantile(u)
    assert [names.count(name) for name in "abc"] == [400] * 3
    logs = Prior("loguniform", (1, 7), True).quantile(u)
    assert set(logs) == set(range(1, 8))
    assert all(isinstance(value, int) for value in logs)


def test_zip_and_csv_and_their_scenarios(tmp_path):
    zipped = table(design={"levers": "zip", "uncertainties": {"lhs": 2}})
    kept = zipped.select(["scenario", "threat.level", "mandate.roe"]).to_pylist()
    assert [tuple(row.values()) for row in kept[:4]] == [
        ("reassurance_15k", 0.0, "observe"),
        ("reassurance_15k", 1.0, "enforce"),
        ("no_force", 0.0, "observe"),
        ("no_force", 1.0, "enforce"),
    ]
    path = tmp_path / "points.csv"
    path.write_text("scenario,threat.level,mandate.un\nno_force,1e-1,true\nreassurance_15k,1,false\n")
    design = {"levers": {"csv": str(path)}, "uncertainties": {"lhs": 1}}
    listed = table(levers={}, design=design).to_pylist()
    assert [(row["scenario"], row["threat.level"], row["mandate.un"]) for row in listed] == [
        ("no_force", 0.1, True),
        ("reassurance_15k", 1.0, False),
    ]


def test_a_point_is_its_base_with_the_fixed_and_the_swept_values():
    plan = Plan.load(tiny(set={"threat.sincerity": 0.25, "places.Kherson.monitors": 40}, base="reassurance_15k"))
    scenario = plan.scenario(13)
    values = plan.design.values(13)
    assert {name: scenario.get(name) for name in values} == values
    assert scenario.threat.sincerity == 0.25
    assert scenario.places[11].monitors == 40


def test_an_empty_sincerity_is_a_value_of_a_lever():
    plan = Plan.load(tiny(levers={"threat.sincerity": [None, 0.5]}, base="no_force"))
    assert plan.design.table()["threat.sincerity"].to_pylist()[:2] == [None, 0.5]
    assert plan.scenario(0).threat.sincerity is None


def test_a_design_of_the_largest_size_is_built_in_seconds_and_a_larger_one_not_at_all():
    plan = Plan.load(tiny(base="no_force", levers={"threat.level": {"linspace": [0, 1, 1000]}},
                          design={"uncertainties": {"sobol": 512}}))  # fmt: skip
    assert plan.design.points == 512_000 <= MAX_POINTS
    assert plan.design.table().num_rows == 512_000
    with pytest.raises(InputError, match="at most 1000000"):
        Plan.load(tiny(base="no_force", levers={"threat.level": {"linspace": [0, 1, 1000]}},
                       design={"uncertainties": {"sobol": 1024}}))  # fmt: skip
