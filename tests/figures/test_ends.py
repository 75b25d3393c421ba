"""The figure of when the ceasefire ends: a mark a class, month and structure, at every size, to the same bytes."""

import pandas as pd
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace_lab.figures.drawing import SIZES, rendered
from fragile_peace_lab.figures.ends import when_it_ends

CLASSES = (("all", "all"), ("class", "civil"), ("class", "interstate"), ("tactical", "no"), ("tactical", "yes"))


@pytest.fixture(scope="module")
def picture():
    rows = []
    for structure in ("usual", "other", "third"):
        for level in (0.0, 1.0):
            for label, value in CLASSES:
                for month, share in ((1, 0.1), (12, 0.3), (60, None)):
                    bands = {"mc_low": 0.08, "mc_high": 0.35, "param_low": 0.02, "param_high": 0.5} if share else {}
                    rows.append(
                        {"outcome": "collapse", "structure": structure, "threat.level": level, "label": label,
                         "value": value, "month": month, "time": month * 4, "at_risk": 9, "events": 3, "n_members": 4,
                         "estimate": share, "note": "" if share else "beyond the horizon of 104 weeks", **bands}
                    )  # fmt: skip
    force = Scenario.load("reassurance_15k").force
    return when_it_ends(pd.DataFrame(rows), {"threat.level": 1.0}, force, "At threat level 1")


def test_it_shows_one_setting_and_says_where_the_horizon_ends(picture):
    assert len(picture.numbers) == 3 * len(CLASSES) * 3
    assert picture.about["deploys_months"] == [0, 6]
    figure = picture.draw(SIZES["page"])
    said = " ".join(text.get_text() for text in figure.texts)
    assert "The horizon ends before month 60" in said
    for words in ("civil wars", "perhaps tactical", "all members", "usual", "third"):
        assert words in said
    assert "all members 30%" in picture.alt


def test_every_panel_has_its_months_and_the_window(picture):
    axes = picture.draw(SIZES["page"]).axes
    assert len(axes) == 2 * 3
    for ax in axes:
        assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "12"]
        window = ax.patches[0]
        assert 0 < window.get_x() + window.get_width() < 1  # month 6 lies between 1 and 12


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_drawn_to_the_same_bytes_again(picture, size):
    kind = SIZES[size].kinds[0]
    first, again = (rendered(picture.draw(SIZES[size]), kind, SIZES[size]) for _ in range(2))
    assert first == again
