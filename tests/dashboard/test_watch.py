"""The dashboard's watch view without a browser: the run it shows is the run that `fragile-peace run` tells."""

import re

import numpy as np
import pytest

from fragile_peace import simulate
from fragile_peace.declared.scenario import shipped
from fragile_peace.errors import InputError
from fragile_peace.runs.restraint import expected_change
from fragile_peace.runs.single import SingleRun
from fragile_peace.words.game import game_document, game_in_week
from fragile_peace.words.telling import LABELS
from fragile_peace_lab.dashboard import charts
from fragile_peace_lab.dashboard.game import game_behind, game_html
from fragile_peace_lab.dashboard.settings import Settings
from fragile_peace_lab.dashboard.watch import Watched
from tests.tools.worlds import EVENTFUL, small


@pytest.mark.parametrize(("scenario", "run"), [("reassurance_15k", 3), ("no_force", 1), ("line_30k", 2)])
def test_what_is_shown_is_the_run(scenario, run):
    settings = Settings(scenario=scenario, run=run, seed=5, weeks=30)
    watched, single = Watched(settings), SingleRun(settings.world, 5, run, 30)
    assert (watched.week, watched.running) == (-1, True)
    while watched.running:
        watched.step()
        row, change = single.advance(), expected_change(single)
        assert watched.week == int(row["week"])
        assert watched.beliefs == (float(row["mu"]), float(row["gamma"]))
        for s, place in enumerate(watched.places()):
            assert place["tension"] == float(row["x_s"][s])
            assert place["russia"] == ("comply", "probe", "raid", "strike")[row["action_R_s"][s]]
            assert place["ukraine"] == ("comply", "probe", "raid")[row["action_U_s"][s]]
            assert place["troops"] == f"{1000 * row['m_s'][s]:,.0f}"
            assert place["restraint"] == float(row["r_s"][s])
            way = ", expected to rise" if change[s] > 0 else ", expected to erode" if change[s] < 0 else ""
            assert place["kind"] == "hub" or f"; restraint {row['r_s'][s]:.2f}{way}; " in f"{place['said']}; "
            dead, meant = row["deaths_s"][s], row["action_R_s"][s] == 3
            killed = f"killed, {'meant' if meant else 'collateral'}"
            assert any(killed in note for note in place["notes"]) == bool(dead)
    watched.step()  # nothing after the end
    assert not single.alive
    assert watched.series("rung")[-1] == int(row["rung"])
    assert watched.full.outcomes == watched.short.outcomes
    outcomes = simulate([settings.world], 1, 5, 30, first_run=run)[0, 0]
    assert watched.model.outcomes.tobytes() == outcomes.tobytes()
    watched.close()


def test_the_chronicle_never_runs_ahead():
    watched = Watched(Settings(run=3, weeks=20))
    assert [entry["kind"] for entry in watched.entries()] == ["start"]
    for week in range(3):
        watched.step()
        entries = watched.entries()
        assert entries[0]["week"] == week
        assert entries[0]["heading"].startswith(f"Week {week} ")
        assert all(entry["week"] is None or entry["week"] <= week for entry in entries)
    while watched.running:
        watched.step()
    entries = watched.entries()
    assert (entries[0]["kind"], entries[-1]["kind"]) == ("end", "start")
    assert len({entry["key"] for entry in entries}) == len(entries)
    assert "The run has ended" in watched.headline
    names = {place["name"] for place in watched.places()}
    assert all(p["place"] in {"", *names} for entry in entries for p in entry["paragraphs"])
    watched.close()


def test_deaths_are_told_as_meant_or_collateral(tmp_path):
    """On the strip and in the chronicle, in runs that have such deaths."""
    path, world = tmp_path / "eventful.yaml", small(EVENTFUL, {"fatality.raid_russia": 1})
    path.write_text(world.to_yaml())
    rows = simulate([world], 16, 0)[0]
    dead = {"meant": rows["strike_deaths"], "collateral": rows["deaths"].sum(axis=1) - rows["strike_deaths"]}
    for word, deaths in dead.items():
        watched, notes, text = Watched(Settings(scenario=str(path), run=int(deaths.argmax()))), [], ""
        while watched.running:
            watched.step()
            notes += [note for place in watched.places() for note in place["notes"] if "killed" in note]
            text += " ".join(p["text"] for entry in watched.entries() for p in entry["paragraphs"])
        assert any(note.endswith(f"killed, {word}") for note in notes)
        assert f": {word}." in text
        watched.close()


