"""Whatever a user gets wrong: one line that names the field, the value, what is allowed and the nearest valid name."""

import copy
import math
import os
import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fragile_peace.declared.scenario import CATALOGUE, DEEPEST, DEFAULT, Scenario
from fragile_peace.errors import LONGEST, InputError, nearest, shown

ROOT = Scenario.load(DEFAULT)
NAMES = [
    general.replace(".*.", f".{item.name}.")
    for general in CATALOGUE
    for item in (getattr(ROOT, general.partition(".")[0])[:4] if ".*." in general else ROOT.places[:1])
]


def line_of(error: pytest.ExceptionInfo[InputError]) -> str:
    """The message, after the checks that every message passes."""
    text = str(error.value)
    assert text
    assert text.isprintable()
    assert len(text) <= LONGEST
    assert "pydantic" not in text
    assert "Input should" not in text
    return text


SHARE = "a number from 0 to 1"
HORIZON = "a whole number from 1 to 1040"
DATE = "a date from 1945-01-01 to 2100-01-01, such as 2027-03-08"
ROE = "one of observe, self_defence, enforce"
KIND = "one of line, border, hub"
BY_FILE = "cannot be set by a dotted name; write it in a scenario file"

REFUSED_VALUES = [
    # name, value, the value as shown, what is allowed
    ("threat.level", 1.5, "1.5", SHARE),
    ("threat.level", -0.1, "-0.1", SHARE),
    ("threat.level", "0.5", "'0.5'", SHARE),
    ("threat.level", "high", "'high'", SHARE),
    ("threat.level", True, "true", SHARE),
    ("threat.level", None, "an empty value", SHARE),
    ("threat.level", math.nan, "nan", SHARE),
    ("threat.level", math.inf, "inf", SHARE),
    ("threat.level", 10**400, "1" + "0" * 56 + "...", SHARE),
    ("threat.level", [0.5], "[0.5]", SHARE),
    ("threat.level", 0.5j, "0.5j", SHARE),
    ("threat.sincerity", 2, "2", SHARE),
    ("threat.credibility", 0, "0", "a number from 0.001 to 0.999"),
    ("russia.strike_gain", -11, "-11", "a number from -10 to 10"),
    ("force.deploy_weeks", 2.5, "2.5", "a whole number from 0 to 1040"),
    ("force.deploy_weeks", 10**4400, "a value of type int", "a whole number from 0 to 1040"),
    ("mandate.un", "yes", "'yes'", "true or false"),
    ("mandate.un", 1, "1", "true or false"),
    ("mandate.roe", "enforced", "'enforced'", f"{ROE}; did you mean enforce?"),
    ("mandate.roe", "ENFORCE", "'ENFORCE'", ROE),
    ("mandate.roe", 1, "1", ROE),
    ("weeks", 0, "0", HORIZON),
    ("weeks", 1041, "1041", HORIZON),
    ("weeks", 52.0, "52.0", HORIZON),
    ("start_date", "8 March", "'8 March'", DATE),
    ("start_date", "2027-02-30", "'2027-02-30'", DATE),
    ("start_date", "1914-07-28", "1914-07-28", DATE),
    ("places.Kyiv.monitors", -5, "-5", "a number from 0 to 5000"),
    ("places.Kyiv.kind", "hubs", "'hubs'", f"{KIND}; did you mean hub?"),
    ("places.Kyiv.kind", 2, "2", KIND),
    ("places.Sumy border.length_km", 0, "0", "1 to 2000 km for a border place"),
    ("places.Lyman.length_km", 4.9, "4.9", "5 to 150 km for a line place"),
    ("places.Lviv.length_km", 5, "5", "0 to 0 km for a hub place"),
    ("contingents.France.troops", 0, "0", "a number from 0.01 to 500"),
]


