"""The Mesa model: the same run as the engine's, bit for bit, and what a Mesa user expects of a model."""

import gc
import inspect
import re
import subprocess
import sys
import weakref
from datetime import date, timedelta

import mesa
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mesa.batchrunner import batch_run

import fragile_peace.runs.single
from fragile_peace import CeasefireModel, Scenario, simulate, simulate_weekly
from fragile_peace.declared.scenario import shipped
from fragile_peace.errors import InputError, SolverError
from fragile_peace.kernels import week as week_kernels
from fragile_peace.mesa.agents import EuropeanContingent, Place
from fragile_peace.mesa.theatre import AGENT_REPORTERS, MODEL_REPORTERS, PHASE_NAMES
from fragile_peace.runs.simulation import MOMENTS
from fragile_peace.runs.single import SingleRun
from fragile_peace.state import OUTCOMES, WEEK
from tests.tools.strategies import scenarios
from tests.tools.worlds import REAR, RESCALED

SEED = 20260101
SHIPPED = shipped()
SEEDED_BY_MESA = int(mesa.__version__.split(".")[1]) >= 4
"""From 3.4 on Mesa's batch runner hands seeds to the model by `rng=`, not by `iterations=`."""
TALL = {"reassurance_15k": 104}
"""Horizon of the parity runs; the other scenarios play 52 weeks."""
SHORT = Scenario.load("reassurance_15k").override({"weeks": 6})


def assert_same_run(theatre: CeasefireModel, outcomes: np.void, weeks: np.ndarray) -> None:
    """Every outcome and every weekly record equal bit for bit; names the first field that is not."""
    played = theatre.outcomes
    assert played.dtype == OUTCOMES
    for name in OUTCOMES.names:
        assert played[name].tobytes() == outcomes[name].tobytes(), name
    ours, theirs = theatre.weeks, weeks[: outcomes["weeks"]]
    assert len(ours) == len(theirs)
    for name in WEEK.names:
        assert ours[name].tobytes() == theirs[name].tobytes(), name


def parity(world: Scenario, runs: int, weeks: int, seed: int = SEED) -> None:
    engine = simulate_weekly([world], runs, seed, weeks, kept=runs)
    for run in range(runs):
        theatre = CeasefireModel(world, seed, run, weeks, keep_weeks=True)
        theatre.run()
        assert_same_run(theatre, engine.outcomes[0, run], engine.weeks[0, run])


@pytest.mark.parametrize("name", SHIPPED)
def test_every_record_of_every_shipped_scenario_equals_the_engines(name):
    parity(Scenario.load(name), runs=20, weeks=TALL.get(name, 52))


@pytest.mark.parametrize("world", [REAR, RESCALED], ids=lambda world: world.name)
def test_a_force_in_the_rear_and_one_that_changes_its_size_equal_the_engines(world):
    parity(world, runs=10, weeks=world.weeks)


def test_twelve_scenarios_are_shipped():
    assert len(SHIPPED) == 12


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(wide=False), st.integers(0, (1 << 63) - 1))
def test_random_scenarios_equal_the_engines(world, seed):
    parity(world, runs=3, weeks=12, seed=seed)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(wide=True))
def test_random_scenarios_anywhere_within_their_bounds_equal_the_engines(world):
    parity(world, runs=2, weeks=12)


def test_phases_run_in_order_and_once_a_step(monkeypatch):
    called = []

    def spy(phase):
        return lambda *rows: (called.append(phase.__name__), phase(*rows))

    monkeypatch.setattr(fragile_peace.runs.single, "PHASES", tuple(map(spy, week_kernels.PHASES)))
    theatre = CeasefireModel(seed=0, run=1)
    for week in range(1, 4):
        theatre.step()
        assert called == list(PHASE_NAMES) * week


def test_the_compiled_week_has_the_phases_in_the_same_order():
    advance = getattr(week_kernels.advance, "py_func", week_kernels.advance)
    calls = re.findall(r"^ +(\w+)\(", inspect.getsource(advance).partition('"""')[2].partition('"""')[2], re.M)
    assert calls == ["clear_week", *PHASE_NAMES, "close_week"]


