"""Sobol indices: the known values of Ishigami's function, agreement with SALib, and the sweep they are read from."""

import json

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design.points import uniforms
from fragile_peace_lab.design.sweep import Sweep
from fragile_peace_lab.estimates.sobol import indices, sobol
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.tiny_sweeps import tiny

A, B = 7.0, 0.1


def ishigami(u):
    """sin x1 + a sin^2 x2 + b x3^4 sin x1, x uniform on [-pi, pi] (Ishigami & Homma 1990)."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def exact():
    """First and total indices of Ishigami's function in closed form."""
    one = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    two = A**2 / 8
    both = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = one + two + both
    return np.array([one, two, 0]) / variance, np.array([one + both, two, both]) / variance


@pytest.fixture(scope="module")
def found():
    return sobol(ishigami(uniforms("saltelli", 4096, 3, 11)), 3)


def test_ishigamis_indices_are_found_and_lie_in_their_intervals(found):
    """4,096 blocks: within 0.03; each exact value in its 95 % interval (seed fixed, so a pass is repeated exactly)."""
    for kind, truth in zip(("first", "total"), exact(), strict=True):
        np.testing.assert_allclose(found[kind], truth, atol=0.03)
        assert (found[f"{kind}_low"] <= truth + 1e-9).all()
        assert (truth <= found[f"{kind}_high"] + 1e-9).all()


def test_agrees_with_salib(found):
    analyze = pytest.importorskip("SALib.analyze.sobol").analyze
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}
    theirs = analyze(problem, ishigami(uniforms("saltelli", 4096, 3, 11)), calc_second_order=False, seed=1)
    np.testing.assert_allclose(found["first"], theirs["S1"], atol=0.02)
    np.testing.assert_allclose(found["total"], theirs["ST"], atol=1e-3)


def test_the_intervals_cover(found):
    """64 blocks, 60 seeds, 6 indices: 95 % intervals hold the truth in 88 % or more (bootstrap of few blocks)."""
    inside = []
    for seed in range(60):
        small = sobol(ishigami(uniforms("saltelli", 64, 3, seed)), 3, resamples=300)
        for kind, truth in zip(("first", "total"), exact(), strict=True):
            inside.append((small[f"{kind}_low"] <= truth) & (truth <= small[f"{kind}_high"]))
    assert np.mean(inside) > 0.88


def test_what_does_not_vary_has_no_indices():
    flat = sobol(np.ones(20), 3)
    assert all((values == 0).all() for values in flat.values())


def test_broken_blocks_are_refused():
    with pytest.raises(InputError, match="21 points are not at least two whole blocks of 5"):
        sobol(np.ones(21), 3)


UNKNOWNS = {"threat.credibility": {"uniform": [0.05, 0.6]}, "war.prize": {"uniform": [6, 18]}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    sweep = tiny(base="reassurance_15k", levers={}, uncertainties=UNKNOWNS, weeks=8, runs=8,
                 design={"uncertainties": {"saltelli": 16}})  # fmt: skip
    return run_sweep(sweep, tmp_path_factory.mktemp("sensitivity") / "s", progress="none")


def test_a_sweep_is_ranked_and_the_prize_of_war_drives_the_end(folder):
    table = indices(folder, ("collapse", "violations_true_line"))
    end = table[table["outcome"] == "collapse"]
    assert list(end["rank"]) == [1, 2]
    assert end["uncertainty"].iloc[0] == "war.prize"
    assert (end["total"].diff().dropna() <= 0).all()
    assert end["prior_driven"].all()
    assert (table["noise"] >= 0).all()


def test_another_design_is_refused(tmp_path):
    folder = run_sweep(tiny(base="reassurance_15k", runs=1, levers={}), tmp_path / "s", progress="none")
    with pytest.raises(InputError, match="is no Saltelli design"):
        indices(folder)


def test_the_command_prints_a_table_and_draws(folder, capsys):
    with pytest.raises(SystemExit) as stop:
        app(["sensitivity", str(folder), "--json"])
    assert stop.value.code == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["uncertainty"] for row in rows} == set(UNKNOWNS)
    assert (folder / "figures" / "sensitivity.svg").stat().st_size > 1000


def test_the_shipped_sweep_is_a_saltelli_design_of_independent_priors():
    sweep = Sweep.load("sensitivity")
    assert sweep.design.sampler == "saltelli"
    assert len(sweep.uncertainties) == 20
