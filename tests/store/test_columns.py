"""The columns of a part: one table says what they are, and what it says is what stands in published files."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest

from fragile_peace.errors import InputError
from fragile_peace.outcomes import BY_NAME, NAMES, TABLE
from fragile_peace.runs.simulation import simulate
from fragile_peace.state import OUTCOMES, blank_outcomes
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.store.columns import column_names, columns_of, flatten, schema
from tests.tools.tiny_sweeps import tiny

FIRST = (
    "kappa tau kappa_start tau_start weeks end_cause rung rung_weeks mu gamma B recorded_R recorded_U true_R true_U "
    "line_recorded line_true line_place_weeks place_weeks line_km_weeks km_weeks breaches_R breaches_U attributed_R "
    "attributed_U misattributed disputed dmz_intrusions local_events local_deaths strikes deaths deaths_n "
    "fatal_place_weeks troop_years responses invocations decisions replies exchanges recommitments "
    "first_accusation_day first_strike first_death first_invocation first_honour first_exchange first_withdrawal "
    "joined left left_week_n share_deployed happened compensator rounds residual games"
).split()
"""The outcomes of the first published results."""
PUBLISHED = {
    0: "77a4bc76abbd67948752821f0502574302967e5e778c580d83c8786bd3db0c85",
    5: "ba159b4f008f462581b7149d0e2930a1dad7599319d906320a427f27026baf65",
}
"""sha256 of their schema as Arrow writes it, by contingents; taken before there was a table of outcomes."""


@pytest.mark.parametrize("width", PUBLISHED)
def test_the_schema_is_that_of_the_published_parts_to_the_byte(width):
    """Names, order, types, nulls, units, texts and codes, of as many of today's outcomes as there were then."""
    fields = [schema(width).field(name) for name in columns_of(FIRST, width)]
    about = {"unit": "", "text": "index of the run; the same index shares its draws"}  # before samples had their own
    fields[1] = fields[1].with_metadata(about)
    assert hashlib.sha256(pa.schema(fields).serialize().to_pybytes()).hexdigest() == PUBLISHED[width]


def test_every_outcome_has_columns_and_every_column_is_described():
    names = columns_of(NAMES, 5)
    assert names == schema(5).names
    assert len(set(names)) == len(names)
    wanted = (
        "deaths_line deaths_border deaths_hub rung_weeks_0 rung_weeks_7 decisions_decline happened_collapse "
        "compensator_collapse recorded_r_probe deaths_n_4 left_week_n_0"
    )
    assert set(wanted.split()) <= set(names)
    assert "deaths_n_5" not in names
    fields = schema(5)
    assert all(field.metadata[b"text"] for field in fields)
    assert all(field.metadata[b"unit"] for field in fields if field.name not in ("point", "run"))
    assert fields.field("happened_collapse").type == pa.bool_()
    assert fields.field("first_death").type == pa.int32()
    assert fields.field("recorded_r_raid").type == pa.int64()


def test_an_outcome_that_is_gone_is_named():
    with pytest.raises(InputError, match=r"first_strikes is not an outcome of this model; did you mean first_strike\?"):
        columns_of(["weeks", "first_strikes"], 5)


def test_columns_hold_what_the_engine_returns():
    plan = Plan.load(tiny(weeks=40, runs=30))
    points = [0, 4, 12]
    outcomes = simulate([plan.scenario(point) for point in points], 30, 7, 40)
    table = flatten(outcomes, points, 0, [5, 0, 0], 5)
    flat = outcomes.reshape(-1)
    assert table["point"].to_pylist() == [point for point in points for _ in range(30)]
    assert table["run"].to_pylist() == list(range(30)) * 3
    for outcome in (outcome for outcome in TABLE if not outcome.of_contingents):
        for index, name in enumerate(column_names(outcome.name, 5)):
            values = flat[outcome.name] if flat[outcome.name].ndim == 1 else flat[outcome.name][:, index]
            never = (values == -1) if outcome.never else np.zeros(len(values), bool)
            assert table.schema.field(name).nullable == outcome.never
            assert table[name].is_null().to_pylist() == never.tolist()
            kept = table[name].fill_null(False if outcome.name == "happened" else 0).to_numpy()
            assert np.array_equal(kept[~never], values[~never]), name
    weeks = table["left_week_n_0"].to_pylist()[:30]
    for week, joined, raw in zip(weeks, table["joined_n_0"].to_pylist(), flat["left_week_n"][:30, 0], strict=False):
        assert (week, joined) == {-2: (None, False), -1: (None, True)}.get(int(raw), (int(raw), True))
    assert table["deaths_n_0"].null_count == 60  # no_force has no contingents


def test_what_never_happened_is_null_and_nothing_else_is():
    """A run that has only begun: whatever may never happen has not, and of everything else there is a number."""
    table = flatten(blank_outcomes()[None], [0], 0, [0], 0)
    null = {name for name in table.column_names if table[name].null_count}
    assert null == {name.lower() for name, outcome in BY_NAME.items() if outcome.never and not outcome.of_contingents}
    assert {"first_strike", "first_accusation_day", "share_deployed", "nations_week_52"} <= null


def test_a_count_that_does_not_fit_is_refused_not_wrapped():
    outcomes = np.zeros((1, 1), OUTCOMES)
    outcomes["invocations"] = 1 << 40
    with pytest.raises(InputError, match="does not fit"):
        flatten(outcomes, [0], 0, [0], 0)
