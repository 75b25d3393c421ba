"""What is reported about the runs of a sweep: the one list of outcomes, with where each comes from.

An outcome is a ratio of totals: the sum of `columns` less the sum of `minus`, over the sum of `over` (or, without it,
over runs), times `scale`. An indicator counts the runs in which that sum reaches `at_least`, or in which it is known
(`known`: the time of a first is null where it never came). `controls` names the events whose compensators sharpen the
estimate. `prior_driven` marks what rests on the war block, which no record of this war informs (`basis`).
"""

from dataclasses import dataclass

from fragile_peace.codes import Action, Event, Rung, options

PROBABILITY, SHARE, RATE, MEAN = "probability", "share", "rate", "mean"
FREQUENCIES, PROBABILITIES, LADDER = "frequencies", "probabilities", "ladder"
CONDITIONAL, MEANS = "conditional", "means"
GROUPS = (FREQUENCIES, PROBABILITIES, LADDER, CONDITIONAL, MEANS)
PER_KM = "per 100 km and week"


@dataclass(frozen=True)
class Outcome:
    """One thing that is reported; the module says how its parts combine."""

    name: str
    title: str
    unit: str
    kind: str
    group: str
    columns: tuple[str, ...]
    over: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    scale: float = 1.0
    at_least: int | None = None
    known: bool = False
    controls: tuple[str, ...] = ()
    additive: bool = False  # the event is the sum of the controls' events, which exclude each other
    prior_driven: bool = False
    headline: bool = False
    signed: bool = False  # may be negative

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of a part that it reads."""
        pairs = [f"{kind}_{event}" for event in self.controls for kind in ("happened", "compensator")]
        return (*self.columns, *self.minus, *self.over, *pairs)


def _frequency(name: str, title: str, columns: tuple[str, ...], over: str, headline: bool = False) -> Outcome:
    return Outcome(name, title, PER_KM, RATE, FREQUENCIES, columns, (over,), scale=100.0, headline=headline)


def _violations() -> list[Outcome]:
    """Violations, true and recorded: on the line, everywhere, by side, by side and class."""
    found = []
    for seen, word in (("true", "Violations"), ("recorded", "Recorded violations")):
        line = f"{word} on the line of contact"
        found.append(_frequency(f"violations_{seen}_line", line, (f"line_{seen}",), "line_km_weeks", headline=True))
        both: tuple[str, ...] = ()
        sides = []
        for letter, side, adjective in (("r", "russia", "Russian"), ("u", "ukraine", "Ukrainian")):
            classes = options(Action)[: 4 if letter == "r" else 3]
            columns = tuple(f"{seen}_{letter}_{action}" for action in classes)
            both += columns
            sides.append(_frequency(f"violations_{seen}_{side}", f"{adjective}, {word.lower()}", columns, "km_weeks"))
            for action, column in zip(classes, columns, strict=True):
                label = "accident" if action == "comply" else action
                text = f"{adjective}, {word.lower()}: {label}s"
                sides.append(_frequency(f"violations_{seen}_{side}_{label}", text, (column,), "km_weeks"))
        found += [_frequency(f"violations_{seen}", f"{word} on line and borders", both, "km_weeks"), *sides]
    return found


Names = tuple[str, ...]


def _share(name: str, title: str, columns: Names, over: Names, minus: Names = ()) -> Outcome:
    return Outcome(name, title, "share", SHARE, FREQUENCIES, columns, over, minus)


def _shares() -> list[Outcome]:
    breaches = (*(f"breaches_r_{a}" for a in options(Action)[1:]), *(f"breaches_u_{a}" for a in options(Action)[1:3]))
    named = ("attributed_r", "attributed_u")
    return [
        _share("attributed_share", "Breaches rightly attributed", named, breaches, ("misattributed",)),
        _share("misattributed_share", "Attributions that name a side that complied", ("misattributed",), named),
        _share("disputed_share", "Place-weeks disputed", ("disputed",), ("place_weeks",)),
        _share("recorded_share", "Violations on the line that are recorded", ("line_recorded",), ("line_true",)),
    ]


WHERE = {"line": "on the line of contact", "border": "on the borders", "hub": "in the hubs"}


def _of_kinds(name: str) -> Names:
    return tuple(f"{name}_{kind}" for kind in WHERE)


def _danger(name: str, title: str, columns: Names, minus: Names = ()) -> list[Outcome]:
    """What happens to Europeans per 1,000 troop-years at peace: everywhere, which is the headline, and by kind."""
    unit, years = "per 1,000 troop-years", _of_kinds("troop_years")
    found = [Outcome(name, title, unit, RATE, FREQUENCIES, columns, years, minus, 1000.0, headline=True)]
    for number, (kind, where) in enumerate(WHERE.items()):
        here, over, less = (part[number : number + 1] for part in (columns, years, minus))
        found.append(Outcome(f"{name}_{kind}", f"{title}, {where}", unit, RATE, FREQUENCIES, here, over, less, 1000.0))
    return found


def _dangers() -> list[Outcome]:
    """Danger, by troop-years served, so that staying away does not look like safety."""
    deaths, deliberate = _of_kinds("deaths"), _of_kinds("deliberate_deaths")
    return [
        _frequency("local_deaths", "Russian and Ukrainian deaths", ("local_deaths",), "km_weeks"),
        *_danger("strike_rate", "Strikes on Europeans", _of_kinds("strikes")),
        *_danger("european_deaths", "European deaths", deaths),
        *_danger("deliberate_deaths", "European deaths in strikes", deliberate),
        *_danger("collateral_deaths", "European deaths in others' fighting", deaths, deliberate),
    ]


def _presence() -> list[Outcome]:
    """Presence: who is there to be in danger."""
    year = Outcome(
        "presence_year", "Three nations or more are in after a year", "probability", PROBABILITY, PROBABILITIES,
        ("nations_week_52",), at_least=3, headline=True,
    )  # fmt: skip
    served = Outcome(
        "presence_share", "Planned troop-years that are served", "share", SHARE, FREQUENCIES,
        _of_kinds("troop_years"), ("planned_troop_years",), headline=True,
    )  # fmt: skip
    return [year, served]


_EVENTS: dict[str, tuple[str, bool, bool]] = {
    "strike_or_death": ("A strike on Europeans, or a European death", False, False),
    "european_death": ("A European death", False, True),
    "exchange_of_fire": ("An exchange of fire with Europeans", False, True),
    "invoked": ("The guarantee is invoked", False, True),
    "honoured": ("The guarantee is honoured", False, False),
    "war_russia_ukraine": ("Russia-Ukraine war resumes, nobody else fights", True, False),
    "war_russia_coalition": ("Russia-coalition war without the United States", True, False),
    "war_with_us": ("War with the United States in it", True, False),
    "spiral_coalition": ("An exchange of fire widens to the coalition", True, False),
    "spiral_us": ("An exchange of fire widens to the United States", True, False),
    "collapse": ("The ceasefire ends", True, True),
}
"""Title, prior-driven, headline."""
assert set(_EVENTS) == set(options(Event))


def _events() -> list[Outcome]:
    found = [
        Outcome(
            name, title, "probability", PROBABILITY, PROBABILITIES, (f"happened_{name}",),
            controls=(name,), additive=True, prior_driven=prior, headline=headline,
        )
        for name, (title, prior, headline) in _EVENTS.items()
    ]  # fmt: skip
    wars = ("war_russia_coalition", "war_with_us")
    nato = Outcome(
        "nato_russia_war", "War between Russia and NATO countries", "probability", PROBABILITY, PROBABILITIES,
        tuple(f"happened_{war}" for war in wars), controls=wars, additive=True, prior_driven=True, headline=True,
    )  # fmt: skip
    withdrawal = Outcome(
        "withdrawal", "A contingent withdraws", "probability", PROBABILITY, PROBABILITIES, ("first_withdrawal",),
        known=True,
    )  # fmt: skip
    places = [
        Outcome(
            f"strike_or_death_{kind}", f"A strike on Europeans, or a European death, {where}", "probability",
            PROBABILITY, PROBABILITIES, (f"strikes_{kind}", f"deaths_{kind}"), at_least=1,
        )
        for kind, where in WHERE.items() if kind != "border"
    ]  # fmt: skip
    return [*found, nato, withdrawal, *places]


_RUNG_TITLES = {
    Rung.PROBE: "A probe or worse",
    Rung.RAID: "A raid or worse",
    Rung.STRIKE_OR_DEATH: "A strike on Europeans, a European death, or anything graver, any war among it",
    Rung.EXCHANGE_OF_FIRE: "An exchange of fire with Europeans, or any war",
    Rung.WAR_RUSSIA_UKRAINE: "War, whoever fights",
    Rung.WAR_RUSSIA_COALITION: "War between Russia and NATO countries",
    Rung.WAR_WITH_US: "War with the United States in it",
}
_RUNG_CONTROLS: dict[Rung, tuple[tuple[str, ...], bool]] = {
    Rung.STRIKE_OR_DEATH: (("strike_or_death", "exchange_of_fire", "collapse"), False),
    Rung.EXCHANGE_OF_FIRE: (("exchange_of_fire", "collapse"), False),
    Rung.WAR_RUSSIA_UKRAINE: (("collapse",), True),
    Rung.WAR_RUSSIA_COALITION: (("war_russia_coalition", "war_with_us"), True),
    Rung.WAR_WITH_US: (("war_with_us",), True),
}


def _ladder() -> list[Outcome]:
    found = []
    for rung, title in _RUNG_TITLES.items():
        controls, additive = _RUNG_CONTROLS.get(rung, ((), False))
        found.append(
            Outcome(
                f"rung_at_least_{int(rung)}", title, "probability", PROBABILITY, LADDER, ("rung",), at_least=int(rung),
                controls=controls, additive=additive, prior_driven=rung >= Rung.WAR_RUSSIA_UKRAINE,
            )
        )  # fmt: skip
    return found


def _conditional() -> list[Outcome]:
    def given(name: str, title: str, event: str, condition: str) -> Outcome:
        columns, over = (f"happened_{event}",), (f"happened_{condition}",)
        return Outcome(name, title, "probability", PROBABILITY, CONDITIONAL, columns, over)

    decisions = ("decisions_decline", "decisions_sanction", "decisions_honour")
    honoured = Outcome(
        "honoured_share", "Invocations that are honoured", "share", SHARE, CONDITIONAL, ("decisions_honour",), decisions
    )
    return [
        given("invoked_given_death", "Invoked at some time, given a European death", "invoked", "european_death"),
        given("honoured_given_invoked", "Honoured at some time, given an invocation", "honoured", "invoked"),
        honoured,
    ]


def _means() -> list[Outcome]:
    def mean(name: str, title: str, unit: str, *columns: str, prior: bool = False) -> Outcome:
        return Outcome(name, title, unit, MEAN, MEANS, columns, prior_driven=prior)

    return [
        mean("weeks", "Weeks that the ceasefire lasts, up to the horizon", "weeks", "weeks", prior=True),
        mean("strikes", "Strikes on Europeans", "a run", *_of_kinds("strikes")),
        mean("deaths", "European deaths", "a run", *_of_kinds("deaths")),
        mean("exchanges", "Exchanges of fire", "place-weeks a run", *_of_kinds("exchanges")),
        mean("invocations", "Invocations of the guarantee", "place-weeks a run", "invocations"),
        mean("pull_backs", "Pull-backs of a contingent from a place", "place-weeks a run", "responses_pull_back"),
        mean("left", "Contingents that leave", "a run", "left"),
        mean("recommitments", "Renewed truces", "a run", "recommitments"),
        mean("belief_committed", "Belief at the end that Russia is committed", "probability", "mu"),
        mean("belief_steadfast", "Belief at the end that Washington is steadfast", "probability", "gamma"),
        mean("readiness", "Ukraine's readiness at the end", "share", "b"),
        mean("share_deployed", "Share of the force in place at the target date", "share", "share_deployed"),
    ]


OUTCOMES: tuple[Outcome, ...] = (
    *_violations(), *_shares(), *_dangers(), *_presence(), *_events(), *_ladder(), *_conditional(), *_means()
)  # fmt: skip
BY_NAME = {outcome.name: outcome for outcome in OUTCOMES}
assert len(BY_NAME) == len(OUTCOMES)
TIMING = ("weeks", "end_cause", "rung", "first_accusation_day", "first_death", "first_withdrawal")
TYPES: dict[str, tuple[str, int] | None] = {
    "mixed": None,
    "russia_bluffing": ("kappa_start", 0),
    "russia_committed": ("kappa_start", 1),
    "us_reluctant": ("tau_start", 0),
    "us_steadfast": ("tau_start", 1),
}
"""True types at the start: which column has which value."""


def needed() -> list[str]:
    """The columns of the model that all estimates together read, in a fixed order."""
    columns = [column for outcome in OUTCOMES for column in outcome.needs]
    return list(dict.fromkeys([*columns, *TIMING, "kappa_start", "tau_start"]))
