"""The proof of the incident game: random games against Gambit, and the solver's record. Run by `make verify-games`.

For each of `GAMES` seeded random games the tree is written from the scenario, read by Gambit, loaded with the kernels'
strategies, and every P(action) compared with the logit of Gambit's own expected payoff of the action; likewise with an
enumeration over pairs of actions (`fragile_peace.reference`), and the first moves with the logit of the payoffs that
the kernels report. Then `SOLVED` random games are solved without Gambit, at any precision up to 10, and whole worlds
at corners of the bounds are played: none may fail. The commitment and resumption
games have their own proofs in `test_commitment` and `test_resumption`.
"""

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np

from fragile_peace.codes import PlaceKind, RulesOfEngagement, Trigger
from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.kernels.incident.best_response import LOG_TOLERANCE, TOLERANCE
from fragile_peace.kernels.incident.equilibrium import DAMP_AFTER, DAMP_STRONG_AFTER, FOLLOW_AFTER
from fragile_peace.proof.gambit import REACHED, MissingGambit, check_incident
from fragile_peace.proof.gambit_threat import check_threat, heard
from fragile_peace.proof.incident import IncidentEquilibrium
from fragile_peace.reference.incident import IncidentGame, Situation
from fragile_peace.runs.simulation import simulate
from fragile_peace.runs.threat import solve_threat
from tests.tools.random_games import but, draw, solve_many
from tests.tools.threat_worlds import threat_worlds
from tests.tools.worlds import SMALL

GAMES = {"plausible": 270, "wide": 270, "corner": 2_000}
SOLVED = {None: 10_000, 3.0: 2_000, 10.0: 2_000}
"""Games of each kind, by the precision of all players; None: any."""
WORLDS, WORLD_WEEKS = 2_000, 26
THREATS = 200
SEED = 20260101
BATCH = 50
WHEN = ("force.start_week", "force.deploy_weeks")
"""Left as they are, or no force would be there within the weeks."""
LIMIT = 1e-8
ENUMERATED, LOG_ODDS, RESIDUAL = "enumeration", "log-odds", "residual"
LIMITS = {ENUMERATED: 1e-9, LOG_ODDS: LOG_TOLERANCE, RESIDUAL: TOLERANCE}


def enumerated(solved: IncidentEquilibrium) -> float:
    """Return how far a solved game is from an enumeration that knows neither the kernels nor the tree builder.

    The largest difference of a probability: both sides' first moves from their answer to each other, and every later
    choice that can be reached.
    """
    world, state, table = solved.scenario, solved.state, solved.table
    lead = state.lead if state.total > 0 else None
    now = Situation(
        state.mu, state.gamma, state.tension, state.restraint, state.total, lead, state.monitors, state.day,
        state.void, state.sustained,
    )  # fmt: skip
    game = IncidentGame(world, world.places[solved.place], now)
    game.russia = [{a: float(table["p_R"][kappa, a]) for a in game.russian_actions} for kappa in (0, 1)]
    game.ukraine = {b: float(table["p_U"][b]) for b in game.ukrainian_actions}
    russia, ukraine = game.answer()
    gaps = [p - table["p_R"][kappa, a] for kappa in (0, 1) for a, p in russia[kappa].items()]
    gaps += [p - table["p_U"][b] for b, p in ukraine.items()]
    for (sigma, K), response in game.responses.items():
        o = 2 * sigma + K
        if max(game.like[kappa][sigma, K] for kappa in (0, 1)) <= REACHED:
            continue
        gaps += [p - table["response"][o, option] for option, p in response.items()]
        if game.invoked(sigma, K):
            for tau, f in ((0, 0), (0, 1), (1, 0), (1, 1)):
                if f == 0 or game.may_fire(sigma, K):
                    decision = game.decision(tau, game.q[sigma, K], f)
                    gaps += [p - table["decision"][tau, f, o, option] for option, p in decision.items()]
    return float(np.abs(gaps).max())


