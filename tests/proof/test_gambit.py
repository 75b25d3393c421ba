"""The incident game against Gambit, and the files that Gambit reads back."""

import itertools
import math
import sys

import numpy as np
import pytest

from fragile_peace.codes import Response
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.kernels.chance.logit import logit_choice
from fragile_peace.proof import gambit
from fragile_peace.proof.gambit_commitment import commitment_at_start, commitment_nfg
from fragile_peace.proof.game_tree import Chance, Choice, InformationSet, Leaf, Tree, read_off
from fragile_peace.proof.incident import PlaceState, solve_incident
from fragile_peace.proof.incident_tree import incident_tree
from tests.tools.random_games import BASE, NATIONS, draw
from tests.tools.verify_games import ENUMERATED, LIMIT, LIMITS, LOG_ODDS, RESIDUAL, compare

pytestmark = pytest.mark.gambit
gbt = pytest.importorskip("pygambit")


@pytest.fixture(scope="module")
def world():
    return Scenario.load("reassurance_15k")


@pytest.mark.parametrize("kind", ["plausible", "wide", "corner"])
def test_random_games_satisfy_the_logit_condition_on_gambits_payoffs(kind):
    worst, seen = compare(16, kind)
    assert worst.keys() >= {"russia", "ukraine", "response", ENUMERATED, LOG_ODDS, RESIDUAL}
    assert all(deviation <= LIMITS.get(name, LIMIT) for name, (deviation, _) in worst.items())
    assert seen["sets"] > 50


@pytest.mark.parametrize("place", ["Kupiansk", "Belarus border", "Kyiv"])
def test_named_places(world, place):
    result = gambit.check_incident(solve_incident(world, world.place_index(place)))
    assert result.deviation <= 1e-10
    assert result.unreached == 0


def test_the_tree_has_the_size_that_the_specification_gives(world):
    tree = incident_tree(world, 0, PlaceState.at_start(world, 0))
    assert 2000 <= sum(1 for _ in tree.nodes()) <= 2400


def test_a_wrong_strategy_is_seen(world):
    equilibrium = solve_incident(world, 0)
    equilibrium.table["decision"][1, 0, 3] = (0.3, 0.3, 0.4)
    result = gambit.check_incident(equilibrium)
    assert result.deviation > 0.1
    assert result.worst.infoset.label.startswith("decision: steadfast russia K1")


def test_probability_on_an_action_that_does_not_exist_is_seen(world):
    equilibrium = solve_incident(world, world.place_index("Kyiv"))
    equilibrium.table["p_R"][0, 1] = 1e-6
    assert gambit.check_incident(equilibrium).deviation >= 1e-6


def test_a_nan_is_seen(world):
    equilibrium = solve_incident(world, 0)
    equilibrium.table["response"][7, 0] = math.nan
    assert gambit.check_incident(equilibrium).deviation == math.inf


def test_gambit_finds_the_same_equilibrium_by_its_own_path_following(world):
    place = world.place_index("Odesa")
    equilibrium = solve_incident(world, place)
    game = gambit.read_efg(gambit.incident_efg(world, place, equilibrium.state))
    (found,) = gbt.qre.logit_solve_lambda(game, lam=3.0)
    assert found.lam == pytest.approx(3.0, abs=1e-9)
    tree = incident_tree(world, place, equilibrium.state)
    sets = {infoset.label: infoset for infoset in tree.infosets()}
    flat = iter(range(len(found)))  # Gambit lists the probabilities set by set
    for theirs in game.infosets:
        ours = sets[theirs.label]
        p = gambit.kernel_strategy(equilibrium, ours)
        for action in ours.actions:
            assert found[next(flat)] == pytest.approx(p[action], abs=1e-9)
    assert next(flat, None) is None


