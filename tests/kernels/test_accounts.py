"""The accounts of a run: deaths and single violations by their laws, and outcomes as the sums of the weeks."""

import math

import numpy as np
import pytest
from scipy import stats

from fragile_peace.codes import Action, Decision, LeftWeek, PlaceKind, Reply, Response, Resumed, Rung, Signal
from fragile_peace.kernels import casualties, counts, ladder
from fragile_peace.kernels.chance.draws import SPLIT_LIMIT
from fragile_peace.runs.simulation import simulate_weekly
from tests.tools.worlds import BASE, EVENTFUL, NORTH, WARLIKE, WEST, opened, quiet_week, small

COMPLY, PROBE, RAID, STRIKE = Action
QUIET, RUSSIA, UKRAINE, DISPUTED = Signal
FIRE, HONOUR, HOLD = Response.FIRE, Decision.HONOUR, Reply.HOLD
LINE, BORDER, HUB = PlaceKind
LIMIT = 4.0
"""|z| below it: one false alarm in 16,000 for one statistic. Seeds are fixed."""


def test_deaths_are_shared_out_over_those_present():
    """2,000 strikes' deaths: they add up, nobody absent dies, shares follow the garrisons (chi2, p > 1e-4)."""
    run = opened(small({"fatality.strike_tail": 2}), "reply")
    total = np.zeros(3)
    for week in range(600):
        run.state["week"] = week
        quiet_week(run, action_R_s={BASE: STRIKE}, K_s={BASE: 1}, signal_s={BASE: RUSSIA})
        ladder.aftermath(run.parameters, run._state, run._week, run._games, run._outcomes, run._scratch)
        w = run.week
        assert w["deaths_s"][BASE] == w["deaths_sn"][BASE].sum() == w["deaths_n"].sum() >= 1
        total += w["deaths_n"][:3]
    garrison = run.week["garrison_sn"][BASE, :3]
    assert stats.chisquare(total, total.sum() * garrison / garrison.sum()).pvalue > 1e-4
    assert run.outcomes["deaths"][HUB] == total.sum()
    assert run.outcomes["strike_deaths"] == total.sum()
    law = stats.zipfian(2, int(1000 * run.week["m_s"][BASE] / run.parameters["sites"][0]))
    assert abs(total.sum() / 600 - law.mean()) / math.sqrt(law.var() / 600) < LIMIT


def test_no_more_die_than_were_there():
    """A site of two or three soldiers, and bounds as wide as they go: a million soldiers in one base of one site.

    Deaths stay within the site and within what `draws.split` shares out, and always add up.
    """
    nations = ("Albion", "Borduria", "Caledonia")
    loyal = {f"contingents.{nation}.aversion": 0 for nation in nations}
    hosts = {f"contingents.{nation}.troops": 500 for nation in nations}
    crowded = small(loyal, hosts, {"commitment.upkeep": 0, "force.sites_per_hub": 1})
    for scenario, most in ((crowded, SPLIT_LIMIT), (small(loyal, {"force.sites_per_hub": 1000}), 4)):
        run = opened(scenario.override({"fatality.strike_tail": 1.5}), "reply")
        sites, largest = run.parameters["sites"][0], 0
        for week in range(60):
            run.state["week"] = week
            quiet_week(run, action_R_s={BASE: STRIKE}, K_s={BASE: 1}, signal_s={BASE: RUSSIA})
            ladder.aftermath(run.parameters, run._state, run._week, run._games, run._outcomes, run._scratch)
            w = run.week
            assert w["deaths_s"][BASE] == w["deaths_sn"][BASE].sum() == w["deaths_n"].sum() >= 1
            assert w["deaths_s"][BASE] <= 1000 * w["m_s"][BASE] / sites + 1e-6
            largest = max(largest, int(w["deaths_s"][BASE]))
            assert casualties.largest_event(run.parameters[0], BASE, w["m_s"][BASE]) <= most
        assert largest > 1