def compare(count: int, kind: str, seed: int = SEED) -> tuple[dict[str, tuple[float, str]], Counter]:
    """Check `count` games; return the worst deviation and its place for each kind of move, and what was covered."""
    rng = np.random.default_rng(seed)
    worst: dict[str, tuple[float, str]] = {}
    seen: Counter = Counter()
    for index in range(count):
        game = draw(rng, index, kind)
        scenario, solved = game.scenario(), game.solve()
        result = check_incident(solved)
        found = [(c.infoset.kind, c.deviation, c.infoset.label) for c in result.comparisons]
        found += [(ENUMERATED, enumerated(solved), ""), (LOG_ODDS, float(solved.table["gap"]), "")]
        found += [(RESIDUAL, solved.residual, "")]
        for name, deviation, where in found:
            worst[name] = max(worst.get(name, (0.0, "")), (deviation, f"{index} {where}"))
        forced = game.state.total > 0
        seen.update(
            {
                "nodes": result.nodes, "sets": len(result.comparisons), "sets not reached": result.unreached,
                f"roe {scenario.mandate.roe.name.lower()}": 1,
                f"trigger {scenario.guarantee.trigger.name.lower()}": 1,
                f"kind {PlaceKind(game.place).name.lower()}": 1,
                "with force": forced, "without force": not forced,
                "UN mandate": scenario.mandate.un, "no UN mandate": not scenario.mandate.un,
                "void": game.state.void, "sustained": game.state.sustained,
            }
        )  # fmt: skip
    return worst, seen


def solver_record(count: int, kind: str, lam: float | None, seed: int = SEED) -> tuple[int, str]:
    """Solve `count` games; return the number of failures and a line of statistics."""
    rng = np.random.default_rng(seed)
    games = solve_many([draw(rng, index, kind, lam) for index in range(count)])
    rounds, residual = games["rounds"], games["residual"]
    failed = int(np.sum(~((residual <= TOLERANCE) & (games["gap"] <= LOG_TOLERANCE))))
    shares = ", ".join(f">{n}: {np.sum(rounds > n)}" for n in (DAMP_AFTER, DAMP_STRONG_AFTER, FOLLOW_AFTER))
    quantiles = "/".join(f"{q:.0f}" for q in np.quantile(rounds, [0.5, 0.9, 0.99, 1]))
    spread = "/".join(f"{q:.1e}" for q in np.quantile(residual, [0.5, 0.99, 1]))
    name = f"{kind:9s} lambda {'to 10' if lam is None else f'= {lam:g}':5s}"
    line = f"{name} {count} games, {failed} failed; rounds 50/90/99/100% {quantiles} ({shares})"
    line += f"; residual 50/99/100% {spread}"
    return failed, line


