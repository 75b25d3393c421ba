"""The phases of a week and their formulas: known answers by hand and the boundaries of the rules."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from fragile_peace.codes import Action, Decision, EndCause, PlaceKind, Reply, Response, Rung, Signal, Unsolved
from fragile_peace.declared.rows import rows
from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.kernels import counts, dynamics
from fragile_peace.kernels.incident.blocks import blocks_of
from fragile_peace.kernels.week import begin
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import PHASE_NAMES, SingleRun
from fragile_peace.state import OUTCOMES, SCRATCH, STATE, WEEK
from tests.tools.worlds import BASE, EAST, EVENTFUL, NORTH, SMALL, WEST, opened, play, quiet_week, small

COMPLY, PROBE, RAID, STRIKE = Action
QUIET, RUSSIA, UKRAINE, DISPUTED = Signal
REPORT, FIRE, PULL_BACK = Response
DECLINE, SANCTION, HONOUR = Decision
STAND_DOWN, HOLD, ESCALATE = Reply
MODEL_PAGE = Path(__file__).parents[2] / "docs/model.md"
LIMIT = 4.0
"""|z| below it: one false alarm in 16,000 for one statistic. Seeds are fixed."""


# -- tension by hand --

FORMULAS = {
    "tension: memory, a quarter from neighbours, impulse": (
        dynamics.next_tension(1.0, 4.0, 0.5, 0.25, 0.1),
        0.975,
    ),
    "restraint erodes by beta (r - floor)(1 - r)": (0.8 - dynamics.erosion(0.8, 0.5, 0.3), 0.75),
    "restraint at its floor stays": (dynamics.erosion(0.3, 0.5, 0.3), 0.0),
    "restraint below its floor stays": (dynamics.erosion(0.1, 0.5, 0.3), 0.0),
    "perfect restraint stays": (dynamics.erosion(1.0, 0.6, 0.3), 0.0),
    "a renewed truce regains a share of what is lost": (dynamics.recommitted(0.2, 0.25), 0.4),
    "support: 10 deaths in 4,000 and a recovery": (dynamics.next_support(0.5, 10, 4.0, 0.06, 0.02, 0.6), 0.202),
    "support never falls below 0": (dynamics.next_support(0.1, 100, 1.0, 0.06, 0.02, 0.6), 0.0),
    "support never passes 1": (dynamics.next_support(0.9, 0, 1.0, 0.06, 1.0, 1.0), 1.0),
    "violations: N l/100 v season": (counts.violation_mean(100.0, 50.0, 1.8, 0.8), 72.0),
    "a quiet week: odds of restraint 1, then 2": (dynamics.reciprocated(0.5, 0.5), 2 / 3),
    "quiet weeks restore no more than .995": (dynamics.reciprocated(0.99, 0.01), 0.995),
    "and take nothing from what was more": (dynamics.reciprocated(0.999, 0.5), 0.999),
    "nor give anything where nobody restrains himself": (dynamics.reciprocated(0.0, 0.5), 0.0),
    "without reciprocity nothing moves": (dynamics.reciprocated(0.3, 1.0), 0.3),
}


@pytest.mark.parametrize("case", FORMULAS)
def test_a_formula_gives_the_answer_by_hand(case):
    value, expected = FORMULAS[case]
    assert value == pytest.approx(expected, abs=1e-15)


WEIGHT = 1.4 / 1.1
"""West's: of 100 km at 1.4 and 60 km at 0.6 the mean is 1.1."""
IMPULSES = {
    "calm": ({}, 0.0),
    "a Russian probe": ({"action_R_s": {WEST: PROBE}}, WEIGHT * 0.037),
    "a Russian raid met by a Ukrainian probe": (
        {"action_R_s": {WEST: RAID}, "action_U_s": {WEST: PROBE}},
        WEIGHT * (0.081 + 0.03),
    ),
    "a strike that kills": ({"action_R_s": {WEST: STRIKE}, "K_s": {WEST: 1}}, WEIGHT * 0.2 + 0.2),
    "a Ukrainian raid, disputed": (
        {"action_U_s": {WEST: RAID}, "signal_s": {WEST: DISPUTED}},
        WEIGHT * 0.065 + 0.05,
    ),
    "Russia stood down": ({"reply_s": {WEST: STAND_DOWN}}, 0.0),
    "Russia held": ({"reply_s": {WEST: HOLD}}, 0.1),
    "a death by a raid": ({"action_R_s": {WEST: RAID}, "K_s": {WEST: 1}}, WEIGHT * 0.081 + 0.2),
    "Russia escalated": ({"reply_s": {WEST: ESCALATE}}, 0.3),
}


