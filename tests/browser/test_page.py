"""The page in a real Chromium, from a file, with the network off: the bytes of Python, its estimates, its manners."""

import base64
import gzip
import hashlib
import json
import re

import numpy as np
import pytest

from fragile_peace.codes import Event
from fragile_peace.declared.scenario import Scenario, shipped
from fragile_peace.runs.simulation import simulate
from fragile_peace.words.chronicle import chronicle
from fragile_peace_lab.browser.edition import packed
from fragile_peace_lab.browser.published import published
from fragile_peace_lab.browser.worlds import can_move, words_of
from fragile_peace_lab.dashboard.levers import LEVERS
from fragile_peace_lab.dashboard.settings import OUTCOMES
from fragile_peace_lab.design.belief import TRUTH
from fragile_peace_lab.estimates.intervals import jackknife_ratio, proportion, t_interval
from fragile_peace_lab.estimates.members import weighted

ABOUT = "#view=about"
"""Where the page computes nothing of itself."""
pytestmark = pytest.mark.slow
TRIED = (
    {"threat.level": 0.9, "threat.credibility": 0.45, "mandate.roe": "enforce"},
    {"force.scale": 0.37, "guarantee.sincerity": 0.8, "guarantee.trigger": "any_fatality", "force.deploy_weeks": 9},
    {"guarantee.credibility": 0.6, "threat.sincerity": 0.15, "response.us_hours": 11.5, "readiness.growth": 0.001},
)
LEFT_ALONE = {"readiness.growth": 0.001, "threat.sincerity": 0.15, "force.deploy_weeks": 9}
"""Levers that leave alone a game before week 0."""
UNTIL = """() => new Promise((done) => {
  const look = () => { if (CONDITION) done(); else setTimeout(look, 20); };
  look(); })"""
"""The page's policy forbids the tests' own way of waiting for a condition, too."""
PLAY = """async ([values, first, runs, fused]) => {
  const page = fragilePeace, scenario = page.worlds.scenarios.get(page.about.default);
  const rows = page.worlds.rows({ scenario: scenario.name, values });
  const job = { rows, row: scenario.first, horizon: scenario.weeks, seed: 1, first, runs };
  if (fused) return sha256((await page.pool.play(job, "test")).outcomes);
  const engine = new Engine(new WebAssembly.Module(await unpacked("exact")), page.about, page.pool.start.block);
  return sha256(engine.play(job).outcomes);
}"""


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def data(text: str, name: str) -> bytes:
    """What an element of the page holds."""
    found = re.search(rf'id="{name}">([^<]*)<', text)
    assert found
    return gzip.decompress(base64.b64decode(found[1]))


def test_a_hundred_runs_and_every_kind_of_lever_give_the_bytes_of_python(built, opened) -> None:
    page = opened(built, ABOUT)
    world = Scenario.load("reassurance_15k")
    assert page.evaluate(PLAY, [{}, 4, 96, True]) == digest(simulate([world], 96, 1, first_run=4)[0])
    assert page.evaluate(PLAY, [{}, 0, 20, False]) == digest(simulate([world], 20, 1)[0])
    for values in TRIED:
        assert page.evaluate(PLAY, [values, 0, 4, True]) == digest(simulate([world.override(values)], 4, 1)[0])


def test_a_thousand_default_runs_give_the_bytes_of_python(built, opened) -> None:
    page = opened(built, ABOUT)
    there = [page.evaluate(PLAY, [{}, first, 100, True]) for first in range(0, 1000, 100)]
    outcomes = simulate([Scenario.load("reassurance_15k")], 1000, 1)[0]
    assert there == [digest(outcomes[first : first + 100]) for first in range(0, 1000, 100)]


