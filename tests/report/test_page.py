"""The report page: it stands alone, says how sure it is, parses, and holds at both widths in a real Chromium."""

import base64
import hashlib
import itertools
import json
import os
import re
import subprocess
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fragile_peace_lab.cli.main import app
from fragile_peace_lab.estimates.robustness import Robustness, Sign
from fragile_peace_lab.figures.drawing import COLUMN, PAGE
from fragile_peace_lab.figures.panels import CUT_SHORT
from fragile_peace_lab.figures.results import pictures, results_of
from fragile_peace_lab.figures.risk_curves import ROWS
from fragile_peace_lab.figures.risks import AT_LEAST
from fragile_peace_lab.report.choosing import SCRIPT
from fragile_peace_lab.report.confidence import CONFIDENCE
from fragile_peace_lab.report.findings import (
    finding,
    headlines,
    in_structures,
    movements,
    verdict,
)
from fragile_peace_lab.report.page import html, write_report
from fragile_peace_lab.report.structures import declared, side_by_side
from fragile_peace_lab.running.runner import run_sweep
from tests.figures.test_results import SMALL as WHOLE
from tests.tools.chromium import CHROMIUM
from tests.tools.tiny_sweeps import STRUCTURES, tiny

SMALL = {**WHOLE, "levers": {"threat.level": [0.5, 1.0], "mandate.roe": ["observe", "self_defence"]}}
SIZES = [replace(size, kinds=("svg",)) for size in (PAGE, COLUMN)]
VOID = {"meta", "link", "img", "source", "br", "hr", "input"}
ROW = {
    "unit": "probability", "estimate": 0.2, "mc_low": 0.15, "mc_high": 0.25, "param_low": 0.12, "param_high": 0.3,
    "prior_driven": False,
}  # fmt: skip


