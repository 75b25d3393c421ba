"""The resumption game: the dynamic logit against independent solutions, its limits, and the path that feeds it."""

import datetime

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, log_expit

from fragile_peace.kernels import foresight, resumption
from fragile_peace.state import SCRATCH
from tests.tools.worlds import kernel_rows

RELAXED = settings(deadline=None)
"""The first call of a kernel may compile it."""

SYMBOLS = {
    "growth_R": "g_R", "V_max": "V_max",
    "growth": "g_B", "funding": "funding", "rho_E": "rho_E", "start_week": "start_week", "deploy_weeks": "deploy_weeks",
    "winter_slowdown": "winter_slowdown", "baseline": "xbar_inf", "rho": "rho", "weeks": "war_weeks",
    "foresight": "foresight_weeks", "G": "G", "roe": "roe", "allows_force": "mandate_force", "F0": "F0",
    "lam_E": "lam_E", "u_roe": "u_roe", "u_M": "u_M", "cost_E": "cost_war_E", "lam_US": "lam_US", "rep_w": "rep_w",
    "t0": "t0", "cost_reluctant": "cost_w_reluctant", "cost_steadfast": "cost_w_steadfast", "s_pi": "s_pi",
    "b_half": "b_half", "alpha_F": "alpha_F", "prize": "prize_w", "zeta": "zeta", "cost": "cost_w", "c_E": "c_E",
    "c_A": "c_A", "dividend": "dividend", "grievance": "grievance", "b_half_U": "b_half_U", "prize_U": "prize_U",
    "cost_U": "cost_U", "guarantee_U": "guarantee_U", "peace_U": "peace_U", "revanche": "revanche",
}  # fmt: skip
"""What the settings below are called in PARAMETERS, where they are in it."""
DEFAULTS = {
    "t": 40, "start": datetime.date(2026, 1, 5), "B": 0.42, "ramp": 1.0, "tension": 0.7, "troops": 15.0,
    "stay_share": 1.0, "growth": 0.006, "funding": 1.0, "rho_E": 0.5, "B_max": 0.7, "start_week": 9,
    "growth_R": 0.006, "V_max": 1.0,
    "deploy_weeks": 26, "winter_slowdown": 0.5, "baseline": 0.6, "rho": 0.9135, "weeks": 4, "foresight": 260,
    "gamma": 0.35, "G": 0.7, "roe": 1, "allows_force": 1, "void_left": 0, "F0": 15.0, "lam_E": 2.0, "u_roe": 0.5,
    "u_M": 0.5, "cost_E": 1.5, "lam_US": 2.0, "rep_w": 3.0, "t0": 0.3, "cost_reluctant": 3.5, "cost_steadfast": 1.8,
    "s_pi": 8.0, "b_half": 0.5, "alpha_F": 0.004, "prize": 12.0, "zeta": 0.5, "cost": 6.0, "c_E": 1.5, "c_A": 4.0,
    "dividend": 0.0125, "grievance": 0.003, "b_half_U": 0.7, "prize_U": 6.0, "cost_U": 5.0, "guarantee_U": 2.0,
    "peace_U": 0.005, "revanche": 0.003, "lam": 1.5, "delta": 0.855,
}  # fmt: skip
"""docs/model.md, section 12, forty weeks in, with the force in place."""


def blank(n):
    """The kernel's rows for n reviews, nothing foreseen yet."""
    terms = np.zeros((resumption.N_DECIDERS, resumption.N_TERMS, n))
    resumption.forget(terms, n)
    return terms


def stop(W, y, lam, delta=0.855, weeks=4, terms=None):
    """The kernel's answer as a dictionary, from tangents in `terms` if there are some."""
    W, y = np.array(W, dtype=float), np.array(y, dtype=float)
    names = ("p", "log_survival", "v0", "rounds", "residual", "status")
    found = np.zeros((resumption.N_FOUND, resumption.N_DECIDERS))
    terms = blank(len(W)) if terms is None else terms
    terms[:, resumption.RESUMING], terms[:, resumption.ABIDING] = W, y
    resumption.stopping_probabilities(terms, len(W), np.full(resumption.N_DECIDERS, float(lam)), delta, weeks, found)
    assert np.array_equal(found, np.repeat(found[:, :1], resumption.N_DECIDERS, axis=1), equal_nan=True)
    return dict(zip(names, found[:, 0], strict=False))


