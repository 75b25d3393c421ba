"""What the public learns from a week about both private types (docs/model.md, section 6).

log-odds(mu) adds, for each place, log P(o | committed) - log P(o | bluffing) under this week's strategies, and for each
reply its log-likelihood ratio; gamma likewise from each decision of Washington. Then belief <- (1 - omega) belief +
omega * prior, kept in [0.001, 0.999]: the exact filter of the believed two-state chain where the bounds do not bind.
Afterwards each true type is redrawn with probability omega.

Index conventions: s place, k block of games, j lane, o = 2 sigma + K. Readable twin: `reference.agents`, `Secret` and
`Place.evidence`.
"""

from fragile_peace.codes import Decision, Response, RussianType, Stream, UsType
from fragile_peace.kernels.chance.draws import bernoulli, lanes, uniform
from fragile_peace.kernels.chance.logit import from_log_odds, log_odds
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.later_moves import decides
from fragile_peace.kernels.machine.elementary import log
from fragile_peace.kernels.machine.jit import kernel
from fragile_peace.kernels.machine.literals import index

LOWEST, HIGHEST = 0.001, 0.999
REDRAW_RUSSIA, REDRAW_US = int(Stream.REDRAW_RUSSIA), int(Stream.REDRAW_US)
FIRE, HONOUR = int(Response.FIRE), int(Decision.HONOUR)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
RELUCTANT, STEADFAST = int(UsType.RELUCTANT), int(UsType.STEADFAST)


@kernel("float64(float64)")
def bounded(belief):
    """Return a belief clamped to [0.001, 0.999] (E6.5)."""
    return min(HIGHEST, max(LOWEST, belief))


@kernel("float64(float64, float64, float64, float64)")
def updated(belief, log_ratio, omega, prior):
    """Return the belief after evidence with this log-likelihood ratio and a possible redraw of the type (E6.4)."""
    posterior = from_log_odds(log_odds(belief) + log_ratio)
    return bounded((1.0 - omega) * posterior + omega * prior)


@kernel
def russian_evidence(week, games, scratch, n_places):
    """Return the log-likelihood ratio of the week's observables and replies, committed to bluffing (E6.1, E6.2)."""
    wk = week[0]
    ratio = scratch[0]["by_place"][0]
    bluffing = scratch[0]["by_place"][1]
    for s in range(n_places):
        o = 2 * wk["signal_s"][s] + wk["K_s"][s]
        ratio[s] = games[s // LANES]["like"][COMMITTED, o, s % LANES]
        bluffing[s] = games[s // LANES]["like"][BLUFFING, o, s % LANES]
    for s in range(lanes(n_places)):
        ratio[s] = log(ratio[s] / bluffing[s])
    total = 0.0
    for s in range(n_places):
        g = games[s // LANES]
        total += ratio[s]
        reply = wk["reply_s"][s]
        if reply >= 0:
            f = 1 if wk["response_s"][s] == FIRE else 0
            h = 1 if wk["decision_s"][s] == HONOUR else 0
            total += log(g["reply"][COMMITTED, f, h, reply]) - log(g["reply"][BLUFFING, f, h, reply])
    return total


@kernel
def american_evidence(week, games, n_places):
    """Return the log-likelihood ratio of Washington's decisions of the week, steadfast to reluctant (E6.3)."""
    wk = week[0]
    total = 0.0
    for s in range(n_places):
        decision = wk["decision_s"][s]
        if decision >= 0:
            f = 1 if wk["response_s"][s] == FIRE else 0
            o = 2 * wk["signal_s"][s] + wk["K_s"][s]
            g, j = games[s // LANES], s % LANES
            steadfast = decides(g, index(STEADFAST), f, decision, o, j)
            total += log(steadfast) - log(decides(g, index(RELUCTANT), f, decision, o, j))
    return total


@kernel
def redrawn(kind, chance, omega, state, stream):
    """Return a type after the week: `kind`, or with probability omega a new draw that is 1 with `chance` (E6.7)."""
    now = state[0]
    if bernoulli(uniform(now["seed"], now["run"], now["week"], 0, stream, 0), omega) == 0:
        return kind
    return bernoulli(uniform(now["seed"], now["run"], now["week"], 0, stream, 1), chance)


@kernel
def learn(params, state, week, games, out, scratch):
    """The public updates both beliefs from all the week's evidence at once; then types may be redrawn (E3.9)."""
    now = state[0]
    p = params[now["row"]]
    n_places = p["n_places"]
    now["mu"] = updated(now["mu"], russian_evidence(week, games, scratch, n_places), p["omega"], p["mu0"])
    now["gamma"] = updated(now["gamma"], american_evidence(week, games, n_places), p["omega"], p["gamma0"])
    now["kappa"] = redrawn(now["kappa"], p["mu_true"], p["omega"], state, index(REDRAW_RUSSIA))
    now["tau"] = redrawn(now["tau"], p["gamma_true"], p["omega"], state, index(REDRAW_US))
