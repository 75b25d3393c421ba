"""Stay or leave, abide or resume; strength and deployment (docs/model.md, sections 7 to 9)."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import lomax

from fragile_peace.codes import Selection, WarModule
from fragile_peace.declared.scenario import Scenario
from fragile_peace.declared.war import CLASSES

WEEKS_A_YEAR = 52
FULL = 1 - 1e-9  # 26 additions of 1/26 fall short of 1 by rounding


def next_ramp(world: Scenario, ramp: float, week: int) -> float:
    """Share of the force that has arrived once a week's deployment is done (E7.11, E7.16)."""
    if week < world.force.start_week:
        return ramp
    if world.force.deploy_weeks == 0:
        return 1.0
    day: date = world.start_date + timedelta(weeks=week)
    pace = 1 - world.force.winter_slowdown if day.month in (12, 1, 2) else 1.0
    ramp += pace / world.force.deploy_weeks
    return 1.0 if ramp >= FULL else ramp


def next_strength(world: Scenario, strength: tuple[float, float], stay_share: float) -> tuple[float, float]:
    """Ukraine's and Russia's strength after a week (E7.8, E7.9, E7.19)."""
    r = world.readiness
    ceiling = min(1.0, r.reference * (r.cap / 800_000) ** r.cap_elasticity * r.technology**r.technology_elasticity)
    pace = r.growth * r.funding * (1 - r.europe_share + r.europe_share * stay_share)
    paces, ceilings = (pace, world.reconstitution.growth), (ceiling, world.reconstitution.ceiling)
    moved = []
    for s, rate, most in zip(strength, paces, ceilings, strict=True):
        after = s + rate * s * (1 - s / most)
        moved.append(min(after, most) if s <= most else max(after, most))
    return moved[0], moved[1]


def stay_chances(world: Scenario, contingents: Sequence[Any], expected_deaths: Sequence[float]) -> np.ndarray:
    """Each contingent's chance of joining or staying, by iteration from everybody or from nobody (E8.2 to E8.7).

    Parameters
    ----------
    contingents : the whole original force, with `troops`, `inside`, `support`, `aversion`, `reputation`
    expected_deaths : of each over the time between renewals
    """
    c = world.commitment
    troops = np.array([contingent.troops for contingent in contingents])
    inside = np.array([contingent.inside for contingent in contingents])
    fixed = np.array([
        (c.legitimacy_un if world.mandate.un else c.legitimacy) + c.politics * (contingent.support - 0.5)
        + contingent.reputation - contingent.aversion * deaths - c.upkeep
        for contingent, deaths in zip(contingents, expected_deaths, strict=True)
    ])  # fmt: skip
    others = troops.sum() - troops
    p = inside.astype(float) if c.selection == Selection.GREATEST else np.zeros(len(inside))
    for _ in range(100_000):
        company = np.divide(troops @ p - troops * p, others, out=np.zeros_like(p), where=others > 0)
        new: np.ndarray = inside * expit(world.precision.commitment * (c.solidarity * company + fixed))
        if abs(new - p).max() <= 1e-14:
            return new
        p = new
    raise RuntimeError("commitment game not solved")


