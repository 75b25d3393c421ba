"""The dashboard's settings: share links, levers, and what is refused, with the line of the command line."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragile_peace.declared.scenario import CATALOGUE, Scenario, shipped
from fragile_peace.declared.yamltext import parse, scalar
from fragile_peace.errors import InputError
from fragile_peace.runs.ordinary import ordinary_run
from fragile_peace.words.wording import exact
from fragile_peace_lab.dashboard import levers
from fragile_peace_lab.dashboard.bank import BANK
from fragile_peace_lab.dashboard.risk import Risks, start, sweep_text
from fragile_peace_lab.dashboard.settings import MOST_RUNS, OUTCOMES, Settings, changed, from_query, laid_over
from fragile_peace_lab.design.belief import TRUTH

NUMBERS = [name for name in levers.LEVERS if CATALOGUE[name].kind == "real"]


def test_a_link_carries_everything():
    settings = Settings(
        "risk", "line_30k", (("threat.level", 0.8), ("mandate.roe", "enforce"), ("russia.face", 1)), 7, 3, 52,
        "guarantee.level", "european_death", 150, "my results",
    )  # fmt: skip
    again, faults = from_query(settings.query)
    assert again == settings
    assert faults == []
    assert Settings().query == ""
    assert from_query(None) == (Settings(), [])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("seed=-1", "seed: '-1' is not allowed; must be a whole number from 0 to 9223372036854775807"),
        ("seed=1e3", "whole number"),
        ("run=4294967296", "whole number from 0 to 4294967295"),
        ("weeks=0", "from 1 to 1040"),
        ("runs=9", f"from 10 to {MOST_RUNS}"),
        ("view=rsik", "did you mean risk?"),
        ("outcome=colapse", "did you mean collapse?"),
        ("along=mandate.roe", "is not a number of the scenario"),
        ("along=threat.levle", "did you mean threat.level?"),
        ("scenario=reasurance_15k", "did you mean reassurance_15k?"),
        ("set=threat.level%3D1.5", "must be a number from 0 to 1"),
        ("set=threat.level", "must be NAME=VALUE"),
        ("set=threat.lvl%3D1", "did you mean threat.level?"),
        ("set=places%3D1", "cannot be set by a dotted name"),
        ("set=threat.level%3D%26x", "threat.level"),
        ("colour=red", "not a setting of this page"),
        ("folder=a%00b", "NUL"),
        ("seed=" + "9" * 700, "at most 600 characters"),
    ],
)
def test_a_bad_part_of_a_link_is_named_and_left_out(query, words):
    settings, faults = from_query(query + "&scenario=plan28" if "scenario" not in query else query)
    assert len(faults) == 1
    assert faults[0].startswith("Link: ")
    assert words in faults[0]
    assert settings == (Settings(scenario="plan28") if "scenario" not in query else Settings())


@pytest.mark.parametrize("text", ["", "x", "nan", ".inf", "1e999", "-0.1", "[1]", "{a: 1}", "&a 1", "true", "0.5.5"])
@pytest.mark.parametrize("name", levers.LEVERS)
def test_every_lever_refuses_nonsense(name, text):
    if name in TRUTH.values() and not text:
        assert changed(changed(Settings(), name, "0.3"), name, text).values == ()  # as believed
        return
    with pytest.raises(InputError) as refused:
        changed(Settings(), name, text)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_value_at_the_scenarios_own_leaves_no_trace():
    moved = changed(Settings(), "threat.level", "0.8")
    assert moved.values == (("threat.level", 0.8),)
    assert moved.world.threat.level == 0.8
    assert changed(moved, "threat.level", "0.5").values == ()
    assert changed(moved, "scenario", "plan28").values == ()
    assert changed(changed(moved, "weeks", "52"), "weeks", "") == moved


def test_the_free_field_replaces_what_has_no_slider():
    moved = changed(Settings(), "threat.level", "0.8")
    more = laid_over(moved, "russia.face=1; truce.residual = 0.2\n", levers.LEVERS)
    assert dict(more.values) == {"threat.level": 0.8, "russia.face": 1, "truce.residual": 0.2}
    assert laid_over(more, "", levers.LEVERS) == moved
    for text, words in (("russia.face", "NAME=VALUE"), ("russia.fase=1", "did you mean"), ("seed=1", "no such name")):
        with pytest.raises(InputError, match=words):
            laid_over(moved, text, levers.LEVERS)


@pytest.mark.parametrize("name", NUMBERS)
def test_links_commands_fields_and_the_sweep_carry_every_digit(name):
    """What a reader sends on is the same world to the last bit."""
    row = CATALOGUE[name]
    settings = changed(Settings(along="war.prize"), name, repr(row.low + (row.high - row.low) / 7))
    digest = settings.world.digest
    assert from_query(settings.query)[0].world.digest == digest
    for words in (settings.run_command, settings.game_command("Lyman", 2)):
        options = dict(option.split("=") for option in re.findall(r"--set (\S+)", words))
        assert Scenario.load("reassurance_15k").override({n: scalar(v, n) for n, v in options.items()}).digest == digest
    assert changed(Settings(), name, levers.control(settings.world, name).value).world.digest == digest
    swept = parse(sweep_text(Risks(settings, ())), "sweep").get("set", {})
    assert Scenario.load("reassurance_15k").override(swept).digest == digest


@given(st.sampled_from(NUMBERS).flatmap(lambda name: st.floats(CATALOGUE[name].low, CATALOGUE[name].high)))
def test_any_number_of_a_lever_is_read_as_it_was_written(number):
    read = scalar(exact(number), "number")
    assert (float(read), math.copysign(1, read)) == (number, math.copysign(1, number))


def test_a_number_is_written_as_people_write_it():
    numbers = [0.0, 1.0, -0.0, 0.8, 150_000.0, 1 / 3, 0.1 + 0.2, 1e-7, 5e-324, 1e15, True, None, 3, "observe"]
    assert [exact(number) for number in numbers] == [
        "0", "1", "-0.0", "0.8", "150000", "0.3333333333333333", "0.30000000000000004", "1e-07", "5e-324",
        "1000000000000000", "true", "", "3", "observe",
    ]  # fmt: skip


def test_commands_say_the_same():
    settings = changed(changed(Settings(seed=4, run=2), "threat.level", "0.8"), "weeks", "30")
    assert settings.run_command == (
        "fragile-peace run reassurance_15k --set threat.level=0.8 --seed 4 --run 2 --weeks 30"
    )
    assert settings.game_command("Sumy border", 3) == (
        "fragile-peace game reassurance_15k --place 'Sumy border' --week 3 --set threat.level=0.8 --seed 4 --run 2"
    )


def test_without_a_run_the_most_ordinary_one_is_watched():
    settings = Settings(seed=3, weeks=8)
    assert settings.chosen == ordinary_run(settings.world, 3, 8)
    assert settings.watched == settings.chosen.run
    assert f"--seed 3 --run {settings.watched} " in settings.run_command
    assert f"--seed 3 --run {settings.watched}" in settings.game_command("Lyman", 2)
    named = changed(settings, "run", "5")
    assert (named.watched, named.chosen) == (5, None)
    assert changed(named, "run", "") == settings
    assert from_query(settings.query)[0] == settings
    assert from_query(named.query)[0] == named
    assert changed(settings, "run", "0").query != settings.query


@pytest.mark.parametrize("name", shipped())
def test_every_scenario_has_controls_within_their_bounds(name):
    world = Scenario.load(name)
    for lever in levers.LEVERS:
        row, control = CATALOGUE[lever], levers.control(world, lever)
        assert row.allowed in control.text
        assert row.source == "assumption" or row.source in control.text
        assert row.low <= control.low < control.high <= row.high
        if row.kind == "choice":
            assert control.value in [choice for choice, _ in control.choices]
        else:
            steps = (control.high - control.low) / control.step
            assert 20 <= steps <= 1000
            assert math.isfinite(float(control.value))
    assert len(levers.assumptions(world)) == sum("*" not in lever for lever in CATALOGUE)
    assert len(set(OUTCOMES)) == len(OUTCOMES)


def test_belief_and_truth_are_two_levers_and_say_where_they_move_together():
    tied, parted = (
        Scenario.load("reassurance_15k"),
        Scenario.load("reassurance_15k").override({"threat.sincerity": 0.2}),
    )
    name, truth = "threat.credibility", "threat.sincerity"
    assert {*TRUTH, *TRUTH.values(), "force.scale"} <= set(levers.LEVERS)
    assert levers.control(tied, name).title == "What others believe of the threat (the truth moves with it)"
    assert levers.control(parted, name).title == "What others believe of the threat"
    assert levers.axis_title(tied, name).endswith(", and the truth with it")
    assert "truth" not in levers.axis_title(parted, name)
    assert levers.control(tied, truth).value == levers.control(tied, name).value
    assert "an empty field ties it again" in levers.control(tied, truth).text
    assert levers.control(parted, truth).value == "0.2"
    believed = changed(Settings(), name, "0.4")
    assert (believed.world.threat.credibility, believed.world.threat.sincerity) == (0.4, None)
    assert changed(believed, truth, "0.1").world.threat.sincerity == 0.1
    assert "along threat.credibility, and the truth with it," in sweep_text(start(replace(believed, along=name), BANK))
    assert "along threat.credibility, as shown" in sweep_text(
        start(replace(changed(believed, truth, "0.1"), along=name), BANK)
    )
    assert start(replace(believed, along=truth), BANK).here.x == 0.4


def test_a_curve_has_its_ends_and_where_the_slider_stands():
    assert levers.points("threat.level", 0.5) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert levers.points("threat.level", 0.3) == [0.0, 0.25, 0.3, 0.5, 0.75, 1.0]
    assert levers.points("response.us_hours", 5000.0)[-1] == 5000.0
    assert all(value == int(value) for value in levers.points("force.deploy_weeks", 26.0))
    assert levers.typed("force.deploy_weeks", 26.0) == 26
    assert isinstance(levers.typed("force.deploy_weeks", 26.0), int)
    low, high = levers.points("threat.credibility", 0.2)[0], levers.points("threat.credibility", 0.2)[-1]
    assert (low, high) == (0.001, 0.999)
