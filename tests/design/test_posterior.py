"""The posterior as a file, and as the uncertainties of a sweep."""

import numpy as np
import pytest

from fragile_peace.errors import InputError
from fragile_peace_lab.calibration.check import ENOUGH, LEVEL
from fragile_peace_lab.calibration.free import FREE, HANDED_ON, population, values_at
from fragile_peace_lab.calibration.targets import TARGETS
from fragile_peace_lab.cli.main import app
from fragile_peace_lab.design import posterior as calibration_posterior
from fragile_peace_lab.design import war_sample
from fragile_peace_lab.design.axis import scenario_of_point
from fragile_peace_lab.design.labels import LIKE
from fragile_peace_lab.design.points import Plan, uniforms
from fragile_peace_lab.design.posterior import DRAWN, START, WEAK, Posterior
from fragile_peace_lab.design.structures import STRUCTURE
from fragile_peace_lab.running.runner import run_sweep
from tests.tools.tiny_sweeps import tiny

MEMBERS = 40
TAKEN = [*HANDED_ON, START]
OWN = {"threat.credibility": {"uniform": [0.05, 0.6]}, "war.us_cost": {"normal": [4, 1]}}
"""Priors of a sweep, of unknowns that neither sample has."""
WAR = war_sample.WarSample.load().named("curve", "free", "class")


def drawn(seed=1, members=MEMBERS):
    """A posterior that is just the prior."""
    rng = np.random.default_rng(seed)
    rows = [row | population(row, rng) for row in values_at(uniforms("lhs", members, len(FREE), seed))]
    return Posterior.of(rows, np.linspace(0, 2, members), {"seed": seed})


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    path = tmp_path / "posterior.parquet"
    drawn().write(path)
    monkeypatch.setattr(calibration_posterior, "SHIPPED", path)
    return Posterior.load()


# -- the file --


def test_a_file_is_read_back_whole_and_written_the_same(tmp_path):
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    posterior = drawn()
    posterior.write(first)
    again = Posterior.load(first)
    again.write(second)
    assert first.read_bytes() == second.read_bytes()
    assert len(again) == MEMBERS
    assert again.member(3) == posterior.member(3)
    assert again.about["seed"] == 1


def test_the_representative_member_is_nearest_to_the_mean():
    posterior = drawn()
    values = np.array([column for name, column in posterior.columns.items() if name not in DRAWN])
    off = ((values - values.mean(1, keepdims=True)) / values.std(1, keepdims=True)) ** 2
    assert posterior.representative == off.sum(0).argmin()
    assert posterior.by_distance[0] == posterior.representative
    assert (np.diff(off.sum(0)[posterior.by_distance]) > -1e-6).all()
    assert sorted(posterior.by_distance) == list(range(MEMBERS))


def test_what_is_no_posterior_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="no posterior there; `fragile-peace calibrate` makes it"):
        Posterior.load(tmp_path / "none.parquet")
    bad = tmp_path / "bad.parquet"
    bad.write_text("not parquet")
    with pytest.raises(InputError, match="not a posterior of fragile-peace"):
        Posterior.load(bad)


def test_a_member_is_like_the_truce_whose_start_is_nearest_in_log_odds():
    """By hand: 1/3 and .8 are 2.08 apart in log-odds, their middle is .586; .8 and .99 meet at .952."""
    member = drawn(members=2).member(0) | {f"donbas_truce_2020:{START}": 0.8, f"kashmir_2021:{START}": 0.99}
    starts = [WEAK, 0.58, 0.59, 0.8, 0.951, 0.953, 0.9999]
    found = Posterior.of([member | {START: start} for start in starts], np.zeros(len(starts)), {})
    assert found.like() == ["weak"] * 2 + ["donbas_2020"] * 3 + ["kashmir_2021"] * 2


def test_a_sweep_keeps_what_a_members_truce_is_like(shipped):
    found = plan(8)
    assert found.design.table()[LIKE].to_pylist() == [like for like in shipped.like()[:8] for _ in range(8)]
    alone = plan(4, set={START: 0.5})
    assert LIKE not in alone.design.table().column_names  # it has the sweep's own start


# -- in a sweep --


def plan(number, **changes):
    return Plan.load(tiny(**{"uncertainties": OWN, "design": {"uncertainties": {"posterior": number}}, **changes}))