def test_rows_of_every_scenario_are_those_that_python_lays_out(built, opened) -> None:
    page, sweep = opened(built, ABOUT), published()
    held = {*LEVERS, *TRUTH.values()}
    rows = "([scenario, values, member]) => sha256(fragilePeace.worlds.rows({ scenario, values }, member))"
    for name in shipped():
        world = Scenario.load(name)
        assert page.evaluate(rows, [name, {}, None]) == digest(words_of(world)), name
        assert page.evaluate(rows, [name, LEFT_ALONE, None]) == digest(words_of(world.override(LEFT_ALONE))), name
        if not can_move(world):
            continue
        for number, values in enumerate(TRIED):
            assert page.evaluate(rows, [name, values, None]) == digest(words_of(world.override(values))), (name, values)
            sample = {key: value for key, value in sweep.sample(5 + number).items() if key not in held}
            own = {key: value for key, value in sample.items() if not key.startswith("contingents") or name in key}
            known = {c.name for c in world.contingents}
            own |= {key: value for key, value in sample.items() if key.split(".")[1] in known}
            expected = words_of(world.override(own).override(values))
            assert page.evaluate(rows, [name, values, 5 + number]) == digest(expected), (name, values)


def test_any_run_of_the_published_sweep_is_replayed(built, opened) -> None:
    page, sweep = opened(built, ABOUT), published()
    play = "async ([p, r]) => sha256((await fragilePeace.pool.play(fragilePeace.worlds.published(p, r), 't')).outcomes)"
    for point, run in ((0, 0), (1919, 127), (1001, 9)):
        first = sweep.plan.design.first_run(point) + run
        there = simulate([sweep.plan.scenario(point)], 1, sweep.plan.sweep.seed, sweep.weeks, first_run=first)[0]
        assert page.evaluate(play, [point, run]) == digest(there)


def test_estimates_are_those_of_the_estimators(built, opened) -> None:
    """Plain counts against `estimates.intervals`, bands against `estimates.members`."""
    page = opened(built, ABOUT)
    rng = np.random.default_rng(3)
    n, d = rng.gamma(0.6, 2.0, (12, 40)), rng.gamma(4.0, 1.0, (12, 40))
    shown = page.evaluate(
        """([n, d]) => { const e = fragilePeace.estimates, rate = { kind: "rate", over: [1] };
        const parts = n.map((row, m) => ({ n: Float64Array.from(row), d: Float64Array.from(d[m]) }));
        const one = e.estimate(rate, parts[0]);
        return { one: [one.estimate, one.low, one.high], band: e.band(parts),
          shares: [0, 3, 40].map((k) => { const { low, high } = e.proportion(k, 40); return [low, high]; }),
          far: e.t(5000) }; }""",
        [n.tolist(), d.tolist()],
    )
    ratio = jackknife_ratio(n[0], d[0])
    interval = t_interval(ratio.estimate, ratio.se, ratio.df)
    assert shown["one"] == pytest.approx([float(x) for x in (ratio.estimate, *interval)], rel=1e-9)
    assert shown["band"] == pytest.approx([float(x) for x in weighted(n, d, own=True).band], rel=1e-9)
    for k, ends in zip((0, 3, 40), shown["shares"], strict=True):
        assert ends == pytest.approx([float(x) for x in proportion(k, 40)], rel=1e-9)
    assert shown["far"] == pytest.approx(1.960439, abs=2e-5)


def test_first_numbers_come_soon_and_equal_python(built, opened) -> None:
    page = opened(built, "#runs=64&members=2&set=threat.level%3D0.8")
    page.wait_for_selector('[data-state="done"]')
    outcomes = simulate([Scenario.load("reassurance_15k").override({"threat.level": 0.8})], 64, 1)[0]
    assert page.text_content("[data-digest]") == digest(outcomes)
    card = page.locator('[data-outcome="collapse"]').first
    assert float(card.get_attribute("data-estimate")) == outcomes["happened"][:, Event.COLLAPSE].mean()
    assert 'world = Scenario.load("reassurance_15k").override({"threat.level": 0.8})' in page.text_content("pre")


