"""The commitment game: will the coalition form, and hold? (docs/model.md, section 8)

Definitions
    n = 0..N-1  contingent; M_n its troops (thousands); p_n the probability that it joins or stays
    u_n(leave) = 0
    u_n(stay)  = solidarity * Σ_{i != n} M_i p_i / Σ_{i != n} M_i + fixed_n, sums over the original force
    fixed_n    = legitimacy + politics (support_n - 1/2) + reputation_n - aversion_n E[deaths_n] - upkeep
    QRE        p_n = Λ(λ u_n(stay)) for those present, p_n = 0 for those who left or stayed out

Which solution. The game has strategic complements, so its logit solutions have a greatest one, the limit of monotone
iteration from p = 1: everyone expects everyone to stay; and a least one, from p = 0: nobody expects anybody to (Milgrom
and Roberts 1990). `commitment.selection` says which is played. Where that solution is about to vanish the iteration
needs any number of rounds, and a residual cannot tell it from a near miss. So the same limit is found on one number,
the muster S = Σ_n M_n p_n. Given S, p_n is the only root, increasing in S, of

    p = Λ(λ (fixed_n + solidarity (S - M_n p)/M_-n)),    M_-n = Σ_{i != n} M_i.

The solutions of the game are then exactly the roots of

    g(S) = S - H(S),    H(S) = Σ_n M_n p_n(S),    H increasing,

and the greatest solution is the largest root, the least one the smallest. The search comes from above or from below. A
stretch is left behind only when g is proven to keep its sign on all of it (g > 0 coming from above, g < 0 from below)
from bounds on H', which follow from the p_n at both ends: M_n dp_n/dS grows with p(1-p), and p_n(S) is monotone. The
last stretch is one where g is monotone and changes sign, hence with a single root.

Where the numbers lie. Troops and precision are read from the parameters in force, who is present from the state, and
`fixed` from SCRATCH; `stay` is an array of the p_n, of which only the first n_contingents are used. Rows of SCRATCH's
`work` hold what the search needs. Readable twin: `reference.war`, `stay_chances`, by monotone iteration.
"""

from fragile_peace.codes import Selection
from fragile_peace.kernels.chance.logit import logistic
from fragile_peace.kernels.machine.jit import kernel

CONVERGED = 0
NOT_CONVERGED = 1
LEAST = int(Selection.LEAST)

TOLERANCE = 1e-10  # promised bound on the residual
POLISHED = 1e-13  # residual at which the closing rounds stop
EXACT = 1e-14  # |g| below this share of the force counts as a root: ten times the rounding of H
CLOSE = 2e-15  # the same, and the bracket's width, for the last steps toward a root already isolated
MAX_ROUNDS = 2_000  # evaluations of H; far above the most ever seen, so that a NaN ends the search
MAX_POLISH = 200
MAX_INNER = 100
INNER = 1e-15  # Newton steps of the log-odds below this share of 1 + |z| are rounding

WORK_ROWS = 7
OTHERS, NEAR, FAR, PULL, OFFSET, LOG_ODDS, MOVING = range(WORK_ROWS)  # rows of the work array


@kernel
def company(troops, stay, n):
    """Share of the other contingents' troops expected to stay: Σ_{i != n} M_i p_i / Σ_{i != n} M_i (E8.3).

    Parameters
    ----------
    troops : array of float, shape (N,)
        M_i of the original force, thousands, >= 0.
    stay : array of float, shape (N,)
        p_i, the probability that each stays; 0 for those who left.
    n : int
        The contingent that asks.

    Returns
    -------
    float
        In [0, 1]; 0 if nobody else was ever in the force.
    """
    staying = 0.0
    total = 0.0
    for other in range(troops.shape[0]):
        if other != n:
            staying += troops[other] * stay[other]
            total += troops[other]
    return staying / total if total > 0.0 else 0.0


