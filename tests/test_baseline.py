"""The regression baseline: the model does today what it did when `make baseline` was last run."""

import json

from fragile_peace.declared.scenario import shipped
from fragile_peace_lab.store import behaviour
from fragile_peace_lab.store.behaviour import behaviour_digest, reference
from tests.tools.write_baseline import BASELINE, baseline


def test_the_reference_is_200_runs_of_every_shipped_scenario():
    assert sorted(behaviour.SCENARIOS) == sorted(shipped())
    assert sum(len(outcomes) for outcomes in reference().values()) == 200


def test_the_digest_moves_with_a_single_bit(monkeypatch):
    untouched = behaviour_digest()
    outcomes = reference()
    next(iter(outcomes.values()))[3]["games"] += 1
    monkeypatch.setattr(behaviour, "reference", lambda: outcomes)
    assert behaviour_digest.__wrapped__() != untouched


def test_the_model_behaves_as_the_baseline_says():
    stored, now = json.loads(BASELINE.read_text()), baseline()
    moved = [
        f"{scenario}.{field}: {stored['sums'][scenario][field]} -> {value}"
        for scenario, sums in now["sums"].items()
        for field, value in sums.items()
        if stored["sums"].get(scenario, {}).get(field) != value
    ]
    assert not moved, f"the numbers changed (if they should: make baseline): {moved[:8]}"
    assert stored == now