def test_a_sweep_takes_the_first_members_beside_a_sobol_sample_of_its_priors(shipped):
    found = plan(8)
    columns = {column.name: column.values for column in found.design.uncertainties}
    assert list(columns) == [*OWN, *TAKEN, *WAR]
    for name in TAKEN:
        assert columns[name] == list(shipped.columns[name][:8])
    alone = Plan.load(tiny(uncertainties=OWN, design={"uncertainties": {"sobol": 8}}))
    for column in alone.design.uncertainties:
        assert columns[column.name] == column.values
    assert found.design.points == 8 * 8
    assert found.scenario(8).russia.raid_gain == shipped.columns["russia.raid_gain"][1]


def test_doubling_the_members_keeps_every_earlier_point(shipped):
    half, whole = plan(8).design.table(), plan(16).design.table()
    assert whole.slice(0, half.num_rows).equals(half)


def test_it_needs_no_priors_of_its_own(shipped):
    assert [column.name for column in plan(4, uncertainties={}).design.uncertainties] == [*TAKEN, *WAR]


@pytest.mark.parametrize(
    "changes",
    [
        {"set": {"truce.erosion": 0.5}},
        {"levers": {"truce.erosion": [0.4, 0.8]}},
        {"uncertainties": {"truce.erosion": {"uniform": [0.2, 0.9]}}},
    ],
    ids=["set", "lever", "prior"],
)
def test_what_the_sweep_gives_itself_is_not_taken(shipped, changes):
    design = plan(4, **changes).design
    names = [column.name for column in (*design.levers, *design.uncertainties)]
    assert names.count("truce.erosion") == ("set" not in changes)
    assert set(TAKEN) - set(names) <= {"truce.erosion"}


def test_a_structure_goes_over_a_member_and_the_design_shows_what_is_played(shipped):
    structures = {"calibrated": {}, "slow": {"truce.erosion": 0.5}}
    found, alone = plan(4, structures=structures), plan(4)
    table = found.design.table()
    eroded = [row["truce.erosion"] for row in table.select(["truce.erosion"]).to_pylist()]
    members = list(shipped.columns["truce.erosion"][:4])
    assert eroded == [value for member in members for value in [member] * 8 + [0.5] * 8]
    assert [found.scenario(point).truce.erosion for point in range(64)] == eroded
    fixed = plan(4, set={"truce.erosion": 0.5})
    for point in range(32):
        sample, combination = divmod(point, 8)
        assert found.scenario(sample * 16 + combination) == alone.scenario(point)
        assert found.scenario(sample * 16 + 8 + combination) == fixed.scenario(point)