def review(**changes):
    """P(resume) of a bluffing and a committed Russia and of Ukraine, and who fights today, by the kernels."""
    d = DEFAULTS | changes
    parameters = {symbol: d[name] for name, symbol in SYMBOLS.items()} | {"start_ordinal": d["start"].toordinal()}
    state = {"week": d["t"], "B": d["B"], "ramp": d["ramp"], "gamma": d["gamma"]}
    state |= {"U": d["B"], "V": 1.0 - d["B"]}
    rows = kernel_rows(parameters, state)
    work = rows[2][0]
    work["ceiling"] = d["B_max"]
    n = resumption.review_count(d["foresight"], d["weeks"])
    foresight.anticipated_path(*rows, d["tension"], d["troops"], d["stay_share"], n, False)
    fights = resumption.who_would_fight(*rows, d["void_left"], n)
    resumption.russia_terms(*rows, n)
    resumption.ukraine_terms(*rows, n)
    games = work["terms"][:, [resumption.RESUMING, resumption.ABIDING], :n].copy()
    return [stop(W, y, d["lam"], d["delta"], d["weeks"])["p"] for W, y in games], fights


def independent_review(**changes):
    """The same from docs/model.md in NumPy: `datetime`, arrays over reviews, value iteration over a long horizon."""
    d = DEFAULTS | changes
    J = d["foresight"] // d["weeks"]
    ahead = np.arange(J + 1) * d["weeks"]
    ramp, U, V = [d["ramp"]], [d["B"]], [1.0 - d["B"]]
    for k in range(1, ahead[-1] + 1):
        month = (d["start"] + datetime.timedelta(weeks=d["t"] + k)).month
        pace = 1.0 - d["winter_slowdown"] * (month in (12, 1, 2))
        ramp.append(min(1.0, ramp[-1] + pace / d["deploy_weeks"] * (d["t"] + k >= d["start_week"])))
        g = d["growth"] * d["funding"] * (1.0 - d["rho_E"] * (1.0 - d["stay_share"]))
        U.append(U[-1] + g * U[-1] * (1.0 - U[-1] / d["B_max"]))
        V.append(V[-1] + d["growth_R"] * V[-1] * (1.0 - V[-1] / d["V_max"]))
    B, F = (np.array(U) / (np.array(U) + V))[ahead], d["troops"] * np.array(ramp)[ahead]
    x = d["baseline"] + (d["tension"] - d["baseline"]) * d["rho"] ** ahead
    cover = 1.0 - np.exp(-F / d["F0"])
    p_E = cover * expit(d["lam_E"] * (d["u_roe"] * d["roe"] + d["u_M"] * d["allows_force"] - d["cost_E"]))
    stake = d["rep_w"] * d["G"] * (d["t0"] + (1.0 - d["t0"]) * cover)
    p_A = [
        (ahead >= d["void_left"]) * expit(d["lam_US"] * (stake - d[f"cost_{k}"])) for k in ("reluctant", "steadfast")
    ]
    P_A = d["gamma"] * p_A[1] + (1.0 - d["gamma"]) * p_A[0]
    pi = expit(d["s_pi"] * (d["b_half"] - B - d["alpha_F"] * F))
    W = pi * d["prize"] - d["cost"] - p_E * d["c_E"] - P_A * d["c_A"]
    pi_U = expit(d["s_pi"] * (B - d["b_half_U"]))
    W_U = pi_U * d["prize_U"] - d["cost_U"] - d["guarantee_U"] * d["G"] * P_A
    y = (d["dividend"] - d["grievance"] * x) * d["weeks"]
    y_U = (d["peace_U"] - d["revanche"] * x) * d["weeks"]
    games = ((W, y), (W + d["zeta"], y), (W_U, y_U))
    return [value_iteration(*game, d["lam"], d["delta"], d["weeks"]) for game in games], (p_E[0], p_A[0][0], p_A[1][0])


