"""A decision is read back as it was written, whatever things are called; a damaged one is refused in one line."""

import json

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding.brief.agreeing import ABOUT
from fragile_peace_lab.deciding.brief.content import brief
from fragile_peace_lab.deciding.brief.figure import map_of_weights
from fragile_peace_lab.deciding.brief.page import html
from fragile_peace_lab.deciding.brief.rows import Decided
from fragile_peace_lab.deciding.decision import TABLES
from fragile_peace_lab.deciding.figures import MAP
from fragile_peace_lab.deciding.weights import Weights
from tests.deciding.test_figures import LONG
from tests.tools import decisions
from tests.tools.briefs import decided_folder

NAMED = {"structures": ("2014", "2022"), "options": ("1e3", "true", "1.0"), "levels": (1 / 3, 0.3333333333333334)}
"""Factors whose names look like numbers and flags, and values that twelve digits do not tell apart."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return decided_folder(tmp_path_factory.mktemp("reading"))


@pytest.fixture
def damaged(folder):
    """The folder, whose file is whole again after the test."""
    before = {path: path.read_bytes() for path in (folder / "decide").iterdir()}
    yield folder
    for path, data in before.items():
        path.write_bytes(data)


@pytest.mark.parametrize(("weights", "levers"), [*((one, None) for one in LONG), (LONG[0], ["threat.level"])])
def test_every_name_and_key_is_read_as_it_was(tmp_path, weights, levers):
    problem, asked = decisions.problem(levers=levers, **NAMED), Weights.of(weights)
    found = Decided.read(decided_folder(tmp_path, problem, asked))
    assert found.worlds == list(problem.worlds)
    assert found.options == problem.names
    assert set(found.tables[MAP][["war_weight", "deaths_weight"]].itertuples(index=False, name=None)) == {*asked.pairs}
    assert html(brief(found), map_of_weights(found))


def refused(folder):
    with pytest.raises(InputError) as refusal:
        Decided.read(folder)
    said = str(refusal.value)
    assert said.endswith(f"; `fragile-peace decide {folder}` makes it again")
    assert "\n" not in said
    return said


DAMAGE = {
    "empty": lambda data: b"",
    "a blank line": lambda data: b"\n",
    "half a line": lambda data: data[: len(data) // 2].rstrip(b"\n"),
    "a line without its end": lambda data: data[:-1],
    "binary": lambda data: b"\x89PNG\r\n\x1a\n\x00\xff" + data,
    "a foreign table": lambda data: b"year,truces\n1994,3\n",
    "an open quote": lambda data: data + b'"',
    "a column less": lambda data: b"".join(line.rpartition(b",")[0] + b"\n" for line in data.splitlines()),
    "JSON": lambda data: b"{}\n",
}


@pytest.mark.parametrize("name", [*TABLES, MAP])
def test_a_damaged_table_is_refused_by_its_name(damaged, name):
    path = damaged / "decide" / f"{name}.csv"
    whole = path.read_bytes()
    for damage in DAMAGE.values():
        path.write_bytes(damage(whole))
        assert f"{name}.csv: damaged" in refused(damaged)
    path.unlink()
    path.mkdir()
    said = refused(damaged)
    path.rmdir()
    assert f"{name}.csv: is not a regular file" in said


@pytest.mark.parametrize("name", [*TABLES, MAP])
def test_a_table_without_all_its_rows_is_refused(damaged, name):
    path = damaged / "decide" / f"{name}.csv"
    head, *lines = path.read_bytes().splitlines(keepends=True)
    for kept in ([], lines[1:], [*lines, lines[0]]) if name != "thresholds" else ([],):
        path.write_bytes(b"".join([head, *kept]))
        assert ".csv: damaged, or of another decision: " in refused(damaged)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("losses", "true", "yes", "losses.csv: damaged: best: 'yes' is neither true nor false"),
        ("losses", "usual,", "usuaI,", "'usuaI' is none of usual, other"),
        ("frontier", "none,0.", "none,x0.", "frontier.csv: damaged: ceasefire_ends: could not convert"),
        ("worst", "none,0.", "none,nan0.", "worst.csv: damaged: worst_mean_regret: could not convert"),
        ("thresholds", "Russia is", "Rusia is", "thresholds.csv: damaged: belief: 'Rusia is committed' is none of"),
        ("by_label", "class,", "clas,", "by_label.csv: damaged: label: 'clas' is none of class"),
        ("acceptable", "small", "smal", "acceptable.csv: damaged: option: 'smal' is none of none, small, large"),
        ("acceptable", "0.0,", "0.1,", "acceptable.csv: damaged, or of another decision"),
        ("worst", "true", "false", "worst.csv: damaged, or of another decision"),
        (MAP, "5.0,", "5.5,", "best_option.csv: damaged, or of another decision"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(damaged, name, old, new, says):
    path = damaged / "decide" / f"{name}.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert says in refused(damaged)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"options": [{}]}, "options.0: "),
        ({"options": []}, "options: "),
        ({"options": [{"package": []}]}, "options.0.package"),
        ({"options": [{"package": "none"}, {"force.scale": 1}]}, "{'force.scale': 1} has other levers than the first"),
        ({"options": [{"package": "medium"}]}, "of another sweep: options: package has no label 'medium'"),
        ({"options": [{"package": "none"}]}, "other options than frontier.csv has"),
        ({"shown": {}}, "shown.war is missing"),
        ({"shown": {"war": "5", "deaths": 0.1}}, "shown.war: "),
        ({"shown": {"war": float("nan"), "deaths": 0.1}}, "a number that is not finite"),
        ({"shown": {"war": 4.0, "deaths": 0.1}}, "shown: losses.csv has no weights 4, 0.1"),
        ({"acceptable": {}}, "acceptable must be given of ceasefire_ends, nato_russia_war, european_deaths"),
        ({"harms": {}}, "harms must start with ceasefire_ends"),
        ({"members": 0}, "members: "),
        ({"draws": True}, "draws: "),
        ({"draws": 10**400}, "draws: "),
        ({"acceptable": {"ceasefire_ends": 10**400}}, "acceptable.ceasefire_ends: "),
    ],
)
def test_what_was_said_of_it_is_read_with_suspicion(damaged, change, says):
    path = damaged / ABOUT
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert says in refused(damaged)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"7"])
def test_what_is_no_json_is_refused(damaged, data):
    (damaged / ABOUT).write_bytes(data)
    assert "regret.json: damaged" in refused(damaged)


def test_an_older_decision_is_made_again(damaged):
    path = damaged / ABOUT
    older = json.loads(path.read_text())
    older.pop("acceptable")
    path.write_text(json.dumps(older))
    assert "regret.json: damaged: acceptable is missing" in refused(damaged)