def test_the_largest_event_of_a_line_place_is_that_of_a_site_however_the_line_is_cut():
    """Ten sites along 100 km: 1,000 soldiers on 100 km or 500 on 50 km are 100 a site; below 10 km one site is left."""
    run = opened(small({"force.sites_per_hub": 10}), "reply")
    p = run.parameters[0]
    for length, troops, most in ((100, 1.0, 100), (50, 0.5, 100), (5, 0.05, 50), (100, 0.001, 1)):
        p["l_s"][WEST] = length
        assert casualties.largest_event(p, WEST, troops) == most


def test_mass_casualties_are_felt_more():
    run = opened(small({"fatality.strike_tail": 1.5, "force.sites_per_hub": 1, "support.mass_hit": 2}), "reply")
    seen = set()
    for week in range(60):
        run.state["week"] = week
        quiet_week(run, action_R_s={BASE: STRIKE}, K_s={BASE: 1}, signal_s={BASE: RUSSIA})
        ladder.aftermath(run.parameters, run._state, run._week, run._games, run._outcomes, run._scratch)
        mass = run.week["deaths_s"][BASE] >= 10
        assert np.array_equal(run.week["felt_n"], run.week["deaths_n"] * (3.0 if mass else 1.0))
        seen.add(bool(mass))
    assert seen == {False, True}


def test_counts_follow_their_gamma_mixture():
    """A raid every week for 4,000 weeks in one place: mean, variance and the shares seen, |z| < LIMIT each."""
    rates = {"counts.raid": 612, "counts.dispersion": 0.76, "counts.deaths_per_1000": 0.685}
    run = opened(small({"counts.season_amplitude": 0}, rates), "reply")
    run.state["x_s"][:] = 0.5
    run.state["r_s"][:] = 0.2
    seen, missed, events, deaths = (np.zeros(4000) for _ in range(4))
    for week in range(4000):
        run.state["week"] = week
        run._week["action_R_s"][0, WEST] = RAID
        counts.draw_violations(run.parameters, run._state, run._week, run._games, run._scratch)
        counts.draw_local_deaths(run.parameters, run._state, run._week, run._scratch)
        counts.tally_violations(run.parameters, run._state, run._week, run._outcomes)
        seen[week], missed[week] = run.week["recorded_R_s"][WEST], run.week["missed_R_s"][WEST]
        events[week], deaths[week] = run.week["local_events_s"].sum(), run.week["local_deaths_s"].sum()
    mean = 612 * 1.0 * (1.4 / 1.1) * 0.8 * 1.5 + 0.375
    gamma_part, e = mean - 0.375, run.games[WEST]["coverage"]
    true = seen + missed
    spread = mean + gamma_part**2 / 0.76
    assert abs(true.mean() - mean) / math.sqrt(spread / 4000) < LIMIT
    fourth = ((true - true.mean()) ** 4).mean()
    assert abs(true.var() - spread) / math.sqrt((fourth - true.var() ** 2) / 4000) < LIMIT
    z = (seen.sum() - e * true.sum()) / math.sqrt(e * (1 - e) * true.sum())
    assert abs(z) < LIMIT
    everything = run.outcomes["true_R"].sum() + run.outcomes["true_U"].sum()
    expected = 0.685 / 1000 * everything
    assert abs(events.sum() - expected / 1.33) / math.sqrt(expected / 1.33) < LIMIT
    assert abs(deaths.sum() - 1.33 * events.sum()) / math.sqrt(0.33 * events.sum()) < LIMIT


def test_where_everyone_complies_only_accidents_are_counted():
    """0.375 a side per 100 km and week, at any restraint, tension, season: 2,000 weeks, |z| < LIMIT."""
    run = opened(through="reply")
    quiet_week(run)
    run.state["x_s"][:] = 5.0
    total = 0
    for week in range(2000):
        run.state["week"] = week
        counts.draw_violations(run.parameters, run._state, run._week, run._games, run._scratch)
        total += run.week["recorded_R_s"][NORTH] + run.week["missed_R_s"][NORTH]
    assert abs(total - 2000 * 1.5) / math.sqrt(2000 * 1.5) < LIMIT


