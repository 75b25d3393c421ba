"""The patterns that must come out (docs/model.md, section 11), at the defaults and under common random numbers.

Every statistical test is a paired difference over runs that share their draws, judged by z = mean / standard error. A
direction is asserted with z beyond FOUND = 3.3: where there is no effect at all it is found once in 2,000 times. "Not
higher" is refuted only beyond the same bound. Every seed is fixed, so a pass is repeated exactly.
"""

import numpy as np
import pytest

from fragile_peace.codes import Decision, EndCause, Event, PlaceKind, Reply, Response
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.week import begin
from fragile_peace.proof.incident import solve_incident
from fragile_peace.runs.simulation import simulate, simulate_weekly
from fragile_peace.runs.single import SingleRun
from tests.tools.worlds import play, small

FOUND = 3.3
SEED = 20260101
ALL_IN = {"force.deploy_weeks": 0}
HUB = 15


def z_of(difference):
    """z of a mean."""
    difference = np.asarray(difference, dtype=float)
    return difference.mean() / (difference.std(ddof=1) / np.sqrt(len(difference)))


def at(base, name, values, runs, weeks):
    """Outcomes of one scenario at several values of one parameter, shape (values, runs)."""
    return simulate([base.override({name: value}) for value in values], runs, seed=SEED, weeks=weeks)


def resumption(outcomes):
    """The compensator of a war that somebody resumed: of a collapse, less the spirals'."""
    hazards = outcomes["compensator"]
    return hazards[..., Event.COLLAPSE] - hazards[..., Event.SPIRAL_US] - hazards[..., Event.SPIRAL_COALITION]


def watched(base, density):
    """The scenario with civilian monitors at this density (persons per km) on the whole line."""
    line = [place for place in base.places if place.kind == PlaceKind.LINE]
    return base.override({f"places.{place.name}.monitors": density * place.length_km for place in line})


@pytest.fixture(scope="module")
def default():
    return Scenario.load("reassurance_15k").override(ALL_IN)


@pytest.fixture(scope="module")
def alone():
    return Scenario.load("no_force")


# -- 1, 2: presence --


def test_1_the_first_accusation_comes_within_days_without_presence_and_much_later_with_it(alone):
    """Medians of 100 runs: within a week; at least three times later (measured 1.8 days; 34 times)."""
    borders = {f"places.{p.name}.monitors": 3.5 * p.length_km for p in alone.places if p.kind == PlaceKind.BORDER}
    dense = watched(alone, 3.5).override(borders)
    never = 7.0 * 20
    first = simulate([alone, dense], 100, seed=SEED, weeks=20)["first_accusation_day"]
    first = np.where(first < 0, never, first)
    assert np.median(first[0]) < 7
    assert np.median(first[1]) > 3 * np.median(first[0])
    assert z_of(first[1] - first[0]) > FOUND


def test_2_presence_raises_the_attributed_share_and_lowers_violations_less_and_less(alone):
    """Densities 0, 1, 2, 4 per km: every step raises one and lowers the other, and each less than the step before."""
    outcomes = simulate([watched(alone, density) for density in (0, 1, 2, 4)], 120, seed=SEED, weeks=26)
    breaches = outcomes["breaches_R"][..., 1:].sum(-1) + outcomes["breaches_U"][..., 1:].sum(-1)
    named = outcomes["attributed_R"] + outcomes["attributed_U"] - outcomes["misattributed"]
    share = named.sum(1) / breaches.sum(1)
    assert share[0] < share[1] < share[2] < share[3]
    steps = -np.diff(outcomes["line_true"].mean(1))
    for step in np.diff(outcomes["line_true"], axis=0):
        assert z_of(step) < -FOUND
    assert steps[0] > steps[1] > steps[2]
    assert share[1] - share[0] > share[2] - share[1] > (share[3] - share[2]) / 2


# -- 3, 7: the war itself --


