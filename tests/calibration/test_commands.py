"""`fragile-peace calibrate` as the pages show it, on fewer simulations; a fit and a trial take too long even so."""

from functools import partial

import pytest
from typer.testing import CliRunner

from fragile_peace_lab.calibration import check, war_fit, war_pool
from fragile_peace_lab.cli.main import app

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _fewer(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "check", partial(check.check, members=4, runs=2))
    monkeypatch.setattr(war_fit, "Settings", partial(war_fit.Settings, members=32))


def said(*arguments):
    """What the command says; so few simulations may miss a target (exit code 1)."""
    done = CliRunner().invoke(app, ["calibrate", *arguments])
    assert done.exit_code in (0, 1), done.output
    return done.output


def test_the_shipped_posterior_is_checked():
    assert "scored outputs hit" in said("--check")


def test_the_war_sample_is_made_and_checked(tmp_path):
    (tmp_path / "mine.yaml").write_text(war_pool.SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    assert "mine.parquet (written" in said("--war", "--classes", "mine.yaml", "--out", "mine.parquet")
    assert "played afresh" in said("--war", "--check", "--out", "mine.parquet")
