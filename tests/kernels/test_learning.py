"""The belief filter against brute-force enumeration of type paths, and its calibration.

The believed chain: a type before week 0 from the prior; at the end of every week's `learn` redrawn from the prior with
chance omega. Week t's observables and replies (or decisions) are those of the type before that redraw; the review of
week t is held by the type after it. So after week t there are t + 2 types on a path, 2^(t + 2) paths, and the belief
is the posterior of the last one.
"""

import numpy as np
import pytest

from fragile_peace.codes import Decision, EndCause, Response
from fragile_peace.kernels import learning
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.single import PHASE_NAMES, SingleRun
from tests.tools.worlds import EVENTFUL, WARLIKE, play, small

WEEKS = 9
RUNS = (4, 17, 18, 21, 28, 29)
"""Runs in which Washington was called, and that nobody ended within WEEKS."""
LEARNING = WARLIKE | {
    "war.review_weeks": 3, "war_ukraine.prize": 0, "war.prize": 11.5, "mandate.roe": "enforce", "beliefs.redraw": 0.03,
    "threat.credibility": 0.35, "guarantee.credibility": 0.45, "russia.strike_value": 2.6, "russia.strike_gain": -0.2,
    "war_response.spiral_us": 0, "war_response.spiral_coalition": 0, "lead.fire_cost": 0.2, "truce.restraint": 0.2,
    "united_states.escalation_loss": 2, "guarantee.trigger": "any_fatality", "fatality.raid_russia": 0.2,
    "commitment.upkeep": 0,
}  # fmt: skip


def week_likelihoods(run):
    """P(the week's public record | type), formed from strategies: of Russia's two types, of Washington's."""
    russia, washington = np.ones(2), np.ones(2)
    w = run.week
    for s, g in enumerate(run.games):
        o = 2 * w["signal_s"][s] + w["K_s"][s]
        f, h = int(w["response_s"][s] == Response.FIRE), int(w["decision_s"][s] == Decision.HONOUR)
        for kappa in range(2):
            russia[kappa] *= np.einsum("a,b,ab->", g["p_R"][kappa], g["p_U"], g["chance"][:, :, o])
            if w["reply_s"][s] >= 0:
                russia[kappa] *= g["reply"][kappa, f, h, w["reply_s"][s]]
            if w["decision_s"][s] >= 0:
                washington[kappa] *= g["decision"][kappa, f, o, w["decision_s"][s]]
    return russia, washington


def review_likelihood(run):
    """P(Russia abided | type); one where no review was held."""
    w = run.week
    if w["p_resume_bluffing"] < 0:
        return np.ones(2)
    return 1.0 - np.array([w["p_resume_bluffing"], w["p_resume_committed"]])


def enumerate_paths(prior, omega, weeks):
    """P(last type is 1 | record), from every path; `weeks` holds (likelihoods of the week, of its review)."""
    first = np.array([1.0 - prior, prior])
    total = np.zeros(2)
    for path in np.ndindex(*(2,) * (len(weeks) + 1)):
        weight = first[path[0]]
        for t, (of_week, of_review) in enumerate(weeks):
            after = path[t + 1]
            weight *= of_week[path[t]]
            weight *= (1.0 - omega) * (path[t] == after) + omega * first[after]
            weight *= of_review[after]
        total[path[-1]] += weight
    return total[1] / total.sum()


@pytest.mark.parametrize("index", RUNS)
def test_beliefs_equal_the_enumeration_of_type_paths(index):
    """Week by week to 1e-12, over WEEKS weeks with reviews, replies and decisions, where no bound binds."""
    scenario = small(LEARNING)
    run = SingleRun(scenario, seed=11, run=index, weeks=WEEKS)
    omega = scenario.beliefs.redraw
    russia, washington = [], []
    while run.alive:
        w = run.advance()
        of_russia, of_washington = week_likelihoods(run)
        russia.append((of_russia, review_likelihood(run)))
        washington.append((of_washington, np.ones(2)))
        for belief in (w["mu"], w["gamma"]):
            assert learning.LOWEST < belief < learning.HIGHEST
        assert w["mu"] == pytest.approx(enumerate_paths(scenario.threat.credibility, omega, russia), abs=1e-12)
        expected = enumerate_paths(scenario.guarantee.credibility, omega, washington)
        assert w["gamma"] == pytest.approx(expected, abs=1e-12)
    assert len(russia) == WEEKS


