"""The logistic function and the logit rule of choice, safe at any size of payoff difference.

logistic       Λ(z) = 1/(1 + e^-z)
log-odds       ln(p/(1 - p)), the inverse of Λ
logit choice   P_i = exp(λ·u_i) / Σ_j exp(λ·u_j): the quantal response of precision λ to expected payoffs u
               (McKelvey and Palfrey 1995, equation 5; Luce 1959)

An option that does not exist at an information set has u_i = -inf and gets exactly 0. An option that exists can get 0
too, by underflow: where λ·(max u - u_i) > 745. Payoffs are compared before they are scaled: only differences matter.

Readable twin: `reference.incident.logit`.
"""

from fragile_peace.kernels.machine.elementary import INF, LN2, exp, log, log1p, log1p_share, odds
from fragile_peace.kernels.machine.jit import kernel


@kernel("float64(float64)")
def logistic(z):
    """Logistic function Λ(z) = 1/(1 + e^-z) (E12.15).

    Parameters
    ----------
    z : float64
        Log-odds, any value.

    Returns
    -------
    float64
        In [0, 1]; relative error below 4e-16 in either tail.
    """
    e = exp(-abs(z))
    return (1.0 if z >= 0.0 else e) / (1.0 + e)


@kernel("float64(float64)")
def log_logistic(z):
    """ln Λ(z) = min(z, 0) - ln(1 + e^-|z|) (E12.15).

    Parameters
    ----------
    z : float64
        Log-odds, any value.

    Returns
    -------
    float64
        At most 0; close to z far on the left, never -inf for a finite z.
    """
    return (z if z < 0.0 else 0.0) - log1p(exp(-abs(z)))


@kernel("float64(float64)")
def softplus(z):
    """ln(1 + e^z) of a finite number, without branches: for loops that are to vectorise (E12.16)."""
    return (z if z > 0.0 else 0.0) + log1p_share(odds(-abs(z)))


@kernel("float64(float64, float64)")
def log_sum_exp_finite(a, b):
    """`log_sum_exp` of finite logarithms, without branches: for loops that are to vectorise (E12.16)."""
    return (a if a > b else b) + log1p_share(odds(-abs(a - b)))


@kernel("float64(float64, float64)")
def log_sum_exp(a, b):
    """ln(e^a + e^b) = max(a, b) + ln(1 + e^-|a - b|) (E12.16).

    Parameters
    ----------
    a, b : float64
        Logarithms; -inf is the logarithm of nothing.

    Returns
    -------
    float64
        The logarithm of the sum; -inf where both are -inf.
    """
    if a == b or abs(a) == INF or abs(b) == INF:  # equal infinities: their difference is NaN, their sum themselves
        return (a if a > b else b) + (LN2 if a == b else 0.0)
    return log_sum_exp_finite(a, b)


@kernel
def logit_choice(u, lam, n_options, out):
    """Logit choice probabilities (E4.49, E12.17).

    P_i = exp(λ·(u_i - m)) / Σ_j exp(λ·(u_j - m)), m = max u.

    Parameters
    ----------
    u : float64 array
        Expected payoffs of the options; -inf marks an option that does not exist. Not +inf, not NaN.
    lam : float64
        Precision λ >= 0; 0 gives equal shares to the options that exist.
    n_options : int64
        Number of options, at least 1 and at most the length of `u` and of `out`.
    out : float64 array
        Modified in place: probabilities of the options, which sum to 1 within as many rounding errors.

    Returns
    -------
    float64
        ln Σ_j exp(λ·u_j), the player's inclusive value times λ. -inf, with `out` zero, where no option exists.
    """
    best = -INF
    for i in range(n_options):
        best = u[i] if u[i] > best else best
    if best == -INF:
        for i in range(n_options):
            out[i] = 0.0
        return -INF
    total = 0.0
    for i in range(n_options):
        e = 0.0 if u[i] == -INF else exp(lam * (u[i] - best))
        out[i] = e
        total += e
    for i in range(n_options):  # total >= 1: the best option adds e^0
        out[i] /= total
    return lam * best + log(total)


@kernel("float64(float64)")
def log_odds(chance):
    """ln(p/(1 - p)) (E12.18).

    Parameters
    ----------
    chance : float64
        The probability p, in [0, 1].

    Returns
    -------
    float64
        Log-odds: -inf at 0, inf at 1, NaN outside [0, 1].
    """
    return log(chance) - log1p(-chance)


@kernel("float64(float64)")
def from_log_odds(z):
    """The probability of given log-odds: Λ(z) (E12.18).

    Parameters
    ----------
    z : float64
        Log-odds.

    Returns
    -------
    float64
        Probability in [0, 1].
    """
    return logistic(z)
