"""The settings of the page: every number is that of its row, whatever they are called, and a reader can choose."""

import html as markup
import json
from dataclasses import replace

import pandas as pd
import pytest

from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.estimates.outcomes import GROUPS
from fragile_peace_lab.estimates.tables import read
from fragile_peace_lab.figures.drawing import PAGE
from fragile_peace_lab.figures.results import read_tables, results_of, write_curves
from fragile_peace_lab.figures.risk_curves import BANDS, ROWS
from fragile_peace_lab.report import choosing as report
from fragile_peace_lab.report.choosing import choosing, settings
from fragile_peace_lab.report.page import html, write_report
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.chromium import needs_chromium, started
from tests.tools.tiny_sweeps import TINY, tiny

HOSTILE = '</script><img src=x onerror=alert(1)> & "so"'
SWEEP = {
    "title": HOSTILE,
    "base": "reassurance_15k",
    "levers": {
        "threat.level": [0.0, 0.5, 1.0],
        "force": {"watching": {"mandate.roe": "observe"}, "usual": {}},
    },
    "structures": {"usual": {}, "precision_2": {"precision.russia": 2}},
    "runs": 3,
    "weeks": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = run_sweep(tiny(**SWEEP), tmp_path_factory.mktemp("sweep") / "small", threads=2, progress="none")
    write_report(where, sizes=[replace(PAGE, kinds=("svg",))])
    return where


@pytest.fixture(scope="module")
def results(folder):
    bare = results_of(folder, estimated=False)
    return replace(bare, tables=read_tables(bare))


@pytest.fixture(scope="module")
def data(results):
    return json.loads(choosing(results)["data"])


def numbers(row):
    return [None if pd.isna(row[name]) else float(row[name]) for name in BANDS]


def test_every_level_is_its_row_of_estimates(results, data):
    """Of every setting in every structure, as it was written."""
    table = pd.concat([results.tables[group] for group in GROUPS])
    table = table[table["type"] == "mixed"]
    places = settings(results)
    assert len(places) == len(data["levels"]) == 12
    for place, entries in zip(places, data["levels"], strict=True):
        for row, entry in zip(ROWS, entries, strict=True):
            here = table[table["outcome"] == row.key]
            for name, value in place.items():
                here = here[here[name] == value]
            assert len(here) == 1
            assert entry[0] == numbers(here.iloc[0])


def test_every_difference_is_its_row_or_that_row_turned_round(folder, results, data):
    """Any two settings of a structure are compared; none across structures."""
    places = settings(results)
    number = {tuple(place.values()): count for count, place in enumerate(places)}
    levers = [name for name in places[0] if name != STRUCTURE]
    values = {name: [place[name] for place in places] for name in places[0]}
    values |= {f"from {name}": values[name] for name in levers}
    table = read(folder / "estimates" / "pairs.csv", values)
    assert len(data["differences"]) == 2 * 6 * 5
    order = [row.key for row in ROWS]
    for row in table.to_dict("records"):
        before = number[row[STRUCTURE], *(row[f"from {name}"] for name in levers)]
        after = number[row[STRUCTURE], *(row[name] for name in levers)]
        there = data["differences"][f"{before} {after}"][order.index(row["outcome"])]
        back = data["differences"][f"{after} {before}"][order.index(row["outcome"])]
        assert there[0] == numbers(row)
        estimate, mc_low, mc_high, low, high = there[0]
        assert back[0] == [None if x is None else -x for x in (estimate, mc_high, mc_low, high, low)]
    assert len(table) == 2 * 15 * len(ROWS)


def test_names_cannot_leave_their_place(results, monkeypatch):
    """What a lever's value is called stands as text wherever it is said, and ends no script."""
    monkeypatch.setattr(report, "value_words", lambda name, value: f"{HOSTILE} {value}")
    text = html(results, [])
    assert HOSTILE not in text
    assert "<img src=x" not in text
    assert f"<h1>{markup.escape(HOSTILE).replace('&quot;', '&#34;')}</h1>" in text
    assert text.count("</script>") == 2
    block = text.partition('id="choosing-data">')[2].partition("</script>")[0]
    assert all(HOSTILE.lower() in words for words in json.loads(block)["words"])


@pytest.mark.parametrize("unknowns", [TINY["uncertainties"], {}], ids=["with unknowns", "without"])
def test_a_report_is_the_same_of_tables_just_made_and_of_those_read_back(unknowns, tmp_path):
    """Where nothing is known of the unknowns both say so, whichever of two settings is pinned."""
    design = TINY["design"] if unknowns else {}
    own = tiny(levers={"threat.level": [0.0, 1.0]}, uncertainties=unknowns, design=design, runs=4)
    made = write_curves(run_sweep(own, tmp_path / "out", progress="none"), sizes=[]).results
    bare = results_of(tmp_path / "out", estimated=False)
    assert html(made, []) == html(replace(bare, tables=read_tables(bare)), [])
    differences = json.loads(choosing(made)["data"])["differences"].values()
    said = [text for entries in differences for _, text in entries]
    assert unknowns or all(text.endswith("\n(not known)") for text in said if text != "no run to compare")


def test_one_setting_leaves_nothing_to_choose(tmp_path):
    one = tiny(**{**SWEEP, "levers": {}, "structures": {}, "uncertainties": {}, "design": {}, "runs": 2})
    text = html(results_of(run_sweep(one, tmp_path / "one", progress="none")), [])
    assert "Choose a setting" not in text
    assert "<script" not in text
    assert "script-src" not in text


@needs_chromium
def test_a_reader_chooses_with_the_keyboard_and_pins(folder, data):
    """In a real browser of a telephone's width, with the network refused and no error in the console."""
    with started() as browser:
        page, faults = browser.new_page(viewport={"width": 390, "height": 844}), []
        page.set_default_timeout(120_000)
        page.on("console", lambda said: faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto((folder / "report.html").as_uri())

        def state():
            """Which setting is shown and pinned, and what the cells say."""
            cells = page.eval_on_selector_all("#choosing td", "all => all.map(cell => cell.textContent)")
            here, pinned = (int(page.get_attribute("#choosing", f"data-{name}")) for name in ("here", "pinned"))
            return here, pinned, cells[::2], cells[1::2]

        def holds():
            here, pinned, levels, differences = state()
            assert levels == [entry[1] for entry in data["levels"][here]]
            apart = data["differences"].get(f"{pinned} {here}")
            otherwise = "the pinned setting" if here == pinned else "not compared"
            assert differences == ([entry[1] for entry in apart] if apart else [otherwise] * len(ROWS))
            assert page.inner_text("#choosing-status") == f"Shown: {data['words'][here]}."
            return here, pinned

        first, start = holds()
        assert (first, start) == (data["start"]["shown"], data["start"]["pinned"])
        page.get_by_role("slider", name="Moscow’s “legitimate targets” threat").focus()
        page.keyboard.press("Home")
        assert page.get_attribute("input[data-lever]", "aria-valuetext") == "0"
        lowest, _ = holds()
        page.keyboard.press("ArrowRight")
        assert page.get_attribute("input[data-lever]", "aria-valuetext") == "0.5"
        middle, _ = holds()
        assert len({lowest, middle}) == 2
        page.get_by_role("button", name="Pin this setting").focus()
        page.keyboard.press("Enter")
        assert holds() == (middle, middle)
        page.get_by_role("combobox", name="Structure").select_option("precision_2")
        assert holds() == (middle + 6, middle + 6), "what is pinned goes along: structures are not compared"
        force = page.get_by_role("combobox", name="Force")
        force.select_option(
            next(words for words in ("watching", "usual") if words != force.locator(":checked").inner_text())
        )
        here, pinned = holds()
        assert here != pinned == middle + 6
        assert page.get_attribute("#choosing-status", "aria-live") == "polite"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert faults == []