class Page(HTMLParser):
    """Collects elements and checks that every one is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return run_sweep(tiny(**SMALL), tmp_path_factory.mktemp("sweep") / "small", threads=2, progress="none")


@pytest.fixture(scope="module")
def results(folder):
    return results_of(folder)


@pytest.fixture(scope="module")
def page(folder):
    return write_report(folder, sizes=SIZES)


@pytest.fixture(scope="module")
def parsed(page):
    return Page(page.read_text())


def test_the_page_is_the_same_bytes_again(folder, page):
    """From the folder anew; the figures' own bytes are test_figures' business."""
    results = results_of(folder)
    assert html(results, pictures(results)) == page.read_text()


def test_the_page_needs_no_network_and_runs_its_own_script_alone(page, parsed):
    """The policy lets run what has the hash of the one script that is shipped; data are no script."""
    text = page.read_text()
    for name in ("src", "srcset", "href"):
        for value in re.findall(rf'\s{name}="([^"]*)"', text):
            assert value.startswith(("data:", "#")), value
    assert parsed.all("script") == [{"type": "application/json", "id": "choosing-data"}, {}]
    script = text.rpartition("<script>")[2].partition("</script>")[0]
    assert script == SCRIPT.read_text()
    policy = next(meta["content"] for meta in parsed.all("meta") if "http-equiv" in meta)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith(f"; script-src 'sha256-{digest}'")
    assert "@import" not in text
    assert "url(" not in text


def test_landmarks_and_headings(page, parsed):
    assert page.read_text().startswith("<!doctype html>")
    assert parsed.all("html") == [{"lang": "en"}]
    for tag in ("header", "nav", "main", "footer", "h1", "title"):
        assert len(parsed.all(tag)) == 1, tag
    levels = [int(tag[1]) for tag, _ in parsed.found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    names = [attributes["id"] for _, attributes in parsed.found if "id" in attributes]
    assert len(names) == len(set(names))
    for attributes in parsed.all("a"):
        assert attributes["href"][1:] in names
    for attributes in parsed.all("section"):
        assert attributes["aria-labelledby"] in names
    for attributes in parsed.all("div"):
        if attributes.get("role") == "region":
            assert attributes["tabindex"] == "0"
            assert attributes["aria-labelledby"] in names


def test_every_image_is_embedded_and_described(parsed):
    images = parsed.all("img")
    assert len(images) == 7
    assert all(image["src"].startswith("data:image/svg+xml;base64,") and len(image["alt"]) > 40 for image in images)
    assert all(source["media"] and source["srcset"].startswith("data:") for source in parsed.all("source"))


def test_what_a_reader_must_be_told(folder, parsed):
    text = " ".join(" ".join(parsed.text).split())
    manifest = json.loads((folder / "manifest.json").read_text())
    for words in (
        "An exploratory model, not a forecast", "takes no side", "threat.credibility", "war.committed_bonus",
        "prior-driven",
        manifest["behaviour_digest"], "Seed", str(manifest["seed"]),
        "fragile-peace verify",
        "virtually certain", "Mastrandrea", "matplotlib", "confidence",
    ):  # fmt: skip
        assert words in text, words
    assert manifest["source_digest"] not in text, "a renamed file would rewrite every report"
    assert not re.search(r"\bnan\b|None|undefined", text)
    assert not re.search(r"20\d\d-\d\d-\d\dT", text)  # no date of making


def test_every_stated_risk_states_its_uncertainty(folder):
    results = results_of(folder)
    where, found = headlines(results)
    assert "self-defence" in where
    assert "0.5" in where
    assert [item.prior for item in found] == [False] * (len(ROWS) - 1) + [True]
    for item in found:
        assert item.value
        assert item.mc
        assert item.unknowns
        assert item.confidence in CONFIDENCE
    for _, items in movements(results):
        assert len(items) == len(ROWS)
        assert all(item.mc and item.unknowns and item.verdict for item in items)


def test_likelihood_words_and_what_was_never_seen():
    assert finding(ROW, "x", 1.0).word == "unlikely"
    none = finding({**ROW, "estimate": 0.0, "mc_low": 0.0, "mc_high": 0.07}, "x", 1.0)
    assert (none.word, none.mc) == ("not seen in any run", "0% to 7.0%")


def test_the_direction_is_only_told_where_the_runs_tell_it():
    row = {"estimate": 0.1, "mc_low": 0.05, "mc_high": 0.15, "param_low": 0.02, "param_high": 0.3}
    assert verdict(row) == "more, throughout the sampled unknowns"
    assert verdict({**row, "mc_low": -0.01}) == "the runs made do not settle the direction"
    assert verdict({**row, "param_low": -0.1}) == "more on average; the unknowns can turn it round"
    assert "no direction" in verdict({**row, "mc_low": np.nan})


def test_one_run_of_one_point_has_a_page(tmp_path):
    tiny_ = tiny(**{**SMALL, "levers": {}, "uncertainties": {}, "design": {}, "runs": 1, "weeks": 3})
    run_sweep(tiny_, tmp_path / "one", threads=1, progress="none")
    text = html(results_of(tmp_path / "one"), [])
    Page(text)
    assert "No unknowns were sampled" in text
    assert "nothing to compare" in text


@pytest.mark.parametrize("command", ["curves", "compare", "report"])
def test_commands_say_in_one_line_what_is_wrong(command, tmp_path):
    done = CliRunner().invoke(app, [command, str(tmp_path)])
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "Example:" in CliRunner().invoke(app, [command, "--help"]).stdout


def test_compare_and_its_baseline(folder):
    done = CliRunner().invoke(app, ["compare", str(folder), "--baseline", "0", "--json"])
    assert done.exit_code == 0, done.stderr
    assert {row["baseline"] for row in json.loads(done.stdout)} == {0}
    assert (folder / "figures" / "comparison_from_0.svg").exists()
    for path in (folder / "figures").glob("comparison_from_0*"):
        path.unlink()
    wrong = CliRunner().invoke(app, ["compare", str(folder), "--baseline", "99"])
    assert wrong.exit_code == 2
    assert "0 to 15" in wrong.stderr
    size = CliRunner().invoke(app, ["curves", str(folder), "--size", "slid"])
    assert size.exit_code == 2
    assert "slide" in size.stderr


# in several structures

LOUD = {**SMALL, "levers": {"threat.level": [0.5, 1.0], "mandate.roe": ["observe", "enforce"]}, "runs": 12}


@pytest.fixture(scope="module")
def structured(tmp_path_factory):
    sweep = tiny(**LOUD, structures=STRUCTURES)
    folder = run_sweep(sweep, tmp_path_factory.mktemp("sweep") / "structures", threads=2, progress="none")
    return folder, Page(write_report(folder, sizes=SIZES).read_text())


def test_a_report_says_which_structure_it_shows_and_what_the_others_say(structured):
    folder, page = structured
    text = unescape(" ".join(" ".join(page.text).split()))
    assert "Played in 4 structures, which differ in what nobody can estimate: usual, precision_2," in text
    assert "in each of 4 structures" in text
    assert "All of it is in the structure usual; the sweep was played in 3 others too" in text
    assert "least_sure precision.contingent 1, precision.united_states 0.5" in text
    results = results_of(folder)
    found = headlines(results)[1]
    every = [item for _, items in movements(results) for item in items]
    assert all(item.structures.startswith(("Robust: ", "Not robust: ", "Not known")) for item in every)
    assert any(item.structures.startswith("Robust: more in 4 of 4 structures, by ") for item in every)
    assert text.count("obust: ") == len(every)
    assert text.count("By structure: usual ") == len(found) + len(every)
    assert all(name in item.apart for name in STRUCTURES for item in every)


def test_every_structure_has_a_column_with_the_numbers_of_a_sweep_of_it_alone(structured, tmp_path):
    folder, _ = structured
    results = results_of(folder)
    levels, *moves = side_by_side(results)
    assert levels.head == ["Outcome", *STRUCTURES]
    assert len(moves) == 2
    alone = results_of(
        run_sweep(tiny(**{**LOUD, "set": {**SMALL["set"], **STRUCTURES["precision_5"]}}), tmp_path / "alone",
                  progress="none")
    )  # fmt: skip
    column = levels.head.index("precision_5")
    found = {item.what: item for item in headlines(alone)[1]}
    for row in levels.rows:
        assert row[column].startswith(found[row[0]].value.partition(" per ")[0])
    for table, (title, items) in zip(moves, movements(alone), strict=True):
        assert title in table.caption
        assert [row[column] for row in table.rows] == [
            f"{item.value}\n[{item.mc}]\n({item.unknowns})" for item in items
        ]


def test_comparing_with_a_point_of_another_structure_stays_in_it(structured):
    folder, _ = structured
    done = CliRunner().invoke(app, ["compare", str(folder), "--baseline", "5", "--json"])
    assert done.exit_code == 0, done.stderr
    assert {row["baseline"] for row in json.loads(done.stdout)} == {1}
    about = json.loads((folder / "figures" / "comparison_from_1_precision_2.json").read_text())
    assert about["structure"] == "precision_2"
    assert "All of it is in the structure precision_2" in about["caption"]
    wrong = CliRunner().invoke(app, ["compare", str(folder), "--baseline", "64"])
    assert "0 to 63" in wrong.stderr


def test_what_a_structure_sets_in_place_of_samples_is_marked(structured):
    results = results_of(structured[0], estimated=False)
    rows = dict(declared(results, ["precision.russia"]).rows)
    assert rows["usual"] == "none: as the scenario and the samples have them"
    assert rows["precision_2"] == "precision.russia 2 (in place of its samples), precision.ukraine 2"


def test_a_sweep_of_structures_alone_has_a_page(tmp_path):
    own = {"base": "no_force", "levers": {}, "uncertainties": {}, "design": {}, "runs": 3, "weeks": 3}
    folder = run_sweep(tiny(structures=STRUCTURES, **own), tmp_path / "out", progress="none")
    text = " ".join(" ".join(Page(write_report(folder, sizes=SIZES).read_text()).text).split())
    assert "Played in 4 structures" in text
    assert "there is nothing to compare it with" in text
    levels = side_by_side(results_of(folder))
    assert [table.head for table in levels] == [["Outcome", *STRUCTURES]]


def test_a_finding_is_robust_only_where_its_sign_holds_everywhere():
    def said(**signs):
        return in_structures(Robustness({name: Sign(*sign) for name, sign in signs.items()}))

    assert said(a=(1, 1.0), b=(1, 0.999)) == "Robust: more in 2 of 2 structures, by at least 99% of the members in each"
    assert said(a=(-1, 1.0)) == "Robust: less in 1 of 1 structure, by all members in each"
    assert said(a=(1, 1.0), b=(1, 0.89)) == "Not robust: more in 1 of 2 structures (a)"
    assert said(a=(1, 1.0), b=(-1, 1.0)) == "Not robust: more in 1 of 2 structures (a); the other sign in b"
    assert said(a=(0, 1.0), b=(0, 1.0)) == "Not robust: no sign holds in any of 2 structures"
    assert said(a=(1, None), b=(1, 1.0)).startswith("Not known to be robust: more in 2 of 2 structures")


# in a real browser

PROBE = """<!doctype html><html><body style="margin:0">
<iframe id="f" style="width:{width}px;height:900px;border:0"></iframe>
<pre id="out">waiting</pre><script>
const frame = document.getElementById("f"), out = document.getElementById("out"), errors = [];
frame.onload = async () => {{
  const page = frame.contentDocument, root = page.documentElement;
  frame.contentWindow.addEventListener("error", event => errors.push(event.message));
  const images = [...page.images];
  await Promise.all(images.map(image => image.decode().catch(error => errors.push(String(error)))));
  const wide = [...page.querySelectorAll("body *")].filter(e => !e.closest(".scroll, pre, .skip"))
    .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
    .map(e => e.tagName + " " + e.textContent.slice(0, 40));
  const missed = e => {{ e.focus(); return page.activeElement !== e; }};
  const stops = [...page.querySelectorAll("a, summary, [tabindex='0']")]
    .filter(e => !e.closest("details:not([open])") || e.tagName === "SUMMARY").filter(missed);
  out.textContent = JSON.stringify({{client: root.clientWidth, scroll: root.scrollWidth, images: images.length,
    blank: images.filter(i => !i.naturalWidth).length, wide, unreachable: stops.length, errors,
    narrow: images.filter(i => i.currentSrc !== i.src).length}});
}};
frame.srcdoc = {page};
</script></body></html>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [390, 1280])
def test_in_chromium(page, tmp_path, width):
    """No horizontal scroll, every image drawn from the page itself, every stop of the keyboard reachable, no errors."""
    text = page.read_text()
    probe = tmp_path / "probe.html"
    probe.write_text(PROBE.format(width=width, page=json.dumps(text).replace("</", "<\\/")))
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr",
        f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1400,1000", "--virtual-time-budget=20000",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", probe.as_uri(),
    ]  # fmt: skip
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stderr[-2000:]
    assert found[1] != "waiting", done.stderr[-2000:]
    seen = json.loads(unescape(found[1]))
    assert width - 20 <= seen["client"] <= width  # less a scroll bar
    assert seen["scroll"] <= seen["client"], seen["wide"]
    assert seen["wide"] == []
    assert (seen["images"], seen["blank"], seen["unreachable"], seen["errors"]) == (7, 0, 0, [])
    assert seen["narrow"] == (7 if width == 390 else 0)
    assert "CONSOLE" not in done.stderr, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_the_template_is_shipped():
    root = Path(__file__).resolve().parents[2]
    assert (root / "experiments/fragile_peace_lab/report/templates/report.html.j2").exists()
    assert "templates/*" in (root / "pyproject.toml").read_text()