def value_iteration(W, y, lam, delta, weeks):
    """P(resume) for lam > 0, in payoff units: the last review repeated until the start value is discounted to 1e-14."""
    d, n = delta ** (weeks / 52.0), weeks / 4.0
    repeats = int(np.ceil(np.log(1e-16) / np.log(d))) + 1
    V = 0.0
    for W_j, y_j in zip(np.r_[W, [W[-1]] * repeats][:0:-1], np.r_[y, [y[-1]] * repeats][:0:-1], strict=True):
        V = np.logaddexp(np.log(n) + lam * W_j, lam * (y_j + d * V)) / lam
    return expit(lam * (W[0] - y[0] - d * V) + np.log(n))


def root_finding(W, y, lam, delta, weeks):
    """log-odds of resuming, and lam V_0, with SciPy's brentq for the stationary value."""
    d, n = delta ** (weeks / 52.0), np.log(weeks / 4.0)
    gap = lambda v: v - np.logaddexp(n + lam * W[-1], lam * y[-1] + d * v)  # noqa: E731
    far = 10.0 + (abs(n) + lam * (np.abs(W[-1]) + np.abs(y[-1]))) / (1.0 - d) + np.log(2.0) / (1.0 - d)
    v = brentq(gap, -far, far, xtol=1e-14, rtol=1e-15, maxiter=1000)
    for j in range(len(W) - 2, -1, -1):
        resume, abide = n + lam * W[j], lam * y[j] + d * v
        v = np.logaddexp(resume, abide)
    return resume - abide, v


@st.composite
def problems(draw):
    """W, y, lambda, delta a year and weeks between reviews, over wide bounds."""
    seed, n = draw(st.integers(0, 2**32 - 1)), draw(st.integers(2, 70))
    rng = np.random.default_rng(seed)
    W = draw(st.floats(-20.0, 20.0)) + draw(st.floats(0.0, 2.0)) * rng.normal(size=n).cumsum()
    y = draw(st.floats(-1.0, 1.0)) + draw(st.floats(0.0, 0.5)) * rng.normal(size=n)
    return W, y, draw(st.floats(0.0, 10.0)), draw(st.floats(0.3, 0.99)), draw(st.sampled_from([1, 2, 4, 8, 13, 26, 52]))


@RELAXED
@given(problems())
def test_equal_to_scipys_root_and_backward_induction(problem):
    found = stop(*problem)
    log_odds, v0 = root_finding(*problem)
    assert found["status"] == resumption.CONVERGED
    assert abs(found["p"] - expit(log_odds)) <= 1e-9
    assert found["log_survival"] == pytest.approx(log_expit(-log_odds), rel=1e-9, abs=1e-300)
    assert found["v0"] == pytest.approx(v0, rel=1e-9, abs=1e-9)
    assert found["residual"] <= 1e-12
    assert found["rounds"] <= 30


@settings(RELAXED, max_examples=25)
@given(problems())
def test_equal_to_value_iteration(problem):
    W, y, lam, delta, weeks = problem
    lam = max(lam, 0.05)
    assert abs(stop(W, y, lam, delta, weeks)["p"] - value_iteration(W, y, lam, delta, weeks)) <= 1e-9


@RELAXED
@given(problems(), st.floats(-1.0, 1.0))
def test_where_the_steps_start_changes_nothing_but_how_many_they_are(problem, more):
    """From the tangents of another review, moved up or not, and from none at all."""
    W, y, *rest = problem
    fresh = stop(W, y, *rest)
    for moved in (False, True):
        terms = blank(len(W))
        stop(W + more, y[::-1], *rest, terms=terms)
        if moved:
            resumption.move_up(terms, len(W))
        again = stop(W, y, *rest, terms=terms)
        assert again["status"] == resumption.CONVERGED
        assert again["p"] == pytest.approx(fresh["p"], rel=1e-10, abs=1e-14)
        assert again["v0"] == pytest.approx(fresh["v0"], rel=1e-12, abs=1e-12)
    assert stop(W, y, *rest, terms=terms)["rounds"] == 1.0


