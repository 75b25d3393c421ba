"""What the monitors see: from patrols to the chances of each observable (docs/model.md, section 4).

An observable is o = 2*sigma + K with sigma a `codes.Signal` and K = 1 if a European died (`Observable`): 8 slots, of
which (quiet, 1) does not exist. Densities are in persons per km of line, troops in thousands, visibilities are
dimensionless.

Order inside a week: detection and attribution, misattribution, false alarms that liaison did not settle, then deaths
move quiet mass to disputed.

Each side's week leaves one of five traces: whether it is named (seen and attributed), only seen or unseen, and whether
it kills a European. What is observed depends on the two traces alone, not on the actions behind them. So its chances
are sums over 5 x 5 pairs of traces (the table of `observables`) instead of sums over all pairs of actions.

Readable twin: `reference.incident.IncidentGame`, which goes by pairs of actions.
"""

from enum import IntEnum

from fragile_peace.kernels.machine.elementary import cos_turn, exp, expm1
from fragile_peace.kernels.machine.jit import kernel


class Trace(IntEnum):
    """What one side's week leaves, by itself."""

    NAMED = 0  # seen and attributed
    SEEN = 1  # seen, not attributed
    UNSEEN = 2
    KILLED_NAMED = 3
    KILLED = 4  # not attributed, seen or not


class Observable(IntEnum):
    """What everybody sees at the end of a week: o = 2*sigma + K. (quiet, 1), which would be 1, does not exist."""

    QUIET = 0
    RUSSIA = 2
    RUSSIA_K = 3
    UKRAINE = 4
    UKRAINE_K = 5
    DISPUTED = 6
    DISPUTED_K = 7


NAMED, SEEN, UNSEEN = int(Trace.NAMED), int(Trace.SEEN), int(Trace.UNSEEN)
KILLED_NAMED, KILLED = int(Trace.KILLED_NAMED), int(Trace.KILLED)
N_TRACES = len(Trace)
N_OBSERVABLES = 8
"""Slots of an array over o, (quiet, 1) included."""
FIRST_ANSWERED = int(Observable.RUSSIA)
"""The contingent answers the observables from this one on."""
LOW_DAY = 332.0
YEAR_DAYS = 365.25


@kernel
def season(amplitude, day_of_year):
    """Return 1 - amplitude cos(2 pi (day - 332)/365.25): a seasonal factor, lowest in week 48 (E4.10)."""
    return 1.0 - amplitude * cos_turn((day_of_year - LOW_DAY) / YEAR_DAYS)


@kernel
def patrol_density(monitors, alpha, m_s, l_s):
    """Return d = (monitors + 1000 alpha m)/l in persons per km; 0 in a hub, where l = 0 (E4.11, E4.17)."""
    if l_s <= 0.0:
        return 0.0
    return (monitors + 1000.0 * alpha * m_s) / l_s


@kernel
def coverage(isr, d_s, d0):
    """Return e = isr + (1 - isr)(1 - exp(-d/d0)): the share of the place under observation (E4.12)."""
    return isr - (1.0 - isr) * expm1(-d_s / d0)


@kernel
def detection(nu, e, visibility):
    """Return D = 1 - exp(-nu e visibility): the chance that a week of this class is seen (E4.13)."""
    return -expm1(-nu * e * visibility)


@kernel
def attribution(q0, d_s, d_q):
    """Return Q = 1 - (1 - q0) exp(-d/d_q): the chance that what is seen is attributed (E4.14)."""
    return 1.0 - (1.0 - q0) * exp(-d_s / d_q)


@kernel
def false_alarm(phi0, d_s, d0, d_c):
    """Return phi = phi0 exp(-d/d0) exp(-d/d_c): the chance of a false alarm that nobody settles (E4.15, E4.16)."""
    return phi0 * exp(-(d_s / d0 + d_s / d_c))


@kernel
def violence(w_s, r_s, x_s):
    """Return v = w (1 - r)(1 + x): how intense a place's breaches are, its hot-spot weight included (E4.67)."""
    return w_s * (1.0 - r_s) * (1.0 + x_s)


@kernel
def fatality_hazard(protection, m_s, k_side, v_s, k_aimed):
    """Return one side's fatality hazard, H = protection (m k v + k_aimed) (E4.18).

    It kills with 1 - exp(-H). A strike has k_aimed = k_strike and k_side = 0.
    """
    return protection * (m_s * k_side * v_s + k_aimed)


@kernel
def either_kills(p_a, p_b):
    """Return P(K=1|a,b) = 1 - exp(-H_a - H_b) from each side's 1 - exp(-H), without cancellation (E4.19)."""
    return p_a + (1.0 - p_a) * p_b


@kernel
def traces(D, Q, kills):
    """Return the chances of what one side's week leaves: the five `Trace`s, in that order (E4.20).

    D, Q, kills: detection of the week, attribution given detection, chance that it kills a European, which is
    independent of what is seen of it. The five sum to 1.
    """
    v = D * Q
    alive = 1.0 - kills
    return alive * v, alive * (D - v), alive * (1.0 - D), kills * v, kills * (1.0 - v)


