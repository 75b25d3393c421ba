"""The week's stage games laid out: what is laid out anew, and when; and what is solved of them."""

from fragile_peace.declared.declaration import Contingent
from fragile_peace.declared.scenario import Scenario
from tests.tools.worlds import EAST, SMALL, opened


def test_games_follow_a_change_of_lead_where_the_troops_stay_as_many():
    """What depends on who is there is laid out anew only when somebody moved, which a new lead alone is, too."""
    posts = {"West": 0.2, "East": 0.2, "North": 0.1, "Base": 0.5}
    reputations = {"Borduria": 2.5, "Caledonia": 1.25}
    two = [Contingent(name=name, troops=2, deployment=posts, reputation=value) for name, value in reputations.items()]
    scenario = Scenario(name="two", force=SMALL.force, places=SMALL.places, contingents=two)
    run = opened(scenario, "solve", in_n=[1] + 15 * [0])
    assert (run.week["lead_s"][EAST], run.games[EAST]["leave"][2]) == (0, -2.5)
    troops = run.week["m_s"].tolist()
    run.state["in_n"][:2] = 0, 1
    run.phase("deploy")
    run.phase("solve")
    assert run.week["m_s"].tolist() == troops
    assert (run.week["lead_s"][EAST], run.games[EAST]["leave"][2]) == (1, -1.25)
