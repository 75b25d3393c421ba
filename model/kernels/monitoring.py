"""What the monitors see: from patrols to the chances of each observable (docs/model.md, section 4).

An observable is o = 2*sigma + K with sigma a `codes.Signal` and K = 1 if a European died: 8 slots, of which (quiet, 1)
does not exist. Densities are in persons per km of line, troops in thousands, visibilities are dimensionless.

Order inside a week: detection and attribution, misattribution, liaison, then deaths move quiet mass to disputed.
"""

from model.kernels.elementary import cos_turn, exp, expm1
from model.kernels.jit import kernel

N_SIGNALS = 4
N_OBSERVABLES = 8
LOW_DAY = 332.0
YEAR_DAYS = 365.25


@kernel
def season(amplitude, day_of_year):
    """Return 1 - amplitude cos(2 pi (day - 332)/365.25): a seasonal factor, lowest in week 48 (day 332)."""
    return 1.0 - amplitude * cos_turn((day_of_year - LOW_DAY) / YEAR_DAYS)


@kernel
def patrol_density(monitors, alpha, m_s, l_s):
    """Return d = (monitors + 1000 alpha m)/l in persons per km; 0 in a hub, which has no length (l = 0)."""
    if l_s <= 0.0:
        return 0.0
    return (monitors + 1000.0 * alpha * m_s) / l_s


@kernel
def coverage(isr, d_s, d0):
    """Return e = isr + (1 - isr)(1 - exp(-d/d0)): the share of the place under observation."""
    return isr - (1.0 - isr) * expm1(-d_s / d0)


@kernel
def detection(nu, e, visibility):
    """Return D = 1 - exp(-nu e visibility): the chance that a week of this class is seen."""
    return -expm1(-nu * e * visibility)


@kernel
def attribution(q0, d_s, d_q):
    """Return Q = 1 - (1 - q0) exp(-d/d_q): the chance that what is seen is attributed."""
    return 1.0 - (1.0 - q0) * exp(-d_s / d_q)


@kernel
def fatality_hazard(protection, m_s, k_side, k_aimed):
    """Return one side's H = protection [m k + k_aimed]: it kills with 1 - exp(-H). A strike has k_aimed = k_strike."""
    return protection * (m_s * k_side + k_aimed)


@kernel
def either_kills(p_a, p_b):
    """Return P(K=1|a,b) = 1 - exp(-H_a - H_b) from each side's 1 - exp(-H), without cancellation."""
    return p_a + (1.0 - p_a) * p_b


@kernel
def observables(D_R, D_U, Q, phi, unsettled, eps_m, p_K):
    """Return P(o | a, b) of the observables that exist: (quiet, 0), then K = 0 and 1 for R, U and disputed.

    Parameters
    ----------
    D_R, D_U : detection of each side's week
    Q : attribution given detection
    phi : false alarms
    unsettled : exp(-d/d_c), the share of disputes that liaison does not settle
    eps_m : share of attributed signals that name the wrong side
    p_K : chance that a European dies

    Returns
    -------
    Seven chances that sum to 1: o = 0, 2, 3, 4, 5, 6, 7
    """
    v_R = D_R * Q
    v_U = D_U * Q
    seen_R = v_R * (1.0 - v_U)
    seen_U = v_U * (1.0 - v_R)
    quiet = (1.0 - D_R) * (1.0 - D_U) * (1.0 - phi)
    rest = max(0.0, 1.0 - seen_R - seen_U - quiet)
    named_R = (1.0 - eps_m) * seen_R + eps_m * seen_U
    named_U = (1.0 - eps_m) * seen_U + eps_m * seen_R
    disputed = rest * unsettled
    quiet += rest - disputed
    alive = 1.0 - p_K
    return (
        quiet * alive, named_R * alive, named_R * p_K, named_U * alive, named_U * p_K, disputed * alive,
        (disputed + quiet) * p_K,
    )  # fmt: skip
