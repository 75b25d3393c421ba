"""The incident game as a tree, written out path by path: the definition that the kernels are proven against.

A deliberate second writing of docs/model.md, section 4. Every chance and every payoff is computed term by term, for
one path at a time, in plain Python, straight from the Scenario and the tables of the text. Nothing comes from the GAME
row or from a kernel: the kernels aggregate over chance moves and over the others' choices, and that aggregation is what
is to be proven.

Order of the moves on a path
    Nature draws kappa and tau; Russia (knows kappa) and Ukraine choose at once; Nature draws K, then sigma; the lead
    contingent responds; the United States (know tau) decide where invoked; Russia replies where met with force.

Information sets. Each player recalls what it did and knows what is public: sigma, K, the response, the decision. So
Russia has one set of replies for each (kappa, a, sigma, K, response, decision). Its payoff difference between replies
is the same at every node with the same (kappa, f, h), hence one equilibrium probability for all sets that share (kappa,
f, h), as the text has it; but perfect recall lets every solver of Gambit work on the exported tree. A set or a branch
of chance of probability zero is absent, and so is a move with a single option.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial

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
)  # fmt: skip
from fragile_peace.declared.scenario import Scenario
from fragile_peace.proof.game_tree import InformationSet, Leaf, Node, Tree, chance_move, choice_move, word
from fragile_peace.proof.incident import PlaceState


@dataclass(frozen=True)
class Path:
    """One way through the game; None where the move has not been made or does not exist."""

    kappa: RussianType = RussianType.BLUFFING
    tau: UsType = UsType.RELUCTANT
    a: Action = Action.COMPLY
    b: Action = Action.COMPLY
    K: int = 0
    sigma: Signal = Signal.QUIET
    response: Response | None = None
    decision: Decision | None = None
    reply: Reply | None = None

    @property
    def f(self) -> int:
        """1 if the contingent fired."""
        return int(self.response == Response.FIRE)

    @property
    def h(self) -> int:
        """1 if the United States honoured the guarantee."""
        return int(self.decision == Decision.HONOUR)


def incident_tree(scenario: Scenario, place: int, state: PlaceState) -> Tree:
    """Return the incident game of one place as a tree (docs/model.md, section 4)."""
    game = _Game(scenario, place, state)
    title = f"{scenario.name}, {scenario.places[place].name}: incident game"
    return Tree(title, game.players, game.precisions, game.nature())


def fatality(scenario: Scenario, place: int, state: PlaceState, path: Path) -> float:
    """Return P(K = 1 | a, b) on a path."""
    return _Game(scenario, place, state).chance_fatality(path)


@dataclass(frozen=True)
class _Game:
    """The rules, chances and payoffs of one place and week, and the tree they span."""

    scenario: Scenario
    place: int
    state: PlaceState

    @cached_property
    def kind(self) -> PlaceKind:
        return self.scenario.places[self.place].kind

    @cached_property
    def troops(self) -> float:
        """m_s, thousands."""
        return sum(self.state.garrison)

    @cached_property
    def lead(self) -> int:
        """The largest garrison decides; ties go to the lower index."""
        return max(range(len(self.state.garrison)), key=lambda n: (self.state.garrison[n], -n))

    @cached_property
    def players(self) -> tuple[str, ...]:
        if self.troops == 0:
            return ("Russia", "Ukraine")
        nation, others = self.scenario.contingents[self.lead].name, ("Russia", "Ukraine", "United States")
        return (*others[:2], nation + " (contingent)" if nation in others else nation, others[2])

    @cached_property
    def precisions(self) -> tuple[float, ...]:
        p = self.scenario.precision
        return (p.russia, p.ukraine, p.contingent, p.united_states)[: len(self.players)]

    def season(self, amplitude: float) -> float:
        """A swing of the year, lowest in week 48 (day 332)."""
        return 1 - amplitude * math.cos(2 * math.pi * (self.state.day - 332) / 365.25)

    # -- the rules: who may do what --

    def options_russia(self) -> tuple[Action, ...]:
        mild = (Action.COMPLY,) if self.kind == PlaceKind.HUB else (Action.COMPLY, Action.PROBE, Action.RAID)
        return (*mild, Action.STRIKE) if self.troops > 0 else mild

    def options_ukraine(self) -> tuple[Action, ...]:
        return (Action.COMPLY,) if self.kind == PlaceKind.HUB else (Action.COMPLY, Action.PROBE, Action.RAID)

    def options_response(self, path: Path) -> tuple[Response, ...]:
        roe = self.scenario.mandate.roe
        after_death = roe >= RulesOfEngagement.SELF_DEFENCE and path.K == 1 and path.sigma != Signal.UKRAINE
        at_breach = roe == RulesOfEngagement.ENFORCE and path.sigma == Signal.RUSSIA
        return tuple(r for r in Response if r != Response.FIRE or after_death or at_breach)

    def invoked(self, path: Path) -> bool:
        attributed = path.K == 1 and path.sigma == Signal.RUSSIA
        holds = {
            Trigger.NEVER: False,
            Trigger.ANY_FATALITY: path.K == 1,
            Trigger.ATTRIBUTED_FATALITY: attributed,
            Trigger.SUSTAINED: attributed and self.state.sustained,
            Trigger.ATTACK_ACROSS_LINE: attributed and self.state.sustained and self.kind == PlaceKind.LINE,
        }
        return holds[self.scenario.guarantee.trigger] and not self.state.void

    # -- chance --

    def chance_fatality(self, path: Path) -> float:
        """P(K = 1 | a, b)."""
        k = self.scenario.fatality
        russian = {Action.PROBE: k.probe_russia, Action.RAID: k.raid_russia}.get(path.a, 0)
        ukrainian = {Action.PROBE: k.probe_ukraine, Action.RAID: k.raid_ukraine}.get(path.b, 0)
        aimed = k.strike if path.a == Action.STRIKE else 0
        weight = self.scenario.hot_spots[self.place]
        violence = weight * (1 - self.state.restraint) * (1 + self.state.tension)
        collateral = self.troops * (russian + ukrainian) * violence
        return -math.expm1(-k.protection * (collateral + aimed)) if self.troops > 0 else 0

    @cached_property
    def density(self) -> float:
        """d_s, persons per km; 0 in a hub."""
        spot = self.scenario.places[self.place]
        if spot.kind == PlaceKind.HUB:
            return 0
        return (self.state.monitors + 1000 * self.scenario.monitoring.patrol_share * self.troops) / spot.length_km

    def detection(self, action: Action) -> float:
        """D_k, the chance that a week of this class is seen."""
        m = self.scenario.monitoring
        if action == Action.COMPLY:
            return 0
        if self.kind == PlaceKind.HUB:
            return 1
        nu = {Action.PROBE: m.probe_visibility, Action.RAID: m.raid_visibility, Action.STRIKE: m.strike_visibility}
        covered = m.isr + (1 - m.isr) * (1 - math.exp(-self.density / m.coverage_density))
        return -math.expm1(-nu[action] * covered * self.season(m.visibility_amplitude))

    @cached_property
    def attribution(self) -> float:
        """Q, the chance that what is seen is attributed."""
        m = self.scenario.monitoring
        if self.kind == PlaceKind.HUB:
            return m.hub_attribution
        base = m.attribution + m.un_bonus * self.scenario.mandate.un + m.commission_bonus * m.joint_commission
        return 1 - (1 - base) * math.exp(-self.density / m.attribution_density)

    def chance_signal(self, path: Path) -> dict[Signal, float]:
        """P(sigma | a, b, K). Each term is a product of positive factors; nothing is found as one minus the rest."""
        m, Q = self.scenario.monitoring, self.attribution
        in_hub = self.kind == PlaceKind.HUB
        D_R, D_U = self.detection(path.a), self.detection(path.b)
        alarm = 0 if in_hub else m.false_alarm * math.exp(-self.density / m.coverage_density)
        alarm *= math.exp(-self.density / m.liaison_density)  # liaison settles the others
        unseen, both = (1 - D_R) * (1 - D_U), D_R * Q * D_U * Q
        led_R, led_U = D_R * Q * (1 - D_U * Q) + both / 2, D_U * Q * (1 - D_R * Q) + both / 2
        wrong = 0 if in_hub else m.misattribution
        named_R, named_U = (1 - wrong) * led_R + wrong * led_U, (1 - wrong) * led_U + wrong * led_R
        disputed = D_R * (1 - Q) * (1 - D_U) + D_U * (1 - Q) * (1 - D_R) + D_R * (1 - Q) * D_U * (1 - Q)
        disputed, quiet = disputed + unseen * alarm, unseen * (1 - alarm)
        if path.K == 1:
            disputed, quiet = disputed + quiet, 0
        return {Signal.QUIET: quiet, Signal.RUSSIA: named_R, Signal.UKRAINE: named_U, Signal.DISPUTED: disputed}

    # -- payoffs, term by term --

    def breach(self, gain: float) -> float:
        """What a probe or a raid with this gain is worth here and now."""
        c, state = self.scenario.contact, self.state
        factor = {PlaceKind.LINE: 1.0, PlaceKind.BORDER: c.border, PlaceKind.HUB: 0.0}[self.kind]
        local = (1 - state.restraint) * (1 + c.tension_gain * state.tension)
        return gain * factor * local * self.season(c.ease_amplitude) * math.exp(-c.dmz_km / c.dmz_scale_km)

    def disobedience(self, action: Action) -> float:
        """What a breach costs a side whose orders are to hold fire."""
        return (
            {Action.PROBE: 0.5, Action.RAID: 1.0}.get(action, 0)
            * self.scenario.truce.discipline
            * (self.state.restraint)
        )

    def bite(self, hours: float) -> float:
        return math.exp(-hours / self.scenario.response.decay_hours)

    def payoff_russia(self, path: Path) -> float:
        r, theta = self.scenario.russia, self.scenario.threat.level
        committed, response = path.kappa == RussianType.COMMITTED, self.scenario.response
        gains = {Action.PROBE: self.breach(r.probe_gain), Action.RAID: self.breach(r.raid_gain)}
        costs = {Action.PROBE: r.probe_cost, Action.RAID: r.raid_cost, Action.STRIKE: r.strike_cost}
        blame = (path.sigma == Signal.RUSSIA) + self.scenario.contact.disputed_share * (path.sigma == Signal.DISPUTED)
        total = gains.get(path.a, 0) - self.disobedience(path.a)
        if path.a == Action.STRIKE:
            total += r.strike_gain
            if path.K == 1:
                total += r.strike_value * (1 + r.strike_threat * theta) if committed else -r.bluff_cost
        total -= costs.get(path.a, 0) * blame * (1 + r.un_legal * self.scenario.mandate.un)
        total += r.prize * (path.response == Response.PULL_BACK)
        total -= r.sanction_cost * (path.decision == Decision.SANCTION)
        total -= r.honour_cost * self.bite(response.us_hours) * path.h
        if path.reply == Reply.STAND_DOWN:
            total -= r.face * (1 + r.face_threat * theta)
        elif path.reply == Reply.HOLD:
            total -= r.coalition_opposition * self.bite(response.coalition_hours) * path.f
            total -= r.us_opposition * self.bite(response.us_hours) * path.h
        elif path.reply == Reply.ESCALATE:
            total += r.resolve_committed if committed else r.resolve_bluffing
            total -= r.coalition_deterrent + r.us_deterrent * path.h
        return total

    def payoff_ukraine(self, path: Path) -> float:
        u, guarantee = self.scenario.ukraine, self.scenario.guarantee
        gains = {Action.PROBE: self.breach(u.probe_gain), Action.RAID: self.breach(u.raid_gain)}
        costs = {Action.PROBE: u.probe_cost, Action.RAID: u.raid_cost}
        blame = (path.sigma == Signal.UKRAINE) + self.scenario.contact.disputed_share * (path.sigma == Signal.DISPUTED)
        total = gains.get(path.b, 0) - self.disobedience(path.b) - costs.get(path.b, 0) * blame
        if path.sigma == Signal.UKRAINE and guarantee.void_weeks > 0:
            total -= u.void_cost * guarantee.level
        total += u.coalition_aid * path.f + u.us_aid * path.h
        total -= u.pull_back_loss * (path.response == Response.PULL_BACK)
        return total - u.escalation_harm * (path.reply == Reply.ESCALATE)

    def payoff_contingent(self, path: Path) -> float:
        c, own = self.scenario.lead, self.scenario.contingents[self.lead]
        total = 0.0
        if path.response == Response.REPORT:
            attributed = path.sigma == Signal.RUSSIA
            total -= c.passive_fatality if path.K else c.passive_attributed if attributed else c.passive_unclear
        elif path.response == Response.FIRE:
            total -= c.fire_cost
        elif path.response == Response.PULL_BACK:
            total -= own.reputation
        if path.response in (Response.REPORT, Response.FIRE) and path.kappa == RussianType.COMMITTED:
            total -= self.scenario.threat.level * own.danger
        total += c.us_sanction * (path.decision == Decision.SANCTION) + c.us_honour * path.h
        total += c.stand_down * (path.reply == Reply.STAND_DOWN)
        total -= c.hold * (1 if path.f else 0.5) * (path.reply == Reply.HOLD)
        return total - c.escalate * (path.reply == Reply.ESCALATE)

    def payoff_us(self, path: Path) -> float:
        us, G = self.scenario.united_states, self.scenario.guarantee.level
        if path.decision == Decision.DECLINE:
            return -us.reputation * G
        if path.decision == Decision.SANCTION:
            return -us.sanction_cost - us.sanction_share * us.reputation * G
        if path.decision != Decision.HONOUR:
            return 0
        cost = us.honour_cost_steadfast if path.tau == UsType.STEADFAST else us.honour_cost_reluctant
        gained = us.stand_down_gain * (path.reply == Reply.STAND_DOWN)
        return -cost + gained - us.escalation_loss * (path.reply == Reply.ESCALATE)

    # -- the tree, move by move --

    def nature(self) -> Node:
        mu = self.state.mu
        types = ((RussianType.BLUFFING, 1 - mu), (RussianType.COMMITTED, mu))
        return chance_move("kappa", [(word(k), p, partial(self.nature_us, Path(kappa=k))) for k, p in types])

    def nature_us(self, path: Path) -> Node:
        gamma = self.state.gamma
        types = ((UsType.RELUCTANT, 1 - gamma), (UsType.STEADFAST, gamma))
        return chance_move("tau", [(word(t), p, partial(self.russia, replace(path, tau=t))) for t, p in types])

    def russia(self, path: Path) -> Node:
        actions, spot = self.options_russia(), self.scenario.places[self.place]
        strike = spot.length_km / 100 if self.kind == PlaceKind.LINE else 1.0
        weights = tuple(strike if action == Action.STRIKE else 1.0 for action in actions)
        infoset = InformationSet("russia", "Russia", (path.kappa,), actions, weights)
        return choice_move(infoset, [self.ukraine(replace(path, a=a)) for a in infoset.actions])

    def ukraine(self, path: Path) -> Node:
        infoset = InformationSet("ukraine", "Ukraine", (), self.options_ukraine())
        return choice_move(infoset, [self.deaths(replace(path, b=b)) for b in infoset.actions])

    def deaths(self, path: Path) -> Node:
        p = self.chance_fatality(path)
        draws = ((0, 1 - p), (1, p))
        return chance_move("K", [(f"K{K}", q, partial(self.signal, replace(path, K=K))) for K, q in draws])

    def signal(self, path: Path) -> Node:
        law = self.chance_signal(path)
        draws = [(word(s), q, partial(self.contingent, replace(path, sigma=s))) for s, q in law.items()]
        return chance_move("sigma", draws)

    def contingent(self, path: Path) -> Node:
        if self.troops == 0 or (path.sigma == Signal.QUIET and path.K == 0):
            return self.leaf(path)
        infoset = InformationSet("response", self.players[2], (path.sigma, path.K), self.options_response(path))
        return choice_move(infoset, [self.washington(replace(path, response=r)) for r in infoset.actions])

    def washington(self, path: Path) -> Node:
        if not self.invoked(path):
            return self.reply(path)
        knows = (path.tau, path.sigma, path.K, path.response)
        infoset = InformationSet("decision", "United States", knows, tuple(Decision))
        return choice_move(infoset, [self.reply(replace(path, decision=d)) for d in Decision])

    def reply(self, path: Path) -> Node:
        if not (path.f or path.h):
            return self.leaf(path)
        knows = (path.kappa, path.a, path.sigma, path.K, path.response, path.decision)
        infoset = InformationSet("reply", "Russia", knows, tuple(Reply))
        return choice_move(infoset, [self.leaf(replace(path, reply=x)) for x in Reply])

    def leaf(self, path: Path) -> Leaf:
        payoffs = [self.payoff_russia(path), self.payoff_ukraine(path)]
        if self.troops > 0:
            payoffs += [self.payoff_contingent(path), self.payoff_us(path)]
        steps = (path.kappa, path.tau, path.a, path.b, path.K, path.sigma, path.response, path.decision, path.reply)
        return Leaf(" ".join(word(step) for step in steps if step is not None), tuple(payoffs))
