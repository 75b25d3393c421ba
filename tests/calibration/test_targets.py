"""The tables of the calibration: what is scored, what is held out, and which parameters move."""

import csv
from pathlib import Path

import numpy as np
import pytest

import fragile_peace
from fragile_peace.declared.scenario import CATALOGUE, Scenario
from fragile_peace_lab.calibration.blocks import of_record, of_weeks
from fragile_peace_lab.calibration.emulators import IN_FIT
from fragile_peace_lab.calibration.free import FREE, LOC
from fragile_peace_lab.calibration.series import HELD_OUT as HELD_OUT_WEEKS
from fragile_peace_lab.calibration.series import record
from fragile_peace_lab.calibration.targets import (
    BLOCKS,
    FITTED,
    HELD_OUT,
    INPUTS,
    OUTPUTS,
    SAME_RECORD,
    SCORES,
    TARGETS,
)

EVIDENCE = Path(fragile_peace.__path__[0]) / "evidence.csv"


def keys():
    with EVIDENCE.open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file)}


def test_thirteen_outputs_are_scored_and_what_is_held_out_was_named():
    assert len(SCORES) == 13
    assert {target.name for target in TARGETS if target.use == HELD_OUT} == {"weak_truce_days", "large_events"}
    assert len(HELD_OUT_WEEKS) == 13
    summaries = {target.name for target in TARGETS if target.use == SAME_RECORD}
    assert summaries == {"drop_2020", "truce_level_2020", "erosion_2021"}
    assert [OUTPUTS[k].name for k in IN_FIT] == [target.name for target in OUTPUTS if target.use == FITTED]


def test_the_fit_reads_the_weeks_that_are_not_held_out_and_no_other():
    """Every other week may hold anything; each fitted one is part of one block."""
    known = record()
    counts = known.violations[None].astype(float)
    changed = counts.copy()
    changed[0, list(HELD_OUT_WEEKS)] = 1e9
    assert (of_weeks(changed) == of_weeks(counts)).all()
    moved = [
        week for week in known.week if (of_weeks(counts + 1.0 * (known.week == week)) != of_weeks(counts)).sum() == 1
    ]
    assert moved == list(np.flatnonzero(known.fitted))
    assert [level for _, _, level in of_record()] == pytest.approx(of_weeks(counts)[0])
    assert [target.observed for target in BLOCKS] == [level for _, _, level in of_record()]


@pytest.mark.parametrize("target", OUTPUTS, ids=lambda target: target.name)
def test_a_target_has_sources_a_conversion_and_parameters_it_informs(target):
    assert set(target.sources) <= keys()
    assert target.sources
    assert len(target.conversion) > 20
    assert target.observation > 0 < target.discrepancy
    assert set(target.informs) <= {free.name for free in FREE}
    low, high = target.tolerance
    assert low < target.observed < high
    assert target.unit_value(target.place) == pytest.approx(target.observed, abs=1e-12)


def test_every_free_parameter_is_informed_by_a_fitted_target_and_its_prior_holds_the_default():
    informed = {name for target in OUTPUTS if target.use == FITTED for name in target.informs}
    for free in FREE:
        parameter = CATALOGUE[free.parameter]
        assert free.name in informed
        assert parameter.low <= free.low < free.high <= parameter.high
        base = Scenario.load("reassurance_15k" if not free.event else LOC if "kashmir" in free.event else free.event)
        assert free.low <= base.get(free.parameter) <= free.high
    assert not any(name.startswith(("war", "war_ukraine", "war_response", "precision")) for name in informed)


@pytest.mark.parametrize("free", FREE, ids=lambda free: free.name)
def test_a_prior_and_its_scale_are_inverse(free):
    u = np.linspace(0.01, 0.99, 23)
    assert free.place(np.array(free.quantile(u))) == pytest.approx(u, abs=1e-6)


def test_an_error_that_is_the_scatter_of_one_history_is_not_counted_twice():
    """Five errors are those of counting one history; of them the fit takes the simulated scatter instead."""
    sampled = {target.name for target in OUTPUTS if target.sampled}
    assert sampled == {"deaths_per_1000", "fatal_events_2019", "pooled_events", "pooled_ratio", "pooled_memory"}
    for target in OUTPUTS:
        assert target.error == (target.discrepancy if target.sampled else target.deviation)


def test_inputs_have_sources():
    assert all(set(entry.sources) <= keys() for entry in INPUTS)
