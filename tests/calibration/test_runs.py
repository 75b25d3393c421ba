"""From simulated worlds to outputs, against known answers."""

import numpy as np
import pytest

from fragile_peace_lab.calibration.free import FREE, HANDED_ON, LOC, values_at
from fragile_peace_lab.calibration.mission import sizes
from fragile_peace_lab.calibration.runs import (
    LINES,
    NAMES,
    correlations,
    histories,
    missions,
    outputs,
    scenarios,
)
from fragile_peace_lab.calibration.targets import BLOCKS, DATED, KM, MISSION_STARTS, OUTPUTS
from fragile_peace_lab.design.points import uniforms
from fragile_peace_lab.design.posterior import START, WEAK
from tests.tools.histories import RUNS, worlds


def test_outputs_of_constant_weeks():
    """Every output worked out by hand; half a death is added to the mission's twelve over 24 thousand years."""
    found = {
        target.name: target.unit_value(value) for target, value in zip(OUTPUTS, outputs(worlds())[:, 0], strict=True)
    }
    for name, value in {
        "violations_2019": 100 / 7 / KM, "drop_2020": 0.05, "truce_level_2020": 5 / 7, "erosion_2021": 0.05,
        "deaths_per_1000": 60, "fatal_events_2019": 3, "pooled_events": 3 * DATED, "weak_truce_days": 21,
        "hostile_deaths": 12.5 / 24, "large_events": 0.25, "loc_level": 50 / 7 / 961, "loc_calm": 0,
        "loc_eroding": 0.02, "loc_eroded": 0.1, "loc_2021": 0.01,
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(value, abs=1e-7), name
    assert found["pooled_ratio"] == pytest.approx(1 - DATED)  # only the thinning varies
    assert found["pooled_memory"] == 0
    for target in BLOCKS:  # a violation on every known day
        assert found[target.name] == pytest.approx(7)


def test_a_run_that_did_not_last_is_left_out():
    base = worlds()
    rng = np.random.default_rng(4)
    base.lines["before"].recorded[:] *= rng.gamma(9, 1 / 9, base.lines["before"].recorded.shape)
    less = worlds(runs=RUNS - 1)
    less.lines["before"].recorded[:] = base.lines["before"].recorded[:-1]
    for part in (base.lines["before"].recorded, base.lines["before"].events, base.lines["before"].deaths):
        part[-1] = np.nan
    assert outputs(base)[0] == pytest.approx(outputs(less)[0])
    assert np.isnan(histories(base)[0, -1])
    assert np.isfinite(correlations(base)).all()


def test_thinning_by_formula_is_thinning_by_chance():
    """Ratio and correlation of thinned counts equal those of counts really thinned (20,000 weeks in 64 draws)."""
    rng = np.random.default_rng(1)
    rate = np.exp(rng.normal(size=(64, 313)) * 0.5)
    rate[:, 1:] *= rate[:, :-1] ** 0.5
    counts = rng.poisson(3 * rate).astype(float)
    base = worlds(runs=64)
    base.lines["before"].events[:], base.lines["truce"].events[:] = counts[:, :238], counts[:, 238:]
    found = dict(zip(NAMES, outputs(base), strict=True))
    really = rng.binomial(counts.astype(int), DATED)
    off = really - really.mean(1, keepdims=True)
    ratio = (off**2).mean(1) / really.mean(1)
    memory = (off[:, 1:] * off[:, :-1]).mean(1) / (off**2).mean(1)
    for name, values in (("pooled_ratio", ratio), ("pooled_memory", memory)):
        assert abs(found[name][0] - values.mean()) < 4 * values.std() / 8


def test_variances_of_histories_and_of_their_mean():
    """240 histories whose year scatters by 20 %: the variance of its logarithm, and that of a mean of 240."""
    base = worlds(runs=240)
    scale = np.exp(0.2 * np.random.default_rng(2).normal(size=(240, 1)))
    base.lines["before"].recorded[:, :52] *= scale
    _, error, spread = outputs(base)[0]
    assert spread == pytest.approx(0.04, rel=0.4)  # 4 standard errors
    assert error == pytest.approx(spread / 240, abs=2e-9)
    together = correlations(base)
    assert together[0, 0] == pytest.approx(1)
    assert (together[NAMES.index("hostile_deaths")] == 0).all()  # a rate over many histories


def test_sizes_of_events_by_hand():
    """n = 1..6 in proportion to 1/n^2: a mean of H(6)/H2(6), of it n = 5 and 6."""
    total = sum(1 / n**2 for n in range(1, 7))
    mean, large = sizes(6, 2.0)
    assert mean == pytest.approx(sum(1 / n for n in range(1, 7)) / total)
    assert large == pytest.approx((1 / 5 + 1 / 6) / total)
    assert sizes(4, 2.0)[1] == pytest.approx(0, abs=1e-15)


def test_only_the_start_of_a_truce_and_the_gains_of_a_line_set_worlds_apart():
    """The same parameters everywhere: one law of restraint."""
    point = values_at(uniforms("sobol", 2, len(FREE), 3))[1]
    found = scenarios(point)
    assert set(found) == set(LINES)
    ratio = point["ukraine.raid_gain"] / point["russia.raid_gain"]
    for name, world in found.items():
        own = {key: world.get(key) for key in HANDED_ON}
        if name.startswith("loc"):
            gain = point[f"{LOC}:russia.raid_gain"]
            assert own.pop("russia.raid_gain") == gain
            assert own.pop("ukraine.raid_gain") == pytest.approx(gain * ratio)
        assert own == {key: point[key] for key in own}
    assert found["weak"] == found["before"].override({START: WEAK})
    assert found["truce"].truce.restraint == point[f"donbas_truce_2020:{START}"]
    assert found["loc_2021"] == found["loc_2003"].override({START: point[f"kashmir_2021:{START}"]})
    assert [world.truce.restraint for world in missions(point)] == list(MISSION_STARTS)