def test_where_moscow_chooses_its_threat_the_page_says_which_levers_are_missing(built, opened) -> None:
    page = opened(built, "#scenario=moscow_signals&runs=16&members=64&set=threat.level%3D0.9")
    page.wait_for_selector('[data-state="done"]')
    assert "threat.level cannot be set in moscow_signals" in page.text_content("#refused")
    assert "can be moved; the others, and the samples of the unknowns, cannot" in page.text_content("aside .fp-warning")
    assert page.is_disabled('[data-id="threat.level"]')
    assert page.evaluate("fragilePeace.settings.along") == "threat.sincerity"
    page.fill('[data-id="readiness.growth"]', "0.02")
    page.press('[data-id="readiness.growth"]', "Enter")
    page.evaluate(UNTIL.replace("CONDITION", "!fragilePeace.live.busy"))
    page.evaluate("fragilePeace.views.risk.draw()")
    world = Scenario.load("moscow_signals").override({"readiness.growth": 0.02})
    assert page.text_content("[data-digest]") == digest(simulate([world], 16, 1)[0])
    assert page.locator(".fp-numbers tbody tr").count() >= 5


def test_a_pinned_setting_is_compared_run_against_run(built, opened) -> None:
    page = opened(built, "#runs=64&members=0")
    page.wait_for_selector('[data-state="done"]')
    page.click('[data-id="pin"]')
    page.fill('[data-id="threat.level"]', "1")
    page.press('[data-id="threat.level"]', "Enter")
    page.wait_for_selector(".fp-compare")
    page.wait_for_selector('[data-state="done"]')
    worlds = [Scenario.load("reassurance_15k"), Scenario.load("reassurance_15k").override({"threat.level": 1.0})]
    rows = simulate(worlds, 64, 1)
    exact = [float(side["line_true"].sum() / side["line_km_weeks"].sum() * 100) for side in rows]
    shown = float(page.get_attribute('.fp-compare [data-outcome="violations_true_line"]', "data-estimate"))
    assert shown == pytest.approx(exact[1] - exact[0], rel=1e-12)


def test_a_page_whose_check_fails_shows_no_number(built, opened, tmp_path) -> None:
    text = built.read_text()
    about = json.loads(data(text, "contents"))
    about["published"]["digest"] = "0" * 64
    other = tmp_path / "wrong.html"
    other.write_text(re.sub(r'(id="contents">)[^<]*', rf"\g<1>{packed(json.dumps(about).encode())}", text))
    page = opened(other, right="false")
    assert "no. It shows no numbers" in page.text_content("#check")
    page.click("#tab-run")
    assert page.locator(".fp-card:visible").count() <= 2
    assert page.text_content("#main") == ""


def test_without_the_instruction_the_exact_module_gives_the_same_bytes(built, opened, tmp_path) -> None:
    other = tmp_path / "exact.html"
    other.write_text(re.sub(r'(id="relaxed">)[^<]*', rf"\g<1>{packed(b'no module')}", built.read_text()))
    page = opened(other, ABOUT)
    assert page.get_attribute("#check", "data-fused") == "false"
    assert "without fused multiply-adds" in page.text_content("#check")


def test_names_from_files_stay_text(built, opened, tmp_path) -> None:
    text = built.read_text()
    about = json.loads(data(text, "contents"))
    evil = "</script><img src=x onerror=\"document.title='owned'\">"
    for scenario in about["scenarios"]:
        scenario["title"] = scenario["about"] = evil
        for each in [*scenario["places"], *scenario["contingents"]]:
            each["name"] = evil
    for lever in about["levers"]:
        lever["title"] = lever["text"] = evil
    other = tmp_path / "hostile.html"
    other.write_text(re.sub(r'(id="contents">)[^<]*', rf"\g<1>{packed(json.dumps(about).encode())}", text))
    page = opened(other, "#view=run&run=%3Cimg%3E")
    page.wait_for_selector(".fp-line .fp-place")
    assert page.title() == "Fragile Peace: the model in your browser"
    assert page.locator("img").count() == 0
    assert evil in page.text_content("#scenario-about")
    assert "run=<img> is not allowed" in page.text_content("#refused")


