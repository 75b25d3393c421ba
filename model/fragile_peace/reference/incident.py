"""The incident game of one place and week (docs/model.md, section 4), solved by plain iteration.

An observable is (signal, K); the responses after it, Washington's decisions and Russia's reply are dictionaries from
options to probabilities, in the order of the codes. The readable twin of `kernels.incident`: it sums over pairs of
actions where the kernels sum over pairs of traces, and iterates plainly.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fragile_peace.codes import (
    Action,
    Decision,
    PlaceKind,
    Reply,
    Response,
    RulesOfEngagement,
    RussianType,
    Signal,
    Trigger,
    UsType,
)
from fragile_peace.declared.declaration import Place
from fragile_peace.declared.scenario import Scenario

COMPLY, PROBE, RAID, STRIKE = Action
QUIET, RUSSIA, UKRAINE, DISPUTED = Signal
BLUFFING, COMMITTED = RussianType
RELUCTANT, STEADFAST = UsType
TYPES = (0, 1)  # of Russia and of Washington
OBSERVABLES = [(signal, dead) for signal in Signal for dead in (0, 1) if (signal, dead) != (QUIET, 1)]
MOST_ROUNDS = 5000
Option = TypeVar("Option")
Observable = tuple[Signal, int]
Strategy = dict[Action, float]
"""Options and their probabilities."""


def logit(
    precision: float, payoffs: Mapping[Option, float], opportunities: Callable[[Option], float] = lambda option: 1.0
) -> dict[Option, float]:
    """Return the quantal response: P(option) proportional to its opportunities times exp(precision * payoff) (E4.49,
    E4.69, E12.17).
    """
    best = max(payoffs.values())
    weights = {o: opportunities(o) * math.exp(precision * (payoff - best)) for o, payoff in payoffs.items()}
    total = sum(weights.values())
    return {option: weight / total for option, weight in weights.items()}


def season(amplitude: float, day: int) -> float:
    """Return a seasonal factor of the day of the year, lowest in week 48 (E4.10)."""
    return 1 - amplitude * math.cos(2 * math.pi * (day - 332) / 365.25)


@dataclass
class Situation:
    """What a place's game depends on besides the scenario: beliefs, local state, who is there."""

    mu: float
    gamma: float
    tension: float
    restraint: float
    troops: float  # thousands
    lead: int | None
    monitors: float
    day: int
    void: bool = False
    sustained: bool = False


