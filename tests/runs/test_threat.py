"""The game before week 0 solved, and the runs that play it."""

import numpy as np
import pytest
from scipy.special import expit, logit

from benchmarks import soak
from fragile_peace import CeasefireModel, simulate
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.threat import LEVELS
from fragile_peace.runs.single import SingleRun
from fragile_peace.runs.threat import TOLERANCE, _Search, laid_out, solve_threat
from tests.tools.threat_worlds import SEVERAL, SIGNAL, TELLING, threat_worlds, tipping
from tests.tools.worlds import SMALL

SEED = 20260101


def by_plain_iteration(world, chances):
    """A solution near these chances: small steps of their logarithms, beliefs by Bayes' rule on all ten.

    In logarithms, since what a threat tells that is hardly ever made is a ratio of two small chances.
    """
    search, now = _Search(world), np.log(chances)
    prior = logit(world.threat.credibility)
    for _ in range(400):
        answer = np.log(search.answer(search.shares(np.clip(expit(prior + now[1] - now[0]), 0.001, 0.999)))[2])
        if np.abs(answer - now).max() < 1e-11:
            break
        now = now + 0.3 * (answer - now)
    return np.exp(now)


def starts(rng):
    """Chances to start from: at random by the coin, pooled at either end, apart, and any."""
    quiet, loud = np.eye(5)[0], np.eye(5)[4]
    yield np.full((2, 5), 0.2)
    for bluffing, committed in ((quiet, quiet), (loud, loud), (quiet, loud), (loud, quiet)):
        yield 0.999 * np.array([bluffing, committed]) + 0.0002
    for _ in range(3):
        yield rng.dirichlet(np.ones(5), 2)


class TestSolutions:
    def test_every_one_found_answers_itself_over_random_worlds(self):
        found = [solve_threat(world) for world in threat_worlds(60, 1)]
        assert max(solution.residual for game in found for solution in game.solutions) <= TOLERANCE
        for game in found:
            for solution in game.solutions:
                assert solution.chances.sum(axis=1) == pytest.approx(1, abs=1e-12)
            assert game.played in game.solutions

    @pytest.mark.parametrize("world", [SMALL.override(SIGNAL), TELLING, SEVERAL], ids=["small", "telling", "several"])
    def test_no_start_of_a_plain_iteration_finds_another(self, world):
        game = solve_threat(world)
        for number, start in enumerate(starts(np.random.default_rng(2))):
            reached = by_plain_iteration(world, start)
            near = min(np.abs(solution.chances - reached).max() for solution in game.solutions)
            assert near < 1e-8, number

    @pytest.mark.parametrize("world", [SMALL.override(SIGNAL), TELLING, SEVERAL], ids=["small", "telling", "several"])
    def test_the_one_played_is_where_play_goes_that_nobody_read_anything_into(self, world):
        game = solve_threat(world)
        reached = by_plain_iteration(world, np.full((2, 5), 0.2))
        assert np.abs(game.played.chances - reached).max() < 1e-8

    def test_there_may_be_several(self):
        assert len(solve_threat(SEVERAL).solutions) > 1

    def test_a_set_threat_is_laid_out_as_before(self):
        parameters, first = laid_out(SMALL)
        assert (len(parameters), first, parameters["n_threats"][0]) == (1, 0, 0)
        assert parameters["mu_start"][0] == parameters["mu0"][0]

    def test_the_coalition_may_tip(self):
        """After one threat both of its solutions are right, the second with a chance that makes the first so."""
        played = solve_threat(tipping()).played
        jump = played.level.index(1)
        assert played.level == (0, 1, 1, 2, 3, 4)
        assert played.odds.sum() == pytest.approx(5)
        assert 0 < played.odds[jump] < 1
        assert played.belief[jump] == pytest.approx(played.belief[jump + 1], rel=1e-13)
        assert np.abs(played.joining[jump] - played.joining[jump + 1]).max() > 0.1
        assert played.residual <= TOLERANCE

    def test_without_a_force_only_face_counts(self):
        played = solve_threat(Scenario.load("no_force").override(SIGNAL)).played
        assert not played.share.any()
        assert played.joining.shape == (5, 0)
        assert played.belief[4] > 0.2 > played.belief[0]


