"""The longer run: how both sides' strength grows, and what a return to war is worth and likely to be.

Declared like everything in `declaration`, whose conventions hold. `CLASSES` says how often wars of a class came back.
"""

from typing import NamedTuple

from fragile_peace.codes import ReferenceClass, WarModule
from fragile_peace.declared.blocks import (
    PAYOFF,
    SHARE,
    WEEKS,
    Block,
    ReferenceClassName,
    WarModuleName,
    choice,
    real,
    whole,
)


class Lomax(NamedTuple):
    """The law 1 - (1 + t/scale)^-shape of the years t until a war comes back (E9.18).

    `shares` is the record, the share that came back within so many years; in root mean square the law is as close to it
    as the least-squares one, within .005.
    """

    shape: float
    scale: float
    shares: dict[int, float]
    source: str

    def came_back(self, years: float) -> float:
        """The share that comes back within so many years (E9.18)."""
        chance: float = 1.0 - (1.0 + years / self.scale) ** -self.shape
        return chance


CLASSES = {
    ReferenceClass.INTERSTATE: Lomax(2.2, 76.0, {1: 0.0, 2: 0.05, 5: 0.11, 10: 0.27, 20: 0.39}, "refight_cow"),
    ReferenceClass.IMPOSED_LINE: Lomax(0.233, 1.02, {1: 0.17, 2: 0.23, 5: 0.29, 10: 0.46}, "refight_gml_war"),
    ReferenceClass.CIVIL: Lomax(0.43, 0.25, {1: 0.5, 10: 0.8}, "civil_fail80"),
}
"""After wars between states: a new war (COW). After a dyad's war: new fatal fighting, whoever calls it war (GML). After
agreements in civil wars: four fifths fail, no record says by when; that half do within a year is an assumption."""


class Readiness(Block):
    """Ukraine's strength, in units of both sides' together at the start."""

    initial: float = real(0.4, 0.01, 0.99, SHARE, "B0", "at the start: its share of the balance", at_start=True)
    growth: float = real(0.006, 0, 1, "1/week", "g_B", "logistic growth")
    funding: float = real(1, 0, 5, "1", "funding", "funding of regeneration (1: as pledged)")
    europe_share: float = real(0.5, 0, 1, SHARE, "rho_E", "share of it that depends on the contingents staying")
    reference: float = real(0.7, 0.01, 1, SHARE, "B_ref", "ceiling at 800,000 troops and today's technology")
    cap: float = real(800_000, 50_000, 2_000_000, "troops", "cap", "cap on the Ukrainian army", "plan20_cap")
    cap_elasticity: float = real(0.5, 0, 2, "1", "eta_m", "how the ceiling follows the cap")
    technology: float = real(1, 0.1, 10, "1", "technology", "technology relative to today")
    technology_elasticity: float = real(0.5, 0, 2, "1", "eta_tech", "how the ceiling follows technology")


class Reconstitution(Block):
    """Russia's strength, in the same units; at the start it is the rest of the balance."""

    growth: float = real(0.006, 0, 1, "1/week", "g_R", "logistic growth (0: a Russia that does not rebuild)")
    ceiling: float = real(1, 0.01, 10, "1", "V_max", "ceiling: both sides' strength today")