@pytest.mark.parametrize(("n", "least"), [(66, 60), (261, 250), (1042, 600)])
def test_a_late_turn_of_the_path_takes_many_steps_and_is_found_all_the_same(n, least):
    """War pays at the last review alone, and waiting for it costs: "stop" turns into "abide" one review a step."""
    W, y = np.full(n, -1000.0), np.full(n, -3.0)
    W[-1] = 1000.0
    found = stop(W, y, 10.0, 0.99)
    log_odds, v0 = root_finding(W, y, 10.0, 0.99, 4)
    assert found["status"] == resumption.CONVERGED
    assert found["rounds"] >= least
    assert found["v0"] == pytest.approx(v0, rel=1e-12)
    assert found["log_survival"] == pytest.approx(log_expit(-log_odds), rel=1e-9, abs=1e-300)


def test_the_most_patient_side_keeps_its_digits():
    """Weekly reviews at .999 a year, where an error at the last review counts 50,000 times: against 40 digits."""
    n, lam, weeks, delta = 20, 3.0, 1, 0.999
    W, y = np.full(n, -7.0), np.full(n, 0.0001)
    with mpmath.workdps(40):
        d, share = mpmath.mpf(delta) ** (mpmath.mpf(weeks) / 52), mpmath.mpf(weeks) / 4
        value = lambda v: mpmath.log(share * mpmath.exp(lam * W[-1]) + mpmath.exp(lam * y[-1] + d * v))  # noqa: E731
        v = mpmath.findroot(lambda v: v - value(v), (-50, 100), solver="anderson", tol=1e-30)
        for _ in range(n - 1):
            v = value(v)
    assert stop(W, y, lam, delta, weeks)["v0"] == pytest.approx(float(v), abs=1e-12)


def test_the_rows_of_a_run_fit():
    assert SCRATCH["terms"].shape[:2] == (resumption.N_DECIDERS, resumption.N_TERMS)
    assert SCRATCH["reviews"].shape == (resumption.N_FOUND, resumption.N_DECIDERS)


def test_what_was_foreseen_needs_one_step_a_review_later():
    """The tangents move up with the path, and are found to be right."""
    n = 66
    W, y = np.linspace(1.0, -1.0, n + 1), np.full(n + 1, 0.04)
    W[-1], y[-1] = W[-2], y[-2]  # the world stands still from the last review on
    terms = blank(n)
    first = stop(W[:n], y[:n], 1.5, terms=terms)
    resumption.move_up(terms, n)
    second = stop(W[1:], y[1:], 1.5, terms=terms)
    assert first["rounds"] >= 4
    assert second["rounds"] == 1
    assert second["p"] == pytest.approx(stop(W[1:], y[1:], 1.5)["p"], rel=1e-12)


def spread(low, high):
    """Floats between two bounds."""
    return st.floats(low, high)


SETTINGS = st.fixed_dictionaries(
    {
        "t": st.integers(0, 400), "start": st.dates(datetime.date(2024, 1, 1), datetime.date(2030, 12, 31)),
        "B": spread(0.05, 0.95), "ramp": spread(0.0, 1.0), "tension": spread(0.0, 10.0), "troops": spread(0.0, 100.0),
        "stay_share": spread(0.0, 1.0), "growth": spread(0.0, 0.05), "B_max": spread(0.2, 1.0),
        "growth_R": spread(0.0, 0.05), "V_max": spread(0.2, 3.0),
        "start_week": st.integers(0, 100), "deploy_weeks": st.integers(1, 104), "winter_slowdown": spread(0.0, 1.0),
        "rho": spread(0.0, 1.0), "weeks": st.sampled_from([1, 4, 13]), "foresight": st.sampled_from([0, 26, 104, 260]),
        "gamma": spread(0.0, 1.0), "G": spread(0.0, 1.0), "roe": st.integers(0, 2), "allows_force": st.integers(0, 1),
        "void_left": st.integers(0, 60), "F0": spread(1.0, 60.0), "lam_E": spread(0.0, 10.0),
        "lam_US": spread(0.0, 10.0), "s_pi": spread(0.0, 20.0), "alpha_F": spread(0.0, 0.05),
        "prize": spread(0.0, 30.0), "zeta": spread(0.0, 5.0), "cost": spread(0.0, 20.0), "c_E": spread(0.0, 10.0),
        "c_A": spread(0.0, 10.0), "dividend": spread(0.0, 0.1), "grievance": spread(0.0, 0.05),
        "lam": spread(0.05, 10.0), "delta": spread(0.5, 0.95),
    }
)  # fmt: skip