def scaled(base, factor, changes=()):
    """The default force times a factor."""
    troops = {f"contingents.{c.name}.troops": factor * c.troops for c in base.contingents}
    return base.override(troops | dict(changes))


def test_3_a_token_tripwire_barely_changes_resumption_and_a_force_does(default, alone):
    """150 troops change it by under a twentieth, 450 by under a tenth; 15,000 by over half, mostly by the balance."""
    worlds = [
        alone,
        *(scaled(default, f) for f in (0.01, 0.03, 1)),
        scaled(default, 1, {"war.force_weight": 0}.items()),
    ]
    none, squad, token, force, tripwire = resumption(simulate(worlds, 60, seed=SEED, weeks=26))
    assert abs(squad.mean() - none.mean()) < none.mean() / 20
    assert abs(token.mean() - none.mean()) < none.mean() / 10
    assert force.mean() < none.mean() / 2
    assert z_of(force - token) < -FOUND
    assert (none - tripwire).mean() < (none - force).mean() / 2


def test_3_resumption_is_continuous_where_the_force_vanishes(default, alone):
    """The first review's hazards with everyone in: linear in the force at 0.3, 1.5 and 7.5 thousand."""
    loyal = {"commitment.politics": 0, "commitment.upkeep": 0, "commitment.legitimacy": 10}

    def first_review(scenario):
        run = SingleRun(scenario, seed=SEED, weeks=4)
        while run.alive:
            run.advance()
        assert run.outcomes["joined"] == len(scenario.contingents)
        return run.week["p_resume_bluffing"], run.state["x_s"][: len(alone.places)].sum()

    quiet = {"counts.probe": 0, "tension.persistence": 0, "war.grievance": 0}
    none, _ = first_review(alone.override(quiet))
    gaps = []
    for share in (0.02, 0.1, 0.5):  # of the default force
        hazard, _ = first_review(scaled(default, share, (quiet | loyal).items()))
        gaps.append((none - hazard) / share)
    assert gaps[0] == pytest.approx(gaps[1], rel=0.1)
    assert abs(gaps[0] * 0.02) < 0.1 * none


@pytest.mark.parametrize("of_russia", [0, 0.006])
def test_7_faster_regeneration_lowers_the_eventual_risk_and_first_raises_the_early_one(of_russia):
    """Ten years of a small world without a force, growth 0 to 0.05 a week: a closing window (Powell 2006).

    Against a Russia that does not rebuild it closes for good: every step lowers the eventual risk and brings the median
    forward. A Russia that rebuilds keeps it ajar.
    """
    change = {"war_ukraine.prize": 0, "reconstitution.growth": of_russia}
    base = Scenario.from_dict(small(change).to_dict() | {"contingents": []})
    growth = (0, 0.006, 0.012, 0.024, 0.05)
    eventual = at(base, "readiness.growth", growth, 220, 520)
    risk = resumption(eventual)
    assert z_of(risk[-1] - risk[0]) < -FOUND
    if of_russia == 0:
        assert all(z_of(step) < -FOUND for step in np.diff(risk, axis=0))
        resumed = eventual["end_cause"] == EndCause.RESUMED_RUSSIA
        medians = [np.median(eventual["weeks"][k][resumed[k]]) for k in range(4)]
        assert medians == sorted(medians, reverse=True)
        assert medians[-1] < medians[0] / 3
    early = resumption(at(base, "readiness.growth", growth, 150, 12))
    top = int(early.mean(1).argmax())
    assert 0 < top < len(growth) - 1
    assert z_of(early[top] - early[0]) > FOUND
    assert z_of(early[top] - early[-1]) > FOUND


# -- 4: the threat --


@pytest.fixture(scope="module")
def threatened(default):
    """A committed Russia under three levels of the threat, for four weeks: at the loudest the coalition soon leaves."""
    base = default.override({"threat.sincerity": 1, "mandate.roe": "enforce"})
    return at(base, "threat.level", (0, 0.5, 1), 1000, 4)