@pytest.mark.parametrize(
    ("name", "value", "written", "rule"), REFUSED_VALUES, ids=[f"{r[0]} {r[2]}" for r in REFUSED_VALUES]
)
def test_a_refused_value(name, value, written, rule):
    with pytest.raises(InputError) as error:
        ROOT.override({name: value})
    assert line_of(error) == f"{name}: {written} is not allowed; must be {rule}"


REFUSED_NAMES = [
    # name, value, what is said of the name
    ("threat.levle", 0.5, "no such name; did you mean threat.level?"),
    ("credibility", 0.5, "no such name; did you mean threat.credibility?"),
    ("zzz", 0.5, "no such name"),
    ("", 0.5, "no such name"),
    ("threat", 0.5, "is a group, not a value; it has level, credibility, sincerity, choice, benefit, cost, precision"),
    ("places.Kyiv", 0.5, "is a group, not a value; it has name, kind, length_km, hot_spot, monitors"),
    ("places.Kyiv.monitor", 5, "no such name; did you mean places.Kyiv.monitors?"),
    ("contingents.France.deployment", {}, BY_FILE),
    ("places.Kyiv.name", "Kiev", BY_FILE),
    ("places", [], BY_FILE),
    ("title", "x", BY_FILE),
    ("monitoring.attribution", 0.7, "with its two bonuses it is 1.1; the sum must be at most 1"),
]


@pytest.mark.parametrize(("name", "value", "said"), REFUSED_NAMES)
def test_a_refused_name(name, value, said):
    with pytest.raises(InputError) as error:
        ROOT.override({name: value})
    assert line_of(error) == f"{name}: {said}"


def test_an_unknown_place_is_answered_with_the_known_ones():
    with pytest.raises(InputError) as error:
        ROOT.override({"places.Kupyansk.monitors": 5})
    line = line_of(error)
    assert line.startswith("places.Kupyansk.monitors: no such name; places has Vovchansk, Kupiansk, Lyman, ")
    assert line.endswith("; did you mean places.Kupiansk.monitors?")
    with pytest.raises(InputError, match=r"contingents has none$"):
        Scenario.load("no_force").override({"contingents.France.troops": 5})


@given(st.sampled_from(NAMES), st.data())
@settings(max_examples=30, deadline=None)
def test_every_name_that_is_offered_is_taken(name, data):
    """A letter left out, another one, one too many, a step left out, or the catalogue's own name for all places."""
    place, letter = data.draw(st.integers(0, len(name) - 1)), data.draw(st.sampled_from("aex*."))
    ends = {name[:place] + new + name[place + 1 :] for new in ("", letter, name[place] * 2)}
    for wrong in (*ends, name.partition(".")[0][:-1], re.sub(r"\..*\.", ".*.", name), re.sub(r"^.*?\.", "", name)):
        for ask in (ROOT.get, ROOT.parameter):
            try:
                ask(wrong)
            except InputError as error:
                offered = re.search(r"; did you mean (.*)\?$", str(error))
                if offered:
                    ask(offered[1])


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("place.Lyman.monitors", "places.Lyman.monitors"),
        ("contingent.France.troops", "contingents.France.troops"),
        ("places.Lyman.monitor", "places.Lyman.monitors"),
        ("places.*.monitors", r"places\.[^*]*\.monitors"),
    ],
)
def test_a_name_of_one_place_is_offered_not_the_pattern_of_all(name, offered):
    with pytest.raises(InputError, match=rf"; did you mean {offered}\?$"):
        ROOT.override({name: 3})


GONE = object()
LISTED = "a list of 1 to 32 items"
NAMED = "a name of 1 to 60 letters, digits, spaces, dashes and . , ' ( ) &, first a letter"
MAPPING = "a mapping of names to values"
HUB = {"name": "Kyiv", "kind": "hub", "length_km": 0}
COLD = [place | {"hot_spot": 0 if place["kind"] == "line" else 1} for place in ROOT.to_dict()["places"]]
FRANCE = ("contingents", 1, "deployment")

