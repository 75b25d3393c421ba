"""The brief answers the four questions, and types no number."""

import re

import pytest

from fragile_peace_lab.deciding.brief.content import LEAST, brief
from fragile_peace_lab.deciding.brief.rows import Decided, Number
from fragile_peace_lab.deciding.figures import MAP
from tests.tools.briefs import decided_folder

LEVELS = re.compile(r"\b9[05]%")
"""The levels of the intervals, which are no results."""


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    return Decided.read(decided_folder(tmp_path_factory.mktemp("content")))


@pytest.fixture(scope="module")
def page(decided):
    return brief(decided)


def every_words(page):
    yield page.lead
    yield page.which
    yield from page.best
    for grid in (page.options, page.worlds):
        yield grid.caption
        yield from (cell for row in grid.rows for cell in row)
    for section in page.sections:
        yield from (*section.paragraphs, *section.points)


def text(words):
    return "".join(part if isinstance(part, str) else part.text for part in words)


def test_no_number_is_typed(page):
    names = r"threat level [01]|more than one|is 1 if"
    for words in every_words(page):
        typed = "".join(part for part in words if isinstance(part, str))
        assert not re.search(r"\d", LEVELS.sub("", re.sub(names, "", typed)).replace("at most 0.3", "")), typed


def test_every_option_has_its_risks_with_both_kinds_of_uncertainty(page, decided):
    assert [text(row[0]).split(":")[0] for row in page.options.rows] == decided.options
    ends = ("", "_low", "_high", "_param_low", "_param_high", "", "")
    for row in page.options.rows:
        assert [part.column for part in row[1] if isinstance(part, Number)] == [f"ceasefire_ends{end}" for end in ends]
        assert re.fullmatch(r"\S+ \[\S+–\S+\]\nmembers \S+–\S+\nworlds \S+–\S+", text(row[1])), text(row[1])
    assert (
        "large: force scale 2, the mandate allows the force to fight a renewed war: yes, rules of engagement: enforce"
        in text(page.options.rows[2][0])
    )
    assert "small: force scale 0.4, 100 monitors" in text(page.options.rows[1][0])


def test_what_other_weights_would_choose_is_counted(page, decided):
    told = next(text(point) for point in page.sections[1].points if text(point).startswith("What is weighed"))
    table, shown = decided.tables[MAP], decided.shown
    most = decided.rows(MAP, shown)["option"].value_counts().index[0]
    tried = sorted(table["war_weight"].unique())
    lighter = {**shown, "war_weight": tried[tried.index(shown["war_weight"]) - 1]}
    rows = decided.rows(MAP, lighter)
    count = int((rows["option"] == most).sum())
    found = f"it is best in {count or 'none'} of {len(rows)} worlds"
    assert f"as bad as {lighter['war_weight']:g} ends of the ceasefire {found}" in told


def test_why_weights_decide_is_said_by_the_least_of_each_harm(page, decided):
    words = text(page.which)
    assert "does least of all three harms: by the estimates in the world usual, threat level 1," in words
    own = decided.rows("frontier", {"structure": "usual", "threat.level": 1.0})
    for harm, told in LEAST.items():
        assert f"{told} “{own.loc[own[harm].idxmin(), 'option']}” (" in words


def test_every_world_has_its_best_option(page, decided):
    assert [text(row[0]).split(":")[0] for row in page.worlds.rows[:2]] == ["usual", "other"]
    assert "Russia’s precision 2, russia face times 1.5, and payoffs to match" in text(page.worlds.rows[1][0])
    for row, name in zip(page.worlds.rows, ("usual", "other"), strict=False):
        for cell, level in zip(row[1:], (0.0, 1.0), strict=True):
            rows = decided.rows("losses", {"structure": name, "threat.level": level, **decided.shown, "best": True})
            assert text(cell).startswith(rows["option"].iloc[0])


def test_a_question_mark_stands_where_the_runs_tell_nothing_apart(page, decided):
    for row, name in zip(page.worlds.rows, ("usual", "other"), strict=False):
        for cell, level in zip(row[1:], (0.0, 1.0), strict=True):
            where = {"structure": name, "threat.level": level, **decided.shown}
            rivals = decided.rows("best_option", where)["rivals"].iloc[0]
            assert ("?" in text(cell)) == bool(rivals)


def test_it_says_how_sure_what_turns_it_and_what_it_cannot_say(page):
    said = {section.title: " ".join(map(text, section.points)) for section in page.sections}
    assert "regret" in said["How sure that is"]
    change = said["What would change it"]
    for words in ("Knowing", "Russia is committed (means its threat)", "members held out"):
        assert words in change
    assert "in 1 world, among members held out, at least 75% of these have truce.restraint at most 0.3" in change
    assert "not a forecast" in said["What the model cannot say"]


def test_every_number_says_how_it_is_made(page):
    numbers = page.numbers()
    assert len(numbers) > 80
    assert all(isinstance(number, Number) and number.file for number in numbers)
