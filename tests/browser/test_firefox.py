"""The page in Debian's Firefox, from a file, with no network: its check, and one curve with the numbers of Python."""

import hashlib
import shutil

import pytest

from fragile_peace.codes import Event
from fragile_peace.declared.scenario import Scenario
from fragile_peace.runs.simulation import simulate
from tests.tools import bidi

FIREFOX = next((path for name in ("firefox-esr", "firefox") if (path := shutil.which(name))), None)
WAIT = 120.0
RUNS = 32
CURVE = """(async () => { const { live, settings, views, about } = fragilePeace;
  const outcome = about.outcomes.find((each) => each.name === settings.outcome);
  return views.risk.rows(outcome, settings).map((point) =>
    ({ x: point.x, estimate: point.row.estimate, digest: sha256(live.have(point.settings)) })); })()"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FIREFOX is None, reason="no Firefox on this machine (Debian: apt-get install firefox-esr)"),
]


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    """A Firefox with a profile of its own; any error on a page, and any request that leaves it, fails the test."""
    pytest.importorskip("websockets", reason="websockets is not installed (the extra viz brings it)")
    with bidi.running(FIREFOX, tmp_path_factory.mktemp("firefox"), WAIT) as found:
        yield found
        assert found.faults == []


def test_it_reproduces_published_runs_and_draws_the_curve_of_python(built, firefox):
    firefox.open(f"{built.as_uri()}#runs={RUNS}&members=0&outcome=collapse")
    assert firefox.until('document.getElementById("check").dataset.right') == "true"
    assert "to the last bit: yes" in firefox.value('document.getElementById("check").textContent')
    firefox.until("document.querySelector('[data-state=\"done\"]') !== null")
    firefox.until("document.querySelector('[data-digest]') !== null")
    curve = firefox.value(CURVE)
    assert [point["x"] for point in curve] == [0, 0.25, 0.5, 0.75, 1]
    worlds = [Scenario.load("reassurance_15k").override({"threat.level": float(point["x"])}) for point in curve]
    for point, outcomes in zip(curve, simulate(worlds, RUNS, 1), strict=True):
        assert point["digest"] == hashlib.sha256(outcomes.tobytes()).hexdigest()
        assert point["estimate"] == outcomes["happened"][:, Event.COLLAPSE].mean()
    assert firefox.value("document.querySelectorAll('.fp-tall path.fp-dot').length") == len(curve)
    assert firefox.value("document.querySelectorAll('.fp-tall path.fp-line').length") >= 1
    assert firefox.value("document.querySelectorAll('.fp-numbers tbody tr').length") == len(curve)
