"""The commitment game: will the coalition form, and hold? (docs/model.md, section 8)

Definitions
    n = 0..N-1  contingent; M_n its troops (thousands); p_n the probability that it joins or stays
    u_n(leave) = 0
    u_n(stay)  = solidarity * Σ_{k != n} M_k p_k / Σ_{k != n} M_k + fixed_n, sums over the original force
    fixed_n    = legitimacy + politics (support_n - 1/2) + reputation_n - aversion_n E[deaths_n] - upkeep
    QRE        p_n = Λ(λ u_n(stay)) for those present, p_n = 0 for those who left or stayed out

Which solution. The game has strategic complements, so its logit solutions have a greatest one, the limit of monotone
iteration from p = 1: everyone expects everyone to stay (Milgrom and Roberts 1990). Where that solution is about to
vanish the iteration needs any number of rounds, and a residual cannot tell it from a near miss. So the same limit is
found on one number, the muster S = Σ_k M_k p_k. Given S, p_n is the only root, increasing in S, of

    p = Λ(λ (fixed_n + solidarity (S - M_n p)/M_-n)),    M_-n = Σ_{k != n} M_k.

The solutions of the game are then exactly the roots of

    g(S) = S - H(S),    H(S) = Σ_n M_n p_n(S),    H increasing,

and the greatest solution is the largest root. It is found from above. A stretch [s, S] is left behind only when g > 0
is proven on all of it from bounds on H', which follow from the p_n at both ends: M_n dp_n/dS grows with p(1-p), and
p_n(S) is monotone. The last stretch is one where g is monotone and changes sign, hence with a single root.
"""

from fragile_peace.kernels.chance.logit import logistic
from fragile_peace.kernels.machine.jit import kernel

CONVERGED = 0
NOT_CONVERGED = 1

TOLERANCE = 1e-10  # promised bound on the residual
POLISHED = 1e-13  # residual at which the closing rounds stop
EXACT = 1e-14  # |g| below this share of the force counts as a root: ten times the rounding of H
CLOSE = 2e-15  # the same, and the bracket's width, for the last steps toward a root already isolated
MAX_ROUNDS = 2_000  # evaluations of H; far above the most ever seen, so that a NaN ends the search
MAX_POLISH = 200
MAX_INNER = 100
INNER = 1e-15  # Newton steps of the log-odds below this share of 1 + |z| are rounding

WORK_ROWS = 7
OTHERS, HIGH, LOW, PULL, OFFSET, LOG_ODDS, MOVING = range(WORK_ROWS)  # rows of the work array


@kernel
def company(troops, p, n):
    """Share of the other contingents' troops expected to stay: Σ_{k != n} M_k p_k / Σ_{k != n} M_k.

    Parameters
    ----------
    troops : array of float, shape (N,)
        M_k of the original force, thousands, >= 0.
    p : array of float, shape (N,)
        Probability that each stays; 0 for those who left.
    n : int
        The contingent that asks.

    Returns
    -------
    float
        In [0, 1]; 0 if nobody else was ever in the force.
    """
    staying = 0.0
    total = 0.0
    for k in range(troops.shape[0]):
        if k != n:
            staying += troops[k] * p[k]
            total += troops[k]
    return staying / total if total > 0.0 else 0.0


@kernel("float64(float64, float64, float64, float64, float64, float64, float64)")
def fixed_utility(legitimacy, politics, support, reputation, aversion, expected_deaths, upkeep):
    """The part of u_n(stay) that does not depend on the other contingents (docs/model.md, section 8).

    legitimacy + politics (support - 1/2) + reputation - aversion * expected_deaths - upkeep

    Parameters
    ----------
    legitimacy, politics, reputation, upkeep : float
        Payoff units; `legitimacy` is the mandate's.
    support : float
        Domestic support, [0, 1].
    aversion : float
        Payoff lost per expected death of its own, >= 0.
    expected_deaths : float
        Deaths of its own over the review period, persons, >= 0.

    Returns
    -------
    float
        Payoff units.
    """
    return legitimacy + politics * (support - 0.5) + reputation - aversion * expected_deaths - upkeep


@kernel("float64(float64, float64, float64)")
def stay_utility(solidarity, company_n, fixed_n):
    """u_n(stay) = solidarity * company_n + fixed_n, in payoff units (docs/model.md, section 8); u_n(leave) = 0.

    `company_n` in [0, 1] is `company`, `fixed_n` is `fixed_utility`, `solidarity` >= 0.
    """
    return solidarity * company_n + fixed_n