def test_4_a_louder_threat_brings_strikes_and_withdrawals_from_posts(threatened):
    quiet, middling, loud = threatened
    for quieter, louder in ((quiet, middling), (middling, loud)):
        assert z_of(louder["strikes"].sum(1) - quieter["strikes"].sum(1)) > FOUND
    pulled_back = threatened["responses"][..., Response.PULL_BACK]
    assert z_of(pulled_back[1] - pulled_back[0]) > 0
    assert z_of(pulled_back[2] - pulled_back[0]) > FOUND


def test_4_a_louder_threat_makes_standing_down_rarer(threatened):
    """A smaller share of replies: the difference of two shares, unpaired, z < -FOUND."""
    replies = threatened["replies"].sum(1)
    shares = replies[:, Reply.STAND_DOWN] / replies.sum(1)
    error = np.sqrt((shares * (1 - shares) / replies.sum(1))[[0, 2]].sum())
    assert (shares[2] - shares[0]) / error < -FOUND


@pytest.mark.parametrize("place", [0, 12, HUB])
def test_4_in_one_game_the_threat_binds_hands(default, place):
    """P(stand down) falls in the threat after every (f, h), for both types, at every kind of place."""
    before = None
    for level in (0, 0.25, 0.5, 0.75, 1):
        table = solve_incident(default.override({"threat.level": level}), place).table
        after = table["reply"][:, 1:, :, Reply.STAND_DOWN].copy()
        assert before is None or (after < before).all()
        before = after


# -- 5: the guarantee --


def test_5_each_refusal_lowers_the_belief_in_washington(default):
    """In every week in which Washington only declined, gamma ends below where it would have drifted without it."""
    reluctant = {"threat.sincerity": 1, "guarantee.sincerity": 0, "guarantee.level": 0.3}
    eager = default.override(reluctant | {"guarantee.trigger": "any_fatality"})
    weeks = simulate_weekly([eager], 80, seed=SEED, weeks=12, kept=80).weeks[0].ravel()
    weeks = weeks[weeks["troops"] > 0]
    calls = (weeks["decision_s"] >= 0) & (np.arange(32) < len(eager.places))
    refused = calls.any(1) & ((weeks["decision_s"] == Decision.DECLINE) == calls)[:, : len(eager.places)].all(1)
    refused &= weeks["gamma_start"] > 0.01
    assert refused.sum() >= 10
    drift = 0.99 * weeks["gamma_start"] + 0.01 * eager.guarantee.credibility
    assert (weeks["gamma"][refused] < drift[refused]).all()


def test_5_a_guarantee_less_believed_brings_strikes_and_resumption(default):
    """The same Washington, believed at 0.8, 0.35, 0.1: a committed Russia strikes more, and any Russia resumes more."""
    base = default.override({"threat.sincerity": 1, "guarantee.sincerity": 0.35})
    firm, middling, weak = at(base, "guarantee.credibility", (0.8, 0.35, 0.1), 100, 8)
    assert z_of(resumption(middling) - resumption(firm)) > FOUND
    assert z_of(resumption(weak) - resumption(middling)) > FOUND
    struck = Event.STRIKE_OR_DEATH
    assert z_of(weak["compensator"][:, struck] - firm["compensator"][:, struck]) > FOUND


# -- 6: rules of engagement --


