"""`fragile-peace calibrate`, each way of it that the pages show, on fewer simulations: all take up to an hour."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from fragile_peace_lab.calibration import check, fit, trial, war_fit, war_pool, waves
from fragile_peace_lab.calibration.free import MEAN, SPREAD, START
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design import posterior
from fragile_peace_lab.design.posterior import Posterior

pytestmark = pytest.mark.slow
FIT = fit.Settings(waves=(64, 32), cuts=(3.5, 3.0), runs=2, candidates=64, candidate_runs=2, members=64, seed=5)
"""So small that its posterior says nothing."""


@pytest.fixture(autouse=True)
def _fewer(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "check", partial(check.check, members=4, runs=2))
    monkeypatch.setattr(war_fit, "Settings", partial(war_fit.Settings, members=32))
    monkeypatch.setattr(fit, "Settings", lambda: FIT)
    monkeypatch.setattr(fit, "PARTICLES", 64)
    monkeypatch.setattr(waves, "POOL", 1 << 11)
    monkeypatch.setattr(waves.Simulated, "load", partial(every_third, waves.Simulated.load()))
    monkeypatch.setattr(trial, "REPLICATES", 40)
    monkeypatch.setattr(trial, "trial", partial(trial.trial, points=1 << 12))


def every_third(whole):
    """A third of the simulated points, for emulators that are made sooner."""
    kept = np.arange(len(whole.x)) % 3 == 0
    return waves.Simulated(whole.wave[kept], whole.x[kept], whole.y[kept], whole.together, whole.cuts)


def said(*arguments):
    """What the command says; so few simulations may miss a target (exit code 1)."""
    done = CliRunner().invoke(app, ["calibrate", *arguments])
    assert done.exit_code in (0, 1), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.output


def test_the_shipped_posterior_is_checked(tmp_path):
    assert "scored outputs hit" in said("--check", "--figures", "results/calibration/figures")
    assert list((tmp_path / "results" / "calibration" / "figures").glob("*.png"))


def test_a_posterior_is_fitted_in_place_of_the_shipped_one_and_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(posterior, "SHIPPED", tmp_path / "shipped" / "posterior.parquet")
    assert "wave 1: 64 points" in said("--resume")
    again = said("--resume", "--out", "mine.parquet")
    assert "64 of 64 points" not in again, "simulations that are there are not made again"
    first, second = posterior.SHIPPED, tmp_path / "mine.parquet"
    assert len(Posterior.load(second)) > 1
    assert first.read_bytes() == second.read_bytes()
    assert first.with_name(waves.SIMULATED).exists()
    assert second.with_name(waves.SIMULATED).exists()


def test_the_inference_is_put_on_trial(tmp_path):
    """Forty records: no parameter's 90 % interval covers less than 65 %.

    With right intervals 40 truths are covered 26 times or less in one case of 50,000, for 22 quantities in
    one of 2,400.
    """
    assert "leave their bands" in said("--trial", "--figures", "trial")
    assert (tmp_path / "trial" / "trial.png").exists()
    table, ranks = (pd.read_csv(tmp_path / "trial" / f"{name}.csv") for name in ("trial", "trial_ranks"))
    assert len(ranks) == 40
    assert ranks[list(trial.NAMES)].to_numpy().max() <= trial.DRAWS
    assert {MEAN, SPREAD, START} <= set(table["parameter"])
    assert (table["coverage90"] > 0.65).all()


def test_payoffs_for_another_precision_are_printed():
    assert "precision.russia: 2" in said("--precision", "2")


def test_the_war_sample_is_made_and_checked(tmp_path):
    (tmp_path / "mine.yaml").write_text(war_pool.SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    assert "mine.parquet (written" in said("--war", "--classes", "mine.yaml", "--out", "mine.parquet")
    assert "played afresh" in said("--war", "--check", "--out", "mine.parquet")
