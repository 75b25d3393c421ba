"""A scenario: what is shipped, what is declared, how it is read, written, overridden, digested and scheduled."""

import csv
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fragile_peace
from fragile_peace.codes import PlaceKind, RulesOfEngagement
from fragile_peace.declared import yamltext
from fragile_peace.declared.declaration import MAX_CONTINGENTS, MAX_PLACES
from fragile_peace.declared.scenario import ALLOWED, CATALOGUE, DEFAULT, SHIPPED, Scenario, shipped
from fragile_peace.errors import InputError
from tests.tools.strategies import SINGLE, overrides, scenarios, value

EVIDENCE = Path(fragile_peace.__path__[0]) / "evidence.csv"
NAMES = (
    "reassurance_15k line_30k un_observers no_force plan28 plan20 article5_firm america_first "
    "donbas_2019 donbas_truce_2020 moscow_signals kashmir_loc"
).split()
ROOT = Scenario.load(DEFAULT)


def evidence_keys() -> set[str]:
    with EVIDENCE.open(encoding="utf-8", newline="") as file:
        return {row["id"] for row in csv.DictReader(file)}


def troops(scenario: Scenario, kind: PlaceKind) -> float:
    """Thousands of troops in all places of a kind."""
    kinds = {place.name: place.kind for place in scenario.places}
    return sum(
        force * share
        for force, contingent in zip(scenario.troops, scenario.contingents, strict=True)
        for place, share in contingent.deployment.items()
        if kinds[place] == kind
    )


def line_km(scenario: Scenario) -> float:
    return sum(place.length_km for place in scenario.places if place.kind == PlaceKind.LINE)


class TestShipped:
    def test_the_twelve_scenarios_and_no_other_the_default_first(self):
        assert sorted(shipped()) == sorted(NAMES)
        assert shipped()[0] == DEFAULT == "reassurance_15k"

    @pytest.mark.parametrize("name", NAMES)
    def test_says_what_it_is(self, name):
        scenario = Scenario.load(name)
        assert scenario.name == name
        assert len(scenario.title) > 20
        assert "Fact:" in scenario.description or "published shares" in scenario.description or name == "no_force"
        assert "Assumption:" in scenario.description

    @pytest.mark.parametrize("name", NAMES)
    def test_cites_evidence_that_exists(self, name):
        text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
        cited = {key.strip() for group in re.findall(r"\[([a-z0-9_,\s#]+)\]", text) for key in group.split(",")}
        assert cited - evidence_keys() == set()

    def test_the_default_has_the_declared_defaults_in_every_single_parameter(self):
        data = ROOT.to_dict()
        bare = Scenario.from_dict({"places": data["places"], "contingents": data["contingents"]}).to_dict()
        assert {k: v for k, v in data.items() if k not in ("name", "title", "description")} == {
            k: v for k, v in bare.items() if k not in ("name", "title", "description")
        }

    # Thousands of troops on the line, on borders, in hubs; civilian monitors; km of line.
    @pytest.mark.parametrize(
        ("name", "line", "border", "hub", "monitors", "km"),
        [
            ("reassurance_15k", 1.5, 1.5, 12, 0, 1200),
            ("line_30k", 18, 3, 9, 0, 1200),
            ("un_observers", 7.2, 0.8, 2, 5000, 1200),
            ("no_force", 0, 0, 0, 0, 1200),
            ("plan28", 0, 0, 0, 0, 1200),
            ("plan20", 3, 1, 6, 0, 1200),
            ("article5_firm", 1.5, 1.5, 12, 0, 1200),
            ("america_first", 1.5, 1.5, 12, 0, 1200),
            ("moscow_signals", 1.5, 1.5, 12, 0, 1200),
            ("donbas_2019", 0, 0, 0, 500, 420),
            ("donbas_truce_2020", 0, 0, 0, 500, 420),
            ("kashmir_loc", 0, 0, 0, 0, 961),
        ],
    )
    def test_totals(self, name, line, border, hub, monitors, km):
        scenario = Scenario.load(name)
        found = [troops(scenario, kind) for kind in (PlaceKind.LINE, PlaceKind.BORDER, PlaceKind.HUB)]
        assert found == pytest.approx([line, border, hub], abs=1e-12)
        assert sum(place.monitors for place in scenario.places) == monitors
        assert line_km(scenario) == km

    @pytest.mark.parametrize("name", [name for name in NAMES if name != "kashmir_loc"])
    def test_twelve_line_places_of_which_four_are_hot(self, name):
        line = [place for place in Scenario.load(name).places if place.kind == PlaceKind.LINE]
        assert sorted(place.hot_spot for place in line) == [0.7225] * 8 + [1.555] * 4

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("un_observers", {"mandate.un": True, "contact.dmz_km": 10.0}),
            ("no_force", {"monitoring.joint_commission": False, "guarantee.trigger": "never"}),
            ("plan28", {"readiness.cap": 600_000.0, "guarantee.void_weeks": 8}),
            ("plan20", {"readiness.cap": 800_000.0, "contact.dmz_km": 10.0}),
            ("article5_firm", {"guarantee.level": 1.0, "guarantee.credibility": 0.75}),
            ("america_first", {"guarantee.credibility": 0.22, "monitoring.isr": 0.12}),
            ("moscow_signals", {"threat.choice": "signal"}),
            ("donbas_2019", {"truce.restraint": 0.0, "tension.initial": 1.5}),
            ("donbas_truce_2020", {"truce.restraint": 0.63, "tension.initial": 1.5}),
            ("kashmir_loc", {"truce.restraint": 0.9904, "counts.accidents": 0.0, "war.prize": 0.0}),
        ],
    )
    def test_differs_where_its_design_says(self, name, expected):
        scenario = Scenario.load(name)
        assert {key: scenario.get(key) for key in expected} == expected

    def test_validation_starts_on_the_day_the_truce_did(self):
        assert Scenario.load("donbas_2019").start_date == date(2019, 1, 7)
        assert Scenario.load("donbas_truce_2020").start_date == date(2020, 7, 27)