def test_the_first_run_says_why_it_is_shown():
    watched = Watched(Settings(weeks=8))
    start = " ".join(p["text"] for p in watched.entries()[-1]["paragraphs"])
    assert f"This is run {watched.settings.watched} of seed 0, the most ordinary of the first 8" in start
    assert "The truce on the line starts in" in start
    watched.close()


def test_a_closed_run_is_let_go():
    import mesa

    watched = Watched(Settings(weeks=1))
    model = watched.model
    watched.close()
    assert model not in vars(mesa.Agent).get("_ids", {})


def test_the_game_behind_a_place_is_the_command_lines():
    settings = Settings(run=3, weeks=60)
    world = settings.world.override({"weeks": 60})
    shown = game_behind(settings, "Pokrovsk", 9)
    assert shown == game_document(game_in_week(world, world.place_index("Pokrovsk"), 9, 0, 3))
    html = game_html(shown)
    chances = [float(text) for text in re.findall(r'data-p="([^"]+)"', html)]
    order = ("russia", "ukraine", "response", "decision", "reply")
    sets = sorted(shown["information_sets"], key=lambda each: order.index(each["move"]))
    assert chances == [row["probability"] for each in sets for row in each["actions"]]
    assert html.count("<table") == len(sets)
    with pytest.raises(InputError, match="did you mean Pokrovsk"):
        game_behind(settings, "Pokrovks", 9)
    with pytest.raises(InputError, match="from 0 to 59"):
        game_behind(settings, "Pokrovsk", 60)


@pytest.mark.parametrize("scenario", shipped())
def test_every_scenario_can_be_watched(scenario):
    watched = Watched(Settings(scenario=scenario, weeks=2))
    watched.step()
    assert len(watched.places()) == len(watched.settings.world.places)
    assert len(watched.contingents()) == len(watched.settings.world.contingents)
    assert watched.entries()[0]["paragraphs"]
    watched.close()


def test_a_chart_lies_where_its_numbers_do():
    x, y = charts.Axis(0.0, 2.0, [(1.0, "1")]), charts.nice_axis(0.37, share=True)
    assert (y.low, y.high) == (0.0, 0.4)
    assert [words for _, words in y.ticks] == ["0", "10%", "20%", "30%", "40%"]
    line = charts.Line("a <b>", [0.0, 1.0, 2.0], [0.1, 0.2, float("nan")], [0.05, 0.1, 0.0], [0.2, 0.4, 0.0], dots=True)
    html = charts.chart([line], x, y, 'says "this" & <that>')
    assert 'd="M500.0 500.0h0"' in html
    assert 'd="M500.0 750.0V0.0"' in html
    assert "a &lt;b&gt;" in html
    assert 'aria-label="says &quot;this&quot; &amp; &lt;that&gt;"' in html
    assert html.count("fp-dot") == 2  # a gap is a gap
    assert charts.Axis(3.0, 3.0, ()).at(3.0) == 500.0
    assert x.at(99.0) == 1000.0


@pytest.mark.parametrize("top", [0.0, float("nan"), 1e-6, 0.013, 0.2, 0.999, 1.0])
def test_axes_of_shares_hold_their_top_and_stay_within_one(top):
    axis = charts.nice_axis(top, share=True)
    assert axis.high <= 1.0
    assert not top > axis.high + 1e-12
    assert 2 <= len(axis.ticks) <= 6
    assert len({words for _, words in axis.ticks}) == len(axis.ticks)


@pytest.mark.parametrize("top", [0.034, 0.9, 12.0, 480.0, 2.6e4])
def test_axes_of_rates_hold_their_top(top):
    axis = charts.nice_axis(top, share=False)
    assert axis.high >= top
    assert len({words for _, words in axis.ticks}) == len(axis.ticks) <= 6


def test_a_table_escapes_what_it_shows():
    html = charts.table(("a", "b"), [(("<x>", "1 & 2"), {"name": 'q"'})], "own")
    assert html == (
        '<table class="fp-table own"><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody>'
        '<tr data-name="q&quot;"><th scope="row">&lt;x&gt;</th><td>1 &amp; 2</td></tr></tbody></table>'
    )


def test_the_ladder_has_a_bar_a_week():
    html = charts.ladder([0, 2, 3, 5], 104, LABELS)
    heights = [float(text) for text in re.findall(r'<rect[^>]* height="([0-9.]+)"', html)]
    assert np.allclose(heights, [0, 2000 / 7, 3000 / 7, 5000 / 7], atol=0.1)
    assert "Highest rung so far: 5, war between Russia and Ukraine" in html
    assert "<rect" not in charts.ladder([], 104, LABELS)
