"""The threat as a signal: Moscow chooses before week 0 how loudly it threatens (docs/model.md, section 13).

Definitions
    theta_i     the levels of the threat, `LEVELS`, from quiet to loud
    S_k(theta)  chance that a Russia of type k stands down when its threat is called: the coalition fires
    F(theta)    expected share of the force that joins at this threat and the belief that it leaves
    u_k(theta)  = b (1 - F) - c theta^2 - face psi theta S_k(theta)
    P(theta|k)  proportional to exp(lambda u_k(theta))
    mu(theta)   by Bayes' rule from mu_0: log-odds(mu) = log-odds(mu_0) + ln P(theta|1) - ln P(theta|0)

One unknown. Russia's types share F and the sunk cost, so that ln P(theta|1) - ln P(theta|0) = D(theta) + C, where
D(theta) = lambda face psi theta (S_0 - S_1) is known beforehand and C = ln Z_0 - ln Z_1 is one number, Z_k being the
sum of exp(lambda u_k) over the levels. Every solution is a C that answers itself; it lies in [-max D, -min D].
`runs.threat` finds all of them.

Index conventions: k type, i level. Readable twin: `reference.threat`.
"""

import numpy as np

from fragile_peace.codes import Reply, RussianType
from fragile_peace.kernels.chance.draws import categorical
from fragile_peace.kernels.chance.logit import from_log_odds, log_odds, logit_choice
from fragile_peace.kernels.incident import payoffs as pay
from fragile_peace.kernels.learning import bounded
from fragile_peace.kernels.machine.jit import kernel

LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
OPTIONS = len(LEVELS) + 1
"""What a run may start from, at most: after one of the threats the coalition may tip either way."""
TYPES = len(RussianType)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
STAND_DOWN, HOLD, ESCALATE = int(Reply.STAND_DOWN), int(Reply.HOLD), int(Reply.ESCALATE)


@kernel
def stand_down_chance(p, kappa, theta):
    """Return S: P(a Russia of this type stands down | the coalition fires, Washington honours with gamma_0) (E13.1).

    `p` is a PARAMETERS row; its own threat is not read.
    """
    eps_E = pay.bite(p["coalition_hours"], p["tau_h"])
    eps_A = pay.bite(p["us_hours"], p["tau_h"])
    z = p["z_committed"] if kappa == COMMITTED else p["z_bluffing"]
    u = np.empty(3)
    reply = np.empty(3)
    total = 0.0
    for h in range(2):
        u[STAND_DOWN] = pay.stand_down(p["face"], p["psi"], theta)
        u[HOLD] = pay.hold(p["o_E"], eps_E, 1, p["o_A"], eps_A, h)
        u[ESCALATE] = pay.escalate(z, p["e_E"], p["e_A"], h)
        logit_choice(u, p["lam_russia"], 3, reply)
        total += (p["gamma0"] if h == 1 else 1.0 - p["gamma0"]) * reply[STAND_DOWN]
    return total


@kernel
def set_stand_down(p, stand_down):
    """Set S_k(theta_i) in `stand_down`, shape (TYPES, levels) (E13.1)."""
    for k in range(TYPES):
        for i in range(len(LEVELS)):
            stand_down[k, i] = stand_down_chance(p, k, LEVELS[i])


@kernel
def set_difference(p, stand_down, difference):
    """Set D(theta_i), by how much more a threat costs a bluffing Russia, in units of its precision (E13.6)."""
    for i in range(len(LEVELS)):
        gap = stand_down[BLUFFING, i] - stand_down[COMMITTED, i]
        difference[i] = p["lam_theta"] * p["face"] * p["psi"] * LEVELS[i] * gap


@kernel
def set_beliefs(p, difference, C, mu):
    """Set mu(theta_i), the belief that a threat leaves, bounded as every belief is (E13.4)."""
    for i in range(len(LEVELS)):
        mu[i] = bounded(from_log_odds(log_odds(p["mu0"]) + difference[i] + C))


@kernel("float64(float64, float64, float64, float64, float64, float64)")
def threat_payoff(theta, share, stand_down, benefit, cost, tied):
    """Return u(theta) = b (1 - F) - c theta^2 - face psi theta S, with `tied` = face psi (E13.2).

    `share` and `stand_down` are F and S, in [0, 1]; the others are >= 0, in payoff units.
    """
    return benefit * (1.0 - share) - cost * theta * theta - tied * theta * stand_down


@kernel
def set_choices(p, share, stand_down, payoff, chances):
    """Set both types' payoffs and chances of each level, given F; returns C = ln Z_0 - ln Z_1 (E13.2, E13.3, E13.6).

    Parameters
    ----------
    p : PARAMETERS row
    share : F(theta_i), shape (levels,)
    stand_down : S_k(theta_i), shape (TYPES, levels)
    payoff, chances : shape (TYPES, levels), modified in place

    Returns
    -------
    float
        The number C that these choices answer with.
    """
    inclusive = np.empty(TYPES)
    tied = p["face"] * p["psi"]
    for k in range(TYPES):
        for i in range(len(LEVELS)):
            payoff[k, i] = threat_payoff(LEVELS[i], share[i], stand_down[k, i], p["b_theta"], p["c_theta"], tied)
        inclusive[k] = logit_choice(payoff[k], p["lam_theta"], len(LEVELS), chances[k])
    return inclusive[BLUFFING] - inclusive[COMMITTED]


@kernel
def largest_change(chances, answer):
    """Return the residual max |P(theta|k) - its answer|, of arrays of shape (TYPES, levels) (E13.7)."""
    worst = 0.0
    for k in range(TYPES):
        for i in range(len(LEVELS)):
            worst = max(worst, abs(chances[k, i] - answer[k, i]))
    return worst


@kernel
def share_joining(p, p_join):
    """Return F = Σ_n M_n p_n/Σ_n M_n, the expected share of the force that joins; 0 without a force (E13.5)."""
    joining = 0.0
    force = 0.0
    for n in range(p["n_contingents"]):
        joining += p["M_n"][n] * p_join[n]
        force += p["M_n"][n]
    return joining / force if force > 0.0 else 0.0


@kernel("float64(float64, float64, float64)")
def tipping_share(forms, share_if, share_else):
    """Return F where the coalition tips: its two solutions' shares, weighted by the chance that it forms (E13.8)."""
    return forms * share_if + (1.0 - forms) * share_else


@kernel
def row_of_threat(params, row, kappa, u):
    """Return the PARAMETERS row of a run's threat: where Moscow chooses, drawn by the chances of its type (E13.9).

    `row` is the scenario's first, `kappa` the type, `u` a uniform: a large one is a loud threat.
    """
    p = params[row]
    if p["n_threats"] == 0:
        return row
    return p["threat_row"][categorical(u, p["p_threat"][kappa], p["n_threats"])]
