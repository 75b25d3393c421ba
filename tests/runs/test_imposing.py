"""Imposed paths: a run's own changes nothing, Mesa plays the same digits, weeks start with what is imposed."""

import numpy as np
import pytest

from fragile_peace import CeasefireModel, Scenario, simulate, simulate_weekly
from fragile_peace.errors import InputError
from fragile_peace.runs import simulation
from fragile_peace.runs.imposing import FIELDS, MEDIATORS, Imposed
from fragile_peace.runs.simulation import recorded
from fragile_peace.runs.single import PHASE_NAMES, SingleRun
from fragile_peace.state import OUTCOMES
from tests.mesa.test_theatre import assert_same_run
from tests.tools.worlds import EVENTFUL, WARLIKE, small

SEED, RUNS, WEEKS = 20260101, 12, 26
EVENTS = small(EVENTFUL, {"commitment.upkeep": 1.6})
LOUD = EVENTS.override({"threat.level": 1.0, "russia.strike_value": 5})
WARS = small(EVENTFUL, WARLIKE)


def mediators(*names):
    return [field for name in names for field in MEDIATORS[name]]


@pytest.fixture(scope="module")
def path():
    return recorded(EVENTS, RUNS, SEED, WEEKS)[1]


@pytest.mark.parametrize("world", [EVENTS, WARS, Scenario.load("reassurance_15k")], ids=["events", "wars", "shipped"])
def test_a_runs_own_path_changes_nothing(world):
    outcomes, own = recorded(world, RUNS, SEED, WEEKS)
    assert (outcomes == simulate([world], RUNS, SEED, WEEKS)[0]).all()
    for fields in (FIELDS, *(mediators(name) for name in MEDIATORS)):
        assert (simulate([world], RUNS, SEED, WEEKS, impose=Imposed(own, fields))[0] == outcomes).all()


@pytest.mark.parametrize("fields", [FIELDS, *(mediators(name) for name in MEDIATORS)], ids=["all", *MEDIATORS])
def test_mesa_plays_the_same_digits_on_the_same_path(path, fields):
    impose = Imposed(path, fields)
    engine = simulate_weekly([LOUD], RUNS, SEED, WEEKS, kept=RUNS, impose=impose)
    for run in range(RUNS):
        theatre = CeasefireModel(LOUD, SEED, run, WEEKS, keep_weeks=True, impose=impose)
        theatre.run()
        assert_same_run(theatre, engine.outcomes[0, run], engine.weeks[0, run])
    assert (engine.outcomes != simulate([LOUD], RUNS, SEED, WEEKS)).any()


def test_weeks_start_with_the_path_and_past_its_end_move_by_themselves():
    wars = recorded(WARS, RUNS, SEED, WEEKS)[1]
    run = int(np.argmin(wars.weeks))
    end = int(wars.weeks[run])
    assert 2 < end < WEEKS - 4
    calm = WARS.override({"war.prize": 0, "war_ukraine.prize": 0, "war_response.spiral_us": 0,
                          "war_response.spiral_coalition": 0})  # fmt: skip
    single = SingleRun(calm, SEED, run, WEEKS, Imposed(wars, mediators("presence", "beliefs", "tension")))
    started = []
    while single.alive:
        single.open_week()
        started.append(single.state.copy())
        for name in PHASE_NAMES:
            single.phase(name)
        single.close_week()
    for field in mediators("presence", "beliefs", "tension"):
        mine = np.array([state[field] for state in started])
        assert mine[:end].tobytes() == wars.states[run, :end][field].tobytes(), field
    assert len(started) == WEEKS
    assert len({float(state["mu"]) for state in started[end:]}) > 1


def test_what_works_through_beliefs_and_who_joins_alone_is_nothing_once_both_are_imposed():
    """Beliefs at the start move nothing else where types are never redrawn: every event is the baseline's."""
    before = EVENTS.override({"beliefs.redraw": 0, "threat.sincerity": 0.4, "guarantee.sincerity": 0.4})
    after = before.override({"threat.credibility": 0.05, "guarantee.credibility": 0.15})
    outcomes, path = recorded(before, RUNS, SEED, WEEKS)
    held = simulate([after], RUNS, SEED, WEEKS, impose=Imposed(path, mediators("presence", "beliefs")))[0]
    free = simulate([after], RUNS, SEED, WEEKS)[0]
    joining = {"joined", "left_week_n", "rounds", "residual"}
    for name in OUTCOMES.names:
        assert name in joining or held[name].tobytes() == outcomes[name].tobytes(), name
    assert (free["compensator"] != outcomes["compensator"]).any()


def test_threads_blocks_and_company_do_not_matter(path, monkeypatch):
    impose = Imposed(path, mediators("presence"))
    whole = simulate([LOUD], RUNS, SEED, WEEKS, impose=impose, threads=1)[0]
    assert (simulate([LOUD], 3, SEED, WEEKS, first_run=7, impose=impose)[0] == whole[7:10]).all()
    assert (simulate([EVENTS, LOUD], RUNS, SEED, WEEKS, impose=impose, threads=2)[1] == whole).all()
    monkeypatch.setattr(simulation, "BLOCK", 5)
    assert (simulate([LOUD], RUNS, SEED, WEEKS, impose=impose, threads=2)[0] == whole).all()


def test_every_field_of_the_groups_can_be_imposed_and_none_is_in_two():
    fields = mediators(*MEDIATORS)
    assert set(fields) <= set(FIELDS)
    assert len(fields) == len(set(fields))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda path: Imposed(path, ["tensions"]), "fields: 'tensions' is not allowed; must be among "),
        (lambda path: Imposed(path, ["seed"]), "fields: 'seed' is not allowed"),
        (lambda path: Imposed(path, ["x_t"]), "did you mean x_s"),
        (lambda path: play(path, seed=3), f"impose: seed 3 is not allowed; must be {SEED}, that of the path"),
        (lambda path: play(path, first=6), "impose: runs 6 to 17 are not allowed; the path has runs 0 to 11"),
        (
            lambda path: play(path, world=Scenario.load("reassurance_15k")),
            "impose: the places of reassurance_15k are not those of small",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(path, what, message):
    with pytest.raises(InputError) as refused:
        what(path)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def play(path, world=LOUD, seed=SEED, first=0):
    return simulate([world], RUNS, seed, WEEKS, first_run=first, impose=Imposed(path, ["mu"]))
