"""The reference model's theatre: a step is a week (docs/model.md, section 3)."""

from datetime import timedelta
from math import log
from typing import Any

import mesa

from fragile_peace.codes import EndCause, Rung, Stream, ThreatChoice
from fragile_peace.declared.scenario import Scenario
from fragile_peace.kernels.chance import samplers
from fragile_peace.reference import threat, war
from fragile_peace.reference.agents import BEFORE, HIGHEST, LOWEST, Actor, Contingent, Place, Secret, pick
from fragile_peace.reference.incident import RAID, RUSSIA, TYPES, UKRAINE


class PlainModel(mesa.Model):
    """A policed ceasefire, one run of it, from its state before week 0 (E3.16)."""

    running: bool

    def __init__(
        self, scenario: Scenario | str, key: int = 0, run: int = 0, weeks: int | None = None,
        tolerance: float = 1e-10, rng: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(rng=rng)  # Mesa's batch runner hands it over from 3.5 on; draws go by (key, run) alone
        world = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
        self.regimes, self.world, self.tolerance = list(world.regimes), world, tolerance
        self.key, self.run, self.week = key, run, BEFORE
        self.horizon = world.weeks if weeks is None else weeks
        self.nobody = Actor(self)
        self.russia = Secret(self, world.threat, Stream.TYPE_RUSSIA, Stream.REDRAW_RUSSIA)
        if world.threat.choice == ThreatChoice.SIGNAL:
            self.threaten()
        self.washington = Secret(self, world.guarantee, Stream.TYPE_US, Stream.REDRAW_US)
        self.contingents = [Contingent(self, n, nation) for n, nation in enumerate(world.contingents)]
        self.stay: dict[Contingent, float] = {}
        self.places = [Place(self, s, place) for s, place in enumerate(world.places)]
        self.strength, self.ramp = (world.readiness.initial, 1 - world.readiness.initial), 0.0
        self.void = self.sustained = False
        self.last_void: int | None = None
        self.last_attributed: int | None = None
        self.end_cause, self.rung, self.highest = EndCause.HORIZON, Rung.CALM, Rung.CALM
        self.games = self.recorded = self.violations = self.local_deaths = self.european_deaths = self.disputed = 0
        self.deliberate_deaths, self.planned_troop_years = 0, 0.0
        self.nations_week_52: int | None = None
        names = (
            "rung", "highest", "end_cause", "readiness", "games", "recorded", "violations", "local_deaths",
            "european_deaths", "disputed",
        )  # fmt: skip
        beliefs = {"mu": lambda m: m.russia.belief, "gamma": lambda m: m.washington.belief}
        tension = {"line_tension": lambda m: m.line_tension, "inside": lambda m: sum(c.inside for c in m.contingents)}
        self.datacollector = mesa.DataCollector({name: name for name in names} | beliefs | tension)
        self.join()

    def threaten(self) -> None:
        """Moscow, knowing its type, chooses its threat; everybody infers what it tells (E13.9)."""
        chances, beliefs = threat.solve(self.world, self.share_joining)
        level = pick(self.russia.uniform(Stream.THREAT), chances[self.russia.type])
        self.world = self.world.override({"threat.level": level})
        self.regimes = list(self.world.regimes)
        self.russia.belief = beliefs[level]

    def share_joining(self, level: float, belief: float) -> float:
        """Expected share of the force that joins at a threat and a belief (E13.5)."""
        start = {"threat.choice": "set", "threat.level": level, "threat.credibility": belief}
        there = PlainModel(self.world.override(start), tolerance=self.tolerance)
        force = sum(c.troops for c in there.contingents)
        return sum(c.troops * p for c, p in there.stay.items()) / force if force else 0.0

    def all(self, phase: str, *arguments: Any) -> None:
        """Play a phase in every place."""
        for place in self.places:
            getattr(place, phase)(*arguments)

    @property
    def line_tension(self) -> float:
        """Unweighted mean tension of the line places (E9.2)."""
        line = [place.tension for place in self.places if place.line]
        return sum(line) / len(line)

    @property
    def readiness(self) -> float:
        """Ukraine's share of the balance (E7.20)."""
        return self.strength[0] / sum(self.strength)

    @property
    def stay_share(self) -> float:
        """Share of the original force still in; 1 without a force (E7.10)."""
        total = sum(c.troops for c in self.contingents)
        return sum(c.troops for c in self.contingents if c.inside) / total if total else 1.0

    def join(self) -> None:
        """Before week 0: who joins, with the whole force foreseen in place (E3.17)."""
        self.day = self.world.start_date.timetuple().tm_yday
        if self.contingents:
            self.all("deploy", 1.0)
            self.all("solve")
            self.choose_to_stay(Stream.JOIN)
            self.all("forget")
        self.week = 0

    def choose_to_stay(self, stream: Stream) -> None:
        """The commitment game; those who do not stay are out for good (E8.5, E8.9)."""
        expected = dict.fromkeys(self.contingents, 0.0)
        for place in self.places:
            if place.troops > 0:
                deaths = place.weekly_deaths(self.russia.belief) * self.world.force.review_weeks
                for c, troops in place.garrison.items():
                    expected[c] += deaths * troops / place.troops
        chances = war.stay_chances(self.world, self.contingents, list(expected.values()))
        self.stay = dict(zip(self.contingents, chances, strict=True))
        for c, p in self.stay.items():
            if c.inside and c.happens(1 - p, stream):
                c.inside, c.left_week = False, self.week

    def step(self) -> None:
        """Play one week, under the parameters in force (E3.13, E3.14, E3.19)."""
        while len(self.regimes) > 1 and self.week >= self.regimes[1][0]:
            self.regimes.pop(0)
            self.world = self.regimes[0][1]
            for place, spot in zip(self.places, self.world.places, strict=True):
                place.place = spot
            for contingent, nation in zip(self.contingents, self.world.contingents, strict=True):
                contingent.nation = nation
        self.deploy()
        for phase in ("solve", "act", "observe", "respond", "aftermath"):
            self.all(phase)
        self.aftermath()
        self.learn()
        self.move_on()
        if self.running:
            self.commit()
            if (self.week + 1) % self.world.war.review_weeks == 0:
                self.review()
        self.week += 1
        self.running = self.running and self.week < self.horizon
        self.highest = max(self.highest, self.rung)
        self.datacollector.collect(self)

    def deploy(self) -> None:
        """Move the calendar and the ramp; is the guarantee void, are attacks sustained? (E3.1, E4.7, E4.8, E10.6)"""
        week, void_weeks = self.week, self.world.guarantee.void_weeks
        self.day = (self.world.start_date + timedelta(weeks=week)).timetuple().tm_yday
        self.ramp = war.next_ramp(self.world, self.ramp, week)
        self.void = void_weeks > 0 and self.last_void is not None and week - self.last_void <= void_weeks
        self.sustained = self.last_attributed is not None and week - self.last_attributed <= 4
        self.all("deploy", self.ramp)
        self.planned_troop_years += sum(c.troops for c in self.contingents) * self.ramp * 1000 / 52
        if week == 51:
            self.nations_week_52 = sum(c.inside for c in self.contingents)

    def aftermath(self) -> None:
        """What the week means for the theatre: its rung, the void rule, spirals (E3.8, E4.7, E4.8, E10.3)."""
        self.rung = max(place.rung for place in self.places)
        if any(place.K and place.signal == RUSSIA for place in self.places):
            self.last_attributed = self.week
        line = [place for place in self.places if place.line]
        blamed = sum(place.b == RAID and place.signal == UKRAINE for place in line)
        if blamed > 0 and blamed >= self.world.guarantee.void_share * len(line):
            self.last_void = self.week
        spirals = [place.spiral for place in self.places if place.spiral]
        if spirals:
            self.end(max(spirals), Rung.WAR_WITH_US if EndCause.SPIRAL_US in spirals else Rung.WAR_RUSSIA_COALITION)

    def end(self, cause: EndCause, rung: Rung) -> None:
        """End the run in a war (E10.4)."""
        self.end_cause, self.rung, self.running = cause, rung, False

    def learn(self) -> None:
        """The public learns from all the week's evidence at once (E3.9)."""
        evidence = [place.evidence() for place in self.places]
        self.russia.learn(sum(of_russia for of_russia, _ in evidence), self.world.threat)
        self.washington.learn(sum(of_washington for _, of_washington in evidence), self.world.guarantee)

    def move_on(self) -> None:
        """Tension, restraint, strength and support move on to the next week (E3.10, E7.1, E7.2, E7.6)."""
        t, truce = self.world.tension, self.world.truce
        renewed = samplers.poisson(truce.recommitments_per_year / 52, *self.nobody.address(Stream.RECOMMITMENT))
        line = [place for place in self.places if place.line]
        neighbours = {place: place.tension for place in self.places}
        for i, place in enumerate(line):
            beside = [line[j].tension for j in (i - 1, i + 1) if 0 <= j < len(line)]
            neighbours[place] = sum(beside) / len(beside) if beside else place.tension
        for place in self.places:
            if not place.hub:
                spread = (1 - t.diffusion) * place.tension + t.diffusion * neighbours[place]
                place.tension = t.persistence * spread + place.impulse()
            place.calm(renewed)
        self.strength = war.next_strength(self.world, self.strength, self.stay_share)
        self.bereaved = any(c.deaths for c in self.contingents)
        for contingent in self.contingents:
            contingent.opinion()

    def commit(self) -> None:
        """When it is due, those in stay or leave (E3.11, E8.1)."""
        due = (self.week + 1) % self.world.force.review_weeks == 0 or self.bereaved
        if due and any(c.inside for c in self.contingents):
            self.choose_to_stay(Stream.STAY)

    def review(self) -> None:
        """Russia's review of the ceasefire, then Ukraine's if Russia abided (E3.12, E6.6, E9.5, E9.16, E9.17)."""
        void_left = 0
        if self.world.guarantee.void_weeks > 0 and self.last_void is not None:
            void_left = self.last_void + self.world.guarantee.void_weeks - self.week + 1
        inside = sum(c.troops for c in self.contingents if c.inside)
        review = war.Review(
            self.world, self.week, self.strength, self.ramp, self.line_tension, inside, self.stay_share,
            self.washington.belief, void_left,
        )  # fmt: skip
        bluffing, committed = (review.russia(kappa) for kappa in TYPES)
        self.p_resume = bluffing, committed
        if self.nobody.happens(self.p_resume[self.russia.type], Stream.RESUME_RUSSIA):
            us = self.nobody.happens(review.p_us[self.washington.type][0], Stream.WAR_US)
            coalition = self.nobody.happens(review.p_coalition[0], Stream.WAR_COALITION)
            without_us = Rung.WAR_RUSSIA_COALITION if coalition else Rung.WAR_RUSSIA_UKRAINE
            self.end(EndCause.RESUMED_RUSSIA, Rung.WAR_WITH_US if us else without_us)
            return
        self.russia.update(log((1 - committed) / (1 - bluffing)))
        self.russia.belief = min(HIGHEST, max(LOWEST, self.russia.belief))
        self.p_resume_ukraine = review.ukraine()
        if self.nobody.happens(self.p_resume_ukraine, Stream.RESUME_UKRAINE):
            self.end(EndCause.RESUMED_UKRAINE, Rung.WAR_RUSSIA_UKRAINE)
