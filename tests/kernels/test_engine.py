"""The compiled engine: the same bits however the work is spread, common random numbers, and clear failures."""

import threading
import time
from itertools import pairwise

import numpy as np
import pytest

import fragile_peace.runs.simulation
from fragile_peace import Scenario, simulate, simulate_weekly
from fragile_peace.codes import Stream
from fragile_peace.declared.scenario import shipped
from fragile_peace.errors import InputError, SolverError
from fragile_peace.kernels.chance.draws import bernoulli, categorical, uniform
from fragile_peace.runs.simulation import MOMENTS, Cancelled
from fragile_peace.runs.single import SingleRun
from fragile_peace.state import OUTCOMES, WEEK

SEED = 7
DEFAULT = Scenario.load("reassurance_15k")
NO_FORCE = Scenario.load("no_force")
TWO = [DEFAULT.override({"weeks": 20}), NO_FORCE.override({"weeks": 30})]


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@pytest.fixture(scope="module")
def whole() -> np.ndarray:
    return simulate(TWO, 150, SEED, threads=1)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_do_not_matter(whole, threads):
    assert same(simulate(TWO, 150, SEED, threads=threads), whole)


@pytest.mark.parametrize("cuts", [(0, 7, 70, 150), (0, 64, 128, 150), (0, 1, 2, 149, 150)])
def test_chunks_do_not_matter(whole, cuts):
    parts = [simulate(TWO, b - a, SEED, first_run=a) for a, b in pairwise(cuts)]
    assert same(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("block", [1, 5, 1000])
def test_blocks_do_not_matter(whole, block, monkeypatch):
    monkeypatch.setattr(fragile_peace.runs.simulation, "BLOCK", block)
    assert same(simulate(TWO, 150, SEED), whole)


@pytest.mark.parametrize("run", [0, 63, 64, 149])
def test_a_run_alone_is_the_run_in_the_batch(whole, run):
    assert same(simulate(TWO, 1, SEED, first_run=run)[:, 0], whole[:, run])


def test_a_scenario_alone_is_the_scenario_among_others(whole):
    assert same(simulate(TWO[1:], 150, SEED), whole[1:])
    assert same(simulate([*reversed(TWO), TWO[0]], 150, SEED), whole[[1, 0, 0]])


def test_the_last_run_index_and_the_largest_seed_are_usable():
    first = (1 << 32) - 3
    outcomes = simulate([TWO[0]], 2, (1 << 63) - 1, 2, first_run=first)
    assert same(outcomes[:, 1:], simulate([TWO[0]], 1, (1 << 63) - 1, 2, first_run=first + 1))


def test_keeping_weeks_changes_no_outcome_and_threads_no_week():
    weekly = [simulate_weekly(TWO, 150, SEED, 30, kept=kept, threads=t) for kept, t in ((0, 1), (70, 2), (150, 1))]
    plain = simulate(TWO, 150, SEED, 30)
    for result in weekly:
        assert same(result.outcomes, plain)
        assert same(result.moments, weekly[0].moments)
    assert same(weekly[2].weeks[:, :70], weekly[1].weeks)
    assert weekly[0].weeks.shape == (2, 0, 30)


def test_moments_are_the_sums_of_the_weeks():
    result = simulate_weekly([DEFAULT], 40, SEED, 60, kept=40)
    weeks, moments = result.weeks[0], dict(zip(MOMENTS, result.moments[0].T, strict=True))
    alive = np.arange(60) < result.outcomes["weeks"][0][:, None]
    recorded = (weeks["recorded_R_s"] + weeks["recorded_U_s"]).sum(axis=2)
    true = recorded + (weeks["missed_R_s"] + weeks["missed_U_s"]).sum(axis=2)
    line = [s for s, place in enumerate(DEFAULT.places) if place.kind == 0]
    assert moments["alive"].tolist() == alive.sum(axis=0).tolist()
    assert moments["recorded"].tolist() == recorded.sum(axis=0).tolist()
    assert moments["recorded_squared"].tolist() == (recorded**2).sum(axis=0).tolist()
    assert moments["true"].tolist() == true.sum(axis=0).tolist()
    assert moments["deaths"].tolist() == weeks["deaths_s"].sum(axis=(0, 2)).tolist()
    for name in ("mu", "gamma", "B", "troops"):
        assert moments[name] == pytest.approx(weeks[name].sum(axis=0), rel=1e-12)
    assert moments["line_tension"] == pytest.approx(weeks["x_s"][:, :, line].mean(axis=2).sum(axis=0), rel=1e-12)
    assert not weeks[~alive].view(np.uint8).any()


def test_outcomes_are_the_sums_of_the_weeks():
    result = simulate_weekly([DEFAULT], 30, SEED, kept=30)
    weeks, outcomes = result.weeks[0], result.outcomes[0]
    assert outcomes.dtype == OUTCOMES
    assert weeks.dtype == WEEK
    for k, o in enumerate(outcomes):
        w = weeks[k, : o["weeks"]]
        assert o["recorded_R"].sum() == w["recorded_R_s"].sum()
        assert o["true_U"].sum() == (w["recorded_U_s"] + w["missed_U_s"]).sum()
        assert o["deaths"].sum() == o["deaths_n"].sum() == w["deaths_s"].sum() == w["deaths_n"].sum()
        assert o["decisions"].sum() == o["invocations"] == (w["decision_s"][:, :17] >= 0).sum()
        assert o["rung"] == w["rung"].max()
        assert o["rung_weeks"].sum() == o["weeks"]
        assert (o["mu"], o["gamma"], o["B"]) == (w["mu"][-1], w["gamma"][-1], w["B"][-1])
        assert o["left"] == w["left_n"].sum()


@pytest.mark.parametrize("name", ["reassurance_15k", "plan28", "donbas_truce_2020"])
def test_half_a_run_is_the_first_half_of_the_run(name):
    world = Scenario.load(name)
    long, short = (simulate_weekly([world], 12, SEED, weeks, kept=12) for weeks in (104, 52))
    assert same(np.ascontiguousarray(long.weeks[:, :, :52]), short.weeks)
    assert same(long.moments[:, :52], short.moments)
    over = short.outcomes["rung"] >= 5
    assert same(long.outcomes[over], short.outcomes[over])


CHANGES = {
    "mandate.roe": "enforce",
    "threat.level": 1.0,
    "guarantee.level": 0.0,
    "monitoring.isr": 0.0,
    "contingents.France.reputation": 0.0,
    "places.Kyiv.monitors": 300.0,
    "war.prize": 14.0,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_from_a_week_on_leaves_everything_before_it(name):
    base = {"guarantee.trigger": "any_fatality", "war.review_weeks": 4}
    calm = DEFAULT.override(base)
    data = calm.to_dict() | {"schedule": [{"week": 11, "set": {name: CHANGES[name]}}]}
    changed = Scenario.from_dict(data)
    one, other = (simulate_weekly([world], 15, SEED, 30, kept=15).weeks for world in (calm, changed))
    assert same(np.ascontiguousarray(one[:, :, :11]), np.ascontiguousarray(other[:, :, :11]))
    assert not same(one, other)


def test_a_change_to_the_value_there_was_changes_nothing():
    data = DEFAULT.to_dict() | {"schedule": [{"week": 5, "set": {"threat.level": 0.5}}]}
    one, other = (simulate_weekly([world], 10, SEED, 30, kept=10) for world in (DEFAULT, Scenario.from_dict(data)))
    assert same(one.weeks, other.weeks)
    assert same(one.outcomes, other.outcomes)


def grown(world: Scenario, place: dict) -> Scenario:
    data = world.to_dict()
    return Scenario.from_dict({**data, "places": [*data["places"], place]})


@pytest.mark.parametrize(
    "place",
    [
        {"name": "Extra border", "kind": "border", "length_km": 500, "hot_spot": 1.0},
        {"name": "Extra hub", "kind": "hub", "length_km": 0},
    ],
    ids=lambda place: place["kind"],
)
def test_one_more_place_changes_nobody_else(place):
    """Without a force both types of Russia play alike, so a place that adjoins no other touches none of them."""
    calm = NO_FORCE.override({"beliefs.redraw": 0.0})
    one, other = (simulate_weekly([world], 25, SEED, 60, kept=25).weeks[0] for world in (calm, grown(calm, place)))
    count = len(calm.places)
    for name in WEEK.names:
        if name in ("rung", "hazard", "rounds", "residual"):  # of the whole theatre
            continue
        ours, theirs = one[name], other[name]
        if name.endswith(("_s", "_sn")):
            ours, theirs = ours[:, :, :count], theirs[:, :, :count]
        assert np.array_equal(ours, theirs), name
    if place["kind"] == "border":
        assert other["recorded_R_s"][:, :, count].any()


def with_nation(world: Scenario, troops: float) -> Scenario:
    data = world.to_dict()
    share = 1 / len(world.places)
    more = {"name": "Extra", "troops": troops, "deployment": {place.name: share for place in world.places}}
    total = share * (len(world.places) - 1)
    more["deployment"][world.places[-1].name] = 1 - total
    return Scenario.from_dict({**data, "contingents": [*data["contingents"], more]})


def test_one_more_contingent_moves_no_draw():
    """With precision 0 both sides play uniformly: where they have the same actions they must take the same one."""
    names = ("russia", "ukraine", "contingent", "united_states")
    calm = DEFAULT.override({f"precision.{name}": 0.0 for name in names} | {"force.deploy_weeks": 0})
    calm = calm.override({"war_response.spiral_us": 0.0, "war_response.spiral_coalition": 0.0})
    worlds = (calm, with_nation(calm, 2.0))
    one, other = (simulate_weekly([world], 20, SEED, 30, kept=20) for world in worlds)
    both = np.minimum(one.outcomes["weeks"], other.outcomes["weeks"])[0]
    places = len(calm.places)
    compared = 0
    for k, weeks in enumerate(both):
        a, b = one.weeks[0, k, :weeks], other.weeks[0, k, :weeks]
        alike = ((a["m_s"] > 0) == (b["m_s"] > 0))[:, :places]
        assert np.array_equal(a["action_R_s"][:, :places][alike], b["action_R_s"][:, :places][alike])
        assert np.array_equal(a["action_U_s"][:, :places], b["action_U_s"][:, :places])
        assert np.array_equal(a["kappa"], b["kappa"])
        assert np.array_equal(a["recommitments"], b["recommitments"])
        compared += alike.sum()
    assert compared > 2000
    # A nation that stays with chance p stays for the same uniforms: never one where a higher chance does not.
    for k, weeks in enumerate(both):
        a, b = one.weeks[0, k, :weeks], other.weeks[0, k, :weeks]
        decided = (a["p_stay_n"] >= 0) & (b["p_stay_n"] >= 0)
        higher = np.where(a["p_stay_n"] >= b["p_stay_n"], a["in_n"], b["in_n"])
        lower = np.where(a["p_stay_n"] >= b["p_stay_n"], b["in_n"], a["in_n"])
        assert (higher >= lower)[decided].all()


def draw(single: SingleRun, week: int, index: int, stream: Stream) -> float:
    return uniform(single.seed, single.run, week, index, int(stream), 0)


@pytest.mark.parametrize("troops", [0.0, 1.0])
def test_every_choice_is_its_addresss_uniform_through_the_equilibrium(troops):
    """Whatever other places and nations there are, a draw's address is (seed, run, week, own index, stream)."""
    hot = {"russia.strike_gain": 1.0, "mandate.roe": "enforce", "guarantee.trigger": "any_fatality"}
    hot["commitment.legitimacy"] = 10.0
    world = DEFAULT.override({**hot, "force.deploy_weeks": 0, "war_response.spiral_us": 0.0})
    world = world.override({"war_response.spiral_coalition": 0.0})
    if troops:
        world = with_nation(grown(world, {"name": "Extra hub", "kind": "hub", "length_km": 0}), troops)
    seen = dict.fromkeys(("response", "decision", "reply", "stay"), 0)
    for run in range(12):
        single = SingleRun(world, SEED, run, 40)
        while single.alive:
            week = int(single.state["week"])
            w = single.advance()
            for s, g in enumerate(single.games):
                u = draw(single, week, s, Stream.ACTION_RUSSIA)
                assert w["action_R_s"][s] == categorical(u, g["p_R"][w["kappa"]], 4)
                u = draw(single, week, s, Stream.ACTION_UKRAINE)
                assert w["action_U_s"][s] == categorical(u, g["p_U"], 3)
                chance = g["chance"][w["action_R_s"][s], w["action_U_s"][s]]
                u = draw(single, week, s, Stream.FATALITY)
                assert w["K_s"][s] == bernoulli(u, chance[3] + chance[5] + chance[7])
                o = 2 * w["signal_s"][s] + w["K_s"][s]
                f, h = int(w["response_s"][s] == 1), int(w["decision_s"][s] == 2)
                for name, chances, stream in (
                    ("response", g["response"][o], Stream.RESPONSE),
                    ("decision", g["decision"][w["tau"], f, o], Stream.DECISION),
                    ("reply", g["reply"][w["kappa"], f, h], Stream.REPLY),
                ):
                    drawn = w[f"{name}_s"][s]
                    if drawn >= 0:
                        assert drawn == categorical(draw(single, week, s, stream), chances, 3), name
                        seen[name] += 1
            for n in np.flatnonzero(w["p_stay_n"] >= 0):
                stays = 1 - bernoulli(draw(single, week, n, Stream.STAY), 1.0 - w["p_stay_n"][n])
                if n < len(world.contingents):
                    assert w["in_n"][n] == stays
                    seen["stay"] += 1
    assert min(seen.values()) > 5, seen


@pytest.mark.parametrize("name", shipped())
def test_kernels_never_write_parameters(name, monkeypatch):
    made = []
    laid_out = fragile_peace.runs.simulation.laid_out

    def kept(world):
        parameters, first = laid_out(world)
        made.append((parameters, parameters.tobytes()))
        return parameters, first

    monkeypatch.setattr(fragile_peace.runs.simulation, "laid_out", kept)
    world = Scenario.load(name)
    data = world.to_dict() | {"schedule": [{"week": 3, "set": {"threat.level": 0.9}}]}
    simulate([world, Scenario.from_dict(data)], 5, SEED, 40)
    assert len(made) == 2
    assert all(parameters.tobytes() == before for parameters, before in made)


def test_several_python_threads_at_once_are_safe(whole):
    results: dict[int, np.ndarray] = {}

    def work(index: int) -> None:
        results[index] = simulate(TWO, 150, SEED, threads=2)

    callers = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(results) == 4
    assert all(same(result, whole) for result in results.values())


def test_progress_rises_to_the_whole():
    told = []
    simulate(TWO, 150, SEED, 5, threads=2, progress=lambda done, total: told.append((done, total)))
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert told[-1] == (300, 300)
    assert all(total == 300 for _, total in told)


def test_a_set_cancel_stops_before_anything_runs():
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        simulate(TWO, 150, SEED, cancel=cancel)


def test_cancel_stops_a_long_run_soon():
    cancel = threading.Event()
    started = time.monotonic()
    timer = threading.Timer(0.5, cancel.set)
    timer.start()
    with pytest.raises(Cancelled):
        simulate([DEFAULT], 50_000, SEED, 104, cancel=cancel)
    timer.cancel()
    assert time.monotonic() - started < 30  # the whole would take some ten minutes on one core


def test_an_error_in_progress_stops_the_run_and_comes_out():
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate([DEFAULT], 2000, SEED, 104, progress=stop)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scenarios": []}, "scenarios: none given"),
        ({"scenarios": "reassurance_15k"}, "scenarios: 'reassurance_15k' is not allowed"),
        ({"scenarios": DEFAULT}, "scenarios"),
        ({"scenarios": ["reassurance_15k"]}, "scenarios"),
        ({"runs": 0}, "runs: 0 is not allowed"),
        ({"runs": True}, "runs: true"),
        ({"runs": 2.0}, "runs: 2.0"),
        ({"runs": "5"}, "runs: '5'"),
        ({"seed": -1}, "seed: -1"),
        ({"seed": 1 << 63}, "seed"),
        ({"seed": None}, "seed: an empty value"),
        ({"weeks": 0}, "weeks: 0"),
        ({"weeks": 1041}, "weeks: 1041"),
        ({"weeks": 1.5}, "weeks: 1.5"),
        ({"threads": 0}, "threads: 0"),
        ({"threads": 2000}, "threads: 2000"),
    ],
)
@pytest.mark.parametrize("function", [simulate, simulate_weekly])
def test_bad_arguments_are_refused_in_one_line(function, arguments, message):
    with pytest.raises(InputError, match=message):
        function(**({"scenarios": [DEFAULT], "runs": 1, "seed": 0} | arguments))