class TestExtensiveForm:
    @pytest.mark.parametrize("index", range(10))
    def test_gambit_reads_back_every_number(self, index):
        game = draw(np.random.default_rng(50 + index), 7 * index + 1, "wide")
        tree = incident_tree(game.scenario(), game.place, game.state)
        read = gambit.read_efg(gambit.efg(tree))
        assert [player.label for player in read.players] == list(tree.players)
        ours, theirs = list(tree.nodes()), list(read.nodes)
        assert len(ours) == len(theirs)
        for node, other in zip(ours, theirs, strict=True):
            if isinstance(node, Leaf):
                assert tuple(float(other.outcome[player]) for player in read.players) == node.payoffs
                assert other.outcome.label == node.label
            elif isinstance(node, Chance):
                chances = [action.prob for action in other.infoset.actions]
                assert sum(chances) == 1
                assert [float(p) for p in chances] == [float(p) for _, p, _ in node.branches]
            else:
                assert other.infoset.label == node.infoset.label
                assert other.player.label == node.infoset.player
                assert len(list(other.infoset.actions)) == len(node.children)
        assert read.is_perfect_recall

    def test_only_sets_that_can_be_reached_are_there(self, world):
        state = PlaceState.at_start(world, 0)

        def labels(**settings):
            rules = {name.replace("__", "."): value for name, value in settings.items()}
            return {s.label for s in incident_tree(world.override(rules), 0, state).infosets()}

        assert not any(label.startswith("decision") for label in labels(guarantee__trigger="never"))
        quiet = labels(mandate__roe="observe", guarantee__trigger="never")
        assert not any(label.startswith("reply") for label in quiet)
        assert "response: quiet K0" not in quiet
        assert "response: quiet K1" not in quiet
        unharmed = labels(fatality__protection=0)
        assert not any("K1" in label for label in unharmed)
        assert not any(label.startswith("decision") for label in unharmed)

    def test_a_sure_type_has_one_branch(self, world):
        state = PlaceState.at_start(world, 0).but(mu=1.0, gamma=0.0)
        labels = {s.label for s in incident_tree(world, 0, state).infosets()}
        assert "russia: committed" in labels
        assert "russia: bluffing" not in labels
        assert not any("steadfast" in label for label in labels)

    def test_a_nation_named_like_another_player_keeps_its_own_name(self):
        nation = NATIONS[0]
        data = BASE.to_dict()
        data["contingents"][0]["name"] = "United States"
        world = Scenario.from_dict(data)
        tree = incident_tree(world, 0, PlaceState.at_start(world, 0))
        assert len(set(tree.players)) == 4
        assert nation not in tree.players

    def test_quotes_in_labels_survive(self):
        nation = 'The "Nordics"'
        infoset = InformationSet("response", nation, (), tuple(Response)[:2])
        tree = Tree('a "title"', (nation,), (1.0,), Choice(infoset, (Leaf("x", (0.1,)), Leaf("y", (1e-300,)))))
        read = gambit.read_efg(gambit.efg(tree))
        assert [player.label for player in read.players] == [nation]
        assert read.title == tree.title
        assert [float(o[nation]) for o in read.outcomes] == [0.1, 1e-300]


class TestReadOff:
    def test_agrees_with_gambit(self, world):
        equilibrium = solve_incident(world, 5)
        tree = incident_tree(world, 5, equilibrium.state)

        def profile(infoset):
            p = gambit.kernel_strategy(equilibrium, infoset)
            return [p[action] for action in infoset.actions]

        read = gambit.read_efg(gambit.efg(tree))
        loaded = read.mixed_behavior_profile()
        sets = {infoset.label: infoset for infoset in read.infosets}
        for infoset in tree.infosets():
            loaded[sets[infoset.label]] = profile(infoset)
        for reading in read_off(tree, profile):
            theirs = sets[reading.infoset.label]
            assert reading.reach == pytest.approx(loaded.infoset_prob(theirs), rel=1e-12)
            values = [loaded.action_value(action) for action in theirs.actions]
            assert reading.values == pytest.approx(values, rel=1e-10, abs=1e-10)
            assert sum(reading.belief.values()) == pytest.approx(1, abs=1e-12)
            assert reading.deviation <= 1e-10


