"""How many Europeans an event kills, and how many deaths a week lets expect (docs/model.md, sections 5 and 8).

Index conventions: s place, n contingent, j lane. Readable twin: `reference.agents`, `Place.bury` and
`Place.weekly_deaths`.
"""

from fragile_peace.codes import Action, PlaceKind, RussianType, Stream
from fragile_peace.kernels.chance.draws import SPLIT_LIMIT, split
from fragile_peace.kernels.chance.samplers import event_size, mean_size
from fragile_peace.kernels.incident.blocks import LANES
from fragile_peace.kernels.incident.monitoring import either_kills
from fragile_peace.kernels.machine.jit import kernel

DEATHS, DEATHS_SPLIT = int(Stream.DEATHS), int(Stream.DEATHS_SPLIT)
HUB, STRIKE = int(PlaceKind.HUB), int(Action.STRIKE)
BLUFFING, COMMITTED = int(RussianType.BLUFFING), int(RussianType.COMMITTED)
SITES_KM = 100.0
"""A line or a border has as many sites on this length as a hub has in all."""
MASS_CASUALTIES = 10
"""From so many deaths on an event counts more in domestic support."""


@kernel
def largest_event(p, s, m_s):
    """Return the troops of one site of place s, which an event can kill; at least 1 (E5.9)."""
    sites = float(p["sites"]) * (1.0 if p["kind_s"][s] == HUB else p["l_s"][s] / SITES_KM)
    return max(1, min(int(1000.0 * m_s / max(1.0, sites)), SPLIT_LIMIT))


@kernel
def european_deaths(params, state, week, out, s):
    """Draw the European deaths of a place where K = 1 and share them out over those there (E5.7, E5.8, E7.17).

    `draws.split` shares out no more than SPLIT_LIMIT (half a million), which is more than any shipped force.
    """
    now = state[0]
    wk = week[0]
    p = params[now["row"]]
    struck = wk["action_R_s"][s] == STRIKE
    tail = p["strike_tail"] if struck else p["breach_tail"]
    most = largest_event(p, s, wk["m_s"][s])
    deaths = event_size(most, tail, now["seed"], now["run"], now["week"], s, DEATHS)
    shares, troops = wk["deaths_sn"][s], wk["garrison_sn"][s]
    split(deaths, troops, p["n_contingents"], shares, (now["seed"], now["run"], now["week"]), s, DEATHS_SPLIT)
    wk["deaths_s"][s] = deaths
    felt = 1.0 + (p["mass_hit"] if deaths >= MASS_CASUALTIES else 0.0)
    for n in range(p["n_contingents"]):
        wk["deaths_n"][n] += shares[n]
        wk["felt_n"][n] += felt * shares[n]
        out[0]["deaths_n"][n] += shares[n]
    kind = p["kind_s"][s]
    out[0]["deaths"][kind] += deaths
    out[0]["strike_deaths"] += deaths if struck else 0
    out[0]["deliberate_deaths"][kind] += deaths if struck else 0
    out[0]["fatal_place_weeks"][kind] += 1


@kernel
def weekly_deaths(p, g, s0, mu, expected):
    """Set the European deaths expected in a week in each lane of a GAMES block, at its equilibrium and mu (E8.5).

    s0 is the block's first place.
    """
    for j in range(LANES):
        expected[j] = 0.0
        if g["troops"][j] > 0.0:
            most = largest_event(p, s0 + j, g["troops"][j])
            by_strike, by_breach = mean_size(most, p["strike_tail"]), mean_size(most, p["breach_tail"])
            for a in range(4):
                p_a = mu * g["p_R"][COMMITTED, a, j] + (1.0 - mu) * g["p_R"][BLUFFING, a, j]
                each = p_a * (by_strike if a == STRIKE else by_breach)
                for b in range(3):
                    expected[j] += each * g["p_U"][b, j] * either_kills(g["dies_R"][a, j], g["dies_U"][b, j])
