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


NONE_STRIKE, NONE_DEATH, NONE_EXCHANGE, NONE_INVOKED, NONE_HONOURED, NONE_US, NONE_SPIRAL = range(7)
"""Rows of `none_of`: the chance, lane by lane, that it happens in none of the places so far."""


@kernel
def block_hazards(p, g, kappa, tau, none_of):
    """Multiply the chances that nothing happens in the places of a GAMES block into `none_of`, given the true types.

    Parameters
    ----------
    p, g : PARAMETERS row and the block, solved
    kappa, tau : the true types
    none_of : float64, shape (7, LANES) or wider, modified in place; the last two rows are of a spiral that Washington
        is in, and of any spiral
    """
    widens_us, widens_coalition = p["spiral_us"], p["spiral_coalition"]
    for j in range(LANES):
        struck = (
            g["p_U"][0, j] * dead(g, 3, 0, j) + g["p_U"][1, j] * dead(g, 3, 1, j) + g["p_U"][2, j] * dead(g, 3, 2, j)
        )
        death = of(kappa, g["like"], 3, j) + of(kappa, g["like"], 5, j) + of(kappa, g["like"], 7, j)
        strike = of(kappa, g["p_R"], 3, j)
        g["event"][NONE_STRIKE, j] = strike + (death - strike * struck)
        g["event"][NONE_DEATH, j] = death
    for row in range(NONE_EXCHANGE, NONE_SPIRAL + 1):
        for j in range(LANES):
            g["event"][row, j] = 0.0
    for o in range(2, 8):
        if g["may_invoke"][o] == 1 or g["may_fire"][o] == 1:
            add_answers(g, o, kappa, tau, widens_us, widens_coalition)
    for row in range(NONE_SPIRAL + 1):
        for j in range(LANES):
            none_of[row, j] *= 1.0 - g["active_R"][3, j] * g["event"][row, j]


@kernel
def of(kind, chances, i, j):
    """Return chances[kind, i, j], written so that loops over j vectorise: `kind` is 0 or 1."""
    return chances[1, i, j] if kind == 1 else chances[0, i, j]


@kernel
def dead(g, a, b, j):
    """Return P(K = 1 | a, b)."""
    return g["chance"][a, b, 3, j] + g["chance"][a, b, 5, j] + g["chance"][a, b, 7, j]


@kernel
def add_answers(g, o, kappa, tau, widens_us, widens_coalition):
    """Add what follows o, where the contingent may fire or Washington is called on, to the block's `event`."""
    holds, widens_cold = 1.0 - g["reply"][kappa, 0, 1, 0], g["reply"][kappa, 0, 1, 2]
    widens_met, widens_alone = g["reply"][kappa, 1, 1, 2], g["reply"][kappa, 1, 0, 2]
    decision = g["decision"]
    for j in range(LANES):
        chance, fires, called = of(kappa, g["like"], o, j), g["response"][1, o, j], g["invoked"][o, j]
        honour_0 = called * (decision[1, 0, 2, o, j] if tau == 1 else decision[0, 0, 2, o, j])
        honour_1 = called * (decision[1, 1, 2, o, j] if tau == 1 else decision[0, 1, 2, o, j])
        cold = (1.0 - fires) * honour_0
        us = chance * ((cold * widens_cold + fires * honour_1 * widens_met) * widens_us)
        g["event"][NONE_EXCHANGE, j] += chance * (fires + cold * holds)
        g["event"][NONE_INVOKED, j] += chance * called
        g["event"][NONE_HONOURED, j] += chance * (cold + fires * honour_1)
        g["event"][NONE_US, j] += us
        g["event"][NONE_SPIRAL, j] += us + chance * (fires * (1.0 - honour_1) * widens_alone * widens_coalition)


@kernel
def week_hazards(P, X, W, G, O, S):
    """Fill the week's hazards of every event over all places and add them to the run's compensators."""
    x = X[0]
    none_of = S[0]["draws"]
    for row in range(NONE_SPIRAL + 1):
        for j in range(LANES):
            none_of[row, j] = 1.0
    for k in range(G.shape[0]):
        block_hazards(P[x["row"]], G[k], x["kappa"], x["tau"], none_of)
    for row in range(NONE_SPIRAL + 1):
        for j in range(1, LANES):
            none_of[row, 0] *= none_of[row, j]
    hazard = W[0]["hazard"]
    hazard[STRIKE_OR_DEATH] = 1.0 - none_of[NONE_STRIKE, 0]
    hazard[EUROPEAN_DEATH] = 1.0 - none_of[NONE_DEATH, 0]
    hazard[EXCHANGE] = 1.0 - none_of[NONE_EXCHANGE, 0]
    hazard[INVOKED] = 1.0 - none_of[NONE_INVOKED, 0]
    hazard[HONOURED] = 1.0 - none_of[NONE_HONOURED, 0]
    hazard[WAR_UKRAINE] = 0.0
    hazard[WAR_US] = hazard[SPIRAL_US] = 1.0 - none_of[NONE_US, 0]
    hazard[WAR_COALITION] = hazard[SPIRAL_COALITION] = none_of[NONE_US, 0] - none_of[NONE_SPIRAL, 0]
    hazard[COLLAPSE] = 1.0 - none_of[NONE_SPIRAL, 0]
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
