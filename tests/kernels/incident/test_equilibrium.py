"""The incident game's solver: known answers, the properties that hold for every parameter, and its record.

"Wide" games are drawn within the declared bounds of every parameter, "plausible" ones within a factor 3 of the defaults
(`random_games`). What must hold everywhere is asserted on wide games; the signs that hold at the defaults are asserted
there, and on plausible games their share is printed.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fragile_peace.codes import Action, Decision, Reply, Response
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError, SolverError
from fragile_peace.kernels.chance.logit import logit_choice
from fragile_peace.kernels.incident import best_response, equilibrium, homotopy, later_moves
from fragile_peace.kernels.incident.blocks import LANES, OF_A_PLACE, set_uniform
from fragile_peace.kernels.incident.regime import refusal
from fragile_peace.kernels.incident.table import GAME, packed, unpacked
from fragile_peace.proof.incident import PlaceState, solve_incident
from tests.tools.random_games import but, draw, solve_many
from tests.tools.verify_games import sign_shares

GAMES = st.builds(
    lambda seed, index, kind: draw(np.random.default_rng(seed), index, kind),
    st.integers(0, 2**32 - 1),
    st.integers(0, 629),
    st.sampled_from(["wide", "wide", "corner"]),
)
CONTINGENT, WASHINGTON = ("report", "shoot", "leave"), ("u_decline", "u_sanction", "u_honour")
"""Where a GAMES block holds the payoffs of the two."""
FORCED = GAMES.filter(lambda game: game.state.total > 0)


@pytest.fixture(scope="module")
def world():
    return Scenario.load("reassurance_15k")


def place(world, name):
    return world.place_index(name)


def after(table, **fields):
    """What follows every observable in a copy of a GAME row with some fields changed; posteriors as they are."""
    game = np.array([table], GAME)[0]
    for name, value in fields.items():
        game[name] = value
    blocks = packed(game)
    later_moves.follow_up(blocks[0])
    return unpacked(blocks, 1)[0]


def solved_anew(table, **fields):
    """A GAME row solved from uniform play with some fields changed; also the first lane that failed."""
    blocks = packed(table)
    set_uniform(blocks[0])
    for name, value in fields.items():
        blocks[name] = value
    blocks["open"] = 1.0
    failed = equilibrium.solve(blocks, 0)
    return unpacked(blocks, 1)[0], failed


class TestRecord:
    @pytest.mark.parametrize("lam", [None, 10.0])
    @pytest.mark.parametrize("kind", ["plausible", "wide", "corner"])
    def test_no_game_fails(self, kind, lam):
        rng = np.random.default_rng(7)
        games = solve_many([draw(rng, index, kind, lam) for index in range(500)])
        assert np.all(games["status"] == 0)
        assert np.all(games["residual"] <= best_response.TOLERANCE)
        assert np.all(games["gap"] <= best_response.LOG_TOLERANCE)
        rounds = games["rounds"]
        print(
            f"rounds 50/99/100% {np.quantile(rounds, [0.5, 0.99, 1])}, residual at most {games['residual'].max():.1e}"
        )

    def test_the_face_and_the_loop_agree_bit_for_bit(self):
        rng = np.random.default_rng(8)
        draws = [draw(rng, index) for index in range(6)]
        for game, row in zip(draws, solve_many(draws), strict=True):
            assert game.solve().table.tobytes() == row.tobytes()

    @pytest.mark.parametrize(("lane", "other"), [(0, 3), (7, 3), (4, 5)])
    def test_a_game_does_not_depend_on_its_lane_or_its_neighbours(self, world, lane, other):
        """Kupiansk's game beside others that need more rounds, and beside itself: the same bytes."""
        tense = PlaceState.at_start(world, other).but(tension=3.0, restraint=0.1)
        alone, mixed = packed(solve_incident(world, 0).table), packed(solve_incident(world, other, tense).table)
        for name, _, _ in OF_A_PLACE:
            mixed[name][..., lane] = alone[name][..., 0]
        solved = []
        for block, where in ((alone, 2), (mixed, lane)):
            set_uniform(block[0])
            block["open"] = 1.0
            assert equilibrium.solve(block, 0) == -1
            solved.append(unpacked(block, LANES)[where])
        assert len(set(unpacked(mixed, LANES)["rounds"])) == 2
        for name in ("p_R", "p_U", "response", "decision", "u_R", "u_U", "q", "rounds", "residual"):
            assert solved[0][name].tobytes() == solved[1][name].tobytes(), name

    @pytest.mark.parametrize(("seed", "lam", "index"), [(2, 10.0, 2239), (79, 10.0, 17)])
    def test_from_any_start_the_residual_is_kept(self, seed, lam, index):
        rng = np.random.default_rng(seed)
        game = [draw(rng, i, lam=lam) for i in range(index + 1)][-1]
        assert solve_many([game])["residual"][0] <= best_response.TOLERANCE