class TestStrategicForm:
    troops, fixed, solidarity = [5.0, 3.0, 1.25], [0.3, -0.2, 0.123456789012345], 1.5

    def payoff(self, n, stays):
        if not stays[n]:
            return 0.0
        others = [k for k in range(3) if k != n]
        share = sum(self.troops[k] for k in others if stays[k]) / sum(self.troops[k] for k in others)
        return self.fixed[n] + self.solidarity * share

    def test_gambit_reads_back_every_payoff(self):
        text = commitment_nfg(["A", "B", "C"], self.troops, [1, 1, 1], self.fixed, self.solidarity)
        read = gambit.read_nfg(text)
        players = list(read.players)
        assert [player.label for player in players] == ["A", "B", "C"]
        for stays in itertools.product((True, False), repeat=3):
            chosen = [
                next(s for s in player.strategies if s.label == ("stay" if stay else "leave"))
                for player, stay in zip(players, stays, strict=True)
            ]
            for n, player in enumerate(players):
                payoff = float(read[tuple(s.label for s in chosen)][player])
                assert payoff == pytest.approx(self.payoff(n, stays), abs=1e-12)

    def test_those_who_left_still_count_in_the_original_force(self):
        text = commitment_nfg(["A", "B", "C"], self.troops, [1, 0, 1], self.fixed, self.solidarity)
        read = gambit.read_nfg(text)
        a = next(iter(read.players))
        assert [player.label for player in read.players] == ["A", "C"]
        assert float(read[("stay", "stay")][a]) == pytest.approx(self.payoff(0, (True, False, True)), abs=1e-12)

    def test_alone(self):
        read = gambit.read_nfg(commitment_nfg(["A"], [5.0], [1], [0.25], 9.0))
        assert float(read[("stay",)][next(iter(read.players))]) == 0.25

    def test_refuses_lists_that_do_not_fit(self):
        with pytest.raises(InputError, match="same length"):
            commitment_nfg(["A", "B"], [5.0], [1], [0.25], 1.0)
        with pytest.raises(InputError, match="at least one"):
            commitment_nfg(["A"], [5.0], [0], [0.25], 1.0)

    def test_at_the_start_of_a_scenario(self, world):
        arguments = commitment_at_start(world)
        assert arguments["names"] == [c.name for c in world.contingents]
        read = gambit.read_nfg(commitment_nfg(**arguments))
        assert len(read.players) == 5
        # without deaths the fixed part is plain arithmetic
        safe = commitment_at_start(world.override({"fatality.protection": 0}))["fixed"]
        assert safe[0] == pytest.approx(0.2 + 4 * (0.55 - 0.5) + 2.5 - 1.95)
        assert all(there < without for there, without in zip(arguments["fixed"], safe, strict=True))

    def test_no_force_has_no_commitment_game(self):
        with pytest.raises(InputError, match="no contingents"):
            commitment_at_start(Scenario.load("no_force"))


class TestPublishedEstimate:
    """Ochs (1995), asymmetric matching pennies; the estimate of McKelvey and Palfrey (1995), table 8: lambda = 1.85."""

    row, column = np.array([[1.1141, 0.0], [0.0, 0.2785]]), np.array([[0.0, 1.1141], [1.1141, 0.0]])

    @pytest.fixture(scope="class")
    @classmethod
    def fit(cls):
        game = gbt.Game.from_arrays(cls.row, cls.column)
        # 128 observations; row plays up in 52.7 %, column left in 36.6 % (evidence.csv, qre_mp95)
        data = game.mixed_strategy_profile([[128 * 0.527, 128 * 0.473], [128 * 0.366, 128 * 0.634]])
        return gbt.qre.logit_estimate(data), game

    def test_lambda(self, fit):
        assert fit[0].lam == pytest.approx(1.85, abs=0.005)
        assert fit[0].log_like == pytest.approx(-174.8, abs=0.05)

    def test_our_logit_is_at_a_fixed_point_there(self, fit):
        found, game = fit
        players = list(game.players)
        p, q = (np.array([found.profile[strategy] for strategy in player.strategies]) for player in players)
        out = np.empty(2)
        logit_choice(self.row @ q, found.lam, 2, out)
        assert out == pytest.approx(p, abs=1e-6)
        logit_choice(p @ self.column, found.lam, 2, out)
        assert out == pytest.approx(q, abs=1e-6)


def test_pygambit_missing_is_one_clear_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygambit", None)
    with pytest.raises(gambit.MissingGambit, match="pygambit is not installed"):
        gambit.read_efg("")