def test_bad_input_is_said_and_changes_nothing(built, opened) -> None:
    page = opened(built, "#runs=16&members=0&seed=-1&scenario=nowhere")
    assert "seed=-1 is not allowed" in page.text_content("#refused")
    page.fill('[data-id="threat.level"]', "7")
    page.press('[data-id="threat.level"]', "Enter")
    assert 'threat.level: "7" is not allowed; must be a number from 0 to 1' in page.text_content("#body aside")
    assert page.evaluate("Object.keys(fragilePeace.settings.values).length") == 0
    page.fill('[data-id="threat.level"]', "0.25")
    page.press('[data-id="threat.level"]', "Enter")
    assert page.evaluate("location.hash") == "#runs=16&members=0&set=threat.level%3D0.25"


def test_a_name_that_every_object_has_is_no_setting(built, opened) -> None:
    names = ["__proto__", "toString", "constructor", "hasOwnProperty", "colour"]
    page = opened(built, "#" + "&".join(f"{name}=1" for name in names) + "&set=__proto__=1&seed=7&set=threat.level=-0")
    said = page.eval_on_selector_all("#refused p", "all => all.map(line => line.textContent)")
    assert said[:-1] == [f"Link: {name}=1 is not allowed; it is left out" for name in names]
    assert said[-1].startswith("Link: __proto__: no such lever; there are ")
    assert page.evaluate("fragilePeace.settings.seed") == 7
    assert page.evaluate("Object.is(fragilePeace.settings.values['threat.level'], 0)"), "as links and commands write it"


def test_rapid_changes_a_lost_worker_and_memory(built, opened) -> None:
    page = opened(built, "#runs=16&members=0")
    page.evaluate("""async () => { const page = fragilePeace; page.pool.silent = 5000;
      for (let i = 0; i < 200; i++) {
        page.lever("threat.level", (i % 97) / 100);
        if (i % 20 === 0) await new Promise((f) => setTimeout(f, 20));
      }
      page.pool.hands[0].worker.terminate(); page.lever("threat.level", 0.33); }""")
    page.evaluate(UNTIL.replace("CONDITION", "!fragilePeace.live.busy"))
    assert page.evaluate("fragilePeace.settings.values['threat.level']") == 0.33
    page.wait_for_selector('[data-state="done"]')
    assert page.evaluate("[fragilePeace.live.fault, fragilePeace.pool.waiting.length]") == ["", 0]
    assert page.evaluate("""() => { const live = fragilePeace.live; let bytes = 0;
      for (const { bytes: each } of live.kept.values()) bytes += each.byteLength;
      return bytes === live.bytes && bytes <= MOST_BYTES; }""")


def test_every_scenario_is_drawn_and_told(built, opened) -> None:
    page = opened(built, "#runs=16&members=0")
    for name in shipped():
        page.evaluate("(scenario) => fragilePeace.change({ scenario, values: {}, view: 'risk' })", name)
        page.evaluate(UNTIL.replace("CONDITION", "!fragilePeace.live.busy"))
        page.evaluate("fragilePeace.views.risk.draw()")
        assert page.evaluate("fragilePeace.live.fault") == ""
        assert page.locator(".fp-cardlet").count() == len(OUTCOMES)
        assert page.locator("aside select:disabled").count() == (0 if can_move(Scenario.load(name)) else 2)
        page.evaluate("fragilePeace.change({ view: 'run' })")
        world = Scenario.load(name)
        page.evaluate(UNTIL.replace("CONDITION", f"fragilePeace.views.run.told?.scenario.name === '{name}'"))
        page.wait_for_selector(f'[data-place="{world.places[-1].name}"]')
        assert page.locator("[data-place]").count() == len(world.places)