def test_the_enumerated_runs_hold_every_kind_of_evidence():
    """The six runs above contain replies, decisions and reviews that moved the belief; else they would prove little."""
    replies = decisions = reviews = 0
    for index in RUNS:
        run = SingleRun(small(LEARNING), seed=11, run=index, weeks=WEEKS)
        while run.alive:
            w = run.advance()
            replies += int((w["reply_s"][: len(run.games)] >= 0).sum())
            decisions += int((w["decision_s"][: len(run.games)] >= 0).sum())
            reviews += int(abs(w["p_resume_committed"] - w["p_resume_bluffing"]) > 1e-3)
    assert replies >= 12, replies
    assert decisions >= 6, decisions
    assert reviews >= 12, reviews


def test_a_review_is_learnt_from_after_the_redraw():
    """A review starts from the belief that `learn` left: Bayes' rule on that belief, no redraw after it."""
    run = SingleRun(small(LEARNING, {"war.review_weeks": 1}), seed=11)
    run.open_week()
    play(run, through="commit")
    before = run.state["mu"]
    run.phase("resume")
    bluffing, committed = 1.0 - run.week["p_resume_bluffing"], 1.0 - run.week["p_resume_committed"]
    expected = before * committed / (before * committed + (1.0 - before) * bluffing)
    assert run.state["mu"] == run.week["mu"] == pytest.approx(expected, abs=1e-14)
    assert run.state["mu"] < before


def test_a_week_is_learnt_from_all_at_once():
    """All places use the beliefs with which the week began; `learn` applies the product of their likelihoods."""
    run = SingleRun(small(EVENTFUL), seed=2)
    run.open_week()
    for name in PHASE_NAMES[: PHASE_NAMES.index("learn")]:
        run.phase(name)
        assert run.state["mu"] == 0.5
        assert run.state["gamma"] == 0.6
    russia, _ = week_likelihoods(run)
    run.phase("learn")
    posterior = russia[1] / russia.sum()
    assert run.state["mu"] == pytest.approx(0.99 * posterior + 0.01 * 0.5, abs=1e-14)


@pytest.mark.parametrize("ratio", [np.inf, -np.inf, 800.0, -800.0, 40.0])
def test_beliefs_stay_in_their_bounds(ratio):
    belief = learning.updated(0.5, ratio, 0.0, 0.3)
    assert belief == (learning.HIGHEST if ratio > 0 else learning.LOWEST)


@pytest.mark.parametrize("omega", [0.0, 0.01, 1.0])
def test_without_evidence_a_belief_returns_to_its_prior(omega):
    assert learning.updated(0.7, 0.0, omega, 0.2) == pytest.approx(0.7 + omega * (0.2 - 0.7), abs=1e-15)


def test_each_refusal_lowers_the_belief_in_washington():
    """Pattern 5, first half: a decline is likelier from a reluctant Washington wherever it may be called."""
    run = SingleRun(small(EVENTFUL), seed=1)
    run.advance()
    seen = 0
    for g in run.games:
        for o in np.flatnonzero(g["invoked"]):
            assert g["decision"][0, 0, o, Decision.DECLINE] > g["decision"][1, 0, o, Decision.DECLINE]
            assert g["decision"][0, 0, o, Decision.HONOUR] < g["decision"][1, 0, o, Decision.HONOUR]
            seen += 1
    assert seen >= 4


def test_beliefs_are_calibrated():
    """Where types are drawn from the priors, E[(type - belief) 1{nobody ended the ceasefire}] = 0.

    Overall and in each third of the beliefs: |z| < 4, eight tests, false alarm 5e-4 in all. Seed fixed.
    """
    outcomes = simulate([small(LEARNING, {"beliefs.redraw": 0.05})], 1500, seed=77, weeks=12)[0]
    lasted = outcomes[outcomes["end_cause"] == EndCause.HORIZON]
    assert len(lasted) > 300
    for kind, belief in (("kappa", "mu"), ("tau", "gamma")):
        order = np.argsort(lasted[belief])
        error = (lasted[kind] - lasted[belief])[order]
        spread = (lasted[belief] * (1.0 - lasted[belief]))[order]
        for part in (slice(None), *(slice(k * len(error) // 3, (k + 1) * len(error) // 3) for k in range(3))):
            z = error[part].sum() / np.sqrt(spread[part].sum())
            assert abs(z) < 4, (kind, part, z)
    assert lasted["mu"].std() > 0.05
