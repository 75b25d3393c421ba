"""A run told in words: every event agrees with the WEEK rows of the same run played by itself."""

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fragile_peace.codes import Action, Decision, EndCause, PlaceKind, Reply, Response, RussianType, Signal, UsType
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.errors import InputError
from fragile_peace.kernels.foresight import is_winter
from fragile_peace.runs.restraint import Basin, basin, expected_change
from fragile_peace.runs.single import SingleRun
from fragile_peace.state import OUTCOMES
from fragile_peace.words.chronicle import CAVEAT, LONGEST_SPELL, Chronicle, chronicle
from fragile_peace.words.telling_truce import going
from fragile_peace.words.wording import SCALE, chance, counted, listed, moved, percent, span, times, words
from tests.tools.worlds import EVENTFUL, SMALL, WARLIKE, small

ROOT = Path(__file__).resolve().parents[2]
WORLDS = {
    "small": SMALL,
    "eventful": small(EVENTFUL),
    "warlike": small(WARLIKE, {"weeks": 60}),
    "both": small(EVENTFUL, WARLIKE),
    "slow": small(EVENTFUL, {"force.deploy_weeks": 20, "force.start_week": 2, "start_date": "2027-11-15"}),
    "void": small({"guarantee.void_weeks": 6, "truce.restraint": 0, "truce.residual": 0, "guarantee.void_share": 0.01}),
    "revanche": small(
        WARLIKE, {"war.prize": 0, "war_ukraine.prize": 20, "war_ukraine.cost": 1, "readiness.initial": 0.6}
    ),
    "scheduled": Scenario.from_dict(
        {**SMALL.to_dict(), "schedule": [{"week": 5, "set": {"monitoring.isr": 0.1, "force.vacant_weeks": 3}}]}
    ),
}
RUNS = [(name, run) for name in WORLDS for run in range(5)] + [(name, run) for name in shipped() for run in range(2)]
assert len(RUNS) >= 50
SEED = 11


def world(name: str) -> Scenario:
    return WORLDS.get(name) or Scenario.load(name)


@cache
def told(name: str, run: int, every_week: bool = False) -> Chronicle:
    return chronicle(world(name), SEED, run, every_week=every_week)


@cache
def played(name: str, run: int) -> tuple[list[np.void], SingleRun]:
    single = SingleRun(world(name), SEED, run)
    rows = []
    while single.alive:
        rows.append(single.advance().copy())
    return rows, single