class TestHardGames:
    """Games that plain iteration cycles on: the path from uniform play reaches their solution."""

    @pytest.fixture(scope="class")
    @classmethod
    def cycling(cls):
        rng = np.random.default_rng(20260101)
        games = solve_many([draw(rng, index, "wide", 10.0) for index in range(2000)])
        return games[games["rounds"] > equilibrium.FOLLOW_AFTER]

    def test_there_are_some(self, cycling):
        assert len(cycling) >= 5

    def test_they_are_solved_as_well_as_the_others(self, cycling):
        for row in cycling:
            blocks = packed(row)
            blocks["open"], blocks["residual"] = 1.0, np.nan
            best_response.answer(blocks[0], 0)
            assert blocks["residual"].max() <= best_response.TOLERANCE
            assert np.all(row["p_R"][:, row["active_R"] == 0] == 0)
            assert row["p_R"].sum(axis=1) == pytest.approx([1, 1], abs=1e-14)

    def test_moves_that_are_expected_to_be_solved_are_judged_the_same(self, cycling):
        """And where they are not solved after all, Russia's next answer is the same; where it is far, one is inf."""
        for row in cycling:
            for moved in (0.0, 1e-12, 1e-8):
                measured = []
                for expected in (0, 1):
                    blocks = packed(row)
                    blocks["odds_R"] += moved
                    blocks["open"] = 1.0
                    best_response.answer(blocks[0], expected)
                    measured.append(blocks)
                plain, first = measured
                for name, bound in (("residual", best_response.TOLERANCE), ("gap", best_response.LOG_TOLERANCE)):
                    near = np.isfinite(plain[name])
                    assert np.array_equal(plain[name][near], first[name][near])
                    assert (first[name][~near] > bound).all()
                solved = (first["residual"] <= best_response.TOLERANCE) & (first["gap"] <= best_response.LOG_TOLERANCE)
                assert solved.all() == (moved < 1e-8)
                if not solved.all():
                    assert np.array_equal(plain["answer_R"], first["answer_R"])

    def test_the_path_ends_where_plain_iteration_does_on_easy_games(self):
        rng = np.random.default_rng(11)
        easy = solve_many([draw(rng, index, lam=2.0) for index in range(200)])
        for row in easy[easy["rounds"] < 30]:
            blocks = packed(row)
            set_uniform(blocks[0])
            blocks["open"], blocks["residual"] = 1.0, np.nan
            homotopy.follow(blocks[0], 3)
            game = unpacked(blocks, 4)[3]
            assert game["residual"] <= best_response.TOLERANCE
            assert game["p_R"] == pytest.approx(row["p_R"], abs=1e-8)