@kernel("float64(float64, float64, float64, float64, float64, float64, float64)")
def fixed_utility(legitimacy, politics, support, reputation, aversion, expected_deaths, upkeep):
    """The part of u_n(stay) that does not depend on the other contingents (E8.4).

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
    """u_n(stay) = solidarity * company_n + fixed_n, in payoff units; u_n(leave) = 0 (E8.2).

    `company_n` in [0, 1] is `company`, `fixed_n` is `fixed_utility`, `solidarity` >= 0.
    """
    return solidarity * company_n + fixed_n


@kernel
def stay_given_muster(muster, params, state, scratch, stay):
    """Set p_n(S), the only p with p = Λ(λ (fixed + solidarity (S - M_n p)/M_-n)), of every contingent (E8.7).

    With z the log-odds of p the condition is f(z) = z + c Λ(z) - a = 0, f increasing, convex below z = 0 and concave
    above. Where the root is negative, Newton's method from min(0, a) falls to it without ever passing it; a positive
    root is the mirror image, f(-z) with c - a for a. No bracket is needed, and none can go wrong by rounding.
    All contingents take a step in each round: a contingent's own steps must wait for one another, those of different
    contingents need not.

    Parameters
    ----------
    muster : float
        S, thousands expected to stay, own troops included.
    params, state, scratch : the rows
        Row OTHERS of SCRATCH's `work` holds M_-n; the rows PULL, OFFSET, LOG_ODDS and MOVING are modified in place.
    stay : array of float, shape (N,) or longer
        Modified in place: p_n in [0, 1], increasing in `muster`; 0 for those not present.
    """
    p = params[state[0]["row"]]
    troops, present, fixed, work = p["M_n"], state[0]["in_n"], scratch[0]["fixed"], scratch[0]["work"]
    solidarity, lam, contingents = p["solidarity"], p["lam_commit"], p["n_contingents"]
    pull, offset, z, moving = work[PULL], work[OFFSET], work[LOG_ODDS], work[MOVING]
    for n in range(contingents):
        others = work[OTHERS, n]
        each = lam * solidarity / others if others > 0.0 else 0.0
        a = lam * fixed[n] + each * muster
        pull[n] = each * troops[n]
        stay[n] = 1.0 if 2.0 * a > pull[n] else 0.0  # 1: the mirror image is solved
        offset[n] = pull[n] - a if 2.0 * a > pull[n] else a
        z[n] = min(0.0, offset[n])
        moving[n] = 1.0 if present[n] != 0 else 0.0
    for _ in range(MAX_INNER):
        left = 0
        for n in range(contingents):
            q = logistic(z[n])
            step = (z[n] - offset[n] + pull[n] * q) / (1.0 + pull[n] * q * (1.0 - q))
            moved = z[n] - step
            z[n] = moved if moving[n] == 1.0 else z[n]
            moving[n] = moving[n] if step > INNER * (1.0 - moved) else 0.0
            left += 1 if moving[n] == 1.0 else 0
        if left == 0:
            break
    for n in range(contingents):
        stay[n] = logistic(-z[n] if stay[n] == 1.0 else z[n]) if present[n] != 0 else 0.0


@kernel("float64(float64, float64, float64, float64, float64)")
def slope(stay_n, own, others, solidarity, lam):
    """A contingent's part of H', M_n dp_n/dS = c w / (1 + c w), w = p(1 - p), c = λ solidarity M_n / M_-n (E8.8)."""
    if others <= 0.0:
        return 0.0
    weight = lam * solidarity * own / others * stay_n * (1.0 - stay_n)
    return weight / (1.0 + weight)


@kernel
def mustered(muster, params, state, scratch, stay):
    """H(S) = Σ_n M_n p_n(S): the thousands that stay when `muster` thousands are expected to (E8.7).

    `stay` is modified in place, as in `stay_given_muster`.
    """
    stay_given_muster(muster, params, state, scratch, stay)
    p = params[state[0]["row"]]
    total = 0.0
    for n in range(p["n_contingents"]):
        total += p["M_n"][n] * stay[n]
    return total


@kernel
def slope_bounds(low, high, params, state, scratch):
    """Least and greatest H' between two musters, from the p_n at both: p_n(S) is monotone, p(1-p) has one peak (E8.8).

    `low` and `high` are arrays of the p_n at the lower and at the higher muster.
    """
    p = params[state[0]["row"]]
    troops, present, others = p["M_n"], state[0]["in_n"], scratch[0]["work"][OTHERS]
    solidarity, lam = p["solidarity"], p["lam_commit"]
    least = 0.0
    greatest = 0.0
    for n in range(p["n_contingents"]):
        if present[n] != 0:
            at_low = slope(low[n], troops[n], others[n], solidarity, lam)
            at_high = slope(high[n], troops[n], others[n], solidarity, lam)
            least += min(at_low, at_high)
            if low[n] < 0.5 < high[n]:
                greatest += slope(0.5, troops[n], others[n], solidarity, lam)
            else:
                greatest += max(at_low, at_high)
    return least, greatest


@kernel
def isolate(params, state, scratch):
    """Bracket the root of g(S) = S - H(S) that is played: the largest, or the smallest (E8.7, E8.8).

    With d = 1 coming from above and d = -1 from below, a stretch from S, where d g(S) > 0, to s is passed when d g > 0
    on all of it: either g is monotone there and d g(s) > 0, or d g(S) - (1 - least H')|S - s| > 0. Otherwise its length
    is halved; it never needs to fall below |g(S)|, where H' >= 0 alone proves the second condition. The rows NEAR and
    FAR of SCRATCH's `work` are modified in place, too.

    Returns
    -------
    low, high : float
        The root lies in [low, high] and is the only one there; low = high if g is 0 there to rounding.
    rounds : int
        Evaluations of H.
    """
    p = params[state[0]["row"]]
    near, far = scratch[0]["work"][NEAR], scratch[0]["work"][FAR]
    force = 0.0
    for n in range(p["n_contingents"]):
        force += p["M_n"][n] if state[0]["in_n"][n] != 0 else 0.0
    side = -1.0 if p["selection"] == LEAST else 1.0
    here = 0.0 if p["selection"] == LEAST else force
    gap = side * (here - mustered(here, params, state, scratch, near))
    length = force
    rounds = 1
    while gap > EXACT * force and rounds < MAX_ROUNDS:
        there = min(force, max(0.0, here - side * length))
        gap_there = side * (there - mustered(there, params, state, scratch, far))
        rounds += 1
        low, high = (far, near) if side > 0.0 else (near, far)
        least, greatest = slope_bounds(low, high, params, state, scratch)
        if greatest <= 1.0 and gap_there <= 0.0:
            return min(here, there), max(here, there), rounds
        if gap_there > 0.0 and (greatest <= 1.0 or gap > (1.0 - least) * abs(here - there)):
            here = there
            gap = gap_there
            for n in range(p["n_contingents"]):
                near[n] = far[n]
            length *= 2.0
        else:
            length = 0.5 * abs(here - there)
    return here, here, rounds


@kernel
def close_in(low, high, params, state, scratch):
    """The root of g in a bracket where g is monotone: Newton's method, halving where it would leave the bracket (E8.8).

    Returns
    -------
    muster : float
        The root, thousands. SCRATCH's `stay` is modified in place: the p_n there.
    rounds : int
        Evaluations of H.
    """
    stay = scratch[0]["stay"]
    muster = high
    rounds = 0
    while rounds < MAX_ROUNDS:
        gap = muster - mustered(muster, params, state, scratch, stay)
        rounds += 1
        steepness, _ = slope_bounds(stay, stay, params, state, scratch)
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
def logit_round(params, state, scratch, stay, answer):
    """One round of p_n -> Λ(λ u_n(stay)) into `answer`; returns the residual max_n |answer_n - p_n| (E8.6)."""
    p = params[state[0]["row"]]
    contingents = p["n_contingents"]
    troops, present, fixed = p["M_n"][:contingents], state[0]["in_n"], scratch[0]["fixed"]
    solidarity, lam = p["solidarity"], p["lam_commit"]
    residual = 0.0
    for n in range(contingents):
        answer[n] = 0.0
        if present[n] != 0:
            answer[n] = logistic(lam * stay_utility(solidarity, company(troops, stay, n), fixed[n]))
        error = abs(answer[n] - stay[n])
        if not error <= residual:  # also lets a NaN through
            residual = error
    return residual


@kernel
def solve_commitment(params, state, scratch):
    """The greatest or the least logit equilibrium of the stay-or-leave game: p_n = Λ(λ u_n(stay)) (E8.6, E8.7).

    Parameters
    ----------
    params, state, scratch : the rows
        Of the parameters in force `n_contingents` >= 1, `M_n` (thousands, >= 0, the original force), `solidarity` (>= 0
        payoff units) and `lam_commit` (precision, per payoff unit, [0, 10]); of the state `in_n`, 1 for those who may
        stay; of SCRATCH `fixed`, the `fixed_utility` of each in payoff units. Modified in place: SCRATCH's `stay`, the
        probability that each stays, 0 for those not present, and its `work`.

    Returns
    -------
    rounds : int
        Evaluations of all N choices.
    residual : float
        max_n |p_n - Λ(λ u_n(stay at p))| at the returned p.
    status : int
        CONVERGED if residual <= 1e-10, else NOT_CONVERGED (an argument is out of range or NaN).
    """
    p = params[state[0]["row"]]
    troops, contingents = p["M_n"], p["n_contingents"]
    stay, work = scratch[0]["stay"], scratch[0]["work"]
    for n in range(contingents):
        work[OTHERS, n] = 0.0
        for other in range(contingents):
            if other != n:
                work[OTHERS, n] += troops[other]
    low, high, rounds = isolate(params, state, scratch)
    _, more = close_in(low, high, params, state, scratch)
    rounds += more
    residual = logit_round(params, state, scratch, stay, work[NEAR])
    polish = 0
    while residual > POLISHED and polish < MAX_POLISH:  # S - M_n p_n loses digits where one contingent dwarfs the rest
        for n in range(contingents):
            stay[n] = work[NEAR, n]
        residual = logit_round(params, state, scratch, stay, work[NEAR])
        polish += 1
    return rounds + polish + 1, residual, CONVERGED if residual <= TOLERANCE else NOT_CONVERGED
