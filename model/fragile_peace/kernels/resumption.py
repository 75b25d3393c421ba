"""The resumption game: will the war come back? (docs/model.md, section 9)

A dynamic logit (Rust 1987) for each side. At review j = 0, 1, ..., J, which lies j `weeks` ahead (`weeks` between
reviews, `war.review_weeks`), the side resumes, worth W_j once and for all, or abides, worth

    C_j = y_j + delta V_{j+1},    delta = delta_year^(weeks/52),
    V_j = (1/λ) log((weeks/4) e^{λ W_j} + e^{λ C_j}).

From J on the world stands still: V_J solves V = (1/λ) log((weeks/4) e^{λ W_J} + e^{λ (y_J + delta V)}). Then

    P(resume now) = Λ(λ (W_0 - C_0) + log(weeks/4)):

one opportunity to resume every four weeks on average, so that the cadence of reviews does not decide the hazard.

The kernels work with v_j = λ V_j, which stays finite at lam = 0, where all reviews are alike and
P = (weeks/4) exp(-v), e^v = weeks/4 + e^{delta v}; for λ -> infinity P tends to plain optimal stopping.

Definitions, all at review j: B readiness, F thousands of troops in place, x mean tension
(`foresight.anticipated_path`); pi the chance that the side wins, p_E that the coalition fights, p_A(tau) that a United
States of type tau fights, P_A its mean under the belief gamma. Types: kappa 0 bluffing, 1 committed; tau 0 reluctant,
1 steadfast. Payoffs are in each side's own unit; only lam times a payoff difference matters.

Order of a review: `anticipated_path` -> `who_would_fight` -> `russia_terms`, `ukraine_terms` ->
`stopping_probabilities` of both types of Russia and of Ukraine, which is asked only if Russia abided. Indices: j
review, i decider. Readable twin: `reference.war`, `Review`.
"""

from fragile_peace.codes import RussianType
from fragile_peace.kernels.chance.logit import log_logistic, log_sum_exp_finite, logistic, softplus
from fragile_peace.kernels.foresight import stride
from fragile_peace.kernels.machine.elementary import exp, expm1, log, log1p_share, odds
from fragile_peace.kernels.machine.intrinsics import fma
from fragile_peace.kernels.machine.jit import kernel

CONVERGED, NOT_CONVERGED = 0, 1
CLOSE = 1e-10
"""An option this close to its curve, or closer than RELATIVE to its size, is on it to rounding one step later.

At the last review an error counts 1/(1 - delta) times: some 1e-12 of v for the most patient side a scenario allows.
"""
RELATIVE = 1e-14
WIDTH = 1e-12
"""Tolerance of the stationary equation, in units of v = λ V."""
MAX_ROUNDS = 200
"""Newton steps for the last review; every further one settles at least the review before."""
WEEKS_A_YEAR = 52.0
WEEKS_AN_OPPORTUNITY = 4.0

BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
UKRAINE = len(RussianType)
"""The deciders: Russia of either type, and Ukraine."""
N_DECIDERS = 3
RESUMING, ABIDING, GAIN, LEVEL, SLOPE, REST, OPTION = range(7)
"""Rows of `terms`, each along the reviews: W, y, and what `stopping_probabilities` derives from them.

The tangents, LEVEL + SLOPE z with REST = 1 - SLOPE, are also the starting point of the run's next review. They and
OPTION are set from review 1 on.
"""
N_TERMS = 7
P_RESUME, LOG_SURVIVAL, VALUE, ROUNDS, RESIDUAL, STATUS, LOG_RESUME, LOG_ABIDE = range(8)
"""Rows of what `stopping_probabilities` finds."""
N_FOUND = 8


