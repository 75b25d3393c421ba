"""Tables of estimates on made-up sweeps: known answers, both bands, types, comparisons, degenerate cases, bytes."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fragile_peace import state
from fragile_peace.codes import EndCause, Event
from fragile_peace.errors import InputError
from fragile_peace.outcomes import NEVER
from fragile_peace_lab.design.chances import chances_of_points
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.estimates import tables
from fragile_peace_lab.estimates.all_tables import estimate_sweep, estimate_table, write_estimates
from fragile_peace_lab.estimates.comparisons import comparison_table, pairs, replication_table, spread_table
from fragile_peace_lab.estimates.measure import estimated, measure
from fragile_peace_lab.estimates.outcomes import BY_NAME, MEANS, OUTCOMES, TYPES, Outcome, needed
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.timing import FAMILIES, grid, incidence_table, survival_table, times_and_causes
from fragile_peace_lab.store import folder as store
from fragile_peace_lab.store.columns import flatten
from fragile_peace_lab.store.parts import Grid, digest, encode, write_part
from tests.tools.tiny_sweeps import forge

WEEKS = 52
SWEEP = {
    "name": "toy",
    "base": "reassurance_15k",
    "levers": {"threat.level": [0.0, 1.0], "mandate.roe": ["observe", "enforce"]},
    "uncertainties": {"threat.credibility": {"uniform": [0.1, 0.5]}},
    "design": {"uncertainties": {"lhs": 4}},
    "runs": 25,
    "seed": 3,
}


def made_up(settings, members, runs, seed=0):
    """OUTCOMES of runs that nobody simulated, shape (points, runs): consistent, with draws shared across points."""
    rng = np.random.default_rng(seed)
    o = np.zeros((members * settings, runs), state.OUTCOMES)
    u, v = rng.random((2, 1, runs))
    hazard = (0.002 + 0.004 * np.arange(members * settings) / (members * settings))[:, None]
    end = np.ceil(np.log1p(-u) / np.log1p(-hazard))
    ended = end <= WEEKS
    o["weeks"] = np.where(ended, end, WEEKS)
    o["end_cause"] = np.where(ended, EndCause.RESUMED_RUSSIA, EndCause.HORIZON)
    o["rung"] = np.where(ended, np.where(v < 0.2, 6, 5), np.where(v < 0.5, 3, 2))
    for event, happened in ((Event.COLLAPSE, ended), (Event.EUROPEAN_DEATH, v < 0.5), (Event.INVOKED, v < 0.1)):
        o["happened"][..., event] = happened
    o["happened"][..., Event.WAR_RUSSIA_COALITION] = o["rung"] == 6
    o["happened"][..., Event.WAR_RUSSIA_UKRAINE] = o["rung"] == 5
    o["compensator"][..., Event.COLLAPSE] = hazard * o["weeks"]
    o["compensator"][..., Event.WAR_RUSSIA_COALITION] = 0.2 * hazard * o["weeks"]
    o["compensator"][..., Event.WAR_RUSSIA_UKRAINE] = 0.8 * hazard * o["weeks"]
    o["kappa_start"], o["tau_start"] = v < 0.3, v < 0.4
    o["line_km_weeks"], o["km_weeks"] = 1200.0 * o["weeks"], 3000.0 * o["weeks"]
    o["line_true"] = rng.poisson(40.0 * o["weeks"])
    o["true_R"][..., 1] = o["line_true"]
    o["breaches_R"][..., 1], o["attributed_R"], o["misattributed"] = 4 * o["weeks"], o["weeks"] + 2, 2
    o["troop_years"] = 100.0
    for name in ("first_accusation_day", "first_strike", "first_invocation", "first_honour", "first_exchange"):
        o[name] = NEVER
    o["first_death"] = np.where((v < 0.5) & (o["weeks"] > 9), 9, NEVER)
    o["first_withdrawal"] = np.where(v < 0.2, o["weeks"] - 1, NEVER)
    o["first_accusation_day"] = 3.2
    o["share_deployed"] = np.where(o["weeks"] > 20, 1.0, NEVER)
    return o


def tables_of(outcomes, settings=2, members=3):
    """A design and rows: lever `threat.level`, one uncertainty."""
    points = settings * members
    design = pd.DataFrame(
        {
            "point": range(points),
            "sample": np.repeat(range(members), settings),
            "combination": np.tile(range(settings), members),
            "threat.level": np.tile(np.linspace(0, 1, settings), members),
            "threat.credibility": np.repeat(np.linspace(0.1, 0.5, members), settings),
        }
    )
    return design, flatten(outcomes, range(points), 0, [5] * points, 5)


@pytest.fixture(scope="module")
def runs():
    return Runs.from_tables(*tables_of(made_up(2, 3, 40)))


@pytest.fixture(scope="module")
def sweep(runs):
    return estimate_sweep(runs)


def one(table, **where):
    """The only row with these values."""
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def block(**columns):
    return {name: np.atleast_2d(np.array(values)) for name, values in columns.items()}


def test_every_outcome_reads_columns_that_parts_have():
    from fragile_peace_lab.store.columns import schema

    assert set(needed()) <= set(schema(5).names)
    assert all(outcome.title and outcome.unit for outcome in OUTCOMES)
    assert BY_NAME["collapse"].prior_driven
    assert BY_NAME["rung_at_least_5"].prior_driven
    assert not BY_NAME["rung_at_least_4"].prior_driven
    assert not BY_NAME["violations_true"].prior_driven


def test_the_block_knows_levers_members_and_draws(runs):
    assert runs.levers == ("threat.level",)
    assert [setting["threat.level"] for setting in runs.settings] == [0.0, 1.0]
    assert (runs.members, runs.draws) == (3, 40)
    assert runs.column("weeks").shape == (2, 3, 40)
    with pytest.raises(InputError, match="no column week; did you mean weeks"):
        runs.column("week")


def test_rates_are_ratios_of_totals_not_means_of_ratios(sweep, runs):
    row = one(sweep["frequencies"], outcome="violations_true_line", type="mixed", **{"threat.level": 1.0})
    n, d = runs.column("line_true")[1], runs.column("line_km_weeks")[1]
    assert row.estimate == pytest.approx(100 * n.sum() / d.sum(), rel=1e-8)
    assert row.mc_low < row.estimate < row.mc_high
    assert (row.n_runs, row.n_draws, row.n_members) == (120, 40, 3)
    share = one(sweep["frequencies"], outcome="attributed_share", type="mixed", **{"threat.level": 0.0})
    assert share.estimate == pytest.approx(0.25, rel=1e-8)
    both = one(sweep["frequencies"], outcome="violations_true", type="mixed", **{"threat.level": 1.0})
    assert both.estimate == pytest.approx(100 * n.sum() / (2.5 * d.sum()), rel=1e-8)


def test_one_member_gives_binomial_intervals_and_no_parameter_band():
    outcome = Outcome("it", "It", "probability", "probability", MEANS, ("x",))
    for k, estimator in ((0, "exact"), (3, "Wilson"), (20, "exact")):
        row = estimated(outcome, measure(outcome, block(x=[1] * k + [0] * (20 - k))))
        assert row["estimator"] == estimator
        assert row["note"].startswith(f"{k} of 20")
        assert np.isnan(row["param_low"])
        assert "one member" in row["note"]
    row = estimated(outcome, measure(outcome, block(x=[0] * 20)))
    assert row["mc_high"] == pytest.approx(1 - 0.025 ** (1 / 20))


@pytest.mark.parametrize("kind", ["line", "hub"])
def test_a_strike_or_a_death_at_a_kind_of_place_counts_a_run_once(sweep, kind):
    outcome = BY_NAME[f"strike_or_death_{kind}"]
    columns = {f"strikes_{kind}": [0, 2, 0, 1], f"deaths_{kind}": [0, 0, 3, 1]}
    assert estimated(outcome, measure(outcome, block(**columns)))["plain"] == 0.75
    here = sweep["probabilities"]
    assert list(dict.fromkeys(here["outcome"]))[-2:] == ["strike_or_death_line", "strike_or_death_hub"]
    assert outcome.name not in set(sweep["comparisons"]["outcome"])


def test_conditional_probabilities_show_n(sweep, runs):
    row = one(sweep["conditional"], outcome="invoked_given_death", type="mixed", **{"threat.level": 0.0})
    died = runs.column("happened_european_death")[0]
    assert row.n_runs == died.sum()
    assert row.estimate == pytest.approx(runs.column("happened_invoked")[0].sum() / died.sum(), rel=1e-8)
    none = one(sweep["conditional"], outcome="honoured_share", type="mixed", **{"threat.level": 0.0})
    assert pd.isna(none.estimate)
    assert none.note == "no run to condition on"


def test_compensators_are_used_with_the_plain_frequency_beside(sweep, runs):
    row = one(sweep["probabilities"], outcome="collapse", type="mixed", **{"threat.level": 1.0})
    assert row.plain == pytest.approx(runs.column("happened_collapse")[1].mean(), rel=1e-8)
    assert row.variance_factor > 2
    assert row.estimator.startswith("control variate")
    assert row.prior_driven
    nato = one(sweep["probabilities"], outcome="nato_russia_war", type="mixed", **{"threat.level": 1.0})
    six = one(sweep["ladder"], outcome="rung_at_least_6", type="mixed", **{"threat.level": 1.0})
    assert nato.estimate == six.estimate


def test_types_are_subsets_that_add_up(sweep):
    table = sweep["probabilities"]
    here = table[(table.outcome == "european_death") & (table["threat.level"] == 0.0)].set_index("type")
    assert list(here.index) == list(TYPES)
    assert here.n_runs["russia_bluffing"] + here.n_runs["russia_committed"] == here.n_runs["mixed"]
    parts = here.loc[["russia_bluffing", "russia_committed"]]
    assert (parts.plain * parts.n_runs).sum() / 120 == pytest.approx(here.plain["mixed"], rel=1e-7)


def test_the_two_bands_are_apart():
    """Draws that are alike in all members make Monte Carlo error and no parameter band; members make the reverse."""
    outcome = Outcome("it", "It", "1", "mean", MEANS, ("x",))
    draws, levels = np.random.default_rng(0).random(30), np.arange(1.0, 9.0)
    row = estimated(outcome, measure(outcome, {"x": np.tile(draws, (8, 1))}))
    assert row["mc_high"] - row["mc_low"] > 0.1
    assert row["param_low"] == pytest.approx(row["param_high"])
    row = estimated(outcome, measure(outcome, {"x": np.tile(levels[:, None], (1, 30))}))
    assert row["mc_low"] == row["mc_high"] == 4.5
    assert (row["param_low"], row["param_high"]) == pytest.approx((1.35, 7.65))
    assert row["note"] == "the same in every run"


def test_incidence_ends_at_the_frequency_and_counts_those_at_risk(sweep, runs):
    table = sweep["incidence"]
    row = one(table, outcome="collapse", time=WEEKS, **{"threat.level": 1.0})
    ended = runs.column("happened_collapse")[1]
    assert row.estimate == pytest.approx(ended.mean(), rel=1e-8)
    assert row.events == ended.sum()
    assert row.at_risk == (runs.column("weeks")[1] >= WEEKS).sum()
    assert one(table, outcome="collapse", time=0, **{"threat.level": 1.0}).estimate == 0.0
    causes = table[(table.family == "war") & (table.time == WEEKS) & (table["threat.level"] == 1.0)]
    assert causes.estimate.sum() == pytest.approx(row.estimate, rel=1e-8)
    days = table[(table.outcome == "first_accusation") & (table["threat.level"] == 0.0)]
    assert days[days.estimate > 0].time.min() == 4
    survival = one(sweep["survival"], type="mixed", time=WEEKS, **{"threat.level": 1.0})
    assert survival.estimate == pytest.approx(1 - row.estimate, rel=1e-8)
    assert survival.mc_low < survival.estimate < survival.mc_high


def test_curves_begin_at_nothing_and_end_at_one_time_in_every_cell():
    """The first setting's runs are over before the second's are: its curve goes on, level, to the same time."""
    outcomes = made_up(2, 1, 12)
    outcomes["first_accusation_day"] = np.array([[3.0], [20.0]])
    table = incidence_table(Runs.from_tables(*tables_of(outcomes, members=1)))
    days = table[table.outcome == "first_accusation"]
    assert days.groupby("threat.level").time.max().tolist() == [20, 20]
    early = days[days["threat.level"] == 0.0].set_index("time")
    assert (early.estimate[20], early.at_risk[20]) == (1.0, 0)
    start = table[table.time == 0]
    assert not start[["estimate", "mc_low", "mc_high"]].to_numpy(float).any()


def test_a_first_event_in_the_last_week_comes_before_the_end():
    family = next(family for family in FAMILIES if family.name == "first_withdrawal")
    columns = block(weeks=[5, 5, 5, 52], end_cause=[1, 1, 1, 0], first_withdrawal=[4.0, np.nan, 2.0, np.nan])
    time, cause = times_and_causes(family, columns)
    assert time.tolist() == [[5, 5, 3, 52]]
    assert cause.tolist() == [[1, 2, 1, 0]]
    assert grid(10, False).tolist() == [0, 4, 8, 10]


def test_comparisons_are_paired(sweep, runs):
    row = one(sweep["comparisons"], outcome="violations_true_line")
    assert (row.lever, row.reference, row["threat.level"]) == ("threat.level", "0.0", 1.0)
    frequencies = sweep["frequencies"]
    two = frequencies[
        (frequencies.outcome == "violations_true_line") & (frequencies.type == "mixed")
    ].estimate.to_list()
    assert row.estimate == pytest.approx(two[1] - two[0], abs=1e-6)
    death = one(sweep["comparisons"], outcome="european_death")
    assert death.note.startswith("no run differs")
    assert death.estimate == 0.0
    assert death.mc_high == pytest.approx(1 - 0.025 ** (1 / 40), rel=1e-8)
    mean = runs.column("weeks").mean(1)
    factor = mean.var(axis=1, ddof=1).sum() / (mean[1] - mean[0]).var(ddof=1)
    assert factor > 1
    collapse = one(sweep["comparisons"], outcome="collapse")
    assert collapse.variance_factor > 1


def test_pairs_hold_the_other_levers_fixed():
    plan = Plan.load(Sweep.from_dict(SWEEP))
    rows = flatten(made_up(4, 4, 2), range(16), 0, [5] * 16, 5)
    runs = Runs.from_tables(plan.design.table(), rows)
    assert runs.levers == ("threat.level", "mandate.roe")
    assert list(pairs(runs)) == [
        ("threat.level", 0, 2),
        ("threat.level", 1, 3),
        ("mandate.roe", 0, 1),
        ("mandate.roe", 2, 3),
    ]


def test_replication_and_spread(runs):
    row = one(replication_table(runs), outcome="collapse", **{"threat.level": 1.0})
    assert row.runs_needed > 1
    assert row.wanted == 0.01
    same = one(replication_table(runs), outcome="nato_russia_war", **{"threat.level": 0.0})
    assert same.runs_needed >= 1
    spread = one(spread_table(runs), outcome="violations_true_line", **{"threat.level": 1.0})
    assert spread.sd_low <= spread.sd_members <= spread.sd_high


def test_the_order_of_rows_does_not_matter_to_a_byte(sweep):
    design, rows = tables_of(made_up(2, 3, 40))
    order = np.random.default_rng(1).permutation(rows.num_rows)
    shuffled = estimate_sweep(Runs.from_tables(design.sample(frac=1, random_state=2), rows.take(pa.array(order))))
    for name, table in sweep.items():
        assert tables.to_csv(shuffled[name]) == tables.to_csv(table)


def test_files_read_back_to_the_tables_and_are_the_same_bytes_twice(tmp_path, sweep):
    files = tables.write(tmp_path / "a", sweep)
    again = tables.write(tmp_path / "b", sweep)
    for one_file, other in zip(files, again, strict=True):
        data = one_file.read_bytes()
        assert data == other.read_bytes()
        assert b"\r" not in data
        assert b"nan" not in data.lower().replace(b"nance", b"")
    back = pd.read_csv(files[0])
    pd.testing.assert_series_equal(back.estimate, sweep["frequencies"].estimate.astype(float), check_exact=True)
    text = tables.to_csv(pd.DataFrame({"a": [0.1, None], "b": [True, False], "c": [3, 4]}))
    assert text == "a,b,c\n0.1,true,3\n,false,4\n"
    assert pd.read_csv(io.StringIO(text)).shape == (2, 3)


@pytest.mark.parametrize("members", [1, 3], ids=["nothing is known of unknowns", "unknowns"])
def test_a_table_just_made_is_the_one_that_is_read_back(members, tmp_path):
    """Undefined numbers are the same in both, also where a column holds no other: what is said of them is too."""
    design, rows = tables_of(made_up(2, members, 40), 2, members)
    found = estimate_sweep(Runs.from_tables(design, rows))
    del found["comparisons"]  # the limits of what never differs are arrays of no dimension there
    for path in tables.write(tmp_path, found):
        back = tables.read(path, {"threat.level": design["threat.level"].unique()})
        pd.testing.assert_frame_equal(back, found[path.stem], check_exact=True)


def test_a_sweep_folder_is_read_by_columns(tmp_path):
    plan = Plan.load(Sweep.from_dict({**SWEEP, "levers": {"threat.level": [0.0, 1.0]}}))
    rows = flatten(made_up(2, 4, 6), range(8), 0, [5] * 8, 5)
    parts = Grid((0, 4, 8), (0, 6), 4, 6)
    (tmp_path / store.PARTS).mkdir()
    design = encode(plan.design.table())
    (tmp_path / store.DESIGN).write_bytes(design)
    about = store.manifest_of(plan, parts) | {"design_sha256": digest(design), "behaviour_digest": "0" * 64}
    for index, part in enumerate(parts.parts()):
        about["parts"].append(write_part(tmp_path / store.PARTS / part.name, rows.slice(24 * index, 24)))
    forge(tmp_path, about)
    found = write_estimates(tmp_path)
    chances = chances_of_points(plan.scenarios, {}, plan.design.table())
    direct = estimate_sweep(Runs.from_tables(plan.design.table(), rows, chances=chances))
    assert direct.keys() == found.keys()
    for name, table in direct.items():
        assert tables.to_csv(found[name]) == tables.to_csv(table)
        assert (tmp_path / "estimates" / f"{name}.csv").read_text() == tables.to_csv(table)
    (tmp_path / store.PARTS / parts.parts()[1].name).unlink()
    with pytest.raises(InputError, match=r"p000004-000007_r000000-000005\.parquet: is missing"):
        estimate_sweep(tmp_path)


@pytest.mark.parametrize(("members", "number"), [(1, 1), (1, 12), (3, 1), (3, 2)])
@pytest.mark.parametrize("case", ["as is", "all censored", "constant"])
def test_degenerate_sweeps_have_notes_and_no_silent_gaps(members, number, case):
    outcomes = made_up(2, members, number)
    if case != "as is":
        outcomes["weeks"], outcomes["end_cause"], outcomes["rung"] = WEEKS, 0, 2
        outcomes["happened"], outcomes["compensator"] = 0, 0
    if case == "constant":
        outcomes[:] = outcomes[0, 0]
    found = estimate_sweep(Runs.from_tables(*tables_of(outcomes, 2, members)))
    for name, table in found.items():
        for column in ("estimate", "mc_low", "mc_high", "param_low", "param_high"):
            if column in table:
                assert (table.note[table[column].isna()] != "").all(), (name, column)
        if "mc_low" in table and name != "comparisons":
            inside = table.dropna(subset=["mc_low"])
            assert (inside.mc_low <= inside.estimate + 1e-9).all()
            assert (inside.estimate <= inside.mc_high + 1e-9).all()


def test_bad_tables_are_refused():
    design, rows = tables_of(made_up(2, 3, 5))
    with pytest.raises(InputError, match="no runs"):
        Runs.from_tables(design, rows.slice(0, 0))
    with pytest.raises(InputError, match="1 runs are missing, such as run 4 of point 5; run the sweep again"):
        Runs.from_tables(design, rows.slice(0, 29))
    with pytest.raises(InputError, match="run 0 of point 0 is there 2 times"):
        Runs.from_tables(design, pa.concat_tables([rows, rows.slice(0, 1)]))
    with pytest.raises(InputError, match="a point that the design does not have"):
        Runs.from_tables(design.iloc[:-1], rows)
    with pytest.raises(InputError, match="has no column combination"):
        Runs.from_tables(design.drop(columns="combination"), rows)
    runs = Runs.from_tables(design, rows)
    with pytest.raises(InputError, match="did you mean mixed"):
        estimate_table(runs, types=("mixd",))
    with pytest.raises(InputError, match="neither a value nor a note"):
        tables.frame([{"outcome": "x", "estimate": np.nan, "note": ""}], ("outcome", "estimate", "note"))
    single = Runs.from_tables(*tables_of(made_up(1, 2, 5), 1, 2))
    assert comparison_table(single).empty
    assert not incidence_table(single).empty
    assert not survival_table(single).empty