REFUSED_DATA = [
    # where the default scenario is changed, to what, the end of the line
    (("threat",), 3, f"threat: 3 is not allowed; must be {MAPPING}"),
    (("threat",), None, f"threat: an empty value is not allowed; must be {MAPPING}"),
    (("treat",), {}, "treat: no such name; did you mean threat?"),
    (("threat", "levle"), 1, "threat.levle: no such name; did you mean level?"),
    (("threat", 1), 1, "threat.1: 1 is not allowed; names must be text"),
    (("schema",), 2, "schema: 2 is not allowed; must be 1"),
    (("schema",), True, "schema: true is not allowed; must be 1"),
    (("name",), "a b", "'a b' is not allowed; must be 1 to 60 letters, digits, _, . or -"),
    (("title",), "a\nb", r"'a\nb' is not allowed; must be one line of at most 200 characters"),
    (("title",), "x" * 201, "is not allowed; must be one line of at most 200 characters"),
    (("description",), "x" * 4001, f"'{'x' * 56}... is not allowed; must be text of 0 to 4000 characters"),
    (("start_date",), datetime(2027, 3, 8, 1), f"(2027, 3, 8, 1, 0) is not allowed; must be {DATE}"),
    (("places",), GONE, "places: is missing"),
    (("places",), [], f"places: [] is not allowed; must be {LISTED}"),
    (("places",), {}, f"places: {{}} is not allowed; must be {LISTED}"),
    (("places",), [HUB] * 33, f"is not allowed; must be {LISTED}"),
    (("places",), [HUB], "places: at least one place of kind line is needed"),
    (("places", 0), 3, f"places.0: 3 is not allowed; must be {MAPPING}"),
    (("places", 1, "kind"), "lien", f"places.Kupiansk.kind: 'lien' is not allowed; must be {KIND}; did you mean line?"),
    (("places", 1, "lenght_km"), 3, "places.Kupiansk.lenght_km: no such name; did you mean length_km?"),
    (("places", 1, "hot_spot"), 21, "places.Kupiansk.hot_spot: 21 is not allowed; must be a number from 0 to 20"),
    (("places",), COLD, "places: a hot_spot of 0 at every line place is not allowed; at least one must be above 0"),
    (("places", 1, "name"), GONE, "places.1.name: is missing"),
    (("places", 1, "name"), "", f"places.1.name: '' is not allowed; must be {NAMED}"),
    (("places", 1, "name"), "a=b", f"places.a=b.name: 'a=b' is not allowed; must be {NAMED}"),
    (("places", 1, "name"), "Lyman", "places: Lyman is given twice"),
    (("contingents", 0, "name"), "France", "contingents: France is given twice"),
    (FRANCE, GONE, "contingents.France.deployment: is missing"),
    (FRANCE, [1], "contingents.France.deployment: [1] is not allowed; must be a mapping of places to shares"),
    ((*FRANCE, "Kyiv"), "all", "France.deployment.Kyiv: 'all' is not allowed; must be a share from 0 to 1"),
    ((*FRANCE, "Kyiv"), math.nan, "France.deployment.Kyiv: nan is not allowed; must be a share from 0 to 1"),
    ((*FRANCE, "Kyiv"), -0.4, "France.deployment.Kyiv: -0.4 is not allowed; must be a share from 0 to 1"),
    ((*FRANCE, "Kyiv"), 0.5, "contingents.France.deployment: the shares sum to 1.1; they must sum to 1"),
    ((*FRANCE, "Kiev"), 0, "contingents.France.deployment: Kiev is not a place; did you mean Kyiv?"),
]


@pytest.mark.parametrize(("path", "value", "line"), REFUSED_DATA)
def test_refused_data(path, value, line):
    data = node = copy.deepcopy(ROOT.to_dict())
    for step in path[:-1]:
        node = node[step]
    if value is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    with pytest.raises(InputError) as error:
        Scenario.from_dict(data)
    assert line_of(error).endswith(line)