@pytest.mark.parametrize("first_run", [-1, 1 << 32, (1 << 32) - 1, 0.5])
def test_a_bad_first_run_is_refused(first_run):
    with pytest.raises(InputError, match="first_run"):
        simulate([DEFAULT], 1, 0, first_run=first_run)


@pytest.mark.parametrize("kept", [-1, 3, 1.5, "1", True])
def test_a_bad_number_of_kept_runs_is_refused(kept):
    with pytest.raises(InputError, match="kept"):
        simulate_weekly([DEFAULT], 2, 0, kept=kept)


@pytest.mark.parametrize(
    ("symbol", "game"),
    [("g_probe", "incident game at Vovchansk"), ("prize_w", "review of the ceasefire"), ("upkeep", "commitment game")],
)
def test_a_failed_game_names_point_run_week_and_place(symbol, game, monkeypatch):
    """From week 3 on a parameter of the second point is not a number, so that the kernels themselves fail."""
    laid_out = fragile_peace.runs.simulation.laid_out

    def spoilt(world):
        parameters, first = laid_out(world)
        if world.name == "no_force":
            return parameters, first
        extra = np.concatenate([parameters, parameters])
        extra[0]["until_week"], extra[0]["next_row"] = 3, 1
        extra[1][symbol] = np.nan
        extra["commit_weeks"] = 4
        return extra, first

    monkeypatch.setattr(fragile_peace.runs.simulation, "laid_out", spoilt)
    with pytest.raises(SolverError, match=rf"{game} .*reassurance_15k \(point 1\), run 64, week 3$"):
        simulate([NO_FORCE, DEFAULT], 3, SEED, 10, first_run=64, threads=1)


@pytest.mark.boundscheck
@pytest.mark.parametrize("name", ["reassurance_15k", "plan28", "donbas_2019"])
def test_a_short_run_stays_within_its_arrays(name):
    """Under NUMBA_BOUNDSCHECK=1 an index outside an array raises."""
    outcomes = simulate_weekly([Scenario.load(name)], 5, SEED, 60, kept=2).outcomes
    assert (outcomes["weeks"] > 0).all()
