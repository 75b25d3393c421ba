"""paper/paper.md: as long as a journal of software allows, every reference there and used, the figure made."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "paper"
HEAD, TEXT = (FOLDER / "paper.md").read_text(encoding="utf-8").removeprefix("---\n").split("\n---\n", 1)
SECTIONS = ("Summary", "Statement of need", "What it does that other software does not", "Limits", "References")


def test_it_has_750_to_1750_words():
    assert 750 <= len(re.findall(r"\w[\w’'-]*", re.sub(r"!\[.*?\)\n", "", TEXT, flags=re.DOTALL))) <= 1750


def test_it_says_what_it_is_for_and_where_it_ends():
    assert set(SECTIONS) <= set(re.findall(r"^# (.*)$", TEXT, re.MULTILINE))
    assert "not a forecast" in TEXT


def test_every_reference_is_cited_and_every_citation_is_a_reference():
    keys = re.findall(r"^@\w+\{(\w+),", (FOLDER / "paper.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert set(re.findall(r"@(\w+)", TEXT)) == set(keys)


def test_figures_are_there():
    found = re.findall(r"\]\((\.\./[^)]+)\)", TEXT)
    assert found
    assert all((FOLDER / path).exists() for path in found)