@kernel
def stay_given_muster(muster, troops, present, fixed, solidarity, lam, n, p, work):
    """Set p_n(S), the only p with p = Λ(λ (fixed + solidarity (S - M_n p)/M_-n)), of every contingent.

    With z the log-odds of p the condition is f(z) = z + c Λ(z) - a = 0, f increasing, convex below z = 0 and concave
    above. Where the root is negative, Newton's method from min(0, a) falls to it without ever passing it; a positive
    root is the mirror image, f(-z) with c - a for a. No bracket is needed, and none can go wrong by rounding.
    Contingents take their steps in turns: each step waits for the one before it, but not for those of the others.

    Parameters
    ----------
    muster : float
        S, thousands expected to stay, own troops included.
    troops, present, fixed, solidarity, lam, n, work
        As in `solve_commitment`; row OTHERS of `work` holds M_-n.
    p : array of float, shape (N,) or longer
        Modified in place: p_n in [0, 1], increasing in `muster`; 0 for those not present.
    """
    pull, offset, z, moving = work[PULL], work[OFFSET], work[LOG_ODDS], work[MOVING]
    for k in range(n):
        others = work[OTHERS, k]
        each = lam * solidarity / others if others > 0.0 else 0.0
        a = lam * fixed[k] + each * muster
        pull[k] = each * troops[k]
        p[k] = 1.0 if 2.0 * a > pull[k] else 0.0  # 1: the mirror image is solved
        offset[k] = pull[k] - a if 2.0 * a > pull[k] else a
        z[k] = min(0.0, offset[k])
        moving[k] = 1.0 if present[k] != 0 else 0.0
    for _ in range(MAX_INNER):
        left = 0
        for k in range(n):
            q = logistic(z[k])
            step = (z[k] - offset[k] + pull[k] * q) / (1.0 + pull[k] * q * (1.0 - q))
            moved = z[k] - step
            z[k] = moved if moving[k] == 1.0 else z[k]
            moving[k] = moving[k] if step > INNER * (1.0 - moved) else 0.0
            left += 1 if moving[k] == 1.0 else 0
        if left == 0:
            break
    for k in range(n):
        p[k] = logistic(-z[k] if p[k] == 1.0 else z[k]) if present[k] != 0 else 0.0


@kernel("float64(float64, float64, float64, float64, float64)")
def slope(p, own, others, solidarity, lam):
    """M_n dp_n/dS = c w / (1 + c w) with w = p (1 - p), c = λ solidarity M_n / M_-n: a contingent's part of H'."""
    if others <= 0.0:
        return 0.0
    weight = lam * solidarity * own / others * p * (1.0 - p)
    return weight / (1.0 + weight)


@kernel
def mustered(muster, troops, present, fixed, solidarity, lam, n, p, work):
    """H(S) = Σ_n M_n p_n(S): the troops that stay when `muster` thousands are expected to.

    Arguments as in `stay_given_muster`; `p` is modified in place.
    """
    stay_given_muster(muster, troops, present, fixed, solidarity, lam, n, p, work)
    total = 0.0
    for k in range(n):
        total += troops[k] * p[k]
    return total


@kernel
def slope_bounds(p_low, p_high, troops, present, others, solidarity, lam, n):
    """Least and greatest H' between two musters, from the p_n there: p_n(S) is monotone and p(1-p) single-peaked."""
    least = 0.0
    greatest = 0.0
    for k in range(n):
        if present[k] != 0:
            at_low = slope(p_low[k], troops[k], others[k], solidarity, lam)
            at_high = slope(p_high[k], troops[k], others[k], solidarity, lam)
            least += min(at_low, at_high)
            if p_low[k] < 0.5 < p_high[k]:
                greatest += slope(0.5, troops[k], others[k], solidarity, lam)
            else:
                greatest += max(at_low, at_high)
    return least, greatest


