"""What is said of a lever in a line: a mean that most members contradict is not told as their effect."""

from fragile_peace_lab.estimates.robustness import Sign
from fragile_peace_lab.report import findings
from fragile_peace_lab.report.findings import DIVIDED, Movement, summary, verdict

ROW = {"estimate": -0.074, "mc_low": -0.08, "mc_high": -0.068, "param_low": -0.8, "param_high": 0.05}


def moved(short: str, way: int, members: str = "", divided: bool = False) -> Movement:
    return Movement(short, short, "−7.4 points", "", "", way, members, divided, "", "", "", False)


def test_a_mean_that_most_members_contradict_is_apart():
    few = moved("deaths", -1, "so in 37% of the members", divided=True)
    said = summary([moved("shots", 0), few, moved("raids", 1), moved("strikes", -1)])
    assert said == [
        ("More", "raids (−7.4 points)"),
        ("Less", "strikes (−7.4 points)"),
        (DIVIDED, "deaths (−7.4 points, so in 37% of the members)"),
        ("Not settled by the runs made", "shots"),
    ]


def test_the_verdict_says_so_too():
    assert verdict(ROW, True) == "less on average, but the other way in most samples of the unknowns"
    assert verdict(ROW, False) == "less on average; the unknowns can turn it round"
    assert findings._divided(Sign(-1, 0.37, -0.074))
    assert not findings._divided(Sign(-1, 0.5, -0.074))
    assert not findings._divided(Sign(0, 0.37, 0.0))
    assert not findings._divided(Sign(-1, None, -0.074))