def test_agents_are_called_in_each_phase_in_which_they_decide(monkeypatch):
    called = []
    for kind in ("Russia", "Ukraine", "UnitedStates", "EuropeanContingent"):
        cls = getattr(fragile_peace.mesa.agents, kind)
        for name in cls.phases:
            own = getattr(cls, name)
            monkeypatch.setattr(
                cls, name, lambda self, name=name, own=own: (called.append((name, self.name)), own(self))
            )
    theatre = CeasefireModel(SHORT, seed=0)
    theatre.step()
    nations = list(theatre.contingents)
    assert called == [
        *(("deploy", nation) for nation in nations),
        ("act", "Russia"),
        ("act", "Ukraine"),
        *(("respond", nation) for nation in nations),
        ("guarantee", "United States"),
        ("reply", "Russia"),
        *(("commit", nation) for nation in nations),
        ("resume", "Russia"),
        ("resume", "Ukraine"),
    ]


def test_a_phase_out_of_turn_is_refused(monkeypatch):
    theatre = CeasefireModel(SHORT, seed=0)
    with pytest.raises(RuntimeError, match="act: phases are played within a step"):
        theatre.russia.act()
    monkeypatch.setattr(EuropeanContingent, "deploy", lambda self: theatre.russia.act())
    with pytest.raises(RuntimeError, match="act: it is the turn of deploy"):
        theatre.step()


def numpys_state() -> list:
    return np.random.get_state()[1].tolist()  # noqa: NPY002 - it is what must not be touched


def test_mesas_random_numbers_are_never_used():
    theatre = CeasefireModel(seed=0, run=4)
    before = theatre.random.getstate(), theatre.rng.bit_generator.state, numpys_state()
    theatre.run()
    after = theatre.random.getstate(), theatre.rng.bit_generator.state, numpys_state()
    assert before == after
    other = CeasefireModel(seed=0, run=4)
    other.random.seed(1)
    other.rng = np.random.default_rng(2)
    assert other.run().tobytes() == theatre.outcomes.tobytes()


def test_mesas_random_numbers_differ_between_runs():
    """Whoever extends the model with Mesa's own generators gets others in each run, and the same in the same run."""
    drawn = [CeasefireModel(SHORT, seed, run).rng.random() for seed, run in ((1, 0), (1, 1), (2, 0), (1, 0))]
    assert drawn[0] == drawn[3]
    assert len(set(drawn)) == 3


def test_a_run_stops_at_the_horizon():
    theatre = CeasefireModel("donbas_2019", seed=0, weeks=3)
    theatre.run_model()
    assert (theatre.steps, theatre.running, theatre.outcomes["weeks"]) == (3, False, 3)
    assert theatre.outcomes["end_cause"] == 0


def test_a_run_stops_at_a_war():
    outcomes = simulate([Scenario.load("no_force")], 30, 0)[0]
    ended = [run for run in range(30) if outcomes["rung"][run] >= 5]
    assert ended
    theatre = CeasefireModel("no_force", seed=0, run=ended[0])
    theatre.run_model()
    assert theatre.running is False
    assert theatre.steps == outcomes["weeks"][ended[0]] < theatre.single.horizon
    assert theatre.week["rung"] == theatre.outcomes["rung"] >= 5


def test_stepping_after_the_end_does_nothing():
    theatre = CeasefireModel(SHORT, seed=0, weeks=2)
    theatre.run()
    before = theatre.outcomes.tobytes(), theatre.week.tobytes(), theatre.steps, theatre.date
    for _ in range(3):
        theatre.step()
    assert (theatre.outcomes.tobytes(), theatre.week.tobytes(), theatre.steps, theatre.date) == before
    assert len(theatre.datacollector.get_model_vars_dataframe()) == 2
    assert theatre.running is False


def test_model_reporters_have_a_row_a_week():
    theatre = CeasefireModel(seed=0, run=1, keep_weeks=True)
    theatre.run()
    table = theatre.datacollector.get_model_vars_dataframe()
    assert list(table) == list(MODEL_REPORTERS)
    assert len(table) == theatre.steps == len(theatre.weeks)
    assert table["week"].tolist() == list(range(theatre.steps))
    assert table["date"].tolist() == [(date(2027, 3, 8) + timedelta(weeks=k)).isoformat() for k in range(theatre.steps)]
    for column, field in (("threat_credibility", "mu"), ("guarantee_credibility", "gamma"), ("readiness", "B")):
        assert table[column].tolist() == theatre.weeks[field].tolist()
    assert table["nations"].tolist() == theatre.weeks["in_n"].sum(axis=1).tolist()
    assert table["local_deaths"].tolist() == theatre.weeks["local_deaths_s"].sum(axis=1).tolist()
    assert table["rung"].tolist() == theatre.weeks["rung"].tolist()