class TestDeclaration:
    @pytest.mark.parametrize("name", CATALOGUE)
    def test_every_parameter_is_complete(self, name):
        parameter = CATALOGUE[name]
        assert parameter.unit
        assert parameter.text
        assert parameter.low < parameter.high
        assert parameter.default is None or parameter.low <= parameter.default <= parameter.high
        assert parameter.source == "assumption" or parameter.source in evidence_keys()

    def test_symbols_are_unique(self):
        symbols = [parameter.symbol for parameter in CATALOGUE.values()]
        assert len(symbols) == len(set(symbols))

    def test_only_a_sincerity_may_be_empty(self):
        empty = [name for name, parameter in CATALOGUE.items() if parameter.default is None]
        assert empty == ["threat.sincerity", "guarantee.sincerity"]

    def test_every_field_says_what_it_may_be(self):
        assert ALLOWED["weeks"] == "a whole number from 1 to 1040"
        assert ALLOWED["places"] == f"a list of 1 to {MAX_PLACES} items"
        assert ALLOWED["contingents"] == f"a list of 0 to {MAX_CONTINGENTS} items"
        assert ALLOWED["mandate.roe"] == "one of observe, self_defence, enforce"
        assert CATALOGUE.keys() <= ALLOWED.keys()

    @pytest.mark.parametrize("name", [n for n, p in SINGLE.items() if p.kind in ("real", "whole")])
    def test_both_bounds_are_allowed_and_nothing_beyond(self, name):
        parameter = SINGLE[name]
        read = int if parameter.kind == "whole" else float
        room = {"monitoring.un_bonus": 0, "monitoring.commission_bonus": 0} if name.startswith("monitoring.") else {}
        room |= {"monitoring.attribution": 0} if name.endswith("bonus") else {}
        beyond = 1 if parameter.kind == "whole" else 1e-9 * max(1.0, parameter.high)
        for bound, outside in ((parameter.low, parameter.low - beyond), (parameter.high, parameter.high + beyond)):
            assert ROOT.override({**room, name: read(bound)}).get(name) == bound
            with pytest.raises(InputError, match=re.escape(f"{name}: ") + ".* is not allowed; must be a "):
                ROOT.override({**room, name: read(outside)})


