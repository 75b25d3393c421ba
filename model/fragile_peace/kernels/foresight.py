"""Strength, deployment and the calendar: a week's step, and the path players foresee (docs/model.md, sections 7, 9).

Readable twin: `reference.war`, `next_ramp`, `next_strength` and the foresight of `Review`.

Definitions
    U, V  strength of Ukraine and Russia, in units of both together at the start; their ceilings are U_max and V_max
    B     Ukraine's readiness, its share of the military balance, U/(U + V)
    ramp  share of the force that has arrived, in [0, 1]
    F     troops in place, thousands: (sum of M_n over those in) x ramp
    x     mean tension over the line places

Time. Week t = 0, 1, ... begins on the day `start_ordinal + 7 t`, where ordinals are those of `datetime.date.toordinal`.
Within a week the phase `deploy` moves the ramp, `tension` moves both strengths and `resume`, the last, holds the
reviews. So a review in week t sees the ramp and the balance that week t left, and looks ahead by the steps of weeks
t + 1, ...

The weekly phases and the resumption game call the same formulas here: what players anticipate is what happens when
nothing else changes.
"""

from fragile_peace.kernels.machine.elementary import exp, log
from fragile_peace.kernels.machine.jit import kernel

REFERENCE_CAP = 800_000.0  # men under arms at which the cap leaves the ceiling at B_ref (the 20-point plan)
DECEMBER = 275  # days from 1 March to 1 December; after it come January and February, which end such a year
FULL = 1.0 - 1e-9  # 26 additions of 1/26 fall short of 1 by rounding; without this the force would need a 27th week


