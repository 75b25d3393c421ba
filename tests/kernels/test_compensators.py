"""Compensators: the week's hazards against every branch counted out, and their means against plain frequencies.

For an event I and its compensator A, I - A is a martingale's end: E[I] = E[A], Var[I - A] = E[sum of h(1 - h)] <= E[A].
"""

import itertools

import numpy as np
import pytest

from fragile_peace.codes import Action, Decision, Event, Reply, Response, Resumed, Rung
from fragile_peace.kernels.compensators import block_hazards
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import EVENTFUL, WARLIKE, play, small

RUNS = 1000
LIMIT = 4.0
"""|z| below it: false alarm 6e-5 for one event, 1.4e-3 for the 22 pairs of event and world. The seed is fixed."""
OFTEN = 20
WORLDS = {"eventful": EVENTFUL, "warlike": WARLIKE}


def branches(p, g, kappa, tau):
    """Yield (probability, set of events) of every way a place's week can go under the equilibrium strategies."""
    for a, b, o in itertools.product(range(4), range(3), range(8)):
        chance = g["p_R"][kappa, a] * g["p_U"][b] * g["chance"][a, b, o]
        if chance == 0.0:
            continue
        events = {Event.STRIKE_OR_DEATH} if a == Action.STRIKE or o % 2 else set()
        events |= {Event.EUROPEAN_DEATH} if o % 2 else set()
        responses = enumerate(g["response"][o]) if g["respond"][o] else [(None, 1.0)]
        for response, p_response in responses:
            fired = response == Response.FIRE
            decisions = enumerate(g["decision"][tau, int(fired), o]) if g["invoked"][o] else [(None, 1.0)]
            if fired and p_response == 0.0:
                continue
            for decision, p_decision in decisions:
                honoured = decision == Decision.HONOUR
                own = events | ({Event.INVOKED} if decision is not None else set())
                own |= {Event.HONOURED} if honoured else set()
                replies = (
                    enumerate(g["reply"][kappa, int(fired), int(honoured)]) if fired or honoured else [(None, 1.0)]
                )
                for reply, p_reply in replies:
                    last = own | ({Event.EXCHANGE_OF_FIRE} if fired or reply in (Reply.HOLD, Reply.ESCALATE) else set())
                    weight = chance * p_response * p_decision * p_reply
                    spread = p["spiral_us"] if honoured else p["spiral_coalition"]
                    if reply == Reply.ESCALATE:
                        yield weight * spread, last | {Event.SPIRAL_US if honoured else Event.SPIRAL_COALITION}
                        weight *= 1.0 - spread
                    yield weight, last


def counted(p, g, kappa, tau):
    """The chance of each event in one place, by adding up branches."""
    total = dict.fromkeys(Event, 0.0)
    mass = 0.0
    for weight, events in branches(p, g, kappa, tau):
        mass += weight
        for event in events:
            total[event] += weight
    assert mass == pytest.approx(1.0, abs=1e-12)
    return total


PLACE_EVENTS = (
    Event.STRIKE_OR_DEATH, Event.EUROPEAN_DEATH, Event.EXCHANGE_OF_FIRE, Event.INVOKED, Event.HONOURED,
    Event.SPIRAL_US, Event.SPIRAL_COALITION,
)  # fmt: skip


@pytest.fixture(scope="module")
def played():
    """The eventful world once the games of week 0 are solved: parameters and games."""
    run = SingleRun(small(EVENTFUL), seed=3)
    run.open_week()
    play(run, through="solve")
    return run