class Review:
    """A review of the ceasefire: the world that both sides foresee, and what they do about it (E9.1)."""

    def __init__(
        self, world: Scenario, week: int, strength: tuple[float, float], ramp: float, tension: float, inside: float,
        stay_share: float, gamma: float, void_left: int,
    ) -> None:  # fmt: skip
        """Foresee the path, and who would fight a war at each review (E9.1, E9.2, E9.3, E9.4, E9.5, E9.6).

        `inside` is the thousands of troops still in, `void_left` the weeks for which the guarantee stays void.
        """
        self.world, self.every, self.week = world, world.war.review_weeks, week
        self.weight = self.every / 4
        count = world.war.foresight_weeks // self.every + 1
        self.readiness, self.troops, self.tension = np.zeros(count), np.zeros(count), np.zeros(count)
        gap = tension - world.war.tension_baseline
        for j in range(count):
            self.readiness[j], self.troops[j] = strength[0] / sum(strength), inside * ramp
            self.tension[j] = world.war.tension_baseline + gap * world.tension.persistence ** (j * self.every)
            for _ in range(self.every):
                week += 1
                ramp = next_ramp(world, ramp, week) if ramp < 1 else ramp
                strength = next_strength(world, strength, stay_share)
        void = np.arange(count) * self.every < void_left
        r = world.war_response
        self.cover = cover = 1 - np.exp(-self.troops / r.force_scale)
        mandate = world.mandate.allows_force
        value = r.coalition_roe * int(world.mandate.roe) + r.coalition_mandate * mandate - r.coalition_cost
        self.p_coalition = cover * expit(r.coalition_precision * value)
        stake = r.us_reputation * world.guarantee.level * (r.us_floor + (1 - r.us_floor) * cover)
        costs = (r.us_cost_reluctant, r.us_cost_steadfast)
        self.p_us = [np.where(void, 0.0, expit(r.us_precision * (stake - cost))) for cost in costs]
        self.p_us_expected = gamma * self.p_us[1] + (1 - gamma) * self.p_us[0]

    def class_chance(self) -> float:
        """P(the war comes back), by its reference class (E9.18, E9.19)."""
        w, law = self.world.war, CLASSES[self.world.war.reference]
        years = np.array([self.week + 1 - self.every, self.week + 1]) / WEEKS_A_YEAR
        came_back = lomax(law.shape, scale=law.scale)
        hazard = -np.diff(came_back.logsf(years))[0]
        hazard *= w.presence_ratio ** self.cover[0] * w.guarantee_ratio ** self.p_us_expected[0]
        return float(-np.expm1(-hazard))

    def russia(self, kappa: int) -> float:
        """P(Russia of this type resumes the war) (E9.7, E9.8)."""
        w = self.world.war
        if w.module == WarModule.REFERENCE_CLASS:
            return self.class_chance()
        wins = expit(w.balance_slope * (w.balance_half - self.readiness - w.force_weight * self.troops))
        war = wins * w.prize + w.committed_bonus * kappa - w.cost
        war -= self.p_coalition * w.coalition_cost + self.p_us_expected * w.us_cost
        peace = (w.dividend - w.grievance * self.tension) * self.every
        return self._resumes(war, peace, w.precision)

    def ukraine(self) -> float:
        """P(Ukraine resumes the war) (E9.9, E9.10); a reference class lays every war to Russia (E9.19)."""
        if self.world.war.module == WarModule.REFERENCE_CLASS:
            return 0.0
        u, slope = self.world.war_ukraine, self.world.war.balance_slope
        wins = expit(slope * (self.readiness - u.balance_half))
        war = wins * u.prize - u.cost - u.guarantee * self.world.guarantee.level * self.p_us_expected
        peace = (u.peace - u.revanche * self.tension) * self.every
        return self._resumes(war, peace, u.precision)

    def _resumes(self, war: np.ndarray, peace: np.ndarray, precision: float) -> float:
        """The dynamic logit, backward from a stationary end; values in units of 1/precision (E9.11, E9.12, E9.13)."""
        discount = self.world.war.discount ** (self.every / WEEKS_A_YEAR)
        resume, wait = precision * war + math.log(self.weight), precision * peace
        low = max(resume[-1], wait[-1] / (1 - discount))  # the root lies at most log(2)/(1 - discount) above
        high = low + 1 + math.log(2) / (1 - discount)
        value = brentq(lambda v: v - np.logaddexp(resume[-1], wait[-1] + discount * v), low - 1, high, xtol=1e-13)
        for j in range(len(war) - 2, -1, -1):
            abide = wait[j] + discount * value
            value = np.logaddexp(resume[j], abide)
        if len(war) == 1:  # nothing is foreseen: the world stands still
            abide = wait[0] + discount * value
        return float(expit(resume[0] - abide))
