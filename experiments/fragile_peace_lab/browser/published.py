"""A published sweep as the page carries it: every point's words, so that any of its runs can be replayed by number.

Points are sample by sample, in each all settings of the levers. The words that settings move and those that samples
move are kept apart, which is all of the design where no word is moved by both.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from fragile_peace.errors import InputError
from fragile_peace.runs.simulation import simulate
from fragile_peace_lab.browser.worlds import Varied, varied, words_of
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import OWN_RUNS

SWEEP = "legitimate_targets"
CHECKED = 64
"""Runs that the page plays again before it shows a number, from as many points."""


@dataclass(frozen=True)
class Published:
    """The sweep.

    Attributes
    ----------
    plan : its design
    base : the words of its first point, from which the others differ
    settings : what the settings of the levers change, a case each
    samples : what the samples of the unknowns change, a case each
    """

    plan: Plan
    base: np.ndarray
    settings: Varied
    samples: Varied

    @property
    def weeks(self) -> int:
        """The horizon."""
        return self.plan.sweep.weeks or self.plan.scenario(0).weeks

    def words(self, point: int) -> np.ndarray:
        """Return a point's rows as the page puts them together."""
        sample, setting = divmod(point, len(self.settings.values))
        words = self.base.copy()
        words[self.settings.where] = self.settings.values[setting]
        words[self.samples.where] = self.samples.values[sample]
        return words

    def checked(self) -> list[tuple[int, int]]:
        """Return point and number of the runs that the page plays again, spread over the design."""
        points, runs = self.plan.design.points, self.plan.sweep.runs
        settings = len(self.settings.values)
        return [(i * points // CHECKED + i % settings, i * 7 % runs) for i in range(CHECKED)]

    def digest(self) -> str:
        """Return sha256 of the outcomes of the checked runs, one after another, as Python plays them."""
        found = hashlib.sha256()
        for point, run in self.checked():
            first = self.plan.design.first_run(point) + run
            scenario = self.plan.scenario(point)
            found.update(simulate([scenario], 1, self.plan.sweep.seed, self.weeks, first_run=first)[0].tobytes())
        return found.hexdigest()

    def sample(self, number: int) -> dict[str, Any]:
        """Return a sample's values of the unknowns by dotted name."""
        return {column.name: column.values[number] for column in self.plan.design.uncertainties}


def published(name: str = SWEEP) -> Published:
    """Return a shipped sweep. Raises InputError for one whose points the page could not put together."""
    plan = Plan.load(name)
    each, samples = plan.design.combinations, plan.design.samples
    base = words_of(plan.scenario(0))
    settings = varied(base, [words_of(plan.scenario(point)) for point in range(each)])
    found = Published(plan, base, settings, varied(base, [words_of(plan.scenario(s * each)) for s in range(samples)]))
    last = plan.design.points - 1
    tried = sorted({last, last // 2, last // 3, each + 1})
    if set(settings.where) & set(found.samples.where) or any(
        not np.array_equal(found.words(point), words_of(plan.scenario(point))) for point in tried
    ):
        raise InputError(f"browser-edition: levers and unknowns of {name} move the same words; it cannot be replayed")
    if [plan.design.first_run(s * each) for s in range(samples)] != [s * OWN_RUNS for s in range(samples)]:
        raise InputError(f"browser-edition: the samples of {name} share their draws")
    return found
