"""Numbers of the brief know their rows, and a folder without a decision is refused."""

import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.deciding.brief.rows import Decided, joined, pointed, said
from tests.tools.briefs import decided_folder


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    return Decided.read(decided_folder(tmp_path_factory.mktemp("rows")))


def test_a_number_names_the_lines_that_it_is_made_of(decided):
    where = {"structure": "other", "threat.level": 1.0, "option": "large"}
    number = decided.number("frontier", where, "ceasefire_ends", "percent")
    assert number.rows == (13,)  # two structures, two levels, three options; the heading is line 1
    assert number.where == (("structure", "other"), ("threat.level", "1"), ("option", "large"))
    most = decided.number("frontier", {"option": "large"}, "ceasefire_ends", "percent", "the greatest")
    assert most.rows == (4, 7, 10, 13)
    assert most.value >= number.value


def test_a_number_of_one_row_is_of_one_row(decided):
    with pytest.raises(ValueError, match="frontier: 4 rows have"):
        decided.number("frontier", {"option": "large"}, "ceasefire_ends")


def test_pointers_take_all_that_a_star_fits(decided):
    assert pointed({"a": {"b.x": 1, "b.y": 2, "c": 3}}, "/a/b.*") == [1, 2]
    assert pointed({"a": [{"n": 1}, {"n": 4}]}, "/a/*/n") == [1, 4]
    assert decided.planned("/sweep/levers/package/small/places.*.monitors", how="the total").value == 100


def test_words_take_numbers_and_words(decided):
    number = decided.told("/members")
    assert said("of {} members", number) == ("of ", number, " members")
    assert joined([said("a"), said("b {}", number)], "; ") == ("a", "; ", "b ", number)
    with pytest.raises(ValueError, match="2 places for 1 parts"):
        said("{} of {}", number)


def test_what_is_no_decision_is_refused(decided, tmp_path):
    with pytest.raises(InputError, match="has no manifest"):
        Decided.read(tmp_path)
    folder = decided_folder(tmp_path)
    (folder / "decide" / "losses.csv").unlink()
    with pytest.raises(
        InputError, match=r"no decision there \(decide/losses.csv\); `fragile-peace decide .*` makes it$"
    ):
        Decided.read(folder)
