"""What the calibration is held to, and what it may move: three tables, declared before any fit.

* TARGETS: outputs that are scored. Each says what was observed, in whose units and how it was converted, how far the
  observation may be off (`observation`), how far the model may be off for reasons of its own (`discrepancy`), and which
  parameters it informs. Both deviations are standard deviations on the scale of the target: log(value + `offset`) where
  `log`, else the unit itself. A target is *hit* where the model's median lies within two combined deviations of the
  observation. Targets with the same `score` are one scored output, hit only if all of them are. `history` says that the
  observation is one history, so that the fit counts the scatter of histories as well; a rate over many is not. Where
  `sampled`, the error of the observation *is* that scatter, and the fit counts the simulated one in its place.
* BLOCKS: the weekly series of the truce of July 2020 (`series`), in blocks of four weeks, as the fit reads it. It is
  scored by the continuous ranked probability score of its weeks (`check`).
* FREE: the parameters that move, with their priors. Those of one `event` are properties of it alone (the truce of July
  2020, the Line of Control) and are not handed on to sweeps.
* INPUTS: what was set from evidence and is never scored.

Where `use` is "fitted" a target is part of the fit. "same record" means that the fit reads the record by its weeks.
"held out" was named here before the first fit and is only reported, as are the held-out weeks of the series.
"""

import math
from dataclasses import dataclass

from fragile_peace_lab.calibration.blocks import of_record
from fragile_peace_lab.calibration.free import LOC, LOC_2003, LOC_2021, TRUCE
from fragile_peace_lab.design.posterior import START as RESTRAINT
from fragile_peace_lab.design.posterior import WEAK

KM = 420
"""Length of the Donbas line [smm_line_km]."""
DATED = 766 / 984
"""Fatal events dated to one day [ged_disp] among all of 2016-21 [ged_year]; the model counts all."""
WEEKS_BEFORE, WEEKS_AFTER = 238, 75
"""1 January 2016 to 26 July 2020, and 27 July 2020 to the end of 2021: the pooled series of fatal events."""
YEAR = 52
WEAK_WEEKS = 20
"""So long a weak truce is watched."""
HOLD = 0.5
"""A truce holds until a week has this share of the violations before it."""
LOC_KM = 961
"""Length of the Line of Control and the border south of it [loc_2002]."""
LOC_2002, LOC_COUNTS = 8376, (0, 0, 0, 21, 77, 28, 44, 62, 114, 347)
"""Violations counted there in 2002 [loc_2002], and by year from 2004 to 2013 [loc_2003_truce]."""
LOC_WEEKS, RENEWED_WEEKS = 520, 96
"""Ten years from November 2003 [loc_2003_truce]; March 2021 to December 2022 [loc_2021_truce]."""
EPISODE = 10
"""Violations, as monitors count them, in an episode as counted on the Line of Control: by deaths for each, 13.9 against
about 1 per 1,000 [loc_2002]. An assumption within a factor of 1.6; shares of the old level do not depend on it."""
FEW = 0.001
"""Added to shares of the old level before logarithms are taken: 8 episodes a year."""
MISSION_STARTS = (WEAK, 0.75, 0.95, 0.99)
"""Restraint at the start of the mission's truce: a weak one, one like that of 2020, two like those of Kashmir."""
ONE = 1 / YEAR
"""One event a year, added to events a week before logarithms are taken."""


FITTED, SAME_RECORD, HELD_OUT = "fitted", "same record", "held out"


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
    offset: float = 0.0
    history: bool = True
    sampled: bool = False
    use: str = FITTED

    @property
    def deviation(self) -> float:
        """Observation error and model discrepancy together."""
        return math.hypot(self.observation, self.discrepancy)

    @property
    def error(self) -> float:
        """What the fit adds to the scatter of histories: as `deviation`, but nothing twice."""
        return self.discrepancy if self.history and self.sampled else self.deviation

    @property
    def place(self) -> float:
        """The observation on the scale of the deviations."""
        return math.log(self.observed + self.offset) if self.log else self.observed

    def unit_value(self, place: float) -> float:
        """Return a value on the scale of the deviations in the unit."""
        return math.exp(place) - self.offset if self.log else place

    @property
    def tolerance(self) -> tuple[float, float]:
        """The range that counts as a hit, in the unit."""
        low, high = self.place - 2 * self.deviation, self.place + 2 * self.deviation
        return self.unit_value(low), self.unit_value(high)


