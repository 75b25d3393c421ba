"""The C++ translation of the hot loop solves the engine's games: same inputs, solutions within 1e-12."""

import shutil

import pytest

from benchmarks import native
from tests.tools.worlds import EVENTFUL, small

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@needs_compiler
@pytest.mark.parametrize("changes", [EVENTFUL, {"mandate.un": True, "guarantee.trigger": "sustained"}], ids=["a", "b"])
def test_solves_the_same_games(changes):
    assert native.largest_difference(small(changes), 4) <= native.AGREEMENT


@needs_compiler
def test_times_both_sides(monkeypatch):
    for name in ("RUNS", "REPEATS"):
        monkeypatch.setattr(native, name, 2)
    table = native.hot_loop(small({"weeks": 2}))
    assert "| engine, hot loop |" in table
    assert "| C++, hot loop |" in table


def test_without_a_compiler_it_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert native.hot_loop(small({"weeks": 2})) == "Not measured: no g++ on this machine.\n"
