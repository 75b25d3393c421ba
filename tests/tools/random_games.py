"""Random incident games, seeded: every numeric parameter of the game and every state, over all rules and places.

corner      each number at one of its declared bounds
wide        each number anywhere within its declared bounds: uniform, or uniform in the logarithm of its size, or now
            and then a bound itself
plausible   each number within a factor 3 of its default; shares and beliefs anywhere; precisions up to 10

Game `index` has the rules and the kind of place that its number gives, so that 45 games in a row hold every combination
of rules of engagement, trigger and kind; every seventh game is without a force.
"""

from dataclasses import dataclass, replace

import numpy as np

from fragile_peace.codes import PlaceKind, RulesOfEngagement, Trigger
from fragile_peace.declared.declaration import Contingent, Place
from fragile_peace.declared.rows import STRIKE_KM, rows
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace.kernels.incident.blocks import blocks_of, set_games, set_uniform
from fragile_peace.kernels.incident.equilibrium import solve
from fragile_peace.kernels.incident.regime import set_rules
from fragile_peace.kernels.incident.table import GAME, unpacked
from fragile_peace.proof.incident import IncidentEquilibrium, PlaceState, close_others, solve_incident

BLOCKS = (
    "threat", "guarantee", "mandate", "response", "precision", "contact", "russia", "ukraine", "lead",
    "united_states", "monitoring", "fatality",
)  # fmt: skip
REALS = tuple(
    p
    for p in CATALOGUE.values()
    if p.kind == "real" and not p.at_start and (p.name.split(".")[0] in BLOCKS or p.name == "truce.discipline")
)
OWN = tuple(CATALOGUE[f"contingents.*.{name}"] for name in ("reputation", "danger"))
PLACES = ("Line", "Border", "Hub")
NATIONS = ("Albion", "Borduria")
BASE = Scenario(
    name="random",
    places=(
        Place(name="Line", kind=PlaceKind.LINE, length_km=100),
        Place(name="Border", kind=PlaceKind.BORDER, length_km=800),
        Place(name="Hub", kind=PlaceKind.HUB, length_km=0),
    ),
    contingents=tuple(Contingent(name=name, deployment={"Line": 0.2, "Border": 0.2, "Hub": 0.6}) for name in NATIONS),
)


@dataclass(frozen=True)
class Draw:
    """One random game: dotted names and values beside BASE, the place and the state."""

    values: dict
    place: int
    state: PlaceState

    def scenario(self) -> Scenario:
        """The declared scenario, bounds checked."""
        return BASE.override(self.values)

    def solve(self) -> IncidentEquilibrium:
        """The solved game, through the face."""
        return solve_incident(self.scenario(), self.place, self.state)


def but(game: Draw, **values) -> Draw:
    """Return the same draw with some values changed; double underscores stand for dots."""
    return replace(game, values=game.values | {name.replace("__", "."): value for name, value in values.items()})