def test_what_a_base_scenario_fixes_is_not_taken(shipped, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("schema: 1\nbase: reassurance_15k\ntruce: {erosion: 0.5}\n")
    names = [column.name for column in plan(4, base=[str(own)]).design.uncertainties]
    assert "truce.erosion" not in names
    assert "counts.raid" in names


@pytest.mark.parametrize(
    ("number", "words"),
    [(64, "64 members; the posterior has 32 at most"), (12, "must be a power of two"), (0, "must be a whole number")],
)
def test_a_wrong_number_of_members_is_refused(shipped, number, words):
    with pytest.raises(InputError, match=words):
        plan(number)


def test_a_folder_grows_by_members_and_refuses_another_posterior(shipped, tmp_path, monkeypatch):
    def sweep(number):
        return tiny(
            runs=2, levers={}, base="reassurance_15k", uncertainties=OWN,
            design={"uncertainties": {"posterior": number}},
        )  # fmt: skip

    folder = run_sweep(sweep(2), tmp_path / "s", progress="none")
    run_sweep(sweep(4), folder, resume=True, progress="none")
    other = tmp_path / "other.parquet"
    drawn(seed=2).write(other)
    monkeypatch.setattr(calibration_posterior, "SHIPPED", other)
    with pytest.raises(InputError, match="its points are not those of this sweep"):
        run_sweep(sweep(8), folder, resume=True, progress="none")


# -- the command --


def test_check_prints_every_target_and_says_by_its_exit_code_whether_enough_are_hit(shipped, capsys, monkeypatch):
    """The prior is no posterior: the command says so with exit code 1, in a table with a row for each target."""
    from fragile_peace_lab.calibration import check as calibration_check

    full = calibration_check.check
    monkeypatch.setattr(calibration_check, "check", lambda posterior: full(posterior, members=2, runs=2))
    with pytest.raises(SystemExit) as stop:
        app(["calibrate", "--check"])
    lines = capsys.readouterr().out.splitlines()
    assert stop.value.code in (0, 1)
    assert lines[0].split()[0] == "target"
    rows = lines[1 : 1 + len(TARGETS)]
    assert all(line.split()[-1] in ("hit", "miss") for line in rows)
    assert any(line.startswith("weak_truce_days (held out)") for line in rows)
    assert [line.split()[0] for line in lines if line.startswith(("model", "random walk"))][:2] == ["model", "model"]
    hits = next(int(line.split()[0]) for line in lines if "of 13 scored outputs hit" in line)
    rejected = float(next(line for line in lines if line.startswith("held-out weeks")).split()[4].rstrip(";")) < LEVEL
    assert (stop.value.code == 0) == (hits >= ENOUGH == 11 and not rejected)


# -- the pictures --


def test_the_pictures_have_alt_text_numbers_and_stable_bytes():
    from fragile_peace_lab.calibration.check import check, identified
    from fragile_peace_lab.calibration.figures import narrowed, one_law, predictive
    from fragile_peace_lab.figures.drawing import PAGE, rendered

    posterior = drawn(members=3)
    found = check(posterior, members=3, runs=2)
    pictures = (
        (predictive(found), len(TARGETS)), (narrowed(identified(posterior)), len(FREE)),
        (one_law(found), 20 + 54 + 24 + 130),
    )  # fmt: skip
    for picture, rows in pictures:
        assert len(picture.numbers) == rows
        assert len(picture.alt) > 80
        assert rendered(picture.draw(PAGE), "svg", PAGE) == rendered(picture.draw(PAGE), "svg", PAGE)


def test_identifiability_is_the_ratio_of_widths():
    from fragile_peace_lab.calibration.check import identified

    table = identified(drawn(members=2000))
    assert table["width"].between(0.97, 1.03).all()  # a posterior that is the prior narrows nothing


# -- base rates --


def test_base_rates_count_what_they_say_and_their_interval_holds_the_share():
    from fragile_peace_lab.calibration.rates import BASE_RATES, base_rates

    table = base_rates(drawn(members=2), members=2, runs=8)
    assert list(table["title"]) == [rate.title for rate in BASE_RATES]
    assert list(table["runs"][:2]) == [16, 16]  # members x runs, not conditional
    assert (table["runs"] <= 16).all()
    known = table.dropna(subset=["model"])
    assert (known["low"] <= known["model"]).all()
    assert (known["model"] <= known["high"]).all()
    assert table["model"][1] > table["model"][0]  # no force: more collapses


def test_a_report_names_the_calibrated_parameters_among_its_unknowns(shipped, tmp_path):
    from fragile_peace_lab.figures.results import results_of
    from fragile_peace_lab.report.page import _unknowns

    sweep = tiny(runs=4, base="reassurance_15k", uncertainties=OWN, design={"uncertainties": {"posterior": 2}})
    table = _unknowns(results_of(run_sweep(sweep, tmp_path / "s", progress="none")))
    rows = {row[0]: row[1] for row in table.rows}
    assert rows["war.us_cost"] == "normal 4, 1"
    assert {rows[name] for name in WAR} == {"the war block's sample"}
    assert {rows[name] for name in TAKEN} == {"posterior of the calibration"}


def test_a_factor_of_a_structure_multiplies_what_each_member_has(shipped):
    """Of a calibrated parameter every member's own value, of another one the scenario's; and so from the folder."""
    factors = {"truce.erosion": {"times": 0.5}, "war.grievance": {"times": 1.25}}
    made, alone = plan(4, structures={"calibrated": {}, "other": factors}), plan(4)
    for sample in range(4):
        point = (2 * sample + 1) * alone.design.combinations
        before, found = alone.scenario(sample * alone.design.combinations), made.scenario(point)
        assert found == before.override({
            "truce.erosion": before.truce.erosion * 0.5, "war.grievance": before.war.grievance * 1.25,
        })  # fmt: skip
        sets = {STRUCTURE: made.sweep.to_dict()["structures"]}
        assert scenario_of_point(made.scenarios, sets, made.design.table(), point) == found
