"""Conditional probabilities of the rare events, summed over a run (docs/model.md, section 10).

For an event that can happen once, A = sum over weeks alive, and in which it has not yet happened, of its conditional
probability; E[A] = P(event by T) exactly (Doob). What happens in the places, from `act` to `aftermath`, counts with its
chance at the start of the week, given the equilibrium strategies and the true types; the reviews in `resume` count with
their chances just before they are drawn.

Index conventions: k block of games, j lane, o = 2 sigma + K. There is no readable twin: the tests add up all branches
of the game instead.
"""

from fragile_peace.codes import Action, Event, Reply, Response, Signal
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.monitoring import Trace, either_kills
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

STRIKE_OR_DEATH, EUROPEAN_DEATH = int(Event.STRIKE_OR_DEATH), int(Event.EUROPEAN_DEATH)
EXCHANGE, INVOKED, HONOURED = int(Event.EXCHANGE_OF_FIRE), int(Event.INVOKED), int(Event.HONOURED)
WAR_UKRAINE, WAR_COALITION = int(Event.WAR_RUSSIA_UKRAINE), int(Event.WAR_RUSSIA_COALITION)
WAR_US = int(Event.WAR_WITH_US)
SPIRAL_COALITION, SPIRAL_US = int(Event.SPIRAL_COALITION), int(Event.SPIRAL_US)
COLLAPSE = int(Event.COLLAPSE)
N_EVENTS = len(Event)
KILLED_NAMED, KILLED = int(Trace.KILLED_NAMED), int(Trace.KILLED)
STRIKE, PROBE, FIRE = int(Action.STRIKE), int(Action.PROBE), int(Response.FIRE)
STAND_DOWN, ESCALATE = int(Reply.STAND_DOWN), int(Reply.ESCALATE)
RUSSIA_0, UKRAINE_0, DISPUTED_0 = 2 * int(Signal.RUSSIA), 2 * int(Signal.UKRAINE), 2 * int(Signal.DISPUTED)
RUSSIA_1, UKRAINE_1, DISPUTED_1 = RUSSIA_0 + 1, UKRAINE_0 + 1, DISPUTED_0 + 1
"""The observables o that are not quiet, by signal and K."""

STRUCK, DIED, FIRED, CALLED, KEPT, WIDENS_US, WIDENS = range(7)
"""Rows of a block's `event`, its chance in each place: strike or death, death, exchange of fire, guarantee invoked,
honoured, a spiral that Washington is in, any spiral."""


@kernel
def block_hazards(p, g, kappa, tau):
    """Set `event`, the chances of the week's events in the places of a GAMES block, given the true types (E10.13).

    Parameters
    ----------
    p : the PARAMETERS row in force
    g : the block, solved; its `event` is modified in place
    kappa, tau : the true types
    """
    widens_us, widens_coalition = p["spiral_us"], p["spiral_coalition"]
    for j in range(LANES):
        struck = either_kills(g["dies_R"][STRIKE, j], g["trace_U"][KILLED_NAMED, j] + g["trace_U"][KILLED, j])
        like = g["like"]
        blamed = of_type(kappa, like, RUSSIA_1, j) + of_type(kappa, like, UKRAINE_1, j)
        death = blamed + of_type(kappa, like, DISPUTED_1, j)
        strike = of_type(kappa, g["p_R"], STRIKE, j)
        g["event"][STRUCK, j] = g["active_R"][STRIKE, j] * (strike + (death - strike * struck))
        g["event"][DIED, j] = death
    for row in range(FIRED, WIDENS + 1):
        for j in range(LANES):
            g["event"][row, j] = 0.0
    # Unrolled by hand: only with o a constant can LLVM tell that `event` does not overlap its inputs.
    add_answers(g, index(RUSSIA_0), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(RUSSIA_1), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(UKRAINE_0), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(UKRAINE_1), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(DISPUTED_0), kappa, tau, widens_us, widens_coalition)
    add_answers(g, index(DISPUTED_1), kappa, tau, widens_us, widens_coalition)


@kernel
def of_type(kind, chances, i, j):
    """Return chances[kind, i, j] for a type 0 or 1, written so that loops over the lanes j vectorise (E10.13)."""
    return select(float(kind), chances[0, i, j], chances[1, i, j])


@kernel
def select(kind, low, high):
    """Select `high` where `kind` is 1.0 and `low` where it is 0.0, by arithmetic: exact for finite values (E10.13)."""
    return kind * high + (1.0 - kind) * low


@kernel(forceinline=True)
def add_answers(g, o, kappa, tau, widens_us, widens_coalition):
    """Add the chances of what follows o to the block's `event` (E10.13).

    Something follows where the contingent may fire or Washington is called upon. `cold` is a guarantee honoured without
    a shot by the contingent.
    """
    holds, widens_cold = 1.0 - g["reply"][kappa, 0, 1, STAND_DOWN], g["reply"][kappa, 0, 1, ESCALATE]
    widens_met, widens_alone = g["reply"][kappa, 1, 1, ESCALATE], g["reply"][kappa, 1, 0, ESCALATE]
    impossible = g["may_act"][PROBE] == 0 and (o == UKRAINE_0 or o == UKRAINE_1)  # in hubs nobody names Ukraine
    if impossible or (g["may_invoke"][o] == 0 and g["may_fire"][o] == 0):
        return
    for j in range(LANES):
        chance, fires, called = of_type(kappa, g["like"], o, j), g["response"][FIRE, o, j], g["invoked"][o, j]
        refuse_0 = select(float(tau), g["refuse"][0, 0, o, j], g["refuse"][1, 0, o, j])
        refuse_1 = select(float(tau), g["refuse"][0, 1, o, j], g["refuse"][1, 1, o, j])
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
    """Set the chances that each row's event happens in no place; `none` has shape (7,) or longer (E10.14)."""
    for row in range(WIDENS + 1):
        none[row] = 1.0
        for k in range(games.shape[0]):
            e = games[k]["event"]  # by pairs: in one long product each factor waits for the one before
            first = (1.0 - e[row, 0]) * (1.0 - e[row, 1]) * ((1.0 - e[row, 2]) * (1.0 - e[row, 3]))
            none[row] *= first * ((1.0 - e[row, 4]) * (1.0 - e[row, 5]) * ((1.0 - e[row, 6]) * (1.0 - e[row, 7])))


@kernel
def week_hazards(params, state, week, games, out, scratch):
    """Set the week's hazard of every event over all places and add it to the run's compensators (E10.14)."""
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
    """Add a conditional probability to an event's compensator, unless the event has happened (E10.12)."""
    if state[0]["happened"][event] == 0:
        out[0]["compensator"][event] += hazard


@kernel
def mark(state, event):
    """Note that an event has happened (E10.12)."""
    state[0]["happened"][event] = 1
