"""What a sweep keeps beside its runs so that its figures need not play any: which worlds, and how many runs of each.

All of it is played in the reference structure (`design.structures`) where the sweep declares any.

*Weeks*: the first `FAN_RUNS` runs of the baseline setting (`design.axis`), the unknowns as the scenario declares them.

*Belief*: a sweep holds the true chance that Russia is committed (`threat.sincerity`) fixed while the belief in it
(`threat.credibility`) is sampled, so that the two are not confounded. Here the belief is set to a few values, once with
the truth where the sweep holds it (`fixed`) and once with the truth equal to the belief (`tied`), at the baseline
setting, on the sweep's own first members. The cases of a member share its draws; members have draws of their own: draw
d of member m is run m x draws + d.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from fragile_peace.declared.scenario import Scenario
from fragile_peace_lab.design.axis import Sets, baseline_of, scenario_at, scenario_of_point, settings_of
from fragile_peace_lab.design.structures import STRUCTURE, names_in

FAN_RUNS = 200
MEMBERS, DRAWS = 8, 32  # at most
BELIEFS = (0.05, 0.2, 0.4, 0.6)
CASES = ("fixed", "tied")
CREDIBILITY, SINCERITY = "threat.credibility", "threat.sincerity"


@dataclass(frozen=True)
class Beside:
    """What is played beside a sweep.

    Attributes
    ----------
    world : the scenario at the baseline setting, with the unknowns as declared
    members : the first members' scenarios at the baseline setting
    draws : runs of each case of a member
    weeks : the horizon
    """

    world: Scenario
    members: tuple[Scenario, ...]
    draws: int
    weeks: int

    @classmethod
    def of(
        cls,
        scenarios: Mapping[str, Scenario],
        sets: Sets,
        points: pa.Table,
        runs: int,
        weeks: int | None,
    ) -> "Beside":
        """Choose it from a sweep.

        Parameters
        ----------
        scenarios : the sweep's, by name, the base scenario first
        sets : what its structures and the labels of its levers set
        points : its design (`Design.table`)
        runs : of every point
        weeks : the sweep's horizon; the baseline scenario's own if None
        """
        base = next(iter(scenarios.values()))
        settings = settings_of(points, base)
        baseline = baseline_of(base, sets, points)
        names = names_in(points)
        place = {**settings[baseline], STRUCTURE: names[0]} if names else settings[baseline]
        world = scenario_at(scenarios, sets, place)
        each = len(settings) * max(1, len(names))  # points of a sample, those of the reference structure first
        rows = [sample * each + baseline for sample in range(min(MEMBERS, points.num_rows // each))]
        members = tuple(scenario_of_point(scenarios, sets, points, row) for row in rows)
        return cls(world, members, min(DRAWS, runs), world.weeks if weeks is None else weeks)

    @property
    def belief_rows(self) -> int:
        """How many runs the belief cases of all members take."""
        return len(self.members) * len(CASES) * len(BELIEFS) * self.draws

    def cases(self, member: int) -> list[Scenario]:
        """Return a member's scenarios: by case, and in each by belief."""
        scenario = self.members[member]
        truth = scenario.get(SINCERITY)
        truth = scenario.get(CREDIBILITY) if truth is None else truth
        return [
            scenario.override({CREDIBILITY: belief, SINCERITY: truth if case == "fixed" else None})
            for case in CASES
            for belief in BELIEFS
        ]