def test_model_reporters_equal_the_engines_weekly_sums():
    theatre = CeasefireModel(seed=0, run=0)
    theatre.run()
    table = theatre.datacollector.get_model_vars_dataframe()
    moments = simulate_weekly([theatre.world], 1, 0).moments[0, : theatre.steps]
    sums = dict(zip(MOMENTS, moments.T, strict=True))
    for column, name in (
        ("recorded", "recorded"), ("european_deaths", "deaths"), ("threat_credibility", "mu"), ("troops", "troops"),
        ("guarantee_credibility", "gamma"), ("readiness", "B"), ("line_tension", "line_tension"),
        ("line_restraint", "line_restraint"),
    ):  # fmt: skip
        assert table[column].tolist() == sums[name].tolist(), column
    assert (table["recorded"] + table["missed"]).tolist() == sums["true"].tolist()


@pytest.mark.parametrize("kind", AGENT_REPORTERS, ids=lambda kind: kind.__name__)
def test_agent_reporters_have_a_row_for_each_agent_and_week(kind):
    theatre = CeasefireModel(SHORT, seed=0, keep_weeks=True)
    theatre.run()
    table = theatre.datacollector.get_agenttype_vars_dataframe(kind)
    agents = theatre.agents_by_type[kind]
    assert list(table) == list(AGENT_REPORTERS[kind])
    assert len(table) == theatre.steps * len(agents)
    last = table.loc[theatre.steps]
    for agent in agents:
        row = last.loc[agent.unique_id]
        assert all(row[name] == getattr(agent, name) or getattr(agent, name) is None for name in table)


def test_place_reporters_hold_the_weekly_records():
    theatre = CeasefireModel(SHORT, seed=0, keep_weeks=True)
    theatre.run()
    table = theatre.datacollector.get_agenttype_vars_dataframe(Place)
    count = len(theatre.places)
    for column, field in (("tension", "x_s"), ("restraint", "r_s"), ("garrison", "m_s"), ("deaths", "deaths_s")):
        assert table[column].tolist() == theatre.weeks[field][:, :count].ravel().tolist()


@pytest.mark.parametrize("name", ["reassurance_15k", "no_force"])
def test_the_collector_keeps_the_records_that_mesas_keeps(name):
    theatre = CeasefireModel(name, seed=0, weeks=6)
    reporters = {kind: {name: name for name in names} for kind, names in AGENT_REPORTERS.items()}
    plain = mesa.DataCollector(model_reporters=MODEL_REPORTERS, agenttype_reporters=reporters)
    while theatre.running:
        theatre.step()
        plain.collect(theatre)
    assert len(plain._agenttype_records) == theatre.steps
    for stamp, records in plain._agenttype_records.items():
        assert theatre.datacollector._agenttype_records[stamp] == records
    assert theatre.datacollector.model_vars == plain.model_vars


def test_weeks_are_kept_only_on_request():
    theatre = CeasefireModel(SHORT, seed=0)
    with pytest.raises(RuntimeError, match="keep_weeks=True"):
        _ = theatre.weeks
    theatre = CeasefireModel(SHORT, seed=0, keep_weeks=True)
    assert len(theatre.weeks) == 0
    theatre.step()
    assert theatre.weeks.tobytes() == theatre.week.tobytes()


def test_the_date_is_the_first_day_of_the_last_week_played():
    theatre = CeasefireModel(seed=0)
    assert theatre.date == date(2027, 3, 8)
    theatre.step()
    assert theatre.date == date(2027, 3, 8)
    theatre.step()
    assert theatre.date == date(2027, 3, 15)


def test_a_scenario_may_be_given_by_name_path_or_itself(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SHORT.to_yaml())
    ran = [CeasefireModel(world, seed=1).run().tobytes() for world in (SHORT, path, str(path))]
    assert len(set(ran)) == 1
    assert CeasefireModel("donbas_2019", seed=0).world == Scenario.load("donbas_2019")


def test_the_outcomes_row_is_a_copy():
    theatre = CeasefireModel(SHORT, seed=0)
    outcomes = theatre.run()
    outcomes["weeks"] = 99
    assert theatre.outcomes["weeks"] != 99


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed: -1 is not allowed"),
        ({"seed": 1.5}, "seed: 1.5 is not allowed"),
        ({"seed": 1 << 63}, "seed"),
        ({"run": -1}, "run: -1 is not allowed"),
        ({"run": True}, "run: true is not allowed"),
        ({"run": 1 << 32}, "run"),
        ({"weeks": 0}, "weeks: 0 is not allowed; must be a whole number from 1 to 1040"),
        ({"weeks": 1041}, "weeks: 1041"),
        ({"weeks": True}, "weeks: true is not allowed"),
        ({"weeks": 2.0}, "weeks: 2.0 is not allowed"),
        ({"scenario": "reasurance_15k"}, "did you mean reassurance_15k"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, message):
    with pytest.raises(InputError, match=re.escape(message)):
        CeasefireModel(**arguments)


