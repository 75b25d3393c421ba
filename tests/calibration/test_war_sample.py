"""The war block's sample: what is kept and accepted, in which order, and what the shipped file holds.

Statistics of runs are asked with a false alarm once in 10,000 a test.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binomtest, ks_2samp

from fragile_peace.codes import EndCause
from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.reference.war import Review, next_strength
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.threat import laid_out
from fragile_peace_lab.calibration import war_check, war_fit, war_pool
from fragile_peace_lab.calibration.war import (
    DISCREPANCY,
    ELICITED,
    FIRST,
    HORIZONS,
    MOST_HASTY,
    N_EARLY,
    NAMES,
    RECORD,
    log_beta,
    log_likelihood,
)
from fragile_peace_lab.calibration.war_path import WORLD, Paths, tension_path
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design.war_sample import ABOUT, CURVE, FREE, SHIPPED, WarSample, within

FALSE_ALARM = 1e-4
SOURCES = war_pool.load()
EAGER = {"war.prize": 15.0, "war.cost": 4.5}
"""With these a war pays."""


@pytest.fixture(scope="module")
def sample():
    return WarSample.load()


@pytest.fixture(scope="module")
def paths():
    return Paths(tension_path(war_fit.SEED))


@pytest.fixture(scope="module")
def small():
    return war_fit.fit(SOURCES, war_fit.Settings(members=20))


# -- the tables --


def test_every_unknown_is_a_declared_parameter_with_its_default_in_its_range():
    assert len(set(NAMES)) == len(NAMES)
    for item in ELICITED:
        assert isinstance(CATALOGUE[item.name], Parameter)
        low, high = item.prior.support
        assert low <= CATALOGUE[item.name].default <= high
        assert item.why


def test_exactly_the_unknowns_of_role_curve_move_the_curve(paths):
    """Each is moved from its default to the middle of the upper half of its range."""
    before = paths.came_back({}, 260)
    for item in ELICITED:
        moved = paths.came_back({item.name: item.prior.quantile(np.array([0.9]))[0]}, 260)
        assert (moved != before).any() == item.curve, item.name
    assert (paths.came_back({}, 260) == before).all()  # a point leaves nothing behind


# -- likelihood and tolerance --


@settings(deadline=None, max_examples=200)
@given(st.floats(0.001, 0.999), st.floats(0, 1), st.integers(1, 400))
def test_a_term_is_a_beta_density_against_its_mode(share, observed, n):
    """Beta(1 + n o, 1 + n (1 - o)) has its mode at o."""
    law = beta(1 + n * observed, 1 + n * (1 - observed))
    assert log_beta(share, observed, n) == pytest.approx(law.logpdf(share) - law.logpdf(observed), rel=1e-7, abs=1e-7)
    assert log_beta(share, observed, n) <= 1e-12


def test_the_likelihood_of_a_class_is_the_product_of_its_three_terms():
    record = RECORD["imposed_line"]
    assert log_likelihood(record, {2: 0.23, 5: 0.29}, record.early) == pytest.approx(0, abs=1e-12)
    expected = log_beta(0.3, 0.23, 224) + log_beta(0.4, 0.29, 224) + log_beta(0.5, record.early, N_EARLY)
    assert log_likelihood(record, {2: 0.3, 5: 0.4}, 0.5) == pytest.approx(expected, rel=1e-12)


def test_where_a_record_is_silent_its_law_stands_in():
    civil = RECORD["civil"]
    assert civil.share(1) == 0.5
    assert civil.share(2) == pytest.approx(1 - 9**-0.43, rel=1e-12)  # (1 + 2/.25)^-.43


@pytest.mark.parametrize("name", RECORD)
def test_a_tolerance_holds_its_record_and_is_jeffreys_interval_made_wider(name):
    for year in HORIZONS:
        low, high = RECORD[name].tolerance(year)
        assert low <= RECORD[name].share(year) <= high
    low, high = RECORD["imposed_line"].tolerance(2)
    assert (low + DISCREPANCY[2], high - DISCREPANCY[2]) == pytest.approx((0.179, 0.288), abs=1e-3)


# -- the path --


def test_reviews_along_the_path_are_the_readable_twins(paths):
    """The first and the twentieth review of a point, without a force, at the path's tension."""
    point = {"war.prize": 13.0, "war.discount": 0.8, "reconstitution.growth": 0.001}
    world = Scenario.load(WORLD).override(point)
    mu, chances = world.threat.credibility, paths.came_back(point, 80)
    strength, survival = (world.readiness.initial, 1 - world.readiness.initial), np.ones(2)
    for week in range(80):
        strength = next_strength(world, strength, 1.0)
        if (week + 1) % world.war.review_weeks:
            continue
        review = Review(world, week, strength, 0.0, paths.tension[week], 0.0, 1.0, world.guarantee.credibility, 0)
        survival *= [(1 - review.russia(kappa)) * (1 - review.ukraine()) for kappa in (0, 1)]
        came_back = 1 - (1 - mu) * survival[0] - mu * survival[1]
        assert chances[week // world.war.review_weeks] == pytest.approx(came_back, rel=1e-8)


def test_a_point_is_laid_out_as_a_scenario_is(sample):
    values = {name: float(sample.columns[name][7]) for name in NAMES}
    row = laid_out(Scenario.load(WORLD).override(values))[0][0]
    own = Paths(np.zeros(4))
    own._set(values)
    for name in row.dtype.names:
        assert np.array_equal(own.parameters[0][name], row[name]), name


# -- participation --


def tried(paths, point, tactical):
    """What becomes of a draw that any source would accept."""
    stream = war_fit.Stream()
    source = replace(SOURCES[0], quantiles={1: {0.05: 0.001, 0.5: 0.5, 0.95: 0.999}})
    everything = {name: CATALOGUE[name].default for name in NAMES} | point
    source = replace(source, quantiles={year: {0.05: 0.001, 0.5: 0.5, 0.95: 0.999} for year in war_pool.YEARS})
    war_fit._try(stream, source, paths, everything, 0.2, tactical, 1e-9)
    return stream


def test_who_means_to_go_back_at_once_does_not_sign_unless_tactically(paths):
    assert war_fit.first_review(paths, {}) < FIRST < war_fit.first_review(paths, EAGER)
    for point, tactical, signed in (({}, False, 1), (EAGER, False, 0), (EAGER, True, 1), ({}, True, 1)):
        stream = tried(paths, point, tactical)
        assert (stream.drawn, stream.signed, stream.tactical) == (1, signed, int(tactical)), (point, tactical)
        assert len(stream.members) == signed


# -- order and bytes --


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    again = war_fit.fit(SOURCES, war_fit.Settings(members=20))
    for name, found in (("a", small), ("b", again)):
        found.sample.write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    read = WarSample.load(tmp_path / "a")
    read.write(tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == (tmp_path / "a").read_bytes()


def test_the_shipped_file_is_made_by_the_code_that_is_here(small, sample):
    """Fewer members are the first ones, so that a small fit says whether a whole one would give the file."""
    for name in sample.columns:
        assert list(small.sample.columns[name]) == list(sample.columns[name][:20]), name


@pytest.mark.parametrize("weights", [(0.4, 0.4, 0.2), (0.5, 0.5, 0.0), (0.37, 0.42, 0.21), (0.9, 0.05, 0.05)])
def test_members_are_dealt_by_weight_and_a_longer_deal_begins_with_a_shorter(weights):
    sources = [replace(one, weight=weight) for one, weight in zip(SOURCES, weights, strict=True) if weight]
    order = war_fit.dealt(sources, 512, 3)
    assert war_fit.dealt(sources, 40, 3) == order[:40]
    for length in range(1, 513):
        counts = Counter(order[:length])
        for source in sources:
            assert abs(counts[source.name] - length * source.weight) < (1.001 if length % 5 == 0 else 5)


def test_a_deal_does_not_fall_in_step_with_the_halves_of_a_sobol_sample():
    """Of a scrambled Sobol sample neighbours lie in opposite halves: with equal weights a strict turn would follow."""
    even = [replace(one, weight=0.5) for one in SOURCES[:2]]
    order = np.array(war_fit.dealt(even, 512, 3)) == even[0].name
    together = int((order == (np.arange(512) % 2 == 0)).sum())
    assert binomtest(together, 512, 0.5).pvalue > FALSE_ALARM


def test_the_order_of_members_says_nothing(sample):
    """Within each class the first and the second half are alike in every unknown and every chance."""
    names = sample.named(CURVE, FREE, ABOUT)
    for source in sample.sources:
        chosen = sample.members(source)
        for name in names:
            values = sample.columns[name][chosen]
            half = len(values) // 2
            assert ks_2samp(values[:half], values[half:]).pvalue > FALSE_ALARM / (3 * len(names)), (source, name)


# -- the shipped file --


def test_it_is_small_whole_and_inside_its_priors(sample):
    assert SHIPPED.stat().st_size <= 200_000
    assert len(sample) >= 512
    assert sample.named(CURVE) == [item.name for item in ELICITED if item.curve]
    assert sample.named(FREE) == [item.name for item in ELICITED if not item.curve]
    for item in ELICITED:
        low, high = item.prior.support
        values = sample.columns[item.name]
        assert ((low <= values) & (values <= high)).all()
        assert len(np.unique(values)) == len(sample)  # no member twice
    assert all(sample.texts[name] for name in sample.columns)  # every column says what it is
    assert set(sample.columns["tactical"]) == {"yes", "no"}
    assert (sample.columns["war.reference"] == sample.columns["class"]).all()


def test_classes_have_their_shares(sample):
    assert sample.about["sources"] == [["interstate", 0.4], ["imposed_line", 0.4], ["civil", 0.2]]
    for name, weight in sample.about["sources"]:
        assert abs(sample.members(name).sum() - weight * len(sample)) <= 1


def test_its_curves_agree_with_the_records_and_the_bars_are_kept(sample):
    found = war_check.on_file(sample, SOURCES)
    assert found.passed
    assert found.hasty < MOST_HASTY
    assert found.first_review <= FIRST
    asked = found.curves.dropna(subset=["within"])
    assert len(asked) == len(SOURCES) * len(HORIZONS)
    assert asked["within"].all()


def test_played_afresh_it_shows_the_chances_that_it_says(sample):
    """One run a member on the engine, 20 shares: a binomial variance is at least that of members who differ."""
    found = war_check.afresh(sample, SOURCES, runs=1)
    filed = war_check.on_file(sample, SOURCES).curves
    for row, said in zip(found.curves.to_dict("records"), filed["model"], strict=True):
        count = round(row["model"] * row["members"])
        assert binomtest(count, row["members"], said).pvalue > FALSE_ALARM / 20, row
    assert round(found.first_review, 3) <= FIRST


def test_a_members_chance_is_the_engines(sample):
    """400 runs of three members, one a class."""
    for source in sample.sources:
        index = int(np.flatnonzero(sample.members(source))[0])
        world = Scenario.load(WORLD).override(sample.point(index))
        found = simulate([world], 400, 29, 260)[0]
        count = int((found["end_cause"] != EndCause.HORIZON).sum())
        assert binomtest(count, 400, float(sample.columns[within(260)][index])).pvalue > FALSE_ALARM / 3


def test_a_bad_sample_fails_its_check(sample):
    other = {"interstate": "civil", "civil": "interstate", "imposed_line": "imposed_line"}
    swapped = np.array([other[name] for name in sample.columns["class"]], object)
    found = war_check.on_file(WarSample({**sample.columns, "class": swapped}, sample.roles, sample.texts, sample.about),
                              SOURCES)  # fmt: skip
    assert not found.passed


# -- the command --


def printed(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        app(["calibrate", *arguments])
    return stop.value.code, capsys.readouterr()


def test_check_prints_what_is_left_and_exits_by_whether_all_is_within(sample, capsys, monkeypatch):
    full = war_check.on_file
    monkeypatch.setattr(war_check, "afresh", lambda *given: full(*given))
    code, said = printed(capsys, "--war", "--check")
    assert code == 0
    assert "all within the tolerances" in said.out
    assert len([line for line in said.out.splitlines() if line.startswith("mixture ")]) == 5
    for name in NAMES:
        assert name in said.out
    monkeypatch.setattr(war_check, "afresh", lambda *given: replace(full(*given), hasty=0.2))
    code, said = printed(capsys, "--war", "--check", "--json")
    assert code == 1
    assert '"passed": false' in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--war", "--classes", "none.yaml"], "none.yaml: No such file"),
        (["--war", "--check", "--out", "none.parquet"], "none.parquet: no war sample there"),
    ],
)
def test_a_file_that_is_not_there_is_refused(capsys, arguments, words):
    code, said = printed(capsys, *arguments)
    assert code == 2
    assert words in said.err


def test_another_files_weights_are_not_checked_against(capsys, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("classes: {interstate: 1}\n")
    code, said = printed(capsys, "--war", "--check", "--classes", str(other))
    assert code == 2
    assert "fit it again with --war" in said.err
