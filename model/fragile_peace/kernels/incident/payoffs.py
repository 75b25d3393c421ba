"""The payoffs of the incident game, term by term (docs/model.md, section 4, "Payoffs").

f = 1 if the contingent fired, h = 1 if the United States honoured, kappa = 1 if Russia is committed. Every function
takes scalars; the sums over chance moves and over the other players' choices are in `blocks` and `later_moves`.
"""

from fragile_peace.kernels.machine.elementary import exp
from fragile_peace.kernels.machine.jit import kernel


@kernel
def bite(hours, tau_h):
    """Return eps = exp(-hours/tau_h): how much a response this late still bites."""
    return exp(-hours / tau_h)


@kernel
def breach_gain(unit, r_s, eta_x, x_s, ease):
    """Return what g = 1 of a probe or a raid is worth to either side: unit (1 - r)(1 + eta_x x) ease.

    `unit` = c exp(-dmz_km/dmz0) is the contact factor of the place, lessened by the demilitarised zone.
    """
    return unit * (1.0 - r_s) * (1.0 + eta_x * x_s) * ease


@kernel
def strike_effect(kappa, V_s, alpha_theta, theta, C_b):
    """Return Russia's value of a strike that kills: V_s (1 + alpha_theta theta) if committed, -C_b if bluffing."""
    return V_s * (1.0 + alpha_theta * theta) if kappa == 1 else -C_b


@kernel
def stand_down(face, psi, theta):
    """Return Russia's payoff of standing down: -face (1 + psi theta)."""
    return -face * (1.0 + psi * theta)


@kernel
def hold(o_E, eps_E, f, o_A, eps_A, h):
    """Return Russia's payoff of holding: -(o_E eps_E f + o_A eps_A h)."""
    return -(o_E * eps_E * f + o_A * eps_A * h)


@kernel
def escalate(z_kappa, e_E, e_A, h):
    """Return Russia's payoff of escalating: z_kappa - e_E - e_A h."""
    return z_kappa - e_E - e_A * h


@kernel
def decline(rep, games):
    """Return Washington's payoff of declining: -rep G."""
    return -rep * games


@kernel
def sanction(econ, varsigma, rep, games):
    """Return Washington's payoff of sanctions: -econ - varsigma rep G."""
    return -econ - varsigma * rep * games


@kernel
def report(K, attributed, passive_0, passive, passive_K):
    """Return the contingent's payoff of only reporting: -passive_K after a death, else by whether it is attributed."""
    if K == 1:
        return -passive_K
    return -passive if attributed else -passive_0


@kernel
def after_reply(stands, holds, escalates, f, u_D, u_O, u_E):
    """Return the contingent's expected payoff of Russia's reply; a hold costs half if it did not fire."""
    return u_D * stands - u_O * (0.5 + 0.5 * f) * holds - u_E * escalates


@kernel
def fire_allowed(roe, K, sigma):
    """Return whether the rules of engagement allow fire: (roe >= 1, K = 1, sigma != U) or (roe = 2, sigma = R)."""
    return (roe >= 1 and K == 1 and sigma != 2) or (roe == 2 and sigma == 1)


@kernel
def triggered(trigger, K, sigma, sustained, is_line):
    """Return whether (sigma, K) invokes the guarantee; `sustained`: another attributed death in the last four weeks."""
    if trigger == 0 or K == 0:
        return False
    if trigger == 1:
        return True
    if sigma != 1:
        return False
    return trigger == 2 or (sustained and (trigger == 3 or is_line))