REFUSED_CHANGES = [
    # week, what is set, the line
    (0, {"threat.level": 1}, "schedule.0.week: 0 is not allowed; must be a whole number from 1 to 1039"),
    (1, {}, "schedule.0.set: {} is not allowed; must be a mapping of at least one dotted name to its new value"),
    (1, {"threat.level": 2}, "schedule, week 1: threat.level: 2 is not allowed; must be a number from 0 to 1"),
    (1, {"threat.levle": 1}, "schedule, week 1: threat.levle: no such name; did you mean threat.level?"),
    (1, {"threat.level": [1]}, "schedule: threat.level: [1] is not allowed; must be a single value"),
    (1, {"truce.restraint": 1}, "schedule: truce.restraint is read only before week 0 and cannot change during a run"),
    (1, {"weeks": 9}, "schedule: weeks cannot change during a run"),
]


@pytest.mark.parametrize(("week", "values", "line"), REFUSED_CHANGES)
def test_a_refused_change(week, values, line):
    with pytest.raises(InputError) as error:
        Scenario.from_dict({**ROOT.to_dict(), "schedule": [{"week": week, "set": values}]})
    assert line_of(error) == line


@pytest.mark.parametrize("weeks", [(9, 5), (5, 5)])
def test_changes_out_of_order(weeks):
    with pytest.raises(InputError, match=f"^schedule: weeks must increase, not {re.escape(str(list(weeks)))}$"):
        Scenario.from_dict({**ROOT.to_dict(), "schedule": [{"week": w, "set": {"threat.level": 1}} for w in weeks]})


def test_a_change_nested_too_deep_to_write():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    for data in ({"schedule": [{"week": 1, "set": {"threat.level": deep}}]}, {"weeks": deep}, {"title": deep}):
        with pytest.raises(InputError) as error:
            Scenario.from_dict({**ROOT.to_dict(), **data})
        line_of(error)


@pytest.mark.parametrize("data", [None, 3, "x", [], [("threat", {})]])
def test_data_that_is_not_a_mapping(data):
    with pytest.raises(InputError, match=r"^scenario: .* is not allowed; must be a mapping of names to values$"):
        Scenario.from_dict(data)


def test_further_faults_are_counted():
    with pytest.raises(InputError, match=r"threat.level: .* \(and 1 more fault\)$"):
        ROOT.override({"threat.level": 2, "russia.face": -1})
    with pytest.raises(InputError, match=r"\(and 2 more faults\)$"):
        ROOT.override({"threat.level": 2, "russia.face": -1, "lead.hold": -1})


LEVEL = "base: plan20\nthreat: {level: %s}\n"
FILES = [
    # the file's text, the end of the line
    ("", "must be a mapping of names to values"),
    ("- 1\n- 2\n", "must be a mapping of names to values"),
    ("threat: {level: 0.5\n", "line 2: while parsing a flow mapping, expected ',' or '}', but got '<stream end>'"),
    ("base: plan20\nthreat:\n  level: 1\n  level: 0\n", "line 4: level is given twice"),
    ("base: ''\n", "base: '' is not allowed; must be a scenario's name or path"),
    ("base: [plan20]\n", "base: ['plan20'] is not allowed; must be a scenario's name or path"),
    ("base: plan_28\n", "nor a YAML file; did you mean plan28?"),
    ("base: plan20\nset: [1]\n", "set: [1] is not allowed; must be a mapping of dotted names to values"),
    ("base: plan20\nset: {threat.levle: 1}\n", "threat.levle: no such name; did you mean threat.level?"),
    (LEVEL % "half", "threat.level: 'half' is not allowed; must be a number from 0 to 1"),
    (LEVEL % ".nan", "threat.level: nan is not allowed; must be a number from 0 to 1"),
    (LEVEL % "-.inf", "threat.level: -inf is not allowed; must be a number from 0 to 1"),
    (LEVEL % "1e999", "threat.level: inf is not allowed; must be a number from 0 to 1"),
    (LEVEL % "", "threat.level: an empty value is not allowed; must be a number from 0 to 1"),
]


