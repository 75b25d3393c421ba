"""Who acts in the reference model, and where: governments, contingents and places as Mesa agents.

Draws are addressed as the engine's are, so that the same run can be compared; the samplers of counts are the project's.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mesa

from fragile_peace.codes import Action, Decision, EndCause, PlaceKind, Reply, Response, Rung, Signal, Stream
from fragile_peace.declared import declaration as d
from fragile_peace.kernels.chance import draws, samplers
from fragile_peace.reference import incident
from fragile_peace.reference.incident import COMPLY, DISPUTED, PROBE, QUIET, RAID, STRIKE, TYPES, Option

if TYPE_CHECKING:
    from fragile_peace.reference.theatre import PlainModel

LOWEST, HIGHEST = 0.001, 0.999
BEFORE = -1


def pick(u: float, chances: Mapping[Option, float]) -> Option:
    """Return the option that u falls on; the options come in order of severity (E12.5)."""
    for option, p in chances.items():
        u -= p
        if u < 0:
            return option
    possible: list[Any] = [option for option, p in chances.items() if p > 0]
    severest: Option = max(possible)
    return severest


class Actor(mesa.Agent):
    """An agent whose draws have an address: its number, the run and the week."""

    model: "PlainModel"

    def __init__(self, model: "PlainModel", number: int = 0) -> None:
        super().__init__(model)
        self.number = number

    def uniform(self, stream: Stream, attempt: int = 0) -> float:
        """Return the uniform number at this agent's address of the week (E12.2, E12.3)."""
        m = self.model
        u: float = draws.uniform(m.key, m.run, m.week, self.number, stream, attempt)
        return u

    def happens(self, p: float, stream: Stream, attempt: int = 0) -> bool:
        """Draw whether something of probability p happens: a large uniform is the severe outcome (E12.4)."""
        return 1 - self.uniform(stream, attempt) < p

    def address(self, stream: Stream) -> tuple[int, int, int, int, Stream]:
        """Return the address of a draw, for the samplers of counts (E12.2)."""
        m = self.model
        return m.key, m.run, m.week, self.number, stream


class Secret(Actor):
    """A government of a private type (0 or 1), drawn before week 0, and what the public believes of it (E3.15)."""

    def __init__(self, model: "PlainModel", block: d.Threat | d.Guarantee, at_start: Stream, redraw: Stream) -> None:
        super().__init__(model)
        self.redraw = redraw
        truth = block.credibility if block.sincerity is None else block.sincerity
        self.belief, self.type = block.credibility, int(self.happens(truth, at_start))

    def learn(self, evidence: float, block: d.Threat | d.Guarantee) -> None:
        """Bayes' rule in log-odds, then perhaps a redraw of the type, which the public expects (E6.4, E6.5, E6.7)."""
        omega = self.model.world.beliefs.redraw
        self.update(evidence)
        self.belief = min(HIGHEST, max(LOWEST, (1 - omega) * self.belief + omega * block.credibility))
        if self.happens(omega, self.redraw):
            truth = block.credibility if block.sincerity is None else block.sincerity
            self.type = int(self.happens(truth, self.redraw, 1))

    def update(self, evidence: float) -> None:
        """Add a log-likelihood ratio to the log-odds (E6.4, E6.6)."""
        odds = math.log(self.belief / (1 - self.belief)) + evidence
        self.belief = 1 / (1 + math.exp(-odds))


class Contingent(Actor):
    """A nation's troops."""

    def __init__(self, model: "PlainModel", number: int, nation: d.Contingent) -> None:
        super().__init__(model, number)
        self.nation, self.support = nation, nation.support
        self.aversion, self.reputation = nation.aversion, nation.reputation
        self.inside, self.deaths, self.felt, self.left_week = True, 0, 0.0, -1

    @property
    def troops(self) -> float:
        """M_n in force, thousands (E7.12)."""
        return self.model.world.troops[self.number]

    def opinion(self) -> None:
        """Domestic support falls with the week's deaths and recovers toward its level (E7.7)."""
        s = self.model.world.support
        hit = s.hit * self.felt / math.sqrt(self.troops)
        self.support += -hit + s.recovery * (self.nation.support - self.support)
        self.support = min(1.0, max(0.0, self.support))
        self.deaths, self.felt = 0, 0.0