def test_6_enforcing_means_fewer_violations_and_many_more_exchanges_of_fire(default):
    """Against self-defence, a week: fewer violations and local deaths, at least ten times the fire; no more deaths."""
    meek, firm = at(default, "mandate.roe", ("self_defence", "enforce"), 250, 30)
    assert z_of(firm["line_true"] / firm["weeks"] - meek["line_true"] / meek["weeks"]) < -FOUND
    assert z_of(firm["local_deaths"] / firm["weeks"] - meek["local_deaths"] / meek["weeks"]) < -FOUND
    assert firm["exchanges"].sum() > 10 * meek["exchanges"].sum()
    assert z_of(firm["exchanges"].sum(1) - meek["exchanges"].sum(1)) > FOUND
    assert z_of(firm["deaths"].sum(1) - meek["deaths"].sum(1)) < FOUND
    assert z_of(firm["fatal_place_weeks"].sum(1) - meek["fatal_place_weeks"].sum(1)) < FOUND
    # not higher, with power: a rise of a third would have been seen
    spread = (firm["fatal_place_weeks"].sum(1) - meek["fatal_place_weeks"].sum(1)).std() / np.sqrt(250)
    assert FOUND * spread < meek["fatal_place_weeks"].sum(1).mean() / 2


# -- 8: contagion --


def after_deaths(scenario, run, dead):
    """P(stay) of the five, and who is in, in a week in which the first contingent lost `dead` more."""
    single = SingleRun(scenario, seed=SEED, run=run, weeks=30)
    for _ in range(2):
        single.advance()
    single.open_week()
    play(single, through="aftermath")
    single.week["deaths_n"][0] += dead
    single.week["felt_n"][0] += dead
    play(single, after="aftermath")
    return single.week["p_stay_n"][: len(scenario.contingents)].copy()


def test_8_a_mass_casualty_event_of_one_nation_makes_the_others_leave(default):
    """The same week with one death or 241 (Beirut 1983): the others' chance to leave rises by half (it doubles)."""
    pairs = [[after_deaths(default, run, dead) for dead in (1, 241)] for run in range(30)]
    few, many = np.swapaxes(1.0 - np.array(pairs), 0, 1)
    assert (many[:, 0] > 0.2).all()
    assert (many[:, 1:] > 1.5 * few[:, 1:]).all()


def test_8_deadlier_strikes_empty_the_coalition(default):
    """Strikes of which many kill dozens (exponent 1.5, not 2.4), with nothing else changed: more contingents leave."""
    base = default.override({"threat.sincerity": 1})
    mild, deadly = at(base, "fatality.strike_tail", (2.4, 1.5), 500, 20)
    assert z_of(deadly["left"] - mild["left"]) > FOUND
    others = (deadly["left_week_n"] >= 0) & (deadly["deaths_n"] == 0)
    baseline = (mild["left_week_n"] >= 0) & (mild["deaths_n"] == 0)
    assert z_of(others.sum(1) - baseline.sum(1).astype(float)) > 0  # also those that lost nobody


# -- 9: precision --


def test_9_without_precision_every_choice_is_uniform():
    """lambda = 0 in sections 4 and 8, by the engine; in section 9 e^v = w/4 + e^(delta v), P = w/4 e^-v, w weeks."""
    names = ("precision.russia", "precision.ukraine", "precision.contingent", "precision.united_states")
    every = dict.fromkeys((*names, "precision.commitment", "war.precision", "war_ukraine.precision"), 0)
    run = SingleRun(small(every, {"force.review_weeks": 1, "war.review_weeks": 1}), seed=SEED)
    w = run.advance()
    for g in run.games:
        weights = g["active_R"] * np.array([1, 1, 1, np.exp(g["log_weight"])])  # of opportunities
        for strategy, weight in ((g["p_R"][0], weights), (g["p_R"][1], weights), (g["p_U"], g["active_U"])):
            np.testing.assert_allclose(strategy, weight / weight.sum(), atol=1e-15)
        np.testing.assert_allclose(g["reply"], 1 / 3, atol=1e-15)
        for o in np.flatnonzero(g["respond"]):
            options = np.array([1, g["fire"][o], 1])
            np.testing.assert_allclose(g["response"][o], options / options.sum(), atol=1e-15)
            if g["invoked"][o]:
                np.testing.assert_allclose(g["decision"][:, 0, o], 1 / 3, atol=1e-15)
    stays = w["p_stay_n"][:3]
    np.testing.assert_allclose(stays[stays >= 0], 0.5, atol=1e-15)
    v, delta = 0.0, run.scenario.war.discount ** (1 / 52)
    for _ in range(20_000):
        v = np.log(0.25 + np.exp(delta * v))
    assert w["p_resume_bluffing"] == w["p_resume_committed"] == pytest.approx(0.25 * np.exp(-v), rel=1e-9)