class TestRoundTrip:
    @pytest.mark.parametrize("name", NAMES)
    def test_shipped(self, name, tmp_path):
        scenario = Scenario.load(name)
        path = tmp_path / "again.yaml"
        path.write_text(scenario.to_yaml(), encoding="utf-8")
        assert Scenario.load(path) == scenario

    @pytest.mark.parametrize("wide", [True, False])
    def test_any_scenario(self, wide):
        @settings(max_examples=30, deadline=None)
        @given(scenarios(wide=wide))
        def check(scenario):
            assert Scenario.from_dict(scenario.to_dict()) == scenario
            again = Scenario.from_dict(yamltext.parse(scenario.to_yaml(), "text"))
            assert again == scenario
            assert again.digest == scenario.digest

        check()

    @settings(deadline=None)
    @given(overrides(wide=True))
    def test_any_values_within_bounds_are_taken_as_given(self, values):
        scenario = ROOT.override(values)
        assert {name: scenario.get(name) for name in values} == values


class TestFiles:
    def test_a_file_holds_only_what_differs(self, tmp_path):
        path = tmp_path / "mine.yaml"
        path.write_text("base: plan20\nthreat: {level: 0.9}\nset: {places.Kupiansk.monitors: 12}\n", encoding="utf-8")
        mine = Scenario.load(path)
        assert (
            mine.digest
            == Scenario.load("plan20").override({"threat.level": 0.9, "places.Kupiansk.monitors": 12}).digest
        )

    def test_name_title_and_description_are_its_own(self, tmp_path):
        path = tmp_path / "my plan.yaml"
        path.write_text("base: plan20\n", encoding="utf-8")
        mine = Scenario.load(path)
        assert (mine.name, mine.title, mine.description) == ("my_plan", "", "")

    def test_a_base_beside_the_file_is_found(self, tmp_path):
        (tmp_path / "a.yaml").write_text("base: b.yaml\nweeks: 5\n", encoding="utf-8")
        (tmp_path / "b.yaml").write_text("base: no_force\nweeks: 9\nthreat: {level: 1}\n", encoding="utf-8")
        scenario = Scenario.load(tmp_path / "a.yaml")
        assert (scenario.weeks, scenario.threat.level, scenario.contingents) == (5, 1.0, ())

    def test_a_byte_order_mark_is_ignored(self, tmp_path):
        path = tmp_path / "bom.yaml"
        path.write_bytes(b"\xef\xbb\xbfbase: plan20\n")
        assert Scenario.load(path).digest == Scenario.load("plan20").digest


class TestOverride:
    def test_names_with_spaces_and_dots(self):
        data = ROOT.to_dict()
        data["places"][0]["name"] = "St. Petersburg (Kherson)"
        data["contingents"][4]["deployment"]["St. Petersburg (Kherson)"] = data["contingents"][4]["deployment"].pop(
            "Vovchansk"
        )
        scenario = Scenario.from_dict(data).override(
            {"places.St. Petersburg (Kherson).monitors": 7, "contingents.United Kingdom.support": 0.2}
        )
        assert scenario.places[0].monitors == 7
        assert scenario.contingents[0].support == 0.2

    def test_returns_a_copy(self):
        before = ROOT.digest
        assert ROOT.override({"threat.level": 0.9}).threat.level == 0.9
        assert ROOT.digest == before

    def test_weeks_start_date_and_choices(self):
        scenario = ROOT.override({"weeks": 7, "start_date": "2028-01-03", "mandate.roe": "enforce"})
        assert (scenario.weeks, scenario.start_date) == (7, date(2028, 1, 3))
        assert scenario.mandate.roe is RulesOfEngagement.ENFORCE
        assert ROOT.override({"mandate.roe": RulesOfEngagement.ENFORCE}).mandate == scenario.mandate

    def test_numpy_scalars_of_a_design(self):
        scenario = ROOT.override(
            {
                "threat.level": np.float32(0.25),
                "weeks": np.int64(9),
                "mandate.un": np.True_,
                "russia.face": np.float64(1),
            }
        )
        assert (scenario.threat.level, scenario.weeks, scenario.mandate.un) == (0.25, 9, True)

    def test_several_values_are_checked_together(self):
        shorter = {"places.Lviv.kind": "border", "places.Lviv.length_km": 60, "places.Lviv.hot_spot": 0.3}
        assert ROOT.override(shorter).places[14].kind is PlaceKind.BORDER


