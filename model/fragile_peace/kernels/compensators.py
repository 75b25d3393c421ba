"""Conditional probabilities of the rare events, summed over a run (docs/model.md, section 10).

For an event that can happen once, A = sum over weeks alive, and in which it has not yet happened, of its conditional
probability; E[A] = P(event by T) exactly (Doob). Phases 3 to 8 count from the start of the week, with the equilibrium
strategies and the true types; the reviews of phase 12 count just before their draws.
"""

from fragile_peace.codes import Event
from fragile_peace.kernels.incident.blocks import LANES, index
from fragile_peace.kernels.incident.monitoring import Trace, either_kills
from fragile_peace.kernels.machine.jit import kernel

STRIKE_OR_DEATH, EUROPEAN_DEATH = int(Event.STRIKE_OR_DEATH), int(Event.EUROPEAN_DEATH)
EXCHANGE, INVOKED, HONOURED = int(Event.EXCHANGE_OF_FIRE), int(Event.INVOKED), int(Event.HONOURED)
WAR_UKRAINE, WAR_COALITION = int(Event.WAR_RUSSIA_UKRAINE), int(Event.WAR_RUSSIA_COALITION)
WAR_US = int(Event.WAR_WITH_US)
SPIRAL_COALITION, SPIRAL_US = int(Event.SPIRAL_COALITION), int(Event.SPIRAL_US)
COLLAPSE = int(Event.COLLAPSE)
N_EVENTS = len(Event)
KILLED_NAMED, KILLED = int(Trace.KILLED_NAMED), int(Trace.KILLED)

STRUCK, DIED, FIRED, CALLED, KEPT, WIDENS_US, WIDENS = range(7)
"""Rows of a block's `event`, its chance in each place: strike or death, death, exchange of fire, guarantee invoked,
honoured, a spiral that Washington is in, any spiral."""


@kernel
def block_hazards(p, g, kappa, tau):
    """Set the chances of the week's events in the places of a GAMES block, `event`, given the true types.

    Parameters
    ----------
    p, g : PARAMETERS row and the block, solved; modified in place
    kappa, tau : the true types
    """
    widens_us, widens_coalition = p["spiral_us"], p["spiral_coalition"]
    for j in range(LANES):
        struck = either_kills(g["dies_R"][3, j], g["trace_U"][KILLED_NAMED, j] + g["trace_U"][KILLED, j])
        death = of(kappa, g["like"], 3, j) + of(kappa, g["like"], 5, j) + of(kappa, g["like"], 7, j)
        strike = of(kappa, g["p_R"], 3, j)
        g["event"][STRUCK, j] = g["active_R"][3, j] * (strike + (death - strike * struck))
        g["event"][DIED, j] = death
    for row in range(FIRED, WIDENS + 1):
        for j in range(LANES):
            g["event"][row, j] = 0.0
    # Written out, not a loop: with o known LLVM sees that `event` is not what it is made of.
    add_answers(g, index(2), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(3), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(4), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(5), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(6), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(7), kappa, tau, widens_us, widens_coalition)


@kernel
def of(kind, chances, i, j):
    """Return chances[kind, i, j], written so that loops over j vectorise: `kind` is 0 or 1."""
    return picked(float(kind), chances[0, i, j], chances[1, i, j])


@kernel
def picked(kind, low, high):
    """Return what is `high` for kind 1.0 and `low` for 0.0: exactly, both being finite."""
    return kind * high + (1.0 - kind) * low


@kernel(forceinline=True)
def add_answers(g, o, kappa, tau, widens_us, widens_coalition):
    """Add what follows o, where the contingent may fire or Washington is called on, to the block's `event`."""
    holds, widens_cold = 1.0 - g["reply"][kappa, 0, 1, 0], g["reply"][kappa, 0, 1, 2]
    widens_met, widens_alone = g["reply"][kappa, 1, 1, 2], g["reply"][kappa, 1, 0, 2]
    unheard_of = g["may_act"][1] == 0 and (o == 4 or o == 5)  # in hubs nobody names Ukraine
    if unheard_of or (g["may_invoke"][o] == 0 and g["may_fire"][o] == 0):
        return
    for j in range(LANES):
        chance, fires, called = of(kappa, g["like"], o, j), g["response"][1, o, j], g["invoked"][o, j]
        refuse_0 = picked(float(tau), g["refuse"][0, 0, o, j], g["refuse"][1, 0, o, j])
        refuse_1 = picked(float(tau), g["refuse"][0, 1, o, j], g["refuse"][1, 1, o, j])
        honour_0, honour_1 = called / (1.0 + refuse_0), called / (1.0 + refuse_1)
        cold = (1.0 - fires) * honour_0
        us = chance * ((cold * widens_cold + fires * honour_1 * widens_met) * widens_us)
        g["event"][FIRED, j] += chance * (fires + cold * holds)
        g["event"][CALLED, j] += chance * called
        g["event"][KEPT, j] += chance * (cold + fires * honour_1)
        g["event"][WIDENS_US, j] += us
        g["event"][WIDENS, j] += us + chance * (fires * (1.0 - honour_1) * widens_alone * widens_coalition)


@kernel
def set_spared(games, none):
    """Fill the chances that the events of the rows happen in no place, shape (7,) or longer."""
    for row in range(WIDENS + 1):
        none[row] = 1.0
        for k in range(games.shape[0]):
            e = games[k]["event"]  # by pairs: in one long product each factor waits for the one before
            first = (1.0 - e[row, 0]) * (1.0 - e[row, 1]) * ((1.0 - e[row, 2]) * (1.0 - e[row, 3]))
            none[row] *= first * ((1.0 - e[row, 4]) * (1.0 - e[row, 5]) * ((1.0 - e[row, 6]) * (1.0 - e[row, 7])))


@kernel
def week_hazards(params, state, week, games, out, scratch):
    """Fill the week's hazards of every event over all places and add them to the run's compensators."""
    now = state[0]
    for k in range(games.shape[0]):
        block_hazards(params[now["row"]], games[k], now["kappa"], now["tau"])
    none = scratch[0]["by_place"][0]
    set_spared(games, none)
    hazard = week[0]["hazard"]
    hazard[STRIKE_OR_DEATH] = 1.0 - none[STRUCK]
    hazard[EUROPEAN_DEATH] = 1.0 - none[DIED]
    hazard[EXCHANGE] = 1.0 - none[FIRED]
    hazard[INVOKED] = 1.0 - none[CALLED]
    hazard[HONOURED] = 1.0 - none[KEPT]
    hazard[WAR_UKRAINE] = 0.0
    hazard[WAR_US] = hazard[SPIRAL_US] = 1.0 - none[WIDENS_US]
    hazard[WAR_COALITION] = hazard[SPIRAL_COALITION] = none[WIDENS_US] - none[WIDENS]
    hazard[COLLAPSE] = 1.0 - none[WIDENS]
    for event in range(N_EVENTS):
        compensate(state, out, event, hazard[event])


@kernel
def compensate(state, out, event, hazard):
    """Add a conditional probability to an event's compensator, unless the event has happened."""
    if state[0]["happened"][event] == 0:
        out[0]["compensator"][event] += hazard


@kernel
def mark(state, event):
    """Note that an event has happened."""
    state[0]["happened"][event] = 1