def solved_at(scenario, lam, guess):
    """The games of a tense week 0 at a precision beyond the declared bounds, solved from a guess of the first moves."""
    run = SingleRun(scenario, seed=SEED)
    for who in ("russia", "ukraine", "lead", "us"):
        run.parameters[f"lam_{who}"] = lam
    for rows in run._rows():
        rows[:] = np.zeros(len(rows), rows.dtype)
    assert begin(run.parameters, 0, SEED, 0, *run._rows()) == 0
    run.open_week()
    run.phase("deploy")
    run.state["x_s"][:12], run.state["r_s"][:] = 2.0, 0.3
    run._state["mu"] = 0.5
    for s, moves in enumerate(guess):
        block, lane = run._games[s // LANES], s % LANES
        block["odds_R"][..., lane], block["odds_U"][..., lane], block["p_U"][..., lane] = moves
    run.phase("solve")
    return run.games


def test_9_with_growing_precision_no_deviation_pays_beyond_the_logit_bound(default):
    """By homotopy, lambda 1 to 160, every game from its last solution: at every information set of every place
    max u - sum p u <= ln(options)/lambda."""
    guess, torn = (), 0.0
    for lam in np.geomspace(1, 160, 40):
        games = solved_at(default, lam, guess)
        guess = [(g["odds_R"], g["odds_U"], g["p_U"]) for g in games]
        for g in games:
            sets = [(g["u_R"][0], g["p_R"][0]), (g["u_R"][1], g["p_R"][1]), (g["u_U"], g["p_U"])]
            sets += [(g["u_C"][o], g["response"][o]) for o in np.flatnonzero(g["respond"])]
            for u, p in sets:
                exists = np.isfinite(u)
                regret = u[exists].max() - (p[exists] * u[exists]).sum()
                assert regret <= np.log(exists.sum()) / lam + 1e-9  # a line place of 100 km or less: no more options
                torn = max(torn, regret * lam)
    assert torn > 0.1  # somebody was torn on the way


# -- 10: a fresh truce --


def test_10_a_fresh_truce_drops_violations_by_95_percent_and_then_erodes():
    """Recorded violations against the level of 2019: at once by 95 %, then each window above the one before.

    Twenty batches of twelve runs, whose means are compared pairwise; the observed curve within a factor 1.7.
    """
    before = simulate([Scenario.load("donbas_2019")], 100, seed=SEED)[0]
    level = before["line_recorded"].sum() / before["weeks"].sum()
    truce, batches = Scenario.load("donbas_truce_2020"), []
    for batch in range(20):
        moments = simulate_weekly([truce], 12, seed=SEED + batch).moments[0]
        batches.append([(moments[slice(*w), 1] / moments[slice(*w), 0]).mean() / level for w in WINDOWS])
    batches = np.array(batches)
    assert batches[:, 0].mean() < 0.05
    for earlier, later in zip(batches.T[:-1], batches.T[1:], strict=True):
        assert z_of(later - earlier) > FOUND
    ratio = batches.mean(0) / OBSERVED
    assert (ratio > 1 / 1.7).all()
    assert (ratio < 1.7).all()


WINDOWS = ((0, 8), (8, 17), (18, 28), (34, 45), (50, 60))
OBSERVED = np.array([0.035, 0.04, 0.13, 0.42, 0.45])
"""Of the level before, in these weeks after 27 July 2020: smm_rebound_curve in model/fragile_peace/evidence.csv."""