def test_numpy_integers_are_as_good_as_pythons():
    given = CeasefireModel(SHORT, np.int64(3), np.int32(2), np.int64(4)).run()
    assert given.tobytes() == CeasefireModel(SHORT, 3, 2, 4).run().tobytes()


def test_without_a_seed_every_run_is_another_and_says_which():
    """Mesa's batch runner makes its iterations so: they must not be one run, four times."""
    parameters = {"scenario": [SHORT], "weeks": 8}
    four = {"rng": [None] * 4} if SEEDED_BY_MESA else {"iterations": 4}
    rows = batch_run(CeasefireModel, parameters, number_processes=1, display_progress=False, **four)
    seeds = {row["RunId"]: row["seed"] for row in rows}
    assert len(set(seeds.values())) == 4
    for row in rows:
        again = CeasefireModel(SHORT, row["seed"], row["run"], 8)
        again.run()
        assert again.datacollector.model_vars["threat_credibility"][-1] == row["threat_credibility"]


def test_a_model_that_nobody_holds_is_gone():
    """Mesa 3.3 kept all of them, .4 MB each, for the numbers of their agents."""
    theatre = CeasefireModel(SHORT, seed=0, weeks=2)
    theatre.run()
    assert [agent.unique_id for agent in theatre.agents] == list(range(1, len(theatre.agents) + 1))
    gone = weakref.ref(theatre)
    del theatre
    gc.collect()
    assert gone() is None


def test_the_name_scenario_is_left_to_mesa():
    """Mesa 3.5's visualisation takes `declared.scenario` for one of its own and would rebuild it without ours."""
    theatre = CeasefireModel(SHORT, seed=0)
    assert getattr(theatre, "scenario", None) is None
    with pytest.raises(AttributeError, match="`world`"):
        _ = theatre.scenario


def test_mesas_batch_runner_runs_it():
    parameters = {"scenario": [SHORT], "run": range(3)} | ({} if SEEDED_BY_MESA else {"seed": 0})
    seeds = {"rng": [0]} if SEEDED_BY_MESA else {}
    found = batch_run(CeasefireModel, parameters, number_processes=1, display_progress=False, **seeds)
    outcomes = simulate([SHORT], 3, 0)[0]
    last = {row["run"]: row["threat_credibility"] for row in found}
    assert [last[run] for run in range(3)] == outcomes["mu"].tolist()


def test_a_failed_game_names_scenario_run_week_and_place(monkeypatch):
    """From the third week on a parameter is not a number, so that the kernels themselves fail."""
    laid_out = fragile_peace.runs.single.laid_out

    def spoilt(given):
        parameters, first = laid_out(given)
        extra = np.concatenate([parameters, parameters])
        extra[0]["until_week"], extra[0]["next_row"] = 2, 1
        extra[1]["g_probe"] = np.nan
        return extra, first

    monkeypatch.setattr(fragile_peace.runs.single, "laid_out", spoilt)
    theatre = CeasefireModel(SHORT, seed=0, run=7)
    theatre.step()
    theatre.step()
    with pytest.raises(SolverError, match=r"incident game at Vovchansk .*reassurance_15k .*run 7, week 2"):
        theatre.step()
    assert theatre.running is False


def test_a_single_run_refuses_to_go_on_after_its_end():
    single = SingleRun(SHORT, weeks=1)
    single.advance()
    with pytest.raises(InputError, match="the run ended in week 1"):
        single.advance()


def test_one_call_a_week_and_phase_by_phase_are_the_same():
    whole, parts = SingleRun(SHORT, 5, 2), SingleRun(SHORT, 5, 2)
    while whole.alive:
        whole.advance()
        parts.open_week()
        for name in PHASE_NAMES:
            parts.phase(name)
        parts.close_week()
        for name in ("state", "week", "outcomes", "games"):
            assert getattr(whole, name).tobytes() == getattr(parts, name).tobytes(), name
    assert not parts.alive


def test_importing_and_simulating_do_not_import_mesa():
    code = (
        "import sys, fragile_peace as f; world = f.Scenario.load('donbas_2019'); f.simulate([world], 1, 0, 2);"
        "f.simulate_weekly([world], 1, 0, 2, kept=1); import fragile_peace.runs.single; print('mesa' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