@pytest.fixture(scope="module", params=["eventful", "warlike", "plain"])
def kept(request):
    """60 runs with their weeks."""
    changes = {"eventful": EVENTFUL, "warlike": WARLIKE, "plain": {"force.deploy_weeks": 6, "commitment.upkeep": 2.8}}
    scenario = small(changes[request.param], {"force.review_weeks": 6, "contact.dmz_km": 2, "force.target_week": 5})
    return scenario, simulate_weekly([scenario], 60, seed=31, kept=60)


def test_outcomes_are_the_sums_of_the_weeks(kept):
    scenario, result = kept
    kinds = np.array([place.kind for place in scenario.places])
    n = len(kinds)
    for o, weeks in zip(result.outcomes[0], result.weeks[0], strict=True):
        w = weeks[: o["weeks"]]
        for name in ("recorded", "missed"):
            assert not w[f"{name}_R_s"][:, BASE].any()
            assert not w[f"{name}_U_s"][:, BASE].any()
        for side in "RU":
            recorded, missed = w[f"recorded_{side}_s"][:, :n], w[f"missed_{side}_s"][:, :n]
            for action in range(len(o[f"recorded_{side}"])):
                where = (w[f"action_{side}_s"][:, :n] == action) & (kinds != HUB)
                assert o[f"recorded_{side}"][action] == recorded[where].sum()
                assert o[f"true_{side}"][action] == (recorded + missed)[where].sum()
                assert o[f"breaches_{side}"][action] == (w[f"action_{side}_s"][:, :n] == action).sum()
        line = kinds == LINE
        assert o["line_recorded"] == (w["recorded_R_s"] + w["recorded_U_s"])[:, :n][:, line].sum()
        assert o["line_place_weeks"] == line.sum() * o["weeks"]
        assert o["place_weeks"] == 3 * o["weeks"]
        assert o["km_weeks"] == pytest.approx(560 * o["weeks"])
        assert o["line_km_weeks"] == pytest.approx(160 * o["weeks"])
        assert o["local_events"] == w["local_events_s"].sum() <= o["local_deaths"] == w["local_deaths_s"].sum()
        assert o["attributed_R"] == (w["signal_s"][:, :n] == RUSSIA).sum()
        assert o["disputed"] == (w["signal_s"][:, :n][:, kinds != HUB] == DISPUTED).sum()
        assert list(o["strikes"]) == [(w["action_R_s"][:, :n][:, kinds == k] == STRIKE).sum() for k in range(3)]
        assert list(o["deaths"]) == [w["deaths_s"][:, :n][:, kinds == k].sum() for k in range(3)]
        assert list(o["deaths_n"]) == list(w["deaths_n"].sum(0))
        assert list(w["deaths_n"].sum(0)) == list(w["deaths_sn"].sum((0, 1)))
        struck = w["action_R_s"][:, :n] == STRIKE
        meant = [(w["deaths_s"][:, :n] * struck)[:, kinds == k].sum() for k in range(3)]
        assert list(o["deliberate_deaths"]) == meant
        assert o["strike_deaths"] == sum(meant)
        assert o["troop_years"].sum() == pytest.approx(w["troops"].sum() * 1000 / 52)
        assert o["planned_troop_years"] == pytest.approx(6 * w["ramp"].sum() * 1000 / 52)
        assert o["invocations"] == o["decisions"].sum() == (w["decision_s"][:, :n] >= 0).sum()
        assert list(o["responses"]) == [(w["response_s"][:, :n] == k).sum() for k in range(3)]
        assert list(o["replies"]) == [(w["reply_s"][:, :n] == k).sum() for k in range(3)]
        assert o["dmz_intrusions"] == (w["action_R_s"][:, :n] == PROBE).sum() + (w["action_U_s"][:, :n] == PROBE).sum()
        assert o["rung"] == w["rung"].max()
        assert list(o["rung_weeks"]) == [(w["rung"] == k).sum() for k in range(len(Rung))]


