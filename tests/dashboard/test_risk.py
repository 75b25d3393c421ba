"""The dashboard's risk view without a browser: its numbers are those of `sweep` and `curves`, bit for bit."""

import threading

import numpy as np
import pytest

from fragile_peace import simulate
from fragile_peace.declared import yamltext
from fragile_peace.errors import InputError
from fragile_peace.runs.simulation import Cancelled
from fragile_peace_lab.dashboard import risk
from fragile_peace_lab.dashboard.bank import Bank
from fragile_peace_lab.dashboard.settings import OUTCOMES, Settings, changed
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.estimates.all_tables import estimate_table
from fragile_peace_lab.estimates.comparisons import comparison_table
from fragile_peace_lab.estimates.outcomes import BY_NAME
from fragile_peace_lab.estimates.runs import Runs
from fragile_peace_lab.running.runner import run_sweep

NEVER = threading.Event()
SETTINGS = Settings(weeks=6, runs=24, seed=9, values=(("mandate.roe", "enforce"), ("threat.level", 0.6)))


def last(settings: Settings, bank: Bank) -> risk.Risks:
    """The finished picture."""
    begun = risk.start(settings, bank)
    return [begun, *risk.computed(begun, bank, NEVER)][-1]


def test_the_numbers_are_a_sweeps(tmp_path):
    risks = last(SETTINGS, Bank())
    sweep = Sweep.from_dict(yamltext.parse(risk.sweep_text(risks), "sweep"))
    run_sweep(sweep, tmp_path / "out")
    needs = {need for name in OUTCOMES for need in BY_NAME[name].needs}
    runs = Runs.load(tmp_path / "out", sorted(needs))
    assert [setting["threat.level"] for setting in runs.settings] == [point.x for point in risks.points]
    table = estimate_table(runs, tuple(BY_NAME[name] for name in OUTCOMES), ("mixed",))
    for point in risks.points:
        own = table[table["threat.level"] == point.x].set_index("outcome")
        for name in OUTCOMES:
            row = point.estimates[name]
            for key in ("estimate", "mc_low", "mc_high", "plain"):
                assert np.float64(row[key]).tobytes() == np.float64(own.loc[name, key]).tobytes(), (name, key)
            assert (row["n_runs"], row["estimator"]) == (own.loc[name, "n_runs"], own.loc[name, "estimator"])
    assert np.array_equal(risks.here.rows, simulate([SETTINGS.world], 24, 9, 6)[0])


def test_paired_differences_are_a_sweeps(tmp_path):
    bank = Bank()
    a, b = (last(changed(SETTINGS, "threat.level", text), bank) for text in ("0.0", "1.0"))
    sweep = Sweep.from_dict({
        "name": "pair", "base": "reassurance_15k", "set": {"mandate.roe": "enforce"}, "weeks": 6, "seed": 9, "runs": 24,
        "levers": {"threat.level": [0.0, 1.0]},
    })  # fmt: skip
    run_sweep(sweep, tmp_path / "out")
    headline = [name for name in OUTCOMES if BY_NAME[name].headline]
    needs = {need for outcome in BY_NAME.values() if outcome.headline for need in outcome.needs}
    table = comparison_table(Runs.load(tmp_path / "out", sorted(needs))).set_index("outcome")
    rows = risk.differences(a.here, b.here)
    assert set(rows) == set(OUTCOMES)
    for name in headline:
        for key in ("estimate", "mc_low", "mc_high"):
            assert np.float64(rows[name][key]).tobytes() == np.float64(table.loc[name, key]).tobytes(), (name, key)
    assert risk.differences(risk.start(a.settings, Bank()).here, b.here) == {}


def test_the_first_picture_is_the_sliders_and_runs_only_grow():
    bank = Bank()
    begun = risk.start(SETTINGS, bank)
    assert begun.progress == 0.0
    assert begun.here.runs == 0
    pictures = list(risk.computed(begun, bank, NEVER))
    assert (pictures[0].here.runs, max(p.runs for p in pictures[0].points if not p.here)) == (16, 0)
    shares = [picture.progress for picture in pictures]
    assert shares == sorted(shares)
    assert (shares[-1], pictures[-1].done, pictures[0].done) == (1.0, True, False)
    assert risk.start(SETTINGS, bank).done
    assert list(risk.computed(risk.start(SETTINGS, bank), bank, NEVER)) == []
    assert {point.runs for point in risk.start(changed(SETTINGS, "runs", "10"), bank).points} == {10}


def test_what_is_quick_is_there_at_once_and_nothing_else():
    """No pace is known yet; it is slow; it is quick; all is there already, however slow."""
    bank = Bank()
    assert risk.at_once(SETTINGS, bank) is None
    bank.pace[6] = risk.QUICK / 24
    assert risk.at_once(SETTINGS, bank) is None
    bank.pace[6] = risk.QUICK / 25
    found = risk.at_once(SETTINGS, bank)
    assert [point.runs for point in found.points] == [24 if point.here else 0 for point in found.points]
    assert np.array_equal(found.here.rows, simulate([SETTINGS.world], 24, 9, 6)[0])
    assert not found.done
    bank.pace[6] = 9.0
    again = risk.at_once(SETTINGS, bank)
    assert np.array_equal(again.here.rows, found.here.rows)


def test_the_bank_gives_the_same_bits_however_it_is_filled():
    bank, world = Bank(), SETTINGS.world
    for count in (3, 10, 7, 40):
        rows = bank.runs(world, 1, 4, count, NEVER)
        assert np.array_equal(rows, simulate([world], count, 1, 4)[0])
    assert not rows.flags.writeable
    assert len(bank.have(world, 2, 4)) == len(bank.have(world, 1, 5)) == 0


def test_the_bank_is_bounded_and_drops_the_oldest():
    worlds = [SETTINGS.world.override({"threat.level": level}) for level in (0.1, 0.2, 0.3)]
    row = simulate([worlds[0]], 1, 0, 1)[0]
    bank = Bank(most_bytes=25 * row.nbytes)
    for world in worlds:
        bank.runs(world, 0, 1, 10, NEVER)
    assert [len(bank.have(world, 0, 1)) for world in worlds] == [0, 10, 10]


def test_a_cancelled_picture_keeps_nothing_partial():
    cancel, bank = threading.Event(), Bank()
    cancel.set()
    with pytest.raises(Cancelled):
        list(risk.computed(risk.start(SETTINGS, bank), bank, cancel))
    assert risk.start(SETTINGS, bank).progress == 0.0


def test_a_point_that_does_not_go_together_is_refused():
    settings = Settings(scenario="un_observers", along="monitoring.un_bonus", weeks=2, runs=10)
    with pytest.raises(InputError, match="the sum must be at most 1"):
        risk.start(settings, Bank())