@pytest.mark.parametrize("case", IMPULSES)
def test_impulses_of_actions_are_weighted_and_the_others_are_not(case):
    week, expected = IMPULSES[case]
    run = opened(small({"tension.disputed": 0.05}), "aftermath")
    quiet_week(run, **week)
    run.state["x_s"][:] = 0.0
    run.phase("tension")
    assert run.state["x_s"][WEST] == pytest.approx(expected, abs=1e-15)
    assert not run.state["x_s"][[EAST, NORTH, BASE]].any()


def test_single_events_weigh_by_the_length_of_the_sector():
    """A strike that kills and a hold, in a sector of 60 km: the mean over a line of any cut rises by as much."""
    run = opened(small(), "aftermath")
    quiet_week(run, action_R_s={EAST: STRIKE}, K_s={EAST: 1}, reply_s={EAST: HOLD})
    run.state["x_s"][:] = 0.0
    run.phase("tension")
    assert run.state["x_s"][EAST] == pytest.approx((0.6 / 1.1 * 0.2 + 0.2 + 0.1) / 0.6, abs=1e-15)


def test_tension_diffuses_between_adjacent_line_places_only():
    """Three line places around a border: ends have one neighbour, the border is its own, hubs have none."""
    names = [place.name for place in SMALL.places]
    data = SMALL.to_dict()
    middle = {**data["places"][0], "name": "Middle", "hot_spot": 1.0, "monitors": 0}
    data["places"] = [data["places"][0], data["places"][2], middle, data["places"][1], data["places"][3]]
    data["contingents"][0]["deployment"] = {"West": 0.2, "North": 0.1, "Middle": 0.1, "Base": 0.6}
    scenario = Scenario.from_dict(data).override({"tension.diffusion": 0.5, "tension.persistence": 0.5})
    assert len(names) == 4
    run = opened(scenario, "aftermath")
    quiet_week(run)
    run.state["x_s"][:5] = [1.0, 8.0, 3.0, 7.0, 0.0]
    run.phase("tension")
    expected = [0.5 * (0.5 * 1 + 0.5 * 3), 0.5 * 8, 0.5 * (0.5 * 3 + 0.5 * 4), 0.5 * (0.5 * 7 + 0.5 * 3), 0]
    np.testing.assert_allclose(run.state["x_s"][:5], expected, atol=1e-15)
    np.testing.assert_array_equal(run.week["x_s"], run.state["x_s"])


def test_restraint_erodes_where_a_breach_was_seen_grows_elsewhere_and_truces_renew_it_everywhere():
    truce = {"truce.residual": 0.3, "truce.erosion": 0.6, "truce.recommitment_jump": 0.25}
    truce["truce.reciprocity"] = math.log(1.25)
    run = opened(small(truce, {"truce.recommitments_per_year": 0}), "aftermath")
    quiet_week(run, signal_s={WEST: DISPUTED, EAST: RUSSIA})
    run.state["r_s"][:] = 0.8
    run.phase("tension")
    np.testing.assert_allclose(run.state["r_s"][:4], [0.74, 0.74, 5 / 6, 0.8], atol=1e-15)  # a hub has none
    truce["truce.reciprocity"] = 0.0
    run = opened(small(truce, {"truce.recommitments_per_year": 52}), "aftermath")
    quiet_week(run)
    run.state["r_s"][:] = 0.2
    run.phase("tension")
    count = int(run.week["recommitments"])
    assert run.state["r_s"][NORTH] == pytest.approx(1.0 - 0.8 * 0.75**count, abs=1e-15)
    assert run.outcomes["recommitments"] == count


def test_a_strike_alone_leaves_restraint_as_it_is():
    """It is aimed at the force; a breach of Ukraine's beside it erodes restraint like any other."""
    run = opened(small({"truce.erosion": 0.6, "truce.residual": 0.3, "truce.recommitments_per_year": 0}), "aftermath")
    quiet_week(
        run, action_R_s={WEST: STRIKE, EAST: STRIKE}, action_U_s={EAST: PROBE}, signal_s={WEST: RUSSIA, EAST: RUSSIA}
    )
    run.state["r_s"][:] = 0.8
    run.phase("tension")
    np.testing.assert_allclose(run.state["r_s"][:2], [0.8, 0.74], atol=1e-15)


