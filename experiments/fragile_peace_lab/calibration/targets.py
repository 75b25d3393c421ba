"""What the calibration is held to, and what it may move: three tables, declared before any fit.

* TARGETS: outputs that are scored. Each says what was observed, in whose units and how it was converted, how far the
  observation may be off (`observation`), how far the model may be off for reasons of its own (`discrepancy`), and which
  parameters it informs. Both deviations are standard deviations on the scale of the target: natural logarithms where
  `log`, else the unit itself. A target is *hit* where the model's median lies within two combined deviations of the
  observation. Targets with the same `score` are one scored output, hit only if all of them are.
* FREE: the parameters that move, with their priors. Those of one `scenario` are properties of that one event (the truce
  of July 2020) and are not handed on to sweeps.
* INPUTS: what was set from evidence and is never scored.

One scored output is held out of the fit: it was named here before the first fit and is only reported.
"""

import math
from dataclasses import dataclass

from fragile_peace_lab.design.factors import Prior

KM = 420
"""Length of the Donbas line [smm_line_km]."""
DATED = 766 / 984
"""Fatal events dated to one day [ged_disp] among all of 2016-21 [ged_year]; the model counts all."""
WEEKS_BEFORE, WEEKS_AFTER = 238, 75
"""1 January 2016 to 26 July 2020, and 27 July 2020 to the end of 2021: the pooled series of fatal events."""
YEAR = 52
WEAK_RESTRAINT, WEAK_WEEKS = 1 / 3, 20
"""A truce without more: the first week falls by about two thirds, as in August 2017 and 2018 [smm_school2017,
smm_school2018]; with a half, which orders to hold fire make nine tenths, it would not. Twenty weeks are watched."""
HOLD = 0.5
"""A truce holds until a week has this share of the violations before it."""


@dataclass(frozen=True)
class Target:
    """One observed quantity; the module says what the deviations mean."""

    name: str
    score: str
    title: str
    unit: str
    observed: float
    observation: float
    discrepancy: float
    log: bool
    sources: tuple[str, ...]
    conversion: str
    informs: tuple[str, ...]
    held_out: bool = False

    @property
    def deviation(self) -> float:
        """Observation error and model discrepancy together."""
        return math.hypot(self.observation, self.discrepancy)

    @property
    def place(self) -> float:
        """The observation on the scale of the deviations."""
        return math.log(self.observed) if self.log else self.observed

    @property
    def tolerance(self) -> tuple[float, float]:
        """The range that counts as a hit, in the unit."""
        low, high = self.place - 2 * self.deviation, self.place + 2 * self.deviation
        return (math.exp(low), math.exp(high)) if self.log else (low, high)


@dataclass(frozen=True)
class Free:
    """One parameter that the calibration moves."""

    parameter: str
    kind: str
    low: float
    high: float
    why: str
    scenario: str = ""

    @property
    def name(self) -> str:
        """The column of the posterior: `scenario:parameter` for a property of one event."""
        return f"{self.scenario}:{self.parameter}" if self.scenario else self.parameter

    @property
    def prior(self) -> Prior:
        """The distribution that the design draws from."""
        return Prior(self.kind, (self.low, self.high), False)


@dataclass(frozen=True)
class Input:
    """Something set from evidence and not scored."""

    what: str
    value: str
    sources: tuple[str, ...]


TRUCE = "donbas_truce_2020"
GAINS = ("russia.raid_gain", "ukraine.raid_gain", "contact.tension_gain", "tension.persistence")
TRUCE_2020 = (f"{TRUCE}:truce.restraint",)
EROSION = (
    "truce.discipline", "truce.erosion", "truce.reciprocity", "truce.residual", "truce.recommitments_per_year",
    "truce.recommitment_jump",
)  # fmt: skip