class Place(Actor):
    """A sector of the line, of a border, or a rear base; its incident game and what came of it (E3.16)."""

    def __init__(self, model: "PlainModel", number: int, place: d.Place) -> None:
        super().__init__(model, number)
        self.place, self.kind = place, place.kind
        self.hub, self.line = place.kind == PlaceKind.HUB, place.kind == PlaceKind.LINE
        self.tension = 0.0 if self.hub else model.world.tension.initial * self.weight
        self.restraint = model.world.truce.restraint
        self.vacant_until = dict.fromkeys(model.contingents, BEFORE)
        self.forget()

    @property
    def weight(self) -> float:
        """w_s in force (E5.1)."""
        return self.model.world.hot_spots[self.number]

    def forget(self) -> None:
        """Start again from uniform play over all actions that exist with the whole force in place (E3.18)."""
        strike = [STRIKE] if self.model.contingents else []
        actions = ([COMPLY] if self.hub else [COMPLY, PROBE, RAID]) + strike
        uniform = {a: 1 / len(actions) for a in actions}
        answers = [COMPLY] if self.hub else [COMPLY, PROBE, RAID]
        self.strategies = [uniform, uniform], {b: 1 / len(answers) for b in answers}

    # -- the phases of a week --

    def deploy(self, ramp: float) -> None:
        """Man the posts, with a share `ramp` of the force arrived; the largest garrison leads (E7.12)."""
        week, name = self.model.week, self.place.name
        self.garrison = {
            c: c.troops * c.nation.deployment.get(name, 0.0) * ramp
            for c in self.model.contingents
            if c.inside and week >= self.vacant_until[c]
        }
        self.troops = sum(self.garrison.values())
        self.leader = max(self.garrison, key=self.garrison.__getitem__) if self.troops > 0 else None
        self.monitors = self.place.monitors if self.monitored() else 0.0

    def monitored(self) -> bool:
        """Whether the civilian monitors are here: they may leave with the troops (E7.14)."""
        contingents = self.model.contingents
        if not (self.model.world.monitoring.leave_with_force and contingents):
            return True
        posted = [c for c in contingents if c.nation.deployment.get(self.place.name, 0.0) > 0]
        if posted:
            return any(c in self.garrison for c in posted)
        return any(c.inside for c in contingents)

    def solve(self) -> None:
        """Solve the week's incident game, starting from last week's strategies (E3.2)."""
        m = self.model
        now = incident.Situation(
            m.russia.belief, m.washington.belief, self.tension, self.restraint, self.troops,
            self.leader.number if self.leader else None, self.monitors, m.day, m.void, m.sustained,
        )  # fmt: skip
        self.game = incident.IncidentGame(m.world, self.place, now, m.tolerance)
        self.game.solve(*self.strategies)
        self.strategies = self.game.russia, self.game.ukraine
        m.games += 1

    def act(self) -> None:
        """Both sides act, Russia by its true type's strategy (E3.3)."""
        game = self.game
        self.a = pick(self.uniform(Stream.ACTION_RUSSIA), game.russia[self.model.russia.type])
        self.b = pick(self.uniform(Stream.ACTION_UKRAINE), game.ukraine)

    def observe(self) -> None:
        """Draw whether a European dies, then what the monitors establish (E3.4)."""
        chances = self.game.chances[self.a, self.b]
        self.K = int(self.happens(sum(p for (_, K), p in chances.items() if K), Stream.FATALITY))
        left = {signal: chances.get((signal, self.K), 0.0) for signal in Signal}
        total = sum(left.values())
        self.signal = pick(self.uniform(Stream.SIGNAL), {signal: p / total for signal, p in left.items()})

    def respond(self) -> None:
        """The lead responds, Washington decides, Russia replies, each where it has a choice (E3.5, E3.6, E3.7)."""
        o = self.signal, self.K
        self.response = self.decision = self.reply = None
        if self.game.responds(*o):
            self.response = pick(self.uniform(Stream.RESPONSE), self.game.responses[o])
        f = int(self.response == Response.FIRE)
        if self.game.invoked(*o):
            chances = self.game.decision(self.model.washington.type, self.game.q[o], f)
            self.decision = pick(self.uniform(Stream.DECISION), chances)
        h = int(self.decision == Decision.HONOUR)
        if f or h:
            self.reply = pick(self.uniform(Stream.REPLY), self.game.replies[self.model.russia.type, f, h])

    def aftermath(self) -> None:
        """Count violations and deaths, vacate the post of a lead that pulled back, draw a spiral (E7.13, E10.2)."""
        world = self.model.world
        if not self.hub:
            self.count()
        if self.K:
            self.bury()
        if self.response == Response.PULL_BACK and self.leader is not None:
            self.vacant_until[self.leader] = self.model.week + 1 + world.force.vacant_weeks
        self.spiral = None
        if self.reply == Reply.ESCALATE:
            honoured = self.decision == Decision.HONOUR
            chance = world.war_response.spiral_us if honoured else world.war_response.spiral_coalition
            if self.happens(chance, Stream.SPIRAL):
                self.spiral = EndCause.SPIRAL_US if honoured else EndCause.SPIRAL_COALITION

    @property
    def rung(self) -> Rung:
        """The rung of the ladder that the place reached this week, wars apart (E10.1)."""
        if self.response == Response.FIRE or self.reply in (Reply.HOLD, Reply.ESCALATE):
            return Rung.EXCHANGE_OF_FIRE
        return Rung.STRIKE_OR_DEATH if self.a == STRIKE or self.K else Rung(max(self.a, self.b))

    def count(self) -> None:
        """Draw single violations, recorded and missed, and local deaths (E5.1, E5.2, E5.3, E5.4, E5.5, E5.6)."""
        m, n = self.model, self.model.world.counts
        streams = (
            (self.a, Stream.INTENSITY_RUSSIA, Stream.RECORDED_RUSSIA, Stream.MISSED_RUSSIA),
            (self.b, Stream.INTENSITY_UKRAINE, Stream.RECORDED_UKRAINE, Stream.MISSED_UKRAINE),
        )
        size, e, true = self.place.length_km / 100, self.game.coverage, 0
        for action, intensity, recorded, missed in streams:
            mean = {COMPLY: 0.0, PROBE: n.probe, RAID: n.raid, STRIKE: n.strike}[action] * size * self.game.violence
            mean *= incident.season(n.season_amplitude, m.day)
            if mean > 0:
                mean *= samplers.gamma(n.dispersion, *self.address(intensity)) / n.dispersion
            mean += n.accidents * size
            seen = samplers.poisson(e * mean, *self.address(recorded))
            m.recorded += seen
            true += seen + samplers.poisson((1 - e) * mean, *self.address(missed))
        m.violations += true
        fatal = n.deaths_per_1000 / 1000 / (1 + n.extra_deaths) * true
        events = samplers.poisson(fatal, *self.address(Stream.LOCAL_EVENTS))
        m.local_deaths += events + samplers.poisson(n.extra_deaths * events, *self.address(Stream.LOCAL_DEATHS))
        m.disputed += self.signal == DISPUTED

    def bury(self) -> None:
        """Draw the European deaths and share them out over the contingents here (E5.7, E5.8, E7.17)."""
        sizes = self.sizes(self.a)
        deaths = pick(self.uniform(Stream.DEATHS), sizes)
        felt = 1 + (self.model.world.support.mass_hit if deaths >= 10 else 0)
        for unit in range(deaths):
            u = self.uniform(Stream.DEATHS_SPLIT, unit)
            hit = pick(u, {c: troops / self.troops for c, troops in self.garrison.items() if troops > 0})
            hit.deaths += 1
            hit.felt += felt
        self.model.european_deaths += deaths
        self.model.deliberate_deaths += deaths if self.a == STRIKE else 0

    def sizes(self, action: Action) -> dict[int, float]:
        """How many a fatal event kills: a power law up to the troops of one site (E5.7, E5.9)."""
        f, sites = self.model.world.fatality, float(self.model.world.force.sites_per_hub)
        sites *= 1 if self.hub else self.place.length_km / 100
        most = max(1, int(1000 * self.troops / max(1, sites)))
        weights = [n ** -(f.strike_tail if action == STRIKE else f.breach_tail) for n in range(1, most + 1)]
        total = sum(weights)
        return {n: weight / total for n, weight in enumerate(weights, 1)}

    def evidence(self) -> tuple[float, float]:
        """Log-likelihood ratios of the week here: of Russia's type, of Washington's (E6.1, E6.2, E6.3)."""
        o, f, h = (self.signal, self.K), self.response == Response.FIRE, self.decision == Decision.HONOUR
        game = self.game
        of_russia = math.log(game.like[1][o] / game.like[0][o])
        of_washington = 0.0
        if self.reply is not None:
            bluffing, committed = (game.replies[kappa, int(f), int(h)][self.reply] for kappa in TYPES)
            of_russia += math.log(committed / bluffing)
        if self.decision is not None:
            reluctant, steadfast = (game.decision(tau, game.q[o], int(f))[self.decision] for tau in TYPES)
            of_washington += math.log(steadfast / reluctant)
        return of_russia, of_washington

    def impulse(self) -> float:
        """What the week adds to the tension here (E7.3)."""
        t = self.model.world.tension
        breaches = {PROBE: t.probe_russia, RAID: t.raid_russia}.get(self.a, 0.0)
        breaches += {PROBE: t.probe_ukraine, RAID: t.raid_ukraine}.get(self.b, 0.0)
        event = self.weight * t.strike_russia * (self.a == STRIKE) + t.fatality * self.K
        event += t.hold * (self.reply == Reply.HOLD) + t.escalate * (self.reply == Reply.ESCALATE)
        opportunities = self.place.length_km / 100 if self.line else 1
        return self.weight * breaches + t.disputed * (self.signal == DISPUTED) + event / opportunities

    def calm(self, renewed: int) -> None:
        """Restraint: what is not quiet erodes it, quiet weeks and renewed truces restore it (E7.4, E7.5, E7.18)."""
        truce, r = self.model.world.truce, self.restraint
        if self.hub:
            return
        meant = self.a == STRIKE and self.b == COMPLY  # a strike alone breaks no promise to the other side
        if self.signal != QUIET and not meant:
            r -= truce.erosion * max(0.0, r - truce.residual) * (1 - r)
        elif self.signal == QUIET and 0 < r < 0.995:
            r = min(0.995, 1 / (1 + (1 - r) / r * math.exp(-truce.reciprocity)))
        for _ in range(renewed):
            r += truce.recommitment_jump * (1 - r)
        self.restraint = r

    def weekly_deaths(self, mu: float) -> float:
        """Expected European deaths of a week here, in equilibrium (E8.5)."""
        total, mean = 0.0, {}
        for action in (RAID, STRIKE):
            mean[action] = sum(n * p for n, p in self.sizes(action).items())
        for (a, b), chances in self.game.chances.items():
            each = mean[STRIKE if a == STRIKE else RAID]
            p_a = mu * self.game.russia[1][a] + (1 - mu) * self.game.russia[0][a]
            total += p_a * self.game.ukraine[b] * each * sum(p for (_, K), p in chances.items() if K)
        return total