@cache
def changes(name: str, run: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """By week: what restraint on the line was expected to change by, and what it was before."""
    single, n, weeks = SingleRun(world(name), SEED, run), [p.kind == PlaceKind.LINE for p in world(name).places], []
    while single.alive:
        single.advance()
        weeks.append((expected_change(single)[n], single.of_games("restraint")[n]))
    return weeks


def of_kind(record: Chronicle, *kinds: str) -> list:
    return [event for event in record.events if event.kind in kinds]


def place_of(record: Chronicle, event) -> int:
    return record.scenario.place_index(event.place)


def flat(record: Chronicle) -> str:
    return " ".join(" ".join(record.lines()).split())


every_run = pytest.mark.parametrize(("name", "run"), RUNS)


@every_run
class TestAgreesWithTheWeeks:
    def test_moves(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        verbs = {"russia": ("keeps", "probes", "raids", "strikes"), "ukraine": ("", "probes", "raids")}
        for event in of_kind(record, "russia", "ukraine"):
            side, s = {"russia": "R", "ukraine": "U"}[event.kind], place_of(record, event)
            action = int(rows[event.week][f"action_{side}_s"][s])
            assert event.data["action"] == Action(action).name.lower()
            assert event.probability == rows[event.week][f"p_action_{side}_s"][s]
            assert verbs[event.kind][action] in event.text
            assert chance(event.probability) in event.text

    def test_monitors_response_decision_and_reply(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        fields = {
            "monitors": ("signal", Signal, None),
            "response": ("response", Response, "p_response_s"),
            "guarantee": ("decision", Decision, "p_decision_s"),
            "reply": ("reply", Reply, "p_reply_s"),
        }
        for event in of_kind(record, *fields):
            name_, codes, p = fields[event.kind]
            s = place_of(record, event)
            assert event.data[name_] == codes(int(rows[event.week][f"{name_}_s"][s])).name.lower()
            if p:
                assert event.probability == rows[event.week][p][s]
                assert chance(event.probability) in event.text
            if name_ == "response":
                lead = int(rows[event.week]["lead_s"][s])
                assert event.data["lead"] == record.scenario.contingents[lead].name
                assert event.data["lead"] in event.text

    def test_a_finding_is_called_wrong_when_it_is(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        for event in of_kind(record, "monitors"):
            row, s = rows[event.week], place_of(record, event)
            silent = {
                "russia": row["action_R_s"][s] == 0,
                "ukraine": row["action_U_s"][s] == 0,
                "disputed": row["action_R_s"][s] == row["action_U_s"][s] == 0,
                "quiet": False,
            }
            assert event.data["wrong"] == silent[event.data["signal"]]

    def test_every_strike_death_shot_pull_back_and_invocation_is_told(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        n = len(record.scenario.places)
        for kind, happened in {
            "deaths": lambda w: (w["K_s"][:n] == 1) | (w["action_R_s"][:n] == Action.STRIKE),
            "guarantee": lambda w: w["decision_s"][:n] >= 0,
            "reply": lambda w: w["reply_s"][:n] >= 0,
            "spiral": lambda w: w["reply_s"][:n] == Reply.ESCALATE,
        }.items():
            expected = {(t, int(s)) for t, w in enumerate(rows) for s in np.flatnonzero(happened(w))}
            assert {(e.week, place_of(record, e)) for e in of_kind(record, kind)} == expected
        for response in (Response.FIRE, Response.PULL_BACK):
            expected = {
                (t, int(s)) for t, w in enumerate(rows) for s in np.flatnonzero(w["response_s"][:n] == response)
            }
            events = [e for e in of_kind(record, "response") if e.data["response"] == response.name.lower()]
            assert {(e.week, place_of(record, e)) for e in events} == expected

    def test_every_death_by_nation(self, name, run):
        record, (rows, single) = told(name, run), played(name, run)
        nations = [c.name for c in record.scenario.contingents]
        total = dict.fromkeys(nations, 0)
        for event in of_kind(record, "deaths"):
            s = place_of(record, event)
            dead = rows[event.week]["deaths_sn"][s]
            meant = rows[event.week]["action_R_s"][s] == Action.STRIKE
            assert event.data["meant"] == meant
            assert not event.data["deaths"] or ("in the strike: meant" if meant else ": collateral") in event.text
            assert event.data["by_nation"] == {n: int(k) for n, k in zip(nations, dead, strict=False) if k}
            assert event.data["deaths"] == sum(event.data["by_nation"].values())
            for nation, count in event.data["by_nation"].items():
                total[nation] += count
                assert f"{nation} {count:,}" in event.text
        assert list(total.values()) == single.outcomes["deaths_n"][: len(nations)].tolist()
        meant = sum(event.data["deaths"] for event in of_kind(record, "deaths") if event.data["meant"])
        assert meant == record.events[-1].data["strike_deaths"] == single.outcomes["strike_deaths"]

    def test_every_withdrawal_with_the_chance_of_staying(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        nations = [c.name for c in record.scenario.contingents]
        asked = {t for t, w in enumerate(rows) if (w["p_stay_n"][: len(nations)] >= 0).any()}
        events = {event.week: event for event in of_kind(record, "commitment")}
        assert set(events) == asked
        for week, event in events.items():
            for i, nation in enumerate(nations):
                gone, p = bool(rows[week]["left_n"][i]), float(rows[week]["p_stay_n"][i])
                assert (nation in event.data["left"]) == gone
                assert event.data["stay"].get(nation, -1.0) == p
                assert not gone or f"{nation} (its chance of staying was {percent(p)})" in event.text

    def test_beliefs(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        heads = of_kind(record, "spell", "week")
        events = of_kind(record, "beliefs")
        assert len(heads) == len(events)
        for head, event in zip(heads, events, strict=True):
            first, last = rows[head.week], rows[event.week]
            assert event.data["committed"] == [first["mu_start"], last["mu"]]
            assert event.data["steadfast"] == [first["gamma_start"], last["gamma"]]
            assert moved(*event.data["committed"]) in event.text
            assert moved(*event.data["steadfast"]) in event.text

    def test_restraint_and_its_basins(self, name, run):
        record, expected = told(name, run), changes(name, run)
        for event in (record.events[0], *of_kind(record, "restraint", "basin"), record.events[-1]):
            change, restraint = expected[event.week]
            assert event.data["rises"] == (change > 0).sum()
            assert event.data["erodes"] == (change < 0).sum()
            assert event.data["sectors"] == len(change)
            assert event.data["basin"] == basin(change, restraint).name.lower()
            assert not restraint.any() or event.kind == "end" or going(event.data) in event.text
        turned = [event.data["basin"] for event in of_kind(record, "basin")]
        assert all(a != b for a, b in pairwise(turned))
        assert [e.week for e in of_kind(record, "restraint")] == [e.week for e in of_kind(record, "beliefs")]
        basins = [basin(change, restraint) for change, restraint in expected]
        for event in of_kind(record, "basin"):
            assert basins[event.week] != basins[event.week - 1]
        told_ = [each for each in basins if each != Basin.NEITHER]
        if basins[0] != Basin.NEITHER:
            assert len(turned) == sum(a != b for a, b in pairwise(told_))

    def test_calm_weeks(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        n = len(record.scenario.places)
        calm = [not (w["action_R_s"][:n].any() or w["action_U_s"][:n].any()) for w in rows]
        for event in of_kind(record, "spell"):
            weeks = calm[event.week : event.data["until_week"] + 1]
            assert event.data["calm_weeks"] == sum(weeks)
            assert ("neither side breaks the ceasefire" in event.text) == all(weeks)
            assert all(weeks) == (event.data["label"] == "calm")
            assert all(weeks) or len(weeks) <= LONGEST_SPELL
        for event in of_kind(record, "week"):
            assert ("A calm week" in event.text) == (calm[event.week] and event.data["rung"] == 0)

    def test_reviews(self, name, run):
        record, (rows, single) = told(name, run), played(name, run)
        for event in of_kind(record, "reviews"):
            for review in event.data["reviews"]:
                row = rows[review["week"]]
                for ours, theirs in (("bluffing",) * 2, ("committed",) * 2, ("ukraine",) * 2):
                    assert review[ours] == row[f"p_resume_{theirs}"]
                assert row["resumed"] == 0
        for event in of_kind(record, "review"):
            row = rows[event.week]
            p = float(row[f"p_resume_{event.data['russia']}"])
            assert event.probability == (p if row["resumed"] == 1 else 1 - p)
            assert event.data["resumed"] == (row["resumed"] == 1)
        in_spells = [r["week"] for e in of_kind(record, "reviews") for r in e.data["reviews"]]
        assert len(set(in_spells)) == len(in_spells)
        if single.outcomes["end_cause"] == EndCause.RESUMED_RUSSIA:
            assert of_kind(record, "review")[-1].data["resumed"]
            war = of_kind(record, "war_us")[-1]
            assert war.data["fights"] == (rows[-1]["us_fights"] == 1)
            assert war.data["chance"] == rows[-1]["p_A"][int(single.outcomes["tau"])]
            for event in of_kind(record, "war_coalition"):
                assert event.data["fights"] == (rows[-1]["coalition_fights"] == 1)

    def test_spells_add_up(self, name, run):
        record, (rows, single) = told(name, run), played(name, run)
        covered = []
        heads = of_kind(record, "spell", "week")
        counts = of_kind(record, "spell", "counts")
        for head in heads:
            covered += range(head.week, head.data.get("until_week", head.week) + 1)
        assert covered == list(range(len(rows)))
        o = single.outcomes
        assert sum(e.data["recorded"] for e in counts) == o["recorded_R"].sum() + o["recorded_U"].sum()
        assert sum(e.data["true"] for e in counts) == o["true_R"].sum() + o["true_U"].sum()
        assert sum(e.data["local_deaths"] for e in counts) == o["local_deaths"]
        assert sum(e.data["raids_russia"] for e in counts) == o["breaches_R"][Action.RAID]
        assert sum(e.data["attributed"]["disputed"] for e in counts) <= o["disputed"] + o["strikes"].sum()

    def test_the_chance_of_the_week_is_its_hazard(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        for event in of_kind(record, "week"):
            assert event.data["rung"] == rows[event.week]["rung"]
            if event.probability is not None:
                assert event.probability in rows[event.week]["hazard"].tolist()
                assert percent(event.probability) in event.text

    def test_types_truces_and_the_first_accusation(self, name, run):
        record, (rows, single) = told(name, run), played(name, run)
        kappa = [int(w["kappa"]) for w in rows] + [int(single.outcomes["kappa"])]
        tau = [int(w["tau"]) for w in rows] + [int(single.outcomes["tau"])]
        changes = {(t, RussianType(b).name.lower()) for t, (a, b) in enumerate(pairwise(kappa)) if a != b}
        changes |= {(t, UsType(b).name.lower()) for t, (a, b) in enumerate(pairwise(tau)) if a != b}
        assert {(e.week, next(iter(e.data.values()))) for e in of_kind(record, "type")} == changes
        truces = {t: int(w["recommitments"]) for t, w in enumerate(rows) if w["recommitments"]}
        assert {e.week: e.data["recommitments"] for e in of_kind(record, "truce")} == truces
        day = float(single.outcomes["first_accusation_day"])
        assert [e.data["day"] for e in of_kind(record, "accusation")] == ([day] if day >= 0 else [])

    def test_the_calendar(self, name, run):
        record, (rows, _) = told(name, run), played(name, run)
        start = record.scenario.start_date
        assert all(e.date == start + timedelta(weeks=e.week) for e in record.events)
        assert [e.week for e in record.events if e.kind != "start"] == sorted(e.week for e in record.events)[1:]
        cold = [bool(is_winter(start.toordinal() + 7 * t)) for t in range(len(rows))]
        begins = [t for t, winter in enumerate(cold) if winter and not (t and cold[t - 1])]
        assert [e.week for e in of_kind(record, "winter") if e.data["begins"]] == begins
        full = [t for t, w in enumerate(rows) if w["ramp"] >= 1 - 1e-9 and w["troops"] > 0]
        places = [e.week for e in of_kind(record, "deployment") if "is in place: " in e.text and "Half" not in e.text]
        assert places == full[:1]

    def test_the_end(self, name, run):
        record, (rows, single) = told(name, run), played(name, run)
        end, o = record.events[-1], single.outcomes
        assert end.kind == "end"
        assert end.week == len(rows) - 1
        assert end.data["end_cause"] == EndCause(int(o["end_cause"])).name.lower()
        assert end.data["deaths"] == o["deaths"].sum()
        assert end.text.startswith(f"After {counted(len(rows), 'week')}, ")
        text = flat(record)
        assert CAVEAT in text
        assert f"{record.scenario.digest[:12]}), seed {SEED}, run {run}." in text

    def test_outcomes_by_name(self, name, run):
        record, (_, single) = told(name, run), played(name, run)
        o, row = record.outcomes, single.outcomes
        assert set(o) == set(OUTCOMES.names)
        assert o["kappa"] == RussianType(int(row["kappa"])).name.lower()
        assert list(o["deaths"].values()) == row["deaths"].tolist()
        assert list(o["compensator"].values()) == row["compensator"].tolist()
        for field in ("first_strike", "first_death", "first_withdrawal", "first_accusation_day", "share_deployed"):
            assert o[field] == (None if row[field] < 0 else row[field])
        assert len(o["left_week_n"]) == row["joined"]
        assert [w for w in o["left_week_n"].values() if w is not None] == [
            int(w) for w in row["left_week_n"] if w > 0 or (w == 0 and row["left"])
        ][: int(row["left"])]

    def test_json_holds_the_same_numbers_as_the_text(self, name, run):
        record = told(name, run)
        again = json.loads(json.dumps(record.to_dict(), allow_nan=False))
        assert again == record.to_dict()
        text = flat(record)
        for event in again["events"]:
            assert event["text"] in text or not event["text"]
            assert date.fromisoformat(event["date"]) == record.scenario.start_date + timedelta(weeks=event["week"])
            assert event["probability"] is None or 0 <= event["probability"] <= 1

    def test_it_fits_the_screen(self, name, run):
        for width in (60, 80, 120):
            for line in told(name, run).lines(width):
                assert len(line) <= width or line.startswith("Replay: ")
                assert line == line.rstrip()


@pytest.mark.parametrize(("name", "run"), [("eventful", 0), ("warlike", 1), ("slow", 2), ("no_force", 0)])
def test_every_week_tells_each_place_that_stirred(name, run):
    record, (rows, _) = told(name, run, True), played(name, run)
    n = len(record.scenario.places)
    assert [e.week for e in of_kind(record, "week")] == list(range(len(rows)))
    stirred = {
        (t, int(s))
        for t, w in enumerate(rows)
        for s in np.flatnonzero(w["action_R_s"][:n] + w["action_U_s"][:n] + w["signal_s"][:n])
    }
    assert {(e.week, place_of(record, e)) for e in record.events if e.place} == stirred
    for event in of_kind(record, "place"):
        row, s = rows[event.week], place_of(record, event)
        assert event.data["p_russia"] == row["p_action_R_s"][s]
        assert event.data["p_ukraine"] == row["p_action_U_s"][s]
        assert event.data["signal"] == Signal(int(row["signal_s"][s])).name.lower()
        assert event.data.get("p_response", 0.0) == row["p_response_s"][s]
    assert [e.week for e in of_kind(record, "review")] == [t for t, w in enumerate(rows) if w["p_resume_bluffing"] >= 0]
    assert record.outcomes == told(name, run).outcomes


def test_the_worlds_hold_what_is_to_be_told():
    """Without this the tests above might hold of nothing."""
    kinds = {event.kind for name, run in RUNS for event in told(name, run).events}
    assert kinds == {
        "accusation", "basin", "beliefs", "change", "commitment", "counts", "deaths", "deployment", "end", "guarantee",
        "monitors", "reply", "response", "restraint", "review", "review_ukraine", "reviews", "russia", "spell",
        "spiral", "start", "support", "truce", "type", "ukraine", "void", "war_coalition", "war_us", "week", "winter",
    }  # fmt: skip
    ends = {told(name, run).outcomes["end_cause"] for name, run in RUNS}
    assert ends >= {"horizon", "resumed_russia", "resumed_ukraine", "spiral_coalition", "spiral_us"}
    assert any(e.data["left"] for name, run in RUNS for e in of_kind(told(name, run), "commitment"))


class TestReplayAndInput:
    def test_a_shipped_scenario_names_its_command(self):
        record = chronicle(Scenario.load("no_force"), 3, 4, 5)
        assert record.command == "fragile-peace run no_force --seed 3 --run 4 --weeks 5"
        assert record.lines()[-1] == f"Replay: {record.command}"

    def test_a_scenario_of_ones_own_is_a_file(self):
        assert chronicle(SMALL, 0, 0, 2).command == "fragile-peace run small.yaml --seed 0 --run 0 --weeks 2"

    def test_a_shorter_run_is_the_start_of_a_longer_one(self):
        short, long = chronicle(SMALL, SEED, 0, 6, every_week=True), chronicle(SMALL, SEED, 0, 9, every_week=True)
        same = [e for e in long.events if e.kind != "start" and e.week < 6]
        # which types the week after begins with is not known at the horizon's edge alone: the outcomes say it
        assert list(short.events)[1:-1] == same

    def test_bad_input(self):
        for bad in ({"seed": -1}, {"run": 1 << 32}, {"weeks": 0}, {"weeks": 1041}):
            with pytest.raises(InputError, match=next(iter(bad))):
                chronicle(SMALL, **bad)

    def test_no_heavy_package_is_needed(self):
        code = (
            "import sys, fragile_peace.words.chronicle\n"
            "heavy = {'mesa', 'pandas', 'matplotlib', 'networkx', 'pyarrow'} & set(sys.modules)\n"
            "sys.exit(', '.join(sorted(heavy)) or 0)"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


class TestWording:
    @pytest.mark.parametrize(
        ("p", "word", "written"),
        [
            (0.0, "exceptionally unlikely", "0%"), (1e-7, "exceptionally unlikely", "under 0.0001%"),
            (0.0062, "exceptionally unlikely", "0.62%"), (0.01, "very unlikely", "1.0%"),
            (0.042, "very unlikely", "4.2%"),
            (0.10, "unlikely", "10%"), (0.14, "unlikely", "14%"), (0.33, "about as likely as not", "33%"),
            (0.66, "likely", "66%"), (0.94, "very likely", "94%"), (0.99, "virtually certain", "99%"),
            (0.9983, "virtually certain", "99.8%"), (1 - 1e-8, "virtually certain", "over 99.9999%"),
            (1.0, "virtually certain", "100%"),
        ],
    )  # fmt: skip
    def test_words_and_numbers(self, p, word, written):
        assert (words(p), percent(p)) == (word, written)
        assert chance(p) == ("certain" if p == 1 else f"{word}, {written}")

    def test_the_scale_is_a_partition_from_the_top(self):
        bounds = [low for low, _ in SCALE]
        assert bounds == sorted(bounds, reverse=True)
        assert bounds[-1] == 0

    def test_only_what_is_certain_reads_so(self):
        for p in np.concatenate(
            [10.0 ** -np.arange(1, 16), 1 - 10.0 ** -np.arange(1, 16), np.linspace(0.001, 0.999, 999)]
        ):
            assert percent(float(p)) not in ("0%", "100%")
            shown = float(re.search(r"[\d.]+", percent(float(p)))[0]) / 100
            assert abs(shown - p) < 0.0051
        with pytest.raises(ValueError, match="probability"):
            words(float("nan"))

    def test_numbers_lists_and_dates(self):
        assert [counted(n, "breach", "breaches") for n in (0, 1, 2100)] == ["no breaches", "1 breach", "2,100 breaches"]
        assert [times(n) for n in (0, 1, 2, 3, 1200)] == ["never", "once", "twice", "3 times", "1,200 times"]
        assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
        assert span(date(2027, 3, 8), date(2027, 3, 14)) == "8 – 14 March 2027"
        assert span(date(2027, 3, 8), date(2027, 6, 20)) == "8 March – 20 June 2027"
        assert span(date(2027, 12, 27), date(2028, 1, 2)) == "27 December 2027 – 2 January 2028"
        assert moved(0.181, 0.339) == "18% → 34%"
        assert moved(0.181, 0.182) == "18%"
