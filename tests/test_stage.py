"""The week's stage games laid out: what is laid out anew, and when; and what is solved of them."""

import numpy as np
import pytest
from worlds import BASE, EAST, SMALL, opened

from model.declaration import Contingent
from model.kernels.reading import packed, unpacked
from model.kernels.values import evaluate
from model.scenario import Scenario


def test_games_follow_a_change_of_lead_where_the_troops_stay_as_many():
    """What depends on who is there is laid out anew only when somebody moved, which a new lead alone is, too."""
    posts = {"West": 0.2, "East": 0.2, "North": 0.1, "Base": 0.5}
    reputations = {"Borduria": 2.5, "Caledonia": 1.25}
    two = [Contingent(name=name, troops=2, deployment=posts, reputation=value) for name, value in reputations.items()]
    run = opened(Scenario(name="two", force=SMALL.force, places=SMALL.places, contingents=two), 2, in_n=[1] + 15 * [0])
    assert (run.week["lead_s"][EAST], run.games[EAST]["leave"][2]) == (0, -2.5)
    troops = run.week["m_s"].tolist()
    run.state["in_n"][:2] = 0, 1
    run.phase(1)
    run.phase(2)
    assert run.week["m_s"].tolist() == troops
    assert (run.week["lead_s"][EAST], run.games[EAST]["leave"][2]) == (1, -1.25)


def test_a_hub_reads_the_same_among_hubs_where_what_cannot_occur_is_left_out():
    """Nobody names Ukraine in a hub: in a block of hubs what would follow is set for readers only."""
    run = opened(SMALL)
    run.phase(2)
    beside_sectors = run.games[BASE]
    assert beside_sectors["response"][4:6].sum(axis=1) == pytest.approx([1, 1])
    among_hubs = packed(beside_sectors)
    among_hubs["may_act"][:, 1:3] = 0
    later = ("q", "response", "value_R", "value_U")
    for name in later:
        among_hubs[name] = 0.0
    evaluate(among_hubs[0])
    assert (among_hubs["response"][0][:, 4:6] == 0.0).all()
    again = unpacked(among_hubs, 1)[0]
    for name in (*later, "decision"):
        assert np.array_equal(again[name], beside_sectors[name]), name
