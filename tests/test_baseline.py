"""The regression baseline: the model does today what it did when `make baseline` was last run."""

import json

import numpy as np

from fragile_peace.declared.scenario import shipped
from fragile_peace.outcomes import NAMES
from fragile_peace_lab.store import behaviour
from fragile_peace_lab.store.behaviour import behaviour_digest, digest_of, reference
from tests.tools.write_baseline import BASELINE, baseline


def test_the_reference_is_240_runs_of_every_shipped_scenario():
    assert sorted(behaviour.SCENARIOS) == sorted(shipped())
    assert sum(len(outcomes) for outcomes in reference().values()) == 240


def test_the_digest_is_that_of_the_reference_runs_and_moves_with_a_single_bit():
    outcomes = reference()
    assert behaviour_digest() == behaviour_digest(list(NAMES)) == digest_of(outcomes, NAMES)
    next(iter(outcomes.values()))[3]["games"] += 1
    assert digest_of(outcomes, NAMES) != behaviour_digest()


def retyped(rows, fields):
    """Rows with other fields, (name, type, shape) each: zero where they had none of that name."""
    made = np.zeros(rows.shape, fields)
    for name in set(made.dtype.names) & set(rows.dtype.names):
        made[name] = rows[name].reshape(made[name].shape)
    return made


class TestOverNamedOutcomes:
    RUNS = np.array([(1, 2.5, (3, 4)), (5, 6.5, (7, 8))], [("weeks", "<i8"), ("mu", "<f8"), ("deaths", "<i8", (2,))])

    def digest(self, rows, names=("weeks", "mu", "deaths")):
        return digest_of({"calm": rows[:1], "lively": rows[1:]}, names)

    def test_a_new_one_leaves_it_wherever_it_stands_in_the_table(self):
        first, *rest = self.RUNS.dtype.descr
        for fields in (
            [("new", "<i8"), first, *rest],
            [first, ("new", "<f8", (3,)), *rest],
            [first, *rest, ("new", "<i8")],
        ):
            assert self.digest(retyped(self.RUNS, fields)) == self.digest(self.RUNS)
        assert self.digest(self.RUNS, ("weeks", "mu")) != self.digest(self.RUNS)

    def test_one_that_has_gone_or_become_another_type_or_shape_moves_it(self):
        weeks, mu, deaths = self.RUNS.dtype.descr
        changed = {
            "gone": [weeks, mu],
            "renamed": [weeks, mu, ("killed", "<i8", (2,))],
            "type": [("weeks", "<f8"), mu, deaths],
            "shape": [weeks, mu, ("deaths", "<i8", (1, 2))],
        }
        digests = {self.digest(retyped(self.RUNS, fields)) for fields in changed.values()} | {self.digest(self.RUNS)}
        assert len(digests) == len(changed)  # gone and renamed are the same to those that ask for it
        rows = self.RUNS.copy()
        rows[1]["weeks"] += 1
        assert self.digest(rows) not in digests

    def test_the_same_numbers_under_other_names_or_scenarios_are_others(self):
        assert self.digest(self.RUNS) != self.digest(self.RUNS, ("mu", "weeks", "deaths"))
        assert digest_of({"calm": self.RUNS}, ("mu",)) != digest_of({"lively": self.RUNS}, ("mu",))


def test_the_model_behaves_as_the_baseline_says():
    stored = json.loads(BASELINE.read_text())
    now = baseline(stored["outcomes"])
    moved = [
        f"{scenario}.{field}: {stored['sums'][scenario][field]} -> {value}"
        for scenario, sums in now["sums"].items()
        for field, value in sums.items()
        if stored["sums"].get(scenario, {}).get(field) != value
    ]
    assert not moved, f"the numbers changed (if they should: make baseline): {moved[:8]}"
    assert stored == now
