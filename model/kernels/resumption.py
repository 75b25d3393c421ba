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

Definitions, all at review j: B readiness, F thousands of troops in place, x mean tension (`paths.anticipated_path`); pi
the chance that the side wins, p_E that the coalition fights, p_A(tau) that a United States of type tau fights, P_A its
mean under the belief gamma. Types: kappa 0 bluffing, 1 committed; tau 0 reluctant, 1 steadfast. Payoffs are in each
side's own unit; only lam times a payoff difference matters.

Order of a review: `anticipated_path` -> `who_would_fight` -> `russia_terms`, `ukraine_terms` ->
`stopping_probabilities` of both types of Russia and of Ukraine, which is asked only if Russia abided.
"""

from model.kernels.elementary import exp, expm1, log
from model.kernels.jit import kernel
from model.kernels.logit import log_logistic, log_sum_exp_finite, logistic, softplus

CONVERGED = 0
NOT_CONVERGED = 1

WIDTH = 1e-12  # width of the bracket around the stationary value, in units of v = λ V
MAX_ROUNDS = 200
WEEKS_A_YEAR = 52.0
WEEKS_AN_OPPORTUNITY = 4.0
LOG_2 = 0.6931471805599453
BLUFFING, COMMITTED, UKRAINE = range(3)
"""The deciders' columns in `terms` and in what is found."""
RESUMING, ABIDING, OPTION = range(3)
"""Rows of `terms` at each review: W, y, and what `stopping_probabilities` makes of them."""

DECIDERS = 8
"""Deciders that `stopping_probabilities` takes side by side: two types of Russia, Ukraine, and a vector's idle rest."""
P_RESUME, LOG_SURVIVAL, VALUE, ROUNDS, RESIDUAL, STATUS, LOG_RESUME, LOG_ABIDE, LOW, HIGH, A, B = range(12)
"""Rows of what `stopping_probabilities` finds."""