def test_renewed_truces_come_at_their_rate():
    """Poisson with mean 13/52 a week over 400 runs of 26 weeks: |z| < LIMIT for mean; variance/mean within 4 sd."""
    runs = small({"truce.recommitments_per_year": 13, "war.prize": 0, "war_ukraine.prize": 0})
    outcomes = simulate([runs], 400, seed=4)[0]
    outcomes = outcomes[outcomes["weeks"] == 26]
    counts = outcomes["recommitments"]
    assert abs(counts.mean() - 6.5) / math.sqrt(6.5 / len(counts)) < LIMIT
    assert abs(counts.var() / counts.mean() - 1) < LIMIT * math.sqrt(2 / len(counts))


def test_support_falls_by_deaths_over_the_root_of_the_contingent():
    run = opened(through="aftermath")
    quiet_week(run, felt_n={0: 3})
    run.phase("tension")
    assert run.state["support_n"][0] == pytest.approx(0.55 - 0.06 * 3 / math.sqrt(3), abs=1e-15)
    assert run.state["support_n"][1] == 0.55


@pytest.mark.parametrize(("inside", "share"), [((1, 1, 1), 1.0), ((1, 0, 1), 4 / 6), ((0, 0, 0), 0.0)])
def test_readiness_grows_with_the_share_of_the_force_that_stayed(inside, share):
    run = opened(through="aftermath")
    quiet_week(run)
    run.state["in_n"][:3] = inside
    run.phase("tension")
    assert run.state["U"] == pytest.approx(0.4 + 0.006 * (0.5 + 0.5 * share) * 0.4 * (1 - 0.4 / 0.7), abs=1e-15)


def test_without_a_force_readiness_grows_in_full():
    run = SingleRun(Scenario.from_dict(SMALL.to_dict() | {"contingents": []}), seed=9)
    run.advance()
    U, V = 0.4 + 0.006 * 0.4 * (1 - 0.4 / 0.7), 0.6 + 0.006 * 0.6 * (1 - 0.6)
    assert run.state["B"] == pytest.approx(U / (U + V), abs=1e-15)


# -- deployment --


def test_the_force_arrives_linearly_from_its_first_week_and_slower_in_winter():
    """From week 2, ten weeks' pace; the first Monday of December 2027 is the 6th, week 3 of a start on 15 November."""
    scenario = small({"force.start_week": 2, "force.deploy_weeks": 10, "start_date": "2027-11-15", "war.prize": 0})
    run = SingleRun(scenario, seed=9)
    ramps = [float(run.advance()["ramp"]) for _ in range(8)]
    np.testing.assert_allclose(ramps, [0, 0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35], atol=1e-15)


def test_the_share_deployed_is_taken_at_the_target_week():
    run = SingleRun(small({"force.deploy_weeks": 10, "force.target_week": 4, "war.prize": 0}), seed=9)
    for _ in range(4):
        run.advance()
        assert run.outcomes["share_deployed"] == -1
    w = run.advance()
    assert run.outcomes["share_deployed"] == pytest.approx(w["troops"] / 6) == pytest.approx(0.5, abs=0.05)


def test_the_nations_of_the_52nd_week_are_those_that_are_in_when_it_starts():
    run = SingleRun(small({"war.prize": 0, "war_ukraine.prize": 0}), seed=9, weeks=53)
    run._state["week"] = 50
    run.advance()
    assert run.outcomes["nations_week_52"] == -1
    run._state["in_n"][0, :3] = [1, 0, 1]
    run.advance()
    assert run.outcomes["nations_week_52"] == 2


def test_the_largest_garrison_leads_and_a_tie_goes_to_the_lower_index():
    data = SMALL.to_dict()
    for nation, troops in zip(data["contingents"], (2.0, 2.0, 4.0), strict=True):
        nation |= {"troops": troops, "deployment": {"West": 0.25, "East": 0.25, "Base": 0.5}}
    data["contingents"][2]["deployment"] = {"West": 0.125, "East": 0.375, "Base": 0.5}
    run = opened(Scenario.from_dict(data))
    assert run.week["m_s"][WEST] == 1.5
    assert list(run.week["lead_s"][:4]) == [0, 2, -1, 2]


