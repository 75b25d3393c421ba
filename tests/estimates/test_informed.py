"""Shares of parameter variance: known answers, intervals that cover, silence where nothing can be told."""

import numpy as np
import pyarrow as pa
import pytest

from fragile_peace_lab.estimates.informed import CLASSES, NO_RECORD, PRIOR, RECORD, groups_of, shares

TRUE = {RECORD: 0.5, CLASSES: 0.2, PRIOR: 0.2, NO_RECORD: 0.4}  # and 0.1 from two groups together
WIDTHS = {RECORD: 6, CLASSES: 8, PRIOR: 5}


def world(rng, size, noise):
    """Values of known first-order shares: lines, parabolas and exponentials of single unknowns, and one product."""
    groups = {name: rng.normal(size=(size, width)) for name, width in WIDTHS.items()}
    record, classes, prior = groups.values()
    lines = np.sqrt(0.25) * record[:, 0] + np.sqrt(0.25) * (record[:, 1] ** 2 - 1) / np.sqrt(2)
    own = np.sqrt(0.2) * classes[:, 3] + np.sqrt(0.1) * (prior[:, 0] + prior[:, 1])
    values = 3.0 + lines + own + np.sqrt(0.1) * classes[:, 0] * prior[:, 2]
    return values + np.sqrt(noise) * rng.normal(size=size), groups


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_shares_are_right_on_average_and_intervals_cover_them(noise):
    """300 worlds of 128 members, whose runs leave no noise or half as much variance as there is between members.

    Means are within 0.03 (7 standard errors of a mean, the small bias of a ratio among them). 95 % intervals cover at
    least 90 %: fewer than 270 of 300 would be seen once in 10,000 tries if 94.5 % were covered.
    """
    rng = np.random.default_rng(5)
    means, covered = dict.fromkeys(TRUE, 0.0), dict.fromkeys(TRUE, 0)
    for _ in range(300):
        values, groups = world(rng, 128, noise)
        found = shares(values, values.var(ddof=1) - noise, groups)
        for name, true in TRUE.items():
            means[name] += found[name].estimate / 300
            covered[name] += found[name].low <= true <= found[name].high
    assert means == pytest.approx(TRUE, abs=0.03)
    assert all(270 <= count for count in covered.values()), covered


def test_monotone_transforms_of_unknowns_change_nothing():
    values, groups = world(np.random.default_rng(6), 256, 0.0)
    bent = {name: np.exp(3.0 * unknowns) for name, unknowns in groups.items()}
    variance = values.var(ddof=1)
    assert shares(values, variance, bent) == shares(values, variance, groups)


def test_nothing_is_said_of_too_few_members_or_of_noise():
    values, groups = world(np.random.default_rng(7), 20, 0.0)
    assert np.isnan(shares(values, values.var(ddof=1), groups)[PRIOR].estimate)
    values, groups = world(np.random.default_rng(8), 128, 0.0)
    assert np.isnan(shares(values, -0.01, groups)[PRIOR].estimate)
    groups[RECORD] = np.zeros((128, 0))
    assert shares(values, values.var(ddof=1), groups)[RECORD].estimate == 0.0


def test_unknowns_fall_into_groups_by_where_they_come_from():
    columns = {
        "russia.raid_gain": [0.1, 0.2], "war.prize": [9.0, 12.0], "threat.credibility": [0.1, 0.2],
        "war.cost": [5.0, 5.0],
    }  # fmt: skip
    fields = [pa.field(name, pa.float64(), metadata={"role": "uncertainty"}) for name in columns]
    schema = pa.schema([pa.field("sample", pa.int32()), *fields])
    points = pa.table([[0, 0, 1], *([a, a, b] for a, b in columns.values())], schema=schema)
    found = groups_of(points, ["threat.credibility"])
    assert {name: unknowns.tolist() for name, unknowns in found.items()} == {
        RECORD: [[0.1], [0.2]], CLASSES: [[9.0], [12.0]], PRIOR: [[0.1], [0.2]],
    }  # fmt: skip
    assert groups_of(points, list(columns))[PRIOR].shape == (2, 3)