def draw(rng: np.random.Generator, index: int, kind: str = "plausible", lam: float | None = None) -> Draw:
    """Return a random game of a kind; `lam` gives all four players this precision."""
    number = {"plausible": _plausible, "wide": _wide, "corner": _corner}[kind]
    wide = kind != "plausible"
    values = {p.name: number(rng, p) for p in REALS if p.default is not None}
    for n in NATIONS:
        values |= {p.name.replace("*", n): number(rng, p) for p in OWN}
    seen = [f"monitoring.{name}" for name in ("attribution", "un_bonus", "commission_bonus")]
    total = sum(values[name] for name in seen)
    if total > 1:  # a scenario refuses more
        values |= {name: values[name] / total * (1 - 1e-12) for name in seen}
    if lam is not None:
        values |= {f"precision.{who}": lam for who in ("russia", "ukraine", "contingent", "united_states")}
    place = index // 15 % 3
    values |= {
        "mandate.roe": RulesOfEngagement(index % 3).name.lower(),
        "guarantee.trigger": Trigger(index // 3 % 5).name.lower(),
        "guarantee.void_weeks": int(rng.choice([0, 8])),
        "mandate.un": bool(rng.random() < 0.5),
        "monitoring.joint_commission": bool(rng.random() < 0.5),
        "places.Line.length_km": rng.choice([5.0, 150.0]) if kind == "corner" else rng.uniform(5, 150),
        "places.Border.hot_spot": rng.uniform(0, 20) if wide else rng.exponential(1.0),
        "places.Border.length_km": rng.uniform(1, 2000) if wide else rng.uniform(300, 1500),
    }
    state = _state(rng, index, place, wide)
    return Draw(values, place, _at_corner(rng, state) if kind == "corner" else state)


def _at_corner(rng: np.random.Generator, state: PlaceState) -> PlaceState:
    """Return the state with every number at one end of its range; who is there stays."""
    ends = {"mu": (0.001, 0.999), "gamma": (0.001, 0.999), "tension": (0.0, 10.0), "restraint": (0.0, 1.0)}
    garrison = tuple(float(rng.choice([1e-3, 100.0])) if troops > 0 else 0.0 for troops in state.garrison)
    monitors = float(rng.choice([0.0, 5000.0])) if state.monitors > 0 else 0.0
    return state.but(garrison=garrison, monitors=monitors, **{name: float(rng.choice(ends[name])) for name in ends})


def _state(rng: np.random.Generator, index: int, place: int, wide: bool) -> PlaceState:
    forced = index % 7 != 0
    garrison = np.exp(rng.uniform(np.log(1e-3), np.log(100 if wide else 10), len(NATIONS))) * forced
    if rng.random() < 0.3:
        garrison[rng.integers(len(NATIONS))] = 0.0
    return PlaceState(
        mu=rng.uniform(0.001, 0.999),
        gamma=rng.uniform(0.001, 0.999),
        tension=rng.uniform(0, 10) if wide else rng.exponential(1.0),
        restraint=rng.uniform(0, 1),
        garrison=tuple(float(m) for m in garrison),
        monitors=0.0 if place == 2 or rng.random() < 0.4 else float(rng.uniform(0, 5000 if wide else 500)),
        day=int(rng.integers(1, 367)),
        void=bool(rng.random() < 0.2),
        sustained=bool(rng.random() < 0.6),
    )


def _corner(rng: np.random.Generator, p) -> float:
    return float(rng.choice([p.low, p.high]))


def _wide(rng: np.random.Generator, p) -> float:
    shape = rng.random()
    if shape < 0.05:
        return float(rng.choice([p.low, p.high]))
    if shape < 0.5:
        return float(rng.uniform(p.low, p.high))
    size = p.high * np.exp(rng.uniform(np.log(1e-3), 0))
    return float(max(p.low, size if p.low >= 0 or rng.random() < 0.5 else -size))


def _plausible(rng: np.random.Generator, p) -> float:
    if p.symbol.startswith("lam_"):
        return float(rng.uniform(0, 10))
    if p.high == 1 and p.symbol not in ("k_probe", "k_raid", "k_probe_U", "k_raid_U", "phi0", "eps_m"):
        return float(rng.uniform(p.low, p.high))
    spread = {"z_bluffing": (-0.5, 0.5), "ease_amp": (0, 0.3), "dmz_km": (0, 20)}
    if p.symbol in spread:
        return float(rng.uniform(*spread[p.symbol]))
    return float(min(p.high, max(p.low, p.default * 3 ** rng.uniform(-1, 1))))


# -- many at once, for the solver's statistics --


def parameters_of(draws: list[Draw]) -> np.ndarray:
    """Return the parameters of games as kernels take them, without the face's checks; a row a game."""
    base, _ = rows([BASE])
    parameters = np.repeat(base, len(draws))
    symbols = {name: p.symbol for name, p in CATALOGUE.items()}
    for i, game in enumerate(draws):
        for name, value in game.values.items():
            block, _, rest = name.partition(".")
            if block in ("places", "contingents"):
                item, _, leaf = rest.partition(".")
                slot = (PLACES if block == "places" else NATIONS).index(item)
                parameters[i][symbols[f"{block}.*.{leaf}"]][slot] = value
            else:
                parameters[i][symbols[name]] = _code(name, value)
        parameters[i]["opportunities_s"][0] = parameters[i]["l_s"][0] / STRIKE_KM
    return parameters


def solve_many(draws: list[Draw]) -> np.ndarray:
    """Solve games by the kernels, without the face's checks; GAME rows, shape (len(draws),)."""
    parameters = parameters_of(draws)
    games = np.zeros(len(draws), GAME)
    blocks = blocks_of(len(PLACES))
    for i, game in enumerate(draws):
        blocks[:] = np.zeros(1, blocks.dtype)
        now, week = game.state.rows()
        now["row"] = i
        set_rules(parameters, i, blocks, 0)
        set_uniform(blocks[0])
        set_games(parameters, now, week, blocks, 0)
        close_others(blocks, game.place)
        solve(blocks, 0)
        games[i] = unpacked(blocks, len(PLACES))[game.place]
    return games


def _code(name: str, value) -> float:
    choices = CATALOGUE[name].choices
    return choices.index(value) if choices else value