class TestRuns:
    def test_the_threat_is_drawn_by_the_type(self):
        """3,000 runs: chi-square with 8 degrees of freedom, false alarm 1e-4."""
        outcomes, played = simulate([TELLING], 3000, SEED, 1)[0], solve_threat(TELLING).played
        statistic = 0.0
        for kappa in (0, 1):
            of_type = outcomes["threat"][outcomes["kappa_start"] == kappa]
            expected = len(of_type) * played.chances[kappa]
            counts = np.array([(of_type == level).sum() for level in LEVELS])
            statistic += ((counts - expected) ** 2 / expected).sum()
        assert statistic < 31.83

    def test_a_run_goes_on_as_if_its_threat_were_set_but_for_the_belief(self):
        run = next(
            SingleRun(TELLING, SEED, r) for r in range(50) if SingleRun(TELLING, SEED, r).outcomes["threat"] == 0.75
        )
        start = solve_threat(TELLING).played.belief[3]
        assert run.state["mu"] == start
        assert run.parameters[run.state["row"]]["theta"] == 0.75
        assert run.parameters[run.state["row"]]["mu0"] == TELLING.threat.credibility  # of those whom a redraw brings
        like = SingleRun(TELLING.override({"threat.choice": "set", "threat.level": 0.75}), SEED, run.run)
        like._state["mu"] = start
        assert like.state["kappa"] == run.state["kappa"]
        like._state["in_n"] = run.state["in_n"]
        for single in (run, like):
            single.advance()
        assert run.week["action_R_s"].tolist() == like.week["action_R_s"].tolist()
        assert run.week["mu"] == like.week["mu"]

    def test_threads_blocks_and_faces_agree_to_the_bit(self):
        outcomes = simulate([TELLING, SMALL], 150, SEED, 8, threads=2)
        assert outcomes.tobytes() == simulate([TELLING, SMALL], 150, SEED, 8, threads=1).tobytes()
        for run in (0, 1, 70):
            assert simulate([TELLING], 1, SEED, 8, first_run=run).tobytes() == outcomes[0, run].tobytes()
            assert CeasefireModel(TELLING, SEED, run, 8).run().tobytes() == outcomes[0, run].tobytes()
        assert len(set(outcomes["threat"][0].tolist())) == len(LEVELS)
        assert set(outcomes["threat"][1].tolist()) == {SMALL.threat.level}

    def test_a_tipping_coalition_forms_or_not_as_the_draw_says(self):
        world, found = tipping(), {}
        played, parameters = solve_threat(world).played, laid_out(world)[0]
        assert parameters["n_threats"][0] == 6
        for number in range(60):
            run = SingleRun(world, SEED, number)
            option = parameters["threat_row"][0].tolist().index(run.state["row"])
            found[option] = run._scratch["p_join"][0][:3].tolist()
            assert found[option] == played.joining[option].tolist()
        assert {1, 2} <= found.keys()

    def test_a_schedule_keeps_the_threat_until_it_sets_another(self):
        changes = [{"week": 2, "set": {"mandate.roe": "observe"}}, {"week": 4, "set": {"threat.level": 0.1}}]
        world = Scenario.from_dict(TELLING.to_dict() | {"schedule": changes})
        for number in range(6):
            run = SingleRun(world, SEED, number)
            drawn, seen = float(run.outcomes["threat"]), []
            while run.alive and run.state["week"] < 6:
                run.advance()
                row = run.parameters[run.state["row"]]
                seen.append((float(row["theta"]), int(row["roe"])))
            expected = [(drawn, 2), (drawn, 2), (drawn, 0), (drawn, 0), (0.1, 0), (0.1, 0)]
            assert seen == expected[: len(seen)]

    def test_what_a_sincerity_apart_from_the_credibility_moves(self):
        """Types are drawn by it; what everybody infers rests on the credibility."""
        world = TELLING.override({"threat.sincerity": 1.0})
        outcomes = simulate([world], 40, SEED, 1)[0]
        assert outcomes["kappa_start"].all()
        assert (solve_threat(world).played.belief == solve_threat(TELLING).played.belief).all()


@pytest.mark.parametrize("number", [0, 4])
def test_random_worlds_of_any_kind_are_solved(number):
    world = soak.world(1, number).override(SIGNAL)
    assert solve_threat(world).played.residual <= TOLERANCE


def test_the_shipped_scenario_differs_from_the_default_in_the_choice_alone():
    world = Scenario.load("moscow_signals")
    assert world.override({"threat.choice": "set"}).digest == Scenario.load("reassurance_15k").digest