def test_a_post_given_up_stands_empty_for_its_weeks_and_the_next_largest_leads():
    """Pulled back in week 0 with vacant_weeks 3: empty in weeks 1 to 3, manned in week 4; hubs keep their troops."""
    run = opened(small({"force.vacant_weeks": 3, "war.prize": 0}), "reply")
    quiet_week(run, response_s={WEST: PULL_BACK})
    play(run, after="reply")
    lead = int(run.week["lead_s"][WEST])
    assert lead == 0
    run.close_week()
    for week in range(1, 6):
        w = run.advance()
        if (w["response_s"][:4] == PULL_BACK).any():
            pytest.fail("another post was given up: choose another seed")
        assert (w["garrison_sn"][WEST, 0] == 0) == (week < 4)
        assert w["lead_s"][WEST] == (2 if week < 4 else 0)
        assert w["m_s"][WEST] == pytest.approx(0.2 if week < 4 else 0.8)
        assert w["garrison_sn"][BASE, 0] == pytest.approx(2.1)


@pytest.mark.parametrize(("leave", "vacated", "left"), [(True, 0.0, 0.0), (False, 30.0, 30.0)])
def test_monitors_leave_with_the_force_only_if_told_to(leave, vacated, left):
    scenario = small({"monitoring.leave_with_force": leave})
    run = opened(scenario)
    assert run.week["monitors_s"][EAST] == 30
    run.state["vacant_until"][EAST, 1] = 5  # one of the two nations there
    run.phase("deploy")
    assert run.week["monitors_s"][EAST] == 30
    run.state["vacant_until"][EAST, 2] = 5
    run.phase("deploy")
    assert run.week["monitors_s"][EAST] == vacated
    run.state["vacant_until"][:] = 0
    run.state["in_n"][1:3] = 0
    run.phase("deploy")
    assert run.week["monitors_s"][EAST] == left


def test_a_schedule_takes_effect_in_its_week():
    data = SMALL.to_dict() | {"schedule": [
        {"week": 2, "set": {"mandate.roe": "observe"}}, {"week": 4, "set": {"monitoring.isr": 0.1}},
    ]}  # fmt: skip
    run = SingleRun(Scenario.from_dict(data).override({"war.prize": 0}), seed=9)
    seen = []
    for _ in range(6):
        run.advance()
        p = run.parameters[run.state["row"]]
        seen.append((int(run.state["row"]), int(p["roe"]), float(p["isr"]), int(run.games[WEST]["fire"].sum())))
    assert seen == [(0, 1, 0.4, 2)] * 2 + [(1, 0, 0.4, 0)] * 2 + [(2, 0, 0.1, 0)] * 2


# -- rules that read the last weeks --


@pytest.mark.parametrize(("last", "expected"), [(-1, 0), (5, 0), (6, 1), (9, 1)])
def test_sustained_looks_at_the_four_weeks_before(last, expected):
    """In week 10: a European death by an attributed breach in weeks 6 to 9."""
    assert opened(week=10, last_attributed=last).week["sustained"] == expected


@pytest.mark.parametrize(("last", "weeks", "expected"), [(-1, 3, 0), (6, 3, 0), (7, 3, 1), (9, 3, 1), (9, 0, 0)])
def test_the_guarantee_is_void_in_the_weeks_after_attributed_raids(last, weeks, expected):
    """In week 10 with void_weeks 3: raids in weeks 7 to 9; never with void_weeks 0."""
    run = opened(small({"guarantee.void_weeks": weeks}), "solve", week=10, last_void=last)
    assert run.week["void"] == expected
    assert all(g["invoked"].any() == (not expected) for g in run.games)


@pytest.mark.parametrize(
    ("share", "week", "expected"),
    [
        (0.5, {"action_U_s": {WEST: RAID}, "signal_s": {WEST: UKRAINE}}, 0),
        (0.51, {"action_U_s": {WEST: RAID}, "signal_s": {WEST: UKRAINE}}, -1),
        (1.0, {"action_U_s": {WEST: RAID, EAST: RAID}, "signal_s": {WEST: UKRAINE, EAST: UKRAINE}}, 0),
        (0.5, {"action_U_s": {WEST: PROBE}, "signal_s": {WEST: UKRAINE}}, -1),  # a probe
        (0.5, {"action_U_s": {WEST: RAID}, "signal_s": {WEST: DISPUTED}}, -1),  # disputed
        (0.5, {"action_U_s": {WEST: COMPLY}, "signal_s": {WEST: UKRAINE}}, -1),  # wrongly named
        (0.01, {"action_U_s": {NORTH: RAID}, "signal_s": {NORTH: UKRAINE}}, -1),  # a border
    ],
)
def test_what_voids_the_guarantee(share, week, expected):
    run = opened(small({"guarantee.void_share": share}), "reply")
    quiet_week(run, **week)
    run.phase("aftermath")
    assert run.state["last_void"] == expected


