"""The plain Mesa model of `fragile_peace.reference` plays the engine's runs: a second implementation of docs/model.md.

Actions, signals, choices, counts and endings are equal; equilibria, reviews and beliefs are within 1e-9. The plain
model solves its games to 1e-12 here, the engine to 1e-10 (the tolerance both have by default).
"""

import mesa
import numpy as np
import pytest

from benchmarks import soak
from fragile_peace import Scenario, simulate
from fragile_peace.codes import EndCause, PlaceKind, Signal
from fragile_peace.declared.declaration import Contingent, Force, Place
from fragile_peace.outcomes import NEVER
from fragile_peace.reference.theatre import PlainModel
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import EVENTFUL, REAR, RESCALED, WARLIKE, small

SEED = 20260101
CLOSE = 1e-9
VIOLENT = small(
    EVENTFUL,
    dict.fromkeys((f"contingents.{nation}.aversion" for nation in ("Albion", "Borduria", "Caledonia")), 0.05),
    {"threat.sincerity": 1, "russia.strike_value": 6, "fatality.strike_tail": 2, "commitment.upkeep": 1.6},
    {"guarantee.trigger": "any_fatality", "war_response.spiral_us": 0.3, "war_response.spiral_coalition": 0.1},
)
"""Strikes, deaths, invocations, honouring, spirals and withdrawals within weeks."""
SCATTERED = Scenario(
    name="scattered",
    force=Force(deploy_weeks=0),
    places=tuple(
        Place(name=f"Place {s}", kind=kind, length_km=0 if kind == PlaceKind.HUB else 33.3 + s / 7)
        for s, kind in enumerate(map(PlaceKind, (0, 2, 0, 1, 0, 2, 0, 0, 1, 0, 1)))
    ),
    contingents=(
        Contingent(name="Albion", troops=3, deployment={f"Place {s}": 0.25 for s in (0, 1, 2, 4)}),
        Contingent(name="Borduria", troops=2, deployment={f"Place {s}": 0.25 for s in (5, 6, 7, 9)}),
    ),
).override(EVENTFUL)
"""Hubs in the middle, counted places that fill no whole pack, lengths that are not whole."""
BY_CLASS = {"war.module": "reference_class", "war.reference": "civil"}
LEAST = {"commitment.selection": "least", "commitment.solidarity": 8, "commitment.upkeep": 7}
RANDOM_WORLDS = (0, 4, 7, 11, 15, 21, 31, 32)


def codes(place):
    """What happened in a place of the plain model, as the engine's codes."""
    moves = (place.a, place.b, place.signal, place.K, place.response, place.decision, place.reply)
    return [-1 if move is None else int(move) for move in moves]


def largest_difference(run, model):
    """Check that a week happened alike in both; return the largest difference of its probabilities."""
    week, fields = run.week, ("action_R_s", "action_U_s", "signal_s", "K_s", "response_s", "decision_s", "reply_s")
    gaps = [week["mu"] - model.russia.belief, week["gamma"] - model.washington.belief, week["B"] - model.readiness]
    if week["p_resume_bluffing"] >= 0:
        gaps += [week["p_resume_bluffing"] - model.p_resume[0], week["p_resume_committed"] - model.p_resume[1]]
    if week["p_resume_ukraine"] >= 0:
        gaps.append(week["p_resume_ukraine"] - model.p_resume_ukraine)
    for s, place in enumerate(model.places):
        assert codes(place) == [week[field][s] for field in fields], (week["week"], place.place.name)
        game, rows = place.game, run.games[s]
        gaps += [p - rows["p_R"][kappa, a] for kappa in (0, 1) for a, p in game.russia[kappa].items()]
        gaps += [p - rows["p_U"][b] for b, p in game.ukraine.items()]
        gaps += [place.tension - week["x_s"][s], place.restraint - week["r_s"][s]]
    inside = [contingent.inside for contingent in model.contingents]
    assert inside == week["in_n"][: len(inside)].tolist()
    assert (model.rung, model.running) == (week["rung"], run.alive)
    return max(abs(gap) for gap in gaps)


def play_both(scenario, run, weeks=None):
    """Play a run in both; return what is to be compared at the end, and the largest difference on the way."""
    engine = SingleRun(scenario, SEED, run, weeks)
    plain = PlainModel(scenario, SEED, run, weeks, tolerance=1e-12)
    worst = 0.0
    while engine.alive:
        engine.advance()
        plain.step()
        worst = max(worst, largest_difference(engine, plain))
    assert counted(plain) == ended(engine.outcomes)
    return worst