class TestDigest:
    def test_does_not_depend_on_the_order_in_which_blocks_are_written(self):
        data = ROOT.to_dict()
        assert Scenario.from_dict(dict(reversed(data.items()))).digest == ROOT.digest

    @pytest.mark.parametrize("name", ["name", "title", "description"])
    def test_what_only_names_it_does_not_count(self, name):
        assert Scenario.from_dict({**ROOT.to_dict(), name: "other"}).digest == ROOT.digest

    @pytest.mark.parametrize("name", SINGLE)
    def test_changes_with_every_parameter(self, name):
        parameter, now = SINGLE[name], ROOT.get(name)
        options = {
            "choice": parameter.choices,
            "switch": (False, True),
            "whole": (int(parameter.low), int(parameter.high)),
            "real": (parameter.low, 0.98 * parameter.low + 0.02 * parameter.high),
        }[parameter.kind]
        other = next(option for option in options if option != now)
        assert ROOT.override({name: other}).digest != ROOT.digest

    @pytest.mark.parametrize(
        "values",
        [
            {"weeks": 105},
            {"start_date": "2027-03-09"},
            {"places.Kyiv.monitors": 1},
            {"places.Sumy border.length_km": 801},
            {"contingents.France.troops": 5.01},
        ],
    )
    def test_changes_with_everything_else(self, values):
        assert ROOT.override(values).digest != ROOT.digest

    def test_one_and_one_point_zero_are_the_same_value_also_in_a_schedule(self):
        def scheduled(level):
            return Scenario.from_dict({**ROOT.to_dict(), "schedule": [{"week": 3, "set": {"threat.level": level}}]})

        assert ROOT.override({"threat.level": 1}).digest == ROOT.override({"threat.level": 1.0}).digest
        assert scheduled(1).digest == scheduled(1.0).digest
        assert scheduled(1).digest != scheduled(0.9).digest
        assert scheduled(1).digest != ROOT.digest


class TestSchedule:
    SCHEDULE = (
        {"week": 30, "set": {"monitoring.isr": 0.1, "places.Sumy border.monitors": 50}},
        {"week": 60, "set": {"mandate.roe": "enforce"}},
    )

    def test_becomes_regimes_each_on_top_of_the_last(self):
        scenario = Scenario.from_dict({**ROOT.to_dict(), "schedule": list(self.SCHEDULE)})
        weeks, regimes = zip(*scenario.regimes, strict=True)
        assert weeks == (0, 30, 60)
        assert [regime.monitoring.isr for regime in regimes] == [0.4, 0.1, 0.1]
        assert [regime.places[12].monitors for regime in regimes] == [0, 50, 50]
        assert [regime.mandate.roe.name for regime in regimes] == ["SELF_DEFENCE", "SELF_DEFENCE", "ENFORCE"]
        assert all(regime.schedule == () for regime in regimes)

    def test_without_one_there_is_one_regime(self):
        assert ROOT.regimes == ((0, ROOT),)

    def test_can_change_every_parameter_that_is_not_read_at_the_start_only(self):
        @settings(max_examples=60, deadline=None)
        @given(st.data())
        def check(data):
            name = data.draw(st.sampled_from(sorted(SINGLE)))
            new = data.draw(value(SINGLE[name], wide=False))
            plan = {**ROOT.to_dict(), "schedule": [{"week": 5, "set": {name: new}}]}
            if SINGLE[name].at_start:
                with pytest.raises(InputError, match="read only before week 0"):
                    Scenario.from_dict(plan)
            else:
                assert Scenario.from_dict(plan).regimes[1][1].get(name) == new

        check()


def test_a_place_is_found_by_name():
    assert ROOT.place_index("Kupiansk") == 1
    with pytest.raises(InputError, match=r"place: 'Kupyansk' is not one of .*; did you mean Kupiansk\?"):
        ROOT.place_index("Kupyansk")