TARGETS: tuple[Target, ...] = (
    Target(
        "violations_2019", "violations_2019", "Recorded violations per km and day, 2019", "1/(km day)", 1.95, 0.05,
        0.08, True, ("smm_cfv_2019", "smm_line_km", "smm_cfv_km_2019"),
        "299,633 recorded in the year / 365 days / 420 km; compared with recorded, not true, violations",
        (*GAINS, "counts.raid"),
    ),
    Target(
        "drop_2020", "drop_2020", "Violations to the end of 2020, share of those before the truce of July", "share",
        33 / 623, 0.15, 0.20, True, ("smm_cfv_day_pre2020", "smm_cfv_day_post2020"),
        "33 a day from 27 July to 31 December 2020 / 623 a day before; weeks 0-22 over a year without truce",
        (*TRUCE_2020, *EROSION),
    ),
    Target(
        "truce_level_2020", "truce_level_2020", "Recorded violations a day in the truce's first four months", "1/day",
        20, 0.15, 0.20, True, ("smm_cfv_cum_post", "smm_rebound_curve"),
        "2,492 recorded by the end of November 2020 / 126 days, on the whole line of 420 km; weeks 0-17",
        (*TRUCE_2020, *EROSION, "counts.raid"),
    ),
    Target(
        "erosion_2021", "erosion_2021", "Violations after eight to ten months, share of those before the truce",
        "share", 269 / 623, 0.10, 0.15, True, ("smm_rebound_curve", "smm_cfv_day_pre2020"),
        "about 269 a day from 21 March to 6 June 2021 / 623 a day before; weeks 34-44",
        (*TRUCE_2020, *EROSION, "tension.persistence"),
    ),
    Target(
        "deaths_per_1000", "deaths_per_1000", "Deaths per 1,000 recorded violations, 2019", "deaths per 1,000", 1.04,
        0.10, 0.08, True, ("deaths_per_1000cfv", "ged_year", "smm_cfv_2019"),
        "311 deaths of all sides (UCDP best) / 299.633 thousand recorded violations of the same year",
        ("counts.deaths_per_1000",),
    ),
    Target(
        "fatal_events_2019", "fatal_events_2019", "Fatal events a week on the line, 2019", "1/week", 199 / 52.14, 0.095,
        0.05, True, ("ged_year",), "199 events in the year, of all kinds of dating / 52.14 weeks",
        ("counts.deaths_per_1000", "counts.raid", *GAINS),
    ),
    Target(
        "pooled_events", "pooled_events", "Fatal events a week, 2016-21", "1/week", 2.44, 0.05, 0.10, True,
        ("ged_disp", "ged_year"),
        "766 events dated to one day / 313 weeks; the model's events are thinned by 766/984; 238 weeks as in 2019, "
        "then 75 of the truce",
        ("counts.deaths_per_1000", *TRUCE_2020),
    ),
    Target(
        "pooled_ratio", "pooled_events", "The same: variance over mean", "1", 1.82, 0.18, 0.15, False, ("ged_disp",),
        "of the thinned weekly counts, over the 313 weeks", ("counts.dispersion", *EROSION, *TRUCE_2020),
    ),
    Target(
        "pooled_memory", "pooled_events", "The same: correlation with the week before", "1", 0.12, 0.06, 0.04, False,
        ("ged_disp",), "of the thinned weekly counts, over the 313 weeks",
        ("counts.dispersion", "tension.persistence", "truce.recommitments_per_year"),
    ),
    Target(
        "weak_truce_days", "weak_truce_days", "Days that a weak truce holds", "days", 14, 0.25, 0.25, True,
        ("smm_truce_mean",),
        f"mean of 2015-18; here 7 x weeks before the first with at least {HOLD:.0%} of the violations before, from a "
        f"restraint of {WEAK_RESTRAINT}",
        EROSION, held_out=True,
    ),
    Target(
        "hostile_deaths", "hostile_deaths", "Hostile deaths per 1,000 peacekeeper-years in un_observers",
        "deaths per 1,000 years", 0.15, 0.72, 0.43, True, ("un_rate_line",),
        "median of all missions of over 20,000 troop-years; missions on a line from 0 to 0.79, which the error spans; "
        "deaths of troops / troop-years in place",
        ("fatality.raid_russia", "russia.strike_value"),
    ),
)  # fmt: skip

FREE: tuple[Free, ...] = (
    Free("russia.raid_gain", "uniform", 0.6, 1.0, "a quarter either side of the value tuned by hand"),
    Free("ukraine.raid_gain", "uniform", 0.4, 0.7, "a quarter either side; no record says whose a violation was"),
    Free("contact.tension_gain", "uniform", 0.45, 0.80, "a quarter either side"),
    Free("tension.persistence", "uniform", 0.88, 0.935, "tension halves in five to ten weeks"),
    Free("counts.raid", "loguniform", 400, 950, "a factor of 1.5 either side"),
    Free("counts.dispersion", "uniform", 0.5, 2.0, "from wild to moderate weeks"),
    Free("counts.deaths_per_1000", "uniform", 0.5, 0.9, "recorded rates of 0.78 to 1.45, times the share seen"),
    Free("truce.discipline", "uniform", 1.4, 3.0, "with less hardly a truce holds for three years: pattern 13"),
    Free("truce.erosion", "uniform", 0.4, 1.0, "up to where a restraint without floor would turn negative"),
    Free("truce.reciprocity", "loguniform", 0.01, 0.1, "a quiet year raises the odds of restraint by 1.7 to 180"),
    Free("truce.residual", "uniform", 0.0, 0.1, "what is kept without a truce: little"),
    Free("truce.recommitments_per_year", "uniform", 1.0, 6.0, "twelve in three years were announced; smaller ones too"),
    Free("truce.recommitment_jump", "uniform", 0.05, 0.45, "of the lost discipline"),
    Free("fatality.raid_russia", "loguniform", 0.002, 0.1, "nothing but the deaths of missions informs it: wide"),
    Free("russia.strike_value", "uniform", 2.6, 3.5, "the range of the shipped sweeps"),
    Free("truce.restraint", "uniform", 0.6, 0.92, "how well the truce of 2020 was kept at first", TRUCE),
)

INPUTS: tuple[Input, ...] = (
    Input("size of the force and where it stands", "15,000, mostly in hubs", ("mnf_size", "mnf_place")),
    Input("response hours", "24 for the coalition, 72 for the United States", ("ft_ladder",)),
    Input("credibility of the guarantee", "0.22 to 0.75 over the literature; the default is 0.35",
          ("bf2018_post", "bf2018_all", "llm2000")),
    Input("caps on the Ukrainian army", "600,000 and 800,000", ("plan28_cap", "plan20_cap")),
    Input("hot-spot weights", "four of twelve places hold 76 percent", ("smm_hotspots_2020",)),
    Input("support for the deployment", "0.50 to 0.55", ("poll_2025", "poll_2026")),
    Input("a tripwire's effect on American support", "+3 points", ("musward2018",)),
    Input("monitors of the Donbas line", "500 on 420 km", ("smm_monitors", "smm_line_km")),
    Input("deaths per fatal event", "1.33", ("ged_deaths_event",)),
    Input("seasonal swing", "about 30 percent, lowest in November", ("ged_season",)),
    Input("precision of choice", "3, fixed: payoffs and precision cannot be told apart", ("qre_range", "qre_mp95")),
)  # fmt: skip

FITTED: tuple[Target, ...] = tuple(target for target in TARGETS if not target.held_out)
SCORES: tuple[str, ...] = tuple(dict.fromkeys(target.score for target in TARGETS))
HANDED_ON: tuple[str, ...] = tuple(free.name for free in FREE if not free.scenario)
"""The parameters that sweeps take from the posterior."""