class TestRefusals:
    def test_a_game_that_cannot_be_solved_is_an_error_with_place_and_residual(self, world, monkeypatch):
        def gives_up(games, k):
            games[k]["residual"], games[k]["rounds"] = 0.25, 5030
            return 0

        monkeypatch.setattr("fragile_peace.proof.incident.solve", gives_up)
        with pytest.raises(SolverError, match=r"game at Kupiansk not solved: residual 0\.25 after 5030 rounds"):
            solve_incident(world, place(world, "Kupiansk"))

    @pytest.mark.parametrize(
        "field", ["direct_R", "direct_U", "prize", "leaves_R", "leaves_U", "mu", "report", "reply_R", "reply_C"]
    )
    def test_a_nan_inside_the_table_is_never_an_answer(self, world, field):
        game, failed = solved_anew(solve_incident(world, 0).table, **{field: np.nan})
        assert failed == 0
        assert game["status"] == 1
        assert game["residual"] == np.inf

    @pytest.mark.parametrize("field", ["odds_R", "odds_U", "p_U"])
    def test_nor_is_a_nan_in_the_first_guess_it_starts_anew_from_uniform_play(self, world, field):
        known = solve_incident(world, 0).table
        game, failed = solved_anew(known, **{field: np.nan})
        assert failed == -1
        assert game["residual"] <= best_response.TOLERANCE
        assert game["p_R"] == pytest.approx(known["p_R"], abs=1e-8)

    @pytest.mark.parametrize("name", ["mu", "gamma", "tension", "restraint", "monitors"])
    def test_a_nan_in_the_state_is_refused(self, world, name):
        state = PlaceState.at_start(world, 0).but(**{name: math.nan})
        with pytest.raises(InputError, match=name):
            solve_incident(world, 0, state)

    def test_a_nan_in_the_scenario_is_refused(self, world):
        with pytest.raises(InputError, match=r"russia\.prize"):
            world.override({"russia.prize": math.nan})

    def test_a_garrison_of_the_wrong_length_is_refused(self, world):
        with pytest.raises(InputError, match=r"state\.garrison"):
            solve_incident(world, 0, PlaceState.at_start(world, 0).but(garrison=(1.0,)))


class TestKnownAnswers:
    def test_no_force_is_two_separate_logits(self):
        """Without troops nobody responds, so each side's payoffs are its own, whatever the other does on average."""
        world = Scenario.load("no_force")
        table = solve_incident(world, 0).table
        assert np.array_equal(table["p_R"][0], table["p_R"][1])  # the type only matters for strikes and replies
        assert table["p_R"][0, Action.STRIKE] == 0
        assert np.all(table["respond"] == 0)
        u = table["u_R"][0, :3]
        assert table["p_R"][0, :3] == pytest.approx(np.exp(3 * u) / np.exp(3 * u).sum(), abs=1e-10)

    def test_a_hub_without_response_is_one_logit(self, world):
        """No fire, no guarantee, no prize: a strike is worth its own terms only."""
        plain = world.override(
            {"mandate.roe": "observe", "guarantee.trigger": "never", "russia.prize": 0, "threat.level": 0.5}
            | {"russia.strike_value": 3.05}
        )
        table = solve_incident(plain, place(plain, "Kyiv")).table
        p_K = 1 - math.exp(-0.7)
        blame = 3 * (0.8 + 0.35 * 0.2)
        values = {0: -0.7 - blame - 0.5 * p_K, 1: -0.7 - blame + 3.05 * 1.15 * p_K}
        for kappa, value in values.items():
            strike = 1 / (1 + math.exp(-3 * value))
            assert table["p_R"][kappa, Action.STRIKE] == pytest.approx(strike, rel=1e-9)
            assert table["p_R"][kappa, Action.PROBE] == table["p_R"][kappa, Action.RAID] == 0
        assert table["p_U"] == pytest.approx([1, 0, 0])

    def test_posteriors_after_a_strike_on_a_hub(self, world):
        table = solve_incident(world, place(world, "Kyiv")).table
        ratio = table["p_R"][1, Action.STRIKE] / table["p_R"][0, Action.STRIKE]
        expected = 0.2 * ratio / (0.2 * ratio + 0.8)
        assert table["q"][[2, 3, 6, 7]] == pytest.approx([expected] * 4, rel=1e-12)
        assert table["q"][4] == 0.2  # an attributed Ukrainian breach cannot happen here: the belief stays

    def test_replies(self, world):
        table = solve_incident(world, 0).table
        u = np.array([-0.6 * 1.5, -(0.8 * math.exp(-0.25) + 1.6 * math.exp(-0.75)), 1.4 - 2 - 1])
        expected = np.exp(3 * u) / np.exp(3 * u).sum()
        assert table["reply"][1, 1, 1] == pytest.approx(expected, rel=1e-13)


