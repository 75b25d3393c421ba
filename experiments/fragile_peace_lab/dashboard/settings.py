"""What the page shows, as one frozen value: it is read from a share link and written into one.

Every field that a reader may type into goes through `changed`, which refuses what the command line would refuse, with
the same line.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fragile_peace.declared import yamltext
from fragile_peace.declared.scenario import CATALOGUE, DEFAULT, Scenario, shipped
from fragile_peace.errors import InputError, nearest, shown
from fragile_peace.runs.ordinary import Ordinary, ordinary_run
from fragile_peace.words.wording import exact, run_command
from fragile_peace_lab.estimates.outcomes import BY_NAME

VIEWS = ("watch", "risk", "results")
MOST_RUNS = 20_000
LONGEST = 600
_WHOLE = {"seed": (0, (1 << 63) - 1), "run": (0, (1 << 32) - 1), "weeks": (1, 1040), "runs": (10, MOST_RUNS)}
OUTCOMES = (
    "collapse", "nato_russia_war", "strike_or_death", "european_death", "exchange_of_fire", "invoked", "withdrawal",
    "violations_recorded_line", "violations_true_line", "european_deaths",
)  # fmt: skip
"""The outcomes that the risk view shows, in its order."""
assert all(name in BY_NAME for name in OUTCOMES)


@dataclass(frozen=True)
class Settings:
    """One state of the page.

    Attributes
    ----------
    view : one of VIEWS
    scenario : a shipped scenario's name, or a YAML file
    values : dotted names and the values laid over the scenario, in the order in which they were set
    seed, run : of the run that is watched; without a run, the most ordinary of the first (`runs.ordinary`). The risk
        view uses runs 0, 1, ... of the same seed
    weeks : horizon; None is the scenario's own
    along : the number that the risk curve runs along
    outcome : what the curve shows, one of OUTCOMES
    runs : runs of every point of the curve
    folder : results to open
    """

    view: str = "watch"
    scenario: str = DEFAULT
    values: tuple[tuple[str, Any], ...] = ()
    seed: int = 0
    run: int | None = None
    weeks: int | None = None
    along: str = "threat.level"
    outcome: str = "collapse"
    runs: int = 400
    folder: str = ""

    @cached_property
    def world(self) -> Scenario:
        """The scenario with the values laid over it. Raises InputError."""
        world = loaded(self.scenario)
        return world.override(dict(self.values)) if self.values else world

    @property
    def horizon(self) -> int:
        """Weeks that are played. Raises InputError."""
        return self.world.weeks if self.weeks is None else self.weeks

    @cached_property
    def chosen(self) -> Ordinary | None:
        """Why this run is watched, if none was named. Raises InputError and SolverError."""
        return ordinary_run(self.world, self.seed, self.weeks) if self.run is None else None

    @property
    def watched(self) -> int:
        """The run that is watched. Raises InputError and SolverError."""
        return self.chosen.run if self.chosen else int(self.run or 0)

    @property
    def set_options(self) -> list[str]:
        """The values as the command line takes them: `threat.level=0.8`."""
        return [f"{name}={exact(value)}" for name, value in self.values]

    @property
    def run_command(self) -> str:
        """The command that tells the watched run."""
        return run_command(self.scenario, self.set_options, self.seed, self.watched, self.weeks)

    def game_command(self, place: str, week: int) -> str:
        """The command that prints the game of a place in a week of the watched run."""
        words = ["fragile-peace", "game", self.scenario, "--place", place, "--week", str(week)]
        for option in self.set_options:
            words += ["--set", option]
        return shlex.join([*words, "--seed", str(self.seed), "--run", str(self.watched)])

    @property
    def query(self) -> str:
        """The query of the share link; what is at its default is left out."""
        usual = Settings()
        pairs = [
            (name, str(getattr(self, name)))
            for name in ("view", "scenario", "seed", "run", "weeks", "along", "outcome", "runs", "folder")
            if getattr(self, name) != getattr(usual, name)
        ]
        return urlencode([*pairs, *(("set", option) for option in self.set_options)], quote_via=quote)


def loaded(name: str) -> Scenario:
    """Return a scenario by name or path; a shipped one is read once, a file each time. Raises InputError."""
    return _shipped(name) if name in shipped() else Scenario.load(name)


@lru_cache(maxsize=32)
def _shipped(name: str) -> Scenario:
    return Scenario.load(name)


def from_query(query: str | None) -> tuple[Settings, list[str]]:
    """Return the settings of a share link, and one line for each part of it that is refused and left at its default."""
    settings, faults = Settings(), []
    for name, text in parse_qsl(query or "", keep_blank_values=True):
        try:
            if name == "set":
                dotted, equals, value = text.partition("=")
                if not equals:
                    raise InputError(f"set: {shown(text)} is not allowed; must be NAME=VALUE")
                settings = changed(settings, dotted, value)
            elif name in _CHECKS:
                settings = changed(settings, name, text)
            else:
                raise InputError(f"{name}: not a setting of this page{nearest(name, _CHECKS)}")
        except InputError as error:
            faults.append(f"Link: {error}")
    return settings, faults


def changed(settings: Settings, name: str, text: str) -> Settings:
    """Return the settings with a field, or a dotted name of the scenario, set to what a reader typed.

    Raises
    ------
    InputError : not an allowed value; one line that names field, value, and what is allowed
    """
    if len(text) > LONGEST:
        raise InputError(f"{name}: {shown(text)} is not allowed; must be at most {LONGEST} characters")
    if name in _CHECKS:
        return _CHECKS[name](settings, name, text.strip())
    value = yamltext.scalar(text, name)
    kept = tuple((other, old) for other, old in settings.values if other != name)
    new = replace(settings, values=(*kept, (name, value)))
    base = loaded(settings.scenario)
    _ = new.world  # refuses the name, the value, or what does not go together with it
    if name in CATALOGUE and base.get(name) == new.world.get(name):
        return replace(settings, values=kept)
    return new


def laid_over(settings: Settings, text: str, among: Sequence[str]) -> Settings:
    """Return the settings with the values that have no slider (all names not in `among`) replaced by `NAME=VALUE; ...`.

    Raises InputError.
    """
    new = replace(settings, values=tuple((name, value) for name, value in settings.values if name in among))
    for part in re.split(r"[;\n]", text):
        if part.strip():
            name, equals, value = part.partition("=")
            if not equals:
                raise InputError(f"values: {shown(part.strip())} is not allowed; must be NAME=VALUE; NAME=VALUE ...")
            if name.strip() in _CHECKS:
                raise InputError(f"{name.strip()}: no such name of the scenario")
            new = changed(new, name.strip(), value)
    return new


def _whole(settings: Settings, name: str, text: str) -> Settings:
    low, high = _WHOLE[name]
    if name in ("run", "weeks") and text in ("", "None"):
        return replace(settings, **{name: None})  # type: ignore[arg-type]
    if not re.fullmatch(r"[0-9]{1,20}", text) or not low <= int(text) <= high:
        raise InputError(f"{name}: {shown(text)} is not allowed; must be a whole number from {low} to {high}")
    return replace(settings, **{name: int(text)})  # type: ignore[arg-type]


def _one_of(settings: Settings, name: str, text: str) -> Settings:
    allowed = {"view": VIEWS, "outcome": OUTCOMES}[name]
    if text not in allowed:
        raise InputError(f"{name}: {shown(text)} is not one of {', '.join(allowed)}{nearest(text, allowed)}")
    return replace(settings, **{name: text})  # type: ignore[arg-type]


def _scenario(settings: Settings, name: str, text: str) -> Settings:
    new = replace(settings, scenario=text, values=())
    _ = new.world
    return new


def _along(settings: Settings, name: str, text: str) -> Settings:
    parameter = CATALOGUE.get(text)
    numbers = [key for key, row in CATALOGUE.items() if row.kind in ("real", "whole") and "*" not in key]
    if parameter is None or text not in numbers:
        raise InputError(f"along: {shown(text)} is not a number of the scenario{nearest(text, numbers)}")
    return replace(settings, along=text)


def _folder(settings: Settings, name: str, text: str) -> Settings:
    if "\0" in text:
        raise InputError("folder: a path cannot hold a NUL character")
    return replace(settings, folder=text)


_CHECKS = {
    "view": _one_of, "scenario": _scenario, "seed": _whole, "run": _whole, "weeks": _whole, "along": _along,
    "outcome": _one_of, "runs": _whole, "folder": _folder,
}  # fmt: skip
assert shipped()[0] == DEFAULT