@dataclass(frozen=True)
class Input:
    """Something set from evidence and not scored."""

    what: str
    value: str
    sources: tuple[str, ...]


GAINS = ("russia.raid_gain", "ukraine.raid_gain", "contact.tension_gain", "tension.persistence")
TRUCE_2020 = (f"{TRUCE}:{RESTRAINT}",)
START_2003, START_2021 = f"{LOC_2003}:{RESTRAINT}", f"{LOC_2021}:{RESTRAINT}"
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
        (*TRUCE_2020, *EROSION), offset=FEW, use=SAME_RECORD,
    ),
    Target(
        "truce_level_2020", "truce_level_2020", "Recorded violations a day in the truce's first four months", "1/day",
        20, 0.15, 0.20, True, ("smm_cfv_cum_post", "smm_rebound_curve"),
        "2,492 recorded by the end of November 2020 / 126 days, on the whole line of 420 km; weeks 0-17",
        (*TRUCE_2020, *EROSION, "counts.raid"), offset=1.0, use=SAME_RECORD,
    ),
    Target(
        "erosion_2021", "erosion_2021", "Violations after eight to ten months, share of those before the truce",
        "share", 269 / 623, 0.10, 0.15, True, ("smm_rebound_curve", "smm_cfv_day_pre2020"),
        "about 269 a day from 21 March to 6 June 2021 / 623 a day before; weeks 34-44",
        (*TRUCE_2020, *EROSION, "tension.persistence"), offset=FEW, use=SAME_RECORD,
    ),
    Target(
        "deaths_per_1000", "deaths_per_1000", "Deaths per 1,000 recorded violations, 2019", "deaths per 1,000", 1.04,
        0.10, 0.08, True, ("deaths_per_1000cfv", "ged_year", "smm_cfv_2019"),
        "311 deaths of all sides (UCDP best) / 299.633 thousand recorded violations of the same year",
        ("counts.deaths_per_1000",), offset=0.01, sampled=True,
    ),
    Target(
        "fatal_events_2019", "fatal_events_2019", "Fatal events a week on the line, 2019", "1/week", 199 / 52.14, 0.095,
        0.05, True, ("ged_year",), "199 events in the year, of all kinds of dating / 52.14 weeks",
        ("counts.deaths_per_1000", "counts.raid", *GAINS), offset=ONE, sampled=True,
    ),
    Target(
        "pooled_events", "pooled_events", "Fatal events a week, 2016-21", "1/week", 2.44, 0.05, 0.10, True,
        ("ged_disp", "ged_year"),
        "766 events dated to one day / 313 weeks; the model's events are thinned by 766/984; 238 weeks as in 2019, "
        "then 75 of the truce",
        ("counts.deaths_per_1000", *TRUCE_2020), offset=ONE, sampled=True,
    ),
    Target(
        "pooled_ratio", "pooled_events", "The same: variance over mean", "1", 1.82, 0.18, 0.15, False, ("ged_disp",),
        "of the thinned weekly counts, over the 313 weeks", ("counts.dispersion", *EROSION, *TRUCE_2020),
        sampled=True,
    ),
    Target(
        "pooled_memory", "pooled_events", "The same: correlation with the week before", "1", 0.12, 0.06, 0.04, False,
        ("ged_disp",), "of the thinned weekly counts, over the 313 weeks",
        ("counts.dispersion", "tension.persistence", "truce.recommitments_per_year"), sampled=True,
    ),
    Target(
        "weak_truce_days", "weak_truce_days", "Days that a weak truce holds", "days", 14, 0.25, 0.25, True,
        ("smm_truce_mean",),
        f"mean of 2015-18; here 7 x weeks before the first with at least {HOLD:.0%} of the violations before, from a "
        f"restraint of {WEAK:.3g}",
        EROSION, offset=3.5, use=HELD_OUT,
    ),
    Target(
        "hostile_deaths", "hostile_deaths", "Hostile deaths per 1,000 peacekeeper-years in un_observers",
        "deaths per 1,000 years", 0.15, 0.72, 0.43, True, ("un_rate_line",),
        "median of all missions of over 20,000 troop-years; missions on a line from 0 to 0.79, which the error spans; "
        f"deaths of troops / troop-years in place, a fourth of the runs each from a restraint of "
        f"{', '.join(format(start, '.2g') for start in MISSION_STARTS)}",
        ("fatality.raid_russia", "russia.strike_value"), history=False,
    ),
    Target(
        "large_events", "large_events", "Share of those deaths in events of five and more", "share", 0.30, 0.06, 0.08,
        False, ("un_event_size_all", "un_event_size_line", "un_event_share5_hostile"),
        "all missions of the United Nations; 0.03 on lines between two sides, 0.30 to 0.57 where the mission was the "
        "target; the sizes of single events are set from the same file, and what shares them out is who is aimed at",
        ("fatality.raid_russia", "russia.strike_value"), history=False, use=HELD_OUT,
    ),
    Target(
        "loc_level", "kashmir_2003", "Violations per km and day on the Line of Control, 2002", "1/(km day)",
        LOC_2002 * EPISODE / 365 / LOC_KM, 0.50, 0.15, True, ("loc_2002",),
        f"8,376 episodes x {EPISODE} / 365 days / {LOC_KM} km; the second year of a line without truce",
        (f"{LOC}:russia.raid_gain",), offset=0.01,
    ),
    Target(
        "loc_calm", "kashmir_2003", "The same in 2004-06, after the truce, share of 2002", "share", 0.0, 0.5, 0.7, True,
        ("loc_2003_truce",), "none in three years; weeks 6-161 of the truce; errors of what is added to the share",
        (START_2003, *EROSION), offset=FEW,
    ),
    Target(
        "loc_eroding", "kashmir_2003", "The same in 2007-10", "share", sum(LOC_COUNTS[3:7]) / 4 / LOC_2002,
        0.2, 0.7, True,
        ("loc_2003_truce",), "170 episodes in four years / 8,376 in 2002; weeks 162-370 of the truce",
        (START_2003, *EROSION), offset=FEW,
    ),
    Target(
        "loc_eroded", "kashmir_2003", "The same in 2011-13", "share", sum(LOC_COUNTS[7:]) / 3 / LOC_2002,
        0.2, 0.5, True,
        ("loc_2003_truce",), "523 episodes in three years / 8,376 in 2002; weeks 371-519 of the truce",
        (START_2003, *EROSION), offset=FEW,
    ),
    Target(
        "loc_2021", "kashmir_2021", "Violations after the renewal of February 2021, share of 2020", "share",
        9 / 22 / (5133 / 12), 0.3, 0.5, True, ("loc_2021_truce", "loc_2017_20"),
        "9 episodes in the 22 months from March 2021 / 428 a month in 2020; weeks 0-95",
        (START_2021, *EROSION), offset=FEW,
    ),
)  # fmt: skip

SERIES = "weekly_series"
_LEVEL = 7.0  # added to a week before logarithms are taken: one violation a day
BLOCKS: tuple[Target, ...] = tuple(
    Target(
        f"series_{first:02d}", SERIES, f"Violations a week, weeks {first} to {last} of the truce of 2020", "1/week",
        float(level), 0.10, 0.25, True, ("smm_daily",),
        "daily reports of the SMM: violations of the days known, less printed exercises, in the weeks not held out",
        (*TRUCE_2020, *EROSION, "counts.raid", "tension.persistence"), offset=_LEVEL,
    )
    for first, last, level in of_record()
)  # fmt: skip
OUTPUTS: tuple[Target, ...] = (*TARGETS, *BLOCKS)
"""Everything that is simulated and emulated, in this order."""


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

SCORES: tuple[str, ...] = (*dict.fromkeys(target.score for target in TARGETS), SERIES)