class TestUniversal:
    """docs/model.md, section 11: over all bounds."""

    @given(GAMES)
    @settings(max_examples=60)
    def test_every_strategy_is_a_distribution_over_what_exists(self, game):
        row = solve_many([game])[0]
        assert row["status"] == 0
        sets = [*row["p_R"], row["p_U"], *row["reply"].reshape(-1, 3)]
        sets += [row["response"][o] for o in range(8) if row["respond"][o]]
        sets += [
            row["decision"][tau, f, o] for o in range(8) if row["invoked"][o] for tau in (0, 1) for f in (0, 1)
            if f == 0 or row["fire"][o]
        ]  # fmt: skip
        for p in sets:
            assert np.all(p >= 0)
            assert math.fsum(p) == pytest.approx(1, abs=1e-12)
        assert np.all(row["p_R"][:, row["active_R"] == 0] == 0)
        assert np.all(row["p_U"][row["active_U"] == 0] == 0)
        for o in range(8):
            if row["respond"][o] and not row["fire"][o]:
                assert row["response"][o, Response.FIRE] == 0
        assert row["chance"].sum(axis=2) == pytest.approx(np.ones((4, 3)), abs=1e-14)
        assert np.all((row["q"] >= 0) & (row["q"] <= 1))

    @given(GAMES, st.floats(0, 1), st.floats(0, 1))
    @settings(max_examples=60)
    def test_standing_down_falls_in_the_threat(self, game, one, other):
        low, high = sorted((one, other))
        quiet, loud = solve_many([but(game, threat__level=low), but(game, threat__level=high)])["reply"]
        assert np.all(loud[..., Reply.STAND_DOWN] <= quiet[..., Reply.STAND_DOWN] * (1 + 1e-12))

    @given(FORCED, st.floats(0, 1), st.floats(0, 1))
    @settings(max_examples=60)
    def test_pulling_back_rises_in_the_threat_with_others_and_posteriors_held(self, game, one, other):
        low, high = sorted((one, other))
        row = solve_many([game])[0]
        lead = ("Albion", "Borduria")[game.state.lead]
        danger = game.values[f"contingents.{lead}.danger"]
        for o in range(2, 8):
            calm, loud = (after(row, danger=theta * danger)["response"][o] for theta in (low, high))
            assert loud[Response.PULL_BACK] >= calm[Response.PULL_BACK] * (1 - 1e-12)

    @given(FORCED, st.floats(0, 1), st.floats(0, 1))
    @settings(max_examples=60)
    def test_declining_falls_in_the_guarantee_with_posteriors_held(self, game, one, other):
        low, high = sorted((one, other))
        weak, firm = solve_many([but(game, guarantee__level=low), but(game, guarantee__level=high)])
        q = solve_many([game])[0]["q"]
        for o in range(2, 8):
            loose = after(weak, q=q)["decision"][:, 0, o, Decision.DECLINE]
            tight = after(firm, q=q)["decision"][:, 0, o, Decision.DECLINE]
            assert np.all(tight <= loose * (1 + 1e-12))

    @given(GAMES, st.floats(-20, 20), st.floats(-20, 20), st.floats(-20, 20), st.floats(-20, 20))
    @settings(max_examples=60)
    def test_a_constant_added_to_a_players_payoffs_changes_nothing(self, game, to_R, to_U, to_C, to_US):
        """One round of answers from the same strategies, with the constants added to every payoff of each player."""
        row = solve_many([game])[0]
        found = []
        for added in ((0.0, 0.0, 0.0, 0.0), (to_R, to_U, to_C, to_US)):
            blocks = packed(row)
            for player, names in enumerate((["direct_R"], ["direct_U"], CONTINGENT, WASHINGTON)):
                for name in names:
                    blocks[name] += added[player]
            refusal(blocks[0])
            best_response.answer(blocks[0], 0)
            found.append(unpacked(blocks, 1)[0])
        # a payoff of size 100 loses 1e-14 to the constant, which a precision of 10 makes 1e-13 and more of
        for name in ("answer_R", "answer_U", "response", "decision"):
            assert found[1][name] == pytest.approx(found[0][name], abs=1e-9)

    @given(GAMES)
    @settings(max_examples=60)
    def test_without_precision_play_is_uniform(self, game):
        names = ("russia", "ukraine", "contingent", "united_states")
        row = solve_many([but(game, **{f"precision__{name}": 0.0 for name in names})])[0]
        weights = row["active_R"] * np.array([1, 1, 1, np.exp(row["log_weight"])])  # of opportunities
        for p, weight in ((row["p_R"][0], weights), (row["p_R"][1], weights), (row["p_U"], row["active_U"])):
            assert p == pytest.approx(weight / weight.sum(), rel=1e-15)
        assert row["reply"] == pytest.approx(np.full((2, 2, 2, 3), 1 / 3))
        for o in range(8):
            if row["respond"][o]:
                options = 2 + row["fire"][o]
                assert row["response"][o] == pytest.approx(np.array([1, row["fire"][o], 1]) / options)
            if row["invoked"][o]:
                assert row["decision"][:, 0, o] == pytest.approx(np.full((2, 3), 1 / 3))

    @given(GAMES)
    @settings(max_examples=30)
    def test_low_precision_is_close_to_uniform_play(self, game):
        names = ("russia", "ukraine", "contingent", "united_states")
        row = solve_many([but(game, **{f"precision__{name}": 1e-9 for name in names})])[0]
        weights = row["active_R"] * np.array([1, 1, 1, np.exp(row["log_weight"])])
        assert row["p_R"][1] == pytest.approx(weights / weights.sum(), abs=1e-6)


