"""Why a setting works: worlds played on common draws, whose parts add up, for mediators and for the threat's places."""

import pytest

from fragile_peace import Scenario, simulate
from fragile_peace.errors import InputError
from fragile_peace_lab.design.sweep import OWN_RUNS
from fragile_peace_lab.estimates.why import BY_PLACE, DIRECT, ORDER, PLACES, SHAPLEY
from fragile_peace_lab.running.why import MOST_MEMBERS, members, places, why
from tests.tools.worlds import EVENTFUL, small

SEED, WEEKS, RUNS = 3, 12, 24
QUIET = small(EVENTFUL, {"threat.level": 0, "commitment.upkeep": 1.6, "russia.strike_value": 5})
LOUD = QUIET.override({"threat.level": 1})
OUTCOMES = ("strike_or_death", "strike_rate", "collapse")


@pytest.fixture(scope="module")
def found():
    return why([QUIET, QUIET.override({"russia.face": 0.5})], [LOUD, LOUD.override({"russia.face": 0.5})],
               RUNS, SEED, WEEKS, outcomes=OUTCOMES)  # fmt: skip


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_split_adds_up_to_the_difference(found, outcome):
    table = found.table[found.table["outcome"] == outcome]
    levels = table[table["split"] == "levels"].set_index("part")["estimate"]
    for split in (ORDER, SHAPLEY, BY_PLACE):
        parts = table[table["split"] == split]["estimate"]
        assert parts.sum() == pytest.approx(levels["total"], abs=1e-12), split
        assert parts.abs().max() > 0, split
    assert (table["n_members"] == 2).all()
    assert (table["n_draws"] == RUNS).all()


def test_the_levels_are_those_of_ordinary_runs_with_draws_of_each_members_own(found):
    table = found.table.set_index(["outcome", "part"])["estimate"]
    for part, world in (("before", QUIET), ("after", LOUD)):
        runs = [
            simulate([one], RUNS, SEED, WEEKS, first_run=member * OWN_RUNS)[0]
            for member, one in enumerate((world, world.override({"russia.face": 0.5})))
        ]
        rate = 1000 * sum(o["strikes"].sum() for o in runs) / sum(o["troop_years"].sum() for o in runs)
        assert table["strike_rate", part] == pytest.approx(rate, rel=1e-12)


def test_threads_do_not_matter(found):
    pairs = [QUIET, QUIET.override({"russia.face": 0.5})], [LOUD, LOUD.override({"russia.face": 0.5})]
    again = why(*pairs, RUNS, SEED, WEEKS, outcomes=OUTCOMES, threads=1)
    assert again.table.equals(found.table)
    assert again.fewer == found.fewer


def test_what_moves_nothing_but_who_joins_has_no_direct_part():
    """Upkeep is read by those who join or stay alone: without reviews of theirs or of the war all is presence."""
    calm = {"force.review_weeks": 104, "war.review_weeks": 52, "fatality.raid_russia": 0, "fatality.probe_russia": 0,
            "fatality.raid_ukraine": 0, "fatality.probe_ukraine": 0, "fatality.strike": 0}  # fmt: skip
    cheap = QUIET.override({**calm, "commitment.upkeep": 0})
    dear = cheap.override({"commitment.upkeep": 6})
    found = why([cheap], [dear], RUNS, SEED, WEEKS, outcomes=("disputed_share", "violations_recorded_line"))
    assert found.fewer
    order = found.table[found.table["split"] == ORDER].set_index(["outcome", "part"])["estimate"]
    for (_, part), estimate in order.items():
        assert (estimate != 0) == (part == "presence"), part
    assert (found.table[found.table["part"] == DIRECT]["estimate"] == 0).all()


def test_a_threat_in_none_of_its_places_is_words_and_in_all_the_threat():
    found = places(QUIET, LOUD)
    assert len(found) == 8
    none, every = (simulate([found[frozenset(chosen)]], RUNS, SEED, WEEKS)[0] for chosen in ((), PLACES))
    for outcomes, world in ((none, QUIET), (every, LOUD)):
        plain = simulate([world], RUNS, SEED, WEEKS)[0]
        assert all((outcomes[name] == plain[name]).all() for name in outcomes.dtype.names if name != "threat")


def test_a_threat_made_quieter_is_split_too():
    quieter = why([LOUD], [QUIET], RUNS, SEED, WEEKS, outcomes=["strike_rate"]).table.set_index(["split", "part"])
    louder = why([QUIET], [LOUD], RUNS, SEED, WEEKS, outcomes=["strike_rate"]).table.set_index(["split", "part"])
    for place in PLACES:
        assert quieter.loc[BY_PLACE, place]["estimate"] == pytest.approx(-louder.loc[BY_PLACE, place]["estimate"])


@pytest.mark.parametrize("changes", [{"mandate.roe": "observe"}, {"threat.level": 0.5, "mandate.roe": "observe"}])
def test_only_a_threat_that_alone_is_changed_has_places(changes):
    assert places(QUIET, QUIET.override(changes)) == {}


def test_members_are_the_first_samples_of_a_sweep_under_the_settings():
    world = Scenario.load("reassurance_15k")
    two = members(world, "legitimate_targets", 2, {"threat.level": 0.25, "russia.face": 0.9})
    assert [one.threat.level for one in two] == [0.25, 0.25]
    assert [one.russia.face for one in two] == [0.9, 0.9]
    assert {one.threat.sincerity for one in two} == {0.2}
    assert two[0].russia.strike_threat != two[1].russia.strike_threat
    (one,) = members(world, "legitimate_targets", 1, {"threat.level": 0.25, "russia.face": 0.9})
    assert one.digest == two[0].digest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([QUIET], [QUIET], RUNS), "change: nothing is changed; both settings are the same"),
        (([QUIET], [LOUD], 1), "draws: 1 is not allowed; must be a whole number from 2 to"),
        (([], [], RUNS), "members: 0 is not allowed"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, message):
    with pytest.raises(InputError, match=message):
        why(*arguments, SEED, WEEKS)


def test_an_unknown_outcome_is_refused_with_the_nearest():
    with pytest.raises(InputError) as refused:
        why([QUIET], [LOUD], RUNS, SEED, WEEKS, outcomes=["colapse"])
    assert str(refused.value).startswith("outcome: 'colapse' is not allowed; must be an outcome")
    assert str(refused.value).endswith("did you mean collapse?")


def test_the_run_indices_of_all_members_fit():
    assert MOST_MEMBERS * OWN_RUNS == 1 << 32