def test_void_ends_at_the_review_too():
    """A guarantee void today binds nobody in a war today: p_A = 0 for both types, and not in the world without it."""
    values = []
    for last in (-1, 9):
        run = opened(small({"guarantee.void_weeks": 3, "war.review_weeks": 1}), "solve", week=10, last_void=last)
        play(run, after="solve")
        values.append(run.week["p_A"].copy())
    assert (values[0] > 0).all()
    assert (values[1] == 0).all()


TRIGGERS = {
    ("never", 0): ((), ()),
    ("any_fatality", 0): ((3, 5, 7), (3, 5, 7)),
    ("attributed_fatality", 0): ((3,), (3,)),
    ("sustained", 0): ((), ()),
    ("sustained", 1): ((3,), (3,)),
    ("attack_across_line", 1): ((3,), ()),
    ("attack_across_line", 0): ((), ()),
}


@pytest.mark.parametrize(("trigger", "before"), TRIGGERS)
def test_what_invokes_the_guarantee_in_a_line_place_and_in_a_hub(trigger, before):
    run = opened(small({"guarantee.trigger": trigger}), "solve", week=1, last_attributed=0 if before else -1)
    for place, expected in zip((WEST, BASE), TRIGGERS[trigger, before], strict=True):
        assert tuple(np.flatnonzero(run.games[place]["invoked"])) == expected


@pytest.mark.parametrize(
    ("K", "signal", "expected"), [(1, RUSSIA, 0), (1, DISPUTED, -1), (1, UKRAINE, -1), (0, RUSSIA, -1)]
)
def test_only_an_attributed_death_sustains(K, signal, expected):
    run = opened(through="reply")
    quiet_week(run, K_s={WEST: K}, signal_s={WEST: signal})
    run.phase("aftermath")
    assert run.state["last_attributed"] == expected


# -- rungs, spirals, deaths --

RUNGS = {
    "calm": ({}, Rung.CALM),
    "probe": ({"action_U_s": {WEST: PROBE}}, Rung.PROBE),
    "raid": ({"action_R_s": {WEST: RAID}}, Rung.RAID),
    "Ukrainian raid": ({"action_U_s": {WEST: RAID}, "action_R_s": {WEST: PROBE}}, Rung.RAID),
    "strike that killed nobody": ({"action_R_s": {BASE: STRIKE}}, Rung.STRIKE_OR_DEATH),
    "a death": (
        {"action_R_s": {WEST: PROBE}, "K_s": {WEST: 1}, "signal_s": {WEST: RUSSIA}},
        Rung.STRIKE_OR_DEATH,
    ),
    "fire": (
        {"signal_s": {WEST: RUSSIA}, "response_s": {WEST: FIRE}, "reply_s": {WEST: STAND_DOWN}},
        Rung.EXCHANGE_OF_FIRE,
    ),
    "stood down before Washington": (
        {"signal_s": {WEST: RUSSIA}, "decision_s": {WEST: HONOUR}, "reply_s": {WEST: STAND_DOWN}},
        Rung.CALM,
    ),
    "held before Washington": (
        {"signal_s": {WEST: RUSSIA}, "decision_s": {WEST: HONOUR}, "reply_s": {WEST: HOLD}},
        Rung.EXCHANGE_OF_FIRE,
    ),
    "the highest of all places": (
        {"action_R_s": {WEST: RAID, EAST: PROBE, BASE: STRIKE}},
        Rung.STRIKE_OR_DEATH,
    ),
}


@pytest.mark.parametrize("case", RUNGS)
def test_the_rung_of_a_week(case):
    week, expected = RUNGS[case]
    run = opened(through="reply")
    quiet_week(run, **week)
    run.phase("aftermath")
    assert run.week["rung"] == expected
    run.close_week()
    assert run.outcomes["rung"] == expected
    assert run.outcomes["rung_weeks"][expected] == 1


