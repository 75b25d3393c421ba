"""The pages that claim to equal the code do, and every number leads to its source in two steps."""

import re

import pytest

from fragile_peace.declared.blocks import ASSUMPTION, CALIBRATED
from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.kernels.week import PHASES
from fragile_peace_lab.calibration.targets import HANDED_ON
from fragile_peace_lab.reproduction.docs_tables import (
    DOCS,
    PAGES,
    TRUST,
    generated,
    parameter_table,
    records,
    refreshed,
    uses,
)


@pytest.mark.parametrize("page", PAGES)
def test_the_generated_part_of_a_page_is_what_the_command_writes(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert refreshed(page, text) == text, (
        f"docs/{page} is stale: run python -m fragile_peace_lab.reproduction.docs_tables"
    )


def test_the_table_has_every_parameter_of_the_declaration_and_no_other():
    names = re.findall(r"^\| `([a-z0-9_.*]+)` \|", parameter_table(), re.MULTILINE)
    assert names == list(CATALOGUE)


def test_every_default_has_a_source_key_or_the_word_assumption():
    """The key of the calibration is that of the parameters it hands on, and of no others."""
    known = set(records())
    for parameter in CATALOGUE.values():
        assert (parameter.source == CALIBRATED) == (parameter.name in HANDED_ON), parameter.name
        assert parameter.source == ASSUMPTION or parameter.source in known, parameter.name


def test_every_key_that_anything_cites_is_a_record():
    assert set(uses()) <= set(records())


def test_every_record_in_use_is_explained_in_the_pages_own_words_and_in_its_index():
    """Once before the index, in prose, and once in it, as the target of the links from odd.md."""
    prose, _, index = (DOCS / "evidence.md").read_text(encoding="utf-8").partition("## Index")
    for key in uses():
        assert f"`{key}`" in prose, key
        assert f'<a id="{key}"></a>' in index, key


def test_every_link_from_the_table_to_the_evidence_arrives():
    targets = re.findall(r"evidence\.md#([a-z0-9_]+)", generated("odd.md"))
    assert targets
    assert all(f'<a id="{key}"></a>' in generated("evidence.md") for key in targets)


def test_how_a_record_is_known_is_said_of_each():
    assert all(row["seen_or_recalled"] in TRUST for row in records().values())
    assert "recalled from memory" in generated("evidence.md")


def test_the_protocol_has_a_row_for_each_phase_in_order():
    rows = re.findall(r"^\| (\d+) (\w+) \|", (DOCS / "odd.md").read_text(encoding="utf-8"), re.MULTILINE)
    names = [phase.__name__ for phase in PHASES]
    assert [int(number) for number, _ in rows] == list(range(1, 13))
    assert [name for _, name in rows] == names