@kernel("UniTuple(int64, 2)(int64)")
def day_since_march(ordinal):
    """Year of the 400-year cycle and day of that year, both counted from 1 March (E7.15).

    Years that begin in March have the leap day last, so that months follow the 153-day pattern of March to July; 400
    years have 146,097 days. Algorithm: Richards, "Calendars", in Urban and Seidelmann (eds.), Explanatory Supplement
    to the Astronomical Almanac, 3rd ed., 2013, ch. 15. Exact in integers.

    Parameters
    ----------
    ordinal : int
        Day number, 1 on 1 January of year 1 (`datetime.date.toordinal`), at least 1.

    Returns
    -------
    year, day : int
        Year of the cycle in 0..399 and day in 0..365; January and February belong to the year before.
    """
    day_of_cycle = (ordinal + 305) % 146_097  # 305 days lie between 1 March of year 0 and 1 January of year 1
    year = (day_of_cycle - day_of_cycle // 1_460 + day_of_cycle // 36_524 - day_of_cycle // 146_096) // 365
    return year, day_of_cycle - (365 * year + year // 4 - year // 100)


@kernel("int64(int64)")
def day_of_year(ordinal):
    """Day of the calendar year, 1 on 1 January (E7.15); as `datetime.date.fromordinal(ordinal).timetuple().tm_yday`.

    Parameters
    ----------
    ordinal : int
        Day number, 1 on 1 January of year 1, at least 1.

    Returns
    -------
    int
        1 .. 366.
    """
    year, day = day_since_march(ordinal)
    if day >= 306:  # January, February
        return day - 305
    leap = 1 if year % 4 == 0 and (year % 100 != 0 or year == 0) else 0
    return day + 60 + leap


@kernel("boolean(int64)")
def is_winter(ordinal):
    """Whether a day lies in December, January or February, when deployment is slower (E7.16).

    Parameters
    ----------
    ordinal : int
        Day number, 1 on 1 January of year 1, at least 1.

    Returns
    -------
    bool
    """
    _, day = day_since_march(ordinal)
    return day >= DECEMBER


@kernel("float64(float64, float64)")
def power(base, exponent):
    """base**exponent = exp(exponent log(base)) for base > 0; for base 0, one if the exponent is 0, else zero (E7.9)."""
    if exponent == 0.0 or base == 1.0:
        return 1.0
    if base <= 0.0:
        return 0.0
    return exp(exponent * log(base))


@kernel("float64(float64, float64, float64, float64, float64)")
def readiness_ceiling(b_ref, cap, eta_m, technology, eta_tech):
    """Ceiling of Ukraine's strength, U_max = B_ref (cap / 800,000)^eta_m technology^eta_tech, at most 1 (E7.9).

    Technology can make up for a smaller army.

    Parameters
    ----------
    b_ref : float
        Ceiling at a cap of 800,000 and technology 1; in units of both sides' strength at the start, [0, 1].
    cap : float
        Agreed limit on men under arms; persons, >= 0.
    eta_m, eta_tech : float
        Elasticities of the ceiling, >= 0; at 0 the factor is 1.
    technology : float
        Index of technology, 1 today, >= 0.

    Returns
    -------
    float
        U_max, in the same units, [0, 1].
    """
    return min(1.0, b_ref * power(cap / REFERENCE_CAP, eta_m) * power(technology, eta_tech))


@kernel("float64(float64, float64, float64)")
def next_strength(strength, pace, ceiling):
    """Strength of either side a week later: S + pace S (1 - S/ceiling), never past its ceiling (E7.8, E7.19).

    A ceiling lowered below S makes S fall; a ceiling of 0 leaves nothing.

    Parameters
    ----------
    strength : float
        S, in units of both sides' strength at the start, >= 0.
    pace : float
        Per week, >= 0: for Ukraine `regeneration`, for Russia g_R.
    ceiling : float
        The same units, >= 0.

    Returns
    -------
    float
        Strength a week later.
    """
    if ceiling <= 0.0:
        return 0.0
    moved = strength + pace * strength * (1.0 - strength * (1.0 / ceiling))
    return min(moved, ceiling) if strength <= ceiling else max(moved, ceiling)


@kernel("float64(float64, float64, float64, float64)")
def regeneration(growth, funding, rho_E, stay_share):
    """Pace of Ukraine's regeneration, g funding (1 - rho_E + rho_E stay_share), per week (E7.8).

    Parameters
    ----------
    growth : float
        g, per week, >= 0.
    funding : float
        Share of the funding that the growth rate assumes, >= 0.
    rho_E : float
        Share of regeneration that rests on the force, [0, 1].
    stay_share : float
        Share of the original force still in, [0, 1]; 1 in a scenario without a force.
    """
    return growth * funding * (1.0 - rho_E + rho_E * stay_share)


@kernel("float64(float64, float64)")
def balance(U, V):
    """Ukraine's share of the balance, B = U/(U + V), in [0, 1]; V > 0 (E7.20)."""
    return U / (U + V)


@kernel("float64(float64, int64, int64, float64, boolean, float64)")
def next_ramp(ramp, t, start_week, deploy_weeks, winter, winter_slowdown):
    """Share of the force that has arrived once week t's deployment is done (E7.11).

    From `start_week` on it grows by 1/deploy_weeks a week, by (1 - winter_slowdown)/deploy_weeks in winter, up to 1.
    `deploy_weeks` 0 brings the whole force in at once.

    Parameters
    ----------
    ramp : float
        Share after week t - 1, [0, 1].
    t, start_week : int
        This week; the first week of deployment.
    deploy_weeks : int or float
        Weeks that a deployment outside winter takes, >= 0.
    winter : bool
        Whether week t begins in winter (`is_winter`).
    winter_slowdown : float
        Share of the pace lost in winter, [0, 1].

    Returns
    -------
    float
        Share after week t, [0, 1]; exactly 1 once the force is complete.
    """
    if t < start_week:
        return ramp
    if deploy_weeks <= 0:
        return 1.0
    pace = 1.0 - winter_slowdown if winter else 1.0
    ramp += pace / deploy_weeks
    return 1.0 if ramp >= FULL else ramp


@kernel("int64(int64, int64)")
def stride(foresight_weeks, review_weeks):
    """Weeks from one foreseen review to the next; 0, a world that stands still, if none can be foreseen (E9.1)."""
    return review_weeks if foresight_weeks >= review_weeks else 0


@kernel
def foreseen_strengths(p, now, work, stay_share, n_reviews, known):
    """Set U_path, V_path and B_path at the reviews from number `known` on; the earlier ones are set (E9.2)."""
    pace, ceiling, growth_R, ceiling_R = (
        regeneration(p["g_B"], p["funding"], p["rho_E"], stay_share), work["ceiling"], p["g_R"], p["V_max"],
    )  # fmt: skip
    weeks = stride(p["foresight_weeks"], p["war_weeks"])
    for j in range(known, n_reviews):
        U, V = work["U_path"][j - 1], work["V_path"][j - 1]
        for _ in range(weeks):
            U = next_strength(U, pace, ceiling)
            V = next_strength(V, growth_R, ceiling_R)
        work["U_path"][j], work["V_path"][j] = U, V
        work["B_path"][j] = balance(U, V)


@kernel
def anticipated_path(params, state, scratch, tension, troops, stay_share, n_reviews, same):
    """Set the balance, troops in place and tension that a player foresees at each review, today's first (E9.2).

    Static expectations: coalition, law and parameters stay as they are today; the ramp and both sides' strength take
    their weekly steps; tension returns to its baseline, x_j = x_inf + (x_t - x_inf) rho^(weeks ahead). Review j lies j
    review periods (`war.review_weeks`) ahead.

    Parameters
    ----------
    params, state, scratch : the rows; U_path, V_path, B_path, F_path (thousands) and x_path of `scratch` are modified
        in place
    tension : float
        Today's mean tension of the line places.
    troops : float
        Sum of M_n over the contingents that are in, thousands.
    stay_share : float
        See `regeneration`.
    n_reviews : int
        How many reviews are foreseen, >= 2.
    same : bool
        Whether the paths were last filled for the same parameters, `stay_share` and number of reviews. If they then
        foresaw today's strengths at their second review, all but their end is known: they move up by one.
    """
    now = state[0]
    work = scratch[0]
    p = params[now["row"]]
    start_week, deploy_weeks, winter_slowdown = p["start_week"], p["deploy_weeks"], p["winter_slowdown"]
    baseline, rho, start_ordinal = p["xbar_inf"], p["rho"], p["start_ordinal"]
    weeks, ramp, t = stride(p["foresight_weeks"], p["war_weeks"]), now["ramp"], now["week"]
    U_path, V_path, B_path, F_path, x_path = (
        work["U_path"], work["V_path"], work["B_path"], work["F_path"], work["x_path"],
    )  # fmt: skip
    known = 1
    if same and U_path[1] == now["U"] and V_path[1] == now["V"]:
        known = n_reviews - 1
        for j in range(known):
            U_path[j], V_path[j], B_path[j] = U_path[j + 1], V_path[j + 1], B_path[j + 1]
    U_path[0], V_path[0], B_path[0] = now["U"], now["V"], now["B"]
    foreseen_strengths(p, now, work, stay_share, n_reviews, known)
    gap = tension - baseline
    left = 1.0  # of the gap after one more review
    for _ in range(weeks):
        left *= rho
    for j in range(n_reviews):
        F_path[j] = troops * ramp
        x_path[j] = baseline + gap
        gap *= left
        for _ in range(weeks if ramp < 1.0 else 0):
            t += 1
            ramp = next_ramp(ramp, t, start_week, deploy_weeks, is_winter(start_ordinal + 7 * t), winter_slowdown)
