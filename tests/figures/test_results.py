"""Figures of small sweeps: stable bytes, numbers drawn as written, nothing cut off, degenerate designs."""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from fragile_peace.declared.scenario import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab.figures import results as figures
from fragile_peace_lab.figures.compare import difference_numbers
from fragile_peace_lab.figures.drawing import (
    COLUMN,
    PAGE,
    SIZES,
    SLIDE,
    STYLE,
    bands,
    rendered,
    rounded,
    wrapped,
    write,
)
from fragile_peace_lab.figures.levers import Axis, value_words
from fragile_peace_lab.figures.panels import percent_axis, upper
from fragile_peace_lab.figures.risk_curves import ROWS, _subtitle
from fragile_peace_lab.figures.weeks import fan_numbers, telling, timeline
from fragile_peace_lab.report.page import _numbers
from fragile_peace_lab.running.runner import run_sweep
from fragile_peace_lab.running.side_tables import beside_of
from fragile_peace_lab.running.verify import scenario_of
from fragile_peace_lab.running.weeks import played
from fragile_peace_lab.store import folder as store
from tests.tools.pictures import faults
from tests.tools.tiny_sweeps import forge, tiny

SMALL = {
    "base": "reassurance_15k",
    "set": {"threat.sincerity": 0.2},
    "levers": {"threat.level": [0.0, 0.5, 1.0], "mandate.roe": ["observe", "self_defence", "enforce"]},
    "design": {"uncertainties": {"sobol": 4}},
    "runs": 6,
    "weeks": 12,
}
NAMES = ["risk_curves", "cumulative_incidence", "ladder", "heat_map", "comparison", "weekly_fan", "single_run"]