@kernel(forceinline=True)
def observables(R, U, phi, eps_m):
    """Return the chances of the observables, given those of each side's traces (E4.21, E4.22, E4.23, E4.24, E4.25,
    E4.27).

    The two traces are independent, and o depends on them alone:

    | Russia's, Ukraine's | named    | seen     | unseen   | killed, named | killed   |
    |---------------------|----------|----------|----------|---------------|----------|
    | named               | E 0 (m)  | R 0 (m)  | R 0 (m)  | E 1 (m)       | R 1 (m)  |
    | seen                | U 0 (m)  | D 0      | D 0      | U 1 (m)       | D 1      |
    | unseen              | U 0 (m)  | D 0      | Q 0 (f)  | U 1 (m)       | D 1      |
    | killed, named       | E 1 (m)  | R 1 (m)  | R 1 (m)  | E 1 (m)       | R 1 (m)  |
    | killed              | U 1 (m)  | D 1      | D 1      | U 1 (m)       | D 1      |

    Signal (Q quiet, R Russia, U Ukraine, D disputed, E either side, half and half) and K; (m) with chance eps_m the
    signal names the other side; (f) a false alarm that liaison does not settle, with chance phi, makes it a dispute.
    The same formula serves two actions, P(o | a, b), and two strategies. Chances are added, not subtracted from 1, so
    a rare observable is as exact as a common one.

    Parameters
    ----------
    R, U : chances of the five `Trace`s of Russia's and of Ukraine's week
    phi : false alarms that liaison does not settle
    eps_m : share of attributed signals that name the wrong side

    Returns
    -------
    Seven chances that sum to 1, in the order of `Observable`
    """
    named_R, seen_R, unseen_R, killed_named_R, killed_R = R
    named_U, seen_U, unseen_U, killed_named_U, killed_U = U
    missed_R, missed_U = seen_R + unseen_R, seen_U + unseen_U
    all_named_U, all_missed_U = named_U + killed_named_U, missed_U + killed_U
    either = 0.5 * (named_R * named_U)
    either_K = 0.5 * (killed_named_R * all_named_U + named_R * killed_named_U)
    led_R, led_U = named_R * missed_U + either, missed_R * named_U + either
    led_R_K = killed_named_R * all_missed_U + named_R * killed_U + either_K
    led_U_K = killed_R * all_named_U + missed_R * killed_named_U + either_K
    nothing = unseen_R * unseen_U
    disputed = seen_R * missed_U + (unseen_R * seen_U + phi * nothing)
    disputed_K = killed_R * all_missed_U + missed_R * killed_U
    swapped, swapped_K = eps_m * (led_U - led_R), eps_m * (led_U_K - led_R_K)
    return (
        (1.0 - phi) * nothing, led_R + swapped, led_R_K + swapped_K, led_U - swapped, led_U_K - swapped_K, disputed,
        disputed_K,
    )  # fmt: skip


@kernel(forceinline=True)
def worth_of_traces(others, value, phi, eps_m):
    """Return what each of a side's own traces is worth to it, given the other side's chances of traces (E4.28).

    The transpose of `observables`: w(trace) = sum_o P(o | own trace) value(o), so an action is worth the sum over its
    traces (`over_traces`).

    Parameters
    ----------
    others : chances of the five `Trace`s of the other side's week
    value : of each observable: this side named (K = 0, K = 1), the other side named (0, 1), disputed (0, 1)
    phi, eps_m : see `observables`

    Returns
    -------
    Five values, one for each own trace
    """
    named, seen, unseen, killed_named, killed = others
    own, own_K, other, other_K, disputed, disputed_K = value
    missed = seen + unseen
    all_named, all_missed = named + killed_named, missed + killed
    swapped, swapped_K = eps_m * (other - own), eps_m * (other_K - own_K)
    own, other, own_K, other_K = own + swapped, other - swapped, own_K + swapped_K, other_K - swapped_K
    either, either_K = 0.5 * (own + other), 0.5 * (own_K + other_K)
    not_named = named * other + (killed_named * other_K + killed * disputed_K)
    return (
        missed * own + named * either + (killed * own_K + killed_named * either_K),
        not_named + missed * disputed,
        not_named + (seen + phi * unseen) * disputed,
        all_missed * own_K + all_named * either_K,
        all_named * other_K + all_missed * disputed_K,
    )


@kernel(forceinline=True)
def over_traces(left, worths, j):
    """Return sum_trace P(trace | action) w(trace) in lane j (E4.28); `left` holds P(trace | action), (5, LANES)."""
    alive = left[NAMED, j] * worths[NAMED] + left[SEEN, j] * worths[SEEN] + left[UNSEEN, j] * worths[UNSEEN]
    return alive + (left[KILLED_NAMED, j] * worths[KILLED_NAMED] + left[KILLED, j] * worths[KILLED])
