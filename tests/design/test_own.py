"""Own outcomes: found beside the sweep file, and refused in one line that names function, run and point."""

import numba
import numpy as np
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace.state import WEEK
from fragile_peace_lab.design.own import Own, Source, loaded, own_outcomes, tables_of
from fragile_peace_lab.design.points import Plan
from fragile_peace_lab.design.sweep import Sweep
from tests.tools.own_outcomes import MODULE, NAMES, own_sweep

WORLD = Scenario.load("no_force")
HEAD = (
    "from fragile_peace.outcomes import *\nfrom fragile_peace.outcomes import Outcome, COUNT, FLAG, REAL, LONG, CODE\n"
)


def own(body: str, table: str = 'Outcome("n", COUNT, (), "weeks", "text"),') -> Own:
    """An own outcome whose function has this body."""
    text = f"{HEAD}def f(weeks):\n    {body}\nf.outcomes = ({table})\n"
    return loaded(Source("mine:f", "mine.py", text.encode()))


def ask(one: Own, weeks: int = 3) -> list:
    return one.of(np.zeros(weeks, WEEK), WORLD, "point 2, run 7")


def test_a_module_beside_the_sweep_file_goes_before_one_on_the_path(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.py").write_text(MODULE.replace("hot_weeks", "elsewhere"))
    monkeypatch.syspath_prepend(tmp_path / "there")
    (plan,) = Plan.load(own_sweep(tmp_path)).own
    assert tuple(outcome.name for outcome in plan.table) == NAMES
    (tmp_path / "mine.py").unlink()
    assert Plan.load(tmp_path / "tiny.yaml").own[0].table[0].name == "elsewhere"


def test_a_module_of_a_package_is_found(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "__init__.py").write_text(MODULE)
    (tmp_path / "a" / "c.py").write_text(MODULE.replace("hot_weeks", "other").replace('"first_hot"', '"second"')
                                         .replace('"mean_change"', '"third"').replace('"hot"', '"fourth"'))  # fmt: skip
    found = own_outcomes(["a.b:hot", "a.c:hot"], tmp_path)
    assert [one.table[0].name for one in found] == ["hot_weeks", "other"]


def test_what_is_digested_is_what_runs(tmp_path):
    file = own_sweep(tmp_path)
    before = Plan.load(file).own[0]
    (tmp_path / "mine.py").write_text(MODULE.replace(">= 2", ">= 1"))
    after = Plan.load(file).own[0]
    assert before.source.digest != after.source.digest
    weeks = np.zeros(2, WEEK)
    weeks["rung"] = 1
    assert before.of(weeks, WORLD, "")[0] == 0
    assert after.of(weeks, WORLD, "")[0] == 2


def test_a_second_parameter_gets_the_scenario():
    text = (
        f'{HEAD}def f(weeks, scenario):\n    return {{"n": len(scenario.places)}}\n'
        'f.outcomes = [Outcome("n", COUNT, (), "places", "text")]'
    )
    assert ask(loaded(Source("mine:f", "mine.py", text.encode()))) == [len(WORLD.places)]


def test_a_compiled_function_returns_a_tuple_in_the_order_of_its_table():
    text = (
        f"{HEAD}import numba\n@numba.njit\ndef f(weeks):\n    n, t = 0, 0.0\n    for w in weeks:\n"
        '        n += w["rung"] >= 0\n        t += w["troops"]\n    return n, t\n'
        'f.outcomes = (Outcome("n", COUNT, (), "weeks", "text"), Outcome("t", REAL, (), "thousand", "text"))\n'
    )
    one = loaded(Source("mine:f", "mine.py", text.encode()))
    assert isinstance(one.function, numba.core.registry.CPUDispatcher)
    weeks = np.ones(4, WEEK)
    weeks.flags.writeable = False
    assert one.of(weeks, WORLD, "") == [4, 4.0]


def test_never_is_none_and_kinds_are_kept():
    table = """Outcome("a", COUNT, (), "weeks", "t", never=True), Outcome("b", COUNT, (), "weeks", "t", never=True),
        Outcome("c", FLAG, (), "flag", "t"), Outcome("d", REAL, (), "share", "t"),
        Outcome("e", LONG, (), "days", "t"),"""
    found = ask(own("return {'a': None, 'b': -1, 'c': True, 'd': 1, 'e': 2**40}", table))
    assert found == [None, None, True, 1.0, 2**40]
    assert [type(value) for value in found[2:]] == [bool, float, int]


REAL_TABLE = 'Outcome("n", REAL, (), "thousand", "text"),'
SHARE_TABLE = 'Outcome("n", REAL, (), "share", "text"),'
FLAG_TABLE = 'Outcome("n", FLAG, (), "flag", "text"),'


@pytest.mark.parametrize(
    ("body", "table", "words"),
    [
        ("return {'n': 1 // 0}", "", "fails with ZeroDivisionError"),
        ("weeks['rung'] = 1", "", "returns an empty value; must be a mapping of n, or a tuple of 1"),
        ("return 3", "", "returns 3; must be a mapping of n"),
        ("return {}", "", "returns no n, which its table has"),
        ("return {'n': 1, 'nn': 2}", "", "returns 'nn', which its table does not have; did you mean n?"),
        ("return 1, 2", "", "must be a mapping of n, or a tuple of 1"),
        ("return {'n': None}", "", "n is empty; only an outcome declared with never=True may be"),
        ("return {'n': 1.5}", "", "n is 1.5, float; must be a whole number from 0 to 2147483647"),
        ("return {'n': True}", "", "n is true, bool; must be a whole number"),
        ("return {'n': -2}", "", "n is -2, int; must be a whole number from 0"),
        ("return {'n': 2**31}", "", "n is 2147483648, int; must be a whole number from 0 to 2147483647"),
        ("return {'n': '1'}", REAL_TABLE, "n is '1', str; must be a finite number"),
        ("return {'n': float('nan')}", REAL_TABLE, "n is nan, float; must be a finite number"),
        ("return {'n': float('inf')}", REAL_TABLE, "n is inf, float; must be a finite number"),
        ("return {'n': 1.01}", SHARE_TABLE, "n is 1.01, float; must be a number from 0 to 1"),
        ("return {'n': 2}", FLAG_TABLE, "n is 2, int; must be true or false"),
    ],
)  # fmt: skip
def test_what_its_table_does_not_say_is_refused_and_names_the_run(body, table, words):
    with pytest.raises(InputError) as error:
        ask(own(body, table) if table else own(body))
    assert str(error.value).startswith("outcomes: mine:f, point 2, run 7: ")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nothing_of_that_name", "cannot be run: ModuleNotFoundError"),
        ("def ff(weeks): pass", "has no function f; did you mean ff?"),
        ("def f(weeks): pass", "must carry the table of what it returns: f.outcomes = (Outcome(...), ...)"),
        ("def f(weeks): pass\nf.outcomes = ()", "must carry the table"),
        ("def f(): pass\nf.outcomes = (Outcome('n', COUNT, (), 'weeks', 'text'),)", "takes nothing; must take weeks"),
        ("def f(w): pass\nf.outcomes = (Outcome('N', COUNT, (), 'weeks', 'text'),)", "'N' is not allowed as a name"),
        ("def f(w): pass\nf.outcomes = (Outcome('n', COUNT, (), '', 'text'),)", "n: its unit is missing"),
        ("def f(w): pass\nf.outcomes = (Outcome('n', CODE, (), 'weeks', 'text'),)", "n: must be one number"),
    ],
)  # fmt: skip
def test_a_module_that_cannot_be_used_is_refused(text, words):
    with pytest.raises(InputError) as error:
        loaded(Source("mine:f", "mine.py", f"{HEAD}{text}\n".encode()))
    assert words in str(error.value)