class War(Block):
    """Russia's review of the ceasefire. No record of this war informs its payoffs: wide priors and other wars do."""

    module: WarModuleName = choice(WarModule.DYNAMIC_LOGIT, "war_module", "what decides whether the war comes back")
    reference: ReferenceClassName = choice(
        ReferenceClass.INTERSTATE, "reference", "ceasefires that this one is likened to (module reference_class)"
    )
    presence_ratio: float = real(
        0.4, 0.01, 10, "1", "hr_presence", "hazard ratio of full cover by a force (same module)", "fortna_pk_civil"
    )
    guarantee_ratio: float = real(0.6, 0.01, 10, "1", "hr_guarantee", "of a guarantor sure to fight (same module)")
    review_weeks: int = whole(4, 1, 52, WEEKS, "war_weeks", "time between reviews")
    foresight_weeks: int = whole(260, 1, 1040, WEEKS, "foresight_weeks", "how far strength and deployment are foreseen")
    precision: float = real(1.5, 0, 10, "1/payoff", "lam_T", "precision of the review")
    discount: float = real(0.855, 0.01, 0.999, "1/year", "delta_year", "yearly discount factor, both sides")
    balance_slope: float = real(8, 0, 50, "1", "s_pi", "how sharply the balance decides a war, both sides")
    balance_half: float = real(0.5, 0, 2, SHARE, "b_half", "readiness at which Russia wins half the time")
    force_weight: float = real(
        0.004, 0, 1, "1/1000 troops", "alpha_F", "what the force adds to the local balance", "reiterpoast"
    )
    prize: float = real(12, 0, 50, PAYOFF, "prize_w", "value of winning")
    committed_bonus: float = real(
        0.5, -10, 10, PAYOFF, "zeta", "a committed Russia's further value of war; no record informs it"
    )
    cost: float = real(6, 0, 50, PAYOFF, "cost_w", "cost of war")
    coalition_cost: float = real(1.5, 0, 50, PAYOFF, "c_E", "further cost if the coalition fights")
    us_cost: float = real(4, 0, 50, PAYOFF, "c_A", "further cost if the United States fight")
    dividend: float = real(0.0125, -1, 1, "payoff/week", "dividend", "value of the ceasefire")
    grievance: float = real(0.003, 0, 1, "payoff/(tension week)", "grievance", "cost of tension on the line")
    tension_baseline: float = real(0.6, 0, 10, "tension", "xbar_inf", "tension expected in the long run")


class WarUkraine(Block):
    """Ukraine's own review, after Russia's. Prior-driven."""

    precision: float = real(1.5, 0, 10, "1/payoff", "lam_T_U", "precision of the review")
    prize: float = real(6, 0, 50, PAYOFF, "prize_U", "value of winning back territory")
    cost: float = real(5, 0, 50, PAYOFF, "cost_U", "cost of war")
    balance_half: float = real(0.7, 0, 2, SHARE, "b_half_U", "readiness at which Ukraine wins half the time")
    guarantee: float = real(2, 0, 50, PAYOFF, "guarantee_U", "value of the guarantee lost by attacking", "plan28_cap")
    peace: float = real(0.005, -1, 1, "payoff/week", "peace_U", "value of the ceasefire")
    revanche: float = real(0.003, 0, 1, "payoff/(tension week)", "revanche", "cost of tension on the line")


class WarResponse(Block):
    """Who fights if Russia ends the ceasefire, and how an escalation spreads. Prior-driven."""

    force_scale: float = real(
        15, 0.01, 1000, "1000 troops", "F0", "troops at which the tripwire counts 1 - 1/e", "reiterpoast"
    )
    coalition_precision: float = real(2, 0, 10, "1/payoff", "lam_E", "precision of the coalition's choice")
    coalition_roe: float = real(0.5, -10, 10, PAYOFF, "u_roe", "value of a step of the rules of engagement")
    coalition_mandate: float = real(0.5, -10, 10, PAYOFF, "u_M", "value of a mandate that allows force")
    coalition_cost: float = real(1.5, 0, 20, PAYOFF, "cost_war_E", "the coalition's cost of war")
    us_precision: float = real(2, 0, 10, "1/payoff", "lam_US", "precision of Washington's choice")
    us_reputation: float = real(3, 0, 20, PAYOFF, "rep_w", "Washington's reputation at stake")
    us_floor: float = real(0.3, 0, 1, SHARE, "t0", "share of it at stake without any force in place", "musward2018")
    us_cost_reluctant: float = real(3.5, 0, 20, PAYOFF, "cost_w_reluctant", "a reluctant Washington's cost of war")
    us_cost_steadfast: float = real(1.8, 0, 20, PAYOFF, "cost_w_steadfast", "a steadfast Washington's cost of war")
    spiral_us: float = real(
        0.5, 0, 1, "probability", "spiral_us", "an escalated reply widens if Washington honoured; no data"
    )
    spiral_coalition: float = real(0.1, 0, 1, "probability", "spiral_coalition", "the same if it did not; no data")
