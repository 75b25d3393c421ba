"""Estimates of sweeps in several structures: a row for each, none pooled, and findings counted over them."""

import numpy as np
import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.estimates import tables
from fragile_peace_lab.estimates.all_tables import estimate_sweep
from fragile_peace_lab.estimates.comparisons import pairs
from fragile_peace_lab.estimates.outcomes import BY_NAME, OUTCOMES, needed
from fragile_peace_lab.estimates.robustness import AGREE, Robustness, Sign, robustness, sign_of
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.store import folder as store
from tests.estimates.test_all_tables import one
from tests.tools.tiny_sweeps import STRUCTURES, tiny

OWN = {"base": "reassurance_15k", "levers": {"mandate.roe": ["observe", "enforce"]}, "runs": 24, "weeks": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("structures") / "four"
    return run_sweep(tiny(structures=STRUCTURES, **OWN), where, threads=2, progress="none")


@pytest.fixture(scope="module")
def runs(folder):
    return Runs.load(folder, needed())


@pytest.fixture(scope="module")
def found(runs):
    return estimate_sweep(runs)


def test_structures_are_settings_and_each_is_what_it_is_alone(runs, tmp_path):
    assert runs.structures == tuple(STRUCTURES)
    assert runs.levers == ("mandate.roe",)
    assert runs.keys == ("structure", "mandate.roe")
    assert [tuple(setting.values()) for setting in runs.settings] == [
        (name, roe) for name in STRUCTURES for roe in ("observe", "enforce")
    ]
    for name, own in STRUCTURES.items():
        alone = Runs.load(run_sweep(tiny(set=own, **OWN), tmp_path / name, progress="none"), needed())
        within = runs.within(name)
        assert (within.settings, within.structures, within.keys) == (alone.settings, (), ("mandate.roe",))
        assert all(np.array_equal(within.data[column], alone.data[column], equal_nan=True) for column in alone.data)
    with pytest.raises(InputError, match=r"structure: least_sur is not one of usual, .*; did you mean least_sure"):
        runs.within("least_sur")


def test_every_table_has_a_row_for_each_structure_with_the_numbers_of_that_one_alone(runs, found):
    for name in STRUCTURES:
        alone = estimate_sweep(runs.within(name))
        assert set(found) == {*alone, "robustness"}
        for table, expected in alone.items():
            own = found[table][found[table]["structure"] == name].drop(columns="structure")
            if table == "comparisons":
                own = own[own["lever"] != "structure"]
            whole = own.astype(expected.dtypes)  # an empty cell in another structure makes a column of numbers real
            assert tables.to_csv(whole) == tables.to_csv(expected), table


def test_the_order_of_rows_does_not_matter_and_the_reference_stays_first(folder, found):
    design, rows = store.design_of(folder).to_pandas(), store.read(folder).to_pandas()
    shuffled = Runs.from_tables(design.sample(frac=1, random_state=5), rows.sample(frac=1, random_state=6))
    assert shuffled.structures == tuple(STRUCTURES)
    assert shuffled.levers == ("mandate.roe",)
    assert tables.to_csv(estimate_sweep(shuffled)["robustness"]) == tables.to_csv(found["robustness"])


def test_levers_are_compared_within_a_structure_and_structures_with_the_first(runs):
    assert list(pairs(runs)) == [
        *(("mandate.roe", 2 * n, 2 * n + 1) for n in range(4)),
        *(("structure", roe, 2 * n + roe) for n in range(1, 4) for roe in range(2)),
    ]
    listed = Runs(("a", "b"), ("x", "y"), tuple({"structure": s, "a": n, "b": n} for s in "xy" for n in range(3)),
                  1, 1, {})  # fmt: skip
    assert list(pairs(listed)) == [
        *(("all", first, first + n) for first in (0, 3) for n in (1, 2)),
        *(("structure", n, 3 + n) for n in range(3)),
    ]


def test_a_finding_counts_the_structures_in_which_its_sign_holds(runs, found):
    table = found["robustness"]
    assert len(table) == sum(outcome.headline for outcome in OUTCOMES)
    assert set(table["n_structures"]) == {4}
    row = one(table, outcome="exchange_of_fire")
    assert (row.lever, row.reference, row["mandate.roe"]) == ("mandate.roe", "observe", "enforce")
    assert (row.more, row.less, row.robust) == (4, 0, True)
    assert AGREE <= row.agreement <= 1
    comparisons = found["comparisons"]
    for _, row in table.iterrows():
        own = comparisons[(comparisons["outcome"] == row["outcome"]) & (comparisons["lever"] == "mandate.roe")]
        assert row["more"] <= (own["mc_low"] > 0).sum()
        assert row["less"] <= (own["mc_high"] < 0).sum()
        assert not row["robust"] or max(row["more"], row["less"]) == 4


def made(differences: np.ndarray) -> Runs:
    """Two settings in a structure, whose members differ by so many weeks on average, with the noise of 200 runs."""
    generator = np.random.default_rng(4)
    first = generator.normal(50, 5, (len(differences), 200))
    second = first + differences[:, None] + generator.normal(0, 1, first.shape)
    block = np.stack([first, second])
    return Runs(("x",), (), ({"x": 0}, {"x": 1}), *first.shape, {"weeks": block})


def test_a_sign_holds_where_nine_of_ten_members_have_it():
    weeks = next(o for o in OUTCOMES if o.columns == ("weeks",) and not o.over and not o.controls)
    nine, eight = (np.where(np.arange(20) < n, 3.0, -2.0) for n in (18, 17))
    signs = robustness({"nine": made(nine), "eight": made(eight), "none": made(np.zeros(20))}, weeks, 0, 1).signs
    assert (signs["nine"].way, signs["nine"].agreement, signs["nine"].holds) == (1, 0.9, 1)
    assert (signs["eight"].way, signs["eight"].agreement, signs["eight"].holds) == (1, 0.85, 0)
    assert signs["none"].holds == 0
    back = robustness({"nine": made(-nine)}, weeks, 0, 1)
    assert (back.holding(-1), back.robust, back.agreement) == (["nine"], True, 0.9)


def test_members_that_cannot_be_asked_leave_it_open(runs, tmp_path):
    single = tiny(structures=STRUCTURES, **{**OWN, "uncertainties": {}, "design": {}})
    table = estimate_sweep(run_sweep(single, tmp_path / "one", progress="none"))["robustness"]
    row = one(table, outcome="exchange_of_fire")
    assert (row.more, row.robust) == (4, False)
    assert pd.isna(row.agreement)
    assert row.note.startswith("agreement not known")
    assert Robustness({"a": Sign(1, 1.0), "b": Sign(1, None)}).agreement is None
    death = BY_NAME["european_death"]
    columns = {name: runs.column(name)[0] for name in death.needs}
    from fragile_peace_lab.estimates.measure import measure

    nothing = measure(death, columns, np.zeros(columns[death.needs[0]].shape, bool))
    assert sign_of(death, nothing, nothing) == Sign(0, None)