@pytest.mark.parametrize(
    ("decisions", "us", "coalition", "rung", "cause"),
    [
        ((-1, -1), 1, 1, Rung.WAR_RUSSIA_COALITION, EndCause.SPIRAL_COALITION),
        ((HONOUR, -1), 1, 1, Rung.WAR_WITH_US, EndCause.SPIRAL_US),
        ((HONOUR, -1), 0, 1, Rung.WAR_RUSSIA_COALITION, EndCause.SPIRAL_COALITION),
        ((-1, HONOUR), 1, 0, Rung.WAR_WITH_US, EndCause.SPIRAL_US),
        ((DECLINE, SANCTION), 1, 1, Rung.WAR_RUSSIA_COALITION, EndCause.SPIRAL_COALITION),
        ((HONOUR, -1), 0, 0, Rung.EXCHANGE_OF_FIRE, EndCause.HORIZON),
    ],
)
def test_an_escalated_reply_widens_and_the_worst_place_counts(decisions, us, coalition, rung, cause):
    run = opened(small({"war_response.spiral_us": us, "war_response.spiral_coalition": coalition}), "reply")
    quiet_week(
        run, signal_s={WEST: RUSSIA, EAST: RUSSIA}, response_s={WEST: FIRE, EAST: FIRE},
        reply_s={WEST: ESCALATE, EAST: ESCALATE},
        decision_s=dict(zip((WEST, EAST), decisions, strict=True)),
    )  # fmt: skip
    run.phase("aftermath")
    assert run.week["rung"] == rung
    assert run.outcomes["end_cause"] == cause
    assert run.alive == (rung < Rung.WAR_RUSSIA_UKRAINE)
    assert run.outcomes["exchanges"][PlaceKind.LINE] == 2


def test_after_a_spiral_nobody_decides_but_the_week_is_learnt_from():
    run = opened(small({"war_response.spiral_coalition": 1, "force.review_weeks": 1, "war.review_weeks": 1}), "reply")
    quiet_week(run, signal_s={WEST: RUSSIA}, response_s={WEST: FIRE}, reply_s={WEST: ESCALATE})
    play(run, after="reply")
    assert (run.week["p_stay_n"][:3] == -1).all()
    assert run.week["p_resume_bluffing"] == run.week["p_resume_ukraine"] == run.week["resumed"] * 0 - 1
    assert run.week["mu"] > run.week["mu_start"]


def test_types_of_the_week_are_those_before_the_redraw():
    """With omega 1 the type changes in `learn`; what was drawn before, and the week's record, are of the old one."""
    run = SingleRun(small({"beliefs.redraw": 1, "threat.sincerity": 0.5, "war.prize": 0}), seed=2)
    changed = 0
    while run.alive:
        before = int(run.state["kappa"])
        w = run.advance()
        assert w["kappa"] == before
        for s, g in enumerate(run.games):
            assert w["p_action_R_s"][s] == g["p_R"][before, w["action_R_s"][s]]
        changed += int(run.state["kappa"]) != before
    assert changed > 3


def test_a_join_that_cannot_be_solved_names_its_game():
    """The commitment game is the same before week 0 as at a mandate renewal."""
    parameters, _ = rows([SMALL])
    parameters["upkeep"] = np.nan
    state, week, out, scratch = (np.zeros(1, dtype) for dtype in (STATE, WEEK, OUTCOMES, SCRATCH))
    games = blocks_of(len(SMALL.places))
    failed = begin(parameters, 0, 1, 0, state, week, games, out, scratch)
    assert failed == scratch[0]["unsolved"] == Unsolved.COMMITMENT_GAME


def test_the_phases_come_in_the_order_of_the_specification():
    """docs/model.md, section 3, describes each of them, by name and in this order."""
    described = re.findall(r"^\* \*\*E3\.\d+\*\* (\w+):", MODEL_PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    described = described[: described.index("resume") + 1]
    assert [name for name in PHASE_NAMES if name in described] == described


def test_a_phase_of_another_name_is_refused():
    run = SingleRun(SMALL, seed=9)
    run.open_week()
    with pytest.raises(InputError, match=r"phase: 'comit' is not allowed; must be one of deploy, .* mean commit"):
        run.phase("comit")


def test_playing_the_phases_one_by_one_is_playing_the_week():
    whole, parts = SingleRun(small(EVENTFUL), seed=8), SingleRun(small(EVENTFUL), seed=8)
    for _ in range(5):
        whole.advance()
        parts.open_week()
        play(parts)
        parts.close_week()
        assert whole.week.tobytes() == parts.week.tobytes()
        assert whole.state.tobytes() == parts.state.tobytes()
        assert whole.outcomes.tobytes() == parts.outcomes.tobytes()