def test_firsts_are_the_first_weeks(kept):
    scenario, result = kept
    n = len(scenario.places)
    for o, weeks in zip(result.outcomes[0], result.weeks[0], strict=True):
        w = weeks[: o["weeks"]]
        happened = {
            "first_strike": (w["action_R_s"][:, :n] == STRIKE).any(1),
            "first_death": (w["K_s"][:, :n] == 1).any(1),
            "first_invocation": (w["decision_s"][:, :n] >= 0).any(1),
            "first_honour": (w["decision_s"][:, :n] == HONOUR).any(1),
            "first_exchange": ((w["response_s"][:, :n] == FIRE) | (w["reply_s"][:, :n] >= HOLD)).any(1),
            "first_withdrawal": (w["left_n"] == 1).any(1),
        }
        for name, when in happened.items():
            assert o[name] == (np.argmax(when) if when.any() else -1), name
        disputed = (w["signal_s"][:, :3] == DISPUTED).any(1)
        if disputed.any():
            assert 7 * np.argmax(disputed) <= o["first_accusation_day"] < 7 * np.argmax(disputed) + 7
        else:
            assert o["first_accusation_day"] == -1
        assert o["share_deployed"] == (w["troops"][5] / 6 if o["weeks"] > 5 else -1)


def test_contingents_join_once_and_leave_once(kept):
    _, result = kept
    for o, weeks in zip(result.outcomes[0], result.weeks[0], strict=True):
        w = weeks[: o["weeks"]]
        stayed_out = o["left_week_n"][:3] == LeftWeek.NEVER_JOINED
        assert o["joined"] == 3 - stayed_out.sum()
        assert o["left"] == (o["left_week_n"][:3] >= 0).sum() == w["left_n"].sum()
        present = w["in_n"][:, :3]
        assert (np.diff(present, axis=0) <= 0).all()
        assert not present[:, stayed_out].any()
        assert (w["garrison_sn"][1:, :, :3].sum(1)[present[:-1] == 0] == 0).all()
        due = ((w["week"] + 1) % 6 == 0) | (w["deaths_n"].sum(1) > 0)
        decided = (w["p_stay_n"][:, :3] >= 0).any(1)
        before = np.vstack([~stayed_out, present[:-1]]).any(1)
        spiralled = (w["spiral_s"] > 0).any(1)
        np.testing.assert_array_equal(decided, due & before & ~spiralled)


def test_a_hub_has_no_violations_no_tension_and_only_strikes(kept):
    _, result = kept
    for o, weeks in zip(result.outcomes[0], result.weeks[0], strict=True):
        w = weeks[: o["weeks"]]
        assert set(np.unique(w["action_R_s"][:, BASE])) <= {COMPLY, STRIKE}
        assert not w["action_U_s"][:, BASE].any()
        assert not w["x_s"][:, BASE].any()
        assert not w["local_events_s"][:, BASE].any()
        assert set(np.unique(w["signal_s"][:, BASE])) <= {
            QUIET,
            RUSSIA,
            DISPUTED,
        }  # nobody blames Ukraine for a strike on a base


def test_reviews_come_at_their_weeks_and_only_while_the_ceasefire_holds(kept):
    scenario, result = kept
    every = scenario.war.review_weeks
    for o, weeks in zip(result.outcomes[0], result.weeks[0], strict=True):
        w = weeks[: o["weeks"]]
        spiralled = (w["spiral_s"] > 0).any(1)
        np.testing.assert_array_equal(w["p_resume_bluffing"] >= 0, ((w["week"] + 1) % every == 0) & ~spiralled)
        np.testing.assert_array_equal(
            w["p_resume_ukraine"] >= 0, (w["p_resume_bluffing"] >= 0) & (w["resumed"] != Resumed.RUSSIA)
        )
        assert (w["rung"][:-1] < Rung.WAR_RUSSIA_UKRAINE).all()
        last = w[-1]
        if last["resumed"] == Resumed.RUSSIA:
            without_us = Rung.WAR_RUSSIA_COALITION if last["coalition_fights"] else Rung.WAR_RUSSIA_UKRAINE
            assert last["rung"] == (Rung.WAR_WITH_US if last["us_fights"] else without_us)
        elif last["resumed"] == Resumed.UKRAINE:
            assert last["rung"] == Rung.WAR_RUSSIA_UKRAINE