def counted(model):
    return (
        model.week, model.end_cause, model.highest, model.recorded, model.violations, model.local_deaths,
        model.european_deaths, model.deliberate_deaths, model.disputed, model.games,
        round(model.planned_troop_years, 6), NEVER if model.nations_week_52 is None else model.nations_week_52,
    )  # fmt: skip


def ended(o):
    """The same of an OUTCOMES row."""
    recorded = o["recorded_R"].sum() + o["recorded_U"].sum()
    true = o["true_R"].sum() + o["true_U"].sum()
    deaths = o["deaths"].sum(), o["deliberate_deaths"].sum()
    numbers = (o["weeks"], o["end_cause"], o["rung"], recorded, true, o["local_deaths"], *deaths)
    counts = tuple(int(number) for number in (*numbers, o["disputed"], o["games"]))
    return *counts, round(o["planned_troop_years"], 6), int(o["nations_week_52"])


@pytest.mark.parametrize(
    ("scenario", "run", "weeks"),
    [
        (Scenario.load("reassurance_15k"), 0, 5),
        (Scenario.load("un_observers"), 4, 3),
        (Scenario.load("plan28"), 4, 20),
        (Scenario.load("donbas_truce_2020"), 1, 12),
        *((VIOLENT, run, 10) for run in range(6)),
        *((small(WARLIKE), run, 8) for run in range(3)),
        *((small(WARLIKE, BY_CLASS), run, 8) for run in range(3)),
        (small(WARLIKE, {"war.foresight_weeks": 1}), 0, 8),
        (small(WARLIKE, {"reconstitution.growth": 0.2, "reconstitution.ceiling": 0.3}), 0, 8),
        *((small(EVENTFUL, LEAST), run, 8) for run in range(2)),
        *((SCATTERED, run, 8) for run in range(2)),
        (Scenario.load("moscow_signals"), 3, 2),
        *((small({"threat.choice": "signal", "commitment.upkeep": 3.6}), run, 6) for run in range(2)),
        *((REAR, run, 8) for run in range(2)),
        *((RESCALED, run, 9) for run in range(2)),
        (RESCALED.override(EVENTFUL), 0, 9),
        (RESCALED.override(WARLIKE), 0, 9),
        (small(EVENTFUL, {"places.West.hot_spot": 20, "places.West.length_km": 5}), 0, 8),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_plays_the_engines_runs(scenario, run, weeks):
    assert play_both(scenario, run, weeks) < CLOSE


@pytest.mark.parametrize("number", RANDOM_WORLDS)
def test_plays_the_engines_runs_in_random_worlds(number):
    assert play_both(soak.world(1, number), 0) < CLOSE


def test_the_violent_runs_have_every_kind_of_event():
    outcomes = simulate([VIOLENT], 6, SEED, 10)[0]
    for field in ("strikes", "deaths", "left"):
        assert outcomes[field].sum() > 0, field
    for field in ("responses", "decisions"):
        assert (outcomes[field].sum(axis=0) > 0).all(), field
    assert {EndCause.HORIZON, EndCause.SPIRAL_COALITION, EndCause.SPIRAL_US} <= set(outcomes["end_cause"].tolist())


def test_mesas_batch_runner_plays_the_same_runs():
    """Iterations would repeat a seeded run (a trap of Mesa's): runs are told apart by a parameter."""
    scenario = small({"weeks": 4})
    rows = mesa.batch_run(PlainModel, {"scenario": [scenario], "key": SEED, "run": range(3)}, display_progress=False)
    outcomes = simulate([scenario], 3, SEED)[0]
    assert [row["run"] for row in rows] == [0, 1, 2]
    first = int(tuple(map(int, mesa.__version__.split(".")[:2])) >= (3, 5))  # what Mesa calls the first step
    assert [row["Step"] for row in rows] == (outcomes["weeks"] - 1 + first).tolist()
    for name, fields in (("recorded", ("recorded_R", "recorded_U")), ("violations", ("true_R", "true_U"))):
        assert [row[name] for row in rows] == sum(outcomes[field].sum(axis=1) for field in fields).tolist()
    np.testing.assert_allclose([row["mu"] for row in rows], outcomes["mu"], rtol=0, atol=CLOSE)
    assert len({row["violations"] for row in rows}) == 3


def test_a_difference_is_seen():
    """The comparison has teeth: a payoff changed by a ten-millionth shows."""
    scenario = small(EVENTFUL)
    engine = SingleRun(scenario, SEED, 0)
    plain = PlainModel(scenario.override({"russia.probe_gain": scenario.russia.probe_gain + 1e-7}), SEED, 0)
    engine.advance()
    plain.step()
    assert largest_difference(engine, plain) > CLOSE
    plain.places[0].signal = Signal((plain.places[0].signal + 1) % 4)
    with pytest.raises(AssertionError):
        largest_difference(engine, plain)