def test_the_ladder_and_the_curves_do_not_call_two_things_by_one_name(results):
    """A rung counts graver things too, wars among them; the curves count exchanges of fire alone."""
    titles = set(results.tables["ladder"]["title"]) & set(results.tables["probabilities"]["title"])
    for title in titles:
        both = [results.tables[name] for name in ("ladder", "probabilities")]
        values = [t[(t["title"] == title) & (t["type"] == "mixed")]["estimate"].tolist() for t in both]
        assert values[0] == values[1], title
    assert not any("exchange of fire" in words for words in AT_LEAST)
    made = {picture.name: picture for picture in pictures(results)}
    for picture in made.values():
        counts = {"risk_curves", "cumulative_incidence", "comparison", "heat_map"}
        assert (CUT_SHORT in picture.caption) == (picture.name in counts), picture.name


def test_what_is_counted_says_that_it_is_and_no_estimate_stands_twice_with_two_values(results):
    """The incidence curves are plain counts: their panels say how many runs, and no second estimate of a chance."""
    made = {picture.name: picture for picture in pictures(results)}
    texts = [text.get_text() for ax in made["cumulative_incidence"].draw(PAGE).axes for text in ax.texts]
    assert any(re.fullmatch(r"[\d,]+ of 24 runs", text) for text in texts)
    assert not any(re.fullmatch(r"[\d.]+%", text) for text in texts)
    page = html(results, list(made.values()))
    assert page.count(CUT_SHORT) >= 8