def strikes(world, where, **state):
    """P(strike | committed) in a place."""
    index = place(world, where)
    start = PlaceState.at_start(world, index).but(**state)
    return float(solve_incident(world, index, start).table["p_R"][1, Action.STRIKE])


def pulls_back(row):
    """P(pull back | R, 1)."""
    return float(row["response"][3, Response.PULL_BACK])


class TestSigns:
    """What holds at the defaults; how often it holds elsewhere is printed, not asserted."""

    @pytest.mark.parametrize("where", ["Kupiansk", "Pokrovsk", "Sumy border", "Kyiv"])
    def test_a_louder_threat_means_more_strikes_by_a_committed_russia(self, world, where):
        quiet, loud = (strikes(world.override({"threat.level": theta}), where) for theta in (0.2, 0.8))
        assert loud > quiet

    @pytest.mark.parametrize("where", ["Kupiansk", "Pokrovsk", "Sumy border", "Kyiv"])
    def test_a_louder_threat_means_more_pulling_back(self, world, where):
        index = place(world, where)
        quiet, loud = (
            pulls_back(solve_incident(world.override({"threat.level": theta}), index).table) for theta in (0.2, 0.8)
        )
        assert loud > quiet

    @pytest.mark.parametrize("where", ["Kupiansk", "Pokrovsk", "Sumy border", "Kyiv"])
    def test_less_trust_in_washington_means_more_strikes(self, world, where):
        assert strikes(world, where, gamma=0.1) > strikes(world, where, gamma=0.6)

    @pytest.mark.parametrize("where", ["Kupiansk", "Pokrovsk"])
    def test_enforcing_means_fewer_raids(self, world, where):
        index, raids = place(world, where), []
        for roe in ("observe", "enforce"):
            table = solve_incident(world.override({"mandate.roe": roe}), index).table
            raids.append(0.8 * table["p_R"][0, Action.RAID] + 0.2 * table["p_R"][1, Action.RAID])
        assert raids[1] < raids[0]

    def test_shares_elsewhere(self):
        for name, share, count, still in sign_shares(700, "plausible"):
            print(f"{name}: {share:.3f} of {count} plausible games (no effect in {still})")
            assert count > 50


def test_the_answer_is_the_logit_of_the_payoffs_it_reports(world):
    table = solve_incident(world, 0).table
    out = np.empty(4)
    for kappa in range(2):
        logit_choice(table["u_R"][kappa], 3.0, 4, out)
        assert out == pytest.approx(table["p_R"][kappa], abs=1e-10)