@kernel("int64(int64, int64)")
def review_count(foresight_weeks, review_weeks):
    """J + 1: how many reviews are looked at one by one, today's included, J = foresight_weeks // review_weeks >= 1."""
    return max(1, foresight_weeks // review_weeks) + 1


@kernel("float64(float64, float64)")
def cover(F, F0):
    """How much of a tripwire F thousand troops are: 1 - exp(-F / F0), in [0, 1); `F0` > 0 thousand."""
    if F <= 0.0:
        return 0.0
    return -expm1(-F / F0) if F0 > 0.0 else 1.0


@kernel("float64(float64, float64, float64, float64, float64, float64, float64)")
def p_coalition_fights(cover_j, lam_E, u_roe, roe, u_M, mandate_allows_force, cost_war_E):
    """The coalition fights a resumed war: p_E = cover Λ(lam_E (u_roe roe + u_M 1{mandate allows force} - cost_war_E)).

    `cover_j` in [0, 1]; `roe` 0, 1 or 2; `mandate_allows_force` 0 or 1; `lam_E` >= 0 per payoff unit; the others in
    payoff units. docs/model.md, section 9.
    """
    return cover_j * logistic(lam_E * (u_roe * roe + u_M * mandate_allows_force - cost_war_E))


@kernel("float64(boolean, float64, float64, float64, float64, float64, float64)")
def p_us_fights(void, cover_j, guarantee, lam_US, rep_w, t0, cost_w):
    """The U.S. fights a resumed war: p_A(tau) = 1{not void} Λ(lam_US (rep_w G (t0 + (1 - t0) cover) - cost_w(tau))).

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
        Probability. Source: docs/model.md, section 9.
    """
    if void:
        return 0.0
    return logistic(lam_US * (rep_w * guarantee * (t0 + (1.0 - t0) * cover_j) - cost_w))


@kernel("float64(float64, float64, float64, float64, float64)")
def p_russia_wins(B, F, s_pi, b_half, alpha_F):
    """pi = Λ(s_pi (b_half - B - alpha_F F)): `B`, `b_half` in [0, 1], `F` thousands, `alpha_F` per thousand."""
    return logistic(s_pi * (b_half - B - alpha_F * F))


@kernel("float64(float64, float64, float64)")
def p_ukraine_wins(B, s_pi, b_half_U):
    """pi_U = Λ(s_pi (B - b_half_U)): it attacks alone, so the force does not enter."""
    return logistic(s_pi * (B - b_half_U))


@kernel
def who_would_fight(
    F_path, n, gamma, guarantee, roe, mandate_allows_force, void_weeks_left, review_weeks, F0, lam_E, u_roe, u_M,
    cost_war_E, lam_US, rep_w, t0, cost_w_reluctant, cost_w_steadfast, p_E, P_A,
):  # fmt: skip
    """Who would fight a war resumed at each review of the path.

    Parameters
    ----------
    F_path : array of float, shape (n,) or longer
        Thousands of troops in place at each review.
    n, review_weeks : int
        Number of reviews and the weeks between them.
    gamma : float
        P(steadfast) in the public's eyes today, [0, 1].
    guarantee, roe, mandate_allows_force : float
        G; 0, 1 or 2; 0 or 1.
    void_weeks_left : int
        Weeks, this one included, for which the guarantee is void: reviews with j review_weeks < void_weeks_left.
    F0 : float
        Thousands of troops at which the cover is 1 - 1/e, > 0.
    lam_E, u_roe, u_M, cost_war_E : float
        See `p_coalition_fights`.
    lam_US, rep_w, t0, cost_w_reluctant, cost_w_steadfast : float
        See `p_us_fights`.
    p_E, P_A : array of float, shape (n,) or longer
        Modified in place: probability that the coalition fights; that the U.S. does, averaged over its types by gamma.

    Returns
    -------
    p_E_now, p_A_reluctant, p_A_steadfast : float
        Probabilities of fighting if Russia ends the ceasefire today.
    """
    p_E_now = 0.0
    p_A_reluctant = 0.0
    p_A_steadfast = 0.0
    for j in range(n - 1, -1, -1):
        void = j * review_weeks < void_weeks_left
        # A force that is complete stays as it is for most of the path, and so does all that follows from it.
        if j == n - 1 or F_path[j] != F_path[j + 1] or void:
            cover_j = cover(F_path[j], F0)
            p_E_now = p_coalition_fights(cover_j, lam_E, u_roe, roe, u_M, mandate_allows_force, cost_war_E)
            p_A_reluctant = p_us_fights(void, cover_j, guarantee, lam_US, rep_w, t0, cost_w_reluctant)
            p_A_steadfast = p_us_fights(void, cover_j, guarantee, lam_US, rep_w, t0, cost_w_steadfast)
        p_E[j] = p_E_now
        P_A[j] = gamma * p_A_steadfast + (1.0 - gamma) * p_A_reluctant
    return p_E_now, p_A_reluctant, p_A_steadfast


@kernel
def russia_terms(
    B_path, F_path, x_path, p_E, P_A, n, review_weeks, s_pi, b_half, alpha_F, prize_w, zeta, cost_w, c_E, c_A, dividend,
    grievance, wins, terms,
):  # fmt: skip
    """Russia's payoffs along the path, for both of its types.

    W_j = pi prize_w + zeta 1{committed} - cost_w - p_E c_E - P_A c_A,  y_j = (dividend - grievance x_j) review_weeks

    Parameters
    ----------
    B_path, F_path, x_path, p_E, P_A : array of float, shape (n,) or longer
        The path and who would fight.
    n, review_weeks : int
        Number of reviews and the weeks between them.
    s_pi, b_half, alpha_F : float
        See `p_russia_wins`.
    prize_w, zeta, cost_w, c_E, c_A : float
        Payoff units, >= 0: prize of victory, what the committed type gains from war itself, cost of war, and what the
        coalition and the U.S. add to it.
    dividend, grievance : float
        Payoff of a week of ceasefire, and the loss per unit of tension and week.
    wins : array of float, shape (n,) or longer
        Modified in place: the chance of winning at each review.
    terms : array of float, shape (n, 3, DECIDERS) or longer
        Modified in place: rows RESUMING and ABIDING, columns BLUFFING and COMMITTED.
    """
    for j in range(n):
        wins[j] = p_russia_wins(B_path[j], F_path[j], s_pi, b_half, alpha_F)
    for j in range(n):
        W = wins[j] * prize_w - cost_w - p_E[j] * c_E - P_A[j] * c_A
        y = (dividend - grievance * x_path[j]) * review_weeks
        terms[j, RESUMING, BLUFFING] = W
        terms[j, RESUMING, COMMITTED] = W + zeta
        terms[j, ABIDING, BLUFFING] = terms[j, ABIDING, COMMITTED] = y


@kernel
def ukraine_terms(
    B_path, x_path, P_A, n, review_weeks, s_pi, b_half_U, prize_U, cost_U, guarantee_U, guarantee, peace_U, revanche,
    wins, terms,
):  # fmt: skip
    """Ukraine's payoffs along the path.

    W_j = pi_U prize_U - cost_U - guarantee_U G P_A,  y_j = (peace_U - revanche x_j) review_weeks

    Parameters
    ----------
    B_path, x_path, P_A : array of float, shape (n,) or longer
        Readiness, tension and the mean probability that the U.S. would fight.
    n, review_weeks : int
        Number of reviews and the weeks between them.
    s_pi, b_half_U : float
        See `p_ukraine_wins`.
    prize_U, cost_U, guarantee_U : float
        Payoff units, >= 0: prize, cost of war, and what a guarantee thrown away was worth.
    guarantee : float
        G, [0, 1].
    peace_U, revanche : float
        Payoff of a week of ceasefire, and the loss per unit of tension and week.
    wins : array of float, shape (n,) or longer
        Modified in place: the chance of winning at each review.
    terms : array of float, shape (n, 3, DECIDERS) or longer
        Modified in place: rows RESUMING and ABIDING, column UKRAINE.
    """
    for j in range(n):
        wins[j] = p_ukraine_wins(B_path[j], s_pi, b_half_U)
    for j in range(n):
        terms[j, RESUMING, UKRAINE] = wins[j] * prize_U - cost_U - guarantee_U * guarantee * P_A[j]
        terms[j, ABIDING, UKRAINE] = (peace_U - revanche * x_path[j]) * review_weeks


@kernel
def stationary_values(discount, loss, found):
    """v = log(e^a + e^{b + discount v}): the worth of facing the same review for ever, in units of 1/λ.

    The larger of a and b/loss is a lower bound of v; what is solved for is the excess d over it, at most log(2)/loss,
    so that no digit is lost to the size of v. With a and b taken above that base, d - log(e^a + e^{b + discount d}) is
    concave and increases with slope >= loss, so Newton's method from below and the chord between the ends from above
    close in on the root from both sides, quadratically (Newton-Fourier).

    Parameters
    ----------
    discount, loss : float
        delta in [0, 1) and 1 - delta > 0, passed apart because 1 - delta may be small.
    found : array of float, shape (12, DECIDERS)
        Rows A and B hold a = lam W + log(weeks/4) and b = lam y, of any size. Modified in place, by row: VALUE v;
        ROUNDS Newton steps; RESIDUAL of the equation for the excess; LOW and HIGH its bracket; A and B what they are
        above the base.
    """
    for i in range(DECIDERS):
        a, b = found[A, i], found[B, i]
        base = max(a, b / loss)
        found[VALUE, i] = base
        found[A, i] = a - base
        found[B, i] = b - loss * base
        found[LOW, i] = 0.0
        found[HIGH, i] = max(a - base + LOG_2, (b - loss * base + LOG_2) / loss)
        found[ROUNDS, i] = 0.0
    rounds = 0
    left = DECIDERS
    while left > 0 and rounds < MAX_ROUNDS:
        rounds += 1
        left = close_in_on_values(discount, found)
    for i in range(DECIDERS):
        low = found[LOW, i]
        found[RESIDUAL, i] = abs(low - log_sum_exp_finite(found[A, i], found[B, i] + discount * low))
        found[VALUE, i] += low


@kernel
def close_in_on_values(discount, found):
    """Narrow the brackets that are still wide by one step of each end; returns how many deciders' were."""
    left = 0
    for i in range(DECIDERS):
        a, b, low, high = found[A, i], found[B, i], found[LOW, i], found[HIGH, i]
        is_open = high - low > WIDTH * max(1.0, high)
        f_low = low - log_sum_exp_finite(a, b + discount * low)
        f_high = high - log_sum_exp_finite(a, b + discount * high)
        chord = high - f_high * (high - low) / (f_high - f_low)
        newton = low - f_low / (1.0 - discount * logistic(b + discount * low - a))
        # An end that has reached the root to rounding is the root.
        new_low = low if f_low >= 0.0 else (high if f_high <= 0.0 else newton)
        new_high = low if f_low >= 0.0 else (high if f_high <= 0.0 else max(newton, chord))
        found[LOW, i] = new_low if is_open else low
        found[HIGH, i] = new_high if is_open else high
        found[ROUNDS, i] += 1.0 if is_open else 0.0
        left += 1 if is_open and i <= UKRAINE else 0  # the vector's idle rest keeps nobody waiting
    return left


@kernel
def stopping_probabilities(terms, n, lam, delta_year, weeks, found):
    """P(resume now) of the dynamic logit, for several deciders on the same calendar.

    Backward induction from the stationary value: v_j = log((weeks/4) e^{λ W_j} + e^{λ y_j + delta v_{j+1}}). Each step
    waits for the one before, so the deciders go side by side.

    Parameters
    ----------
    terms : array of float, shape (n, 3, DECIDERS) or longer
        At reviews 0..n-1, the last of which repeats for ever, value of resuming (row RESUMING) and payoff of abiding
        until the next review (ABIDING). Modified in place: these become λ W + log(weeks/4) and λ y, and OPTION what
        being able to abide adds to v, v_j - λ W_j - log(weeks/4): the chain is shorter in it than in v.
    n : int
        J + 1, at least 2 (`review_count`).
    lam : array of float, shape (DECIDERS,)
        Precision of each, per payoff unit, >= 0.
    delta_year : float
        Discount factor of a year, [0, 1).
    weeks : int or float
        Weeks between reviews, > 0.
    found : array of float, shape (12, DECIDERS)
        Modified in place, by row: P_RESUME, LOG_SURVIVAL log(1 - p), accurate for small and for large p; VALUE λ V_0;
        ROUNDS Newton steps for the stationary value; RESIDUAL of the stationary equation, in units of v; STATUS
        CONVERGED or NOT_CONVERGED (an argument is out of range or NaN); LOG_RESUME and LOG_ABIDE, the terms of v_0;
        the rest belongs to `stationary_values`.
    """
    opportunity = log(weeks / WEEKS_AN_OPPORTUNITY)
    log_discount = weeks / WEEKS_A_YEAR * log(delta_year)
    discount = exp(log_discount)
    for j in range(n):
        for i in range(DECIDERS):
            terms[j, RESUMING, i] = lam[i] * terms[j, RESUMING, i] + opportunity
            terms[j, ABIDING, i] = lam[i] * terms[j, ABIDING, i]
    for i in range(DECIDERS):
        found[A, i] = terms[n - 1, RESUMING, i]
        found[B, i] = terms[n - 1, ABIDING, i]
    stationary_values(discount, -expm1(log_discount), found)
    for i in range(DECIDERS):
        terms[n - 1, OPTION, i] = found[VALUE, i] - terms[n - 1, RESUMING, i]
    for j in range(n - 2, -1, -1):
        for i in range(DECIDERS):
            later = discount * terms[j + 1, RESUMING, i]
            gain = terms[j, ABIDING, i] - terms[j, RESUMING, i] + later  # of abiding now and resuming at j + 1
            terms[j, OPTION, i] = softplus(gain + discount * terms[j + 1, OPTION, i])
    for i in range(DECIDERS):
        resume = terms[0, RESUMING, i]
        abide = terms[0, ABIDING, i] + discount * (terms[1, RESUMING, i] + terms[1, OPTION, i])
        narrow = found[HIGH, i] - found[LOW, i] <= WIDTH * max(1.0, found[HIGH, i])
        p = logistic(resume - abide)
        found[VALUE, i] = resume + terms[0, OPTION, i]
        found[P_RESUME, i] = p
        found[LOG_SURVIVAL, i] = log_logistic(abide - resume)
        found[LOG_RESUME, i] = resume
        found[LOG_ABIDE, i] = abide
        exact = found[RESIDUAL, i] <= WIDTH * max(1.0, abs(found[VALUE, i])) and p == p
        found[STATUS, i] = CONVERGED if narrow and exact else NOT_CONVERGED