def swept(folder: Path, **changes):
    """Run a small sweep and read it."""
    run_sweep(tiny(**{**SMALL, **changes}), folder, threads=2, progress="none")
    return figures.results_of(folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return swept(tmp_path_factory.mktemp("sweep") / "small")


@pytest.fixture(scope="module")
def made(results):
    return {picture.name: picture for picture in figures.pictures(results)}


def drawn(picture, size):
    with mpl.rc_context(STYLE):
        return picture.draw(size)


@pytest.mark.parametrize(
    "own",
    [
        {"savefig.bbox": "tight", "xtick.direction": "in", "lines.markersize": 12},
        {"text.usetex": True},
        {"font.size": 20, "axes.grid": True, "axes.prop_cycle": mpl.cycler(color=["red"]), "savefig.pad_inches": 1},
    ],
)
def test_a_readers_own_settings_change_no_figure(made, own):
    plain = rendered(drawn(made["ladder"], PAGE), "svg", PAGE)
    with mpl.rc_context(own):
        assert rendered(drawn(made["ladder"], PAGE), "svg", PAGE) == plain


@pytest.mark.parametrize("settings", [b"font.family: M\xfcller\n", b"backend: nonsense\n", b"nonsense\n"])
def test_settings_of_a_place_that_cannot_be_used_are_no_obstacle(results, tmp_path, settings):
    """A backend that is not there; a file of the folder that one works in that is not UTF-8, or not understood."""
    (tmp_path / "matplotlibrc").write_bytes(settings)
    done = subprocess.run(
        [sys.executable, "-m", "fragile_peace_lab", "curves", str(results.folder), "--size", "column"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "nonsense", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "matplotlibrc" not in done.stderr


def test_every_figure_is_there_in_order(made):
    assert list(made) == NAMES


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_cut_off_or_overlaps(made, name, size):
    assert faults(drawn(made[name], size)) == []


SIX = ("tripwire_only", "token_presence", "half_of_the_plan", "three_quarters", "as_announced", "half_as_much_again")


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    force = {label: {"force.scale": scale} for label, scale in zip(SIX, (0.1, 0.3, 0.5, 0.75, 1.0, 1.5), strict=True)}
    levers = {"threat.level": [0.0, 0.5, 1.0], "force": force}
    found = swept(tmp_path_factory.mktemp("sweep") / "six", levers=levers)
    return {picture.name: picture for picture in figures.pictures(found)}


@pytest.mark.parametrize("name", NAMES[:5])
def test_a_slide_of_six_groups_has_room_for_its_texts(six, name):
    assert faults(drawn(six[name], SLIDE)) == []
    assert rendered(drawn(six[name], SLIDE), "png", SLIDE)[16:24] == (1920).to_bytes(4, "big") + (1080).to_bytes(
        4, "big"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_says_what_it_shows(made, name):
    picture = made[name]
    assert 40 < len(picture.alt) < 2500
    assert "nan" not in picture.alt.split() + picture.caption.split()
    assert len(picture.caption) > 40
    assert len(picture.numbers) > 0


def test_files_are_the_same_bytes_twice(results, made, tmp_path):
    """SVG, PDF, PNG, CSV and JSON, from figures made twice from the folder."""
    again = figures.results_of(results.folder)
    other = figures.risk_curves(again.curves, again.axis, again.facts)
    first = figures.risk_curves(results.curves, results.axis, results.facts)
    sums = []
    for place, picture in enumerate((first, other)):
        files = write(picture, tmp_path / str(place), [PAGE], figures.about(results))
        assert {path.suffix for path in files} == {".svg", ".pdf", ".png", ".csv", ".json"}
        sums.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in files])
    assert sums[0] == sums[1]
    svg = (tmp_path / "0" / "risk_curves.svg").read_text()
    assert "<dc:date>" not in svg
    assert "Matplotlib v" not in svg


def test_every_other_figure_draws_the_same_bytes_twice(made):
    coarse = replace(COLUMN, dpi=60)
    for name in NAMES[1:]:
        first, again = (rendered(drawn(made[name], coarse), "png", coarse) for _ in range(2))
        assert first == again, name


def test_a_sidecar_holds_what_a_reader_needs(results, made, tmp_path):
    write(made["ladder"], tmp_path, [COLUMN], figures.about(results))
    sidecar = json.loads((tmp_path / "ladder.json").read_text())
    for key in (
        "alt",
        "caption",
        "seed",
        "runs",
        "estimator",
        "interval",
        "behaviour_digest",
        "scenarios",
    ):
        assert sidecar[key], key
    assert results.manifest["source_digest"] not in json.dumps(sidecar), "a renamed file would rewrite every figure"
    assert sidecar["assumptions"]["set"] == {"threat.sincerity": 0.2}
    assert sidecar["runs"] == 9 * 4 * 6
    assert sidecar["prior_driven"] == ["rung_at_least_5", "rung_at_least_6", "rung_at_least_7"]


def test_the_csv_holds_the_plotted_numbers(results, made, tmp_path):
    """The curve, and both bands, of every panel."""
    picture = made["risk_curves"]
    write(picture, tmp_path, [], figures.about(results))
    numbers = pd.read_csv(tmp_path / "risk_curves.csv")
    figure = drawn(picture, PAGE)
    panels = figure.axes[: 3 * len(ROWS)]
    for place, ax in enumerate(panels):
        part = numbers[(numbers["outcome"] == ROWS[place // 3].key) & (numbers["case"].isna())]
        part = part[part["mandate.roe"] == ["observe", "self_defence", "enforce"][place % 3]]
        curve = next(line for line in ax.lines if line.get_marker() == "o")
        np.testing.assert_array_equal(curve.get_xdata(), part["threat.level"])
        np.testing.assert_array_equal(curve.get_ydata(), part["estimate"])
        filled = [np.unique(path.vertices[:, 1]) for area in ax.collections for path in area.get_paths()]
        for low, high in (("param_low", "param_high"), ("mc_low", "mc_high")):
            wanted = np.unique(part[[low, high]].to_numpy())
            assert any(set(wanted) <= set(found) for found in filled), (place, low)


@pytest.mark.parametrize(
    ("name", "tables"),
    [("risk_curves", ["frequencies", "probabilities"]), ("heat_map", ["frequencies", "probabilities"]),
     ("ladder", ["ladder"])],
)  # fmt: skip
def test_the_numbers_of_a_figure_are_those_of_the_tables(results, made, name, tables):
    """Strikes on the line and in the hubs among them; of the belief panel there is no table."""
    drawn = made[name].numbers
    drawn = drawn[drawn["case"].isna()].drop(columns=["case", "threat.credibility"]) if "case" in drawn else drawn
    table = pd.concat([results.tables[each] for each in tables])
    table = rounded(table[table["type"] == "mixed"])
    keys = ["outcome", "threat.level", "mandate.roe"]
    both = drawn.merge(table, on=keys, how="left", suffixes=("", "_table"), validate="one_to_one")
    assert len(both) == len(drawn)
    for column in ("estimate", "mc_low", "mc_high", "param_low", "param_high", "n_runs", "title"):
        pd.testing.assert_series_equal(both[column], both[f"{column}_table"], check_names=False, check_dtype=False)
    assert name == "ladder" or {"strike_or_death_line", "strike_or_death_hub"} <= set(drawn["outcome"])


def test_the_default_figure_marks_what_rests_on_no_record(made):
    picture = made["risk_curves"]
    assert picture.about["prior_driven"] == ["collapse"]
    words = [text.get_text() for text in drawn(picture, PAGE).texts]
    assert sum("prior-driven" in text for text in words) == 1
    assert {"Observe only", "Self-defence", "Enforce"} <= set(words)
    assert any("In the hubs" in text for text in words)
    assert any("On the line" in text for text in words)


def test_the_belief_panel_parts_belief_from_fact(made):
    """The two cases agree where the belief equals the truth, on the same draws."""
    tie = made["risk_curves"].numbers.dropna(subset=["case"]).set_index(["case", "threat.credibility"])["estimate"]
    assert tie["fixed", 0.2] == tie["tied", 0.2]
    assert set(tie.index.get_level_values(1)) == {0.05, 0.2, 0.4, 0.6}


def test_a_comparison_is_against_the_baseline(results):
    assert results.runs.settings[results.baseline] == {"threat.level": 0.5, "mandate.roe": "self_defence"}
    numbers = difference_numbers(results.runs, figures.compared_outcomes(), 0, results.axis)
    assert results.baseline in set(numbers["setting"])
    assert 0 not in set(numbers["setting"])
    curves = results.curves[(results.curves["outcome"] == "violations_recorded_line")]
    part = numbers[numbers["outcome"] == "violations_recorded_line"].set_index("setting")["estimate"]
    settings = curves.reset_index(drop=True)["estimate"]
    np.testing.assert_allclose(part[8], settings[8] - settings[0], rtol=1e-4)


def test_a_wrong_baseline_is_named(results):
    with pytest.raises(InputError, match="must be a whole number from 0 to 8"):
        difference_numbers(results.runs, figures.compared_outcomes(), 9, results.axis)


# designs with less in them


def test_one_run_of_one_point(tmp_path):
    """No lever, no unknown, one run: points instead of lines, and no interval that is not there."""
    alone = swept(tmp_path / "one", levers={}, uncertainties={}, design={}, runs=1, weeks=3)
    made = figures.pictures(alone)
    assert [picture.name for picture in made] == [
        "risk_curves",
        "cumulative_incidence",
        "ladder",
        "weekly_fan",
        "single_run",
    ]
    for picture in made:
        for size in (PAGE, COLUMN):
            assert faults(drawn(picture, size)) == [], (picture.name, size.name)
    assert made[0].numbers["param_low"].isna().all()
    with pytest.raises(InputError, match="nothing to compare"):
        figures.compared(alone, 0)


def test_scenarios_beside_each_other(tmp_path):
    """A lever that is no number has points, not a line through its values."""
    two = swept(tmp_path / "two", base=["reassurance_15k", "no_force"], set={}, levers={}, runs=4, weeks=3)
    assert two.axis.name == "scenario"
    assert two.axis.facet is None
    made = {picture.name: picture for picture in figures.pictures(two)}
    panel = drawn(made["risk_curves"], PAGE).axes[0]
    assert [line.get_linestyle() for line in panel.lines] == ["None"]
    assert "heat_map" not in made
    assert faults(drawn(made["comparison"], PAGE)) == []


def test_figures_are_of_one_structure_and_name_it(results, made, tmp_path):
    """The first one, with the numbers of a sweep without the others; a long name fits at every size."""
    name = "as_the_calibration_of_2026-has"
    found = swept(tmp_path / "structures", structures={name: {}, "precision_2": {"precision.russia": 2}})
    assert (found.axis.structure, list(found.structures)) == (name, [name, "precision_2"])
    assert found.baseline == results.baseline
    assert found.base == results.base
    *others, apart = figures.pictures(found)
    assert [picture.name for picture in others] == NAMES
    for picture in others:
        plain = made[picture.name]
        own = picture.numbers
        if picture.name == "risk_curves":  # which has the other structures as marks
            own = own[own["structure"].isin([name, ""])].drop(columns="structure").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, plain.numbers)
        assert (
            picture.caption == f"{plain.caption} All of it is in the structure {name}; the sweep was played in 1 "
            "other too (precision_2)."
        )
        assert figures.about(found)["structure"] == name
        assert figures.about(found)["points"] == figures.about(results)["points"]
        for size in SIZES.values():
            figure = drawn(picture, size)
            assert name in " ".join(text.get_text() for text in figure.findobj(mpl.text.Text)).replace("\n", "")
            assert faults(figure) == []
    assert apart.name == "structures"
    assert list(dict.fromkeys(apart.numbers["structure"])) == [name, "precision_2"]
    assert all(faults(drawn(apart, size)) == [] for size in SIZES.values())
    own = apart.numbers[apart.numbers["structure"] == name].drop(columns="structure").reset_index(drop=True)
    first, last = (
        next(n for n, setting in enumerate(found.runs.settings)
             if setting == {"threat.level": level, "mandate.roe": "self_defence"})
        for level in (0.0, 1.0)
    )  # fmt: skip
    alone = difference_numbers(results.runs, figures.compared_outcomes(), first, results.axis, only=(last,))
    pd.testing.assert_frame_equal(own, alone)
    other = figures.results_of(tmp_path / "structures", estimated=False, structure="precision_2")
    assert other.base == results.base.override({"precision.russia": 2})
    assert not other.curves.equals(found.curves)
    with pytest.raises(InputError, match="structure: precision_3 is not one of"):
        figures.results_of(tmp_path / "structures", structure="precision_3")


def test_names_along_an_axis_stand_upright_where_they_do_not_fit(tmp_path):
    """Or, in a map, beside it: neither cut off nor thinned out, and no arrow from the first name to the last."""
    levers = {
        "guarantee.trigger": ["any_fatality", "attributed_fatality", "sustained"],
        "mandate.roe": ["observe", "enforce"],
    }
    named = swept(tmp_path / "names", levers=levers, design={"uncertainties": {"lhs": 2}}, runs=2, weeks=2)
    made = [make(named.curves, named.axis, named.facts) for make in (figures.risk_curves, figures.heat_map)]
    assert made[0].title == "The risks by trigger and rules of engagement"
    for picture in made:
        for size in SIZES.values():
            figure = drawn(picture, size)
            assert faults(figure) == [], (picture.name, size.name)
            labels = [*figure.axes[0].get_yticklabels(), *figure.axes[-1].get_xticklabels()]
            assert sum("Attributed death" in label.get_text() for label in labels) == 1
    assert not any("→" in text.get_text() for ax in drawn(made[0], PAGE).axes for text in ax.texts)


def test_a_list_that_is_no_grid_has_gaps_and_no_map(tmp_path):
    (tmp_path / "list.csv").write_text("threat.level,mandate.roe\n0,observe\n0.5,enforce\n1,enforce\n")
    design = {"levers": {"csv": str(tmp_path / "list.csv")}, "uncertainties": {"lhs": 2}}
    listed = swept(tmp_path / "listed", levers={}, design=design, runs=2, weeks=2)
    made = {picture.name: picture for picture in figures.pictures(listed)}
    assert "heat_map" not in made
    assert set(made["cumulative_incidence"].numbers["mandate.roe"]) == {"enforce"}
    for picture in made.values():
        assert faults(drawn(picture, PAGE)) == [], picture.name
    cells = {row[0]: row[1:] for row in _numbers(listed)[0].rows}
    assert [cells[value].count("not run") for value in ("0", "0.5", "1")] == [1, 1, 1]
    assert cells["0"][1] == cells["1"][0] == "not run"


def test_what_cannot_be_told_is_said():
    facts = {"weeks": 1, "runs": 1, "draws": 1, "members": 1}
    assert _subtitle(facts) == (
        "Probabilities are for 1 week. 1 run in all, 1 run at each point. With one run at a point its Monte Carlo "
        "error cannot be told. There is no parameter band. An exploratory model, not a forecast."
    )
    assert "2 runs at each point for each of 3 samples" in _subtitle({**facts, "runs": 6, "draws": 2, "members": 3})


@pytest.mark.parametrize(
    ("top", "label"), [(1.28, "100%"), (0.05, "4%"), (4e-4, "0.03%"), (3e-6, "2e-4%"), (2e-7, "15e-6%")]
)
def test_a_chance_however_small_has_a_scale(top, label):
    ax = mpl.figure.Figure().add_subplot()
    percent_axis(ax, top)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels[0] == "0"
    assert label in labels
    assert 3 <= len(labels) <= 6


def test_levers_that_move_together_share_an_axis():
    settings = [{"a": x, "b": 2 * x, "c": name} for x in (1.0, 2.0, 3.0) for name in ("u", "v")]
    axis = Axis.of_settings(settings, {})
    assert (axis.name, axis.together, axis.facet) == ("a", ("b",), "c")
    many = [{"a": x, "c": y, "d": z} for x in (1, 2, 3) for y in (1, 2, 3) for z in (5, 6)]
    assert Axis.of_settings(many, {"d": 6}).fixed == {"d": 6}


def test_nothing_is_played_for_figures(results, monkeypatch):
    """Estimating and drawing read the folder alone."""
    from fragile_peace.kernels import engine, week
    from fragile_peace.runs import simulation, single

    def refuse(*arguments, **options):
        pytest.fail("a run was played")

    for module, name in (
        (simulation, "simulate_block"), (single, "begin"), (engine, "simulate_block"), (week, "begin"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, refuse)
    again = figures.results_of(results.folder)
    assert [picture.name for picture in figures.pictures(again)] == NAMES


@pytest.mark.parametrize("package", ["figures", "report"])
def test_no_figure_can_play_a_run(package):
    """Not even from within a function: an import of the engine or of what runs sweeps is found anywhere in a file."""
    home = Path(figures.__file__).parents[1]
    for path in sorted((home / package).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong = [name for name in names if name.startswith(("fragile_peace.runs", "fragile_peace_lab.running"))]
            assert not wrong, path


def test_what_is_drawn_at_the_baseline_is_what_the_sweep_kept_for_it(results):
    beside = beside_of(results.manifest, store.design_of(results.folder))
    assert beside.world == results.base
    assert beside.weeks == results.weeks == 12
    point = results.baseline + 9 * 2
    assert beside.members[2] == scenario_of(results.folder, point)


@pytest.mark.parametrize("name", ["belief.parquet", "weeks.parquet"])
def test_a_missing_or_damaged_side_table_is_named(results, tmp_path, name):
    folder = tmp_path / "copy"
    shutil.copytree(results.folder, folder)
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(InputError, match=rf"{name}: damaged: .*Delete it and run the sweep with --resume"):
        figures.results_of(folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{name} is missing; run the sweep with --resume"):
        figures.results_of(folder)


def test_a_saltelli_sweep_has_no_belief_panel_and_no_weeks(tmp_path):
    sobol = swept(tmp_path / "saltelli", levers={}, design={"uncertainties": {"saltelli": 2}}, runs=2, weeks=2)
    assert sobol.belief() is None
    assert [picture.name for picture in figures.pictures(sobol)] == ["risk_curves", "cumulative_incidence", "ladder"]


def test_a_missing_part_is_named(results, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(results.folder, folder)
    part = next((folder / "parts").glob("*.parquet"))
    part.unlink()
    with pytest.raises(InputError, match=rf"{part.name} is missing; run the sweep with --resume"):
        figures.results_of(folder)


def test_no_results_and_unfinished_results_are_named(results, tmp_path):
    with pytest.raises(InputError, match=r"has no manifest\.json"):
        figures.results_of(tmp_path)
    folder = tmp_path / "copy"
    shutil.copytree(results.folder, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    forge(folder, {**manifest, "state": "running"})
    with pytest.raises(InputError, match="not finished"):
        figures.results_of(folder)


def test_a_constant_outcome_has_a_scale():
    nothing = pd.DataFrame({"estimate": [0.0], "mc_high": [0.0], "param_high": [np.nan]})
    assert upper(nothing) == 1.0
    frame = pd.DataFrame({"x": [0.0, 1.0], "estimate": [np.nan, np.nan]})
    for name in ("mc_low", "mc_high", "param_low", "param_high"):
        frame[name] = np.nan
    figure = mpl.figure.Figure()
    bands(figure.add_subplot(), frame, "x", "k", PAGE)
    assert not figure.axes[0].lines


def test_a_run_that_ends_early_is_greyed_out():
    world = Scenario.load("no_force")
    weeks = played(world, 3, 40, 30)
    short = next(run for run, rows in weeks.groupby("run") if len(rows) < 30)
    picture = timeline(world, 3, weeks[weeks["run"] == short], 30, why="the first that ends early")
    assert "war" in picture.alt
    assert "the first that ends early" in picture.caption
    for size in (PAGE, COLUMN, SLIDE):
        assert faults(drawn(picture, size)) == []


def test_the_run_that_is_told_is_found_by_a_rule():
    calm, struck = pd.DataFrame({"rung": [0, 2]}), pd.DataFrame({"rung": [1, 3, 0]})

    def weeks(*runs):
        return pd.concat([rows.assign(run=run) for run, rows in enumerate(runs)], ignore_index=True)

    assert telling(weeks(calm, struck, struck))[0] == 1
    assert telling(weeks(calm, calm)) == (0, "the first of 2; Europeans are struck or killed in none")


def test_the_fan_counts_runs_at_peace_only():
    weeks = pd.DataFrame(
        {
            "run": [0, 0, 1],
            "week": [1, 2, 1],
            "violations": [1.0, 2.0, 3.0],
            "mu": [0.5, 0.5, 0.1],
            "gamma": [0.5, 0.5, 0.2],
        }
    )
    numbers = fan_numbers(weeks, 3).set_index(["series", "week"])
    assert numbers.loc[("violations", 1), "runs"] == 2
    assert numbers.loc[("violations", 2), "runs"] == 1
    assert numbers.loc[("violations", 1), "q50"] == 2.0
    assert ("violations", 3) not in numbers.index


# the pieces


def test_text_is_wrapped_to_its_width():
    assert wrapped("one two three", 1000.0, 10) == ["one two three"]
    assert wrapped("one two three", 0.1, 10) == ["one", "two", "three"]
    assert wrapped("", 10.0, 10) == []


def test_numbers_are_rounded_as_they_are_written():
    frame = rounded(pd.DataFrame({"a": [1 / 3, np.nan], "b": [1, 2], "c": ["x", "y"]}))
    assert frame["a"].iloc[0] == 0.333333
    assert np.isnan(frame["a"].iloc[1])
    assert list(frame["b"]) == [1, 2]


def test_a_unit_follows_a_number():
    assert value_words("response.us_hours", 72) == "72 hours"
    assert value_words("mandate.roe", "self_defence") == "Self-defence"
    assert value_words("scenario", "no_force") == "no_force"