@kernel("int64(int64, int64)")
def review_count(foresight_weeks, review_weeks):
    """How many reviews are laid out, today's included: J + 1, J = foresight_weeks // review_weeks (E9.1).

    At J = 0 they are two, alike (`foresight.stride`): the world stands still from today on.
    """
    return max(1, foresight_weeks // review_weeks) + 1


@kernel("float64(float64, float64)")
def cover(F, F0):
    """How far F thousand troops act as a tripwire: 1 - exp(-F / F0), in [0, 1); `F0` > 0 thousand (E9.3)."""
    if F <= 0.0:
        return 0.0
    return -expm1(-F / F0) if F0 > 0.0 else 1.0


@kernel("float64(float64, float64, float64, float64, float64, float64, float64)")
def p_coalition_fights(cover_j, lam_E, u_roe, roe, u_M, mandate_allows_force, cost_war_E):
    """Probability that the coalition fights a resumed war (E9.4).

    p_E = cover Λ(lam_E (u_roe roe + u_M 1{mandate allows force} - cost_war_E))

    `cover_j` in [0, 1]; `roe` 0, 1 or 2; `mandate_allows_force` 0 or 1; `lam_E` >= 0 per payoff unit; the others in
    payoff units.
    """
    return cover_j * logistic(lam_E * (u_roe * roe + u_M * mandate_allows_force - cost_war_E))


@kernel("float64(boolean, float64, float64, float64, float64, float64, float64)")
def p_us_fights(void, cover_j, guarantee, lam_US, rep_w, t0, cost_w):
    """Probability that a United States of one type fights a resumed war (E9.5).

    p_A(tau) = 1{not void} Λ(lam_US (rep_w G (t0 + (1 - t0) cover) - cost_w(tau)))

    Parameters
    ----------
    void : bool
        Whether Ukrainian raids have voided the guarantee.
    cover_j, guarantee, t0 : float
        Cover, level G of the guarantee, and the share of the commitment that binds without any tripwire; [0, 1].
    lam_US : float
        Precision, per payoff unit, >= 0.
    rep_w, cost_w : float
        Reputation at stake, and the cost of war to this type; payoff units, >= 0.

    Returns
    -------
    float
        Probability.
    """
    if void:
        return 0.0
    return logistic(lam_US * (rep_w * guarantee * (t0 + (1.0 - t0) * cover_j) - cost_w))


@kernel("float64(float64, float64, float64, float64, float64)")
def p_russia_wins(B, F, s_pi, b_half, alpha_F):
    """pi = Λ(s_pi (b_half - B - alpha_F F)): `B`, `b_half` in [0, 1], `F` thousands, `alpha_F` per thousand (E9.7)."""
    return logistic(s_pi * (b_half - B - alpha_F * F))


@kernel("float64(float64, float64, float64)")
def p_ukraine_wins(B, s_pi, b_half_U):
    """pi_U = Λ(s_pi (B - b_half_U)): Ukraine attacks alone, so the force does not enter (E9.9)."""
    return logistic(s_pi * (B - b_half_U))


@kernel
def who_would_fight(params, state, scratch, void_weeks_left, n_reviews):
    """Set who would fight a war resumed at each review of the path, p_E and P_A (E9.3, E9.4, E9.5, E9.6).

    Parameters
    ----------
    params, state, scratch : the rows
        F_path of SCRATCH is read; modified in place are p_E, the probability that the coalition fights, and P_A, that
        the U.S. does, averaged over its types by the public belief gamma.
    void_weeks_left : int
        Weeks, this one included, for which the guarantee is void: reviews less than so many weeks ahead.
    n_reviews : int
        How many reviews the path has.

    Returns
    -------
    p_E_now, p_A_reluctant, p_A_steadfast : float
        Probabilities of fighting if Russia ends the ceasefire today.
    """
    p = params[state[0]["row"]]
    F_path, p_E, P_A = scratch[0]["F_path"], scratch[0]["p_E"], scratch[0]["P_A"]
    gamma, F0 = state[0]["gamma"], p["F0"]
    weeks = stride(p["foresight_weeks"], p["war_weeks"])
    lam_E, u_roe, roe, u_M = p["lam_E"], p["u_roe"], p["roe"], p["u_M"]
    allows_force, cost_war_E = p["mandate_force"], p["cost_war_E"]
    guarantee, lam_US, rep_w, t0 = p["G"], p["lam_US"], p["rep_w"], p["t0"]
    cost_w_reluctant, cost_w_steadfast = p["cost_w_reluctant"], p["cost_w_steadfast"]
    p_E_now = 0.0
    p_A_reluctant = 0.0
    p_A_steadfast = 0.0
    for j in range(n_reviews - 1, -1, -1):
        void = j * weeks < void_weeks_left
        # A force that is complete stays as it is for most of the path, and so does all that follows from it.
        if j == n_reviews - 1 or F_path[j] != F_path[j + 1] or void:
            cover_j = cover(F_path[j], F0)
            p_E_now = p_coalition_fights(cover_j, lam_E, u_roe, roe, u_M, allows_force, cost_war_E)
            p_A_reluctant = p_us_fights(void, cover_j, guarantee, lam_US, rep_w, t0, cost_w_reluctant)
            p_A_steadfast = p_us_fights(void, cover_j, guarantee, lam_US, rep_w, t0, cost_w_steadfast)
        p_E[j] = p_E_now
        P_A[j] = gamma * p_A_steadfast + (1.0 - gamma) * p_A_reluctant
    return p_E_now, p_A_reluctant, p_A_steadfast


@kernel
def russia_terms(params, state, scratch, n_reviews):
    """Set Russia's payoffs along the path, for both of its types (E9.7, E9.8).

    W_j = pi prize_w + zeta 1{committed} - cost_w - p_E c_E - P_A c_A,  y_j = (dividend - grievance x_j) review_weeks

    Parameters
    ----------
    params, state, scratch : the rows
        The path (B_path, F_path, x_path) and who would fight (p_E, P_A) are read from SCRATCH; modified in place are
        `wins`, the chance of winning at each review, and the rows RESUMING and ABIDING of BLUFFING and COMMITTED in
        `terms`, in payoff units.
    n_reviews : int
        How many reviews the path has.
    """
    p = params[state[0]["row"]]
    work = scratch[0]
    B_path, F_path, x_path, p_E, P_A = work["B_path"], work["F_path"], work["x_path"], work["p_E"], work["P_A"]
    wins, terms = work["wins"], work["terms"]
    s_pi, b_half, alpha_F, review_weeks = p["s_pi"], p["b_half"], p["alpha_F"], p["war_weeks"]
    prize_w, zeta, cost_w, c_E, c_A = p["prize_w"], p["zeta"], p["cost_w"], p["c_E"], p["c_A"]
    dividend, grievance = p["dividend"], p["grievance"]
    for j in range(n_reviews):
        wins[j] = p_russia_wins(B_path[j], F_path[j], s_pi, b_half, alpha_F)
    for j in range(n_reviews):
        W = wins[j] * prize_w - cost_w - p_E[j] * c_E - P_A[j] * c_A
        y = (dividend - grievance * x_path[j]) * review_weeks
        terms[BLUFFING, RESUMING, j] = W
        terms[COMMITTED, RESUMING, j] = W + zeta
        terms[BLUFFING, ABIDING, j] = terms[COMMITTED, ABIDING, j] = y


@kernel
def ukraine_terms(params, state, scratch, n_reviews):
    """Set Ukraine's payoffs along the path (E9.9, E9.10).

    W_j = pi_U prize_U - cost_U - guarantee_U G P_A,  y_j = (peace_U - revanche x_j) review_weeks

    Parameters
    ----------
    params, state, scratch : the rows
        The path (B_path, x_path) and P_A are read from SCRATCH; modified in place are `wins`, the chance of winning at
        each review, and the rows RESUMING and ABIDING of UKRAINE in `terms`, in payoff units.
    n_reviews : int
        How many reviews the path has.
    """
    p = params[state[0]["row"]]
    work = scratch[0]
    B_path, x_path, P_A, wins, terms = work["B_path"], work["x_path"], work["P_A"], work["wins"], work["terms"]
    s_pi, b_half_U, prize_U, cost_U = p["s_pi"], p["b_half_U"], p["prize_U"], p["cost_U"]
    guarantee_U, guarantee, peace_U, revanche = p["guarantee_U"], p["G"], p["peace_U"], p["revanche"]
    review_weeks = p["war_weeks"]
    for j in range(n_reviews):
        wins[j] = p_ukraine_wins(B_path[j], s_pi, b_half_U)
    for j in range(n_reviews):
        terms[UKRAINE, RESUMING, j] = wins[j] * prize_U - cost_U - guarantee_U * guarantee * P_A[j]
        terms[UKRAINE, ABIDING, j] = (peace_U - revanche * x_path[j]) * review_weeks


@kernel
def forget(terms, n_reviews):
    """Set all tangents to those of sides that always abide, from where a run's first review starts (E9.15)."""
    for i in range(N_DECIDERS):
        for j in range(n_reviews):
            terms[i, LEVEL, j] = 0.0
            terms[i, SLOPE, j] = 1.0
            terms[i, REST, j] = 0.0


@kernel
def move_up(terms, n_reviews):
    """Shift the tangents of the run's last review by one: what was review j + 1 then is review j now (E9.15)."""
    for i in range(N_DECIDERS):
        for j in range(n_reviews - 1):
            terms[i, LEVEL, j] = terms[i, LEVEL, j + 1]
            terms[i, SLOPE, j] = terms[i, SLOPE, j + 1]
            terms[i, REST, j] = terms[i, REST, j + 1]


@kernel
def lasting(terms, i, n_reviews, loss):
    """Return the option of decider i at the last review, which repeats for ever, on its tangent there (E9.15)."""
    last = n_reviews - 1
    level, slope, rest = terms[i, LEVEL, last], terms[i, SLOPE, last], terms[i, REST, last]
    return (level + slope * terms[i, GAIN, last]) / (rest + slope * loss)


@kernel
def set_options(terms, n_reviews, discount, loss):
    """Set the options that lie on the tangents, from the last review back to review 1 (E9.15)."""
    bluffing = lasting(terms, BLUFFING, n_reviews, loss)
    committed = lasting(terms, COMMITTED, n_reviews, loss)
    ukraine = lasting(terms, UKRAINE, n_reviews, loss)
    terms[BLUFFING, OPTION, n_reviews - 1], terms[COMMITTED, OPTION, n_reviews - 1] = bluffing, committed
    terms[UKRAINE, OPTION, n_reviews - 1] = ukraine
    for j in range(n_reviews - 2, 0, -1):  # three chains side by side: each step waits for the one before
        z_0 = fma(discount, bluffing, terms[BLUFFING, GAIN, j])
        z_1 = fma(discount, committed, terms[COMMITTED, GAIN, j])
        z_2 = fma(discount, ukraine, terms[UKRAINE, GAIN, j])
        bluffing = fma(terms[BLUFFING, SLOPE, j], z_0, terms[BLUFFING, LEVEL, j])
        committed = fma(terms[COMMITTED, SLOPE, j], z_1, terms[COMMITTED, LEVEL, j])
        ukraine = fma(terms[UKRAINE, SLOPE, j], z_2, terms[UKRAINE, LEVEL, j])
        terms[BLUFFING, OPTION, j], terms[COMMITTED, OPTION, j] = bluffing, committed
        terms[UKRAINE, OPTION, j] = ukraine


@kernel
def set_tangent(terms, i, j, later, discount):
    """Set the tangent of decider i at review j to the curve o = ln(1 + e^z), given the next review's option (E9.14).

    `later` is that option. All numbers are sums and products of positive ones, so that none loses digits. Returns 1 if
    the option at j misses the curve, else 0.
    """
    z = fma(discount, later, terms[i, GAIN, j])
    e = odds(-abs(z))
    large = 1.0 / (1.0 + e)
    small = e * large
    bend = log1p_share(e)
    terms[i, LEVEL, j] = bend + abs(z) * small
    terms[i, SLOPE, j] = large if z > 0.0 else small
    terms[i, REST, j] = small if z > 0.0 else large
    curve = (z if z > 0.0 else 0.0) + bend
    off = abs(curve - terms[i, OPTION, j])
    return 0 if (off <= CLOSE) | (off <= RELATIVE * curve) else 1  # a NaN is never close


@kernel
def set_tangents(terms, i, n_reviews, discount):
    """Set the tangents of decider i at its options; returns how many of these miss the curve (E9.15)."""
    missed = set_tangent(terms, i, n_reviews - 1, terms[i, OPTION, n_reviews - 1], discount)
    for j in range(1, n_reviews - 1):
        missed += set_tangent(terms, i, j, terms[i, OPTION, j + 1], discount)
    return missed


@kernel
def stopping_probabilities(terms, n_reviews, lam, delta_year, weeks, found):
    """P(resume now) of the dynamic logit, for several deciders on the same calendar (E9.11, E9.12, E9.13).

    The option o_j = v_j - λ W_j - log(weeks/4) is what being able to abide adds to v at review j (E9.14):

        o_j = ln(1 + e^{z_j}),   z_j = gain_j + delta o_{j+1},   o_{J+1} = o_J,

    where gain_j is the gain from abiding now and resuming at j + 1. Plain backward induction would wait for an
    exponential and a logarithm at each review. Newton's method treats all reviews at once (E9.15): `set_options` finds
    the options that lie on the tangents, by two products and sums a review, and `set_tangents` the tangents at these
    options. Close to the solution each step doubles the number of right digits; from the tangents of a run's last
    review two steps are usually enough. From anywhere else it converges as well: the tangents at a review are right one
    step after the option of the next one is, so every step settles at least one more review, from the last one back.

    Parameters
    ----------
    terms : array of float, shape (3, 7, n_reviews) or longer
        At each review, the last of which repeats for ever, value of resuming (row RESUMING) and payoff of abiding until
        the next review (ABIDING); the tangents to start from, as `forget` or, after a review, `move_up` leaves them.
        Modified in place: the first two become λ W + log(weeks/4) and λ y.
    n_reviews : int
        J + 1, at least 2 (`review_count`).
    lam : array of float, shape (3,)
        Precision of each, per payoff unit, >= 0.
    delta_year : float
        Discount factor of a year, [0, 1).
    weeks : int or float
        Weeks between reviews, > 0.
    found : array of float, shape (8, 3)
        Modified in place, by row: P_RESUME, LOG_SURVIVAL log(1 - p), accurate for small and for large p; VALUE λ V_0;
        ROUNDS Newton steps, the same for all; RESIDUAL of the equation for o_J, which is also that for v_J; STATUS
        CONVERGED or NOT_CONVERGED (an argument is out of range or NaN); LOG_RESUME and LOG_ABIDE, the terms of v_0.
    """
    opportunity = log(weeks / WEEKS_AN_OPPORTUNITY)
    log_discount = weeks / WEEKS_A_YEAR * log(delta_year)
    discount, loss = exp(log_discount), -expm1(log_discount)
    for i in range(N_DECIDERS):
        for j in range(n_reviews):
            terms[i, RESUMING, j] = lam[i] * terms[i, RESUMING, j] + opportunity
            terms[i, ABIDING, j] = lam[i] * terms[i, ABIDING, j]
        for j in range(n_reviews - 1):
            terms[i, GAIN, j] = terms[i, ABIDING, j] - terms[i, RESUMING, j] + discount * terms[i, RESUMING, j + 1]
        terms[i, GAIN, n_reviews - 1] = terms[i, ABIDING, n_reviews - 1] - loss * terms[i, RESUMING, n_reviews - 1]
    rounds = 0
    left = 1
    set_options(terms, n_reviews, discount, loss)
    while left > 0 and rounds < MAX_ROUNDS + n_reviews:
        rounds += 1
        left = 0
        for i in range(N_DECIDERS):
            missed = set_tangents(terms, i, n_reviews, discount)
            found[STATUS, i] = CONVERGED if missed == 0 else NOT_CONVERGED
            left += missed
        set_options(terms, n_reviews, discount, loss)
    for i in range(N_DECIDERS):
        lasting_option = terms[i, OPTION, n_reviews - 1]
        resume = terms[i, RESUMING, 0]
        abide = terms[i, ABIDING, 0] + discount * (terms[i, RESUMING, 1] + terms[i, OPTION, 1])
        residual = abs(lasting_option - softplus(terms[i, GAIN, n_reviews - 1] + discount * lasting_option))
        found[P_RESUME, i] = logistic(resume - abide)
        found[LOG_SURVIVAL, i] = log_logistic(abide - resume)
        found[VALUE, i] = log_sum_exp_finite(resume, abide)
        found[ROUNDS, i] = rounds
        found[RESIDUAL, i] = residual
        found[LOG_RESUME, i] = resume
        found[LOG_ABIDE, i] = abide
        exact = residual <= WIDTH * max(1.0, lasting_option) and found[P_RESUME, i] == found[P_RESUME, i]
        found[STATUS, i] = found[STATUS, i] if exact else NOT_CONVERGED