@settings(RELAXED, max_examples=200)
@given(SETTINGS)
def test_whole_review_equals_an_independent_solution(changes):
    (chances, fights), (expected, who) = review(**changes), independent_review(**changes)
    np.testing.assert_allclose(chances, expected, rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(fights, who, rtol=0.0, atol=1e-12)


def test_the_defaults():
    """Hazards per four weeks, from `independent_review`: bluffing .22 %, committed .40 %, Ukraine .019 %."""
    chances, fights = review()
    np.testing.assert_allclose(chances, independent_review()[0], rtol=1e-10)
    np.testing.assert_allclose(chances, [0.00221840644538, 0.00397749244606, 0.00019256361514], rtol=1e-9)
    np.testing.assert_allclose(fights, [0.1700034016, 0.0202019854, 0.3818825099], rtol=1e-9)


@pytest.mark.parametrize("weeks", [1, 4, 13])
def test_precision_zero_is_a_coin_with_a_known_bias(weeks):
    """P = (weeks/4) exp(-v), e^v = weeks/4 + e^{delta v}: docs/model.md, section 11, pattern 9 at weeks = 4."""
    n, discount = weeks / 4.0, 0.855 ** (weeks / 52.0)
    v = brentq(lambda v: np.exp(v) - n - np.exp(discount * v), -5.0, 20.0, xtol=1e-14)
    found = stop([3.0, -9.0, 4.0], [1.0, -1.0, 0.2], 0.0, 0.855, weeks)
    assert found["v0"] == pytest.approx(v, abs=1e-10)
    assert found["p"] == pytest.approx(n * np.exp(-v), abs=1e-12)
    assert stop([3.0, -9.0, 4.0], [1.0, -1.0, 0.2], 1e-9, 0.855, weeks)["p"] == pytest.approx(found["p"], abs=1e-7)


@pytest.mark.parametrize("lam", [1e5, 1e8])
def test_precision_without_bound_is_optimal_stopping(lam):
    """V_J = max(W, y/(1 - delta)), V_j = max(W_j, y_j + delta V_{j+1}); resume where W_0 is the larger."""
    rng = np.random.default_rng(7)
    resumed = 0
    for _ in range(200):
        W, y = rng.normal(0.0, 1.0, 12), rng.normal(0.0, 0.02, 12)
        d = 0.855 ** (4.0 / 52.0)
        V = max(W[-1], y[-1] / (1.0 - d))
        for j in range(10, 0, -1):
            V = max(W[j], y[j] + d * V)
        found = stop(W, y, lam)
        assert found["status"] == resumption.CONVERGED
        assert found["p"] == pytest.approx(float(W[0] > y[0] + d * V), abs=1e-6)
        assert found["v0"] / lam == pytest.approx(max(W[0], y[0] + d * V), abs=1e-3)
        resumed += found["p"] > 0.5
    assert 5 < resumed < 195


def test_log_survival_keeps_its_digits():
    surely_not, surely = stop([-30.0, -30.0], [0.0, 0.0], 3.0), stop([40.0, -30.0], [0.0, 0.0], 3.0)
    assert surely_not["log_survival"] == pytest.approx(-surely_not["p"], rel=1e-12)
    assert 0.0 < surely_not["p"] < 1e-30
    assert surely["p"] == 1.0
    assert -200.0 < surely["log_survival"] < -100.0


@RELAXED
@given(problems(), st.floats(-5.0, 5.0))
def test_a_constant_added_to_all_payoffs_changes_nothing(problem, constant):
    """Worth `constant` for ever: W + constant, y + constant (1 - delta)."""
    W, y, lam, delta, weeks = problem
    shifted = stop(W + constant, y + constant * (1.0 - delta ** (weeks / 52.0)), lam, delta, weeks)
    assert shifted["p"] == pytest.approx(stop(*problem)["p"], abs=1e-9)


@RELAXED
@given(problems(), st.floats(0.0, 5.0))
def test_signs_over_the_whole_bounds(problem, more):
    """Resuming now gains from W_0 and loses from y_0; better chances later make today's option worth waiting for."""
    W, y, lam, delta, weeks = problem
    p = stop(*problem)["p"]
    now, later = np.eye(len(W))[0], np.ones(len(W)) - np.eye(len(W))[0]
    assert stop(W + more * now, y, lam, delta, weeks)["p"] >= p - 1e-12
    assert stop(W, y + more * now, lam, delta, weeks)["p"] <= p + 1e-12
    assert stop(W + more * later, y, lam, delta, weeks)["p"] <= p + 1e-12
    assert stop(W, y + more * later, lam, delta, weeks)["p"] <= p + 1e-12


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("gamma", [0.0, 0.2, 0.35, 0.7, 1.0]),
        ("G", [0.0, 0.3, 0.7, 1.0]),
        ("troops", [0.0, 1.0, 5.0, 15.0, 30.0]),
    ],
)
def test_deterrence_at_the_defaults(name, values):
    """P(resume) of both Russian types falls in the guarantee's credibility and level, and in the force in place."""
    chances = np.array([review(**{name: value})[0] for value in values])
    assert (np.diff(chances[:, :2], axis=0) < 0.0).all()