@kernel
def isolate_greatest(troops, present, fixed, solidarity, lam, n, p, work):
    """Bracket the largest root of g(S) = S - H(S), coming from above.

    A stretch [s, S] with g(S) > 0 is passed when g > 0 on all of it: either g is monotone there and g(s) > 0, or
    g(S) - (1 - least H')(S - s) > 0. Otherwise its length is halved; it never needs to fall below g(S), where H' >= 0
    alone proves the second condition. `p` and `work` are modified in place.

    Returns
    -------
    low, high : float
        The root lies in [low, high] and is the only one there; low = high if g(high) is 0 to rounding.
    rounds : int
        Evaluations of H.
    """
    others = work[OTHERS]
    p_high = work[HIGH]
    p_low = work[LOW]
    force = 0.0
    for k in range(n):
        if present[k] != 0:
            force += troops[k]
    high = force
    gap = high - mustered(high, troops, present, fixed, solidarity, lam, n, p_high, work)
    length = force
    rounds = 1
    while gap > EXACT * force and rounds < MAX_ROUNDS:
        low = max(0.0, high - length)
        gap_low = low - mustered(low, troops, present, fixed, solidarity, lam, n, p_low, work)
        rounds += 1
        least, greatest = slope_bounds(p_low, p_high, troops, present, others, solidarity, lam, n)
        if greatest <= 1.0 and gap_low <= 0.0:
            return low, high, rounds
        if gap_low > 0.0 and (greatest <= 1.0 or gap > (1.0 - least) * (high - low)):
            high = low
            gap = gap_low
            for k in range(n):
                p_high[k] = p_low[k]
            length *= 2.0
        else:
            length = 0.5 * (high - low)
    return high, high, rounds


@kernel
def close_in(low, high, troops, present, fixed, solidarity, lam, n, p, work):
    """The root of g in a bracket where g is monotone: Newton's method, halving where it would leave the bracket.

    Returns
    -------
    muster : float
        The root, thousands.
    rounds : int
        Evaluations of H. `p` is modified in place.
    """
    others = work[OTHERS]
    muster = high
    rounds = 0
    while rounds < MAX_ROUNDS:
        gap = muster - mustered(muster, troops, present, fixed, solidarity, lam, n, p, work)
        rounds += 1
        steepness, _ = slope_bounds(p, p, troops, present, others, solidarity, lam, n)
        if gap > 0.0:
            high = muster
        else:
            low = muster
        if abs(gap) <= CLOSE * high or high - low <= CLOSE * high:
            break
        muster = muster - gap / (1.0 - steepness) if steepness < 1.0 else low
        if not low < muster < high:
            muster = 0.5 * (low + high)
    return muster, rounds


@kernel
def logit_round(troops, present, fixed, solidarity, lam, n, p, image):
    """One round of p_n -> Λ(λ u_n(stay)) into `image`; returns the residual max_n |image_n - p_n|."""
    residual = 0.0
    for k in range(n):
        image[k] = 0.0
        if present[k] != 0:
            image[k] = logistic(lam * stay_utility(solidarity, company(troops[:n], p, k), fixed[k]))
        error = abs(image[k] - p[k])
        if not error <= residual:  # also lets a NaN through
            residual = error
    return residual


@kernel
def solve_commitment(troops, present, fixed, solidarity, lam, n, p, work):
    """The greatest logit equilibrium of the stay-or-leave game: p_n = Λ(λ u_n(stay)).

    Parameters
    ----------
    troops : array of float, shape (N,) or longer
        M_n of the original force, thousands, >= 0.
    present : array of int, shape (N,) or longer
        1 for those who may stay, 0 for those who left or stayed out.
    fixed : array of float, shape (N,) or longer
        `fixed_utility` of each, payoff units.
    solidarity : float
        Payoff of knowing all others in, >= 0 payoff units.
    lam : float
        Precision of the choice, per payoff unit, [0, 10].
    n : int
        N, the number of contingents, >= 1.
    p : array of float, shape (N,) or longer
        Modified in place: the probability that each stays, 0 for those not present.
    work : array of float, shape (WORK_ROWS, N) or larger
        Scratch, modified in place.

    Returns
    -------
    rounds : int
        Evaluations of all N choices.
    residual : float
        max_n |p_n - Λ(λ u_n(stay at p))| at the returned p.
    status : int
        CONVERGED if residual <= 1e-10, else NOT_CONVERGED (an argument is out of range or NaN).
    """
    for k in range(n):
        work[OTHERS, k] = 0.0
        for i in range(n):
            if i != k:
                work[OTHERS, k] += troops[i]
    low, high, rounds = isolate_greatest(troops, present, fixed, solidarity, lam, n, p, work)
    _, more = close_in(low, high, troops, present, fixed, solidarity, lam, n, p, work)
    rounds += more
    residual = logit_round(troops, present, fixed, solidarity, lam, n, p, work[HIGH])
    polish = 0
    while residual > POLISHED and polish < MAX_POLISH:  # S - M_n p_n loses digits where one contingent dwarfs the rest
        for k in range(n):
            p[k] = work[HIGH, k]
        residual = logit_round(troops, present, fixed, solidarity, lam, n, p, work[HIGH])
        polish += 1
    return rounds + polish + 1, residual, CONVERGED if residual <= TOLERANCE else NOT_CONVERGED