class IncidentGame:
    """One place's game in one week (E4.1)."""

    def __init__(self, world: Scenario, place: Place, now: Situation, tolerance: float = 1e-10) -> None:
        self.world, self.place, self.now, self.tolerance = world, place, now, tolerance
        hub = place.kind == PlaceKind.HUB
        strike = [STRIKE] if now.troops > 0 else []
        self.russian_actions = ([COMPLY] if hub else [COMPLY, PROBE, RAID]) + strike
        self.ukrainian_actions = [COMPLY] if hub else [COMPLY, PROBE, RAID]
        self.chances = {(a, b): self._chances(a, b) for a in self.russian_actions for b in self.ukrainian_actions}
        self.replies = {(kappa, f, h): self._reply(kappa, f, h) for kappa in TYPES for f, h in ((0, 1), (1, 0), (1, 1))}
        self.direct_russia = {
            (kappa, a, b): self._direct_russia(kappa, a, b) for kappa in TYPES for a, b in self.chances
        }
        self.direct_ukraine = {(a, b): self._direct_ukraine(a, b) for a, b in self.chances}

    # -- chance --

    @property
    def coverage(self) -> float:
        """Share of the place under observation (E4.12)."""
        isr = self.world.monitoring.isr
        return isr + (1 - isr) * (1 - math.exp(-self.density / self.world.monitoring.coverage_density))

    @property
    def density(self) -> float:
        """Patrols, persons per km (E4.11, E4.17)."""
        if self.place.kind == PlaceKind.HUB:
            return 0.0
        patrols = self.now.monitors + 1000 * self.world.monitoring.patrol_share * self.now.troops
        return patrols / self.place.length_km

    def _detection(self, action: Action) -> float:
        """Chance that a week with this action is seen (E4.13, E4.17)."""
        m = self.world.monitoring
        if action == COMPLY:
            return 0.0
        if self.place.kind == PlaceKind.HUB:
            return 1.0
        nu = {PROBE: m.probe_visibility, RAID: m.raid_visibility, STRIKE: m.strike_visibility}[action]
        return 1 - math.exp(-nu * self.coverage * season(m.visibility_amplitude, self.now.day))

    def _fatality(self, a: Action, b: Action) -> float:
        """P(K = 1 | a, b) (E4.18, E4.19)."""
        f, troops = self.world.fatality, self.now.troops
        k_a = {PROBE: f.probe_russia, RAID: f.raid_russia}.get(a, 0.0)
        k_b = {PROBE: f.probe_ukraine, RAID: f.raid_ukraine}.get(b, 0.0)
        collateral = troops * (k_a + k_b) * self.violence
        return 1 - math.exp(-f.protection * (collateral + (f.strike if a == STRIKE else 0.0)))

    @property
    def violence(self) -> float:
        """How intense breaches are here (E4.67)."""
        weight = self.world.hot_spots[self.world.places.index(self.place)]
        return weight * (1 - self.now.restraint) * (1 + self.now.tension)

    def _chances(self, a: Action, b: Action) -> dict[Observable, float]:
        """P(signal, K | a, b) (E4.14, E4.15, E4.16, E4.17, E4.22, E4.23, E4.24, E4.25)."""
        m, d = self.world.monitoring, self.density
        hub = self.place.kind == PlaceKind.HUB
        best = m.attribution + m.un_bonus * self.world.mandate.un + m.commission_bonus * m.joint_commission
        attributed = m.hub_attribution if hub else 1 - (1 - best) * math.exp(-d / m.attribution_density)
        false_alarm = 0.0 if hub else m.false_alarm * math.exp(-d / m.coverage_density)
        false_alarm *= math.exp(-d / m.liaison_density)  # what liaison does not settle
        wrong = 0.0 if hub else m.misattribution
        seen_a, seen_b = self._detection(a), self._detection(b)
        named_a, named_b = seen_a * attributed, seen_b * attributed
        led_a = named_a * (1 - named_b) + named_a * named_b / 2  # the report leads with either
        led_b = named_b * (1 - named_a) + named_a * named_b / 2
        quiet = (1 - seen_a) * (1 - seen_b) * (1 - false_alarm)
        signals = {
            QUIET: quiet,
            RUSSIA: (1 - wrong) * led_a + wrong * led_b,
            UKRAINE: (1 - wrong) * led_b + wrong * led_a,
            DISPUTED: max(0.0, 1 - led_a - led_b - quiet),
        }
        dead = self._fatality(a, b)
        chances = {(signal, K): p * (dead if K else 1 - dead) for signal, p in signals.items() for K in (0, 1)}
        chances[DISPUTED, 1] += chances.pop((QUIET, 1))
        return chances

    # -- payoffs --

    def _gain(self, gain: float) -> float:
        """What a breach of this gain is worth here to either side (E4.29)."""
        c = self.world.contact
        factor = {PlaceKind.LINE: 1.0, PlaceKind.BORDER: c.border, PlaceKind.HUB: 0.0}[self.place.kind]
        factor *= (1 - self.now.restraint) * (1 + c.tension_gain * self.now.tension)
        return gain * factor * season(c.ease_amplitude, self.now.day) * math.exp(-c.dmz_km / c.dmz_scale_km)

    def _disobeys(self, action: Action) -> float:
        """What a breach costs a side that has ordered restraint (E4.68)."""
        return {PROBE: 0.5, RAID: 1.0}.get(action, 0.0) * self.world.truce.discipline * self.now.restraint

    def _weight(self, action: Action) -> float:
        """How many opportunities for an action a week has here (E4.69)."""
        return self.place.length_km / 100 if action == STRIKE and self.place.kind == PlaceKind.LINE else 1.0

    def _direct_russia(self, kappa: int, a: Action, b: Action) -> float:
        """Russia's expected payoff of (a, b) before anyone responds (E4.30, E4.31, E4.57)."""
        r, world = self.world.russia, self.world
        chances, share = self.chances[a, b], world.contact.disputed_share
        blame = {RUSSIA: 1.0, DISPUTED: share}
        gain = {COMPLY: 0.0, PROBE: self._gain(r.probe_gain), RAID: self._gain(r.raid_gain), STRIKE: r.strike_gain}[a]
        cost = {COMPLY: 0.0, PROBE: r.probe_cost, RAID: r.raid_cost, STRIKE: r.strike_cost}[a]
        cost *= 1 + r.un_legal * world.mandate.un
        gain -= self._disobeys(a)
        effect = 0.0
        if a == STRIKE:
            effect = (
                r.strike_value * (1 + r.strike_threat * world.threat.level) if kappa == COMMITTED else -r.bluff_cost
            )
        return gain + sum(p * (effect * K - cost * blame.get(signal, 0.0)) for (signal, K), p in chances.items())

    def _direct_ukraine(self, a: Action, b: Action) -> float:
        """Ukraine's expected payoff of (a, b) before anyone responds (E4.39, E4.57)."""
        u, world = self.world.ukraine, self.world
        cost = {COMPLY: 0.0, PROBE: u.probe_cost, RAID: u.raid_cost}[b]
        void = u.void_cost * world.guarantee.level if world.guarantee.void_weeks > 0 else 0.0
        blame = {UKRAINE: cost + void, DISPUTED: world.contact.disputed_share * cost}
        gain = {COMPLY: 0.0, PROBE: self._gain(u.probe_gain), RAID: self._gain(u.raid_gain)}[b]
        gain -= self._disobeys(b)
        return gain - sum(p * blame.get(signal, 0.0) for (signal, _), p in self.chances[a, b].items())

    def _bite(self, hours: float) -> float:
        """How much a response this late still bites (E4.33)."""
        return math.exp(-hours / self.world.response.decay_hours)

    def _reply_payoffs(self, kappa: int, f: int, h: int) -> dict[Reply, float]:
        """Russia's payoffs once it is met with force (E4.36, E4.37, E4.38)."""
        r, times = self.world.russia, self.world.response
        resolve = r.resolve_committed if kappa == COMMITTED else r.resolve_bluffing
        opposed = r.coalition_opposition * self._bite(times.coalition_hours) * f
        opposed += r.us_opposition * self._bite(times.us_hours) * h
        return {
            Reply.STAND_DOWN: -r.face * (1 + r.face_threat * self.world.threat.level),
            Reply.HOLD: -opposed,
            Reply.ESCALATE: resolve - r.coalition_deterrent - r.us_deterrent * h,
        }

    def _reply(self, kappa: int, f: int, h: int) -> dict[Reply, float]:
        """Russia's choice once it is met with force (E4.4, E4.50)."""
        return logit(self.world.precision.russia, self._reply_payoffs(kappa, f, h))

    # -- who may choose --

    def responds(self, signal: Signal, K: int) -> bool:
        """Whether the lead contingent chooses after an observable (E4.2)."""
        return self.now.troops > 0 and (signal, K) != (QUIET, 0)

    def may_fire(self, signal: Signal, K: int) -> bool:
        """Whether the rules of engagement allow fire (E4.5)."""
        roe = self.world.mandate.roe
        defends = roe >= RulesOfEngagement.SELF_DEFENCE and K == 1 and signal != UKRAINE
        return defends or (roe == RulesOfEngagement.ENFORCE and signal == RUSSIA)

    def invoked(self, signal: Signal, K: int) -> bool:
        """Whether an observable invokes the guarantee (E4.6, E4.9)."""
        trigger = self.world.guarantee.trigger
        if trigger == Trigger.NEVER or K == 0 or self.now.void or not self.responds(signal, K):
            return False
        if trigger == Trigger.ANY_FATALITY:
            return True
        if trigger == Trigger.ATTRIBUTED_FATALITY:
            return signal == RUSSIA
        line = trigger == Trigger.SUSTAINED or self.place.kind == PlaceKind.LINE
        return signal == RUSSIA and self.now.sustained and line

    # -- later moves --

    def decision(self, tau: int, q: float, f: int) -> dict[Decision, float]:
        """Washington's choice if it believes with probability q that Russia is committed (E4.3, E4.46, E4.47, E4.48,
        E4.52).
        """
        w, level = self.world.united_states, self.world.guarantee.level
        follow = 0.0
        for kappa, weight in ((BLUFFING, 1 - q), (COMMITTED, q)):
            reply = self.replies[kappa, f, 1]
            follow += weight * (w.stand_down_gain * reply[Reply.STAND_DOWN] - w.escalation_loss * reply[Reply.ESCALATE])
        cost = w.honour_cost_steadfast if tau == STEADFAST else w.honour_cost_reluctant
        payoffs = {
            Decision.DECLINE: -w.reputation * level,
            Decision.SANCTION: -w.sanction_cost - w.sanction_share * w.reputation * level,
            Decision.HONOUR: -cost + follow,
        }
        return logit(self.world.precision.united_states, payoffs)

    def expected_decision(self, signal: Signal, K: int, q: float, f: int) -> dict[Decision | None, float]:
        """What others expect of Washington: its choice averaged over its type; None where it is not asked (E4.53)."""
        if not self.invoked(signal, K):
            return {None: 1.0}
        reluctant, steadfast = self.decision(RELUCTANT, q, f), self.decision(STEADFAST, q, f)
        gamma = self.now.gamma
        return {option: gamma * steadfast[option] + (1 - gamma) * reluctant[option] for option in Decision}

    def response(self, signal: Signal, K: int, q: float) -> dict[Response, float]:
        """The lead contingent's choice (E4.43, E4.44, E4.45, E4.54)."""
        assert self.now.lead is not None
        lead, nation = self.world.lead, self.world.contingents[self.now.lead]
        passive = lead.passive_attributed if signal == RUSSIA else lead.passive_unclear
        payoffs = {Response.REPORT: -(lead.passive_fatality if K else passive)}
        if self.may_fire(signal, K):
            payoffs[Response.FIRE] = -lead.fire_cost
        payoffs[Response.PULL_BACK] = -nation.reputation
        for option in payoffs:
            f = 1 if option == Response.FIRE else 0
            if option != Response.PULL_BACK:
                payoffs[option] -= self.world.threat.level * nation.danger * q
            for decision, p in self.expected_decision(signal, K, q, f).items():
                h = 1 if decision == Decision.HONOUR else 0
                worth: dict[Decision | None, float] = {
                    Decision.SANCTION: lead.us_sanction, Decision.HONOUR: lead.us_honour,
                }  # fmt: skip
                value = worth.get(decision, 0.0)
                if f or h:
                    for kappa, weight in ((BLUFFING, 1 - q), (COMMITTED, q)):
                        reply = self.replies[kappa, f, h]
                        value += weight * reply[Reply.STAND_DOWN] * lead.stand_down
                        value -= weight * reply[Reply.HOLD] * lead.hold * (1.0 if f else 0.5)
                        value -= weight * reply[Reply.ESCALATE] * lead.escalate
                payoffs[option] += p * value
        return logit(self.world.precision.contingent, payoffs)

    def values(
        self, kappa: int, signal: Signal, K: int, q: float, response: dict[Response, float]
    ) -> tuple[float, float]:
        """Russia's and Ukraine's continuation values after an observable (E4.32, E4.34, E4.35, E4.40, E4.41, E4.42,
        E4.55, E4.56).
        """
        r, u = self.world.russia, self.world.ukraine
        honour_cost = r.honour_cost * self._bite(self.world.response.us_hours)
        russia = ukraine = 0.0
        for option, p_option in response.items():
            f = 1 if option == Response.FIRE else 0
            if option == Response.PULL_BACK:
                russia += p_option * r.prize
                ukraine -= p_option * u.pull_back_loss
            ukraine += p_option * u.coalition_aid * f
            for decision, p_decision in self.expected_decision(signal, K, q, f).items():
                p, h = p_option * p_decision, 1 if decision == Decision.HONOUR else 0
                if decision == Decision.SANCTION:
                    russia -= p * r.sanction_cost
                if h:
                    russia -= p * honour_cost
                    ukraine += p * u.us_aid
                if f or h:
                    reply, payoffs = self.replies[kappa, f, h], self._reply_payoffs(kappa, f, h)
                    russia += p * sum(reply[option] * payoffs[option] for option in Reply)
                    ukraine -= p * reply[Reply.ESCALATE] * u.escalation_harm
        return russia, ukraine

    # -- the equilibrium --

    def posterior(self) -> None:
        """P(observable | type) and P(committed | observable) under the strategies in hand (E4.27, E4.51)."""
        self.like = {
            kappa: {
                o: sum(
                    p_a * p_b * self.chances[a, b][o]
                    for a, p_a in self.russia[kappa].items()
                    for b, p_b in self.ukraine.items()
                )
                for o in OBSERVABLES
            }
            for kappa in TYPES
        }
        mu = self.now.mu
        self.q = {}
        for o in OBSERVABLES:
            total = mu * self.like[COMMITTED][o] + (1 - mu) * self.like[BLUFFING][o]
            self.q[o] = mu * self.like[COMMITTED][o] / total if total > 0 else mu

    def answer(self) -> tuple[list[Strategy], Strategy]:
        """Return both sides' logit answers to the strategies in hand (E4.58, E4.59)."""
        self.posterior()
        self.responses, later = {}, {}
        for signal, K in OBSERVABLES:
            o, q = (signal, K), self.q[signal, K]
            if self.responds(signal, K):
                self.responses[o] = self.response(signal, K, q)
                for kappa in TYPES:
                    later[kappa, o] = self.values(kappa, signal, K, q, self.responses[o])
        zero = (0.0, 0.0)
        precision, mu = self.world.precision, self.now.mu
        russia = []
        for kappa in TYPES:
            payoffs = dict.fromkeys(self.russian_actions, 0.0)
            for a in self.russian_actions:
                for b, p_b in self.ukraine.items():
                    after = sum(p * later.get((kappa, o), zero)[0] for o, p in self.chances[a, b].items())
                    payoffs[a] += p_b * (self.direct_russia[kappa, a, b] + after)
            russia.append(logit(precision.russia, payoffs, self._weight))
        payoffs = dict.fromkeys(self.ukrainian_actions, 0.0)
        for b in self.ukrainian_actions:
            for kappa, weight in ((BLUFFING, 1 - mu), (COMMITTED, mu)):
                for a, p_a in self.russia[kappa].items():
                    after = sum(p * later.get((kappa, o), zero)[1] for o, p in self.chances[a, b].items())
                    payoffs[b] += weight * p_a * (self.direct_ukraine[a, b] + after)
        return russia, logit(precision.ukraine, payoffs)

    def solve(self, russia: list[Strategy], ukraine: Strategy) -> None:
        """Find the equilibrium nearest to a first guess: both types' and Ukraine's strategies (E4.65).

        Raises RuntimeError.
        """
        self.russia = [{a: strategy.get(a, 0.0) for a in self.russian_actions} for strategy in russia]
        self.ukraine = {b: ukraine.get(b, 0.0) for b in self.ukrainian_actions}
        damp = 1.0
        for self.rounds in range(1, MOST_ROUNDS + 1):
            new_russia, new_ukraine = self.answer()
            old, new = [*self.russia, self.ukraine], [*new_russia, new_ukraine]
            pairs = list(zip(old, new, strict=True))
            residual = max(abs(after[move] - before[move]) for before, after in pairs for move in before)
            if residual <= self.tolerance:
                return
            damp = {60: 0.5, 250: 0.2}.get(self.rounds, damp)
            for before, after in pairs:
                for move in before:
                    before[move] += damp * (after[move] - before[move])
        raise RuntimeError(f"{self.place.name}: no equilibrium in {MOST_ROUNDS} rounds")
