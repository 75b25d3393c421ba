"""docs/cyprus.md: its scenario is read and runs, its lines are executed, and its numbers are what they print."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from fragile_peace import Scenario, simulate
from fragile_peace.codes import PlaceKind
from fragile_peace.errors import InputError

DOCS = Path(__file__).resolve().parents[1] / "docs"
FILE = DOCS / "cyprus_1974.yaml"
PAGE = (DOCS / "cyprus.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """The one fenced block of a kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def test_the_scenario_is_five_places_of_36_km_a_un_force_and_no_guarantee():
    world = Scenario.load(FILE)
    assert [(place.kind, place.length_km) for place in world.places] == [(PlaceKind.LINE, 36.0)] * 5
    assert world.mandate.un
    assert sum(world.troops) == pytest.approx(2.5)
    outcomes = simulate([world], 16, seed=1)
    assert (outcomes["weeks"] == 104).all(), "the ceasefire cannot end where war has no prize"
    assert not outcomes["first_invocation"].max() >= 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"places.Nicosia.length_km": 4}, "length_km"),
        ({"contingents.Canada.deployment": {"Nicosia": 1.2}}, "deployment"),
        ({"mandate.rules": "observe"}, "mandate.r"),
    ],
)
def test_a_wrong_file_is_refused_by_the_field(change, told):
    with pytest.raises(InputError, match=re.escape(told)):
        Scenario.load(FILE).override(change)


def test_the_pages_lines_print_the_pages_numbers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / FILE.name).write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "cyprus.yaml").write_text(block("yaml"), encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(block("python"), "docs/cyprus.md", "exec"), {})
    printed = out.getvalue().strip()
    assert printed.splitlines()[-2:] == re.findall(r"^-6\.2 per.*|^Monte Carlo error: .*", PAGE, re.MULTILINE)