def test_two_tabs_do_not_disturb_each_other(built, opened) -> None:
    first, second = (opened(built, f"#runs=16&members=0&seed={seed}") for seed in (1, 2))
    digests = []
    for page in (first, second):
        page.wait_for_selector('[data-state="done"]')
        page.wait_for_selector("[data-digest]")
        digests.append(page.text_content("[data-digest]"))
    world = Scenario.load("reassurance_15k")
    assert digests == [digest(simulate([world], 16, seed)[0]) for seed in (1, 2)]


def test_nothing_may_leave_the_page(built, opened) -> None:
    page = opened(built, ABOUT)
    policy = page.get_attribute('meta[http-equiv="Content-Security-Policy"]', "content")
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy
    assert "unsafe-eval'" not in policy.replace("wasm-unsafe-eval'", "")
    assert built.stat().st_size <= 1_500_000


@pytest.mark.parametrize("view", ["risk", "run", "about"])
def test_on_a_phone_nothing_is_wider_than_the_screen(built, opened, view) -> None:
    page = opened(built, f"#runs=16&members=0&view={view}", viewport={"width": 360, "height": 700})
    page.wait_for_selector({"risk": ".fp-cards", "run": ".fp-line .fp-place", "about": "#about:visible"}[view])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_control_has_a_name_and_keys_reach_it(built, opened) -> None:
    page = opened(built, "#runs=16&members=0")
    page.wait_for_selector(".fp-cards")
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, select")].filter((node) =>
      !(node.labels && node.labels.length) && !node.getAttribute("aria-label") && !node.textContent.trim()).length""")
    assert nameless == 0
    page.focus('[data-id="threat.level slider"]')
    page.keyboard.press("ArrowRight")
    page.evaluate(UNTIL.replace("CONDITION", "fragilePeace.settings.values['threat.level'] !== undefined"))
    assert page.evaluate("document.activeElement.dataset.id") == "threat.level slider"


TOLD = """async ([scenario, seed, run, values]) => {
  const page = fragilePeace, view = page.views.run, found = [];
  page.change({ view: "run", scenario, values, seed, run, point: null });
  for (const key = () => view.told && view.told.scenario.name === scenario && JSON.parse(view.told.key);
    !(key() && key()[2] === run && key()[3] === seed);) await new Promise((turn) => setTimeout(turn, 20));
  for (view.week = 0; view.week < view.told.last; view.week++)
    for (const s of view.telling.stirred())
      found.push([view.week, view.told.scenario.places[s].name, view.telling.at(s).join(" ")]);
  view.week = 0;
  return found;
}"""


def test_a_run_is_told_in_the_sentences_of_pythons_chronicle(built, opened) -> None:
    """Every place that stirs, in every week; between them these runs hold every kind of sentence."""
    page, kinds = opened(built, ABOUT), set()
    for name, seed, run, values in (
        ("reassurance_15k", 7, 1, {"mandate.roe": "enforce", "guarantee.trigger": "any_fatality"}),
        ("reassurance_15k", 7, 2, {"threat.credibility": 0.9, "guarantee.credibility": 0.9}),
        ("line_30k", 3, 0, {"threat.level": 1.0}),
        ("moscow_signals", 1, 1, {}),
    ):
        told = chronicle(Scenario.load(name).override(values), seed, run, every_week=True)
        kinds |= {event.kind for event in told.events}
        expected = {}
        for event in told.events:
            if event.place is not None:
                expected.setdefault((event.week, event.place), []).append(event.text)
        there = page.evaluate(TOLD, [name, seed, run, values])
        assert {(week, place): text for week, place, text in there} == {
            where: " ".join(texts) for where, texts in expected.items()
        }
    assert kinds >= {"place", "russia", "ukraine", "deaths", "monitors", "response", "guarantee", "reply"}