def corner_worlds(count: int, seed: int = SEED) -> tuple[int, int]:
    """Play one run of `count` small worlds with every number at one of its bounds; return games solved and most rounds.

    A game that cannot be solved raises SimulationError.
    """
    rng = np.random.default_rng(seed)
    numbers = [p for p in CATALOGUE.values() if ".*." not in p.name and p.kind in ("real", "whole")]
    numbers = [p for p in numbers if p.default is not None and p.name not in WHEN]
    games = rounds = 0
    for _ in range(count // BATCH):
        worlds = []
        for _ in range(BATCH):
            values = {p.name: (p.low, p.high)[int(rng.random() < 0.5)] for p in numbers}
            values |= {p.name: int(values[p.name]) for p in numbers if p.kind == "whole"}
            seen = [f"monitoring.{name}" for name in ("attribution", "un_bonus", "commission_bonus")]
            if sum(values[name] for name in seen) > 1:
                values |= {seen[1]: 0.0, seen[2]: 0.0}
            worlds.append(SMALL.override(values))
        outcomes = simulate(worlds, 1, seed, WORLD_WEEKS)
        games, rounds = games + int(outcomes["games"].sum()), max(rounds, int(outcomes["rounds"].max()))
    return games, rounds


def sign_shares(count: int, kind: str, seed: int = SEED) -> list[tuple[str, float, int, int]]:
    """In what share of random games the signs of the defaults hold: (name, share, games with an effect, without)."""
    rng = np.random.default_rng(seed)
    draws = [game for game in (draw(rng, index, kind) for index in range(count)) if game.state.total > 0]
    quiet, loud = (solve_many([but(game, threat__level=theta) for game in draws]) for theta in (0.2, 0.8))
    doubted, trusted = (
        solve_many([replace(game, state=game.state.but(gamma=gamma)) for game in draws]) for gamma in (0.1, 0.6)
    )
    effects = {
        "P(strike | committed) rises in the threat": loud["p_R"][:, 1, 3] - quiet["p_R"][:, 1, 3],
        "P(pull back | russia K1) rises in the threat": loud["response"][:, 3, 2] - quiet["response"][:, 3, 2],
        "P(strike | committed) falls in trust in Washington": doubted["p_R"][:, 1, 3] - trusted["p_R"][:, 1, 3],
    }
    result = []
    for name, effect in effects.items():
        moved = effect[np.abs(effect) > 1e-9]
        result.append((name, float(np.mean(moved > 0)), len(moved), len(effect) - len(moved)))
    return result


def threats(count: int, seed: int = SEED) -> tuple[float, int, float]:
    """Check every solution of the threat as a signal in random worlds against Gambit.

    Return the worst deviation, in how many worlds there are several solutions, and the worst residual.
    """
    worst, several, residual = 0.0, 0, 0.0
    for world in threat_worlds(count, seed):
        solutions = solve_threat(world).solutions
        several += len(solutions) > 1
        for found in solutions:
            residual = max(residual, found.residual)
            all_heard = heard(found.level, found.odds, found.belief)
            worst = max(worst, check_threat(world, all_heard, found.chances, found.joining).deviation)
    return worst, several, residual


def report(kind: str, worst: dict[str, tuple[float, str]], seen: Counter) -> int:
    """Print what `compare` found; return how many limits were passed and rules not met."""
    bad = 0
    print(f"{kind}: {GAMES[kind]} random games against Gambit, an enumeration and their own payoffs")
    print("  " + ", ".join(f"{name} {number}" for name, number in sorted(seen.items())))
    for name, (deviation, where) in worst.items():
        limit = LIMITS.get(name, LIMIT)
        bad += not deviation <= limit
        verdict = "within" if deviation <= limit else "ABOVE"
        print(f"  {name:11s} worst {deviation:.2e} in game {where} ({verdict} {limit:g})")
    wanted = [f"roe {r.name.lower()}" for r in RulesOfEngagement] + [f"trigger {t.name.lower()}" for t in Trigger]
    return bad + sum(not seen[name] for name in wanted)


def main() -> int:
    """Print the record; return 1 if a deviation is above its limit or a game was not solved."""
    bad = 0
    with ProcessPoolExecutor() as pool:
        compared = {kind: pool.submit(compare, count, kind) for kind, count in reversed(GAMES.items())}
        asked = [(count, kind, lam) for kind in GAMES for lam, count in SOLVED.items()]
        solved = [pool.submit(solver_record, *arguments) for arguments in asked]
        worlds = pool.submit(corner_worlds, WORLDS)
        signals = pool.submit(threats, THREATS)
        signs = {kind: pool.submit(sign_shares, 2_000, kind) for kind in ("plausible", "wide")}
        try:
            for kind in GAMES:
                bad += report(kind, *compared[kind].result())
        except MissingGambit as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        print("the solver, from uniform play")
        for failed, line in (future.result() for future in solved):
            print("  " + line)
            bad += failed > 0
        games, rounds = worlds.result()
        print(f"  {WORLDS} worlds at corners, {WORLD_WEEKS} weeks: {games:,} games, none failed, most rounds {rounds}")
        deviation, several, residual = signals.result()
        bad += not (deviation <= LIMIT and residual <= TOLERANCE)
        print(f"the threat as a signal: {THREATS} random worlds, all solutions against Gambit ({several} with several)")
        print(f"  worst deviation {deviation:.2e} (limit {LIMIT:g}), worst residual {residual:.1e}")
        print("signs that hold at the defaults, elsewhere (reported, not required)")
        for kind, future in signs.items():
            for name, share, moved, still in future.result():
                print(f"  {kind:9s} {name}: in {share:.1%} of {moved} games (no effect in {still})")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