@pytest.mark.parametrize("given", ["mine", "mine:", ":f", "mine.py:f", 3, ["mine:f", "mine:f"], [3]])
def test_a_name_that_is_no_reference_is_refused(given):
    with pytest.raises(InputError, match="outcomes"):
        Sweep.from_dict({"name": "x", "base": "no_force", "runs": 1, "seed": 1, "outcomes": given})


def test_a_missing_module_and_a_name_given_twice_are_refused(tmp_path):
    own_sweep(tmp_path)
    with pytest.raises(InputError, match=r"there is no of/mine\.py in .* or on sys\.path"):
        own_outcomes(["of.mine:hot"], tmp_path)
    (tmp_path / "more.py").write_text(MODULE)
    with pytest.raises(InputError, match="hot_weeks is given by mine:hot and more:hot"):
        own_outcomes(["mine:hot", "more:hot"], tmp_path)


def test_a_manifest_tells_the_table_without_the_module(tmp_path):
    own = Plan.load(own_sweep(tmp_path)).own
    assert tables_of({"own_outcomes": [one.entry for one in own]}) == own[0].table
    assert tables_of({}) == ()


def test_a_sweep_without_own_outcomes_says_nothing_of_them():
    data = {"name": "x", "base": "no_force", "runs": 1, "seed": 1}
    assert not {"outcomes", "correlations"} & set(Sweep.from_dict(data).to_dict())
    assert Sweep.from_dict({**data, "outcomes": "a:b"}).to_dict()["outcomes"] == ["a:b"]