def test_a_committed_russia_resumes_sooner():
    bluffing, committed, _ = review()[0]
    assert bluffing < committed


def test_a_void_guarantee_tempts_and_more_so_if_it_will_lapse():
    """A void of 8 weeks covers the reviews 0 and 4 weeks ahead: a closing window, .00644 against .00631 for ever."""
    lapsing, lasting = review(void_left=8)[0][0], review(void_left=10_000)[0][0]
    assert review()[0][0] < lasting < lapsing
    assert review(void_left=5)[0] == review(void_left=8)[0]
    assert review(void_left=9)[0] != review(void_left=8)[0]
    assert review(void_left=8)[1][1:] == (0.0, 0.0)


def test_continuous_at_zero_troops():
    """docs/model.md, section 11, pattern 3: token tripwires barely change resumption."""
    none = np.array(review(troops=0.0)[0])
    np.testing.assert_allclose(review(troops=1e-6)[0], none, rtol=1e-6)
    np.testing.assert_allclose(review(troops=0.01)[0], none, rtol=2e-3)
    assert review(troops=0.0)[1][0] == 0.0
    assert review(troops=0.0, ramp=0.0) == review(troops=0.0)


def test_the_cadence_of_reviews_does_not_decide_the_hazard():
    """Hazards per four weeks with reviews every 1, 4, 13 weeks: bluffing .00275 .00269 .00251, committed .00570 .00557
    .00520."""
    hazards = {}
    for weeks in (1, 4, 13):
        hazards[weeks] = 1.0 - (1.0 - np.array(review(weeks=weeks)[0])) ** (4.0 / weeks)
    np.testing.assert_allclose(hazards[1], hazards[4], rtol=0.03)
    np.testing.assert_allclose(hazards[13], hazards[4], rtol=0.08)


def test_review_count():
    counts = [resumption.review_count(*pair) for pair in ((260, 4), (260, 13), (3, 4), (0, 1))]
    assert counts == [66, 21, 2, 2]


def test_cover_at_the_edges():
    assert resumption.cover(0.0, 15.0) == 0.0
    assert resumption.cover(15.0, 15.0) == pytest.approx(1.0 - np.exp(-1.0), rel=1e-15)
    assert resumption.cover(1e-9, 15.0) == pytest.approx(1e-9 / 15.0, rel=1e-9)


@pytest.mark.parametrize(("lam", "delta"), [(np.nan, 0.855), (1.5, np.nan), (1.5, 1.0), (1.5, 1.2)])
def test_out_of_range_is_never_an_answer(lam, delta):
    assert stop([0.0, 0.0], [0.0, 0.0], lam, delta)["status"] == resumption.NOT_CONVERGED


def test_not_a_number_in_the_path_is_never_an_answer():
    assert stop([np.nan, 0.0], [0.0, 0.0], 1.5)["status"] == resumption.NOT_CONVERGED
    assert stop([0.0, 0.0], [0.0, np.nan], 1.5)["status"] == resumption.NOT_CONVERGED
