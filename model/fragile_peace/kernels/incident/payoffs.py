"""The payoffs of the incident game, term by term (docs/model.md, section 4, "Payoffs").

f = 1 if the contingent fired, h = 1 if the United States honoured, kappa = 1 if Russia is committed. Every function
takes scalars; the sums over chance moves and over the other players' choices are in `blocks` and `later_moves`.

Readable twin: `reference.incident.IncidentGame`, "payoffs" and "who may choose".
"""

from fragile_peace.codes import Action, RulesOfEngagement, RussianType, Signal, Trigger
from fragile_peace.kernels.machine.elementary import exp
from fragile_peace.kernels.machine.jit import kernel

PROBE, COMMITTED = int(Action.PROBE), int(RussianType.COMMITTED)
RUSSIA, UKRAINE = int(Signal.RUSSIA), int(Signal.UKRAINE)
SELF_DEFENCE, ENFORCE = int(RulesOfEngagement.SELF_DEFENCE), int(RulesOfEngagement.ENFORCE)
NEVER, ANY_FATALITY = int(Trigger.NEVER), int(Trigger.ANY_FATALITY)
ATTRIBUTED_FATALITY, SUSTAINED = int(Trigger.ATTRIBUTED_FATALITY), int(Trigger.SUSTAINED)


@kernel
def bite(hours, tau_h):
    """Return eps = exp(-hours/tau_h): how much a response this late still bites (E4.33)."""
    return exp(-hours / tau_h)


@kernel
def breach_gain(unit, r_s, eta_x, x_s, ease):
    """Return the gain of a probe or a raid with g = 1, to either side: unit (1 - r)(1 + eta_x x) ease (E4.29).

    `unit` = c exp(-dmz_km/dmz0) is the contact factor of the place, lessened by the demilitarised zone.
    """
    return unit * (1.0 - r_s) * (1.0 + eta_x * x_s) * ease


@kernel
def disobedience(action, discipline, r_s):
    """Return what a probe or a raid costs a side that has ordered restraint: D r/2, D r (E4.68)."""
    return (0.5 if action == PROBE else 1.0) * discipline * r_s


@kernel
def strike_effect(kappa, V_s, alpha_theta, theta, C_b):
    """Return Russia's value of a strike that kills (E4.30): V_s (1 + alpha_theta theta) if committed, else -C_b."""
    return V_s * (1.0 + alpha_theta * theta) if kappa == COMMITTED else -C_b


@kernel
def stand_down(face, psi, theta):
    """Return Russia's payoff of standing down: -face (1 + psi theta) (E4.36)."""
    return -face * (1.0 + psi * theta)


@kernel
def hold(o_E, eps_E, f, o_A, eps_A, h):
    """Return Russia's payoff of holding: -(o_E eps_E f + o_A eps_A h) (E4.37)."""
    return -(o_E * eps_E * f + o_A * eps_A * h)


@kernel
def escalate(z_kappa, e_E, e_A, h):
    """Return Russia's payoff of escalating: z_kappa - e_E - e_A h (E4.38)."""
    return z_kappa - e_E - e_A * h


@kernel
def decline(rep, G):
    """Return Washington's payoff of declining: -rep G (E4.46)."""
    return -rep * G


@kernel
def sanction(econ, varsigma, rep, G):
    """Return Washington's payoff of sanctions: -econ - varsigma rep G (E4.47)."""
    return -econ - varsigma * rep * G


@kernel
def report(K, attributed, passive_0, passive, passive_K):
    """Return the contingent's payoff of only reporting (E4.43): -passive_K after a death, else -passive or -passive_0.

    `attributed`: to Russia.
    """
    if K == 1:
        return -passive_K
    return -passive if attributed else -passive_0


@kernel
def after_reply(stands, holds, escalates, f, u_D, u_O, u_E):
    """Return the contingent's expected payoff of Russia's reply (E4.45); a hold costs half if it did not fire."""
    return u_D * stands - u_O * (0.5 + 0.5 * f) * holds - u_E * escalates


@kernel
def fire_allowed(roe, K, sigma):
    """Return whether the rules of engagement allow fire after (sigma, K) (E4.5).

    In self-defence: when Europeans died and Ukraine is not named for it. To enforce: after any breach attributed to
    Russia, too.
    """
    return (roe >= SELF_DEFENCE and K == 1 and sigma != UKRAINE) or (roe == ENFORCE and sigma == RUSSIA)


@kernel
def triggered(trigger, K, sigma, sustained, is_line):
    """Return whether (sigma, K) invokes the guarantee (E4.6); `sustained`: another attributed death in four weeks."""
    if trigger == NEVER or K == 0:
        return False
    if trigger == ANY_FATALITY:
        return True
    if sigma != RUSSIA:
        return False
    return trigger == ATTRIBUTED_FATALITY or (sustained and (trigger == SUSTAINED or is_line))
