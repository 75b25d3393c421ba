"""Conditional probabilities of the rare events, summed over a run (docs/model.md, section 10).

For an event that can happen once, A = sum over weeks alive, and in which it has not yet happened, of its conditional
probability; E[A] = P(event by T) exactly (Doob). Phases 3 to 8 count from the start of the week, with the equilibrium
strategies and the true types; the reviews of phase 12 count just before their draws.
"""

from model.codes import Event
from model.kernels.jit import kernel
from model.kernels.stage import LANES

STRIKE_OR_DEATH, EUROPEAN_DEATH = int(Event.STRIKE_OR_DEATH), int(Event.EUROPEAN_DEATH)
EXCHANGE, INVOKED, HONOURED = int(Event.EXCHANGE_OF_FIRE), int(Event.INVOKED), int(Event.HONOURED)
WAR_UKRAINE, WAR_COALITION = int(Event.WAR_RUSSIA_UKRAINE), int(Event.WAR_RUSSIA_COALITION)
WAR_US = int(Event.WAR_WITH_US)
SPIRAL_COALITION, SPIRAL_US = int(Event.SPIRAL_COALITION), int(Event.SPIRAL_US)
COLLAPSE = int(Event.COLLAPSE)
N_EVENTS = len(Event)


@kernel
def place_hazards(p, g, j, kappa, tau):
    """Return the week's chances in one place, lane j of a GAMES block, given the true types.

    Returns
    -------
    strike_or_death, death, exchange, invoked, honoured, to_us, to_coalition : float64
        The last two are the chances of a spiral that Washington, or only the coalition, is in.
    """
    strike = g["p_R"][kappa, 3, j]
    death = harmless = 0.0
    for a in range(4):
        for b in range(3):
            chance = g["chance"][a, b]
            dead = chance[3, j] + chance[5, j] + chance[7, j]
            weight = g["p_R"][kappa, a, j] * g["p_U"][b, j]
            death += weight * dead
            if a < 3:
                harmless += weight * dead
    exchange = invoked = honoured = to_us = to_coalition = 0.0
    for o in range(2, 8):
        if g["respond"][o, j] == 0.0:
            continue
        chance = g["like"][kappa, o, j]
        fires = g["response"][1, o, j]
        honour_0 = honour_1 = 0.0
        if g["invoked"][o, j] == 1.0:
            invoked += chance
            honour_0 = g["decision"][tau, 0, 2, o, j]
            honour_1 = g["decision"][tau, 1, 2, o, j] if g["fire"][o, j] == 1.0 else 0.0
        cold = (1.0 - fires) * honour_0
        exchange += chance * (fires + cold * (1.0 - g["reply"][kappa, 0, 1, 0]))
        honoured += chance * (cold + fires * honour_1)
        widened = cold * g["reply"][kappa, 0, 1, 2] + fires * honour_1 * g["reply"][kappa, 1, 1, 2]
        to_us += chance * widened * p["spiral_us"]
        to_coalition += chance * fires * (1.0 - honour_1) * g["reply"][kappa, 1, 0, 2] * p["spiral_coalition"]
    return strike + harmless, death, exchange, invoked, honoured, to_us, to_coalition


@kernel
def week_hazards(P, X, W, G, O):
    """Fill the week's hazards of every event over all places and add them to the run's compensators."""
    x = X[0]
    p = P[x["row"]]
    none_3 = none_d = none_4 = none_i = none_h = none_us = none_spiral = 1.0
    for s in range(p["n_places"]):
        if W[0]["m_s"][s] > 0.0:
            strike, death, exchange, invoked, honoured, to_us, to_co = place_hazards(
                p, G[s // LANES], s % LANES, x["kappa"], x["tau"]
            )
            none_3 *= 1.0 - strike
            none_d *= 1.0 - death
            none_4 *= 1.0 - exchange
            none_i *= 1.0 - invoked
            none_h *= 1.0 - honoured
            none_us *= 1.0 - to_us
            none_spiral *= 1.0 - to_us - to_co
    hazard = W[0]["hazard"]
    hazard[STRIKE_OR_DEATH] = 1.0 - none_3
    hazard[EUROPEAN_DEATH] = 1.0 - none_d
    hazard[EXCHANGE] = 1.0 - none_4
    hazard[INVOKED] = 1.0 - none_i
    hazard[HONOURED] = 1.0 - none_h
    hazard[WAR_UKRAINE] = 0.0
    hazard[WAR_US] = hazard[SPIRAL_US] = 1.0 - none_us
    hazard[WAR_COALITION] = hazard[SPIRAL_COALITION] = none_us - none_spiral
    hazard[COLLAPSE] = 1.0 - none_spiral
    for event in range(N_EVENTS):
        compensate(X, O, event, hazard[event])


@kernel
def compensate(X, O, event, hazard):
    """Add a conditional probability to an event's compensator, unless the event has happened."""
    if X[0]["happened"][event] == 0:
        O[0]["compensator"][event] += hazard


@kernel
def mark(X, event):
    """Note that an event has happened."""
    X[0]["happened"][event] = 1