@pytest.mark.parametrize(("text", "line"), FILES)
def test_a_refused_file(text, line, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        Scenario.load(path)
    assert line_of(error).endswith(line)


class TestPaths:
    @pytest.mark.parametrize("name", ["", "nothing.yaml", "x" * 5000 + ".yaml", "a\0b.yaml", "/", ".", "\n.yaml"])
    def test_no_such_file(self, name):
        with pytest.raises(InputError, match=r"is neither a shipped scenario .* nor a YAML file") as error:
            Scenario.load(name)
        line_of(error)

    def test_a_name_nearly_right(self):
        with pytest.raises(InputError, match=r"did you mean reassurance_15k\?$"):
            Scenario.load("reassurance15k")

    def test_a_folder(self, tmp_path):
        (tmp_path / "folder.yaml").mkdir()
        with pytest.raises(InputError, match=r"is not a regular file$"):
            Scenario.load(tmp_path / "folder.yaml")

    def test_a_file_that_is_no_yaml_file(self, tmp_path):
        (tmp_path / "x.txt").write_text("base: plan20\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"nor a YAML file"):
            Scenario.load(tmp_path / "x.txt")

    @pytest.mark.parametrize("second", ["a.yaml", "../{folder}/a.yaml"])
    def test_a_circle_of_bases(self, tmp_path, second):
        (tmp_path / "a.yaml").write_text("base: b.yaml\n", encoding="utf-8")
        (tmp_path / "b.yaml").write_text(f"base: {second.format(folder=tmp_path.name)}\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"^base: a\.yaml -> b\.yaml -> a\.yaml goes in a circle$"):
            Scenario.load(tmp_path / "a.yaml")

    def test_a_file_that_is_its_own_base(self, tmp_path):
        (tmp_path / "a.yaml").write_text("base: a.yaml\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"^base: a\.yaml -> a\.yaml goes in a circle$"):
            Scenario.load(tmp_path / "a.yaml")

    def test_an_endless_chain_of_bases(self, tmp_path):
        for number in range(DEEPEST + 5):
            (tmp_path / f"{number}.yaml").write_text(f"base: {number + 1}.yaml\n", encoding="utf-8")
        with pytest.raises(InputError, match=f"is more than {DEEPEST} bases deep$"):
            Scenario.load(tmp_path / "0.yaml")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read(self, tmp_path):
        path = tmp_path / "secret.yaml"
        path.write_text("base: plan20\n", encoding="utf-8")
        path.chmod(0)
        with pytest.raises(InputError, match=r"Permission denied$"):
            Scenario.load(path)


class TestMessages:
    def test_nearest_offers_only_what_is_close(self):
        assert nearest("plan_28", ["plan28", "plan20"]) == "; did you mean plan28?"
        assert nearest("qqq", ["plan28", "plan20"]) == ""

    def test_shown_is_short_and_plain(self):
        assert shown("x" * 100) == "'" + "x" * 56 + "..."
        assert [shown(value) for value in (None, True, 0.5, "a\nb")] == ["an empty value", "true", "0.5", r"'a\nb'"]

    def test_a_message_is_one_printable_line_of_bounded_length(self):
        text = str(InputError("a\n\tb\x1b[31m\x85c\u2028" + "x" * 10_000))
        assert text.startswith("a b [31m c x")
        assert text.isprintable()
        assert len(text) == LONGEST

    @settings(max_examples=300, deadline=None)
    @given(
        st.one_of(st.sampled_from(sorted(CATALOGUE)), st.text(max_size=30)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=5,
        ),
    )
    def test_any_name_and_value_either_hold_or_give_one_line(self, name, value):
        try:
            held = ROOT.override({name: value}).get(name) == value
        except InputError as error:
            held = str(error).isprintable() and ": " in str(error)
        assert held