@pytest.mark.parametrize("kappa", [0, 1])
@pytest.mark.parametrize("tau", [0, 1])
@pytest.mark.parametrize("roe", ["observe", "self_defence", "enforce"])
def test_hazards_of_a_place_equal_the_sum_over_all_branches(roe, kappa, tau):
    run = SingleRun(small(EVENTFUL, {"mandate.roe": roe}), seed=3)
    run.open_week()
    play(run, through="solve")
    p = run.parameters[0]
    for s, g in enumerate(run.games):
        total = counted(p, g, kappa, tau)
        block, lane = run._games[s // LANES], s % LANES
        block_hazards(p, block, kappa, tau)
        *first, any_spiral = block["event"][:, lane]
        found = [*first, any_spiral - first[-1]]
        assert found == pytest.approx([total[e] for e in PLACE_EVENTS], abs=1e-13)


def test_hazards_of_a_week_combine_the_places(played):
    """A place that does not spiral does nothing worse: rung 7 beats 6, and 6 needs that no place reached 7."""
    p, kappa, tau = played.parameters[0], int(played.state["kappa"]), int(played.state["tau"])
    places = [counted(p, g, kappa, tau) for g in played.games]
    hazard = played.week["hazard"]
    for event in PLACE_EVENTS[:5]:
        assert hazard[event] == pytest.approx(1.0 - np.prod([1.0 - total[event] for total in places]), abs=1e-13)
    worst = [0.0, 0.0, 0.0]
    for outcome in itertools.product(range(3), repeat=len(places)):
        chance = 1.0
        for total, spiral in zip(places, outcome, strict=True):
            us, coalition = total[Event.SPIRAL_US], total[Event.SPIRAL_COALITION]
            chance *= (1.0 - us - coalition, coalition, us)[spiral]
        worst[max(outcome)] += chance
    assert worst[1] > 0
    assert worst[2] > 0
    assert hazard[Event.SPIRAL_COALITION] == hazard[Event.WAR_RUSSIA_COALITION] == pytest.approx(worst[1], abs=1e-13)
    assert hazard[Event.SPIRAL_US] == hazard[Event.WAR_WITH_US] == pytest.approx(worst[2], abs=1e-13)
    assert hazard[Event.COLLAPSE] == pytest.approx(worst[1] + worst[2], abs=1e-13)
    assert hazard[Event.WAR_RUSSIA_UKRAINE] == 0.0


def test_a_review_adds_the_chances_just_before_its_draws():
    """Russia's by the type it has after `learn`, Washington's by its own; Ukraine's only if Russia abided."""
    seen = set()
    for index in range(40):
        run = SingleRun(small(WARLIKE), seed=5, run=index)
        while run.alive:
            run.open_week()
            play(run, through="commit")
            before = run.outcomes["compensator"].copy()
            reviewed = bool(run.state["alive"]) and (run.state["week"] + 1) % 2 == 0
            kappa, tau = int(run.state["kappa"]), int(run.state["tau"])
            run.phase("resume")
            added = run.outcomes["compensator"] - before
            w = run.week
            run.close_week()
            expected = np.zeros(len(Event))
            if reviewed:
                P, p_us, p_E = w[("p_resume_bluffing", "p_resume_committed")[kappa]], w["p_A"][tau], w["p_E"]
                own = max(0.0, w["p_resume_ukraine"])
                assert (w["p_resume_ukraine"] >= 0) == (w["resumed"] != Resumed.RUSSIA)
                expected[Event.WAR_WITH_US] = P * p_us
                expected[Event.WAR_RUSSIA_COALITION] = P * (1 - p_us) * p_E
                expected[Event.WAR_RUSSIA_UKRAINE] = P * (1 - p_us) * (1 - p_E) + own
                expected[Event.COLLAPSE] = P + own
            np.testing.assert_allclose(added, expected, atol=1e-14)
            seen.add((int(w["resumed"]), int(w["rung"]) if w["resumed"] else 0))
    wars = {(side, Rung.WAR_RUSSIA_UKRAINE) for side in (Resumed.RUSSIA, Resumed.UKRAINE)}
    assert {(Resumed.NOBODY, Rung.CALM), *wars} <= seen


@pytest.fixture(scope="module")
def ran():
    """RUNS runs of each world."""
    scenarios = [small(changes) for changes in WORLDS.values()]
    return dict(zip(WORLDS, simulate(scenarios, RUNS, seed=20260101), strict=True))


def z_score(happened, compensator):
    """z of mean(I - A); the sample's variance says too little of a rare event, mean A bounds it."""
    difference = happened - compensator
    variance = difference.var(ddof=1) if happened.sum() >= OFTEN else compensator.mean()
    return difference.mean() / np.sqrt(variance / len(difference)) if variance > 0 else 0.0


def ratios(happened, compensator):
    """Var I over Var(I + b (A - I)): with b = 1, and with the b that fits best."""
    gap = compensator - happened
    plain = happened.var() / compensator.var()
    return plain, 1.0 / (1.0 - np.corrcoef(happened, gap)[0, 1] ** 2)


def test_compensators_equal_the_frequencies_in_mean(ran, capsys):
    """|z| < LIMIT for every event of both worlds; every event happens at least OFTEN times in one of them."""
    count = dict.fromkeys(Event, 0)
    lines = []
    for world, outcomes in ran.items():
        for event in Event:
            happened = outcomes["happened"][:, event].astype(float)
            compensator = outcomes["compensator"][:, event]
            z = z_score(happened, compensator)
            count[event] += int(happened.sum())
            if happened.any():
                plain, fitted = ratios(happened, compensator)
                lines.append(
                    f"{world:9} {event.name.lower():21} {happened.mean():.4f} {compensator.mean():.4f} z {z:5.2f} "
                    f"variance ratio {plain:6.1f}, fitted {fitted:6.1f}"
                )
            assert abs(z) < LIMIT, (world, event.name, z)
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert all(number >= OFTEN for number in count.values()), count


def test_fitted_compensators_cut_the_variance_of_wars(ran):
    """At least fivefold, for wars and collapse in the warlike world (measured: 30 to 200)."""
    for event in (Event.WAR_RUSSIA_UKRAINE, Event.WAR_RUSSIA_COALITION, Event.WAR_WITH_US, Event.COLLAPSE):
        outcomes = ran["warlike"]
        _, fitted = ratios(outcomes["happened"][:, event].astype(float), outcomes["compensator"][:, event])
        assert fitted > 5
