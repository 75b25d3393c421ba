"""All answers together: every table has its columns, and is written to the same bytes again."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding import decision, discovery
from fragile_peace_lab.deciding.weights import NAMES, Weights
from tests.tools import decisions

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def answers():
    """Every table but the boxes, which need the extra."""
    tables = {name: table for name, table in decision.TABLES.items() if name != "boxes"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision, "TABLES", tables)
        return decision.answered(decisions.problem(), Weights())


def test_tables_have_their_columns_and_rows(answers):
    for name, table in answers.tables.items():
        assert tuple(table.columns) == decision.TABLES[name].heading(("structure", "threat.level"), NAMES)
        assert len(table), name


def test_rows_of_a_world_at_the_shown_weights(answers):
    world = answers.problem.worlds[2]
    own = answers.of("losses", world, shown=True)
    assert own["option"].tolist() == answers.problem.names
    assert (own["war_weight"] == answers.weights.shown.war).all()


def test_a_last_bit_of_a_machine_does_not_show_in_a_small_difference():
    """The worth of an unknown, on processors with AVX-512 and without."""
    one, two = (decision._frame([{"evppi": value}], ["evppi"]) for value in (1.17004168333e-06, 1.17004168332e-06))
    assert one.equals(two)
    assert one["evppi"].tolist() == [1.170042e-06]


def test_files_hold_what_the_tables_do(answers, tmp_path):
    written = decision.write_tables(answers, tmp_path)
    assert [path.stem for path in written] == list(answers.tables)
    first = {path.name: path.read_bytes() for path in written}
    for name, table in answers.tables.items():
        read = pd.read_csv(tmp_path / "decide" / f"{name}.csv", keep_default_na=False, na_values=[""])
        assert len(read) == len(table)
    again = decision.write_tables(answers, tmp_path)
    assert {path.name: path.read_bytes() for path in again} == first


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path):
    import builtins

    plain = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("ema_workbench"):
            raise ImportError("gone", name="ema_workbench")
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match=r"decide needs ema_workbench: pip install 'fragile-peace\[decide\]'"):
        discovery.need_prim()
    with pytest.raises(InputError, match="decide needs ema_workbench"):
        decision.decide(ROOT / "results" / "packages")
    with pytest.raises(InputError, match=r"has no manifest\.json; it is not the result of a sweep"):
        decision.decide(tmp_path)  # said first


def test_a_lever_that_is_called_as_a_column_cannot_name_worlds():
    found = decisions.problem(levers=["threat.level"])
    named = replace(found, worlds=tuple({"option": world["package"]} for world in found.worlds[:3]))
    with pytest.raises(InputError, match=r"option is a column of losses.csv; .* --lever option"):
        decision.answered(named, Weights())
