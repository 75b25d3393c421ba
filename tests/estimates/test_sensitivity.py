"""Which unknowns drive an outcome in any sweep: known shares of a sum, agreement with Sobol's indices, own outcomes."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.estimates import sensitivity as module
from fragile_peace_lab.estimates.outcomes import MEAN, MEANS, Outcome
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.estimates.sensitivity import sensitivity, unknowns_of
from tests.tools.own_outcomes import own_sweep
from tests.tools.tiny_sweeps import finished

MANY, DRAWS = 400, 8


def made(seed: int) -> tuple[Runs, dict[str, np.ndarray]]:
    """Two settings; members of which an outcome is 2 a + b + noise of the runs, c none of it: shares 0.8, 0.2, 0."""
    rng = np.random.default_rng(seed)
    unknowns = pd.DataFrame(rng.normal(size=(MANY, 3)), columns=["x.a", "x.b", "x.c"])
    rows, points = [], []
    for sample, own in enumerate(unknowns.to_dict("records")):
        for combination in range(2):
            point = len(points)
            points.append(
                {"point": point, "sample": sample, "combination": combination, "t.x": float(combination), **own}
            )
            mean = 10 + combination + 2 * own["x.a"] + own["x.b"]
            rows += [{"point": point, "run": run, "y": mean + rng.normal(0, 3)} for run in range(DRAWS)]
    table = pa.Table.from_pandas(pd.DataFrame(points), preserve_index=False)
    fields = [f.with_metadata({"role": "uncertainty"}) if f.name.startswith("x.") else f for f in table.schema]
    fields = [f.with_metadata({"role": "lever"}) if f.name == "t.x" else f for f in fields]
    table = table.cast(pa.schema(fields))
    return Runs.from_tables(table, pd.DataFrame(rows)), unknowns_of(table)


Y = Outcome("y", "Y", "1", MEAN, MEANS, ("y",))


def test_the_shares_of_a_sum_are_found_whatever_the_noise_of_the_runs():
    runs, unknowns = made(1)
    assert list(unknowns) == ["x.a", "x.b", "x.c"]
    rows = pd.DataFrame(module._rows(runs, Y, unknowns)).set_index("uncertainty")
    assert rows["first"].to_dict() == pytest.approx({"x.a": 0.8, "x.b": 0.2, "x.c": 0.0}, abs=0.06)
    assert list(rows["rank"]) == [1, 2, 3]
    assert rows["noise"].iloc[0] == pytest.approx(2 * 9 / DRAWS / 4 * 2 / (5 + 2 * 9 / DRAWS / 4 * 2), abs=0.2)


def test_the_intervals_hold_the_truth():
    """12 seeds, 3 shares: at least 31 of 36 95 % intervals, which fails by chance in less than 1 % of seeds."""
    inside = 0
    for seed in range(12):
        rows = {row["uncertainty"]: row for row in module._rows(*_with(seed))}
        for name, truth in (("x.a", 0.8), ("x.b", 0.2), ("x.c", 0.0)):
            inside += rows[name]["first_low"] <= truth <= rows[name]["first_high"]
    assert inside >= 31


def _with(seed):
    runs, unknowns = made(seed)
    return runs, Y, unknowns


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("sensitivity")
    file = own_sweep(where, levers=None, runs=6, weeks=4, design={"uncertainties": {"sobol": 32}})
    return finished(where / "out", file)


def test_any_outcome_of_any_sweep_has_shares(folder):
    table = sensitivity(folder, ["hot_weeks", "collapse", "withdrawal", "first_hot", "strike_rate"])
    assert set(table["outcome"]) == {"hot_weeks", "collapse", "withdrawal", "first_hot", "strike_rate"}
    known = table.dropna(subset=["first"])
    assert ((known["first"] >= 0) & (known["first"] <= 1)).all()
    assert (table["first"].notna() | (table["note"] != "")).all()
    assert "total" not in table


def test_own_outcomes_are_asked_about_without_being_named(folder):
    assert {"hot_weeks", "mean_change", "hot"} <= set(sensitivity(folder)["outcome"])


def test_a_saltelli_sweep_has_indices_of_own_outcomes(tmp_path):
    file = own_sweep(tmp_path, levers=None, runs=4, design={"uncertainties": {"saltelli": 4}})
    out = finished(tmp_path / "out", file)
    table = sensitivity(out, ["hot_weeks", "mean_change"])
    assert list(dict.fromkeys(table["outcome"])) == ["hot_weeks", "mean_change"]
    assert "total" in table
    with pytest.raises(InputError, match="hot_week' is not one of what is reported; did you mean hot_weeks"):
        sensitivity(out, ["hot_week"])


def test_the_command_ranks_and_draws(folder, capsys):
    with pytest.raises(SystemExit) as stop:
        app(["sensitivity", str(folder), "--outcome", "hot_weeks", "--json"])
    assert stop.value.code == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["outcome"] for row in rows} == {"hot_weeks"}
    assert (folder / "figures" / "sensitivity.svg").stat().st_size > 1000


def test_too_few_members_and_unknown_names_are_refused(tmp_path, folder):
    few = finished(tmp_path / "few", own_sweep(tmp_path, levers=None, runs=1))
    with pytest.raises(InputError, match="has 4 samples of the unknowns; sensitivity needs 32 at least"):
        sensitivity(few)
    with pytest.raises(InputError, match="'colapse' is not one of what is reported; did you mean collapse"):
        sensitivity(folder, ["colapse"])
